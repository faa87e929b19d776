"""Larkfield Homes: a fictional landlord's service areas and staff. Phone numbers are from the range kept for drama."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import make_password

from accounts import services
from accounts.models import ServiceArea, User
from accounts.services import PersonDetails
from accounts.vocabulary import Employment, Role

PASSWORD = "larkfield-demo-1"  # noqa: S105  (printed at every start, and only ever set in demo mode)
DOMAIN = "larkfield.example"

AREAS: Mapping[str, str] = {
    "housing": "Housing management",
    "repairs": "Repairs and maintenance",
    "homelessness": "Homelessness and temporary accommodation",
    "income": "Income and tenancy sustainment",
    "supported": "Older people’s and supported housing",
}


@dataclass(frozen=True)
class Member:
    """One person of the cast. `manager` is a full name; `champion` the code of an area. `firm` makes a contractor."""

    name: str
    title: str
    manager: str = ""
    area: str = ""
    role: Role | None = None
    champion: str = ""
    firm: str = ""
    employment: str = Employment.EMPLOYEE


# Managers stand before the people whom they manage.
CAST: tuple[Member, ...] = (
    Member("Adaeze Nwosu", "Chief executive", role=Role.CHIEF_EXECUTIVE),
    Member("Gareth Llewellyn", "Director of housing", "Adaeze Nwosu", role=Role.DESIGNATED_SENIOR_MANAGER),
    Member("Farah Siddiqui", "Director of property", "Adaeze Nwosu", role=Role.SENIOR_MANAGER),
    Member("Peter Hallam", "Director of finance", "Adaeze Nwosu", role=Role.SENIOR_MANAGER),
    Member("Margaret Osei", "Head of safeguarding", "Adaeze Nwosu", role=Role.SAFEGUARDING_LEAD),
    Member("Joel Friedman", "Safeguarding manager", "Adaeze Nwosu", role=Role.DEPUTY_LEAD),
    Member("Ingrid Solberg", "Head of service improvement", "Gareth Llewellyn", role=Role.OPERATIONAL_LEAD),
    Member("Tanvir Choudhury", "Data protection officer", "Peter Hallam", role=Role.IG_LEAD),
    Member("Beatrice Lowe", "Internal auditor", "Peter Hallam", role=Role.AUDITOR),
    Member("Callum Reid", "Systems administrator", "Peter Hallam", role=Role.ADMINISTRATOR),
    Member("Yasmin Haddad", "Systems administrator", "Peter Hallam", role=Role.ADMINISTRATOR),
    # Housing management
    Member("Denise Carter", "Housing manager, north", "Gareth Llewellyn", "housing"),
    Member("Kwame Boateng", "Housing manager, south", "Gareth Llewellyn", "housing"),
    Member("Anita Desai", "Tenancy enforcement lead", "Gareth Llewellyn", "housing", champion="housing"),
    Member("Rory MacLeod", "Estates lead", "Gareth Llewellyn", "housing", champion="housing"),
    Member("Sophie Bennett", "Housing officer", "Denise Carter", "housing"),
    Member("Mohammed Iqbal", "Housing officer", "Denise Carter", "housing"),
    Member("Chloe Wright", "Housing officer", "Denise Carter", "housing"),
    Member("Emeka Obi", "Housing officer", "Kwame Boateng", "housing"),
    Member("Niamh O’Connor", "Anti-social behaviour officer", "Kwame Boateng", "housing"),
    Member("Li Wei", "Neighbourhood caretaker", "Kwame Boateng", "housing"),
    # Repairs and maintenance
    Member("Stuart Pike", "Repairs manager", "Farah Siddiqui", "repairs"),
    Member("Lorraine Green", "Contracts manager", "Farah Siddiqui", "repairs"),
    Member("Hassan Ali", "Planned works lead", "Farah Siddiqui", "repairs", champion="repairs"),
    Member("Bronwen Price", "Customer liaison lead", "Farah Siddiqui", "repairs", champion="repairs"),
    Member("Piotr Kowalski", "Gas engineer", "Stuart Pike", "repairs"),
    Member("Dwayne Campbell", "Multi-trade operative", "Stuart Pike", "repairs"),
    Member("Jessica Hart", "Damp and mould surveyor", "Stuart Pike", "repairs"),
    Member("Marek Dvořák", "Electrician", "Lorraine Green", firm="Ashby Electrical Ltd"),
    Member("Ryan Doherty", "Lift engineer", "Lorraine Green", firm="Ashby Electrical Ltd"),
    # Homelessness and temporary accommodation
    Member("Fiona Drummond", "Homelessness manager", "Gareth Llewellyn", "homelessness"),
    Member("Samira Hussain", "Prevention lead", "Gareth Llewellyn", "homelessness", champion="homelessness"),
    Member("Luke Ashworth", "Placements lead", "Gareth Llewellyn", "homelessness", champion="homelessness"),
    Member("Blessing Eze", "Temporary accommodation officer", "Fiona Drummond", "homelessness"),
    Member("Tom Sutcliffe", "Housing options adviser", "Fiona Drummond", "homelessness"),
    # Income and tenancy sustainment
    Member("Carol Whittaker", "Income manager", "Peter Hallam", "income"),
    Member("Rajesh Menon", "Money advice lead", "Peter Hallam", "income", champion="income"),
    Member("Hannah Cohen", "Sustainment lead", "Peter Hallam", "income", champion="income"),
    Member("Olivia Brown", "Income officer", "Carol Whittaker", "income"),
    Member("Ahmed Warsame", "Tenancy sustainment officer", "Carol Whittaker", "income"),
    # Older people's and supported housing
    Member("Winston Clarke", "Supported housing manager", "Gareth Llewellyn", "supported"),
    Member("Maria Santos", "Extra care lead", "Gareth Llewellyn", "supported", champion="supported"),
    Member("Alun Griffiths", "Independent living lead", "Gareth Llewellyn", "supported", champion="supported"),
    Member("Grace Mensah", "Scheme manager", "Winston Clarke", "supported"),
    Member("Siobhan Kelly", "Scheme manager", "Winston Clarke", "supported"),
    Member("Doris Pemberton", "Befriender", "Winston Clarke", "supported", employment=Employment.VOLUNTEER),
)

# Away when the demo is opened first: what their team reports goes to a champion.
ON_LEAVE = "Fiona Drummond"


def address_of(name: str) -> str:
    """The e-mail address of a member of the cast."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ł", "l")).encode("ascii", "ignore").decode()
    return f"{'.'.join(plain.split())}@{DOMAIN}"


