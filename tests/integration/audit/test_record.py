"""Events are written with the change that they tell of, hold no narrative, and stay as they are."""

import hashlib
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import TextChoices

from accounts.models import User
from audit import selectors, services
from audit.models import Event, Seal
from audit.vocabulary import EventKind
from safeguarding.kit.errors import Unsound
from tests.integration.audit.conftest import AT, MOVED, REASONED

pytestmark = pytest.mark.django_db


def test_an_event_says_who_when_what_and_about_which_row() -> None:
    ruth = User.objects.create_user("ruth@larkfield.example", full_name="Ruth")
    event = services.record(MOVED, by=ruth, at=AT, subject=ruth, concern_id=7, ref="SC-AAAA-BBBB", step=2, urgent=True)
    event.refresh_from_db()
    assert (event.code, event.actor_id, event.at) == ("test.thing_moved", ruth.pk, AT)
    assert (event.subject_type, event.subject_id) == ("accounts.user", ruth.pk)
    assert (event.concern_id, event.ref, event.data) == (7, "SC-AAAA-BBBB", {"step": 2, "urgent": True})
    assert event.sentence == "Thing moved"


def test_the_digest_is_that_of_the_canonical_json() -> None:
    event = services.record(MOVED, by=None, at=datetime(2026, 5, 5, 10, 0, 0, 250, tzinfo=UTC), concern_id=7, step=2)
    event.refresh_from_db()
    by_hand = (
        '{"actor_id":null,"at":"2026-05-05T10:00:00.000250+00:00","code":"test.thing_moved","concern_id":7,'
        '"data":{"step":2},"reason_digest":"","ref":"","subject_id":null,"subject_type":""}'
    )
    assert event.digest == event.content_digest() == hashlib.sha256(by_hand.encode()).hexdigest()


def test_of_a_reason_only_the_digest_is_kept() -> None:
    event = services.record(REASONED, by=None, at=AT, reason=" He is her brother. ")
    event.refresh_from_db()
    assert event.reason_digest == hashlib.sha256(b"He is her brother.").hexdigest()
    assert "brother" not in str(Event.objects.filter(pk=event.pk).values().get())


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_missing_reason_is_refused(reason: str) -> None:
    with pytest.raises(Unsound):
        services.record(REASONED, by=None, at=AT, reason=reason)
    assert not Event.objects.filter(code=REASONED.code).exists()


def test_details_that_the_kind_does_not_name_are_refused() -> None:
    with pytest.raises(ValueError, match="narrative"):
        services.record(MOVED, by=None, at=AT, narrative="He hit her.")
    with pytest.raises(ValueError, match="label"):
        services.record(MOVED, by=None, at=AT, step="word " * 50)
    with pytest.raises(ValueError, match="registered"):
        services.record(EventKind("test.unheard_of", "Unheard of"), by=None, at=AT)


def test_a_choice_is_stored_as_its_code() -> None:
    class Urgency(TextChoices):
        EMERGENCY = "emergency", "Emergency"

    event = services.record(MOVED, by=None, at=AT, step=Urgency.EMERGENCY)
    event.refresh_from_db()
    assert event.data == {"step": "emergency"}
    assert event.content_digest() == event.digest


def test_a_timeline_is_one_concerns_events_in_order() -> None:
    for concern_id in (7, 8, 7):
        services.record(MOVED, by=None, at=AT, concern_id=concern_id)
    assert [event.concern_id for event in selectors.timeline(7)] == [7, 7]
    ids = [event.pk for event in selectors.timeline(7)]
    assert ids == sorted(ids)


def test_a_code_of_an_older_release_can_still_be_read() -> None:
    assert Event(code="concern.long_forgotten").sentence == "concern.long_forgotten"


@pytest.mark.django_db(transaction=True)
def test_an_event_needs_the_transaction_of_its_change() -> None:
    with pytest.raises(RuntimeError):
        services.record(MOVED, by=None, at=AT)
    with transaction.atomic():
        services.record(MOVED, by=None, at=AT)
        transaction.set_rollback(True)
    assert not Event.objects.filter(code=MOVED.code).exists()


@pytest.mark.django_db(transaction=True)
def test_a_refusal_is_written_in_a_transaction_of_its_own() -> None:
    event = services.record_refusal(by=None, at=AT, act="concerns.close", subject_type="concerns.concern", subject_id=3)
    event.refresh_from_db()
    assert (event.code, event.data, event.subject_id) == (
        "audit.act_refused",
        {"act": "concerns.close", "why": "not_allowed"},
        3,
    )
    with pytest.raises(RuntimeError), transaction.atomic():
        services.record_refusal(by=None, at=AT, act="concerns.close")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET code = 'test.other'",
        "UPDATE audit_event SET at = at",
        "DELETE FROM audit_event",
        "UPDATE audit_seal SET digest = ''",
        "DELETE FROM audit_seal",
    ],
)
def test_the_database_refuses_to_change_the_ledger(statement: str) -> None:
    services.record(MOVED, by=None, at=AT)
    services.seal(at=AT)
    before = list(Event.objects.values()), list(Seal.objects.values())
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert (list(Event.objects.values()), list(Seal.objects.values())) == before


def test_the_orm_cannot_change_the_ledger_either() -> None:
    event = services.record(MOVED, by=None, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Event.objects.update(code="test.other")
    with pytest.raises(IntegrityError), transaction.atomic():
        event.delete()
    event.code = "test.other"
    with pytest.raises(IntegrityError), transaction.atomic():
        event.save()


def test_sqlite_cannot_replace_an_event_by_inserting() -> None:
    event = services.record(MOVED, by=None, at=AT)
    columns = ", ".join(str(field.column) for field in Event._meta.fields)
    verb = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{verb} INTO audit_event ({columns}) SELECT {columns} FROM audit_event")  # noqa: S608
    assert Event.objects.get(pk=event.pk).content_digest() == event.digest
