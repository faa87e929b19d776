"""What becomes of each concern, decided beforehand: a life is its report and the steps that people take afterwards.

Pure: the same seed and number give the same life, however often and however much later it is asked for. Who takes a
step is not decided here; that follows from who holds the concern when its time comes.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum, auto

from concerns.intake import Intake
from concerns.vocabulary import RiskLevel
from safeguarding.demo.calendar import LONDON
from safeguarding.demo.reports import Report, write_report
from safeguarding.kit.working_time import add_working_days, add_working_hours, is_working_day

REVIEW_DAYS: Mapping[str, int] = {RiskLevel.LOW: 28, RiskLevel.MEDIUM: 14, RiskLevel.HIGH: 7}


class Act(StrEnum):
    """What somebody does with a concern, or the clock does by itself (SWEEP)."""

    RAISE = auto()
    SWEEP = auto()
    ACKNOWLEDGE = auto()
    DECLINE = auto()
    NOTE = auto()
    HAND_ON = auto()
    TRIAGE = auto()
    SHARE = auto()
    SECOND_SHARE = auto()
    SEND = auto()
    CONFIRM = auto()
    AGENCY_ACKNOWLEDGES = auto()
    AGENCY_DECLINES = auto()
    SETTLE = auto()
    NEWS = auto()
    OUTCOME = auto()
    NOT_SHARE = auto()
    AGREE_NOT_SHARE = auto()
    REFUSE_NOT_SHARE = auto()
    CONTACT = auto()
    FEEDBACK = auto()
    REVIEW = auto()
    OUTCOMES_ASKED = auto()
    PROPOSE_CLOSURE = auto()
    AGREE_CLOSURE = auto()
    REFUSE_CLOSURE = auto()
    NOT_SATISFIED = auto()
    ANSWER = auto()


DECIDED = frozenset({Act.SHARE, Act.SECOND_SHARE, Act.NOT_SHARE, Act.AGREE_NOT_SHARE, Act.REFUSE_NOT_SHARE})


@dataclass(frozen=True, order=True)
class Step:
    """One act on the concern with this number. Steps are taken in this order."""

    at: datetime
    number: int
    act: Act = field(compare=False)


@dataclass(frozen=True)
class Life:
    """A concern from its report on. `risk` is the level that the holder will find."""

    number: int
    report: Report
    risk: RiskLevel
    steps: tuple[Step, ...]

    @property
    def intake(self) -> Intake:
        return self.report.intake


def life_of(seed: int, number: int, *, raised_at: datetime) -> Life:
    """The life of concern `number`, raised at `raised_at` (aware)."""
    dice = random.Random(f"{seed}:life:{number}")  # noqa: S311  (a story, no secret)
    report = write_report(dice, at=raised_at)
    risk = _risk(dice, report)
    writer = _Writer(number, raised_at, dice, hurry=report.is_hasty)
    writer.take(Act.RAISE, timedelta())
    _begin(writer, report)
    if dice.random() < (0.55 if report.is_hasty else 0.36) or report.has_child:
        _share(writer)
    else:
        _keep_inside(writer)
    _review(writer, risk)
    _close(writer)
    return Life(number, report, risk, tuple(sorted(writer.steps)))


# What is to be seen waiting when the demo is opened: for a second person's view, for agreement to close, in dispute.
POSES = (Act.NOT_SHARE, Act.PROPOSE_CLOSURE, Act.AGENCY_DECLINES)
# Rather in the area of the champions whom the table of sign-ins names.
SHOWN, RECENT = "housing", timedelta(days=9)
JUST_NOW, HELD_BACK = timedelta(hours=2), timedelta(hours=22)


def posed(lives: Sequence[Life], *, opened_at: datetime) -> list[Life]:
    """The same lives, but one for each of POSES has come to that step just before `opened_at` and waits there a day."""
    found = list(lives)
    taken: set[int] = set()
    for act in POSES:
        near = [
            (life.report.area == SHOWN and opened_at - step.at < RECENT, step.at, life.number)
            for life in found
            for step in life.steps
            if step.act == act and step.at <= opened_at and life.number not in taken
        ]
        if near:
            _, came_at, number = max(near)
            life = found[number]
            taken.add(life.number)
            found[life.number] = _held(life, came_at, opened_at=opened_at)
    return found


def _held(life: Life, came_at: datetime, *, opened_at: datetime) -> Life:
    shift = max(opened_at - JUST_NOW - came_at, timedelta())
    steps = [
        step
        if step.at < came_at
        else replace(step, at=step.at + shift + (HELD_BACK if step.at > came_at else timedelta()))
        for step in life.steps
    ]
    return replace(life, steps=tuple(steps))


class _Writer:
    """Puts one step after another. In a `hurry` people go on after hours; otherwise only office hours count."""

    def __init__(self, number: int, at: datetime, dice: random.Random, *, hurry: bool) -> None:
        self.number, self.at, self.dice, self.hurry = number, at, dice, hurry
        self.steps: list[Step] = []

    def take(self, act: Act, after: timedelta) -> datetime:
        self.at += after
        self.steps.append(Step(self.at, self.number, act))
        return self.at

    def after_hours(self, act: Act, least: float, most: float) -> datetime:
        """`act` follows `least` to `most` hours after the step before."""
        hours = self.dice.uniform(least, most)
        then = self.at + timedelta(hours=hours) if self.hurry else add_working_hours(self.at, hours)
        return self.take(act, then - self.at)

    def after_days(self, act: Act, least: int, most: int) -> datetime:
        """`act` follows on a later working day."""
        then = add_working_days(self.at, self.dice.randint(least, most))
        return self.take(act, then + timedelta(minutes=self.dice.randint(3, 90)) - self.at)

    def aside(self, act: Act, at: datetime) -> None:
        """`act` happens at `at` without the rest waiting for it."""
        self.steps.append(Step(at, self.number, act))


def _risk(dice: random.Random, report: Report) -> RiskLevel:
    if report.is_hasty:
        return RiskLevel.HIGH if dice.random() < 0.6 else RiskLevel.MEDIUM
    return dice.choices([RiskLevel.LOW, RiskLevel.MEDIUM, RiskLevel.HIGH], [4, 5, 1])[0]


def _begin(writer: _Writer, report: Report) -> None:
    dice = writer.dice
    if report.intake.is_immediate_danger:
        writer.take(Act.ACKNOWLEDGE, timedelta(minutes=dice.randint(2, 13)))
    elif dice.random() < 0.07:
        # Nobody looks in time: the clock moves it up the ladder.
        limit = (
            add_working_hours(writer.at, 4) if not report.intake.needs_action_today else writer.at + timedelta(hours=1)
        )
        writer.take(Act.SWEEP, limit + timedelta(minutes=1) - writer.at)
        writer.take(Act.ACKNOWLEDGE, timedelta(minutes=dice.randint(5, 40)))
    elif report.intake.needs_action_today:
        writer.take(Act.ACKNOWLEDGE, timedelta(minutes=dice.randint(6, 52)))
    else:
        if dice.random() < 0.05:
            writer.after_hours(Act.DECLINE, 0.2, 1.5)
        writer.after_hours(Act.ACKNOWLEDGE, 0.2, 3.4)
    if dice.random() < 0.35:
        writer.after_hours(Act.NOTE, 0.1, 0.6)
    if dice.random() < 0.25:
        writer.after_hours(Act.HAND_ON, 0.1, 0.5)
    writer.after_hours(Act.TRIAGE, 0.3, 1.6)


def _share(writer: _Writer) -> None:
    dice = writer.dice
    decided = writer.after_hours(Act.SHARE, 0.2, 1.2)
    # Taken only where a second person has to sign: against an adult's wish, say, or about staff (domain.md 3.4).
    writer.after_hours(Act.SECOND_SHARE, 0.1, 0.9)
    writer.aside(Act.FEEDBACK, add_working_hours(decided, dice.uniform(1, 13)))
    sent = writer.after_hours(Act.SEND, 0.2, 1.5)
    writer.hurry = False
    writer.aside(Act.CONFIRM, add_working_hours(sent, dice.uniform(2, 7.5)))
    if dice.random() < 0.12:
        writer.after_days(Act.AGENCY_DECLINES, 1, 2)
        writer.after_days(Act.SETTLE, 1, 1)
    elif dice.random() < 0.75:
        writer.after_hours(Act.AGENCY_ACKNOWLEDGES, 1.5, 7.5)
    else:
        writer.after_days(Act.AGENCY_ACKNOWLEDGES, 1, 3)
    acknowledged = writer.at
    outcome = writer.after_days(Act.OUTCOME, *((3, 13) if dice.random() < 0.86 else (22, 38)))
    # The agency is asked how it stands at least every ten working days (T8).
    while (asked := add_working_days(acknowledged, dice.randint(7, 9))) < outcome:
        writer.aside(Act.NEWS, asked)
        acknowledged = asked
    if dice.random() < 0.05:
        writer.aside(Act.NOT_SATISFIED, add_working_days(outcome, 1))
        writer.aside(Act.ANSWER, add_working_hours(add_working_days(outcome, 1), 5))
        writer.at = add_working_days(outcome, 2)
    writer.at = add_working_days(writer.at, dice.randint(3, 9))


def _keep_inside(writer: _Writer) -> None:
    dice = writer.dice
    signed = writer.after_hours(Act.NOT_SHARE, 0.2, 1.2)
    writer.hurry = False
    # The decision promises to be in touch again within three days.
    writer.aside(Act.CONTACT, add_working_hours(signed, 9))
    if dice.random() < 0.08:
        writer.after_hours(Act.REFUSE_NOT_SHARE, 0.5, 3)
        _share(writer)
        return
    agreed = writer.after_hours(Act.AGREE_NOT_SHARE, 0.3, 3.6)
    writer.aside(Act.FEEDBACK, add_working_hours(agreed, dice.uniform(1, 13)))
    writer.at = add_working_days(writer.at, dice.randint(6, 20))


def _review(writer: _Writer, risk: RiskLevel) -> None:
    """Reviews from triage until closing is proposed: before each is due, and now and then a day late."""
    dice = writer.dice
    gap = timedelta(days=REVIEW_DAYS[risk])
    last = next(step.at for step in writer.steps if step.act == Act.TRIAGE)
    decided = max(step.at for step in writer.steps if step.act in DECIDED)
    while True:
        late = dice.random() < 0.06
        at = last + gap + timedelta(hours=20) if late else _in_office(dice, last + gap - timedelta(days=1))
        if at >= writer.at:
            return
        last = max(at, decided + timedelta(hours=1))
        writer.aside(Act.REVIEW, last)


def _in_office(dice: random.Random, moment: datetime) -> datetime:
    """Some time in office hours on the day of `moment`, or on the last working day before it."""
    day = moment.astimezone(LONDON).date()
    while not is_working_day(day):
        day -= timedelta(days=1)
    return datetime.combine(day, time(9), tzinfo=LONDON) + timedelta(minutes=dice.randint(5, 460))


def _close(writer: _Writer) -> None:
    dice = writer.dice
    writer.after_hours(Act.OUTCOMES_ASKED, 0.2, 2)
    writer.after_hours(Act.PROPOSE_CLOSURE, 0.1, 0.5)
    if dice.random() < 0.07:
        writer.after_hours(Act.REFUSE_CLOSURE, 1, 9)
        writer.after_days(Act.PROPOSE_CLOSURE, 2, 5)
    writer.after_hours(Act.AGREE_CLOSURE, 0.5, 11)
