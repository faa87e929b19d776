"""A PDF of a decision record is told from an older version, an altered file and an altered row."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from audit.models import Event
from audit.services import record as record_event
from safeguarding.kit import pdf, pdf_reading
from safeguarding.kit.clock import now
from safeguarding.kit.errors import Unsound
from sharing import events, proofs, services
from sharing.models import Decision, SecondView, SignedRecord, Supersession
from sharing.record import digest
from sharing.services import exporting
from sharing.services.verifying import MOST_BYTES, Outcome, verify_record
from sharing.vocabulary import SupersessionReason
from tests.build import decisions
from tests.build import sharing as build
from tests.build.append_only import lifted
from tests.build.cast import PASSWORD, Cast
from tests.build.pdfs import made_up
from tests.build.sharing import SIGNED_AT, holder_of

# Not a whole PDF: what is looked at is its bytes alone.
CONTENT = b"%PDF-1.7 digest 0123456789ab attachment {}"


@pytest.fixture(autouse=True)
def _now(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(SIGNED_AT + timedelta(hours=1), tick=True):
        yield


def outcome(content: bytes) -> Outcome:
    return verify_record(file=io.BytesIO(content), by=None, at=now()).outcome


def taken_out(cast: Cast) -> SignedRecord:
    _, signed, _ = build.shared(cast)
    services.record_copy(signed=signed, content=CONTENT, taking=build.taking(), by=cast.alan, at=now())
    return signed


def test_an_unchanged_file_is_known_and_the_check_is_in_the_ledger(cast: Cast) -> None:
    signed = taken_out(cast)
    verdict = verify_record(file=io.BytesIO(CONTENT), by=None, at=now())
    assert verdict.outcome == Outcome.CURRENT
    assert verdict.is_sound
    assert f"{signed.ref}, version 1" in verdict.sentence
    event = Event.objects.get(code="sharing.record_verified")
    assert event.data["outcome"] == "current"
    assert (event.ref, event.concern_id, event.subject_id) == (signed.ref, signed.concern_id, signed.pk)


@pytest.mark.parametrize(
    "altered",
    [
        CONTENT.replace(b"{}", b"[]"),
        CONTENT.replace(b"0123456789ab", b"0123456789ac"),
        CONTENT + b"\n",
        b"%PDF-1.7 of another house",
    ],
    ids=["attachment", "visible digest", "one byte more", "unknown"],
)
def test_an_altered_file_is_found(cast: Cast, altered: bytes) -> None:
    taken_out(cast)
    verdict = verify_record(file=io.BytesIO(altered), by=None, at=now())
    assert verdict.outcome == Outcome.UNKNOWN
    assert not verdict.is_sound
    assert Event.objects.get(code="sharing.record_verified").data["outcome"] == "unknown"


def test_a_file_of_an_older_version_is_unchanged_and_superseded(cast: Cast) -> None:
    concern, old = build.not_shared(cast)
    later = SIGNED_AT + timedelta(minutes=30)
    services.give_second_view(record_id=old.pk, is_agreed=True, comment="", by=cast.dev, at=later)
    services.record_copy(signed=old, content=CONTENT, taking=build.taking(), by=cast.alan, at=later)
    gwen = holder_of(concern)
    new = services.start_new_version(
        record_id=old.pk, reason=SupersessionReason.ERROR, words="Wrong date.", by=gwen, at=later
    )
    build.fill(new, build.fitted(decisions.agreed(), concern), by=gwen, at=later, agency=build.adult_care(cast))
    new.refresh_from_db()
    services.sign_decision(decision_id=new.pk, seen_edit=new.edit, by=gwen, at=later)
    verdict = verify_record(file=io.BytesIO(CONTENT), by=None, at=now())
    assert verdict.outcome == Outcome.SUPERSEDED
    assert verdict.is_sound
    assert verdict.sentence.endswith(f"It shows {old.ref}, version 1, which a later version has replaced.")


def test_a_record_without_its_second_person_is_unchanged_and_not_in_force(cast: Cast) -> None:
    """I8, VR10: nothing may rest on it, so it is not reported as the record that stands."""
    _, signed = build.not_shared(cast)
    services.record_copy(signed=signed, content=CONTENT, taking=build.taking(), by=cast.alan, at=SIGNED_AT)
    verdict = verify_record(file=io.BytesIO(CONTENT), by=None, at=now())
    assert (verdict.outcome, verdict.is_sound) == (Outcome.AWAITING_SECOND, False)
    assert verdict.sentence == (
        f"Unchanged since it left here. It shows {signed.ref}, version 1, which is signed but not in force: "
        "it waits for the second person."
    )
    services.give_second_view(
        record_id=signed.pk, is_agreed=False, comment="The risk is too high.", by=cast.dev, at=now()
    )
    verdict = verify_record(file=io.BytesIO(CONTENT), by=None, at=now())
    assert (verdict.outcome, verdict.is_sound) == (Outcome.NOT_AGREED, False)
    assert verdict.sentence == (
        f"Unchanged since it left here. It shows {signed.ref}, version 1, which is not in force: the second person did"
        " not agree."
    )
    assert Event.objects.filter(code="sharing.record_verified").last().data["outcome"] == "not_agreed"  # type: ignore[union-attr]


REFUSED, AGREED = False, True


def seconded(cast: Cast, *, is_agreed: bool) -> SignedRecord:
    """Not to share: taken out, then agreed to or refused by the second person."""
    _, signed = build.not_shared(cast)
    services.record_copy(signed=signed, content=CONTENT, taking=build.taking(), by=cast.alan, at=SIGNED_AT)
    services.give_second_view(record_id=signed.pk, is_agreed=is_agreed, comment="Seen.", by=cast.dev, at=now())
    return signed


@pytest.mark.parametrize(
    ("is_agreed", "status"),
    [
        (REFUSED, "signed"),
        (REFUSED, "awaiting_second"),
        (REFUSED, "superseded"),
        (AGREED, "not_agreed"),
        (AGREED, "awaiting_second"),
        (AGREED, "superseded"),
    ],
)
def test_a_status_that_the_ledger_knows_nothing_of_changes_no_verdict_unseen(
    cast: Cast, is_agreed: bool, status: str
) -> None:
    """The application's role may change the row of the decision: no trigger stands there."""
    signed = seconded(cast, is_agreed=is_agreed)
    assert outcome(CONTENT) == (Outcome.CURRENT if is_agreed else Outcome.NOT_AGREED)
    Decision.objects.filter(pk=signed.decision_id).update(status=status)
    verdict = verify_record(file=io.BytesIO(CONTENT), by=None, at=now())
    assert (verdict.outcome, verdict.is_sound) == (Outcome.RECORD_ALTERED, False)
    assert verdict.sentence == (
        f"The record in the database, {signed.ref}, version 1, is not what was signed, or what was done with it is not "
        "what the ledger says. Tell a lead now."
    )


