"""An emergency on a phone, advice without names, capacity, a correction: in a real browser, axe on every page."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from safeguarding.kit.clock import now
from sharing import services
from sharing.answers import Capacity
from sharing.models import CapacityRecord, Consultation, Correction, Referral
from tests.browser.conftest import DESK, PHONE, Device, OpenPage
from tests.browser.test_casework import Look, Reader, Shoot, SignIn
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import Cast, make_cast


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def test_an_emergency_is_recorded_in_under_a_minute_on_a_phone(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot
) -> None:
    """R38: one page, three answers; also without scripts, and with a date that does not exist (R39)."""
    at = now()
    concern = build.case(cast, at=at - timedelta(hours=2))
    build.adult_care(cast, at=at)
    for has_scripts in (True, False):
        page = open_page(PHONE, java_script=has_scripts)
        sign_in(page, cast.gwen)
        gwen = Reader(page, assert_accessible if has_scripts else lambda _: None, screenshot, "whole-emergency")
        begun = time.monotonic()
        page.goto(concern.get_absolute_url())
        gwen.follow("Record that somebody went straight to an agency")
        gwen.see("I told an agency already")
        if has_scripts:
            page.get_by_label("Who did you tell?").select_option(index=1)
        else:
            gwen.write("Who it was, if they are not in the list", "Larkshire Police")
            page.get_by_label("Month").fill("13")
        gwen.write("What did you tell them?", "He hit the door with a bar and she is inside.")
        gwen.write("Why could it not wait?", "He was still there.")
        gwen.press("Record it")
        gwen.told("The full record is due within 24 hours.")
        assert time.monotonic() - begun < 60
    assert Referral.objects.filter(concern=concern, is_direct=True).count() == 2
    referral = Referral.objects.get(agency_name="Larkshire Police")
    page = open_page(DESK)
    sign_in(page, cast.gwen)
    gwen = Reader(page, assert_accessible, screenshot, "whole-emergency-desk")
    page.goto(referral.get_absolute_url())
    gwen.see(page.get_by_role("heading", level=1).inner_text())
    gwen.told("Recorded after an emergency.")
    gwen.told("The full record is still to be made.")
    gwen.told("Time as typed")


@pytest.mark.parametrize("device", [PHONE, DESK], ids=lambda device: device.name)
def test_advice_without_names(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot, device: Device
) -> None:
    concern = build.case(cast, at=now() - timedelta(hours=2))
    name = build.person(concern).name
    page = open_page(device)
    sign_in(page, cast.gwen)
    gwen = Reader(page, assert_accessible, screenshot, f"whole-advice-{device.name}")
    page.goto(concern.get_absolute_url())
    page.locator("#sharing").get_by_role("link", name="Ask for advice without names").click()
    gwen.see("Ask for advice without names")
    gwen.write("What will you say?", f"{name} of 4 Mill Lane loses money to a relative. Must I tell about Jean?")
    gwen.press("Check the words")
    gwen.see("Ask for advice without names")
    gwen.told("This tells who it is about")
    assert page.locator("mark").all_inner_texts() == [name, "4 Mill Lane", "Jean"]
    gwen.write("What will you say?", "A woman loses money to a relative. Must I tell about Jean?")
    gwen.press("Check again and save")
    gwen.see("Ask for advice without names")
    assert page.locator("mark").all_inner_texts() == ["Jean"]
    page.get_by_label("If it must be said: why?").fill("They asked for her first name, to look her up.")
    gwen.press("Check again and save")
    gwen.see("Advice without names")
    gwen.follow("Record the advice")
    gwen.see("Record the advice")
    gwen.press("Record")
    gwen.see("Record the advice")
    gwen.told("Write what they advised.")
    gwen.write("Who did you ask?", "Duty social worker")
    gwen.write("Which organisation?", "Larkshire adult social care")
    gwen.write("What did they advise?", "Refer her today.")
    gwen.choose("Did they advise you to say who it is about?", "Yes")
    gwen.write("Why, or why not?", "They cannot act without it.")
    gwen.press("Record")
    gwen.see("Advice without names")
    assert Consultation.objects.get().in_full == "yes"

    draft = services.start_decision(concern_id=concern.pk, by=cast.gwen, at=now())
    page.goto(f"/sharing/decisions/{draft.ref}/1/draft/page/advice/")
    gwen.see("Advice you took")
    page.get_by_role("button", name="Put on the list").click()
    gwen.see("Advice you took")
    gwen.told("Duty social worker")


@pytest.mark.parametrize("device", [PHONE, DESK], ids=lambda device: device.name)
def test_capacity_and_a_correction(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot, device: Device
) -> None:
    at = now()
    concern = build.case(cast, at=at - timedelta(hours=2))
    record = decisions.change_first_person(decisions.agreed(), capacity=Capacity(doubted="yes"))
    draft = build.draft(concern, record, at=at, agency=build.adult_care(cast, at=at))
    key = draft.record.people[0].key
    page = open_page(device)
    sign_in(page, cast.gwen)
    gwen = Reader(page, assert_accessible, screenshot, f"whole-capacity-{device.name}")
    page.goto(f"/sharing/decisions/{draft.ref}/1/draft/page/assessment.{key}/")
    gwen.see("Recording the assessment of capacity")
    gwen.told("It cannot be recorded yet")
    gwen.follow("Change the assessment")
    gwen.see("Capacity")
    page.get_by_text("still needed before you can sign").click()
    gwen.told("Recording the assessment of capacity")
    gwen.choose("Did you begin by assuming that they can decide?", "Yes")
    gwen.write("Which decision was looked at?", "Whether we tell adult social care about the money.")
    gwen.choose("Is the record about this decision?", "Yes")
    for part, number in (("Day", "16"), ("Month", "3"), ("Year", "2026")):
        page.get_by_label(part, exact=True).fill(number)
    gwen.write("What was done to help them decide?", "Short sentences, her niece beside her.")
    for question in (
        "Can they understand what matters?", "Can they remember it long enough?", "Can they weigh it up?",
        "Can they tell others their decision?",
    ):  # fmt: skip
        gwen.choose(question, "Yes")
    gwen.choose("What was concluded?", "Has capacity for this decision")
    gwen.write("Who looked at capacity?", "Gwen Pritchard")
    gwen.press("Save and continue")
    gwen.see("Recording the assessment of capacity")
    gwen.press("Record this assessment")
    gwen.told("The assessment is recorded.")
    page.goto(f"/sharing/decisions/{draft.ref}/1/draft/page/capacity.{key}/")
    gwen.write("Who looked at capacity?", "Gwen Pritchard and Dr Lund")
    gwen.press("Save and continue")
    gwen.see("Recording the assessment of capacity")
    gwen.write("Why is the record before corrected?", "The doctor was left out.")
    gwen.press("Record this assessment")
    gwen.told("The assessment is recorded.")
    assert CapacityRecord.objects.filter(corrects__isnull=False).count() == 1

    draft.refresh_from_db()
    services.sign_decision(decision_id=draft.pk, seen_edit=draft.edit, by=cast.gwen, at=now())
    referral = Referral.objects.get(concern=concern)
    services.send_referral(referral_id=referral.pk, sending=build.sending(now()), by=cast.gwen, at=now())
    gwen = Reader(page, assert_accessible, screenshot, f"whole-correction-{device.name}")
    page.goto(concern.get_absolute_url())
    gwen.see(f"Concern {concern.ref}")
    gwen.follow("A shared fact is wrong")
    gwen.see("A shared fact is wrong")
    page.get_by_label("£80 is drawn each Tuesday.").check()
    gwen.write("What is right?", "£80 is drawn each Thursday.")
    gwen.write("How do you know?", "The bank wrote to her.")
    gwen.press("Record, and list who to tell")
    correction_heading = f"Correction {Correction.objects.get().ref}"
    gwen.see(correction_heading)
    page.get_by_role("link", name="Record that they were told").click()
    gwen.see("Record that they were told")
    gwen.write("Who at the agency did you tell?", "Ms Lund")
    gwen.write("How?", "By phone")
    gwen.press("Record")
    gwen.see(correction_heading)
    expect(page.get_by_text("Told", exact=True)).to_be_visible()
