"""Capacity, recorded for one decision about one person, and never changed (R66, R112, R113; MCA 2005 s1 to s4)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from concerns.models import Person
from sharing.models.decision import Decision
from sharing.vocabulary import CapacityConclusion

STAFF = settings.AUTH_USER_MODEL


class CapacityRecord(models.Model):
    """One assessment as it was recorded: all its answers, for one version of one decision.

    It is valid for that version only. A mistake is corrected by a new row that names the old one and why.
    """

    ref = models.CharField(max_length=12, unique=True)
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="capacity_records")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="capacity_records")
    # The answers of `sharing.answers.Capacity`, as JSON.
    assessment: Any = models.JSONField()
    conclusion = models.CharField(max_length=14, choices=CapacityConclusion.choices)
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by"
    )
    correction_reason = models.TextField(blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["recorded_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="capacity_correction_has_reason",
                condition=Q(corrects__isnull=True, correction_reason="")
                | (Q(corrects__isnull=False) & ~Q(correction_reason="")),
            ),
            # The chain is linear: one first record of a person in a decision, one correction of each.
            models.UniqueConstraint(
                fields=["decision", "person"], condition=Q(corrects__isnull=True), name="capacity_first_once"
            ),
        ]

    def __str__(self) -> str:
        return self.ref
