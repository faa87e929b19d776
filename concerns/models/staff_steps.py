"""What must be thought of when somebody who works for or with us is implicated (R46, T4b)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from concerns.models.concern import Concern
from concerns.vocabulary import StaffStepAnswer, StaffStepKind


class StaffStep(models.Model):
    """One step about an implicated worker, once per concern and kind; closing waits for its answer (2.6, condition 10).

    Answered once: what changes later is a note. No row holds what was found about the worker (R4).
    """

    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="staff_steps")
    kind = models.CharField(max_length=8, choices=StaffStepKind.choices)
    started_at = models.DateTimeField()
    answer = models.CharField(max_length=10, choices=StaffStepAnswer.choices, blank=True)
    words = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["concern", "kind"], name="staff_step_once"),
            models.CheckConstraint(
                name="staff_step_answered_whole",
                condition=Q(answer="", words="", answered_by__isnull=True, answered_at__isnull=True)
                | (~Q(answer="") & ~Q(words="") & Q(answered_by__isnull=False, answered_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.concern.ref}: {self.get_kind_display()}"
