"""Advice without names: the words are checked, asked, and answered (R35)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import SignedInRequest
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotAllowed, Refusal, Unsound
from sharing import permissions, selectors, services
from sharing.forms.advice import AdviceGivenForm, QuestionForm
from sharing.forms.plain import this_moment
from sharing.models import Consultation
from sharing.no_names import Hit, HitKind, scan
from sharing.views._common import get_concern, get_consultation, posted, show_of, turn_away, write_down

# How much of the text around a hit is shown with it.
AROUND = 40


@dataclass(frozen=True)
class Shown:
    """One hit as the page shows it: what stands before, the words themselves, what stands after."""

    kind: str
    before: str
    words: str
    after: str
    key: str = ""
    reason: str = ""
    error: str = ""


def _shown(text: str, hit: Hit, **more: str) -> Shown:
    before, after = text[max(0, hit.start - AROUND) : hit.start], text[hit.end : hit.end + AROUND]
    return Shown(
        hit.kind.label,
        ("…" if hit.start > AROUND else "") + before,
        text[hit.start : hit.end],
        after + ("…" if hit.end + AROUND < len(text) else ""),
        **more,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def check_question(request: SignedInRequest, ref: str) -> HttpResponse:
    """Write what will be said; every place that tells who it is about is taken out or confirmed with a reason."""
    concern = get_concern(request, ref)
    try:
        permissions.check_can_refer(request.user, concern)
    except NotAllowed as refusal:
        return turn_away(request, refusal, concern, act="check-question")
    form = QuestionForm(posted(request))
    hits: list[Shown] = []
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["question"]
        reasons = {
            name.removeprefix("why_"): str(value) for name, value in request.POST.items() if name.startswith("why_")
        }
        try:
            consultation = services.check_question(
                concern_id=concern.pk, question=text, reasons=reasons, by=request.user, at=now()
            )
        except NotAllowed as refusal:
            return turn_away(request, refusal, concern, act="check-question")
        except Refusal as refusal:
            hits = _found(text, concern, reasons, refusal)
            form.add_error("question" if hits or isinstance(refusal, Unsound) else None, _sentence(refusal, hits))
        else:
            return redirect(consultation)
    context = {"form": form, "concern": concern, "hits": hits}
    return show_of(concern, request, "sharing/consultation_check.html", context)


def _found(text: str, concern: Any, reasons: dict[str, str], refusal: Refusal) -> list[Shown]:
    problems = refusal.problems if isinstance(refusal, Unsound) else {}
    # What was asked about before and is answered already stays on the page with its reason.
    asked_before = bool(reasons)
    return [
        _shown(
            text,
            hit,
            key=hit.key,
            reason=reasons.get(hit.key, ""),
            error=problems[hit.key][0] if asked_before and hit.key in problems else "",
        )
        for hit in scan(text, selectors.known_of(concern))
    ]


def _sentence(refusal: Refusal, hits: list[Shown]) -> str:
    if isinstance(refusal, Unsound) and not hits:
        return next((sentence for sentences in refusal.problems.values() for sentence in sentences), refusal.sentence)
    return refusal.sentence


def _confirmed(consultation: Consultation) -> Iterable[Shown]:
    for row in consultation.confirmed:
        hit = Hit(HitKind(row["kind"]), row["start"], row["end"])
        yield _shown(consultation.question, hit, reason=row["reason"])


@require_safe
def show_consultation(request: SignedInRequest, ref: str) -> HttpResponse:
    """The words that were checked, what was confirmed, and the advice."""
    consultation = get_consultation(request, ref)
    context = {
        "consultation": consultation,
        "concern": consultation.concern,
        "confirmed": list(_confirmed(consultation)),
        "can_record": permissions.can_refer(request.user, consultation.concern) and not consultation.is_answered,
    }
    return show_of(consultation.concern, request, "sharing/consultation_show.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def record_advice(request: SignedInRequest, ref: str) -> HttpResponse:
    """Who was asked, what they advised, and whether to disclose in full."""
    consultation = get_consultation(request, ref)
    try:
        permissions.check_can_refer(request.user, consultation.concern)
    except NotAllowed as refusal:
        return turn_away(request, refusal, consultation.concern, act="record-advice")
    form = AdviceGivenForm(posted(request), initial=this_moment("asked_at"))
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        names = ("who", "role", "organisation", "advice", "in_full", "in_full_why")
        given = services.AdviceGiven(asked_at=form.moment("asked_at"), **{name: answers[name] for name in names})
        try:
            services.record_advice(consultation_id=consultation.pk, given=given, by=request.user, at=now())
        except NotAllowed as refusal:
            return turn_away(request, refusal, consultation.concern, act="record-advice")
        except Refusal as refusal:
            write_down(request, refusal, consultation.concern, act="record-advice")
            form.show(refusal)
        else:
            messages.success(request, "Recorded. You can put it into a decision about sharing.")
            return redirect(consultation)
    context = {"form": form, "consultation": consultation}
    return show_of(consultation.concern, request, "sharing/consultation_record.html", context)
