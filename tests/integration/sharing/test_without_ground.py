"""What went without agreement and without a ground is recorded as it was. That decides about nobody and lets nothing
more go (VR1, VR5, R38, R39; ADR 21).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from concerns import services as concern_services
from concerns.models import Concern, Deadline
from concerns.vocabulary import ClockKind, PersonRole, State
from safeguarding.kit.errors import Unsound
from sharing import services
from sharing.answers import Agreement
from sharing.later import later_of
from sharing.models import Referral, SignedRecord
from sharing.reading import Reader, parts
from sharing.selectors import sharing_facts
from tests.build import decisions, route
from tests.build import sharing as build
from tests.build.cast import Cast
from tests.build.intakes import ADULT, PLAIN
from tests.build.sharing import SIGNED_AT, TRIAGED_AT, case, fresh, holder_of
from tests.integration.concerns.test_nobody_vetoes import critical, review
from tests.integration.sharing.test_referring import HOUR, call, clock

WITHOUT_GROUND = decisions.change(decisions.against_a_refusal(), grounds=decisions.grounds())


def test_what_went_without_agreement_and_without_a_ground_is_recorded_as_it_was(cast: Cast) -> None:
    """R38, R39, VR1: the call has its record and its deadline ends; nothing more goes under it, a lead looks at it, and
    Jean still needs a decision.
    """
    concern = case(cast)
    told = services.record_direct_referral(concern_id=concern.pk, call=call(), by=cast.amara, at=SIGNED_AT - HOUR)
    first = build.signed(concern, WITHOUT_GROUND, at=SIGNED_AT, agency=build.adult_care(cast))
    told.refresh_from_db()
    summary, *_, follow_up = (
        part for part in parts(Reader(first.document), later_of(first, cast.ruth)) if part.number in (1, 16)
    )
    assert dict(summary.answers)["To"] == (
        "Larkshire adult social care (Larkshire): not shared so far\nLarkshire Police: shared 17 March 2026, 10:00"
    )
    assert "Shared with Larkshire Police, 999 call" in str(follow_up)
    assert told.record == first
    assert clock(concern, ClockKind.RETROSPECTIVE, told.ref) is None
    assert first.has_no_ground
    assert (first.is_retrospective, first.second_is_lead, first.second_may_follow) == (True, True, True)
    assert clock(concern, ClockKind.SECOND_VIEW, f"{first.ref}/v1") is not None
    assert not Referral.objects.filter(is_direct=False).exists(), "nothing more goes under it"
    concern.refresh_from_db()
    assert concern.state == State.TRIAGE
    assert not sharing_facts(concern.pk).covered_by_share
    second = build.again(first, decisions.agreed(), at=SIGNED_AT + HOUR)
    assert not second.has_no_ground
    assert sharing_facts(concern.pk).covered_by_share
    concern.refresh_from_db()
    assert concern.state == State.REFERRAL_DUE


def told(concern: Concern, cast: Cast, *, hours: int = 1) -> Referral:
    at = SIGNED_AT + hours * HOUR
    return services.record_direct_referral(concern_id=concern.pk, call=call(told_at=at), by=cast.amara, at=at)


def test_it_replaces_no_decision_and_leaves_the_one_in_force_as_it_is(cast: Cast) -> None:
    """A decision of its own tells of it; what was decided before, and its deadlines, stand."""
    concern = route.monitoring(cast)
    old = SignedRecord.objects.get(concern=concern)
    running = Deadline.objects.filter(concern=concern, met_at=None, dropped_at=None)
    at = max(running.values_list("started_at", flat=True)) + HOUR
    services.record_direct_referral(concern_id=concern.pk, call=call(told_at=at), by=holder_of(concern), at=at)
    before = set(running.exclude(kind=ClockKind.RETROSPECTIVE).values_list("kind", "about", "due_at"))
    with pytest.raises(Unsound) as refused:
        build.again(old, WITHOUT_GROUND, at=at + HOUR)
    (sentence,) = refused.value.problems["grounds"]
    assert sentence == (
        "To share without agreement, at least one ground must apply and you must write what shows it. If it has gone"
        " already and no ground applied, start a decision of its own that says so."
    )
    own = build.signed(concern, WITHOUT_GROUND, at=at + HOUR, agency=build.adult_care(cast))
    assert (own.ref != old.ref, own.version, own.has_no_ground) == (True, 1, True)
    concern = fresh(concern)
    assert concern.state == State.MONITORING
    assert sharing_facts(concern.pk).covered_by_not_share == {row.pk for row in old.people.all()}
    after = set(running.exclude(kind=ClockKind.SECOND_VIEW).values_list("kind", "about", "due_at"))
    assert before <= after
    assert not running.filter(kind=ClockKind.RETROSPECTIVE).exists()


def test_it_is_no_decision_after_a_review_at_critical_risk(cast: Cast) -> None:
    """T10: sharing is looked at again, which a record of what went already does not do."""
    concern = critical(cast)
    review(concern)
    assert sharing_facts(concern.pk).critical_reviews_not_revisited == 1
    at = route.NOW + timedelta(minutes=5)
    services.record_direct_referral(concern_id=concern.pk, call=call(told_at=at), by=cast.amara, at=at)
    (jean,) = WITHOUT_GROUND.people
    not_asked = replace(jean, agreement=Agreement(status="not_sought", not_sought="unsafe"))
    build.signed(fresh(concern), replace(WITHOUT_GROUND, people=(not_asked,)), at=at, agency=build.adult_care(cast))
    assert sharing_facts(concern.pk).critical_reviews_not_revisited == 1


def test_whoever_it_is_about_stays_when_concerns_are_separated(cast: Cast) -> None:
    survivor = case(cast)
    joan = replace(ADULT, name="Joan Marlowe")
    other = concern_services.raise_concern(intake=replace(PLAIN, people=(joan,)), by=cast.sian, at=TRIAGED_AT)
    concern_services.merge(concern_id=other.pk, into_id=survivor.pk, reason="Same home", by=cast.ruth, at=SIGNED_AT)
    told(survivor, cast)
    record = build.signed(fresh(survivor), WITHOUT_GROUND, at=SIGNED_AT + 2 * HOUR, agency=build.adult_care(cast))
    named = {row.person.name for row in record.people.all()}
    assert "Joan Marlowe" in named
    concern_services.separate(concern_id=other.pk, reason="Two homes", by=cast.ruth, at=SIGNED_AT + timedelta(hours=3))
    assert named <= {row.person.name for row in survivor.involvements.all()}
    # I3: what the other concern learns of her from here on is read there alone.
    (hers,) = other.involvements.filter(role=PersonRole.AT_RISK).values_list("person", flat=True)
    assert not survivor.involvements.filter(person=hers).exists()
