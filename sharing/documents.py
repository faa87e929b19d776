"""The PDFs of sharing: a decision record from its signed text alone, and a referral from its frozen content."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import User
from safeguarding.kit import pdf
from sharing.later import later_of, status_words, superseded_sentence
from sharing.models import Referral, SignedRecord
from sharing.reading import Reader, parts


def decision_record(signed: SignedRecord, *, by: User, purpose: str, is_masked: bool, at: datetime) -> bytes:
    """The decision record (3.5). Masked, nobody but the people at risk is named, and the signed JSON, which names
    everybody, is left out; unmasked, it is attached.
    """
    version = f"version {signed.version}"
    reader = Reader(signed.document, masked=is_masked)
    attachments = []
    if not is_masked:
        attachments.append(
            pdf.Attachment(
                name=f"{signed.ref}-v{signed.version}.json",
                content=signed.canonical.encode(),
                media_type="application/json",
                description="The signed record, canonical JSON (RFC 8785)",
            )
        )
    context = {
        "imprint": pdf.Imprint(
            generated_at=at,
            generated_by=by.full_name,
            purpose=purpose,
            reference=signed.ref,
            version=version,
            digest=signed.digest,
            status=status_words(signed),
        ),
        "signed": signed,
        "parts": parts(reader, later_of(signed)),
        "superseded": superseded_sentence(signed),
        "is_masked": is_masked,
    }
    return pdf.render(
        "sharing/pdf/decision_record.html",
        context,
        title=f"Information-sharing decision {signed.ref}, {version}",
        attachments=attachments,
    )


def referral_document(referral: Referral, content: Mapping[str, Any], *, by: User, at: datetime) -> bytes:
    """The referral as it goes to the agency."""
    context = {
        "imprint": pdf.Imprint(
            generated_at=at,
            generated_by=by.full_name,
            purpose=f"Safeguarding referral to {referral.agency_name}",
            reference=referral.ref,
        ),
        "content": content,
    }
    return pdf.render("sharing/pdf/referral.html", context, title=f"Safeguarding referral {referral.ref}")
