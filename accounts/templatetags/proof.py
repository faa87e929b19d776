"""The way back from the pages that ask again who is sitting there."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import template
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

register = template.Library()


@register.simple_tag(takes_context=True)
def page_before(context: dict[str, Any]) -> str:
    """The page of ours on which somebody was before they were asked; their work when that is not known.

    Never the page that asks, nor the one that they are asked for: it would only ask again.
    """
    request: HttpRequest = context["request"]
    came_from = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(came_from, allowed_hosts={request.get_host()}):
        return "/"
    before = urlsplit(came_from)
    asking = {request.path, urlsplit(request.GET.get("next", "")).path}
    if before.path in asking or "/reauthenticate/" in before.path:
        return "/"
    return before.path + (f"?{before.query}" if before.query else "")
