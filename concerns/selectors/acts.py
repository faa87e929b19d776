"""What the person who looks at a concern can do next, and what stands in the way of closing it.

Asked of the same two judges as the services: `permissions` (may this person?) and `workflow` (may it happen now?).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import reverse

from accounts.models import User
from concerns import permissions, workflow
from concerns.models import Concern, Involvement
from concerns.selectors.visits import UNTOLD_STATES
from concerns.vocabulary import ClockKind, OutcomesAsked, RiskLevel, State
from concerns.workflow import Action, CaseFacts
from safeguarding.kit.errors import allows


@dataclass(frozen=True)
class Act:
    """Something that can be done from the page. `waits_for`: why it can't be finished yet, one sentence each."""

    name: str
    label: str
    href: str
    is_main: bool = False
    is_button: bool = False
    waits_for: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """Under which heading of the page it stands."""
        return _HEADINGS.get(self.name, "Write down what happened")


_HEADINGS = dict.fromkeys(
    ("take-concern", "hand-on-concern", "change-area", "decline-concern", "declare-conflict", "propose-closure",
     "join-concern", "reopen-concern"),
    "Hand it on, or close it",
) | dict.fromkeys(
    ("show-who", "list-conflicts", "keep-out", "end-restriction", "set-legal-hold", "void-concern"),
    "As a safeguarding lead",
)  # fmt: skip

# By which act a clock of the concern itself is met. Those of agencies are met on pages of the floor above.
_MET_BY: dict[str, tuple[str, ...]] = {
    ClockKind.ACKNOWLEDGE: ("acknowledge-concern",),
    ClockKind.TRIAGE: ("sharing", "triage-concern"),
    ClockKind.REVIEW: ("review-concern",),
    ClockKind.CONTACT: ("record-contact",),
    ClockKind.TELL_REPORTER: ("give-feedback",),
    ClockKind.DISSATISFACTION: ("answer-dissatisfaction",),
    ClockKind.CLOSURE_VIEW: ("view-closure",),
}


def place_of(clock: str, acts: Sequence[Act]) -> str:
    """Where a reader who has `acts` does what `clock` times; "" where somebody else does, or the floor above knows."""
    places = {act.name: act.href for act in acts}
    return next((places[name] for name in _MET_BY.get(clock, ()) if name in places), "")


@dataclass(frozen=True)
class Condition:
    """One condition of closing (domain.md 2.6) and where it is answered."""

    title: str
    sentence: str
    href: str

    @property
    def is_met(self) -> bool:
        return not self.sentence


def acts_for(
    viewer: User,
    concern: Concern,
    facts: CaseFacts,
    *,
    reviewer_id: int | None,
    has_review: bool,
    may_second: bool,
    has_conflicts: bool,
    has_people_to_contact: bool,
    children: Sequence[Involvement] = (),
) -> tuple[Act, ...]:
    """Every act open to `viewer` now, the most pressing first. Shows buttons; the services ask again.

    `children` are those of a home with domestic abuse of whom it is still to be said whether they are at risk (R22).
    """

    def may(check: permissions.Check) -> bool:
        return allows(check, viewer, concern)

    def act(name: str, label: str, *, main: bool = False, button: bool = False, waits: list[str] | None = None) -> Act:
        return Act(name, label, reverse(f"concerns:{name}", args=[concern.ref]), main, button, tuple(waits or ()))

    holds = may(permissions.check_is_holder)
    acts: list[Act] = []
    if concern.state == State.SUBMITTED and may(permissions.check_can_acknowledge):
        acts.append(act("acknowledge-concern", "Acknowledge this concern", main=True))
    if concern.state == State.CLOSURE_REVIEW and may(permissions.check_can_agree_closure):
        acts.append(act("view-closure", "Give your view on closing", main=True))
    if reviewer_id is not None and _may_answer(viewer, concern, reviewer_id):
        acts.append(act("answer-dissatisfaction", "Answer the person who is not satisfied", main=True))
    if may_second:
        acts.append(act("give-second-view", "Give your second view", main=True))
    is_lead = may(permissions.check_is_lead)
    if concern.state == State.MERGED and is_lead:
        acts.append(act("separate-concern", "Separate it again", main=True))
    if concern.state == State.VOID and is_lead:
        acts.append(act("restore-concern", "Say that it was no error", main=True))
    if holds and concern.state == State.TRIAGE:
        label = "Record triage again" if facts.is_triaged else "Record triage"
        acts.append(act("triage-concern", label, main=not facts.is_triaged))
        if facts.is_triaged:
            acts.append(Act("sharing", "Go to the decision about sharing", "#sharing", is_main=True))
    if holds and concern.is_open and facts.is_triaged:
        for child in children:
            href = reverse("concerns:change-person", args=[concern.ref, child.person.ref, child.role])
            label = f"Say whether {child.person.display_name} is at risk too"
            acts.append(Act(f"think-of-{child.handle}", label, href, is_main=True))
    if concern.is_open and may(permissions.check_can_take):
        # One press while nobody has taken it on; after that it is taken from somebody, with a hand-over note.
        acts.append(act("take-concern", "Take this concern", button=concern.state == State.SUBMITTED))
    if may(permissions.check_can_write_note):
        acts.append(act("add-note", "Add a note"))
        acts.append(act("add-files", "Add photos or documents"))
        if concern.is_open and has_people_to_contact:
            acts.append(act("record-contact", "Record that you were in touch, or tried to be"))
    if holds:
        acts.append(act("add-person", "Add a person"))
        if has_review:
            acts.append(act("review-concern", "Record a review"))
        acts.append(act("give-feedback", "Tell the person who reported it"))
        acts.append(act("record-death-or-move", "Record that somebody died or moved away"))
    if may(permissions.check_can_record_call):
        acts.append(act("record-emergency-call", "Record an emergency call"))
    if concern.state not in UNTOLD_STATES and may(permissions.check_can_warn_visitors):
        acts.append(act("warn-visitors", "Say what visitors to the home must do"))
    if concern.is_open and may(permissions.check_can_hand_on):
        acts.append(act("hand-on-concern", "Hand on to somebody else"))
        acts.append(act("change-area", "Move to another service area"))
    if holds and concern.state == State.SUBMITTED:
        acts.append(act("decline-concern", "I can’t take this on"))
    if concern.is_open and concern.state != State.SUBMITTED and may(permissions.check_can_write_note):
        acts.append(act("declare-conflict", "I have a conflict of interest"))
    if holds and concern.state in workflow.BY_ACTION[Action.PROPOSE_CLOSURE].sources:
        waits = workflow.problems_with(Action.PROPOSE_CLOSURE, facts)
        acts.append(act("propose-closure", "Propose to close", waits=waits))
    if concern.is_open and may(permissions.check_can_merge):
        acts.append(
            act("join-concern", "Join it to another concern", waits=workflow.problems_with(Action.MERGE, facts))
        )
    if is_lead:
        acts += _of_leads(concern, facts, act, has_conflicts=has_conflicts)
    if concern.state == State.CLOSED and may(permissions.check_can_reopen):
        acts.append(act("reopen-concern", "Reopen this concern"))
    return tuple(acts)


