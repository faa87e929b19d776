"""Who is responsible next (domain.md 2.3). Pure: candidates and facts in, one choice out.

The ladder: 1 the reporter's line manager (only until triage is done, never of a protected reporter), 2 champions of the
concern's area, 3 other champions, 4 Safeguarding Lead, 5 deputy and operational lead, 6 designated senior manager, 7
chief executive.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from accounts.vocabulary import Role
from concerns.vocabulary import HolderCause, Urgency

# The rungs above the champions (domain.md 2.3).
LEAD_LEVEL = (
    Role.SAFEGUARDING_LEAD,
    Role.DEPUTY_LEAD,
    Role.OPERATIONAL_LEAD,
    Role.DESIGNATED_SENIOR_MANAGER,
    Role.CHIEF_EXECUTIVE,
)


class Rung(IntEnum):
    LINE_MANAGER = 1
    AREA_CHAMPION = 2
    OTHER_CHAMPION = 3
    LEAD = 4
    DEPUTY = 5
    DESIGNATED_SENIOR_MANAGER = 6
    CHIEF_EXECUTIVE = 7


@dataclass(frozen=True)
class Candidate:
    """A person on a rung, with what decides among equals: on duty, fewest open concerns, longest since the last one."""

    user_id: int
    rung: Rung
    is_available: bool
    open_concerns: int = 0
    last_assigned_at: datetime | None = None
    # For the concern's area; for a champion of another area, for any.
    is_on_duty: bool = False


@dataclass(frozen=True)
class Choice:
    """`is_unattended`: it had to be somebody on duty, and nobody is. The concern is theirs all the same."""

    user_id: int
    rung: Rung
    is_ladder_exhausted: bool = False
    is_unattended: bool = False


def needs_duty(urgency: str, *, is_working_time: bool) -> bool:
    """R28: out of hours emergencies and urgent concerns go to people on duty; a standard one waits for working time."""
    return urgency != Urgency.STANDARD and not is_working_time


def choose(
    candidates: Iterable[Candidate],
    *,
    may_not: frozenset[int],
    denied: frozenset[int],
    above: Rung | None = None,
    wants_duty: bool = False,
    first: int | None = None,
) -> Choice | None:
    """The first candidate who passes, from the lowest rung up; with `above`, only rungs higher than that.

    `may_not` holds everyone who may not hold this concern now: the reporter, the barred and recused, whoever an
    implicated person manages, whoever was passed over on this case. `denied` is the part of it that nothing overrides
    (barred and recused). With `wants_duty` people on duty come before all others, whatever their rung. `first` covers
    for somebody away and comes before the rungs. When nobody passes, the ladder is exhausted and the concern still
    goes to a named person: the highest candidate on the upper rungs who is not denied, away or not; None when even
    that fails.
    """
    everyone = sorted(candidates, key=_order)
    passing = [
        candidate
        for candidate in everyone
        if candidate.is_available and candidate.user_id not in may_not and (above is None or candidate.rung > above)
    ]
    covering = [candidate for candidate in passing if candidate.user_id == first]
    on_duty = [candidate for candidate in passing if candidate.is_on_duty] if wants_duty else []
    if wants_duty:
        covering = [candidate for candidate in covering if candidate.is_on_duty]
    for candidate in (*covering, *on_duty, *passing):
        is_unattended = wants_duty and not candidate.is_on_duty
        return Choice(candidate.user_id, candidate.rung, is_unattended=is_unattended)
    for rung in (
        Rung.DESIGNATED_SENIOR_MANAGER,
        Rung.CHIEF_EXECUTIVE,
        Rung.LEAD,
        Rung.DEPUTY,
    ):
        for candidate in everyone:
            if candidate.rung == rung and candidate.user_id not in denied:
                return Choice(candidate.user_id, candidate.rung, is_ladder_exhausted=True, is_unattended=wants_duty)
    return None


def _order(candidate: Candidate) -> tuple[int, bool, int, float, int]:
    last = candidate.last_assigned_at.timestamp() if candidate.last_assigned_at else 0.0
    return (candidate.rung, not candidate.is_on_duty, candidate.open_concerns, last, candidate.user_id)


def cause_of_first(
    choice: Choice,
    *,
    manager_id: int | None,
    away: frozenset[int],
    shut_out: bool,
    wants_duty: bool = False,
    cover_id: int | None = None,
) -> HolderCause:
    """Why a new concern went where it went (R27, R28): recorded with the assignment.

    `shut_out`: the line manager may not hold it (implicated, or the reporter's name is protected).
    """
    if choice.is_ladder_exhausted:
        return HolderCause.LADDER_EXHAUSTED
    if choice.rung == Rung.LINE_MANAGER:
        return HolderCause.LINE_MANAGER
    if manager_id is None:
        return HolderCause.NO_MANAGER
    if shut_out:
        return HolderCause.MANAGER_IMPLICATED
    if manager_id in away:
        return HolderCause.COVERING if choice.user_id == cover_id else HolderCause.MANAGER_ABSENT
    if wants_duty and not choice.is_unattended:
        return HolderCause.ON_DUTY
    return HolderCause.MANAGER_IMPLICATED
