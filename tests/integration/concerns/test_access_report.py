"""Who came near what: kept for every way, shown to whom domain.md 5 names, and to nobody who is barred (R144, I3)."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.events import SECOND_STEP_CLOSED
from accounts.models import User
from accounts.services import PersonDetails, change_person
from accounts.sign_in import write_down
from audit import services as ledger
from audit.marks import mark_of
from audit.models import Event, Seal
from concerns import services, tasks
from concerns.models import Concern
from concerns.selectors.access import PAGE, Wanted, access_lines, access_page
from concerns.selectors.who_sees import who_sees
from concerns.services.conflicts import bar, restrict
from safeguarding.kit import outbox
from safeguarding.kit.models import OutboxMessage
from tests.build import cases
from tests.build.append_only import lifted
from tests.build.cast import PASSWORD, Cast, make_cast
from tests.build.web import get, post, signed_in, statements
from tests.build.world import undone

pytestmark = pytest.mark.django_db
AT = cases.AT
LATER = AT + timedelta(hours=2)
REPORT = "/access/"
EXPORT = "/access/export/"
EMPTY = {"person": "", "ref": "", "access": ""}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def concern(cast: Cast) -> Concern:
    return cases.acknowledged(cast, holder=cast.dev)


def shut_out(concern: Concern, person: User, cast: Cast) -> None:
    bar(Concern.objects.get(pk=concern.pk), staff_id=person.pk, reason="Named", by=cast.ruth, at=AT)


def page_of(concern: Concern) -> str:
    return f"/concerns/{concern.ref}/access/"


def text(response: Any) -> str:
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def rows(response: Any) -> list[tuple[str, str]]:
    """(who, what) of each row, as the table shows them."""
    found = re.findall(
        r'data-label="Who"><bdi>(.*?)</bdi></td>\s*<td class="govuk-table__cell" data-label="What">(.*?)</td>',
        response.content.decode(),
    )
    return [(who, what) for who, what in found]


def test_every_way_of_coming_near_a_concern_is_on_its_report(cast: Cast, concern: Concern) -> None:
    get(concern.get_absolute_url(), cast.dev, at=LATER)
    post("/search/", cast.ruth, {"words": concern.ref[3:8]}, at=LATER)
    assert get(concern.get_absolute_url(), cast.mei, at=LATER).status_code == 404
    post(f"/concerns/{concern.ref}/take/", cast.dev, {}, at=LATER)
    seen = rows(get(page_of(concern), cast.karen, at=LATER))
    assert seen == [
        (cast.karen.full_name, "Access report opened"),
        (cast.dev.full_name, "Refused: take"),
        (cast.mei.full_name, "Refused: read"),
        (cast.ruth.full_name, "Shown by a search"),
        (cast.dev.full_name, "Concern opened"),
    ]


@pytest.mark.parametrize("data", ['{"act": ' + "[" * 985 + "]" * 985 + "}", "[1]", '"act"'])
def test_a_forged_event_that_cannot_be_read_stops_no_report(cast: Cast, concern: Concern, data: str) -> None:
    """Added by somebody with the database's password; the report shows it without details."""
    forged = Event.objects.create(at=LATER, code="audit.act_refused", actor_id=cast.dev.pk, concern_id=concern.pk)
    with lifted(connection), connection.cursor() as cursor:
        cursor.execute("UPDATE audit_event SET data = %s WHERE id = %s", [data, forged.pk])
    assert rows(get(page_of(concern), cast.karen, at=LATER))[-1] == (cast.dev.full_name, "Refused")
    assert get("/access/", cast.alan, at=LATER).status_code == 200


def test_a_search_is_kept_on_each_concern_that_it_showed(cast: Cast) -> None:
    shown = {cases.submitted(cast, at=AT + timedelta(minutes=step)).pk for step in range(3)}
    with CaptureQueriesContext(connection) as captured:
        post("/search/", cast.ruth, {"words": "SC"}, at=LATER)
    found = Event.objects.filter(code="concern.found")
    assert set(found.values_list("concern_id", flat=True)) == shown
    assert all(event.digest == event.content_digest() for event in found)
    inserted = [
        sql for sql in statements(captured) if sql.startswith('INSERT INTO "audit_event"') and "concern." in sql
    ]
    assert len(inserted) == 2, "one for the search, one for all that it showed"
    assert Event.objects.get(code="concern.searched").data == {"hits": 3}


