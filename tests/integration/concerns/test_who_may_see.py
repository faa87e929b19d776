"""Who may read which case, by the table of domain.md 5; and what decides it explains it, for everybody in the cast."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import services as people
from accounts.models import User
from audit.models import Event
from concerns import services
from concerns.models import Concern
from concerns.models.ways import people_let_in
from concerns.selectors.receipts import receipt_for
from concerns.selectors.who_sees import who_sees
from concerns.services.conflicts import bar, recuse
from concerns.vocabulary import Implicated, State, TwoPersonAct, Way
from safeguarding.kit.models import OutboxMessage
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.intakes import EMERGENCY, PLAIN
from tests.build.web import get, statements

pytestmark = pytest.mark.django_db
AT = cases.AT
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STAFF_NAMED = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_words="Somebody who calls each week.")


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def everybody(cast: Cast) -> list[User]:
    return [getattr(cast, field.name) for field in fields(cast) if field.name != "areas"]


def readers(concern: Concern, *, at: datetime) -> set[str]:
    """First names of all who may read it."""
    found = set()
    for user in User.objects.all():
        if Concern.objects.visible_to(user, at=at).filter(pk=concern.pk).exists():
            found.add(user.full_name.split()[0])
    return found


def locked(concern: Concern) -> Concern:
    return Concern.objects.get(pk=concern.pk)


LEADS = {"Ruth", "Imran", "Karen"}


def test_an_unrestricted_concern_is_read_by_its_holder_its_area_and_the_leads(cast: Cast) -> None:
    concern = cases.submitted(cast)
    assert readers(concern, at=AT) == LEADS | {"Gwen", "Dev", "Nadia"}


def test_a_restricted_concern_is_read_by_its_holder_and_the_leads_alone(cast: Cast) -> None:
    concern = cases.submitted(cast, intake=STAFF_NAMED)
    assert concern.is_restricted
    assert readers(concern, at=AT) == LEADS | {"Gwen"}


def test_a_line_manager_reads_only_while_it_is_theirs(cast: Cast) -> None:
    concern = cases.submitted(cast)
    services.take(concern_id=concern.pk, by=cast.dev, at=AT + HOUR)
    assert readers(concern, at=AT + HOUR) == LEADS | {"Dev", "Nadia"}


def test_an_emergency_is_read_by_everybody_who_was_told_until_somebody_has_it(cast: Cast) -> None:
    concern = cases.submitted(cast, intake=EMERGENCY)
    assert readers(concern, at=AT) == LEADS | {"Gwen", "Dev", "Nadia"}
    services.acknowledge(concern_id=concern.pk, by=cast.nadia, at=AT + timedelta(minutes=5), has_conflict=False)
    assert readers(concern, at=AT + HOUR) == LEADS | {"Dev", "Nadia"}


def test_a_manager_who_changes_teams_and_a_champion_who_steps_down_read_nothing_any_more(cast: Cast) -> None:
    concern = cases.acknowledged(cast, holder=cast.dev)
    assert "Nadia" in readers(concern, at=AT + HOUR)
    people.end_champion(person=cast.nadia, area=cast.areas.housing, by=cast.ruth, at=AT + HOUR)
    assert readers(concern, at=AT + 2 * HOUR) == LEADS | {"Dev"}


def test_deny_beats_every_way_in(cast: Cast) -> None:
    concern = cases.acknowledged(cast, holder=cast.dev)
    bar(locked(concern), staff_id=cast.imran.pk, reason="Named", by=cast.ruth, at=AT + HOUR)
    recuse(locked(concern), staff=cast.karen, reason="My cousin", by=cast.karen, at=AT + HOUR)
    assert readers(concern, at=AT + 2 * HOUR) == {"Ruth", "Dev"}


def test_what_was_entered_in_error_is_read_by_leads_and_an_auditor_whom_two_let_in(cast: Cast) -> None:
    concern = cases.acknowledged(cast, holder=cast.dev)
    services.let_in(
        concern_id=concern.pk, person=cast.alan, until=AT + 20 * DAY, reason="Yearly audit", by=cast.ruth, at=AT + HOUR
    )
    services.let_in(
        concern_id=concern.pk, person=cast.quinn, until=AT + 20 * DAY, reason="Visits her", by=cast.ruth, at=AT + HOUR
    )
    step = services.ask_second_person(
        concern_id=concern.pk, act=TwoPersonAct.VOID, reason="A test", by=cast.ruth, at=AT + HOUR
    )
    services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=cast.imran, at=AT + HOUR)
    assert locked(concern).state == State.VOID
    assert readers(concern, at=AT + 2 * HOUR) == LEADS | {"Alan"}


def test_asked_for_a_second_view_the_information_governance_lead_reads_until_it_is_given(cast: Cast) -> None:
    concern = cases.acknowledged(cast, holder=cast.dev)
    step = services.ask_second_person(
        concern_id=concern.pk, act=TwoPersonAct.VOID, reason="A test", by=cast.ruth, at=AT + HOUR
    )
    assert "Joyce" in readers(concern, at=AT + HOUR)
    services.give_second_view(step_id=step.pk, is_agreed=False, words="It was real", by=cast.joyce, at=AT + HOUR)
    assert "Joyce" not in readers(concern, at=AT + 2 * HOUR)


def test_nobody_inactive_and_no_administrator_reads_anything(cast: Cast) -> None:
    concern = cases.submitted(cast)
    for name in ("Bea", "Carl", "Helen", "Martin", "Sunita", "Alan", "Amara", "Jakub", "Quinn"):
        assert name not in readers(concern, at=AT)
    people.deactivate_person(person=cast.nadia, reason="Left", by=cast.bea, at=AT + HOUR)
    assert "Nadia" not in readers(concern, at=AT + HOUR)


# --- What decides explains --------------------------------------------------------------------


def worlds(cast: Cast) -> list[Concern]:
    """Concerns in which every way in is in use, and one of each kind that closes ways."""
    plain = cases.submitted(cast)
    restricted = cases.submitted(cast, intake=STAFF_NAMED, by=cast.sian)
    emergency = cases.submitted(cast, intake=EMERGENCY)
    contested = cases.acknowledged(cast, holder=cast.dev)
    services.say_not_satisfied(concern_id=contested.pk, words="Nothing happened", by=cast.amara, at=AT + HOUR)
    asked = cases.acknowledged(cast, holder=cast.dev)
    services.ask_second_person(concern_id=asked.pk, act=TwoPersonAct.VOID, reason="Test", by=cast.ruth, at=AT + HOUR)
    for concern in (plain, restricted, contested):
        for person in (cast.quinn, cast.alan):
            services.let_in(
                concern_id=concern.pk, person=person, until=AT + 20 * DAY, reason="Why", by=cast.ruth, at=AT + HOUR
            )
    services.break_glass(ref=restricted.ref, reason="due", words="Now", by=cast.dev, at=AT + HOUR)
    services.break_glass(ref=plain.ref, reason="agency", words="Police", by=cast.martin, at=AT + HOUR)
    barred = cases.acknowledged(cast, holder=cast.dev)
    bar(locked(barred), staff_id=cast.imran.pk, reason="Named", by=cast.ruth, at=AT + HOUR)
    recuse(locked(barred), staff=cast.nadia, reason="My aunt", by=cast.nadia, at=AT + HOUR)
    void = cases.acknowledged(cast, holder=cast.dev)
    services.let_in(concern_id=void.pk, person=cast.alan, until=AT + DAY, reason="Why", by=cast.ruth, at=AT + HOUR)
    step = services.ask_second_person(
        concern_id=void.pk, act=TwoPersonAct.VOID, reason="A test", by=cast.ruth, at=AT + HOUR
    )
    services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=cast.imran, at=AT + HOUR)
    return [plain, restricted, emergency, contested, asked, barred, void]


def test_who_is_said_to_read_it_is_who_reads_it_and_by_the_way_that_is_named(cast: Cast) -> None:
    at = AT + HOUR + timedelta(minutes=1)
    found: set[Way] = set()
    for concern in worlds(cast):
        fresh = locked(concern)
        said = {row.user.pk: [way.way for way in row.ways] for row in who_sees(fresh, reader=cast.ruth, at=at).reads}
        for user in everybody(cast):
            row = Concern.objects.visible_to(User.objects.get(pk=user.pk), at=at).filter(pk=concern.pk)
            assert row.exists() == (user.pk in said), (concern.state, user.full_name)
            if user.pk in said:
                way = row.with_way(User.objects.get(pk=user.pk), at=at).get().read_by
                assert way is not None
                # The first way of the order is the one that is kept with the reading.
                assert way == min(said[user.pk], key=list(Way).index), (user.full_name, way)
                found |= set(said[user.pk])
    assert found == set(Way), "every way was in use"


def test_the_list_costs_the_same_however_many_are_let_in(cast: Cast) -> None:
    concern = cases.submitted(cast)
    with CaptureQueriesContext(connection) as few:
        who_sees(locked(concern), reader=cast.ruth, at=AT + HOUR)
    for user in (cast.quinn, cast.helen, cast.martin, cast.mei, cast.rhys, cast.olu, cast.femi):
        services.let_in(concern_id=concern.pk, person=user, until=AT + DAY, reason="Why", by=cast.ruth, at=AT + HOUR)
    bar(locked(concern), staff_id=cast.colin.pk, reason="Named", by=cast.ruth, at=AT + HOUR)
    with CaptureQueriesContext(connection) as many:
        assert len(who_sees(locked(concern), reader=cast.ruth, at=AT + 2 * HOUR).reads) >= 11
    # Two more: who the people with a grant are needs their roles and areas, and what the barred had opened.
    assert len(statements(many)) - len(statements(few)) <= 4


def test_the_page_is_for_leads_and_names_the_kept_out(cast: Cast) -> None:
    concern = cases.acknowledged(cast, holder=cast.dev)
    bar(locked(concern), staff_id=cast.colin.pk, reason="He was named", by=cast.ruth, at=AT + HOUR)
    page = get(f"/concerns/{concern.ref}/who/", cast.ruth, at=AT + 2 * HOUR).content.decode()
    for words in ("Colin Baker", "Barred: named as implicated", "Dev Patel", "Holds this concern", "Imran Sheikh"):
        assert words in page
    assert Event.objects.filter(code="concern.who_viewed", actor_id=cast.ruth.pk, concern_id=concern.pk).count() == 1
    for reader in (cast.dev, cast.karen):
        refused = get(f"/concerns/{concern.ref}/who/", reader, at=AT + 2 * HOUR)
        assert refused.status_code == 302
    for stranger in (cast.colin, cast.alan, cast.amara, cast.bea):
        assert get(f"/concerns/{concern.ref}/who/", stranger, at=AT + 2 * HOUR).status_code == 404


def test_who_reads_a_joined_concern_through_the_one_it_was_joined_to_is_named(cast: Cast) -> None:
    """Issue 5, t20: they read there what was reported here, though they can't open this one."""
    joined = cases.submitted(cast, by=cast.priya)
    into = cases.acknowledged(cast, at=AT)
    last = cases.acknowledged(cast, at=AT)
    services.let_in(
        concern_id=last.pk, person=cast.quinn, until=AT + 20 * DAY, reason="Visits her", by=cast.ruth, at=AT + HOUR
    )
    bar(locked(last), staff_id=cast.nadia.pk, reason="Named", by=cast.ruth, at=AT + HOUR)
    services.merge(concern_id=joined.pk, into_id=into.pk, reason="One visit", by=cast.ruth, at=AT + HOUR)
    services.merge(concern_id=into.pk, into_id=last.pk, reason="One visit", by=cast.ruth, at=AT + HOUR)
    seen = who_sees(locked(joined), reader=cast.ruth, at=AT + 2 * HOUR)
    here = {row.user for row in seen.reads}
    what = f"Reads {last.ref}, which it was joined to: what was reported and added here"
    through = {row.user for row in seen.parts if row.what == what}
    there = {row.user for row in who_sees(locked(last), reader=cast.ruth, at=AT + 2 * HOUR).reads}
    assert through == there - here == {cast.gwen, cast.quinn}
    for user in through:
        page = get(last.get_absolute_url(), user, at=AT + 2 * HOUR).content.decode()
        assert joined.ref in page
        assert get(joined.get_absolute_url(), user, at=AT + 2 * HOUR).status_code == 404
    page = get(f"/concerns/{joined.ref}/who/", cast.ruth, at=AT + 2 * HOUR).content.decode()
    assert what in page


