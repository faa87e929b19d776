"""Every write about people: who they are, what they are appointed to, when they are away."""

from accounts.services.absences import cancel_absence, record_absence
from accounts.services.appointments import appoint_champion, confirm_champion, end_champion, end_role, give_role
from accounts.services.people import (
    PersonDetails,
    add_service_area,
    change_person,
    create_person,
    deactivate_person,
    reactivate_person,
    rename_service_area,
    reset_second_factor,
)
from accounts.services.posts import propose_post, view_post
from accounts.services.rota import cancel_shift, record_shift

__all__ = [
    "PersonDetails",
    "add_service_area",
    "appoint_champion",
    "cancel_absence",
    "cancel_shift",
    "change_person",
    "confirm_champion",
    "create_person",
    "deactivate_person",
    "end_champion",
    "end_role",
    "give_role",
    "propose_post",
    "reactivate_person",
    "record_absence",
    "record_shift",
    "rename_service_area",
    "reset_second_factor",
    "view_post",
]
