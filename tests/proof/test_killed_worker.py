"""A worker that dies in the middle of the sweep loses nothing and does nothing twice (I17).

The sweep runs in a process of its own on the same database and is killed (SIGKILL) at a random moment; at the end one
whole sweep makes up for all of them. A few times in `make test`, a hundred times in `make prove`.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
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
"""


def killed_sweep(delay: float) -> bool:
    """Start a sweep and kill it `delay` seconds after it began; whether it was still at work."""
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "SAFEGUARDING_DB_NAME": str(connection.settings_dict["NAME"]),
    }
    command = [sys.executable, "-c", WORKER, LATER.isoformat()]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "go\n"
        time.sleep(delay)
        worker.send_signal(signal.SIGKILL)
        return worker.wait() == -signal.SIGKILL


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_killed_sweep_loses_nothing_and_does_nothing_twice(figures: Callable[[str], None]) -> None:
    cast = make_cast()
    dice = random.Random(17)
    interrupted = 0
    for _ in range(KILLS):
        for _ in range(5):
            services.raise_concern(intake=URGENT, by=cast.amara, at=AT)
        interrupted += killed_sweep(dice.uniform(0, 0.4))
    handed_on_before = Event.objects.filter(code="concern.passed_on").count()
    sweep(at=LATER)
    concerns = list(Concern.objects.all())
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
        f"{len(concerns)} hand-overs were made by them, the rest by the last, whole sweep"
    )
