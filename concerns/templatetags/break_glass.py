"""The watermark of break-glass, on every page while anything is open by it."""

from __future__ import annotations

from typing import Any

from django import template

from accounts.models import User
from concerns import permissions
from concerns.selectors.break_glass import open_glass
from safeguarding.kit.clock import now

register = template.Library()


@register.inclusion_tag("concerns/_glass_open.html", takes_context=True)
def glass_open(context: dict[str, Any]) -> dict[str, Any]:
    """What the signed-in person has open by break-glass now; nothing for everybody else."""
    request = context.get("request")
    user = getattr(request, "user", None)
    found = open_glass(user, at=now()) if isinstance(user, User) and user.is_authenticated else ()
    return {"open": found, "rows": range(8)}


@register.simple_tag(takes_context=True)
def may_break_glass(context: dict[str, Any]) -> bool:
    """Whether to show the way to break-glass at all."""
    user = getattr(context.get("request"), "user", None)
    return isinstance(user, User) and permissions.can_break_glass(user)
