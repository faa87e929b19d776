"""A referral: what goes, that it went, and what the agency answers (R120-R122)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import SignedInRequest
from accounts.proof import require_fresh_proof
from accounts.second_factor import not_needed
from concerns.models import Concern
from concerns.vocabulary import State
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotAllowed, Refusal, Unsound
from sharing import permissions, selectors, services
from sharing.content import as_text, content_of_referral
from sharing.forms.base import PlainForm
from sharing.forms.plain import (
    AcknowledgedForm,
    DirectCallForm,
    EscalateForm,
    OutcomeForm,
    ReceiptForm,
    SentForm,
    WordForm,
    WordsForm,
    this_moment,
)
from sharing.models import Agency, Disclosure, Referral, Telling
from sharing.record import Record, from_json
from sharing.telling import filled_in, to_ask
from sharing.views._common import get_referral, not_there, posted, show_of, turn_away, write_down
from sharing.vocabulary import AgencyKind, DisputeStage, ReceiptStep, ReferralOutcome, ReferralState, SharingMethod

WHEN_MISSING = "Enter the day and the time."


@require_safe
def show_referral(request: SignedInRequest, ref: str) -> HttpResponse:
    """Where the referral stands, what can be done now, and its history."""
    referral = get_referral(request, ref)
    disclosure = referral.disclosures.order_by("-pk").first()
    services.record_referral_view(referral=referral, as_pdf=False, by=request.user, at=now())
    checks = list(disclosure.checks.select_related("recorded_by")) if disclosure else []
    context = {
        "referral": referral,
        "concern": referral.concern,
        "disclosure": disclosure,
        "said": _said(disclosure),
        "checks": checks,
        "unchecked": [step.label for step in ReceiptStep if step not in {check.step for check in checks}],
        "tellings": Telling.objects.filter(disclosure__referral=referral).select_related("person", "recorded_by"),
        "history": referral.steps.select_related("by").order_by("-recorded_at", "-pk"),
        "deadlines": referral.concern.deadlines.filter(
            about=referral.ref, met_at__isnull=True, dropped_at__isnull=True
        ),
        "acts": _acts(request, referral),
        # On the decision's page, by whoever may tick off what it promised.
        "can_tell": referral.record is not None and permissions.can_refer(request.user, referral.concern),
        "now": now(),
    }
    return show_of(referral.concern, request, "sharing/referral_show.html", context)


def _said(disclosure: Disclosure | None) -> dict[str, str]:
    """What somebody told the agency directly, and why it could not wait; empty for what was sent."""
    content = json.loads(disclosure.content) if disclosure else {}
    return {part: content.get(part, "") for part in ("said", "why_urgent", "as_typed")} if content.get("said") else {}


@dataclass(frozen=True)
class Act:
    """Something that can be done with a referral in some of its states."""

    title: str
    button: str
    form: type[PlainForm]
    states: frozenset[ReferralState]
    send: Callable[[Referral, Any, SignedInRequest], None]
    done: str
    label: str = ""


def _word(form: PlainForm) -> services.Word:
    happened = form.moment("happened_at")
    if happened is None:
        raise Unsound(WHEN_MISSING, {"happened_at": [WHEN_MISSING]})
    return services.Word(form.cleaned_data["who"], happened, form.cleaned_data["words"])


def _send(referral: Referral, form: Any, request: SignedInRequest) -> None:
    sent_at, method = form.moment("sent_at"), form.cleaned_data["method"]
    problems: dict[str, list[str]] = {}
    if sent_at is None:
        problems["sent_at"] = [WHEN_MISSING]
    if not method:
        problems["method"] = ["Say how it was sent."]
    if sent_at is None or problems:
        raise Unsound("Something is missing.", problems)
    services.send_referral(
        referral_id=referral.pk,
        sending=services.Sending(
            method=SharingMethod(method),
            sent_at=sent_at,
            received_by=form.cleaned_data["received_by"],
            insecure_reason=form.cleaned_data["insecure_reason"],
            told=form.told(),
        ),
        by=request.user,
        at=now(),
    )


def _outcome(referral: Referral, form: Any, request: SignedInRequest) -> None:
    if not form.cleaned_data["outcome"]:
        raise Unsound("Something is missing.", {"outcome": ["Choose what the agency reported."]})
    services.record_outcome(
        referral_id=referral.pk,
        outcome=ReferralOutcome(form.cleaned_data["outcome"]),
        word=_word(form),
        by=request.user,
        at=now(),
    )


def _receipt(referral: Referral, form: Any, request: SignedInRequest) -> None:
    disclosure = referral.disclosures.order_by("-pk").first()
    answers = form.cleaned_data
    problems: dict[str, list[str]] = {}
    if not answers["steps"]:
        problems["steps"] = ["Choose what you have checked."]
    for name, sentence in (
        ("on", "Enter the date."),
        ("who", "Enter with whom you checked."),
        ("how", "Write how you checked."),
    ):
        if not answers[name]:
            problems[name] = [sentence]
    if disclosure is None or problems:
        raise Unsound("Something is missing.", problems)
    services.record_receipt(
        disclosure_id=disclosure.pk,
        checks=[
            services.Check(ReceiptStep(step), answers["on"], answers["who"], answers["how"], answers["words"])
            for step in answers["steps"]
        ],
        by=request.user,
        at=now(),
    )


def _escalate(referral: Referral, form: PlainForm, request: SignedInRequest) -> None:
    answers = form.cleaned_data
    if not answers["stage"]:
        raise Unsound("Something is missing.", {"stage": ["Choose the stage."]})
    services.escalate_dispute(
        referral_id=referral.pk, stage=DisputeStage(int(answers["stage"])), word=_word(form),
        skip_reason=answers["skip_reason"], by=request.user, at=now(),
    )  # fmt: skip


_S = ReferralState
_OPEN = frozenset({_S.SENT, _S.ACKNOWLEDGED, _S.DECLINED, _S.DISPUTED})
_CONTESTED = frozenset({_S.DECLINED, _S.DISPUTED})
_GONE = _OPEN | {_S.OUTCOME, _S.ENDED}

ACTS: dict[str, Act] = {
    "sent": Act(
        "Record that it was sent", "Record", SentForm, frozenset({_S.DUE}) | _CONTESTED, _send, "Recorded as sent."
    ),
    "receipt": Act("Check that it arrived and is understood", "Record", ReceiptForm, _GONE, _receipt, "Recorded."),
    "chased": Act(
        "Record that you chased the agency", "Record", WordForm, frozenset({_S.SENT}),
        lambda referral, form, request: _done(
            services.record_chase(referral_id=referral.pk, word=_word(form), by=request.user, at=now())
        ),
        "Recorded.",
    ),
    "acknowledged": Act(
        "Record that the agency acknowledged it", "Record", AcknowledgedForm, _OPEN,
        lambda referral, form, request: _done(
            services.record_acknowledgement(
                referral_id=referral.pk, word=_word(form),
                agency_reference=form.cleaned_data["agency_reference"], by=request.user, at=now(),
            )
        ),
        "Recorded.",
    ),
    "news": Act(
        "Record news from the agency", "Record", WordForm, _OPEN,
        lambda referral, form, request: _done(
            services.record_news(referral_id=referral.pk, word=_word(form), by=request.user, at=now())
        ),
        "Recorded.",
    ),
    "outcome": Act(
        "Record what the agency reported", "Record", OutcomeForm, _OPEN | {_S.OUTCOME}, _outcome, "Recorded."
    ),
    "dispute": Act(
        "Open a dispute with the agency", "Open a dispute", WordsForm,
        frozenset({_S.SENT, _S.ACKNOWLEDGED, _S.OUTCOME}),
        lambda referral, form, request: _done(
            services.open_dispute(referral_id=referral.pk, reason=form.cleaned_data["words"], by=request.user, at=now())
        ),
        "The dispute is open. A Safeguarding Lead now holds the concern.",
        "What is the dispute about?",
    ),
    "escalate": Act(
        "Take the dispute to a higher stage", "Record", EscalateForm, _CONTESTED, _escalate, "Recorded."
    ),
    "go-on": Act(
        "Go on without an answer", "Go on without an answer", WordsForm, _OPEN | {_S.OUTCOME, _S.ENDED},
        lambda referral, form, request: _done(
            services.go_on_without(
                referral_id=referral.pk, reason=form.cleaned_data["words"], by=request.user, at=now()
            )
        ),
        "Recorded. Closing no longer waits for this referral.",
        "Why is it safe to go on without an answer?",
    ),
    "end": Act(
        "End this referral", "End it", WordsForm, _CONTESTED | {_S.OUTCOME, _S.DUE},
        lambda referral, form, request: _done(
            services.end_referral(referral_id=referral.pk, words=form.cleaned_data["words"], by=request.user, at=now())
        ),
        "The referral has ended.",
        "What happens now about the risk that remains?",
    ),
}  # fmt: skip


def _done(_: object) -> None:
    """The service's answer is not needed: the page is read afresh."""


