"""The pages of raising a concern: what they accept, what they say, where they lead and what it amounts to."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from accounts.models import User
from concerns.forms.fields import DayField, read_time
from concerns.forms.raising_journey import Answers, Journey, Problem
from concerns.rules import LONGEST_TEXT
from concerns.selectors.drafts import StaffMember
from concerns.vocabulary import HowKnown, Implicated, LifeStage, PersonRole, Precision, YesNoUnknown

# A Wednesday, 10:30 in London (summer time).
AT = datetime(2026, 6, 17, 9, 30, tzinfo=UTC)
MANAGER = User(pk=7, full_name="Colin Baker")
BY = User(pk=5, full_name="Priya Nair", line_manager=MANAGER)
ALONE = User(pk=6, full_name="Quinn Taylor")
TOMASZ = StaffMember(9, "Tomasz Zieliński", "Tomasz Zieliński, Gas engineer")

LEAST: Answers = {
    "danger": {"danger": ["no"]},
    "facts": {"facts": ["She was crying."]},
    "people": {"more": ["unknown"]},
    "staff": {"implicated": ["no"]},
}


def journey(answers: Answers, *, by: User = BY, staff: tuple[StaffMember, ...] = ()) -> Journey:
    return Journey(answers, by=by, at=AT, staff=staff)


def said(page: str, values: dict[str, list[str]], *, answers: Answers | None = None, by: User = BY) -> dict[str, str]:
    """The first sentence next to each field when `values` are sent on `page`."""
    form = journey(answers or {}, by=by).form(page, values)
    form.is_valid()
    return {name: str(errors[0]) for name, errors in form.errors.items()}


# --- Days and times as people write them ---------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("14:30", time(14, 30)),
        ("2:30pm", time(14, 30)),
        ("2.30 p.m.", time(14, 30)),
        ("2 PM", time(14)),
        ("12am", time(0)),
        ("12pm", time(12)),
        ("09.05", time(9, 5)),
        ("0030", time(0, 30)),
        ("٣:٠٠pm", time(15)),
        ("noon", time(12)),
        ("midnight", time(0)),
        ("", None),
        ("   ", None),
    ],
)
def test_time_is_read_as_people_write_it(words: str, expected: time | None) -> None:
    assert read_time(words) == expected


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("2.30", "Say whether it was morning or afternoon"),
        ("9", "Say whether it was morning or afternoon"),
        ("25:00", "There is no such time"),
        ("14:75", "There is no such time"),
        ("14pm", "Enter a time such as"),
        ("teatime", "Enter a time such as"),
    ],
)
def test_time_that_cannot_be_told_is_asked_for_again(words: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_time(words)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (["3", "6", "2026"], date(2026, 6, 3)),
        (["03", "June", "26"], date(2026, 6, 3)),
        ([" 3 ", "jun", "2026"], date(2026, 6, 3)),
        (["29", "2", "2024"], date(2024, 2, 29)),
        (["", "", ""], None),
    ],
)
def test_day_is_read_as_people_write_it(parts: list[str], expected: date | None) -> None:
    assert DayField(label="Date").clean(parts) == expected


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (["31", "2", "2026"], "Enter a real date"),
        (["29", "2", "2026"], "Enter a real date"),
        (["x", "2", "2026"], "Enter a real date"),
        (["1", "1", "9" * 5000], "Enter a real date"),
        (["1", "1", "1203"], "Check the year"),
        (["1", "", "2026"], "Enter the month"),
        (["", "2", ""], "Enter the day of the month"),
    ],
)
def test_wrong_day_gets_a_sentence(parts: list[str], sentence: str) -> None:
    assert sentence in said("when", {"day_0": [parts[0]], "day_1": [parts[1]], "day_2": [parts[2]]})["day"]


# --- What a page says to contradictions, and what it lets pass -----------------------------------


def when(precision: str = "", day: tuple[str, str, str] = ("", "", ""), clock: str = "") -> dict[str, list[str]]:
    parts = {f"day_{number}": [part] for number, part in enumerate(day)}
    return {"precision": [precision], **parts, "clock": [clock], "place": [""]}


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        (when("unknown", ("3", "6", "2026")), "precision", "You chose “Not known” and also gave a date"),
        (when("unknown", clock="2pm"), "precision", "You chose “Not known” and also gave a date"),
        (when("exact"), "day", "Enter the date"),
        (when("", clock="2pm"), "day", "Enter the date"),
        (when("exact", ("3", "6", "2026")), "clock", "Enter the time, or choose “About”"),
        (when("exact", ("18", "6", "2026"), "2pm"), "day", "This date is in the future"),
        (when("exact", ("17", "6", "2026"), "11:00am"), "clock", "This time is still to come"),
    ],
)
def test_contradictory_time_gets_a_sentence_next_to_its_field(
    values: dict[str, list[str]], field: str, sentence: str
) -> None:
    assert sentence in said("when", values)[field]


@pytest.mark.parametrize(
    ("values", "noticed_at", "precision"),
    [
        (when("exact", ("16", "6", "2026"), "2.30pm"), datetime(2026, 6, 16, 13, 30, tzinfo=UTC), Precision.EXACT),
        (when("approx", ("16", "6", "2026")), datetime(2026, 6, 16, 11, 0, tzinfo=UTC), Precision.APPROX),
        # About today, before noon: never in the future.
        (when("approx", ("17", "6", "2026")), AT, Precision.APPROX),
        (when("exact", ("17", "6", "2026"), "10:29am"), datetime(2026, 6, 17, 9, 29, tzinfo=UTC), Precision.EXACT),
        # Summer time began on 29 March 2026; the day before was winter time.
        (when("exact", ("28", "3", "2026"), "noon"), datetime(2026, 3, 28, 12, 0, tzinfo=UTC), Precision.EXACT),
        (when("exact", ("29", "3", "2026"), "noon"), datetime(2026, 3, 29, 11, 0, tzinfo=UTC), Precision.EXACT),
        (when("unknown"), None, Precision.UNKNOWN),
        (when(), None, Precision.UNKNOWN),
    ],
)
def test_time_of_noticing_is_kept_with_how_exact_it_is(
    values: dict[str, list[str]], noticed_at: datetime | None, precision: Precision
) -> None:
    intake = journey({**LEAST, "when": values}).intake()
    assert (intake.noticed_at, intake.noticed_precision) == (noticed_at, precision)


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        (
            {"stage": ["child"], "estimated_age": ["34"]},
            "stage",
            "You chose “Child (under 18)” but the age you gave is 34",
        ),
        ({"stage": ["adult"], "born_0": ["1"], "born_1": ["7"], "born_2": ["2008"]}, "stage", "the age you gave is 17"),
        ({"stage": ["unborn"], "estimated_age": ["3"]}, "stage", "You chose “Unborn child” and also gave"),
        (
            {"stage": ["adult"], "expected_0": ["1"], "expected_1": ["9"], "expected_2": ["2026"]},
            "expected",
            "baby is due",
        ),
        ({"born_0": ["1"], "born_1": ["9"], "born_2": ["2026"]}, "born", "This date of birth is in the future"),
        (
            {"born_0": ["1"], "born_1": ["1"], "born_2": ["1990"], "estimated_age": ["50"]},
            "estimated_age",
            "By the date of birth this person is 36",
        ),
        ({"estimated_age": ["about 40"]}, "estimated_age", "Enter the age in whole years"),
        ({"estimated_age": ["-1"]}, "estimated_age", "Enter an age from 0 to 120"),
    ],
)
def test_contradictory_age_gets_a_sentence_next_to_its_field(
    values: dict[str, list[str]], field: str, sentence: str
) -> None:
    assert sentence in said("person-1-age", values)[field]


def test_seventeen_is_a_child_on_the_day_before_the_birthday() -> None:
    values = {"stage": ["child"], "born_0": ["18"], "born_1": ["6"], "born_2": ["2008"]}
    assert said("person-1-age", values) == {}
    assert "stage" in said("person-1-age", {**values, "born_0": ["17"]})


def test_too_much_text_is_said_with_its_length_and_stays() -> None:
    long = "é" * (LONGEST_TEXT + 1)
    form = journey({}).form("facts", {"facts": [long]})
    assert not form.is_valid()
    assert f"{LONGEST_TEXT + 1:,} characters" in form.errors["facts"][0]
    assert form["facts"].value() == long
    assert said("facts", {"facts": [long[:-1]]}) == {}


def test_hidden_character_is_taken_out_and_said() -> None:
    form = journey({}).form("facts", {"facts": ["He hit\x00 her"]})
    assert not form.is_valid()
    assert "hidden character" in form.errors["facts"][0]
    assert form["facts"].value() == "He hit her"
    assert said("facts", {"facts": ["He hit her"]}) == {}


def test_other_kind_of_abuse_and_its_description_belong_together() -> None:
    assert "Describe the other kind" in said("kinds", {"adult": ["a_other"]})["other_abuse"]
    assert "Tick “Other”" in said("kinds", {"adult": ["a_neglect"], "other_abuse": ["x"]})["other_abuse"]
    assert said("kinds", {"adult": ["a_other"], "other_abuse": ["x"]}) == {}
    assert said("kinds", {}) == {}


def test_manager_who_is_not_on_record_cannot_be_chosen() -> None:
    assert "nobody on record" in said("staff", {"implicated": ["manager"]}, by=ALONE)["implicated"]
    assert said("staff", {"implicated": ["manager"]}) == {}


def test_nothing_about_an_emergency_call_is_refused() -> None:
    values = {
        "services": ["police", "ambulance"],
        "called_by": ["x" * 5000],
        "call_time": ["half past something"],
        "incident_number": ["y" * 500],
    }
    assert said("emergency", values) == {}
    intake = journey({**LEAST, "danger": {"danger": ["yes"]}, "emergency": values}).intake()
    assert [call.service for call in intake.emergency_calls] == ["police", "ambulance"]
    assert {call.called_at for call in intake.emergency_calls} == {AT}
    for words in ("half past something", "x" * 5000, "y" * 500):
        assert words in intake.done_already


@pytest.mark.parametrize(
    ("clock", "called_at"),
    [
        ("10:15am", datetime(2026, 6, 17, 9, 15, tzinfo=UTC)),
        # Still to come today, so it was yesterday.
        ("11pm", datetime(2026, 6, 16, 22, 0, tzinfo=UTC)),
        ("", AT),
    ],
)
def test_emergency_call_gets_the_last_time_the_clock_showed(clock: str, called_at: datetime) -> None:
    answers = {**LEAST, "danger": {"danger": ["yes"]}, "emergency": {"services": ["police"], "call_time": [clock]}}
    call = journey(answers).intake().emergency_calls[0]
    assert (call.called_at, call.called_by) == (called_at, "Priya Nair")


def test_words_about_a_call_without_a_service_are_kept() -> None:
    answers = {**LEAST, "danger": {"danger": ["yes"]}, "emergency": {"incident_number": ["LK-77"], "services": []}}
    intake = journey(answers).intake()
    assert intake.emergency_calls == ()
    assert "Incident number: LK-77" in intake.done_already


# --- The way through ------------------------------------------------------------------------------


def test_pages_come_in_the_order_in_which_they_are_asked() -> None:
    assert journey(LEAST).pages == [
        "danger", "facts", "said", "hearsay", "opinion", "when", "people", "kinds", "staff", "done", "secrecy",
    ]  # fmt: skip
    everything = {
        **LEAST,
        "danger": {"danger": ["yes"]},
        "when": when("exact", ("10", "6", "2026"), "noon"),
        "person-1-who": {"name": ["Jean"]},
        "person-3-who": {"name": ["Darren"]},
        "staff": {"implicated": ["unsure"]},
        "secrecy": {"promised": ["yes"]},
    }
    assert journey(everything).pages == [
        "danger", "emergency", "facts", "said", "hearsay", "opinion", "when", "delay", "people",
        "person-1-who", "person-1-age", "person-1-contact", "person-3-who", "person-3-age", "person-3-contact",
        "kinds", "staff", "staff-who", "done", "secrecy", "promise",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "is_asked"),
    [
        # Monday 10:30, that is two working days before Wednesday 10:30.
        (("15", "6", "2026"), True),
        # Tuesday 10:30: exactly one working day, which is in time.
        (("16", "6", "2026"), False),
        (("17", "6", "2026"), False),
    ],
)
def test_delay_is_asked_about_after_more_than_one_working_day(day: tuple[str, str, str], is_asked: bool) -> None:
    answers = {**LEAST, "when": when("exact", day, "10:30am")}
    assert ("delay" in journey(answers).pages) is is_asked
    assert journey(answers).problems() == []


@pytest.mark.parametrize(
    ("page", "answers", "plain", "changed"),
    [
        ("danger", {"danger": {"danger": ["yes"]}}, "emergency", "emergency"),
        ("danger", {"danger": {"danger": ["no"]}}, "facts", "check"),
        ("facts", {}, "said", "check"),
        ("people", {"people": {"more": ["add"]}}, "person-1-who", "person-1-who"),
        ("people", {"people": {"more": ["unknown"]}}, "kinds", "check"),
        ("person-1-who", {"person-1-who": {}}, "person-1-age", "person-1-age"),
        ("person-1-contact", {"person-1-who": {}}, "people", "check"),
        ("staff", {"staff": {"implicated": ["other_staff"]}}, "staff-who", "staff-who"),
        ("staff", {"staff": {"implicated": ["no"]}}, "done", "check"),
        ("secrecy", {"secrecy": {"promised": ["yes"]}}, "promise", "promise"),
        ("secrecy", {"secrecy": {"promised": ["no"]}}, "check", "check"),
        ("promise", {"secrecy": {"promised": ["yes"]}}, "check", "check"),
    ],
)
def test_each_page_leads_on(page: str, answers: Answers, plain: str, changed: str) -> None:
    assert journey(answers).after(page, is_change=False) == plain
    assert journey(answers).after(page, is_change=True) == changed


def test_back_link_of_every_page_leads_one_page_back() -> None:
    way = journey({**LEAST, "person-1-who": {"name": ["Jean"]}})
    pages = ("danger", "facts", "people", "person-1-who", "person-1-age", "kinds", "check")
    before = ["", "danger", "when", "people", "person-1-who", "people", "secrecy"]
    assert [way.before(page) for page in pages] == before


def test_one_carries_on_where_nothing_was_answered_yet() -> None:
    assert journey({"danger": {"danger": ["no"]}}).unfinished == "facts"
    assert journey({"danger": {"danger": ["no"]}, "facts": {}, "said": {}}).unfinished == "hearsay"


@pytest.mark.parametrize("page", ["person-0-who", "person-1-x", "person-1000-who", "unknown", "check", ""])
def test_there_is_no_such_page(page: str) -> None:
    assert Journey.form_class(page) is None


# --- What stands between a draft and sending it ---------------------------------------------------


def test_very_little_is_needed() -> None:
    assert journey(LEAST).problems() == []


@pytest.mark.parametrize(
    ("without", "problem"),
    [
        ("danger", Problem("Answer whether anyone is in immediate danger", "danger")),
        ("facts", Problem("Write what you saw, heard or were told. A few words are enough.", "facts")),
        ("people", Problem("Say who it is about, or where it was, or tick “I don’t know who”.", "people")),
        ("staff", Problem("Choose whether somebody who works for us might be a cause of this", "staff")),
    ],
)
def test_what_is_missing_is_named_with_its_page(without: str, problem: Problem) -> None:
    answers = {page: values for page, values in LEAST.items() if page != without}
    assert journey(answers).problems() == [problem]


@pytest.mark.parametrize("page", ["facts", "said", "hearsay", "opinion"])
def test_any_words_are_narrative_enough(page: str) -> None:
    answers = {name: values for name, values in LEAST.items() if name != "facts"}
    assert journey({**answers, page: {page: ["It is wrong."]}}).problems() == []


def test_an_address_alone_says_who_it_is_about() -> None:
    answers = {page: values for page, values in LEAST.items() if page != "people"}
    assert journey({**answers, "when": {**when(), "place": ["4 Mill Lane"]}}).problems() == []
    assert journey({**answers, "person-1-contact": {"address": ["4 Mill Lane"]}}).problems() == []


def test_naming_a_colleague_does_not_yet_say_who_it_is_about() -> None:
    answers = {
        "danger": LEAST["danger"],
        "facts": LEAST["facts"],
        "staff": {"implicated": ["other_staff"]},
        "staff-who": {"staff_ids": ["9"]},
    }
    assert [problem.page for problem in journey(answers, staff=(TOMASZ,)).problems()] == ["people"]


def test_answer_that_cannot_be_read_stops_sending_and_names_its_page() -> None:
    answers = {**LEAST, "when": when("exact", ("31", "2", "2026"), "2pm")}
    assert [problem.page for problem in journey(answers).problems()] == ["when"]


# --- What it amounts to ---------------------------------------------------------------------------


def test_everything_typed_is_in_the_report() -> None:
    answers: Answers = {
        "danger": {"danger": ["today"]},
        "facts": {"facts": ["Line one\r\nline two"]},
        "said": {"said": ["“Help”"], "said_by": ["Zoë O'Neill"]},
        "hearsay": {"hearsay": ["Rumour"], "hearsay_from": ["Caretaker"], "how_known": ["observed"]},
        "opinion": {"opinion": ["Bad"], "opinion_evidence": ["The bruise"]},
        "when": when("unknown"),
        "people": {"more": ["no"]},
        "person-1-who": {"name": ["Jean"], "description": [""], "role": [""]},
        "person-1-age": {"stage": ["adult"], "estimated_age": ["58"]},
        "person-1-contact": {"address": ["4 Mill Lane"], "safe_contact": ["Mondays"], "unsafe_contact": ["Landline"]},
        "person-2-who": {"name": [""], "description": ["Tall man"], "role": ["source_of_risk"]},
        "kinds": {"adult": ["a_financial"], "child": ["c_neglect"], "other_abuse": [""]},
        "staff": {"implicated": ["other_staff"]},
        "staff-who": {"staff_ids": ["9"], "implicated_words": ["He laughed"], "search": ["tomasz"]},
        "done": {"done_already": ["Rang her"]},
        "secrecy": {"promised": ["yes"]},
    }
    intake = journey(answers, staff=(TOMASZ,)).intake(is_hidden_from_manager=True)
    assert intake.needs_action_today
    assert not intake.is_immediate_danger
    assert intake.facts == "Line one\nline two"
    assert (intake.said, intake.said_by) == ("“Help”", "Zoë O'Neill")
    assert (intake.hearsay, intake.hearsay_from, intake.told_by) == ("Rumour", "Caretaker", "")
    assert intake.how_known == HowKnown.OBSERVED
    assert (intake.opinion, intake.opinion_evidence) == ("Bad", "The bruise")
    jean, man, tomasz = intake.people
    assert (jean.name, jean.role, jean.stage, jean.estimated_age) == ("Jean", PersonRole.AT_RISK, LifeStage.ADULT, 58)
    assert (jean.address, jean.safe_contact, jean.unsafe_contact) == ("4 Mill Lane", "Mondays", "Landline")
    assert (man.description, man.role) == ("Tall man", PersonRole.SOURCE_OF_RISK)
    assert (tomasz.name, tomasz.staff_id, tomasz.role) == ("Tomasz Zieliński", 9, PersonRole.SOURCE_OF_RISK)
    # Only an adult is at risk, so the child's list was not on the page.
    assert intake.abuse_codes == ("a_financial",)
    assert intake.implicated == Implicated.OTHER_STAFF
    assert intake.implicated_staff_ids == (9,)
    assert intake.implicated_words == "He laughed"
    assert intake.is_hidden_from_manager
    assert intake.done_already == "Rang her"
    assert intake.promised_secrecy == YesNoUnknown.YES


def test_implicated_manager_is_a_source_of_risk_of_the_concern() -> None:
    intake = journey({**LEAST, "staff": {"implicated": ["manager"]}}).intake()
    assert [(person.name, person.staff_id) for person in intake.people] == [("Colin Baker", 7)]


def test_staff_named_before_the_answer_was_changed_to_no_are_not_sent() -> None:
    answers = {**LEAST, "staff-who": {"staff_ids": ["9"], "implicated_words": ["him"]}}
    intake = journey(answers, staff=(TOMASZ,)).intake()
    assert (intake.implicated_staff_ids, intake.implicated_words, intake.people) == ((), "", ())


def test_somebody_who_only_heard_of_it_says_from_whom() -> None:
    answers = {
        **{page: values for page, values in LEAST.items() if page != "facts"},
        "hearsay": {"hearsay": ["Shouting"], "hearsay_from": ["Anonymous neighbour"]},
    }
    assert journey(answers).intake().told_by == "Anonymous neighbour"


@pytest.mark.parametrize(
    ("ages", "lists"),
    [
        ([["child"]], ["child"]),
        ([["adult"]], ["adult"]),
        ([["unborn"]], ["child"]),
        ([["unknown"]], ["child", "adult"]),
        ([[""]], ["child", "adult"]),
        ([["adult"], ["child"]], ["child", "adult"]),
        ([], ["child", "adult"]),
    ],
)
def test_lists_of_abuse_follow_the_ages_of_those_at_risk(ages: list[list[str]], lists: list[str]) -> None:
    answers = {**LEAST}
    for number, stage in enumerate(ages, 1):
        answers |= {f"person-{number}-who": {"name": ["A"]}, f"person-{number}-age": {"stage": stage}}
    assert journey(answers).form("kinds").lists == lists  # type: ignore[attr-defined]


def test_source_of_risk_does_not_decide_the_lists_of_abuse() -> None:
    answers = {
        **LEAST,
        "person-1-who": {"name": ["Kofi"], "role": ["at_risk"]},
        "person-1-age": {"stage": ["child"]},
        "person-2-who": {"name": ["Darren"], "role": ["source_of_risk"]},
        "person-2-age": {"stage": ["adult"]},
    }
    assert journey(answers).form("kinds").lists == ["child"]  # type: ignore[attr-defined]


def test_what_was_typed_is_shown_again_even_if_it_was_wrong() -> None:
    answers = {
        **LEAST,
        "when": when("exact", ("31", "Febtober", "2026"), "late"),
        "person-1-age": {"estimated_age": ["x"]},
    }
    form = journey(answers).form("when")
    assert not form.is_bound
    html = str(form["day"]) + str(form["clock"])
    for typed in ("31", "Febtober", "late"):
        assert f'value="{typed}"' in html
    assert 'value="x"' in str(journey(answers).form("person-1-age")["estimated_age"])


def test_whether_there_is_anyone_else_is_asked_afresh_after_adding_somebody() -> None:
    added = {**LEAST, "people": {"more": ["add"]}, "person-1-who": {"name": ["Jean"]}}
    assert "checked" not in str(journey(added).form("people")["more"])
    done = {**added, "people": {"more": ["no"]}}
    assert "checked" in str(journey(done).form("people")["more"])
