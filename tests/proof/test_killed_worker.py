"""A worker that dies in the middle of the sweep loses nothing and does nothing twice (I17).

The sweep runs in a process of its own on the same database and is killed (SIGKILL) at a random moment of the time that
a whole one takes on this machine; at the end one whole sweep makes up for all of them. A few times in `make test`, a
hundred times in `make prove`.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection

from audit.models import Event
from concerns import services
from concerns.models import Assignment, Concern, Deadline
from concerns.services.sweeping import sweep
from safeguarding.kit.models import OutboxMessage
from tests.build.cases import AT
from tests.build.cast import make_cast
from tests.build.intakes import URGENT

KILLS = 100 if os.environ.get("PROVE_MINUTES") else 3
LATER = AT + timedelta(hours=1)
WORKER = """
import datetime, sys, django
django.setup()
from concerns.services.sweeping import sweep
print("go", flush=True)
sweep(at=datetime.datetime.fromisoformat(sys.argv[1]))
print("done", flush=True)
"""


@contextmanager
def sweeping() -> Iterator[subprocess.Popen[str]]:
    """A process that has just begun to sweep."""
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "SAFEGUARDING_DB_NAME": str(connection.settings_dict["NAME"]),
    }
    command = [sys.executable, "-c", WORKER, LATER.isoformat()]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "go\n"
        yield worker


def seconds_of_a_sweep() -> float:
    with sweeping() as worker:
        began = time.monotonic()
        assert worker.communicate()[0] == "done\n"
        return time.monotonic() - began


def killed_sweep(delay: float) -> bool:
    """Start a sweep and kill it `delay` seconds after it began; whether it was still at work."""
    with sweeping() as worker:
        time.sleep(delay)
        worker.send_signal(signal.SIGKILL)
        return worker.wait() == -signal.SIGKILL


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_killed_sweep_loses_nothing_and_does_nothing_twice(figures: Callable[[str], None]) -> None:
    cast = make_cast()
    dice = random.Random(17)
    due = 5

    def raise_some() -> None:
        for _ in range(due):
            services.raise_concern(intake=URGENT, by=cast.amara, at=AT)

    raise_some()
    longest = seconds_of_a_sweep()
    interrupted = 0
    for _ in range(KILLS):
        raise_some()
        interrupted += killed_sweep(dice.uniform(0, longest))
    handed_on_before = Event.objects.filter(code="concern.passed_on").count() - due
    sweep(at=LATER)
    concerns = list(Concern.objects.all())
    assert len(concerns) == due * (KILLS + 1)
    for concern in concerns:
        assert Event.objects.filter(concern_id=concern.pk, code="concern.passed_on").count() == 1
        assert Assignment.objects.filter(concern=concern, ended_at__isnull=True).count() == 1
        assert Assignment.objects.filter(concern=concern).count() == 2
        assert concern.responsible is not None
        told = OutboxMessage.objects.filter(reference=concern.ref, recipient_id=concern.responsible.pk)
        assert told.filter(kind="concern.assigned").count() == 1
        assert Deadline.objects.filter(concern=concern, kind="T2", met_at=None, dropped_at=None).count() == 1
    figures(
        f"killed worker: {interrupted} of {KILLS} sweeps killed at work (SIGKILL); {handed_on_before} of "
        f"{KILLS * due} hand-overs were made by them, the rest by the last, whole sweep"
    )
    if KILLS == 100:
        assert 0 < handed_on_before < KILLS * due, "no sweep died in the middle of its work"
