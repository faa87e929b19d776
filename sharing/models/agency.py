"""The directory of agencies (R30, R33): whom we share with, by which route, and when that was last checked."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from sharing.vocabulary import STATUTORY, AgencyKind, SharingMethod


class Agency(models.Model):
    """One agency, or one team of it, in one local authority's area. Taken out of use, never deleted."""

    ref = models.CharField(max_length=12, unique=True)
    kind = models.CharField(max_length=24, choices=AgencyKind.choices)
    name = models.CharField(max_length=150)
    # The area it serves; blank for one that serves the whole country (R33).
    local_authority = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    out_of_hours_phone = models.CharField(max_length=40, blank=True)
    secure_email = models.EmailField(blank=True)
    portal_url = models.URLField(blank=True)
    post_address = models.TextField(blank=True)
    usual_method = models.CharField(max_length=16, choices=SharingMethod.choices, default=SharingMethod.PORTAL)
    notes = models.TextField(blank=True)
    # R53: the contact was checked, how, when and by whom; all or none.
    verified_on = models.DateField(null=True, blank=True)
    verified_how = models.CharField(max_length=200, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    is_in_use = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "name", "local_authority"], name="agency_once"),
            models.CheckConstraint(
                name="agency_verified_whole",
                condition=Q(verified_on__isnull=True, verified_how="", verified_by__isnull=True)
                | (Q(verified_on__isnull=False, verified_by__isnull=False) & ~Q(verified_how="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.local_authority})" if self.local_authority else self.name

    @property
    def is_statutory(self) -> bool:
        return self.kind in STATUTORY

    @property
    def is_verified(self) -> bool:
        return self.verified_on is not None
