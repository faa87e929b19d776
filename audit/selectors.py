"""Reads of the ledger. Who may see a timeline is decided by the app whose thing it is about."""

from typing import Any

from django.db.models import QuerySet

from audit import inclusion
from audit.models import Event, Seal


def timeline(concern_id: int) -> QuerySet[Event]:
    """All events of one concern, oldest first (in the order in which they were written)."""
    return Event.objects.filter(concern_id=concern_id).order_by("id")


def newest_seal() -> Seal | None:
    """The end of the chain, without its leaves; its number and digest are what is kept outside the database."""
    return Seal.objects.order_by("-number").defer("leaves").first()


def seal_over(event: Event) -> Seal | None:
    """The seal that holds `event`; None while it waits for one."""
    return Seal.objects.filter(through_id__gte=event.pk).order_by("through_id").first()


def inclusion_proof(event: Event) -> dict[str, Any]:
    """Plain JSON with which `audit.inclusion.verify_inclusion` shows offline that `event` was sealed as it is.

    Raises inclusion.InvalidProof while it waits for its seal (a minute at most), and when it isn't what was sealed.
    """
    seal = seal_over(event)
    if seal is None:
        raise inclusion.InvalidProof("The event waits for its seal.")
    return inclusion.make_proof(
        event_id=event.pk, content=event.content(), leaves=seal.events(), seal={**seal.content(), "digest": seal.digest}
    )
