"""Writing and ending the rows that let one person in to one concern (house rule 4; ADR 13). Called with the concern
locked; whether somebody may be let in is asked by `letting_in`, `second_person` and `break_glass`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from accounts.models import User
from accounts.selectors import holders_of
from accounts.vocabulary import CHAMPION, Role
from concerns import events, notifications, permissions
from concerns.models import Concern, ConcernGrant, Conflict
from concerns.services.base import log
from safeguarding.kit import outbox
from safeguarding.kit.errors import Unsound

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


# By break-glass reads whoever has one of these parts (`may_break_glass`).
_GLASS_PARTS = frozenset(
    {
        CHAMPION,
        Role.SAFEGUARDING_LEAD,
        Role.DEPUTY_LEAD,
        Role.OPERATIONAL_LEAD,
        Role.DESIGNATED_SENIOR_MANAGER,
        Role.IG_LEAD,
    }
)


def close_ways(person_id: int, *, role: str, by_id: int | None, at: datetime) -> None:
    """What lets this person in by name ends with its ground (`accounts.duties`): all of it when they leave or never
    read a case from now on; with the auditor's role what was given to an auditor; with a part that breaks glass, that.

    None of it comes back when they do. Their row is locked, as it is while somebody is let in.
    """
    rows = ConcernGrant.grants.running(at).filter(user=person_id)
    if role == Role.AUDITOR:
        rows = rows.to_read()
    elif role in _GLASS_PARTS:
        rows = rows.by_break_glass()
    elif role:
        return
    by = User.objects.filter(pk=by_id).first() if by_id is not None else None
    for concern in Concern.objects.filter(pk__in=rows.values("content_object")).order_by("pk"):
        rows.filter(content_object=concern).update(ended_at=at, ended_by=by)
        log(events.LET_IN_ENDED, concern, by=by, at=at, staff=person_id, cause=role or "left")


def lock_person(person: User) -> User:
    """The row of whoever is to be let in, locked and read afresh, so that no role ends and nobody leaves meanwhile."""
    return User.objects.select_for_update(of=("self",)).get(pk=person.pk)


def tell_of_late_bar(conflict: Conflict, *, at: datetime) -> None:
    """2.5, "Set later": leads hear that somebody was barred, and find there what that person had opened before."""
    concern = conflict.concern
    for lead in holders_of(Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD):
        if lead.pk != conflict.staff_id and permissions.allows(permissions.check_can_see_who, lead, concern):
            outbox.queue(
                notifications.BARRED_LATER, to=lead.pk, about=concern.pk, reference=concern.ref,
                path=reverse("concerns:show-who", args=[concern.ref]), key=f"barred:{conflict.pk}:{lead.pk}", at=at,
            )  # fmt: skip
