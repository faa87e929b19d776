"""The forms of signing in: what to enter where nothing was (docs/interface.md), and so many tries of a code for each
account (accounts.sign_in).
"""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as keys
from django.forms import Form
from django.http import HttpRequest

from accounts.invitations import ask_for_link
from accounts.sign_in import counted_code
from safeguarding.kit.clock import now

PASSWORD = {"password": "Enter your password"}
NEW_PASSWORD = {"password1": "Enter a new password", "password2": "Enter the new password again"}
CODE = {"code": "Enter the 6-digit code, or one of your recovery codes"}


class SaysWhatToEnter(Form):
    """`enter` says, by field, what to do where nothing was typed."""

    enter: ClassVar[dict[str, str]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, sentence in self.enter.items():
            self.fields[name].error_messages["required"] = sentence


class SignInForm(SaysWhatToEnter, account.LoginForm):  # type: ignore[misc]  # allauth ships no types
    enter: ClassVar[dict[str, str]] = {"login": "Enter your work e-mail address", **PASSWORD}


class PasswordAgainForm(SaysWhatToEnter, account.ReauthenticateForm):  # type: ignore[misc]
    """When somebody proves again who they are."""

    enter: ClassVar[dict[str, str]] = PASSWORD


class ChangePasswordForm(SaysWhatToEnter, account.ChangePasswordForm):  # type: ignore[misc]
    enter: ClassVar[dict[str, str]] = {"oldpassword": "Enter the password you have now", **NEW_PASSWORD}

    def clean_oldpassword(self) -> str:
        """Asked as at signing in, so that a wrong one counts, is written down and locks out as there."""
        given = str(self.cleaned_data.get("oldpassword", ""))
        if not get_adapter().reauthenticate(self.user, given):
            raise get_adapter().validation_error("enter_current_password")
        return given


class ForgottenPasswordForm(SaysWhatToEnter, account.ResetPasswordForm):  # type: ignore[misc]
    """Nothing of an account is looked at while somebody waits: see `accounts.invitations.ask_for_link`."""

    enter: ClassVar[dict[str, str]] = {"email": "Enter your work e-mail address"}

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"])

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        address = self.clean_email()
        ask_for_link(address, at=now())
        return address


class ChosenPasswordForm(SaysWhatToEnter, account.ResetPasswordKeyForm):  # type: ignore[misc]
    """From the link in an e-mail: forgotten, or invited."""

    enter: ClassVar[dict[str, str]] = NEW_PASSWORD


class NewAppForm(SaysWhatToEnter, totp.ActivateTOTPForm):  # type: ignore[misc]
    enter: ClassVar[dict[str, str]] = {"code": "Enter the 6-digit code"}


class RenamedKeyForm(SaysWhatToEnter, keys.EditWebAuthnForm):  # type: ignore[misc]
    enter: ClassVar[dict[str, str]] = {"name": "Enter a name for this key"}


class SecondStepForm(SaysWhatToEnter, mfa.AuthenticateForm):  # type: ignore[misc]
    """On the way in."""

    enter: ClassVar[dict[str, str]] = CODE

    def clean_code(self) -> str:
        return counted_code(self.user, super().clean_code)


class SecondStepAgainForm(SaysWhatToEnter, mfa.ReauthenticateForm):  # type: ignore[misc]
    """When somebody proves again who they are."""

    enter: ClassVar[dict[str, str]] = CODE

    def clean_code(self) -> str:
        return counted_code(self.user, super().clean_code)
