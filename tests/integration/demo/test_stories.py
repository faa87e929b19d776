"""What the demo tells: no two reports alike, every blank filled, the same each time, and never beyond its moment."""

from datetime import UTC, datetime, timedelta

import pytest

from concerns.rules import intake_problems
from safeguarding.demo.calendar import arrivals, first_day
from safeguarding.demo.plan import POSES, Act, Life, life_of, posed

OPENED = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def all_lives(opened_at: datetime, until: datetime | None = None) -> list[Life]:
    raised = arrivals(7, opened_at=opened_at, until=until or opened_at)
    return [life_of(7, number, raised_at=moment) for number, moment in enumerate(raised)]


@pytest.fixture(scope="module")
def lives() -> list[Life]:
    return all_lives(OPENED)


def test_six_whole_quarters_come_before_the_one_of_today() -> None:
    assert first_day(OPENED).isoformat() == "2025-04-01"
    assert first_day(datetime(2027, 1, 1, 0, 30, tzinfo=UTC)).isoformat() == "2025-07-01"
    assert first_day(datetime(2026, 3, 31, 23, 30, tzinfo=UTC)).isoformat() == "2024-10-01"  # April in London already


@pytest.mark.parametrize("day", range(0, 366, 13))
def test_three_hundred_or_more_whatever_the_day(day: int) -> None:
    opened_at = OPENED + timedelta(days=day)
    assert 300 <= sum(1 for _ in arrivals(7, opened_at=opened_at, until=opened_at)) <= 330


def test_reports_are_sound_and_no_two_are_alike(lives: list[Life]) -> None:
    assert len({life.intake.facts for life in lives}) == len(lives)
    for life in lives:
        assert not intake_problems(life.intake, at=life.steps[0].at)
        for text in (life.intake.facts, life.intake.said, life.intake.opinion, life.intake.place):
            assert not set("{}") & set(text)
            assert not text or text[0].isupper() or text[0] in "“0123456789"


def test_the_same_story_is_told_each_time_and_goes_on_where_it_was_left(lives: list[Life]) -> None:
    assert all_lives(OPENED) == lives
    later = all_lives(OPENED, OPENED + timedelta(days=60))
    assert later[: len(lives)] == lives
    assert 20 < len(later) - len(lives) < 50


def test_every_life_runs_from_report_to_closing(lives: list[Life]) -> None:
    for life in lives:
        acts = [step.act for step in life.steps]
        assert acts[0] == Act.RAISE
        assert acts[-1] == Act.AGREE_CLOSURE
        assert acts.index(Act.ACKNOWLEDGE) < acts.index(Act.TRIAGE) < acts.index(Act.PROPOSE_CLOSURE)


def test_something_of_each_kind_waits_at_the_opening_and_is_taken_up_the_next_day(lives: list[Life]) -> None:
    held = posed(lives, opened_at=OPENED)
    for act in POSES:
        waiting = [
            life
            for life in held
            for before, after in zip(life.steps, life.steps[1:], strict=False)
            if before.act == act and before.at <= OPENED < after.at <= OPENED + timedelta(days=4)
        ]
        assert waiting, act
    assert [life.number for life in held] == list(range(len(lives)))
