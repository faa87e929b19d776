"""What of a report may be shown, so that nobody in it can be made out (domain.md 4, "Suppression"). Pure.

`hide` decides once, when a report is released, and its answer is kept with the report. `publish` applies it.
Page, PDF, CSV, charts and alternative texts are all made from what `publish` returns, which holds no hidden
number (rule 9).

The rules, by the register's numbers:
1. In a table about people a group of 1 to 4 is hidden; by a protected characteristic a 0 as well.
2. A line never hides a single group, and the hidden groups of a line always sum to 5 or more: the smallest
   group still shown is hidden too, again and again, until that holds. A 0 goes last: it protects nothing.
   Ties go to the first row.
3. No percentage, median, change or picture from a hidden group or from fewer than 10.
4. Numbers that stand in two tables are hidden in both or in neither (`Table.fixed`).
5. A change is hidden when either quarter is, and a number that closes one quarter and opens the next is
   hidden in both.
6. A new version of a report hides at least what the version before it hid.
7. A table about fewer than 5 is withheld whole; so is one that rule 2 can't protect.

Counts of our own work (deadlines kept, concerns opened and closed) are shown exactly, as the register allows,
once they are about 10 concerns or more; below that one of them could be one known person's, and rules 1 and 2
hold for them too. Counts of the records themselves (duplicates, errors) tell nothing of anyone and are always
shown. Restricted concerns are left out of groups under 10: the whole group is hidden, because
leaving out the one concern would show it again as a difference to the total.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from champions.tables import Measure, Nature, Row, Statistic, Table

HIDDEN_MARK = "[c]"
HIDDEN_MEANS = "[c] means 0 to 4, or hidden to protect another figure."
LEAST_SHOWN = 5
LEAST_BASE = 10
# A table of more rows than this lists those without anything in one sentence.
LONG_TABLE = 8

Cell = tuple[str, str]


@dataclass(frozen=True)
class Hidden:
    """What a report does not show: whole tables by key, and cells by (table's key, row's key)."""

    tables: frozenset[str] = frozenset()
    cells: frozenset[Cell] = frozenset()

    def rows_of(self, table: str) -> frozenset[str]:
        return frozenset(row for of, row in self.cells if of == table)

    def covers(self, table: str, row: str) -> bool:
        return table in self.tables or (table, row) in self.cells

    def to_json(self) -> dict[str, Any]:
        return {"tables": sorted(self.tables), "cells": sorted([table, row] for table, row in self.cells)}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Hidden:
        return cls(frozenset(plain["tables"]), frozenset((table, row) for table, row in plain["cells"]))


NOTHING = Hidden()


def hide(tables: Iterable[Table], *, earlier: Hidden = NOTHING, before: Hidden | None = None) -> Hidden:
    """What of `tables` must not be shown.

    `earlier` is what the version before this one hid (rule 6); `before` what the report of the quarter before
    hides, None when there is no such report (rule 5).
    """
    withheld: set[str] = set()
    cells: set[Cell] = set()
    for table in tables:
        rows: set[str] | None = None
        if table.measure.nature is Nature.RECORDS:
            rows = set()
        elif table.total >= LEAST_SHOWN and table.key not in earlier.tables:
            rows = _hidden_rows(table, earlier.rows_of(table.key), before)
        if rows is None:
            withheld.add(table.key)
        else:
            cells.update((table.key, row) for row in rows)
    return Hidden(frozenset(withheld), frozenset(cells))


def _hidden_rows(table: Table, earlier: frozenset[str], before: Hidden | None) -> set[str] | None:
    """Keys of the rows to hide, or None when the table can't be protected by hiding rows."""
    fixed, hidden = set(table.fixed), set(earlier)
    if before is not None:
        for here, there in table.repeats:
            (hidden if before.covers(table.key, there) else fixed).add(here)
    hidden = {row.key for row in table.rows if row.key in hidden or _is_primary(row, table)} - fixed
    counts = {row.key: row.count for row in table.rows}
    while hidden and (len(hidden) == 1 or sum(counts[key] for key in hidden) < LEAST_SHOWN):
        left = [key for key in counts if key not in hidden and key not in fixed]
        if not left:
            return None
        hidden.add(min(left, key=lambda key: (counts[key] == 0, counts[key])))
    return hidden


def _is_primary(row: Row, table: Table) -> bool:
    """Rule 1, and the rule on restricted concerns: this row is hidden for its own sake."""
    if table.measure.nature is Nature.PROCESS and table.total >= LEAST_BASE:
        return False
    if row.restricted and row.count < LEAST_BASE:
        return True
    return 0 < row.count < LEAST_SHOWN or (row.count == 0 and table.measure.nature is Nature.PROTECTED)


