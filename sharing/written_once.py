"""What is signed, shared and recorded here is written once and stays: whatever comes later is a row of its own.

The database refuses a change, and the event that tells of the writing vouches for the row, so that `verify_ledger`
names whatever the owner of the database altered all the same (ADR 15). The columns under one name never change: one
that is added goes under a new name.
"""

from audit import kept
from safeguarding.kit import immutable
from sharing import events
from sharing.models import (
    AgreementFile,
    AgreementVersion,
    CapacityRecord,
    Correction,
    CoveredPerson,
    Disclosure,
    DraftCopy,
    EnquiryStep,
    QuestionStep,
    ReceiptCheck,
    RecordCopy,
    ReferralStep,
    RequestUnlinked,
    SecondView,
    SignedRecord,
    Supersession,
    Telling,
)

COPY = ("taken_by_id", "taken_at", "recipient", "reason", "is_masked", "naming_reason", "file_digest")

WHOLE = {
    "decision": (
        SignedRecord,
        ("decision_id", "concern_id", "ref", "version", "canonical", "digest", "signed_by_id", "signed_at", "kind",
         "choice", "service_area_id", "risk_level", "review_date", "is_retrospective", "cites_order", "reasons_digest",
         "is_late", "has_no_ground", "needs_second", "second_is_lead", "second_may_follow"),
    ),
    "covered_person": (CoveredPerson, ("record_id", "involvement_id")),
    "second_view": (SecondView, ("record_id", "is_agreed", "comment", "by_id", "by_title", "at", "digest")),
    "supersession": (Supersession, ("old_id", "new_id", "reason", "words", "by_id", "at")),
    "disclosure": (
        Disclosure,
        ("record_id", "referral_id", "shared_at", "shared_by_id", "method", "received_by", "content", "digest",
         "recorded_at"),
    ),
    "receipt_check": (
        ReceiptCheck,
        ("disclosure_id", "step", "on", "who", "how", "words", "recorded_by_id", "recorded_at"),
    ),
    "telling": (
        Telling,
        ("disclosure_id", "person_id", "answer", "on", "words", "recorded_by_id", "recorded_at"),
    ),
    "referral_step": (
        ReferralStep,
        ("referral_id", "kind", "at", "by_id", "who", "outcome", "stage", "words", "recorded_at"),
    ),
    "correction": (
        Correction,
        ("ref", "concern_id", "wrong", "right", "source", "recorded_at", "recorded_by_id"),
    ),
    "capacity": (
        CapacityRecord,
        ("ref", "decision_id", "person_id", "assessment", "conclusion", "corrects_id", "correction_reason",
         "recorded_at", "recorded_by_id"),
    ),
    "question_step": (QuestionStep, ("question_id", "kind", "at", "by_id", "who", "words", "recorded_at")),
    "request_unlinked": (RequestUnlinked, ("request_id", "concern_id", "reason", "unlinked_by_id", "unlinked_at")),
    "agreement": (
        AgreementVersion,
        ("agreement_id", "number", "name", "version", "parties", "review_date", "document", "owner_id", "change_words",
         "recorded_at", "recorded_by_id"),
    ),
    "agreement_file": (AgreementFile, ("version_id", "file_id")),
    "enquiry_step": (EnquiryStep, ("enquiry_id", "kind", "on", "who", "words", "by_id", "recorded_at")),
    "copy": (RecordCopy, (*COPY, "record_id", "export_id")),
    "draft_copy": (DraftCopy, (*COPY, "decision_id")),
}  # fmt: skip


def protect() -> None:
    """Called once, when the app starts."""
    for name, (model, columns) in WHOLE.items():
        immutable.protect(model._meta.db_table)
        kept.register(name, model, columns)
    # Until November 2026 these events named no rows, but held the digest of what was signed and of what went.
    kept.register_digest(events.DECISION_SIGNED.code, "decision", SignedRecord, ["canonical"], label="record_digest")
    kept.register_digest(
        events.REFERRAL_SENT.code, "referral", Disclosure, ["content"], label="content_digest", of="referral_id"
    )
