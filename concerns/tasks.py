"""Celery's door to the sweep. Safe to run twice, late, or side by side."""

from celery import shared_task

from concerns.services.sweeping import sweep
from safeguarding.kit import clock


@shared_task(name="concerns.sweep", ignore_result=True)
def sweep_concerns() -> None:
    """Handle all that is due (beat: every minute)."""
    sweep(at=clock.now())
