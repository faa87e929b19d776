"""No added file opens before a scanner has found it clean; what has a virus is locked away."""

from __future__ import annotations

import re
import shutil
import socket
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from audit.models import Event
from concerns import services
from concerns.models import Attachment, Concern
from concerns.services import scanning
from concerns.services.conflicts import bar
from concerns.services.drafts import start_draft
from concerns.services.scanning import scan_again, scan_file, scan_waiting
from concerns.vocabulary import FileSort, FileState, PlaceKept
from safeguarding.kit import outbox, scanner
from safeguarding.kit.models import OutboxMessage
from safeguarding.kit.scanner import NoVerdict, Verdict, Version
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.files import PDF, close_all, incoming, office, photo
from tests.build.web import get
from tools.servers import EICAR, SERVER_PLACES, write_signatures
from tools.servers import clamd as start_clamd

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
    assert event.data == {"file": row.pk, "file_digest": row.digest, "signatures": 1}
    page = get(reverse("concerns:show-file", args=[concern.ref, row.key]), cast.gwen, at=LATER).content.decode()
    assert re.search(r"By ClamAV [\d.]+, signatures 1 of 18 November 2026", page)
    assert scan_all() == 0


@pytest.mark.clamd
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("eicar.txt", EICAR),
        ("letter.docx", office(parts={"word/document.xml": "<document/>", "word/printerSettings/1.bin": EICAR})),
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
    assert event.data == {"file": row.pk, "threat": "Eicar-Test-Signature.UNOFFICIAL", "signatures": 1}
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
    monkeypatch.setattr(scanner, "version", Version)
    assert scan_all() == 1
    states = {row.pk: row.state for row in Attachment.objects.all()}
    assert states == {first.pk: FileState.WAITING, second.pk: FileState.CLEAN}


class Scanned(list[bytes]):
    """The first bytes of what was given to the scanner, in order."""


@pytest.fixture
def scanned(away: None, monkeypatch: pytest.MonkeyPatch) -> Scanned:
    """The scanner answers, finds nothing, and gives no verdict on a PDF."""
    found = Scanned()

    def verdict(file: Any) -> Verdict:
        content = file.read()
        found.append(content[:4])
        if content == PDF:
            raise NoVerdict
        return Verdict("")

    monkeypatch.setattr(scanner, "scan", verdict)
    monkeypatch.setattr(scanner, "version", Version)
    return found


