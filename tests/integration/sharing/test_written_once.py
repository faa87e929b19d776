"""R7, R147: what was signed, and what went to whom, stays. Where the owner of the database rewrites it all the same,
`verify_ledger` names the event that tells of it, and the page of a decision says so (ADR 15)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection

from audit.models import Event
from audit.services import seal
from safeguarding.kit.errors import NotNow
from sharing import services
from sharing.models import Disclosure, SignedRecord
from sharing.record import digest
from sharing.services.following import Check
from sharing.vocabulary import QuestionStepKind, ReceiptStep
from sharing.written_once import WHOLE
from tests.build import decisions
from tests.build import sharing as build
from tests.build.append_only import found, lifted, run
from tests.build.cast import Cast
from tests.build.sharing import SIGNED_AT, holder_of
from tests.build.web import get

LATER = SIGNED_AT + timedelta(hours=2)


def as_before(event: Event) -> None:
    """As it was recorded until November 2026: it names no rows."""
    event.data = {name: value for name, value in event.data.items() if not name.startswith("kept")}
    event.digest = event.content_digest()
    with lifted(connection):
        event.save()


def signed_in(event: Event) -> SignedRecord:
    assert event.subject_id is not None
    return SignedRecord.objects.get(pk=event.subject_id)


def rewrite(row: SignedRecord | Disclosure, column: str, text: str) -> None:
    """As its owner: other words, with the digest that fits them."""
    with lifted(connection):
        type(row).objects.filter(pk=row.pk).update(**{column: text, "digest": digest(text.encode())})


@pytest.fixture(params=["from now on", "from before"])
def signing(cast: Cast, request: pytest.FixtureRequest) -> Event:
    """A decision not to share was signed, beside another one; all of it sealed."""
    _, signed = build.not_shared(cast)
    build.shared(cast)
    event = Event.objects.get(code="sharing.decision_signed", subject_id=signed.pk)
    if request.param == "from before":
        as_before(event)
    seal(at=LATER)
    assert found(at=LATER) == []
    return event


def test_the_words_that_were_signed_are_named_by_their_signing(signing: Event) -> None:
    """The SHA-256 beside them fits; so it is the one in the event that counts."""
    signed = signed_in(signing)
    with pytest.raises(IntegrityError, match="append-only"):
        run("UPDATE sharing_signedrecord SET canonical = %s", "{}")
    rewrite(signed, "canonical", signed.canonical.replace("not_share", "share"))
    ((what, number, rows),) = found(at=LATER)
    assert (what, number) == ("rows_altered", signing.pk)
    assert rows.startswith(f"decision {signed.pk}")


@pytest.mark.parametrize("column", ["canonical", "digest"])
def test_one_of_words_and_digest_alone_is_named_too(signing: Event, column: str) -> None:
    with lifted(connection):
        SignedRecord.objects.filter(pk=signed_in(signing).pk).update(**{column: "0" * 64})
    assert [(what, number) for what, number, _ in found(at=LATER)] == [("rows_altered", signing.pk)]


def test_a_signed_decision_that_is_gone_is_named(signing: Event) -> None:
    with lifted(connection):
        for table in ("coveredperson", "followup"):
            run(f"DELETE FROM sharing_{table} WHERE record_id = %s", signing.subject_id)  # noqa: S608
        run("DELETE FROM sharing_signedrecord WHERE id = %s", signing.subject_id)
    assert [(what, number) for what, number, _ in found(at=LATER)] == [("rows_altered", signing.pk)]


def test_the_page_of_a_rewritten_decision_says_so_and_nobody_agrees_to_it(signing: Event, cast: Cast) -> None:
    signed = signed_in(signing)
    said = "Do not rely on this page. The record is no longer what was signed."
    page = get(signed.get_absolute_url(), cast.gwen, at=LATER)
    assert said not in page.content.decode()
    rewrite(signed, "canonical", signed.canonical.replace("Gwen Pritchard", "Ruth Adeyemi"))
    page = get(signed.get_absolute_url(), cast.gwen, at=LATER)
    assert said in page.content.decode()
    for is_agreed in (True, False):
        with pytest.raises(NotNow, match="This record is no longer what was signed"):
            services.give_second_view(record_id=signed.pk, is_agreed=is_agreed, comment="No.", by=cast.dev, at=LATER)


@pytest.mark.parametrize("is_old", [False, True], ids=["from now on", "from before"])
def test_what_went_to_an_agency_is_named_by_its_sending(cast: Cast, *, is_old: bool) -> None:
    build.sent(cast)
    event = Event.objects.get(code="sharing.referral_sent")
    if is_old:
        as_before(event)
    seal(at=LATER)
    assert found(at=LATER) == []
    rewrite(Disclosure.objects.get(), "content", "{}")
    assert [(what, number) for what, number, _ in found(at=LATER)] == [("rows_altered", event.pk)]


def much_done(cast: Cast) -> None:
    """Something in nearly every table that is written once."""
    concern, referral = build.sent(cast)
    gwen = holder_of(concern)
    signed, disclosure = referral.record, referral.disclosures.get()
    assert signed is not None
    check = Check(ReceiptStep.DELIVERED, LATER.date(), "Ms Lund", "Phone")
    services.record_receipt(disclosure_id=disclosure.pk, checks=[check], by=gwen, at=LATER)
    services.record_copy(signed=signed, content=b"%PDF", taking=build.taking(), by=cast.alan, at=LATER)
    build.corrected(concern)
    question = build.asked(cast, concern)
    services.record_question_step(
        question_id=question.pk, kind=QuestionStepKind.REPLIED, by=gwen, at=LATER,
        word=services.Word(happened_at=LATER, who="Ms Lund", words="They know her."),
    )  # fmt: skip
    request = build.requested(cast, concern)
    services.unlink_request(request_id=request.pk, reason="Another family.", by=cast.ruth, at=LATER)
    _, other = build.not_shared(cast)
    services.give_second_view(record_id=other.pk, is_agreed=True, comment="", by=cast.dev, at=LATER)
    build.again(other, decisions.not_shared(), at=LATER)
    seal(at=LATER)
    assert found(at=LATER) == []


@pytest.mark.parametrize(
    ("name", "column", "value", "code"),
    [
        ("decision", "has_no_ground", True, "decision_signed"),
        ("second_view", "by_title", "Nobody", "second_agreed"),
        ("supersession", "words", "Nothing.", "decision_superseded"),
        ("disclosure", "received_by", "Nobody", "referral_sent"),
        ("receipt_check", "who", "Nobody", "receipt_checked"),
        ("telling", "words", "Never.", "person_told"),
        ("referral_step", "who", "Nobody", "referral_sent"),
        ("correction", "right", "Nothing.", "correction_recorded"),
        ("question_step", "words", "Nothing.", "question_step"),
        ("request_unlinked", "reason", "Nothing.", "request_unlinked"),
        ("copy", "recipient", "Nobody", "record_exported"),
    ],
)
def test_whatever_is_written_once_is_named_by_its_event(
    cast: Cast, name: str, column: str, value: object, code: str
) -> None:
    much_done(cast)
    model, _ = WHOLE[name]
    row = model._default_manager.earliest("pk")
    with lifted(connection):
        model._default_manager.filter(pk=row.pk).update(**{column: value})
    ((what, number, rows),) = found(at=LATER)
    assert what == "rows_altered"
    assert f"{name} {row.pk}" in rows
    assert Event.objects.get(pk=number).code == f"sharing.{code}"


def test_every_column_of_what_is_written_once_is_vouched_for() -> None:
    for model, columns in WHOLE.values():
        assert {field.attname for field in model._meta.concrete_fields} - set(columns) == {"id"}, model


def test_every_row_that_is_written_once_is_vouched_for(cast: Cast) -> None:
    much_done(cast)
    named = {row for data in Event.objects.values_list("data", flat=True) for row in data.get("kept", "").split(" ")}
    for name, (model, _) in WHOLE.items():
        assert {f"{name}:{pk}" for pk in model._default_manager.values_list("pk", flat=True)} <= named, name
