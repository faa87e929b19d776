"""Break-glass: opening one concern that is closed to one, for an hour, to read, and answering for it (domain.md 5).

A concern that does not exist and one that is closed to whoever tries are refused in the same words, after the same
work, and leave the same kinds of row; only what the leads are told differs.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from accounts.selectors import absent_at, holders_of, standing
from audit.services import record
from concerns import clocks, events, notifications, permissions
from concerns.models import BreakGlass, BreakGlassStop, Concern, Deadline
from concerns.references import new_reference
from concerns.selectors.limits import limits_in_force
from concerns.services.base import lock, log
from concerns.services.clocks import meet_clock, start_clock
from concerns.services.grants import write_glass_grant
from concerns.vocabulary import BreakGlassReason, ClockKind
from safeguarding.kit import outbox
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound

OPEN_FOR = timedelta(minutes=60)


class GlassStopped(NotAllowed):
    """There is no such concern, or it is closed to whoever asked: the same words, and nobody can tell which."""

    def __init__(self) -> None:
        super().__init__("Break-glass can’t open this reference. If it is right, contact a safeguarding lead.")


@transaction.atomic
def break_glass(*, ref: str, reason: str, words: str, by: User, at: datetime) -> BreakGlass | None:
    """`by` reads the concern `ref` for 60 minutes, and changes nothing in it. A lead is told at once and judges it
    within 2 working days. The caller has seen fresh proof of identity.

    None when they can read it anyway, or have it open by break-glass already. Raises NotAllowed for whoever may never,
    Unsound, and GlassStopped (after which the caller calls `note_stopped_glass`).
    """
    permissions.check_can_break_glass(by)
    problems: dict[str, list[str]] = {}
    if reason not in BreakGlassReason.values:
        problems["reason"] = ["Choose a reason."]
    if not words.strip():
        problems["words"] = ["Say why you must open it now. A lead reads this."]
    if problems:
        raise Unsound("Something is missing.", problems)
    openable = permissions.openable_by_glass(by).filter(ref=ref)
    found = openable.values_list("pk", flat=True).first()
    if found is None:
        raise GlassStopped
    concern = lock(found)
    # A bar may have been recorded while we waited for the lock.
    if not openable.exists():
        raise GlassStopped
    if Concern.objects.visible_to(by, at=at).filter(pk=concern.pk).exists():
        return None
    until = at + OPEN_FOR
    use = BreakGlass.objects.create(
        ref=new_reference("BG"), concern=concern, by=by, at=at, ends_at=until, reason=reason, words=words
    )
    write_glass_grant(concern, by, until=until, reason=words, at=at)
    log(events.GLASS_BROKEN, concern, by=by, at=at, reason=words, use=use.ref, why=reason, until=until.isoformat())
    due = clocks.judge_break_glass_by(limits_in_force(), at)
    start_clock(concern, ClockKind.BREAK_GLASS, due_at=due, at=at, about=use.ref)
    ring = judges_of(use, at=at)
    if ring:
        use.judge = ring[0]
        use.save(update_fields=["judge"])
    for judge in (user for user in ring if permissions.can_judge_glass(user, use)):
        _tell(notifications.GLASS_BROKEN, use, to=judge, key=f"glass:{use.pk}:{judge.pk}", at=at)
    return use


@transaction.atomic
def note_stopped_glass(*, ref: str, by: User, at: datetime) -> BreakGlassStop:
    """Keep that `by` was stopped, and tell whoever is to hear of it (`permissions.stops_told_to`)."""
    concern = Concern.objects.filter(ref=ref).first()
    concern_id = concern.pk if concern is not None else None
    stop = BreakGlassStop.objects.create(ref=new_reference("BG"), concern=concern, by=by, at=at)
    record(
        events.GLASS_STOPPED, by=by, at=at, subject=stop, concern_id=concern_id,
        ref=concern.ref if concern is not None else "", stop=stop.ref,
    )  # fmt: skip
    for user in holders_of(*(role for rung in permissions.GLASS_RUNGS for role in rung)):
        if permissions.stops_told_to(user).filter(pk=stop.pk).exists():
            outbox.queue(
                notifications.GLASS_STOPPED, to=user.pk, about=stop.pk, reference=stop.ref,
                path=reverse("concerns:list-break-glass"), key=f"glass-stop:{stop.pk}:{user.pk}", at=at,
            )  # fmt: skip
    return stop


@transaction.atomic
def judge_break_glass(*, use_id: int, is_justified: bool, words: str, by: User, at: datetime) -> BreakGlass:
    """Somebody else says whether it was justified, and why; once. What it opened is over or runs out by itself."""
    found = BreakGlass.objects.get(pk=use_id)
    concern = lock(found.concern_id)
    use = BreakGlass.objects.select_for_update(of=("self",)).select_related("by").get(pk=use_id)
    permissions.check_can_judge_glass(by, use)
    if use.judged_at is not None:
        raise NotNow("Somebody has judged this already.")
    if not words.strip():
        raise Unsound("Say why.", {"words": ["Say why you think so."]})
    use.is_justified, use.judged_by, use.judged_at, use.judged_words = is_justified, by, at, words
    use.save(update_fields=["is_justified", "judged_by", "judged_at", "judged_words"])
    meet_clock(concern, ClockKind.BREAK_GLASS, at=at, about=use.ref)
    log(events.GLASS_JUDGED, concern, by=by, at=at, reason=words, use=use.ref, justified=is_justified)
    return use


def chase_judgement(concern: Concern, deadline: Deadline, *, at: datetime) -> None:
    """The locked concern's use of break-glass was not judged in time: its judge hears of it, and from level 2 on the
    next one up is asked. Called by the sweep, once for each level.
    """
    use = BreakGlass.objects.select_related("by", "judge").filter(ref=deadline.about, judged_at__isnull=True).first()
    if use is None:
        return
    if deadline.level >= 2 or use.judge is None or not permissions.can_judge_glass(use.judge, use):
        above = _next_up(use, at=at)
        if above is not None:
            use.judge = above
            use.save(update_fields=["judge"])
            log(events.GLASS_PASSED_UP, concern, by=None, at=at, use=use.ref, judge=above.pk)
    if use.judge is not None:
        key = f"glass:{use.pk}:late:{deadline.level}:{use.judge.pk}"
        _tell(notifications.GLASS_LATE, use, to=use.judge, key=key, at=at)


def without_judge() -> list[int]:
    """Ids of the uses that nobody has judged and that whoever was asked may not judge any more: their part ended, they
    left, or they are kept out since.
    """
    waiting = BreakGlass.objects.filter(judged_at__isnull=True).select_related("by", "judge", "concern")
    return [use.pk for use in waiting if use.judge is None or not permissions.can_judge_glass(use.judge, use)]


def find_another_judge(use_id: int, *, at: datetime) -> int:
    """Somebody whose office it is, is asked in place of whoever may not judge this use any more; 0 where there is
    nobody. The time to judge it stays as it was (I12). Called by the sweep.
    """
    found = BreakGlass.objects.get(pk=use_id)
    concern = lock(found.concern_id)
    use = BreakGlass.objects.select_for_update(of=("self",)).select_related("by", "judge").get(pk=use_id)
    use.concern = concern
    ring = judges_of(use, at=at)
    is_lost = use.judge is None or not permissions.can_judge_glass(use.judge, use)
    if use.judged_at is not None or not is_lost or not ring:
        return 0
    use.judge = ring[0]
    use.save(update_fields=["judge"])
    log(events.GLASS_JUDGE_CHANGED, concern, by=None, at=at, use=use.ref, judge=use.judge.pk)
    _tell(
        notifications.GLASS_BROKEN, use, to=use.judge, key=f"glass:{use.pk}:now:{use.judge.pk}:{at.isoformat()}", at=at
    )
    return 1


def judges_of(use: BreakGlass, *, at: datetime) -> list[User]:
    """Who is told at once: the leads; where a lead did it, the designated senior manager, then the chief executive.

    The first rung on which anybody is at work, else the first with anybody; nobody in conflict and never who did it.
    """
    rungs = _rungs(use)
    away = absent_at(at, [user.pk for rung in rungs for user in rung])
    at_work = next((there for rung in rungs if (there := [user for user in rung if user.pk not in away])), None)
    return at_work or (rungs[0] if rungs else [])


def _rungs(use: BreakGlass) -> list[list[User]]:
    first = 1 if standing(use.by).is_lead else 0
    out = permissions.denied_ids(use.concern) | permissions.ineligible_ids(use.concern) | {use.by_id}
    rungs = [[user for user in holders_of(*roles) if user.pk not in out] for roles in permissions.GLASS_RUNGS[first:]]
    return [rung for rung in rungs if rung]


def _next_up(use: BreakGlass, *, at: datetime) -> User | None:
    """The first person on the rung above the present judge's; None from the top one."""
    rungs = _rungs(use)
    place = next((n for n, rung in enumerate(rungs) if use.judge_id in {user.pk for user in rung}), -1)
    away = absent_at(at, [user.pk for rung in rungs for user in rung])
    higher = [user for rung in rungs[place + 1 :] for user in rung]
    return next((user for user in higher if user.pk not in away), None)


def _tell(kind: outbox.MessageKind, use: BreakGlass, *, to: User, key: str, at: datetime) -> None:
    outbox.queue(
        kind, to=to.pk, about=use.pk, reference=use.ref, path=reverse("concerns:judge-break-glass", args=[use.ref]),
        key=key, at=at,
    )  # fmt: skip
