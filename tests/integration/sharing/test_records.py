"""What auditors do: list, filter, open, export, and what the PDF of hostile text looks like."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import resource
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pypdf
import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import User
from accounts.services import appoint_champion, end_role, give_role
from accounts.vocabulary import Role
from audit.inclusion import verify_inclusion
from audit.models import Event
from concerns import services as of_concern
from concerns.selectors.who_sees import who_sees
from concerns.services.base import lock
from concerns.services.conflicts import bar, recuse, restrict
from safeguarding.kit import pdf
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotAllowed
from safeguarding.kit.models import OutboxMessage
from sharing import documents, services
from sharing.later import later_of
from sharing.models import Decision, Export, RecordCopy, SignedRecord
from sharing.record import digest
from sharing.selectors import not_made_for, people_of
from sharing.services import exporting
from sharing.services.taking_out import prove
from sharing.vocabulary import DecisionStatus, ExportState
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import PASSWORD, Cast
from tests.build.sharing import SIGNED_AT, case

LIST = "/sharing/records/"


@pytest.fixture(autouse=True)
def _now(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(SIGNED_AT + timedelta(hours=1), tick=True):
        yield


def sign_in(client: Client, user: User) -> None:
    assert client.post("/account/login/", {"login": user.email, "password": PASSWORD}).status_code == 302


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def many(record: SignedRecord, number: int) -> None:
    """More signed rows beside `record`, for lists: copies under other references."""
    for n in range(number):
        ref = f"ISD-{n:04d}-TEST"
        decision = Decision.objects.create(
            ref=ref,
            concern=record.concern,
            status=DecisionStatus.SIGNED,
            author=record.signed_by,
            opened_at=record.signed_at,
            saved_at=record.signed_at,
        )
        SignedRecord.objects.create(
            decision=decision,
            concern=record.concern,
            ref=ref,
            version=1,
            canonical=record.canonical,
            digest=digest(ref.encode()),
            signed_by=record.signed_by,
            signed_at=record.signed_at - timedelta(minutes=n // 3),
            kind=record.kind,
            choice=record.choice,
            service_area=record.service_area,
        )


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def test_the_list_costs_the_same_for_one_and_for_two_hundred(client: Client, cast: Cast) -> None:
    _, record, _ = build.shared(cast)
    sign_in(client, cast.alan)

    def statements() -> int:
        client.get(LIST)  # what is read once for each process is read now
        with CaptureQueriesContext(connection) as captured:
            assert client.get(LIST).status_code == 200
        return sum(not each["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")) for each in captured)

    one = statements()
    many(record, 199)
    assert statements() == one
    assert one <= 12


def test_paging_by_place_misses_and_repeats_nothing(client: Client, cast: Cast) -> None:
    _, record, _ = build.shared(cast)
    many(record, 60)
    sign_in(client, cast.alan)
    seen: list[str] = []
    address = LIST
    for _ in range(5):
        page = client.get(address)
        seen += [row.ref for row in page.context["page"].rows]
        if not page.context["next_url"]:
            break
        address = LIST + page.context["next_url"]
    assert len(seen) == len(set(seen)) == 61
    back = client.get(LIST + page.context["previous_url"])
    assert [row.ref for row in back.context["page"].rows] == seen[25:50]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?outcome=with_agreement", True),
        ("?outcome=not_share", False),
        ("?area=housing", True),
        ("?area=repairs", False),
        ("?from=2026-03-17&to=2026-03-17", True),
        ("?from=2026-03-18", False),
        ("?to=2026-03-16", False),
        ("?outcome=nonsense&area=nowhere&after=x&before=y_z", True),
    ],
)
def test_filters_stand_in_the_address(client: Client, cast: Cast, query: str, found: bool) -> None:
    _, record, _ = build.shared(cast)
    sign_in(client, cast.alan)
    assert (record.ref in words(client.get(LIST + query))) is found


def test_a_date_that_does_not_exist_is_said_beside_its_field(client: Client, cast: Cast) -> None:
    sign_in(client, cast.alan)
    assert "Enter a real date" in words(client.get(LIST + "?from=2026-02-31"))


def test_who_finds_a_record_in_the_list(client: Client, cast: Cast) -> None:
    _, record, _ = build.shared(cast)
    for name, finds in (
        ("alan", True), ("joyce", True), ("ruth", True), ("gwen", True), ("dev", True),
        ("femi", False), ("amara", False), ("bea", False), ("jakub", False), ("colin", False),
    ):  # fmt: skip
        fresh = Client()
        sign_in(fresh, getattr(cast, name))
        assert (record.ref in words(fresh.get(LIST))) is finds, name


def test_restricted_records_are_not_the_auditors(client: Client, cast: Cast) -> None:
    concern, record, _ = build.shared(cast)
    type(concern).objects.filter(pk=concern.pk).update(is_restricted=True)
    sign_in(client, cast.alan)
    assert record.ref not in words(client.get(LIST))
    assert client.get(record.get_absolute_url()).status_code == 404


def test_whoever_signed_it_reads_it_until_the_concern_is_restricted_or_they_are_shut_out(cast: Cast) -> None:
    """Issue 5, domain.md 5: own decisions; of a restricted concern nothing that is not theirs to work on (R145)."""
    concern, record, _ = build.shared(cast)
    at = SIGNED_AT + timedelta(minutes=30)
    of_concern.take(concern_id=concern.pk, by=cast.ruth, note="It can’t wait.", at=at)

    def reads() -> tuple[bool, bool]:
        """Whether Gwen, who signed it, finds the record and may take it out."""
        gwen = User.objects.get(pk=cast.gwen.pk)
        rows = SignedRecord.objects.filter(pk=record.pk)
        return (rows & SignedRecord.objects.visible_to(gwen)).exists(), SignedRecord.objects.takeable_by(gwen).exists()

    def is_listed() -> bool:
        seen = who_sees(type(concern).objects.get(pk=concern.pk), reader=cast.ruth, at=at)
        assert cast.gwen not in [row.user for row in seen.reads]
        return (cast.gwen, "Signed a decision in it: that decision") in [(row.user, row.what) for row in seen.parts]

    assert reads() == (True, True)
    assert is_listed()
    locked = lock(concern.pk)
    restrict(locked, by=cast.ruth, at=at)
    assert reads() == (False, False)
    assert not is_listed()
    type(concern).objects.filter(pk=concern.pk).update(is_restricted=False)
    recuse(locked, staff=cast.gwen, reason="Her sister", by=cast.ruth, at=at)
    assert reads() == (False, False)
    assert not is_listed()


def test_whoever_is_there_for_their_signature_alone_reads_the_decision_and_not_what_came_of_it(cast: Cast) -> None:
    """ADR 29: on the page and on paper alike. Gwen signed it; Ruth took the concern, corrected and decided again."""
    concern, _ = build.sent(cast)
    record = SignedRecord.objects.get(concern=concern)
    at = SIGNED_AT + timedelta(minutes=30)
    of_concern.take(concern_id=concern.pk, by=cast.ruth, note="It can’t wait.", at=at)
    build.corrected(concern, at=at + timedelta(minutes=5))
    build.again(record, decisions.agreed(), at=at + timedelta(minutes=10))

    def reads(user: User) -> tuple[str, str]:
        """What `user` reads on the page, and what goes into their PDF."""
        reader, fresh = User.objects.get(pk=user.pk), SignedRecord.objects.get(pk=record.pk)
        client = Client()
        client.force_login(reader)
        page = words(client.get(record.get_absolute_url()))
        proven = prove(fresh, at=now())
        order = documents.decision_record(fresh, by=reader, taking=build.taking(), proven=proven, at=now())
        return page, order.message.decode()

    later = (
        "80 is drawn each Thursday.", "Still to be told", "Digest of what went", "shared 17 March 2026",
        "She says yes now.", "Version 2", "Decision record opened", "Sharing decision superseded",
    )  # fmt: skip
    page_only = ("Referrals</h2>", "What was promised")
    signed = ("Superseded by version 2 on 17 March 2026", "SUPERSEDED", "Sharing decision signed", "Jean Ashworth")
    for whole in (cast.ruth, cast.alan):
        page, paper = reads(whole)
        assert [text for text in (*later, *signed) if text not in page or text not in paper] == []
        assert page_only[0] in page
    page, paper = reads(cast.gwen)
    assert [text for text in (*later, *page_only) if text in page] == []
    assert [text for text in later if text in paper] == []
    not_shown = "Not shown to somebody who sees this decision only because they signed it."
    assert [text for text in (*signed, not_shown) if text not in page or text not in paper] == []
    for wrong in ("Nothing was shared", "not shared so far", "Not yet"):
        assert wrong not in page, "what is not told is not denied either"


def test_what_a_signer_reads_by_break_glass_does_not_go_into_their_pdf(cast: Cast) -> None:
    """Gwen, who signed it, is a champion of another area now."""
    concern, record, _ = build.shared(cast)
    at = SIGNED_AT + timedelta(minutes=30)
    of_concern.take(concern_id=concern.pk, by=cast.ruth, note="It can’t wait.", at=at)
    appoint_champion(person=cast.gwen, area=cast.areas.repairs, by=None, at=at)

    def follows() -> tuple[bool, bool]:
        gwen = User.objects.get(pk=cast.gwen.pk)
        return later_of(record, gwen).is_whole, later_of(record, gwen, on_paper=True).is_whole

    assert follows() == (False, False)
    gwen = User.objects.get(pk=cast.gwen.pk)
    of_concern.break_glass(ref=concern.ref, reason="agency", words="She is at the door.", by=gwen, at=now())
    assert follows() == (True, False)


@pytest.mark.parametrize("what", ["record", "referral"])
def test_a_bar_that_comes_while_it_is_laid_out_lets_nothing_out(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Issue 5: the layout takes seconds; who may is asked again when it is written down."""
    concern, record, referral = build.shared(cast)

    def lay_out(*_: object, **__: object) -> bytes:
        bar(lock(concern.pk), staff_id=cast.dev.pk, reason="Named", by=cast.ruth, at=now())
        return b"%PDF-1.7"

    monkeypatch.setattr(pdf, "make", lay_out)
    monkeypatch.setattr(documents, "referral_document", lay_out)
    take_out = {
        "record": partial(services.take_out, signed=record, taking=build.taking()),
        "referral": partial(services.take_out_referral, referral=referral, content={}),
    }[what]
    before = set(Event.objects.values_list("pk", flat=True))
    with pytest.raises(NotAllowed):
        take_out(by=cast.dev, at=now())
    assert not RecordCopy.objects.exists()
    left = Event.objects.exclude(pk__in=before).filter(code__startswith="sharing.")
    assert not left.exists()


