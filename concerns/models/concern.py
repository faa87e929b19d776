"""The concern itself, which concerns a person may read, and who is kept out."""

from __future__ import annotations

from datetime import datetime
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.urls import reverse
from django.utils import timezone

from accounts.models import ServiceArea, User
from concerns.models import ways
from concerns.moments import clock_time
from concerns.vocabulary import (
    ABUSE_LABELS,
    ENDED_STATES,
    OPEN_STATES,
    READ_ONLY_WAYS,
    ConflictKind,
    HolderCause,
    HowKnown,
    Implicated,
    Precision,
    State,
    Urgency,
    Way,
    YesNoUnknown,
)
from safeguarding.kit.clock import now

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from concerns.models.grants import ConcernGrant
    from concerns.models.people import Involvement
    from concerns.models.work import Assignment, Deadline, Note


def is_kept_out(user: User, *, of: str) -> Exists:
    """Whether `user` is barred or recused now from the concern that the column `of` of a row names (R41, R45)."""
    return Exists(Conflict.objects.filter(concern=OuterRef(of), staff=user, lifted_at__isnull=True))


URGENCY_ORDER = {Urgency.EMERGENCY: 0, Urgency.URGENT: 1, Urgency.STANDARD: 2}


class ConcernQuerySet(models.QuerySet["Concern"]):
    def visible_to(self, user: User, *, at: datetime | None = None) -> ConcernQuerySet:
        """The concerns whose case `user` may read at `at` (default: this instant). domain.md 5, R145.

        Used by lists, pages, searches, counts, exports and mail alike. `ways` names every way in; deny beats grant:
        whoever is barred or recused reads nothing, whatever role or grant they have.
        """
        return self._reached(user, at=at, without=frozenset())

    def workable_by(self, user: User, *, at: datetime | None = None) -> ConcernQuerySet:
        """Those of them that `user` may do more with than read: by relation or role, not by a grant or break-glass."""
        return self._reached(user, at=at, without=READ_ONLY_WAYS)

    def takeable_by(self, user: User, *, at: datetime | None = None) -> ConcernQuerySet:
        """Those whose records `user` may take out as files: break-glass is for reading on the screen."""
        return self._reached(user, at=at, without=frozenset({Way.BREAK_GLASS}))

    def with_way(self, user: User, *, at: datetime | None = None) -> ConcernQuerySet:
        """Each with `way`, the first of the ways by which `user` reads it; for rows from `visible_to`."""
        found = ways.ways_in(user, at=at or now(), every=self.model.objects.all())
        whens, default = [], ""
        for way, reach in found.items():
            if not reach:  # an empty Q: everything
                default = way.value
                break
            whens.append(When(reach, then=Value(way.value)))
        return self.annotate(way=Case(*whens, default=Value(default), output_field=models.CharField()))

    def _reached(self, user: User, *, at: datetime | None, without: frozenset[Way]) -> ConcernQuerySet:
        if not user.is_active:
            return self.none()
        found = ways.ways_in(user, at=at or now(), every=self.model.objects.all())
        reaches = [reach for way, reach in found.items() if way not in without]
        if not reaches:
            return self.none()
        may_read = Q() if not all(reaches) else reduce(or_, reaches)
        return self.filter(may_read).exclude(is_kept_out(user, of="pk"))

    def open(self) -> ConcernQuerySet:
        return self.filter(state__in=OPEN_STATES)

    def in_queue_order(self) -> ConcernQuerySet:
        """Most urgent first, then what is due soonest; the order that `queue_order` serves."""
        return self.order_by("urgency_rank", F("next_due_at").asc(nulls_last=True), "pk")