# --- What is shown ------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownRow:
    """A row as anyone may see it. None stands for hidden, never for 0."""

    key: str
    label: str
    note: str
    count: int | None
    percent: int | None
    change: int | None
    change_percent: int | None

    @property
    def change_words(self) -> str:
        """ "+5 (+25%)", or the mark."""
        return in_words(self.change, self.change_percent)


@dataclass(frozen=True)
class ShownStatistic:
    label: str
    value: float | None
    unit: str


@dataclass(frozen=True)
class ShownTable:
    """A measure as anyone may see it; made by `publish` alone."""

    measure: Measure
    is_withheld: bool
    rows: tuple[ShownRow, ...]
    total: int | None
    total_change: int | None
    has_change: bool
    statistics: tuple[ShownStatistic, ...]

    @property
    def key(self) -> str:
        return self.measure.key

    @property
    def total_change_words(self) -> str:
        return in_words(self.total_change)

    @property
    def has_hidden(self) -> bool:
        return self.is_withheld or any(row.count is None for row in self.rows)

    @property
    def is_too_small_to_draw(self) -> bool:
        """Rule 3: no picture of a population under 10."""
        return self.total is None or self.total < LEAST_BASE

    @property
    def shows_percent(self) -> bool:
        """Rule 3: no percentages of a population under 10."""
        return self.measure.has_percent and not self.is_too_small_to_draw

    @property
    def listed_rows(self) -> tuple[ShownRow, ...]:
        """The rows worth a line of their own: of a long table those without anything in either quarter are
        not.
        """
        return tuple(row for row in self.rows if row not in self.empty_rows)

    @property
    def empty_rows(self) -> tuple[ShownRow, ...]:
        """The rows of a long table that are 0 and, as far as is shown, were 0 in the quarter before."""
        if len(self.rows) <= LONG_TABLE:
            return ()
        return tuple(row for row in self.rows if row.count == 0 and not row.change)

    @property
    def largest(self) -> ShownRow | None:
        """The row with the highest count that is shown; None when all are 0 or hidden."""
        shown = [row for row in self.rows if row.count]
        return max(shown, key=lambda row: row.count or 0) if shown else None


def publish(
    tables: Sequence[Table], hidden: Hidden, before: Mapping[str, ShownTable] | None = None
) -> tuple[ShownTable, ...]:
    """`tables` without what is `hidden`; changes are against `before`, the quarter before as it was shown."""
    return tuple(_shown(table, hidden, None if before is None else before.get(table.key)) for table in tables)


def _shown(table: Table, hidden: Hidden, before: ShownTable | None) -> ShownTable:
    withheld = table.key in hidden.tables
    rows_hidden = hidden.rows_of(table.key)
    total = None if withheld else table.total
    counts_before = {} if before is None else {row.key: row.count for row in before.rows}
    return ShownTable(
        measure=table.measure,
        is_withheld=withheld,
        rows=()
        if withheld
        else tuple(_shown_row(row, table, row.key in rows_hidden, counts_before.get(row.key)) for row in table.rows),
        total=total,
        total_change=_change(total, None if before is None else before.total),
        has_change=before is not None,
        statistics=tuple(_shown_statistic(found, withheld or bool(rows_hidden)) for found in table.statistics),
    )


def _shown_row(row: Row, table: Table, is_hidden: bool, before: int | None) -> ShownRow:
    count = None if is_hidden else row.count
    change = _change(count, before)
    return ShownRow(
        key=row.key,
        label=row.label,
        note=row.note,
        count=count,
        percent=_percent(count, table.total) if table.measure.has_percent else None,
        change=change,
        change_percent=None if change is None or before is None else _percent(change, before),
    )


def _shown_statistic(found: Statistic, is_hidden: bool) -> ShownStatistic:
    shows = not is_hidden and found.of >= LEAST_BASE
    return ShownStatistic(found.label, found.value if shows else None, found.unit)


def in_words(change: int | None, percent: int | None = None) -> str:
    """A change with its sign, and per cent where there is a base for it."""
    if change is None:
        return HIDDEN_MARK
    return _signed(change) if percent is None else f"{_signed(change)} ({_signed(percent)}%)"


def _signed(number: int) -> str:
    return f"+{number}" if number > 0 else str(number).replace("-", "−")


def _change(now: int | None, before: int | None) -> int | None:
    return None if now is None or before is None else now - before


def _percent(part: int | None, whole: int) -> int | None:
    """`part` of `whole` in whole per cent, halves away from 0; None under rule 3."""
    if part is None or whole < LEAST_BASE:
        return None
    size = (200 * abs(part) + whole) // (2 * whole)
    return size if part >= 0 else -size
