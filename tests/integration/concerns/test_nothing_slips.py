"""Ways in which a concern could have slipped through, each found by looking for one, each shut (2.3-2.5, R40-R45)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from accounts import services as accounts
from accounts.models import Absence, User
from accounts.services import PersonDetails
from accounts.vocabulary import Role
from audit.models import Event
from concerns import clocks, services
from concerns.facts import case_facts
from concerns.intake import IntakePerson
from concerns.limits import DEFAULTS
from concerns.models import ClosureProposal, Concern, Conflict, Deadline, Dissatisfaction
from concerns.notifications import ASSIGNED
from concerns.permissions import ineligible_ids
from concerns.selectors.late import late_page
from concerns.services.sweeping import overdue_level, sweep
from concerns.vocabulary import (
    ClockKind,
    ConflictKind,
    HolderCause,
    Implicated,
    PersonRole,
    RiskLevel,
    State,
    TwoPersonAct,
    Urgency,
)
from safeguarding.kit.errors import NotAllowed, NotNow
from safeguarding.kit.models import OutboxMessage
from sharing import services as sharing
from sharing.selectors import sharing_facts
from sharing.vocabulary import AgencyKind, ReferralOutcome, SharingMethod
from tests.build import cases
from tests.build import sharing as build
from tests.build.cast import Cast, make_cast
from tests.build.intakes import ABOUT_MANAGER, CHILD, EMERGENCY, PLAIN
from tests.build.web import post

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 9, 10, tzinfo=UTC)
HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def fresh(concern: Concern) -> Concern:
    return Concern.objects.get(pk=concern.pk)


def running(concern: Concern, kind: ClockKind) -> Deadline:
    return Deadline.objects.get(concern=concern, kind=kind, met_at=None, dropped_at=None)


def away(person: User, *, since: datetime = MONDAY - DAY, days: int = 30) -> None:
    Absence.objects.create(user=person, starts_at=since, ends_at=since + days * DAY, recorded_by=person)


def everybody_but(*here: User) -> list[User]:
    return list(User.objects.exclude(pk__in=[person.pk for person in here]))


def told(kind: str, concern: Concern) -> set[int]:
    rows = OutboxMessage.objects.filter(kind=kind, reference=concern.ref)
    return set(rows.values_list("recipient_id", flat=True))


def may_read(person: User, concern: Concern) -> bool:
    return Concern.objects.visible_to(User.objects.get(pk=person.pk)).filter(pk=concern.pk).exists()


def void(concern: Concern, cast: Cast, *, at: datetime) -> None:
    step = services.ask_second_person(
        concern_id=concern.pk, act=TwoPersonAct.VOID, reason="A test", by=cast.ruth, at=at
    )
    services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=cast.imran, at=at)


# --- Who holds it -------------------------------------------------------------------------------


def test_an_emergency_that_nobody_takes_on_is_the_senior_managers_after_15_minutes(cast: Cast) -> None:
    """R40; then the chief executive's, and whoever was told may still be the first."""
    concern = services.raise_concern(intake=EMERGENCY, by=cast.amara, at=MONDAY)
    sweep(at=MONDAY + 14 * MINUTE)
    assert fresh(concern).responsible == cast.gwen
    sweep(at=MONDAY + 15 * MINUTE)
    assert fresh(concern).responsible == cast.martin
    assert told("concern.emergency_unanswered", concern) == {cast.martin.pk}
    sweep(at=MONDAY + 30 * MINUTE)
    assert fresh(concern).responsible == cast.sunita
    services.acknowledge(concern_id=concern.pk, by=cast.dev, at=MONDAY + 31 * MINUTE, has_conflict=False)
    assert fresh(concern).responsible == cast.dev


def test_a_champion_whose_appointment_ends_holds_nothing_after_the_next_sweep(cast: Cast) -> None:
    concern = cases.acknowledged(cast, holder=cast.dev, at=MONDAY)
    accounts.end_champion(person=cast.dev, area=cast.areas.housing, by=cast.ruth, at=MONDAY + HOUR)
    sweep(at=MONDAY + HOUR + MINUTE)
    after = fresh(concern)
    assert after.responsible == cast.nadia
    assert after.responsible_cause == HolderCause.PART_ENDED


