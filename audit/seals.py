"""What a seal is, without any database: Merkle roots (RFC 6962) over events, chained by SHA-256.

These few lines of hashing stand here instead of a library: pymerkle wants a storage backend of its own, and whoever
checks a seal years from now should need nothing but SHA-256, RFC 6962 and RFC 8785.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import rfc8785

GENESIS = "0" * 64  # what stands before the first seal


@dataclass(frozen=True)
class Leaf:
    """One event as it was sealed: its id and the digest of its content (hex)."""

    event_id: int
    digest: str

    def hashed(self) -> bytes:
        """The leaf hash: the id takes part, so that two events cannot change places."""
        return hashlib.sha256(b"\x00" + f"{self.event_id}:{self.digest}".encode()).digest()


def merkle_root(leaves: Sequence[Leaf]) -> str:
    """The RFC 6962 tree hash (hex) of the leaves in their order; of no leaf, the hash of nothing."""
    if not leaves:
        return hashlib.sha256(b"").hexdigest()
    level = [leaf.hashed() for leaf in leaves]
    while len(level) > 1:
        # Pairing neighbours and carrying an odd one up gives RFC 6962's tree: full to the left at each split.
        paired = [hashlib.sha256(b"\x01" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        level = paired + level[len(paired) * 2 :]
    return level[0].hex()


def seal_digest(*, number: int, at: datetime, through_id: int, count: int, root: str, previous_digest: str) -> str:
    """SHA-256 (hex) of the canonical JSON of a seal. With `number`, this is what is kept outside the database."""
    content: dict[str, str | int] = {
        "number": number,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "through_id": through_id,
        "count": count,
        "root": root,
        "previous_digest": previous_digest,
    }
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()
