"""Fresh proof of who is sitting there: password or second factor, five minutes, and never a door around it."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path

from accounts.http import SignedInRequest
from accounts.proof import require_fresh_proof
from audit.models import Event
from safeguarding.kit.clock import now
from tests.build.cast import PASSWORD, Cast


def sign(request: SignedInRequest) -> HttpResponse:
    return HttpResponse(f"signed by {request.user.pk}")


urlpatterns = [path("sign/", require_fresh_proof(sign)), path("", include("safeguarding.urls"))]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def signed_in_long_ago(client: Client, cast: Cast) -> None:
    with time_machine.travel(now() - timedelta(minutes=20)):
        client.post("/account/login/", {"login": cast.ruth.email, "password": PASSWORD})


def test_password_given_at_sign_in_counts_for_five_minutes(client: Client, cast: Cast) -> None:
    start = now()
    with time_machine.travel(start, tick=False):
        client.post("/account/login/", {"login": cast.ruth.email, "password": PASSWORD})
    with time_machine.travel(start + timedelta(minutes=4, seconds=59), tick=False):
        assert client.get("/sign/").status_code == 200
    with time_machine.travel(start + timedelta(minutes=5), tick=False):
        assert client.get("/sign/").headers["Location"] == "/account/reauthenticate/?next=%2Fsign%2F"


def test_get_asks_for_the_password_and_comes_back(client: Client, cast: Cast) -> None:
    signed_in_long_ago(client, cast)
    asked = client.get("/sign/?draft=7")
    assert asked.headers["Location"] == "/account/reauthenticate/?next=%2Fsign%2F%3Fdraft%3D7"
    given = client.post("/account/reauthenticate/", {"password": PASSWORD, "next": "/sign/?draft=7"})
    assert given.headers["Location"] == "/sign/?draft=7"
    assert client.get("/sign/?draft=7").status_code == 200
    event = Event.objects.get(code="accounts.identity_proved")
    assert (event.actor_id, event.data) == (cast.ruth.pk, {"method": "password"})


def test_wrong_password_proves_nothing(client: Client, cast: Cast) -> None:
    signed_in_long_ago(client, cast)
    refused = client.post("/account/reauthenticate/", {"password": "wrong", "next": "/sign/"})
    assert refused.status_code == 200
    assert "The password is not right." in refused.content.decode()
    assert client.get("/sign/").status_code == 302


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/drafts/?page=2", "/drafts/?page=2"),
        ("http://testserver/sign/?draft=7", "/"),  # asks again at once
        ("http://testserver/account/reauthenticate/?next=/sign/", "/"),
        ("https://elsewhere.example/drafts/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_whoever_is_asked_again_can_go_back(client: Client, cast: Cast, referer: str, back: str) -> None:
    signed_in_long_ago(client, cast)
    headers = {"Referer": referer} if referer else {}
    page = client.get("/account/reauthenticate/?next=%2Fsign%2F%3Fdraft%3D7", headers=headers).content.decode()
    assert f'<a href="{back}" class="govuk-back-link">Back</a>' in page
    assert '<h1 class="govuk-heading-l">Enter your password to go on</h1>' in page
    assert "We ask again because this is sensitive. Nothing you typed is lost." in page


def test_post_without_proof_is_not_carried_out_and_its_words_stay_out_of_the_session(
    client: Client, cast: Cast
) -> None:
    signed_in_long_ago(client, cast)
    response = client.post("/sign/", {"reasons": "words about a tenant"})
    assert response.headers["Location"] == "/account/reauthenticate/?next=%2Fsign%2F"
    assert "words about a tenant" not in str(dict(client.session))
    given = client.post("/account/reauthenticate/", {"password": PASSWORD, "next": "/sign/"})
    assert given.status_code == 302
    assert given.headers["Location"] == "/sign/"


def test_account_with_neither_password_nor_second_factor_is_refused(client: Client, cast: Cast) -> None:
    cast.ruth.set_unusable_password()
    cast.ruth.save()
    client.force_login(cast.ruth)
    response = client.get("/sign/")
    assert response.status_code == 403
    assert "We cannot check that it is you" in response.content.decode()
    assert Event.objects.get(code="audit.act_refused").data == {"act": "accounts.prove_identity", "why": "not_allowed"}


@pytest.mark.parametrize("way", ["/account/2fa/totp/activate/", "/account/2fa/webauthn/add/", "/account/password/set/"])
def test_an_open_session_alone_can_not_make_itself_a_proof(client: Client, cast: Cast, way: str) -> None:
    cast.ruth.set_unusable_password()
    cast.ruth.save()
    client.force_login(cast.ruth)
    assert client.get(way).status_code == 403
    words = {"password1": "a long new password", "password2": "a long new password"}
    assert client.post(way, words).status_code in (403, 405)
    cast.ruth.refresh_from_db()
    assert not cast.ruth.has_usable_password()


def test_second_factor_alone_is_proof(client: Client, cast: Cast) -> None:
    secret = generate_totp_secret()
    TOTP.activate(cast.ruth, secret)
    cast.ruth.set_unusable_password()
    cast.ruth.save()
    assert Authenticator.objects.filter(user=cast.ruth).exists()
    client.force_login(cast.ruth)
    assert client.get("/sign/").headers["Location"] == "/account/2fa/reauthenticate/?next=%2Fsign%2F"


def test_proof_of_one_person_is_not_proof_of_the_next(client: Client, cast: Cast) -> None:
    client.post("/account/login/", {"login": cast.ruth.email, "password": PASSWORD})
    assert client.get("/sign/").status_code == 200
    client.force_login(cast.imran)
    assert client.get("/sign/").status_code == 302


def test_reauthentication_never_sends_away_from_this_site(client: Client, cast: Cast) -> None:
    signed_in_long_ago(client, cast)
    given = client.post("/account/reauthenticate/", {"password": PASSWORD, "next": "https://elsewhere.example/"})
    assert given.headers["Location"] == "/"
