"""The forms that ask for a code of the second step, with so many tries for each account.

axes counts wrong passwords by account and address together, so that nobody can lock a colleague out. Codes are asked
only of somebody who knows the password, so here the account alone is counted, wherever the tries come from: a code has
six digits and would be guessed in weeks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.core import context, ratelimit
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from django.core.exceptions import ValidationError

from accounts.sign_in import second_step_closed

if TYPE_CHECKING:
    from allauth.mfa.base.forms import BaseAuthenticateForm as _Base
else:
    _Base = object

_ACTION = "second_step"  # ACCOUNT_RATE_LIMITS


class _Counted(_Base):
    """A right code ends the count. The last wrong one closes the second step for a while, and the person is told."""

    def clean_code(self) -> str:
        key = f"second-step-{self.user.pk}"
        if not ratelimit.consume(context.request, action=_ACTION, key=key):
            raise ValidationError("Too many wrong codes. Wait five minutes, then try again.")
        try:
            code: str = super().clean_code()
        except ValidationError:
            if not ratelimit.consume(context.request, action=_ACTION, key=key, dry_run=True):
                second_step_closed(self.user)
            raise
        ratelimit.clear(context.request, action=_ACTION, key=key)
        return code


class SecondStepForm(_Counted, AuthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """On the way in."""


class SecondStepAgainForm(_Counted, ReauthenticateForm):  # type: ignore[misc]
    """When somebody proves again who they are."""
