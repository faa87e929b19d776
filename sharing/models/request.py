"""Requests for information that came to us (R102-R107): who asks, who they really are, the answer, and its telling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from accounts.models import User
from accounts.selectors import standing
from accounts.vocabulary import Role
from concerns.models import Concern, ConcernQuerySet, Conflict
from sharing.models.decision import SignedRecord
from sharing.requests import goes_to_ig_lead
from sharing.vocabulary import IG_REQUESTS, ContactWay, RequestAnswer, RequestKind

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

STAFF = settings.AUTH_USER_MODEL


class InformationRequestQuerySet(models.QuerySet["InformationRequest"]):
    def visible_to(self, user: User) -> InformationRequestQuerySet:
        """The requests that `user` may read (domain.md 5, "Requests for information").

        One that is linked to a concern: whoever may read the concern; by office the information governance lead and
        the auditor while it is unrestricted, and the former always when it goes straight to them. One that is linked
        to none: who logged it, the leads, the information governance lead and the auditor. Nobody who is barred or
        recused from the concern reads anything of it.
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
            may_read |= Q(is_compulsory=True) | Q(kind__in=IG_REQUESTS)
        denied = Conflict.objects.filter(concern=OuterRef("concern"), staff=user, lifted_at__isnull=True)
        return self.filter(may_read).exclude(Exists(denied))

    def still_open(self) -> InformationRequestQuerySet:
        """Not answered, or refused and the requester not told yet."""
        return self.filter(closed_at__isnull=True)


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
