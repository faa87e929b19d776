"""The employer's sign-on, against a real OpenID Connect provider: whom it lets in, and what it proves."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path
from pytest_django.fixtures import Settings

from accounts import notifications
from accounts.http import SignedInRequest
from accounts.models import User
from accounts.proof import require_fresh_proof
from accounts.services import deactivate_person
from accounts.sign_on import is_fresh
from audit.models import Event
from safeguarding.kit import outbox
from safeguarding.kit.clock import now
from tests.build import sign_on as employer
from tests.build.cast import Cast


def sign(request: SignedInRequest) -> HttpResponse:
    return HttpResponse(f"signed by {request.user.pk}")


urlpatterns = [path("sign/", require_fresh_proof(sign)), path("", include("safeguarding.urls"))]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture(scope="module")
def running() -> Iterator[employer.Provider]:
    with employer.provider() as provider:
        yield provider


@pytest.fixture
def provider(running: employer.Provider, settings: Settings) -> employer.Provider:
    employer.use(settings, running)
    return running


def who_is_in(client: Client) -> int | None:
    response = client.get("/account/")
    return response.context["user"].pk if response.status_code == 200 else None


def test_it_opens_the_account_with_that_address(client: Client, cast: Cast, provider: employer.Provider) -> None:
    provider.knows("ruth-1", email="Ruth@Larkfield.example", email_verified=True)
    answer = employer.sign_on(client, provider, "ruth-1")
    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    assert who_is_in(client) == cast.ruth.pk
    codes = [code for code in Event.objects.order_by("id").values_list("code", flat=True) if "sign" in code]
    assert codes == ["accounts.sign_on_connected", "accounts.signed_in"]
    assert User.objects.get(pk=cast.ruth.pk).has_usable_password(), "the password stays"
    assert SocialAccount.objects.get().extra_data == {}, "nothing of what the directory tells is kept"
    assert mail.outbox == [], "nobody waits for a mail server"
    outbox.deliver_due(at=now())
    (told,) = mail.outbox
    assert told.to == ["ruth@larkfield.example"]
    assert "employer’s sign-on" in told.subject


def test_from_then_on_the_directorys_own_id_counts(client: Client, cast: Cast, provider: employer.Provider) -> None:
    provider.knows("ruth-2", email="ruth@larkfield.example", email_verified=True)
    employer.sign_on(client, provider, "ruth-2")
    provider.knows("ruth-2", email="new.name@larkfield.example", email_verified=True)
    again = Client()
    employer.sign_on(again, provider, "ruth-2")
    assert who_is_in(again) == cast.ruth.pk
    provider.knows("newcomer", email="ruth@larkfield.example", email_verified=True)
    newcomer = Client()
    answer = employer.sign_on(newcomer, provider, "newcomer")
    assert answer.status_code == 403, "an address that was given to somebody else opens nothing"
    assert who_is_in(newcomer) is None


@pytest.mark.parametrize(
    ("sub", "claims", "words"),
    [
        ("a", {"email": "nobody@larkfield.example", "email_verified": True}, "no account here is open to you"),
        ("b", {"email": "priya@larkfield.example", "email_verified": True}, "no account here is open to you"),
        ("c", {"email": "ruth@larkfield.example", "email_verified": False}, "did not confirm your e-mail address"),
        ("d", {"email": "ruth@larkfield.example"}, "did not confirm your e-mail address"),
        ("e", {}, "did not confirm your e-mail address"),
    ],
    ids=["unknown", "deactivated", "not verified", "does not say", "no address"],
)
def test_whom_it_does_not_let_in_in_plain_words(
    client: Client, cast: Cast, provider: employer.Provider, sub: str, claims: dict[str, object], words: str
) -> None:
    deactivate_person(person=cast.priya, reason="Left", by=cast.bea, at=now())
    provider.knows(sub, **claims)
    answer = employer.sign_on(client, provider, sub)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert words in page
    assert "@larkfield" not in page
    assert "01632 960 100" in page, "and whom to ring to report"
    assert who_is_in(client) is None
    assert Event.objects.filter(code="accounts.sign_in_failed").count() == 1
    assert not SocialAccount.objects.exists()


def test_a_directory_that_checks_every_address_may_leave_it_unsaid(
    client: Client, cast: Cast, provider: employer.Provider, settings: Settings
) -> None:
    settings.OIDC_EMAILS_ARE_VERIFIED = True
    provider.knows("u1", email="ruth@larkfield.example")
    assert employer.sign_on(client, provider, "u1").status_code == 302
    provider.knows("u2", email="imran@larkfield.example", email_verified=False)
    assert employer.sign_on(Client(), provider, "u2").status_code == 403


def test_somebody_deactivated_later_is_out_and_stays_out(
    client: Client, cast: Cast, provider: employer.Provider
) -> None:
    provider.knows("amara-1", email="amara@larkfield.example", email_verified=True)
    employer.sign_on(client, provider, "amara-1")
    assert who_is_in(client) == cast.amara.pk
    deactivate_person(person=cast.amara, reason="Left", by=cast.bea, at=now())
    assert who_is_in(client) is None
    assert employer.sign_on(Client(), provider, "amara-1").status_code == 403


@pytest.mark.parametrize("process", ["connect", "redirect"])
def test_an_open_session_can_not_connect_somebody_else_to_it(
    client: Client, cast: Cast, provider: employer.Provider, process: str
) -> None:
    client.force_login(cast.ruth, backend="allauth.account.auth_backends.AuthenticationBackend")
    provider.knows("stranger", email="stranger@elsewhere.example", email_verified=True)
    sent = client.post(f"/account/oidc/employer/login/?process={process}")
    assert employer.come_back(client, provider, sent["Location"], "stranger").status_code == 403
    assert not SocialAccount.objects.exists()


def test_what_the_directory_tells_is_not_kept_either_where_it_is_refused(
    client: Client, cast: Cast, provider: employer.Provider
) -> None:
    provider.knows("ruth-1", email="ruth@larkfield.example", email_verified=True, name="Ruth Private")
    employer.sign_on(client, provider, "ruth-1")
    sent = client.post("/account/oidc/employer/login/?process=connect")
    assert employer.come_back(client, provider, sent["Location"], "ruth-1").status_code == 403
    assert SocialAccount.objects.get().extra_data == {}


# --- A second step, as the employer vouches for it ------------------------------------------------


@pytest.mark.parametrize(
    ("sub", "claims", "is_enough"),
    [
        ("m1", {"amr": ["pwd", "mfa"]}, True),
        ("m2", {"amr": ["pwd"]}, False),
        ("m3", {"amr": "mfa"}, False),
        ("m4", {"acr": "urn:larkfield:strong"}, True),
        ("m5", {"acr": "1"}, False),
        ("m6", {}, False),
    ],
)
def test_only_a_second_step_that_the_employer_says_it_asked_for_counts(
    client: Client,
    cast: Cast,
    provider: employer.Provider,
    settings: Settings,
    sub: str,
    claims: dict[str, object],
    is_enough: bool,
) -> None:
    settings.SECOND_FACTOR_ROLES = settings.SECOND_FACTOR_ALWAYS
    settings.OIDC_MFA_ACR = frozenset({"urn:larkfield:strong"})
    provider.knows(sub, email="ruth@larkfield.example", email_verified=True, **claims)
    employer.sign_on(client, provider, sub, next_url="/queue/")
    response = client.get("/queue/")
    if is_enough:
        assert response.status_code == 200
    else:
        assert response["Location"] == "/account/second-step/"


# --- Fresh proof ----------------------------------------------------------------------------------


@pytest.fixture
def ruth(client: Client, cast: Cast, provider: employer.Provider) -> Client:
    """Ruth, who has no password and no second step here, signed in a while ago."""
    cast.ruth.set_unusable_password()
    cast.ruth.save()
    provider.knows("ruth", email="ruth@larkfield.example", email_verified=True)
    with time_machine.travel(now() - timedelta(minutes=20)):
        employer.sign_on(client, provider, "ruth")
    return client


def prove(client: Client, provider: employer.Provider, *, auth_time: object, sub: str = "ruth") -> HttpResponse:
    asked = client.get("/sign/")
    assert asked["Location"] == "/account/sign-on/prove/?next=%2Fsign%2F"
    page = client.get(asked["Location"])
    assert "Sign in again with Larkfield account" in page.content.decode()
    sent = client.post("/account/sign-on/prove/", {"next": "/sign/"})
    wanted = employer.asked_for(sent["Location"])
    assert (wanted["prompt"], wanted["max_age"]) == ("login", "0")
    assert wanted["code_challenge_method"] == "S256"
    claims = {"email": f"{sub}@larkfield.example", "email_verified": True}
    provider.knows(sub, **claims, **({} if auth_time is None else {"auth_time": auth_time}))
    return employer.come_back(client, provider, sent["Location"], sub)


def test_signing_on_again_is_proof(ruth: Client, cast: Cast, provider: employer.Provider) -> None:
    answer = prove(ruth, provider, auth_time=int(time.time()))
    assert (answer.status_code, answer["Location"]) == (302, "/sign/")
    assert ruth.get("/sign/").content.decode() == f"signed by {cast.ruth.pk}"
    event = Event.objects.get(code="accounts.identity_proved")
    assert (event.actor_id, event.data) == (cast.ruth.pk, {"method": "sign_on"})
    with time_machine.travel(now() + timedelta(minutes=5, seconds=1)):
        assert ruth.get("/sign/").status_code == 302, "for five minutes"


@pytest.mark.parametrize("age", [600, 8 * 3600, -600, "text"], ids=["10 min", "8 h", "future", "text"])
def test_a_sign_on_that_did_not_ask_again_proves_nothing(
    ruth: Client, provider: employer.Provider, age: int | str
) -> None:
    auth_time = int(time.time()) - age if isinstance(age, int) else age
    answer = prove(ruth, provider, auth_time=auth_time)
    assert answer.status_code == 403
    assert "did not sign in again over there" in answer.content.decode()
    assert ruth.get("/sign/").status_code == 302
    assert not Event.objects.filter(code="accounts.identity_proved").exists()


def test_somebody_elses_sign_on_proves_nothing(ruth: Client, cast: Cast, provider: employer.Provider) -> None:
    answer = prove(ruth, provider, auth_time=int(time.time()), sub="imran")
    assert answer.status_code == 403
    assert "somebody else" in answer.content.decode()
    assert who_is_in(ruth) == cast.ruth.pk
    assert ruth.get("/sign/").status_code == 302


def test_an_ordinary_sign_on_is_no_proof_however_fresh(ruth: Client, provider: employer.Provider) -> None:
    provider.knows("ruth", email="ruth@larkfield.example", email_verified=True, auth_time=int(time.time()))
    again = Client()
    assert employer.sign_on(again, provider, "ruth", next_url="/sign/")["Location"] == "/sign/"
    assert again.get("/sign/")["Location"] == "/account/sign-on/prove/?next=%2Fsign%2F"


def test_whoever_never_came_by_sign_on_is_not_asked_for_it(
    client: Client, cast: Cast, provider: employer.Provider
) -> None:
    client.force_login(cast.imran, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/account/sign-on/prove/").status_code == 404


def test_proof_never_leads_away_from_this_site(ruth: Client, provider: employer.Provider) -> None:
    sent = ruth.post("/account/sign-on/prove/", {"next": "https://elsewhere.example/"})
    provider.knows("ruth", email="ruth@larkfield.example", email_verified=True, auth_time=int(time.time()))
    assert employer.come_back(ruth, provider, sent["Location"], "ruth")["Location"] == "/"


def test_a_mailbox_alone_makes_no_password_for_an_account_that_the_sign_on_opens(
    client: Client, cast: Cast, provider: employer.Provider, settings: Settings
) -> None:
    """ADR 18: whoever reads it would set up a second step of their own. The page says the same."""
    provider.knows("alan-1", email="alan@larkfield.example", email_verified=True)
    employer.sign_on(client, provider, "alan-1")
    outbox.deliver_due(at=now())
    mail.outbox.clear()
    assert "Do you sign in with" in Client().get("/account/password/reset/").content.decode()
    pages = []
    for address in ("alan@larkfield.example", "nobody@larkfield.example", "ruth@larkfield.example"):
        page = Client().post("/account/password/reset/", {"email": address}, follow=True)
        pages.append((page.redirect_chain, re.sub(r'nonce="[^"]*"', "", page.content.decode())))
    assert pages[0] == pages[1] == pages[2]
    outbox.deliver_due(at=now())
    assert [sent.to for sent in mail.outbox] == [["ruth@larkfield.example"]]

    User.objects.filter(pk=cast.alan.pk).update(password="!")
    assert not notifications.INVITED.may_still_know(cast.alan.pk, cast.alan.pk), "an invitation would lead nowhere"
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": []}}
    assert notifications.INVITED.may_still_know(cast.alan.pk, cast.alan.pk), "there is no other way in any more"
    with time_machine.travel(now() + timedelta(minutes=10), tick=False):  # he has asked a moment ago
        Client().post("/account/password/reset/", {"email": "alan@larkfield.example"})
        outbox.deliver_due(at=now())
    assert [sent.to for sent in mail.outbox] == [["ruth@larkfield.example"], ["alan@larkfield.example"]]


def test_what_is_fresh() -> None:
    at = now()
    asked = (at - timedelta(minutes=2)).timestamp()
    assert is_fresh(asked + 10, asked_at=asked, at=at)
    assert is_fresh(asked - 29, asked_at=asked, at=at), "two clocks"
    assert not is_fresh(asked - 31, asked_at=asked, at=at)
    assert not is_fresh(at.timestamp() + 31, asked_at=asked, at=at)
    assert not is_fresh(None, asked_at=asked, at=at), "it does not say when"
    assert not is_fresh(True, asked_at=asked, at=at)
    long_ago = (at - timedelta(minutes=9)).timestamp()
    assert not is_fresh(long_ago + 10, asked_at=long_ago, at=at), "asked, answered, and left lying"
