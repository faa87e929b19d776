"""Requests for information through the real services and pages (R102-R107, T15, Q32)."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import services as people
from accounts.models import User
from accounts.vocabulary import Role
from audit.models import Event
from audit.vocabulary import Access
from champions.figures_base import Scope
from champions.figures_practice import count_requests
from champions.quarters import Quarter
from concerns import services as case_services
from concerns.models import Concern, Conflict
from concerns.selectors.access import Wanted, access_page
from concerns.services.conflicts import bar, restrict
from concerns.vocabulary import TwoPersonAct
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from safeguarding.kit.models import OutboxMessage
from sharing import notifications, permissions, services
from sharing.models import Decision, InformationRequest, RequestUnlinked, SignedRecord
from sharing.requests import UNVERIFIED_WORDS
from sharing.selectors import request_figures
from sharing.selectors.registers import possible_leads
from sharing.services import Telling
from sharing.vocabulary import ContactWay, RequestAnswer, RequestKind
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import Cast
from tests.build.sharing import SIGNED_AT, requested, verified
from tests.build.web import get, post

HOUR = timedelta(hours=1)


def answer(
    request: InformationRequest, what: RequestAnswer, by: User, words: str = "Our reasons", at: datetime = SIGNED_AT
) -> None:
    services.answer_request(request_id=request.pk, answer=what, words=words, by=by, at=at)
    request.refresh_from_db()


def decided_in_part(cast: Cast, concern: Concern, request: InformationRequest) -> SignedRecord:
    """Gwen, who holds the concern, decides to share part of what is asked."""
    decision = services.decide_about_request(request_id=request.pk, by=cast.gwen, at=SIGNED_AT - HOUR / 2)
    base = decisions.against_a_refusal()
    record = decisions.change(
        base,
        start=dataclasses.replace(decision.record.start, third_parties="no"),
        items=(*base.items, decisions.change(base.items[0], answer="withhold", why_withheld="Not needed")),
        decision=decisions.change(base.decision, choice="share_part", review_date=date(2026, 3, 24)),
    )
    build.fill(decision, build.fitted(record, concern), by=cast.gwen, at=SIGNED_AT, agency=build.adult_care(cast))
    decision.refresh_from_db()
    signed = services.sign_decision(decision_id=decision.pk, seen_edit=decision.edit, by=cast.gwen, at=SIGNED_AT)
    if signed.needs_second:
        services.give_second_view(record_id=signed.pk, is_agreed=True, comment="Yes", by=cast.ruth, at=SIGNED_AT)
    return signed


def told_of(kind: object) -> set[int]:
    return set(OutboxMessage.objects.filter(kind=kind.code).values_list("recipient_id", flat=True))  # type: ignore[attr-defined]


def test_a_verified_request_is_answered_in_part_through_a_decision(cast: Cast) -> None:
    concern = build.case(cast)
    early = SIGNED_AT - HOUR
    request = verified(cast, requested(cast, concern, at=early), at=early)
    with pytest.raises(Unsound) as caught:
        answer(request, RequestAnswer.PART, cast.ruth)
    assert "signed decision" in caught.value.problems["answer"][0]
    record = decided_in_part(cast, concern, request)
    assert Decision.objects.get(signed=record).request_id == request.pk
    start = record.document["record"]["start"]
    assert (start["trigger"], start["request_kind"], start["request_on"]) == ("request", "s47", "2026-03-17")
    assert start["request_from"] == "Nadia Osei, Social worker, Larkshire Council"
    assert request.ref in start["request_verified"]
    with pytest.raises(Unsound):
        answer(request, RequestAnswer.FULL, cast.ruth)
    assert request.ref in get(record.get_absolute_url(), cast.ruth, at=SIGNED_AT).content.decode()
    answer(request, RequestAnswer.PART, cast.ruth)
    assert (request.record_id, request.closed_at, request.answered_by_id) == (record.pk, SIGNED_AT, cast.ruth.pk)
    with pytest.raises(NotNow):
        answer(request, RequestAnswer.REDIRECTED, cast.ruth)
    codes = list(Event.objects.filter(ref=request.ref).order_by("pk").values_list("code", flat=True))
    assert codes == ["sharing.request_logged", "sharing.request_verified", "sharing.request_answered"]


def test_an_unverified_requester_learns_nothing(cast: Cast) -> None:
    request = requested(cast, build.case(cast))
    for what in (
        RequestAnswer.FULL,
        RequestAnswer.PART,
        RequestAnswer.REFUSE,
        RequestAnswer.NOTHING_HELD,
        RequestAnswer.REDIRECTED,
    ):
        with pytest.raises(Unsound):
            answer(request, what, cast.ruth)
    with pytest.raises(NotNow):
        services.decide_about_request(request_id=request.pk, by=cast.gwen, at=SIGNED_AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        InformationRequest.objects.filter(pk=request.pk).update(
            answer=RequestAnswer.NOTHING_HELD, answered_at=SIGNED_AT, answered_by=cast.ruth
        )
    answer(request, RequestAnswer.NEITHER, cast.ruth, words="")
    assert (request.answer_words, request.closed_at) == (UNVERIFIED_WORDS, SIGNED_AT)


def test_calling_the_number_they_gave_is_no_check(cast: Cast) -> None:
    request = requested(cast, None)
    for number in ("07700 900111", "+44 7700 900 111", "0044 (0)7700-900111", "", "12"):
        with pytest.raises(Unsound) as caught:
            services.verify_requester(request_id=request.pk, number=number, how="Hers", by=cast.ruth, at=SIGNED_AT)
        assert list(caught.value.problems) == ["number"]
    assert verified(cast, request).verified_by_id == cast.ruth.pk
    with pytest.raises(NotNow):
        verified(cast, request)


def test_a_refusal_stays_open_until_the_requester_is_told_or_telling_is_unsafe(cast: Cast) -> None:
    told, unsafe = (verified(cast, requested(cast, None, kind=RequestKind.MEDIA)) for _ in range(2))
    with pytest.raises(Unsound):
        answer(told, RequestAnswer.REFUSE, cast.ruth, words="")
    for request in (told, unsafe):
        answer(request, RequestAnswer.REFUSE, cast.ruth)
        assert request.closed_at is None
        with pytest.raises(IntegrityError), transaction.atomic():
            InformationRequest.objects.filter(pk=request.pk).update(closed_at=SIGNED_AT)

    def tell(request: InformationRequest, telling: Telling) -> None:
        services.record_requester_told(request_id=request.pk, telling=telling, by=cast.ruth, at=SIGNED_AT)
        request.refresh_from_db()

    day = date(2026, 3, 17)
    for telling, fields in (
        (Telling(), {"on", "how", "reasons"}),
        (Telling(on=date(2026, 3, 18), how=ContactWay.PHONE, reasons="Why"), {"on"}),
        (Telling(on=date(2026, 3, 16), how=ContactWay.PHONE, reasons="Why"), {"on"}),
        (Telling(on=day, how=ContactWay.PHONE, reasons="Why", unsafe_reason="He hits her"), {"unsafe_reason"}),
    ):
        with pytest.raises(Unsound) as caught:
            tell(told, telling)
        assert set(caught.value.problems) == fields
    tell(told, Telling(on=day, how=ContactWay.LETTER, reasons="We protect her."))
    tell(unsafe, Telling(unsafe_reason="He would look for her."))
    assert (told.told_on, told.closed_at, unsafe.told_on, unsafe.closed_at) == (day, SIGNED_AT, None, SIGNED_AT)
    with pytest.raises(NotNow):
        tell(unsafe, Telling(unsafe_reason="Again"))


@pytest.mark.parametrize("what", [RequestAnswer.REFUSE, RequestAnswer.NEITHER])
def test_a_refusal_for_other_interests_waits_for_another_lead(cast: Cast, what: RequestAnswer) -> None:
    """VR14, I6."""
    request = verified(cast, requested(cast, None, kind=RequestKind.MEDIA))
    with pytest.raises(Unsound) as caught:
        answer(request, what, cast.ruth, words="It would harm our reputation.")
    assert list(caught.value.problems) == ["safeguarding_reason"]

    def refuse() -> None:
        services.answer_request(
            request_id=request.pk, answer=what, words="It would harm our reputation.",
            safeguarding_reason="He would find her.", by=cast.ruth, at=SIGNED_AT,
        )  # fmt: skip
        request.refresh_from_db()

    def decide(by: User, *, is_agreed: bool, comment: str = "") -> None:
        services.countersign_refusal(
            request_id=request.pk, is_agreed=is_agreed, comment=comment, by=by, at=SIGNED_AT + HOUR
        )
        request.refresh_from_db()

    refuse()
    assert (request.answer, request.closed_at) == ("", None)
    assert told_of(notifications.REFUSAL_ASKED) == {cast.imran.pk}
    assert notifications.REFUSAL_ASKED.may_still_know(cast.imran.pk, request.pk)
    for person in (cast.ruth, cast.karen, cast.joyce, cast.gwen):
        with pytest.raises(NotAllowed):
            decide(person, is_agreed=True)
    for again in (RequestAnswer.REFUSE, RequestAnswer.NEITHER):
        with pytest.raises(NotNow):
            answer(request, again, cast.ruth, words="She would be found by him.")
    with pytest.raises(Unsound):
        decide(cast.imran, is_agreed=False)
    decide(cast.imran, is_agreed=False, comment="She wants to be found.")
    assert request.answer == ""
    assert not notifications.REFUSAL_ASKED.may_still_know(cast.imran.pk, request.pk)
    with pytest.raises(NotNow):
        decide(cast.imran, is_agreed=True)
    with pytest.raises(Unsound) as caught:  # other words are no way round the lead who did not agree
        answer(request, what, cast.ruth, words="It would look bad for us.")
    assert list(caught.value.problems) == ["safeguarding_reason"]
    refuse()
    decide(cast.imran, is_agreed=True)
    assert (request.answer, request.answered_by_id, request.answered_at) == (what, cast.ruth.pk, SIGNED_AT + HOUR)
    assert (request.closed_at is None) is (what == RequestAnswer.REFUSE), "whoever is refused is still to be told"
    assert told_of(notifications.REFUSAL_DECIDED) == {cast.ruth.pk}
    found = Event.objects.filter(code__startswith="sharing.refusal").order_by("pk")
    assert [(event.code.removeprefix("sharing.refusal_"), event.actor_id) for event in found] == [
        ("proposed", cast.ruth.pk), ("not_agreed", cast.imran.pk), ("proposed", cast.ruth.pk),
        ("agreed", cast.imran.pk),
    ]  # fmt: skip
    assert "reputation" not in repr(list(found.values()))


def test_another_answer_takes_the_place_of_a_refusal_that_waits(cast: Cast) -> None:
    request = verified(cast, requested(cast, None, kind=RequestKind.MEDIA))
    services.answer_request(
        request_id=request.pk, answer=RequestAnswer.REFUSE, words="Rent is owed.", safeguarding_reason="None.",
        by=cast.ruth, at=SIGNED_AT,
    )  # fmt: skip
    page = get(request.get_absolute_url(), cast.ruth, at=SIGNED_AT).content.decode()
    assert "Any other answer can still be given." in page
    answer(request, RequestAnswer.REDIRECTED, cast.ruth, words="To the council.")
    refusal = request.refusals.get()
    assert (request.answer, refusal.is_agreed, refusal.withdrawn_by) == (RequestAnswer.REDIRECTED, None, cast.ruth)
    assert request.waiting_refusal is None
    with pytest.raises(NotNow):
        services.countersign_refusal(request_id=request.pk, is_agreed=True, comment="", by=cast.imran, at=SIGNED_AT)
    page = get(request.get_absolute_url(), cast.ruth, at=SIGNED_AT).content.decode()
    assert "Not needed: another answer was given" in page


def test_a_refusal_that_nobody_else_could_agree_to_is_not_proposed(cast: Cast) -> None:
    people.end_role(person=cast.imran, role=Role.DEPUTY_LEAD, by=cast.bea, at=SIGNED_AT)
    request = verified(cast, requested(cast, None, kind=RequestKind.MEDIA))
    with pytest.raises(NotNow, match="no other Safeguarding Lead"):
        services.answer_request(
            request_id=request.pk, answer=RequestAnswer.REFUSE, words="Rent is owed.", safeguarding_reason="None.",
            by=cast.ruth, at=SIGNED_AT,
        )  # fmt: skip
    assert not request.refusals.exists()


def test_no_lead_is_asked_where_nothing_else_is_spoken_of_or_nothing_may_be_said(cast: Cast) -> None:
    """VR14: a safeguarding reason stands alone; R106: whoever nobody checked is told the one sentence."""
    sound = verified(cast, requested(cast, None, kind=RequestKind.MEDIA))
    answer(sound, RequestAnswer.REFUSE, cast.ruth, words="She would be found by him.")
    assert sound.answer == RequestAnswer.REFUSE
    elsewhere = verified(cast, requested(cast, None, kind=RequestKind.MEDIA))
    answer(elsewhere, RequestAnswer.REDIRECTED, cast.ruth, words="To our data protection officer.")
    assert elsewhere.answer == RequestAnswer.REDIRECTED
    unchecked = requested(cast, None)
    answer(unchecked, RequestAnswer.NEITHER, cast.ruth, words="GDPR")
    assert unchecked.answer_words == UNVERIFIED_WORDS


def test_the_pages_of_a_refusal_that_waits(cast: Cast) -> None:
    request = verified(cast, requested(cast, None, kind=RequestKind.MEDIA))
    path = request.get_absolute_url()
    sent = {"answer": "refuse", "words": "Rent is owed."}
    asked = post(f"{path}answer/", cast.ruth, sent, at=SIGNED_AT).content.decode()
    assert "Write the safeguarding reason as well." in asked
    assert "Rent is owed." in asked
    post(f"{path}answer/", cast.ruth, {**sent, "safeguarding_reason": "<b>None</b>"}, at=SIGNED_AT)
    shown = get(path, cast.ruth, at=SIGNED_AT).content.decode()
    assert "A refusal waits for a Safeguarding Lead." in shown
    assert "&lt;b&gt;None&lt;/b&gt;" in shown
    assert f"{path}answer/" in shown, "another answer can still be given"
    assert f"{path}countersign/" not in shown, "nobody agrees with themselves"
    assert get(f"{path}countersign/", cast.ruth, at=SIGNED_AT).status_code == 302
    assert f"{path}countersign/" in get(path, cast.imran, at=SIGNED_AT).content.decode()
    form = get(f"{path}countersign/", cast.imran, at=SIGNED_AT).content.decode()
    assert "Rent is owed." in form
    assert "Say whether you agree." in post(f"{path}countersign/", cast.imran, {}, at=SIGNED_AT).content.decode()
    saved = post(f"{path}countersign/", cast.imran, {"is_agreed": "yes"}, at=SIGNED_AT)
    assert saved["Location"] == path
    request.refresh_from_db()
    assert request.answer == RequestAnswer.REFUSE


@pytest.mark.parametrize(
    "more", [{"kind": RequestKind.COURT}, {"is_compulsory": True}, {"kind": RequestKind.SUBJECT_ACCESS}]
)
def test_what_has_the_force_of_law_goes_straight_to_the_information_governance_lead(
    cast: Cast, more: dict[str, Any]
) -> None:
    request = verified(cast, requested(cast, build.case(cast), **more))
    assert told_of(notifications.REQUEST_RECEIVED) == {cast.joyce.pk}
    message = OutboxMessage.objects.get(kind=notifications.REQUEST_RECEIVED.code)
    assert (message.reference, message.path) == (request.ref, f"/sharing/requests/{request.ref}/")
    with pytest.raises(NotAllowed):
        answer(request, RequestAnswer.REDIRECTED, cast.ruth)
    answer(request, RequestAnswer.REDIRECTED, cast.joyce)
    assert request.answered_by_id == cast.joyce.pk


def test_any_other_goes_to_the_leads(cast: Cast) -> None:
    requested(cast, None)
    leads = {cast.ruth.pk, cast.imran.pk, cast.karen.pk, cast.joyce.pk}
    assert told_of(notifications.REQUEST_RECEIVED) == leads


def test_who_may_log_work_on_and_answer(cast: Cast) -> None:
    concern = build.case(cast)
    for person in (cast.priya, cast.jakub, cast.alan, cast.bea):
        with pytest.raises(NotAllowed):
            services.log_request(details=_details(), by=person, at=SIGNED_AT)
    mine = services.log_request(details=_details(), by=cast.colin, at=SIGNED_AT)
    for person in (cast.colin, cast.dev):
        with pytest.raises(NotAllowed):
            answer(mine, RequestAnswer.NEITHER, person)
    assert set(visible(cast.colin)) == {mine.pk}
    assert visible(cast.leon) == visible(cast.dev) == visible(cast.priya) == []
    assert visible(cast.alan) == visible(cast.joyce) == visible(cast.karen) == [mine.pk]
    with pytest.raises(Unsound) as caught:
        services.link_request(request_id=mine.pk, concern_ref=concern.ref, by=cast.colin, at=SIGNED_AT)
    with pytest.raises(Unsound) as unknown:
        services.link_request(request_id=mine.pk, concern_ref="SC-2222-2222", by=cast.colin, at=SIGNED_AT)
    assert caught.value.problems == unknown.value.problems, "a concern that is closed to them and none look the same"
    services.link_request(request_id=mine.pk, concern_ref=concern.ref.lower(), by=cast.ruth, at=SIGNED_AT)
    assert visible(cast.colin) == [], "linked to a case that he may not read"
    assert visible(cast.gwen) == visible(cast.dev) == [mine.pk]


def test_a_request_that_was_linked_to_the_wrong_concern_is_taken_off_it(cast: Cast) -> None:
    """R102: nothing is held about whom they mean, and the wrong case's people read no more of it."""
    concern = build.case(cast)
    request = verified(cast, requested(cast, concern))
    with pytest.raises(Unsound):
        answer(request, RequestAnswer.NOTHING_HELD, cast.ruth)
    assert visible(cast.gwen) == [request.pk]
    with pytest.raises(NotAllowed):
        services.unlink_request(request_id=request.pk, reason="Another street", by=cast.alan, at=SIGNED_AT)
    with pytest.raises(Unsound):
        services.unlink_request(request_id=request.pk, reason=" ", by=cast.gwen, at=SIGNED_AT)
    url = reverse("sharing:act-on-request", args=[request.ref, "unlink"])
    assert url in get(request.get_absolute_url(), cast.gwen, at=SIGNED_AT).content.decode()
    answered = post(url, cast.gwen, {"reason": "They mean number 9 in another street."}, at=SIGNED_AT)
    assert answered.headers["Location"] == reverse("sharing:list-requests"), "she can't open it any more"
    request.refresh_from_db()
    assert request.concern_id is None
    assert visible(cast.gwen) == []
    assert visible(cast.ruth) == [request.pk]
    event = Event.objects.get(code="sharing.request_unlinked")
    assert (event.concern_id, event.actor_id, event.ref) == (concern.pk, cast.gwen.pk, request.ref)
    assert not concern.notes.exists()
    page = get(concern.get_absolute_url(), cast.dev, at=SIGNED_AT).content.decode()
    assert request.ref in page
    assert "They mean number 9 in another street." in page
    assert Concern.objects.get(pk=concern.pk).version == concern.version + 1
    with pytest.raises(NotNow):
        services.unlink_request(request_id=request.pk, reason="Again", by=cast.ruth, at=SIGNED_AT)
    answer(request, RequestAnswer.NOTHING_HELD, cast.ruth)
    assert request.closed_at == SIGNED_AT


