"""Exports: asked for with a reason, made piece by piece by a worker, fetched by whoever asked, deleted after a week.

Each record is one file in a private folder until all are there: a worker that dies goes on where it stopped, and what
is held in memory does not grow with the number of records.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from celery import signature
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from kombu.exceptions import OperationalError as BrokerError

from accounts.models import User
from audit.services import record as record_event
from safeguarding.kit.errors import Unsound
from sharing import documents, events, notifications, permissions
from sharing.models import Export, SignedRecord
from sharing.record import digest
from sharing.services.base import tell
from sharing.vocabulary import ExportState

logger = logging.getLogger(__name__)

BUILD_EXPORT = "sharing.build_export"
KEPT = timedelta(days=7)
# A worker that has given no sign of life for so long is taken for dead.
SILENCE = timedelta(minutes=5)
_CHUNK = 1 << 16
_UNFINISHED = frozenset({ExportState.WAITING, ExportState.RUNNING})


@transaction.atomic
def ask_for_export(*, record_ids: Sequence[int], reason: str, is_masked: bool, by: User, at: datetime) -> Export:
    """A selection is to be exported. Records that `by` may not read are not in it, whatever was asked for."""
    permissions.check_can_export(by)
    if not reason.strip():
        raise Unsound("Give a reason.", {"reason": ["Say what the export is for."]})
    readable = SignedRecord.objects.takeable_by(by).filter(pk__in=record_ids)
    ids = list(readable.order_by("-signed_at", "-pk").values_list("pk", flat=True))
    if not ids:
        raise Unsound("Choose at least one record.", {"": ["Choose at least one record."]})
    export = Export.objects.create(requested_by=by, requested_at=at, reason=reason, is_masked=is_masked, record_ids=ids)
    record_event(events.EXPORT_ASKED, by=by, at=at, subject=export, reason=reason, records=len(ids), masked=is_masked)
    transaction.on_commit(lambda: _nudge(export.pk))
    return export


def build_export(*, export_id: int, clock: Callable[[], datetime]) -> Export | None:
    """Make what is not made yet, then the ZIP. Safe to run twice and to stop at any moment; None when there is nothing
    to do or another worker is at it.

    `clock` tells the time along the way: such a run can last half an hour. What the person may no longer read when it
    is made is left out, and the index says how many were.
    """
    export = _claim(export_id, at=clock())
    if export is None:
        return None
    try:
        made = _make_pieces(export, clock)
        zip_digest = _zip(export, made)
    except Exception as error:
        # The kind of failure only: its text could quote a case.
        logger.error("Export %d failed: %s", export.pk, type(error).__name__)
        Export.objects.filter(pk=export.pk).update(state=ExportState.FAILED)
        raise
    with transaction.atomic():
        fresh = Export.objects.select_for_update().get(pk=export.pk)
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


def _make_pieces(export: Export, clock: Callable[[], datetime]) -> list[tuple[str, Path]]:
    """One PDF for each record, in its own file; those that are there already are kept.

    Hands out each record's digest and file, and holds on to no row.
    """
    export.folder.mkdir(parents=True, exist_ok=True)
    user = User.objects.get(pk=export.requested_by_id)
    made: list[tuple[str, Path]] = []
    for number, pk in enumerate(export.record_ids, start=1):
        signed = (
            SignedRecord.objects.takeable_by(user)
            .select_related("concern", "decision", "superseded", "second_view", "service_area")
            .filter(pk=pk)
            .first()
        )
        if signed is not None:
            at = clock()
            piece = export.folder / f"{signed.ref}-v{signed.version}.pdf"
            if not piece.exists():
                content = documents.decision_record(
                    signed, by=user, purpose=export.reason, is_masked=export.is_masked, at=at
                )
                part = piece.with_suffix(".part")
                part.write_bytes(content)
                # First the ledger, then the name: a worker killed in between writes a second event, never none.
                _log_piece(export, signed, content, by=user, at=at)
                part.rename(piece)
            made.append((signed.digest, piece))
        Export.objects.filter(pk=export.pk).update(done=number, touched_at=clock())
    return made


@transaction.atomic
def _log_piece(export: Export, signed: SignedRecord, content: bytes, *, by: User, at: datetime) -> None:
    record_event(
        events.RECORD_EXPORTED,
        by=by,
        at=at,
        subject=signed,
        concern_id=signed.concern_id,
        ref=signed.ref,
        reason=export.reason,
        version=signed.version,
        record_digest=signed.digest,
        file_digest=digest(content),
        masked=export.is_masked,
    )


def _zip(export: Export, made: list[tuple[str, Path]]) -> str:
    """The pieces and their index in one file; hands out its digest."""
    part = export.file.with_suffix(".part")
    lines = [
        "Index of digests (SHA-256)",
        f"Records asked for: {export.total}. In this file: {len(made)}.",
        "Each line: digest of the PDF, digest of the signed record, file.",
        "",
    ]
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for record_digest, piece in made:
            archive.write(piece, piece.name)
            lines.append(f"{_digest_of(piece)}  {record_digest}  {piece.name}")
        archive.writestr("index.txt", "\n".join(lines) + "\n")
    part.rename(export.file)
    return _digest_of(export.file)


def _digest_of(file: Path) -> str:
    found = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


@transaction.atomic
def record_fetch(*, export: Export, by: User, at: datetime) -> None:
    """`by` downloads the file they asked for. Raises NotAllowed."""
    permissions.check_can_fetch_export(by, export)
    record_event(events.EXPORT_FETCHED, by=by, at=at, subject=export, file_digest=export.digest)


def purge_exports(*, at: datetime) -> int:
    """Delete files that are older than a week; the rows, with who asked and why, stay. Safe to repeat."""
    purged = 0
    old = Export.objects.filter(requested_at__lte=at - KEPT, purged_at__isnull=True)
    for export in old:
        with transaction.atomic():
            export.file.unlink(missing_ok=True)
            shutil.rmtree(export.folder, ignore_errors=True)
            export.state, export.purged_at = ExportState.PURGED, at
            export.save(update_fields=["state", "purged_at"])
            record_event(events.EXPORT_PURGED, by=None, at=at, subject=export)
            purged += 1
    return purged


def resume_exports(*, at: datetime) -> int:
    """Nudge again what was asked for and is not being made: a lost nudge or a dead worker loses nothing."""
    quiet = Q(touched_at__isnull=True) | Q(touched_at__lte=at - SILENCE)
    waiting = Export.objects.filter(quiet, state__in=_UNFINISHED, requested_at__lte=at - timedelta(minutes=1))
    ids = list(waiting.values_list("pk", flat=True))
    for pk in ids:
        _nudge(pk)
    return len(ids)


def _nudge(export_id: int) -> None:
    """Ask a worker to make it now. The sweep finds the row all the same if no broker answers."""
    try:
        signature(BUILD_EXPORT, args=(export_id,)).apply_async(retry=False)
    except BrokerError:
        logger.warning("No broker: export %d waits for the sweep.", export_id)
