"""Everything that people wrote on a concern, read in one statement and told in one order.

Notes, hand-overs, triage, reviews, closing, feedback, calls: tables with an author and a time each. One UNION reads
them all, so that a concern's page costs the same number of statements however much was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import CharField, DateTimeField, F, QuerySet, Value
from django.db.models.functions import Cast, JSONObject

from accounts.models import User
from concerns.models import (
    AbuseType,
    Assignment,
    Attachment,
    ClosureProposal,
    Concern,
    Conflict,
    Contact,
    DashRecord,
    Dissatisfaction,
    DomesticStep,
    EmergencyCall,
    Feedback,
    Merge,
    Note,
    Review,
    StaffStep,
    Triage,
    TwoPersonStep,
)
from concerns.models.concern import is_kept_out
from concerns.models.joined import with_joined
from concerns.rules import names_person
from concerns.vocabulary import (
    TELLS_OF_REPORTER,
    ClosureReason,
    DomesticStepAnswer,
    DomesticStepKind,
    EmergencyService,
    HolderCause,
    MaracBasis,
    NoteKind,
    ReviewOutcome,
    StaffStepAnswer,
    StaffStepKind,
    TwoPersonAct,
    Urgency,
    YesNoUnknown,
)

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One row of the union. `event_at`: when it happened, where that differs from when it was written."""

    source: str
    at: datetime
    by_id: int | None
    by: str
    event_at: datetime | None
    body: Body


@dataclass(frozen=True)
class Entry:
    """Something written on the case, ready to be shown: who, when, and the words under their headings."""

    source: str
    title: str
    at: datetime
    by: str
    event_at: datetime | None
    parts: tuple[tuple[str, str], ...]


