"""What goes, to whom, how, and who signs beside: held against a table written on its own (domain.md 3.2, 3.4).

As in test_rules_against_table.py the oracle knows nothing of the code under test. Here: VR2, VR5 for the items, VR8,
VR3, VR10 and VR11, VR14 for what is withheld, VR15 to VR21, R57, fields 18 and 32, and the second signature; and,
of a second adult, whom a ground stands against.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sharing.answers import (
    Agreement,
    Basis,
    Coercion,
    Conversation,
    Ground,
    Informed,
    Line,
    Method,
    Other,
    Person,
    Support,
)
from sharing.record import Record
from sharing.rules import Severity, find_problems, needs_second_signature
from tests.build.decisions import AT, FACTS, LACKS, LONG, TODAY, agreed, change

YES_NO = ["yes", "no"]


@dataclass(frozen=True)
class Case:
    """One decision to share about one adult, or two, in plain words."""

    status: str  # given, limited, refused, cannot_capacity, or not asked for want of capacity
    risk: str  # as the concern has it
    doubted: str
    conclusion: str  # "" when there is no capacity record
    is_recorded: bool
    is_for_this: bool
    assessed_days_ago: int
    can: tuple[str, str, str, str]  # understand, remember, weigh up, tell others
    coerced: bool
    bob: tuple[str, bool, bool] | None  # another adult: refused or agreed through an attorney; lacks capacity; coerced
    c1: bool
    c2: bool
    c7: bool
    other: str  # C2: who else is at risk, as a key of OTHERS
    c9: bool
    # answer, kind, evidence, beyond the limits, special, offence, beyond the scope, why withheld
    items: tuple[tuple[str, str, bool, str, str, str, str, str], ...]
    person_safe: bool  # R57: the safety of the person is written down
    person_needs: bool
    others_safe: bool
    choice: str
    verified: bool
    statutory: bool
    method: str
    why_insecure: bool
    urgency: str
    article9: bool
    consent: bool
    para18: bool
    para18_reason: str
    limbs: tuple[str, str, str]
    criminal: bool
    restricted: bool
    reporter: bool
    told_hours_ago: int | None
    says_retrospective: bool


item = st.tuples(
    st.sampled_from(["include", "include", "withhold"]), st.sampled_from(["fact", "opinion"]), st.booleans(),
    st.sampled_from(["yes", "no", ""]), st.sampled_from(YES_NO), st.sampled_from(YES_NO),
    st.sampled_from(["yes", "no", "no", ""]),
    st.sampled_from(["Not needed.", "Not needed.", "Our reputation.", "Rent is owed."]),
)  # fmt: skip
# C2 as the page may leave it, and whether the register refuses it.
OTHERS: dict[str, tuple[dict[str, Any], bool]] = {
    "nobody": ({}, True),
    "an adult": ({"others": ("8",), "others_named": (Other("8", "Lee", "adult"),)}, False),
    "a child with a route": ({"others": ("8",), "others_named": (Other("8", "Sam", "child", is_at_risk=True),)}, False),
    "a child without one": ({"others": ("8",), "others_named": (Other("8", "Sam", "child"),)}, True),
    "of unknown age": ({"others": ("8",), "others_named": (Other("8", "Sam", "unknown"),)}, True),
    "gone from the concern": ({"others": ("8",)}, True),
    "one is gone": ({"others": ("8", "9"), "others_named": (Other("9", "Lee", "adult"),)}, True),
    "unidentified adult": (
        {"others": ("unidentified",), "unidentified": "A voice.", "unidentified_child": "no"}, False
    ),
    "unidentified child": (
        {"others": ("unidentified",), "unidentified": "A voice.", "unidentified_child": "yes"}, True
    ),
    "unidentified, with a route": (
        {"others": ("unidentified",), "unidentified": "A voice.", "unidentified_child": "unknown",
         "child_route": "yes"}, False,
    ),
    "unidentified, nothing known": ({"others": ("unidentified",), "unidentified_child": "no"}, True),
    "unidentified, age not answered": ({"others": ("unidentified",), "unidentified": "A voice."}, True),
    "words of before alone": ({"unidentified": "Sam", "unidentified_child": "yes"}, True),
}  # fmt: skip
cases = st.builds(
    Case,
    status=st.sampled_from(["given", "limited", "refused", "cannot_capacity", "not_asked"]),
    risk=st.sampled_from(["low", "medium", "high", "critical"]),
    doubted=st.sampled_from(YES_NO),
    conclusion=st.sampled_from(["", "has", "lacks", "inconclusive"]),
    is_recorded=st.booleans(),
    is_for_this=st.booleans(),
    assessed_days_ago=st.sampled_from([-1, 0, 3]),
    can=st.tuples(*[st.sampled_from(["yes", "yes", "no", "unknown"])] * 4) | st.just(("no", "no", "no", "yes")),
    coerced=st.booleans(),
    bob=st.none() | st.tuples(st.sampled_from(["attorney", "refused"]), st.booleans(), st.booleans()),
    c1=st.booleans(),
    c2=st.booleans(),
    c7=st.booleans(),
    other=st.sampled_from(list(OTHERS)),
    c9=st.booleans(),
    person_safe=st.sampled_from([True, True, False]),
    person_needs=st.sampled_from([True, True, False]),
    others_safe=st.sampled_from([True, True, False]),
    items=st.lists(item, max_size=3).map(tuple),
    choice=st.sampled_from(["share_all", "share_part"]),
    verified=st.booleans(),
    statutory=st.booleans(),
    method=st.sampled_from(["phone", "call_999", "portal", "ordinary_email"]),
    why_insecure=st.booleans(),
    urgency=st.sampled_from(["standard", "emergency"]),
    article9=st.booleans(),
    consent=st.booleans(),
    para18=st.booleans(),
    para18_reason=st.sampled_from(["", "a", "b", "c"]),
    limbs=st.tuples(*[st.sampled_from(["yes", "yes", "no"])] * 3),
    criminal=st.booleans(),
    restricted=st.booleans(),
    reporter=st.booleans(),
    told_hours_ago=st.sampled_from([None, None, 2, 30]),
    says_retrospective=st.booleans(),
)


NOT_AGREEING = ("refused", "cannot_capacity", "not_asked")


def jean_has_not_agreed(c: Case) -> bool:
    if c.status in NOT_AGREEING:
        return True
    return c.status == "limited" and any(each[0] == "include" and each[3] == "yes" for each in c.items)


def bob_has_not_agreed(c: Case) -> bool:
    return c.bob is not None and c.bob[0] == "refused"


def without_agreement(c: Case) -> bool:
    return jean_has_not_agreed(c) or bob_has_not_agreed(c)


def says_lacks(c: Case) -> bool:
    """That capacity is why they do not agree."""
    return c.status in ("cannot_capacity", "not_asked")


def capacity_is_asked(c: Case) -> bool:
    refuses_at_high = c.status == "refused" and c.risk in ("high", "critical")
    return c.doubted == "yes" or refuses_at_high or says_lacks(c) or (c.c1 and c.status in NOT_AGREEING)


def jean_is_shown_to_lack(c: Case) -> bool:
    """VR2: by a record for this decision that was made by now."""
    return (
        capacity_is_asked(c) and c.is_recorded and c.conclusion == "lacks" and c.is_for_this
        and c.assessed_days_ago >= 0
    )  # fmt: skip


def jean_is_coerced(c: Case) -> bool:
    """VR3: it is asked of who refused, and where C7 is the ground of whoever did not agree."""
    return c.coerced and (c.status == "refused" or (c.c7 and c.status in NOT_AGREEING))


def bob_is_coerced(c: Case) -> bool:
    """As for Jean: whose attorney agreed is not asked."""
    return c.bob is not None and c.bob[0] == "refused" and c.bob[2]


def bob_lacks(c: Case) -> bool:
    return c.bob is not None and c.bob[1]


def ground_is_missing(c: Case) -> bool:
    """VR1, R114: C1 and C7 stand against nobody but the person of whom they are shown; C9 for what the order names."""
    beyond = any(each[0] == "include" and each[6] == "yes" for each in c.items)
    if c.c2 or (c.c9 and not (beyond and (c.c1 or c.c7))):
        return False
    if not (c.c1 or c.c7):
        return True
    jean = (c.c1 and jean_is_shown_to_lack(c)) or (c.c7 and jean_is_coerced(c))
    bob = (c.c1 and bob_lacks(c)) or (c.c7 and bob_is_coerced(c))
    if not jean and not bob:
        return False  # VR2 and VR3 say that neither is shown
    return (jean_has_not_agreed(c) and not jean) or (bob_has_not_agreed(c) and not bob)


def unchecked(c: Case) -> bool:
    """VR15: an emergency lets one phone, no more."""
    emergency = c.urgency == "emergency" or c.says_retrospective
    return not c.verified and not (emergency and c.method in ("phone", "call_999"))


def refused(c: Case) -> set[str]:
    """What the register refuses, by hand."""
    wrong: set[str] = set()
    emergency = c.urgency == "emergency" or c.says_retrospective
    included = [each for each in c.items if each[0] == "include"]
    withheld = len(c.items) - len(included)
    if not included:
        wrong.add("VR17")
    if (c.choice == "share_all") is (withheld > 0):
        wrong.add("all or part")
    if any(each[1] == "opinion" and not each[2] for each in c.items):
        wrong.add("VR18")
    if c.status == "limited" and any(each[3] == "" for each in included):
        wrong.add("VR11")
    if unchecked(c) and not c.says_retrospective:
        wrong.add("VR15")
    if c.method == "ordinary_email" and (not emergency or not c.why_insecure):
        wrong.add("VR16")
    if any(each[4] == "yes" for each in included) and not c.article9:
        wrong.add("article 9")
    if any(each[5] == "yes" for each in included) and not c.criminal:
        wrong.add("criminal")
    if c.para18 and (c.limbs != ("yes", "yes", "yes")):
        wrong.add("VR19 limbs")
    agreed_to = c.status in ("given", "limited") and not bob_has_not_agreed(c)
    # "lacks" counts only while it is asked at all; else capacity is assumed.
    has_capacity = not (c.conclusion == "lacks" and capacity_is_asked(c))
    could_consent = (c.status == "refused" and has_capacity) or (bob_has_not_agreed(c) and not bob_lacks(c))
    unfit_reason = c.para18_reason == "" or (c.para18_reason == "a" and could_consent)
    if c.para18 and not agreed_to and unfit_reason:
        wrong.add("VR19 reason")
    if capacity_is_asked(c):
        if not c.is_recorded or c.conclusion == "":
            wrong.add("capacity record")
        if not c.is_for_this:
            wrong.add("another decision")
        if c.assessed_days_ago < 0:
            wrong.add("VR21")
        if c.conclusion == "lacks" and "no" not in c.can:
            wrong.add("lacks, and can do all four")
        if c.conclusion == "lacks" and c.status in ("given", "limited"):
            wrong.add("lacks, and agreed")
        if c.conclusion == "has" and says_lacks(c):
            wrong.add("has, and cannot agree")
        if c.doubted == "no" and (c.conclusion == "lacks" or says_lacks(c)):
            wrong.add("not doubted")
    if without_agreement(c):
        if ground_is_missing(c) and not c.says_retrospective:
            wrong.add("VR1")
        if c.c2 and OTHERS[c.other][1]:
            wrong.add("VR8")
        if c.c9:
            # Each thing that goes says whether the order asks for it; what it does not ask for needs another ground.
            unsaid = [each for each in included if each[6] == ""]
            beyond = [each for each in included if each[6] == "yes"]
            if unsaid or (beyond and not (c.c1 or c.c2 or c.c7) and not c.says_retrospective):
                wrong.add("VR5")
        if c.c1 and not (jean_is_shown_to_lack(c) or bob_lacks(c)):
            wrong.add("VR2")
        if c.c7 and not (jean_is_coerced(c) or bob_is_coerced(c)):
            wrong.add("VR3")
    if (c.told_hours_ago is not None) is not c.says_retrospective:
        wrong.add("R38")
    if not (c.person_safe and c.person_needs and c.others_safe):
        wrong.add("R57")
    return wrong


def unsaid_for_others(c: Case) -> bool:
    """VR14: something stays unsaid for the sake of a reputation or of rent."""
    return any(each[0] == "withhold" and each[7] != "Not needed." for each in c.items)


def lead_needed(c: Case) -> bool:
    """VR14; and where it has gone already, with no ground against somebody who did not agree (VR1), beyond what an
    order asked for (VR5) or to somebody who was not checked (VR15).
    """
    included = [each for each in c.items if each[0] == "include"]
    on_order_alone = c.c9 and not (c.c1 or c.c2 or c.c7)
    beyond = on_order_alone and any(each[6] == "yes" for each in included)
    no_ground = without_agreement(c) and (ground_is_missing(c) or beyond)
    return unsaid_for_others(c) or (c.says_retrospective and (no_ground or unchecked(c)))


def second_needed_before(c: Case) -> bool:
    """Before anything goes; a lead's look at what is withheld holds nothing up."""
    lacks = c.conclusion == "lacks" and capacity_is_asked(c)
    return (
        (jean_has_not_agreed(c) and not lacks)
        or (bob_has_not_agreed(c) and not bob_lacks(c))
        or c.restricted
        or c.reporter
        or c.says_retrospective
        or (c.article9 and not c.statutory)
    )


