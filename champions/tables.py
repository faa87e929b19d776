"""Counted figures before anything is hidden: plain values, kept in a report's frozen snapshot (domain.md 4).

Nothing here is shown to anyone. `suppression.publish` turns it into what may be shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Nature(StrEnum):
    """What a table counts; it decides how much of it is hidden."""

    PEOPLE = "people"  # concerns, people or decisions by what they are about
    PROTECTED = "protected"  # by a protected characteristic: even a 0 says something about somebody
    PROCESS = "process"  # our own work: deadlines kept, concerns opened and closed
    # The records themselves: duplicates, errors, who opened what was closed to them; and steps left undone, of which
    # senior managers must read even when there is only one (domain.md 2.4).
    RECORDS = "records"


class Picture(StrEnum):
    """How a table is drawn."""

    BARS = "bars"  # one bar for each row
    COLUMNS = "columns"  # one column for each row, in order of time
    SHARE = "share"  # the first row as a part of the whole
    TREND = "trend"  # the total over the quarters


@dataclass(frozen=True)
class Row:
    """One counted group. `restricted` of its `count` are restricted concerns."""

    key: str
    label: str
    count: int
    restricted: int = 0
    note: str = ""


@dataclass(frozen=True)
class Statistic:
    """A median or percentile of `of` values, in `unit`. None when there are too few values to work it out."""

    key: str
    label: str
    value: float | None
    unit: str
    of: int


@dataclass(frozen=True)
class Measure:
    """What is counted, in words. `number` is the register's (Q1 to Q37), `unit` what one is: a concern, a
    decision.

    `note` is a sentence that explains the rows; `denominator` is empty for a plain count.
    """

    key: str
    number: str
    title: str
    nature: Nature
    unit: str
    numerator: str
    denominator: str
    picture: Picture
    total_label: str
    has_percent: bool = True
    is_total_shown: bool = True
    note: str = ""


@dataclass(frozen=True)
class Table:
    """One measure of one quarter.

    `total` is the size of the counted population: what the rows' percentages are of. `fixed` names rows that
    stand elsewhere in the same words (the opened concerns are the received ones), so that hiding them here
    would hide nothing. `repeats` maps a row to the row of the quarter before that is the same number.
    """

    measure: Measure
    rows: tuple[Row, ...]
    total: int
    statistics: tuple[Statistic, ...] = ()
    fixed: frozenset[str] = frozenset()
    repeats: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        return self.measure.key


def to_json(tables: Sequence[Table]) -> list[dict[str, Any]]:
    """`tables` as plain JSON values, in a fixed order, so that one snapshot has one digest."""
    plain: list[dict[str, Any]] = json.loads(
        json.dumps([asdict(table) | {"fixed": sorted(table.fixed)} for table in tables])
    )
    return plain


def from_json(plain: Sequence[Mapping[str, Any]]) -> tuple[Table, ...]:
    """What `to_json` wrote, read back."""
    return tuple(
        Table(
            measure=Measure(
                **{
                    **values["measure"],
                    "nature": Nature(values["measure"]["nature"]),
                    "picture": Picture(values["measure"]["picture"]),
                }
            ),
            rows=tuple(Row(**row) for row in values["rows"]),
            total=values["total"],
            statistics=tuple(Statistic(**statistic) for statistic in values["statistics"]),
            fixed=frozenset(values["fixed"]),
            repeats=tuple((here, before) for here, before in values["repeats"]),
        )
        for values in plain
    )
