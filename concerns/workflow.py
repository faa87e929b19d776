"""The Appendix 1 route as data: every move a concern can make, who may make it and what must be true first.

One table, `TRANSITIONS`, holds the moves of domain.md 2.2 (t1 and t2, the reporting itself, start the route). A guard
is a pure function of `CaseFacts` and answers with a sentence when the move may not be made, so that the table can be
read, drawn and walked without a database. Nothing here asks who somebody is: that is `permissions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from audit.vocabulary import EventKind
from concerns import events
from concerns.vocabulary import OPEN_STATES, RiskLevel, State
from safeguarding.kit.errors import NotNow


class Action(StrEnum):
    """What can be done to a concern, in the imperative."""

    ACKNOWLEDGE = "acknowledge"
    PASS_ON = "pass_on"  # noqa: S105  (a word of the route, no secret)
    DECIDE_TO_SHARE = "decide_to_share"
    PROPOSE_NOT_SHARING = "propose_not_sharing"
    AGREE_NOT_SHARING = "agree_not_sharing"
    REFUSE_NOT_SHARING = "refuse_not_sharing"
    TAKE_SAFER_CHOICE = "take_safer_choice"
    SEND_REFERRAL = "send_referral"
    RECORD_AGENCY_ACKNOWLEDGEMENT = "record_agency_acknowledgement"
    DISPUTE = "dispute"
    REFER_AGAIN = "refer_again"
    SETTLE_WITH_AGENCY = "settle_with_agency"
    MONITOR = "monitor"
    CONSIDER_AGAIN = "consider_again"
    PROPOSE_CLOSURE = "propose_closure"
    AGREE_CLOSURE = "agree_closure"
    REFUSE_CLOSURE = "refuse_closure"
    REOPEN = "reopen"
    HAND_ON = "hand_on"
    MERGE = "merge"
    SEPARATE = "separate"
    VOID = "void"
    RESTORE = "restore"


# When a decision about sharing can be begun or signed: from the acknowledgement on, but not while a second person is
# being asked.
DECISIONS_OPEN = frozenset(
    {State.TRIAGE, State.REFERRAL_DUE, State.REFERRED, State.WITH_AGENCY, State.DISPUTED, State.MONITORING}
)


class Who(StrEnum):
    """In what part a person makes a move (domain.md 2.2, column "Who")."""

    RESPONSIBLE = "the responsible person"
    TOLD_OF_EMERGENCY = "in an emergency, whoever was told: line manager, champion of the area, lead"
    LEAD_IN_DISPUTE = "the lead who holds it while it is in dispute"
    SECOND_PERSON = "a second person: a champion of the area or a lead"
    SECOND_OF_SAME_RANK = "a second person of the same or a higher rank: a champion of the area or a lead"
    SECOND_AT_LEAD_LEVEL = "a second person: a lead or the information governance lead"
    CHAMPION = "a champion of the area"
    LEAD = "the Safeguarding Lead or deputy"
    OPERATIONAL_LEAD = "the operational lead"
    REVIEWER = "whoever finds the reporter right who was not satisfied"
    SYSTEM = "the system, when time is up or someone is away"


@dataclass(frozen=True)
class SharingFacts:
    """What the sharing floor knows of a concern; supplied through `concerns.facts`."""

    # Involvement ids (people at risk) that a signed, current decision covers; to share, and not to share.
    covered_by_share: frozenset[int] = frozenset()
    covered_by_not_share: frozenset[int] = frozenset()
    signed_about: frozenset[int] = frozenset()  # any signed record is about them, whether it counts now or not
    drafts: int = 0
    waiting_for_second: int = 0
    referrals_without_outcome: int = 0
    referrals_not_confirmed: int = 0
    referrals_disputed: int = 0
    # Declined by the agency, and we accepted it with a plan for the risk that remains; of these, not reviewed since.
    referrals_declined: int = 0
    declines_not_reviewed: int = 0
    open_mitigations: int = 0
    # Reviews at critical risk after which nobody has signed a decision about sharing yet (T10).
    critical_reviews_not_revisited: int = 0
    # Enquiries that the local authority caused us to make and that have no end yet (R108).
    open_enquiries: int = 0
    enquiries: int = 0
    # Agencies that were given a wrong fact and are still to be told (R100).
    open_corrections: int = 0
    # Anything that has left the organisation, by referral, call or letter.
    disclosures: int = 0


@dataclass(frozen=True)
class CaseFacts:
    """Everything about a concern that a guard may ask. Frozen at one moment, under the concern's lock."""

    state: State
    is_triaged: bool = False
    is_restricted: bool = False
    # Involvement ids of the people at risk, and the level of risk recorded for each ("" when none is).
    risk_levels: tuple[tuple[int, str], ...] = ()
    people_without_risk_outcome: int = 0
    people_without_outcomes_answer: int = 0
    has_open_dissatisfaction: bool = False
    # Steps about an implicated worker that nobody has answered (R46).
    open_staff_steps: int = 0
    # A second person did not agree to not sharing, and that is not settled (t9).
    has_difference: bool = False
    # Other concerns were joined to this one and stand with it.
    has_joined: bool = False
    # Referrals because of domestic abuse that nobody has answered (X4).
    open_domestic_steps: int = 0
    closing_from: State | None = None
    sharing: SharingFacts = field(default_factory=SharingFacts)

    @property
    def closing_needs_lead(self) -> bool:
        """2.6 condition 12, and 2.5: at high risk, or after an agency declined, a lead gives the second view."""
        is_high = any(level in (RiskLevel.HIGH, RiskLevel.CRITICAL) for _, level in self.risk_levels)
        return is_high or bool(self.sharing.referrals_declined)

    @property
    def at_risk(self) -> frozenset[int]:
        return frozenset(person for person, _ in self.risk_levels)


