"""What is written once and stays: the report in the reporter's own words, and what was written on the case since.

A correction is a new row (R147; R21 and X4 for a DASH record). The database refuses a change, and each event that tells
of the writing holds the digest of these columns, so that `verify_ledger` names whatever the owner of the database
altered all the same (ADR 15). The columns under one name never change: one that is added goes under a new name.
"""

from audit import kept
from concerns.models import (
    Attachment,
    Concern,
    Contact,
    DashRecord,
    Dissatisfaction,
    DomesticAccount,
    EmergencyCall,
    Feedback,
    Note,
    Review,
    Triage,
)
from concerns.vocabulary import PlaceKept
from safeguarding.kit import immutable

REPORT = (
    "ref", "reporter_id", "reporter_job_title", "reported_at", "told_by", "how_known", "is_immediate_danger", "facts",
    "said", "said_by", "hearsay", "hearsay_from", "opinion", "opinion_evidence", "noticed_at", "noticed_precision",
    "delay_reason", "place", "is_person_unknown", "other_abuse", "implicated_words", "is_hidden_from_manager",
    "done_already", "promised_secrecy",
)  # fmt: skip

WHOLE = {
    "note": (Note, ("concern_id", "kind", "text", "event_at", "author_id", "author_title", "written_at")),
    "call": (
        EmergencyCall,
        ("concern_id", "service", "called_by", "called_at", "incident_number", "who_attended", "is_safe_now",
         "recorded_at", "recorded_by_id"),
    ),
    "triage": (
        Triage,
        ("concern_id", "by_id", "at", "urgency", "household_reviewed", "is_no_one_else", "has_care_needs", "is_at_risk",
         "cannot_protect_self", "care_act_reasons", "adjustments", "adjustments_detail", "enforcement",
         "enforcement_plan"),
    ),
    "review": (
        Review,
        ("concern_id", "deadline_id", "by_id", "at", "outcome", "risk_level", "findings", "is_decision_revisited",
         "next_date"),
    ),
    "feedback": (Feedback, ("concern_id", "text", "by_id", "at")),
    "contact": (
        Contact,
        ("concern_id", "person_id", "on", "how", "is_reached", "is_last", "words", "next_date", "recorded_by_id",
         "recorded_at"),
    ),
    "dash": (
        DashRecord,
        ("ref", "concern_id", "person_id", "assessed_on", "assessor", "score", "not_scored_reason", "own_view",
         "own_view_not_asked", "is_high_by_judgement", "judgement_reason", "incidents", "medium_from", "high_from",
         "incidents_from", "corrects_id", "correction_reason", "recorded_by_id", "recorded_at"),
    ),
    "domestic": (
        DomesticAccount,
        ("concern_id", "behaviours", "pattern", "connected", "both_over_16", "flags", "impacts", "aggravators", "words",
         "recorded_by_id", "recorded_at"),
    ),
}  # fmt: skip

# What a reporter is not satisfied with: more words may follow until there is an answer; then all of it stays (R42).
COMPLAINT = ("concern_id", "by_id", "at", "words")
ANSWER = ("reviewer_id", "is_with_senior", "is_upheld", "answer", "answered_by_id", "answered_at")

# A file as it was added; whose it is, from when it is of a concern, and its bytes, from when nobody is asked any more
# what becomes of the place in them. In a report that was not sent it may go.
ADDED = (
    "key", "is_of_register", "name", "kind", "sort", "description", "digest_as_sent", "uploaded_by_id", "uploaded_at",
)  # fmt: skip
BYTES = ("digest", "size", "place")


def protect() -> None:
    """Called once, when the app starts."""
    immutable.protect("concerns_concern", columns=REPORT)
    kept.register("report", Concern, REPORT)
    for name, (model, columns) in WHOLE.items():
        immutable.protect(model._meta.db_table)
        kept.register(name, model, columns)
    immutable.protect(
        "concerns_dissatisfaction",
        columns=("concern_id", "by_id", "at"),
        grows=("words",),
        whole_when='OLD."answered_at" IS NOT NULL',
    )
    kept.register("complaint", Dissatisfaction, COMPLAINT, grows="words")
    kept.register("answer", Dissatisfaction, ANSWER, since="answered_at")
    immutable.protect(
        "concerns_attachment",
        columns=ADDED,
        stays_when={'OLD."concern_id" IS NOT NULL': ["concern_id"], f"""OLD."place" <> '{PlaceKept.ASKED}'""": BYTES},
        allow_delete_with='OLD."draft_id" IS NOT NULL',
    )
    kept.register("file", Attachment, (*ADDED, "concern_id"))
    kept.register("bytes", Attachment, BYTES, since="final_digest")