def test_a_request_that_something_rests_on_stays_linked(cast: Cast) -> None:
    concern = build.case(cast)
    request = verified(cast, requested(cast, concern))
    draft = services.decide_about_request(request_id=request.pk, by=cast.gwen, at=SIGNED_AT)
    with pytest.raises(NotNow, match="Withdraw its draft"):
        services.unlink_request(request_id=request.pk, reason="Wrong", by=cast.ruth, at=SIGNED_AT)
    services.withdraw_draft(decision_id=draft.pk, reason="Wrong concern", by=cast.gwen, at=SIGNED_AT)
    services.unlink_request(request_id=request.pk, reason="Wrong", by=cast.ruth, at=SIGNED_AT)
    services.link_request(request_id=request.pk, concern_ref=concern.ref, by=cast.ruth, at=SIGNED_AT)
    answer(request, RequestAnswer.NEITHER, cast.ruth)
    with pytest.raises(NotNow, match="or it is answered"):
        services.unlink_request(request_id=request.pk, reason="Wrong", by=cast.ruth, at=SIGNED_AT)


def _details(**more: object) -> services.RequestDetails:
    answers = {
        "kind": RequestKind.POLICE, "person": "PC Hall", "legal_basis": "None", "purpose": "An inquiry",
        "asked": "Who lives there", "about": "Number 9", "received_at": SIGNED_AT, "received_how": ContactWay.EMAIL,
        "staff_reason": "The officer gave the name",
    }  # fmt: skip
    return services.RequestDetails(**{**answers, **more})  # type: ignore[arg-type]