def hire_everybody(*, at: datetime) -> None:
    """Make the service areas and the cast through the services of `accounts`, joined at `at`."""
    encoded = make_password(PASSWORD)
    areas: dict[str, ServiceArea] = {
        code: services.add_service_area(code=code, name=name, by=None, at=at) for code, name in AREAS.items()
    }
    people: dict[str, User] = {}
    for number, member in enumerate(CAST):
        person = services.create_person(
            email=address_of(member.name),
            details=PersonDetails(
                full_name=member.name,
                job_title=member.title,
                phone=f"01632 960 {200 + number}",
                employment=Employment.CONTRACTOR if member.firm else member.employment,
                firm=member.firm,
                service_area=areas.get(member.area),
                line_manager=people.get(member.manager),
            ),
            by=None,
            at=at,
            encoded_password=encoded,
        )
        people[member.name] = person
        if member.role is not None:
            services.give_role(person=person, role=member.role, by=None, at=at)
        if member.champion:
            services.appoint_champion(
                person=person, area=areas[member.champion], by=None, at=at, confirmed_on=at.date()
            )


# Who shows what, for the table of sign-ins.
SIGN_INS: tuple[tuple[str, str, str], ...] = (
    ("Sophie Bennett", "Housing officer", "Raise a concern; see what became of the ones she raised"),
    ("Denise Carter", "Her line manager", "Acknowledge it, answer the conflict question, add notes"),
    ("Anita Desai", "Champion, housing", "Open the queue, take a concern, triage it, decide about sharing"),
    ("Rory MacLeod", "Champion, housing", "Agree to closing a concern that a colleague holds"),
    ("Margaret Osei", "Safeguarding lead", "See every area, give second views, settle a dispute with an agency"),
    ("Ingrid Solberg", "Operational lead", "Comment on and release the quarterly report"),
    ("Farah Siddiqui", "Senior manager", "Read the released quarterly report"),
    ("Beatrice Lowe", "Auditor", "List decision records, export one or many"),
    ("Marek Dvořák", "Contractor’s worker", "Raise a concern from a visit, see only the receipt"),
    ("Callum Reid", "Administrator", "No access to any concern"),
)