Guard = Callable[[CaseFacts], str | None]


def family_considered(facts: CaseFacts) -> str | None:
    """R115: household and wider network are reviewed before triage can end."""
    if not facts.is_triaged:
        return "Record what you found first: who else lives there or is close, and who may be at risk."
    return None


def someone_is_at_risk(facts: CaseFacts) -> str | None:
    if not facts.at_risk:
        return "Add at least one person at risk. If you do not know who they are, add them as “name not known”."
    return None


def share_decision_for_everyone(facts: CaseFacts) -> str | None:
    """t6: a signed decision for each person at risk, at least one of them to share."""
    if not facts.sharing.covered_by_share:
        return "Sign the decision to share first."
    if facts.at_risk - facts.sharing.covered_by_share - facts.sharing.covered_by_not_share:
        return "Somebody at risk in this concern has no signed decision yet."
    return None


def not_share_decision_for_everyone(facts: CaseFacts) -> str | None:
    """t7: a signed decision not to share covers each person at risk, and nothing is to be shared."""
    if not facts.sharing.covered_by_not_share:
        return "Sign the decision not to share first."
    if facts.at_risk - facts.sharing.covered_by_not_share:
        return "Somebody at risk in this concern has no signed decision yet."
    return None


def no_share_waits_to_be_sent(facts: CaseFacts) -> str | None:
    """t7 from "to be sent": only when the decision to share was replaced, so that nothing is left to be sent."""
    if facts.state == State.REFERRAL_DUE and facts.sharing.covered_by_share:
        return "A decision to share is in force. Send it, or sign a new version first."
    return None


def they_differ(facts: CaseFacts) -> str | None:
    """t9: a second person did not agree, and nobody has settled it since."""
    return None if facts.has_difference else "Nobody has disagreed about not sharing."


def critical_risk_was_decided_again(facts: CaseFacts) -> str | None:
    """T10: after a review at critical risk the question of sharing is decided again, signed after the review."""
    if facts.sharing.critical_reviews_not_revisited:
        return "The last review found a critical risk. Decide again about sharing, and sign it."
    return None


def nothing_in_dispute(facts: CaseFacts) -> str | None:
    if facts.sharing.referrals_disputed:
        return "A referral is in dispute with an agency. Settle that first."
    return None


def risk_is_known_and_not_critical(facts: CaseFacts) -> str | None:
    """2.6 condition 1."""
    if not facts.risk_levels:
        return "Nobody is recorded as at risk. Add the person, or say that their name is not known."
    if any(not level for _, level in facts.risk_levels):
        return "Record the level of risk for every person at risk."
    if any(level == RiskLevel.CRITICAL for _, level in facts.risk_levels):
        return "Somebody is at critical risk. A concern with a critical risk stays open."
    return None


def referrals_have_ended(facts: CaseFacts) -> str | None:
    """2.6 condition 2."""
    if facts.sharing.referrals_without_outcome:
        return "A referral has no outcome yet. Record what the agency did."
    if facts.sharing.referrals_not_confirmed:
        return "Check that each referral was received and understood, and record it."
    return None


