"""People join, change, are appointed and leave: who may do it, what it refuses, what the ledger says."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount

from accounts import duties, services
from accounts.models import User
from accounts.selectors import standing
from accounts.services import PersonDetails
from accounts.vocabulary import Employment, Role
from audit.models import Event
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from safeguarding.kit.models import OutboxMessage
from tests.build.cast import Cast

AT = datetime(2026, 3, 16, 10, 0, tzinfo=UTC)
NEW = PersonDetails(full_name="Zoë O’Brien", job_title="Caretaker")


def last_event() -> tuple[str, int | None, int | None]:
    event = Event.objects.latest("id")
    return event.code, event.actor_id, event.subject_id


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_administrator_adds_a_person_who_has_no_password_yet(cast: Cast) -> None:
    zoe = services.create_person(email=" Zoe@Larkfield.EXAMPLE ", details=NEW, by=cast.bea, at=AT)
    assert (zoe.email, zoe.full_name) == ("zoe@larkfield.example", "Zoë O’Brien")
    assert not zoe.has_usable_password()
    assert last_event() == ("accounts.person_added", cast.bea.pk, zoe.pk)


@pytest.mark.parametrize("who", ["amara", "gwen", "dev", "ruth", "karen", "helen", "sunita", "joyce", "alan", "jakub"])
def test_nobody_but_an_administrator_changes_people(cast: Cast, who: str) -> None:
    by = getattr(cast, who)
    with pytest.raises(NotAllowed):
        services.create_person(email="zoe@larkfield.example", details=NEW, by=by, at=AT)
    with pytest.raises(NotAllowed):
        services.change_person(person=cast.priya, details=NEW, by=by, at=AT)
    with pytest.raises(NotAllowed):
        services.deactivate_person(person=cast.priya, reason="Left", by=by, at=AT)
    with pytest.raises(NotAllowed):
        services.give_role(person=cast.priya, role=Role.AUDITOR, by=by, at=AT)
    with pytest.raises(NotAllowed):
        services.end_role(person=cast.imran, role=Role.DEPUTY_LEAD, by=by, at=AT)
    with pytest.raises(NotAllowed):
        services.add_service_area(code="new", name="New", by=by, at=AT)


@pytest.mark.parametrize(
    ("email", "details", "field"),
    [
        ("amara@larkfield.example", NEW, "email"),
        ("AMARA@larkfield.example", NEW, "email"),
        ("not an address", NEW, "email"),
        ("", NEW, "email"),
        ("zoe@larkfield.example", replace(NEW, full_name="  "), "full_name"),
        ("zoe@larkfield.example", replace(NEW, job_title="x" * 121), "job_title"),
        ("zoe@larkfield.example", replace(NEW, employment="boss"), "employment"),
        ("zoe@larkfield.example", replace(NEW, employment=Employment.CONTRACTOR), "line_manager"),
    ],
)
def test_missing_or_wrong_details_are_named_by_field(
    cast: Cast, email: str, details: PersonDetails, field: str
) -> None:
    with pytest.raises(Unsound) as caught:
        services.create_person(email=email, details=details, by=cast.bea, at=AT)
    assert list(caught.value.problems) == [field]


def test_nobody_manages_themselves_not_even_through_others(cast: Cast) -> None:
    own = replace(PersonDetails.of(cast.colin), line_manager=cast.colin)
    with pytest.raises(Unsound, match="missing or wrong"):
        services.change_person(person=cast.colin, details=own, by=cast.bea, at=AT)
    loop = replace(PersonDetails.of(cast.sunita), line_manager=cast.priya)
    with pytest.raises(Unsound) as caught:
        services.change_person(person=cast.sunita, details=loop, by=cast.bea, at=AT)
    assert list(caught.value.problems) == ["line_manager"]


def test_change_says_what_changed_and_nothing_when_nothing_did(cast: Cast) -> None:
    moved = replace(PersonDetails.of(cast.amara), service_area=cast.areas.income, line_manager=cast.helen)
    assert services.change_person(person=cast.amara, details=moved, by=cast.bea, at=AT) == (
        "service_area",
        "line_manager",
    )
    told = Event.objects.filter(code="accounts.person_changed").latest("id")
    assert told.data == {"fields": "service_area, line_manager"}
    before = Event.objects.count()
    assert services.change_person(person=cast.amara, details=moved, by=cast.bea, at=AT) == ()
    assert Event.objects.count() == before


def test_leaver_loses_access_roles_and_appointments_and_keeps_the_past(cast: Cast) -> None:
    services.give_role(person=cast.dev, role=Role.AUDITOR, by=None, at=AT)
    services.deactivate_person(person=cast.dev, reason="Retired", by=cast.bea, at=AT)
    dev = fresh(cast.dev)
    assert (dev.is_active, dev.deactivated_at) == (False, AT)
    assert not dev.has_usable_password()
    assert [row.ended_at for row in dev.role_assignments.all()] == [AT]
    assert [row.ended_at for row in dev.champion_appointments.all()] == [AT]
    assert standing(dev).roles == frozenset()
    assert last_event() == ("accounts.person_deactivated", cast.bea.pk, dev.pk)
    with pytest.raises(NotNow):
        services.deactivate_person(person=dev, reason="Again", by=cast.bea, at=AT)
    with pytest.raises(NotNow):
        services.give_role(person=dev, role=Role.AUDITOR, by=None, at=AT)


def test_leaving_needs_a_reason_and_another_administrator(cast: Cast) -> None:
    with pytest.raises(Unsound):
        services.deactivate_person(person=cast.priya, reason=" ", by=cast.bea, at=AT)
    with pytest.raises(NotAllowed):
        services.deactivate_person(person=cast.bea, reason="Left", by=cast.bea, at=AT)
    assert fresh(cast.priya).is_active


def test_last_lead_stays(cast: Cast) -> None:
    services.deactivate_person(person=cast.ruth, reason="Left", by=cast.bea, at=AT)
    with pytest.raises(NotNow, match="last safeguarding lead"):
        services.deactivate_person(person=cast.imran, reason="Left", by=cast.bea, at=AT)
    with pytest.raises(NotNow, match="last safeguarding lead"):
        services.end_role(person=cast.imran, role=Role.DEPUTY_LEAD, by=cast.bea, at=AT)
    services.give_role(person=cast.karen, role=Role.SAFEGUARDING_LEAD, by=None, at=AT)
    services.end_role(person=cast.imran, role=Role.DEPUTY_LEAD, by=cast.bea, at=AT)
    assert not standing(fresh(cast.imran)).is_lead


def test_last_administrator_stays(cast: Cast) -> None:
    services.deactivate_person(person=cast.carl, reason="Left", by=cast.bea, at=AT)
    with pytest.raises(NotNow, match="last administrator"):
        services.deactivate_person(person=cast.bea, reason="Left", by=None, at=AT)
    with pytest.raises(NotNow, match="last administrator"):
        services.end_role(person=cast.bea, role=Role.ADMINISTRATOR, by=None, at=AT)
    services.give_role(person=cast.amara, role=Role.ADMINISTRATOR, by=cast.bea, at=AT)
    services.end_role(person=cast.bea, role=Role.ADMINISTRATOR, by=cast.amara, at=AT)
    assert standing(fresh(cast.amara)).is_administrator


def test_somebody_who_comes_back_has_no_role_no_password_and_no_second_step(cast: Cast) -> None:
    TOTP.activate(cast.imran, generate_totp_secret())
    SocialAccount.objects.create(user=cast.imran, provider="employer", uid="42")
    services.deactivate_person(person=cast.imran, reason="Left", by=cast.bea, at=AT)
    with pytest.raises(Unsound):
        services.reactivate_person(person=cast.imran, reason=" ", by=cast.bea, at=AT)
    with pytest.raises(NotAllowed):
        services.reactivate_person(person=cast.imran, reason="Back", by=cast.ruth, at=AT)
    services.reactivate_person(person=cast.imran, reason="Back", by=cast.bea, at=AT)
    back = fresh(cast.imran)
    assert (back.is_active, back.deactivated_at, back.has_usable_password()) == (True, None, False)
    assert standing(back).roles == frozenset()
    assert not Authenticator.objects.filter(user=back).exists()
    assert not SocialAccount.objects.filter(user=back).exists()
    assert last_event() == ("accounts.person_reactivated", cast.bea.pk, back.pk)
    with pytest.raises(NotNow):
        services.reactivate_person(person=back, reason="Again", by=cast.bea, at=AT)


def test_a_lost_second_step_is_taken_away_by_somebody_else_and_its_owner_is_told(cast: Cast) -> None:
    TOTP.activate(cast.ruth, generate_totp_secret())
    with pytest.raises(NotAllowed):
        services.reset_second_factor(person=cast.ruth, reason="Lost", by=cast.imran, at=AT)
    with pytest.raises(NotAllowed):
        services.reset_second_factor(person=cast.bea, reason="Lost", by=cast.bea, at=AT)
    services.reset_second_factor(person=cast.ruth, reason="Phone lost", by=cast.bea, at=AT)
    assert not Authenticator.objects.filter(user=cast.ruth).exists()
    assert last_event() == ("accounts.second_factor_reset", cast.bea.pk, cast.ruth.pk)
    message = OutboxMessage.objects.get(kind="accounts.second_factor_reset")
    assert message.recipient_id == cast.ruth.pk
    with pytest.raises(NotNow):
        services.reset_second_factor(person=cast.ruth, reason="Again", by=cast.bea, at=AT)


def test_whoever_still_answers_for_something_stays(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    held = {cast.gwen.pk: 3}
    monkeypatch.setattr(duties, "_questions", [lambda pk, viewer: duties.Duty(held.get(pk, 0), "open concerns")])
    with pytest.raises(NotNow) as caught:
        services.deactivate_person(person=cast.gwen, reason="Left", by=cast.bea, at=AT)
    assert caught.value.sentence == "This person still has 3 open concerns. Hand them on first."
    services.deactivate_person(person=cast.colin, reason="Left", by=cast.bea, at=AT)


def test_administrator_never_changes_their_own_roles(cast: Cast) -> None:
    with pytest.raises(NotAllowed, match="your own roles"):
        services.give_role(person=cast.bea, role=Role.SAFEGUARDING_LEAD, by=cast.bea, at=AT)
    with pytest.raises(NotAllowed, match="your own roles"):
        services.end_role(person=cast.bea, role=Role.ADMINISTRATOR, by=cast.bea, at=AT)


def test_role_is_held_once_and_seen_at_once(cast: Cast) -> None:
    assert not standing(cast.alan).is_lead
    first = services.give_role(person=cast.alan, role=Role.DEPUTY_LEAD, by=None, at=AT)
    assert services.give_role(person=cast.alan, role=Role.DEPUTY_LEAD, by=None, at=AT) == first
    assert standing(cast.alan).is_lead
    assert Event.objects.filter(code="accounts.role_given", subject_id=cast.alan.pk).count() == 2
    services.end_role(person=cast.alan, role=Role.DEPUTY_LEAD, by=cast.bea, at=AT)
    assert not standing(cast.alan).is_lead
    with pytest.raises(NotNow):
        services.end_role(person=cast.alan, role=Role.DEPUTY_LEAD, by=cast.bea, at=AT)


@pytest.mark.parametrize("who", ["ruth", "imran", "karen"])
def test_leads_keep_the_champion_list(cast: Cast, who: str) -> None:
    by = getattr(cast, who)
    services.appoint_champion(person=cast.amara, area=cast.areas.income, by=by, at=AT)
    assert standing(cast.amara).champion_area_ids == {cast.areas.income.pk}
    services.end_champion(person=cast.amara, area=cast.areas.income, by=by, at=AT)
    assert standing(cast.amara).champion_area_ids == frozenset()
    with pytest.raises(NotAllowed):
        services.appoint_champion(person=by, area=cast.areas.income, by=by, at=AT)


def test_administrator_ends_a_champion_and_can_not_appoint_one(cast: Cast) -> None:
    services.end_champion(person=cast.dev, area=cast.areas.housing, by=cast.bea, at=AT)
    assert standing(cast.dev).champion_area_ids == frozenset()
    with pytest.raises(NotAllowed, match="Only a safeguarding lead"):
        services.appoint_champion(person=cast.dev, area=cast.areas.housing, by=cast.bea, at=AT)


def test_nobody_ends_their_own_appointment(cast: Cast) -> None:
    services.appoint_champion(person=cast.ruth, area=cast.areas.income, by=cast.imran, at=AT)
    with pytest.raises(NotAllowed):
        services.end_champion(person=cast.ruth, area=cast.areas.income, by=cast.ruth, at=AT)


@pytest.mark.parametrize("who", ["amara", "gwen", "dev", "helen", "sunita", "joyce", "alan", "jakub", "bea"])
def test_nobody_else_appoints_champions(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        services.appoint_champion(person=cast.priya, area=cast.areas.income, by=getattr(cast, who), at=AT)


def test_area_keeps_its_last_champion(cast: Cast) -> None:
    services.end_champion(person=cast.dev, area=cast.areas.housing, by=cast.ruth, at=AT)
    with pytest.raises(NotNow, match="last champion"):
        services.end_champion(person=cast.nadia, area=cast.areas.housing, by=cast.ruth, at=AT)
    with pytest.raises(NotNow, match="not a champion"):
        services.end_champion(person=cast.dev, area=cast.areas.housing, by=cast.ruth, at=AT)


@pytest.mark.parametrize(
    ("code", "name"), [("housing", "Other"), ("other", "Housing management"), ("", "Other"), ("a b", "B")]
)
def test_service_area_has_a_code_and_a_name_of_its_own(cast: Cast, code: str, name: str) -> None:
    with pytest.raises(Unsound):
        services.add_service_area(code=code, name=name, by=cast.bea, at=AT)


def test_service_area_can_be_renamed(cast: Cast) -> None:
    services.rename_service_area(area=cast.areas.income, name="Money and tenancies", by=cast.bea, at=AT)
    cast.areas.income.refresh_from_db()
    assert (cast.areas.income.code, cast.areas.income.name) == ("income", "Money and tenancies")
