"""Information-sharing decisions: the draft that changes, the signed record that never does, and what came
later.

What is signed and everything that happens to it afterwards are rows that the database lets nobody change or
delete (`sharing.written_once` names them to `kit.immutable`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from accounts.models import ServiceArea, User
from accounts.selectors import standing
from accounts.vocabulary import Role
from concerns.models import Concern, ConcernQuerySet, Conflict, Involvement, Person
from concerns.vocabulary import RiskLevel
from sharing.record import Record, from_json
from sharing.vocabulary import (
    Choice,
    DecisionKind,
    DecisionStatus,
    ReceiptStep,
    SharingMethod,
    SupersessionReason,
    ToldAfter,
)

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

STAFF = settings.AUTH_USER_MODEL


class Decision(models.Model):
    """One version of one decision, from its first page on.

    Its answers change until it is signed, and never after.

    `typed` holds, page by page, what could not be understood (a date that does not exist), exactly as typed;
    `pages` says who changed which page when, so that the second of two writers learns what changed.
    """

    ref = models.CharField(max_length=16)
    version = models.PositiveSmallIntegerField(default=1)
    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="decisions")
    status = models.CharField(max_length=16, choices=DecisionStatus.choices, default=DecisionStatus.DRAFT)
    supersedes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="successors")
    change_reason = models.CharField(max_length=20, choices=SupersessionReason.choices, blank=True)
    change_words = models.TextField(blank=True)
    answers = models.JSONField(default=dict)
    typed = models.JSONField(default=dict)
    pages = models.JSONField(default=dict)
    edit = models.PositiveIntegerField(default=1)
    author = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    saved_at = models.DateTimeField()

    # Field 4: the request that this decision answers (trigger "request").
    request = models.ForeignKey(
        "sharing.InformationRequest", on_delete=models.PROTECT, null=True, blank=True, related_name="decisions"
    )

    class Meta:
        ordering = ["opened_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ref", "version"], condition=~Q(status=DecisionStatus.WITHDRAWN), name="decision_version_once"
            ),
            # 3.3: the chain is linear; the second of two successors is refused.
            models.UniqueConstraint(
                fields=["supersedes"], condition=~Q(status=DecisionStatus.WITHDRAWN), name="decision_superseded_once"
            ),
            models.CheckConstraint(
                name="decision_change_has_reason",
                condition=Q(supersedes__isnull=True, version=1, change_reason="")
                | (Q(supersedes__isnull=False, version__gt=1) & ~Q(change_reason="") & ~Q(change_words="")),
            ),
        ]
        indexes = [models.Index(fields=["concern", "status"], name="decision_of_concern")]

    def __str__(self) -> str:
        return f"{self.ref}/v{self.version}"

    def get_absolute_url(self) -> str:
        name = "sharing:show-draft" if self.is_draft else "sharing:show-record"
        return reverse(name, args=[self.ref, self.version])

    @property
    def is_draft(self) -> bool:
        return self.status == DecisionStatus.DRAFT

    @property
    def record(self) -> Record:
        """The answers so far."""
        return from_json(self.answers)


class SignedRecordQuerySet(models.QuerySet["SignedRecord"]):
    def visible_to(self, user: User) -> SignedRecordQuerySet:
        """The signed decisions that `user` may read: those of cases they may read, their own, and by their
        office.

        Auditors and the information governance lead read the decisions of unrestricted concerns, whoever signed one
        reads that (domain.md 5). Whoever is barred or recused from a concern reads nothing of it.
        """
        return self._reached(user, Concern.objects.visible_to(user))

    def takeable_by(self, user: User) -> SignedRecordQuerySet:
        """Those of them that `user` may take out as files: not what they read by break-glass alone."""
        return self._reached(user, Concern.objects.takeable_by(user))

    def followed_by(self, user: User, *, on_paper: bool = False) -> SignedRecordQuerySet:
        """Those of them of which `user` may also read what came afterwards, or take that out: all but those that are
        open to them for their signature alone. That opens the decision, not the case (ADR 29).
        """
        concerns = Concern.objects.takeable_by(user) if on_paper else Concern.objects.visible_to(user)
        return self._reached(user, concerns, by_signature=False)

    def waiting_for_view(self) -> SignedRecordQuerySet:
        """Those that a second person has still to look at (3.4, I6).

        One that was replaced is among them when something went under it: what an agency was told stays told, whatever
        was signed afterwards (I8).
        """
        live = Q(decision__status__in=[DecisionStatus.SIGNED, DecisionStatus.AWAITING_SECOND])
        went = Q(decision__status=DecisionStatus.SUPERSEDED) & Exists(Disclosure.objects.of(OuterRef("pk")))
        return self.filter(live | went, needs_second=True, second_view__isnull=True)

    def _reached(self, user: User, concerns: ConcernQuerySet, *, by_signature: bool = True) -> SignedRecordQuerySet:
        if not user.is_active or standing(user).never_reads_cases:
            return self.none()
        may_read = Q(concern__in=concerns.values("pk"))
        if by_signature:
            may_read |= Q(signed_by=user, concern__is_restricted=False)
        if standing(user).has(Role.AUDITOR, Role.IG_LEAD):
            may_read |= Q(concern__is_restricted=False)
        if standing(user).has(Role.IG_LEAD):
            # R68, R107: what has the force of law goes to them, also in a restricted concern.
            may_read |= Q(cites_order=True)
        denied = Conflict.objects.filter(concern=OuterRef("concern"), staff=user, lifted_at__isnull=True)
        return self.filter(may_read).exclude(Exists(denied))


class SignedRecord(models.Model):
    """What was signed: one canonical JSON text (RFC 8785) with its SHA-256.

    Everything else here repeats it for lists.

    Never changed: neither by this application nor, for want of triggers that would let it, by the database.
    """

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="signed")
    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="signed_records")
    ref = models.CharField(max_length=16)
    version = models.PositiveSmallIntegerField()
    canonical = models.TextField()
    digest = models.CharField(max_length=64, unique=True)
    signed_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=DecisionKind.choices)
    choice = models.CharField(max_length=12, choices=Choice.choices)
    service_area = models.ForeignKey(ServiceArea, on_delete=models.PROTECT, related_name="+")
    risk_level = models.CharField(max_length=10, choices=RiskLevel.choices, blank=True)
    review_date = models.DateField(null=True, blank=True)
    is_retrospective = models.BooleanField(default=False)
    # R68: ground C9 is cited, a court order or another legal authority.
    cites_order = models.BooleanField(default=False)
    # R60: of the words of the reasons, whatever their case and spaces, so that words copied from elsewhere are seen.
    reasons_digest = models.CharField(max_length=64, blank=True)
    # VR23: recorded more than 24 hours after sharing. Stays for ever.
    is_late = models.BooleanField(default=False)
    # VR1: it only tells of what went without a ground. It decides about nobody, and nothing more goes under it.
    has_no_ground = models.BooleanField(default=False)
    needs_second = models.BooleanField(default=False)
    second_is_lead = models.BooleanField(default=False)
    # In an emergency the second signature follows; the decision is in force before it.
    second_may_follow = models.BooleanField(default=False)
    people = models.ManyToManyField(Involvement, through="CoveredPerson", related_name="+")

    objects = SignedRecordQuerySet.as_manager()

    if TYPE_CHECKING:
        disclosures: RelatedManager[Disclosure]
        views: RelatedManager[SecondView]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ref", "version"], name="signed_version_once")]
        indexes = [
            models.Index(fields=["-signed_at", "-id"], name="signed_newest"),
            models.Index(fields=["service_area", "-signed_at", "-id"], name="signed_by_area"),
            models.Index(fields=["kind", "-signed_at", "-id"], name="signed_by_kind"),
            models.Index(fields=["reasons_digest"], name="signed_by_reasons"),
        ]

    def __str__(self) -> str:
        return f"{self.ref}/v{self.version}"

    def get_absolute_url(self) -> str:
        return reverse("sharing:show-record", args=[self.ref, self.version])

    @property
    def document(self) -> dict[str, Any]:
        """The signed document as it was, read from the canonical text alone."""
        document: dict[str, Any] = json.loads(self.canonical)
        return document

    @property
    def waits_for_view(self) -> bool:
        """Whether a second person has still to look at it, as it stands in the database now."""
        return SignedRecord.objects.waiting_for_view().filter(pk=self.pk).exists()


class CoveredPerson(models.Model):
    """A person at risk whom a signed decision covers (guards t6, t7 and 2.6 condition 5)."""

    record = models.ForeignKey(SignedRecord, on_delete=models.PROTECT, related_name="covered")
    involvement = models.ForeignKey(Involvement, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record", "involvement"], name="covered_once")]

    def __str__(self) -> str:
        return f"{self.record}"


class SecondView(models.Model):
    """A second person's view on a signed decision (3.4, I6): agreed or not, over exactly this digest."""

    record = models.OneToOneField(SignedRecord, on_delete=models.PROTECT, related_name="second_view")
    is_agreed = models.BooleanField()
    comment = models.TextField(blank=True)
    by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    by_title = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(name="second_view_refusal_has_reason", condition=Q(is_agreed=True) | ~Q(comment=""))
        ]

    def __str__(self) -> str:
        return f"{self.record}: second view"


