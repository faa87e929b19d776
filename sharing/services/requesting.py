"""Requests for information that came to us: logged, checked, linked, answered, and the refused told (R102-R107)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from accounts.selectors import holders_of
from accounts.vocabulary import Role
from audit.services import record as record_event
from audit.vocabulary import EventKind
from concerns import clocks
from concerns.models import Concern
from concerns.references import new_reference
from concerns.selectors.limits import limits_in_force
from concerns.services.base import lock, save
from safeguarding.kit.errors import NotNow, Unsound, allows
from safeguarding.kit.outbox import MessageKind, queue
from safeguarding.kit.sweeping import each
from safeguarding.kit.words import with_more
from sharing import events, notifications, permissions
from sharing.models import (
    DECIDERS,
    STAND_INS,
    Decision,
    InformationRequest,
    NamedStaff,
    RequestRefusal,
    RequestUnlinked,
)
from sharing.no_names import is_same_line
from sharing.requests import (
    UNVERIFIED_WORDS,
    answer_by,
    is_in_working_time,
    is_refusal,
    needs_lead,
    problem_with_answer,
)  # fmt: skip
from sharing.selectors import answering_record, facts_of_request, namings_shown, why_not_unlinked
from sharing.services.deciding import start_decision
from sharing.vocabulary import ContactWay, RequestAnswer, RequestKind

_OTHER_INTERESTS = (
    "Your words speak of something other than safeguarding. Write the safeguarding reason as well. A Safeguarding Lead"
    " must then agree."
)
_DISPUTED = (
    "A Safeguarding Lead did not agree with a refusal of this request. Write the safeguarding reason. A lead must then"
    " agree."
)
NOT_FOUND = "No concern that you can work on has this reference."
NOT_HERE = "Choose somebody who works here or did. You can’t name yourself."
NOBODY_LEFT = (
    "If you name all of these people, nobody is left who may answer the request and look at what you say. Leave"
    " somebody out, and write in your reason what you know about them."
)
WHY_THEM = "Write why you think that it is about them."


@dataclass(frozen=True)
class RequestDetails:
    """A request as it was put to us. `concern_ref` links it to a concern that the logger may work on."""

    kind: RequestKind
    person: str
    legal_basis: str
    purpose: str
    asked: str
    about: str
    received_at: datetime
    received_how: ContactWay
    organisation: str = ""
    claimed_role: str = ""
    contact: str = ""
    is_emergency: bool = False
    is_compulsory: bool = False
    concern_ref: str = ""
    # Of somebody who works for or with us and whom it is about, and why we think so.
    staff_ids: tuple[int, ...] = ()
    staff_reason: str = ""
    # The same of somebody who has no account.
    is_about_unlisted: bool = False


@dataclass(frozen=True)
class Telling:
    """Field 39: told on a day, in a way, with the reasons given; or why telling is unsafe."""

    on: date | None = None
    how: ContactWay | None = None
    reasons: str = ""
    unsafe_reason: str = ""


@transaction.atomic
def log_request(*, details: RequestDetails, by: User, at: datetime) -> InformationRequest:
    """The request is written down, its clock runs from when it came (T15), and whoever answers it is told at once.

    Staff whom it is about are named before that, so that neither they nor whoever they manage are told (I3).
    """
    permissions.check_can_log_request(by)
    needed = {
        "person": (details.person, "Enter who asks."),
        "legal_basis": (details.legal_basis, "Write the law they quoted, or “none”."),
        "purpose": (details.purpose, "Write what they want it for."),
        "asked": (details.asked, "Write what they ask for."),
        "about": (details.about, "Write whom it is about."),
    }
    problems = {name: [sentence] for name, (words, sentence) in needed.items() if not words.strip()}
    if details.received_at > at:
        problems["received_at"] = ["The date and time must not be in the future."]
    concern = _find_concern(details.concern_ref, by=by, at=at) if details.concern_ref.strip() else None
    if details.concern_ref.strip() and concern is None:
        problems["concern_ref"] = [NOT_FOUND]
    if len(staff := _find_staff(details.staff_ids, by=by)) < len(set(details.staff_ids)):
        problems["staff"] = [NOT_HERE]
    if details.staff_ids and not details.staff_reason.strip():
        problems["staff_reason"] = [WHY_THEM]
    if problems:
        raise Unsound("Something is missing.", problems)
    due_at = answer_by(
        limits_in_force(), details.kind, is_emergency=details.is_emergency, received_at=details.received_at
    )
    request = InformationRequest.objects.create(
        ref=new_reference("RQ"), kind=details.kind, is_emergency=details.is_emergency,
        is_compulsory=details.is_compulsory, organisation=details.organisation, person=details.person,
        claimed_role=details.claimed_role, contact=details.contact, legal_basis=details.legal_basis,
        purpose=details.purpose, asked=details.asked, about=details.about, received_at=details.received_at,
        received_how=details.received_how, logged_by=by, logged_at=at, concern=concern, due_at=due_at,
        is_about_unlisted=details.is_about_unlisted,
    )  # fmt: skip
    _log(events.REQUEST_LOGGED, request, by=by, at=at, request_kind=request.kind, due_at=due_at.isoformat())
    if staff:
        _name(request, staff, reason=details.staff_reason, by=by, at=at)
    _tell_deciders(request, at=at)
    return request


@transaction.atomic
def verify_requester(*, request_id: int, number: str, how: str, by: User, at: datetime) -> None:
    """R106: somebody called back, on a number known from elsewhere, and reached the person who asks."""
    request = _lock(request_id)
    permissions.check_can_work_on_request(by, request)
    if request.is_verified or request.answer:
        raise NotNow("It was checked already who asks, or the request is answered.")
    problems: dict[str, list[str]] = {}
    digits = _digits(number)
    if len(digits) < 3:
        problems["number"] = ["Enter the number that you called."]
    elif digits in _digits(request.contact) or is_same_line(number, request.contact):
        problems["number"] = ["This is the number that they gave. Call one that you know from somewhere else."]
    if not how.strip():
        problems["how"] = ["Write where you had the number from and whom you reached."]
    if problems:
        raise Unsound("Something is missing.", problems)
    request.verified_at, request.verified_by = at, by
    request.verified_number, request.verified_how = number, how
    request.save(update_fields=["verified_at", "verified_by", "verified_number", "verified_how"])
    _log(events.REQUEST_VERIFIED, request, by=by, at=at)


@transaction.atomic
def link_request(*, request_id: int, concern_ref: str, by: User, at: datetime) -> None:
    """The request is about a concern that `by` may work on; from now on it is as closed as that concern."""
    request = _lock(request_id)
    permissions.check_can_work_on_request(by, request)
    if request.concern_id is not None or request.answer:
        raise NotNow("This request is linked already, or it is answered.")
    concern = _find_concern(concern_ref, by=by, at=at)
    if concern is None:
        raise Unsound(NOT_FOUND, {"concern_ref": [NOT_FOUND]})
    request.concern = concern
    request.save(update_fields=["concern"])
    if not permissions.is_left_to_somebody(request):
        raise NotNow("Nobody who may answer requests is left for this one on that concern. Leave it unlinked.")
    _log(events.REQUEST_LINKED, request, by=by, at=at)
    _tell_deciders(request, at=at)


@transaction.atomic
def unlink_request(*, request_id: int, reason: str, by: User, at: datetime) -> None:
    """The request is not about the concern that it was linked to: who reads that reads it no longer, and it can be
    linked again, or nothing is held (R102). The reason stays on the concern. It stays closed to whoever is kept out of
    the concern, as long as they are (I3).

    Raises NotAllowed, NotNow when it is answered or something about it rests on the concern, Unsound without a reason.
    """
    request = _lock(request_id)
    concern = request.concern = lock(request.concern_id) if request.concern_id is not None else None
    permissions.check_can_unlink_request(by, request)
    why_not = why_not_unlinked(request)
    if concern is None or why_not:
        raise NotNow(why_not)
    if not reason.strip():
        raise Unsound("Give a reason.", {"reason": ["Say why it is not about this concern."]})
    row = RequestUnlinked.objects.create(
        request=request, concern=concern, reason=reason, unlinked_by=by, unlinked_at=at
    )
    _log(events.REQUEST_UNLINKED, request, by=by, at=at, reason=reason, keeps=(row,))
    save(concern)
    request.concern = None
    request.save(update_fields=["concern"])
    if not permissions.is_left_to_somebody(request):
        raise NotNow("If it is taken off this concern, nobody is left who may answer it. Answer it as it is.")
    _tell_deciders(request, at=at)


@transaction.atomic
def decide_about_request(*, request_id: int, by: User, at: datetime) -> Decision:
    """The holder of the concern begins the decision that answers it, with field 3 and 4 filled in."""
    request = _lock(request_id)
    permissions.check_can_work_on_request(by, request)
    if request.concern_id is None or not request.is_verified or request.answer:
        raise NotNow("Check who asks and link the request to a concern first.")
    return start_decision(concern_id=request.concern_id, by=by, at=at, answering=request)


@transaction.atomic
def answer_request(
    *, request_id: int, answer: RequestAnswer, words: str, safeguarding_reason: str = "", by: User, at: datetime
) -> None:
    """The answer, once. It closes the request, but for a refusal, which waits until the requester was told (R102).

    A refusal whose words speak of something other than safeguarding is no answer yet: it waits for a Safeguarding Lead,
    with the safeguarding reason (VR14). While it waits, any answer but a refusal can still be given; that withdraws it.
    """
    request = _lock(request_id)
    permissions.check_can_answer_request(by, request)
    if request.answer:
        raise NotNow("This request is answered already.")
    facts, waiting = facts_of_request(request), request.waiting_refusal
    if waiting is not None and is_refusal(facts, answer):
        raise NotNow("A refusal of this request waits for a Safeguarding Lead. Until then, only another answer counts.")
    problems: dict[str, list[str]] = {}
    if problem := problem_with_answer(facts, answer):
        problems["answer"] = [problem]
    if answer == RequestAnswer.REFUSE and not words.strip():
        problems["words"] = ["Write why it is refused."]
    if answer == RequestAnswer.REDIRECTED and not words.strip():
        problems["words"] = ["Write to whom they were sent."]
    if needs_lead(facts, answer, words) and not safeguarding_reason.strip():
        problems["safeguarding_reason"] = [_DISPUTED if facts.is_refusal_disputed else _OTHER_INTERESTS]
    if problems:
        raise Unsound("This can’t be the answer.", problems)
    if needs_lead(facts, answer, words):
        _propose_refusal(request, answer, words, safeguarding_reason, by=by, at=at)
        return
    if waiting is not None:
        waiting.withdrawn_by, waiting.decided_at = by, at
        waiting.save(update_fields=["withdrawn_by", "decided_at"])
        _log(events.REFUSAL_WITHDRAWN, request, by=by, at=at, answer=answer.value)
    _give_answer(request, answer, words if request.is_verified else UNVERIFIED_WORDS, of=by, by=by, at=at)


def _propose_refusal(
    request: InformationRequest, answer: RequestAnswer, words: str, reason: str, *, by: User, at: datetime
) -> None:
    """Raises NotNow where nobody could ever agree: a refusal that stands on other interests needs two people."""
    leads = [
        lead
        for lead in holders_of(Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD)
        if lead != by and allows(permissions.check_can_countersign_refusal, lead, request)
    ]
    if not leads:
        raise NotNow("There is no other Safeguarding Lead who could agree to this refusal. Give another answer.")
    refusal = RequestRefusal.objects.create(
        request=request, answer=answer, words=words, safeguarding_reason=reason, proposed_by=by, proposed_at=at
    )
    _log(events.REFUSAL_PROPOSED, request, by=by, at=at, answer=answer.value)
    for lead in leads:
        _tell(notifications.REFUSAL_ASKED, request, to=lead, key=f"refusal:{refusal.pk}", at=at)


@transaction.atomic
def countersign_refusal(*, request_id: int, is_agreed: bool, comment: str, by: User, at: datetime) -> None:
    """VR14: a Safeguarding Lead agrees, and the refusal is the answer; or does not, and it is still to be answered.

    Nobody agrees to a refusal by somebody who can have no part in the matter any more (I6).
    """
    request = _lock(request_id)
    permissions.check_can_countersign_refusal(by, request)
    refusal = request.waiting_refusal
    if refusal is None:
        raise NotNow("No refusal of this request waits for a Safeguarding Lead.")
    if not is_agreed and not comment.strip():
        raise Unsound("Give a reason.", {"comment": ["Say why you do not agree."]})
    answer = RequestAnswer(refusal.answer)
    if is_agreed:
        permissions.check_refusal_counts(refusal)
    if is_agreed and (problem := problem_with_answer(facts_of_request(request), answer)):
        raise Unsound("This can’t be the answer any more.", {"is_agreed": [problem]})
    refusal.is_agreed, refusal.comment = is_agreed, comment
    refusal.decided_by, refusal.decided_at = by, at
    refusal.save(update_fields=["is_agreed", "comment", "decided_by", "decided_at"])
    kind = events.REFUSAL_AGREED if is_agreed else events.REFUSAL_NOT_AGREED
    _log(kind, request, by=by, at=at, reason=comment, answer=answer.value)
    if is_agreed:
        _give_answer(request, answer, refusal.words, of=refusal.proposed_by, by=by, at=at)
    _tell(notifications.REFUSAL_DECIDED, request, to=refusal.proposed_by, key=f"refusal-decided:{refusal.pk}", at=at)


def _give_answer(
    request: InformationRequest, answer: RequestAnswer, words: str, *, of: User, by: User, at: datetime
) -> None:
    """`of` answers; `by` does what makes it count."""
    request.answer, request.answer_words = answer, words
    request.answered_at, request.answered_by = at, of
    request.record = answering_record(request)
    request.closed_at = None if answer == RequestAnswer.REFUSE else at
    request.save(
        update_fields=["answer", "answer_words", "answered_at", "answered_by", "record", "closed_at"]
    )  # fmt: skip
    _log(events.REQUEST_ANSWERED, request, by=by, at=at, answer=answer.value)


@transaction.atomic
def record_requester_told(*, request_id: int, telling: Telling, by: User, at: datetime) -> None:
    """R102, field 39: a refused request is closed: the requester was told, with reasons, or telling is unsafe."""
    request = _lock(request_id)
    permissions.check_can_answer_request(by, request)
    if request.answer != RequestAnswer.REFUSE or request.answered_at is None or request.closed_at is not None:
        raise NotNow("Only a refusal that is still open waits for this.")
    problems: dict[str, list[str]] = {}
    if not telling.unsafe_reason.strip():
        if telling.on is None:
            problems["on"] = ["Enter the date."]
        elif telling.on > timezone.localdate(at):
            problems["on"] = ["The date must not be in the future."]
        elif telling.on < timezone.localdate(request.received_at):
            problems["on"] = ["The date must not be before the request came."]
        if telling.how is None:
            problems["how"] = ["Say how they were told."]
        if not telling.reasons.strip():
            problems["reasons"] = ["Write the reasons that you gave."]
    elif telling.on is not None or telling.reasons.strip():
        problems["unsafe_reason"] = ["Say either that they were told or why it is unsafe, not both."]
    if problems:
        raise Unsound("Something is missing.", problems)
    request.unsafe_reason = telling.unsafe_reason
    if not telling.unsafe_reason.strip():
        request.told_on, request.told_how, request.told_reasons = telling.on, telling.how or "", telling.reasons
    request.closed_at = at
    request.save(update_fields=["told_on", "told_how", "told_reasons", "unsafe_reason", "closed_at"])
    _log(events.REQUESTER_TOLD, request, by=by, at=at, is_told=request.told_on is not None)


@transaction.atomic
def name_staff(*, request_id: int, staff_ids: tuple[int, ...], reason: str, by: User, at: datetime) -> None:
    """The request is about these people who work for or with us: it is closed to them from now on (I3, R41), and while
    it is linked to no concern to whoever they manage. Who may answer it now is told, and reads the reason.

    Raises NotAllowed, and Unsound without a reason or where nobody would be left who may answer it.
    """
    request = _lock(request_id)
    permissions.check_can_name_staff(by, request)
    staff = _find_staff(staff_ids, by=by)
    problems: dict[str, list[str]] = {}
    if not staff or len(staff) < len(set(staff_ids)):
        problems["staff"] = [NOT_HERE]
    if not reason.strip():
        problems["staff_reason"] = [WHY_THEM]
    if problems:
        raise Unsound("Something is missing.", problems)
    _name(request, staff, reason=reason, by=by, at=at)
    if not request.answer:
        _tell_deciders(request, at=at)


def _find_staff(ids: tuple[int, ...], *, by: User) -> list[User]:
    """Also people who have left: the request stays closed to them should they come back (I3)."""
    return list(User.objects.filter(pk__in=ids).exclude(pk=by.pk))


def _name(request: InformationRequest, staff: list[User], *, reason: str, by: User, at: datetime) -> None:
    """Where one of them would have answered it, or audits, those who are left are told, so that a wrongful naming is
    seen (R44).
    """
    new = [_name_one(request, person, reason=reason, by=by, at=at) for person in staff]
    if not permissions.is_left_to_somebody(request):
        raise Unsound(NOBODY_LEFT, {"staff": [NOBODY_LEFT]})
    watched = set(holders_of(*DECIDERS, *STAND_INS, Role.AUDITOR))
    told_of = next((naming for naming in new if naming is not None and naming.staff in watched), None)
    if told_of is not None:
        for handler in permissions.handlers_of(request):
            if handler != by:
                key = f"named:{told_of.pk}:{at.isoformat()}"
                _tell(notifications.STAFF_NAMED, request, to=handler, key=key, at=at)


def _name_one(
    request: InformationRequest, person: User, *, reason: str, by: User, at: datetime
) -> NamedStaff | None:  # fmt: skip
    """The naming by `by`, with all that they wrote; None where they wrote the same before."""
    naming, is_new = NamedStaff.objects.get_or_create(
        request=request, staff=person, named_by=by, lifted_at=None, defaults={"named_at": at, "reason": reason}
    )
    if not is_new:
        said = with_more(naming.reason, reason)
        if said == naming.reason:
            return None
        naming.reason = said
        naming.save(update_fields=["reason"])
    _log(events.REQUEST_NAMED, request, by=by, at=at, reason=reason, staff=person.pk)
    return naming


@transaction.atomic
def lift_naming(*, request_id: int, naming: tuple[int, int] | None, reason: str, by: User, at: datetime) -> None:
    """R41: `naming`, of the first person by the second, was a mistake. Once no other naming of the first stands and no
    bar, the request is open to them again, as far as it is their office. Everybody else who handles it is told.

    Raises NotAllowed to whoever was named in it or has no part in it, Unsound to whoever wrote it and without a reason.
    """
    request = _lock(request_id)
    permissions.check_can_lift_naming(by, request)
    staff_id, namer_id = naming or (None, None)
    in_force = namings_shown(request, to=by).filter(lifted_at__isnull=True)
    row = in_force.filter(staff=staff_id, named_by=namer_id).first()
    problems: dict[str, list[str]] = {}
    if row is None:
        problems["naming"] = ["Choose which naming was a mistake."]
    elif row.named_by_id == by.pk:
        problems["naming"] = ["You named them yourself. Somebody else must say that it was a mistake."]
    if not reason.strip():
        problems["reason"] = ["Write why it was a mistake."]
    if problems or row is None:
        raise Unsound("Something is missing.", problems)
    row.lifted_at, row.lifted_by, row.lift_reason = at, by, reason
    row.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
    _log(events.NAMING_LIFTED, request, by=by, at=at, reason=reason, staff=row.staff_id)
    for handler in permissions.handlers_of(request):
        if handler not in (by, row.staff):
            _tell(notifications.NAMING_LIFTED, request, to=handler, key=f"naming-lifted:{row.pk}", at=at)
    if not request.answer and row.staff in permissions.deciders_of(request):
        _tell(notifications.REQUEST_RECEIVED, request, to=row.staff, key=f"request-again:{row.pk}", at=at)


@transaction.atomic
def record_request_view(*, request: InformationRequest, by: User, at: datetime) -> None:
    """`by` opened a request."""
    _log(events.REQUEST_VIEWED, request, by=by, at=at)


@transaction.atomic
def record_requests_view(*, by: User, at: datetime) -> None:
    """`by` looked through the list of requests."""
    record_event(events.REQUESTS_LISTED, by=by, at=at)


def sweep_requests(*, at: datetime) -> int:
    """T15: overdue level 1 at the limit, 2 at one and a half times, 3 at twice; each told once. Safe to repeat."""
    late = InformationRequest.objects.still_open().filter(due_at__lte=at, level__lt=3)
    return each(late.values_list("pk", flat=True), lambda request_id: _raise_level(request_id, at=at))


@transaction.atomic
def _raise_level(request_id: int, *, at: datetime) -> bool:
    """Who answers it and who logged it hear of level 1; from level 2 every lead too. Only those who may read it."""
    request = _lock(request_id)
    level = clocks.overdue_level(
        started_at=request.received_at, due_at=request.due_at, at=at,
        in_working_time=is_in_working_time(request.kind, is_emergency=request.is_emergency),
    )  # fmt: skip
    if request.closed_at is not None or level <= request.level:
        return False
    request.level = level
    request.save(update_fields=["level"])
    _log(events.REQUEST_OVERDUE, request, by=None, at=at, level=level)
    told = {user.pk: user for user in [*permissions.deciders_of(request), request.logged_by]}
    if level >= 2:
        leads = holders_of(Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD, Role.OPERATIONAL_LEAD, Role.IG_LEAD)
        told |= {user.pk: user for user in leads}
    for user in told.values():
        _tell(notifications.REQUEST_OVERDUE, request, to=user, key=f"request-late:{request.pk}:{level}", at=at)
    return True


def _lock(request_id: int) -> InformationRequest:
    requests = InformationRequest.objects.select_for_update(of=("self",))
    return requests.select_related("concern", "logged_by", "verified_by").get(pk=request_id)


def _find_concern(ref: str, *, by: User, at: datetime) -> Concern | None:
    return Concern.objects.workable_by(by, at=at).filter(ref=ref.strip().upper()).first()


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdecimal())


def _log(
    kind: EventKind, request: InformationRequest, *, by: User | None, at: datetime, reason: str = "",
    keeps: Sequence[Model] = (), **data: str | int | bool | None,
) -> None:  # fmt: skip
    record_event(
        kind,
        by=by,
        at=at,
        subject=request,
        concern_id=request.concern_id,
        ref=request.ref,
        reason=reason,
        keeps=keeps,
        **data,
    )


def _tell_deciders(request: InformationRequest, *, at: datetime) -> None:
    """Whoever may answer it hears of it, each once."""
    for decider in permissions.deciders_of(request):
        _tell(notifications.REQUEST_RECEIVED, request, to=decider, key=f"request:{request.pk}", at=at)


def _tell(kind: MessageKind, request: InformationRequest, *, to: User, key: str, at: datetime) -> None:
    """A reference and a link, to somebody who may read the request; asked again at delivery."""
    if InformationRequest.objects.visible_to(to).filter(pk=request.pk).exists():
        queue(
            kind, to=to.pk, about=request.pk, reference=request.ref, path=request.get_absolute_url(),
            key=f"{key}:{to.pk}", at=at,
        )  # fmt: skip
