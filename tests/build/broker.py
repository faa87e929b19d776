"""Which broker the tests nudge, and what production would say to it."""

from __future__ import annotations

import contextlib
import os
import runpy
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from kombu import pools

from safeguarding.celery import app

SETTINGS = Path(__file__).resolve().parents[2] / "safeguarding" / "settings.py"


def production_settings(redis_url: str) -> dict[str, Any]:
    """The settings of production with this Redis, read afresh."""
    env = {"SAFEGUARDING_MODE": "production", "SAFEGUARDING_REDIS_URL": redis_url}
    with mock.patch.dict(os.environ, env):
        return runpy.run_path(str(SETTINGS))


def use_broker(url: str, options: Mapping[str, Any] | None = None) -> None:
    """From now on tasks go to `url`: Celery keeps its connections, so they are forgotten too."""
    app.conf.update(broker_url=url, broker_transport_options=dict(options or {}))
    pools.reset()
    app._pool = None  # type: ignore[attr-defined]
    app.amqp._producer_pool = None  # type: ignore[attr-defined]


@contextlib.contextmanager
def production_broker(url: str) -> Iterator[None]:
    """Tasks go to the Redis at `url` as production would send them."""
    before = app.conf.broker_url
    use_broker(url, production_settings(url).get("CELERY_BROKER_TRANSPORT_OPTIONS"))
    try:
        yield
    finally:
        use_broker(before)


@dataclass
class Away:
    """A Redis that is away: nobody listens at `url`, or whoever does never says a word. Counts who came."""

    url: str
    came: list[socket.socket] = field(default_factory=list)


@contextlib.contextmanager
def closed() -> Iterator[Away]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and never listens
        yield Away(f"redis://127.0.0.1:{taken.getsockname()[1]}/0")


@contextlib.contextmanager
def silent() -> Iterator[Away]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        away = Away(f"redis://127.0.0.1:{server.getsockname()[1]}/0")

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    away.came.append(server.accept()[0])

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield away
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)
    for link in away.came:
        link.close()