def test_a_holder_who_comes_to_be_managed_by_somebody_named_loses_it(cast: Cast) -> None:
    """R45: ineligible since the organisation changed, not since the report."""
    named = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=(cast.colin.pk,))
    concern = services.raise_concern(intake=named, by=cast.amara, at=MONDAY)
    assert concern.responsible == cast.gwen
    under_colin = replace(PersonDetails.of(cast.gwen), line_manager=cast.colin)
    accounts.change_person(person=cast.gwen, details=under_colin, by=cast.bea, at=MONDAY + HOUR)
    sweep(at=MONDAY + HOUR + MINUTE)
    after = fresh(concern)
    assert after.responsible_id not in ineligible_ids(after)


def test_when_only_the_holder_is_left_everybody_at_the_top_is_alerted_once(cast: Cast) -> None:
    """2.3: an exhausted ladder raises a critical alert, also when the person who must hold it holds it already."""
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    for person in everybody_but(cast.martin):
        away(person, since=MONDAY)
    sweep(at=MONDAY + MINUTE)
    assert fresh(concern).responsible == cast.martin
    for hour in range(6, 60, 6):
        sweep(at=MONDAY + hour * HOUR)
    after = fresh(concern)
    assert after.responsible_cause == HolderCause.LADDER_EXHAUSTED
    leads = {cast.martin.pk, cast.ruth.pk, cast.imran.pk, cast.karen.pk, cast.sunita.pk}
    assert told("concern.nobody_free", concern) == leads
    assert OutboxMessage.objects.filter(kind="concern.nobody_free").count() == len(leads)
    # And the silence goes on being told, although there is nobody to move it to.
    assert running(concern, ClockKind.ACKNOWLEDGE).level == 3


def test_who_held_it_for_want_of_anybody_else_holds_it_no_more_without_their_office(cast: Cast) -> None:
    """ADR 29: they read nothing of it from then on, so it goes on, and what waits in the post is not told them."""
    for person in User.objects.all():
        away(person, since=MONDAY - DAY, days=1)
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY - HOUR)
    assert fresh(concern).responsible_cause == HolderCause.LADDER_EXHAUSTED
    holder = fresh(concern).responsible
    assert holder == cast.martin
    services.acknowledge(concern_id=concern.pk, by=holder, at=MONDAY - HOUR + MINUTE, has_conflict=False)
    # Everybody is back; a new designated senior manager takes the office over.
    sweep(at=MONDAY + MINUTE)
    assert fresh(concern).responsible == cast.martin
    assert ASSIGNED.may_still_know(cast.martin.pk, concern.pk)
    role = Role.DESIGNATED_SENIOR_MANAGER
    accounts.give_role(person=cast.helen, role=role, by=None, at=MONDAY + HOUR)
    accounts.end_role(person=cast.martin, role=role, by=cast.bea, at=MONDAY + HOUR)
    assert not may_read(cast.martin, concern)
    assert not ASSIGNED.may_still_know(cast.martin.pk, concern.pk)
    sweep(at=MONDAY + HOUR + MINUTE)
    after = fresh(concern)
    assert after.responsible is not None
    assert may_read(after.responsible, after)
    assert after.responsible_cause == HolderCause.PART_ENDED
    assert after.responsible_id in told("concern.assigned", concern)


def test_nobody_who_is_named_hears_that_nobody_was_free(cast: Cast) -> None:
    named = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=(cast.ruth.pk,))
    for person in User.objects.all():
        away(person)
    concern = services.raise_concern(intake=named, by=cast.amara, at=MONDAY)
    assert cast.ruth.pk not in told("concern.nobody_free", concern)
    assert cast.imran.pk in told("concern.nobody_free", concern)


