"""The one way in which a message leaves: a row written with the change, sent after the commit.

A message says that something happened, gives a reference and a link, and nothing else: its words are fixed per kind, so
that no personal data can get into one (I14). Whoever may have learnt too much meanwhile is asked about again when it
is delivered. Rows are the truth; Celery carries nudges only, and a sweep each minute finds what a lost one left (I17).
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from smtplib import SMTPAuthenticationError, SMTPConnectError, SMTPException, SMTPServerDisconnected
from types import MappingProxyType
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils.crypto import salted_hmac

from safeguarding.kit.models import OutboxMessage
from safeguarding.kit.nudging import nudge_after_commit

logger = logging.getLogger(__name__)

DELIVER_MESSAGE = "kit.deliver_message"
DELIVER_DUE_MESSAGES = "kit.deliver_due_messages"

_is_telling_history: ContextVar[bool] = ContextVar("telling_history", default=False)

_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=1)
# A run of the sweep ends before the next one begins, and holds no worker for longer.
MOST_SECONDS = 50


@dataclass(frozen=True)
class MessageKind:
    """One kind of message: fixed words, and the question that is asked once more at delivery.

    `may_still_know(recipient's id, id of the thing it is about)` says whether the recipient may still hear of it.
    `facts(id of the thing)` adds figures and digests, never anything about a person; most kinds have none.
    `link(recipient's id)` makes the address of a kind that opens something by itself: while it is delivered, so that
    no key of it stands in a row. All others link to the page that was queued.
    """

    code: str
    subject: str
    body: str
    may_still_know: Callable[[int, int], bool]
    facts: Callable[[int], str] | None = None
    link: Callable[[int], str] | None = None


_kinds: dict[str, MessageKind] = {}


def register(kind: MessageKind) -> MessageKind:
    """Make `kind` known and hand it back. Raises ValueError when its code is taken."""
    if kind.code in _kinds:
        raise ValueError(f"The message code {kind.code} is registered twice.")
    _kinds[kind.code] = kind
    return kind


def all_kinds() -> Mapping[str, MessageKind]:
    """Every registered kind by its code. Read-only."""
    return MappingProxyType(_kinds)


def queue(
    kind: MessageKind,
    *,
    to: int,
    about: int,
    reference: str,
    path: str,
    key: str,
    at: datetime,
    not_before: datetime | None = None,
) -> None:
    """Put one message into the outbox, in the caller's transaction.

    A second one with the same `key` does nothing, so that a sweep may queue what it finds due as often as it runs.
    `path` is absolute on this site ("/concerns/SC-.../"). Raises ValueError for an unregistered kind or another path.
    """
    if _kinds.get(kind.code) is not kind:
        raise ValueError(f"The message kind {kind.code} is not registered.")
    if not path.startswith("/") or path.startswith("//"):
        raise ValueError("A message links to a page of this site.")
    due_at = not_before or at
    OutboxMessage.objects.bulk_create(
        [
            OutboxMessage(
                key=key,
                kind=kind.code,
                recipient_id=to,
                about_id=about,
                reference=reference,
                path=path,
                queued_at=at,
                due_at=due_at,
            )
        ],
        ignore_conflicts=True,
    )
    if due_at <= at and not _is_telling_history.get():
        message_id = OutboxMessage.objects.values_list("id", flat=True).get(key=key)
        nudge_after_commit(DELIVER_MESSAGE, message_id)


@contextmanager
def telling_history() -> Iterator[None]:
    """For putting in what happened long ago (the demo's past, records moved from elsewhere): no worker is nudged.

    The messages wait in the outbox as any others do; `drop_before` ends those that nobody needs any more.
    """
    token = _is_telling_history.set(True)
    try:
        yield
    finally:
        _is_telling_history.reset(token)


def drop_before(moment: datetime, *, at: datetime) -> int:
    """End every waiting message that was due before `moment`: it was about something long past. How many there were."""
    waiting = OutboxMessage.objects.filter(sent_at=None, dropped_at=None, due_at__lt=moment)
    return waiting.update(dropped_at=at, drop_reason=OutboxMessage.DropReason.HISTORY)


def deliver_due(*, at: datetime) -> int:
    """Deliver what is due and neither sent nor dropped, the longest due first, as much as one run may; how many were
    sent now.

    A mail server that does not answer is not asked again in this run: it takes 20 seconds a message to find that out,
    in which no clock of a concern would be looked at.
    """
    waiting = OutboxMessage.objects.filter(sent_at=None, dropped_at=None, due_at__lte=at)
    ids = list(waiting.order_by("due_at", "id").values_list("id", flat=True))
    sent, until = 0, time.monotonic() + MOST_SECONDS
    for message_id in ids:
        result = _deliver(message_id, at=at)
        sent += result == _Result.SENT
        if result == _Result.NO_SERVER or time.monotonic() > until:
            break
    return sent


def deliver(message_id: int, *, at: datetime) -> bool:
    """Deliver one message if it is due; True when it was sent now.

    The row is locked while it is sent: of two workers one sends and the other passes by. A failure is counted, and the
    message is tried again after 1, 2, 4, ... at most 60 minutes. Only a machine that dies between the mail server's
    "yes" and the commit makes it go out again; both copies then carry one Message-ID, by which mail systems see that
    they are one.
    """
    return _deliver(message_id, at=at) == _Result.SENT


class _Result(Enum):
    """What became of one message now."""

    SENT = "sent"
    NOT_SENT = "not sent"
    NO_SERVER = "the mail server does not answer"


def _deliver(message_id: int, *, at: datetime) -> _Result:
    result = _Result.NOT_SENT
    with transaction.atomic():
        message = (
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(pk=message_id, sent_at=None, dropped_at=None, due_at__lte=at)
            .first()
        )
        if message is None:
            return result
        try:
            with transaction.atomic():
                drop_reason = _send(message)
        except Exception as error:
            message.attempts += 1
            message.due_at = at + min(_FIRST_WAIT * 2 ** min(message.attempts - 1, 10), _LONGEST_WAIT)
            # Kind and place alone get into the log (logs.py): the text of a mail server's refusal holds the address.
            logger.warning("Message %s (%s) failed: %s", message.pk, message.kind, type(error).__name__, exc_info=True)
            if _is_of_server(error):
                result = _Result.NO_SERVER
        else:
            if drop_reason:
                message.dropped_at, message.drop_reason = at, drop_reason
            else:
                message.sent_at, result = at, _Result.SENT
        message.save(update_fields=["attempts", "due_at", "sent_at", "dropped_at", "drop_reason"])
    return result


def _is_of_server(error: Exception) -> bool:
    """Whether the mail server would fail the next message too: no way to it, no answer, or it does not let us in. What
    it says about one message is no such failure."""
    if isinstance(error, SMTPException):
        return isinstance(error, SMTPConnectError | SMTPServerDisconnected | SMTPAuthenticationError)
    return isinstance(error, OSError)


def _send(message: OutboxMessage) -> str:
    """Send it, or say why it must not be sent ("" means that it was)."""
    kind = _kinds[message.kind]
    recipient = get_user_model()._base_manager.filter(pk=message.recipient_id).first()
    if recipient is None:
        return OutboxMessage.DropReason.RECIPIENT_GONE
    if not recipient.is_active:
        return OutboxMessage.DropReason.RECIPIENT_INACTIVE
    address = getattr(recipient, recipient.get_email_field_name())
    if not address:
        return OutboxMessage.DropReason.NO_ADDRESS
    if not kind.may_still_know(message.recipient_id, message.about_id):
        return OutboxMessage.DropReason.MAY_NOT_KNOW
    facts = f"\n\n{kind.facts(message.about_id)}" if kind.facts else ""
    link = kind.link(message.recipient_id) if kind.link else f"{settings.SITE_URL.rstrip('/')}{message.path}"
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    EmailMessage(
        subject=kind.subject,
        body=f"{kind.body}{facts}\n\nReference: {message.reference}\n{link}\n",
        to=[address],
        headers={
            "Message-ID": f"<{_id_of(message)}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    ).send()
    return ""


def _id_of(message: OutboxMessage) -> str:
    """The same for both copies of one message. Keyed, since the key holds numbers of rows, which one could try (I3)."""
    return salted_hmac("kit.outbox.message", message.key, algorithm="sha256").hexdigest()[:40]
