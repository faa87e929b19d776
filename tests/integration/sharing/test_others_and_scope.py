"""Ground C2 names people of the concern (VR8), C9 is held against every item (VR5), and R57 asks of each person.

Through the real services and pages, without JavaScript.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from accounts.models import User
from concerns import services as of_concern
from concerns.intake import IntakePerson
from concerns.models import Concern, Involvement
from concerns.services.conflicts import bar
from concerns.vocabulary import KeptOutBecause, LifeStage, PersonRole
from safeguarding.kit.errors import Unsound
from sharing import selectors, services
from sharing.answers import Ground
from sharing.models import Decision, SignedRecord
from sharing.reading import Later, Reader, parts
from sharing.record import Record, from_json
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import Cast
from tests.build.sharing import SIGNED_AT
from tests.build.web import get, post


def add(concern: Concern, cast: Cast, name: str, stage: LifeStage, role: PersonRole = PersonRole.HOUSEHOLD) -> str:
    """One more person in the concern; hands out their key."""
    row = of_concern.add_person(
        concern_id=concern.pk, person=IntakePerson(name=name, stage=stage, role=role), by=cast.gwen, at=SIGNED_AT
    )
    return row.person.ref


def others(*keys: str) -> Ground:
    return Ground("C2", "applies", "He shouts at everybody.", others=keys)


def on(ground: Ground) -> Record:
    return replace(decisions.against_a_refusal(), grounds=decisions.grounds(**{ground.code: ground}))


def refused(decision: Decision, by: User) -> dict[str, list[str]]:
    with pytest.raises(Unsound) as caught:
        services.sign_decision(decision_id=decision.pk, seen_edit=decision.edit, by=by, at=SIGNED_AT)
    return dict(caught.value.problems)


def page_of(decision: Decision, slug: str) -> str:
    return f"/sharing/decisions/{decision.ref}/{decision.version}/draft/page/{slug}/"


def test_others_are_offered_from_the_concern_and_frozen_at_signing(cast: Cast) -> None:
    concern = build.case(cast)
    adult = add(concern, cast, "Omar Oyelaran", LifeStage.ADULT)
    decision = build.draft(concern, on(others(adult)))
    about = build.person(concern)
    shown = get(page_of(decision, "grounds.C2"), cast.gwen, at=SIGNED_AT).content.decode()
    assert "Omar Oyelaran" in shown
    assert "Household member, adult (18 or over)" in shown
    assert "Somebody who is not identified yet" in shown
    assert f'value="{about.key}"' not in shown, "the one whom it is about is no other"
    signed = services.sign_decision(decision_id=decision.pk, seen_edit=decision.edit, by=cast.gwen, at=SIGNED_AT)
    Involvement.objects.filter(person__ref=adult).update(life_stage=LifeStage.CHILD)
    frozen = from_json(signed.document["record"]).ground("C2").others_named
    assert [(each.name, each.life_stage, each.is_at_risk) for each in frozen] == [("Omar Oyelaran", "adult", False)]
    read = get(signed.get_absolute_url(), cast.ruth, at=SIGNED_AT).content.decode()
    assert "Also at risk: Omar Oyelaran, adult (18 or over), in the concern" in read


def test_an_other_who_is_no_person_at_risk_is_not_named_where_names_are_masked(cast: Cast) -> None:
    concern = build.case(cast)
    adult = add(concern, cast, "Omar Oyelaran", LifeStage.ADULT)
    signed = build.signed(concern, on(others(adult)))
    # Whatever becomes of the row: the frozen name is hidden all the same.
    Involvement.objects.filter(person__ref=adult).delete()
    signed = SignedRecord.objects.get(pk=signed.pk)
    for is_masked in (True, False):
        reader = Reader(signed.document, masked=is_masked, on_paper=True, around=selectors.around(signed))
        assert ("Oyelaran" in repr(parts(reader, Later()))) is not is_masked


@pytest.mark.parametrize("stage", [LifeStage.CHILD, LifeStage.UNKNOWN])
def test_a_child_among_the_others_needs_its_route_started_in_the_concern(cast: Cast, stage: LifeStage) -> None:
    concern = build.case(cast)
    key = add(concern, cast, "Sam Oyelaran", stage)
    decision = build.draft(concern, on(others(key)))
    (sentence,) = refused(decision, cast.gwen)["grounds.C2.others"]
    assert sentence.startswith("Sam Oyelaran counts as a child at risk")
    assert ("age is not known" in sentence) is (stage == LifeStage.UNKNOWN)
    shown = get(page_of(decision, "grounds.C2"), cast.gwen, at=SIGNED_AT).content.decode()
    assert "Sam Oyelaran counts as a child at risk" in shown
    add_as_at_risk(concern, key)
    services.sign_decision(decision_id=decision.pk, seen_edit=decision.edit, by=cast.gwen, at=SIGNED_AT)


def add_as_at_risk(concern: Concern, key: str) -> None:
    Involvement.objects.filter(concern=concern, person__ref=key).update(role=PersonRole.AT_RISK)


def test_whoever_left_the_concern_or_is_shut_out_of_it_is_chosen_again(cast: Cast) -> None:
    concern = build.case(cast)
    adult = add(concern, cast, "Omar Oyelaran", LifeStage.ADULT)
    decision = build.draft(concern, on(others(adult)))
    Involvement.objects.filter(concern=concern, person__ref=adult).update(staff=cast.priya)
    assert [person.key for person in selectors.choosable_others(concern)].count(adult) == 1
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.priya.pk, reason="Named", by=cast.ruth, at=SIGNED_AT)
    assert "is shut out of it" in refused(decision, cast.gwen)["grounds.C2.others"][0]
    Involvement.objects.filter(concern=concern, person__ref=adult).delete()
    assert "not in the concern any more" in refused(decision, cast.gwen)["grounds.C2.others"][0]


def test_a_colleague_who_is_at_risk_or_a_relative_may_be_named_as_also_at_risk(cast: Cast) -> None:
    """VR8: they are recused (R45), which makes nobody a cause of it, and no lead has to sign for that."""
    concern = build.case(cast)
    person = IntakePerson(name="Priya", stage=LifeStage.ADULT, role=PersonRole.HOUSEHOLD, staff_id=cast.priya.pk)
    row = of_concern.add_person(concern_id=concern.pk, person=person, by=cast.gwen, at=SIGNED_AT)
    assert row.person.ref in [person.key for person in selectors.choosable_others(concern)]
    decision = build.draft(concern, on(others(row.person.ref)))
    assert not selectors.facts_for(decision, by=cast.gwen, at=SIGNED_AT).staff_implicated


def test_whoever_a_lead_bars_makes_it_a_case_about_staff(cast: Cast) -> None:
    """3.4: not sharing takes a lead then, though nobody among the people of the case is linked to them."""
    concern = build.case(cast)
    decision = build.draft(concern, on(Ground("C2")))
    because = KeptOutBecause.CAUSE
    of_concern.keep_out(
        concern_id=concern.pk, staff=cast.priya, because=because, words="She said so.", by=cast.ruth, at=SIGNED_AT
    )
    assert selectors.facts_for(decision, by=cast.gwen, at=SIGNED_AT).staff_implicated


def test_where_it_is_about_several_each_is_another_to_the_rest(cast: Cast) -> None:
    concern = build.case(cast)
    about = build.person(concern)
    child = add(concern, cast, "Sam Oyelaran", LifeStage.CHILD, PersonRole.AT_RISK)
    alone = Record(people=(about,))
    both = Record(people=(about, replace(about, key=child)))
    assert about.key not in [person.key for person in selectors.choosable_others(concern, alone)]
    assert {about.key, child} <= {person.key for person in selectors.choosable_others(concern, both)}


def test_what_is_typed_about_others_is_kept_and_asked_for_beside_the_page(cast: Cast) -> None:
    concern = build.case(cast)
    decision = build.draft(concern, on(others()))
    path = page_of(decision, "grounds.C2")
    sent = {
        "seen_edit": decision.edit,
        "evidence": "Heard.",
        "others": ["unidentified"],
        "unidentified_child": "unknown",
    }
    assert post(path, cast.gwen, sent, at=SIGNED_AT).status_code == 302
    shown = get(path, cast.gwen, at=SIGNED_AT).content.decode()
    for sentence in (
        "Write what you know of the person who is not identified yet.",
        "Start the route for the child first.",
    ):
        assert sentence in shown
    bad = post(path, cast.gwen, {**sent, "seen_edit": 99, "others": ["PN-9999-9999"]}, at=SIGNED_AT).content.decode()
    assert "Choose from the answers on this page" in bad


ORDER = Ground(
    "C9", "applies", "Served.", body="Family Court at Larkford", on=date(2026, 3, 16), reference="LF26P00012",
    scope="The tenancy file since 2024.", document="Legal file 12",
)  # fmt: skip


def test_each_item_is_held_against_what_the_order_asks_for(cast: Cast) -> None:
    concern = build.case(cast)
    decision = build.draft(concern, on(ORDER), agency=build.adult_care(cast))
    for slug in ("items", "items.0", "items.new"):
        shown = get(page_of(decision, slug), cast.gwen, at=SIGNED_AT).content.decode()
        assert "What the order or request asks for" in shown
        assert "The tenancy file since 2024." in shown
    assert "Say whether it goes beyond" in refused(decision, cast.gwen)["items.0.beyond_scope"][0]
    assert "Say whether it goes beyond" in get(page_of(decision, "items"), cast.gwen, at=SIGNED_AT).content.decode()
    answer_first_item(decision, cast.gwen, "yes")
    assert "Withhold it, or give another ground" in refused(decision, cast.gwen)["items.0.beyond_scope"][0]
    answer_first_item(decision, cast.gwen, "no")
    signed = services.sign_decision(decision_id=decision.pk, seen_edit=decision.edit, by=cast.gwen, at=SIGNED_AT)
    read = get(signed.get_absolute_url(), cast.ruth, at=SIGNED_AT).content.decode()
    assert "Beyond what the order or request asks for: no" in read
    assert "within_scope" not in signed.canonical


def answer_first_item(decision: Decision, by: User, answer: str) -> None:
    saved = services.save_page(
        decision_id=decision.pk, page="items.0", answers={"items.0.beyond_scope": answer}, typed=None,
        seen_edit=decision.edit, by=by, at=SIGNED_AT,
    )  # fmt: skip
    decision.edit = saved.edit


def test_the_question_is_not_asked_without_an_order(cast: Cast) -> None:
    decision = build.draft(build.case(cast), decisions.agreed())
    shown = get(page_of(decision, "items.0"), cast.gwen, at=SIGNED_AT).content.decode()
    assert "What the order or request asks for" not in shown
    assert "Does it go beyond what the order" not in shown


def test_safety_and_support_are_asked_of_everybody_a_child_not_yet_born_too(cast: Cast) -> None:
    """R57."""
    concern = build.case(cast)
    unborn = add(concern, cast, "Unborn child", LifeStage.UNBORN, PersonRole.AT_RISK)
    decision = services.start_decision(concern_id=concern.pk, by=cast.gwen, at=SIGNED_AT)
    tasks = get(decision.get_absolute_url(), cast.gwen, at=SIGNED_AT).content.decode()
    for key in (build.person(concern).key, unborn):
        assert page_of(decision, f"safety.{key}") in tasks
    assert page_of(decision, f"views.{unborn}") not in tasks
    path = page_of(decision, f"safety.{unborn}")
    assert post(path, cast.gwen, {"seen_edit": 0, "support__safety": "Safe."}, at=SIGNED_AT).status_code == 302
    shown = get(path, cast.gwen, at=SIGNED_AT).content.decode()
    assert "Write the support this person needs, or that none is." in shown
    assert "Safe." in shown


def test_signed_safety_is_read_person_by_person(cast: Cast) -> None:
    signed = build.signed(build.case(cast), decisions.agreed())
    read = get(signed.get_absolute_url(), cast.ruth, at=SIGNED_AT).content.decode()
    for words in (
        "Safety of others", "Nobody else is in danger.", "Safety and support of each person",
        "Safe tonight; she has our number.", "Help with her bank card.",
    ):  # fmt: skip
        assert words in read


def test_an_item_withheld_for_other_interests_takes_a_lead(cast: Cast) -> None:
    """VR14: a champion or the operational lead may not give the second view of it."""
    base = decisions.agreed()
    withheld = decisions.change(
        base.items[0], what="Her rent account.", answer="withhold", why_withheld="Rent is owed."
    )
    record = decisions.change(
        base, items=(*base.items, withheld), reasons=decisions.against_a_refusal().reasons,
        decision=decisions.change(base.decision, choice="share_part", review_date=date(2026, 3, 24)),
    )  # fmt: skip
    signed = build.signed(build.case(cast), record, agency=build.adult_care(cast))
    assert (signed.needs_second, signed.second_is_lead) == (True, True)
    assert "Why this item is withheld speaks" in signed.canonical
