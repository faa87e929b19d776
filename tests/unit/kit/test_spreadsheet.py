"""Words in a CSV stay words, whichever sign a spreadsheet parts its cells by."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from safeguarding.kit.spreadsheet import csv_lines, harmless

SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫"
INVISIBLE = " \t\r\n\u00a0\u3000\u200b\ufeff\u202e\x00\x0b"


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_that_makes_a_formula_is_seen_behind_whatever_stands_before_it(sign: str) -> None:
    assert harmless(f"{sign}X()") == f"'{sign}X()"
    for before in (*INVISIBLE, '"', '"" ', " \t "):
        assert harmless(f"{before}{sign}X()").startswith("'"), repr(before)


def test_also_where_another_spreadsheet_would_begin_a_cell() -> None:
    assert harmless("a;=X()") == "a;'=X()"
    assert harmless('a;"=X()') == "a;'\"=X()"
    assert harmless("a; \u200b＝X()") == "a;' \u200b＝X()"
    assert harmless("a\n=X()") == "a\n'=X()"
    assert harmless("a\t=X();b|@Y") == "a\t'=X();b|'@Y"


@pytest.mark.parametrize(
    "words", ["Housing", "Mill Lane 3-5", "a; b", "anna=maria", "2 + 2", "“No”, she said: - no", ""]
)
def test_plain_words_are_left_alone(words: str) -> None:
    assert harmless(words) == words


def read_by(separator: str, row: list[str | int]) -> list[list[str]]:
    """What a spreadsheet finds that parts cells by `separator`: quotation marks inside a cell don't stop it."""
    text = "".join(csv_lines([row])).removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def formulas(cells: Iterator[str]) -> list[str]:
    seen = (cell.lstrip(INVISIBLE + '"') for cell in cells)
    return [cell for cell in seen if cell.startswith(tuple(SIGNS))]


@given(
    words=st.lists(st.text(alphabet=f"a;,|\"' {SIGNS}{INVISIBLE}", max_size=8), min_size=1, max_size=3),
    separator=st.sampled_from(",;\t|"),
)
@example(words=["a;=X()", "b"], separator=";")
@example(words=["Jean", "a;=X()"], separator=";")
@example(words=['a;"=X()'], separator=";")
@example(words=["a\n=X()", "=Y()"], separator=";")
def test_no_reader_finds_a_formula_in_what_somebody_typed(words: list[str], separator: str) -> None:
    row = [word.replace("\x00", "") for word in words]  # no text that the database keeps has one
    assert formulas(cell for line in read_by(separator, list(row)) for cell in line) == []


def test_every_cell_is_in_quotation_marks_and_numbers_stay_numbers() -> None:
    assert "".join(csv_lines([["a", 3, -3, "[c]"], ["b"]])) == '\ufeff"a","3","-3","[c]"\r\n"b"\r\n'
