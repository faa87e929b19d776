"""Signing in and out, written down in the ledger.

These listen to Django's, allauth's and axes' own signals: the framework signs people in, and its signals are the only
place where every way in (password, sign-on, second factor) passes by. What somebody changes in their own second step is
heard of where its row is saved or goes, in that transaction; allauth tells of it later. A new password is written down
by our adapter. The mails about it stand in the outbox with the change: allauth's own would leave inside the request,
which fails without a mail server when the change is made already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

from allauth.account.signals import authentication_step_completed
from allauth.account.signals import user_logged_in as way_in_completed
from allauth.core import context, ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed
from allauth.socialaccount.signals import social_account_added
from axes.signals import user_locked_out
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest
from django.urls import reverse

from accounts import events, notifications, second_factor, sessions, sign_on
from accounts.http import SignedInRequest
from accounts.models import User
from accounts.services.sessions import end_sessions
from audit.services import record
from audit.vocabulary import EventKind
from safeguarding.kit import outbox
from safeguarding.kit.clock import now
from safeguarding.kit.outbox import MessageKind

CODES = "second_step"  # in ACCOUNT_RATE_LIMITS


def connect() -> None:
    """Start listening; called once, when the app is ready."""
    user_logged_in.connect(_signed_in, dispatch_uid="accounts.signed_in")
    user_logged_out.connect(_signed_out, dispatch_uid="accounts.signed_out")
    user_login_failed.connect(_sign_in_failed, dispatch_uid="accounts.sign_in_failed")
    user_locked_out.connect(_locked_out, dispatch_uid="accounts.locked_out")
    authentication_step_completed.connect(_step_completed, dispatch_uid="accounts.identity_proved")
    authentication_failed.connect(_second_factor_failed, dispatch_uid="accounts.second_factor_failed")
    post_save.connect(_factor_saved, sender=Authenticator, dispatch_uid="accounts.second_factor_saved")
    post_delete.connect(_factor_deleted, sender=Authenticator, dispatch_uid="accounts.second_factor_deleted")
    social_account_added.connect(_sign_on_connected, dispatch_uid="accounts.sign_on_connected")
    way_in_completed.connect(_came_by_sign_on, dispatch_uid="accounts.came_by_sign_on")


def write_down(kind: EventKind, *, by: User | None, subject: User | None = None, **data: Any) -> None:
    """One event about signing in, in a transaction of its own or in the caller's."""
    with transaction.atomic():
        record(kind, by=by, at=now(), subject=subject, **data)


def note_password_set(person: User) -> None:
    """`person` has a new password: written down, and they hear of it."""
    with transaction.atomic():
        event = record(events.PASSWORD_SET, by=person, at=(at := now()), subject=person)
        _tell(notifications.PASSWORD_SET, person, see="account_reset_password", key=f"password-set:{event.pk}", at=at)


def note_codes_seen(person: User, *, session: str) -> None:
    """The session of `person` under the key `session` is shown their recovery codes: they hear of it, whoever sits
    there; once, however often that one session looks, so that a mail keeps its weight.
    """
    mark = hashlib.sha256(session.encode()).hexdigest()[:32]
    with transaction.atomic():
        record(events.RECOVERY_CODES_SEEN, by=person, at=(at := now()), subject=person)
        key = f"recovery-codes-seen:{person.pk}:{mark}"
        _tell(notifications.RECOVERY_CODES_SEEN, person, see="mfa_index", key=key, at=at)


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
        key = f"second-step-closed:{event.pk}"
        _tell(notifications.SECOND_STEP_CLOSED, person, see="account_change_password", key=key, at=at)


def _tell(kind: MessageKind, person: User, *, see: str, key: str, at: datetime) -> None:
    """`person` has a mail about their own account, which leads to the page `see`."""
    outbox.queue(kind, to=person.pk, about=person.pk, reference="your account", path=reverse(see), key=key, at=at)


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


def _factor_saved(*, instance: Authenticator, created: bool, **kwargs: Any) -> None:
    """Whoever has just set one up has shown it in this session. With the first one, the others end: they began with a
    password alone."""
    request = _own_request(instance)
    if request is None or not created:
        return
    person = request.user
    if instance.type not in second_factor.FACTORS:
        write_down(events.RECOVERY_CODES_MADE, by=person, subject=person)
        return
    with transaction.atomic():
        event = record(events.SECOND_FACTOR_ADDED, by=person, at=(at := now()), subject=person, method=instance.type)
        key = f"second-factor-added:{event.pk}"
        _tell(notifications.SECOND_FACTOR_ADDED, person, see="mfa_index", key=key, at=at)
        if second_factor.is_only(instance):
            _end_other_sessions(request)
    second_factor.note_given(request, person)


def _factor_deleted(*, instance: Authenticator, **kwargs: Any) -> None:
    """Recovery codes that go while a second step stays make room for new ones."""
    request = _own_request(instance)
    if request is None:
        return
    person, at = request.user, now()
    with transaction.atomic():
        if instance.type in second_factor.FACTORS:
            event = record(events.SECOND_FACTOR_REMOVED, by=person, at=at, subject=person, method=instance.type)
            key = f"second-factor-removed:{event.pk}"
            _tell(notifications.SECOND_FACTOR_REMOVED, person, see="mfa_index", key=key, at=at)
        elif second_factor.is_set_up(person):
            key = f"recovery-codes-made:{person.pk}:{at.isoformat()}"
            _tell(notifications.RECOVERY_CODES_MADE, person, see="mfa_index", key=key, at=at)


def _own_request(authenticator: Authenticator) -> SignedInRequest | None:
    """The request in which the owner of `authenticator` changes it; what an administrator takes away has an event of
    its own (accounts.services.people)."""
    request: SignedInRequest | None = context.request
    return request if request is not None and request.user.pk == authenticator.user_id else None


def _end_other_sessions(request: SignedInRequest) -> None:
    """Every session of this request's person is over but this one."""
    locked = User.objects.select_for_update(of=("self",)).get(pk=request.user.pk)
    end_sessions(locked)
    request.user.session_generation = locked.session_generation
    update_session_auth_hash(request, locked)


def _sign_on_connected(*, sociallogin: Any, **kwargs: Any) -> None:
    """In the transaction of `accounts.sign_on` that connects them."""
    person: User = sociallogin.user
    with transaction.atomic():
        event = record(events.SIGN_ON_CONNECTED, by=person, at=(at := now()), subject=person)
        key = f"sign-on-connected:{event.pk}"
        _tell(notifications.SIGN_ON_CONNECTED, person, see="accounts:show-account", key=key, at=at)


def _came_by_sign_on(*, request: HttpRequest, user: User, sociallogin: Any = None, **kwargs: Any) -> None:
    """The employer's sign-on says how it checked; only when it says more than a password, that is a second step."""
    if sociallogin is not None and sign_on.vouches_for_second_factor(sociallogin):
        second_factor.note_given(request, user)


def _known(address: str | None) -> User | None:
    """Whose account was tried. What was typed is never written down: it may be a password in the wrong box."""
    return User.objects.filter(email=address.strip().lower()).first() if address else None
