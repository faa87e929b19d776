"""Joining, voiding, lifting a bar, reopening: who may, what two people must agree to, and how it is undone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib import import_module
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit.models import Event
from concerns import services
from concerns.intake import IntakePerson
from concerns.models import Concern, Conflict, Deadline, Involvement, Person, TwoPersonStep
from concerns.selectors.search import search
from concerns.selectors.two_people import survivor_of
from concerns.services import base, conflicts
from concerns.services.base import lock
from concerns.vocabulary import ClockKind, Implicated, LifeChange, PersonRole, State, TwoPersonAct
from safeguarding.kit.errors import ChangedMeanwhile, NotAllowed, NotNow, Unsound
from safeguarding.kit.models import OutboxMessage
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.intakes import ADULT, CHILD, PLAIN
from tests.build.web import get, statements

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


# --- Separated concerns share nobody (I3) ---------------------------------------------------------

ZORA = "Zora Quill"


def zora_in(concern: Concern) -> Involvement:
    return concern.involvements.select_related("person").get(person__name=ZORA)


def change(part: Involvement, *, by: User, at: datetime, **values: object) -> None:
    services.update_person(concern_id=part.concern_id, involvement_id=part.pk, values=values, by=by, at=at)


def joined_to_what_dev_holds(cast: Cast) -> tuple[Concern, Concern]:
    """Zora came along, and a second person is asked about her level of risk, so that her part stays."""
    zora = replace(ADULT, name=ZORA, address="9 Fen Way")
    concern = services.raise_concern(intake=replace(PLAIN, people=(zora,)), by=cast.sian, at=MONDAY)
    survivor = cases.acknowledged(cast, holder=cast.dev, at=MONDAY)
    services.merge(concern_id=concern.pk, into_id=survivor.pk, reason="Same", by=cast.ruth, at=MONDAY + HOUR)
    for level in ("high", "low"):
        change(zora_in(survivor), by=cast.dev, at=MONDAY + HOUR, risk_level=level, risk_reason=f"It is {level}.")
    assert zora_in(survivor).two_person_steps.exists()
    return concern, survivor


def test_whoever_is_barred_after_a_separation_reads_no_new_address_where_they_still_may(cast: Cast) -> None:
    """I3: the new address is written on the one concern alone, and found by nobody who is barred from it."""
    concern, survivor = joined_to_what_dev_holds(cast)
    at = MONDAY + 2 * HOUR
    services.separate(concern_id=concern.pk, reason="Not the same", by=cast.ruth, at=at)
    services.take(concern_id=concern.pk, by=cast.ruth, at=at, note="Mine.")
    dev = IntakePerson(name="Dev", role=PersonRole.SOURCE_OF_RISK, staff_id=cast.dev.pk)
    services.add_person(concern_id=concern.pk, person=dev, by=cast.ruth, at=at)
    refuge = {"address": "The refuge, 77 Hidden Street", "phone": "07700 900123", "safe_contact": "Through the refuge"}
    change(zora_in(concern), by=cast.ruth, at=at, **refuge)
    services.record_death_or_move(
        concern_id=concern.pk, involvement_id=zora_in(concern).pk, change=LifeChange.MOVED, on=at.date(),
        moved_to="Northshire", words="Northshire was told.", form_key="moved", is_legal_hold=False, by=cast.ruth, at=at,
    )  # fmt: skip
    assert not can_read(cast.dev, concern)
    assert can_read(cast.dev, survivor)
    assert {name: getattr(zora_in(concern).person, name) for name in refuge} == refuge
    known = zora_in(survivor).person
    assert (known.address, known.phone, known.safe_contact, known.moved_to) == ("9 Fen Way", "", "", "")
    dev_now = User.objects.get(pk=cast.dev.pk)
    page = get(survivor.get_absolute_url(), dev_now, at=at).content.decode()
    assert ZORA in page
    assert "77 Hidden Street" not in page
    assert "Through the refuge" not in page
    assert not search("77 hidden street", dev_now, at=at).rows
    assert [found.concern.pk for found in search("77 hidden street", cast.ruth, at=at).rows] == [concern.pk]


def test_what_is_learnt_while_concerns_are_joined_is_known_in_both_when_they_are_separated(cast: Cast) -> None:
    """I13: a caution is not lost with the part that is taken out; also by way of one more concern."""
    concern, middle = joined_to_what_dev_holds(cast)
    top = cases.acknowledged(cast, holder=cast.dev, at=MONDAY)
    services.merge(concern_id=middle.pk, into_id=top.pk, reason="Same", by=cast.ruth, at=MONDAY + HOUR)
    own = top.involvements.exclude(person__name=ZORA).values_list("person", "person__safe_contact")
    before = list(own)
    change(zora_in(top), by=cast.dev, at=MONDAY + HOUR, unsafe_contact="He reads her post", name="Zora Quill-Bright")
    services.separate(concern_id=concern.pk, reason="Not the same", by=cast.ruth, at=MONDAY + 2 * HOUR)
    person = concern.involvements.get(role=PersonRole.AT_RISK).person
    assert (person.name, person.unsafe_contact) == ("Zora Quill-Bright", "He reads her post")
    assert "quill-bright" in person.search_text
    event = Event.objects.get(code="concern.person_changed", concern_id=concern.pk)
    assert event.data == {"person": person.ref, "fields": "name unsafe_contact"}
    assert list(own) == before, "the survivor's own people are as they were"
    alone = Person.objects.annotate(concerns=Count("involvements__concern", distinct=True))
    assert not alone.filter(concerns__gt=1).exists(), "nobody is in two concerns by one row"


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


def test_joining_asks_no_more_for_each_person_and_each_promise(cast: Cast) -> None:
    """Everybody of the one is known to the other by another row, and is to be contacted."""

    def asked(count: int) -> int:
        people = tuple(replace(ADULT, name=f"Jean {number} Ashworth") for number in range(count))
        one, into = (
            services.raise_concern(intake=replace(PLAIN, people=people), by=cast.amara, at=MONDAY) for _ in "12"
        )
        for row in one.involvements.select_related("person"):
            services.promise_contact(one, row.person, on=date(2026, 3, 20), at=MONDAY)
        with CaptureQueriesContext(connection) as captured:
            services.merge(concern_id=one.pk, into_id=into.pk, reason="Same visit", by=cast.ruth, at=MONDAY)
        assert into.deadlines.filter(kind=ClockKind.CONTACT).count() == count
        return sum('FROM "concerns_person"' in sql for sql in statements(captured))

    assert asked(1) == asked(4)


def test_what_is_joined_while_somebody_waits_for_it_is_locked_anew_in_one_order(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No two who need the same two concerns block each other: the lower number comes first, also the second time."""
    survivor, other = (services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY) for _ in range(2))
    stale = [Concern.objects.get(pk=other.pk)]
    services.merge(concern_id=other.pk, into_id=survivor.pk, reason="Same visit", by=cast.ruth, at=MONDAY)
    locked: list[int | None] = []

    def found(concern: Concern) -> Concern:
        return stale.pop() if stale else survivor_of(concern)

    def rolled_back(point: str) -> None:
        locked.append(None)
        transaction.savepoint_rollback(point)

    def locking(pk: int) -> Concern:
        locked.append(pk)
        return lock(pk)

    monkeypatch.setattr(base, "survivor_of", found)
    monkeypatch.setattr(base, "lock", locking)
    monkeypatch.setattr(
        base, "transaction", SimpleNamespace(**{**vars(transaction), "savepoint_rollback": rolled_back})
    )
    assert base.lock_with_survivor(other.pk) == (other, survivor)
    assert locked == [other.pk, None, survivor.pk, other.pk]
    always_another = count(10**6)
    monkeypatch.setattr(base, "survivor_of", lambda concern: Concern(pk=next(always_another)))
    monkeypatch.setattr(base, "lock", lambda pk: other)
    with pytest.raises(ChangedMeanwhile):
        base.lock_with_survivor(other.pk)


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


