"""What the services about referrals share: the lock, the history, the clocks."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from accounts.models import User
from concerns import clocks
from concerns.selectors.limits import limits_in_force
from concerns.services import drop_clock, meet_clock, start_clock
from concerns.services.base import lock
from concerns.vocabulary import ClockKind
from sharing import events
from sharing.models import Referral, ReferralStep
from sharing.services.base import log
from sharing.vocabulary import DisputeStage, ReferralState, ReferralStepKind

# States in which the agency can still answer.
WITH_THE_AGENCY = frozenset(
    {ReferralState.SENT, ReferralState.ACKNOWLEDGED, ReferralState.DECLINED, ReferralState.DISPUTED}
)
IN_DISPUTE = frozenset({ReferralState.DECLINED, ReferralState.DISPUTED})
BEFORE_IT_WENT = "This is before it went to the agency."


def lock_referral(referral_id: int) -> Referral:
    """The referral and its concern, locked."""
    concern = lock(Referral.objects.values_list("concern_id", flat=True).get(pk=referral_id))
    referral = Referral.objects.select_for_update(of=("self",)).select_related("record__decision").get(pk=referral_id)
    referral.concern = concern
    return referral


def is_before_it_went(referral: Referral, happened: datetime) -> bool:
    """Whether nothing had gone to the agency yet at `happened` (VR21). People type minutes.

    Of a call that was written down later perhaps only the day is known.
    """
    first = referral.disclosures.order_by("shared_at").values_list("shared_at", flat=True).first()
    if first is None:
        return False
    if referral.is_direct:
        return timezone.localdate(happened) < timezone.localdate(first)
    return happened < first.replace(second=0, microsecond=0)


def add_step(
    referral: Referral,
    kind: ReferralStepKind,
    *,
    happened: datetime,
    who: str,
    words: str,
    by: User | None,
    at: datetime,
    outcome: str = "",
    stage: DisputeStage | None = None,
) -> ReferralStep:
    return ReferralStep.objects.create(
        referral=referral, kind=kind, at=happened, by=by, who=who[:150], outcome=outcome, words=words, recorded_at=at,
        stage=stage,
    )  # fmt: skip


def log_step(referral: Referral, step: ReferralStep, *, by: User | None, at: datetime) -> None:
    log(
        events.REFERRAL_STEP,
        referral.concern,
        by=by,
        at=at,
        subject=referral,
        ref=referral.ref,
        keeps=(step,),
        step=step.kind,
        outcome=step.outcome,
    )


def start_waiting(referral: Referral, *, sent_at: datetime, at: datetime) -> None:
    """T5 and T6 from the moment it went."""
    concern, limits = referral.concern, limits_in_force()
    check_due = clocks.receipt_check_by(limits, sent_at)
    start_clock(concern, ClockKind.RECEIPT_CHECK, due_at=check_due, at=at, about=referral.ref)
    start_clock(
        concern,
        ClockKind.AGENCY_ACKNOWLEDGEMENT,
        due_at=clocks.agency_acknowledgement_by(limits, sent_at, is_child=referral.is_about_child),
        at=at,
        about=referral.ref,
    )


def clear_clocks(referral: Referral, *, at: datetime) -> None:
    """What is done is met; what no longer applies is dropped."""
    meet_clock(referral.concern, ClockKind.SEND_REFERRAL, at=at, about=referral.ref)
    meet_clock(referral.concern, ClockKind.DISPUTE, at=at, about=referral.ref)
    for kind in (ClockKind.AGENCY_ACKNOWLEDGEMENT, ClockKind.AGENCY_OUTCOME, ClockKind.RECEIPT_CHECK):
        drop_clock(referral.concern, kind, at=at, about=referral.ref)


def start_stage(referral: Referral, stage: DisputeStage, *, at: datetime) -> None:
    """T11: the clock of this stage; that of the stage before it has been met."""
    meet_clock(referral.concern, ClockKind.DISPUTE, at=at, about=referral.ref)
    due = clocks.settle_dispute_by(limits_in_force(), at, stage=stage)
    start_clock(referral.concern, ClockKind.DISPUTE, due_at=due, at=at, about=referral.ref)


def others_in_dispute(referral: Referral) -> bool:
    others = Referral.objects.filter(concern=referral.concern, state__in=IN_DISPUTE)
    return others.exclude(pk=referral.pk).exists()
