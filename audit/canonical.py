"""What exactly is hashed. Anyone can repeat it with RFC 8785 (canonical JSON) and SHA-256 alone."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import rfc8785


def content(
    *,
    at: datetime,
    code: str,
    actor_id: int | None,
    subject_type: str,
    subject_id: int | None,
    concern_id: int | None,
    ref: str,
    reason_digest: str,
    data: Any,
) -> dict[str, Any]:
    """All that an event says, as it is hashed. `at` enters in UTC to the microsecond. `data` are labels by name: what
    else somebody put there enters as it is, and fits nothing that was ever recorded."""
    return {
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "code": code,
        "actor_id": actor_id,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "concern_id": concern_id,
        "ref": ref,
        "reason_digest": reason_digest,
        "data": dict(data) if isinstance(data, Mapping) else data,
    }


def digest_of_content(said: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of the canonical JSON of what an event says (`content`)."""
    return hashlib.sha256(rfc8785.dumps(dict(said))).hexdigest()


def digest_of_text(text: str) -> str:
    """SHA-256 (hex) of `text` in UTF-8; "" for no text, so that an absent reason is seen to be absent."""
    return hashlib.sha256(text.encode()).hexdigest() if text else ""
