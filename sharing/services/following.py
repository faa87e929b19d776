"""After sharing: was it received and understood, and was done what was promised (R73, R94, R97, R98)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from concerns.services import meet_clock
from concerns.services.base import lock, save
from concerns.vocabulary import ClockKind
from safeguarding.kit.errors import NotNow, Unsound
from sharing import events, permissions
from sharing.models import Disclosure, FollowUp, ReceiptCheck
from sharing.services.base import log
from sharing.services.referral_parts import BEFORE_IT_WENT, lock_referral
from sharing.services.telling import finish_task
from sharing.vocabulary import ReceiptStep


@dataclass(frozen=True)
class Check:
    step: ReceiptStep
    on: date
    who: str
    how: str
    words: str = ""


@transaction.atomic
def record_receipt(*, disclosure_id: int, checks: Iterable[Check], by: User, at: datetime) -> list[ReceiptCheck]:
    """Field 41: delivered, received, understood, acted upon; each its own row (R97, R98).

    T5 ends with the first three.
    """
    referral = lock_referral(Disclosure.objects.values_list("referral_id", flat=True).get(pk=disclosure_id))
    disclosure = Disclosure.objects.get(pk=disclosure_id)
    permissions.check_can_refer(by, referral.concern)
    done = set(disclosure.checks.values_list("step", flat=True))
    rows: list[ReceiptCheck] = []
    for check in checks:
        if check.step in done:
            raise NotNow(f"“{check.step.label}” has been recorded already.")
        if check.on > timezone.localdate(at):
            raise Unsound("This date is in the future.", {"on": ["The date must not be in the future."]})
        if check.on < timezone.localdate(disclosure.shared_at):
            raise Unsound(BEFORE_IT_WENT, {"on": [BEFORE_IT_WENT]})
        row = ReceiptCheck.objects.create(
            disclosure=disclosure,
            step=check.step,
            on=check.on,
            who=check.who[:150],
            how=check.how[:200],
            words=check.words,
            recorded_by=by,
            recorded_at=at,
        )
        rows.append(row)
        done.add(check.step)
        log(
            events.RECEIPT_CHECKED,
            referral.concern,
            by=by,
            at=at,
            subject=referral,
            ref=referral.ref,
            keeps=(row,),
            step=check.step.value,
        )
    if {ReceiptStep.DELIVERED, ReceiptStep.RECEIVED, ReceiptStep.UNDERSTOOD} <= done:
        meet_clock(referral.concern, ClockKind.RECEIPT_CHECK, at=at, about=referral.ref)
    save(referral.concern)
    return rows


@transaction.atomic
def finish_follow_up(*, follow_up_id: int, words: str, by: User, at: datetime, is_unsafe: bool = False) -> FollowUp:
    """A step that a decision promised is done (R73, R94, R99). `is_unsafe`: somebody is not told, and `words` say why.

    Raises NotNow when it is done already, Unsound without words.
    """
    follow_up = FollowUp.objects.select_related("record").get(pk=follow_up_id)
    concern = lock(follow_up.record.concern_id)
    permissions.check_can_refer(by, concern)
    follow_up.refresh_from_db()
    if follow_up.done_at is not None:
        raise NotNow("This has been done already.")
    if is_unsafe and not follow_up.is_telling:
        raise NotNow("Only telling somebody can be left undone because it is not safe.")
    if not words.strip():
        sentence = "Write why it is not safe to tell them." if is_unsafe else "Say what was done."
        raise Unsound("Something is missing.", {"words": [sentence]})
    finish_task(follow_up, words=words, is_unsafe=is_unsafe, concern=concern, by=by, at=at)
    save(concern)
    return follow_up