def test_whoever_is_let_in_again_is_so_to_all_that_was_joined_and_never_to_a_part(cast: Cast) -> None:
    """Issue 5, I3: each page tells of the others, so that one lift opens all of them, at one moment."""
    named = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=(cast.karen.pk, cast.colin.pk))
    survivor, other, first = (services.raise_concern(intake=named, by=cast.sian, at=MONDAY) for _ in range(3))
    for one, into in ((first, other), (other, survivor)):
        services.merge(concern_id=one.pk, into_id=into.pk, reason="Same visit", by=cast.ruth, at=MONDAY)
    story = (survivor, other, first)
    ask: dict[str, Any] = {
        "act": TwoPersonAct.LIFT_CONFLICT, "reason": "Another Karen", "by": cast.ruth, "at": MONDAY + HOUR,
    }  # fmt: skip
    sentence = (
        f"This concern was joined to {survivor.ref}. Ask there to let somebody in again: that lets them in here too."
    )
    for joined in (other, first):
        bar = Conflict.objects.get(concern=joined, staff=cast.karen)
        with pytest.raises(NotNow) as caught:
            services.ask_second_person(concern_id=joined.pk, conflict_id=bar.pk, **ask)
        assert caught.value.sentence == sentence
    bar = Conflict.objects.get(concern=survivor, staff=cast.karen)
    step = services.ask_second_person(concern_id=survivor.pk, conflict_id=bar.pk, **ask)
    assert not any(can_read(cast.karen, each) for each in story)
    services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=cast.imran, at=MONDAY + 2 * HOUR)
    assert all(can_read(cast.karen, each) for each in story)
    rows = Conflict.objects.filter(staff=cast.karen).values_list(
        "concern", "lifted_at", "lifted_by", "lift_seconded_by"
    )
    assert set(rows) == {(each.pk, MONDAY + 2 * HOUR, cast.ruth.pk, cast.imran.pk) for each in story}
    assert [codes(each).count("concern.conflict_lifted") for each in story] == [1, 1, 1]
    assert Conflict.objects.filter(staff=cast.colin, lifted_at__isnull=True).count() == 3


