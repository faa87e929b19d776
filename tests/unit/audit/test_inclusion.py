"""A proof of inclusion holds for what was sealed and for nothing else, without any database."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import canonical, seals
from audit.inclusion import InvalidProof, make_proof, verify_inclusion

AT = datetime(2026, 5, 5, 10, 0, tzinfo=UTC)
MOST = 33


def content(number: int) -> dict[str, Any]:
    return canonical.content(
        at=AT, code="test.moved", actor_id=number, subject_type="", subject_id=None, concern_id=7, ref="SC-AAAA-BBBB",
        reason_digest="", data={"step": number},
    )  # fmt: skip


def leaves(count: int) -> list[seals.Leaf]:
    return [seals.Leaf(number, canonical.digest_of_content(content(number))) for number in range(1, count + 1)]


def seal(count: int) -> dict[str, Any]:
    said = seals.seal_content(
        number=3, at=AT, through_id=count, count=count, root=seals.merkle_root(leaves(count)),
        previous_digest=seals.GENESIS,
    )  # fmt: skip
    return {**said, "digest": seals.seal_digest(said)}


def proof(number: int, count: int) -> dict[str, Any]:
    return make_proof(event_id=number, content=content(number), leaves=leaves(count), seal=seal(count))


@pytest.mark.parametrize("count", range(1, MOST))
def test_every_event_of_every_tree_has_a_proof(count: int) -> None:
    for number in range(1, count + 1):
        shown = verify_inclusion(json.loads(json.dumps(proof(number, count))))
        assert (shown.event_id, shown.content["data"], shown.seal_number) == (number, {"step": number}, 3)
        assert shown.seal == f"3:{seal(count)['digest']}"
        assert shown.sealed_at == AT


def test_the_path_is_the_one_of_the_rfc() -> None:
    # RFC 6962, 2.1.3: with seven leaves, the path of the last is [the pair before it, the first four].
    path = seals.merkle_path(leaves(7), 6)
    a, b, c, d, e, f, _ = (leaf.hashed() for leaf in leaves(7))
    pair, first_four = seals._level_above([e, f])[0], seals._level_above(seals._level_above([a, b, c, d]))[0]
    assert path == [seals.Sibling(True, pair.hex()), seals.Sibling(True, first_four.hex())]


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The place of every single value in the proof."""
    if isinstance(value, dict):
        return [found for key, each in value.items() for found in places(each, (*at, key))]
    if isinstance(value, list):
        return [found for key, each in enumerate(value) for found in places(each, (*at, key))]
    return [at]


@given(st.data())
def test_one_changed_value_anywhere_breaks_it(data: st.DataObject) -> None:
    broken = copy.deepcopy(proof(5, 11))
    *way, last = data.draw(st.sampled_from(places(broken)))
    holder: Any = broken
    for key in way:
        holder = holder[key]
    old = holder[last]
    other = st.one_of(st.none(), st.integers(), st.text(), st.booleans(), st.lists(st.integers()), st.floats())
    new = data.draw(other.filter(lambda value: value != old or type(value) is not type(old)))
    if isinstance(old, str) and old.count("") > 64:  # a digest: one letter differs
        new = data.draw(st.sampled_from([new, old[:-1] + ("0" if old[-1] != "0" else "1"), old.upper() + " "]))
    holder[last] = new
    with pytest.raises(InvalidProof):
        verify_inclusion(broken)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_anything_else_is_no_proof(anything: Any) -> None:
    with pytest.raises(InvalidProof):
        verify_inclusion(anything)


def test_a_part_that_is_missing_is_said_to_be_no_proof() -> None:
    for part in ("format", "event", "path", "seal"):
        broken = proof(5, 11)
        del broken[part]
        with pytest.raises(InvalidProof):
            verify_inclusion(broken)


def test_a_seal_that_was_kept_outside_must_be_the_same() -> None:
    sound = proof(5, 11)
    assert verify_inclusion(sound, kept={3: sound["seal"]["digest"], 4: "0" * 64}).event_id == 5
    with pytest.raises(InvalidProof, match="kept outside"):
        verify_inclusion(sound, kept={3: "0" * 64})


def test_no_proof_is_made_of_what_was_not_sealed() -> None:
    with pytest.raises(InvalidProof, match="not in this seal"):
        make_proof(event_id=99, content=content(99), leaves=leaves(11), seal=seal(11))
    with pytest.raises(InvalidProof, match="root"):
        make_proof(event_id=5, content=content(6), leaves=leaves(11), seal=seal(11))
