"""The frozen facts that guards ask for, read from the rows; the sharing floor supplies its part from above."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from django.db.models import Q, QuerySet

from accounts.models import User
from concerns.models import (
    ClosureProposal,
    Concern,
    Deadline,
    Dissatisfaction,
    DomesticStep,
    Involvement,
    StaffStep,
    Triage,
)
from concerns.vocabulary import ClockKind, OutcomesAsked, PersonRole, State
from concerns.workflow import CaseFacts, SharingFacts

SharingFactsProvider = Callable[[int], SharingFacts]
DeclinedQuery = Callable[[], "QuerySet[Any, int]"]
SignersQuery = Callable[[int], "QuerySet[Any, int]"]
CitesOrder = Callable[[int], bool]


class HiddenEvents(Protocol):
    def __call__(self, reader: User, /, *, on_concern: bool) -> Q: ...


_providers: list[SharingFactsProvider] = []
_declined: list[DeclinedQuery] = []
_signers: list[SignersQuery] = []
_orders: list[CitesOrder] = []
_hidden: list[HiddenEvents] = []


def register_sharing_facts(provider: SharingFactsProvider) -> None:
    """Say who answers for the sharing floor: given a concern's id, its SharingFacts. Called once, at start-up."""
    _providers[:] = [provider]


def register_declined(query: DeclinedQuery) -> None:
    """Say who answers for which concerns an agency declined: a query of their ids. Called once, at start-up."""
    _declined[:] = [query]


def declined_by_agency() -> QuerySet[Any, int]:
    """Ids of the concerns in which an agency declined and we accepted it, for lists; LookupError as below."""
    if not _declined:
        raise LookupError("Nobody says which concerns an agency declined.")
    return _declined[0]()


def register_signers(query: SignersQuery) -> None:
    """Say who answers for who signed a decision in a concern: a query of their ids. Called once, at start-up."""
    _signers[:] = [query]


def signers_of(concern_id: int) -> QuerySet[Any, int]:
    """Ids of everybody who signed a decision in this concern; LookupError as below."""
    if not _signers:
        raise LookupError("Nobody says who signed a decision in a concern.")
    return _signers[0](concern_id)


def register_orders(answer: CitesOrder) -> None:
    """Say who answers for whether a signed decision in a concern rests on what has the force of law. Called once, at
    start-up."""
    _orders[:] = [answer]


def cites_order(concern_id: int) -> bool:
    """Whether a signed decision in this concern rests on what has the force of law (R68); LookupError as below."""
    if not _orders:
        raise LookupError("Nobody says which decisions rest on what has the force of law.")
    return _orders[0](concern_id)


def register_hidden_events(condition: HiddenEvents) -> None:
    """Say who answers for what the floor above keeps from a reader to whom its concern is open, or that is about none,
    as a condition on events. Called once, at start-up."""
    _hidden[:] = [condition]


def hidden_events(reader: User, *, on_concern: bool = False) -> Q:
    """Which events are kept from `reader` by what the floor above knows (I3); `on_concern`: among those of a concern
    that they may read. LookupError as below."""
    if not _hidden:
        raise LookupError("Nobody says which events are kept from a reader.")
    return _hidden[0](reader, on_concern=on_concern)


def case_facts(concern: Concern) -> CaseFacts:
    """Everything that guards may ask about `concern`, as it is now; call it under the concern's lock.

    Raises LookupError when nobody supplies the sharing floor's part: a guard must never pass for lack of an answer.
    """
    people = list(
        Involvement.objects.filter(concern=concern, role=PersonRole.AT_RISK).only(
            "pk", "risk_level", "risk_outcome", "outcomes_asked", "outcomes_achieved"
        )
    )
    proposal = ClosureProposal.objects.filter(concern=concern, is_agreed__isnull=True).first()
    return facts_from(
        concern,
        at_risk=people,
        is_triaged=Triage.objects.filter(concern=concern).exists(),
        closing_from=proposal.from_state if proposal else None,
        has_open_dissatisfaction=is_contested(concern),
        open_staff_steps=StaffStep.objects.filter(concern=concern, answer="").count(),
        has_difference=Deadline.objects.filter(
            concern=concern, kind=ClockKind.DIFFERENCE, met_at__isnull=True, dropped_at__isnull=True
        ).exists(),
        has_joined=Concern.objects.filter(merged_into=concern).exists(),
        open_domestic_steps=DomesticStep.objects.filter(concern=concern, answer="").count(),
    )


def is_contested(concern: Concern) -> bool:
    """Somebody who reported it, or something that was joined to it, is not satisfied and has had no answer (t20)."""
    story = Q(concern=concern) | Q(concern__merged_into=concern) | Q(concern__merged_into__merged_into=concern)
    return Dissatisfaction.objects.filter(story, answered_at__isnull=True).exists()


def facts_from(
    concern: Concern,
    *,
    at_risk: Sequence[Involvement],
    is_triaged: bool,
    closing_from: str | None,
    has_open_dissatisfaction: bool,
    open_staff_steps: int,
    has_difference: bool,
    has_joined: bool,
    open_domestic_steps: int,
) -> CaseFacts:
    """The facts from rows that the caller has read already; only the sharing floor is asked. LookupError as above."""
    if not _providers:
        raise LookupError("No provider of sharing facts is registered.")
    return CaseFacts(
        state=State(concern.state),
        is_triaged=is_triaged,
        is_restricted=concern.is_restricted,
        risk_levels=tuple((person.pk, person.risk_level) for person in at_risk),
        people_without_risk_outcome=sum(not person.risk_outcome for person in at_risk),
        people_without_outcomes_answer=sum(_lacks_outcomes_answer(person) for person in at_risk),
        has_open_dissatisfaction=has_open_dissatisfaction,
        open_staff_steps=open_staff_steps,
        has_difference=has_difference,
        has_joined=has_joined,
        open_domestic_steps=open_domestic_steps,
        closing_from=State(closing_from) if closing_from else None,
        sharing=_providers[0](concern.pk),
    )


def _lacks_outcomes_answer(person: Involvement) -> bool:
    if not person.outcomes_asked:
        return True
    return person.outcomes_asked == OutcomesAsked.EXPRESSED and not person.outcomes_achieved
