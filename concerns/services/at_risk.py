"""Who else is at risk: the one place that puts somebody down, and the rule about the children of a home (R22, R115)."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from concerns import events, permissions
from concerns.intake import IntakePerson
from concerns.models import Involvement
from concerns.services.base import log
from concerns.services.conflicts import keep_out_of_their_own
from concerns.services.moving import start_triage_clock
from concerns.services.staff_steps import open_missing_staff_steps
from concerns.vocabulary import PersonRole, YesNoUnknown


def put_at_risk(row: Involvement, *, by: User, at: datetime) -> None:
    """R115, R22: whoever has another part in the locked concern is one of those at risk as well, and is decided about
    like them, sooner for a child (T3). Once, however often it is said.

    One of us who is kept out as part of it stays so, now as somebody at risk, and it is restricted (domain.md 2.1).
    Whoever was let in again because the wrong account was linked is not linked anew.
    """
    if row.concern.involvements.filter(person=row.person, role=PersonRole.AT_RISK).exists():
        return
    staff_id = row.staff_id if row.staff_id in permissions.denied_ids(row.concern) else None
    Involvement.objects.create(
        concern=row.concern, person=row.person, role=PersonRole.AT_RISK, relationship=row.relationship,
        life_stage=row.life_stage, staff_id=staff_id, added_at=at, added_by=by,
    )  # fmt: skip
    log(events.PERSON_ADDED, row.concern, by=by, at=at, person=row.person.ref, role=PersonRole.AT_RISK.value)
    keep_out_of_their_own(row.concern, IntakePerson(role=PersonRole.AT_RISK, staff_id=staff_id), by=by, at=at)
    open_missing_staff_steps(row.concern, at=at)
    start_triage_clock(row.concern, at=at)


def child_is_set_aside_without_reason(answer: str, reason: str) -> bool:
    """R22: with domestic abuse a child of the home is somebody at risk, unless a reason says why not."""
    return answer != YesNoUnknown.YES and not reason.strip()


SET_ASIDE = "There is domestic abuse in the home. Choose “Yes”, or write why this child is not at risk."
