"""Adding files to a concern, a report that is not sent yet or a register, and what may be done with them (ADR 19).

The bytes are on the disk before their row is, and go again when the row can't be written: a row without its file is
impossible, and a file without a row is put aside.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from accounts.models import User
from audit.services import record
from audit.vocabulary import EventKind
from concerns import events, permissions, rules
from concerns.models import Attachment, Concern, Draft
from concerns.models.files import AttachmentQuerySet, files_folder, lost_folder, new_file_key
from concerns.services.base import lock, log, save
from concerns.vocabulary import FileSort, FileState, PlaceKept
from safeguarding.kit import photos, scanner
from safeguarding.kit.errors import NotNow, Unsound
from safeguarding.kit.filetypes import PICTURES, FileKind, clean_name, identify, looked_into
from safeguarding.kit.nudging import nudge_after_commit
from safeguarding.kit.uploads import incoming_folder

logger = logging.getLogger(__name__)

SCAN_FILE = "concerns.scan_file"
# How long the uploader of a photo may take to say that the place in it is to be kept.
PLACE_ASKED_FOR = timedelta(hours=24)
# No form takes so long to arrive, and no transaction to end.
ORPHANED_AFTER = timedelta(days=1)
_CHUNK = 1 << 16


@dataclass(frozen=True)
class Incoming:
    """A file as it arrived: what the person called it, its bytes on the disk, and which kind of file it is if its form
    has looked into it, so that nothing is looked into twice.
    """

    name: str
    file: BinaryIO
    kind: FileKind | None = None


@dataclass(frozen=True)
class Kept:
    """A file that lies in the private folder and has no row yet."""

    key: str
    name: str
    kind: FileKind
    size: int
    digest: str
    digest_as_sent: str
    place: PlaceKept

    def forget(self) -> None:
        _unlink(Attachment(key=self.key))


def add_files(
    *, concern_id: int, files: Sequence[Incoming], sort: FileSort, description: str, by: User, at: datetime
) -> list[Attachment]:
    """The files stand on the concern, and a worker is asked to scan them; whoever may write a note may add one.

    A file that the same person has added already is not added again. Raises NotAllowed, and Unsound for the first
    file that is not taken; then none of them is.
    """
    with kept_of(files) as kept, transaction.atomic():
        concern = lock(concern_id)
        permissions.check_can_write_note(by, concern)
        return attach(concern, kept, sort=sort, description=description, by=by, at=at)


def attach(
    concern: Concern, kept: Sequence[Kept], *, sort: FileSort, description: str, by: User, at: datetime
) -> list[Attachment]:
    """Rows for `kept` on the locked concern."""
    _check_words(description)
    made = _create(kept, concern=concern, draft=None, sort=sort, description=description, by=by, at=at)
    for row in made:
        _log_added(row, concern, by=by, at=at)
    if made:
        save(concern)
    return made


def add_files_to_draft(
    *, key: str, files: Sequence[Incoming], description: str, by: User, at: datetime
) -> list[Attachment]:
    """The files wait with the words of an unsent report. Raises Draft.DoesNotExist, NotNow when sent, Unsound."""
    with kept_of(files) as kept, transaction.atomic():
        _lock_uploader(by)
        draft = _lock_draft(key, by)
        _check_words(description)
        draft.saved_at = at
        draft.save(update_fields=["saved_at"])
        made = _create(kept, concern=None, draft=draft, sort=FileSort.OTHER, description=description, by=by, at=at)
        _check_unsent(by)
        for row in made:
            log_file(events.FILE_ADDED, row, by=by, at=at, file_kind=row.kind, sort=row.sort, file_digest=row.digest)
        return made


def add_register_file(kept: Kept, *, by: User, at: datetime) -> Attachment:
    """A row for a document of a register (R59), which is scanned like every file. Called in the transaction of what
    names it. Raises Unsound for a photo, which could not be read out or searched, and may say where it was taken.
    """
    if kept.kind in PICTURES:
        sentence = "Add the document itself, for example as a PDF or a Word file, not a photo of it."
        raise Unsound(sentence, {"upload": [sentence]})
    row = _row(kept, by=by, at=at, is_of_register=True)
    log_file(
        events.FILE_ADDED, row, by=by, at=at, keeps=(row,), file_kind=row.kind, sort=row.sort, file_digest=row.digest
    )
    return row


@transaction.atomic
def remove_draft_file(*, key: str, file_key: str, by: User, at: datetime) -> None:
    """A file is gone from a report that was not sent; one that was held back stays locked away, and its row with it.

    Raises as `add_files_to_draft`, and Attachment.DoesNotExist.
    """
    draft = _lock_draft(key, by)
    if not _take_out(Attachment.objects.waiting_with(draft).filter(key=file_key), by=by, at=at):
        raise Attachment.DoesNotExist
    draft.saved_at = at
    draft.save(update_fields=["saved_at"])


def discard_draft_files(draft: Draft, *, by: User, at: datetime) -> None:
    """The files of the locked draft, which is being thrown away, go with its words, as `remove_draft_file` does it."""
    _take_out(Attachment.objects.waiting_with(draft), by=by, at=at)


def bring_draft_files(draft: Draft, concern: Concern, *, by: User, at: datetime) -> None:
    """The files of the locked draft are the concern's, which it has just become."""
    for row in Attachment.objects.waiting_with(draft).select_for_update(of=("self",)):
        row.concern, row.draft = concern, None
        row.save(update_fields=["concern", "draft"])
        _log_added(row, concern, by=by, at=at)


