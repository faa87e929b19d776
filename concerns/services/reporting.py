"""What the person who reported a concern can do afterwards, and what they are told (R42, R101)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from accounts.selectors import absent_at, champions, champions_of, holders_of
from accounts.vocabulary import Role
from audit.models import Event
from concerns import clocks, events, notifications, permissions
from concerns.models import Assignment, Attachment, Concern, Conflict, Dissatisfaction, Feedback, Note
from concerns.selectors.limits import limits_in_force
from concerns.selectors.two_people import survivor_of
from concerns.services.base import lock, log, save, tell
from concerns.services.clocks import drop_clock, meet_clock, start_clock
from concerns.services.closing import open_again
from concerns.services.files import Incoming, attach, kept_of
from concerns.services.working import write_note
from concerns.vocabulary import ClockKind, FileSort, NoteKind, State
from safeguarding.kit.errors import NotNow, Unsound


@transaction.atomic
def add_to_report(*, concern_id: int, text: str, form_key: str, by: User, at: datetime) -> Note:
    """The reporter adds to what they said; whoever holds the concern is told. Works in every state.

    What is added to a concern that was joined to another stands on that one's page too, and its holder is told (t20).
    """
    concern = lock(concern_id)
    permissions.check_can_add_to_report(by, concern)
    note = write_note(concern, text=text, form_key=form_key, by=by, at=at, kind=NoteKind.ADDED)
    tell_of_news(concern, key=f"added:{note.pk}", at=at)
    return note


def add_files_to_report(
    *, concern_id: int, files: Sequence[Incoming], description: str, by: User, at: datetime
) -> list[Attachment]:
    """The reporter adds files to their report, in every state; whoever holds it is told. Raises as `add_files`."""
    with kept_of(files) as kept, transaction.atomic():
        concern = lock(concern_id)
        permissions.check_can_add_to_report(by, concern)
        made = attach(concern, kept, sort=FileSort.OTHER, description=description, by=by, at=at)
        if made:
            tell_of_news(concern, key=f"file:{made[0].pk}", at=at)
        return made


def tell_of_news(concern: Concern, *, key: str, at: datetime) -> None:
    """Whoever answers for the concern now hears that there is more: its holder, or that of the concern which it was
    joined to; once it has ended, the leads.
    """
    survivor = survivor_of(concern)
    told = [survivor.responsible_id] if survivor.responsible_id is not None else [
        lead.pk for lead in holders_of(Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD)
    ]  # fmt: skip
    for user_id in told:
        tell(notifications.REPORT_ADDED_TO, survivor, to=user_id, key=f"{key}:{user_id}", at=at)


@transaction.atomic
def say_not_satisfied(*, concern_id: int, words: str, by: User, at: datetime) -> Dissatisfaction:
    """R42: somebody not involved so far looks at it afresh and answers within T13; the original work goes on.

    Open at any time and in any state, also closed. Never the person who held it, never anyone in conflict. A second
    time, while the first is unanswered, changes nothing; after an answer it goes up to a senior manager.
    """
    concern = lock(concern_id)
    permissions.check_can_say_not_satisfied(by, concern)
    waiting = Dissatisfaction.objects.filter(concern=concern, answered_at__isnull=True).first()
    if waiting is not None:
        return waiting
    if not words.strip():
        raise Unsound("Say what is wrong.", {"words": ["Say what you are not satisfied with, in your own words."]})
    was_answered = Dissatisfaction.objects.filter(concern=concern).exists()
    reviewer = _fresh_reviewer(concern, is_senior=was_answered, at=at)
    row = Dissatisfaction.objects.create(
        concern=concern, by=by, at=at, words=words, reviewer=reviewer, is_with_senior=was_answered
    )
    save(concern)
    log(events.NOT_SATISFIED, concern, by=by, at=at, senior=was_answered)
    _ask(row, concern, at=at)
    return row


def pass_up_dissatisfaction(concern: Concern, *, at: datetime) -> bool:
    """T13: the locked concern's reporter had no answer in time, so a senior manager is asked; once.

    False when that has happened already, or nothing is unanswered. The missed limit stays on record as dropped.
    """
    row = Dissatisfaction.objects.filter(concern=concern, answered_at__isnull=True, is_with_senior=False).first()
    if row is None:
        return False
    row.reviewer, row.is_with_senior = _fresh_reviewer(concern, is_senior=True, at=at), True
    row.save(update_fields=["reviewer", "is_with_senior"])
    log(events.NOT_SATISFIED_PASSED_UP, concern, by=None, at=at, reviewer=row.reviewer_id)
    drop_clock(concern, ClockKind.DISSATISFACTION, at=at)
    _ask(row, concern, at=at)
    return True


def without_reviewer(*, at: datetime) -> list[int]:
    """Ids of the concerns whose reporter waits for an answer from somebody who is gone, away or shut out since."""
    denied = Conflict.objects.filter(concern=OuterRef("concern"), staff=OuterRef("reviewer"), lifted_at__isnull=True)
    lost = Q(reviewer__is_active=False) | Q(reviewer__in=absent_at(at)) | Q(Exists(denied))
    rows = Dissatisfaction.objects.filter(lost, answered_at__isnull=True)
    return sorted(rows.values_list("concern_id", flat=True))


def replace_reviewer(concern: Concern, *, at: datetime) -> bool:
    """Somebody else looks at it afresh, in the time that is left. False when nobody better can be found."""
    row = Dissatisfaction.objects.filter(concern=concern, answered_at__isnull=True).first()
    if row is None:
        return False
    try:
        reviewer = _fresh_reviewer(concern, is_senior=row.is_with_senior, at=at)
    except NotNow:
        return False
    if reviewer.pk in absent_at(at, [reviewer.pk]) or reviewer.pk == row.reviewer_id:
        return False
    row.reviewer = reviewer
    row.save(update_fields=["reviewer"])
    log(events.REVIEWER_CHANGED, concern, by=None, at=at, reviewer=reviewer.pk)
    _ask(row, concern, at=at)
    return True


def _ask(row: Dissatisfaction, concern: Concern, *, at: datetime) -> None:
    due = clocks.answer_reporter_by(limits_in_force(), at, is_with_senior=row.is_with_senior)
    start_clock(concern, ClockKind.DISSATISFACTION, due_at=due, at=at)
    key = f"not-satisfied:{row.pk}:{row.reviewer_id}"
    tell(notifications.NOT_SATISFIED, concern, to=row.reviewer_id, key=key, at=at, about=row.pk)


def _fresh_reviewer(concern: Concern, *, is_senior: bool, at: datetime) -> User:
    """Who never held this concern, had no part in it before, is at work and not in conflict.

    A champion or lead at first; with `is_senior` the designated senior manager or the chief executive. When nobody
    fresh is left: somebody away, then somebody who had a part in it, but never whoever held it (R42). What was entered
    in error is for leads alone (domain.md 2.1).
    """
    held = set(Assignment.objects.filter(concern=concern).values_list("holder_id", flat=True))
    involved = set(Dissatisfaction.objects.filter(concern=concern).values_list("reviewer_id", flat=True))
    seconded = Event.objects.filter(concern_id=concern.pk, code__in=[kind.code for kind in events.SECOND_VIEWS])
    involved |= {actor for actor in seconded.values_list("actor_id", flat=True) if actor is not None}
    kept_out = permissions.denied_ids(concern) | permissions.ineligible_ids(concern)
    is_for_leads = concern.state == State.VOID
    area_champions = [] if concern.is_restricted or is_for_leads else list(champions_of(concern.service_area_id))
    first = [
        *area_champions,
        *holders_of(Role.SAFEGUARDING_LEAD),
        *holders_of(Role.DEPUTY_LEAD, Role.OPERATIONAL_LEAD),
    ]
    seniors = [] if is_for_leads else [*holders_of(Role.DESIGNATED_SENIOR_MANAGER), *holders_of(Role.CHIEF_EXECUTIVE)]
    upwards = [*seniors, *first] if is_senior else [*first, *seniors]
    upwards += [] if is_for_leads else champions()
    away = absent_at(at)
    free = [user for user in upwards if user.pk not in kept_out | held]
    fresh = [user for user in free if user.pk not in involved]
    here = [user for user in fresh if user.pk not in away]
    for user in here or fresh or free:
        return user
    raise NotNow("Nobody inside can look at this. Go straight to the statutory agency or the police.")


@transaction.atomic
def answer_dissatisfaction(*, concern_id: int, is_upheld: bool, answer: str, by: User, at: datetime) -> Dissatisfaction:
    """The reviewer answers the reporter. Upheld after it was closed (t19), or marked as an error (t21 undone), the
    concern is open again.
    """
    concern = lock(concern_id)
    row = (
        Dissatisfaction.objects.select_for_update(of=("self",))
        .filter(concern=concern, answered_at__isnull=True)
        .first()
    )
    if row is None:
        raise NotNow("There is nothing to answer.")
    permissions.check_can_answer_dissatisfaction(by, concern, reviewer_id=row.reviewer_id)
    if not answer.strip():
        raise Unsound("Write an answer.", {"answer": ["Write what the person who reported it will read."]})
    row.is_upheld, row.answer, row.answered_by, row.answered_at = is_upheld, answer, by, at
    row.save(update_fields=["is_upheld", "answer", "answered_by", "answered_at"])
    save(concern)
    log(events.DISSATISFACTION_ANSWERED, concern, by=by, at=at, upheld=is_upheld)
    meet_clock(concern, ClockKind.DISSATISFACTION, at=at)
    story = survivor_of(concern)
    if story.pk != concern.pk:
        story = lock(story.pk)
    if is_upheld and story.state in (State.CLOSED, State.VOID):
        open_again(story, reason=answer, by=by, at=at, was_inadequate=True)
    tell(
        notifications.REPORTER_TOLD,
        concern,
        to=concern.reporter_id,
        key=f"answered:{row.pk}",
        at=at,
        is_reporter=True,
    )
    return row


@transaction.atomic
def give_feedback(*, concern_id: int, text: str, by: User, at: datetime) -> Feedback:
    """Words for the reporter to read on their receipt; they are told by mail that there is news (R101, T12)."""
    concern = lock(concern_id)
    permissions.check_is_holder(by, concern)
    if not text.strip():
        raise Unsound("Write something first.", {"text": ["Write what the person who reported it should know."]})
    row = Feedback.objects.create(concern=concern, text=text, by=by, at=at)
    save(concern)
    log(events.FEEDBACK_GIVEN, concern, by=by, at=at)
    meet_clock(concern, ClockKind.TELL_REPORTER, at=at)
    tell(
        notifications.REPORTER_TOLD,
        concern,
        to=concern.reporter_id,
        key=f"feedback:{row.pk}",
        at=at,
        is_reporter=True,
    )
    return row
