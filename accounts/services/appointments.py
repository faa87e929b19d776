"""Roles for the whole organisation, and Safeguarding Champions of a service area.

What takes two people to give stands in `services.posts`.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts import duties, events, notifications
from accounts.models import ChampionAppointment, RoleAssignment, ServiceArea, User
from accounts.permissions import (
    SECOND_VIEW,
    check_can_appoint_champion,
    check_can_confirm_champion,
    check_can_end_champion,
    check_can_end_role,
    check_can_give_role,
    check_posts_agree,
)
from accounts.selectors import LEADS, champions_of, forget_standing, holders_of, never_reading, standing
from accounts.services.sessions import end_sessions
from accounts.vocabulary import CHAMPION, Post, Role
from audit.services import record
from safeguarding.kit import outbox
from safeguarding.kit.errors import NotNow
from safeguarding.kit.outbox import MessageKind


def give_role(*, person: User, role: Role, by: User | None, at: datetime) -> RoleAssignment:
    """Appoint `person`; a role that they hold already stays as it is. Their open sessions end: they sign in anew.

    A role that takes two people is refused here (`propose_post`), but for the set-up commands (`by` is None).
    """
    check_can_give_role(by, person, role)
    with transaction.atomic():
        held = give_role_to(active(person), role=role, by=by, at=at)
    forget_standing(person)
    person.session_generation = held.user.session_generation
    return held


def give_role_to(locked: User, *, role: Role, by: User | None, at: datetime) -> RoleAssignment:
    """The writing part of giving a role: permission was checked, and `locked` is the person's locked row.

    Whoever becomes an administrator never reads a case from then on: what was opened to them by name closes. Of what
    one administrator gave alone, those hear who agree to the others: nothing is given that nobody else knows of.
    """
    held = RoleAssignment.objects.filter(user=locked, role=role, ended_at=None).first()
    if held is None:
        check_posts_agree(standing(locked), role)
        held = RoleAssignment.objects.create(user=locked, role=role, started_at=at, appointed_by=by)
        forget_standing(locked)
        end_sessions(locked)
        record(events.ROLE_GIVEN, by=by, at=at, subject=locked, role=role)
        if role == Role.ADMINISTRATOR:
            duties.close_ways(locked.pk, by_id=by.pk if by else None, at=at)
        if by is not None and role not in Post.values:
            _tell_second_people(notifications.ROLE_GIVEN, person=locked, about=held.pk, by=by, at=at)
    held.user = locked
    return held


def end_role(*, person: User, role: Role, by: User | None, at: datetime) -> None:
    """End an appointment; the person's open sessions end with it, and the leads hear of it when it took two to give.

    Raises NotNow when it is not held, or when nobody would be lead or administrator any more.
    """
    check_can_end_role(by, person)
    with transaction.atomic():
        if role in LEADS:
            check_another_lead_stays(without=person)
        if role == Role.ADMINISTRATOR:
            check_another_administrator_stays(without=person)
        locked = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
        held = RoleAssignment.objects.select_for_update().filter(user=locked, role=role, ended_at=None).first()
        if held is None:
            raise NotNow("This person does not hold that role.")
        held.ended_at = at
        held.save(update_fields=["ended_at"])
        end_sessions(locked)
        record(events.ROLE_ENDED, by=by, at=at, subject=locked, role=role)
        duties.close_ways(locked.pk, role=role, by_id=by.pk if by else None, at=at)
        if role in Post.values:
            _tell_second_people(notifications.POST_ENDED, person=locked, about=held.pk, by=by, at=at)
    forget_standing(person)
    person.session_generation = locked.session_generation


def check_another_lead_stays(*, without: User) -> None:
    """Raises NotNow when `without` is the last active Safeguarding Lead or deputy (domain.md 2.3). One who never reads
    a case doesn't count as another (ADR 29).

    Locks the leads' appointments, so that two leads can't be taken away side by side. Call it inside the transaction
    and before other locks.
    """
    open_rows = RoleAssignment.objects.filter(role__in=LEADS, ended_at=None, user__is_active=True)
    leads = set(open_rows.select_for_update(of=("self",)).order_by("pk").values_list("user_id", flat=True))
    reading = leads.difference(never_reading().values_list("pk", flat=True))
    if without.pk in leads and not reading - {without.pk}:
        raise NotNow("This is the last safeguarding lead. Appoint another lead or deputy first.")


def check_another_administrator_stays(*, without: User) -> None:
    """Raises NotNow when `without` is the last active administrator. Locks as `check_another_lead_stays` does."""
    open_rows = RoleAssignment.objects.filter(role=Role.ADMINISTRATOR, ended_at=None, user__is_active=True)
    left = set(open_rows.select_for_update(of=("self",)).order_by("pk").values_list("user_id", flat=True))
    if left == {without.pk}:
        raise NotNow("This is the last administrator. Make somebody else administrator first.")


def appoint_champion(
    *, person: User, area: ServiceArea, by: User | None, at: datetime, confirmed_on: date | None = None
) -> ChampionAppointment:
    """Make `person` a Safeguarding Champion of `area` (000 §9.1); one who is already stays as they are."""
    check_can_appoint_champion(by, person)
    with transaction.atomic():
        held = appoint_champion_to(active(person), area=area, by=by, at=at, confirmed_on=confirmed_on)
    forget_standing(person)
    person.session_generation = held.user.session_generation
    return held


def appoint_champion_to(
    locked: User, *, area: ServiceArea, by: User | None, at: datetime, confirmed_on: date | None = None
) -> ChampionAppointment:
    """The writing part of appointing: permission was checked, and `locked` is the person's locked row."""
    held = ChampionAppointment.objects.filter(user=locked, service_area=area, ended_at=None).first()
    if held is None:
        check_posts_agree(standing(locked), CHAMPION)
        held = ChampionAppointment.objects.create(
            user=locked, service_area=area, started_at=at, appointed_by=by, confirmed_on=confirmed_on
        )
        forget_standing(locked)
        end_sessions(locked)
        record(events.CHAMPION_APPOINTED, by=by, at=at, subject=locked, area=area.code)
    held.user = locked
    return held