def _acts(request: SignedInRequest, referral: Referral) -> list[tuple[str, str]]:
    """The acts that fit now, for whoever may do them: their codes and titles."""
    state = ReferralState(referral.state)
    of_leads = [("go-on", ACTS["go-on"].title)] if _may_go_on(request, referral) else []
    if not permissions.can_refer(request.user, referral.concern):
        return of_leads
    found = [(code, act.title) for code, act in ACTS.items() if state in act.states and code != "go-on"] + of_leads
    if state == ReferralState.DUE and referral.record is not None and referral.record.decision.status == "signed":
        found = [pair for pair in found if pair[0] != "end"]
    if referral.is_direct:
        found = [pair for pair in found if pair[0] != "sent"]
    return found


def _may_go_on(request: SignedInRequest, referral: Referral) -> bool:
    return (
        referral.state in ACTS["go-on"].states - _CONTESTED
        and referral.concern.is_open
        and referral.concern.state != State.REFERRED
        and permissions.can_go_on_without(request.user, referral)
        and selectors.is_waited_for(referral)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def act_on_referral(request: SignedInRequest, ref: str, act: str) -> HttpResponse:
    """One form, one service."""
    referral = get_referral(request, ref)
    chosen = ACTS.get(act)
    if chosen is None:
        raise Http404
    try:
        if act == "go-on":
            permissions.check_can_go_on_without(request.user, referral)
        else:
            permissions.check_can_refer(request.user, referral.concern)
    except NotAllowed as refusal:
        return turn_away(request, refusal, referral.concern, act=f"referral-{act}")
    context: dict[str, Any] = {"label": chosen.label}
    cautions: list[Any] = []
    limits: list[tuple[str, str]] = []
    initial: dict[str, object] = {}
    if chosen.form is EscalateForm:
        context["stages"] = [each for each in DisputeStage.choices if each[0] > selectors.stage_of(referral)]
    if chosen.form is ReceiptForm:
        done = referral.disclosures.order_by("-pk").values_list("checks__step", flat=True)
        context["done"] = set(done)
    if act == "sent":
        record = from_json(referral.record.document["record"]) if referral.record is not None else Record()
        promised = selectors.still_to_tell(referral.record) if referral.record is not None else {}
        today = timezone.localdate(now())
        context["people"] = [filled_in(each, promised=promised, today=today) for each in to_ask(record)]
        cautions = selectors.at_risk_of(record, referral.concern)
        limits = selectors.limits_set(record, referral.concern)
    if act == "sent" and referral.agency is not None:
        initial = {"method": referral.agency.usual_method, **this_moment("sent_at")}
    elif act == "sent":
        initial = this_moment("sent_at")
    elif "happened_at" in chosen.form.base_fields:
        initial = this_moment("happened_at")
    form = chosen.form(posted(request), initial=initial, **context)
    if request.method == "POST" and form.is_valid():
        try:
            chosen.send(referral, form, request)
        except NotAllowed as refusal:
            return turn_away(request, refusal, referral.concern, act=f"referral-{act}")
        except Refusal as refusal:
            write_down(request, refusal, referral.concern, act=f"referral-{act}")
            form.show(refusal)
        else:
            messages.success(request, chosen.done)
            return redirect(referral)
    context = {"form": form, "referral": referral, "act": chosen, "cautions": cautions, "limits": limits}
    return show_of(referral.concern, request, "sharing/referral_act.html", context)


def _content(referral: Referral) -> dict[str, Any]:
    """What goes, or went: the frozen copy once there is one. What was said in a call is on the referral's own page."""
    if referral.is_direct:
        raise Http404
    disclosure = referral.disclosures.order_by("-pk").first()
    if disclosure is not None and referral.state != ReferralState.DUE:
        content: dict[str, Any] = json.loads(disclosure.content)
        return content
    assert referral.record is not None  # noqa: S101 (the constraint referral_direct_or_decided)
    return content_of_referral(referral.record.document, referral)


@require_safe
def show_document(request: SignedInRequest, ref: str) -> HttpResponse:
    """The referral as it goes to the agency, with the text to copy into its own form."""
    referral = get_referral(request, ref)
    content = _content(referral)
    services.record_referral_view(referral=referral, as_pdf=False, by=request.user, at=now())
    context = {
        "referral": referral,
        "content": content,
        "text": as_text(content, organisation=settings.ORGANISATION_NAME),
        "can_take_out": permissions.can_take_out_referral(request.user, referral),
    }
    return render(request, "sharing/referral_document.html", context)


@require_safe
@require_fresh_proof
def fetch_document(request: SignedInRequest, ref: str) -> HttpResponse:
    """The same as a PDF."""
    referral = get_referral(request, ref)
    content = _content(referral)
    try:
        made = services.take_out_referral(referral=referral, content=content, by=request.user, at=now())
    except Refusal as refusal:
        write_down(request, refusal, referral.concern, act="fetch-document")
        messages.error(request, refusal.sentence)
        return redirect("sharing:show-document", referral.ref)
    response = HttpResponse(made, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{referral.ref}.pdf"'
    return response


@not_needed  # I20: whoever reported may also say that they rang an agency
@require_http_methods(["GET", "HEAD", "POST"])
def record_direct_call(request: SignedInRequest, ref: str) -> HttpResponse:
    """R32, R38: the person who reported it, or anybody who may read it, told an agency. One page, refused by nothing.

    What could not be understood (a date that does not exist) is kept as typed beside what was said (R39).
    """
    concern = selectors.find_concern_called_about(ref, by=request.user)
    if concern is None or not permissions.can_record_direct_referral(request.user, concern):
        raise not_there(request, Concern, ref=ref)
    agencies = [(agency.ref, str(agency)) for agency in selectors.agencies_in_use()]
    form = DirectCallForm(posted(request), initial=this_moment("told_at"), agencies=agencies)
    if request.method == "POST":
        form.is_valid()
        try:
            services.record_direct_referral(concern_id=concern.pk, call=_call(form), by=request.user, at=now())
        except Refusal as refusal:
            write_down(request, refusal, concern, act="record-direct-call")
            form.show(refusal)
        else:
            messages.success(
                request, "Recorded. The full record is due within 24 hours. Everything else goes on as before."
            )
            return redirect(_back(request, concern))
    context = {"form": form, "concern": concern, "back_url": _back(request, concern)}
    return render(request, "sharing/direct_call.html", context)


def _back(request: SignedInRequest, concern: Concern) -> str:
    if Concern.objects.visible_to(request.user).filter(pk=concern.pk).exists():
        return concern.get_absolute_url()
    return selectors.receipt_address(concern)


def _call(form: DirectCallForm) -> services.DirectCall:
    """What was understood; the rest as typed."""
    answers = form.cleaned_data
    agency = Agency.objects.filter(ref=answers.get("agency") or "").first()
    labels = {"told_at": "Time as typed", "told_at_time": "Time as typed", "method": "Way as typed"}
    unclear = [
        f"{labels.get(name, str(form.fields[name].label))}: {form.typed(name)}"
        for name in form.fields
        if name not in answers and form.typed(name)
    ]
    method, kind = answers.get("method"), answers.get("agency_kind")
    return services.DirectCall(
        agency_name=str(agency) if agency else answers.get("agency_name") or "",
        agency_kind=AgencyKind(agency.kind if agency else kind or AgencyKind.OTHER),
        spoken_to=answers.get("spoken_to") or "",
        told_at=form.moment("told_at"),
        method=SharingMethod(method) if method else SharingMethod.PHONE,
        what_was_said=answers.get("what_was_said") or "",
        why_urgent=answers.get("why_urgent") or "",
        as_typed="\n".join(unclear),
        agency_reference=answers.get("agency_reference") or "",
        agency_ref=agency.ref if agency else "",
        is_about_child=answers.get("is_about_child") == "yes",
    )
