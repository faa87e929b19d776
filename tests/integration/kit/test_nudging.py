"""A worker is nudged after the commit, and nobody waits for a broker that is away (I17)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis
from django.db import connection, transaction
from kombu.exceptions import OperationalError as BrokerError
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import User
from safeguarding.celery import TIMETABLE, app
from safeguarding.kit import nudging, outbox
from safeguarding.kit.clock import now
from safeguarding.kit.models import OutboxMessage
from tests.build import broker
from tests.build.broker import Away, production_broker, production_settings

AT = datetime(2026, 5, 5, 10, 0, tzinfo=UTC)
# What five messages may take a person who waits: two seconds, and much more for a busy machine. It was half a minute.
PATIENCE = 12
# Of production: a worker's read that is blocked lasts longer than this many seconds.
SOCKET_TIMEOUT = 2


@pytest.fixture
def dev() -> User:
    return User.objects.create_user("dev@larkfield.example", full_name="Dev Sharma", phone="01632 960 222")


def queue(to: User, key: str, *, at: datetime = AT) -> None:
    kind = outbox.all_kinds()["accounts.invited"]
    outbox.queue(kind, to=to.pk, about=to.pk, reference="Account", path="/account/", key=key, at=at)


def in_time(work: Callable[[], object]) -> bool:
    """Whether `work` ends while a person would still wait."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return not thread.is_alive()


@pytest.fixture(params=[broker.closed, broker.silent])
def away(request: pytest.FixtureRequest) -> Iterator[Away]:
    with request.param() as found, production_broker(found.url):
        yield found


@pytest.mark.django_db
def test_an_emergency_is_sent_at_once_while_redis_is_away(
    dev: User,
    away: Away,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        for number in range(5):
            queue(dev, f"emergency:{number}")
    assert in_time(lambda: [callback() for callback in callbacks])
    assert len(away.came) <= 1, "of five messages only the first asks"
    assert [message.split(" of row")[0] for message in caplog.messages] == [
        "No broker took the nudge for kit.deliver_message"
    ]
    assert OutboxMessage.objects.filter(sent_at=None, dropped_at=None).count() == 5, "the sweep finds them"


class Asked(list[tuple[str, int, float | None]]):
    """What the workers were asked for: task, row, and for how many seconds it counts."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    found = Asked()

    def send(name: str, args: tuple[int], *_: object, **options: float | None) -> None:
        found.append((name, args[0], options.get("expires")))

    monkeypatch.setattr(app, "send_task", send)
    return found


@pytest.mark.django_db(transaction=True)
def test_what_is_asked_counts_until_the_next_sweep(asked: Asked) -> None:
    with transaction.atomic():
        nudging.nudge_after_commit("test.first", 1)
        nudging.nudge_after_commit("test.second", 2)
        assert asked == []
    nudging.nudge_after_commit("test.first", 3)
    assert asked == [("test.first", 1, 55), ("test.second", 2, 55), ("test.first", 3, 55)]


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_takes_nothing_else_with_it(asked: Asked) -> None:
    with transaction.atomic():
        with transaction.atomic():
            nudging.nudge_after_commit("test.first", 1)
            transaction.set_rollback(True)
        nudging.nudge_after_commit("test.second", 2)
    with transaction.atomic():
        nudging.nudge_after_commit("test.third", 3)
        transaction.set_rollback(True)
    assert [name for name, *_ in asked] == ["test.second"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("failure", [BrokerError("no"), OSError("no")])
def test_the_first_that_is_not_taken_is_the_last_of_its_transaction(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    tries: list[str] = []

    def refuse(name: str, *_: object, **__: object) -> None:
        tries.append(name)
        raise failure

    monkeypatch.setattr(app, "send_task", refuse)
    for row in range(2):
        with transaction.atomic():
            nudging.nudge_after_commit("test.first", row)
            nudging.nudge_after_commit("test.second", row)
    assert tries == ["test.first", "test.first"]


# --- The workers ----------------------------------------------------------------------------------


def test_what_takes_long_has_a_queue_of_its_own() -> None:
    """Neither the clocks of a concern nor mail nor seals wait for an export, a report or a scan."""
    app.loader.import_default_modules()
    ours = [name for name in app.tasks if not name.startswith("celery.")]
    long = {name for name in ours if app.amqp.router.route({}, name)["queue"].name == "long"}
    assert long == {
        "sharing.build_export",
        "champions.build_due_reports",
        "concerns.scan_file",
        "concerns.scan_waiting_files",
        "concerns.scan_files_again",
    }
    default = {app.amqp.router.route({}, name)["queue"].name for name in set(ours) - long}
    assert default == {"celery"}
    urgent = {"kit.deliver_message", "kit.deliver_due_messages", "concerns.sweep", "sharing.sweep", "audit.seal_events"}
    assert urgent <= set(ours) - long


def test_a_day_without_a_worker_leaves_no_heap_of_nudges() -> None:
    every_minute = {
        "kit.deliver_due_messages", "audit.seal_events", "concerns.sweep", "sharing.sweep",
        "concerns.scan_waiting_files",
    }  # fmt: skip
    expiring = {entry["task"] for entry in app.conf.beat_schedule.values() if entry["options"] == {"expires": 55}}
    assert expiring == every_minute
    assert len(app.conf.beat_schedule) == len(TIMETABLE)


@contextmanager
def worker(url: str, folder: Path, *, queues: str) -> Iterator[Path]:
    """A worker of its own on this database and the Redis at `url`, with production's options; hands out its log."""
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "SAFEGUARDING_DB_NAME": str(connection.settings_dict["NAME"]),
        "SAFEGUARDING_REDIS_URL": url,
    }
    log = folder / f"{queues}.log"
    command = [
        sys.executable, "-m", "celery", "--app", "safeguarding", "worker", "--queues", queues, "--pool", "solo",
        "--without-mingle", "--without-gossip", "--hostname", f"{queues}@test",
    ]  # fmt: skip
    with log.open("wb") as said, subprocess.Popen(command, env=env, stdout=said, stderr=said) as process:
        try:
            yield log
        finally:
            process.terminate()
            process.wait(30)


def until(is_so: Callable[[], bool], *, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.1)


@pytest.mark.redis
@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_an_idle_worker_is_not_cut_off_and_leaves_alone_what_takes_long(
    dev: User, redis_url: str, tmp_path: Path
) -> None:
    """It waits longer than the time in which a nudge gives up (SOCKET_TIMEOUT), and loses no connection by that."""
    url = f"{redis_url.rpartition('/')[0]}/7"  # a part of it that nobody else uses
    options = production_settings(url)["CELERY_BROKER_TRANSPORT_OPTIONS"]
    assert options["socket_timeout"] == SOCKET_TIMEOUT
    server = redis.Redis.from_url(url)
    server.flushdb()
    with production_broker(url), worker(url, tmp_path, queues="celery") as log:
        until(lambda: bool(app.control.ping(destination=["celery@test"], timeout=1)))
        time.sleep(4 * SOCKET_TIMEOUT)
        nudging.nudge_after_commit("concerns.scan_file", 0)
        queue(dev, "invited", at=now())
        until(lambda: not OutboxMessage.objects.filter(sent_at=None, dropped_at=None).exists())
        said = log.read_text()
        (left,) = [json.loads(text) for text in server.lrange("long", 0, -1)]
    assert left["headers"]["task"] == "concerns.scan_file", "it waits for a worker of the other queue"
    assert "Connection to broker lost" not in said
    assert "Traceback" not in said
    server.flushdb()
