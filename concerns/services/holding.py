"""Who holds a concern: choosing, acknowledging, declining, taking, handing on (R27, R28, R31, R45; domain.md 2.3)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max

from accounts.models import ServiceArea, User
from accounts.selectors import absent_at, champions, champions_of, holders_of, on_duty_at, standing
from accounts.vocabulary import Role
from concerns import clocks, events, ladder, notifications, permissions
from concerns.facts import case_facts
from concerns.ladder import Candidate, Choice, Rung
from concerns.models import Assignment, Concern, Note
from concerns.selectors.limits import limits_in_force
from concerns.services.base import keep_reason, lock, lock_with_survivor, log, save, tell
from concerns.services.clocks import drop_clock, meet_clock, start_clock
from concerns.services.conflicts import recuse
from concerns.vocabulary import ClockKind, HolderCause, NoteKind, State
from concerns.workflow import Action, plan
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from safeguarding.kit.working_time import is_working_time


def candidates(area: ServiceArea | int, *, manager: User | None, at: datetime) -> list[Candidate]:
    """Everyone on the ladder for a concern of `area`, with load and availability at `at`.

    A `manager` who has left, or who never reads a case (ADR 29), has no place on it.
    """
    rungs: dict[int, Rung] = {}

    def put(rung: Rung, ids: list[int]) -> None:
        for user_id in ids:
            rungs.setdefault(user_id, rung)

    if manager is not None and may_be_asked(manager):
        put(Rung.LINE_MANAGER, [manager.pk])
    put(Rung.AREA_CHAMPION, [user.pk for user in champions_of(area)])
    put(Rung.OTHER_CHAMPION, [user.pk for user in champions()])
    put(Rung.LEAD, [user.pk for user in holders_of(Role.SAFEGUARDING_LEAD)])
    put(
        Rung.DEPUTY,
        [user.pk for user in holders_of(Role.DEPUTY_LEAD, Role.OPERATIONAL_LEAD)],
    )
    put(
        Rung.DESIGNATED_SENIOR_MANAGER,
        [user.pk for user in holders_of(Role.DESIGNATED_SENIOR_MANAGER)],
    )
    put(Rung.CHIEF_EXECUTIVE, [user.pk for user in holders_of(Role.CHIEF_EXECUTIVE)])
    loads = dict(
        Concern.objects.filter(responsible__in=rungs)
        .values("responsible")
        .annotate(open=Count("pk"))
        .values_list("responsible", "open")
    )
    last = dict(
        Assignment.objects.filter(holder__in=rungs)
        .values("holder")
        .annotate(last=Max("started_at"))
        .values_list("holder", "last")
    )
    away, on_duty, on_any_duty = absent_at(at, rungs), on_duty_at(at, area), on_duty_at(at)
    return [
        Candidate(
            user_id,
            rung,
            is_available=user_id not in away,
            open_concerns=loads.get(user_id, 0),
            last_assigned_at=last.get(user_id),
            is_on_duty=user_id in (on_any_duty if rung == Rung.OTHER_CHAMPION else on_duty),
        )
        for user_id, rung in rungs.items()
    ]


def may_be_asked(manager: User) -> bool:
    """Whether a line manager can be asked at all: at work here, and not an administrator or a contractor's worker."""
    return manager.is_active and not standing(manager).never_reads_cases


def wants_duty(urgency: str, *, at: datetime) -> bool:
    """Whether a concern of this urgency goes to people on duty at `at` (R28)."""
    return ladder.needs_duty(urgency, is_working_time=is_working_time(at))


