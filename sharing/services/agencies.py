"""Keeping the directory of agencies (R30, R33, R53)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from audit.services import record
from concerns.references import new_reference
from safeguarding.kit.errors import Unsound
from sharing import events, permissions
from sharing.models import Agency
from sharing.vocabulary import AgencyKind, SharingMethod


@dataclass(frozen=True)
class AgencyDetails:
    """One entry of the directory. `verified_*`: how and when its contact was checked, both or neither."""

    kind: AgencyKind
    name: str
    local_authority: str = ""
    phone: str = ""
    out_of_hours_phone: str = ""
    secure_email: str = ""
    portal_url: str = ""
    post_address: str = ""
    usual_method: SharingMethod = SharingMethod.PORTAL
    notes: str = ""
    verified_on: date | None = None
    verified_how: str = ""
    is_in_use: bool = True


@transaction.atomic
def save_agency(*, details: AgencyDetails, by: User | None, at: datetime, agency_id: int | None = None) -> Agency:
    """Add an agency, or change one. `by` is None for the set-up commands, which leave contacts unverified.

    Raises Unsound for a name that is missing or taken, or a half-told verification.
    """
    if by is not None:
        permissions.check_can_keep_agencies(by)
    _refuse_unsound(details, by=by, at=at, agency_id=agency_id)
    agency = Agency.objects.get(pk=agency_id) if agency_id else Agency(ref=new_reference("AG"), created_at=at)
    for name, value in asdict(details).items():
        setattr(agency, name, value)
    agency.verified_by = by if details.verified_on else None
    agency.save()
    record(
        events.AGENCY_CHANGED, by=by, at=at, subject=agency, ref=agency.ref, change="changed" if agency_id else "added"
    )
    return agency


def _refuse_unsound(details: AgencyDetails, *, by: User | None, at: datetime, agency_id: int | None) -> None:
    problems: dict[str, list[str]] = {}
    if not details.name.strip():
        problems["name"] = ["Enter the name of the agency."]
    same = Agency.objects.filter(kind=details.kind, name=details.name, local_authority=details.local_authority)
    if (same.exclude(pk=agency_id) if agency_id else same).exists():
        problems["name"] = ["This agency is in the directory already."]
    if bool(details.verified_on) != bool(details.verified_how.strip()):
        problems["verified_how"] = ["Enter both how and when the contact was checked, or neither."]
    if details.verified_on and by is None:
        problems["verified_on"] = ["Only a signed-in person can say that they checked a contact."]
    if details.verified_on and details.verified_on > at.date():
        problems["verified_on"] = ["The date must not be in the future."]
    if problems:
        raise Unsound("Something is missing.", problems)
