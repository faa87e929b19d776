"""A lead keeps a member of staff out of a concern, whoever holds it and also when it has ended (R41, R45)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from concerns import permissions
from concerns.models import Concern
from concerns.services.base import lock
from concerns.services.conflicts import bar, leaving_somebody, nobody_left, recuse, restrict
from concerns.services.holding import leave_if_shut_out
from concerns.services.staff_steps import open_staff_steps
from concerns.vocabulary import KeptOutBecause
from safeguarding.kit.errors import NotAllowed, Unsound


@transaction.atomic
def keep_out(*, concern_id: int, staff: User, because: KeptOutBecause, words: str, by: User, at: datetime) -> Concern:
    """For `staff` the concern, and all that was joined to it, does not exist from here on; they hear nothing of it.

    Who may be a cause is barred, everybody else recused; a cause, or one of us at risk, restricts it. Where that leaves
    its holder in conflict, it goes to the next person at once. Once it has ended it goes past them when it is opened
    again. It is no finding about anybody (R4). Raises NotAllowed, Unsound by field, also where nobody else at lead
    level would be left (R44).
    """
    concern = lock(concern_id)
    permissions.check_can_keep_out(by, concern)
    if staff.pk == by.pk:
        raise NotAllowed("You can’t keep yourself out here. Say that you have a conflict of interest.")
    if not words.strip():
        raise Unsound("Give a reason.", {"words": ["Say what makes you think so."]})
    reason = f"{because.label}. {words.strip()}"
    with leaving_somebody(concern, by=by, refusal=nobody_left("person")):
        if because == KeptOutBecause.CAUSE:
            bar(concern, staff_id=staff.pk, reason=reason, by=by, at=at)
            if concern.is_open:
                open_staff_steps(concern, at=at)  # R46; of one that has ended when it is opened again
        else:
            recuse(concern, staff=staff, reason=reason, by=by, at=at)
        if because == KeptOutBecause.AT_RISK:
            restrict(concern, by=by, at=at)
        leave_if_shut_out(concern, at=at)
    return concern
