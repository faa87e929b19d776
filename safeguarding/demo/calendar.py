"""When things happen at Larkfield: mostly in office hours, sometimes at night, from one moment on for ever.

Pure, and the same for the same seed: the history can be carried on from where it was left.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from safeguarding.kit.working_time import is_working_day

LONDON = ZoneInfo("Europe/London")
QUARTERS = 6
# Concerns raised from the first day until the demo is opened, and at the same pace afterwards.
TOLD = 296
# And some more just before it is opened, so many hours ago, for queues with something fresh in them.
FRESH = (0.3, 0.9, 2.0, 3.6, 5.5, 20, 23, 27, 46, 51, 71, 75, 97, 121, 145, 169, 190, 214, 238, 262)
BLOCK = timedelta(weeks=4)


def first_day(opened_at: datetime) -> date:
    """The first day of the quarter (January, April, July, October) that lies six whole quarters before `opened_at`."""
    today = opened_at.astimezone(LONDON).date()
    months = today.year * 12 + (today.month - 1) // 3 * 3 - 3 * QUARTERS
    return date(months // 12, months % 12 + 1, 1)


def arrivals(seed: int, *, opened_at: datetime, until: datetime) -> Iterator[datetime]:
    """When concerns are raised, in order, from the first day until `until`."""
    start = datetime.combine(first_day(opened_at), time.min, tzinfo=LONDON)
    a_block = TOLD * (BLOCK / (opened_at - start))
    fresh = [opened_at - timedelta(hours=hours) for hours in FRESH]
    yield from heapq.merge(_steady(seed, start, a_block, until), sorted(fresh))


def _steady(seed: int, start: datetime, a_block: float, until: datetime) -> Iterator[datetime]:
    number = 0
    while start + number * BLOCK <= until:
        dice = random.Random(f"{seed}:block:{number}")  # noqa: S311  (a story, no secret)
        count = math.floor((number + 1) * a_block) - math.floor(number * a_block)
        yield from (moment for moment in _of_block(dice, start + number * BLOCK, count) if moment <= until)
        number += 1


def _of_block(dice: random.Random, start: datetime, count: int) -> list[datetime]:
    days = [start + timedelta(days=day) for day in range(BLOCK.days)]
    busy = [1.0 if is_working_day(day.date()) else 0.12 for day in days]
    return sorted(_of_day(dice, day) for day in dice.choices(days, busy, k=count))


def _of_day(dice: random.Random, start: datetime) -> datetime:
    in_office = is_working_day(start.date()) and dice.random() < 0.93
    early, late = (8.5, 17.5) if in_office else (7.0, 23.0)
    return start + timedelta(minutes=round(60 * dice.uniform(early, late)))
