"""Health checks of the containers: `python deploy/healthy.py web|worker|beat`. Ends with status 1 when not healthy.

Each asks the process itself, and without loading the application, which would cost more than the answer is worth.
"""

import http.client
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from celery import Celery

ANSWER_SECONDS = 5
BEAT_SECONDS = 600  # beat writes its schedule file every three minutes


def web() -> bool:
    """It answers, and reaches the database."""
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=ANSWER_SECONDS)
    # As the proxy would ask, or Django would send us to https.
    headers = {"Host": urlsplit(os.environ["SAFEGUARDING_SITE_URL"]).netloc, "X-Forwarded-Proto": "https"}
    connection.request("GET", "/healthz", headers=headers)
    return connection.getresponse().status == http.HTTPStatus.OK


def worker() -> bool:
    """It takes messages from Redis and answers them."""
    broker = Path(os.environ["SAFEGUARDING_REDIS_URL_FILE"]).read_text(encoding="utf-8").strip()
    name = f"celery@{socket.gethostname()}"
    return bool(Celery(broker=broker).control.ping(destination=[name], timeout=ANSWER_SECONDS))


def beat() -> bool:
    """It has written its schedule lately."""
    files = Path(os.environ["SAFEGUARDING_VAR"]).glob("beat-schedule*")
    return any(time.time() - file.stat().st_mtime < BEAT_SECONDS for file in files)


CHECKS: Mapping[str, Callable[[], bool]] = {"web": web, "worker": worker, "beat": beat}

if __name__ == "__main__":
    sys.exit(0 if CHECKS[sys.argv[1]]() else 1)
