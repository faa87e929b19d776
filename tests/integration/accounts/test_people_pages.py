"""The pages about people: who gets in, what they show, that they change what they say, and what they cost."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import services
from accounts.models import PostProposal, User
from accounts.selectors import standing
from accounts.services import PersonDetails
from accounts.vocabulary import Post, Role
from audit.models import Event
from concerns.models import Concern
from safeguarding.kit.clock import now
from safeguarding.kit.models import OutboxMessage
from tests.build import cases
from tests.build.cast import PASSWORD, Cast
from tests.build.web import statements

pytestmark = pytest.mark.django_db


def by_password(person: User) -> Client:
    client = Client()
    client.post("/account/login/", {"login": person.email, "password": PASSWORD})
    return client


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("who", ["amara", "gwen", "dev", "helen", "martin", "sunita", "alan", "jakub", "quinn"])
def test_to_others_there_are_no_such_pages(cast: Cast, who: str) -> None:
    client = by_password(getattr(cast, who))
    pages = ["", "add/", f"{cast.priya.pk}/", "999999/"]
    acts = ["change/", "deactivate/", "reactivate/", "second-step/", "role/", "role/auditor/end/"]
    for path in [*pages, *(f"{cast.priya.pk}/{act}" for act in [*acts, "champion/repairs/end/", "proposed/1/"])]:
        for method in (client.get, client.post):
            status = method(f"/people/{path}").status_code
            assert status == 404 or (status == 405 and path[:-1].isdigit()), (path, status)
    assert Event.objects.filter(code="audit.act_refused", actor_id=getattr(cast, who).pk).exists()


@pytest.mark.parametrize("who", ["ruth", "imran", "karen", "joyce"])
def test_leads_read_and_change_no_details(cast: Cast, who: str) -> None:
    client = by_password(getattr(cast, who))
    assert client.get("/people/").status_code == 200
    page = words(client.get(f"/people/{cast.priya.pk}/"))
    assert "Change these details" not in page
    assert "deactivate the account" not in page
    for act in ("change/", "deactivate/", "reactivate/", "second-step/", "role/auditor/end/"):
        assert client.post(f"/people/{cast.priya.pk}/{act}", {"reason": "x"}).status_code == 404
    assert client.post("/people/add/", {}).status_code == 404


def test_a_person_is_added_and_invited(cast: Cast) -> None:
    client = by_password(cast.bea)
    empty = words(client.post("/people/add/", {}))
    assert "Enter an e-mail address" in empty
    sent = {
        "email": "zoe@larkfield.example", "full_name": "Zoë O’Brien", "job_title": "Caretaker", "phone": "",
        "employment": "employee", "firm": "", "service_area": cast.areas.housing.pk, "line_manager": cast.gwen.pk,
    }  # fmt: skip
    taken = words(client.post("/people/add/", {**sent, "email": "amara@larkfield.example"}))
    assert "Somebody with this e-mail address is already here." in taken
    assert "Zoë O’Brien" in taken, "nothing that was typed is lost"
    done = client.post("/people/add/", sent)
    zoe = User.objects.get(email="zoe@larkfield.example")
    assert done["Location"] == f"/people/{zoe.pk}/"
    assert (zoe.full_name, zoe.service_area, zoe.line_manager) == ("Zoë O’Brien", cast.areas.housing, cast.gwen)
    assert OutboxMessage.objects.filter(kind="accounts.invited", recipient_id=zoe.pk).count() == 1


def test_details_are_changed_and_a_circle_of_managers_is_refused(cast: Cast) -> None:
    client = by_password(cast.bea)
    path = f"/people/{cast.gwen.pk}/change/"
    assert 'value="Gwen Pritchard"' in words(client.get(path))
    sent = {
        "full_name": "Gwen Pritchard", "job_title": "Head of housing", "phone": "01632 960 299",
        "employment": "employee", "firm": "", "service_area": cast.areas.housing.pk, "line_manager": cast.helen.pk,
    }  # fmt: skip
    circle = words(client.post(path, {**sent, "line_manager": cast.amara.pk}))
    assert "This would make the person their own manager&#x27;s manager." in circle
    assert client.post(path, sent).status_code == 302
    assert User.objects.get(pk=cast.gwen.pk).job_title == "Head of housing"
    assert Event.objects.latest("id").data == {"fields": "job_title, phone"}


def test_what_rests_with_somebody_is_numbers_and_goes_to_others_when_they_leave(cast: Cast) -> None:
    concern = cases.acknowledged(cast, at=now())
    assert concern.responsible == cast.gwen
    client = by_password(cast.bea)
    page = words(client.get(f"/people/{cast.gwen.pk}/"))
    assert "1 open concern" in page
    assert concern.ref not in page
    assert "Jean" not in page
    assert "Say why." in words(client.post(f"/people/{cast.gwen.pk}/deactivate/", {"reason": " "}))
    done = client.post(f"/people/{cast.gwen.pk}/deactivate/", {"reason": "Left on 31 March"}, follow=True)
    assert "what they held has gone to others" in words(done)
    held = Concern.objects.get(pk=concern.pk)
    assert held.responsible not in (None, cast.gwen)
    former = words(client.get("/people/?show=former"))
    assert "Gwen Pritchard" in former
    assert "Gwen Pritchard" not in words(client.get("/people/")).split("Line manager</th>")[1].split("Amara")[0]
    back = client.post(f"/people/{cast.gwen.pk}/reactivate/", {"reason": "Back"}, follow=True)
    assert "Active again." in words(back)


def test_the_last_lead_and_oneself_can_not_be_deactivated(cast: Cast) -> None:
    services.deactivate_person(person=cast.imran, reason="Left", by=cast.bea, at=now())
    client = by_password(cast.bea)
    refused = words(client.post(f"/people/{cast.ruth.pk}/deactivate/", {"reason": "Left"}))
    assert "This is the last safeguarding lead." in refused
    own = words(client.post(f"/people/{cast.bea.pk}/deactivate/", {"reason": "Left"}, follow=True))
    assert "This cannot be done here." in own
    assert standing(User.objects.get(pk=cast.ruth.pk)).is_lead


def test_a_role_is_proposed_on_one_page_and_agreed_on_another(cast: Cast) -> None:
    bea, ruth = by_password(cast.bea), by_password(cast.ruth)
    path = f"/people/{cast.priya.pk}/role/"
    assert "Choose a role." in words(bea.post(path, {}))
    assert "Say why. The second person reads it." in words(bea.post(path, {"post": "auditor"}))
    assert "Choose the service area." in words(bea.post(path, {"post": "champion", "reason": "x"}))
    done = words(bea.post(path, {"post": "auditor", "reason": "<b>Alan</b> retires"}, follow=True))
    assert "Proposed. They have it once a second person agrees." in done
    proposal = PostProposal.objects.get()
    view = f"/people/{cast.priya.pk}/proposed/{proposal.pk}/"
    own = words(bea.get(view, follow=True))
    assert "comes from a lead" in own
    shown = words(ruth.get(view))
    assert "&lt;b&gt;Alan&lt;/b&gt; retires" in shown
    assert "Say why" in words(ruth.post(view, {"view": "refuse"}))
    agreed = words(ruth.post(view, {"view": "agree"}, follow=True))
    assert "They have it when they sign in again." in agreed
    assert standing(User.objects.get(pk=cast.priya.pk)).roles == {"auditor"}
    assert "Nothing waits for a second person here any more." in words(ruth.get(view, follow=True))


def test_a_lead_appoints_a_champion_at_once_and_nothing_else(cast: Cast) -> None:
    ruth = by_password(cast.ruth)
    path = f"/people/{cast.priya.pk}/role/"
    page = words(ruth.get(path))
    assert 'value="champion"' in page
    assert 'value="auditor"' not in page
    assert "Choose one of the roles." in words(ruth.post(path, {"post": "auditor", "reason": "x"}))
    done = words(ruth.post(path, {"post": "champion", "area": cast.areas.income.pk}, follow=True))
    assert "Appointed." in done
    ended = words(ruth.post(f"/people/{cast.priya.pk}/champion/income/end/", follow=True))
    assert "Ended." in ended
    last = words(ruth.post(f"/people/{cast.rhys.pk}/champion/income/end/", follow=True))
    assert "the service area&#x27;s last champion" in last


def test_an_administrator_gives_and_ends_what_takes_one(cast: Cast) -> None:
    bea = by_password(cast.bea)
    done = words(bea.post(f"/people/{cast.priya.pk}/role/", {"post": "senior_manager"}, follow=True))
    assert "Given." in done
    assert "End this role?" in words(bea.get(f"/people/{cast.priya.pk}/role/senior_manager/end/"))
    assert "Ended." in words(bea.post(f"/people/{cast.priya.pk}/role/senior_manager/end/", follow=True))
    page = words(bea.get(f"/people/{cast.priya.pk}/"))
    assert "Roles that have ended" in page
    assert bea.post(f"/people/{cast.priya.pk}/role/senior_manager/end/").status_code == 404


def test_nobody_changes_their_own_roles_on_a_page(cast: Cast) -> None:
    for who in (cast.bea, cast.ruth):
        client = by_password(who)
        page = words(client.post(f"/people/{who.pk}/role/", {"post": "champion"}, follow=True))
        assert "You cannot change your own roles" in page
    refused = words(by_password(cast.bea).post(f"/people/{cast.bea.pk}/role/administrator/end/", follow=True))
    assert "You cannot change your own roles" in refused


def test_giving_rights_asks_for_fresh_proof(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.bea, backend="allauth.account.auth_backends.AuthenticationBackend")
    for act in ("role/", "deactivate/", "reactivate/", "second-step/", "proposed/1/"):
        answer = client.post(f"/people/{cast.priya.pk}/{act}", {"post": "administrator", "reason": "x"})
        assert answer["Location"].startswith("/account/reauthenticate/"), act


def test_people_are_found_by_what_is_posted(cast: Cast) -> None:
    client = by_password(cast.bea)
    found = words(client.post("/people/", {"words": "okafor"}))
    assert "1 found" in found
    assert "Amara Okafor" in found
    assert "Nobody found." in words(client.post("/people/", {"words": "no such person"}))
    assert "26 people" in words(client.get("/people/"))


def test_the_list_costs_the_same_with_26_and_with_126_people(cast: Cast) -> None:
    client = by_password(cast.bea)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/people/").status_code == 200
        return len(statements(captured))

    few = cost()
    for number in range(100):
        person = services.create_person(
            email=f"new{number}@larkfield.example",
            details=PersonDetails(full_name=f"Aaron New {number}", line_manager=cast.gwen),
            by=None,
            at=now(),
        )
        services.give_role(person=person, role=Role.SENIOR_MANAGER, by=None, at=now())
    assert "page 1 of 3" in words(client.get("/people/"))
    assert cost() == few


def test_every_role_has_its_hint(cast: Cast) -> None:
    page = words(by_password(cast.bea).get(f"/people/{cast.quinn.pk}/role/"))
    for role in Role:
        assert role.label in page
    assert page.count("Takes two people") == len(Post)
