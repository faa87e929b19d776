"""Somebody who reports a concern in a browser without JavaScript, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.test import Client

# What every report must answer; the rest may stay empty.
LEAST: Mapping[str, Mapping[str, str]] = {
    "danger": {"danger": "no"},
    "facts": {"facts": "She was crying."},
    "people": {"more": "unknown"},
    "staff": {"implicated": "no"},
}


def report(client: Client, answers: Mapping[str, Mapping[str, Any]] = LEAST) -> str:
    """Answer every page that is asked with `answers` (by page), send it, and give back the concern's reference.

    Where one page is asked several times (who else is there), `answers` may hold "people", "people-2" and so on.
    """
    start = client.get("/raise/")
    answer = client.post("/raise/", {**answers["danger"], "key": start.context["key"]})
    asked: dict[str, int] = {}
    for _ in range(60):
        assert answer.status_code == 302, answer.context["form"].errors
        path = urlsplit(answer["Location"]).path
        page = path.rstrip("/").rsplit("/", 1)[-1]
        if page == "check":
            sent = client.post(path, {"manager": "no"})
            assert sent.status_code == 302, sent.content.decode()
            return str(sent["Location"]).split("/")[2]
        asked[page] = asked.get(page, 0) + 1
        given = answers.get(f"{page}-{asked[page]}" if asked[page] > 1 else page, {})
        shown = client.get(path)
        answer = client.post(path, {**given, "ticket": shown.context["ticket"]})
    raise AssertionError("the questions never end")
