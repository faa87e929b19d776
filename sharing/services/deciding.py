"""Writing a decision, page by page: nothing typed is lost, and the second of two writers is told what
changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.selectors import holders_of
from accounts.vocabulary import Role
from concerns.models import Concern
from concerns.references import new_reference
from concerns.selectors.names import hidden_reporters, named, protected_reporters
from concerns.selectors.written import HIDDEN_REPORTER
from concerns.services.base import lock
from concerns.vocabulary import State, Urgency
from concerns.workflow import DECISIONS_OPEN
from safeguarding.kit.errors import ChangedMeanwhile, NotNow, Unsound
from safeguarding.kit.sweeping import each
from sharing import events, notifications, paths, permissions
from sharing.answers import Person, Recipient, Start
from sharing.models import Agency, Decision, InformationRequest, SignedRecord
from sharing.record import Record, from_json, to_json
from sharing.rules.base import URGENT_DRAFT_LIMIT
from sharing.selectors import people_of, told_already
from sharing.services.base import log, path_of_concern, tell
from sharing.vocabulary import STATUTORY, DecisionStatus, SupersessionReason, Trigger

MOST_ROWS = 200
_REPLACEABLE = (DecisionStatus.SIGNED, DecisionStatus.AWAITING_SECOND, DecisionStatus.NOT_AGREED)


def check_is_open_for_decisions(concern: Concern) -> None:
    """Raises NotNow in a state in which nothing may be decided."""
    if concern.state not in DECISIONS_OPEN:
        raise NotNow(f"No decision can be made now: the concern is “{State(concern.state).label.lower()}”.")


@transaction.atomic
def start_decision(*, concern_id: int, by: User, at: datetime, answering: InformationRequest | None = None) -> Decision:
    """A first version, with everybody at risk put in already. A draft that is open is gone on with instead.

    `answering` is the request that it decides about (field 4). Raises NotNow when an open draft is about something
    else.
    """
    concern = lock(concern_id)
    permissions.check_can_decide(by, concern)
    check_is_open_for_decisions(concern)
    draft = Decision.objects.filter(concern=concern, status=DecisionStatus.DRAFT, supersedes__isnull=True).first()
    if draft is not None and answering is not None and draft.request_id != answering.pk:
        raise NotNow("Another decision is being written for this concern. Sign it or withdraw it first.")
    if draft is not None:
        return draft
    people = tuple(Person(key=person.key) for person in people_of(concern) if person.is_at_risk)
    decision = Decision.objects.create(
        ref=new_reference("ISD"),
        concern=concern,
        answers=to_json(Record(people=people, start=_start_of(answering, told_already(concern)))),
        request=answering,
        author=by,
        opened_at=at,
        saved_at=at,
    )
    log(events.DECISION_STARTED, concern, by=by, at=at, subject=decision, ref=decision.ref, version=1)
    return decision


def _start_of(request: InformationRequest | None, told_at: datetime | None = None) -> Start:
    """Fields 3 and 4 as the request has them, or as an emergency has made them (R38)."""
    if request is None and told_at is not None:
        return Start(trigger=Trigger.EMERGENCY.value, shared_at=told_at)
    if request is None:
        return Start()
    verified = ""
    if request.verified_at is not None and request.verified_by is not None:
        checked = timezone.localtime(request.verified_at)
        # What is signed goes to everybody who reads it: it names no protected reporter (R43).
        hidden = protected_reporters(request.concern) if request.concern is not None else frozenset[int]()
        by = "" if request.verified_by_id in hidden else f" by {request.verified_by.full_name}"
        verified = (
            f"Request {request.ref}. Called back on {request.verified_number}{by}, "
            f"{checked.day} {checked:%B %Y}. {request.verified_how}"
        )
    return Start(
        trigger=Trigger.REQUEST.value,
        request=request.ref,
        request_kind=request.kind,
        request_from=request.requester,
        request_on=timezone.localtime(request.received_at).date(),
        request_verified=verified,
    )


@transaction.atomic
def start_new_version(*, record_id: int, reason: SupersessionReason, words: str, by: User, at: datetime) -> Decision:
    """A draft that will replace a signed decision, beginning with its answers (3.3); it answers the same request.

    Raises ChangedMeanwhile when somebody has begun one already: the chain is linear.
    """
    old = SignedRecord.objects.select_related("decision").get(pk=record_id)
    concern = lock(old.concern_id)
    permissions.check_can_decide(by, concern)
    check_is_open_for_decisions(concern)
    if not words.strip():
        raise Unsound("Say why it is decided again.", {"words": ["Say why it is decided again."]})
    taken = (
        Decision.objects.filter(supersedes=old.decision_id)
        .exclude(status=DecisionStatus.WITHDRAWN)
        .select_related("author")
        .first()
    )
    if taken is not None:
        raise ChangedMeanwhile(
            f"{named(taken.author, hidden_reporters(concern, by))} has already begun version {taken.version} of this "
            "decision. Go on with that one."
        )
    if old.decision.status not in _REPLACEABLE:
        raise NotNow("Only the newest version of a decision can be replaced.")
    record = _without_assessments(from_json(old.document["record"]))
    if old.decision.request_id is None or record.start.trigger != Trigger.REQUEST:
        record = paths.put(record, "start.trigger", Trigger.REVIEW.value)
    decision = Decision.objects.create(
        ref=old.ref,
        version=old.version + 1,
        concern=concern,
        supersedes=old.decision,
        change_reason=reason,
        change_words=words,
        request=old.decision.request,
        answers=to_json(record),
        author=by,
        opened_at=at,
        saved_at=at,
    )
    log(events.DECISION_STARTED, concern, by=by, at=at, subject=decision, ref=decision.ref, version=decision.version)
    return decision


def _without_assessments(record: Record) -> Record:
    """Capacity was assessed for the decision before (R112): its words stay to begin with, and are recorded afresh."""
    people = tuple(
        replace(
            person,
            capacity=replace(
                person.capacity,
                for_this_decision="", assessed_on=None, ref="", recorded_by="", recorded_at=None, corrects="",
            ),
        )
        for person in record.people
    )  # fmt: skip
    return replace(record, people=people)


def lock_draft(decision_id: int, *, by: User) -> Decision:
    """The draft, locked with its concern.

    Raises NotAllowed for anybody but the holder, NotNow once it is signed.
    """
    concern_id = Decision.objects.values_list("concern_id", flat=True).get(pk=decision_id)
    concern = lock(concern_id)
    decision = Decision.objects.select_for_update(of=("self",)).select_related("supersedes").get(pk=decision_id)
    decision.concern = concern
    check_is_draft_of(decision, by=by)
    return decision


def check_is_draft_of(decision: Decision, *, by: User) -> None:
    """VR22. Raises NotAllowed for anybody but the holder, NotNow once it is signed."""
    permissions.check_can_decide(by, decision.concern)
    if decision.status != DecisionStatus.DRAFT:
        raise NotNow("This decision is no longer a draft. Open it to see what was signed.")


@transaction.atomic
def save_page(
    *,
    decision_id: int,
    page: str,
    answers: Mapping[str, Any],
    typed: Mapping[str, list[str]] | None,
    seen_edit: int,
    by: User,
    at: datetime,
) -> Decision:
    """Keep one page as it was left: `answers` are those that were understood, `typed` all of it when some was
    not.

    Raises ChangedMeanwhile when somebody else saved this page after `seen_edit`, and RowsMoved when a row of the list
    was removed since, so that the number means another row or none; nothing is overwritten then.
    """
    decision = lock_draft(decision_id, by=by)
    _check_rows_stand(decision, page, seen_edit=seen_edit)
    _check_page_unchanged(decision, page, seen_edit=seen_edit, by=by)
    record = decision.record
    for path, answer in answers.items():
        try:
            record = paths.put(record, path, answer)
        except LookupError:
            raise RowsMoved from None
    _keep(decision, page, record, typed=typed, by=by, at=at)
    return decision


@transaction.atomic
def choose_people(
    *, decision_id: int, keys: list[str], seen_edit: int, by: User, at: datetime, left_out: str = ""
) -> Decision:
    """Whom the decision is about; `left_out` says why a child at risk is not (R22).

    What was answered about somebody who stays is kept; others come in unanswered.
    """
    decision = lock_draft(decision_id, by=by)
    _check_page_unchanged(decision, "people", seen_edit=seen_edit, by=by)
    record = decision.record
    known = {person.key for person in people_of(decision.concern)}
    people = tuple(record.person(key) or Person(key=key) for key in keys if key in known)
    _keep(decision, "people", replace(record, people=people, left_out=left_out), typed=None, by=by, at=at)
    return decision


@transaction.atomic
def add_row(
    *, decision_id: int, rows: str, row: Any, typed: Mapping[str, list[str]] | None, by: User, at: datetime
) -> tuple[Decision, int]:
    """One more row at the end of a list; hands out its number. `typed` keeps what was not understood.

    The same row sent twice is one row.
    """
    decision = lock_draft(decision_id, by=by)
    record = decision.record
    listed = paths.get(record, rows)
    number = len(listed)
    if listed and listed[-1] == row:
        return decision, number - 1
    if number >= MOST_ROWS:
        raise Unsound(f"This list can hold {MOST_ROWS} rows.", {"": [f"This list can hold {MOST_ROWS} rows."]})
    _keep(decision, f"{rows}.{number}", paths.add(record, rows, row), typed=typed, by=by, at=at)
    return decision, number


@transaction.atomic
def remove_row(*, decision_id: int, rows: str, number: int, seen_edit: int, by: User, at: datetime) -> Decision:
    """Take a row out of a list. Those after it move up, with what was typed on them and who changed them.

    Raises ChangedMeanwhile when the draft was changed meanwhile.
    """
    decision = lock_draft(decision_id, by=by)
    if decision.edit != seen_edit:
        raise ChangedMeanwhile("The list was changed after you opened it. Look at it again before you remove a row.")
    try:
        record = paths.remove(decision.record, rows, number)
    except LookupError:
        raise ChangedMeanwhile("This row is not there any more.") from None
    decision.typed = _moved_up(decision.typed, rows, number)
    decision.pages = _moved_up(decision.pages, rows, number)
    _keep(decision, rows, record, typed=None, by=by, at=at)
    return decision


def _moved_up(kept: Mapping[str, Any], rows: str, removed: int) -> dict[str, Any]:
    """What is kept by page, with the rows after `removed` one place up."""
    found = {}
    for slug, value in kept.items():
        head, number = _as_row(slug)
        if head != rows or number < removed:
            found[slug] = value
        elif number > removed:
            found[f"{rows}.{number - 1}"] = value
    return found


def _as_row(slug: str) -> tuple[str, int]:
    """The list of a row's page and the number of the row; ("", 0) for another page."""
    head, _, tail = slug.rpartition(".")
    return (head, int(tail)) if tail.isascii() and tail.isdecimal() else ("", 0)