@transaction.atomic
def settle_place(*, attachment_id: int, keep: bool, by: User, at: datetime) -> Attachment:
    """The place and time in a photo are kept, with the file exactly as it was sent, or gone for good.

    Only whoever added it says so, once. Raises NotNow afterwards: after a day it is taken out by itself.
    """
    row = Attachment.objects.select_for_update(of=("self",)).get(pk=attachment_id, uploaded_by=by)
    if row.place != PlaceKept.ASKED or row.state == FileState.QUARANTINED:
        raise NotNow("That has been settled already. Add the photo again if you want to keep where it was taken.")
    _settle(row, keep=keep, by=by, at=at)
    return row


@transaction.atomic
def mark_file_in_error(*, attachment_id: int, concern_id: int, reason: str, by: User, at: datetime) -> Attachment:
    """The file is shown to leads alone from here on, with the reason; its bytes stay (R44, R147).

    The holder of the concern on whose page it stands, or a lead, does this. Raises NotAllowed, NotNow, Unsound.
    """
    concern = lock(concern_id)
    permissions.check_can_mark_file(by, concern)
    row = Attachment.objects.visible_to(by, on=concern, at=at).select_for_update(of=("self",)).get(pk=attachment_id)
    if row.hidden_at is not None:
        raise NotNow("This file is marked as added in error already.")
    if not reason.strip():
        raise Unsound("Give a reason.", {"reason": ["Say why it should not be here."]})
    _check_words(reason, "reason")
    row.hidden_at, row.hidden_by, row.hidden_reason = at, by, reason
    row.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
    save(concern)
    log_file(events.FILE_IN_ERROR, row, by=by, at=at, reason=reason)
    return row


@transaction.atomic
def record_file_view(row: Attachment, *, by: User, at: datetime) -> None:
    """`by` opened the page of a file that `visible_to` gave them, with the picture on it."""
    log_file(events.FILE_VIEWED, row, by=by, at=at)


