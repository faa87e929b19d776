"""The pages that work on a concern, each asked the same questions: works; refused; bad input; two people at once."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.services import deactivate_person, give_role, reactivate_person, record_absence
from accounts.vocabulary import AbsenceKind, Role
from audit.models import Event
from concerns import services
from concerns.intake import IntakeEmergencyCall, IntakePerson
from concerns.models import (
    Assignment,
    Concern,
    Conflict,
    Dissatisfaction,
    EmergencyCall,
    Feedback,
    Involvement,
    Note,
    Review,
)
from concerns.services.conflicts import bar
from concerns.vocabulary import (
    AdultAbuse,
    ChildAbuse,
    ClockKind,
    ConflictKind,
    LifeStage,
    NoteKind,
    PersonRole,
    RiskLevel,
    State,
    TwoPersonAct,
    YesNoUnknown,
)
from safeguarding.kit.errors import NotAllowed
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.intakes import ABOUT_MANAGER, ADULT, CHILD, PLAIN, SON
from tests.build.web import get, post, signed_in

pytestmark = pytest.mark.django_db
AT = cases.AT
LATER = AT + timedelta(hours=2)
# As a page makes it.
KEY = "5a" * 16


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def path(name: str, concern: Concern) -> str:
    return reverse(f"concerns:{name}", args=[concern.ref])


def person_path(row: Involvement) -> str:
    return reverse("concerns:change-person", args=[row.concern.ref, row.person.ref, row.role])


def fresh(concern: Concern) -> Concern:
    return Concern.objects.get(pk=concern.pk)


def seen(concern: Concern, **data: Any) -> dict[str, Any]:
    """What a page sends that was opened on `concern` as it is now."""
    return {"seen_version": fresh(concern).version, "seen_at": AT.isoformat(), **data}


def words(response: Any) -> str:
    return str(response.content.decode())


def refused(concern: Concern, who: User, act: str) -> bool:
    rows = Event.objects.filter(code="audit.act_refused", concern_id=concern.pk, actor_id=who.pk)
    return any(row.data["act"] == f"concerns.{act}" for row in rows)


FORMS = [
    "acknowledge-concern", "decline-concern", "declare-conflict", "hand-on-concern", "change-area", "add-note",
    "record-emergency-call", "add-person", "triage-concern", "review-concern", "propose-closure", "view-closure",
    "give-feedback", "answer-dissatisfaction", "reopen-concern",
]  # fmt: skip


# --- Who may -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*FORMS, "take-concern"])
def test_nothing_exists_for_strangers_the_barred_and_the_recused(cast: Cast, name: str) -> None:
    about_gwen = cases.submitted(cast, intake=ABOUT_MANAGER)
    plain = cases.submitted(cast)
    services.declare_conflict(concern_id=plain.pk, by=cast.dev, at=AT, words="My aunt.")
    for concern, user in ((about_gwen, cast.gwen), (plain, cast.dev), (plain, cast.femi), (plain, cast.amara)):
        assert post(path(name, concern), user, {}, at=LATER).status_code == 404
        if name != "take-concern":
            assert get(path(name, concern), user, at=LATER).status_code == 404
    assert fresh(plain).responsible == cast.gwen


@pytest.mark.parametrize("name", FORMS)
def test_a_wrong_method_is_405(cast: Cast, name: str) -> None:
    concern = cases.triaged(cast)
    answer = signed_in(cast.gwen).delete(path(name, concern))
    assert answer.status_code in (302, 405)
    assert fresh(concern).version == concern.version


def test_taking_is_never_a_link(cast: Cast) -> None:
    concern = cases.submitted(cast)
    assert get(path("take-concern", concern), cast.dev, at=LATER).status_code == 200
    assert Concern.objects.get(pk=concern.pk).responsible_id == concern.responsible_id


@pytest.mark.parametrize(
    "name", ["add-person", "triage-concern", "review-concern", "propose-closure", "give-feedback", "decline-concern"]
)
def test_only_the_holder_does_the_holders_work_and_the_refusal_is_kept(cast: Cast, name: str) -> None:
    concern = cases.acknowledged(cast)
    response = get(path(name, concern), cast.dev, at=LATER)
    assert (response.status_code, response["Location"]) == (302, concern.get_absolute_url())
    act = {"triage-concern": "triage", "review-concern": "review", "decline-concern": "decline"}.get(name, name)
    assert refused(concern, cast.dev, act)


# --- Acknowledging, declining, leaving ----------------------------------------------------------------------


def test_acknowledging_moves_it_to_triage(cast: Cast) -> None:
    concern = cases.submitted(cast)
    response = post(path("acknowledge-concern", concern), cast.gwen, {"has_conflict": "no"}, at=LATER)
    assert (response.status_code, response["Location"]) == (302, concern.get_absolute_url())
    assert fresh(concern).state == State.TRIAGE


def test_the_question_of_a_conflict_must_be_answered(cast: Cast) -> None:
    concern = cases.submitted(cast)
    response = post(path("acknowledge-concern", concern), cast.gwen, {}, at=LATER)
    assert response.status_code == 200
    assert "Choose whether you have a conflict of interest" in words(response)
    assert fresh(concern).state == State.SUBMITTED


def test_a_conflict_needs_words_and_then_takes_the_case_away(cast: Cast) -> None:
    concern = cases.submitted(cast)
    silent = post(path("acknowledge-concern", concern), cast.gwen, {"has_conflict": "yes"}, at=LATER)
    assert "Say what the conflict is, in a few words." in words(silent)
    data = {"has_conflict": "yes", "conflict_words": "She is my aunt."}
    response = post(path("acknowledge-concern", concern), cast.gwen, data, at=LATER)
    assert (response.status_code, response["Location"]) == (302, "/")
    assert fresh(concern).responsible in (cast.dev, cast.nadia)
    assert Conflict.objects.get(concern=concern).reason == "She is my aunt."
    assert get(concern.get_absolute_url(), cast.gwen, at=LATER).status_code == 404


def test_acknowledging_again_says_that_it_is_done(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    client = signed_in(cast.gwen)
    response = client.get(path("acknowledge-concern", concern), follow=True)
    assert "This concern has been acknowledged already." in words(response)


def test_declining_needs_a_reason_and_passes_it_on(cast: Cast) -> None:
    concern = cases.submitted(cast)
    assert "Say why you can’t take it on." in words(post(path("decline-concern", concern), cast.gwen, {}, at=LATER))
    response = post(path("decline-concern", concern), cast.gwen, {"reason": "In a tribunal all day."}, at=LATER)
    assert response["Location"] == "/"
    assert fresh(concern).responsible in (cast.dev, cast.nadia)


# --- Taking and handing on ----------------------------------------------------------------------------------


def test_a_champion_takes_it(cast: Cast) -> None:
    concern = cases.submitted(cast)
    response = post(path("take-concern", concern), cast.dev, {"seen_version": concern.version}, at=LATER)
    assert response["Location"] == concern.get_absolute_url()
    assert fresh(concern).responsible == cast.dev


def test_the_second_who_takes_it_is_told_that_it_changed(cast: Cast) -> None:
    concern = cases.submitted(cast)
    post(path("take-concern", concern), cast.dev, {"seen_version": concern.version}, at=LATER)
    client = signed_in(cast.nadia)
    response = client.post(path("take-concern", concern), {"seen_version": concern.version}, follow=True)
    assert "Somebody else changed this concern" in words(response)
    assert fresh(concern).responsible == cast.dev


def test_handing_on_lists_who_may_hold_it_by_part(cast: Cast) -> None:
    record_absence(
        person=cast.nadia, kind=AbsenceKind.LEAVE, starts_at=AT, ends_at=AT + timedelta(days=5), by=cast.nadia, at=AT
    )
    page = words(get(path("hand-on-concern", cases.acknowledged(cast)), cast.gwen, at=LATER))
    groups = re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', page, re.DOTALL)
    found = {label: re.findall(r">([^<,]+), [^<]+</option>", options) for label, options in groups}
    assert found["Champions of Housing management"] == ["Dev Patel"]
    assert found["Safeguarding leads"] == ["Imran Sheikh", "Karen Doyle", "Ruth Abrahams"]
    assert found["Senior managers"] == ["Martin Ellis", "Sunita Rao"]
    assert found["Champions of other areas"] == [
        "Femi Adeyemi", "Mei Chen", "Olu Bello", "Rhys Evans", "Saoirse Byrne",
    ]  # fmt: skip
    assert "Line manager of the person who reported it" not in found


def test_handing_on_with_a_note(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    data = seen(concern, to=cast.ruth.pk, note="Ring the niece first.")
    response = post(path("hand-on-concern", concern), cast.gwen, data, at=LATER)
    assert response["Location"] == "/", "the line manager may no longer read it"
    assert fresh(concern).responsible == cast.ruth
    assert "Ring the niece first." in words(get(concern.get_absolute_url(), cast.ruth, at=LATER))


@pytest.mark.parametrize("name", ["amara", "quinn"])
def test_handing_on_to_somebody_who_may_not_hold_it(cast: Cast, name: str) -> None:
    concern = cases.acknowledged(cast)
    data = seen(concern, to=getattr(cast, name).pk, note="Yours.")
    response = post(path("hand-on-concern", concern), cast.gwen, data, at=LATER)
    assert "Choose one of the answers on this page" in words(response)
    assert ">Yours.</textarea>" in words(response).replace("\n", "")
    assert fresh(concern).responsible == cast.gwen


def test_two_people_hand_it_on_and_the_second_keeps_the_words_and_is_told_what_changed(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    data = seen(concern, to=cast.ruth.pk, note="Ring the niece first.")
    services.add_note(concern_id=concern.pk, text="Rang her.", form_key="x", by=cast.dev, at=AT + timedelta(hours=1))
    response = post(path("hand-on-concern", concern), cast.gwen, data, at=LATER)
    page = words(response)
    assert "Somebody else changed this concern after you opened the page" in page
    assert "What changed after you opened this page" in page
    assert "Note added" in page
    assert "Dev Patel" in page
    assert "Ring the niece first." in page
    assert fresh(concern).responsible == cast.gwen
    again = {**data, "seen_version": re.findall(r'name="seen_version" value="(\d+)"', page)[0]}
    assert post(path("hand-on-concern", concern), cast.gwen, again, at=LATER).status_code == 302
    assert fresh(concern).responsible == cast.ruth


def test_a_page_with_an_error_still_remembers_the_version_that_was_seen(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    data = seen(concern, to=cast.ruth.pk, note="")
    services.add_note(concern_id=concern.pk, text="Rang her.", form_key="x", by=cast.dev, at=AT + timedelta(hours=1))
    page = words(post(path("hand-on-concern", concern), cast.gwen, {**data, "to": ""}, at=LATER))
    assert f'name="seen_version" value="{data["seen_version"]}"' in page


def test_a_mangled_version_counts_as_an_old_one(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    data = {"to": cast.ruth.pk, "note": "Yours.", "seen_version": "x" * 400, "seen_at": "yesterday"}
    assert "Somebody else changed" in words(post(path("hand-on-concern", concern), cast.gwen, data, at=LATER))


def test_moving_to_another_area(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    silent = post(path("change-area", concern), cast.gwen, seen(concern, area="repairs"), at=LATER)
    assert "Say why it belongs to the other service area." in words(silent)
    post(path("change-area", concern), cast.gwen, seen(concern, area="repairs", reason="A repairs job."), at=LATER)
    assert fresh(concern).service_area == cast.areas.repairs


# --- Notes, calls, words for the reporter ---------------------------------------------------------------------


def test_a_note_sent_twice_is_one_note(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    data = {"kind": "note", "text": "Rang the niece.", "form_key": KEY}
    for _ in range(2):
        assert post(path("add-note", concern), cast.gwen, data, at=LATER).status_code == 302
    note = Note.objects.get()
    assert (note.text, note.author, note.kind, note.event_at) == ("Rang the niece.", cast.gwen, NoteKind.NOTE, None)


@pytest.mark.parametrize("key", ["", "k1", "hand-over:7", "reason:urgency:7", "A5" * 16, "5a" * 17])
def test_a_key_that_we_did_not_make_loses_no_words(cast: Cast, key: str) -> None:
    """Issue 5: it is answered with one of ours, so that nobody can name the row that something else will make."""
    concern = cases.acknowledged(cast)
    data = {"kind": "note", "text": "Rang the niece.", "form_key": key}
    assert post(path("add-note", concern), cast.gwen, data, at=LATER).status_code == 302
    kept = Note.objects.get().form_key
    assert re.fullmatch("[0-9a-f]{32}", kept)
    assert kept != key


def test_nobody_can_take_the_key_of_a_hand_over(cast: Cast) -> None:
    """Issue 5, R44, I1: a reporter who guesses what is made next neither stops it nor learns that it was made."""
    mine = cases.submitted(cast, by=cast.jakub)
    concern = cases.acknowledged(cast, holder=cast.dev)
    newest = Assignment.objects.order_by("-pk").values_list("pk", flat=True)[0]
    keys = [f"hand-over:{newest + more}" for more in range(3)]
    target = path("add-to-report", mine)
    for key in keys:
        assert post(target, cast.jakub, {"text": f"Before {key}", "form_key": key}, at=LATER).status_code == 302
    services.hand_on(concern_id=concern.pk, to=cast.nadia, note="I am on leave.", by=cast.dev, at=LATER)
    services.take(concern_id=concern.pk, by=cast.ruth, at=LATER, note="It can’t wait.")
    for key in keys:
        assert post(target, cast.jakub, {"text": f"After {key}", "form_key": key}, at=LATER).status_code == 302
    assert fresh(concern).responsible == cast.ruth
    written = Note.objects.filter(concern=concern).order_by("pk")
    assert [(note.kind, note.text, note.form_key) for note in written] == [
        ("hand_over", "I am on leave.", ""), ("hand_over", "It can’t wait.", ""),
    ]  # fmt: skip
    added = Note.objects.filter(concern=mine).order_by("pk").values_list("text", flat=True)
    assert list(added) == [f"{when} {key}" for when in ("Before", "After") for key in keys]


def test_a_key_counts_on_its_own_concern_and_for_its_own_author(cast: Cast) -> None:
    """Issue 5: what somebody else sent, or sent elsewhere, is never taken for this."""
    ours, other = cases.acknowledged(cast), cases.acknowledged(cast)
    for _ in range(2):
        for concern, by in ((ours, cast.gwen), (ours, cast.ruth), (other, cast.gwen)):
            services.add_note(concern_id=concern.pk, text=by.full_name, form_key=KEY, by=by, at=LATER)
    rows = Note.objects.order_by("pk").values_list("concern", "author", "text")
    assert list(rows) == [
        (ours.pk, cast.gwen.pk, cast.gwen.full_name),
        (ours.pk, cast.ruth.pk, cast.ruth.full_name),
        (other.pk, cast.gwen.pk, cast.gwen.full_name),
    ]


def test_other_words_in_the_same_form_are_kept_too(cast: Cast) -> None:
    """R147: who presses Back, writes something else and sends again has said two things; pressed twice, each is one."""
    concern = cases.acknowledged(cast)
    data = {"kind": "note", "form_key": KEY}
    for text in ("Rang the niece.", "Rang the nephew.", "Rang the nephew.", "Rang the niece."):
        assert post(path("add-note", concern), cast.gwen, {**data, "text": text}, at=LATER).status_code == 302
    assert list(Note.objects.order_by("pk").values_list("text", flat=True)) == ["Rang the niece.", "Rang the nephew."]


def test_without_a_key_nothing_is_taken_for_something_else(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    services.take(concern_id=concern.pk, by=cast.ruth, at=LATER, note="It can’t wait.")
    services.add_note(concern_id=concern.pk, text="Rang the niece.", form_key="", by=cast.ruth, at=LATER)
    assert list(Note.objects.order_by("pk").values_list("text", flat=True)) == ["It can’t wait.", "Rang the niece."]


def test_a_note_says_when_it_happened_in_local_time(cast: Cast) -> None:
    concern = cases.submitted(cast, at=AT + timedelta(days=150))
    data = {
        "kind": "note", "text": "He shouted.", "form_key": "k", "event_at_0": "2", "event_at_1": "7",
        "event_at_2": "2026", "event_time": "2:30pm",
    }  # fmt: skip
    post(path("add-note", concern), cast.gwen, data, at=AT + timedelta(days=151))
    event_at = Note.objects.get().event_at
    assert event_at is not None
    assert event_at.isoformat() == "2026-07-02T13:30:00+00:00", "British Summer Time"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"text": ""}, "Write what you want to add."),
        ({"text": "x", "event_at_0": "31", "event_at_1": "2", "event_at_2": "2026"}, "Enter a real date"),
        ({"text": "x", "event_at_0": "2", "event_at_1": "2", "event_at_2": "2026"}, "Enter a time as well"),
        ({"text": "x", "event_time": "2:30pm"}, "Enter the day as well"),
        (
            {"text": "x", "event_at_0": "2", "event_at_1": "2", "event_at_2": "2036", "event_time": "14:30"},
            "The date and time can’t be in the future.",
        ),
        ({"text": "x", "event_time": "half past"}, "Enter a time such as 2:30pm or 14:30"),
        ({"text": "x" * 300_000}, "is the most this answer can hold"),
        ({"text": "x", "kind": "poem"}, "Choose one of the answers on this page"),
    ],
)
def test_a_bad_note_says_what_to_do_and_keeps_the_words(cast: Cast, data: dict[str, str], sentence: str) -> None:
    concern = cases.acknowledged(cast)
    page = words(post(path("add-note", concern), cast.gwen, {"kind": "note", "form_key": "k", **data}, at=LATER))
    assert sentence in page
    assert "There is a problem" in page
    assert data["text"] in page
    assert not Note.objects.exists()


def test_a_reporter_records_a_call_until_they_are_named(cast: Cast) -> None:
    """Issue 5, I3, R39: whoever is barred writes nothing, whatever else they were to it."""
    concern = cases.submitted(cast)
    call = IntakeEmergencyCall(service="police", called_by="Amara", called_at=AT)
    services.record_emergency_call(concern_id=concern.pk, call=call, by=cast.amara, at=LATER)
    bar(fresh(concern), staff_id=cast.amara.pk, reason="Named", by=cast.ruth, at=LATER)
    with pytest.raises(NotAllowed):
        services.record_emergency_call(
            concern_id=concern.pk, call=replace(call, service="ambulance"), by=cast.amara, at=LATER
        )
    assert [row.service for row in EmergencyCall.objects.all()] == ["police"]


def test_a_call_told_again_with_another_answer_is_kept_as_told(cast: Cast) -> None:
    """R37, R147: somebody who is not safe any more is not passed over as said before."""
    concern = cases.submitted(cast)
    call = IntakeEmergencyCall(service="police", called_by="Amara", called_at=AT, is_safe_now=YesNoUnknown.YES)
    for is_safe_now in (YesNoUnknown.YES, YesNoUnknown.NO, YesNoUnknown.NO):
        told = replace(call, is_safe_now=is_safe_now)
        services.record_emergency_call(concern_id=concern.pk, call=told, by=cast.dev, at=LATER)
    assert list(EmergencyCall.objects.order_by("pk").values_list("is_safe_now", flat=True)) == ["yes", "no"]


def test_an_emergency_call_is_recorded(cast: Cast) -> None:
    concern = cases.submitted(cast)
    data = {
        "service": "police", "called_by": "Amara", "day_0": "3", "day_1": "2", "day_2": "2026", "clock": "10:45am",
        "incident_number": "123", "is_safe_now": "yes",
    }  # fmt: skip
    for _ in range(2):
        assert post(path("record-emergency-call", concern), cast.dev, data, at=LATER).status_code == 302
    call = EmergencyCall.objects.get()
    assert (call.incident_number, call.is_safe_now, call.recorded_by) == ("123", YesNoUnknown.YES, cast.dev)
    assert call.called_at.isoformat() == "2026-02-03T10:45:00+00:00"


@pytest.mark.parametrize("clock", ["", "soon", "23:59", "99"])
def test_no_time_ever_stops_a_call_from_being_recorded(cast: Cast, clock: str) -> None:
    concern = cases.submitted(cast)
    data = {"service": "ambulance", "day_0": "3", "day_1": "2", "day_2": "2026", "clock": clock}
    assert post(path("record-emergency-call", concern), cast.gwen, data, at=LATER).status_code == 302
    call = EmergencyCall.objects.get()
    assert (call.called_at, call.called_by) == (LATER, "Gwen Pritchard")


def test_words_for_the_reporter(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    assert "Write what the person who reported it should know." in words(
        post(path("give-feedback", concern), cast.gwen, {"text": " "}, at=LATER)
    )
    post(path("give-feedback", concern), cast.gwen, {"text": "We are looking into it."}, at=LATER)
    assert Feedback.objects.get().text == "We are looking into it."


def test_the_fresh_reviewer_answers_and_nobody_else(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    row = services.say_not_satisfied(concern_id=concern.pk, words="Nobody rang.", by=cast.amara, at=AT)
    other = cast.nadia if row.reviewer == cast.dev else cast.dev
    assert get(path("answer-dissatisfaction", concern), other, at=LATER).status_code == 302
    assert get(path("answer-dissatisfaction", concern), cast.gwen, at=LATER).status_code == 302
    assert "Nobody rang." in words(get(path("answer-dissatisfaction", concern), row.reviewer, at=LATER))
    data = seen(Concern.objects.get(), is_upheld="yes", answer="")
    silent = post(path("answer-dissatisfaction", concern), row.reviewer, data, at=LATER)
    assert "Write what the person who reported it will read." in words(silent)
    post(path("answer-dissatisfaction", concern), row.reviewer, {**data, "answer": "You are right."}, at=LATER)
    assert Dissatisfaction.objects.get().is_upheld is True


# --- People ---------------------------------------------------------------------------------------------------


def test_a_person_is_added_once(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    data = seen(concern, role="household", name="Siobhán O’Neill", life_stage="adult", unsafe_contact="Letters")
    assert post(path("add-person", concern), cast.gwen, data, at=LATER).status_code == 302
    assert "Somebody else changed" in words(post(path("add-person", concern), cast.gwen, data, at=LATER))
    added = Involvement.objects.get(concern=concern, role=PersonRole.HOUSEHOLD)
    assert (added.person.name, added.person.unsafe_contact) == ("Siobhán O’Neill", "Letters")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"role": "household"}, "Write a name, or how they could be recognised"),
        ({"name": "Bo"}, "Choose what their part in this is"),
        ({"role": "at_risk", "name": "Bo", "estimated_age": "old"}, "Enter the age as a number, for example 42"),
        ({"role": "at_risk", "name": "Bo", "estimated_age": "200"}, "Enter an age of 120 or less"),
        (
            {
                "role": "at_risk",
                "name": "Bo",
                "date_of_birth_0": "1",
                "date_of_birth_1": "1",
                "date_of_birth_2": "2030",
            },
            "The date of birth can’t be in the future",
        ),
        (
            {"role": "witness", "name": "Bo", "staff_words": "Colin"},
            "Staff are linked as somebody at risk, a possible source of risk, household, wider network or parent.",
        ),
        ({"role": "at_risk", "name": "Bo", "staff_words": "Colin"}, "Choose which of these people it is"),
        ({"role": "source_of_risk", "name": "Colin", "staff_words": "Colin"}, "Choose which of these people it is"),
    ],
)
def test_a_bad_person_says_what_to_do(cast: Cast, data: dict[str, str], sentence: str) -> None:
    concern = cases.acknowledged(cast)
    before = concern.involvements.count()
    assert sentence in words(post(path("add-person", concern), cast.gwen, seen(concern, **data), at=LATER))
    assert concern.involvements.count() == before


def test_naming_a_member_of_staff_shuts_them_out_at_once(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    data = seen(concern, role="source_of_risk", name="Nadia", staff_words="nadia", staff=cast.nadia.pk)
    assert post(path("add-person", concern), cast.gwen, data, at=LATER).status_code == 302
    assert fresh(concern).is_restricted
    assert get(concern.get_absolute_url(), cast.nadia, at=LATER).status_code == 404


@pytest.mark.parametrize(
    ("role", "is_restricted"), [("at_risk", True), ("household", False), ("network", False), ("parent", False)]
)
def test_a_colleague_who_is_at_risk_or_close_to_it_loses_the_case(cast: Cast, role: str, is_restricted: bool) -> None:
    """R45, domain.md 2.1: recused; with one of us at risk it is restricted."""
    concern = cases.acknowledged(cast)
    assert "From then on they can’t open this concern or find it" in words(
        get(path("add-person", concern), cast.gwen, at=LATER)
    )
    data = seen(concern, role=role, name="Nadia", staff_words="nadia", staff=cast.nadia.pk)
    assert post(path("add-person", concern), cast.gwen, data, at=LATER).status_code == 302
    conflict = Conflict.objects.get(concern=concern)
    assert (conflict.staff, conflict.kind) == (cast.nadia, ConflictKind.RECUSED)
    assert get(concern.get_absolute_url(), cast.nadia, at=LATER).status_code == 404
    assert fresh(concern).is_restricted == is_restricted
    assert get(concern.get_absolute_url(), cast.dev, at=LATER).status_code == (404 if is_restricted else 200)


def test_a_colleague_of_the_home_who_is_thought_at_risk_stays_linked_and_it_is_restricted(cast: Cast) -> None:
    """R115, domain.md 2.1."""
    concern = cases.acknowledged(cast)
    nadia = IntakePerson(name="Nadia", role=PersonRole.HOUSEHOLD, stage=LifeStage.ADULT, staff_id=cast.nadia.pk)
    row = services.add_person(concern_id=concern.pk, person=nadia, by=cast.gwen, at=AT + timedelta(hours=1))
    data = seen(concern, name="Nadia", is_thought_at_risk="yes", thought_reason="He shouts at her too.")
    assert not fresh(concern).is_restricted
    assert post(person_path(row), cast.gwen, data, at=LATER).status_code == 302
    at_risk = Involvement.objects.get(concern=concern, person=row.person, role=PersonRole.AT_RISK)
    assert at_risk.staff == cast.nadia
    assert fresh(concern).is_restricted
    assert get(concern.get_absolute_url(), cast.dev, at=LATER).status_code == 404


def test_whoever_was_let_in_again_is_not_linked_anew(cast: Cast) -> None:
    """R41: a link to the wrong account is never taken away, so that it must not shut that person out a second time."""
    concern = cases.acknowledged(cast)
    nadia = IntakePerson(name="Nadia", role=PersonRole.HOUSEHOLD, stage=LifeStage.ADULT, staff_id=cast.nadia.pk)
    row = services.add_person(concern_id=concern.pk, person=nadia, by=cast.gwen, at=AT + timedelta(hours=1))
    step = services.ask_second_person(
        concern_id=concern.pk, act=TwoPersonAct.LIFT_CONFLICT, reason="Another Nadia.", by=cast.ruth, at=LATER,
        conflict_id=Conflict.objects.get(concern=concern).pk,
    )  # fmt: skip
    services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=cast.imran, at=LATER)
    values = {"is_thought_at_risk": YesNoUnknown.YES, "thought_reason": "He shouts at her too."}
    services.update_person(concern_id=concern.pk, involvement_id=row.pk, values=values, by=cast.gwen, at=LATER)
    at_risk = Involvement.objects.get(concern=concern, person=row.person, role=PersonRole.AT_RISK)
    assert at_risk.staff is None
    assert not fresh(concern).is_restricted
    assert get(concern.get_absolute_url(), cast.nadia, at=LATER).status_code == 200


def test_a_member_of_staff_who_has_left_is_named_too_and_kept_out_when_they_are_back(cast: Cast) -> None:
    """R41, I3."""
    concern = cases.acknowledged(cast)
    deactivate_person(person=cast.nadia, reason="Suspended", by=cast.bea, at=LATER)
    data = seen(concern, role="source_of_risk", name="Nadia", staff_words="nadia")
    asked = words(post(path("add-person", concern), cast.gwen, data, at=LATER))
    assert "Nadia Rahman, Estates lead, Housing management" in asked
    data = seen(concern, role="source_of_risk", name="Nadia", staff_words="nadia", staff=cast.nadia.pk)
    assert post(path("add-person", concern), cast.gwen, data, at=LATER).status_code == 302
    reactivate_person(person=cast.nadia, reason="Back", by=cast.bea, at=LATER)
    give_role(person=User.objects.get(pk=cast.nadia.pk), role=Role.DEPUTY_LEAD, by=None, at=LATER)
    assert get(concern.get_absolute_url(), User.objects.get(pk=cast.nadia.pk), at=LATER).status_code == 404
    assert get(concern.get_absolute_url(), cast.imran, at=LATER).status_code == 200


def test_nobody_who_has_left_is_offered_to_take_it_on(cast: Cast) -> None:
    """I1: they are found to be named, never to act."""
    concern = cases.acknowledged(cast)
    assert "Nadia Rahman" in words(get(path("hand-on-concern", concern), cast.gwen, at=LATER))
    deactivate_person(person=cast.nadia, reason="Left", by=cast.bea, at=LATER)
    assert "Nadia Rahman" not in words(get(path("hand-on-concern", concern), cast.gwen, at=LATER))
    data = seen(concern, to=str(cast.nadia.pk), note="Over to you")
    assert post(path("hand-on-concern", concern), cast.gwen, data, at=LATER).status_code == 200
    assert fresh(concern).responsible == cast.gwen


def test_naming_the_holders_own_manager_moves_the_concern_up(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    data = seen(concern, role="source_of_risk", name="Helen", staff_words="helen marsh", staff=cast.helen.pk)
    response = post(path("add-person", concern), cast.gwen, data, at=LATER)
    assert response["Location"] == "/"
    # Helen manages Gwen and every champion, so the lead takes it.
    assert fresh(concern).responsible == cast.ruth


def test_what_is_known_of_a_person_is_changed(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    row = cases.person_on(concern)
    page = words(get(person_path(row), cast.gwen, at=LATER))
    assert "Jean Ashworth" in page
    assert "What is life like for this person, day to day?" in page
    data = seen(concern, name="Jean Ashworth", life_stage="adult", daily_life="She hides her post.", risk_level="high")
    assert post(person_path(row), cast.gwen, data, at=LATER).status_code == 302
    row.refresh_from_db()
    assert (row.daily_life, row.risk_level) == ("She hides her post.", RiskLevel.HIGH)


def test_a_birth_date_decides_and_17_is_a_child(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    row = cases.person_on(concern)
    data = seen(
        concern, name="Jean", life_stage="adult", date_of_birth_0="4", date_of_birth_1="2", date_of_birth_2="2008"
    )
    post(person_path(row), cast.gwen, data, at=LATER)
    row.refresh_from_db()
    assert row.life_stage == LifeStage.CHILD


def test_a_person_of_another_concern_is_404(cast: Cast) -> None:
    one, other = cases.acknowledged(cast), cases.acknowledged(cast)
    row = cases.person_on(other)
    address = reverse("concerns:change-person", args=[one.ref, row.person.ref, row.role])
    assert get(address, cast.gwen, at=LATER).status_code == 404


# --- Triage and review ------------------------------------------------------------------------------------------


def triage_data(concern: Concern, **more: Any) -> dict[str, Any]:
    row = cases.person_on(concern)
    return seen(
        concern,
        **{
            f"risk_{row.handle}": "medium", f"risk_reason_{row.handle}": "Weekly.", "adult_abuse": ["a_financial"],
            "household_reviewed": "Only her son.", "has_care_needs": "yes", "is_at_risk": "yes",
            "cannot_protect_self": "unknown", "adjustments": "no", "enforcement": "no", "urgency": "standard", **more,
        },
    )  # fmt: skip


def test_triage_shows_that_it_is_no_finding_and_the_six_principles(cast: Cast) -> None:
    page = words(get(path("triage-concern", cases.acknowledged(cast)), cast.gwen, at=LATER))
    assert "It is not our role to decide whether abuse happened." in page
    for principle in ("Empowerment", "Prevention", "Proportionality", "Protection", "Partnership", "Accountability"):
        assert principle in page
    assert "a screening, not a decision" in page


def test_triage_names_its_problems_in_the_order_of_the_page(cast: Cast) -> None:
    page = words(post(path("triage-concern", cases.acknowledged(cast)), cast.gwen, {}, at=LATER))
    linked = re.findall(r'<a href="#(id_[^"]+)">([^<]+)</a>', page)
    assert [sentence for _, sentence in linked] == [
        "Choose the level of risk to Jean Ashworth",
        "Choose whether the adult has needs for care and support, or “Not known”",
        "Choose whether the adult is experiencing, or at risk of, abuse or neglect, or “Not known”",
        "Choose whether the adult is unable to protect themselves, or “Not known”",
        "Choose whether anyone needs reasonable adjustments",
        "Choose whether there is live enforcement or arrears action",
        "Choose how urgent it is",
    ]
    places = [page.index(f'id="{place}"') for place, _ in linked]
    assert places == sorted(places)


def test_whoever_may_be_a_child_is_asked_about_as_an_adult_with_a_way_out(cast: Cast) -> None:
    """R24: an age that nobody knows. The questions of the Care Act are asked; “Not known” answers them."""
    hint = "If you do not know their age, choose “Not known”."
    someone = replace(PLAIN, people=(IntakePerson(name="Jamie"),))
    assert hint in words(get(path("triage-concern", cases.acknowledged(cast, intake=someone)), cast.gwen, at=LATER))
    assert hint not in words(get(path("triage-concern", cases.acknowledged(cast)), cast.gwen, at=LATER))


def test_triage_is_recorded(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    assert post(path("triage-concern", concern), cast.gwen, triage_data(concern), at=LATER).status_code == 302
    assert fresh(concern).triaged_at == LATER
    assert cases.person_on(concern).risk_level == RiskLevel.MEDIUM


def test_the_household_is_marked_one_by_one(cast: Cast) -> None:
    girl = IntakePerson(name="Ada", role=PersonRole.HOUSEHOLD, stage=LifeStage.CHILD)
    concern = cases.acknowledged(cast, intake=replace(PLAIN, people=(ADULT, girl)))
    row = cases.person_on(concern, PersonRole.HOUSEHOLD)
    data = triage_data(concern, **{f"thought_{row.handle}": "yes", f"thought_reason_{row.handle}": "She sees it."})
    post(path("triage-concern", concern), cast.gwen, data, at=LATER)
    row.refresh_from_db()
    assert (row.is_thought_at_risk, row.thought_reason) == (YesNoUnknown.YES, "She sees it.")


def test_whoever_could_be_at_risk_too_is_put_down_as_at_risk_once(cast: Cast) -> None:
    """R115: a level of risk and a decision are asked for them too, and the concern can't close without."""
    girl = IntakePerson(name="Ada", role=PersonRole.HOUSEHOLD, stage=LifeStage.CHILD)
    concern = cases.acknowledged(cast, intake=replace(PLAIN, people=(ADULT, SON, girl)))
    row = cases.person_on(concern, PersonRole.HOUSEHOLD)
    before = concern.deadlines.get(kind=ClockKind.TRIAGE, met_at=None, dropped_at=None).due_at
    data = triage_data(concern, **{f"thought_{row.handle}": "yes", f"thought_reason_{row.handle}": "She sees it."})
    for _ in range(2):
        post(path("triage-concern", concern), cast.gwen, data, at=LATER)
    added = concern.involvements.get(person=row.person, role=PersonRole.AT_RISK)
    assert (added.life_stage, added.risk_level) == (LifeStage.CHILD, "")
    assert concern.deadlines.get(kind=ClockKind.TRIAGE, met_at=None, dropped_at=None).due_at < before
    page = get(path("triage-concern", concern), cast.gwen, at=LATER).content.decode()
    assert "Level of risk to Ada" in page
    # A possible source of risk who may be at risk too has two rows from now on (R116).
    son = cases.person_on(concern, PersonRole.SOURCE_OF_RISK)
    values = {"is_thought_at_risk": YesNoUnknown.YES, "thought_reason": "He cannot read."}
    for _ in range(2):
        services.update_person(concern_id=concern.pk, involvement_id=son.pk, values=values, by=cast.gwen, at=LATER)
    assert concern.involvements.filter(person=son.person, role=PersonRole.AT_RISK).count() == 1


