"""CSV that a spreadsheet reads right and takes for nothing else than words."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

# A spreadsheet takes a cell that begins with one of these for a formula; after the plain four their full-width and
# small forms.
_SIGNS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
# What may stand before the sign and does not keep a spreadsheet from finding it: spaces of every kind, controls, marks
# that can't be seen, quotation marks.
_BEFORE = '\\s\x00-\x1f\x7f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff"'
# Where a cell begins: at the beginning of the words, and, for a spreadsheet that parts cells by something else than a
# comma, after that. In much of Europe it is the semicolon: what is harmless here would be cut into cells there.
_FORMULA = re.compile(f"(^|[;|\t\r\n\x0b\x0c\x85\u2028\u2029])(?=[{_BEFORE}]*[{_SIGNS}])")
_CONTROL_FIRST = re.compile("^(?=[\t\r\n])")


def harmless(words: str) -> str:
    """`words` such that no spreadsheet takes any of them for a formula, whatever parts its cells."""
    return _CONTROL_FIRST.sub("'", _FORMULA.sub(r"\1'", words))


def csv_lines(rows: Iterable[Sequence[str | int | float]]) -> Iterator[str]:
    """One piece of text for each row: every cell in quotation marks, all words harmless, numbers as they are.

    First comes a byte order mark, so that letters are read right.
    """
    yield "\ufeff"
    for row in rows:
        line = io.StringIO()
        cells = [harmless(cell) if isinstance(cell, str) else cell for cell in row]
        csv.writer(line, quoting=csv.QUOTE_ALL).writerow(cells)
        yield line.getvalue()
