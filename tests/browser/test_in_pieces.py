"""A page on a bad line arrives in pieces: what the reader sees already does not move when the rest comes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from concerns.models import Concern
from tests.browser.conftest import DESK, PHONE, Device, OpenPage
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.intakes import ADULT, PLAIN, SON, URGENT

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


# Each block and each cell for itself, and what stands in bold apart from the full stop after it
PIECES = re.compile(
    rb"(?=<(?:header|div|form|button|section|span|nav|li|h1|h2|p|table|thead|tr|th|td|main|footer|dl|dt)\b)"
    rb"|(?<=</strong>)"
)
BETWEEN = 0.02  # seconds: longer than a frame of 60 a second, so that each piece is painted
NAMES = ("Jean Ashworth", "Bo Li", "Maximiliane Featherstonehaugh-Cholmondeley")


def send_in_pieces(app: WSGIApplication) -> WSGIApplication:
    """The same answers; pages without their length, so that the server sends each piece at once."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        is_page = False

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            nonlocal is_page
            is_page = any(name == "Content-Type" and value.startswith("text/html") for name, value in headers)
            return start_response(
                status, [pair for pair in headers if not is_page or pair[0] != "Content-Length"], *rest
            )

        body = app(environ, start)
        if not is_page:
            return body
        with closing(body):  # type: ignore[type-var]  # Django's answers can be closed
            return drip(b"".join(body))

    def drip(page: bytes) -> Iterator[bytes]:
        for piece in PIECES.split(page):
            yield piece
            time.sleep(BETWEEN)

    return answer


@pytest.fixture
def bad_line(live_server: LiveServer) -> Iterator[None]:
    server = live_server.thread.httpd
    app = server.get_app()
    assert app is not None
    server.set_app(send_in_pieces(app))
    yield
    server.set_app(app)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def reported(cast: Cast) -> list[Concern]:
    """As many as make a long list, with long names and short ones, late and not."""
    return [
        cases.submitted(
            cast,
            intake=replace((PLAIN, URGENT)[number % 2], people=(replace(ADULT, name=NAMES[number // 3 % 3]), SON)),
            at=timezone.now() - timedelta(days=number),
        )
        for number in range(9)
    ]


@pytest.mark.parametrize("device", [PHONE, DESK], ids=lambda device: device.name)
def test_what_stands_stays(
    cast: Cast,
    reported: list[Concern],
    bad_line: None,
    open_page: OpenPage,
    sign_in: Callable[[Page, User], None],
    assert_still: Callable[[Page], None],
    device: Device,
) -> None:
    concern = reported[0]
    case, receipt = concern.get_absolute_url(), f"/reports/{concern.ref}/"
    for user, paths in (
        (cast.amara, ["/", "/reports/", receipt, "/raise/"]),
        (cast.gwen, ["/", case, f"{case}acknowledge/"]),
        (cast.ruth, ["/queue/", "/late/", "/people/", f"{case}who/"]),
    ):
        page = open_page(device)
        page.set_default_timeout(60_000)
        sign_in(page, user)
        for path in paths:
            answer = page.goto(path)
            assert answer is not None
            assert (answer.status, page.locator("footer").count()) == (200, 1), path
            assert_still(page)
