"""Every answer of every address, errors too, carries the strict policy, stays in no cache and has no dead link."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse, HttpResponseBase
from django.test import Client
from pytest_django.fixtures import Settings

from tests.build import sharing as build
from tests.build.addresses import filled, routes
from tests.build.cast import Cast, make_cast
from tests.build.web import BACKEND, signed_in

pytestmark = pytest.mark.django_db

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
}
# Nothing about anybody: every page's colours, and whether the service is up.
MAY_BE_KEPT = ("theme.css", "healthz")


@pytest.fixture(autouse=True)
def over_tls(settings: Settings) -> None:
    """As in production."""
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 3600
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True


def wrong_with(response: HttpResponseBase, route: str) -> Iterator[str]:
    headers = response.headers
    policy = dict(part.strip().split(" ", 1) for part in headers.get("Content-Security-Policy", "").split(";") if part)
    if policy != POLICY:
        yield f"policy {policy}"
    expected = {
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if not route.startswith(MAY_BE_KEPT):
        expected |= {"Cache-Control": "no-store, private", "X-Frame-Options": "DENY"}
    for name, value in expected.items():
        if headers.get(name) != value:
            yield f"{name}: {headers.get(name)}"
    if isinstance(response, HttpResponse) and b'href=""' in response.content:
        yield "a link that leads nowhere"


def inside(cast: Cast) -> dict[str, str]:
    """How the addresses name a case that its holder may open."""
    concern, referral = build.sent(cast)
    return {"ref": concern.ref, "referral": referral.ref}


@pytest.mark.parametrize("who", ["", "ruth", "sian"])
def test_every_address_for_strangers_readers_and_those_turned_away(who: str) -> None:
    cast = make_cast()
    names = inside(cast)
    client = Client()
    if who:
        client.force_login(getattr(cast, who), backend=BACKEND)
    asked: dict[int, int] = {}
    wrong: list[Any] = []
    for route, name in routes():
        ref = names["referral"] if route.startswith("sharing/referrals/") else names["ref"]
        address = filled(route, {"ref": ref, "pk": str(cast.priya.pk)})
        for method in (client.get, client.post):
            response = method(address, secure=True)
            asked[response.status_code] = asked.get(response.status_code, 0) + 1
            wrong += [(route, method.__name__, response.status_code, each) for each in wrong_with(response, route)]
        if who and name == "account_logout":
            client.force_login(getattr(cast, who), backend=BACKEND)
    assert wrong == []
    assert sum(asked.values()) > 200
    if who == "ruth":
        assert asked.get(200, 0) > 50, "and many of them were real pages"


def refused_host(client: Client) -> HttpResponseBase:
    return client.get("/", secure=True, headers={"Host": "elsewhere.example"})


def test_error_pages_too(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """400, 403 (twice), 404, 429 and 500, with DEBUG off."""
    settings.DEBUG = False
    cast = make_cast()
    client = Client(raise_request_exception=False)
    answers = {400: refused_host(client), 404: client.get("/nowhere/", secure=True)}

    forged = Client(enforce_csrf_checks=True)
    answers[403] = forged.post("/account/login/", {"login": "x", "password": "y"}, secure=True)
    for _ in range(5):
        answers[429] = client.post(
            "/account/login/", {"login": "amara@larkfield.example", "password": "wrong"}, secure=True
        )
    again = Client().post("/search/", {"words": "Jean"}, secure=True, headers={"Origin": "https://testserver"})
    assert "This did not arrive yet" in again.content.decode()
    assert list(wrong_with(again, "search/")) == [], "the page that hands words back is kept nowhere"

    def break_down(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("concerns.views.search.selectors.search", break_down)
    client.force_login(cast.ruth, backend=BACKEND)
    answers[500] = client.post("/search/", {"words": "Jean"}, secure=True)
    for status, response in answers.items():
        assert response.status_code == status
        assert list(wrong_with(response, "")) == [], status


@pytest.mark.parametrize("path", ["/reports/%00/", "/raise/%00/", "/reports/?before=%00", "/account/oidc/%00/login/"])
def test_an_address_with_a_null_character_is_not_there(path: str) -> None:
    """PostgreSQL takes none, so it would be a failure of ours."""
    answer = signed_in(make_cast().amara).get(path, secure=True)
    assert answer.status_code == 404
    assert "no-store" in answer["Cache-Control"]
    assert "Page not found" in answer.content.decode()
