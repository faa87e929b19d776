"""Closing in two steps by two people, and reopening (2.6, t16-t19, R30)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.selectors import champions_of, holders_of
from accounts.vocabulary import Role
from concerns import clocks, notifications, permissions
from concerns.facts import case_facts
from concerns.models import ClosureProposal, Concern
from concerns.selectors.limits import limits_in_force
from concerns.services.base import keep_reason, lock, log, tell
from concerns.services.clocks import carry_on, meet_clock, start_clock
from concerns.services.ending import end
from concerns.services.holding import hold_afresh
from concerns.services.moving import move, start_triage_clock
from concerns.services.staff_steps import open_staff_steps
from concerns.vocabulary import ClockKind, ClosureReason, HolderCause, State
from concerns.workflow import Action, plan
from safeguarding.kit.errors import NotAllowed, Unsound, allows


@dataclass(frozen=True)
class ClosureWords:
    """What the person who proposes to close has to say (2.6 conditions 6 and 9)."""

    reason: ClosureReason
    words: str
    family_reconfirmed: str
    reporter_told: str


@transaction.atomic
def propose_closure(
    *, concern_id: int, closure: ClosureWords, by: User, at: datetime, seen_version: int | None = None
) -> ClosureProposal:
    """t16: the holder proposes to close; every condition of 2.6 holds, and a different person is asked."""
    concern = lock(concern_id, seen_version=seen_version)
    permissions.check_is_holder(by, concern)
    plan(Action.PROPOSE_CLOSURE, case_facts(concern))
    problems: dict[str, list[str]] = {}
    if not closure.words.strip():
        problems["words"] = ["Say why the concern can be closed."]
    if not closure.family_reconfirmed.strip():
        problems["family_reconfirmed"] = ["Say who in the household and around it you looked at again."]
    if not closure.reporter_told.strip():
        problems["reporter_told"] = ["Say what the person who reported it was told, or why not."]
    if problems:
        raise Unsound("Something is missing.", problems)
    proposal = ClosureProposal.objects.create(
        concern=concern, from_state=concern.state, reason=closure.reason, words=closure.words,
        family_reconfirmed=closure.family_reconfirmed, reporter_told=closure.reporter_told,
        proposed_by=by, proposed_at=at,
    )  # fmt: skip
    move(concern, Action.PROPOSE_CLOSURE, by=by, at=at, closure_reason=closure.reason.value)
    start_clock(concern, ClockKind.CLOSURE_VIEW, due_at=clocks.closure_view_by(limits_in_force(), at), at=at)
    for second in _who_may_second(concern):
        tell(
            notifications.CLOSURE_WAITS,
            concern,
            to=second.pk,
            key=f"closure:{proposal.pk}:{second.pk}",
            at=at,
        )
    return proposal


def _who_may_second(concern: Concern) -> list[User]:
    """Champions of the area and leads who may give the second view: the first people to ask."""
    asked = [*champions_of(concern.service_area_id), *holders_of(Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD)]
    unique = {user.pk: user for user in asked}
    return [user for user in unique.values() if allows(permissions.check_can_agree_closure, user, concern)]


@transaction.atomic
def agree_closure(*, concern_id: int, words: str, by: User, at: datetime, seen_version: int | None = None) -> Concern:
    """t17: a different person agrees; the concern is closed, nobody holds it, every clock ends, the reporter hears.

    Not to what was proposed by somebody who has no say in it any more (I6): that is refused, and whoever holds the
    concern now proposes it again.
    """
    concern = lock(concern_id, seen_version=seen_version)
    permissions.check_can_agree_closure(by, concern)
    transition, target = plan(Action.AGREE_CLOSURE, case_facts(concern))
    proposal = _view(concern, is_agreed=True, words=words, by=by, at=at)
    meet_clock(concern, ClockKind.CLOSURE_VIEW, at=at)
    end(concern, state=target, by=by, at=at)
    log(transition.event, concern, by=by, at=at, closure_reason=proposal.reason)
    tell(
        notifications.REPORTER_TOLD,
        concern,
        to=concern.reporter_id,
        key=f"closed:{proposal.pk}",
        at=at,
        is_reporter=True,
    )
    return concern


@transaction.atomic
def refuse_closure(*, concern_id: int, words: str, by: User, at: datetime, seen_version: int | None = None) -> Concern:
    """t18: the second person does not agree, says why, and the concern goes back to where it was."""
    concern = lock(concern_id, seen_version=seen_version)
    permissions.check_can_second(by, concern)
    if not words.strip():
        raise Unsound("Give a reason.", {"words": ["Say why it should stay open."]})
    move(concern, Action.REFUSE_CLOSURE, by=by, at=at, reason=words)
    proposal = _view(concern, is_agreed=False, words=words, by=by, at=at)
    meet_clock(concern, ClockKind.CLOSURE_VIEW, at=at)
    if concern.responsible_id is not None:
        key = f"closure-refused:{proposal.pk}"
        tell(notifications.CLOSURE_REFUSED, concern, to=concern.responsible_id, key=key, at=at)
    return concern


def _view(concern: Concern, *, is_agreed: bool, words: str, by: User, at: datetime) -> ClosureProposal:
    proposal = ClosureProposal.objects.get(concern=concern, is_agreed__isnull=True)
    if proposal.proposed_by_id == by.pk:
        raise NotAllowed("You proposed this yourself. The second view must come from somebody else.")
    if is_agreed:
        permissions.check_first_counts(proposal.proposed_by, concern)
    proposal.is_agreed, proposal.view_words, proposal.viewed_by, proposal.viewed_at = is_agreed, words, by, at
    proposal.save(update_fields=["is_agreed", "view_words", "viewed_by", "viewed_at"])
    return proposal


@transaction.atomic
def reopen(*, concern_id: int, reason: str, by: User, at: datetime) -> Concern:
    """t19: the concern is open again, in triage, with an owner chosen afresh (R42)."""
    concern = lock(concern_id)
    permissions.check_can_reopen(by, concern)
    plan(Action.REOPEN, case_facts(concern))
    open_again(concern, reason=reason, by=by, at=at)
    return concern


def open_again(concern: Concern, *, reason: str, by: User, at: datetime, was_inadequate: bool = False) -> None:
    """t19, and t21 undone: the locked concern that had ended is considered again, with a holder chosen afresh.

    For callers who have asked their own question of permission. With `was_inadequate` it goes to none of those who
    held it before (R42, 2.3). What was entered in error goes on by the limits that ran then (I12).
    """
    if not reason.strip():
        raise Unsound("Give a reason.", {"reason": ["Say why the concern is opened again."]})
    was_void, ended_at = concern.state == State.VOID, concern.closed_at
    transition, target = plan(Action.RESTORE if was_void else Action.REOPEN, case_facts(concern))
    if was_inadequate:
        concern.assignments.update(is_passed_over=True)
    note = keep_reason(concern, "Opened again", reason, by=by, at=at)
    log(transition.event, concern, by=by, at=at, reason=reason, keeps=(note,))
    cause = HolderCause.NOT_IN_ERROR if was_void else HolderCause.REOPENED
    hold_afresh(concern, state=target, cause=cause, by=by, at=at)
    if permissions.barred_ids(concern):
        open_staff_steps(concern, at=at)  # R46: named after it had ended, when nobody could answer them
    start_triage_clock(concern, at=at)
    if was_void and ended_at is not None:
        carry_on(concern, ended_at=ended_at, at=at)
