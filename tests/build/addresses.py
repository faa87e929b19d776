"""Every address of the site, from the URL configuration, so that a new one is asked too."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def routes(patterns: list[URLPattern | URLResolver] | None = None, before: str = "") -> Iterator[tuple[str, str]]:
    """(address pattern, name) of everything that the site answers."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route, pattern.name or ""


def filled(route: str, values: dict[str, str]) -> str:
    """`route` with each `<converter:name>` replaced; what the case does not name becomes a guess."""
    plain = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<str:\1>", route)
    parts = plain.replace("^", "").replace("$", "").split("<")
    address = parts[0]
    for part in parts[1:]:
        converter, rest = part.split(">", 1)
        kind, name = converter.split(":")
        address += values.get(name, "1" if kind == "int" else "guess") + rest
    return "/" + address
