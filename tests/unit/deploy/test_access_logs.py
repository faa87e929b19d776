"""The key of a one-time link, with which a password is set, stands in no log of a web server."""

from __future__ import annotations

import io
import logging
import re
import runpy
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse
from gunicorn.config import Config

from safeguarding.logs import WithoutPersonalData

ROOT = Path(__file__).resolve().parents[3]
SECRET = "3f7a1c-c9d0e1b2"
# How such a link may come in: as it was sent, and as mail programs and people mangle it.
ADDRESSES = {
    f"/account/password/reset/key/{SECRET}/": "/account/password/reset/key/***",
    f"/account/password/reset/key/{SECRET}": "/account/password/reset/key/***",
    f"/account/password/reset/key/{SECRET}/>": "/account/password/reset/key/***",
    f"/account/password/reset//key/{SECRET}/": "/account/password/reset//key/***",
    f"//account/Password/Reset/Key/{SECRET}/": "//account/Password/Reset/Key/***",
}
KEPT = ("/concerns/SC-2222-2222/", "/account/password/reset/", "/account/password/reset/key/", "/")


@pytest.fixture
def logs() -> Any:
    """gunicorn's logger as gunicorn.conf.py sets it up, and what it has written."""
    ours = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    written = io.StringIO()
    config = Config()
    for name, value in ours.items():
        if name in config.settings:
            config.set(name, value)
    config.set("accesslog", "-")
    logger = config.logger_class(config)
    for log in (logger.access_log, logger.error_log):
        for handler in log.handlers:
            handler.stream = written
    yield logger, written
    for log in (logger.access_log, logger.error_log):
        log.handlers.clear()


def one_line(logs: Any, path: str) -> str:
    logger, written = logs
    environ = {
        "REQUEST_METHOD": "GET", "RAW_URI": f"{path}?q=Jean", "SERVER_PROTOCOL": "HTTP/1.1", "PATH_INFO": path,
        "QUERY_STRING": "q=Jean",
    }  # fmt: skip
    before = written.tell()
    response = SimpleNamespace(status="200 OK", sent=5, headers=[])
    logger.access(response, SimpleNamespace(headers=[]), environ, timedelta(milliseconds=7))
    return str(written.getvalue()[before:])


def test_the_web_server_logs_addresses_without_the_key(logs: Any) -> None:
    for path, shown in ADDRESSES.items():
        line = one_line(logs, path)
        assert f" GET {shown} 200 5 bytes 7 ms" in line
        assert "c9d0" not in line
        assert "Jean" not in line
    for path in KEPT:
        assert f" GET {path} 200 " in one_line(logs, path)


def test_an_error_of_the_web_server_quotes_neither_key_nor_person(logs: Any) -> None:
    logger, written = logs
    try:
        raise ValueError("no such person: Jean Ashworth")
    except ValueError:
        logger.exception("Error handling request %s", f"/account/password/reset/key/{SECRET}/?next=x")
    assert "Error handling request /account/password/reset/key/***?next=x" in written.getvalue()
    assert "builtins.ValueError" in written.getvalue()
    assert "Jean" not in written.getvalue()
    assert "c9d0" not in written.getvalue()


def test_the_application_logs_its_own_failures_without_the_key() -> None:
    """As Django words a page that broke down and a form that it refused."""
    for words in ("Internal Server Error: %s", "Forbidden (CSRF token missing.): %s"):
        for path, shown in ADDRESSES.items():
            record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, words, (path,), None)
            assert WithoutPersonalData().format(record).endswith(words % shown)


def test_the_proxy_logs_addresses_without_the_key() -> None:
    """nginx's pattern, read as it reads it, and that the log's format uses what comes of it and nothing else."""
    conf = (ROOT / "deploy" / "proxy" / "nginx.conf").read_text()
    mapped = re.search(r'map \$uri \$address \{\s*default \$uri;\s*"~\*(\S+)" "\$before_the_key\*\*\*";\s*\}', conf)
    assert mapped is not None
    pattern = re.compile(mapped[1].replace("(?<", "(?P<"), re.IGNORECASE)

    def logged(path: str) -> str:
        found = pattern.search(path)
        return f"{found['before_the_key']}***" if found else path

    assert {path: logged(path) for path in ADDRESSES} == ADDRESSES
    assert [logged(path) for path in KEPT] == list(KEPT)
    formats = re.findall(r"log_format (\w+) '([^']*)'", conf)
    assert [name for name, _ in formats] == ["without_query"]
    assert set(re.findall(r"access_log ([^;]*);", conf)) == {"/dev/stdout without_query", "off"}
    variables = set(re.findall(r"\$\{?(\w+)", formats[0][1]))
    assert variables == {"time_iso8601", "request_method", "address", "status", "body_bytes_sent", "request_time"}


def test_the_pattern_is_where_one_time_links_really_go() -> None:
    link = reverse("account_reset_password_from_key", kwargs={"uidb36": "3f", "key": "7a1c-c9d0e1b2"})
    assert link == "/account/password/reset/key/3f-7a1c-c9d0e1b2/"
