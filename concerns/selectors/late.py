"""What has taken too long: for leads with the case behind it, for senior managers by reference alone (2.4, T14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Exists, OuterRef, Prefetch, Q, When

from accounts.models import User
from accounts.selectors import standing
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
    return who.is_champion or who.is_lead or who.is_operational_lead or who.is_senior_manager


def late_page(reader: User, *, at: datetime) -> LatePage:
    """The concerns that are long overdue or open too long at `at`, emergencies first, then the oldest; and drafts."""
    who = standing(reader)
    reads = who.is_lead or who.is_operational_lead
    sees = reads or who.is_senior_manager
    limits = limits_in_force()
    found = list(_late(reader, reads=reads, limits=limits, at=at)[: MOST + 1]) if sees else []
    return LatePage(
        rows=tuple(_row(concern, reads=reads, limits=limits, at=at) for concern in found[:MOST]),
        has_more=len(found) > MOST,
        drafts=unsent_drafts_for(reader),
        sees_concerns=sees,
    )


def _late(reader: User, *, reads: bool, limits: Limits, at: datetime) -> ConcernQuerySet:
    running = Deadline.objects.filter(met_at__isnull=True, dropped_at__isnull=True)
    over = running.filter(Q(level=3) | Q(kind=ClockKind.OPEN_TOO_LONG, due_at__lte=at))
    # Whatever the limits, an emergency that nobody took on within T2 of its report.
    silent_since = at - timedelta(minutes=limits.value(Code.ACKNOWLEDGE_EMERGENCY))
    unanswered = Q(urgency=Urgency.EMERGENCY, state=State.SUBMITTED, reported_at__lte=silent_since)
    too_long = Q(reported_at__lte=at - timedelta(days=limits.value(Code.OPEN_VERY_LONG)))
    if reads:
        rows = Concern.objects.visible_to(reader, at=at)
    else:
        denied = Conflict.objects.filter(concern=OuterRef("pk"), staff=reader, lifted_at__isnull=True)
        rows = Concern.objects.filter(~Exists(denied))
        if not standing(reader).has(Role.DESIGNATED_SENIOR_MANAGER):
            # Domain.md 5: of restricted concerns only the designated senior manager hears, and whoever holds one.
            rows = rows.filter(Q(is_restricted=False) | Q(responsible=reader))
    return (
        rows.open()
        .filter(Q(Exists(over.filter(concern=OuterRef("pk")))) | unanswered | too_long)
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
        ref=concern.ref,
        href=concern.get_absolute_url() if reads else "",
        is_emergency=concern.is_emergency,
        area=concern.service_area.name,
        holder=concern.responsible.full_name if concern.responsible else "",
        days_open=days,
        reasons=tuple(dict.fromkeys(reasons)),
        waits_for_lead=reads and waits,
    )
