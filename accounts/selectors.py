"""Every read about people that is worth a name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast

from accounts.models import (
    Absence,
    ChampionAppointment,
    DutyShift,
    RoleAssignment,
    ServiceArea,
    User,
)
from accounts.vocabulary import Employment, Role

LEADS = frozenset({Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD})
SENIOR_MANAGERS = frozenset({Role.SENIOR_MANAGER, Role.DESIGNATED_SENIOR_MANAGER, Role.CHIEF_EXECUTIVE})
# Whoever never reads a case may have these; every other role is there for reading cases or records (ADR 29).
OPENS_NOTHING = frozenset({Role.ADMINISTRATOR, Role.SENIOR_MANAGER})


@dataclass(frozen=True)
class Standing:
    """What a person is at this moment: their open roles, the areas they champion, whether they manage anyone."""

    roles: frozenset[str]
    champion_area_ids: frozenset[int]
    manages_people: bool
    is_contractor: bool

    def has(self, *roles: str) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def is_lead(self) -> bool:
        """Safeguarding Lead or deputy."""
        return self.has(*LEADS)

    @property
    def is_operational_lead(self) -> bool:
        return self.has(Role.OPERATIONAL_LEAD)

    @property
    def is_champion(self) -> bool:
        return bool(self.champion_area_ids)

    @property
    def is_auditor(self) -> bool:
        return self.has(Role.AUDITOR)

    @property
    def is_administrator(self) -> bool:
        return self.has(Role.ADMINISTRATOR)

    @property
    def never_reads_cases(self) -> bool:
        """Administrators manage people and a contractor's worker has a receipt: no relation, role or grant opens a case
        to them (domain.md 5, "-")."""
        return self.is_administrator or self.is_contractor

    @property
    def is_senior_manager(self) -> bool:
        return self.has(*SENIOR_MANAGERS)


NOBODY = Standing(frozenset(), frozenset(), manages_people=False, is_contractor=False)


def standing(user: User) -> Standing:
    """What `user` is now. Read once for each loaded user object, that is once for each request."""
    known: Standing | None = getattr(user, "_standing", None)
    if known is None:
        known = _read_standing(user) if user.is_active else NOBODY
        user._standing = known  # type: ignore[attr-defined]
    return known


def standings_of(users: Iterable[User]) -> dict[int, Standing]:
    """What each of `users` is now, by id, in three statements however many they are."""
    people = {user.pk: user for user in users}
    roles: dict[int, set[str]] = {pk: set() for pk in people}
    areas: dict[int, set[int]] = {pk: set() for pk in people}
    for pk, role in RoleAssignment.objects.filter(user__in=people, ended_at__isnull=True).values_list("user", "role"):
        roles[pk].add(role)
    appointed = ChampionAppointment.objects.filter(user__in=people, ended_at__isnull=True)
    for pk, area_id in appointed.values_list("user", "service_area"):
        areas[pk].add(area_id)
    team = User.objects.filter(line_manager__in=people, is_active=True).order_by()
    managers = set(team.values_list("line_manager", flat=True))
    return {
        pk: Standing(frozenset(roles[pk]), frozenset(areas[pk]), pk in managers, user.is_contractor)
        if user.is_active
        else NOBODY
        for pk, user in people.items()
    }


def forget_standing(user: User) -> None:
    """Have `user`'s standing read anew: called by the services that change it."""
    user.__dict__.pop("_standing", None)


def _read_standing(user: User) -> Standing:
    # Three tables in one statement, because every page of every signed-in person asks for it.
    text = CharField(max_length=30)
    roles = RoleAssignment.objects.filter(user=user, ended_at__isnull=True).order_by()
    areas = ChampionAppointment.objects.filter(user=user, ended_at__isnull=True).order_by()
    team = User.objects.filter(line_manager=user, is_active=True).order_by()[:1]
    rows = roles.values_list(Value("role", text), Cast("role", text)).union(
        areas.values_list(Value("area", text), Cast("service_area_id", text)),
        User.objects.filter(pk__in=team.values("pk")).order_by().values_list(Value("team", text), Value("", text)),
        all=True,
    )
    found = list(rows)
    return Standing(
        roles=frozenset(value for kind, value in found if kind == "role"),
        champion_area_ids=frozenset(int(value) for kind, value in found if kind == "area"),
        manages_people=any(kind == "team" for kind, _ in found),
        is_contractor=user.is_contractor,
    )


def holders_of(*roles: str) -> QuerySet[User]:
    """Active people who hold one of `roles` now, in a fixed order (longest in post first).

    Whoever never reads a case holds a role that is there for reading them in name only, and is no holder (ADR 29):
    nobody is asked, told or counted on who could not open what they are asked about.
    """
    in_force = Q(role_assignments__role__in=OPENS_NOTHING) | ~Q(pk__in=never_reading())
    return (
        User.objects.filter(
            in_force,
            is_active=True,
            role_assignments__role__in=roles,
            role_assignments__ended_at__isnull=True,
        )
        .order_by("role_assignments__started_at", "pk")
        .distinct()
    )


