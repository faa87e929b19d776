"""Photos and documents on a concern: who adds, sees and takes them, and what becomes of what they tell."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live_settings
from django.core.files.uploadhandler import FileUploadHandler
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory
from django.urls import reverse
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import User
from audit.models import Event
from audit.services import seal
from audit.verification import verify
from concerns import notifications, services
from concerns.models import Attachment, Concern, Draft
from concerns.selectors.access import Wanted, access_page
from concerns.services import Incoming, scanning
from concerns.services.conflicts import bar
from concerns.services.drafts import discard_draft, save_page, start_draft
from concerns.services.files import clear_up_files, remove_draft_file
from concerns.tasks import scan_file
from concerns.vocabulary import FileSort, PlaceKept
from safeguarding.kit import filetypes
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from safeguarding.kit.models import OutboxMessage
from safeguarding.kit.photos import Bytes
from safeguarding.kit.scanner import Verdict, Version
from safeguarding.kit.uploads import ToPrivateFolder
from tests.build import cases
from tests.build.append_only import lifted
from tests.build.cast import Cast, make_cast
from tests.build.files import PDF, PLACE_WORDS, close_all, incoming, office, photo, sent
from tests.build.intakes import PLAIN
from tests.build.web import get, post, signed_in

pytestmark = pytest.mark.django_db
AT = cases.AT + timedelta(hours=2)
Commit = DjangoCaptureOnCommitCallbacks


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    settings.MEDIA_ROOT = tmp_path
    yield tmp_path
    close_all()


def add(
    concern: Concern, by: User, *files: Incoming, sort: FileSort = FileSort.OTHER, description: str = ""
) -> list[Attachment]:
    return services.add_files(
        concern_id=concern.pk, files=files, sort=sort, description=description, by=by, at=AT
    )  # fmt: skip


def page(concern: Concern, user: User) -> str:
    return str(get(concern.get_absolute_url(), user, at=AT).content.decode())


def address(name: str, concern: Concern, row: Attachment) -> str:
    return reverse(f"concerns:{name}", args=[concern.ref, row.key])


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


# --- Adding ---------------------------------------------------------------------------------------


def test_a_document_stands_on_the_page_with_its_facts(cast: Cast, folder: Path) -> None:
    concern = cases.acknowledged(cast)
    (row,) = add(
        concern, cast.gwen, incoming("Court order.pdf", PDF), sort=FileSort.LEGAL, description="Family court, Larkfield"
    )
    assert (row.kind, row.size, row.digest) == ("pdf", len(PDF), hashlib.sha256(PDF).hexdigest())
    assert row.digest_as_sent == row.digest
    assert row.file.read_bytes() == PDF
    assert row.file.stat().st_mode & 0o777 == 0o600
    assert "Court" not in str(row.file)
    shown = page(concern, cast.gwen)
    for words in ("Court order.pdf", "A court order or other legal authority", "Family court, Larkfield", "PDF, "):
        assert words in shown
    event = Event.objects.get(code="concern.file_added")
    assert event.concern_id == concern.pk
    assert event.data == {
        "file": row.pk, "file_kind": "pdf", "sort": "legal", "file_digest": row.digest,
        "kept": f"file:{row.pk} bytes:{row.pk}", "kept_digest": event.data["kept_digest"],
    }  # fmt: skip


def test_the_same_file_twice_is_one(cast: Cast, folder: Path) -> None:
    concern = cases.acknowledged(cast)
    add(concern, cast.gwen, incoming("a.pdf", PDF))
    assert add(concern, cast.gwen, incoming("b.pdf", PDF), incoming("c.pdf", PDF)) == []
    assert len(on_disk(folder)) == 1
    assert Attachment.objects.count() == 1


def test_one_that_is_not_taken_keeps_all_out_and_nothing_stays_on_the_disk(cast: Cast, folder: Path) -> None:
    concern = cases.acknowledged(cast)
    with pytest.raises(Unsound):
        add(concern, cast.gwen, incoming("a.pdf", PDF), incoming("b.exe", b"MZ\x90\0"))
    with pytest.raises(NotAllowed):
        add(concern, cast.sian, incoming("a.pdf", PDF))
    assert on_disk(folder) == []
    assert not Attachment.objects.exists()


def test_limits_of_one_file_one_upload_and_one_concern(cast: Cast, settings: Settings, folder: Path) -> None:
    concern = cases.acknowledged(cast)
    assert (settings.FILE_MOST_BYTES, settings.FILES_MOST_AT_ONCE) == (20 * 1024**2, 10)
    assert settings.PERSON_MOST_BYTES == 200 * 1024**2
    settings.FILE_MOST_BYTES = 50
    with pytest.raises(Unsound, match="larger than 20 MB"):
        add(concern, cast.gwen, incoming("a.pdf", PDF))
    settings.FILE_MOST_BYTES, settings.PERSON_MOST_BYTES = 1000, 2 * len(PDF)
    with pytest.raises(Unsound, match="at most 10 files"):
        add(concern, cast.gwen, *(incoming("a.pdf", PDF) for _ in range(11)))
    add(concern, cast.gwen, incoming("a.pdf", PDF))
    with pytest.raises(Unsound, match="200 MB"):
        add(concern, cast.gwen, incoming("b.pdf", PDF + b"\n"), incoming("c.pdf", PDF + b"\n\n"))
    assert len(on_disk(folder)) == 1


def test_reports_that_were_never_sent_have_no_room_for_ever_more_files(
    cast: Cast, settings: Settings, folder: Path
) -> None:
    """One person could begin one after the other and fill the disk. What was sent or thrown away does not count."""

    def add_to(draft: Draft, words: bytes, by: User = cast.amara) -> None:
        services.add_files_to_draft(key=draft.key, files=[incoming("a.txt", words)], description="", by=by, at=AT)

    settings.PERSON_MOST_BYTES = 10
    first, second, third = (start_draft(key="", by=cast.amara, at=AT) for _ in range(3))
    add_to(first, b"a" * 6)
    add_to(second, b"b" * 4)
    with pytest.raises(Unsound, match="that you have not sent yet together can have 200 MB"):
        add_to(third, b"c")
    assert len(on_disk(folder)) == 2
    add_to(second, b"b" * 4)  # is there already
    add_to(start_draft(key="", by=cast.sian, at=AT), b"c" * 10, by=cast.sian)
    services.raise_concern(intake=PLAIN, by=cast.amara, at=AT, draft=first)
    add_to(third, b"c" * 6)
    discard_draft(key=second.key, by=cast.amara, at=AT)
    add_to(third, b"d" * 4)


def test_how_full_a_concern_is_tells_a_reporter_nothing(cast: Cast, settings: Settings) -> None:
    """A receipt is not the case: what others added takes nothing of the room for one's own."""
    concern = cases.acknowledged(cast)
    settings.PERSON_MOST_BYTES = 2 * len(PDF) + 1
    add(concern, cast.gwen, incoming("a.pdf", PDF), incoming("b.pdf", PDF + b"\n"))

    def add_to_report(*contents: bytes) -> None:
        files = [incoming(f"{number}.pdf", content) for number, content in enumerate(contents)]
        services.add_files_to_report(concern_id=concern.pk, files=files, description="", by=cast.amara, at=AT)

    add_to_report(PDF, PDF + b"\n")
    with pytest.raises(Unsound, match="All files that you add to one concern together can have 200 MB"):
        add_to_report(PDF + b"\n\n")


