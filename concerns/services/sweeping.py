"""Nothing is dropped: one sweep finds what is due and not yet handled (R28, R125, I2, I17; domain.md 2.4).

It can run at any time, twice, or after days in which nothing ran: what it does is marked on the row that it did it for.
Responsibility only ever moves upwards; nothing is closed and no risk is lowered by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from accounts.models import User
from accounts.selectors import absent_at, covers_at, holders_of, never_reading, standing
from accounts.vocabulary import Role
from concerns import clocks, events, notifications, permissions
from concerns.ladder import Rung
from concerns.models import Concern, Conflict, Deadline, Dissatisfaction
from concerns.models.ways import may_hold, on_ladder
from concerns.services.base import lock, log, tell
from concerns.services.break_glass import chase_judgement, find_another_judge, without_judge
from concerns.services.clocks import meet_clock
from concerns.services.escalating import rise
from concerns.services.grants import close_left_open, open_to_nobody
from concerns.services.holding import leave_if_shut_out, pass_up
from concerns.services.moving import take_safer_choice
from concerns.services.reviewing import pass_up_dissatisfaction, replace_reviewer, without_reviewer
from concerns.services.unsent import remind_of_drafts
from concerns.services.watching import concerns_to_watch, watch_concern, watch_leads
from concerns.vocabulary import ClockKind, ConflictKind, HolderCause, State
from concerns.workflow import BY_ACTION, Action
from safeguarding.kit.outbox import MessageKind, queue
from safeguarding.kit.sweeping import each, every

logger = logging.getLogger(__name__)

RUNNING = Q(met_at__isnull=True, dropped_at__isnull=True)
# T2 moves the concern on instead of being overdue; but where nobody is left to move it to, people go on being told.
MOVES_ON = Q(kind=ClockKind.ACKNOWLEDGE) & ~Q(concern__responsible_cause=HolderCause.LADDER_EXHAUSTED)
LONGEST_NOTICE = timedelta(days=2)
LATE_AFTER = timedelta(days=1)
BEFORE, ON, AFTER = 1, 2, 3
# 2.4: the steps that whoever holds the concern owes. Late by half, responsibility for them moves up a rung.
OWED_BY_HOLDER = frozenset(
    {
        ClockKind.TRIAGE,
        ClockKind.SEND_REFERRAL,
        ClockKind.STAFF_CONSULTATION,
        ClockKind.RETROSPECTIVE,
        ClockKind.RECEIPT_CHECK,
        ClockKind.CORRECTION,
        ClockKind.TELL_PERSON,
        ClockKind.AGENCY_OUTCOME,
        ClockKind.REVIEW,
        ClockKind.CONTACT,
        ClockKind.DISPUTE,
        ClockKind.TELL_REPORTER,
    }
)
# A second person's silence is a lead's business at once (T3b), and so is a concern that stays open (T14).
OWED_TO_LEAD = frozenset({ClockKind.SECOND_VIEW, ClockKind.CLOSURE_VIEW, ClockKind.OPEN_TOO_LONG})
# The steps that whoever holds the concern is reminded of before, on and after their day.
_REMINDERS: dict[str, dict[int, MessageKind]] = {
    ClockKind.REVIEW: {
        BEFORE: notifications.REVIEW_SOON,
        ON: notifications.REVIEW_DUE,
        AFTER: notifications.REVIEW_LATE,
    },
    ClockKind.CONTACT: {
        BEFORE: notifications.CONTACT_SOON,
        ON: notifications.CONTACT_DUE,
        AFTER: notifications.CONTACT_LATE,
    },
}


@dataclass(frozen=True)
class Swept:
    """How many concerns moved on, how many clocks went up a level, how many reminders were queued."""

    moved: int
    overdue: int
    reminded: int
    drafts: int


def sweep(*, at: datetime) -> Swept:
    """Handle everything that is due at `at`. Each concern in a transaction of its own; one failure stops no other."""
    moving = (_silent, _away, _unfit, _unanswered, _differing, _without_reviewer)
    moved = every(moving, at=at)
    every((_without_judge, _open_to_nobody, watch_leads, _to_watch), at=at)
    return Swept(moved, every([_overdue], at=at), every([_to_remind], at=at), every([remind_of_drafts], at=at))


def _silent(*, at: datetime) -> int:
    due = Deadline.objects.filter(RUNNING, kind=ClockKind.ACKNOWLEDGE, due_at__lte=at)
    return each(_ids(due), lambda pk: _escalate_silence(pk, at=at))


def _away(*, at: datetime) -> int:
    away = Q(responsible__in=absent_at(at)) | Q(responsible__is_active=False)
    return each(list(Concern.objects.open().filter(away).values_list("pk", flat=True)), lambda pk: _leave(pk, at=at))


def _unfit(*, at: datetime) -> int:
    return each(_held_by_unfit(at=at), lambda pk: _leave_unfit(pk, at=at))


def _unanswered(*, at: datetime) -> int:
    due = Deadline.objects.filter(RUNNING, kind=ClockKind.DISSATISFACTION, due_at__lte=at).filter(
        concern__dissatisfactions__answered_at__isnull=True, concern__dissatisfactions__is_with_senior=False
    )
    return each(_ids(due), lambda pk: _pass_up_unanswered(pk, at=at))


def _differing(*, at: datetime) -> int:
    due = Deadline.objects.filter(RUNNING, kind=ClockKind.DIFFERENCE, due_at__lte=at)
    return each(_ids(due), lambda pk: _end_difference(pk, at=at))


def _without_reviewer(*, at: datetime) -> int:
    return each(without_reviewer(at=at), lambda pk: _find_another_reviewer(pk, at=at))


def _without_judge(*, at: datetime) -> int:
    return each(without_judge(), lambda pk: find_another_judge(pk, at=at))


def _open_to_nobody(*, at: datetime) -> int:
    return each(open_to_nobody(at=at), lambda pk: close_left_open(pk, at=at))


def _to_watch(*, at: datetime) -> int:
    return each(concerns_to_watch(at=at), lambda pk: watch_concern(pk, at=at))


def _overdue(*, at: datetime) -> int:
    due = Deadline.objects.filter(RUNNING, ~MOVES_ON, due_at__lte=at, level__lt=3)
    return each(_ids(due), lambda pk: _raise_levels(pk, at=at))


def _to_remind(*, at: datetime) -> int:
    due = Deadline.objects.filter(RUNNING, kind__in=_REMINDERS, due_at__lte=at + LONGEST_NOTICE, reminded__lt=AFTER)
    return each(_ids(due), lambda pk: _remind(pk, at=at))


def _ids(deadlines: Iterable[Deadline]) -> list[int]:
    return sorted({deadline.concern_id for deadline in deadlines})


def _escalate_silence(concern_id: int, *, at: datetime) -> int:
    """T2: nobody acknowledged in time, so the next person on the ladder is responsible."""
    concern = lock(concern_id)
    missed = concern.deadlines.filter(RUNNING, kind=ClockKind.ACKNOWLEDGE, due_at__lte=at).first()
    if missed is None or concern.state != State.SUBMITTED:
        return 0
    if missed.level < 1:
        missed.level = 1
        missed.save(update_fields=["level"])
        log(events.CLOCK_OVERDUE, concern, by=None, at=at, clock=missed.kind, about="", level=1)
    above = None
    if concern.is_emergency:
        # R40: nobody in the time given, so it is the designated senior manager's; whoever was told may still be first.
        above = Rung.DEPUTY
        _tell_seniors(notifications.EMERGENCY_UNANSWERED, concern, key="unanswered", about=concern.pk, at=at)
    return _move_on(concern, HolderCause.NOT_ACKNOWLEDGED, "Nobody acknowledged it in time", at=at, above=above)


def _end_difference(concern_id: int, *, at: datetime) -> int:
    """t9: two people still differ about not sharing, so the safer choice stands and a lead decides."""
    concern = lock(concern_id)
    missed = concern.deadlines.filter(RUNNING, kind=ClockKind.DIFFERENCE, due_at__lte=at).first()
    if missed is None or concern.state not in BY_ACTION[Action.TAKE_SAFER_CHOICE].sources:
        return 0
    log(events.CLOCK_OVERDUE, concern, by=None, at=at, clock=missed.kind, about="", level=1)
    take_safer_choice(concern, at=at)
    return 1


def _pass_up_unanswered(concern_id: int, *, at: datetime) -> int:
    """T13: nobody answered the reporter in time, so a senior manager is asked. The concern stays with its holder."""
    concern = lock(concern_id)
    missed = concern.deadlines.filter(RUNNING, kind=ClockKind.DISSATISFACTION, due_at__lte=at).first()
    if missed is None or not pass_up_dissatisfaction(concern, at=at):
        return 0
    log(events.CLOCK_OVERDUE, concern, by=None, at=at, clock=missed.kind, about="", level=1)
    return 1


def _leave(concern_id: int, *, at: datetime) -> int:
    """Whoever is away or deactivated holds nothing: the next person takes it at once (R28)."""
    concern = lock(concern_id)
    holder = concern.responsible
    if holder is None or (holder.is_active and holder.pk not in absent_at(at, [holder.pk])):
        return 0
    cover_id = covers_at(at, [holder.pk]).get(holder.pk)
    reason = "The person who held it is away"
    return _move_on(concern, HolderCause.HOLDER_ABSENT, reason, at=at, cover_id=cover_id)


def _move_on(
    concern: Concern,
    cause: HolderCause,
    reason: str,
    *,
    at: datetime,
    cover_id: int | None = None,
    above: Rung | None = None,
) -> int:
    passed_over = cause == HolderCause.NOT_ACKNOWLEDGED
    moved = pass_up(
        concern, cause=cause, at=at, by=None, reason=reason, passed_over=passed_over, cover_id=cover_id, above=above
    )
    return int(moved)


def _held_by_unfit(*, at: datetime) -> list[int]:
    """Open concerns whose holder may not hold them any more: shut out since, with no place on the ladder (2.3), or
    never to read a case from now on (ADR 29).

    Where nobody else was free, whoever is in conflict stays the one who answers for it. Not whoever has no part any
    more: they read nothing of it, so nobody would answer for it.
    """
    has_place = Q(responsible__in=on_ladder()) | Q(responsible=F("reporter__line_manager"))
    conflicts = Conflict.objects.filter(concern=OuterRef("pk"), lifted_at__isnull=True)
    is_shut_out = Q(Exists(conflicts.filter(staff=OuterRef("responsible")))) | Q(responsible=F("reporter"))
    # Whoever is named may manage the holder by now, and the holder may have reported what was joined to it: few
    # concerns, each is looked at.
    is_about_staff = Q(Exists(conflicts.filter(kind=ConflictKind.BARRED)))
    has_joined = Q(Exists(Concern.objects.filter(merged_into=OuterRef("pk"))))
    stays_put = Q(responsible_cause=HolderCause.LADDER_EXHAUSTED)
    never_reads = Q(responsible__in=never_reading())
    looked_at = (is_shut_out | is_about_staff | has_joined) & ~stays_put
    rows = Concern.objects.open().filter(never_reads | ~has_place | looked_at)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _leave_unfit(concern_id: int, *, at: datetime) -> int:
    concern = lock(concern_id)
    if not concern.is_open or concern.responsible_id is None:
        return 0
    before = concern.responsible_id
    leave_if_shut_out(concern, at=at)
    holder = concern.responsible
    if holder is not None and holder.pk == before and not may_hold(standing(holder), before, concern):
        # They were no line manager, so it goes to a champion or higher (2.4: upwards).
        reason = "The person who held it has no part in safeguarding now"
        _move_on(concern, HolderCause.PART_ENDED, reason, at=at, above=Rung.LINE_MANAGER)
    return int(concern.responsible_id != before)


def _find_another_reviewer(concern_id: int, *, at: datetime) -> int:
    """R42: whoever was asked to look at it afresh is away, gone, shut out, may not decide or has no part since:
    another is asked.
    """
    return int(replace_reviewer(lock(concern_id), at=at))


def _raise_levels(concern_id: int, *, at: datetime) -> int:
    """Overdue level 1 at the limit, 2 at one and a half times, 3 at twice; each told once, the highest only.

    At level 2 of a step that the holder owes, responsibility moves up; once in a sweep, however many steps are late.
    """
    concern = lock(concern_id)
    crossed: list[Deadline] = []
    must_rise = False
    for deadline in concern.deadlines.filter(RUNNING, ~MOVES_ON, due_at__lte=at):
        level = overdue_level(deadline, at)
        if level <= deadline.level:
            continue
        # Before it is acknowledged T2 alone moves it on.
        is_owed = deadline.kind in OWED_BY_HOLDER and concern.state != State.SUBMITTED
        must_rise = must_rise or (is_owed and deadline.level < 2 <= level)
        deadline.level = level
        deadline.save(update_fields=["level"])
        log(events.CLOCK_OVERDUE, concern, by=None, at=at, clock=deadline.kind, about=deadline.about, level=level)
        crossed.append(deadline)
    if must_rise:
        rise(concern, at=at, reason="A step was not done in one and a half times its time")
    for deadline in crossed:
        _tell_of_overdue(concern, deadline, at=at)
    return len(crossed)


def _tell_of_overdue(concern: Concern, deadline: Deadline, *, at: datetime) -> None:
    if deadline.kind == ClockKind.BREAK_GLASS:
        chase_judgement(concern, deadline, at=at)
        return
    if deadline.kind == ClockKind.OPEN_VERY_LONG:
        # T14: telling is all that it is for.
        _tell_seniors(notifications.OPEN_VERY_LONG, concern, key="long-open", about=concern.pk, at=at)
        meet_clock(concern, ClockKind.OPEN_VERY_LONG, at=at)
        return
    level = deadline.level
    if deadline.kind not in _REMINDERS or level > 1:  # their own reminders say it first
        for user_id in _told_at(concern, deadline, level, at=at):
            key = f"overdue:{deadline.pk}:{level}:{user_id}"
            tell(notifications.OVERDUE, concern, to=user_id, key=key, at=at, about=deadline.pk)
    if level == 3:
        _tell_seniors(notifications.LONG_OVERDUE, concern, key=f"overdue:{deadline.pk}", about=deadline.pk, at=at)


def _told_at(concern: Concern, deadline: Deadline, level: int, *, at: datetime) -> list[int]:
    """Who owes the step; the reporter's manager while they may read the case; leads from level 2, or when it is theirs.

    Only people who may read the case now; the outbox asks again when it delivers.
    """
    leads = list(holders_of(Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD))
    told: list[User] = []
    if deadline.kind == ClockKind.DISSATISFACTION:
        open_rows = Dissatisfaction.objects.filter(concern=concern, answered_at__isnull=True)
        told += [row.reviewer for row in open_rows.select_related("reviewer")]
    elif deadline.kind in OWED_TO_LEAD:
        told += leads
    else:
        told += [user for user in (concern.responsible, concern.reporter.line_manager) if user is not None]
    if level >= 2:
        told += leads
    unique = {user.pk: user for user in told}
    return [
        user.pk for user in unique.values() if Concern.objects.visible_to(user, at=at).filter(pk=concern.pk).exists()
    ]


def _tell_seniors(kind: MessageKind, concern: Concern, *, key: str, about: int, at: datetime) -> None:
    """The designated senior manager hears a reference and nothing else; nobody who is shut out hears anything."""
    denied = permissions.denied_ids(concern)
    for senior in holders_of(Role.DESIGNATED_SENIOR_MANAGER):
        if senior.pk not in denied:
            queue(
                kind, to=senior.pk, about=about, reference=concern.ref, path=reverse("concerns:list-late"),
                key=f"{key}:{concern.pk}:{senior.pk}", at=at,
            )  # fmt: skip


def overdue_level(deadline: Deadline, at: datetime) -> int:
    """How far `deadline` is overdue at `at`: `clocks.overdue_level`."""
    return clocks.overdue_level(
        started_at=deadline.started_at, due_at=deadline.due_at, at=at,
        in_working_time=deadline.kind in clocks.IN_WORKING_TIME,
    )  # fmt: skip


def _remind(concern_id: int, *, at: datetime) -> int:
    """Before, on and after the due time, once each; after an outage only the latest is still worth a message."""
    concern = lock(concern_id)
    reminded = 0
    for deadline in concern.deadlines.filter(RUNNING, kind__in=_REMINDERS):
        stage = reminder_stage(deadline, at)
        if stage <= deadline.reminded or concern.responsible_id is None:
            continue
        deadline.reminded = stage
        deadline.save(update_fields=["reminded"])
        key = f"reminder:{deadline.pk}:{stage}"
        tell(_REMINDERS[deadline.kind][stage], concern, to=concern.responsible_id, key=key, at=at, about=deadline.pk)
        reminded += 1
    return reminded


def reminder_stage(deadline: Deadline, at: datetime) -> int:
    """Which reminder is due by now: 1 from two days (or a quarter of the time given) before, 2 on, 3 a day after."""
    if at >= deadline.due_at + LATE_AFTER:
        return AFTER
    if at >= deadline.due_at:
        return ON
    notice = min(LONGEST_NOTICE, (deadline.due_at - deadline.started_at) / 4)
    return BEFORE if at >= deadline.due_at - notice else 0
