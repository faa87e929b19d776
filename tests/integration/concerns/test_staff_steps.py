"""A worker is implicated: what must be thought of, by when, and what closing waits for (R46)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.urls import reverse

from accounts.models import User
from audit.models import Event
from concerns import services
from concerns.facts import case_facts
from concerns.intake import IntakePerson
from concerns.models import Concern, Conflict, Deadline, StaffStep
from concerns.vocabulary import ClockKind, Implicated, LifeStage, PersonRole, StaffStepAnswer, StaffStepKind
from concerns.workflow import staff_steps_answered
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.intakes import ABOUT_MANAGER, ADULT, CHILD, PLAIN
from tests.build.web import get, post

pytestmark = pytest.mark.django_db
AT = cases.AT  # a Tuesday, 10:00
LATER = AT + timedelta(hours=2)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def kinds(concern: Concern) -> set[str]:
    return set(StaffStep.objects.filter(concern=concern).values_list("kind", flat=True))


def answer(concern: Concern, kind: str, by: User, *, words: str = "Rang them. They advise us to go on.") -> StaffStep:
    return services.answer_staff_step(
        concern_id=concern.pk, kind=StaffStepKind(kind), answer=StaffStepAnswer.DONE, words=words, by=by, at=LATER
    )


def clock(concern: Concern) -> Deadline:
    return Deadline.objects.get(concern=concern, kind=ClockKind.STAFF_CONSULTATION)


UNKNOWN = IntakePerson(name="Somebody", stage=LifeStage.UNKNOWN)


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ((ADULT,), {"pipot", "mash", "police", "hr", "dbs"}),
        ((CHILD,), {"lado", "police", "hr", "dbs"}),
        ((UNKNOWN,), {"lado", "police", "hr", "dbs"}),
        ((ADULT, CHILD), {"lado", "pipot", "mash", "police", "hr", "dbs"}),
    ],
)
def test_steps_follow_who_is_at_risk(cast: Cast, people: tuple[IntakePerson, ...], expected: set[str]) -> None:
    concern = cases.submitted(cast, intake=replace(ABOUT_MANAGER, people=people))
    assert kinds(concern) == expected
    # One working day: Wednesday at the same time.
    assert clock(concern).due_at == datetime(2026, 2, 4, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("codes", "is_asked"),
    [((), True), (("a_not_sure",), True), (("a_financial",), True), (("a_self_neglect",), False)],
)
def test_the_police_are_thought_of_wherever_a_crime_is_possible(
    cast: Cast, codes: tuple[str, ...], *, is_asked: bool
) -> None:
    """Scenario 1: also while nobody knows what kind of abuse it is."""
    concern = cases.submitted(cast, intake=replace(ABOUT_MANAGER, people=(ADULT,), abuse_codes=codes))
    assert ("police" in kinds(concern)) == is_asked


@pytest.mark.parametrize("implicated", [Implicated.NO, Implicated.UNSURE])
def test_without_a_worker_there_are_none(cast: Cast, implicated: Implicated) -> None:
    concern = cases.submitted(cast, intake=replace(PLAIN, implicated=implicated))
    assert not kinds(concern)
    assert not Deadline.objects.filter(concern=concern, kind=ClockKind.STAFF_CONSULTATION).exists()


def test_a_worker_named_among_the_people_is_implicated_too(cast: Cast) -> None:
    worker = IntakePerson(name="Colin Baker", role=PersonRole.SOURCE_OF_RISK, staff_id=cast.colin.pk)
    concern = cases.submitted(cast, intake=replace(PLAIN, people=(ADULT, worker)))
    assert kinds(concern) == {"pipot", "mash", "police", "hr", "dbs"}
    assert clock(concern).is_running


def test_a_worker_named_later_and_a_child_found_later_bring_their_steps(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    add = partial(services.add_person, concern_id=concern.pk, by=cast.gwen, at=LATER)
    add(person=CHILD)
    assert not kinds(concern), "nobody who works here is implicated yet"
    worker = IntakePerson(name="Colin Baker", role=PersonRole.SOURCE_OF_RISK, staff_id=cast.colin.pk)
    add(person=worker)
    assert kinds(concern) == {"lado", "pipot", "mash", "police", "hr", "dbs"}

    about_adult = cases.acknowledged(cast, intake=ABOUT_MANAGER)
    assert about_adult.responsible is not None
    assert kinds(about_adult) == {"pipot", "mash", "police", "hr", "dbs"}
    services.add_person(person=CHILD, concern_id=about_adult.pk, by=about_adult.responsible, at=LATER)
    assert kinds(about_adult) == {"lado", "pipot", "mash", "police", "hr", "dbs"}


def test_an_age_that_becomes_known_brings_the_pipot_lead(cast: Cast) -> None:
    concern = cases.acknowledged(cast, intake=replace(ABOUT_MANAGER, people=(UNKNOWN,)))
    assert concern.responsible is not None
    row = concern.involvements.get(role=PersonRole.AT_RISK)
    services.update_person(
        concern_id=concern.pk, involvement_id=row.pk, values={"life_stage": "adult"}, by=concern.responsible, at=LATER
    )
    assert kinds(concern) == {"lado", "pipot", "mash", "police", "hr", "dbs"}


def test_the_clock_is_met_by_the_consultations_and_closing_waits_for_all(cast: Cast) -> None:
    concern = cases.submitted(cast, intake=replace(ABOUT_MANAGER, people=(ADULT, CHILD)))
    answer(concern, "hr", cast.ruth)
    answer(concern, "lado", cast.ruth)
    assert clock(concern).is_running
    answer(concern, "pipot", cast.ruth)
    answer(concern, "police", cast.ruth)
    assert clock(concern).is_running
    answer(concern, "mash", cast.ruth)
    assert clock(concern).met_at == LATER
    sentence = "A worker is implicated. Answer every step about that first: LADO or PiPoT, police, care, HR, DBS."
    assert staff_steps_answered(case_facts(concern)) == sentence
    answer(concern, "dbs", cast.ruth)
    assert staff_steps_answered(case_facts(concern)) is None
    events = Event.objects.filter(concern_id=concern.pk, code="concern.staff_step_answered").order_by("pk")
    assert [event.data["step"] for event in events] == ["hr", "lado", "pipot", "police", "mash", "dbs"]


def test_an_answer_is_given_once_with_words_by_the_holder_or_a_lead(cast: Cast) -> None:
    concern = cases.submitted(cast, intake=ABOUT_MANAGER)
    with pytest.raises(Unsound) as caught:
        services.answer_staff_step(
            concern_id=concern.pk, kind=StaffStepKind.HR, answer=None, words=" ", by=cast.ruth, at=LATER
        )
    assert set(caught.value.problems) == {"answer", "words"}
    with pytest.raises(NotNow):
        answer(concern, "lado", cast.ruth)
    with pytest.raises(NotAllowed):
        answer(concern, "hr", cast.nadia)
    with pytest.raises(NotAllowed):
        answer(concern, "hr", cast.gwen)
    answer(concern, "hr", cast.ruth)
    with pytest.raises(NotNow, match="answered this step already"):
        answer(concern, "hr", cast.imran)


def test_joining_brings_the_steps_and_their_answers(cast: Cast) -> None:
    survivor = cases.submitted(cast)
    other = cases.submitted(cast, intake=replace(ABOUT_MANAGER, people=(CHILD,)), by=cast.sian)
    answer(other, "hr", cast.ruth, words="HR knows.")
    services.merge(concern_id=other.pk, into_id=survivor.pk, reason="Same visit", by=cast.ruth, at=LATER)
    # The survivor's adult is at risk beside the child, so the PiPoT lead is to be asked as well.
    assert kinds(survivor) == {"lado", "pipot", "mash", "police", "hr", "dbs"}
    assert StaffStep.objects.get(concern=survivor, kind="hr").words == "HR knows."
    assert clock(survivor).is_running


def test_whoever_is_barred_after_joining_is_shut_out_of_what_was_joined(cast: Cast) -> None:
    survivor = cases.acknowledged(cast)
    other = cases.submitted(cast, by=cast.sian)
    services.merge(concern_id=other.pk, into_id=survivor.pk, reason="Same visit", by=cast.dev, at=LATER)
    worker = IntakePerson(name="Nadia Rahman", role=PersonRole.SOURCE_OF_RISK, staff_id=cast.nadia.pk)
    assert Concern.objects.visible_to(cast.nadia).filter(pk=other.pk).exists()
    services.add_person(concern_id=survivor.pk, person=worker, by=cast.gwen, at=LATER)
    assert Conflict.objects.filter(concern=other, staff=cast.nadia, kind="barred").exists()
    assert not Concern.objects.visible_to(cast.nadia).filter(pk__in=[survivor.pk, other.pk]).exists()


def test_the_page_shows_each_step_and_takes_its_answer(cast: Cast) -> None:
    concern = cases.submitted(cast, intake=ABOUT_MANAGER)
    path = reverse("concerns:answer-staff-step", args=[concern.ref, "pipot"])
    page = get(concern.get_absolute_url(), cast.ruth, at=LATER).content.decode()
    assert path in page
    assert "Consult the PiPoT lead (people in positions of trust)" in page
    empty = post(path, cast.ruth, {"answer": "done", "words": ""}, at=LATER)
    assert "Say whom you spoke to and what they advised, or why it is not needed." in empty.content.decode()
    sent = post(path, cast.ruth, {"answer": "done", "words": "Rang Derby. They will write."}, at=LATER)
    assert (sent.status_code, sent["Location"]) == (302, concern.get_absolute_url())
    after = get(concern.get_absolute_url(), cast.ruth, at=LATER).content.decode()
    assert path not in after
    assert "Rang Derby. They will write." in after
    again = get(path, cast.ruth, at=LATER)
    assert (again.status_code, again["Location"]) == (302, concern.get_absolute_url())


def test_a_step_that_is_not_there_and_a_reader_who_may_not_read_are_404(cast: Cast) -> None:
    concern = cases.submitted(cast, intake=ABOUT_MANAGER)
    for kind, user in (("lado", cast.ruth), ("nonsense", cast.ruth), ("hr", cast.gwen), ("hr", cast.nadia)):
        path = reverse("concerns:answer-staff-step", args=[concern.ref, kind])
        assert get(path, user, at=LATER).status_code == 404
        assert post(path, user, {"answer": "done", "words": "x"}, at=LATER).status_code == 404
