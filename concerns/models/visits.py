"""What somebody about to visit a home must do: an instruction on an address, apart from the case (domain.md 5)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from concerns.models.concern import Concern
from concerns.vocabulary import VisitAdvice

STAFF = settings.AUTH_USER_MODEL


class VisitWarning(models.Model):
    """Set by the holder or a lead for one address or property; the newest of a concern stands. Never holds a reason.

    `address_key` and `tenancy_key` are folded, for finding; `concern` is for the ledger and for ending it, and is never
    shown to whoever looks the address up.
    """

    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="visit_warnings")
    address = models.TextField(blank=True)
    tenancy_ref = models.CharField(max_length=40, blank=True)
    address_key = models.TextField(blank=True)
    tenancy_key = models.CharField(max_length=40, blank=True)
    advice = models.CharField(max_length=12, choices=VisitAdvice.choices)
    speak_to = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    set_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    ended_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["set_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["concern"], condition=Q(ended_at__isnull=True), name="visit_warning_one_standing"
            ),
            models.CheckConstraint(name="visit_warning_has_place", condition=~Q(address_key="") | ~Q(tenancy_key="")),
            models.CheckConstraint(
                name="visit_warning_names_somebody",
                condition=Q(advice=VisitAdvice.IN_PAIRS) | Q(speak_to__isnull=False),
            ),
            models.CheckConstraint(
                name="visit_warning_ended_whole",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.concern.ref}: {self.get_advice_display()}"