def test_a_kind_of_abuse_that_was_reported_is_not_dropped_unseen(cast: Cast) -> None:
    kinds = (AdultAbuse.FINANCIAL.value, AdultAbuse.NOT_SURE.value, ChildAbuse.NEGLECT.value)
    concern = cases.acknowledged(cast, intake=replace(PLAIN, abuse_codes=kinds))
    page = get(path("triage-concern", concern), cast.gwen, at=LATER).content.decode()
    assert 'value="c_neglect"' in page
    data = triage_data(concern, adult_abuse=["a_financial"])
    assert post(path("triage-concern", concern), cast.gwen, data, at=LATER).status_code == 302
    assert [kind.code for kind in concern.abuse_types.all()] == ["a_financial"]
    shown = get(concern.get_absolute_url(), cast.gwen, at=LATER).content.decode()
    assert "No longer ticked as a kind of abuse: Neglect" in shown


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"household_reviewed": ""}, "Say who else lives there or is close"),
        ({"adult_abuse": []}, "Choose at least one kind of abuse."),
        ({"adjustments": "yes"}, "Say what adjustments are needed."),
        ({"enforcement": "yes"}, "Say whether the action should be paused"),
        ({"adjustments": ""}, "Choose whether anyone needs reasonable adjustments"),
        ({"urgency": ""}, "Choose how urgent it is"),
        ({"has_care_needs": "perhaps"}, "Choose one of the answers on this page"),
    ],
)
def test_a_triage_with_a_gap_says_which(cast: Cast, more: dict[str, Any], sentence: str) -> None:
    concern = cases.acknowledged(cast)
    page = words(post(path("triage-concern", concern), cast.gwen, triage_data(concern, **more), at=LATER))
    assert sentence in page
    assert "Weekly." in page
    assert fresh(concern).triaged_at is None


