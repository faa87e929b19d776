"""R99 (001 §5): whom to ask about when something was sent, what an answer lacks, and what silence means. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from sharing.answers import Person
from sharing.record import Record
from sharing.rules import asked
from sharing.vocabulary import ToldAfter, YesNoLater


@dataclass(frozen=True)
class Told:
    """Whether one person was told what went and to whom. `on`: when they were, or by when they are."""

    answer: str = ""
    on: date | None = None
    words: str = ""


@dataclass(frozen=True)
class Asked:
    """One person who is asked about, with what the decision says already."""

    key: str
    name: str
    is_child: bool
    known: Told = field(default_factory=Told)


def to_ask(record: Record) -> tuple[Asked, ...]:
    """Everybody the information is about, but a child not yet born."""
    return tuple(
        Asked(person.key, person.name, not person.is_adult, known_of(person))
        for person in record.people
        if asked.views(person)
    )


def known_of(person: Person) -> Told:
    """What field 38 of the signed decision says: told before it went, or not to be told and why."""
    informed = person.informed
    match informed.answer:
        case YesNoLater.YES:
            return Told(ToldAfter.YES, informed.on, "Told before it was sent, as the decision says.")
        case YesNoLater.NO:
            return Told(ToldAfter.UNSAFE, None, informed.reason)
        case YesNoLater.LATER:
            return Told(ToldAfter.LATER, informed.on, informed.reason)
    return Told()


def filled_in(each: Asked, *, promised: Mapping[str, date | None], today: date) -> Asked:
    """`each` as the page offers it. Who has an open task of `promised` is not told yet, whatever was said before; a day
    that has gone by is not offered, because nothing that nobody typed may stand against recording (R39).
    """
    known = each.known
    if each.key in promised:
        known = Told(ToldAfter.LATER, promised[each.key], known.words if known.answer == ToldAfter.LATER else "")
    if known.answer == ToldAfter.LATER and (known.on is None or known.on < today):
        known = Told()
    return replace(each, known=known)


def by_silence(person: Person, *, due: date) -> Told | None:
    """What stands when nobody answered: what the decision says; else a task to tell them by `due`.

    None for a possible source of risk who is not at risk: silence never sends anybody to tell them (R96).
    """
    known = known_of(person)
    if known.answer:
        return known
    if person.is_source_of_risk and not person.is_at_risk:
        return None
    return Told(ToldAfter.LATER, due)


def problems_with(told: Mapping[str, Told], *, today: date) -> dict[str, list[str]]:
    """What is missing, by the name of the field. No answer at all is no problem: nothing stops recording (R39)."""
    problems: dict[str, list[str]] = {}
    for key, each in told.items():
        on, words = f"told_{key}_on", f"told_{key}_words"
        match each.answer:
            case ToldAfter.YES:
                if each.on is None:
                    problems[on] = ["Enter the date they were told."]
                elif each.on > today:
                    problems[on] = ["This date is in the future. Choose “Not yet” if they are told later."]
                if not each.words.strip():
                    problems[words] = ["Write how they were told, and by whom."]
            case ToldAfter.LATER:
                if each.on is None:
                    problems[on] = ["Enter the date by which they are told."]
                elif each.on < today:
                    problems[on] = ["The date by which they are told must not be in the past."]
            case ToldAfter.UNSAFE:
                if not each.words.strip():
                    problems[words] = ["Write why it is not safe to tell them."]
    return problems
