"""Every situation that can be reached from a report on, walked exhaustively: from each of them closing can be reached.

The table of moves is the real one. What people do beside it, which changes the facts that guards read, is written here
by hand from domain.md 2.5, 2.6 and 3: signing, sending, answering, naming somebody else at risk, not being satisfied.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import pytest

from concerns.vocabulary import OPEN_STATES, State
from concerns.workflow import TRANSITIONS, Action, CaseFacts, SharingFacts

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
                disclosures=int(self.referral not in ("none", "due")),
            ),
        )


def moves(case: Case) -> Iterator[Case]:
    """Every move of the table that may be made now."""
    facts = case.facts()
    for line in LINES[case.state]:
        if not line.problems(facts):
            target = line.target_from(facts)
            closing_from = case.state if line.action == Action.PROPOSE_CLOSURE else case.closing_from
            yield case._replace(state=str(target), closing_from=closing_from if target == State.CLOSURE_REVIEW else "")


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
    yield from _deciding(case)
    yield from _with_the_agency(case)


def _deciding(case: Case) -> Iterator[Case]:
    if case.decision == "draft":
        yield case._replace(decision="none")
        yield case._replace(decision="waiting")
        referral = "due" if case.referral in ("none", "ended") else case.referral
        yield case._replace(decision="share", referral=referral)
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


def test_from_every_situation_that_can_occur_closing_can_be_reached(capsys: pytest.CaptureFixture[str]) -> None:
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
    with capsys.disabled():
        listed = ", ".join(f"{state} {count}" for state, count in states.most_common())
        steps = sum(map(len, after.values()))
        print(f"\nreached: {len(after)} situations, {steps} steps between them, all can be closed: {listed}")  # noqa: T201


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
                assert case.decision in ("share", "not_share")
                assert case.referral in ("none", "confirmed", "ended")
