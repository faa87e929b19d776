"""What a person still answers for in the apps above, and how it is passed on when they go away or leave for good.

`accounts` stands below those apps and knows none of them: each registers a question, and a way to pass things on, when
it starts (house: "when a lower floor must know of a higher one").
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Duty:
    """So many things of one kind rest with a person, in words for a sentence: "open concerns"."""

    count: int
    words: str


class PassOn(Protocol):
    """Passes on what rests with a person; what nobody else can take stays, and `of` counts it."""

    def __call__(self, person_id: int, *, cover_id: int | None, at: datetime) -> None: ...


_ways: list[PassOn] = []
# The id of a person, and of whoever is shown the answer: None for the service itself, which counts everything.
Question = Callable[[int, int | None], Duty]
_questions: list[Question] = []


def register(question: Question) -> None:
    """Have `question` asked before that person is deactivated. Registering twice does nothing."""
    if question not in _questions:
        _questions.append(question)


def of(person_id: int, *, viewer_id: int | None = None) -> Sequence[Duty]:
    """What rests with the person now; kinds of which there is nothing are left out.

    For `viewer_id` as if what they are shut out of did not exist: a number too many would tell them of it (I3).
    """
    return [duty for question in _questions if (duty := question(person_id, viewer_id)).count]


class CloseWays(Protocol):
    """Ends what opens a case to a person by name: all of it, or with `role` (or "champion") what that part gave."""

    def __call__(self, person_id: int, *, role: str, by_id: int | None, at: datetime) -> None: ...


_closings: list[CloseWays] = []


def register_closing(way: CloseWays) -> None:
    """Have `way` called, in the same transaction, when a person's part in cases ends. Twice does nothing."""
    if way not in _closings:
        _closings.append(way)


def close_ways(person_id: int, *, role: str = "", by_id: int | None, at: datetime) -> None:
    """What was opened to the person by name closes: they left, or never read a case from now on, or `role` ended.

    Called with the person's row locked, as is whoever opens something to them: so that nothing slips in between.
    """
    for way in _closings:
        way(person_id, role=role, by_id=by_id, at=at)


def register_pass_on(way: PassOn) -> None:
    """Have `way` called, in the same transaction, when a person goes away or is deactivated. Twice does nothing."""
    if way not in _ways:
        _ways.append(way)


def pass_on(person_id: int, *, cover_id: int | None, at: datetime) -> None:
    """Whatever rests with the person goes to others now, to `cover_id` first where they may take it.

    Call it before the person's own row is locked: the apps above lock their things first and people after them.
    """
    for way in _ways:
        way(person_id, cover_id=cover_id, at=at)


class Leaving(Protocol):
    """Says to somebody what a person who has left for good leaves unfinished, and nobody else can finish for them."""

    def __call__(self, person_id: int, *, at: datetime) -> None: ...


_leavings: list[Leaving] = []


def register_leaving(way: Leaving) -> None:
    """Have `way` called, in the same transaction, when a person has been deactivated. Twice does nothing."""
    if way not in _leavings:
        _leavings.append(way)


def tell_of_left(person_id: int, *, at: datetime) -> None:
    """What the person began and can't finish any more comes to somebody's notice. Called with their row locked."""
    for way in _leavings:
        way(person_id, at=at)
