"""The queue: open concerns that a person may read, the most urgent and the soonest due first (R127).

Pages are cut by the place of their last row (keyset), never by counting rows; the count is capped.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count, F, Prefetch, Q, Subquery

from accounts.models import ServiceArea, User
from accounts.selectors import standing
from concerns.models import Concern, ConcernQuerySet, Involvement
from concerns.moments import due_words
from concerns.selectors.next_step import next_step_of, with_next_step
from concerns.vocabulary import PersonRole, State

PAGE = 25
COUNTED = 100


@dataclass(frozen=True)
class QueueFilter:
    """What the reader narrowed the queue to; every part is a code, so that it can stand in the address."""

    area: str = ""
    state: str = ""
    urgency: str = ""
    due: str = ""
    held: str = ""
    restricted: str = ""


@dataclass(frozen=True)
class Place:
    """A row's place in the order of the queue: the cursor of a page. Written as "1.1764000000000000.SC-ABCD-EFGH"."""

    rank: int
    due_at: datetime | None
    ref: str

    def __str__(self) -> str:
        micros = "" if self.due_at is None else str(round(self.due_at.timestamp() * 1_000_000))
        return f"{self.rank}.{micros}.{self.ref}"

    @classmethod
    def read(cls, words: str) -> Place | None:
        """The place that `words` name; None for anything else, so that a mangled address shows the first page."""
        rank, _, rest = words.partition(".")
        micros, _, ref = rest.partition(".")
        try:
            due_at = datetime.fromtimestamp(int(micros) / 1_000_000, tz=UTC) if micros else None
            return cls(int(rank), due_at, ref) if 0 <= int(rank) <= 9 and 0 < len(ref) <= 12 else None
        except (ValueError, OverflowError, OSError):
            return None


@dataclass(frozen=True)
class QueueRow:
    concern: Concern
    people: tuple[str, ...]
    next_step: str
    due: str
    is_late: bool
    is_mine: bool
    can_take: bool


@dataclass(frozen=True)
class QueuePage:
    rows: tuple[QueueRow, ...]
    count: str
    previous: str
    next: str


@dataclass(frozen=True)
class QueueCounts:
    """How much of the queue there is, and of it what presses; all of it without any filter."""

    open: int
    overdue: int
    unacknowledged: int


def queue_counts(viewer: User, *, at: datetime) -> QueueCounts | None:
    """For whoever triages a queue (R127); None for everybody else, whose concerns stand on their first page."""
    who = standing(viewer)
    if not (who.is_champion or who.is_lead or who.is_operational_lead):
        return None
    counted = Concern.objects.workable_by(viewer, at=at).open().aggregate(
        open=Count("pk", distinct=True),
        overdue=Count("pk", distinct=True, filter=Q(next_due_at__lt=at)),
        unacknowledged=Count("pk", distinct=True, filter=Q(state=State.SUBMITTED)),
    )  # fmt: skip
    return QueueCounts(**counted)


def areas_in_reach(viewer: User) -> list[ServiceArea]:
    """The areas that `viewer` can narrow the queue to: all of them for leads, else the ones they champion."""
    who = standing(viewer)
    rows = ServiceArea.objects.all()
    return list(rows if who.is_lead or who.is_operational_lead else rows.filter(pk__in=who.champion_area_ids))


def queue_page(
    viewer: User, wanted: QueueFilter, *, at: datetime, after: Place | None = None, before: Place | None = None
) -> QueuePage:
    """One page of `viewer`'s queue. `after` and `before` are places of rows at the edge of the page last shown."""
    found = narrow(Concern.objects.workable_by(viewer, at=at).open(), wanted, viewer=viewer, at=at)
    counted = found[: COUNTED + 1].count()
    # A place may name only what the reader may read: otherwise the page would tell whether such a concern exists.
    there = Concern.objects.visible_to(viewer, at=at)
    rows = _page(found, there, after=after, before=before)
    has_more = len(rows) > PAGE
    rows = rows[:PAGE]
    if before is not None:
        rows.reverse()
    is_first = after is None and (before is None or not has_more)
    is_last = not has_more if before is None else False
    return QueuePage(
        rows=tuple(_row(concern, viewer, at=at) for concern in rows),
        count=_count_words(counted),
        previous="" if is_first or not rows else str(_place(rows[0])),
        next="" if is_last or not rows else str(_place(rows[-1])),
    )


