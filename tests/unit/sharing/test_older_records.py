"""What was written before VR5 was asked by item, VR8 by person and R57 of each opens, and reads as before.

The documents here have the shape that was signed then, put together by hand.
"""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest

from sharing.reading import Later, Reader, parts
from sharing.record import from_json, to_json
from sharing.rules import find_problems
from sharing.signed import Signer, document_of
from tests.build.decisions import FACTS, against_a_refusal

AT = datetime(2026, 3, 16, 10, 0, tzinfo=UTC)


def older() -> dict[str, Any]:
    """The answers of a decision as they were kept then."""
    answers: dict[str, Any] = deepcopy(to_json(against_a_refusal()))
    for ground in answers["grounds"]:
        for name in ("others", "others_named", "unidentified", "unidentified_child"):
            del ground[name]
        ground |= {"others": "", "others_child": "", "child_route": "", "within_scope": ""}
    c2 = next(ground for ground in answers["grounds"] if ground["code"] == "C2")
    c2 |= {"others": "Sam, and his friend", "others_child": "yes", "child_route": "yes"}
    c9 = next(ground for ground in answers["grounds"] if ground["code"] == "C9")
    c9 |= {"answer": "applies", "evidence": "Served.", "scope": "The tenancy file", "within_scope": "no"}
    del answers["likely"]["others_safety"]
    answers["likely"]["safety"] = "She is safe tonight. Her son needs help."
    for person in answers["people"]:
        del person["support"]
    for item in answers["items"]:
        del item["beyond_scope"]
    return answers


def document() -> dict[str, Any]:
    made = document_of(
        against_a_refusal(), reference="ISD-2222-2222", version=1, concern="SC-2222-2222",
        service_area="Housing management", signer=Signer("Priya Shah", "Officer", ()), at=AT, problems=(), second=None,
        is_restricted=False, before=None,
    )  # fmt: skip
    return {**made, "record": older()}


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("Others at risk: Sam, and his friend", 7),
        ("A child among them: Yes", 7),
        ("Route for the child started: Yes", 7),
        ("Items within scope: No", 7),
        ("('Safety and support of everyone', 'She is safe tonight. Her son needs help.')", 8),
    ],
)
@pytest.mark.parametrize("masked", [True, False])
def test_a_record_signed_before_reads_as_it_was_signed(words: str, part: int, masked: bool) -> None:
    found = parts(Reader(document(), masked=masked, on_paper=masked), Later())
    # Whoever is at risk besides, named in words, is a third party on paper.
    expected = words.replace("Sam", "a third party") if masked else words
    assert expected in repr(found[part - 1])
    assert len(found) == 20


def test_a_draft_kept_before_opens_with_every_word_that_was_typed() -> None:
    record = from_json(older())
    c2 = record.ground("C2")
    assert (c2.others, c2.unidentified, c2.unidentified_child) == ((), "Sam, and his friend", "yes")
    assert record.likely.others_safety == "She is safe tonight. Her son needs help."
    asked = {problem.field for problem in find_problems(record, FACTS)}
    assert {"grounds.C2.others", "items.0.beyond_scope", "people.7.support.safety"} <= asked
    assert from_json(to_json(record)) == record


def test_what_no_item_said_is_asked_again_where_the_order_is_the_only_ground() -> None:
    answers = older()
    for ground in answers["grounds"]:
        if ground["code"] == "C2":
            ground["answer"] = "does_not"
    fields = {problem.field for problem in find_problems(from_json(answers), FACTS)}
    assert "items.0.beyond_scope" in fields
    assert not any("within_scope" in field for field in fields)
