"""Uses of break-glass: what waits to be judged, what happened in each, how many in a quarter (domain.md 5, Q35)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import RoleAssignment, User
from accounts.selectors import LEADS, standing
from audit.models import Event
from audit.vocabulary import Access, codes_of
from concerns import permissions
from concerns.models import BreakGlass, BreakGlassStop, Concern, ConcernGrant, ConcernQuerySet, Conflict, Deadline
from concerns.moments import due_words
from concerns.selectors.who_sees import EarlierView
from concerns.vocabulary import ClockKind

MOST = 100


@dataclass(frozen=True)
class OpenGlass:
    """A concern that its reader has open by break-glass now: what the watermark says."""

    ref: str
    who: str
    until: datetime


@dataclass(frozen=True)
class ToJudge:
    """A use of break-glass that waits for its reader's judgement."""

    ref: str
    who: str
    at: datetime
    due: str
    is_overdue: bool


@dataclass(frozen=True)
class GlassCounts:
    """Q35, of the uses that began in a period: plain counts. `judged` + `waiting` = `used`."""

    used: int
    judged: int
    not_justified: int
    waiting: int


def open_glass(user: User, *, at: datetime) -> tuple[OpenGlass, ...]:
    """What `user` has open by break-glass at `at`, and how long still; one statement, none for whoever may never, nor
    for leads, who read every concern by their office.
    """
    who = standing(user)
    if who.is_lead or who.is_operational_lead or not permissions.can_break_glass(user):
        return ()
    rows = ConcernGrant.grants.running(at).by_break_glass().filter(user=user).select_related("content_object")
    return tuple(OpenGlass(row.content_object.ref, user.full_name, row.ends_at) for row in rows.order_by("starts_at"))


def uses_to_judge(user: User, *, at: datetime, most: int = MOST) -> Sequence[ToJudge]:
    """Uses that `user` may judge and nobody has, the oldest first; for the first page and the list."""
    if not permissions.judges_glass(user):
        return []  # nobody else is ever asked to judge
    waiting = _judgeable_by(user).filter(judged_at__isnull=True).select_related("by").order_by("at", "pk")[:most]
    found = list(waiting)
    clocks = Deadline.objects.filter(kind=ClockKind.BREAK_GLASS, about__in=[use.ref for use in found])
    due = {clock.about: clock.due_at for clock in clocks} if found else {}
    return [
        ToJudge(
            use.ref,
            use.by.full_name,
            use.at,
            due_words(due[use.ref], at=at) if use.ref in due else "",
            use.ref in due and due[use.ref] < at,
        )
        for use in found
    ]


def _judgeable_by(user: User) -> QuerySet[BreakGlass]:
    """Uses that `user` could be the judge of, while it is their office: those that they were asked about, and as a lead
    all but a lead's.
    """
    if not permissions.judges_glass(user):
        return BreakGlass.objects.none()
    denied = Conflict.objects.filter(concern=OuterRef("concern"), staff=user, lifted_at__isnull=True)
    by_lead = RoleAssignment.objects.filter(user=OuterRef("by"), role__in=LEADS, ended_at__isnull=True)
    mine = Q(judge=user)
    if standing(user).is_lead:
        mine |= ~Q(Exists(by_lead))
    return BreakGlass.objects.filter(mine).exclude(by=user).exclude(concern__reporter=user).exclude(Exists(denied))


def may_list_glass(user: User) -> bool:
    """Leads have the list; so has whoever else has the office to judge, once they are asked to or told of a stop."""
    if not permissions.judges_glass(user):
        return False
    was_asked = BreakGlass.objects.filter(judge=user)
    return standing(user).is_lead or was_asked.exists() or permissions.stops_told_to(user).exists()


@dataclass(frozen=True)
class Stop:
    """Somebody whom break-glass stopped; `href` is "" for a reader to whom that concern is closed."""

    who: str
    at: datetime
    ref: str
    href: str


@dataclass(frozen=True)
class GlassList:
    waiting: Sequence[ToJudge]
    judged: Sequence[BreakGlass]
    stops: Sequence[Stop]


def glass_list(user: User, *, at: datetime) -> GlassList:
    """What waits, what was judged, and who was stopped; nothing about a concern that is closed to the reader."""
    judged = _judgeable_by(user).filter(judged_at__isnull=False).select_related("by", "judged_by")
    stops = permissions.stops_told_to(user).select_related("by", "concern").order_by("-at", "-pk")[:MOST]
    return GlassList(
        waiting=uses_to_judge(user, at=at),
        judged=list(judged.order_by("-at", "-pk")[:MOST]),
        stops=list(_stops(list(stops), user)),
    )


def _stops(rows: Sequence[BreakGlassStop], reader: User) -> Iterator[Stop]:
    ids = {row.concern_id for row in rows if row.concern_id is not None}
    open_to_them = set(Concern.objects.visible_to(reader).filter(pk__in=ids).values_list("pk", flat=True))
    for row in rows:
        concern = row.concern
        href = concern.get_absolute_url() if concern is not None and concern.pk in open_to_them else ""
        yield Stop(row.by.full_name, row.at, concern.ref if concern is not None else "", href)


def get_use(ref: str, user: User) -> BreakGlass:
    """The use `ref`, if `user` could be its judge. Raises BreakGlass.DoesNotExist for everything else."""
    rows = _judgeable_by(user).select_related("by", "concern", "judge", "judged_by")
    use = rows.get(ref=ref.upper())
    if not permissions.can_judge_glass(user, use):
        raise BreakGlass.DoesNotExist
    return use


def opened_in(use: BreakGlass) -> list[EarlierView]:
    """What was opened in that hour, from the ledger."""
    near = codes_of(Access.READ, Access.EXPORT)
    events = Event.objects.filter(
        concern_id=use.concern_id, actor_id=use.by_id, code__in=near, at__gte=use.at, at__lt=use.ends_at
    )
    return [EarlierView(event.at, event.sentence) for event in events.order_by("pk")[:MOST]]


def may_open_case(use: BreakGlass, user: User) -> bool:
    """Whether the judge can read the case itself; a senior manager judges by what was written."""
    return Concern.objects.visible_to(user).filter(pk=use.concern_id).exists()


def glass_counts(*, start: datetime, end: datetime, but: ConcernQuerySet | None = None) -> GlassCounts:
    """Q35 for the uses from `start` up to, not including, `end`, as far as they are judged by now; without those of
    `but`.
    """
    counted = BreakGlass.objects.exclude(concern__in=but) if but is not None else BreakGlass.objects.all()
    uses = counted.filter(at__gte=start, at__lt=end).aggregate(
        used=Count("pk"),
        judged=Count("pk", filter=Q(judged_at__isnull=False)),
        not_justified=Count("pk", filter=Q(is_justified=False)),
    )
    return GlassCounts(
        used=uses["used"],
        judged=uses["judged"],
        not_justified=uses["not_justified"],
        waiting=uses["used"] - uses["judged"],
    )


def stops_counted(*, start: datetime, end: datetime) -> int:
    """How often somebody was stopped from `start` up to, not including, `end`."""
    return BreakGlassStop.objects.filter(at__gte=start, at__lt=end).count()
