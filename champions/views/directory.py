"""The champions directory: who they are, how to reach them, who is there now (R126)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.services import confirm_champion
from champions.selectors import champions_directory, must_confirm_entry
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotNow


@require_safe
def list_champions(request: SignedInRequest) -> HttpResponse:
    moment = now()
    context = {
        "areas": champions_directory(at=moment),
        "must_confirm": must_confirm_entry(request.user, at=moment),
        "now": moment,
    }
    return render(request, "champions/champion_list.html", context)


@require_POST
def confirm_entry(request: SignedInRequest) -> HttpResponse:
    """A champion says that their own entry is right."""
    try:
        confirm_champion(person=request.user, by=request.user, at=now())
    except NotNow as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "Thank you. Your entry is confirmed.")
    return redirect("champions:list-champions")