# --- Barred later (2.5) -----------------------------------------------------------------------


def test_barred_later_the_leads_are_told_and_find_what_was_opened_before(cast: Cast) -> None:
    concern = cases.acknowledged(cast, holder=cast.dev)
    get(f"/concerns/{concern.ref}/", cast.nadia, at=AT + HOUR)
    get(f"/concerns/{concern.ref}/", cast.nadia, at=AT + 2 * HOUR)
    get(f"/concerns/{concern.ref}/", cast.dev, at=AT + 2 * HOUR)
    bar(locked(concern), staff_id=cast.nadia.pk, reason="Named since", by=cast.ruth, at=AT + 3 * HOUR)
    told = OutboxMessage.objects.filter(kind="concern.barred_later")
    assert list(told.values_list("recipient_id", flat=True)) == [cast.imran.pk], "the others than who did it"
    assert {(row.reference, row.path) for row in told} == {(concern.ref, f"/concerns/{concern.ref}/who/")}
    (kept_out,) = who_sees(locked(concern), reader=cast.ruth, at=AT + 4 * HOUR).kept_out
    assert kept_out.user == cast.nadia
    assert [(view.at, view.what) for view in kept_out.views] == [
        (AT + 2 * HOUR, "Concern opened"),
        (AT + HOUR, "Concern opened"),
    ]


