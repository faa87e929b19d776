"""Celery's doors to the outbox. Safe to run twice, late, or side by side."""

from celery import shared_task

from safeguarding.kit import clock, outbox


@shared_task(name=outbox.DELIVER_MESSAGE, ignore_result=True)
def deliver_message(message_id: int) -> None:
    """Deliver one message now, if it is due and still waiting."""
    outbox.deliver(message_id, at=clock.now())


@shared_task(name=outbox.DELIVER_DUE_MESSAGES, ignore_result=True)
def deliver_due_messages() -> None:
    """Deliver all that is due (beat: every minute)."""
    outbox.deliver_due(at=clock.now())