def never_reading() -> QuerySet[User]:
    """Everybody to whom no case ever opens, whatever else they are: `Standing.never_reads_cases`, for a query."""
    administrators = RoleAssignment.objects.filter(role=Role.ADMINISTRATOR, ended_at__isnull=True)
    return User.objects.filter(
        Q(employment=Employment.CONTRACTOR) | Q(pk__in=administrators.order_by().values("user_id"))
    ).order_by()


def champions_of(area: ServiceArea | int | None) -> QuerySet[User]:
    """Active champions appointed now to `area`; as in `holders_of` nobody who never reads a case."""
    return User.objects.filter(
        ~Q(pk__in=never_reading()),
        pk__in=ChampionAppointment.objects.filter(service_area=area, ended_at__isnull=True).values("user_id"),
        is_active=True,
    ).order_by("pk")


def champions() -> QuerySet[User]:
    """Active champions of any area, like `champions_of`."""
    return User.objects.filter(
        ~Q(pk__in=never_reading()),
        pk__in=ChampionAppointment.objects.filter(ended_at__isnull=True).values("user_id"),
        is_active=True,
    ).order_by("pk")


def absent_at(moment: datetime, users: Iterable[int] | None = None) -> frozenset[int]:
    """Ids of people away at `moment`."""
    rows = Absence.objects.all().at(moment) if users is None else Absence.objects.at(moment).filter(user__in=users)
    return frozenset(rows.values_list("user_id", flat=True))


def covers_at(moment: datetime, users: Iterable[int]) -> dict[int, int]:
    """Who covers for those of `users` that are away at `moment` and named somebody: id away -> id covering."""
    rows = Absence.objects.at(moment).filter(user__in=users, cover__isnull=False)
    return dict(rows.values_list("user_id", "cover_id"))


def on_duty_at(moment: datetime, area: ServiceArea | int | None = None) -> frozenset[int]:
    """Ids of active people on duty at `moment`, for `area` or for any."""
    rows = DutyShift.objects.at(moment).filter(user__is_active=True)
    if area is not None:
        rows = rows.filter(service_area=area)
    return frozenset(rows.values_list("user_id", flat=True))


def may_be_on_duty(person: User, area: ServiceArea | int) -> bool:
    """A champion of the area or a lead, who reads cases."""
    who = standing(person)
    if who.never_reads_cases:
        return False
    area_id = area if isinstance(area, int) else area.pk
    return area_id in who.champion_area_ids or who.is_lead or who.is_operational_lead


def may_cover() -> QuerySet[User]:
    """Who can cover for somebody away: champions and leads, because only they stand on the ladder (000 §2.0)."""
    leads = holders_of(*LEADS, Role.OPERATIONAL_LEAD).order_by().values("pk")
    return User.objects.filter(Q(pk__in=champions().order_by().values("pk")) | Q(pk__in=leads)).order_by(
        "full_name", "pk"
    )


def shifts_to_come(*, at: datetime) -> QuerySet[DutyShift]:
    """Shifts running at `at` or to come, area by area, the soonest first."""
    rows = DutyShift.objects.filter(ends_at__gt=at, cancelled_at=None, user__is_active=True)
    return rows.select_related("user", "service_area").order_by("service_area__name", "starts_at", "pk")


def find_shift(pk: str) -> DutyShift | None:
    """The shift with this id."""
    if not pk.isdecimal() or len(pk) > 15:
        return None
    return DutyShift.objects.filter(pk=int(pk)).select_related("user", "service_area").first()


def managed_by_any(manager_ids: Collection[int]) -> frozenset[int]:
    """Ids of everyone below `manager_ids` in the line of management, at any depth; the managers themselves not."""
    if not manager_ids:
        return frozenset()
    marks = ", ".join(["%s"] * len(manager_ids))
    # One statement however deep the line is; UNION drops what was seen before, so a circle comes to an end.
    walk = f"""
        WITH RECURSIVE below (id) AS (
            SELECT id FROM accounts_user WHERE line_manager_id IN ({marks})
            UNION
            SELECT person.id FROM accounts_user person JOIN below ON person.line_manager_id = below.id
        )
        SELECT id FROM below
    """  # noqa: S608 (only placeholders are put in)
    with connection.cursor() as cursor:
        cursor.execute(walk, list(manager_ids))
        return frozenset(row[0] for row in cursor.fetchall()) - frozenset(manager_ids)


