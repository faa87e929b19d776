"""Every open state has a holder and the clock that domain.md 2.1 names for it. Values by hand, from 2.1, 2.3 and 2.4.

Reported on Tuesday 17 March 2026 at 9:30, triaged an hour later, signed at 11:00 (London; no summer time yet).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from concerns.models import Assignment, Concern
from concerns.vocabulary import ENDED_STATES, OPEN_STATES, State
from tests.build import route
from tests.build.cast import Cast, make_cast

pytestmark = pytest.mark.django_db


def march(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


# State -> how it is reached, who holds it, and the clocks of 2.1 with the moment they run out.
OPEN: dict[State, tuple[Callable[[Cast], Concern], str, dict[str, datetime]]] = {
    # T2: four working hours. The line manager is first on the ladder.
    State.SUBMITTED: (route.submitted, "gwen", {"T2": march(17, 13, 30)}),
    # T3: 24 hours from the report.
    State.TRIAGE: (route.triage, "gwen", {"T3": march(18, 9, 30)}),
    # T3b: four working hours from signing.
    State.AWAITING_SECOND: (route.awaiting_second, "gwen", {"T3b": march(17, 15)}),
    # T4: 24 hours from the report at the latest.
    State.REFERRAL_DUE: (route.referral_due, "gwen", {"T4": march(18, 9, 30)}),
    # Sent at 11:10. T5: one working day; T6: two for an adult.
    State.REFERRED: (route.referred, "gwen", {"T5": march(18, 11, 10), "T6": march(19, 11, 10)}),
    # Acknowledged at 11:30. T8: ten working days; T14: 28 days from the report. The clocks go forward meanwhile.
    State.WITH_AGENCY: (
        route.acknowledged_by_agency, "gwen",
        {"T8": march(31, 10, 30), "T14": datetime(2026, 4, 14, 9, 30, tzinfo=UTC)},
    ),
    # T11: the first stage is one working day. A lead holds it.
    State.DISPUTED: (route.disputed, "ruth", {"T11": march(18, 12)}),
    # T10: the decision's own date, 30 March, at the close of that day (in summer time).
    State.MONITORING: (route.monitoring, "gwen", {"T10": march(30, 16)}),
    # Proposed at 13:00: two working days.
    State.CLOSURE_REVIEW: (route.closure_review, "gwen", {"closure": march(19, 13)}),
}  # fmt: skip

ENDED = {State.CLOSED: route.closed, State.MERGED: route.merged, State.VOID: route.void}


def running(concern: Concern) -> dict[str, datetime]:
    rows = concern.deadlines.filter(met_at__isnull=True, dropped_at__isnull=True)
    return dict(rows.values_list("kind", "due_at"))


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_an_open_concern_has_its_holder_and_its_clock(state: State) -> None:
    """I1, I2: one holder who is told until when; and what is due first is what the page says is due."""
    reach, holder, clocks = OPEN[state]
    cast = make_cast()
    concern = reach(cast)
    assert concern.state == state
    assert concern.responsible == getattr(cast, holder)
    assert [row.holder for row in Assignment.objects.filter(concern=concern, ended_at=None)] == [concern.responsible]
    now_running = running(concern)
    assert {kind: now_running.get(kind) for kind in clocks} == clocks
    assert concern.next_due_at == min(now_running.values())
    # 2.4: how long it is open is timed in every state (28 and 90 days).
    assert {"T14", "T14b"} <= set(now_running)


@pytest.mark.parametrize("state", sorted(ENDED_STATES))
def test_an_ended_concern_has_neither(state: State) -> None:
    concern = ENDED[state](make_cast())
    assert (concern.state, concern.responsible, running(concern)) == (state, None, {})
    assert not Assignment.objects.filter(concern=concern, ended_at=None).exists()