def test_asking_for_a_concern_that_is_none_is_kept_without_the_words(cast: Cast) -> None:
    assert get("/concerns/SC-2222-2222/", cast.mei, at=LATER).status_code == 404
    event = Event.objects.get(code="audit.act_refused")
    assert (event.actor_id, event.concern_id, event.ref, event.data["act"]) == (cast.mei.pk, None, "", "concerns.read")


@pytest.mark.parametrize("name", ["ruth", "imran", "karen", "alan", "joyce"])
def test_leads_auditor_and_information_governance_lead_see_who_opened_it(
    cast: Cast, concern: Concern, name: str
) -> None:
    get(concern.get_absolute_url(), cast.dev, at=LATER)
    assert (cast.dev.full_name, "Concern opened") in rows(get(page_of(concern), getattr(cast, name), at=LATER))


@pytest.mark.parametrize("name", ["dev", "amara", "gwen", "mei", "helen", "sunita", "bea", "jakub", "quinn"])
def test_nobody_else_does(cast: Cast, concern: Concern, name: str) -> None:
    user = getattr(cast, name)
    for path in (page_of(concern), REPORT):
        assert get(path, user, at=LATER).status_code == 404
        assert post(path, user, EMPTY, at=LATER).status_code == 404
    assert Event.objects.filter(code="audit.act_refused", actor_id=user.pk).count() == 4


@pytest.mark.parametrize("name", ["ruth", "karen", "alan", "joyce"])
def test_the_barred_see_nothing_of_it_whatever_their_role(cast: Cast, concern: Concern, name: str) -> None:
    user = getattr(cast, name)
    get(concern.get_absolute_url(), cast.dev, at=LATER)
    shut_out(concern, user, cast)
    assert get(page_of(concern), user, at=LATER).status_code == 404
    everything = list(access_lines(user, Wanted(access="all"), before=10**9))
    assert all(concern.ref != line.ref for line in everything)
    if name in ("alan", "joyce"):
        assert concern.ref not in text(get(REPORT, user, at=LATER))
        known = text(post(REPORT, user, {**EMPTY, "ref": concern.ref}, at=LATER))
        unknown = text(post(REPORT, user, {**EMPTY, "ref": "SC-2222-2222"}, at=LATER))
        assert "There is no concern with this reference" in known
        assert known.replace(concern.ref, "") == unknown.replace("SC-2222-2222", "")


def test_an_operational_lead_does_not_learn_a_protected_reporter(cast: Cast) -> None:
    concern = cases.submitted(cast)
    Concern.objects.filter(pk=concern.pk).update(is_reporter_protected=True)
    get(f"/reports/{concern.ref}/", cast.amara, at=LATER)
    assert cast.amara.full_name not in text(get(page_of(concern), cast.karen, at=LATER))
    assert cast.amara.full_name not in text(get(f"{page_of(concern)}?show=all", cast.karen, at=LATER))
    for reader in (cast.ruth, cast.alan, cast.joyce):
        assert cast.amara.full_name in text(get(page_of(concern), reader, at=LATER))


def test_the_report_is_narrowed_by_person_concern_way_and_days(cast: Cast, concern: Concern) -> None:
    other = cases.acknowledged(cast, holder=cast.dev, at=AT + timedelta(minutes=1))
    for day, who, which in ((0, cast.dev, concern), (1, cast.ruth, concern), (2, cast.ruth, other)):
        get(which.get_absolute_url(), who, at=LATER + timedelta(days=day))
    at = LATER + timedelta(days=3)

    def seen(**wanted: str) -> list[tuple[str, str]]:
        return rows(post(REPORT, cast.alan, {**EMPTY, **wanted}, at=at))

    opened = "Concern opened"
    assert seen(person=cast.ruth.full_name.upper(), access="read") == [(cast.ruth.full_name, opened)] * 2
    assert seen(person=cast.ruth.email, ref=other.ref.lower()) == [(cast.ruth.full_name, opened)]
    assert (cast.dev.full_name, opened) in seen(ref=concern.ref)
    assert seen(access="search") == []
    days = {"first_day_0": "4", "first_day_1": "2", "first_day_2": "2026"}
    days |= {"last_day_0": "4", "last_day_1": "2", "last_day_2": "2026"}
    assert seen(access="read", **days) == [(cast.ruth.full_name, opened)]
    assert (cast.dev.full_name, "Acknowledged") in seen(access="all", ref=concern.ref)


