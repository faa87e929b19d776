"""Requests from outside: what their rules need, and their figures for a quarter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from concerns.models import Concern, ConcernQuerySet
from concerns.selectors.names import hidden_reporters
from safeguarding.kit.errors import allows
from sharing import permissions
from sharing.models import (
    Decision,
    InformationRequest,
    NamedStaff,
    RequestUnlinked,
    SignedRecord,
)
from sharing.requests import RequestFacts
from sharing.selectors.finding import LIVE
from sharing.vocabulary import (
    DecisionStatus,
    RequestAnswer,
)


def answering_record(request: InformationRequest) -> SignedRecord | None:
    """The signed decision in force about this request (field 4); none while it waits for the second person."""
    records = SignedRecord.objects.filter(decision__request=request, decision__status=DecisionStatus.SIGNED)
    return records.filter(concern=request.concern_id).order_by("-signed_at", "-pk").first()


def facts_of_request(request: InformationRequest) -> RequestFacts:
    """What the rules of its answer ask about."""
    record = answering_record(request) if request.concern_id else None
    return RequestFacts(
        kind=request.kind,
        is_verified=request.is_verified,
        is_linked=request.concern_id is not None,
        decision_kind=record.kind if record else "",
        is_refusal_disputed=request.refusals.filter(is_agreed=False).exists(),
    )


def decision_about(request: InformationRequest) -> Decision | None:
    """The newest decision that was begun for it, draft or signed."""
    decisions = Decision.objects.filter(LIVE, request=request).select_related("concern")
    return decisions.order_by("-opened_at", "-pk").first()


def why_not_unlinked(request: InformationRequest) -> str:
    """What keeps `request` on its concern (R102), as a sentence; "" where it may be taken off."""
    if request.concern_id is None or request.answer:
        return "This request is not linked to a concern, or it is answered."
    if decision_about(request) is not None:
        return "There is a decision about this request. Withdraw its draft, or answer the request."
    if request.waiting_refusal is not None:
        return "A refusal of this request waits for a Safeguarding Lead. Wait, or give another answer."
    return ""


def namings_shown(request: InformationRequest, *, to: User) -> QuerySet[NamedStaff]:
    """Who was named in `request`, lifted or not, for `to`, who may read it: everybody for whoever may know that, else
    whom they named themselves; never `to` themselves.
    """
    rows = NamedStaff.objects.filter(request=request).exclude(staff=to)
    if not allows(permissions.check_can_see_named_staff, to, request):
        rows = rows.filter(named_by=to)
    return rows.select_related("staff", "named_by", "lifted_by")


def still_reading(namings: Iterable[NamedStaff], concern: Concern) -> list[User]:
    """Who of those that are named can open `concern` all the same: naming somebody in a request does not bar them from
    the case (ADR 14).
    """
    named = [each.staff for each in namings if each.lifted_at is None]
    return [staff for staff in named if Concern.objects.visible_to(staff).filter(pk=concern.pk).exists()]


def unlinked_from(concern: Concern, *, reader: User) -> QuerySet[RequestUnlinked]:
    """Requests that were linked to `concern` by mistake, and why they are not about it; none that is about `reader`,
    who may read the concern.
    """
    rows = RequestUnlinked.objects.filter(concern=concern)
    rows = rows.exclude(request__in=InformationRequest.objects.about(reader).values("pk"))
    return rows.select_related("request", "unlinked_by")


def events_kept_from(reader: User, *, on_concern: bool) -> Q:
    """The events of requests that are closed to `reader` (I3), for whoever reads the ledger.

    `on_concern`: in the history of a concern that they may read only what is about them is closed. What is about
    somebody who manages them was open to them as long as it stood there.
    """
    requests = InformationRequest.objects
    closed = requests.about(reader) if on_concern else requests.closed_to(reader)
    return Q(subject_type=InformationRequest._meta.label_lower, subject_id__in=closed.values("pk"))


@dataclass(frozen=True)
class RequestFigures:
    """Q32. Received in the period; of those due in it: how many, answered in time, refused, refused and told."""

    received: int
    due: int
    answered_in_time: int
    refused: int
    refused_and_told: int


def request_figures(
    start: datetime, end: datetime, *, but: ConcernQuerySet | None = None, with_named: bool = True
) -> RequestFigures:
    """Q32 for [start, end), as at its last instant: all requests, whoever asks, without those about `but` or taken
    off one of these (ADR 14), and without those that name staff unless `with_named`; figures only.
    """
    is_due = Q(due_at__gte=start, due_at__lt=end)
    refused = is_due & Q(answer=RequestAnswer.REFUSE, answered_at__lt=end)
    counted = InformationRequest.objects.all()
    if but is not None:
        counted = counted.exclude(Q(concern__in=but) | Q(unlinked__concern__in=but))
    if not with_named:
        counted = counted.exclude(Exists(NamedStaff.objects.in_force().filter(request=OuterRef("pk"))))
    return RequestFigures(
        **counted.aggregate(
            received=Count("pk", filter=Q(received_at__gte=start, received_at__lt=end)),
            due=Count("pk", filter=is_due),
            answered_in_time=Count("pk", filter=is_due & Q(answered_at__lte=F("due_at"))),
            refused=Count("pk", filter=refused),
            refused_and_told=Count("pk", filter=refused & Q(told_on__lt=timezone.localdate(end))),
        )
    )


def hidden_on_request(asked: InformationRequest, reader: User) -> frozenset[int]:
    """R43: who is not named to `reader` on the page of this request, because a concern that it is or was linked to does
    not name them: its history tells of the same acts.
    """
    concerns = [asked.concern] if asked.concern is not None else []
    concerns += [each.concern for each in asked.unlinked.select_related("concern")]
    return frozenset[int]().union(*(hidden_reporters(concern, reader) for concern in concerns))
