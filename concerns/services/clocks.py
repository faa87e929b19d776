"""Deadlines are rows; these functions alone write them and keep `Concern.next_due_at` in step.

All are called with the concern locked, inside the caller's transaction.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Min

from concerns import events
from concerns.models import Concern, Deadline, Person
from concerns.services.base import log
from concerns.vocabulary import BESIDE_THE_CASE, ClockKind


def start_clock(
    concern: Concern,
    kind: ClockKind,
    *,
    due_at: datetime,
    at: datetime,
    about: str = "",
) -> Deadline:
    """A running deadline of this kind. One that runs already keeps the earlier of the two times (I12).

    A time that is shortened counts from now, so that what is overdue by half is half of the new time.
    """
    running = _running(concern, kind, about)
    if running is None:
        running = Deadline.objects.create(concern=concern, kind=kind, about=about, started_at=at, due_at=due_at)
    elif due_at < running.due_at:
        running.started_at, running.due_at = min(at, due_at), due_at
        running.save(update_fields=["started_at", "due_at"])
    else:
        return running
    log(
        events.CLOCK_STARTED,
        concern,
        by=None,
        at=at,
        clock=kind.value,
        about=about,
        due_at=due_at.isoformat(),
    )
    _keep_next_due(concern)
    return running


def carry_clock(clock: Deadline, concern: Concern, *, at: datetime, about: str = "") -> None:
    """`concern` takes over a clock as it ran elsewhere, or before it ended: same start, same limit, same level (I12).

    One of this kind that runs on `concern` already stays when it is due first. `about`: what it is about there, where
    that has another name.
    """
    kind, about = ClockKind(clock.kind), about or clock.about
    running = _running(concern, kind, about)
    if running is not None and running.due_at <= clock.due_at:
        return
    row = running or Deadline(concern=concern, kind=kind, about=about)
    row.started_at, row.due_at, row.level, row.reminded = clock.started_at, clock.due_at, clock.level, clock.reminded
    row.save()
    log(
        events.CLOCK_STARTED, concern, by=None, at=at, clock=kind.value, about=about,
        due_at=clock.due_at.isoformat(),
    )  # fmt: skip
    _keep_next_due(concern)


def carry_on(concern: Concern, *, ended_at: datetime, at: datetime) -> None:
    """The limits that ran when the concern ended at `ended_at` run on as they were: no time is gained (I12).

    Nobody is to contact whoever died meanwhile.
    """
    ran = Deadline.objects.filter(concern=concern, dropped_at=ended_at).exclude(kind=ClockKind.ACKNOWLEDGE)
    dead = Person.objects.filter(died_on__isnull=False).values("ref")
    for clock in ran.exclude(kind=ClockKind.CONTACT, about__in=dead):
        carry_clock(clock, concern, at=at)


def meet_clock(concern: Concern, kind: ClockKind, *, at: datetime, about: str = "") -> Deadline | None:
    """What the clock timed was done at `at`; None when no such clock runs."""
    return _end(concern, kind, about, "met_at", at)


def drop_clock(concern: Concern, kind: ClockKind, *, at: datetime, about: str = "") -> Deadline | None:
    """What the clock timed no longer applies; None when no such clock runs."""
    return _end(concern, kind, about, "dropped_at", at)


def drop_all_clocks(concern: Concern, *, at: datetime) -> None:
    """Closing ends every clock of the case, so that nobody is reminded of a closed concern; what a lead owes beside it
    runs on.
    """
    running = Deadline.objects.filter(concern=concern, met_at__isnull=True, dropped_at__isnull=True)
    running.exclude(kind__in=BESIDE_THE_CASE).update(dropped_at=at)
    _keep_next_due(concern)


def _running(concern: Concern, kind: ClockKind, about: str) -> Deadline | None:
    return Deadline.objects.filter(
        concern=concern,
        kind=kind,
        about=about,
        met_at__isnull=True,
        dropped_at__isnull=True,
    ).first()


def _end(concern: Concern, kind: ClockKind, about: str, field: str, at: datetime) -> Deadline | None:
    running = _running(concern, kind, about)
    if running is None:
        return None
    setattr(running, field, at)
    running.save(update_fields=[field])
    _keep_next_due(concern)
    return running


def _keep_next_due(concern: Concern) -> None:
    running = Deadline.objects.filter(concern=concern, met_at__isnull=True, dropped_at__isnull=True)
    of_the_case = running.exclude(kind__in=BESIDE_THE_CASE)
    concern.next_due_at = of_the_case.aggregate(first=Min("due_at"))["first"]
    concern.save(update_fields=["next_due_at"])