def end_champion(*, person: User, area: ServiceArea, by: User | None, at: datetime) -> None:
    """End an appointment. Raises NotNow when it is not held, or would leave the area with no champion (R128)."""
    check_can_end_champion(by, person)
    with transaction.atomic():
        locked = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
        # All of the area's champions: of two ended side by side, the second must see the first.
        rows = ChampionAppointment.objects.filter(service_area=area, ended_at=None, user__is_active=True)
        appointed = {row.user_id: row for row in rows.select_for_update(of=("self",)).order_by("pk")}
        if person.pk not in appointed:
            raise NotNow("This person is not a champion of that service area.")
        if not champions_of(area).exclude(pk=person.pk).exists():
            raise NotNow("This is the service area's last champion. Appoint another one first.")
        held = appointed[person.pk]
        held.ended_at = at
        held.save(update_fields=["ended_at"])
        end_sessions(locked)
        record(events.CHAMPION_ENDED, by=by, at=at, subject=locked, area=area.code)
        duties.close_ways(locked.pk, role=CHAMPION, by_id=by.pk if by else None, at=at)
    forget_standing(person)
    person.session_generation = locked.session_generation


def confirm_champion(*, person: User, by: User, at: datetime) -> None:
    """The directory's entries of `person` are right as of today, local time (R126). Raises NotNow for no champion."""
    check_can_confirm_champion(by, person)
    with transaction.atomic():
        rows = ChampionAppointment.objects.filter(user=person, ended_at=None)
        held = list(rows.select_for_update(of=("self",)).select_related("service_area").order_by("pk"))
        if not held:
            raise NotNow("This person is not a Safeguarding Champion.")
        for row in held:
            row.confirmed_on = timezone.localdate(at)
            row.save(update_fields=["confirmed_on"])
            record(events.CHAMPION_CONFIRMED, by=by, at=at, subject=person, area=row.service_area.code)


def active(person: User) -> User:
    """The person's row, locked. Raises NotNow for somebody who has left."""
    locked = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if not locked.is_active:
        raise NotNow("This person is not active any more.")
    return locked


def _tell_second_people(kind: MessageKind, *, person: User, about: int, by: User | None, at: datetime) -> None:
    for second in holders_of(*SECOND_VIEW).exclude(pk__in=[person.pk, *([by.pk] if by else [])]):
        outbox.queue(
            kind,
            to=second.pk,
            about=about,
            reference="a colleague's role",
            path=reverse("people:show-person", args=[person.pk]),
            key=f"{kind.code}:{about}:{second.pk}",
            at=at,
        )
