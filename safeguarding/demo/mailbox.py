"""The mails that the demo has "sent": files in var/demo/mail, written by Django's file mail backend, read back here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.utils import timezone

MOST = 100
SEPARATOR = b"-" * 79


@dataclass(frozen=True)
class Mail:
    """One mail as its receiver would read it. `sent_at` is aware, or None when the mail does not say."""

    to: str
    subject: str
    body: str
    sent_at: datetime | None


def newest_mails() -> Sequence[Mail]:
    """The last MOST mails, newest first."""
    folder = Path(settings.EMAIL_FILE_PATH)
    if not folder.is_dir():
        return []
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True)
    found: list[Mail] = []
    for file in files[:MOST]:
        # One file holds all that one connection sent, with a line of dashes below each.
        mails = [_read(raw) for raw in file.read_bytes().split(SEPARATOR) if raw.strip()]
        found += reversed(mails)
    return found[:MOST]


def _read(raw: bytes) -> Mail:
    message = message_from_bytes(raw.lstrip(), _class=EmailMessage, policy=policy.default)
    part = message.get_body(preferencelist=("plain",))
    date = message["Date"]
    return Mail(
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        body=str(part.get_content()) if part is not None else "",
        sent_at=timezone.localtime(date.datetime) if date is not None and date.datetime.tzinfo else None,
    )
