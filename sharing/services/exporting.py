"""Exports: asked for with a reason, made piece by piece by a worker, fetched by whoever asked, deleted after a week.

Each record is one file in a private folder until all are there: a worker that dies goes on where it stopped, an export
that failed is taken up again over the files it has. What is held in memory does not grow with the number of records.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.inclusion import InvalidProof
from audit.models import Event
from audit.selectors import inclusion_proof
from audit.services import record as record_event
from audit.services import seal
from safeguarding.kit import pdf
from safeguarding.kit.errors import NotNow, Unsound
from safeguarding.kit.nudging import nudge_after_commit
from safeguarding.kit.spreadsheet import csv_lines
from safeguarding.kit.sweeping import each
from sharing import documents, events, notifications, permissions
from sharing.documents import TakingOut
from sharing.models import Export, RecordCopy, SignedRecord
from sharing.services.base import tell
from sharing.services.taking_out import check_taking, prove, record_copy
from sharing.vocabulary import ExportState

logger = logging.getLogger(__name__)

BUILD_EXPORT = "sharing.build_export"
KEPT = timedelta(days=7)
# A worker that has given no sign of life for so long is taken for dead.
SILENCE = timedelta(minutes=5)
INDEX = "index.csv"
READ_ME = "read-me.txt"
# What a record whose words do not fit the layout raises: it is left out and named; the others come out.
_CANNOT_BE_MADE = (pdf.PdfTooLong, pdf.PdfBroken, LookupError, TypeError, ValueError, AttributeError)
NOT_MADE = "Could not be made"
_UNFINISHED = frozenset({ExportState.WAITING, ExportState.RUNNING})
_COLUMNS = (
    "File", "Reference", "Version", "Decision", "Signed", "Concern", "Service area", "SHA-256 of the file",
    "SHA-256 of the signed record", "File proof",
)  # fmt: skip


@transaction.atomic
def ask_for_export(*, record_ids: Sequence[int], taking: TakingOut, by: User, at: datetime) -> Export:
    """A selection is to be exported. Records that `by` may not read are not in it, whatever was asked for."""
    check_taking(taking, by=by)
    readable = SignedRecord.objects.takeable_by(by).filter(pk__in=record_ids)
    ids = list(readable.order_by("-signed_at", "-pk").values_list("pk", flat=True))
    if not ids:
        raise Unsound("Choose at least one record.", {"": ["Choose at least one record."]})
    export = Export.objects.create(
        requested_by=by,
        requested_at=at,
        reason=taking.reason,
        recipient=taking.recipient,
        is_masked=taking.is_masked,
        naming_reason=taking.naming_reason,
        record_ids=ids,
    )
    record_event(
        events.EXPORT_ASKED,
        by=by,
        at=at,
        subject=export,
        reason=taking.reason,
        records=len(ids),
        masked=taking.is_masked,
    )
    nudge_after_commit(BUILD_EXPORT, export.pk)
    return export


@transaction.atomic
def take_up_export(*, export_id: int, by: User, at: datetime) -> None:
    """An export that failed is to be made after all; what was made of it already is not made again.

    Raises NotAllowed, NotNow when it has not failed.
    """
    export = Export.objects.select_for_update().get(pk=export_id)
    permissions.check_is_own_export(by, export)
    if export.state != ExportState.FAILED:
        raise NotNow("Only an export that could not be made can be started again.")
    export.state, export.touched_at = ExportState.WAITING, None
    export.save(update_fields=["state", "touched_at"])
    record_event(events.EXPORT_TAKEN_UP, by=by, at=at, subject=export, records=export.total)
    nudge_after_commit(BUILD_EXPORT, export.pk)


def build_export(*, export_id: int, clock: Callable[[], datetime]) -> Export | None:
    """Make what is not made yet, then the ZIP. Safe to run twice and to stop at any moment; None when there is nothing
    to do or another worker is at it.

    `clock` tells the time along the way. A large export takes several runs: Celery kills one after half an hour
    (CELERY_TASK_TIME_LIMIT), so that none that hangs keeps others waiting, and after SILENCE the sweep has the next one
    go on over the pieces that are there. What the person may no longer read when it is made is left out, and the ZIP
    tells of what is in it alone: that one is missing would tell of a bar (I3). What could not be made into a PDF is
    left out and named. It fails, with NotAllowed, where they may no longer take records out as they asked for it.
    """
    export = _claim(export_id, at=clock())
    if export is None:
        return None
    try:
        _make_pieces(export, clock)
        zip_digest = _zip(export, clock)
    except Exception as error:
        # Kind and place alone get into the log (logs.py): the text could quote a case.
        logger.exception("Export %d failed: %s", export.pk, type(error).__name__)
        Export.objects.filter(pk=export.pk, state=ExportState.RUNNING).update(state=ExportState.FAILED)
        raise
    with transaction.atomic():
        fresh = Export.objects.select_for_update().get(pk=export.pk)
        if fresh.state != ExportState.RUNNING:  # deleted meanwhile
            fresh.file.unlink(missing_ok=True)
            return None
        at = clock()
        fresh.state, fresh.finished_at, fresh.digest = ExportState.READY, at, zip_digest
        fresh.save(update_fields=["state", "finished_at", "digest"])
        tell(
            notifications.EXPORT_READY,
            to=export.requested_by_id,
            about=export.pk,
            reference="Export",
            path=reverse("sharing:show-export", args=[export.key]),
            key=f"export:{export.pk}",
            at=at,
        )
    shutil.rmtree(export.folder, ignore_errors=True)
    return fresh


def _claim(export_id: int, *, at: datetime) -> Export | None:
    with transaction.atomic():
        export = Export.objects.select_for_update().get(pk=export_id)
        is_alive = export.touched_at is not None and at - export.touched_at < SILENCE
        if export.state not in _UNFINISHED or (export.state == ExportState.RUNNING and is_alive):
            return None
        export.state, export.touched_at = ExportState.RUNNING, at
        export.save(update_fields=["state", "touched_at"])
    return export


def _make_pieces(export: Export, clock: Callable[[], datetime]) -> None:
    """One PDF for each record, in its own file; those that are there already are kept. Holds on to no row.

    Raises NotAllowed, and PdfBroken when not one could be made.
    """
    user = User.objects.get(pk=export.requested_by_id)
    permissions.check_is_own_export(user, export)
    export.folder.mkdir(parents=True, exist_ok=True)
    taking = TakingOut(
        reason=export.reason,
        recipient=export.recipient or user.full_name,
        is_masked=export.is_masked,
        naming_reason=export.naming_reason,
    )
    orders = _orders(export, user, taking, clock)
    for (number, signed, at), content in pdf.make_each(orders, presses=settings.PDF_PROCESSES):
        if content is not None:
            piece = _piece(export, signed)
            part = piece.with_suffix(".part")
            part.write_bytes(content)
            # First the ledger, then the name: what a worker killed in between wrote down is found and named later.
            record_copy(signed=signed, content=content, taking=taking, by=user, at=at, export=export)
            part.rename(piece)
        Export.objects.filter(pk=export.pk).update(done=number, touched_at=clock())
    if not any(export.folder.glob("*.pdf")) and any(_readable(pk, user) for pk in export.record_ids):
        raise pdf.PdfBroken("Not one of the records could be made into a PDF.")
    Export.objects.filter(pk=export.pk).update(done=export.total, touched_at=clock())


def _orders(
    export: Export, user: User, taking: TakingOut, clock: Callable[[], datetime]
) -> Iterator[tuple[tuple[int, SignedRecord, datetime], pdf.Order]]:
    """What is still to be made: which of the records, what it is, and when its words were read."""
    for number, pk in enumerate(export.record_ids, start=1):
        signed = _readable(pk, user)
        if signed is None or _is_there(export, signed):
            continue
        at = clock()
        proven = prove(signed, at=at)
        try:
            order = documents.decision_record(signed, by=user, taking=taking, proven=proven, at=at)
        except _CANNOT_BE_MADE as failure:
            logger.error("Record %d of export %d can't be laid out: %s", pk, export.pk, type(failure).__name__)
            continue
        yield (number, signed, at), order


def _is_there(export: Export, signed: SignedRecord) -> bool:
    """Whether its file is there; one that is in the ledger already and has no name yet gets it now."""
    piece = _piece(export, signed)
    part = piece.with_suffix(".part")
    if not piece.exists() and part.exists():
        written = RecordCopy.objects.filter(export=export, record=signed, file_digest=_digest_of(part))
        if written.exists():
            part.rename(piece)
    return piece.exists()


def _readable(pk: int, user: User) -> SignedRecord | None:
    return (
        SignedRecord.objects.takeable_by(user)
        .select_related("concern__reporter", "decision", "superseded", "second_view", "service_area")
        .filter(pk=pk)
        .first()
    )


def _piece(export: Export, signed: SignedRecord) -> Path:
    return export.folder / f"{signed.ref}-v{signed.version}.pdf"


@dataclass
class _Count:
    """How many files are in the ZIP, and which records could not be made."""

    made: int = 0
    not_made: list[str] = field(default_factory=list)


def _zip(export: Export, clock: Callable[[], datetime]) -> str:
    """The pieces, the proof of each, and their index in one file; hands out its digest.

    Row by row: neither the pieces nor the index is ever held whole.
    """
    seal(at=clock())
    user = User.objects.get(pk=export.requested_by_id)
    part, index = export.file.with_suffix(".part"), export.folder / INDEX
    count = _Count()
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        with index.open("w", encoding="utf-8", newline="") as lines:
            lines.writelines(csv_lines(_index_rows(export, user, archive, count, clock)))
        archive.write(index, INDEX)
        archive.writestr(READ_ME, _read_me(export, user, count))
    part.rename(export.file)
    return _digest_of(export.file)


def _index_rows(
    export: Export, user: User, archive: zipfile.ZipFile, count: _Count, clock: Callable[[], datetime]
) -> Iterator[Sequence[str]]:
    """The heading, then a row for each record; its file is put into `archive` on the way."""
    yield _COLUMNS
    for pk in export.record_ids:
        signed = _readable(pk, user)
        if signed is None:
            continue
        what = (
            signed.ref, str(signed.version), signed.get_kind_display(),
            timezone.localtime(signed.signed_at).strftime("%d/%m/%Y %H:%M"), signed.concern.ref,
            signed.service_area.name,
        )  # fmt: skip
        if not (piece := _piece(export, signed)).exists():
            count.not_made.append(f"{signed.ref}, version {signed.version}")
            yield NOT_MADE, *what, "", signed.digest, ""
            continue
        archive.write(piece, piece.name, zipfile.ZIP_STORED)  # a PDF is compressed already
        file_digest = _digest_of(piece)
        proof_name = f"proofs/{piece.stem}.json"
        proof = _file_proof(signed, file_digest)
        if proof is not None:
            archive.writestr(proof_name, proof)
        count.made += 1
        Export.objects.filter(pk=export.pk).update(touched_at=clock())
        yield piece.name, *what, file_digest, signed.digest, proof_name if proof is not None else "Not sealed yet"


def _file_proof(signed: SignedRecord, file_digest: str) -> str | None:
    """The ledger's proof of the very bytes of one file; None while it waits for its seal."""
    left = (
        Event.objects.filter(
            concern_id=signed.concern_id,
            code=events.RECORD_EXPORTED.code,
            subject_type=signed._meta.label_lower,
            subject_id=signed.pk,
            data__file_digest=file_digest,
        )
        .order_by("pk")
        .last()
    )
    try:
        return json.dumps(inclusion_proof(left), indent=1, sort_keys=True) if left is not None else None
    except InvalidProof:
        return None


