"""Is what was written sound? Pure functions; each answers with sentences for the person who wrote it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from concerns.intake import Intake, IntakePerson
from concerns.vocabulary import Implicated, LifeStage, PersonRole, RiskLevel, Urgency

ADULT_AT = 18
# Long enough for whatever somebody pastes in at the kerb (scenario 22: 200 KB); a page of print holds about 3,000.
LONGEST_TEXT = 250_000

# How long a reporter reads their own words after the concern was closed (domain.md 5, "own, until closed + 30 d").
OWN_WORDS_FOR = timedelta(days=30)

Problems = dict[str, list[str]]


def intake_problems(intake: Intake, *, at: datetime) -> Problems:
    """What stops a concern from being sent, by field: very little does (R1, R2; t1 of domain.md 2.2)."""
    problems: Problems = {}
    if not any(text.strip() for text in (intake.facts, intake.said, intake.hearsay, intake.opinion)):
        problems["facts"] = ["Write what you saw, heard or were told. A few words are enough."]
    if not (intake.people or intake.place.strip() or intake.is_person_unknown):
        problems["people"] = ["Say who it is about, or where it was, or tick “I don’t know who”."]
    if intake.noticed_at is not None and intake.noticed_at > at:
        problems["noticed_at"] = ["The date and time you noticed it can’t be in the future."]
    return problems


def urgency_of(intake: Intake) -> Urgency:
    """V20. Immediate danger makes an emergency; the reporter can say that it can't wait until tomorrow."""
    if intake.is_immediate_danger:
        return Urgency.EMERGENCY
    return Urgency.URGENT if intake.needs_action_today else Urgency.STANDARD


def is_restricted(intake: Intake) -> bool:
    """R41, R43: staff implicated, or raised past the manager, restricts the concern to the few who must know."""
    named = bool(intake.implicated_staff_ids) or any(person.staff_id for person in intake.people)
    return named or intake.is_hidden_from_manager or intake.implicated in (Implicated.MANAGER, Implicated.OTHER_STAFF)


def protects_reporter(intake: Intake, *, named: frozenset[int], above: frozenset[int]) -> bool:
    """R43: whether it goes past somebody who manages the reporter, so that few are told who reported it: at their wish,
    or because one of those `above` them is `named` as implicated.

    Who has nobody on record above them is told to look for their manager among other staff, so whom they accuse of
    those may be it.
    """
    if intake.is_hidden_from_manager or intake.implicated == Implicated.MANAGER:
        return True
    if not above:
        return bool(named) or intake.implicated == Implicated.OTHER_STAFF
    return not above.isdisjoint(named)


def shows_own_words(*, is_contractor: bool, is_restricted: bool, closed_at: datetime | None, at: datetime) -> bool:
    """Whether a reporter's receipt holds what they wrote, at `at` (domain.md 5).

    Until 30 days after closing, then it is a receipt only. A contractor's worker has their text as sent, but of a
    restricted concern the receipt alone; and never for longer than a member of staff.
    """
    if is_contractor and is_restricted:
        return False
    return closed_at is None or at < closed_at + OWN_WORDS_FOR


def age_on(born: date, day: date) -> int:
    """Whole years between `born` and `day`; somebody born on 29 February has their birthday on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def life_stage(person: IntakePerson, *, on: date) -> LifeStage:
    """R24: from birth date, else the estimated age, else what the reporter said. Unknown stays unknown.

    A 17-year-old is a child even as a tenant (I19).
    """
    if person.stage == LifeStage.UNBORN or person.expected_date is not None:
        return LifeStage.UNBORN
    age = age_on(person.date_of_birth, on) if person.date_of_birth else person.estimated_age
    if age is not None:
        return LifeStage.CHILD if age < ADULT_AT else LifeStage.ADULT
    return LifeStage(person.stage)


def has_child(intake: Intake, *, on: date) -> bool:
    """Whether a child, an unborn child or somebody of unknown age is at risk, so that the child's clocks run (R24)."""
    at_risk = [person for person in intake.people if person.role == PersonRole.AT_RISK]
    return any(life_stage(person, on=on) != LifeStage.ADULT for person in at_risk)


def names_person(text: str, full_name: str) -> bool:
    """Whether the words mention `full_name`: the whole name, or the family name standing alone."""
    words = {word.strip(".,;:!?()[]\"'“”‘’").removesuffix("'s").removesuffix("’s") for word in text.casefold().split()}
    parts = full_name.casefold().split()
    return bool(parts) and (full_name.casefold() in text.casefold() or parts[-1] in words or parts[0] in words)


_LEVELS = ["", *(level.value for level in RiskLevel)]


def steps_down(before: str, after: str) -> int:
    """How many steps `after` lies below `before` on the list of levels of risk; none recorded is the lowest."""
    return _LEVELS.index(before) - _LEVELS.index(after)


def lowering_problem(*, before: str, after: str, old_reason: str, reason: str) -> str | None:
    """R44: a level of risk that was given once falls for a new reason only, never for the words of the last one."""
    if not before or steps_down(before, after) <= 0:
        return None
    if not reason.strip() or reason.strip() == old_reason.strip():
        return "The level of risk is lower than before. Say what has changed since."
    return None