def test_attempts_on_somebodys_account_are_on_their_report_and_say_whose_it_is(cast: Cast, client: Client) -> None:
    """R144: whoever guesses passwords has no account, so the attempt stands with the account that it was made on."""
    with time_machine.travel(AT, tick=False):
        client.post("/account/login/", {"login": cast.ruth.email, "password": "wrong wrong wrong"})
        client.post("/account/login/", {"login": cast.dev.email, "password": "wrong wrong wrong"})
        client.post("/account/login/", {"login": "nobody@larkfield.example", "password": "wrong wrong wrong"})
        write_down(SECOND_STEP_CLOSED, by=None, subject=cast.ruth)
    get("/", cast.ruth, at=AT)

    def seen(**wanted: Any) -> list[tuple[str, str, str]]:
        lines = access_page(cast.alan, Wanted(**wanted)).lines
        return [(line.who, line.what, line.detail) for line in lines]

    closed = ("Not signed in", "Second step closed for five minutes after wrong codes", "Account of Ruth Abrahams")
    of_ruth = ("Not signed in", "Sign-in failed", "Account of Ruth Abrahams")
    of_dev = ("Not signed in", "Sign-in failed", "Account of Dev Patel")
    of_nobody = ("Not signed in", "Sign-in failed", "")
    assert [line for line in seen(person=cast.ruth, access="sign_in") if line[0] == "Not signed in"] == [
        closed,
        of_ruth,
    ]
    assert closed in seen(person=cast.ruth)
    assert of_ruth in seen(person=cast.ruth, access="all")
    assert [line for line in seen(access="sign_in") if line[0] == "Not signed in"] == [
        closed,
        of_nobody,
        of_dev,
        of_ruth,
    ]
    assert seen(person=cast.ruth, access="read") == []
    shown = rows(post(REPORT, cast.alan, {**EMPTY, "person": cast.dev.email, "access": "sign_in"}, at=LATER))
    assert ("Not signed in", "Sign-in failed: Account of Dev Patel") in shown
    assert ("Not signed in", "Sign-in failed: Account of Ruth Abrahams") not in shown


def test_what_an_administrator_does_to_an_account_is_theirs(cast: Cast) -> None:
    change_person(
        person=cast.dev, details=replace(PersonDetails.of(cast.dev), phone="01632 960999"), by=cast.bea, at=AT
    )
    assert "Person's details changed" not in [
        line.what for line in access_page(cast.alan, Wanted(person=cast.dev, access="all")).lines
    ]


def test_what_cannot_be_understood_is_said_beside_its_field(cast: Cast) -> None:
    User.objects.create_user("dev2@larkfield.example", full_name=cast.dev.full_name)
    days = {"first_day_0": "5", "first_day_1": "2", "first_day_2": "2026"}
    days |= {"last_day_0": "4", "last_day_1": "2", "last_day_2": "2026"}
    for given, said in (
        ({"person": "Nobody Known"}, "Nobody here has this name or e-mail address"),
        ({"person": "abrah"}, f"Did you mean one of these? {cast.ruth.full_name}"),
        ({"person": cast.dev.full_name}, "More than one colleague has this name"),
        ({"access": "everywhere"}, "Choose one from the list"),
        (days, "This day must not be before the first one"),
    ):
        page = text(post(REPORT, cast.alan, {**EMPTY, **given}, at=LATER))
        assert said in page
        assert "Events, newest first" not in page


def test_pages_are_cut_by_place_and_lose_nothing(cast: Cast) -> None:
    with transaction.atomic():
        for step in range(PAGE * 2 + 7):
            services.record_queue_view(by=cast.dev, at=AT + timedelta(seconds=step))
    wanted = Wanted(person=cast.dev, access="read")
    first = access_page(cast.alan, wanted)
    second = access_page(cast.alan, wanted, older_than=first.older_than)
    third = access_page(cast.alan, wanted, older_than=second.older_than)
    moments = [line.at for page in (first, second, third) for line in page.lines]
    assert [len(page.lines) for page in (first, second, third)] == [PAGE, PAGE, 7]
    assert moments == sorted(set(moments), reverse=True)
    assert (first.newer_than, third.older_than) == ("", "")
    assert access_page(cast.alan, wanted, newer_than=third.newer_than).lines == second.lines
    back = access_page(cast.alan, wanted, newer_than=second.newer_than)
    assert back.lines == first.lines
    assert back.newer_than == ""


