"""The signed-in person's own account."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.webauthn.views import remove_webauthn
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import sign_in, sign_on
from accounts.http import SignedInRequest
from accounts.second_factor import is_last_needed, is_required_of, is_set_up, not_needed, was_given
from accounts.selectors import absences_of, profile_of
from safeguarding.kit.clock import now


@require_safe
def show_account(request: SignedInRequest) -> HttpResponse:
    """Who the site thinks I am: contact details, manager, roles, and my next leave."""
    profile = profile_of(request.user)
    context = {"profile": profile, "absences": absences_of(request.user, at=now())}
    return render(request, "accounts/account_show.html", context)


@not_needed
@require_safe
def set_up_second_factor(request: SignedInRequest) -> HttpResponse:
    """What a person meets whose role asks for a second step of signing in, or who has one, until this session has
    seen it."""
    has_one = is_set_up(request.user)
    if was_given(request) or not (has_one or is_required_of(request.user)):
        return redirect("mfa_index")
    return render(request, "accounts/second_factor.html", {"is_set_up": has_one})


def show_recovery_codes(request: SignedInRequest) -> HttpResponseBase:
    """One's own recovery codes; whoever they belong to hears of it."""
    return _codes_seen(request, recovery_codes.view_recovery_codes(request))


def download_recovery_codes(request: SignedInRequest) -> HttpResponseBase:
    """The same as a file."""
    return _codes_seen(request, recovery_codes.download_recovery_codes(request))


def _codes_seen(request: SignedInRequest, answer: HttpResponseBase) -> HttpResponseBase:
    if answer.status_code == 200:
        sign_in.note_codes_seen(request.user, session=request.session.session_key or "")
    return answer


def remove_key(request: SignedInRequest, pk: int) -> HttpResponseBase:
    """Remove a security key, unless it is the last second step of somebody whose role needs one."""
    key = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN, pk=pk).first()
    if key is not None and is_last_needed(key):
        messages.error(request, "Your role needs a second step. Add another one first, then remove this key.")
        return redirect("mfa_list_webauthn")
    answer: HttpResponseBase = remove_webauthn(request, pk=pk)
    return answer


@not_needed
@require_http_methods(["GET", "HEAD", "POST"])
def prove_by_sign_on(request: SignedInRequest) -> HttpResponse:
    """Ask the employer's sign-on who is sitting there; it must ask the person again."""
    if not sign_on.ways_to_prove(request.user):
        raise Http404
    next_url = request.POST.get("next") or request.GET.get("next") or "/"
    if request.method == "POST":
        return sign_on.ask_for_proof(request, next_url=next_url)
    return render(request, "accounts/prove_by_sign_on.html", {"next_url": next_url, "name": sign_on.name()})


@not_needed
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
