"""Administrators and people who work for a contractor never read a case, by whatever row (domain.md 5; ADR 29)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts import services as people
from accounts.models import ChampionAppointment, RoleAssignment, User
from accounts.selectors import LEADS, holders_of, may_cover
from accounts.services import PersonDetails
from accounts.vocabulary import Role
from audit.models import Event
from concerns import services
from concerns.models import Alarm, Concern, ConcernGrant
from concerns.models.ways import people_let_in
from concerns.services.holding import candidates, possible_holders
from concerns.services.sweeping import sweep
from concerns.services.watching import leads_at_work
from concerns.vocabulary import AlarmKind, HolderCause, Way
from safeguarding.kit.errors import NotAllowed, NotNow
from safeguarding.kit.models import OutboxMessage
from sharing.models import InformationRequest, SignedRecord
from tests.build import cases, decisions, world
from tests.build import sharing as build
from tests.build.cast import Cast, make_cast
from tests.build.intakes import EMERGENCY
from tests.build.sharing import fresh, holder_of
from tests.build.web import get

pytestmark = pytest.mark.django_db
AT = cases.AT
HOUR = timedelta(hours=1)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


def managed(cast: Cast, person: User, manager: User) -> User:
    details = replace(PersonDetails.of(again(person)), line_manager=manager)
    people.change_person(person=person, details=details, by=cast.carl, at=AT - HOUR)
    return again(person)


def reads(user: User, concern: Concern) -> bool:
    return Concern.objects.visible_to(again(user), at=AT + HOUR).filter(pk=concern.pk).exists()


@pytest.mark.parametrize("manager", ["bea", "jakub"])
def test_as_a_line_manager_they_are_passed_over_and_read_nothing(cast: Cast, manager: str) -> None:
    person = getattr(cast, manager)
    concern = cases.submitted(cast, by=managed(cast, cast.amara, person))
    assert concern.responsible in (cast.dev, cast.nadia)
    assert concern.responsible_cause == HolderCause.MANAGER_ABSENT
    assert get(concern.get_absolute_url(), person, at=AT + HOUR).status_code == 404
    assert not reads(person, concern)
    assert person.pk not in possible_holders(concern)
    with pytest.raises(NotAllowed):
        services.hand_on(
            concern_id=concern.pk, to=person, note="Yours.", by=holder_of(concern), at=AT + timedelta(minutes=5)
        )
    assert not OutboxMessage.objects.filter(recipient_id=person.pk, kind__startswith="concern").exists()


@pytest.mark.parametrize("manager", ["bea", "jakub"])
def test_nor_are_they_told_of_an_emergency(cast: Cast, manager: str) -> None:
    person = getattr(cast, manager)
    concern = cases.submitted(cast, intake=EMERGENCY, by=managed(cast, cast.amara, person))
    assert concern.responsible != person
    assert not reads(person, concern)
    assert not OutboxMessage.objects.filter(recipient_id=person.pk, kind__startswith="concern").exists()
    with pytest.raises(NotAllowed):
        services.acknowledge(concern_id=concern.pk, by=again(person), at=AT + HOUR, has_conflict=False)


def test_a_row_that_says_that_they_hold_it_opens_nothing_and_is_put_right(cast: Cast) -> None:
    concern = cases.acknowledged(cast, by=managed(cast, cast.amara, cast.bea))
    Concern.objects.filter(pk=concern.pk).update(responsible=cast.bea)
    assert not reads(cast.bea, concern)
    assert cast.bea not in [found.user for found in people_let_in(fresh(concern), at=AT)]
    sweep(at=AT + HOUR)
    assert holder_of(concern) in (cast.dev, cast.nadia)


def test_no_row_of_any_kind_opens_a_case_to_an_administrator(cast: Cast) -> None:
    """Every role, an appointment and a grant at once, as if written straight into the tables."""
    concern = cases.submitted(cast, intake=EMERGENCY, by=managed(cast, cast.amara, cast.bea))
    for role in set(Role) - {Role.ADMINISTRATOR}:
        RoleAssignment.objects.create(user=cast.bea, role=role, started_at=AT)
    ChampionAppointment.objects.create(user=cast.bea, service_area=cast.areas.housing, started_at=AT)
    build_grant(concern, cast)
    Concern.objects.filter(pk=concern.pk).update(responsible=cast.bea)
    assert not reads(cast.bea, concern)
    assert not Concern.objects.workable_by(again(cast.bea)).exists()
    assert cast.bea not in [found.user for found in people_let_in(fresh(concern), at=AT + HOUR)]
    people.end_role(person=cast.bea, role=Role.ADMINISTRATOR, by=cast.carl, at=AT)
    assert reads(cast.bea, concern), "it is the administrator's role that closes it"


def build_grant(concern: Concern, cast: Cast) -> None:
    world.let_in(concern, cast.bea, by=cast.ruth, until=AT + 400 * HOUR * 24)
    ConcernGrant.grants.update(starts_at=AT)


# --- Rows from before: a role for reading cases, held by somebody who never reads one ---


def both(person: User, role: Role) -> None:
    """As it could be given before: straight into the table."""
    RoleAssignment.objects.create(user=person, role=role, started_at=AT - 2 * HOUR)


def only_lead(person: User) -> None:
    both(person, Role.SAFEGUARDING_LEAD)
    others = RoleAssignment.objects.filter(role__in=[*LEADS, Role.OPERATIONAL_LEAD]).exclude(user=person)
    others.update(ended_at=AT - HOUR)


@pytest.mark.parametrize("who", ["bea", "jakub"])
def test_a_lead_who_never_reads_is_no_lead_at_work_and_the_alarm_is_on(cast: Cast, who: str) -> None:
    person = getattr(cast, who)
    only_lead(person)
    assert leads_at_work(at=AT) == frozenset()
    sweep(at=AT)
    assert [alarm.kind for alarm in Alarm.objects.filter(ended_at__isnull=True)] == [AlarmKind.NO_LEAD]
    told = OutboxMessage.objects.filter(kind="concern.no_lead").values_list("recipient_id", flat=True)
    assert set(told) == {cast.martin.pk, cast.sunita.pk}


@pytest.mark.parametrize("role", [Role.SAFEGUARDING_LEAD, Role.DESIGNATED_SENIOR_MANAGER, "champion"])
def test_nobody_who_never_reads_is_asked_to_hold_one(cast: Cast, role: str) -> None:
    if role == "champion":
        ChampionAppointment.objects.create(user=cast.bea, service_area=cast.areas.housing, started_at=AT - HOUR)
    else:
        both(cast.bea, Role(role))
    asked = [found.user_id for found in candidates(cast.areas.housing, manager=None, at=AT)]
    assert cast.bea.pk not in asked
    assert {cast.dev.pk, cast.ruth.pk, cast.martin.pk} <= set(asked)
    assert cast.bea not in may_cover()


def test_other_roles_of_an_administrator_stay_what_they_are(cast: Cast) -> None:
    both(cast.bea, Role.SENIOR_MANAGER)
    both(cast.bea, Role.SAFEGUARDING_LEAD)
    assert cast.bea in holders_of(Role.SENIOR_MANAGER)
    assert set(holders_of(Role.ADMINISTRATOR)) == {cast.bea, cast.carl}
    assert set(holders_of(*LEADS)) == {cast.ruth, cast.imran}


def test_the_last_lead_who_reads_stays_though_an_administrator_is_called_one(cast: Cast) -> None:
    both(cast.bea, Role.DEPUTY_LEAD)
    people.end_role(person=cast.imran, role=Role.DEPUTY_LEAD, by=cast.carl, at=AT)
    with pytest.raises(NotNow, match="last safeguarding lead"):
        people.end_role(person=cast.ruth, role=Role.SAFEGUARDING_LEAD, by=cast.carl, at=AT)
    people.end_role(person=cast.bea, role=Role.DEPUTY_LEAD, by=cast.carl, at=AT)


def test_the_last_champion_who_reads_stays_though_an_administrator_is_called_one(cast: Cast) -> None:
    ChampionAppointment.objects.create(user=cast.bea, service_area=cast.areas.homelessness, started_at=AT - HOUR)
    with pytest.raises(NotNow, match="last champion"):
        people.end_champion(person=cast.mei, area=cast.areas.homelessness, by=cast.ruth, at=AT)
    people.end_champion(person=cast.bea, area=cast.areas.homelessness, by=cast.ruth, at=AT)


# --- Grants that were left open when somebody went, before they ended with their ground ---


def left_open(cast: Cast, person: User) -> Concern:
    concern = cases.submitted(cast)
    world.let_in(concern, person, by=cast.ruth, until=AT + 60 * 24 * HOUR)
    ConcernGrant.grants.update(starts_at=AT)
    return concern


def test_coming_back_opens_nothing_also_for_whoever_left_before(cast: Cast) -> None:
    concern = left_open(cast, cast.quinn)
    User.objects.filter(pk=cast.quinn.pk).update(is_active=False, deactivated_at=AT)
    people.reactivate_person(person=cast.quinn, reason="Back", by=cast.bea, at=AT)
    assert not reads(cast.quinn, concern)
    event = Event.objects.get(code="concern.let_in_ended")
    assert (event.concern_id, event.actor_id) == (concern.pk, cast.bea.pk)


@pytest.mark.parametrize("how", ["left", "administrator", "contractor"])
def test_the_sweep_ends_what_is_open_to_nobody(cast: Cast, how: str) -> None:
    concern = left_open(cast, cast.quinn)
    sweep(at=AT)
    assert reads(cast.quinn, concern)
    if how == "left":
        User.objects.filter(pk=cast.quinn.pk).update(is_active=False, deactivated_at=AT)
    elif how == "administrator":
        both(cast.quinn, Role.ADMINISTRATOR)
    else:
        User.objects.filter(pk=cast.quinn.pk).update(employment="contractor", firm="Brightwater")
    for _ in range(2):
        sweep(at=AT)
    event = Event.objects.get(code="concern.let_in_ended")
    assert (event.concern_id, event.actor_id, event.data["staff"]) == (concern.pk, None, cast.quinn.pk)
    User.objects.filter(pk=cast.quinn.pk).update(is_active=True, deactivated_at=None, employment="employee", firm="")
    RoleAssignment.objects.filter(user=cast.quinn).update(ended_at=AT)
    assert not reads(cast.quinn, concern)


# --- What ends when a role begins ---


def test_whoever_becomes_an_administrator_hands_on_what_they_hold(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    assert holder_of(concern) == cast.gwen
    people.give_role(person=cast.gwen, role=Role.ADMINISTRATOR, by=cast.bea, at=AT + HOUR)
    assert not reads(cast.gwen, concern), "from that second on"
    sweep(at=AT + HOUR)
    assert holder_of(concern) in (cast.dev, cast.nadia)
    assert fresh(concern).responsible_cause == HolderCause.PART_ENDED


def test_the_decision_that_they_signed_before_is_closed_to_them_too(cast: Cast) -> None:
    concern = build.case(cast)
    record = build.signed(concern, decisions.agreed(), agency=build.adult_care(cast))
    request = build.requested(cast, fresh(concern))
    assert SignedRecord.objects.visible_to(again(cast.gwen)).filter(pk=record.pk).exists()
    people.give_role(person=cast.gwen, role=Role.ADMINISTRATOR, by=cast.bea, at=build.SIGNED_AT)
    assert not SignedRecord.objects.visible_to(again(cast.gwen)).exists()
    assert not InformationRequest.objects.visible_to(again(cast.gwen)).filter(pk=request.pk).exists()
    page = get("/", cast.gwen, at=build.SIGNED_AT).content.decode()
    assert "/sharing/requests/" not in page


def test_the_leads_page_of_who_can_see_it_says_the_same(cast: Cast) -> None:
    concern = cases.submitted(cast, intake=EMERGENCY)
    managed(cast, cast.amara, cast.bea)
    found = {(row.user, row.way) for row in people_let_in(fresh(concern), at=AT)}
    assert (cast.gwen, Way.HOLDS) not in found, "she is not Amara's manager any more"
    assert not {user for user, _ in found} & {cast.bea, cast.gwen}


def test_the_list_of_what_has_taken_too_long_shows_them_nothing_whatever_role_they_have(cast: Cast) -> None:
    """One administrator could make another, or a contractor's worker, a senior manager."""
    concern = cases.submitted(cast, intake=EMERGENCY)
    far = AT + timedelta(days=400)
    assert concern.ref in get("/late/", cast.helen, at=far).content.decode()
    for person in (cast.jakub, cast.bea):
        people.give_role(person=again(person), role=Role.SENIOR_MANAGER, by=cast.carl, at=AT)
        assert concern.ref not in get("/late/", again(person), at=far).content.decode()
        assert "/late/" not in get("/", again(person), at=far).content.decode()