def test_a_barred_lead_is_not_told_and_nothing_is_told_of_a_bar_set_with_the_report(cast: Cast) -> None:
    named = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=(cast.colin.pk,))
    cases.submitted(cast, intake=named)
    assert not OutboxMessage.objects.filter(kind="concern.barred_later").exists()
    concern = cases.acknowledged(cast, holder=cast.dev)
    bar(locked(concern), staff_id=cast.imran.pk, reason="Named", by=cast.dev, at=AT + HOUR)
    told = OutboxMessage.objects.filter(kind="concern.barred_later")
    assert list(told.values_list("recipient_id", flat=True)) == [cast.ruth.pk]


# --- Receipts (R101) --------------------------------------------------------------------------


def test_a_reporter_reads_their_own_words_until_30_days_after_closing(cast: Cast) -> None:
    with cases.everyone_decided():
        concern = cases.closed(cast)
    closed_at = concern.closed_at
    assert closed_at is not None
    before = receipt_for(concern.ref, cast.amara, at=closed_at + 30 * DAY - timedelta(seconds=1))
    assert any("cupboards were empty" in words for _, words in before.own_words)
    after = receipt_for(concern.ref, cast.amara, at=closed_at + 30 * DAY)
    assert (after.own_words, after.added, after.status) == ((), (), "Closed")
    page = get(f"/reports/{concern.ref}/", cast.amara, at=closed_at + 31 * DAY).content.decode()
    assert "cupboards were empty" not in page
    assert "I am not satisfied with the response" in page


def test_a_contractors_worker_has_their_text_as_sent_but_of_a_restricted_concern_the_receipt_alone(cast: Cast) -> None:
    plain = cases.submitted(cast, by=cast.jakub)
    assert receipt_for(plain.ref, cast.jakub, at=AT).own_words
    restricted = cases.submitted(cast, by=cast.jakub, intake=STAFF_NAMED)
    assert receipt_for(restricted.ref, cast.jakub, at=AT).own_words == ()
    assert receipt_for(cases.submitted(cast, intake=STAFF_NAMED).ref, cast.amara, at=AT).own_words


def test_ways_out_of_hours_and_zones_end_to_the_second(cast: Cast) -> None:
    concern = cases.submitted(cast)
    until = datetime(2026, 3, 1, tzinfo=UTC)
    services.let_in(concern_id=concern.pk, person=cast.quinn, until=until, reason="Why", by=cast.ruth, at=AT)
    assert "Quinn" in readers(concern, at=until - timedelta(microseconds=1))
    assert "Quinn" not in readers(concern, at=until)
    assert [row.user for row in people_let_in(locked(concern), at=until) if row.way == Way.LET_IN] == []
