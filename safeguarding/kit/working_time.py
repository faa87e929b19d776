"""Working time in England: Monday to Friday, without bank holidays, between the hours of settings.WORKING_DAY.

All moments taken and given are aware; what is given is in UTC. Hours of the working day are read off the wall clock of
Europe/London, so a deadline keeps its local time through both clock changes. Both changes happen on a Sunday night,
outside working time, so each working day is equally long.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from django.conf import settings

LONDON = ZoneInfo("Europe/London")


def is_working_day(day: date) -> bool:
    """Monday to Friday and no bank holiday in England."""
    return day.weekday() < 5 and day not in _bank_holidays()


def is_working_time(at: datetime) -> bool:
    """Whether the office is open at `at`; the closing moment itself is outside."""
    opens, closes = _hours()
    local = _local(at)
    return is_working_day(local.date()) and opens <= local.time() < closes


def next_working_moment(at: datetime) -> datetime:
    """`at` itself in working time, else the next opening of the office."""
    if is_working_time(at):
        return at.astimezone(UTC)
    opens, _ = _hours()
    local = _local(at)
    day = local.date()
    if local.time() >= opens or not is_working_day(day):
        day = _next_working_day(day)
    return _moment(day, opens)


def add_working_hours(at: datetime, hours: float) -> datetime:
    """The moment by which `hours` of working time have passed since `at`; a full day ends at its close.

    Raises ValueError for negative hours.
    """
    if hours < 0:
        raise ValueError("Working hours are counted forwards.")
    _, closes = _hours()
    left = timedelta(hours=hours)
    start = next_working_moment(at)
    while True:
        close = _moment(_local(start).date(), closes)
        if start + left <= close:
            return start + left
        left -= close - start
        start = next_working_moment(close)


def add_working_days(at: datetime, days: int) -> datetime:
    """The same local time `days` working days later. Outside working time the count starts at the next opening.

    Raises ValueError for negative days.
    """
    if days < 0:
        raise ValueError("Working days are counted forwards.")
    local = _local(next_working_moment(at))
    day = local.date()
    for _ in range(days):
        day = _next_working_day(day)
    return _moment(day, local.time())


def working_hours_between(start: datetime, end: datetime) -> float:
    """How many hours of working time lie between two moments; 0 when `end` is not after `start`."""
    _, closes = _hours()
    passed = timedelta()
    at = next_working_moment(start)
    while at < end:
        close = _moment(_local(at).date(), closes)
        passed += min(close, end) - at
        at = next_working_moment(close)
    return passed / timedelta(hours=1)


def end_of_working_day(at: datetime) -> datetime:
    """The close of the working day that `at` falls in; outside working time, of the next one."""
    _, closes = _hours()
    return _moment(_local(next_working_moment(at)).date(), closes)


@lru_cache(maxsize=1)
def _bank_holidays() -> holidays.HolidayBase:
    # Adds each year when it is first asked for.
    return holidays.country_holidays("GB", subdiv="ENG")


def _hours() -> tuple[time, time]:
    opens, closes = settings.WORKING_DAY
    return time.fromisoformat(opens), time.fromisoformat(closes)


def _local(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("Working time is reckoned from aware moments only.")
    return at.astimezone(LONDON)


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, tzinfo=LONDON).astimezone(UTC)


def _next_working_day(day: date) -> date:
    day += timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day
