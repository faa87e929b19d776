"""The shell around every page, in a real browser: accessible, usable by keyboard, losing nobody's words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests.browser import harness
from tests.browser.conftest import DESK, PHONE, Device, OpenPage
from tests.build.cast import PASSWORD, Cast, make_cast

Look = Callable[[Page], None]
Shoot = Callable[[Page, str], Path]
SignIn = Callable[[Page, User], None]

pytestmark = pytest.mark.django_db(transaction=True)
DEVICES = pytest.mark.parametrize("device", [PHONE, DESK], ids=lambda device: device.name)


@pytest.fixture
def cast(live_server: LiveServer) -> Cast:
    return make_cast()


@pytest.fixture
def harness_page(settings: Settings, cast: Cast, open_page: OpenPage, sign_in: SignIn) -> Page:
    """The harness form, opened by Ruth, with a clock that the test moves."""
    settings.ROOT_URLCONF = "tests.browser.harness"
    harness.received.clear()
    harness.drafts.clear()
    page = open_page(DESK)
    page.clock.install()
    sign_in(page, cast.ruth)
    page.goto("/harness/")
    return page


@DEVICES
@pytest.mark.parametrize(
    ("path", "status", "heading"),
    [
        ("/account/login/", 200, "Sign in"),
        ("/account/password/reset/", 200, "Forgotten password"),
        ("/accessibility/", 200, "Accessibility statement"),
        ("/privacy/", 200, "How this site uses data"),
    ],
)
def test_open_pages_are_accessible(
    open_page: OpenPage,
    assert_accessible: Look,
    screenshot: Shoot,
    device: Device,
    path: str,
    status: int,
    heading: str,
) -> None:
    page = open_page(device)
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == status
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    assert page.title() == f"{heading} – Safeguarding concerns – Larkfield Homes"
    assert_accessible(page)
    screenshot(page, "shell" + path.replace("/", "-").rstrip("-"))


@DEVICES
def test_signed_in_pages_are_accessible(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot, device: Device
) -> None:
    page = open_page(device)
    sign_in(page, cast.ruth)
    for path in ("/whistleblowing/", "/account/", "/account/2fa/", "/account/password/change/"):
        page.goto(path)
        assert_accessible(page)
        screenshot(page, "shell" + path.replace("/", "-").rstrip("-"))
    answer = page.goto("/nowhere/")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
    assert_accessible(page)


def test_every_page_tells_whom_to_ring(open_page: OpenPage) -> None:
    page = open_page(PHONE)
    page.goto("/account/login/")
    numbers = page.locator("footer a[href^='tel:']").all_text_contents()
    assert numbers == ["01632 960 100", "01632 960 122", "01632 960 111"]


def test_skip_link_comes_first_and_leads_to_the_content(open_page: OpenPage) -> None:
    page = open_page(DESK)
    page.goto("/accessibility/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main-content")).to_be_focused()


def test_menu_folds_on_a_phone_and_the_sign_out_button_stays(cast: Cast, open_page: OpenPage, sign_in: SignIn) -> None:
    page = open_page(PHONE)
    sign_in(page, cast.ruth)
    page.goto("/account/")
    account = page.get_by_role("navigation", name="Menu").get_by_role("link", name="Account")
    expect(account).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(account).to_have_attribute("aria-current", "page")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/account/login/**")
    expect(page.get_by_text("You have signed out.")).to_be_visible()


def test_menu_is_open_without_scripts(cast: Cast, open_page: OpenPage, sign_in: SignIn) -> None:
    page = open_page(PHONE, java_script=False)
    sign_in(page, cast.ruth)
    page.goto("/account/")
    expect(page.get_by_role("navigation", name="Menu").get_by_role("link", name="Account")).to_be_visible()


def test_a_wrong_password_is_said_in_words_and_a_right_one_opens_the_site(cast: Cast, open_page: OpenPage) -> None:
    page = open_page(PHONE)
    page.goto("/account/login/?next=/account/")
    page.get_by_label("Work e-mail address").fill("ruth@larkfield.example")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    assert page.title().startswith("Error: Sign in")
    expect(page.get_by_label("Work e-mail address")).to_have_value("ruth@larkfield.example")
    page.get_by_label("Work e-mail address").fill(cast.ruth.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/account/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


def test_the_organisations_colour_is_the_headers(settings: Settings, open_page: OpenPage) -> None:
    settings.ORGANISATION_COLOUR = "#ffdd00"
    page = open_page(DESK)
    page.goto("/account/login/")
    header = page.locator(".app-header")
    expect(header).to_have_css("background-color", "rgb(255, 221, 0)")
    expect(header).to_have_css("color", "rgb(11, 12, 12)")  # black, because white could not be read on yellow


def test_errors_lead_to_their_fields_and_words_stay(
    harness_page: Page, assert_accessible: Look, screenshot: Shoot
) -> None:
    page = harness_page
    page.get_by_label("What happened?").fill("He shouted.")
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_title("Error: Harness – Safeguarding concerns – Larkfield Homes")
    expect(page.get_by_label("What happened?")).to_have_value("He shouted.")
    page.get_by_role("link", name="Say whether they agreed").click()
    expect(page.get_by_label("Given")).to_be_focused()
    assert_accessible(page)
    screenshot(page, "shell-errors")


def test_a_question_shows_with_its_answer_only(harness_page: Page) -> None:
    page = harness_page
    why = page.get_by_label("If they refused: what did they say?")
    expect(why).to_be_hidden()
    page.get_by_label("Refused", exact=True).check()
    expect(why).to_be_visible()
    page.get_by_label("Given").check()
    expect(why).to_be_hidden()


def test_a_form_pressed_twice_is_sent_once(harness_page: Page) -> None:
    page = harness_page
    page.get_by_label("What happened?").fill("He shouted.")
    page.get_by_role("button", name="Continue").dblclick()
    expect(page).to_have_title("Error: Harness – Safeguarding concerns – Larkfield Homes")
    assert [sent["words"] for sent in harness.received] == ["He shouted."]


def test_words_are_saved_while_typing_and_never_in_the_browser(harness_page: Page) -> None:
    page = harness_page
    page.get_by_label("What happened?").fill("She said “he hurts me”.")
    page.clock.fast_forward(21_000)
    expect(page.get_by_text("Your words were saved at")).to_be_visible()
    page.clock.fast_forward(21_000)
    assert [(draft["header"], draft["words"]) for draft in harness.drafts] == [("1", "She said “he hurts me”.")]
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_before_the_session_ends_words_are_saved_and_the_person_is_asked(
    settings: Settings, harness_page: Page, assert_accessible: Look, screenshot: Shoot
) -> None:
    page = harness_page
    page.clock.fast_forward((settings.SESSION_COOKIE_AGE - 110) * 1000)
    dialog = page.get_by_role("dialog", name="You will soon be signed out")
    expect(dialog).to_be_visible()
    assert_accessible(page)
    screenshot(page, "shell-session-warning")
    with page.expect_response("**/account/stay/") as renewed:
        dialog.get_by_role("button", name="Stay signed in").click()
    assert renewed.value.status == 204
    expect(dialog).to_be_hidden()


def test_an_unattended_page_closes_when_the_session_ends(settings: Settings, harness_page: Page) -> None:
    page = harness_page
    page.clock.fast_forward((settings.SESSION_COOKIE_AGE - 110) * 1000)
    expect(page.get_by_role("dialog")).to_be_visible()
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)  # the server's clock, which the test cannot move
    page.clock.fast_forward(120_000)
    page.wait_for_url("**/account/login/?ended=1&next=%2Fharness%2F")


@pytest.mark.parametrize("java_script", [True, False])
def test_words_sent_after_the_session_has_ended_are_handed_back(
    settings: Settings,
    cast: Cast,
    open_page: OpenPage,
    sign_in: SignIn,
    assert_accessible: Look,
    screenshot: Shoot,
    java_script: bool,
) -> None:
    settings.ROOT_URLCONF = "tests.browser.harness"
    harness.received.clear()
    page = open_page(PHONE, java_script=java_script)
    sign_in(page, cast.ruth)
    page.goto("/harness/")
    page.get_by_label("Given").check()
    page.get_by_label("What happened?").fill("\nShe said:\n“<b>he</b> hurts me”.")
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This did not arrive yet")
    if java_script:
        assert_accessible(page)
        screenshot(page, "shell-send-again")
    assert harness.received == []
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in (opens in a new tab)").click()
    tab = opened.value
    tab.get_by_label("Work e-mail address").fill(cast.ruth.email)
    tab.get_by_label("Password", exact=True).fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    tab.wait_for_load_state()
    tab.close()
    page.get_by_role("button", name="Send again").click()
    if not java_script:  # signing in changed the token that protects forms, which only a script can follow
        page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Harness")
    assert [sent["words"] for sent in harness.received] == ["\r\nShe said:\r\n“<b>he</b> hurts me”."]
