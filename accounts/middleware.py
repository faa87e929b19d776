"""What holds for every request of somebody who is signed in."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from accounts import events, second_factor, sessions, sign_in
from accounts.models import User
from safeguarding.kit.clock import now

Answer = Callable[[HttpRequest], HttpResponse]
# The names of signing in, out, and setting up a second step (accounts.urls).
SIGNING_IN = ("account_", "mfa_", "socialaccount_", "openid_connect_")
# Of these, the pages of the second step itself, and those among them on which it is given.
SECOND_STEP = "mfa_"
GIVING_IT = frozenset({"mfa_authenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"})


def keep_out_of_caches(get_response: Answer) -> Answer:
    """No page stays in a browser's or a proxy's cache: computers are shared, and errors hand back what was typed.

    The back button after signing out asks the server again. Style sheets, scripts and the organisation's colour are
    answered before this and may be kept.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers["Cache-Control"] = "no-store, private"
        return response

    return middleware


def end_long_sessions(get_response: Answer) -> Answer:
    """Whoever signed in too long ago signs in anew (SESSION_LONGEST), however busy they were since.

    A form that arrives then is handed back to be sent again (safeguarding.sending_again, which stands after this), and
    what was saved as a draft is still there.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        person = request.user
        if isinstance(person, User) and sessions.is_too_long(request, at=now()):
            sign_in.write_down(events.SESSION_TOO_LONG, by=person)
            logout(request)
            if request.method in ("GET", "HEAD"):
                query = urlencode({"ended": sessions.TOO_LONG, "next": request.get_full_path()})
                return redirect(f"{reverse(settings.LOGIN_URL)}?{query}")
        return get_response(request)

    return middleware


class AskForSecondFactor:
    """Somebody whose role needs a second step of signing in reaches nothing that they may not reach without one.

    Whoever has one, whatever their role, reaches what belongs to it only where this session has seen it.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Lead to the page that sets one up, unless the view is open, signs in or out, or a second step was given."""
        name = (request.resolver_match.url_name if request.resolver_match else None) or ""
        if name.startswith(SECOND_STEP):
            is_stopped = name not in GIVING_IT and second_factor.is_held_back(request)
        else:
            is_stopped = not _is_open(name, view) and second_factor.is_missing(request)
        return redirect("accounts:set-up-second-factor") if is_stopped else None


def _is_open(name: str, view: Callable[..., HttpResponseBase]) -> bool:
    return (
        not getattr(view, "second_factor_required", True)
        or not getattr(view, "login_required", True)  # open to everybody: the privacy page
        or name.startswith(SIGNING_IN)
    )
