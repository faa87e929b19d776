"""Quarters in local time, worked out by hand from the calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from champions.quarters import Quarter


def test_a_quarter_runs_from_local_midnight_to_local_midnight() -> None:
    quarter = Quarter(date(2026, 4, 1))
    # British Summer Time: one hour ahead of UTC.
    assert quarter.starts_at == datetime(2026, 3, 31, 23, 0, tzinfo=UTC)
    assert quarter.ends_at == datetime(2026, 6, 30, 23, 0, tzinfo=UTC)


def test_the_winter_quarter_begins_in_winter_time_and_ends_in_summer_time() -> None:
    quarter = Quarter(date(2026, 1, 1))
    assert quarter.starts_at == datetime(2026, 1, 1, 0, 0, tzinfo=UTC)
    assert quarter.ends_at == datetime(2026, 3, 31, 23, 0, tzinfo=UTC)


def test_half_past_midnight_of_the_first_of_april_is_the_spring_quarter() -> None:
    assert Quarter.of_moment(datetime(2026, 3, 31, 23, 30, tzinfo=UTC)) == Quarter(date(2026, 4, 1))
    assert Quarter.of_moment(datetime(2026, 3, 31, 22, 59, tzinfo=UTC)) == Quarter(date(2026, 1, 1))


def test_labels() -> None:
    assert Quarter(date(2026, 4, 1)).label == "April to June 2026"
    assert Quarter(date(2026, 10, 1)).label == "October to December 2026"
    assert Quarter(date(2026, 1, 1)).short_label == "Jan-Mar 2026"
    assert Quarter(date(2026, 7, 1)).code == "2026-07"


def test_the_report_is_built_on_the_fifth_working_day() -> None:
    # July 2026: 1 Wed, 2 Thu, 3 Fri, 6 Mon, 7 Tue.
    assert Quarter(date(2026, 4, 1)).is_built_from == date(2026, 7, 7)
    # April 2026: Good Friday is the 3rd, Easter Monday the 6th, so 1, 2, 7, 8, 9.
    assert Quarter(date(2026, 1, 1)).is_built_from == date(2026, 4, 9)
    # January 2027: 1st is a holiday (Friday), so 4, 5, 6, 7, 8.
    assert Quarter(date(2026, 10, 1)).is_built_from == date(2027, 1, 8)


@pytest.mark.parametrize("code", ["2026-05", "2026-4", "26-04", "2026-13", "", "2026-04-01", "٢٠٢٦-٠٤", "0000-01"])
def test_a_code_that_is_no_quarter_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match=r"quarter|month|year|day"):
        Quarter.from_code(code)


def test_a_day_on_which_no_quarter_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="starts on the first"):
        Quarter(date(2026, 4, 2))


@given(st.dates(date(1990, 1, 1), date(2090, 12, 31)))
def test_every_day_is_in_exactly_one_quarter(day: date) -> None:
    quarter = Quarter.of_day(day)
    assert quarter.start <= day < quarter.next.start
    assert quarter.next.previous == quarter
    assert Quarter.from_code(quarter.code) == quarter
    assert quarter.ends_at == quarter.next.starts_at
    assert quarter.plus(4).start == date(quarter.start.year + 1, quarter.start.month, 1)
