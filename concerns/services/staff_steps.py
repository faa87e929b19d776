"""Somebody who works for or with us is implicated: consult the LADO or PiPoT lead, tell HR, think of the DBS (R46)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from concerns import clocks, events, permissions
from concerns.models import AbuseType, Concern, Involvement, StaffStep
from concerns.selectors.limits import limits_in_force
from concerns.services.base import lock, log, save
from concerns.services.clocks import meet_clock, start_clock
from concerns.vocabulary import (
    CONSULTATIONS,
    NO_CRIME_BY_ITSELF,
    ClockKind,
    LifeStage,
    PersonRole,
    StaffStepAnswer,
    StaffStepKind,
)
from safeguarding.kit.errors import NotNow, Unsound


def open_staff_steps(concern: Concern, *, at: datetime) -> None:
    """Every step that the people at risk in the locked concern call for stands on it; the consultation is timed (T4b).

    The LADO where a child is at risk or nobody knows the age (R24); the PiPoT lead and adult social care where an adult
    is; the police where a crime is possible, and so also while nobody knows what kind of abuse it is. Called again
    when the people change: what is there stays, what is missing comes.
    """
    at_risk = Involvement.objects.filter(concern=concern, role=PersonRole.AT_RISK)
    stages = set(at_risk.values_list("life_stage", flat=True)) or {LifeStage.UNKNOWN.value}
    wanted = [StaffStepKind.HR, StaffStepKind.DBS]
    kinds = set(AbuseType.objects.filter(concern=concern).values_list("code", flat=True))
    if kinds - NO_CRIME_BY_ITSELF or not kinds:
        wanted.append(StaffStepKind.POLICE)
    if stages - {LifeStage.ADULT}:
        wanted.append(StaffStepKind.LADO)
    if LifeStage.ADULT in stages:
        wanted += [StaffStepKind.PIPOT, StaffStepKind.ADULT_CARE]
    there = set(StaffStep.objects.filter(concern=concern).values_list("kind", flat=True))
    new = [kind for kind in wanted if kind not in there]
    for kind in new:
        StaffStep.objects.create(concern=concern, kind=kind, started_at=at)
        log(events.STAFF_STEP_OPENED, concern, by=None, at=at, step=kind.value)
    if CONSULTATIONS & set(new):
        due = clocks.consult_about_staff_by(limits_in_force(), at)
        start_clock(concern, ClockKind.STAFF_CONSULTATION, due_at=due, at=at)


def open_missing_staff_steps(concern: Concern, *, at: datetime) -> None:
    """As `open_staff_steps`, but only where a worker is implicated: the people in the locked concern have changed."""
    if StaffStep.objects.filter(concern=concern).exists():
        open_staff_steps(concern, at=at)


def bring_staff_steps(concern: Concern, into: Concern, *, at: datetime) -> None:
    """The steps of a concern that is joined to another stand on that one too, with the answers they have (t20)."""
    there = set(StaffStep.objects.filter(concern=into).values_list("kind", flat=True))
    for step in StaffStep.objects.filter(concern=concern).exclude(kind__in=there):
        StaffStep.objects.create(
            concern=into, kind=step.kind, started_at=step.started_at, answer=step.answer, words=step.words,
            answered_by=step.answered_by, answered_at=step.answered_at,
        )  # fmt: skip
        log(events.STAFF_STEP_OPENED, into, by=None, at=at, step=step.kind)
    open_missing_staff_steps(into, at=at)


@transaction.atomic
def answer_staff_step(
    *,
    concern_id: int,
    kind: StaffStepKind,
    answer: StaffStepAnswer | None,
    words: str,
    by: User,
    at: datetime,
) -> StaffStep:
    """The step is done, or is not needed and why; once all consultations are answered their clock (T4b) is met.

    Raises NotAllowed, NotNow (no such step, answered already), Unsound by field.
    """
    concern = lock(concern_id)
    permissions.check_can_answer_staff_step(by, concern)
    step = StaffStep.objects.filter(concern=concern, kind=kind).first()
    if step is None or not concern.is_open:
        raise NotNow("There is no such step to answer on this concern.")
    if step.answer:
        raise NotNow("Somebody has answered this step already. What is new goes into a note.")
    problems: dict[str, list[str]] = {}
    if answer is None:
        problems["answer"] = ["Choose whether it is done or not needed."]
    if not words.strip():
        problems["words"] = ["Say whom you spoke to and what they advised, or why it is not needed."]
    if answer is None or problems:
        raise Unsound("Something is missing.", problems)
    step.answer, step.words, step.answered_by, step.answered_at = answer, words, by, at
    step.save(update_fields=["answer", "words", "answered_by", "answered_at"])
    save(concern)
    log(events.STAFF_STEP_ANSWERED, concern, by=by, at=at, reason=words, step=kind.value, answer=answer.value)
    if not StaffStep.objects.filter(concern=concern, kind__in=CONSULTATIONS, answer="").exists():
        meet_clock(concern, ClockKind.STAFF_CONSULTATION, at=at)
    return step
