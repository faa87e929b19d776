"""The PDFs of sharing: a decision record from its signed text alone, and a referral from its frozen content."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.models import User
from safeguarding.kit import pdf
from sharing import proofs
from sharing.later import later_of, later_of_draft, status_words
from sharing.models import Decision, Referral, SignedRecord
from sharing.reading import Part, Reader, parts, runs
from sharing.selectors import around, around_people

# Of part 1: what the first page answers at a glance; the rest of it follows below.
_GLANCE = 8


@dataclass(frozen=True)
class TakingOut:
    """Why a record is taken out, for whom, and whether people who are not at risk are named, and then why."""

    reason: str
    recipient: str
    is_masked: bool = True
    naming_reason: str = ""


def decision_record(
    signed: SignedRecord,
    *,
    by: User,
    taking: TakingOut,
    proven: proofs.Proven,
    at: datetime,
) -> pdf.Order:
    """The decision record (3.5): twenty parts, then what it rests on.

    Masked, nobody but the people at risk is named; safe contacts are hidden always. The signed JSON, which says all,
    is attached only when nothing is hidden; the proof of the signing, which names nobody, always.
    """
    version = f"version {signed.version}"
    reader = Reader(signed.document, masked=taking.is_masked, on_paper=True, around=around(signed))
    later = later_of(signed, by, on_paper=True)
    found = parts(reader, later)
    holds_record = not (taking.is_masked or reader.hides_anything)
    context = {
        "imprint": pdf.Imprint(
            generated_at=at,
            generated_by=by.full_name,
            purpose=taking.reason,
            recipient=taking.recipient,
            reference=signed.ref,
            version=version,
            digest=signed.digest,
            status=", ".join(filter(None, (status_words(signed), "NOT AS SIGNED" if proven.is_altered else ""))),
        ),
        "signed": signed,
        "taking": taking,
        "proven": proven,
        "holds_record": holds_record,
        "hides_contacts": not taking.is_masked and not holds_record,
        "superseded": f"{later.superseded} {reader.text(later.superseded_why)}".strip(),
        **_split(found),
        "contents": _contents(found, ("proof", "How to check this document")),
    }
    return pdf.Order.of(
        "sharing/pdf/decision_record.html",
        context,
        title=f"Information-sharing decision {signed.ref}, {version}",
        attachments=_attachments(signed, proven, holds_record=holds_record),
    )


def draft_record(
    decision: Decision,
    document: Mapping[str, Any],
    missing: Sequence[str],
    *,
    by: User,
    taking: TakingOut,
    at: datetime,
) -> bytes:
    """A draft as it would be signed, marked DRAFT on every page, with what stands against signing it.

    Hides what a signed one would hide. It holds no proof and no record: nothing of it was signed.
    """
    version = f"version {decision.version}"
    around = around_people(decision.concern, document["record"]["people"])
    reader = Reader(document, masked=taking.is_masked, on_paper=True, around=around, is_draft=True)
    found = parts(reader, later_of_draft(decision, by))
    context = {
        "imprint": pdf.Imprint(
            generated_at=at,
            generated_by=by.full_name,
            purpose=taking.reason,
            recipient=taking.recipient,
            reference=decision.ref,
            version=version,
            status="DRAFT",
        ),
        "taking": taking,
        "superseded": "Nothing is decided until it is signed.",
        **_split(found),
        "contents": _contents(found, ("draft", "Before it is signed")),
        "missing": [reader.text(sentence) for sentence in missing],
    }
    title = f"Draft of information-sharing decision {decision.ref}, {version}"
    return pdf.render("sharing/pdf/draft_record.html", context, title=title)


def _split(found: tuple[Part, ...]) -> dict[str, object]:
    """What the first page answers at a glance, the rest of part 1, and the other parts."""
    first, *others = found
    return {"first": first, "glance": first.answers[:_GLANCE], "more": runs(first.answers[_GLANCE:]), "parts": others}


def _contents(found: tuple[Part, ...], last: tuple[str, str]) -> list[list[tuple[str, str]]]:
    """Anchor and words of each part and of what stands last, in three columns."""
    lines = [(f"part-{part.number}", f"{part.number}. {part.title.partition(':')[0]}") for part in found]
    lines.append(last)
    third = -(-len(lines) // 3)
    return [lines[start : start + third] for start in range(0, len(lines), third)]


def _attachments(signed: SignedRecord, proven: proofs.Proven, *, holds_record: bool) -> list[pdf.Attachment]:
    proof = pdf.Attachment(
        name=proofs.PROOF_NAME,
        content=json.dumps(proven.content, indent=1, sort_keys=True, ensure_ascii=False).encode(),
        media_type="application/json",
        description="The ledger’s proof of the signing (RFC 6962)",
        relationship="Supplement",
    )
    if not holds_record:
        return [proof]
    record = pdf.Attachment(
        name=proofs.record_name(signed.ref, signed.version),
        content=signed.canonical.encode(),
        media_type="application/json",
        description="The signed record, canonical JSON (RFC 8785)",
    )
    return [record, proof]


def referral_document(referral: Referral, content: Mapping[str, Any], *, by: User, at: datetime) -> bytes:
    """The referral as it goes to the agency."""
    to = content["to"]
    context = {
        "imprint": pdf.Imprint(
            generated_at=at,
            generated_by=by.full_name,
            purpose="Safeguarding referral",
            recipient=", ".join(filter(None, (to["organisation"], to["person"]))) or referral.agency_name,
            reference=referral.ref,
        ),
        "content": content,
    }
    return pdf.render("sharing/pdf/referral.html", context, title=f"Safeguarding referral {referral.ref}")
