"""What the ledger costs: events written each second against a plain insert, and the time to verify them.

    make test T="tools/bench_ledger.py -q -s"                      (100,000 events)
    SAFEGUARDING_BENCH_EVENTS=1000000 make test T="tools/bench_ledger.py -q -s"

Run through `make test`, because that starts the private PostgreSQL; it is no test and bounds nothing.
"""

from __future__ import annotations

import os
import resource
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from audit import services
from audit.models import Event
from audit.verification import verify
from concerns.events import VIEWED

AT = datetime(2026, 5, 5, 10, 0, tzinfo=UTC)
WRITTEN = 1000
ROUNDS = 7
TOTAL = int(os.environ.get("SAFEGUARDING_BENCH_EVENTS", "100000"))
BATCH = 5000


def per_second(write: Callable[[int], None]) -> float:
    """How many transactions of one `write` each are done in a second."""
    start = time.perf_counter()
    for step in range(WRITTEN):
        with transaction.atomic():
            write(step)
    return WRITTEN / (time.perf_counter() - start)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def say(words: str) -> None:
    print(words, flush=True)


@pytest.mark.django_db(transaction=True)
def test_the_cost_of_the_ledger() -> None:
    """Prints the figures."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_floor (id bigserial PRIMARY KEY, at timestamptz, code text, data text)" if
                       connection.vendor == "postgresql" else
                       "CREATE TABLE bench_floor (id integer PRIMARY KEY, at text, code text, data text)")  # fmt: skip

    def floor(step: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_floor (at, code, data) VALUES (%s, 'x', '{}')", [AT])

    def event(step: int) -> None:
        services.record(VIEWED, by=None, at=AT + timedelta(seconds=step), concern_id=step, ref="SC-AAAA-BBBB")

    say(f"\n{connection.vendor}: {ROUNDS} times {WRITTEN:,} transactions of one row each")
    # Turn and turn about, and the middle of each, so that a busy moment of the machine weighs on neither.
    rounds = [(per_second(floor), per_second(event)) for _ in range(ROUNDS)]
    plain, ledger = (statistics.median(side) for side in zip(*rounds, strict=True))
    say(f"  plain insert {plain:,.0f}/s, event {ledger:,.0f}/s: {plain / ledger:.2f} times the floor")
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_floor")

    have, steps = WRITTEN * ROUNDS, []
    for share in (0.25, 0.5, 1.0):
        while have < TOTAL * share:
            with transaction.atomic():
                services.record_about_each(
                    VIEWED, by=None, at=AT, subject_type="concerns.concern",
                    concerns=[(number, "SC-AAAA-BBBB") for number in range(BATCH)],
                )  # fmt: skip
            services.seal(at=AT)
            have += BATCH
        start, worked, before = time.perf_counter(), time.process_time(), peak_mb()
        result = verify()
        took, worked = time.perf_counter() - start, time.process_time() - worked
        if not result.is_sound:
            pytest.fail("The ledger is not sound.")
        steps.append((result.events, took))
        say(
            f"  verify {result.events:>9,} events in {took:6.1f} s, {worked:.1f} s of them this process's own; "
            f"peak {peak_mb():.0f} MB (before it {before:.0f} MB)"
        )
    (few, short), (many, long) = steps[0], steps[-1]
    slope = (long - short) / (many - few)
    say(f"  slope {slope * 1e6:.1f} s for a million events; {Event.objects.count():,} events measured")
