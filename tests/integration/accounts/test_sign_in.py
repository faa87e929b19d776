"""Signing in by e-mail, being locked out, leaving; and what the ledger says of it."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from accounts.lockout import account_tried
from accounts.models import User
from accounts.services import deactivate_person
from accounts.tasks import forget_old_tries
from audit.models import Event
from safeguarding.kit import outbox
from safeguarding.kit.clock import now
from safeguarding.kit.models import OutboxMessage
from tests.build.cast import PASSWORD, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_rates_left_over() -> None:
    cache.clear()


def sign_in(client: Client, email: str, password: str = PASSWORD, *, address: str = "192.0.2.1") -> int:
    return client.post("/account/login/", {"login": email, "password": password}, REMOTE_ADDR=address).status_code


def delivered() -> str:
    """What goes out now."""
    before = len(mail.outbox)
    outbox.deliver_due(at=now())
    return "\n".join(str(sent.body) for sent in mail.outbox[before:])


def mailed_link() -> str:
    """Where the link leads that goes out now."""
    link = next(word for word in delivered().split() if "/password/reset/key/" in word)
    return "/" + link.split("/", 3)[3]


def no_mail_server() -> Any:
    return mock.patch("django.core.mail.backends.locmem.EmailBackend.send_messages", side_effect=ConnectionRefusedError)


def codes() -> list[str]:
    return [
        code for code in Event.objects.order_by("id").values_list("code", flat=True) if "sign" in code or "lock" in code
    ]


def test_email_in_any_spelling_signs_in(client: Client, cast: Cast) -> None:
    response = client.post("/account/login/", {"login": "  Amara@LARKFIELD.example ", "password": PASSWORD})
    assert response.status_code == 302
    assert response.headers["Location"] == "/"
    assert client.get("/account/").context["user"] == cast.amara
    assert codes() == ["accounts.signed_in"]
    assert Event.objects.get(code="accounts.signed_in").actor_id == cast.amara.pk


def test_pages_send_a_stranger_to_sign_in(client: Client, cast: Cast) -> None:
    response = client.get("/account/leave/")
    assert response.status_code == 302
    assert response.headers["Location"] == "/account/login/?next=/account/leave/"


@pytest.mark.parametrize("path", ["/privacy/", "/accessibility/", "/theme.css", "/account/login/"])
def test_statements_and_colour_are_open_to_all(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200


def test_wrong_password_is_recorded_without_what_was_typed(client: Client, cast: Cast) -> None:
    assert sign_in(client, "amara@larkfield.example", "wrong") == 200
    assert sign_in(client, "hunter2-typed-in-the-wrong-box@larkfield.example", "x") == 200
    known, unknown = Event.objects.filter(code="accounts.sign_in_failed").order_by("id")
    assert (known.actor_id, known.subject_id) == (None, cast.amara.pk)
    assert (unknown.actor_id, unknown.subject_id) == (None, None)
    assert "hunter2" not in str(Event.objects.values())


def test_fifth_wrong_password_locks_out_in_any_spelling_and_the_right_one_does_not_help(
    client: Client, cast: Cast
) -> None:
    for spelling in ("amara", "AMARA", "Amara", "aMara"):
        assert sign_in(client, f"{spelling}@larkfield.example", "wrong") == 200
    assert sign_in(client, "amara@larkfield.example", "wrong") == 429
    response = client.post(
        "/account/login/", {"login": "AMARA@larkfield.example", "password": PASSWORD}, REMOTE_ADDR="192.0.2.1"
    )
    assert response.status_code == 429
    assert "Too many tries" in response.content.decode()
    assert "signing in from here is blocked for 15 minutes. Wait, then try again." in response.content.decode()
    assert Event.objects.filter(code="accounts.locked_out", subject_id=cast.amara.pk).count() == 2
    assert client.get("/account/").status_code == 302


def test_lock_out_is_for_one_account_from_one_address(client: Client, cast: Cast) -> None:
    for _ in range(5):
        sign_in(client, "amara@larkfield.example", "wrong")
    assert sign_in(client, "sian@larkfield.example") == 302
    assert sign_in(Client(), "amara@larkfield.example", address="192.0.2.7") == 302


def test_over_ipv6_a_line_counts_as_one_address(client: Client, cast: Cast) -> None:
    """It has as many addresses as somebody could ever try passwords."""
    answers = [sign_in(client, "amara@larkfield.example", "wrong", address=f"2001:db8:1:2::{n:x}") for n in range(1, 6)]
    assert answers == [200, 200, 200, 200, 429]
    assert sign_in(client, "amara@larkfield.example", address="2001:db8:1:2:ffff::1") == 429
    assert sign_in(Client(), "amara@larkfield.example", address="2001:db8:1:3::1") == 302
    # What a server for both says of IPv4 is one address each.
    for _ in range(5):
        sign_in(client, "sian@larkfield.example", "wrong", address="::ffff:192.0.2.1")
    assert sign_in(Client(), "sian@larkfield.example", address="::ffff:192.0.2.2") == 302


def test_at_an_open_session_too_a_wrong_password_counts_and_locks_out(client: Client, cast: Cast) -> None:
    """Whoever finds a screen unlocked would else learn here which password is right."""
    sign_in(client, "amara@larkfield.example")
    client.post("/account/reauthenticate/", {"password": PASSWORD}, REMOTE_ADDR="192.0.2.1")
    new = {"password1": "a new and longer password", "password2": "a new and longer password"}

    def change(old: str) -> int:
        form = {**new, "oldpassword": old}
        return client.post("/account/password/change/", form, REMOTE_ADDR="192.0.2.1").status_code

    assert [change(f"wrong {tried}") for tried in range(5)] == [200, 200, 200, 200, 429]
    assert change(PASSWORD) == 429
    assert User.objects.get(pk=cast.amara.pk).check_password(PASSWORD)
    assert codes().count("accounts.sign_in_failed") == 5
    assert "accounts.locked_out" in codes()


def test_lock_out_ends_after_a_quarter_of_an_hour(client: Client, cast: Cast) -> None:
    start = now()
    with time_machine.travel(start, tick=False):
        for _ in range(5):
            sign_in(client, "amara@larkfield.example", "wrong")
    with time_machine.travel(start + timedelta(minutes=14), tick=False):
        assert sign_in(client, "amara@larkfield.example") == 429
    with time_machine.travel(start + timedelta(minutes=16), tick=False):
        assert sign_in(client, "amara@larkfield.example") == 302


def everything_kept_of_tries() -> str:
    kinds = (AccessAttempt, AccessFailureLog, AccessLog)
    return str([list(kind.objects.values()) for kind in kinds])


def test_what_was_typed_as_a_name_is_nowhere_to_be_read_and_counts_all_the_same(client: Client, cast: Cast) -> None:
    typed = "Hunter2 my Password"
    form = {"login": typed, "password": "Swordfish-17", "next": "/?q=Zebedee", "more": "Quillfeather"}
    for tried in range(5):
        answer = client.post("/account/login/?next=/?name=Thistledown", form, REMOTE_ADDR="192.0.2.1")
        # Not an e-mail address: the form turns it away before anybody counts.
        assert answer.status_code == 200, tried
    for tried in range(4):
        form["login"] = "hunter2@larkfield.example"
        assert client.post("/account/login/?x=Thistledown", form, REMOTE_ADDR="192.0.2.1").status_code == 200, tried
    (row,) = AccessAttempt.objects.values()
    assert row["failures_since_start"] == 4
    assert re.fullmatch("[0-9a-f]{64}", row["username"])
    assert (row["get_data"], row["post_data"]) == ("", "")
    kept = everything_kept_of_tries().lower()
    for word in ("hunter2", "swordfish", "zebedee", "quillfeather", "thistledown", "csrf", "larkfield"):
        assert word not in kept, word
    assert client.post("/account/login/", form, REMOTE_ADDR="192.0.2.1").status_code == 429


def test_the_digest_of_a_name_can_be_told_by_nobody_without_the_key(
    client: Client, cast: Cast, settings: Settings
) -> None:
    sign_in(client, "amara@larkfield.example", "wrong")
    kept = AccessAttempt.objects.get().username
    for name in ("md5", "sha1", "sha256", "sha512"):
        assert hashlib.new(name, b"amara@larkfield.example").hexdigest() != kept
    request = RequestFactory().post("/account/login/")
    assert account_tried(request, {"email": " AMARA@larkfield.example"}) == kept
    settings.SECRET_KEY = "another key than the one of this service"
    assert account_tried(request, {"email": "amara@larkfield.example"}) != kept


def test_tries_that_count_no_more_are_gone_though_nobody_signs_in(client: Client, cast: Cast) -> None:
    start = now()
    with time_machine.travel(start, tick=False):
        sign_in(client, "amara@larkfield.example", "wrong")
    with time_machine.travel(start + timedelta(minutes=14), tick=False):
        forget_old_tries()
        assert AccessAttempt.objects.count() == 1
    with time_machine.travel(start + timedelta(minutes=15), tick=False):
        forget_old_tries()
        assert AccessAttempt.objects.count() == 0
        forget_old_tries()


def test_four_wrong_passwords_are_forgotten_after_a_right_one(client: Client, cast: Cast) -> None:
    for _ in range(2):
        for _ in range(4):
            assert sign_in(client, "amara@larkfield.example", "wrong") == 200
        assert sign_in(client, "amara@larkfield.example") == 302
        client.post("/account/logout/")


def test_signing_out_is_recorded_and_needs_a_post(client: Client, cast: Cast) -> None:
    sign_in(client, "amara@larkfield.example")
    assert client.get("/account/logout/").status_code == 200
    assert client.get("/account/").status_code == 200
    response = client.post("/account/logout/")
    assert response.headers["Location"] == "/account/login/"
    assert client.get("/account/").status_code == 302
    assert codes() == ["accounts.signed_in", "accounts.signed_out"]


def test_deactivation_ends_every_session_at_once_and_for_good(client: Client, cast: Cast) -> None:
    sign_in(client, "amara@larkfield.example")
    other = Client()
    sign_in(other, "amara@larkfield.example")
    deactivate_person(person=cast.amara, reason="Left the organisation", by=cast.bea, at=now())
    assert client.get("/account/").status_code == 302
    assert other.get("/account/").status_code == 302
    assert sign_in(client, "amara@larkfield.example") == 200
    cast.amara.refresh_from_db()
    cast.amara.is_active, cast.amara.deactivated_at = True, None
    cast.amara.save()
    assert other.get("/account/").status_code == 302


def test_nobody_can_sign_up_or_change_their_address() -> None:
    for name in ("account_signup", "account_email", "account_confirm_email", "socialaccount_connections"):
        with pytest.raises(NoReverseMatch):
            reverse(name, args=["x"] if name == "account_confirm_email" else [])


def test_forgotten_password_is_set_anew_by_mail_and_ends_old_sessions(client: Client, cast: Cast) -> None:
    sign_in(client, "amara@larkfield.example")
    visitor = Client()
    assert visitor.post("/account/password/reset/", {"email": "AMARA@larkfield.example"}).status_code == 302
    link = mailed_link()
    assert [sent.to for sent in mail.outbox] == [["amara@larkfield.example"]]
    page = visitor.get(link, follow=True)
    new = "a new and longer password"
    done = visitor.post(page.request["PATH_INFO"], {"password1": new, "password2": new})
    assert done.headers["Location"] == reverse("account_reset_password_from_key_done")
    assert client.get("/account/").status_code == 302
    assert sign_in(client, "amara@larkfield.example", new) == 302
    assert Event.objects.filter(code="accounts.password_set", actor_id=cast.amara.pk).count() == 1
    assert "/password/reset/key/" not in delivered(), "of the new one she hears"
    assert mail.outbox[-1].subject == "Your account has a new password"


def test_a_password_is_set_with_its_event_or_not_at_all(client: Client, cast: Cast) -> None:
    client.raise_request_exception = False
    sign_in(client, "amara@larkfield.example")
    new = {"oldpassword": PASSWORD, "password1": "a new and longer password", "password2": "a new and longer password"}
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    for broken in ("accounts.sign_in.record", "safeguarding.kit.outbox.queue"):
        with mock.patch(broken, side_effect=DatabaseError):
            assert client.post("/account/password/change/", new).status_code == 500, broken
        assert User.objects.get(pk=cast.amara.pk).check_password(PASSWORD)
        assert not Event.objects.filter(code="accounts.password_set").exists()
    with no_mail_server():
        assert client.post("/account/password/change/", new).status_code == 302
        assert outbox.deliver_due(at=now()) == 0
    assert User.objects.get(pk=cast.amara.pk).check_password("a new and longer password")
    assert Event.objects.get(code="accounts.password_set").actor_id == cast.amara.pk
    assert outbox.deliver_due(at=now() + timedelta(minutes=1)) == 1, "nothing is lost"
    assert [(sent.to, sent.subject) for sent in mail.outbox] == [
        ([cast.amara.email], "Your account has a new password")
    ]


@pytest.mark.parametrize("email", ["nobody@larkfield.example", "amara@larkfield.example"])
def test_reset_page_says_the_same_whether_or_not_the_account_exists(client: Client, cast: Cast, email: str) -> None:
    with no_mail_server():
        response = client.post("/account/password/reset/", {"email": email}, follow=True)
    assert response.redirect_chain == [("/account/password/reset/done/", 302)]
    outbox.deliver_due(at=now())
    assert len(mail.outbox) == (email == "amara@larkfield.example")


def test_asked_for_again_and_again_one_link_is_enough_for_ten_minutes(client: Client, cast: Cast) -> None:
    at = datetime(2026, 3, 17, 11, 0, tzinfo=UTC)
    for minutes, spelling in ((0, "amara"), (1, "AMARA"), (9, "Amara"), (11, "amara")):
        with time_machine.travel(at + timedelta(minutes=minutes), tick=False):
            client.post("/account/password/reset/", {"email": f"{spelling}@larkfield.example"})
            outbox.deliver_due(at=now())
            assert len(mail.outbox) == (1 if minutes < 10 else 2), minutes
    with time_machine.travel(at, tick=False):
        client.post("/account/password/reset/", {"email": "sian@larkfield.example"})
        outbox.deliver_due(at=now())
    assert mail.outbox[-1].to == ["sian@larkfield.example"], "and everybody else has theirs"


def test_how_long_the_reset_page_takes_does_not_say_whether_the_account_exists(
    client: Client, cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    """The same statements, and one nudge: without a broker that alone would take two seconds more."""
    deactivate_person(person=cast.sian, reason="Left the organisation", by=cast.bea, at=now())
    done = []
    for email in ("nobody@larkfield.example", "amara@larkfield.example", "sian@larkfield.example"):
        cache.clear()
        with CaptureQueriesContext(connection) as asked, django_capture_on_commit_callbacks(execute=True) as nudges:
            client.post("/account/password/reset/", {"email": email})
        done.append(([re.sub(r"\W.*", "", each["sql"]) for each in asked.captured_queries], len(nudges)))
    assert done[0] == done[1] == done[2]
    assert done[0][1] == 1


def test_the_key_of_a_link_stands_in_no_row(client: Client, cast: Cast) -> None:
    client.post("/account/password/reset/", {"email": "amara@larkfield.example"})
    waiting = str(OutboxMessage.objects.values().get())
    link = mailed_link()
    key = link.rstrip("/").rpartition("/")[2]
    kept = waiting + str([list(kind.objects.values()) for kind in (OutboxMessage, Event, Session)])
    assert len(key) > 30
    assert "password/reset/" in kept
    for secret in (key, key.partition("-")[2], key.rpartition("-")[2], "reset/key"):
        assert secret not in kept


def test_a_link_that_waited_for_the_mail_server_is_as_good_as_new(client: Client, cast: Cast) -> None:
    asked = now()
    with no_mail_server():
        client.post("/account/password/reset/", {"email": "amara@larkfield.example"})
        assert outbox.deliver_due(at=asked + timedelta(minutes=1)) == 0
    with time_machine.travel(asked + timedelta(days=4), tick=False):
        assert "Choose a new password" in client.get(mailed_link(), follow=True).content.decode()


def test_signed_in_pages_are_kept_out_of_caches(client: Client, cast: Cast) -> None:
    sign_in(client, "amara@larkfield.example")
    assert client.get("/account/").headers["Cache-Control"] == "no-store, private"


def test_staying_signed_in_takes_a_post_and_begins_the_idle_time_anew(client: Client, cast: Cast) -> None:
    start = now()
    with time_machine.travel(start, tick=False):
        sign_in(client, "amara@larkfield.example")
    with time_machine.travel(start + timedelta(minutes=29), tick=False):
        assert client.get("/account/stay/").status_code == 405
        assert client.post("/account/stay/").status_code == 204
    with time_machine.travel(start + timedelta(minutes=58), tick=False):
        assert client.get("/account/").status_code == 200
    with time_machine.travel(start + timedelta(minutes=58 + 31), tick=False):
        assert client.get("/account/").status_code == 302
        assert client.post("/account/stay/").status_code == 302


def said(client: Client, path: str, sent: dict[str, str]) -> list[str]:
    """The problems on top of the page that answers."""
    response = client.post(path, sent)
    assert response.status_code == 200, response.headers
    page = response.content.decode()
    summary = page[page.index("govuk-error-summary__list") : page.index("<h1")]
    return re.findall(r'<a href="#[^"]+">([^<]+)</a>', summary)


def test_an_empty_box_is_told_what_to_enter(client: Client, cast: Cast) -> None:
    """docs/interface.md: an error message says what to do."""
    assert said(client, "/account/login/", {}) == ["Enter your work e-mail address", "Enter your password"]
    assert said(client, "/account/password/reset/", {}) == ["Enter your work e-mail address"]
    client.post("/account/password/reset/", {"email": "amara@larkfield.example"})
    choose = client.get(mailed_link(), follow=True).request["PATH_INFO"]
    assert said(client, choose, {}) == ["Enter a new password", "Enter the new password again"]

    sign_in(client, "amara@larkfield.example")
    assert said(client, "/account/reauthenticate/", {}) == ["Enter your password"]
    assert said(client, "/account/password/change/", {}) == [
        "Enter the password you have now",
        "Enter a new password",
        "Enter the new password again",
    ]
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    assert said(client, "/account/2fa/totp/activate/", {}) == ["Enter the 6-digit code"]

    TOTP.activate(cast.amara, generate_totp_secret())
    session = client.session
    session["accounts_second_factor"] = cast.amara.pk  # as if she had just set it up here
    session.save()
    assert said(client, "/account/2fa/reauthenticate/", {}) == ["Enter the 6-digit code, or one of your recovery codes"]
    key = Authenticator.objects.create(user=cast.amara, type="webauthn", data={"name": "Blue"})
    assert said(client, f"/account/2fa/webauthn/keys/{key.pk}/edit/", {}) == ["Enter a name for this key"]
    key.delete()
    again = Client()
    assert sign_in(again, "amara@larkfield.example") == 302
    assert said(again, "/account/2fa/authenticate/", {"code": ""}) == [
        "Enter the 6-digit code, or one of your recovery codes"
    ]


def test_a_page_that_is_not_there_leads_a_stranger_to_the_door(client: Client, cast: Cast) -> None:
    way = '<a class="govuk-link" href="/">{}</a>'
    assert way.format("Sign in") in client.get("/nowhere/").content.decode()
    sign_in(client, "amara@larkfield.example")
    assert way.format("Go to your work") in client.get("/nowhere/").content.decode()
