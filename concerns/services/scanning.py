"""Looking for viruses in added files. Until a file is found clean it stays closed, however long that takes (ADR 19)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.urls import reverse

from concerns import events, notifications
from concerns.models import Attachment
from concerns.selectors.two_people import survivor_of
from concerns.services.base import tell
from concerns.services.files import log_file
from concerns.services.unsent import REFERENCE
from concerns.vocabulary import FileState
from safeguarding.kit import photos, scanner
from safeguarding.kit.outbox import queue
from safeguarding.kit.scanner import NoVerdict, Verdict

logger = logging.getLogger(__name__)

_TO_SCAN = (FileState.WAITING, FileState.UNCHECKED)


def scan_waiting(*, clock: Callable[[], datetime]) -> int:
    """Scan every file that waits, the oldest first; how many got a verdict. One without stops no other."""
    if not scanner.is_required():
        return 0
    ids = Attachment.objects.filter(state__in=_TO_SCAN).order_by("uploaded_at", "pk").values_list("pk", flat=True)
    return sum(scan_file(attachment_id=pk, at=clock()) for pk in list(ids))


def scan_file(*, attachment_id: int, at: datetime) -> bool:
    """One file is clean, or locked away and its people told; True when there was a verdict now.

    Without one (the scanner is away, or stops half-way) it goes on waiting. Safe to run twice or side by side. A
    picture gets its preview here, where a scanner has seen it before anything unpacks it.
    """
    row = Attachment.objects.filter(pk=attachment_id, state__in=_TO_SCAN).first()
    if row is None:
        return False
    if not scanner.is_required():
        _make_preview(row)
        return False
    try:
        verdict = _verdict(row)
    except (NoVerdict, OSError) as error:
        # The kind of failure and the row's number, never the name of a file.
        logger.warning("File %d was not scanned: %s", row.pk, type(error).__name__)
        return False
    if verdict.is_clean:
        _make_preview(row)
    return _settle(attachment_id, verdict, at=at)


def _verdict(row: Attachment) -> Verdict:
    """On everything that is there of it: also on the photo as it was sent, which may be kept yet."""
    paths = [path for path in (row.file, row.original, row.quarantine) if path.exists()]
    if not paths:
        raise FileNotFoundError
    for path in paths:
        with path.open("rb") as file:
            verdict = scanner.scan(file)
        if not verdict.is_clean:
            return verdict
    return Verdict("")


def _make_preview(row: Attachment) -> None:
    if row.is_picture and not row.preview.exists():
        part = row.preview.with_suffix(".part")
        if photos.write_preview(row.file, part):
            part.replace(row.preview)


@transaction.atomic
def _settle(attachment_id: int, verdict: Verdict, *, at: datetime) -> bool:
    row = Attachment.objects.select_for_update(of=("self",)).filter(pk=attachment_id, state__in=_TO_SCAN).first()
    if row is None:  # another worker was faster, or its draft was thrown away
        return False
    row.scanned_at = at
    if verdict.is_clean:
        row.state = FileState.CLEAN
        row.save(update_fields=["state", "scanned_at"])
        log_file(events.FILE_CHECKED, row, by=None, at=at, file_digest=row.digest)
        return True
    row.state, row.threat = FileState.QUARANTINED, verdict.threat[:150]
    row.save(update_fields=["state", "scanned_at", "threat"])
    log_file(events.FILE_HELD_BACK, row, by=None, at=at, threat=row.threat)
    _lock_away(row)
    _tell(row, at=at)
    return True


def _lock_away(row: Attachment) -> None:
    """Out of the folder that downloads come from. A crash before the commit is made good by the next scan."""
    row.quarantine.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if row.file.exists():
        row.file.replace(row.quarantine)
    for path in (row.original, row.preview):
        path.unlink(missing_ok=True)
    _forbid(row.quarantine)


def _forbid(path: Path) -> None:
    """Readable by this account alone, for whoever has to look into it."""
    if path.exists():
        path.chmod(0o400)


def _tell(row: Attachment, *, at: datetime) -> None:
    key = f"file-held-back:{row.pk}"
    if row.concern is None:
        assert row.draft is not None  # noqa: S101 (a constraint: one of the two)
        queue(
            notifications.FILE_HELD_BACK, to=row.uploaded_by_id, about=row.pk, reference=REFERENCE,
            path=reverse("concerns:list-draft-files", args=[row.draft.key]), key=f"{key}:{row.uploaded_by_id}", at=at,
        )  # fmt: skip
        return
    concern = survivor_of(row.concern)
    is_reporter = row.uploaded_by_id == row.concern.reporter_id
    told: dict[int, bool] = {row.uploaded_by_id: is_reporter}
    if concern.responsible_id is not None:
        told.setdefault(concern.responsible_id, False)
    for user_id, by_receipt in told.items():
        where = row.concern if by_receipt else concern
        tell(
            notifications.FILE_HELD_BACK, where, to=user_id, key=f"{key}:{user_id}", at=at, about=row.pk,
            is_reporter=by_receipt,
        )  # fmt: skip
