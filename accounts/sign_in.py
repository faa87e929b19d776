"""Signing in and out, written down in the ledger.

These listen to Django's, allauth's and axes' own signals: the framework signs people in, and its signals are the only
place where every way in (password, sign-on, second factor) passes by.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.signals import (
    authentication_step_completed,
    password_changed,
    password_reset,
    password_set,
)
from allauth.account.signals import user_logged_in as way_in_completed
from allauth.core import context, ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed, authenticator_reset
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse

from accounts import events, notifications, second_factor, sessions, sign_on
from accounts.models import User
from audit.services import record
from audit.vocabulary import EventKind
from safeguarding.kit import outbox
from safeguarding.kit.clock import now

CODES = "second_step"  # in ACCOUNT_RATE_LIMITS


def connect() -> None:
    """Start listening; called once, when the app is ready."""
    user_logged_in.connect(_signed_in, dispatch_uid="accounts.signed_in")
    user_logged_out.connect(_signed_out, dispatch_uid="accounts.signed_out")
    user_login_failed.connect(_sign_in_failed, dispatch_uid="accounts.sign_in_failed")
    user_locked_out.connect(_locked_out, dispatch_uid="accounts.locked_out")
    authentication_step_completed.connect(_step_completed, dispatch_uid="accounts.identity_proved")
    authentication_failed.connect(_second_factor_failed, dispatch_uid="accounts.second_factor_failed")
    authenticator_added.connect(_factor_added, dispatch_uid="accounts.second_factor_added")
    authenticator_removed.connect(_factor_removed, dispatch_uid="accounts.second_factor_removed")
    authenticator_reset.connect(_codes_made, dispatch_uid="accounts.recovery_codes_made")
    way_in_completed.connect(_came_by_sign_on, dispatch_uid="accounts.came_by_sign_on")
    for signal in (password_changed, password_reset, password_set):
        signal.connect(_password_set, dispatch_uid="accounts.password_set")


def write_down(kind: EventKind, *, by: User | None, subject: User | None = None, **data: Any) -> None:
    """One event about signing in, in a transaction of its own."""
    with transaction.atomic():
        record(kind, by=by, at=now(), subject=subject, **data)


def counted_code(person: User, check: Callable[[], str]) -> str:
    """The code that `check` takes: that ends the count. Raises ValidationError, also without a look at the code after
    five wrong ones in five minutes, of which `person` is told.

    axes counts wrong passwords by account and address together, so that nobody can lock a colleague out. Codes are
    asked only of somebody who knows the password, so here the account alone is counted, wherever the tries come from:
    a code has six digits and would be guessed in weeks.
    """
    key = f"second-step-{person.pk}"
    if not ratelimit.consume(context.request, action=CODES, key=key):
        raise ValidationError("Too many wrong codes. Wait five minutes, then try again.")
    try:
        code = check()
    except ValidationError:
        if not ratelimit.consume(context.request, action=CODES, key=key, dry_run=True):
            _second_step_closed(person)
        raise
    ratelimit.clear(context.request, action=CODES, key=key)
    return code


def _second_step_closed(person: User) -> None:
    """Wrong codes were typed after the password of `person`, as often as is allowed: they hear of it."""
    with transaction.atomic():
        event = record(events.SECOND_STEP_CLOSED, by=None, at=(at := now()), subject=person)
        outbox.queue(
            notifications.SECOND_STEP_CLOSED,
            to=person.pk,
            about=person.pk,
            reference="your account",
            path=reverse("account_change_password"),
            key=f"second-step-closed:{event.pk}",
            at=at,
        )


def _signed_in(*, user: User, request: HttpRequest, **kwargs: Any) -> None:
    sessions.begin(request, at=now())
    write_down(events.SIGNED_IN, by=user)


def _signed_out(*, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        write_down(events.SIGNED_OUT, by=user)


def _sign_in_failed(*, credentials: dict[str, Any], **kwargs: Any) -> None:
    write_down(events.SIGN_IN_FAILED, by=None, subject=_known(credentials.get("email")))


def _locked_out(*, request: HttpRequest, **kwargs: Any) -> None:
    """Whom it was about says the request: axes itself knows only a digest (accounts.lockout)."""
    tried: dict[str, Any] = getattr(request, "axes_credentials", None) or {}
    write_down(events.LOCKED_OUT, by=None, subject=_known(tried.get("email")))


def _step_completed(*, user: User, method: str, reauthenticated: bool = False, **kwargs: Any) -> None:
    if reauthenticated:
        write_down(events.IDENTITY_PROVED, by=user, method=method)


def _second_factor_failed(*, user: User, **kwargs: Any) -> None:
    write_down(events.SIGN_IN_FAILED, by=None, subject=user)


def _factor_added(*, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    """Whoever has just set one up has shown it in this session."""
    if authenticator.type in second_factor.FACTORS:
        second_factor.note_given(request, user)
    write_down(events.SECOND_FACTOR_ADDED, by=user, subject=user, method=authenticator.type)


def _factor_removed(*, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    write_down(events.SECOND_FACTOR_REMOVED, by=user, subject=user, method=authenticator.type)


def _codes_made(*, user: User, **kwargs: Any) -> None:
    write_down(events.RECOVERY_CODES_MADE, by=user, subject=user)


def _came_by_sign_on(*, request: HttpRequest, user: User, sociallogin: Any = None, **kwargs: Any) -> None:
    """The employer's sign-on says how it checked; only when it says more than a password, that is a second step."""
    if sociallogin is not None and sign_on.vouches_for_second_factor(sociallogin):
        second_factor.note_given(request, user)


def _password_set(*, user: User, **kwargs: Any) -> None:
    write_down(events.PASSWORD_SET, by=user, subject=user)


def _known(address: str | None) -> User | None:
    """Whose account was tried. What was typed is never written down: it may be a password in the wrong box."""
    return User.objects.filter(email=address.strip().lower()).first() if address else None
