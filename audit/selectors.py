"""Reads of the ledger. Who may see a timeline is decided by the app whose thing it is about."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from audit import inclusion, settling
from audit.models import Event, Seal

# Sealing runs each minute; an event that waits longer than this means that it does not run.
LONGEST_UNSEALED = timedelta(minutes=10)
# How far the clocks of two machines may differ.
CLOCKS_DIFFER = timedelta(minutes=5)


def timeline(concern_id: int) -> QuerySet[Event]:
    """All events of one concern, oldest first (in the order in which they were written)."""
    return Event.objects.filter(concern_id=concern_id).order_by("id")


def newest_seal() -> Seal | None:
    """The end of the chain, without its leaves; its number and digest are what is kept outside the database."""
    return Seal.objects.order_by("-number").defer("leaves").first()


def is_surely_forged(seal: Seal, *, drawn: int) -> bool:
    """Whether `seal` covers ids that were not given out yet (`drawn` is the highest that was), or goes back to what was
    sealed before it. No sealing does either."""
    before = Seal.objects.filter(number__lt=seal.number)
    return seal.through_id > drawn or before.filter(through_id__gte=seal.through_id).exists()


def may_be_built_on(seal: Seal, *, at: datetime, drawn: int) -> bool:
    """Whether `seal`, the newest, is neither forged for sure nor of a time to come, as one made while a clock was wrong
    is too. Built on, either could leave what is recorded without a seal, or have all sealed a second time, and nobody
    would hear of it."""
    return seal.at <= at + CLOCKS_DIFFER and not is_surely_forged(seal, drawn=drawn)


def seal_to_keep(*, at: datetime) -> Seal | None:
    """The newest seal, to be kept outside the database; None before the first, and while nothing may be built on it."""
    seal = newest_seal()
    may_be_kept = seal is not None and may_be_built_on(seal, at=at, drawn=settling.highest_ids().drawn)
    return seal if may_be_kept else None


def seal_over(event: Event) -> Seal | None:
    """The seal that holds `event`; None while it waits for one."""
    return Seal.objects.filter(number__gte=1, through_id__gte=event.pk).order_by("through_id").first()


def inclusion_proof(event: Event) -> dict[str, Any]:
    """Plain JSON with which `audit.inclusion.verify_inclusion` shows offline that `event` was sealed as it is.

    Raises inclusion.InvalidProof while it waits for its seal (a minute at most), and when it isn't what was sealed.
    """
    try:
        seal = seal_over(event)
        leaves = seal.events() if seal else []
    except (ValueError, RecursionError):
        raise inclusion.InvalidProof("The seal is forged.") from None
    if seal is None:
        raise inclusion.InvalidProof("The event waits for its seal.")
    return inclusion.make_proof(
        event_id=event.pk, content=event.content(), leaves=leaves, seal={**seal.content(), "digest": seal.digest}
    )


def is_sealing_late(*, at: datetime) -> bool:
    """Whether an event has waited for its seal for longer than LONGEST_UNSEALED, and nothing was sealed meanwhile; or
    whether one can't be sealed, because it is forged, or the end of the chain is or is of a time to come.

    What is not sealed can still be altered unseen, so that somebody has to hear of it. A few statements, on indexes.
    """
    before = at - LONGEST_UNSEALED
    last, ids = newest_seal(), settling.highest_ids()
    if ids.there > ids.drawn or (last is not None and not may_be_built_on(last, at=at, drawn=ids.drawn)):
        return True
    if last is not None and last.at >= before:
        return False
    # Any of them, not the first: one that says to be of next year may stand in front.
    return Event.objects.filter(pk__gt=last.through_id if last else 0, at__lt=before).exists()
