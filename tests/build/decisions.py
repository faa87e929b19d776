"""Whole, sound decisions to start from: a test changes one answer and sees what the rules make of it."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from typing import Any, TypeVar, cast

from sharing.answers import (
    Advice,
    Agreement,
    Basis,
    Capacity,
    Coercion,
    Conversation,
    Decision,
    Fact,
    Ground,
    Informed,
    Item,
    Likely,
    Line,
    Method,
    Mitigation,
    NotSharing,
    Other,
    Person,
    Reasons,
    Recipient,
    Risks,
    Screening,
    Start,
    Support,
    Told,
    Wishes,
)
from sharing.record import Record
from sharing.rules import Facts

T = TypeVar("T")

# A Monday, 10:00 in London.
AT = datetime(2026, 3, 16, 10, 0, tzinfo=UTC)
TODAY = date(2026, 3, 16)
YESTERDAY = date(2026, 3, 15)
FACTS = Facts(
    at=AT,
    opened_at=AT,
    requests=frozenset({"RQ-2222-2222"}),
    # One record with a high score, one with judgement alone, one with an escalation alone.
    dash_bases={
        "DA-HIGH": frozenset({"dash"}),
        "DA-JUDGED": frozenset({"judgement"}),
        "DA-MANY": frozenset({"escalation"}),
    },
    agreements=frozenset({"SA-2222-2222/2", "SA-3333-3333/1"}),
    agreements_overdue=frozenset({"SA-3333-3333/1"}),
)

JEAN = Person(
    key="7",
    name="Jean Marlowe",
    roles="At risk",
    life_stage="adult",
    is_at_risk=True,
    told=Told(of=("why", "what", "how", "with_whom"), on=YESTERDAY, by="Priya Shah"),
    wishes=Wishes(words="“I just want it to stop.”", outcome="To keep her own bank card."),
    agreement=Agreement(status="given", given_by="person", form="oral", on=YESTERDAY),
    capacity=Capacity(doubted="no"),
    screening=Screening(has_needs="yes", at_risk="yes", cannot_protect="yes"),
    support=Support(safety="Safe tonight; she has our number.", needs="Help with her bank card."),
)
CHILD = Person(
    key="8",
    name="Sam Marlowe",
    roles="At risk",
    life_stage="child",
    is_at_risk=True,
    told=Told(reason_not="Four years old; the parent was told."),
    wishes=Wishes(reason_not="Four years old."),
    agreement=Agreement(status="not_sought", not_sought="child"),
    support=Support(safety="At nursery by day, with his aunt at night.", needs="A worker of his own."),
)
SAM = Other(key="8", name="Sam Marlowe", life_stage="child", is_at_risk=True)
LACKS = Capacity(
    doubted="yes",
    matter="Whether to let us tell adult social care about the money.",
    for_this_decision="yes",
    assessed_on=YESTERDAY,
    why_doubted="She forgot within minutes what we had said.",
    help_given="Short sentences, her niece beside her, asked twice.",
    understands="no",
    retains="no",
    weighs="no",
    communicates="yes",
    impairment="Dementia, diagnosed 2024.",
    conclusion="lacks",
    assessor="Priya Shah",
    consulted="Her niece.",
    ref="CR-2222-2222",
    assumed="yes",
    wishes="She wants to keep her money for her grandson.",
    best_interests="Her savings are going and she cannot stop it herself.",
    least_restrictive="One agency, four facts.",
)

LONG = "Because money is taken each week and the person asked us for help to stop it."


def agreed() -> Record:
    """Share all, with the agreement of one adult."""
    return Record(
        start=Start(trigger="own", third_parties="no"),
        people=(JEAN,),
        likely=Likely(
            answer="yes",
            why="Social care can protect her money.",
            purposes=("protect_adult",),
            purpose="To get her benefits protected.",
            others_safety="Nobody else is in danger. Her son needs help with debts.",
        ),
        facts=(Fact(words="£80 is drawn each Tuesday.", source="Bank statement she showed", on=YESTERDAY),),
        holders_none="yes",
        risks=Risks(
            sharing="Her son may be angry.",
            sharing_to_whom="Jean",
            sharing_likelihood="low",
            sharing_severity="low",
            not_sharing="She goes on losing her money.",
            not_sharing_to_whom="Jean",
            not_sharing_likelihood="high",
            not_sharing_severity="medium",
        ),
        decision=Decision(choice="share_all"),
        reasons=Reasons(reasons=LONG),
        principles=(
            Line("proportionality", note="Four facts to one agency."),
            Line("accountability", note="Signed and reviewed."),
        ),
        test=tuple(
            Line(code, answer="yes")
            for code in (
                "necessary",
                "proportionate",
                "relevant",
                "adequate",
                "accurate",
                "timely",
                "secure",
                "recorded",
            )
        ),
        items=(
            Item(
                what="£80 is drawn each Tuesday.",
                kind="fact",
                why_needed="Shows the loss.",
                about="Jean Marlowe",
                checked_on=TODAY,
                is_special_category="no",
                is_offence="no",
                answer="include",
            ),
        ),
        recipients=(
            Recipient(
                key="ag-1",
                organisation="Larkshire County Council, adult social care",
                kind="adults",
                is_statutory=True,
                verified="yes",
                verified_how="Number from the directory, called back.",
                verified_on=TODAY,
                need_to_know="They make the enquiry.",
            ),
        ),
        method=Method(method="portal"),
        basis=Basis(article6=("e",), confidence="consent"),
    )


def against_a_refusal() -> Record:
    """Share all although one capacitous adult refused; ground C2 applies."""
    jean = change(
        JEAN,
        agreement=Agreement(status="refused"),
        coercion=Coercion(considered="no", seen_alone="yes", how_seen="At our office, her son was at work."),
        informed=Informed(answer="yes", on=TODAY),
    )
    record = agreed()
    return change(
        record,
        people=(jean,),
        grounds=grounds(
            C2=Ground(
                "C2",
                "applies",
                "Her son moved a four-year-old in.",
                others=("8",),
                others_named=(SAM,),
            )
        ),
        reasons=Reasons(reasons=LONG, proportionality=LONG, less_intrusive="A talk with the son; he refused."),
        basis=Basis(article6=("e",), confidence="public_interest", public_interest="A child lives there."),
        conversation=Conversation(
            objections=("relationship",), lines=tuple(Line(f"E{n}", answer="done") for n in range(1, 8))
        ),
    )


def not_shared() -> Record:
    """Do not share: a capacitous adult refused, no ground applies, medium risk, review in 14 days."""
    record = against_a_refusal()
    jean = change(record.people[0], informed=Informed())
    return change(
        record,
        people=(jean,),
        likely=change(record.likely, answer="unsure"),
        advice=(Advice(who="Ruth Adeyemi", role="Safeguarding Lead", on=TODAY, words="Wait and review."),),
        grounds=grounds(),
        decision=Decision(choice="not_share", review_date=date(2026, 3, 30)),
        risks=change(record.risks, level_worker="medium", level_person="low", level_agreed="no"),
        items=(),
        recipients=(),
        test=(),
        method=Method(),
        basis=Basis(),
        conversation=Conversation(),
        not_sharing=NotSharing(
            lines=tuple(Line(f"D{n}", answer="done", note="Talked through.") for n in range(1, 9)),
            options="A separate account; a letter to the bank.",
            understood="yes",
            advocate="declined",
            advocate_kind="Peer supporter",
            next_contact_on=date(2026, 3, 23),
        ),
    )


def not_shared_about_a_child() -> Record:
    """Do not share about a child at risk: allowed only with a lead beside."""
    record = not_shared()
    return change(
        record,
        people=(CHILD,),
        risks=change(record.risks, level_person="", level_agreed=""),
        not_sharing=change(
            record.not_sharing,
            engagement="Talked with the mother and the nursery.",
            child_rule_1="The nursery has already referred today.",
            child_rule_3="Nothing would be added to what they sent.",
        ),
    )


def mitigation() -> Mitigation:
    return Mitigation(what="Social care visits while he is at work.", owner="Priya Shah", agreed_with_recipient="yes")


def grounds(**changed: Ground) -> tuple[Ground, ...]:
    """All eleven answered "does not apply", but for those given by their code."""
    codes = ("C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9", "C10", "C11")
    return tuple(changed.get(code) or Ground(code, "does_not") for code in codes)


def change(value: T, **answers: Any) -> T:
    """`value` (a record or a part of one) with other answers."""
    return cast(T, dataclasses.replace(cast(Any, value), **answers))


def change_first_person(record: Record, **answers: Any) -> Record:
    first, *rest = record.people
    return change(record, people=(change(first, **answers), *rest))


def change_first_item(record: Record, **answers: Any) -> Record:
    first, *rest = record.items
    return change(record, items=(change(first, **answers), *rest))
