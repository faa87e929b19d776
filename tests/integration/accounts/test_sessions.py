"""How long a session lasts, and that a changed password ends the others."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from celery.schedules import crontab
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings

from accounts.one_time_links import one_time_link
from accounts.tasks import forget_ended_sessions
from audit.models import Event
from safeguarding.celery import TIMETABLE
from safeguarding.kit.clock import now
from tests.build.cast import PASSWORD, Cast
from tests.build.web import BACKEND

pytestmark = pytest.mark.django_db


def busy_for(client: Client, hours: float) -> None:
    """Ask for a page every 25 minutes, so that the idle time never passes."""
    start = now()
    client.post("/account/login/", {"login": "ruth@larkfield.example", "password": PASSWORD})
    minutes = 0
    while minutes + 25 < hours * 60:
        minutes += 25
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            assert client.get("/account/").status_code == 200, minutes


def test_however_busy_one_signs_in_anew_after_12_hours(client: Client, cast: Cast) -> None:
    start = now()
    with time_machine.travel(start, tick=False):
        busy_for(client, 12)
    with time_machine.travel(start + timedelta(hours=12), tick=False):
        asked = client.get("/queue/?area=housing")
        assert asked["Location"] == "/account/login/?ended=long&next=%2Fqueue%2F%3Farea%3Dhousing"
        assert "you signed in 12 hours ago" in client.get(asked["Location"]).content.decode()
        again = {"login": "ruth@larkfield.example", "password": PASSWORD, "next": "/queue/?area=housing"}
        assert client.post("/account/login/", again)["Location"] == "/queue/?area=housing"
        assert client.get("/queue/").status_code == 200
    assert Event.objects.filter(code="accounts.session_too_long", actor_id=cast.ruth.pk).count() == 1


def test_ended_sessions_are_deleted_once_a_day(client: Client, cast: Cast) -> None:
    start = now()
    with time_machine.travel(start - timedelta(days=1), tick=False):
        assert Client().post("/account/login/", {"login": "amara@larkfield.example", "password": PASSWORD}).status_code
    client.post("/account/login/", {"login": "ruth@larkfield.example", "password": PASSWORD})
    assert Session.objects.count() == 2
    forget_ended_sessions()
    assert Session.objects.get().pk == client.session.session_key
    assert client.get("/account/").status_code == 200
    assert TIMETABLE["forget sessions that have ended"] == (
        "accounts.forget_ended_sessions",
        crontab(hour="3", minute="30"),
    )


@pytest.mark.parametrize("is_old_key_named", [True, False])
def test_a_new_secret_key_signs_everybody_out_unless_the_old_one_is_named(
    client: Client, cast: Cast, settings: Settings, is_old_key_named: bool
) -> None:
    client.post("/account/login/", {"login": "ruth@larkfield.example", "password": PASSWORD})
    link = urlsplit(one_time_link(cast.priya)).path
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if is_old_key_named else []
    settings.SECRET_KEY = "x8Lk2mPq9Rt4Vw7Yz1Bc3Df5Gh6Jn0Ks-x8Lk2mPq9Rt4Vw7Yz1Bc3"
    assert client.get("/queue/").status_code == (200 if is_old_key_named else 302)
    assert ("Choose a new password" in Client().get(link, follow=True).content.decode()) is is_old_key_named


def test_words_that_arrive_after_12_hours_are_handed_back(client: Client, cast: Cast) -> None:
    start = now()
    with time_machine.travel(start, tick=False):
        busy_for(client, 12)
    with time_machine.travel(start + timedelta(hours=12, seconds=1), tick=False):
        words = {"words": "She said that he hurts her"}
        answer = client.post("/search/", words, headers={"Origin": "http://testserver"})
        page = answer.content.decode()
        assert answer.status_code == 403
        assert "This did not arrive yet" in page
        assert "She said that he hurts her" in page
        assert answer["Cache-Control"] == "no-store, private"
        assert client.get("/account/").status_code == 302


def test_a_page_says_how_long_is_left(client: Client, cast: Cast) -> None:
    start = now()
    with time_machine.travel(start, tick=False):
        busy_for(client, 11)
    with time_machine.travel(start + timedelta(hours=11), tick=False):
        page = client.get("/account/").content.decode()
        assert 'data-session-seconds="1800"' in page
        assert 'data-session-seconds-left="3600"' in page


def test_a_session_that_does_not_say_when_it_began_is_over(client: Client, cast: Cast) -> None:
    client.force_login(cast.ruth, backend=BACKEND)
    session = client.session
    del session["accounts_signed_in_at"]
    session.save()
    assert client.get("/account/").status_code == 302


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_one(client: Client, cast: Cast) -> None:
    other = Client()
    for one in (client, other):
        one.post("/account/login/", {"login": "ruth@larkfield.example", "password": PASSWORD})
    new = "a new and longer password"
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    done = client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert done.status_code == 302
    assert client.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302