@transaction.atomic
def withdraw_draft(*, decision_id: int, reason: str, by: User, at: datetime) -> Decision:
    """Give up a draft before anything was shared. It stays in the database and is shown nowhere."""
    decision = lock_draft(decision_id, by=by)
    if not reason.strip():
        raise Unsound("Give a reason.", {"reason": ["Say why the draft is withdrawn."]})
    decision.status = DecisionStatus.WITHDRAWN
    decision.saved_at = at
    decision.save(update_fields=["status", "saved_at"])
    log(
        events.DECISION_WITHDRAWN,
        decision.concern,
        by=by,
        at=at,
        subject=decision,
        ref=decision.ref,
        reason=reason,
        version=decision.version,
    )
    return decision


class RowsMoved(ChangedMeanwhile):
    """The rows of a list were numbered anew, so what was sent may belong to another row."""

    def __init__(self) -> None:
        super().__init__(
            "A row was removed from this list after you opened this page, so it may be about another row now. Nothing"
            " was changed. Your words are still here. Look at the list first. If your row is not there, save this as"
            " a new row."
        )


def _check_rows_stand(decision: Decision, page: str, *, seen_edit: int) -> None:
    """Also for who removed it: a page that was opened before names its row by a number that another one bears now."""
    rows, _ = _as_row(page)
    removed = decision.pages.get(rows)
    if removed is not None and removed["edit"] > seen_edit:
        raise RowsMoved


