"""The core of VR1, VR12 and VR14, of fields 19, 24 and 40 and of T10, held against a table that was written on its
own, over generated decisions.

The oracle reads only plain answers and was written from domain.md 3.2 without the code under test: it knows
none of its names, predicates or lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sharing.answers import Agreement, Coercion, Decision, Ground, Informed, Line, NotSharing, Person, Reasons
from sharing.record import Record
from sharing.rules import Severity, find_problems
from tests.build.decisions import AT, FACTS, TODAY, agreed, change

CODES = ("C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9", "C10", "C11")


@dataclass(frozen=True)
class Answers:
    """One generated decision, in plain words."""

    adult_status: str
    child_present: bool
    choice: str
    ground_answers: tuple[str, ...]
    ground_evidence: tuple[bool, ...]
    reasons: int
    speaks_of_rent: bool
    proportionality: int
    informed: str
    informed_reason: bool
    informed_in_days: int | None
    steps: tuple[str, ...]
    level: str
    review_in_days: int | None
    next_contact_in_days: int | None
    withdrawn_days_ago: int  # who agreed yesterday
    concern_level: str  # of the adult, as the concern has it
    child_level: str
    defer_in_hours: int | None
    version_before: str  # what the version that this one replaces decided
    put_off: str  # about whom the newest decision is to defer, whichever draft it came from
    was_called: bool  # an agency was told two hours ago
    says_afterwards: bool  # the worker says that it is recorded after an emergency
    exploitation: str  # who names it
    duress_considered: bool


answers = st.builds(
    Answers,
    adult_status=st.sampled_from(
        ["given", "limited", "refused", "withdrawn", "not_sought", "cannot_capacity", "cannot_other"]
    ),
    child_present=st.booleans(),
    choice=st.sampled_from(["share_all", "not_share", "defer"]),
    ground_answers=st.tuples(*[st.sampled_from(["", "applies", "does_not", "does_not", "does_not", "unknown"])] * 11)
    | st.just(("does_not",) * 11),
    ground_evidence=st.tuples(*[st.booleans()] * 11),
    reasons=st.sampled_from([0, 39, 40, 200]),
    speaks_of_rent=st.booleans(),
    proportionality=st.sampled_from([0, 39, 40, 200]),
    informed=st.sampled_from(["", "yes", "no", "later"]),
    informed_reason=st.booleans(),
    informed_in_days=st.sampled_from([None, -3, 0, 3]),
    steps=st.tuples(*[st.sampled_from(["", "done", "done", "not_done"])] * 8) | st.just(("done",) * 8),
    level=st.sampled_from(["", "low", "medium", "high", "critical"]),
    review_in_days=st.sampled_from([None, -1, 0, 1, 2, 7, 8, 14, 15, 28, 29]),
    next_contact_in_days=st.sampled_from([None, -1, 0, 1, 3]),
    withdrawn_days_ago=st.sampled_from([0, 1, 2]),
    concern_level=st.sampled_from(["", "low", "medium", "high", "critical"]),
    child_level=st.sampled_from(["", "low", "high", "critical"]),
    defer_in_hours=st.sampled_from([None, -1, 0, 1, 24, 25]),
    version_before=st.sampled_from(["", "", "share_all", "not_share", "defer"]),
    put_off=st.sampled_from(["nobody", "nobody", "the adult", "the child", "somebody else"]),
    was_called=st.sampled_from([False, False, True]),
    says_afterwards=st.sampled_from([False, False, True]),
    exploitation=st.sampled_from(["nobody", "nobody", "the concern", "the worker"]),
    duress_considered=st.booleans(),
)


def worst(a: Answers) -> str:
    """The highest of the worker's view, the person's (low, in every one of these) and the concern's of all at risk."""
    levels = {"low", a.level, a.concern_level} | ({a.child_level} if a.child_present else set())
    return next(level for level in ("critical", "high", "medium", "low") if level in levels)