def test_an_upload_page_that_fails_keeps_the_words_and_names_each_file(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    form = {
        "upload": [sent("ok.pdf", PDF), sent("trick.pdf", b"MZ\x90\0"), sent("empty.txt", b"")],
        "sort": "photo", "description": "The back door, as it was on Tuesday", "seen_version": concern.version,
    }  # fmt: skip
    response = post(reverse("concerns:add-files", args=[concern.ref]), cast.gwen, form, at=AT)
    shown = response.content.decode()
    assert response.status_code == 200
    assert "The back door, as it was on Tuesday" in shown
    assert "“trick.pdf”: It is not a kind of file that we take." in shown
    assert "“empty.txt”: It is empty." in shown
    assert "Choose all files again" in shown
    assert not Attachment.objects.exists()


def test_an_upload_through_the_page(cast: Cast, folder: Path) -> None:
    concern = cases.acknowledged(cast)
    form = {
        "upload": [sent("a.pdf", PDF), sent("b.txt", b"hello")], "sort": "agency", "seen_version": concern.version,
    }  # fmt: skip
    response = post(reverse("concerns:add-files", args=[concern.ref]), cast.gwen, form, at=AT)
    assert response["Location"] == f"{concern.get_absolute_url()}#files"
    assert sorted(Attachment.objects.values_list("name", "kind")) == [("a.pdf", "pdf"), ("b.txt", "txt")]
    assert not list((folder / "incoming").iterdir()), "nothing is left where files arrive"


def test_what_is_in_a_file_is_looked_at_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the form, whose answer the service takes: an Office file takes a while."""
    looked: list[str] = []

    def counted(data: Bytes, name: str) -> filetypes.FileKind:
        looked.append(name)
        return look(data, name)

    look = filetypes._identify
    monkeypatch.setattr(filetypes, "_identify", counted)
    concern = cases.acknowledged(cast)
    form = {
        "upload": [sent("a.docx", office()), sent("b.txt", b"hi")], "sort": "agency", "seen_version": concern.version,
    }  # fmt: skip
    post(reverse("concerns:add-files", args=[concern.ref]), cast.gwen, form, at=AT)
    assert sorted(Attachment.objects.values_list("name", "kind")) == [("a.docx", "docx"), ("b.txt", "txt")]
    assert looked == ["a.docx", "b.txt"]


def test_the_reporter_adds_to_their_report_and_the_holder_is_told(cast: Cast) -> None:
    concern = cases.submitted(cast)
    OutboxMessage.objects.all().delete()
    where = reverse("concerns:add-report-files", args=[concern.ref])
    assert post(where, cast.amara, {"upload": [sent("damp.jpg", photo(has_place=False))]}, at=AT).status_code == 302
    receipt = get(reverse("concerns:show-receipt", args=[concern.ref]), cast.amara, at=AT).content.decode()
    assert "damp.jpg" in receipt
    row = Attachment.objects.get()
    assert row.key not in receipt, "the receipt is not the case: it opens nothing"
    message = OutboxMessage.objects.get()
    assert (message.kind, message.recipient_id) == ("concern.report_added_to", cast.gwen.pk)
    assert get(address("fetch-file", concern, row), cast.amara, at=AT).status_code == 404
    assert post(where, cast.priya, {"upload": [sent("a.pdf", PDF)]}, at=AT).status_code == 404


def test_a_receipt_alone_says_only_how_many_files_were_added(cast: Cast) -> None:
    """domain.md 5: 30 days after closing, names and descriptions go with the reporter’s own words."""
    with cases.everyone_decided():
        concern = cases.closed(cast)
    assert concern.closed_at is not None
    files = [incoming("jeans-bruises.jpg", photo(has_place=False)), incoming("order.pdf", PDF)]
    services.add_files_to_report(
        concern_id=concern.pk, files=files, description="Bruises on Jean.", by=cast.amara, at=concern.closed_at
    )
    receipt = reverse("concerns:show-receipt", args=[concern.ref])
    shown = get(receipt, cast.amara, at=concern.closed_at + timedelta(days=29)).content.decode()
    assert "jeans-bruises.jpg" in shown
    assert "Bruises on Jean." in shown
    shown = get(receipt, cast.amara, at=concern.closed_at + timedelta(days=31)).content.decode()
    assert "They are not shown here any more" in shown
    assert "You added 2 files." in shown
    for words in ("jeans-bruises", "order.pdf", "Bruises on Jean."):
        assert words not in shown, words


def test_who_works_for_a_contractor_has_no_names_of_files_on_a_restricted_concern(cast: Cast) -> None:
    """Nor what the photo says of its place; but what becomes of that they can still choose, once they have added it."""
    concern = cases.submitted(cast, by=cast.jakub)
    Concern.objects.filter(pk=concern.pk).update(is_restricted=True)
    (row,) = services.add_files_to_report(
        concern_id=concern.pk, files=[incoming("colin-and-jean.jpg", photo())], description="Colin has her card.",
        by=cast.jakub, at=AT,
    )  # fmt: skip
    where = reverse("concerns:settle-place", args=[row.key])
    shown = get(reverse("concerns:show-receipt", args=[concern.ref]), cast.jakub, at=AT).content.decode()
    assert "You added 1 file." in shown
    assert where in shown
    asked = get(where, cast.jakub, at=AT).content.decode()
    assert "few people may read it" in asked
    for words in ("colin-and-jean", "Colin has her card.", PLACE_WORDS, "9:51am"):
        assert words not in shown, words
        assert words not in asked, words
    assert post(where, cast.jakub, {"keep": "yes"}, at=AT).status_code == 302
    row.refresh_from_db()
    assert row.place == PlaceKept.KEPT


def test_files_of_an_unsent_report_go_with_it(cast: Cast, folder: Path) -> None:
    draft = start_draft(key="", by=cast.amara, at=AT)
    where = reverse("concerns:list-draft-files", args=[draft.key])
    form = {"upload": [sent("damp.jpg", photo(has_place=False)), sent("list.txt", b"x")]}
    assert post(where, cast.amara, form, at=AT).status_code == 302
    assert get(where, cast.priya, at=AT).status_code == 404
    assert "Call 999" not in get(where, cast.amara, at=AT).content.decode()
    save_page(key=draft.key, page="danger", values={"danger": ["yes"]}, by=cast.amara, at=AT)
    assert "Call 999" in get(where, cast.amara, at=AT).content.decode()
    unwanted = Attachment.objects.get(name="list.txt")
    remove = reverse("concerns:remove-draft-file", args=[draft.key, unwanted.key])
    assert post(remove, cast.amara, {}, at=AT).status_code == 302
    assert "damp.jpg" in get(reverse("concerns:check-draft", args=[draft.key]), cast.amara, at=AT).content.decode()
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=AT, draft=draft)
    assert "damp.jpg" in page(concern, cast.gwen)
    # Each was added to the report; the one that was taken out again never came to the concern.
    added = (
        Event.objects.filter(code="concern.file_added").order_by("id").values_list("concern_id", "data__file_digest")
    )
    kept = Attachment.objects.get()
    assert list(added) == [(None, kept.digest), (None, unwanted.digest), (concern.pk, kept.digest)]
    removed = Event.objects.get(code="concern.file_removed")
    assert (removed.actor_id, removed.subject_id, removed.data["file_digest"], removed.data["is_held_back"]) == (
        cast.amara.pk, unwanted.pk, unwanted.digest, False,
    )  # fmt: skip
    with pytest.raises(NotNow):
        services.add_files_to_draft(key=draft.key, files=[incoming("a.pdf", PDF)], description="", by=cast.amara, at=AT)


def test_a_chosen_photo_is_added_on_the_way_on(cast: Cast, folder: Path) -> None:
    draft = start_draft(key="", by=cast.amara, at=AT)
    where, check = (reverse(f"concerns:{name}", args=[draft.key]) for name in ("list-draft-files", "check-draft"))
    on = {"then": "check", "description": ""}
    assert post(where, cast.amara, on, at=AT)["Location"] == check, "nothing chosen: nothing to wait for"
    assert not Attachment.objects.exists()
    chosen = {**on, "upload": [sent("damp.jpg", photo(has_place=False))]}
    assert post(where, cast.amara, chosen, at=AT)["Location"] == check
    assert Attachment.objects.get().name == "damp.jpg"
    forgotten = post(where, cast.amara, {"then": "check", "description": "The damp wall"}, at=AT)
    assert forgotten.status_code == 200
    assert "Choose at least one file" in forgotten.content.decode()
    assert "The damp wall" in forgotten.content.decode()
    refused = post(where, cast.amara, {**on, "upload": [sent("run.exe", b"MZ")]}, at=AT)
    assert refused.status_code == 200
    assert "Add and go on" in refused.content.decode()


def test_a_report_that_is_thrown_away_takes_its_files_along(
    cast: Cast, folder: Path, django_capture_on_commit_callbacks: Commit
) -> None:
    draft = start_draft(key="", by=cast.amara, at=AT)
    services.add_files_to_draft(key=draft.key, files=[incoming("a.jpg", photo())], description="", by=cast.amara, at=AT)
    assert len(on_disk(folder)) == 2
    with django_capture_on_commit_callbacks(execute=True):
        discard_draft(key=draft.key, by=cast.amara, at=AT)
    assert on_disk(folder) == []
    assert not Attachment.objects.exists()
    assert Draft.objects.get().discarded_at == AT


def held_back(draft: Draft, *, by: User, content: bytes = PDF, name: str = "a.pdf") -> Attachment:
    (row,) = services.add_files_to_draft(key=draft.key, files=[incoming(name, content)], description="", by=by, at=AT)
    assert scanning._settle(row.pk, Verdict("Heuristics.Limits.Exceeded", Version("ClamAV 1", 1)), at=AT)
    return row


def test_a_virus_that_its_sender_takes_back_stays_locked_away(
    cast: Cast, folder: Path, django_capture_on_commit_callbacks: Commit
) -> None:
    """So does its row, which nobody sees and which goes to no concern."""
    draft = start_draft(key="", by=cast.amara, at=AT)
    row = held_back(draft, by=cast.amara)
    where = reverse("concerns:list-draft-files", args=[draft.key])
    remove = reverse("concerns:remove-draft-file", args=[draft.key, row.key])
    assert "a.pdf" in get(where, cast.amara, at=AT).content.decode()
    assert OutboxMessage.objects.filter(kind="concern.file_held_back").count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        remove_draft_file(key=draft.key, file_key=row.key, by=cast.amara, at=AT)
    assert row.quarantine.read_bytes() == PDF
    assert Event.objects.get(code="concern.file_removed").data["is_held_back"] is True
    assert "a.pdf" not in get(where, cast.amara, at=AT).content.decode()
    assert post(remove, cast.amara, {}, at=AT).status_code == 404
    assert not notifications._may_know_of_file(cast.amara.pk, row.pk), "there is nothing to see any more"
    # Nor does the ledger's page keep quiet about it, as it does about what waits with a report.
    shown = [line.what for line in access_page(cast.alan, Wanted(access="all")).lines]
    assert {"File added", "File taken out of a report that was not sent"} <= set(shown)
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=AT, draft=draft)
    assert not concern.attachments.exists()
    row.refresh_from_db()
    assert (row.draft, row.uploaded_by, row.hidden_by) == (draft, cast.amara, cast.amara)


def test_what_was_held_back_goes_on_counting_when_its_report_is_thrown_away(
    cast: Cast, settings: Settings, folder: Path, django_capture_on_commit_callbacks: Commit
) -> None:
    """It stays on the disk, and needs no virus: a password is enough. Anybody could fill the disk, round by round."""
    settings.PERSON_MOST_BYTES = 10
    for content in (b"a" * 6, b"b" * 4):
        draft = start_draft(key="", by=cast.amara, at=AT)
        held_back(draft, by=cast.amara, content=content, name="a.txt")
        with django_capture_on_commit_callbacks(execute=True):
            discard_draft(key=draft.key, by=cast.amara, at=AT)
    draft, other = start_draft(key="", by=cast.amara, at=AT), start_draft(key="", by=cast.sian, at=AT)
    one: dict[str, Any] = {"files": [incoming("c.txt", b"c")], "description": "", "at": AT}
    with pytest.raises(Unsound, match="Files that were held back count too"):
        services.add_files_to_draft(key=draft.key, by=cast.amara, **one)
    services.add_files_to_draft(key=other.key, by=cast.sian, **one)
    clear_up_files(at=AT + timedelta(days=400))
    assert sorted(len(path.read_bytes()) for path in (folder / "quarantine").iterdir()) == [4, 6]
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=AT, draft=draft)
    services.add_files_to_report(concern_id=concern.pk, by=cast.amara, **one)


def test_a_file_of_a_report_tells_nobody_that_the_report_was_sent(cast: Cast, folder: Path) -> None:
    """Issue 5, I3, R43: an auditor who is named would learn who reported it and when, also from a line that goes."""

    def lines(reader: User) -> list[tuple[str, str, str]]:
        return [
            (line.who, line.what, line.ref)
            for line in access_page(reader, Wanted(access="all")).lines
            if line.what.startswith(("File", "Where a photo"))
        ]

    draft, beside = start_draft(key="", by=cast.amara, at=AT), start_draft(key="", by=cast.sian, at=AT)
    (row,) = services.add_files_to_draft(
        key=draft.key, files=[incoming("a.jpg", photo())], description="", by=cast.amara, at=AT
    )
    services.settle_place(attachment_id=row.pk, keep=False, by=cast.amara, at=AT)
    (other,) = services.add_files_to_draft(
        key=beside.key, files=[incoming("b.jpg", photo(has_place=False))], description="", by=cast.sian, at=AT
    )
    services.remove_draft_file(key=beside.key, file_key=other.key, by=cast.sian, at=AT)
    # What was taken out again comes to no concern.
    taken_out = [
        (cast.sian.full_name, "File taken out of a report that was not sent", ""),
        (cast.sian.full_name, "File added", ""),
    ]
    assert lines(cast.alan) == lines(cast.joyce) == taken_out
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=AT, draft=draft)
    with transaction.atomic():
        bar(Concern.objects.get(pk=concern.pk), staff_id=cast.alan.pk, reason="Named", by=cast.ruth, at=AT)
    assert lines(cast.alan) == taken_out
    assert lines(cast.joyce) == [(cast.amara.full_name, "File added", concern.ref), *taken_out]


# --- Reading --------------------------------------------------------------------------------------


def test_a_download_is_safe_named_by_what_it_is_and_in_the_ledger(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    (row,) = add(concern, cast.gwen, incoming("Rechnung “Mai”.exe", PDF))
    response = get(address("fetch-file", concern, row), cast.dev, at=AT)
    assert body(response) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''Rechnung%20")
    assert response["Content-Disposition"].endswith(".exe.pdf")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store, private"
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "'self'" not in policy
    event = Event.objects.get(code="concern.file_fetched")
    assert (event.actor_id, event.concern_id) == (cast.dev.pk, concern.pk)
    assert event.data == {"file": row.pk, "file_digest": row.digest}


def test_nothing_is_served_by_its_path(cast: Cast, folder: Path) -> None:
    concern = cases.acknowledged(cast)
    (row,) = add(concern, cast.gwen, incoming("a.pdf", PDF))
    client = signed_in(cast.gwen)
    for path in (f"/files/attachments/{row.key[:2]}/{row.key}", f"/media/{row.key}", f"/static/{row.key}"):
        assert client.get(path).status_code == 404
    assert not Path(live_settings.STATIC_ROOT).is_relative_to(folder)


def test_strangers_the_barred_and_guesses_get_the_same_404_and_are_kept(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    (row,) = add(concern, cast.gwen, incoming("a.pdf", PDF))
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.imran.pk, reason="Named", by=cast.ruth, at=AT)
    for user in (cast.imran, cast.sian, cast.alan, cast.bea, cast.helen):
        for name in ("show-file", "fetch-file", "show-picture", "mark-file"):
            assert get(address(name, concern, row), user, at=AT).status_code == 404, (user, name)
    guess = reverse("concerns:fetch-file", args=[concern.ref, "0" * 32])
    assert get(guess, cast.gwen, at=AT).status_code == 404
    assert Event.objects.filter(code="audit.act_refused", concern_id=concern.pk).count() == 21


def test_a_file_of_another_concern_is_not_reached_through_ones_own(cast: Cast) -> None:
    mine, other = cases.acknowledged(cast), cases.submitted(cast, by=cast.priya)
    (row,) = services.add_files_to_report(
        concern_id=other.pk, files=[incoming("a.pdf", PDF)], description="", by=cast.priya, at=AT
    )
    assert get(address("fetch-file", mine, row), cast.gwen, at=AT).status_code == 404


def test_a_file_that_was_changed_on_the_disk_is_not_handed_out(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    (row,) = add(concern, cast.gwen, incoming("a.pdf", PDF))
    row.file.write_bytes(PDF.replace(b"Catalog", b"Cat_log"))
    assert get(address("fetch-file", concern, row), cast.gwen, at=AT).status_code == 302
    row.file.unlink()
    assert get(address("fetch-file", concern, row), cast.gwen, at=AT).status_code == 302
    assert not Event.objects.filter(code="concern.file_fetched").exists()
    assert Event.objects.filter(code="audit.act_refused").count() == 2


def test_papers_of_a_meeting_are_for_the_holder_leads_and_whoever_added_them(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    (row,) = add(concern, cast.gwen, incoming("marac.pdf", PDF), sort=FileSort.MEETING)
    seen = {name: "marac.pdf" in page(concern, getattr(cast, name)) for name in ("gwen", "ruth", "dev")}
    assert seen == {"gwen": True, "ruth": True, "dev": False}
    assert get(address("fetch-file", concern, row), cast.dev, at=AT).status_code == 404
    services.hand_on(concern_id=concern.pk, to=cast.nadia, note="Yours", by=cast.gwen, at=AT)
    assert "marac.pdf" in page(concern, cast.nadia)


def test_a_protected_reporter_is_not_named_by_their_photo(cast: Cast) -> None:
    concern = cases.submitted(cast, intake=replace(PLAIN, is_hidden_from_manager=True))
    services.add_files_to_report(
        concern_id=concern.pk, files=[incoming("a.pdf", PDF)], description="", by=cast.amara, at=AT
    )
    readers = {name: cast.amara.full_name in page(concern, getattr(cast, name)) for name in ("ruth", "karen")}
    assert readers == {"ruth": True, "karen": False}


# --- Where a photo was taken ----------------------------------------------------------------------


def test_the_place_in_a_photo_is_shown_to_its_uploader_and_kept_nowhere_else(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    content = photo()
    form = {"upload": [sent("IMG_1.jpg", content)], "sort": "photo", "seen_version": concern.version}
    response = post(reverse("concerns:add-files", args=[concern.ref]), cast.gwen, form, at=AT)
    row = Attachment.objects.get()
    where = reverse("concerns:settle-place", args=[row.key])
    assert response["Location"] == where
    asked = get(where, cast.gwen, at=AT).content.decode()
    assert PLACE_WORDS in asked
    assert "3 February 2026, 9:51am" in asked
    for other in (cast.ruth, cast.dev, cast.amara, cast.sian):
        assert get(where, other, at=AT).status_code == 404
    assert b"Acme" not in body(get(address("fetch-file", concern, row), cast.ruth, at=AT))
    assert row.digest_as_sent == hashlib.sha256(content).hexdigest() != row.digest
    stored = " ".join(str(value) for value in Attachment.objects.values().get().values())
    assert "51.5" not in stored


@pytest.mark.parametrize("keep", [True, False])
def test_it_is_kept_as_sent_or_gone_for_good(
    cast: Cast, folder: Path, django_capture_on_commit_callbacks: Commit, keep: bool
) -> None:
    concern = cases.acknowledged(cast)
    content = photo()
    (row,) = add(concern, cast.gwen, incoming("IMG_1.jpg", content))
    where = reverse("concerns:settle-place", args=[row.key])
    with django_capture_on_commit_callbacks(execute=True):
        response = post(where, cast.gwen, {"keep": "yes" if keep else "no"}, at=AT)
    assert response["Location"] == f"{concern.get_absolute_url()}#files"
    row.refresh_from_db()
    assert row.place == (PlaceKept.KEPT if keep else PlaceKept.OUT)
    assert not row.original.exists()
    fetched = body(get(address("fetch-file", concern, row), cast.gwen, at=AT))
    assert (fetched == content) is keep
    assert len(fetched) == row.size
    event = Event.objects.get(code="concern.file_place_settled")
    assert event.data["place"] == ("kept" if keep else "out")
    for again in (get(where, cast.gwen, at=AT), post(where, cast.gwen, {"keep": "yes"}, at=AT)):
        assert again["Location"] == f"{concern.get_absolute_url()}#files", "asked once"
    row.refresh_from_db()
    assert row.place == (PlaceKept.KEPT if keep else PlaceKept.OUT)
    with pytest.raises(NotNow):
        services.settle_place(attachment_id=row.pk, keep=True, by=cast.gwen, at=AT)


def test_without_an_answer_it_is_taken_out_after_a_day(cast: Cast, django_capture_on_commit_callbacks: Commit) -> None:
    concern = cases.acknowledged(cast)
    (row,) = add(concern, cast.gwen, incoming("IMG_1.jpg", photo()))
    assert clear_up_files(at=AT + timedelta(hours=23)) == 0
    assert row.original.exists()
    with django_capture_on_commit_callbacks(execute=True):
        assert clear_up_files(at=AT + timedelta(hours=24)) == 1
    row.refresh_from_db()
    assert row.place == PlaceKept.OUT
    assert not row.original.exists()
    assert clear_up_files(at=AT + timedelta(hours=25)) == 0


def test_a_crash_between_the_answer_and_the_disk_is_made_good(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    content = photo()
    (row,) = add(concern, cast.gwen, incoming("IMG_1.jpg", content))
    services.settle_place(attachment_id=row.pk, keep=True, by=cast.gwen, at=AT)  # what follows the commit does not run
    assert row.original.exists()
    clear_up_files(at=AT)
    assert row.file.read_bytes() == content
    assert not row.original.exists()


def test_a_file_that_no_row_tells_of_is_put_aside_after_a_day(
    cast: Cast, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It may be evidence whose row was taken away, or is younger than the dump that was restored: nothing is lost."""
    concern = cases.acknowledged(cast)
    (row,) = add(concern, cast.gwen, incoming("a.pdf", PDF))
    stray = row.file.with_name("f" * 32)
    fresh = row.file.with_name("e" * 32)
    for path in (row.file, stray):
        if path == stray:
            path.write_bytes(b"x")
        os.utime(path, (AT.timestamp() - 90_000, AT.timestamp() - 90_000))
    fresh.write_bytes(b"x")
    never_arrived = folder / "incoming" / "d.part"
    never_arrived.parent.mkdir()
    never_arrived.write_bytes(b"x")
    os.utime(never_arrived, (AT.timestamp() - 90_000, AT.timestamp() - 90_000))
    clear_up_files(at=AT)
    assert (row.file.exists(), stray.exists(), fresh.exists()) == (True, False, True)
    assert not never_arrived.exists()
    assert [path.name for path in (folder / "lost").iterdir()] == [stray.name]
    assert (folder / "lost" / stray.name).read_bytes() == b"x"
    assert f"The file {stray.name} has no row. It was moved to the folder lost." in caplog.text


# --- What is added stays --------------------------------------------------------------------------


def named() -> list[tuple[str, int, str]]:
    """What `verify_ledger` finds, the event that it names, and the rows."""
    findings = verify(at=AT).findings
    return [(each.what, each.number, each.sentence.rpartition(": ")[2]) for each in findings]


def change(row: Attachment, **values: object) -> None:
    with transaction.atomic():
        Attachment.objects.filter(pk=row.pk).update(**values)


@pytest.mark.parametrize("way", ["on the case", "with the report"])
def test_a_file_of_a_concern_never_changes_or_goes(cast: Cast, way: str) -> None:
    if way == "on the case":
        concern = cases.acknowledged(cast)
        (row,) = add(concern, cast.gwen, incoming("evidence.pdf", PDF), description="The letter.")
        other = cases.acknowledged(cast)
    else:
        draft = start_draft(key="", by=cast.amara, at=AT)
        (row,) = services.add_files_to_draft(
            key=draft.key, files=[incoming("evidence.pdf", PDF)], description="The letter.", by=cast.amara, at=AT
        )
        concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=AT, draft=draft)
        other = cases.acknowledged(cast)
    row.refresh_from_db()
    seal(at=AT)
    assert named() == []
    event = Event.objects.get(code="concern.file_added", concern_id=concern.pk)
    for values in (
        {"digest": "0" * 64}, {"uploaded_by": cast.ruth}, {"description": "Never said."}, {"key": "0" * 32},
        {"concern": other}, {"name": "list.pdf"}, {"place": "asked"},
    ):  # fmt: skip
        with pytest.raises(IntegrityError, match="append-only"):
            change(row, **values)
        was = {name: getattr(row, name) for name in values}
        with lifted(connection):
            change(row, **values)
        assert named() == [("rows_altered", event.pk, f"file {row.pk}, bytes {row.pk}.")], values
        with lifted(connection):
            change(row, **was)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Attachment.objects.filter(pk=row.pk).delete()
    with lifted(connection):
        Attachment.objects.filter(pk=row.pk).delete()
    assert named() == [("rows_altered", event.pk, f"file {row.pk}, bytes {row.pk}.")]


