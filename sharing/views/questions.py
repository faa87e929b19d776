"""What we ask other agencies: asking, one question, and what happened with it (R104)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import SignedInRequest
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotAllowed, Refusal, Unsound
from sharing import permissions, services
from sharing.forms.plain import this_moment
from sharing.forms.questions import AskForm, StepForm
from sharing.models import Agency, Question
from sharing.services.asking import STEPS, WITH_NEW_DATE
from sharing.views._common import get_concern, get_question, posted, show_of, turn_away, write_down
from sharing.vocabulary import QuestionStepKind


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: SignedInRequest, ref: str) -> HttpResponse:
    """Write down what was asked of an agency. "?decision=" names the decision in which it is a holder (field 11)."""
    concern = get_concern(request, ref)
    try:
        permissions.check_can_refer(request.user, concern)
    except NotAllowed as refusal:
        return turn_away(request, refusal, concern, act="ask-agency")
    decision = concern.decisions.filter(ref=request.GET.get("decision", "")).order_by("-version").first()
    agencies = [(agency.ref, str(agency)) for agency in Agency.objects.filter(is_in_use=True)]
    form = AskForm(posted(request), agencies=agencies)
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        asking = services.Asking(
            agency_ref=answers["agency"],
            decision=decision,
            **{name: answers[name] for name in ("what", "why", "legal_basis", "due_date")},
        )
        try:
            question = services.ask_agency(concern_id=concern.pk, asking=asking, by=request.user, at=now())
        except NotAllowed as refusal:
            return turn_away(request, refusal, concern, act="ask-agency")
        except Refusal as refusal:
            write_down(request, refusal, concern, act="ask-agency")
            form.show(refusal)
        else:
            messages.success(request, "Recorded. You are told when the day has passed without an answer.")
            return redirect(question)
    holders = decision.record.holders if decision else ()
    context = {"form": form, "concern": concern, "holders": holders}
    return show_of(concern, request, "sharing/question_ask.html", context)


@require_safe
def show_question(request: SignedInRequest, ref: str) -> HttpResponse:
    """What was asked, by when an answer is due, and the history."""
    question = get_question(request, ref)
    is_theirs = permissions.can_refer(request.user, question.concern)
    context = {
        "question": question,
        "concern": question.concern,
        "history": question.steps.select_related("by").order_by("-recorded_at", "-pk"),
        "acts": [kind for kind, (sources, _) in STEPS.items() if is_theirs and question.state in sources],
        "is_late": question.is_waiting and question.due_date < timezone.localdate(now()),
    }
    return show_of(question.concern, request, "sharing/question_show.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def record_step(request: SignedInRequest, ref: str, step: str) -> HttpResponse:
    """One form, one service."""
    question = get_question(request, ref)
    if step not in QuestionStepKind.values:
        raise Http404
    kind = QuestionStepKind(step)
    try:
        permissions.check_can_refer(request.user, question.concern)
    except NotAllowed as refusal:
        return turn_away(request, refusal, question.concern, act=f"question-{step}")
    form = StepForm(posted(request), initial=this_moment("happened_at"), has_date=kind in WITH_NEW_DATE)
    if request.method == "POST" and form.is_valid():
        try:
            _send(question, kind, form, request)
        except NotAllowed as refusal:
            return turn_away(request, refusal, question.concern, act=f"question-{step}")
        except Refusal as refusal:
            write_down(request, refusal, question.concern, act=f"question-{step}")
            form.show(refusal)
        else:
            messages.success(request, "Recorded.")
            return redirect(question)
    context = {"form": form, "question": question, "title": kind.label}
    return show_of(question.concern, request, "sharing/question_step.html", context)


def _send(question: Question, kind: QuestionStepKind, form: StepForm, request: SignedInRequest) -> None:
    happened = form.moment("happened_at")
    if happened is None:
        raise Unsound("Something is missing.", {"happened_at": ["Enter the day and the time."]})
    services.record_question_step(
        question_id=question.pk, kind=kind, due_date=form.cleaned_data.get("due_date"), by=request.user, at=now(),
        word=services.Word(form.cleaned_data["who"], happened, form.cleaned_data["words"]),
    )  # fmt: skip
