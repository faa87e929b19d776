"""Who looks afresh at a concern whose reporter is not satisfied: chosen, asked, replaced when it is theirs no longer
(R42, T13). Called with the concern locked.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.selectors import absent_at, champions, champions_of, holders_of, standing
from accounts.vocabulary import Role
from audit.models import Event
from concerns import clocks, events, notifications, permissions
from concerns.models import Concern, Conflict, Dissatisfaction
from concerns.models.files import story_of, survivor_of
from concerns.models.ways import in_story_of, left_at_lead_level, may_look_afresh, on_ladder, stands_on_ladder
from concerns.selectors.limits import limits_in_force
from concerns.services.base import log, tell
from concerns.services.clocks import drop_clock, start_clock
from concerns.vocabulary import ClockKind, ConflictKind, State
from safeguarding.kit.errors import NotNow


def pass_up_dissatisfaction(concern: Concern, *, at: datetime) -> bool:
    """T13: the locked concern's reporter had no answer in time, so a senior manager is asked; once.

    False when that has happened already, or nothing is unanswered. The missed limit stays on record as dropped.
    """
    row = Dissatisfaction.objects.filter(concern=concern, answered_at__isnull=True, is_with_senior=False).first()
    if row is None:
        return False
    row.reviewer, row.is_with_senior = fresh_reviewer(concern, is_senior=True, at=at), True
    row.save(update_fields=["reviewer", "is_with_senior"])
    log(events.NOT_SATISFIED_PASSED_UP, concern, by=None, at=at, reviewer=row.reviewer_id)
    drop_clock(concern, ClockKind.DISSATISFACTION, at=at)
    ask_reviewer(row, concern, at=at)
    return True


def without_reviewer(*, at: datetime) -> list[int]:
    """Ids of the concerns whose reporter waits for an answer from somebody who is gone, away or shut out since, who
    would not be asked any more (`may_look_afresh`), whom somebody named since manages or who reported what was joined
    to it since (R45), or who came to hold a part of it: what is said more may be about them (R42).
    """
    denied = Conflict.objects.filter(concern=OuterRef("concern"), staff=OuterRef("reviewer"), lifted_at__isnull=True)
    held = Concern.objects.filter(in_story_of(OuterRef("concern")), assignments__holder=OuterRef("reviewer"))
    leads, lead_level = (_ids(holders_of(*roles)) for roles in (permissions.LEADS, permissions.LEAD_LEVEL))
    lost = Q(reviewer__is_active=False) | Q(reviewer__in=absent_at(at)) | Q(Exists(denied)) | Q(Exists(held))
    lost |= ~Q(reviewer__in=on_ladder())
    lost |= Q(concern__is_restricted=True) & ~Q(reviewer__in=lead_level)
    lost |= Q(concern__state=State.VOID) & ~Q(reviewer__in=leads)
    waiting = Dissatisfaction.objects.filter(answered_at__isnull=True)
    ids = set(waiting.filter(lost).values_list("concern_id", flat=True))
    named = Conflict.objects.filter(concern=OuterRef("concern"), kind=ConflictKind.BARRED, lifted_at__isnull=True)
    joined = Concern.objects.filter(merged_into=OuterRef("concern"))
    for row in waiting.filter(Exists(named) | Exists(joined)).select_related("concern"):
        if row.reviewer_id in permissions.ineligible_ids(row.concern):
            ids.add(row.concern_id)
    return sorted(ids)


def _ids(people: QuerySet[User]) -> frozenset[int]:
    return frozenset(people.values_list("pk", flat=True))


def _held(concern: Concern) -> frozenset[int]:
    return frozenset(permissions.holdings_of_story(concern).values_list("holder_id", flat=True))


def replace_lost_reviewer(concern: Concern, *, at: datetime) -> None:
    """The locked concern is read by fewer people from now on, or was joined: whoever looks afresh and may not any more
    is replaced.
    """
    row = Dissatisfaction.objects.filter(concern=concern, answered_at__isnull=True).select_related("reviewer").first()
    if row is None:
        return
    if not may_look_afresh(standing(row.reviewer), concern) or row.reviewer_id in permissions.ineligible_ids(concern):
        replace_reviewer(concern, at=at)


def replace_reviewer(concern: Concern, *, at: datetime) -> bool:
    """Somebody else looks at it afresh, in the time that is left. False when nobody better can be found."""
    row = Dissatisfaction.objects.filter(concern=concern, answered_at__isnull=True).first()
    if row is None:
        return False
    try:
        reviewer = fresh_reviewer(concern, is_senior=row.is_with_senior, at=at)
    except NotNow:
        return False
    if reviewer.pk == row.reviewer_id:
        return False
    before = standing(row.reviewer)
    may_not_decide = permissions.ineligible_ids(concern)
    reads = stands_on_ladder(before) and row.reviewer_id not in permissions.denied_ids(concern)
    is_fit = may_look_afresh(standing(reviewer), concern) and reviewer.pk not in _held(concern)
    is_better = is_fit
    if row.reviewer_id in may_not_decide:
        # They can't answer (R45): whoever can takes it, and whoever can't only as before, not from each other for ever.
        is_better = reviewer.pk not in may_not_decide or (is_fit and not may_look_afresh(before, concern))
    if reads and not is_better:
        return False
    # Somebody away takes it only from whoever can't read it any more; the sweep then finds who is back first.
    if reviewer.pk in absent_at(at, [reviewer.pk]) and (may_look_afresh(before, concern) or not is_fit):
        return False
    row.reviewer = reviewer
    row.save(update_fields=["reviewer"])
    log(events.REVIEWER_CHANGED, concern, by=None, at=at, reviewer=reviewer.pk)
    ask_reviewer(row, concern, at=at)
    return True


def ask_reviewer(row: Dissatisfaction, concern: Concern, *, at: datetime) -> None:
    due = clocks.answer_reporter_by(limits_in_force(), at, is_with_senior=row.is_with_senior)
    start_clock(concern, ClockKind.DISSATISFACTION, due_at=due, at=at)
    key = f"not-satisfied:{row.pk}:{row.reviewer_id}"
    tell(notifications.NOT_SATISFIED, concern, to=row.reviewer_id, key=key, at=at, about=row.pk)


def fresh_reviewer(concern: Concern, *, is_senior: bool, at: datetime) -> User:
    """Who never held this concern or anything joined with it (t20), had no part in it before, is at work and not in
    conflict.

    A champion or lead at first; with `is_senior` the designated senior manager or the chief executive. When nobody
    fresh is left: somebody away, then somebody who had a part in it, then who held another part of the story before,
    but never whoever held this one or holds the story now (R42). What was entered in error is for leads alone
    (domain.md 2.1), what is restricted for lead level while anybody there can look at it.
    """
    held, story = _held(concern), story_of(concern)
    looked = Dissatisfaction.objects.filter(concern__in=story).values_list("reviewer_id", "answered_by_id")
    seconded = Event.objects.filter(concern_id__in=story, code__in=[kind.code for kind in events.SECOND_VIEWS])
    involved = {person for row in looked for person in row} | set(seconded.values_list("actor_id", flat=True))
    kept_out = permissions.denied_ids(concern) | permissions.ineligible_ids(concern)
    is_for_leads = concern.state == State.VOID
    left = _ids(left_at_lead_level(Concern.objects.all(), concern.pk)) if concern.is_restricted else frozenset()
    area_champions = [] if concern.is_restricted or is_for_leads else list(champions_of(concern.service_area_id))
    first = [
        *area_champions,
        *holders_of(Role.SAFEGUARDING_LEAD),
        *holders_of(Role.DEPUTY_LEAD, Role.OPERATIONAL_LEAD),
    ]
    seniors = [] if is_for_leads else [*holders_of(Role.DESIGNATED_SENIOR_MANAGER), *holders_of(Role.CHIEF_EXECUTIVE)]
    upwards = [*seniors, *first] if is_senior else [*first, *seniors]
    upwards += [] if is_for_leads or left else champions()
    away = absent_at(at)
    free = [user for user in upwards if user.pk not in kept_out | held]
    # Nobody else at lead level is left, so who is only far below somebody named may (as in `ineligible_when`).
    free = free or [user for user in upwards if user.pk in left - held]
    # The last resort: who held another part only, and does not hold the story now.
    here = {survivor_of(concern).responsible_id, *concern.assignments.values_list("holder_id", flat=True)}
    free = free or [user for user in upwards if user.pk not in kept_out | here]
    fresh = [user for user in free if user.pk not in involved]
    at_work = [user for user in fresh if user.pk not in away]
    for user in at_work or fresh or free:
        return user
    raise NotNow("Nobody inside can look at this. Go straight to the statutory agency or the police.")
