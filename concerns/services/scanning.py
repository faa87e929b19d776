"""Looking for viruses in added files. Until a file is found clean it stays closed, however long that takes (ADR 19);
what was found clean is looked at again whenever the scanner has newer signatures (ADR 26).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import Enum
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse

from accounts.models import User
from accounts.selectors import holders_of
from audit.selectors import timeline
from audit.services import record
from concerns import events, notifications, permissions
from concerns.models import Attachment, Concern
from concerns.selectors.two_people import survivor_of
from concerns.services.base import tell
from concerns.services.files import log_file
from concerns.services.unsent import REFERENCE
from concerns.vocabulary import FileState
from safeguarding.kit import photos, scanner
from safeguarding.kit.outbox import MessageKind, queue
from safeguarding.kit.scanner import NoVerdict, Verdict

logger = logging.getLogger(__name__)

_TO_SCAN = (FileState.WAITING, FileState.UNCHECKED)
# What one run looks at again: some seconds of the scanner, so that new files never wait long behind old ones.
AGAIN_MOST_FILES = 300
AGAIN_MOST_BYTES = 300 * 1024 * 1024
# The scanner can need two minutes to give up on a file; no run may hold a worker for long. New files are looked for
# every minute.
AGAIN_MOST_SECONDS = 60
WAITING_MOST_SECONDS = 50
_AGAIN_AT_ONCE = 50


def scan_waiting(*, clock: Callable[[], datetime]) -> int:
    """Scan the files that wait, the oldest first, as many as one run may take; how many got a verdict.

    One without a verdict comes after the others from now on, and stops none of them, unless the scanner is away: then
    the next run asks again.
    """
    if not scanner.is_required():
        return 0
    waiting = Attachment.objects.filter(state__in=_TO_SCAN).order_by("missed", "uploaded_at", "pk")
    seen, until = 0, time.monotonic() + WAITING_MOST_SECONDS
    for pk in list(waiting.values_list("pk", flat=True)):
        result = _scan(pk, at=clock())
        seen += result == _Result.VERDICT
        if result == _Result.NO_VERDICT:
            if not _answers():
                break
            Attachment.objects.filter(pk=pk, state__in=_TO_SCAN).update(missed=F("missed") + 1)
        if time.monotonic() > until:
            break
    return seen


def scan_file(*, attachment_id: int, at: datetime) -> bool:
    """One file is clean, or locked away and its people told; True when there was a verdict now.

    Without one (the scanner is away, or stops half-way) it goes on waiting. Safe to run twice or side by side. A
    picture gets its preview here, where a scanner has seen it before anything unpacks it.
    """
    return _scan(attachment_id, at=at) == _Result.VERDICT


class _Result(Enum):
    """What came of the look at one file."""

    VERDICT = "verdict"
    NO_VERDICT = "the scanner gave none"
    NOTHING = "nothing to do, or no file there"


def _scan(attachment_id: int, *, at: datetime) -> _Result:
    row = Attachment.objects.filter(pk=attachment_id, state__in=_TO_SCAN).first()
    if row is None:
        return _Result.NOTHING
    if not scanner.is_required():
        _make_preview(row)
        return _Result.NOTHING
    try:
        verdict = _verdict(row)
    except (NoVerdict, OSError) as error:
        # The kind of failure and the row's number, never the name of a file.
        logger.warning("File %d was not scanned: %s", row.pk, type(error).__name__)
        return _Result.NO_VERDICT if isinstance(error, NoVerdict) else _Result.NOTHING
    if verdict.is_clean:
        _make_preview(row)
    return _Result.VERDICT if _settle(attachment_id, verdict, at=at) else _Result.NOTHING


def scan_again(*, clock: Callable[[], datetime]) -> int:
    """Files found clean by older signatures are scanned with those of now, as many as one run may take, the one seen
    longest ago first; how many got a verdict.

    One in which a virus is found now is locked away and its people told. One without a verdict stays as it is, comes
    after the others from now on, and stops none of them. Safe to repeat, after a kill, and side by side.
    """
    if not settings.SCANNER:
        return 0
    try:
        version = scanner.version()
    except NoVerdict as error:
        logger.warning("Kept files were not scanned again: %s", type(error).__name__)
        return 0
    seen, clean, left = 0, dict[int, Verdict](), AGAIN_MOST_BYTES
    until = time.monotonic() + AGAIN_MOST_SECONDS
    due = Attachment.objects.seen_by_older(version).order_by("missed", "scanned_at", "pk")
    for row in due.iterator(chunk_size=_AGAIN_AT_ONCE):
        try:
            verdict = _verdict(row)
        except (NoVerdict, OSError) as error:
            logger.warning("File %d was not scanned again: %s", row.pk, type(error).__name__)
            if isinstance(error, NoVerdict) and not _answers():
                break
            Attachment.objects.filter(pk=row.pk).update(missed=F("missed") + 1)
            if time.monotonic() > until:
                break
            continue
        if verdict.is_clean:
            clean[row.pk] = verdict
        else:
            _settle(row.pk, verdict, at=clock(), was=(FileState.CLEAN,))
        seen, left = seen + 1, left - row.size
        if len(clean) >= _AGAIN_AT_ONCE:
            _note_clean(clean, at=clock())
            clean.clear()
        if seen >= AGAIN_MOST_FILES or left <= 0 or time.monotonic() > until:
            break
    _note_clean(clean, at=clock())
    return seen


def _answers() -> bool:
    try:
        scanner.version()
    except NoVerdict:
        return False
    return True


@transaction.atomic
def _note_clean(verdicts: Mapping[int, Verdict], *, at: datetime) -> None:
    """Each row says what saw it last, and when; one line in the ledger for all of them."""
    rows = Attachment.objects.select_for_update(of=("self",)).filter(pk__in=verdicts, state=FileState.CLEAN)
    found = list(rows.only("pk"))
    for row in found:
        version = verdicts[row.pk].version
        row.scanned_at, row.scanned_with, row.signatures = at, version.words, version.signatures
        row.missed = 0
    Attachment.objects.bulk_update(found, ["scanned_at", "scanned_with", "signatures", "missed"])
    for number in sorted({row.signatures for row in found}):
        record(events.FILES_CHECKED_AGAIN, by=None, at=at, signatures=number)


def _verdict(row: Attachment) -> Verdict:
    """On everything that is there of it: also on the photo as it was sent, which may be kept yet. With several, the
    version that saw the first.
    """
    paths = [path for path in (row.file, row.original, row.quarantine) if path.exists()]
    if not paths:
        raise FileNotFoundError
    verdicts = []
    for path in paths:
        with path.open("rb") as file:
            verdicts.append(scanner.scan(file))
        if not verdicts[-1].is_clean:
            return verdicts[-1]
    return verdicts[0]


def _make_preview(row: Attachment) -> None:
    if row.is_picture and not row.preview.exists():
        part = row.preview.with_suffix(".part")
        if photos.write_preview(row.file, part):
            part.replace(row.preview)


@transaction.atomic
def _settle(attachment_id: int, verdict: Verdict, *, at: datetime, was: tuple[FileState, ...] = _TO_SCAN) -> bool:
    row = Attachment.objects.select_for_update(of=("self",)).filter(pk=attachment_id, state__in=was).first()
    if row is None:  # another worker was faster, or its draft was thrown away
        return False
    is_later = row.state == FileState.CLEAN
    row.scanned_at, row.scanned_with, row.signatures = at, verdict.version.words, verdict.version.signatures
    row.missed = 0
    fields = ["state", "scanned_at", "scanned_with", "signatures", "missed"]
    if verdict.is_clean:
        row.state = FileState.CLEAN
        row.save(update_fields=fields)
        log_file(events.FILE_CHECKED, row, by=None, at=at, file_digest=row.digest, signatures=row.signatures)
        return True
    row.state, row.threat = FileState.QUARANTINED, verdict.threat[:150]
    row.save(update_fields=[*fields, "threat"])
    kind = events.FILE_HELD_BACK_LATER if is_later else events.FILE_HELD_BACK
    log_file(kind, row, by=None, at=at, threat=row.threat, signatures=row.signatures)
    _lock_away(row)
    if is_later:
        _tell_later(row, at=at)
    else:
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
    """Whoever added it, and who holds the concern."""
    _send(notifications.FILE_HELD_BACK, row, _first_told(row), key="file-held-back", at=at)


def _tell_later(row: Attachment, *, at: datetime) -> None:
    """The leads and everybody who has taken the file away as well: it is on their devices. At delivery each is asked
    about again, so that nobody hears who may not know any more."""
    told = _first_told(row)
    if row.concern is not None:
        told += holders_of(*permissions.LEADS).values_list("pk", flat=True)
        taken = timeline(row.concern.pk).filter(code=events.FILE_FETCHED.code, data__file=row.pk)
        told += taken.order_by().values_list("actor_id", flat=True)
    _send(notifications.FILE_HELD_BACK_LATER, row, told, key="file-held-back-later", at=at)


def _first_told(row: Attachment) -> list[int | None]:
    return [row.uploaded_by_id, survivor_of(row.concern).responsible_id if row.concern is not None else None]


def _send(kind: MessageKind, row: Attachment, told: Iterable[int | None], *, key: str, at: datetime) -> None:
    if row.is_of_register:
        return  # the floor above knows whose it is, and tells them in its own sweep
    if row.concern is None:
        assert row.draft is not None  # noqa: S101 (a constraint: one of the three)
        queue(
            kind, to=row.uploaded_by_id, about=row.pk, reference=REFERENCE,
            path=reverse("concerns:list-draft-files", args=[row.draft.key]),
            key=f"{key}:{row.pk}:{row.uploaded_by_id}", at=at,
        )  # fmt: skip
        return
    concern = survivor_of(row.concern)
    for user_id in sorted({each for each in told if each is not None}):
        by_receipt = user_id == row.uploaded_by_id == row.concern.reporter_id
        # Who may read the one need not know of the other that it was joined to, or may not read it.
        reads = Concern.objects.visible_to(User.objects.get(pk=user_id)).filter(pk__in={concern.pk, row.concern.pk})
        of_survivor = user_id == concern.responsible_id or set(reads.values_list("pk", flat=True)) == {concern.pk}
        where = concern if of_survivor and not by_receipt else row.concern
        tell(kind, where, to=user_id, key=f"{key}:{row.pk}:{user_id}", at=at, about=row.pk, is_reporter=by_receipt)