def read_rows(concern: Concern, viewer: User) -> list[Row]:
    """All that was written on `concern`, oldest first, in one statement. Of what was joined to it, or what it
    was joined to, nothing that `viewer` is kept out of, also where they were separated since (I3).
    """
    of = {"concern": concern}
    proposals = ClosureProposal.objects.filter(**of)
    answers = Dissatisfaction.objects.filter(**of, answered_at__isnull=False)
    seconds = TwoPersonStep.objects.filter(**of)
    merges = Merge.objects.filter(~is_kept_out(viewer, of="into"), **of)
    # Notes come first: their columns say which type each column of the union has.
    first = _part(Note.objects.filter(**of), "note", "written_at", "author", "event_at", code="kind", text="text")
    others = [
        _part(
            Assignment.objects.filter(**of), "assignment", "started_at", "moved_by", None,
            code="cause", text="note", holder_id="holder_id", holder="holder__full_name",
        ),
        _part(
            Triage.objects.filter(**of), "triage", "at", "by", None,
            urgency="urgency", household="household_reviewed", no_one_else="is_no_one_else",
            needs="has_care_needs", at_risk="is_at_risk", protect="cannot_protect_self", reasons="care_act_reasons",
            adjustments="adjustments", adjustments_detail="adjustments_detail", enforcement="enforcement",
            enforcement_plan="enforcement_plan",
        ),
        _part(
            Review.objects.filter(**of), "review", "at", "by", None,
            code="outcome", text="findings", revisited="is_decision_revisited", next_date="next_date",
        ),
        _part(
            proposals, "closure", "proposed_at", "proposed_by", None,
            code="reason", text="words", family="family_reconfirmed", reporter="reporter_told",
            agreed="is_agreed", from_state="from_state",
        ),
        _part(
            proposals.filter(is_agreed__isnull=False), "closure_view", "viewed_at", "viewed_by", None,
            agreed="is_agreed", text="view_words",
        ),
        _part(
            Dissatisfaction.objects.filter(**of), "dissatisfaction", "at", "by", None,
            text="words", reviewer_id="reviewer_id", reviewer="reviewer__full_name", upheld="is_upheld",
        ),
        _part(answers, "answer", "answered_at", "answered_by", None, text="answer", upheld="is_upheld"),
        _part(Feedback.objects.filter(**of), "feedback", "at", "by", None, text="text"),
        _part(
            EmergencyCall.objects.filter(**of), "call", "recorded_at", "recorded_by", "called_at",
            code="service", called_by="called_by", number="incident_number", attended="who_attended",
            safe="is_safe_now",
        ),
        _part(
            # R82: one log for one person, also of what was joined.
            Contact.objects.filter(~is_kept_out(viewer, of="concern"), concern__in=with_joined(concern.pk)),
            "contact", "recorded_at", "recorded_by", None,
            person_id="person_id", person="person__name", described="person__description",
            search_text="person__search_text", born="person__date_of_birth", reached="is_reached", last="is_last",
            on="on", how="how", text="words", next_date="next_date",
        ),
        _part(AbuseType.objects.filter(**of), "abuse", "concern__reported_at", None, None, code="code"),
        _part(
            Conflict.objects.filter(**of, lifted_at__isnull=True), "conflict", "recorded_at", "recorded_by", None,
            code="kind", staff_id="staff_id", staff="staff__full_name",
        ),
        _part(
            seconds, "second", "asked_at", "asked_by", None,
            code="act", text="reason", about="conflict__staff__full_name",
            let_in="let_in__full_name", agreed="is_agreed", level="level", person="involvement__person__name",
        ),
        _part(
            seconds.filter(is_agreed__isnull=False), "second_view", "viewed_at", "viewed_by", None,
            code="act", text="view_words", about="conflict__staff__full_name",
            let_in="let_in__full_name", agreed="is_agreed",
        ),
        _part(StaffStep.objects.filter(**of), "staff_step", "started_at", None, None, code="kind", answer="answer"),
        _part(
            StaffStep.objects.filter(**of).exclude(answer=""), "staff_answer", "answered_at", "answered_by", None,
            code="kind", answer="answer", text="words",
        ),
        _part(
            DomesticStep.objects.filter(**of), "domestic_step", "started_at", None, None,
            code="kind", answer="answer", on="referred_on",
        ),
        _part(
            DomesticStep.objects.filter(**of).exclude(answer=""), "domestic_answer", "answered_at", "answered_by", None,
            code="kind", answer="answer", text="words", on="referred_on", basis="basis",
        ),
        _part(
            DashRecord.objects.filter(**of), "dash", "recorded_at", "recorded_by", None,
            ref="ref", on="assessed_on", score="score", high="is_high_by_judgement",
        ),
        _part(merges, "joined_to", "at", "by", None, ref="into__ref", text="reason", undone_at="undone_at"),
        _part(
            merges.filter(undone_at__isnull=False), "separated", "undone_at", "undone_by", None,
            ref="into__ref", text="undone_reason",
        ),
        # Only that there are some: who sees which is decided where they are read.
        _part(Attachment.objects.filter(**of), "file", "uploaded_at", None, None, key="key"),
        _part(
            Merge.objects.filter(~is_kept_out(viewer, of="concern"), into=concern), "took_in", "at", "by", None,
            ref="concern__ref", text="reason", undone_at="undone_at",
        ),
    ]  # fmt: skip
    rows = [Row(*row) for row in first.union(*others, all=True)]
    return sorted(rows, key=lambda row: row.at)


def _part(rows: QuerySet[Any], source: str, at: str, by: str | None, event_at: str | None, **body: str) -> Any:
    nothing = Cast(Value(None), output_field=DateTimeField())
    return (
        rows.order_by()
        .annotate(
            row_source=Cast(Value(source), output_field=CharField(max_length=20)),
            row_at=F(at),
            row_by_id=F(f"{by}_id") if by else Cast(Value(None), output_field=Note._meta.pk),
            row_by=F(f"{by}__full_name") if by else Cast(Value(""), output_field=CharField(max_length=150)),
            row_event_at=F(event_at) if event_at else nothing,
            row_body=JSONObject(**body),
        )
        .values_list("row_source", "row_at", "row_by_id", "row_by", "row_event_at", "row_body")
    )


def _yes_no(code: object) -> str:
    return YesNoUnknown(str(code)).label if code in YesNoUnknown.values else ""