def common_core(a: Answers) -> set[str]:
    """What is refused whatever is decided."""
    wrong: set[str] = set()
    if a.adult_status == "withdrawn" and a.withdrawn_days_ago > 1:
        wrong.add("withdrawn before it was given")
    # Field 19: an adult who refused, or exploitation; also C7 as the ground while the adult has not agreed.
    of_c7 = a.ground_answers[6] == "applies" and a.adult_status not in ("given", "limited")
    if (a.adult_status in ("refused", "withdrawn") or a.exploitation != "nobody" or of_c7) and not a.duress_considered:
        wrong.add("duress")
    # Field 40, I8: what went before any decision is recorded as shared, and as shared before it; only then.
    if a.was_called is not a.says_afterwards:
        wrong.add("says why")
    if a.choice != "share_all" and (a.was_called or a.says_afterwards):
        wrong.add("was shared")
    if a.choice == "defer":
        about = ["the adult"] + (["the child"] if a.child_present else [])
        again = a.version_before == "defer" or a.put_off in about
        if a.child_present or worst(a) == "critical" or again:
            wrong.add("may not be put off")
        if a.defer_in_hours is None or not 0 < a.defer_in_hours <= 24:
            wrong.add("until when")
    return wrong


def has_no_ground(a: Answers) -> bool:
    return not any(x == "applies" and e for x, e in zip(a.ground_answers, a.ground_evidence, strict=True))


def only_tells(a: Answers) -> bool:
    """It has gone before anything was decided, and no decision is replaced."""
    return a.says_afterwards and not a.version_before


def refused_core(a: Answers) -> set[str]:
    """What the register refuses, by hand: names of the parts that are not in order."""
    wrong = common_core(a)
    if a.choice == "share_all":
        if a.adult_status not in ("given", "limited"):
            if has_no_ground(a) and not only_tells(a):
                wrong.add("ground")
            if a.reasons < 40:
                wrong.add("reasons")
            if a.proportionality < 40:
                wrong.add("proportionality")
            if a.informed == "":
                wrong.add("informed")
            if a.informed in ("no", "later") and not a.informed_reason:
                wrong.add("informed")
            if a.informed == "later" and (a.informed_in_days is None or a.informed_in_days < 0):
                wrong.add("informed")
            if a.informed == "yes" and (a.informed_in_days is None or a.informed_in_days > 0):
                wrong.add("informed")
        elif a.reasons < 40:
            wrong.add("reasons")
        return wrong
    if a.choice == "defer":
        if a.adult_status not in ("given", "limited") and "" in a.ground_answers:
            wrong.add("unanswered ground")
        if a.reasons < 40:
            wrong.add("reasons")
        if a.level == "":
            wrong.add("level")
        return wrong
    if "" in a.ground_answers:
        wrong.add("unanswered ground")
    if a.reasons < 40:
        wrong.add("reasons")
    if a.proportionality < 40:
        wrong.add("proportionality")
    if "" in a.steps:
        wrong.add("steps")
    # D8 done: when the next contact will be, and never a day that has come already, whatever is said of D8.
    if a.steps[7] == "done" and a.next_contact_in_days is None:
        wrong.add("next contact")
    if a.next_contact_in_days is not None and a.next_contact_in_days < 1:
        wrong.add("next contact")
    if a.level == "":
        wrong.add("level")
    longest = {"low": 28, "medium": 14, "high": 7, "critical": 1}[worst(a)]
    if a.review_in_days is None or not 0 <= a.review_in_days <= longest:
        wrong.add("review")
    return wrong


def lead_core(a: Answers) -> bool:
    """Whether the register wants a Safeguarding Lead beside, by hand."""
    if a.choice == "share_all":
        # What has gone without agreement and without a ground is looked at.
        return only_tells(a) and a.adult_status not in ("given", "limited") and has_no_ground(a)
    # VR14: rent is no reason to leave something unsaid; words of 39 letters or more have room for it here.
    if a.speaks_of_rent and a.reasons:
        return True
    if a.choice == "defer":
        return False
    return a.child_present or "applies" in a.ground_answers or "unknown" in a.ground_answers


