"""Referrals to be sent and sent (t5, t10; R32, R120). The system itself sends no case content."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from concerns import clocks
from concerns.models import Concern
from concerns.references import new_reference
from concerns.selectors.limits import limits_in_force
from concerns.services import answer_by_referral, drop_clock, meet_clock, moving, start_clock
from concerns.services.base import lock_with_survivor, save
from concerns.services.closing import open_again
from concerns.services.reporting import tell_of_news
from concerns.vocabulary import ClockKind, DomesticStepKind, State
from safeguarding.kit.errors import NotNow, Unsound
from sharing import events, permissions
from sharing.content import content_of_call, content_of_referral
from sharing.models import Agency, Disclosure, Referral, SignedRecord
from sharing.record import Record, canonical, digest, from_json
from sharing.rules.content import may_be_used
from sharing.services.base import log
from sharing.services.referral_parts import (
    IN_DISPUTE,
    add_step,
    clear_clocks,
    lock_referral,
    log_step,
    others_in_dispute,
    start_waiting,
)
from sharing.services.telling import record_tellings
from sharing.telling import Told, problems_with
from sharing.vocabulary import (
    CHILD_AGENCIES,
    INSECURE_METHODS,
    AgencyKind,
    DecisionStatus,
    ReferralState,
    ReferralStepKind,
    SharingMethod,
)


def open_referrals(signed: SignedRecord, *, by: User, at: datetime) -> list[Referral]:
    """One referral, still to be sent, for each agency that a decision in force names.

    Called with the concern locked.
    """
    record = from_json(signed.document["record"])
    concern = signed.concern
    made: list[Referral] = []
    for number, recipient in enumerate(record.recipients):
        referral = Referral.objects.create(
            ref=new_reference("RF"),
            concern=concern,
            record=signed,
            recipient_number=number,
            agency=Agency.objects.filter(ref=recipient.key).first() if recipient.key else None,
            agency_name=recipient.organisation[:200],
            agency_kind=recipient.kind or AgencyKind.OTHER,
            is_about_child=_is_about_child(record, recipient.kind),
            created_at=at,
            created_by=by,
        )
        log(
            events.REFERRAL_DUE,
            concern,
            by=by,
            at=at,
            subject=referral,
            ref=referral.ref,
            agency_kind=referral.agency_kind,
        )
        made.append(referral)
    return made


def time_unsent_referrals(concern: Concern, *, at: datetime) -> None:
    """T4 for each referral still to be sent.

    Until the first has gone, the concern's own clock times them all.
    """
    if concern.state == State.REFERRAL_DUE:
        return
    due = clocks.send_referral_by(limits_in_force(), reported_at=concern.reported_at, decided_at=at)
    for referral in Referral.objects.filter(concern=concern, state=ReferralState.DUE):
        start_clock(concern, ClockKind.SEND_REFERRAL, due_at=due, at=at, about=referral.ref)


def end_unsent_referrals(old: SignedRecord, *, by: User, at: datetime) -> None:
    """What a replaced decision had not sent yet is not sent any more."""
    for referral in Referral.objects.filter(record=old, state=ReferralState.DUE):
        words = "A newer version of the decision was signed."
        step = add_step(referral, ReferralStepKind.ENDED, happened=at, who="", words=words, by=by, at=at)
        referral.state = ReferralState.ENDED
        referral.save(update_fields=["state"])
        drop_clock(old.concern, ClockKind.SEND_REFERRAL, at=at, about=referral.ref)
        log_step(referral, step, by=by, at=at)


def _is_about_child(record: Record, agency_kind: str) -> bool:
    return agency_kind in CHILD_AGENCIES or bool(record.children_at_risk)


def tie_direct_referrals(signed: SignedRecord, *, by: User, at: datetime) -> None:
    """I8, T4c: what was said to an agency before now has a decision behind it, and whom it is about is told (R99)."""
    record = from_json(signed.document["record"])
    for referral in Referral.objects.filter(concern=signed.concern, is_direct=True, record__isnull=True):
        referral.record = signed
        referral.save(update_fields=["record"])
        meet_clock(signed.concern, ClockKind.RETROSPECTIVE, at=at, about=referral.ref)
        call = referral.disclosures.earliest("pk")
        record_tellings(call, record, {}, signed=signed, concern=signed.concern, by=by, at=at)


@dataclass(frozen=True)
class Sending:
    """How a referral went: `at` is when it went, not when that was written down."""

    method: SharingMethod
    sent_at: datetime
    received_by: str
    insecure_reason: str = ""
    # R99: who was told what went, by the key of the person.
    told: Mapping[str, Told] = field(default_factory=dict)


# X4: which referral that domestic abuse asks for is answered by one to this kind of agency.
_ANSWERS = {AgencyKind.CHILDREN.value: DomesticStepKind.CHILD, AgencyKind.MARAC.value: DomesticStepKind.MARAC}


@transaction.atomic
def send_referral(*, referral_id: int, sending: Sending, by: User, at: datetime) -> Disclosure:
    """t10: it has gone, by the agency's own route; a frozen copy of exactly what went is kept (field 40).

    Everybody it is about was told, is not safe to tell, or there is a dated task to tell them (R99).
    Raises Unsound for an unverified contact or an insecure method outside an emergency (VR15, VR16).
    """
    referral = lock_referral(referral_id)
    concern = referral.concern
    permissions.check_can_refer(by, concern)
    if referral.is_direct:
        raise NotNow("Somebody told this agency directly. What goes to it in writing is a referral of its own.")
    again = referral.state in IN_DISPUTE
    if referral.state != ReferralState.DUE and not again:
        raise NotNow("This referral has been sent already.")
    signed = referral.record
    if signed is None or signed.decision.status != DecisionStatus.SIGNED:
        raise NotNow("The decision behind this referral is not in force. Look for its newest version.")
    record = from_json(signed.document["record"])
    emergency = concern.is_emergency or record.is_emergency
    if problems := _sending_problems(record, referral, sending, emergency=emergency, signed_at=signed.signed_at, at=at):
        raise Unsound("This cannot be recorded as sent.", problems)
    disclosure = _disclose(
        referral, content_of_referral(signed.document, referral), sending, record=signed, by=by, at=at
    )
    record_tellings(disclosure, record, sending.told, signed=signed, concern=concern, by=by, at=at)
    clear_clocks(referral, at=at)
    referral.state = ReferralState.SENT
    referral.sent_at = sending.sent_at
    referral.outcome, referral.outcome_at, referral.acknowledged_at = "", None, None
    referral.save(update_fields=["state", "sent_at", "outcome", "outcome_at", "acknowledged_at"])
    step = add_step(
        referral,
        ReferralStepKind.SENT_AGAIN if again else ReferralStepKind.SENT,
        happened=sending.sent_at,
        who=sending.received_by,
        words=sending.insecure_reason,
        by=by,
        at=at,
    )
    log(
        events.REFERRAL_SENT,
        concern,
        by=by,
        at=at,
        subject=referral,
        ref=referral.ref,
        keeps=(disclosure, step),
        method=sending.method.value,
        content_digest=disclosure.digest,
        agency_kind=referral.agency_kind,
    )
    if kind := _ANSWERS.get(referral.agency_kind):
        answer_by_referral(
            concern, kind, words=f"Referral {referral.ref} was sent.", by=by, at=at,
            referred_on=timezone.localdate(sending.sent_at),
        )  # fmt: skip
    start_waiting(referral, sent_at=sending.sent_at, at=at)
    if not again or not others_in_dispute(referral):
        moving.referral_sent(concern, by=by, at=at)
    time_unsent_referrals(concern, at=at)
    save(concern)
    return disclosure


def _sending_problems(
    record: Record, referral: Referral, sending: Sending, *, emergency: bool, signed_at: datetime, at: datetime
) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    recipient = record.recipients[referral.recipient_number]
    if not may_be_used(recipient, sending.method, emergency=emergency):
        problems["method"] = ["The contact was not checked. Check it and decide again, or phone if it is an emergency."]
    if sending.method in INSECURE_METHODS:
        if not emergency:
            problems["method"] = ["Ordinary email is not secure. It may be used in an emergency only."]
        elif not sending.insecure_reason.strip():
            problems["insecure_reason"] = ["Write why no secure way could be used."]
    problems |= _moment_problems(sending.sent_at, at=at)
    problems |= problems_with(sending.told, today=timezone.localdate(at))
    if not problems and not record.is_retrospective and sending.sent_at < signed_at.replace(second=0, microsecond=0):
        problems["sent_at"] = ["It cannot have been sent before the decision was signed."]
    return problems


def _moment_problems(happened: datetime, *, at: datetime) -> dict[str, list[str]]:
    return {"sent_at": ["The date and time must not be in the future."]} if happened > at else {}


NOT_NAMED = "Agency not named yet"
NOT_WRITTEN = "Not written down yet."


@dataclass(frozen=True)
class DirectCall:
    """R32, R38: somebody told an agency before any decision. What, who to, why urgent; all else may come later (R39).

    `as_typed` holds what could not be understood.
    """

    agency_name: str
    agency_kind: AgencyKind
    spoken_to: str
    told_at: datetime | None
    method: SharingMethod
    what_was_said: str
    why_urgent: str = ""
    as_typed: str = ""
    agency_reference: str = ""
    agency_ref: str = ""  # of the directory
    is_about_child: bool = False

    @property
    def is_empty(self) -> bool:
        words = (self.agency_name, self.what_was_said, self.why_urgent, self.spoken_to, self.as_typed)
        return not any(each.strip() for each in words)


def _as_it_can_be(call: DirectCall, *, at: datetime) -> DirectCall:
    """R39: whatever is missing or can't be is put right here and said so; nothing is refused."""
    told_at, notes = call.told_at or at, [call.as_typed] if call.as_typed.strip() else []
    if told_at > at:
        local = timezone.localtime(told_at)
        notes.append(f"Time as typed: {local.day} {local:%B %Y, %H:%M}, which had not come yet")
        told_at = at
    return replace(
        call,
        agency_name=call.agency_name.strip() or NOT_NAMED,
        told_at=told_at,
        what_was_said=call.what_was_said if call.what_was_said.strip() else NOT_WRITTEN,
        as_typed="\n".join(notes),
    )


