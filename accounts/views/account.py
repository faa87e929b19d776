"""The signed-in person's own account."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.selectors import absences_of, profile_of
from safeguarding.kit.clock import now


@require_safe
def show_account(request: SignedInRequest) -> HttpResponse:
    """Who the site thinks I am: contact details, manager, roles, and my next leave."""
    profile = profile_of(request.user)
    context = {"profile": profile, "absences": absences_of(request.user, at=now())}
    return render(request, "accounts/account_show.html", context)


@require_POST
def stay_signed_in(request: SignedInRequest) -> HttpResponse:
    """Begin the idle time anew; asked for by the warning that a session is about to end."""
    request.session.modified = True
    return HttpResponse(status=204)


@require_safe
def show_no_password(request: SignedInRequest) -> HttpResponse:
    """Accounts that sign in by the employer's sign-on have no password here, and get none by this door.

    A password made from an open session alone would pass for proof of identity (accounts.proof).
    """
    if request.user.has_usable_password():
        return redirect("account_change_password")
    return render(request, "accounts/no_password.html", status=403)
