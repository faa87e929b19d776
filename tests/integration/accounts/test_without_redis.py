"""Redis is a broker and nothing else: without it people sign in as ever, and the limits on trying hold (R146)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from pytest_django import Settings

from tests.build import broker
from tests.build.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _redis_is_away(settings: Settings) -> Iterator[None]:
    """The cache is that of production, whose Redis is at a port where nobody listens."""
    with broker.closed() as away:
        settings.CACHES = broker.production_settings(away.url)["CACHES"]
        yield


def try_to_sign_in(client: Client, password: str) -> int:
    details = {"login": "ruth@larkfield.example", "password": password}
    return client.post("/account/login/", details, REMOTE_ADDR="192.0.2.77").status_code


def test_people_sign_in(client: Client, cast: Cast) -> None:
    assert try_to_sign_in(client, PASSWORD) == 302
    assert client.get("/account/").status_code == 200


def test_tries_are_counted(client: Client, cast: Cast, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": "3/m/ip"}
    assert [try_to_sign_in(client, "wrong") for _ in range(4)] == [200, 200, 200, 429]


def test_what_is_counted_names_no_address(client: Client, cast: Cast) -> None:
    """I14: the table is in every backup."""
    try_to_sign_in(client, "wrong")
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM safeguarding_cache")
        rows = cursor.fetchall()
    assert rows
    assert all(len(key) == 64 and set(key) <= set("0123456789abcdef") for key, _ in rows)
    assert "192.0.2.77" not in str(rows)


def test_a_code_counts_once(cast: Cast) -> None:
    """What an authenticator app shows is kept as used until it has ended."""
    assert cache.add("allauth.mfa.totp.used?user=1&code=123456", "y", timeout=30)
    assert not cache.add("allauth.mfa.totp.used?user=1&code=123456", "y", timeout=30)
    assert cache.add("allauth.mfa.totp.used?user=2&code=123456", "y", timeout=30)
