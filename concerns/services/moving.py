"""The moves that the sharing floor's acts bring about (t6-t15). Called from above with the concern locked.

Who may sign or send is asked by the caller, where the act is; whether the concern may move is asked here.
"""

from __future__ import annotations

import contextlib
from datetime import datetime

from accounts.models import User
from accounts.selectors import absent_at, holders_of
from accounts.vocabulary import Role
from concerns import clocks
from concerns.facts import case_facts
from concerns.ladder import Rung
from concerns.models import Concern, Involvement
from concerns.permissions import LEAD_LEVEL, denied_ids, ineligible_ids
from concerns.selectors import highest_risk
from concerns.selectors.limits import limits_in_force
from concerns.services.base import log, save
from concerns.services.clocks import drop_clock, meet_clock, start_clock
from concerns.services.holding import assign, pass_up
from concerns.vocabulary import ClockKind, HolderCause, PersonRole, State
from concerns.workflow import Action, plan
from safeguarding.kit.errors import NotNow


def move(concern: Concern, action: Action, *, by: User | None, at: datetime, reason: str = "", **data: str) -> None:
    """Make one move of the table on the locked `concern`. Raises NotNow with every reason why it can't be made."""
    transition, target = plan(action, case_facts(concern))
    concern.state = target
    save(concern, "state")
    log(transition.event, concern, by=by, at=at, reason=reason, keeps=(), **data)


def decided_to_share(concern: Concern, *, by: User, at: datetime) -> None:
    """t6: everyone at risk has a signed decision and something is to be shared; the referral is due (T4)."""
    move(concern, Action.DECIDE_TO_SHARE, by=by, at=at)
    meet_clock(concern, ClockKind.DIFFERENCE, at=at)
    _decided(concern, at=at)
    due = clocks.send_referral_by(limits_in_force(), reported_at=concern.reported_at, decided_at=at)
    start_clock(concern, ClockKind.SEND_REFERRAL, due_at=due, at=at)


def proposed_not_sharing(concern: Concern, *, by: User, at: datetime) -> None:
    """t7: everyone at risk has a signed decision not to share; a second person must look at it (T3b)."""
    move(concern, Action.PROPOSE_NOT_SHARING, by=by, at=at)
    meet_clock(concern, ClockKind.TRIAGE, at=at)
    # From "to be sent", when the decision to share was replaced: nothing is left to send.
    drop_clock(concern, ClockKind.SEND_REFERRAL, at=at)
    start_clock(concern, ClockKind.SECOND_VIEW, due_at=clocks.second_view_by(limits_in_force(), at), at=at)


def agreed_not_sharing(concern: Concern, *, by: User, at: datetime, review_due_at: datetime) -> None:
    """t8: kept under review until `review_due_at`, never later than the level of risk allows (T10)."""
    move(concern, Action.AGREE_NOT_SHARING, by=by, at=at)
    meet_clock(concern, ClockKind.SECOND_VIEW, at=at)
    meet_clock(concern, ClockKind.DIFFERENCE, at=at)
    _decided(concern, at=at)
    _watch(concern, at=at, no_later_than=review_due_at)


def refused_not_sharing(concern: Concern, *, by: User, at: datetime, reason: str, do_differ: bool) -> None:
    """t9: back to being considered; the holder decides again, and the time to decide starts at the second view.

    Where two `do_differ`, the same time is left to agree. After that the safer choice stands (`take_safer_choice`); a
    further refusal gives no new time (I12). Where whoever signed was kept out since, nobody differs with anybody.
    """
    move(concern, Action.REFUSE_NOT_SHARING, by=by, at=at, reason=reason)
    meet_clock(concern, ClockKind.SECOND_VIEW, at=at)
    due = clocks.second_view_by(limits_in_force(), at)
    start_clock(concern, ClockKind.TRIAGE, due_at=due, at=at)
    if do_differ:
        start_clock(concern, ClockKind.DIFFERENCE, due_at=due, at=at)


def take_safer_choice(concern: Concern, *, at: datetime) -> None:
    """t9, when time is up: the two still differ, so the more protective choice, sharing, stands and is to be sent (T4).

    A lead holds the concern and decides: what is shared and with whom, or, with a second person at lead level, that it
    is not. Nobody who differed decides alone.
    """
    move(concern, Action.TAKE_SAFER_CHOICE, by=None, at=at, reason="They still differed when the time was up")
    meet_clock(concern, ClockKind.DIFFERENCE, at=at)
    drop_clock(concern, ClockKind.SECOND_VIEW, at=at)
    meet_clock(concern, ClockKind.TRIAGE, at=at)
    due = clocks.send_referral_by(limits_in_force(), reported_at=concern.reported_at, decided_at=at)
    start_clock(concern, ClockKind.SEND_REFERRAL, due_at=due, at=at)
    give_to_lead(concern, cause=HolderCause.DIFFERENCE, by=None, at=at)