@transaction.atomic
def record_direct_referral(*, concern_id: int, call: DirectCall, by: User, at: datetime) -> Referral:
    """t5: opens a referral line of its own. It moves no state and stops no clock of an open concern.

    What was joined to another concern is told to that one. A concern that had ended is open again (t19): what was said
    outside must have a decision behind it (I8), within T4c; that decision is marked retrospective for ever. Refused
    only when nothing at all was written (R39).
    """
    reported, concern = lock_with_survivor(concern_id)
    permissions.check_can_record_direct_referral(by, reported)
    if call.is_empty:
        raise Unsound("Nothing is written yet.", {"what_was_said": ["Write what you told them, or who it was."]})
    call = _as_it_can_be(call, at=at)
    told_at = call.told_at or at
    if same := _sent_twice(concern, call, told_at=told_at, by=by):
        return same
    referral = Referral.objects.create(
        ref=new_reference("RF"),
        concern=concern,
        agency=Agency.objects.filter(ref=call.agency_ref).first() if call.agency_ref else None,
        agency_name=call.agency_name[:200],
        agency_kind=call.agency_kind,
        is_about_child=_concerns_child(call),
        is_direct=True,
        state=ReferralState.SENT,
        created_at=at,
        created_by=by,
        sent_at=told_at,
        agency_reference=call.agency_reference[:80],
    )
    sending = Sending(method=call.method, sent_at=told_at, received_by=call.spoken_to)
    disclosure = _disclose(referral, _call_content(call, referral), sending, record=None, by=by, at=at)
    step = add_step(
        referral, ReferralStepKind.SENT, happened=told_at, who=call.spoken_to, words=call.why_urgent, by=by, at=at
    )
    log(
        events.DIRECT_REFERRAL,
        concern,
        by=by,
        at=at,
        subject=referral,
        ref=referral.ref,
        keeps=(disclosure, step),
        method=call.method.value,
        agency_kind=call.agency_kind.value,
    )
    if concern.is_open and by.pk == reported.reporter_id:
        tell_of_news(concern, key=f"direct:{referral.pk}", at=at)
    elif not concern.is_open:
        open_again(concern, reason="Somebody went straight to an agency", by=by, at=at)
    due = clocks.retrospective_by(limits_in_force(), told_at)
    start_clock(concern, ClockKind.RETROSPECTIVE, due_at=due, at=at, about=referral.ref)
    start_waiting(referral, sent_at=told_at, at=at)
    save(concern)
    return referral


