"""Asking who else may hold information, through the real services and pages (R103, R104)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from safeguarding.kit.models import OutboxMessage
from sharing import notifications, services
from sharing.answers import Holder
from sharing.models import Question, QuestionStep
from sharing.services import Word
from sharing.vocabulary import QuestionStepKind
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import Cast
from tests.build.sharing import SIGNED_AT
from tests.build.web import get, post

K = QuestionStepKind
HOUR = timedelta(hours=1)
LATE = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)


def step(question: Question, kind: QuestionStepKind, cast: Cast, *, at: datetime = SIGNED_AT, **more: object) -> None:
    word = Word("Ms Lund", at, "She said so.")
    due = date(2026, 3, 26)
    answers = {"word": word, "due_date": due, "by": cast.gwen, "at": at, **more}
    services.record_question_step(question_id=question.pk, kind=kind, **answers)  # type: ignore[arg-type]
    question.refresh_from_db()


def test_asked_chased_refused_taken_higher_and_answered(cast: Cast) -> None:
    question = build.asked(cast, build.case(cast))
    assert (question.state, question.due_date) == ("asked", date(2026, 3, 19))
    step(question, K.CHASED, cast)
    assert (question.state, question.due_date) == ("asked", date(2026, 3, 26))
    step(question, K.REFUSED, cast)
    with pytest.raises(NotNow):
        step(question, K.CHASED, cast)
    with pytest.raises(Unsound) as caught:
        step(question, K.ESCALATED, cast, word=Word("", SIGNED_AT, ""), due_date=date(2026, 3, 16))
    assert set(caught.value.problems) == {"who", "words", "due_date"}
    step(question, K.ESCALATED, cast)
    assert question.state == "escalated"
    step(question, K.REPLIED, cast)
    assert question.state == "replied"
    assert list(question.steps.values_list("kind", flat=True)) == ["chased", "refused", "escalated", "replied"]
    with pytest.raises(NotNow):
        step(question, K.ENDED, cast)
    with pytest.raises(DatabaseError), transaction.atomic():
        QuestionStep.objects.update(words="Other words")


def test_only_the_holder_asks_and_nothing_is_left_out(cast: Cast) -> None:
    concern = build.case(cast)
    question = build.asked(cast, concern)
    for person in (cast.dev, cast.ruth, cast.priya):
        with pytest.raises(NotAllowed):
            step(question, K.REPLIED, cast, by=person)
    empty = services.Asking(what="", why=" ", legal_basis="", due_date=None)
    with pytest.raises(Unsound) as caught:
        services.ask_agency(concern_id=concern.pk, asking=empty, by=cast.gwen, at=SIGNED_AT)
    assert set(caught.value.problems) == {"what", "why", "legal_basis", "due_date", "agency"}
    for moment in (SIGNED_AT - HOUR, SIGNED_AT + HOUR):
        with pytest.raises(Unsound):
            step(question, K.REPLIED, cast, word=Word("Ms Lund", moment, "Yes"))


def test_the_holder_is_told_once_when_the_day_has_passed(cast: Cast) -> None:
    question = build.asked(cast, build.case(cast))
    assert services.sweep_questions(at=LATE - timedelta(days=1)) == 0
    for _ in range(2):
        services.sweep_questions(at=LATE)
    message = OutboxMessage.objects.get(kind=notifications.QUESTION_LATE.code)
    assert (message.recipient_id, message.path) == (cast.gwen.pk, f"/sharing/questions/{question.ref}/")
    assert notifications.QUESTION_LATE.may_still_know(cast.gwen.pk, question.pk)
    assert not notifications.QUESTION_LATE.may_still_know(cast.dev.pk, question.pk)
    step(question, K.REPLIED, cast, at=LATE)
    assert not notifications.QUESTION_LATE.may_still_know(cast.gwen.pk, question.pk)


def test_the_pages(cast: Cast) -> None:
    concern = build.case(cast)
    agency = build.adult_care(cast)
    decision = build.draft(
        concern, decisions.change(decisions.agreed(), holders=(Holder(who="Her GP", note="Since May"),))
    )
    address = f"/sharing/concerns/{concern.ref}/ask/?decision={decision.ref}"
    assert address in get(f"{decision.get_absolute_url()}page/holders/", cast.gwen, at=SIGNED_AT).content.decode()
    assert "Her GP: Since May" in get(address, cast.gwen, at=SIGNED_AT).content.decode()
    assert "Choose the agency." in post(address, cast.gwen, {"what": "x"}, at=SIGNED_AT).content.decode()
    sent = {
        "agency": agency.ref, "what": "Contacts", "why": "Risk", "legal_basis": "Care Act", "due_date_0": "19",
        "due_date_1": "3", "due_date_2": "2026",
    }  # fmt: skip
    assert post(address, cast.gwen, sent, at=SIGNED_AT).status_code == 302
    question = Question.objects.get()
    assert question.decision_id == decision.pk
    assert "overdue since" in get(question.get_absolute_url(), cast.gwen, at=LATE).content.decode()
    assert get(question.get_absolute_url(), cast.sian, at=LATE).status_code == 404
    assert question.ref in get(concern.get_absolute_url(), cast.gwen, at=SIGNED_AT).content.decode()
    page = f"{question.get_absolute_url()}chased/"
    assert "Enter the day and the time." in post(page, cast.gwen, {}, at=LATE).content.decode()
    assert get(page, cast.dev, at=LATE).status_code == 302
    moment = {"happened_at_0": "20", "happened_at_1": "3", "happened_at_2": "2026", "happened_at_time": "8:30am"}
    due = {"due_date_0": "23", "due_date_1": "3", "due_date_2": "2026"}
    saved = post(page, cast.gwen, {"words": "Asked again", **moment, **due}, at=LATE)
    assert saved.status_code == 302
    assert "Asked again" in get(question.get_absolute_url(), cast.gwen, at=LATE).content.decode()
