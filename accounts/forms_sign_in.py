"""The forms that ask for a code of the second step, with so many tries for each account (accounts.sign_in)."""

from __future__ import annotations

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm

from accounts.sign_in import counted_code


class SecondStepForm(AuthenticateForm):  # type: ignore[misc]  # allauth ships no types
    """On the way in."""

    def clean_code(self) -> str:
        return counted_code(self.user, super().clean_code)


class SecondStepAgainForm(ReauthenticateForm):  # type: ignore[misc]
    """When somebody proves again who they are."""

    def clean_code(self) -> str:
        return counted_code(self.user, super().clean_code)
