"""Who came near what, and when: the ledger read for one concern, one person or a time (R144).

Deny beats grant: whoever is barred or recused from a concern sees none of its events, and no reference to it, and
whoever is named in a request for information nothing of that. But their own attempts stay in sight, and look in every
part like attempts at what does not exist: a line that is missing would tell them as much as one that says too much
(I3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, When

from accounts.models import User
from accounts.selectors import standing
from audit.events import ACT_REFUSED
from audit.marks import mark_of
from audit.models import Event
from audit.vocabulary import Access, codes_of
from concerns import events, permissions
from concerns.facts import hidden_events
from concerns.models import Attachment, Concern, Conflict
from concerns.selectors.names import hidden_readings, hidden_reporters, hides_readings, nameless
from concerns.selectors.two_people import tells_of_closed
from concerns.selectors.written import HIDDEN_REPORTER
from safeguarding.kit.errors import allows

PAGE = 50
LONDON = ZoneInfo("Europe/London")
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
    """One event as a person reads it. Never its number in the ledger: gaps between the numbers that one reader is shown
    would tell that something is kept from them (I3). `mark` names it, and tells nothing of what is in it (ADR 15)."""

    at: datetime
    who: str
    what: str
    detail: str
    ref: str
    code: str
    mark: str


@dataclass(frozen=True)
class AccessPage:
    """One page, newest first. `newer_than` and `older_than` name its ends, "" where there is nothing beyond.
    `leaves_out`: who else came near it lately is kept from the reader, who is complained of."""

    lines: tuple[AccessLine, ...]
    newer_than: str
    older_than: str
    leaves_out: bool


@dataclass(frozen=True)
class Place:
    """A line's place in the report, made of what the line itself says, so that it tells nothing more."""

    code: str
    at: datetime
    mark: str

    def __str__(self) -> str:
        return f"{self.code}~{self.at.isoformat()}~{self.mark}"

    @classmethod
    def read(cls, words: str) -> Place | None:
        """The place that `words` name; None for anything else."""
        code, _, rest = words.partition("~")
        moment, _, mark = rest.partition("~")
        if not re.fullmatch(r"[0-9a-f]{64}", mark):
            return None
        try:
            at = datetime.fromisoformat(moment)
        except ValueError:
            return None
        return cls(code, at, mark) if at.tzinfo else None


def concern_for_access(ref: str, reader: User) -> Concern:
    """The concern `ref`, if `reader` may see who opened it. Raises Concern.DoesNotExist, unknown or not theirs."""
    if not reader.is_active:
        raise Concern.DoesNotExist
    who = standing(reader)
    rows = Concern.objects.all() if permissions.reads_ledger(who) else Concern.objects.visible_to(reader)
    concern = rows.exclude(Exists(_shut_out(reader, "pk"))).select_related("reporter").get(ref=ref.upper())
    if not allows(permissions.check_can_read_access, reader, concern):
        raise Concern.DoesNotExist
    return concern


def access_page(reader: User, wanted: Wanted, *, newer_than: str = "", older_than: str = "") -> AccessPage:
    """One page of what `reader`, who may see this report, asked for. A place that is not on it shows the first page."""
    rows = _events(reader, wanted)
    newer, older = _number_at(rows, newer_than), _number_at(rows, older_than)
    if newer is not None:
        found = list(rows.filter(pk__gt=newer).order_by("pk")[: PAGE + 1])
    elif older is not None:
        found = list(rows.filter(pk__lt=older)[: PAGE + 1])
    else:
        found = list(rows[: PAGE + 1])
    has_more = len(found) > PAGE
    found = found[:PAGE]
    if newer is not None:
        found.reverse()
    has_newer = has_more if newer is not None else older is not None
    has_older = True if newer is not None else has_more
    hidden, concern = _hidden_reporters(reader, wanted), _read_on_its_page(reader, wanted)
    without_name = nameless(found, hidden)
    lines = tuple(_line(event, without_name) for event in found)
    return AccessPage(
        lines=lines,
        newer_than=str(_place(lines[0])) if lines and has_newer else "",
        older_than=str(_place(lines[-1])) if lines and has_older else "",
        leaves_out=concern is not None and hides_readings(concern, reader),
    )


def _number_at(rows: QuerySet[Any], words: str) -> int | None:
    """Where the place that `words` name stands among `rows`, which the reader may see."""
    place = Place.read(words)
    if place is None:
        return None
    there = rows.filter(code=place.code, at=place.at)
    return next((event.pk for event in there if mark_of(_as_shown(event).digest) == place.mark), None)