def test_what_was_asked_before_the_joining_opens_nothing_by_itself(cast: Cast) -> None:
    """Issue 5, I3: what two people agreed about one concern is no agreement about the other, nor about a later bar."""
    named = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=(cast.karen.pk,))
    survivor, other = (services.raise_concern(intake=named, by=by, at=MONDAY) for by in (cast.amara, cast.sian))
    bars = {each.pk: Conflict.objects.get(concern=each) for each in (survivor, other)}
    ask: dict[str, Any] = {
        "act": TwoPersonAct.LIFT_CONFLICT, "reason": "Another Karen", "by": cast.ruth, "at": MONDAY,
    }  # fmt: skip
    agree: dict[str, Any] = {"is_agreed": True, "words": "", "by": cast.imran, "at": MONDAY + HOUR}
    old = services.ask_second_person(concern_id=other.pk, conflict_id=bars[other.pk].pk, **ask)
    services.merge(concern_id=other.pk, into_id=survivor.pk, reason="Same visit", by=cast.ruth, at=MONDAY)
    with pytest.raises(NotNow, match="Ask there to let somebody in again"):
        services.give_second_view(step_id=old.pk, **agree)
    assert not any(can_read(cast.karen, each) for each in (survivor, other))
    new = services.ask_second_person(concern_id=survivor.pk, conflict_id=bars[survivor.pk].pk, **ask)
    services.give_second_view(step_id=new.pk, **agree)
    services.separate(concern_id=other.pk, reason="Another day", by=cast.ruth, at=MONDAY + HOUR)
    with transaction.atomic():
        again = Concern.objects.get(pk=other.pk)
        conflicts.bar(again, staff_id=cast.karen.pk, reason="She", by=cast.ruth, at=MONDAY + HOUR)
    services.give_second_view(step_id=old.pk, **agree)
    assert (can_read(cast.karen, survivor), can_read(cast.karen, other)) == (True, False)


def named_twice(cast: Cast, *, rightly: dict[str, Any]) -> tuple[Concern, Concern]:
    """Karen is named in one concern by mistake, and `rightly` in another, which is joined to it."""
    wrong: dict[str, Any] = {"implicated": Implicated.OTHER_STAFF, "implicated_staff_ids": (cast.karen.pk,)}
    survivor = services.raise_concern(intake=replace(PLAIN, **wrong), by=cast.amara, at=MONDAY)
    other = services.raise_concern(intake=replace(PLAIN, **rightly), by=cast.sian, at=MONDAY)
    services.merge(concern_id=other.pk, into_id=survivor.pk, reason="Same visit", by=cast.ruth, at=MONDAY + HOUR)
    return survivor, other