def next_holder(
    concern: Concern,
    *,
    at: datetime,
    skip: frozenset[int],
    is_rising: bool = False,
    cover_id: int | None = None,
    above: Rung | None = None,
) -> Choice:
    """Who on the ladder takes `concern` next. Raises NotNow only when every single person on it is in conflict.

    `skip` may not be chosen now; `cover_id` covers for whoever leaves it and comes first. A concern that has a holder
    goes to somebody on the same rung or a higher one while there is anybody; with `is_rising`, to a higher one only;
    with `above`, to somebody above that rung while there is anybody.
    """
    passed_over = passed_over_ids(concern)
    denied = permissions.denied_ids(concern)
    manager = concern.reporter.line_manager
    people = candidates(concern.service_area_id, manager=manager if with_manager(concern) else None, at=at)
    rung = next((each.rung for each in people if each.user_id == concern.responsible_id), None)

    ineligible = permissions.ineligible_ids(concern)

    def choose(beyond: Rung | None) -> Choice | None:
        return ladder.choose(
            people,
            may_not=denied | ineligible | passed_over | skip,
            denied=denied | permissions.reporter_ids(concern),
            above=beyond,
            wants_duty=wants_duty(concern.urgency, at=at),
            first=cover_id,
        )

    start = rung if is_rising or rung is None else _below(rung)
    choice = choose(start if above is None else max(above, start or above))
    if not is_rising and (choice is None or choice.is_ladder_exhausted):
        choice = choose(None)
    if choice is None:
        raise NotNow(
            "Nobody in the organisation may take this concern. Go straight to the statutory agency or the police."
        )
    return choice


def _below(rung: Rung) -> Rung | None:
    return Rung(rung - 1) if rung > Rung.LINE_MANAGER else None


def assign(
    concern: Concern,
    *,
    holder_id: int,
    cause: HolderCause,
    at: datetime,
    moved_by: User | None,
    note: str = "",
    passed_over: bool = False,
) -> Assignment:
    """`holder_id` holds the locked concern from `at`; the former holder's time ends and the new one is told.

    With `passed_over`, the former holder isn't chosen again for this concern.
    """
    concern.assignments.filter(ended_at__isnull=True).update(ended_at=at, is_passed_over=passed_over)
    assignment = Assignment.objects.create(
        concern=concern,
        holder_id=holder_id,
        started_at=at,
        cause=cause,
        moved_by=moved_by,
        note=note,
    )
    concern.responsible_id, concern.responsible_since, concern.responsible_cause = (
        holder_id,
        at,
        cause,
    )
    save(concern, "responsible", "responsible_since", "responsible_cause")
    log(
        events.ASSIGNED,
        concern,
        by=moved_by,
        at=at,
        holder=holder_id,
        cause=cause.value,
    )
    if moved_by is None or moved_by.pk != holder_id:
        tell(
            notifications.ASSIGNED,
            concern,
            to=holder_id,
            key=f"assigned:{assignment.pk}",
            at=at,
        )
    return assignment


def pass_up(
    concern: Concern,
    *,
    cause: HolderCause,
    at: datetime,
    by: User | None,
    reason: str,
    passed_over: bool = True,
    cover_id: int | None = None,
    above: Rung | None = None,
    note: str = "",
) -> bool:
    """The locked concern goes to the next person on the ladder: the holder is away, in conflict, silent or can't.

    `cover_id` is whom the holder named to cover for them; they are asked first. When nobody else is free it still goes
    to a named person, and leads and that person get a critical message.
    False when that person holds it already: then nothing changes, and nobody is told again.
    """
    leaving = frozenset({concern.responsible_id} if concern.responsible_id else ())
    choice = next_holder(concern, at=at, skip=leaving, cover_id=cover_id, above=above)
    if choice.is_ladder_exhausted:
        cause = HolderCause.LADDER_EXHAUSTED
        if concern.responsible_cause != HolderCause.LADDER_EXHAUSTED:
            raise_exhausted_alert(concern, holder_id=choice.user_id, at=at)
    if choice.user_id == concern.responsible_id:
        if concern.responsible_cause != cause:
            concern.responsible_cause = cause
            save(concern, "responsible_cause")
        return False
    notes = [write_hand_over(concern, note, by=by, at=at)] if note and by is not None else []
    log(events.PASSED_ON, concern, by=by, at=at, reason=reason, keeps=notes)
    assign(
        concern,
        holder_id=choice.user_id,
        cause=cause,
        at=at,
        moved_by=by,
        note=note,
        passed_over=passed_over,
    )
    if concern.state == State.SUBMITTED:
        restart_acknowledgement(concern, at=at)
    return True


