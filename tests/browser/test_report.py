"""The quarterly report in a real browser: the operational lead comments and releases, a senior manager reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from champions.models import QuarterlyReport
from champions.services import build_due_reports
from concerns.vocabulary import AdultAbuse, ChildAbuse
from tests.browser.conftest import DESK, PHONE, OpenPage
from tests.build.cast import PASSWORD, Cast, make_cast
from tests.build.quarters import AFTER_SPRING, SPRING, acknowledge, raise_about_manager, raise_many, release

SignIn = Callable[[Page, User], None]
Look = Callable[[Page], None]
Shoot = Callable[[Page, str], Path]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """Two quarters with reports: a small one, and one in which most figures can be shown."""
    cast = make_cast()
    raise_many(cast.amara, 11, at=SPRING - timedelta(days=80))
    raise_many(cast.rhys, 6, at=SPRING - timedelta(days=70))
    spring = [
        *raise_many(cast.amara, 14),
        *raise_many(cast.priya, 7, kinds=[AdultAbuse.NEGLECT.value, AdultAbuse.SELF_NEGLECT.value]),
        *raise_many(cast.rhys, 10, kinds=[AdultAbuse.FINANCIAL.value, ChildAbuse.NEGLECT.value]),
        *raise_many(cast.mei, 2, kinds=[ChildAbuse.PHYSICAL.value]),
        raise_about_manager(cast.priya),
    ]
    for concern in spring[:30]:
        acknowledge(concern, at=SPRING + timedelta(hours=1))
    build_due_reports(at=AFTER_SPRING)
    # Quarters are released in their order.
    release(QuarterlyReport.objects.earliest("quarter_start"), cast.karen)
    return cast


def test_a_report_is_commented_released_and_read(
    open_page: OpenPage, cast: Cast, sign_in: SignIn, screenshot: Shoot, assert_accessible: Look
) -> None:
    lead = open_page(DESK)
    # By the form: releasing asks for a fresh proof of identity.
    lead.goto("/account/login/")
    lead.get_by_label("E-mail address").fill(cast.karen.email)
    lead.get_by_label("Password", exact=True).fill(PASSWORD)
    lead.get_by_role("button", name="Sign in").click()
    expect(lead.get_by_role("heading", level=1)).not_to_have_text("Sign in")
    lead.goto("/quarterly-reports/")
    assert_accessible(lead)
    screenshot(lead, "report-list")
    lead.get_by_role("link", name="April to June 2026").click()
    expect(lead.get_by_role("heading", level=1)).to_contain_text("April to June 2026")
    lead.wait_for_load_state()
    assert_accessible(lead)
    screenshot(lead, "report-draft")
    lead.get_by_role("link", name="Write the commentary").click()
    lead.get_by_role("button", name="Save the commentary").click()
    expect(lead.get_by_role("alert")).to_contain_text("There is a problem")
    assert_accessible(lead)
    lead.get_by_label("What concerns you").fill("Ashworth is a word that is also a name.")
    lead.get_by_label("What is rising").fill("Financial abuse by relatives.\nNeglect at the end of tenancies.")
    lead.get_by_label("What will be done").fill("The head of housing writes guidance by the end of August.")
    lead.get_by_label("What has come of").fill("All three actions are done.")
    lead.get_by_label("Nothing here could identify anyone").check()
    lead.get_by_role("button", name="Save the commentary").click()
    expect(lead.get_by_role("alert")).to_contain_text("Ashworth")
    assert_accessible(lead)
    screenshot(lead, "report-commentary")
    lead.get_by_label("I have checked the words").check()
    lead.get_by_role("button", name="Save the commentary").click()
    lead.get_by_role("link", name="Release the report").click()
    expect(lead.get_by_role("button", name="Release")).to_be_visible()
    lead.wait_for_load_state()
    assert_accessible(lead)
    screenshot(lead, "report-release")
    lead.get_by_role("button", name="Release the report").click()
    expect(lead.get_by_text("Report released.")).to_be_visible()

    for device in (PHONE, DESK):
        manager = open_page(device)
        sign_in(manager, cast.helen)
        manager.goto("/quarterly-reports/2026-04/1/")
        expect(manager.get_by_role("heading", level=1)).to_have_text("Quarterly report: April to June 2026")
        assert_accessible(manager)
        screenshot(manager, "report")
    with manager.expect_download() as figures:
        manager.get_by_role("link", name="Download the figures as CSV").click()
    assert figures.value.suggested_filename == "safeguarding-report-2026-04-version-1.csv"


def test_anyone_finds_a_champion(
    open_page: OpenPage, cast: Cast, sign_in: SignIn, screenshot: Shoot, assert_accessible: Look
) -> None:
    for device in (PHONE, DESK):
        page = open_page(device)
        sign_in(page, cast.dev)
        page.goto("/champions/")
        assert_accessible(page)
        screenshot(page, "champions")
