"""Keeping people out of a concern: barred and recused (R41, R45). Called with the concern locked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from accounts.models import User
from concerns import events, permissions
from concerns.intake import IntakePerson
from concerns.models import Concern, Conflict
from concerns.services.base import log, save
from concerns.services.grants import end_glass_below, end_grants, tell_of_shutting_out
from concerns.services.reviewing import replace_lost_reviewer
from concerns.vocabulary import ConflictKind, PersonRole
from safeguarding.kit.errors import Refusal, Unsound
from safeguarding.kit.words import with_more

# Whoever is this to a case is a party or a relative, and loses it.
CLOSE_TO_IT = frozenset({PersonRole.AT_RISK, PersonRole.HOUSEHOLD, PersonRole.NETWORK, PersonRole.PARENT})
# As which a member of staff is kept out of it.
KEPT_OUT_AS = CLOSE_TO_IT | {PersonRole.SOURCE_OF_RISK}

NOBODY_LEFT = (
    "Nobody else at lead level could look at this concern then. Do not choose this colleague here. If they must not "
    "see it, raise a new concern and name them there. You can also turn to somebody outside: see the page "
    "“Whistleblowing”."
)


@contextmanager
def leaving_somebody(*concerns: Concern, by: User, refusal: Refusal) -> Iterator[None]:
    """R44, I16: what `by` does in this block, by hand, takes none of the locked concerns from the last other person at
    lead level who can look at it. Raises `refusal`, so that the caller's transaction changes nothing.

    Not for a report: whoever raises a concern may name everybody (R41).
    """
    watched = [concern for concern in concerns if permissions.is_left_to_others(concern, but=by)]
    yield
    if not all(permissions.is_left_to_others(concern, but=by) for concern in watched):
        raise refusal


def nobody_left(field: str) -> Unsound:
    """What `leaving_somebody` raises for a form that names a colleague in `field`."""
    return Unsound(NOBODY_LEFT, {field: [NOBODY_LEFT]})


def bar(concern: Concern, *, staff_id: int, reason: str, by: User, at: datetime) -> None:
    """`staff_id` is named as implicated: from here on the concern does not exist for them, and it is restricted."""
    _shut_out(concern, staff_id, ConflictKind.BARRED, reason, by, at)
    restrict(concern, by=by, at=at)


def restrict(concern: Concern, *, by: User, at: datetime) -> None:
    """Only the few who must know read the concern from here on, and whatever was joined to it (domain.md 2.1, I13)."""
    if not concern.is_restricted:
        concern.is_restricted = True
        save(concern, "is_restricted")
        log(events.RESTRICTED, concern, by=by, at=at)
        replace_lost_reviewer(concern, at=at)
    for joined in Concern.objects.filter(merged_into=concern):
        restrict(joined, by=by, at=at)


def keep_out_of_their_own(concern: Concern, person: IntakePerson, *, by: User, at: datetime) -> None:
    """A member of staff who is part of what happened: as a source of risk barred, as the person at risk or a relative
    recused (R41, R45). With one of us at risk the concern is restricted too (domain.md 2.1).
    """
    if person.staff_id is None:
        return
    if person.role == PersonRole.SOURCE_OF_RISK:
        bar(concern, staff_id=person.staff_id, reason="Named as a possible source of risk", by=by, at=at)
    elif person.role in CLOSE_TO_IT:
        _shut_out(concern, person.staff_id, ConflictKind.RECUSED, "Part of what was reported", by, at)
    if person.role == PersonRole.AT_RISK:
        restrict(concern, by=by, at=at)


def shut_out_likewise(source: Concern, other: Concern, *, by: User, at: datetime) -> None:
    """Whoever is kept out of `source` is kept out of `other`, and a restriction binds both (t20, I13)."""
    for conflict in Conflict.objects.filter(concern=source, lifted_at__isnull=True):
        kind = ConflictKind(conflict.kind)
        _shut_out(other, conflict.staff_id, kind, conflict.reason, by, at, is_said_here=False)
    if source.is_restricted:
        restrict(other, by=by, at=at)


def recuse(concern: Concern, *, staff: User, reason: str, by: User, at: datetime) -> None:
    """`staff` loses the case: they declared a conflict, or the reporter or a lead keeps them out (R43, R45)."""
    _shut_out(concern, staff.pk, ConflictKind.RECUSED, reason, by, at)


def _shut_out(
    concern: Concern,
    staff_id: int,
    kind: ConflictKind,
    reason: str,
    by: User,
    at: datetime,
    *,
    is_said_here: bool = True,
) -> None:
    was_out = staff_id in permissions.denied_ids(concern)
    conflict, is_new = Conflict.objects.get_or_create(
        concern=concern,
        staff_id=staff_id,
        kind=kind,
        lifted_at=None,
        defaults={"reason": reason, "recorded_at": at, "recorded_by": by},
    )
    said = with_more(conflict.reason, reason)
    is_told_more = is_said_here and conflict.recorded_at < at and said != conflict.reason
    if is_told_more:
        # Whoever lets them in again has to read every reason that there was to keep them out; on each of joined
        # concerns its own.
        conflict.reason = said
        conflict.save(update_fields=["reason"])
    if is_new or is_told_more:
        log(
            events.CONFLICT_RECORDED,
            concern,
            by=by,
            at=at,
            staff=staff_id,
            conflict=kind.value,
        )
    if is_new:
        end_grants(concern, staff_id=staff_id, cause=kind.value, by=by, at=at)
        if kind == ConflictKind.BARRED:
            end_glass_below(concern, staff_id=staff_id, by=by, at=at)
        # Of joined concerns on the one that holds the duties: there they can be let in again.
        is_news = (kind == ConflictKind.BARRED or not was_out) and concern.merged_into_id is None
        if is_news and by.pk != staff_id and concern.reported_at < at:
            tell_of_shutting_out(conflict, at=at)
    # What was joined to this concern tells the same story, so whoever is kept out here is kept out there (t20, I3).
    for joined in Concern.objects.filter(merged_into=concern):
        _shut_out(joined, staff_id, kind, reason, by, at, is_said_here=False)
