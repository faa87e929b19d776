"""Who came near what, and when: the ledger read for one concern, one person or a time (R144).

Deny beats grant: whoever is barred or recused from a concern sees none of its events, and no reference to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accounts.models import User
from accounts.selectors import standing
from audit.models import Event
from audit.vocabulary import Access, codes_of
from concerns import permissions
from concerns.models import Concern, Conflict
from concerns.selectors.written import HIDDEN_REPORTER

PAGE = 50
LONDON = ZoneInfo("Europe/London")
# What the report of one concern shows: everything but signing in, which is about no concern.
NEAR_A_CONCERN = (Access.READ, Access.SEARCH, Access.EXPORT, Access.REFUSAL)
_CHUNK = 500


@dataclass(frozen=True)
class Wanted:
    """What a reader narrowed the report to. `access` "" means every way; "all" also what was changed."""

    person: User | None = None
    concern: Concern | None = None
    access: str = ""
    first_day: date | None = None
    last_day: date | None = None

    def labels(self) -> dict[str, Any]:
        """The same as codes and ids, for the event that tells of the reading."""
        return {
            "staff": self.person.pk if self.person else None,
            "access": self.access,
            "first_day": self.first_day.isoformat() if self.first_day else "",
            "last_day": self.last_day.isoformat() if self.last_day else "",
        }


@dataclass(frozen=True)
class AccessLine:
    """One event as a person reads it. `number` is its place in the ledger."""

    number: int
    at: datetime
    who: str
    what: str
    detail: str
    ref: str
    code: str
    digest: str


@dataclass(frozen=True)
class AccessPage:
    """One page, newest first. `newer_than` and `older_than` name its ends, 0 where there is nothing beyond."""

    lines: tuple[AccessLine, ...]
    newer_than: int
    older_than: int


def concern_for_access(ref: str, reader: User) -> Concern:
    """The concern `ref`, if `reader` may see who opened it. Raises Concern.DoesNotExist, unknown or not theirs."""
    if not reader.is_active:
        raise Concern.DoesNotExist
    who = standing(reader)
    rows = Concern.objects.all() if permissions.reads_ledger(who) else Concern.objects.visible_to(reader)
    concern = rows.exclude(Exists(_shut_out(reader, "pk"))).select_related("reporter").get(ref=ref.upper())
    if not permissions.allows(permissions.check_can_read_access, reader, concern):
        raise Concern.DoesNotExist
    return concern


def access_page(reader: User, wanted: Wanted, *, newer_than: int = 0, older_than: int = 0) -> AccessPage:
    """One page of what `reader`, who may see this report, asked for."""
    rows = _events(reader, wanted)
    if newer_than:
        found = list(rows.filter(pk__gt=newer_than).order_by("pk")[: PAGE + 1])
    elif older_than:
        found = list(rows.filter(pk__lt=older_than)[: PAGE + 1])
    else:
        found = list(rows[: PAGE + 1])
    has_more = len(found) > PAGE
    found = found[:PAGE]
    if newer_than:
        found.reverse()
    has_newer = has_more if newer_than else bool(older_than)
    has_older = True if newer_than else has_more
    hidden = _hidden_reporter(reader, wanted)
    return AccessPage(
        lines=tuple(_line(event, hidden) for event in found),
        newer_than=found[0].pk if found and has_newer else 0,
        older_than=found[-1].pk if found and has_older else 0,
    )


def access_lines(reader: User, wanted: Wanted, *, before: int) -> Iterator[AccessLine]:
    """Everything that `reader` asked for and that stands before the event `before`, newest first, a few hundred rows
    at a time."""
    hidden = _hidden_reporter(reader, wanted)
    while True:
        found = list(_events(reader, wanted).filter(pk__lt=before)[:_CHUNK])
        if not found:
            return
        for event in found:
            yield _line(event, hidden)
        before = found[-1].pk


def _events(reader: User, wanted: Wanted) -> QuerySet[Any]:
    name = User.objects.filter(pk=OuterRef("actor_id")).values("full_name")[:1]
    rows = Event.objects.filter(~Exists(_shut_out(reader, "concern_id"))).annotate(actor_name=Subquery(name))
    if wanted.person is not None:
        rows = rows.filter(actor_id=wanted.person.pk)
    if wanted.concern is not None:
        rows = rows.filter(concern_id=wanted.concern.pk)
    if wanted.access != "all":
        accesses = [Access(wanted.access)] if wanted.access else list(Access)
        rows = rows.filter(code__in=codes_of(*accesses))
    if wanted.first_day is not None:
        rows = rows.filter(at__gte=_midnight(wanted.first_day))
    if wanted.last_day is not None:
        rows = rows.filter(at__lt=_midnight(wanted.last_day + timedelta(days=1)))
    return rows.order_by("-pk")


def _shut_out(reader: User, concern: str) -> QuerySet[Conflict]:
    return Conflict.objects.filter(concern=OuterRef(concern), staff=reader, lifted_at__isnull=True)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=LONDON)


def _hidden_reporter(reader: User, wanted: Wanted) -> int | None:
    """R43: who must not be named here. Auditor and information governance lead may know a protected reporter."""
    concern = wanted.concern
    if concern is None or permissions.reads_ledger(standing(reader)):
        return None
    return None if permissions.allows(permissions.check_can_see_reporter, reader, concern) else concern.reporter_id


def _line(event: Any, hidden: int | None) -> AccessLine:
    if event.actor_id is None:
        who = "Not signed in" if event.code in codes_of(Access.SIGN_IN) else "The system"
    else:
        who = HIDDEN_REPORTER if event.actor_id == hidden else (event.actor_name or "Account no longer there")
    return AccessLine(event.pk, event.at, who, event.sentence, _detail(event.data), event.ref, event.code, event.digest)


def _detail(data: dict[str, Any]) -> str:
    """What was refused, in words; the other details are ids and codes, which say nothing to a reader."""
    return str(data.get("act", "")).partition(".")[2].replace("-", " ").replace("_", " ")
