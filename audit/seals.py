"""What a seal is, without any database: Merkle roots (RFC 6962) over events, chained by SHA-256.

These few lines of hashing stand here instead of a library: pymerkle wants a storage backend of its own, and whoever
checks a seal years from now should need nothing but SHA-256, RFC 6962 and RFC 8785.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785

GENESIS = "0" * 64  # what stands before the first seal
# Bounds the size of one seal; after a day without sealing several follow each other.
MOST_PER_SEAL = 5_000


@dataclass(frozen=True)
class Leaf:
    """One event as it was sealed: its id and the digest of its content (hex)."""

    event_id: int
    digest: str

    def hashed(self) -> bytes:
        """The leaf hash: the id takes part, so that two events cannot change places."""
        return hashlib.sha256(b"\x00" + f"{self.event_id}:{self.digest}".encode()).digest()


def read_leaves(rows: Any) -> list[Leaf]:
    """The leaves that `rows` of the database are. Raises ValueError for what no sealing writes: anything but
    [id, digest] in order of id, or more than fit into one seal."""
    if not isinstance(rows, list) or len(rows) > MOST_PER_SEAL:
        raise ValueError("These are no leaves of a seal.")
    leaves: list[Leaf] = []
    for row in rows:
        if not (isinstance(row, list) and len(row) == 2 and type(row[0]) is int and isinstance(row[1], str)):
            raise ValueError("A leaf of this seal is none.")
        if leaves and row[0] <= leaves[-1].event_id:
            raise ValueError("The leaves of this seal are not in order.")
        leaves.append(Leaf(*row))
    return leaves


def merkle_root(leaves: Sequence[Leaf]) -> str:
    """The RFC 6962 tree hash (hex) of the leaves in their order; of no leaf, the hash of nothing."""
    if not leaves:
        return hashlib.sha256(b"").hexdigest()
    level = [leaf.hashed() for leaf in leaves]
    while len(level) > 1:
        level = _level_above(level)
    return level[0].hex()


@dataclass(frozen=True)
class Sibling:
    """One step from a leaf to the root: the hash (hex) of the neighbour, and whether it stands on the left."""

    is_left: bool
    digest: str


def merkle_path(leaves: Sequence[Leaf], index: int) -> list[Sibling]:
    """The RFC 6962 audit path of the leaf at `index`: with it, `root_through` reaches `merkle_root(leaves)`."""
    path: list[Sibling] = []
    level = [leaf.hashed() for leaf in leaves]
    while len(level) > 1:
        neighbour = index ^ 1
        if neighbour < len(level):
            path.append(Sibling(neighbour < index, level[neighbour].hex()))
        level = _level_above(level)
        index //= 2
    return path


def root_through(leaf: Leaf, path: Sequence[Sibling]) -> str:
    """The root (hex) that `leaf` leads to along `path`."""
    found = leaf.hashed()
    for step in path:
        other = bytes.fromhex(step.digest)
        found = hashlib.sha256(b"\x01" + (other + found if step.is_left else found + other)).digest()
    return found.hex()


def _level_above(level: Sequence[bytes]) -> list[bytes]:
    # Pairing neighbours and carrying an odd one up gives RFC 6962's tree: full to the left at each split.
    paired = [hashlib.sha256(b"\x01" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
    return [*paired, *level[len(paired) * 2 :]]


def seal_content(
    *, number: int, at: datetime, through_id: int, count: int, root: str, previous_digest: str
) -> dict[str, str | int]:
    """All that a seal says, as it is hashed. `at` enters in UTC to the microsecond."""
    return {
        "number": number,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "through_id": through_id,
        "count": count,
        "root": root,
        "previous_digest": previous_digest,
    }


def seal_digest(content: Mapping[str, str | int]) -> str:
    """SHA-256 (hex) of the canonical JSON of a seal. With its number, this is what is kept outside the database."""
    return hashlib.sha256(rfc8785.dumps(dict(content))).hexdigest()
