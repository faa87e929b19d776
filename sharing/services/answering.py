"""What an agency answers, and what we do when it declines or is silent (t11-t14, T6, T8, T11; R121, R122)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from accounts.models import User
from accounts.selectors import holders_of
from accounts.vocabulary import Role
from concerns import clocks
from concerns.models import Deadline
from concerns.permissions import denied_ids
from concerns.selectors.limits import limits_in_force
from concerns.services import drop_clock, meet_clock, moving, start_clock
from concerns.services.base import save
from concerns.vocabulary import ClockKind, State
from safeguarding.kit.errors import NotNow, Unsound
from safeguarding.kit.sweeping import each
from safeguarding.kit.working_time import add_working_days
from sharing import events, notifications, permissions
from sharing.models import Referral, ReferralStep
from sharing.selectors import is_waited_for, stage_of
from sharing.services.base import log, path_of_concern, tell
from sharing.services.referral_parts import (
    BEFORE_IT_WENT,
    IN_DISPUTE,
    WITH_THE_AGENCY,
    add_step,
    clear_clocks,
    is_before_it_went,
    lock_referral,
    log_step,
    others_in_dispute,
    start_stage,
)
from sharing.vocabulary import (
    DECLINED_OUTCOMES,
    DecisionStatus,
    DisputeStage,
    ReferralOutcome,
    ReferralState,
    ReferralStepKind,
)

# T6: chased when it is due, once more a working day later, then in dispute.
MOST_CHASES = 2


@dataclass(frozen=True)
class Word:
    """What an agency said: who there, when, and the words."""

    who: str
    happened_at: datetime
    words: str = ""


@transaction.atomic
def record_chase(*, referral_id: int, word: Word, by: User, at: datetime) -> ReferralStep:
    """T6: asked again; the agency has one more working day. After two chases its silence is a dispute."""
    referral = lock_referral(referral_id)
    permissions.check_can_refer(by, referral.concern)
    if referral.state != ReferralState.SENT:
        raise NotNow("Only a referral that has had no answer is chased.")
    _check_happened(referral, word, at=at)
    if referral.steps.filter(kind=ReferralStepKind.CHASED, at=word.happened_at).exists():
        raise NotNow("This has been recorded already.")
    if referral.steps.filter(kind=ReferralStepKind.CHASED).count() >= MOST_CHASES:
        raise NotNow("The agency has been chased twice. Open a dispute, or record what they said.")
    step = add_step(
        referral, ReferralStepKind.CHASED, happened=word.happened_at, who=word.who, words=word.words, by=by, at=at
    )
    drop_clock(referral.concern, ClockKind.AGENCY_ACKNOWLEDGEMENT, at=at, about=referral.ref)
    start_clock(
        referral.concern,
        ClockKind.AGENCY_ACKNOWLEDGEMENT,
        due_at=add_working_days(word.happened_at, 1),
        at=at,
        about=referral.ref,
    )
    log_step(referral, step, by=by, at=at)
    save(referral.concern)
    return step


@transaction.atomic
def record_acknowledgement(*, referral_id: int, word: Word, agency_reference: str, by: User, at: datetime) -> Referral:
    """t11: the agency says that it has it. Its reference may come later."""
    referral = lock_referral(referral_id)
    concern = referral.concern
    permissions.check_can_refer(by, concern)
    if referral.state not in WITH_THE_AGENCY:
        raise NotNow("An acknowledgement can be recorded once the referral is sent and until it has ended.")
    _check_happened(referral, word, at=at, who_is_needed=True)
    settles = referral.state in IN_DISPUTE
    kind = ReferralStepKind.SETTLED if settles else ReferralStepKind.ACKNOWLEDGED
    step = add_step(referral, kind, happened=word.happened_at, who=word.who, words=word.words, by=by, at=at)
    referral.state = ReferralState.ACKNOWLEDGED
    referral.acknowledged_at = referral.acknowledged_at or word.happened_at
    referral.agency_reference = agency_reference[:80] or referral.agency_reference
    referral.outcome, referral.outcome_at = "", None
    referral.save(update_fields=["state", "acknowledged_at", "agency_reference", "outcome", "outcome_at"])
    meet_clock(concern, ClockKind.AGENCY_ACKNOWLEDGEMENT, at=at, about=referral.ref)
    _expect_outcome(referral, word.happened_at, at=at)
    log_step(referral, step, by=by, at=at)
    if settles:
        _settle(referral, by=by, at=at)
    elif not referral.is_direct:
        moving.agency_acknowledged(concern, by=by, at=at)
    save(concern)
    return referral


@transaction.atomic
def record_news(*, referral_id: int, word: Word, by: User, at: datetime) -> ReferralStep:
    """T8: no outcome yet, but word of it; the next look is due in another 10 working days."""
    referral = lock_referral(referral_id)
    permissions.check_can_refer(by, referral.concern)
    if referral.state not in WITH_THE_AGENCY:
        raise NotNow("News can be recorded while the referral is with the agency.")
    _check_happened(referral, word, at=at, who_is_needed=True, words_are_needed=True)
    step = add_step(
        referral, ReferralStepKind.NEWS, happened=word.happened_at, who=word.who, words=word.words, by=by, at=at
    )
    if meet_clock(referral.concern, ClockKind.AGENCY_OUTCOME, at=at, about=referral.ref) is not None:
        _expect_outcome(referral, word.happened_at, at=at)
    log_step(referral, step, by=by, at=at)
    save(referral.concern)
    return step


@transaction.atomic
def record_outcome(*, referral_id: int, outcome: ReferralOutcome, word: Word, by: User, at: datetime) -> Referral:
    """R121, R4: what the agency reported, with who said it and when. A decline opens a dispute (t12)."""
    referral = lock_referral(referral_id)
    concern = referral.concern
    permissions.check_can_refer(by, concern)
    if referral.state not in WITH_THE_AGENCY | {ReferralState.OUTCOME}:
        raise NotNow("An outcome can be recorded once the referral is sent and until it has ended.")
    _check_happened(referral, word, at=at, who_is_needed=True)
    was_in_dispute, declined = referral.state in IN_DISPUTE, outcome in DECLINED_OUTCOMES
    step = add_step(
        referral,
        ReferralStepKind.OUTCOME,
        happened=word.happened_at,
        who=word.who,
        outcome=outcome,
        words=word.words,
        by=by,
        at=at,
        stage=DisputeStage.WORKERS if declined and not was_in_dispute else None,
    )
    referral.outcome, referral.outcome_at = outcome, word.happened_at
    referral.acknowledged_at = referral.acknowledged_at or word.happened_at
    referral.state = ReferralState.DECLINED if declined else ReferralState.OUTCOME
    referral.save(update_fields=["outcome", "outcome_at", "acknowledged_at", "state"])
    meet_clock(concern, ClockKind.AGENCY_ACKNOWLEDGEMENT, at=at, about=referral.ref)
    meet_clock(concern, ClockKind.AGENCY_OUTCOME, at=at, about=referral.ref)
    log_step(referral, step, by=by, at=at)
    if declined and not was_in_dispute:
        start_stage(referral, DisputeStage.WORKERS, at=at)
    if declined:
        moving.dispute_opened(concern, by=by, at=at, reason=str(outcome.label))
    elif was_in_dispute:
        _settle(referral, by=by, at=at)
    elif not referral.is_direct:
        moving.agency_acknowledged(concern, by=by, at=at)
    save(concern)
    return referral


@transaction.atomic
def open_dispute(*, referral_id: int, reason: str, by: User, at: datetime) -> Referral:
    """t12: we do not agree with the agency, or hear nothing. The lead becomes responsible (T11)."""
    referral = lock_referral(referral_id)
    permissions.check_can_refer(by, referral.concern)
    if referral.state not in {ReferralState.SENT, ReferralState.ACKNOWLEDGED, ReferralState.OUTCOME}:
        raise NotNow("A dispute can be opened once the referral is sent and until it has ended.")
    if not reason.strip():
        raise Unsound("Give a reason.", {"words": ["Say what the dispute is about."]})
    _dispute(referral, reason=reason, by=by, at=at)
    return referral


@transaction.atomic
def escalate_dispute(
    *, referral_id: int, stage: DisputeStage, word: Word, skip_reason: str = "", by: User, at: datetime
) -> ReferralStep:
    """T11, R122: taken to a higher stage, with whom there and what they said; each stage has a time of its own.

    A stage may be left out only because somebody is at risk now, and `skip_reason` says so. From the senior managers'
    stage on, the designated senior manager is told, by reference alone.
    """
    referral = lock_referral(referral_id)
    permissions.check_can_refer(by, referral.concern)
    if referral.state not in IN_DISPUTE:
        raise NotNow("This referral is not in dispute.")
    before = stage_of(referral)
    if before == DisputeStage.BOARD:
        raise NotNow("The dispute has been taken as far as it goes. Record what they say as an outcome or as news.")
    _check_happened(referral, word, at=at, who_is_needed=True, words_are_needed=True)
    if stage <= before:
        raise Unsound("Something is wrong.", {"stage": [f"It is at “{before.label}” already. Choose a higher stage."]})
    if stage > before + 1 and not skip_reason.strip():
        raise Unsound("Something is missing.", {"skip_reason": ["Say what the risk is, if you leave out a stage."]})
    words = f"{word.words}\n\nA stage was left out: {skip_reason}" if stage > before + 1 else word.words
    step = add_step(
        referral, ReferralStepKind.ESCALATED, happened=word.happened_at, who=word.who, words=words, by=by, at=at,
        stage=stage,
    )  # fmt: skip
    start_stage(referral, stage, at=at)
    log_step(referral, step, by=by, at=at)
    if stage >= DisputeStage.SENIORS:
        _tell_seniors(referral, step, at=at)
    save(referral.concern)
    return step


def _tell_seniors(referral: Referral, step: ReferralStep, *, at: datetime) -> None:
    denied = denied_ids(referral.concern)
    for senior in holders_of(Role.DESIGNATED_SENIOR_MANAGER):
        if senior.pk not in denied:
            tell(
                notifications.DISPUTE_AT_SENIORS, to=senior.pk, about=referral.pk, reference=referral.concern.ref,
                path=reverse("concerns:list-late"), key=f"dispute:{step.pk}:{senior.pk}", at=at,
            )  # fmt: skip


@transaction.atomic
def end_referral(*, referral_id: int, words: str, by: User, at: datetime) -> Referral:
    """The agency's part has ended, or its decline is accepted with a plan for the risk that remains (2.5,
    t14).

    A concern that waited on nothing else is kept under review.
    """
    referral = lock_referral(referral_id)
    concern = referral.concern
    permissions.check_can_refer(by, concern)
    if referral.state not in IN_DISPUTE | {ReferralState.OUTCOME, ReferralState.DUE}:
        raise NotNow("Record what the agency did first.")
    if referral.state == ReferralState.DUE and _is_in_force(referral):
        raise NotNow("This referral has not been sent. Send it, or decide again not to share.")
    if not words.strip():
        raise Unsound("Something is missing.", {"words": ["Say what happens now about the risk that remains."]})
    step = add_step(referral, ReferralStepKind.ENDED, happened=at, who="", words=words, by=by, at=at)
    referral.state = ReferralState.ENDED
    referral.save(update_fields=["state"])
    clear_clocks(referral, at=at)
    log(
        events.REFERRAL_STEP,
        concern,
        by=by,
        at=at,
        subject=referral,
        ref=referral.ref,
        keeps=(step,),
        step=ReferralStepKind.ENDED.value,
        outcome=referral.outcome,
    )
    still_open = Referral.objects.filter(concern=concern).exclude(
        state__in=[ReferralState.ENDED, ReferralState.OUTCOME]
    )
    if concern.state in {State.DISPUTED, State.WITH_AGENCY} and not still_open.exists():
        moving.agency_ended(concern, by=by, at=at)
    save(concern)
    return referral


@transaction.atomic
def go_on_without(*, referral_id: int, reason: str, by: User, at: datetime) -> Referral:
    """2.6, condition 2: a lead decides, with a reason, to wait no longer for an outcome or for the check that it
    arrived. Closing no longer waits for this referral; whatever the agency still says is recorded as before.

    Sending it again ends this. Raises NotAllowed for who decided, sent or holds it: a lead's own referral takes another
    lead. NotNow where a dispute, or silence before any acknowledgement, is the way (t12).
    """
    referral = lock_referral(referral_id)
    concern = referral.concern
    permissions.check_can_go_on_without(by, referral)
    if referral.sent_at is None or referral.state in IN_DISPUTE:
        raise NotNow("Only a referral that was sent, and is not in dispute, can be gone on without.")
    if concern.state == State.REFERRED:
        raise NotNow("The agency has not acknowledged anything yet. Chase it, or open a dispute.")
    if not is_waited_for(referral):
        raise NotNow("Nothing is missing here: it has an outcome, and it arrived and was understood.")
    if not reason.strip():
        raise Unsound("Give a reason.", {"words": ["Say why it is safe to go on without an answer."]})
    step = add_step(referral, ReferralStepKind.GONE_ON, happened=at, who="", words=reason, by=by, at=at)
    for kind in (ClockKind.AGENCY_ACKNOWLEDGEMENT, ClockKind.AGENCY_OUTCOME, ClockKind.RECEIPT_CHECK):
        drop_clock(concern, kind, at=at, about=referral.ref)
    log(events.GONE_ON_WITHOUT, concern, by=by, at=at, subject=referral, ref=referral.ref, reason=reason, keeps=(step,))
    save(concern)
    return referral


def _is_in_force(referral: Referral) -> bool:
    return referral.record is not None and referral.record.decision.status == DecisionStatus.SIGNED


def sweep_silent_referrals(*, at: datetime) -> int:
    """T6: an agency that is silent after two chases, or for as long again as it had, is in dispute.

    Safe to repeat.
    """
    late = Deadline.objects.filter(
        kind=ClockKind.AGENCY_ACKNOWLEDGEMENT, concern=OuterRef("concern"), about=OuterRef("ref"), due_at__lte=at,
        met_at__isnull=True, dropped_at__isnull=True,
    )  # fmt: skip
    # No other is locked, every minute, to find that the agency has time yet.
    silent = Referral.objects.filter(Exists(late), state=ReferralState.SENT).values_list("pk", flat=True)
    return each(silent, lambda referral_id: _dispute_if_silent(referral_id, at=at))


@transaction.atomic
def _dispute_if_silent(referral_id: int, *, at: datetime) -> bool:
    referral = lock_referral(referral_id)
    concern = referral.concern
    if referral.state != ReferralState.SENT or referral.sent_at is None or concern.state == State.CLOSED:
        return False
    clock = concern.deadlines.filter(
        kind=ClockKind.AGENCY_ACKNOWLEDGEMENT, about=referral.ref, met_at__isnull=True, dropped_at__isnull=True
    ).first()
    if clock is None or at < clock.due_at:
        return False
    chases = referral.steps.filter(kind=ReferralStepKind.CHASED).count()
    twice = clock.due_at + max(clock.due_at - clock.started_at, timedelta(days=1))
    if chases < MOST_CHASES and at < twice:
        return False
    _dispute(referral, reason="The agency has not answered.", by=None, at=at)
    if concern.responsible_id is not None:
        tell(
            notifications.AGENCY_SILENT,
            to=concern.responsible_id,
            about=referral.pk,
            reference=concern.ref,
            path=path_of_concern(concern),
            key=f"silent:{clock.pk}",
            at=at,
        )
    return True


def _check_happened(
    referral: Referral, word: Word, *, at: datetime, who_is_needed: bool = False, words_are_needed: bool = False
) -> None:
    problems: dict[str, list[str]] = {}
    if word.happened_at > at:
        problems["happened_at"] = ["The date and time must not be in the future."]
    elif is_before_it_went(referral, word.happened_at):
        problems["happened_at"] = [BEFORE_IT_WENT]
    if who_is_needed and not word.who.strip():
        problems["who"] = ["Enter who at the agency said so."]
    if words_are_needed and not word.words.strip():
        problems["words"] = ["Write what they said."]
    if problems:
        raise Unsound("Something is missing.", problems)


def _expect_outcome(referral: Referral, since: datetime, *, at: datetime) -> None:
    due = clocks.agency_outcome_by(limits_in_force(), since)
    start_clock(referral.concern, ClockKind.AGENCY_OUTCOME, due_at=due, at=at, about=referral.ref)


def _settle(referral: Referral, *, by: User, at: datetime) -> None:
    meet_clock(referral.concern, ClockKind.DISPUTE, at=at, about=referral.ref)
    if not others_in_dispute(referral):
        moving.dispute_settled(referral.concern, by=by, at=at)


def _dispute(referral: Referral, *, reason: str, by: User | None, at: datetime) -> None:
    step = add_step(
        referral, ReferralStepKind.DISPUTED, happened=at, who="", words=reason, by=by, at=at, stage=DisputeStage.WORKERS
    )
    referral.state = ReferralState.DISPUTED
    referral.save(update_fields=["state"])
    drop_clock(referral.concern, ClockKind.AGENCY_ACKNOWLEDGEMENT, at=at, about=referral.ref)
    start_stage(referral, DisputeStage.WORKERS, at=at)
    log_step(referral, step, by=by, at=at)
    moving.dispute_opened(referral.concern, by=by, at=at, reason=reason)
    save(referral.concern)
