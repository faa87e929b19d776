"""Advice without names: the words are checked before they are said, then the answer is kept (R35)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts.models import User
from concerns.references import new_reference
from concerns.services.base import lock
from concerns.vocabulary import ENDED_STATES
from safeguarding.kit.errors import NotNow, Unsound
from sharing import events, permissions
from sharing.models import Consultation
from sharing.no_names import scan
from sharing.selectors import known_of
from sharing.services.base import log
from sharing.vocabulary import YesNo


@dataclass(frozen=True)
class AdviceGiven:
    """Who was asked, when, what they advised, and whether to disclose in full."""

    who: str
    role: str
    organisation: str
    asked_at: datetime | None
    advice: str
    in_full: str
    in_full_why: str


@transaction.atomic
def check_question(
    *, concern_id: int, question: str, reasons: Mapping[str, str], by: User, at: datetime
) -> Consultation:
    """The words to be said, free of what tells who it is about, but for what was confirmed one by one.

    `reasons` names a hit by its key and says why it must be said. Raises Unsound with the keys of the hits that are
    neither removed nor confirmed; nothing is kept then.
    """
    concern = lock(concern_id)
    permissions.check_can_refer(by, concern)
    if concern.state in ENDED_STATES:
        raise NotNow("This concern is closed.")
    if not question.strip():
        raise Unsound("Something is missing.", {"question": ["Write what you will say."]})
    hits = scan(question, known_of(concern))
    unanswered = {hit.key: ["Take it out, or write why it must be said."] for hit in hits if not _why(reasons, hit.key)}
    if unanswered:
        raise Unsound("These words tell who it is about. Take each one out, or say why it must stay.", unanswered)
    consultation = Consultation.objects.create(
        ref=new_reference("NA"),
        concern=concern,
        question=question,
        confirmed=[
            {"kind": hit.kind.value, "start": hit.start, "end": hit.end, "reason": _why(reasons, hit.key)}
            for hit in hits
        ],
        checked_at=at,
        checked_by=by,
    )
    log(
        events.ADVICE_CHECKED, concern, by=by, at=at, subject=consultation, ref=consultation.ref,
        confirmed=len(hits),
    )  # fmt: skip
    return consultation


def _why(reasons: Mapping[str, str], key: str) -> str:
    return reasons.get(key, "").strip()


@transaction.atomic
def record_advice(*, consultation_id: int, given: AdviceGiven, by: User, at: datetime) -> Consultation:
    """What was advised, once. The words that were asked never change after they were checked."""
    concern = lock(Consultation.objects.values_list("concern_id", flat=True).get(pk=consultation_id))
    consultation = Consultation.objects.select_for_update(of=("self",)).get(pk=consultation_id)
    permissions.check_can_refer(by, concern)
    if consultation.is_answered:
        raise NotNow("The advice has been recorded already. Ask again to add to it.")
    problems: dict[str, list[str]] = {}
    if not (given.role.strip() or given.organisation.strip()):
        problems["organisation"] = ["Enter the role or the organisation that you asked."]
    if given.asked_at is None:
        problems["asked_at"] = ["Enter the day and the time."]
    elif given.asked_at > at:
        problems["asked_at"] = ["The date and time must not be in the future."]
    if not given.advice.strip():
        problems["advice"] = ["Write what they advised."]
    if given.in_full not in YesNo.values:
        problems["in_full"] = ["Say whether they advised you to disclose in full."]
    if not given.in_full_why.strip():
        problems["in_full_why"] = ["Write why, in their words if you can."]
    if problems:
        raise Unsound("Something is missing.", problems)
    consultation.who, consultation.role = given.who[:150], given.role[:150]
    consultation.organisation, consultation.asked_at = given.organisation[:200], given.asked_at
    consultation.advice, consultation.in_full = given.advice, given.in_full
    consultation.in_full_why = given.in_full_why
    consultation.recorded_at, consultation.recorded_by = at, by
    consultation.save()
    log(
        events.ADVICE_RECORDED, concern, by=by, at=at, subject=consultation, ref=consultation.ref,
        in_full=given.in_full == YesNo.YES,
    )  # fmt: skip
    return consultation