@pytest.mark.pdf
def test_one_record_as_pdf_with_its_reason(client: Client, cast: Cast) -> None:
    _, record, _ = build.shared(cast)
    sign_in(client, cast.alan)
    url = reverse("sharing:export-record", args=[record.ref, 1])
    empty = words(client.post(url, {"naming": "named"}))
    assert "Say what it is for." in empty
    assert "Say who it is for." in empty
    assert "Say why the reader needs these names." in empty
    given = {"reason": "Audit of March", "recipient": "Beth Stone, Larkshire Council", "naming": "named"}
    answer = client.post(url, {**given, "naming_reason": "The court asks for it"})
    assert answer["Content-Type"] == "application/pdf"
    reader = pypdf.PdfReader(io.BytesIO(answer.content))
    text = text_of(answer.content)
    assert "Audit of March" in text
    assert "19. Seven golden rules" in text
    assert "OFFICIAL-SENSITIVE" in text
    assert reader.attachments[f"{record.ref}-v1.json"][0] == record.canonical.encode()
    event = Event.objects.get(code="sharing.record_exported")
    assert event.actor_id == cast.alan.pk
    assert event.data["record_digest"] == record.digest
    assert event.reason_digest


@pytest.mark.pdf
def test_masked_names_only_those_at_risk(cast: Cast) -> None:
    concern = case(cast)
    decision = build.draft(concern, decisions.agreed())
    people = people_of(concern)
    son = next(person for person in people if person.is_source_of_risk)
    record = decision.record
    facts = (decisions.change(record.facts[0], words="Darren Ashworth takes it; Darren has her card."),)
    both = (*record.people, decisions.change(record.people[0], key=son.key))
    build.fill(decision, decisions.change(record, people=both, facts=facts), by=cast.gwen, at=SIGNED_AT)
    decision.refresh_from_db()
    signed = services.sign_decision(decision_id=decision.pk, seen_edit=decision.edit, by=cast.gwen, at=SIGNED_AT)
    masked = services.take_out(signed=signed, taking=build.taking(), by=cast.alan, at=now())
    text = text_of(masked)
    assert "Darren" not in text
    assert "Third party A" in text
    assert "Jean Ashworth" in text
    assert set(pypdf.PdfReader(io.BytesIO(masked)).attachments) == {"proof.json"}
    named = services.take_out(signed=signed, taking=build.taking(is_masked=False), by=cast.alan, at=now())
    assert "Darren Ashworth" in text_of(named)


