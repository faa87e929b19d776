"""A concern ends: nobody holds it any more and no clock runs. Called with the concern locked."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from concerns.models import ClosureProposal, Concern
from concerns.services.base import save
from concerns.services.clocks import drop_all_clocks
from concerns.vocabulary import State


def end(concern: Concern, *, state: State, by: User, at: datetime) -> None:
    """The concern is in the ended `state` since `at`; its holder's time and every clock end with it."""
    concern.assignments.filter(ended_at__isnull=True).update(ended_at=at)
    # Joined or void: nobody is asked any more whether it should be closed.
    ClosureProposal.objects.filter(concern=concern, is_agreed__isnull=True).update(
        is_agreed=False, viewed_by=by, viewed_at=at, view_words="The concern ended in another way."
    )
    drop_all_clocks(concern, at=at)
    concern.state, concern.closed_at, concern.closed_by = state, at, by
    concern.responsible, concern.responsible_since, concern.responsible_cause = None, None, ""
    save(
        concern,
        "state",
        "merged_into",
        "closed_at",
        "closed_by",
        "responsible",
        "responsible_since",
        "responsible_cause",
    )