def test_a_record_that_waits_is_not_put_in_force_by_its_status(cast: Cast) -> None:
    _, signed = build.not_shared(cast)
    services.record_copy(signed=signed, content=CONTENT, taking=build.taking(), by=cast.alan, at=SIGNED_AT)
    assert outcome(CONTENT) == Outcome.AWAITING_SECOND
    Decision.objects.filter(pk=signed.decision_id).update(status="signed")
    assert outcome(CONTENT) == Outcome.RECORD_ALTERED


@pytest.mark.parametrize("column", ["needs_second", "second_may_follow"])
def test_what_the_owner_changes_of_the_second_person_is_found(cast: Cast, column: str) -> None:
    _, signed = build.not_shared(cast)
    services.record_copy(signed=signed, content=CONTENT, taking=build.taking(), by=cast.alan, at=SIGNED_AT)
    with lifted(connection):
        SignedRecord.objects.filter(pk=signed.pk).update(**{column: column == "second_may_follow"})
    assert outcome(CONTENT) == Outcome.RECORD_ALTERED


def test_a_second_view_that_the_owner_turned_round_is_found(cast: Cast) -> None:
    signed = seconded(cast, is_agreed=False)
    with lifted(connection):
        SecondView.objects.filter(record=signed).update(is_agreed=True)
    Decision.objects.filter(pk=signed.decision_id).update(status="signed")
    assert outcome(CONTENT) == Outcome.RECORD_ALTERED


def test_a_forged_or_removed_second_view_is_found(cast: Cast) -> None:
    signed = seconded(cast, is_agreed=False)
    with lifted(connection):
        SecondView.objects.filter(record=signed).delete()
    Decision.objects.filter(pk=signed.decision_id).update(status="awaiting_second")
    assert outcome(CONTENT) == Outcome.RECORD_ALTERED


def replaced(cast: Cast) -> tuple[SignedRecord, SignedRecord]:
    """A decision not to share that was agreed to, taken out, and replaced by a second version."""
    old = seconded(cast, is_agreed=True)
    gwen, later = holder_of(old.concern), SIGNED_AT + timedelta(minutes=30)
    new = services.start_new_version(
        record_id=old.pk, reason=SupersessionReason.ERROR, words="Wrong date.", by=gwen, at=later
    )
    build.fill(new, build.fitted(decisions.agreed(), old.concern), by=gwen, at=later, agency=build.adult_care(cast))
    new.refresh_from_db()
    return old, services.sign_decision(decision_id=new.pk, seen_edit=new.edit, by=gwen, at=later)


