"""When somebody is away: what decides who is asked next (R28)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse

from accounts import duties, events, notifications
from accounts.models import Absence, User
from accounts.permissions import check_can_cancel_absence, check_can_record_absence
from accounts.selectors import may_cover
from accounts.vocabulary import AbsenceKind
from audit.services import record
from safeguarding.kit import outbox
from safeguarding.kit.errors import NotNow, Unsound

LONGEST = timedelta(days=2 * 366)


def record_absence(
    *,
    person: User,
    starts_at: datetime,
    ends_at: datetime,
    by: User | None,
    at: datetime,
    kind: str = AbsenceKind.LEAVE,
    cover: User | None = None,
) -> Absence:
    """`person` is away from `starts_at` until, not including, `ends_at` (both aware).

    When it has begun already, whatever they hold is passed on in the same transaction, to `cover` first (R28). When
    somebody else recorded it, `person` is told and can end it: nobody loses a concern in silence (R44). Raises
    NotAllowed, or Unsound when the end is not after the start, all of it is past, it is longer than two years, it
    overlaps another absence of theirs, or `cover` is neither a champion nor a lead.
    """
    check_can_record_absence(by, person)
    problems: dict[str, list[str]] = {}
    if ends_at <= starts_at:
        problems["ends_at"] = ["The last day must be the same as or after the first day."]
    elif ends_at <= at:
        problems["ends_at"] = ["The last day must be today or later."]
    elif ends_at - starts_at > LONGEST:
        problems["ends_at"] = ["Leave can be at most 2 years long. Check the year."]
    if kind not in AbsenceKind.values:
        problems["kind"] = ["Choose why you are away."]
    if cover is not None and not may_cover().exclude(pk=person.pk).filter(pk=cover.pk).exists():
        problems["cover"] = ["Choose a Safeguarding Champion or a lead."]
    with transaction.atomic():
        if not problems and starts_at <= at:
            duties.pass_on(person.pk, cover_id=cover.pk if cover else None, at=at)
        # One person's absences are recorded one after the other, so that none overlap.
        User.objects.select_for_update(of=("self",)).get(pk=person.pk)
        others = Absence.objects.filter(user=person, cancelled_at=None)
        if not problems and others.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
            problems["starts_at"] = ["This overlaps leave that is already recorded."]
        if problems:
            raise Unsound("The leave was not saved.", problems)
        absence = Absence.objects.create(
            user=person, kind=kind, starts_at=starts_at, ends_at=ends_at, recorded_by=by or person, cover=cover
        )
        record(
            events.ABSENCE_RECORDED,
            by=by,
            at=at,
            subject=person,
            starts_at=starts_at.isoformat(),
            ends_at=ends_at.isoformat(),
        )
        if by is not None and by != person:
            outbox.queue(
                notifications.LEAVE_RECORDED, to=person.pk, about=absence.pk, reference="your leave",
                path=reverse("accounts:list-leave"), key=f"leave:{absence.pk}", at=at,
            )  # fmt: skip
    return absence


def cancel_absence(*, absence: Absence, by: User | None, at: datetime) -> None:
    """Take back leave that has not begun; end leave that has, because the person is back."""
    check_can_cancel_absence(by, absence)
    with transaction.atomic():
        locked = Absence.objects.select_for_update(of=("self",)).select_related("user").get(pk=absence.pk)
        if locked.cancelled_at is not None or locked.ends_at <= at:
            raise NotNow("This leave is already over or cancelled.")
        if locked.starts_at < at:
            locked.ends_at = at
            locked.save(update_fields=["ends_at"])
            record(events.ABSENCE_CUT_SHORT, by=by, at=at, subject=locked.user)
        else:
            locked.cancelled_at = at
            locked.save(update_fields=["cancelled_at"])
            record(events.ABSENCE_CANCELLED, by=by, at=at, subject=locked.user)
