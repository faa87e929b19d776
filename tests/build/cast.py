"""The fixed cast: a small landlord with everybody in it whom a test may need, made through the real services.

That takes some three hundred statements, which were a third of the time of the whole suite. So a process makes it once,
remembers the rows and puts the same rows into the empty database of each further test.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Model

from accounts import services
from accounts.models import ServiceArea, User
from accounts.services import PersonDetails
from accounts.vocabulary import Employment, Role

# A Monday at the start of the working day, before everything that tests let happen.
SINCE = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Areas:
    housing: ServiceArea
    repairs: ServiceArea
    homelessness: ServiceArea
    income: ServiceArea
    supported: ServiceArea


@dataclass(frozen=True)
class Cast:
    """Everybody by first name. Two champions in housing and in repairs, one in each other area.

    Helen manages Gwen, Colin, Leon and all champions; Sunita manages the leads, so no champion or lead stands below
    Colin, Gwen or Leon.
    """

    areas: Areas
    # Repairs: Priya and Tomasz report to Colin; Jakub works for a contractor whose contract Leon manages.
    priya: User
    tomasz: User
    colin: User
    jakub: User
    leon: User
    # Housing: Amara and Siân report to Gwen.
    amara: User
    sian: User
    gwen: User
    # Champions: Dev, Nadia (housing), Femi, Saoirse (repairs), Mei (homelessness), Rhys (income), Olu (supported).
    dev: User
    nadia: User
    femi: User
    saoirse: User
    mei: User
    rhys: User
    olu: User
    # Roles for the whole organisation.
    ruth: User  # Safeguarding Lead
    imran: User  # Deputy Safeguarding Lead
    karen: User  # operational lead
    martin: User  # designated senior manager
    helen: User  # senior manager
    sunita: User  # chief executive
    joyce: User  # information governance lead
    alan: User  # auditor
    bea: User  # administrator
    carl: User  # administrator
    # Nobody's manager and in no area.
    quinn: User


Rows = dict[type[Model], list[dict[str, Any]]]
_remembered: dict[datetime, tuple[Cast, Rows]] = {}


def make_cast(*, at: datetime = SINCE) -> Cast:
    """Everybody, joined at `at`, with `PASSWORD`."""
    if at in _remembered:
        cast, made = _remembered[at]
        somebody_is_here = any(model._base_manager.exists() for model in made)
        return _through_the_services(at) if somebody_is_here else _again(cast, made)
    before = _rows()
    cast = _through_the_services(at)
    after = _rows()
    if all(after[model] == rows for model, rows in before.items()):
        _remembered[at] = cast, {model: rows for model, rows in after.items() if model not in before}
    return cast


def _rows() -> Rows:
    """Every row of every table that has any."""
    models = apps.get_models(include_auto_created=True)
    return {model: rows for model in models if (rows := list(model._base_manager.order_by("pk").values()))}


def _again(cast: Cast, made: Rows) -> Cast:
    with transaction.atomic():
        for model, rows in made.items():
            model._base_manager.bulk_create([model(**row) for row in rows])
    areas, people = ServiceArea.objects.in_bulk(), User.objects.in_bulk()
    return Cast(
        areas=Areas(**{each.name: areas[getattr(cast.areas, each.name).pk] for each in fields(Areas)}),
        **{each.name: people[getattr(cast, each.name).pk] for each in fields(Cast) if each.name != "areas"},
    )


def _through_the_services(at: datetime) -> Cast:
    encoded = make_password(PASSWORD)
    areas = Areas(
        **{
            code: services.add_service_area(code=code, name=name, by=None, at=at)
            for code, name in (
                ("housing", "Housing management"),
                ("repairs", "Repairs and maintenance"),
                ("homelessness", "Homelessness and temporary accommodation"),
                ("income", "Income and tenancy sustainment"),
                ("supported", "Older people's and supported housing"),
            )
        }
    )
    made = 0

    def person(
        full_name: str,
        job_title: str,
        manager: User | None = None,
        area: ServiceArea | None = None,
        *,
        role: Role | None = None,
        champion_of: ServiceArea | None = None,
        firm: str = "",
    ) -> User:
        nonlocal made
        made += 1
        user = services.create_person(
            email=f"{full_name.split()[0].lower().replace('â', 'a')}@larkfield.example",
            details=PersonDetails(
                full_name=full_name,
                job_title=job_title,
                phone=f"01632 960 {200 + made}",
                employment=Employment.CONTRACTOR if firm else Employment.EMPLOYEE,
                firm=firm,
                service_area=area,
                line_manager=manager,
            ),
            by=None,
            at=at,
            encoded_password=encoded,
        )
        if role is not None:
            services.give_role(person=user, role=role, by=None, at=at)
        if champion_of is not None:
            services.appoint_champion(person=user, area=champion_of, by=None, at=at)
        return user

    sunita = person("Sunita Rao", "Chief executive", role=Role.CHIEF_EXECUTIVE)
    helen = person("Helen Marsh", "Director of operations", sunita, role=Role.SENIOR_MANAGER)
    colin = person("Colin Baker", "Repairs manager", helen, areas.repairs)
    leon = person("Leon Grant", "Contracts manager", helen, areas.repairs)
    gwen = person("Gwen Pritchard", "Housing manager", helen, areas.housing)
    return Cast(
        areas=areas,
        sunita=sunita,
        helen=helen,
        colin=colin,
        leon=leon,
        gwen=gwen,
        priya=person("Priya Nair", "Repairs officer", colin, areas.repairs),
        tomasz=person("Tomasz Zieliński", "Gas engineer", colin, areas.repairs),
        jakub=person("Jakub Novák", "Plumber", leon, firm="Brightwater Plumbing"),
        amara=person("Amara Okafor", "Housing officer", gwen, areas.housing),
        sian=person("Siân Hughes", "Housing officer", gwen, areas.housing),
        dev=person("Dev Patel", "Tenancy specialist", helen, areas.housing, champion_of=areas.housing),
        nadia=person("Nadia Rahman", "Estates lead", helen, areas.housing, champion_of=areas.housing),
        femi=person("Femi Adeyemi", "Planned works lead", helen, areas.repairs, champion_of=areas.repairs),
        saoirse=person("Saoirse Byrne", "Repairs planner", helen, areas.repairs, champion_of=areas.repairs),
        mei=person("Mei Chen", "Options lead", helen, areas.homelessness, champion_of=areas.homelessness),
        rhys=person("Rhys Evans", "Income lead", helen, areas.income, champion_of=areas.income),
        olu=person("Olu Bello", "Scheme lead", helen, areas.supported, champion_of=areas.supported),
        ruth=person("Ruth Abrahams", "Head of safeguarding", sunita, role=Role.SAFEGUARDING_LEAD),
        imran=person("Imran Sheikh", "Safeguarding manager", sunita, role=Role.DEPUTY_LEAD),
        karen=person("Karen Doyle", "Head of operations", sunita, role=Role.OPERATIONAL_LEAD),
        martin=person("Martin Ellis", "Director of homes", sunita, role=Role.DESIGNATED_SENIOR_MANAGER),
        joyce=person("Joyce Lam", "Data protection officer", sunita, role=Role.IG_LEAD),
        alan=person("Alan Whitfield", "Internal auditor", role=Role.AUDITOR),
        bea=person("Bea Costa", "Systems administrator", sunita, role=Role.ADMINISTRATOR),
        carl=person("Carl Jensen", "Systems administrator", sunita, role=Role.ADMINISTRATOR),
        quinn=person("Quinn Taylor", "Volunteer"),
    )
