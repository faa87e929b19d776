"""The process attacked: can a concern be dropped in silence, or anybody learn what they must not? (I3, R43, R145)"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.models import Event
from concerns import services
from concerns.models import Concern, Dissatisfaction
from concerns.notifications import NOT_SATISFIED, REPORTER_TOLD
from concerns.selectors.access import Wanted, access_lines
from concerns.selectors.home import home_of
from concerns.selectors.queue import Place
from concerns.services.conflicts import bar
from concerns.vocabulary import ReviewOutcome, State
from safeguarding.kit.errors import NotNow
from safeguarding.kit.models import OutboxMessage
from safeguarding.kit.outbox import all_kinds
from sharing import services as sharing
from sharing.vocabulary import AgencyKind, ReferralOutcome, SharingMethod
from tests.build import cases, route
from tests.build import sharing as build
from tests.build.cast import PASSWORD, Cast, make_cast
from tests.build.intakes import ABOUT_MANAGER, CHILD, PLAIN
from tests.build.sharing import SIGNED_AT, fresh
from tests.build.web import get, post, statements

pytestmark = pytest.mark.django_db
AT = cases.AT
LATER = AT + timedelta(hours=2)
HOUR = timedelta(hours=1)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


# --- What the page, the queue and the messages must not tell ---


def test_the_cursor_of_the_queue_answers_nothing_about_a_concern_that_one_may_not_read(cast: Cast) -> None:
    """An address made up by hand, with the reference of a hidden concern that came later than one's own."""
    mine = cases.submitted(cast)
    hidden = cases.submitted(cast, intake=ABOUT_MANAGER, by=cast.priya)
    place = Place(mine.urgency_rank, mine.next_due_at, hidden.ref)
    unknown = Place(mine.urgency_rank, mine.next_due_at, "SC-AAAA-AAAA")
    for side in ("after", "before"):
        shown = [
            mine.ref in get(f"/queue/?{side}={each}", cast.dev, at=LATER).content.decode() for each in (place, unknown)
        ]
        assert shown[0] == shown[1], side


def unsatisfied(cast: Cast) -> Dissatisfaction:
    """Gwen, Amara's manager, holds it; Amara is not satisfied, and somebody without a part in it is asked."""
    concern = cases.acknowledged(cast)
    services.say_not_satisfied(concern_id=concern.pk, words="It is not fine.", by=cast.amara, at=LATER)
    return Dissatisfaction.objects.select_related("reviewer", "concern").get()


def test_whoever_is_complained_of_does_not_learn_who_looks_at_it(cast: Cast) -> None:
    """Scenario 10: neither from the words, nor from the history of who opened what."""
    row = unsatisfied(cast)
    path = row.concern.get_absolute_url()
    name = row.reviewer.full_name
    assert row.reviewer in (cast.dev, cast.nadia)
    get(path, row.reviewer, at=LATER)
    before = get(path, cast.gwen, at=LATER).content.decode()
    assert "The person who reported it is not satisfied" in before
    assert "Somebody who had no part in it" in before
    assert name not in before
    assert name in get(path, row.reviewer, at=LATER).content.decode()
    assert name in get(path, cast.ruth, at=LATER).content.decode()
    services.answer_dissatisfaction(
        concern_id=row.concern_id, is_upheld=False, answer="We looked.", by=row.reviewer, at=LATER
    )
    assert name in get(path, cast.gwen, at=LATER).content.decode(), "once it is decided it may be known"


def test_opening_a_decision_or_referral_is_not_told_to_the_holder(cast: Cast) -> None:
    concern, record, referral = build.shared(cast)
    for path in (record.get_absolute_url(), referral.get_absolute_url()):
        assert get(path, cast.imran, at=route.NOW).status_code == 200
    assert Event.objects.filter(concern_id=concern.pk, code="sharing.referral_viewed", actor_id=cast.imran.pk).exists()
    assert "Imran Sheikh" not in get(concern.get_absolute_url(), cast.gwen, at=route.NOW).content.decode()


