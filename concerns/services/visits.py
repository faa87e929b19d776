"""What visitors to a home must do: set on a concern, looked up by address, every look-up kept (domain.md 5)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.services import record, record_about_each
from concerns import events, permissions
from concerns.models import Concern, VisitWarning
from concerns.selectors.visits import (
    UNTOLD_STATES,
    BeforeVisit,
    before_visit,
    is_enough,
    place_key,
    possible_speakers,
    warnings_at,
)
from concerns.services.base import lock, log, save
from concerns.vocabulary import VisitAdvice
from safeguarding.kit.errors import NotNow, Unsound


@transaction.atomic
def warn_visitors(
    *,
    concern_id: int,
    advice: str,
    address: str,
    tenancy_ref: str,
    speak_to: int | None,
    by: User,
    at: datetime,
) -> VisitWarning | None:
    """From `at` whoever looks this home up is told `advice`, in place of what stood before; "" ends it.

    Raises NotAllowed, NotNow once the concern has ended, Unsound.
    """
    concern = lock(concern_id)
    permissions.check_can_warn_visitors(by, concern)
    check_still_stands(concern)
    address_key, tenancy_key = place_key(address), place_key(tenancy_ref)
    problems: dict[str, list[str]] = {}
    if advice and not (is_enough(address_key) or is_enough(tenancy_key)):
        problems["address"] = ["Enter the number and street, or the tenancy reference."]
    speakers = {user.pk: user for user in possible_speakers(concern)}
    if advice in (VisitAdvice.SPEAK_FIRST, VisitAdvice.BOTH) and speak_to not in speakers:
        problems["speak_to"] = ["Choose whom they should speak to."]
    if problems:
        raise Unsound("Something is missing.", problems)
    ended = VisitWarning.objects.filter(concern=concern, ended_at__isnull=True).update(ended_at=at, ended_by=by)
    if not advice:
        if ended:
            save(concern)
            log(events.VISIT_WARNING_ENDED, concern, by=by, at=at)
        return None
    warning = VisitWarning.objects.create(
        concern=concern, advice=advice, address=address, tenancy_ref=tenancy_ref,
        address_key=address_key if is_enough(address_key) else "",
        tenancy_key=tenancy_key if is_enough(tenancy_key) else "",
        speak_to=speakers.get(speak_to) if speak_to and advice != VisitAdvice.IN_PAIRS else None, set_by=by, set_at=at,
    )  # fmt: skip
    save(concern)
    log(events.VISIT_WARNING_SET, concern, by=by, at=at, advice=advice)
    return warning


def check_still_stands(concern: Concern) -> None:
    """Raises NotNow when no visitor is told anything because of `concern` any more; a joined one still tells."""
    if concern.state in UNTOLD_STATES:
        raise NotNow("This concern is closed. Visitors are told nothing because of it.")


@transaction.atomic
def look_up_visit(*, words: str, by: User, at: datetime) -> BeforeVisit | None:
    """What `by` must do before visiting this home; the same for everybody. That they looked is kept, on the report of
    each concern behind it too; what they typed is not.
    """
    rows = warnings_at(words)
    record(events.VISIT_LOOKED_UP, by=by, at=at, hits=len(rows))
    record_about_each(
        events.VISIT_SHOWN,
        by=by,
        at=at,
        subject_type=Concern._meta.label_lower,
        concerns=[(row.concern_id, row.concern.ref) for row in rows],
    )
    return before_visit(rows)
