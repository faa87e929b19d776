"""Both sides of every rule VR1 to VR25 and of what each field needs, written from domain.md 3.1 to 3.4.

Each row changes one answer of a sound decision: `wrong` must raise exactly the named problem, `right` (the
nearest decision that the register allows) must not raise it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest

import sharing.rules
from sharing.answers import (
    Agreement,
    Basis,
    Capacity,
    Coercion,
    Conversation,
    Decision,
    Ground,
    Informed,
    Item,
    Line,
    Method,
    Opinion,
    Person,
    RequesterTold,
    Screening,
    Start,
    Support,
    Told,
    Wishes,
)
from sharing.record import Record
from sharing.rules import SOURCES, Facts, Severity, find_problems
from tests.build.decisions import (
    AT,
    CHILD,
    FACTS,
    JEAN,
    LACKS,
    LONG,
    SAM,
    TODAY,
    YESTERDAY,
    against_a_refusal,
    agreed,
    change,
    change_first_item,
    change_first_person,
    grounds,
    mitigation,
    not_shared,
    not_shared_about_a_child,
)

REFUSE, WARN, COUNTERSIGN = Severity.REFUSE, Severity.WARN, Severity.COUNTERSIGN


@dataclass(frozen=True)
class Case:
    rule: str
    field: str
    severity: Severity
    wrong: Callable[[], Record]
    right: Callable[[], Record]
    facts: Facts = FACTS
    right_facts: Facts = FACTS
    name: str = ""


Value = TypeVar("Value")


def for_each(values: Iterable[Value], make: Callable[[Value], Case]) -> list[Case]:
    """One case for each value; `make` is called with it."""
    return [make(value) for value in values]


def with_ground(ground: Ground) -> Record:
    """Against a refusal, on this ground alone."""
    return change(against_a_refusal(), grounds=grounds(**{ground.code: ground}))


def informed(answer: str, on: date | None = None, reason: str = "") -> Record:
    return change_first_person(against_a_refusal(), informed=Informed(answer=answer, on=on, reason=reason))


def lacking(capacity: Capacity) -> Record:
    """Shared on ground C1, with this capacity record."""
    record = with_ground(Ground("C1", "applies", "See the capacity record."))
    return change_first_person(record, agreement=Agreement(status="cannot_capacity"), capacity=capacity)


def cannot_agree(capacity: Capacity, agreement: Agreement) -> Record:
    """Shared on C2 with somebody who cannot agree for want of capacity."""
    return change_first_person(with_ground(C2), agreement=agreement, capacity=capacity)


def agreed_and_assessed(given_by: str = "person", status: str = "given", **capacity: str) -> Record:
    """Shared with agreement, although capacity was doubted and assessed."""
    agreement = change(
        JEAN.agreement, status=status, given_by=given_by, authority="LPA seen, 2023", is_source="no",
        limits="Nothing about her son.",
    )  # fmt: skip
    record = change_first_person(agreed(), agreement=agreement, capacity=change(LACKS, **capacity))
    return change_first_item(record, beyond_limits="no")


def beside(bob: Person, *standing: Ground) -> Record:
    """Jean has capacity, is free, and refuses; Bob is the other whom it is about."""
    record = change(against_a_refusal(), grounds=grounds(**{ground.code: ground for ground in standing}))
    jean = change(record.people[0], capacity=HAS)
    return change(record, people=(jean, bob))


def coerced(person: Person) -> Person:
    return change(person, coercion=Coercion("yes", "He answers for them.", "yes", "At the surgery."))


def withdrawn(on: date) -> Record:
    """Nothing is shared: Jean agreed yesterday and then did not want it any more."""
    agreement = change(JEAN.agreement, status="withdrawn", on=YESTERDAY, withdrawn_on=on)
    return change_first_person(not_shared(), agreement=agreement)


def afterwards(record: Record) -> Record:
    """Recorded after an emergency two hours ago."""
    start = change(record.start, trigger="emergency", shared_at=AT - timedelta(hours=2))
    return change(record, start=start)


def at_concern_risk(level: str, record: Record) -> Record:
    """The concern has this level for Jean, whatever the worker thinks now; capacity was looked at for it."""
    return change_first_person(record, risk_level=level, capacity=HAS)


def limited(beyond: str, **more: object) -> Record:
    record = change_first_person(
        agreed(), agreement=change(JEAN.agreement, status="limited", limits="Nothing about her son.")
    )
    return change(change_first_item(record, beyond_limits=beyond), **more)


def ordered(beyond: str, **more: Ground) -> Record:
    """Against a refusal, on an order (C9) and the grounds in `more`."""
    record = change(against_a_refusal(), grounds=grounds(C9=ORDER, **more))
    return change_first_item(record, beyond_scope=beyond)


def two_items(first: str, second: str) -> Record:
    record = ordered(first)
    return change(record, items=(*record.items, change(record.items[0], beyond_scope=second)))


def other(stage: str, *, is_at_risk: bool) -> Ground:
    """C2 about one other, as the concern has them."""
    return change(C2, others_named=(change(SAM, life_stage=stage, is_at_risk=is_at_risk),))


def unidentified(child: str) -> Ground:
    """C2 about somebody whom nobody knows yet."""
    return Ground(
        "C2", "applies", "Heard through the wall.", others=("unidentified",), unidentified="A voice at night.",
        unidentified_child=child,
    )  # fmt: skip


def in_part(why: str) -> Record:
    """Share all but one item, withheld for this reason."""
    record = agreed()
    withheld = Item("Her diagnosis.", "fact", answer="withhold", why_withheld=why)
    return change(
        record,
        items=(*record.items, withheld),
        decision=Decision(choice="share_part", review_date=date(2026, 3, 30)),
        reasons=change(record.reasons, proportionality=LONG, less_intrusive="None."),
    )


def put_off(reasons: str) -> Record:
    record = deferred_for_long()
    return change(record, reasons=change(record.reasons, reasons=reasons))


def by_attorney(is_source: str) -> Record:
    agreement = change(JEAN.agreement, given_by="attorney", authority="LPA seen, 2023", is_source=is_source)
    return change_first_person(agreed(), agreement=agreement)


def with_basis(base: Record, **answers: object) -> Record:
    return change(base, basis=change(base.basis, **answers))


def reviewed_on(day: date, level: str, base: Callable[[], Record] = not_shared) -> Record:
    record = base()
    return change(
        record,
        decision=change(record.decision, review_date=day),
        risks=change(record.risks, level_worker=level, level_person="low"),
    )


def deferred(until: datetime | None, level: str = "medium", person: Person = JEAN) -> Record:
    return change(
        agreed(),
        people=(person,),
        decision=Decision(choice="defer", defer_until=until),
        risks=change(agreed().risks, level_worker=level),
    )


def deferred_for_long() -> Record:
    return deferred(AT + timedelta(hours=20))


def requested(**answers: object) -> Record:
    start = Start(
        trigger="request",
        request="RQ-2222-2222",
        third_parties="no",
        request_kind="police",
        request_from="DC Lund, Larkshire Police",
        request_on=YESTERDAY,
        request_verified="Called back through 101.",
    )
    return change(agreed(), start=change(start, **answers))


def marac(basis: str, dash: str) -> Record:
    """Ground C8 on `basis`, which stands in the DASH record `dash`."""
    return with_ground(Ground("C8", "applies", "Strangled.", marac_basis=basis, dash_record=dash))


def refused_request(told: RequesterTold) -> Record:
    return change(not_shared(), start=requested().start, requester_told=told)


def recipient(base: Record, **answers: object) -> Record:
    return change(base, recipients=(change(base.recipients[0], **answers),))


def without(lines: tuple[Line, ...], code: str, **answers: str) -> tuple[Line, ...]:
    return tuple(change(line, **answers) if line.code == code else line for line in lines)


def step_d(code: str, **answers: str) -> Record:
    record = not_shared()
    lines = without(record.not_sharing.lines, code, **answers)
    return change(record, not_sharing=change(record.not_sharing, lines=lines))


def next_contact(day: date | None, record: Record | None = None) -> Record:
    record = record or not_shared()
    return change(record, not_sharing=change(record.not_sharing, next_contact_on=day))


def step_e(code: str, **answers: str) -> Record:
    record = against_a_refusal()
    lines = without(record.conversation.lines, code, **answers)
    return change(record, conversation=change(record.conversation, lines=lines))


def retrospective(at: datetime) -> Record:
    return change(agreed(), start=Start(trigger="emergency", shared_at=at, third_parties="no"))


def sharing_risk(grade: str, **answers: object) -> Record:
    return change(agreed(), risks=change(agreed().risks, sharing_likelihood=grade), **answers)


TOLD = change(FACTS, told_already=AT - timedelta(hours=2))
CANNOT = Agreement(status="cannot_capacity")
NOT_ASKED = Agreement(status="not_sought", not_sought="capacity")
CAN = dict.fromkeys(("understands", "retains", "weighs", "communicates"), "yes")
HAS = change(LACKS, **CAN, conclusion="has")
C1 = Ground("C1", "applies", "See the capacity record.")
C7 = Ground("C7", "applies", "Afraid of him.")
BOB = change(
    JEAN, key="9", name="Bob Marlowe", capacity=LACKS, agreement=CANNOT, informed=Informed("yes", TODAY),
    coercion=Coercion("no", "", "yes", "At the office."),
)  # fmt: skip
BOB_BY_ATTORNEY = change(
    BOB, agreement=change(JEAN.agreement, given_by="attorney", authority="LPA seen, 2023", is_source="no")
)
BOB_REFUSES = change(BOB, agreement=Agreement(status="refused"), capacity=HAS)
BOB_COERCED = coerced(BOB_REFUSES)
C2 = against_a_refusal().ground("C2")
ORDER = Ground(
    "C9",
    "applies",
    "Order served on us.",
    body="County Court at Larkford",
    on=YESTERDAY,
    reference="LK12345",
    scope="Tenancy file since 2024",
    document="Attachment 3",
)
CRIME = Ground("C5", "applies", "Robbed.", is_serious="yes", police_considered="yes", police_reason="101 called.")
SOURCE_TOO = change(JEAN, key="9", name="Lee Marlowe", is_source_of_risk=True)
PARA_18 = {"article9": ("g",), "schedule1": ("18",), "para18_reason": "c"}
WORDS = "reasons.reasons"

CASES = [
    # --- VR1: a ground, evidence, reasons, proportionality and an answer to "informed" ---
    Case(
        "VR1",
        "grounds",
        REFUSE,
        lambda: change(against_a_refusal(), grounds=grounds()),
        against_a_refusal,
        name="no ground",
    ),
    # R38, R39: what has gone already is recorded, also where no ground stood; a lead looks at it. It replaces nothing.
    Case(
        "VR1",
        "grounds",
        REFUSE,
        lambda: afterwards(change(against_a_refusal(), grounds=grounds())),
        lambda: afterwards(against_a_refusal()),
        facts=change(TOLD, previous_choice="share_all"),
        right_facts=change(TOLD, previous_choice="share_all"),
        name="no ground, it has gone already, and a decision is replaced",
    ),
    Case(
        "VR5",
        "items.0.beyond_scope",
        COUNTERSIGN,
        lambda: afterwards(ordered("yes")),
        lambda: afterwards(ordered("no")),
        facts=TOLD,
        right_facts=TOLD,
        name="beyond the order, and it has gone already",
    ),
    Case(
        "VR15",
        "recipients.0.verified",
        COUNTERSIGN,
        lambda: afterwards(recipient(agreed(), verified="no")),
        lambda: afterwards(change(recipient(agreed(), verified="no"), method=Method("phone"))),
        facts=TOLD,
        right_facts=TOLD,
        name="it has gone already to a contact that nobody checked",
    ),
    Case(
        "VR1",
        "grounds",
        COUNTERSIGN,
        lambda: afterwards(change(against_a_refusal(), grounds=grounds())),
        lambda: afterwards(against_a_refusal()),
        facts=TOLD,
        right_facts=TOLD,
        name="no ground, and it has gone already",
    ),
    Case(
        "VR1",
        "grounds",
        COUNTERSIGN,
        lambda: afterwards(beside(BOB_BY_ATTORNEY, C1)),
        lambda: afterwards(change(lacking(LACKS), people=(*lacking(LACKS).people, BOB_BY_ATTORNEY))),
        facts=TOLD,
        right_facts=TOLD,
        name="C1 is shown of somebody else, and it has gone already",
    ),
    Case(
        "VR1",
        "grounds",
        REFUSE,
        lambda: with_ground(change(C2, evidence=" ")),
        lambda: with_ground(C2),
        name="no evidence",
    ),
    Case(
        "VR1",
        "grounds",
        REFUSE,
        lambda: change_first_person(agreed(), agreement=Agreement(status="withdrawn", withdrawn_on=TODAY)),
        agreed,
        name="withdrawn",
    ),
    Case(
        "VR1",
        "grounds",
        REFUSE,
        lambda: change_first_person(agreed(), agreement=Agreement(status="not_sought", not_sought="unsafe")),
        lambda: change(agreed(), people=(CHILD,)),
        name="not sought from an adult; a child's is never a gate (R70)",
    ),
    Case(
        "VR1",
        "grounds",
        REFUSE,
        lambda: change_first_person(agreed(), agreement=Agreement(status="cannot_other")),
        agreed,
        name="cannot give",
    ),
    Case(
        "VR1",
        WORDS,
        REFUSE,
        lambda: change(against_a_refusal(), reasons=change(against_a_refusal().reasons, reasons="x" * 39)),
        lambda: change(against_a_refusal(), reasons=change(against_a_refusal().reasons, reasons="x" * 40)),
        name="reasons",
    ),
    Case(
        "VR1",
        "reasons.proportionality",
        REFUSE,
        lambda: change(against_a_refusal(), reasons=change(against_a_refusal().reasons, proportionality="y" * 39)),
        lambda: change(against_a_refusal(), reasons=change(against_a_refusal().reasons, proportionality="y" * 40)),
        name="proportionality",
    ),
    Case(
        "VR1", "people.7.informed.answer", REFUSE, lambda: informed(""), lambda: informed("yes", TODAY), name="informed"
    ),
    Case(
        "VR1",
        "people.7.informed.reason",
        REFUSE,
        lambda: informed("no"),
        lambda: informed("no", None, "Unsafe."),
        name="not informed",
    ),
    Case(
        "VR1",
        "people.7.informed.on",
        REFUSE,
        lambda: informed("later", None, "At work."),
        lambda: informed("later", TODAY, "At work."),
        name="later",
    ),
    Case(
        "VR1",
        "people.7.informed.on",
        REFUSE,
        lambda: informed("later", YESTERDAY, "At work."),
        lambda: informed("later", TODAY + timedelta(days=3), "At work."),
        name="later, in the past",
    ),
    # C1 and C7 are of one person: somebody else's refusal stands until a ground stands against it (R114).
    Case(
        "VR1",
        "grounds",
        REFUSE,
        lambda: beside(BOB_BY_ATTORNEY, C1),
        lambda: change(lacking(LACKS), people=(*lacking(LACKS).people, BOB_BY_ATTORNEY)),
        name="C1 is shown of somebody else, who even agreed",
    ),
    Case("VR1", "grounds", REFUSE, lambda: beside(BOB, C1), lambda: beside(BOB, C1, C2), name="C1 of one of two"),
    Case("VR1", "grounds", REFUSE, lambda: beside(BOB_COERCED, C7), lambda: beside(BOB_COERCED, C7, C2), name="C7"),
    Case(
        "VR1",
        "grounds",
        REFUSE,
        lambda: beside(BOB_COERCED, C1, C7),
        lambda: change(beside(BOB, C1, C7), people=(coerced(beside(BOB).people[0]), BOB)),
        name="C7 for one, C1 for the other",
    ),
    Case(
        "VR1",
        "grounds",
        REFUSE,
        lambda: change_first_item(beside(BOB, C1, ORDER), beyond_scope="yes"),
        lambda: change_first_item(beside(BOB, C1, ORDER), beyond_scope="no"),
        name="C1 of one of two; the order does not carry what goes beyond it",
    ),
    # --- VR2: C1 rests on a capacity record for this decision ---
    Case(
        "VR2",
        "grounds.C1.evidence",
        REFUSE,
        lambda: lacking(change(LACKS, conclusion="inconclusive")),
        lambda: lacking(LACKS),
        name="inconclusive",
    ),
    Case(
        "VR2",
        "grounds.C1.evidence",
        REFUSE,
        lambda: lacking(change(LACKS, conclusion="awaiting")),
        lambda: lacking(LACKS),
        name="awaiting",
    ),
    Case(
        "VR2",
        "grounds.C1.evidence",
        REFUSE,
        lambda: lacking(change(LACKS, for_this_decision="no")),
        lambda: lacking(LACKS),
        name="other decision",
    ),
    Case(
        "VR2",
        "grounds.C1.evidence",
        REFUSE,
        lambda: lacking(change(LACKS, assessed_on=TODAY + timedelta(days=1))),
        lambda: lacking(change(LACKS, assessed_on=TODAY)),
        name="dated after signing",
    ),
    Case(
        "VR2",
        "people.7.capacity.best_interests",
        REFUSE,
        lambda: lacking(change(LACKS, best_interests="")),
        lambda: lacking(LACKS),
        name="best interests",
    ),
    Case(
        "VR2",
        "people.7.capacity.wishes",
        REFUSE,
        lambda: lacking(change(LACKS, wishes="")),
        lambda: lacking(LACKS),
        name="R113: wishes",
    ),
    Case(
        "VR2",
        "grounds.C1.evidence",
        REFUSE,
        lambda: lacking(change(LACKS, ref="")),
        lambda: lacking(LACKS),
        name="written but not recorded (R66)",
    ),
    *for_each(
        CAN,
        lambda name: Case(
            "VR2",
            "people.7.capacity.conclusion",
            REFUSE,
            lambda: lacking(change(LACKS, **{**CAN, "retains": "unknown"})),
            lambda: lacking(change(LACKS, **{**CAN, name: "no"})),
            name=f"Mental Capacity Act, section 3: cannot {name}",
        ),
    ),
    # --- VR3 to VR9: what each ground needs ---
    Case(
        "VR3",
        "grounds.C7.evidence",
        REFUSE,
        lambda: with_ground(Ground("C7", "applies", "Afraid of him.")),
        lambda: change_first_person(
            with_ground(Ground("C7", "applies", "Afraid of him.")),
            coercion=Coercion("yes", "He answers for her.", "yes", "At the surgery."),
        ),
    ),
    Case(
        "VR4",
        "grounds.C8.marac_basis",
        REFUSE,
        lambda: marac("", "DA-JUDGED"),
        lambda: marac("judgement", "DA-JUDGED"),
    ),
    *for_each(
        (("", "no record"), ("DA-GONE", "one that was corrected, or of another concern")),
        lambda gone: Case(
            "VR4",
            "grounds.C8.dash_record",
            REFUSE,
            lambda: marac("dash", gone[0]),
            lambda: marac("dash", "DA-HIGH"),
            name=gone[1],
        ),
    ),
    # The basis stands in the record: none of the three can be taken from a record that has only another.
    *for_each(
        (("dash", "DA-JUDGED", "DA-HIGH"), ("judgement", "DA-MANY", "DA-JUDGED"), ("escalation", "DA-HIGH", "DA-MANY")),
        lambda each: Case(
            "VR4",
            "grounds.C8.marac_basis",
            REFUSE,
            lambda: marac(each[0], each[1]),
            lambda: marac(each[0], each[2]),
            name=f"{each[0]} not in the record",
        ),
    ),
    *for_each(
        ("body", "on", "reference", "scope", "document"),
        lambda name: Case(
            "VR5",
            f"grounds.C9.{name}",
            REFUSE,
            lambda: with_ground(change(ORDER, **{name: None if name == "on" else ""})),
            lambda: with_ground(ORDER),
            name=name,
        ),
    ),
    Case(
        "VR5",
        "items.0.beyond_scope",
        REFUSE,
        lambda: ordered(""),
        lambda: ordered("no"),
        name="each item is held against the scope",
    ),
    Case(
        "VR5",
        "items.0.beyond_scope",
        REFUSE,
        lambda: ordered("yes"),
        lambda: ordered("yes", C2=C2),
        name="beyond its scope; another ground",
    ),
    Case(
        "VR5",
        "items.0.beyond_scope",
        REFUSE,
        lambda: ordered("yes", C3=Ground("C3", "unknown")),
        lambda: change_first_item(ordered("yes"), answer="withhold", why_withheld="Not asked for."),
        name="beyond its scope; a ground not known is none; withheld",
    ),
    Case(
        "VR5",
        "items.0.beyond_scope",
        REFUSE,
        lambda: ordered(""),
        lambda: change(ordered(""), people=agreed().people),
        name="nobody refused, so no ground is needed",
    ),
    Case(
        "VR5",
        "items.1.beyond_scope",
        REFUSE,
        lambda: two_items("no", "yes"),
        lambda: two_items("no", "no"),
        name="the second item alone",
    ),
    Case(
        "VR5",
        "grounds.C9.file",
        REFUSE,
        lambda: with_ground(change(ORDER, file="f00")),
        lambda: with_ground(change(ORDER, file="f00", document="")),
        right_facts=change(FACTS, files=frozenset({"f00"})),
        name="a file that is marked as added in error since",
    ),
    Case(
        "R22",
        "left_out",
        REFUSE,
        lambda: agreed(),
        lambda: change(agreed(), left_out="A decision about her own safety alone; the child has one of its own."),
        facts=change(FACTS, is_domestic_abuse=True, children_at_risk=frozenset({"9"})),
        right_facts=change(FACTS, is_domestic_abuse=True, children_at_risk=frozenset({"9"})),
        name="a child at risk is left out",
    ),
    Case(
        "R22",
        "left_out",
        REFUSE,
        lambda: agreed(),
        lambda: agreed(),
        facts=change(FACTS, children_at_risk=frozenset({JEAN.key, "9"})),
        right_facts=change(FACTS, children_at_risk=frozenset({JEAN.key})),
        name="every child at risk is in it",
    ),
    Case(
        "R21",
        "start.special_risks",
        WARN,
        lambda: agreed(),
        lambda: agreed(),
        facts=change(FACTS, is_domestic_abuse=True, lacks_domestic_account=True),
        right_facts=change(FACTS, is_domestic_abuse=True),
        name="nobody has described the abuse",
    ),
    Case(
        "VR6",
        "grounds.C6.answer",
        REFUSE,
        lambda: with_ground(Ground("C6", "applies", "A caretaker.")),
        lambda: with_ground(Ground("C6", "applies", "A caretaker.")),
        right_facts=change(FACTS, is_restricted=True),
    ),
    Case(
        "VR7",
        "grounds.C4.answer",
        REFUSE,
        lambda: with_ground(Ground("C4", "applies", "He has care needs.", own_referral="yes")),
        lambda: change(
            with_ground(Ground("C4", "applies", "He has care needs.", own_referral="yes")),
            people=(*against_a_refusal().people, SOURCE_TOO),
        ),
    ),
    Case(
        "VR7",
        "grounds.C4.own_referral",
        REFUSE,
        lambda: with_ground(Ground("C4", "applies", "He has care needs.")),
        lambda: with_ground(Ground("C4", "applies", "He has care needs.", own_referral="no")),
    ),
    Case(
        "VR8",
        "grounds.C2.others",
        REFUSE,
        lambda: with_ground(change(C2, others=(), others_named=())),
        lambda: with_ground(unidentified("no")),
        name="listed or unidentified",
    ),
    Case(
        "VR8",
        "grounds.C2.others",
        REFUSE,
        lambda: with_ground(change(C2, others_named=())),
        lambda: with_ground(C2),
        name="not in the concern any more",
    ),
    *for_each(
        ("child", "unborn", "unknown"),
        lambda stage: Case(
            "VR8",
            "grounds.C2.others",
            REFUSE,
            lambda: with_ground(other(stage, is_at_risk=False)),
            lambda: with_ground(other(stage, is_at_risk=True)),
            name=f"{stage}: route of a child not started",
        ),
    ),
    Case(
        "VR8",
        "grounds.C2.others",
        REFUSE,
        lambda: with_ground(other("child", is_at_risk=False)),
        lambda: with_ground(other("adult", is_at_risk=False)),
        name="an adult needs no route of a child",
    ),
    *for_each(
        ("unidentified", "unidentified_child"),
        lambda name: Case(
            "VR8",
            f"grounds.C2.{name}",
            REFUSE,
            lambda: with_ground(change(unidentified("no"), **{name: ""})),
            lambda: with_ground(change(C2, **{name: ""})),
            name=name,
        ),
    ),
    *for_each(
        ("yes", "unknown"),
        lambda child: Case(
            "VR8",
            "grounds.C2.child_route",
            REFUSE,
            lambda: with_ground(change(unidentified(child), child_route="no")),
            lambda: with_ground(change(unidentified(child), child_route="yes")),
            name=f"not identified; a child: {child}",
        ),
    ),
    Case(
        "VR8",
        "grounds.C2.child_route",
        REFUSE,
        lambda: with_ground(unidentified("yes")),
        lambda: with_ground(unidentified("no")),
        name="not identified, and not a child",
    ),
    Case(
        "VR9",
        "grounds.C5.police_considered",
        REFUSE,
        lambda: with_ground(change(CRIME, police_considered="")),
        lambda: with_ground(CRIME),
    ),
    Case(
        "VR9",
        "grounds.C5.police_reason",
        REFUSE,
        lambda: with_ground(change(CRIME, police_reason="")),
        lambda: with_ground(CRIME),
    ),
    Case(
        "VR9",
        "grounds.C5.not_serious_note",
        REFUSE,
        lambda: with_ground(change(CRIME, is_serious="no")),
        lambda: with_ground(change(CRIME, is_serious="no", not_serious_note="Third time this month.")),
        name="D2",
    ),
    Case(
        "VR9",
        "grounds.C3.police_considered",
        REFUSE,
        lambda: with_ground(Ground("C3", "applies", "He will be back.")),
        lambda: with_ground(
            Ground("C3", "applies", "He will be back.", police_considered="no", police_reason="Not yet.")
        ),
        name="C3",
    ),
    # --- VR10: who agreed ---
    *for_each(
        ("given_by", "on", "form"),
        lambda name: Case(
            "VR10",
            f"people.7.agreement.{name}",
            REFUSE,
            lambda: change_first_person(
                agreed(), agreement=change(JEAN.agreement, **{name: None if name == "on" else ""})
            ),
            agreed,
            name=name,
        ),
    ),
    Case(
        "VR10",
        "people.7.agreement.authority",
        REFUSE,
        lambda: change_first_person(agreed(), agreement=change(JEAN.agreement, given_by="attorney")),
        lambda: change_first_person(
            agreed(), agreement=change(JEAN.agreement, given_by="attorney", authority="LPA seen, 2023")
        ),
    ),
    Case(
        "VR10",
        "people.7.agreement.given_by",
        REFUSE,
        lambda: change_first_person(
            agreed(), agreement=change(JEAN.agreement, given_by="parent", authority="Her mother")
        ),
        lambda: change(
            agreed(),
            people=(change(CHILD, agreement=change(JEAN.agreement, given_by="parent", authority="Birth certificate")),),
        ),
        name="a relative for an adult",
    ),
    *for_each(
        ("given", "limited"),
        lambda status: Case(
            "VR10",
            "people.7.agreement.given_by",
            REFUSE,
            lambda: agreed_and_assessed(status=status),
            lambda: agreed_and_assessed(status=status, **CAN, conclusion="has"),
            name=f"{status} by somebody who lacks capacity for it",
        ),
    ),
    Case(
        "VR10",
        "people.7.agreement.given_by",
        REFUSE,
        agreed_and_assessed,
        lambda: agreed_and_assessed("attorney"),
        name="lacks capacity; an attorney agreed",
    ),
    # --- VR11: beyond the limits counts as not agreed ---
    Case("VR11", "items.0.beyond_limits", REFUSE, lambda: limited(""), lambda: limited("no")),
    Case("VR1", "grounds", REFUSE, lambda: limited("yes"), lambda: limited("no"), name="VR11 needs a ground"),
    # --- VR12: nothing shared ---
    Case("VR12", "grounds", COUNTERSIGN, lambda: change(not_shared(), grounds=grounds(C2=C2)), not_shared),
    Case(
        "VR12",
        "grounds",
        COUNTERSIGN,
        lambda: change(not_shared(), grounds=grounds(C3=Ground("C3", "unknown"))),
        not_shared,
        name="not known",
    ),
    Case(
        "F20",
        "grounds.C4.answer",
        REFUSE,
        lambda: change(not_shared(), grounds=grounds(C4=Ground("C4"))),
        not_shared,
        name="unanswered",
    ),
    *for_each(
        range(1, 9),
        lambda n: Case(
            "VR12", f"not_sharing.D{n}.answer", REFUSE, lambda: step_d(f"D{n}", answer=""), not_shared, name=f"D{n}"
        ),
    ),
    Case(
        "VR12",
        "not_sharing.D4.note",
        REFUSE,
        lambda: step_d("D4", answer="not_done", note=""),
        lambda: step_d("D4", answer="not_done", note="Not needed."),
    ),
    *for_each(
        (None, TODAY - timedelta(days=1), TODAY),
        lambda day: Case(
            "VR12",
            "not_sharing.next_contact_on",
            REFUSE,
            lambda: next_contact(day),
            lambda: next_contact(TODAY + timedelta(days=1)),
            name=f"next contact {day}",
        ),
    ),
    Case(
        "VR12",
        "not_sharing.next_contact_on",
        REFUSE,
        lambda: next_contact(TODAY, step_d("D8", answer="not_done")),
        lambda: next_contact(None, step_d("D8", answer="not_done")),
        name="next contact beside a step not done",
    ),
    Case("F36", "risks.level_worker", REFUSE, lambda: reviewed_on(TODAY, ""), not_shared),
    Case(
        "F25",
        WORDS,
        REFUSE,
        lambda: change(not_shared(), reasons=change(not_shared().reasons, reasons="No.")),
        not_shared,
    ),
    Case(
        "F37", "decision.review_date", REFUSE, lambda: change(not_shared(), decision=Decision("not_share")), not_shared
    ),
    *for_each(
        (("critical", 1), ("high", 7), ("medium", 14), ("low", 28)),
        lambda each: Case(
            "F37",
            "decision.review_date",
            REFUSE,
            lambda: reviewed_on(TODAY + timedelta(days=each[1] + 1), each[0]),
            lambda: reviewed_on(TODAY + timedelta(days=each[1]), each[0]),
            name=f"T10 {each[0]}",
        ),
    ),
    *for_each(
        (("critical", 1), ("high", 7), ("medium", 14)),
        lambda each: Case(
            "F37",
            "decision.review_date",
            REFUSE,
            lambda: at_concern_risk(each[0], reviewed_on(TODAY + timedelta(days=each[1] + 1), "low")),
            lambda: at_concern_risk(each[0], reviewed_on(TODAY + timedelta(days=each[1]), "low")),
            name=f"T10 {each[0]} as the concern has it",
        ),
    ),
    Case(
        "F37",
        "decision.review_date",
        REFUSE,
        lambda: at_concern_risk("critical", reviewed_on(TODAY + timedelta(days=28), "low")),
        lambda: change_first_person(
            at_concern_risk("critical", reviewed_on(TODAY + timedelta(days=28), "low")), is_at_risk=False
        ),
        name="the concern's level is of those at risk",
    ),
    Case(
        "F37",
        "decision.review_date",
        REFUSE,
        lambda: reviewed_on(YESTERDAY, "low"),
        lambda: reviewed_on(TODAY, "low"),
        name="past",
    ),
    # --- VR13: a child at risk ---
    Case("VR13", "decision.choice", COUNTERSIGN, not_shared_about_a_child, not_shared),
    *for_each(
        ("engagement", "child_rule_1", "child_rule_3"),
        lambda name: Case(
            "VR13",
            f"not_sharing.{name}",
            REFUSE,
            lambda: change(
                not_shared_about_a_child(), not_sharing=change(not_shared_about_a_child().not_sharing, **{name: ""})
            ),
            not_shared_about_a_child,
            name=name,
        ),
    ),
    # --- VR14: other interests ---
    *for_each(
        ("Our reputation.", "Too busy.", "Rent arrears.", "An eviction is planned.", "GDPR."),
        lambda words: Case(
            "VR14",
            "items.1.why_withheld",
            COUNTERSIGN,
            lambda: in_part(f"{words} So it stays here."),
            lambda: in_part("It would name the neighbour who told us."),
            name=f"withheld: {words}",
        ),
    ),
    *for_each(
        ("Our reputation.", "Short-staffed.", "Possession proceedings.", "Data protection."),
        lambda words: Case(
            "VR14",
            WORDS,
            COUNTERSIGN,
            lambda: put_off(f"{words} {LONG}"),
            lambda: put_off(LONG),
            name=f"put off: {words}",
        ),
    ),
    Case(
        "VR14",
        WORDS,
        COUNTERSIGN,
        lambda: put_off(f"Rent arrears. {LONG}"),
        lambda: change(agreed(), reasons=change(agreed().reasons, reasons=f"Rent arrears. {LONG}")),
        name="a reason to share is no reason not to",
    ),
    Case(
        "VR14",
        "reasons.safeguarding_reason",
        WARN,
        lambda: in_part("Our reputation."),
        lambda: change(
            in_part("Our reputation."), reasons=change(in_part("").reasons, safeguarding_reason="She would be found.")
        ),
        name="withheld",
    ),
    *for_each(
        ("Our reputation.", "Workload.", "Rent arrears.", "Enforcement action.", "Data protection.", "GDPR!"),
        lambda words: Case(
            "VR14",
            WORDS,
            COUNTERSIGN,
            lambda: change(not_shared(), reasons=change(not_shared().reasons, reasons=f"{words} {LONG}")),
            not_shared,
            name=words,
        ),
    ),
    Case(
        "VR14",
        "reasons.safeguarding_reason",
        WARN,
        lambda: change(not_shared(), reasons=change(not_shared().reasons, reasons=f"GDPR. {LONG}")),
        lambda: change(
            not_shared(),
            reasons=change(not_shared().reasons, reasons=f"GDPR. {LONG}", safeguarding_reason="She is safe."),
        ),
    ),
    Case(
        "R56",
        "reasons.reasons",
        WARN,
        lambda: change(not_shared(), reasons=change(not_shared().reasons, reasons=f"GDPR. {LONG}")),
        not_shared,
        name="data protection alone",
    ),
    Case(
        "R56",
        "items.1.why_withheld",
        WARN,
        lambda: change(
            against_a_refusal(),
            items=(*agreed().items, Item("Her bank", "fact", answer="withhold", why_withheld="Data protection")),
        ),
        lambda: change(
            against_a_refusal(),
            items=(*agreed().items, Item("Her bank", "fact", answer="withhold", why_withheld="They need not know it.")),
        ),
        name="withheld for data protection alone",
    ),
    # --- R111: who agreed for somebody ---
    Case("R111", "people.7.agreement.is_source", REFUSE, lambda: by_attorney(""), lambda: by_attorney("no")),
    Case(
        "R111",
        "people.7.agreement.is_source",
        COUNTERSIGN,
        lambda: by_attorney("yes"),
        lambda: by_attorney("no"),
        name="who may be the source of risk",
    ),
    # --- VR15, VR16: to whom and how ---
    Case("VR15", "recipients.0.verified", REFUSE, lambda: recipient(agreed(), verified="no"), agreed),
    Case("VR15", "recipients.0.verified", REFUSE, lambda: recipient(agreed(), verified_how=""), agreed, name="how"),
    Case(
        "VR15",
        "recipients.0.verified",
        REFUSE,
        lambda: change(recipient(agreed(), verified="no"), method=Method("phone")),
        lambda: change(recipient(agreed(), verified="no"), method=Method("phone")),
        right_facts=change(FACTS, urgency="emergency"),
        name="by phone, in an emergency only",
    ),
    Case(
        "VR15",
        "recipients.0.verified",
        REFUSE,
        lambda: recipient(agreed(), verified="no"),
        agreed,
        facts=change(FACTS, urgency="emergency"),
        name="an emergency, but not by phone",
    ),
    Case(
        "VR16",
        "method.method",
        REFUSE,
        lambda: change(agreed(), method=Method("ordinary_email", "Portal is down.")),
        lambda: change(agreed(), method=Method("ordinary_email", "Portal is down.")),
        right_facts=change(FACTS, urgency="emergency"),
    ),
    Case(
        "VR16",
        "method.insecure_reason",
        REFUSE,
        lambda: change(agreed(), method=Method("ordinary_email")),
        lambda: change(agreed(), method=Method("ordinary_email", "Portal is down.")),
        facts=change(FACTS, urgency="emergency"),
        right_facts=change(FACTS, urgency="emergency"),
    ),
    # --- VR17, VR18: items ---
    Case("VR17", "items", REFUSE, lambda: change(agreed(), items=()), agreed),
    Case(
        "VR17",
        "items",
        REFUSE,
        lambda: change_first_item(agreed(), answer="withhold", why_withheld="Not needed."),
        agreed,
        name="all withheld",
    ),
    Case(
        "VR18",
        "items.0.evidence",
        REFUSE,
        lambda: change_first_item(agreed(), kind="opinion"),
        lambda: change_first_item(agreed(), kind="opinion", evidence="Seen twice."),
    ),
    Case(
        "VR18",
        "opinions.0.evidence",
        REFUSE,
        lambda: change(agreed(), opinions=(Opinion("He controls her.", "Priya"),)),
        lambda: change(agreed(), opinions=(Opinion("He controls her.", "Priya", "He holds the card."),)),
    ),
    # --- VR19, VR20: basis ---
    Case(
        "VR19",
        "people.7.screening.has_needs",
        REFUSE,
        lambda: change_first_person(
            with_basis(against_a_refusal(), **PARA_18), screening=Screening("yes", "yes", "no")
        ),
        lambda: with_basis(against_a_refusal(), **PARA_18),
        name="three limbs",
    ),
    Case(
        "VR19",
        "people.8.screening.has_needs",
        REFUSE,
        lambda: change(with_basis(agreed(), **PARA_18), people=(change(CHILD, life_stage="adult"),)),
        lambda: change(with_basis(agreed(), **PARA_18), people=(CHILD,)),
        name="under 18",
    ),
    Case(
        "VR19",
        "basis.para18_reason",
        REFUSE,
        lambda: with_basis(against_a_refusal(), **{**PARA_18, "para18_reason": ""}),
        lambda: with_basis(against_a_refusal(), **PARA_18),
        name="reason",
    ),
    Case(
        "VR19",
        "basis.para18_reason",
        REFUSE,
        lambda: with_basis(against_a_refusal(), **{**PARA_18, "para18_reason": "a"}),
        lambda: with_basis(lacking(LACKS), **{**PARA_18, "para18_reason": "a"}),
        name="a capacitous refusal is not (a)",
    ),
    Case(
        "VR19",
        "basis.schedule1",
        WARN,
        lambda: with_basis(agreed(), **PARA_18),
        lambda: with_basis(against_a_refusal(), **PARA_18),
        name="agreed",
    ),
    Case("VR20", "basis.article6", WARN, lambda: with_basis(agreed(), article6=("a",)), agreed),
    # --- VR21 to VR25 ---
    Case(
        "VR21",
        "facts.0.on",
        REFUSE,
        lambda: change(agreed(), facts=(change(agreed().facts[0], on=TODAY + timedelta(days=1)),)),
        lambda: change(agreed(), facts=(change(agreed().facts[0], on=TODAY),)),
    ),
    Case(
        "VR21",
        "people.7.informed.on",
        REFUSE,
        lambda: informed("yes", TODAY + timedelta(days=1)),
        lambda: informed("later", TODAY + timedelta(days=1), "At work."),
        name="only inform-later and reviews lie ahead",
    ),
    Case(
        "VR21",
        "start.shared_at",
        REFUSE,
        lambda: retrospective(AT + timedelta(minutes=1)),
        lambda: retrospective(AT - timedelta(minutes=1)),
        name="shared in the future",
    ),
    Case(
        "VR21",
        "facts.0.on",
        REFUSE,
        lambda: change(retrospective(AT - timedelta(days=2)), facts=(change(agreed().facts[0], on=YESTERDAY),)),
        lambda: change(retrospective(AT - timedelta(days=1)), facts=(change(agreed().facts[0], on=YESTERDAY),)),
        name="a date before the facts",
    ),
    Case(
        "VR21",
        "people.7.agreement.withdrawn_on",
        REFUSE,
        lambda: withdrawn(YESTERDAY - timedelta(days=1)),
        lambda: withdrawn(YESTERDAY),
        name="withdrawn before it was given",
    ),
    Case(
        "VR21",
        "requester_told.on",
        REFUSE,
        lambda: refused_request(RequesterTold("yes", YESTERDAY - timedelta(days=1), "Phone", "No power to ask.")),
        lambda: refused_request(RequesterTold("yes", YESTERDAY, "Phone", "No power to ask.")),
        name="told of the refusal before the request",
    ),
    Case("VR22", "", REFUSE, agreed, agreed, facts=change(FACTS, signer_may_sign=False)),
    Case(
        "VR23",
        "start.shared_at",
        WARN,
        lambda: retrospective(AT - timedelta(hours=24, minutes=1)),
        lambda: retrospective(AT - timedelta(hours=24)),
    ),
    Case(
        "VR24",
        "",
        WARN,
        agreed,
        agreed,
        facts=change(FACTS, urgency="urgent", opened_at=AT - timedelta(hours=24, minutes=1)),
        right_facts=change(FACTS, urgency="urgent", opened_at=AT - timedelta(hours=24)),
    ),
    Case(
        "VR24",
        "",
        WARN,
        agreed,
        agreed,
        facts=change(FACTS, urgency="emergency", opened_at=AT - timedelta(hours=25)),
        right_facts=change(FACTS, urgency="standard", opened_at=AT - timedelta(hours=25)),
        name="standard",
    ),
    Case(
        "VR25",
        "likely.why",
        REFUSE,
        lambda: change(agreed(), likely=change(agreed().likely, why="a\x00b")),
        lambda: change(agreed(), likely=change(agreed().likely, why="<b>a\tb\r\n\u202eא 🙂")),
    ),
    # --- What each field needs ---
    Case("F3", "start.trigger", REFUSE, lambda: change(agreed(), start=Start(third_parties="no")), agreed),
    *for_each(
        (("", "none"), ("RQ-3333-3333", "answered already, or about another concern")),
        lambda wrong: Case(
            "F4", "start.request", REFUSE, lambda: requested(request=wrong[0]), requested, name=wrong[1]
        ),
    ),
    Case(
        "F33",
        "basis.agreement",
        REFUSE,
        lambda: change(agreed(), basis=change(agreed().basis, agreement="SA-2222-2222/1")),
        lambda: change(agreed(), basis=change(agreed().basis, agreement="SA-2222-2222/2")),
        name="an older version",
    ),
    Case(
        "F33",
        "basis.agreement",
        WARN,
        lambda: change(agreed(), basis=change(agreed().basis, agreement="SA-3333-3333/1")),
        agreed,
        name="overdue; none blocks nothing",
    ),
    *for_each(
        ("request_kind", "request_from", "request_on", "request_verified"),
        lambda name: Case(
            "F4",
            f"start.{name}",
            REFUSE,
            lambda: requested(**{name: None if name == "request_on" else ""}),
            requested,
            name=name,
        ),
    ),
    Case("F5", "people", REFUSE, lambda: change(agreed(), people=()), agreed),
    Case("F6", "start.third_parties", REFUSE, lambda: change(agreed(), start=Start(trigger="own")), agreed),
    Case(
        "F6",
        "start.third_parties_who",
        REFUSE,
        lambda: change(agreed(), start=Start(trigger="own", third_parties="yes")),
        lambda: change(agreed(), start=Start(trigger="own", third_parties="yes", third_parties_who="The neighbour.")),
    ),
    *for_each(
        ("answer", "why"),
        lambda name: Case(
            "F7",
            f"likely.{name}",
            REFUSE,
            lambda: change(agreed(), likely=change(agreed().likely, **{name: ""})),
            agreed,
            name=name,
        ),
    ),
    Case(
        "F7",
        "likely.answer",
        COUNTERSIGN,
        lambda: change(not_shared(), likely=change(not_shared().likely, answer="yes")),
        not_shared,
        name="R49",
    ),
    Case(
        "F8", "likely.purposes", REFUSE, lambda: change(agreed(), likely=change(agreed().likely, purposes=())), agreed
    ),
    Case(
        "R57",
        "likely.others_safety",
        REFUSE,
        lambda: change(agreed(), likely=change(agreed().likely, others_safety="")),
        agreed,
        name="of others",
    ),
    *for_each(
        ("safety", "needs"),
        lambda name: Case(
            "R57",
            f"people.7.support.{name}",
            REFUSE,
            lambda: change_first_person(agreed(), support=change(JEAN.support, **{name: " "})),
            agreed,
            name=f"{name} of a person",
        ),
    ),
    Case(
        "R57",
        "people.8.support.safety",
        REFUSE,
        lambda: change(agreed(), people=(JEAN, change(CHILD, life_stage="unborn", support=Support()))),
        lambda: change(agreed(), people=(JEAN, change(CHILD, life_stage="unborn"))),
        name="of a child not yet born",
    ),
    Case("F9", "facts", REFUSE, lambda: change(agreed(), facts=()), agreed),
    Case(
        "F9", "facts.0.source", REFUSE, lambda: change(agreed(), facts=(change(agreed().facts[0], source=""),)), agreed
    ),
    Case("F11", "holders", REFUSE, lambda: change(agreed(), holders_none=""), agreed),
    Case(
        "R35",
        "advice.0.without_names",
        REFUSE,
        lambda: change(not_shared(), advice=(change(not_shared().advice[0], without_names="yes"),)),
        lambda: change(not_shared(), advice=(change(not_shared().advice[0], without_names="yes", ref="NA-2222-2222"),)),
        name="asked without names: the words were checked",
    ),
    Case("F12", "advice", REFUSE, lambda: change(not_shared(), advice=()), not_shared),
    Case(
        "F13",
        "people.7.told.reason_not",
        REFUSE,
        lambda: change_first_person(agreed(), told=Told()),
        lambda: change_first_person(agreed(), told=Told(reason_not="Unsafe.")),
    ),
    Case(
        "F14",
        "people.7.wishes.words",
        REFUSE,
        lambda: change_first_person(agreed(), wishes=Wishes()),
        lambda: change_first_person(agreed(), wishes=Wishes(reason_not="Not reached.")),
    ),
    Case(
        "F15", "people.7.agreement.status", REFUSE, lambda: change_first_person(agreed(), agreement=Agreement()), agreed
    ),
    Case(
        "F15",
        "people.7.agreement.not_sought",
        REFUSE,
        lambda: change_first_person(agreed(), agreement=Agreement(status="not_sought")),
        lambda: change_first_person(agreed(), agreement=Agreement(status="not_sought", not_sought="unsafe")),
    ),
    *for_each(
        (CANNOT, NOT_ASKED),
        lambda agreement: Case(
            "F15",
            "people.7.agreement.status",
            REFUSE,
            lambda: cannot_agree(HAS, agreement),
            lambda: cannot_agree(change(LACKS, conclusion="inconclusive"), agreement),
            name=f"{agreement.status}: found to have capacity",
        ),
    ),
    *for_each(
        (CANNOT, NOT_ASKED),
        lambda agreement: Case(
            "F18",
            "people.7.capacity.ref",
            REFUSE,
            lambda: cannot_agree(Capacity(doubted="yes"), agreement),
            lambda: cannot_agree(LACKS, agreement),
            name=f"{agreement.status}: never without a record",
        ),
    ),
    Case(
        "F18",
        "people.7.capacity.ref",
        REFUSE,
        lambda: change_first_person(not_shared(), agreement=CANNOT, capacity=Capacity(doubted="no")),
        lambda: change_first_person(not_shared(), agreement=CANNOT, capacity=LACKS),
        name="cannot agree, and nothing is shared",
    ),
    Case(
        "F18",
        "people.7.capacity.ref",
        REFUSE,
        lambda: cannot_agree(Capacity(doubted="no"), NOT_ASKED),
        lambda: cannot_agree(Capacity(doubted="no"), change(NOT_ASKED, not_sought="unsafe")),
        name="not asked for another reason",
    ),
    *for_each(
        (CANNOT, NOT_ASKED),
        lambda agreement: Case(
            "F18",
            "people.7.capacity.doubted",
            REFUSE,
            lambda: cannot_agree(change(LACKS, doubted="no"), agreement),
            lambda: cannot_agree(LACKS, agreement),
            name=f"{agreement.status}, yet not doubted",
        ),
    ),
    Case(
        "F18",
        "people.7.capacity.doubted",
        REFUSE,
        lambda: lacking(change(LACKS, doubted="no")),
        lambda: lacking(LACKS),
        name="found to lack it, yet not doubted",
    ),
    Case(
        "F18", "people.7.capacity.doubted", REFUSE, lambda: change_first_person(agreed(), capacity=Capacity()), agreed
    ),
    Case(
        "F18",
        "people.7.capacity.conclusion",
        REFUSE,
        lambda: change_first_person(agreed(), capacity=Capacity(doubted="yes")),
        lambda: change_first_person(agreed(), capacity=LACKS),
        name="doubt",
    ),
    Case(
        "F18",
        "people.7.capacity.conclusion",
        REFUSE,
        lambda: change(against_a_refusal(), risks=change(against_a_refusal().risks, level_worker="high")),
        lambda: change(against_a_refusal(), risks=change(against_a_refusal().risks, level_worker="medium")),
        name="refuses at high risk",
    ),
    Case(
        "F18",
        "people.7.capacity.conclusion",
        REFUSE,
        lambda: change_first_person(against_a_refusal(), risk_level="critical"),
        lambda: change_first_person(against_a_refusal(), risk_level="medium"),
        name="refuses at critical risk as the concern has it",
    ),
    Case(
        "F18",
        "people.7.capacity.ref",
        REFUSE,
        lambda: change_first_person(agreed(), capacity=change(LACKS, ref="")),
        lambda: change_first_person(agreed(), capacity=LACKS),
        name="recorded (R66)",
    ),
    Case(
        "F18",
        "people.7.capacity.assumed",
        REFUSE,
        lambda: change_first_person(agreed(), capacity=change(LACKS, assumed="")),
        lambda: change_first_person(agreed(), capacity=change(LACKS, assumed="no")),
        name="assumed to begin with",
    ),
    Case(
        "R38",
        "start.trigger",
        REFUSE,
        agreed,
        lambda: retrospective(AT - timedelta(hours=2)),
        facts=TOLD,
        right_facts=TOLD,
        name="told before it was decided",
    ),
    Case(
        "R38",
        "start.trigger",
        REFUSE,
        lambda: retrospective(AT - timedelta(hours=2)),
        lambda: retrospective(AT - timedelta(hours=2)),
        right_facts=TOLD,
        name="an emergency without a call on record",
    ),
    Case(
        "R38",
        "start.shared_at",
        REFUSE,
        lambda: retrospective(AT - timedelta(hours=1)),
        lambda: retrospective(AT - timedelta(hours=2)),
        facts=TOLD,
        right_facts=TOLD,
        name="later than it was told",
    ),
    *for_each(
        (not_shared, deferred_for_long),
        lambda build: Case(
            "R38",
            "decision.choice",
            REFUSE,
            lambda: afterwards(build()),
            build,
            name=f"{build().decision.choice}, and shared in an emergency",
        ),
    ),
    *for_each(
        (not_shared, deferred_for_long),
        lambda build: Case(
            "R38",
            "decision.choice",
            REFUSE,
            build,
            lambda: afterwards(agreed()),
            facts=TOLD,
            right_facts=TOLD,
            name=f"{build().decision.choice}, and an agency was told already (I8)",
        ),
    ),
    Case(
        "R38",
        "start.trigger",
        REFUSE,
        not_shared,
        not_shared,
        facts=TOLD,
        name="told before it was decided not to",
    ),
    Case(
        "F19",
        "people.7.coercion.considered",
        REFUSE,
        lambda: change_first_person(against_a_refusal(), coercion=Coercion()),
        lambda: change_first_person(agreed(), coercion=Coercion()),
        name="refused",
    ),
    Case(
        "F19",
        "people.7.coercion.seen_alone",
        REFUSE,
        agreed,
        agreed,
        facts=change(FACTS, is_domestic_abuse=True),
        name="domestic abuse",
    ),
    Case(
        "F19",
        "people.7.coercion.considered",
        REFUSE,
        agreed,
        agreed,
        facts=change(FACTS, is_exploitation=True),
        name="exploitation, as the concern has it",
    ),
    Case(
        "F19",
        "people.7.coercion.considered",
        REFUSE,
        lambda: change(agreed(), start=change(agreed().start, special_risks=("exploitation",))),
        agreed,
        name="exploitation, as the worker says",
    ),
    Case(
        "R74",
        "people.7.wishes.outcome",
        REFUSE,
        lambda: change_first_person(agreed(), wishes=Wishes(words="Help.")),
        lambda: change_first_person(agreed(), wishes=Wishes(words="Help.", outcome="He moves out.")),
        facts=change(FACTS, is_domestic_abuse=True),
        right_facts=change(FACTS, is_domestic_abuse=True),
    ),
    *for_each(
        (("F21", "sharing"), ("F21", "sharing_likelihood"), ("F22", "not_sharing"), ("F22", "not_sharing_severity")),
        lambda each: Case(
            each[0],
            f"risks.{each[1]}",
            REFUSE,
            lambda: change(agreed(), risks=change(agreed().risks, **{each[1]: ""})),
            agreed,
            name=each[1],
        ),
    ),
    Case("F23", "mitigations", REFUSE, lambda: sharing_risk("medium"), lambda: sharing_risk("low")),
    Case(
        "F31",
        "method.onward_limits",
        REFUSE,
        lambda: sharing_risk("high", mitigations=(mitigation(),)),
        lambda: sharing_risk("low"),
    ),
    Case("F24", "decision.choice", REFUSE, lambda: change(agreed(), decision=Decision()), agreed),
    Case(
        "F24",
        "decision.choice",
        REFUSE,
        lambda: change(
            agreed(),
            items=(*agreed().items, Item("Her diagnosis", "fact", answer="withhold", why_withheld="Not needed")),
        ),
        lambda: change(
            agreed(),
            items=(*agreed().items, Item("Her diagnosis", "fact", answer="withhold", why_withheld="Not needed")),
            decision=Decision("share_part", TODAY),
            reasons=change(agreed().reasons, proportionality=LONG, less_intrusive="None."),
        ),
        name="all or part",
    ),
    Case(
        "F24",
        "decision.defer_until",
        REFUSE,
        lambda: deferred(AT + timedelta(hours=24, minutes=1)),
        lambda: deferred(AT + timedelta(hours=24)),
    ),
    Case(
        "F24",
        "decision.choice",
        REFUSE,
        lambda: deferred(AT + timedelta(hours=2), person=CHILD),
        lambda: deferred(AT + timedelta(hours=2)),
        name="defer about a child",
    ),
    Case(
        "F24",
        "decision.choice",
        REFUSE,
        lambda: deferred(AT + timedelta(hours=2), "critical"),
        lambda: deferred(AT + timedelta(hours=2), "high"),
        name="defer at critical risk",
    ),
    Case(
        "F24",
        "decision.choice",
        REFUSE,
        lambda: deferred(AT + timedelta(hours=2), "low", change(JEAN, risk_level="critical")),
        lambda: deferred(AT + timedelta(hours=2), "low", change(JEAN, risk_level="high")),
        name="defer at critical risk as the concern has it",
    ),
    # A chain of deferrals would last longer than the 24 hours of one; so would one after another, begun afresh.
    Case(
        "F24",
        "decision.choice",
        REFUSE,
        lambda: deferred(AT + timedelta(hours=2)),
        lambda: deferred(AT + timedelta(hours=2)),
        facts=change(FACTS, previous_choice="defer"),
        right_facts=change(FACTS, previous_choice="not_share"),
        name="defer what was deferred",
    ),
    Case(
        "F24",
        "decision.choice",
        REFUSE,
        lambda: deferred(AT + timedelta(hours=2)),
        lambda: deferred(AT + timedelta(hours=2)),
        facts=change(FACTS, put_off=frozenset({"7"})),
        right_facts=change(FACTS, put_off=frozenset({"9"})),
        name="defer about somebody about whom it was deferred",
    ),
    Case(
        "F24",
        "decision.choice",
        REFUSE,
        lambda: deferred(AT + timedelta(hours=2)),
        agreed,
        facts=change(FACTS, previous_choice="defer", put_off=frozenset({"7"})),
        right_facts=change(FACTS, previous_choice="defer", put_off=frozenset({"7"})),
        name="after a deferral it is decided",
    ),
    Case(
        "F26",
        "reasons.proportionality",
        REFUSE,
        lambda: change(not_shared(), reasons=change(not_shared().reasons, proportionality="")),
        not_shared,
    ),
    Case(
        "F27",
        "test.timely.answer",
        REFUSE,
        lambda: change(agreed(), test=without(agreed().test, "timely", answer="")),
        agreed,
    ),
    Case(
        "F27",
        "test.timely.note",
        REFUSE,
        lambda: change(agreed(), test=without(agreed().test, "timely", answer="no")),
        lambda: change(agreed(), test=without(agreed().test, "timely", answer="no", note="Late.")),
    ),
    Case("F28", "items.0.why_needed", REFUSE, lambda: change_first_item(agreed(), why_needed=""), agreed),
    Case("F28", "items.0.checked_on", REFUSE, lambda: change_first_item(agreed(), checked_on=None), agreed),
    Case("F29", "recipients", REFUSE, lambda: change(agreed(), recipients=()), agreed),
    Case("F29", "recipients.0.need_to_know", REFUSE, lambda: recipient(agreed(), need_to_know=""), agreed),
    Case("F30", "method.method", REFUSE, lambda: change(agreed(), method=Method()), agreed),
    Case("F32", "basis.article6", REFUSE, lambda: with_basis(agreed(), article6=()), agreed),
    Case("F32", "basis.confidence", REFUSE, lambda: with_basis(agreed(), confidence=""), agreed),
    Case(
        "F32",
        "basis.article9",
        REFUSE,
        lambda: change_first_item(agreed(), is_special_category="yes"),
        lambda: with_basis(change_first_item(agreed(), is_special_category="yes"), article9=("h",)),
    ),
    Case(
        "F32",
        "basis.criminal_condition",
        REFUSE,
        lambda: change_first_item(agreed(), is_offence="yes"),
        lambda: with_basis(change_first_item(agreed(), is_offence="yes"), criminal_condition="10"),
    ),
    Case(
        "F32",
        "basis.best_interests",
        REFUSE,
        lambda: change(agreed(), people=(CHILD,)),
        lambda: with_basis(change(agreed(), people=(CHILD,)), best_interests="Safe at home."),
    ),
    Case("F34", "conversation.E4.answer", REFUSE, lambda: step_e("E4", answer=""), against_a_refusal),
    Case(
        "F34",
        "conversation.E4.note",
        REFUSE,
        lambda: step_e("E4", answer="not_done"),
        lambda: step_e("E4", answer="not_done", note="She left."),
    ),
    Case(
        "F34",
        "conversation.unsafe_reason",
        REFUSE,
        lambda: change(against_a_refusal(), conversation=Conversation(unsafe="yes")),
        lambda: change(
            against_a_refusal(), conversation=Conversation(unsafe="yes", unsafe_reason="He reads her phone.")
        ),
    ),
    Case(
        "F38",
        "people.8.informed.answer",
        REFUSE,
        lambda: change(agreed(), people=(CHILD,)),
        lambda: change(agreed(), people=(change(CHILD, informed=Informed("no", reason="Too young.")),)),
    ),
    Case(
        "F39",
        "requester_told.answer",
        REFUSE,
        lambda: refused_request(RequesterTold()),
        lambda: refused_request(RequesterTold("yes", TODAY, "Phone", "No power to ask.")),
    ),
    Case(
        "F39",
        "requester_told.reasons",
        REFUSE,
        lambda: refused_request(RequesterTold("unsafe")),
        lambda: refused_request(RequesterTold("unsafe", reasons="Is the abuser.")),
    ),
    Case(
        "R26",
        "principles.accountability.note",
        REFUSE,
        lambda: change(agreed(), principles=agreed().principles[:1]),
        agreed,
    ),
]


def hits(case: Case, record: Record, facts: Facts) -> list[str]:
    return [
        problem.sentence
        for problem in find_problems(record, facts)
        if (problem.rule, problem.field, problem.severity) == (case.rule, case.field, case.severity)
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.field}-{case.name}")
def test_rule_holds_on_both_sides(case: Case) -> None:
    assert hits(case, case.wrong(), case.facts)
    assert not hits(case, case.right(), case.right_facts)


@pytest.mark.parametrize("build", [agreed, against_a_refusal, not_shared, lambda: lacking(LACKS)])
def test_sound_decision_has_no_problem(build: Callable[[], Record]) -> None:
    assert find_problems(build(), FACTS) == ()


def pairs_of(rule: str) -> list[Case]:
    """The cases of `rule` in which something on the right side differs from the wrong one: answers or facts."""
    return [
        case for case in CASES if case.rule == rule and (case.wrong(), case.facts) != (case.right(), case.right_facts)
    ]


@pytest.mark.parametrize("number", range(1, 26))
def test_every_validation_rule_of_the_register_has_a_pair(number: int) -> None:
    """Prints the table with `-s`: rule, pairs, the clause it is asked for."""
    pairs = pairs_of(f"VR{number}")
    print(f"VR{number}: {len(pairs)} pairs. {SOURCES[f'VR{number}']}")  # noqa: T201
    assert pairs, "both sides of it must be tried"


def test_no_case_is_the_same_on_both_sides() -> None:
    same = [case for case in CASES if (case.wrong(), case.facts) == (case.right(), case.right_facts)]
    assert same == []


def test_every_rule_in_the_code_is_tried_and_has_its_clause() -> None:
    folder = Path(sharing.rules.__file__).parent
    used = {
        rule
        for file in folder.glob("*.py")
        if file.name != "base.py"
        for rule in re.findall(r'"((?:VR|F|R)\d+)"', file.read_text(encoding="utf-8"))
    }
    assert used - {"F10"} <= {case.rule for case in CASES}
    assert used == set(SOURCES)


def test_empty_record_is_refused_in_sentences_and_never_raises() -> None:
    problems = find_problems(Record(), Facts(at=datetime(2026, 1, 1, tzinfo=UTC)))
    assert {p.field for p in problems} >= {"start.trigger", "people", "likely.answer", "decision.choice"}
    assert all(p.sentence.endswith(".") and p.source for p in problems)


def test_an_opinion_needs_its_words() -> None:
    problems = find_problems(change(agreed(), opinions=(Opinion("", "", "Seen."),)), FACTS)
    assert [(p.rule, p.field) for p in problems] == [("F10", "opinions.0.words")]


def test_review_limit_is_elapsed_time_also_across_the_clock_change() -> None:
    """23:30 on Saturday 28 March 2026 in London; 24 hours on, the clocks having gone forward, it is 00:30 on
    Monday.
    """
    at = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)

    def refused(day: date) -> bool:
        problems = find_problems(reviewed_on(day, "critical"), Facts(at=at))
        return "decision.review_date" in {p.field for p in problems}

    assert not refused(date(2026, 3, 30))
    assert refused(date(2026, 3, 31))


def test_basis_is_not_asked_when_nothing_is_shared() -> None:
    assert not [p for p in find_problems(change(not_shared(), basis=Basis()), FACTS) if p.field.startswith("basis")]


def test_risk_levels_as_two_views_are_kept_and_the_higher_sets_the_review() -> None:
    record = change(not_shared(), risks=change(not_shared().risks, level_worker="low", level_person="critical"))
    assert [p.field for p in find_problems(record, FACTS)] == ["decision.review_date"]
