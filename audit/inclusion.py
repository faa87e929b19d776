"""Proof that one event was sealed, checked offline: no database, no Django, only SHA-256, RFC 6962 and RFC 8785.

A proof is plain JSON: what the event says, its Merkle path, and the seal that it leads to. It shows that this event
stood in that seal. That the seal itself is genuine shows a copy kept outside the database: the daily mail, or another
exported record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit import canonical, seals

FORMAT = "safeguarding-inclusion-1"

_HEX = frozenset("0123456789abcdef")


class InvalidProof(ValueError):
    """The proof does not hold; the text says in which place, and quotes nothing from it."""


@dataclass(frozen=True)
class Included:
    """What a sound proof shows: this event, with this content, stands in this seal."""

    event_id: int
    content: Mapping[str, Any]
    seal_number: int
    seal_digest: str
    sealed_at: datetime

    @property
    def seal(self) -> str:
        """As it is mailed, printed and given to `verify_ledger --expect`."""
        return f"{self.seal_number}:{self.seal_digest}"


def make_proof(
    *, event_id: int, content: Mapping[str, Any], leaves: Sequence[seals.Leaf], seal: Mapping[str, Any]
) -> dict[str, Any]:
    """The proof for the event `event_id`, which says `content` and is one of `leaves` under `seal`.

    Raises InvalidProof when it is not one of them, or says something else than it did when it was sealed.
    """
    index = next((place for place, leaf in enumerate(leaves) if leaf.event_id == event_id), None)
    if index is None:
        raise InvalidProof("The event is not in this seal.")
    path = [
        {"side": "left" if step.is_left else "right", "digest": step.digest}
        for step in seals.merkle_path(leaves, index)
    ]
    proof = {
        "format": FORMAT,
        "event": {"id": event_id, "content": dict(content)},
        "path": path,
        "seal": dict(seal),
    }
    verify_inclusion(proof)
    return proof


def verify_inclusion(proof: Any, *, kept: Mapping[int, str] | None = None) -> Included:
    """What `proof` shows. Raises InvalidProof when anything in it does not fit, whatever it is given.

    `kept` are digests of seals, by number, from outside the database: one of the same number must be the same.
    """
    try:
        event_id, content, path, seal = _read(proof)
        leaf = seals.Leaf(event_id, canonical.digest_of_content(content))
        at = datetime.fromisoformat(seal["at"])
        digest = seals.seal_digest(
            seals.seal_content(
                number=seal["number"],
                at=at,
                through_id=seal["through_id"],
                count=seal["count"],
                root=seal["root"],
                previous_digest=seal["previous_digest"],
            )
        )
    except InvalidProof:
        raise
    except (KeyError, TypeError, ValueError, RecursionError, OverflowError, AttributeError):
        raise InvalidProof("This is not a proof of inclusion.") from None
    if seals.root_through(leaf, path) != seal["root"]:
        raise InvalidProof("The event does not lead to the root of the seal.")
    if digest != seal["digest"]:
        raise InvalidProof("The seal does not fit its own digest.")
    if (kept or {}).get(seal["number"], digest) != digest:
        raise InvalidProof("The seal is not the one that was kept outside.")
    return Included(event_id, content, seal["number"], digest, at)


def _read(proof: Any) -> tuple[int, dict[str, Any], list[seals.Sibling], dict[str, Any]]:
    if proof["format"] != FORMAT:
        raise InvalidProof("The format of this proof is not known.")
    event, seal = proof["event"], dict(proof["seal"])
    numbers = (event["id"], seal["number"], seal["through_id"], seal["count"])
    if not all(type(number) is int and number > 0 for number in numbers):
        raise InvalidProof("A number in the proof is none.")
    if not all(_is_digest(seal[name]) for name in ("root", "previous_digest", "digest")):
        raise InvalidProof("A digest in the proof is none.")
    path = []
    for step in proof["path"]:
        if step["side"] not in ("left", "right") or not _is_digest(step["digest"]):
            raise InvalidProof("A step of the path is none.")
        path.append(seals.Sibling(step["side"] == "left", step["digest"]))
    if len(path) > seal["count"].bit_length():
        raise InvalidProof("The path is longer than the tree is high.")
    if event["id"] > seal["through_id"]:
        raise InvalidProof("The event is later than its seal.")
    return event["id"], dict(event["content"]), path, seal


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 64 and _HEX.issuperset(value)
