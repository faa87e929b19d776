"""Joining, a second view, a bar lifted, a worker implicated, a death: in a real browser, at 360 px and on a desk."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import timezone

from concerns.models import Concern, Conflict, StaffStep
from concerns.vocabulary import Implicated, State
from tests.browser.conftest import DESK, PHONE, Device, OpenPage
from tests.browser.test_casework import Look, Reader, Shoot, SignIn
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.intakes import ADULT, CHILD, PLAIN

REPORT = replace(
    PLAIN,
    facts="Her purse was empty again, and the door was open.",
    said="I gave it to him.",
    said_by="Jean",
    opinion="I think he waits for pension day.",
    opinion_evidence="It was a Tuesday both times.",
    people=(ADULT, CHILD),
    implicated=Implicated.OTHER_STAFF,
    implicated_words="The plumber’s foreman was there both times.",
)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.mark.parametrize("device", [PHONE, DESK], ids=lambda device: device.name)
def test_what_takes_two_people(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot, device: Device
) -> None:
    at = timezone.now()
    survivor = cases.acknowledged(cast, intake=PLAIN, holder=cast.ruth, at=at)
    other = cases.submitted(cast, intake=replace(REPORT, implicated_staff_ids=(cast.leon.pk,)), by=cast.sian, at=at)
    name = f"Concern {survivor.ref}"

    page = open_page(device)
    sign_in(page, cast.ruth)
    ruth = Reader(page, assert_accessible, screenshot, f"two-ruth-{device.name}")

    page.goto(other.get_absolute_url())
    ruth.see(f"Concern {other.ref}")
    ruth.follow("Join it to another concern")
    ruth.see("Join this concern to another")
    ruth.press("Continue")
    ruth.see("Join this concern to another")
    ruth.told("Choose a concern, or enter its reference")
    page.get_by_label(survivor.ref).check()
    ruth.press("Continue")
    ruth.see("Join these two concerns")
    ruth.write("Why are they about the same person and the same matter?", "Both were there on Tuesday.")
    ruth.press("Join them")
    ruth.see(f"Concern {other.ref}")
    ruth.told("This concern was joined to")
    ruth.follow(survivor.ref)
    ruth.see(name)
    ruth.told("Reported by others about the same matter")
    ruth.told("Her purse was empty again, and the door was open.")

    ruth.follow("Consult the LADO (local authority designated officer)")
    ruth.see("Consult the LADO (local authority designated officer)")
    ruth.choose("What came of it?", "Done")
    ruth.write("In your own words", "Rang at 2pm. They advise us to go on.")
    ruth.press("Save")
    ruth.see(name)
    assert StaffStep.objects.get(concern=survivor, kind="lado").answer == "done"

    ruth.follow("Record that somebody died or moved away")
    ruth.see("Somebody died or moved away")
    ruth.press("Record it")
    ruth.see("Somebody died or moved away")
    ruth.told("Choose who it is about")
    ruth.choose("Who is it about?", "Jean Ashworth")
    ruth.choose("What happened?", "Moved away")
    for part, words in (("Day", "3"), ("Month", "2"), ("Year", "2026")):
        page.get_by_label(part, exact=True).fill(words)
    ruth.write("If they moved: which local authority did they move to?", "Derby City Council")
    ruth.write("Who else may be at risk now, and who was told?", "Kofi has stayed. Derby was rung.")
    ruth.press("Record it")
    ruth.see(name)
    ruth.told("Moved away on 3 February 2026, to Derby City Council.")
    ruth.follow("If that is wrong, put it right")
    ruth.see("Somebody died or moved away")
    ruth.choose("Who is it about?", "Jean Ashworth")
    ruth.choose("What happened?", "Neither: it was recorded by mistake")
    ruth.write("Who else may be at risk now, and who was told?", "It was her neighbour. Derby was told.")
    ruth.press("Record it")
    ruth.see(name)
    ruth.told("It was her neighbour. Derby was told.")

    ruth.follow("See who may not see this concern")
    ruth.see("Who may not see this concern")
    ruth.told("Other concerns were joined to this one. Whoever is let in again can see those again too.")
    ruth.page.goto(other.get_absolute_url())
    ruth.follow("See who may not see this concern")
    ruth.see("Who may not see this concern")
    ruth.told("Ask there: whoever is let in again there can see this one again too.")
    ruth.follow(survivor.ref)
    ruth.choose("Who should be let in again?", "Leon Grant")
    ruth.write("Why?", "It was another foreman.")
    ruth.press("Ask a second person")
    ruth.see(name)
    ruth.told("Waiting for a second person")

    ruth.page.goto(survivor.get_absolute_url())
    ruth.follow("Keep somebody out of this concern")
    ruth.see("Keep somebody out of this concern")
    ruth.write("Who?", "Mei")
    ruth.press("Keep them out")
    ruth.see("Keep somebody out of this concern")
    ruth.told("Did you mean one of these? Mei Chen")
    ruth.write("Who?", "Mei Chen")
    ruth.choose(
        "Why must they be kept out?",
        "They live with or are related to somebody in it, or have another conflict of interest",
    )
    ruth.write("In your own words", "Her sister lives there.")
    ruth.press("Keep them out")
    ruth.see(name)
    ruth.told("They can’t open or find this concern any more. They are not told.")

    ruth.page.goto(survivor.get_absolute_url())
    ruth.follow("Put it on legal hold")
    ruth.see("Put this concern on legal hold")
    ruth.write("Why?", "The police ask for it.")
    ruth.press("Put it on hold")
    ruth.see(name)
    ruth.told("Legal hold: nothing in this concern may be destroyed.")

    ruth.follow("Ask to mark it as entered in error")
    ruth.see("Mark this concern as entered in error")
    ruth.write("Why?", "A training exercise.")
    ruth.press("Ask a second person")
    ruth.see("Mark this concern as entered in error")
    ruth.told("Another concern was joined to this one and would be lost with it. Separate it first.")

    page = open_page(device)
    sign_in(page, cast.imran)
    imran = Reader(page, assert_accessible, screenshot, f"two-imran-{device.name}")
    page.goto("/")
    imran.see("Your work")
    imran.told("Something that takes two people waits for your second view")
    page.goto(survivor.get_absolute_url())
    imran.follow("Give your second view")
    imran.see("Your second view")
    imran.told("Other concerns were joined to this one. Whoever is let in again can see those again too.")
    imran.choose("Do you agree?", "Yes")
    imran.press("Send your view")
    imran.see(name)
    assert not Conflict.objects.filter(staff=cast.leon, lifted_at__isnull=True).exists()

    page.goto(other.get_absolute_url())
    imran.follow("Separate it again")
    imran.see("Separate this concern again")
    imran.write("Why?", "Two different flats.")
    imran.press("Separate")
    imran.see(f"Concern {other.ref}")
    ruth.page.goto(survivor.get_absolute_url())
    ruth.follow("Ask to mark it as entered in error")
    ruth.see("Mark this concern as entered in error")
    ruth.write("Why?", "A training exercise.")
    ruth.press("Ask a second person")
    ruth.see(name)

    page.goto(survivor.get_absolute_url())
    imran.follow("Give your second view")
    imran.see("Your second view")
    imran.choose("Do you agree?", "Yes")
    imran.press("Send your view")
    imran.see(name)
    assert Concern.objects.get(pk=survivor.pk).state == State.VOID
    imran.follow("Say that it was no error")
    imran.see("This concern was no error")
    imran.write("Why?", "It was real.")
    imran.press("Open it again")
    imran.see(name)
    page.goto("/whistleblowing/")
    imran.see("When something is wrong at work")

    page = open_page(device)
    sign_in(page, cast.sian)
    sian = Reader(page, assert_accessible, screenshot, f"two-sian-{device.name}")
    page.goto(f"/reports/{other.ref}/add/")
    sian.see("What do you want to add?")
    sian.told("Is it about somebody who works here or with us?")
    sian.press("Add")
    sian.see("What do you want to add?")
    sian.told("Write what you want to add.")
    sian.follow("Raise a new concern")
    sian.see("Is anyone in immediate danger?")
