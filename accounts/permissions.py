"""Who may change what about people (domain.md 5).

`by` is None for the set-up commands, run by whoever holds the server.
"""

from accounts.models import Absence, ServiceArea, User
from accounts.selectors import may_be_on_duty, standing
from safeguarding.kit.errors import NotAllowed


def check_can_manage_people(by: User | None) -> None:
    """Add, change and deactivate people, and keep the service areas: administrators."""
    if by is not None and not standing(by).is_administrator:
        raise NotAllowed("Only an administrator can add or change people.")


def check_can_give_role(by: User | None, person: User) -> None:
    """Roles are given and ended by administrators, never to oneself."""
    if by is None:
        return
    if not standing(by).is_administrator:
        raise NotAllowed("Only an administrator can give or end roles.")
    if by == person:
        raise NotAllowed("You cannot change your own roles. Ask another administrator.")


def check_can_appoint_champion(by: User | None, person: User) -> None:
    """The champion list belongs to the leads; administrators keep it for them. Nobody appoints themselves."""
    if by is None:
        return
    who = standing(by)
    if not (who.is_lead or who.is_operational_lead or who.is_administrator):
        raise NotAllowed("Only a safeguarding lead, the operational lead or an administrator can change the champions.")
    if by == person:
        raise NotAllowed("You cannot appoint yourself. Ask a colleague who may.")


def check_can_confirm_champion(by: User, person: User) -> None:
    """One's own entry in the directory, or any as a lead."""
    who = standing(by)
    if by != person and not (who.is_lead or who.is_operational_lead):
        raise NotAllowed("You can confirm your own entry only.")


def check_can_record_absence(by: User | None, person: User) -> None:
    """One's own, or that of somebody one manages directly."""
    if by is not None and not can_record_absence(by, person):
        raise NotAllowed("You can record leave for yourself and for people you manage.")


def can_record_absence(by: User, person: User) -> bool:
    return by == person or person.line_manager_id == by.pk


def check_can_cancel_absence(by: User | None, absence: Absence) -> None:
    check_can_record_absence(by, absence.user)


def check_can_keep_rota(by: User | None, person: User, area: ServiceArea) -> None:
    """Champions keep their own shifts, leads anybody's. On duty can be a champion of the area or a lead."""
    if by is not None and by != person and not can_keep_rota_of_others(by):
        raise NotAllowed("You can keep your own duty only. A lead can keep the rota for everybody.")
    if not may_be_on_duty(person, area):
        raise NotAllowed("Only a champion of the service area or a lead can be on duty for it.")


def check_can_cancel_shift(by: User | None, person: User) -> None:
    if by is not None and by != person and not can_keep_rota_of_others(by):
        raise NotAllowed("You can change your own duty only. A lead can keep the rota for everybody.")


def can_keep_rota_of_others(by: User) -> bool:
    who = standing(by)
    return who.is_lead or who.is_operational_lead


def can_keep_rota(by: User) -> bool:
    return standing(by).is_champion or can_keep_rota_of_others(by)
