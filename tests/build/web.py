"""Signed-in clients, and counting what a page asks of the database."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import time_machine
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
CONTROL = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")


def signed_in(user: User) -> Client:
    """A client with a session of `user`."""
    client = Client()
    client.force_login(user, backend=BACKEND)
    return client


def statements(captured: CaptureQueriesContext) -> list[str]:
    """The statements, transaction control aside."""
    return [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(CONTROL)]


def get(path: str, user: User, *, at: datetime) -> Any:
    """The answer to `user` who opens `path` at `at`."""
    with time_machine.travel(at, tick=False):
        return signed_in(user).get(path)


def post(path: str, user: User, data: dict[str, Any], *, at: datetime) -> Any:
    """The answer to `user` who sends `data` to `path` at `at`."""
    with time_machine.travel(at, tick=False):
        return signed_in(user).post(path, data)


def to_sign(client: Client, check: str) -> dict[str, str]:
    """What the page “Check and sign” at `check` sends when it is signed as it was shown; nothing without a button."""
    page = client.get(check).content.decode()
    return dict(re.findall(r'<input type="hidden" name="(seen_edit|shown)" value="([^"]*)">', page))
