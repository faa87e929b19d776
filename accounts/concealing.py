"""What the database keeps of a second step: unreadable without a key that lies beside it and in no dump (ADR 18)."""

import base64

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.crypto import salted_hmac

# allauth's secrets are letters and digits: none that is kept as it is begins like this.
_MARK = "fernet:"


def conceal(secret: str) -> str:
    """`secret` as SECOND_FACTOR_KEYS alone make it readable again. Raises ImproperlyConfigured without a key."""
    return _MARK + _keys().encrypt(secret.encode()).decode()


def reveal(kept: str) -> str:
    """What was concealed under any of the keys; what was kept before there was one, as it stands.

    Raises `cryptography.fernet.InvalidToken` when none of the keys fits: nothing that can be guessed takes its place.
    """
    if not is_concealed(kept):
        return kept
    return _keys().decrypt(kept.removeprefix(_MARK)).decode()


def is_concealed(kept: str) -> bool:
    return kept.startswith(_MARK)


def _keys() -> MultiFernet:
    """The first writes, each reads."""
    if not settings.SECOND_FACTOR_KEYS:
        raise ImproperlyConfigured("Second steps are kept under a key: set SAFEGUARDING_SECOND_FACTOR_KEYS.")
    return MultiFernet([Fernet(_of_32_bytes(key)) for key in settings.SECOND_FACTOR_KEYS])


def _of_32_bytes(key: str) -> bytes:
    return base64.urlsafe_b64encode(salted_hmac("accounts.concealing", "", secret=key, algorithm="sha256").digest())
