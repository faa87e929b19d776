"""A real OpenID Connect provider on loopback, as an employer's sign-on: its own process, its own signing key."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.http import HttpResponse
from django.test import Client
from pytest_django.fixtures import Settings

BUTTON = "Larkfield account"


@dataclass(frozen=True)
class Provider:
    """Where it listens, and whom it knows."""

    url: str

    def knows(self, sub: str, **claims: Any) -> None:
        """Put somebody into the directory. `auth_time`, `amr` and `acr` go into the signed token."""
        self._ask(f"/users/{sub}", json.dumps(claims).encode(), "PUT", "application/json")

    def answers(self, address: str, sub: str) -> str:
        """What a browser does at the authorization page as `sub`; where it is sent back to, without host."""
        form = urlencode({"sub": sub, "action": "authorize"}).encode()
        back = self._ask(address.removeprefix(self.url), form, "POST", "application/x-www-form-urlencoded")
        parts = urlsplit(back)
        return f"{parts.path}?{parts.query}"

    def _ask(self, path: str, body: bytes, method: str, kind: str) -> str:
        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *args: Any) -> None:
                return None

        asked = urllib.request.Request(self.url + path, body, {"Content-Type": kind}, method=method)  # noqa: S310
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay)
        try:
            return str(opener.open(asked, timeout=10).headers.get("Location", ""))
        except urllib.error.HTTPError as redirect:
            if redirect.code // 100 != 3:
                raise
            return str(redirect.headers["Location"])


@contextlib.contextmanager
def provider() -> Iterator[Provider]:
    """Start one on a free port; end it afterwards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--host", "127.0.0.1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(port, process)
            yield Provider(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError("The OpenID Connect provider did not start.")


def use(settings: Settings, provider: Provider) -> None:
    """Have the site offer `provider` as the employer's sign-on."""
    app = {
        "provider_id": "employer",
        "name": BUTTON,
        "client_id": "safeguarding",
        "secret": "only for tests",
        "settings": {"server_url": provider.url},
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


def sign_on(client: Client, provider: Provider, sub: str, *, next_url: str = "/account/") -> HttpResponse:
    """Sign in by the button, from the sign-in page to the answer of the callback."""
    page = client.get(f"/account/login/?next={next_url}").content.decode()
    href = re.search(r'href="([^"]*/oidc/employer/login/[^"]*)"', page)
    assert href is not None, "the sign-in page offers the employer's sign-on"
    sent = client.post(href[1].replace("&amp;", "&"))
    return come_back(client, provider, sent["Location"], sub)


def come_back(client: Client, provider: Provider, address: str, sub: str) -> HttpResponse:
    answer: HttpResponse = client.get(provider.answers(address, sub))  # type: ignore[assignment]
    return answer


def asked_for(address: str) -> dict[str, str]:
    """The parameters with which the site sent somebody to the provider."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
