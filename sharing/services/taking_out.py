"""Taking a decision record out as a PDF: may they, why and for whom, the ledger's proof, and what stays behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from audit.inclusion import Included, InvalidProof, verify_inclusion
from audit.models import Event
from audit.selectors import inclusion_proof, seal_over, seal_to_keep
from audit.services import seal
from audit.vocabulary import EventKind
from concerns.services.base import lock
from safeguarding.kit import pdf
from safeguarding.kit.errors import Unsound
from sharing import documents, events, permissions, proofs
from sharing.documents import TakingOut
from sharing.models import Decision, DraftCopy, Export, RecordCopy, Referral, SignedRecord
from sharing.record import digest
from sharing.rules import Severity, asked, find_problems
from sharing.selectors import facts_for, is_as_signed, record_of, signing_of
from sharing.services.base import log
from sharing.services.deciding import check_is_draft_of, lock_draft
from sharing.services.signing import unsigned_document
from sharing.services.viewing import record_referral_view


def take_out(*, signed: SignedRecord, taking: TakingOut, by: User, at: datetime) -> bytes:
    """The PDF of `signed` for `taking.recipient`; that it left, why, and the digest of its bytes are written down.

    Raises NotAllowed, Unsound, and what `kit.pdf.render` raises. Not to be called inside a transaction that has
    recorded an event: it may seal the ledger.
    """
    permissions.check_can_take_out(by, signed)
    check_taking(taking, by=by)
    proven = prove(signed, at=at)
    content = pdf.make(documents.decision_record(signed, by=by, taking=taking, proven=proven, at=at))
    with transaction.atomic():  # only now: nobody waits for the layout, and a bar may have come meanwhile
        lock(signed.concern_id)
        permissions.check_can_take_out(by, signed)
        record_copy(signed=signed, content=content, taking=taking, by=by, at=at)
    return content


def take_out_referral(*, referral: Referral, content: Mapping[str, Any], by: User, at: datetime) -> bytes:
    """The PDF of `content`, which is what the agency gets with `referral`; that it was taken is written down.

    Raises NotAllowed, and what `kit.pdf.render` raises.
    """
    permissions.check_can_take_out_referral(by, referral)
    made = documents.referral_document(referral, content, by=by, at=at)
    with transaction.atomic():  # as above
        lock(referral.concern_id)
        permissions.check_can_take_out_referral(by, referral)
        record_referral_view(referral=referral, as_pdf=True, by=by, at=at)
    return made


def take_out_draft(*, decision_id: int, taking: TakingOut, by: User, at: datetime) -> bytes:
    """The PDF of a draft, marked as one on every page (3.5), for `taking.recipient`; that it left, why, and the digest
    of its bytes are written down.

    Raises NotAllowed, NotNow when it is no draft any more, Unsound, and what `kit.pdf.render` raises.
    """
    decision = Decision.objects.select_related("concern__reporter", "supersedes").get(pk=decision_id)
    check_is_draft_of(decision, by=by)
    check_taking(taking, by=by)
    facts = facts_for(decision, by=by, at=at)
    record = asked.only(record_of(decision), facts)
    problems = find_problems(record, facts)
    document = unsigned_document(decision, record, facts, problems, by=by, at=at)
    missing = [problem.sentence for problem in problems if problem.severity == Severity.REFUSE]
    content = documents.draft_record(decision, document, missing, by=by, taking=taking, at=at)
    with transaction.atomic():  # only now: nobody waits for the layout
        decision = lock_draft(decision_id, by=by)
        copy = DraftCopy(decision=decision)
        _write_down(copy, events.DRAFT_PRINTED, of=decision, content=content, taking=taking, by=by, at=at)
    return content


def check_taking(taking: TakingOut, *, by: User) -> None:
    """Whether `by` may take records out like that. Raises NotAllowed, and Unsound where something is not said."""
    permissions.check_can_export(by)
    if not taking.is_masked:
        permissions.check_can_name_third_parties(by)
    missing: dict[str, list[str]] = {}
    if not taking.recipient.strip():
        missing["recipient"] = ["Say who it is for."]
    elif len(taking.recipient) > Export.LONGEST_RECIPIENT:
        missing["recipient"] = [f"Use at most {Export.LONGEST_RECIPIENT} letters."]
    if not taking.reason.strip():
        missing["reason"] = ["Say what it is for."]
    if not taking.is_masked and not taking.naming_reason.strip():
        missing["naming_reason"] = ["Say why the reader needs these names."]
    if missing:
        raise Unsound("This can’t be taken out yet.", missing)


def prove(signed: SignedRecord, *, at: datetime) -> proofs.Proven:
    """The ledger's proof that `signed` was signed as it is. What waits for its seal is sealed first, if that can be."""
    event = signing_of(signed)
    if event is not None and seal_over(event) is None:
        seal(at=at)
    proof, included = _proof_of(event)
    is_sealed = event is not None and seal_over(event) is not None
    newest = seal_to_keep(at=at)
    name = f"{newest.number}:{newest.digest}" if newest else ""
    return proofs.Proven(
        content=proofs.record_proof(
            reference=signed.ref, version=signed.version, record_digest=signed.digest, signed=proof, newest=name
        ),
        seal=included.seal if included else "",
        sealed_at=included.sealed_at if included else None,
        newest=name,
        is_altered=not is_as_signed(signed, event) or (is_sealed and included is None),
    )


def _proof_of(event: Event | None) -> tuple[dict[str, object] | None, Included | None]:
    if event is None:
        return None, None
    try:
        proof = inclusion_proof(event)
        return proof, verify_inclusion(proof)
    except InvalidProof:
        return None, None


@transaction.atomic
def record_copy(
    *, signed: SignedRecord, content: bytes, taking: TakingOut, by: User, at: datetime, export: Export | None = None
) -> RecordCopy:
    """`by` has taken `signed` out as the PDF `content`: the ledger keeps its digest, so that it can be verified, and
    a row keeps for whom and why, in words.

    Raises NotAllowed, and Unsound where something is not said.
    """
    check_taking(taking, by=by)
    copy = RecordCopy(record=signed, export=export)
    _write_down(
        copy, events.RECORD_EXPORTED, of=signed, content=content, taking=taking, by=by, at=at,
        record_digest=signed.digest,
    )  # fmt: skip
    return copy


def _write_down(
    copy: RecordCopy | DraftCopy, kind: EventKind, *, of: SignedRecord | Decision, content: bytes, taking: TakingOut,
    by: User, at: datetime, **more: str,
) -> None:  # fmt: skip
    """That `content` left, for whom, why, and its digest: words in the row, codes and digests in the ledger."""
    copy.taken_by, copy.taken_at, copy.file_digest = by, at, digest(content)
    for name, words in asdict(taking).items():
        setattr(copy, name, words)
    copy.save()
    log(
        kind, of.concern, by=by, at=at, subject=of, ref=of.ref, reason=taking.reason, keeps=(copy,),
        version=of.version, file_digest=copy.file_digest, masked=taking.is_masked, **more,
    )  # fmt: skip