def _check_page_unchanged(decision: Decision, page: str, *, seen_edit: int, by: User) -> None:
    last = decision.pages.get(page)
    if last is None or last["edit"] <= seen_edit or last["by"] == by.pk:
        return
    when = timezone.localtime(datetime.fromisoformat(last["at"]))
    who = HIDDEN_REPORTER if last["by"] in hidden_reporters(decision.concern, by) else last["name"]
    raise ChangedMeanwhile(
        f"{who} changed this page at {when:%H:%M}, after you opened it. Your words are still here. "
        "Read theirs below, then save again."
    )


def _keep(
    decision: Decision, page: str, record: Record, *, typed: Mapping[str, list[str]] | None, by: User, at: datetime
) -> None:
    record = _tie_request(decision, record, by=by)
    decision.answers = to_json(_as_the_directory_says(record))
    decision.typed = {slug: kept for slug, kept in decision.typed.items() if slug != page}
    if typed is not None:
        decision.typed[page] = dict(typed)
    decision.edit += 1
    decision.pages[page] = {"edit": decision.edit, "by": by.pk, "name": by.full_name, "at": at.isoformat()}
    decision.saved_at = at
    decision.save(update_fields=["answers", "typed", "pages", "edit", "saved_at", "request"])
    log(
        events.DECISION_SAVED,
        decision.concern,
        by=by,
        at=at,
        subject=decision,
        ref=decision.ref,
        page=page,
        version=decision.version,
    )