class Concern(models.Model):
    """One safeguarding concern, from the moment it is reported. Never deleted except by lawful disposal.

    Narrative is stored as typed, facts apart from opinion (R5). There is no field for a finding (R4).
    """

    # Random, so that no gap tells of a concern that one may not see (domain.md 5).
    ref = models.CharField(max_length=12, unique=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.SUBMITTED)
    urgency = models.CharField(max_length=12, choices=Urgency.choices)
    urgency_rank = models.GeneratedField(
        expression=Case(
            *(When(urgency=value, then=Value(rank)) for value, rank in URGENCY_ORDER.items()),
            default=Value(2),
        ),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    is_restricted = models.BooleanField(default=False)
    # R43: raised past the manager; the reporter's name is shown to leads only.
    is_reporter_protected = models.BooleanField(default=False)
    service_area = models.ForeignKey(ServiceArea, on_delete=models.PROTECT, related_name="concerns")
    # Counts the changes, so that the second of two writers is told.
    version = models.PositiveIntegerField(default=1)

    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="reported_concerns",
    )
    reporter_job_title = models.CharField(max_length=120, blank=True)
    reported_at = models.DateTimeField()
    # Whoever told the reporter, in the reporter's words; blank when the reporter saw it themselves (R3, t2).
    told_by = models.CharField(max_length=200, blank=True)
    how_known = models.CharField(max_length=20, choices=HowKnown.choices, blank=True)

    is_immediate_danger = models.BooleanField()
    facts = models.TextField(blank=True)
    said = models.TextField(blank=True)
    said_by = models.CharField(max_length=200, blank=True)
    hearsay = models.TextField(blank=True)
    hearsay_from = models.CharField(max_length=200, blank=True)
    opinion = models.TextField(blank=True)
    opinion_evidence = models.TextField(blank=True)
    noticed_at = models.DateTimeField(null=True, blank=True)
    noticed_precision = models.CharField(max_length=10, choices=Precision.choices, default=Precision.UNKNOWN)
    delay_reason = models.TextField(blank=True)
    place = models.TextField(blank=True)
    is_person_unknown = models.BooleanField(default=False)
    other_abuse = models.CharField(max_length=200, blank=True)
    implicated = models.CharField(max_length=12, choices=Implicated.choices)
    implicated_words = models.TextField(blank=True)
    is_hidden_from_manager = models.BooleanField(default=False)
    done_already = models.TextField(blank=True)
    promised_secrecy = models.CharField(max_length=8, choices=YesNoUnknown.choices, default=YesNoUnknown.UNKNOWN)

    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="held_concerns",
    )
    responsible_since = models.DateTimeField(null=True, blank=True)
    responsible_cause = models.CharField(max_length=20, choices=HolderCause.choices, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    triaged_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    # The concern that holds all duties of this one since they were joined (t20).
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_concerns"
    )
    # Nothing may be disposed of while this stands (domain.md 2.1, overlays).
    is_legal_hold = models.BooleanField(default=False)
    # The earliest open deadline; kept by `services.clocks` alone.
    next_due_at = models.DateTimeField(null=True, blank=True)
    # Folded reference and place, for searching; people are searched by their own.
    search_text = models.TextField(blank=True)

    objects = ConcernQuerySet.as_manager()

    if TYPE_CHECKING:
        grants: RelatedManager[ConcernGrant]
        abuse_types: RelatedManager[AbuseType]
        assignments: RelatedManager[Assignment]
        deadlines: RelatedManager[Deadline]
        involvements: RelatedManager[Involvement]
        notes: RelatedManager[Note]

    class Meta:
        default_permissions = ()
        permissions = [
            ("read_concern", "May read this concern"),
            ("break_glass_concern", "Reads this concern by break-glass"),
        ]
        constraints = [
            models.CheckConstraint(
                # I1, R31: an open concern always has one responsible person; a closed one has none.
                name="concern_open_has_holder",
                condition=(
                    Q(
                        state__in=sorted(ENDED_STATES),
                        responsible__isnull=True,
                        responsible_since__isnull=True,
                    )
                    & Q(closed_at__isnull=False, closed_by__isnull=False)
                )
                | (
                    ~Q(state__in=sorted(ENDED_STATES))
                    & Q(responsible__isnull=False, responsible_since__isnull=False)
                    & ~Q(responsible_cause="")
                    & Q(closed_at__isnull=True, closed_by__isnull=True)
                ),
            ),
            models.CheckConstraint(
                name="concern_merged_into_another",
                condition=Q(state=State.MERGED, merged_into__isnull=False)
                | (~Q(state=State.MERGED) & Q(merged_into__isnull=True)),
            ),
            models.CheckConstraint(
                # R46, R41: a concern in which staff are implicated is restricted.
                name="concern_implicated_restricted",
                condition=Q(implicated__in=[Implicated.NO, Implicated.UNSURE]) | Q(is_restricted=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["service_area", "urgency_rank", "next_due_at", "id"],
                name="concern_area_queue",
                condition=~Q(state__in=sorted(ENDED_STATES)),
            ),
            models.Index(
                fields=["urgency_rank", "next_due_at", "id"],
                name="concern_queue",
                condition=~Q(state__in=sorted(ENDED_STATES)),
            ),
            models.Index(fields=["responsible", "next_due_at"], name="concern_held"),
            models.Index(fields=["reporter", "-reported_at"], name="concern_reported_by"),
            models.Index(fields=["reported_at"], name="concern_reported_at"),
        ]

    def __str__(self) -> str:
        return self.ref

    def get_absolute_url(self) -> str:
        return reverse("concerns:show-concern", args=[self.ref])

    @property
    def read_by(self) -> Way | None:
        """By which way the reader came in, on a row of `with_way`; None on any other."""
        way = self.__dict__.get("way")
        return Way(way) if way else None

    @property
    def is_open(self) -> bool:
        return self.state not in ENDED_STATES

    @property
    def is_emergency(self) -> bool:
        return self.urgency == Urgency.EMERGENCY

    @property
    def noticed_date_words(self) -> str:
        """When it was noticed, as far as is known, in local time."""
        if self.noticed_at is None:
            return "Not known"
        local = timezone.localtime(self.noticed_at)
        about = "About " if self.noticed_precision == Precision.APPROX else ""
        clock = clock_time(self.noticed_at)
        if clock == "midnight":
            return f"{about}midnight at the start of {local.day} {local:%B %Y}"
        return f"{about}{local.day} {local:%B %Y}, {clock}"


class AbuseType(models.Model):
    """One kind of abuse that a concern may be about (R17, R18); several may stand on one concern."""

    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="abuse_types")
    code = models.CharField(max_length=40, choices=list(ABUSE_LABELS.items()))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["concern", "code"], name="abuse_type_once")]
        indexes = [models.Index(fields=["code"])]

    def __str__(self) -> str:
        return ABUSE_LABELS[self.code]