def duress(*, is_coerced: bool) -> Coercion:
    if is_coerced:
        return Coercion("yes", "He answers for them.", "yes", "At the office.")
    return Coercion("no", "", "yes", "At the office.")


def other_adult(like: Person, status: str, lacks: bool, coerced: bool) -> Person:
    """Bob, of whom everything is written down that is asked."""
    by_attorney = Agreement(
        "given", given_by="attorney", authority="LPA seen.", is_source="no", form="written", on=TODAY
    )
    return change(
        like,
        key="9",
        name="Bob",
        agreement=by_attorney if status == "attorney" else Agreement(status),
        capacity=LACKS if lacks else replace(LACKS, conclusion="has"),
        coercion=duress(is_coerced=coerced),
        informed=Informed("yes", TODAY),
    )


def record_of(c: Case) -> Record:
    base = agreed()
    capacity = replace(
        LACKS,
        doubted=c.doubted,
        conclusion=c.conclusion,
        ref="CR-2222-2222" if c.is_recorded and c.conclusion else "",
        for_this_decision="yes" if c.is_for_this else "no",
        understands=c.can[0],
        retains=c.can[1],
        weighs=c.can[2],
        communicates=c.can[3],
        assessed_on=TODAY - timedelta(days=c.assessed_days_ago),
    )
    person = change(
        base.people[0],
        risk_level=c.risk,
        agreement=Agreement("not_sought", not_sought="capacity")
        if c.status == "not_asked"
        else Agreement(c.status, given_by="person", form="oral", on=TODAY, limits="Not her son."),
        capacity=capacity,
        coercion=duress(is_coerced=c.coerced),
        informed=Informed("yes", TODAY),
        support=Support("Safe tonight." if c.person_safe else " ", "A worker." if c.person_needs else ""),
        screening=change(base.people[0].screening, has_needs=c.limbs[0], at_risk=c.limbs[1], cannot_protect=c.limbs[2]),
    )
    order = {"body": "A court", "on": TODAY, "reference": "1", "scope": "The tenancy file", "document": "Legal file"}
    grounds = {"C1": c.c1, "C2": c.c2, "C7": c.c7, "C9": c.c9}
    more = {"C2": OTHERS[c.other][0], "C9": order}
    answers = tuple(
        Ground(code, "applies", "Seen.", **more.get(code, {}))
        if grounds.get(code)
        else Ground(code, "does_not")
        for code in ("C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9", "C10", "C11")
    )  # fmt: skip
    start = base.start
    if c.says_retrospective:
        start = change(start, trigger="emergency", shared_at=AT - timedelta(hours=c.told_hours_ago or 1))
    return change(
        base,
        start=start,
        people=(person,) if c.bob is None else (person, other_adult(base.people[0], *c.bob)),
        likely=change(base.likely, others_safety="Nobody else." if c.others_safe else ""),
        facts=(change(base.facts[0], on=TODAY - timedelta(days=9)),),
        grounds=answers,
        decision=change(base.decision, choice=c.choice, review_date=TODAY),
        reasons=change(base.reasons, proportionality=LONG, less_intrusive="None."),
        items=tuple(
            change(
                base.items[0], answer=answer, kind=kind, evidence="Seen." if evidence else "", beyond_limits=beyond,
                is_special_category=special, is_offence=offence, beyond_scope=scope, why_withheld=why,
            )
            for answer, kind, evidence, beyond, special, offence, scope, why in c.items
        ),
        recipients=(
            change(base.recipients[0], verified="yes" if c.verified else "no", is_statutory=c.statutory),
        ),
        method=Method(c.method, "No other way." if c.why_insecure else ""),
        basis=Basis(
            article6=("a",) if c.consent else ("e",),
            article9=("h",) if c.article9 else (),
            schedule1=("18",) if c.para18 else (),
            para18_reason=c.para18_reason,
            criminal_condition="10" if c.criminal else "",
            confidence="consent",
        ),
        conversation=Conversation(
            objections=("relationship",), lines=tuple(Line(f"E{n}", answer="done") for n in range(1, 8))
        ),
    )  # fmt: skip