HOSTILE = (
    "<script>alert('x')</script> <img src=\"file:///etc/passwd\"> {{ secret }} {% include 'x' %} "
    "שלום \u202eevil 🙂 O’Brien ' \" & </td></table>\n"
)


@pytest.mark.pdf
def test_hostile_text_is_printed_as_text_in_seconds(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    concern = case(cast)
    base = decisions.agreed()
    record = decisions.change(
        base,
        reasons=decisions.change(base.reasons, reasons=HOSTILE + "A" * 20_000 + "\n" + "long words " * 16_000),
        items=tuple(decisions.change(base.items[0], what=f"{number} {HOSTILE}") for number in range(60)),
    )
    signed = build.signed(concern, record, agency=build.adult_care(cast))
    monkeypatch.setattr(pdf, "LIMIT_SECONDS", 600)  # the machine may be busy: what counts is the work done
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    taking = build.taking(is_masked=False, reason=HOSTILE)
    content = services.take_out(signed=signed, taking=taking, by=cast.alan, at=now())
    worked = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    text = text_of(content)
    assert "<script>alert('x')</script>" in text
    assert "{{ secret }}" in text
    assert "root:" not in text
    assert worked < 45


def test_an_export_of_nothing_is_refused_in_words(client: Client, cast: Cast) -> None:
    build.shared(cast)
    sign_in(client, cast.alan)
    url = reverse("sharing:start-export")
    assert "You have not chosen a record." in words(client.get(url))
    assert "Choose at least one record." in words(
        client.post(url, {"reason": "Audit", "recipient": "Beth Stone", "naming": "masked"})
    )
    assert not Export.objects.exists()


@pytest.mark.pdf
def test_a_selection_becomes_a_zip_with_an_index_of_digests(
    client: Client, cast: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    _, first, _ = build.shared(cast)
    _, second = build.not_shared(cast)
    sign_in(client, cast.alan)
    chosen = f"?record={first.ref}/v1&record={second.ref}/v1&record=ISD-9999-9999/v1"
    url = reverse("sharing:start-export") + chosen
    assert "Export 2 decision records" in words(client.get(url))
    assert "Say what it is for." in words(client.post(url, {"recipient": "Beth Stone", "naming": "masked"}))
    answer = client.post(url, {"reason": "Yearly audit", "recipient": "Beth Stone", "naming": "masked"})
    export = Export.objects.get()
    progress = client.get(answer.headers["Location"])
    assert "0 of 2 made" in words(progress)
    assert progress["Refresh"].startswith("5; url=/sharing/exports/")
    with time_machine.travel(export.requested_at + timedelta(minutes=5), tick=False):
        later = client.get(answer.headers["Location"])
    assert "Refresh" not in later, "an open page would keep its person signed in"
    assert "Look again now" in words(later)
    assert exporting.build_export(export_id=export.pk, clock=now) is not None
    assert exporting.build_export(export_id=export.pk, clock=now) is None
    done = client.get(answer.headers["Location"])
    assert "Refresh" not in done
    fetched = client.get(reverse("sharing:fetch-export", args=[export.key]))
    archive = zipfile.ZipFile(io.BytesIO(fetched.getvalue()))
    names = [f"{first.ref}-v1", f"{second.ref}-v1"]
    assert sorted(archive.namelist()) == sorted(
        [*(f"{name}.pdf" for name in names), *(f"proofs/{name}.json" for name in names), "index.csv", "read-me.txt"]
    )
    index = list(csv.DictReader(io.StringIO(archive.read("index.csv").decode("utf-8-sig"))))
    assert {row["Reference"] for row in index} == {first.ref, second.ref}
    for row in index:
        record = first if row["Reference"] == first.ref else second
        assert row["File"] == f"{record.ref}-v1.pdf"
        assert row["SHA-256 of the file"] == digest(archive.read(row["File"]))
        assert row["SHA-256 of the signed record"] == record.digest
        assert row["Concern"] == record.concern.ref
        proof = json.loads(archive.read(row["File proof"]))
        assert verify_inclusion(proof).content["data"]["file_digest"] == row["SHA-256 of the file"]
    assert "Records in this file: 2." in archive.read("read-me.txt").decode()
    codes = set(Event.objects.values_list("code", flat=True))
    assert {"sharing.export_asked", "sharing.record_exported", "sharing.export_fetched"} <= codes
    assert OutboxMessage.objects.filter(kind="sharing.export_ready", recipient_id=cast.alan.pk).count() == 1


@pytest.mark.pdf
def test_a_worker_that_died_goes_on_where_it_stopped(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    _, first, _ = build.shared(cast)
    _, second = build.not_shared(cast)
    export = exporting.ask_for_export(record_ids=[first.pk, second.pk], taking=build.taking(), by=cast.alan, at=now())
    made: list[int] = []
    real = documents.decision_record

    def counted(signed: SignedRecord, **more: Any) -> pdf.Order:
        if len(made) == 1:
            raise KeyboardInterrupt  # as a killed worker: nothing is tidied up
        made.append(signed.pk)
        return real(signed, **more)

    monkeypatch.setattr(documents, "decision_record", counted)
    with pytest.raises(KeyboardInterrupt):
        exporting.build_export(export_id=export.pk, clock=now)
    assert exporting.build_export(export_id=export.pk, clock=now) is None  # it may still be at it
    monkeypatch.setattr(documents, "decision_record", real)
    later = now() + timedelta(minutes=6)
    assert exporting.resume_exports(at=later) == 1
    finished = exporting.build_export(export_id=export.pk, clock=lambda: later)
    assert finished is not None
    assert finished.state == ExportState.READY
    assert Event.objects.filter(code="sharing.record_exported").count() == 2


def printing(monkeypatch: pytest.MonkeyPatch, *, fails: Callable[[bytes], Exception | None]) -> list[bytes]:
    """A press that takes no time. Hands out the list of the orders that it was given."""
    orders: list[bytes] = []

    def make(press: pdf.Press, order: pdf.Order) -> bytes:
        orders.append(order.message)
        if failure := fails(order.message):
            raise failure
        return b"%PDF " + hashlib.sha256(order.message).digest()

    monkeypatch.setattr(pdf.Press, "make", make)
    return orders


def two_to_export(cast: Cast) -> tuple[SignedRecord, SignedRecord, Export]:
    _, first, _ = build.shared(cast)
    _, second = build.not_shared(cast)
    export = exporting.ask_for_export(record_ids=[first.pk, second.pk], taking=build.taking(), by=cast.alan, at=now())
    return first, second, export


@pytest.mark.parametrize("failure", [pdf.PdfTooLong("Too long."), pdf.PdfBroken("It ended with status 1.")])
def test_a_record_that_cannot_be_made_is_named_and_the_others_come_out(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    first, second, export = two_to_export(cast)
    printing(monkeypatch, fails=lambda order: failure if second.ref.encode() in order else None)
    finished = exporting.build_export(export_id=export.pk, clock=now)
    assert finished is not None
    assert finished.state == ExportState.READY
    with zipfile.ZipFile(finished.file) as archive:
        assert f"{first.ref}-v1.pdf" in archive.namelist()
        assert f"{second.ref}-v1.pdf" not in archive.namelist()
        index = list(csv.DictReader(io.StringIO(archive.read("index.csv").decode("utf-8-sig"))))
        read_me = archive.read("read-me.txt").decode()
    assert {(row["File"], row["Reference"], row["Version"]) for row in index} == {
        (f"{first.ref}-v1.pdf", first.ref, "1"), ("Could not be made", second.ref, "1"),
    }  # fmt: skip
    assert (
        "Records in this file: 1. A record is here if Alan Whitfield asked for it and could take it\n"
        "out when this file was made.\n"
        f"Not in this file, because they could not be made into a PDF:\n  {second.ref}, version 1\n"
    ) in read_me
    assert "may no longer read" not in read_me
    sign_in(client, cast.alan)
    page = words(client.get(reverse("sharing:show-export", args=[export.key])))
    assert "These records could not be made into a PDF." in page
    assert f"{second.ref}, version 1" in page
    assert f"{first.ref}, version 1" not in page


def test_a_record_whose_words_do_not_fit_the_layout_is_named_too(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    _, second, export = two_to_export(cast)
    printing(monkeypatch, fails=lambda order: None)
    real = documents.decision_record

    def older(signed: SignedRecord, **more: Any) -> pdf.Order:
        if signed == second:
            raise KeyError("words")
        return real(signed, **more)

    monkeypatch.setattr(documents, "decision_record", older)
    finished = exporting.build_export(export_id=export.pk, clock=now)
    assert finished is not None
    assert list(not_made_for(finished)) == [second]


def test_an_export_that_failed_is_taken_up_again_over_what_it_has(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each piece is made once and in the ledger once."""
    first, second, export = two_to_export(cast)
    orders = printing(monkeypatch, fails=lambda order: None)
    with monkeypatch.context() as patched:
        patched.setattr(exporting, "_zip", broken)
        with pytest.raises(OSError, match="full"):
            exporting.build_export(export_id=export.pk, clock=now)
    export.refresh_from_db()
    assert export.state == ExportState.FAILED
    # As if a worker had been killed between the ledger and the name.
    piece = export.folder / f"{second.ref}-v1.pdf"
    piece.rename(piece.with_suffix(".part"))
    url = reverse("sharing:show-export", args=[export.key])
    sign_in(client, cast.ruth)
    assert client.post(url).status_code == 404
    client.logout()
    client.force_login(cast.alan)
    assert "Start it again: what was made is kept." in words(client.get(url))
    asked = client.post(url).headers["Location"]
    assert asked.startswith("/account/reauthenticate/")
    export.refresh_from_db()
    assert export.state == ExportState.FAILED, "the page asks for fresh proof, as it did for the first start"
    assert client.post(asked, {"password": PASSWORD}).headers["Location"] == url
    assert client.post(url).headers["Location"] == url
    event = Event.objects.get(code="sharing.export_taken_up")
    assert (event.actor_id, event.subject_id, event.data) == (cast.alan.pk, export.pk, {"records": 2})
    assert "Only an export that could not be made can be started again." in words(client.post(url, follow=True))
    finished = exporting.build_export(export_id=export.pk, clock=now)
    assert finished is not None
    assert finished.state == ExportState.READY
    assert len(orders) == 2
    written = list(Event.objects.filter(code="sharing.record_exported").values_list("subject_id", flat=True))
    assert (len(written), set(written)) == (2, {first.pk, second.pk})


def broken(*args: object) -> str:
    raise OSError("The disk is full.")


def test_an_export_of_which_nothing_could_be_made_has_failed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    _, _, export = two_to_export(cast)
    printing(monkeypatch, fails=lambda order: pdf.PdfTooLong("Too long."))
    with pytest.raises(pdf.PdfBroken):
        exporting.build_export(export_id=export.pk, clock=now)
    export.refresh_from_db()
    assert export.state == ExportState.FAILED


def test_an_export_that_was_deleted_meanwhile_stays_deleted(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for fails in (False, True):
        _, _, export = two_to_export(cast)

        def deleted(order: bytes, export: Export = export, *, fails: bool = fails) -> Exception | None:
            Export.objects.filter(pk=export.pk).update(state=ExportState.PURGED)
            return pdf.PdfUnavailable("No Pango.") if fails else None

        monkeypatch.setattr(pdf, "make_each", lambda orders, *, presses, deleted=deleted: made_by(orders, deleted))
        if fails:
            with pytest.raises(pdf.PdfUnavailable):
                exporting.build_export(export_id=export.pk, clock=now)
        else:
            assert exporting.build_export(export_id=export.pk, clock=now) is None
        export.refresh_from_db()
        assert export.state == ExportState.PURGED
        assert not export.file.exists()


def made_by(orders: Any, deleted: Callable[[bytes], Exception | None]) -> Iterator[tuple[Any, bytes]]:
    """The pieces, one after the other in this thread, while somebody else deletes the export."""
    for job, order in orders:
        if failure := deleted(order.message):
            raise failure
        yield job, b"%PDF " + hashlib.sha256(order.message).digest()


def test_an_export_is_there_for_nobody_else(client: Client, cast: Cast) -> None:
    _, record, _ = build.shared(cast)
    export = exporting.ask_for_export(record_ids=[record.pk], taking=build.taking(), by=cast.alan, at=now())
    sign_in(client, cast.ruth)
    assert client.get(reverse("sharing:show-export", args=[export.key])).status_code == 404
    assert client.get(reverse("sharing:fetch-export", args=[export.key])).status_code == 404


@pytest.mark.parametrize("content", [b"PK something else altogether", None], ids=["other bytes", "gone"])
def test_an_export_that_is_not_what_was_made_is_handed_out_to_nobody(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    """It goes to courts, and the ledger would vouch for the digest of the genuine file."""
    printing(monkeypatch, fails=lambda order: None)
    _, record, _ = build.shared(cast)
    export = exporting.ask_for_export(record_ids=[record.pk], taking=build.taking(), by=cast.alan, at=now())
    made = exporting.build_export(export_id=export.pk, clock=now)
    assert made is not None
    genuine = made.file.read_bytes()
    sign_in(client, cast.alan)
    url = reverse("sharing:fetch-export", args=[export.key])
    if content is None:
        made.file.unlink()
    else:
        made.file.write_bytes(content)
    answer = client.get(url, follow=True)
    assert answer.redirect_chain == [(reverse("sharing:show-export", args=[export.key]), 302)]
    assert (
        "This file can’t be opened: it is not what was made. Ask for a new export, and tell whoever runs the service."
        in words(answer)
    )
    assert not Event.objects.filter(code="sharing.export_fetched").exists()
    assert Event.objects.filter(code="audit.act_refused", data__act="sharing.fetch-export").count() == 1
    made.file.write_bytes(genuine)
    assert client.get(url).getvalue() == genuine
    assert Event.objects.get(code="sharing.export_fetched").data["file_digest"] == digest(genuine)


@pytest.mark.pdf
def test_an_export_closes_when_a_record_in_it_is_closed_to_whoever_asked(client: Client, cast: Cast) -> None:
    """I3: a bar holds from that second on, also for a file that was ready before."""
    concern, record, _ = build.shared(cast)
    other = build.signed(case(cast), decisions.agreed(), agency=build.adult_care(cast))
    mine = exporting.ask_for_export(record_ids=[record.pk], taking=build.taking(), by=cast.imran, at=now())
    both = exporting.ask_for_export(record_ids=[record.pk, other.pk], taking=build.taking(), by=cast.imran, at=now())
    for each in (mine, both):
        assert exporting.build_export(export_id=each.pk, clock=now) is not None
    sign_in(client, cast.imran)
    assert zipfile.is_zipfile(io.BytesIO(client.get(reverse("sharing:fetch-export", args=[mine.key])).getvalue()))
    with transaction.atomic():
        bar(lock(concern.pk), staff_id=cast.imran.pk, reason="named", by=cast.ruth, at=now())

    for each in (mine, both):
        assert client.get(reverse("sharing:fetch-export", args=[each.key])).status_code == 404
        page = client.get(reverse("sharing:show-export", args=[each.key])).content.decode()
        assert "This file can’t be opened any more. Ask for a new export." in page
        assert "Download" not in page
    assert not Event.objects.filter(code="sharing.export_fetched", subject_id=both.pk).exists()


def test_the_read_me_does_not_tell_of_a_bar(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """I3: it says what is in the file, in the same words whether or not a record was left out."""
    printing(monkeypatch, fails=lambda order: None)
    concern, record, _ = build.shared(cast)
    other = build.signed(case(cast), decisions.agreed(), agency=build.adult_care(cast))
    read_mes = []
    for is_barred in (False, True):
        ids = [record.pk, other.pk] if is_barred else [other.pk]
        export = exporting.ask_for_export(record_ids=ids, taking=build.taking(), by=cast.imran, at=now())
        if is_barred:
            with transaction.atomic():
                bar(lock(concern.pk), staff_id=cast.imran.pk, reason="named", by=cast.ruth, at=now())
        made = exporting.build_export(export_id=export.pk, clock=now)
        assert made is not None
        with zipfile.ZipFile(made.file) as archive:
            read_mes.append(archive.read("read-me.txt").decode())
            assert record.ref not in archive.read("index.csv").decode()
    assert read_mes[0] == read_mes[1]
    assert "Records in this file: 1." in read_mes[0]


def test_a_file_that_names_others_closes_with_the_right_to_name_them(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R96: Dev, a champion, asked for it while he was deputy lead. He may still take it out masked."""
    printing(monkeypatch, fails=lambda order: None)
    _, record, _ = build.shared(cast)
    give_role(person=cast.dev, role=Role.DEPUTY_LEAD, by=None, at=now())
    dev = User.objects.get(pk=cast.dev.pk)
    ready, waiting, masked = (
        exporting.ask_for_export(record_ids=[record.pk], taking=build.taking(is_masked=is_masked), by=dev, at=now())
        for is_masked in (False, False, True)
    )
    for each in (ready, masked):
        assert exporting.build_export(export_id=each.pk, clock=now) is not None
    end_role(person=dev, role=Role.DEPUTY_LEAD, by=cast.bea, at=now())
    made = Event.objects.filter(code="sharing.record_exported").count()
    laid_out: list[object] = []
    monkeypatch.setattr(documents, "decision_record", lambda *args, **more: laid_out.append(args))
    with pytest.raises(NotAllowed):
        exporting.build_export(export_id=waiting.pk, clock=now)
    assert laid_out == []
    assert Event.objects.filter(code="sharing.record_exported").count() == made
    sign_in(client, cast.dev)
    assert client.get(reverse("sharing:fetch-export", args=[ready.key])).status_code == 404
    assert "This file can’t be opened any more." in words(client.get(reverse("sharing:show-export", args=[ready.key])))
    again = words(client.post(reverse("sharing:show-export", args=[waiting.key]), follow=True))
    assert "You can only take out records in which people who are not at risk are masked." in again
    waiting.refresh_from_db()
    assert waiting.state == ExportState.FAILED
    fetched = client.get(reverse("sharing:fetch-export", args=[masked.key]))
    assert zipfile.is_zipfile(io.BytesIO(fetched.getvalue()))


def test_files_are_deleted_after_a_week_and_the_row_stays(cast: Cast) -> None:
    _, record, _ = build.shared(cast)
    export = exporting.ask_for_export(record_ids=[record.pk], taking=build.taking(), by=cast.alan, at=now())
    export.file.parent.mkdir(parents=True)
    export.file.write_bytes(b"x")
    assert exporting.purge_exports(at=now() + timedelta(days=6)) == 0
    assert exporting.purge_exports(at=now() + timedelta(days=7)) == 1
    assert not export.file.exists()
    export.refresh_from_db()
    assert (export.state, export.reason) == (ExportState.PURGED, "Audit")
    assert exporting.purge_exports(at=now() + timedelta(days=8)) == 0
