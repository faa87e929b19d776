"""Working on a concern: notes, people, emergency calls, triage and reviews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from concerns import clocks, events, permissions, rules
from concerns.facts import case_facts
from concerns.intake import IntakeEmergencyCall, IntakePerson
from concerns.models import AbuseType, Concern, EmergencyCall, Involvement, Note, Review, Triage
from concerns.references import folded
from concerns.selectors import highest_risk
from concerns.selectors.domestic import children_of_the_home, is_domestic
from concerns.selectors.limits import limits_in_force
from concerns.services.at_risk import SET_ASIDE, child_is_set_aside_without_reason, put_at_risk
from concerns.services.base import keep_reason, key_of, lock, log, save, sent_before
from concerns.services.clocks import meet_clock, start_clock
from concerns.services.conflicts import keep_out_of_their_own, leaving_somebody, nobody_left
from concerns.services.domestic import open_domestic_steps
from concerns.services.holding import leave_if_shut_out
from concerns.services.moving import considered_again, start_triage_clock
from concerns.services.raising import add_involvement
from concerns.services.second_person import ask_to_lower_risk
from concerns.services.staff_steps import open_missing_staff_steps, open_staff_steps
from concerns.vocabulary import (
    DOMESTIC_ABUSE,
    AdultAbuse,
    ChildAbuse,
    ClockKind,
    NoteKind,
    PersonRole,
    ReviewOutcome,
    RiskLevel,
    State,
    Urgency,
    YesNoUnknown,
)
from concerns.workflow import DECISIONS_OPEN, critical_risk_was_decided_again
from safeguarding.kit.errors import NotNow, Unsound


@transaction.atomic
def add_note(
    *,
    concern_id: int,
    text: str,
    form_key: str,
    by: User,
    at: datetime,
    event_at: datetime | None = None,
    kind: NoteKind = NoteKind.NOTE,
) -> Note:
    """A note stands on the concern for good. The same form sent twice makes one note (`key_of`)."""
    concern = lock(concern_id)
    permissions.check_can_write_note(by, concern)
    return write_note(concern, text=text, form_key=form_key, by=by, at=at, event_at=event_at, kind=kind)


def write_note(
    concern: Concern,
    *,
    text: str,
    form_key: str,
    by: User,
    at: datetime,
    event_at: datetime | None = None,
    kind: NoteKind = NoteKind.NOTE,
) -> Note:
    """Write a note on the locked concern, once for what `by` sends in one form.

    Raises Unsound when it is empty, too long or tells of the future.
    """
    if not text.strip():
        raise Unsound("Write something first.", {"text": ["Write what you want to add."]})
    if len(text) > rules.LONGEST_TEXT:
        raise Unsound("This is too long.", {"text": [f"Keep it under {rules.LONGEST_TEXT:,} characters."]})
    if event_at is not None and event_at > at:
        raise Unsound("Check the date.", {"event_at": ["The date and time can’t be in the future."]})
    key = key_of(form_key, text=text, kind=kind, event_at=event_at)
    if same := sent_before(Note.objects.filter(author=by), concern, key):
        return same
    note = Note.objects.create(
        concern=concern, kind=kind, text=text, event_at=event_at, author=by, author_title=by.job_title, written_at=at,
        form_key=key,
    )  # fmt: skip
    save(concern)
    added = kind == NoteKind.ADDED
    log(
        events.REPORT_ADDED_TO if added else events.NOTE_ADDED,
        concern,
        by=by,
        at=at,
        keeps=(note,),
        note=note.pk,
        **({} if added else {"note_kind": kind.value}),
    )
    return note


@transaction.atomic
def record_emergency_call(*, concern_id: int, call: IntakeEmergencyCall, by: User, at: datetime) -> EmergencyCall:
    """999 was called (R37). Whoever may read the case or reported it can record it; no rule stops it (R39), unless they
    are shut out of the concern (I3).

    The same call told twice by the same person is one call; told with another answer, it is kept as told.
    """
    concern = lock(concern_id)
    if concern.reporter_id == by.pk:
        permissions.check_can_add_to_report(by, concern)
    else:
        permissions.check_can_record_call(by, concern)
    row, is_new = EmergencyCall.objects.get_or_create(
        concern=concern,
        service=call.service,
        called_by=call.called_by,
        called_at=call.called_at,
        incident_number=call.incident_number,
        is_safe_now=call.is_safe_now,
        recorded_by=by,
        defaults={"recorded_at": at},
    )
    if is_new:
        save(concern)
        log(events.EMERGENCY_CALL_RECORDED, concern, by=by, at=at, keeps=(row,), service=call.service)
    return row


@transaction.atomic
def add_person(
    *, concern_id: int, person: IntakePerson, by: User, at: datetime, seen_version: int | None = None
) -> Involvement:
    """One more person in the concern. A member of staff who is part of it is kept out at once (R41, R45), and the leads
    are told.

    Where that leaves the holder in conflict (it is they, or their manager), the concern goes up the ladder. Raises
    Unsound by field, also where nobody else at lead level would be left (R44).
    """
    concern = lock(concern_id, seen_version=seen_version)
    permissions.check_is_holder(by, concern)
    if not (person.name.strip() or person.description.strip()):
        raise Unsound(
            "Say who it is.",
            {"name": ["Write a name, or how they could be recognised if you don’t know the name."]},
        )
    involvement = add_involvement(concern, person, by=by, at=at)
    save(concern)
    with leaving_somebody(concern, by=by, refusal=nobody_left("staff")):
        keep_out_of_their_own(concern, person, by=by, at=at)
        if person.staff_id is not None and person.role == PersonRole.SOURCE_OF_RISK:
            open_staff_steps(concern, at=at)
        else:
            open_missing_staff_steps(concern, at=at)
        open_domestic_steps(concern, at=at)
        leave_if_shut_out(concern, at=at)
    if person.role == PersonRole.AT_RISK:
        # T3: somebody more to decide about, sooner for a child. A referral that is out hides no pending decision.
        start_triage_clock(concern, at=at)
    return involvement


# R44, 3.4: so many steps down take a second person.
NEEDS_SECOND = 2

# What the holder may change about a person and their part in the concern; everything else stays as reported.
PERSON_FIELDS = (
    "name", "description", "date_of_birth", "address", "tenancy_ref", "phone", "language", "safe_contact",
    "unsafe_contact",
)  # fmt: skip
INVOLVEMENT_FIELDS = (
    "relationship", "life_stage", "daily_life", "views", "views_not_asked_reason", "risk_level", "risk_reason",
    "is_thought_at_risk", "thought_reason", "outcomes_asked", "desired_outcomes", "outcomes_achieved", "risk_outcome",
)  # fmt: skip


@transaction.atomic
def update_person(
    *,
    concern_id: int,
    involvement_id: int,
    values: Mapping[str, object],
    by: User,
    at: datetime,
    seen_version: int | None = None,
) -> Involvement:
    """Change what is known about a person in the concern; the ledger keeps which fields changed and by whom.

    Somebody else who is thought at risk too is put down as at risk (R115); whether a child of a home with domestic
    abuse is one is not answered without a reason for "no" (R22), at triage and after it.
    """
    concern = lock(concern_id, seen_version=seen_version)
    permissions.check_is_holder(by, concern)
    involvement = Involvement.objects.select_related("person").get(pk=involvement_id, concern=concern)
    _refuse_setting_aside(concern, involvement, values)
    values = _without_two_steps_down(concern, involvement, values, by=by, at=at)
    level_before = involvement.risk_level
    changed = _apply(involvement.person, values, PERSON_FIELDS) + _apply(involvement, values, INVOLVEMENT_FIELDS)
    if not changed:
        return involvement
    person = involvement.person
    if person.date_of_birth is not None:
        # R24, I19: a birth date decides; nobody under 18 is ever classed an adult.
        given = IntakePerson(date_of_birth=person.date_of_birth)
        involvement.life_stage = rules.life_stage(given, on=timezone.localdate(at))
    person.search_text = folded(f"{person.name} {person.address} {person.tenancy_ref}")
    person.save()
    involvement.save()
    save(concern)
    log(events.PERSON_CHANGED, concern, by=by, at=at, person=person.ref, fields=" ".join(changed)[:200])
    if rules.steps_down(level_before, involvement.risk_level) > 0:
        log(
            events.RISK_LOWERED, concern, by=by, at=at, reason=involvement.risk_reason, person=person.ref,
            before=level_before, after=involvement.risk_level,
        )  # fmt: skip
    if involvement.role == PersonRole.AT_RISK:
        open_missing_staff_steps(concern, at=at)
    elif involvement.is_thought_at_risk == YesNoUnknown.YES:
        put_at_risk(involvement, by=by, at=at)
    open_domestic_steps(concern, at=at)
    if "risk_level" in changed and involvement.role == PersonRole.AT_RISK:
        # A higher risk brings the next review forward; start_clock never moves it back (I12).
        due = clocks.review_by(limits_in_force(), highest_risk(concern), at)
        start_clock(concern, ClockKind.REVIEW, due_at=due, at=at)
    return involvement


def _refuse_setting_aside(concern: Concern, involvement: Involvement, values: Mapping[str, object]) -> None:
    if not {"is_thought_at_risk", "thought_reason"} & set(values) or not is_domestic(concern):
        return
    answer = str(values.get("is_thought_at_risk", involvement.is_thought_at_risk))
    reason = str(values.get("thought_reason", involvement.thought_reason))
    is_child = involvement.pk in {child.pk for child in children_of_the_home(concern)}
    if is_child and child_is_set_aside_without_reason(answer, reason):
        raise Unsound("Something is missing.", {"thought_reason": [SET_ASIDE]})


def _without_two_steps_down(
    concern: Concern, involvement: Involvement, values: Mapping[str, object], *, by: User, at: datetime
) -> Mapping[str, object]:
    """R44: a lower level of risk has a new reason; two steps or more wait for a second person and change nothing yet.

    Raises Unsound without a new reason.
    """
    before = involvement.risk_level
    level = str(values.get("risk_level", before))
    reason = str(values.get("risk_reason", involvement.risk_reason))
    old_reason = involvement.risk_reason
    if before and not level:
        raise Unsound("Choose the level of risk.", {"risk_level": ["A level of risk that was given once stays given."]})
    if problem := rules.lowering_problem(before=before, after=level, old_reason=old_reason, reason=reason):
        raise Unsound("Say why the level of risk is lower.", {"risk_reason": [problem]})
    if before and rules.steps_down(before, level) >= NEEDS_SECOND:
        ask_to_lower_risk(concern, involvement, level=level, reason=reason, by=by, at=at)
        return {name: value for name, value in values.items() if name not in ("risk_level", "risk_reason")}
    return values


def _apply(row: object, values: Mapping[str, object], names: tuple[str, ...]) -> list[str]:
    changed = [name for name in names if name in values and getattr(row, name) != values[name]]
    for name in changed:
        setattr(row, name, values[name])
    return changed


@dataclass(frozen=True)
class TriageFindings:
    """What the holder found: a screening, not a decision (R23). `risks` maps involvement ids to level and reason."""

    urgency: Urgency
    household_reviewed: str
    is_no_one_else: bool
    has_care_needs: YesNoUnknown
    is_at_risk: YesNoUnknown
    cannot_protect_self: YesNoUnknown
    adjustments: YesNoUnknown
    enforcement: YesNoUnknown
    risks: Mapping[int, tuple[str, str]]
    care_act_reasons: str = ""
    adjustments_detail: str = ""
    enforcement_plan: str = ""
    abuse_codes: tuple[str, ...] = ()
    urgency_reason: str = ""
    # R115: involvement id of a household or network member -> whether they are thought at risk (a YesNoUnknown), why.
    thoughts: Mapping[int, tuple[str, str]] = field(default_factory=dict)


@transaction.atomic
def record_triage(
    *, concern_id: int, findings: TriageFindings, by: User, at: datetime, seen_version: int | None = None
) -> Triage:
    """The screening stands; risk levels, urgency and kinds of abuse follow it; the review comes forward by risk.

    Whoever of the household and the wider network is thought at risk too is put down as at risk (R115); with domestic
    abuse that is every child of the home, unless a reason says why not (R22). A kind of abuse that is no longer ticked
    leaves a line. Lowering the urgency needs a reason (R44). "No" or "not known" to a Care Act question never stops
    anything (X3).
    Raises Unsound by field, NotNow outside triage.
    """
    concern = lock(concern_id, seen_version=seen_version)
    permissions.check_is_holder(by, concern)
    if concern.state != State.TRIAGE:
        raise NotNow("Triage can be recorded once the concern is acknowledged and until it is decided.")
    at_risk = list(concern.involvements.filter(role=PersonRole.AT_RISK).select_related("person"))
    if problems := _triage_problems(findings, concern, at_risk):
        raise Unsound("Something is missing.", problems)
    triage = Triage.objects.create(
        concern=concern,
        by=by,
        at=at,
        urgency=findings.urgency,
        household_reviewed=findings.household_reviewed,
        is_no_one_else=findings.is_no_one_else,
        has_care_needs=findings.has_care_needs,
        is_at_risk=findings.is_at_risk,
        cannot_protect_self=findings.cannot_protect_self,
        care_act_reasons=findings.care_act_reasons,
        adjustments=findings.adjustments,
        adjustments_detail=findings.adjustments_detail,
        enforcement=findings.enforcement,
        enforcement_plan=findings.enforcement_plan,
    )
    for person in at_risk:
        _set_risk(concern, person, *findings.risks[person.pk], by=by, at=at)
    for other in concern.involvements.filter(pk__in=findings.thoughts).select_related("person"):
        other.is_thought_at_risk, other.thought_reason = findings.thoughts[other.pk]
        other.save(update_fields=["is_thought_at_risk", "thought_reason"])
        if other.is_thought_at_risk == YesNoUnknown.YES:
            put_at_risk(other, by=by, at=at)
    dropped = _set_kinds_of_abuse(concern, findings.abuse_codes, by=by, at=at)
    open_domestic_steps(concern, at=at)
    before = concern.urgency
    concern.urgency, concern.triaged_at = findings.urgency, concern.triaged_at or at
    save(concern, "urgency", "triaged_at")
    log(events.TRIAGED, concern, by=by, at=at, keeps=(triage, *dropped), urgency=findings.urgency.value)
    if before != findings.urgency:
        reason = findings.urgency_reason or "More urgent than reported"
        note = keep_reason(concern, "Urgency changed", reason, by=by, at=at)
        log(
            events.URGENCY_CHANGED,
            concern,
            by=by,
            at=at,
            reason=reason,
            keeps=(note,),
            before=before,
            after=findings.urgency.value,
        )
        start_triage_clock(concern, at=at)  # sooner when more urgent; never later (I12)
    due = clocks.review_by(limits_in_force(), highest_risk(concern), at)
    start_clock(concern, ClockKind.REVIEW, due_at=due, at=at)
    return triage


def _set_kinds_of_abuse(concern: Concern, codes: Sequence[str], *, by: User, at: datetime) -> list[Note]:
    """The kinds are `codes`. "Not sure yet" gives way to what was found; what else is dropped stands in a line, which
    is handed back."""
    for code in codes:
        AbuseType.objects.get_or_create(concern=concern, code=code)
    dropped = concern.abuse_types.exclude(code__in=codes)
    unsure = (ChildAbuse.NOT_SURE, AdultAbuse.NOT_SURE)
    labels = [kind.get_code_display() for kind in dropped.exclude(code__in=unsure).order_by("pk")]
    dropped.delete()
    what = "No longer ticked as a kind of abuse"
    return [keep_reason(concern, what, ", ".join(labels), by=by, at=at)] if labels else []


def _set_risk(concern: Concern, person: Involvement, level: str, reason: str, *, by: User, at: datetime) -> None:
    before = person.risk_level
    if before and rules.steps_down(before, level) >= NEEDS_SECOND:
        ask_to_lower_risk(concern, person, level=level, reason=reason, by=by, at=at)
        return
    person.risk_level, person.risk_reason = level, reason
    person.save(update_fields=["risk_level", "risk_reason"])
    if rules.steps_down(before, level) > 0:
        log(
            events.RISK_LOWERED, concern, by=by, at=at, reason=reason, person=person.person.ref, before=before,
            after=level,
        )  # fmt: skip


_URGENCY_RANK = {Urgency.EMERGENCY: 0, Urgency.URGENT: 1, Urgency.STANDARD: 2}


def _triage_problems(
    findings: TriageFindings, concern: Concern, at_risk: Sequence[Involvement]
) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    if not findings.household_reviewed.strip():
        problems["household_reviewed"] = [
            "Say who else lives there or is close, and what you found. If no one, say so."
        ]
    for person in at_risk:
        level, reason = findings.risks.get(person.pk, ("", ""))
        if not level:
            problems[f"risk_{person.handle}"] = ["Choose the level of risk for this person."]
        elif problem := rules.lowering_problem(
            before=person.risk_level, after=level, old_reason=person.risk_reason, reason=reason
        ):
            problems[f"risk_reason_{person.handle}"] = [problem]
    is_lower = _URGENCY_RANK[findings.urgency] > _URGENCY_RANK[Urgency(concern.urgency)]
    if is_lower and not findings.urgency_reason.strip():
        problems["urgency_reason"] = ["Say why it is less urgent than it was reported."]
    if findings.adjustments == YesNoUnknown.YES and not findings.adjustments_detail.strip():
        problems["adjustments_detail"] = ["Say what adjustments are needed."]
    if findings.enforcement == YesNoUnknown.YES and not findings.enforcement_plan.strip():
        problems["enforcement_plan"] = ["Say whether the action should be paused, and who looks at that."]
    if DOMESTIC_ABUSE & set(findings.abuse_codes):
        for child in children_of_the_home(concern):
            answer, reason = findings.thoughts.get(child.pk, ("", ""))
            if child_is_set_aside_without_reason(answer, reason):
                problems[f"thought_reason_{child.handle}"] = [SET_ASIDE]
    if not findings.abuse_codes:
        problems["abuse_codes"] = ["Choose at least one kind of abuse. You can choose “Not sure yet”."]
    return problems


@dataclass(frozen=True)
class ReviewFindings:
    outcome: ReviewOutcome
    findings: str
    is_decision_revisited: bool
    next_date: date


@transaction.atomic
def record_review(
    *, concern_id: int, findings: ReviewFindings, by: User, at: datetime, seen_version: int | None = None
) -> Review:
    """The due review is done and the next one is set, within the time that the level of risk allows (R81, T10).

    A review that reopens the decision takes a concern under review back to being considered (t15). At critical risk it
    always does: no further review, and no closing, until a decision about sharing is signed after it.
    """
    concern = lock(concern_id, seen_version=seen_version)
    permissions.check_is_holder(by, concern)
    if not concern.is_open:
        raise NotNow("This concern is closed; it has no review.")
    risk = highest_risk(concern)
    facts = case_facts(concern)
    if concern.state in DECISIONS_OPEN and (owed := critical_risk_was_decided_again(facts)):
        raise NotNow(owed)
    latest = clocks.review_by(limits_in_force(), risk, at)
    if problems := _review_problems(findings, at=at, latest=latest):
        raise Unsound("Something is missing.", problems)
    # T10: at critical risk the question of sharing is always open again.
    is_revisited = findings.is_decision_revisited or risk == RiskLevel.CRITICAL
    done = meet_clock(concern, ClockKind.REVIEW, at=at)
    if done is None:
        raise NotNow("No review is due on this concern.")
    review = Review.objects.create(
        concern=concern, deadline=done, by=by, at=at, outcome=findings.outcome, findings=findings.findings,
        is_decision_revisited=is_revisited, next_date=findings.next_date, risk_level=risk,
    )  # fmt: skip
    save(concern)
    log(
        events.REVIEWED,
        concern,
        by=by,
        at=at,
        keeps=(review,),
        outcome=findings.outcome.value,
        revisited=is_revisited,
    )
    close_of_day = datetime.combine(findings.next_date, time(17), tzinfo=clocks.LONDON)
    start_clock(concern, ClockKind.REVIEW, due_at=min(close_of_day, latest), at=at)
    if is_revisited and concern.state == State.MONITORING:
        considered_again(concern, by=by, at=at, reason=findings.findings)
    elif risk == RiskLevel.CRITICAL and concern.state in DECISIONS_OPEN:
        start_triage_clock(concern, at=at)  # T3: the time to decide again
    return review


def _review_problems(findings: ReviewFindings, *, at: datetime, latest: datetime) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    if not findings.findings.strip():
        problems["findings"] = ["Write what you found and what has changed."]
    last_day = timezone.localdate(latest)
    if findings.next_date <= timezone.localdate(at) and last_day > timezone.localdate(at):
        problems["next_date"] = ["The next review must be after today."]
    elif findings.next_date > last_day:
        problems["next_date"] = [
            f"At this level of risk the next review must be on or before {last_day.day} {last_day:%B %Y}."
        ]
    return problems
