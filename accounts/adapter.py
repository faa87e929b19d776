"""What this site wants otherwise than django-allauth does by itself."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.db import transaction
from django.http import HttpRequest

from accounts import second_factor, sign_in, sign_on
from accounts.concealing import conceal, reveal


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody signs up: accounts are made by administrators. A person who has left is answered like a stranger."""

    error_messages: ClassVar[dict[str, str]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The e-mail address or the password is not right.",
        "incorrect_password": "The password is not right.",
        "enter_current_password": "Enter your current password.",
        "invalid_password_reset": "This link is too old or was used already.",
        "too_many_login_attempts": "There were too many tries. Wait a few minutes, then try again.",
        "rate_limited": "There were too many tries. Wait a few minutes, then try again.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: Any, password: str) -> None:
        """The new password, its event and the mail about it, however it came to be set: all or nothing."""
        with transaction.atomic():
            super().set_password(user, password)
            sign_in.note_password_set(user)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Ways to prove again who one is: password, second factor, and the employer's sign-on for who came by it."""
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [*ways, *sign_on.ways_to_prove(user)]


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """The employer's sign-on opens accounts that exist; it makes none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Whose account this sign-on opens, if anybody's: see `accounts.sign_on`."""
        sign_on.arrive(request, sociallogin)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Second steps of signing in. Whoever's role asks for one keeps at least one."""

    error_messages: ClassVar[dict[str, str]] = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": "Your role needs a second step. Add another one first, then remove this.",
        "cannot_generate_recovery_codes": "Add an authenticator app or a security key first.",
        "incorrect_code": "This code is not right. Enter the one that the app shows now.",
    }

    def encrypt(self, text: str) -> str:
        return conceal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return reveal(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not second_factor.is_last_needed(authenticator)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002 (the name is allauth's)
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return f"Key {number}"
