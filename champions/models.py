"""The quarterly report (R138-R139): frozen figures, what of them is hidden, and the operational lead's
words.
"""

from __future__ import annotations

from typing import Any

import rfc8785
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from accounts.models import RoleAssignment, User
from accounts.selectors import LEADS, Standing, standing
from accounts.vocabulary import Role
from champions.quarters import Quarter

RELEASED_READERS = (
    Role.SENIOR_MANAGER,
    Role.DESIGNATED_SENIOR_MANAGER,
    Role.CHIEF_EXECUTIVE,
    Role.IG_LEAD,
    Role.AUDITOR,
)


def frozen(figures: dict[str, Any] | None, hidden: dict[str, Any] | None) -> bytes:
    """What the digest of a released report is made of."""
    return rfc8785.dumps({"figures": figures, "hidden": hidden})


def reads_drafts(who: Standing) -> bool:
    """Leads read a report before it is released (domain.md 5)."""
    return who.is_lead or who.is_operational_lead


def draft_readers() -> models.QuerySet[User]:
    """Everybody of whom `reads_drafts` holds, for a condition in a query."""
    roles = RoleAssignment.objects.filter(ended_at__isnull=True, role__in=[*LEADS, Role.OPERATIONAL_LEAD])
    return User.objects.filter(pk__in=roles.values("user"))


def reads_released(who: Standing) -> bool:
    """Whoever leads, manages, champions, audits or guards information reads the released reports."""
    return reads_drafts(who) or who.has(*RELEASED_READERS) or who.is_champion or who.manages_people


class QuarterlyReportQuerySet(models.QuerySet["QuarterlyReport"]):
    def visible_to(self, user: User) -> QuarterlyReportQuerySet:
        """The reports `user` may read (domain.md 5): leads every one, managers' roles the released ones."""
        who = standing(user)
        if reads_drafts(who):
            return self.all()
        return self.filter(released_at__isnull=False) if reads_released(who) else self.none()

    def released(self) -> QuarterlyReportQuerySet:
        return self.filter(released_at__isnull=False)

    def latest_versions(self) -> QuarterlyReportQuerySet:
        """Of each quarter the newest among these, the newest quarter first."""
        newest = self.filter(quarter_start=models.OuterRef("quarter_start")).order_by("-version").values("pk")[:1]
        return self.filter(pk=models.Subquery(newest)).order_by("-quarter_start")


class QuarterlyReport(models.Model):
    """One version of the report of one quarter. Its figures are frozen when it is released; other figures are a
    new version. A draft has none: they are counted whenever it is read, without what no draft may tell (ADR 30).

    `figures` holds the counted tables and is never shown; `hidden` says what of it must not be
    (`champions.suppression`). Every reader gets what `selectors.published` makes of the two.
    """

    quarter_start = models.DateField()
    version = models.PositiveSmallIntegerField(default=1)
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    # The released report of the quarter before that the changes are against.
    compared_with = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    restated_because = models.TextField(blank=True)
    figures = models.JSONField(null=True, blank=True)
    hidden = models.JSONField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    built_at = models.DateTimeField()
    # None when the timetable built it.
    built_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    # R139: the four parts of the commentary, each required before release.
    concerns = models.TextField("what concerns you in these figures", blank=True)
    themes = models.TextField("themes: what is rising, and why", blank=True)
    actions = models.TextField("actions, and decisions that senior managers must take", blank=True)
    progress = models.TextField("progress on the actions of the quarter before", blank=True)
    is_confirmed_anonymous = models.BooleanField(default=False)
    written_at = models.DateTimeField(null=True, blank=True)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = QuarterlyReportQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["quarter_start", "version"], name="report_version_once"),
            models.CheckConstraint(
                name="report_written_by",
                condition=Q(written_at__isnull=True, written_by__isnull=True)
                | Q(written_at__isnull=False, written_by__isnull=False, is_confirmed_anonymous=True),
            ),
            models.CheckConstraint(
                name="report_released_whole",
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                | (
                    Q(released_at__isnull=False, released_by__isnull=False, written_at__isnull=False)
                    & ~(Q(concerns="") | Q(themes="") | Q(actions="") | Q(progress=""))
                ),
            ),
            models.CheckConstraint(
                name="report_frozen_when_released",
                condition=Q(released_at__isnull=True, figures__isnull=True, hidden__isnull=True, digest="")
                | Q(released_at__isnull=False, figures__isnull=False, hidden__isnull=False) & ~Q(digest=""),
            ),
            models.CheckConstraint(
                name="report_restated_with_reason",
                condition=Q(version=1, supersedes__isnull=True, restated_because="")
                | (Q(version__gt=1, supersedes__isnull=False) & ~Q(restated_because="")),
            ),
            models.CheckConstraint(
                name="report_not_its_own_past",
                condition=Q(compared_with__isnull=True) | ~Q(compared_with=F("id")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quarter.label}, version {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("champions:show-report", args=[self.quarter.code, self.version])

    @property
    def quarter(self) -> Quarter:
        return Quarter(self.quarter_start)

    @property
    def reference(self) -> str:
        """What documents, messages and the ledger call it: "QR-2026-04/1"."""
        return f"QR-{self.quarter.code}/{self.version}"

    @property
    def is_released(self) -> bool:
        return self.released_at is not None

    @property
    def frozen_figures(self) -> dict[str, Any]:
        """What a released report counts; a draft has nothing of the kind."""
        if self.figures is None:
            raise ValueError("A draft has no figures of its own.")
        return dict(self.figures)

    @property
    def frozen_hidden(self) -> dict[str, Any]:
        """What a released report does not show."""
        if self.hidden is None:
            raise ValueError("A draft hides nothing of its own.")
        return dict(self.hidden)

    @property
    def has_commentary(self) -> bool:
        return self.written_at is not None
