"""Wiring only: which app answers which address."""

from django.apps import apps
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path

from safeguarding import pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("accounts.urls")),
    path("", include("concerns.urls")),
    path("", include("champions.urls")),
    path("sharing/", include("sharing.urls")),
    path("theme.css", login_not_required(pages.show_theme), name="show-theme"),
    path("healthz", login_not_required(pages.show_health), name="show-health"),
    path("healthz/ledger", login_not_required(pages.show_ledger_health), name="show-ledger-health"),
    path("healthz/second-steps", login_not_required(pages.show_second_step_health), name="show-second-step-health"),
    path("accessibility/", login_not_required(pages.show_accessibility), name="show-accessibility"),
    path("privacy/", login_not_required(pages.show_privacy), name="show-privacy"),
    path("whistleblowing/", pages.show_whistleblowing, name="show-whistleblowing"),
]
if apps.is_installed("safeguarding.demo"):  # never in production: settings.py installs it in demo and test mode only
    urlpatterns.append(path("", include("safeguarding.demo.urls")))

handler500 = "safeguarding.pages.show_failure"
