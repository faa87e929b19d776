"""Counting a quarter, from the database to tables (domain.md 4). One measure, one function; a few queries
each.

All figures are as at the last instant of the quarter, by the time at which things happened: what was recorded
later but happened before counts, what happened later does not. Restricted concerns are in every total of a released
report and in none of a draft; how they are kept out of small groups is `suppression`'s business.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from statistics import median, quantiles

from django.db.models import F, Min, Q

from accounts.models import ServiceArea
from audit.models import Event
from champions import measures
from champions.figures_base import ENDINGS, OPENINGS, Scope, as_the_quarter_ended, gone, latest_signed, still
from champions.figures_practice import count_practice
from champions.quarters import Quarter
from champions.tables import Measure, Row, Statistic, Table
from champions.vocabulary import SAC_TERMS
from concerns.events import AREA_CHANGED, CLOSED, MERGED, VOIDED
from concerns.models import AbuseType, Concern, ConcernQuerySet, Deadline
from concerns.selectors.break_glass import glass_counts
from concerns.vocabulary import AdultAbuse, ChildAbuse, ClockKind
from safeguarding.kit.errors import NotNow
from sharing.models import Referral
from sharing.vocabulary import DecisionKind

# Q9: a median of fewer than this says nothing.
_LEAST_FOR_MEDIAN = 5
_SECONDS_PER_HOUR = 3600


class NotReconciled(NotNow):
    """The concerns open at the end are not those open at the start and what happened since: the records are
    broken.
    """


def count_quarter(quarter: Quarter, *, is_whole: bool = True) -> tuple[Table, ...]:
    """Every measure of the report, in the order in which it is read; as a draft may tell it if it is not the whole.

    Raises NotReconciled.
    """
    scope = Scope(quarter, is_whole)
    reported = Concern.objects.filter(scope.has("pk"), reported_at__gte=scope.starts_at, reported_at__lt=scope.ends_at)
    received = reported.filter(~gone(scope, "pk"))
    restricted = dict(received.values_list("pk", "is_restricted"))
    return (
        Table(measures.RECEIVED, rows=(), total=len(restricted)),
        count_flow(scope, reported, opened=len(restricted)),
        count_acknowledged(received, scope, restricted),
        count_decided(scope),
        *count_abuse(received, restricted),
        count_areas(received, scope, restricted),
        count_referred(received, scope, restricted),
        count_decisions(scope),
        *count_practice(received, scope, restricted),
        count_break_glass(scope),
        count_left_out(reported, scope),
    )


# --- What is open, and what is gone -------------------------------------------------------------


def _open_at(scope: Scope, moment: datetime) -> int:
    """How many concerns were open just before `moment`."""
    return Concern.objects.filter(scope.has("pk"), ~still(ENDINGS, "pk", moment), reported_at__lt=moment).count()


def count_flow(scope: Scope, reported: ConcernQuerySet, *, opened: int) -> Table:
    """Q3. What is open at the start and at the end is counted from each concern's history, so that the sum is
    a check.

    A concern that came in and turned out to be a duplicate or an error within the quarter is in none of the
    rows.
    """
    events = Event.objects.filter(
        scope.has("concern_id"), code__in=(*ENDINGS, *OPENINGS), at__gte=scope.starts_at, at__lt=scope.ends_at
    ).exclude(concern_id__in=reported.filter(gone(scope, "pk")).values("pk"))
    happened = Counter(events.values_list("code", flat=True))
    start, end = _open_at(scope, scope.starts_at), _open_at(scope, scope.ends_at)
    reopened = sum(happened[code] for code in OPENINGS)
    if start + opened + reopened - sum(happened[code] for code in ENDINGS) != end:
        raise NotReconciled(
            "The records of this quarter do not add up, so its figures can’t be counted. Tell whoever looks after this "
            "service."
        )
    return Table(
        measures.FLOW,
        rows=(
            Row("start", "Open at start", start),
            Row("opened", "Opened", opened),
            Row("reopened", "Reopened", reopened),
            Row("closed", "Closed", happened[CLOSED.code]),
            Row("merged", "Joined to another", happened[MERGED.code]),
            Row("voided", "Entered in error", happened[VOIDED.code]),
            Row("end", "Open at end", end),
        ),
        total=opened,
        fixed=frozenset({"opened"}),
        repeats=(("start", "end"),),
    )


def count_left_out(reported: ConcernQuerySet, scope: Scope) -> Table:
    """The data quality lines: concerns of the quarter that no measure counts."""

    def so_at_end(code: str) -> int:
        return reported.filter(still((code,), "pk", scope.ends_at)).count()

    merged, voided = so_at_end(MERGED.code), so_at_end(VOIDED.code)
    return Table(
        measures.LEFT_OUT,
        rows=(Row("merged", "Joined to another concern", merged), Row("voided", "Entered in error", voided)),
        total=merged + voided,
    )


def count_break_glass(scope: Scope) -> Table:
    """Q35: every use that began in the quarter, as far as it is judged when the report is counted."""
    counts = glass_counts(start=scope.starts_at, end=scope.ends_at, but=scope.left_out)
    return Table(
        measures.BREAK_GLASS,
        rows=(
            Row("justified", "Justified", counts.judged - counts.not_justified),
            Row("not_justified", "Not justified", counts.not_justified),
            Row("waiting", "Not judged yet", counts.waiting),
        ),
        total=counts.used,
    )


# --- The work ---------------------------------------------------------------------------------------


def count_acknowledged(received: ConcernQuerySet, scope: Scope, restricted: dict[int, bool]) -> Table:
    """Q8, by the first limit of each concern: a concern that went up the ladder unanswered was not in
    time.
    """
    clocks = (
        Deadline.objects.filter(kind=ClockKind.ACKNOWLEDGE, concern__in=received)
        .values_list("concern")
        .annotate(first_due=Min("due_at"), met=Min("met_at"))
        .filter(first_due__lt=scope.ends_at)
    )
    in_time: Counter[bool] = Counter()
    kept_apart: Counter[bool] = Counter()
    for concern, due, met in clocks:
        was_in_time = met is not None and met <= due
        in_time[was_in_time] += 1
        kept_apart[was_in_time] += restricted[concern]
    return _in_time(measures.ACKNOWLEDGED, "Acknowledged", in_time, kept_apart)


def count_decided(scope: Scope) -> Table:
    """Q9. A time limit that stopped applying before it fell due is not counted; each one that fell due is a
    decision.
    """
    clocks = Deadline.objects.filter(
        scope.counts("concern"),
        Q(dropped_at__isnull=True) | Q(dropped_at__gt=F("due_at")),
        kind=ClockKind.TRIAGE,
        due_at__gte=scope.starts_at,
        due_at__lt=scope.ends_at,
    ).values_list("started_at", "due_at", "met_at", "concern__is_restricted")
    in_time: Counter[bool] = Counter()
    kept_apart: Counter[bool] = Counter()
    hours = []
    for started, due, met, is_restricted in clocks:
        was_in_time = met is not None and met <= due
        in_time[was_in_time] += 1
        kept_apart[was_in_time] += is_restricted
        if met is not None and met < scope.ends_at:
            hours.append((met - started).total_seconds() / _SECONDS_PER_HOUR)
    return _in_time(measures.DECIDED, "Decided", in_time, kept_apart, _times(hours))


def _in_time(
    measure: Measure,
    done: str,
    counts: Counter[bool],
    restricted: Counter[bool],
    statistics: tuple[Statistic, ...] = (),
) -> Table:
    return Table(
        measure,
        rows=(
            Row("in-time", f"{done} in time", counts[True], restricted[True]),
            Row("late", "Late, or not yet", counts[False], restricted[False]),
        ),
        total=counts.total(),
        statistics=statistics,
    )


def _times(hours: Sequence[float]) -> tuple[Statistic, ...]:
    """The median and the 90th percentile of the hours from the start of the time limit to the decision."""
    enough = len(hours) >= _LEAST_FOR_MEDIAN
    middle = round(median(hours), 1) if enough else None
    ninetieth = round(quantiles(hours, n=10, method="inclusive")[-1], 1) if enough else None
    return (
        Statistic("median", "Half were decided within", middle, "hours", len(hours)),
        Statistic("p90", "9 in 10 were decided within", ninetieth, "hours", len(hours)),
    )


def count_abuse(received: ConcernQuerySet, restricted: dict[int, bool]) -> tuple[Table, Table]:
    """Q4: children and adults apart, since the kinds are; a concern counts once in each of its kinds."""
    counts: Counter[str] = Counter()
    kept_apart: Counter[str] = Counter()
    for code, concern in AbuseType.objects.filter(concern__in=received).values_list("code", "concern"):
        counts[code] += 1
        kept_apart[code] += restricted[concern]

    def rows(kinds: Iterable[tuple[str, str]]) -> tuple[Row, ...]:
        return tuple(Row(code, label, counts[code], kept_apart[code], SAC_TERMS.get(code, "")) for code, label in kinds)

    return (
        Table(measures.CHILD_ABUSE, rows=rows(ChildAbuse.choices), total=len(restricted)),
        Table(measures.ADULT_ABUSE, rows=rows(AdultAbuse.choices), total=len(restricted)),
    )


def count_areas(received: ConcernQuerySet, scope: Scope, restricted: dict[int, bool]) -> Table:
    """Q5 by service area: the one that a concern belonged to when the quarter ended."""
    area_of = as_the_quarter_ended(received, scope, "service_area__code", AREA_CHANGED)
    counts = Counter(area_of.values())
    kept_apart = Counter(area for concern, area in area_of.items() if restricted[concern])
    return Table(
        measures.AREAS,
        rows=tuple(
            Row(code, name, counts[code], kept_apart[code])
            for code, name in ServiceArea.objects.order_by("name").values_list("code", "name")
        ),
        total=len(restricted),
    )


def count_referred(received: ConcernQuerySet, scope: Scope, restricted: dict[int, bool]) -> Table:
    """Q11. A concern is referred once a referral was sent, by whatever route."""
    sent = Referral.objects.filter(concern__in=received, sent_at__lt=scope.ends_at)
    referred = set(sent.values_list("concern", flat=True))
    kept_apart = sum(restricted[concern] for concern in referred)
    return Table(
        measures.REFERRED,
        rows=(
            Row("referred", "Referred to an agency", len(referred), kept_apart),
            Row(
                "not-referred",
                "Not referred by the end of the quarter",
                len(restricted) - len(referred),
                sum(restricted.values()) - kept_apart,
            ),
        ),
        total=len(restricted),
    )


def count_decisions(scope: Scope) -> Table:
    """Q18: what was signed in the quarter and not replaced by its end, so that each decision counts once."""
    counts: Counter[str] = Counter()
    kept_apart: Counter[str] = Counter()
    for kind, is_restricted in latest_signed(scope).values_list("kind", "concern__is_restricted"):
        counts[kind] += 1
        kept_apart[kind] += is_restricted
    return Table(
        measures.DECISIONS,
        rows=tuple(Row(kind, label, counts[kind], kept_apart[kind]) for kind, label in DecisionKind.choices),
        total=counts.total(),
    )
