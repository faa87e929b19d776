"""The duty rota of each service area: who is asked first, and who is there out of hours (domain.md 2.3, R28)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts import events
from accounts.models import DutyShift, ServiceArea, User
from accounts.permissions import check_can_cancel_shift, check_can_keep_rota
from audit.services import record
from safeguarding.kit.errors import NotNow, Unsound

LONGEST_SHIFT = timedelta(days=31)


def record_shift(
    *, person: User, area: ServiceArea, starts_at: datetime, ends_at: datetime, by: User | None, at: datetime
) -> DutyShift:
    """`person` is on duty for `area` from `starts_at` until, not including, `ends_at` (both aware).

    Raises NotAllowed, or Unsound when the end is not after the start, all of it is past, it is longer than 31 days, or
    it overlaps another shift of theirs for the area.
    """
    check_can_keep_rota(by, person, area)
    problems: dict[str, list[str]] = {}
    if ends_at <= starts_at:
        problems["ends_at"] = ["The end must be after the start."]
    elif ends_at <= at:
        problems["ends_at"] = ["The end must be later than now."]
    elif ends_at - starts_at > LONGEST_SHIFT:
        problems["ends_at"] = ["A shift can be at most 31 days long. Check the dates."]
    with transaction.atomic():
        # One person's shifts are recorded one after the other, so that none overlap.
        User.objects.select_for_update(of=("self",)).get(pk=person.pk)
        others = DutyShift.objects.filter(user=person, service_area=area, cancelled_at=None)
        if not problems and others.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
            problems["starts_at"] = ["This overlaps a shift that is already on the rota."]
        if problems:
            raise Unsound("The shift was not saved.", problems)
        shift = DutyShift.objects.create(
            user=person, service_area=area, starts_at=starts_at, ends_at=ends_at, recorded_by=by or person
        )
        record(
            events.DUTY_RECORDED, by=by, at=at, subject=person, area=area.code,
            starts_at=starts_at.isoformat(), ends_at=ends_at.isoformat(),
        )  # fmt: skip
    return shift


def cancel_shift(*, shift: DutyShift, by: User | None, at: datetime) -> None:
    """Take a shift off the rota that has not begun; end one that has. Raises NotAllowed, NotNow when it is over."""
    check_can_cancel_shift(by, shift.user)
    with transaction.atomic():
        locked = (
            DutyShift.objects.select_for_update(of=("self",)).select_related("user", "service_area").get(pk=shift.pk)
        )
        if locked.cancelled_at is not None or locked.ends_at <= at:
            raise NotNow("This shift is already over or cancelled.")
        kind = events.DUTY_CUT_SHORT if locked.starts_at < at else events.DUTY_CANCELLED
        if locked.starts_at < at:
            locked.ends_at = at
        else:
            locked.cancelled_at = at
        locked.save(update_fields=["ends_at", "cancelled_at"])
        record(kind, by=by, at=at, subject=locked.user, area=locked.service_area.code)