def _read_me(export: Export, user: User, count: _Count) -> str:
    return "\n".join(
        (
            f"Decision records, OFFICIAL-SENSITIVE. Taken out by {user.full_name} for {export.recipient}.",
            f"Purpose: {' '.join(export.reason.split())}",
            "",
            f"Records in this file: {count.made}. A record is here if {user.full_name} asked for it and could take it",
            "out when this file was made.",
            *(["Not in this file, because they could not be made into a PDF:"] if count.not_made else []),
            *(f"  {record}" for record in count.not_made),
            f"{INDEX} lists each PDF with its SHA-256, so that a change of one byte shows:",
            f"  sha256sum *.pdf, compared with {INDEX}",
            "The folder proofs holds the ledger's proof of each file. With it a file is checked without us:",
            "  manage.py verify_record --offline FILE.pdf --proof proofs/FILE.json",
            "Names that somebody wrote in a text and that nobody listed may not be masked: read before you pass it on.",
            "",
        )
    )


def _digest_of(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()  # piece by piece


DAMAGED = "This file can’t be opened: it is not what was made. Ask for a new export, and tell whoever runs the service."


def open_export(*, export: Export, by: User, at: datetime) -> BinaryIO:
    """The bytes of the file that `by` asked for and takes away; that they do is in the ledger, with their digest.

    Raises NotAllowed, and NotNow when the file on the disk is not what was made.
    """
    permissions.check_can_fetch_export(by, export)
    try:
        file = export.file.open("rb")
    except FileNotFoundError:
        raise NotNow(DAMAGED) from None
    try:
        if hashlib.file_digest(file, "sha256").hexdigest() != export.digest:
            logger.error("The file of export %d is not what was made.", export.pk)
            raise NotNow(DAMAGED)
        file.seek(0)
        with transaction.atomic():
            permissions.check_can_fetch_export(by, export)  # again: a large file took a while
            record_event(events.EXPORT_FETCHED, by=by, at=at, subject=export, file_digest=export.digest)
    except BaseException:
        file.close()
        raise
    return file


def purge_exports(*, at: datetime) -> int:
    """Delete files that are older than a week; the rows, with who asked and why, stay. Safe to repeat."""
    old = Export.objects.filter(requested_at__lte=at - KEPT, purged_at__isnull=True)
    return each(old, lambda export: _purge(export, at=at))


@transaction.atomic
def _purge(export: Export, *, at: datetime) -> int:
    export.file.unlink(missing_ok=True)
    shutil.rmtree(export.folder, ignore_errors=True)
    export.state, export.purged_at = ExportState.PURGED, at
    export.save(update_fields=["state", "purged_at"])
    record_event(events.EXPORT_PURGED, by=None, at=at, subject=export)
    return 1


@transaction.atomic
def resume_exports(*, at: datetime) -> int:
    """Nudge again what was asked for and is not being made: a lost nudge or a dead worker loses nothing."""
    quiet = Q(touched_at__isnull=True) | Q(touched_at__lte=at - SILENCE)
    waiting = Export.objects.filter(quiet, state__in=_UNFINISHED, requested_at__lte=at - timedelta(minutes=1))
    ids = list(waiting.values_list("pk", flat=True))
    for pk in ids:
        nudge_after_commit(BUILD_EXPORT, pk)
    return len(ids)
