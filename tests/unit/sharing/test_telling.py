"""Whom to ask whether they know what was shared, and what silence means (R99); expected values by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from sharing.answers import Informed, Person
from sharing.record import Record
from sharing.telling import Told, by_silence, problems_with, to_ask
from tests.build.decisions import CHILD, JEAN

TODAY = date(2026, 3, 17)
TOMORROW = date(2026, 3, 18)


def test_everybody_is_asked_about_but_a_child_not_yet_born() -> None:
    unborn = replace(CHILD, key="9", name="Baby", life_stage="unborn")
    asked = to_ask(Record(people=(JEAN, CHILD, unborn)))
    assert [(each.key, each.is_child) for each in asked] == [(JEAN.key, False), (CHILD.key, True)]


@pytest.mark.parametrize(
    ("informed", "expected"),
    [
        (Informed(), Told("later", TOMORROW)),
        (Informed("yes", TODAY), Told("yes", TODAY, "Told before it was sent, as the decision says.")),
        (Informed("no", reason="He reads her phone."), Told("unsafe", None, "He reads her phone.")),
        (Informed("later", date(2026, 3, 20), "On Friday."), Told("later", date(2026, 3, 20), "On Friday.")),
    ],
)
def test_silence_means_what_the_decision_says_else_a_task(informed: Informed, expected: Told) -> None:
    assert by_silence(replace(JEAN, informed=informed), due=TOMORROW) == expected


def test_silence_sends_nobody_to_a_possible_source_of_risk() -> None:
    him = Person(key="8", name="Omar", life_stage="adult", is_source_of_risk=True)
    assert by_silence(him, due=TOMORROW) is None
    assert by_silence(replace(him, is_at_risk=True), due=TOMORROW) == Told("later", TOMORROW), "at risk too (R116)"


@pytest.mark.parametrize(
    ("told", "fields"),
    [
        (Told(), set()),  # R39: no answer never stops recording that it was sent
        (Told("yes", TODAY, "At home, by Priya."), set()),
        (Told("yes"), {"told_7_on", "told_7_words"}),
        (Told("yes", TOMORROW, "At home."), {"told_7_on"}),
        (Told("later", TODAY), set()),
        (Told("later"), {"told_7_on"}),
        (Told("later", date(2026, 3, 16)), {"told_7_on"}),
        (Told("unsafe", None, "He is always there."), set()),
        (Told("unsafe", None, " "), {"told_7_words"}),
    ],
)
def test_each_answer_is_whole(told: Told, fields: set[str]) -> None:
    assert set(problems_with({"7": told}, today=TODAY)) == fields
