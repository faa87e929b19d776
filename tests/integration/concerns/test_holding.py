"""Who holds a concern, and who is told, through the real services (R27-R31, R36-R45)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Absence, User
from accounts.services import record_absence
from accounts.vocabulary import AbsenceKind
from audit.models import Event
from concerns import services
from concerns.models import Concern, Conflict, Deadline, Draft
from concerns.services.sweeping import sweep
from concerns.vocabulary import ClockKind, HolderCause, Implicated, State
from safeguarding.kit.errors import ChangedMeanwhile, NotAllowed, NotNow, Unsound
from safeguarding.kit.models import OutboxMessage
from tests.build import route
from tests.build.cast import Cast, make_cast
from tests.build.intakes import ABOUT_MANAGER, EMERGENCY, PLAIN, URGENT

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 9, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def away(person: User, at: datetime, days: int = 5) -> None:
    record_absence(
        person=person,
        kind=AbsenceKind.LEAVE,
        starts_at=at - timedelta(days=1),
        ends_at=at + timedelta(days=days),
        by=person,
        at=at - timedelta(days=2),
    )


def told(concern: Concern) -> set[int]:
    return set(OutboxMessage.objects.filter(reference=concern.ref).values_list("recipient_id", flat=True))


def due(concern: Concern, kind: ClockKind) -> datetime:
    return Deadline.objects.get(concern=concern, kind=kind, met_at=None, dropped_at=None).due_at


def can_read(user: User, concern: Concern) -> bool:
    fresh = User.objects.get(pk=user.pk)
    return Concern.objects.visible_to(fresh).filter(pk=concern.pk).exists()


def test_the_line_manager_holds_it_and_is_told(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    assert concern.responsible == cast.gwen
    assert concern.responsible_cause == HolderCause.LINE_MANAGER
    assert concern.service_area == cast.areas.housing
    assert told(concern) == {cast.gwen.pk}
    assert concern.assignments.get().holder == cast.gwen


def test_in_the_managers_absence_a_champion_of_the_area_holds_it_at_once(cast: Cast) -> None:
    away(cast.gwen, MONDAY)
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    assert concern.responsible in (cast.dev, cast.nadia)
    assert concern.responsible_cause == HolderCause.MANAGER_ABSENT
    assert cast.gwen.pk not in told(concern)


def test_implicated_manager_is_never_told(cast: Cast) -> None:
    concern = services.raise_concern(intake=ABOUT_MANAGER, by=cast.priya, at=MONDAY)
    assert concern.is_restricted
    assert concern.responsible in (cast.femi, cast.saoirse)
    assert Conflict.objects.get(concern=concern).staff == cast.colin
    assert cast.colin.pk not in told(concern)
    assert not can_read(cast.colin, concern)
    # A grant or a later appointment as champion changes nothing: deny beats grant.
    assert can_read(cast.ruth, concern)


def test_other_champions_of_the_area_do_not_read_a_restricted_concern(cast: Cast) -> None:
    concern = services.raise_concern(intake=ABOUT_MANAGER, by=cast.priya, at=MONDAY)
    other = cast.saoirse if concern.responsible == cast.femi else cast.femi
    assert not can_read(other, concern)


def test_hidden_from_the_manager_means_the_manager_never_holds_or_reads_it(cast: Cast) -> None:
    concern = services.raise_concern(intake=replace(PLAIN, is_hidden_from_manager=True), by=cast.amara, at=MONDAY)
    assert concern.responsible in (cast.dev, cast.nadia)
    assert not can_read(cast.gwen, concern)
    with pytest.raises(NotAllowed):
        services.hand_on(concern_id=concern.pk, to=cast.gwen, note="Please take", by=cast.ruth, at=MONDAY)


def test_a_manager_who_is_a_lead_is_kept_out_too_when_the_reporter_asks(cast: Cast) -> None:
    cast.amara.line_manager = cast.ruth
    cast.amara.save()
    concern = services.raise_concern(intake=replace(PLAIN, is_hidden_from_manager=True), by=cast.amara, at=MONDAY)
    assert not can_read(cast.ruth, concern)
    assert cast.ruth.pk not in told(concern)


def test_staff_named_as_source_of_risk_are_barred_and_those_they_manage_are_not_chosen(cast: Cast) -> None:
    intake = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=(cast.helen.pk,))
    concern = services.raise_concern(intake=intake, by=cast.amara, at=MONDAY)
    # Helen manages Gwen and every champion, so the concern goes past all of them to the lead.
    assert concern.responsible == cast.ruth


@pytest.mark.parametrize("named", ["helen", "sunita"])
def test_it_goes_past_the_line_manager_of_whoever_accuses_somebody_above_them(cast: Cast, named: str) -> None:
    """R43: Sunita manages every lead, so that only her direct reports are kept out, and Gwen is far below her. The page
    that says who will be told agrees with what happens.
    """
    intake = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=(getattr(cast, named).pk,))
    preview = services.preview_route(intake=intake, by=cast.amara, at=MONDAY)
    concern = services.raise_concern(intake=intake, by=cast.amara, at=MONDAY)
    assert (preview.holder, preview.cause) == (concern.responsible, HolderCause.MANAGER_IMPLICATED)
    assert concern.responsible_cause == HolderCause.MANAGER_IMPLICATED
    assert concern.responsible in ((cast.dev, cast.nadia) if named == "sunita" else (cast.ruth, cast.imran))
    assert cast.gwen.pk not in told(concern)


def test_nor_does_it_come_to_the_line_manager_later(cast: Cast) -> None:
    """R43: not in an emergency, nor when others decline it, nor from hand to hand."""
    away(cast.gwen, MONDAY, days=1)
    intake = replace(EMERGENCY, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=(cast.sunita.pk,))
    concern = services.raise_concern(intake=intake, by=cast.amara, at=MONDAY)
    assert concern.responsible_cause == HolderCause.MANAGER_IMPLICATED
    later = MONDAY + timedelta(days=2)
    for _ in range(3):
        holder = Concern.objects.get(pk=concern.pk).responsible
        assert holder not in (None, cast.gwen)
        services.decline(concern_id=concern.pk, by=holder, reason="I am ill.", at=later)
    sweep(at=later + HOUR)
    after = Concern.objects.get(pk=concern.pk)
    assert after.responsible not in (None, cast.gwen)
    with pytest.raises(NotAllowed, match="Choose a champion"):
        services.hand_on(concern_id=concern.pk, to=cast.gwen, note="Yours", by=after.responsible, at=later + HOUR)
    assert cast.gwen.pk not in told(concern)


def test_a_contractors_concern_belongs_to_the_area_of_the_contract_manager(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.jakub, at=MONDAY)
    assert concern.service_area == cast.areas.repairs
    assert concern.responsible == cast.leon


def test_somebody_without_a_manager_is_heard_all_the_same(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.quinn, at=MONDAY)
    assert concern.responsible is not None
    assert concern.responsible_cause == HolderCause.NO_MANAGER


def test_an_emergency_tells_manager_champions_and_lead_together(cast: Cast) -> None:
    concern = services.raise_concern(intake=EMERGENCY, by=cast.amara, at=MONDAY)
    assert told(concern) == {cast.gwen.pk, cast.dev.pk, cast.nadia.pk, cast.ruth.pk, cast.imran.pk}


def test_the_first_to_acknowledge_an_emergency_holds_it(cast: Cast) -> None:
    concern = services.raise_concern(intake=EMERGENCY, by=cast.amara, at=MONDAY)
    services.acknowledge(concern_id=concern.pk, by=cast.dev, at=MONDAY, has_conflict=False)
    concern.refresh_from_db()
    assert concern.responsible == cast.dev
    assert concern.state == State.TRIAGE
    with pytest.raises(NotAllowed):
        services.acknowledge(concern_id=concern.pk, by=cast.gwen, at=MONDAY, has_conflict=False)


def test_acknowledging_meets_the_clock_and_twice_is_once(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    services.acknowledge(concern_id=concern.pk, by=cast.gwen, at=MONDAY + HOUR, has_conflict=False)
    services.acknowledge(concern_id=concern.pk, by=cast.gwen, at=MONDAY + HOUR, has_conflict=False)
    assert Deadline.objects.get(concern=concern, kind=ClockKind.ACKNOWLEDGE).met_at == MONDAY + HOUR
    assert Event.objects.filter(concern_id=concern.pk, code="concern.acknowledged").count() == 1


def test_a_declared_conflict_loses_the_case_at_once(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    with pytest.raises(Unsound):
        services.acknowledge(concern_id=concern.pk, by=cast.gwen, at=MONDAY, has_conflict=True)
    services.acknowledge(
        concern_id=concern.pk, by=cast.gwen, at=MONDAY, has_conflict=True, conflict_words="She is my aunt"
    )
    concern.refresh_from_db()
    assert concern.responsible in (cast.dev, cast.nadia)
    assert concern.state == State.SUBMITTED
    assert not can_read(cast.gwen, concern)


def test_a_stranger_and_another_areas_champion_read_nothing(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    for nobody in (cast.sian, cast.mei, cast.alan, cast.bea, cast.helen, cast.amara, cast.jakub):
        assert not can_read(nobody, concern), nobody.full_name
    for reader in (cast.gwen, cast.dev, cast.nadia, cast.ruth, cast.imran, cast.karen):
        assert can_read(reader, concern), reader.full_name


def test_the_manager_reads_it_only_while_holding_it(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    services.hand_on(concern_id=concern.pk, to=cast.dev, note="She trusts Dev", by=cast.gwen, at=MONDAY)
    assert not can_read(cast.gwen, concern)
    concern.refresh_from_db()
    assert concern.responsible == cast.dev
    assert concern.notes.get().text == "She trusts Dev"


def test_a_hand_over_needs_a_note_and_somebody_on_the_ladder(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    with pytest.raises(Unsound):
        services.hand_on(concern_id=concern.pk, to=cast.dev, note=" ", by=cast.gwen, at=MONDAY)
    for wrong in (cast.sian, cast.amara, cast.alan):
        with pytest.raises(NotAllowed):
            services.hand_on(concern_id=concern.pk, to=wrong, note="Over to you", by=cast.gwen, at=MONDAY)
    away(cast.nadia, MONDAY)
    with pytest.raises(NotAllowed, match="away"):
        services.hand_on(concern_id=concern.pk, to=cast.nadia, note="Over to you", by=cast.gwen, at=MONDAY)


def test_a_champion_takes_a_concern_of_the_area(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    services.take(concern_id=concern.pk, by=cast.nadia, at=MONDAY)
    concern.refresh_from_db()
    assert concern.responsible == cast.nadia
    with pytest.raises(NotAllowed):
        services.take(concern_id=concern.pk, by=cast.femi, at=MONDAY)


def test_the_second_of_two_writers_is_told(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    seen = Concern.objects.get(pk=concern.pk).version
    services.take(concern_id=concern.pk, by=cast.nadia, at=MONDAY, seen_version=seen)
    with pytest.raises(ChangedMeanwhile):
        services.take(concern_id=concern.pk, by=cast.dev, at=MONDAY, seen_version=seen)


def test_a_champion_who_reported_it_does_not_hold_it(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.dev, at=MONDAY)
    assert concern.responsible == cast.helen or concern.responsible_id != cast.dev.pk
    with pytest.raises(NotAllowed):
        services.take(concern_id=concern.pk, by=cast.dev, at=MONDAY)


def test_declining_passes_it_up_with_the_reason(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    services.decline(concern_id=concern.pk, by=cast.gwen, at=MONDAY, reason="In court all day")
    concern.refresh_from_db()
    assert concern.responsible in (cast.dev, cast.nadia)
    services.decline(concern_id=concern.pk, by=concern.responsible, at=MONDAY, reason="On my way out")
    concern.refresh_from_db()
    assert concern.responsible in (cast.dev, cast.nadia)


def test_a_draft_sent_twice_makes_one_concern(cast: Cast) -> None:
    draft = Draft.objects.create(owner=cast.amara, started_at=MONDAY, saved_at=MONDAY, answers={"facts": {"a": "b"}})
    first = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY, draft=draft)
    second = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY, draft=draft)
    assert first == second
    assert Concern.objects.count() == 1
    assert Draft.objects.get().answers == {}
    with pytest.raises(NotAllowed):
        services.raise_concern(intake=PLAIN, by=cast.sian, at=MONDAY, draft=draft)


def test_a_concern_needs_some_words_and_somebody_or_somewhere(cast: Cast) -> None:
    with pytest.raises(Unsound) as caught:
        services.raise_concern(intake=replace(PLAIN, facts=" ", people=()), by=cast.amara, at=MONDAY)
    assert set(caught.value.problems) == {"facts", "people"}
    nameless = replace(PLAIN, people=(), is_person_unknown=True)
    concern = services.raise_concern(intake=nameless, by=cast.amara, at=MONDAY)
    assert concern.involvements.get().role == "at_risk"


# --- Time -------------------------------------------------------------------------------------


def test_a_silent_manager_loses_it_to_a_champion_and_it_goes_on_up(cast: Cast) -> None:
    concern = services.raise_concern(intake=URGENT, by=cast.amara, at=MONDAY)
    holders = [concern.responsible]
    for hours in range(1, 9):
        sweep(at=MONDAY + hours * HOUR)
        concern.refresh_from_db()
        if concern.responsible != holders[-1]:
            holders.append(concern.responsible)
    assert holders[0] == cast.gwen
    assert set(holders[1:3]) == {cast.dev, cast.nadia}
    assert concern.state == State.SUBMITTED
    assert len(holders) == 9


def test_the_sweep_twice_does_nothing_twice(cast: Cast) -> None:
    concern = services.raise_concern(intake=URGENT, by=cast.amara, at=MONDAY)
    late = MONDAY + HOUR
    first, second = sweep(at=late), sweep(at=late)
    assert (first.moved, second.moved) == (1, 0)
    assert second.overdue == second.reminded == 0
    assert Event.objects.filter(concern_id=concern.pk, code="concern.passed_on").count() == 1


def test_leave_moves_what_somebody_holds_and_return_does_not_take_it_back(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    services.acknowledge(concern_id=concern.pk, by=cast.gwen, at=MONDAY, has_conflict=False)
    Absence.objects.create(user=cast.gwen, starts_at=MONDAY + HOUR, ends_at=MONDAY + 3 * HOUR, recorded_by=cast.gwen)
    sweep(at=MONDAY + 2 * HOUR)
    concern.refresh_from_db()
    assert concern.responsible in (cast.dev, cast.nadia)
    assert concern.responsible_cause == HolderCause.HOLDER_ABSENT
    sweep(at=MONDAY + 4 * HOUR)
    concern.refresh_from_db()
    assert concern.responsible != cast.gwen


def test_nobody_free_still_leaves_a_named_holder_and_raises_the_alarm(cast: Cast) -> None:
    for person in (cast.gwen, cast.dev, cast.nadia, cast.femi, cast.saoirse, cast.mei, cast.rhys, cast.olu):
        away(person, MONDAY)
    for person in (cast.ruth, cast.imran, cast.karen, cast.martin, cast.sunita):
        away(person, MONDAY)
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    assert concern.responsible == cast.martin
    assert concern.responsible_cause == HolderCause.LADDER_EXHAUSTED
    assert OutboxMessage.objects.filter(kind="concern.nobody_free").exists()
    assert sweep(at=MONDAY + timedelta(minutes=1)).moved == 0


def test_review_reminders_come_before_on_and_after_once_each(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    services.acknowledge(concern_id=concern.pk, by=cast.gwen, at=MONDAY, has_conflict=False)
    due = Deadline.objects.get(concern=concern, kind=ClockKind.REVIEW).due_at
    seen: list[str] = []
    for moment in (
        due - timedelta(days=3),
        due - timedelta(days=1),
        due,
        due + timedelta(days=1),
        due + timedelta(days=9),
    ):
        sweep(at=moment)
        sweep(at=moment)
        kinds = OutboxMessage.objects.filter(kind__startswith="concern.review_").order_by("pk")
        seen = list(kinds.values_list("kind", flat=True))
    assert seen == ["concern.review_soon", "concern.review_due", "concern.review_late"]


def test_after_a_week_without_a_sweep_one_reminder_says_it_all(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    services.acknowledge(concern_id=concern.pk, by=cast.gwen, at=MONDAY, has_conflict=False)
    due = Deadline.objects.get(concern=concern, kind=ClockKind.REVIEW).due_at
    sweep(at=due + timedelta(days=7))
    sweep(at=due + timedelta(days=8))
    assert list(OutboxMessage.objects.filter(kind__startswith="concern.review_").values_list("kind", flat=True)) == [
        "concern.review_late"
    ]


# --- The reporter -----------------------------------------------------------------------------


def test_the_reporter_can_add_and_the_holder_is_told(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    for _ in range(2):
        services.add_to_report(concern_id=concern.pk, text="I forgot", form_key="k1", by=cast.amara, at=MONDAY + HOUR)
    assert concern.notes.count() == 1
    with pytest.raises(NotAllowed):
        services.add_to_report(concern_id=concern.pk, text="Me too", form_key="k2", by=cast.sian, at=MONDAY)


def test_not_satisfied_goes_to_somebody_fresh_never_the_manager(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    services.acknowledge(concern_id=concern.pk, by=cast.gwen, at=MONDAY, has_conflict=False)
    row = services.say_not_satisfied(concern_id=concern.pk, words="He says all is fine", by=cast.amara, at=MONDAY)
    assert row.reviewer in (cast.dev, cast.nadia)
    assert services.say_not_satisfied(concern_id=concern.pk, words="Again", by=cast.amara, at=MONDAY) == row
    with pytest.raises(NotAllowed):
        services.answer_dissatisfaction(concern_id=concern.pk, is_upheld=False, answer="No", by=cast.gwen, at=MONDAY)
    services.answer_dissatisfaction(
        concern_id=concern.pk, is_upheld=True, answer="You were right to ask.", by=row.reviewer, at=MONDAY + HOUR
    )
    with pytest.raises(NotNow):
        services.answer_dissatisfaction(
            concern_id=concern.pk, is_upheld=True, answer="Twice", by=row.reviewer, at=MONDAY
        )
    # T13: still not satisfied, it goes up to a senior manager, who has two working days.
    again = services.say_not_satisfied(
        concern_id=concern.pk, words="Nothing has changed", by=cast.amara, at=MONDAY + 2 * HOUR
    )
    assert (again.reviewer, again.is_with_senior) == (cast.martin, True)
    assert due(concern, ClockKind.DISSATISFACTION) == MONDAY + 2 * HOUR + timedelta(days=2)


def test_whoever_gave_a_second_view_does_not_look_at_it_afresh(cast: Cast) -> None:
    """2.5: somebody not involved before. Ruth agreed not to share and Nadia to close; Dev is a friend of the family."""
    concern = route.closed(cast)
    services.declare_conflict(concern_id=concern.pk, by=cast.dev, words="A friend", at=route.NOW)
    row = services.say_not_satisfied(concern_id=concern.pk, words="He says all is fine", by=cast.amara, at=route.NOW)
    assert row.reviewer == cast.imran


def test_a_reporter_who_gets_no_answer_is_answered_by_a_senior_manager(cast: Cast) -> None:
    """T13: one working day for the champion, then two for the designated senior manager; asked once."""
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    services.acknowledge(concern_id=concern.pk, by=cast.gwen, at=MONDAY, has_conflict=False)
    row = services.say_not_satisfied(concern_id=concern.pk, words="He says all is fine", by=cast.amara, at=MONDAY)
    first = row.reviewer
    sweep(at=MONDAY + timedelta(days=1) - HOUR)
    row.refresh_from_db()
    assert row.reviewer == first
    late = MONDAY + timedelta(days=1, hours=1)
    for _ in range(2):
        sweep(at=late)
    row.refresh_from_db()
    assert (row.reviewer, row.is_with_senior) == (cast.martin, True)
    assert due(concern, ClockKind.DISSATISFACTION) == late + timedelta(days=2)
    told = OutboxMessage.objects.filter(kind="concern.not_satisfied")
    assert list(told.order_by("pk").values_list("recipient_id", flat=True)) == [first.pk, cast.martin.pk]
    with pytest.raises(NotAllowed):
        services.answer_dissatisfaction(concern_id=concern.pk, is_upheld=False, answer="Late", by=first, at=late)
    services.answer_dissatisfaction(concern_id=concern.pk, is_upheld=True, answer="Yes", by=cast.martin, at=late)


def test_no_message_names_anyone(cast: Cast) -> None:
    concern = services.raise_concern(intake=EMERGENCY, by=cast.amara, at=MONDAY)
    assert OutboxMessage.objects.exists()
    for message in OutboxMessage.objects.all():
        shown = " ".join(str(value) for value in message.__dict__.values())
        for word in ("Jean", "Ashworth", "Mill Lane", "Amara", "bank card"):
            assert word not in shown
        assert message.reference == concern.ref