def test_a_level_of_risk_is_asked_for_everyone_at_risk(cast: Cast) -> None:
    concern = cases.acknowledged(cast, intake=replace(PLAIN, people=(ADULT, CHILD)))
    page = words(post(path("triage-concern", concern), cast.gwen, triage_data(concern), at=LATER))
    assert "Choose the level of risk to Kofi Ashworth" in page


def test_less_urgent_needs_a_reason(cast: Cast) -> None:
    concern = cases.acknowledged(cast, intake=replace(PLAIN, needs_action_today=True))
    page = words(post(path("triage-concern", concern), cast.gwen, triage_data(concern), at=LATER))
    assert "Say why it is less urgent than it was reported." in page


def test_a_name_is_no_markup_in_labels(cast: Cast) -> None:
    jean = replace(ADULT, name="<b onmouseover=alert(1)>Jean</b>")
    concern = cases.acknowledged(cast, intake=replace(PLAIN, people=(jean,)))
    page = words(get(path("triage-concern", concern), cast.gwen, at=LATER))
    assert "<b onmouseover" not in page
    assert "Level of risk to &lt;b onmouseover=alert(1)&gt;Jean&lt;/b&gt;" in page


def test_triage_before_acknowledging_is_refused_in_words(cast: Cast) -> None:
    concern = cases.submitted(cast)
    response = signed_in(cast.gwen).get(path("triage-concern", concern), follow=True)
    assert "Acknowledge this concern first." in words(response)


