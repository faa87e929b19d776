"""Is this PDF one of ours, unchanged? The ledger knows the digest of every decision record that left here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from audit.models import Event
from audit.services import record as record_event
from safeguarding.kit.errors import Unsound
from sharing import events, permissions
from sharing.models import SignedRecord
from sharing.record import digest

MOST_BYTES = 50 * 1024 * 1024
_MARK = b"%PDF-"
_CHUNK = 1 << 16


class Outcome(StrEnum):
    CURRENT = "current"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"
    RECORD_ALTERED = "record_altered"


@dataclass(frozen=True)
class Verdict:
    """What became of the check. `signed` is the record, where there is one."""

    outcome: Outcome
    signed: SignedRecord | None = None

    @property
    def is_sound(self) -> bool:
        return self.outcome in {Outcome.CURRENT, Outcome.SUPERSEDED}

    @property
    def sentence(self) -> str:
        name = f"{self.signed.ref}, version {self.signed.version}" if self.signed else ""
        return {
            Outcome.CURRENT: f"Unchanged since it left here. It shows {name}, which is the newest signed version.",
            Outcome.SUPERSEDED: f"Unchanged since it left here. It shows {name}, which a later version has replaced.",
            Outcome.UNKNOWN: "This file was altered after it left here, or was never made here.",
            Outcome.RECORD_ALTERED: f"The record in the database, {name}, is not what was signed. Tell a lead now.",
        }[self.outcome]


@transaction.atomic
def verify_record(*, file: BinaryIO, by: User | None, at: datetime) -> Verdict:
    """What the PDF in `file` is, byte for byte; the check is in the ledger, the file is kept nowhere.

    The PDF of a record that `by` may not read is as unknown to them as a strange one; `by` is None on the server.
    Raises NotAllowed, and Unsound for anything that isn't a PDF or is larger than 50 MB.
    """
    if by is not None:
        permissions.check_can_verify(by)
    file_digest = _digest_of(file)
    verdict = _verdict(file_digest, SignedRecord.objects.visible_to(by) if by else SignedRecord.objects.all())
    signed = verdict.signed
    record_event(
        events.RECORD_VERIFIED,
        by=by,
        at=at,
        subject=signed,
        concern_id=signed.concern_id if signed else None,
        ref=signed.ref if signed else "",
        outcome=verdict.outcome.value,
        version=signed.version if signed else None,
        file_digest=file_digest,
    )
    return verdict


def _digest_of(file: BinaryIO) -> str:
    found, size = hashlib.sha256(), 0
    while chunk := file.read(_CHUNK):
        if not size and not chunk.startswith(_MARK):
            raise _unsound("This file is not a PDF.")
        size += len(chunk)
        if size > MOST_BYTES:
            raise _unsound("This file is larger than 50 MB. No decision record is.")
        found.update(chunk)
    if not size:
        raise _unsound("This file is empty.")
    return found.hexdigest()


def _unsound(sentence: str) -> Unsound:
    return Unsound(sentence, {"file": [sentence]})


def _verdict(file_digest: str, readable: QuerySet[SignedRecord]) -> Verdict:
    """By the event that was written when the file left; an event that was itself altered counts for nothing."""
    left = Event.objects.filter(code=events.RECORD_EXPORTED.code, data__file_digest=file_digest).first()
    if left is None or left.subject_id is None or left.content_digest() != left.digest:
        return Verdict(Outcome.UNKNOWN)
    signed = readable.select_related("superseded").filter(pk=left.subject_id).first()
    if signed is None:
        return Verdict(Outcome.UNKNOWN)
    if not digest(signed.canonical.encode()) == signed.digest == left.data["record_digest"]:
        return Verdict(Outcome.RECORD_ALTERED, signed)
    return Verdict(Outcome.SUPERSEDED if hasattr(signed, "superseded") else Outcome.CURRENT, signed)
