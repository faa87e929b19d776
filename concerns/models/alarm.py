"""A grave lack that stands until it is over: nobody at lead level is there (I16)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from concerns.models.concern import Concern
from concerns.vocabulary import AlarmKind


class Alarm(models.Model):
    """On from `raised_at` until `ended_at`; at most one of a kind at a time, for one concern or for all."""

    kind = models.CharField(max_length=12, choices=AlarmKind.choices)
    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, null=True, blank=True, related_name="alarms")
    raised_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["raised_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(ended_at__isnull=True, concern__isnull=True), name="alarm_one_of_all"
            ),
            models.UniqueConstraint(
                fields=["concern", "kind"], condition=Q(ended_at__isnull=True), name="alarm_one_of_concern"
            ),
            models.CheckConstraint(
                name="alarm_about_what_it_says",
                condition=Q(kind=AlarmKind.NO_LEAD, concern__isnull=True)
                | (~Q(kind=AlarmKind.NO_LEAD) & Q(concern__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())
