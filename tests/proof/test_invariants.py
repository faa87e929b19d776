"""The invariants of domain.md 2.7, each directly: what the random organisation asks in passing is tried here by name.

tests/architecture/test_every_invariant.py sees that none of I1 to I20 is without a test.
"""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction
from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.services import deactivate_person
from audit.models import Event
from audit.services import seal
from audit.verification import verify
from concerns import services
from concerns.models import Assignment, Concern, Deadline, Involvement, Triage
from concerns.services.sweeping import sweep
from concerns.vocabulary import ClockKind, Implicated, LifeStage, State
from safeguarding.kit.errors import ChangedMeanwhile, NotAllowed, Unsound
from safeguarding.kit.models import OutboxMessage
from sharing import services as sharing
from sharing.answers import Reasons
from sharing.models import Decision, Disclosure, SecondView, SignedRecord
from sharing.record import Record
from sharing.vocabulary import AgencyKind, DecisionStatus, SharingMethod, SupersessionReason
from tests.build import cases, decisions, route
from tests.build import sharing as build
from tests.build.cast import Cast, make_cast
from tests.build.intakes import ABOUT_MANAGER, ADULT, EMERGENCY, PLAIN
from tests.build.sharing import SIGNED_AT, TRIAGED_AT, fresh, holder_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def test_i01_whoever_holds_it_leaves_and_somebody_fit_holds_it(cast: Cast) -> None:
    """I1: exactly one holder before and after; never the one who has a conflict."""
    concern = route.triage(cast)
    services.declare_conflict(concern_id=concern.pk, by=cast.gwen, words="My cousin.", at=SIGNED_AT)
    held = Assignment.objects.get(concern=concern, ended_at__isnull=True)
    assert held.holder_id == fresh(concern).responsible_id
    assert held.holder in (cast.dev, cast.nadia)


def test_i02_what_is_past_its_time_is_flagged_and_has_gone_up(cast: Cast) -> None:
    """I2: not decided within one and a half times T3 (24 hours), so the next rung holds it."""
    concern = route.triage(cast)
    late = TRIAGED_AT + timedelta(hours=37)
    sweep(at=late)
    assert concern.deadlines.get(kind=ClockKind.TRIAGE, met_at=None, dropped_at=None).level == 2
    assert fresh(concern).responsible in (cast.dev, cast.nadia)


