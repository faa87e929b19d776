"""Telling people what was shared about them, as long as that is safe (R73, R99; 001 §5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from django.utils import timezone

from accounts.models import User
from concerns import clocks
from concerns.models import Concern
from concerns.models import Person as PersonRow
from concerns.selectors.limits import limits_in_force
from concerns.services import drop_clock, meet_clock, start_clock
from concerns.vocabulary import ClockKind
from sharing import events
from sharing.answers import Person
from sharing.models import Disclosure, FollowUp, FollowUpQuerySet, SignedRecord, Telling
from sharing.record import Record
from sharing.selectors import still_to_tell
from sharing.services.base import log
from sharing.telling import Told, by_silence, to_ask
from sharing.vocabulary import ToldAfter


def record_tellings(
    disclosure: Disclosure,
    record: Record,
    told: Mapping[str, Told],
    *,
    signed: SignedRecord,
    concern: Concern,
    by: User,
    at: datetime,
) -> list[Telling]:
    """Of everybody the information is about: told, not safe to tell, or a dated task to tell them.

    `told` is by the key of the person. Silence ends no task: who is still to be told stays so, for anybody else see
    `by_silence`. Called with the concern locked.
    """
    # What is written down late still leaves a day: nobody is late for a task that did not exist.
    due = timezone.localdate(max(at, clocks.receipt_check_by(limits_in_force(), disclosure.shared_at)))
    rows = PersonRow.objects.in_bulk([each.key for each in to_ask(record)], field_name="ref")
    promised = still_to_tell(signed)
    made: list[Telling] = []
    for person in record.people:
        row = rows.get(person.key)
        given = told.get(person.key)
        if given is not None and given.answer:
            answer: Told | None = given
        elif person.key in promised:
            answer = Told(ToldAfter.LATER, promised[person.key])
        else:
            answer = by_silence(person, due=due)
        if row is None or answer is None:
            continue
        if given is not None and not given.answer and given.words.strip():
            answer = replace(answer, words=given.words)  # what was written beside an open answer is kept as it is
        telling = Telling.objects.create(
            disclosure=disclosure, person=row, answer=answer.answer,
            on=None if answer.answer == ToldAfter.UNSAFE else answer.on or due, words=answer.words, recorded_by=by,
            recorded_at=at,
        )  # fmt: skip
        log(
            events.PERSON_TOLD, concern, by=by, at=at, subject=disclosure, ref=disclosure.referral.ref,
            keeps=(telling,), person=row.ref, answer=telling.answer,
        )  # fmt: skip
        made.append(telling)
        if telling.answer == ToldAfter.LATER:
            promise_to_tell(signed, row, _words(person), on=telling.on or due, concern=concern, at=at)
        else:
            _finish_tasks(signed, telling, concern=concern, by=by, at=at)
    return made


def _words(person: Person) -> str:
    return f"Tell {person.name} what was shared and with whom, as long as that is safe."


def promise_to_tell(
    signed: SignedRecord, person: PersonRow, words: str, *, on: date, concern: Concern, at: datetime
) -> FollowUp:
    """One dated task for each person; one that is open already stands, with the earlier of the two dates (I12), also
    where a later version has taken it over.
    """
    task = FollowUp.objects.tellings_of(signed).filter(person=person).first()
    if task is None:
        task = FollowUp.objects.create(record=signed, is_telling=True, person=person, words=words, due_date=on)
    elif task.due_date is None or on < task.due_date:
        task.due_date = on
        task.save(update_fields=["due_date"])
    start_clock(concern, ClockKind.TELL_PERSON, due_at=clocks.end_of(on), at=at, about=task.clock_name)
    return task


def take_over(before: FollowUpQuerySet, task: FollowUp, *, concern: Concern, by: User, at: datetime) -> None:
    """`task` stands for what the version before promised; what was still owed there stays owed, by the earlier of the
    two dates (I12). Called with the concern locked.
    """
    owed = set(before.open().values_list("pk", flat=True))
    for older in before:
        drop_clock(concern, ClockKind.TELL_PERSON, at=at, about=older.clock_name)
        older.done_at, older.done_by, older.taken_over_by = at, by, task
        older.done_words = f"Taken over by version {task.record.version}."
        older.save(update_fields=["done_at", "done_by", "done_words", "taken_over_by"])
        log(events.FOLLOW_UP_TAKEN_OVER, concern, by=by, at=at, subject=older, ref=older.record.ref, follow_up=older.pk)
        if older.pk in owed:
            task.is_carried_on = True
            task.due_date = min(filter(None, (task.due_date, older.due_date)), default=None)
    task.save(update_fields=["is_carried_on", "due_date"])
    if task.due_date is not None:
        start_clock(concern, ClockKind.TELL_PERSON, due_at=clocks.end_of(task.due_date), at=at, about=task.clock_name)


def _finish_tasks(signed: SignedRecord, telling: Telling, *, concern: Concern, by: User, at: datetime) -> None:
    is_unsafe = telling.answer == ToldAfter.UNSAFE
    for task in FollowUp.objects.tellings_of(signed).filter(person=telling.person):
        finish_task(task, words=telling.words, is_unsafe=is_unsafe, concern=concern, by=by, at=at)


def finish_task(
    task: FollowUp, *, words: str, is_unsafe: bool, concern: Concern, by: User, at: datetime
) -> None:  # fmt: skip
    """The task is done, or not to be done because telling them is not safe. Called with the concern locked."""
    task.done_at, task.done_by, task.done_words, task.is_unsafe = at, by, words, is_unsafe
    task.save(update_fields=["done_at", "done_by", "done_words", "is_unsafe"])
    end_clock = drop_clock if is_unsafe else meet_clock
    end_clock(concern, ClockKind.TELL_PERSON, at=at, about=task.clock_name)
    log(
        events.FOLLOW_UP_DONE, concern, by=by, at=at, subject=task, ref=task.record.ref, follow_up=task.pk,
        is_unsafe=is_unsafe,
    )  # fmt: skip
