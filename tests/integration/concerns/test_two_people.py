"""Joining, voiding, lifting a bar, reopening: who may, what two people must agree to, and how it is undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from accounts.models import User
from audit.models import Event
from concerns import services
from concerns.models import Concern, Conflict, Deadline
from concerns.vocabulary import ClockKind, Implicated, LifeChange, PersonRole, State, TwoPersonAct
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from safeguarding.kit.models import OutboxMessage
from tests.build.cast import Cast, make_cast
from tests.build.intakes import ADULT, CHILD, PLAIN

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 9, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def can_read(user: User, concern: Concern) -> bool:
    return Concern.objects.visible_to(User.objects.get(pk=user.pk)).filter(pk=concern.pk).exists()


def codes(concern: Concern) -> list[str]:
    return list(Event.objects.filter(concern_id=concern.pk).order_by("pk").values_list("code", flat=True))


# --- Joining (scenario 8) ---------------------------------------------------------------------


def test_joined_concerns_keep_the_stricter_restriction_and_the_earlier_limit(cast: Cast) -> None:
    survivor = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    named = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=(cast.colin.pk,), people=(CHILD,))
    restricted = services.raise_concern(intake=named, by=cast.sian, at=MONDAY - HOUR)
    services.merge(concern_id=restricted.pk, into_id=survivor.pk, reason="Same visit", by=cast.ruth, at=MONDAY + HOUR)
    survivor.refresh_from_db()
    restricted.refresh_from_db()
    assert restricted.state == State.MERGED
    assert restricted.merged_into == survivor
    assert restricted.responsible is None
    assert survivor.is_restricted
    assert Conflict.objects.filter(concern=survivor, staff=cast.colin, kind="barred").exists()
    assert not can_read(cast.colin, survivor)
    # The child's limit (local midnight) is earlier than the adult's 24 hours; it binds the survivor.
    assert Deadline.objects.get(concern=survivor, kind=ClockKind.TRIAGE).due_at == datetime(2026, 3, 10, tzinfo=UTC)
    assert not Deadline.objects.filter(concern=restricted, met_at__isnull=True, dropped_at__isnull=True).exists()
    assert {row.person.name for row in survivor.involvements.all()} >= {"Jean Ashworth", "Kofi Ashworth"}


def test_what_the_joined_report_says_of_reaching_somebody_is_not_lost(cast: Cast) -> None:
    """R14, R74, R96: the second reporter knows that he reads her phone; whoever works on the first must see it."""
    calm = replace(ADULT, safe_contact="At the day centre")
    survivor = services.raise_concern(intake=replace(PLAIN, people=(calm,)), by=cast.amara, at=MONDAY)
    warned = replace(ADULT, safe_contact="At her sister’s", unsafe_contact="Text or phone: he reads her phone")
    other = services.raise_concern(intake=replace(PLAIN, people=(warned,)), by=cast.sian, at=MONDAY)
    services.merge(concern_id=other.pk, into_id=survivor.pk, reason="Same", by=cast.ruth, at=MONDAY)
    jean = survivor.involvements.get(role=PersonRole.AT_RISK).person
    assert (jean.safe_contact, jean.unsafe_contact) == (
        "At the day centre\nAt her sister’s", "Text or phone: he reads her phone",
    )  # fmt: skip
    event = Event.objects.get(code="concern.person_changed", concern_id=survivor.pk)
    assert event.data == {"person": jean.ref, "fields": "safe_contact unsafe_contact"}
    services.separate(concern_id=other.pk, reason="Different day", by=cast.ruth, at=MONDAY + HOUR)
    jean.refresh_from_db()
    assert jean.unsafe_contact == "Text or phone: he reads her phone"  # nothing loosens (I13)
    assert other.involvements.get(role=PersonRole.AT_RISK).person.safe_contact == "At her sister’s"


def reported(cast: Cast, *, safe: str = "", unsafe: str = "", name: str = ADULT.name) -> Concern:
    person = replace(ADULT, name=name, safe_contact=safe, unsafe_contact=unsafe)
    return services.raise_concern(intake=replace(PLAIN, people=(person,)), by=cast.amara, at=MONDAY)


def cautions(concern: Concern) -> list[tuple[str, str]]:
    rows = concern.involvements.filter(role=PersonRole.AT_RISK).order_by("pk")
    return [(row.person.safe_contact, row.person.unsafe_contact) for row in rows]


def test_a_caution_whose_words_stand_in_another_is_not_lost(cast: Cast) -> None:
    """R14, R96: "Phone" forbids more than "Phone after 6pm"; the same line is not written twice."""
    survivor = reported(cast, safe="At the day centre, Tuesdays\nBy letter", unsafe="Phone after 6pm")
    for other in (reported(cast, safe="By letter", unsafe="Phone"), reported(cast, safe="At the day", unsafe="Phone")):
        services.merge(concern_id=other.pk, into_id=survivor.pk, reason="Same", by=cast.ruth, at=MONDAY)
    assert cautions(survivor) == [
        ("At the day centre, Tuesdays\nBy letter\nAt the day", "Phone after 6pm\nPhone"),
    ]  # fmt: skip


def test_concerns_joined_before_cautions_were_brought_along_get_them_with_the_release(cast: Cast) -> None:
    """R14, R96: through several joinings, once only, and nothing of anybody else or of what was separated again."""
    first, second, survivor = (
        reported(cast, unsafe="Phone"), reported(cast, safe="By letter"), reported(cast, unsafe="Phone after 6pm"),
    )  # fmt: skip
    apart, other = reported(cast, unsafe="E-mail"), reported(cast, unsafe="Visits", name="Joan Ashworth")
    for number, (joined, into) in enumerate(
        ((first, second), (second, survivor), (apart, survivor), (other, survivor)), 1
    ):
        services.merge(concern_id=joined.pk, into_id=into.pk, reason="Same", by=cast.ruth, at=MONDAY + number * HOUR)
    services.separate(concern_id=apart.pk, reason="Not the same", by=cast.ruth, at=MONDAY + 5 * HOUR)
    # As they stood before this release.
    for concern, safe, unsafe in ((second, "By letter", ""), (survivor, "", "Phone after 6pm")):
        person = concern.involvements.filter(role=PersonRole.AT_RISK).order_by("pk")[0].person
        person.safe_contact, person.unsafe_contact = safe, unsafe
        person.save()
    migration = import_module("concerns.migrations.0019_cautions_of_joined_concerns")
    for _ in range(2):
        migration.bring_cautions(apps, None)
        assert cautions(second) == [("By letter", "Phone")]
        assert cautions(survivor) == [("By letter", "Phone after 6pm\nPhone"), ("", "Visits")]


def test_joining_is_undone_by_a_lead_and_loosens_nothing(cast: Cast) -> None:
    survivor = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    other = services.raise_concern(intake=PLAIN, by=cast.sian, at=MONDAY)
    triage_due = Deadline.objects.get(concern=other, kind=ClockKind.TRIAGE).due_at
    services.merge(concern_id=other.pk, into_id=survivor.pk, reason="Same", by=cast.dev, at=MONDAY)
    with pytest.raises(NotAllowed):
        services.separate(concern_id=other.pk, reason="Different day", by=cast.dev, at=MONDAY + HOUR)
    services.separate(concern_id=other.pk, reason="Different day", by=cast.ruth, at=MONDAY + HOUR)
    other.refresh_from_db()
    assert other.state == State.TRIAGE
    assert other.responsible is not None
    running = other.deadlines.filter(kind=ClockKind.TRIAGE, met_at__isnull=True, dropped_at__isnull=True)
    assert running.get().due_at <= triage_due
    with pytest.raises(NotNow):
        services.separate(concern_id=other.pk, reason="Again", by=cast.ruth, at=MONDAY + HOUR)


def test_joining_needs_both_readable_and_open_and_a_reason(cast: Cast) -> None:
    ours = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    theirs = services.raise_concern(intake=PLAIN, by=cast.priya, at=MONDAY)
    with pytest.raises(NotAllowed):
        services.merge(concern_id=ours.pk, into_id=theirs.pk, reason="Same", by=cast.dev, at=MONDAY)
    with pytest.raises(NotNow):
        services.merge(concern_id=ours.pk, into_id=ours.pk, reason="Same", by=cast.ruth, at=MONDAY)
    with pytest.raises(Unsound):
        services.merge(concern_id=ours.pk, into_id=theirs.pk, reason=" ", by=cast.ruth, at=MONDAY)
    assert set(Concern.objects.values_list("state", flat=True)) == {State.SUBMITTED}


# --- Voiding ----------------------------------------------------------------------------------


def test_voiding_takes_two_leads_and_leaves_it_to_leads_alone(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    with pytest.raises(NotAllowed):
        services.ask_second_person(
            concern_id=concern.pk, act=TwoPersonAct.VOID, reason="A test", by=cast.dev, at=MONDAY
        )
    step = services.ask_second_person(
        concern_id=concern.pk, act=TwoPersonAct.VOID, reason="A test", by=cast.ruth, at=MONDAY
    )
    assert can_read(cast.joyce, concern), "asked for a second view, the IG lead reads the case"
    with pytest.raises(NotAllowed):
        services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=cast.ruth, at=MONDAY)
    services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=cast.joyce, at=MONDAY + HOUR)
    concern.refresh_from_db()
    assert concern.state == State.VOID
    assert concern.responsible is None
    assert not can_read(cast.dev, concern)
    assert not can_read(cast.joyce, concern)
    assert can_read(cast.ruth, concern)
    services.restore(concern_id=concern.pk, reason="It was real", by=cast.imran, at=MONDAY + 2 * HOUR)
    concern.refresh_from_db()
    assert concern.state == State.TRIAGE
    assert concern.responsible is not None


def test_a_second_person_who_refuses_changes_nothing_else(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    step = services.ask_second_person(
        concern_id=concern.pk, act=TwoPersonAct.VOID, reason="A test", by=cast.ruth, at=MONDAY
    )
    with pytest.raises(Unsound):
        services.give_second_view(step_id=step.pk, is_agreed=False, words="", by=cast.imran, at=MONDAY)
    services.give_second_view(step_id=step.pk, is_agreed=False, words="It is real", by=cast.imran, at=MONDAY)
    concern.refresh_from_db()
    assert concern.state == State.SUBMITTED
    with pytest.raises(NotNow):
        services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=cast.karen, at=MONDAY)


# --- A mistaken bar ---------------------------------------------------------------------------


def test_a_mistaken_bar_is_lifted_by_two_and_the_restriction_is_a_question_of_its_own(cast: Cast) -> None:
    intake = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=(cast.gwen.pk,))
    concern = services.raise_concern(intake=intake, by=cast.amara, at=MONDAY)
    bar = Conflict.objects.get(concern=concern)
    with pytest.raises(NotNow, match="stays restricted"):
        services.ask_second_person(
            concern_id=concern.pk, act=TwoPersonAct.LOOSEN_RESTRICTION, reason="A mix-up", by=cast.ruth, at=MONDAY
        )
    lift = services.ask_second_person(
        concern_id=concern.pk, act=TwoPersonAct.LIFT_CONFLICT, conflict_id=bar.pk, reason="Another Gwen", by=cast.ruth,
        at=MONDAY,
    )  # fmt: skip
    services.give_second_view(step_id=lift.pk, is_agreed=True, words="", by=cast.imran, at=MONDAY)
    bar.refresh_from_db()
    concern.refresh_from_db()
    assert bar.lifted_by == cast.ruth
    assert bar.lift_seconded_by == cast.imran
    assert concern.is_restricted
    loosen = services.ask_second_person(
        concern_id=concern.pk, act=TwoPersonAct.LOOSEN_RESTRICTION, reason="A mix-up", by=cast.ruth, at=MONDAY
    )
    services.give_second_view(step_id=loosen.pk, is_agreed=True, words="", by=cast.imran, at=MONDAY)
    concern.refresh_from_db()
    assert not concern.is_restricted
    assert "concern.restriction_loosened" in codes(concern)


def test_nobody_is_let_in_again_while_what_was_joined_keeps_them_out(cast: Cast) -> None:
    """Issue 5, I3: the survivor's page tells what was joined, so the bars go where they were made first."""
    named = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=(cast.colin.pk,))
    other = services.raise_concern(intake=named, by=cast.sian, at=MONDAY)
    survivor = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    copied: dict[str, Any] = {
        "act": TwoPersonAct.LIFT_CONFLICT,
        "reason": "Another Colin",
        "by": cast.ruth,
        "at": MONDAY + HOUR,
    }
    agree: dict[str, Any] = {"is_agreed": True, "words": "", "by": cast.imran, "at": MONDAY + HOUR}
    services.merge(concern_id=other.pk, into_id=survivor.pk, reason="Same visit", by=cast.ruth, at=MONDAY)
    on_other, on_survivor = (Conflict.objects.get(concern=each, staff=cast.colin) for each in (other, survivor))
    sentence = (
        f"Colin Baker is also kept out of what was joined to this concern: {other.ref}. Ask to let them in there first."
    )
    with pytest.raises(NotNow) as caught:
        services.ask_second_person(concern_id=survivor.pk, conflict_id=on_survivor.pk, **copied)
    assert caught.value.sentence == sentence
    first = services.ask_second_person(concern_id=other.pk, conflict_id=on_other.pk, **copied)
    services.give_second_view(step_id=first.pk, **agree)
    lift = services.ask_second_person(concern_id=survivor.pk, conflict_id=on_survivor.pk, **copied)
    # Meanwhile somebody names him again in what was joined.
    Conflict.objects.create(
        concern=other, staff=cast.colin, kind="barred", recorded_at=MONDAY + HOUR, recorded_by=cast.ruth
    )
    with pytest.raises(NotNow, match="Ask to let them in there first"):
        services.give_second_view(step_id=lift.pk, **agree)
    on_survivor.refresh_from_db()
    lift.refresh_from_db()
    assert (on_survivor.lifted_at, lift.is_agreed) == (None, None)
    Conflict.objects.filter(concern=other).update(lifted_at=MONDAY, lifted_by=cast.ruth, lift_seconded_by=cast.imran)
    services.give_second_view(step_id=lift.pk, **agree)
    on_survivor.refresh_from_db()
    assert on_survivor.lifted_at == MONDAY + HOUR


