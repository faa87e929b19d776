"""What outlives a version: the second view of what went, the mark of an emergency, the request that was answered, the
date on which it is looked at again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from concerns.models import Concern, Deadline
from concerns.vocabulary import ClockKind, State
from safeguarding.kit.errors import ChangedMeanwhile, NotNow, Unsound
from safeguarding.kit.models import OutboxMessage
from sharing import notifications, services
from sharing.answers import Ground, RequesterTold
from sharing.later import later_of, status_words
from sharing.models import Referral, SecondView, SignedRecord
from sharing.reading import Reader, parts
from sharing.record import Record
from sharing.selectors import sharing_facts
from sharing.selectors.records import waiting_for_view_of
from sharing.signed import Afterwards, afterwards_of
from sharing.vocabulary import AgencyKind, DecisionStatus, RequestAnswer, SharingMethod, SupersessionReason
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import PASSWORD, Cast
from tests.build.intakes import ADULT, PLAIN
from tests.build.sharing import SIGNED_AT, fresh, holder_of
from tests.build.web import get

HOUR = timedelta(hours=1)


def in_an_emergency() -> Record:
    """Jean refused; C2 and C11 apply, so the second signature may follow."""
    base = decisions.against_a_refusal()
    grounds = decisions.grounds(C2=base.ground("C2"), C11=Ground("C11", "applies", "She is bleeding."))
    return decisions.change(base, grounds=grounds)


def called(concern: Concern, *, at: datetime) -> None:
    """Gwen told the police before any decision."""
    call = services.DirectCall(
        agency_name="Police", agency_kind=AgencyKind.POLICE, spoken_to="PC Lund", told_at=at,
        method=SharingMethod.CALL_999, what_was_said="He is at the door.",
    )  # fmt: skip
    services.record_direct_referral(
        concern_id=concern.pk, call=call, by=holder_of(concern), at=max(at, SIGNED_AT - HOUR)
    )


def clocks_of_views(concern: Concern) -> list[str]:
    rows = Deadline.objects.filter(concern=concern, kind=ClockKind.SECOND_VIEW, met_at=None, dropped_at=None)
    return sorted(rows.values_list("about", flat=True))


def look(record: SignedRecord, by: User, *, is_agreed: bool) -> SecondView:
    at = SIGNED_AT + 5 * HOUR
    return services.give_second_view(record_id=record.pk, is_agreed=is_agreed, comment="Why?", by=by, at=at)


# --- The second view of what went (3.4, I6, I8) ---------------------------------------------------------------


def test_what_went_is_looked_at_by_the_second_person_although_it_was_replaced(cast: Cast) -> None:
    concern = build.case(cast)
    old = build.signed(concern, in_an_emergency(), agency=build.adult_care(cast))
    at = SIGNED_AT + HOUR
    services.send_referral(referral_id=Referral.objects.get().pk, sending=build.sending(at), by=cast.gwen, at=at)
    new = build.again(old, decisions.agreed(), at=at + HOUR)
    assert (new.needs_second, new.decision.status) == (False, DecisionStatus.SIGNED)
    assert clocks_of_views(concern) == [f"{old.ref}/v1"]
    assert sharing_facts(concern.pk).waiting_for_second == 1
    assert waiting_for_view_of(cast.dev) == [old]
    assert notifications.SECOND_VIEW_ASKED.may_still_know(cast.dev.pk, old.pk)
    asked = "Something was shared under this version. A second person must still look at it."
    page = get(old.get_absolute_url(), cast.dev, at=at + HOUR).content.decode()
    assert asked in page
    assert "Give your view" in page
    assert (
        "Give your view as the second person"
        in get(concern.get_absolute_url(), cast.dev, at=at + HOUR).content.decode()
    )

    with time_machine.travel(at + HOUR, tick=True):
        client = Client()
        client.post("/account/login/", {"login": cast.dev.email, "password": PASSWORD})
        form = client.get(reverse("sharing:give-second-view", args=[old.ref, 1])).content.decode()
    assert "A newer version has replaced this one. Say what you think of what was shared under it." in form

    view = look(old, cast.dev, is_agreed=False)
    assert view.digest == old.digest
    assert clocks_of_views(concern) == []
    assert sharing_facts(concern.pk).waiting_for_second == 0
    statuses = SignedRecord.objects.order_by("version").values_list("decision__status", flat=True)
    assert list(statuses) == [DecisionStatus.SUPERSEDED, DecisionStatus.SIGNED]
    refused = OutboxMessage.objects.filter(kind=notifications.SECOND_REFUSED.code, about_id=old.pk)
    assert list(refused.values_list("recipient_id", flat=True)) == [cast.gwen.pk]
    with pytest.raises(ChangedMeanwhile):
        look(old, cast.nadia, is_agreed=True)


def test_a_replaced_version_under_which_nothing_went_needs_no_view(cast: Cast) -> None:
    concern = build.case(cast)
    old = build.signed(concern, in_an_emergency(), agency=build.adult_care(cast))
    build.again(old, decisions.agreed(), at=SIGNED_AT + HOUR)
    assert clocks_of_views(concern) == []
    assert sharing_facts(concern.pk).waiting_for_second == 0
    with pytest.raises(NotNow):
        look(old, cast.dev, is_agreed=True)


@pytest.mark.parametrize("is_agreed", [True, False])
def test_a_call_that_was_decided_about_afterwards_is_looked_at_and_holds_nothing_else_up(
    cast: Cast, *, is_agreed: bool
) -> None:
    """Version 2 is not to share: what the second person says of each is for itself."""
    concern = build.case(cast)
    called(concern, at=SIGNED_AT - HOUR)
    old = build.signed(concern, decisions.agreed(), agency=build.adult_care(cast))
    new = build.again(old, decisions.not_shared(), at=SIGNED_AT + HOUR)
    assert fresh(concern).state == State.AWAITING_SECOND
    assert clocks_of_views(concern) == ["", f"{old.ref}/v1"]
    if is_agreed:
        look(new, cast.dev, is_agreed=True)
        assert fresh(concern).state == State.MONITORING
        assert clocks_of_views(concern) == [f"{old.ref}/v1"]
        look(old, cast.dev, is_agreed=True)
        assert fresh(concern).state == State.MONITORING
    else:
        look(old, cast.dev, is_agreed=False)
        assert fresh(concern).state == State.AWAITING_SECOND
        assert clocks_of_views(concern) == [""]


def test_an_emergency_that_nobody_recorded_is_no_reason(cast: Cast) -> None:
    """I8: nothing may go ahead of the second signature because of a call that is not on record."""
    concern = build.case(cast)
    base = decisions.against_a_refusal()
    record = replace(base, start=replace(base.start, trigger="emergency", shared_at=SIGNED_AT - HOUR))
    with pytest.raises(Unsound) as refused:
        build.signed(concern, record, agency=build.adult_care(cast))
    (sentence,) = refused.value.problems["start.trigger"]
    assert sentence == (
        "No agency was told before this decision, as far as is recorded. Record first what was said to whom, or choose"
        " another reason."
    )
    page = reverse("sharing:edit-page", args=[concern.decisions.get().ref, 1, "start"])
    call = reverse("sharing:record-direct-call", args=[concern.ref])
    assert f'href="{call}">record what was said to whom</a>' in get(page, cast.gwen, at=SIGNED_AT).content.decode()


# --- The mark of an emergency (R38, VR23) ---------------------------------------------------------------------


def test_recorded_after_sharing_and_late_is_said_by_every_later_version(cast: Cast) -> None:
    concern = build.case(cast)
    called(concern, at=SIGNED_AT - 26 * HOUR)
    old = build.signed(concern, decisions.agreed(), agency=build.adult_care(cast))
    second = build.again(old, decisions.agreed(), at=SIGNED_AT + HOUR)
    third = build.again(second, decisions.agreed(), at=SIGNED_AT + 2 * HOUR)
    for record in (second, third):
        assert (record.is_retrospective, record.is_late, record.needs_second) == (True, True, False)
        assert record.document["retrospective"] == {
            "is": True, "shared_at": "2026-03-16T09:00:00+00:00", "late": True, "version": 1,
            "all": [{"version": 1, "shared_at": "2026-03-16T09:00:00+00:00", "late": True}],
        }  # fmt: skip
    assert status_words(SignedRecord.objects.get(pk=third.pk)) == "RETROSPECTIVE, RECORDED LATE"
    answers = dict(parts(Reader(third.document), later_of(third, cast.ruth))[0].answers)
    assert answers["Recorded afterwards"] == (
        "Shared 16 March 2026, 09:00. Recorded in version 1. More than 24 hours passed before it was recorded."
    )


def afterwards(record: SignedRecord) -> list[str]:
    answers = parts(Reader(record.document), later_of(record, record.signed_by))[0].answers
    return [words for name, words in answers if name == "Recorded afterwards"]


def test_each_time_that_it_was_recorded_after_sharing_is_said(cast: Cast) -> None:
    """What went on the second occasion does not hide the first, nor is it late because that was."""
    concern = build.case(cast)
    called(concern, at=SIGNED_AT - 26 * HOUR)
    first = build.signed(concern, decisions.agreed(), agency=build.adult_care(cast))
    called(concern, at=SIGNED_AT + HOUR)
    second = build.again(first, decisions.agreed(), at=SIGNED_AT + 2 * HOUR)
    assert (second.is_retrospective, second.is_late) == (True, True)
    assert afterwards(second) == [
        "Shared 17 March 2026, 12:00. Recorded 17 March 2026, 13:00.",
        "Shared 16 March 2026, 09:00. Recorded in version 1. More than 24 hours passed before it was recorded.",
    ]


def test_what_was_signed_before_the_mark_was_kept_bears_it_and_so_does_the_version_after(cast: Cast) -> None:
    """An older release kept no version in the mark, and no mark in a second version."""
    concern = build.case(cast)
    called(concern, at=SIGNED_AT - HOUR)
    first = build.signed(concern, decisions.agreed(), agency=build.adult_care(cast))
    said = "Shared 17 March 2026, 10:00. Recorded 17 March 2026, 11:00."
    assert afterwards(first) == [said]
    older = {"is": True, "shared_at": "2026-03-17T10:00:00+00:00", "late": False}
    document = {**first.document, "retrospective": older}
    answers = dict(parts(Reader(document), later_of(first, cast.ruth))[0].answers)
    assert answers["Recorded afterwards"] == said
    assert afterwards_of(document) == Afterwards(1, "2026-03-17T10:00:00+00:00", late=False)
    second = build.again(first, decisions.agreed(), at=SIGNED_AT + HOUR)
    unmarked = {**second.document, "retrospective": {"is": False, "shared_at": None, "late": False}}
    assert afterwards_of(unmarked) is None, "its own answers say that it was not recorded afterwards"
    third = build.again(second, decisions.agreed(), at=SIGNED_AT + 2 * HOUR)
    assert afterwards(third) == ["Shared 17 March 2026, 10:00. Recorded in version 1."]


# --- The request (fields 4 and 39, R102, 3.4) -----------------------------------------------------------------


@pytest.mark.parametrize("trigger", ["request", "own"])
def test_a_later_version_that_refuses_a_request_says_that_it_does(cast: Cast, trigger: str) -> None:
    concern = build.case(cast)
    request = build.verified(cast, build.requested(cast, concern, at=SIGNED_AT - HOUR), at=SIGNED_AT - HOUR)
    first = services.decide_about_request(request_id=request.pk, by=cast.gwen, at=SIGNED_AT - HOUR)
    start = replace(first.record.start, third_parties="no")
    record = build.fitted(replace(decisions.agreed(), start=start), concern)
    first = build.fill(first, record, by=cast.gwen, at=SIGNED_AT, agency=build.adult_care(cast))
    old = services.sign_decision(decision_id=first.pk, seen_edit=first.edit, by=cast.gwen, at=SIGNED_AT)
    services.answer_request(request_id=request.pk, answer=RequestAnswer.FULL, words="", by=cast.ruth, at=SIGNED_AT)

    at = SIGNED_AT + HOUR
    draft = services.start_new_version(
        record_id=old.pk, reason=SupersessionReason.NEW_INFORMATION, words="She says no now.", by=cast.gwen, at=at
    )
    assert (draft.record.start.trigger, draft.record.start.request) == ("request", request.ref)
    record = build.fitted(replace(decisions.not_shared(), start=replace(draft.record.start, trigger=trigger)), concern)
    draft = build.fill(draft, record, by=cast.gwen, at=at)
    with pytest.raises(Unsound) as refused:
        services.sign_decision(decision_id=draft.pk, seen_edit=draft.edit, by=cast.gwen, at=at)
    assert list(refused.value.problems) == ["requester_told.answer"]
    told = RequesterTold(answer="yes", on=date(2026, 3, 17), how="By phone", reasons="She does not agree.")
    draft = build.fill(draft, replace(record, requester_told=told), by=cast.gwen, at=at)
    new = services.sign_decision(decision_id=draft.pk, seen_edit=draft.edit, by=cast.gwen, at=at)
    assert new.decision.request == request
    assert new.document["record"]["start"]["request_kind"] == "s47"
    assert new.document["record"]["requester_told"]["reasons"] == "She does not agree."
    assert "A statutory request is refused." in new.document["second_signature"]["reasons"]
    assert dict(parts(Reader(new.document), later_of(new, cast.ruth))[0].answers)["Request"] == request.ref


# --- The date of the review (field 37, R81, T10) --------------------------------------------------------------


def review_due(concern: Concern) -> datetime:
    return Deadline.objects.get(concern=concern, kind=ClockKind.REVIEW, met_at=None, dropped_at=None).due_at


def test_an_earlier_date_in_a_later_version_brings_the_review_forward(cast: Cast) -> None:
    concern, old = build.not_shared(cast)
    services.give_second_view(record_id=old.pk, is_agreed=True, comment="", by=cast.dev, at=SIGNED_AT + HOUR)
    assert fresh(concern).state == State.MONITORING
    assert review_due(concern) == datetime(2026, 3, 30, 16, 0, tzinfo=UTC)  # 17:00 in London, summer time
    base = decisions.not_shared()
    sooner = replace(base, decision=replace(base.decision, review_date=date(2026, 3, 20)))
    new = build.again(old, sooner, at=SIGNED_AT + 2 * HOUR)
    assert review_due(concern) == datetime(2026, 3, 30, 16, 0, tzinfo=UTC), "not before the second person agrees"
    look(new, cast.dev, is_agreed=True)
    assert review_due(concern) == datetime(2026, 3, 20, 17, 0, tzinfo=UTC)


def test_not_sharing_about_one_of_two_people_is_looked_at_again_on_its_date(cast: Cast) -> None:
    """The other waits for a decision of their own, so the concern goes on being considered."""
    concern = build.case(cast, intake=replace(PLAIN, people=(ADULT, replace(ADULT, name="Joan Ashworth"))))
    base = build.fitted(decisions.not_shared(), concern)
    draft = services.start_decision(concern_id=concern.pk, by=cast.gwen, at=SIGNED_AT)
    draft = build.fill(draft, replace(base, people=base.people[:1]), by=cast.gwen, at=SIGNED_AT)
    record = services.sign_decision(decision_id=draft.pk, seen_edit=draft.edit, by=cast.gwen, at=SIGNED_AT)
    look(record, cast.dev, is_agreed=True)
    assert fresh(concern).state == State.TRIAGE
    assert review_due(concern) == datetime(2026, 3, 30, 16, 0, tzinfo=UTC)