def test_a_message_to_whoever_is_named_before_it_leaves_does_not_leave(cast: Cast) -> None:
    """The reviewer and the reporter are named in it between the queueing and the delivery."""
    row = unsatisfied(cast)
    services.give_feedback(concern_id=row.concern_id, text="We went there.", by=cast.gwen, at=LATER)
    assert NOT_SATISFIED.may_still_know(row.reviewer_id, row.pk)
    assert REPORTER_TOLD.may_still_know(cast.amara.pk, row.concern_id)
    for person in (row.reviewer, cast.amara):
        concern = services.base.lock(row.concern_id)
        bar(concern, staff_id=person.pk, reason="Named.", by=cast.ruth, at=LATER)
    assert not NOT_SATISFIED.may_still_know(row.reviewer_id, row.pk)
    assert not REPORTER_TOLD.may_still_know(cast.amara.pk, row.concern_id)


def test_a_protected_reporter_stays_without_a_name_after_joining(cast: Cast) -> None:
    """R43: what they do later stands on the survivor, and their name does not."""
    survivor = cases.acknowledged(cast, by=cast.sian)
    hidden = services.raise_concern(intake=replace(PLAIN, is_hidden_from_manager=True), by=cast.amara, at=AT)
    services.merge(concern_id=hidden.pk, into_id=survivor.pk, reason="One visit.", by=cast.ruth, at=LATER)
    sharing.record_direct_referral(concern_id=hidden.pk, call=call(), by=cast.amara, at=LATER)
    survivor = fresh(survivor)
    page = get(survivor.get_absolute_url(), cast.karen, at=LATER).content.decode()
    assert "Went direct to an agency" in page
    assert "Amara" not in page
    assert "Amara" in get(survivor.get_absolute_url(), cast.ruth, at=LATER).content.decode()


def test_a_protected_reporter_who_went_direct_is_not_named_on_the_referral(cast: Cast) -> None:
    hidden = services.raise_concern(intake=replace(PLAIN, is_hidden_from_manager=True), by=cast.amara, at=AT)
    referral = sharing.record_direct_referral(concern_id=hidden.pk, call=call(), by=cast.amara, at=LATER)
    page = get(referral.get_absolute_url(), cast.karen, at=LATER).content.decode()
    assert "Recorded by the person who reported it" in page
    assert "Amara" not in page
    assert "Amara" in get(referral.get_absolute_url(), cast.ruth, at=LATER).content.decode()


def call() -> sharing.DirectCall:
    return sharing.DirectCall(
        agency_name="Larkshire police",
        agency_kind=AgencyKind.POLICE,
        spoken_to="Control room",
        told_at=AT,
        method=SharingMethod.PHONE,
        what_was_said="That he was at the door.",
    )


# --- Joined once, and separated since: the one tells nothing of the other (I3) ---


@pytest.fixture
def once_joined(cast: Cast) -> tuple[Concern, Concern]:
    """What Siân reported was joined to what Amara had reported, and separated again: the part, and where it was."""
    survivor, part = cases.submitted(cast), cases.submitted(cast, by=cast.sian, intake=replace(PLAIN, people=(CHILD,)))
    services.merge(concern_id=part.pk, into_id=survivor.pk, reason="One doorway.", by=cast.ruth, at=LATER)
    services.separate(concern_id=part.pk, reason="Another flat.", by=cast.ruth, at=LATER + HOUR)
    return part, survivor


def all_that_is_told(concern: Concern, reader: User) -> str:
    """The page, and where there is one the report of who came near it, with every change."""
    page = get(concern.get_absolute_url(), reader, at=LATER + 3 * HOUR)
    report = get(f"{concern.get_absolute_url()}access/?show=all", reader, at=LATER + 3 * HOUR)
    assert page.status_code == 200
    return "".join(str(answer.content.decode()) for answer in (page, report) if answer.status_code == 200)


