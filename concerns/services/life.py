"""A person at risk dies or moves. Neither closes a concern (domain.md 2.5)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from concerns import events, permissions
from concerns.models import Concern, Deadline, Involvement, Person
from concerns.services.base import lock, log, save
from concerns.services.contacts import end_contact_after_death, go_on_contacting
from concerns.services.working import write_note
from concerns.vocabulary import ClockKind, LifeChange
from safeguarding.kit.errors import Unsound

NO_DAY = "Enter the day. If you do not know it exactly, enter the day nearest to it."


@transaction.atomic
def record_death_or_move(
    *,
    concern_id: int,
    involvement_id: int,
    change: LifeChange,
    on: date | None,
    moved_to: str,
    words: str,
    form_key: str,
    is_legal_hold: bool,
    by: User,
    at: datetime,
) -> Involvement:
    """The date stands on the person and a note says who else was thought of; the concern goes on as before.

    Nobody is to contact whoever died any more (R82), in no concern; somebody who moved may still be contacted.
    After a death: others at risk, a review (SAR, CSPR, DHR), coroner and police. After a move: the new local authority.
    What was recorded by mistake no longer stands, and whoever was to be contacted is so again: the time runs on as it
    ran (I12). `is_legal_hold` keeps everything from disposal. Raises Unsound by field.
    """
    others = set() if change == LifeChange.MOVED else _also_contacted(concern_id, involvement_id)
    # Always in the same order: no two of them can block each other.
    locked = {pk: lock(pk) for pk in sorted({concern_id, *others})}
    concern = locked[concern_id]
    permissions.check_is_holder(by, concern)
    involvement = Involvement.objects.select_related("person").get(pk=involvement_id, concern=concern)
    person = involvement.person
    if problems := _problems(person, change, on=on, moved_to=moved_to, words=words, at=at):
        raise Unsound("Something is missing.", problems)
    if change == LifeChange.DIED:
        person.died_on = on
    elif change == LifeChange.MOVED:
        person.moved_on, person.moved_to = on, moved_to
    else:
        person.died_on = person.moved_on = None
        person.moved_to = ""
    person.save(update_fields=["died_on", "moved_on", "moved_to"])
    write_note(concern, text=words, form_key=form_key, by=by, at=at)
    log(events.DIED_OR_MOVED, concern, by=by, at=at, person=person.ref, change=change.value)
    for pk in sorted(locked):
        if change == LifeChange.DIED:
            end_contact_after_death(locked[pk], person, by=by if pk == concern_id else None, at=at)
        elif change == LifeChange.MISTAKE:
            go_on_contacting(locked[pk], person, at=at)
        if pk != concern_id:
            save(locked[pk])
    if is_legal_hold and not concern.is_legal_hold:
        _set_hold(concern, is_held=True, reason=words, by=by, at=at)
    return involvement


def _problems(
    person: Person, change: LifeChange, *, on: date | None, moved_to: str, words: str, at: datetime
) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    if change == LifeChange.MISTAKE:
        if person.died_on is None and person.moved_on is None:
            problems["change"] = ["Nothing of that kind is recorded about this person."]
        if not words.strip():
            problems["words"] = ["Say how you know, and who was told the wrong thing."]
        return problems
    if on is None:
        problems["on"] = [NO_DAY]
    elif on > timezone.localdate(at):
        problems["on"] = ["The date can’t be in the future."]
    if not words.strip():
        problems["words"] = ["Say who else may be at risk now, and who was told."]
    if change == LifeChange.MOVED and not moved_to.strip():
        problems["moved_to"] = ["Name the local authority they moved to. It has to be told."]
    return problems


def _also_contacted(concern_id: int, involvement_id: int) -> set[int]:
    """The other concerns in which somebody was to contact the same person, or still is."""
    person = Involvement.objects.filter(pk=involvement_id, concern=concern_id).values("person__ref")
    promised = Deadline.objects.filter(kind=ClockKind.CONTACT, about__in=person, met_at__isnull=True)
    return set(promised.exclude(concern=concern_id).values_list("concern", flat=True))


@transaction.atomic
def set_legal_hold(*, concern_id: int, is_held: bool, reason: str, by: User, at: datetime) -> Concern:
    """A lead puts everything on hold, or ends the hold, with a reason."""
    concern = lock(concern_id)
    permissions.check_is_lead(by, concern)
    if not reason.strip():
        raise Unsound("Give a reason.", {"reason": ["Say why."]})
    if concern.is_legal_hold != is_held:
        _set_hold(concern, is_held=is_held, reason=reason, by=by, at=at)
    return concern


def _set_hold(concern: Concern, *, is_held: bool, reason: str, by: User, at: datetime) -> None:
    concern.is_legal_hold = is_held
    save(concern, "is_legal_hold")
    log(events.LEGAL_HOLD_CHANGED, concern, by=by, at=at, reason=reason, hold=is_held)
