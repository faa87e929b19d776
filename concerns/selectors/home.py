"""What a person's first page lists: what they hold, what waits for their view, their drafts, what they reported.

A constant number of statements, however much there is: each list is read once, with its cap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from accounts.models import User
from accounts.selectors import standing
from concerns.facts import declined_by_agency
from concerns.models import ClosureProposal, Concern, Dissatisfaction, Draft, Involvement
from concerns.moments import due_words
from concerns.selectors.break_glass import ToJudge, uses_to_judge
from concerns.selectors.drafts import drafts_of
from concerns.selectors.next_step import next_step_of, with_next_step
from concerns.selectors.queue import QueueCounts, queue_counts
from concerns.selectors.receipts import reported_by, status_of
from concerns.selectors.two_people import second_views_for
from concerns.vocabulary import RiskLevel, State, Urgency

# Rows of each list; what is beyond is reached by the link below it.
MOST = 25


@dataclass(frozen=True)
class Work:
    """A concern that asks something of the reader. `due` is words ("overdue by 2 hours"), "" when nothing is timed.

    `next_step` is what falls due then; "" in lists that ask one and the same thing of every row.
    """

    ref: str
    href: str
    urgency: str
    is_emergency: bool
    state: str
    next_step: str
    due: str
    is_overdue: bool


@dataclass(frozen=True)
class Report:
    """A concern that the reader reported, in the words that a reporter may read (R101)."""

    ref: str
    href: str
    status: str
    reported_at: datetime


@dataclass(frozen=True)
class Home:
    """The page. `has_more_held` and `has_more_reports` say that the list was cut at `MOST`. `may_hold`: a concern can
    come to the reader, so that it is news that none did. `queue` is None for whoever has none.
    """

    queue: QueueCounts | None
    may_hold: bool
    held: Sequence[Work]
    has_more_held: bool
    closings: Sequence[Work]
    second_views: Sequence[Work]
    glass: Sequence[ToJudge]
    answers_wanted: Sequence[Work]
    drafts: Sequence[Draft]
    reports: Sequence[Report]
    has_more_reports: bool


def home_of(user: User, *, at: datetime) -> Home:
    """Everything on `user`'s first page as it stands at `at`. Each list starts from what they may read."""
    held = list(
        with_next_step(Concern.objects.visible_to(user, at=at).filter(responsible=user)).order_by(
            F("next_due_at").asc(nulls_last=True), "urgency_rank", "pk"
        )[: MOST + 1]
    )
    reported = reported_by(user).select_related("merged_into")
    reports = list(
        reported.only("ref", "state", "reported_at", "merged_into__state", "merged_into__merged_into")[: MOST + 1]
    )
    who, queue = standing(user), queue_counts(user, at=at)
    return Home(
        queue=queue,
        may_hold=queue is not None or (who.manages_people and not who.never_reads_cases),
        held=[_work(concern, at=at) for concern in held[:MOST]],
        has_more_held=len(held) > MOST,
        closings=[_work(concern, at=at) for concern in _closings_for(user, at=at)],
        second_views=[_work(concern, at=at) for concern in second_views_for(user, at=at, most=MOST)],
        glass=uses_to_judge(user, at=at, most=MOST),
        answers_wanted=[_work(row.concern, at=at) for row in _waiting_for_answer_of(user, at=at)],
        drafts=sorted(drafts_of(user)[:MOST], key=lambda draft: not draft.is_danger),
        reports=[_report(concern) for concern in reports[:MOST]],
        has_more_reports=len(reports) > MOST,
    )


def _closings_for(user: User, *, at: datetime) -> Sequence[Concern]:
    """Concerns that somebody proposed to close and where `user` could be the second person (2.6).

    Decisions about sharing that wait for a second view are the sharing floor's; its template tag lists them.
    """
    who = standing(user)
    is_lead = who.is_lead or who.is_operational_lead
    if not (is_lead or who.is_champion or who.is_senior_manager):
        return []
    own_proposal = ClosureProposal.objects.filter(concern=OuterRef("pk"), is_agreed=None, proposed_by=user)
    waiting = Concern.objects.workable_by(user, at=at).filter(~Exists(own_proposal), state=State.CLOSURE_REVIEW)
    if not is_lead:
        # 2.6, condition 12, and 2.5: at high risk, or after an agency declined, only a lead may agree.
        high = Involvement.objects.filter(concern=OuterRef("pk"), risk_level__in=[RiskLevel.HIGH, RiskLevel.CRITICAL])
        waiting = waiting.exclude(Exists(high)).exclude(pk__in=declined_by_agency())
    mine = Q(responsible=user) | Q(reporter=user)
    return list(waiting.exclude(mine).order_by(F("next_due_at").asc(nulls_last=True), "pk")[:MOST])


def _waiting_for_answer_of(user: User, *, at: datetime) -> Sequence[Dissatisfaction]:
    """Reporters who are not satisfied and whom `user` was asked to answer (R42), while they can read that (ADR 29)."""
    readable = Concern.objects.visible_to(user, at=at).values("pk")
    rows = Dissatisfaction.objects.filter(concern__in=readable, reviewer=user, answered_at=None)
    return list(rows.select_related("concern").order_by("at", "pk")[:MOST])


def _work(concern: Concern, *, at: datetime) -> Work:
    due_at = concern.next_due_at
    return Work(
        ref=concern.ref,
        href=concern.get_absolute_url(),
        urgency=Urgency(concern.urgency).label,
        is_emergency=concern.is_emergency,
        state=State(concern.state).label,
        next_step=next_step_of(concern),
        due=due_words(due_at, at=at) if due_at else "",
        is_overdue=due_at is not None and due_at < at,
    )


def _report(concern: Concern) -> Report:
    return Report(
        ref=concern.ref,
        href=reverse("concerns:show-receipt", args=[concern.ref]),
        status=status_of(concern),
        reported_at=concern.reported_at,
    )
