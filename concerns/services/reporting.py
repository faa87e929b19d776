"""What the person who reported a concern can do afterwards, and what they are told (R42, R101)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.selectors import holders_of
from accounts.vocabulary import Role
from concerns import events, notifications, permissions
from concerns.models import Attachment, Concern, Dissatisfaction, Feedback, Note
from concerns.selectors.two_people import survivor_of
from concerns.services.base import check_seen, lock, lock_with_survivor, log, save, tell
from concerns.services.clocks import meet_clock
from concerns.services.closing import open_again
from concerns.services.files import Incoming, attach, kept_of
from concerns.services.reviewing import ask_reviewer, fresh_reviewer
from concerns.services.working import write_note
from concerns.vocabulary import ClockKind, FileSort, NoteKind, State
from safeguarding.kit.errors import NotNow, Unsound
from safeguarding.kit.words import with_more


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

    Open at any time and in any state, also closed. Never the person who held it, never anyone in conflict. What is said
    while the first words are unanswered is added to them, and whoever looks at it is told; the same words again change
    nothing. After an answer it goes up to a senior manager.
    """
    concern = lock(concern_id)
    permissions.check_can_say_not_satisfied(by, concern)
    waiting = Dissatisfaction.objects.filter(concern=concern, answered_at__isnull=True).first()
    if waiting is not None:
        return _say_more(waiting, concern, words=words.strip(), by=by, at=at)
    if not words.strip():
        raise Unsound("Say what is wrong.", {"words": ["Say what you are not satisfied with, in your own words."]})
    was_answered = Dissatisfaction.objects.filter(concern=concern).exists()
    reviewer = fresh_reviewer(concern, is_senior=was_answered, at=at)
    row = Dissatisfaction.objects.create(
        concern=concern, by=by, at=at, words=words.strip(), reviewer=reviewer, is_with_senior=was_answered
    )
    save(concern)
    log(events.NOT_SATISFIED, concern, by=by, at=at, keeps=(row,), senior=was_answered)
    ask_reviewer(row, concern, at=at)
    return row


def _say_more(waiting: Dissatisfaction, concern: Concern, *, words: str, by: User, at: datetime) -> Dissatisfaction:
    said = with_more(waiting.words, words)
    if said == waiting.words:
        return waiting
    waiting.words = said
    waiting.save(update_fields=["words"])
    save(concern)  # whoever is writing the answer reads this first
    log(events.NOT_SATISFIED, concern, by=by, at=at, keeps=(waiting,), senior=waiting.is_with_senior)
    key = f"not-satisfied-more:{waiting.pk}:{at.isoformat()}"
    tell(notifications.NOT_SATISFIED, concern, to=waiting.reviewer_id, key=key, at=at, about=waiting.pk)
    return waiting


@transaction.atomic
def answer_dissatisfaction(
    *, concern_id: int, is_upheld: bool, answer: str, by: User, at: datetime, seen_version: int | None = None
) -> Dissatisfaction:
    """The reviewer answers the reporter. Upheld after it was closed (t19), or marked as an error (t21 undone), the
    concern is open again.
    """
    concern, story = lock_with_survivor(concern_id)
    check_seen(concern, seen_version)
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
    log(events.DISSATISFACTION_ANSWERED, concern, by=by, at=at, keeps=(row,), upheld=is_upheld)
    meet_clock(concern, ClockKind.DISSATISFACTION, at=at)
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
    log(events.FEEDBACK_GIVEN, concern, by=by, at=at, keeps=(row,))
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
