"""Reads that the ledger keeps: who opened what, and when. No words that were searched for, ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from audit.models import Event
from audit.services import record, record_about_each
from audit.vocabulary import EventKind
from concerns import events
from concerns.models import BreakGlass, Concern
from concerns.services.base import log


@transaction.atomic
def record_view(concern: Concern, *, by: User, at: datetime) -> None:
    """`by` opened the page of `concern`, which the caller has found through `visible_to`; by which way is kept too."""
    way = concern.read_by
    log(events.VIEWED, concern, by=by, at=at, keeps=(), **({"way": way.value} if way else {}))


@transaction.atomic
def record_case_view(concern: Concern, *, joined: Sequence[Concern], by: User, at: datetime) -> None:
    """The same, where the page also shows what was reported in the `joined`: it stands on the report of each (t20)."""
    record_view(concern, by=by, at=at)
    _each(events.VIEWED, _named(joined), by=by, at=at)


@transaction.atomic
def record_queue_view(*, shown: Sequence[tuple[int, str]] = (), by: User, at: datetime) -> None:
    """`by` opened the queue and saw the concerns `shown` (id, reference), with the names of people at risk."""
    _listed(shown, by=by, at=at, opened=events.QUEUE_VIEWED)


@transaction.atomic
def record_late_view(*, shown: Sequence[tuple[int, str]] = (), by: User, at: datetime) -> None:
    """`by` opened the list of what has taken too long and saw the concerns `shown` (id, reference)."""
    _listed(shown, by=by, at=at, opened=events.LATE_VIEWED)


def _listed(shown: Sequence[tuple[int, str]], *, by: User, at: datetime, opened: EventKind) -> None:
    """It stands on the access report of each, once in a day: so that whoever is kept out of one later is never said not
    to have come near it (R41), and nobody's report fills with how often they looked at their work.
    """
    today = Event.objects.filter(code=events.LISTED.code, at__gt=at - timedelta(days=1), actor_id=by.pk)
    known = set(today.filter(concern_id__in=[pk for pk, _ in shown]).values_list("concern_id", flat=True))
    _each(events.LISTED, [(pk, ref) for pk, ref in shown if pk not in known], by=by, at=at, opened=opened)


@transaction.atomic
def record_who_view(concern: Concern, *, by: User, at: datetime) -> None:
    """`by` looked at who can open `concern`."""
    log(events.WHO_VIEWED, concern, by=by, at=at)


@transaction.atomic
def record_glass_list_view(*, by: User, at: datetime) -> None:
    """`by` opened the list of uses of break-glass."""
    record(events.GLASS_LISTED, by=by, at=at)


@transaction.atomic
def record_glass_view(use: BreakGlass, *, by: User, at: datetime) -> None:
    """`by` opened the page of one use of break-glass."""
    log(events.GLASS_VIEWED, use.concern, by=by, at=at, use=use.ref)


@transaction.atomic
def record_search(*, found: Sequence[Concern], by: User, at: datetime) -> None:
    """`by` searched and was shown `found`; it stands on the access report of each."""
    record(events.SEARCHED, by=by, at=at, hits=len(found))
    _each(events.FOUND, _named(found), by=by, at=at)


@transaction.atomic
def record_suggested(*, found: Sequence[Concern], by: User, at: datetime) -> None:
    """`by` was shown `found` as being perhaps about the same matter, with the names in them."""
    _each(events.FOUND, _named(found), by=by, at=at)


def _named(concerns: Sequence[Concern]) -> list[tuple[int, str]]:
    return [(concern.pk, concern.ref) for concern in concerns]


def _each(
    kind: EventKind, found: Sequence[tuple[int, str]], *, by: User, at: datetime, opened: EventKind | None = None
) -> None:
    subject = Concern._meta.label_lower
    record_about_each(kind, by=by, at=at, subject_type=subject, concerns=found, opened=opened)


@transaction.atomic
def record_receipt_view(*, concern_id: int, ref: str, by: User, at: datetime) -> None:
    """`by` opened the receipt of the concern that they reported."""
    record(events.RECEIPT_VIEWED, by=by, at=at, concern_id=concern_id, ref=ref)
