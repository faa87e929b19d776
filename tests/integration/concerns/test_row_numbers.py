"""Row numbers that a form posts: another one than was offered is refused, and opens or changes nothing (I3, I13).

Which forms post one stands in tests/architecture/test_row_numbers.py.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Absence, User
from accounts.services import record_absence
from audit.models import Event
from concerns import services
from concerns.models import Assignment, Concern, Involvement, TwoPersonStep
from concerns.vocabulary import Implicated, RiskLevel, TwoPersonAct, YesNoUnknown
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.intakes import PLAIN
from tests.build.web import get, post
from tests.integration.concerns.test_casework_pages import seen, triage_data

pytestmark = pytest.mark.django_db
AT = cases.AT
LATER = AT + timedelta(hours=2)
NOT_OFFERED = "Choose one of the answers on this page"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def path(name: str, concern: Concern) -> str:
    return reverse(f"concerns:{name}", args=[concern.ref])


def words(response: Any) -> str:
    return str(response.content.decode())


def elsewhere(cast: Cast) -> Concern:
    """A concern about somebody whom neither Gwen nor Dev may know of."""
    implicated = (cast.gwen.pk, cast.dev.pk)
    intake = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=implicated)
    return cases.submitted(cast, intake=intake, by=cast.priya)


def test_a_guess_at_somebody_of_another_case_changes_nobody_at_triage(cast: Cast) -> None:
    concern, other = cases.acknowledged(cast), elsewhere(cast)
    foreign = cases.person_on(other)
    before = Involvement.objects.filter(pk=foreign.pk).values().get()
    guesses: dict[str, str] = {}
    for handle in (foreign.handle, str(foreign.pk)):
        guesses |= {
            f"risk_{handle}": "critical", f"risk_reason_{handle}": "A guess.",
            f"thought_{handle}": "yes", f"thought_reason_{handle}": "A guess.",
        }  # fmt: skip
    assert (
        post(path("triage-concern", concern), cast.gwen, triage_data(concern, **guesses), at=LATER).status_code == 302
    )
    assert cases.person_on(concern).risk_level == RiskLevel.MEDIUM
    assert Involvement.objects.filter(pk=foreign.pk).values().get() == before
    # The service takes no other's number either, whoever calls it.
    findings = cases.findings_for(concern, level=RiskLevel.HIGH)
    services.record_triage(
        concern_id=concern.pk, by=cast.gwen, at=LATER,
        findings=replace(
            findings, risks={**findings.risks, foreign.pk: ("low", "A guess.")},
            thoughts={foreign.pk: (YesNoUnknown.YES, "A guess.")},
        ),
    )  # fmt: skip
    assert Involvement.objects.filter(pk=foreign.pk).values().get() == before


def test_the_triage_page_holds_no_number_of_a_row(cast: Cast) -> None:
    for _ in range(3):
        elsewhere(cast)
    concern = cases.acknowledged(cast)
    row = cases.person_on(concern)
    page = words(get(path("triage-concern", concern), cast.gwen, at=LATER))
    assert f'name="risk_{row.handle}"' in page
    assert f"risk_{row.pk}" not in page


@pytest.mark.parametrize("field", ["pk", "handle"])
def test_a_guess_at_what_waits_on_another_case_agrees_to_nothing(cast: Cast, field: str) -> None:
    concern, other = cases.submitted(cast), cases.submitted(cast, by=cast.priya)
    services.ask_second_person(concern_id=concern.pk, act=TwoPersonAct.VOID, reason="A drill.", by=cast.ruth, at=AT)
    foreign = services.ask_second_person(
        concern_id=other.pk, act=TwoPersonAct.VOID, reason="A drill.", by=cast.ruth, at=AT + timedelta(minutes=1)
    )
    answer = post(
        path("give-second-view", concern), cast.imran,
        {"step": str(getattr(foreign, field)), "view": "agree", "words": "I agree."}, at=LATER,
    )  # fmt: skip
    assert "has changed since you opened this page" in words(answer)
    assert "I agree." in words(answer), "nothing that was typed is lost"
    assert set(TwoPersonStep.objects.values_list("is_agreed", flat=True)) == {None}


def test_nobody_agrees_to_what_was_asked_for_after_they_opened_the_page(cast: Cast) -> None:
    concern = cases.triaged(cast, level=RiskLevel.CRITICAL)
    row = cases.person_on(concern)

    def ask(level: RiskLevel) -> None:
        services.record_triage(
            concern_id=concern.pk, by=cast.gwen, at=LATER + timedelta(seconds=TwoPersonStep.objects.count()),
            findings=replace(cases.findings_for(concern, level=level), risks={row.pk: (level.value, "He moved away.")}),
        )  # fmt: skip

    def shown() -> str:
        return str(get(path("give-second-view", concern), cast.dev, at=LATER).context["form"]["step"].value())

    ask(RiskLevel.MEDIUM)
    opened = shown()
    ask(RiskLevel.LOW)
    view = {"step": opened, "view": "agree", "words": ""}
    answer = post(path("give-second-view", concern), cast.dev, view, at=LATER)
    assert "has changed since you opened this page" in words(answer)
    assert cases.person_on(concern).risk_level == RiskLevel.CRITICAL
    # What is shown now can be agreed to as it stands.
    view["step"] = answer.context["form"]["step"].value()
    assert view["step"] == shown() != opened
    assert post(path("give-second-view", concern), cast.dev, view, at=LATER).status_code == 302
    assert cases.person_on(concern).risk_level == RiskLevel.LOW


def test_a_concern_goes_to_nobody_who_is_not_offered(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    held_by = Assignment.objects.filter(concern=concern).count()
    # Amara reported it; Alan audits; nobody has the last number.
    for guess in (cast.amara.pk, cast.alan.pk, 10**12, "1 OR 1=1"):
        data = seen(concern, to=str(guess), note="Yours.")
        assert post(path("hand-on-concern", concern), cast.gwen, data, at=LATER).status_code == 200, guess
    assert Assignment.objects.filter(concern=concern).count() == held_by


def test_nobody_is_shown_out_of_or_named_on_a_page_who_is_not_offered(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    services.let_in(
        concern_id=concern.pk, person=cast.femi, until=LATER + timedelta(days=3), reason="Knows the family.",
        by=cast.ruth, at=AT + timedelta(minutes=30),
    )  # fmt: skip
    for guess in (cast.colin.pk, cast.gwen.pk, 10**12):
        shown_out = post(path("end-let-in", concern), cast.ruth, {"person": str(guess)}, at=LATER)
        assert NOT_OFFERED in words(shown_out), guess
    for guess in (cast.amara.pk, cast.femi.pk, 10**12):
        data = seen(concern, advice="speak_first", speak_to=str(guess), address="4 Mill Lane")
        assert NOT_OFFERED in words(post(path("warn-visitors", concern), cast.gwen, data, at=LATER)), guess
    assert get(concern.get_absolute_url(), cast.femi, at=LATER).status_code == 200


@pytest.mark.parametrize("guess", ["of somebody else", "999999999", "9" * 20, "9" * 5000, "x", "", "²"])
def test_leave_of_others_is_not_there(cast: Cast, guess: str) -> None:
    absence = record_absence(
        person=cast.priya, starts_at=AT, ends_at=AT + timedelta(days=9), by=None, at=AT
    )  # fmt: skip
    number = str(absence.pk) if guess == "of somebody else" else guess
    who: User = cast.amara
    assert post(reverse("accounts:cancel-leave"), who, {"absence": number}, at=LATER).status_code == 404
    assert Event.objects.filter(code="audit.act_refused", actor_id=who.pk, data__act="accounts.cancel-leave").exists()
    assert Absence.objects.get() == absence
