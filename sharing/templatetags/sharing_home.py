"""What the sharing floor adds to a person's first page; the floor below loads it and knows nothing else of this one."""

from __future__ import annotations

from typing import Any

from django import template

from sharing.selectors import waiting_for_view_of

register = template.Library()


@register.inclusion_tag("sharing/_views_wanted.html", takes_context=True)
def views_wanted(context: dict[str, Any]) -> dict[str, Any]:
    """Signed decisions that wait for the reader's second view; nothing at all when there is none."""
    return {"records": waiting_for_view_of(context["request"].user)}
