"""Signing in and out, written down in the ledger.

These listen to Django's, allauth's and axes' own signals: the framework signs people in, and its signals are the only
place where every way in (password, sign-on, second factor) passes by.
"""

from __future__ import annotations

from typing import Any

from allauth.account.signals import (
    authentication_step_completed,
    password_changed,
    password_reset,
    password_set,
)
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction

from accounts import events
from accounts.models import User
from audit.services import record
from audit.vocabulary import EventKind
from safeguarding.kit.clock import now


def connect() -> None:
    """Start listening; called once, when the app is ready."""
    user_logged_in.connect(_signed_in, dispatch_uid="accounts.signed_in")
    user_logged_out.connect(_signed_out, dispatch_uid="accounts.signed_out")
    user_login_failed.connect(_sign_in_failed, dispatch_uid="accounts.sign_in_failed")
    user_locked_out.connect(_locked_out, dispatch_uid="accounts.locked_out")
    authentication_step_completed.connect(_step_completed, dispatch_uid="accounts.identity_proved")
    for signal in (password_changed, password_reset, password_set):
        signal.connect(_password_set, dispatch_uid="accounts.password_set")


def _write(kind: EventKind, *, by: User | None, subject: User | None = None) -> None:
    with transaction.atomic():
        record(kind, by=by, at=now(), subject=subject)


def _signed_in(*, user: User, **kwargs: Any) -> None:
    _write(events.SIGNED_IN, by=user)


def _signed_out(*, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        _write(events.SIGNED_OUT, by=user)


def _sign_in_failed(*, credentials: dict[str, Any], **kwargs: Any) -> None:
    _write(events.SIGN_IN_FAILED, by=None, subject=_known(credentials.get("email")))


def _locked_out(*, username: str | None, **kwargs: Any) -> None:
    _write(events.LOCKED_OUT, by=None, subject=_known(username))


def _step_completed(*, user: User, method: str, reauthenticated: bool = False, **kwargs: Any) -> None:
    if reauthenticated:
        with transaction.atomic():
            record(events.IDENTITY_PROVED, by=user, at=now(), method=method)


def _password_set(*, user: User, **kwargs: Any) -> None:
    _write(events.PASSWORD_SET, by=user, subject=user)


def _known(address: str | None) -> User | None:
    """Whose account was tried. What was typed is never written down: it may be a password in the wrong box."""
    return User.objects.filter(email=address.strip().lower()).first() if address else None
