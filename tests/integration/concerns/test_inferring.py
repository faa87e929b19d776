"""What could be worked out from numbers, places in a list and breakdowns, without ever opening a case (I3, I13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from concerns.models import Draft
from concerns.selectors import drafts
from concerns.services.drafts import save_page, start_draft
from concerns.services.unsent import remind_of_drafts
from concerns.vocabulary import Implicated
from safeguarding.kit.models import OutboxMessage
from tests.build import cases
from tests.build.cast import PASSWORD, Cast, make_cast
from tests.build.intakes import PLAIN
from tests.build.web import get

pytestmark = pytest.mark.django_db
AT = cases.AT
LATER = AT + timedelta(hours=1)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def held_by_gwen(cast: Cast, *, about: User | None = None) -> None:
    """One more concern that rests with Gwen; named in it is `about`."""
    intake = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=(about.pk,)) if about else PLAIN
    concern = cases.submitted(cast, intake=intake)
    concern.responsible = cast.gwen
    concern.save(update_fields=["responsible"])


def duties_shown(of: User, to: User) -> list[tuple[int, str]]:
    page = get(reverse("people:show-person", args=[of.pk]), to, at=LATER)
    assert page.status_code == 200
    return [(duty.count, duty.words) for duty in page.context["page"].duties]


@pytest.mark.parametrize("who", ["ruth", "bea"])
def test_the_number_that_somebody_holds_leaves_out_what_its_reader_is_named_in(cast: Cast, who: str) -> None:
    """A lead could set it against what they see in the queue; an administrator against what it was yesterday."""
    reader, colleague = getattr(cast, who), cast.imran
    held_by_gwen(cast)
    assert duties_shown(cast.gwen, reader) == [(1, "open concerns")]
    held_by_gwen(cast, about=reader)
    assert duties_shown(cast.gwen, reader) == [(1, "open concerns")]
    assert duties_shown(cast.gwen, colleague) == [(2, "open concerns")]


def test_neither_does_the_page_or_the_refusal_when_the_account_is_to_be_closed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_by_gwen(cast, about=cast.bea)
    monkeypatch.setattr("accounts.duties._ways", [])  # nobody takes it
    address = reverse("people:deactivate-person", args=[cast.gwen.pk])

    def asked(who: User, method: str) -> str:
        client = Client()
        client.post("/account/login/", {"login": who.email, "password": PASSWORD})
        answer = getattr(client, method)(address, {"reason": "Left"})
        assert answer.status_code == 200
        return str(answer.content.decode())

    assert "1 open concern" in asked(cast.carl, "get")
    assert "open concern" not in asked(cast.bea, "get")
    assert "still has 1 open concerns" in asked(cast.carl, "post")
    refused = asked(cast.bea, "post")
    assert "open concern" not in refused
    assert "This account can’t be deactivated just now. Ask a safeguarding lead." in refused
    cast.gwen.refresh_from_db()
    assert cast.gwen.is_active


# --- Reports that are not sent yet ------------------------------------------------------------------


def begun(cast: Cast, owner: User, staff_ids: list[str], *, minutes: int = 0) -> Draft:
    at = AT + timedelta(minutes=minutes)
    draft = start_draft(key="", by=owner, at=at)
    values = {"implicated": ["other_staff"] if staff_ids else ["no"], "staff_ids": staff_ids}
    return save_page(key=draft.key, page="staff", values=values, by=owner, at=at)


@pytest.mark.parametrize("typed", ["9" * 5000, "9" * 30, "-1", "²", "x", ""])
def test_nonsense_in_one_draft_keeps_nobody_from_hearing_of_the_others(cast: Cast, typed: str) -> None:
    first, second = begun(cast, cast.amara, [typed]), begun(cast, cast.sian, [])
    evening = AT + timedelta(hours=30)
    assert remind_of_drafts(at=evening) > 0
    for draft in (first, second):
        draft.refresh_from_db()
        assert draft.champions_told_at == evening
    assert OutboxMessage.objects.filter(kind="concern.draft_unsent", about_id=second.pk).exists()
    page = get(reverse("concerns:list-late"), cast.ruth, at=evening)
    assert page.status_code == 200
    assert "Amara" in page.content.decode()


def test_a_draft_that_is_kept_from_a_lead_takes_no_place_among_those_they_see(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MOST_UNSENT", 2)
    begun(cast, cast.amara, [str(cast.ruth.pk)])
    begun(cast, cast.sian, [], minutes=1)
    begun(cast, cast.priya, [], minutes=2)
    remind_of_drafts(at=AT + timedelta(hours=30))
    assert [each.owner for each in drafts.unsent_drafts_for(cast.ruth)] == [cast.sian.full_name, cast.priya.full_name]
    assert [each.owner for each in drafts.unsent_drafts_for(cast.imran)] == [cast.amara.full_name, cast.sian.full_name]
