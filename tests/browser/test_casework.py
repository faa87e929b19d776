"""Working on a concern in a real browser, at 360 px and on a desk; axe on every page, pictures of all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from concerns.intake import IntakeEmergencyCall, IntakePerson
from concerns.models import Concern
from concerns.vocabulary import LifeStage, PersonRole, State
from tests.browser.conftest import DESK, PATIENCE, PHONE, Device, OpenPage
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.intakes import ADULT, PLAIN, SON, URGENT

SignIn = Callable[[Page, User], None]
Look = Callable[[Page], None]
Shoot = Callable[[Page, str], Path]

NIECE = IntakePerson(name="سارة Ashworth", role=PersonRole.NETWORK, stage=LifeStage.ADULT, relationship="Niece")
REPORT = replace(
    PLAIN,
    facts="The cupboards were empty. Her bank card was not in the house.\nShe looked thinner than in May.",
    said="He takes it all. Don’t tell him I said so.",
    said_by="Jean",
    hearsay="He has been seen at the bookmaker’s every Friday.",
    hearsay_from="The neighbour at number 6",
    opinion="I think she is afraid of him.",
    opinion_evidence="She stopped talking when he came in.",
    place="4 Mill Lane, her kitchen",
    noticed_at=None,
    people=(
        replace(ADULT, unsafe_contact="Home phone; he answers it", safe_contact="At the day centre, Tuesdays"),
        replace(SON, address="4 Mill Lane"),
        NIECE,
    ),
    done_already="Left a food parcel.",
)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


class Reader:
    """Somebody at work who looks at each page with axe and takes its picture."""

    def __init__(self, page: Page, look: Look, shoot: Shoot, album: str) -> None:
        self.page, self.look, self.shoot, self.album, self.count = page, look, shoot, album, 0

    def see(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading, timeout=PATIENCE)
        self.count += 1
        self.shoot(self.page, f"{self.album}-{self.count:02}")
        self.look(self.page)

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).first.click()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def choose(self, question: str, answer: str) -> None:
        self.page.get_by_role("group", name=question).get_by_label(answer, exact=True).check()

    def write(self, question: str, words: str) -> None:
        self.page.get_by_label(question, exact=True).fill(words)

    def told(self, words: str) -> None:
        expect(self.page.get_by_text(words).first).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("device", [PHONE, DESK], ids=lambda device: device.name)
def test_from_acknowledging_to_closing(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot, device: Device
) -> None:
    concern = cases.submitted(cast, intake=REPORT, at=timezone.now())
    name = f"Concern {concern.ref}"

    page = open_page(device)
    sign_in(page, cast.gwen)
    gwen = Reader(page, assert_accessible, screenshot, f"case-gwen-{device.name}")
    page.goto(concern.get_absolute_url())
    gwen.see(name)
    gwen.told("You hold this concern")
    gwen.told("Do not contact by: Home phone; he answers it")
    gwen.told("A possible source of risk has the same address or tenancy.")

    gwen.follow("Acknowledge this concern")
    gwen.see("Acknowledge this concern")
    gwen.press("Send")
    gwen.see("Acknowledge this concern")
    gwen.told("Choose whether you have a conflict of interest")
    gwen.choose("Do you have a conflict of interest in this concern?", "No")
    gwen.press("Send")
    gwen.see(name)
    gwen.told("You have acknowledged this concern.")

    gwen.follow("Record triage")
    gwen.see("Record triage")
    gwen.press("Record triage")
    gwen.see("Record triage")
    gwen.told("Choose whether anyone needs reasonable adjustments")
    gwen.choose("Level of risk to Jean Ashworth", "Medium")
    gwen.write("Why this level for Jean Ashworth?", "Every week, and she goes without food.")
    gwen.choose("Could سارة Ashworth be at risk too?", "No")
    gwen.write("Who else lives there or is close, and what did you find?", "Her son. Her niece visits. No children.")
    gwen.choose("Does the adult have needs for care and support?", "Yes")
    gwen.choose("Is the adult experiencing, or at risk of, abuse or neglect?", "Yes")
    gwen.choose("Because of those needs, is the adult unable to protect themselves?", "Not known")
    gwen.choose("Does anyone need reasonable adjustments?", "No")
    gwen.choose("Is there live enforcement or arrears action by us?", "No")
    gwen.press("Record triage")
    gwen.see(name)
    gwen.told("Triage recorded.")

    gwen.follow("Add a note")
    gwen.see("Add a note")
    gwen.write("What do you want to add?", "Rang the niece. She will be there on Tuesday. 🙂")
    gwen.press("Add note")
    gwen.see(name)
    gwen.told("Rang the niece. She will be there on Tuesday. 🙂")

    gwen.follow("Record an emergency call")
    gwen.see("Record an emergency call")
    gwen.choose("Who was called?", "Police")
    gwen.press("Record the call")
    gwen.see(name)

    gwen.follow("Add a person")
    gwen.see("Add a person")
    gwen.choose("What is their part in this?", "Witness")
    gwen.write("Name", "Zoë O’Hara")
    gwen.press("Add person")
    gwen.see(name)

    gwen.follow("Change what is known about Jean Ashworth")
    gwen.see("What is known about this person")
    gwen.write("What is life like for this person, day to day?", "She waits for him to go out before she eats.")
    gwen.press("Save")
    gwen.see(name)

    gwen.follow("Hand on to somebody else")
    gwen.see("Hand this concern on")
    page.get_by_label("Who takes it on?").select_option(label="Dev Patel, Tenancy specialist")
    gwen.write("Hand-over note", "Ring the niece before you do anything. Never the home phone.")
    gwen.press("Hand on")
    expect(page).not_to_have_url(concern.get_absolute_url())

    page = open_page(device)
    sign_in(page, cast.dev)
    dev = Reader(page, assert_accessible, screenshot, f"case-dev-{device.name}")
    page.goto("/queue/")
    dev.see("Queue")
    page.get_by_role("link", name=concern.ref).click()
    dev.see(name)
    dev.told("Ring the niece before you do anything. Never the home phone.")

    dev.follow("Record a review")
    dev.see("Record a review")
    dev.choose("Has the risk changed?", "Risk is lower")
    dev.write("What did you find, and what has changed?", "The niece has the bank card.")
    dev.choose("Does the decision about sharing have to be looked at again?", "No")
    dev.press("Record review")
    dev.see(name)
    dev.told("Review recorded.")

    dev.follow("Propose to close")
    dev.see("This concern can’t be closed yet")
    dev.follow("What the person wanted, and what became of the risk")
    dev.see("What is known about this person")
    dev.choose("Were they asked what outcome they want?", "Yes they were asked but no outcomes were expressed")
    dev.choose("What has become of the risk?", "Risk reduced")
    dev.press("Save")
    dev.see(name)

    with cases.everyone_decided():
        dev.follow("Propose to close")
        dev.see("Propose to close this concern")
        dev.choose("Why can it be closed?", "Our support complete, risk removed or reduced")
        dev.write("In your own words", "Her niece has the card. Jean eats again.")
        dev.write("Think Family: whom did you look at again, and what did you find?", "The niece. No children.")
        dev.write("What was the person who reported it told? If nothing, why not?", "By phone, that we helped.")
        dev.press("Propose to close")
        dev.see(name)

        page = open_page(device)
        sign_in(page, cast.nadia)
        nadia = Reader(page, assert_accessible, screenshot, f"case-nadia-{device.name}")
        page.goto(concern.get_absolute_url())
        nadia.see(name)
        nadia.follow("Give your view on closing")
        nadia.see("Your view on closing")
        nadia.choose("Do you agree that it can be closed?", "Yes, close it")
        nadia.press("Send your view")
        nadia.see(name)
        nadia.told("Closed by")
    assert Concern.objects.get(pk=concern.pk).state == State.CLOSED

    nadia.follow("Reopen this concern")
    nadia.see("Reopen this concern")
    nadia.write("Why?", "The son is back.")
    nadia.press("Reopen")
    nadia.see(name)


@pytest.mark.parametrize("device", [PHONE, DESK], ids=lambda device: device.name)
def test_the_queue_and_finding_a_concern(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot, device: Device
) -> None:
    now = timezone.now()
    old = cases.submitted(cast, intake=REPORT, at=now - timedelta(days=3))
    urgent = cases.submitted(cast, intake=replace(URGENT, people=(replace(ADULT, name="Zoë O’Hara"),)), at=now)
    call = IntakeEmergencyCall(service="police", called_by="Amara Okafor", called_at=now)
    emergency = cases.submitted(
        cast, intake=replace(REPORT, is_immediate_danger=True, emergency_calls=(call,)), by=cast.priya, at=now
    )
    page = open_page(device)
    sign_in(page, cast.ruth)
    ruth = Reader(page, assert_accessible, screenshot, f"queue-{device.name}")
    page.goto("/queue/")
    ruth.see("Queue")
    links = page.get_by_role("link", name="SC-")
    expect(links).to_have_text([emergency.ref, urgent.ref, old.ref])
    ruth.told("Overdue by")
    page.get_by_text("Narrow the list").click()
    page.get_by_label("Urgency").select_option("urgent")
    ruth.press("Show")
    ruth.see("Queue")
    expect(links).to_have_text([urgent.ref])
    page.get_by_role("button", name=f"Take {urgent.ref}").click()
    ruth.see(f"Concern {urgent.ref}")
    ruth.told("You hold this concern now.")

    page.goto("/search/")
    ruth.see("Find a concern")
    ruth.press("Find")
    ruth.see("Find a concern")
    ruth.told("Write what you are looking for")
    ruth.write("What are you looking for?", "zoe o'hara")
    ruth.press("Find")
    ruth.see("Find a concern")
    ruth.told("1 concern found")
    assert "hara" not in page.url
    ruth.write("What are you looking for?", "nobody at all")
    ruth.press("Find")
    ruth.see("Find a concern")
    ruth.told("Nothing found")
    ruth.write("What are you looking for?", emergency.ref.replace("-", " ").lower())
    ruth.press("Find")
    ruth.see(f"Concern {emergency.ref}")


def test_without_java_script_the_work_goes_on(cast: Cast, open_page: OpenPage, sign_in: SignIn) -> None:
    concern = cases.submitted(cast, intake=REPORT, at=timezone.now())
    page = open_page(PHONE, java_script=False)
    sign_in(page, cast.gwen)
    page.goto(concern.get_absolute_url())
    page.get_by_role("link", name="Acknowledge this concern").click()
    page.get_by_label("No", exact=True).check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("You have acknowledged this concern.")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Hand on to somebody else").click()
    page.get_by_label("Who takes it on?").select_option(label="Dev Patel, Tenancy specialist")
    page.get_by_label("Hand-over note").fill("Yours.")
    page.get_by_role("button", name="Hand on").click()
    page.wait_for_load_state()
    assert Concern.objects.get(pk=concern.pk).responsible == cast.dev
