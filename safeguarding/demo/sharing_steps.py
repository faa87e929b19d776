"""Decisions, referrals and what agencies answer, in the demo's history."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from accounts.models import User
from accounts.selectors import absent_at, champions_of, holders_of
from accounts.vocabulary import Role
from concerns.models import Concern
from safeguarding.demo import decisions, words
from safeguarding.demo.calendar import LONDON
from safeguarding.demo.decisions import Desk
from safeguarding.demo.names_of import fill_of
from safeguarding.demo.plan import Act, Life
from safeguarding.kit.errors import Refusal
from sharing import permissions
from sharing.models import Agency, Disclosure, FollowUp, Referral, SignedRecord
from sharing.record import Record, from_json
from sharing.selectors import people_of
from sharing.services import answering, assessing, deciding, following, referring, signing
from sharing.services.answering import Word
from sharing.services.following import Check
from sharing.services.referring import Sending
from sharing.telling import Told, to_ask
from sharing.vocabulary import (
    AgencyKind,
    DecisionStatus,
    ReceiptStep,
    ReferralOutcome,
    ReferralState,
    SharingMethod,
    ToldAfter,
)

PARTS = (
    "start", "people", "likely", "facts", "holders_none", "grounds", "risks", "mitigations", "decision", "reasons",
    "principles", "test", "items", "recipients", "method", "basis", "conversation", "not_sharing",
)  # fmt: skip
WORKERS = ("Duty social worker", "Ms Akhtar, duty desk", "Mr Bell, team manager", "Advanced practitioner on duty")
OUTCOMES: Mapping[str, tuple[ReferralOutcome, ...]] = {
    AgencyKind.CHILDREN: (
        ReferralOutcome.S17, ReferralOutcome.EARLY_HELP, ReferralOutcome.S47, ReferralOutcome.ADVICE,
    ),
    AgencyKind.ADULTS: (
        ReferralOutcome.S42, ReferralOutcome.OTHER_ENQUIRY, ReferralOutcome.ADVICE, ReferralOutcome.CAUSED,
    ),
    AgencyKind.POLICE: (ReferralOutcome.POLICE, ReferralOutcome.ADVICE),
    AgencyKind.PIPOT: (ReferralOutcome.OTHER_ENQUIRY, ReferralOutcome.ADVICE),
}  # fmt: skip
NEWS = (
    "Still being looked into; the worker has visited once.",
    "A meeting is set for next week and we are invited.",
    "The worker changed. The new one has read everything and will ring us on Monday.",
)
AFTERWARDS = (
    "We stay in touch weekly, the locks are changed and a warning mark is on the account.",
    "The plan for what remains: a call each week, a key safe, and a visit by the area’s champion.",
    "Our own support goes on until the next review; the agency has a named worker.",
)

Taking = Callable[[Life, Concern, datetime, random.Random], None]


class SharingSteps:
    """The acts of `plan` that belong to the sharing floor."""

    def __init__(self) -> None:
        self._agencies = {agency.kind: agency for agency in Agency.objects.filter(is_in_use=True)}
        self.acts: dict[Act, Taking] = {
            Act.SHARE: self._share,
            Act.NOT_SHARE: self._not_share,
            Act.SECOND_SHARE: self._second_agrees,
            Act.AGREE_NOT_SHARE: self._second_agrees,
            Act.REFUSE_NOT_SHARE: self._second_refuses,
            Act.SEND: self._send,
            Act.CONFIRM: self._confirm,
            Act.AGENCY_ACKNOWLEDGES: self._agency_acknowledges,
            Act.AGENCY_DECLINES: self._agency_declines,
            Act.SETTLE: self._settle,
            Act.NEWS: self._news,
            Act.OUTCOME: self._outcome,
        }

    def was_referred(self, concern: Concern) -> bool:
        return Referral.objects.filter(concern=concern).exists()

    # --- Deciding --------------------------------------------------------------------------------------

    def _share(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        desk = self._desk(life, concern, at, dice)
        self._sign(desk, decisions.to_share(desk, self._whom_to_tell(life, desk)))

    def _not_share(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        desk = self._desk(life, concern, at, dice)
        self._sign(desk, decisions.not_to_share(desk))

    def _desk(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> Desk:
        people = tuple(person for person in people_of(concern) if person.is_at_risk)
        return Desk(concern, life, people, _holder(concern).full_name, at, dice, fill_of(life))

    def _whom_to_tell(self, life: Life, desk: Desk) -> list[Agency]:
        if life.report.is_about_staff:
            return [self._agencies[AgencyKind.PIPOT]]
        child = any(not person.is_adult for person in desk.people)
        first = self._agencies[AgencyKind.CHILDREN if child else AgencyKind.ADULTS]
        if life.intake.is_immediate_danger or (life.report.is_hasty and desk.dice.random() < 0.25):
            return [first, self._agencies[AgencyKind.POLICE]]
        return [first]

    def _sign(self, desk: Desk, record: Record) -> None:
        holder = _holder(desk.concern)
        begun = desk.at - timedelta(minutes=24)
        draft = deciding.start_decision(concern_id=desk.concern.pk, by=holder, at=begun)
        draft = deciding.save_page(
            decision_id=draft.pk,
            page="check",
            answers={part: getattr(record, part) for part in PARTS},
            typed=None,
            seen_edit=draft.edit,
            by=holder,
            at=desk.at - timedelta(minutes=2),
        )
        for person in draft.record.people:
            if person.is_adult and person.capacity.conclusion:
                assessing.record_capacity(
                    decision_id=draft.pk, person_key=person.key, seen_edit=draft.edit, by=holder,
                    at=desk.at - timedelta(minutes=1),
                )  # fmt: skip
        signing.sign_decision(decision_id=draft.pk, seen_edit=draft.edit, by=holder, at=desk.at)

    def _second_agrees(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        self._second_view(
            life, concern, at, is_agreed=True, comment=words.pick(dice, words.SECOND_AGREES, fill_of(life))
        )

    def _second_refuses(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        text = words.pick(dice, words.SECOND_REFUSES, fill_of(life))
        self._second_view(life, concern, at, is_agreed=False, comment=text)

    def _second_view(self, life: Life, concern: Concern, at: datetime, *, is_agreed: bool, comment: str) -> None:
        """Nothing to do when the first signature was enough."""
        waiting = SignedRecord.objects.select_related("decision", "concern").filter(
            concern=concern,
            needs_second=True,
            second_view__isnull=True,
            decision__status__in=[DecisionStatus.AWAITING_SECOND, DecisionStatus.SIGNED],
        )
        for record in waiting:
            second = _second(record, at=at)
            signing.give_second_view(record_id=record.pk, is_agreed=is_agreed, comment=comment, by=second, at=at)

    # --- Referring -------------------------------------------------------------------------------------

    def _send(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        for referral in Referral.objects.select_related("agency").filter(concern=concern, state=ReferralState.DUE):
            method = SharingMethod(referral.agency.usual_method) if referral.agency else SharingMethod.PHONE
            sending = Sending(
                method=method, sent_at=at, received_by=dice.choice(WORKERS), told=_everybody_told(referral, at)
            )
            referring.send_referral(referral_id=referral.pk, sending=sending, by=_holder(concern), at=at)

    def _confirm(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        today = at.astimezone(LONDON).date()
        who = dice.choice(WORKERS)
        for disclosure in Disclosure.objects.filter(referral__concern=concern, checks__isnull=True):
            following.record_receipt(
                disclosure_id=disclosure.pk,
                checks=[
                    Check(step, on=today, who=who, how="By phone")
                    for step in (ReceiptStep.DELIVERED, ReceiptStep.RECEIVED, ReceiptStep.UNDERSTOOD)
                ],
                by=_holder(concern),
                at=at,
            )

    def _agency_acknowledges(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        for referral in Referral.objects.filter(concern=concern, state=ReferralState.SENT):
            self._acknowledged(referral, concern, at, dice)

    def _acknowledged(self, referral: Referral, concern: Concern, at: datetime, dice: random.Random) -> None:
        answering.record_acknowledgement(
            referral_id=referral.pk,
            word=Word(who=dice.choice(WORKERS), happened_at=at - timedelta(minutes=15), words="It is with a worker."),
            agency_reference=f"{referral.agency_kind[:2].upper()}{dice.randint(100000, 999999)}",
            by=_holder(concern),
            at=at,
        )

    def _agency_declines(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        """The first agency says no; any other takes it."""
        waiting = list(Referral.objects.filter(concern=concern, state=ReferralState.SENT).order_by("pk"))
        for referral in waiting[1:]:
            self._acknowledged(referral, concern, at - timedelta(minutes=5), dice)
        if waiting:
            answering.record_outcome(
                referral_id=waiting[0].pk,
                outcome=dice.choice([ReferralOutcome.DECLINED_CRITERIA, ReferralOutcome.DECLINED_INFORMATION]),
                word=Word(
                    dice.choice(WORKERS), at - timedelta(minutes=30), "They say that it does not meet their criteria."
                ),
                by=_holder(concern),
                at=at,
            )

    def _settle(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        """The lead takes it up and the agency takes it on after all."""
        for referral in Referral.objects.filter(concern=concern, state=ReferralState.DECLINED):
            self._acknowledged(referral, concern, at, dice)

    def _news(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        for referral in Referral.objects.filter(concern=concern, state=ReferralState.ACKNOWLEDGED):
            word = Word(dice.choice(WORKERS), at - timedelta(minutes=20), dice.choice(NEWS))
            answering.record_news(referral_id=referral.pk, word=word, by=_holder(concern), at=at)

    def _outcome(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        holder = _holder(concern)
        referrals = list(Referral.objects.filter(concern=concern, state=ReferralState.ACKNOWLEDGED).order_by("pk"))
        for referral in referrals:
            options = OUTCOMES.get(referral.agency_kind, (ReferralOutcome.ADVICE,))
            word = Word(dice.choice(WORKERS), at - timedelta(minutes=45), "Told us by phone; a letter follows.")
            answering.record_outcome(
                referral_id=referral.pk,
                outcome=dice.choice(options),
                word=word,
                by=holder,
                at=at - timedelta(minutes=30),
            )
        for referral in referrals:
            answering.end_referral(referral_id=referral.pk, words=dice.choice(AFTERWARDS), by=holder, at=at)

    def keep_promises(self, concern: Concern, at: datetime) -> None:
        """What the decisions promised has been done."""
        for promised in FollowUp.objects.filter(record__concern=concern, done_at=None):
            text = "Done by phone with the agency’s worker."
            following.finish_follow_up(follow_up_id=promised.pk, words=text, by=_holder(concern), at=at)


def _everybody_told(referral: Referral, at: datetime) -> dict[str, Told]:
    """Whom the decision does not answer for is told on the day (R99)."""
    if referral.record is None:
        return {}
    people = to_ask(from_json(referral.record.document["record"]))
    told = Told(ToldAfter.YES, at.astimezone(LONDON).date(), "Told in person on the day, by the holder.")
    return {person.key: told for person in people if not person.known.answer}


def _holder(concern: Concern) -> User:
    if concern.responsible is None:
        raise Refusal("Nobody holds it.")
    return concern.responsible


def _second(record: SignedRecord, *, at: datetime) -> User:
    area = list(champions_of(record.concern.service_area_id))
    first = record.concern_id % max(len(area), 1)  # in turn
    asked = [*area[first:], *area[:first], *holders_of(Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD)]
    away = absent_at(at, [person.pk for person in asked])
    for person in asked:
        if person.pk not in away and permissions.can_second_record(person, record):
            return person
    raise Refusal("Nobody is free to give the second view.")
