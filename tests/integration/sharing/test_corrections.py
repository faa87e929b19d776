"""R100: a shared fact is wrong: everybody who was given it becomes a task with a clock; nothing that went changes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from concerns.facts import case_facts
from concerns.models import Deadline
from concerns.services.sweeping import sweep
from concerns.vocabulary import ClockKind, State
from concerns.workflow import mitigations_done
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from sharing import services
from sharing.models import Correction, CorrectionNotice, Disclosure, Referral
from sharing.selectors import shared_items, sharing_facts
from sharing.services import DirectCall, ToldOfIt, Wrong
from sharing.vocabulary import AgencyKind, SharingMethod
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import Cast
from tests.build.sharing import SIGNED_AT, case, fresh, holder_of, sending
from tests.build.web import BACKEND

HOUR = timedelta(hours=1)
LATER = SIGNED_AT + 2 * HOUR


def two_agencies(cast: Cast) -> list[Referral]:
    """Adult care and the police were sent the same item."""
    concern = case(cast)
    base = decisions.agreed()
    police = decisions.change(base.recipients[0], key="", organisation="Larkshire Police", kind="police")
    build.signed(concern, decisions.change(base, recipients=(base.recipients[0], police)))
    referrals = list(Referral.objects.order_by("pk"))
    for referral in referrals:
        at = SIGNED_AT + timedelta(minutes=10)
        told = build.everybody_told(referral, SIGNED_AT.date())
        services.send_referral(
            referral_id=referral.pk, sending=sending(at, told=told), by=holder_of(concern), at=at
        )  # fmt: skip
    return referrals


def told(at: datetime = LATER) -> ToldOfIt:
    return ToldOfIt("Ms Lund", "Phone", at, "She has put it right.")


def test_everybody_who_was_given_the_fact_is_a_task_with_a_clock(cast: Cast) -> None:
    first, second = two_agencies(cast)
    concern = fresh(first.concern)
    before = list(Disclosure.objects.order_by("pk").values())
    item, *_ = shared_items(concern)
    assert (item.words, {each.ref for each in item.referrals}) == (
        "£80 is drawn each Tuesday.", {first.ref, second.ref},
    )  # fmt: skip
    correction = build.corrected(concern)
    assert [notice.referral for notice in correction.notices.order_by("number")] == [first, second]
    clocks = Deadline.objects.filter(concern=concern, kind=ClockKind.CORRECTION, met_at=None)
    # One working day from Tuesday 17 March 2026, 12:00.
    assert {each.due_at for each in clocks} == {datetime(2026, 3, 18, 12, 0, tzinfo=UTC)}
    assert list(Disclosure.objects.order_by("pk").values()) == before, "what was shared stays as it was"
    assert sharing_facts(concern.pk).open_corrections == 2
    assert mitigations_done(case_facts(concern)) == "An agency that was given a wrong fact is still to be told."


def test_done_by_recording_who_was_told_when(cast: Cast) -> None:
    first, _ = two_agencies(cast)
    concern = fresh(first.concern)
    one, other = build.corrected(concern).notices.order_by("number")
    with pytest.raises(Unsound) as refused:
        services.record_told_of_correction(notice_id=one.pk, telling=ToldOfIt("", " ", None), by=cast.gwen, at=LATER)
    assert set(refused.value.problems) == {"who", "how", "told_at"}
    with pytest.raises(Unsound):
        services.record_told_of_correction(notice_id=one.pk, telling=told(LATER + HOUR), by=cast.gwen, at=LATER)
    services.record_told_of_correction(notice_id=one.pk, telling=told(), by=cast.gwen, at=LATER)
    with pytest.raises(NotNow):
        services.record_told_of_correction(notice_id=one.pk, telling=told(), by=cast.gwen, at=LATER)
    running = Deadline.objects.filter(concern=concern, kind=ClockKind.CORRECTION, met_at=None)
    assert [each.about for each in running] == [other.clock_name]
    services.record_told_of_correction(notice_id=other.pk, telling=told(), by=cast.gwen, at=LATER)
    assert sharing_facts(concern.pk).open_corrections == 0
    assert mitigations_done(case_facts(concern)) is None


def test_nobody_told_in_time_is_chased(cast: Cast) -> None:
    first, _ = two_agencies(cast)
    concern = fresh(first.concern)
    build.corrected(concern)
    sweep(at=SIGNED_AT + timedelta(days=1, hours=2))
    levels = Deadline.objects.filter(concern=concern, kind=ClockKind.CORRECTION).values_list("level", flat=True)
    assert all(level >= 1 for level in levels)


def test_what_somebody_said_on_the_phone_can_be_wrong_too(cast: Cast) -> None:
    """The call is an item of its own; an agency that was given the fact in other words is named besides."""
    first, _ = two_agencies(cast)
    concern = fresh(first.concern)
    call = DirectCall("Bank of Lark", AgencyKind.OTHER, "Fraud desk", LATER, SharingMethod.PHONE, "Tuesdays, £80.")
    direct = services.record_direct_referral(concern_id=concern.pk, call=call, by=cast.gwen, at=LATER)
    items = {item.words: item for item in shared_items(concern)}
    wrong = Wrong(items["Tuesdays, £80."].key, "Thursdays.", "The bank.", also=(first.ref,))
    correction = services.record_correction(concern_id=concern.pk, wrong=wrong, by=cast.gwen, at=LATER + HOUR)
    assert {notice.referral for notice in correction.notices.all()} == {direct, first}


def test_everything_that_a_referral_says_can_turn_out_wrong(cast: Cast) -> None:
    """Who it is about, their age group, their agreement, what a fact rests on, the limits: not only the facts."""
    base = decisions.agreed()
    item = decisions.change(base.items[0], evidence="Her bank statement")
    method = decisions.change(base.method, onward_limits="Not to her son.")
    concern = case(cast)
    build.signed(concern, decisions.change(base, items=(item,), method=method), agency=build.adult_care(cast))
    referral = Referral.objects.get()
    at = SIGNED_AT + timedelta(minutes=10)
    send = sending(at, told=build.everybody_told(referral, SIGNED_AT.date()))
    services.send_referral(referral_id=referral.pk, sending=send, by=cast.gwen, at=at)
    said = [each.words for each in shared_items(concern)]
    assert said == [
        "£80 is drawn each Tuesday.",
        "Who it is about: Jean Ashworth (Adult (18 or over))",
        "Agreement: Jean Ashworth: Given",
        "What a fact rests on: Her bank statement",
        f"Purpose: {base.likely.purpose}",
        "Not to be passed on beyond this: Not to her son.",
    ]
    wrong = Wrong(shared_items(concern)[2].key, "She had not agreed.", "She told us.")
    correction = services.record_correction(concern_id=concern.pk, wrong=wrong, by=cast.gwen, at=LATER)
    assert correction.wrong == "Agreement: Jean Ashworth: Given"
    assert [notice.referral for notice in correction.notices.all()] == [referral]


def test_nobody_was_told_of_it_before_it_went(cast: Cast) -> None:
    """Somebody may ring first and write the correction down afterwards."""
    first, _ = two_agencies(cast)
    notice, _ = build.corrected(fresh(first.concern)).notices.order_by("number")
    with pytest.raises(Unsound) as refused:
        services.record_told_of_correction(
            notice_id=notice.pk, telling=told(SIGNED_AT + timedelta(minutes=9)), by=cast.gwen, at=LATER
        )
    assert refused.value.problems == {"told_at": ["This is before it went to the agency."]}
    at = SIGNED_AT + timedelta(minutes=10)
    services.record_told_of_correction(notice_id=notice.pk, telling=told(at), by=cast.gwen, at=LATER)


def test_what_does_not_hold_is_refused(cast: Cast) -> None:
    first, _ = two_agencies(cast)
    concern = fresh(first.concern)
    with pytest.raises(Unsound) as refused:
        services.record_correction(
            concern_id=concern.pk, wrong=Wrong("", "", "", also=("RF-2222-2222",)), by=cast.gwen, at=LATER
        )
    assert set(refused.value.problems) == {"item", "right", "source", "also"}
    with pytest.raises(NotAllowed):
        services.record_correction(concern_id=concern.pk, wrong=Wrong("x", "y", "z"), by=cast.dev, at=LATER)
    assert build.corrected(concern) == build.corrected(concern), "a form sent twice is one"
    assert CorrectionNotice.objects.count() == 2


def test_an_agency_that_is_named_only_in_the_second_sending_is_told_too(cast: Cast) -> None:
    """R100, R147: after Back, with one more agency ticked, nobody is passed over."""
    first, _ = two_agencies(cast)
    concern = fresh(first.concern)
    call = DirectCall("Dr Osei", AgencyKind.OTHER, "Dr Osei", LATER, SharingMethod.PHONE, "She has bruises.")
    direct = services.record_direct_referral(concern_id=concern.pk, call=call, by=holder_of(concern), at=LATER)
    before = build.corrected(concern, at=LATER)
    item = next(each.key for each in shared_items(concern) if each.words == before.wrong)
    for _ in range(2):
        wrong = Wrong(item, before.right, before.source, also=(direct.ref,))
        services.record_correction(concern_id=concern.pk, wrong=wrong, by=holder_of(concern), at=LATER)
    told = CorrectionNotice.objects.order_by("pk").values_list("referral__agency_name", flat=True)
    assert list(told)[2:] == [*list(told)[:2], "Dr Osei"]


def test_the_pages_and_the_record_show_it(cast: Cast) -> None:
    first, _ = two_agencies(cast)
    concern = fresh(first.concern)
    client = Client()
    client.force_login(cast.gwen, backend=BACKEND)
    assert "A shared fact is wrong" in client.get(concern.get_absolute_url()).content.decode()
    url = reverse("sharing:record-correction", args=[concern.ref])
    page = client.get(url).content.decode()
    assert "£80 is drawn each Tuesday." in page
    assert "Larkshire Police" in page
    page = client.post(url, {"right": "Thursdays."}).content.decode()
    assert "Choose what was wrong." in page
    assert "Thursdays." in page
    item, *_ = shared_items(concern)
    answer = client.post(url, {"item": item.key, "right": "Thursdays.", "source": "The bank."}, follow=True)
    correction = Correction.objects.get()
    assert answer.redirect_chain[-1][0] == correction.get_absolute_url()
    text = answer.content.decode()
    assert text.count("Record that they were told") == 2
    form = reverse("sharing:told-of-correction", args=[correction.ref, 2])
    assert "Enter whom you told." in client.post(form, {"how": "Phone"}).content.decode()
    sent = {"who": "DC Lund", "how": "Phone", "words": "", "told_at_0": "17", "told_at_1": "3", "told_at_2": "2026",
            "told_at_time": "9am"}  # fmt: skip
    assert "DC Lund" in client.post(form, sent, follow=True).content.decode()
    record = client.get(first.record.get_absolute_url()).content.decode() if first.record else ""
    assert "Right is: Thursdays." in record
    assert "Still to be told" in record
    assert client.get(reverse("sharing:told-of-correction", args=[correction.ref, 3])).status_code == 404


def test_a_person_who_is_told_later_is_a_clock_that_outlives_a_new_version(cast: Cast) -> None:
    """R73, R99: by the end of the day promised; it still stands when the decision was replaced after it went."""
    concern = case(cast)
    record = decisions.against_a_refusal()
    person = decisions.change(
        record.people[0],
        informed=decisions.change(record.people[0].informed, answer="later", on=SIGNED_AT.date(), reason="At work."),
    )
    signed = build.signed(concern, decisions.change(record, people=(person,)), agency=build.adult_care(cast))
    telling = signed.follow_ups.get(is_telling=True)
    due = Deadline.objects.get(concern=concern, kind=ClockKind.TELL_PERSON)
    assert (due.about, due.due_at) == (telling.clock_name, datetime(2026, 3, 18, 0, 0, tzinfo=UTC))
    services.give_second_view(record_id=signed.pk, is_agreed=True, comment="", by=cast.dev, at=SIGNED_AT)
    referral = Referral.objects.get()
    services.send_referral(referral_id=referral.pk, sending=sending(SIGNED_AT), by=cast.gwen, at=SIGNED_AT)
    kept = json.loads(Disclosure.objects.get().content)
    assert "They do not know that this is shared" in kept["agreement"][0]["is"]
    build.again(signed, decisions.agreed(), at=LATER)
    due.refresh_from_db()
    assert due.dropped_at is None
    assert sharing_facts(concern.pk).open_mitigations == 1
    services.finish_follow_up(follow_up_id=telling.pk, words="Told her at home.", by=cast.gwen, at=LATER)
    due.refresh_from_db()
    assert due.met_at == LATER
    assert fresh(concern).state == State.REFERRED
