"""The queue (R127)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from accounts.selectors import standing
from concerns import selectors, services
from concerns.filters import QueueFilterForm
from safeguarding.kit.clock import now


@require_safe
def list_queue(request: SignedInRequest) -> HttpResponse:
    """Open concerns that the reader may see, most urgent first. Filters and place in the list are in the address."""
    at = now()
    who = standing(request.user)
    form = QueueFilterForm(
        request.GET,
        areas=selectors.areas_in_reach(request.user),
        sees_restricted=who.is_lead or who.is_operational_lead,
    )
    page = selectors.queue_page(
        request.user,
        form.wanted(),
        at=at,
        after=selectors.Place.read(request.GET.get("after", "")),
        before=selectors.Place.read(request.GET.get("before", "")),
    )
    services.record_queue_view(shown=[(row.concern.pk, row.concern.ref) for row in page.rows], by=request.user, at=at)
    context = {
        "filters": form,
        "page": page,
        "is_narrowed": form.is_narrowed,
        "previous_url": form.address(before=page.previous) if page.previous else "",
        "next_url": form.address(after=page.next) if page.next else "",
    }
    return render(request, "concerns/queue_list.html", context)
