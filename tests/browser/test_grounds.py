"""The pages of grounds C2 and C9 and what follows from them, in a real browser; axe on every page, pictures of all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from concerns import services as of_concern
from concerns.intake import IntakePerson
from concerns.vocabulary import LifeStage, PersonRole
from safeguarding.kit.clock import now
from sharing.answers import Ground
from sharing.vocabulary import RequestKind
from tests.browser.conftest import DESK, PHONE, Device, OpenPage
from tests.browser.test_sharing import prove
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import Cast, make_cast

SignIn = Callable[[Page, User], None]
Look = Callable[[Page], None]
Shoot = Callable[[Page, str], Path]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
def test_others_scope_and_safety(
    open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot, cast: Cast, device: Device
) -> None:
    at = now()
    concern = build.case(cast, at=at - timedelta(hours=2))
    for name, stage in (("Omar Oyelaran", LifeStage.ADULT), ("Sam Oyelaran", LifeStage.CHILD)):
        person = IntakePerson(name=name, stage=stage, role=PersonRole.HOUSEHOLD)
        of_concern.add_person(concern_id=concern.pk, person=person, by=cast.gwen, at=at - timedelta(hours=1))
    order = Ground(
        "C9", "applies", "Served.", body="Family Court at Larkford", on=at.date(), reference="LF26P00012",
        scope="The tenancy file since 2024, and every report of noise or damage.", document="Legal file 12",
    )  # fmt: skip
    base = decisions.against_a_refusal()
    record = replace(base, grounds=decisions.grounds(C9=order, C2=Ground("C2", "applies", "He shouts at all of them.")))
    decision = build.draft(concern, record, at=at, agency=build.adult_care(cast, at=at))
    page = open_page(device)
    sign_in(page, cast.gwen)

    def visit(slug: str) -> None:
        page.goto(f"/sharing/decisions/{decision.ref}/1/draft/page/{slug}/")

    def look(name: str) -> None:
        assert_accessible(page)
        screenshot(page, f"grounds-{name}")

    visit("grounds.C2")
    page.get_by_label("Sam Oyelaran").check()
    page.get_by_label("Somebody who is not identified yet").check()
    expect(page.get_by_label("Has the route for that child been started?")).to_have_count(0)
    look("c2")
    page.get_by_role("button", name="Save and continue").click()
    visit("grounds.C2")
    expect(page.get_by_text("Sam Oyelaran counts as a child at risk").first).to_be_visible()
    expect(page.get_by_text("Write what you know of the person who is not identified yet.").first).to_be_visible()
    look("c2-needed")
    visit("grounds.C9")
    look("c9")
    visit("items")
    expect(page.get_by_text("every report of noise or damage").first).to_be_visible()
    look("items")
    visit("items.0")
    page.get_by_role("group", name="Does it go beyond what the order or request asks for?").get_by_label("Yes").check()
    look("item")
    visit(f"safety.{build.person(concern).key}")
    look("safety")
    visit("likely")
    look("likely")
    page.goto(decision.get_absolute_url())
    look("tasks")
    page.goto(f"/sharing/decisions/{decision.ref}/1/draft/check/")
    prove(page)
    needed = page.locator(".govuk-inset-text").filter(has_text="Still needed before you can sign")
    expect(needed.get_by_text("Sam Oyelaran counts as a child at risk")).to_be_visible()
    expect(page.get_by_role("button", name="Sign this decision")).to_have_count(0)
    look("check")


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
def test_a_refusal_that_a_lead_looks_at(
    open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot, cast: Cast, device: Device
) -> None:
    at = now()
    request = build.verified(cast, build.requested(cast, None, kind=RequestKind.MEDIA, at=at), at=at)
    page = open_page(device)
    sign_in(page, cast.ruth)

    def look(name: str) -> None:
        assert_accessible(page)
        screenshot(page, f"refusal-{name}")

    page.goto(f"{request.get_absolute_url()}answer/")
    expect(page.get_by_label("What is the safeguarding reason?")).to_be_hidden()
    page.get_by_label("Refuse", exact=True).check()
    page.get_by_label("Why, or to whom they were sent").fill("It would harm our reputation.")
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_text("Write the safeguarding reason as well.").first).to_be_visible()
    look("asked")
    page.get_by_label("What is the safeguarding reason?").fill("He would learn where she lives.")
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_text("A refusal waits for a Safeguarding Lead.")).to_be_visible()
    look("waits")
    other = open_page(device)
    sign_in(other, cast.imran)
    other.goto(f"{request.get_absolute_url()}countersign/")
    assert_accessible(other)
    screenshot(other, "refusal-countersign")
    other.get_by_label("Yes", exact=True).check()
    other.get_by_role("button", name="Record").click()
    expect(other.get_by_text("Recorded.")).to_be_visible()
    assert_accessible(other)
    screenshot(other, "refusal-agreed")