def open_file(row: Attachment, *, by: User, at: datetime) -> BinaryIO:
    """The bytes of a file that `visible_to` gave to `by`, who takes them away; that they do is in the ledger.

    Raises NotNow while it is not known to be clean (R146: fails closed), and when the file on the disk is not what was
    added.
    """
    check_can_open(row)
    found = hashlib.sha256()
    try:
        file = row.file.open("rb")
    except FileNotFoundError:
        raise NotNow(DAMAGED) from None
    while chunk := file.read(_CHUNK):
        found.update(chunk)
    if found.hexdigest() != row.digest:
        file.close()
        logger.error("File %d on the disk is not what was added.", row.pk)
        raise NotNow(DAMAGED)
    file.seek(0)
    with transaction.atomic():
        log_file(events.FILE_FETCHED, row, by=by, at=at, file_digest=row.digest)
    return file


DAMAGED = "This file can’t be opened: it is not what was added. Tell a safeguarding lead and the administrators."


def check_can_open(row: Attachment) -> None:
    """Raises NotNow for a file that is not known to be clean."""
    if row.state == FileState.CLEAN or (row.state == FileState.UNCHECKED and not scanner.is_required()):
        return
    if row.state == FileState.QUARANTINED:
        raise NotNow("A virus was found in this file. Nobody can open it.")
    raise NotNow("This file is still being checked for viruses. Try again in a minute.")


def clear_up_files(*, at: datetime) -> int:
    """Take out the places that nobody asked to keep in time, finish what a crash left half-done, and put aside files
    that no row tells of. Safe to repeat; how many photos were settled.
    """
    late = Attachment.objects.filter(place=PlaceKept.ASKED, uploaded_at__lte=at - PLACE_ASKED_FOR)
    done = 0
    for pk in list(late.exclude(state=FileState.QUARANTINED).values_list("pk", flat=True)):
        with transaction.atomic():
            row = Attachment.objects.select_for_update(of=("self",)).get(pk=pk)
            if row.place == PlaceKept.ASKED:
                _settle(row, keep=False, by=None, at=at)
                done += 1
    for original in files_folder().glob("*/*.original"):
        row_or_none = Attachment.objects.filter(key=original.stem).first()
        if row_or_none is not None:
            _finish_place(row_or_none)
    for path in _orphans(files_folder(), at=at):
        _put_aside(path)
    for path in _orphans(incoming_folder(), at=at):  # what never arrived
        path.unlink(missing_ok=True)
    return done


# --- What they share ------------------------------------------------------------------------------


@contextmanager
def kept_of(files: Sequence[Incoming]) -> Iterator[list[Kept]]:
    """Each file checked and in the private folder, and all gone again when one is not taken or the block fails."""
    if not files:
        raise Unsound("Choose a file.", {"upload": ["Choose at least one file."]})
    if len(files) > settings.FILES_MOST_AT_ONCE:
        sentence = f"Add at most {settings.FILES_MOST_AT_ONCE} files at once."
        raise Unsound(sentence, {"upload": [sentence]})
    kept: list[Kept] = []
    try:
        for incoming in files:
            kept.append(_keep(incoming))  # noqa: PERF401 (what was kept so far has to be known when one fails)
        yield kept
    except BaseException:
        for each in kept:
            each.forget()
        raise


def _keep(incoming: Incoming) -> Kept:
    name = clean_name(incoming.name)
    row = Attachment(key=new_file_key())
    row.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with looked_into(incoming.file) as data:
        if len(data) > settings.FILE_MOST_BYTES:
            raise Unsound(TOO_LARGE, {"upload": [TOO_LARGE]})
        try:
            kind = incoming.kind or identify(data, name=name)
        except Unsound as refusal:
            raise Unsound(refusal.sentence, {"upload": [refusal.sentence]}) from None
        try:
            as_sent = hashlib.sha256(data).hexdigest()
            is_placed = kind in PICTURES and photos.place_of(data) is not None
            if is_placed:
                _write(row.original, [data])
                size, digest = _write(row.file, photos.without_hidden(data))
            else:
                # Whatever hangs on behind a picture is not of it.
                size, digest = _write(row.file, [data[: photos.end_of(data)] if kind in PICTURES else data])
        except BaseException:
            _unlink(row)
            raise
    return Kept(row.key, name, kind, size, digest, as_sent, PlaceKept.ASKED if is_placed else PlaceKept.NONE)


