"""By what wrong passwords are counted: one account in every spelling, one address behind our own proxies."""

import hashlib

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from accounts.lockout import account_tried, client_address


def counted_by(rf: RequestFactory, credentials: dict[str, str] | None, form: dict[str, str] | None = None) -> str:
    return account_tried(rf.post("/account/login/", form or {}), credentials)


@pytest.mark.parametrize(
    ("credentials", "form"),
    [
        ({"email": "Amara@Larkfield.example"}, {}),
        ({"email": "  amara@larkfield.example "}, {}),
        ({"username": "AMARA@larkfield.example"}, {}),
        ({"password": "x"}, {"login": "Amara@larkfield.example"}),
        (None, {"login": "Amara@larkfield.example"}),
    ],
)
def test_one_account_in_every_spelling(
    rf: RequestFactory, credentials: dict[str, str] | None, form: dict[str, str]
) -> None:
    assert counted_by(rf, credentials, form) == counted_by(rf, {"email": "amara@larkfield.example"})


def test_what_was_typed_can_neither_be_read_nor_guessed_without_the_key(rf: RequestFactory, settings: Settings) -> None:
    typed = "correct horse battery"
    kept = counted_by(rf, {"email": typed})
    assert kept not in (counted_by(rf, {"email": "another"}), counted_by(rf, None))
    assert typed not in kept
    assert kept != hashlib.sha256(typed.encode()).hexdigest()
    settings.SECRET_KEY = "another key"
    assert counted_by(rf, {"email": typed}) != kept


def test_address_without_proxies_is_the_peer_and_not_what_it_claims(rf: RequestFactory, settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    request = rf.get("/", REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR="198.51.100.1")
    assert client_address(request) == "192.0.2.7"


def test_address_behind_one_proxy_is_what_that_proxy_saw(rf: RequestFactory, settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    request = rf.get("/", REMOTE_ADDR="10.0.0.2", HTTP_X_FORWARDED_FOR="203.0.113.9, 198.51.100.1")
    assert client_address(request) == "198.51.100.1"


def test_request_that_came_from_nowhere_has_no_address(rf: RequestFactory) -> None:
    request = rf.get("/")
    del request.META["REMOTE_ADDR"]
    assert client_address(request) is None
