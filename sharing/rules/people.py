"""Fields 13 to 19 and 38 and R57, for each person: told, wishes, safety, agreement, capacity, coercion, informed.

VR2, VR3, VR10.
"""

from __future__ import annotations

from concerns.vocabulary import YesNoUnknown
from sharing.answers import Person
from sharing.record import Record
from sharing.rules import asked
from sharing.rules.base import Facts, Found
from sharing.vocabulary import AGREED, BY_SOMEBODY_ELSE, AgreementStatus, CapacityConclusion, GivenBy, YesNoLater


def check(record: Record, facts: Facts, found: Found) -> None:
    found.need(record.people, "people", "F5", "Choose at least one person this is about.")
    if asked.left_out(record, facts):
        found.need(
            record.left_out,
            "left_out",
            "R22",
            "There is domestic abuse, and a child at risk is left out. Choose the child as well, or write why not.",
        )
    for person in record.people:
        at = f"people.{person.key}"
        if asked.views(person):
            _told_and_wishes(record, person, facts, at, found)
        found.need(person.support.safety, f"{at}.support.safety", "R57", "Write how safe this person is now.")
        found.need(
            person.support.needs, f"{at}.support.needs", "R57", "Write the support this person needs, or that none is."
        )
        _agreement(person, f"{at}.agreement", found)
        if person.is_adult:
            found.need(
                person.capacity.doubted,
                f"{at}.capacity.doubted",
                "F18",
                "Say whether you doubt that they can make this decision.",
            )
        if asked.capacity(record, person):
            check_capacity(person, f"{at}.capacity", facts, found)
            found.need(
                person.capacity.ref,
                f"{at}.capacity.ref",
                "F18",
                "Record the assessment of capacity. Once it is recorded nobody can change it.",
            )
        if person.is_adult:
            _agreement_fits_capacity(person, at, found)
        if asked.coercion(record, person, facts):
            _coercion(person, f"{at}.coercion", found)
        if asked.informed(record, person):
            _informed(person, facts, f"{at}.informed", found)


def _told_and_wishes(record: Record, person: Person, facts: Facts, at: str, found: Found) -> None:
    told = person.told
    if told.of:
        found.need(told.on, f"{at}.told.on", "F13", "Enter the date they were told.")
        found.need(told.by, f"{at}.told.by", "F13", "Enter who told them.")
    else:
        found.need(
            told.reason_not,
            f"{at}.told.reason_not",
            "F13",
            "Say what they were told about sharing, or why they were not told.",
        )
    wishes = person.wishes
    if not wishes.words.strip():
        found.need(
            wishes.reason_not,
            f"{at}.wishes.words",
            "F14",
            "Write their views and wishes, or why you could not get them.",
        )
    if (
        person.is_adult
        and person.is_at_risk
        and asked.is_domestic_abuse(record, facts)
        and not wishes.reason_not.strip()
    ):
        found.need(
            wishes.outcome,
            f"{at}.wishes.outcome",
            "R74",
            "Write what they would like to happen, or why they were not asked.",
        )


def _agreement(person: Person, at: str, found: Found) -> None:
    agreement = person.agreement
    match agreement.status:
        case "":
            found.refuse(f"{at}.status", "F15", "Say whether they agree to sharing.")
        case AgreementStatus.NOT_SOUGHT:
            found.need(agreement.not_sought, f"{at}.not_sought", "F15", "Say why you did not ask for their agreement.")
        case AgreementStatus.WITHDRAWN:
            found.need(
                agreement.withdrawn_on, f"{at}.withdrawn_on", "F15", "Enter the date they withdrew their agreement."
            )
    if agreement.status not in AGREED:
        return
    found.need(agreement.given_by, f"{at}.given_by", "VR10", "Say who gave the agreement.")
    found.need(agreement.on, f"{at}.on", "VR10", "Enter the date the agreement was given.")
    found.need(agreement.form, f"{at}.form", "VR10", "Say whether the agreement was spoken or written.")
    if agreement.status == AgreementStatus.LIMITED:
        found.need(agreement.limits, f"{at}.limits", "VR10", "Write the limits they set.")
    if person.is_adult and agreement.given_by in {GivenBy.PARENT, GivenBy.YOUNG_PERSON}:
        found.refuse(
            f"{at}.given_by",
            "VR10",
            "Only the adult, or an attorney or deputy with authority, can agree. A relative cannot agree for them.",
        )
    if agreement.given_by in BY_SOMEBODY_ELSE:
        found.need(agreement.authority, f"{at}.authority", "VR10", "Write what gives them the authority to agree.")
        found.need(
            agreement.is_source,
            f"{at}.is_source",
            "R111",
            "Say whether whoever agreed for them may be a source of risk.",
        )
        if agreement.is_source == "yes":
            found.countersign(
                f"{at}.is_source",
                "R111",
                "Somebody who may be a source of risk agreed for them. A Safeguarding Lead must sign too.",
            )


def _agreement_fits_capacity(person: Person, at: str, found: Found) -> None:
    """Mental Capacity Act 2005, sections 1 to 3: what is said of their agreement and of their capacity is one story."""
    agreement, conclusion = person.agreement, person.capacity.conclusion
    lacks_it = conclusion == CapacityConclusion.LACKS
    is_why = asked.lacks_capacity_to_agree(person)
    if lacks_it and agreement.status in AGREED and agreement.given_by == GivenBy.PERSON:
        found.refuse(
            f"{at}.agreement.given_by",
            "VR10",
            "You found that they lack capacity for this decision, so they cannot agree to it themselves. Change one of"
            " the two answers.",
        )
    if is_why and conclusion == CapacityConclusion.HAS:
        found.refuse(
            f"{at}.agreement.status",
            "F15",
            "You found that they have capacity for this decision, so they can say if they agree. Change one of the two"
            " answers.",
        )
    if (is_why or lacks_it) and person.capacity.doubted == "no":
        found.refuse(
            f"{at}.capacity.doubted",
            "F18",
            "Your other answers say that they lack capacity, so you do doubt it. Change this answer or the others.",
        )


