"""When a request is due (T15) and which answers it may have (R102-R107); expected values by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from concerns.limits import DEFAULTS
from sharing.requests import RequestFacts, answer_by, goes_to_ig_lead, needs_lead, open_answers, problem_with_answer
from sharing.vocabulary import RequestAnswer, RequestKind

A = RequestAnswer


@pytest.mark.parametrize(
    ("kind", "is_emergency", "received", "due"),
    [
        # Tuesday 17 March 2026, 11:00: the same day ends at local midnight.
        ("s47", False, "2026-03-17T11:00", "2026-03-18T00:00"),
        ("family", True, "2026-03-17T11:00", "2026-03-18T00:00"),
        # Late in the evening at least four hours are left; in summer local midnight is 23:00 UTC.
        ("s47", False, "2026-03-17T23:00", "2026-03-18T03:00"),
        ("s47", False, "2026-06-16T09:00", "2026-06-16T23:00"),
        # Two working days: over a week-end, and over Easter (3 and 6 April 2026).
        ("police", False, "2026-03-17T11:00", "2026-03-19T11:00"),
        ("s42", False, "2026-03-20T11:00", "2026-03-24T11:00"),
        ("s17", False, "2026-04-02T10:00", "2026-04-08T10:00"),
        # One month: the same date, the last day of a shorter month, the next working day.
        ("subject_access", False, "2026-03-17T11:00", "2026-04-17T23:00"),
        ("subject_access", False, "2027-01-30T11:00", "2027-03-02T00:00"),
        ("subject_access", False, "2026-12-15T11:00", "2027-01-16T00:00"),
    ],
)
def test_when_a_request_is_due(kind: str, is_emergency: bool, received: str, due: str) -> None:
    moment = datetime.fromisoformat(received).replace(tzinfo=UTC)
    found = answer_by(DEFAULTS, kind, is_emergency=is_emergency, received_at=moment)
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.mark.parametrize("kind", RequestKind.values)
def test_whoever_is_not_verified_can_be_told_nothing(kind: str) -> None:
    for is_linked in (True, False):
        facts = RequestFacts(kind, is_verified=False, is_linked=is_linked, decision_kind="part")
        assert open_answers(facts) == (A.NEITHER,)
        assert problem_with_answer(facts, A.NEITHER) is None
        for answer in (A.FULL, A.PART, A.REFUSE, A.NOTHING_HELD, A.REDIRECTED):
            assert problem_with_answer(facts, answer) is not None


@pytest.mark.parametrize(
    ("kind", "is_linked", "decision", "answer", "may"),
    [
        ("s47", True, "with_agreement", A.FULL, True),
        ("s47", True, "without_agreement", A.FULL, True),
        ("s47", True, "part", A.FULL, False),
        ("s47", True, "part", A.PART, True),
        ("s47", True, "not_share", A.PART, False),
        ("s47", True, "", A.PART, False),
        ("s47", False, "", A.FULL, False),
        ("s47", True, "", A.NOTHING_HELD, False),
        ("s47", False, "", A.NOTHING_HELD, True),
        # 3.4: refusing a statutory request takes a decision and its second signature; any other takes reasons.
        ("s47", True, "", A.REFUSE, False),
        ("s47", True, "not_share", A.REFUSE, True),
        ("media", False, "", A.REFUSE, True),
        ("s47", True, "", A.NEITHER, True),
        ("s47", True, "", A.REDIRECTED, True),
    ],
)
def test_which_answers_a_verified_request_may_have(
    kind: str, is_linked: bool, decision: str, answer: A, may: bool
) -> None:
    facts = RequestFacts(kind, is_verified=True, is_linked=is_linked, decision_kind=decision)
    assert (problem_with_answer(facts, answer) is None) is may


@pytest.mark.parametrize(
    ("answer", "is_verified", "words", "needed"),
    [
        (A.REFUSE, True, "Our reputation", True),
        (A.REFUSE, True, "We have no time: our WORKLOAD.", True),
        (A.REFUSE, True, "There are arrears", True),
        (A.REFUSE, True, "GDPR", True),
        (A.REFUSE, True, "He would find her.", False),
        (A.NEITHER, True, "Data protection", True),
        (A.NEITHER, False, "Data protection", False),
        (A.REDIRECTED, True, "To the data protection officer", False),
        (A.NOTHING_HELD, True, "No rent account", False),
        (A.PART, True, "Not the rent account", False),
    ],
)
def test_which_refusals_a_lead_must_agree_with(answer: A, is_verified: bool, words: str, needed: bool) -> None:
    """VR14."""
    assert needs_lead(RequestFacts("media", is_verified=is_verified, is_linked=True), answer, words) is needed


@pytest.mark.parametrize(("answer", "needed"), [(A.REFUSE, True), (A.NEITHER, True), (A.REDIRECTED, False)])
def test_after_a_lead_did_not_agree_every_refusal_needs_one(answer: A, needed: bool) -> None:
    """VR14: other words are no way round."""
    disputed = RequestFacts("media", is_verified=True, is_linked=True, is_refusal_disputed=True)
    assert needs_lead(disputed, answer, "He would find her.") is needed


def test_what_goes_straight_to_the_information_governance_lead() -> None:
    for_ig = {kind for kind in RequestKind.values if goes_to_ig_lead(kind, is_compulsory=False)}
    assert for_ig == {"court", "subject_access"}
    assert goes_to_ig_lead("police", is_compulsory=True)