def test_a_scanner_that_is_away_is_asked_once_in_a_run(
    cast: Cast, scanned: Scanned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can take two minutes to find out, for each file."""

    def nobody_there() -> Version:
        raise NoVerdict

    concern = cases.submitted(cast)
    for name, content in (("a.pdf", PDF), ("b.txt", b"one."), ("c.txt", b"two.")):
        reported(cast, concern, name, content)
    monkeypatch.setattr(scanner, "version", nobody_there)
    assert scan_all() == 0
    assert scanned == [b"%PDF"]
    assert set(Attachment.objects.values_list("missed", flat=True)) == {0}, "that is the fault of none of them"


def test_a_file_without_a_verdict_waits_behind_the_others(
    cast: Cast, scanned: Scanned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the scanner needs for it, no file that is added later waits for ever."""
    assert scanning.WAITING_MOST_SECONDS == 50
    monkeypatch.setattr(scanning, "WAITING_MOST_SECONDS", -1)  # a run is over after its first file
    concern = cases.submitted(cast)
    slow = reported(cast, concern, "a.pdf", PDF)
    reported(cast, concern, "b.txt", b"one.")
    reported(cast, concern, "c.txt", b"two.")
    assert [scan_all() for _ in range(4)] == [0, 1, 1, 0]
    assert scanned == [b"%PDF", b"one.", b"two.", b"%PDF"]
    monkeypatch.setattr(scanner, "scan", lambda file: Verdict(""))
    assert scan_all() == 1
    slow.refresh_from_db()
    assert (slow.state, slow.missed) == (FileState.CLEAN, 0)


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


# --- Again, when the scanner has newer signatures -------------------------------------------------

NEXT_DAY = AT + timedelta(days=1)
OLD = Version("ClamAV 1.4.6, signatures 7 of 2 March 2026", 7)
NEW = Version("ClamAV 1.4.6, signatures 8 of 3 March 2026", 8)
NEWER = Version("ClamAV 1.5.0, signatures 8 of 3 March 2026", 8)

Learn = Callable[[int, dict[str, bytes]], None]


@pytest.fixture
def learn(settings: Settings) -> Iterator[Learn]:
    """A ClamAV of this test's own that knows nothing yet; call it with its next signatures."""
    binary = shutil.which("clamd") or shutil.which("clamd", path=SERVER_PLACES)
    assert binary is not None, "the mark says that there is one"
    with start_clamd(binary) as path:
        settings.SCANNER = path

        def learn(number: int, threats: dict[str, bytes]) -> None:
            write_signatures(Path(path).parent / "signatures", number, threats)
            with socket.socket(socket.AF_UNIX) as link:
                link.connect(path)
                link.sendall(b"zRELOAD\0")
                assert link.recv(100) == b"RELOADING\0"
            deadline = time.monotonic() + 20
            while scanner.version().signatures != number:
                assert time.monotonic() < deadline
                time.sleep(0.05)

        learn(10, {"Nothing-Test": b"a signature that finds nothing"})
        yield learn


@pytest.fixture
def named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A scanner that is said to be of some version, and finds what is in `bad`."""
    settings.SCANNER = "/nowhere/socket"

    def be(version: Version, *, bad: bytes = b"\0never\0") -> None:
        def scan(file: Any) -> Verdict:
            return Verdict("Found-Later" if bad in file.read() else "", version)

        monkeypatch.setattr(scanner, "version", lambda: version)
        monkeypatch.setattr(scanner, "scan", scan)

    return be


def again() -> int:
    return scan_again(clock=lambda: NEXT_DAY)


@pytest.mark.clamd
def test_newer_signatures_find_in_a_kept_file_what_older_ones_did_not(cast: Cast, learn: Learn) -> None:
    concern = cases.acknowledged(cast)
    bad, good = reported(cast, concern, "letter.txt", EICAR), reported(cast, concern, "a.pdf", PDF)
    assert scan_all() == 2
    assert b"".join(open_it(concern, bad, cast).streaming_content) == EICAR, "nobody knows better yet"
    assert again() == 0, "the same signatures have seen them"
    OutboxMessage.objects.all().delete()

    learn(11, {"Eicar-Test-Signature": EICAR})
    assert again() == 2
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, bad.threat) == (FileState.QUARANTINED, "Eicar-Test-Signature.UNOFFICIAL")
    assert (good.state, good.scanned_at, good.signatures) == (FileState.CLEAN, NEXT_DAY, 11)
    assert not bad.file.exists()
    assert bad.quarantine.stat().st_mode & 0o777 == 0o400
    assert open_it(concern, bad, cast).status_code == 302
    assert b"".join(open_it(concern, good, cast).streaming_content) == PDF
    event = Event.objects.get(code="concern.file_held_back_later")
    assert (event.actor_id, event.concern_id) == (None, concern.pk)
    assert event.data == {"file": bad.pk, "threat": "Eicar-Test-Signature.UNOFFICIAL", "signatures": 11}
    assert [each.data for each in Event.objects.filter(code="concern.files_checked_again")] == [{"signatures": 11}]
    page = get(reverse("concerns:show-file", args=[concern.ref, bad.key]), cast.gwen, at=NEXT_DAY).content.decode()
    assert "A virus was found in this file" in page
    assert re.search(r"By ClamAV [\d.]+, signatures 11 of 18 November 2026", page)
    assert again() == 0


def test_leads_holder_uploader_and_whoever_took_it_away_hear_without_a_word_of_it(
    cast: Cast, named: Callable[..., None]
) -> None:
    concern = cases.acknowledged(cast)
    row = reported(cast, concern, "Zebedee.txt", b"zyzzyva")
    named(OLD)
    scan_all()
    for person in (cast.gwen, cast.dev):
        got = get(reverse("concerns:fetch-file", args=[concern.ref, row.key]), person, at=LATER)
        assert b"".join(got.streaming_content) == b"zyzzyva"
    OutboxMessage.objects.all().delete()
    named(NEW, bad=b"zyzzyva")
    assert again() == 1
    ids = OutboxMessage.objects.values_list("recipient_id", flat=True)
    told = set(User.objects.filter(pk__in=ids).values_list("email", flat=True))
    assert {cast.amara.email, cast.gwen.email, cast.dev.email, cast.ruth.email} <= told
    outbox.deliver_due(at=NEXT_DAY)
    assert {message.to[0] for message in mail.outbox} <= told
    assert {cast.amara.email, cast.gwen.email, cast.dev.email, cast.ruth.email} <= {m.to[0] for m in mail.outbox}
    for message in mail.outbox:
        where = "reports" if message.to == [cast.amara.email] else "concerns"
        assert f"/{where}/{concern.ref}/" in str(message.body)
        assert not any(word in str(message.body) + message.subject for word in ("Zebedee", "zyzzyva", "Found-Later"))


def test_somebody_named_since_hears_nothing_of_a_file_found_bad_later(cast: Cast, named: Callable[..., None]) -> None:
    concern = cases.acknowledged(cast)
    row = reported(cast, concern, "a.pdf", PDF)
    named(OLD)
    scan_all()
    assert b"".join(open_it(concern, row, cast).streaming_content) == PDF
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.gwen.pk, reason="Named", by=cast.ruth, at=LATER)
    OutboxMessage.objects.all().delete()
    named(NEW, bad=PDF)
    assert again() == 1
    outbox.deliver_due(at=NEXT_DAY)
    assert mail.outbox
    assert cast.gwen.email not in [address for message in mail.outbox for address in message.to]


def test_whoever_took_a_file_of_a_joined_concern_from_the_page_of_the_other_hears_of_it(
    cast: Cast, named: Callable[..., None]
) -> None:
    survivor, joined = cases.acknowledged(cast), cases.acknowledged(cast)
    row = reported(cast, joined, "a.txt", b"zyzzyva")
    named(OLD)
    scan_all()
    services.merge(concern_id=joined.pk, into_id=survivor.pk, reason="The same", by=cast.ruth, at=LATER)
    assert not Concern.objects.visible_to(cast.gwen).filter(pk=joined.pk).exists(), "she reads the other alone"
    got = get(reverse("concerns:fetch-file", args=[survivor.ref, row.key]), cast.gwen, at=LATER)
    assert b"".join(got.streaming_content) == b"zyzzyva"
    OutboxMessage.objects.all().delete()
    named(NEW, bad=b"zyzzyva")
    assert again() == 1
    outbox.deliver_due(at=NEXT_DAY)
    (message,) = [each for each in mail.outbox if each.to == [cast.gwen.email]]
    assert f"/concerns/{survivor.ref}/" in str(message.body)


def test_only_what_newer_signatures_have_not_seen_is_scanned_again(cast: Cast, named: Callable[..., None]) -> None:
    concern = cases.acknowledged(cast)
    row = reported(cast, concern, "a.pdf", PDF)
    named(OLD)
    assert again() == 0, "it waits for its first look"
    scan_all()
    seen = []
    for version in (OLD, NEW, NEW, OLD, NEWER, NEWER):
        named(version)
        seen.append(again())
    assert seen == [0, 1, 0, 0, 1, 0]
    row.refresh_from_db()
    assert (row.state, row.scanned_with, row.signatures) == (FileState.CLEAN, NEWER.words, 8)
    named(NEWER, bad=PDF)
    assert again() == 0


def test_a_file_that_cannot_be_read_stops_no_other_and_goes_on_as_it_was(
    cast: Cast, named: Callable[..., None]
) -> None:
    concern = cases.acknowledged(cast)
    gone, row = reported(cast, concern, "a.txt", b"one"), reported(cast, concern, "b.txt", b"two")
    named(OLD)
    scan_all()
    gone.file.unlink()
    named(NEW)
    assert again() == 1
    gone.refresh_from_db()
    row.refresh_from_db()
    assert [(each.state, each.signatures) for each in (gone, row)] == [(FileState.CLEAN, 7), (FileState.CLEAN, 8)]


def test_one_that_never_gets_a_verdict_comes_last_and_holds_no_worker_for_long(
    cast: Cast, named: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    concern = cases.acknowledged(cast)
    for name in "abc":
        reported(cast, concern, f"{name}.txt", name.encode())
    named(OLD)
    scan_all()
    named(NEW)
    scans = []

    def hangs(file: Any) -> Verdict:
        scans.append(file.read())
        if scans[-1] == b"a":
            raise NoVerdict
        return Verdict("", NEW)

    monkeypatch.setattr(scanner, "scan", hangs)
    monkeypatch.setattr(scanning, "AGAIN_MOST_SECONDS", -1)
    assert [again(), again(), again(), again()] == [0, 1, 1, 0]
    assert scans == [b"a", b"b", b"c", b"a"]
    assert Attachment.objects.get(missed=2).state == FileState.CLEAN


def test_a_scanner_that_goes_away_leaves_the_rest_for_the_next_run(
    cast: Cast, named: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    concern = cases.acknowledged(cast)
    for name in "abc":
        reported(cast, concern, f"{name}.txt", name.encode())
    named(OLD)
    scan_all()
    named(NEW)
    scans = []

    def dies(file: Any) -> Verdict:
        scans.append(file.read())
        if len(scans) == 2:
            monkeypatch.setattr(scanner, "version", _away)
            raise NoVerdict
        return Verdict("", NEW)

    monkeypatch.setattr(scanner, "scan", dies)
    assert again() == 1
    assert scans == [b"a", b"b"]
    assert again() == 0, "it is away"
    named(NEW)
    assert again() == 2
    assert set(Attachment.objects.values_list("signatures", flat=True)) == {8}


def _away() -> Version:
    raise NoVerdict


def test_one_run_takes_a_bounded_number_the_one_seen_longest_ago_first(
    cast: Cast, named: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    concern = cases.acknowledged(cast)
    rows = [reported(cast, concern, f"{n}.txt", str(n).encode()) for n in range(7)]
    named(OLD)
    scan_all()
    Attachment.objects.filter(pk=rows[4].pk).update(scanned_at=LATER - timedelta(days=9))
    named(NEW)
    monkeypatch.setattr(scanning, "AGAIN_MOST_FILES", 3)
    monkeypatch.setattr(scanning, "_AGAIN_AT_ONCE", 2)
    assert again() == 3
    seen = set(Attachment.objects.filter(signatures=8).values_list("pk", flat=True))
    assert seen == {rows[4].pk, rows[0].pk, rows[1].pk}
    monkeypatch.setattr(scanning, "AGAIN_MOST_BYTES", 2)
    assert [again(), again(), again()] == [2, 2, 0]


def test_a_kill_half_way_loses_nothing_and_a_second_worker_does_no_harm(
    cast: Cast, named: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    concern = cases.acknowledged(cast)
    bad, good = reported(cast, concern, "a.txt", b"bad"), reported(cast, concern, "b.txt", b"good")
    named(OLD)
    scan_all()
    named(NEW, bad=b"bad")
    plain = scanning._note_clean
    monkeypatch.setattr(scanning, "_note_clean", _killed)
    with pytest.raises(KeyboardInterrupt):
        again()
    monkeypatch.setattr(scanning, "_note_clean", plain)
    # Meanwhile, between its look and its word, another worker has locked the first away.
    assert again() == 1
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state, good.signatures) == (FileState.QUARANTINED, FileState.CLEAN, 8)
    assert Event.objects.filter(code="concern.file_held_back_later").count() == 1
    scanning._note_clean({bad.pk: Verdict("", NEW)}, at=NEXT_DAY)
    bad.refresh_from_db()
    assert (bad.state, bad.threat) == (FileState.QUARANTINED, "Found-Later")
    assert Event.objects.filter(code="concern.files_checked_again").count() == 1


def _killed(verdicts: Any, *, at: Any) -> None:
    raise KeyboardInterrupt


def test_memory_does_not_grow_with_the_files(
    cast: Cast, named: Callable[..., None], monkeypatch: pytest.MonkeyPatch, figures: Callable[[str], None]
) -> None:
    concern = cases.acknowledged(cast)
    first = reported(cast, concern, "a.txt", b"words")
    named(OLD)
    scan_all()
    first.refresh_from_db()

    def more(number: int) -> None:
        made = []
        for n in range(number):
            row = Attachment.objects.get(pk=first.pk)
            row.pk, row.key = None, f"{n:08d}{number:024d}"
            made.append(row)
        Attachment.objects.bulk_create(made)

    there = first.file
    monkeypatch.setattr(Attachment, "file", property(lambda row: there))
    monkeypatch.setattr(scanning, "AGAIN_MOST_FILES", 10**6)
    monkeypatch.setattr(scanning, "AGAIN_MOST_SECONDS", 10**6)
    peaks = []
    for version, number in ((NEW, 300), (Version("later", 9), 3000)):
        more(number)
        named(version)
        tracemalloc.start()
        seen = again()
        peaks.append(tracemalloc.get_traced_memory()[1] / 1024**2)
        tracemalloc.stop()
        assert seen == Attachment.objects.count()
    figures(f"scanning again: {peaks[0]:.1f} MB at most for 301 files, {peaks[1]:.1f} MB for 3,301")
    assert peaks[1] < peaks[0] * 2 + 1