def test_the_review_suggests_the_last_day_that_the_risk_allows(cast: Cast) -> None:
    concern = cases.triaged(cast, level=RiskLevel.HIGH)
    page = words(get(path("review-concern", concern), cast.gwen, at=LATER))
    assert "On or before 10 February 2026" in page
    assert 'name="next_date_0" value="10"' in page


def test_a_review_is_recorded_and_a_day_too_late_is_refused(cast: Cast) -> None:
    concern = cases.triaged(cast, level=RiskLevel.HIGH)
    data = seen(
        concern, outcome="no_change", findings="She has her card back.", is_decision_revisited="no",
        next_date_0="11", next_date_1="2", next_date_2="2026",
    )  # fmt: skip
    late = words(post(path("review-concern", concern), cast.gwen, data, at=LATER))
    assert "the next review must be on or before 10 February 2026" in late
    assert "She has her card back." in late
    response = post(path("review-concern", concern), cast.gwen, {**data, "next_date_0": "9"}, at=LATER)
    assert response.status_code == 302
    assert Review.objects.get().next_date.isoformat() == "2026-02-09"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"findings": ""}, "Write what you found and what has changed."),
        ({"next_date_0": "", "next_date_1": "", "next_date_2": ""}, "Enter the day of the next review"),
        ({"next_date_0": "3"}, "The next review must be after today."),
        ({"outcome": ""}, "Choose whether the risk has changed"),
        ({"is_decision_revisited": ""}, "Choose whether the decision has to be looked at again"),
    ],
)
def test_a_review_with_a_gap_says_which(cast: Cast, more: dict[str, str], sentence: str) -> None:
    concern = cases.triaged(cast)
    data = seen(
        concern, outcome="no_change", findings="All well.", is_decision_revisited="no",
        next_date_0="9", next_date_1="2", next_date_2="2026",
    )  # fmt: skip
    assert sentence in words(post(path("review-concern", concern), cast.gwen, {**data, **more}, at=LATER))
    assert not Review.objects.exists()