class Supersession(models.Model):
    """A signed decision was replaced by a newer one (3.3). Both stay readable."""

    old = models.OneToOneField(SignedRecord, on_delete=models.PROTECT, related_name="superseded")
    new = models.OneToOneField(SignedRecord, on_delete=models.PROTECT, related_name="replaces")
    reason = models.CharField(max_length=20, choices=SupersessionReason.choices)
    words = models.TextField()
    by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.old} by {self.new}"


class DisclosureQuerySet(models.QuerySet["Disclosure"]):
    def of(self, record: SignedRecord | OuterRef) -> DisclosureQuerySet:
        """What went under `record`, and what had been said to an agency before it and was tied to it later (I8)."""
        return self.filter(Q(record=record) | Q(referral__record=record))


class Disclosure(models.Model):
    """What actually went to whom, when and how: a frozen copy of exactly that (field 40). Never superseded."""

    # None for what was said to an agency before any decision was recorded (R32, R39).
    record = models.ForeignKey(
        SignedRecord, on_delete=models.PROTECT, null=True, blank=True, related_name="disclosures"
    )
    referral = models.ForeignKey("sharing.Referral", on_delete=models.PROTECT, related_name="disclosures")
    shared_at = models.DateTimeField()
    shared_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    method = models.CharField(max_length=16, choices=SharingMethod.choices)
    received_by = models.CharField("person at the agency", max_length=150, blank=True)
    content = models.TextField()
    digest = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()

    objects = DisclosureQuerySet.as_manager()

    class Meta:
        ordering = ["shared_at", "pk"]

    def __str__(self) -> str:
        return f"{self.referral}: shared"