@pytest.mark.parametrize("keep", [True, False])
def test_the_bytes_of_a_photo_stay_once_the_place_in_it_is_settled(
    cast: Cast, django_capture_on_commit_callbacks: Commit, *, keep: bool
) -> None:
    concern = cases.acknowledged(cast)
    (row,) = add(concern, cast.gwen, incoming("IMG_1.jpg", photo()))
    assert Event.objects.get(code="concern.file_added").data["kept"] == f"file:{row.pk}"
    with django_capture_on_commit_callbacks(execute=True):
        services.settle_place(attachment_id=row.pk, keep=keep, by=cast.gwen, at=AT)
    seal(at=AT)
    assert named() == []
    with pytest.raises(IntegrityError, match="append-only"):
        change(row, digest="0" * 64)
    with lifted(connection):
        change(row, size=1)
    event = Event.objects.get(code="concern.file_place_settled")
    assert named() == [("rows_altered", event.pk, f"file {row.pk}, bytes {row.pk}.")]


def test_what_goes_with_an_unsent_report_is_no_fault(cast: Cast, django_capture_on_commit_callbacks: Commit) -> None:
    draft = start_draft(key="", by=cast.amara, at=AT)
    (row,) = services.add_files_to_draft(
        key=draft.key, files=[incoming("IMG_1.jpg", photo())], description="", by=cast.amara, at=AT
    )
    with django_capture_on_commit_callbacks(execute=True):
        services.settle_place(attachment_id=row.pk, keep=True, by=cast.amara, at=AT)
        remove_draft_file(key=draft.key, file_key=row.key, by=cast.amara, at=AT)
    seal(at=AT)
    assert named() == []