def part(rule: str, field: str) -> str | None:
    if field.endswith(".capacity.conclusion") and rule == "VR2":
        return "lacks, and can do all four"
    if field.endswith(".capacity.doubted"):
        return "not doubted"
    if rule in {"VR1", "VR2", "VR3", "VR5", "VR8", "VR11", "VR15", "VR16", "VR17", "VR18", "VR21", "R38", "R57"}:
        # Field 18 asks for the words of best interests under VR2 too; here they are always given.
        return rule
    if rule == "VR19":
        return "VR19 limbs" if ".screening." in field else "VR19 reason"
    if rule == "VR10":
        return "lacks, and agreed"
    if field.endswith(".agreement.status"):
        return "has, and cannot agree"
    named = {"decision.choice": "all or part", "basis.article9": "article 9", "basis.criminal_condition": "criminal"}
    if field in named:
        return named[field]
    if field.endswith(".capacity.for_this_decision"):
        return "another decision"
    if ".capacity." in field:
        return "capacity record"
    return f"unexpected: {rule} {field}"


@settings(max_examples=600, deadline=None)
@given(cases)
def test_what_goes_agrees_with_the_table_written_by_hand(c: Case) -> None:
    record = record_of(c)
    facts = change(
        FACTS,
        urgency=c.urgency,
        is_restricted=c.restricted,
        signer_is_reporter=c.reporter,
        opened_at=None,
        told_already=AT - timedelta(hours=c.told_hours_ago) if c.told_hours_ago else None,
    )
    problems = find_problems(record, facts)
    assert {part(p.rule, p.field) for p in problems if p.severity == Severity.REFUSE} == refused(c)
    assert any(p.rule == "VR20" for p in problems) is c.consent
    late = c.says_retrospective and (c.told_hours_ago or 1) > 24
    assert any(p.rule == "VR23" for p in problems) is late
    assert any(p.severity == Severity.COUNTERSIGN for p in problems) is lead_needed(c)
    assert any(p.rule == "VR14" and p.severity == Severity.WARN for p in problems) is unsaid_for_others(c)
    second = needs_second_signature(record, facts, problems)
    assert (second is not None) is (second_needed_before(c) or lead_needed(c))
    if second is not None:
        assert second.may_follow is (c.urgency == "emergency" or c.says_retrospective or not second_needed_before(c))
        assert second.lead_only is lead_needed(c)
