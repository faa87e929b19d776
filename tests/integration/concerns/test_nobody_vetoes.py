"""Nobody plays a concern down alone, takes it away without a word, or waits for ever (R44, T10, I16, 2.6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.urls import reverse

from accounts.services import record_absence
from audit.models import Event
from concerns import services
from concerns.facts import case_facts
from concerns.models import Alarm, Concern, Deadline, Note, TwoPersonStep
from concerns.services.conflicts import bar
from concerns.services.sweeping import sweep
from concerns.vocabulary import AlarmKind, ClockKind, ReviewOutcome, RiskLevel, State, TwoPersonAct, Urgency
from concerns.workflow import referrals_have_ended
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from safeguarding.kit.models import OutboxMessage
from safeguarding.kit.outbox import all_kinds
from sharing import services as sharing
from sharing.models import ReceiptCheck
from tests.build import cases, route
from tests.build.cast import Cast, make_cast
from tests.build.intakes import PLAIN, URGENT
from tests.build.sharing import SIGNED_AT, fresh, holder_of
from tests.build.web import get, post

pytestmark = pytest.mark.django_db
AT = cases.AT  # a Tuesday, 10:00
LATER = AT + timedelta(hours=2)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def away(cast: Cast, *names: str) -> None:
    """From Tuesday until Thursday at 10:00."""
    for name in names:
        person = getattr(cast, name)
        record_absence(person=person, starts_at=AT, ends_at=AT + timedelta(days=2), by=person, at=AT)


# --- A lower level of risk, a lower urgency (R44, 3.4) ---


def change_risk(concern: Concern, level: str, reason: str) -> None:
    person = cases.person_on(concern)
    values = {"risk_level": level, "risk_reason": reason}
    services.update_person(
        concern_id=concern.pk, involvement_id=person.pk, values=values, by=holder_of(concern), at=LATER
    )


def level_of(concern: Concern) -> str:
    return cases.person_on(concern).risk_level


def test_a_lower_risk_needs_words_of_its_own(cast: Cast) -> None:
    concern = cases.triaged(cast, level=RiskLevel.HIGH)
    for words in ("", "He takes her money every week."):  # nothing, and the reason for the level before
        with pytest.raises(Unsound) as caught:
            change_risk(concern, "medium", words)
        assert set(caught.value.problems) == {"risk_reason"}
    assert level_of(concern) == "high"
    change_risk(concern, "medium", "Her niece keeps the card now.")
    assert level_of(concern) == "medium"
    event = Event.objects.get(concern_id=concern.pk, code="concern.risk_lowered")
    assert (event.data["before"], event.data["after"]) == ("high", "medium")


def test_a_higher_risk_asks_for_nothing(cast: Cast) -> None:
    concern = cases.triaged(cast)
    change_risk(concern, "critical", "He takes her money every week.")
    assert level_of(concern) == "critical"


def test_two_steps_down_wait_for_a_second_person(cast: Cast) -> None:
    concern = cases.triaged(cast, level=RiskLevel.HIGH)
    change_risk(concern, "low", "He has moved away.")
    assert level_of(concern) == "high", "nothing changes until somebody agrees"
    step = TwoPersonStep.objects.get(concern=concern)
    assert (step.act, step.level, step.asked_by) == (TwoPersonAct.LOWER_RISK, "low", cast.gwen)
    told = OutboxMessage.objects.filter(kind="concern.second_wanted").values_list("recipient_id", flat=True)
    assert set(told) == {cast.dev.pk, cast.nadia.pk, cast.ruth.pk, cast.imran.pk}
    for wrong in (cast.gwen, cast.joyce, cast.mei):
        with pytest.raises(NotAllowed):
            services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=wrong, at=LATER)
    services.give_second_view(step_id=step.pk, is_agreed=True, words="I rang her.", by=cast.dev, at=LATER)
    assert level_of(concern) == "low"
    assert cases.person_on(concern).risk_reason == "He has moved away."


def test_the_second_person_finds_it_reads_it_and_says_no(cast: Cast) -> None:
    concern = cases.triaged(cast, level=RiskLevel.CRITICAL)
    change_risk(concern, "medium", "He has moved away.")
    assert concern.ref in get("/", cast.dev, at=LATER).content.decode()
    path = reverse("concerns:give-second-view", args=[concern.ref])
    page = get(path, cast.dev, at=LATER).content.decode()
    assert "Lower the level of risk from “critical” to “medium”" in page
    assert "He has moved away." in page
    view = {"view": "refuse", "words": "He was seen there.", "seen_version": fresh(concern).version}
    sent = post(path, cast.dev, view, at=LATER)
    assert sent.status_code == 302
    assert level_of(concern) == "critical"
    assert concern.ref not in get("/", cast.joyce, at=LATER).content.decode()


def test_recording_triage_again_is_no_way_around_it(cast: Cast) -> None:
    concern = cases.triaged(cast, level=RiskLevel.HIGH)
    findings = cases.findings_for(concern, level=RiskLevel.LOW)
    record = partial(services.record_triage, concern_id=concern.pk, by=cast.gwen, at=LATER)
    person = cases.person_on(concern)
    with pytest.raises(Unsound) as caught:
        record(findings=findings)
    assert set(caught.value.problems) == {f"risk_reason_{person.handle}"}
    record(findings=replace(findings, risks={person.pk: ("low", "He has moved away.")}))
    assert level_of(concern) == "high"
    assert TwoPersonStep.objects.filter(concern=concern, act=TwoPersonAct.LOWER_RISK, level="low").exists()


def test_why_it_is_less_urgent_can_be_read_afterwards(cast: Cast) -> None:
    concern = cases.acknowledged(cast, intake=URGENT)
    findings = replace(
        cases.findings_for(concern), urgency=Urgency.STANDARD, urgency_reason="Her sister is with her this week."
    )
    services.record_triage(concern_id=concern.pk, findings=findings, by=holder_of(concern), at=LATER)
    note = Note.objects.get(concern=concern, kind="reason")
    assert note.text == "Urgency changed: Her sister is with her this week."
    assert note.text in get(concern.get_absolute_url(), cast.dev, at=LATER).content.decode()


# --- Taking a concern from somebody (t22) ---


def test_what_somebody_has_taken_on_is_taken_from_them_with_a_note(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    with pytest.raises(Unsound) as caught:
        services.take(concern_id=concern.pk, by=cast.dev, at=LATER)
    assert set(caught.value.problems) == {"note"}
    path = reverse("concerns:take-concern", args=[concern.ref])
    assert "Gwen Pritchard" in get(path, cast.dev, at=LATER).content.decode()
    version = fresh(concern).version
    post(path, cast.dev, {"note": "She asked me to.", "seen_version": version}, at=LATER)
    assert fresh(concern).responsible == cast.dev
    assert Note.objects.get(concern=concern, kind="hand_over").text == "She asked me to."
    told = OutboxMessage.objects.get(kind="concern.taken")
    assert told.recipient_id == cast.gwen.pk
    assert all_kinds()["concern.taken"].may_still_know(cast.gwen.pk, concern.pk)


def test_why_it_was_declined_reaches_whoever_holds_it_next(cast: Cast) -> None:
    concern = cases.submitted(cast)
    services.decline(concern_id=concern.pk, by=cast.gwen, at=LATER, reason="I am in court all day.")
    assert Note.objects.get(concern=concern, kind="hand_over").text == "I am in court all day."
    holder = holder_of(concern)
    assert "I am in court all day." in get(concern.get_absolute_url(), holder, at=LATER).content.decode()


def test_why_it_moved_to_another_area_or_was_opened_again_can_be_read(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    services.change_area(
        concern_id=concern.pk, area=cast.areas.repairs, reason="The flat is theirs.", by=cast.gwen, at=LATER
    )
    moved = Note.objects.get(concern=concern, kind="reason")
    assert moved.text == "Moved from Housing management to Repairs and maintenance: The flat is theirs."
    ended = route.closed(cast)
    services.reopen(concern_id=ended.pk, reason="The son is back.", by=cast.dev, at=route.NOW)
    assert Note.objects.get(concern=ended, kind="reason").text == "Opened again: The son is back."


# --- After a review at critical risk, sharing is decided again (T10) ---


def critical(cast: Cast) -> Concern:
    """Not shared, kept under review; then somebody is at critical risk."""
    concern = route.monitoring(cast)
    at = SIGNED_AT + timedelta(hours=2)
    services.update_person(
        concern_id=concern.pk, involvement_id=cases.person_on(concern).pk,
        values={"risk_level": "critical", "risk_reason": "He has a knife."}, by=holder_of(concern), at=at,
    )  # fmt: skip
    return fresh(concern)


def review(concern: Concern, *, days: int = 1) -> None:
    at = route.NOW + timedelta(days=days - 1)
    findings = services.ReviewFindings(
        outcome=ReviewOutcome.NO_CHANGE, findings="Still at the door.", is_decision_revisited=False,
        next_date=route.TODAY + timedelta(days=days),
    )  # fmt: skip
    services.record_review(concern_id=concern.pk, findings=findings, by=holder_of(concern), at=at)


def test_a_critical_review_opens_the_question_of_sharing_whatever_the_form_says(cast: Cast) -> None:
    concern = critical(cast)
    review(concern)
    assert fresh(concern).state == State.TRIAGE
    assert Deadline.objects.filter(concern=concern, kind=ClockKind.TRIAGE, met_at=None, dropped_at=None).exists()
    assert case_facts(fresh(concern)).sharing.critical_reviews_not_revisited == 1


def test_no_further_review_and_no_closing_until_it_is_signed(cast: Cast) -> None:
    concern = critical(cast)
    review(concern)
    with pytest.raises(NotNow, match="Decide again about sharing"):
        review(concern, days=2)
    at = route.NOW + timedelta(minutes=5)
    services.update_person(
        concern_id=concern.pk, involvement_id=cases.person_on(concern).pk,
        values={"risk_level": "high", "risk_reason": "The police took the knife."}, by=holder_of(concern), at=at,
    )  # fmt: skip
    with pytest.raises(NotNow, match="Decide again about sharing"):
        services.propose_closure(concern_id=concern.pk, closure=cases.CLOSURE, by=holder_of(concern), at=at)
    draft = route.written(concern, cast, shares=True, at=at)
    sharing.sign_decision(decision_id=draft.pk, seen_edit=draft.edit, by=holder_of(concern), at=at)
    assert case_facts(fresh(concern)).sharing.critical_reviews_not_revisited == 0
    review(concern, days=2)


# --- Going on without an answer (2.6, condition 2) ---


def test_a_lead_goes_on_without_an_answer_and_says_why(cast: Cast) -> None:
    concern = route.acknowledged_by_agency(cast)
    referral = route.referral_of(concern)
    go_on = partial(sharing.go_on_without, referral_id=referral.pk, at=route.NOW)
    with pytest.raises(NotAllowed):
        go_on(reason="They never answer.", by=cast.gwen)
    with pytest.raises(Unsound):
        go_on(reason=" ", by=cast.ruth)
    assert referrals_have_ended(case_facts(concern)) is not None
    path = reverse("sharing:act-on-referral", args=[referral.ref, "go-on"])
    assert path in get(referral.get_absolute_url(), cast.ruth, at=route.NOW).content.decode()
    assert path not in get(referral.get_absolute_url(), cast.gwen, at=route.NOW).content.decode()
    assert post(path, cast.ruth, {"words": "They never answer."}, at=route.NOW).status_code == 302
    assert referrals_have_ended(case_facts(fresh(concern))) is None
    event = Event.objects.get(concern_id=concern.pk, code="sharing.gone_on_without")
    assert event.actor_id == cast.ruth.pk
    running = Deadline.objects.filter(concern=concern, about=referral.ref, met_at=None, dropped_at=None)
    assert not running.exists()
    with pytest.raises(NotNow, match="Nothing is missing here"):
        go_on(reason="Again.", by=cast.imran)
    assert not ReceiptCheck.objects.exists(), "it does not say that it was checked"


def test_nobody_goes_on_without_an_answer_to_their_own_referral(cast: Cast) -> None:
    """The lead holds the concern and sent it, so another lead decides."""
    concern = route.acknowledged_by_agency(cast)
    services.hand_on(concern_id=concern.pk, to=cast.ruth, note="Yours.", by=cast.gwen, at=route.NOW)
    go_on = partial(
        sharing.go_on_without, referral_id=route.referral_of(concern).pk, reason="They never answer.", at=route.NOW
    )
    with pytest.raises(NotAllowed, match="Another safeguarding lead"):
        go_on(by=cast.ruth)
    go_on(by=cast.imran)


def test_silence_before_anything_was_acknowledged_is_a_dispute_not_an_end(cast: Cast) -> None:
    concern = route.referred(cast)
    with pytest.raises(NotNow, match="open a dispute"):
        sharing.go_on_without(referral_id=route.referral_of(concern).pk, reason="Silent.", by=cast.ruth, at=route.NOW)


# --- Somebody at lead level is always there, or the alarm is on (I16, 2.3) ---


def on() -> list[str]:
    return [alarm.kind for alarm in Alarm.objects.filter(ended_at__isnull=True)]


def test_without_anybody_at_lead_level_the_seniors_are_told_once_until_it_is_over(cast: Cast) -> None:
    sweep(at=LATER)
    assert on() == []
    away(cast, "ruth", "imran", "karen")
    sweep(at=LATER)
    sweep(at=LATER)
    assert on() == [AlarmKind.NO_LEAD]
    told = OutboxMessage.objects.filter(kind="concern.no_lead")
    assert set(told.values_list("recipient_id", flat=True)) == {cast.martin.pk, cast.sunita.pk}
    assert told.count() == 2
    for reader in (cast.martin, cast.sunita, cast.ruth):
        assert "Nobody at lead level is at work" in get("/", reader, at=LATER).content.decode()
    for reader in (cast.gwen, cast.dev, cast.helen):
        assert "Nobody at lead level is at work" not in get("/", reader, at=LATER).content.decode()
    back = AT + timedelta(days=3)
    sweep(at=back)
    assert on() == []
    assert "Nobody at lead level" not in get("/", cast.martin, at=back).content.decode()
    assert not any(all_kinds()["concern.no_lead"].may_still_know(row.recipient_id, row.about_id) for row in told)
    codes = Event.objects.filter(code__startswith="concern.alarm").order_by("pk").values_list("code", flat=True)
    assert list(codes) == ["concern.alarm_raised", "concern.alarm_ended"]


def test_when_no_lead_may_act_on_one_concern_the_alarm_names_it_to_those_who_may_know(cast: Cast) -> None:
    concern = cases.submitted(cast)
    away(cast, "imran", "karen")
    bar(services.base.lock(concern.pk), staff_id=cast.ruth.pk, reason="She is named.", by=cast.amara, at=AT)
    sweep(at=LATER)
    assert AlarmKind.NO_LEAD_HERE in on()
    shown = get("/", cast.martin, at=LATER).content.decode()
    assert concern.ref in shown
    assert "may act on this concern" in shown
    assert concern.ref not in get("/", cast.ruth, at=LATER).content.decode()
    assert not all_kinds()["concern.no_lead"].may_still_know(cast.ruth.pk, Alarm.objects.latest("pk").pk)
    sweep(at=AT + timedelta(days=3))
    assert AlarmKind.NO_LEAD_HERE not in on()


def test_an_exhausted_ladder_stands_on_the_first_page_until_somebody_takes_it(cast: Cast) -> None:
    everyone = (
        "gwen",
        "dev",
        "nadia",
        "femi",
        "saoirse",
        "mei",
        "rhys",
        "olu",
        "ruth",
        "imran",
        "karen",
        "martin",
        "sunita",
    )
    away(cast, *everyone)
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=LATER)
    sweep(at=LATER)
    assert AlarmKind.EXHAUSTED in on()
    assert "Nobody else on the ladder was free" in get("/", cast.martin, at=LATER).content.decode()
    back = AT + timedelta(days=3)
    services.take(concern_id=concern.pk, by=cast.ruth, at=back)
    sweep(at=back)
    assert on() == []
