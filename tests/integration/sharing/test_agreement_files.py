"""The document of a sharing agreement, added to the register itself (R59): closed until scanned, one door out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings as Settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.models import User
from accounts.services import give_role
from accounts.vocabulary import Role
from audit.models import Event
from concerns.models import Attachment
from concerns.services.files import clear_up_files
from concerns.services.scanning import scan_again, scan_waiting
from concerns.vocabulary import FileState
from safeguarding.kit import outbox, scanner
from safeguarding.kit.errors import ChangedMeanwhile, NotAllowed, NotNow, Unsound
from safeguarding.kit.models import OutboxMessage
from safeguarding.kit.scanner import Verdict, Version
from sharing import services
from sharing.models import AgreementFile, AgreementVersion, SharingAgreement
from sharing.services import AgreementDetails
from sharing.services.agreements import sweep_agreement_files
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import Cast
from tests.build.files import PDF, close_all, incoming, photo
from tests.build.web import get, post

pytestmark = pytest.mark.django_db
AT = build.SIGNED_AT  # Tuesday 17 March 2026, 11:00
LATER = AT + timedelta(minutes=5)
DIGEST = hashlib.sha256(PDF).hexdigest()


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    settings.MEDIA_ROOT = tmp_path
    yield tmp_path
    close_all()


@pytest.fixture
def named(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A scanner that finds what is in `bad`."""
    settings.SCANNER = "/nowhere/socket"

    def be(number: int, *, bad: bytes = b"\0never\0") -> None:
        version = Version(f"ClamAV 1/{number}", number)
        monkeypatch.setattr(scanner, "version", lambda: version)
        monkeypatch.setattr(
            scanner, "scan", lambda file: Verdict("Test-Virus" if bad in file.read() else "", version)
        )  # fmt: skip

    return be


def details(cast: Cast, **more: object) -> AgreementDetails:
    known = AgreementDetails(
        name="Larkshire information sharing protocol", version="2.1, June 2025", parties="Larkshire Police",
        review_date=date(2026, 6, 1), document="", owner_id=cast.karen.pk,
    )  # fmt: skip
    return replace(known, **more)  # type: ignore[arg-type]


def added(cast: Cast, content: bytes = PDF, name: str = "protocol.pdf") -> SharingAgreement:
    return services.add_agreement(details=details(cast), file=incoming(name, content), by=cast.joyce, at=AT)


def scan() -> int:
    return scan_waiting(clock=lambda: LATER)


def address(agreement: SharingAgreement) -> str:
    return reverse("sharing:fetch-agreement-file", args=[agreement.ref, Attachment.objects.latest("pk").key])


def test_the_document_opens_for_all_staff_once_it_is_scanned(cast: Cast, named: Callable[..., None]) -> None:
    named(1)
    agreement = added(cast)
    row = Attachment.objects.get()
    assert (row.concern, row.draft, row.is_of_register, row.state) == (None, None, True, FileState.WAITING)
    assert (row.name, row.digest) == ("protocol.pdf", DIGEST)
    assert Event.objects.get(code="sharing.agreement_changed").data["file_digest"] == DIGEST
    refused = get(address(agreement), cast.amara, at=LATER)
    assert (refused.status_code, refused.url) == (302, agreement.get_absolute_url())
    assert Event.objects.get(code="audit.act_refused").data["act"] == "sharing.fetch-agreement-file"
    assert scan() == 1
    answer = get(address(agreement), cast.amara, at=LATER)
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"] == 'attachment; filename="protocol.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    event = Event.objects.get(code="concern.file_fetched")
    assert (event.actor_id, event.concern_id, event.data) == (
        cast.amara.pk, None, {"file": row.pk, "file_digest": DIGEST}
    )  # fmt: skip
    page = get(agreement.get_absolute_url(), cast.amara, at=LATER).content.decode()
    assert "protocol.pdf" in page
    assert DIGEST in page
    assert "Where the document is kept" not in page


def test_only_a_document_of_this_agreement_is_found(cast: Cast) -> None:
    one, other = added(cast), added(cast, PDF + b"\n", "other.pdf")
    key = AgreementFile.objects.get(version__agreement=other).file.key
    path = reverse("sharing:fetch-agreement-file", args=[one.ref, key])
    assert get(path, cast.joyce, at=LATER).status_code == 404


def test_the_words_or_the_document_but_one_of_them(cast: Cast) -> None:
    with pytest.raises(Unsound) as refused:
        services.add_agreement(details=details(cast), by=cast.joyce, at=AT)
    assert refused.value.problems == {"document": ["Add the document, or write where it is kept."]}