@pytest.mark.parametrize("name", ["dev", "imran"])
def test_what_was_joined_once_says_nothing_of_where_to_whoever_is_barred_there(
    cast: Cast, once_joined: tuple[Concern, Concern], name: str
) -> None:
    part, survivor = once_joined
    reader = getattr(cast, name)
    for word in ("Joined to", "Separated again", "One doorway", "Another flat", survivor.ref):
        assert word in all_that_is_told(part, reader), word
    bar(services.base.lock(survivor.pk), staff_id=reader.pk, reason="Named.", by=cast.ruth, at=LATER + 2 * HOUR)
    told = all_that_is_told(part, reader)
    for word in ("Joined to", "Separated", "separated", "One doorway", "Another flat", survivor.ref):
        assert word not in told, word
    assert "Whoever holds it was chosen afresh" in told


@pytest.mark.parametrize("name", ["dev", "imran"])
def test_what_took_it_in_says_nothing_of_it_to_whoever_is_barred_from_it(
    cast: Cast, once_joined: tuple[Concern, Concern], name: str
) -> None:
    part, survivor = once_joined
    reader = getattr(cast, name)
    for word in ("Another concern was joined to this one", "the concerns were separated"):
        assert word in all_that_is_told(survivor, reader), word
    bar(services.base.lock(part.pk), staff_id=reader.pk, reason="Named.", by=cast.ruth, at=LATER + 2 * HOUR)
    told = all_that_is_told(survivor, reader)
    for word in ("joined", "separated", "One doorway", "Another flat", part.ref):
        assert word not in told, word


def test_the_file_of_the_access_report_says_nothing_of_it_either(
    cast: Cast, once_joined: tuple[Concern, Concern]
) -> None:
    """Who reads the ledger by office, without narrowing it to one concern."""
    part, survivor = once_joined
    everything = Wanted(access="all")
    bar(services.base.lock(part.pk), staff_id=cast.joyce.pk, reason="Named.", by=cast.ruth, at=LATER + 2 * HOUR)
    codes = {line.code for line in access_lines(cast.joyce, everything, before=10**9) if line.ref == survivor.ref}
    assert "concern.took_in" not in codes
    assert "concern.took_in" in {line.code for line in access_lines(cast.alan, everything, before=10**9)}


# --- What was refused is in the ledger, and unknown and not allowed are one ---


def without_tokens(answer: Any) -> str:
    """The page without the reference in its address and what is drawn by lot for every page."""
    without_refs = re.sub(r"(ISD|RF|SC)-[A-Z0-9]{4}-[A-Z0-9]{4}", "", answer.content.decode())
    return re.sub(r"[A-Za-z0-9+/=_-]{20,}", "", without_refs)