def test_a_removed_replacement_makes_nothing_the_newest_again(cast: Cast) -> None:
    old, _ = replaced(cast)
    assert outcome(CONTENT) == Outcome.SUPERSEDED
    with lifted(connection):
        Supersession.objects.filter(old=old).delete()
    Decision.objects.filter(pk=old.decision_id).update(status="signed")
    assert outcome(CONTENT) == Outcome.RECORD_ALTERED


def test_a_forged_replacement_is_found(cast: Cast) -> None:
    """One INSERT, as the application's role may, without the event that every replacement leaves."""
    signed = seconded(cast, is_agreed=True)
    _, other = build.not_shared(cast)
    Supersession.objects.create(
        old=signed, new=other, reason=SupersessionReason.ERROR, words="x", by=cast.gwen, at=now()
    )
    Decision.objects.filter(pk=signed.decision_id).update(status="superseded")
    assert outcome(CONTENT) == Outcome.RECORD_ALTERED


def test_an_altered_event_about_the_record_is_found(cast: Cast) -> None:
    signed = seconded(cast, is_agreed=False)
    with lifted(connection):
        Event.objects.filter(code="sharing.second_refused").update(code="sharing.second_agreed")
        SecondView.objects.filter(record=signed).update(is_agreed=True)
    Decision.objects.filter(pk=signed.decision_id).update(status="signed")
    assert outcome(CONTENT) == Outcome.RECORD_ALTERED


def test_a_row_that_is_not_what_left_is_found(cast: Cast) -> None:
    _, signed, _ = build.shared(cast)
    with transaction.atomic():
        record_event(
            events.RECORD_EXPORTED, by=cast.alan, at=now(), subject=signed, reason="Audit", version=1,
            record_digest="0" * 64, file_digest=hashlib.sha256(CONTENT).hexdigest(), masked=True,
        )  # fmt: skip
    verdict = verify_record(file=io.BytesIO(CONTENT), by=None, at=now())
    assert verdict.outcome == Outcome.RECORD_ALTERED
    assert not verdict.is_sound


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (b"PK\x03\x04", "This file is not a PDF."),
        (b"%PDF-" + b"0" * MOST_BYTES, "This file is larger than 50 MB. No decision record is."),
    ],
    ids=["empty", "zip", "large"],
)
def test_what_is_no_pdf_is_refused_in_words(db: None, content: bytes, sentence: str) -> None:
    with pytest.raises(Unsound) as refused:
        outcome(content)
    assert refused.value.sentence == sentence
    assert not Event.objects.filter(code="sharing.record_verified").exists()


def test_the_command_ends_well_only_for_an_unchanged_file(cast: Cast, tmp_path: Path) -> None:
    signed = taken_out(cast)
    file = tmp_path / "record.pdf"
    file.write_bytes(CONTENT)
    said = io.StringIO()
    call_command("verify_record", str(file), stdout=said)
    assert said.getvalue() == (
        f"Unchanged since it left here. It shows {signed.ref}, version 1, which is the newest signed version.\n"
    )
    file.write_bytes(CONTENT + b" ")
    with pytest.raises(CommandError, match="never made here, or was altered beyond recognition"):
        call_command("verify_record", str(file))
    file.write_bytes(b"words")
    with pytest.raises(CommandError, match="not a PDF"):
        call_command("verify_record", str(file))
    with pytest.raises(CommandError, match="can’t be read"):
        call_command("verify_record", str(tmp_path / "nowhere.pdf"))


@pytest.mark.pdf
@pytest.mark.parametrize("naming", ["masked", "named"])
def test_what_the_page_hands_out_verifies(client: Client, cast: Cast, naming: str) -> None:
    _, signed, _ = build.shared(cast)
    client.post("/account/login/", {"login": cast.alan.email, "password": PASSWORD})
    url = reverse("sharing:export-record", args=[signed.ref, 1])
    answers = {"reason": "Audit", "recipient": "Beth Stone", "naming": naming, "naming_reason": "Court order"}
    content = client.post(url, answers).content
    assert outcome(content) == Outcome.CURRENT
    assert outcome(content.replace(b"%%EOF", b"%%EOf")) == Outcome.UNKNOWN  # no reader opens it


@pytest.mark.pdf
def test_every_file_of_a_zip_verifies(cast: Cast) -> None:
    _, signed, _ = build.shared(cast)
    export = exporting.ask_for_export(record_ids=[signed.pk], taking=build.taking(), by=cast.alan, at=now())
    finished = exporting.build_export(export_id=export.pk, clock=now)
    assert finished is not None
    with zipfile.ZipFile(finished.file) as archive:
        assert outcome(archive.read(f"{signed.ref}-v1.pdf")) == Outcome.CURRENT


