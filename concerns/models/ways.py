"""Every way in to a case, by name (domain.md 5, R145). What decides who reads it is what says why.

Each way has two faces, side by side: which concerns it opens to a person (`ways_in`, a condition for `visible_to`), and
which people it lets in to one concern (`people_let_in`, for the page that shows a lead who can see it). A test holds
the two to each other for everybody in the cast. Bars and recusals are taken off by whoever asks: deny beats grant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import ChampionAppointment, RoleAssignment, User
from accounts.selectors import (
    LEADS,
    Standing,
    champions,
    holders_of,
    kept_out_below,
    line_above,
    standing,
    standings_of,
)
from accounts.vocabulary import Role
from concerns.ladder import LEAD_LEVEL
from concerns.models.grants import ConcernGrant
from concerns.models.joined import told_by, with_joined
from concerns.vocabulary import ConflictKind, State, TwoPersonAct, Urgency, Way

if TYPE_CHECKING:
    from concerns.models.concern import Concern, ConcernQuerySet

# What was entered in error is for leads, and for an auditor let in to it (domain.md 2.1).
NOT_VOID = ~Q(state=State.VOID)


# The roles that may break glass; so may champions.
GLASS_ROLES = frozenset({*LEADS, Role.OPERATIONAL_LEAD, Role.DESIGNATED_SENIOR_MANAGER, Role.IG_LEAD})


def may_break_glass(who: Standing) -> bool:
    """Whose office may ever break glass; never an administrator's or a contractor's, whatever else they are."""
    return not who.never_reads_cases and (who.is_champion or who.has(*GLASS_ROLES))


def stands_on_ladder(who: Standing) -> bool:
    """Whether somebody has a place on every ladder: champions and lead level (2.3, rungs 2 to 7). The line manager of
    whoever reported a concern has one on its own.
    """
    return not who.never_reads_cases and (who.is_champion or who.has(*LEAD_LEVEL))


def on_ladder() -> frozenset[int]:
    """Ids of everybody of whom `stands_on_ladder` holds."""
    people = (*champions().values_list("pk", flat=True), *holders_of(*LEAD_LEVEL).values_list("pk", flat=True))
    return frozenset(people)


def may_hold(who: Standing, person_id: int, concern: Concern) -> bool:
    """Whether this person still has the part for which they hold `concern`: on the ladder, or the reporter's line
    manager.
    """
    manages = concern.reporter.line_manager_id == person_id
    return stands_on_ladder(who) or (manages and not who.never_reads_cases)


def ineligible_when(barred: frozenset[int], *, reporters: frozenset[int]) -> frozenset[int]:
    """Who may not hold, decide or second while `barred` are named: whoever reported it, or what was joined to it, and
    whoever the barred manage (R45).

    Naming a director must not empty the ladder: somebody at lead level has to be left, else somebody else on it.
    """
    if not barred:
        return reporters
    leads = frozenset(holders_of(*LEAD_LEVEL).values_list("pk", flat=True))
    return reporters | kept_out_below(barred, first=leads - reporters, everybody=lambda: on_ladder() - reporters)


def ineligible_ids(every: ConcernQuerySet, concern_id: int) -> frozenset[int]:
    """The same of one concern as it stands."""
    of_it = every.filter(pk=concern_id, conflicts__kind=ConflictKind.BARRED, conflicts__lifted_at__isnull=True)
    barred = of_it.values_list("conflicts__staff_id", flat=True)
    return ineligible_when(frozenset(barred), reporters=reporter_ids(every, concern_id))


def reporter_ids(every: ConcernQuerySet, concern_id: int) -> frozenset[int]:
    """Whoever reported it, or what is joined to it (t20)."""
    return frozenset(every.filter(pk__in=with_joined(concern_id)).values_list("reporter_id", flat=True))


def may_look_afresh(who: Standing, concern: Concern) -> bool:
    """Whether somebody would be asked to look at `concern` afresh: on the ladder; lead level for a restricted one, a
    lead for one that was entered in error (domain.md 2.1, 5).
    """
    if not stands_on_ladder(who):
        return False
    if concern.state == State.VOID:
        return who.is_lead or who.is_operational_lead
    return not concern.is_restricted or who.has(*LEAD_LEVEL)


def in_story_of(concern: int | OuterRef) -> Q:
    """`models.files.story_of` as a condition for a query about many concerns: the concern itself, what it was joined
    to, and what was joined to either, each also by way of one more.
    """
    up = Q(merged_concerns=concern) | Q(merged_concerns__merged_concerns=concern)
    down = Q(merged_into=concern) | Q(merged_into__merged_into=concern)
    return Q(pk=concern) | up | down | Q(merged_into__merged_concerns=concern)


def left_at_lead_level(every: ConcernQuerySet, concern: int | OuterRef) -> QuerySet[User]:
    """Who at lead level can look at this concern afresh, here or away: never held any part of its story, is not kept
    out, did not report it or what was joined to it, is not managed by somebody named (R42, R45). While there is one, a
    restricted concern is for them alone.

    A condition for a query, so that a champion who was asked before reads nothing from the second of the restriction.
    """
    is_named = Q(conflicts__staff=OuterRef("line_manager"), conflicts__kind=ConflictKind.BARRED)
    theirs = Q(reporter=OuterRef("pk")) | (
        Q(conflicts__lifted_at__isnull=True) & (Q(conflicts__staff=OuterRef("pk")) | is_named)
    )
    held = every.filter(in_story_of(concern), assignments__holder=OuterRef("pk"))
    told = every.filter(reporter=OuterRef("pk"))
    return (
        holders_of(*LEAD_LEVEL)
        .exclude(Exists(every.filter(theirs, pk=concern)))
        .exclude(Exists(held))
        .exclude(Exists(told.filter(merged_into=concern)))
        .exclude(Exists(told.filter(merged_into__merged_into=concern)))
    )


# A level of risk is for champions and leads (3.4).
SECONDED_BY_IG_LEAD = [act for act in TwoPersonAct if act != TwoPersonAct.LOWER_RISK]


def ways_in(user: User, *, at: datetime, every: ConcernQuerySet) -> dict[Way, Q]:
    """For each way that `user` has at `at`, which concerns it opens; an empty Q opens all. In the order of `Way`.

    None for whoever never reads a case, whatever rows say that they hold or manage (ADR 29). What a person holds or was
    asked to look at is open to them while they have the part for which it was given to them: from the second in which
    that ends on they read nothing, and the sweep gives it to somebody else.

    `every` is all concerns. Having reported a concern opens a receipt (`selectors.receipt_for`), not the case; managing
    people opens nothing but an emergency that nobody has taken on yet (R40).
    """
    who = standing(user)
    if who.never_reads_cases:
        return {}
    has_place = stands_on_ladder(who)
    found = {Way.HOLDS: Q(responsible=user) if has_place else Q(responsible=user, reporter__line_manager=user)}
    if who.is_lead:
        found[Way.LEAD] = Q()
    if who.is_operational_lead:
        found[Way.OPERATIONAL_LEAD] = Q()
    if who.champion_area_ids:
        # R127: a champion's own areas, unrestricted concerns only.
        found[Way.CHAMPION] = Q(service_area__in=who.champion_area_ids, is_restricted=False) & NOT_VOID
    if who.manages_people:
        # R40: the manager of whoever reported an emergency is told with the others and may be the first.
        found[Way.MANAGER] = Q(
            reporter__line_manager=user,
            urgency=Urgency.EMERGENCY,
            state=State.SUBMITTED,
            is_hidden_from_manager=False,
            is_restricted=False,
        )
    if has_place:
        # R42: whoever was asked to look afresh reads the case until they have answered.
        asked = Q(dissatisfactions__reviewer=user, dissatisfactions__answered_at__isnull=True)
        if not who.has(*LEAD_LEVEL):
            asked &= Q(is_restricted=False) | Q(~Exists(left_at_lead_level(every, OuterRef(OuterRef("pk")))))
        found[Way.REVIEWER] = Q(pk__in=every.filter(asked).values("pk")) & NOT_VOID
    if who.has(Role.IG_LEAD):
        # Asked for a second view, the information governance lead reads the case until they have given it.
        found[Way.SECOND] = _may_second(user, every) & NOT_VOID
    running = ConcernGrant.grants.running(at).filter(content_object=OuterRef("pk"), user=user)
    if who.is_auditor:
        # Of a restricted concern an auditor reads nothing unless two people let them in.
        by_two = running.to_read().filter(seconded_by__isnull=False)
        found[Way.AUDIT] = (Q(Exists(running.to_read())) & Q(is_restricted=False)) | Q(Exists(by_two))
    else:
        found[Way.LET_IN] = Q(Exists(running.to_read())) & NOT_VOID
    if may_break_glass(who):
        found[Way.BREAK_GLASS] = Q(Exists(running.by_break_glass())) & NOT_VOID
    return found


def _may_second(user: User, every: ConcernQuerySet) -> Q:
    """What waits for a second view that `user` may give: not of what they reported, nor below somebody named (R45)."""
    is_waiting = Q(two_person_steps__is_agreed__isnull=True, two_person_steps__act__in=SECONDED_BY_IG_LEAD)
    waiting = every.filter(is_waiting).exclude(pk__in=told_by(user.pk))
    is_named = Q(conflicts__kind=ConflictKind.BARRED, conflicts__lifted_at__isnull=True)
    # Where somebody above them is named it depends on who else is left; these are next to none.
    near = waiting.filter(is_named, conflicts__staff__in=line_above(user)).values_list("pk", flat=True)
    closed = [pk for pk in set(near) if user.pk in ineligible_ids(every, pk)]
    return Q(pk__in=waiting.exclude(pk__in=closed).values("pk"))


@dataclass(frozen=True)
class LetIn:
    """One person who reads one concern's case: by which way, since when, until when, and what else is to be said of it:
    which role of the two, or who let them in and why.
    """

    user: User
    way: Way
    since: datetime | None
    until: datetime | None = None
    note: str = ""


def people_let_in(concern: Concern, *, at: datetime) -> list[LetIn]:
    """Everybody who has a way in to `concern` at `at`, each by every way; bars and recusals are not taken off.

    A constant number of statements, however many people there are.
    """
    rows = [found for found in _people(concern, at=at) if found.user.is_active]
    who = standings_of([found.user for found in rows])
    return [found for found in rows if _still_has_part(found, who[found.user.pk], concern)]


def _still_has_part(found: LetIn, who: Standing, concern: Concern) -> bool:
    if found.way == Way.HOLDS:
        return may_hold(who, found.user.pk, concern)
    if found.way == Way.REVIEWER and not may_look_afresh(who, concern):
        every = type(concern).objects.all()
        return stands_on_ladder(who) and not left_at_lead_level(every, concern.pk).exists()
    return not who.never_reads_cases


def _people(concern: Concern, *, at: datetime) -> Iterator[LetIn]:
    is_void = concern.state == State.VOID
    if concern.responsible is not None:
        yield LetIn(concern.responsible, Way.HOLDS, concern.responsible_since)
    roles = RoleAssignment.objects.filter(ended_at__isnull=True, role__in=[*LEADS, Role.OPERATIONAL_LEAD])
    for row in roles.select_related("user").order_by("started_at", "pk"):
        way = Way.LEAD if row.role in LEADS else Way.OPERATIONAL_LEAD
        yield LetIn(row.user, way, row.started_at, note=str(row))
    if not is_void and not concern.is_restricted:
        appointed = ChampionAppointment.objects.filter(service_area=concern.service_area_id, ended_at__isnull=True)
        for appointment in appointed.select_related("user").order_by("started_at", "pk"):
            yield LetIn(appointment.user, Way.CHAMPION, appointment.started_at)
    manager = concern.reporter.line_manager
    is_told = concern.is_emergency and concern.state == State.SUBMITTED and not concern.is_restricted
    if manager is not None and is_told and not concern.is_hidden_from_manager:
        yield LetIn(manager, Way.MANAGER, concern.reported_at)
    if is_void:
        # Of what was entered in error only an auditor's grant still opens anything.
        yield from (found for found in _granted(concern, at=at) if found.way == Way.AUDIT)
        return
    for asked in concern.dissatisfactions.filter(answered_at__isnull=True).select_related("reviewer"):
        yield LetIn(asked.reviewer, Way.REVIEWER, asked.at)
    asked_steps = concern.two_person_steps.filter(is_agreed__isnull=True, act__in=SECONDED_BY_IG_LEAD)
    first_step = asked_steps.order_by("asked_at").first()
    if first_step is not None:
        ineligible = ineligible_ids(type(concern).objects.all(), concern.pk)
        ig_leads = RoleAssignment.objects.filter(ended_at__isnull=True, role=Role.IG_LEAD).exclude(user__in=ineligible)
        for holder in ig_leads.select_related("user"):
            yield LetIn(holder.user, Way.SECOND, first_step.asked_at)
    yield from _granted(concern, at=at)


def _granted(concern: Concern, *, at: datetime) -> Iterator[LetIn]:
    running = ConcernGrant.grants.running(at).filter(content_object=concern)
    rows = list(running.select_related("user", "permission", "given_by", "seconded_by").order_by("starts_at", "pk"))
    who = standings_of([row.user for row in rows])
    for row in rows:
        holder = who[row.user.pk]
        if row.permission.codename == ConcernGrant.BREAK_GLASS:
            if may_break_glass(holder):
                yield LetIn(row.user, Way.BREAK_GLASS, row.starts_at, row.ends_at)
        elif holder.is_auditor:
            if not concern.is_restricted or row.seconded_by is not None:
                yield LetIn(row.user, Way.AUDIT, row.starts_at, row.ends_at, _said_by(row))
        else:
            yield LetIn(row.user, Way.LET_IN, row.starts_at, row.ends_at, _said_by(row))


def _said_by(grant: ConcernGrant) -> str:
    names = [user.full_name for user in (grant.given_by, grant.seconded_by) if user is not None]
    return f"by {' and '.join(names)}: {grant.reason}"
