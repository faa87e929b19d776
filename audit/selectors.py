"""Reads of the ledger. Who may see a timeline is decided by the app whose thing it is about."""

from django.db.models import QuerySet

from audit.models import Event, Seal


def timeline(concern_id: int) -> QuerySet[Event]:
    """All events of one concern, oldest first (in the order in which they were written)."""
    return Event.objects.filter(concern_id=concern_id).order_by("id")


def newest_seal() -> Seal | None:
    """The end of the chain, without its leaves; its number and digest are what is kept outside the database."""
    return Seal.objects.order_by("-number").defer("leaves").first()
