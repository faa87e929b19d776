"""The time limits in force, and the page that lists them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.models import User
from concerns import permissions
from concerns.limits import BY_CODE, LIMITS, Limit, Limits, count_words
from concerns.models import LimitChange


def limits_in_force() -> Limits:
    """Every limit as it stands now, in one statement. A service reads it once and hands it to `clocks`."""
    agreed = LimitChange.objects.filter(is_agreed=True).order_by("viewed_at", "pk")
    return Limits({code: value for code, value in agreed.values_list("code", "value") if code in BY_CODE})


@dataclass(frozen=True)
class LimitRow:
    """One limit on the page. `waiting` is the change that waits for a second person; `can_view` whether the reader may
    be that person."""

    limit: Limit
    now: str
    default: str
    most: str
    is_changed: bool
    waiting: LimitChange | None
    waiting_words: str
    can_propose: bool
    can_view: bool


def limit_rows(viewer: User) -> Sequence[LimitRow]:
    """All limits in the order of the route, for anybody who signed in."""
    limits = limits_in_force()
    waiting = {
        row.code: row for row in LimitChange.objects.filter(is_agreed__isnull=True).select_related("proposed_by")
    }
    may_propose = permissions.can_propose_limit(viewer)
    may_view = permissions.can_agree_limit(viewer)
    rows = []
    for limit in LIMITS:
        now, change = limits.value(limit.code), waiting.get(limit.code)
        rows.append(
            LimitRow(
                limit=limit,
                now=count_words(now, limit.unit),
                default=count_words(limit.default, limit.unit),
                most=count_words(limit.most, limit.unit),
                is_changed=now != limit.default,
                waiting=change,
                waiting_words=count_words(change.value, limit.unit) if change else "",
                can_propose=may_propose and change is None,
                can_view=change is not None and may_view and change.proposed_by_id != viewer.pk,
            )
        )
    return rows


def waiting_change(code: str) -> LimitChange | None:
    """The change of the limit `code` that waits for a second person."""
    return LimitChange.objects.filter(code=code, is_agreed__isnull=True).select_related("proposed_by").first()
