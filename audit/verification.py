"""Reads the whole ledger once, in order, and says exactly where it is not what was sealed."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import DatabaseError
from django.db.models import Max, Q

from audit import seals, settling
from audit.models import Event, Seal

_CHUNK = 2000
_FIRST = 1  # events and seals are numbered from here
# What reading or hashing a row raises that holds bytes which no `record` ever wrote.
_UNREADABLE = (ValueError, TypeError, AttributeError, OverflowError, DatabaseError)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: what happened to which event or seal."""

    # altered, swapped, removed, inserted, never_drawn, seal_altered, seal_inserted, seal_missing, seal_rewritten,
    # anchor_differs
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


def verify(anchors: dict[int, str] | None = None) -> Verification:
    """Check every seal, every event and the chain between them, holding a few thousand rows at a time.

    `anchors` are digests of seals, by number, that somebody kept outside the database: only they show that the end of
    the chain was rewritten as a whole.
    """
    result = Verification()
    altered: dict[int, tuple[str, str]] = {}  # id: (digest as sealed, digest as found)
    # What is sealed while we read waits for the next check: its events are beyond the last seal that we know of.
    last = Seal.objects.aggregate(number=Max("number"))["number"] or 0
    sealed = _sealed_leaves(result, anchors or {}, last)
    leaf = next(sealed, None)
    drawn = settling.highest_ids().drawn
    for event in _events():
        result.events += 1
        found = _digest_now(event)
        if event.id > drawn:  # recorded since we asked, or forged
            drawn = settling.highest_ids().drawn
        is_drawn = event.id <= drawn
        if not is_drawn:
            words = f"Event {event.id} was put in: the database never gave out its number."
            _find(result, "never_drawn", event.id, words)
        while leaf and leaf.event_id < event.id:
            _removed(result, leaf)
            leaf = next(sealed, None)
        if leaf and leaf.event_id == event.id:
            if found != leaf.digest or event.digest != leaf.digest:
                altered[event.id] = (leaf.digest, found)
            leaf = next(sealed, None)
        elif is_drawn and (leaf or event.id < _FIRST):
            _find(result, "inserted", event.id, f"Event {event.id} was inserted after its neighbours had been sealed.")
        elif is_drawn:
            result.unsealed += 1
            if found != event.digest:
                altered[event.id] = (event.digest, found)
    while leaf:
        _removed(result, leaf)
        leaf = next(sealed, None)
    _name_altered(result, altered)
    return result


def _events() -> Iterator[Event]:
    """Every event in order of id. One that can't even be read (SQLite takes any bytes) comes with nothing but its id
    and the digest that stands beside it."""
    beyond = Q()  # from the very first row: nothing stands in front of where we begin to read
    while True:
        page = Event.objects.filter(beyond).order_by("id")[:_CHUNK]
        try:
            events = list(page)
        except _UNREADABLE:
            events = [_read_alone(event_id) for event_id in page.values_list("id", flat=True)]
        if not events:
            return
        yield from events
        beyond = Q(id__gt=events[-1].pk)


def _read_alone(event_id: int) -> Event:
    try:
        return Event.objects.get(pk=event_id)
    except _UNREADABLE:
        return Event(pk=event_id)


def _digest_now(event: Event) -> str:
    """The digest of what the row says now; "" for what was never written by `record` (no moment, no JSON object)."""
    try:
        return event.content_digest()
    except _UNREADABLE:
        return ""


def _seals(through: int) -> Iterator[tuple[int, Seal | None]]:
    """Every seal up to `through` in order, one at a time (each may hold thousands of leaves); None for unreadable."""
    beyond = Q()
    while True:
        after = Seal.objects.filter(beyond, number__lte=through).order_by("number")
        found = after.values_list("number", flat=True).first()
        if found is None:
            return
        number, beyond = found, Q(number__gt=found)
        try:
            seal = Seal.objects.get(number=number)
            seal.content_digest(), seal.events()
        except _UNREADABLE:
            yield number, None
        else:
            yield number, seal


def _sealed_leaves(result: Verification, anchors: dict[int, str], through: int) -> Iterator[seals.Leaf]:
    """Every sealed event in order, checking each seal on the way."""
    previous = seals.GENESIS
    expected = _FIRST
    trusted = 0  # the last event under a seal that is as it was kept outside
    for number, seal in _seals(through):
        result.seals += 1
        if number < _FIRST:
            _find(result, "seal_inserted", number, f"Seal {number} was inserted: seals are numbered from 1.")
            continue
        if number > expected:
            alone = number == expected + 1  # else one sentence for all: a forged number may be a very large one
            gone = f"Seal {expected} was removed." if alone else f"Seals {expected} to {number - 1} are missing."
            _find(result, "seal_missing", expected, gone)
        if seal is None:
            _find(result, "seal_altered", number, f"Seal {number} is forged: it can’t even be read.")
            expected = number + 2  # what the one after it should follow is lost with it
            continue
        leaves = seal.events()
        if (
            seal.root != seals.merkle_root(leaves)
            or seal.digest != seal.content_digest()
            or not leaves
            or seal.through_id != leaves[-1].event_id
        ):
            _find(result, "seal_altered", seal.number, f"Seal {seal.number} is forged: it does not fit its own digest.")
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
        yield from leaves
    for number in sorted(number for number in anchors if number >= expected):
        _find(
            result,
            "seal_missing",
            number,
            f"Seal {number}, which was kept outside, is gone, with what came after event {trusted}.",
        )


def _name_altered(result: Verification, altered: dict[int, tuple[str, str]]) -> None:
    holders = {found: event_id for event_id, (_, found) in altered.items()}
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
