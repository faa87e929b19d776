"""Signing in: a second step, the employer's sign-on, lock-out, being signed out; and people's pages. A real browser."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from playwright.sync_api import Browser, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from accounts.selectors import standing
from accounts.services import propose_post
from accounts.vocabulary import Post
from safeguarding.kit.clock import now
from tests.browser.conftest import DESK, PHONE, Device, OpenPage
from tests.build import sign_on as employer
from tests.build.cast import PASSWORD, Cast, make_cast

Look = Callable[[Page], None]
Shoot = Callable[[Page, str], Path]
SignIn = Callable[[Page, User], None]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(live_server: LiveServer) -> Cast:
    cache.clear()
    return make_cast()


@pytest.fixture
def required(settings: Settings) -> None:
    """A second step is required by role, as in production."""
    settings.SECOND_FACTOR_ROLES = settings.SECOND_FACTOR_ALWAYS


def by_password(page: Page, person: User) -> None:
    page.goto("/account/login/")
    page.get_by_label("Work e-mail address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()


def prove(page: Page) -> None:
    """Give the password where it is asked for again."""
    page.wait_for_load_state()
    if "reauthenticate" in page.url:
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
        page.wait_for_load_state()


def code_now(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


@pytest.mark.parametrize("device", [PHONE, DESK], ids=lambda device: device.name)
def test_a_lead_sets_up_an_app_and_signs_in_with_its_code_and_with_a_recovery_code(
    cast: Cast, required: None, open_page: OpenPage, assert_accessible: Look, screenshot: Shoot, device: Device
) -> None:
    page = open_page(device)
    by_password(page, cast.ruth)
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up a second step of signing in")
    assert_accessible(page)
    screenshot(page, "signing-in-needed")
    page.goto("/queue/")
    expect(page).to_have_url(re.compile("/account/second-step/$"))
    page.get_by_role("link", name="Use an authenticator app").click()
    prove(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Add an authenticator app")
    expect(page.get_by_role("img", name=re.compile("Picture for the authenticator app"))).to_be_visible()
    assert_accessible(page)
    screenshot(page, "signing-in-app")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Add the app").click()
    expect(page.get_by_role("alert")).to_contain_text("This code is not right")
    secret = page.locator(".app-secret").inner_text().strip()
    page.get_by_label("Code").fill(code_now(secret))
    page.get_by_role("button", name="Add the app").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    codes = page.locator(".app-codes li").all_inner_texts()
    assert len(codes) == 10
    assert_accessible(page)
    screenshot(page, "signing-in-recovery-codes")
    page.get_by_role("link", name="I have kept my codes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Signing in safely")
    assert_accessible(page)
    screenshot(page, "signing-in-index")
    page.goto("/queue/")
    expect(page).to_have_url(re.compile("/queue/$"))

    cache.clear()  # a code works once in its half minute, and this is the same half minute
    again = open_page(device)
    by_password(again, cast.ruth)
    expect(again.get_by_role("heading", level=1)).to_have_text("Enter your code")
    assert_accessible(again)
    screenshot(again, "signing-in-code")
    again.get_by_label("Code").fill(code_now(secret))
    again.get_by_role("button", name="Sign in", exact=True).click()
    expect(again.get_by_role("button", name="Sign out")).to_be_visible()

    lost = open_page(device)
    by_password(lost, cast.ruth)
    lost.get_by_label("Code").fill(codes[0])
    lost.get_by_role("button", name="Sign in", exact=True).click()
    expect(lost.get_by_role("button", name="Sign out")).to_be_visible()


def test_raising_never_waits_for_a_second_step(cast: Cast, required: None, open_page: OpenPage) -> None:
    """I18, I20."""
    page = open_page(PHONE)
    by_password(page, cast.dev)
    page.get_by_role("link", name="raise a concern", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("immediate danger")
    page.locator('input[value="yes"]').check()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Call 999 now").first).to_be_visible()


@pytest.fixture
def at_localhost(chromium: Browser, live_server: LiveServer) -> Iterator[Callable[[], Page]]:
    """Pages at http://localhost: WebAuthn refuses a bare address. Each has a key of its own plugged in."""
    address = live_server.url.replace("127.0.0.1", "localhost")
    contexts = []

    def open_one() -> Page:
        context = chromium.new_context(base_url=address, viewport={"width": 1280, "height": 900}, locale="en-GB")
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


