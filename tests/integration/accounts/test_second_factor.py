"""A second step of signing in, required by role; and that reporting never waits for it (I18, I20)."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any
from unittest import mock

import pytest
import time_machine
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from cryptography.fernet import InvalidToken
from django.apps import apps
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from accounts.second_factor import is_required_of
from audit.models import Event
from concerns.models import Concern
from safeguarding.kit import outbox
from safeguarding.kit.clock import now
from safeguarding.kit.models import OutboxMessage
from tests.build.addresses import filled, routes
from tests.build.cast import PASSWORD, Cast
from tests.build.reporting import report
from tests.build.web import BACKEND

pytestmark = pytest.mark.django_db

# R146 and domain.md 5: who reads or decides other people's cases, reads the records, or gives rights.
NEED_ONE = [
    "ruth", "imran", "karen", "martin", "sunita", "joyce", "alan", "bea", "carl",
    "dev", "nadia", "femi", "saoirse", "mei", "rhys", "olu",
]  # fmt: skip
NEED_NONE = ["priya", "tomasz", "colin", "jakub", "leon", "amara", "sian", "gwen", "helen", "quinn"]
# What somebody without a second step may still open (I18, I20): reporting, their own reports, the statements, whistle-
# blowing, signing in and out, and setting the second step up.
OPEN = (
    "raise/", "reports/", "account/login/", "account/logout/", "account/inactive/", "account/reauthenticate/",
    "account/password/", "account/2fa/", "account/sign-on/", "account/second-step/", "account/stay/", "account/oidc/",
    "privacy/", "accessibility/", "whistleblowing/", "theme.css", "healthz",
)  # fmt: skip
DIRECT_CALL = "record-direct-call"


@pytest.fixture(autouse=True)
def required(settings: Settings) -> None:
    """As in production."""
    settings.SECOND_FACTOR_ROLES = settings.SECOND_FACTOR_ALWAYS
    cache.clear()


def code_now(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time()))))


def by_password(client: Client, person: User) -> str:
    """Where signing in with the password leads."""
    return str(client.post("/account/login/", {"login": person.email, "password": PASSWORD})["Location"])


@pytest.mark.parametrize("who", NEED_ONE)
def test_these_need_a_second_step_and_are_led_to_the_page_that_sets_one_up(cast: Cast, who: str) -> None:
    client = Client()
    assert by_password(client, getattr(cast, who)) == "/"
    assert client.get("/")["Location"] == "/account/second-step/"
    page = client.get("/account/second-step/").content.decode()
    assert "Use an authenticator app" in page
    assert "Use a security key or passkey" in page
    assert "/raise/" in page


@pytest.mark.parametrize("who", NEED_NONE)
def test_these_need_none(cast: Cast, who: str) -> None:
    client = Client()
    by_password(client, getattr(cast, who))
    assert client.get("/").status_code == 200
    assert not is_required_of(getattr(cast, who))


def test_without_it_nothing_opens_but_reporting_and_signing_in_and_out(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.ruth, backend=BACKEND)
    gated = []
    for route, name in routes():
        for method in (client.get, client.post):
            response = method(filled(route, {}))
            is_gated = response.status_code == 302 and response["Location"] == "/account/second-step/"
            if is_gated:
                gated.append(route)
            is_open = route.replace("^", "").startswith(OPEN) or name == DIRECT_CALL or route.startswith("demo/")
            assert is_gated != is_open, (route, name, response.status_code)
            if name == "account_logout":
                client.force_login(cast.ruth, backend=BACKEND)
    assert len(gated) > 100


def test_reporting_works_from_the_first_question_to_the_receipt(cast: Cast) -> None:
    client = Client()
    by_password(client, cast.ruth)
    ref = report(client)
    assert Concern.objects.get(ref=ref).reporter == cast.ruth
    assert client.get(f"/reports/{ref}/").status_code == 200
    assert client.get(f"/sharing/concerns/{ref}/direct-call/").status_code == 200
    assert client.get(f"/concerns/{ref}/")["Location"] == "/account/second-step/"


@pytest.mark.django_db(transaction=True)
def test_setting_up_an_app_opens_the_site_at_once_and_later_asks_for_its_code(
    cast: Cast,
) -> None:
    client = Client()
    by_password(client, cast.ruth)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    wrong = client.post("/account/2fa/totp/activate/", {"code": "000000"})
    assert "This code is not right" in wrong.content.decode()
    done = client.post("/account/2fa/totp/activate/", {"code": code_now(secret)})
    assert done["Location"] == "/account/2fa/recovery-codes/"
    codes = client.get(done["Location"]).context["unused_codes"]
    assert client.get("/queue/").status_code == 200
    added = Event.objects.get(code="accounts.second_factor_added")
    assert (added.actor_id, added.subject_id, added.data) == (cast.ruth.pk, cast.ruth.pk, {"method": "totp"})
    assert Event.objects.get(code="accounts.recovery_codes_made").actor_id == cast.ruth.pk

    later = Client()
    assert by_password(later, cast.ruth) == "/account/2fa/authenticate/"
    assert later.get("/queue/")["Location"].startswith("/account/login/"), "a password alone signs in nobody"
    cache.clear()  # a code works once; this is the same half minute
    assert later.post("/account/2fa/authenticate/", {"code": code_now(secret)}).status_code == 302
    assert later.get("/queue/").status_code == 200

    lost = Client()
    by_password(lost, cast.ruth)
    assert lost.post("/account/2fa/authenticate/", {"code": codes[0]}).status_code == 302
    assert lost.get("/queue/").status_code == 200
    twice = Client()
    by_password(twice, cast.ruth)
    assert twice.post("/account/2fa/authenticate/", {"code": codes[0]}).status_code == 200, "a code works once"
    assert twice.get("/queue/").status_code == 302


def test_a_lead_who_came_by_the_link_for_a_new_password_can_set_up_a_second_step(cast: Cast) -> None:
    """As on the first day, when nobody has a password yet: everybody comes this way."""
    client = Client()
    client.post("/account/password/reset/", {"email": cast.ruth.email})
    outbox.deliver_due(at=now())
    link = next(word for word in mail.outbox[0].body.split() if "/password/reset/key/" in word)
    page = client.get("/" + link.split("/", 3)[3], follow=True)
    client.post(page.request["PATH_INFO"], {"password1": PASSWORD, "password2": PASSWORD})
    client = Client()
    by_password(client, cast.ruth)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    done = client.post("/account/2fa/totp/activate/", {"code": code_now(secret)})
    assert done.headers["Location"] == "/account/2fa/recovery-codes/"
    assert client.get("/account/2fa/webauthn/add/").status_code == 200
    later = Client()
    assert by_password(later, cast.ruth) == "/account/2fa/authenticate/"
    cache.clear()  # a code works once; this is the same half minute
    assert later.post("/account/2fa/authenticate/", {"code": code_now(secret)}).status_code == 302
    assert later.get("/queue/").status_code == 200


def test_a_wrong_code_is_in_the_ledger_without_what_was_typed(client: Client, cast: Cast) -> None:
    TOTP.activate(cast.ruth, generate_totp_secret())
    by_password(client, cast.ruth)
    assert client.post("/account/2fa/authenticate/", {"code": "123456"}).status_code == 200
    event = Event.objects.get(code="accounts.sign_in_failed")
    assert (event.actor_id, event.subject_id, event.data) == (None, cast.ruth.pk, {})


def test_codes_cannot_be_guessed_from_however_many_addresses(client: Client, cast: Cast) -> None:
    """Five wrong codes in five minutes close the second step of that account, and its person is told."""
    secret = generate_totp_secret()
    TOTP.activate(cast.ruth, secret)
    by_password(client, cast.ruth)
    code = code_now(secret)
    for number in range(6):
        wrong = f"{(int(code) + 1 + number) % 10**6:06d}"
        page = client.post("/account/2fa/authenticate/", {"code": wrong}, REMOTE_ADDR=f"10.0.0.{number}")
        assert ("Too many wrong codes. Wait five minutes" in page.content.decode()) is (number == 5)
    again = Client()
    by_password(again, cast.ruth)
    right = again.post("/account/2fa/authenticate/", {"code": code})
    assert "Too many wrong codes" in right.content.decode()
    assert Event.objects.filter(code="accounts.second_step_closed", subject_id=cast.ruth.pk).count() == 1
    assert OutboxMessage.objects.get(kind="accounts.second_step_closed").recipient_id == cast.ruth.pk

    by_password(client, cast.imran)  # nobody else is held up
    secret_of_imran = generate_totp_secret()
    TOTP.activate(cast.imran, secret_of_imran)
    other = Client()
    by_password(other, cast.imran)
    assert other.post("/account/2fa/authenticate/", {"code": code_now(secret_of_imran)}).status_code == 302

    with time_machine.travel(now() + timedelta(minutes=5, seconds=1), tick=True):
        later = Client()
        by_password(later, cast.ruth)
        assert later.post("/account/2fa/authenticate/", {"code": code_now(secret)}).status_code == 302


def test_a_right_code_ends_the_count_and_proving_it_again_is_counted_too(client: Client, cast: Cast) -> None:
    secret = generate_totp_secret()
    TOTP.activate(cast.ruth, secret)
    by_password(client, cast.ruth)
    wrong = f"{(int(code_now(secret)) + 1) % 10**6:06d}"
    for _ in range(4):
        client.post("/account/2fa/authenticate/", {"code": wrong})
    assert client.post("/account/2fa/authenticate/", {"code": code_now(secret)}).status_code == 302
    for number in range(6):
        page = client.post("/account/2fa/reauthenticate/", {"code": wrong})
        assert ("Too many wrong codes" in page.content.decode()) is (number == 5)


def test_the_last_second_step_stays_while_the_role_needs_one(client: Client, cast: Cast) -> None:
    secret = generate_totp_secret()
    TOTP.activate(cast.ruth, secret)
    by_password(client, cast.ruth)
    client.post("/account/2fa/authenticate/", {"code": code_now(secret)})
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    page = client.get("/account/2fa/totp/deactivate/").content.decode()
    assert "Your role needs a second step" in page
    client.post("/account/2fa/totp/deactivate/")
    assert Authenticator.objects.filter(user=cast.ruth, type="totp").exists()

    key = Authenticator.objects.create(user=cast.ruth, type="webauthn", data={"name": "Blue"})
    assert get_adapter().can_delete_authenticator(key)
    client.post("/account/2fa/totp/deactivate/")
    assert not Authenticator.objects.filter(user=cast.ruth, type="totp").exists(), "another one is there now"
    assert Event.objects.get(code="accounts.second_factor_removed").data == {"method": "totp"}
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    kept = client.post(f"/account/2fa/webauthn/keys/{key.pk}/remove/", follow=True)
    assert "Your role needs a second step" in kept.content.decode()
    assert Authenticator.objects.filter(pk=key.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_new_recovery_codes_are_in_the_ledger(client: Client, cast: Cast) -> None:
    secret = generate_totp_secret()
    TOTP.activate(cast.ruth, secret)
    RecoveryCodes.activate(cast.ruth)
    by_password(client, cast.ruth)
    client.post("/account/2fa/authenticate/", {"code": code_now(secret)})
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    client.post("/account/2fa/recovery-codes/generate/")
    assert Event.objects.get(code="accounts.recovery_codes_made").actor_id == cast.ruth.pk


def test_a_session_from_before_does_not_count_because_another_one_set_it_up(client: Client, cast: Cast) -> None:
    client.force_login(cast.ruth, backend=BACKEND)
    TOTP.activate(cast.ruth, generate_totp_secret())
    assert client.get("/queue/")["Location"] == "/account/second-step/"
    page = client.get("/account/second-step/").content.decode()
    assert "Sign out, then sign in again" in page
    assert "csrfmiddlewaretoken" in page.split("Sign out, then sign in again")[1]


def before_and_after(client: Client, person: User) -> str:
    """`client` signs in by password alone; then `person` sets up an app elsewhere, whose secret this is."""
    by_password(client, person)
    secret = str(generate_totp_secret())
    TOTP.activate(person, secret)
    RecoveryCodes.activate(person)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return secret


@pytest.mark.parametrize("who", ["ruth", "amara"])
def test_a_password_alone_shows_and_changes_nothing_of_a_second_step(client: Client, cast: Cast, who: str) -> None:
    """ADR 18: neither of those whose role needs one nor of those who set one up of themselves."""
    person: User = getattr(cast, who)
    secret = before_and_after(client, person)
    pages = (
        "", "recovery-codes/", "recovery-codes/download/", "recovery-codes/generate/", "webauthn/", "webauthn/add/",
        "totp/activate/", "totp/deactivate/", "webauthn/keys/1/remove/",
    )  # fmt: skip
    for page in pages:
        for method in (client.get, client.post):
            answer = method(f"/account/2fa/{page}")
            assert (answer.status_code, answer["Location"]) == (302, "/account/second-step/"), page
    assert "Sign out, then sign in again" in client.get("/account/second-step/").content.decode()
    assert Authenticator.objects.filter(user=person).count() == 2
    assert not Event.objects.filter(code="accounts.recovery_codes_seen").exists()

    assert client.get("/account/2fa/reauthenticate/").status_code == 200, "there it may be given"
    client.post("/account/2fa/reauthenticate/", {"code": code_now(secret)})
    assert client.get("/account/2fa/recovery-codes/").status_code == 200


def test_whose_recovery_codes_are_looked_at_hears_of_it(client: Client, cast: Cast) -> None:
    secret = before_and_after(client, cast.ruth)
    client.post("/account/2fa/reauthenticate/", {"code": code_now(secret)})
    assert client.get("/account/2fa/recovery-codes/").status_code == 200
    assert client.get("/account/2fa/recovery-codes/download/").status_code == 200
    assert client.post("/account/2fa/recovery-codes/").status_code == 405
    seen = Event.objects.filter(code="accounts.recovery_codes_seen")
    assert list(seen.values_list("actor_id", "subject_id", "data")) == [(cast.ruth.pk, cast.ruth.pk, {})] * 2
    told = OutboxMessage.objects.filter(kind="accounts.recovery_codes_seen")
    assert list(told.values_list("recipient_id", flat=True)) == [cast.ruth.pk], "once for this session"
    other = Client()
    by_password(other, cast.ruth)
    for page in ("authenticate", "reauthenticate"):
        cache.clear()  # a code works once; this is the same half minute
        other.post(f"/account/2fa/{page}/", {"code": code_now(secret)})
    assert other.get("/account/2fa/recovery-codes/").status_code == 200
    assert told.count() == 2


def test_the_first_second_step_ends_every_other_session_and_keeps_this_one(client: Client, cast: Cast) -> None:
    stays = Client()
    by_password(stays, cast.ruth)
    by_password(client, cast.ruth)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    client.post("/account/2fa/totp/activate/", {"code": code_now(secret)})
    assert client.get("/queue/").status_code == 200
    assert stays.get("/account/2fa/")["Location"].startswith("/account/login/")
    assert Client().get("/queue/").status_code == 302

    again = Client()
    by_password(again, cast.ruth)
    cache.clear()  # a code works once; this is the same half minute
    again.post("/account/2fa/authenticate/", {"code": code_now(secret)})
    assert add_key(client).status_code == 302
    assert again.get("/queue/").status_code == 200, "a further one ends nothing"


def add_key(client: Client) -> Any:
    """The answer to a security key that is added (what the key says is checked in the browser's test)."""
    checked = "allauth.mfa.webauthn.internal.auth."
    with mock.patch(checked + "parse_registration_response"), mock.patch(checked + "complete_registration"):
        return client.post("/account/2fa/webauthn/add/", {"name": "Blue", "credential": '{"id": "x"}'})


@pytest.mark.django_db(transaction=True)
def test_a_second_step_is_added_or_goes_with_its_event_or_not_at_all(client: Client, cast: Cast) -> None:
    """Whatever breaks after the change: no row without its event, and no event without its row."""
    client.raise_request_exception = False
    by_password(client, cast.ruth)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    broken = mock.patch("accounts.sign_in.record", side_effect=DatabaseError)
    with broken:
        assert client.post("/account/2fa/totp/activate/", {"code": code_now(secret)}).status_code == 500
        assert add_key(client).status_code == 500
    assert not Authenticator.objects.exists()
    assert client.get("/queue/")["Location"] == "/account/second-step/", "and the session is as it was"

    assert add_key(client).status_code == 302
    assert client.get("/queue/").status_code == 200
    cache.clear()  # a code works once; this is the same half minute
    assert client.post("/account/2fa/totp/activate/", {"code": code_now(secret)}).status_code == 302
    with broken:
        assert client.post("/account/2fa/totp/deactivate/").status_code == 500
    assert Authenticator.objects.filter(user=cast.ruth, type="totp").exists()


OTHER_KEY = "Zt5Vb8Nm1Qw4Er7Ty0Ui3Op6As9Df2Gh-Zt5Vb8Nm1Qw4Er7Ty0Ui3"


def all_kept(person: User) -> str:
    """What the database, and so every dump of it, holds of the second steps of `person`."""
    return str(list(Authenticator.objects.filter(user=person).order_by("pk").values_list("data", flat=True)))


def test_nobody_who_reads_the_database_can_give_a_second_step(client: Client, cast: Cast) -> None:
    by_password(client, cast.ruth)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    with mock.patch.object(RecoveryCodes, "generate_seed", return_value="5eed" * 20):
        client.post("/account/2fa/totp/activate/", {"code": code_now(secret)})
    codes = client.get("/account/2fa/recovery-codes/").context["unused_codes"]
    kept = all_kept(cast.ruth)
    assert kept.count("fernet:") == 2
    for word in (secret, "5eed", *codes):
        assert word not in kept
    later = Client()
    by_password(later, cast.ruth)
    assert later.post("/account/2fa/authenticate/", {"code": codes[0]}).status_code == 302


def test_a_second_step_outlives_a_new_secret_key_and_a_new_key_of_its_own(cast: Cast, settings: Settings) -> None:
    secret = generate_totp_secret()
    before = TOTP.activate(cast.ruth, secret)
    settings.SECRET_KEY = OTHER_KEY
    assert before.validate_code(code_now(secret))
    of_before = settings.SECOND_FACTOR_KEYS
    settings.SECOND_FACTOR_KEYS = [OTHER_KEY, *of_before]
    cache.clear()  # a code works once
    assert before.validate_code(code_now(secret))
    after = TOTP.activate(cast.imran, secret)
    settings.SECOND_FACTOR_KEYS = [OTHER_KEY]
    assert after.validate_code(code_now(secret)), "the first key writes"
    for right_or_wrong in (code_now(secret), "000000"):
        with pytest.raises(InvalidToken):
            before.validate_code(right_or_wrong)
    settings.SECOND_FACTOR_KEYS = []
    with pytest.raises(ImproperlyConfigured):
        TOTP.activate(cast.karen, secret)


def test_monitoring_hears_of_a_key_that_does_not_fit(cast: Cast, settings: Settings) -> None:
    def health() -> tuple[int, bytes]:
        answer = Client().get("/healthz/second-steps")
        assert "no-store" in answer["Cache-Control"]
        assert not answer.cookies
        return answer.status_code, answer.content

    fits, does_not = (200, b"Readable.\n"), (503, b"The key of the second steps does not fit.\n")
    assert health() == fits, "there is none yet"
    Authenticator.objects.create(user=cast.priya, type="webauthn", data={"name": "Blue"})
    TOTP.activate(cast.ruth, generate_totp_secret())
    assert health() == fits
    of_before = settings.SECOND_FACTOR_KEYS
    settings.SECOND_FACTOR_KEYS = []
    assert health() == does_not
    settings.SECOND_FACTOR_KEYS = [OTHER_KEY]
    assert health() == does_not
    RecoveryCodes.activate(cast.ruth)
    assert health() == does_not, "what is older still can't be read"
    settings.SECOND_FACTOR_KEYS = of_before
    assert health() == does_not, "and now the newer one"
    settings.SECOND_FACTOR_KEYS = [*of_before, OTHER_KEY]
    assert health() == fits


def test_second_steps_of_before_go_on_and_are_concealed_by_the_upgrade(cast: Cast) -> None:
    secret = generate_totp_secret()
    app = Authenticator.objects.create(user=cast.ruth, type="totp", data={"secret": secret})
    codes = Authenticator.objects.create(
        user=cast.ruth, type="recovery_codes", data={"seed": "5eed" * 20, "used_mask": 2}
    )
    key = Authenticator.objects.create(user=cast.ruth, type="webauthn", data={"name": "Blue"})
    assert TOTP(app).validate_code(code_now(secret))
    unused = RecoveryCodes(codes).get_unused_codes()

    migration = import_module("accounts.migrations.0006_second_steps_are_concealed")
    migration.conceal_all(apps, None)
    kept = all_kept(cast.ruth)
    assert kept.count("fernet:") == 2
    assert secret not in kept
    assert "5eed" not in kept
    migration.conceal_all(apps, None)
    assert all_kept(cast.ruth) == kept, "once"
    cache.clear()  # a code works once
    for row in (app, codes, key):
        row.refresh_from_db()
    assert TOTP(app).validate_code(code_now(secret))
    assert RecoveryCodes(codes).get_unused_codes() == unused
    assert key.data == {"name": "Blue"}


def mails_to(person: User) -> list[str]:
    outbox.deliver_due(at=now())
    return [str(sent.subject) for sent in mail.outbox if sent.to == [person.email]]


@pytest.mark.django_db(transaction=True)
def test_who_changes_a_second_step_needs_no_mail_server_and_its_owner_hears_of_it(client: Client, cast: Cast) -> None:
    by_password(client, cast.ruth)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    failing = "django.core.mail.backends.locmem.EmailBackend.send_messages"
    with mock.patch(failing, side_effect=ConnectionRefusedError):
        assert client.post("/account/2fa/totp/activate/", {"code": code_now(secret)}).status_code == 302
        assert client.post("/account/2fa/recovery-codes/generate/").status_code == 302
        assert add_key(client).status_code == 302
        assert client.post("/account/2fa/totp/deactivate/").status_code == 302
    assert mails_to(cast.ruth) == [
        "A second step of signing in was added",
        "New recovery codes",
        "A second step of signing in was added",
        "A second step of signing in was removed",
    ]
    assert mails_to(cast.imran) == []


def test_recovery_codes_that_go_with_the_last_second_step_are_not_called_new(
    client: Client, cast: Cast, settings: Settings
) -> None:
    settings.SECOND_FACTOR_ROLES = frozenset()
    by_password(client, cast.amara)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    secret = client.get("/account/2fa/totp/activate/").context["form"].secret
    client.post("/account/2fa/totp/activate/", {"code": code_now(secret)})
    client.post("/account/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()
    assert mails_to(cast.amara) == ["A second step of signing in was added", "A second step of signing in was removed"]


def test_the_demo_only_offers_it(cast: Cast, client: Client, settings: Settings) -> None:
    settings.SECOND_FACTOR_ROLES = frozenset()
    by_password(client, cast.ruth)
    assert client.get("/queue/").status_code == 200
    assert client.get("/account/2fa/").status_code == 200