def record_of(a: Answers) -> Record:
    base = agreed()
    dated, contact = (
        None if days is None else TODAY + timedelta(days=days) for days in (a.informed_in_days, a.next_contact_in_days)
    )
    adult = change(
        base.people[0],
        risk_level=a.concern_level,
        agreement=Agreement(
            a.adult_status,
            given_by="person",
            form="oral",
            on=TODAY - timedelta(days=1),
            limits="None beyond.",
            withdrawn_on=TODAY - timedelta(days=a.withdrawn_days_ago),
            not_sought="unsafe",
        ),
        informed=Informed(a.informed, dated, "Unsafe." if a.informed_reason else ""),
        coercion=Coercion("no", "", "yes", "At the office.") if a.duress_considered else Coercion(),
    )
    child = Person("8", "Sam", life_stage="child", is_at_risk=True, risk_level=a.child_level)
    start = change(base.start, special_risks=("exploitation",) if a.exploitation == "the worker" else ())
    if a.says_afterwards:
        start = change(start, trigger="emergency", shared_at=AT - timedelta(hours=2))
    return change(
        base,
        start=start,
        people=(adult, child) if a.child_present else (adult,),
        items=(change(base.items[0], beyond_limits="no"),),
        grounds=tuple(
            Ground(code, answer, "Seen." if evidence else "")
            for code, answer, evidence in zip(CODES, a.ground_answers, a.ground_evidence, strict=True)
        ),
        likely=change(base.likely, answer="no"),
        decision=Decision(
            a.choice,
            TODAY + timedelta(days=a.review_in_days) if a.review_in_days is not None else None,
            AT + timedelta(hours=a.defer_in_hours) if a.defer_in_hours is not None else None,
        ),
        reasons=Reasons(
            "Rent. ".ljust(a.reasons, "r") if a.speaks_of_rent and a.reasons else "r" * a.reasons,
            proportionality="p" * a.proportionality,
            less_intrusive="None.",
        ),
        risks=change(base.risks, level_worker=a.level, level_person="low", level_agreed="no"),
        not_sharing=NotSharing(
            lines=tuple(Line(f"D{n}", answer, "Note.") for n, answer in enumerate(a.steps, start=1)),
            options="Some.",
            understood="yes",
            advocate="declined",
            next_contact_on=contact,
            engagement="Both.",
            child_rule_1="Why.",
            child_rule_3="Why.",
        ),
    )


PART_OF: dict[str, str] = {
    "grounds": "ground",
    "reasons.reasons": "reasons",
    "reasons.proportionality": "proportionality",
    "risks.level_worker": "level",
    "decision.review_date": "review",
    "not_sharing.next_contact_on": "next contact",
    "decision.defer_until": "until when",
    "start.trigger": "says why",
    "people.7.agreement.withdrawn_on": "withdrawn before it was given",
}


def part(rule: str, field: str) -> str | None:
    if field in PART_OF:
        return PART_OF[field]
    if field == "decision.choice":
        return {"R38": "was shared", "F24": "may not be put off"}[rule]
    if field.startswith("people.7.coercion."):
        return "duress"
    if field.startswith("people.7.informed."):
        return "informed"
    if field.startswith("not_sharing.D"):
        return "steps"
    if rule == "F20":
        return "unanswered ground"
    return None


@settings(max_examples=400, deadline=None)
@given(answers)
def test_rules_agree_with_the_table_written_by_hand(a: Answers) -> None:
    facts = change(
        FACTS,
        is_exploitation=a.exploitation == "the concern",
        told_already=AT - timedelta(hours=2) if a.was_called else None,
        previous_choice=a.version_before,
        put_off=frozenset({"the adult": ["7"], "the child": ["8"], "somebody else": ["9"]}.get(a.put_off, [])),
    )
    problems = find_problems(record_of(a), facts)
    refused = {part(p.rule, p.field) for p in problems if p.severity == Severity.REFUSE} - {None}
    if a.choice == "share_all":
        # Details of single grounds, and grounds left open, are other rules; test_rules.py has them.
        refused.discard("unanswered ground")
    assert refused == refused_core(a)
    assert any(p.severity == Severity.COUNTERSIGN for p in problems) is lead_core(a)
