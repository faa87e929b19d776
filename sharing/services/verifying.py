"""Is this PDF one of ours, unchanged? The ledger knows the digest of every decision record that left here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from audit.models import Event
from audit.services import record as record_event
from concerns.models import Concern
from safeguarding.kit import pdf_reading
from safeguarding.kit.errors import Unsound
from sharing import events, permissions, proofs
from sharing.models import SecondView, SignedRecord, Supersession
from sharing.record import digest
from sharing.vocabulary import DecisionStatus

MOST_BYTES = 50 * 1024 * 1024
_MARK = b"%PDF-"


class Outcome(StrEnum):
    CURRENT = "current"
    SUPERSEDED = "superseded"
    AWAITING_SECOND = "awaiting_second"
    NOT_AGREED = "not_agreed"
    DRAFT = "draft"
    ALTERED = "altered"
    UNKNOWN = "unknown"
    RECORD_ALTERED = "record_altered"


# What the ledger says of a record, and the status that its decision has then: a row that says otherwise was altered.
# A record may be as it was signed, and the newest, and yet decide nothing.
_STATUS: dict[Outcome, DecisionStatus] = {
    Outcome.CURRENT: DecisionStatus.SIGNED,
    Outcome.SUPERSEDED: DecisionStatus.SUPERSEDED,
    Outcome.AWAITING_SECOND: DecisionStatus.AWAITING_SECOND,
    Outcome.NOT_AGREED: DecisionStatus.NOT_AGREED,
}
_OF_A_RECORD = (events.DECISION_SIGNED, events.SECOND_AGREED, events.SECOND_REFUSED, events.DECISION_SUPERSEDED)
_VIEWS = {events.SECOND_AGREED.code, events.SECOND_REFUSED.code}


@dataclass(frozen=True)
class Verdict:
    """What became of the check. `signed` is the record, where there is one; `findings` say what is wrong and where."""

    outcome: Outcome
    signed: SignedRecord | None = None
    findings: tuple[proofs.Finding, ...] = ()

    @property
    def is_sound(self) -> bool:
        return self.outcome in {Outcome.CURRENT, Outcome.SUPERSEDED}

    @property
    def sentence(self) -> str:
        name = f"{self.signed.ref}, version {self.signed.version}" if self.signed else ""
        return {
            Outcome.CURRENT: f"Unchanged since it left here. It shows {name}, which is the newest signed version.",
            Outcome.SUPERSEDED: f"Unchanged since it left here. It shows {name}, which a later version has replaced.",
            Outcome.AWAITING_SECOND: f"Unchanged since it left here. It shows {name}, which is signed but not in "
            "force: it waits for the second person.",
            Outcome.NOT_AGREED: f"Unchanged since it left here. It shows {name}, which is not in force: "
            "the second person did not agree.",
            Outcome.DRAFT: "This is a draft, unchanged since it left here. It was not signed, so it is no decision.",
            Outcome.ALTERED: f"Not as it left here. It holds the proof of {name}, but no such file was ever made here: "
            "it was altered, or put together.",
            Outcome.UNKNOWN: "This file was never made here, or was altered beyond recognition.",
            Outcome.RECORD_ALTERED: f"The record in the database, {name}, is not what was signed, or what was done "
            "with it is not what the ledger says. Tell a lead now.",
        }[self.outcome]

    @property
    def wrong(self) -> tuple[str, ...]:
        """What was found wrong inside the file."""
        return tuple(each.sentence for each in self.findings if each.mark is proofs.Mark.WRONG)


def verify_record(*, file: BinaryIO, by: User | None, at: datetime) -> Verdict:
    """What the PDF in `file` is, byte for byte; the check is in the ledger, the file is kept nowhere.

    A file that never left like that is opened, and what it holds is looked at, so that the answer can name what is
    wrong. The PDF of a record that `by` may not read is as unknown to them as a strange one, and takes as long: it is
    opened too. `by` is None on the server. Raises NotAllowed, and Unsound for anything that isn't a PDF or is larger
    than 50 MB.
    """
    if by is not None:
        permissions.check_can_verify(by)
    content = read_pdf(file)
    file_digest = digest(content)
    readable = SignedRecord.objects.visible_to(by) if by else SignedRecord.objects.all()
    verdict = (
        _as_it_left(file_digest, readable)
        or _as_a_draft(file_digest, by)
        or _by_its_contents(content, file_digest, readable)
    )
    signed = verdict.signed
    with transaction.atomic():  # only now: a strange file may have kept its reader busy for half a minute
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


def read_pdf(file: BinaryIO) -> bytes:
    """The bytes of `file`. Raises Unsound for anything that isn't a PDF or is larger than 50 MB."""
    content = file.read(MOST_BYTES + 1)
    if not content:
        raise _unsound("This file is empty.")
    if not content.startswith(_MARK):
        raise _unsound("This file is not a PDF.")
    if len(content) > MOST_BYTES:
        raise _unsound("This file is larger than 50 MB. No decision record is.")
    return content


