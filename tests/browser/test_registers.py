"""DASH and MARAC (scenario 4) and the register of sharing agreements, in a real browser (R21, R59, R67, X4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from concerns import services
from concerns.intake import IntakePerson
from concerns.models import Contact, DashRecord, DomesticStep, Person
from concerns.vocabulary import AdultAbuse, ChildAbuse, LifeStage, PersonRole
from safeguarding.kit.clock import now
from sharing.models import AgreementVersion
from tests.browser.conftest import DESK, PHONE, Device, OpenPage
from tests.browser.test_casework import Look, Reader, Shoot, SignIn
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.files import PDF
from tests.build.intakes import ADULT, CHILD, PLAIN, SON


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def write_date(page: Page, question: str, days: int) -> None:
    """The date that lies `days` from today."""
    day = timezone.localdate() + timedelta(days=days)
    group = page.get_by_role("group", name=question)
    for part, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        group.get_by_label(part, exact=True).fill(str(value))


@pytest.mark.parametrize("device", [PHONE, DESK], ids=lambda device: device.name)
def test_scenario_04_dash_marac_and_the_children(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot, device: Device
) -> None:
    """A neighbour told us: a pregnant woman, two children, DASH 16."""
    mother = replace(ADULT, unsafe_contact="Her mobile; he reads it", safe_contact="At the clinic, Tuesdays")
    unborn = IntakePerson(name="", description="Due in May", stage=LifeStage.UNBORN)
    intake = replace(
        PLAIN, people=(mother, SON, CHILD, replace(CHILD, name="Efua Ashworth", estimated_age=4), unborn),
        abuse_codes=(AdultAbuse.DOMESTIC.value, ChildAbuse.DOMESTIC.value),
    )  # fmt: skip
    concern = cases.acknowledged(cast, intake=intake, at=now() - timedelta(hours=1))
    name = f"Concern {concern.ref}"
    page = open_page(device)
    sign_in(page, cast.gwen)
    gwen = Reader(page, assert_accessible, screenshot, f"dash-{device.name}")
    page.goto(f"{concern.get_absolute_url()}#domestic")
    gwen.see(name)
    gwen.told("Find out first how to reach the person safely.")
    gwen.follow("Record triage")
    gwen.see("Record triage")
    gwen.told("Domestic abuse: find out first how to reach the person safely.")
    page.goto(f"{concern.get_absolute_url()}#domestic")
    gwen.follow("Record a DASH checklist about Jean Ashworth")
    gwen.see("Record a DASH checklist")
    gwen.told("Do not contact Jean Ashworth by: Her mobile; he reads it")
    gwen.press("Record")
    gwen.see("Record a DASH checklist")
    gwen.told("Enter the date of the assessment.")
    write_date(page, "When was the assessment?", 0)
    gwen.write("Who did the assessment?", "PC Lund, Larkshire Police")
    gwen.write("DASH score", "16")
    gwen.write("How many incidents in the last 12 months?", "4")
    gwen.write("How does the person see the risk?", "“He will find me wherever I go.”")
    gwen.choose("In your professional judgement, is the risk high?", "Yes")
    gwen.write("What makes the risk high in your judgement?", "She is pregnant and he has strangled her.")
    gwen.press("Record")
    gwen.see(name)
    gwen.told("It calls for a referral to the MARAC: answer that next.")
    gwen.told("Visible high risk (DASH score); Professional judgement; Escalation")

    gwen.follow("Refer to the MARAC (multi-agency risk assessment conference)")
    gwen.see("Refer to the MARAC (multi-agency risk assessment conference)")
    gwen.choose("Was a referral made?", "Not referred")
    gwen.write("In your own words", "She does not want it.")
    gwen.press("Save")
    gwen.told("Only a safeguarding lead can answer that none is asked.")
    gwen.choose("Was a referral made?", "Referred")
    write_date(page, "If it was made: on which day?", 0)
    gwen.write("In your own words", "To the MARAC coordinator, their reference M-118.")
    gwen.press("Save")
    gwen.see(name)
    gwen.follow("Refer the children to children's social care")
    gwen.see("Refer the children to children's social care")
    gwen.choose("Was a referral made?", "Referred")
    write_date(page, "If it was made: on which day?", 0)
    gwen.write("In your own words", "To the MASH by portal, for both children and the unborn child.")
    gwen.press("Save")
    gwen.see(name)
    assert set(DomesticStep.objects.values_list("answer", flat=True)) == {"referred"}
    row = DashRecord.objects.get()
    page.get_by_role("link", name=f"record {row.ref}").click()
    gwen.see(f"DASH record {row.ref}")
    gwen.told("16 of 24 (high)")
    gwen.follow("Correct this record")
    gwen.see("Correct a DASH record")
    gwen.write("What was wrong with the earlier record?", "Question 7 was counted twice.")
    gwen.write("DASH score", "15")
    gwen.press("Record")
    gwen.see(name)
    gwen.told("Corrected")


@pytest.mark.parametrize("device", [PHONE, DESK], ids=lambda device: device.name)
def test_the_register_of_sharing_agreements(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot, device: Device
) -> None:
    page = open_page(device)
    sign_in(page, cast.joyce)
    joyce = Reader(page, assert_accessible, screenshot, f"agreements-{device.name}")
    page.goto("/sharing/agencies/")
    joyce.see("Agencies")
    joyce.follow("See the sharing agreements that we have")
    joyce.see("Sharing agreements")
    joyce.follow("Add an agreement")
    joyce.see("Add a sharing agreement")
    joyce.press("Save")
    joyce.see("Add a sharing agreement")
    joyce.told("Enter the name of the agreement.")
    joyce.write("Name of the agreement", "Larkshire information sharing protocol")
    joyce.write("Version", "2.1, June 2025")
    joyce.write("Who has agreed?", "Larkshire Council\nLarkshire Police\nLarkshire NHS")
    write_date(page, "When is it looked at again?", 30)
    page.get_by_label("Add the document").set_input_files(
        {"name": "Larkshire protocol 2.1.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    page.get_by_label("Who looks after it?").select_option(label="Joyce Lam")
    joyce.press("Save")
    joyce.see("Larkshire information sharing protocol")
    with page.expect_download() as download:
        joyce.follow("Download Larkshire protocol 2.1.pdf")
    assert download.value.path().read_bytes() == PDF
    assert download.value.suggested_filename == "Larkshire protocol 2.1.pdf"
    joyce.follow("Record a new version")
    joyce.see("Record a new version")
    joyce.write("What is new in this version?", "The ambulance service joined.")
    joyce.write("Version", "3.0")
    joyce.write("Where is the document kept?", "Policy library, IG-14")
    write_date(page, "When is it looked at again?", 365)
    joyce.press("Save")
    joyce.see("Larkshire information sharing protocol")
    joyce.told("Earlier versions")
    joyce.follow("Add the document")
    joyce.see("Add the document")
    joyce.press("Add")
    joyce.see("Add the document")
    joyce.told("Choose at least one file")
    joyce.follow("Cancel")
    joyce.see("Larkshire information sharing protocol")
    joyce.follow("Sharing agreements")
    joyce.see("Sharing agreements")
    current = AgreementVersion.objects.current().get()
    assert current.number == 2
    page.goto(f"/sharing/agreements/{current.agreement.ref}/retire/")
    joyce.see("Retire a sharing agreement")
    joyce.write("Why is it retired?", "The county has its own now.")
    joyce.press("Retire it")
    joyce.see("Larkshire information sharing protocol")
    joyce.told("No new decision can cite it.")


@pytest.mark.parametrize("device", [PHONE, DESK], ids=lambda device: device.name)
def test_keeping_in_touch(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot, device: Device
) -> None:
    """R82: an attempt, a contact, and the next one on the page; R22: a child who is found after triage."""
    intake = replace(PLAIN, people=(replace(ADULT, unsafe_contact="Her mobile; he reads it"), SON),
                     abuse_codes=(AdultAbuse.DOMESTIC.value,))  # fmt: skip
    concern = cases.acknowledged(cast, intake=intake, at=now() - timedelta(hours=3))
    findings = replace(cases.findings_for(concern), abuse_codes=(AdultAbuse.DOMESTIC.value,))
    services.record_triage(concern_id=concern.pk, findings=findings, by=cast.gwen, at=now() - timedelta(hours=2))
    child = replace(CHILD, role=PersonRole.HOUSEHOLD)
    services.add_person(concern_id=concern.pk, person=child, by=cast.gwen, at=now() - timedelta(hours=1))
    name, kofi = f"Concern {concern.ref}", Person.objects.latest("pk").name
    page = open_page(device)
    sign_in(page, cast.gwen)
    gwen = Reader(page, assert_accessible, screenshot, f"touch-{device.name}")
    record = "Record that you were in touch, or tried to be"
    page.goto(concern.get_absolute_url())
    gwen.see(name)
    gwen.told(f"Say whether {kofi} is at risk too")
    for is_reached, answer in ((False, "No, it was an attempt"), (True, "Yes, we were in touch")):
        page.get_by_role("link", name=record, exact=True).first.click()
        gwen.see(record)
        gwen.told("Do not contact Jean Ashworth by: Her mobile; he reads it")
        if not is_reached:
            gwen.press("Record it")
            gwen.see(record)
            gwen.told("Say whether they were reached")
        gwen.write("How?", "Visit")
        gwen.choose("Were they reached?", answer)
        gwen.write("What was said, or what happened?", "She is well." if is_reached else "Nobody came to the door.")
        write_date(page, "By which day will you be in touch again?", 9 if is_reached else 2)
        gwen.press("Record it")
        gwen.see(name)
    gwen.told("Tried to reach Jean Ashworth: not reached")
    gwen.told("In touch with Jean Ashworth")
    gwen.told("Be in touch again (Jean Ashworth)")
    assert Contact.objects.count() == 2
    page.goto("/")
    gwen.shoot(page, f"touch-home-{device.name}")
    page.goto(concern.get_absolute_url())
    gwen.follow(f"Say whether {kofi} is at risk too")
    page.locator("main").wait_for()
    gwen.shoot(page, f"touch-child-{device.name}")
    assert page.get_by_role("group", name="Could this person be at risk too?").get_by_label("Yes").is_checked()
    page.goto(concern.get_absolute_url())
    page.get_by_role("link", name=record, exact=True).first.click()
    gwen.see(record)
    gwen.choose("Were they reached?", "No, and no more contact is planned")
    gwen.press("Record it")
    gwen.see(record)
    gwen.told("Write why no more contact is planned.")
    gwen.write("What was said, or what happened?", "She asked us not to ring again. Her sister will.")
    gwen.press("Record it")
    gwen.see(name)
    gwen.told("No more contact with Jean Ashworth is planned")
    gwen.shoot(page, f"touch-ended-{device.name}")
