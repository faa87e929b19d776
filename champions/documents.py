"""The report as PDF and as CSV, from the same published figures as the page (rule 9)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from accounts.models import User
from champions.selectors import Published
from champions.suppression import HIDDEN_MARK, HIDDEN_MEANS, ShownRow, ShownTable
from safeguarding.kit import pdf
from safeguarding.kit.spreadsheet import csv_lines

_COLUMNS = (
    "Measure",
    "Title",
    "Group",
    "National return (SAC) term",
    "Counted unit",
    "Number",
    "Per cent",
    "Change from the quarter before",
    "Numerator",
    "Denominator",
)


DRAFT_MEANS = (
    "A draft leaves out restricted concerns and a few others, and is counted again each time that it is opened. The "
    "released report counts every concern."
)


def report_title(published: Published) -> str:
    return f"Quarterly report: {published.report.quarter.label}"


def report_pdf(published: Published, *, reader: User, at: datetime) -> bytes:
    """The report as a tagged PDF, marked with who made it. Raises what `kit.pdf.render` raises."""
    report = published.report
    return pdf.render(
        "champions/report_pdf.html",
        {
            "published": published,
            "report": report,
            "mark": HIDDEN_MARK,
            "hidden_means": HIDDEN_MEANS,
            "draft_means": DRAFT_MEANS,
            "imprint": pdf.Imprint(
                generated_at=at,
                generated_by=reader.full_name,
                purpose="quarterly report",
                reference=report.reference,
                version=f"version {report.version}",
                digest=report.digest,
                status="" if report.is_released else "DRAFT",
            ),
        },
        title=report_title(published),
    )


def report_csv(published: Published) -> str:
    """The figures as CSV, with a byte order mark so that spreadsheets read the letters right."""
    return "".join(csv_lines(_rows(published)))


def _rows(published: Published) -> Iterator[Sequence[str | int | float]]:
    version = f"Version {published.report.version}"
    if not published.report.is_released:
        version = f"{version}. {DRAFT_MEANS}"
    yield (report_title(published), version, HIDDEN_MEANS)
    yield _COLUMNS
    for section in published.sections:
        yield from _lines(section.table)


def _lines(table: ShownTable) -> list[list[str | int | float]]:
    measure = table.measure

    def line(
        group: str, note: str, number: str | float, percent: str | int, change: str | int
    ) -> list[str | int | float]:
        words = (measure.number, measure.title, group, note, measure.unit)
        tail = (measure.numerator, measure.denominator)
        return [*words, number, percent, change, *tail]

    if table.is_withheld:
        return [line("Withheld", "", HIDDEN_MARK, "", "")]
    lines = [
        line(row.label, row.note, _or_mark(row.count), _percent(table, row), _change(table, row.change))
        for row in table.rows
    ]
    if measure.is_total_shown:
        total_change = _change(table, table.total_change)
        lines.append(line(measure.total_label, "", _or_mark(table.total), "", total_change))
    lines += [line(f"{found.label} ({found.unit})", "", _or_mark(found.value), "", "") for found in table.statistics]
    return lines


def _or_mark(value: float | None) -> str | float:
    return HIDDEN_MARK if value is None else value


def _percent(table: ShownTable, row: ShownRow) -> str | int:
    if not table.shows_percent:
        return ""
    return HIDDEN_MARK if row.percent is None else row.percent


def _change(table: ShownTable, change: int | None) -> str | int:
    if not table.has_change:
        return ""
    return HIDDEN_MARK if change is None else change
