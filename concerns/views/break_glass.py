"""Break-glass: opening a concern that is closed to one, and judging it afterwards (domain.md 5)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import SignedInRequest
from accounts.proof import is_proof_fresh, require_fresh_proof
from accounts.selectors import LEADS, holders_of
from audit.services import record_refusal
from concerns import permissions, services
from concerns.forms.letting_in import BreakGlassForm, JudgeForm
from concerns.models import BreakGlass
from concerns.selectors.break_glass import get_use, glass_list, may_list_glass, may_open_case, opened_in
from concerns.services.break_glass import GlassStopped
from concerns.services.reading import record_glass_list_view, record_glass_view
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotAllowed, Refusal


@require_http_methods(["GET", "HEAD", "POST"])
def break_glass(request: SignedInRequest) -> HttpResponseBase:
    """Which concern, why, and fresh proof of identity; then its page. Everybody else gets 404."""
    try:
        permissions.check_can_break_glass(request.user)
    except NotAllowed:
        record_refusal(by=request.user, at=now(), act="concerns.break-glass")
        raise Http404 from None
    at = now()
    if request.method == "POST" and not is_proof_fresh(request, at=at):
        # The words stay on the page: proof is given in another tab.
        form = BreakGlassForm(request.POST)
        form.add_error(None, "It is more than five minutes since you proved who you are. Prove it again, then send.")
        return _form_page(request, form, needs_proof=True)
    return _proven(request)


@require_fresh_proof
def _proven(request: SignedInRequest) -> HttpResponseBase:
    at = now()
    form = BreakGlassForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            services.break_glass(ref=given["ref"], reason=given["reason"], words=given["words"], by=request.user, at=at)
        except GlassStopped as stopped:
            services.note_stopped_glass(ref=given["ref"], by=request.user, at=at)
            form.add_error("ref", stopped.sentence)
        except Refusal as refusal:
            record_refusal(by=request.user, at=at, act="concerns.break-glass", why=refusal.code)
            form.show(refusal)
        else:
            return redirect("concerns:show-concern", given["ref"])
    return _form_page(request, form, needs_proof=False)


def _form_page(request: SignedInRequest, form: BreakGlassForm, *, needs_proof: bool) -> HttpResponse:
    context = {"form": form, "needs_proof": needs_proof, "leads": holders_of(*LEADS)}
    return render(request, "concerns/glass_break.html", context)


@require_safe
def list_break_glass(request: SignedInRequest) -> HttpResponse:
    """What waits to be judged, what was judged, and who was stopped."""
    at = now()
    if not may_list_glass(request.user):
        record_refusal(by=request.user, at=at, act="concerns.list-break-glass")
        raise Http404
    record_glass_list_view(by=request.user, at=at)
    return render(request, "concerns/glass_list.html", {"page": glass_list(request.user, at=at)})


@require_http_methods(["GET", "HEAD", "POST"])
def judge_break_glass(request: SignedInRequest, ref: str) -> HttpResponse:
    """One use: who, when, why, what they opened; and whether it was justified."""
    at = now()
    try:
        use = get_use(ref, request.user)
    except BreakGlass.DoesNotExist:
        record_refusal(by=request.user, at=at, act="concerns.judge-break-glass")
        raise Http404 from None
    form = JudgeForm(request.POST if request.method == "POST" else None)
    if use.judged_at is None and form.is_bound and form.is_valid():
        try:
            services.judge_break_glass(
                use_id=use.pk,
                is_justified=form.cleaned_data["view"] == "yes",
                words=form.cleaned_data["words"],
                by=request.user,
                at=at,
            )
        except Refusal as refusal:
            record_refusal(by=request.user, at=at, act="concerns.judge-break-glass", why=refusal.code)
            form.show(refusal)
        else:
            messages.success(request, "Your judgement is recorded.")
            return redirect("concerns:list-break-glass")
    record_glass_view(use, by=request.user, at=at)
    context = {"form": form, "use": use, "opened": opened_in(use), "may_open": may_open_case(use, request.user)}
    return render(request, "concerns/glass_judge.html", context)
