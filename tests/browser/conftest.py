"""A real Chromium on a live server. A script's error or a broken rule of the CSP on any page fails the test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.conftest import find_browser

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "var" / "screenshots"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
]
PATIENCE = 15_000  # milliseconds


@dataclass(frozen=True)
class Device:
    """A screen in CSS pixels."""

    name: str
    width: int
    height: int


PHONE = Device("phone", 360, 740)
DESK = Device("desk", 1280, 900)
OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the thread that uses the database
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=[*QUIET, *sandbox])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser, live_server: LiveServer) -> Iterator[OpenPage]:
    """Opens blank pages, each with cookies of its own: `open_page(PHONE)`, `open_page(DESK, java_script=False)`.

    Paths are relative to the live server; whatever lies outside is not reachable. At the end no page may have
    logged an error of a script; what the server answers (404, 429) is for the test itself to judge.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def stay_inside(route: Route) -> None:
        if route.request.url.startswith(live_server.url):
            route.continue_()
        else:
            errors.append(f"asked for {route.request.url}")
            route.abort()

    def heed(message: ConsoleMessage) -> None:
        # What the server answers is for the test to judge, not for the console.
        if message.type == "error" and "Failed to load resource" not in message.text:
            errors.append(message.text)

    def open_one(device: Device = DESK, *, java_script: bool = True) -> Page:
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": device.width, "height": device.height},
            java_script_enabled=java_script,
            locale="en-GB",
            timezone_id="Europe/London",
            reduced_motion="reduce",
            accept_downloads=True,
        )
        contexts.append(context)
        context.route("**/*", stay_inside)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", heed)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def desk_page(open_page: OpenPage) -> Page:
    return open_page(DESK)


@pytest.fixture
def phone_page(open_page: OpenPage) -> Page:
    return open_page(PHONE)


@pytest.fixture
def sign_in(live_server: LiveServer) -> Callable[[Page, User], None]:
    """Gives a page the session of `user`, without the sign-in form: quick, and no fresh proof of identity."""

    def give_session(page: Page, user: User) -> None:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])

    return give_session


@pytest.fixture
def screenshot() -> Callable[[Page, str], Path]:
    """Saves the whole page as var/screenshots/<name>-<width>.png."""

    def save(page: Page, name: str) -> Path:
        size = page.viewport_size
        assert size is not None
        path = SCREENSHOTS / f"{name}-{size['width']}.png"
        page.screenshot(path=path, full_page=True)
        return path

    return save


# What moved by itself since the page began to arrive: by how much of the screen, and what from where to where. Below a
# hundredth nobody sees it; a good page may have a tenth (web.dev, Cumulative Layout Shift).
JUMPS = """() => new Promise(resolve => {
  const found = []
  const look = list => list.getEntries().filter(entry => !entry.hadRecentInput && entry.value >= 0.01).forEach(entry =>
    found.push([entry.value, ...entry.sources.map(
      source => [source.node && source.node.nodeType === 1 ? source.node.cloneNode().outerHTML : "text",
                 source.previousRect.y, source.currentRect.y])]))
  new PerformanceObserver(look).observe({ type: "layout-shift", buffered: true })
  setTimeout(() => resolve(found), 50)
})"""


@pytest.fixture
def assert_still() -> Callable[[Page], None]:
    """Waits until the page is whole; fails when anything on it moved by itself until then."""

    def look(page: Page) -> None:
        page.locator("main").wait_for()  # not the half of a page that is still arriving
        page.wait_for_load_state()
        jumps: list[Any] = page.evaluate(JUMPS)
        assert jumps == [], f"words moved under the reader's thumb while {urlsplit(page.url).path} arrived"

    return look


@pytest.fixture
def assert_accessible(assert_still: Callable[[Page], None]) -> Callable[[Page], None]:
    """Fails when axe finds a violation of WCAG 2.2 A or AA, or of its best practices, the page scrolls sideways, or it
    moved while it arrived.
    """

    def look(page: Page) -> None:
        assert_still(page)
        page.evaluate(AXE.read_text(encoding="utf-8"))  # by the debugger, so the CSP stays in force for the page
        found: list[dict[str, Any]] = page.evaluate(
            """async () => (await axe.run(document, {
                runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
            })).violations.map(v => ({rule: v.id, help: v.help, where: v.nodes.map(n => n.html)}))"""
        )
        assert found == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")

    return look
