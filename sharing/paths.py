"""Answers of a record by their path: "likely.why", "people.PN-2.agreement.status", "grounds.C2.evidence",
"items.0.what".

A row is named by its key or code, else by its number. The lines of a checklist are reached through the
section that holds them ("conversation.E1.answer").
"""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar, cast

from sharing.record import Record

T = TypeVar("T")


def get(value: Any, path: str) -> Any:
    """The answer at `path` below `value`. Raises LookupError when there is no such place."""
    for part in path.split("."):
        value = _step(value, part)
    return value


def put(value: T, path: str, answer: Any) -> T:
    """`value` with `answer` at `path`. Raises LookupError when there is no such place."""
    first, _, rest = path.partition(".")
    if isinstance(value, tuple):
        place = _place(value, first)
        new = put(value[place], rest, answer) if rest else answer
        return cast(T, (*value[:place], new, *value[place + 1 :]))
    holder = _holder(value, first)
    if holder != first:
        return _replace(value, holder, put(getattr(value, holder), path, answer))
    return _replace(value, first, put(getattr(value, first), rest, answer) if rest else answer)


def add(record: Record, path: str, row: Any) -> Record:
    """`record` with `row` at the end of the rows at `path`."""
    return put(record, path, (*get(record, path), row))


def remove(record: Record, path: str, number: int) -> Record:
    """`record` without row `number` of the rows at `path`. Raises LookupError when there is none."""
    rows = get(record, path)
    if not 0 <= number < len(rows):
        raise LookupError(f"{path}.{number}")
    return put(record, path, (*rows[:number], *rows[number + 1 :]))


def _replace(value: T, name: str, answer: Any) -> T:
    return cast(T, dataclasses.replace(cast(Any, value), **{name: answer}))


def _step(value: Any, part: str) -> Any:
    if isinstance(value, tuple):
        return value[_place(value, part)]
    holder = _holder(value, part)
    return getattr(value, part) if holder == part else _step(getattr(value, holder), part)


def _place(rows: tuple[Any, ...], name: str) -> int:
    for number, row in enumerate(rows):
        if name in {getattr(row, "key", None), getattr(row, "code", None)}:
            return number
    if name.isascii() and name.isdigit() and int(name) < len(rows):
        return int(name)
    raise LookupError(name)


def _holder(value: Any, name: str) -> str:
    """The field of `value` that leads to `name`: itself, or "lines" for a line's code."""
    names = {field.name for field in dataclasses.fields(value)}
    if name in names:
        return name
    if "lines" in names:
        return "lines"
    raise LookupError(name)
