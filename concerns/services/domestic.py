"""Domestic abuse: DASH records, and the referrals that are to be answered because of it (R21, R22, R67, X4)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from concerns import dash, events, permissions
from concerns.dash import DashDetails, Thresholds
from concerns.models import Concern, DashRecord, DomesticStep, Involvement
from concerns.references import new_reference
from concerns.selectors.domestic import dash_records_of, is_domestic, may_be_assessed_on
from concerns.selectors.limits import limits_in_force
from concerns.services.base import key_of, lock, log, save, sent_before
from concerns.vocabulary import DomesticStepAnswer, DomesticStepKind, LifeStage, MaracBasis, PersonRole
from safeguarding.kit.errors import NotNow, Unsound

_CHILD_STAGES = (LifeStage.CHILD, LifeStage.UNBORN)


def open_domestic_steps(concern: Concern, *, at: datetime) -> None:
    """Every referral that the locked concern's domestic abuse asks for waits for its answer.

    The children's social care and the MARAC where a child or unborn child is at risk or lives there (R22; somebody
    whose age nobody knows counts, R24); the MARAC wherever a DASH record calls for it (X4). Called again when people,
    kinds of abuse or records change: what waits stays; what was answered "not referred" is asked again when a child
    came, or a record that calls for a MARAC was written, after the answer.
    """
    if not is_domestic(concern):
        return
    children = Involvement.objects.filter(concern=concern).filter(
        Q(role=PersonRole.AT_RISK, life_stage__in=[*_CHILD_STAGES, LifeStage.UNKNOWN])
        | Q(role=PersonRole.HOUSEHOLD, life_stage__in=_CHILD_STAGES)
    )
    newest_child = max(children.values_list("added_at", flat=True), default=None)
    high = [row.recorded_at for row in dash_records_of(concern) if row.meets_marac and not row.is_corrected]
    newest_high = max(high, default=None)
    wanted = {
        DomesticStepKind.CHILD: [newest_child],
        DomesticStepKind.MARAC: [newest_child, newest_high],
    }
    for kind, causes in wanted.items():
        there = [cause for cause in causes if cause is not None]
        if not there:
            continue
        last = DomesticStep.objects.filter(concern=concern, kind=kind).order_by("pk").last()
        if last is not None and not _is_outdated(last, max(there)):
            continue
        DomesticStep.objects.create(concern=concern, kind=kind, started_at=at)
        log(events.DOMESTIC_STEP_OPENED, concern, by=None, at=at, step=kind.value)


def _is_outdated(step: DomesticStep, cause: datetime) -> bool:
    """Whether `step` was answered "not referred" before `cause` came up."""
    is_refusal = step.answer == DomesticStepAnswer.NOT_REFERRED
    return is_refusal and step.answered_at is not None and cause > step.answered_at


def bring_domestic_steps(concern: Concern, into: Concern, *, at: datetime) -> None:
    """What is still to be answered on a concern that is joined to another is asked on that one (t20)."""
    waiting = DomesticStep.objects.filter(concern=concern, answer="").values_list("kind", flat=True)
    there = set(DomesticStep.objects.filter(concern=into).values_list("kind", flat=True))
    for kind in set(waiting) - there:
        DomesticStep.objects.create(concern=into, kind=kind, started_at=at)
        log(events.DOMESTIC_STEP_OPENED, into, by=None, at=at, step=kind)
    open_domestic_steps(into, at=at)


@transaction.atomic
def record_dash(
    *,
    concern_id: int,
    person_ref: str,
    details: DashDetails,
    form_key: str,
    by: User,
    at: datetime,
    corrects_ref: str = "",
    correction_reason: str = "",
) -> DashRecord:
    """The checklist stands for good; where it calls for a MARAC, that referral is asked (X4).

    With `corrects_ref` it takes the place of that record, which stays readable. The same form sent twice makes one
    record. Raises NotAllowed, NotNow (the record was corrected already, the concern is closed), Unsound by field.
    """
    concern = lock(concern_id)
    permissions.check_can_record_dash(by, concern)
    key = key_of(form_key, person=person_ref, corrects=corrects_ref, reason=correction_reason, **asdict(details))
    if same := sent_before(DashRecord.objects.filter(recorded_by=by), concern, key):
        return same
    if not concern.is_open:
        raise NotNow("This concern is closed.")
    involvement = _assessed(concern, person_ref, on=timezone.localdate(at))
    corrected = _corrected(concern, corrects_ref, person_ref)
    problems = dash.problems_with(details, today=timezone.localdate(at))
    if corrected is not None and not correction_reason.strip():
        problems["correction_reason"] = ["Write what was wrong."]
    if details.assessed_on is None or details.is_high_by_judgement is None or problems:
        raise Unsound("Something is missing.", problems)
    thresholds = Thresholds.of(limits_in_force())
    row = DashRecord.objects.create(
        ref=new_reference("DA"), concern=concern, person=involvement.person, assessed_on=details.assessed_on,
        assessor=details.assessor, score=details.score, not_scored_reason=details.not_scored_reason,
        own_view=details.own_view, own_view_not_asked=details.own_view_not_asked,
        is_high_by_judgement=details.is_high_by_judgement, judgement_reason=details.judgement_reason,
        incidents=details.incidents, medium_from=thresholds.medium_from, high_from=thresholds.high_from,
        incidents_from=thresholds.incidents_from, corrects=corrected,
        correction_reason=correction_reason if corrected else "", recorded_by=by, recorded_at=at, form_key=key,
    )  # fmt: skip
    save(concern)
    log(
        events.DASH_RECORDED, concern, by=by, at=at, keeps=(row,), dash=row.ref, person=involvement.person.ref,
        is_correction=corrected is not None, meets_marac=row.meets_marac,
    )  # fmt: skip
    open_domestic_steps(concern, at=at)
    return row


def _assessed(concern: Concern, person_ref: str, *, on: date) -> Involvement:
    found = Involvement.objects.select_related("person").filter(
        concern=concern, role=PersonRole.AT_RISK, person__ref=person_ref
    )
    involvement = found.first()
    if involvement is None:
        raise NotNow("A DASH record is about somebody who is at risk in this concern.")
    if not may_be_assessed_on(involvement, on):
        raise NotNow("DASH is for people of 16 and over. Under 16 it is abuse of a child.")
    return involvement


def _corrected(concern: Concern, ref: str, person_ref: str) -> DashRecord | None:
    if not ref:
        return None
    row = DashRecord.objects.filter(concern=concern, ref=ref, person__ref=person_ref).first()
    if row is None:
        raise NotNow("There is no such DASH record on this person.")
    if DashRecord.objects.filter(corrects=row).exists():
        raise NotNow("Somebody has corrected this record already. Correct the newest one.")
    return row


def answer_by_referral(
    concern: Concern, kind: DomesticStepKind, *, words: str, referred_on: date, by: User, at: datetime
) -> None:
    """A referral that was sent answers the step that waited for it, so that nobody writes it down twice.

    A MARAC referral without a DASH record that calls for it is left to be answered by hand: its basis is not known.
    """
    step = DomesticStep.objects.filter(concern=concern, kind=kind, answer="").first()
    bases = [basis for row in dash_records_of(concern) if not row.is_corrected for basis in row.bases]
    if step is None or (kind == DomesticStepKind.MARAC and not bases):
        return
    step.answer, step.words, step.answered_by, step.answered_at = DomesticStepAnswer.REFERRED, words, by, at
    step.referred_on = referred_on
    step.basis = bases[0] if kind == DomesticStepKind.MARAC else ""
    step.save(update_fields=["answer", "words", "answered_by", "answered_at", "referred_on", "basis"])
    log(
        events.DOMESTIC_STEP_ANSWERED, concern, by=by, at=at, reason=words, step=kind.value,
        answer=DomesticStepAnswer.REFERRED.value,
    )  # fmt: skip


@dataclass(frozen=True)
class StepAnswer:
    """`answer` None while nothing is chosen. `basis` is for a MARAC referral alone."""

    answer: DomesticStepAnswer | None
    words: str
    referred_on: date | None = None
    basis: MaracBasis | None = None


@transaction.atomic
def answer_domestic_step(
    *, concern_id: int, kind: DomesticStepKind, given: StepAnswer, by: User, at: datetime
) -> DomesticStep:
    """The referral was made, on a day and on a basis; or not, with the reason.

    While a DASH record calls for a MARAC, only a lead says that none is made: judgement never makes a high score lower
    (X4). Raises NotAllowed, NotNow (nothing waits), Unsound by field.
    """
    concern = lock(concern_id)
    permissions.check_can_answer_domestic_step(by, concern)
    step = DomesticStep.objects.filter(concern=concern, kind=kind, answer="").first()
    if step is None or not concern.is_open:
        raise NotNow("Nobody waits for this answer any more.")
    is_high = any(row.meets_marac and not row.is_corrected for row in dash_records_of(concern))
    if kind == DomesticStepKind.MARAC and given.answer == DomesticStepAnswer.NOT_REFERRED and is_high:
        permissions.check_can_say_no_marac(by, concern)
    problems: dict[str, list[str]] = {}
    is_referred = given.answer == DomesticStepAnswer.REFERRED
    if given.answer is None:
        problems["answer"] = ["Choose whether a referral was made."]
    if not given.words.strip():
        problems["words"] = ["Write to whom it went and their reference, or why no referral is made."]
    if is_referred and given.referred_on is None:
        problems["referred_on"] = ["Enter the date of the referral."]
    elif is_referred and given.referred_on is not None and given.referred_on > timezone.localdate(at):
        problems["referred_on"] = ["The date must not be in the future."]
    if is_referred and kind == DomesticStepKind.MARAC and given.basis is None:
        problems["basis"] = ["Say what the high risk rests on."]
    if given.answer is None or problems:
        raise Unsound("Something is missing.", problems)
    step.answer, step.words, step.answered_by, step.answered_at = given.answer, given.words, by, at
    if is_referred:
        step.referred_on = given.referred_on
        step.basis = given.basis or "" if kind == DomesticStepKind.MARAC else ""
    step.save(update_fields=["answer", "words", "answered_by", "answered_at", "referred_on", "basis"])
    save(concern)
    log(
        events.DOMESTIC_STEP_ANSWERED, concern, by=by, at=at, reason=given.words, step=kind.value,
        answer=given.answer.value,
    )  # fmt: skip
    return step
