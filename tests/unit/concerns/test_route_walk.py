"""Every situation that can be reached from a report on, walked exhaustively: from each of them closing can be reached.

The table of moves is the real one. What people do beside it, which changes the facts that guards read, is written here
by hand from domain.md 2.5, 2.6 and 3: signing, sending, answering, naming somebody else at risk, not being satisfied.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from concerns.vocabulary import OPEN_STATES, State
from concerns.workflow import DECISIONS_OPEN, TRANSITIONS, Action, CaseFacts, SharingFacts

PERSON = 1
OPEN = frozenset(map(str, OPEN_STATES))
BEFORE_A_DISPUTE = frozenset({"sent", "answered", "confirmed"})


class Case(NamedTuple):
    """A situation. `decision`: none, draft, waiting, not_share, share. `referral`: none, due, sent, answered (nobody
    checked that it was understood), confirmed, disputed, ended.
    """

    state: str = "submitted"  # plain strings: a hundred thousand of them are compared
    closing_from: str = ""
    is_triaged: bool = False
    level: str = ""
    has_outcomes: bool = False
    is_contested: bool = False
    # "" (nothing), staff (a step about an implicated worker), mitigation (a step to make sharing safer)
    to_do: str = ""
    decision: str = "none"
    referral: str = "none"
    # A second person did not agree, and that is not settled; after a review at critical risk nothing is signed yet.
    they_differ: bool = False
    must_revisit: bool = False

    def facts(self) -> CaseFacts:
        covered, nobody = frozenset({PERSON}), frozenset[int]()
        return CaseFacts(
            state=State(self.state),
            is_triaged=self.is_triaged,
            risk_levels=((PERSON, self.level),),
            people_without_risk_outcome=int(not self.has_outcomes),
            people_without_outcomes_answer=int(not self.has_outcomes),
            has_open_dissatisfaction=self.is_contested,
            open_staff_steps=int(self.to_do == "staff"),
            has_difference=self.they_differ,
            closing_from=State(self.closing_from) if self.closing_from else None,
            sharing=SharingFacts(
                covered_by_share=covered if self.decision == "share" else nobody,
                covered_by_not_share=covered if self.decision in ("waiting", "not_share") else nobody,
                drafts=int(self.decision == "draft"),
                waiting_for_second=int(self.decision == "waiting"),
                referrals_without_outcome=int(self.referral in ("due", "sent")),
                referrals_not_confirmed=int(self.referral in ("sent", "answered", "disputed")),
                referrals_disputed=int(self.referral == "disputed"),
                open_mitigations=int(self.to_do == "mitigation"),
                critical_reviews_not_revisited=int(self.must_revisit),
                disclosures=int(self.referral not in ("none", "due")),
            ),
        )


# What ends a difference about not sharing (t6, t8, t9 in time).
SETTLES = {Action.DECIDE_TO_SHARE, Action.AGREE_NOT_SHARING, Action.TAKE_SAFER_CHOICE}


def moves(case: Case) -> Iterator[Case]:
    """Every move of the table that may be made now."""
    facts = case.facts()
    for line in LINES[case.state]:
        if not line.problems(facts):
            target = line.target_from(facts)
            before = case.state if line.action == Action.PROPOSE_CLOSURE else case.closing_from
            after = case._replace(state=str(target), closing_from=before if target == State.CLOSURE_REVIEW else "")
            if line.action == Action.REFUSE_NOT_SHARING:
                after = after._replace(they_differ=True, decision="none")
            elif line.action in SETTLES or target not in OPEN_STATES:
                after = after._replace(they_differ=False)
            yield after


def doings(case: Case) -> Iterator[Case]:
    """What people do that moves no state but changes what guards read."""
    # R42: in every state, also afterwards.
    yield case._replace(is_contested=True)
    yield case._replace(is_contested=False)
    if case.state not in OPEN:
        return
    if case.state == State.TRIAGE:
        for level in ("medium", "critical"):
            yield case._replace(is_triaged=True, level=level)
    for level in ("medium", "critical"):
        yield case._replace(level=level)
    yield case._replace(has_outcomes=True)
    for to_do in ("", "staff", "mitigation"):
        yield case._replace(to_do=to_do)
    # Somebody else turns out to be at risk: no level, no decision, no answers.
    yield case._replace(level="", has_outcomes=False, decision="none")
    if case.level == "critical" and case.state in DECISIONS_OPEN and not case.must_revisit:
        # T10: a review at critical risk; a concern kept under review is considered again.
        state = "triage" if case.state == "monitoring" else case.state
        yield case._replace(must_revisit=True, state=state)
    yield from _deciding(case)
    yield from _with_the_agency(case)


def _deciding(case: Case) -> Iterator[Case]:
    if case.decision == "draft":
        yield case._replace(decision="none")
        yield case._replace(decision="waiting", must_revisit=False)
        referral = "due" if case.referral in ("none", "ended") else case.referral
        yield case._replace(decision="share", referral=referral, must_revisit=False)
    elif case.decision == "waiting":
        yield case._replace(decision="not_share")
        yield case._replace(decision="none")
    else:
        yield case._replace(decision="draft")


def _with_the_agency(case: Case) -> Iterator[Case]:
    # R32: anyone goes direct, at any time.
    if case.referral in ("none", "due", "ended"):
        yield case._replace(referral="sent")
    if case.referral == "due" and case.decision != "share":
        yield case._replace(referral="ended")
    if case.referral in ("sent", "disputed"):
        yield case._replace(referral="answered")
    if case.referral == "answered":
        yield case._replace(referral="confirmed")
    if case.referral in BEFORE_A_DISPUTE:
        yield case._replace(referral="disputed")
    if case.referral == "confirmed":
        yield case._replace(referral="ended")


LINES = {str(state): [line for line in TRANSITIONS if state in line.sources] for state in State}


@cache
def walked() -> dict[Case, frozenset[Case]]:
    """From a report on: every situation, and those that may follow it at once."""
    found: dict[Case, frozenset[Case]] = {}
    waiting = [Case()]
    while waiting:
        case = waiting.pop()
        if case not in found:
            found[case] = frozenset({*moves(case), *doings(case)})
            waiting += found[case] - found.keys()
    return found


def test_from_every_situation_that_can_occur_closing_can_be_reached(figures: Callable[[str], None]) -> None:
    after = walked()
    before: dict[Case, list[Case]] = {}
    for case, nexts in after.items():
        for each in nexts:
            before.setdefault(each, []).append(case)
    can_close = {case for case in after if case.state == State.CLOSED}
    waiting = list(can_close)
    while waiting:
        for case in before.get(waiting.pop(), []):
            if case not in can_close:
                can_close.add(case)
                waiting.append(case)
    assert set(after) - can_close == set(), "nothing that can occur is stuck"
    states = Counter(str(case.state) for case in after)
    assert set(states) == {str(state) for state in State}
    listed = ", ".join(f"{state} {count:,}" for state, count in states.most_common())
    steps = sum(map(len, after.values()))
    figures(f"route: {len(after):,} situations reached, {steps:,} steps between them, all can be closed: {listed}")


def test_nothing_is_closed_that_fails_a_condition() -> None:
    """I5, over every situation that can occur: in the moment of closing every condition of 2.6 is met."""
    for case in walked():
        for line in LINES[case.state]:
            if line.target == State.CLOSED and not line.problems(case.facts()):
                assert case.is_triaged
                assert case.level == "medium"
                assert case.has_outcomes
                assert not case.is_contested
                assert not case.to_do
                assert not case.must_revisit
                assert case.decision in ("share", "not_share")
                assert case.referral in ("none", "confirmed", "ended")
