"""Advice asked outside without saying who it is about (R35; 000 golden rule 3; 004 B3, F2)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from concerns.models import Concern
from sharing.vocabulary import YesNo

STAFF = settings.AUTH_USER_MODEL


class Consultation(models.Model):
    """One question asked without names: first its words are checked, then the answer is written down.

    `confirmed` lists every place in the words that tells something about somebody, with the reason why it was said:
    kind, start, end, reason.
    """

    ref = models.CharField(max_length=12, unique=True)
    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="consultations")
    question = models.TextField()
    confirmed = models.JSONField(default=list)
    checked_at = models.DateTimeField()
    checked_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")

    who = models.CharField("who was asked", max_length=150, blank=True)
    role = models.CharField(max_length=150, blank=True)
    organisation = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    advice = models.TextField(blank=True)
    # Were we advised to disclose in full, and why?
    in_full = models.CharField(max_length=3, choices=YesNo.choices, blank=True)
    in_full_why = models.TextField(blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["checked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="consultation_answer_whole",
                condition=Q(recorded_at__isnull=True, recorded_by__isnull=True, asked_at__isnull=True, advice="")
                | (
                    Q(recorded_at__isnull=False, recorded_by__isnull=False, asked_at__isnull=False)
                    & ~Q(advice="")
                    & ~Q(in_full="")
                    & ~Q(in_full_why="")
                    & ~Q(role="", organisation="")
                ),
            )
        ]

    def __str__(self) -> str:
        return self.ref

    def get_absolute_url(self) -> str:
        return reverse("sharing:show-consultation", args=[self.ref])

    @property
    def is_answered(self) -> bool:
        return self.recorded_at is not None
