"""A decision in a real browser, at 360 px and on a desk; axe on every page, pictures of all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from safeguarding.kit.clock import now
from sharing import services
from sharing.models import Referral, SignedRecord
from tests.browser.conftest import DESK, PATIENCE, PHONE, Device, OpenPage
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import PASSWORD, Cast, make_cast

SignIn = Callable[[Page, User], None]
Look = Callable[[Page], None]
Shoot = Callable[[Page, str], Path]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def prove(page: Page) -> None:
    """Give the password where it is asked for again."""
    page.wait_for_load_state()
    if "reauthenticate" in page.url:
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click(timeout=PATIENCE)


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
def test_decide_sign_and_send(
    open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot, cast: Cast, device: Device
) -> None:
    at = now()
    concern = build.case(cast, at=at - timedelta(hours=2))
    agency = build.adult_care(cast, at=at)
    page = open_page(device)
    sign_in(page, cast.gwen)

    def look(name: str) -> None:
        assert_accessible(page)
        screenshot(page, f"sharing-{name}")

    page.goto(concern.get_absolute_url())
    look("concern")
    page.get_by_role("button", name="Decide about sharing").click()
    expect(page.get_by_role("heading", name="Still needed before you can sign")).to_be_visible()
    look("tasks")
    page.get_by_role("link", name="Why a decision is needed").first.click()
    page.get_by_label("Our own initiative").check()
    expect(page.get_by_label("Who asked?")).to_be_hidden()
    look("start")
    page.get_by_role("button", name="Save and continue").click()
    page.goto(f"{page.url.rsplit('/page/', 1)[0]}/page/facts.new/")
    page.get_by_label("What is the fact?").fill("£80 goes each Tuesday.")
    page.get_by_label("Day").fill("31")
    page.get_by_label("Month").fill("2")
    page.get_by_label("Year").fill("2026")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_text("Enter a real date, for example 27 3 2026").first).to_be_visible()
    look("error")

    # The rest of the pages are walked in tests/integration/sharing/test_pages.py.
    decision = concern.decisions.get()
    services.withdraw_draft(decision_id=decision.pk, reason="Written again below.", by=cast.gwen, at=now())
    decision = build.draft(concern, decisions.agreed(), at=now(), agency=agency)
    page.goto(decision.get_absolute_url())
    look("tasks-done")
    for slug in ("items", "grounds", "basis", "test", "risks"):
        answer = page.goto(f"/sharing/decisions/{decision.ref}/1/draft/page/{slug}/")
        assert answer is not None
        if answer.status == 200:
            look(slug)
    page.goto(decision.get_absolute_url())
    page.get_by_role("link", name="Make a PDF of this draft").click()
    prove(page)
    expect(page.get_by_role("heading", name=f"Make a PDF of the draft {decision.ref}")).to_be_visible()
    look("draft-pdf")
    page.get_by_label("Who is it for?").fill("Dev Patel, Housing management")
    page.get_by_label("What is this export for?").fill("To talk it over")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Make the PDF").click()
    assert waiting.value.suggested_filename == f"DRAFT-{decision.ref}-v1.pdf"
    page.goto(decision.get_absolute_url())
    page.get_by_role("link", name="Check and sign").first.click()
    prove(page)
    expect(page.get_by_role("button", name="Sign this decision")).to_be_visible()
    look("check")
    page.get_by_role("button", name="Sign this decision").click()
    expect(page.get_by_text("Signed.")).to_be_visible()
    look("record")

    referral = Referral.objects.get(record=SignedRecord.objects.get())
    page.goto(f"/sharing/referrals/{referral.ref}/document/")
    look("document")
    page.goto(referral.get_absolute_url())
    look("referral")
    page.get_by_role("link", name="Record that it was sent").click()
    expect(page.get_by_role("heading", name="Record that it was sent")).to_be_visible()
    look("sent")
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_text("Recorded as sent.")).to_be_visible()


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
def test_auditors_list_and_export(
    open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot, cast: Cast, device: Device
) -> None:
    at = now()
    concern = build.case(cast, at=at - timedelta(hours=2))
    record = build.signed(concern, decisions.agreed(), at=at, agency=build.adult_care(cast, at=at))
    page = open_page(device)
    sign_in(page, cast.alan)
    page.goto("/sharing/records/")
    assert_accessible(page)
    screenshot(page, "sharing-records")
    page.get_by_label(f"Choose {record.ref} version 1").check()
    page.get_by_role("button", name="Export the chosen records").click()
    prove(page)
    expect(page.get_by_role("heading", name="Export 1 decision record")).to_be_visible()
    expect(page.get_by_label("If yes: why does the reader need these names?")).to_be_hidden()
    page.get_by_label("Who is it for?").fill("Beth Stone, Larkshire Council")
    page.get_by_label("What is this export for?").fill("Yearly audit")
    assert_accessible(page)
    screenshot(page, "sharing-export")
    page.get_by_role("button", name="Start the export").click()
    expect(page.get_by_text("0 of 1 made.")).to_be_visible()
    assert_accessible(page)
    screenshot(page, "sharing-export-progress")
    page.goto("/sharing/agencies/")
    assert_accessible(page)
    screenshot(page, "sharing-agencies")