def ask_for_karen(cast: Cast, concern: Concern, *, hours: int = 1) -> TwoPersonStep:
    bar = Conflict.objects.get(concern=concern, staff=cast.karen, lifted_at__isnull=True)
    return services.ask_second_person(
        concern_id=concern.pk, act=TwoPersonAct.LIFT_CONFLICT, conflict_id=bar.pk, reason="Another Karen",
        by=cast.ruth, at=MONDAY + hours * HOUR,
    )  # fmt: skip


def agree(cast: Cast, step: TwoPersonStep) -> None:
    services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=cast.imran, at=MONDAY + 9 * HOUR)


AS_SOURCE = "They stand in one of the joined concerns as possible source of risk."


def test_whoever_is_a_source_of_risk_in_joined_concerns_is_let_in_only_when_they_are_separated(cast: Cast) -> None:
    """R41, I3: a mistake in one concern lets nobody read another in which they are rightly named."""
    source = replace(ADULT, name="Karen Doyle", role=PersonRole.SOURCE_OF_RISK, staff_id=cast.karen.pk)
    survivor, other = named_twice(cast, rightly={"people": (ADULT, source)})
    with pytest.raises(NotNow, match=AS_SOURCE):
        ask_for_karen(cast, survivor)
    assert not TwoPersonStep.objects.exists()
    services.separate(concern_id=other.pk, reason="Another Karen", by=cast.ruth, at=MONDAY + HOUR)
    agree(cast, ask_for_karen(cast, survivor))
    assert (can_read(cast.karen, survivor), can_read(cast.karen, other)) == (True, False)
    # R41: in one concern alone two people lift a mistaken bar, also where the wrong account was linked.
    agree(cast, ask_for_karen(cast, other))
    assert can_read(cast.karen, other)


def test_whoever_became_a_source_of_risk_after_it_was_asked_for_is_not_let_in(cast: Cast) -> None:
    survivor, other = named_twice(cast, rightly={})
    step = ask_for_karen(cast, survivor)
    survivor.refresh_from_db()
    assert survivor.responsible is not None
    source = replace(ADULT, name="Karen Doyle", role=PersonRole.SOURCE_OF_RISK, staff_id=cast.karen.pk)
    services.add_person(concern_id=survivor.pk, person=source, by=survivor.responsible, at=MONDAY + HOUR)
    with pytest.raises(NotNow, match=AS_SOURCE):
        agree(cast, step)
    assert not any(can_read(cast.karen, each) for each in (survivor, other))


def test_what_was_asked_before_another_concern_was_joined_is_asked_again(cast: Cast) -> None:
    """I3: whoever asked has to have read why the person is kept out of that one too."""
    survivor, other = named_twice(cast, rightly={})
    step = ask_for_karen(cast, survivor)
    third = services.raise_concern(
        intake=replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=(cast.karen.pk,)),
        by=cast.sian, at=MONDAY,
    )  # fmt: skip
    services.merge(concern_id=third.pk, into_id=survivor.pk, reason="Same", by=cast.ruth, at=MONDAY + 2 * HOUR)
    with pytest.raises(NotNow, match="Another concern was joined to this one after this was asked for"):
        agree(cast, step)
    services.give_second_view(step_id=step.pk, is_agreed=False, words="Read it", by=cast.imran, at=MONDAY + 2 * HOUR)
    agree(cast, ask_for_karen(cast, survivor, hours=3))
    assert all(can_read(cast.karen, each) for each in (survivor, other, third))


def lift_as_it_once_was(concern: Concern, cast: Cast) -> None:
    """Part by part, as an earlier release did it."""
    rows = Conflict.objects.filter(concern=concern, staff=cast.karen)
    assert rows.update(lifted_at=MONDAY + HOUR, lifted_by=cast.ruth, lift_seconded_by=cast.imran) == 1


