"""A concern leaves whoever holds it: upwards when a step is long overdue, onwards when they go away (2.3, 2.4, R28)."""

from __future__ import annotations

import contextlib
from datetime import datetime

from django.db import transaction

from accounts.models import User
from concerns import clocks, events, permissions
from concerns.models import Concern, Note
from concerns.selectors.limits import limits_in_force
from concerns.services.base import lock, log, save
from concerns.services.clocks import meet_clock, start_clock
from concerns.services.holding import assign, next_holder, pass_up
from concerns.vocabulary import ClockKind, HolderCause, NoteKind
from safeguarding.kit.errors import NotNow, Unsound


def rise(concern: Concern, *, at: datetime, reason: str) -> bool:
    """Responsibility for the locked concern moves up to a rung above its holder's, because a step is long overdue.

    False when nobody above is free: then it stays where it is, because it never moves down or sideways (domain.md 2.4).
    """
    try:
        choice = next_holder(concern, at=at, is_rising=True, skip=frozenset())
    except NotNow:
        return False
    if choice.is_ladder_exhausted or choice.user_id == concern.responsible_id:
        return False
    log(events.PASSED_ON, concern, by=None, at=at, reason=reason)
    assign(concern, holder_id=choice.user_id, cause=HolderCause.OVERDUE, at=at, moved_by=None, passed_over=True)
    return True


def pass_on_held(person_id: int, *, cover_id: int | None, at: datetime) -> None:
    """Everything open that a person holds goes to the next person, because they go away or leave (R28).

    In the caller's transaction. What nobody inside may take stays with them (`accounts.duties` counts it).
    """
    held = Concern.objects.open().filter(responsible_id=person_id).order_by("pk")
    for concern_id in held.values_list("pk", flat=True):
        concern = lock(concern_id)
        if concern.responsible_id != person_id:
            continue
        with contextlib.suppress(NotNow):
            pass_up(
                concern, cause=HolderCause.HOLDER_ABSENT, at=at, by=None, reason="The person who held it is away",
                passed_over=False, cover_id=cover_id,
            )  # fmt: skip


@transaction.atomic
def look_at_long_open(*, concern_id: int, words: str, by: User, at: datetime) -> Concern:
    """T14: a lead has looked at a concern that stays open; it comes up again after the same time.

    Raises NotAllowed, NotNow when it was not due, Unsound without words.
    """
    concern = lock(concern_id)
    permissions.check_can_look_at_long_open(by, concern)
    if not words.strip():
        raise Unsound("Say what keeps it open.", {"reason": ["Say what keeps it open and what happens next."]})
    if not concern.deadlines.filter(
        kind=ClockKind.OPEN_TOO_LONG, met_at__isnull=True, dropped_at__isnull=True, due_at__lte=at
    ).exists():
        raise NotNow("This is not due yet.")
    meet_clock(concern, ClockKind.OPEN_TOO_LONG, at=at)
    start_clock(concern, ClockKind.OPEN_TOO_LONG, due_at=clocks.lead_looks_by(limits_in_force(), at), at=at)
    note = Note.objects.create(
        concern=concern, kind=NoteKind.NOTE, text=words, author=by, author_title=by.job_title, written_at=at
    )
    save(concern)
    log(events.LOOKED_AT_LONG_OPEN, concern, by=by, at=at, reason=words, keeps=(note,))
    return concern
