"""The DASH checklist and what it means for a MARAC (V5, X4). Pure.

Three things each call for a MARAC referral: a high score, somebody's professional judgement, and escalation. None of
them takes away from another: a low score never stands against judgement, and judgement never lowers a score.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from concerns.limits import Code, Limits
from concerns.vocabulary import LifeStage, MaracBasis

MOST_TICKS = 24
MOST_INCIDENTS = 999
# D13: domestic abuse is between people of 16 and over; under 16 it is abuse of a child.
OLD_ENOUGH = 16


@dataclass(frozen=True)
class Thresholds:
    """From how many ticks the risk is medium and high, and how many incidents in 12 months are an escalation."""

    medium_from: int = 10
    high_from: int = 14
    incidents_from: int = 3

    @classmethod
    def of(cls, limits: Limits) -> Thresholds:
        return cls(
            limits.value(Code.DASH_MEDIUM), limits.value(Code.DASH_HIGH), limits.value(Code.DASH_INCIDENTS)
        )  # fmt: skip


@dataclass(frozen=True)
class DashDetails:
    """One completed checklist, or why there is none (`score` None and `not_scored_reason`)."""

    assessed_on: date | None
    assessor: str
    score: int | None = None
    not_scored_reason: str = ""
    own_view: str = ""
    own_view_not_asked: str = ""
    is_high_by_judgement: bool | None = None
    judgement_reason: str = ""
    # None when nobody knows.
    incidents: int | None = None


def band_of(score: int | None, thresholds: Thresholds) -> str:
    """ "Standard", "Medium" or "High" as seen in use; nothing without a score, and no band for no tick at all."""
    if score is None:
        return ""
    if score >= thresholds.high_from:
        return "High"
    if score >= thresholds.medium_from:
        return "Medium"
    return "Standard" if score else "No ticks"


def bases_of(
    *, score: int | None, is_high_by_judgement: bool, incidents: int | None, thresholds: Thresholds
) -> tuple[MaracBasis, ...]:
    """What calls for a MARAC referral, in the order of the list; empty when nothing does."""
    found = {
        MaracBasis.DASH: score is not None and score >= thresholds.high_from,
        MaracBasis.JUDGEMENT: is_high_by_judgement,
        MaracBasis.ESCALATION: incidents is not None and incidents >= thresholds.incidents_from,
    }
    return tuple(basis for basis in MaracBasis if found[basis])


def may_be_assessed(life_stage: str, age: int | None) -> bool:
    """Whether the checklist is for this person: not an unborn child, and nobody known to be under 16 (D13)."""
    if life_stage == LifeStage.UNBORN:
        return False
    if age is not None:
        return age >= OLD_ENOUGH
    return True


def problems_with(details: DashDetails, *, today: date) -> dict[str, list[str]]:
    """What is missing or contradicts itself, by field."""
    problems: dict[str, list[str]] = {}
    if details.assessed_on is None:
        problems["assessed_on"] = ["Enter the date of the assessment."]
    elif details.assessed_on > today:
        problems["assessed_on"] = ["The date must not be in the future."]
    if not details.assessor.strip():
        problems["assessor"] = ["Enter who did the assessment."]
    if details.score is None and not details.not_scored_reason.strip():
        problems["score"] = ["Enter the score, or write below why the questions could not be asked."]
    elif details.score is not None and not 0 <= details.score <= MOST_TICKS:
        problems["score"] = [f"The score is a number from 0 to {MOST_TICKS}."]
    elif details.score is not None and details.not_scored_reason.strip():
        problems["not_scored_reason"] = ["Give the score or the reason for none, not both."]
    if not (details.own_view.strip() or details.own_view_not_asked.strip()):
        problems["own_view"] = ["Write how the person sees the risk, or why you could not ask."]
    if details.is_high_by_judgement is None:
        problems["is_high_by_judgement"] = ["Say whether the risk is high in your professional judgement."]
    elif details.is_high_by_judgement and not details.judgement_reason.strip():
        problems["judgement_reason"] = ["Write what makes the risk high in your judgement."]
    if details.incidents is not None and not 0 <= details.incidents <= MOST_INCIDENTS:
        problems["incidents"] = ["Enter how many incidents there were, for example 3."]
    return problems
