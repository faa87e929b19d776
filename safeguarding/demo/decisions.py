"""Information-sharing decisions as the demo's people would write them: whole and sound, in varying words."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from concerns.models import Concern
from concerns.vocabulary import LifeStage, RiskLevel
from safeguarding.demo.calendar import LONDON
from safeguarding.demo.plan import Life
from sharing.answers import (
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
from sharing.clauses import GROUNDS, TEST_LINES
from sharing.models import Agency
from sharing.record import Record
from sharing.vocabulary import AgencyKind

REVIEW_AFTER = {RiskLevel.LOW: 26, RiskLevel.MEDIUM: 13, RiskLevel.HIGH: 6}

LIKELY = (
    "They can do what a landlord can’t: visit with powers, and put care in.",
    "They hold the other half of the picture and can see the people we can’t see.",
    "An enquiry can find out what is behind the closed door.",
)
NOT_LIKELY = (
    "There is little that they would add now, and trust with {p} would be lost.",
    "What is needed is in our own hands and has begun.",
)
OTHERS_SAFETY = (
    "The others in the home have somebody to turn to, and our number.",
    "Whoever may be the source of risk was offered help with debts. Nobody else lives there.",
    "Support was offered to everybody at home, also to who may cause harm.",
)
SAFETY = (
    "Safe tonight, and has our number and 999.",
    "Stays with a relative until Monday; the lock is changed by then.",
    "A daily call is agreed. Not safe if left alone with whoever may cause harm.",
)
SUPPORT = (
    "A named worker who visits each week.",
    "Help with money and with the letters from the bank.",
    "Somebody to talk to outside the home; an advocate was offered.",
)
IF_SHARED = (
    "There may be a row at home when it becomes known.",
    "{p} may stop opening the door to us.",
    "It may be guessed who told us.",
)
IF_NOT = (
    "It goes on, and nobody with powers knows of it.",
    "Harm comes to {p}, and perhaps to others in the home.",
    "The next visit may be too late.",
)
REASONS_TO_SHARE = (
    "What was seen and what was said point the same way. {p} can’t stop it alone; the agency can act where we can’t.",
    "There is a risk of serious harm to {p}. We have tried what a landlord can do, and it does not reach far enough.",
    "The facts are recent, first-hand and in keeping with earlier reports. The agency needs them to protect {p}.",
)
REASONS_NOT_TO = (
    "{p} understands the risk, does not want it passed on, has accepted help from us, and nobody else is at risk.",
    "{p} has capacity, was seen alone and asked for time. The plan with us is in place and is looked at again soon.",
)
PROPORTION = (
    "Only what is needed to act goes, to one agency, by its secure route, and nothing about anybody else’s health.",
    "A handful of facts to one team is the least that could protect {p}, and the harm it could prevent is far greater.",
)
LESS_INTRUSIVE = (
    "A talk without names first; it was not enough.",
    "A further visit by us alone; the risk would remain.",
)


@dataclass(frozen=True)
class Desk:
    """Who decides, when, about which concern. `fill` names the people for the words."""

    concern: Concern
    life: Life
    people: tuple[Person, ...]
    decider: str
    at: datetime
    dice: random.Random
    fill: dict[str, str]

    @property
    def today(self) -> date:
        return self.at.astimezone(LONDON).date()

    def words(self, texts: tuple[str, ...]) -> str:
        return self.dice.choice(texts).format(**self.fill)


def to_share(desk: Desk, agencies: list[Agency]) -> Record:
    """Share, with agreement where an adult gave it, on a ground where they did not."""
    dice = desk.dice
    agreed = dice.random() < 0.62
    people = tuple(_person(desk, person, agreed=agreed) for person in desk.people)
    without = any(person.is_adult and person.lacks_agreement for person in people)
    children = any(person.is_at_risk and not person.is_adult for person in people)
    items = _items(desk)
    part = len(items) > 2 and dice.random() < 0.3
    if part:
        items[-1] = replace(items[-1], answer="withhold", why_withheld="Not needed for what they have to do.")
    base = _base(desk, people)
    return replace(
        base,
        likely=Likely(
            answer="yes",
            why=desk.words(LIKELY),
            purposes=("protect_child",) if children else ("protect_adult",),
            purpose=f"So that {agencies[0].name} can look into it and protect {desk.fill['p']}.",
            others_safety=desk.words(OTHERS_SAFETY),
        ),
        grounds=_grounds(desk, applies=without),
        decision=Decision(
            choice="share_part" if part else "share_all",
            review_date=desk.today + timedelta(days=REVIEW_AFTER[desk.life.risk]) if part else None,
        ),
        reasons=Reasons(
            reasons=desk.words(REASONS_TO_SHARE),
            proportionality=desk.words(PROPORTION),
            less_intrusive=desk.words(LESS_INTRUSIVE),
        ),
        test=tuple(Line(code, answer="yes") for code, _ in TEST_LINES),
        items=tuple(items),
        recipients=tuple(_recipient(desk, agency) for agency in agencies),
        method=Method(
            method=agencies[0].usual_method,
            onward_limits="Not to the family, and not to anybody outside the enquiry without asking us.",
        ),
        basis=Basis(
            article6=("e",),
            criminal_condition="10",
            confidence="public_interest" if without or children else "consent",
            public_interest="Protecting a person from serious harm outweighs keeping it between us."
            if without or children
            else "",
            best_interests="The child’s safety comes first, and this is how it can be made sure of."
            if children
            else "",
        ),
        conversation=Conversation(
            objections=(dice.choice(["relationship", "reprisals", "control", "shame", "home"]),),
            support_offered="A named worker of ours goes along to the first meeting.",
            lines=tuple(Line(f"E{number}", answer="done") for number in range(1, 8)),
        ),
    )


def not_to_share(desk: Desk) -> Record:
    """Do not share: adults who have capacity do not want it, and no ground applies."""
    people = tuple(_person(desk, person, agreed=False) for person in desk.people)
    base = _base(desk, people)
    risk = desk.life.risk
    return replace(
        base,
        likely=Likely(
            answer="no",
            why=desk.words(NOT_LIKELY),
            purposes=("protect_adult",),
            purpose=f"It would be for protecting {desk.fill['p']}, if it came to that.",
            others_safety=desk.words(OTHERS_SAFETY),
        ),
        grounds=_grounds(desk, applies=False),
        risks=replace(base.risks, level_worker=risk, level_person="low", level_agreed="yes" if risk == "low" else "no"),
        decision=Decision(choice="not_share", review_date=desk.today + timedelta(days=REVIEW_AFTER[risk])),
        reasons=Reasons(
            reasons=desk.words(REASONS_NOT_TO),
            proportionality=desk.words(PROPORTION),
            less_intrusive="This is the less intrusive way: our own plan, with a date to look again.",
        ),
        not_sharing=NotSharing(
            lines=tuple(Line(f"D{number}", answer="done", note="Talked through together.") for number in range(1, 9)),
            options="Doing nothing, our own help, a referral later, an advocate.",
            understood="yes",
            advocate=desk.dice.choice(["accepted", "declined", "pending"]),
            advocate_kind="Independent advocate",
            next_contact_on=desk.today + timedelta(days=3),
        ),
    )


def _base(desk: Desk, people: tuple[Person, ...]) -> Record:
    intake = desk.life.intake
    noticed = intake.noticed_at or desk.at
    facts = [sentence.strip() for sentence in intake.facts.split(". ") if sentence.strip()]
    likelihood = desk.dice.choice(["low", "low", "medium"])
    return Record(
        start=Start(trigger="own", third_parties="no"),
        people=people,
        facts=tuple(
            Fact(words=fact, source=f"Report of {desk.life.report.reporter}", on=noticed.astimezone(LONDON).date())
            for fact in facts[:3]
        ),
        holders_none="yes",
        risks=Risks(
            sharing=desk.words(IF_SHARED),
            sharing_to_whom=desk.fill["P"],
            sharing_likelihood=likelihood,
            sharing_severity="low",
            not_sharing=desk.words(IF_NOT),
            not_sharing_to_whom=desk.fill["P"],
            not_sharing_likelihood=desk.dice.choice(["medium", "high"]),
            not_sharing_severity=desk.dice.choice(["medium", "high"]),
        ),
        mitigations=(
            Mitigation(
                what="First contact by the number that is safe, not by post.",
                owner=desk.decider,
                agreed_with_recipient="yes",
            ),
        )
        if likelihood == "medium"
        else (),
        principles=(
            Line("proportionality", note="As little as does what is needed."),
            Line("accountability", note="Written down, signed and looked at again."),
        ),
    )


def _person(desk: Desk, person: Person, *, agreed: bool) -> Person:
    today = desk.today
    # Of its own person, whoever that is: the words are not about the first person of the concern alone.
    person = replace(person, support=Support(desk.dice.choice(SAFETY), desk.dice.choice(SUPPORT)))
    if person.life_stage == LifeStage.UNBORN:
        return replace(person, agreement=Agreement(status="not_sought", not_sought="child"))
    if not person.is_adult:
        return replace(
            person,
            told=Told(reason_not="Told in words that fit the age by somebody who is trusted, later."),
            wishes=Wishes(reason_not="Too young, or not seen alone yet."),
            agreement=Agreement(status="not_sought", not_sought="child"),
            informed=Informed(answer="no", reason="The children’s social worker decides how and when."),
        )
    seen = Coercion(considered="no", seen_alone="yes", how_seen="At our office, nobody else was there.")
    capacity = Capacity(
        doubted="no",
        assumed="yes",
        matter="Whether we tell the agency.",
        for_this_decision="yes",
        assessed_on=today,
        conclusion="has",
        assessor=desk.decider,
        help_given="Plain words, no hurry, somebody trusted nearby.",
        understands="yes",
        retains="yes",
        weighs="yes",
        communicates="yes",
    )
    told = replace(
        person,
        told=Told(of=("why", "what", "how", "with_whom"), on=today, by=desk.decider),
        wishes=Wishes(
            words=desk.dice.choice(["“I want it to stop.”", "“I don’t want a fuss.”", "“I want to stay in my home.”"]),
            outcome="To be safe and to stay where I am.",
        ),
        screening=Screening(has_needs="yes", at_risk="yes", cannot_protect="yes"),
        capacity=capacity,
        coercion=seen,
    )
    if agreed:
        return replace(told, agreement=Agreement(status="given", given_by="person", form="oral", on=today))
    return replace(told, agreement=Agreement(status="refused"), informed=Informed(answer="yes", on=today))


def _grounds(desk: Desk, *, applies: bool) -> tuple[Ground, ...]:
    """All answered; one that fits the story applies when it is needed."""
    rows = {clause.code: Ground(clause.code, "does_not") for clause in GROUNDS}
    if applies:
        others = [person.key for person in desk.people if person.is_at_risk][1:]
        if others:
            rows["C2"] = Ground(
                "C2", "applies", "They live in the same home.", others=tuple(others),
            )  # fmt: skip
        else:
            rows["C3"] = Ground(
                "C3", "applies", "What was seen may be a crime, and it may happen again.", police_considered="yes",
                police_reason="The agency holds a joint meeting with the police this week.",
            )  # fmt: skip
    return tuple(rows.values())


def _items(desk: Desk) -> list[Item]:
    intake = desk.life.intake
    facts = [f"{sentence.strip().rstrip('.')}." for sentence in intake.facts.split(". ") if sentence.strip()][:3]
    rows = [
        Item(
            what=fact,
            kind="fact",
            why_needed="Shows what happened.",
            about=desk.fill["P"],
            checked_on=desk.today,
            is_special_category="no",
            is_offence="no",
            answer="include",
        )
        for fact in facts
    ]
    if intake.opinion:
        rows.append(
            Item(
                what=intake.opinion,
                kind="opinion",
                evidence=intake.opinion_evidence,
                why_needed="Tells them how the person who was there saw it.",
                about=desk.fill["P"],
                checked_on=desk.today,
                is_special_category="no",
                is_offence="no",
                answer="include",
            )
        )
    return rows


def _recipient(desk: Desk, agency: Agency) -> Recipient:
    return Recipient(
        key=agency.ref,
        organisation=agency.name,
        kind=agency.kind,
        is_statutory=agency.kind not in {AgencyKind.IDVA, AgencyKind.OTHER},
        contact=agency.phone,
        verified="yes",
        verified_how="Number from the directory, called back.",
        verified_on=desk.today,
        need_to_know="They have the duty and the powers to look into it.",
    )
