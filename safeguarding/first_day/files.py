"""Reading the CSV files of a first day: what is in them, and what is wrong with them, by row and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Table:
    """What a kind of file must look like: its name, and its columns."""

    file_name: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.required, *self.optional)


AREAS = Table("service_areas.csv", ("code", "name"))
STAFF = Table(
    "staff.csv",
    ("email", "full_name"),
    ("job_title", "phone", "service_area", "line_manager_email", "employment", "firm", "roles"),
)
CHAMPIONS = Table("champions.csv", ("email", "service_area"), ("confirmed_on",))
AGENCIES = Table(
    "agencies.csv",
    ("kind", "name"),
    (
        "local_authority", "phone", "out_of_hours_phone", "secure_email", "portal_url", "post_address",
        "usual_method", "notes",
    ),
)  # fmt: skip
TABLES = (AREAS, STAFF, CHAMPIONS, AGENCIES)


@dataclass(frozen=True, order=True)
class Mistake:
    """Something wrong in a file. `row` counts as a spreadsheet does, headings are row 1; 0 is the file as a whole."""

    file: str
    row: int
    column: str
    sentence: str

    def __str__(self) -> str:
        where = f", row {self.row}" if self.row else ""
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}{where}{column}: {self.sentence}"


@dataclass(frozen=True)
class Row:
    """One line of a file: its number, and its cells without spaces around them; a missing column is ""."""

    file: str
    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def mistake(self, column: str, sentence: str) -> Mistake:
        return Mistake(self.file, self.number, column, sentence)


def read_table(path: Path, table: Table, mistakes: list[Mistake]) -> Sequence[Row]:
    """The rows of one file; what is wrong goes into `mistakes`. Lines with nothing in them are passed over.

    UTF-8 with or without a byte order mark, commas or semicolons (as Excel saves them).
    """

    def wrong(sentence: str, row: int = 0, column: str = "") -> None:
        mistakes.append(Mistake(path.name, row, column, sentence))

    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = path.read_bytes()[: error.start].count(b"\n") + 1
        wrong("This is not UTF-8 text. In Excel, save it as “CSV UTF-8 (Comma delimited)”.", row)
        return []
    except OSError:
        wrong("This file can’t be read.")
        return []
    if "\x00" in text:
        wrong("This is not a CSV file. Save the sheet as “CSV UTF-8 (Comma delimited)”.")
        return []
    first_line = text.partition("\n")[0]
    delimiter = ";" if first_line.count(";") > first_line.count(",") else ","
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        wrong("The quotation marks in this file don’t match up. Save it from a spreadsheet again.")
        return []
    headings = [heading.strip().lower() for heading in lines[0]] if lines else []
    if not any(headings):
        wrong("The file is empty. Its first row must hold the column names.", 1)
        return []
    missing = [column for column in table.required if column not in headings]
    unknown = [heading for heading in headings if heading and heading not in table.columns]
    doubled = sorted({heading for heading in headings if heading and headings.count(heading) > 1})
    for column in missing:
        wrong("This column is missing.", 1, column)
    for column in unknown:
        wrong(f"There is no such column. The columns are: {', '.join(table.columns)}.", 1, column)
    for column in doubled:
        wrong("This column is there twice.", 1, column)
    if missing or doubled:
        return []
    return _rows(path.name, table, headings, lines[1:], mistakes)


def _rows(
    file: str, table: Table, headings: list[str], lines: list[list[str]], mistakes: list[Mistake]
) -> Sequence[Row]:
    rows: list[Row] = []
    for number, line in enumerate(lines, start=2):
        if not any(cell.strip() for cell in line):
            continue
        if len(line) > len(headings) and any(cell.strip() for cell in line[len(headings) :]):
            mistakes.append(Mistake(file, number, "", "This row has more cells than there are columns."))
            continue
        cells = {heading: cell.strip() for heading, cell in zip(headings, line, strict=False) if heading}
        row = Row(file, number, cells)
        empty = [column for column in table.required if not row[column]]
        mistakes += [row.mistake(column, "This cell is empty.") for column in empty]
        if not empty:
            rows.append(row)
    return rows
