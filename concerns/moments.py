"""Deadlines in words, as people say them. Pure: a moment due and the present moment in, words out (Europe/London)."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def how_long(span: timedelta) -> str:
    """The largest whole unit that fits: "3 days", "2 hours", "1 minute", "less than a minute"."""
    minutes = int(abs(span).total_seconds()) // 60
    for size, unit in ((24 * 60, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = minutes // size
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return "less than a minute"


def clock_time(at: datetime) -> str:
    """ "3:15pm"; "midnight" and "midday" by name, because 12:00am and 12:00pm are misread."""
    local = at.astimezone(LONDON)
    if (local.hour, local.minute) == (0, 0):
        return "midnight"
    if (local.hour, local.minute) == (12, 0):
        return "midday"
    return f"{local.hour % 12 or 12}:{local:%M}{'am' if local.hour < 12 else 'pm'}"


def day_and_time(due_at: datetime, *, at: datetime) -> str:
    """When `due_at` is, seen from `at`: "3:15pm today", "9am tomorrow", "5pm on 3 March 2026".

    A deadline at midnight belongs to the day that it ends, and says so: "midnight at the end of 3 March 2026".
    """
    day = (due_at.astimezone(LONDON) - timedelta(microseconds=1)).date()
    today = at.astimezone(LONDON).date()
    clock = clock_time(due_at).replace(":00", "")
    is_midnight = clock == "midnight"
    if day == today:
        return f"{clock} at the end of today" if is_midnight else f"{clock} today"
    if day == today + timedelta(days=1):
        return f"{clock} at the end of tomorrow" if is_midnight else f"{clock} tomorrow"
    return f"{clock} {'at the end of' if is_midnight else 'on'} {day.day} {day:%B %Y}"


def due_words(due_at: datetime, *, at: datetime) -> str:
    """ "overdue by 2 hours", or "due by 3:15pm today"."""
    if due_at < at:
        return f"overdue by {how_long(at - due_at)}"
    return f"due by {day_and_time(due_at, at=at)}"
