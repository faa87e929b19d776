"""The page of one concern."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from concerns import selectors, services
from concerns.views._case import back_to, find_concern, turn_away
from concerns.vocabulary import SIX_PRINCIPLES
from safeguarding.kit.clock import now
from safeguarding.kit.errors import Refusal


@require_safe
def show_concern(request: SignedInRequest, ref: str) -> HttpResponse:
    """Where the concern stands, what was reported and written, and what the reader can do. The look is recorded."""
    at = now()
    concern = find_concern(ref, request.user)
    page = selectors.case_page(concern, request.user, at=at)
    joined = [row.concern for row in page.beside.joined]
    services.record_case_view(concern, joined=joined, by=request.user, at=at)
    context = {"page": page, "concern": concern, "principles": SIX_PRINCIPLES}
    return render(request, "concerns/concern_show.html", context)


@require_POST
def take_concern(request: SignedInRequest, ref: str) -> HttpResponse:
    """Take the concern from the queue or from its page."""
    at = now()
    concern = find_concern(ref, request.user)
    seen = request.POST.get("seen_version", "")
    try:
        services.take(
            concern_id=concern.pk,
            by=request.user,
            at=at,
            seen_version=int(seen) if seen.isdecimal() and len(seen) < 10 else None,
        )
    except Refusal as refusal:
        return turn_away(refusal, request, act="take", concern=concern, at=at)
    messages.success(request, "You hold this concern now.")
    return back_to(concern, request.user)