def test_a_closed_door_and_no_door_look_alike_and_both_are_kept(cast: Cast) -> None:
    concern, record, referral = build.shared(cast)
    paths = {
        record.get_absolute_url(): reverse("sharing:show-record", args=["ISD-AAAA-AAAA", 1]),
        referral.get_absolute_url(): reverse("sharing:show-referral", args=["RF-AAAA-AAAA"]),
        reverse("sharing:record-direct-call", args=[concern.ref]): reverse(
            "sharing:record-direct-call", args=["SC-AAAA-AAAA"]
        ),
        reverse("concerns:show-receipt", args=[concern.ref]): reverse("concerns:show-receipt", args=["SC-AAAA-AAAA"]),
    }
    for closed, unknown in paths.items():
        count = Event.objects.filter(code="audit.act_refused").count()
        answers = [get(path, cast.colin, at=route.NOW) for path in (closed, unknown)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert without_tokens(answers[0]) == without_tokens(answers[1])
        refused = Event.objects.filter(code="audit.act_refused", actor_id=cast.colin.pk).order_by("pk")[count:]
        assert [event.concern_id for event in refused] == [concern.pk, None], closed


def form_with_reference(page: str, cast: Cast) -> tuple[str, User, dict[str, str], str]:
    """A form that takes a reference: where it is sent, by whom, with what, and which field the reference is."""
    nothing = {"person": "", "ref": "", "access": ""}
    if page == "join":
        mine = cases.acknowledged(cast, holder=cast.dev)
        return reverse("concerns:join-concern", args=[mine.ref]), cast.dev, {}, "ref"
    if page == "link":
        asked = build.requested(cast, None, at=AT)
        return f"{asked.get_absolute_url()}link/", cast.ruth, {}, "concern_ref"
    if page == "log":
        whole = {
            "kind": "police", "person": "PC Hall", "received_at_0": "3", "received_at_1": "2", "received_at_2": "2026",
            "received_at_time": "10:00am", "received_how": "phone", "asked": "Who lives there", "about": "Number 9",
            "purpose": "Inquiry", "legal_basis": "none", "is_compulsory": "no", "is_emergency": "no",
            "is_about_staff": "no",
        }  # fmt: skip
        return "/sharing/requests/add/", cast.dev, whole, "concern_ref"
    return {
        "search": ("/search/", cast.dev, {}, "words"),
        "access": ("/access/", cast.alan, nothing, "ref"),
        "export": ("/access/export/", cast.alan, {**nothing, "reason": "Yearly audit"}, "ref"),
    }[page]


@pytest.mark.parametrize("page", ["join", "link", "log", "search", "access", "export"])
def test_a_reference_guessed_in_a_form_is_kept_like_one_in_an_address(cast: Cast, page: str) -> None:
    """ADR 23: the sentence and what it costs are the same for one that is closed to them and one that is none."""
    hidden = cases.acknowledged(cast, by=cast.sian)
    path, user, sent, field = form_with_reference(page, cast)
    bar(Concern.objects.get(pk=hidden.pk), staff_id=user.pk, reason="Named.", by=cast.imran, at=AT)
    client = Client()
    with time_machine.travel(LATER, tick=False):
        client.post("/account/login/", {"login": user.email, "password": PASSWORD})
        client.get("/")
        newest = Event.objects.order_by("-pk").values_list("pk", flat=True)[0]
        answers, costs = [], []
        for ref in ("SC-2222-2222", hidden.ref):
            with CaptureQueriesContext(connection) as captured:
                answers.append(client.post(path, {**sent, field: ref}))
            costs.append(len(statements(captured)))
    assert [answer.status_code for answer in answers] == [200, 200]
    assert without_tokens(answers[0]) == without_tokens(answers[1])
    assert costs[0] == costs[1]
    read = ("concerns.read", "sharing.read-concern")
    tried = Event.objects.filter(code="audit.act_refused", pk__gt=newest, actor_id=user.pk).order_by("pk")
    kept = [(event.concern_id, event.ref) for event in tried if event.data["act"] in read]
    assert kept == [(None, ""), (hidden.pk, hidden.ref)]


def test_a_reference_that_one_may_read_and_a_name_are_no_guess(cast: Cast) -> None:
    """Ten letters, as a reference has without its hyphens; and one's own, which can't be joined to itself."""
    mine = cases.acknowledged(cast, holder=cast.dev)
    for words in ("Ellen Marsh", "Scott Brown", "Jean", mine.ref):
        post("/search/", cast.dev, {"words": words}, at=LATER)
    post(reverse("concerns:join-concern", args=[mine.ref]), cast.dev, {"ref": mine.ref}, at=LATER)
    assert not Event.objects.filter(code="audit.act_refused").exists()


@pytest.mark.parametrize("page", ["log", "enquiry", "question", "agreement", "export"])
def test_what_a_form_is_refused_with_is_in_the_ledger(cast: Cast, page: str) -> None:
    concern = build.case(cast)
    path, user, act, concern_id = {
        "log": ("/sharing/requests/add/", cast.dev, "sharing.log-request", None),
        "enquiry": (
            reverse("sharing:record-enquiry", args=[concern.ref]), cast.gwen, "sharing.record-enquiry", concern.pk
        ),
        "question": (reverse("sharing:ask-agency", args=[concern.ref]), cast.gwen, "sharing.ask-agency", concern.pk),
        "agreement": (reverse("sharing:add-agreement"), cast.joyce, "sharing.add-agreement", None),
        "export": (reverse("sharing:start-export"), cast.ruth, "sharing.export-records", None),
    }[page]  # fmt: skip
    client = Client()
    with time_machine.travel(SIGNED_AT, tick=False):
        client.post("/account/login/", {"login": user.email, "password": PASSWORD})
        assert client.post(path, {}).status_code == 200
    refused = Event.objects.filter(code="audit.act_refused", actor_id=user.pk)
    assert [(event.data["act"], event.data["why"], event.concern_id) for event in refused] == [
        (act, "unsound", concern_id)
    ]


# --- What is asked of somebody who can't do it ---


def test_a_closing_that_takes_a_lead_is_not_asked_of_a_champion(cast: Cast) -> None:
    """2.5, 2.6 condition 12: after a decline, whatever the level of risk."""
    concern, referral = build.sent(cast)
    at, holder = SIGNED_AT + timedelta(minutes=30), cast.gwen
    said = sharing.Word("Ms Lund", at, "Not our threshold.")
    sharing.record_outcome(
        referral_id=referral.pk, outcome=ReferralOutcome.DECLINED_CRITERIA, word=said, by=holder, at=at
    )
    route.check_receipt(referral, by=cast.ruth, at=at)
    sharing.end_referral(referral_id=referral.pk, words="Her niece visits daily.", by=cast.ruth, at=at)
    cases.answer_outcomes(fresh(concern), at=at)
    later = route.NOW + timedelta(days=1)
    services.record_review(
        concern_id=concern.pk, by=cast.ruth, at=later,
        findings=services.ReviewFindings(ReviewOutcome.NO_CHANGE, "As before.", False, route.TODAY + timedelta(days=8)),
    )  # fmt: skip
    services.propose_closure(concern_id=concern.pk, closure=cases.CLOSURE, by=cast.ruth, at=later)
    assert [row.ref for row in home_of(cast.dev, at=later).closings] == []
    assert [row.ref for row in home_of(cast.imran, at=later).closings] == [concern.ref]
    told = OutboxMessage.objects.filter(kind="concern.closure_waits").values_list("recipient_id", flat=True)
    assert set(told) == {cast.imran.pk}


# --- Nothing is dropped in silence ---


def test_what_was_joined_to_a_concern_is_not_lost_by_calling_that_one_an_error(cast: Cast) -> None:
    survivor, joined = cases.submitted(cast), cases.submitted(cast, by=cast.sian)
    services.merge(concern_id=joined.pk, into_id=survivor.pk, reason="One visit.", by=cast.ruth, at=LATER)
    with pytest.raises(NotNow, match="would be lost with it"):
        route.enter_in_error(fresh(survivor), asked_by=cast.ruth, agreed_by=cast.imran, at=LATER)
    assert fresh(survivor).is_open


def test_what_is_added_after_closing_reaches_the_leads(cast: Cast) -> None:
    concern = route.closed(cast)
    services.add_to_report(concern_id=concern.pk, text="He is back.", form_key="k" * 24, by=cast.amara, at=route.NOW)
    rows = OutboxMessage.objects.filter(kind="concern.report_added_to", reference=concern.ref)
    assert set(rows.values_list("recipient_id", flat=True)) == {cast.ruth.pk, cast.imran.pk}
    assert all(all_kinds()[row.kind].may_still_know(row.recipient_id, row.about_id) for row in rows)


def test_a_reporter_who_is_right_about_an_error_has_the_concern_opened(cast: Cast) -> None:
    """It was no error; the answer alone would have left it for dead."""
    concern = route.void(cast)
    services.say_not_satisfied(concern_id=concern.pk, words="It was real.", by=cast.amara, at=route.NOW)
    row = Dissatisfaction.objects.get(concern=concern)
    services.answer_dissatisfaction(
        concern_id=concern.pk, is_upheld=True, answer="You are right.", by=row.reviewer, at=route.NOW
    )
    opened = Concern.objects.get(pk=concern.pk)
    assert opened.state == State.TRIAGE
    assert opened.responsible is not None