def is_shown_to_lack_capacity(person: Person, facts: Facts) -> bool:
    """VR2: a record for this decision, made by now, concludes "lacks" and weighs best interests."""
    capacity = person.capacity
    return (
        bool(capacity.ref)
        and capacity.conclusion == CapacityConclusion.LACKS
        and capacity.for_this_decision == "yes"
        and capacity.assessed_on is not None
        and capacity.assessed_on <= facts.today
        and bool(capacity.best_interests.strip())
    )


def check_capacity(person: Person, at: str, facts: Facts, found: Found) -> None:
    """Whether the assessment is whole (R112), with best interests where it finds that they lack capacity (R113)."""
    capacity = person.capacity
    if capacity.assessed_on is not None and capacity.assessed_on > facts.today:
        found.refuse(f"{at}.assessed_on", "VR21", "This date is in the future.")
    found.need(
        capacity.assumed,
        f"{at}.assumed",
        "F18",
        "Say whether you began by assuming that they can decide. The law asks you to.",
    )
    found.need(capacity.matter, f"{at}.matter", "F18", "Write which decision was looked at.")
    if capacity.for_this_decision != "yes":
        found.refuse(
            f"{at}.for_this_decision",
            "F18",
            "The capacity record must be about this decision. Capacity is decided one decision at a time.",
        )
    found.need(capacity.assessed_on, f"{at}.assessed_on", "F18", "Enter the date capacity was looked at.")
    found.need(capacity.conclusion, f"{at}.conclusion", "F18", "Say what was concluded about capacity.")
    found.need(capacity.assessor, f"{at}.assessor", "F18", "Enter who looked at capacity.")
    if capacity.conclusion in {"", CapacityConclusion.AWAITING}:
        return
    found.need(capacity.help_given, f"{at}.help_given", "F18", "Write what was done to help them decide.")
    for name, words in (
        ("understands", "understand"),
        ("retains", "remember"),
        ("weighs", "weigh up"),
        ("communicates", "tell others their decision about"),
    ):
        found.need(getattr(capacity, name), f"{at}.{name}", "F18", f"Say whether they can {words} what matters here.")
    if capacity.conclusion == CapacityConclusion.LACKS:
        can = (capacity.understands, capacity.retains, capacity.weighs, capacity.communicates)
        if all(can) and YesNoUnknown.NO not in can:
            # Mental Capacity Act 2005, section 3(1): unable to decide is who is unable to do one of the four.
            found.refuse(
                f"{at}.conclusion",
                "VR2",
                "Somebody lacks capacity only if they cannot understand, remember, weigh up or tell others their"
                " decision. Answer “No” to what they cannot do, or change the conclusion.",
            )
        for name, sentence in (
            ("why_doubted", "Write why their capacity was doubted."),
            ("impairment", "Write which impairment of mind or brain is the cause."),
            ("best_interests", "Write why sharing is, or is not, in their best interests."),
            ("least_restrictive", "Write why this is the least restrictive way."),
            ("consulted", "Write who else was asked."),
            ("wishes", "Write what they want and believe, now and earlier."),
        ):
            found.need(getattr(capacity, name), f"{at}.{name}", "VR2", sentence)


def _coercion(person: Person, at: str, found: Found) -> None:
    coercion = person.coercion
    found.need(coercion.considered, f"{at}.considered", "F19", "Say whether they may be under duress or coerced.")
    if coercion.considered == "yes":
        found.need(coercion.indicators, f"{at}.indicators", "F19", "Write what makes you think so.")
    found.need(coercion.seen_alone, f"{at}.seen_alone", "F19", "Say whether they were seen alone.")
    if coercion.seen_alone:
        found.need(coercion.how_seen, f"{at}.how_seen", "F19", "Write how they were seen alone, or why they were not.")


def is_shown_to_be_coerced(person: Person) -> bool:
    """VR3: field 19 names the signs, and says whether they were seen alone."""
    coercion = person.coercion
    return coercion.considered == "yes" and bool(coercion.indicators.strip()) and bool(coercion.seen_alone)


def _informed(person: Person, facts: Facts, at: str, found: Found) -> None:
    informed = person.informed
    # For an adult this is part of VR1; for a child it is asked as the engagement that R70 and R99 want.
    rule = "VR1" if person.is_adult else "F38"
    match informed.answer:
        case YesNoLater.YES:
            found.need(
                informed.on,
                f"{at}.on",
                rule,
                "Enter the date they were told that information is shared without agreement.",
            )
        case YesNoLater.NO:
            found.need(informed.reason, f"{at}.reason", rule, "Write why they are not told.")
        case YesNoLater.LATER:
            found.need(informed.reason, f"{at}.reason", rule, "Write why they are told later.")
            if informed.on is None:
                found.refuse(f"{at}.on", rule, "Enter the date by which they will be told.")
            elif informed.on < facts.today:
                found.refuse(f"{at}.on", rule, "The date by which they will be told must not be in the past.")
        case _:
            found.refuse(
                f"{at}.answer",
                rule,
                "Say whether they have been told that information is shared without their agreement.",
            )
    if informed.would_expect == "no":
        found.need(
            informed.how_told, f"{at}.how_told", rule, "They would not expect this. Write how they will be told."
        )
