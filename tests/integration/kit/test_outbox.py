"""The outbox: said once, lost never, nothing personal, and asked once more before it is sent (I14, I17)."""

import hashlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery import current_app
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection, transaction
from kombu.exceptions import OperationalError as BrokerError
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import User
from safeguarding.kit import outbox, tasks
from safeguarding.kit.models import OutboxMessage
from safeguarding.kit.outbox import MessageKind
from tests.build.logs import production_log

pytestmark = pytest.mark.django_db

AT = datetime(2026, 5, 5, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Knowing:
    """Says who may still know, and remembers whom it was asked about."""

    def __init__(self) -> None:
        self.answer = True
        self.asked: list[tuple[int, int]] = []

    def __call__(self, recipient_id: int, about_id: int) -> bool:
        self.asked.append((recipient_id, about_id))
        return self.answer


@pytest.fixture
def knowing() -> Knowing:
    return Knowing()


@pytest.fixture
def kind(monkeypatch: pytest.MonkeyPatch, knowing: Knowing) -> MessageKind:
    monkeypatch.setattr(outbox, "_kinds", dict(outbox.all_kinds()))
    return outbox.register(
        MessageKind("test.assigned", "A concern needs you", "A concern was handed to you. Sign in to read it.", knowing)
    )


@pytest.fixture
def dev() -> User:
    return User.objects.create_user("dev@larkfield.example", full_name="Dev Sharma", phone="01632 960 222")


def queue(kind: MessageKind, to: User, key: str = "test.assigned:7:1", **more: Any) -> OutboxMessage:
    message: dict[str, Any] = {"about": 7, "reference": "SC-7KQ2-M4XD", "path": "/concerns/SC-7KQ2-M4XD/", "at": AT}
    outbox.queue(kind, to=to.pk, key=key, **{**message, **more})
    return OutboxMessage.objects.get(key=key)


def test_a_message_holds_fixed_words_a_reference_and_a_link(kind: MessageKind, dev: User, knowing: Knowing) -> None:
    message = queue(kind, dev)
    assert outbox.deliver_due(at=AT) == 1
    (sent,) = mail.outbox
    assert sent.to == ["dev@larkfield.example"]
    assert sent.subject == "A concern needs you"
    assert sent.body == (
        "A concern was handed to you. Sign in to read it.\n\n"
        "Reference: SC-7KQ2-M4XD\n"
        "http://localhost:8000/concerns/SC-7KQ2-M4XD/\n"
    )
    assert knowing.asked == [(dev.pk, 7)]
    message.refresh_from_db()
    assert message.sent_at == AT


def test_neither_row_nor_mail_names_anybody(kind: MessageKind, dev: User) -> None:
    queue(kind, dev)
    outbox.deliver_due(at=AT)
    stored = str(OutboxMessage.objects.values().get())
    body = str(mail.outbox[0].message())
    for word in ("Dev", "Sharma", "01632 960 222"):
        assert word not in stored
        assert word not in body
    assert "larkfield.example" not in stored


def test_a_link_that_opens_something_is_made_anew_at_each_delivery_and_stands_in_no_row(
    monkeypatch: pytest.MonkeyPatch, dev: User, knowing: Knowing
) -> None:
    made: list[str] = []

    def link(recipient_id: int) -> str:
        made.append(f"https://site.example/key/{recipient_id}-{len(made)}/")
        return made[-1]

    monkeypatch.setattr(outbox, "_kinds", dict(outbox.all_kinds()))
    kind = outbox.register(MessageKind("test.link", "A link", "Open the link.", knowing, link=link))
    message = queue(kind, dev)
    assert made == []
    with monkeypatch.context() as away:
        away.setattr(EmailMessage, "send", lambda self: (_ for _ in ()).throw(ConnectionRefusedError))
        assert outbox.deliver_due(at=AT) == 0
    assert outbox.deliver_due(at=AT + MINUTE) == 1
    assert made == [f"https://site.example/key/{dev.pk}-0/", f"https://site.example/key/{dev.pk}-1/"]
    (sent,) = mail.outbox
    assert sent.body == f"Open the link.\n\nReference: SC-7KQ2-M4XD\n{made[1]}\n"
    message.refresh_from_db()
    assert message.path == "/concerns/SC-7KQ2-M4XD/"
    assert "/key/" not in str(OutboxMessage.objects.values().get())

    knowing.answer = False
    queue(kind, dev, key="another")
    outbox.deliver_due(at=AT + MINUTE)
    assert len(made) == 2, "for whoever may not have it none is made"


def test_the_same_key_is_queued_once(kind: MessageKind, dev: User) -> None:
    first = queue(kind, dev)
    again = queue(kind, dev, about=8, at=AT + MINUTE)
    assert (again.pk, again.about_id, again.queued_at) == (first.pk, 7, AT)
    assert outbox.deliver_due(at=AT + MINUTE) == 1
    queue(kind, dev)
    assert outbox.deliver_due(at=AT + MINUTE) == 0
    assert len(mail.outbox) == 1


def test_delivering_twice_sends_once(kind: MessageKind, dev: User) -> None:
    message = queue(kind, dev)
    assert outbox.deliver(message.pk, at=AT) is True
    assert outbox.deliver(message.pk, at=AT) is False
    tasks.deliver_message(message.pk)
    tasks.deliver_due_messages()
    assert len(mail.outbox) == 1


def test_a_message_waits_for_its_time(kind: MessageKind, dev: User) -> None:
    message = queue(kind, dev, not_before=AT + 5 * MINUTE)
    assert outbox.deliver(message.pk, at=AT + 4 * MINUTE) is False
    assert outbox.deliver_due(at=AT + 5 * MINUTE) == 1


def test_a_week_without_a_worker_loses_nothing(kind: MessageKind, dev: User) -> None:
    queue(kind, dev, key="a")
    queue(kind, dev, key="b", not_before=AT + timedelta(days=2))
    assert outbox.deliver_due(at=AT + timedelta(days=7)) == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"is_active": False, "deactivated_at": AT}, "recipient_inactive"),
        ({"email": ""}, "no_address"),
    ],
)
def test_a_recipient_who_cannot_get_it_is_passed_over(
    kind: MessageKind, dev: User, knowing: Knowing, change: dict[str, Any], reason: str
) -> None:
    message = queue(kind, dev)
    User.objects.filter(pk=dev.pk).update(**change)
    assert outbox.deliver_due(at=AT) == 0
    message.refresh_from_db()
    assert (message.sent_at, message.dropped_at, message.drop_reason) == (None, AT, reason)
    assert mail.outbox == []
    assert knowing.asked == []


