"""What a decision links: the request that it answers (fields 3 and 4), the DASH record of ground C8, an order (C9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse

from concerns import services as concerns
from concerns.dash import DashDetails
from concerns.models import Concern, DashRecord
from concerns.selectors.who_sees import who_sees
from safeguarding.kit.errors import Unsound
from safeguarding.kit.models import OutboxMessage
from sharing import services
from sharing.answers import Ground, Start
from sharing.models import SignedRecord
from sharing.record import Record
from sharing.vocabulary import RequestAnswer
from tests.build import cases, decisions
from tests.build import sharing as build
from tests.build.cast import Cast
from tests.build.intakes import ABOUT_MANAGER
from tests.build.web import get, post

AT = build.SIGNED_AT


def on_request(ref: str) -> Record:
    """Share all on a request; who asked and how it was checked are claimed by hand and must not be believed."""
    start = Start(
        trigger="request", request=ref, third_parties="no", request_kind="media", request_from="Somebody",
        request_on=date(2020, 1, 1), request_verified="Trust me.",
    )  # fmt: skip
    return replace(decisions.agreed(), start=start)


def problems_of(concern: Concern, record: Record, cast: Cast) -> dict[str, list[str]]:
    with pytest.raises(Unsound) as refused:
        build.signed(concern, record, agency=build.adult_care(cast))
    return dict(refused.value.problems)


def test_a_decision_by_hand_on_a_request_links_that_request(cast: Cast) -> None:
    concern = build.case(cast)
    missing = "Choose the request that this decision answers. If it is not there, record it and link it first."
    found = problems_of(concern, on_request(""), cast)
    assert found["start.request"] == [missing]
    draft = concern.decisions.get()
    services.withdraw_draft(decision_id=draft.pk, reason="Wrong.", by=build.holder_of(concern), at=AT)

    request = build.verified(cast, build.requested(cast, concern))
    signed = build.signed(concern, on_request(request.ref), agency=build.adult_care(cast))
    start = signed.document["record"]["start"]
    assert signed.decision.request == request
    assert start["request"] == request.ref
    assert (start["request_kind"], start["request_on"]) == ("s47", "2026-03-17")
    assert start["request_from"] == "Nadia Osei, Social worker, Larkshire Council"
    assert "01632 960 500" in start["request_verified"]
    assert "Trust me" not in signed.canonical
    services.answer_request(request_id=request.pk, answer=RequestAnswer.FULL, words="", by=cast.ruth, at=AT)
    request.refresh_from_db()
    assert request.record == signed


def test_a_request_of_another_concern_or_one_that_is_answered_is_no_link(cast: Cast) -> None:
    concern, other = build.case(cast), build.case(cast)
    elsewhere = build.verified(cast, build.requested(cast, other))
    wrong = "This request is answered already, or is about another concern. Choose another."
    assert wrong in problems_of(concern, on_request(elsewhere.ref), cast)["start.request"]
    assert concern.decisions.get().request is None


def test_an_unverified_request_can_not_be_shared_on(cast: Cast) -> None:
    concern = build.case(cast)
    request = build.requested(cast, concern)
    found = problems_of(concern, on_request(request.ref), cast)
    assert list(found) == ["start.request_verified"]


def test_a_request_is_not_answered_share_without_its_signed_decision(cast: Cast) -> None:
    """The other side: a signed decision on our own initiative is no answer to a request."""
    concern = build.case(cast)
    request = build.verified(cast, build.requested(cast, concern))
    build.signed(concern, decisions.agreed(), agency=build.adult_care(cast))
    for answer in (RequestAnswer.FULL, RequestAnswer.PART):
        with pytest.raises(Unsound):
            services.answer_request(request_id=request.pk, answer=answer, words="", by=cast.ruth, at=AT)
    request.refresh_from_db()
    assert request.answer == ""


def test_the_first_page_offers_the_requests_of_the_concern(cast: Cast) -> None:
    concern, other = build.case(cast), build.case(cast)
    mine, theirs = build.requested(cast, concern), build.requested(cast, other)
    holder = build.holder_of(concern)
    draft = services.start_decision(concern_id=concern.pk, by=holder, at=AT)
    path = reverse("sharing:edit-page", args=[draft.ref, 1, "start"])
    page = get(path, holder, at=AT).content.decode()
    assert mine.ref in page
    assert theirs.ref not in page
    sent = {"trigger": "request", "request": mine.ref, "third_parties": "no", "seen_edit": "1"}
    assert post(path, holder, sent, at=AT).status_code == 302
    draft.refresh_from_db()
    assert draft.request == mine
    assert post(path, holder, sent | {"trigger": "own", "seen_edit": "2"}, at=AT).status_code == 302
    draft.refresh_from_db()
    assert draft.request is None


# --- Ground C8 (R67) --------------------------------------------------------------------------------


def dash_of(concern: Concern, **more: object) -> DashRecord:
    details = DashDetails(
        assessed_on=date(2026, 3, 16), assessor="PC Lund", score=16, own_view="Afraid.", is_high_by_judgement=False
    )
    return concerns.record_dash(
        concern_id=concern.pk, person_ref=cases.person_on(concern).person.ref, form_key=f"{concern.pk}{more}",
        details=replace(details, **more), by=build.holder_of(concern), at=AT,  # type: ignore[arg-type]
    )  # fmt: skip


def on_marac(basis: str, ref: str) -> Record:
    ground = Ground("C8", "applies", "Strangled twice.", marac_basis=basis, dash_record=ref, dash_words="Forged")
    return replace(decisions.against_a_refusal(), grounds=decisions.grounds(C8=ground))


def test_ground_c8_freezes_what_its_dash_record_says(cast: Cast) -> None:
    concern = build.case(cast)
    row = dash_of(concern)
    signed = build.signed(concern, on_marac("dash", row.ref), agency=build.adult_care(cast))
    ground = next(each for each in signed.document["record"]["grounds"] if each["code"] == "C8")
    said = "Jean Ashworth, assessed on 16 March 2026 by PC Lund; score 16 of 24 (high)"
    assert (ground["dash_score"], ground["dash_words"]) == ("16", f"{row.ref}: {said}")
    page = get(signed.get_absolute_url(), build.holder_of(concern), at=AT).content.decode()
    assert said in page


def test_ground_c8_rests_on_nothing_that_its_record_does_not_say(cast: Cast) -> None:
    concern = build.case(cast)
    low = dash_of(concern, score=9)
    found = problems_of(concern, on_marac("dash", low.ref), cast)
    assert found == {
        "grounds.C8.marac_basis": [
            "This DASH record has no high score. Choose another record, or what it does rest on."
        ]
    }


# --- Ground C9 (R68) --------------------------------------------------------------------------------


def on_order() -> Record:
    ground = Ground(
        "C9", "applies", "An order was served.", body="Family Court at Larkford", on=date(2026, 3, 16),
        reference="LF26P00012", scope="All records of the tenancy.", document="Legal file 12",
    )  # fmt: skip
    record = replace(decisions.against_a_refusal(), grounds=decisions.grounds(C9=ground))
    return decisions.change_first_item(record, beyond_scope="no")


def ordered() -> list[int]:
    return list(OutboxMessage.objects.filter(kind="sharing.order_cited").values_list("recipient_id", flat=True))


def test_the_information_governance_lead_hears_of_a_decision_that_rests_on_an_order(cast: Cast) -> None:
    concern = build.case(cast)
    build.signed(concern, decisions.agreed(), agency=build.adult_care(cast))
    assert ordered() == []
    signed = build.signed(build.case(cast), on_order(), agency=build.adult_care(cast))
    assert signed.cites_order
    assert ordered() == [cast.joyce.pk]


def test_also_in_a_restricted_concern_but_not_past_a_bar(cast: Cast) -> None:
    concern = build.case(cast, intake=ABOUT_MANAGER)
    signed = build.signed(concern, on_order(), agency=build.adult_care(cast))
    assert concern.is_restricted
    assert ordered() == [cast.joyce.pk]
    at = AT + timedelta(hours=1)
    assert get(signed.get_absolute_url(), cast.joyce, at=at).status_code == 200
    assert SignedRecord.objects.visible_to(cast.alan).filter(pk=signed.pk).count() == 0
    shut_out = replace(ABOUT_MANAGER, implicated_staff_ids=(cast.joyce.pk,))
    about_joyce = build.signed(build.case(cast, intake=shut_out), on_order(), agency=build.adult_care(cast))
    assert ordered() == [cast.joyce.pk]
    assert get(about_joyce.get_absolute_url(), cast.joyce, at=at).status_code == 404


def test_the_page_of_who_can_see_a_concern_says_what_she_reads_of_it(cast: Cast) -> None:
    concern = build.case(cast, intake=ABOUT_MANAGER)

    def said() -> set[tuple[str, str]]:
        parts = who_sees(build.fresh(concern), reader=cast.ruth, at=AT + timedelta(hours=1)).parts
        return {(part.user.full_name, part.what) for part in parts if part.what.startswith("By office")}

    opened = ("Joyce Lam", "By office: who has opened it"), ("Alan Whitfield", "By office: who has opened it")
    build.signed(concern, decisions.agreed(), agency=build.adult_care(cast))
    assert said() == set(opened)
    concern = build.case(cast, intake=ABOUT_MANAGER)
    build.signed(concern, on_order(), agency=build.adult_care(cast))
    of_law = ("Joyce Lam", "By office: who has opened it, and signed decisions with the force of law")
    assert said() == {of_law, opened[1]}
    concern = build.case(cast)
    build.signed(concern, on_order(), agency=build.adult_care(cast))
    everything = "By office: who has opened it, and signed decisions"
    assert said() == {("Joyce Lam", everything), ("Alan Whitfield", everything)}