def visible(user: User) -> list[int]:
    return list(InformationRequest.objects.visible_to(user).values_list("pk", flat=True))


def test_a_barred_person_and_a_restricted_concern(cast: Cast) -> None:
    concern = build.case(cast)
    request = requested(cast, concern)
    assert visible(cast.imran) == visible(cast.joyce) == visible(cast.alan) == [request.pk]
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.imran.pk, reason="Named", by=cast.ruth, at=SIGNED_AT)
    Concern.objects.filter(pk=concern.pk).update(is_restricted=True)
    assert visible(cast.imran) == visible(cast.dev) == visible(cast.alan) == visible(cast.joyce) == []
    assert get(f"/sharing/requests/{request.ref}/", cast.imran, at=SIGNED_AT).status_code == 404
    assert request.ref not in get("/sharing/requests/?show=all", cast.imran, at=SIGNED_AT).content.decode()
    assert not notifications.REQUEST_RECEIVED.may_still_know(cast.imran.pk, request.pk)
    assert notifications.REQUEST_RECEIVED.may_still_know(cast.ruth.pk, request.pk)
    court = requested(cast, concern, kind=RequestKind.COURT)
    assert visible(cast.joyce) == [court.pk], "what goes straight to her she reads, restricted or not"


def test_overdue_rises_and_each_level_is_told_once(cast: Cast) -> None:
    request = services.log_request(details=_details(is_emergency=True), by=cast.colin, at=SIGNED_AT)
    assert request.due_at == datetime(2026, 3, 18, 0, 0, tzinfo=UTC)  # thirteen hours
    assert services.sweep_requests(at=request.due_at - timedelta(seconds=1)) == 0
    levels = []
    for moment in (request.due_at, request.due_at, SIGNED_AT + 19.5 * HOUR, SIGNED_AT + 26 * HOUR):
        services.sweep_requests(at=moment)
        request.refresh_from_db()
        levels.append((request.level, OutboxMessage.objects.filter(kind="sharing.request_overdue").count()))
    assert levels == [(1, 5), (1, 5), (2, 10), (3, 15)]
    assert told_of(notifications.REQUEST_OVERDUE) == {
        user.pk for user in (cast.colin, cast.ruth, cast.imran, cast.karen, cast.joyce)
    }
    answer(request, RequestAnswer.NEITHER, cast.ruth)
    assert not notifications.REQUEST_OVERDUE.may_still_know(cast.ruth.pk, request.pk)