def give_to_lead(concern: Concern, *, cause: HolderCause, by: User | None, at: datetime) -> None:
    """A safeguarding lead or deputy who may hold the locked concern holds it: the first who is at work.

    One who holds it already goes on; where none may, it goes up the ladder past the champions.
    """
    kept_out = denied_ids(concern) | ineligible_ids(concern)
    leads = [lead for lead in holders_of(Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD) if lead.pk not in kept_out]
    if concern.responsible_id in {lead.pk for lead in leads}:
        return
    if leads:
        away = absent_at(at, [lead.pk for lead in leads])
        lead = min(leads, key=lambda each: each.pk in away)
        assign(concern, holder_id=lead.pk, cause=cause, at=at, moved_by=by)
    elif concern.responsible_id not in set(holders_of(*LEAD_LEVEL).values_list("pk", flat=True)):
        with contextlib.suppress(NotNow):
            pass_up(
                concern, cause=cause, at=at, by=by, reason=cause.label, passed_over=False, above=Rung.OTHER_CHAMPION
            )


def referral_sent(concern: Concern, *, by: User, at: datetime) -> None:
    """t10, when the concern waited for it; a further referral of the same concern moves nothing."""
    if concern.state == State.REFERRAL_DUE:
        move(concern, Action.SEND_REFERRAL, by=by, at=at)
        meet_clock(concern, ClockKind.SEND_REFERRAL, at=at)
    elif concern.state == State.DISPUTED:
        move(concern, Action.REFER_AGAIN, by=by, at=at)


def agency_acknowledged(concern: Concern, *, by: User, at: datetime) -> None:
    """t11, when the concern waited for it."""
    if concern.state == State.REFERRED:
        move(concern, Action.RECORD_AGENCY_ACKNOWLEDGEMENT, by=by, at=at)


def dispute_opened(concern: Concern, *, by: User | None, at: datetime, reason: str) -> None:
    """t12: a lead becomes responsible; how long each stage may take is timed for the referral itself (T11)."""
    if concern.state not in (State.REFERRED, State.WITH_AGENCY):
        return
    move(concern, Action.DISPUTE, by=by, at=at, reason=reason)
    give_to_lead(concern, cause=HolderCause.DISPUTE, by=by, at=at)


def dispute_settled(concern: Concern, *, by: User, at: datetime) -> None:
    """t13: the agency took it on after all."""
    if concern.state == State.DISPUTED:
        move(concern, Action.SETTLE_WITH_AGENCY, by=by, at=at)


def agency_ended(concern: Concern, *, by: User, at: datetime) -> None:
    """t14: the agency's part has ended and we keep watch until the next review."""
    move(concern, Action.MONITOR, by=by, at=at)
    _watch(concern, at=at)


def considered_again(concern: Concern, *, by: User, at: datetime, reason: str) -> None:
    """t15: new information; the decision is open again and the time to decide runs anew."""
    move(concern, Action.CONSIDER_AGAIN, by=by, at=at, reason=reason)
    start_triage_clock(concern, at=at)


def start_triage_clock(concern: Concern, *, at: datetime) -> None:
    """T3 from `at`: the time to decide, counted for a child when a child may be at risk."""
    people = Involvement.objects.filter(concern=concern, role=PersonRole.AT_RISK)
    has_child = any(person.counts_as_child for person in people)
    due = clocks.triage_by(limits_in_force(), concern.urgency, has_child=has_child, reported_at=at)
    start_clock(concern, ClockKind.TRIAGE, due_at=due, at=at)


def everyone_has_a_decision(concern: Concern, *, at: datetime) -> None:
    """T3 of somebody who joined a concern that was decided already: their signed decision is there now."""
    facts = case_facts(concern)
    covered = facts.sharing.covered_by_share | facts.sharing.covered_by_not_share
    if concern.state not in (State.SUBMITTED, State.TRIAGE, State.AWAITING_SECOND) and not facts.at_risk - covered:
        meet_clock(concern, ClockKind.TRIAGE, at=at)


def _decided(concern: Concern, *, at: datetime) -> None:
    meet_clock(concern, ClockKind.TRIAGE, at=at)
    if concern.decided_at is None:
        concern.decided_at = at
        concern.save(update_fields=["decided_at"])
    start_clock(concern, ClockKind.TELL_REPORTER, due_at=clocks.tell_reporter_by(limits_in_force(), at), at=at)


def _watch(concern: Concern, *, at: datetime, no_later_than: datetime | None = None) -> None:
    """A review is due: within T10, or at `no_later_than` when that comes first."""
    latest = clocks.review_by(limits_in_force(), highest_risk(concern), at)
    due = min(latest, no_later_than) if no_later_than is not None else latest
    start_clock(concern, ClockKind.REVIEW, due_at=due, at=at)
