"""Reads about keeping in touch with people (R82): whom to contact, what is due, and the log with repeat attempts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from concerns.models import Concern, Deadline, Involvement, Person
from concerns.vocabulary import ClockKind, LifeStage, PersonRole


@dataclass(frozen=True)
class ContactLine:
    """One contact or attempt, or that no more is planned (`is_last`). `attempt`: which one in a row without reaching
    them; 0 when they were reached.
    """

    person: str
    on: date
    how: str
    words: str
    is_reached: bool
    is_last: bool
    attempt: int
    next_date: date | None
    by: str
    at: datetime

    @property
    def title(self) -> str:
        if self.is_last:
            return f"No more contact with {self.person} is planned"
        if self.is_reached:
            return f"In touch with {self.person}"
        return f"Tried to reach {self.person}: not reached" + (f", attempt {self.attempt}" if self.attempt > 1 else "")


def people_to_contact(concern: Concern) -> list[Person]:
    """Everybody at risk in `concern` who is born, and whoever is to be contacted there, also from a joined concern; not
    those who have died.
    """
    at_risk = Involvement.objects.filter(concern=concern, role=PersonRole.AT_RISK)
    born = Q(pk__in=at_risk.exclude(life_stage=LifeStage.UNBORN).values("person"))
    promised = Q(ref__in=_running(concern).values("about"))
    return list(Person.objects.filter(born | promised, died_on__isnull=True).order_by("pk"))


def can_be_contacted(row: Involvement) -> bool:
    """Whether somebody at risk is born and alive."""
    return row.life_stage != LifeStage.UNBORN and row.person.died_on is None


def running_contact(concern: Concern, person: Person) -> Deadline | None:
    """When `person` is to be contacted, if that is due or will be."""
    return _running(concern).filter(about=person.ref).first()


def _running(concern: Concern) -> QuerySet[Deadline]:
    return Deadline.objects.filter(
        concern=concern, kind=ClockKind.CONTACT, met_at__isnull=True, dropped_at__isnull=True
    )


def contact_lines(rows: Iterable[tuple[Mapping[str, Any], str, datetime]]) -> list[ContactLine]:
    """The log, oldest first, of the rows (what is in one, who recorded it, when) in that order. Attempts count for one
    person also where a joined concern has them under another reference.
    """
    tries = Counter[tuple[object, ...]]()
    lines = []
    for body, by, at in rows:
        who = (body["search_text"], body["born"]) if body["person"] else (body["person_id"],)
        tries[who] = 0 if body["reached"] or body["last"] else tries[who] + 1
        lines.append(
            ContactLine(
                person=body["person"] or body["described"] or "Name not known",
                on=_day(body["on"]),
                how=body["how"],
                words=body["text"],
                is_reached=bool(body["reached"]),
                is_last=bool(body["last"]),
                attempt=tries[who],
                next_date=_day(body["next_date"]) if body["next_date"] else None,
                by=by,
                at=at,
            )
        )
    return lines


def _day(text: object) -> date:
    return date.fromisoformat(str(text)[:10])
