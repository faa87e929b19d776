"""Duty, cover, overdue levels, unsent drafts and time limits, through the real services (2.3, 2.4, R28, R40, D1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.services import (
    appoint_champion,
    cancel_shift,
    deactivate_person,
    reactivate_person,
    record_absence,
    record_shift,
)
from accounts.vocabulary import AbsenceKind
from audit.models import Event
from concerns import services
from concerns.limits import LIMITS
from concerns.models import Concern, Deadline, Draft, LimitChange
from concerns.notifications import DRAFT_UNSENT
from concerns.selectors import drafts
from concerns.selectors.drafts import drafts_of
from concerns.selectors.late import late_page
from concerns.selectors.limits import limits_in_force
from concerns.selectors.receipts import receipt_for
from concerns.services.sweeping import sweep
from concerns.vocabulary import ClockKind, HolderCause, RiskLevel, State
from safeguarding.kit import outbox
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from safeguarding.kit.models import OutboxMessage
from safeguarding.kit.outbox import queue
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.intakes import EMERGENCY, PLAIN, URGENT
from tests.build.web import get, post, signed_in, statements

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 9, 10, tzinfo=UTC)
# A Saturday, 22:00 in London.
NIGHT = datetime(2026, 3, 7, 22, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def duty(person: User, cast: Cast, at: datetime, hours: int = 12) -> None:
    record_shift(
        person=person, area=cast.areas.housing, starts_at=at - HOUR, ends_at=at + hours * HOUR, by=cast.ruth, at=at
    )


def leave(person: User, *, at: datetime, cover: User | None = None) -> None:
    record_absence(
        person=person, kind=AbsenceKind.LEAVE, starts_at=at, ends_at=at + 5 * DAY, by=person, at=at, cover=cover
    )


def told(kind: str) -> list[int]:
    return sorted(OutboxMessage.objects.filter(kind=kind).values_list("recipient_id", flat=True))


# --- Duty -------------------------------------------------------------------------------------


def test_the_champion_on_duty_comes_first_however_much_they_hold(cast: Cast) -> None:
    leave(cast.gwen, at=MONDAY - DAY)
    duty(cast.nadia, cast, MONDAY)
    holders = {
        services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY + turn * HOUR).responsible for turn in range(3)
    }
    assert holders == {cast.nadia}


def test_out_of_hours_an_urgent_concern_goes_to_duty_and_a_standard_one_waits(cast: Cast) -> None:
    duty(cast.nadia, cast, NIGHT)
    urgent = services.raise_concern(intake=URGENT, by=cast.amara, at=NIGHT)
    assert (urgent.responsible, urgent.responsible_cause) == (cast.nadia, HolderCause.ON_DUTY)
    standard = services.raise_concern(intake=PLAIN, by=cast.amara, at=NIGHT)
    assert standard.responsible == cast.gwen
    # Four working hours from Monday, nine o'clock.
    assert Deadline.objects.get(concern=standard, kind=ClockKind.ACKNOWLEDGE).due_at == datetime(
        2026, 3, 9, 13, tzinfo=UTC
    )
    assert not receipt_for(urgent.ref, cast.amara, at=NIGHT).is_unattended


def test_where_nobody_is_on_duty_the_sender_is_told_what_to_ring_and_somebody_holds_it(cast: Cast) -> None:
    assert services.preview_route(intake=URGENT, by=cast.amara, at=NIGHT).is_unattended
    assert not services.preview_route(intake=PLAIN, by=cast.amara, at=NIGHT).is_unattended
    assert not services.preview_route(intake=URGENT, by=cast.amara, at=MONDAY).is_unattended
    concern = services.raise_concern(intake=URGENT, by=cast.amara, at=NIGHT)
    assert concern.responsible == cast.gwen
    page = get(f"/reports/{concern.ref}/", cast.amara, at=NIGHT).content.decode()
    assert "Nobody is on duty now. Ring the duty line now" in page
    assert "Nobody is on duty now" not in get(f"/reports/{concern.ref}/", cast.amara, at=MONDAY).content.decode()


def test_an_emergency_tells_manager_duty_champion_and_lead_and_the_manager_may_be_first(cast: Cast) -> None:
    duty(cast.nadia, cast, NIGHT)
    concern = services.raise_concern(intake=EMERGENCY, by=cast.amara, at=NIGHT)
    assert concern.responsible == cast.nadia
    assert told("concern.emergency") == sorted(p.pk for p in (cast.nadia, cast.gwen, cast.ruth, cast.imran))
    services.acknowledge(concern_id=concern.pk, by=cast.gwen, at=NIGHT, has_conflict=False)
    concern.refresh_from_db()
    assert (concern.responsible, concern.state) == (cast.gwen, State.TRIAGE)


def test_an_emergency_that_nobody_acknowledges_reaches_the_senior_manager_once(cast: Cast) -> None:
    concern = services.raise_concern(intake=EMERGENCY, by=cast.amara, at=MONDAY)
    sweep(at=MONDAY + timedelta(minutes=14, seconds=59))
    assert told("concern.emergency_unanswered") == []
    sweep(at=MONDAY + timedelta(minutes=15))
    sweep(at=MONDAY + timedelta(minutes=45))
    assert told("concern.emergency_unanswered") == [cast.martin.pk]
    page = get("/late/", cast.martin, at=MONDAY + HOUR).content.decode()
    assert concern.ref in page
    assert "Emergency that nobody has acknowledged" in page
    assert f'href="{concern.get_absolute_url()}"' not in page


def test_shifts_are_kept_by_oneself_or_a_lead(cast: Cast) -> None:
    shift: dict[str, Any] = {
        "area": cast.areas.housing,
        "starts_at": MONDAY,
        "ends_at": MONDAY + 8 * HOUR,
        "at": MONDAY,
    }
    record_shift(person=cast.dev, by=cast.dev, **shift)
    with pytest.raises(Unsound, match="not saved"):
        record_shift(person=cast.dev, by=cast.dev, **shift)
    with pytest.raises(NotAllowed, match="your own"):
        record_shift(person=cast.nadia, by=cast.dev, **shift)
    with pytest.raises(NotAllowed, match="Only a champion"):
        record_shift(person=cast.femi, by=cast.ruth, **shift)
    with pytest.raises(Unsound):
        record_shift(person=cast.nadia, by=cast.ruth, **{**shift, "ends_at": MONDAY})
    assert Event.objects.filter(code="accounts.duty_recorded").count() == 1


def test_a_shift_that_runs_is_cut_short(cast: Cast) -> None:
    record_shift(
        person=cast.dev, area=cast.areas.housing, starts_at=MONDAY, ends_at=MONDAY + 8 * HOUR, by=cast.dev, at=MONDAY
    )
    shift = cast.dev.duty_shifts.get()
    cancel_shift(shift=shift, by=cast.ruth, at=MONDAY + HOUR)
    shift.refresh_from_db()
    assert (shift.ends_at, shift.cancelled_at) == (MONDAY + HOUR, None)
    event = Event.objects.get(code="accounts.duty_cut_short")
    assert (event.actor_id, event.subject_id, event.data) == (cast.ruth.pk, cast.dev.pk, {"area": "housing"})


def test_the_rota_is_kept_through_its_pages(cast: Cast) -> None:
    day = {"starts_at_0": "9", "starts_at_1": "3", "starts_at_2": "2026", "ends_at_0": "10", "ends_at_1": "3"}
    answers = {**day, "ends_at_2": "2026", "starts_time": "17:00", "ends_time": "9am"}
    assert post("/account/duty/add/", cast.dev, answers, at=MONDAY).status_code == 302
    page = get("/account/duty/", cast.sian, at=MONDAY).content.decode()
    assert "Dev Patel" in page
    assert "9 March 2026, 5:00pm" in page
    assert "Add a shift" not in page
    wrong = post("/account/duty/add/", cast.dev, {**answers, "starts_time": "late"}, at=MONDAY).content.decode()
    assert "Enter a time, for example 17:00 or 5pm." in wrong
    assert post("/account/duty/add/", cast.sian, answers, at=MONDAY).status_code == 302
    assert cast.dev.duty_shifts.count() == 1
    shift = cast.dev.duty_shifts.get()
    post("/account/duty/cancel/", cast.nadia, {"shift": str(shift.pk)}, at=MONDAY)
    shift.refresh_from_db()
    assert shift.cancelled_at is None
    post("/account/duty/cancel/", cast.ruth, {"shift": str(shift.pk)}, at=MONDAY)
    shift.refresh_from_db()
    assert shift.cancelled_at == MONDAY


# --- Leave, cover, leaving for good -------------------------------------------------------------


def test_leave_moves_what_somebody_holds_at_once_to_their_cover_first(cast: Cast) -> None:
    concern = cases.acknowledged(cast, holder=cast.dev, at=MONDAY)
    leave(cast.dev, at=MONDAY + HOUR, cover=cast.mei)
    concern.refresh_from_db()
    assert (concern.responsible, concern.responsible_cause) == (cast.mei, HolderCause.HOLDER_ABSENT)
    assert not Concern.objects.visible_to(User.objects.get(pk=cast.gwen.pk)).exists()


def test_leave_to_come_moves_it_when_it_begins(cast: Cast) -> None:
    concern = cases.acknowledged(cast, holder=cast.dev, at=MONDAY)
    record_absence(
        person=cast.dev, starts_at=MONDAY + DAY, ends_at=MONDAY + 3 * DAY, by=cast.dev, at=MONDAY, cover=cast.mei
    )
    sweep(at=MONDAY + DAY - timedelta(seconds=1))
    assert Concern.objects.get(pk=concern.pk).responsible == cast.dev
    sweep(at=MONDAY + DAY)
    assert Concern.objects.get(pk=concern.pk).responsible == cast.mei


def test_a_managers_cover_counts_only_when_they_are_a_champion_or_lead(cast: Cast) -> None:
    with pytest.raises(Unsound):
        leave(cast.gwen, at=MONDAY, cover=cast.leon)
    leave(cast.gwen, at=MONDAY, cover=cast.mei)
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    assert (concern.responsible, concern.responsible_cause) == (cast.mei, HolderCause.COVERING)


def test_deactivating_somebody_moves_each_concern_first(cast: Cast) -> None:
    held = [cases.acknowledged(cast, holder=cast.dev, at=MONDAY + turn * HOUR).pk for turn in range(2)]
    deactivate_person(person=cast.dev, reason="Left", by=cast.bea, at=MONDAY + 5 * HOUR)
    for concern in Concern.objects.filter(pk__in=held):
        assert concern.responsible == cast.nadia
        assert concern.responsible_cause == HolderCause.HOLDER_ABSENT
    assert not User.objects.get(pk=cast.dev.pk).is_active


def test_the_last_lead_cannot_be_deactivated_and_keeps_what_they_hold(cast: Cast) -> None:
    deactivate_person(person=cast.imran, reason="Left", by=cast.bea, at=MONDAY)
    concern = cases.acknowledged(cast, holder=cast.ruth, at=MONDAY)
    with pytest.raises(NotNow, match="last safeguarding lead"):
        deactivate_person(person=cast.ruth, reason="Left", by=cast.bea, at=MONDAY + HOUR)
    assert Concern.objects.get(pk=concern.pk).responsible == cast.ruth


# --- Overdue ------------------------------------------------------------------------------------


def triage_due(concern: Concern) -> Deadline:
    return Deadline.objects.get(concern=concern, kind=ClockKind.TRIAGE)


def test_levels_are_reached_at_the_limit_at_one_and_a_half_times_and_at_twice(cast: Cast) -> None:
    concern = cases.acknowledged(cast, at=MONDAY)  # 24 hours for an adult, so Tuesday 10:00
    found = []
    for hours in (24, 36, 48):
        for moment in (MONDAY + hours * HOUR - timedelta(seconds=1), MONDAY + hours * HOUR):
            sweep(at=moment)
            concern.refresh_from_db()
            found.append((triage_due(concern).level, concern.responsible == cast.gwen))
    assert found == [(0, True), (1, True), (1, True), (2, False), (2, False), (3, False)]
    assert concern.responsible in (cast.dev, cast.nadia)
    assert concern.responsible_cause == HolderCause.OVERDUE
    assert concern.state == State.TRIAGE
    assert told("concern.long_overdue") == [cast.martin.pk]
    assert not Concern.objects.visible_to(User.objects.get(pk=cast.gwen.pk)).filter(pk=concern.pk).exists()


def test_two_days_without_a_sweep_are_caught_up_in_one_and_nothing_is_done_twice(cast: Cast) -> None:
    concern = cases.acknowledged(cast, at=MONDAY)
    late = MONDAY + 3 * DAY
    sweep(at=late)
    concern.refresh_from_db()
    holder = concern.responsible
    assert holder in (cast.dev, cast.nadia)
    before = (OutboxMessage.objects.count(), Event.objects.count())
    sweep(at=late)
    sweep(at=late + timedelta(minutes=1))
    assert (OutboxMessage.objects.count(), Event.objects.count()) == before
    assert Event.objects.filter(concern_id=concern.pk, code="concern.passed_on").count() == 1
    assert told("concern.long_overdue") == [cast.martin.pk]


def test_responsibility_only_moves_up_and_stays_at_the_top(cast: Cast) -> None:
    concern = cases.acknowledged(cast, holder=cast.ruth, at=MONDAY)
    sweep(at=MONDAY + 2 * DAY)
    concern.refresh_from_db()
    assert concern.responsible in (cast.imran, cast.karen)
    assert concern.state == State.TRIAGE


def test_a_missing_second_view_on_closing_goes_to_the_leads_and_the_holder_keeps_it(cast: Cast) -> None:
    with cases.everyone_decided():
        concern = cases.closing_proposed(cast, at=MONDAY)
    clock = Deadline.objects.get(concern=concern, kind=ClockKind.CLOSURE_VIEW)
    # Nothing else is late, so that whatever moves is moved by this clock.
    services.meet_clock(concern, ClockKind.TRIAGE, at=MONDAY + HOUR)
    holder = concern.responsible
    sweep(at=clock.due_at)
    assert told("concern.overdue") == sorted([cast.ruth.pk, cast.imran.pk])
    sweep(at=clock.due_at + 3 * DAY)
    concern.refresh_from_db()
    assert (concern.responsible, concern.state) == (holder, State.CLOSURE_REVIEW)


def test_time_never_lowers_risk_or_closes(cast: Cast) -> None:
    concern = cases.triaged(cast, level=RiskLevel.CRITICAL, at=MONDAY)
    for days in (1, 3, 30, 95):
        sweep(at=MONDAY + days * DAY)
    concern.refresh_from_db()
    assert concern.is_open
    assert concern.involvements.get(role="at_risk").risk_level == RiskLevel.CRITICAL


def test_a_concern_open_for_28_days_is_looked_at_and_at_90_the_senior_manager_hears(cast: Cast) -> None:
    concern = cases.triaged(cast, at=MONDAY)
    when = MONDAY + 28 * DAY
    with pytest.raises(NotNow):
        services.look_at_long_open(concern_id=concern.pk, words="Waiting", by=cast.ruth, at=when - HOUR)
    sweep(at=when)
    row = next(row for row in late_page(cast.ruth, at=when).rows if row.ref == concern.ref)
    assert row.waits_for_lead
    way = f'href="/concerns/{concern.ref}/long-open/"'
    assert way in get(concern.get_absolute_url(), cast.ruth, at=when).content.decode()
    assert way not in get(concern.get_absolute_url(), cast.karen, at=when).content.decode()
    with pytest.raises(NotAllowed):
        services.look_at_long_open(concern_id=concern.pk, words="Waiting", by=cast.karen, at=when)
    services.look_at_long_open(concern_id=concern.pk, words="Waiting for the council", by=cast.ruth, at=when)
    running = Deadline.objects.get(concern=concern, kind=ClockKind.OPEN_TOO_LONG, met_at__isnull=True)
    assert running.due_at == when + 28 * DAY
    sweep(at=MONDAY + 90 * DAY - timedelta(seconds=1))
    assert told("concern.open_very_long") == []
    sweep(at=MONDAY + 90 * DAY)
    sweep(at=MONDAY + 91 * DAY)
    assert told("concern.open_very_long") == [cast.martin.pk]


def test_the_late_page_costs_a_constant_number_of_statements(cast: Cast) -> None:
    costs = []
    for _ in range(2):
        for turn in range(3):
            cases.acknowledged(cast, at=MONDAY + turn * HOUR)
        sweep(at=MONDAY + 5 * DAY)
        client = signed_in(cast.ruth)
        client.get("/late/")
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/late/").status_code == 200
        costs.append(len(statements(captured)))
    assert costs[0] == costs[1]
    assert costs[0] <= 12


# --- Unsent drafts ------------------------------------------------------------------------------


def draft(cast: Cast, **answers: list[str]) -> Draft:
    pages = {"facts": {"facts": ["The cupboards were empty"]}, "staff": answers} if answers else {"facts": {"f": ["x"]}}
    return Draft.objects.create(owner=cast.amara, started_at=MONDAY, saved_at=MONDAY, answers=pages)


def test_an_unsent_draft_is_reminded_of_and_the_champions_hear_at_the_end_of_the_day(cast: Cast) -> None:
    draft(cast, implicated=["no"])
    sweep(at=MONDAY + 2 * HOUR - timedelta(seconds=1))
    assert told("concern.draft_waits") == []
    for moment in (MONDAY + 2 * HOUR, MONDAY + 3 * HOUR, MONDAY + 7 * HOUR - timedelta(seconds=1)):
        sweep(at=moment)
    assert (told("concern.draft_waits"), told("concern.draft_unsent")) == ([cast.amara.pk], [])
    for moment in (MONDAY + 7 * HOUR, MONDAY + 9 * HOUR):
        sweep(at=moment)
    assert told("concern.draft_unsent") == sorted([cast.dev.pk, cast.nadia.pk])
    page = get("/late/", cast.dev, at=MONDAY + 8 * HOUR).content.decode()
    assert "Amara Okafor" in page
    assert "cupboards" not in page
    assert "Amara Okafor" not in get("/late/", cast.femi, at=MONDAY + 8 * HOUR).content.decode()


def test_a_draft_about_staff_is_told_to_leads_only_never_to_whoever_it_names(cast: Cast) -> None:
    draft(cast, implicated=["other_staff"], staff_ids=[str(cast.ruth.pk)])
    sweep(at=MONDAY + 8 * HOUR)
    assert told("concern.draft_unsent") == [cast.imran.pk]
    assert "Amara Okafor" not in get("/late/", cast.ruth, at=MONDAY + 8 * HOUR).content.decode()


def test_until_its_writer_says_that_it_is_about_no_staff_leads_alone_hear_of_a_draft(cast: Cast) -> None:
    """I3: it may be about any champion. Somebody is told all the same (D1)."""
    draft(cast)
    sweep(at=MONDAY + 8 * HOUR)
    assert told("concern.draft_unsent") == sorted([cast.ruth.pk, cast.imran.pk])
    assert "Amara Okafor" in get("/late/", cast.ruth, at=MONDAY + 8 * HOUR).content.decode()
    assert "Amara Okafor" not in get("/late/", cast.dev, at=MONDAY + 8 * HOUR).content.decode()


def test_their_own_manager_never_hears_of_a_draft(cast: Cast) -> None:
    """R43: whatever the writer has answered so far, the next page may be about the manager."""
    appoint_champion(person=cast.gwen, area=cast.areas.housing, by=None, at=MONDAY)
    gwen = User.objects.get(pk=cast.gwen.pk)
    asked = draft(cast, implicated=["no"])
    draft(cast)
    # Told of it while she did not manage Amara.
    queue(DRAFT_UNSENT, to=gwen.pk, about=asked.pk, reference="x", path="/late/", key="early", at=MONDAY)
    sweep(at=MONDAY + 8 * HOUR)
    about_asked = OutboxMessage.objects.filter(kind="concern.draft_unsent", about_id=asked.pk).exclude(key="early")
    assert set(about_asked.values_list("recipient_id", flat=True)) == {cast.dev.pk, cast.nadia.pk}
    outbox.deliver_due(at=MONDAY + 8 * HOUR)
    assert gwen.email not in {address for message in mail.outbox for address in message.to}
    assert cast.dev.email in {address for message in mail.outbox for address in message.to}
    assert "Amara Okafor" not in get("/late/", gwen, at=MONDAY + 8 * HOUR).content.decode()


def test_where_the_only_champion_or_the_only_lead_manages_the_writer_the_next_above_hears(cast: Cast) -> None:
    """D1: somebody is always told."""
    Draft.objects.create(
        owner=person_under(cast.mei, cast),
        started_at=MONDAY,
        saved_at=MONDAY,
        answers={"staff": {"implicated": ["no"]}},
    )
    sweep(at=MONDAY + 8 * HOUR)
    assert told("concern.draft_unsent") == sorted([cast.ruth.pk, cast.imran.pk])
    OutboxMessage.objects.all().delete()
    deactivate_person(person=cast.imran, reason="Left", by=cast.bea, at=MONDAY + 9 * HOUR)
    second = Draft.objects.create(
        owner=person_under(cast.ruth, cast), started_at=MONDAY, saved_at=MONDAY, answers={"facts": {"f": ["x"]}}
    )
    sweep(at=MONDAY + 10 * HOUR)
    assert told("concern.draft_unsent") == sorted([cast.martin.pk, cast.sunita.pk])
    for reader, sees in ((cast.martin, True), (cast.sunita, True), (cast.ruth, False), (cast.helen, False)):
        page = get("/late/", reader, at=MONDAY + 10 * HOUR).content.decode()
        assert (second.owner.full_name in page) == sees, reader
    outbox.deliver_due(at=MONDAY + 10 * HOUR)
    assert {cast.martin.email, cast.sunita.email} <= {address for message in mail.outbox for address in message.to}


def test_what_somebody_who_left_had_not_sent_stays_on_the_leads_list_and_they_are_told(cast: Cast) -> None:
    """D1, R42: closing an account is no way to make a report go away."""
    asked = draft(cast, implicated=["no"])
    begun = draft(cast, implicated=["other_staff"], staff_ids=[str(cast.ruth.pk)])
    deactivate_person(person=cast.amara, reason="Left", by=cast.bea, at=MONDAY + HOUR)
    left = OutboxMessage.objects.filter(kind="concern.draft_left").values_list("about_id", "recipient_id")
    assert set(left) == {(asked.pk, cast.ruth.pk), (asked.pk, cast.imran.pk), (begun.pk, cast.imran.pk)}
    outbox.deliver_due(at=MONDAY + HOUR)
    assert [message.to for message in mail.outbox].count([cast.imran.email]) == 2
    # Neither reminded of it nor told twice.
    sweep(at=MONDAY + 30 * HOUR)
    assert (told("concern.draft_waits"), told("concern.draft_unsent")) == ([], [])
    for reader, times in ((cast.ruth, 1), (cast.imran, 2), (cast.gwen, 0)):
        page = get("/late/", reader, at=MONDAY + 30 * HOUR).content.decode()
        assert page.count("<bdi>Amara Okafor</bdi>, whose account is closed, began a report") == times, reader
        assert "cupboards" not in page
    reactivate_person(person=cast.amara, reason="Back", by=cast.bea, at=MONDAY + 31 * HOUR)
    assert "whose account is closed, began" not in get("/late/", cast.ruth, at=MONDAY + 31 * HOUR).content.decode()
    assert OutboxMessage.objects.filter(kind="concern.draft_left").count() == 3
    assert set(drafts_of(User.objects.get(pk=cast.amara.pk))) == {asked, begun}


def test_drafts_of_people_who_have_left_take_no_place_of_those_who_can_be_asked(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MOST_UNSENT", 1)
    draft(cast, implicated=["no"])
    deactivate_person(person=cast.amara, reason="Left", by=cast.bea, at=MONDAY)
    Draft.objects.create(
        owner=cast.sian, started_at=MONDAY + HOUR, saved_at=MONDAY + HOUR, answers={"staff": {"implicated": ["no"]}}
    )
    assert [row.owner for row in drafts.unsent_drafts_for(cast.ruth)] == ["Amara Okafor"]
    sweep(at=MONDAY + 30 * HOUR)
    assert [row.owner for row in drafts.unsent_drafts_for(cast.ruth)] == ["Siân Hughes"]


def person_under(manager: User, cast: Cast) -> User:
    """Siân, moved to `manager` and, where they have one, to their area."""
    User.objects.filter(pk=cast.sian.pk).update(line_manager=manager, service_area=manager.service_area)
    return User.objects.get(pk=cast.sian.pk)


def test_a_draft_that_was_sent_or_thrown_away_or_is_empty_is_nobodys_business(cast: Cast) -> None:
    sent = draft(cast)
    services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY + HOUR, draft=sent)
    Draft.objects.create(owner=cast.sian, started_at=MONDAY, saved_at=MONDAY)
    Draft.objects.create(
        owner=cast.sian, started_at=MONDAY, saved_at=MONDAY, answers={"facts": {}}, discarded_at=MONDAY + HOUR
    )
    assert sweep(at=MONDAY + 8 * HOUR).drafts == 0


# --- Limits -------------------------------------------------------------------------------------


def test_a_limit_changes_once_a_second_person_agrees_and_running_clocks_keep_theirs(cast: Cast) -> None:
    before = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    change = services.propose_limit(code="T2.standard", value=2, reason="Too slow", by=cast.ruth, at=MONDAY)
    assert limits_in_force().value(LIMITS[3].code) == 4
    with pytest.raises(NotAllowed, match="somebody else"):
        services.view_limit(change_id=change.pk, is_agreed=True, words="", by=cast.ruth, at=MONDAY)
    with pytest.raises(NotAllowed):
        services.view_limit(change_id=change.pk, is_agreed=True, words="", by=cast.dev, at=MONDAY)
    services.view_limit(change_id=change.pk, is_agreed=True, words="", by=cast.joyce, at=MONDAY)
    with pytest.raises(NotNow):
        services.view_limit(change_id=change.pk, is_agreed=True, words="", by=cast.imran, at=MONDAY)
    after = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    due = [Deadline.objects.get(concern=each, kind=ClockKind.ACKNOWLEDGE).due_at for each in (before, after)]
    assert due == [MONDAY + 4 * HOUR, MONDAY + 2 * HOUR]
    changed = Event.objects.get(code="concern.limit_changed")
    assert (changed.data["limit"], changed.data["before"], changed.data["value"]) == ("T2.standard", 4, 2)


def test_a_limit_that_the_second_person_refuses_stays(cast: Cast) -> None:
    change = services.propose_limit(code="T2.standard", value=2, reason="Too slow", by=cast.ruth, at=MONDAY)
    services.view_limit(change_id=change.pk, is_agreed=False, words="Nobody could meet it", by=cast.joyce, at=MONDAY)
    assert limits_in_force().value(LIMITS[3].code) == 4
    event = Event.objects.get(code="concern.limit_refused")
    assert (event.actor_id, event.data) == (cast.joyce.pk, {"limit": "T2.standard", "before": 4, "value": 2})


@pytest.mark.parametrize(
    ("code", "value", "sentence"),
    [
        ("T3b", 0, "Enter at least 1 working hour."),
        ("T10.low", 29, "Enter at most 28 days."),
        ("T10.critical", 25, "Enter at most 24 hours."),
        ("T2.emergency", 31, "Enter at most 30 minutes."),
        ("T12", 2, "This is what it is now. Enter another number."),
    ],
)
def test_no_limit_is_nothing_or_beyond_its_maximum(cast: Cast, code: str, value: int, sentence: str) -> None:
    with pytest.raises(Unsound) as caught:
        services.propose_limit(code=code, value=value, reason="Why not", by=cast.ruth, at=MONDAY)
    assert caught.value.problems == {"value": [sentence]}
    assert not LimitChange.objects.exists()


def test_the_default_limits_are_those_of_the_register() -> None:
    assert {str(limit.code): (limit.default, limit.unit.value) for limit in LIMITS} == {
        "D1": (2, "hours"), "T2.emergency": (15, "minutes"), "T2.urgent": (60, "minutes"),
        "T2.standard": (4, "working hours"), "T3": (24, "hours"), "T3.same-day": (4, "hours"),
        "T3b": (4, "working hours"), "T4": (24, "hours"), "T4.late": (1, "hours"), "T4b": (1, "working days"),
        "T4c": (24, "hours"), "T5": (1, "working days"), "T5b": (1, "working days"), "T6.child": (1, "working days"),
        "T6.adult": (2, "working days"), "T8": (10, "working days"), "T10.critical": (24, "hours"),
        "T10.high": (7, "days"), "T10.medium": (14, "days"), "T10.low": (28, "days"), "T11.1": (1, "working days"),
        "T11.2": (2, "working days"), "T11.3": (5, "working days"), "T11.4": (10, "working days"),
        "T12": (2, "working days"), "T13": (1, "working days"), "T13.senior": (2, "working days"),
        "T14.lead": (28, "days"), "T14.senior": (90, "days"),
        "T15": (2, "working days"), "closure": (2, "working days"), "glass": (2, "working days"),
        "X4.high": (14, "ticks"), "X4.medium": (10, "ticks"), "X4.incidents": (3, "incidents"),
    }  # fmt: skip
    assert all(1 <= limit.default <= limit.most for limit in LIMITS)


def test_the_pages_of_the_limits(cast: Cast) -> None:
    page = get("/limits/", cast.sian, at=MONDAY).content.decode()
    assert "15 minutes" in page
    assert "Propose another" not in page
    assert get("/limits/T12/", cast.sian, at=MONDAY).status_code == 302
    assert get("/limits/T99/", cast.ruth, at=MONDAY).status_code == 404
    wrong = post("/limits/T12/", cast.ruth, {"value": "9", "reason": ""}, at=MONDAY).content.decode()
    assert "Enter at most 5 working days." in wrong
    assert "Say why. The second person reads it." in wrong
    assert post("/limits/T12/", cast.ruth, {"value": "1", "reason": "Sooner"}, at=MONDAY).status_code == 302
    assert "A second person must agree." in get("/limits/", cast.ruth, at=MONDAY).content.decode()
    assert get("/limits/T12/view/", cast.ruth, at=MONDAY).status_code == 302
    assert "1 working day" in get("/limits/T12/view/", cast.joyce, at=MONDAY).content.decode()
    post("/limits/T12/view/", cast.joyce, {"view": "agree", "words": ""}, at=MONDAY)
    assert "It was 2 working days at first." in get("/limits/", cast.sian, at=MONDAY).content.decode()


# --- Both changes of the clocks -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("reported", "standard_due", "adult_triage"),
    [
        # Clocks go forward on 29 March 2026: Friday 15:30 GMT, 1.5 h left until 17:00 GMT, and
        # 2.5 h from Monday 9:00 BST (08:00 UTC).
        (datetime(2026, 3, 27, 15, 30, tzinfo=UTC), datetime(2026, 3, 30, 10, 30, tzinfo=UTC), (28, 15, 30)),
        # Back on 25 October 2026: Friday 16:30 BST is 15:30 UTC, half an hour left; 3.5 h from Monday 9:00 GMT.
        (datetime(2026, 10, 23, 15, 30, tzinfo=UTC), datetime(2026, 10, 26, 12, 30, tzinfo=UTC), (24, 15, 30)),
    ],
)
def test_clocks_keep_their_time_through_both_changes(
    cast: Cast, reported: datetime, standard_due: datetime, adult_triage: tuple[int, int, int]
) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=reported)
    due = {row.kind: row.due_at for row in concern.deadlines.all()}
    day, hour, minute = adult_triage
    assert due[ClockKind.ACKNOWLEDGE] == standard_due
    assert due[ClockKind.TRIAGE] == reported.replace(day=day, hour=hour, minute=minute)
    assert due[ClockKind.REVIEW] == reported + 28 * DAY