def test_a_worker_killed_before_the_ledger_leaves_no_finished_piece(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever lies there under its final name is in the ledger, so that a resumed run skips nothing unlogged."""
    _, signed, _ = build.shared(cast)
    export = exporting.ask_for_export(record_ids=[signed.pk], taking=build.taking(), by=cast.alan, at=now())

    def killed(*args: object, **more: object) -> None:
        raise KeyboardInterrupt  # as a killed worker: nothing is tidied up

    monkeypatch.setattr(pdf, "make_each", lambda orders, *, presses: ((job, CONTENT) for job, _ in orders))
    with monkeypatch.context() as patched:
        patched.setattr(exporting, "record_copy", killed)
        with pytest.raises(KeyboardInterrupt):
            exporting.build_export(export_id=export.pk, clock=now)
    assert not list(export.folder.glob("*.pdf"))
    later = now() + timedelta(minutes=6)
    assert exporting.build_export(export_id=export.pk, clock=lambda: later) is not None
    assert Event.objects.filter(code="sharing.record_exported").count() == 1


def page(client: Client, content: bytes | None) -> str:
    sent = {} if content is None else {"file": SimpleUploadedFile("record.pdf", content)}
    return client.post(reverse("sharing:verify-record"), sent).content.decode()


def test_an_auditor_checks_a_pdf_on_a_page(client: Client, cast: Cast) -> None:
    signed = taken_out(cast)
    client.force_login(cast.alan)
    assert "Choose the PDF" in client.get(reverse("sharing:verify-record")).content.decode()
    answer = page(client, CONTENT)
    assert "Unchanged since it left here." in answer
    assert signed.get_absolute_url() in answer
    assert "was never made here, or was altered beyond recognition" in page(client, CONTENT + b" ")
    assert "This file is not a PDF." in page(client, b"words")
    assert "This file is empty." in page(client, b"")
    assert "Choose a PDF." in page(client, None)
    checks = Event.objects.filter(code="sharing.record_verified", actor_id=cast.alan.pk)
    assert [event.data["outcome"] for event in checks.order_by("id")] == ["current", "unknown"]


def test_the_pdf_of_a_record_closed_to_the_auditor_is_unknown(client: Client, cast: Cast) -> None:
    signed = taken_out(cast)
    type(signed.concern).objects.filter(pk=signed.concern_id).update(is_restricted=True)
    client.force_login(cast.alan)
    answer = page(client, CONTENT)
    assert "was never made here, or was altered beyond recognition" in answer
    assert signed.ref not in answer


@pytest.mark.parametrize("what", ["record", "draft"])
def test_a_file_that_is_closed_to_the_reader_is_opened_like_a_strange_one(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """R145: otherwise the answer that comes at once would say that it is genuine."""
    if what == "record":
        signed = taken_out(cast)
        type(signed.concern).objects.filter(pk=signed.concern_id).update(is_restricted=True)
    else:
        concern = build.case(cast)
        decision = build.draft(concern, decisions.agreed())
        record_event(
            events.DRAFT_PRINTED, by=cast.gwen, at=now(), subject=decision, concern_id=concern.pk, ref=decision.ref,
            reason="Panel", version=1, file_digest=digest(CONTENT), masked=True,
        )  # fmt: skip
        assert outcome(CONTENT) is Outcome.DRAFT
    opened: list[bytes] = []
    monkeypatch.setattr(pdf_reading, "read", opened.append)
    for content in (CONTENT, CONTENT + b" "):
        verdict = verify_record(file=io.BytesIO(content), by=cast.alan, at=now())
        assert verdict.outcome is Outcome.UNKNOWN
    assert opened == [CONTENT, CONTENT + b" "]


@pytest.mark.parametrize("total", ["5000000", "9" * 5000], ids=["millions", "thousands of digits"])
def test_a_page_that_counts_itself_among_millions_is_answered(client: Client, cast: Cast, total: str) -> None:
    """Its proof names a record that is there, and nothing in it is known to be genuine yet."""
    signed = taken_out(cast)
    proof = proofs.record_proof(
        reference=signed.ref, version=signed.version, record_digest=signed.digest, signed=None, newest=""
    )
    content = made_up(f"Page 1 of {total}", files={proofs.PROOF_NAME: json.dumps(proof).encode()})
    client.force_login(cast.alan)
    answer = page(client, content)
    assert "There are pages without our page number, or from another document." in answer
    assert Event.objects.get(code="sharing.record_verified").data["outcome"] == "altered"


def test_nobody_else_checks_pdfs(client: Client, cast: Cast) -> None:
    taken_out(cast)
    client.force_login(cast.sian)
    answer = client.post(reverse("sharing:verify-record"), {"file": SimpleUploadedFile("record.pdf", CONTENT)})
    assert answer.status_code == 302
    assert not Event.objects.filter(code="sharing.record_verified").exists()
