"""Reads the whole ledger once, in order, and says exactly where it is not what was sealed."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from audit import seals
from audit.models import Event, Seal


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: what happened to which event or seal."""

    what: str  # altered, swapped, removed, inserted, seal_altered, seal_missing, seal_rewritten, anchor_differs
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
    sealed = _sealed_leaves(result, anchors or {})
    leaf = next(sealed, None)
    for event in Event.objects.order_by("id").iterator(chunk_size=2000):
        result.events += 1
        found = event.content_digest()
        while leaf and leaf.event_id < event.id:
            _removed(result, leaf)
            leaf = next(sealed, None)
        if leaf and leaf.event_id == event.id:
            if found != leaf.digest or event.digest != leaf.digest:
                altered[event.id] = (leaf.digest, found)
            leaf = next(sealed, None)
        elif leaf:
            _find(result, "inserted", event.id, f"Event {event.id} was inserted after its neighbours had been sealed.")
        else:
            result.unsealed += 1
            if found != event.digest:
                altered[event.id] = (event.digest, found)
    while leaf:
        _removed(result, leaf)
        leaf = next(sealed, None)
    _name_altered(result, altered)
    return result


def _sealed_leaves(result: Verification, anchors: dict[int, str]) -> Iterator[seals.Leaf]:
    """Every sealed event in order, checking each seal on the way."""
    previous = seals.GENESIS
    expected = 1
    for seal in Seal.objects.order_by("number").iterator(chunk_size=5):
        result.seals += 1
        for number in range(expected, seal.number):
            _find(result, "seal_missing", number, f"Seal {number} was removed.")
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
                f"Seal {seal.number} is not the one that was kept outside: the ledger was rewritten up to there.",
            )
        previous, expected = seal.digest, seal.number + 1
        result.newest = f"{seal.number}:{seal.digest}"
        yield from leaves
    for number in sorted(number for number in anchors if number >= expected):
        _find(result, "seal_missing", number, f"Seal {number}, which was kept outside, is gone.")


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
