"""Who is somebody's line manager decides who gets their concerns first, so nobody gives it to themselves, and a change
is never made in silence (domain.md 5, ADR 29)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts import notifications, services
from accounts.models import User
from accounts.selectors import line_above, lines_above
from accounts.services import PersonDetails
from accounts.vocabulary import Employment, Post, Role
from audit.models import Event
from safeguarding.kit import outbox
from safeguarding.kit.errors import NotAllowed, Unsound
from safeguarding.kit.models import OutboxMessage
from tests.build.cast import PASSWORD, Cast

AT = datetime(2026, 3, 16, 10, 0, tzinfo=UTC)
TOLD = ("accounts.manager_changed", "accounts.colleagues_manager_changed")


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def give_manager(person: User, manager: User | None, *, by: User | None, at: datetime = AT) -> tuple[str, ...]:
    details = replace(PersonDetails.of(fresh(person)), line_manager=manager)
    return services.change_person(person=person, details=details, by=by, at=at)


def by_password(user: User) -> Client:
    client = Client()
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    return client


def test_nobody_makes_themselves_somebodys_line_manager(cast: Cast) -> None:
    with pytest.raises(NotAllowed, match="make yourself somebody’s line manager"):
        give_manager(cast.amara, cast.bea, by=cast.bea)
    new = PersonDetails(full_name="Zoë O’Brien", line_manager=cast.bea)
    with pytest.raises(NotAllowed):
        services.create_person(email="zoe@larkfield.example", details=new, by=cast.bea, at=AT)
    assert fresh(cast.amara).line_manager == cast.gwen
    assert not User.objects.filter(email="zoe@larkfield.example").exists()
    assert give_manager(cast.amara, cast.bea, by=cast.carl) == ("line_manager",), "another administrator may"
    # Other details of somebody whom one manages are no change of the line.
    phone = replace(PersonDetails.of(fresh(cast.amara)), phone="01632 960 999")
    assert services.change_person(person=cast.amara, details=phone, by=cast.bea, at=AT) == ("phone",)


def test_nobody_changes_their_own_line_manager(cast: Cast) -> None:
    for manager in (None, cast.helen):
        with pytest.raises(NotAllowed, match="your own line manager"):
            give_manager(cast.bea, manager, by=cast.bea)
    assert fresh(cast.bea).line_manager == cast.sunita
    assert give_manager(cast.bea, cast.helen, by=cast.carl) == ("line_manager",)


def test_the_page_says_so_keeps_what_was_typed_and_the_ledger_has_it(cast: Cast) -> None:
    form = {
        "full_name": "Amara Okafor-Lee", "job_title": "Housing officer", "phone": "", "employment": "employee",
        "firm": "", "service_area": cast.areas.housing.pk, "line_manager": cast.bea.pk,
    }  # fmt: skip
    page = by_password(cast.bea).post(f"/people/{cast.amara.pk}/change/", form).content.decode()
    assert "You can’t make yourself somebody’s line manager. Ask another administrator." in page
    assert "Amara Okafor-Lee" in page
    event = Event.objects.get(code="audit.act_refused")
    assert (event.actor_id, event.data["act"]) == (cast.bea.pk, "accounts.change-person")


def test_the_person_and_the_leads_are_told_at_once_without_a_name(cast: Cast) -> None:
    give_manager(cast.amara, cast.colin, by=cast.bea)
    rows = OutboxMessage.objects.filter(kind__in=TOLD).order_by("pk")
    assert [(row.kind, row.recipient_id, row.path) for row in rows] == [
        (TOLD[0], cast.amara.pk, "/account/"),
        (TOLD[1], cast.ruth.pk, f"/people/{cast.amara.pk}/"),
        (TOLD[1], cast.imran.pk, f"/people/{cast.amara.pk}/"),
    ]
    outbox.deliver_due(at=AT)
    assert {tuple(message.to) for message in mail.outbox} == {
        (cast.amara.email,), (cast.ruth.email,), (cast.imran.email,),
    }  # fmt: skip
    for message in mail.outbox:
        for name in ("Amara", "Okafor", "Colin", "Gwen", "Bea"):
            assert name not in f"{message.subject} {message.body}"
    own = next(message for message in mail.outbox if message.to == [cast.amara.email])
    assert "Your line manager was changed" in own.subject
    assert "If that is wrong, tell a safeguarding lead." in own.body.replace("\n", " ")


def test_the_ledger_and_the_persons_page_say_who_changed_it_from_whom_to_whom(cast: Cast) -> None:
    give_manager(cast.amara, cast.colin, by=cast.bea)
    event = Event.objects.get(code="accounts.manager_changed", actor_id=cast.bea.pk)
    assert (event.subject_id, event.data) == (cast.amara.pk, {"before": cast.gwen.pk, "after": cast.colin.pk})
    for reader in (cast.ruth, cast.imran):
        page = " ".join(by_password(reader).get(f"/people/{cast.amara.pk}/").content.decode().split())
        row = page[page.index("Changes of line manager") :]
        for cell in (
            'data-label="When">16 March 2026, 10:00<', 'data-label="Changed by"><bdi>Bea Costa<',
            'data-label="From"><bdi>Gwen Pritchard<', 'data-label="To"><bdi>Colin Baker<',
        ):  # fmt: skip
            assert cell in row
    own = by_password(cast.amara).get("/account/").content.decode()
    assert "Colin Baker" in own


def test_nobody_is_told_of_what_the_set_up_commands_bring_in_or_of_other_details(cast: Cast) -> None:
    give_manager(cast.amara, cast.colin, by=None)
    services.change_person(
        person=cast.sian, details=replace(PersonDetails.of(fresh(cast.sian)), phone="01632 960 998"), by=cast.bea, at=AT
    )
    assert not OutboxMessage.objects.filter(kind__in=TOLD).exists()
    event = Event.objects.get(code="accounts.manager_changed")
    assert (event.actor_id, event.subject_id) == (None, cast.amara.pk)


def test_whoever_left_or_is_no_lead_any_more_is_not_told(cast: Cast) -> None:
    give_manager(cast.amara, cast.colin, by=cast.bea)
    services.end_role(person=cast.imran, role=Role.DEPUTY_LEAD, by=cast.bea, at=AT)
    assert not notifications.MANAGER_OF_SOMEBODY_CHANGED.may_still_know(cast.imran.pk, cast.amara.pk)
    assert notifications.MANAGER_OF_SOMEBODY_CHANGED.may_still_know(cast.ruth.pk, cast.amara.pk)
    services.deactivate_person(person=cast.amara, reason="Left", by=cast.bea, at=AT)
    assert not notifications.MANAGER_CHANGED.may_still_know(cast.amara.pk, cast.amara.pk)


# --- Roles that do not go together -------------------------------------------------------------------------


def test_an_administrator_is_given_nothing_that_is_there_for_reading_cases(cast: Cast) -> None:
    for post in Post:
        area = cast.areas.housing if post == Post.CHAMPION else None
        with pytest.raises(NotAllowed, match="Administrators never read a case"):
            services.propose_post(person=cast.bea, post=post, area=area, reason="Why", by=cast.carl, at=AT)
    with pytest.raises(NotAllowed):
        services.appoint_champion(person=cast.bea, area=cast.areas.housing, by=cast.ruth, at=AT)
    with pytest.raises(NotAllowed):
        services.give_role(person=cast.bea, role=Role.CHIEF_EXECUTIVE, by=None, at=AT)
    with pytest.raises(NotAllowed):
        services.give_role(person=cast.bea, role=Role.AUDITOR, by=None, at=AT)


def test_whoever_reads_cases_is_not_made_an_administrator(cast: Cast) -> None:
    for person in (cast.dev, cast.ruth, cast.imran, cast.karen, cast.martin, cast.joyce, cast.alan, cast.sunita):
        with pytest.raises(NotAllowed, match="End the roles that open cases first"):
            services.give_role(person=person, role=Role.ADMINISTRATOR, by=cast.bea, at=AT)
    services.give_role(person=cast.helen, role=Role.ADMINISTRATOR, by=cast.bea, at=AT)


def test_a_post_that_was_proposed_is_not_given_to_whoever_became_an_administrator_meanwhile(cast: Cast) -> None:
    proposal = services.propose_post(
        person=cast.quinn, post=Post.AUDITOR, area=None, reason="Audits.", by=cast.bea, at=AT
    )
    services.give_role(person=cast.quinn, role=Role.ADMINISTRATOR, by=cast.bea, at=AT)
    with pytest.raises(NotAllowed):
        services.view_post(proposal_id=proposal.pk, is_agreed=True, words="", by=cast.ruth, at=AT)
    assert not fresh(cast.quinn).role_assignments.filter(role=Role.AUDITOR).exists()


def test_a_contractors_worker_reads_no_case_by_a_role_either(cast: Cast) -> None:
    with pytest.raises(NotAllowed, match="work for a contractor"):
        services.appoint_champion(person=cast.jakub, area=cast.areas.repairs, by=cast.ruth, at=AT)
    details = replace(
        PersonDetails.of(fresh(cast.dev)), employment=Employment.CONTRACTOR, firm="Brightwater", line_manager=cast.leon
    )
    with pytest.raises(Unsound) as caught:
        services.change_person(person=cast.dev, details=details, by=cast.bea, at=AT)
    assert list(caught.value.problems) == ["employment"]


def test_the_page_offers_only_roles_that_go_together(cast: Cast) -> None:
    page = by_password(cast.carl).get(f"/people/{cast.bea.pk}/role/").content.decode()
    assert 'value="senior_manager"' in page
    for post in ("champion", "auditor", "safeguarding_lead", "chief_executive"):
        assert f'value="{post}"' not in page
    page = by_password(cast.bea).get(f"/people/{cast.dev.pk}/role/").content.decode()
    assert 'value="administrator"' not in page
    assert 'value="auditor"' in page


def test_the_line_above_each_of_several_people_is_read_at_once_the_nearest_first(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    above = {cast.gwen: cast.helen, cast.helen: cast.sunita, cast.sunita: None, cast.karen: cast.ruth}
    above |= {cast.ruth: cast.karen}  # a circle comes to an end
    for person, manager in above.items():
        User.objects.filter(pk=person.pk).update(line_manager=manager)
    with django_assert_num_queries(1):
        lines = lines_above([cast.gwen.pk, cast.helen.pk, cast.sunita.pk, cast.karen.pk])
    assert lines == {
        cast.gwen.pk: (cast.helen.pk, cast.sunita.pk),
        cast.helen.pk: (cast.sunita.pk,),
        cast.sunita.pk: (),
        cast.karen.pk: (cast.ruth.pk,),
    }
    assert line_above(cast.karen) == {cast.ruth.pk}
    assert lines_above([]) == {}
