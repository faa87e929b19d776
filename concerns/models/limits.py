"""What was changed about the time limits, by whom and with whose agreement. The defaults stand in `concerns.limits`."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from concerns.limits import BY_CODE

STAFF = settings.AUTH_USER_MODEL


class LimitChange(models.Model):
    """One person proposed another length for a limit, a second one agreed or refused (I6).

    The limit in force is the one of the change that was agreed to last; without any, the default. Rows stay for good.
    """

    code = models.CharField(max_length=20)
    # In the unit of the limit.
    before = models.PositiveIntegerField()
    value = models.PositiveIntegerField()
    reason = models.TextField()
    proposed_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    is_agreed = models.BooleanField(null=True, blank=True)
    viewed_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    viewed_at = models.DateTimeField(null=True, blank=True)
    view_words = models.TextField(blank=True)

    class Meta:
        ordering = ["proposed_at", "pk"]
        constraints = [
            models.CheckConstraint(name="limit_never_nothing", condition=Q(value__gte=1)),
            models.CheckConstraint(
                name="limit_change_by_two",
                condition=Q(is_agreed__isnull=True, viewed_by__isnull=True, viewed_at__isnull=True)
                | (
                    Q(is_agreed__isnull=False, viewed_by__isnull=False, viewed_at__isnull=False)
                    & ~Q(viewed_by=F("proposed_by"))
                ),
            ),
            models.UniqueConstraint(
                fields=["code"], condition=Q(is_agreed__isnull=True), name="limit_change_one_waiting"
            ),
        ]

    def __str__(self) -> str:
        return BY_CODE[self.code].label