def test_a_concern_that_was_taken_away_is_not_handed_back(cast: Cast) -> None:
    concern = cases.acknowledged(cast, at=MONDAY)
    sweep(at=MONDAY + 2 * DAY)
    after = fresh(concern)
    assert after.responsible not in (None, cast.gwen)
    with pytest.raises(NotAllowed, match="can’t take on this concern"):
        services.hand_on(concern_id=concern.pk, to=cast.gwen, note="Yours", by=after.responsible, at=MONDAY + 2 * DAY)


def test_the_line_manager_is_on_the_ladder_until_triage_only(cast: Cast) -> None:
    concern, _ = build.sent(cast)
    services.take(concern_id=concern.pk, by=cast.dev, at=build.SIGNED_AT + HOUR, note="Over to me.")
    with pytest.raises(NotAllowed, match="can’t take on this concern"):
        services.hand_on(concern_id=concern.pk, to=cast.gwen, note="n", by=cast.dev, at=build.SIGNED_AT + HOUR)


def test_a_dispute_stays_with_a_lead_who_is_at_work(cast: Cast) -> None:
    """t12, t13."""
    concern, referral = build.sent(cast)
    at = build.SIGNED_AT + 2 * HOUR
    away(cast.ruth, since=at - DAY)
    said = sharing.Word("Ms Lund", at - HOUR, "No.")
    sharing.record_outcome(
        referral_id=referral.pk,
        outcome=ReferralOutcome.DECLINED_CRITERIA,
        word=said,
        by=build.holder_of(concern),
        at=at,
    )
    assert fresh(concern).responsible == cast.imran
    with pytest.raises(NotAllowed, match="safeguarding lead"):
        services.take(concern_id=concern.pk, by=cast.dev, at=at)
    with pytest.raises(NotAllowed, match="can’t take on this concern"):
        services.hand_on(concern_id=concern.pk, to=cast.dev, note="n", by=cast.imran, at=at)


