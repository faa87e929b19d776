"""What applies to a decision and is therefore asked. Pages show exactly these, rules need exactly these."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from concerns.vocabulary import LifeStage, RiskLevel, YesNoUnknown
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
    Method,
    NotSharing,
    Person,
    RequesterTold,
    Start,
    Told,
    Wishes,
)
from sharing.record import Record
from sharing.rules.base import Facts
from sharing.vocabulary import (
    AGREED,
    BY_SOMEBODY_ELSE,
    AgreementStatus,
    Choice,
    NotSought,
    Schedule1,
    SpecialRisk,
    Trigger,
    YesNoLater,
)

REFUSED = frozenset({AgreementStatus.REFUSED, AgreementStatus.WITHDRAWN})


def request(record: Record) -> bool:
    """Field 4: it answers a request; so does every later version, whatever made that one necessary."""
    return record.start.trigger == Trigger.REQUEST or bool(record.start.request_kind)


def left_out(record: Record, facts: Facts) -> bool:
    """R22: there is domestic abuse, and a child at risk is not among the people of this decision."""
    return bool(facts.children_at_risk - {person.key for person in record.people})


def views(person: Person) -> bool:
    """Everyone is told and asked but a child not yet born."""
    return person.life_stage != LifeStage.UNBORN


def capacity(record: Record, person: Person) -> bool:
    """Field 18: a ground rests on it, or why they do not agree; it is doubted; or an adult refuses at high risk.

    The risk is high when the concern says so of this person, or the worker does in this decision.
    """
    if not person.is_adult:
        return False
    high = {RiskLevel.HIGH, RiskLevel.CRITICAL}
    refuses_at_high_risk = person.agreement.status in REFUSED and bool(
        high & {person.risk_level, record.risks.level_worker}
    )
    lacking_is_the_ground = record.ground("C1").applies and person.lacks_agreement
    is_the_reason = lacking_is_the_ground or lacks_capacity_to_agree(person)
    return is_the_reason or person.capacity.doubted == "yes" or refuses_at_high_risk


def lacks_capacity_to_agree(person: Person) -> bool:
    """V10, R63: they cannot agree, or were not asked, for want of capacity; that is never taken without a record."""
    agreement = person.agreement
    not_asked = agreement.status == AgreementStatus.NOT_SOUGHT and agreement.not_sought == NotSought.CAPACITY
    return agreement.status == AgreementStatus.CANNOT_CAPACITY or not_asked


def is_domestic_abuse(record: Record, facts: Facts) -> bool:
    return facts.is_domestic_abuse or SpecialRisk.DOMESTIC_ABUSE in record.start.special_risks


def is_exploitation(record: Record, facts: Facts) -> bool:
    return facts.is_exploitation or SpecialRisk.EXPLOITATION in record.start.special_risks


def coercion(record: Record, person: Person, facts: Facts) -> bool:
    """Field 19: an adult, who refused or where there is domestic abuse or exploitation; also when C7 is the
    ground.
    """
    if not person.is_adult:
        return False
    return (
        person.agreement.status in REFUSED
        or is_domestic_abuse(record, facts)
        or is_exploitation(record, facts)
        or (record.ground("C7").applies and person.lacks_agreement)
    )


def grounds(record: Record) -> bool:
    """Field 20: an adult has not agreed, or nothing is to be shared (R83)."""
    return bool(record.adults_not_agreeing) or record.does_not_share


def proportionality(record: Record) -> bool:
    """Field 26."""
    without = record.shares and bool(record.adults_not_agreeing)
    return without or record.decision.choice in {Choice.SHARE_PART, Choice.NOT_SHARE}


def conversation(record: Record) -> bool:
    """Field 34: it is shared against the wish of an adult."""
    return record.shares and any(person.agreement.status in REFUSED for person in record.adults)


def level(record: Record) -> bool:
    """Field 36; a deferral may not be made at critical risk, so it is asked there too."""
    return record.decision.choice in {Choice.NOT_SHARE, Choice.DEFER}


def review_date(record: Record) -> bool:
    """Field 37; a deferral has its own, shorter limit."""
    return record.decision.choice in {Choice.NOT_SHARE, Choice.SHARE_PART}


def informed(record: Record, person: Person) -> bool:
    """Field 38: shared, and this person did not agree."""
    return record.shares and views(person) and (person.lacks_agreement or person in record.adults_not_agreeing)


def requester_told(record: Record) -> bool:
    """Field 39: a request is refused."""
    return request(record) and record.does_not_share


def paragraph_18(record: Record) -> bool:
    """R23: it rests on paragraph 18, so each adult is screened for it."""
    return Schedule1.PARA_18 in {*record.basis.schedule1, record.basis.criminal_condition}


def mitigations(record: Record) -> bool:
    """Field 23: sharing carries a risk, or there is one already."""
    return record.risks.sharing_is_medium_or_high or bool(record.mitigations)


def page(slug: str, record: Record, facts: Facts) -> bool:
    """Whether the page at `slug` applies, a row ("items.0") with its list. `record` holds only what applies.

    What was typed on a page that does not, is not asked any more and stands in nobody's way.
    """
    kind, _, key = slug.partition(".")
    if kind in _OF_PERSON:
        person = record.person(key)
        return person is not None and _OF_PERSON[kind](record, person, facts)
    if kind == "grounds" and key:
        return grounds(record) and any(ground.code == key and ground.applies for ground in record.grounds)
    return kind in _ALWAYS or (kind in _OF_RECORD and _OF_RECORD[kind](record))


_ALWAYS = frozenset({
    "start", "people", "likely", "facts", "opinions", "holders", "advice", "risks", "decision", "reasons", "principles",
})  # fmt: skip
_OF_RECORD: Mapping[str, Callable[[Record], bool]] = {
    "grounds": grounds,
    "mitigations": mitigations,
    **dict.fromkeys(("items", "recipients", "method", "test", "basis"), lambda record: record.shares),
    "conversation": conversation,
    "not_sharing": lambda record: record.does_not_share,
    "requester_told": requester_told,
}
_OF_PERSON: Mapping[str, Callable[[Record, Person, Facts], bool]] = {
    "views": lambda record, person, facts: views(person),
    "safety": lambda record, person, facts: True,
    "agreement": lambda record, person, facts: True,
    "capacity": lambda record, person, facts: person.is_adult,
    "assessment": lambda record, person, facts: capacity(record, person),
    "coercion": coercion,
    "screening": lambda record, person, facts: record.shares and person.is_adult and paragraph_18(record),
    "informed": lambda record, person, facts: informed(record, person),
}


def special_category(record: Record) -> bool:
    return any(item.is_special_category == "yes" for item in record.included)


def offence(record: Record) -> bool:
    return any(item.is_offence == "yes" for item in record.included)


def limits(record: Record) -> bool:
    """VR11: somebody set limits, so each item is held against them."""
    return any(person.agreement.status == AgreementStatus.LIMITED for person in record.people)


def unidentified_child(ground: Ground) -> bool:
    """VR8: somebody who is not identified yet is, or may be, a child (R24)."""
    return ground.has_unidentified and ground.unidentified_child in {YesNoUnknown.YES, YesNoUnknown.UNKNOWN}


def scope(record: Record) -> bool:
    """VR5: it is shared on an order or request (C9), so each item is held against what that asks for."""
    return record.shares and grounds(record) and record.ground("C9").applies


def only(record: Record, facts: Facts) -> Record:
    """`record` without the answers that no longer apply: what a page held before it was no longer asked is
    not signed.
    """
    none = Record()
    kept = dataclasses.replace(
        record,
        start=_only_start(record),
        people=tuple(_only_person(record, person, facts) for person in record.people),
        left_out=record.left_out if left_out(record, facts) else "",
        decision=_only_decision(record),
        grounds=tuple(_only_ground(ground) for ground in record.grounds) if grounds(record) else (),
        items=tuple(_only_item(record, item) for item in record.items),
        conversation=record.conversation if conversation(record) else Conversation(),
        requester_told=record.requester_told if requester_told(record) else RequesterTold(),
        not_sharing=record.not_sharing if record.does_not_share else NotSharing(),
    )
    if record.shares or not record.decision.choice:
        return kept
    return dataclasses.replace(kept, items=(), recipients=(), method=Method(), basis=Basis(), test=none.test)


def _only_person(record: Record, person: Person, facts: Facts) -> Person:
    return dataclasses.replace(
        person,
        told=person.told if views(person) else Told(),
        wishes=person.wishes if views(person) else Wishes(),
        capacity=person.capacity if capacity(record, person) else Capacity(doubted=person.capacity.doubted),
        coercion=person.coercion if coercion(record, person, facts) else Coercion(),
        agreement=_only_agreement(person.agreement),
        informed=_only_informed(person.informed) if informed(record, person) else Informed(),
    )


def _only_ground(ground: Ground) -> Ground:
    kept = ground if ground.has_unidentified else dataclasses.replace(ground, unidentified="", unidentified_child="")
    is_asked = unidentified_child(kept)
    return kept if is_asked else dataclasses.replace(kept, child_route="")


def _only_item(record: Record, item: Item) -> Item:
    return item if scope(record) else dataclasses.replace(item, beyond_scope="")


def _only_agreement(agreement: Agreement) -> Agreement:
    kept = Agreement(status=agreement.status)
    if agreement.status in AGREED or agreement.status == AgreementStatus.WITHDRAWN:
        kept = dataclasses.replace(agreement, not_sought="", not_sought_why="")
    if agreement.status in AGREED:
        kept = dataclasses.replace(kept, withdrawn_on=None)
    if kept.given_by not in BY_SOMEBODY_ELSE:
        kept = dataclasses.replace(kept, is_source="")
    if agreement.status == AgreementStatus.GIVEN:
        kept = dataclasses.replace(kept, limits="")
    if agreement.status == AgreementStatus.NOT_SOUGHT:
        kept = dataclasses.replace(kept, not_sought=agreement.not_sought, not_sought_why=agreement.not_sought_why)
    return kept


def _only_informed(informed: Informed) -> Informed:
    return dataclasses.replace(
        informed,
        on=None if informed.answer == YesNoLater.NO else informed.on,
        reason="" if informed.answer == YesNoLater.YES else informed.reason,
    )


def _only_start(record: Record) -> Start:
    start = record.start
    if not request(record):
        start = dataclasses.replace(
            start, request="", request_kind="", request_from="", request_on=None, request_verified=""
        )
    return start if record.is_retrospective else dataclasses.replace(start, shared_at=None)


def _only_decision(record: Record) -> Decision:
    return dataclasses.replace(
        record.decision,
        review_date=record.decision.review_date if review_date(record) else None,
        defer_until=record.decision.defer_until if record.decision.choice == Choice.DEFER else None,
    )