@pytest.mark.parametrize("content", [photo(), b"MZ no document", b"%PDF-1.7 cut"])
def test_what_is_not_taken_leaves_neither_a_row_nor_a_byte(cast: Cast, folder: Path, content: bytes) -> None:
    with pytest.raises(Unsound) as refused:
        added(cast, content)
    assert list(refused.value.problems) == ["upload"]
    assert not SharingAgreement.objects.exists()
    assert not Attachment.objects.exists()
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_refused_form_leaves_no_byte(cast: Cast, folder: Path) -> None:
    with pytest.raises(Unsound):
        services.add_agreement(details=details(cast, name=""), file=incoming("a.pdf", PDF), by=cast.joyce, at=AT)
    with pytest.raises(NotAllowed):
        services.add_agreement(details=details(cast), file=incoming("a.pdf", PDF), by=cast.amara, at=AT)
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_version_without_a_document_gets_it_once(cast: Cast) -> None:
    agreement = services.add_agreement(details=details(cast, document="Library, IG-14"), by=cast.joyce, at=AT)

    def add(seen: int = 1, by: User = cast.joyce) -> AgreementVersion:
        return services.add_agreement_file(
            agreement_id=agreement.pk, file=incoming("a.pdf", PDF), seen_number=seen, by=by, at=LATER
        )

    with pytest.raises(NotAllowed):
        add(by=cast.gwen)
    with pytest.raises(ChangedMeanwhile):
        add(seen=0)
    file = add().standing_file
    assert file is not None
    assert file.name == "a.pdf"
    changed = Event.objects.filter(code="sharing.agreement_changed").latest("pk")
    assert changed.data == {
        "change": "document added", "number": 1, "file_digest": DIGEST,
        "kept": f"agreement_file:{AgreementFile.objects.get().pk}", "kept_digest": changed.data["kept_digest"],
    }  # fmt: skip
    with pytest.raises(NotNow):
        add()
    with pytest.raises(IntegrityError), transaction.atomic():
        AgreementFile.objects.all().delete()
    assert clear_up_files(at=AT + timedelta(days=9)) == 0
    assert file.file.read_bytes() == PDF


def test_a_virus_is_locked_away_told_once_and_another_copy_is_taken(cast: Cast, named: Callable[..., None]) -> None:
    named(1, bad=b"%PDF")
    agreement = added(cast)
    OutboxMessage.objects.all().delete()
    assert scan() == 1
    file = Attachment.objects.get()
    assert file.state == FileState.QUARANTINED
    assert file.quarantine.exists()
    assert not file.file.exists()
    assert get(address(agreement), cast.joyce, at=LATER).status_code == 302
    for _ in range(2):
        sweep_agreement_files(at=LATER)
    outbox.deliver_due(at=LATER)
    assert sorted(message.to[0] for message in mail.outbox) == sorted([cast.karen.email, cast.joyce.email])
    assert all(agreement.get_absolute_url() in str(message.body) for message in mail.outbox)
    assert not any("protocol.pdf" in str(message.body) for message in mail.outbox)
    page = get(agreement.get_absolute_url(), cast.joyce, at=LATER).content.decode()
    assert "A virus was found in the file that was added." in page
    named(1)
    again = services.add_agreement_file(
        agreement_id=agreement.pk, file=incoming("clean.pdf", PDF), seen_number=1, by=cast.joyce, at=LATER
    )
    assert again.standing_file is not None
    assert again.standing_file.name == "clean.pdf"


def test_whoever_took_it_away_hears_when_newer_signatures_find_a_virus(cast: Cast, named: Callable[..., None]) -> None:
    named(1)
    agreement = added(cast)
    scan()
    assert b"".join(get(address(agreement), cast.amara, at=LATER).streaming_content) == PDF
    named(2, bad=b"%PDF")
    assert scan_again(clock=lambda: LATER) == 1
    sweep_agreement_files(at=LATER)
    told = OutboxMessage.objects.filter(kind="sharing.agreement_file_held_back")
    assert set(told.values_list("recipient_id", flat=True)) == {cast.karen.pk, cast.joyce.pk, cast.amara.pk}


def told_of_a_virus() -> set[int]:
    told = OutboxMessage.objects.filter(kind="sharing.agreement_file_held_back")
    return set(told.values_list("recipient_id", flat=True))


def renewed(cast: Cast, agreement: SharingAgreement) -> None:
    services.renew_agreement(
        agreement_id=agreement.pk, details=details(cast, version="3", change_words="All of it."), seen_number=1,
        file=incoming("new.pdf", PDF), by=cast.joyce, at=LATER,
    )  # fmt: skip


def bad(cast: Cast, named: Callable[..., None]) -> SharingAgreement:
    """An agreement with a virus in its document; the scanner finds none in what is added next."""
    named(1, bad=b"%PDF")
    agreement = added(cast)
    scan()
    named(2)
    return agreement


def replace_it(cast: Cast, agreement: SharingAgreement) -> None:
    services.add_agreement_file(
        agreement_id=agreement.pk, file=incoming("clean.pdf", PDF), seen_number=1, by=cast.joyce, at=LATER
    )


def retire(cast: Cast, agreement: SharingAgreement) -> None:
    services.retire_agreement(agreement_id=agreement.pk, reason="Nobody uses it.", by=cast.joyce, at=LATER)


