"""The forms that ask for a code of the second step, with so many tries for each account.

axes counts wrong passwords by account and address together, so that nobody can lock a colleague out. Codes are asked
only of somebody who knows the password, so here the account alone is counted, wherever the tries come from: a code has
six digits and would be guessed in weeks.
"""

from __future__ import annotations

from collections.abc import Callable

from allauth.core import context, ratelimit
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.sign_in import second_step_closed

_ACTION = "second_step"  # ACCOUNT_RATE_LIMITS


class SecondStepForm(AuthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """On the way in."""

    def clean_code(self) -> str:
        return _counted(self.user, super().clean_code)


class SecondStepAgainForm(ReauthenticateForm):  # type: ignore[misc]
    """When somebody proves again who they are."""

    def clean_code(self) -> str:
        return _counted(self.user, super().clean_code)


def _counted(person: User, check: Callable[[], str]) -> str:
    """The code, if `check` takes it: that ends the count. Raises ValidationError.

    The last wrong one closes the second step of `person` for a while, and they are told.
    """
    key = f"second-step-{person.pk}"
    if not ratelimit.consume(context.request, action=_ACTION, key=key):
        raise ValidationError("Too many wrong codes. Wait five minutes, then try again.")
    try:
        code = check()
    except ValidationError:
        if not ratelimit.consume(context.request, action=_ACTION, key=key, dry_run=True):
            second_step_closed(person)
        raise
    ratelimit.clear(context.request, action=_ACTION, key=key)
    return code