# --- Added in error, joined, separated --------------------------------------------------------------


def test_what_was_added_in_error_is_for_leads_alone(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    (row,) = add(concern, cast.dev, incoming("wrong.pdf", PDF))
    where = address("mark-file", concern, row)
    assert get(where, cast.dev, at=AT).status_code == 302, "neither the holder nor a lead"
    version = Concern.objects.get(pk=concern.pk).version
    empty = post(where, cast.gwen, {"reason": " ", "seen_version": version}, at=AT)
    assert "Say why it should not be here" in empty.content.decode()
    reason = {"reason": "It is about somebody else.", "seen_version": version}
    assert post(where, cast.gwen, reason, at=AT).status_code == 302
    assert "wrong.pdf" not in page(concern, cast.gwen)
    assert get(address("fetch-file", concern, row), cast.gwen, at=AT).status_code == 404
    assert "wrong.pdf" in page(concern, cast.ruth)
    shown = get(address("show-file", concern, row), cast.ruth, at=AT).content.decode()
    assert "It is about somebody else." in shown
    assert row.file.exists()
    event = Event.objects.get(code="concern.file_in_error")
    assert (event.data, event.actor_id) == ({"file": row.pk}, cast.gwen.pk)
    with pytest.raises(NotNow):
        services.mark_file_in_error(
            attachment_id=row.pk, concern_id=concern.pk, reason="Again", by=cast.ruth, at=AT
        )  # fmt: skip


def test_no_lead_hides_a_file_who_may_decide_nothing_here(cast: Cast) -> None:
    """R45: the chief executive is named, and manages Ruth: what she marked the holder would not see any more."""
    concern = cases.acknowledged(cast, holder=cast.dev)
    (row,) = add(concern, cast.dev, incoming("door.pdf", PDF))
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.sunita.pk, reason="Named", by=cast.karen, at=AT)
    ruth = User.objects.get(pk=cast.ruth.pk)
    assert "door.pdf" in page(concern, ruth), "she reads it"
    assert get(address("mark-file", concern, row), ruth, at=AT).status_code == 302
    with pytest.raises(NotAllowed):
        services.mark_file_in_error(attachment_id=row.pk, concern_id=concern.pk, reason="No use", by=ruth, at=AT)
    assert "door.pdf" in page(concern, cast.dev)
    services.mark_file_in_error(
        attachment_id=row.pk, concern_id=concern.pk, reason="Another home", by=cast.dev, at=AT
    )  # fmt: skip
    assert "door.pdf" not in page(concern, cast.dev)