def raise_exhausted_alert(concern: Concern, *, holder_id: int, at: datetime) -> None:
    """2.3: nobody on the ladder was free. Leads, senior manager and chief executive hear of it, and who must hold it.

    Nobody who is shut out of the concern is told.
    """
    log(events.LADDER_EXHAUSTED, concern, by=None, at=at)
    denied = permissions.denied_ids(concern)
    told = [holder_id, *holders_of(*permissions.LEAD_LEVEL).values_list("pk", flat=True)]
    for user_id in dict.fromkeys(told):
        if user_id not in denied:
            key = f"nobody:{concern.pk}:{concern.version}:{user_id}"
            tell(notifications.NOBODY_FREE, concern, to=user_id, key=key, at=at)


def leave_if_shut_out(concern: Concern, *, at: datetime) -> None:
    """When whoever holds the locked concern may no longer hold it, it goes to the next person at once (R41, R45).

    Whoever is not shut out can have it again once what makes them ineligible has ended.
    """
    is_shut_out = concern.responsible_id in permissions.denied_ids(concern)
    if is_shut_out or concern.responsible_id in permissions.ineligible_ids(concern):
        reason = "The person who held it may no longer hold it"
        pass_up(concern, cause=HolderCause.BARRED, at=at, by=None, reason=reason, passed_over=is_shut_out)


def hold_afresh(concern: Concern, *, state: State, cause: HolderCause, by: User, at: datetime) -> None:
    """The ended, locked concern is open again in `state`, with a holder chosen afresh and a review to come."""
    concern.state = state  # the ladder has the line manager on it in some states only
    choice = next_holder(concern, at=at, skip=frozenset())
    if choice.is_ladder_exhausted:
        cause = HolderCause.LADDER_EXHAUSTED
    concern.closed_at, concern.closed_by = None, None
    concern.responsible_id, concern.responsible_since, concern.responsible_cause = choice.user_id, at, cause
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
    assignment = Assignment.objects.create(
        concern=concern, holder_id=choice.user_id, started_at=at, cause=cause, moved_by=by
    )
    log(events.ASSIGNED, concern, by=by, at=at, holder=choice.user_id, cause=cause.value)
    if choice.is_ladder_exhausted:
        raise_exhausted_alert(concern, holder_id=choice.user_id, at=at)
    limits = limits_in_force()
    start_clock(concern, ClockKind.REVIEW, due_at=clocks.review_by(limits, "", at), at=at)
    start_clock(concern, ClockKind.OPEN_TOO_LONG, due_at=clocks.lead_looks_by(limits, at), at=at)
    start_clock(concern, ClockKind.OPEN_VERY_LONG, due_at=clocks.senior_manager_told_by(limits, at), at=at)
    tell(notifications.ASSIGNED, concern, to=choice.user_id, key=f"assigned:{assignment.pk}", at=at)


def restart_acknowledgement(concern: Concern, *, at: datetime) -> None:
    """The next person has a full T2 of their own; the missed one stays on record as dropped."""
    drop_clock(concern, ClockKind.ACKNOWLEDGE, at=at)
    start_clock(
        concern,
        ClockKind.ACKNOWLEDGE,
        due_at=clocks.acknowledge_by(limits_in_force(), concern.urgency, at),
        at=at,
    )


