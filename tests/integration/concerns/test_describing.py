"""Domestic abuse in the terms of the Act, and the children whom it puts at risk (R21, R22, V5, V6)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from concerns import services
from concerns.models import Concern, DomesticAccount, DomesticStep, Involvement
from concerns.selectors.domestic import newest_account
from concerns.services import DomesticDetails
from concerns.vocabulary import AdultAbuse, ClockKind, LifeStage, PersonRole, YesNoUnknown
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.intakes import ADULT, CHILD, PLAIN, SON
from tests.build.web import get, post

pytestmark = pytest.mark.django_db
AT = cases.AT
LATER = AT + timedelta(hours=2)
DOMESTIC = replace(PLAIN, abuse_codes=(AdultAbuse.DOMESTIC.value,))
AT_HOME = replace(CHILD, role=PersonRole.HOUSEHOLD)
WITH_CHILD = replace(DOMESTIC, people=(ADULT, SON, AT_HOME))
DETAILS = DomesticDetails(
    behaviours=("controlling", "economic"), pattern="course", connected=("relatives",), both_over_16="yes",
    flags=("stalking",), words="She told the housing officer.",
)  # fmt: skip


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def describe(concern: Concern, cast: Cast, details: DomesticDetails, *, key: str = "a") -> DomesticAccount:
    return services.describe_domestic(
        concern_id=concern.pk, details=details, form_key=f"{concern.pk}{key}", by=cast.gwen, at=LATER
    )


def test_a_key_counts_on_its_own_concern_and_for_its_own_author(cast: Cast) -> None:
    """Issue 5: what somebody else sent, or sent elsewhere, is never taken for this."""
    ours, other = (cases.acknowledged(cast, intake=DOMESTIC) for _ in range(2))
    for _ in range(2):
        for concern, by in ((ours, cast.gwen), (ours, cast.ruth), (other, cast.gwen)):
            services.describe_domestic(concern_id=concern.pk, details=DETAILS, form_key="5a" * 16, by=by, at=LATER)
    rows = DomesticAccount.objects.order_by("pk").values_list("concern", "recorded_by")
    assert list(rows) == [(ours.pk, cast.gwen.pk), (ours.pk, cast.ruth.pk), (other.pk, cast.gwen.pk)]


def test_other_words_in_the_same_form_are_kept_too(cast: Cast) -> None:
    """R147."""
    concern = cases.acknowledged(cast, intake=DOMESTIC)
    other = replace(DETAILS, words="He takes her wages too.")
    rows = [describe(concern, cast, details) for details in (DETAILS, other, other)]
    assert rows[0] != rows[1] == rows[2]
    assert newest_account(concern) == rows[1]


def test_it_stands_in_the_words_of_the_act_and_the_newest_counts(cast: Cast) -> None:
    concern = cases.acknowledged(cast, intake=DOMESTIC)
    first = describe(concern, cast, DETAILS)
    assert describe(concern, cast, DETAILS) == first, "one press, one row"
    assert first.rows == (
        ("Behaviour", "Controlling or coercive behaviour; Economic abuse"),
        ("Pattern", "Course of conduct"),
        ("Personally connected", "Relatives"),
        ("Both 16 or over", "Yes"),
        ("Part of it", "Stalking"),
        ("In words", "She told the housing officer."),
    )
    newer = describe(concern, cast, replace(DETAILS, behaviours=("physical",)), key="b")
    assert newest_account(concern) == newer
    with pytest.raises(DatabaseError), transaction.atomic():
        DomesticAccount.objects.filter(pk=first.pk).update(words="Otherwise")


def test_each_question_is_answered_or_not_known_yet(cast: Cast) -> None:
    concern = cases.acknowledged(cast, intake=WITH_CHILD)
    with pytest.raises(Unsound) as refused:
        describe(concern, cast, DomesticDetails())
    assert set(refused.value.problems) == {"behaviours", "pattern", "connected", "both_over_16", "impacts"}
    with pytest.raises(Unsound) as refused:
        describe(concern, cast, replace(DETAILS, impacts=("distress",), connected=("none", "relatives")))
    assert set(refused.value.problems) == {"connected"}
    row = describe(concern, cast, replace(DETAILS, impacts=("distress",), aggravators=("secrecy",)))
    assert ("What it does to the children", "Distressed by witnessing") in row.rows
    assert ("What makes that worse", "Children pressurised into concealing assaults") in row.rows


def test_children_are_asked_about_only_where_there_are_any(cast: Cast) -> None:
    assert describe(cases.acknowledged(cast, intake=DOMESTIC), cast, DETAILS).impacts == []


def test_only_where_domestic_abuse_is_among_the_kinds(cast: Cast) -> None:
    with pytest.raises(NotNow):
        describe(cases.acknowledged(cast), cast, DETAILS)
    concern = cases.acknowledged(cast, intake=DOMESTIC)
    with pytest.raises(NotAllowed):
        services.describe_domestic(concern_id=concern.pk, details=DETAILS, form_key="x", by=cast.priya, at=LATER)


def test_a_pregnancy_puts_the_unborn_child_at_risk_once(cast: Cast) -> None:
    concern = cases.acknowledged(cast, intake=DOMESTIC)
    describe(concern, cast, replace(DETAILS, flags=("pregnancy",)))
    unborn = Involvement.objects.get(concern=concern, life_stage=LifeStage.UNBORN)
    assert (unborn.role, unborn.person.name) == (PersonRole.AT_RISK, "Unborn child")
    assert set(DomesticStep.objects.filter(concern=concern).values_list("kind", flat=True)) == {"child", "marac"}
    describe(concern, cast, replace(DETAILS, flags=("pregnancy",), impacts=("unborn",)), key="b")
    assert Involvement.objects.filter(concern=concern, life_stage=LifeStage.UNBORN).count() == 1


def test_an_unborn_child_of_the_household_is_at_risk_once_the_pregnancy_is_described(cast: Cast) -> None:
    unborn = replace(AT_HOME, name="Baby", stage=LifeStage.UNBORN, date_of_birth=None, estimated_age=None)
    concern = cases.acknowledged(cast, intake=replace(DOMESTIC, people=(ADULT, SON, unborn)))
    for key in "ab":
        describe(concern, cast, replace(DETAILS, flags=("pregnancy",), impacts=("unborn",)), key=key)
    rows = Involvement.objects.filter(concern=concern, life_stage=LifeStage.UNBORN)
    assert sorted(rows.values_list("role", "person__name")) == [("at_risk", "Baby"), ("household", "Baby")]


def triage(concern: Concern, cast: Cast, answer: str, reason: str) -> list[str]:
    """Who is at risk afterwards."""
    child = Involvement.objects.get(concern=concern, role=PersonRole.HOUSEHOLD)
    findings = replace(
        cases.findings_for(concern), abuse_codes=(AdultAbuse.DOMESTIC.value,), thoughts={child.pk: (answer, reason)}
    )
    services.record_triage(concern_id=concern.pk, findings=findings, by=cast.gwen, at=LATER)
    rows = Involvement.objects.filter(concern=concern, role=PersonRole.AT_RISK).order_by("pk")
    return [row.person.name for row in rows.select_related("person")]


def test_a_child_of_the_home_is_at_risk_too(cast: Cast) -> None:
    concern = cases.acknowledged(cast, intake=WITH_CHILD)
    clock = concern.deadlines.get(kind=ClockKind.TRIAGE)
    assert clock.due_at == datetime(2026, 2, 4, 10, tzinfo=UTC), "T3: 24 hours for an adult"
    assert triage(concern, cast, YesNoUnknown.YES, "") == ["Jean Ashworth", "Kofi Ashworth"]
    row = Involvement.objects.get(concern=concern, role=PersonRole.AT_RISK, person__name="Kofi Ashworth")
    assert row.life_stage == LifeStage.CHILD
    clock.refresh_from_db()
    assert clock.due_at == datetime(2026, 2, 4, tzinfo=UTC), "T3: the same day for a child"


@pytest.mark.parametrize("answer", [YesNoUnknown.NO, YesNoUnknown.UNKNOWN])
def test_nobody_drops_a_child_without_a_reason(cast: Cast, answer: str) -> None:
    concern = cases.acknowledged(cast, intake=WITH_CHILD)
    child = Involvement.objects.get(concern=concern, role=PersonRole.HOUSEHOLD)
    with pytest.raises(Unsound) as refused:
        triage(concern, cast, answer, " ")
    assert set(refused.value.problems) == {f"thought_reason_{child.handle}"}
    assert triage(concern, cast, answer, "He lives with his father now.") == ["Jean Ashworth"]
    page = get(reverse("concerns:triage-concern", args=[concern.ref]), cast.gwen, at=LATER)
    assert page.context["form"].fields[f"thought_{child.handle}"].initial == answer, "not proposed anew"


def test_without_domestic_abuse_nobody_is_proposed(cast: Cast) -> None:
    concern = cases.acknowledged(cast, intake=replace(PLAIN, people=(ADULT, SON, AT_HOME)))
    services.record_triage(concern_id=concern.pk, findings=cases.findings_for(concern), by=cast.gwen, at=LATER)
    assert concern.involvements.filter(role=PersonRole.AT_RISK).count() == 1


def test_the_pages_propose_and_describe(cast: Cast) -> None:
    concern = cases.acknowledged(cast, intake=WITH_CHILD)
    child = Involvement.objects.get(concern=concern, role=PersonRole.HOUSEHOLD)
    page = get(reverse("concerns:triage-concern", args=[concern.ref]), cast.gwen, at=LATER).content.decode()
    place = page.index(f'name="thought_{child.handle}"')
    assert 'value="yes"' in page[place : place + 200]
    assert "checked" in page[place : place + 200], "proposed"
    path = reverse("concerns:describe-domestic", args=[concern.ref])
    form = get(path, cast.gwen, at=LATER).content.decode()
    assert "The policy says: Financial" in form
    sent = {
        "behaviours": ["economic"], "pattern": "single", "connected": ["married"], "both_over_16": "yes",
        "impacts": ["distress"], "words": "<script>", "form_key": "one",
    }  # fmt: skip
    assert post(path, cast.gwen, sent, at=LATER).status_code == 302
    shown = get(concern.get_absolute_url(), cast.gwen, at=LATER).content.decode()
    assert "Are or were married" in shown
    assert "&lt;script&gt;" in shown
    assert get(path, cast.priya, at=LATER).status_code == 404


def decided_upon(cast: Cast) -> Concern:
    """Domestic abuse was found at triage, when nobody knew of a child."""
    concern = cases.acknowledged(cast, intake=replace(DOMESTIC, people=(ADULT, SON)))
    findings = replace(cases.findings_for(concern), abuse_codes=(AdultAbuse.DOMESTIC.value,))
    services.record_triage(concern_id=concern.pk, findings=findings, by=cast.gwen, at=LATER)
    return concern


def test_a_child_of_the_home_who_is_added_after_triage_is_proposed_until_somebody_says(cast: Cast) -> None:
    """R22: the same rule whenever the fact is recorded."""
    concern = decided_upon(cast)
    row = services.add_person(concern_id=concern.pk, person=AT_HOME, by=cast.gwen, at=LATER)
    ask = f"Say whether {row.person.name} is at risk too"
    address = reverse("concerns:change-person", args=[concern.ref, row.person.ref, "household"])
    page = get(concern.get_absolute_url(), cast.gwen, at=LATER).content.decode()
    assert ask in page
    assert address in page
    assert ask not in get(concern.get_absolute_url(), cast.ruth, at=LATER).content.decode(), "the holder says it"
    form = get(address, cast.gwen, at=LATER).context["form"]
    assert form.initial["is_thought_at_risk"] == "yes"
    assert "is a victim of it too" in form.fields["is_thought_at_risk"].help_text

    def say(answer: YesNoUnknown, reason: str) -> None:
        values = {"is_thought_at_risk": answer, "thought_reason": reason}
        services.update_person(concern_id=concern.pk, involvement_id=row.pk, values=values, by=cast.gwen, at=LATER)

    with pytest.raises(Unsound) as refused:
        say(YesNoUnknown.NO, " ")
    assert list(refused.value.problems) == ["thought_reason"]
    say(YesNoUnknown.NO, "She lives with her father in Leeds.")
    assert ask not in get(concern.get_absolute_url(), cast.gwen, at=LATER).content.decode()
    say(YesNoUnknown.YES, "She is back.")
    assert concern.involvements.filter(person=row.person, role=PersonRole.AT_RISK).count() == 1


def test_a_child_is_proposed_where_the_domestic_abuse_is_found_after_triage(cast: Cast) -> None:
    concern = cases.acknowledged(cast, intake=replace(PLAIN, people=(ADULT, SON, AT_HOME)))
    services.record_triage(concern_id=concern.pk, findings=cases.findings_for(concern), by=cast.gwen, at=LATER)
    child = concern.involvements.get(role=PersonRole.HOUSEHOLD)
    ask = f"Say whether {child.person.name} is at risk too"
    assert ask not in get(concern.get_absolute_url(), cast.gwen, at=LATER).content.decode()
    concern.abuse_types.create(code=AdultAbuse.DOMESTIC)
    assert ask in get(concern.get_absolute_url(), cast.gwen, at=LATER).content.decode()
