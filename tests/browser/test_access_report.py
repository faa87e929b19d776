"""Who opened what: a lead on the concern’s page, the auditor across all and as a file, in a real browser with axe."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from concerns import services
from tests.browser.conftest import DESK, PATIENCE, PHONE, Device, OpenPage
from tests.browser.test_casework import Look, Reader, Shoot, SignIn
from tests.build import cases
from tests.build.cast import PASSWORD, make_cast


@pytest.mark.parametrize("device", [PHONE, DESK], ids=lambda device: device.name)
def test_who_opened_it(
    transactional_db: None,
    open_page: OpenPage,
    sign_in: SignIn,
    assert_accessible: Look,
    screenshot: Shoot,
    device: Device,
) -> None:
    cast, now = make_cast(), timezone.now()
    concern = cases.acknowledged(cast, holder=cast.dev, at=now)
    with transaction.atomic():
        services.record_view(concern, by=cast.dev, at=now)
        for _ in range(60):
            services.record_queue_view(by=cast.dev, at=now)

    lead = open_page(device)
    sign_in(lead, cast.ruth)
    ruth = Reader(lead, assert_accessible, screenshot, f"access-ruth-{device.name}")
    lead.goto(concern.get_absolute_url())
    ruth.follow("See who has opened this concern")
    ruth.see("Who has opened this concern")
    ruth.told("Dev Patel")
    ruth.follow("Show every change too")
    ruth.see("Who has opened this concern")
    ruth.told("Acknowledged")

    # Without JavaScript: the pages of the list are buttons of the form.
    page = open_page(device, java_script=False)
    page.goto("/account/login/")
    page.get_by_label("E-mail address").fill(cast.alan.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto("/access/")
    page.get_by_label("Who", exact=True).fill("Dev")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("Nobody here has this name or e-mail address").first).to_be_visible(timeout=PATIENCE)
    screenshot(page, f"access-alan-{device.name}-wrong")
    page.get_by_label("Who", exact=True).fill("dev patel")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_text("Queue opened").first).to_be_visible(timeout=PATIENCE)
    screenshot(page, f"access-alan-{device.name}-first")
    page.get_by_role("button", name="Older").click()
    expect(page.get_by_role("button", name="Newer")).to_be_visible(timeout=PATIENCE)
    assert page.get_by_label("Who", exact=True).input_value() == "dev patel"
    screenshot(page, f"access-alan-{device.name}-older")

    page.goto("/access/export/")
    page.get_by_label("What is the file for?").fill("Yearly audit")
    page.get_by_label("Concern", exact=True).fill(concern.ref)
    screenshot(page, f"access-alan-{device.name}-export")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Make the file").click()
    assert waiting.value.suggested_filename == "access-report.csv"
    words = waiting.value.path().read_text(encoding="utf-8-sig")
    assert "Concern opened" in words
    assert concern.ref in words


def test_the_report_page_is_accessible(
    transactional_db: None, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look
) -> None:
    cast = make_cast()
    page = open_page(DESK)
    sign_in(page, cast.joyce)
    page.goto("/access/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Access report", timeout=PATIENCE)
    assert_accessible(page)
