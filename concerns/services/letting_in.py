"""Named exceptions: a lead lets one person in to one concern, by name, for a reason, until a day."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.selectors import standing
from concerns import permissions
from concerns.models import Concern, ConcernGrant, TwoPersonStep
from concerns.services.base import lock, save
from concerns.services.grants import check_grant, end_grants, lock_person, write_grant
from concerns.services.second_person import ask_second_person
from concerns.vocabulary import TwoPersonAct
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound


@transaction.atomic
def let_in(
    *, concern_id: int, person: User, until: datetime, reason: str, by: User, at: datetime
) -> ConcernGrant | TwoPersonStep:
    """`person` may read this concern until `until`, at most 90 days; letting them in again takes the first grant over.

    An auditor on a restricted concern takes two people: then nothing is open yet, and the step that waits for the
    second one is handed back. Raises NotAllowed (oneself; barred, recused, contractor, administrator), NotNow when
    they can read it anyway, Unsound.
    """
    concern = lock(concern_id)
    person = lock_person(person)
    permissions.check_can_let_in(by, concern)
    if person.pk == by.pk:
        raise NotAllowed("You can’t let yourself in.")
    if not reason.strip():
        raise Unsound("Give a reason.", {"reason": ["Say why they need to read it."]})
    check_grant(concern, person, until=until, at=at)
    if Concern.objects.workable_by(person, at=at).filter(pk=concern.pk).exists():
        raise NotNow("They can read this concern already.")
    if concern.is_restricted and standing(person).is_auditor:
        return ask_second_person(
            concern_id=concern.pk, act=TwoPersonAct.LET_AUDITOR_IN, reason=reason, by=by, at=at, let_in=person,
            until=until,
        )  # fmt: skip
    save(concern)
    return write_grant(concern, person, until=until, reason=reason, by=by, at=at)


@transaction.atomic
def end_let_in(*, concern_id: int, user_id: int, by: User, at: datetime) -> None:
    """A lead ends what lets this person in by name or by break-glass, before its time. Raises NotAllowed, NotNow."""
    concern = lock(concern_id)
    permissions.check_can_let_in(by, concern)
    if not end_grants(concern, staff_id=user_id, cause="ended_early", by=by, at=at):
        raise NotNow("This person is not let in any more.")
    save(concern)
