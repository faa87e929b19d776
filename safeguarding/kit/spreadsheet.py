"""CSV that a spreadsheet reads right and takes for nothing else than words."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

# A spreadsheet takes a cell that begins with one of these for a formula (the last four are the wide forms).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def harmless(words: str) -> str:
    """`words` such that no spreadsheet takes them for a formula."""
    return f"'{words}" if words.startswith(_FORMULA) else words


def csv_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """One piece of text for each row, every cell harmless; first a byte order mark, so that letters are read right."""
    yield "\ufeff"
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow([harmless(cell) for cell in row])
        yield line.getvalue()
