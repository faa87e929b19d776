"""Quarters of the year, as the quarterly report counts them (domain.md 4; R138). Pure: no clock, no database.

A quarter runs from the first instant of its first day to, not including, the first instant of the next
quarter's first day, in local time (Europe/London). So the quarter in which the clocks go forward is an hour
short.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from safeguarding.kit.working_time import is_working_day

LONDON = ZoneInfo("Europe/London")
_FIRST_MONTHS = (1, 4, 7, 10)
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
# The report is built on this working day of the next quarter (domain.md 4).
BUILT_ON_WORKING_DAY = 5


@dataclass(frozen=True, order=True)
class Quarter:
    """A quarter, named by its first day. Raises ValueError for a day on which no quarter starts."""

    start: date

    def __post_init__(self) -> None:
        if self.start.day != 1 or self.start.month not in _FIRST_MONTHS:
            raise ValueError("A quarter starts on the first of January, April, July or October.")

    @classmethod
    def of_day(cls, day: date) -> Quarter:
        """The quarter that the local date `day` falls in."""
        return cls(date(day.year, day.month - (day.month - 1) % 3, 1))

    @classmethod
    def of_moment(cls, at: datetime) -> Quarter:
        """The quarter that the aware moment `at` falls in, by local time."""
        return cls.of_day(at.astimezone(LONDON).date())

    @classmethod
    def from_code(cls, code: str) -> Quarter:
        """The quarter written "2026-04". Raises ValueError when there is none of that name."""
        year, _, month = code.partition("-")
        if not (len(year) == 4 and len(month) == 2 and code.isascii() and (year + month).isdigit()):
            raise ValueError("A quarter is written as year and first month: 2026-04.")
        return cls(date(int(year), int(month), 1))

    @property
    def code(self) -> str:
        """ "2026-04", as in addresses."""
        return f"{self.start.year:04}-{self.start.month:02}"

    @property
    def label(self) -> str:
        """ "April to June 2026", as people read it."""
        return f"{_MONTHS[self.start.month - 1]} to {_MONTHS[self.start.month + 1]} {self.start.year}"

    @property
    def short_label(self) -> str:
        """ "Apr-Jun 2026", where room is short."""
        first, last = _MONTHS[self.start.month - 1][:3], _MONTHS[self.start.month + 1][:3]
        return f"{first}-{last} {self.start.year}"

    @property
    def next(self) -> Quarter:
        return self.plus(1)

    @property
    def previous(self) -> Quarter:
        return self.plus(-1)

    def plus(self, count: int) -> Quarter:
        """The quarter `count` quarters on; back when negative."""
        months = self.start.year * 12 + self.start.month - 1 + 3 * count
        return Quarter(date(months // 12, months % 12 + 1, 1))

    @property
    def starts_at(self) -> datetime:
        """The first instant of the quarter, in UTC."""
        return _midnight(self.start)

    @property
    def ends_at(self) -> datetime:
        """The first instant after the quarter, in UTC: compare with "before"."""
        return _midnight(self.plus(1).start)

    @property
    def is_built_from(self) -> date:
        """The local date from which its report is built: working day 5 after it has ended."""
        day, counted = self.next.start, 0
        while True:
            counted += is_working_day(day)
            if counted == BUILT_ON_WORKING_DAY:
                return day
            day += timedelta(days=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=LONDON).astimezone(UTC)