def _disclose(
    referral: Referral,
    content: dict[str, object],
    sending: Sending,
    *,
    record: SignedRecord | None,
    by: User,
    at: datetime,
) -> Disclosure:
    frozen = canonical(content)
    return Disclosure.objects.create(
        record=record,
        referral=referral,
        shared_at=sending.sent_at,
        shared_by=by,
        method=sending.method,
        received_by=sending.received_by[:150],
        content=frozen.decode(),
        digest=digest(frozen),
        recorded_at=at,
    )


def _concerns_child(call: DirectCall) -> bool:
    return call.is_about_child or call.agency_kind in CHILD_AGENCIES


def _call_content(call: DirectCall, referral: Referral) -> dict[str, object]:
    return content_of_call(call.what_was_said, call.why_urgent, call.as_typed, referral)


def _sent_twice(concern: Concern, call: DirectCall, *, told_at: datetime, by: User) -> Referral | None:
    """The referral that this very form has made already: a form sent twice makes one, one with other words another."""
    made = Referral.objects.filter(
        concern=concern, is_direct=True, created_by=by, agency_name=call.agency_name[:200], sent_at=told_at,
        agency_kind=call.agency_kind, agency_reference=call.agency_reference[:80],
        is_about_child=_concerns_child(call), disclosures__method=call.method,
        disclosures__received_by=call.spoken_to[:150],
    )  # fmt: skip
    return next(
        (each for each in made if _call_content(call, each) == _content(each)),
        None,
    )


def _content(referral: Referral) -> dict[str, object]:
    content: dict[str, object] = json.loads(referral.disclosures.earliest("pk").content)
    return content