def test_the_buttons_lead_to_the_next_page(cast: Cast) -> None:
    with transaction.atomic():
        for step in range(PAGE + 1):
            services.record_queue_view(by=cast.dev, at=AT + timedelta(seconds=step))
    given = {**EMPTY, "person": cast.dev.email}
    page = post(REPORT, cast.alan, given, at=LATER).content.decode()
    (place,) = re.findall(r'name="older_than" value="([^"]+)"', page)
    following = post(REPORT, cast.alan, {**given, "older_than": place}, at=LATER)
    assert rows(following) == [(cast.dev.full_name, "Queue opened")]
    assert post(REPORT, cast.alan, {**given, "older_than": "9" * 40}, at=LATER).status_code == 200


def test_the_cost_of_a_page_does_not_grow(cast: Cast, concern: Concern) -> None:
    client = signed_in(cast.alan)
    counted = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            client.get(REPORT)
        counted.append(len(statements(captured)))
        with transaction.atomic():
            for step in range(40):
                services.record_queue_view(by=cast.dev, at=AT + timedelta(seconds=step))
    assert counted[0] == counted[1] < 12


def test_reading_the_report_is_kept(cast: Cast, concern: Concern) -> None:
    post(REPORT, cast.joyce, {**EMPTY, "ref": concern.ref, "person": cast.dev.email, "access": "read"}, at=LATER)
    event = Event.objects.get(code="concern.access_viewed")
    assert (event.actor_id, event.concern_id) == (cast.joyce.pk, concern.pk)
    assert event.data == {"staff": cast.dev.pk, "access": "read", "first_day": "", "last_day": ""}


def test_looking_at_what_is_late_is_kept(cast: Cast) -> None:
    get("/late/", cast.ruth, at=LATER)
    assert Event.objects.get(code="concern.late_viewed").actor_id == cast.ruth.pk


def test_who_saw_it_in_a_list_has_come_near_it(cast: Cast, concern: Concern) -> None:
    """The queue shows who is at risk by name. Once a day for each, however often somebody looks (R41, R144)."""

    def listed() -> list[Any]:
        seen = Event.objects.filter(code="concern.listed").order_by("pk")
        return list(seen.values_list("concern_id", "actor_id"))

    get("/queue/", cast.dev, at=LATER - timedelta(hours=1))
    assert listed() == [(concern.pk, cast.dev.pk)]
    other = cases.submitted(cast, at=LATER)
    get("/queue/", cast.dev, at=LATER + timedelta(hours=1))
    assert listed() == [(concern.pk, cast.dev.pk), (other.pk, cast.dev.pk)]
    get("/queue/", cast.dev, at=LATER + timedelta(hours=2))
    assert len(listed()) == 2
    get("/queue/", cast.dev, at=LATER + timedelta(hours=23, minutes=30))
    assert listed()[2:] == [(concern.pk, cast.dev.pk)], "a day after the first time"
    far = AT + timedelta(days=400)
    get("/late/", cast.helen, at=far)
    assert set(listed()[3:]) == {(concern.pk, cast.helen.pk), (other.pk, cast.helen.pk)}, "by reference alone"


def test_the_page_of_who_can_see_says_that_a_list_was_seen_before_a_bar(cast: Cast, concern: Concern) -> None:
    get("/queue/", cast.nadia, at=AT - timedelta(minutes=1))
    get("/queue/", cast.nadia, at=AT + timedelta(minutes=1))
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.nadia.pk, reason="Named", by=cast.ruth, at=LATER)
    (out,) = who_sees(Concern.objects.get(pk=concern.pk), reader=cast.ruth, at=LATER).kept_out
    assert [view.what for view in out.views] == ["Shown in the queue or in the list of what has taken too long"]