def _day(text: object) -> str:
    day = date.fromisoformat(str(text)[:10])
    return f"{day.day} {day:%B %Y}"


def _triage(body: Body) -> tuple[str, list[tuple[str, object]]]:
    household = body["household"]
    return "Triage recorded", [
        ("Urgency", Urgency(body["urgency"]).label),
        ("Household and wider network (Think Family)", household),
        ("No one else", "Nobody else lives there or is close." if body["no_one_else"] else ""),
        ("Screening, not a decision: has care and support needs", _yes_no(body["needs"])),
        ("Screening, not a decision: is experiencing, or at risk of, abuse or neglect", _yes_no(body["at_risk"])),
        ("Screening, not a decision: can’t protect themselves because of those needs", _yes_no(body["protect"])),
        ("Reasons", body["reasons"]),
        ("Adjustments needed", _yes_no(body["adjustments"])),
        ("Which adjustments", body["adjustments_detail"]),
        ("Live enforcement or arrears action", _yes_no(body["enforcement"])),
        ("What happens with that action", body["enforcement_plan"]),
    ]


def _review(body: Body) -> tuple[str, list[tuple[str, object]]]:
    return f"Review: {ReviewOutcome(body['code']).label.lower()}", [
        ("What was found", body["text"]),
        ("Decision looked at again", "Yes" if body["revisited"] else "No"),
        ("Next review", _day(body["next_date"])),
    ]


def _closure(body: Body) -> tuple[str, list[tuple[str, object]]]:
    return "Closing proposed", [
        ("Reason", ClosureReason(body["code"]).label),
        ("Why", body["text"]),
        ("Think Family, looked at again", body["family"]),
        ("What the person who reported it was told", body["reporter"]),
    ]


def _call(body: Body) -> tuple[str, list[tuple[str, object]]]:
    return f"Emergency call: {EmergencyService(body['code']).label}", [
        ("Who called", body["called_by"]),
        ("Incident number", body["number"] or "Not known yet"),
        ("Who attended", body["attended"]),
        ("Safe now", _yes_no(body["safe"])),
    ]


def _assignment(body: Body) -> tuple[str, list[tuple[str, object]]]:
    return f"Given to {body['holder']}", [("Why", HolderCause(body["code"]).label), ("Hand-over note", body["text"])]


def cause_words(cause: str, at: datetime, rows: Iterable[Row], *, is_reporter_hidden: bool) -> str:
    """Why it came to somebody `at` that moment; "" where that would tell whose team somebody is in who is not named to
    the reader (R43). Not that it was separated from a concern that is closed to the reader of `rows` (I3).
    """
    if is_reporter_hidden and cause in TELLS_OF_REPORTER:
        return ""
    if cause == HolderCause.SEPARATED and not any(row.source == "separated" and row.at == at for row in rows):
        return CHOSEN_AFRESH
    return str(HolderCause(cause).label)


def _domestic(body: Body) -> tuple[str, list[tuple[str, object]]]:
    kind, answer = DomesticStepKind(body["code"]), DomesticStepAnswer(body["answer"])
    return f"{kind.label}: {answer.label.lower()}", [
        ("Referred on", _day(body["on"]) if body["on"] else ""),
        ("The high risk rests on", MaracBasis(body["basis"]).label if body["basis"] else ""),
        ("", body["text"]),
    ]


def _dash(body: Body) -> tuple[str, list[tuple[str, object]]]:
    return f"DASH checklist recorded: {body['ref']}", [
        ("Assessed on", _day(body["on"])),
        ("Score", "The questions were not asked" if body["score"] is None else body["score"]),
        ("High risk in professional judgement", "Yes" if body["high"] else "No"),
    ]


