"""Words that arrive after their session has ended are handed back to be sent again, never thrown away.

Nothing is stored: they travel back in the answer, as hidden fields of a form, to the browser that has just sent them.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render


class SignInOrSendAgain(LoginRequiredMiddleware):
    """Asks strangers to sign in; whoever has just sent a form gets it back instead of an empty sign-in page."""

    def handle_no_permission(  # type: ignore[override]  # the stubs know of redirects only; Django takes any answer
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        if request.method == "POST" and may_be_sent_again(request):
            return offer_to_send_again(request)
        return super().handle_no_permission(request, view_func)


def may_be_sent_again(request: HttpRequest) -> bool:
    """Whether a form came from a page of this site and holds no password.

    Handing back what another site has made a browser send would lend it a valid token. Browsers say truly where a
    form comes from (`Origin`; `Sec-Fetch-Site` where that is left out); a request that says neither is not trusted.
    """
    if any("password" in name for name in request.POST):
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return request.headers.get("Sec-Fetch-Site") == "same-origin"
    return origin == f"{request.scheme}://{request.get_host()}"


def offer_to_send_again(request: HttpRequest) -> HttpResponse:
    fields = [
        (name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values
    ]
    context = {"fields": fields, "has_files": bool(request.FILES)}
    return render(request, "send_again.html", context, status=403)