def test_files_follow_a_joined_concern_and_come_back_when_it_is_separated(cast: Cast) -> None:
    survivor, other = cases.acknowledged(cast), cases.submitted(cast, by=cast.priya)
    (row,) = services.add_files_to_report(
        concern_id=other.pk, files=[incoming("shed.pdf", PDF)], description="", by=cast.priya, at=AT
    )
    assert "shed.pdf" not in page(survivor, cast.gwen)
    services.merge(concern_id=other.pk, into_id=survivor.pk, reason="The same", by=cast.ruth, at=AT)
    assert "shed.pdf" in page(survivor, cast.gwen)
    assert body(get(address("fetch-file", survivor, row), cast.gwen, at=AT)) == PDF
    assert Event.objects.get(code="concern.file_fetched").concern_id == other.pk
    late = services.add_files_to_report(
        concern_id=other.pk, files=[incoming("late.txt", b"late")], description="", by=cast.priya, at=AT
    )
    assert "late.txt" in page(survivor, cast.gwen)
    bar(Concern.objects.get(pk=other.pk), staff_id=cast.dev.pk, reason="Named", by=cast.ruth, at=AT)
    assert "shed.pdf" not in page(Concern.objects.get(pk=survivor.pk), cast.dev)
    services.separate(concern_id=other.pk, reason="Not the same", by=cast.ruth, at=AT)
    assert "shed.pdf" not in page(survivor, cast.gwen)
    assert get(address("fetch-file", survivor, late[0]), cast.gwen, at=AT).status_code == 404


