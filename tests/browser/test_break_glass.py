"""Break-glass in a real browser: proof first, an hour of reading under a watermark, a lead who judges it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page

from accounts.models import User
from concerns.models import BreakGlass, BreakGlassStop, Concern
from concerns.services.conflicts import bar
from concerns.vocabulary import Implicated
from tests.browser.conftest import DESK, PHONE, Device, OpenPage
from tests.browser.test_casework import Look, Reader, Shoot
from tests.build import cases
from tests.build.cast import PASSWORD, Cast, make_cast
from tests.build.intakes import PLAIN

RESTRICTED = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_words="Somebody who calls each week.")
WORDS = "Police are at her door and ask who may go in. Ruth and Imran do not answer."


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def sign_in_by_password(page: Page, user: User) -> None:
    page.goto("/account/login/")
    page.get_by_label("Email").or_(page.get_by_label("E-mail address")).first.fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("/")


@pytest.mark.parametrize("device", [PHONE, DESK], ids=lambda device: device.name)
def test_break_glass(
    cast: Cast, open_page: OpenPage, assert_accessible: Look, screenshot: Shoot, device: Device
) -> None:
    at = timezone.now()
    concern = cases.submitted(cast, intake=RESTRICTED, at=at)
    closed_to_him = cases.submitted(cast, intake=RESTRICTED, by=cast.sian, at=at)
    with transaction.atomic():
        bar(Concern.objects.get(pk=closed_to_him.pk), staff_id=cast.dev.pk, reason="Named", by=cast.ruth, at=at)

    page = open_page(device)
    sign_in_by_password(page, cast.dev)
    dev = Reader(page, assert_accessible, screenshot, f"glass-dev-{device.name}")
    dev.see("Your work")
    dev.follow("Open a concern that is closed to you (break-glass)")
    dev.see("Open a concern that is closed to you")
    dev.press("Break the glass")
    dev.see("Open a concern that is closed to you")
    dev.told("Enter the reference of the concern")
    dev.told("Choose why it can’t wait")

    def ask(ref: str) -> None:
        page.get_by_label("Reference of the concern").fill(ref)
        dev.choose("Why can’t it wait?", "The police, an ambulance or another agency asks now and can’t wait")
        page.get_by_label("Say more").fill(WORDS)
        dev.press("Break the glass")

    # A guess and one that is closed to him: the same words, and what he wrote is still there.
    for ref in ("SC-2222-2222", closed_to_him.ref):
        ask(ref)
        dev.see("Open a concern that is closed to you")
        dev.told("Break-glass can’t open this reference. If it is right, contact a safeguarding lead.")
        assert page.get_by_label("Say more").input_value() == WORDS
    assert BreakGlassStop.objects.count() == 2

    ask(concern.ref)
    dev.see(f"Concern {concern.ref}")
    dev.told("You can read it and change nothing.")
    dev.told("The cupboards were empty.")
    assert page.locator(".app-watermark").is_visible()
    assert page.get_by_role("link", name="Add a note").count() == 0
    page.goto("/queue/")
    dev.told("You can read it and change nothing.")

    lead = open_page(device)
    sign_in_by_password(lead, cast.ruth)
    ruth = Reader(lead, assert_accessible, screenshot, f"glass-ruth-{device.name}")
    ruth.see("Your work")
    ruth.told("Break-glass: say whether it was justified")
    use = BreakGlass.objects.get()
    ruth.follow(use.ref)
    ruth.see("Was this use of break-glass justified?")
    ruth.told(WORDS)
    ruth.told("Concern opened")
    ruth.choose("Was it justified?", "Yes, it was justified")
    ruth.write("Why do you think so?", "The police did ring, and I was in a meeting.")
    ruth.press("Send your judgement")
    ruth.see("Uses of break-glass")
    ruth.told("Your judgement is recorded.")
    ruth.told("no such concern")
    use.refresh_from_db()
    assert use.is_justified is True

    lead.goto(concern.get_absolute_url())
    ruth.follow("See who can open this concern")
    ruth.see("Who can see this concern")
    ruth.told("Break-glass")
    ruth.follow("Let somebody in by name")
    ruth.see("Let somebody in by name")
    lead.get_by_label("Who?").fill("Mei Chen")
    ruth.write("Why do they need to read it?", "She finds a place for Jean tonight.")
    day = timezone.localdate()
    for part, words in (("Day", str(day.day)), ("Month", str(day.month)), ("Year", str(day.year))):
        lead.get_by_label(part, exact=True).fill(words)
    ruth.press("Let them in")
    ruth.see(f"Concern {concern.ref}")
    ruth.follow("See who can open this concern")
    ruth.see("Who can see this concern")
    ruth.told("Let in by name by Ruth Abrahams: She finds a place for Jean tonight.")
    lead.goto(closed_to_him.get_absolute_url() + "who/")
    ruth.see("Who can see this concern")
    ruth.told("Barred: named as implicated")