def test_a_conflict_with_what_was_joined_is_one_with_the_whole_story(cast: Cast) -> None:
    """Issue 5, I3, R45: said on any part of it, they lose every part, and somebody else holds it at once."""
    survivor = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    services.take(concern_id=survivor.pk, by=cast.dev, at=MONDAY)
    services.acknowledge(concern_id=survivor.pk, by=cast.dev, at=MONDAY, has_conflict=False)
    other, beside = (services.raise_concern(intake=PLAIN, by=by, at=MONDAY) for by in (cast.sian, cast.amara))
    for each in (other, beside):
        services.merge(concern_id=each.pk, into_id=survivor.pk, reason="Same visit", by=cast.ruth, at=MONDAY + HOUR)
    for who in (cast.karen, cast.dev):
        assert can_read(who, other)
        services.declare_conflict(concern_id=other.pk, by=who, at=MONDAY + HOUR, words="He is my brother.")
        assert not any(can_read(who, each) for each in (survivor, other, beside))
    survivor.refresh_from_db()
    assert survivor.responsible not in (None, cast.dev, cast.karen)
    rows = Conflict.objects.values_list("concern", "staff", "kind", "reason")
    assert set(rows) == {
        (each.pk, who.pk, "recused", "He is my brother.")
        for each in (survivor, other, beside)
        for who in (cast.karen, cast.dev)
    }
    assert codes(survivor).count("concern.conflict_recorded") == 2