# A hand-over note stands with the change of holder, so it isn't told twice.
_TELL: dict[str, Callable[[Body], tuple[str, list[tuple[str, object]]]]] = {
    "note": lambda body: (NoteKind(body["code"]).label, [("", body["text"])]),
    "assignment": _assignment,
    "triage": _triage,
    "review": _review,
    "closure": _closure,
    "closure_view": lambda body: (
        "Second person agreed to close" if body["agreed"] else "Second person did not agree to close",
        [("", body["text"])],
    ),
    "dissatisfaction": lambda body: (
        "The person who reported it is not satisfied",
        [("", body["text"]), ("Asked to look at it afresh", body["reviewer"])],
    ),
    "answer": lambda body: (
        "Answer to the person who reported it: upheld" if body["upheld"] else "Answer to the person who reported it",
        [("", body["text"])],
    ),
    "feedback": lambda body: ("Told the person who reported it", [("", body["text"])]),
    "call": _call,
    "second": lambda body: (
        f"A second person was asked: {TwoPersonAct(body['code']).label.lower()}",
        [("Who it is about", body["about"] or body["let_in"]), ("Why", body["text"])],
    ),
    "second_view": lambda body: (
        f"Second person {'agreed' if body['agreed'] else 'did not agree'}: {TwoPersonAct(body['code']).label.lower()}",
        [("Who it is about", body["about"] or body["let_in"]), ("", body["text"])],
    ),
    "staff_answer": lambda body: (
        f"{StaffStepKind(body['code']).label}: {StaffStepAnswer(body['answer']).label.lower()}",
        [("", body["text"])],
    ),
    "domestic_answer": _domestic,
    "dash": _dash,
    "joined_to": lambda body: (f"Joined to {body['ref']}", [("Why", body["text"])]),
    "separated": lambda body: (f"Separated again from {body['ref']}", [("Why", body["text"])]),
    "took_in": lambda body: (f"{body['ref']} was joined to this concern", [("Why", body["text"])]),
}


def entries(
    rows: Sequence[Row],
    *,
    hidden: frozenset[int],
    hidden_names: Sequence[str],
    is_reporter_hidden: bool,
    sees_reviewer: bool,
) -> tuple[Entry, ...]:
    """The written entries, newest first. `hidden`: the accounts whose names the reader may not know (R43), and what
    they are called; `is_reporter_hidden`: whoever reported this concern is one of them.
    """
    # Who takes it on is the holder whom the title names, and so is whoever did anything else in that moment.
    named_then = {(row.by_id, row.at) for row in rows if _takes_it_on(row)}
    told = []
    for row in rows:
        tell = _TELL.get(row.source)
        if tell is None or (row.source == "note" and row.body["code"] == NoteKind.HAND_OVER):
            continue
        title, parts = tell(row.body)
        if row.source == "call" and any(names_person(row.body["called_by"], name) for name in hidden_names):
            # Filled in with the name of whoever reported it, where they left it empty.
            parts = [("Who called", HIDDEN_CALLER), *parts[1:]]
        if row.source == "assignment":
            cause = cause_words(row.body["code"], row.at, rows, is_reporter_hidden=is_reporter_hidden)
            parts = [("Why", cause), *parts[1:]]
        if row.source == "dissatisfaction" and row.body["upheld"] is None and not sees_reviewer:
            parts = [("", row.body["text"]), ("Asked to look at it afresh", "Somebody who had no part in it")]
        is_hidden = row.by_id in hidden and (row.by_id, row.at) not in named_then
        by = HIDDEN_REPORTER if is_hidden else row.by or "The system"
        shown = tuple((label, str(text)) for label, text in parts if text not in ("", None))
        told.append(Entry(row.source, title, row.at, by, row.event_at, shown))
    return tuple(reversed(told))


def _takes_it_on(row: Row) -> bool:
    return row.source == "assignment" and row.body["holder_id"] == row.by_id


CHOSEN_AFRESH = "Whoever holds it was chosen afresh"
HIDDEN_REPORTER = "The person who reported it"
# Only a name in common: it may be somebody else.
HIDDEN_CALLER = "Somebody whose name is protected"


def has_open_dissatisfaction(rows: Iterable[Row]) -> bool:
    return any(row.source == "dissatisfaction" and row.body["upheld"] is None for row in rows)


def waiting_closure(rows: Iterable[Row]) -> Row | None:
    """The proposal to close that waits for a second person."""
    return next((row for row in rows if row.source == "closure" and row.body["agreed"] is None), None)