def test_the_page_of_who_can_see_names_senior_managers_once_it_has_taken_too_long(cast: Cast, concern: Concern) -> None:
    def told(at: datetime) -> dict[str, str]:
        parts = who_sees(Concern.objects.get(pk=concern.pk), reader=cast.ruth, at=at).parts
        return {row.user.full_name: row.what for row in parts if "taken too long" in row.what}

    assert told(LATER) == {}
    far = AT + timedelta(days=400)
    seen = [person for person in (cast.helen, cast.martin, cast.sunita) if concern.ref in page_of_late(person, far)]
    assert set(told(far)) == {person.full_name for person in seen}
    assert cast.helen in seen
    restrict(Concern.objects.get(pk=concern.pk), by=cast.ruth, at=LATER)
    seen = [person for person in (cast.helen, cast.martin, cast.sunita) if concern.ref in page_of_late(person, far)]
    assert set(told(far)) == {person.full_name for person in seen}
    assert cast.helen not in seen


def page_of_late(person: User, at: datetime) -> str:
    return str(get("/late/", person, at=at).content.decode())


def test_a_form_about_a_concern_is_a_reading_of_it(cast: Cast, concern: Concern) -> None:
    assert get(f"/concerns/{concern.ref}/triage/", cast.dev, at=LATER).status_code == 200
    event = Event.objects.get(code="concern.viewed")
    assert (event.actor_id, event.concern_id) == (cast.dev.pk, concern.pk)


def proven(user: User) -> Client:
    client = Client()
    client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    return client


def table(response: Any) -> list[list[str]]:
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response.streaming
    whole = b"".join(response.streaming_content).decode()
    assert whole.startswith("\ufeff")
    return list(csv.reader(io.StringIO(whole.removeprefix("\ufeff"))))


def test_the_auditor_takes_it_out_with_a_reason(cast: Cast, concern: Concern) -> None:
    get(concern.get_absolute_url(), cast.dev, at=LATER)
    User.objects.filter(pk=cast.dev.pk).update(full_name='=HYPERLINK("http://x","Dev")')
    response = proven(cast.alan).post(EXPORT, {**EMPTY, "ref": concern.ref, "reason": "Yearly audit"})
    head, *lines = table(response)
    assert head == ["When (London)", "Who", "What", "Detail", "Reference", "Code", "Mark"]
    (viewed,) = [line for line in lines if line[5] == "concern.viewed"]
    event = Event.objects.get(code="concern.viewed")
    assert viewed[0] == "2026-02-03 12:00:00+00:00"
    assert viewed[1] == '\'=HYPERLINK("http://x","Dev")'
    assert viewed[2:] == ["Concern opened", "", concern.ref, "concern.viewed", mark_of(event.digest)]
    kept = Event.objects.get(code="concern.access_exported")
    assert (kept.actor_id, kept.concern_id) == (cast.alan.pk, concern.pk)
    assert kept.reason_digest == hashlib.sha256(b"Yearly audit").hexdigest()
    assert mark_of(kept.digest) not in {line[-1] for line in lines}, "the file holds what stood before it was asked for"


def test_a_long_file_comes_in_pieces_and_whole(cast: Cast) -> None:
    with transaction.atomic():
        for step in range(1203):
            services.record_queue_view(by=cast.dev, at=AT + timedelta(seconds=step))
    lines = list(access_lines(cast.alan, Wanted(person=cast.dev, access="read"), before=10**9))
    assert len({line.mark for line in lines}) == len(lines) == 1203


def test_without_a_reason_there_is_no_file(cast: Cast) -> None:
    page = text(proven(cast.alan).post(EXPORT, {**EMPTY, "reason": "  "}))
    assert "Say what the file is for" in page
    assert not Event.objects.filter(code="concern.access_exported").exists()


@pytest.mark.parametrize("name", ["joyce", "ruth", "bea", "dev"])
def test_nobody_but_the_auditor_takes_it_out(cast: Cast, name: str) -> None:
    client = proven(getattr(cast, name))
    assert client.get(EXPORT).status_code == 404
    assert client.post(EXPORT, {**EMPTY, "reason": "Because"}).status_code == 404
    assert not Event.objects.filter(code="concern.access_exported").exists()


