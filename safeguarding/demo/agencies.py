"""The directory of agencies that Larkfield Homes works with; all invented but for the national numbers."""

from dataclasses import replace
from datetime import datetime

from accounts.selectors import holders_of
from accounts.vocabulary import Role
from safeguarding.demo.calendar import LONDON
from sharing.services.agencies import AgencyDetails, save_agency
from sharing.vocabulary import AgencyKind, SharingMethod

AUTHORITY = "Larkshire"

AGENCIES: tuple[AgencyDetails, ...] = (
    AgencyDetails(
        AgencyKind.CHILDREN, "Larkshire children’s social care, front door", AUTHORITY, "01632 960 301",
        "01632 960 111", "frontdoor@larkshire.example", "https://portal.larkshire.example/children",
    ),
    AgencyDetails(
        AgencyKind.ADULTS, "Larkshire adult social care, safeguarding hub", AUTHORITY, "01632 960 302",
        "01632 960 122", "adults.hub@larkshire.example", "https://portal.larkshire.example/adults",
    ),
    AgencyDetails(
        AgencyKind.POLICE, "Larkshire Police, public protection", AUTHORITY, "101", "999",
        "public.protection@larkshire-police.example", usual_method=SharingMethod.SECURE_EMAIL,
    ),
    AgencyDetails(
        AgencyKind.PIPOT, "Larkshire PiPoT lead", AUTHORITY, "01632 960 303", "", "pipot@larkshire.example",
        usual_method=SharingMethod.SECURE_EMAIL,
    ),
    AgencyDetails(
        AgencyKind.LADO, "Larkshire LADO", AUTHORITY, "01632 960 304", "", "lado@larkshire.example",
        usual_method=SharingMethod.SECURE_EMAIL,
    ),
    AgencyDetails(
        AgencyKind.MARAC, "Larkshire MARAC", AUTHORITY, "01632 960 305", "", "marac@larkshire.example",
        usual_method=SharingMethod.SECURE_EMAIL,
    ),
    AgencyDetails(
        AgencyKind.IDVA, "Haven, domestic abuse service", AUTHORITY, "01632 960 306", "01632 960 307",
        usual_method=SharingMethod.PHONE,
    ),
    AgencyDetails(
        AgencyKind.MENTAL_HEALTH, "Larkshire crisis team", AUTHORITY, "01632 960 308", "01632 960 308",
        usual_method=SharingMethod.PHONE,
    ),
    AgencyDetails(
        AgencyKind.NRM, "National Referral Mechanism, through the council as first responder", AUTHORITY,
        "01632 960 309", usual_method=SharingMethod.PORTAL, portal_url="https://portal.larkshire.example/nrm",
    ),
    AgencyDetails(AgencyKind.AMBULANCE, "Ambulance", phone="999", usual_method=SharingMethod.CALL_999),
    AgencyDetails(AgencyKind.FIRE, "Larkshire Fire and Rescue, safe and well visits", AUTHORITY, "01632 960 310"),
)  # fmt: skip


def fill_directory(*, at: datetime) -> None:
    """Put them all in, checked by the safeguarding lead."""
    lead = holders_of(Role.SAFEGUARDING_LEAD).get()
    for details in AGENCIES:
        checked = replace(
            details,
            verified_on=at.astimezone(LONDON).date(),
            verified_how="Number from the authority’s own site, called back",
        )
        save_agency(details=checked, by=lead, at=at)