def test_nobody_takes_a_concern_while_away_and_no_reporter_hands_on_their_own(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    away(cast.dev)
    with pytest.raises(NotAllowed, match="away"):
        services.take(concern_id=concern.pk, by=cast.dev, at=MONDAY)
    own = services.raise_concern(intake=PLAIN, by=cast.nadia, at=MONDAY)
    with pytest.raises(NotAllowed, match="person who reported"):
        services.hand_on(concern_id=own.pk, to=cast.mei, note="n", by=cast.nadia, at=MONDAY)


def test_a_manager_who_has_left_is_away_and_not_suspected(cast: Cast) -> None:
    accounts.deactivate_person(person=cast.gwen, reason="Left", by=cast.bea, at=MONDAY - DAY)
    concern = services.raise_concern(intake=PLAIN, by=User.objects.get(pk=cast.amara.pk), at=MONDAY)
    assert concern.responsible_cause == HolderCause.MANAGER_ABSENT


# --- Who is kept out ----------------------------------------------------------------------------


def test_staff_who_are_the_person_at_risk_never_hold_or_read_their_own_case(cast: Cast) -> None:
    about_gwen = replace(PLAIN, people=(IntakePerson(name="Gwen Pritchard", staff_id=cast.gwen.pk),))
    concern = services.raise_concern(intake=about_gwen, by=cast.amara, at=MONDAY)
    assert concern.responsible != cast.gwen
    assert concern.is_restricted
    assert not may_read(cast.gwen, concern)
    assert cast.gwen.pk not in told("concern.assigned", concern)
    later = cases.acknowledged(cast, at=MONDAY)
    services.add_person(
        concern_id=later.pk, person=IntakePerson(name="Dev Patel", staff_id=cast.dev.pk), by=cast.gwen, at=MONDAY + HOUR
    )
    assert fresh(later).is_restricted
    assert not may_read(cast.dev, later)
    assert Conflict.objects.get(concern=later).kind == ConflictKind.RECUSED


def test_a_manager_below_somebody_named_does_not_read_the_emergency(cast: Cast) -> None:
    named = replace(EMERGENCY, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=(cast.helen.pk,))
    concern = services.raise_concern(intake=named, by=cast.amara, at=MONDAY)
    assert not may_read(cast.gwen, concern)
    assert cast.gwen.pk not in told("concern.emergency", concern)


def test_a_later_bar_restricts_what_was_joined_as_well(cast: Cast) -> None:
    into = cases.acknowledged(cast, at=MONDAY)
    joined = cases.submitted(cast, by=cast.sian, at=MONDAY)
    services.merge(concern_id=joined.pk, into_id=into.pk, reason="Same", by=cast.ruth, at=MONDAY + HOUR)
    leon = IntakePerson(name="Leon", role=PersonRole.SOURCE_OF_RISK, staff_id=cast.leon.pk)
    services.add_person(concern_id=into.pk, person=leon, by=cast.gwen, at=MONDAY + HOUR)
    assert fresh(joined).is_restricted
    assert not may_read(cast.nadia, joined)


def test_of_restricted_concerns_only_the_designated_senior_manager_hears(cast: Cast) -> None:
    intake = replace(ABOUT_MANAGER, is_immediate_danger=True)
    concern = services.raise_concern(intake=intake, by=cast.priya, at=MONDAY)
    assert [row.ref for row in late_page(cast.helen, at=MONDAY + HOUR).rows] == []
    assert [row.ref for row in late_page(cast.martin, at=MONDAY + HOUR).rows] == [concern.ref]


# --- Clocks -------------------------------------------------------------------------------------


def test_a_child_or_more_urgency_brings_the_decision_forward(cast: Cast) -> None:
    """T3: 24 hours for a standard concern about an adult, the same day for a child."""
    concern = cases.acknowledged(cast, at=MONDAY)
    assert running(concern, ClockKind.TRIAGE).due_at == MONDAY + DAY
    services.add_person(concern_id=concern.pk, person=CHILD, by=cast.gwen, at=MONDAY + HOUR)
    assert running(concern, ClockKind.TRIAGE).due_at == datetime(2026, 3, 10, 0, tzinfo=UTC)
    other = cases.acknowledged(cast, at=MONDAY)
    urgent = replace(cases.findings_for(other), urgency=Urgency.EMERGENCY)
    services.record_triage(concern_id=other.pk, findings=urgent, by=cast.gwen, at=MONDAY + 2 * HOUR)
    assert running(other, ClockKind.TRIAGE).due_at == datetime(2026, 3, 10, 0, tzinfo=UTC)


def test_somebody_found_at_risk_after_the_referral_gets_a_decision_in_time(cast: Cast) -> None:
    """2.1: a sent referral never hides a pending decision."""
    concern, _ = build.sent(cast)
    at = build.SIGNED_AT + HOUR
    services.add_person(concern_id=concern.pk, person=CHILD, by=build.holder_of(concern), at=at)
    assert running(concern, ClockKind.TRIAGE).due_at == datetime(2026, 3, 18, 0, tzinfo=UTC)
    assert fresh(concern).state == State.REFERRED


def test_a_time_that_was_shortened_is_overdue_by_the_new_time(cast: Cast) -> None:
    """2.4: critical risk on day 20 is reviewed in 24 hours and rises after 36, not after a fortnight."""
    concern = cases.triaged(cast, level=RiskLevel.LOW, at=MONDAY)
    then = MONDAY + 20 * DAY
    person = concern.involvements.get(role="at_risk")
    services.update_person(
        concern_id=concern.pk, involvement_id=person.pk, values={"risk_level": "critical"},
        by=build.holder_of(concern), at=then,
    )  # fmt: skip
    clock = running(concern, ClockKind.REVIEW)
    levels = {hours: overdue_level(clock, then + hours * HOUR) for hours in (23, 24, 35, 36, 47, 48)}
    assert levels == {23: 0, 24: 1, 35: 1, 36: 2, 47: 2, 48: 3}


def test_working_time_is_overdue_in_working_time(cast: Cast) -> None:
    """2.4: four working hours from Friday 16:00 are up on Monday 12:00, by half on Monday 14:00, twice at 16:00."""
    friday = datetime(2026, 3, 6, 16, tzinfo=UTC)
    due = clocks.second_view_by(DEFAULTS, friday)
    assert due == datetime(2026, 3, 9, 12, tzinfo=UTC)
    clock = Deadline(kind=ClockKind.SECOND_VIEW, started_at=friday, due_at=due)
    levels = [overdue_level(clock, datetime(2026, 3, 9, hour, tzinfo=UTC)) for hour in (11, 12, 13, 14, 15, 16)]
    assert levels == [0, 1, 1, 2, 2, 3]


def test_joining_carries_a_limit_over_as_it_ran(cast: Cast) -> None:
    """I12: the earliest limit stays, and a late one is late by no more than it was."""
    older = cases.submitted(cast, at=MONDAY)
    into = cases.acknowledged(cast, at=MONDAY + 24 * HOUR, by=cast.sian)
    services.merge(concern_id=older.pk, into_id=into.pk, reason="Same", by=cast.ruth, at=MONDAY + 30 * HOUR)
    clock = running(into, ClockKind.TRIAGE)
    assert (clock.started_at, clock.due_at) == (MONDAY, MONDAY + 24 * HOUR)
    holder = fresh(into).responsible
    sweep(at=MONDAY + 30 * HOUR)
    assert running(into, ClockKind.TRIAGE).level == 1
    assert fresh(into).responsible == holder


def test_what_was_no_error_goes_on_by_its_old_limits_and_a_reopened_one_is_watched(cast: Cast) -> None:
    """I12, T14."""
    concern = cases.acknowledged(cast, intake=ABOUT_MANAGER, by=cast.priya, at=MONDAY)
    kinds = (ClockKind.TRIAGE, ClockKind.STAFF_CONSULTATION, ClockKind.OPEN_TOO_LONG, ClockKind.OPEN_VERY_LONG)
    before = {kind: running(concern, kind).due_at for kind in kinds}
    void(concern, cast, at=MONDAY + HOUR)
    services.restore(concern_id=concern.pk, reason="It was none", by=cast.ruth, at=MONDAY + 21 * HOUR)
    assert {kind: running(concern, kind).due_at for kind in kinds} == before
    with cases.everyone_decided():
        closed = cases.closed(cast, at=MONDAY)
    services.reopen(concern_id=closed.pk, reason="New", by=cast.ruth, at=MONDAY + DAY)
    assert running(closed, ClockKind.OPEN_TOO_LONG).due_at == MONDAY + 29 * DAY


def test_an_agency_is_chased_twice_and_no_more(cast: Cast) -> None:
    """T6, I12: chasing does not put the dispute off for ever."""
    concern, referral = build.sent(cast)
    holder, at = build.holder_of(concern), build.SIGNED_AT + timedelta(minutes=10)
    for number in (1, 2):
        word = sharing.Word("Duty desk", at + number * DAY, "")
        sharing.record_chase(referral_id=referral.pk, word=word, by=holder, at=at + number * DAY)
    word = sharing.Word("Duty desk", at + 3 * DAY - HOUR, "")
    with pytest.raises(NotNow, match="chased twice"):
        sharing.record_chase(referral_id=referral.pk, word=word, by=holder, at=at + 3 * DAY - HOUR)
    sharing.sweep_silent_referrals(at=at + 3 * DAY + HOUR)
    assert fresh(concern).state == State.DISPUTED


# --- Joined, ended, complained of ---------------------------------------------------------------


def call(at: datetime) -> sharing.DirectCall:
    return sharing.DirectCall(
        agency_name="Police", agency_kind=AgencyKind.POLICE, spoken_to="Control room", told_at=at,
        method=SharingMethod.CALL_999, what_was_said="He is at the door.",
    )  # fmt: skip


def test_a_direct_call_about_a_joined_report_belongs_to_the_survivor(cast: Cast) -> None:
    into = cases.submitted(cast, at=MONDAY)
    joined = cases.submitted(cast, by=cast.sian, at=MONDAY)
    services.merge(concern_id=joined.pk, into_id=into.pk, reason="Same", by=cast.ruth, at=MONDAY + HOUR)
    referral = sharing.record_direct_referral(
        concern_id=joined.pk, call=call(MONDAY + HOUR), by=cast.sian, at=MONDAY + 2 * HOUR
    )
    assert referral.concern == into
    assert sharing_facts(into.pk).disclosures == 1
    assert told("concern.report_added_to", into) == {cast.gwen.pk}
    running(into, ClockKind.RETROSPECTIVE)


@pytest.mark.parametrize("how", ["closed", "void"])
def test_a_direct_call_opens_what_had_ended(cast: Cast, how: str) -> None:
    """I8: whatever was said outside has a decision behind it."""
    if how == "closed":
        with cases.everyone_decided():
            concern = cases.closed(cast, at=MONDAY)
    else:
        concern = cases.acknowledged(cast, at=MONDAY)
        void(concern, cast, at=MONDAY + HOUR)
    at = MONDAY + DAY
    sharing.record_direct_referral(concern_id=concern.pk, call=call(at), by=cast.amara, at=at)
    assert fresh(concern).state == State.TRIAGE
    assert running(concern, ClockKind.RETROSPECTIVE).due_at == at + DAY


def test_an_open_complaint_is_not_buried_by_marking_the_concern_as_an_error(cast: Cast) -> None:
    concern = cases.acknowledged(cast, at=MONDAY)
    services.say_not_satisfied(concern_id=concern.pk, words="No", by=cast.amara, at=MONDAY + HOUR)
    with pytest.raises(NotNow, match="not satisfied"):
        void(concern, cast, at=MONDAY + HOUR)
    other = cases.acknowledged(cast, at=MONDAY)
    void(other, cast, at=MONDAY + HOUR)
    row = services.say_not_satisfied(concern_id=other.pk, words="No", by=cast.amara, at=MONDAY + 2 * HOUR)
    assert may_read(row.reviewer, other)


def test_an_upheld_complaint_does_not_go_back_to_the_person_complained_of(cast: Cast) -> None:
    """R42, 2.5."""
    with cases.everyone_decided():
        concern = cases.closed(cast, at=MONDAY)  # held by Gwen, agreed by Dev
    row = services.say_not_satisfied(concern_id=concern.pk, words="No", by=cast.amara, at=MONDAY + 5 * HOUR)
    assert row.reviewer == cast.nadia, "Dev agreed to closing it"
    services.answer_dissatisfaction(
        concern_id=concern.pk, is_upheld=True, answer="You are right", by=row.reviewer, at=MONDAY + 6 * HOUR
    )
    after = fresh(concern)
    assert after.state == State.TRIAGE
    assert after.responsible != cast.gwen


def test_a_complaint_finds_somebody_who_is_at_work_and_another_when_they_leave(cast: Cast) -> None:
    away(cast.dev)
    concern = cases.acknowledged(cast, at=MONDAY)
    row = services.say_not_satisfied(concern_id=concern.pk, words="No", by=cast.amara, at=MONDAY + HOUR)
    assert row.reviewer == cast.nadia
    due = running(concern, ClockKind.DISSATISFACTION).due_at
    away(cast.nadia, since=MONDAY + 2 * HOUR)
    for _ in range(2):
        sweep(at=MONDAY + 3 * HOUR)
    row.refresh_from_db()
    assert row.reviewer == cast.ruth
    assert running(concern, ClockKind.DISSATISFACTION).due_at == due
    assert told("concern.not_satisfied", concern) == {cast.nadia.pk, cast.ruth.pk}


def test_a_complaint_about_a_joined_report_holds_up_closing_the_survivor(cast: Cast) -> None:
    into = cases.submitted(cast, at=MONDAY)
    joined = cases.submitted(cast, by=cast.sian, at=MONDAY)
    services.merge(concern_id=joined.pk, into_id=into.pk, reason="Same", by=cast.ruth, at=MONDAY + HOUR)
    services.say_not_satisfied(concern_id=joined.pk, words="No", by=cast.sian, at=MONDAY + HOUR)
    assert case_facts(fresh(into)).has_open_dissatisfaction


def test_undoing_a_merge_takes_its_people_out_again(cast: Cast) -> None:
    into = cases.submitted(cast, at=MONDAY)
    other = replace(PLAIN, people=(IntakePerson(name="Other Person", address="9 High Street"),))
    joined = cases.submitted(cast, by=cast.sian, intake=other, at=MONDAY)
    names = set(into.involvements.values_list("person__name", flat=True))
    services.merge(concern_id=joined.pk, into_id=into.pk, reason="Same", by=cast.ruth, at=MONDAY + HOUR)
    assert "Other Person" in into.involvements.values_list("person__name", flat=True)
    services.separate(concern_id=joined.pk, reason="Not the same", by=cast.ruth, at=MONDAY + 2 * HOUR)
    assert set(into.involvements.values_list("person__name", flat=True)) == names
    assert joined.involvements.filter(person__name="Other Person").exists()


def test_whoever_proposed_closing_never_agrees_to_it_and_it_ends_with_the_concern(cast: Cast) -> None:
    """I6."""
    with cases.everyone_decided():
        concern = cases.closing_proposed(cast, holder=cast.dev, at=MONDAY)
        services.hand_on(concern_id=concern.pk, to=cast.nadia, note="n", by=cast.dev, at=MONDAY + 4 * HOUR)
        with pytest.raises(NotAllowed, match="proposed this yourself"):
            services.agree_closure(concern_id=concern.pk, words="Yes", by=cast.dev, at=MONDAY + 5 * HOUR)
        void(concern, cast, at=MONDAY + 6 * HOUR)
        assert not ClosureProposal.objects.filter(concern=concern, is_agreed=None).exists()
        services.restore(concern_id=concern.pk, reason="None", by=cast.ruth, at=MONDAY + 7 * HOUR)
        services.propose_closure(
            concern_id=concern.pk, closure=cases.CLOSURE, by=build.holder_of(concern), at=MONDAY + 8 * HOUR
        )


def test_a_draft_about_their_manager_is_not_announced_to_that_manager(cast: Cast) -> None:
    cast.amara.line_manager = cast.ruth
    cast.amara.save()
    answers = {"facts": {"facts": ["x"]}, "staff": {"implicated": ["manager"]}}
    cast.amara.drafts.create(started_at=MONDAY, saved_at=MONDAY, answers=answers)
    sweep(at=MONDAY + 8 * HOUR)
    people = set(OutboxMessage.objects.filter(kind="concern.draft_unsent").values_list("recipient_id", flat=True))
    assert people == {cast.imran.pk}
    assert not Dissatisfaction.objects.exists()


def test_every_kind_of_refusal_is_in_the_ledger_and_changes_nothing(cast: Cast) -> None:
    """Issue 3, bad input: not allowed, not now, a reason missing; the kind of it, never the words."""
    concern = cases.acknowledged(cast, at=MONDAY)
    before = fresh(concern).version
    form = {"seen_version": str(before)}
    post(f"/concerns/{concern.ref}/decline/", cast.gwen, {**form, "reason": "In court"}, at=MONDAY + HOUR)
    hand_on = {**form, "to": str(cast.gwen.pk), "note": "Mine"}
    post(f"/concerns/{concern.ref}/hand-on/", cast.gwen, hand_on, at=MONDAY + HOUR)
    post(f"/concerns/{concern.ref}/take/", cast.gwen, form, at=MONDAY + HOUR)
    kinds = [(row.data["act"], row.data["why"]) for row in Event.objects.filter(code="audit.act_refused")]
    assert ("concerns.take", "not_allowed") in kinds
    assert ("concerns.decline", "not_now") in kinds
    assert fresh(concern).version == before
    assert "In court" not in str(list(Event.objects.values_list("data", flat=True)))
