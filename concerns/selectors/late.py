"""What has taken too long: for leads with the case behind it, for senior managers by reference alone (2.4, T14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Exists, OuterRef, Prefetch, Q, QuerySet, When

from accounts.models import User
from accounts.selectors import SENIOR_MANAGERS, holders_of, standing, standings_of
from accounts.vocabulary import Role
from concerns.limits import Code, Limits
from concerns.models import Concern, ConcernQuerySet, Conflict, Deadline
from concerns.selectors.drafts import UnsentDraft, unsent_drafts_for
from concerns.selectors.limits import limits_in_force
from concerns.vocabulary import ClockKind, State, Urgency

MOST = 100
LONG_OVERDUE = 3


@dataclass(frozen=True)
class LateRow:
    """One concern that has taken too long. `href` is "" for a reader who may know of it but not read it."""

    concern_id: int
    ref: str
    href: str
    is_emergency: bool
    area: str
    holder: str
    days_open: int
    reasons: tuple[str, ...]
    waits_for_lead: bool


@dataclass(frozen=True)
class LatePage:
    rows: tuple[LateRow, ...]
    has_more: bool
    drafts: tuple[UnsentDraft, ...]
    sees_concerns: bool


def may_see_late(reader: User) -> bool:
    who = standing(reader)
    has_office = who.is_champion or who.is_lead or who.is_operational_lead or who.is_senior_manager
    return has_office and not who.never_reads_cases


def late_page(reader: User, *, at: datetime) -> LatePage:
    """The concerns that are long overdue or open too long at `at`, emergencies first, then the oldest; and drafts."""
    who = standing(reader)
    reads = who.is_lead or who.is_operational_lead
    sees = (reads or who.is_senior_manager) and not who.never_reads_cases
    limits = limits_in_force()
    found = list(_late(reader, reads=reads, limits=limits, at=at)[: MOST + 1]) if sees else []
    return LatePage(
        rows=tuple(_row(concern, reads=reads, limits=limits, at=at) for concern in found[:MOST]),
        has_more=len(found) > MOST,
        drafts=unsent_drafts_for(reader),
        sees_concerns=sees,
    )


def hear_it_is_late(concern: Concern, *, at: datetime) -> list[User]:
    """Senior managers on whose list of what has taken too long `concern` stands at `at`; some may read it besides."""
    limits = limits_in_force()
    if not _too_late(Concern.objects.filter(pk=concern.pk), _over(at=at), limits=limits, at=at).exists():
        return []
    people = list(holders_of(*SENIOR_MANAGERS).order_by("full_name", "pk"))
    denied = set(Conflict.objects.filter(concern=concern, lifted_at__isnull=True).values_list("staff_id", flat=True))
    who = standings_of(people)
    return [
        user
        for user in people
        if user.pk not in denied
        and not who[user.pk].never_reads_cases
        and (not concern.is_restricted or who[user.pk].has(Role.DESIGNATED_SENIOR_MANAGER))
    ]


def _over(*, at: datetime) -> QuerySet[Deadline]:
    running = Deadline.objects.filter(met_at__isnull=True, dropped_at__isnull=True)
    return running.filter(Q(level=3) | Q(kind=ClockKind.OPEN_TOO_LONG, due_at__lte=at))


def _too_late(rows: ConcernQuerySet, over: QuerySet[Deadline], *, limits: Limits, at: datetime) -> ConcernQuerySet:
    # Whatever the limits, an emergency that nobody took on within T2 of its report.
    silent_since = at - timedelta(minutes=limits.value(Code.ACKNOWLEDGE_EMERGENCY))
    unanswered = Q(urgency=Urgency.EMERGENCY, state=State.SUBMITTED, reported_at__lte=silent_since)
    too_long = Q(reported_at__lte=at - timedelta(days=limits.value(Code.OPEN_VERY_LONG)))
    return rows.open().filter(Q(Exists(over.filter(concern=OuterRef("pk")))) | unanswered | too_long)


def _late(reader: User, *, reads: bool, limits: Limits, at: datetime) -> ConcernQuerySet:
    over = _over(at=at)
    if reads:
        rows = Concern.objects.visible_to(reader, at=at)
    else:
        denied = Conflict.objects.filter(concern=OuterRef("pk"), staff=reader, lifted_at__isnull=True)
        rows = Concern.objects.filter(~Exists(denied))
        if not standing(reader).has(Role.DESIGNATED_SENIOR_MANAGER):
            # Domain.md 5: of restricted concerns only the designated senior manager hears, and whoever holds one.
            rows = rows.filter(Q(is_restricted=False) | Q(responsible=reader))
    return (
        _too_late(rows, over, limits=limits, at=at)
        .select_related("service_area", "responsible")
        .prefetch_related(Prefetch("deadlines", queryset=over, to_attr="late_deadlines"))
        .order_by(Case(When(urgency=Urgency.EMERGENCY, then=0), default=1), "reported_at", "pk")
    )


def _row(concern: Concern, *, reads: bool, limits: Limits, at: datetime) -> LateRow:
    late: list[Deadline] = getattr(concern, "late_deadlines", [])
    reasons = [f"Long overdue: {ClockKind(row.kind).label.lower()}" for row in late if row.level == LONG_OVERDUE]
    waits = any(row.kind == ClockKind.OPEN_TOO_LONG for row in late)
    if waits:
        reasons.append("Open for long: a lead looks at it")
    days = (at - concern.reported_at).days
    if days >= limits.value(Code.OPEN_VERY_LONG):
        reasons.append("Open for very long")
    if concern.is_emergency and concern.state == State.SUBMITTED:
        reasons.insert(0, "Emergency that nobody has acknowledged")
    return LateRow(
        concern_id=concern.pk,
        ref=concern.ref,
        href=concern.get_absolute_url() if reads else "",
        is_emergency=concern.is_emergency,
        area=concern.service_area.name,
        holder=concern.responsible.full_name if concern.responsible else "",
        days_open=days,
        reasons=tuple(dict.fromkeys(reasons)),
        waits_for_lead=reads and waits,
    )
