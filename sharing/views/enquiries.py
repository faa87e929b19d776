"""Enquiries that the local authority causes us to make (R108): recording one, its page, its steps and tasks."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import SignedInRequest
from concerns.selectors.names import hidden_reporters
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotAllowed, Refusal
from sharing import permissions, services
from sharing.forms.plain import WordsForm
from sharing.forms.registers import EnquiryForm, EnquiryStepForm, EnquiryTaskForm
from sharing.models import Enquiry
from sharing.selectors import registers as selectors
from sharing.services.enquiring import OF_HOLDER, STEPS
from sharing.views._common import get_concern, get_enquiry, posted, show_of, turn_away, write_down
from sharing.vocabulary import EnquiryAsker, EnquiryOutcome, EnquiryState, EnquiryStepKind

# What each step asks beside the day and the words.
ASKS: dict[EnquiryStepKind, frozenset[str]] = {
    EnquiryStepKind.REPORT_SENT: frozenset({"who"}),
    EnquiryStepKind.OUTCOME: frozenset({"who", "outcome"}),
    EnquiryStepKind.NEW_LEAD: frozenset({"lead"}),
    EnquiryStepKind.NEW_DATE: frozenset({"who", "due_date"}),
    EnquiryStepKind.TAKEN_BACK: frozenset({"who"}),
}


@require_http_methods(["GET", "HEAD", "POST"])
def record_enquiry(request: SignedInRequest, ref: str) -> HttpResponse:
    """Write down what the local authority asked."""
    concern = get_concern(request, ref)
    try:
        permissions.check_can_refer(request.user, concern)
    except NotAllowed as refusal:
        return turn_away(request, refusal, concern, act="record-enquiry")
    form = EnquiryForm(
        posted(request), agencies=selectors.authorities(), leads=selectors.possible_leads(concern)
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        details = services.EnquiryDetails(
            asked_as=EnquiryAsker(answers["asked_as"]) if answers["asked_as"] else None,
            agency_ref=answers["agency"],
            lead_id=int(answers["lead"]) if answers["lead"] else None,
            **{
                name: answers[name]
                for name in ("asked_by", "asked_on", "agency_reference", "scope", "terms", "due_date")
            },
        )
        try:
            enquiry = services.record_enquiry(concern_id=concern.pk, details=details, by=request.user, at=now())
        except NotAllowed as refusal:
            return turn_away(request, refusal, concern, act="record-enquiry")
        except Refusal as refusal:
            write_down(request, refusal, concern, act="record-enquiry")
            form.show(refusal)
        else:
            messages.success(request, "Recorded. The person who leads it is told.")
            return redirect(enquiry)
    return show_of(concern, request, "sharing/enquiry_record.html", {"form": form, "concern": concern})


@require_safe
def show_enquiry(request: SignedInRequest, ref: str) -> HttpResponse:
    """What was asked, who leads it, by when, its tasks and what happened."""
    enquiry = get_enquiry(request, ref)
    moment = now()
    services.record_enquiry_view(enquiry=enquiry, by=request.user, at=moment)
    works = permissions.can_work_on_enquiry(request.user, enquiry)
    holds = permissions.can_refer(request.user, enquiry.concern)
    context = {
        "enquiry": enquiry,
        "concern": enquiry.concern,
        "hidden_ids": hidden_reporters(enquiry.concern, request.user),
        "history": enquiry.steps.select_related("by").order_by("-recorded_at", "-pk"),
        "tasks": enquiry.tasks.select_related("done_by"),
        "acts": [
            kind
            for kind, sources in STEPS.items()
            if works and enquiry.state in sources and (holds or kind not in OF_HOLDER)
        ],
        "can_add_task": works and enquiry.state == EnquiryState.OPEN,
        "can_work": works,
        "is_late": enquiry.state == EnquiryState.OPEN and enquiry.due_date < timezone.localdate(moment),
        "is_lead_fit": not enquiry.is_open or permissions.is_fit_lead(enquiry.lead, enquiry.concern),
        "today": timezone.localdate(moment),
    }
    return render(request, "sharing/enquiry_show.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def record_step(request: SignedInRequest, ref: str, step: str) -> HttpResponse:
    """One form, one service."""
    enquiry = get_enquiry(request, ref)
    if step not in EnquiryStepKind.values:
        raise Http404
    kind = EnquiryStepKind(step)
    try:
        permissions.check_can_work_on_enquiry(request.user, enquiry)
        if kind in OF_HOLDER:
            permissions.check_can_refer(request.user, enquiry.concern)
    except NotAllowed as refusal:
        return _turn_away(request, refusal, enquiry, act=f"enquiry-{step}")
    leads = selectors.possible_leads(enquiry.concern) if kind == EnquiryStepKind.NEW_LEAD else []
    today = timezone.localdate(now())
    form = EnquiryStepForm(posted(request), initial={"on": today}, asks=ASKS[kind], leads=leads)
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        happened = services.Happened(
            on=answers["on"],
            words=answers["words"],
            who=answers.get("who", ""),
            lead_id=int(answers["lead"]) if answers.get("lead") else None,
            due_date=answers.get("due_date"),
            outcome=EnquiryOutcome(answers["outcome"]) if answers.get("outcome") else None,
        )
        try:
            services.record_enquiry_step(enquiry_id=enquiry.pk, kind=kind, happened=happened, by=request.user, at=now())
        except Refusal as refusal:
            write_down(request, refusal, enquiry.concern, act=f"enquiry-{step}")
            form.show(refusal)
        else:
            messages.success(request, "Recorded.")
            return redirect(enquiry)
    context = {"form": form, "enquiry": enquiry, "title": kind.label}
    return show_of(enquiry.concern, request, "sharing/enquiry_step.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_task(request: SignedInRequest, ref: str) -> HttpResponse:
    enquiry = get_enquiry(request, ref)
    try:
        permissions.check_can_work_on_enquiry(request.user, enquiry)
    except NotAllowed as refusal:
        return _turn_away(request, refusal, enquiry, act="enquiry-task")
    form = EnquiryTaskForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            services.add_enquiry_task(enquiry_id=enquiry.pk, **form.cleaned_data, by=request.user, at=now())
        except Refusal as refusal:
            write_down(request, refusal, enquiry.concern, act="enquiry-task")
            form.show(refusal)
        else:
            messages.success(request, "The task is on the list.")
            return redirect(enquiry)
    context = {"form": form, "enquiry": enquiry, "title": "Add a task"}
    return show_of(enquiry.concern, request, "sharing/enquiry_step.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def finish_task(request: SignedInRequest, ref: str, number: int) -> HttpResponse:
    """`number` counts the tasks of the enquiry from 1, in their order."""
    enquiry = get_enquiry(request, ref)
    tasks = list(enquiry.tasks.all())
    if not 1 <= number <= len(tasks):
        raise Http404
    task = tasks[number - 1]
    try:
        permissions.check_can_work_on_enquiry(request.user, enquiry)
    except NotAllowed as refusal:
        return _turn_away(request, refusal, enquiry, act="finish-enquiry-task")
    form = WordsForm(posted(request), label="What was done, or why is it not needed?")
    if request.method == "POST" and form.is_valid():
        try:
            services.finish_enquiry_task(task_id=task.pk, words=form.cleaned_data["words"], by=request.user, at=now())
        except Refusal as refusal:
            write_down(request, refusal, enquiry.concern, act="finish-enquiry-task")
            form.show(refusal)
        else:
            messages.success(request, "Recorded.")
            return redirect(enquiry)
    context = {"form": form, "enquiry": enquiry, "title": "Finish a task", "task": task}
    return show_of(enquiry.concern, request, "sharing/enquiry_step.html", context)


def _turn_away(request: SignedInRequest, refusal: Refusal, enquiry: Enquiry, *, act: str) -> HttpResponse:
    write_down(request, refusal, enquiry.concern, act=act)
    messages.error(request, refusal.sentence)
    return redirect(enquiry)
