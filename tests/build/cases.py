"""Concerns at every place of the route, reached by walking the real services: no state here is impossible."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from accounts.models import User
from concerns import facts, services
from concerns.intake import Intake
from concerns.models import Concern, Involvement
from concerns.services import ClosureWords, TriageFindings
from concerns.vocabulary import (
    AdultAbuse,
    ClosureReason,
    OutcomesAsked,
    PersonRole,
    RiskLevel,
    RiskOutcome,
    Urgency,
    YesNoUnknown,
)
from concerns.workflow import SharingFacts
from tests.build.cast import Cast
from tests.build.intakes import PLAIN

# A Tuesday, 10:00 in London.
AT = datetime(2026, 2, 3, 10, 0, tzinfo=UTC)


def submitted(cast: Cast, *, intake: Intake = PLAIN, by: User | None = None, at: datetime = AT) -> Concern:
    """Reported by Amara of housing, so that Gwen, her manager, holds it."""
    concern = services.raise_concern(intake=intake, by=by or cast.amara, at=at)
    return Concern.objects.get(pk=concern.pk)


def acknowledged(
    cast: Cast, *, intake: Intake = PLAIN, by: User | None = None, holder: User | None = None, at: datetime = AT
) -> Concern:
    """Acknowledged ten minutes later by whoever holds it; `holder` takes it first when given."""
    concern = submitted(cast, intake=intake, by=by, at=at)
    if holder is not None and concern.responsible_id != holder.pk:
        services.take(concern_id=concern.pk, by=holder, at=at + timedelta(minutes=5))
    return _acknowledge(concern, at=at + timedelta(minutes=10))


def _acknowledge(concern: Concern, *, at: datetime) -> Concern:
    concern = Concern.objects.get(pk=concern.pk)
    assert concern.responsible is not None
    services.acknowledge(concern_id=concern.pk, by=concern.responsible, at=at, has_conflict=False)
    return Concern.objects.get(pk=concern.pk)


def findings_for(concern: Concern, *, level: RiskLevel = RiskLevel.MEDIUM) -> TriageFindings:
    """A sound triage: everyone at risk at `level`, nobody else in the home."""
    at_risk = concern.involvements.filter(role=PersonRole.AT_RISK)
    return TriageFindings(
        urgency=Urgency(concern.urgency),
        household_reviewed="Her son lives with her. No children, nobody else.",
        is_no_one_else=True,
        has_care_needs=YesNoUnknown.YES,
        is_at_risk=YesNoUnknown.YES,
        cannot_protect_self=YesNoUnknown.UNKNOWN,
        adjustments=YesNoUnknown.NO,
        enforcement=YesNoUnknown.NO,
        risks={row.pk: (level.value, "He takes her money every week.") for row in at_risk},
        abuse_codes=(AdultAbuse.FINANCIAL.value,),
    )


def triaged(
    cast: Cast,
    *,
    intake: Intake = PLAIN,
    holder: User | None = None,
    level: RiskLevel = RiskLevel.MEDIUM,
    at: datetime = AT,
) -> Concern:
    """Triage is recorded an hour after the report."""
    concern = acknowledged(cast, intake=intake, holder=holder, at=at)
    assert concern.responsible is not None
    services.record_triage(
        concern_id=concern.pk,
        findings=findings_for(concern, level=level),
        by=concern.responsible,
        at=at + timedelta(hours=1),
    )
    return Concern.objects.get(pk=concern.pk)


def answer_outcomes(concern: Concern, *, at: datetime) -> None:
    """What everyone at risk wanted, and what has become of the risk (2.6, conditions 7 and 8)."""
    assert concern.responsible is not None
    for row in Involvement.objects.filter(concern=concern, role=PersonRole.AT_RISK):
        services.update_person(
            concern_id=concern.pk,
            involvement_id=row.pk,
            values={"outcomes_asked": OutcomesAsked.NOT_EXPRESSED, "risk_outcome": RiskOutcome.REDUCED},
            by=concern.responsible,
            at=at,
        )


CLOSURE = ClosureWords(
    reason=ClosureReason.SUPPORT_COMPLETE,
    words="Her niece now looks after her bank card.",
    family_reconfirmed="Asked again: nobody else lives there.",
    reporter_told="Told on the phone that we looked into it.",
)


@contextmanager
def everyone_decided() -> Iterator[None]:
    """While it lasts, the sharing floor answers that a signed decision not to share covers everyone at risk."""

    def answer(concern_id: int) -> SharingFacts:
        rows = Involvement.objects.filter(concern_id=concern_id, role=PersonRole.AT_RISK)
        return SharingFacts(covered_by_not_share=frozenset(rows.values_list("pk", flat=True)))

    before = list(facts._providers)
    facts.register_sharing_facts(answer)
    try:
        yield
    finally:
        facts._providers[:] = before


def closing_proposed(
    cast: Cast,
    *,
    holder: User | None = None,
    level: RiskLevel = RiskLevel.MEDIUM,
    closure: ClosureWords = CLOSURE,
    at: datetime = AT,
) -> Concern:
    """Waits for a second person. Use it inside `everyone_decided`."""
    concern = triaged(cast, holder=holder, level=level, at=at)
    assert concern.responsible is not None
    answer_outcomes(concern, at=at + timedelta(hours=2))
    services.propose_closure(concern_id=concern.pk, closure=closure, by=concern.responsible, at=at + timedelta(hours=3))
    return Concern.objects.get(pk=concern.pk)


def closed(cast: Cast, *, at: datetime = AT) -> Concern:
    """Gwen proposed, Dev agreed. Use it inside `everyone_decided`."""
    concern = closing_proposed(cast, at=at)
    services.agree_closure(concern_id=concern.pk, words="Agreed.", by=cast.dev, at=at + timedelta(hours=4))
    return Concern.objects.get(pk=concern.pk)


def person_on(concern: Concern, role: PersonRole = PersonRole.AT_RISK) -> Involvement:
    """The first person of `concern` in this part."""
    return concern.involvements.filter(role=role).select_related("person").earliest("pk")