def test_i03_an_implicated_manager_finds_nothing_anywhere(cast: Cast, client: Client) -> None:
    """I3: no page, no count, no hit, no message."""
    concern = cases.submitted(cast, intake=ABOUT_MANAGER, by=cast.priya)
    sweep(at=cases.AT + timedelta(days=3))
    client.force_login(cast.colin, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(concern.get_absolute_url()).status_code == 404
    for page in ("/", "/search/"):
        assert concern.ref not in client.get(page).content.decode()
    found = client.post("/search/", {"text": concern.ref}, follow=True).content.decode()
    assert "Her bank card" not in found
    assert concern.get_absolute_url() not in found
    assert not OutboxMessage.objects.filter(recipient_id=cast.colin.pk).exists()
    assert Assignment.objects.filter(holder=cast.colin).count() == 0


def test_i04_the_table_is_the_only_way(cast: Cast) -> None:
    """I4: reported is never closed in one step; tests/integration/concerns/test_every_triple.py tries every pair."""
    concern = route.submitted(cast)
    with pytest.raises(Exception, match="can’t be done now"):
        services.propose_closure(concern_id=concern.pk, closure=cases.CLOSURE, by=cast.gwen, at=SIGNED_AT)
    assert fresh(concern).state == State.SUBMITTED


def test_i05_a_condition_that_fails_after_the_proposal_still_stops_the_closing(cast: Cast) -> None:
    """I5: the second person's agreement asks all of 2.6 once more."""
    concern = route.closure_review(cast)
    person = cases.person_on(concern)
    services.update_person(
        concern_id=concern.pk, involvement_id=person.pk, values={"risk_level": "critical"}, by=cast.gwen, at=route.NOW
    )
    with pytest.raises(Exception, match="critical risk"):
        services.agree_closure(concern_id=concern.pk, words="Agreed.", by=cast.ruth, at=route.NOW)
    assert fresh(concern).state == State.CLOSURE_REVIEW


def test_i06_nobody_is_both_people(cast: Cast) -> None:
    """I6: not for a decision, not for closing, not for what leads ask of each other."""
    decided, record = build.not_shared(cast)
    services.hand_on(concern_id=decided.pk, to=cast.dev, note="Yours.", by=cast.gwen, at=SIGNED_AT)
    with pytest.raises(NotAllowed):
        sharing.give_second_view(record_id=record.pk, is_agreed=True, comment="Yes.", by=cast.gwen, at=SIGNED_AT)
    closing = route.closure_review(cast)
    with pytest.raises(NotAllowed):
        services.agree_closure(concern_id=closing.pk, words="Yes.", by=cast.gwen, at=route.NOW)
    error = route.submitted(cast)
    with pytest.raises(NotAllowed, match="somebody else"):
        route.enter_in_error(error, asked_by=cast.ruth, agreed_by=cast.ruth, at=route.NOW)


def refused_by_the_database(sql: str, parameters: list[Any]) -> None:
    def attempt() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            connection.check_constraints()

    with pytest.raises(DatabaseError):
        attempt()


def test_i07_a_signed_decision_never_changes_and_has_one_newest_version(cast: Cast) -> None:
    """I7: not a byte by SQL; of two people who begin the next version, one is told that it has been begun."""
    concern, record, _ = build.shared(cast)
    before = SignedRecord.objects.filter(pk=record.pk).values().get()
    refused_by_the_database("UPDATE sharing_signedrecord SET digest = %s WHERE id = %s", ["0" * 64, record.pk])
    begun = sharing.start_new_version(
        record_id=record.pk, reason=SupersessionReason.NEW_INFORMATION, words="Her son is back.", by=cast.gwen,
        at=route.NOW,
    )  # fmt: skip
    with pytest.raises(ChangedMeanwhile):
        sharing.start_new_version(
            record_id=record.pk, reason=SupersessionReason.ERROR, words="A slip.", by=cast.gwen, at=route.NOW
        )
    newest = sharing.sign_decision(decision_id=begun.pk, seen_edit=begun.edit, by=cast.gwen, at=route.NOW)
    in_force = Decision.objects.filter(concern=concern, status=DecisionStatus.SIGNED)
    assert [row.version for row in in_force] == [2]
    assert (newest.ref, newest.version) == (record.ref, 2)
    assert SignedRecord.objects.filter(pk=record.pk).values().get() == before


def call(at: datetime) -> sharing.DirectCall:
    return sharing.DirectCall(
        agency_name="Larkshire police", agency_kind=AgencyKind.POLICE, spoken_to="Control room", told_at=at,
        method=SharingMethod.PHONE, what_was_said="That he was at the door.",
    )  # fmt: skip


def test_i08_what_was_said_first_has_a_decision_within_24_hours_or_is_flagged(cast: Cast) -> None:
    """I8: until it is decided, a clock runs for it; when the clock is missed it is flagged; a decision stops it."""
    concern = route.triage(cast)
    told = SIGNED_AT - timedelta(minutes=30)
    sharing.record_direct_referral(concern_id=concern.pk, call=call(told), by=cast.amara, at=told)
    undecided = Disclosure.objects.get(record__isnull=True, referral__record__isnull=True)
    clock = concern.deadlines.get(kind=ClockKind.RETROSPECTIVE, about=undecided.referral.ref)
    assert clock.due_at == told + timedelta(hours=24)
    with transaction.atomic():
        sweep(at=told + timedelta(hours=24))
        clock.refresh_from_db()
        assert clock.level == 1
        transaction.set_rollback(True)
    build.signed(concern, decisions.agreed(), agency=build.adult_care(cast))
    clock.refresh_from_db()
    assert clock.met_at == SIGNED_AT
    assert not Disclosure.objects.filter(record__isnull=True, referral__record__isnull=True).exists()


AGAINST = decisions.against_a_refusal()


@pytest.mark.parametrize(
    ("lacks", "record"),
    [
        ("ground", decisions.change(AGAINST, grounds=decisions.grounds())),
        (
            "reason for the ground",
            decisions.change(
                AGAINST, grounds=decisions.grounds(C2=dataclasses.replace(AGAINST.ground("C2"), evidence=""))
            ),
        ),
        ("reason", decisions.change(AGAINST, reasons=decisions.change(AGAINST.reasons, reasons=""))),
        ("proportionality", decisions.change(AGAINST, reasons=Reasons(reasons=decisions.LONG))),
        (
            "whether they were told",
            decisions.change_first_person(
                AGAINST, informed=dataclasses.replace(AGAINST.people[0].informed, answer="", on=None)
            ),
        ),
    ],
)
def test_i09_without_agreement_nothing_is_shared_for_want_of_one_answer(cast: Cast, lacks: str, record: Record) -> None:
    """I9: ground, reason, proportionality and the answer about telling the person; each alone holds it up."""
    concern = route.triage(cast)
    with pytest.raises(Unsound):
        build.signed(concern, record, agency=build.adult_care(cast))
    assert not SignedRecord.objects.exists(), lacks
    assert fresh(concern).state == State.TRIAGE


NOT_SHARED = decisions.not_shared()


def without_step(code: str) -> Record:
    lines = tuple(
        dataclasses.replace(line, answer="") if line.code == code else line for line in NOT_SHARED.not_sharing.lines
    )
    return decisions.change(NOT_SHARED, not_sharing=dataclasses.replace(NOT_SHARED.not_sharing, lines=lines))


@pytest.mark.parametrize("step", ["D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8"])
def test_i10_not_sharing_needs_every_step(cast: Cast, step: str) -> None:
    """I10: D1 to D8, each answered."""
    concern = route.triage(cast)
    with pytest.raises(Unsound):
        build.signed(concern, without_step(step))
    assert fresh(concern).state == State.TRIAGE


# Signed on 17 March 2026; a medium risk is looked at again within 14 days (T10).
@pytest.mark.parametrize(("review", "is_sound"), [(date(2026, 3, 31), True), (date(2026, 4, 1), False), (None, False)])
def test_i10_not_sharing_is_reviewed_within_the_time_of_its_risk(
    cast: Cast, review: date | None, is_sound: bool
) -> None:
    """I10: the date of the review is asked for and bounded by the level of risk."""
    concern = route.triage(cast)
    record = decisions.change(NOT_SHARED, decision=dataclasses.replace(NOT_SHARED.decision, review_date=review))
    if is_sound:
        assert build.signed(concern, record).review_date == review
    else:
        with pytest.raises(Unsound):
            build.signed(concern, record)


def test_i11_each_change_of_a_whole_journey_is_in_the_ledger_and_the_chain_holds(cast: Cast) -> None:
    """I11: every single act adds its events in the order in which it was done; sealed, all of them verify."""
    codes: list[list[str]] = []

    def did(act: Any, **kwargs: Any) -> Any:
        last = Event.objects.aggregate(last=models.Max("pk"))["last"] or 0
        done = act(**kwargs)
        new = Event.objects.filter(pk__gt=last).exclude(code="concern.clock_started").order_by("pk")
        codes.append(list(new.values_list("code", flat=True)))
        return done

    concern = did(services.raise_concern, intake=PLAIN, by=cast.amara, at=TRIAGED_AT)
    pk = concern.pk
    did(services.acknowledge, concern_id=pk, by=cast.gwen, at=TRIAGED_AT, has_conflict=False)
    did(services.record_triage, concern_id=pk, findings=cases.findings_for(concern), by=cast.gwen, at=TRIAGED_AT)
    record = did(build.signed, concern=concern, record=decisions.not_shared())
    at = SIGNED_AT + timedelta(hours=1)
    did(sharing.give_second_view, record_id=record.pk, is_agreed=True, comment="Agreed.", by=cast.ruth, at=at)
    did(cases.answer_outcomes, concern=fresh(concern), at=at)
    did(services.propose_closure, concern_id=pk, closure=cases.CLOSURE, by=cast.gwen, at=at)
    did(services.agree_closure, concern_id=pk, words="Agreed.", by=cast.dev, at=at)
    did(services.reopen, concern_id=pk, reason="Her son is back.", by=cast.ruth, at=at)
    assert codes == [
        ["concern.person_added", "concern.person_added", "concern.raised", "concern.assigned"],
        ["concern.no_conflict_declared", "concern.acknowledged"],
        ["concern.triaged"],
        [
            "sharing.decision_started",
            "sharing.decision_saved",
            "sharing.decision_signed",
            "concern.not_sharing_proposed",
        ],
        ["sharing.second_agreed", "concern.not_sharing_agreed"],
        ["concern.person_changed"],
        ["concern.closure_proposed"],
        ["concern.closed"],
        ["concern.reopened", "concern.assigned"],
    ]
    of_concern = Event.objects.filter(concern_id=pk)
    clocks = of_concern.filter(code="concern.clock_started").count()
    # The review came forward twice: by the level of risk, and to the date that the decision names.
    assert clocks == Deadline.objects.filter(concern=pk).count() + 2
    assert of_concern.count() == clocks + sum(len(each) for each in codes)
    moves = ["acknowledged", "not_sharing_proposed", "not_sharing_agreed", "closure_proposed", "closed", "reopened"]
    assert of_concern.filter(code__in=[f"concern.{move}" for move in moves]).count() == len(moves)
    assert Assignment.objects.filter(concern=pk).count() == of_concern.filter(code="concern.assigned").count()
    assert Triage.objects.filter(concern=pk).count() == of_concern.filter(code="concern.triaged").count()
    assert SecondView.objects.filter(record=record).count() == of_concern.filter(code="sharing.second_agreed").count()
    seal(at=at)
    result = verify()
    assert result.is_sound
    assert (result.events, result.unsealed) == (Event.objects.count(), 0)
    call_command("verify_ledger")


def test_i12_no_limit_moves_later_by_reassigning_joining_or_reopening(cast: Cast) -> None:
    """I12: the earlier limit stays when a later report is joined, handed on and taken apart again."""
    early = route.triage(cast)
    due = early.deadlines.get(kind=ClockKind.TRIAGE, met_at=None).due_at
    later = cases.acknowledged(cast, by=cast.sian, at=TRIAGED_AT + timedelta(hours=5))
    at = TRIAGED_AT + timedelta(hours=6)

    def triage_due(concern: Concern) -> datetime:
        return Deadline.objects.get(concern=concern, kind=ClockKind.TRIAGE, met_at=None, dropped_at=None).due_at

    services.merge(concern_id=early.pk, into_id=later.pk, reason="One visit.", by=cast.ruth, at=at)
    assert triage_due(later) == due
    services.hand_on(concern_id=later.pk, to=cast.dev, note="Yours.", by=cast.gwen, at=at)
    assert triage_due(later) == due
    services.separate(concern_id=early.pk, reason="Two flats.", by=cast.ruth, at=at)
    assert triage_due(early) == due


def test_i12_what_nobody_can_acknowledge_any_more_is_not_timed(cast: Cast) -> None:
    """I12, I2: a new report joined to one that was taken apart again brings no T2, which nothing could ever meet."""
    survivor = route.merged(cast)
    services.separate(concern_id=survivor.pk, reason="Two flats.", by=cast.ruth, at=route.NOW)
    late = cases.submitted(cast, at=route.NOW)
    services.merge(concern_id=late.pk, into_id=survivor.pk, reason="One visit.", by=cast.ruth, at=route.NOW)
    running = Deadline.objects.filter(concern=survivor, met_at__isnull=True, dropped_at__isnull=True)
    assert fresh(survivor).state == State.TRIAGE
    assert {"T3", "T10"} <= set(running.values_list("kind", flat=True))
    assert not running.filter(kind=ClockKind.ACKNOWLEDGE).exists()


def test_i13_the_stricter_restriction_binds_both(cast: Cast) -> None:
    """I13: joined to an open one, the open one is restricted; taken apart, neither is looser."""
    hidden = cases.submitted(cast, intake=ABOUT_MANAGER, by=cast.priya, at=TRIAGED_AT)
    other = cases.submitted(cast, by=cast.tomasz, at=TRIAGED_AT)
    services.merge(concern_id=hidden.pk, into_id=other.pk, reason="One visit.", by=cast.ruth, at=SIGNED_AT)
    services.separate(concern_id=hidden.pk, reason="Two flats.", by=cast.ruth, at=SIGNED_AT)
    assert fresh(hidden).is_restricted
    assert fresh(other).is_restricted
    assert not Concern.objects.visible_to(cast.colin).exists()


def test_i14_no_message_of_a_whole_journey_names_anybody(cast: Cast) -> None:
    """I14: what waits to be sent holds a reference and a link."""
    concern = route.closed(cast)
    services.say_not_satisfied(concern_id=concern.pk, words="Jean still has no card.", by=cast.amara, at=route.NOW)
    messages = list(OutboxMessage.objects.values())
    assert len(messages) > 3
    for message in messages:
        assert not any(word in str(message) for word in ("Jean", "Darren", "Ashworth", "Mill Lane", "bank card"))


def test_i15_nothing_disposes_of_a_concern_or_of_what_was_signed(cast: Cast) -> None:
    """I15: there is no disposal yet, and neither the models nor the database let such a row go, open or closed."""
    for concern in (route.triage(cast), route.closed(cast)):
        with pytest.raises(ProtectedError), transaction.atomic():
            concern.delete()
        refused_by_the_database("DELETE FROM concerns_concern WHERE id = %s", [concern.pk])
    record = SignedRecord.objects.get()
    refused_by_the_database("DELETE FROM sharing_signedrecord WHERE id = %s", [record.pk])
    refused_by_the_database("DELETE FROM sharing_secondview WHERE record_id = %s", [record.pk])
    refused_by_the_database("DELETE FROM audit_event WHERE concern_id = %s", [record.concern_id])
    assert Concern.objects.count() == 2


def test_i16_the_last_lead_stays(cast: Cast) -> None:
    """I16: with the deputy gone, the lead can't be deactivated."""
    deactivate_person(person=cast.imran, reason="Left", by=cast.bea, at=SIGNED_AT)
    with pytest.raises(Exception, match="lead"):
        deactivate_person(person=cast.ruth, reason="Left", by=cast.bea, at=SIGNED_AT)
    assert User.objects.get(pk=cast.ruth.pk).is_active


def test_i17_after_two_days_without_a_sweep_one_run_makes_up_and_a_second_does_nothing(cast: Cast) -> None:
    """I17: tests/proof/test_killed_worker.py does the same with a worker that dies."""
    concern = route.submitted(cast)
    late = TRIAGED_AT + timedelta(days=2)
    sweep(at=late)
    after_one = (Event.objects.count(), OutboxMessage.objects.count(), Assignment.objects.count())
    sweep(at=late)
    assert (Event.objects.count(), OutboxMessage.objects.count(), Assignment.objects.count()) == after_one
    assert Assignment.objects.filter(concern=concern).count() == 2


def test_i18_999_is_never_behind_anything(cast: Cast, client: Client) -> None:
    """I18: the number stands on pages that need no sign-in, and a call is recorded in any state by who may read it."""
    signed_out = client.get(reverse("account_login")).content.decode()
    assert "999" in signed_out
    client.force_login(cast.quinn, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "999" in client.get("/").content.decode()
    assert "999" in client.get(reverse("concerns:start-raise")).content.decode()
    # In danger, one sentence and no name is enough.
    few = dataclasses.replace(EMERGENCY, people=(dataclasses.replace(ADULT, name="", address=""),))
    assert services.raise_concern(intake=few, by=cast.quinn, at=TRIAGED_AT).is_emergency
    for place in (route.submitted, route.awaiting_second, route.disputed, route.closed):
        concern = place(cast)
        sharing.record_direct_referral(concern_id=concern.pk, call=call(SIGNED_AT), by=cast.amara, at=route.NOW)
        assert Disclosure.objects.filter(referral__concern=concern, referral__is_direct=True).count() == 1


@pytest.mark.parametrize(("born", "stage"), [(date(2008, 3, 18), "child"), (date(2008, 3, 17), "adult")])
def test_i19_a_tenant_of_seventeen_is_a_child(cast: Cast, born: date, stage: str) -> None:
    """I19: whatever was reported and whoever holds a tenancy; and what is wrongly typed later changes nothing."""
    tenant = dataclasses.replace(ADULT, stage=LifeStage.ADULT, estimated_age=30, date_of_birth=born, tenancy_ref="T-1")
    concern = cases.acknowledged(cast, intake=dataclasses.replace(PLAIN, people=(tenant,)), at=TRIAGED_AT)
    person = cases.person_on(concern)
    assert (person.life_stage, person.counts_as_child) == (stage, stage == "child")
    services.update_person(
        concern_id=concern.pk, involvement_id=person.pk, by=cast.gwen, at=SIGNED_AT,
        values={"life_stage": "adult", "tenancy_ref": "T-2"},
    )  # fmt: skip
    assert Involvement.objects.get(pk=person.pk).life_stage == stage


def test_i20_whoever_works_here_can_report_and_go_direct(cast: Cast) -> None:
    """I20: every role, the contractor, the volunteer, the auditor and the administrators too."""
    people = [person for person in vars(cast).values() if isinstance(person, User)]
    assert len(people) == 26
    for person in people:
        concern = services.raise_concern(intake=PLAIN, by=person, at=TRIAGED_AT)
        assert fresh(concern).responsible_id not in (None, person.pk)
        direct = sharing.record_direct_referral(concern_id=concern.pk, call=call(TRIAGED_AT), by=person, at=TRIAGED_AT)
        assert direct.state == "sent"
    assert {Implicated.NO} == set(Concern.objects.values_list("implicated", flat=True))
    assert holder_of(Concern.objects.earliest("pk")).is_active
