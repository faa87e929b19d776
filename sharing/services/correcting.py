"""Corrections follow the data: everybody who was given a wrong fact is told, each with a clock (R100; 000 rule 6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from concerns import clocks
from concerns.references import new_reference
from concerns.selectors.limits import limits_in_force
from concerns.services import meet_clock, start_clock
from concerns.services.base import lock, save
from concerns.services.closing import open_again
from concerns.vocabulary import ClockKind
from safeguarding.kit.errors import NotNow, Unsound
from sharing import events, permissions
from sharing.models import Correction, CorrectionNotice
from sharing.selectors import shared_items
from sharing.services.base import log
from sharing.services.referral_parts import BEFORE_IT_WENT, is_before_it_went


@dataclass(frozen=True)
class Wrong:
    """Which shared item is wrong (its key), what is right, how we know, and who else was given it in other words."""

    item: str
    right: str
    source: str
    also: tuple[str, ...] = ()  # references of referrals


@dataclass(frozen=True)
class ToldOfIt:
    """Who at the agency was told, how and when."""

    who: str
    how: str
    told_at: datetime | None
    words: str = ""


@transaction.atomic
def record_correction(*, concern_id: int, wrong: Wrong, by: User, at: datetime) -> Correction:
    """One task for each agency that was given the item, and for those named besides, each with its clock.

    A concern that had ended is open again (t19): somebody must do it. Nothing that was signed or sent changes.
    """
    concern = lock(concern_id)
    permissions.check_can_correct(by, concern)
    shared = shared_items(concern)
    item = next((each for each in shared if each.key == wrong.item), None)
    by_ref = {referral.ref: referral for each in shared for referral in each.referrals}
    problems: dict[str, list[str]] = {}
    if item is None:
        problems["item"] = ["Choose what was wrong."]
    if not wrong.right.strip():
        problems["right"] = ["Write what is right."]
    if not wrong.source.strip():
        problems["source"] = ["Write how you know."]
    if not set(wrong.also) <= set(by_ref):
        problems["also"] = ["Choose from the agencies on this page."]
    if problems or item is None:
        raise Unsound("Something is missing.", problems)
    told = {referral.pk: referral for referral in (*item.referrals, *(by_ref[ref] for ref in wrong.also))}
    if same := _sent_twice(concern.pk, item.words, wrong, told=set(told), by=by):
        return same
    correction = Correction.objects.create(
        ref=new_reference("CN"), concern=concern, wrong=item.words, right=wrong.right, source=wrong.source,
        recorded_at=at, recorded_by=by,
    )  # fmt: skip
    log(
        events.CORRECTION_RECORDED, concern, by=by, at=at, subject=correction, ref=correction.ref,
        keeps=(correction,), recipients=len(told),
    )  # fmt: skip
    if not concern.is_open:
        open_again(concern, reason="A fact that was shared is wrong", by=by, at=at)
    due = clocks.tell_of_correction_by(limits_in_force(), at)
    for number, referral in enumerate(told.values(), start=1):
        notice = CorrectionNotice.objects.create(correction=correction, referral=referral, number=number)
        start_clock(concern, ClockKind.CORRECTION, due_at=due, at=at, about=notice.clock_name)
    save(concern)
    return correction


def _sent_twice(concern_id: int, words: str, wrong: Wrong, *, told: set[int], by: User) -> Correction | None:
    """A form sent twice makes one correction; one that names another agency, which is to be told too, makes another."""
    made: Iterable[Correction] = Correction.objects.filter(
        concern=concern_id, recorded_by=by, notices__told_at=None, wrong=words, right=wrong.right, source=wrong.source
    )
    return next((each for each in made if told <= set(each.notices.values_list("referral", flat=True))), None)


@transaction.atomic
def record_told_of_correction(*, notice_id: int, telling: ToldOfIt, by: User, at: datetime) -> CorrectionNotice:
    """One agency has been told; its clock ends."""
    concern = lock(CorrectionNotice.objects.values_list("correction__concern_id", flat=True).get(pk=notice_id))
    permissions.check_can_refer(by, concern)
    notice = CorrectionNotice.objects.select_related("correction", "referral").get(pk=notice_id)
    if notice.is_done:
        raise NotNow("This agency has been told already.")
    problems: dict[str, list[str]] = {}
    if not telling.who.strip():
        problems["who"] = ["Enter whom you told."]
    if not telling.how.strip():
        problems["how"] = ["Write how you told them."]
    if telling.told_at is None:
        problems["told_at"] = ["Enter the day and the time."]
    elif telling.told_at > at:
        problems["told_at"] = ["The date and time must not be in the future."]
    elif is_before_it_went(notice.referral, telling.told_at):
        problems["told_at"] = [BEFORE_IT_WENT]
    if problems:
        raise Unsound("Something is missing.", problems)
    notice.who, notice.how, notice.words = telling.who[:150], telling.how[:200], telling.words
    notice.told_at, notice.recorded_at, notice.recorded_by = telling.told_at, at, by
    notice.save()
    meet_clock(concern, ClockKind.CORRECTION, at=at, about=notice.clock_name)
    log(
        events.CORRECTION_TOLD, concern, by=by, at=at, subject=notice.correction, ref=notice.correction.ref,
        notice=notice.number,
    )  # fmt: skip
    save(concern)
    return notice
