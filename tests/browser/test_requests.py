"""Requests for information in a real browser: one checked and answered in part, one told nothing (R102-R107)."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from django.utils import timezone

from safeguarding.kit.clock import now
from sharing import services
from sharing.models import InformationRequest
from tests.browser.conftest import DESK, PHONE, Device, OpenPage
from tests.browser.test_casework import Look, Reader, Shoot, SignIn
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import Cast, make_cast


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.mark.parametrize("device", [PHONE, DESK], ids=lambda device: device.name)
def test_a_section_47_request_is_checked_and_answered_in_part(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot, device: Device
) -> None:
    at = now()
    concern = build.case(cast, holder=cast.ruth, at=at - timedelta(hours=2))
    page = open_page(device)
    sign_in(page, cast.ruth)
    ruth = Reader(page, assert_accessible, screenshot, f"request-{device.name}")
    page.goto("/sharing/requests/")
    ruth.see("Requests for information")
    ruth.follow("Record a request")
    ruth.see("Record a request for information")
    ruth.press("Record it")
    ruth.see("Record a request for information")
    ruth.told("Choose the kind of request.")
    page.get_by_label("What kind of request is it?").select_option(label="Children Act s47")
    ruth.write("Who asks?", "Nadia Osei")
    ruth.write("The role they say they have", "Social worker")
    ruth.write("Their organisation, if any", "Larkshire Council")
    ruth.write("How they say you can reach them", "07700 900 111")
    ruth.choose("How did it come?", "Phone")
    ruth.write("What do they ask for?", "What we know about the home.")
    ruth.write("Who is it about?", "The family at number 9")
    ruth.choose("Is it about somebody who works here?", "No")
    ruth.write("What do they want it for?", "To protect a child.")
    ruth.write("Which law did they quote?", "Children Act 1989 section 47")
    ruth.choose("Is it an order of a court, or has it another force of law?", "No")
    ruth.choose("Is somebody in danger now?", "No")
    ruth.write("Reference of our concern, if you know it", concern.ref)
    ruth.press("Record it")
    ruth.see("Request for information: Children Act s47")
    ruth.told("Nobody has checked who asks.")
    ruth.follow("Check who asks")
    ruth.see("Check who asks")
    ruth.write("Which number did you call?", "07700 900111")
    ruth.write("Where is the number from, and whom did you reach?", "The council’s website; she came to the phone.")
    ruth.press("Record")
    ruth.told("This is the number that they gave.")
    ruth.write("Which number did you call?", "01632 960 500")
    ruth.press("Record")
    ruth.see("Request for information: Children Act s47")
    ruth.press("Decide about sharing")
    ruth.told("Still needed before you can sign")

    # How a decision is written is walked in test_sharing.
    request = InformationRequest.objects.get()
    decision = request.decisions.get()
    base = decisions.against_a_refusal()
    record = decisions.change(
        base,
        start=dataclasses.replace(decision.record.start, third_parties="no"),
        items=(*base.items, dataclasses.replace(base.items[0], answer="withhold", why_withheld="Not needed.")),
        decision=decisions.change(base.decision, choice="share_part", review_date=timezone.localdate()),
    )
    agency = build.adult_care(cast, at=now())
    build.fill(decision, build.fitted(record, concern), by=cast.ruth, at=now(), agency=agency)
    decision.refresh_from_db()
    signed = services.sign_decision(decision_id=decision.pk, seen_edit=decision.edit, by=cast.ruth, at=now())
    if signed.needs_second:
        services.give_second_view(record_id=signed.pk, is_agreed=True, comment="Yes", by=cast.imran, at=now())
    page.goto(request.get_absolute_url())
    ruth.see("Request for information: Children Act s47")
    ruth.follow("Answer the request")
    ruth.see("Answer the request")
    ruth.choose("What is the answer?", "Share in part")
    ruth.press("Record")
    ruth.see("Request for information: Children Act s47")
    ruth.told("Share in part")


@pytest.mark.parametrize("device", [PHONE, DESK], ids=lambda device: device.name)
def test_whoever_was_not_checked_is_told_nothing(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot, device: Device
) -> None:
    request = build.requested(cast, None, at=now())
    page = open_page(device)
    sign_in(page, cast.ruth)
    ruth = Reader(page, assert_accessible, screenshot, f"request-unverified-{device.name}")
    page.goto("/sharing/requests/")
    ruth.see("Requests for information")
    ruth.follow(request.ref)
    ruth.see("Request for information: Children Act s47")
    ruth.follow("Answer the request")
    ruth.see("Answer the request")
    answers = page.get_by_role("group", name="What is the answer?").get_by_role("radio")
    assert answers.count() == 1
    ruth.choose("What is the answer?", "Neither confirm nor deny")
    ruth.press("Record")
    ruth.see("Request for information: Children Act s47")
    ruth.told("We can neither confirm nor deny that we hold anything.")


@pytest.mark.parametrize("device", [PHONE, DESK], ids=lambda device: device.name)
def test_an_agency_is_asked_and_chased(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot, device: Device
) -> None:
    at = now()
    concern = build.case(cast, at=at - timedelta(hours=2))
    agency = build.adult_care(cast, at=at)
    page = open_page(device)
    sign_in(page, cast.gwen)
    gwen = Reader(page, assert_accessible, screenshot, f"question-{device.name}")
    page.goto(concern.get_absolute_url())
    gwen.follow("Ask an agency for information")
    gwen.see("Ask an agency for information")
    gwen.press("Record")
    gwen.see("Ask an agency for information")
    gwen.told("Choose the agency.")
    page.get_by_label("Which agency do you ask?").select_option(label=str(agency))
    gwen.write("What do you ask for?", "Earlier contacts about money.")
    gwen.write("What do you need it for?", "To see how long it has gone on.")
    gwen.write("On which law or duty do you ask?", "Care Act 2014 section 7")
    day = timezone.localdate() + timedelta(days=2)
    for label, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        page.get_by_label(label, exact=True).fill(str(value))
    gwen.press("Record")
    gwen.see(f"We asked {agency}")
    gwen.follow("Asked again")
    gwen.see("Asked again")
    gwen.press("Record")
    gwen.told("Write what was said or done.")


@pytest.mark.parametrize("device", [PHONE, DESK], ids=lambda device: device.name)
def test_a_member_of_staff_is_named_and_it_was_a_mistake(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot, device: Device
) -> None:
    concern = build.case(cast, at=now() - timedelta(hours=2))
    request = build.requested(cast, concern, at=now())
    page = open_page(device)
    sign_in(page, cast.gwen)
    gwen = Reader(page, assert_accessible, screenshot, f"request-named-{device.name}")
    page.goto(request.get_absolute_url())
    gwen.follow("Say that it is about somebody who works here")
    gwen.see("Say that it is about somebody who works here")
    gwen.told("Being named in a request keeps nobody out of a concern.")
    gwen.write("Who is it about?", "Doyle")
    gwen.press("Record")
    gwen.told("Tick whoever it is about.")
    page.get_by_label("Karen Doyle").check()
    gwen.press("Record")
    gwen.told("Write why you think that it is about them.")
    gwen.write("Why do you think that it is about them?", "The social worker said: your Mrs Doyle.")
    gwen.press("Record")
    gwen.see("Request for information: Children Act s47")
    gwen.told("can still open the concern")

    other = open_page(device)
    sign_in(other, cast.imran)
    imran = Reader(other, assert_accessible, screenshot, f"request-lifted-{device.name}")
    other.goto(request.get_absolute_url())
    imran.told("The social worker said: your Mrs Doyle.")
    imran.follow("Say that naming somebody was a mistake")
    imran.see("Say that naming somebody was a mistake")
    imran.press("Record")
    imran.told("Choose which naming was a mistake.")
    imran.choose("Which naming was a mistake?", f"Karen Doyle, named by {cast.gwen.full_name}")
    imran.write("Why was it a mistake?", "Another Mrs Doyle: a neighbour.")
    imran.press("Record")
    imran.see("Request for information: Children Act s47")
    imran.told("this was a mistake")
    imran.follow("Take it off the concern: it is not about this one")
    imran.see("Take it off the concern: it is not about this one")
    imran.write("Why is the request not about this concern?", "They mean number 19.")
    imran.press("Record")
    other.goto(concern.get_absolute_url())
    imran.see(f"Concern {concern.ref}")
    imran.told("They mean number 19.")
