"""Referrals: one line of work with one agency, with its own state and its history as rows (R120-R123, 2.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from concerns.models import Concern
from sharing.models.agency import Agency
from sharing.models.decision import SignedRecord
from sharing.vocabulary import AgencyKind, DisputeStage, ReferralOutcome, ReferralState, ReferralStepKind

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from sharing.models.decision import Disclosure

STAFF = settings.AUTH_USER_MODEL


class Referral(models.Model):
    """What goes, or went, to one agency. A direct one (R32) has no decision behind it at first."""

    ref = models.CharField(max_length=12, unique=True)
    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="referrals")
    record = models.ForeignKey(SignedRecord, on_delete=models.PROTECT, null=True, blank=True, related_name="referrals")
    # Which of the record's recipients this is.
    recipient_number = models.PositiveSmallIntegerField(default=0)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, null=True, blank=True, related_name="referrals")
    agency_name = models.CharField(max_length=200)
    agency_kind = models.CharField(max_length=24, choices=AgencyKind.choices)
    is_about_child = models.BooleanField()
    is_direct = models.BooleanField(default=False)
    state = models.CharField(max_length=14, choices=ReferralState.choices, default=ReferralState.DUE)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    agency_reference = models.CharField(max_length=80, blank=True)
    outcome = models.CharField(max_length=24, choices=ReferralOutcome.choices, blank=True)
    outcome_at = models.DateTimeField(null=True, blank=True)

    if TYPE_CHECKING:
        disclosures: RelatedManager[Disclosure]
        steps: RelatedManager[ReferralStep]

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="referral_sent_at",
                condition=Q(state=ReferralState.DUE, sent_at__isnull=True)
                | (~Q(state=ReferralState.DUE) & (Q(sent_at__isnull=False) | Q(state=ReferralState.ENDED))),
            ),
            models.CheckConstraint(
                name="referral_outcome_dated",
                condition=Q(outcome="", outcome_at__isnull=True) | (~Q(outcome="") & Q(outcome_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="referral_direct_or_decided", condition=Q(is_direct=True) | Q(record__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["concern", "state"], name="referral_of_concern")]

    def __str__(self) -> str:
        return self.ref

    def get_absolute_url(self) -> str:
        return reverse("sharing:show-referral", args=[self.ref])


class ReferralStep(models.Model):
    """One thing that happened with the agency. Never changed."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=16, choices=ReferralStepKind.choices)
    at = models.DateTimeField("when it happened")
    # None when the system did it because time was up.
    by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    who = models.CharField("person at the agency", max_length=150, blank=True)
    outcome = models.CharField(max_length=24, choices=ReferralOutcome.choices, blank=True)
    # The stage of the disagreement that begins with this step (T11).
    stage = models.PositiveSmallIntegerField(choices=DisputeStage.choices, null=True, blank=True)
    words = models.TextField(blank=True)
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["recorded_at", "pk"]

    def __str__(self) -> str:
        return f"{self.referral}: {self.get_kind_display()}"
