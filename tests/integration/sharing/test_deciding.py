"""From the first page to a signed decision and what follows from it, through the real services."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from audit.models import Event
from concerns import services as of_concern
from concerns.models import AbuseType, Deadline, Involvement
from concerns.vocabulary import ClockKind, RiskLevel, State
from safeguarding.kit.errors import ChangedMeanwhile, NotAllowed, NotNow, Unsound
from safeguarding.kit.models import OutboxMessage
from sharing import services
from sharing.answers import Decision as Decided
from sharing.answers import Ground
from sharing.models import Decision, Referral, SecondView, SignedRecord, Supersession
from sharing.record import Record, canonical, digest
from sharing.selectors import facts_for, sharing_facts
from sharing.services import deciding
from sharing.vocabulary import DecisionStatus, ReferralState, SupersessionReason
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import Cast
from tests.build.intakes import URGENT
from tests.build.sharing import SIGNED_AT, case, draft, fresh, holder_of, signed

HOUR = timedelta(hours=1)


def codes(record: SignedRecord) -> list[str]:
    return list(Event.objects.filter(concern_id=record.concern_id).order_by("pk").values_list("code", flat=True))


def running(concern_id: int, kind: ClockKind) -> list[str]:
    rows = Deadline.objects.filter(concern=concern_id, kind=kind, met_at=None, dropped_at=None)
    return sorted(rows.values_list("about", flat=True))


def put_off(hours: int = 20) -> Record:
    record = decisions.change(
        decisions.agreed(), decision=Decided(choice="defer", defer_until=SIGNED_AT + timedelta(hours=hours))
    )
    return decisions.change(record, risks=decisions.change(record.risks, level_worker="low"))


def start_again(old: SignedRecord, by: User) -> Decision:
    return services.start_new_version(
        record_id=old.pk, reason=SupersessionReason.ERROR, words="Wrong date.", by=by, at=SIGNED_AT + HOUR
    )


def test_signing_a_decision_to_share_makes_the_referral_due(cast: Cast) -> None:
    concern, record, referral = build.shared(cast)
    assert concern.state == State.REFERRAL_DUE
    assert record.decision.status == DecisionStatus.SIGNED
    assert referral.state == ReferralState.DUE
    assert referral.agency is not None
    assert running(concern.pk, ClockKind.SEND_REFERRAL) == [""]
    happened = [code for code in codes(record) if code.startswith("sharing.") or code == "concern.sharing_decided"]
    assert happened[-3:] == ["sharing.decision_signed", "sharing.referral_due", "concern.sharing_decided"]


def test_what_is_signed_is_its_canonical_text_and_digest(cast: Cast) -> None:
    _, record, _ = build.shared(cast)
    assert canonical(json.loads(record.canonical)).decode() == record.canonical
    assert digest(record.canonical.encode()) == record.digest
    document = record.document
    assert document["record"]["people"][0]["name"]
    assert document["signed"]["by"]["name"] == "Gwen Pritchard"
    assert document["words"]["AgreementStatus"] == {"given": "Given"}


@pytest.mark.parametrize("statement", ["UPDATE {} SET digest = 'x'", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["sharing_signedrecord", "sharing_disclosure", "sharing_secondview"])
def test_the_database_lets_nobody_change_what_is_signed(cast: Cast, table: str, statement: str) -> None:
    build.sent(cast)
    _, waiting = build.not_shared(cast)
    services.give_second_view(record_id=waiting.pk, is_agreed=True, comment="", by=cast.dev, at=SIGNED_AT + HOUR)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_an_unsound_decision_is_refused_by_field_and_changes_nothing(cast: Cast) -> None:
    concern = case(cast)
    record = decisions.change(decisions.agreed(), items=())
    decision = draft(concern, record)
    with pytest.raises(Unsound) as refusal:
        services.sign_decision(decision_id=decision.pk, seen_edit=decision.edit, by=holder_of(concern), at=SIGNED_AT)
    assert list(refusal.value.problems) == ["items"]
    assert fresh(concern).state == State.TRIAGE
    assert not SignedRecord.objects.exists()


def test_only_the_holder_writes_and_signs(cast: Cast) -> None:
    concern = case(cast)
    with pytest.raises(NotAllowed):
        services.start_decision(concern_id=concern.pk, by=cast.dev, at=SIGNED_AT)
    decision = draft(concern, decisions.agreed())
    with pytest.raises(NotAllowed):
        services.sign_decision(decision_id=decision.pk, seen_edit=decision.edit, by=cast.ruth, at=SIGNED_AT)


def test_a_draft_changed_after_it_was_read_is_not_signed(cast: Cast) -> None:
    concern = case(cast)
    decision = draft(concern, decisions.agreed())
    with pytest.raises(ChangedMeanwhile):
        services.sign_decision(
            decision_id=decision.pk, seen_edit=decision.edit - 1, by=holder_of(concern), at=SIGNED_AT
        )


def test_starting_twice_goes_on_with_the_same_draft(cast: Cast) -> None:
    concern = case(cast)
    first = services.start_decision(concern_id=concern.pk, by=holder_of(concern), at=SIGNED_AT)
    assert services.start_decision(concern_id=concern.pk, by=holder_of(concern), at=SIGNED_AT) == first


def test_the_second_of_two_writers_is_told_and_overwrites_nothing(cast: Cast) -> None:
    concern = case(cast)
    decision = draft(concern, decisions.agreed())
    gwen, dev = holder_of(concern), cast.dev
    seen = decision.edit
    services.save_page(
        decision_id=decision.pk, page="reasons", answers={"reasons.reasons": "Gwen's words"}, typed=None,
        seen_edit=seen, by=gwen, at=SIGNED_AT,
    )  # fmt: skip
    from_concern = fresh(concern)
    of_concern.take(concern_id=from_concern.pk, by=dev, at=SIGNED_AT, note="Over to me.")
    with pytest.raises(ChangedMeanwhile, match="Gwen Pritchard changed this page"):
        services.save_page(
            decision_id=decision.pk, page="reasons", answers={"reasons.reasons": "Dev's words"}, typed=None,
            seen_edit=seen, by=dev, at=SIGNED_AT,
        )  # fmt: skip
    assert Decision.objects.get(pk=decision.pk).record.reasons.reasons == "Gwen's words"
    services.save_page(
        decision_id=decision.pk, page="risks", answers={"risks.sharing": "Another page"}, typed=None,
        seen_edit=seen, by=dev, at=SIGNED_AT,
    )  # fmt: skip


def test_not_sharing_waits_for_a_second_person(cast: Cast) -> None:
    concern, record = build.not_shared(cast)
    assert concern.state == State.AWAITING_SECOND
    assert record.decision.status == DecisionStatus.AWAITING_SECOND
    assert running(concern.pk, ClockKind.SECOND_VIEW) == [""]
    asked = OutboxMessage.objects.filter(reference=record.ref).values_list("recipient_id", flat=True)
    assert set(asked) == {cast.dev.pk, cast.nadia.pk, cast.ruth.pk, cast.imran.pk}


def test_the_second_person_agrees_and_the_review_is_on_the_date_that_was_set(cast: Cast) -> None:
    concern, record = build.not_shared(cast)
    services.give_second_view(record_id=record.pk, is_agreed=True, comment="", by=cast.dev, at=SIGNED_AT + HOUR)
    concern = fresh(concern)
    assert concern.state == State.MONITORING
    assert SecondView.objects.get().digest == record.digest
    review = Deadline.objects.get(concern=concern, kind=ClockKind.REVIEW, met_at=None, dropped_at=None)
    assert review.due_at.date() == date(2026, 3, 30)
    assert sharing_facts(concern.pk).waiting_for_second == 0


def test_the_second_person_does_not_agree_and_it_is_decided_again(cast: Cast) -> None:
    concern, record = build.not_shared(cast)
    with pytest.raises(Unsound):
        services.give_second_view(record_id=record.pk, is_agreed=False, comment=" ", by=cast.dev, at=SIGNED_AT + HOUR)
    services.give_second_view(
        record_id=record.pk, is_agreed=False, comment="Her son lives there.", by=cast.dev, at=SIGNED_AT + HOUR
    )
    concern = fresh(concern)
    assert concern.state == State.TRIAGE
    assert sharing_facts(concern.pk).covered_by_not_share == frozenset()
    assert running(concern.pk, ClockKind.TRIAGE) == [""]


@pytest.mark.parametrize("name", ["gwen", "amara", "rhys", "alan"])
def test_who_may_not_give_the_second_view(cast: Cast, name: str) -> None:
    """The signer, the reporter, a champion of another area, an auditor."""
    _, record = build.not_shared(cast)
    user: User = getattr(cast, name)
    with pytest.raises(NotAllowed):
        services.give_second_view(record_id=record.pk, is_agreed=True, comment="", by=user, at=SIGNED_AT + HOUR)


def test_a_child_needs_a_lead(cast: Cast) -> None:
    concern = case(cast)
    record = decisions.not_shared_about_a_child()
    Involvement.objects.filter(concern=concern).update(life_stage="child")
    row = signed(concern, record)
    assert row.second_is_lead
    with pytest.raises(NotAllowed, match="Safeguarding Lead"):
        services.give_second_view(record_id=row.pk, is_agreed=True, comment="", by=cast.dev, at=SIGNED_AT + HOUR)
    services.give_second_view(record_id=row.pk, is_agreed=True, comment="", by=cast.imran, at=SIGNED_AT + HOUR)


def test_two_second_views_are_one(cast: Cast) -> None:
    _, record = build.not_shared(cast)
    services.give_second_view(record_id=record.pk, is_agreed=True, comment="", by=cast.dev, at=SIGNED_AT + HOUR)
    with pytest.raises(ChangedMeanwhile):
        services.give_second_view(record_id=record.pk, is_agreed=True, comment="", by=cast.nadia, at=SIGNED_AT + HOUR)


def test_sharing_against_a_refusal_waits_for_the_second_person_before_anything_is_due(cast: Cast) -> None:
    concern = case(cast)
    record = signed(concern, decisions.against_a_refusal(), agency=build.adult_care(cast))
    assert record.decision.status == DecisionStatus.AWAITING_SECOND
    assert fresh(concern).state == State.TRIAGE
    assert not Referral.objects.exists()
    services.give_second_view(record_id=record.pk, is_agreed=True, comment="", by=cast.dev, at=SIGNED_AT + HOUR)
    assert fresh(concern).state == State.REFERRAL_DUE
    assert Referral.objects.get().record == record


def test_in_an_emergency_the_second_signature_follows(cast: Cast) -> None:
    concern = case(cast)
    base = decisions.against_a_refusal()
    grounds = decisions.grounds(C2=base.ground("C2"), C11=Ground("C11", "applies", "She is bleeding."))
    record = signed(concern, decisions.change(base, grounds=grounds), agency=build.adult_care(cast))
    assert fresh(concern).state == State.REFERRAL_DUE
    assert record.second_may_follow
    assert sharing_facts(concern.pk).waiting_for_second == 1
    clock = Deadline.objects.get(concern=concern, kind=ClockKind.SECOND_VIEW)
    assert (clock.due_at, clock.about) == (SIGNED_AT + 24 * HOUR, f"{record.ref}/v1")


def test_a_change_of_mind_is_a_new_version_and_the_old_one_stays(cast: Cast) -> None:
    concern, old = build.not_shared(cast)
    services.give_second_view(record_id=old.pk, is_agreed=True, comment="", by=cast.dev, at=SIGNED_AT + HOUR)
    gwen = holder_of(concern)
    later = SIGNED_AT + 2 * HOUR
    new = services.start_new_version(
        record_id=old.pk,
        reason=SupersessionReason.NEW_INFORMATION,
        words="Her son moved a child in.",
        by=gwen,
        at=later,
    )
    assert (new.ref, new.version, new.record.start.trigger) == (old.ref, 2, "review")
    build.fill(new, build.fitted(decisions.agreed(), concern), by=gwen, at=later, agency=build.adult_care(cast))
    new.refresh_from_db()
    second = services.sign_decision(decision_id=new.pk, seen_edit=new.edit, by=gwen, at=later)
    row = Supersession.objects.get()
    assert (row.old, row.new) == (old, second)
    old.decision.refresh_from_db()
    assert old.decision.status == DecisionStatus.SUPERSEDED
    assert second.document["supersedes"] == {
        "version": 1,
        "digest": old.digest,
        "reason": "New information",
        "words": "Her son moved a child in.",
    }
    assert fresh(concern).state == State.REFERRAL_DUE
    assert SignedRecord.objects.get(pk=old.pk).canonical == old.canonical


def test_the_second_of_two_successors_is_refused(cast: Cast) -> None:
    concern, old, _ = build.shared(cast)
    gwen = holder_of(concern)
    start_again(old, gwen)
    with pytest.raises(ChangedMeanwhile, match="Gwen Pritchard has already begun version 2"):
        start_again(old, gwen)


def test_a_withdrawn_draft_makes_room_for_another_successor(cast: Cast) -> None:
    concern, old, _ = build.shared(cast)
    gwen = holder_of(concern)
    first = start_again(old, gwen)
    services.withdraw_draft(decision_id=first.pk, reason="Not needed.", by=gwen, at=SIGNED_AT + HOUR)
    assert start_again(old, gwen).version == 2


def test_a_replaced_decision_sends_nothing_more(cast: Cast) -> None:
    concern, old, referral = build.shared(cast)
    gwen = holder_of(concern)
    at = SIGNED_AT + HOUR
    new = services.start_new_version(
        record_id=old.pk, reason=SupersessionReason.ERROR, words="Wrong date.", by=gwen, at=at
    )
    services.sign_decision(decision_id=new.pk, seen_edit=new.edit, by=gwen, at=at)
    referral.refresh_from_db()
    assert referral.state == ReferralState.ENDED
    assert list(Referral.objects.filter(state=ReferralState.DUE).values_list("record__version", flat=True)) == [2]
    with pytest.raises(NotNow):
        services.send_referral(referral_id=referral.pk, sending=build.sending(at), by=gwen, at=at)


def test_somebody_who_left_the_concern_leaves_the_draft(cast: Cast) -> None:
    concern = case(cast)
    decision = services.start_decision(concern_id=concern.pk, by=holder_of(concern), at=SIGNED_AT)
    services.choose_people(
        decision_id=decision.pk, keys=["PN-UNKNOWN"], seen_edit=decision.edit, by=holder_of(concern), at=SIGNED_AT
    )
    decision.refresh_from_db()
    assert decision.record.people == ()


def test_the_ledger_says_that_the_reasons_stand_in_another_decision_too(cast: Cast) -> None:
    """R60: one case at a time. The same words in the next version of one decision are not copied from elsewhere."""
    first = build.signed(build.case(cast), decisions.agreed())
    again = decisions.agreed()
    again = decisions.change(
        again, reasons=decisions.change(again.reasons, reasons=f"  {again.reasons.reasons.upper()} ")
    )
    second = build.signed(build.case(cast), again)
    told = {
        event.subject_id: event.data["same_reasons_elsewhere"]
        for event in Event.objects.filter(code="sharing.decision_signed")
    }
    assert told == {first.pk: False, second.pk: True}


def test_an_old_draft_in_an_urgent_concern_is_known_to_its_holder_and_the_leads(cast: Cast) -> None:
    """VR24; once for each, and none when it is signed or the concern is not urgent."""
    plain = build.draft(build.case(cast), decisions.agreed())
    urgent = build.draft(build.case(cast, intake=URGENT), decisions.agreed())

    def told() -> dict[int, set[int]]:
        found: dict[int, set[int]] = {}
        for message in OutboxMessage.objects.filter(kind="sharing.draft_old"):
            found.setdefault(message.about_id, set()).add(message.recipient_id)
        return found

    deciding.sweep_old_drafts(at=SIGNED_AT + timedelta(hours=23))
    assert told() == {}
    for minutes in (1, 2):
        deciding.sweep_old_drafts(at=SIGNED_AT + timedelta(hours=24, minutes=minutes))
    (people,) = told().values()
    assert set(told()) == {urgent.pk}
    assert {cast.gwen.pk, cast.ruth.pk} <= people
    assert OutboxMessage.objects.filter(kind="sharing.draft_old").count() == len(people)
    assert plain.pk not in told()


def test_a_decision_is_put_off_once_whichever_draft_says_so(cast: Cast) -> None:
    """Field 24: a deferral after a deferral would last longer than the 24 hours of one; so would a fresh decision."""
    concern = case(cast)
    first = signed(concern, put_off())
    with pytest.raises(Unsound) as refused:
        build.again(first, put_off(43), at=SIGNED_AT + 20 * HOUR)
    assert refused.value.problems == {
        "decision.choice": ["This was put off before. It can be put off only once. Decide now whether to share."]
    }
    with pytest.raises(Unsound) as refused:
        signed(concern, put_off(43), at=SIGNED_AT + 20 * HOUR)
    assert list(refused.value.problems) == ["decision.choice"]
    assert signed(concern, decisions.agreed(), at=SIGNED_AT + 21 * HOUR, agency=build.adult_care(cast)).version == 1


def test_the_level_of_risk_of_the_concern_counts(cast: Cast) -> None:
    """Field 24: at critical risk nothing is put off, whatever the worker writes beside it."""
    with pytest.raises(Unsound) as refused:
        signed(case(cast, level=RiskLevel.CRITICAL), put_off())
    assert refused.value.problems == {"decision.choice": ["At critical risk the decision cannot be put off."]}


@pytest.mark.parametrize(
    ("code", "is_exploitation"),
    [
        ("a_sexual_exploitation", True), ("a_criminal_exploitation", True), ("a_slavery", True),
        ("c_sexual_exploitation", True), ("c_criminal_exploitation", True), ("c_slavery", True),
        ("a_sexual", False), ("c_online", False),
    ],
)  # fmt: skip
def test_the_kinds_of_abuse_say_whether_it_is_exploitation(cast: Cast, code: str, *, is_exploitation: bool) -> None:
    """Field 19, R69: duress is asked wherever the concern names exploitation; nobody has to tick it again."""
    concern = case(cast)
    AbuseType.objects.create(concern=concern, code=code)
    begun = services.start_decision(concern_id=concern.pk, by=cast.gwen, at=SIGNED_AT)
    assert facts_for(begun, by=cast.gwen, at=SIGNED_AT).is_exploitation is is_exploitation
