"""Referrals through the real services: sent, answered, silent, declined, direct (R32, R97, R98, R120-R122)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from concerns import services as concern_services
from concerns.models import Concern, Conflict, Deadline
from concerns.services import ReviewFindings, record_review
from concerns.services.sweeping import sweep
from concerns.vocabulary import ClockKind, ReviewOutcome, State
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from safeguarding.kit.models import OutboxMessage
from safeguarding.kit.working_time import add_working_days
from sharing import services
from sharing.models import Disclosure, FollowUp, ReceiptCheck, Referral, ReferralStep
from sharing.selectors import sharing_facts
from sharing.services import Check, DirectCall, Word
from sharing.vocabulary import (
    AgencyKind,
    DisputeStage,
    ReceiptStep,
    ReferralOutcome,
    ReferralState,
    ReferralStepKind,
    SharingMethod,
)
from tests.build import decisions, route
from tests.build import sharing as build
from tests.build.cast import Cast
from tests.build.intakes import PLAIN
from tests.build.sharing import SIGNED_AT, case, fresh, holder_of, sending
from tests.build.web import get

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SENT_AT = SIGNED_AT + timedelta(minutes=10)


def clock(concern: Concern, kind: ClockKind, about: str = "") -> Deadline | None:
    return Deadline.objects.filter(concern=concern, kind=kind, about=about, met_at=None, dropped_at=None).first()


def word(at: datetime = SIGNED_AT + HOUR, who: str = "Ms Lund", words: str = "") -> Word:
    return Word(who, at, words)


def said(at: datetime, words: str) -> Word:
    return Word("Nasreen Akhtar, team manager", at, words)


def call(**more: object) -> DirectCall:
    answers = {
        "agency_name": "Larkshire Police",
        "agency_kind": AgencyKind.POLICE,
        "spoken_to": "Call handler",
        "told_at": SIGNED_AT - HOUR,
        "method": SharingMethod.CALL_999,
        "what_was_said": "He hit the door with a bar.",
        **more,
    }
    return DirectCall(**answers)  # type: ignore[arg-type]


def test_sending_moves_the_concern_and_starts_the_clocks(cast: Cast) -> None:
    concern, referral = build.sent(cast)
    assert concern.state == State.REFERRED
    assert referral.state == ReferralState.SENT
    assert clock(concern, ClockKind.SEND_REFERRAL) is None
    receipt, answer = (
        clock(concern, ClockKind.RECEIPT_CHECK, referral.ref),
        clock(concern, ClockKind.AGENCY_ACKNOWLEDGEMENT, referral.ref),
    )
    assert receipt is not None
    assert receipt.due_at == datetime(2026, 3, 18, 11, 10, tzinfo=UTC)  # one working day
    assert answer is not None
    assert answer.due_at == datetime(2026, 3, 19, 11, 10, tzinfo=UTC)  # an adult: two


def test_exactly_what_went_is_kept_and_withheld_items_are_not_in_it(cast: Cast) -> None:
    concern = case(cast)
    base = decisions.agreed()
    withheld = decisions.change(base.items[0], what="Her diagnosis", answer="withhold", why_withheld="Not needed")
    record = decisions.change(
        base,
        items=(*base.items, withheld),
        decision=decisions.change(base.decision, choice="share_part", review_date=date(2026, 3, 24)),
        reasons=decisions.change(base.reasons, proportionality=decisions.LONG, less_intrusive="None."),
    )
    build.signed(concern, record, agency=build.adult_care(cast))
    referral = Referral.objects.get()
    services.send_referral(referral_id=referral.pk, sending=sending(SENT_AT), by=holder_of(concern), at=SENT_AT)
    kept = json.loads(Disclosure.objects.get().content)
    assert [item["what"] for item in kept["information"]] == ["£80 is drawn each Tuesday."]
    assert "diagnosis" not in Disclosure.objects.get().content


def test_sending_twice_is_once(cast: Cast) -> None:
    concern, referral = build.sent(cast)
    with pytest.raises(NotNow):
        services.send_referral(referral_id=referral.pk, sending=sending(SENT_AT), by=holder_of(concern), at=SENT_AT)
    assert Disclosure.objects.count() == 1


@pytest.mark.parametrize(
    ("method", "at", "field"),
    [
        (SharingMethod.ORDINARY_EMAIL, SENT_AT, "method"),
        (SharingMethod.PORTAL, SENT_AT + HOUR, "sent_at"),
        (SharingMethod.PORTAL, SIGNED_AT - HOUR, "sent_at"),
    ],
)
def test_a_sending_that_does_not_hold_is_refused(cast: Cast, method: SharingMethod, at: datetime, field: str) -> None:
    """Insecure without an emergency (VR16); in the future; before the decision was signed."""
    concern, _, referral = build.shared(cast)
    with pytest.raises(Unsound) as refusal:
        services.send_referral(referral_id=referral.pk, sending=sending(at, method), by=holder_of(concern), at=SENT_AT)
    assert list(refusal.value.problems) == [field]


def test_only_the_holder_sends(cast: Cast) -> None:
    _, _, referral = build.shared(cast)
    with pytest.raises(NotAllowed):
        services.send_referral(referral_id=referral.pk, sending=sending(SENT_AT), by=cast.dev, at=SENT_AT)


def test_two_agencies_are_two_referrals_and_neither_is_forgotten(cast: Cast) -> None:
    concern = case(cast)
    base = decisions.agreed()
    police = decisions.change(base.recipients[0], key="", organisation="Larkshire Police", kind="police")
    build.signed(concern, decisions.change(base, recipients=(base.recipients[0], police)))
    first, second = Referral.objects.order_by("pk")
    services.send_referral(referral_id=first.pk, sending=sending(SENT_AT), by=holder_of(concern), at=SENT_AT)
    assert fresh(concern).state == State.REFERRED
    due = clock(concern, ClockKind.SEND_REFERRAL, second.ref)
    assert due is not None
    assert sharing_facts(concern.pk).referrals_without_outcome == 2


def test_sent_alone_never_satisfies(cast: Cast) -> None:
    concern, referral = build.sent(cast)
    disclosure = Disclosure.objects.get()
    assert sharing_facts(concern.pk).referrals_not_confirmed == 1

    def check(*steps: ReceiptStep) -> None:
        services.record_receipt(
            disclosure_id=disclosure.pk,
            checks=[Check(step, date(2026, 3, 17), "Ms Lund", "Phone") for step in steps],
            by=holder_of(concern),
            at=SIGNED_AT + HOUR,
        )

    check(ReceiptStep.DELIVERED, ReceiptStep.RECEIVED)
    assert sharing_facts(concern.pk).referrals_not_confirmed == 1
    assert clock(concern, ClockKind.RECEIPT_CHECK, referral.ref) is not None
    check(ReceiptStep.UNDERSTOOD)
    assert sharing_facts(concern.pk).referrals_not_confirmed == 0
    assert clock(concern, ClockKind.RECEIPT_CHECK, referral.ref) is None
    with pytest.raises(NotNow):
        check(ReceiptStep.UNDERSTOOD)
    assert ReceiptCheck.objects.count() == 3


def test_acknowledged_then_an_outcome_then_kept_under_review(cast: Cast) -> None:
    concern, referral = build.sent(cast)
    gwen = holder_of(concern)
    at = SIGNED_AT + 2 * HOUR
    services.record_acknowledgement(referral_id=referral.pk, word=word(), agency_reference="ASC/9", by=gwen, at=at)
    assert fresh(concern).state == State.WITH_AGENCY
    outcome = clock(concern, ClockKind.AGENCY_OUTCOME, referral.ref)
    assert outcome is not None
    assert outcome.due_at == datetime(2026, 3, 31, 11, 0, tzinfo=UTC)  # 12:00 in London, ten working days on
    services.record_news(referral_id=referral.pk, word=word(words="A worker visits."), by=gwen, at=at)
    services.record_outcome(referral_id=referral.pk, outcome=ReferralOutcome.S42, word=word(), by=gwen, at=at)
    services.record_receipt(
        disclosure_id=Disclosure.objects.get().pk,
        checks=[Check(step, date(2026, 3, 17), "Ms Lund", "Phone") for step in ReceiptStep],
        by=gwen,
        at=at,
    )
    services.end_referral(referral_id=referral.pk, words="They visit each week; we look in too.", by=gwen, at=at)
    referral.refresh_from_db()
    assert referral.state == ReferralState.ENDED
    assert fresh(concern).state == State.MONITORING
    assert clock(concern, ClockKind.REVIEW) is not None


def test_a_decline_is_a_dispute_that_the_lead_holds(cast: Cast) -> None:
    concern, referral = build.sent(cast)
    services.record_outcome(
        referral_id=referral.pk,
        outcome=ReferralOutcome.DECLINED_CRITERIA,
        word=word(),
        by=holder_of(concern),
        at=SIGNED_AT + 2 * HOUR,
    )
    concern = fresh(concern)
    assert concern.state == State.DISPUTED
    assert concern.responsible == cast.ruth
    assert clock(concern, ClockKind.DISPUTE, about=referral.ref) is not None
    assert sharing_facts(concern.pk).referrals_disputed == 1
    with pytest.raises(NotAllowed):
        services.end_referral(referral_id=referral.pk, words="Fine.", by=cast.gwen, at=SIGNED_AT + 3 * HOUR)


def test_sent_again_with_more_information(cast: Cast) -> None:
    concern, referral = build.sent(cast)
    at = SIGNED_AT + 2 * HOUR
    services.record_outcome(
        referral_id=referral.pk, outcome=ReferralOutcome.DECLINED_INFORMATION, word=word(), by=holder_of(concern), at=at
    )
    services.escalate_dispute(
        referral_id=referral.pk, stage=DisputeStage.LEADS, word=said(at, "Spoke to their manager."), by=cast.ruth, at=at
    )
    services.send_referral(referral_id=referral.pk, sending=sending(at), by=cast.ruth, at=at)
    assert fresh(concern).state == State.REFERRED
    assert Disclosure.objects.count() == 2
    kinds = list(ReferralStep.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["sent", "outcome", "escalated", "sent_again"]


def test_the_agency_takes_it_on_after_all(cast: Cast) -> None:
    concern, referral = build.sent(cast)
    at = SIGNED_AT + 2 * HOUR
    services.record_outcome(
        referral_id=referral.pk, outcome=ReferralOutcome.DECLINED_CRITERIA, word=word(), by=holder_of(concern), at=at
    )
    services.record_acknowledgement(referral_id=referral.pk, word=word(), agency_reference="", by=cast.ruth, at=at)
    assert fresh(concern).state == State.WITH_AGENCY
    assert clock(concern, ClockKind.DISPUTE, about=referral.ref) is None
    assert sharing_facts(concern.pk).referrals_disputed == 0


def test_a_dispute_stays_with_a_lead(cast: Cast) -> None:
    """t12, 2.1: nobody below lead level is given it, nor can a champion take it, until it is settled."""
    concern = route.disputed(cast)
    assert concern.responsible == cast.ruth
    with pytest.raises(NotAllowed, match="a safeguarding lead holds this concern"):
        concern_services.take(concern_id=concern.pk, by=cast.dev, at=route.NOW, note="Over to me.")
    for below in (cast.gwen, cast.dev, cast.femi):
        with pytest.raises(NotAllowed, match="can’t take on this concern"):
            concern_services.hand_on(concern_id=concern.pk, to=below, note="Yours.", by=cast.ruth, at=route.NOW)
    concern_services.hand_on(concern_id=concern.pk, to=cast.imran, note="Yours.", by=cast.ruth, at=route.NOW)
    concern_services.take(concern_id=concern.pk, by=cast.karen, at=route.NOW, note="Over to me.")
    assert build.fresh(concern).responsible == cast.karen


def test_a_dispute_goes_up_stage_by_stage_each_with_its_time(cast: Cast) -> None:
    """T11, R122: one, two, five working days; named people; the designated senior manager hears of the third."""
    concern, referral = build.sent(cast)
    at = SIGNED_AT + 2 * HOUR  # a Monday
    services.record_outcome(
        referral_id=referral.pk, outcome=ReferralOutcome.DECLINED_CRITERIA, word=word(), by=holder_of(concern), at=at
    )

    def due() -> datetime:
        running = clock(concern, ClockKind.DISPUTE, about=referral.ref)
        assert running is not None
        return running.due_at

    def escalate(stage: DisputeStage, **more: str) -> ReferralStep:
        return services.escalate_dispute(
            referral_id=referral.pk, stage=stage, word=said(at, "They still decline."), by=cast.ruth, at=at, **more
        )

    assert due() == add_working_days(at, 1)
    with pytest.raises(Unsound) as refused:
        escalate(DisputeStage.WORKERS)
    assert "Choose a higher stage" in str(refused.value.problems)
    with pytest.raises(Unsound) as refused:
        escalate(DisputeStage.SENIORS)
    assert set(refused.value.problems) == {"skip_reason"}
    assert escalate(DisputeStage.LEADS).who == "Nasreen Akhtar, team manager"
    assert due() == add_working_days(at, 2)
    assert not OutboxMessage.objects.filter(kind="sharing.dispute_at_seniors").exists()
    escalate(DisputeStage.SENIORS)
    assert due() == add_working_days(at, 5)
    told = OutboxMessage.objects.filter(kind="sharing.dispute_at_seniors").values_list("recipient_id", flat=True)
    assert list(told) == [cast.martin.pk]
    escalate(DisputeStage.BOARD)
    with pytest.raises(NotNow):
        escalate(DisputeStage.BOARD)
    assert [step.stage for step in ReferralStep.objects.order_by("pk")] == [None, 1, 2, 3, 4]
    assert fresh(concern).state == State.DISPUTED, "the concern stays open"


def test_a_stage_is_left_out_only_for_a_risk_that_is_there_now(cast: Cast) -> None:
    concern, referral = build.sent(cast)
    at = SIGNED_AT + 2 * HOUR
    services.open_dispute(referral_id=referral.pk, reason="They wait for a form.", by=holder_of(concern), at=at)
    step = services.escalate_dispute(
        referral_id=referral.pk, stage=DisputeStage.SENIORS, word=said(at, "They will ring back."),
        skip_reason="He is in the flat tonight.", by=cast.ruth, at=at,
    )  # fmt: skip
    assert "He is in the flat tonight." in step.words


def test_a_dispute_that_nobody_settles_rises(cast: Cast) -> None:
    """2.4: at one and a half times the limit the concern moves up a rung from the lead."""
    concern, referral = build.sent(cast)
    at = SIGNED_AT + 2 * HOUR
    services.open_dispute(referral_id=referral.pk, reason="No answer.", by=holder_of(concern), at=at)
    assert fresh(concern).responsible == cast.ruth
    sweep(at=at + 3 * DAY)
    rows = clock(concern, ClockKind.DISPUTE, about=referral.ref)
    assert rows is not None
    assert rows.level == 3
    assert fresh(concern).responsible not in (None, cast.ruth)


def test_silence_is_chased_twice_and_then_a_dispute_once(cast: Cast) -> None:
    concern, referral = build.sent(cast)
    gwen = holder_of(concern)
    day = timedelta(days=1)
    assert services.sweep_silent_referrals(at=SENT_AT + 2 * day + HOUR) == 0
    services.record_chase(referral_id=referral.pk, word=word(SENT_AT + 2 * day), by=gwen, at=SENT_AT + 2 * day)
    services.record_chase(referral_id=referral.pk, word=word(SENT_AT + 3 * day), by=gwen, at=SENT_AT + 3 * day)
    waits_until = clock(concern, ClockKind.AGENCY_ACKNOWLEDGEMENT, referral.ref)
    assert waits_until is not None
    assert waits_until.due_at == datetime(2026, 3, 23, 11, 10, tzinfo=UTC)  # the Monday after that Friday
    assert services.sweep_silent_referrals(at=waits_until.due_at) == 1
    assert services.sweep_silent_referrals(at=waits_until.due_at + HOUR) == 0
    concern = fresh(concern)
    assert (concern.state, concern.responsible) == (State.DISPUTED, cast.ruth)
    assert ReferralStep.objects.filter(kind=ReferralStepKind.DISPUTED, by=None).count() == 1


def test_an_agency_that_has_time_yet_costs_one_question_and_no_lock(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _, referral = build.sent(cast)
    waits_until = clock(referral.concern, ClockKind.AGENCY_ACKNOWLEDGEMENT, referral.ref)
    assert waits_until is not None
    with django_assert_num_queries(1):
        assert services.sweep_silent_referrals(at=waits_until.due_at - timedelta(seconds=1)) == 0


def test_silence_that_nobody_chased_is_a_dispute_after_twice_the_time(cast: Cast) -> None:
    concern, _ = build.sent(cast)
    assert services.sweep_silent_referrals(at=SENT_AT + timedelta(days=3)) == 0
    assert services.sweep_silent_referrals(at=SENT_AT + timedelta(days=10)) == 1
    assert fresh(concern).state == State.DISPUTED


def test_a_direct_call_stops_no_clock_and_moves_nothing(cast: Cast) -> None:
    concern = case(cast)
    before = list(Deadline.objects.filter(concern=concern).order_by("pk").values())
    referral = services.record_direct_referral(concern_id=concern.pk, call=call(), by=cast.amara, at=SIGNED_AT)
    after = list(Deadline.objects.filter(concern=concern).order_by("pk").values())
    assert after[: len(before)] == before
    assert fresh(concern).state == State.TRIAGE
    retrospective = clock(concern, ClockKind.RETROSPECTIVE, referral.ref)
    assert retrospective is not None
    assert retrospective.due_at == SIGNED_AT + 23 * HOUR


def test_the_next_decision_stands_behind_the_direct_call(cast: Cast) -> None:
    concern = case(cast)
    referral = services.record_direct_referral(concern_id=concern.pk, call=call(), by=cast.amara, at=SIGNED_AT)
    record = build.signed(concern, decisions.agreed(), at=SIGNED_AT + HOUR)
    referral.refresh_from_db()
    assert referral.record == record
    assert clock(concern, ClockKind.RETROSPECTIVE, referral.ref) is None


def test_somebody_shut_out_cannot_record_a_call(cast: Cast) -> None:
    concern = case(cast)
    with pytest.raises(NotAllowed):
        services.record_direct_referral(concern_id=concern.pk, call=call(), by=cast.rhys, at=SIGNED_AT)


def test_a_call_is_not_told_to_a_concern_that_its_caller_is_shut_out_of(cast: Cast) -> None:
    """Issue 5, I3, I20: also where the bar stands on the survivor alone; they say it in a report of their own."""
    survivor, concern = (concern_services.raise_concern(intake=PLAIN, by=cast.amara, at=SIGNED_AT) for _ in range(2))
    concern_services.merge(concern_id=concern.pk, into_id=survivor.pk, reason="Same", by=cast.ruth, at=SIGNED_AT)
    Conflict.objects.create(
        concern=survivor, staff=cast.karen, kind="barred", recorded_at=SIGNED_AT, recorded_by=cast.ruth
    )
    before = fresh(survivor).version
    with pytest.raises(NotAllowed):
        services.record_direct_referral(concern_id=concern.pk, call=call(), by=cast.karen, at=SIGNED_AT)
    assert (Referral.objects.count(), fresh(survivor).version) == (0, before)
    own = concern_services.raise_concern(intake=PLAIN, by=cast.karen, at=SIGNED_AT)
    services.record_direct_referral(concern_id=own.pk, call=call(), by=cast.karen, at=SIGNED_AT)
    assert Referral.objects.get().concern == own


@pytest.mark.parametrize(
    ("more", "agency", "said", "told_at"),
    [
        ({"told_at": SIGNED_AT + HOUR}, "Larkshire Police", "He hit the door with a bar.", SIGNED_AT),
        ({"told_at": None}, "Larkshire Police", "He hit the door with a bar.", SIGNED_AT),
        ({"agency_name": " "}, "Agency not named yet", "He hit the door with a bar.", SIGNED_AT - HOUR),
        ({"what_was_said": ""}, "Larkshire Police", "Not written down yet.", SIGNED_AT - HOUR),
        ({"told_at": SIGNED_AT - 30 * DAY}, "Larkshire Police", "He hit the door with a bar.", SIGNED_AT - 30 * DAY),
    ],
)
def test_what_was_told_in_an_emergency_is_never_refused(
    cast: Cast, more: dict[str, object], agency: str, said: str, told_at: datetime
) -> None:
    """R38, R39: a gap or an impossible time is put right and said so; the 24 hours run from when it was told."""
    concern = case(cast)
    referral = services.record_direct_referral(concern_id=concern.pk, call=call(**more), by=cast.amara, at=SIGNED_AT)
    assert (referral.agency_name, referral.sent_at) == (agency, told_at)
    kept = json.loads(Disclosure.objects.get().content)
    assert kept["said"] == said
    assert ("had not come yet" in kept.get("as_typed", "")) is (more.get("told_at") == SIGNED_AT + HOUR)
    due = clock(concern, ClockKind.RETROSPECTIVE, referral.ref)
    assert due is not None
    assert due.due_at == told_at + DAY


def test_an_empty_form_records_nothing(cast: Cast) -> None:
    concern = case(cast)
    empty = call(agency_name="", spoken_to="", what_was_said=" ")
    with pytest.raises(Unsound):
        services.record_direct_referral(concern_id=concern.pk, call=empty, by=cast.amara, at=SIGNED_AT)
    assert not Referral.objects.exists()


def test_a_decision_after_an_emergency_says_so_for_ever_with_both_times(cast: Cast) -> None:
    """R38: begun as retrospective with the time of the call; anything else is refused; late is marked for ever."""
    concern = case(cast)
    told_at = SIGNED_AT - 26 * HOUR
    said = call(told_at=told_at, why_urgent="He was at the door.")
    services.record_direct_referral(concern_id=concern.pk, call=said, by=cast.amara, at=SIGNED_AT - HOUR)
    sweep(at=SIGNED_AT - HOUR)
    late = clock(concern, ClockKind.RETROSPECTIVE, Referral.objects.get().ref)
    assert late is not None
    assert late.level >= 1, "chased"
    begun = services.start_decision(concern_id=concern.pk, by=holder_of(concern), at=SIGNED_AT - HOUR)
    assert (begun.record.start.trigger, begun.record.start.shared_at) == ("emergency", told_at)
    draft = build.fill(begun, build.fitted(decisions.agreed(), concern), by=holder_of(concern), at=SIGNED_AT - HOUR)
    draft = services.save_page(
        decision_id=draft.pk, page="start", answers={"start.trigger": "own"}, typed=None, seen_edit=draft.edit,
        by=holder_of(concern), at=SIGNED_AT - HOUR,
    )  # fmt: skip
    with pytest.raises(Unsound) as refused:
        services.sign_decision(decision_id=draft.pk, seen_edit=draft.edit, by=holder_of(concern), at=SIGNED_AT)
    assert "16 March 2026 at 09:00" in str(refused.value.problems["start.trigger"])
    record = build.signed(concern, decisions.agreed(), at=SIGNED_AT)
    assert (record.is_retrospective, record.is_late, record.needs_second) == (True, True, True)
    assert record.document["retrospective"]["shared_at"] == "2026-03-16T09:00:00+00:00"
    assert record.document["signed"]["at"] == "2026-03-17T11:00:00+00:00"


def test_not_sharing_is_decided_only_after_what_was_told_is_recorded(cast: Cast) -> None:
    """I8, field 40: the record never says that nothing was shared while an agency knows; the next version may say that
    nothing more is.
    """
    concern = case(cast)
    call_999 = services.record_direct_referral(concern_id=concern.pk, call=call(), by=cast.amara, at=SIGNED_AT - HOUR)
    with pytest.raises(Unsound) as refused:
        build.signed(concern, decisions.not_shared(), at=SIGNED_AT)
    assert list(refused.value.problems) == ["decision.choice"]
    assert clock(concern, ClockKind.RETROSPECTIVE, call_999.ref) is not None
    first = build.signed(concern, decisions.agreed(), at=SIGNED_AT)
    call_999.refresh_from_db()
    assert call_999.record == first
    assert clock(concern, ClockKind.RETROSPECTIVE, call_999.ref) is None
    second = build.again(first, decisions.not_shared(), at=SIGNED_AT + HOUR)
    assert (second.choice, second.version) == ("not_share", 2)


def test_what_a_decision_promises_must_be_done_before_closing(cast: Cast) -> None:
    concern = case(cast)
    base = decisions.agreed()
    record = decisions.change(
        base,
        risks=decisions.change(base.risks, sharing_likelihood="medium"),
        mitigations=(decisions.mitigation(),),
        method=decisions.change(base.method, onward_limits="Not to the son."),
    )
    build.signed(concern, record, agency=build.adult_care(cast))
    assert sharing_facts(concern.pk).open_mitigations == 1
    follow_up = FollowUp.objects.get()
    services.finish_follow_up(
        follow_up_id=follow_up.pk, words="Agreed with the duty worker.", by=holder_of(concern), at=SIGNED_AT + HOUR
    )
    assert sharing_facts(concern.pk).open_mitigations == 0
    with pytest.raises(NotNow):
        services.finish_follow_up(follow_up_id=follow_up.pk, words="Again.", by=holder_of(concern), at=SIGNED_AT + HOUR)


def test_an_agency_answers_nothing_that_has_not_gone_yet(cast: Cast) -> None:
    """VR21. To the minute for what was sent; of a call that was written down later, to the day."""
    concern, referral = build.sent(cast)
    gwen = holder_of(concern)
    direct = services.record_direct_referral(concern_id=concern.pk, call=call(), by=gwen, at=SIGNED_AT)
    at, too_early = SIGNED_AT + DAY, {"happened_at": ["This is before it went to the agency."]}
    for each, before in ((referral, SENT_AT - timedelta(minutes=1)), (direct, SIGNED_AT - DAY)):
        with pytest.raises(Unsound) as refused:
            services.record_acknowledgement(
                referral_id=each.pk, word=word(before), agency_reference="", by=gwen, at=at
            )  # fmt: skip
        assert refused.value.problems == too_early
        with pytest.raises(Unsound) as refused:
            services.record_outcome(referral_id=each.pk, outcome=ReferralOutcome.S42, word=word(before), by=gwen, at=at)
        assert refused.value.problems == too_early
    for each, when in ((referral, SENT_AT), (direct, SIGNED_AT - 2 * HOUR)):
        services.record_acknowledgement(referral_id=each.pk, word=word(when), agency_reference="", by=gwen, at=at)


def test_nothing_arrives_before_it_went(cast: Cast) -> None:
    concern, referral = build.sent(cast)
    disclosure = referral.disclosures.get()
    for on in (date(1901, 1, 1), SENT_AT.date() - DAY):
        check = Check(ReceiptStep.DELIVERED, on, "Duty worker", "By phone")
        with pytest.raises(Unsound, match="before it went"):
            services.record_receipt(
                disclosure_id=disclosure.pk, checks=[check], by=holder_of(concern), at=SENT_AT + HOUR
            )  # fmt: skip
    assert not disclosure.checks.exists()
    check = Check(ReceiptStep.DELIVERED, SENT_AT.date(), "Duty worker", "By phone")
    services.record_receipt(disclosure_id=disclosure.pk, checks=[check], by=holder_of(concern), at=SENT_AT + HOUR)


def test_a_form_sent_twice_makes_one_call_and_one_chase(cast: Cast) -> None:
    concern, referral = build.sent(cast)
    gwen = holder_of(concern)
    first = services.record_direct_referral(concern_id=concern.pk, call=call(), by=gwen, at=SIGNED_AT)
    again = services.record_direct_referral(concern_id=concern.pk, call=call(), by=gwen, at=SIGNED_AT)
    other = services.record_direct_referral(
        concern_id=concern.pk, call=call(what_was_said="And he is back."), by=gwen, at=SIGNED_AT
    )
    assert first == again != other
    for more in ({"spoken_to": "PC Lund"}, {"agency_reference": "LP-77"}, {"method": SharingMethod.PHONE}):
        said_again = services.record_direct_referral(concern_id=concern.pk, call=call(**more), by=gwen, at=SIGNED_AT)
        assert said_again not in (first, other), "nothing that was written is lost (R147)"
    services.record_chase(referral_id=referral.pk, word=word(), by=gwen, at=SIGNED_AT + HOUR)
    with pytest.raises(NotNow):
        services.record_chase(referral_id=referral.pk, word=word(), by=gwen, at=SIGNED_AT + HOUR)


def test_a_decline_that_was_accepted_waits_for_a_review_before_closing(cast: Cast) -> None:
    """2.5: after the decline at least one review, and then a lead among the two who close."""
    concern, referral = build.sent(cast)
    at = SIGNED_AT + 2 * HOUR
    services.record_outcome(
        referral_id=referral.pk, outcome=ReferralOutcome.DECLINED_CRITERIA, word=word(), by=holder_of(concern), at=at
    )
    services.record_receipt(
        disclosure_id=Disclosure.objects.get().pk,
        checks=[Check(step, date(2026, 3, 17), "Ms Lund", "Phone") for step in ReceiptStep],
        by=cast.ruth,
        at=at,
    )
    services.end_referral(referral_id=referral.pk, words="We visit each week.", by=cast.ruth, at=at)
    found = sharing_facts(concern.pk)
    assert (found.referrals_declined, found.declines_not_reviewed) == (1, 1)
    later = at + 3 * DAY
    review = ReviewFindings(
        outcome=ReviewOutcome.NO_CHANGE, findings="Seen at home.", is_decision_revisited=False,
        next_date=(later + 7 * DAY).date(),
    )  # fmt: skip
    record_review(concern_id=concern.pk, findings=review, by=holder_of(concern), at=later)
    found = sharing_facts(concern.pk)
    assert (found.referrals_declined, found.declines_not_reviewed) == (1, 0)


def test_what_is_to_be_sent_and_has_no_page_of_its_own_leads_to_what_is_shared(cast: Cast) -> None:
    """The first limit for sending times all referrals of the concern at once."""
    concern, _, _ = build.shared(cast)
    page = get(concern.get_absolute_url(), cast.gwen, at=SIGNED_AT).content.decode()
    assert 'href="#sharing"' in page