@pytest.mark.parametrize("settle", [renewed, replace_it, retire])
def test_a_new_lead_hears_nothing_of_what_was_settled_before_them(
    cast: Cast, named: Callable[..., None], settle: Callable[[Cast, SharingAgreement], None]
) -> None:
    agreement = bad(cast, named)
    sweep_agreement_files(at=LATER)
    settle(cast, agreement)
    give_role(person=cast.amara, role=Role.IG_LEAD, by=None, at=LATER)
    before = told_of_a_virus()
    assert before == {cast.karen.pk, cast.joyce.pk}
    assert sweep_agreement_files(at=LATER + timedelta(days=30)) == 0
    assert told_of_a_virus() == before
    sweep_agreement_files(at=LATER)
    assert told_of_a_virus() == before


def test_a_new_lead_hears_of_what_is_still_locked_away(cast: Cast, named: Callable[..., None]) -> None:
    bad(cast, named)
    give_role(person=cast.amara, role=Role.IG_LEAD, by=None, at=LATER)
    sweep_agreement_files(at=LATER + timedelta(days=30))
    assert told_of_a_virus() == {cast.karen.pk, cast.joyce.pk, cast.amara.pk}


def test_whoever_took_an_older_version_away_hears_of_a_virus_that_is_found_in_it(
    cast: Cast, named: Callable[..., None]
) -> None:
    named(1)
    agreement = added(cast)
    scan()
    assert b"".join(get(address(agreement), cast.amara, at=LATER).streaming_content) == PDF
    renewed(cast, agreement)
    old = AgreementFile.objects.get(version__number=1).file
    named(2, bad=b"%PDF")
    assert scan_again(clock=lambda: LATER) == 1
    old.refresh_from_db()
    assert old.state == FileState.QUARANTINED
    sweep_agreement_files(at=LATER)
    assert cast.amara.pk in told_of_a_virus()


def test_a_decision_freezes_the_name_and_digest_of_the_document_that_is_known_to_be_clean(
    cast: Cast, named: Callable[..., None]
) -> None:
    named(1)
    agreement = added(cast)
    version = AgreementVersion.objects.get()
    name = f"Larkshire information sharing protocol, version 2.1, June 2025 ({agreement.ref}/1)"
    words = f"{name}, between Larkshire Police"
    assert version.cited_words == words
    scan()
    concern = build.case(cast)
    record = decisions.agreed()
    record = replace(record, basis=replace(record.basis, agreement=f"{agreement.ref}/1"))
    signed = build.signed(concern, record, agency=build.adult_care(cast))
    cited = f"{words}. Document: protocol.pdf (SHA-256 {DIGEST})"
    assert signed.document["record"]["basis"]["agreement_cited"] == cited
    page = get(signed.get_absolute_url(), build.holder_of(concern), at=LATER).content.decode()
    assert DIGEST in page


def test_the_pages_take_it(cast: Cast) -> None:
    form = {
        "name": "Protocol", "version": "1", "parties": "Larkshire Council", "review_date_0": "1",
        "review_date_1": "6", "review_date_2": "2026", "document": "", "owner": str(cast.joyce.pk),
    }  # fmt: skip
    add = reverse("sharing:add-agreement")
    bad = SimpleUploadedFile("film.mp4", b"no")
    refused = post(add, cast.joyce, form | {"upload": bad}, at=AT).content.decode()
    assert "“film.mp4”: It is not a kind of file that we take." in refused
    assert "Larkshire Council" in refused
    assert "Add the document, or write where it is kept." in post(add, cast.joyce, form, at=AT).content.decode()
    assert post(add, cast.joyce, form | {"upload": SimpleUploadedFile("p.pdf", PDF)}, at=AT).status_code == 302
    agreement = SharingAgreement.objects.get()
    page = get(agreement.get_absolute_url(), cast.joyce, at=AT).content.decode()
    assert "p.pdf" in page
    assert "Add the document</a>" not in page
    renewed = form | {"version": "2", "change_words": "The police joined.", "seen_number": "1", "document": "Library"}
    assert post(reverse("sharing:renew-agreement", args=[agreement.ref]), cast.joyce, renewed, at=AT).status_code == 302
    assert "Add the document</a>" in get(agreement.get_absolute_url(), cast.joyce, at=AT).content.decode()
    late = reverse("sharing:add-agreement-file", args=[agreement.ref])
    assert "Choose at least one file" in post(late, cast.joyce, {"seen_number": "2"}, at=AT).content.decode()
    data = {"seen_number": "2", "upload": SimpleUploadedFile("two.pdf", PDF)}
    assert post(late, cast.joyce, data, at=AT).status_code == 302
    assert post(late, cast.amara, data, at=AT).url == reverse("sharing:list-agreements")
    page = get(agreement.get_absolute_url(), cast.amara, at=AT).content.decode()
    assert "two.pdf" in page
    assert "p.pdf" in page