def test_an_account_that_is_gone_is_passed_over(kind: MessageKind, dev: User) -> None:
    message = queue(kind, dev)
    dev.delete()
    outbox.deliver_due(at=AT)
    message.refresh_from_db()
    assert message.drop_reason == "recipient_gone"


def test_who_may_no_longer_know_is_never_told(kind: MessageKind, dev: User, knowing: Knowing) -> None:
    message = queue(kind, dev)
    knowing.answer = False
    assert outbox.deliver(message.pk, at=AT) is False
    knowing.answer = True  # and it stays dropped
    assert outbox.deliver_due(at=AT + timedelta(days=1)) == 0
    message.refresh_from_db()
    assert (message.dropped_at, message.drop_reason) == (AT, "may_not_know")
    assert mail.outbox == []


def test_a_failure_is_counted_and_tried_again_later_and_later(
    kind: MessageKind, dev: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: EmailMessage) -> int:
        raise OSError("550 dev@larkfield.example: no such mailbox")

    message = queue(kind, dev)
    waits = []
    at = AT
    with monkeypatch.context() as patch, production_log() as log:
        patch.setattr(EmailMessage, "send", refuse)
        for _ in range(8):
            assert outbox.deliver(message.pk, at=at) is False
            message.refresh_from_db()
            waits.append((message.due_at - at) // MINUTE)
            at = message.due_at
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert message.attempts == 8
    assert "dev@larkfield.example" not in log.getvalue()
    assert "OSError" in log.getvalue()
    assert "in refuse" in log.getvalue(), "it says where, never what"
    assert outbox.deliver_due(at=at) == 1
    assert len(mail.outbox) == 1


def test_one_bad_message_does_not_hold_up_the_others(kind: MessageKind, dev: User, knowing: Knowing) -> None:
    queue(kind, dev, key="a")
    bad = queue(kind, dev, key="b")
    OutboxMessage.objects.filter(pk=bad.pk).update(kind="test.unheard_of")
    queue(kind, dev, key="c")
    assert outbox.deliver_due(at=AT) == 2
    bad.refresh_from_db()
    assert (bad.attempts, bad.sent_at, bad.dropped_at) == (1, None, None)


class MailServer:
    """Fails every message, and counts how often it was asked."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure
        self.asked = 0

    def __call__(self, *_: Any) -> int:
        self.asked += 1
        raise self.failure


@pytest.mark.parametrize(
    "failure",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        socket.gaierror(),
        ssl.SSLError(),
        smtplib.SMTPConnectError(421, b"busy"),
        smtplib.SMTPServerDisconnected(),
        smtplib.SMTPAuthenticationError(535, b"no"),
    ],
)
def test_a_mail_server_that_is_away_is_asked_once_in_a_run(
    kind: MessageKind, dev: User, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    """Each try can take 20 seconds, and the clocks of concerns wait for the same processes."""
    rows = [queue(kind, dev, key=key) for key in ("a", "b", "c")]
    server = MailServer(failure)
    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", server)
        assert outbox.deliver_due(at=AT) == 0
    assert server.asked == 1
    attempts = OutboxMessage.objects.order_by("id").values_list("attempts", flat=True)
    assert list(attempts) == [1, 0, 0]
    assert outbox.deliver_due(at=AT) == 2, "those that were not tried wait for nothing"
    assert outbox.deliver_due(at=AT + MINUTE) == 1
    assert len(mail.outbox) == len(rows)


@pytest.mark.parametrize(
    "failure",
    [smtplib.SMTPRecipientsRefused({}), smtplib.SMTPDataError(554, b"no"), smtplib.SMTPSenderRefused(553, b"", "")],
)
def test_what_the_mail_server_says_of_one_message_stops_no_other(
    kind: MessageKind, dev: User, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    for key in ("a", "b", "c"):
        queue(kind, dev, key=key)
    server = MailServer(failure)
    monkeypatch.setattr(EmailMessage, "send", server)
    assert outbox.deliver_due(at=AT) == 0
    assert server.asked == 3


def test_a_run_ends_in_time_and_the_next_one_goes_on(
    kind: MessageKind, dev: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outbox.MOST_SECONDS == 50
    for key in ("a", "b", "c"):
        queue(kind, dev, key=key)
    monkeypatch.setattr(outbox, "MOST_SECONDS", -1)  # it is over as soon as it has begun
    assert [outbox.deliver_due(at=AT) for _ in range(4)] == [1, 1, 1, 0]


def test_a_crash_between_sending_and_writing_shows_as_one_mail(
    kind: MessageKind, dev: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(self: OutboxMessage, **_: Any) -> None:
        raise SystemExit

    message = queue(kind, dev)
    with monkeypatch.context() as patch:
        patch.setattr(OutboxMessage, "save", die)
        with pytest.raises(SystemExit):
            outbox.deliver(message.pk, at=AT)
    message.refresh_from_db()
    assert message.sent_at is None  # so it is not lost
    assert outbox.deliver_due(at=AT) == 1
    first, second = (sent.message()["Message-ID"] for sent in mail.outbox)
    assert first == second


def test_what_a_mail_is_called_tells_no_number_of_a_row(kind: MessageKind, dev: User) -> None:
    """I3: a key such as "raised:{concern}:{user}" could be tried until it fits."""
    queue(kind, dev, key="raised:7:1")
    assert outbox.deliver_due(at=AT) == 1
    (sent,) = mail.outbox
    name = sent.message()["Message-ID"].strip("<>").partition("@")[0]
    assert len(name) == 40
    assert not hashlib.sha256(b"raised:7:1").hexdigest().startswith(name)


def test_a_rolled_back_change_sends_nothing(kind: MessageKind, dev: User) -> None:
    with transaction.atomic():
        queue(kind, dev)
        transaction.set_rollback(True)
    assert not OutboxMessage.objects.exists()


@pytest.fixture
def _at_once() -> Iterator[None]:
    """Celery runs a task where it is called."""
    current_app.conf.task_always_eager = True
    yield
    current_app.conf.task_always_eager = False


@pytest.mark.usefixtures("_at_once")
def test_the_commit_nudges_a_worker(
    kind: MessageKind,
    dev: User,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        queue(kind, dev)
        queue(kind, dev, key="later", not_before=AT + MINUTE)
    assert mail.outbox == []
    assert len(callbacks) == 1
    callbacks[0]()
    assert len(mail.outbox) == 1


def test_a_broker_that_is_away_disturbs_nobody(
    kind: MessageKind,
    dev: User,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    def nobody_there(*_: Any, **__: Any) -> None:
        raise BrokerError("[Errno 111] Connection refused")

    monkeypatch.setattr(tasks.deliver_message, "apply_async", nobody_there)
    with django_capture_on_commit_callbacks(execute=True):
        queue(kind, dev)
    assert outbox.deliver_due(at=AT) == 1


def test_what_is_not_ours_is_refused(kind: MessageKind, dev: User) -> None:
    stranger = MessageKind("test.stranger", "", "", lambda _to, _about: True)
    with pytest.raises(ValueError, match="not registered"):
        queue(stranger, dev)
    with pytest.raises(ValueError, match="twice"):
        outbox.register(MessageKind("test.assigned", "", "", lambda _to, _about: True))
    for path in ("https://elsewhere.example/", "//elsewhere.example/", "concerns/"):
        with pytest.raises(ValueError, match="page of this site"):
            queue(kind, dev, path=path)


def in_thread(work: Callable[[], object]) -> threading.Thread:
    def body() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=body)
    thread.start()
    return thread


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_sends_and_the_other_passes_by(
    kind: MessageKind, dev: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending, may_finish = threading.Event(), threading.Event()
    send = EmailMessage.send

    def slowly(self: EmailMessage, fail_silently: bool = False) -> int:
        sending.set()
        assert may_finish.wait(10)
        return send(self, fail_silently)

    monkeypatch.setattr(EmailMessage, "send", slowly)
    message = queue(kind, dev)
    first = in_thread(lambda: outbox.deliver(message.pk, at=AT))
    assert sending.wait(10)
    assert outbox.deliver_due(at=AT) == 0  # at once, without waiting
    may_finish.set()
    first.join()
    assert outbox.deliver_due(at=AT) == 0
    assert len(mail.outbox) == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_four_sweeps_at_once_send_each_message_once(kind: MessageKind, dev: User) -> None:
    for number in range(40):
        queue(kind, dev, key=f"test:{number}")
    threads = [in_thread(lambda: outbox.deliver_due(at=AT)) for _ in range(4)]
    for thread in threads:
        thread.join()
    assert len({sent.message()["Message-ID"] for sent in mail.outbox}) == len(mail.outbox) == 40


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_same_key_queued_at_the_same_moment_is_one_row(kind: MessageKind, dev: User) -> None:
    threads = [in_thread(lambda: outbox.queue(
        kind, to=dev.pk, about=7, reference="SC-7KQ2-M4XD", path="/", key="same", at=AT, not_before=AT + MINUTE
    )) for _ in range(4)]  # fmt: skip
    for thread in threads:
        thread.join()
    assert OutboxMessage.objects.count() == 1
