"""Rows that are written once, and that an event vouches for: it holds the digest of what they say.

An app names its tables and the columns that stay when it starts. Name and columns belong together for good: a column
that is added later goes under a new name, so that what was recorded before still fits.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import rfc8785
from django.db.models import Model

# What an event says besides the details of its kind: which rows it vouches for, and their digest.
ROWS = "kept"
DIGEST = "kept_digest"

_ROW = re.compile(r"([a-z_]{1,40}):([0-9]{1,18})", re.ASCII)


@dataclass(frozen=True)
class _Shape:
    model: type[Model]
    columns: tuple[str, ...]


_shapes: dict[str, _Shape] = {}


def register(name: str, model: type[Model], columns: Sequence[str]) -> None:
    """Rows of `model` are called `name` in the ledger, and `columns` of them never change."""
    _shapes[name] = _Shape(model, tuple(columns))


def vouch_for(rows: Sequence[Model]) -> dict[str, str]:
    """What an event says of `rows`, which were just written; nothing for none. Read from the database, so that what is
    hashed is what stands there. Raises LookupError for a row whose model nobody registered."""
    if not rows:
        return {}
    names = [f"{_name_of(row)}:{row.pk}" for row in rows]
    there = _read(names)
    return {ROWS: " ".join(names), DIGEST: _digest([there[name] for name in names])}


def altered(said: Mapping[int, Mapping[str, Any]]) -> list[int]:
    """Which of the events, given as what they say by id, vouch for rows that say something else now or are gone."""
    names = {event_id: _names(data) for event_id, data in said.items()}
    there = _read(name for each in names.values() for name in each)
    return [
        event_id
        for event_id, each in names.items()
        if any(name not in there for name in each)
        or _digest([there[name] for name in each]) != said[event_id].get(DIGEST)
    ]


def names_in(said: Mapping[str, Any]) -> str:
    """Which rows an event vouches for that says this, for a person: "report 7, note 12"."""
    return ", ".join(name.replace(":", " ") for name in _names(said) if _ROW.fullmatch(name))


def _names(said: Mapping[str, Any]) -> list[str]:
    return str(said.get(ROWS, "")).split(" ")


def _name_of(row: Model) -> str:
    for name, shape in _shapes.items():
        if isinstance(row, shape.model):
            return name
    raise LookupError(f"{row._meta.label} is not registered as written once.")


def _read(names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What the rows of these names say now, without those that are not there."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for found in filter(None, map(_ROW.fullmatch, names)):
        wanted[found[1]].add(int(found[2]))
    return {
        f"{name}:{row['pk']}": {column: _plain(value) for column, value in row.items()}
        for name, ids in wanted.items()
        if (shape := _shapes.get(name)) is not None
        for row in shape.model._default_manager.filter(pk__in=ids).values("pk", *shape.columns)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value


def _digest(rows: Sequence[Mapping[str, Any]]) -> str:
    return hashlib.sha256(rfc8785.dumps([dict(row) for row in rows])).hexdigest()
