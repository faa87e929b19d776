"""Reads the whole ledger once, in order, and says exactly where it is not what was sealed."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DatabaseError
from django.db.models import Case, Max, Q, QuerySet, TextField, When
from django.db.models.functions import Cast, Length

from audit import kept, seals, settling
from audit.models import Event, Seal
from audit.selectors import CLOCKS_DIFFER
from safeguarding.kit.clock import now

_CHUNK = 2000
_FIRST = 1  # events and seals are numbered from here
# Events that vouch for rows are looked at so many at a time: each row may hold many pages of words.
_ROWS_AT_ONCE = 200
# So many letters of JSON are read of one event and of one seal: several times what `record` and `seal` ever write.
_LONGEST_DATA = 20_000
_LONGEST_LEAVES = 500 * seals.MOST_PER_SEAL
_NONE_LEFT: tuple[int, seals.Leaf | None] = (0, None)
# What reading or hashing a row raises that holds bytes which no `record` ever wrote.
_UNREADABLE = (ValueError, TypeError, AttributeError, OverflowError, RecursionError, DatabaseError)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: what happened to which event or seal."""

    # altered, swapped, removed, inserted, never_drawn, of_time_to_come, rows_altered, seal_altered, seal_inserted,
    # seal_goes_back, seal_missing, seal_of_time_to_come, seal_rewritten, anchor_differs
    what: str
    number: int  # the event's id, or the seal's number
    sentence: str


@dataclass
class Verification:
    """What a complete check found. `newest` is the last seal as "number:digest", to be kept outside the database."""

    findings: list[Finding] = field(default_factory=list)
    events: int = 0
    unsealed: int = 0
    seals: int = 0
    newest: str = ""

    @property
    def is_sound(self) -> bool:
        """Nothing was found."""
        return not self.findings


def verify(anchors: dict[int, str] | None = None, *, at: datetime | None = None) -> Verification:
    """Check every seal, every event, the chain between them and the rows that events vouch for, holding a few thousand
    rows at a time. It is `at` now (default: this instant).

    `anchors` are digests of seals, by number, that somebody kept outside the database: only they show that the end of
    the chain was rewritten as a whole.
    """
    result = Verification()
    latest = (at or now()) + CLOCKS_DIFFER
    vouching: list[Event] = []  # for rows, which are still to be looked at
    altered: dict[int, tuple[str, str]] = {}  # id: (digest as sealed, digest as found)
    # What is recorded or sealed while we read waits for the next check.
    last = Seal.objects.aggregate(number=Max("number"))["number"] or 0
    sealed = _sealed_leaves(result, anchors or {}, last, latest)
    number, leaf = next(sealed, _NONE_LEFT)
    drawn = settling.highest_ids().drawn
    newest = Event.objects.aggregate(id=Max("pk"))["id"] or 0
    for event in _events(up_to=newest):
        result.events += 1
        found = _digest_now(event)
        if event.id > drawn:  # recorded since we asked, or forged
            drawn = settling.highest_ids().drawn
        is_drawn = event.id <= drawn
        if not is_drawn:
            words = f"Event {event.id} was put in: the database never gave out its number."
            _find(result, "never_drawn", event.id, words)
        if found and event.at > latest:
            words = f"Event {event.id} is of a time to come: it is forged, or a clock was wrong."
            _find(result, "of_time_to_come", event.id, words)
        if found and kept.vouches(event):
            vouching.append(event)
            if len(vouching) == _ROWS_AT_ONCE:
                _name_rows(result, vouching)
        while leaf and leaf.event_id < event.id:
            _removed(result, leaf)
            number, leaf = next(sealed, _NONE_LEFT)
        if leaf and leaf.event_id == event.id:
            if not found or found != leaf.digest or event.digest != leaf.digest:
                altered[event.id] = (leaf.digest, found)
            number, leaf = next(sealed, _NONE_LEFT)
        elif is_drawn and (leaf or event.id < _FIRST):
            # Whoever may add a seal may also leave an event out of it: nothing here tells which of the two it was.
            words = f"Event {event.id} was inserted after its neighbours had been sealed"
            left_out = f", or seal {number} is forged and left it out" if leaf and event.id >= _FIRST else ""
            _find(result, "inserted", event.id, f"{words}{left_out}.")
        elif is_drawn:
            result.unsealed += 1
            if not found or found != event.digest:
                altered[event.id] = (event.digest, found)
    while leaf:
        _removed(result, leaf)
        number, leaf = next(sealed, _NONE_LEFT)
    _name_rows(result, vouching)
    _name_altered(result, altered)
    return result


def _events(*, up_to: int) -> Iterator[Event]:
    """Every event in order of id, to the one with the id `up_to`. One that can't even be read (SQLite takes any bytes)
    comes with nothing but its id and the digest that stands beside it.
    """
    # From the very first row: nothing stands in front of where we begin to read.
    beyond = Q(id__lte=up_to)
    while True:
        page = _of_bearable_length().filter(beyond).order_by("id")[:_CHUNK]
        try:
            events = [_whole(event) for event in page]
        except _UNREADABLE:
            events = [_read_alone(event_id) for event_id in page.values_list("id", flat=True)]
        if not events:
            return
        yield from events
        beyond = Q(id__gt=events[-1].pk, id__lte=up_to)


def _of_bearable_length() -> QuerySet[Any]:
    """Events, each with what it says as `bearable`: None where that is longer than anything `record` writes."""
    length = Length(Cast("data", TextField()))
    bearable = Case(When(length__lte=_LONGEST_DATA, then="data"))
    return Event.objects.defer("data").alias(length=length).annotate(bearable=bearable)


def _whole(event: Any) -> Event:
    event.data = event.bearable
    found: Event = event
    return found