def test_a_file_needs_fresh_proof(cast: Cast) -> None:
    response = signed_in(cast.alan).post(EXPORT, {**EMPTY, "reason": "Because"})
    assert response.status_code == 302
    assert "reauthenticate" in response["Location"]
    assert not Event.objects.filter(code="concern.access_exported").exists()


def test_only_whoever_may_is_shown_the_way(cast: Cast, concern: Concern) -> None:
    way = f'href="{page_of(concern)}"'
    assert way in get(concern.get_absolute_url(), cast.ruth, at=LATER).content.decode()
    assert way not in get(concern.get_absolute_url(), cast.dev, at=LATER).content.decode()
    assert f'href="{EXPORT}"' in get(REPORT, cast.alan, at=LATER).content.decode()
    assert f'href="{EXPORT}"' not in get(REPORT, cast.joyce, at=LATER).content.decode()


def mailed() -> list[str]:
    return [str(message.body) for message in mail.outbox if message.subject.endswith("seal of the safeguarding ledger")]


def beat(at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        tasks.mail_newest_seal()
        outbox.deliver_due(at=at)


def test_the_auditor_has_the_newest_seal_once_a_day(cast: Cast, concern: Concern) -> None:
    OutboxMessage.objects.all().delete()
    beat(LATER)
    assert mailed() == [], "there is no seal yet"
    ledger.seal(at=LATER)
    seal = Seal.objects.latest("number")
    for hour in range(5):
        beat(LATER + timedelta(hours=hour))
    (words,) = mailed()
    assert f"Seal: {seal.number}:{seal.digest}" in words
    assert f"Root: {seal.root}" in words
    assert "Sealed at: 2026-02-03 12:00:00 UTC" in words
    assert "Events" not in words, "set against what one may read, a count tells of what one may not"
    assert mail.outbox[-1].to == [cast.alan.email]
    assert not any(person.full_name in words or person.email in words for person in User.objects.all())
    assert concern.ref not in words
    beat(LATER + timedelta(days=3))
    assert len(mailed()) == 2, "a missed day is not made up for, the next one has its mail"


def test_no_auditor_is_given_a_seal_to_keep_that_goes_back(cast: Cast, concern: Concern) -> None:
    """Put in by whoever owns the database. Instead they hear that nothing is sealed."""
    OutboxMessage.objects.all().delete()
    ledger.seal(at=LATER)
    last = Seal.objects.latest("number")
    last.number, last.previous_digest = last.number + 1, last.digest
    last.digest = last.content_digest()
    with lifted(connection):
        last.save(force_insert=True)
    beat(LATER)
    assert mailed() == []
    assert any("not being sealed" in message.subject and message.to == [cast.alan.email] for message in mail.outbox)


def test_whoever_is_no_auditor_any_more_has_no_mail(cast: Cast, concern: Concern) -> None:
    OutboxMessage.objects.all().delete()
    ledger.seal(at=LATER)
    tasks.mail_newest_seal()
    cast.alan.role_assignments.update(ended_at=LATER)
    outbox.deliver_due(at=LATER + timedelta(days=400))
    assert mailed() == []


# --- One's own attempts, and what their traces tell (I3) ----------------------------------------------------


def own_reports(user: User) -> tuple[str, list[list[str]]]:
    """What `user` is shown of themselves: the pages, and for an auditor the file, line by line."""
    form = {**EMPTY, "person": user.email}
    pages = [post(REPORT, user, {**form, "access": access}, at=LATER) for access in ("", "refusal", "all", "search")]
    for page in pages:
        assert page.status_code == 200
    shown = "\n".join(page.content.decode() for page in pages)
    wanted = Wanted(person=user, access="all")
    lines = [
        [str(line.at), line.who, line.what, line.detail, line.ref, line.code, line.mark]
        for line in access_lines(User.objects.get(pk=user.pk), wanted, before=10**9)
    ]
    return re.sub(r'(name="csrfmiddlewaretoken" value|nonce)="[^"]+"', "", shown), lines


def after(act: Any, user: User) -> tuple[str, list[list[str]]]:
    """The reports after `act`, which is taken back again."""
    with undone():
        act()
        return own_reports(user)


@pytest.mark.parametrize("name", ["alan", "joyce"])
def test_asking_for_a_closed_concern_leaves_the_trace_of_asking_for_none(
    cast: Cast, concern: Concern, name: str
) -> None:
    """Byte for byte, the marks too."""
    user = getattr(cast, name)
    other = cases.submitted(cast)
    shut_out(concern, user, cast)
    key = "0" * 20
    pages = (
        "/concerns/{ref}/", "/concerns/{ref}/access/", "/concerns/{ref}/note/", "/reports/{ref}/",
        f"/concerns/{{ref}}/files/{key}/",
    )  # fmt: skip

    def ask(ref: str) -> None:
        for page in pages:
            assert get(page.format(ref=ref), user, at=LATER).status_code == 404, page

    unknown = after(lambda: ask("SC-2222-2222"), user)
    closed = after(lambda: ask(concern.ref), user)
    assert unknown == closed
    assert [line[2:4] for line in unknown[1]].count(["Refused", "read"]) >= 3
    # One that is merely not open to them is named, as it was.
    assert get(other.get_absolute_url(), user, at=LATER).status_code == 404
    assert other.ref in own_reports(user)[0]
    # Whoever is not shut out sees which it was.
    assert get(concern.get_absolute_url(), user, at=LATER).status_code == 404
    assert (user.full_name, "Refused: read") in rows(get(page_of(concern), cast.ruth, at=LATER))


def test_being_stopped_at_break_glass_leaves_the_same_trace_too(cast: Cast, concern: Concern) -> None:
    shut_out(concern, cast.joyce, cast)
    client = Client()

    def smash(ref: str) -> None:
        with time_machine.travel(LATER, tick=False):
            client.post("/account/login/", {"login": cast.joyce.email, "password": PASSWORD})
            answer = client.post("/break-glass/", {"ref": ref, "reason": "agency", "words": "They ask now."})
            assert answer.status_code == 200

    unknown, closed = (after(lambda ref=ref: smash(ref), cast.joyce) for ref in ("SC-2222-2222", concern.ref))
    assert unknown[0] == closed[0]
    # The mark is made of the stop's own reference, which is new each time.
    assert [line[:-1] for line in unknown[1]] == [line[:-1] for line in closed[1]]
    assert "concern.glass_stopped" in [line[5] for line in closed[1]]
    smash(concern.ref)
    event = Event.objects.get(code="concern.glass_stopped")
    (line,) = [
        line
        for line in access_lines(cast.joyce, Wanted(person=cast.joyce, access="refusal"), before=10**9)
        if line.code == event.code
    ]
    assert line.mark != mark_of(event.digest), "the ledger's own tells of which concern it was"
    event.concern_id, event.ref = None, ""
    assert line.mark == mark_of(event.content_digest())


@pytest.mark.parametrize("name", ["alan", "joyce"])
def test_looking_up_a_home_leaves_the_same_trace_whoever_is_behind_it(cast: Cast, concern: Concern, name: str) -> None:
    user = getattr(cast, name)
    services.warn_visitors(
        concern_id=concern.pk, advice="in_pairs", address="4 Mill Lane", tenancy_ref="", speak_to=None, by=cast.dev,
        at=LATER,
    )  # fmt: skip

    def look() -> None:
        answer = post("/visits/", user, {"words": "4 Mill Lane"}, at=LATER)
        assert "Visit in pairs" in answer.content.decode()

    before = after(look, user)
    shut_out(concern, user, cast)
    assert after(look, user) == before
    look()
    assert (user.full_name, "What visitors must do was shown, without a reason") in rows(
        get(page_of(concern), cast.ruth, at=LATER)
    )


def test_a_page_of_the_report_goes_on_from_an_attempt_at_a_closed_concern(cast: Cast, concern: Concern) -> None:
    shut_out(concern, cast.alan, cast)
    for minute in range(PAGE + 5):
        get(concern.get_absolute_url(), cast.alan, at=LATER + timedelta(minutes=minute))
    wanted = Wanted(person=cast.alan, access="refusal")
    first = access_page(cast.alan, wanted)
    second = access_page(cast.alan, wanted, older_than=first.older_than)
    assert (len(first.lines), len(second.lines)) == (PAGE, 5)
    assert access_page(cast.alan, wanted, newer_than=second.newer_than).lines == first.lines
    assert {line.ref for line in (*first.lines, *second.lines)} == {""}
