"""A decision is written, signed and sent through the pages, as a person does it without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import Event
from concerns import services as of_concern
from concerns.models import Concern
from concerns.vocabulary import State
from safeguarding.kit.errors import NotNow
from sharing import services
from sharing.models import Decision, Referral, SignedRecord
from sharing.vocabulary import AgencyKind, DecisionStatus, ReferralState, SharingMethod
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import PASSWORD, Cast
from tests.build.sharing import SIGNED_AT, case, fresh
from tests.build.web import to_sign

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(SIGNED_AT, tick=True):
        yield


def sign_in(client: Client, user: User) -> None:
    response = client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    assert response.status_code == 302


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def date_parts(name: str, day: str) -> dict[str, str]:
    return dict(zip((f"{name}_0", f"{name}_1", f"{name}_2"), day.split(), strict=True))


def begin(client: Client, concern: Concern) -> Decision:
    answer = client.post(reverse("sharing:start-decision", args=[concern.ref]))
    assert answer.status_code == 302
    return Decision.objects.get(concern=concern, status=DecisionStatus.DRAFT)


def page(decision: Decision, slug: str) -> str:
    return reverse("sharing:edit-page", args=[decision.ref, decision.version, slug])


def save(client: Client, decision: Decision, slug: str, **answers: Any) -> Any:
    decision.refresh_from_db()
    return client.post(page(decision, slug), {"seen_edit": decision.edit, **answers})


def write_agreed(client: Client, decision: Decision, concern: Concern, agency_ref: str) -> None:
    """Every page of a decision to share with agreement."""
    key = build.person(concern).key
    step: dict[str, dict[str, Any]] = {
        "start": {"trigger": "own", "third_parties": "no"},
        "people": {"chosen": [key]},
        "likely": {
            "answer": "yes", "why": "They can protect her money.", "purposes": ["protect_adult"],
            "purpose": "To protect her benefits.", "others_safety": "Nobody else.",
        },
        "facts.new": {"words": "£80 goes each Tuesday.", "source": "Her statement", **date_parts("on", "16 3 2026")},
        "holders": {"holders_none": "yes"},
        f"views.{key}": {
            "told__of": ["why", "what"], "told__by": "Gwen", "wishes__words": "“Make it stop.”",
            **date_parts("told__on", "16 3 2026"),
        },
        f"safety.{key}": {"support__safety": "Safe tonight.", "support__needs": "Help with her card."},
        f"agreement.{key}": {
            "agreement__status": "given", "agreement__given_by": "person", "agreement__form": "oral",
            **date_parts("agreement__on", "16 3 2026"),
        },
        f"capacity.{key}": {"capacity__doubted": "no"},
        "risks": {
            "sharing": "He may be angry.", "sharing_to_whom": "Jean", "sharing_likelihood": "low",
            "sharing_severity": "low", "not_sharing": "She loses money.", "not_sharing_to_whom": "Jean",
            "not_sharing_likelihood": "high", "not_sharing_severity": "high",
        },
        "decision": {"choice": "share_all"},
        "reasons": {"reasons": "She asked us for help and money is taken from her every single week."},
        "principles": {"proportionality__note": "One fact, one agency.", "accountability__note": "Signed."},
        "items.new": {
            "what": "£80 is drawn each Tuesday.", "kind": "fact", "about": "Jean", "is_special_category": "no",
            "is_offence": "no", "answer": "include", "why_needed": "Shows the loss.",
            **date_parts("checked_on", "17 3 2026"),
        },
        "recipients.new": {"key": agency_ref, "need_to_know": "They make the enquiry."},
        "method": {"method": "portal"},
        "test": {f"{line}__answer": "yes" for line in (
            "necessary", "proportionate", "relevant", "adequate", "accurate", "timely", "secure", "recorded")},
        "basis": {"article6": ["e"], "confidence": "consent"},
    }  # fmt: skip
    for slug, answers in step.items():
        response = save(client, decision, slug, **answers)
        assert response.status_code == 302, (slug, words(response))


def test_from_the_concern_to_the_agency_and_back(client: Client, cast: Cast) -> None:
    concern = case(cast)
    agency = build.adult_care(cast)
    sign_in(client, cast.gwen)
    assert "Decide about sharing" in words(client.get(concern.get_absolute_url()))
    decision = begin(client, concern)
    task_list = words(client.get(decision.get_absolute_url()))
    assert "Say why a decision is needed." in task_list
    assert "Our policy, golden rule 7; Havering guide, golden rule 7" in task_list
    write_agreed(client, decision, concern, agency.ref)
    assert "Nothing is missing." in words(client.get(decision.get_absolute_url()))

    check = reverse("sharing:check-draft", args=[decision.ref, 1])
    shown = words(client.get(check))
    assert "£80 is drawn each Tuesday." in shown
    assert "Sign this decision" in shown
    assert "Not signed. A draft as it stood 17 March 2026" in shown
    assert client.post(check, to_sign(client, check)).status_code == 302
    signed = SignedRecord.objects.get()
    assert fresh(concern).state == State.REFERRAL_DUE
    record = words(client.get(signed.get_absolute_url()))
    assert "20. Audit extract" in record
    assert signed.digest in record

    referral = Referral.objects.get()
    document = words(client.get(reverse("sharing:show-document", args=[referral.ref])))
    assert "£80 is drawn each Tuesday." in document
    assert "£80 goes each Tuesday." not in document  # a fact relied on, not an item

    def act(code: str, **answers: Any) -> None:
        response = client.post(reverse("sharing:act-on-referral", args=[referral.ref, code]), answers)
        assert response.status_code == 302, words(response)

    when = {**date_parts("happened_at", "17 3 2026"), "happened_at_time": "11:00am", "who": "Ms Lund"}
    act("sent", method="portal", **date_parts("sent_at", "17 3 2026"), sent_at_time="11:00am", received_by="Duty desk")
    assert fresh(concern).state == State.REFERRED
    act(
        "receipt",
        steps=["delivered", "received", "understood"],
        who="Ms Lund",
        how="Phone",
        **date_parts("on", "17 3 2026"),
    )
    act("acknowledged", agency_reference="ASC/77", **when)
    assert fresh(concern).state == State.WITH_AGENCY
    act("outcome", outcome="s42", words="Enquiry opened.", **when)
    referral.refresh_from_db()
    assert (referral.state, referral.agency_reference) == (ReferralState.OUTCOME, "ASC/77")
    assert "Accepted - s42 enquiry" in words(client.get(referral.get_absolute_url()))
    assert "Agency reported: Accepted - s42 enquiry" in words(client.get(concern.get_absolute_url()))


def test_what_cannot_be_understood_stays_as_typed_and_stops_signing(client: Client, cast: Cast) -> None:
    concern = case(cast)
    sign_in(client, cast.gwen)
    decision = begin(client, concern)
    key = build.person(concern).key
    slug = f"agreement.{key}"
    response = save(client, decision, slug, agreement__status="given", **date_parts("agreement__on", "31 2 2026"))
    assert "Enter a real date" in words(response)
    again = words(client.get(page(decision, slug)))
    assert 'value="31"' in again
    assert "Enter a real date" in again
    decision.refresh_from_db()
    assert decision.record.people[0].agreement.status == "given"
    assert "Put right" in words(client.get(decision.get_absolute_url()))
    save(client, decision, slug, agreement__status="given", **date_parts("agreement__on", "16 3 2026"))
    decision.refresh_from_db()
    assert decision.typed == {}


def test_what_was_not_understood_on_a_page_that_is_gone_stands_in_nobodys_way(client: Client, cast: Cast) -> None:
    """Jean refused, then agreed after all: whether she was told is not asked any more."""
    concern = case(cast)
    sign_in(client, cast.gwen)
    decision = build.draft(concern, decisions.agreed(), agency=build.adult_care(cast))
    key = build.person(concern).key
    said = {"agreement__given_by": "person", "agreement__form": "oral", **date_parts("agreement__on", "16 3 2026")}
    save(client, decision, f"agreement.{key}", agreement__status="refused", **said)
    told = save(client, decision, f"informed.{key}", informed__answer="yes", **date_parts("informed__on", "31 2 2026"))
    assert "Enter a real date" in words(told)
    check = reverse("sharing:check-draft", args=[decision.ref, 1])
    assert "Some answers could not be understood." in words(client.get(check))
    assert to_sign(client, check) == {}
    save(client, decision, f"agreement.{key}", agreement__status="given", **said)
    decision.refresh_from_db()
    assert list(decision.typed) == [f"informed.{key}"], "kept, should she refuse again"
    shown = words(client.get(check))
    assert "Some answers could not be understood." not in shown
    assert client.post(check, to_sign(client, check)).status_code == 302
    assert SignedRecord.objects.get().kind == "with_agreement"


def test_only_what_was_shown_is_signed(client: Client, cast: Cast) -> None:
    """R7: a name is put right in the concern while Gwen reads. Nothing is signed, and she is shown the new one."""
    concern = case(cast)
    sign_in(client, cast.gwen)
    decision = build.draft(concern, decisions.agreed(), agency=build.adult_care(cast))
    check = reverse("sharing:check-draft", args=[decision.ref, 1])
    seen = to_sign(client, check)
    row = concern.involvements.get(person__ref=build.person(concern).key)
    of_concern.update_person(
        concern_id=concern.pk, involvement_id=row.pk, values={"name": "Joan Ashworth"}, by=cast.gwen, at=SIGNED_AT
    )
    for sent in (seen, {"seen_edit": seen["seen_edit"]}):
        answer = words(client.post(check, sent))
        assert "was changed after you opened this page. Nothing was signed." in answer
        assert "Joan Ashworth" in answer
    assert not SignedRecord.objects.exists()
    assert fresh(concern).state == State.TRIAGE
    assert Event.objects.filter(code="audit.act_refused", actor_id=cast.gwen.pk).count() == 2
    with time_machine.travel(SIGNED_AT + timedelta(minutes=2), tick=True):  # the moment of signing is not what changed
        assert client.post(check, to_sign(client, check)).status_code == 302
    assert SignedRecord.objects.get().document["record"]["people"][0]["name"] == "Joan Ashworth"


def test_signing_asks_for_fresh_proof_first(client: Client, cast: Cast) -> None:
    concern = case(cast)
    decision = build.draft(concern, decisions.agreed(), agency=build.adult_care(cast))
    client.force_login(cast.gwen)
    answer = client.get(reverse("sharing:check-draft", args=[decision.ref, 1]))
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/account/reauthenticate/")


def test_what_is_missing_is_said_before_anybody_is_asked_for_a_password(client: Client, cast: Cast) -> None:
    """ADR 7: proof is for what can be signed. Signing all the same asks for it, and signs nothing."""
    concern = case(cast)
    client.force_login(cast.gwen)
    decision = begin(client, concern)
    check = reverse("sharing:check-draft", args=[decision.ref, 1])
    assert "Still needed before you can sign" in words(client.get(check))
    answer = client.post(check, {"seen_edit": decision.edit})
    assert answer.headers["Location"].startswith("/account/reauthenticate/")
    assert not SignedRecord.objects.exists()


def test_an_unfinished_decision_shows_what_is_missing_instead_of_a_button(client: Client, cast: Cast) -> None:
    concern = case(cast)
    sign_in(client, cast.gwen)
    decision = begin(client, concern)
    check = reverse("sharing:check-draft", args=[decision.ref, 1])
    shown = words(client.get(check))
    assert "Still needed before you can sign" in shown
    assert "Sign this decision" not in shown
    client.post(check, {"seen_edit": decision.edit})
    assert not SignedRecord.objects.exists()


def test_the_second_of_two_people_sees_both_and_loses_nothing(client: Client, cast: Cast) -> None:
    concern = case(cast)
    sign_in(client, cast.gwen)
    decision = begin(client, concern)
    seen = decision.edit
    save(client, decision, "reasons", reasons="Gwen's reasons")
    of_concern.take(concern_id=concern.pk, by=cast.dev, at=SIGNED_AT + HOUR, note="Over to me.")
    dev = Client()
    sign_in(dev, cast.dev)
    answer = dev.post(page(decision, "reasons"), {"seen_edit": seen, "reasons": "Dev's reasons"})
    shown = words(answer)
    assert "Gwen Pritchard changed this page" in shown
    assert "Dev&#x27;s reasons" in shown
    assert "Gwen&#x27;s reasons" in shown


def test_autosave_keeps_words_and_answers_with_no_page(client: Client, cast: Cast) -> None:
    concern = case(cast)
    sign_in(client, cast.gwen)
    decision = begin(client, concern)
    answer = client.post(
        page(decision, "reasons"), {"seen_edit": decision.edit, "reasons": "Half a sen"}, headers={"X-Autosave": "1"}
    )
    assert answer.status_code == 204
    decision.refresh_from_db()
    assert decision.record.reasons.reasons == "Half a sen"


def test_rows_are_added_changed_and_removed(client: Client, cast: Cast) -> None:
    concern = case(cast)
    sign_in(client, cast.gwen)
    decision = begin(client, concern)
    save(client, decision, "facts.new", words="First")
    save(client, decision, "facts.new", words="Second")
    save(client, decision, "facts.0", words="First, changed")
    decision.refresh_from_db()
    assert [fact.words for fact in decision.record.facts] == ["First, changed", "Second"]
    remove = reverse("sharing:remove-row", args=[decision.ref, 1, "facts", 0])
    client.post(remove, {"seen_edit": decision.edit - 1})
    client.post(remove, {"seen_edit": decision.edit})
    decision.refresh_from_db()
    assert [fact.words for fact in decision.record.facts] == ["Second"]
    assert client.get(page(decision, "facts.9")).status_code == 404


def test_a_page_of_a_row_never_writes_over_another_row(client: Client, cast: Cast) -> None:
    """A row was removed and the page of another opened before that: its number is the next one's now, or nobody's."""
    concern = case(cast)
    sign_in(client, cast.gwen)
    decision = begin(client, concern)
    for number in range(4):
        save(client, decision, "facts.new", words=f"Fact {number}")
    save(client, decision, "facts.3", words="Fact 3", **date_parts("on", "31 2 2026"))
    decision.refresh_from_db()
    seen = decision.edit
    client.post(reverse("sharing:remove-row", args=[decision.ref, 1, "facts", 0]), {"seen_edit": seen})

    def facts() -> list[str]:
        decision.refresh_from_db()
        return [fact.words for fact in decision.record.facts]

    assert facts() == ["Fact 1", "Fact 2", "Fact 3"]
    assert decision.typed["facts.2"]["on_0"] == ["31"], "what was typed moves up with its row"
    assert "facts.3" not in decision.typed
    for stale in ("facts.1", "facts.3"):
        sent = {"seen_edit": seen, "words": "Fact 1 edited"}
        assert client.post(page(decision, stale), sent, headers={"X-Autosave": "1"}).status_code == 409
        answer = words(client.post(page(decision, stale), sent))
        assert "A row was removed from this list after you opened this page" in answer
        assert "Fact 1 edited" in answer
        assert f'action="{page(decision, "facts.new")}"' in answer
        assert facts() == ["Fact 1", "Fact 2", "Fact 3"]
    save(client, decision, "facts.1", words="Fact 2 edited")
    assert facts() == ["Fact 1", "Fact 2 edited", "Fact 3"]


def test_items_are_offered_from_the_concern_and_never_chosen_by_themselves(client: Client, cast: Cast) -> None:
    concern = case(cast)
    sign_in(client, cast.gwen)
    decision = begin(client, concern)
    save(client, decision, "decision", choice="share_all")
    assert "What was seen or heard" in words(client.get(page(decision, "items")))
    client.post(reverse("sharing:add-suggested", args=[decision.ref, 1, 0]))
    decision.refresh_from_db()
    assert [item.answer for item in decision.record.items] == [""]


@pytest.mark.parametrize("name", ["show-draft", "show-record", "check-draft", "export-record", "give-second-view"])
@pytest.mark.parametrize("who", ["amara", "rhys", "bea", "jakub"])
def test_strangers_find_nothing(client: Client, cast: Cast, name: str, who: str) -> None:
    _, record, _ = build.shared(cast)
    sign_in(client, getattr(cast, who))
    known = client.get(reverse(f"sharing:{name}", args=[record.ref, 1]))
    unknown = client.get(reverse(f"sharing:{name}", args=["ISD-2222-2222", 1]))
    assert (known.status_code, unknown.status_code) == (404, 404)


@pytest.mark.parametrize("name", ["show-referral", "show-document", "fetch-document"])
def test_strangers_find_no_referral(client: Client, cast: Cast, name: str) -> None:
    _, referral = build.sent(cast)
    sign_in(client, cast.rhys)
    assert client.get(reverse(f"sharing:{name}", args=[referral.ref])).status_code == 404


@pytest.mark.pdf
def test_a_referral_leaves_as_a_file_on_fresh_proof_and_with_nobody_who_was_only_let_in(
    client: Client, cast: Cast
) -> None:
    concern, referral = build.sent(cast)
    on_screen, as_file = (
        reverse(f"sharing:{name}", args=[referral.ref]) for name in ("show-document", "fetch-document")
    )
    sign_in(client, cast.gwen)
    assert client.get(as_file)["Content-Type"] == "application/pdf"
    with time_machine.travel(SIGNED_AT + timedelta(minutes=6), tick=True):
        assert client.get(as_file)["Location"].startswith("/account/reauthenticate/")
        assert client.get(on_screen).status_code == 200

    of_concern.let_in(
        concern_id=concern.pk, person=cast.quinn, until=SIGNED_AT + timedelta(days=2), reason="She knows the family.",
        by=cast.ruth, at=SIGNED_AT,
    )  # fmt: skip
    let_in = Client()
    sign_in(let_in, cast.quinn)
    assert "Download as PDF" not in words(let_in.get(on_screen))
    assert let_in.get(as_file)["Location"] == on_screen


def test_somebody_shut_out_finds_nothing_of_their_own_decision(client: Client, cast: Cast) -> None:
    concern, record, _ = build.shared(cast)
    of_concern.declare_conflict(concern_id=concern.pk, by=cast.gwen, at=SIGNED_AT + HOUR, words="My cousin.")
    sign_in(client, cast.gwen)
    assert client.get(record.get_absolute_url()).status_code == 404
    assert record.ref not in words(client.get(reverse("sharing:list-records")))


def test_the_second_person_agrees_on_the_page(client: Client, cast: Cast) -> None:
    concern, record = build.not_shared(cast)
    sign_in(client, cast.dev)
    assert "Give your view as the second person" in words(client.get(concern.get_absolute_url()))
    view = reverse("sharing:give-second-view", args=[record.ref, 1])
    assert "Say whether you agree." in words(client.post(view, {"comment": "Fine"}))
    assert "Say why you do not agree." in words(client.post(view, {"view": "refuse"}))
    assert client.post(view, {"view": "agree"}).status_code == 302
    assert fresh(concern).state == State.MONITORING
    assert "Dev Patel" in words(client.get(record.get_absolute_url()))


def test_opening_a_record_is_in_the_ledger(client: Client, cast: Cast) -> None:
    _, record, _ = build.shared(cast)
    sign_in(client, cast.alan)
    assert client.get(record.get_absolute_url()).status_code == 200
    event = Event.objects.filter(code="sharing.record_viewed").get()
    assert (event.actor_id, event.ref) == (cast.alan.pk, record.ref)


def test_a_direct_call_by_the_reporter_stops_nothing(client: Client, cast: Cast) -> None:
    concern = case(cast)
    before = fresh(concern).state
    sign_in(client, cast.amara)
    url = reverse("sharing:record-direct-call", args=[concern.ref])
    assert client.get(url).status_code == 200
    empty = words(client.post(url, {}))
    assert "Write what you told them, or who it was." in empty
    answer = client.post(
        url,
        {
            "agency_name": "Larkshire Police", "agency_kind": "police", "method": "call_999", "told_at_time": "10:00am",
            "what_was_said": "He was shouting and hit the door.", **date_parts("told_at", "17 3 2026"),
        },
    )  # fmt: skip
    assert answer.status_code == 302
    assert fresh(concern).state == before
    referral = Referral.objects.get()
    assert (referral.is_direct, referral.state) == (True, ReferralState.SENT)
    assert client.get(referral.get_absolute_url()).status_code == 404  # she reads a receipt, not the case


def test_what_was_said_in_a_call_is_shown_and_never_what_another_agency_was_sent(client: Client, cast: Cast) -> None:
    """The decision behind the call goes to adult care, in writing, as a referral of its own (field 40)."""
    concern = case(cast)
    call = services.DirectCall(
        "Larkshire Police", AgencyKind.POLICE, "Call handler", SIGNED_AT - HOUR, SharingMethod.CALL_999, "He hit her."
    )
    direct = services.record_direct_referral(concern_id=concern.pk, call=call, by=cast.gwen, at=SIGNED_AT - HOUR)
    build.signed(concern, decisions.agreed(), agency=build.adult_care(cast))
    sign_in(client, cast.gwen)
    shown = words(client.get(direct.get_absolute_url()))
    assert "What was said" in shown
    assert "He hit her." in shown
    assert "The decision behind it" in shown
    assert "What was sent" not in shown
    for name in ("show-document", "fetch-document"):
        assert client.get(reverse(f"sharing:{name}", args=[direct.ref])).status_code == 404
    services.open_dispute(referral_id=direct.pk, reason="They will not come.", by=cast.gwen, at=SIGNED_AT + HOUR)
    shown = words(client.get(direct.get_absolute_url()))
    assert reverse("sharing:act-on-referral", args=[direct.ref, "sent"]) not in shown
    with pytest.raises(NotNow, match="a referral of its own"):
        services.send_referral(
            referral_id=direct.pk, sending=build.sending(SIGNED_AT + HOUR), by=cast.gwen, at=SIGNED_AT + HOUR
        )


def test_a_stranger_cannot_record_a_call(client: Client, cast: Cast) -> None:
    concern = case(cast)
    sign_in(client, cast.rhys)
    assert client.get(reverse("sharing:record-direct-call", args=[concern.ref])).status_code == 404


def test_leads_keep_the_directory(client: Client, cast: Cast) -> None:
    sign_in(client, cast.ruth)
    add = reverse("sharing:add-agency")
    assert "Enter the name of the agency." in words(client.post(add, {"kind": "police"}))
    answer = client.post(add, {"kind": "police", "name": "Larkshire Police", "is_in_use": "yes", "phone": "101"})
    assert answer.status_code == 302
    assert "Larkshire Police" in words(client.get(reverse("sharing:list-agencies")))
    other = Client()
    sign_in(other, cast.amara)
    assert other.post(add, {"kind": "police", "name": "Mine"}).status_code == 302
    assert "Mine" not in words(other.get(reverse("sharing:list-agencies")))
    assert Event.objects.filter(code="audit.act_refused", actor_id=cast.amara.pk).exists()


def test_a_time_that_is_offered_is_understood_at_any_hour(client: Client, cast: Cast) -> None:
    concern, _, referral = build.shared(cast)
    url = reverse("sharing:act-on-referral", args=[referral.ref, "sent"])
    for hours in (0, 1, 2, 12, 22):  # 11:00, 12:00, 13:00, 23:00 and 9:00 in London
        with time_machine.travel(SIGNED_AT + timedelta(hours=hours)):
            fresh_client = Client()
            sign_in(fresh_client, cast.gwen)
            offered = re.search(r'name="sent_at_time" value="([^"]+)"', words(fresh_client.get(url)))
            assert offered is not None
            answer = fresh_client.post(url, {"sent_at_time": offered[1]})
            assert "id_sent_at_time_1_error" not in words(answer)
    assert fresh(concern).state == State.REFERRAL_DUE


def test_whoever_may_give_the_second_view_finds_it_at_home(client: Client, cast: Cast) -> None:
    _, record = build.not_shared(cast)
    for name, finds in (("dev", True), ("ruth", True), ("gwen", False), ("amara", False), ("femi", False)):
        fresh_client = Client()
        sign_in(fresh_client, getattr(cast, name))
        assert (record.ref in words(fresh_client.get("/"))) is finds, name


def test_a_row_sent_twice_or_not_understood_is_one_row(client: Client, cast: Cast) -> None:
    concern = case(cast)
    sign_in(client, cast.gwen)
    decision = begin(client, concern)
    save(client, decision, "facts.new", words="Seen", source="Her")
    save(client, decision, "facts.new", words="Seen", source="Her")
    answer = save(client, decision, "facts.new", words="Heard", **date_parts("on", "31 2 2026"))
    assert answer.headers["Location"] == page(decision, "facts.1")
    assert "Enter a real date" in words(client.get(page(decision, "facts.1")))
    save(client, decision, "facts.1", words="Heard", **date_parts("on", "1 3 2026"))
    decision.refresh_from_db()
    assert [fact.words for fact in decision.record.facts] == ["Seen", "Heard"]
    assert decision.typed == {}
