"""What the pages about people show: the list, and one person with everything that they are or were appointed to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, Q, QuerySet

from accounts import duties, events, second_factor
from accounts.duties import Duty
from accounts.models import ChampionAppointment, PostProposal, RoleAssignment, User
from audit.models import Event

PER_PAGE = 50


def _with_posts() -> QuerySet[User]:
    open_roles = RoleAssignment.objects.filter(ended_at=None).order_by("started_at", "pk")
    open_areas = ChampionAppointment.objects.filter(ended_at=None).select_related("service_area").order_by("pk")
    return User.objects.select_related("service_area", "line_manager").prefetch_related(
        Prefetch("role_assignments", open_roles, to_attr="open_roles"),
        Prefetch("champion_appointments", open_areas, to_attr="open_areas"),
    )


def people_page(*, words: str = "", former: bool = False, number: str | None = None) -> Page[User]:
    """People by name, `PER_PAGE` at a time: those who work here, or those who have left. Constant queries."""
    rows = _with_posts().filter(is_active=not former).order_by("full_name", "pk")
    for word in words.split():
        rows = rows.filter(
            Q(full_name__icontains=word)
            | Q(email__icontains=word)
            | Q(job_title__icontains=word)
            | Q(service_area__name__icontains=word)
        )
    # What was searched for is posted, so that it stands in no address: all that is found is on one page.
    return Paginator(rows, 1_000 if words else PER_PAGE).get_page(number)


def find_person(pk: int) -> User | None:
    return User.objects.select_related("service_area", "line_manager").filter(pk=pk).first()


@dataclass(frozen=True)
class ManagerChange:
    """Who made whom somebody's line manager, and when. `by` is None for the set-up, `before` and `after` for nobody."""

    at: datetime
    by: User | None
    before: User | None
    after: User | None


def manager_changes(person: User) -> list[ManagerChange]:
    """Every change of `person`'s line manager, the newest first, as the ledger has it. Two statements."""
    found = Event.objects.filter(
        code=events.MANAGER_CHANGED.code, subject_type=User._meta.label_lower, subject_id=person.pk
    ).order_by("-pk")
    rows = list(found)
    ids = {pk for row in rows for pk in (row.actor_id, row.data["before"], row.data["after"]) if pk is not None}
    people = User.objects.in_bulk(ids)

    def somebody(pk: int | None) -> User | None:
        return None if pk is None else people.get(pk)

    return [
        ManagerChange(row.at, somebody(row.actor_id), somebody(row.data["before"]), somebody(row.data["after"]))
        for row in rows
    ]


@dataclass(frozen=True)
class PersonPage:
    """One person. `duties` is what rests with them, as numbers: nobody reads a concern here."""

    person: User
    roles: Sequence[RoleAssignment]
    areas: Sequence[ChampionAppointment]
    past_roles: Sequence[RoleAssignment]
    past_areas: Sequence[ChampionAppointment]
    waiting: Sequence[PostProposal]
    manager_changes: Sequence[ManagerChange]
    duties: Sequence[Duty]
    team: int
    has_second_factor: bool
    needs_second_factor: bool


def person_page(person: User, *, viewer: User) -> PersonPage:
    """The page of `person` for `viewer`."""
    roles = list(person.role_assignments.select_related("appointed_by").order_by("started_at", "pk"))
    areas = list(
        person.champion_appointments.select_related("appointed_by", "service_area").order_by("started_at", "pk")
    )
    return PersonPage(
        person=person,
        roles=[row for row in roles if row.ended_at is None],
        areas=[row for row in areas if row.ended_at is None],
        past_roles=[row for row in roles if row.ended_at is not None],
        past_areas=[row for row in areas if row.ended_at is not None],
        waiting=list(waiting_posts().filter(person=person)),
        manager_changes=manager_changes(person),
        duties=duties.of(person.pk, viewer_id=viewer.pk),
        team=person.direct_reports.filter(is_active=True).count(),
        has_second_factor=second_factor.is_set_up(person),
        needs_second_factor=second_factor.is_required_of(person),
    )


def waiting_posts() -> QuerySet[PostProposal]:
    """What was proposed for people who work here and waits for a second person, the oldest first."""
    rows = PostProposal.objects.filter(is_agreed=None, person__is_active=True)
    return rows.select_related("person", "proposed_by", "service_area")


def find_waiting_post(number: int, *, person: User) -> PostProposal | None:
    return waiting_posts().filter(pk=number, person=person).first()
