"""Requests for information that came to us (R102-R107): who asks, who they really are, the answer, and its telling."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.urls import reverse

from accounts.models import User
from accounts.selectors import (
    direct_reports_of,
    holders_of,
    kept_out_below,
    lines_above,
    managed_by_any,
    standing,
)
from accounts.vocabulary import Role
from concerns.ladder import LEAD_LEVEL
from concerns.models import Concern, ConcernQuerySet, Conflict
from concerns.vocabulary import ConflictKind
from sharing.models.decision import SignedRecord
from sharing.requests import goes_to_ig_lead
from sharing.vocabulary import IG_REQUESTS, ContactWay, RequestAnswer, RequestKind

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

STAFF = settings.AUTH_USER_MODEL
# Who may answer a request (domain.md 5).
LEADS = (Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD, Role.OPERATIONAL_LEAD)
DECIDERS = (*LEADS, Role.IG_LEAD)
# Who answers it when nobody of them is left: the highest of the ladder, as for a concern (domain.md 2.3).
STAND_INS = tuple(role for role in LEAD_LEVEL if role not in DECIDERS)


def _holders(*roles: Role) -> frozenset[int]:
    return frozenset(holders_of(*roles).values_list("pk", flat=True))


def left_of(
    offices: tuple[Role, ...], *, but: frozenset[int], holders: Callable[..., frozenset[int]] = _holders
) -> frozenset[int]:
    """Ids of who is left of `offices` when `but` may have no part in it; where nobody is, of the stand-ins."""
    return holders(*offices) - but or holders(*STAND_INS) - but


def kept_out_by(
    named: frozenset[int],
    *,
    but: frozenset[int],
    holders: Callable[..., frozenset[int]] = _holders,
    managed_by: Callable[[frozenset[int]], frozenset[int]] = managed_by_any,
    reports_of: Callable[[frozenset[int]], frozenset[int]] = direct_reports_of,
) -> frozenset[int]:
    """Who may have no part in a request that is about the staff `named`: they, and whoever they manage, as long as
    somebody else is left who can answer it and look at the naming, which `but` can't (I3, R44, R45).

    Whoever asks about many requests at once gives functions that answer from what was read once.
    """
    if not named:
        return named
    left = left_of(DECIDERS, but=named | but, holders=holders)
    below = kept_out_below(named, first=left, everybody=lambda: left, managed_by=managed_by, reports_of=reports_of)
    return named | below


def bars_in(request: Any) -> models.QuerySet[Conflict]:
    """The standing bars and recusals that hold in `request`, an id or a reference to it: those of the concern to which
    it is linked, and of every concern off which it was taken (I3, I13).
    """
    of_concern = Q(concern__requests=request) | Q(concern__unlinked_requests__request=request)
    return Conflict.objects.filter(of_concern, lifted_at__isnull=True)


class InformationRequestQuerySet(models.QuerySet["InformationRequest"]):
    def visible_to(self, user: User) -> InformationRequestQuerySet:
        """The requests that `user` may read (domain.md 5, "Requests for information").

        One that is linked to a concern: whoever may read the concern; by office the information governance lead and
        the auditor while it is unrestricted, and the former always when it goes straight to them. One that is linked
        to none: who logged it, the leads, the information governance lead and the auditor. Where none of those who
        answer requests is left, the designated senior manager and the chief executive, and where none of these is, the
        information governance lead or who named somebody in it. Nobody to whom it is closed reads anything of it.
        """
        return self._reached(user, Concern.objects.visible_to(user), by_office=(Role.AUDITOR, Role.IG_LEAD))

    def workable_by(self, user: User) -> InformationRequestQuerySet:
        """Those of them that `user` may do more with than read: not what they read by a grant or by break-glass alone,
        and an auditor's office is to read.
        """
        return self._reached(user, Concern.objects.workable_by(user), by_office=(Role.IG_LEAD,))

    def _reached(
        self, user: User, concerns: ConcernQuerySet, *, by_office: tuple[Role, ...]
    ) -> InformationRequestQuerySet:
        who = standing(user)
        if not user.is_active or who.never_reads_cases:
            return self.none()
        may_read = Q(concern__in=concerns.values("pk"))
        may_read |= Q(concern__isnull=True, logged_by=user)
        if who.has(*by_office):
            may_read |= Q(concern__isnull=True) | Q(concern__is_restricted=False)
        if who.is_lead or who.is_operational_lead:
            may_read |= Q(concern__isnull=True)
        if who.has(Role.IG_LEAD):
            may_read |= _IS_FOR_IG_LEAD | ~Q(_is_open_to(*LEADS, *STAND_INS))
        if who.has(*STAND_INS):
            may_read |= _needs_stand_ins()
        named_somebody = Exists(NamedStaff.objects.in_force().filter(request=OuterRef("pk"), named_by=user))
        may_read |= Q(named_somebody) & ~Q(_is_open_to(*DECIDERS, *STAND_INS))
        return self.filter(may_read).exclude(_closed_to(user))

    def closed_to(self, user: User) -> InformationRequestQuerySet:
        """Those of which `user` may know nothing, whatever their office (I3): of one who is barred or recused from the
        concern or from one off which it was taken, of one whom it names, and while it is linked to none of one whom
        somebody named or barred manages. Who logged it and is not named knows of it anyway.
        """
        return self.filter(_closed_to(user))

    def about(self, user: User) -> InformationRequestQuerySet:
        """Those that name `user`, not lifted, and those of a concern from which they are barred or recused."""
        return self.filter(_is_about(user))

    def linked_to(self, concern: Concern, *, reader: User) -> InformationRequestQuerySet:
        """Those linked to `concern` that `reader`, to whom that is open, may read: all that are not about them."""
        return self.filter(concern=concern).exclude(_is_about(reader))

    def still_open(self) -> InformationRequestQuerySet:
        """Not answered, or refused and the requester not told yet."""
        return self.filter(closed_at__isnull=True)


# As `InformationRequest.is_for_ig_lead`, for a query.
_IS_FOR_IG_LEAD = Q(is_compulsory=True) | Q(kind__in=IG_REQUESTS)


def _needs_stand_ins() -> Q:
    """Nobody who answers requests is left to whom it is open, or only people who named somebody in it or were named in
    it by mistake: as `permissions.handlers_of`, for a query.
    """
    reads_ig_lead = Q(concern__isnull=True) | Q(concern__is_restricted=False) | _IS_FOR_IG_LEAD
    return ~Q(_is_left(*LEADS)) & ~(Q(_is_left(Role.IG_LEAD)) & reads_ig_lead)


def _is_left(*offices: Role) -> Exists:
    request, person = OuterRef(OuterRef("pk")), OuterRef("pk")
    namings = NamedStaff.objects.filter(
        Q(staff=person) | Q(named_by=person, lifted_at__isnull=True), request=request
    )  # fmt: skip
    barred = bars_in(request).filter(staff=person)
    return Exists(holders_of(*offices).exclude(Exists(barred)).exclude(Exists(namings)))


def _is_open_to(*offices: Role) -> Exists:
    """To somebody who holds one of `offices`, whoever named anybody."""
    request, person = OuterRef(OuterRef("pk")), OuterRef("pk")
    named = NamedStaff.objects.in_force().filter(request=request, staff=person)
    barred = bars_in(request).filter(staff=person)
    return Exists(holders_of(*offices).exclude(Exists(barred)).exclude(Exists(named)))


def _closed_to(user: User) -> Q:
    below = Q(pk__in=_about_superiors_of(user), concern__isnull=True) & ~Q(logged_by=user)
    return _is_about(user) | below


def _is_about(user: User) -> Q:
    request = OuterRef("pk")
    named = NamedStaff.objects.in_force().filter(request=request, staff=user)
    return Q(Exists(named)) | Q(Exists(bars_in(request).filter(staff=user)))


def _about_superiors_of(user: User) -> list[int]:
    """Ids of the requests without a concern from which `user` is kept out because somebody implicated manages them."""
    if not standing(user).has(*DECIDERS, *STAND_INS, Role.AUDITOR):
        return []  # without an office, nobody reads what is linked to no concern and was not logged by them
    parts = _unlinked_parts()
    if not parts:
        return []
    # Read once, however many requests there are and however many people they are about.
    holders = cache(_holders)
    lines = lines_above({user.pk, *holders(*DECIDERS), *holders(*STAND_INS)})

    def managed_by(named: frozenset[int]) -> frozenset[int]:
        return frozenset(person for person, line in lines.items() if not named.isdisjoint(line)) - named

    def reports_of(named: frozenset[int]) -> frozenset[int]:
        return frozenset(person for person, line in lines.items() if not named.isdisjoint(line[:1]))

    def is_kept_out(part: Part) -> bool:
        out = kept_out_by(
            part.implicated, but=part.without_say, holders=holders, managed_by=managed_by, reports_of=reports_of
        )
        return user.pk in out

    return [request_id for request_id, part in parts.items() if is_kept_out(part)]


@dataclass(frozen=True)
class Part:
    """Who has a part in one request, by id. It is closed to whoever is named in it, not lifted, or kept out of a
    concern that counts for it (`bars_in`). Of these the recused are not implicated (R45).
    """

    closed_to: frozenset[int]
    implicated: frozenset[int]
    namers: frozenset[int]
    # Named once, by mistake: the reason may tell of them, so they do not read it.
    once_named: frozenset[int]

    @property
    def without_say(self) -> frozenset[int]:
        """Whoever does not count as somebody who can look at each naming in it."""
        return self.closed_to | self.namers | self.once_named


def part_in(request: InformationRequest) -> Part:
    """Who has a part in `request` now."""
    namings = request.named_staff.values_list("staff", "named_by", "lifted_at")
    return _part(
        [(staff_id, namer_id, lifted_at is not None) for staff_id, namer_id, lifted_at in namings],
        bars_in(request.pk).order_by().values_list("staff", "kind"),
    )


def _unlinked_parts() -> dict[int, Part]:
    """The same of each request that is linked to no concern, where somebody has one; in one statement."""
    named, lifted = "named", "lifted"
    namings = NamedStaff.objects.filter(request__concern__isnull=True).annotate(
        how=Case(
            When(lifted_at__isnull=True, then=Value(named)), default=Value(lifted), output_field=models.CharField()
        )
    )
    standing_bars = Conflict.objects.filter(
        lifted_at__isnull=True,
        concern__unlinked_requests__isnull=False,
        concern__unlinked_requests__request__concern__isnull=True,
    ).annotate(by=Value(0, output_field=models.BigIntegerField()))
    of_namings: dict[int, list[tuple[int, int, bool]]] = {}
    of_bars: dict[int, list[tuple[int, str]]] = {}
    for request_id, staff_id, by, how in (
        namings.order_by()
        .values_list("request", "staff", "named_by", "how")
        .union(
            standing_bars.order_by().values_list("concern__unlinked_requests__request", "staff", "by", "kind"), all=True
        )
    ):
        if how in (named, lifted):
            of_namings.setdefault(request_id, []).append((staff_id, by, how == lifted))
        else:
            of_bars.setdefault(request_id, []).append((staff_id, how))
    return {pk: _part(of_namings.get(pk, ()), of_bars.get(pk, ())) for pk in of_namings.keys() | of_bars.keys()}


def _part(namings: Iterable[tuple[int, int, bool]], bars: Iterable[tuple[int, str]]) -> Part:
    """`namings`: who, by whom, whether it was lifted; `bars`: who, and of which kind."""
    namings, bars = list(namings), list(bars)
    named = frozenset(staff_id for staff_id, _, is_lifted in namings if not is_lifted)
    return Part(
        closed_to=named | frozenset(staff_id for staff_id, _ in bars),
        implicated=named | frozenset(staff_id for staff_id, kind in bars if kind == ConflictKind.BARRED),
        namers=frozenset(namer_id for _, namer_id, is_lifted in namings if not is_lifted),
        once_named=frozenset(staff_id for staff_id, *_ in namings) - named,
    )


class InformationRequest(models.Model):
    """One request, as it was put to us. What follows it stands beside it: check, answer, telling; each once."""

    ref = models.CharField(max_length=12, unique=True)
    kind = models.CharField(max_length=16, choices=RequestKind.choices)
    is_emergency = models.BooleanField(default=False)
    is_compulsory = models.BooleanField(default=False)
    organisation = models.CharField(max_length=200, blank=True)
    person = models.CharField(max_length=150)
    claimed_role = models.CharField(max_length=150, blank=True)
    contact = models.CharField("how they say they can be reached", max_length=200, blank=True)
    legal_basis = models.TextField()
    purpose = models.TextField()
    asked = models.TextField()
    about = models.TextField()
    received_at = models.DateTimeField()
    received_how = models.CharField(max_length=16, choices=ContactWay.choices)
    logged_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    logged_at = models.DateTimeField()
    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, null=True, blank=True, related_name="requests")
    # About somebody who works for or with us and has no account, so nobody can be picked: `about` says who.
    is_about_unlisted = models.BooleanField(default=False)
    due_at = models.DateTimeField()
    level = models.PositiveSmallIntegerField(default=0)
    # R106: a call back to a number that we know from elsewhere.
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    verified_number = models.CharField(max_length=40, blank=True)
    verified_how = models.TextField(blank=True)
    answer = models.CharField(max_length=16, choices=RequestAnswer.choices, blank=True)
    answer_words = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # The signed decision that the answer rests on.
    record = models.ForeignKey(SignedRecord, on_delete=models.PROTECT, null=True, blank=True, related_name="requests")
    # Field 39 (R102): told when, how and with which reasons, or why telling is unsafe.
    told_on = models.DateField(null=True, blank=True)
    told_how = models.CharField(max_length=16, choices=ContactWay.choices, blank=True)
    told_reasons = models.TextField(blank=True)
    unsafe_reason = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    if TYPE_CHECKING:
        refusals: RelatedManager[RequestRefusal]
        named_staff: RelatedManager[NamedStaff]
        unlinked: RelatedManager[RequestUnlinked]

    objects = InformationRequestQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="request_verified_whole",
                condition=Q(verified_at__isnull=True, verified_by__isnull=True, verified_number="", verified_how="")
                | (
                    Q(verified_at__isnull=False, verified_by__isnull=False)
                    & ~Q(verified_number="")
                    & ~Q(verified_how="")
                ),
            ),
            models.CheckConstraint(
                name="request_answered_whole",
                condition=Q(answer="", answered_at__isnull=True, answered_by__isnull=True, closed_at__isnull=True)
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
            ),
            # R106: whoever was not verified was told nothing.
            models.CheckConstraint(
                name="request_unverified_learns_nothing",
                condition=Q(verified_at__isnull=False) | Q(answer__in=["", RequestAnswer.NEITHER]),
            ),
            models.CheckConstraint(
                name="request_sharing_decided",
                condition=Q(record__isnull=False, concern__isnull=False)
                | ~Q(answer__in=[RequestAnswer.FULL, RequestAnswer.PART]),
            ),
            # R102: a refusal ends only when the requester was told, or it is unsafe to tell.
            models.CheckConstraint(
                name="request_refusal_told",
                condition=~Q(answer=RequestAnswer.REFUSE)
                | Q(closed_at__isnull=True)
                | (Q(told_on__isnull=False) & ~Q(told_how="") & ~Q(told_reasons=""))
                | ~Q(unsafe_reason=""),
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(closed_at__isnull=True), name="request_open_by_due"),
            models.Index(fields=["received_at"], name="request_received"),
        ]

    def __str__(self) -> str:
        return self.ref

    def get_absolute_url(self) -> str:
        return reverse("sharing:show-request", args=[self.ref])

    @property
    def waiting_refusal(self) -> RequestRefusal | None:
        """The refusal of it that waits for a Safeguarding Lead."""
        return self.refusals.filter(decided_at__isnull=True).select_related("proposed_by").first()

    @property
    def requester(self) -> str:
        """Name, claimed role and organisation in one line."""
        return ", ".join(part for part in (self.person, self.claimed_role, self.organisation) if part)

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None

    @property
    def is_for_ig_lead(self) -> bool:
        return goes_to_ig_lead(self.kind, is_compulsory=self.is_compulsory)

    @property
    def state_words(self) -> str:
        """Where it stands, in a few words."""
        if self.closed_at is not None:
            return "Closed"
        if self.answer:
            return "Refused: the requester is still to be told"
        return "To be answered" if self.is_verified else "Check who asks"


class NamedStaffQuerySet(models.QuerySet["NamedStaff"]):
    def in_force(self) -> NamedStaffQuerySet:
        """Not lifted."""
        return self.filter(lifted_at__isnull=True)


class NamedStaff(models.Model):
    """Somebody who works for or with us and whom a request is about: it is closed to them from then on (I3, R41), until
    somebody else lifts it because it was a mistake. Whoever names them as well keeps a row and a reason of their own;
    each of them is lifted by itself.
    """

    request = models.ForeignKey(InformationRequest, on_delete=models.PROTECT, related_name="named_staff")
    staff = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    named_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField()
    # "" only where they were named before a reason was asked for.
    reason = models.TextField(blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lift_reason = models.TextField(blank=True)

    objects = NamedStaffQuerySet.as_manager()

    class Meta:
        ordering = ["named_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "staff", "named_by"],
                condition=Q(lifted_at__isnull=True),
                name="request_names_staff_once",
            ),
            models.CheckConstraint(
                name="request_naming_lifted_whole",
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True, lift_reason="")
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lift_reason="")),
            ),
            models.CheckConstraint(
                name="request_naming_lifted_by_another",
                condition=Q(lifted_by__isnull=True)
                | (~Q(lifted_by=models.F("named_by")) & ~Q(lifted_by=models.F("staff"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request}: {self.staff}"


class RequestUnlinked(models.Model):
    """That a request was linked to a concern by mistake, and why it is not about it. It stands on the concern, for
    whoever reads that and to whom the request is not closed. Whoever is kept out of the concern is kept out of the
    request as before (`bars_in`).
    """

    request = models.ForeignKey(InformationRequest, on_delete=models.PROTECT, related_name="unlinked")
    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="unlinked_requests")
    reason = models.TextField()
    unlinked_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    unlinked_at = models.DateTimeField()

    class Meta:
        ordering = ["unlinked_at", "pk"]

    def __str__(self) -> str:
        return f"{self.request}: {self.concern}"


class RequestRefusal(models.Model):
    """VR14: a refusal that speaks of something other than safeguarding: no answer until a Safeguarding Lead agrees.

    Proposed once, decided once. Where the lead does not agree, the request is still to be answered. Another answer that
    is given meanwhile withdraws it.
    """

    request = models.ForeignKey(InformationRequest, on_delete=models.PROTECT, related_name="refusals")
    answer = models.CharField(max_length=16, choices=RequestAnswer.choices)
    words = models.TextField()
    safeguarding_reason = models.TextField()
    proposed_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    is_agreed = models.BooleanField(null=True, blank=True)
    comment = models.TextField(blank=True)
    decided_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["proposed_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["request"], condition=Q(decided_at__isnull=True), name="request_refusal_one_waiting"
            ),
            models.CheckConstraint(
                name="request_refusal_decided_whole",
                condition=Q(
                    is_agreed__isnull=True,
                    decided_by__isnull=True,
                    decided_at__isnull=True,
                    comment="",
                    withdrawn_by__isnull=True,
                )
                | Q(
                    is_agreed__isnull=False,
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    withdrawn_by__isnull=True,
                )
                | Q(
                    is_agreed__isnull=True,
                    decided_by__isnull=True,
                    decided_at__isnull=False,
                    comment="",
                    withdrawn_by__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="request_refusal_by_another",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("proposed_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request}: {self.get_answer_display()}"
