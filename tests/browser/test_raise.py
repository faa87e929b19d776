"""Raising a concern in a real browser, typed in as people would, at 360 px and on a desk; axe on every page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from accounts.models import User
from concerns.models import Concern, Draft
from concerns.vocabulary import Implicated, State, Urgency
from safeguarding.kit.models import OutboxMessage
from tests.browser.conftest import DESK, PATIENCE, PHONE, Device, OpenPage
from tests.build.cast import Cast, make_cast
from tests.build.narratives import (
    CAPACITOUS_REFUSAL,
    DRIVER,
    HOSTILE,
    MANAGER_BORROWS,
    NARRATIVES,
    PREGNANT_NEIGHBOUR,
    Narrative,
    Someone,
)

# Scenarios that are told on the way: at the door, on the landing, in the van.
ON_A_PHONE = {4, 8, 9, 14, 23}
SignIn = Callable[[Page, User], None]
Look = Callable[[Page], None]
Shoot = Callable[[Page, str], Path]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


class Typist:
    """Somebody at the keyboard. With an album, looks at every page with axe and takes a picture of it."""

    def __init__(self, page: Page, look: Look, shoot: Shoot, album: str = "") -> None:
        self.page, self.look, self.shoot, self.album, self.count = page, look, shoot, album, 0

    def see(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading, timeout=PATIENCE)
        if self.album:
            self.count += 1
            self.shoot(self.page, f"{self.album}-{self.count:02}")
            self.look(self.page)

    def fill(self, label: str, words: str) -> None:
        """Key by key to begin with, then the rest at once, as dictation or pasting would."""
        if words:
            self.page.wait_for_load_state()  # Chromium drops keys that are pressed before a page has been painted
            box = self.page.get_by_label(label, exact=True)
            box.press_sequentially(words[:12])
            self.page.keyboard.insert_text(words[12:])
            expect(box).to_have_value(words)

    def choose(self, name: str, value: str) -> None:
        if value:
            self.page.locator(f'input[name="{name}"][value="{value}"]').check()

    def day(self, name: str, parts: tuple[str, str, str]) -> None:
        for number, part in enumerate(parts):
            self.page.locator(f'input[name="{name}_{number}"]').fill(part)

    def go_on(self) -> None:
        self.page.get_by_role("button", name="Continue").click()

    def raise_up_to_check(self, told: Narrative) -> None:
        """From "Raise a concern" to check your answers."""
        self.page.goto("/raise/")
        self.see("Is anyone in immediate danger?")
        self.choose("danger", told.danger)
        self.go_on()
        if told.danger == "yes":
            self.see("Someone is in danger now")
            self.go_on()
        self.see("What did you see or hear yourself?")
        self.fill("What did you see or hear yourself?", told.facts)
        self.go_on()
        self.see("What did the person say to you?")
        self.fill("What did the person say to you?", told.said)
        self.fill("Who said it?", told.said_by)
        self.go_on()
        self.see("What have others told you about it?")
        self.fill("What have others told you about it?", told.hearsay)
        self.fill("Who told you?", told.hearsay_from)
        self.choose("how_known", told.how_known)
        self.go_on()
        self.see("What do you think is happening?")
        self.fill("What do you think is happening?", told.opinion)
        self.fill("What makes you think so?", told.opinion_evidence)
        self.go_on()
        self.when_and_where(told)
        self.people(told)
        self.see("What kinds of abuse might this be?")
        for kind in told.kinds:
            self.choose("child" if kind.startswith("c_") else "adult", kind)
        self.fill("If you chose Other, describe it", told.other_abuse)
        self.go_on()
        self.staff(told)
        self.see("What have you done already?")
        self.fill("What have you done already?", told.done)
        self.go_on()
        self.see("Did you promise anyone to keep this secret?")
        self.choose("promised", told.promised)
        self.go_on()
        if told.promised == "yes":
            self.see("You promised to keep it secret")
            self.go_on()
        self.see("Check your answers")

    def when_and_where(self, told: Narrative) -> None:
        self.see("When and where?")
        self.choose("precision", told.precision)
        if told.days_ago is not None:
            day = timezone.localdate() - timedelta(days=told.days_ago)
            self.day("day", (str(day.day), f"{day:%B}", str(day.year)))
        self.fill("Time", told.clock)
        self.fill("Where was it?", told.place)
        self.go_on()
        if self.page.url.endswith("/delay/"):
            self.see("Why the delay?")
            self.fill("Why the delay?", told.delay_reason)
            self.go_on()

    def people(self, told: Narrative) -> None:
        for person in told.people:
            self.see("Who is this about?")
            self.choose("more", "add")
            self.go_on()
            self.person(person)
        self.see("Who is this about?")
        self.choose("more", "no" if told.people else "unknown")
        self.go_on()

    def person(self, person: Someone) -> None:
        self.see("About this person")
        self.fill("Name", person.name)
        self.fill("If you don't know the name, how could we recognise them?", person.description)
        self.choose("role", person.role)
        self.go_on()
        self.see("How old are they?")
        self.choose("stage", person.stage)
        if person.born:
            self.day("born", person.born)
        self.fill("If you don't know it, roughly how old are they?", person.age)
        if person.due:
            self.day("expected", person.due)
        self.go_on()
        self.see("Where can they be found?")
        self.fill("Address", person.address)
        self.fill("Tenancy reference", person.tenancy_ref)
        self.fill("Phone", person.phone)
        self.fill("What is their relationship to the person at risk or to the home?", person.relationship)
        self.fill("What is a safe way, place and time to make contact?", person.safe_contact)
        self.fill("How must we not make contact?", person.unsafe_contact)
        self.go_on()

    def staff(self, told: Narrative) -> None:
        self.see("Might somebody who works for us be a cause of this?")
        self.choose("implicated", told.implicated)
        self.go_on()
        if told.implicated in (Implicated.OTHER_STAFF, Implicated.UNSURE):
            self.see("Who might it be?")
            self.fill("Find a person", told.staff_search)
            self.page.get_by_role("button", name="Search").click()
            self.page.locator('input[name="staff_ids"]').first.check()
            self.fill("Say who it is and what they may have done", told.staff_words)
            self.look(self.page)
            self.shoot(self.page, f"raise-staff-found-{told.number}")
            self.go_on()

    def send(self) -> str:
        """Press Send; the reference on the receipt."""
        self.page.get_by_role("button", name="Send this concern").click()
        self.see("Concern sent")
        return self.page.locator(".govuk-panel .app-reference").inner_text()


def _narrated(told: Narrative, concern: Concern) -> None:
    """What was typed is what was kept, letter for letter."""
    assert concern.facts == told.facts
    assert (concern.said, concern.said_by) == (told.said, told.said_by)
    assert (concern.hearsay, concern.hearsay_from) == (told.hearsay, told.hearsay_from)
    assert (concern.opinion, concern.opinion_evidence) == (told.opinion, told.opinion_evidence)
    assert concern.done_already == told.done
    assert concern.place == told.place
    assert concern.implicated_words == told.staff_words
    people = list(concern.involvements.filter(staff__isnull=True).select_related("person"))
    assert [row.person.name for row in people] == [person.name for person in told.people]
    assert [row.person.address for row in people] == [person.address for person in told.people]
    assert {row.code for row in concern.abuse_types.all()} == set(told.kinds)


@pytest.mark.parametrize(
    ("told", "device"),
    [(told, PHONE if told.number in ON_A_PHONE else DESK) for told in NARRATIVES],
    ids=[f"{told.number}-{told.reporter}" for told in NARRATIVES],
)
def test_narrative_is_kept_as_typed(
    told: Narrative,
    device: Device,
    cast: Cast,
    open_page: OpenPage,
    sign_in: SignIn,
    assert_accessible: Look,
    screenshot: Shoot,
) -> None:
    page = open_page(device)
    reporter: User = getattr(cast, told.reporter)
    sign_in(page, reporter)
    album = f"raise-{told.number}" if told in (MANAGER_BORROWS, PREGNANT_NEIGHBOUR, HOSTILE, DRIVER) else ""
    typist = Typist(page, assert_accessible, screenshot, album)
    typist.raise_up_to_check(told)
    if page.locator('input[name="manager"]').count():
        typist.choose("manager", "no")
    ref = typist.send()

    concern = Concern.objects.get(ref=ref)
    assert concern.reporter == reporter
    assert concern.state == State.SUBMITTED
    assert concern.urgency == (Urgency.URGENT if told.danger == "today" else Urgency.STANDARD)
    _narrated(told, concern)
    holder = concern.responsible
    assert holder is not None
    expect(page.get_by_text(holder.full_name).first).to_be_visible()
    expect(page.get_by_text(holder.phone).first).to_be_visible()
    assert Draft.objects.get().sent_as == concern


def test_implicated_manager_is_never_told(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot
) -> None:
    """Scenario 1: no message, no sight of it, and the champion who gets it does not stand below him (R41)."""
    page = open_page(PHONE)
    sign_in(page, cast.priya)
    typist = Typist(page, assert_accessible, screenshot)
    typist.raise_up_to_check(MANAGER_BORROWS)
    expect(page.get_by_text("This goes to")).not_to_contain_text("Colin")
    concern = Concern.objects.get(ref=typist.send())
    assert concern.is_restricted
    assert concern.responsible != cast.colin
    assert not OutboxMessage.objects.filter(recipient_id=cast.colin.pk).exists()
    assert not Concern.objects.visible_to(cast.colin).exists()
    sign_in(page, cast.colin)
    for path in (f"/reports/{concern.ref}/", f"/reports/{concern.ref}/add/", f"/raise/{Draft.objects.get().key}/"):
        answer = page.request.get(path)
        assert answer.status == 404


def test_manager_named_in_words_is_asked_about_with_emphasis(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot
) -> None:
    page = open_page(DESK)
    sign_in(page, cast.priya)
    typist = Typist(page, assert_accessible, screenshot)
    typist.raise_up_to_check(replace(MANAGER_BORROWS, implicated="no"))
    expect(page.locator(".govuk-warning-text")).to_contain_text("also your manager's")
    screenshot(page, "raise-check-names-manager")
    page.get_by_role("button", name="Send this concern").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("Choose whether they may see it")
    assert_accessible(page)
    assert Concern.objects.count() == 0
    typist.choose("manager", "yes")
    concern = Concern.objects.get(ref=typist.send())
    assert concern.is_hidden_from_manager
    assert concern.responsible != cast.colin
    assert not OutboxMessage.objects.filter(recipient_id=cast.colin.pk).exists()


def test_danger_shows_999_first_and_blocks_nothing(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot
) -> None:
    page = open_page(PHONE, java_script=False)
    sign_in(page, cast.amara)
    page.goto("/raise/")
    page.locator('input[value="yes"]').check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("link", name="Call 999").first).to_have_attribute("href", "tel:999")
    screenshot(page, "raise-emergency")
    page.get_by_label("When was the call?").fill("about half past I think")
    page.get_by_label("Police").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("What did you see or hear yourself?").fill("He is hitting her. I can hear it.")
    page.get_by_role("button", name="Save and check answers").click()
    screenshot(page, "raise-check-missing")
    # Only what t1 needs is still asked for.
    assert page.locator(".govuk-error-summary__list li").count() == 2
    page.get_by_role("link", name="Choose whether somebody who works for us").click()
    page.get_by_label("No", exact=True).check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="Say who it is about").click()
    page.get_by_label("I don't know who").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Send this concern").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Concern sent")
    screenshot(page, "raise-emergency-sent")
    concern = Concern.objects.get()
    assert concern.urgency == Urgency.EMERGENCY
    assert concern.emergency_calls.get().service == "police"
    assert "about half past I think" in concern.done_already


def test_words_survive_errors_signing_out_and_autosave(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot
) -> None:
    page = open_page(DESK)
    sign_in(page, cast.amara)
    page.goto("/raise/")
    page.locator('input[value="no"]').check()
    # Autosave: the words are on the server though no button was pressed; also those typed before the script arrived.
    late_scripts: list[Route] = []
    page.route("**/autosave*.js", lambda route: late_scripts.append(route))
    with page.expect_request("**/autosave*.js"):
        page.get_by_role("button", name="Continue").click()
    page.get_by_label("What did you see or hear yourself?").fill(CAPACITOUS_REFUSAL.facts)
    late_scripts[0].continue_()
    page.unroute("**/autosave*.js")
    page.locator("form .app-saved").wait_for(state="attached")
    with page.expect_response(lambda answer: answer.url.endswith("/facts/save/")) as saved:
        page.evaluate("""() => {
            Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true})
            document.dispatchEvent(new Event('visibilitychange'))
        }""")
    assert saved.value.status == 204
    draft = Draft.objects.get()
    assert draft.answers["facts"]["facts"][0].replace("\r\n", "\n") == CAPACITOUS_REFUSAL.facts
    # An error keeps what was typed, also after signing out and in again.
    page.goto(f"/raise/{draft.key}/when/")
    page.get_by_label("Exact").check()
    for number, part in enumerate(("31", "2", "2026")):
        page.locator(f'input[name="day_{number}"]').fill(part)
    page.get_by_label("Where was it?").fill("4 Mill Lane")
    page.get_by_role("button", name="Continue").click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("Enter a real date")
    assert_accessible(page)
    screenshot(page, "raise-when-error")
    page.context.clear_cookies()
    sign_in(page, cast.amara)
    page.goto(f"/raise/{draft.key}/when/")
    expect(page.locator('input[name="day_0"]')).to_have_value("31")
    expect(page.get_by_label("Where was it?")).to_have_value("4 Mill Lane")
    # Whoever signs in next on this computer finds nothing of it.
    page.context.clear_cookies()
    sign_in(page, cast.sian)
    assert page.goto(f"/raise/{draft.key}/when/").status == 404  # type: ignore[union-attr]
    page.goto("/raise/")
    expect(page.get_by_text("Carry on with what you started")).to_have_count(0)


def test_page_sent_after_the_session_ended_is_kept(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, screenshot: Shoot
) -> None:
    page = open_page(PHONE, java_script=False)
    sign_in(page, cast.amara)
    page.goto("/raise/")
    page.locator('input[value="no"]').check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("What did you see or hear yourself?").fill(CAPACITOUS_REFUSAL.facts)
    page.context.clear_cookies()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("your words are kept")).to_be_visible()
    screenshot(page, "raise-signed-out")
    sign_in(page, cast.amara)
    page.goto(f"/raise/{Draft.objects.get().key}/facts/")
    expect(page.get_by_label("What did you see or hear yourself?")).to_have_value(CAPACITOUS_REFUSAL.facts)


def test_reporter_sees_safe_words_adds_and_is_not_satisfied(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot
) -> None:
    page = open_page(PHONE)
    sign_in(page, cast.sian)
    typist = Typist(page, assert_accessible, screenshot)
    typist.raise_up_to_check(replace(CAPACITOUS_REFUSAL, reporter="sian"))
    ref = typist.send()
    page.get_by_role("link", name="Add more").click()
    typist.see("What do you want to add?")
    assert_accessible(page)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".govuk-error-summary")).to_contain_text("Write what you want to add")
    assert_accessible(page)
    page.get_by_label("What do you want to add?").fill("Darren drove past me just now.\nHe waved 👋.")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("Darren drove past me")).to_be_visible()
    page.get_by_role("link", name="I am not satisfied with the response").click()
    typist.see("What are you not satisfied with?")
    assert_accessible(page)
    screenshot(page, "report-not-satisfied")
    page.get_by_label("What are you not satisfied with?").fill("Nobody has rung me.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Somebody who was not involved is looking at it")).to_be_visible()
    expect(page.get_by_role("link", name="I am not satisfied with the response")).to_have_count(0)
    assert_accessible(page)
    screenshot(page, "report-receipt")
    page.goto("/reports/")
    assert_accessible(page)
    screenshot(page, "report-list")
    expect(page.get_by_role("link", name=ref)).to_be_visible()
    concern = Concern.objects.get(ref=ref)
    assert concern.notes.get().text == "Darren drove past me just now.\nHe waved 👋."
    row = concern.dissatisfactions.get()
    assert row.words == "Nobody has rung me."
    assert row.reviewer != concern.responsible
