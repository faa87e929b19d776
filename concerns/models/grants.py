"""Named exceptions: one person let in to one concern, and break-glass (domain.md 5; ADR 13)."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from guardian.models import UserObjectPermissionBase

from concerns.vocabulary import BreakGlassReason

STAFF = settings.AUTH_USER_MODEL


class ConcernGrantQuerySet(models.QuerySet["ConcernGrant"]):
    def running(self, at: datetime) -> ConcernGrantQuerySet:
        """Grants that open something at `at`; from the second of its end on, a grant opens nothing."""
        not_ended = Q(ended_at__isnull=True) | Q(ended_at__gt=at)
        return self.filter(not_ended, starts_at__lte=at, ends_at__gt=at)

    def to_read(self) -> ConcernGrantQuerySet:
        """Those by which somebody was let in by name."""
        return self.filter(permission__codename=ConcernGrant.READ)

    def by_break_glass(self) -> ConcernGrantQuerySet:
        return self.filter(permission__codename=ConcernGrant.BREAK_GLASS)


class ConcernGrant(UserObjectPermissionBase):
    """One person may read one concern until `ends_at`: who said so, why, and until when.

    Written by `services.grants` alone, because `assign_perm` can't fill these columns; read by `visible_to` alone. One
    row for each person, permission and concern, as guardian has it: a renewal takes the row over, and the ledger keeps
    what it said before.
    """

    READ = "read_concern"
    BREAK_GLASS = "break_glass_concern"

    content_object = models.ForeignKey("concerns.Concern", on_delete=models.PROTECT, related_name="grants")
    # None for break-glass, which nobody gives.
    given_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # The second of two people, which an auditor needs on a restricted concern.
    seconded_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    # Ended before its time: by a lead, because the person was barred or recused (then by whoever recorded that), or
    # because they left or lost what it was given for (then by whoever ended that; None for a set-up command).
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    grants = ConcernGrantQuerySet.as_manager()

    class Meta(UserObjectPermissionBase.Meta):
        constraints = [
            models.CheckConstraint(name="grant_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="grant_not_to_self",
                condition=(Q(given_by__isnull=True) | ~Q(user=F("given_by")))
                & (Q(seconded_by__isnull=True) | ~Q(user=F("seconded_by"))),
            ),
            models.CheckConstraint(
                name="grant_by_two_different",
                condition=Q(seconded_by__isnull=True) | (Q(given_by__isnull=False) & ~Q(given_by=F("seconded_by"))),
            ),
            models.CheckConstraint(
                name="grant_ended_whole",
                condition=Q(ended_by__isnull=True) | Q(ended_at__isnull=False),
            ),
        ]


class BreakGlass(models.Model):
    """Somebody opened one concern by break-glass, for one hour, to read; and what was thought of it afterwards.

    What it opens is a grant; this row is the use, which must be judged by somebody else within 2 working days.
    """

    ref = models.CharField(max_length=12, unique=True)
    concern = models.ForeignKey("concerns.Concern", on_delete=models.PROTECT, related_name="glass_uses")
    by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=20, choices=BreakGlassReason.choices)
    words = models.TextField()
    # Who must judge it; moves up when nobody does.
    judge = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_justified = models.BooleanField(null=True, blank=True)
    judged_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    judged_at = models.DateTimeField(null=True, blank=True)
    judged_words = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(name="glass_ends_after_start", condition=Q(ends_at__gt=F("at"))),
            models.CheckConstraint(
                name="glass_judged_whole",
                condition=Q(is_justified__isnull=True, judged_by__isnull=True, judged_at__isnull=True, judged_words="")
                | (
                    Q(is_justified__isnull=False, judged_by__isnull=False, judged_at__isnull=False)
                    & ~Q(judged_words="")
                ),
            ),
            # Never by whoever did it (I6).
            models.CheckConstraint(
                name="glass_judged_by_another", condition=Q(judged_by__isnull=True) | ~Q(judged_by=F("by"))
            ),
            models.CheckConstraint(name="glass_judge_is_another", condition=Q(judge__isnull=True) | ~Q(judge=F("by"))),
        ]
        indexes = [
            models.Index(fields=["at"], condition=Q(judged_at__isnull=True), name="glass_waiting"),
            models.Index(fields=["by", "ends_at"], name="glass_of"),
        ]

    def __str__(self) -> str:
        return self.ref


class BreakGlassStop(models.Model):
    """Break-glass was refused: there is no such concern, or it is closed to whoever tried. To them both are the same.

    `concern` is empty in the first case. What they typed is not kept: it could be a name.
    """

    ref = models.CharField(max_length=12, unique=True)
    concern = models.ForeignKey(
        "concerns.Concern", on_delete=models.PROTECT, null=True, blank=True, related_name="glass_stops"
    )
    by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.ref