def _read_alone(event_id: int) -> Event:
    try:
        return _whole(_of_bearable_length().get(pk=event_id))
    except _UNREADABLE:
        return Event(pk=event_id)


def _digest_now(event: Event) -> str:
    """The digest of what the row says now; "" for what was never written by `record` (no moment, no labels)."""
    try:
        return event.content_digest() if isinstance(event.data, dict) else ""
    except _UNREADABLE:
        return ""


@dataclass(frozen=True)
class _Read:
    """A seal with its leaves and the root that they lead to."""

    seal: Seal
    leaves: list[seals.Leaf]
    root: str


def _seals(through: int) -> Iterator[tuple[int, _Read | None]]:
    """Every seal up to `through` in order, one at a time (each may hold thousands of leaves); None for what no sealing
    ever wrote."""
    beyond = Q()
    while True:
        after = Seal.objects.filter(beyond, number__lte=through).order_by("number")
        found = after.values_list("number", flat=True).first()
        if found is None:
            return
        number, beyond = found, Q(number__gt=found)
        yield number, _read_seal(number)


def _read_seal(number: int) -> _Read | None:
    length = Length(Cast("leaves", TextField()))
    try:
        seal = Seal.objects.alias(length=length).filter(number=number, length__lte=_LONGEST_LEAVES).first()
        if seal is None or type(seal.through_id) is not int:  # SQLite takes words for a number
            return None
        leaves = seal.events()
        seal.content_digest()
        return _Read(seal, leaves, seals.merkle_root(leaves))
    except _UNREADABLE:
        return None


def _sealed_leaves(
    result: Verification, anchors: dict[int, str], through: int, latest: datetime
) -> Iterator[tuple[int, seals.Leaf]]:
    """Every sealed event in order, once, with the number of its seal; checks each seal on the way."""
    previous = seals.GENESIS
    expected = _FIRST
    covered = 0  # the last event under any seal so far
    trusted = 0  # the last event under a seal that is as it was kept outside
    for number, read in _seals(through):
        result.seals += 1
        if number < _FIRST:
            _find(result, "seal_inserted", number, f"Seal {number} was inserted: seals are numbered from 1.")
            continue
        if number > expected:
            alone = number == expected + 1  # else one sentence for all: a forged number may be a very large one
            gone = f"Seal {expected} was removed." if alone else f"Seals {expected} to {number - 1} are missing."
            _find(result, "seal_missing", expected, gone)
        if read is None:
            _find(result, "seal_altered", number, f"Seal {number} is forged: it can’t even be read.")
            expected = number + 2  # what the one after it should follow is lost with it
            continue
        seal, leaves = read.seal, read.leaves
        if (
            seal.root != read.root
            or seal.digest != seal.content_digest()
            or not leaves
            or seal.through_id != leaves[-1].event_id
        ):
            _find(result, "seal_altered", seal.number, f"Seal {seal.number} is forged: it does not fit its own digest.")
        if leaves and leaves[0].event_id <= covered:
            words = f"Seal {seal.number} is forged, or built on one that is: it covers what was sealed before."
            _find(result, "seal_goes_back", seal.number, words)
        if seal.at > latest:
            words = f"Seal {seal.number} is of a time to come: it is forged, or a clock was wrong."
            _find(result, "seal_of_time_to_come", seal.number, words)
        if expected == seal.number and seal.previous_digest != previous:
            _find(
                result,
                "seal_rewritten",
                seal.number,
                f"Seal {seal.number} does not follow seal {seal.number - 1}: one of the two was rewritten.",
            )
        if seal.digest != anchors.get(seal.number, seal.digest):
            _find(
                result,
                "anchor_differs",
                seal.number,
                f"Seal {seal.number} is not the one that was kept outside: the ledger was rewritten, "
                f"somewhere from event {trusted + 1} to event {seal.through_id}.",
            )
        elif seal.number in anchors:
            trusted = seal.through_id
        previous, expected = seal.digest, seal.number + 1
        result.newest = f"{seal.number}:{seal.digest}"
        # What is sealed a second time says nothing about an event: taken for the first time, it would accuse them all.
        yield from ((seal.number, leaf) for leaf in leaves if leaf.event_id > covered)
        covered = max(covered, leaves[-1].event_id if leaves else 0)
    for number in sorted(number for number in anchors if number >= expected):
        _find(
            result,
            "seal_missing",
            number,
            f"Seal {number}, which was kept outside, is gone, with what came after event {trusted}.",
        )


def _name_rows(result: Verification, vouching: list[Event]) -> None:
    """Look at the rows that these events vouch for, and forget the events."""
    try:
        altered = kept.altered(vouching)
    except _UNREADABLE:
        altered = [event for event in vouching if _is_altered(event)]
    for event in altered:
        words = f"What event {event.id} recorded was altered or removed: {kept.names_in(event)}."
        _find(result, "rows_altered", event.id, words)
    vouching.clear()


def _is_altered(event: Event) -> bool:
    try:
        return bool(kept.altered([event]))
    except _UNREADABLE:
        return True


def _name_altered(result: Verification, altered: dict[int, tuple[str, str]]) -> None:
    holders = {found: event_id for event_id, (_, found) in altered.items() if found}
    for event_id, (sealed, found) in sorted(altered.items()):
        other = holders.get(sealed)
        if other is not None and other != event_id and altered[other][0] == found:
            _find(result, "swapped", event_id, f"Event {event_id} changed places with event {other}.")
        else:
            _find(result, "altered", event_id, f"Event {event_id} was altered.")


def _removed(result: Verification, leaf: seals.Leaf) -> None:
    _find(result, "removed", leaf.event_id, f"Event {leaf.event_id} was removed.")


def _find(result: Verification, what: str, number: int, sentence: str) -> None:
    result.findings.append(Finding(what, number, sentence))
