"""This app's words in the ledger. Data are codes, ids and references, never narrative."""

from audit.vocabulary import Access, EventKind, register, register_access


def _kind(code: str, sentence: str, *data: str, needs_reason: bool = False, names_actor: bool = False) -> EventKind:
    return register(EventKind(code, sentence, needs_reason=needs_reason, data=frozenset(data), names_actor=names_actor))


DECISION_STARTED = _kind("sharing.decision_started", "Sharing decision started", "version")
DECISION_SAVED = _kind("sharing.decision_saved", "Page of a sharing decision saved", "page", "version")
DECISION_WITHDRAWN = _kind("sharing.decision_withdrawn", "Draft decision withdrawn", "version", needs_reason=True)
DECISION_SIGNED = _kind(
    "sharing.decision_signed",
    "Sharing decision signed",
    "version",
    "decision_kind",
    "record_digest",
    "needs_second",
    "same_reasons_elsewhere",
    names_actor=True,
)
DECISION_SUPERSEDED = _kind(
    "sharing.decision_superseded", "Sharing decision superseded", "version", "change", needs_reason=True,
    names_actor=True,
)  # fmt: skip
SECOND_AGREED = _kind(
    "sharing.second_agreed", "Second person agreed with the decision", "version", "record_digest", names_actor=True
)
SECOND_REFUSED = _kind(
    "sharing.second_refused", "Second person did not agree with the decision", "version", "record_digest",
    needs_reason=True, names_actor=True,
)  # fmt: skip
REFERRAL_DUE = _kind("sharing.referral_due", "Referral is to be sent", "agency_kind")
REFERRAL_SENT = _kind("sharing.referral_sent", "Referral sent", "method", "content_digest", "agency_kind")
DIRECT_REFERRAL = _kind("sharing.direct_referral", "Went direct to an agency", "method", "agency_kind")
REFERRAL_STEP = _kind("sharing.referral_step", "News of a referral recorded", "step", "outcome")
GONE_ON_WITHOUT = _kind("sharing.gone_on_without", "A lead decided to go on without an answer", needs_reason=True)
RECEIPT_CHECKED = _kind("sharing.receipt_checked", "Checked what became of what was sent", "step")
PERSON_TOLD = _kind("sharing.person_told", "Whether a person was told of what was sent", "person", "answer")
FOLLOW_UP_DONE = _kind("sharing.follow_up_done", "Step promised in a decision done", "follow_up", "is_unsafe")
FOLLOW_UP_TAKEN_OVER = _kind(
    "sharing.follow_up_taken_over", "Promise to tell somebody taken over by the next version", "follow_up"
)
RECORD_VIEWED = _kind("sharing.record_viewed", "Decision record opened", "version")
RECORDS_LISTED = _kind("sharing.records_listed", "Decision records listed")
REFERRAL_VIEWED = _kind("sharing.referral_viewed", "Referral opened", "as_pdf")
RECORD_EXPORTED = _kind(
    "sharing.record_exported", "Decision record exported as PDF", "version", "record_digest", "file_digest", "masked",
    needs_reason=True, names_actor=True,
)  # fmt: skip
DRAFT_PRINTED = _kind(
    "sharing.draft_printed", "Draft decision made into a PDF", "version", "file_digest", "masked",
    needs_reason=True, names_actor=True,
)  # fmt: skip
RECORD_VERIFIED = _kind(
    "sharing.record_verified", "PDF of a decision record checked", "outcome", "version", "file_digest"
)
EXPORT_ASKED = _kind(
    "sharing.export_asked", "Export of decision records asked for", "records", "masked", needs_reason=True
)
EXPORT_TAKEN_UP = _kind("sharing.export_taken_up", "Export of decision records that failed started again", "records")
EXPORT_FETCHED = _kind("sharing.export_fetched", "Export of decision records downloaded", "file_digest")
EXPORT_PURGED = _kind("sharing.export_purged", "Export file deleted")
REQUEST_LOGGED = _kind("sharing.request_logged", "Request for information received", "request_kind", "due_at")
REQUEST_VIEWED = _kind("sharing.request_viewed", "Request for information opened")
REQUESTS_LISTED = _kind("sharing.requests_listed", "Requests for information listed")
REQUEST_VERIFIED = _kind("sharing.request_verified", "Checked who asked for information")
REQUEST_LINKED = _kind("sharing.request_linked", "Request for information linked to a concern")
REQUEST_UNLINKED = _kind(
    "sharing.request_unlinked", "Request for information taken off a concern that it is not about", needs_reason=True
)
REQUEST_NAMED = _kind(
    "sharing.request_named", "Member of staff named in a request for information", "staff", needs_reason=True
)
NAMING_LIFTED = _kind(
    "sharing.naming_lifted", "Naming of a member of staff in a request for information lifted", "staff",
    needs_reason=True,
)  # fmt: skip
REQUEST_ANSWERED = _kind("sharing.request_answered", "Request for information answered", "answer")
REFUSAL_PROPOSED = _kind("sharing.refusal_proposed", "Refusal of a request waits for a Safeguarding Lead", "answer")
REFUSAL_AGREED = _kind("sharing.refusal_agreed", "A Safeguarding Lead agreed with the refusal of a request", "answer")
REFUSAL_NOT_AGREED = _kind(
    "sharing.refusal_not_agreed", "A Safeguarding Lead did not agree with the refusal of a request", "answer",
    needs_reason=True,
)  # fmt: skip
REFUSAL_WITHDRAWN = _kind(
    "sharing.refusal_withdrawn", "Another answer took the place of a refusal that waited", "answer"
)
REQUESTER_TOLD = _kind("sharing.requester_told", "Refusal of a request: the requester was told, or why not", "is_told")
REQUEST_OVERDUE = _kind("sharing.request_overdue", "Request for information is overdue", "level")
QUESTION_ASKED = _kind("sharing.question_asked", "Agency asked for information", "agency_kind")
QUESTION_STEP = _kind("sharing.question_step", "News of what an agency was asked", "step")
AGREEMENT_CHANGED = _kind(
    "sharing.agreement_changed", "Register of sharing agreements changed", "change", "number", "file_digest"
)
ENQUIRY_RECORDED = _kind("sharing.enquiry_recorded", "Enquiry caused by the local authority recorded", "lead", "due")
ENQUIRY_STEP = _kind("sharing.enquiry_step", "News of an enquiry recorded", "step", "outcome", "lead", "due")
ENQUIRY_TASK = _kind("sharing.enquiry_task", "Task of an enquiry added or done", "task", "is_done")
ENQUIRY_VIEWED = _kind("sharing.enquiry_viewed", "Enquiry opened")
CORRECTION_RECORDED = _kind("sharing.correction_recorded", "Shared fact found wrong", "recipients")
CORRECTION_TOLD = _kind("sharing.correction_told", "Agency told that a shared fact was wrong", "notice")
CAPACITY_RECORDED = _kind(
    "sharing.capacity_recorded", "Assessment of capacity recorded", "version", "is_correction", names_actor=True
)
ADVICE_CHECKED = _kind("sharing.advice_checked", "Words for advice without names checked", "confirmed")
ADVICE_RECORDED = _kind("sharing.advice_recorded", "Advice asked without names recorded", "in_full")
AGENCY_CHANGED = _kind("sharing.agency_changed", "Directory of agencies changed", "change")

register_access(
    Access.READ, RECORD_VIEWED, RECORDS_LISTED, REFERRAL_VIEWED, ENQUIRY_VIEWED, REQUEST_VIEWED, REQUESTS_LISTED
)
register_access(Access.EXPORT, RECORD_EXPORTED, DRAFT_PRINTED, EXPORT_ASKED, EXPORT_FETCHED)