# --- How files arrive ---------------------------------------------------------------------------------


def received(handler: FileUploadHandler, size: int) -> Any:
    handler.new_file("upload", "a.pdf", "application/pdf", None)
    start = 0
    while start < size:
        chunk = b"x" * min(64 * 1024, size - start)
        assert handler.receive_data_chunk(chunk, start) is None
        start += len(chunk)
    return handler.file_complete(size)


def test_an_upload_goes_to_the_private_disk_and_stops_growing_at_the_limit(settings: Settings, folder: Path) -> None:
    settings.UPLOAD_MOST_BYTES, settings.UPLOAD_MOST_BYTES_AT_ONCE = 200_000, 500_000
    handler = ToPrivateFolder(RequestFactory().get("/"))
    whole = received(handler, 150_000)
    assert (whole.size, whole.is_cut, len(whole.read())) == (150_000, False, 150_000)
    assert len(list((folder / "incoming").iterdir())) == 1
    large = received(handler, 300_000)
    assert (large.size, large.is_cut) == (300_000, True)
    assert 200_000 < len(large.read()) < 300_000
    third = received(handler, 190_000)
    assert third.is_cut, "together they are too much"
    for file in (whole, large, third):
        file.close()
    assert list((folder / "incoming").iterdir()) == []


def test_the_page_says_which_file_was_too_large(cast: Cast, settings: Settings) -> None:
    settings.FILE_MOST_BYTES = 50
    concern = cases.submitted(cast)
    where = reverse("concerns:add-report-files", args=[concern.ref])
    response = post(where, cast.amara, {"upload": [sent("big.pdf", PDF)], "description": "Kept words"}, at=AT)
    assert "“big.pdf”: It is larger than 20 MB." in response.content.decode()
    assert "Kept words" in response.content.decode()


