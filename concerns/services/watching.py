"""I16: somebody at lead level is always there, or the alarm is on. Part of the sweep; safe to run twice."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from accounts.selectors import absent_at, holders_of
from audit.services import record
from concerns import events, permissions
from concerns.models import Alarm, Concern, Conflict
from concerns.notifications import NO_LEAD, SENIORS
from concerns.services.base import lock
from concerns.vocabulary import AlarmKind, HolderCause
from safeguarding.kit.outbox import queue


def leads_at_work(*, at: datetime) -> frozenset[int]:
    """Who at lead level is active and not away at `at`."""
    leads = frozenset(holders_of(*permissions.LEADS).values_list("pk", flat=True))
    return leads - absent_at(at, leads)


@transaction.atomic
def watch_leads(*, at: datetime) -> int:
    """The alarm for the whole organisation goes on when nobody at lead level is at work, and off when somebody is.

    How many alarms changed.
    """
    return _set(AlarmKind.NO_LEAD, None, is_on=not leads_at_work(at=at), at=at)


def concerns_to_watch(*, at: datetime) -> list[int]:
    """Open concerns on which somebody at lead level may have no part, and those whose alarm is on."""
    leads = leads_at_work(at=at)
    # Somebody barred makes whoever they manage ineligible, so all of these are looked at; they are few.
    has_conflict = Q(pk__in=Conflict.objects.filter(lifted_at__isnull=True).values("concern"))
    is_exhausted = Q(responsible_cause=HolderCause.LADDER_EXHAUSTED)
    looked_at = Concern.objects.open().filter(has_conflict | is_exhausted | Q(reporter__in=leads))
    alarmed = Alarm.objects.filter(ended_at__isnull=True, concern__isnull=False)
    return sorted({*looked_at.values_list("pk", flat=True), *alarmed.values_list("concern_id", flat=True)})


def watch_concern(concern_id: int, *, at: datetime) -> int:
    """The alarms of one concern: that people at lead level are at work and none of them may act on it, and that nobody
    else on the ladder was free to take it.
    """
    concern = lock(concern_id)
    leads = leads_at_work(at=at)
    fit = leads - permissions.denied_ids(concern) - permissions.ineligible_ids(concern)
    # With nobody at work at all the alarm of the organisation is on, and says so once.
    changed = _set(AlarmKind.NO_LEAD_HERE, concern, is_on=concern.is_open and bool(leads) and not fit, at=at)
    is_exhausted = concern.is_open and concern.responsible_cause == HolderCause.LADDER_EXHAUSTED
    return changed + _set(AlarmKind.EXHAUSTED, concern, is_on=is_exhausted, at=at)


def _set(kind: AlarmKind, concern: Concern | None, *, is_on: bool, at: datetime) -> int:
    standing = Alarm.objects.select_for_update(of=("self",)).filter(kind=kind, concern=concern, ended_at=None).first()
    if is_on == (standing is not None):
        return 0
    if standing is None:
        alarm = Alarm.objects.create(kind=kind, concern=concern, raised_at=at)
        _log(alarm, is_on=True, at=at)
        if kind != AlarmKind.EXHAUSTED:  # whoever must hear of that has heard (services.holding)
            _tell(alarm, _seniors(concern), at=at)
    else:
        standing.ended_at = at
        standing.save(update_fields=["ended_at"])
        _log(standing, is_on=False, at=at)
    return 1


def _log(alarm: Alarm, *, is_on: bool, at: datetime) -> None:
    concern = alarm.concern
    record(
        events.ALARM_RAISED if is_on else events.ALARM_ENDED,
        by=None,
        at=at,
        subject=concern or alarm,
        concern_id=concern.pk if concern else None,
        ref=concern.ref if concern else "",
        alarm=alarm.kind,
    )


def _seniors(concern: Concern | None) -> list[int]:
    seniors = holders_of(*SENIORS).values_list("pk", flat=True)
    denied = permissions.denied_ids(concern) if concern is not None else frozenset()
    return [user_id for user_id in seniors if user_id not in denied]


def _tell(alarm: Alarm, seniors: Iterable[int], *, at: datetime) -> None:
    for user_id in seniors:
        queue(
            NO_LEAD, to=user_id, about=alarm.pk, reference=alarm.concern.ref if alarm.concern else "",
            path=reverse("concerns:show-home"), key=f"alarm:{alarm.pk}:{user_id}", at=at,
        )  # fmt: skip