def _of_leads(concern: Concern, facts: CaseFacts, act: Callable[..., Act], *, has_conflicts: bool) -> list[Act]:
    """What only a lead does or asks for; most of it takes a second person."""
    acts = [act("show-who", "See who can open this concern")]
    if has_conflicts:
        acts.append(act("list-conflicts", "See who may not see this concern"))
    if concern.state != State.MERGED:
        acts.append(act("keep-out", "Keep somebody out of this concern"))
    if concern.is_restricted and concern.is_open:
        acts.append(act("end-restriction", "Ask to end the restriction"))
    acts.append(act("set-legal-hold", "End the legal hold" if concern.is_legal_hold else "Put it on legal hold"))
    if concern.is_open:
        label, waits = "Ask to mark it as entered in error", workflow.problems_with(Action.VOID, facts)
        acts.append(act("void-concern", label, waits=waits))
    return acts


def _may_answer(viewer: User, concern: Concern, reviewer_id: int) -> bool:
    def check(user: User, thing: Concern) -> None:
        permissions.check_can_answer_dissatisfaction(user, thing, reviewer_id=reviewer_id)

    return allows(check, viewer, concern)


def closing_conditions(concern: Concern, facts: CaseFacts, at_risk: list[Involvement]) -> tuple[Condition, ...]:
    """Each guard of closing, met or not, in the order of 2.6."""
    page = reverse("concerns:show-concern", args=[concern.ref])

    def person(lacks: Callable[[Involvement], bool]) -> str:
        found = next((row for row in at_risk if lacks(row)), None)
        if found is None:
            return f"{page}#people"
        return reverse("concerns:change-person", args=[concern.ref, found.person.ref, found.role])

    triage = reverse("concerns:triage-concern", args=[concern.ref]) if concern.state == State.TRIAGE else page
    places: list[tuple[workflow.Guard, str, str]] = [
        (workflow.family_considered, "Triage and Think Family", triage),
        (
            workflow.risk_is_known_and_not_critical,
            "Level of risk",
            person(lambda row: not row.risk_level or row.risk_level == RiskLevel.CRITICAL),
        ),
        (workflow.referrals_have_ended, "Referrals", f"{page}#sharing"),
        (workflow.nothing_is_contested, "Nothing is disputed", f"{page}#written"),
        (workflow.declines_were_reviewed, "Reviewed after an agency declined", page),
        (workflow.mitigations_done, "Steps to make sharing safer", f"{page}#sharing"),
        (workflow.everyone_is_decided, "A decision for everyone at risk", f"{page}#sharing"),
        (
            workflow.outcomes_are_answered,
            "What the person wanted, and what became of the risk",
            person(lambda row: not row.risk_outcome or _lacks_outcome(row)),
        ),
    ]
    if facts.open_domestic_steps:
        places.append((workflow.domestic_steps_answered, "MARAC and children’s referral", f"{page}#domestic"))
    if facts.sharing.open_enquiries:
        places.append((workflow.enquiries_have_ended, "Enquiry for the local authority", f"{page}#sharing"))
    if not facts.sharing.referrals_declined:
        places = [place for place in places if place[0] is not workflow.declines_were_reviewed]
    if concern.is_restricted or facts.open_staff_steps:
        places.append((workflow.staff_steps_answered, "Steps about the worker who is implicated", f"{page}#beside"))
    return tuple(Condition(title, guard(facts) or "", href) for guard, title, href in places)


def _lacks_outcome(row: Involvement) -> bool:
    return not row.outcomes_asked or (row.outcomes_asked == OutcomesAsked.EXPRESSED and not row.outcomes_achieved)