def test_a_bar_on_a_joined_concern_alone_is_lifted_there(cast: Cast) -> None:
    """R41: also where more was joined to it; the nearest to the survivor that has the same bar is the place to ask."""
    survivor, other = named_twice(cast, rightly={})
    first = services.raise_concern(intake=PLAIN, by=cast.sian, at=MONDAY)
    services.separate(concern_id=other.pk, reason="Another day", by=cast.ruth, at=MONDAY + HOUR)
    for one, into in ((first, other), (other, survivor)):
        services.merge(concern_id=one.pk, into_id=into.pk, reason="Same visit", by=cast.ruth, at=MONDAY + HOUR)
    story = (survivor, other, first)
    with pytest.raises(NotNow, match=f"This concern was joined to {survivor.ref}. Ask there"):
        ask_for_karen(cast, other)
    lift_as_it_once_was(survivor, cast)
    assert [can_read(cast.karen, each) for each in story] == [True, False, False]
    with pytest.raises(NotNow, match=f"This concern was joined to {other.ref}. Ask there"):
        ask_for_karen(cast, first)
    agree(cast, ask_for_karen(cast, other))
    assert [can_read(cast.karen, each) for each in story] == [True, True, True]
    assert [codes(each).count("concern.conflict_lifted") for each in story] == [0, 1, 1]


def test_nobody_lifts_what_they_are_kept_out_of_themselves(cast: Cast) -> None:
    """I3: the bar of a lead stands on the joined concern alone, as it could once."""
    survivor, other = named_twice(cast, rightly={})
    Conflict.objects.create(concern=other, staff=cast.ruth, kind="barred", recorded_at=MONDAY, recorded_by=cast.imran)
    agree(cast, ask_for_karen(cast, survivor))
    assert (can_read(cast.karen, survivor), can_read(cast.karen, other)) == (True, False)


def test_what_a_lead_asked_for_before_they_lost_the_case_lets_nobody_in(cast: Cast) -> None:
    """R41, I6: Ruth could read all of it when she asked, but has no say in it since. Imran says no and asks again."""
    survivor, other = named_twice(cast, rightly={})
    step = ask_for_karen(cast, survivor)
    services.declare_conflict(concern_id=survivor.pk, by=cast.ruth, at=MONDAY + 2 * HOUR, words="My aunt.")
    with pytest.raises(NotNow, match="can have no say in this concern any more"):
        agree(cast, step)
    assert [can_read(cast.karen, each) for each in (survivor, other)] == [False, False]
    later = MONDAY + 9 * HOUR
    services.give_second_view(step_id=step.pk, is_agreed=False, words="Asked afresh", by=cast.imran, at=later)
    afresh = services.ask_second_person(
        concern_id=survivor.pk, act=TwoPersonAct.LIFT_CONFLICT, conflict_id=step.conflict_id, reason="Another Karen",
        by=cast.imran, at=later,
    )  # fmt: skip
    services.give_second_view(step_id=afresh.pk, is_agreed=True, words="", by=cast.joyce, at=later)
    assert [can_read(cast.karen, each) for each in (survivor, other)] == [True, True]


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


def test_every_reason_to_keep_somebody_out_is_there_to_be_read_before_they_are_let_in_again(cast: Cast) -> None:
    """R41: the second thing that is known of somebody barred weighs as much as the first. Told again, it is one."""
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    joined = services.raise_concern(intake=PLAIN, by=cast.amara, at=MONDAY)
    services.merge(concern_id=joined.pk, into_id=concern.pk, reason="The same.", by=cast.ruth, at=MONDAY)
    reasons_told = ("Her brother lives there.", "She was seen with the money.", "Her brother lives there.")
    for hours, reason in enumerate(reasons_told):
        conflicts.bar(
            Concern.objects.get(pk=concern.pk),
            staff_id=cast.karen.pk,
            reason=reason,
            by=cast.ruth,
            at=MONDAY + timedelta(hours=hours),
        )
    reasons = {row.concern: row.reason for row in Conflict.objects.filter(staff=cast.karen)}
    assert reasons[concern] == "Her brother lives there.\n\nShe was seen with the money."
    assert reasons[joined] == "Her brother lives there."
    assert Event.objects.filter(code="concern.conflict_recorded", concern_id=concern.pk).count() == 2


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
