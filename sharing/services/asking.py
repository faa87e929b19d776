"""Asking who else may hold information: asked, chased, answered or refused, escalated (R103, R104; 003 K6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from concerns.references import new_reference
from concerns.services.base import lock
from concerns.vocabulary import ENDED_STATES
from safeguarding.kit.errors import NotNow, Unsound
from safeguarding.kit.sweeping import each
from sharing import events, notifications, permissions
from sharing.models import Agency, Decision, Question, QuestionStep
from sharing.services.answering import Word
from sharing.services.base import log, tell
from sharing.vocabulary import QuestionState, QuestionStepKind

WAITING = (QuestionState.ASKED, QuestionState.ESCALATED)
# From where each step may be taken, and where it leads.
STEPS: dict[QuestionStepKind, tuple[frozenset[QuestionState], QuestionState | None]] = {
    QuestionStepKind.CHASED: (frozenset(WAITING), None),
    QuestionStepKind.REPLIED: (frozenset({*WAITING, QuestionState.REFUSED}), QuestionState.REPLIED),
    QuestionStepKind.REFUSED: (frozenset(WAITING), QuestionState.REFUSED),
    QuestionStepKind.ESCALATED: (frozenset({*WAITING, QuestionState.REFUSED}), QuestionState.ESCALATED),
    QuestionStepKind.ENDED: (frozenset({*WAITING, QuestionState.REFUSED}), QuestionState.ENDED),
}
# These give the agency a new day to answer by.
WITH_NEW_DATE = frozenset({QuestionStepKind.CHASED, QuestionStepKind.ESCALATED})


@dataclass(frozen=True)
class Asking:
    """What is asked of which agency, why, on which basis, and by when."""

    what: str
    why: str
    legal_basis: str
    due_date: date | None
    agency_ref: str = ""
    decision: Decision | None = None


@transaction.atomic
def ask_agency(*, concern_id: int, asking: Asking, by: User, at: datetime) -> Question:
    """The holder has asked an agency of the directory; the day by which it answers is kept."""
    concern = lock(concern_id)
    permissions.check_can_refer(by, concern)
    if concern.state in ENDED_STATES:
        raise NotNow("This concern is closed.")
    needed = {
        "what": (asking.what, "Write what you ask for."),
        "why": (asking.why, "Write what you need it for."),
        "legal_basis": (asking.legal_basis, "Write on which law or duty you ask."),
    }
    problems = {name: [sentence] for name, (words, sentence) in needed.items() if not words.strip()}
    agency = Agency.objects.filter(ref=asking.agency_ref, is_in_use=True).first()
    if agency is None:
        problems["agency"] = ["Choose the agency."]
    if sentence := _problem_with_date(asking.due_date, at=at):
        problems["due_date"] = [sentence]
    if asking.decision is not None and asking.decision.concern_id != concern.pk:
        raise NotNow("That decision belongs to another concern.")
    if problems or agency is None or asking.due_date is None:
        raise Unsound("Something is missing.", problems)
    question = Question.objects.create(
        ref=new_reference("AQ"), concern=concern, decision=asking.decision,
        agency=agency, what=asking.what, why=asking.why,
        legal_basis=asking.legal_basis, asked_at=at, asked_by=by, due_date=asking.due_date,
    )  # fmt: skip
    log(events.QUESTION_ASKED, concern, by=by, at=at, subject=question, ref=question.ref, agency_kind=agency.kind)
    return question


@transaction.atomic
def record_question_step(
    *, question_id: int, kind: QuestionStepKind, word: Word, due_date: date | None = None, by: User, at: datetime
) -> QuestionStep:
    """One step with the agency. Chasing and escalating give it a new day to answer by."""
    concern = lock(Question.objects.values_list("concern_id", flat=True).get(pk=question_id))
    question = Question.objects.select_for_update(of=("self",)).get(pk=question_id)
    permissions.check_can_refer(by, concern)
    sources, target = STEPS[kind]
    if question.state not in sources:
        raise NotNow("This can’t be recorded now. Look at what was recorded last.")
    problems: dict[str, list[str]] = {}
    if not word.words.strip():
        problems["words"] = ["Write what was said or done."]
    if kind == QuestionStepKind.ESCALATED and not word.who.strip():
        problems["who"] = ["Enter to whom at the agency you took it."]
    if not question.asked_at.replace(second=0, microsecond=0) <= word.happened_at <= at:
        problems["happened_at"] = ["Enter a time after you asked and not in the future."]
    if kind in WITH_NEW_DATE and (sentence := _problem_with_date(due_date, at=at)):
        problems["due_date"] = [sentence]
    if problems:
        raise Unsound("Something is missing.", problems)
    question.state = target or question.state
    if kind in WITH_NEW_DATE and due_date is not None:
        question.due_date = due_date
    question.save(update_fields=["state", "due_date"])
    step = QuestionStep.objects.create(
        question=question, kind=kind, at=word.happened_at, by=by, who=word.who, words=word.words, recorded_at=at
    )
    log(events.QUESTION_STEP, concern, by=by, at=at, subject=question, ref=question.ref, keeps=(step,), step=kind.value)
    return step


def sweep_questions(*, at: datetime) -> int:
    """Whoever holds the concern is told once for each day that passed without an answer. Safe to repeat."""
    late = Question.objects.filter(state__in=WAITING, due_date__lt=timezone.localdate(at))
    late = late.exclude(concern__state__in=ENDED_STATES).exclude(concern__responsible=None).select_related("concern")
    return each(late, lambda question: _tell_of_late(question, at=at))


@transaction.atomic
def _tell_of_late(question: Question, *, at: datetime) -> int:
    holder_id = question.concern.responsible_id
    if holder_id is None:
        return 0
    tell(
        notifications.QUESTION_LATE, to=holder_id, about=question.pk, reference=question.ref,
        path=question.get_absolute_url(), key=f"question:{question.pk}:{question.due_date}:{holder_id}", at=at,
    )  # fmt: skip
    return 1


def _problem_with_date(day: date | None, *, at: datetime) -> str | None:
    if day is None:
        return "Enter the day by which they should answer."
    return "The day must not be in the past." if day < timezone.localdate(at) else None
