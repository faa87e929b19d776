"""The duty rota: everybody reads it, champions keep their own shifts, leads everybody's."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import permissions
from accounts.forms_rota import ShiftForm
from accounts.http import SignedInRequest
from accounts.selectors import find_shift, shifts_to_come
from accounts.services.rota import cancel_shift, record_shift
from audit.services import record_refusal
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotAllowed, Refusal, Unsound


@require_safe
def list_rota(request: SignedInRequest) -> HttpResponse:
    """Who is on duty now and who comes next, area by area."""
    moment = now()
    context = {
        "shifts": shifts_to_come(at=moment),
        "now": moment,
        "can_keep": permissions.can_keep_rota(request.user),
        "can_keep_all": permissions.can_keep_rota_of_others(request.user),
    }
    return render(request, "accounts/rota_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_shift(request: SignedInRequest) -> HttpResponse:
    """Put oneself, or as a lead anybody, on the rota. Times are London times."""
    if not permissions.can_keep_rota(request.user):
        record_refusal(by=request.user, at=now(), act="accounts.add-shift")
        messages.error(request, "Only champions and leads keep the duty rota.")
        return redirect("accounts:list-rota")
    form = ShiftForm(request.POST or None, viewer=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            record_shift(**form.shift(), by=request.user, at=now())
        except Unsound as refusal:
            for field, sentences in refusal.problems.items():
                for sentence in sentences:
                    form.add_error(field, sentence)
        except NotAllowed as refusal:
            record_refusal(by=request.user, at=now(), act="accounts.add-shift")
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "The shift is on the rota.")
            return redirect("accounts:list-rota")
    return render(request, "accounts/rota_add.html", {"form": form})


@require_POST
def cancel_own_shift(request: SignedInRequest) -> HttpResponse:
    """Take a shift off the rota, or end it now."""
    shift = find_shift(request.POST.get("shift", ""))
    if shift is None:
        record_refusal(by=request.user, at=now(), act="accounts.cancel-shift")
        raise Http404
    try:
        cancel_shift(shift=shift, by=request.user, at=now())
    except Refusal as refusal:
        if isinstance(refusal, NotAllowed):
            record_refusal(by=request.user, at=now(), act="accounts.cancel-shift")
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "The shift is off the rota.")
    return redirect("accounts:list-rota")
