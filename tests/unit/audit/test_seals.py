"""Merkle roots as RFC 6962, section 2.1, defines them; the digests were worked out with sha256sum."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from audit.canonical import digest_of_text
from audit.seals import GENESIS, Leaf, merkle_root, seal_content, seal_digest


def tree_hash(leaves: Sequence[Leaf]) -> bytes:
    """The RFC's own recursive wording: split at the largest power of two smaller than n."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + f"{leaves[0].event_id}:{leaves[0].digest}".encode()).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + tree_hash(leaves[:split]) + tree_hash(leaves[split:])).digest()


def test_no_leaf_is_the_hash_of_nothing() -> None:
    assert merkle_root([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_one_leaf_is_its_own_hash() -> None:
    # printf '\x001:ab' | sha256sum
    assert merkle_root([Leaf(1, "ab")]) == "bccf0eb25fbe0467797a17b6648ebb6a904c5cc4a0a159d7ee65ae572ea5a36b"


@given(st.lists(st.text("0123456789abcdef", min_size=64, max_size=64), min_size=1, max_size=40))
def test_the_root_is_the_rfcs_tree_hash(digests: list[str]) -> None:
    leaves = [Leaf(number, digest) for number, digest in enumerate(digests, start=1)]
    assert merkle_root(leaves) == tree_hash(leaves).hex()


def test_two_events_cannot_change_places() -> None:
    a, b = "a" * 64, "b" * 64
    assert merkle_root([Leaf(1, a), Leaf(2, b)]) != merkle_root([Leaf(1, b), Leaf(2, a)])


def test_a_seal_is_hashed_as_canonical_json_in_utc() -> None:
    # printf '{"at":"2026-05-04T09:00:00.000000+00:00","count":1,"number":1,"previous_digest":"<64 zeros>",
    # "root":"ab","through_id":1}' (on one line) | sha256sum
    in_london = datetime(2026, 5, 4, 10, 0, tzinfo=timezone(timedelta(hours=1)))
    digest = "ff8a811c38a0b2349cc58a6e518820861e184913524d8464af44d809dc437f29"
    for at in (in_london, datetime(2026, 5, 4, 9, 0, tzinfo=UTC)):
        found = seal_digest(seal_content(number=1, at=at, through_id=1, count=1, root="ab", previous_digest=GENESIS))
        assert found == digest


def test_no_reason_has_no_digest() -> None:
    assert digest_of_text("") == ""
    # printf 'because' | sha256sum
    assert digest_of_text("because") == "a511aeeeb8a119931a67038a63b7974faee48712de1c79391ebe2c9b929678e9"