def _place(line: AccessLine) -> Place:
    return Place(line.code, line.at, line.mark)


def access_lines(reader: User, wanted: Wanted, *, before: int) -> Iterator[AccessLine]:
    """Everything that `reader` asked for and that stands before the event `before`, newest first, a few hundred rows
    at a time."""
    hidden = _hidden_reporters(reader, wanted)
    while True:
        found = list(_events(reader, wanted).filter(pk__lt=before)[:_CHUNK])
        if not found:
            return
        without_name = nameless(found, hidden)
        for event in found:
            yield _line(event, without_name)
        before = found[-1].pk


def _events(reader: User, wanted: Wanted) -> QuerySet[Any]:
    name, account = (
        User.objects.filter(pk=OuterRef(field)).values("full_name")[:1] for field in ("actor_id", "subject_id")
    )
    is_shut_out = Q(Exists(_shut_out(reader, "concern_id"))) | hidden_events(reader)
    own_attempt = Q(actor_id=reader.pk, code__in=codes_of(Access.REFUSAL))
    rows = Event.objects.filter(~is_shut_out | own_attempt)
    rows = rows.exclude(tells_of_closed(reader))
    # Everybody who looks an address up is told the same, barred or not (ADR 13): because of which concern, others see.
    rows = rows.exclude(actor_id=reader.pk, code=events.VISIT_SHOWN.code)
    rows = rows.exclude(_of_a_draft())
    if (concern := _read_on_its_page(reader, wanted)) is not None:
        rows = rows.exclude(hidden_readings(concern, reader))
    rows = rows.annotate(actor_name=Subquery(name), account_name=Case(When(_of_an_account(), then=Subquery(account))))
    rows = rows.annotate(is_shut_out=Case(When(is_shut_out, then=True), default=False))
    if wanted.person is not None:
        rows = rows.filter(Q(actor_id=wanted.person.pk) | Q(_of_an_account(), subject_id=wanted.person.pk))
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


def _of_a_draft() -> Q:
    """What was done with a file while its report was not sent, unless it was taken out again: in nobody's report.

    When the report is sent the file stands on its concern. A line for some, or until then, would tell whoever is shut
    out that there is a concern, who reported it and when (I3, R43).
    """
    rows = Attachment.objects.filter(pk=OuterRef("subject_id"), is_of_register=False)
    is_there = Exists(rows.exclude(draft__isnull=False, hidden_at__isnull=False))
    return Q(is_there, subject_type=Attachment._meta.label_lower, concern_id__isnull=True)


def _of_an_account() -> Q:
    """Somebody tried to sign in to the account that it is about, and was not let in: a thing done to its owner."""
    return Q(actor_id__isnull=True, subject_type=User._meta.label_lower, code__in=codes_of(Access.SIGN_IN))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=LONDON)


def _hidden_reporters(reader: User, wanted: Wanted) -> frozenset[int]:
    """R43: who must not be named here."""
    concern = _read_on_its_page(reader, wanted)
    return hidden_reporters(concern, reader) if concern is not None else frozenset()


def _read_on_its_page(reader: User, wanted: Wanted) -> Concern | None:
    """The concern, where `reader` sees this report because they read that; None for auditor and information governance
    lead, who see it by their office, with every name (ADR 15)."""
    return None if permissions.reads_ledger(standing(reader)) else wanted.concern


def _as_shown(event: Any) -> Any:
    """An attempt at what is closed to its reader becomes, digest and all, an attempt at what does not exist."""
    if event.is_shut_out:
        event.concern_id, event.ref = None, ""
        if event.code == ACT_REFUSED.code or event.subject_type == Concern._meta.label_lower:
            event.subject_id = None
        event.digest = event.content_digest()
    return event


def _line(event: Any, without_name: frozenset[int]) -> AccessLine:
    event = _as_shown(event)
    if event.actor_id is None:
        who = "Not signed in" if event.code in codes_of(Access.SIGN_IN) else "The system"
    else:
        who = HIDDEN_REPORTER if event.pk in without_name else (event.actor_name or "Account no longer there")
    return AccessLine(event.at, who, event.sentence, _detail(event), event.ref, event.code, mark_of(event.digest))


def _detail(event: Any) -> str:
    """What was refused, or whose account was tried, in words; the other details are ids and codes, which say nothing to
    a reader. Nothing of what nobody recorded, which is read as bare text.
    """
    if event.account_name:
        return f"Account of {event.account_name}"
    act = str(event.data.get("act", "")) if isinstance(event.data, dict) else ""
    return act.partition(".")[2].replace("-", " ").replace("_", " ")
