"""Pages that belong to no app: the organisation's colour, statements, whistleblowing help and refusals."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from accounts import second_factor
from accounts.second_factor import not_needed
from accounts.selectors import holders_of
from accounts.vocabulary import Role
from audit.selectors import is_sealing_late
from safeguarding.context import SERVICE_NAME, organisation
from safeguarding.kit.clock import now
from safeguarding.sending_again import may_be_sent_again, offer_to_send_again
from safeguarding.whistleblowing import ADVICE, NUMBERS_CHECKED, PRESCRIBED, contacts

USED_METHODS = ("GET", "HEAD", "POST")
WHITE, BLACK = "#ffffff", "#0b0c0c"


def readable_on(colour: str) -> str:
    """Black or white, whichever stands out more on `colour` ("#rrggbb"), by the WCAG 2.2 contrast formula.

    One of the two always reaches 4.5 to 1. Raises ImproperlyConfigured when `colour` is not such a code, so that
    nothing but a colour can get into the style sheet.
    """
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ImproperlyConfigured("SAFEGUARDING_COLOUR must be a colour such as #0b4f6c")
    luminance = _luminance(colour)
    on_white = (_luminance(WHITE) + 0.05) / (luminance + 0.05)
    on_black = (luminance + 0.05) / (_luminance(BLACK) + 0.05)
    return WHITE if on_white >= on_black else BLACK


def _luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@require_safe
@cache_control(public=True, max_age=300)
def show_theme(request: HttpRequest) -> HttpResponse:
    """The organisation's colour as a style sheet, because the Content-Security-Policy allows no inline style."""
    colour = settings.ORGANISATION_COLOUR
    variables = f"--govuk-brand-colour:{colour};--app-on-brand-colour:{readable_on(colour)}"
    return HttpResponse(f":root{{{variables}}}", content_type="text/css; charset=utf-8")


@require_safe
def show_accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/accessibility.html")


@require_safe
def show_privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/privacy.html")


@not_needed
@require_safe
def show_whistleblowing(request: HttpRequest) -> HttpResponse:
    """Whom to turn to when something is wrong here, inside and outside (R43)."""
    people = holders_of(Role.SAFEGUARDING_LEAD, Role.DESIGNATED_SENIOR_MANAGER, Role.CHIEF_EXECUTIVE)
    context = {
        "people": people,
        "policy": settings.WHISTLEBLOWING_POLICY,
        "contacts": contacts(),
        "advice": ADVICE,
        "prescribed": PRESCRIBED,
        "checked": NUMBERS_CHECKED,
    }
    return render(request, "pages/whistleblowing.html", context)


@require_safe
@never_cache
def show_health(request: HttpRequest) -> HttpResponse:
    """For monitoring, not for people: 200 when the database answers, 503 when it does not. Holds no data."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return HttpResponse("The database does not answer.\n", status=503, content_type="text/plain; charset=utf-8")
    return HttpResponse("Ready.\n", content_type="text/plain; charset=utf-8")


@require_safe
@never_cache
def show_ledger_health(request: HttpRequest) -> HttpResponse:
    """For monitoring: 503 when the ledger is not being sealed. Apart from `show_health`, because starting the web
    server again does not help. Holds no data."""
    try:
        is_late = is_sealing_late(at=now())
    except Error:
        return HttpResponse("The database does not answer.\n", status=503, content_type="text/plain; charset=utf-8")
    words = "The ledger is not being sealed.\n" if is_late else "Sealed.\n"
    return HttpResponse(words, status=503 if is_late else 200, content_type="text/plain; charset=utf-8")


@require_safe
@never_cache
def show_second_step_health(request: HttpRequest) -> HttpResponse:
    """For monitoring: 503 when the keys given do not fit the second steps, so that whoever needs one can't sign in.
    Apart from `show_health`, because reporting a concern goes on. Holds no data."""
    try:
        is_sound = second_factor.can_be_read()
    except Error:
        return HttpResponse("The database does not answer.\n", status=503, content_type="text/plain; charset=utf-8")
    words = "Readable.\n" if is_sound else "The key of the second steps does not fit.\n"
    return HttpResponse(words, status=200 if is_sound else 503, content_type="text/plain; charset=utf-8")


def answer_without_session(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """The style sheet of every page, and the health check, neither read nor renew a session; so they may be cached.

    Goes before Django's SessionMiddleware.
    """
    views = {
        reverse("show-theme"): show_theme,
        reverse("show-health"): show_health,
        reverse("show-ledger-health"): show_ledger_health,
        reverse("show-second-step-health"): show_second_step_health,
    }

    def middleware(request: HttpRequest) -> HttpResponse:
        view = views.get(request.path_info)
        return view(request) if view else get_response(request)

    return middleware


def refuse_null_characters(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """No address of ours holds a null character, and PostgreSQL takes none: the page that is not there."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info:
            raise Http404
        return get_response(request)

    return middleware


def refuse_unused_methods(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """What no page uses is there for nobody: neither view nor session hears of anything but GET, HEAD and POST.

    Django takes OPTIONS, PUT and whatever else somebody sends for a kind of GET.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request) if request.method in USED_METHODS else HttpResponseNotAllowed(USED_METHODS)

    return middleware


def refuse_stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: nearly always a page that was left open while its session ended."""
    if may_be_sent_again(request):
        return offer_to_send_again(request)
    return render(request, "403_csrf.html", status=403)


def show_failure(request: HttpRequest) -> HttpResponse:
    """handler500: needs neither session nor database, which may be what failed."""
    context = {"organisation": organisation(), "service_name": SERVICE_NAME}
    return HttpResponse(render_to_string("500.html", context), status=500)
