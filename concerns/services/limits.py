"""Changing a time limit: one person proposes, another agrees or refuses (domain.md 2.4, I6)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from accounts.selectors import holders_of
from audit.services import record
from audit.vocabulary import EventKind
from concerns import events, notifications, permissions
from concerns.limits import BY_CODE, problem_with
from concerns.models import LimitChange
from concerns.selectors.limits import limits_in_force, waiting_change
from safeguarding.kit import outbox
from safeguarding.kit.errors import NotNow, Unsound

WAITS = "Another change of this time limit waits for a second person."


@transaction.atomic
def propose_limit(*, code: str, value: int, reason: str, by: User, at: datetime) -> LimitChange:
    """A lead proposes `value`, in the unit of the limit; nothing changes until a second person agrees.

    Raises NotAllowed, NotNow while another change of the limit waits, and Unsound for a value that is no change, is
    nothing or is beyond the maximum, or without a reason.
    """
    permissions.check_can_propose_limit(by)
    limit = BY_CODE.get(code)
    if limit is None:
        raise NotNow("There is no such time limit.")
    if waiting_change(code) is not None:
        raise NotNow(WAITS)
    before = limits_in_force().value(limit.code)
    problems: dict[str, list[str]] = {}
    if problem := problem_with(limit, value):
        problems["value"] = [problem]
    elif value == before:
        problems["value"] = ["This is what it is now. Enter another number."]
    if not reason.strip():
        problems["reason"] = ["Say why. The second person reads it."]
    if problems:
        raise Unsound("The change was not proposed.", problems)
    change, is_new = LimitChange.objects.get_or_create(
        code=code,
        is_agreed=None,
        defaults={"before": before, "value": value, "reason": reason, "proposed_by": by, "proposed_at": at},
    )
    if not is_new:  # two proposed at once
        raise NotNow(WAITS)
    _log(events.LIMIT_PROPOSED, change, by=by, at=at, reason=reason)
    for second in holders_of(*permissions.LIMIT_SECONDS):
        if second.pk != by.pk:
            outbox.queue(
                notifications.LIMIT_WAITS,
                to=second.pk,
                about=change.pk,
                reference=code,
                path=reverse("concerns:view-limit", args=[code]),
                key=f"limit:{change.pk}:{second.pk}",
                at=at,
            )
    return change


@transaction.atomic
def view_limit(*, change_id: int, is_agreed: bool, words: str, by: User, at: datetime) -> LimitChange:
    """The second person agrees, and clocks that start from now on run by it; or refuses with a reason.

    Clocks that run already keep their time: a deadline is never moved later (I12). Raises NotAllowed, also for who
    proposed it, NotNow when somebody was faster or they may propose none any more, Unsound for a refusal without a
    reason.
    """
    change = LimitChange.objects.select_for_update(of=("self",)).get(pk=change_id)
    permissions.check_can_agree_limit(by, change)
    if change.is_agreed is not None:
        raise NotNow("Somebody else has given the second view already.")
    if is_agreed:
        permissions.check_limit_counts(change)
    elif not words.strip():
        raise Unsound("Give a reason.", {"words": ["Say why the time limit should stay as it is."]})
    change.is_agreed, change.viewed_by, change.viewed_at, change.view_words = is_agreed, by, at, words
    change.save(update_fields=["is_agreed", "viewed_by", "viewed_at", "view_words"])
    _log(events.LIMIT_CHANGED if is_agreed else events.LIMIT_REFUSED, change, by=by, at=at, reason=words)
    return change


def _log(kind: EventKind, change: LimitChange, *, by: User, at: datetime, reason: str) -> None:
    record(
        kind, by=by, at=at, subject=change, ref=change.code, reason=reason,
        limit=change.code, before=change.before, value=change.value,
    )  # fmt: skip
