"""The time limits: everybody reads them, a lead proposes another one, a second person agrees or refuses."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import SignedInRequest
from audit.services import record_refusal
from concerns import permissions, services
from concerns.forms.limits import ProposeLimitForm, ViewLimitForm
from concerns.limits import BY_CODE, count_words
from concerns.selectors.limits import limit_rows, limits_in_force, waiting_change
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotAllowed, Refusal, why_not


@require_safe
def list_limits(request: SignedInRequest) -> HttpResponse:
    """How long each step may take, on what basis, and what waits for a second person."""
    return render(request, "concerns/limit_list.html", {"rows": limit_rows(request.user)})


@require_http_methods(["GET", "HEAD", "POST"])
def propose_limit(request: SignedInRequest, code: str) -> HttpResponse:
    """A lead proposes another length for one limit."""
    limit = BY_CODE.get(code)
    if limit is None:
        raise Http404
    try:
        permissions.check_can_propose_limit(request.user)
    except NotAllowed as refusal:
        return _turn_away(request, refusal, act="concerns.propose-limit", code=code)
    form = ProposeLimitForm(request.POST or None, limit=limit, now=limits_in_force().value(limit.code))
    if request.method == "POST" and form.is_valid():
        try:
            services.propose_limit(code=code, **form.cleaned_data, by=request.user, at=now())
        except Refusal as refusal:
            record_refusal(by=request.user, at=now(), act="concerns.propose-limit", why=refusal.code, ref=code)
            form.show(refusal)
        else:
            messages.success(request, "Proposed. It changes once a second person agrees.")
            return redirect("concerns:list-limits")
    return render(request, "concerns/limit_propose.html", {"form": form, "limit": limit})


@require_http_methods(["GET", "HEAD", "POST"])
def view_limit(request: SignedInRequest, code: str) -> HttpResponse:
    """The second person's view on the change that waits."""
    limit, change = BY_CODE.get(code), waiting_change(code)
    if limit is None:
        raise Http404
    if change is None:
        messages.info(request, "No change of this time limit waits for a second person any more.")
        return redirect("concerns:list-limits")
    try:
        permissions.check_can_agree_limit(request.user, change)
    except NotAllowed as refusal:
        return _turn_away(request, refusal, act="concerns.view-limit", code=code)
    form = ViewLimitForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        agrees = form.cleaned_data["view"] == "agree"
        try:
            services.view_limit(
                change_id=change.pk, is_agreed=agrees, words=form.cleaned_data["words"], by=request.user, at=now()
            )
        except Refusal as refusal:
            record_refusal(by=request.user, at=now(), act="concerns.view-limit", why=refusal.code, ref=code)
            form.show(refusal)
        else:
            done = "The time limit is changed. Steps that begin from now on have it."
            messages.success(request, done if agrees else "The time limit stays as it is.")
            return redirect("concerns:list-limits")
    context = {
        "form": form,
        "limit": limit,
        "change": change,
        "proposed": count_words(change.value, limit.unit),
        "before": count_words(change.before, limit.unit),
        "why_not": why_not(permissions.check_limit_counts, change),
    }
    return render(request, "concerns/limit_view.html", context)


def _turn_away(request: SignedInRequest, refusal: NotAllowed, *, act: str, code: str) -> HttpResponse:
    record_refusal(by=request.user, at=now(), act=act, ref=code)
    messages.error(request, refusal.sentence)
    return redirect("concerns:list-limits")