class Conflict(models.Model):
    """A member of staff is barred from a concern or recused from it (R41, R45). While not lifted, it denies everything.

    A mistaken bar is lifted by two people; `lifted_*` say who.
    """

    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="conflicts")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=ConflictKind.choices)
    reason = models.TextField(blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    lift_seconded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["concern", "staff", "kind"],
                condition=Q(lifted_at__isnull=True),
                name="conflict_once",
            ),
            models.CheckConstraint(
                name="conflict_lifted_by_two",
                condition=Q(
                    lifted_at__isnull=True,
                    lifted_by__isnull=True,
                    lift_seconded_by__isnull=True,
                )
                | (
                    Q(
                        lifted_at__isnull=False,
                        lifted_by__isnull=False,
                        lift_seconded_by__isnull=False,
                    )
                    & ~Q(lifted_by=F("lift_seconded_by"))
                ),
            ),
        ]
        indexes = [
            models.Index(
                fields=["staff", "concern"],
                condition=Q(lifted_at__isnull=True),
                name="conflict_of",
            )
        ]

    def __str__(self) -> str:
        return f"{self.concern.ref}: {self.get_kind_display()}"

    @property
    def handle(self) -> str:
        """Names this row on the pages of its concern. Not its number: gaps between numbers tell of other bars (I13)."""
        return f"{self.kind}-{self.staff_id}"
