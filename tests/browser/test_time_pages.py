"""The duty rota, leave with cover, the time limits and what has taken too long, in a real browser with axe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.services import record_absence, record_shift
from concerns import services
from concerns.models import Draft
from concerns.services.conflicts import bar
from concerns.services.sweeping import sweep
from tests.browser.conftest import DESK, PATIENCE, PHONE, Device, OpenPage
from tests.build import cases
from tests.build.cast import make_cast

DAY = timedelta(days=1)


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
def test_the_pages_about_time(
    transactional_db: None,
    open_page: OpenPage,
    sign_in: Callable[[Page, User], None],
    assert_accessible: Callable[[Page], None],
    screenshot: Callable[[Page, str], Path],
    device: Device,
) -> None:
    cast, now = make_cast(), timezone.now()
    cases.acknowledged(cast, at=now - 30 * DAY)
    Draft.objects.create(
        owner=cast.amara, started_at=now - 5 * DAY, saved_at=now - 5 * DAY, answers={"facts": {"facts": ["Thin"]}}
    )
    sweep(at=now)
    record_shift(person=cast.dev, area=cast.areas.housing, starts_at=now, ends_at=now + DAY, by=cast.ruth, at=now)
    services.propose_limit(code="T12", value=1, reason="People wait too long", by=cast.imran, at=now)
    page = open_page(device)
    sign_in(page, cast.ruth)

    def see(path: str, heading: str) -> None:
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text(heading, timeout=PATIENCE)
        screenshot(page, f"time-{device.name}-{path.strip('/').replace('/', '-')}")
        assert_accessible(page)

    see("/late/", "What has taken too long")
    expect(page.get_by_text("Amara Okafor")).to_be_visible()
    page.get_by_role("link", name="Say what keeps it open").click()
    page.get_by_label("Why?").fill("Waiting for the council.")
    page.get_by_role("button", name="Save").click()
    see("/limits/", "Time limits")
    see("/limits/T3b/", "Propose another time limit")
    see("/limits/T12/view/", "Your view on a time limit")
    page.get_by_label("Yes, change it").check()
    page.get_by_role("button", name="Send your view").click()
    expect(page.get_by_text("The time limit is changed.")).to_be_visible()
    see("/account/duty/", "Duty rota")
    see("/account/duty/add/", "Add a shift")
    see("/account/leave/add/", "Add leave")


@pytest.mark.parametrize("device", [PHONE, DESK], ids=["phone", "desk"])
def test_nobody_at_lead_level_stands_on_top_of_the_first_page(
    transactional_db: None,
    open_page: OpenPage,
    sign_in: Callable[[Page, User], None],
    assert_accessible: Callable[[Page], None],
    screenshot: Callable[[Page, str], Path],
    device: Device,
) -> None:
    """I16: the designated senior manager reads it at once, and which concern nobody at lead level may act on."""
    cast, now = make_cast(), timezone.now()
    concern = cases.submitted(cast, at=now)
    with transaction.atomic():
        bar(concern, staff_id=cast.ruth.pk, reason="She is named.", by=cast.amara, at=now)
    for person in (cast.imran, cast.karen):
        record_absence(person=person, starts_at=now, ends_at=now + 2 * DAY, by=person, at=now)
    sweep(at=now)
    page = open_page(device)
    sign_in(page, cast.martin)
    page.goto("/")
    alarm = page.get_by_role("region", name="Critical")
    expect(alarm).to_contain_text("may act on this concern", timeout=PATIENCE)
    expect(alarm.get_by_text(concern.ref)).to_be_visible()
    assert_accessible(page)
    screenshot(page, f"alarm-{device.name}")
