"""A fact that was shared turned out wrong: what is right, and who of those that were given it has been told (R100)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from concerns.models import Concern
from sharing.models.referral import Referral

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

STAFF = settings.AUTH_USER_MODEL


class Correction(models.Model):
    """What went out wrong, in the words in which it went, and what is right. Never changed.

    What was shared stays as it was (field 40): this only adds to it.
    """

    ref = models.CharField(max_length=12, unique=True)
    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="corrections")
    wrong = models.TextField()
    right = models.TextField()
    source = models.TextField("how we know")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")

    if TYPE_CHECKING:
        notices: RelatedManager[CorrectionNotice]

    class Meta:
        ordering = ["recorded_at", "pk"]

    def __str__(self) -> str:
        return self.ref

    def get_absolute_url(self) -> str:
        return reverse("sharing:show-correction", args=[self.ref])


class CorrectionNotice(models.Model):
    """The task to tell one agency that was given the wrong fact; done by recording who was told when."""

    correction = models.ForeignKey(Correction, on_delete=models.PROTECT, related_name="notices")
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="correction_notices")
    number = models.PositiveSmallIntegerField()
    who = models.CharField("person at the agency", max_length=150, blank=True)
    how = models.CharField(max_length=200, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    words = models.TextField(blank=True)
    recorded_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["correction_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["correction", "referral"], name="correction_notice_once"),
            models.UniqueConstraint(fields=["correction", "number"], name="correction_notice_numbered"),
            models.CheckConstraint(
                name="correction_notice_told_whole",
                condition=Q(told_at__isnull=True, recorded_at__isnull=True, recorded_by__isnull=True, who="", how="")
                | (Q(told_at__isnull=False, recorded_at__isnull=False, recorded_by__isnull=False) & ~Q(who="", how="")),
            ),
        ]

    def __str__(self) -> str:
        return self.clock_name

    @property
    def clock_name(self) -> str:
        """What its deadline is about."""
        return f"{self.correction.ref}/{self.number}"

    @property
    def is_done(self) -> bool:
        return self.told_at is not None
