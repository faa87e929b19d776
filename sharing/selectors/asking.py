"""Whom we asked, for information and for advice without names, and what must not be said there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, CharField, Value, When
from django.db.models.functions import Cast
from django.urls import reverse

from concerns.models import Concern, Involvement
from concerns.models.joined import with_joined
from sharing.models import (
    Consultation,
    Decision,
    InformationRequest,
    Question,
    Referral,
)
from sharing.no_names import Known, names_in
from sharing.vocabulary import (
    QuestionState,
)


@dataclass(frozen=True)
class Asked:
    """One line of what was asked outside: what an agency knows (R104), or advice without names (R35)."""

    is_advice: bool
    ref: str
    whom: str
    state: str
    due_date: date | None = None

    @property
    def address(self) -> str:
        return reverse("sharing:show-consultation" if self.is_advice else "sharing:show-question", args=[self.ref])


def asked_of(concern: Concern) -> tuple[Asked, ...]:
    """All that was asked outside about `concern`, oldest first. One statement: the concern's page asks it."""
    columns = CharField(max_length=200)
    questions = Question.objects.filter(concern=concern).values_list(
        Value("", columns), "ref", "agency__name", "agency__local_authority", "state", Cast("due_date", columns),
        "asked_at",
    )  # fmt: skip
    advice = Consultation.objects.filter(concern=concern).values_list(
        Value("advice", columns), "ref", "organisation", "role",
        Case(When(recorded_at__isnull=True, then=Value("")), default=Value("answered"), output_field=columns),
        Value("", columns), "checked_at",
    )  # fmt: skip
    rows = sorted(questions.order_by().union(advice.order_by(), all=True), key=lambda row: (str(row[6]), row[1]))
    return tuple(
        _asked_advice(ref, organisation=name, role=place, state=state)
        if kind
        else _asked_question(ref, name=name, place=place, state=state, due=due)
        for kind, ref, name, place, state, due, _ in rows
    )


def _asked_question(ref: str, *, name: str, place: str, state: str, due: str) -> Asked:
    is_waiting = state in (QuestionState.ASKED, QuestionState.ESCALATED)
    whom = f"{name} ({place})" if place else name
    day = date.fromisoformat(due[:10]) if is_waiting else None
    return Asked(is_advice=False, ref=ref, whom=whom, state=str(QuestionState(state).label), due_date=day)


def _asked_advice(ref: str, *, organisation: str, role: str, state: str) -> Asked:
    words = "Advice recorded" if state else "Words checked, advice not recorded yet"
    return Asked(is_advice=True, ref=ref, whom=organisation or role or "Advice", state=words)


def known_of(concern: Concern) -> Known:
    """Everything that names or leads to somebody in the case, in the concerns joined to it too (R35)."""
    ids = with_joined(concern.pk)
    rows = list(Involvement.objects.filter(concern__in=ids).select_related("person", "staff"))
    people = [row.person for row in rows]
    concerns = list(Concern.objects.filter(pk__in=ids))
    referrals = list(Referral.objects.filter(concern__in=ids))
    told = [words for each in concerns for words in (each.told_by, each.said_by, each.hearsay_from)]
    references = [
        *(each.ref for each in concerns),
        *(each.ref for each in people),
        *(each.tenancy_ref for each in people),
        *(words for each in referrals for words in (each.ref, each.agency_reference)),
        *Decision.objects.filter(concern__in=ids).values_list("ref", flat=True),
        *InformationRequest.objects.filter(concern__in=ids).values_list("ref", flat=True),
    ]
    return Known(
        names=(
            *(each.name for each in people),
            *(row.staff.full_name for row in rows if row.staff is not None),
            *map(names_in, told),
        ),
        addresses=tuple(each.address for each in people),
        places=tuple(each.place for each in concerns),
        births=tuple(day for each in people for day in (each.date_of_birth, each.expected_date) if day is not None),
        phones=tuple(each.phone for each in people),
        references=tuple(references),
    )
