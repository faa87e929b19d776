"""No added file opens before a scanner has found it clean; what has a virus is locked away (issue 5, 9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from pytest_django import Settings

from audit.models import Event
from concerns import services
from concerns.models import Attachment, Concern
from concerns.services.conflicts import bar
from concerns.services.drafts import start_draft
from concerns.services.scanning import scan_file, scan_waiting
from concerns.vocabulary import FileSort, FileState, PlaceKept
from safeguarding.kit import outbox, scanner
from safeguarding.kit.models import OutboxMessage
from safeguarding.kit.scanner import NoVerdict, Verdict
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.files import PDF, close_all, incoming, office, photo
from tests.build.web import get
from tools.servers import EICAR

pytestmark = pytest.mark.django_db
AT = cases.AT + timedelta(hours=2)
LATER = AT + timedelta(minutes=1)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    settings.MEDIA_ROOT = tmp_path
    yield tmp_path
    close_all()


@pytest.fixture
def away(settings: Settings) -> None:
    """A scanner is named, and is not there."""
    settings.SCANNER = "/nowhere/socket"


def reported(cast: Cast, concern: Concern, name: str, content: bytes) -> Attachment:
    (row,) = services.add_files_to_report(
        concern_id=concern.pk, files=[incoming(name, content)], description="", by=cast.amara, at=AT
    )
    return row


def scan_all() -> int:
    return scan_waiting(clock=lambda: LATER)


def open_it(concern: Concern, row: Attachment, cast: Cast) -> Any:
    return get(reverse("concerns:fetch-file", args=[concern.ref, row.key]), cast.gwen, at=LATER)


@pytest.mark.clamd
def test_a_clean_file_opens_only_once_it_is_scanned(cast: Cast, clamd: str) -> None:
    concern = cases.submitted(cast)
    row = reported(cast, concern, "a.pdf", PDF)
    assert row.state == FileState.WAITING
    assert open_it(concern, row, cast).status_code == 302
    assert "Being checked for viruses" in get(concern.get_absolute_url(), cast.gwen, at=LATER).content.decode()
    assert scan_all() == 1
    row.refresh_from_db()
    assert (row.state, row.scanned_at) == (FileState.CLEAN, LATER)
    assert b"".join(open_it(concern, row, cast).streaming_content) == PDF
    event = Event.objects.get(code="concern.file_checked")
    assert (event.actor_id, event.concern_id) == (None, concern.pk)
    assert event.data == {"file": row.pk, "file_digest": row.digest}
    assert scan_all() == 0


@pytest.mark.clamd
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("eicar.txt", EICAR),
        ("letter.docx", office(parts={"word/document.xml": EICAR.decode()})),
    ],
)
def test_the_test_virus_is_locked_away_and_its_people_are_told(
    cast: Cast, clamd: str, folder: Path, name: str, content: bytes
) -> None:
    concern = cases.submitted(cast)
    row = reported(cast, concern, name, content)
    OutboxMessage.objects.all().delete()
    assert scan_all() == 1
    row.refresh_from_db()
    assert (row.state, row.threat) == (FileState.QUARANTINED, "Eicar-Test-Signature.UNOFFICIAL")
    assert not row.file.exists()
    assert row.quarantine.stat().st_mode & 0o777 == 0o400
    assert open_it(concern, row, cast).status_code == 302
    page = get(reverse("concerns:show-file", args=[concern.ref, row.key]), cast.gwen, at=LATER).content.decode()
    assert "A virus was found in this file" in page
    assert "Download" not in page
    receipt = get(reverse("concerns:show-receipt", args=[concern.ref]), cast.amara, at=LATER).content.decode()
    assert "Held back: a virus was found" in receipt
    event = Event.objects.get(code="concern.file_held_back")
    assert event.data == {"file": row.pk, "threat": "Eicar-Test-Signature.UNOFFICIAL"}
    outbox.deliver_due(at=LATER)
    paths = {f"/concerns/{concern.ref}/", f"/reports/{concern.ref}/"}
    assert {message.to[0] for message in mail.outbox} == {cast.amara.email, cast.gwen.email}
    assert all(any(path in str(message.body) for path in paths) for message in mail.outbox)
    assert not any(name in str(message.body) + message.subject for message in mail.outbox)
    assert not Event.objects.filter(code="concern.file_fetched").exists()


@pytest.mark.clamd
def test_a_virus_in_a_report_that_is_not_sent_is_told_to_its_writer(cast: Cast, clamd: str) -> None:
    draft = start_draft(key="", by=cast.amara, at=AT)
    services.add_files_to_draft(
        key=draft.key, files=[incoming("eicar.txt", EICAR)], description="", by=cast.amara, at=AT
    )
    assert scan_all() == 1
    message = OutboxMessage.objects.get(kind="concern.file_held_back")
    assert (message.recipient_id, message.path) == (cast.amara.pk, f"/raise/{draft.key}/files/")
    assert Event.objects.get(code="concern.file_held_back").concern_id is None


@pytest.mark.clamd
def test_a_photo_is_scanned_as_sent_too_and_shown_only_when_clean(cast: Cast, clamd: str) -> None:
    concern = cases.submitted(cast)
    row = reported(cast, concern, "a.jpg", photo())
    hidden = reported(cast, concern, "b.jpg", photo(comment=EICAR))
    assert b"EICAR" not in hidden.file.read_bytes(), "what is served no longer has it"
    picture = reverse("concerns:show-picture", args=[concern.ref, row.key])
    assert get(picture, cast.gwen, at=LATER).status_code == 404
    assert scan_all() == 2
    shown = get(picture, cast.gwen, at=LATER)
    assert b"".join(shown.streaming_content)[:3] == b"\xff\xd8\xff"
    hidden.refresh_from_db()
    assert (hidden.state, hidden.place) == (FileState.QUARANTINED, PlaceKept.ASKED)
    asked = get(reverse("concerns:settle-place", args=[hidden.key]), cast.amara, at=LATER)
    assert asked["Location"] == reverse("concerns:settle-place", args=[row.key]), "it is not asked about any more"


def test_while_the_scanner_is_away_nothing_opens_and_nothing_is_lost(cast: Cast, away: None) -> None:
    concern = cases.submitted(cast)
    row = reported(cast, concern, "a.jpg", photo(has_place=False))
    assert scan_all() == 0
    row.refresh_from_db()
    assert row.state == FileState.WAITING
    assert open_it(concern, row, cast).status_code == 302
    assert not row.preview.exists(), "nothing unpacks what nobody has scanned"
    page = get(concern.get_absolute_url(), cast.gwen, at=AT + timedelta(hours=1)).content.decode()
    assert "The virus scanner has not answered yet" in page


def test_one_without_a_verdict_stops_no_other(cast: Cast, away: None, monkeypatch: pytest.MonkeyPatch) -> None:
    concern = cases.submitted(cast)
    first, second = reported(cast, concern, "a.pdf", PDF), reported(cast, concern, "b.txt", b"hello")

    def verdict(file: Any) -> Verdict:
        if file.read() == PDF:
            raise NoVerdict
        return Verdict("")

    monkeypatch.setattr(scanner, "scan", verdict)
    assert scan_all() == 1
    states = {row.pk: row.state for row in Attachment.objects.all()}
    assert states == {first.pk: FileState.WAITING, second.pk: FileState.CLEAN}


def test_a_crash_while_locking_away_is_made_good(cast: Cast, away: None, monkeypatch: pytest.MonkeyPatch) -> None:
    concern = cases.submitted(cast)
    row = reported(cast, concern, "a.pdf", PDF)
    row.quarantine.parent.mkdir()
    row.file.replace(row.quarantine)
    monkeypatch.setattr(scanner, "scan", lambda file: Verdict("Found again"))
    assert scan_file(attachment_id=row.pk, at=LATER)
    row.refresh_from_db()
    assert (row.state, row.quarantine.read_bytes()) == (FileState.QUARANTINED, PDF)


def test_files_that_a_demo_never_checked_are_scanned_once_there_is_a_scanner(
    cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    concern = cases.submitted(cast)
    row = reported(cast, concern, "a.pdf", PDF)
    assert row.state == FileState.UNCHECKED
    assert open_it(concern, row, cast).getvalue() == PDF
    settings.SCANNER = "/nowhere/socket"
    assert open_it(concern, row, cast).status_code == 302
    monkeypatch.setattr(scanner, "scan", lambda file: Verdict(""))
    assert scan_all() == 1
    assert open_it(concern, row, cast).getvalue() == PDF


def test_somebody_named_since_hears_nothing_of_their_file(
    cast: Cast, away: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    concern = cases.acknowledged(cast)
    (row,) = services.add_files(
        concern_id=concern.pk, files=[incoming("a.pdf", PDF)], sort=FileSort.OTHER, description="", by=cast.dev, at=AT
    )
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.dev.pk, reason="Named", by=cast.ruth, at=AT)
    monkeypatch.setattr(scanner, "scan", lambda file: Verdict("Found"))
    scan_file(attachment_id=row.pk, at=LATER)
    outbox.deliver_due(at=LATER)
    assert cast.dev.email not in [address for message in mail.outbox for address in message.to]