@transaction.atomic
def acknowledge(
    *,
    concern_id: int,
    by: User,
    at: datetime,
    has_conflict: bool,
    conflict_words: str = "",
) -> Concern:
    """t3: the holder takes it on, or has a conflict of interest and loses it at once (R45).

    In an emergency the first who acknowledges holds it (R40). Sending it twice changes nothing the second time.
    Raises NotAllowed, NotNow, and Unsound when a conflict is declared without saying what it is.
    """
    concern = lock(concern_id)
    if concern.responsible_id == by.pk and concern.state != State.SUBMITTED and not has_conflict:
        return concern
    permissions.check_can_acknowledge(by, concern)
    if has_conflict:
        if not conflict_words.strip():
            raise Unsound(
                "Say what the conflict is.",
                {"conflict_words": ["Say what the conflict is, in a few words."]},
            )
        return _leave_for_conflict(concern, by=by, at=at, words=conflict_words)
    transition, target = plan(Action.ACKNOWLEDGE, case_facts(concern))
    log(events.NO_CONFLICT_DECLARED, concern, by=by, at=at)
    if concern.responsible_id != by.pk:
        assign(
            concern,
            holder_id=by.pk,
            cause=HolderCause.ACKNOWLEDGED_FIRST,
            at=at,
            moved_by=by,
        )
    concern.state, concern.acknowledged_at = target, at
    save(concern, "state", "acknowledged_at")
    meet_clock(concern, ClockKind.ACKNOWLEDGE, at=at)
    log(transition.event, concern, by=by, at=at)
    return concern


def _leave_for_conflict(concern: Concern, *, by: User, at: datetime, words: str) -> Concern:
    recuse(concern, staff=by, reason=words, by=by, at=at)
    if concern.responsible_id == by.pk:
        pass_up(concern, cause=HolderCause.CONFLICT, at=at, by=by, reason=words)
    return concern


@transaction.atomic
def declare_conflict(*, concern_id: int, by: User, at: datetime, words: str) -> Concern:
    """Whoever works on a concern says, at any time, that they have a conflict of interest; they lose the case (R45).

    They lose the concern that it was joined to as well, and all that was joined there: it is one story (t20, I3).
    """
    concern, survivor = lock_with_survivor(concern_id)
    permissions.check_can_read(by, concern)
    if not words.strip():
        raise Unsound(
            "Say what the conflict is.",
            {"conflict_words": ["Say what the conflict is, in a few words."]},
        )
    _leave_for_conflict(survivor, by=by, at=at, words=words)
    return concern


@transaction.atomic
def decline(*, concern_id: int, by: User, at: datetime, reason: str) -> Concern:
    """t4: the holder can't take it on, says why, and it goes to the next person on the ladder at once."""
    concern = lock(concern_id)
    permissions.check_is_holder(by, concern)
    plan(Action.PASS_ON, case_facts(concern))
    if not reason.strip():
        raise Unsound("Give a reason.", {"reason": ["Say why you can’t take it on."]})
    pass_up(concern, cause=HolderCause.DECLINED, at=at, by=by, reason=reason, note=reason)
    return concern


@transaction.atomic
def take(*, concern_id: int, by: User, at: datetime, note: str = "", seen_version: int | None = None) -> Concern:
    """A champion of the area or a lead takes a concern from the queue and holds it (R127).

    Once somebody has acknowledged it, it is taken from them, with a hand-over note (t22, R44): what was agreed with
    them, or why it can't wait. They are told.
    """
    concern = lock(concern_id, seen_version=seen_version)
    permissions.check_can_take(by, concern)
    if concern.state != State.SUBMITTED and not note.strip():
        raise Unsound(
            "Write a hand-over note.", {"note": ["Say why you take it, and what you know from whoever holds it."]}
        )
    before = concern.responsible_id
    _check_fits(concern, by.pk, at=at, sentence="You can’t take this concern now. Ask a safeguarding lead.")
    # The running acknowledgement clock stays as it is: nobody gains time by taking a concern (I12).
    assignment = assign(concern, holder_id=by.pk, cause=HolderCause.TAKEN, at=at, moved_by=by, note=note)
    notes = [write_hand_over(concern, note, by=by, at=at)] if note.strip() else []
    log(events.HANDED_ON, concern, by=by, at=at, reason=note or "Taken from the queue", keeps=notes)
    if before is not None and note.strip():
        tell(notifications.TAKEN, concern, to=before, key=f"taken:{assignment.pk}", at=at)
    return concern