def test_the_barred_person_cannot_lift_their_own_bar(cast: Cast) -> None:
    intake = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=(cast.imran.pk,))
    concern = services.raise_concern(intake=intake, by=cast.amara, at=MONDAY)
    bar = Conflict.objects.get(concern=concern)
    lift = services.ask_second_person(
        concern_id=concern.pk, act=TwoPersonAct.LIFT_CONFLICT, conflict_id=bar.pk, reason="Wrong", by=cast.ruth,
        at=MONDAY,
    )  # fmt: skip
    told = OutboxMessage.objects.filter(kind="concern.second_wanted").values_list("recipient_id", flat=True)
    assert cast.imran.pk not in told
    with pytest.raises(NotAllowed):
        services.give_second_view(step_id=lift.pk, is_agreed=True, words="", by=cast.imran, at=MONDAY)


# --- Death and move ---------------------------------------------------------------------------


def test_death_and_move_do_not_close(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    services.acknowledge(concern_id=concern.pk, by=cast.gwen, at=MONDAY, has_conflict=False)
    person = concern.involvements.get(role="at_risk")
    record = partial(
        services.record_death_or_move, concern_id=concern.pk, involvement_id=person.pk, by=cast.gwen, at=MONDAY
    )
    with pytest.raises(Unsound) as caught:
        record(
            change=LifeChange.MOVED, on=date(2027, 1, 1), moved_to="", words="", form_key="k",
            is_legal_hold=False,
        )  # fmt: skip
    assert set(caught.value.problems) == {"on", "words", "moved_to"}
    record(
        change=LifeChange.DIED, on=date(2026, 3, 8), moved_to="", words="Her sister was told.", form_key="k",
        is_legal_hold=True,
    )  # fmt: skip
    concern.refresh_from_db()
    assert concern.is_open
    assert concern.responsible == cast.gwen
    assert concern.is_legal_hold
    with pytest.raises(NotAllowed):
        services.set_legal_hold(concern_id=concern.pk, is_held=False, reason="Inquest over", by=cast.gwen, at=MONDAY)
    services.set_legal_hold(concern_id=concern.pk, is_held=False, reason="Inquest over", by=cast.ruth, at=MONDAY)
    concern.refresh_from_db()
    assert not concern.is_legal_hold