# --- Closing and reopening ---------------------------------------------------------------------------------------

CLOSE = {
    "reason": "support_complete", "words": "Her niece has the card.", "family_reconfirmed": "Nobody else.",
    "reporter_told": "By phone.",
}  # fmt: skip


def test_every_unmet_condition_is_listed_with_its_place_and_there_is_no_form(cast: Cast) -> None:
    concern = cases.triaged(cast)
    page = words(get(path("propose-closure", concern), cast.gwen, at=LATER))
    assert "This concern can’t be closed yet" in page
    assert "Record a decision to share, or not to share, for every person at risk." in page
    assert f'href="{concern.get_absolute_url()}#sharing"' in page
    assert "Say for each person at risk if they were asked what they wanted" in page
    assert person_path(cases.person_on(concern)) in page
    assert "<textarea" not in page


def test_proposing_in_spite_of_it_is_refused(cast: Cast) -> None:
    concern = cases.triaged(cast)
    post(path("propose-closure", concern), cast.gwen, seen(concern, **CLOSE), at=LATER)
    assert fresh(concern).state == State.TRIAGE


def test_closing_by_two_people(cast: Cast) -> None:
    concern = cases.triaged(cast)
    with cases.everyone_decided():
        cases.answer_outcomes(concern, at=LATER)
        gap = words(
            post(path("propose-closure", concern), cast.gwen, seen(concern, **{**CLOSE, "words": ""}), at=LATER)
        )
        assert "Say why the concern can be closed." in gap
        assert "Nobody else." in gap
        post(path("propose-closure", concern), cast.gwen, seen(concern, **CLOSE), at=LATER)
        assert fresh(concern).state == State.CLOSURE_REVIEW

        assert get(path("view-closure", concern), cast.gwen, at=LATER).status_code == 302, "the same person"
        assert refused(concern, cast.gwen, "view-closure")
        assert "Her niece has the card." in words(get(path("view-closure", concern), cast.dev, at=LATER))
        silent = post(path("view-closure", concern), cast.dev, seen(concern, view="refuse", words=""), at=LATER)
        assert "Say why it should stay open." in words(silent)
        post(path("view-closure", concern), cast.dev, seen(concern, view="agree", words="Yes."), at=LATER)
    closed = fresh(concern)
    assert (closed.state, closed.closed_by, closed.responsible) == (State.CLOSED, cast.dev, None)


