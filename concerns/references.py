"""References: random, short enough to read out on the telephone, without letters that sound or look alike."""

from __future__ import annotations

import secrets
import unicodedata

# Crockford's alphabet without the vowels' look-alikes: no I, L, O, U, 0 or 1.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_APOSTROPHES = str.maketrans("", "", "'’‘ʼ`´")


def new_reference(prefix: str) -> str:
    """A reference such as SC-7K3M-9QXP; one in 30^8, so that nobody guesses or counts them (domain.md 5)."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"{prefix}-{letters[:4]}-{letters[4:]}"


def as_reference(words: str) -> str | None:
    """The reference that was typed, with or without hyphens and spaces, in any case; None when it can't be one."""
    plain = "".join(words.upper().replace("-", "").split())
    return f"{plain[:2]}-{plain[2:6]}-{plain[6:]}" if len(plain) == 10 and plain.isalnum() else None


def as_concern_reference(words: str) -> str | None:
    """The reference of a concern that was typed in whole; None when it can't be one, as hardly any name can."""
    ref = as_reference(words)
    return ref if ref and ref.startswith("SC-") and set(ref[3:]) <= {*_ALPHABET, "-"} else None


def folded(text: str) -> str:
    """`text` as it is searched: no case, accents or apostrophes ("ohara" finds O’Hara), single spaces."""
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).casefold().split())