def plug_in_a_key(page: Page) -> None:
    """Chromium's virtual authenticator: a security key whose owner touches it at once."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "usb",
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def test_a_security_key_is_added_and_opens_the_account(
    cast: Cast, required: None, at_localhost: Callable[[], Page], assert_accessible: Look, screenshot: Shoot
) -> None:
    page = at_localhost()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    plug_in_a_key(page)
    by_password(page, cast.alan)
    page.get_by_role("link", name="Use a security key or passkey").click()
    prove(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Add a security key")
    page.get_by_label("A name for this key").fill("Blue key")
    assert_accessible(page)
    screenshot(page, "signing-in-key")
    page.get_by_role("button", name="Add the key").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    assert Authenticator.objects.filter(user=cast.alan, type="webauthn").count() == 1
    page.goto("/sharing/records/")
    expect(page).to_have_url(re.compile("/sharing/records/$"))

    page.goto("/account/2fa/webauthn/")
    expect(page.get_by_role("row", name=re.compile("Blue key"))).to_be_visible()
    page.get_by_role("link", name="Remove Blue key").click()
    prove(page)
    if "/remove/" in page.url:
        page.get_by_role("button", name="Remove the key").click()
    expect(page.get_by_text("Your role needs a second step.")).to_be_visible()

    page.goto("/account/")
    page.get_by_role("button", name="Sign out").click()
    by_password(page, cast.alan)
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter your code")
    page.get_by_role("button", name="Use a security key or passkey").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.goto("/sharing/records/")
    expect(page).to_have_url(re.compile("/sharing/records/$"))
    assert errors == []


def test_five_wrong_passwords_lock_out_and_the_page_names_nobody(
    cast: Cast, open_page: OpenPage, assert_accessible: Look, screenshot: Shoot
) -> None:
    shown = {}
    for address in ("amara@larkfield.example", "nobody-here@larkfield.example"):
        page = open_page(PHONE)
        page.goto("/account/login/")
        for _ in range(5):
            page.get_by_label("Work e-mail address").fill(address)
            page.get_by_label("Password", exact=True).fill("wrong")
            page.get_by_role("button", name="Sign in", exact=True).click()
            page.wait_for_load_state()
        expect(page.get_by_role("heading", level=1)).to_have_text("Too many tries")
        assert_accessible(page)
        shown[address] = page.locator("main").inner_text()
        assert address not in page.content()
        screenshot(page, "signing-in-locked-out")
        page.goto("/account/login/")
        page.get_by_label("Work e-mail address").fill(address)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Too many tries")
    assert len(set(shown.values())) == 1, "the same words, whether or not the account exists"


def test_the_employers_sign_on(
    cast: Cast,
    required: None,
    settings: Settings,
    chromium: Browser,
    live_server: LiveServer,
    assert_accessible: Look,
    screenshot: Shoot,
) -> None:
    """The button, the employer's own page, and back; who is unknown is told so; fresh proof is asked for there."""
    with employer.provider() as provider:
        employer.use(settings, provider)
        directives = {**settings.CONTENT_SECURITY_POLICY["DIRECTIVES"], "form-action": ["'self'", provider.url]}
        settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": directives}
        claims = {"email": "alan@larkfield.example", "email_verified": True, "amr": ["pwd", "mfa"]}
        provider.knows("alan", **claims)
        provider.knows("stranger", email="stranger@elsewhere.example", email_verified=True)
        cast.alan.set_unusable_password()
        cast.alan.save()
        context = chromium.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
        page = context.new_page()

        def at_the_employers(sub: str) -> None:
            page.wait_for_url(f"{provider.url}/**")
            page.locator('input[name="sub"]').fill(sub)
            page.get_by_role("button", name="Authorize").click()

        page.goto("/account/login/?next=/sharing/records/")
        page.get_by_role("link", name="Sign in with Larkfield account").click()
        assert_accessible(page)
        page.get_by_role("button", name="Continue").click()
        at_the_employers("stranger")
        expect(page.get_by_role("heading", level=1)).to_have_text("You are not signed in")
        assert_accessible(page)
        screenshot(page, "signing-in-refused")

        page.goto("/account/login/?next=/sharing/records/")
        page.get_by_role("link", name="Sign in with Larkfield account").click()
        page.get_by_role("button", name="Continue").click()
        at_the_employers("alan")
        page.wait_for_url("**/sharing/records/")

        provider.knows("alan", **claims, auth_time=int(time.time()) - 3600)
        page.goto("/access/export/")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in again to go on")
        assert_accessible(page)
        screenshot(page, "signing-in-prove")
        page.get_by_role("button", name="Sign in again with Larkfield account").click()
        at_the_employers("alan")
        expect(page.get_by_role("heading", level=1)).to_have_text("This does not show that it is you")

        provider.knows("alan", **claims, auth_time=int(time.time()))
        page.goto("/access/export/")
        page.get_by_role("button", name="Sign in again with Larkfield account").click()
        at_the_employers("alan")
        page.wait_for_url("**/access/export/")
        context.close()