def test_a_refused_closing_goes_back(cast: Cast) -> None:
    with cases.everyone_decided():
        concern = cases.closing_proposed(cast)
        data = seen(concern, view="refuse", words="The son is still there.")
        post(path("view-closure", concern), cast.dev, data, at=AT + timedelta(hours=5))
    assert fresh(concern).state == State.TRIAGE


def test_at_high_risk_a_champion_is_told_that_a_lead_must_agree(cast: Cast) -> None:
    with cases.everyone_decided():
        concern = cases.closing_proposed(cast, level=RiskLevel.HIGH)
        data = seen(concern, view="agree", words="Yes.")
        page = words(post(path("view-closure", concern), cast.dev, data, at=AT + timedelta(hours=5)))
        assert "a safeguarding lead must give the second view on closing" in page
        assert fresh(concern).state == State.CLOSURE_REVIEW
        post(path("view-closure", concern), cast.ruth, data, at=AT + timedelta(hours=5))
    assert fresh(concern).state == State.CLOSED


def test_reopening_needs_a_reason_and_gives_it_a_holder(cast: Cast) -> None:
    with cases.everyone_decided():
        concern = cases.closed(cast)
        at = AT + timedelta(days=1)
        assert "Say why the concern is opened again." in words(
            post(path("reopen-concern", concern), cast.dev, {}, at=at)
        )
        post(path("reopen-concern", concern), cast.dev, {"reason": "He is back."}, at=at)
    reopened = fresh(concern)
    assert reopened.state == State.TRIAGE
    assert reopened.responsible is not None
