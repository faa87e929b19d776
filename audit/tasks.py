"""Celery's door to the ledger. Safe to run twice, late, or side by side."""

from celery import shared_task

from audit import services
from safeguarding.kit import clock


@shared_task(name="audit.seal_events", ignore_result=True)
def seal_events() -> None:
    """Seal what has been recorded since the last seal (beat: every minute)."""
    services.seal(at=clock.now())
