"""Everything that a running site says where nobody is meant to read about a case: gathered, to be searched."""

from __future__ import annotations

import logging
import pickle
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import redis
from celery.signals import before_task_publish
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import caches
from django.test import Client

from audit.models import Event, Seal
from safeguarding.kit.models import OutboxMessage
from safeguarding.logs import WithoutPersonalData

# Where a page of the site points to.
ADDRESS = re.compile(r'(?:href|src|action|data-[a-z-]*url)="([^"]*)"')


class _Everything(logging.Handler):
    """Keeps every record of every logger: as production would write it, and with all that hangs on it."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.written: list[str] = []
        self.names: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        self.names.add(record.name)
        # What an exception says is left out by the formatter of production: its traceback is looked at as written.
        hung = {name: value for name, value in vars(record).items() if name not in ("exc_info", "exc_text", "request")}
        self.written.append(f"{WithoutPersonalData().format(record)}\n{record.getMessage()}\n{hung!r}")


class Browser(Client):
    """A client that remembers every address that it went to or was shown, every header, and every error page."""

    def __init__(self, heard: Heard) -> None:
        super().__init__(raise_request_exception=False)
        self.heard = heard

    def generic(self, method: str, path: Any, *args: Any, **kwargs: Any) -> Any:
        self.heard.add("addresses", f"{method} {path}")
        return super().generic(method, path, *args, **kwargs)

    def request(self, **request: Any) -> Any:
        response = super().request(**request)
        heard = self.heard
        heard.add("addresses", str(response.headers.get("Location", "")))
        heard.add("headers", repr(list(response.headers.items())))
        heard.add("cookies", str(response.cookies))
        if response.streaming:
            b"".join(response)
            response.close()
        elif "html" in response.headers.get("Content-Type", ""):
            page = response.content.decode()
            heard.pages += 1
            for address in ADDRESS.findall(page):
                heard.add("addresses on pages", address)
            title = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
            heard.add("titles of pages", title[1] if title else "")
            if response.status_code >= 400:
                heard.add("error pages", page)
        return response


@dataclass
class Heard:
    """What was heard, by place."""

    places: dict[str, list[str]] = field(default_factory=dict)
    loggers: set[str] = field(default_factory=set)
    pages: int = 0

    def add(self, place: str, text: str) -> None:
        if text:
            # An address may hide a word behind percent signs.
            self.places.setdefault(place, []).append(f"{text}\n{unquote_plus(text)}")

    def find(self, words: Mapping[str, Sequence[str]]) -> list[tuple[str, str, str, str]]:
        """(kind of word, the word, place, what stands around it) for each one that stands where it should not."""
        found = []
        for place, texts in self.places.items():
            whole = "\n".join(texts).casefold()
            for kind, each in words.items():
                for word in each:
                    at = whole.find(word.casefold())
                    if at >= 0:
                        found.append((kind, word, place, whole[max(0, at - 60) : at + 60]))
        return found


@contextmanager
def listening(*, files: Path, redis_url: str | None) -> Iterator[Heard]:
    """Gather while it lasts, and what is left lying about at its end."""
    heard = Heard()
    handler = _Everything()

    def published(body: Any = None, headers: Any = None, **more: Any) -> None:
        heard.add("Celery messages", repr((body, headers, more.get("properties"))))

    before_task_publish.connect(published, weak=False)
    with _every_logger(handler):
        yield heard
    before_task_publish.disconnect(published)
    for line in handler.written:
        heard.add("log lines", line)
    heard.loggers = handler.names
    for message in mail.outbox:
        heard.add("mails", str(message.message()))
        heard.add("mails", f"{message.subject}\n{message.body}")
    for rows, place in ((OutboxMessage, "outbox"), (Event, "ledger"), (Seal, "seals")):
        for row in rows.objects.values():
            heard.add(place, repr(row))
    for session in Session.objects.all():
        heard.add("sessions", repr(SessionStore().decode(session.session_data)))
    for key, value in caches["default"]._cache.items():  # type: ignore[attr-defined]
        heard.add("cache", f"{key} {pickle.loads(value)!r}")  # noqa: S301 (ours)
    for path in files.rglob("*"):
        heard.add("names of files", str(path))
    if redis_url is not None:
        for text in _in_redis(redis_url):
            heard.add("Redis", text)


@contextmanager
def _every_logger(handler: logging.Handler) -> Iterator[None]:
    root = logging.getLogger()
    known = [root, *(each for each in root.manager.loggerDict.values() if isinstance(each, logging.Logger))]
    before = [(each, each.level, each.propagate, each.disabled) for each in known]
    for each in known:
        each.setLevel(logging.DEBUG)
        each.propagate, each.disabled = True, False
    root.addHandler(handler)
    try:
        yield
    finally:
        root.removeHandler(handler)
        for each, level, propagate, disabled in before:
            each.setLevel(level)
            each.propagate, each.disabled = propagate, disabled


def _in_redis(url: str) -> Iterator[str]:
    server: Any = redis.Redis.from_url(url)
    for key in server.scan_iter():
        kind = server.type(key)
        if kind == b"string":
            value = server.get(key)
        elif kind == b"hash":
            value = server.hgetall(key)
        elif kind == b"set":
            value = server.smembers(key)
        else:
            value = server.lrange(key, 0, -1) if kind == b"list" else server.zrange(key, 0, -1)
        yield f"{key!r} {value!r}"
