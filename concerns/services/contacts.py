"""Keeping in touch with people: who was reached, who was only tried, and when it is tried again (R82; 004 D8)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from concerns import clocks, events, permissions, rules
from concerns.models import Concern, Contact, Deadline, Person
from concerns.selectors.contacts import people_to_contact, running_contact
from concerns.services.base import key_of, lock, log, save, sent_before
from concerns.services.clocks import carry_clock, drop_clock, meet_clock, start_clock
from concerns.vocabulary import ClockKind
from safeguarding.kit.errors import NotNow, Unsound


@dataclass(frozen=True)
class ContactDetails:
    """Somebody was in touch with a person on a day, or tried to be. `is_reached` None: not said yet."""

    person_id: int | None
    on: date | None
    how: str
    is_reached: bool | None
    words: str
    next_date: date | None = None
    # Nobody was in touch and no more contact is planned; `words` say why.
    is_last: bool = False


@transaction.atomic
def record_contact(*, concern_id: int, details: ContactDetails, form_key: str, by: User, at: datetime) -> Contact:
    """The contact, or the attempt, stands on the concern for good; the same form sent twice makes one.

    Reaching the person ends what was due; an attempt does not, so that repeat attempts stay listed and what is overdue
    stays seen. `next_date` makes the next one due at the end of that day; it never moves one that is due sooner (I12).
    The holder may say that no more is planned, and why: that ends what was due, and does not say they were reached.
    Raises NotAllowed, NotNow when closed, Unsound by field.
    """
    concern = lock(concern_id)
    permissions.check_can_write_note(by, concern)
    if details.is_last:
        permissions.check_is_holder(by, concern)
    key = key_of(form_key, **asdict(details))
    if same := sent_before(Contact.objects.filter(recorded_by=by), concern, key):
        return same
    if not concern.is_open:
        raise NotNow("This concern is closed.")
    person = next((each for each in people_to_contact(concern) if each.pk == details.person_id), None)
    due = running_contact(concern, person) if person else None
    if problems := _problems(details, has_person=person is not None, is_due=due is not None, at=at):
        raise Unsound("Something is missing.", problems)
    assert person is not None and details.on is not None and details.is_reached is not None  # noqa: PT018, S101
    row = Contact.objects.create(
        concern=concern, person=person, on=details.on, how=details.how, is_reached=details.is_reached,
        is_last=details.is_last, words=details.words, next_date=details.next_date, recorded_by=by, recorded_at=at,
        form_key=key,
    )  # fmt: skip
    if row.is_last:
        drop_clock(concern, ClockKind.CONTACT, at=at, about=person.ref)
        log(events.CONTACT_ENDED, concern, by=by, at=at, keeps=(row,), person=person.ref, why="not planned")
        save(concern)
        return row
    log(
        events.CONTACT_RECORDED, concern, by=by, at=at, keeps=(row,), person=person.ref, is_reached=row.is_reached,
        next_date=row.next_date.isoformat() if row.next_date else "",
    )  # fmt: skip
    if row.is_reached and due is not None and row.on >= timezone.localdate(due.started_at):
        # What was before the promise does not keep it.
        meet_clock(concern, ClockKind.CONTACT, at=at, about=person.ref)
    if row.next_date is not None:
        promise_contact(concern, person, on=row.next_date, at=at)
    save(concern)
    return row


def promise_contact(concern: Concern, person: Person, *, on: date, at: datetime) -> Deadline:
    """`person` is to be contacted by the end of the day `on`; one that is due sooner stays (I12). Called with the
    concern locked.
    """
    return start_clock(concern, ClockKind.CONTACT, due_at=clocks.end_of(on), at=at, about=person.ref)


def end_contact_after_death(concern: Concern, person: Person, *, by: User | None, at: datetime) -> None:
    """Nobody is to contact `person`, who has died, any more. Called with the concern locked."""
    if drop_clock(concern, ClockKind.CONTACT, at=at, about=person.ref) is not None:
        log(events.CONTACT_ENDED, concern, by=by, at=at, person=person.ref, why="died")


def go_on_contacting(concern: Concern, person: Person, *, at: datetime) -> None:
    """`person` has not died after all: what was due when that was recorded is due again, at the same time (I12).

    Not where nobody is to contact them for another reason. Called with the concern locked.
    """
    due = Deadline.objects.filter(concern=concern, kind=ClockKind.CONTACT, about=person.ref).order_by("pk").last()
    if due is None or due.dropped_at is None or not concern.is_open:
        return
    if not Contact.objects.filter(concern=concern, person=person, is_last=True, recorded_at=due.dropped_at).exists():
        carry_clock(due, concern, at=at)


def _problems(details: ContactDetails, *, has_person: bool, is_due: bool, at: datetime) -> dict[str, list[str]]:
    today = timezone.localdate(at)
    problems: dict[str, list[str]] = {}
    if not has_person:
        problems["person"] = ["Choose who it was."]
    if details.on is None:
        problems["on"] = ["Enter the day on which it was."]
    elif details.on > today:
        problems["on"] = ["The day must not be in the future."]
    if not details.how.strip() and not details.is_last:
        problems["how"] = ["Write how you were in touch, or tried to be."]
    if details.is_reached is None:
        problems["is_reached"] = ["Say whether they were reached."]
    if not details.words.strip() and details.is_last:
        problems["words"] = ["Write why no more contact is planned."]
    elif not details.words.strip():
        problems["words"] = ["Write what was said, or what happened when you tried."]
    elif len(details.words) > rules.LONGEST_TEXT:
        problems["words"] = [f"Keep it under {rules.LONGEST_TEXT:,} characters."]
    if details.is_last:
        if details.next_date is not None:
            problems["next_date"] = ["Leave this empty, or say that it was an attempt."]
    elif details.next_date is not None and details.next_date <= today:
        problems["next_date"] = ["The next contact must be after today."]
    elif details.next_date is None and details.is_reached is False and not is_due:
        problems["next_date"] = ["Enter the day by which you will try again."]
    return problems