TOO_LARGE = "It is larger than 20 MB. Send a smaller copy, or split it."


def _write(path: Path, pieces: Iterable[photos.Bytes]) -> tuple[int, str]:
    """How many bytes `pieces` have, and their digest; they are on the disk, for this service's account alone."""
    found, size = hashlib.sha256(), 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        for piece in pieces:
            target.write(piece)
            found.update(piece)
            size += len(piece)
        target.flush()
        os.fsync(target.fileno())
    return size, found.hexdigest()


def _create(
    kept: Sequence[Kept],
    *,
    concern: Concern | None,
    draft: Draft | None,
    sort: FileSort,
    description: str,
    by: User,
    at: datetime,
) -> list[Attachment]:
    # Theirs alone: how full it is with what others added would tell whoever has no more than a receipt.
    own = Attachment.objects.filter(concern=concern, draft=draft, uploaded_by=by)
    known = set(own.filter(hidden_at__isnull=True).values_list("digest_as_sent", flat=True))
    new = []
    for each in kept:
        if each.digest_as_sent in known:
            each.forget()
        else:
            known.add(each.digest_as_sent)
            new.append(each)
    there = own.aggregate(sum=Sum("size"))["sum"] or 0
    if there + sum(each.size for each in new) > settings.PERSON_MOST_BYTES:
        sentence = (
            "All files that you add to one concern together can have 200 MB, and this would be more. Leave some out."
        )
        raise Unsound(sentence, {"upload": [sentence]})
    where = {"concern": concern, "draft": draft, "sort": sort, "description": description}
    return [_row(each, by=by, at=at, **where) for each in new]


def _row(kept: Kept, *, by: User, at: datetime, **where: Any) -> Attachment:
    row = Attachment.objects.create(
        key=kept.key, name=kept.name, kind=kept.kind, size=kept.size, digest=kept.digest,
        digest_as_sent=kept.digest_as_sent, place=kept.place, uploaded_by=by, uploaded_at=at,
        state=FileState.WAITING if scanner.is_required() else FileState.UNCHECKED, **where,
    )  # fmt: skip
    nudge_after_commit(SCAN_FILE, row.pk)
    return row


def _lock_uploader(by: User) -> None:
    """Reports of one person that get files at the same moment come one after the other, so that each finds in the sum
    what the others have added. First of all locks, as when an account is closed; rows that name the person go on being
    written meanwhile.
    """
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)


def _check_unsent(by: User) -> None:
    """Anybody may begin as many reports as they like, so what is in them counts together, with what was held back from
    them and is on the disk for good: else one person could fill it, and nobody's file would find room.
    """
    there = Attachment.objects.filter(draft__owner=by).aggregate(sum=Sum("size"))["sum"] or 0
    if there > settings.PERSON_MOST_BYTES:
        sentence = (
            "All files in your reports that you have not sent yet together can have 200 MB, and this would be more. "
            "Files that were held back count too. Send your report without this file, then add the file to it."
        )
        raise Unsound(sentence, {"upload": [sentence]})


def _check_words(words: str, field: str = "description") -> None:
    if len(words) > rules.LONGEST_TEXT:
        raise Unsound("This is too long.", {field: [f"Keep it under {rules.LONGEST_TEXT:,} characters."]})


def _log_added(row: Attachment, concern: Concern, *, by: User, at: datetime) -> None:
    log(
        events.FILE_ADDED, concern, by=by, at=at, keeps=(row,), file=row.pk, file_kind=row.kind, sort=row.sort,
        file_digest=row.digest,
    )  # fmt: skip


