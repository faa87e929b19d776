"""What a DASH checklist means for a MARAC (V5, X4); expected values by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from concerns.dash import DashDetails, Thresholds, band_of, bases_of, may_be_assessed, problems_with
from concerns.limits import BY_CODE, Code, Limits, problem_with
from concerns.vocabulary import MaracBasis

SEEN_IN_USE = Thresholds()
TODAY = date(2026, 2, 3)
SOUND = DashDetails(
    assessed_on=TODAY, assessor="PC Lund", score=16, own_view="She is afraid to go home.", is_high_by_judgement=False
)


@pytest.mark.parametrize(
    ("score", "band"),
    [
        (None, ""), (0, "No ticks"), (1, "Standard"), (9, "Standard"), (10, "Medium"), (13, "Medium"), (14, "High"),
        (24, "High"),
    ],
)  # fmt: skip
def test_bands_as_seen_in_use(score: int | None, band: str) -> None:
    assert band_of(score, SEEN_IN_USE) == band


@pytest.mark.parametrize(
    ("score", "judgement", "incidents", "expected"),
    [
        (13, False, 2, []),
        (14, False, None, ["dash"]),
        (13, False, 3, ["escalation"]),
        # A low score never stands against judgement, and no judgement never lowers a high score.
        (0, True, 0, ["judgement"]),
        (20, False, 0, ["dash"]),
        (None, True, 5, ["judgement", "escalation"]),
        (24, True, 9, ["dash", "judgement", "escalation"]),
        (None, False, None, []),
    ],
)
def test_what_calls_for_a_marac(score: int | None, judgement: bool, incidents: int | None, expected: list[str]) -> None:
    found = bases_of(score=score, is_high_by_judgement=judgement, incidents=incidents, thresholds=SEEN_IN_USE)
    assert found == tuple(MaracBasis(each) for each in expected)


def test_thresholds_come_from_the_limits_in_force_and_can_only_be_made_lower() -> None:
    assert Thresholds.of(Limits()) == Thresholds(10, 14, 3)
    assert Thresholds.of(Limits({Code.DASH_HIGH: 12})) == Thresholds(10, 12, 3)
    for code, most in ((Code.DASH_MEDIUM, 10), (Code.DASH_HIGH, 14), (Code.DASH_INCIDENTS, 3)):
        assert problem_with(BY_CODE[code], most) is None
        assert problem_with(BY_CODE[code], most + 1) is not None
        assert problem_with(BY_CODE[code], 0) is not None


@pytest.mark.parametrize(
    ("stage", "age", "expected"),
    [
        ("adult", None, True), ("adult", 58, True), ("child", 16, True), ("child", 15, False), ("child", None, True),
        ("unborn", None, False), ("unknown", None, True),
    ],
)  # fmt: skip
def test_who_can_be_assessed(stage: str, age: int | None, expected: bool) -> None:
    """D13: 16 and over; somebody whose age nobody knows is not shut out."""
    assert may_be_assessed(stage, age) is expected


@pytest.mark.parametrize(
    ("details", "field"),
    [
        (replace(SOUND, assessed_on=None), "assessed_on"),
        (replace(SOUND, assessed_on=date(2026, 2, 4)), "assessed_on"),
        (replace(SOUND, assessor=" "), "assessor"),
        (replace(SOUND, score=None), "score"),
        (replace(SOUND, score=25), "score"),
        (replace(SOUND, score=-1), "score"),
        (replace(SOUND, not_scored_reason="Not safe."), "not_scored_reason"),
        (replace(SOUND, own_view=""), "own_view"),
        (replace(SOUND, is_high_by_judgement=None), "is_high_by_judgement"),
        (replace(SOUND, is_high_by_judgement=True), "judgement_reason"),
        (replace(SOUND, incidents=-1), "incidents"),
    ],
)
def test_what_is_missing_is_said_by_field(details: DashDetails, field: str) -> None:
    assert list(problems_with(details, today=TODAY)) == [field]


@pytest.mark.parametrize(
    "details",
    [
        SOUND,
        replace(SOUND, score=0),
        replace(SOUND, score=24),
        replace(SOUND, score=None, not_scored_reason="He would not leave the room."),
        replace(SOUND, own_view="", own_view_not_asked="Nobody has reached her yet."),
        replace(SOUND, is_high_by_judgement=True, judgement_reason="Strangled twice."),
        replace(SOUND, incidents=0),
    ],
)
def test_what_is_sound_passes(details: DashDetails) -> None:
    assert problems_with(details, today=TODAY) == {}