class ReceiptCheck(models.Model):
    """One of four checks after sharing, each with its date, person and method (field 41, R97, R98)."""

    disclosure = models.ForeignKey(Disclosure, on_delete=models.PROTECT, related_name="checks")
    step = models.CharField(max_length=12, choices=ReceiptStep.choices)
    on = models.DateField()
    who = models.CharField("who at the agency", max_length=150)
    how = models.CharField(max_length=200)
    words = models.TextField(blank=True)
    recorded_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["disclosure", "step"], name="receipt_check_once")]

    def __str__(self) -> str:
        return f"{self.disclosure}: {self.get_step_display()}"


class Telling(models.Model):
    """Whether a person was told what went, and to whom, as it was when that was recorded as sent (R99). Never changed.

    What is told later is ticked off on its `FollowUp`.
    """

    disclosure = models.ForeignKey(Disclosure, on_delete=models.PROTECT, related_name="tellings")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=8, choices=ToldAfter.choices)
    # When they were told; for "not yet", by when they are.
    on = models.DateField(null=True, blank=True)
    # How they were told and by whom, or why not.
    words = models.TextField(blank=True)
    recorded_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["disclosure", "person"], name="telling_once"),
            models.CheckConstraint(
                name="telling_whole",
                condition=Q(answer=ToldAfter.UNSAFE, on__isnull=True) & ~Q(words="")
                | Q(answer__in=[ToldAfter.YES, ToldAfter.LATER], on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.disclosure}: told"


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def open(self) -> FollowUpQuerySet:
        """Still to be done: what a decision in force promised, and telling somebody of what went under one that is not
        in force any more, also where the task has passed on to a later version."""
        ended = [DecisionStatus.SUPERSEDED, DecisionStatus.NOT_AGREED]
        went = Disclosure.objects.of(OuterRef("record"))
        return self.filter(
            Q(record__decision__status=DecisionStatus.SIGNED)
            | (Q(is_telling=True, record__decision__status__in=ended) & Exists(went))
            | Q(is_carried_on=True),
            done_at__isnull=True,
        )

    def tellings_of(self, signed: SignedRecord) -> FollowUpQuerySet:
        """Whom `signed` promised to tell and nobody has told yet (R99): its own tasks, and those of later versions that
        stand for one of them, however often it was taken over.
        """
        tellings = self.filter(is_telling=True)
        known = set(tellings.filter(record=signed).values_list("pk", flat=True))
        ring = known
        while ring:
            later = tellings.filter(pk__in=tellings.filter(pk__in=ring).values("taken_over_by"))
            ring = set(later.values_list("pk", flat=True)) - known
            known |= ring
        return self.filter(pk__in=known, done_at__isnull=True)


class FollowUp(models.Model):
    """Something a signed decision promised: to make sharing safer (R94), to tell a person later (R73, R99), or to find
    out about an advocate where nothing is shared (R77). The next contact (R82) is a deadline of the concern.
    """

    record = models.ForeignKey(SignedRecord, on_delete=models.PROTECT, related_name="follow_ups")
    is_telling = models.BooleanField()
    # R77: keeping in touch where nothing is shared. Closing does not wait for it.
    is_contact = models.BooleanField(default=False)
    # Whom to tell; of older rows the words alone say it.
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    words = models.TextField()
    owner = models.CharField(max_length=200, blank=True)
    due_date = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    done_words = models.TextField(blank=True)
    # R99: they were not told, because that would not be safe; `done_words` say why.
    is_unsafe = models.BooleanField(default=False)

    # R99: a newer version of the decision promised it again, and its task stands from then on.
    taken_over_by = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # The other end: it is about what went under a version before, and owed whatever becomes of its own decision.
    is_carried_on = models.BooleanField(default=False)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="follow_up_done_whole",
                condition=Q(done_at__isnull=True, done_by__isnull=True, done_words="")
                | (Q(done_at__isnull=False, done_by__isnull=False) & ~Q(done_words="")),
            ),
            models.CheckConstraint(
                name="follow_up_unsafe_is_telling",
                condition=Q(is_unsafe=False) | Q(is_telling=True, done_at__isnull=False),
            ),
            models.CheckConstraint(
                name="follow_up_taken_over_is_telling",
                condition=Q(taken_over_by=None) | Q(is_telling=True, is_unsafe=False, done_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record}: follow-up"

    @property
    def clock_name(self) -> str:
        """What its deadline is about, when it is a telling."""
        return f"{self.record.ref}/telling/{self.pk}"
