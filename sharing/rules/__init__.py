"""Is a decision sound? Pure: a record and facts in, a list of problems out (domain.md 3.2 to 3.4)."""

from __future__ import annotations

from sharing.answers import Person
from sharing.record import Record
from sharing.rules import asked, content, grounds, not_sharing, people, whole
from sharing.rules.base import SOURCES, Facts, Found, Problem, Severity
from sharing.rules.not_sharing import names_other_interests
from sharing.rules.signature import SecondSignature, needs_second_signature

__all__ = [
    "SOURCES",
    "Facts",
    "Problem",
    "SecondSignature",
    "Severity",
    "find_problems",
    "names_other_interests",
    "needs_second_signature",
    "problems_with_capacity",
]


def problems_with_capacity(person: Person, facts: Facts) -> tuple[Problem, ...]:
    """What is missing in the assessment of one person's capacity, before it is recorded (R112, R113)."""
    found = Found()
    people.check_capacity(person, "capacity", facts, found)
    return tuple(found.problems)


def find_problems(record: Record, facts: Facts) -> tuple[Problem, ...]:
    """All that is missing, contradictory or worth a warning. Empty: sound."""
    found = Found()
    applying = asked.only(record, facts)
    for part in (whole, people, grounds, content, not_sharing):
        part.check(applying, facts, found)
    return tuple(found.problems)