def nothing_is_contested(facts: CaseFacts) -> str | None:
    """2.6 condition 3."""
    if facts.has_open_dissatisfaction:
        return "The person who reported it is not satisfied and has had no answer yet."
    return nothing_in_dispute(facts)


def declines_were_reviewed(facts: CaseFacts) -> str | None:
    """2.5, "Agency declines": at medium risk or above a review comes between the decline and closing."""
    is_at_risk_still = any(level not in ("", RiskLevel.LOW) for _, level in facts.risk_levels)
    if facts.sharing.declines_not_reviewed and is_at_risk_still:
        return "An agency declined, and somebody is at medium risk or above. Review the concern once before closing it."
    return None


def mitigations_done(facts: CaseFacts) -> str | None:
    """2.6 condition 4, R94, R100."""
    if facts.sharing.open_mitigations:
        return "A step to make sharing safer is still to be done."
    if facts.sharing.open_corrections:
        return "An agency that was given a wrong fact is still to be told."
    return None


def everyone_is_decided(facts: CaseFacts) -> str | None:
    """2.6 condition 5, R30: never closed without a recorded decision for each person at risk."""
    if facts.sharing.drafts:
        return "A decision is started but not signed. Sign it or withdraw it."
    if facts.sharing.waiting_for_second:
        return "A decision is waiting for a second person."
    covered = facts.sharing.covered_by_share | facts.sharing.covered_by_not_share
    if facts.at_risk - covered:
        return "Record a decision to share, or not to share, for every person at risk."
    return None


def outcomes_are_answered(facts: CaseFacts) -> str | None:
    """2.6 conditions 7 and 8."""
    if facts.people_without_outcomes_answer:
        return "Say for each person at risk if they were asked what they wanted, and if it was achieved."
    if facts.people_without_risk_outcome:
        return "Say for every person at risk what has become of the risk."
    return None


def staff_steps_answered(facts: CaseFacts) -> str | None:
    """2.6 condition 10, R46."""
    if facts.open_staff_steps:
        return "A worker is implicated. Answer every step about that first: LADO or PiPoT, police, care, HR, DBS."
    return None


def domestic_steps_answered(facts: CaseFacts) -> str | None:
    """X4, scenario 4: the children's referral and the MARAC are both answered before it closes."""
    if facts.open_domestic_steps:
        return "Domestic abuse: say whether a referral to the MARAC, and for the children, was made."
    return None


def enquiries_have_ended(facts: CaseFacts) -> str | None:
    """R108: a local authority waits for our report, or for nobody knows yet what it made of it."""
    if facts.sharing.open_enquiries:
        return "An enquiry for the local authority is open. Send the report and record the outcome first."
    return None


def nothing_decided_here(facts: CaseFacts) -> str | None:
    """t20: the concern that is joined to another brings no decision and no referral of its own along."""
    sharing = facts.sharing
    decided = sharing.covered_by_share or sharing.covered_by_not_share or sharing.drafts or sharing.waiting_for_second
    if decided or sharing.referrals_without_outcome or sharing.disclosures:
        return "A decision or a referral hangs on this concern. Join the other concern to this one instead."
    if facts.has_difference:
        return "Two people differ about sharing here. Settle that first, or join the other concern to this one."
    return None


def nothing_hangs_on_it(facts: CaseFacts) -> str | None:
    """t21: what was joined to a concern would be lost with it (t20)."""
    if facts.has_joined:
        return "Another concern was joined to this one and would be lost with it. Separate it first."
    return None


def nothing_was_shared(facts: CaseFacts) -> str | None:
    """t21: what somebody outside was told can't be entered in error."""
    if facts.sharing.disclosures:
        return "Something about this concern was shared outside. Tell the recipients and close it instead."
    return None


CLOSURE_GUARDS: tuple[Guard, ...] = (
    family_considered,
    risk_is_known_and_not_critical,
    referrals_have_ended,
    nothing_is_contested,
    declines_were_reviewed,
    critical_risk_was_decided_again,
    mitigations_done,
    everyone_is_decided,
    outcomes_are_answered,
    staff_steps_answered,
    domestic_steps_answered,
    enquiries_have_ended,
)


