"""The route of Appendix 1, against a matrix written out by hand from domain.md 2.2."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

import pytest

from concerns.vocabulary import OPEN_STATES, RiskLevel, State
from concerns.workflow import (
    BY_ACTION,
    TRANSITIONS,
    Action,
    CaseFacts,
    SharingFacts,
    as_mermaid,
    plan,
    problems_with,
)
from safeguarding.kit.errors import NotNow

# Everything done: no guard has anything to say, so that only the states decide.
READY = CaseFacts(
    state=State.TRIAGE,
    is_triaged=True,
    risk_levels=((1, RiskLevel.MEDIUM),),
    closing_from=State.MONITORING,
    has_difference=True,
    sharing=SharingFacts(covered_by_share=frozenset({1}), covered_by_not_share=frozenset({1})),
)

# A concern that is joined to another may carry no decision: the same facts without one.
UNDECIDED = replace(READY, has_difference=False, sharing=SharingFacts())
# And what is to be sent waits no more once its decision was replaced by one not to share.
NOT_SHARING = replace(READY, sharing=SharingFacts(covered_by_not_share=frozenset({1})))
SPECIAL = {Action.MERGE: UNDECIDED, Action.PROPOSE_NOT_SHARING: NOT_SHARING}

# (from, action) -> to. Whatever is not listed is refused.
LEGAL = {
    ("submitted", "acknowledge"): "triage",
    ("submitted", "pass_on"): "submitted",
    ("triage", "decide_to_share"): "referral_due",
    ("triage", "propose_not_sharing"): "awaiting_second",
    ("referral_due", "propose_not_sharing"): "awaiting_second",
    ("awaiting_second", "agree_not_sharing"): "monitoring",
    ("awaiting_second", "refuse_not_sharing"): "triage",
    ("triage", "take_safer_choice"): "referral_due",
    ("awaiting_second", "take_safer_choice"): "referral_due",
    ("referral_due", "send_referral"): "referred",
    ("referred", "record_agency_acknowledgement"): "with_agency",
    ("referred", "dispute"): "disputed",
    ("with_agency", "dispute"): "disputed",
    ("disputed", "refer_again"): "referred",
    ("disputed", "settle_with_agency"): "with_agency",
    ("disputed", "monitor"): "monitoring",
    ("with_agency", "monitor"): "monitoring",
    ("monitoring", "consider_again"): "triage",
    ("triage", "propose_closure"): "closure_review",
    ("with_agency", "propose_closure"): "closure_review",
    ("monitoring", "propose_closure"): "closure_review",
    ("closure_review", "agree_closure"): "closed",
    ("closure_review", "refuse_closure"): "monitoring",
    ("closed", "reopen"): "triage",
    ("submitted", "hand_on"): "submitted",
    ("triage", "hand_on"): "triage",
    ("awaiting_second", "hand_on"): "awaiting_second",
    ("referral_due", "hand_on"): "referral_due",
    ("referred", "hand_on"): "referred",
    ("with_agency", "hand_on"): "with_agency",
    ("disputed", "hand_on"): "disputed",
    ("monitoring", "hand_on"): "monitoring",
    ("closure_review", "hand_on"): "closure_review",
    ("submitted", "merge"): "merged",
    ("triage", "merge"): "merged",
    ("awaiting_second", "merge"): "merged",
    ("referral_due", "merge"): "merged",
    ("referred", "merge"): "merged",
    ("with_agency", "merge"): "merged",
    ("disputed", "merge"): "merged",
    ("monitoring", "merge"): "merged",
    ("closure_review", "merge"): "merged",
    ("merged", "separate"): "triage",
    ("submitted", "void"): "void",
    ("triage", "void"): "void",
    ("awaiting_second", "void"): "void",
    ("referral_due", "void"): "void",
    ("referred", "void"): "void",
    ("with_agency", "void"): "void",
    ("disputed", "void"): "void",
    ("monitoring", "void"): "void",
    ("closure_review", "void"): "void",
    ("void", "restore"): "triage",
}


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("state", list(State))
def test_a_concern_moves_only_as_the_matrix_says(state: State, action: Action) -> None:
    facts = replace(SPECIAL.get(action, READY), state=state)
    expected = LEGAL.get((state.value, action.value))
    if expected is None:
        with pytest.raises(NotNow):
            plan(action, facts)
    else:
        assert plan(action, facts)[1] == expected


def test_every_action_stands_in_the_table_once() -> None:
    assert len(TRANSITIONS) == len(BY_ACTION) == len(Action)


def test_nothing_goes_from_reported_to_closed() -> None:
    closing = [t for t in TRANSITIONS if t.target == State.CLOSED]
    assert [t.sources for t in closing] == [frozenset({State.CLOSURE_REVIEW})]


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_closure_can_be_reached_from_every_open_state(state: State) -> None:
    reached, frontier = {state}, {state}
    while frontier:
        frontier = {
            plan(action, replace(READY, state=source))[1]
            for source in frontier
            for action in Action
            if not problems_with(action, replace(READY, state=source))
        } - reached
        reached |= frontier
    assert State.CLOSED in reached


CLOSING = replace(READY, state=State.MONITORING)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (replace(CLOSING, is_triaged=False), "who else lives there"),
        (replace(CLOSING, risk_levels=((1, ""),)), "level of risk for every person"),
        (replace(CLOSING, risk_levels=((1, "critical"),)), "critical risk"),
        (replace(CLOSING, risk_levels=()), "Nobody is recorded as at risk"),
        (replace(CLOSING, sharing=replace(READY.sharing, referrals_without_outcome=1)), "no outcome yet"),
        (replace(CLOSING, sharing=replace(READY.sharing, referrals_not_confirmed=1)), "received and understood"),
        (replace(CLOSING, sharing=replace(READY.sharing, open_corrections=1)), "given a wrong fact"),
        (replace(CLOSING, has_open_dissatisfaction=True), "not satisfied"),
        (replace(CLOSING, sharing=replace(READY.sharing, declines_not_reviewed=1)), "An agency declined"),
        (replace(CLOSING, sharing=replace(READY.sharing, referrals_disputed=1)), "in dispute"),
        (replace(CLOSING, sharing=replace(READY.sharing, open_mitigations=1)), "make sharing safer"),
        (replace(CLOSING, sharing=replace(READY.sharing, drafts=1)), "not signed"),
        (replace(CLOSING, sharing=replace(READY.sharing, waiting_for_second=1)), "second person"),
        (replace(CLOSING, sharing=SharingFacts()), "decision to share, or not to share"),
        (replace(CLOSING, people_without_outcomes_answer=1), "what they wanted"),
        (replace(CLOSING, people_without_risk_outcome=1), "what has become of the risk"),
        (replace(CLOSING, sharing=replace(READY.sharing, critical_reviews_not_revisited=1)), "Decide again"),
        (replace(CLOSING, open_staff_steps=1), "Answer every step about that first"),
        (replace(CLOSING, open_domestic_steps=1), "referral to the MARAC, and for the children"),
        (replace(CLOSING, sharing=replace(READY.sharing, open_enquiries=1)), "enquiry for the local authority is open"),
    ],
)
def test_each_condition_of_closing_holds_it_up_with_its_own_sentence(facts: CaseFacts, words: str) -> None:
    problems = problems_with(Action.PROPOSE_CLOSURE, facts)
    assert len(problems) == 1
    assert words in problems[0]
    assert problems_with(Action.AGREE_CLOSURE, replace(facts, state=State.CLOSURE_REVIEW)) == problems


@pytest.mark.parametrize(
    "sharing",
    [
        SharingFacts(covered_by_share=frozenset({1})),
        SharingFacts(covered_by_not_share=frozenset({1})),
        SharingFacts(drafts=1),
        SharingFacts(waiting_for_second=1),
        SharingFacts(referrals_without_outcome=1),
        SharingFacts(disclosures=1),
    ],
)
def test_a_concern_that_was_decided_or_shared_is_not_joined_to_another(sharing: SharingFacts) -> None:
    assert "Join the other concern to this one" in problems_with(Action.MERGE, replace(READY, sharing=sharing))[0]


def test_while_two_people_differ_about_it_a_concern_is_not_joined_to_another() -> None:
    assert "differ about sharing" in problems_with(Action.MERGE, replace(UNDECIDED, has_difference=True))[0]


def test_the_safer_choice_is_taken_only_while_two_people_differ() -> None:
    """t9."""
    agreed = replace(READY, state=State.AWAITING_SECOND, has_difference=False)
    assert problems_with(Action.TAKE_SAFER_CHOICE, agreed) == ["Nobody has disagreed about not sharing."]


def test_what_is_to_be_sent_is_not_called_off_while_its_decision_stands() -> None:
    """t7."""
    to_be_sent = replace(READY, state=State.REFERRAL_DUE)
    assert "A decision to share is in force" in problems_with(Action.PROPOSE_NOT_SHARING, to_be_sent)[0]
    assert problems_with(Action.PROPOSE_NOT_SHARING, replace(NOT_SHARING, state=State.REFERRAL_DUE)) == []


@pytest.mark.parametrize("action", [Action.MERGE, Action.VOID])
def test_a_concern_with_an_open_enquiry_is_not_joined_to_another_and_not_entered_in_error(action: Action) -> None:
    """R108: somebody outside waits for our report."""
    free = replace(READY, sharing=SharingFacts(), has_difference=False)
    assert problems_with(action, free) == []
    assert "enquiry" in problems_with(action, replace(free, sharing=SharingFacts(open_enquiries=1)))[0]


def test_what_was_shared_outside_is_not_entered_in_error() -> None:
    shared = replace(READY, sharing=SharingFacts(disclosures=1))
    assert "Tell the recipients" in problems_with(Action.VOID, shared)[0]


def test_after_a_decline_a_low_risk_may_be_closed_without_a_review_but_only_with_a_lead() -> None:
    """2.5, "Agency declines"; 2.6, condition 12."""
    declined = replace(READY.sharing, referrals_declined=1, declines_not_reviewed=1)
    low = replace(CLOSING, risk_levels=((1, RiskLevel.LOW),), sharing=declined)
    assert problems_with(Action.PROPOSE_CLOSURE, low) == []
    assert low.closing_needs_lead
    assert not replace(low, sharing=READY.sharing).closing_needs_lead
    assert replace(CLOSING, risk_levels=((1, RiskLevel.HIGH),)).closing_needs_lead


def test_a_concern_with_nothing_open_can_be_closed() -> None:
    assert problems_with(Action.PROPOSE_CLOSURE, CLOSING) == []


def test_sharing_needs_a_signed_decision_for_everyone_at_risk() -> None:
    two = replace(READY, risk_levels=((1, "low"), (2, "low")))
    assert "no signed decision yet" in problems_with(Action.DECIDE_TO_SHARE, two)[0]
    both = replace(two, sharing=SharingFacts(covered_by_share=frozenset({1}), covered_by_not_share=frozenset({2})))
    assert problems_with(Action.DECIDE_TO_SHARE, both) == []
    # One of them is to be shared, so the concern can't take the road of not sharing.
    assert problems_with(Action.PROPOSE_NOT_SHARING, both)


def test_the_picture_shows_every_move_that_changes_the_state() -> None:
    picture = as_mermaid()
    for (source, action), target in LEGAL.items():
        if source != target:
            assert f"{source} --> {target}: " in picture, (source, action)


def every_case() -> Iterator[CaseFacts]:
    """Every state with every answer that a guard can be given: each flag on and off, each level and cover of risk."""
    flags = list(product((0, 1), repeat=6))
    for state, level, cover in product(State, ("", RiskLevel.LOW, RiskLevel.CRITICAL, None), ("share", "not", "")):
        at_risk = () if level is None else ((1, level),)
        covered = frozenset({1})
        for triaged, contested, outcomes, staff, drafts, waiting in flags:
            for open_referral, unconfirmed, disputed, mitigation, shared, revisit in flags:
                yield CaseFacts(
                    state=state,
                    is_triaged=bool(triaged),
                    risk_levels=at_risk,
                    people_without_risk_outcome=outcomes,
                    people_without_outcomes_answer=outcomes,
                    has_open_dissatisfaction=bool(contested),
                    open_staff_steps=staff,
                    has_difference=bool(revisit),  # no move asks about both
                    closing_from=State.MONITORING,
                    sharing=SharingFacts(
                        covered_by_share=covered if cover == "share" else frozenset(),
                        covered_by_not_share=covered if cover == "not" else frozenset(),
                        drafts=drafts,
                        waiting_for_second=waiting,
                        referrals_without_outcome=open_referral,
                        referrals_not_confirmed=unconfirmed,
                        referrals_disputed=disputed,
                        open_mitigations=mitigation,
                        critical_reviews_not_revisited=revisit,
                        disclosures=shared,
                    ),
                )


def test_the_whole_table_walked_through(figures: Callable[[str], None]) -> None:
    cases = moves = 0
    reached: set[tuple[str, str, str]] = set()
    for facts in every_case():
        cases += 1
        from_here = (line.action for line in TRANSITIONS if facts.state in line.sources)
        possible = [action for action in from_here if not BY_ACTION[action].problems(facts)]
        moves += len(possible)
        reached |= {(facts.state, action, BY_ACTION[action].target_from(facts)) for action in possible}
        if facts.state in OPEN_STATES:
            assert Action.HAND_ON in possible, "whatever is open can be held by somebody else"
    assert reached == {(source, action, target) for (source, action), target in LEGAL.items()}
    figures(f"table: {cases:,} cases walked, {moves:,} moves possible, {len(reached)} different")
