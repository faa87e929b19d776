"""The record as JSON and as canonical bytes."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharing.answers import Fact, Item, Person
from sharing.record import Record, canonical, digest, from_json, to_json
from sharing.rules import find_problems
from sharing.vocabulary import DecisionKind
from tests.build.decisions import (
    FACTS,
    against_a_refusal,
    agreed,
    change,
    change_first_item,
    not_shared,
    not_shared_about_a_child,
)

anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("record", [Record(), agreed(), against_a_refusal(), not_shared(), not_shared_about_a_child()])
def test_a_record_comes_back_from_its_json_as_it_was(record: Record) -> None:
    text = json.dumps(to_json(record))
    assert from_json(json.loads(text)) == record


def test_half_filled_drafts_open() -> None:
    record = from_json(
        {
            "people": [{"key": "7", "told": "yesterday"}, {"name": "no key"}, 5],
            "facts": [{"words": "Seen.", "on": "31 February"}],
            "grounds": [{"code": "C2", "answer": "applies"}, {"code": "C99"}],
            "likely": {"answer": 5, "purposes": ["protect_child", 7]},
            "gone_field": True,
        }
    )
    assert [p.key for p in record.people] == ["7"]
    assert record.facts == (Fact("Seen."),)
    assert record.ground("C2").applies
    assert len(record.grounds) == 11
    assert record.likely.answer == ""
    assert record.likely.purposes == ("protect_child",)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from([*to_json(Record()), "x"]), anything) | anything)
def test_any_json_opens_as_a_draft_that_the_rules_can_read(data: Any) -> None:
    record = from_json(data)
    assert from_json(to_json(record)) == record
    find_problems(record, FACTS)


def test_canonical_bytes_do_not_depend_on_order_or_spacing() -> None:
    """RFC 8785, section 3.2: no white space, names sorted by UTF-16 code units, characters as they are."""
    assert canonical({"b": [1, True, None], "a": "é\n"}) == '{"a":"é\\n","b":[1,true,null]}'.encode()


def test_canonical_of_a_signed_record_is_stable() -> None:
    content = canonical(to_json(agreed()))
    assert content == canonical(json.loads(json.dumps(to_json(agreed()))))
    assert digest(content) == hashlib.sha256(content).hexdigest()
    assert digest(content) != digest(canonical(to_json(change_first_item(agreed(), what="£81 is drawn each Tuesday."))))


def test_moments_are_kept_in_utc() -> None:
    at = datetime.fromisoformat("2026-07-01T10:00:00+01:00")
    record = change(agreed(), start=change(agreed().start, shared_at=at))
    assert to_json(record)["start"]["shared_at"] == "2026-07-01T09:00:00+00:00"
    assert from_json(to_json(record)).start.shared_at == datetime(2026, 7, 1, 9, tzinfo=UTC)


def test_half_a_character_cannot_be_signed() -> None:
    with pytest.raises(ValueError, match="UTF-8"):
        canonical({"words": "\ud83d"})


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (Record(), None),
        (agreed(), DecisionKind.WITH_AGREEMENT),
        (against_a_refusal(), DecisionKind.WITHOUT_AGREEMENT),
        (not_shared(), DecisionKind.NOT_SHARE),
        (change(agreed(), decision=change(agreed().decision, choice="share_part")), DecisionKind.PART),
        (change(agreed(), decision=change(agreed().decision, choice="defer")), DecisionKind.DEFER),
    ],
)
def test_kind_of_decision(record: Record, kind: DecisionKind | None) -> None:
    assert record.kind == kind


def test_somebody_of_unknown_age_counts_as_a_child() -> None:
    assert not Person("1", life_stage="unknown", is_at_risk=True).is_adult
    assert change(agreed(), people=(Person("1", life_stage="unknown", is_at_risk=True),)).children_at_risk


def test_nothing_is_included_until_somebody_includes_it() -> None:
    assert Record(items=(Item("Her diagnosis"),)).included == ()
