"""Requests for information that came to us: the list, one request, and what is done with it (R102-R107)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import SignedInRequest
from concerns import permissions as of_concern
from concerns.models import Concern
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotAllowed, Refusal, Unsound, allows, why_not
from sharing import permissions, selectors, services
from sharing.clauses import source_in_words
from sharing.forms.base import PlainForm
from sharing.forms.plain import this_moment
from sharing.forms.requests import (
    AnswerForm,
    CountersignForm,
    LiftNamingForm,
    LinkForm,
    LogRequestForm,
    NameStaffForm,
    ToldForm,
    UnlinkForm,
    VerifyForm,
)
from sharing.models import InformationRequest, NamedStaff
from sharing.requests import UNVERIFIED_WORDS, open_answers
from sharing.rules import SOURCES
from sharing.views._common import get_request, note_refused_reference, posted, write_down
from sharing.vocabulary import AboutStaff, ContactWay, RequestAnswer, RequesterAnswer, RequestKind, YesNo

PER_PAGE = 25
SHOWN = (("open", "Open"), ("overdue", "Overdue"), ("all", "All"))


@require_safe
def list_requests(request: SignedInRequest) -> HttpResponse:
    """The requests that the reader may open; the most urgent first."""
    moment = now()
    shown = request.GET.get("show", "open")
    found = InformationRequest.objects.visible_to(request.user)
    found = found.order_by("-received_at", "-pk") if shown == "all" else found.still_open()
    if shown == "overdue":
        found = found.filter(due_at__lt=moment)
    services.record_requests_view(by=request.user, at=moment)
    shown = shown if shown in dict(SHOWN) else "open"
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "previous_url": f"?show={shown}&page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?show={shown}&page={page.next_page_number()}" if page.has_next() else "",
        "shown": shown,
        "choices": SHOWN,
        "can_log": permissions.can_log_request(request.user),
        "now": moment,
    }
    return render(request, "sharing/request_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def log_request(request: SignedInRequest) -> HttpResponse:
    """Write down a request as it was put to us."""
    try:
        permissions.check_can_log_request(request.user)
    except NotAllowed as refusal:
        write_down(request, refusal, None, act="log-request")
        messages.error(request, refusal.sentence)
        return redirect("sharing:list-requests")
    form = LogRequestForm(posted(request), initial=this_moment("received_at"), by=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            logged = services.log_request(details=_details(form), by=request.user, at=now())
        except Refusal as refusal:
            write_down(request, refusal, None, act="log-request")
            _note_reference(request, refusal, form)
            form.show(refusal)
        else:
            messages.success(request, f"The request is recorded as {logged.ref}.")
            return redirect(logged)
    return render(request, "sharing/request_log.html", {"form": form})


def _details(form: LogRequestForm) -> services.RequestDetails:
    answers = form.cleaned_data
    received_at = form.moment("received_at")
    problems = {
        name: [sentence]
        for name, sentence in (
            ("kind", "Choose the kind of request."),
            ("received_how", "Say how it came."),
            ("is_about_staff", "Say whether it is about somebody who works here."),
            ("is_compulsory", "Say whether it has the force of law."),
            ("is_emergency", "Say whether somebody is in danger now."),
        )
        if not answers[name]
    }
    if received_at is None:
        problems["received_at"] = ["Enter the day and the time."]
    staff_ids: tuple[int, ...] = ()
    if answers["is_about_staff"] == AboutStaff.YES:
        try:
            staff_ids = form.staff_ids()
        except Unsound as refusal:
            problems |= refusal.problems
    if received_at is None or problems:
        raise Unsound("Something is missing.", problems)
    words = ("person", "claimed_role", "organisation", "contact", "asked", "about", "purpose", "legal_basis")
    return services.RequestDetails(
        kind=RequestKind(answers["kind"]),
        received_at=received_at,
        received_how=ContactWay(answers["received_how"]),
        is_compulsory=answers["is_compulsory"] == YesNo.YES,
        is_emergency=answers["is_emergency"] == YesNo.YES,
        concern_ref=answers["concern_ref"],
        staff_ids=staff_ids,
        staff_reason=answers["staff_reason"],
        is_about_unlisted=answers["is_about_staff"] == AboutStaff.UNLISTED,
        **{name: answers[name] for name in words},
    )


@require_safe
def show_request(request: SignedInRequest, ref: str) -> HttpResponse:
    """Who asks for what, who they are, what was answered, and what can be done now."""
    asked = get_request(request, ref)
    moment = now()
    services.record_request_view(request=asked, by=request.user, at=moment)
    concern = asked.concern
    may_read = concern is not None and Concern.objects.visible_to(request.user).filter(pk=concern.pk).exists()
    decision = selectors.decision_about(asked)
    namings = list(selectors.namings_shown(asked, to=request.user))
    context = {
        "asked": asked,
        "hidden_ids": selectors.hidden_on_request(asked, request.user),
        "concern": concern if may_read else None,
        "decision": decision if may_read else None,
        "namings": namings,
        "reads_reasons": permissions.reads_why_named(request.user, asked),
        "has_named": any(each.lifted_at is None for each in namings),
        "still_reading": selectors.still_reading(namings, concern) if may_read and concern is not None else (),
        "can_keep_out": concern is not None and allows(of_concern.check_is_holder, request.user, concern),
        "refusals": asked.refusals.select_related("proposed_by", "decided_by", "withdrawn_by"),
        "can_decide": may_read
        and concern is not None
        and permissions.can_decide(request.user, concern)
        and asked.is_verified
        and not asked.answer
        and decision is None,
        "acts": [(code, act.title) for code, act in ACTS.items() if act.fits(asked, request)],
        "unverified_words": UNVERIFIED_WORDS,
        "now": moment,
    }
    return render(request, "sharing/request_show.html", context)


@require_POST
def start_decision(request: SignedInRequest, ref: str) -> HttpResponse:
    """Begin the decision about sharing that answers this request (field 4)."""
    asked = get_request(request, ref)
    try:
        decision = services.decide_about_request(request_id=asked.pk, by=request.user, at=now())
    except Refusal as refusal:
        write_down(request, refusal, asked.concern, act="decide-request", about=asked)
        messages.error(request, refusal.sentence)
        return redirect(asked)
    return redirect(decision)


@dataclass(frozen=True)
class Act:
    """Something that can be done with a request: when, by whom, and with which form."""

    title: str
    form: type[PlainForm]
    check: Callable[[Any, InformationRequest], None]
    is_now: Callable[[InformationRequest], bool]
    send: Callable[[InformationRequest, PlainForm, SignedInRequest], None]

    def fits(self, asked: InformationRequest, request: SignedInRequest) -> bool:
        return self.is_now(asked) and allows(self.check, request.user, asked)


def _verify(asked: InformationRequest, form: PlainForm, request: SignedInRequest) -> None:
    services.verify_requester(
        request_id=asked.pk, number=form.cleaned_data["number"], how=form.cleaned_data["how"],
        by=request.user, at=now(),
    )  # fmt: skip


def _link(asked: InformationRequest, form: PlainForm, request: SignedInRequest) -> None:
    services.link_request(
        request_id=asked.pk, concern_ref=form.cleaned_data["concern_ref"], by=request.user, at=now()
    )  # fmt: skip


def _unlink(asked: InformationRequest, form: PlainForm, request: SignedInRequest) -> None:
    services.unlink_request(request_id=asked.pk, reason=form.cleaned_data["reason"], by=request.user, at=now())


def _name(asked: InformationRequest, form: PlainForm, request: SignedInRequest) -> None:
    assert isinstance(form, NameStaffForm)  # noqa: S101 (the table below)
    services.name_staff(
        request_id=asked.pk, staff_ids=form.staff_ids(), reason=form.cleaned_data["staff_reason"],
        by=request.user, at=now(),
    )  # fmt: skip


def _lift(asked: InformationRequest, form: PlainForm, request: SignedInRequest) -> None:
    assert isinstance(form, LiftNamingForm)  # noqa: S101 (the table below)
    services.lift_naming(
        request_id=asked.pk, naming=form.chosen(), reason=form.cleaned_data["reason"],
        by=request.user, at=now(),
    )  # fmt: skip


def _liftable(asked: InformationRequest, request: SignedInRequest) -> list[NamedStaff]:
    """The namings that the reader is shown and did not write."""
    shown = selectors.namings_shown(asked, to=request.user).filter(lifted_at__isnull=True)
    return list(shown.exclude(named_by=request.user))


def _answer(asked: InformationRequest, form: PlainForm, request: SignedInRequest) -> None:
    if not form.cleaned_data["answer"]:
        raise Unsound("Choose the answer.", {"answer": ["Choose the answer."]})
    services.answer_request(
        request_id=asked.pk, answer=RequestAnswer(form.cleaned_data["answer"]),
        words=form.cleaned_data.get("words", ""),
        safeguarding_reason=form.cleaned_data.get("safeguarding_reason", ""),
        by=request.user, at=now(),
    )  # fmt: skip


def _countersign(asked: InformationRequest, form: PlainForm, request: SignedInRequest) -> None:
    if not form.cleaned_data["is_agreed"]:
        raise Unsound("Say whether you agree.", {"is_agreed": ["Say whether you agree."]})
    services.countersign_refusal(
        request_id=asked.pk, is_agreed=form.cleaned_data["is_agreed"] == YesNo.YES,
        comment=form.cleaned_data["comment"], by=request.user, at=now(),
    )  # fmt: skip


def _told(asked: InformationRequest, form: PlainForm, request: SignedInRequest) -> None:
    answers = form.cleaned_data
    telling = services.Telling(
        on=answers["on"],
        how=ContactWay(answers["how"]) if answers["how"] else None,
        reasons=answers["reasons"],
        unsafe_reason=answers["unsafe_reason"],
    )
    services.record_requester_told(request_id=asked.pk, telling=telling, by=request.user, at=now())


ACTS: dict[str, Act] = {
    "verify": Act(
        "Check who asks", VerifyForm, permissions.check_can_work_on_request,
        lambda asked: not asked.is_verified and not asked.answer, _verify,
    ),
    "link": Act(
        "Link it to a concern", LinkForm, permissions.check_can_work_on_request,
        lambda asked: asked.concern_id is None and not asked.answer, _link,
    ),
    "unlink": Act(
        "Take it off the concern: it is not about this one", UnlinkForm, permissions.check_can_unlink_request,
        lambda asked: not selectors.why_not_unlinked(asked), _unlink,
    ),
    "name": Act(
        "Say that it is about somebody who works here", NameStaffForm, permissions.check_can_name_staff,
        lambda asked: True, _name,
    ),
    "lift": Act(
        "Say that naming somebody was a mistake", LiftNamingForm, permissions.check_can_lift_naming,
        lambda asked: True, _lift,
    ),
    "answer": Act(
        "Answer the request", AnswerForm, permissions.check_can_answer_request,
        lambda asked: not asked.answer, _answer,
    ),
    "countersign": Act(
        "Say whether you agree with the refusal", CountersignForm, permissions.check_can_countersign_refusal,
        lambda asked: asked.waiting_refusal is not None, _countersign,
    ),
    "told": Act(
        "Record that the person who asked was told", ToldForm, permissions.check_can_answer_request,
        lambda asked: asked.answer == RequestAnswer.REFUSE and asked.closed_at is None, _told,
    ),
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def act_on_request(request: SignedInRequest, ref: str, act: str) -> HttpResponse:
    """One form, one service."""
    asked = get_request(request, ref)
    chosen = ACTS.get(act)
    if chosen is None:
        raise Http404
    try:
        chosen.check(request.user, asked)
    except NotAllowed as refusal:
        return _turn_away(request, refusal, asked, act=act)
    context: dict[str, Any] = {"by": request.user}
    if act == "answer":
        context["answers"] = open_answers(selectors.facts_of_request(asked))
    if act == "lift":
        context["liftable"] = _liftable(asked, request)
    form = chosen.form(posted(request), initial=_known(asked) if act == "told" else {}, **context)
    if request.method == "POST" and form.is_valid():
        try:
            chosen.send(asked, form, request)
        except NotAllowed as refusal:
            return _turn_away(request, refusal, asked, act=act)
        except Refusal as refusal:
            write_down(request, refusal, asked.concern, act=f"request-{act}", about=asked)
            _note_reference(request, refusal, form)
            form.show(refusal)
        else:
            messages.success(request, "Recorded.")
            return redirect(asked if selectors.find_request(ref, by=request.user) else "sharing:list-requests")
    services.record_request_view(request=asked, by=request.user, at=now())
    waiting = asked.waiting_refusal if act == "countersign" else None
    shown = {
        "form": form,
        "asked": asked,
        "hidden_ids": selectors.hidden_on_request(asked, request.user),
        "act": chosen,
        "code": act,
        "unverified_words": UNVERIFIED_WORDS,
        "why": source_in_words(SOURCES["VR14"]),
        "refusal": waiting,
        "why_not": why_not(permissions.check_refusal_counts, waiting) if waiting else "",
        "namings": selectors.namings_shown(asked, to=request.user) if act in ("link", "lift") else (),
        "reads_reasons": act == "lift",  # whoever does not read them may not lift a naming
    }
    return render(request, "sharing/request_act.html", shown)


def _note_reference(request: SignedInRequest, refusal: Refusal, form: PlainForm) -> None:
    """Keep that somebody typed the reference of a concern that is not there for them."""
    if isinstance(refusal, Unsound) and "concern_ref" in refusal.problems:
        note_refused_reference(request, form.cleaned_data["concern_ref"])


def _known(asked: InformationRequest) -> dict[str, object]:
    """What the signed refusal says of telling the requester (field 39), to be read again and sent."""
    if asked.record is None:
        return {}
    told = asked.record.decision.record.requester_told
    is_unsafe = told.answer == RequesterAnswer.UNSAFE
    return {"unsafe_reason": told.reasons} if is_unsafe else {"on": told.on, "reasons": told.reasons}


def _turn_away(request: SignedInRequest, refusal: Refusal, asked: InformationRequest, *, act: str) -> HttpResponse:
    write_down(request, refusal, asked.concern, act=f"request-{act}", about=asked)
    messages.error(request, refusal.sentence)
    return redirect(asked)