def write_hand_over(concern: Concern, note: str, *, by: User, at: datetime) -> Note:
    """The hand-over note stands among what was written on the concern."""
    return Note.objects.create(
        concern=concern, kind=NoteKind.HAND_OVER, text=note, author=by, author_title=by.job_title, written_at=at
    )


@transaction.atomic
def hand_on(
    *,
    concern_id: int,
    to: User,
    note: str,
    by: User,
    at: datetime,
    seen_version: int | None = None,
) -> Concern:
    """t22: `to` holds it from now on, with a hand-over note that they can read first thing."""
    concern = lock(concern_id, seen_version=seen_version)
    permissions.check_can_hand_on(by, concern)
    plan(Action.HAND_ON, case_facts(concern))
    if not note.strip():
        raise Unsound(
            "Write a hand-over note.",
            {"note": ["Write what the next person needs to know."]},
        )
    if to.pk == concern.responsible_id:
        raise NotAllowed("This person already holds the concern.")
    sentence = "This person can’t take on this concern. Choose a champion, a lead or the line manager."
    _check_fits(concern, to.pk, at=at, sentence=sentence)
    assign(
        concern,
        holder_id=to.pk,
        cause=HolderCause.HANDED_ON,
        at=at,
        moved_by=by,
        note=note,
    )
    written = write_hand_over(concern, note, by=by, at=at)
    log(events.HANDED_ON, concern, by=by, at=at, reason=note, keeps=(written,))
    return concern


def _check_fits(concern: Concern, user_id: int, *, at: datetime, sentence: str) -> None:
    if user_id not in possible_holders(concern):
        raise NotAllowed(sentence)
    if user_id in absent_at(at, [user_id]):
        raise NotAllowed("This person is away. Choose somebody who is at work.")


def possible_holders(concern: Concern) -> frozenset[int]:
    """Ids of everyone the concern may be handed to (2.3): on its ladder, not in conflict, ineligible or passed over.

    The line manager only until triage is done. In dispute with an agency it stays at lead level, as long as anybody
    there may hold it (t12, t13).
    """
    may_not = permissions.denied_ids(concern) | permissions.ineligible_ids(concern) | passed_over_ids(concern)
    leads = frozenset(holders_of(*permissions.LEAD_LEVEL).values_list("pk", flat=True)) - may_not
    if concern.state == State.DISPUTED and leads:
        return leads
    below = set(champions().values_list("pk", flat=True))
    manager = concern.reporter.line_manager
    if manager is not None and may_be_asked(manager) and with_manager(concern):
        below.add(manager.pk)
    return leads | frozenset(below) - may_not


def with_manager(concern: Concern) -> bool:
    """Whether the reporter's line manager is on the ladder of `concern` as it stands: never under protection (R43)."""
    return concern.state in (State.SUBMITTED, State.TRIAGE) and not concern.is_reporter_protected


def passed_over_ids(concern: Concern) -> frozenset[int]:
    """Who held it and was replaced because of how they held it: never chosen again for this concern (2.3)."""
    return frozenset(concern.assignments.filter(is_passed_over=True).values_list("holder_id", flat=True))


@transaction.atomic
def change_area(
    *,
    concern_id: int,
    area: ServiceArea,
    reason: str,
    by: User,
    at: datetime,
    seen_version: int | None = None,
) -> Concern:
    """Move the concern to another service area, with a reason; whoever holds it goes on holding it."""
    concern = lock(concern_id, seen_version=seen_version)
    permissions.check_can_change_area(by, concern)
    if not reason.strip():
        raise Unsound(
            "Give a reason.",
            {"reason": ["Say why it belongs to the other service area."]},
        )
    before = concern.service_area
    if before.pk == area.pk:
        return concern
    concern.service_area = area
    save(concern, "service_area")
    what = f"Moved from {before.name} to {area.name}"
    note = keep_reason(concern, what, reason, by=by, at=at)
    log(
        events.AREA_CHANGED,
        concern,
        by=by,
        at=at,
        keeps=(note,),
        reason=reason,
        before=before.code,
        after=area.code,
    )
    return concern