def test_before_the_longest_time_is_over_words_are_saved_and_the_person_is_told(
    cast: Cast, settings: Settings, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot
) -> None:
    settings.SESSION_LONGEST = timedelta(minutes=20)  # shorter than the idle time, so that it comes first
    page = open_page(DESK)
    page.clock.install()
    sign_in(page, cast.amara)
    page.goto("/raise/")
    page.locator('input[value="no"]').check()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_load_state()  # or the clock is moved before the script has set its own
    with page.expect_response("**/save/"):
        page.get_by_label("What did you see or hear yourself?").fill("She was crying on the stairs.")
        page.clock.fast_forward((20 * 60 - 115) * 1000)
    dialog = page.get_by_role("dialog", name="You will soon be signed out")
    expect(dialog.get_by_text("the longest we allow")).to_be_visible()
    expect(dialog.get_by_text("You have done nothing here for a while")).to_be_hidden()
    assert_accessible(page)
    screenshot(page, "signing-in-longest-time")
    dialog.get_by_role("button", name="Go on for 2 minutes").click()
    expect(dialog).to_be_hidden()
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)  # the server's clock, which the test cannot move
    page.clock.fast_forward(130_000)
    page.wait_for_url("**/account/login/?ended=1**")


# --- People -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("device", [PHONE, DESK], ids=lambda device: device.name)
def test_people_are_added_given_a_role_by_two_and_deactivated(
    cast: Cast, open_page: OpenPage, assert_accessible: Look, screenshot: Shoot, device: Device
) -> None:
    page = open_page(device)

    def look(name: str) -> None:
        assert_accessible(page)
        screenshot(page, f"people-{name}")

    by_password(page, cast.bea)
    page.goto("/people/")
    expect(page.get_by_role("heading", level=1)).to_have_text("People")
    look("list")
    page.get_by_role("link", name="Add a person").click()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("link", name="Enter the person's name.")).to_be_visible()
    look("add-errors")
    page.get_by_label("Work e-mail address").fill("zoe@larkfield.example")
    page.get_by_label("Full name").fill("Zoë O’Brien")
    page.get_by_label("Service area (optional)").select_option(label="Housing management")
    page.get_by_label("Line manager (optional)").select_option(label="Gwen Pritchard")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Zoë O’Brien")
    look("person")
    page.get_by_role("link", name="Give a role").click()
    look("give")
    page.get_by_label("Auditor", exact=True).check()
    page.get_by_label("If it takes two people: why?").fill("Alan retires in May.")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Proposed. They have it once a second person agrees.")).to_be_visible()
    look("proposed")
    zoe = User.objects.get(email="zoe@larkfield.example")
    assert standing(zoe).roles == frozenset()

    second = open_page(device)
    by_password(second, cast.ruth)
    second.goto("/people/")
    second.get_by_role("link", name=re.compile("Give your view")).click()
    expect(second.get_by_text("Alan retires in May.")).to_be_visible()
    assert_accessible(second)
    screenshot(second, "people-view")
    second.get_by_label("Yes, give it to them").check()
    second.get_by_role("button", name="Send your view").click()
    expect(second.get_by_role("rowheader", name="Auditor")).to_be_visible()
    assert standing(User.objects.get(pk=zoe.pk)).roles == {"auditor"}

    page.goto(f"/people/{zoe.pk}/")
    page.get_by_role("link", name="They leave: deactivate the account").click()
    prove(page)
    look("deactivate")
    page.get_by_label("Why?").fill("Left on 31 March")
    page.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_text("This person has left and cannot sign in.")).to_be_visible()
    look("left")
    page.goto("/people/?show=former")
    expect(page.get_by_role("link", name="Zoë O’Brien")).to_be_visible()


def test_a_proposal_waits_at_the_top_of_the_list(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot
) -> None:
    propose_post(
        person=cast.priya, post=Post.CHAMPION, area=cast.areas.repairs, reason="Asked to", by=cast.bea, at=now()
    )
    page = open_page(DESK)
    sign_in(page, cast.joyce)
    page.goto("/people/")
    expect(page.get_by_role("heading", name="Waits for a second person")).to_be_visible()
    assert_accessible(page)
    screenshot(page, "people-waiting")
