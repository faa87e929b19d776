"""Enquiries that the local authority causes us to make (R108): recorded, led, reported, ended; D14, R45."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from concerns.clocks import LONDON
from concerns.models import Concern
from concerns.references import new_reference
from concerns.services import drop_clock, meet_clock, start_clock
from concerns.services.base import lock, save
from concerns.vocabulary import ENDED_STATES, ClockKind
from safeguarding.kit.errors import NotNow, Unsound
from safeguarding.kit.sweeping import each
from sharing import events, notifications, permissions
from sharing.models import Enquiry, EnquiryStep, EnquiryTask
from sharing.selectors.registers import authorities, enquiries_to_remind
from sharing.services.base import log, tell
from sharing.vocabulary import EnquiryAsker, EnquiryOutcome, EnquiryState, EnquiryStepKind

CLOSE_OF_DAY = time(17)
# From where each step may be taken.
STEPS: dict[EnquiryStepKind, frozenset[EnquiryState]] = {
    EnquiryStepKind.REPORT_SENT: frozenset({EnquiryState.OPEN}),
    EnquiryStepKind.OUTCOME: frozenset({EnquiryState.REPORTED}),
    EnquiryStepKind.NEW_LEAD: frozenset({EnquiryState.OPEN, EnquiryState.REPORTED}),
    EnquiryStepKind.NEW_DATE: frozenset({EnquiryState.OPEN}),
    EnquiryStepKind.TAKEN_BACK: frozenset({EnquiryState.OPEN, EnquiryState.REPORTED}),
}
# Only whoever holds the concern decides these; the lead of the enquiry records the rest.
OF_HOLDER = frozenset({EnquiryStepKind.NEW_LEAD, EnquiryStepKind.TAKEN_BACK})


@dataclass(frozen=True)
class EnquiryDetails:
    """What the local authority asked, and who leads it here."""

    asked_as: EnquiryAsker | None
    agency_ref: str
    asked_by: str
    asked_on: date | None
    scope: str
    terms: str
    lead_id: int | None
    due_date: date | None
    agency_reference: str = ""


@transaction.atomic
def record_enquiry(*, concern_id: int, details: EnquiryDetails, by: User, at: datetime) -> Enquiry:
    """The enquiry is open, its lead is told, and the day on which the report is due is a deadline of the concern.

    Raises NotAllowed for anybody but the holder, NotNow on an ended concern, Unsound by field; the lead can't be
    somebody who may not hold the concern (implicated, recused, who reported it, managed by the implicated).
    """
    concern = lock(concern_id)
    permissions.check_can_refer(by, concern)
    if concern.state in ENDED_STATES:
        raise NotNow("This concern is closed.")
    needed = {
        "asked_by": (details.asked_by, "Enter who at the local authority asked."),
        "scope": (details.scope, "Write what the enquiry is to find out."),
        "terms": (details.terms, "Write the terms that they set, or “none”."),
    }
    problems = {name: [sentence] for name, (words, sentence) in needed.items() if not words.strip()}
    if details.asked_as is None:
        problems["asked_as"] = ["Say who asked."]
    agency = authorities().filter(ref=details.agency_ref).first()
    if agency is None:
        problems["agency"] = ["Choose the local authority. By law it is the one that causes an enquiry."]
    if details.asked_on is None:
        problems["asked_on"] = ["Enter the date on which they asked."]
    elif details.asked_on > timezone.localdate(at):
        problems["asked_on"] = ["The date must not be in the future."]
    if sentence := _problem_with_due(details.due_date, at=at):
        problems["due_date"] = [sentence]
    lead = _fit_lead(concern, details.lead_id, problems)
    if details.asked_as is None or agency is None or details.asked_on is None or details.due_date is None or not lead:
        raise Unsound("Something is missing.", problems)
    if problems:
        raise Unsound("Something is missing.", problems)
    enquiry = Enquiry.objects.create(
        ref=new_reference("EN"), concern=concern, asked_as=details.asked_as, agency=agency, asked_by=details.asked_by,
        agency_reference=details.agency_reference, asked_on=details.asked_on, scope=details.scope,
        terms=details.terms, lead=lead, due_date=details.due_date, recorded_by=by, recorded_at=at,
    )  # fmt: skip
    log(
        events.ENQUIRY_RECORDED, concern, by=by, at=at, subject=enquiry, ref=enquiry.ref, lead=lead.pk,
        due=details.due_date.isoformat(),
    )  # fmt: skip
    _start_clock(enquiry, at=at)
    save(concern)
    _tell_lead(enquiry, at=at)
    return enquiry


@dataclass(frozen=True)
class Happened:
    """One step: when, with whom, in words; and what the step itself needs."""

    on: date | None
    words: str
    who: str = ""
    lead_id: int | None = None
    due_date: date | None = None
    outcome: EnquiryOutcome | None = None


@transaction.atomic
def record_enquiry_step(
    *, enquiry_id: int, kind: EnquiryStepKind, happened: Happened, by: User, at: datetime
) -> EnquiryStep:
    """The report went, the outcome came, another lead or date, or it was taken back.

    The report goes when no task is open. The deadline is met by the report; a later date needs the words of who agreed
    it (I12). Raises NotAllowed, NotNow, Unsound by field.
    """
    enquiry = _lock(enquiry_id)
    concern = enquiry.concern
    permissions.check_can_work_on_enquiry(by, enquiry)
    if kind in OF_HOLDER:
        permissions.check_can_refer(by, concern)
    if enquiry.state not in STEPS[kind]:
        raise NotNow("This can’t be recorded now. Look at what was recorded last.")
    problems: dict[str, list[str]] = {}
    if happened.on is None:
        problems["on"] = ["Enter the date."]
    elif happened.on > timezone.localdate(at):
        problems["on"] = ["The date must not be in the future."]
    elif happened.on < enquiry.asked_on:
        problems["on"] = ["The date must not be before they asked."]
    if not happened.words.strip():
        problems["words"] = ["Write what was said or done."]
    changed = _step_problems(enquiry, kind, happened, problems, at=at)
    if happened.on is None or problems:
        raise Unsound("Something is missing.", problems)
    old_lead = enquiry.lead_id
    for name, value in changed.items():
        setattr(enquiry, name, value)
    enquiry.save(update_fields=list(changed))
    who = enquiry.lead.full_name if kind == EnquiryStepKind.NEW_LEAD else happened.who
    step = EnquiryStep.objects.create(
        enquiry=enquiry, kind=kind, on=happened.on, who=who[:150], words=happened.words, by=by, recorded_at=at
    )
    if kind == EnquiryStepKind.REPORT_SENT:
        meet_clock(concern, ClockKind.ENQUIRY, at=at, about=enquiry.ref)
    elif kind == EnquiryStepKind.TAKEN_BACK:
        drop_clock(concern, ClockKind.ENQUIRY, at=at, about=enquiry.ref)
    elif kind == EnquiryStepKind.NEW_DATE:
        drop_clock(concern, ClockKind.ENQUIRY, at=at, about=enquiry.ref)
        _start_clock(enquiry, at=at)
    save(concern)
    log(
        events.ENQUIRY_STEP, concern, by=by, at=at, subject=enquiry, ref=enquiry.ref, reason=happened.words,
        keeps=(step,), step=kind.value, outcome=enquiry.outcome, lead=enquiry.lead_id, due=enquiry.due_date.isoformat(),
    )  # fmt: skip
    if enquiry.lead_id != old_lead:
        _tell_lead(enquiry, at=at)
    return step


def _step_problems(
    enquiry: Enquiry, kind: EnquiryStepKind, happened: Happened, problems: dict[str, list[str]], *, at: datetime
) -> dict[str, object]:
    """What the step changes; adds to `problems` what it still needs."""
    match kind:
        case EnquiryStepKind.REPORT_SENT:
            if enquiry.tasks.filter(done_at__isnull=True).exists():
                problems[""] = ["A task of this enquiry is still to be done. Do it, or say why it is not needed."]
            if not happened.who.strip():
                problems["who"] = ["Enter who at the local authority has it."]
            return {"state": EnquiryState.REPORTED, "report_sent_on": happened.on}
        case EnquiryStepKind.OUTCOME:
            if happened.outcome is None:
                problems["outcome"] = ["Choose what the local authority reports."]
            return {"state": EnquiryState.ENDED, "outcome": happened.outcome or ""}
        case EnquiryStepKind.NEW_LEAD:
            lead = _fit_lead(enquiry.concern, happened.lead_id, problems)
            if lead is not None and lead.pk == enquiry.lead_id:
                problems["lead"] = ["This person leads it already."]
            return {"lead": lead} if lead is not None else {}
        case EnquiryStepKind.NEW_DATE:
            if sentence := _problem_with_due(happened.due_date, at=at):
                problems["due_date"] = [sentence]
            elif happened.due_date == enquiry.due_date:
                problems["due_date"] = ["This is the date that it has already."]
            if not happened.who.strip():
                problems["who"] = ["Enter who at the local authority agreed."]
            return {"due_date": happened.due_date}
        case EnquiryStepKind.TAKEN_BACK:
            return {"state": EnquiryState.ENDED}


@transaction.atomic
def add_enquiry_task(
    *, enquiry_id: int, what: str, who: str, due_date: date | None, by: User, at: datetime
) -> EnquiryTask:
    """Something to be done for the enquiry. Raises NotAllowed, NotNow once the report is sent, Unsound by field."""
    enquiry = _lock(enquiry_id)
    permissions.check_can_work_on_enquiry(by, enquiry)
    if enquiry.state != EnquiryState.OPEN:
        raise NotNow("The report has been sent already.")
    problems: dict[str, list[str]] = {}
    if not what.strip():
        problems["what"] = ["Write what is to be done."]
    if not who.strip():
        problems["who"] = ["Enter who does it."]
    if due_date is None:
        problems["due_date"] = ["Enter the day by which it is done."]
    elif due_date > enquiry.due_date:
        problems["due_date"] = ["The report is due before that day."]
    if due_date is None or problems:
        raise Unsound("Something is missing.", problems)
    task = EnquiryTask.objects.create(enquiry=enquiry, what=what, who=who, due_date=due_date, added_by=by, added_at=at)
    log(
        events.ENQUIRY_TASK, enquiry.concern, by=by, at=at, subject=enquiry, ref=enquiry.ref, task=task.pk,
        is_done=False,
    )  # fmt: skip
    return task


@transaction.atomic
def finish_enquiry_task(*, task_id: int, words: str, by: User, at: datetime) -> EnquiryTask:
    """Done, or not needed and why. Raises NotAllowed, NotNow when it was done, Unsound without words."""
    enquiry = _lock(EnquiryTask.objects.values_list("enquiry_id", flat=True).get(pk=task_id))
    permissions.check_can_work_on_enquiry(by, enquiry)
    task = EnquiryTask.objects.select_for_update(of=("self",)).get(pk=task_id)
    if task.done_at is not None:
        raise NotNow("This task was done already.")
    if not words.strip():
        raise Unsound("Say what was done.", {"words": ["Write what was done, or why it is not needed."]})
    task.done_at, task.done_by, task.done_words = at, by, words
    task.save(update_fields=["done_at", "done_by", "done_words"])
    log(
        events.ENQUIRY_TASK, enquiry.concern, by=by, at=at, subject=enquiry, ref=enquiry.ref, task=task.pk, is_done=True
    )
    return task


@transaction.atomic
def record_enquiry_view(*, enquiry: Enquiry, by: User, at: datetime) -> None:
    """`by` opened an enquiry."""
    log(events.ENQUIRY_VIEWED, enquiry.concern, by=by, at=at, subject=enquiry, ref=enquiry.ref)


def sweep_enquiries(*, at: datetime) -> int:
    """Who leads it hears two days before the report is due, on the day and on the day after, once each; whoever holds
    the concern hears that somebody may lead it no more. After an outage only the latest is sent. Safe to repeat.
    """
    due = enquiries_to_remind(at=at, today=timezone.localdate(at)).exclude(concern__state__in=ENDED_STATES)
    running = Enquiry.objects.exclude(state=EnquiryState.ENDED).exclude(concern__state__in=ENDED_STATES)
    reminded = each(due, lambda enquiry: _remind(enquiry, at=at))
    return reminded + each(
        running.select_related("concern", "lead"), lambda enquiry: _tell_of_unfit_lead(enquiry, at=at)
    )


@transaction.atomic
def _remind(enquiry: Enquiry, *, at: datetime) -> int:
    if not permissions.is_fit_lead(enquiry.lead, enquiry.concern):
        return 0
    today = timezone.localdate(at)
    stage = "after" if enquiry.due_date < today else "on" if enquiry.due_date == today else "before"
    tell(
        notifications.ENQUIRY_DUE, to=enquiry.lead_id, about=enquiry.pk, reference=enquiry.ref,
        path=enquiry.get_absolute_url(), key=f"enquiry:{enquiry.pk}:{enquiry.due_date}:{stage}:{enquiry.lead_id}",
        at=at,
    )  # fmt: skip
    return 1


@transaction.atomic
def _tell_of_unfit_lead(enquiry: Enquiry, *, at: datetime) -> int:
    holder_id = enquiry.concern.responsible_id
    if holder_id is None or permissions.is_fit_lead(enquiry.lead, enquiry.concern):
        return 0
    tell(
        notifications.ENQUIRY_NEEDS_LEAD, to=holder_id, about=enquiry.pk, reference=enquiry.ref,
        path=enquiry.get_absolute_url(), key=f"enquiry-lead:{enquiry.pk}:{enquiry.lead_id}:{holder_id}", at=at,
    )  # fmt: skip
    return 1


def _lock(enquiry_id: int) -> Enquiry:
    concern = lock(Enquiry.objects.values_list("concern_id", flat=True).get(pk=enquiry_id))
    enquiry = Enquiry.objects.select_for_update(of=("self",)).select_related("lead", "agency").get(pk=enquiry_id)
    enquiry.concern = concern
    return enquiry


def _fit_lead(concern: Concern, lead_id: int | None, problems: dict[str, list[str]]) -> User | None:
    lead = User.objects.filter(pk=lead_id).first() if lead_id is not None else None
    if lead is None:
        problems["lead"] = ["Choose who leads it."]
    elif not permissions.is_fit_lead(lead, concern):
        problems["lead"] = ["This person has a part in the matter or can’t open the concern, so they can’t lead it."]
    return lead


def _problem_with_due(day: date | None, *, at: datetime) -> str | None:
    if day is None:
        return "Enter the day on which the report is due."
    return "The day must not be in the past." if day < timezone.localdate(at) else None


def _start_clock(enquiry: Enquiry, *, at: datetime) -> None:
    due = datetime.combine(enquiry.due_date, CLOSE_OF_DAY, tzinfo=LONDON)
    start_clock(enquiry.concern, ClockKind.ENQUIRY, due_at=max(due, at), at=at, about=enquiry.ref)


def _tell_lead(enquiry: Enquiry, *, at: datetime) -> None:
    tell(
        notifications.ENQUIRY_YOURS, to=enquiry.lead_id, about=enquiry.pk, reference=enquiry.ref,
        path=enquiry.get_absolute_url(), key=f"enquiry-yours:{enquiry.pk}:{enquiry.lead_id}", at=at,
    )  # fmt: skip
