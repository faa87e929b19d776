"""Telling people what was shared, as long as that is safe (R73, R99; 001 §5): with agreement and without."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from audit.models import Event
from concerns.facts import case_facts
from concerns.models import Concern, Deadline
from concerns.services.base import lock
from concerns.vocabulary import ClockKind, PersonRole
from concerns.workflow import mitigations_done
from safeguarding.kit.errors import NotNow, Unsound
from sharing import services
from sharing.answers import Informed
from sharing.later import later_of
from sharing.models import Decision, Disclosure, FollowUp, Referral, SignedRecord, Telling
from sharing.record import from_json
from sharing.selectors import still_to_tell
from sharing.services.telling import record_tellings
from sharing.telling import Told
from sharing.vocabulary import AgencyKind, DecisionStatus, SharingMethod
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import Cast
from tests.build.sharing import SIGNED_AT, fresh, holder_of, sending
from tests.build.web import get, post

pytestmark = pytest.mark.django_db
SENT_AT = SIGNED_AT + timedelta(minutes=10)
LATER = SIGNED_AT + timedelta(hours=2)
TODAY = date(2026, 3, 17)


def send(referral: Referral, told: Told | None) -> Telling | None:
    assert referral.record is not None
    key = referral.record.document["record"]["people"][0]["key"]
    services.send_referral(
        referral_id=referral.pk, sending=sending(SENT_AT, told={key: told} if told else {}),
        by=holder_of(referral.concern), at=SENT_AT,
    )  # fmt: skip
    return Telling.objects.filter(disclosure__referral=referral).first()


def running(concern: Concern) -> list[Deadline]:
    return list(Deadline.objects.filter(concern=concern, kind=ClockKind.TELL_PERSON, met_at=None, dropped_at=None))


def test_told_with_agreement_is_kept_and_asks_for_nothing_more(cast: Cast) -> None:
    concern, _, referral = build.shared(cast)
    telling = send(referral, Told("yes", TODAY, "At home, by Priya Shah."))
    assert telling is not None
    assert (telling.answer, telling.on, telling.person.name) == ("yes", TODAY, "Jean Ashworth")
    assert not FollowUp.objects.exists()
    assert running(concern) == []
    event = Event.objects.get(code="sharing.person_told")
    assert event.data["answer"] == "yes"
    assert "Jean" not in str(event.data)


def test_no_answer_is_recorded_as_sent_and_makes_a_dated_task(cast: Cast) -> None:
    concern, signed, referral = build.shared(cast)
    telling = send(referral, None)
    assert telling is not None
    # One working day after Tuesday 17 March 2026.
    assert (telling.answer, telling.on) == ("later", date(2026, 3, 18))
    task = FollowUp.objects.get(record=signed)
    assert task.words == "Tell Jean Ashworth what was shared and with whom, as long as that is safe."
    assert [each.due_at for each in running(concern)] == [datetime(2026, 3, 19, tzinfo=UTC)]
    assert mitigations_done(case_facts(fresh(concern))) is not None, "closing waits for it"
    services.finish_follow_up(follow_up_id=task.pk, words="Told her at home.", by=cast.gwen, at=LATER)
    assert running(concern) == []
    assert mitigations_done(case_facts(fresh(concern))) is None


def test_words_beside_an_open_answer_are_kept(cast: Cast) -> None:
    _, _, referral = build.shared(cast)
    telling = send(referral, Told("", None, "She was out."))
    assert telling is not None
    assert (telling.answer, telling.on, telling.words) == ("later", date(2026, 3, 18), "She was out.")


def test_not_safe_to_tell_needs_why_and_makes_no_task(cast: Cast) -> None:
    concern, _, referral = build.shared(cast)
    with pytest.raises(Unsound) as refused:
        send(referral, Told("unsafe"))
    assert list(refused.value.problems) == [f"told_{build.person(concern).key}_words"]
    assert Referral.objects.get().state == "due", "nothing was recorded"
    telling = send(referral, Told("unsafe", None, "Her son opens her post."))
    assert telling is not None
    assert (telling.answer, telling.on, telling.words) == ("unsafe", None, "Her son opens her post.")
    assert running(concern) == []


def against_a_refusal(cast: Cast, answer: Informed) -> tuple[Concern, SignedRecord, Referral]:
    concern = build.case(cast)
    record = decisions.change_first_person(decisions.against_a_refusal(), informed=answer)
    signed = build.signed(concern, record, agency=build.adult_care(cast))
    services.give_second_view(record_id=signed.pk, is_agreed=True, comment="", by=cast.dev, at=SIGNED_AT)
    return fresh(concern), signed, Referral.objects.get(record=signed)


def test_without_agreement_the_task_of_the_decision_stands_and_is_not_doubled(cast: Cast) -> None:
    concern, signed, referral = against_a_refusal(cast, Informed("later", date(2026, 3, 20), "On Friday."))
    telling = send(referral, None)
    assert telling is not None
    assert (telling.answer, telling.on) == ("later", date(2026, 3, 20))
    (task,) = signed.follow_ups.filter(is_telling=True)
    assert task.due_date == date(2026, 3, 20)
    assert len(running(concern)) == 1


def test_told_when_it_was_sent_ends_the_task_of_the_decision(cast: Cast) -> None:
    concern, signed, referral = against_a_refusal(cast, Informed("later", date(2026, 3, 20), "On Friday."))
    send(referral, Told("yes", TODAY, "By phone, by Priya Shah."))
    (task,) = signed.follow_ups.filter(is_telling=True)
    assert (task.done_words, task.is_unsafe) == ("By phone, by Priya Shah.", False)
    assert running(concern) == []
    assert Deadline.objects.get(concern=concern, kind=ClockKind.TELL_PERSON).met_at == SENT_AT


def test_what_the_decision_says_is_not_safe_stays_so_in_silence(cast: Cast) -> None:
    concern, _, referral = against_a_refusal(cast, Informed("no", reason="He reads her phone."))
    telling = send(referral, None)
    assert telling is not None
    assert (telling.answer, telling.words) == ("unsafe", "He reads her phone.")
    assert running(concern) == []


def test_a_task_may_end_because_telling_is_not_safe_any_more(cast: Cast) -> None:
    concern, _, referral = build.shared(cast)
    send(referral, None)
    task = FollowUp.objects.get()
    with pytest.raises(Unsound) as refused:
        services.finish_follow_up(follow_up_id=task.pk, words=" ", is_unsafe=True, by=cast.gwen, at=LATER)
    assert refused.value.problems == {"words": ["Write why it is not safe to tell them."]}
    services.finish_follow_up(follow_up_id=task.pk, words="He moved back in.", is_unsafe=True, by=cast.gwen, at=LATER)
    task.refresh_from_db()
    assert (task.is_unsafe, task.done_words) == (True, "He moved back in.")
    assert running(concern) == []
    assert Deadline.objects.get(concern=concern, kind=ClockKind.TELL_PERSON).dropped_at == LATER


def test_only_telling_is_left_undone_for_safety(cast: Cast) -> None:
    concern = build.case(cast)
    record = decisions.change(decisions.agreed(), mitigations=(decisions.mitigation(),))
    build.signed(concern, record, agency=build.adult_care(cast))
    promised = FollowUp.objects.get(is_telling=False)
    with pytest.raises(NotNow):
        services.finish_follow_up(follow_up_id=promised.pk, words="No.", is_unsafe=True, by=cast.gwen, at=LATER)


def test_an_emergency_call_that_gets_its_decision_makes_the_task_too(cast: Cast) -> None:
    concern = build.case(cast)
    call = services.DirectCall(
        agency_name="Police", agency_kind=AgencyKind.POLICE, spoken_to="PC Lund",
        told_at=SIGNED_AT - timedelta(hours=1), method=SharingMethod.CALL_999, what_was_said="He is at the door.",
    )  # fmt: skip
    services.record_direct_referral(concern_id=concern.pk, call=call, by=cast.gwen, at=SIGNED_AT - timedelta(hours=1))
    record = decisions.agreed()
    record = decisions.change(
        record,
        start=decisions.change(record.start, trigger="emergency", shared_at=SIGNED_AT - timedelta(hours=1)),
        facts=tuple(decisions.change(each, on=date(2026, 3, 10)) for each in record.facts),
    )
    signed = build.signed(concern, record, agency=build.adult_care(cast))
    services.give_second_view(record_id=signed.pk, is_agreed=True, comment="", by=cast.dev, at=LATER)
    telling = Telling.objects.get(disclosure__referral__is_direct=True)
    assert telling.answer == "later"
    assert FollowUp.objects.filter(is_telling=True, done_at=None).count() == 1
    assert "Jean Ashworth: To be told what went to Police" in {row[1] for row in later_of(signed, cast.ruth).follow_up}
    # What was said on the phone was said, whatever is decided afterwards.
    later = LATER + timedelta(days=1)
    build.again(SignedRecord.objects.get(pk=signed.pk), decisions.agreed(), at=later)
    (task,) = FollowUp.objects.open().filter(is_telling=True)
    assert task.record_id == signed.pk
    assert len(running(concern)) == 1
    services.finish_follow_up(follow_up_id=task.pk, words="Told her at home.", by=cast.gwen, at=later)
    assert running(concern) == []


def promised_again(cast: Cast, first: date, second: date) -> tuple[Concern, SignedRecord, SignedRecord]:
    """It went and nobody told Jean; a new version, which the second person has still to see, promises it again."""
    concern, signed, (referral, _) = two_to_send(cast)
    send(referral, Told("later", first))
    again = decisions.change_first_person(
        decisions.against_a_refusal(), informed=Informed("later", second, "Her son is with her.", would_expect="yes")
    )
    return concern, signed, build.again(SignedRecord.objects.get(pk=signed.pk), again, at=LATER)


def test_a_telling_that_a_new_version_promises_again_is_one_task_and_the_older_is_taken_over(cast: Cast) -> None:
    concern, signed, newer = promised_again(cast, date(2026, 3, 19), date(2026, 3, 27))
    (old,) = signed.follow_ups.filter(is_telling=True)
    (new,) = newer.follow_ups.filter(is_telling=True)
    assert (old.done_words, old.taken_over_by) == ("Taken over by version 2.", new)
    assert [task.pk for task in FollowUp.objects.open().filter(is_telling=True)] == [new.pk]
    # Of two promises the earlier counts (I12).
    assert new.due_date == date(2026, 3, 19)
    assert [(each.about, each.due_at) for each in running(concern)] == [
        (new.clock_name, datetime(2026, 3, 20, tzinfo=UTC))
    ]
    assert Event.objects.get(code="sharing.follow_up_taken_over").data["follow_up"] == old.pk
    page = get(signed.get_absolute_url(), cast.gwen, at=LATER).content.decode()
    assert "Taken over by version 2." in page
    rows = {row[2] for row in later_of(SignedRecord.objects.get(pk=signed.pk), cast.ruth).follow_up}
    assert "Taken over by version 2. Gwen Pritchard." in rows


def test_what_went_stays_to_be_told_when_the_version_that_took_it_over_is_not_agreed(cast: Cast) -> None:
    concern, _, newer = promised_again(cast, date(2026, 3, 19), date(2026, 3, 27))
    services.give_second_view(record_id=newer.pk, is_agreed=False, comment="Ask her again.", by=cast.dev, at=LATER)
    (task,) = FollowUp.objects.open().filter(is_telling=True)
    assert task.record_id == newer.pk
    assert mitigations_done(case_facts(fresh(concern))) is not None
    services.finish_follow_up(follow_up_id=task.pk, words="Told her at home.", by=cast.gwen, at=LATER)
    assert running(concern) == []


def taken_over_while_one_is_unrecorded(cast: Cast) -> tuple[Concern, Referral, FollowUp]:
    """Of two that went under version 1, one is not recorded yet when version 2 takes over the task to tell Jean."""
    concern, signed, (first, second) = two_to_send(cast)
    send(first, Told("later", date(2026, 3, 19)))
    again = decisions.change_first_person(
        decisions.against_a_refusal(),
        informed=Informed("later", date(2026, 3, 27), "Her son is with her.", would_expect="yes"),
    )
    newer = build.again(SignedRecord.objects.get(pk=signed.pk), again, at=LATER)
    return concern, Referral.objects.get(pk=second.pk), newer.follow_ups.get(is_telling=True)


def record_late(referral: Referral, told: Told | None) -> None:
    assert referral.record is not None
    key = referral.record.document["record"]["people"][0]["key"]
    at = LATER + timedelta(minutes=5)
    disclosure = Disclosure.objects.filter(referral__record=referral.record)[0]
    disclosure.pk, disclosure.referral = None, referral
    disclosure.save()
    with transaction.atomic():
        record_tellings(
            disclosure, from_json(referral.record.document["record"]), {key: told} if told else {},
            signed=referral.record, concern=lock(referral.concern_id), by=holder_of(referral.concern), at=at,
        )  # fmt: skip


def test_told_late_under_the_older_version_ends_the_task_that_took_it_over(cast: Cast) -> None:
    concern, referral, task = taken_over_while_one_is_unrecorded(cast)
    assert referral.record is not None
    assert list(still_to_tell(referral.record).values()) == [date(2026, 3, 19)]
    record_late(referral, Told("yes", TODAY, "At home, by Priya Shah."))
    task.refresh_from_db()
    assert task.done_words == "At home, by Priya Shah."
    assert not FollowUp.objects.filter(is_telling=True, done_at=None).exists()
    assert running(concern) == []


def test_silence_late_under_the_older_version_makes_no_second_task(cast: Cast) -> None:
    concern, referral, task = taken_over_while_one_is_unrecorded(cast)
    record_late(referral, None)
    assert list(FollowUp.objects.filter(is_telling=True, done_at=None)) == [task]
    assert Telling.objects.latest("pk").on == date(2026, 3, 19)
    assert len(running(concern)) == 1
    record_late(referral, Told("later", date(2026, 3, 18)))
    assert list(FollowUp.objects.filter(is_telling=True, done_at=None)) == [task]
    task.refresh_from_db()
    assert task.due_date == date(2026, 3, 18)
    assert [each.due_at for each in running(concern)] == [datetime(2026, 3, 19, tzinfo=UTC)]


def test_nobody_is_to_contact_whoever_had_died_when_it_was_signed(cast: Cast) -> None:
    concern = build.case(cast)
    person = concern.involvements.get(role=PersonRole.AT_RISK).person
    person.died_on = TODAY
    person.save()
    build.signed(concern, decisions.not_shared())
    assert not Deadline.objects.filter(kind=ClockKind.CONTACT).exists()


def test_a_next_contact_that_is_late_already_is_not_signed(cast: Cast) -> None:
    """VR12: the reviewer's case; the rule's other side is in tests/unit/sharing."""
    concern = build.case(cast)
    record = decisions.not_shared()
    answers = decisions.change(record.not_sharing, next_contact_on=date(2026, 1, 5))
    with pytest.raises(Unsound) as refused:
        build.signed(concern, decisions.change(record, not_sharing=answers))
    assert "The next contact must be after today." in str(refused.value.problems)
    assert not Deadline.objects.filter(kind=ClockKind.CONTACT).exists()


def test_only_who_may_record_it_is_offered_to_say_that_somebody_was_told(cast: Cast) -> None:
    _, _, referral = build.shared(cast)
    send(referral, None)
    link = "Record that somebody has been told"
    assert link in get(referral.get_absolute_url(), cast.gwen, at=LATER).content.decode()
    assert link not in get(referral.get_absolute_url(), cast.ruth, at=LATER).content.decode()


def test_a_task_of_what_was_said_days_ago_is_not_late_when_it_begins(cast: Cast) -> None:
    concern, _, referral = build.shared(cast)
    week = SENT_AT + timedelta(days=7)
    services.send_referral(referral_id=referral.pk, sending=sending(SENT_AT), by=cast.gwen, at=week)
    assert FollowUp.objects.get().due_date == date(2026, 3, 24)
    assert [each.due_at for each in running(concern)] == [datetime(2026, 3, 25, tzinfo=UTC)]


def two_to_send(cast: Cast) -> tuple[Concern, SignedRecord, list[Referral]]:
    """Jean was told before it was sent; two agencies are to get it."""
    concern = build.case(cast)
    record = decisions.change_first_person(
        decisions.against_a_refusal(), informed=Informed("yes", date(2026, 3, 16), would_expect="yes")
    )
    signed = build.signed(concern, record, agency=build.adult_care(cast))
    services.give_second_view(record_id=signed.pk, is_agreed=True, comment="", by=cast.dev, at=SIGNED_AT)
    other = Referral.objects.get(record=signed)
    other.pk, other.ref = None, "RF-OTHER"
    other.save()
    return concern, signed, list(Referral.objects.filter(record=signed).order_by("pk"))


def test_silence_ends_no_task_though_they_were_told_before_it_went(cast: Cast) -> None:
    concern, signed, (first, second) = two_to_send(cast)
    send(first, Told("later", date(2026, 3, 27)))
    telling = send(second, None)
    assert telling is not None
    assert (telling.answer, telling.on) == ("later", date(2026, 3, 27))
    (task,) = signed.follow_ups.filter(is_telling=True)
    assert task.done_at is None
    assert len(running(concern)) == 1


def test_the_earlier_of_two_promises_counts(cast: Cast) -> None:
    concern, signed, (first, second) = two_to_send(cast)
    send(first, Told("later", date(2026, 3, 27)))
    send(second, Told("later", date(2026, 3, 19)))
    (task,) = signed.follow_ups.filter(is_telling=True)
    assert task.due_date == date(2026, 3, 19)
    assert [each.due_at for each in running(concern)] == [datetime(2026, 3, 20, tzinfo=UTC)]


def test_the_page_fills_in_what_is_still_to_be_done_and_no_day_that_has_gone_by(cast: Cast) -> None:
    _, signed, (first, second) = two_to_send(cast)
    key = signed.document["record"]["people"][0]["key"]
    address = reverse("sharing:act-on-referral", args=[second.ref, "sent"])

    def offered(at: datetime) -> tuple[object, object]:
        form = get(address, cast.gwen, at=at).context["form"]
        return form.initial[f"told_{key}"], form.initial[f"told_{key}_on"]

    assert offered(SENT_AT) == ("yes", date(2026, 3, 16))
    send(first, Told("later", date(2026, 3, 19)))
    assert offered(LATER) == ("later", date(2026, 3, 19))
    assert offered(LATER + timedelta(days=5)) == ("", None)


def test_what_went_is_told_also_when_the_second_person_did_not_agree_afterwards(cast: Cast) -> None:
    concern, signed, referral = build.shared(cast)
    send(referral, None)
    Decision.objects.filter(pk=signed.decision_id).update(status=DecisionStatus.NOT_AGREED)
    assert FollowUp.objects.open().count() == 1
    assert mitigations_done(case_facts(fresh(concern))) is not None


def test_it_stands_in_part_16_of_the_record(cast: Cast) -> None:
    _, signed, referral = build.shared(cast)
    send(referral, Told("unsafe", None, "Her son opens her post."))
    rows = later_of(SignedRecord.objects.get(pk=signed.pk), cast.ruth).follow_up
    name = referral.agency_name
    assert f"Jean Ashworth: Not told what went to {name}, because that would not be safe" in {row[1] for row in rows}


def test_nobody_changes_what_was_said_of_telling(cast: Cast) -> None:
    _, _, referral = build.shared(cast)
    telling = send(referral, Told("yes", TODAY, "At home."))
    assert telling is not None
    with pytest.raises(DatabaseError), transaction.atomic():
        Telling.objects.filter(pk=telling.pk).update(words="Otherwise")


def test_the_page_asks_by_name_and_shows_how_to_reach_them_safely(cast: Cast) -> None:
    concern = build.case(cast)
    person = concern.involvements.get(role=PersonRole.AT_RISK).person
    person.name, person.unsafe_contact = "<b>Jean</b> {{ secret }}", "Her mobile: he reads it."
    person.save()
    build.signed(concern, decisions.agreed(), agency=build.adult_care(cast))
    referral = Referral.objects.get()
    address = reverse("sharing:act-on-referral", args=[referral.ref, "sent"])
    page = get(address, cast.gwen, at=SENT_AT).content.decode()
    assert "Does &lt;b&gt;Jean&lt;/b&gt; {{ secret }} know what went, and to whom?" in page
    assert "Her mobile: he reads it." in page
    key = person.ref
    data = {
        "method": "portal", "sent_at_0": "17", "sent_at_1": "3", "sent_at_2": "2026", "sent_at_time": "11:05am",
        "received_by": "Duty worker", "insecure_reason": "", f"told_{key}": "yes", f"told_{key}_on_0": "",
        f"told_{key}_on_1": "", f"told_{key}_on_2": "", f"told_{key}_words": "At home.",
    }  # fmt: skip
    answer = post(address, cast.gwen, data, at=SENT_AT)
    assert "Enter the date they were told." in answer.content.decode()
    data |= {f"told_{key}_on_0": "17", f"told_{key}_on_1": "3", f"told_{key}_on_2": "2026"}
    assert post(address, cast.gwen, data, at=SENT_AT).status_code == 302
    shown = get(referral.get_absolute_url(), cast.gwen, at=SENT_AT).content.decode()
    assert "told 17 March 2026" in shown
    assert "&lt;b&gt;Jean&lt;/b&gt;" in shown


def test_limits_that_somebody_set_stand_beside_every_later_share(cast: Cast) -> None:
    """R64."""
    concern = build.case(cast)
    record = decisions.agreed()
    limited = decisions.change(record.people[0].agreement, status="limited", limits="Nothing about her son.")
    record = decisions.change_first_person(record, agreement=limited)
    record = decisions.change_first_item(record, beyond_limits="no")
    signed = build.signed(concern, record, agency=build.adult_care(cast))
    sent = reverse("sharing:act-on-referral", args=[Referral.objects.get().ref, "sent"])
    assert "Nothing about her son." in get(sent, cast.gwen, at=SENT_AT).content.decode()
    later = services.start_decision(concern_id=concern.pk, by=cast.gwen, at=LATER)
    page = reverse("sharing:edit-page", args=[later.ref, 1, "items"])
    services.save_page(
        decision_id=later.pk, page="decision", answers={"decision.choice": "share_all"}, typed=None, seen_edit=1,
        by=cast.gwen, at=LATER,
    )  # fmt: skip
    shown = get(page, cast.gwen, at=LATER).content.decode()
    assert "Nothing about her son. (in the decision of 17 March 2026)" in shown
    assert signed.ref != later.ref


def test_keeping_in_touch_is_a_task_where_nothing_is_shared(cast: Cast) -> None:
    """R77, R82; closing does not wait for it (2.6, 4). The next contact is due by the end of its day in London."""
    concern = build.case(cast)
    record = decisions.not_shared()
    answers = decisions.change(record.not_sharing, advocate="pending", advocate_kind="Peer supporter")
    signed = build.signed(concern, decisions.change(record, not_sharing=answers))
    words = list(signed.follow_ups.filter(is_contact=True).values_list("words", "due_date"))
    assert words == [
        ("The offer of an advocate or peer supporter is open. Find out what they want. Peer supporter", None),
    ]
    assert answers.next_contact_on == date(2026, 3, 23)
    due = Deadline.objects.get(concern=concern, kind=ClockKind.CONTACT)
    jean = concern.involvements.get(role=PersonRole.AT_RISK).person
    assert (due.about, due.due_at) == (jean.ref, datetime(2026, 3, 24, tzinfo=UTC))
    services.give_second_view(record_id=signed.pk, is_agreed=True, comment="", by=cast.dev, at=LATER)
    assert mitigations_done(case_facts(fresh(concern))) is None
