"""Counting how the work was done in a quarter: the measures beside what came in (domain.md 4, Q6 to Q32).

As in `figures`: one measure, one function, a few queries each; as at the last instant of the quarter, by the time at
which things happened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import Exists, Min, OuterRef, Q
from django.utils import timezone

from audit.models import Event
from champions import measures
from champions.figures_base import Scope, as_the_quarter_ended, in_time, latest_signed
from champions.tables import Row, Statistic, Table
from concerns.events import CLOCK_OVERDUE, CLOSED, URGENCY_CHANGED
from concerns.models import (
    AbuseType,
    Assignment,
    Concern,
    ConcernQuerySet,
    DashRecord,
    Dissatisfaction,
    DomesticStep,
    Involvement,
    Triage,
)
from concerns.vocabulary import (
    DOMESTIC_ABUSE,
    ClockKind,
    DomesticStepAnswer,
    DomesticStepKind,
    HolderCause,
    LifeStage,
    OutcomesAchieved,
    OutcomesAsked,
    PersonRole,
    RiskOutcome,
    Urgency,
)
from safeguarding.kit.working_time import is_working_day
from sharing.models import Referral
from sharing.selectors import request_figures

SENT_WITHIN = timedelta(hours=24)
_CHILDREN = (LifeStage.CHILD, LifeStage.UNBORN)


def count_practice(received: ConcernQuerySet, scope: Scope, restricted: dict[int, bool]) -> tuple[Table, ...]:
    """The measures in the order in which they are read."""
    return (
        count_urgency(received, scope, restricted),
        count_same_day(received, restricted),
        count_moved_up(received, scope, restricted),
        count_long_overdue(scope),
        count_sent_in_time(scope),
        count_retrospective(scope),
        *count_outcomes(scope),
        count_domestic(received, scope, restricted),
        count_family_considered(scope),
        *count_requests(scope),
    )


def count_urgency(received: ConcernQuerySet, scope: Scope, restricted: dict[int, bool]) -> Table:
    """Q6: how urgent each concern was when the quarter ended."""
    urgency = as_the_quarter_ended(received, scope, "urgency", URGENCY_CHANGED)
    counts = Counter(urgency.values())
    kept_apart = Counter(level for concern, level in urgency.items() if restricted[concern])
    return Table(
        measures.URGENCY,
        rows=tuple(Row(code, label, counts[code], kept_apart[code]) for code, label in Urgency.choices),
        total=len(restricted),
    )


def count_same_day(received: ConcernQuerySet, restricted: dict[int, bool]) -> Table:
    """Q7: reported on the working day on which it was noticed; what was noticed on a day off has the next one."""
    counts: Counter[bool] = Counter()
    kept_apart: Counter[bool] = Counter()
    noticed = received.filter(noticed_at__isnull=False)
    for concern, noticed_at, reported_at in noticed.values_list("pk", "noticed_at", "reported_at"):
        was_same = timezone.localdate(reported_at) <= _working_day(timezone.localdate(noticed_at))
        counts[was_same] += 1
        kept_apart[was_same] += restricted[concern]
    return Table(
        measures.SAME_DAY,
        rows=(
            Row("same-day", "Reported on the same working day", counts[True], kept_apart[True]),
            Row("later", "Reported later", counts[False], kept_apart[False]),
        ),
        total=counts.total(),
    )


def _working_day(day: date) -> date:
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


_MOVED_UP = (
    (
        "absence",
        "Somebody was away",
        {HolderCause.MANAGER_ABSENT, HolderCause.HOLDER_ABSENT, HolderCause.COVERING},
    ),
    ("time", "A step was not done in time", {HolderCause.NOT_ACKNOWLEDGED, HolderCause.OVERDUE}),
    (
        "conflict",
        "Somebody had a conflict of interest, or was named in it",
        {HolderCause.MANAGER_IMPLICATED, HolderCause.CONFLICT, HolderCause.BARRED},
    ),
)


def count_moved_up(received: ConcernQuerySet, scope: Scope, restricted: dict[int, bool]) -> Table:
    """Q10: why a concern came to somebody further up, by the end of the quarter; once in each row."""
    held = Assignment.objects.filter(concern__in=received, started_at__lt=scope.ends_at)
    reasons: dict[str, set[int]] = {}
    for concern, cause in held.order_by().values_list("concern", "cause").distinct():
        reasons.setdefault(cause, set()).add(concern)
    complained = Dissatisfaction.objects.filter(concern__in=received, at__lt=scope.ends_at)
    found = [
        (key, label, set[int]().union(*(reasons.get(cause, ()) for cause in causes)))
        for key, label, causes in _MOVED_UP
    ]
    found.append(("reporter", "Who reported it was not satisfied", set(complained.values_list("concern", flat=True))))
    return Table(
        measures.MOVED_UP,
        rows=tuple(
            Row(key, label, len(concerns), sum(restricted[concern] for concern in concerns))
            for key, label, concerns in found
        ),
        total=len(restricted),
    )


# Which part of the work a step that can be overdue belongs to. What is only told, or is beside the case, is in none.
STEPS = {
    "acknowledge": ("To take a concern on", (ClockKind.ACKNOWLEDGE,)),
    "decide": (
        "To decide, or to look at a decision",
        (
            ClockKind.TRIAGE,
            ClockKind.SECOND_VIEW,
            ClockKind.DIFFERENCE,
            ClockKind.RETROSPECTIVE,
            ClockKind.CLOSURE_VIEW,
        ),
    ),
    "agencies": (
        "To send a referral, and what follows with the agencies",
        (
            ClockKind.SEND_REFERRAL,
            ClockKind.STAFF_CONSULTATION,
            ClockKind.RECEIPT_CHECK,
            ClockKind.AGENCY_ACKNOWLEDGEMENT,
            ClockKind.AGENCY_OUTCOME,
            ClockKind.DISPUTE,
            ClockKind.ENQUIRY,
        ),
    ),
    "telling": (
        "To tell or answer somebody",
        (ClockKind.CORRECTION, ClockKind.TELL_PERSON, ClockKind.TELL_REPORTER, ClockKind.DISSATISFACTION),
    ),
    "review": ("To review, or to be in touch again", (ClockKind.REVIEW, ClockKind.CONTACT, ClockKind.OPEN_TOO_LONG)),
}
LONGEST_OVERDUE = 3


def count_long_overdue(scope: Scope) -> Table:
    """2.4: every step that came to twice its time in the quarter (overdue level 3); senior managers read of it here."""
    part_of = {kind.value: key for key, (_, kinds) in STEPS.items() for kind in kinds}
    late = Event.objects.filter(
        scope.counts("concern_id"),
        code=CLOCK_OVERDUE.code, at__gte=scope.starts_at, at__lt=scope.ends_at, data__level=LONGEST_OVERDUE,
    ).values_list("concern_id", "data")  # fmt: skip
    steps = [(concern, part_of[data["clock"]]) for concern, data in late if data["clock"] in part_of]
    kept_apart = set(
        Concern.objects.filter(pk__in={concern for concern, _ in steps}, is_restricted=True).values_list(
            "pk", flat=True
        )
    )
    counts = Counter(key for _, key in steps)
    restricted = Counter(key for concern, key in steps if concern in kept_apart)
    return Table(
        measures.LONG_OVERDUE,
        rows=tuple(Row(key, label, counts[key], restricted[key]) for key, (label, _) in STEPS.items()),
        total=len(steps),
    )


def count_sent_in_time(scope: Scope) -> Table:
    """Q12: the first referral of each concern that was sent in the quarter, against 24 hours from the report."""
    firsts = (
        Referral.objects.filter(scope.counts("concern"), sent_at__isnull=False)
        .order_by()
        .values_list("concern", "concern__reported_at", "concern__is_restricted")
        .annotate(first=Min("sent_at"))
        .filter(first__gte=scope.starts_at, first__lt=scope.ends_at)
    )
    counts: Counter[bool] = Counter()
    kept_apart: Counter[bool] = Counter()
    for _, reported_at, is_restricted, first in firsts:
        was_in_time = first - reported_at <= SENT_WITHIN
        counts[was_in_time] += 1
        kept_apart[was_in_time] += is_restricted
    return Table(
        measures.SENT_IN_TIME,
        rows=(
            Row("in-time", "Sent within 24 hours of the report", counts[True], kept_apart[True]),
            Row("late", "Sent later", counts[False], kept_apart[False]),
        ),
        total=counts.total(),
    )


def count_retrospective(scope: Scope) -> Table:
    """Q22: decisions recorded after an emergency, within 24 hours of sharing and later (VR23)."""
    counts: Counter[str] = Counter()
    kept_apart: Counter[str] = Counter()
    for is_after, is_late, is_restricted in latest_signed(scope).values_list(
        "is_retrospective", "is_late", "concern__is_restricted"
    ):
        key = "before" if not is_after else "late" if is_late else "in-time"
        counts[key] += 1
        kept_apart[key] += is_restricted
    labels = (
        ("before", "Recorded before sharing"),
        ("in-time", "Recorded within 24 hours of sharing in an emergency"),
        ("late", "Recorded later"),
    )
    return Table(
        measures.RETROSPECTIVE,
        rows=tuple(Row(key, label, counts[key], kept_apart[key]) for key, label in labels),
        total=counts.total(),
    )


def count_outcomes(scope: Scope) -> tuple[Table, Table]:
    """Q23 and Q24 in one table, since one is a part of the other; Q26. People at risk in concerns that were closed."""
    closed = Event.objects.filter(
        code=CLOSED.code, at__gte=scope.starts_at, at__lt=scope.ends_at, concern_id=OuterRef("concern")
    )
    people = Involvement.objects.filter(scope.counts("concern"), Exists(closed), role=PersonRole.AT_RISK)
    wanted: Counter[str] = Counter()
    wanted_apart: Counter[str] = Counter()
    risk: Counter[str] = Counter()
    risk_apart: Counter[str] = Counter()
    for stage, asked, achieved, outcome, is_restricted in people.values_list(
        "life_stage", "outcomes_asked", "outcomes_achieved", "risk_outcome", "concern__is_restricted"
    ):
        risk[outcome] += 1
        risk_apart[outcome] += is_restricted
        if stage == LifeStage.ADULT:
            key = _wish(asked, achieved)
            wanted[key] += 1
            wanted_apart[key] += is_restricted
    return (
        Table(
            measures.WISHES,
            rows=tuple(Row(key, label, wanted[key], wanted_apart[key]) for key, label in _WISHES),
            total=wanted.total(),
        ),
        Table(
            measures.RISK_OUTCOME,
            rows=tuple(
                Row(code or "none", label, risk[code], risk_apart[code])
                for code, label in (*RiskOutcome.choices, ("", "Not recorded"))
            ),
            total=risk.total(),
        ),
    )


_WISHES = (
    ("fully", "Asked, wishes expressed: fully achieved"),
    ("partially", "Asked, wishes expressed: partially achieved"),
    ("not", "Asked, wishes expressed: not achieved"),
    ("open", "Asked, wishes expressed: not said whether achieved"),
    ("not_expressed", "Asked, no wishes expressed"),
    ("no", "Not asked"),
    ("unknown", "Not known or not recorded"),
)


def _wish(asked: str, achieved: str) -> str:
    if asked == OutcomesAsked.EXPRESSED:
        return achieved if achieved in OutcomesAchieved.values else "open"
    if asked in (OutcomesAsked.NOT_EXPRESSED, OutcomesAsked.NO):
        return asked
    return "unknown"


def count_domestic(received: ConcernQuerySet, scope: Scope, restricted: dict[int, bool]) -> Table:
    """Q30. Of the concerns with domestic abuse: children in the home, a DASH checklist completed, MARAC referred."""
    abuse = AbuseType.objects.filter(concern__in=received, code__in=DOMESTIC_ABUSE)
    domestic = set(abuse.values_list("concern", flat=True))
    in_these = Q(concern__in=domestic)
    children = Involvement.objects.filter(
        in_these,
        role__in=[PersonRole.AT_RISK, PersonRole.HOUSEHOLD],
        life_stage__in=_CHILDREN,
        added_at__lt=scope.ends_at,
    )
    dash = DashRecord.objects.filter(in_these, score__isnull=False, recorded_at__lt=scope.ends_at)
    marac = DomesticStep.objects.filter(
        in_these,
        kind=DomesticStepKind.MARAC,
        answer=DomesticStepAnswer.REFERRED,
        answered_at__lt=scope.ends_at,
    )

    def row(key: str, label: str, found: Iterable[int]) -> Row:
        concerns = set(found)
        return Row(key, label, len(concerns), sum(restricted[concern] for concern in concerns))

    return Table(
        measures.DOMESTIC,
        rows=(
            row(
                "children", "With children, or an unborn child, in the home", children.values_list("concern", flat=True)
            ),
            row("dash", "DASH checklist completed", dash.values_list("concern", flat=True)),
            row("marac", "Referred to the MARAC", marac.values_list("concern", flat=True)),
        ),
        total=len(domestic),
    )


def count_family_considered(scope: Scope) -> Table:
    """Q31: decisions before which the household and the wider network had been looked at (triage, R115)."""
    before = Triage.objects.filter(concern=OuterRef("concern"), at__lte=OuterRef("signed_at"))
    signed = latest_signed(scope).annotate(is_considered=Exists(before))
    return in_time(
        measures.FAMILY_CONSIDERED,
        signed.values_list("is_considered", "concern__is_restricted"),
        labels=("Looked at before the decision", "Not, or only afterwards"),
    )


def count_requests(scope: Scope) -> tuple[Table, Table]:
    """Q32. Received in the quarter; of those that fell due in it, answered in time; of the refused, told."""
    found = request_figures(scope.starts_at, scope.ends_at, but=scope.left_out, with_named=scope.is_whole)
    received = Statistic("received", "Requests received", float(found.received), "requests", found.received)
    return (
        Table(
            measures.REQUESTS,
            rows=(
                Row("in-time", "Answered in time", found.answered_in_time),
                Row("late", "Late, or not yet", found.due - found.answered_in_time),
            ),
            total=found.due,
            statistics=(received,),
        ),
        Table(
            measures.REFUSED,
            rows=(
                Row("told", "Refused, and the person who asked was told", found.refused_and_told),
                Row("not-told", "Refused, and not told", found.refused - found.refused_and_told),
            ),
            total=found.refused,
        ),
    )
