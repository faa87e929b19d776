"""The demo's history is made as a real one would be: each step by the person whose turn it is, through the services."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from accounts.selectors import absent_at, champions_of, holders_of
from accounts.vocabulary import Role
from concerns import permissions, services
from concerns.models import ClosureProposal, Concern, Dissatisfaction, DomesticStep, Draft, StaffStep
from concerns.selectors.contacts import people_to_contact, running_contact
from concerns.services import ClosureWords, ContactDetails, ReviewFindings, StepAnswer, TriageFindings
from concerns.services.drafts import start_draft
from concerns.vocabulary import (
    ClosureReason,
    DomesticStepAnswer,
    DomesticStepKind,
    PersonRole,
    ReviewOutcome,
    RiskLevel,
    RiskOutcome,
    StaffStepKind,
    State,
    Urgency,
    YesNoUnknown,
)
from safeguarding.demo import words
from safeguarding.demo.calendar import LONDON
from safeguarding.demo.names_of import fill_of
from safeguarding.demo.people import address_of
from safeguarding.demo.plan import REVIEW_DAYS, Act, Life, Step
from safeguarding.demo.sharing_steps import SharingSteps
from safeguarding.kit.errors import Refusal, allows


def draft_key(number: int) -> str:
    """The key under which concern `number` was written: by it a later run finds the concern again."""
    return f"demo-story-{number:06d}"


class Teller:
    """Takes one step after another. A concern that somebody has taken another way since is left alone."""

    def __init__(self, seed: int, *, is_strict: bool) -> None:
        """`is_strict`: a step that a service refuses is an error (the first telling), not somebody's own doing."""
        self._seed, self._is_strict = seed, is_strict
        self._people = {person.email: person for person in User.objects.select_related("line_manager")}
        self._left_alone: set[int] = set()
        self._ids: dict[int, int] = {}
        self._sharing = SharingSteps()
        self._acts: dict[Act, Callable[[Life, Concern, datetime, random.Random], None]] = {
            Act.ACKNOWLEDGE: self._acknowledge,
            Act.DECLINE: self._decline,
            Act.NOTE: self._note,
            Act.HAND_ON: self._hand_on,
            Act.TRIAGE: self._triage,
            Act.FEEDBACK: self._feedback,
            Act.CONTACT: self._keep_in_touch,
            Act.REVIEW: self._review,
            Act.OUTCOMES_ASKED: self._ask_outcomes,
            Act.PROPOSE_CLOSURE: self._propose_closure,
            Act.AGREE_CLOSURE: self._agree_closure,
            Act.REFUSE_CLOSURE: self._refuse_closure,
            Act.NOT_SATISFIED: self._not_satisfied,
            Act.ANSWER: self._answer,
            **self._sharing.acts,
        }

    def take(self, life: Life, step: Step) -> None:
        """Take `step` of `life`, at its time."""
        if step.number in self._left_alone:
            return
        dice = random.Random(f"{self._seed}:{step.number}:{step.act}:{step.at:%j%H}")  # noqa: S311  (a story)
        try:
            if step.act == Act.RAISE:
                self._raise(life, step.at)
            else:
                concern = self._concern(step.number)
                if concern is None:
                    return
                self._acts[step.act](life, concern, step.at, dice)
        except Refusal:
            if self._is_strict:
                raise
            self._left_alone.add(step.number)

    def _raise(self, life: Life, at: datetime) -> None:
        reporter = self._people[address_of(life.report.reporter)]
        draft = start_draft(key=draft_key(life.number), by=reporter, at=at - timedelta(minutes=9))
        concern = services.raise_concern(intake=life.intake, by=reporter, at=at, draft=draft)
        self._ids[life.number] = concern.pk

    def _concern(self, number: int) -> Concern | None:
        concern_id = self._ids.get(number)
        if concern_id is None:
            concern_id = Draft.objects.values_list("sent_as_id", flat=True).filter(key=draft_key(number)).first()
            if concern_id is None:
                return None
            self._ids[number] = concern_id
        return Concern.objects.select_related("responsible", "reporter", "service_area").get(pk=concern_id)

    # --- Whose turn it is ----------------------------------------------------------------------------

    def _holder(self, concern: Concern) -> User:
        if concern.responsible is None:
            raise Refusal("Nobody holds it.")
        return concern.responsible

    # --- The steps -----------------------------------------------------------------------------------

    def _acknowledge(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        if concern.state == State.SUBMITTED:
            services.acknowledge(concern_id=concern.pk, by=self._holder(concern), at=at, has_conflict=False)

    def _decline(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        reason = words.pick(dice, words.DECLINE, fill_of(life))
        services.decline(concern_id=concern.pk, by=self._holder(concern), at=at, reason=reason)

    def _note(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        services.add_note(
            concern_id=concern.pk,
            text=words.pick(dice, words.NOTES, fill_of(life)),
            form_key=f"demo-note-{life.number}-{at:%Y%m%d%H%M%S}",
            by=self._holder(concern),
            at=at,
            event_at=at - timedelta(minutes=20),
        )

    def _hand_on(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        away = absent_at(at)
        might = services.possible_holders(concern) - away - {concern.responsible_id}
        free = [person for person in champions_of(concern.service_area_id) if person.pk in might]
        if free:
            to = dice.choice(free)
            note = words.pick(dice, words.HAND_OVER, fill_of(life))
            services.hand_on(concern_id=concern.pk, to=to, note=note, by=self._holder(concern), at=at)

    def _triage(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        fill = fill_of(life)
        at_risk = concern.involvements.filter(role=PersonRole.AT_RISK)
        abuse = tuple(concern.abuse_types.values_list("code", flat=True))
        adjusts = dice.random() < 0.15
        services.record_triage(
            concern_id=concern.pk,
            findings=TriageFindings(
                urgency=Urgency(concern.urgency),
                household_reviewed=words.pick(dice, words.HOUSEHOLD, fill),
                is_no_one_else=dice.random() < 0.7,
                has_care_needs=dice.choice([YesNoUnknown.YES, YesNoUnknown.NO, YesNoUnknown.UNKNOWN]),
                is_at_risk=YesNoUnknown.YES,
                cannot_protect_self=dice.choice([YesNoUnknown.YES, YesNoUnknown.NO, YesNoUnknown.UNKNOWN]),
                adjustments=YesNoUnknown.YES if adjusts else YesNoUnknown.NO,
                adjustments_detail="Large print and no phone calls before ten." if adjusts else "",
                enforcement=YesNoUnknown.NO,
                risks={person.pk: (life.risk.value, words.pick(dice, words.RISK, fill)) for person in at_risk},
                abuse_codes=abuse or life.intake.abuse_codes,
            ),
            by=self._holder(concern),
            at=at,
        )
        for step in StaffStep.objects.filter(concern=concern, answer=""):
            kind = StaffStepKind(step.kind)
            answer, text = words.STAFF_STEPS[kind]
            services.answer_staff_step(
                concern_id=concern.pk, kind=kind, answer=answer, words=text, by=self._holder(concern), at=at
            )

        for waiting in DomesticStep.objects.filter(concern=concern, answer=""):
            kind_of = DomesticStepKind(waiting.kind)
            services.answer_domestic_step(
                concern_id=concern.pk,
                kind=kind_of,
                given=_domestic_answer(kind_of, at),
                by=self._holder(concern),
                at=at,
            )

    def _feedback(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        if concern.is_open:
            text = words.pick(dice, words.FEEDBACK, fill_of(life))
            services.give_feedback(concern_id=concern.pk, text=text, by=self._holder(concern), at=at)

    def _review(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        if concern.state in (State.CLOSED, State.CLOSURE_REVIEW):
            return
        next_date = (at + timedelta(days=REVIEW_DAYS[life.risk] - 1)).astimezone(LONDON).date()
        services.record_review(
            concern_id=concern.pk,
            findings=ReviewFindings(
                outcome=dice.choice([ReviewOutcome.NO_CHANGE, ReviewOutcome.NO_CHANGE, ReviewOutcome.LOWER]),
                findings=words.pick(dice, words.REVIEW, fill_of(life)),
                is_decision_revisited=False,
                next_date=next_date,
            ),
            by=self._holder(concern),
            at=at,
        )

    def _keep_in_touch(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        """Whoever was promised it is contacted; now and then only at the second attempt."""
        for person in people_to_contact(concern):
            if running_contact(concern, person) is None:
                continue
            tried, reached = (
                words.pick(dice, words.NOT_REACHED, fill_of(life)),
                words.pick(dice, words.REACHED, fill_of(life)),
            )
            told = [(False, tried), (True, reached)] if dice.random() < 0.4 else [(True, reached)]
            for number, (is_reached, text) in enumerate(told):
                services.record_contact(
                    concern_id=concern.pk,
                    details=ContactDetails(
                        person_id=person.pk, on=at.astimezone(LONDON).date(), how=dice.choice(["Phone", "Visit"]),
                        is_reached=is_reached, words=text,
                    ),
                    form_key=f"demo:{concern.pk}:{person.pk}:{at:%j%H}:{number}",
                    by=self._holder(concern),
                    at=at,
                )  # fmt: skip

    def _ask_outcomes(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        fill = fill_of(life)
        holder = self._holder(concern)
        self._sharing.keep_promises(concern, at)
        for row in concern.involvements.filter(role=PersonRole.AT_RISK):
            asked = row.life_stage == "adult" and dice.random() < 0.8
            services.update_person(
                concern_id=concern.pk,
                involvement_id=row.pk,
                values={
                    "risk_level": RiskLevel.LOW if life.risk != RiskLevel.HIGH else RiskLevel.MEDIUM,
                    "risk_reason": "Lower than at the start: " + words.pick(dice, words.REVIEW, fill),
                    "daily_life": words.pick(dice, words.DAILY, fill),
                    "outcomes_asked": "expressed" if asked else "no",
                    "desired_outcomes": words.pick(dice, words.OUTCOMES, fill) if asked else "",
                    "outcomes_achieved": dice.choice(["fully", "partially", "partially", "not"]) if asked else "",
                    "risk_outcome": dice.choice([RiskOutcome.REDUCED, RiskOutcome.REDUCED, RiskOutcome.REMOVED]),
                },
                by=holder,
                at=at,
            )

    def _propose_closure(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        fill = fill_of(life)
        with_agency = concern.decided_at is not None and self._sharing.was_referred(concern)
        services.propose_closure(
            concern_id=concern.pk,
            closure=ClosureWords(
                reason=ClosureReason.AGENCY_RESPONSIBLE
                if with_agency and dice.random() < 0.6
                else dice.choice([ClosureReason.SUPPORT_COMPLETE, ClosureReason.INFORMED_CHOICE]),
                words=words.pick(dice, words.CLOSING, fill),
                family_reconfirmed=words.pick(dice, words.FAMILY_AGAIN, fill),
                reporter_told=words.pick(dice, words.REPORTER_TOLD, fill),
            ),
            by=self._holder(concern),
            at=at,
        )

    def _agree_closure(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        second = second_person(concern, permissions.check_can_agree_closure, at=at)
        text = words.pick(dice, words.SECOND_AGREES, fill_of(life))
        services.agree_closure(concern_id=concern.pk, words=text, by=second, at=at)

    def _refuse_closure(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        if not ClosureProposal.objects.filter(concern=concern, is_agreed=None).exists():
            return
        second = second_person(concern, permissions.check_can_second, at=at)
        text = words.pick(dice, words.CLOSE_REFUSED, fill_of(life))
        services.refuse_closure(concern_id=concern.pk, words=text, by=second, at=at)

    def _not_satisfied(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        text = words.pick(dice, words.NOT_SATISFIED, fill_of(life))
        services.say_not_satisfied(concern_id=concern.pk, words=text, by=concern.reporter, at=at)

    def _answer(self, life: Life, concern: Concern, at: datetime, dice: random.Random) -> None:
        row = Dissatisfaction.objects.select_related("reviewer").filter(concern=concern, answered_at=None).first()
        if row is not None:
            services.answer_dissatisfaction(
                concern_id=concern.pk,
                is_upheld=False,
                answer=words.pick(dice, words.ANSWER, fill_of(life)),
                by=row.reviewer,
                at=at,
            )


def second_person(concern: Concern, check: permissions.Check, *, at: datetime) -> User:
    """A champion of the area or a lead who may give the second view and is at work. Refusal when there is none."""
    area = list(champions_of(concern.service_area_id))
    first = concern.pk % max(len(area), 1)  # in turn
    asked = [*area[first:], *area[:first], *holders_of(Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD)]
    away = absent_at(at, [person.pk for person in asked])
    for person in asked:
        if person.pk not in away and allows(check, person, concern):
            return person
    raise Refusal("Nobody is free to give the second view.")


def _domestic_answer(kind: DomesticStepKind, at: datetime) -> StepAnswer:
    """What the holder answers to a referral that domestic abuse asks for."""
    if kind == DomesticStepKind.CHILD:
        words = "To children’s social care, for every child in the home."
        return StepAnswer(DomesticStepAnswer.REFERRED, words, timezone.localdate(at))
    return StepAnswer(
        DomesticStepAnswer.NOT_REFERRED, "Standard risk and no earlier incidents. Looked at again at each review."
    )