def _tie_request(decision: Decision, record: Record, *, by: User) -> Record:
    """Field 4: the decision is linked to the request that its first page names, and says what that request says.

    A later version of a decision stays linked to the request of the first.
    """
    start = record.start
    before = decision.supersedes.request if decision.supersedes is not None else None
    found = before
    if start.trigger == Trigger.REQUEST and start.request and (before is None or start.request != before.ref):
        linked = InformationRequest.objects.visible_to(by).filter(concern=decision.concern_id)
        found = linked.select_related("verified_by").filter(ref=start.request).first()
    decision.request = found
    told = _start_of(found) if found is not None else Start()
    return replace(
        record,
        start=replace(
            start, request=told.request if found else start.request, request_kind=told.request_kind,
            request_from=told.request_from, request_on=told.request_on, request_verified=told.request_verified,
        ),
    )  # fmt: skip


def _as_the_directory_says(record: Record) -> Record:
    """Recipients that are in the directory bear its name and kind; a contact checked there counts as checked."""
    keys = [recipient.key for recipient in record.recipients if recipient.key]
    known = {agency.ref: agency for agency in Agency.objects.filter(ref__in=keys)} if keys else {}
    return replace(record, recipients=tuple(_known(each, known.get(each.key)) for each in record.recipients))


def _known(recipient: Recipient, agency: Agency | None) -> Recipient:
    if agency is None:
        return replace(recipient, key="", is_statutory=recipient.kind in STATUTORY)
    recipient = replace(recipient, organisation=str(agency), kind=agency.kind, is_statutory=agency.is_statutory)
    if recipient.verified or agency.verified_on is None:
        return recipient
    return replace(recipient, verified="yes", verified_how=agency.verified_how, verified_on=agency.verified_on)


def sweep_old_drafts(*, at: datetime) -> int:
    """VR24: of a draft older than 24 hours in an urgent concern its holder and the leads who may look at it are told,
    once for each draft. Safe to repeat.
    """
    old = Decision.objects.filter(
        status=DecisionStatus.DRAFT, opened_at__lt=at - URGENT_DRAFT_LIMIT, concern__state__in=DECISIONS_OPEN,
        concern__urgency__in=[Urgency.EMERGENCY, Urgency.URGENT],
    )  # fmt: skip
    return each(old.select_related("concern", "concern__responsible"), lambda draft: _tell_of_old_draft(draft, at=at))


@transaction.atomic
def _tell_of_old_draft(draft: Decision, *, at: datetime) -> int:
    concern = draft.concern
    leads = holders_of(Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD)
    people = {lead.pk for lead in leads if permissions.is_fit_lead(lead, concern)}
    people |= {concern.responsible_id} if concern.responsible_id is not None else set()
    for user_id in sorted(people):
        tell(
            notifications.DRAFT_OLD, to=user_id, about=draft.pk, reference=concern.ref,
            path=path_of_concern(concern), key=f"old-draft:{draft.pk}:{user_id}", at=at,
        )  # fmt: skip
    return len(people)
