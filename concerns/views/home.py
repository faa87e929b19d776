"""The first page after signing in."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from audit.selectors import is_sealing_late
from concerns import permissions
from concerns.selectors.alarms import banners_for
from concerns.selectors.break_glass import may_list_glass
from concerns.selectors.home import home_of
from concerns.selectors.late import may_see_late
from safeguarding.kit.clock import now


@require_safe
def show_home(request: SignedInRequest) -> HttpResponse:
    """What I hold by due time, what waits for my view, my drafts, what I reported."""
    at = now()
    return render(
        request,
        "concerns/home.html",
        {
            "home": home_of(request.user, at=at),
            "alarms": banners_for(request.user),
            "ledger_is_late": permissions.watches_ledger(request.user) and is_sealing_late(at=at),
            "sees_late": may_see_late(request.user),
            "sees_glass": may_list_glass(request.user),
        },
    )
