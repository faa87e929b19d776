"""Who must sign in with a second step, and whether this session has seen one (R146; domain.md 5).

Reporting a concern is never behind it: those pages, and the public ones, say so themselves (I18, I20).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest

from accounts import concealing
from accounts.models import User
from accounts.selectors import standing
from accounts.vocabulary import CHAMPION

# Session: the id of the person whose second step was seen otherwise than by typing a code (just set up, or vouched for
# by the employer's sign-on).
_SEEN = "accounts_second_factor"
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)

View = TypeVar("View", bound=Callable[..., object])


def not_needed(view: View) -> View:
    """Let `view` answer also before a second step is set up: for reporting a concern, and for what that needs."""
    view.second_factor_required = False  # type: ignore[attr-defined]
    return view


def is_required_of(person: User) -> bool:
    """Whether one of the person's roles or appointments is among SECOND_FACTOR_ROLES."""
    who, wanted = standing(person), settings.SECOND_FACTOR_ROLES
    return who.has(*wanted) or (CHAMPION in wanted and who.is_champion)


def was_given(request: HttpRequest) -> bool:
    """Whether the person of this session gave a second step in it, or their employer vouched for one."""
    records = get_authentication_records(request, request.user)
    return bool(request.session.get(_SEEN) == request.user.pk) or any(
        record.get("method") == "mfa" for record in records
    )


def is_missing(request: HttpRequest) -> bool:
    """Whether the signed-in person may not go on before they have given, or set up, a second step."""
    return isinstance(request.user, User) and is_required_of(request.user) and not was_given(request)


def note_given(request: HttpRequest, person: User) -> None:
    """This session has seen a second step of `person`."""
    request.session[_SEEN] = person.pk


def is_set_up(person: User) -> bool:
    return bool(Authenticator.objects.filter(user=person, type__in=FACTORS).exists())


def is_held_back(request: HttpRequest) -> bool:
    """Whether the signed-in person has a second step that this session has not seen, whatever their role asks for.

    The password alone shows and changes nothing of it: recovery codes above all, each of which is one.
    """
    return isinstance(request.user, User) and not was_given(request) and is_set_up(request.user)


def is_only(authenticator: Authenticator) -> bool:
    """Whether the person has no second step but this."""
    others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=FACTORS).exclude(pk=authenticator.pk)
    return not others.exists()


def is_last_needed(authenticator: Authenticator) -> bool:
    """Whether without `authenticator` the person would have no second step though their role asks for one."""
    return is_required_of(authenticator.user) and is_only(authenticator)


def can_be_read() -> bool:
    """Whether SECOND_FACTOR_KEYS fit the oldest and the newest second step that is kept; True while there is none.

    A key that was not given back after a restore else shows only at the first code that somebody types (ADR 18).
    """
    kept = Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).order_by("pk")
    for row in filter(None, (kept.first(), kept.last())):
        try:
            concealing.reveal(row.data.get("secret") or row.data["seed"])
        except (InvalidToken, ImproperlyConfigured):
            return False
    return True
