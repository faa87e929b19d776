"""Working time: every moment was read off a calendar by hand. Clock changes of 2026: 29 March, 25 October."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguarding.kit import working_time as wt


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 5, 1), True),  # a Friday
        (date(2026, 5, 2), False),  # a Saturday
        (date(2026, 5, 4), False),  # early May bank holiday
        (date(2026, 1, 2), True),  # a bank holiday in Scotland alone
        (date(2026, 4, 3), False),  # Good Friday
        (date(2026, 4, 6), False),  # Easter Monday, not in Scotland
        (date(2026, 8, 31), False),  # late summer
        (date(2026, 12, 28), False),  # instead of Boxing Day, a Saturday
        (date(2022, 9, 19), False),  # the State Funeral
    ],
)
def test_working_days_are_englands(day: date, works: bool) -> None:
    assert wt.is_working_day(day) is works


@pytest.mark.parametrize(
    ("at", "works"),
    [
        ("2026-02-03T09:00:00", True),
        ("2026-02-03T08:59:59", False),
        ("2026-02-03T16:59:59", True),
        ("2026-02-03T17:00:00", False),
        ("2026-07-07T08:00:00", True),  # 09:00 in London
        ("2026-07-07T16:00:00", False),  # 17:00 in London
    ],
)
def test_office_hours_follow_the_clock_on_the_wall(at: str, works: bool) -> None:
    assert wt.is_working_time(utc(at)) is works


@pytest.mark.parametrize(
    ("at", "moment"),
    [
        ("2026-02-03T11:30:00", "2026-02-03T11:30:00"),
        ("2026-02-03T06:00:00", "2026-02-03T09:00:00"),
        ("2026-02-03T17:00:00", "2026-02-04T09:00:00"),
        ("2026-03-28T12:00:00", "2026-03-30T08:00:00"),  # over the clock change
        ("2026-12-24T17:30:00", "2026-12-29T09:00:00"),  # over Christmas
    ],
)
def test_next_working_moment(at: str, moment: str) -> None:
    assert wt.next_working_moment(utc(at)) == utc(moment)


@pytest.mark.parametrize(
    ("at", "hours", "moment"),
    [
        ("2026-02-03T10:00:00", 4, "2026-02-03T14:00:00"),
        ("2026-02-03T13:00:00", 4, "2026-02-03T17:00:00"),  # just at the close
        ("2026-02-03T10:00:00", 0.25, "2026-02-03T10:15:00"),
        ("2026-02-03T10:00:00", 16, "2026-02-05T10:00:00"),  # two full days
        ("2026-03-27T16:00:00", 2, "2026-03-30T09:00:00"),  # clocks go forward between
        ("2026-10-23T15:00:00", 2, "2026-10-26T10:00:00"),  # clocks go back between
        ("2026-04-02T15:30:00", 1, "2026-04-07T08:30:00"),  # Easter
        ("2026-05-01T14:00:00", 4, "2026-05-05T10:00:00"),  # a long week-end
        ("2026-02-07T12:00:00", 1, "2026-02-09T10:00:00"),  # reported on a Saturday
    ],
)
def test_add_working_hours(at: str, hours: float, moment: str) -> None:
    assert wt.add_working_hours(utc(at), hours) == utc(moment)


@pytest.mark.parametrize(
    ("at", "days", "moment"),
    [
        ("2026-02-03T10:30:00", 1, "2026-02-04T10:30:00"),
        ("2026-02-06T10:30:00", 1, "2026-02-09T10:30:00"),
        ("2026-03-27T10:30:00", 1, "2026-03-30T09:30:00"),  # the same local time
        ("2026-10-23T09:30:00", 1, "2026-10-26T10:30:00"),
        ("2026-04-02T09:00:00", 2, "2026-04-08T09:00:00"),  # Easter; 10:00 in London
        ("2026-02-07T12:00:00", 1, "2026-02-10T09:00:00"),  # a Saturday counts from Monday's opening
        ("2026-02-03T20:00:00", 2, "2026-02-06T09:00:00"),  # an evening counts from the next opening
        ("2026-02-03T20:00:00", 0, "2026-02-04T09:00:00"),
    ],
)
def test_add_working_days(at: str, days: int, moment: str) -> None:
    assert wt.add_working_days(utc(at), days) == utc(moment)


@pytest.mark.parametrize(
    ("at", "moment"),
    [
        ("2026-02-03T09:00:00", "2026-02-03T17:00:00"),
        ("2026-02-03T03:00:00", "2026-02-03T17:00:00"),
        ("2026-02-06T17:00:00", "2026-02-09T17:00:00"),
        ("2026-03-27T18:00:00", "2026-03-30T16:00:00"),
        ("2026-10-25T00:30:00", "2026-10-26T17:00:00"),  # in the hour that comes twice
    ],
)
def test_end_of_working_day(at: str, moment: str) -> None:
    assert wt.end_of_working_day(utc(at)) == utc(moment)


def test_backwards_and_naive_are_refused() -> None:
    with pytest.raises(ValueError, match="forwards"):
        wt.add_working_hours(utc("2026-02-03T10:00:00"), -1)
    with pytest.raises(ValueError, match="forwards"):
        wt.add_working_days(utc("2026-02-03T10:00:00"), -1)
    with pytest.raises(ValueError, match="aware"):
        wt.is_working_time(datetime(2026, 2, 3, 10, 0))  # noqa: DTZ001 - the very thing


QUARTER = timedelta(minutes=15)
# Five years of quarters of an hour, bank holidays and ten clock changes among them.
moments = st.integers(0, 5 * 365 * 96).map(lambda n: utc("2024-01-01T00:00:00") + n * QUARTER)
quarters = st.integers(0, 120)


@given(moments, quarters)
def test_exactly_the_hours_asked_for_are_working_time(at: datetime, count: int) -> None:
    end = wt.add_working_hours(at, count / 4)
    worked, step = 0, at
    while step < end:
        worked += wt.is_working_time(step)
        step += QUARTER
    assert worked == count
    assert count == 0 or wt.is_working_time(end - QUARTER)  # and the last of them ends there


@given(moments, moments, quarters, quarters)
def test_more_hours_or_a_later_start_never_end_earlier(a: datetime, b: datetime, m: int, n: int) -> None:
    early, late = sorted((a, b))
    less, more = sorted((m, n))
    assert wt.add_working_hours(early, less / 4) <= wt.add_working_hours(late, less / 4)
    assert wt.add_working_hours(early, less / 4) <= wt.add_working_hours(early, more / 4)
    assert wt.add_working_days(early, less) <= wt.add_working_days(late, less)
    assert wt.next_working_moment(early) <= wt.next_working_moment(late)
    assert wt.end_of_working_day(early) <= wt.end_of_working_day(late)


@given(moments, st.integers(0, 30))
def test_days_keep_the_local_time_and_land_in_working_time(at: datetime, days: int) -> None:
    start = wt.next_working_moment(at).astimezone(wt.LONDON)
    end = wt.add_working_days(at, days)
    assert end.astimezone(wt.LONDON).time() == start.time()
    assert wt.is_working_time(end)
    assert end.utcoffset() == timedelta(0)