@dataclass(frozen=True)
class Transition:
    """One line of domain.md 2.2. `target` None: the state stays, or goes back to where closing began."""

    number: str
    action: Action
    sources: frozenset[State]
    target: State | None
    who: frozenset[Who]
    event: EventKind
    guards: tuple[Guard, ...] = ()
    goes_back: bool = False

    def problems(self, facts: CaseFacts) -> list[str]:
        """Why the move may not be made now, one sentence each; empty when it may."""
        if facts.state not in self.sources:
            return [f"This can’t be done now: the concern is “{State(facts.state).label.lower()}”."]
        return [sentence for guard in self.guards if (sentence := guard(facts))]

    def target_from(self, facts: CaseFacts) -> State:
        """The state that the concern has after the move."""
        if self.goes_back:
            if facts.closing_from is None:
                raise NotNow("Nobody has proposed to close this concern.")
            return facts.closing_from
        return self.target or facts.state


def _t(
    number: str,
    action: Action,
    sources: Iterable[State],
    target: State | None,
    who: Iterable[Who],
    event: EventKind,
    *guards: Guard,
    goes_back: bool = False,
) -> Transition:
    return Transition(
        number,
        action,
        frozenset(sources),
        target,
        frozenset(who),
        event,
        guards,
        goes_back,
    )


_S, _W = State, Who

TRANSITIONS: tuple[Transition, ...] = (
    # t5, a direct referral by anyone, moves nothing here: it opens a referral line of its own (R32).
    _t(
        "t3", Action.ACKNOWLEDGE, [_S.SUBMITTED], _S.TRIAGE, [_W.RESPONSIBLE, _W.TOLD_OF_EMERGENCY],
        events.ACKNOWLEDGED,
    ),
    _t("t4", Action.PASS_ON, [_S.SUBMITTED], None, [_W.SYSTEM, _W.RESPONSIBLE], events.PASSED_ON),
    _t(
        "t6", Action.DECIDE_TO_SHARE, [_S.TRIAGE], _S.REFERRAL_DUE, [_W.RESPONSIBLE], events.SHARING_DECIDED,
        family_considered, someone_is_at_risk, share_decision_for_everyone,
    ),
    _t(
        "t7", Action.PROPOSE_NOT_SHARING, [_S.TRIAGE, _S.REFERRAL_DUE], _S.AWAITING_SECOND, [_W.RESPONSIBLE],
        events.NOT_SHARING_PROPOSED, family_considered, someone_is_at_risk, not_share_decision_for_everyone,
        no_share_waits_to_be_sent,
    ),
    _t(
        "t8", Action.AGREE_NOT_SHARING, [_S.AWAITING_SECOND], _S.MONITORING, [_W.SECOND_OF_SAME_RANK],
        events.NOT_SHARING_AGREED,
    ),
    _t(
        "t9", Action.REFUSE_NOT_SHARING, [_S.AWAITING_SECOND], _S.TRIAGE, [_W.SECOND_OF_SAME_RANK],
        events.NOT_SHARING_REFUSED,
    ),
    _t(
        "t9 in time", Action.TAKE_SAFER_CHOICE, [_S.TRIAGE, _S.AWAITING_SECOND], _S.REFERRAL_DUE, [_W.SYSTEM],
        events.SAFER_CHOICE_STANDS, they_differ,
    ),
    _t("t10", Action.SEND_REFERRAL, [_S.REFERRAL_DUE], _S.REFERRED, [_W.RESPONSIBLE], events.SENT),
    _t(
        "t11", Action.RECORD_AGENCY_ACKNOWLEDGEMENT, [_S.REFERRED], _S.WITH_AGENCY, [_W.RESPONSIBLE],
        events.AGENCY_ACKNOWLEDGED,
    ),
    _t(
        "t12", Action.DISPUTE, [_S.REFERRED, _S.WITH_AGENCY], _S.DISPUTED, [_W.RESPONSIBLE, _W.SYSTEM],
        events.DISPUTED,
    ),
    _t("t13a", Action.REFER_AGAIN, [_S.DISPUTED], _S.REFERRED, [_W.LEAD_IN_DISPUTE], events.REFERRED_AGAIN),
    _t(
        "t13b", Action.SETTLE_WITH_AGENCY, [_S.DISPUTED], _S.WITH_AGENCY, [_W.LEAD_IN_DISPUTE], events.AGENCY_AGREED,
        nothing_in_dispute,
    ),
    _t(
        "t14", Action.MONITOR, [_S.DISPUTED, _S.WITH_AGENCY], _S.MONITORING, [_W.RESPONSIBLE, _W.LEAD_IN_DISPUTE],
        events.MONITORED, nothing_in_dispute, referrals_have_ended, risk_is_known_and_not_critical,
    ),
    _t("t15", Action.CONSIDER_AGAIN, [_S.MONITORING], _S.TRIAGE, [_W.RESPONSIBLE], events.CONSIDERED_AGAIN),
    _t(
        "t16", Action.PROPOSE_CLOSURE, [_S.TRIAGE, _S.WITH_AGENCY, _S.MONITORING], _S.CLOSURE_REVIEW,
        [_W.RESPONSIBLE], events.CLOSURE_PROPOSED, *CLOSURE_GUARDS,
    ),
    _t(
        "t17", Action.AGREE_CLOSURE, [_S.CLOSURE_REVIEW], _S.CLOSED, [_W.SECOND_PERSON], events.CLOSED,
        *CLOSURE_GUARDS,
    ),
    _t(
        "t18", Action.REFUSE_CLOSURE, [_S.CLOSURE_REVIEW], None, [_W.SECOND_PERSON], events.CLOSURE_REFUSED,
        goes_back=True,
    ),
    _t(
        "t19", Action.REOPEN, [_S.CLOSED], _S.TRIAGE, [_W.CHAMPION, _W.LEAD, _W.OPERATIONAL_LEAD, _W.REVIEWER],
        events.REOPENED,
    ),
    _t(
        "t20", Action.MERGE, OPEN_STATES, _S.MERGED, [_W.CHAMPION, _W.LEAD, _W.OPERATIONAL_LEAD], events.MERGED,
        nothing_decided_here, enquiries_have_ended, nothing_is_contested,
    ),
    _t("t20 undone", Action.SEPARATE, [_S.MERGED], _S.TRIAGE, [_W.LEAD], events.SEPARATED),
    _t(
        "t21", Action.VOID, OPEN_STATES, _S.VOID, [_W.LEAD, _W.SECOND_AT_LEAD_LEVEL], events.VOIDED,
        nothing_was_shared, enquiries_have_ended, nothing_is_contested, nothing_hangs_on_it,
    ),
    _t("t21 undone", Action.RESTORE, [_S.VOID], _S.TRIAGE, [_W.LEAD], events.RESTORED),
    _t(
        "t22", Action.HAND_ON, OPEN_STATES, None,
        [_W.RESPONSIBLE, _W.CHAMPION, _W.LEAD, _W.OPERATIONAL_LEAD, _W.SYSTEM], events.HANDED_ON,
    ),
)  # fmt: skip

