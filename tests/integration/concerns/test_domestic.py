"""Domestic abuse: DASH records and the referrals that are answered because of it (R21, R22, X4, scenario 4)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.models import Event
from concerns import services
from concerns.dash import DashDetails
from concerns.facts import case_facts
from concerns.intake import IntakePerson
from concerns.models import Concern, DashRecord, DomesticStep
from concerns.services import StepAnswer
from concerns.vocabulary import (
    AdultAbuse,
    DomesticStepAnswer,
    DomesticStepKind,
    LifeStage,
    MaracBasis,
    PersonRole,
)
from concerns.workflow import domestic_steps_answered
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.intakes import ADULT, CHILD, PLAIN, SON
from tests.build.web import get, post, statements

pytestmark = pytest.mark.django_db
AT = cases.AT  # a Tuesday, 10:00
LATER = AT + timedelta(hours=2)
ABUSED = replace(ADULT, unsafe_contact="Her mobile: he reads it.")
UNBORN = IntakePerson(name="", description="Due in May", stage=LifeStage.UNBORN)
DOMESTIC = replace(PLAIN, people=(ABUSED, SON), abuse_codes=(AdultAbuse.DOMESTIC.value,))
WITH_CHILDREN = replace(DOMESTIC, people=(ABUSED, SON, CHILD, UNBORN))
CHECKLIST = DashDetails(
    assessed_on=date(2026, 2, 3), assessor="PC Lund, Larkshire Police", score=9, own_view="“He will not change.”",
    is_high_by_judgement=False,
)  # fmt: skip


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def waiting(concern: Concern) -> set[str]:
    return set(DomesticStep.objects.filter(concern=concern, answer="").values_list("kind", flat=True))


def record(
    concern: Concern, details: DashDetails, *, by: User, at: datetime = LATER, key: str = "a", **more: Any
) -> DashRecord:
    person = cases.person_on(concern).person
    return services.record_dash(
        concern_id=concern.pk, person_ref=person.ref, details=details, form_key=f"{concern.pk}{key}", by=by, at=at,
        **more,
    )  # fmt: skip


def answer(
    concern: Concern, kind: str, given: StepAnswer, *, by: User, at: datetime = LATER + timedelta(hours=1)
) -> DomesticStep:
    return services.answer_domestic_step(concern_id=concern.pk, kind=DomesticStepKind(kind), given=given, by=by, at=at)


REFERRED = StepAnswer(DomesticStepAnswer.REFERRED, "To the MARAC coordinator.", date(2026, 2, 3), MaracBasis.DASH)
NOT_REFERRED = StepAnswer(DomesticStepAnswer.NOT_REFERRED, "Standard risk, no earlier incidents.")


def test_scenario_4_asks_for_the_children_and_for_the_marac(cast: Cast) -> None:
    concern = cases.acknowledged(cast, intake=WITH_CHILDREN)
    assert waiting(concern) == {"child", "marac"}
    sentence = "Domestic abuse: say whether a referral to the MARAC, and for the children, was made."
    assert domestic_steps_answered(case_facts(concern)) == sentence
    record(concern, replace(CHECKLIST, score=16), by=cast.gwen)
    assert waiting(concern) == {"child", "marac"}, "they wait already"
    answer(concern, "marac", REFERRED, by=cast.gwen)
    answer(concern, "child", StepAnswer(DomesticStepAnswer.REFERRED, "To the MASH.", date(2026, 2, 3)), by=cast.gwen)
    assert domestic_steps_answered(case_facts(concern)) is None
    step = DomesticStep.objects.get(concern=concern, kind="marac")
    assert (step.answer, step.basis, step.referred_on) == ("referred", "dash", date(2026, 2, 3))
    codes = ["concern.domestic_step_opened"] * 2 + ["concern.dash_recorded"] + ["concern.domestic_step_answered"] * 2
    found = Event.objects.filter(concern_id=concern.pk, code__in=codes).order_by("pk")
    assert [event.code for event in found] == codes
    # The ledger holds codes and references, not what anybody said.
    assert "He will not change" not in str([event.data for event in found])


@pytest.mark.parametrize(
    ("intake", "expected"),
    [
        (PLAIN, set()),
        (replace(PLAIN, people=(ADULT, CHILD)), set()),
        (DOMESTIC, set()),
        (replace(DOMESTIC, people=(ABUSED, replace(CHILD, role=PersonRole.HOUSEHOLD))), {"child", "marac"}),
        (replace(DOMESTIC, people=(ABUSED, UNBORN)), {"child", "marac"}),
        # Somebody at risk whose age nobody knows is treated as a child (R24).
        (replace(DOMESTIC, people=(IntakePerson(name="Somebody", stage=LifeStage.UNKNOWN),)), {"child", "marac"}),
    ],
)
def test_what_is_asked_follows_who_is_there(cast: Cast, intake: Any, expected: set[str]) -> None:
    assert waiting(cases.submitted(cast, intake=intake)) == expected


def test_a_child_or_the_kind_of_abuse_found_later_asks_too(cast: Cast) -> None:
    concern = cases.acknowledged(cast, intake=DOMESTIC)
    services.add_person(concern_id=concern.pk, person=CHILD, by=cast.gwen, at=LATER)
    assert waiting(concern) == {"child", "marac"}

    other = cases.acknowledged(cast, intake=replace(PLAIN, people=(ADULT, CHILD)))
    assert waiting(other) == set()
    findings = replace(cases.findings_for(other), abuse_codes=(AdultAbuse.DOMESTIC.value,))
    services.record_triage(concern_id=other.pk, findings=findings, by=cast.gwen, at=LATER)
    assert waiting(other) == {"child", "marac"}


@pytest.mark.parametrize(
    ("details", "asked"),
    [
        (replace(CHECKLIST, score=13), False),
        (replace(CHECKLIST, score=14), True),
        (replace(CHECKLIST, score=3, is_high_by_judgement=True, judgement_reason="Strangled."), True),
        (replace(CHECKLIST, score=None, not_scored_reason="Never alone.", incidents=3), True),
    ],
)
def test_a_record_that_calls_for_a_marac_asks_for_it(cast: Cast, details: DashDetails, asked: bool) -> None:
    concern = cases.acknowledged(cast, intake=DOMESTIC)
    row = record(concern, details, by=cast.gwen)
    assert row.meets_marac is asked
    assert waiting(concern) == ({"marac"} if asked else set())


def test_where_a_record_calls_for_it_only_a_lead_says_that_none_is_made(cast: Cast) -> None:
    """X4: judgement must not make a high score lower; a low score stands against nothing."""
    low = cases.acknowledged(cast, intake=WITH_CHILDREN)
    record(low, CHECKLIST, by=cast.gwen)
    answer(low, "marac", replace(REFERRED, basis=MaracBasis.JUDGEMENT), by=cast.gwen)

    high = cases.acknowledged(cast, intake=WITH_CHILDREN)
    record(high, replace(CHECKLIST, score=14), by=cast.gwen)
    with pytest.raises(NotAllowed, match="Only a safeguarding lead"):
        answer(high, "marac", NOT_REFERRED, by=cast.gwen)
    answer(high, "marac", NOT_REFERRED, by=cast.ruth)
    assert waiting(high) == {"child"}


def test_what_is_found_after_a_no_asks_again(cast: Cast) -> None:
    concern = cases.acknowledged(cast, intake=WITH_CHILDREN)
    answer(concern, "marac", NOT_REFERRED, by=cast.gwen)
    answer(concern, "child", NOT_REFERRED, by=cast.gwen)
    assert waiting(concern) == set()
    record(concern, replace(CHECKLIST, score=20), by=cast.gwen, at=LATER + timedelta(days=1))
    assert waiting(concern) == {"marac"}
    baby = replace(CHILD, name="Efua Ashworth", estimated_age=2)
    services.add_person(concern_id=concern.pk, person=baby, by=cast.gwen, at=LATER + timedelta(days=2))
    assert waiting(concern) == {"child", "marac"}


def test_a_referral_that_was_made_is_not_asked_again(cast: Cast) -> None:
    concern = cases.acknowledged(cast, intake=WITH_CHILDREN)
    answer(concern, "marac", REFERRED, by=cast.gwen)
    record(concern, replace(CHECKLIST, score=20), by=cast.gwen, at=LATER + timedelta(days=1))
    assert waiting(concern) == {"child"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (StepAnswer(None, "Words."), "answer"),
        (replace(REFERRED, words=" "), "words"),
        (replace(REFERRED, referred_on=None), "referred_on"),
        (replace(REFERRED, referred_on=date(2026, 2, 4)), "referred_on"),
        (replace(REFERRED, basis=None), "basis"),
    ],
)
def test_an_answer_says_all_that_it_needs(cast: Cast, given: StepAnswer, field: str) -> None:
    concern = cases.acknowledged(cast, intake=WITH_CHILDREN)
    with pytest.raises(Unsound) as refused:
        answer(concern, "marac", given, by=cast.gwen)
    assert list(refused.value.problems) == [field]
    assert waiting(concern) == {"child", "marac"}


def test_a_record_is_corrected_by_a_new_one_and_never_changed(cast: Cast) -> None:
    concern = cases.acknowledged(cast, intake=DOMESTIC)
    first = record(concern, replace(CHECKLIST, score=16), by=cast.gwen)
    assert record(concern, replace(CHECKLIST, score=16), by=cast.gwen).pk == first.pk, "one press of the button"
    with pytest.raises(Unsound):
        record(concern, CHECKLIST, by=cast.gwen, key="b", corrects_ref=first.ref)
    second = record(
        concern, CHECKLIST, by=cast.gwen, key="b", corrects_ref=first.ref, correction_reason="Added up wrongly."
    )
    assert second.corrects_id == first.pk
    with pytest.raises(NotNow, match="corrected this record already"):
        record(concern, CHECKLIST, by=cast.gwen, key="c", corrects_ref=first.ref, correction_reason="Again.")
    for change in (lambda: DashRecord.objects.filter(pk=first.pk).update(score=2), lambda: first.delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    # The corrected one calls for nothing any more, so the holder may answer that none is made.
    answer(concern, "marac", NOT_REFERRED, by=cast.gwen)


def test_thresholds_stand_on_the_record_as_they_were(cast: Cast) -> None:
    concern = cases.acknowledged(cast, intake=DOMESTIC)
    before = record(concern, replace(CHECKLIST, score=12), by=cast.gwen)
    change = services.propose_limit(code="X4.high", value=12, reason="Our area asks from 12.", by=cast.ruth, at=LATER)
    services.view_limit(change_id=change.pk, is_agreed=True, words="", by=cast.imran, at=LATER)
    after = record(concern, replace(CHECKLIST, score=12), by=cast.gwen, key="b")
    before.refresh_from_db()
    assert (before.band, before.meets_marac) == ("Medium", False)
    assert (after.band, after.meets_marac) == ("High", True)


def test_dash_is_about_somebody_at_risk_of_16_or_over(cast: Cast) -> None:
    concern = cases.acknowledged(cast, intake=WITH_CHILDREN)
    for row in concern.involvements.exclude(pk=cases.person_on(concern).pk):
        with pytest.raises(NotNow):
            services.record_dash(
                concern_id=concern.pk, person_ref=row.person.ref, details=CHECKLIST, form_key="x", by=cast.gwen,
                at=LATER,
            )  # fmt: skip


def test_who_may_record_and_answer(cast: Cast) -> None:
    concern = cases.acknowledged(cast, intake=WITH_CHILDREN)
    record(concern, CHECKLIST, by=cast.dev)  # a champion of the area
    for user in (cast.amara, cast.alan, cast.femi):  # the reporter, the auditor, a champion of another area
        with pytest.raises(NotAllowed):
            record(concern, CHECKLIST, by=user, key="b")
        with pytest.raises(NotAllowed):
            answer(concern, "child", NOT_REFERRED, by=user)
    with pytest.raises(NotAllowed):
        answer(concern, "child", NOT_REFERRED, by=cast.dev)
    path = reverse("concerns:record-dash", args=[concern.ref, cases.person_on(concern).person.ref])
    assert get(path, cast.femi, at=LATER).status_code == 404
    assert get(path, cast.dev, at=LATER).status_code == 200


def test_what_waits_goes_on_with_the_concern_that_it_was_joined_to(cast: Cast) -> None:
    first = cases.acknowledged(cast, intake=WITH_CHILDREN)
    row = record(first, replace(CHECKLIST, score=16), by=cast.gwen)
    second = cases.acknowledged(cast)
    services.merge(concern_id=first.pk, into_id=second.pk, reason="One family.", by=cast.dev, at=LATER)
    assert waiting(second) == {"child", "marac"}
    page = get(second.get_absolute_url(), cast.gwen, at=LATER).content.decode()
    assert row.ref in page


def test_a_key_counts_on_its_own_concern_and_for_its_own_author(cast: Cast) -> None:
    """Issue 5: what somebody else sent, or sent elsewhere, is never taken for this."""
    ours, other = (cases.acknowledged(cast, intake=WITH_CHILDREN) for _ in range(2))
    for _ in range(2):
        for concern, by in ((ours, cast.gwen), (ours, cast.ruth), (other, cast.gwen)):
            services.record_dash(
                concern_id=concern.pk, person_ref=cases.person_on(concern).person.ref, details=CHECKLIST,
                form_key="5a" * 16, by=by, at=LATER,
            )  # fmt: skip
    rows = DashRecord.objects.order_by("pk").values_list("concern", "recorded_by")
    assert list(rows) == [(ours.pk, cast.gwen.pk), (ours.pk, cast.ruth.pk), (other.pk, cast.gwen.pk)]


def test_other_answers_in_the_same_form_are_kept_too(cast: Cast) -> None:
    """R147."""
    concern = cases.acknowledged(cast, intake=WITH_CHILDREN)
    other = replace(CHECKLIST, own_view="“He said he would kill me.”")
    rows = [record(concern, details, by=cast.gwen) for details in (CHECKLIST, other, other)]
    assert rows[0] != rows[1] == rows[2]


def test_pages(cast: Cast) -> None:
    concern = cases.acknowledged(cast, intake=WITH_CHILDREN)
    person = cases.person_on(concern).person
    page = get(concern.get_absolute_url(), cast.gwen, at=LATER).content.decode()
    assert "Domestic abuse: DASH and MARAC" in page
    path = reverse("concerns:record-dash", args=[concern.ref, person.ref])
    form = get(path, cast.gwen, at=LATER).content.decode()
    # Safe contact comes before the questions.
    assert form.index("he reads it") < form.index('name="score"')
    key = re.search(r'name="form_key" value="([^"]+)"', form)
    assert key is not None
    sent = {
        "assessed_on_0": "3", "assessed_on_1": "2", "assessed_on_2": "2026", "assessor": "PC Lund", "score": "99",
        "own_view": "Afraid.", "is_high_by_judgement": "no", "form_key": key[1],
    }  # fmt: skip
    refused = post(path, cast.gwen, sent, at=LATER).content.decode()
    assert "The score is a number from 0 to 24." in refused
    assert "Afraid." in refused
    assert post(path, cast.gwen, sent | {"score": "16"}, at=LATER).status_code == 302
    row = DashRecord.objects.get()
    shown = get(reverse("concerns:show-dash", args=[concern.ref, row.ref]), cast.gwen, at=LATER).content.decode()
    assert "16 of 24 (high)" in shown
    assert get(reverse("concerns:show-dash", args=[concern.ref, row.ref]), cast.femi, at=LATER).status_code == 404
    step = reverse("concerns:answer-domestic-step", args=[concern.ref, "marac"])
    assert "Only a safeguarding lead can answer" in get(step, cast.gwen, at=LATER).content.decode()
    no = {"answer": "not_referred", "words": "Not needed."}
    assert "Only a safeguarding lead" in post(step, cast.gwen, no, at=LATER).content.decode()
    yes = {
        "answer": "referred", "words": "Sent.", "basis": "dash", "referred_on_0": "3", "referred_on_1": "2",
        "referred_on_2": "2026",
    }  # fmt: skip
    assert post(step, cast.gwen, yes, at=LATER).status_code == 302
    assert "Referred on 3 February 2026" in get(concern.get_absolute_url(), cast.gwen, at=LATER).content.decode()
    assert (
        get(reverse("concerns:answer-domestic-step", args=[concern.ref, "dbs"]), cast.gwen, at=LATER).status_code == 404
    )


def test_without_domestic_abuse_the_page_says_nothing_of_it(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    assert "DASH" not in get(concern.get_absolute_url(), cast.gwen, at=LATER).content.decode()


def test_the_page_costs_the_same_with_one_record_and_with_ten(cast: Cast) -> None:
    concern = cases.acknowledged(cast, intake=WITH_CHILDREN)
    record(concern, CHECKLIST, by=cast.gwen)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert get(concern.get_absolute_url(), cast.gwen, at=LATER + timedelta(hours=1)).status_code == 200
        return len(statements(captured))

    one = cost()
    for number in range(10):
        record(concern, CHECKLIST, by=cast.gwen, key=f"n{number}")
    assert cost() == one
