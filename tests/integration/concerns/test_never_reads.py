"""Administrators and people who work for a contractor never read a case, by whatever row (domain.md 5; ADR 29)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts import services as people
from accounts.models import ChampionAppointment, RoleAssignment, User
from accounts.services import PersonDetails
from accounts.vocabulary import Role
from concerns import services
from concerns.models import Concern, ConcernGrant
from concerns.models.ways import people_let_in
from concerns.services.holding import possible_holders
from concerns.services.sweeping import sweep
from concerns.vocabulary import HolderCause, Way
from safeguarding.kit.errors import NotAllowed
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
