"""Files that leave this app."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from accounts.models import User
from concerns.selectors.access import Wanted, access_lines
from safeguarding.kit.spreadsheet import csv_lines

LONDON = ZoneInfo("Europe/London")
COLUMNS = ("When (London)", "Who", "What", "Detail", "Reference", "Code", "Mark")


def access_csv(reader: User, wanted: Wanted, *, before: int) -> Iterator[str]:
    """The access report as CSV, piece by piece: what stood in the ledger before the event `before`."""
    yield from csv_lines(_rows(reader, wanted, before))


def _rows(reader: User, wanted: Wanted, before: int) -> Iterator[tuple[str, ...]]:
    yield COLUMNS
    for line in access_lines(reader, wanted, before=before):
        when = line.at.astimezone(LONDON).isoformat(sep=" ", timespec="seconds")
        yield (when, line.who, line.what, line.detail, line.ref, line.code, line.mark)