def _unsound(sentence: str) -> Unsound:
    return Unsound(sentence, {"file": [sentence]})


def _as_it_left(file_digest: str, readable: QuerySet[SignedRecord]) -> Verdict | None:
    """By the event that was written when the file left; an event that was itself altered counts for nothing, and
    neither does one about a record that is closed to the reader."""
    left = Event.objects.filter(code=events.RECORD_EXPORTED.code, data__file_digest=file_digest).first()
    if left is None or left.subject_id is None or left.content_digest() != left.digest:
        return None
    signed = readable.select_related("decision").filter(pk=left.subject_id).first()
    if signed is None:
        return None
    if not digest(signed.canonical.encode()) == signed.digest == left.data["record_digest"]:
        return Verdict(Outcome.RECORD_ALTERED, signed)
    return Verdict(_by_the_ledger(signed), signed)


def _by_the_ledger(signed: SignedRecord) -> Outcome:
    """Whether `signed` is in force and the newest version, by the events about it. RECORD_ALTERED where a row says
    otherwise (that of the decision can be changed, and its owner may change any), or an event is not what it was."""
    of_record = Event.objects.filter(subject_type=signed._meta.label_lower, subject_id=signed.pk)
    about = list(of_record.filter(code__in=[kind.code for kind in _OF_A_RECORD]))
    if not all(_holds(event, signed) for event in about):
        return Outcome.RECORD_ALTERED
    said = [event.code for event in about]
    views = [code == events.SECOND_AGREED.code for code in said if code in _VIEWS]
    is_replaced = events.DECISION_SUPERSEDED.code in said
    if is_replaced:
        outcome = Outcome.SUPERSEDED
    elif False in views:
        outcome = Outcome.NOT_AGREED
    elif signed.needs_second and not signed.second_may_follow and not views:
        outcome = Outcome.AWAITING_SECOND
    else:
        outcome = Outcome.CURRENT
    fits = (
        events.DECISION_SIGNED.code in said
        and views == list(SecondView.objects.filter(record=signed).values_list("is_agreed", flat=True))
        and is_replaced == Supersession.objects.filter(old=signed).exists()
        and signed.decision.status == _STATUS[outcome]
    )
    return outcome if fits else Outcome.RECORD_ALTERED


def _holds(event: Event, signed: SignedRecord) -> bool:
    """The event is what it was, and tells of just what `signed` says now."""
    if event.content_digest() != event.digest or not isinstance(event.data, dict):
        return False
    of_this = {"record_digest": signed.digest, "version": signed.version, "needs_second": signed.needs_second}
    return all(event.data.get(name, value) == value for name, value in of_this.items())


def _as_a_draft(file_digest: str, by: User | None) -> Verdict | None:
    """A draft is told to whoever may read its case; for others it counts for nothing, like a strange file."""
    left = Event.objects.filter(code=events.DRAFT_PRINTED.code, data__file_digest=file_digest).first()
    if left is None or left.concern_id is None or left.content_digest() != left.digest:
        return None
    may_know = by is None or Concern.objects.visible_to(by).filter(pk=left.concern_id).exists()
    return Verdict(Outcome.DRAFT) if may_know else None


def _by_its_contents(content: bytes, file_digest: str, readable: QuerySet[SignedRecord]) -> Verdict:
    """Not a file that left: which record it claims to show, and what in it does not fit."""
    found = pdf_reading.read(content)
    if found is None:
        return Verdict(Outcome.UNKNOWN)
    checked = proofs.check(found, file_digest=file_digest)
    signed = readable.filter(ref=checked.reference, version=checked.version).first() if checked.reference else None
    if signed is None:
        return Verdict(Outcome.UNKNOWN)
    findings = list(checked.findings)
    if checked.record_digest != signed.digest:
        sentence = f"The digest in its proof is not that of {signed.ref}, version {signed.version}, as it was signed."
        findings.append(proofs.Finding(proofs.Mark.WRONG, sentence))
    return Verdict(Outcome.ALTERED, signed, tuple(findings))