def test_a_picture_is_shown_made_anew(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    (row,) = add(concern, cast.gwen, incoming("a.png", photo("PNG", has_place=False)))
    from_page = get(address("show-file", concern, row), cast.gwen, at=AT).content.decode()
    assert "<img" not in from_page, "no worker has made it yet"
    scan_file(row.pk)
    assert (
        address("show-picture", concern, row)
        in get(address("show-file", concern, row), cast.gwen, at=AT).content.decode()
    )
    response = get(address("show-picture", concern, row), cast.gwen, at=AT)
    assert response["Content-Type"] == "image/jpeg"
    assert "sandbox" in response["Content-Security-Policy"]
    assert body(response)[:3] == b"\xff\xd8\xff"
    assert Event.objects.filter(code="concern.file_viewed", actor_id=cast.gwen.pk).count() == 3


def test_no_name_of_a_file_gets_into_the_ledger_the_outbox_or_an_address(cast: Cast) -> None:
    concern = cases.submitted(cast)
    services.add_files_to_report(
        concern_id=concern.pk,
        files=[incoming("Jean Ashworth bruise.pdf", PDF)],
        description="Jean",
        by=cast.amara,
        at=AT,
    )
    for table in (Event, OutboxMessage):
        for values in table.objects.values():
            assert "bruise" not in str(values)
