"""A random organisation at work: the real services on a real database, the invariants asked after every step (2.7).

People report, acknowledge, decline, hand on, go on leave, leave for good, turn out to be implicated; time jumps, also
over the change of the clocks; the sweep runs, runs twice, or doesn't run. Whatever they try, an illegal step is refused
with a sentence and changes nothing. `PROVE_MINUTES` makes it go on for that long (`make prove MINUTES=n`).
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from accounts.models import Absence, User
from accounts.selectors import absent_at, holders_of
from accounts.services import deactivate_person, record_absence
from accounts.vocabulary import AbsenceKind, Role
from audit.models import Event
from audit.services import seal
from audit.verification import verify
from concerns import notifications, permissions, services
from concerns.facts import case_facts
from concerns.intake import IntakePerson
from concerns.limits import Code
from concerns.models import (
    Alarm,
    Assignment,
    ClosureProposal,
    Concern,
    Conflict,
    Deadline,
    Dissatisfaction,
    LimitChange,
    Merge,
    Review,
    StaffStep,
    Triage,
    TwoPersonStep,
)
from concerns.services.sweeping import overdue_level, sweep
from concerns.vocabulary import (
    OPEN_STATES,
    AdultAbuse,
    ClosureReason,
    HolderCause,
    Implicated,
    LifeChange,
    LifeStage,
    PersonRole,
    ReviewOutcome,
    StaffStepAnswer,
    StaffStepKind,
    State,
    TwoPersonAct,
    Urgency,
    YesNoUnknown,
)
from concerns.workflow import CLOSURE_GUARDS, TRANSITIONS, Action, nothing_is_contested, referrals_have_ended
from safeguarding.kit.errors import Refusal
from safeguarding.kit.models import OutboxMessage
from safeguarding.kit.outbox import all_kinds
from sharing import services as sharing
from sharing.models import Decision, Referral, SignedRecord
from sharing.selectors import told_already
from sharing.vocabulary import AgencyKind, DecisionStatus, DisputeStage, ReceiptStep, ReferralOutcome, SharingMethod
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import make_cast
from tests.build.intakes import ADULT, CHILD, PLAIN

# Two days before the clocks go forward, so that most runs cross the change.
START = datetime(2026, 3, 27, 8, 30, tzinfo=UTC)

# I1, I2, I4, I5, I6, I7, I12, I13, I14, I16, t9, R44; and after each example I3 and I11.
CHECKED_AFTER_EACH_STEP = 12
CHECKED_AFTER_EACH_EXAMPLE = 2

COUNTS: Counter[str] = Counter()
STATES: Counter[str] = Counter()
REFUSALS: Counter[str] = Counter()

# Every move of the state that domain.md 2.2 allows, and nothing else (I4). Written by hand.
MOVES = {
    ("submitted", "triage"), ("triage", "referral_due"), ("triage", "awaiting_second"),
    ("awaiting_second", "monitoring"), ("awaiting_second", "triage"), ("referral_due", "referred"),
    # t9 when time is up; t7 when a decision to share was replaced before anything went.
    ("awaiting_second", "referral_due"), ("referral_due", "awaiting_second"),
    ("referred", "with_agency"), ("referred", "disputed"), ("with_agency", "disputed"), ("disputed", "referred"),
    ("disputed", "with_agency"), ("disputed", "monitoring"), ("with_agency", "monitoring"), ("monitoring", "triage"),
    ("triage", "closure_review"), ("with_agency", "closure_review"), ("monitoring", "closure_review"),
    ("closure_review", "closed"), ("closure_review", "triage"), ("closure_review", "with_agency"),
    ("closure_review", "monitoring"), ("closed", "triage"), ("merged", "triage"), ("void", "triage"),
    *((state, ended) for state in OPEN_STATES for ended in ("merged", "void")),
}  # fmt: skip

picks = st.integers(0, 10**6)
usually = st.sampled_from([True, True, True, False])


class Organisation(RuleBasedStateMachine):
    """One example: a fresh cast, rolled back at the end."""

    def __init__(self) -> None:
        super().__init__()
        self._block = transaction.atomic()
        self._block._from_testcase = True  # type: ignore[attr-defined]  # as Django's own TestCase marks its blocks
        self._block.__enter__()
        COUNTS["examples"] += 1

    @initialize()
    def open_the_doors(self) -> None:
        self.cast = make_cast()
        self.agency = build.adult_care(self.cast)
        self.people = list(User.objects.order_by("pk"))
        self.now = START
        self.states: dict[int, str] = {}
        self.restricted: set[int] = set()
        self.signed: dict[int, str] = {}
        self.dues: dict[int, datetime] = {}
        self.swept_at: datetime | None = None
        for reporter in (self.cast.amara, self.cast.priya):
            services.raise_concern(intake=PLAIN, by=reporter, at=self.now)

    def teardown(self) -> None:
        try:
            if hasattr(self, "cast"):
                self.nobody_barred_can_know()
                self.the_ledger_counts_every_change()
                COUNTS["invariants checked"] += CHECKED_AFTER_EACH_EXAMPLE
        finally:
            transaction.set_rollback(True)
            self._block.__exit__(None, None, None)

    # --- What people do -----------------------------------------------------------------------

    def person(self, pick: int) -> User:
        return User.objects.get(pk=self.people[pick % len(self.people)].pk)

    def concern(self, pick: int) -> Concern | None:
        rows = list(Concern.objects.order_by("pk"))
        return rows[pick % len(rows)] if rows else None

    def attempt(self, act: Callable[..., Any], /, **kwargs: Any) -> bool:
        """Do it, or be refused with a sentence and nothing changed."""
        before = self._fingerprint()
        try:
            with transaction.atomic():
                act(**kwargs, at=self.now)
        except Refusal as refusal:
            sentence = refusal.sentence
        else:
            COUNTS["done"] += 1
            self.swept_at = None
            self.states_move_only_along_the_route()
            return True
        COUNTS["refused"] += 1
        REFUSALS[f"{act.__name__}: {sentence}"] += 1
        assert sentence.endswith(".")
        assert self._fingerprint() == before
        return False

    def _fingerprint(self) -> tuple[object, ...]:
        return (
            tuple(Concern.objects.order_by("pk").values_list("pk", "state", "responsible", "version", "is_restricted")),
            Event.objects.count(),
            OutboxMessage.objects.count(),
            Deadline.objects.count(),
        )

    @rule(
        who=picks,
        named=st.none() | picks,
        implicated=st.sampled_from(list(Implicated)),
        danger=st.booleans(),
        today=st.booleans(),
        hidden=st.booleans(),
        child=st.booleans(),
    )
    def somebody_reports(
        self, who: int, named: int | None, implicated: Implicated, danger: bool, today: bool, hidden: bool, child: bool
    ) -> None:
        reporter = self.person(who)
        staff = (self.person(named).pk,) if named is not None and implicated == Implicated.OTHER_STAFF else ()
        intake = replace(
            PLAIN,
            is_immediate_danger=danger,
            needs_action_today=today,
            implicated=implicated,
            implicated_staff_ids=staff,
            is_hidden_from_manager=hidden,
            people=(ADULT, CHILD) if child else (ADULT,),
        )
        raised = self.attempt(services.raise_concern, intake=intake, by=reporter)
        # I20: every active person can always report.
        assert raised or not reporter.is_active

    @rule(which=picks, who=picks, as_holder=usually, conflict=st.sampled_from([False, False, False, True]))
    def acknowledges(self, which: int, who: int, as_holder: bool, conflict: bool) -> None:
        if concern := self.concern(which):
            by = concern.responsible if as_holder and concern.responsible else self.person(who)
            words = "A relative" if conflict else ""
            self.attempt(
                services.acknowledge, concern_id=concern.pk, by=by, has_conflict=conflict, conflict_words=words
            )

    @rule(which=picks, who=picks, as_holder=usually)
    def declines(self, which: int, who: int, as_holder: bool) -> None:
        if concern := self.concern(which):
            by = concern.responsible if as_holder and concern.responsible else self.person(who)
            self.attempt(services.decline, concern_id=concern.pk, by=by, reason="In court")

    @rule(which=picks, who=picks)
    def takes(self, which: int, who: int) -> None:
        if concern := self.concern(which):
            self.attempt(services.take, concern_id=concern.pk, by=self.person(who), note="Over to me")

    @rule(which=picks, who=picks, to=picks, as_holder=usually)
    def hands_on(self, which: int, who: int, to: int, as_holder: bool) -> None:
        if concern := self.concern(which):
            by = concern.responsible if as_holder and concern.responsible else self.person(who)
            self.attempt(services.hand_on, concern_id=concern.pk, to=self.person(to), note="She trusts you", by=by)

    @rule(which=picks, who=picks)
    def declares_a_conflict(self, which: int, who: int) -> None:
        if concern := self.concern(which):
            self.attempt(services.declare_conflict, concern_id=concern.pk, by=self.person(who), words="My cousin")

    @rule(which=picks, risk=st.sampled_from(["low", "medium", "high", "critical"]), urgency=st.sampled_from(Urgency))
    def triages(self, which: int, risk: str, urgency: Urgency, concern: Concern | None = None) -> None:
        if concern := concern or self.concern(which):
            at_risk = concern.involvements.filter(role="at_risk")
            findings = services.TriageFindings(
                urgency=urgency, household_reviewed="Nobody else lives there", is_no_one_else=True,
                has_care_needs=YesNoUnknown.YES, is_at_risk=YesNoUnknown.YES, cannot_protect_self=YesNoUnknown.UNKNOWN,
                adjustments=YesNoUnknown.NO, enforcement=YesNoUnknown.NO,
                risks={row.pk: (risk, "") for row in at_risk}, abuse_codes=(AdultAbuse.FINANCIAL,),
                urgency_reason="Seen today",
            )  # fmt: skip
            by = concern.responsible or self.person(which)
            self.attempt(services.record_triage, concern_id=concern.pk, findings=findings, by=by)

    @rule(which=picks, days=st.integers(-2, 40), revisit=st.booleans())
    def reviews(self, which: int, days: int, revisit: bool) -> None:
        if concern := self.concern(which):
            findings = services.ReviewFindings(
                outcome=ReviewOutcome.NO_CHANGE, findings="As before", is_decision_revisited=revisit,
                next_date=(self.now + timedelta(days=days)).date(),
            )  # fmt: skip
            by = concern.responsible or self.person(which)
            self.attempt(services.record_review, concern_id=concern.pk, findings=findings, by=by)

    @rule(which=picks, who=picks, as_reporter=st.booleans())
    def is_not_satisfied(self, which: int, who: int, as_reporter: bool) -> None:
        if concern := self.concern(which):
            by = concern.reporter if as_reporter else self.person(who)
            said = self.attempt(services.say_not_satisfied, concern_id=concern.pk, words="He says all is fine", by=by)
            is_named = concern.conflicts.filter(staff=by, kind="barred", lifted_at__isnull=True).exists()
            can = by == concern.reporter and not is_named
            assert said == can, "R42: the reporter always can until they are named (I3), nobody else"

    @rule(which=picks, who=picks, upheld=st.booleans())
    def answers_the_reporter(self, which: int, who: int, upheld: bool) -> None:
        if concern := self.concern(which):
            row = Dissatisfaction.objects.filter(concern=concern, answered_at__isnull=True).first()
            by = row.reviewer if row else self.person(who)
            self.attempt(
                services.answer_dissatisfaction, concern_id=concern.pk, is_upheld=upheld, answer="You asked", by=by
            )

    @rule(which=picks, who=picks)
    def wants_to_close(self, which: int, who: int) -> None:
        if concern := self.concern(which):
            words = services.ClosureWords(
                reason=ClosureReason.SUPPORT_COMPLETE, words="All done", family_reconfirmed="Seen", reporter_told="Yes"
            )
            self.attempt(
                services.propose_closure,
                concern_id=concern.pk,
                closure=words,
                by=concern.responsible or self.person(who),
            )
            self.attempt(services.agree_closure, concern_id=concern.pk, words="Yes", by=self.person(who))

    @rule(which=picks, into=picks, who=picks, undo=st.booleans())
    def joins(self, which: int, into: int, who: int, undo: bool) -> None:
        one, other = self.concern(which), self.concern(into)
        if one and other:
            lead = self.person(who) if who % 2 else self.cast.ruth
            if undo:
                self.attempt(services.separate, concern_id=one.pk, reason="Not the same", by=lead)
            else:
                self.attempt(services.merge, concern_id=one.pk, into_id=other.pk, reason="The same visit", by=lead)

    @rule(which=picks, second=picks, act=st.sampled_from(TwoPersonAct), agrees=st.booleans())
    def asks_a_second_person(self, which: int, second: int, act: TwoPersonAct, agrees: bool) -> None:
        if concern := self.concern(which):
            conflict = concern.conflicts.filter(lifted_at__isnull=True).first()
            self.attempt(
                services.ask_second_person, concern_id=concern.pk, act=act, reason="A mistake", by=self.cast.ruth,
                conflict_id=conflict.pk if conflict else None,
            )  # fmt: skip
            step = concern.two_person_steps.filter(is_agreed__isnull=True).first()
            if step:
                by = self.cast.imran if second % 2 else self.person(second)
                self.attempt(
                    services.give_second_view, step_id=step.pk, is_agreed=agrees, words="I looked at it", by=by
                )

    @rule(which=picks)
    def was_no_error(self, which: int) -> None:
        if concern := self.concern(which):
            self.attempt(services.restore, concern_id=concern.pk, reason="It was real", by=self.cast.ruth)

    @rule(which=picks, who=picks, as_holder=usually, silent=st.booleans(), to=st.sampled_from(DisputeStage))
    def quarrels_with_the_agency(self, which: int, who: int, as_holder: bool, silent: bool, to: DisputeStage) -> None:
        """Chased, not agreed with, taken to a higher stage, sent again with more (t12, t13a, T6, T11)."""
        referral = self._referral(which)
        if referral is None:
            return
        by = self._holder_or(referral.concern, who, as_holder=as_holder)
        word = sharing.Word(who="Duty worker", happened_at=self.now, words="They told us on the telephone")
        if referral.state in ("declined", "disputed"):
            self.attempt(
                sharing.escalate_dispute, referral_id=referral.pk, stage=to, word=word, skip_reason="She is not safe",
                by=by,
            )  # fmt: skip
            if who % 2:
                sending = sharing.Sending(method=SharingMethod.PORTAL, sent_at=self.now, received_by="Duty worker")
                self.attempt(sharing.send_referral, referral_id=referral.pk, sending=sending, by=by)
        elif silent:
            self.attempt(sharing.record_chase, referral_id=referral.pk, word=word, by=by)
        else:
            self.attempt(sharing.open_dispute, referral_id=referral.pk, reason="She needs more than that", by=by)

    @rule(which=picks, who=picks, as_holder=usually)
    def hears_from_the_agency(self, which: int, who: int, as_holder: bool) -> None:
        """Word of it, or taken on after a dispute (t13b, T8)."""
        if referral := self._referral(which):
            by = self._holder_or(referral.concern, who, as_holder=as_holder)
            word = sharing.Word(who="Duty worker", happened_at=self.now, words="They told us on the telephone")
            self.attempt(sharing.record_news, referral_id=referral.pk, word=word, by=by)
            self.attempt(
                sharing.record_acknowledgement, referral_id=referral.pk, word=word, agency_reference="A2", by=by
            )

    @rule(which=picks, who=picks)
    def goes_straight_to_an_agency(self, which: int, who: int) -> None:
        """t5, I20: whoever reported it always can; nobody who is shut out of it."""
        if concern := self.concern(which):
            by = self.person(who) if who % 3 else concern.reporter
            said = self.attempt(
                sharing.record_direct_referral, concern_id=concern.pk, by=by,
                call=sharing.DirectCall(
                    agency_name="Larkshire police", agency_kind=AgencyKind.POLICE, spoken_to="Control room",
                    told_at=self.now, method=SharingMethod.PHONE, what_was_said="He was at the door",
                ),
            )  # fmt: skip
            denied = permissions.denied_ids(concern)
            assert said or by != concern.reporter or by.pk in denied
            assert not (said and by.pk in denied)

    @rule(which=picks, named=picks, who=picks, as_holder=usually)
    def names_a_colleague(self, which: int, named: int, who: int, as_holder: bool) -> None:
        """R41: somebody who works here turns out to be a source of risk, whoever holds it now."""
        if concern := self.concern(which):
            colleague = self.person(named)
            self.attempt(
                services.add_person, concern_id=concern.pk, by=self._holder_or(concern, who, as_holder=as_holder),
                person=IntakePerson(
                    name=colleague.full_name, role=PersonRole.SOURCE_OF_RISK, stage=LifeStage.ADULT,
                    staff_id=colleague.pk,
                ),
            )  # fmt: skip

    @rule(how=picks)
    def answers_a_step_about_a_worker(self, how: int) -> None:
        steps = list(StaffStep.objects.filter(answer="").order_by("pk").select_related("concern__responsible"))
        step = steps[how % len(steps)] if steps else None
        if step and step.concern.responsible:
            self.attempt(
                services.answer_staff_step, concern_id=step.concern_id, kind=StaffStepKind(step.kind),
                answer=StaffStepAnswer.DONE, words="Rang them at two", by=step.concern.responsible,
            )  # fmt: skip

    @rule(which=picks, who=picks, died=st.booleans(), held=st.booleans(), days=st.integers(-1, 5))
    def dies_or_moves(self, which: int, who: int, died: bool, held: bool, days: int) -> None:
        """2.5: neither closes a concern."""
        concern = self.concern(which)
        person = concern.involvements.filter(role="at_risk").first() if concern else None
        if concern and person:
            COUNTS["deaths and moves"] += self.attempt(
                services.record_death_or_move, concern_id=concern.pk, involvement_id=person.pk,
                change=LifeChange.DIED if died else LifeChange.MOVED, on=(self.now - timedelta(days=days)).date(),
                moved_to="" if died else "Derby City Council", words="Nobody else lives there",
                form_key=f"life:{self.now.isoformat()}:{who}", is_legal_hold=held,
                by=self._holder_or(concern, who, as_holder=True),
            )  # fmt: skip

    @rule(which=picks, held=st.booleans())
    def holds_everything(self, which: int, held: bool) -> None:
        if concern := self.concern(which):
            self.attempt(
                services.set_legal_hold, concern_id=concern.pk, is_held=held, reason="The police ask", by=self.cast.ruth
            )

    @rule(code=st.sampled_from(Code), value=st.integers(0, 40), agrees=usually)
    def changes_a_limit(self, code: Code, value: int, agrees: bool) -> None:
        """2.4: a lead proposes, somebody else agrees (I6); a clock that runs keeps the limit it was started with."""
        self.attempt(services.propose_limit, code=code, value=value, reason="Tried for a month", by=self.cast.ruth)
        for change in LimitChange.objects.filter(is_agreed__isnull=True):
            same = self.attempt(
                services.view_limit, change_id=change.pk, is_agreed=True, words="Yes", by=self.cast.ruth
            )
            assert not same
            self.attempt(services.view_limit, change_id=change.pk, is_agreed=agrees, words="So", by=self.cast.imran)

    @rule(which=picks, who=picks, area=st.sampled_from(["repairs", "housing", "income"]))
    def belongs_elsewhere(self, which: int, who: int, area: str) -> None:
        if concern := self.concern(which):
            self.attempt(
                services.change_area, concern_id=concern.pk, area=getattr(self.cast.areas, area), reason="A repair",
                by=self._holder_or(concern, who, as_holder=True),
            )  # fmt: skip

    @rule(which=picks)
    def tells_the_reporter(self, which: int) -> None:
        if (concern := self.concern(which)) and concern.responsible:
            self.attempt(
                services.give_feedback, concern_id=concern.pk, text="We have seen to it", by=concern.responsible
            )

    def _referral(self, pick: int) -> Referral | None:
        rows = list(Referral.objects.exclude(state__in=["due", "ended"]).order_by("pk").select_related("concern"))
        return rows[pick % len(rows)] if rows else None

    def _holder_or(self, concern: Concern, who: int, *, as_holder: bool) -> User:
        return concern.responsible if as_holder and concern.responsible else self.person(who)

    @rule(who=picks, hours=st.integers(1, 24 * 21))
    def goes_on_leave(self, who: int, hours: int) -> None:
        person = self.person(who)
        self.attempt(
            record_absence, person=person, kind=AbsenceKind.LEAVE, starts_at=self.now,
            ends_at=self.now + timedelta(hours=hours), by=person,
        )  # fmt: skip

    @rule(who=picks)
    def leaves_for_good(self, who: int) -> None:
        person = self.person(who)
        self.attempt(deactivate_person, person=person, reason="Left", by=self.cast.bea)

    @rule(minutes=st.integers(1, 60 * 24 * 4), sweeps=st.integers(0, 2))
    def time_passes(self, minutes: int, sweeps: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.swept_at = None
        for turn in range(sweeps):
            before = self._fingerprint() if turn else None
            sweep(at=self.now)
            sharing.sweep_silent_referrals(at=self.now)
            COUNTS["sweeps"] += 1
            self.swept_at = self.now
            if before is not None:
                assert self._fingerprint() == before, "I17: the same sweep again changes nothing"

    # There are many rules, and time is what everything hangs on.
    @rule(hours=st.integers(1, 60), sweeps=st.integers(1, 2))
    def time_passes_and_is_swept(self, hours: int, sweeps: int) -> None:
        self.time_passes(minutes=60 * hours, sweeps=sweeps)

    @rule(which=picks, how=picks, steps=st.integers(1, 6))
    def proceeds(self, which: int, how: int, steps: int) -> None:
        """The next steps of the route, taken as they should be: one after another, ten minutes apart."""
        for turn in range(steps):
            if concern := self.concern(which):
                self._next_step(concern, how >> turn)
                self.now += timedelta(minutes=10)
                self.swept_at = None

    # Hypothesis picks each rule as often as any other; the route is walked more often than it is strayed from.
    @rule(which=picks, how=picks, steps=st.integers(1, 6))
    def proceeds_further(self, which: int, how: int, steps: int) -> None:
        self.proceeds(which=which, how=how, steps=steps)

    @rule(which=picks, how=picks, steps=st.integers(4, 8))
    def proceeds_far(self, which: int, how: int, steps: int) -> None:
        self.proceeds(which=which, how=how, steps=steps)

    def _next_step(self, concern: Concern, how: int) -> None:
        holder = concern.responsible or self.cast.ruth
        lead = self.cast.imran if holder == self.cast.ruth else self.cast.ruth
        if concern.state == State.SUBMITTED:
            self.acknowledge_as(concern, holder)
        elif concern.state == State.TRIAGE and not concern.triages.exists():
            self.triages(which=how, risk="medium", urgency=Urgency(concern.urgency), concern=concern)
        elif concern.state == State.TRIAGE:
            self.attempt(self._decide, concern=concern, by=holder, shares=bool(how % 3))
        elif concern.state == State.AWAITING_SECOND:
            record = SignedRecord.objects.filter(concern=concern, second_view__isnull=True).last()
            if record:
                self.attempt(
                    sharing.give_second_view,
                    record_id=record.pk,
                    is_agreed=how % 4 != 0,
                    comment="Read it all",
                    by=lead,
                )
        elif concern.state == State.MONITORING:
            self._say_what_became_of_it(concern, holder)
            words = services.ClosureWords(
                reason=ClosureReason.SUPPORT_COMPLETE, words="Done", family_reconfirmed="Seen", reporter_told="Yes"
            )
            self.attempt(services.propose_closure, concern_id=concern.pk, closure=words, by=holder)
        elif concern.state == State.CLOSURE_REVIEW:
            act = services.agree_closure if how % 4 else services.refuse_closure
            self.attempt(act, concern_id=concern.pk, words="I read it all", by=lead)
        elif concern.state == State.CLOSED and how % 5 == 0:
            self.attempt(services.reopen, concern_id=concern.pk, reason="New information", by=self.cast.ruth)
        else:
            self._next_step_with_the_agency(concern, holder, how)

    def acknowledge_as(self, concern: Concern, holder: User) -> None:
        self.attempt(services.acknowledge, concern_id=concern.pk, by=holder, has_conflict=False)

    def _next_step_with_the_agency(self, concern: Concern, holder: User, how: int) -> None:
        referral = Referral.objects.filter(concern=concern).exclude(state="ended").order_by("pk").last()
        if referral is None:
            return
        word = sharing.Word(who="Duty worker", happened_at=self.now, words="They told us on the telephone")
        if referral.state == "due":
            # Two of three times it is said who was told; else a task waits for it (R99).
            told = build.everybody_told(referral, self.now.date()) if how % 3 and referral.record else {}
            sending = build.sending(self.now, told=told)
            self.attempt(sharing.send_referral, referral_id=referral.pk, sending=sending, by=holder)
        elif referral.state in ("sent", "acknowledged", "declined", "disputed") and how % 3:
            outcome = ReferralOutcome.DECLINED_CRITERIA if how % 5 == 0 else ReferralOutcome.ADVICE
            self.attempt(sharing.record_outcome, referral_id=referral.pk, outcome=outcome, word=word, by=holder)
        elif referral.state == "sent":
            self.attempt(
                sharing.record_acknowledgement, referral_id=referral.pk, word=word, agency_reference="A1", by=holder
            )
        else:
            self._check_receipt(referral, holder)
            self.attempt(sharing.end_referral, referral_id=referral.pk, words="We visit every week", by=holder)

    def _check_receipt(self, referral: Referral, holder: User) -> None:
        today = self.now.date()
        for sent in referral.disclosures.all():
            steps = (ReceiptStep.DELIVERED, ReceiptStep.RECEIVED, ReceiptStep.UNDERSTOOD)
            checks = [sharing.Check(step=step, on=today, who="Duty worker", how="Telephone") for step in steps]
            self.attempt(sharing.record_receipt, disclosure_id=sent.pk, checks=checks, by=holder)

    def _say_what_became_of_it(self, concern: Concern, holder: User) -> None:
        for row in concern.involvements.filter(role="at_risk"):
            values = {"outcomes_asked": "expressed", "outcomes_achieved": "fully", "risk_outcome": "reduced"}
            self.attempt(services.update_person, concern_id=concern.pk, involvement_id=row.pk, values=values, by=holder)

    def _decide(self, *, concern: Concern, by: User, shares: bool, at: datetime) -> None:
        """Write and sign a decision about everybody at risk, as the holder.

        What somebody told an agency already is recorded as shared; how soon it is looked at again goes by the risk.
        """
        shares = shares or told_already(concern) is not None
        levels = {row.risk_level for row in concern.involvements.filter(role="at_risk")}
        days = 1 if "critical" in levels else 7 if "high" in levels else 10
        draft = sharing.start_decision(concern_id=concern.pk, by=by, at=at)
        record = decisions.agreed() if shares else decisions.not_shared()
        if not shares:
            review = decisions.change(record.decision, review_date=(at + timedelta(days=days)).date())
            contact = decisions.change(record.not_sharing, next_contact_on=(at + timedelta(days=3)).date())
            record = decisions.change(record, decision=review, not_sharing=contact)
        draft = build.fill(draft, build.fitted(record, concern), by=by, at=at, agency=self.agency if shares else None)
        sharing.sign_decision(decision_id=draft.pk, seen_edit=draft.edit, by=by, at=at)

    # --- What always holds --------------------------------------------------------------------

    @invariant()
    def every_open_concern_has_one_fit_holder(self) -> None:
        """I1, R31, R45."""
        COUNTS["steps"] += 1
        COUNTS["invariants checked"] += CHECKED_AFTER_EACH_STEP
        for concern in Concern.objects.select_related("responsible"):
            STATES[concern.state] += 1
            held = list(Assignment.objects.filter(concern=concern, ended_at__isnull=True))
            if not concern.is_open:
                assert (held, concern.responsible) == ([], None)
                # Nobody would see it run out; a reporter who is not satisfied has a reviewer, though (T13).
                running = concern.deadlines.filter(met_at__isnull=True, dropped_at__isnull=True)
                assert set(running.values_list("kind", flat=True)) <= {"T13"}
                continue
            holder = concern.responsible
            assert holder is not None
            assert [row.holder_id for row in held] == [holder.pk]
            assert holder.pk not in permissions.denied_ids(concern), "nobody in conflict holds it"
            if concern.responsible_cause == HolderCause.LADDER_EXHAUSTED:
                continue
            assert holder.pk not in permissions.ineligible_ids(concern)
            assert holder.is_active
            if self.swept_at == self.now:
                assert not Absence.objects.at(self.now).filter(user=holder).exists()

    @invariant()
    def nothing_is_due_and_forgotten(self) -> None:
        """I2: after a sweep, what is past its time is flagged at the level it has reached."""
        for concern in Concern.objects.open():
            assert concern.next_due_at is not None
            running = concern.deadlines.filter(met_at__isnull=True, dropped_at__isnull=True)
            assert min(row.due_at for row in running) == concern.next_due_at
            if self.swept_at != self.now or concern.responsible_cause == HolderCause.LADDER_EXHAUSTED:
                continue
            for row in running:
                expected = overdue_level(row, self.now)
                assert row.level >= (min(expected, 1) if row.kind == "T2" else expected)

    @invariant()
    def states_move_only_along_the_route(self) -> None:
        """I4."""
        for pk, state in Concern.objects.values_list("pk", "state"):
            before = self.states.get(pk, State.SUBMITTED if pk not in self.states else state)
            assert state == before or (str(before), state) in MOVES, (before, state)
            self.states[pk] = state

    @invariant()
    def nobody_signs_both_parts(self) -> None:
        """I6, and I5: what is closed was agreed by somebody else than proposed it, with nothing left open."""
        for proposal in ClosureProposal.objects.filter(is_agreed=True):
            assert proposal.viewed_by_id != proposal.proposed_by_id
        for step in TwoPersonStep.objects.filter(is_agreed=True):
            assert step.viewed_by_id != step.asked_by_id
        for concern in Concern.objects.filter(state=State.CLOSED):
            facts = case_facts(concern)
            # What people say and do after it was closed shows there, and somebody hears of it.
            went_direct = Referral.objects.filter(concern=concern, is_direct=True, created_at__gte=concern.closed_at)
            since = {nothing_is_contested} | ({referrals_have_ended} if went_direct.exists() else set())
            assert all(guard in since or not guard(facts) for guard in CLOSURE_GUARDS)

    @invariant()
    def deadlines_never_move_later(self) -> None:
        """I12: a running clock only ever comes forward."""
        for pk, due in Deadline.objects.values_list("pk", "due_at"):
            assert due <= self.dues.get(pk, due)
            self.dues[pk] = due

    @invariant()
    def restriction_never_loosens(self) -> None:
        """I13: only two people together loosen it."""
        now_restricted = set(Concern.objects.filter(is_restricted=True).values_list("pk", flat=True))
        loosened = Event.objects.filter(code="concern.restriction_loosened").values_list("concern_id", flat=True)
        assert self.restricted - now_restricted <= set(loosened)
        self.restricted = now_restricted

    @invariant()
    def one_story_keeps_out_the_same_people(self) -> None:
        """I3, t20: whoever is kept out of a concern is kept out of what was joined to it, and the other way round."""
        standing_ones = Conflict.objects.filter(lifted_at__isnull=True)
        for concern in Concern.objects.filter(merged_into__isnull=False):
            of_both = [
                set(standing_ones.filter(concern=pk).values_list("staff", "kind"))
                for pk in (concern.pk, concern.merged_into_id)
            ]
            assert of_both[0] == of_both[1]

    @invariant()
    def messages_carry_nothing_but_a_reference(self) -> None:
        """I14."""
        for message in OutboxMessage.objects.all():
            shown = " ".join(str(value) for value in message.__dict__.values())
            assert not any(word in shown for word in ("Jean", "Kofi", "Ashworth", "Mill Lane", "bank card"))

    @invariant()
    def a_lead_is_there_or_the_alarm_is_on(self) -> None:
        """I16: the last lead can't be deactivated; swept, either somebody at lead level may act or the alarm is on."""
        if not hasattr(self, "cast"):
            return
        assert holders_of(Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD).exists()
        if self.swept_at != self.now:
            return
        alarms: set[tuple[int | None, str]] = set(
            Alarm.objects.filter(ended_at__isnull=True).values_list("concern_id", "kind")
        )
        leads = set(holders_of(*permissions.LEADS).values_list("pk", flat=True))
        leads -= set(absent_at(self.now, leads))
        assert (not leads) == ((None, "no_lead") in alarms)
        for concern in Concern.objects.filter(state__in=OPEN_STATES):
            fit = leads - permissions.denied_ids(concern) - permissions.ineligible_ids(concern)
            assert (bool(leads) and not fit) == ((concern.pk, "no_lead_here") in alarms)
            exhausted = concern.responsible_cause == HolderCause.LADDER_EXHAUSTED
            assert exhausted == ((concern.pk, "exhausted") in alarms)
            COUNTS["alarms on"] += exhausted or not fit

    @invariant()
    def nobody_differs_for_longer_than_there_is_time(self) -> None:
        """t9: swept, no difference about not sharing is past its time; the safer choice stands."""
        if hasattr(self, "cast") and self.swept_at == self.now:
            late = Deadline.objects.filter(
                kind="T3c", due_at__lte=self.now, met_at=None, dropped_at=None, concern__state__in=OPEN_STATES
            )
            assert not late.exists()

    @invariant()
    def no_risk_falls_by_two_steps_without_a_second_person(self) -> None:
        """R44, 3.4."""
        order = ["low", "medium", "high", "critical"]
        for event in Event.objects.filter(code="concern.risk_lowered"):
            if order.index(event.data["before"]) - order.index(event.data["after"]) >= 2:
                agreed = TwoPersonStep.objects.filter(
                    concern=event.concern_id, act="lower_risk", is_agreed=True, viewed_by=event.actor_id
                )
                assert agreed.exists()

    @invariant()
    def what_is_signed_stays_as_it_is(self) -> None:
        """I7: byte for byte, and of each chain of versions one is the newest."""
        signed = dict(SignedRecord.objects.values_list("pk", "digest"))
        assert self.signed.items() <= signed.items()
        self.signed = signed
        in_force = list(Decision.objects.filter(status=DecisionStatus.SIGNED).values_list("ref", flat=True))
        assert len(in_force) == len(set(in_force))

    def the_ledger_counts_every_change(self) -> None:
        """I11, after the example: as many events as changes, row for row, and sealed they all verify."""
        events = Counter(Event.objects.values_list("code", flat=True))
        assert events["concern.raised"] == Concern.objects.count()
        assert events["concern.assigned"] == Assignment.objects.count()
        assert events["concern.merged"] == Merge.objects.count()
        assert events["concern.separated"] == Merge.objects.filter(undone_at__isnull=False).count()
        assert events["concern.triaged"] == Triage.objects.count()
        assert events["concern.reviewed"] == Review.objects.count()
        assert events["concern.closure_proposed"] == ClosureProposal.objects.count()
        assert events["concern.closed"] == ClosureProposal.objects.filter(is_agreed=True).count()
        assert events["concern.not_satisfied"] == Dissatisfaction.objects.count()
        assert events["concern.conflict_recorded"] == Conflict.objects.count()
        assert events["concern.conflict_lifted"] == Conflict.objects.filter(lifted_at__isnull=False).count()
        assert events["sharing.decision_signed"] == SignedRecord.objects.count()
        seal(at=self.now)
        result = verify()
        assert result.is_sound
        assert (result.events, result.unsealed) == (Event.objects.count(), 0)

    def nobody_barred_can_know(self) -> None:
        """I3, after the example: no barred person reads, counts or is told of the concern (the costly one)."""
        COUNTS["barred people checked"] += Conflict.objects.filter(kind="barred").count()
        for conflict in Conflict.objects.filter(lifted_at__isnull=True).select_related("staff", "concern"):
            fresh = User.objects.get(pk=conflict.staff_id)
            assert conflict.concern not in Concern.objects.visible_to(fresh, at=self.now)
            if conflict.kind != "barred":
                continue
            for message in OutboxMessage.objects.filter(recipient_id=fresh.pk, reference=conflict.concern.ref):
                kind = all_kinds()[message.kind]
                # News queued for a reporter who is named later is not delivered: the receipt is gone (I3).
                is_receipt = kind == notifications.REPORTER_TOLD
                assert not kind.may_still_know(message.recipient_id, message.about_id)
                assert is_receipt or message.queued_at <= conflict.recorded_at


def _run(examples: int) -> None:
    run_state_machine_as_test(
        Organisation,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            # Shrinking thirty database steps takes longer than reading them.
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
        ),
    )


@pytest.mark.django_db
def test_no_concern_is_dropped(figures: Callable[[str], None]) -> None:
    minutes = float(os.environ.get("PROVE_MINUTES", "0"))
    until = time.monotonic() + 60 * minutes
    _run(50)
    while time.monotonic() < until:
        _run(50)
    listed = ", ".join(f"{name} {count:,}" for name, count in sorted(COUNTS.items()))
    states = ", ".join(f"{name} {count:,}" for name, count in STATES.most_common())
    figures(f"random organisation: {listed}; states visited: {states}")
    assert COUNTS["done"] > 0
    assert {line.action for line in TRANSITIONS} == set(Action)