def line_above(user: User) -> frozenset[int]:
    """Ids of everyone above `user` in the line of management, in one statement however long it is."""
    return frozenset(lines_above([user.pk])[user.pk])


def lines_above(user_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """For each of `user_ids` the ids of everyone above them in the line of management, the nearest first; in one
    statement however many they are and however long the lines.
    """
    if not user_ids:
        return {}
    marks = ", ".join(["%s"] * len(user_ids))
    walk = f"""
        WITH RECURSIVE line (id, manager_id) AS (
            SELECT id, line_manager_id FROM accounts_user WHERE id IN ({marks})
            UNION
            SELECT person.id, person.line_manager_id
            FROM accounts_user person JOIN line ON person.id = line.manager_id
        )
        SELECT id, manager_id FROM line WHERE manager_id IS NOT NULL
    """  # noqa: S608 (only placeholders are put in)
    with connection.cursor() as cursor:
        cursor.execute(walk, list(user_ids))
        manager_of: dict[int, int] = dict(cursor.fetchall())
    return {user_id: _upwards(user_id, manager_of) for user_id in user_ids}


def _upwards(user_id: int, manager_of: Mapping[int, int]) -> tuple[int, ...]:
    line = [user_id]  # a circle comes to an end where it began
    while (manager_id := manager_of.get(line[-1])) is not None and manager_id not in line:
        line.append(manager_id)
    return tuple(line[1:])


def direct_reports_of(manager_ids: Collection[int]) -> frozenset[int]:
    """Ids of the people whose own line manager is one of `manager_ids`."""
    return frozenset(User.objects.filter(line_manager__in=manager_ids).values_list("pk", flat=True))


def kept_out_below(
    named: frozenset[int],
    *,
    first: Collection[int],
    everybody: Callable[[], Collection[int]],
    managed_by: Callable[[frozenset[int]], frozenset[int]] = managed_by_any,
    reports_of: Callable[[frozenset[int]], frozenset[int]] = direct_reports_of,
) -> frozenset[int]:
    """Ids of whoever may have no part in a matter because one of `named` manages them (R45).

    Naming a director must not leave nobody. So when nobody of `first` is left, only those whose own line manager is
    named are kept out, and when nobody of `everybody` is left, nobody is. Whoever asks about many matters at once
    gives `managed_by` and `reports_of`, which answer as `managed_by_any` and `direct_reports_of` do.
    """
    below = managed_by(named)
    if frozenset(first) - named - below:
        return below
    direct = reports_of(named)
    return direct if frozenset(everybody()) - named - direct else frozenset()


def service_area_of(user: User) -> ServiceArea | None:
    """The area a person's concerns belong to: their own; a contractor's is that of the contract manager."""
    if user.is_contractor and user.line_manager is not None:
        return user.line_manager.service_area
    return user.service_area or (user.line_manager.service_area if user.line_manager else None)


def absences_of(person: User, *, at: datetime) -> QuerySet[Absence]:
    """A person's own leave that is running or to come at `at`, soonest first."""
    rows = Absence.objects.filter(user=person, cancelled_at=None, ends_at__gt=at)
    return rows.select_related("user", "cover", "recorded_by").order_by("starts_at", "pk")


def absences_of_team(manager: User, *, at: datetime) -> QuerySet[Absence]:
    """The same for the people whom `manager` manages directly."""
    rows = Absence.objects.filter(user__line_manager=manager, user__is_active=True, cancelled_at=None, ends_at__gt=at)
    return rows.select_related("user", "cover", "recorded_by").order_by("starts_at", "pk")


def find_absence(pk: str, *, viewer: User) -> Absence | None:
    """The absence with this id, if it is `viewer`'s own or of somebody whom they manage directly."""
    if not pk.isdecimal() or len(pk) > 15:
        return None
    rows = Absence.objects.filter(Q(user=viewer) | Q(user__line_manager=viewer), pk=int(pk))
    return rows.select_related("user").first()


@dataclass(frozen=True)
class Profile:
    """What the site knows of a person, in words for themselves."""

    area: ServiceArea | None
    manager: User | None
    roles: tuple[str, ...]
    champion_of: tuple[str, ...]


def profile_of(person: User) -> Profile:
    """`person` as they see themselves on their account page."""
    loaded = User.objects.select_related("service_area", "line_manager__service_area").get(pk=person.pk)
    roles = RoleAssignment.objects.filter(user=person, ended_at=None).order_by("started_at", "pk")
    champions = ChampionAppointment.objects.filter(user=person, ended_at=None).select_related("service_area")
    return Profile(
        area=service_area_of(loaded),
        manager=loaded.line_manager,
        roles=tuple(str(role) for role in roles),
        champion_of=tuple(sorted(row.service_area.name for row in champions)),
    )
