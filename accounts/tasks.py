"""Celery's door to what is done here without anybody asking. Safe to run twice, late, or side by side."""

from celery import shared_task

from accounts import lockout, sessions
from safeguarding.kit import clock


@shared_task(name="accounts.forget_old_tries", ignore_result=True)
def forget_old_tries() -> None:
    """Wrong passwords that count no more (beat: every five minutes)."""
    lockout.forget_old_tries(at=clock.now())


@shared_task(name="accounts.forget_ended_sessions", ignore_result=True)
def forget_ended_sessions() -> None:
    """Sessions that nobody can use any more (beat: once a day)."""
    sessions.forget_ended(at=clock.now())