def narrow(rows: ConcernQuerySet, wanted: QueueFilter, *, viewer: User, at: datetime) -> ConcernQuerySet:
    """`rows` cut down to what the reader asked for."""
    if wanted.area:
        rows = rows.filter(service_area__code=wanted.area)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    if wanted.urgency:
        rows = rows.filter(urgency=wanted.urgency)
    if wanted.due == "overdue":
        rows = rows.filter(next_due_at__lt=at)
    if wanted.held == "mine":
        rows = rows.filter(responsible=viewer)
    elif wanted.held == "others":
        rows = rows.exclude(responsible=viewer)
    elif wanted.held == "unacknowledged":
        rows = rows.filter(state=State.SUBMITTED)
    if wanted.restricted:
        rows = rows.filter(is_restricted=wanted.restricted == "yes")
    return rows


def _page(
    found: ConcernQuerySet, there: ConcernQuerySet, *, after: Place | None, before: Place | None
) -> list[Concern]:
    at_risk = Involvement.objects.filter(role=PersonRole.AT_RISK).select_related("person").order_by("pk")
    rows = (
        with_next_step(found)
        .select_related("service_area", "responsible")
        .prefetch_related(Prefetch("involvements", queryset=at_risk, to_attr="people_at_risk"))
    )
    if after is not None:
        rows = rows.filter(_behind(after, there)).in_queue_order()
    elif before is not None:
        rows = rows.filter(_ahead_of(before, there)).order_by(
            "-urgency_rank", F("next_due_at").desc(nulls_first=True), "-pk"
        )
    else:
        rows = rows.in_queue_order()
    return list(rows[: PAGE + 1])


def _behind(place: Place, there: ConcernQuerySet) -> Q:
    same = Q(pk__gt=Subquery(there.filter(ref=place.ref).values("pk")[:1]))
    if place.due_at is None:
        later = Q(next_due_at__isnull=True) & same
    else:
        later = Q(next_due_at__gt=place.due_at) | Q(next_due_at__isnull=True) | (Q(next_due_at=place.due_at) & same)
    return Q(urgency_rank__gt=place.rank) | (Q(urgency_rank=place.rank) & later)


def _ahead_of(place: Place, there: ConcernQuerySet) -> Q:
    same = Q(pk__lt=Subquery(there.filter(ref=place.ref).values("pk")[:1]))
    if place.due_at is None:
        sooner = Q(next_due_at__isnull=False) | (Q(next_due_at__isnull=True) & same)
    else:
        sooner = Q(next_due_at__lt=place.due_at) | (Q(next_due_at=place.due_at) & same)
    return Q(urgency_rank__lt=place.rank) | (Q(urgency_rank=place.rank) & sooner)


def _place(concern: Concern) -> Place:
    return Place(concern.urgency_rank, concern.next_due_at, concern.ref)


def _row(concern: Concern, viewer: User, *, at: datetime) -> QueueRow:
    people = getattr(concern, "people_at_risk", [])
    who = standing(viewer)
    in_reach = who.is_lead or who.is_operational_lead or concern.service_area_id in who.champion_area_ids
    return QueueRow(
        concern=concern,
        people=tuple(row.person.display_name for row in people),
        next_step=next_step_of(concern),
        due=due_words(concern.next_due_at, at=at) if concern.next_due_at else "",
        is_late=concern.next_due_at is not None and concern.next_due_at < at,
        is_mine=concern.responsible_id == viewer.pk,
        # Only for the button: who may not hold it for a reason of this concern's own is told so by the service.
        can_take=in_reach and concern.responsible_id != viewer.pk and concern.reporter_id != viewer.pk,
    )


def _count_words(counted: int) -> str:
    if counted > COUNTED:
        return f"More than {COUNTED} open concerns"
    return "1 open concern" if counted == 1 else f"{counted} open concerns"
