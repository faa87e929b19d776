"""Celery's door to the reports. Safe to run twice, late, or side by side."""

from celery import shared_task

from champions import services
from safeguarding.kit import clock

BUILD_DUE_REPORTS = "champions.build_due_reports"


@shared_task(name=BUILD_DUE_REPORTS, ignore_result=True)
def build_due_reports() -> None:
    """Build the report of every ended quarter that is due and has none (beat: every hour)."""
    services.build_due_reports(at=clock.now())
