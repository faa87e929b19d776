"""Concerns of a quarter, raised and worked on through the real services, for tests of the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from accounts.models import User
from champions import services as reports
from champions.models import QuarterlyReport
from champions.services import Commentary
from concerns import services
from concerns.models import Concern
from concerns.vocabulary import AdultAbuse
from tests.build.intakes import ABOUT_MANAGER, PLAIN

# April to June 2026; a Tuesday, 10:00 in London.
SPRING = datetime(2026, 4, 14, 9, tzinfo=UTC)
AFTER_SPRING = datetime(2026, 7, 7, 9, tzinfo=UTC)

WORDS = Commentary(
    concerns="More people are being pressed for money.",
    themes="Financial abuse is rising.",
    actions="The head of housing writes guidance by the end of August.",
    progress="Nothing was open.",
)


def raise_many(
    by: User, count: int, *, at: datetime = SPRING, kinds: Sequence[str] = (AdultAbuse.FINANCIAL.value,)
) -> list[Concern]:
    """`count` standard concerns of one reporter, a minute apart."""
    intake = replace(PLAIN, abuse_codes=tuple(kinds))
    return [services.raise_concern(intake=intake, by=by, at=at + timedelta(minutes=number)) for number in range(count)]


def raise_about_manager(by: User, *, at: datetime = SPRING) -> Concern:
    """A restricted concern: the reporter's manager is implicated."""
    return services.raise_concern(intake=ABOUT_MANAGER, by=by, at=at)


def acknowledge(concern: Concern, *, at: datetime) -> None:
    """Whoever holds it now acknowledges it."""
    holder = Concern.objects.get(pk=concern.pk).responsible
    assert holder is not None
    services.acknowledge(concern_id=concern.pk, by=holder, at=at, has_conflict=False)


def comment(report: QuarterlyReport, by: User, *, words: Commentary = WORDS, checked: bool = False) -> None:
    """The operational lead's words stand on the draft."""
    reports.write_commentary(
        report_id=report.pk,
        commentary=words,
        is_confirmed_anonymous=True,
        has_checked_names=checked,
        by=by,
        at=AFTER_SPRING,
    )


def release(report: QuarterlyReport, by: User) -> QuarterlyReport:
    """Commented and released."""
    comment(report, by)
    return reports.release_report(report_id=report.pk, by=by, at=AFTER_SPRING)
