"""Domain.md 3.4: when a second person must sign, and who. Both sides of each case."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sharing.answers import Agreement, Basis, Capacity, Ground, Start
from sharing.record import Record
from sharing.rules import Facts, SecondSignature, find_problems, needs_second_signature
from tests.build.decisions import (
    AT,
    FACTS,
    against_a_refusal,
    agreed,
    change,
    change_first_person,
    grounds,
    not_shared,
    not_shared_about_a_child,
)


def second(record: Record, facts: Facts = FACTS) -> SecondSignature | None:
    return needs_second_signature(record, facts, find_problems(record, facts))


# Domain.md 3.4, each case in its own words: (a decision of that case, what the signer is told).
REQUIRED = {
    "Not share": (not_shared, FACTS, "Nothing is shared."),
    "share without agreement of a capacitous adult": (
        against_a_refusal, FACTS, "It is shared without the agreement of an adult who has capacity.",
    ),
    "any restricted case": (agreed, change(FACTS, is_restricted=True), "The concern is restricted."),
    "refusal of a statutory request": (
        lambda: change(not_shared(), start=Start(trigger="request", request_kind="police")), FACTS,
        "A statutory request is refused.",
    ),
    "retrospective": (
        lambda: change(agreed(), start=Start(trigger="emergency", shared_at=AT - timedelta(hours=1))), FACTS,
        "It was shared in an emergency and recorded afterwards.",
    ),
    "decision maker is reporter": (
        agreed, change(FACTS, signer_is_reporter=True), "The person who decides also reported the concern.",
    ),
    "Art 9 + recipient outside statutory agencies": (
        lambda: change(
            agreed(), recipients=(change(agreed().recipients[0], is_statutory=False),),
            basis=Basis(article6=("e",), article9=("h",), confidence="consent"),
        ), FACTS, "Special-category information goes outside the statutory agencies.",
    ),
    "review that lowers risk by two levels": (
        lambda: change(agreed(), risks=change(agreed().risks, level_worker="low")),
        change(FACTS, previous_level="high"), "The review lowers the level of risk by two steps or more.",
    ),
}  # fmt: skip
SECTION = (
    "Not share; share without agreement of a capacitous adult (unless emergency: within 24h after);"
    " any restricted case; refusal of a statutory request; retrospective; decision maker is reporter;"
    " Art 9 + recipient outside statutory agencies; review that lowers risk by two levels."
)


@pytest.mark.parametrize("name", REQUIRED)
def test_each_case_of_the_register_needs_one_and_says_why(name: str) -> None:
    build, facts, words = REQUIRED[name]
    assert name in SECTION
    needed = second(build(), facts)
    assert needed is not None
    assert words in needed.reasons


def test_every_case_of_the_section_is_here() -> None:
    cases = [part.strip(" .").removesuffix(" (unless emergency: within 24h after)") for part in SECTION.split(";")]
    assert cases == list(REQUIRED)


def test_sharing_with_agreement_needs_none() -> None:
    assert second(agreed()) is None


def test_not_sharing_needs_a_champion_or_lead() -> None:
    needed = second(not_shared())
    assert needed is not None
    assert not needed.lead_only
    assert not needed.may_follow


def test_not_sharing_about_a_child_needs_a_lead() -> None:
    needed = second(not_shared_about_a_child())
    assert needed is not None
    assert needed.lead_only


def test_not_sharing_although_a_ground_applies_needs_a_lead() -> None:
    needed = second(change(not_shared(), grounds=grounds(C3=Ground("C3", "applies", "Threats."))))
    assert needed is not None
    assert needed.lead_only


def test_sharing_without_agreement_of_a_capacitous_adult_needs_one() -> None:
    needed = second(against_a_refusal())
    assert needed is not None
    assert not needed.lead_only


def test_sharing_about_an_adult_who_lacks_capacity_needs_none() -> None:
    record = change_first_person(
        against_a_refusal(),
        agreement=Agreement(status="cannot_capacity"),
        capacity=Capacity(doubted="yes", conclusion="lacks"),
    )
    assert second(record) is None


@pytest.mark.parametrize(
    ("urgency", "c11", "may_follow"),
    [("standard", "does_not", False), ("emergency", "does_not", True), ("standard", "applies", True)],
)
def test_in_an_emergency_the_second_signature_may_follow(urgency: str, c11: str, may_follow: bool) -> None:
    record = change(
        against_a_refusal(), grounds=grounds(C2=against_a_refusal().ground("C2"), C11=Ground("C11", c11, "Bleeding."))
    )
    needed = second(record, change(FACTS, urgency=urgency))
    assert needed is not None
    assert needed.may_follow is may_follow


def test_a_decision_not_to_share_never_waits_until_afterwards() -> None:
    needed = second(not_shared(), change(FACTS, urgency="emergency"))
    assert needed is not None
    assert not needed.may_follow


def test_a_lead_looks_at_what_is_withheld_while_the_rest_goes() -> None:
    """VR14 is no reason to hold up what is shared; any other reason for a second signature still is."""
    base = agreed()
    kept = change(base.items[0], answer="withhold", why_withheld="The arrears are not relevant to the risk.")
    record = change(base, decision=change(base.decision, choice="share_part"), items=(*base.items, kept))
    alone, restricted = second(record), second(record, change(FACTS, is_restricted=True))
    assert alone is not None
    assert (alone.lead_only, alone.may_follow) == (True, True)
    assert restricted is not None
    assert (restricted.lead_only, restricted.may_follow) == (True, False)


def test_restricted_concern_needs_one() -> None:
    assert second(agreed(), change(FACTS, is_restricted=True)) is not None


def test_staff_case_needs_a_lead() -> None:
    needed = second(agreed(), change(FACTS, is_restricted=True, staff_implicated=True))
    assert needed is not None
    assert needed.lead_only


@pytest.mark.parametrize(("kind", "told"), [("police", True), ("solicitor", False)])
def test_refusal_of_a_statutory_request_is_named_as_a_reason(kind: str, told: bool) -> None:
    record = change(not_shared(), start=Start(trigger="request", request_kind=kind))
    needed = second(record)
    assert needed is not None
    assert ("A statutory request is refused." in needed.reasons) is told


def test_retrospective_record_needs_one_that_may_follow() -> None:
    needed = second(change(agreed(), start=Start(trigger="emergency", shared_at=AT - timedelta(hours=1))))
    assert needed is not None
    assert needed.may_follow


def test_reporter_who_decides_needs_one() -> None:
    assert second(agreed(), change(FACTS, signer_is_reporter=True)) is not None


@pytest.mark.parametrize(
    ("is_statutory", "article9", "needed"), [(False, ("h",), True), (True, ("h",), False), (False, (), False)]
)
def test_special_category_outside_statutory_agencies_needs_one(
    is_statutory: bool, article9: tuple[str, ...], needed: bool
) -> None:
    record = agreed()
    record = change(
        record,
        recipients=(change(record.recipients[0], is_statutory=is_statutory),),
        basis=Basis(article6=("e",), article9=article9, confidence="consent"),
    )
    assert (second(record) is not None) is needed


@pytest.mark.parametrize(
    ("before", "now", "needed"),
    [
        ("critical", "medium", True),
        ("high", "low", True),
        ("high", "medium", False),
        ("low", "high", False),
        ("", "low", False),
    ],
)
def test_review_that_lowers_risk_by_two_levels_needs_one(before: str, now: str, needed: bool) -> None:
    record = change(agreed(), risks=change(agreed().risks, level_worker=now))
    assert (second(record, change(FACTS, previous_level=before)) is not None) is needed
