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
    """One contact or attempt. `attempt`: which one in a row without reaching them; 0 when they were reached."""

    person: str
    on: date
    how: str
    words: str
    is_reached: bool
    attempt: int
    next_date: date | None
    by: str
    at: datetime

    @property
    def title(self) -> str:
        if self.is_reached:
            return f"In touch with {self.person}"
        return f"Tried to reach {self.person}: not reached" + (f", attempt {self.attempt}" if self.attempt > 1 else "")


def people_to_contact(concern: Concern) -> list[Person]:
    """Everybody at risk in `concern` who is born, and whoever is to be contacted there, also from a joined concern."""
    at_risk = Involvement.objects.filter(concern=concern, role=PersonRole.AT_RISK)
    born = Q(pk__in=at_risk.exclude(life_stage=LifeStage.UNBORN).values("person"))
    promised = Q(ref__in=_running(concern).values("about"))
    return list(Person.objects.filter(born | promised).order_by("pk"))


def running_contact(concern: Concern, person: Person) -> Deadline | None:
    """When `person` is to be contacted, if that is due or will be."""
    return _running(concern).filter(about=person.ref).first()


def _running(concern: Concern) -> QuerySet[Deadline]:
    return Deadline.objects.filter(
        concern=concern, kind=ClockKind.CONTACT, met_at__isnull=True, dropped_at__isnull=True
    )


def contact_lines(rows: Iterable[tuple[Mapping[str, Any], str, datetime]]) -> list[ContactLine]:
    """The log, oldest first, of the rows (what is in one, who recorded it, when) in that order."""
    tries = Counter[int]()
    lines = []
    for body, by, at in rows:
        tries[body["person_id"]] = 0 if body["reached"] else tries[body["person_id"]] + 1
        lines.append(
            ContactLine(
                person=body["person"] or body["described"] or "Name not known",
                on=_day(body["on"]),
                how=body["how"],
                words=body["text"],
                is_reached=bool(body["reached"]),
                attempt=tries[body["person_id"]],
                next_date=_day(body["next_date"]) if body["next_date"] else None,
                by=by,
                at=at,
            )
        )
    return lines


def _day(text: object) -> date:
    return date.fromisoformat(str(text)[:10])
