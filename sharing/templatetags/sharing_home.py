"""What the sharing floor adds to a person's first page; the floor below loads it and knows nothing else of this one."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from safeguarding.kit.clock import now
from sharing.selectors import waiting_for_view_of
from sharing.selectors.registers import agreements_to_review, enquiries_led_by

register = template.Library()


@register.inclusion_tag("sharing/_views_wanted.html", takes_context=True)
def views_wanted(context: dict[str, Any]) -> dict[str, Any]:
    """Signed decisions that wait for the reader's second view; nothing at all when there is none."""
    return {"records": waiting_for_view_of(context["request"].user)}


@register.inclusion_tag("sharing/_registers_due.html", takes_context=True)
def registers_due(context: dict[str, Any]) -> dict[str, Any]:
    """Agreements to be looked at again, for those who keep them (R59); the enquiries that the reader leads (R108)."""
    user, today = context["request"].user, timezone.localdate(now())
    return {
        "agreements_due": agreements_to_review(user, on=today),
        "enquiries": enquiries_led_by(user),
        "today": today,
    }