def log_file(
    kind: EventKind, row: Attachment, *, by: User | None, at: datetime, reason: str = "",
    keeps: Sequence[Attachment] = (), **data: Any,
) -> None:  # fmt: skip
    """An event about a file wherever it is: on its own concern, a report that was not sent yet, or in a register."""
    if row.concern is not None:
        log(kind, row.concern, by=by, at=at, reason=reason, keeps=keeps, file=row.pk, **data)
    else:
        record(kind, by=by, at=at, subject=row, reason=reason, keeps=keeps, file=row.pk, **data)


def _settle(row: Attachment, *, keep: bool, by: User | None, at: datetime) -> None:
    row.place = PlaceKept.KEPT if keep else PlaceKept.OUT
    if keep:
        row.digest, row.size = row.digest_as_sent, row.original.stat().st_size
    row.save(update_fields=["place", "digest", "size"])
    may_go = row.draft_id is not None
    log_file(
        events.FILE_PLACE_SETTLED, row, by=by, at=at, keeps=() if may_go else (row,), place=row.place,
        file_digest=row.digest,
    )  # fmt: skip
    transaction.on_commit(lambda: _finish_place(row))


def _finish_place(row: Attachment) -> None:
    """Bring the disk in line with what was settled. Safe to repeat, at once or after a crash."""
    if row.place == PlaceKept.KEPT and row.state != FileState.QUARANTINED and row.original.exists():
        row.original.replace(row.file)
    elif row.place in (PlaceKept.OUT, PlaceKept.NONE):
        row.original.unlink(missing_ok=True)


def _lock_draft(key: str, by: User) -> Draft:
    draft = Draft.objects.select_for_update().get(key=key, owner=by, discarded_at__isnull=True)
    if draft.sent_as_id is not None:
        raise NotNow("You have already sent this concern. Add what is missing on its receipt.")
    return draft


TAKEN_OUT = "Taken out of a report that was not sent."


def _take_out(waiting: AttachmentQuerySet, *, by: User, at: datetime) -> bool:
    """The files are gone from the report that was not sent; whether there were any. Whoever runs the system may look
    into one that was held back, so its row stays to say whose it is.
    """
    rows = list(waiting.select_for_update(of=("self",)))  # a worker may be locking one away just now
    for row in rows:
        is_held_back = row.state == FileState.QUARANTINED
        log_file(
            events.FILE_REMOVED, row, by=by, at=at, file_kind=row.kind, file_digest=row.digest,
            is_held_back=is_held_back,
        )  # fmt: skip
        if is_held_back:
            row.hidden_at, row.hidden_by, row.hidden_reason = at, by, TAKEN_OUT
            row.save(update_fields=["hidden_at", "hidden_by", "hidden_reason"])
            continue
        gone = Attachment(key=row.key)
        row.delete()
        transaction.on_commit(lambda gone=gone: _unlink(gone))  # type: ignore[misc]  # bound now, not at the commit
    return bool(rows)


def _unlink(row: Attachment) -> None:
    """What could be opened goes. What was locked away stays: only whoever runs the system takes that away."""
    for path in (row.file, row.original, row.preview):
        path.unlink(missing_ok=True)


def _orphans(folder: Path, *, at: datetime) -> list[Path]:
    """The files there that no row tells of, and have been there for a day."""
    old = [
        path for path in folder.rglob("*") if path.is_file() and _written_at(path) < (at - ORPHANED_AFTER).timestamp()
    ]
    known = set(Attachment.objects.filter(key__in=[path.stem for path in old]).values_list("key", flat=True))
    return [path for path in old if path.stem not in known]


def _put_aside(path: Path) -> None:
    """Into the folder of what was lost, as it may be evidence: its row can have been taken away, or be younger than the
    dump that the database was restored from. Only whoever runs the system takes it away from there."""
    lost_folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        path.replace(lost_folder() / path.name)
    except FileNotFoundError:  # gone meanwhile
        return
    logger.error("The file %s has no row. It was moved to the folder lost.", path.name)


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # gone meanwhile, as files do here
        return float("inf")
