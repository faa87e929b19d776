"""The forms that ask for a code of the second step, with so many tries for each account (accounts.sign_in), and the one
for a forgotten password."""

from __future__ import annotations

from allauth.account.forms import ResetPasswordForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm

from accounts import sign_on
from accounts.models import User
from accounts.sign_in import counted_code


class SecondStepForm(AuthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """On the way in."""

    def clean_code(self) -> str:
        return counted_code(self.user, super().clean_code)


class SecondStepAgainForm(ReauthenticateForm):  # type: ignore[misc]
    """When somebody proves again who they are."""

    def clean_code(self) -> str:
        return counted_code(self.user, super().clean_code)


class ForgottenPasswordForm(ResetPasswordForm):  # type: ignore[misc]
    """No link goes to an account that the employer's sign-on opens; the page says the same.

    Who can read its mailbox alone would make a password with it, and then a second step of their own: the sign-on,
    which asks for one, is not asked.
    """

    users: list[User]

    def clean_email(self) -> str:
        address: str = super().clean_email()
        self.users = [user for user in self.users if not sign_on.opens(user)]
        return address
