"""Rows that are written once, and that an event vouches for: it holds the digest of what they say.

An app names its tables and the columns that stay when it starts. Name and columns belong together for good: a column
that is added later goes under a new name, so that what was recorded before still fits. Events from before say nothing
of rows, but some kinds always held a digest: those vouch for what it was made of (`register_digest`).
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import rfc8785
from django.db.models import Model

from audit.models import Event

# What an event says besides the details of its kind: which rows it vouches for, and their digest.
ROWS = "kept"
DIGEST = "kept_digest"

# Name and key of a row; of one whose words grow, how many characters they had.
_ROW = re.compile(r"([a-z_]{1,40}):([0-9]{1,18})(?::([0-9]{1,9}))?", re.ASCII)


@dataclass(frozen=True)
class _Shape:
    model: type[Model]
    columns: tuple[str, ...]
    grows: str
    since: str

    def is_of(self, row: Model) -> bool:
        return isinstance(row, self.model) and (not self.since or getattr(row, self.since) is not None)


@dataclass(frozen=True)
class _Digest:
    model: type[Model]
    name: str
    of: str
    columns: tuple[str, ...]
    content: Callable[..., bytes]
    label: str


_shapes: dict[str, _Shape] = {}
_digests: dict[str, _Digest] = {}  # by the code of the event


def register(name: str, model: type[Model], columns: Sequence[str], *, grows: str = "", since: str = "") -> None:
    """Rows of `model` are called `name` in the ledger, and `columns` of them never change; to the words in `grows`, one
    of them, is only added. With `since`, an attribute, they are called so once it has a value."""
    _shapes[name] = _Shape(model, tuple(columns), grows, since)


def register_digest(
    code: str,
    name: str,
    model: type[Model],
    columns: Sequence[str],
    *,
    label: str,
    content: Callable[..., bytes] = str.encode,
    of: str = "pk",
) -> None:
    """Events of the kind `code` that name no rows hold, as `label`, the SHA-256 of what `content` makes of `columns` of
    a row, and the row says it itself as `digest`. Its `of` is the key of what the event is about."""
    _digests[code] = _Digest(model, name, of, tuple(columns), content, label)


def vouch_for(rows: Sequence[Model]) -> dict[str, str]:
    """What an event says of `rows`, which were just written; nothing for none. Read from the database, so that what is
    hashed is what stands there. Raises LookupError for a row whose model nobody registered."""
    if not rows:
        return {}
    names = [name for row in rows for name in _names_of(row)]
    there = _read(names)
    return {ROWS: " ".join(names), DIGEST: _digest([there[name] for name in names])}


def vouches(event: Event) -> bool:
    """Whether `event` says what some row has to say."""
    return ROWS in event.data or event.code in _digests


def altered(events: Sequence[Event]) -> list[Event]:
    """Which of these events, all of which vouch for something, vouch for rows that say something else now or are
    gone."""
    there = _read(name for event in events if ROWS in event.data for name in _names(event.data))
    digests = _digests_now([event for event in events if ROWS not in event.data])
    return [event for event in events if not _fits(event, there, digests)]


def names_in(event: Event) -> str:
    """Which rows `event` vouches for, for a person: "report 7, note 12"."""
    if ROWS not in event.data:
        return f"{_digests[event.code].name} {event.subject_id}"
    return ", ".join(f"{found[1]} {found[2]}" for found in map(_ROW.fullmatch, _names(event.data)) if found)


def _fits(event: Event, there: Mapping[str, Mapping[str, Any]], digests: Mapping[tuple[str, int], set[str]]) -> bool:
    if ROWS not in event.data:
        return event.data.get(_digests[event.code].label) in digests.get((event.code, event.subject_id or 0), set())
    names = _names(event.data)
    return all(name in there for name in names) and (_digest([there[name] for name in names]) == event.data.get(DIGEST))


def _digests_now(events: Sequence[Event]) -> dict[tuple[str, int], set[str]]:
    """The digests that an event of that kind about that row may hold, as the rows are now."""
    subjects: dict[str, set[int]] = defaultdict(set)
    for event in events:
        if event.subject_id is not None:
            subjects[event.code].add(event.subject_id)
    found: dict[tuple[str, int], set[str]] = defaultdict(set)
    for code, ids in subjects.items():
        each = _digests[code]
        rows = each.model._default_manager.filter(**{f"{each.of}__in": ids})
        for subject, said, *values in rows.values_list(each.of, "digest", *each.columns):
            if hashlib.sha256(each.content(*values)).hexdigest() == said:
                found[code, subject].add(said)
    return found


def _names(said: Mapping[str, Any]) -> list[str]:
    return str(said.get(ROWS, "")).split(" ")


def _names_of(row: Model) -> list[str]:
    names = [
        f"{name}:{row.pk}" + (f":{len(getattr(row, shape.grows))}" if shape.grows else "")
        for name, shape in _shapes.items()
        if shape.is_of(row)
    ]
    if not names:
        raise LookupError(f"{row._meta.label} is not registered as written once.")
    return names


def _read(names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What the rows of these names say now, without those that are not there."""
    wanted: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for found in filter(None, map(_ROW.fullmatch, names)):
        wanted[found[1]][int(found[2])].add(found[0])
    return {
        name: _said(row, shape.grows, name)
        for label, asked in wanted.items()
        if (shape := _shapes.get(label)) is not None
        for row in shape.model._default_manager.filter(pk__in=asked).values("pk", *shape.columns)
        for name in asked[row["pk"]]
    }


def _said(row: Mapping[str, Any], grows: str, name: str) -> dict[str, Any]:
    """What `row` says, of the words that grow as much as there was of them when it was vouched for."""
    said = {column: _plain(value) for column, value in row.items()}
    if grows:
        said[grows] = said[grows][: int(name.rpartition(":")[2])]
    return said


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value


def _digest(rows: Sequence[Mapping[str, Any]]) -> str:
    return hashlib.sha256(rfc8785.dumps([dict(row) for row in rows])).hexdigest()