BY_ACTION: dict[Action, Transition] = {transition.action: transition for transition in TRANSITIONS}


def problems_with(action: Action, facts: CaseFacts) -> list[str]:
    """Why `action` may not happen now, one sentence each; empty when it may."""
    return BY_ACTION[action].problems(facts)


def plan(action: Action, facts: CaseFacts) -> tuple[Transition, State]:
    """The transition and the state it leads to. Raises NotNow with every reason why it may not be."""
    transition = BY_ACTION[action]
    if problems := transition.problems(facts):
        raise NotNow(" ".join(problems))
    return transition, transition.target_from(facts)


@dataclass(frozen=True)
class RouteStep:
    """One step of the picture that everyone sees (R29)."""

    label: str
    states: frozenset[State]


# The order in which a concern usually travels; side steps stand beside the step they hang on.
ROUTE: tuple[RouteStep, ...] = (
    RouteStep("Reported", frozenset({_S.SUBMITTED})),
    RouteStep("Being considered", frozenset({_S.TRIAGE, _S.AWAITING_SECOND})),
    RouteStep("Sent to an agency", frozenset({_S.REFERRAL_DUE, _S.REFERRED})),
    RouteStep("With the agency", frozenset({_S.WITH_AGENCY, _S.DISPUTED})),
    RouteStep("Kept under review", frozenset({_S.MONITORING})),
    RouteStep("Closed", frozenset({_S.CLOSURE_REVIEW, _S.CLOSED})),
)


def as_mermaid() -> str:
    """The table as a Mermaid state diagram, for docs/process.md. A move that changes no state is left out."""
    going_back = sorted(BY_ACTION[Action.PROPOSE_CLOSURE].sources)
    arrows = [
        f"    {source} --> {target}: {transition.number} {transition.action.replace('_', ' ')}"
        for transition in TRANSITIONS
        for target in (going_back if transition.goes_back else [transition.target])
        if target is not None
        for source in sorted(transition.sources)
    ]
    start, end = f"    [*] --> {State.SUBMITTED}: t1, t2 report", f"    {State.CLOSED} --> [*]"
    return "\n".join(["stateDiagram-v2", start, *arrows, end]) + "\n"