def test_the_figures_of_a_period(cast: Cast) -> None:
    in_time, late, refused, told, open_one = (
        verified(cast, requested(cast, None, kind=RequestKind.MEDIA)) for _ in range(5)
    )
    due = datetime(2026, 3, 19, 11, 0, tzinfo=UTC)
    assert {row.due_at for row in (in_time, late, refused, told, open_one)} == {due}
    answer(in_time, RequestAnswer.REDIRECTED, cast.ruth, at=due)
    answer(late, RequestAnswer.REDIRECTED, cast.ruth, at=due + HOUR)
    answer(refused, RequestAnswer.REFUSE, cast.ruth)
    answer(told, RequestAnswer.REFUSE, cast.ruth)
    telling = Telling(on=date(2026, 3, 17), how=ContactWay.PHONE, reasons="Why")
    services.record_requester_told(request_id=told.pk, telling=telling, by=cast.ruth, at=SIGNED_AT)
    found = request_figures(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    assert dataclasses.astuple(found) == (5, 5, 3, 2, 1)
    assert dataclasses.astuple(request_figures(due + HOUR, due + 2 * HOUR)) == (0, 0, 0, 0, 0)


def test_the_pages(cast: Cast) -> None:
    page = post("/sharing/requests/add/", cast.gwen, {"asked": "My words"}, at=SIGNED_AT).content.decode()
    for sentence in ("Choose the kind of request.", "Say how it came.", "Enter the day and the time.", "My words"):
        assert sentence in page
    assert "Say whether it is about somebody who works here." in page
    assert get("/sharing/requests/add/", cast.priya, at=SIGNED_AT).status_code == 302
    concern = build.case(cast)
    sent = {
        "kind": "police", "person": "PC <b>Hall</b>", "received_at_0": "17", "received_at_1": "3",
        "received_at_2": "2026", "received_at_time": "10:00am", "received_how": "phone", "asked": "Who lives there",
        "about": "Number 9", "purpose": "Inquiry", "legal_basis": "none", "is_compulsory": "no",
        "is_emergency": "no", "is_about_staff": "no", "concern_ref": "SC-2222-2222",
    }  # fmt: skip
    refused = post("/sharing/requests/add/", cast.gwen, sent, at=SIGNED_AT).content.decode()
    assert "No concern that you can work on has this reference." in refused
    saved = post("/sharing/requests/add/", cast.gwen, {**sent, "concern_ref": concern.ref}, at=SIGNED_AT)
    request = InformationRequest.objects.get()
    assert saved["Location"] == f"/sharing/requests/{request.ref}/"
    shown = get(request.get_absolute_url(), cast.ruth, at=SIGNED_AT).content.decode()
    assert "PC &lt;b&gt;Hall&lt;/b&gt;" in shown
    assert "They must learn nothing" in shown
    form = get(f"{request.get_absolute_url()}answer/", cast.ruth, at=SIGNED_AT).content.decode()
    assert "Neither confirm nor deny" in form
    assert "Nothing held" not in form
    assert request.ref in get(concern.get_absolute_url(), cast.gwen, at=SIGNED_AT).content.decode()
    later = request.due_at + HOUR
    assert "overdue since" in get("/sharing/requests/?show=overdue", cast.ruth, at=later).content.decode()
    assert request.ref not in get("/sharing/requests/?show=overdue", cast.ruth, at=SIGNED_AT).content.decode()
    assert get(f"{request.get_absolute_url()}answer/", cast.gwen, at=SIGNED_AT).status_code == 302
    assert get(f"{request.get_absolute_url()}guess/", cast.ruth, at=SIGNED_AT).status_code == 404


def test_the_list_asks_the_same_of_the_database_however_long_it_is(cast: Cast) -> None:
    counts = []
    for more in (1, 8):
        for _ in range(more):
            requested(cast, None)
        with CaptureQueriesContext(connection) as captured:
            get("/sharing/requests/", cast.ruth, at=SIGNED_AT)
        counts.append(len(captured))
    assert counts[0] == counts[1]


# --- About somebody who works here (I3, R41) ------------------------------------------------------------------


def manage(person: User, by: User) -> User:
    User.objects.filter(pk=person.pk).update(line_manager=by)
    return User.objects.get(pk=person.pk)


def name(request: InformationRequest, *staff: User, by: User, at: datetime = SIGNED_AT) -> None:
    ids = tuple(person.pk for person in staff)
    services.name_staff(request_id=request.pk, staff_ids=ids, reason="The officer gave the name", by=by, at=at)


def lift(request: InformationRequest, staff: User, *, by: User, reason: str = "Another person of that name") -> None:
    """Each naming of `staff` that `by` did not write, or the one that they did."""
    standing = request.named_staff.filter(lifted_at=None, staff=staff).values_list("staff", "named_by")
    for naming in standing.exclude(named_by=by) or standing or [None]:
        services.lift_naming(request_id=request.pk, naming=naming, reason=reason, by=by, at=SIGNED_AT)


def handlers(request: InformationRequest) -> set[int]:
    return {user.pk for user in permissions.handlers_of(InformationRequest.objects.get(pk=request.pk))}


def refs_in_ledger(reader: User) -> set[str]:
    return {line.ref for line in access_page(reader, Wanted(access="all")).lines}


def test_a_request_about_a_lead_is_told_to_every_lead_but_her(cast: Cast) -> None:
    about = _details(about="Ruth, an allegation", is_emergency=True, staff_ids=(cast.ruth.pk,))
    request = services.log_request(details=about, by=cast.colin, at=SIGNED_AT)
    assert told_of(notifications.REQUEST_RECEIVED) == {cast.imran.pk, cast.karen.pk, cast.joyce.pk}
    assert [event.data["staff"] for event in Event.objects.filter(code="sharing.request_named")] == [cast.ruth.pk]
    assert visible(cast.ruth) == []
    assert not InformationRequest.objects.workable_by(cast.ruth).exists()
    assert visible(cast.imran) == visible(cast.joyce) == visible(cast.alan) == visible(cast.colin) == [request.pk]
    assert get(request.get_absolute_url(), cast.ruth, at=SIGNED_AT).status_code == 404
    shown = {who: get("/sharing/requests/", who, at=SIGNED_AT).content.decode() for who in (cast.ruth, cast.imran)}
    assert request.ref not in shown[cast.ruth]
    assert request.ref in shown[cast.imran]
    for act in ("verify", "link", "name", "answer"):
        assert get(f"{request.get_absolute_url()}{act}/", cast.ruth, at=SIGNED_AT).status_code == 404
    with pytest.raises(NotAllowed):
        answer(request, RequestAnswer.NEITHER, cast.ruth)
    for kind in (notifications.REQUEST_RECEIVED, notifications.REQUEST_OVERDUE):
        assert not kind.may_still_know(cast.ruth.pk, request.pk)
        assert kind.may_still_know(cast.imran.pk, request.pk)
    services.sweep_requests(at=SIGNED_AT + 26 * HOUR)
    assert InformationRequest.objects.get().level == 3
    others = {cast.colin.pk, cast.imran.pk, cast.karen.pk, cast.joyce.pk}
    assert told_of(notifications.REQUEST_OVERDUE) == others


def test_whoever_a_named_person_manages_is_kept_out_too(cast: Cast) -> None:
    imran, alan = manage(cast.imran, cast.ruth), manage(cast.alan, cast.imran)
    request = services.log_request(details=_details(staff_ids=(cast.ruth.pk,)), by=cast.colin, at=SIGNED_AT)
    assert told_of(notifications.REQUEST_RECEIVED) == {cast.karen.pk, cast.joyce.pk}
    assert visible(cast.ruth) == visible(imran) == visible(alan) == []
    assert visible(cast.karen) == visible(cast.joyce) == [request.pk]
    assert {user.pk for user in permissions.deciders_of(request)} == {cast.karen.pk, cast.joyce.pk}
    # Who took the call knows of it anyway.
    mine = services.log_request(details=_details(staff_ids=(cast.helen.pk,)), by=cast.colin, at=SIGNED_AT)
    assert set(visible(cast.colin)) == {request.pk, mine.pk}


def test_naming_whoever_manages_every_lead_leaves_somebody_to_answer(cast: Cast) -> None:
    request = services.log_request(details=_details(staff_ids=(cast.sunita.pk,)), by=cast.colin, at=SIGNED_AT)
    leads = {cast.ruth.pk, cast.imran.pk, cast.karen.pk, cast.joyce.pk}
    assert {user.pk for user in permissions.deciders_of(request)} == leads
    assert told_of(notifications.REQUEST_RECEIVED) == leads
    assert visible(cast.ruth) == [request.pk]


def test_somebody_is_named_later_by_whoever_handles_the_request(cast: Cast) -> None:
    request = services.log_request(details=_details(kind=RequestKind.COURT), by=cast.colin, at=SIGNED_AT)
    assert told_of(notifications.REQUEST_RECEIVED) == {cast.joyce.pk}
    for by in (cast.dev, cast.alan, cast.priya):
        with pytest.raises(NotAllowed):
            name(request, cast.joyce, by=by, at=SIGNED_AT)
    for ids in ((), (987_654,), (cast.ruth.pk,)):
        with pytest.raises(Unsound):
            services.name_staff(request_id=request.pk, staff_ids=ids, reason="Why", by=cast.ruth, at=SIGNED_AT)
    for _ in range(2):
        name(request, cast.joyce, by=cast.ruth, at=SIGNED_AT)
    assert Event.objects.filter(code="sharing.request_named").count() == 1
    assert visible(cast.joyce) == []
    assert not notifications.REQUEST_RECEIVED.may_still_know(cast.joyce.pk, request.pk)
    # No information governance lead is left, so the leads are asked.
    told = {cast.joyce.pk, cast.ruth.pk, cast.imran.pk, cast.karen.pk}
    assert told_of(notifications.REQUEST_RECEIVED) == told
    name(request, cast.colin, by=cast.ruth)
    assert visible(cast.colin) == [], "who logged it, and is named"


def test_somebody_who_has_left_is_named_and_stays_kept_out_when_they_are_back(cast: Cast) -> None:
    people.deactivate_person(person=cast.imran, reason="Suspended", by=None, at=SIGNED_AT)
    request = services.log_request(details=_details(staff_ids=(cast.imran.pk,)), by=cast.colin, at=SIGNED_AT)
    other = services.log_request(details=_details(), by=cast.colin, at=SIGNED_AT)
    people.deactivate_person(person=cast.dev, reason="Left", by=None, at=SIGNED_AT)
    name(request, cast.dev, by=cast.ruth)
    assert [row.staff for row in request.named_staff.order_by("pk")] == [cast.imran, cast.dev]
    people.reactivate_person(person=cast.imran, reason="Back", by=None, at=SIGNED_AT + HOUR)
    people.give_role(person=cast.imran, role=Role.DEPUTY_LEAD, by=None, at=SIGNED_AT + HOUR)
    assert visible(User.objects.get(pk=cast.imran.pk)) == [other.pk]
    assert cast.imran.pk not in handlers(request)


def test_once_linked_the_concern_says_who_else_is_kept_out(cast: Cast) -> None:
    concern, imran = build.case(cast), manage(cast.imran, cast.karen)
    request = services.log_request(details=_details(staff_ids=(cast.karen.pk,)), by=cast.colin, at=SIGNED_AT)
    assert visible(imran) == []
    services.link_request(request_id=request.pk, concern_ref=concern.ref, by=cast.ruth, at=SIGNED_AT)
    assert visible(imran) == visible(cast.gwen) == [request.pk]
    assert visible(cast.karen) == [], "named, though the concern bars nobody"
    request.refresh_from_db()
    assert {user.pk for user in permissions.deciders_of(request)} == {cast.ruth.pk, imran.pk, cast.joyce.pk}


def test_the_ledger_and_a_draft_report_do_not_tell_of_it_either(cast: Cast) -> None:
    alan = manage(cast.alan, cast.karen)
    plain = services.log_request(details=_details(), by=cast.colin, at=SIGNED_AT)
    request = services.log_request(details=_details(staff_ids=(cast.karen.pk,)), by=cast.colin, at=SIGNED_AT)
    assert refs_in_ledger(cast.karen) & {plain.ref, request.ref} == {plain.ref}
    assert refs_in_ledger(alan) & {plain.ref, request.ref} == {plain.ref}
    assert {plain.ref, request.ref} <= refs_in_ledger(cast.joyce)
    quarter = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
    assert request_figures(*quarter).received == 2
    assert request_figures(*quarter, with_named=False).received == 1
    draft, whole = (Scope(Quarter(date(2026, 1, 1)), is_whole) for is_whole in (False, True))
    assert [count_requests(scope)[0].statistics[0].value for scope in (draft, whole)] == [1.0, 2.0]


def test_nor_does_a_draft_report_count_one_that_was_taken_off_what_it_may_not_tell_of(cast: Cast) -> None:
    """Karen, who reads the draft, is kept out of the concern and so of the request, linked or taken off again (I3)."""
    concern = build.case(cast)
    request = requested(cast, concern)
    draft, whole = (Scope(Quarter(date(2026, 1, 1)), is_whole) for is_whole in (False, True))

    def received() -> list[float | None]:
        return [count_requests(scope)[0].statistics[0].value for scope in (draft, whole)]

    assert received() == [1.0, 1.0]
    keep_out(concern, cast.karen, by=cast.ruth)
    assert received() == [0.0, 1.0]
    services.unlink_request(request_id=request.pk, reason="Another family", by=cast.ruth, at=SIGNED_AT)
    assert received() == [0.0, 1.0]


def test_the_staff_it_is_about_are_picked_by_name_and_shown_to_those_who_work_on_it(cast: Cast) -> None:
    sent = {
        "kind": "police", "person": "PC Hall", "received_at_0": "17", "received_at_1": "3", "received_at_2": "2026",
        "received_at_time": "10:00am", "received_how": "phone", "asked": "Her record", "about": "A manager",
        "purpose": "Inquiry", "legal_basis": "none", "is_compulsory": "no", "is_emergency": "no",
        "is_about_staff": "yes",
    }  # fmt: skip

    def log(**more: object) -> str:
        page: str = post("/sharing/requests/add/", cast.gwen, {**sent, **more}, at=SIGNED_AT).content.decode()
        return page

    assert "Enter the name of whoever it is about." in log()
    assert "We found nobody of that name who works here or did." in log(staff_words="Zebedee")
    assert "We found nobody of that name who works here or did." in log(staff_words="Gwen"), "nobody names themselves"
    found = log(staff_words="abrahams")
    assert "Tick whoever it is about." in found
    assert f'value="{cast.ruth.pk}"' in found
    assert "Ruth Abrahams, Head of safeguarding" in found
    assert InformationRequest.objects.count() == 0
    assert "Write why you think that it is about them." in log(staff_words="abrahams", staff=[cast.ruth.pk])
    log(staff_words="abrahams", staff=[cast.ruth.pk], staff_reason="He said: your head of <b>safeguarding</b>")
    request = InformationRequest.objects.get()
    assert [row.staff for row in request.named_staff.all()] == [cast.ruth]
    for reader in (cast.gwen, cast.imran):
        page = get(request.get_absolute_url(), reader, at=SIGNED_AT).content.decode()
        assert "Ruth Abrahams" in page
        assert "He said: your head of &lt;b&gt;safeguarding&lt;/b&gt;" in page
    manage(cast.gwen, cast.ruth)
    assert "Ruth Abrahams" in get(request.get_absolute_url(), cast.gwen, at=SIGNED_AT).content.decode(), "named by her"
    page = get(request.get_absolute_url(), cast.alan, at=SIGNED_AT).content.decode()
    assert "A manager" in page
    assert "Ruth Abrahams" not in page
    path = f"{request.get_absolute_url()}name/"
    assert "Karen Doyle" in post(path, cast.imran, {"staff_words": "karen"}, at=SIGNED_AT).content.decode()
    ticked = {"staff_words": "karen", "staff": [cast.karen.pk], "staff_reason": "Named in the second call"}
    done = post(path, cast.imran, ticked, at=SIGNED_AT)
    assert done["Location"] == request.get_absolute_url()
    assert visible(cast.karen) == []
    # Gwen took the call and is managed by somebody whom another person named: of that she is not told.
    manage(cast.gwen, cast.karen)
    page = get(request.get_absolute_url(), cast.gwen, at=SIGNED_AT).content.decode()
    assert "Ruth Abrahams" in page
    assert "Karen Doyle" not in page


def test_the_list_asks_the_same_however_many_requests_are_about_whomever(cast: Cast) -> None:
    """Also where somebody above the reader is named together with somebody else each time, or barred."""
    ruth, imran = manage(cast.ruth, cast.sunita), manage(cast.imran, cast.karen)
    others = [cast.amara, cast.priya, cast.tomasz, cast.sian, cast.jakub, cast.leon, cast.dev, cast.nadia, cast.femi]
    readers = (ruth, imran, cast.joyce, cast.alan, cast.martin)
    counts: list[list[int]] = []
    for some in (others[:1], others[1:]):
        for person in some:
            services.log_request(
                details=_details(staff_ids=(cast.sunita.pk, person.pk)), by=cast.colin, at=SIGNED_AT
            )  # fmt: skip
            requested(cast, None, staff_ids=(cast.karen.pk, person.pk))
            taken_off = requested(cast, concern := build.case(cast))
            keep_out(concern, person, by=cast.ruth)
            services.unlink_request(request_id=taken_off.pk, reason="Other", by=cast.ruth, at=SIGNED_AT)
        counts.append([])
        for reader in readers:
            with CaptureQueriesContext(connection) as captured:
                get("/sharing/requests/", User.objects.get(pk=reader.pk), at=SIGNED_AT)
            counts[-1].append(len(captured))
    assert counts[0] == counts[1]


def test_naming_everybody_who_answers_leaves_it_to_the_senior_manager_and_the_chief_executive(cast: Cast) -> None:
    """R44: no naming hides a request from everybody."""
    request = services.log_request(details=_details(), by=cast.colin, at=SIGNED_AT)
    assert visible(cast.martin) == visible(cast.sunita) == []
    usual = (cast.ruth, cast.imran, cast.karen, cast.joyce)
    name(request, *usual, cast.alan, by=cast.colin)
    for person in (*usual, cast.alan):
        assert visible(person) == []
    assert handlers(request) == {cast.martin.pk, cast.sunita.pk}
    assert visible(cast.martin) == visible(cast.sunita) == [request.pk]
    for kind in (notifications.REQUEST_RECEIVED, notifications.STAFF_NAMED):
        assert {cast.martin.pk, cast.sunita.pk} <= told_of(kind)
        assert kind.may_still_know(cast.martin.pk, request.pk)
        assert not kind.may_still_know(cast.ruth.pk, request.pk)
    services.sweep_requests(at=SIGNED_AT + 400 * 24 * HOUR)
    assert told_of(notifications.REQUEST_OVERDUE) == {cast.colin.pk, cast.martin.pk, cast.sunita.pk}
    shown = get(request.get_absolute_url(), cast.martin, at=SIGNED_AT).content.decode()
    assert "The officer gave the name" in shown
    assert f"{request.get_absolute_url()}answer/" in shown
    answer(request, RequestAnswer.NEITHER, cast.martin)
    assert request.answered_by == cast.martin


def test_a_naming_that_would_leave_nobody_is_refused_and_loses_nothing(cast: Cast) -> None:
    request = services.log_request(details=_details(), by=cast.colin, at=SIGNED_AT)
    everybody = (cast.ruth, cast.imran, cast.karen, cast.joyce, cast.martin, cast.sunita)
    with pytest.raises(Unsound, match="nobody is left"):
        name(request, *everybody, by=cast.colin)
    about = _details(staff_ids=tuple(person.pk for person in everybody))
    with pytest.raises(Unsound, match="nobody is left"):
        services.log_request(details=about, by=cast.colin, at=SIGNED_AT)
    assert not request.named_staff.exists()
    assert InformationRequest.objects.count() == 1
    words = {"staff_words": "a", "staff": [person.pk for person in everybody], "staff_reason": "All of them did it"}
    page = post(f"{request.get_absolute_url()}name/", cast.colin, words, at=SIGNED_AT).content.decode()
    assert "nobody is left who may answer the request" in page
    assert "All of them did it" in page
    # One of them alone would be the only one to look at what she said herself.
    name(request, *everybody[1:4], by=cast.ruth)
    assert handlers(request) == {cast.ruth.pk, cast.martin.pk, cast.sunita.pk}
    with pytest.raises(Unsound, match="nobody is left"):
        name(request, cast.martin, cast.sunita, by=cast.colin)


def test_whoever_names_is_never_the_only_one_to_look_at_it(cast: Cast) -> None:
    """R41, R44: where only she who named is left, the designated senior manager and the chief executive look too."""
    request = requested(cast, None)
    name(request, cast.imran, cast.joyce, by=cast.ruth)
    assert handlers(request) == {cast.ruth.pk, cast.karen.pk}
    assert visible(cast.martin) == []
    name(request, cast.karen, by=cast.ruth)
    assert handlers(request) == {cast.ruth.pk, cast.martin.pk, cast.sunita.pk}
    assert visible(cast.martin) == [request.pk]
    lift(request, cast.karen, by=cast.martin)
    assert visible(cast.karen) == [request.pk]
    # She reads no reason, so she can't look at what is left.
    assert handlers(request) == {cast.ruth.pk, cast.karen.pk, cast.martin.pk, cast.sunita.pk}


def test_whoever_is_named_or_barred_somebody_handles_it_and_whoever_handles_it_can_open_it(cast: Cast) -> None:
    """R44: by any two rules at once; a naming is refused or leaves somebody who can do something with the request."""
    dice = random.Random(14)
    offices = [cast.ruth, cast.imran, cast.karen, cast.joyce, cast.martin, cast.sunita]
    for each in (cast.imran, cast.joyce, cast.martin):
        manage(each, dice.choice([cast.ruth, cast.karen, cast.sunita]))
    refused = 0
    for is_linked in (False, True) * 6:
        request = requested(cast, build.case(cast) if is_linked else None)
        for staff in dice.sample(offices, 2) if is_linked else ():
            with transaction.atomic():
                concern = Concern.objects.get(requests=request)
                bar(concern, staff_id=staff.pk, reason="Named", by=cast.dev, at=SIGNED_AT)
        for _ in range(3):
            who = [User.objects.get(pk=pk) for pk in handlers(request)]
            by = dice.choice(who)
            try:
                name(request, *dice.sample([each for each in offices if each != by], 2), by=by)
            except Unsound:
                refused += 1
            left = [User.objects.get(pk=pk) for pk in handlers(request)]
            assert left
            for person in left:
                assert InformationRequest.objects.workable_by(person).filter(pk=request.pk).exists()
            namings = set(request.named_staff.values_list("staff_id", "named_by_id"))
            assert all({person.pk for person in left} - {namer} for _, namer in namings)
            assert not {person.pk for person in left} & {staff for staff, _ in namings}
        # A bar that comes later is never refused: who handles it then can open it too.
        if is_linked:
            keep_out(Concern.objects.get(requests=request), *dice.sample(offices, 3), by=cast.dev)
            for pk in handlers(request):
                assert InformationRequest.objects.workable_by(User.objects.get(pk=pk)).filter(pk=request.pk).exists()
    assert 0 < refused < 36


def test_a_request_about_a_lead_in_a_concern_that_is_closed_to_the_others(cast: Cast) -> None:
    """The information governance lead reads nothing of a restricted concern, so nobody of the usual office is left."""
    concern = build.case(cast)
    request = requested(cast, concern)
    for staff in (cast.karen, cast.imran):
        with transaction.atomic():
            bar(Concern.objects.get(pk=concern.pk), staff_id=staff.pk, reason="Named", by=cast.ruth, at=SIGNED_AT)
    assert handlers(request) == {cast.ruth.pk}
    assert visible(cast.martin) == []
    name(request, cast.ruth, by=cast.gwen)
    assert handlers(request) == {cast.martin.pk, cast.sunita.pk}
    assert visible(cast.martin) == [request.pk]
    assert not Concern.objects.visible_to(cast.martin).exists()
    answer(request, RequestAnswer.NEITHER, User.objects.get(pk=cast.martin.pk))
    assert request.answered_by == cast.martin


def test_those_who_are_left_are_told_when_somebody_who_answers_or_audits_is_named(cast: Cast) -> None:
    request = services.log_request(details=_details(), by=cast.colin, at=SIGNED_AT)
    name(request, cast.dev, by=cast.colin)
    assert told_of(notifications.STAFF_NAMED) == set()
    name(request, cast.alan, by=cast.colin)
    assert told_of(notifications.STAFF_NAMED) == {cast.ruth.pk, cast.imran.pk, cast.karen.pk, cast.joyce.pk}
    message = OutboxMessage.objects.filter(kind=notifications.STAFF_NAMED.code)[0]
    assert (message.reference, message.path) == (request.ref, request.get_absolute_url())
    with pytest.raises(Unsound) as caught:
        services.name_staff(request_id=request.pk, staff_ids=(cast.ruth.pk,), reason=" ", by=cast.colin, at=SIGNED_AT)
    assert list(caught.value.problems) == ["staff_reason"]


def test_once_it_is_answered_only_who_answers_requests_names_anybody(cast: Cast) -> None:
    request = services.log_request(details=_details(), by=cast.colin, at=SIGNED_AT)
    answer(request, RequestAnswer.NEITHER, cast.ruth)
    with pytest.raises(NotAllowed, match="is answered"):
        name(request, cast.ruth, by=cast.colin)
    path = f"{request.get_absolute_url()}name/"
    assert path not in get(request.get_absolute_url(), cast.colin, at=SIGNED_AT).content.decode()
    assert path in get(request.get_absolute_url(), cast.imran, at=SIGNED_AT).content.decode()
    name(request, cast.ruth, by=cast.imran)
    assert visible(cast.ruth) == []
    assert told_of(notifications.STAFF_NAMED) == {cast.karen.pk, cast.joyce.pk}
    assert notifications.STAFF_NAMED.may_still_know(cast.karen.pk, request.pk)


def test_a_naming_that_was_a_mistake_is_lifted_by_another(cast: Cast) -> None:
    """R41."""
    request = services.log_request(details=_details(), by=cast.colin, at=SIGNED_AT)
    name(request, cast.ruth, by=cast.imran)
    for by in (cast.colin, cast.imran, cast.alan, cast.ruth):
        with pytest.raises(NotAllowed):
            lift(request, cast.ruth, by=by)
    for staff, reason in ((cast.ruth, " "), (cast.dev, "Nobody named him")):
        with pytest.raises(Unsound):
            lift(request, staff, by=cast.karen, reason=reason)
    path = f"{request.get_absolute_url()}lift/"
    assert path not in get(request.get_absolute_url(), cast.imran, at=SIGNED_AT).content.decode()
    assert path in get(request.get_absolute_url(), cast.karen, at=SIGNED_AT).content.decode()
    form = get(path, cast.karen, at=SIGNED_AT).content.decode()
    assert "The officer gave the name" in form
    assert (
        "Choose which naming was a mistake." in post(path, cast.karen, {"reason": "x"}, at=SIGNED_AT).content.decode()
    )
    OutboxMessage.objects.all().delete()
    for guess in (f"{cast.dev.pk}-{cast.imran.pk}", f"{cast.ruth.pk}-{cast.colin.pk}", "x"):
        guessed = {"naming": guess, "reason": "A guess"}
        assert "A guess" in post(path, cast.karen, guessed, at=SIGNED_AT).content.decode()
        assert request.named_staff.get().lifted_at is None
    sent = {"naming": f"{cast.ruth.pk}-{cast.imran.pk}", "reason": "A Ruth of another landlord"}
    assert post(path, cast.karen, sent, at=SIGNED_AT)["Location"] == request.get_absolute_url()
    assert visible(cast.ruth) == [request.pk]
    assert told_of(notifications.NAMING_LIFTED) == {cast.imran.pk, cast.joyce.pk}
    assert told_of(notifications.REQUEST_RECEIVED) == {cast.ruth.pk}
    event = Event.objects.get(code="sharing.naming_lifted")
    assert (event.actor_id, event.data, event.ref) == (cast.karen.pk, {"staff": cast.ruth.pk}, request.ref)
    page = get(request.get_absolute_url(), cast.imran, at=SIGNED_AT).content.decode()
    assert "Ruth Abrahams</bdi>, Head of safeguarding: this was a mistake" in page
    assert "A Ruth of another landlord" in page
    assert "is told nothing of it" not in page
    assert "A Ruth of another landlord" not in get(request.get_absolute_url(), cast.ruth, at=SIGNED_AT).content.decode()
    with pytest.raises(NotAllowed):
        lift(request, cast.ruth, by=cast.karen)
    name(request, cast.ruth, by=cast.imran)
    assert visible(cast.ruth) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        request.named_staff.filter(lifted_at=None).update(lifted_at=SIGNED_AT, lifted_by=cast.imran, lift_reason="Own")


def keep_out(concern: Concern, *staff: User, by: User) -> None:
    for person in staff:
        with transaction.atomic():
            bar(Concern.objects.get(pk=concern.pk), staff_id=person.pk, reason="Named", by=by, at=SIGNED_AT)


def let_in_again(cast: Cast, concern: Concern, person: User) -> None:
    conflict = Conflict.objects.get(concern=concern, staff=person, lifted_at=None)
    step = case_services.ask_second_person(
        concern_id=concern.pk, act=TwoPersonAct.LIFT_CONFLICT, conflict_id=conflict.pk, reason="Not her", by=cast.ruth,
        at=SIGNED_AT,
    )  # fmt: skip
    case_services.give_second_view(step_id=step.pk, is_agreed=True, words="Agreed", by=cast.imran, at=SIGNED_AT)


def test_what_is_taken_off_a_concern_stays_closed_to_whoever_is_kept_out_of_that(cast: Cast) -> None:
    """I3, I13: as long as they are, by the bar itself; nobody is told whom a concern that they can't read keeps out."""
    concern = build.case(cast)
    request = requested(cast, concern)
    keep_out(concern, cast.karen, by=cast.ruth)
    OutboxMessage.objects.all().delete()
    for by in (cast.gwen, cast.alan):
        with pytest.raises(NotAllowed):
            services.unlink_request(request_id=request.pk, reason="Other", by=by, at=SIGNED_AT)
    version = Concern.objects.get(pk=concern.pk).version
    services.unlink_request(request_id=request.pk, reason="Another family", by=cast.ruth, at=SIGNED_AT)
    assert Concern.objects.get(pk=concern.pk).version == version + 1
    assert visible(cast.karen) == []
    assert handlers(request) == {cast.ruth.pk, cast.imran.pk, cast.joyce.pk}
    assert told_of(notifications.REQUEST_RECEIVED) == {cast.ruth.pk, cast.imran.pk, cast.joyce.pk}
    assert told_of(notifications.STAFF_NAMED) == set()
    assert not request.named_staff.exists()
    assert not Event.objects.filter(code="sharing.request_named").exists()
    for reader in (cast.imran, cast.joyce, cast.alan):
        page = get(request.get_absolute_url(), reader, at=SIGNED_AT).content.decode()
        assert "Karen Doyle" not in page
    # Whoever she manages is kept out as if she were named, and a bar that comes later counts as well.
    imran = manage(cast.imran, cast.karen)
    assert visible(imran) == []
    manage(cast.imran, cast.sunita)
    keep_out(concern, cast.joyce, by=cast.ruth)
    assert visible(cast.joyce) == []
    assert handlers(request) == {cast.ruth.pk, cast.imran.pk}
    for person in (cast.karen, cast.joyce):
        let_in_again(cast, concern, person)
        assert visible(User.objects.get(pk=person.pk)) == [request.pk]
    assert told_of(notifications.NAMING_LIFTED) == set()


def test_whoever_is_kept_out_where_it_was_linked_is_kept_out_where_it_is_linked_next(cast: Cast) -> None:
    """I3: nor does the other concern's page tell them of it."""
    first, second = build.case(cast), build.case(cast)
    request = requested(cast, first)
    keep_out(first, cast.karen, by=cast.ruth)
    services.unlink_request(request_id=request.pk, reason="Another family", by=cast.ruth, at=SIGNED_AT)
    services.link_request(request_id=request.pk, concern_ref=second.ref, by=cast.ruth, at=SIGNED_AT)
    karen = User.objects.get(pk=cast.karen.pk)
    assert Concern.objects.visible_to(karen).filter(pk=second.pk).exists()
    assert visible(karen) == []
    assert handlers(request) == {cast.ruth.pk, cast.imran.pk, cast.joyce.pk}
    assert request.ref not in get(second.get_absolute_url(), karen, at=SIGNED_AT).content.decode()
    assert request.ref in get(second.get_absolute_url(), cast.ruth, at=SIGNED_AT).content.decode()


def test_a_naming_of_somebody_who_is_kept_out_already_is_a_naming_all_the_same(cast: Cast) -> None:
    """R41: with its words, its event and its mail; and it stands when the bar is lifted."""
    concern = build.case(cast)
    request = requested(cast, concern)
    keep_out(concern, cast.karen, by=cast.ruth)
    services.unlink_request(request_id=request.pk, reason="Another family", by=cast.ruth, at=SIGNED_AT)
    OutboxMessage.objects.all().delete()
    name(request, cast.karen, by=cast.joyce)
    assert request.named_staff.get().reason == "The officer gave the name"
    assert told_of(notifications.STAFF_NAMED) == {cast.ruth.pk, cast.imran.pk}
    assert Event.objects.filter(code="sharing.request_named").count() == 1
    let_in_again(cast, concern, cast.karen)
    assert visible(User.objects.get(pk=cast.karen.pk)) == []
    lift(request, cast.karen, by=cast.imran)
    assert visible(User.objects.get(pk=cast.karen.pk)) == [request.pk]


def test_everybody_who_names_somebody_keeps_their_words_and_each_naming_is_lifted_by_itself(cast: Cast) -> None:
    """R41: by somebody who did not write it."""
    request = services.log_request(details=_details(), by=cast.colin, at=SIGNED_AT)

    def say(reason: str, by: User) -> None:
        services.name_staff(request_id=request.pk, staff_ids=(cast.karen.pk,), reason=reason, by=by, at=SIGNED_AT)

    say("The officer gave her name", cast.colin)
    say("I know that she did it", cast.imran)
    say("I saw it myself", cast.imran)
    rows = list(request.named_staff.values_list("named_by", "reason"))
    assert rows == [
        (cast.colin.pk, "The officer gave her name"),
        (cast.imran.pk, "I know that she did it\n\nI saw it myself"),
    ]
    assert Event.objects.filter(code="sharing.request_named").count() == 3
    page = get(f"{request.get_absolute_url()}lift/", cast.ruth, at=SIGNED_AT).content.decode()
    for words in ("Karen Doyle, named by Colin Baker", "Karen Doyle, named by Imran", "I saw it myself"):
        assert words in page
    OutboxMessage.objects.all().delete()
    lift(request, cast.karen, by=cast.imran)
    assert list(request.named_staff.filter(lifted_at=None).values_list("named_by", flat=True)) == [cast.imran.pk]
    assert visible(cast.karen) == []
    assert told_of(notifications.REQUEST_RECEIVED) == set()
    with pytest.raises(NotAllowed):
        lift(request, cast.karen, by=cast.imran)
    lift(request, cast.karen, by=cast.ruth)
    assert visible(cast.karen) == [request.pk]
    assert told_of(notifications.REQUEST_RECEIVED) == {cast.karen.pk}


def test_whoever_was_named_by_mistake_reads_no_reason_and_lifts_no_naming(cast: Cast) -> None:
    """R41: one reason may tell of everybody who was named."""
    request = services.log_request(details=_details(), by=cast.colin, at=SIGNED_AT)
    services.name_staff(
        request_id=request.pk, staff_ids=(cast.ruth.pk, cast.karen.pk), reason="Both were seen doing it",
        by=cast.colin, at=SIGNED_AT,
    )  # fmt: skip
    lift(request, cast.ruth, by=cast.imran, reason="It was not her, it was Karen")
    page = get(request.get_absolute_url(), cast.ruth, at=SIGNED_AT).content.decode()
    assert "Karen Doyle" in page, "so that she does not speak to her about it"
    for words in ("Both were seen doing it", "it was Karen"):
        assert words not in page
        assert words in get(request.get_absolute_url(), cast.imran, at=SIGNED_AT).content.decode()
    path = f"{request.get_absolute_url()}lift/"
    assert path not in page
    assert get(path, cast.ruth, at=SIGNED_AT).status_code == 302
    with pytest.raises(NotAllowed, match="You were named"):
        lift(request, cast.karen, by=cast.ruth)
    lift(request, cast.karen, by=cast.imran, reason="Nor she: both were at work")
    page = get(request.get_absolute_url(), cast.karen, at=SIGNED_AT).content.decode()
    assert "Both were" not in page
    assert "both were" not in page


def test_bars_that_come_after_a_naming_leave_somebody_to_handle_the_request(cast: Cast) -> None:
    """R44: the information governance lead, and where she has a part in it too, who named somebody."""
    concern = build.case(cast)
    request = requested(cast, concern)
    name(request, cast.ruth, cast.karen, by=cast.gwen)
    keep_out(concern, cast.imran, cast.martin, cast.sunita, by=cast.dev)
    assert Concern.objects.get(pk=concern.pk).is_restricted
    assert handlers(request) == {cast.joyce.pk}
    joyce, gwen = (User.objects.get(pk=who.pk) for who in (cast.joyce, cast.gwen))
    assert visible(joyce) == [request.pk]
    assert InformationRequest.objects.workable_by(joyce).exists()
    for person in (cast.ruth, cast.karen, cast.imran, cast.martin, cast.sunita, cast.alan, cast.colin):
        assert visible(User.objects.get(pk=person.pk)) == []
    keep_out(concern, cast.joyce, by=cast.dev)
    assert handlers(request) == {gwen.pk}
    assert visible(gwen) == [request.pk]
    assert visible(User.objects.get(pk=cast.joyce.pk)) == []
    services.sweep_requests(at=SIGNED_AT + 400 * 24 * HOUR)
    assert gwen.pk in told_of(notifications.REQUEST_OVERDUE)
    answer(request, RequestAnswer.NEITHER, gwen)
    assert request.answered_by == gwen


def test_only_who_works_on_the_concern_takes_a_request_off_it(cast: Cast) -> None:
    plain = requested(cast, build.case(cast))
    with pytest.raises(NotAllowed, match="works on the concern"):
        services.unlink_request(request_id=plain.pk, reason="Other", by=cast.joyce, at=SIGNED_AT)
    concern = build.case(cast)
    order = requested(cast, concern, is_compulsory=True)
    with transaction.atomic():
        restrict(Concern.objects.get(pk=concern.pk), by=cast.ruth, at=SIGNED_AT)
    joyce, gwen = User.objects.get(pk=cast.joyce.pk), User.objects.get(pk=cast.gwen.pk)
    for by in (joyce, gwen):
        with pytest.raises(NotAllowed):
            services.unlink_request(request_id=order.pk, reason="Other", by=by, at=SIGNED_AT)
    assert (
        f"{order.get_absolute_url()}unlink/" not in get(order.get_absolute_url(), joyce, at=SIGNED_AT).content.decode()
    )
    services.unlink_request(request_id=order.pk, reason="Other", by=cast.imran, at=SIGNED_AT)
    with pytest.raises(DatabaseError), transaction.atomic():
        RequestUnlinked.objects.update(reason="Other words")


def test_whoever_is_named_sees_nothing_of_the_request_on_the_concern_either(cast: Cast) -> None:
    """I3: not in its history, its panel, or why it was taken off again."""
    concern = build.case(cast)
    request = requested(cast, concern, staff_ids=(cast.dev.pk,))
    told = "Request for information received", "Member of staff named in a request for information", request.ref
    for reader, is_told in ((cast.ruth, True), (cast.gwen, True), (cast.dev, False)):
        page = get(concern.get_absolute_url(), reader, at=SIGNED_AT).content.decode()
        assert [words in page for words in told] == [is_told] * 3
    page = get(request.get_absolute_url(), cast.gwen, at=SIGNED_AT).content.decode()
    assert "can still open the concern" in page
    assert reverse("concerns:add-person", args=[concern.ref]) in page
    page = get(request.get_absolute_url(), cast.ruth, at=SIGNED_AT).content.decode()
    assert "ask whoever holds the concern to add them to it" in page
    services.unlink_request(request_id=request.pk, reason="It is about a champion.", by=cast.ruth, at=SIGNED_AT)
    told = "Request for information taken off a concern", "It is about a champion.", request.ref
    for reader, is_told in ((cast.ruth, True), (cast.gwen, True), (cast.dev, False)):
        page = get(concern.get_absolute_url(), reader, at=SIGNED_AT).content.decode()
        assert [words in page for words in told] == [is_told] * 3
    linking = get(f"{request.get_absolute_url()}link/", cast.ruth, at=SIGNED_AT).content.decode()
    assert "Being named in a request keeps nobody out of a concern." in linking
    # Whom the concern bars is no longer told of as reading it.
    services.link_request(request_id=request.pk, concern_ref=concern.ref, by=cast.ruth, at=SIGNED_AT)
    with transaction.atomic():
        bar(Concern.objects.get(pk=concern.pk), staff_id=cast.dev.pk, reason="Named", by=cast.ruth, at=SIGNED_AT)
    page = get(request.get_absolute_url(), cast.ruth, at=SIGNED_AT).content.decode()
    assert "can still open the concern" not in page


def test_a_named_auditors_own_attempts_are_like_those_at_what_is_not_there(cast: Cast) -> None:
    """I3, R145: and of what others tried with the request nothing is seen."""
    request = requested(cast, build.case(cast), staff_ids=(cast.alan.pk,))
    get(request.get_absolute_url(), cast.priya, at=SIGNED_AT)
    post(f"{request.get_absolute_url()}answer/", cast.ruth, {}, at=SIGNED_AT)
    refused = Wanted(access=Access.REFUSAL)
    before = len(access_page(cast.alan, refused).lines)
    with time_machine.travel(SIGNED_AT, tick=False):
        for ref in (request.ref, "RQ-2222-2222"):
            assert get(f"/sharing/requests/{ref}/", cast.alan, at=SIGNED_AT).status_code == 404
    lines = access_page(cast.alan, refused).lines
    assert len(lines) == before + 2
    real, made_up = (dataclasses.replace(line, mark="") for line in reversed(lines[:2]))
    assert real == made_up
    assert real.ref == ""
    assert {line.who for line in lines if "informationrequest" in line.detail} == {"Alan Whitfield"}
    assert not [line for line in lines if line.detail == "request answer"]
    tried = {line.who for line in access_page(cast.joyce, refused).lines}
    assert {"Alan Whitfield", "Priya Nair"} <= tried


def test_somebody_of_a_firm_who_is_not_in_the_list_can_be_meant(cast: Cast) -> None:
    """T15: the clock starts, and what was answered is kept."""
    sent = {
        "kind": "police", "person": "PC Hall", "received_at_0": "17", "received_at_1": "3", "received_at_2": "2026",
        "received_at_time": "10:00am", "received_how": "phone", "asked": "His record", "about": "Zebedee of Fixit Ltd",
        "purpose": "Inquiry", "legal_basis": "none", "is_compulsory": "no", "is_emergency": "no",
        "staff_words": "Zebedee", "is_about_staff": "yes",
    }  # fmt: skip
    page = post("/sharing/requests/add/", cast.gwen, sent, at=SIGNED_AT).content.decode()
    assert "choose “Yes, but they are not in our list”" in page
    assert "Zebedee of Fixit Ltd" in page
    post("/sharing/requests/add/", cast.gwen, {**sent, "is_about_staff": "unlisted"}, at=SIGNED_AT)
    request = InformationRequest.objects.get()
    assert (request.is_about_unlisted, request.named_staff.count()) == (True, 0)
    assert request.due_at == datetime(2026, 3, 19, 10, 0, tzinfo=UTC)
    shown = get(request.get_absolute_url(), cast.ruth, at=SIGNED_AT).content.decode()
    assert "Somebody who works for or with us and is not in our list." in shown
    named = post(f"{request.get_absolute_url()}name/", cast.ruth, {"staff_words": "Zebedee"}, at=SIGNED_AT)
    assert "so you need not name them" in named.content.decode()


# --- To read is not to act (ADR 13) ------------------------------------------------------------------------


def let_in_by_name(cast: Cast, concern: Concern) -> User:
    case_services.let_in(
        concern_id=concern.pk, person=cast.mei, until=SIGNED_AT + 48 * HOUR, reason="Advice", by=cast.ruth, at=SIGNED_AT
    )
    return cast.mei


def by_break_glass(cast: Cast, concern: Concern, who: str) -> User:
    restrict(Concern.objects.get(pk=concern.pk), by=cast.ruth, at=SIGNED_AT)
    user: User = getattr(cast, who)
    case_services.break_glass(ref=concern.ref, reason="agency", words="They ask now.", by=user, at=SIGNED_AT)
    return user


READERS: dict[str, Callable[[Cast, Concern], User]] = {
    "let in by name": let_in_by_name,
    "a champion by break-glass": lambda cast, concern: by_break_glass(cast, concern, "mei"),
    "the information governance lead by break-glass": lambda cast, concern: by_break_glass(cast, concern, "joyce"),
}


@pytest.mark.parametrize("how", READERS)
def test_whoever_only_reads_the_case_does_nothing_with_its_requests(cast: Cast, how: str) -> None:
    with time_machine.travel(SIGNED_AT, tick=False):
        concern = build.case(cast)
        request = requested(cast, concern)
        by = User.objects.get(pk=READERS[how](cast, concern).pk)
        assert InformationRequest.objects.visible_to(by).filter(pk=request.pk).exists()
        acts: list[Any] = [
            lambda: services.verify_requester(
                request_id=request.pk, number="01632 960500", how="Rang", by=by, at=SIGNED_AT
            ),
            lambda: services.decide_about_request(request_id=request.pk, by=by, at=SIGNED_AT),
            lambda: answer(request, RequestAnswer.NEITHER, by),
            lambda: services.record_requester_told(
                request_id=request.pk, telling=Telling(unsafe_reason="Unsafe"), by=by, at=SIGNED_AT
            ),
        ]
        for act in acts:
            with pytest.raises(NotAllowed, match="can read this request but not change anything"):
                act()
        request.refresh_from_db()
        assert (request.verified_at, request.answer) == (None, "")
        page = get(request.get_absolute_url(), by, at=SIGNED_AT)
        assert page.status_code == 200
        assert f"{request.get_absolute_url()}verify/" not in page.content.decode()


def test_a_request_is_linked_only_by_somebody_who_works_on_the_concern(cast: Cast) -> None:
    with time_machine.travel(SIGNED_AT, tick=False):
        concern = build.case(cast)
        mei = User.objects.get(pk=let_in_by_name(cast, concern).pk)
        request = services.log_request(details=_details(), by=mei, at=SIGNED_AT)
        with pytest.raises(Unsound) as caught:
            services.link_request(request_id=request.pk, concern_ref=concern.ref, by=mei, at=SIGNED_AT)
        assert caught.value.problems == {"concern_ref": ["No concern that you can work on has this reference."]}
        services.link_request(request_id=request.pk, concern_ref=concern.ref, by=cast.ruth, at=SIGNED_AT)


def test_the_information_governance_lead_works_on_what_is_theirs_by_office(cast: Cast) -> None:
    """An unrestricted concern; and in a restricted one what has the force of law (R107)."""
    request = verified_by_joyce(cast, build.case(cast))
    answer(request, RequestAnswer.NEITHER, cast.joyce)
    assert request.answered_by == cast.joyce
    concern = build.case(cast)
    order = requested(cast, concern, is_compulsory=True)
    restrict(Concern.objects.get(pk=concern.pk), by=cast.ruth, at=SIGNED_AT)
    answer(order, RequestAnswer.NEITHER, User.objects.get(pk=cast.joyce.pk))
    assert order.answered_by == cast.joyce


def verified_by_joyce(cast: Cast, concern: Concern) -> InformationRequest:
    request = requested(cast, concern)
    services.verify_requester(request_id=request.pk, number="01632 960500", how="Rang", by=cast.joyce, at=SIGNED_AT)
    request.refresh_from_db()
    return request


def test_whoever_only_reads_the_case_leads_no_enquiry_into_it(cast: Cast) -> None:
    with time_machine.travel(SIGNED_AT, tick=False):
        concern = build.case(cast)
        mei = User.objects.get(pk=let_in_by_name(cast, concern).pk)
        assert Concern.objects.visible_to(mei).filter(pk=concern.pk).exists()
        assert not permissions.is_fit_lead(mei, concern)
        assert mei not in possible_leads(concern)
        assert permissions.is_fit_lead(cast.dev, concern)
