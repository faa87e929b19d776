"""Readings and refusals that are easily forgotten, places that tell nothing, and a ledger that is not sealed (R144)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.test import Client, override_settings

from audit import services as ledger
from audit.marks import mark_of
from audit.models import Event
from concerns import services, tasks
from concerns.models import Concern
from concerns.selectors.access import PAGE, Wanted, access_page
from concerns.selectors.access import Place as ReportPlace
from concerns.selectors.queue import Place as QueuePlace
from concerns.selectors.queue import QueueFilter, queue_page
from concerns.services.conflicts import bar
from safeguarding.kit import outbox
from safeguarding.kit.models import OutboxMessage
from sharing import services as sharing
from tests.build import cases, route
from tests.build import sharing as build
from tests.build.cast import PASSWORD, Cast, make_cast
from tests.build.web import get, post

pytestmark = pytest.mark.django_db
AT = cases.AT
LATER = AT + timedelta(hours=2)
LATE = "The ledger is not being sealed"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def of(concern: Concern, code: str) -> list[int | None]:
    """Who has left an event `code` on the report of `concern`."""
    return list(
        Event.objects.filter(concern_id=concern.pk, code=code).order_by("pk").values_list("actor_id", flat=True)
    )


# --- Readings ----------------------------------------------------------------------------------------


def test_reading_what_was_joined_is_a_reading_of_it(cast: Cast) -> None:
    """t20: the page of the survivor shows what others reported, each of which has a report of its own."""
    joined = route.merged(cast)
    survivor = Concern.objects.get(taken_in__concern=joined)
    assert get(survivor.get_absolute_url(), cast.dev, at=route.NOW).status_code == 200
    assert of(joined, "concern.viewed") == of(survivor, "concern.viewed") == [cast.dev.pk]


def test_both_are_read_before_they_are_joined(cast: Cast) -> None:
    one, other = route.submitted(cast), route.other_report(cast)
    assert get(f"/concerns/{one.ref}/join/{other.ref}/", cast.dev, at=route.NOW).status_code == 200
    assert of(one, "concern.viewed") == of(other, "concern.viewed") == [cast.dev.pk]


def test_a_suggestion_with_names_in_it_is_kept(cast: Cast) -> None:
    one, other = route.submitted(cast), route.other_report(cast)
    page = get(f"/concerns/{one.ref}/join/", cast.dev, at=route.NOW)
    assert other.ref in page.content.decode()
    assert of(other, "concern.found") == [cast.dev.pk]


def test_a_form_that_comes_back_is_a_reading_too(cast: Cast) -> None:
    """R144: a page that answers a form tells as much of the case as one that was opened."""
    concern = route.submitted(cast)
    path = f"/concerns/{concern.ref}/note/"
    assert post(path, cast.gwen, {}, at=route.NOW).status_code == 200
    assert of(concern, "concern.viewed") == [cast.gwen.pk]
    assert post(path, cast.gwen, {"kind": "note", "text": "She rang."}, at=route.NOW).status_code == 302
    assert of(concern, "concern.viewed") == [cast.gwen.pk], "a form that was taken shows nothing"


def test_both_are_read_and_what_is_suggested_is_shown_when_the_forms_of_joining_come_back(cast: Cast) -> None:
    one, other = route.submitted(cast), route.other_report(cast)
    page = post(f"/concerns/{one.ref}/join/", cast.dev, {}, at=route.NOW)
    assert other.ref in page.content.decode()
    assert of(one, "concern.viewed") == of(other, "concern.found") == [cast.dev.pk]
    assert post(f"/concerns/{one.ref}/join/{other.ref}/", cast.dev, {}, at=route.NOW).status_code == 200
    assert of(one, "concern.viewed") == [cast.dev.pk, cast.dev.pk]
    assert of(other, "concern.viewed") == [cast.dev.pk]


def test_a_signed_record_is_read_when_the_form_of_its_second_view_comes_back(cast: Cast) -> None:
    concern, signed = build.not_shared(cast)
    client = Client()
    with time_machine.travel(route.NOW, tick=False):
        client.post("/account/login/", {"login": cast.dev.email, "password": PASSWORD})
        assert client.post(f"/sharing/decisions/{signed.ref}/1/view/", {}).status_code == 200
    assert of(concern, "concern.viewed") == [cast.dev.pk]


def test_a_request_is_read_when_its_form_comes_back(cast: Cast) -> None:
    concern = route.triage(cast)
    asked = build.requested(cast, concern)
    assert post(f"/sharing/requests/{asked.ref}/verify/", cast.ruth, {}, at=route.NOW).status_code == 200
    assert of(concern, "sharing.request_viewed") == [cast.ruth.pk]


def test_a_draft_of_a_decision_is_read_and_refused_as_the_case_is(cast: Cast) -> None:
    concern = route.triage(cast)
    draft = sharing.start_decision(concern_id=concern.pk, by=cast.gwen, at=build.SIGNED_AT)
    path = draft.get_absolute_url()
    assert get(path, cast.gwen, at=route.NOW).status_code == 200
    assert of(concern, "concern.viewed") == [cast.gwen.pk]
    assert get(path, cast.mei, at=route.NOW).status_code == 404
    assert of(concern, "audit.act_refused") == [cast.mei.pk]


def test_a_colleague_who_tries_a_receipt_is_on_the_report(cast: Cast) -> None:
    concern = route.submitted(cast)
    assert get(f"/reports/{concern.ref}/", cast.sian, at=route.NOW).status_code == 404
    assert of(concern, "audit.act_refused") == [cast.sian.pk]


# --- Places that tell nothing ---------------------------------------------------------------------------


def test_the_report_shows_no_number_of_the_ledger(cast: Cast) -> None:
    """I3: somebody barred would see that numbers are missing."""
    concern = cases.acknowledged(cast)
    page = get(f"/concerns/{concern.ref}/access/?show=all", cast.ruth, at=LATER).content.decode()
    assert 'data-label="Event"' not in page
    with transaction.atomic():
        for step in range(PAGE + 1):
            services.record_queue_view(by=cast.dev, at=AT + timedelta(seconds=step))
    first = access_page(cast.alan, Wanted(person=cast.dev))
    last = first.lines[-1]
    assert first.older_than == f"{last.code}~{last.at.isoformat()}~{last.mark}"
    assert len(last.mark) == 64


def test_no_line_and_no_place_gives_a_digest_that_could_be_tried(cast: Cast) -> None:
    """R43, I3: a digest is made of small numbers without a key; whoever has it tries every reporter and every count."""
    with transaction.atomic():
        for step in range(PAGE + 1):
            services.record_queue_view(by=cast.dev, at=AT + timedelta(seconds=step))
    page = access_page(cast.alan, Wanted(person=cast.dev))
    digests = set(Event.objects.values_list("digest", flat=True))
    assert len({line.mark for line in page.lines}) == PAGE
    assert not digests & {line.mark for line in page.lines}
    assert not [digest for digest in digests if digest in page.older_than]
    with override_settings(SECRET_KEY="another" * 10):
        assert access_page(cast.alan, Wanted(person=cast.dev)).lines[0].mark != page.lines[0].mark


def test_a_place_in_what_one_may_not_see_is_none(cast: Cast) -> None:
    """The page must not tell, by what it leaves out, that there is such an event."""
    concern = cases.acknowledged(cast, holder=cast.dev)
    get(concern.get_absolute_url(), cast.dev, at=LATER)
    event = Event.objects.get(code="concern.viewed")
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.alan.pk, reason="Named", by=cast.ruth, at=AT)
    there = str(ReportPlace(event.code, event.at, mark_of(event.digest)))
    nowhere = str(ReportPlace(event.code, event.at, "0" * 64))
    for place in (there, nowhere, "nonsense"):
        assert access_page(cast.alan, Wanted(), older_than=place) == access_page(cast.alan, Wanted())


def test_a_place_in_the_queue_tells_nothing_of_another_area(cast: Cast) -> None:
    """Two concerns due at the same moment: the one of another area is guessed as a place, and so is one that is not."""
    own = cases.submitted(cast)
    other = cases.submitted(cast, by=cast.priya)
    own.refresh_from_db()
    Concern.objects.filter(pk=other.pk).update(next_due_at=own.next_due_at)
    pages = [
        queue_page(cast.dev, QueueFilter(), at=LATER, **{end: QueuePlace(own.urgency_rank, own.next_due_at, ref)})
        for ref in (other.ref, "SC-2222-2222")
        for end in ("after", "before")
    ]
    assert [[row.concern.ref for row in page.rows] for page in pages[:2]] == [
        [row.concern.ref for row in page.rows] for page in pages[2:]
    ]


# --- A ledger that is not sealed is seen ------------------------------------------------------------------


def health(at: Any) -> tuple[int, str]:
    with time_machine.travel(at, tick=False):
        response = Client().get("/healthz/ledger")
    assert "no-store" in response["Cache-Control"]
    return response.status_code, response.content.decode()


def test_monitoring_hears_when_events_wait_for_their_seal(cast: Cast) -> None:
    newest = Event.objects.latest("pk").at
    assert health(newest + timedelta(minutes=10)) == (200, "Sealed.\n")
    assert health(newest + timedelta(days=40)) == (503, "The ledger is not being sealed.\n")
    ledger.seal(at=LATER)
    assert health(LATER + timedelta(days=1)) == (200, "Sealed.\n"), "nothing has happened since"
    with transaction.atomic():
        services.record_queue_view(by=cast.dev, at=LATER + timedelta(days=1))
    assert health(LATER + timedelta(days=1, minutes=10)) == (200, "Sealed.\n")
    assert health(LATER + timedelta(days=1, minutes=11)) == (503, "The ledger is not being sealed.\n")


def test_monitoring_hears_when_the_database_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise DatabaseError("host db, user app")

    monkeypatch.setattr(connection, "cursor", fail)
    assert health(AT) == (503, "The database does not answer.\n")


@pytest.mark.parametrize(
    ("name", "is_told"), [("alan", True), ("joyce", True), ("bea", True), ("ruth", False), ("dev", False)]
)
def test_whoever_watches_the_ledger_sees_it_on_their_first_page(cast: Cast, name: str, is_told: bool) -> None:
    # Reading a page is an event too, but a fresh one.
    assert (LATE in get("/", getattr(cast, name), at=LATER).content.decode()) is is_told
    ledger.seal(at=LATER)
    assert LATE not in get("/", getattr(cast, name), at=LATER).content.decode()


def test_the_access_report_says_so_too(cast: Cast) -> None:
    assert LATE in post("/access/", cast.alan, {"person": "", "ref": "", "access": ""}, at=LATER).content.decode()


def test_they_have_one_mail_a_day_until_it_is_put_right(cast: Cast) -> None:
    OutboxMessage.objects.all().delete()
    for hour in range(5):
        beat(LATER + timedelta(hours=hour))
    told = [cast.joyce, cast.alan, cast.bea, cast.carl]
    assert sorted(message.to[0] for message in warnings()) == sorted(person.email for person in told)
    words = str(warnings()[0].body)
    assert "could be altered without a trace" in words
    assert not re.search(r"SC-\w{4}", words)
    ledger.seal(at=LATER + timedelta(hours=6))
    beat(LATER + timedelta(days=1))
    assert len(warnings()) == len(told)


def test_a_mail_that_waits_while_it_is_put_right_is_not_sent(cast: Cast) -> None:
    OutboxMessage.objects.all().delete()
    with time_machine.travel(LATER, tick=False):
        tasks.mail_newest_seal()
        ledger.seal(at=LATER)
        outbox.deliver_due(at=LATER)
    assert warnings() == []


def beat(at: Any) -> None:
    with time_machine.travel(at, tick=False):
        tasks.mail_newest_seal()
        outbox.deliver_due(at=at)


def warnings() -> list[Any]:
    return [message for message in mail.outbox if "not being sealed" in message.subject]
