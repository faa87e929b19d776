"""Writing and ending the rows that let one person in to one concern (ADR 13). Called with the concern
locked; whether somebody may be let in is asked by `letting_in`, `second_person` and `break_glass`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from accounts.selectors import holders_of, managed_by_any, never_reading, standing
from accounts.vocabulary import CHAMPION, Role
from concerns import events, notifications, permissions
from concerns.models import Concern, ConcernGrant, Conflict
from concerns.models.ways import GLASS_ROLES
from concerns.services.base import log
from safeguarding.kit import outbox
from safeguarding.kit.errors import Unsound, allows

LONGEST_GRANT = timedelta(days=90)


def check_grant(concern: Concern, person: User, *, until: datetime, at: datetime) -> None:
    """Raises NotAllowed when `person` can't be let in at all, Unsound when not until then."""
    permissions.check_may_be_let_in(person, concern)
    if until <= at:
        raise Unsound("That day has passed.", {"until": ["Choose a day that is not over yet."]})
    if until > at + LONGEST_GRANT:
        raise Unsound(
            "That is too long.",
            {"until": [f"Choose a day within {LONGEST_GRANT.days} days. It can be made longer then."]},
        )


def write_grant(
    concern: Concern,
    person: User,
    *,
    until: datetime,
    reason: str,
    by: User,
    at: datetime,
    seconded_by: User | None = None,
) -> ConcernGrant:
    """`person` may read `concern` from `at` until `until`. An earlier grant of theirs is taken over by this one."""
    grant = _put(ConcernGrant.READ, concern, person, at=at, until=until, reason=reason, by=by, seconded_by=seconded_by)
    log(
        events.LET_IN, concern, by=by, at=at, reason=reason, staff=person.pk, until=until.isoformat(),
        seconded_by=seconded_by.pk if seconded_by else None,
    )  # fmt: skip
    return grant


def write_glass_grant(concern: Concern, person: User, *, until: datetime, reason: str, at: datetime) -> ConcernGrant:
    """`person` reads `concern` by break-glass until `until`; the caller records the use."""
    return _put(ConcernGrant.BREAK_GLASS, concern, person, at=at, until=until, reason=reason, by=None, seconded_by=None)


def _put(
    codename: str,
    concern: Concern,
    person: User,
    *,
    at: datetime,
    until: datetime,
    reason: str,
    by: User | None,
    seconded_by: User | None,
) -> ConcernGrant:
    content_type = ContentType.objects.get_for_model(Concern)
    grant, _ = ConcernGrant.grants.update_or_create(
        permission=Permission.objects.get(content_type=content_type, codename=codename),
        content_object=concern,
        user=person,
        defaults={
            "given_by": by, "seconded_by": seconded_by, "reason": reason, "starts_at": at, "ends_at": until,
            "ended_at": None, "ended_by": None,
        },
    )  # fmt: skip
    return grant


def end_grants(concern: Concern, *, staff_id: int, cause: str, by: User, at: datetime, codename: str = "") -> int:
    """Everything that lets this person in to `concern` by name or break-glass ends at `at`; how many there were."""
    rows = ConcernGrant.grants.running(at).filter(content_object=concern, user=staff_id)
    if codename:
        rows = rows.filter(permission__codename=codename)
    # Running "at" the same instant in which it began: ended all the same.
    ended = rows.update(ended_at=at, ended_by=by)
    if ended:
        log(events.LET_IN_ENDED, concern, by=by, at=at, staff=staff_id, cause=cause)
    return ended


def end_glass_below(concern: Concern, *, staff_id: int, by: User, at: datetime) -> None:
    """Whoever works below somebody who is named now could not break the glass any more: what they broke ends (R45)."""
    running = ConcernGrant.grants.running(at).by_break_glass().filter(content_object=concern)
    for person_id in running.filter(user__in=managed_by_any({staff_id})).values_list("user", flat=True):
        end_grants(concern, staff_id=person_id, cause="below", by=by, at=at, codename=ConcernGrant.BREAK_GLASS)


def close_ways(person_id: int, *, role: str, by_id: int | None, at: datetime) -> None:
    """What lets this person in by name ends with its ground (`accounts.duties`): all of it when they leave or never
    read a case from now on; with the auditor's role what was given to an auditor; with a part that breaks glass, that.

    None of it comes back when they do. Their row is locked, as it is while somebody is let in.
    """
    rows = ConcernGrant.grants.running(at).filter(user=person_id)
    if role == Role.AUDITOR:
        rows = rows.to_read()
    elif role == CHAMPION or role in GLASS_ROLES:
        rows = rows.by_break_glass()
    elif role:
        return
    by = User.objects.filter(pk=by_id).first() if by_id is not None else None
    for concern in Concern.objects.filter(pk__in=rows.values("content_object")).order_by("pk"):
        rows.filter(content_object=concern).update(ended_at=at, ended_by=by)
        log(events.LET_IN_ENDED, concern, by=by, at=at, staff=person_id, cause=role or "left")


def open_to_nobody(*, at: datetime) -> list[int]:
    """Ids of the people who have a running grant though they left or never read a case: from before ADR 29, or from a
    row that was written past the services."""
    running = ConcernGrant.grants.running(at).filter(Q(user__is_active=False) | Q(user__in=never_reading()))
    return sorted(set(running.values_list("user", flat=True)))


def close_left_open(person_id: int, *, at: datetime) -> int:
    """What `open_to_nobody` found of this person ends for good; 1, or 0 when they may read again by now."""
    person = User.objects.select_for_update(of=("self",)).get(pk=person_id)
    if person.is_active and not standing(person).never_reads_cases:
        return 0
    close_ways(person_id, role="", by_id=None, at=at)
    return 1


def lock_person(person: User) -> User:
    """The row of whoever is to be let in, locked and read afresh, so that no role ends and nobody leaves meanwhile."""
    return User.objects.select_for_update(of=("self",)).get(pk=person.pk)


def tell_of_shutting_out(conflict: Conflict, *, at: datetime) -> None:
    """2.5, "Set later": the other leads hear that somebody was barred or recused, and find there what that person had
    opened; once, however many were shut out with it.

    Where no lead but whoever did it can look, everybody else at lead level who can hears of it, so that nobody shuts
    the others out unheard (R44).
    """
    concern = conflict.concern
    leads = [
        lead
        for lead in holders_of(Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD)
        if lead.pk != conflict.recorded_by_id and allows(permissions.check_can_see_who, lead, concern)
    ]
    for lead in leads:
        outbox.queue(
            notifications.SHUT_OUT_LATER, to=lead.pk, about=concern.pk, reference=concern.ref,
            path=reverse("concerns:show-who", args=[concern.ref]), at=at,
            key=f"barred:{concern.pk}:{at.isoformat()}:{lead.pk}",
        )  # fmt: skip
    if leads:
        return
    out = permissions.denied_ids(concern) | {conflict.recorded_by_id}
    for person in holders_of(*permissions.LEAD_LEVEL):
        if person.pk not in out and permissions.can_look(person, concern):
            is_open = allows(permissions.check_can_read, person, concern)
            path = reverse("concerns:show-concern", args=[concern.ref]) if is_open else reverse("concerns:show-home")
            outbox.queue(
                notifications.SHUT_OUT_UNWATCHED, to=person.pk, about=concern.pk, reference=concern.ref, path=path,
                key=f"shut-out:{concern.pk}:{at.isoformat()}:{person.pk}", at=at,
            )  # fmt: skip
