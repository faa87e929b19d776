"""Field 20: the grounds to share without agreement, each with what it needs. VR1 to VR9."""

from __future__ import annotations

from concerns.vocabulary import LifeStage, MaracBasis
from sharing.answers import Ground
from sharing.record import Record
from sharing.rules import asked
from sharing.rules.base import NOTHING_MORE_GOES, Facts, Found, only_tells
from sharing.rules.people import is_shown_to_be_coerced, is_shown_to_lack_capacity
from sharing.vocabulary import UNIDENTIFIED

# Lacks capacity; under duress: each is shown of one person, and says nothing of anybody else.
_OF_ONE_PERSON = frozenset({"C1", "C7"})


def check(record: Record, facts: Facts, found: Found) -> None:
    if not asked.grounds(record):
        return
    for ground in record.grounds:
        at = f"grounds.{ground.code}"
        if not ground.answer:
            found.refuse(f"{at}.answer", "F20", f"Say whether ground {ground.code} applies.")
        if ground.applies:
            found.need(ground.evidence, f"{at}.evidence", "VR1", f"Write what shows that ground {ground.code} applies.")
            _details(record, ground, facts, at, found)
    if record.shares:
        _each_is_overridden(record, facts, found)


def _each_is_overridden(record: Record, facts: Facts, found: Found) -> None:
    """VR1: a ground stands against each adult who has not agreed. C1 and C7 stand against nobody but the person whose
    capacity or freedom is in question: another's refusal falls with them no more than with no ground (R114). What goes
    beyond the order of C9 does not rest on it (VR5).

    What went before anything was decided can't be held back any more, and is recorded as it was (`base.only_tells`).
    """
    standing = {ground.code for ground in record.grounds if ground.applies and ground.evidence.strip()}
    if not standing and only_tells(record, facts):
        found.countersign(
            "grounds", "VR1", f"It was shared without agreement and no ground applies. {NOTHING_MORE_GOES}"
        )
    elif not standing:
        own = " If it has gone already and no ground applied, start a decision of its own that says so."
        found.refuse(
            "grounds",
            "VR1",
            "To share without agreement, at least one ground must apply and you must write what shows it."
            + (own if record.is_retrospective else ""),
        )
    if any(item.beyond_scope == "yes" for item in record.included):
        standing -= {"C9"}
    if not standing <= _OF_ONE_PERSON:
        return
    shown = [
        person
        for person in record.adults
        if ("C1" in standing and is_shown_to_lack_capacity(person, facts))
        or ("C7" in standing and is_shown_to_be_coerced(person))
    ]
    # While neither is shown of anybody, VR2 and VR3 say so.
    for person in record.adults_not_agreeing if shown else ():
        if person in shown:
            continue
        if only_tells(record, facts):
            found.countersign(
                "grounds",
                "VR1",
                f"It was shared without the agreement of {person.name}, and no ground applies to them."
                f" {NOTHING_MORE_GOES}",
            )
        else:
            found.refuse(
                "grounds",
                "VR1",
                f"{person.name} has not agreed. Grounds C1 and C7 count only for the person who lacks capacity or is"
                " coerced, so another ground is needed.",
            )


def _details(record: Record, ground: Ground, facts: Facts, at: str, found: Found) -> None:
    match ground.code:
        case "C1":
            if not any(is_shown_to_lack_capacity(person, facts) for person in record.adults):
                found.refuse(
                    f"{at}.evidence",
                    "VR2",
                    "Ground C1 needs a capacity record for this decision that concludes they lack capacity,"
                    " with best interests. If it is not clear, use another ground.",
                )
        case "C2":
            _other_people(ground, at, found)
        case "C3" | "C5":
            _crime(ground, at, found)
        case "C4":
            if not any(p.is_source_of_risk and p.is_at_risk for p in record.people):
                found.refuse(
                    f"{at}.answer",
                    "VR7",
                    "Ground C4 needs the possible source of risk to be listed as a person at risk as well.",
                )
            found.need(
                ground.own_referral,
                f"{at}.own_referral",
                "VR7",
                "Say whether you thought about a referral for them too.",
            )
        case "C6":
            if not facts.is_restricted:
                found.refuse(f"{at}.answer", "VR6", "When staff are implicated the concern must be restricted first.")
        case "C7":
            _duress(record, at, found)
        case "C8":
            found.need(
                ground.marac_basis,
                f"{at}.marac_basis",
                "VR4",
                "Say what the high risk rests on: DASH, judgement or escalation.",
            )
            _dash(ground, facts, at, found)
        case "C9":
            _order(ground, facts, at, found)


def _other_people(ground: Ground, at: str, found: Found) -> None:
    found.need(
        ground.others,
        f"{at}.others",
        "VR8",
        "Choose who else is, or may be, at risk. If you do not know who it is, say so.",
    )
    named = {other.key for other in ground.others_named}
    if any(key not in named for key in ground.others if key != UNIDENTIFIED):
        found.refuse(
            f"{at}.others",
            "VR8",
            "Somebody you chose is not in the concern any more, or is shut out of it. Choose again.",
        )
    for other in ground.others_named:
        if other.is_child and not other.is_at_risk:
            # The concern tells whether the route was started: it waits for a decision about everybody listed at risk.
            unknown = ", because their age is not known" if other.life_stage == LifeStage.UNKNOWN else ""
            found.refuse(
                f"{at}.others",
                "VR8",
                f"{other.name} counts as a child at risk{unknown}. Start the route for the child first: on the page of"
                " the concern, add them as a person at risk.",
            )
    if not ground.has_unidentified:
        return
    found.need(
        ground.unidentified, f"{at}.unidentified", "VR8", "Write what you know of the person who is not identified yet."
    )
    found.need(
        ground.unidentified_child,
        f"{at}.unidentified_child",
        "VR8",
        "Say whether the person who is not identified yet may be a child.",
    )
    if asked.unidentified_child(ground) and ground.child_route != "yes":
        found.refuse(f"{at}.child_route", "VR8", "A child may be at risk. Start the route for the child first.")


def _crime(ground: Ground, at: str, found: Found) -> None:
    found.need(
        ground.police_considered, f"{at}.police_considered", "VR9", "Say whether you thought about telling the police."
    )
    found.need(ground.police_reason, f"{at}.police_reason", "VR9", "Write why you are, or are not, telling the police.")
    if ground.code == "C5":
        found.need(ground.is_serious, f"{at}.is_serious", "VR9", "Say whether the crime is serious.")
        if ground.is_serious == "no":
            found.need(
                ground.not_serious_note,
                f"{at}.not_serious_note",
                "VR9",
                "Write why this ground applies to a crime that is not serious.",
            )


def _duress(record: Record, at: str, found: Found) -> None:
    if not any(is_shown_to_be_coerced(person) for person in record.adults):
        found.refuse(
            f"{at}.evidence",
            "VR3",
            "Ground C7 needs the signs of duress or coercion, and whether the person was seen alone.",
        )


_NOT_IN_RECORD = {
    MaracBasis.DASH: "This DASH record has no high score. Choose another record, or what it does rest on.",
    MaracBasis.JUDGEMENT: "In this DASH record the risk was not judged to be high. Choose another record or basis.",
    MaracBasis.ESCALATION: "This DASH record tells of no escalation. Choose another record or basis.",
}


def _dash(ground: Ground, facts: Facts, at: str, found: Found) -> None:
    """R67, X4: the basis stands in a DASH record of the concern, which is linked."""
    if not ground.dash_record:
        found.refuse(
            f"{at}.dash_record",
            "VR4",
            "Choose the DASH record that this ground rests on. If there is none, record one on the concern first.",
        )
    elif ground.dash_record not in facts.dash_bases:
        found.refuse(f"{at}.dash_record", "VR4", "This DASH record does not stand any more. Choose another.")
    elif ground.marac_basis and ground.marac_basis not in facts.dash_bases[ground.dash_record]:
        found.refuse(f"{at}.marac_basis", "VR4", _NOT_IN_RECORD[MaracBasis(ground.marac_basis)])


def _order(ground: Ground, facts: Facts, at: str, found: Found) -> None:
    found.need(ground.body, f"{at}.body", "VR5", "Enter the court or authority that asks.")
    found.need(ground.on, f"{at}.on", "VR5", "Enter the date of the order or request.")
    found.need(ground.reference, f"{at}.reference", "VR5", "Enter its reference.")
    found.need(ground.scope, f"{at}.scope", "VR5", "Write what it asks for.")
    found.need(
        ground.file or ground.document,
        f"{at}.document",
        "VR5",
        "Choose the scan of it, or write where the copy is kept.",
    )
    if ground.file and ground.file not in facts.files:
        found.refuse(f"{at}.file", "VR5", "This file can’t be used any more. Choose another, or none.")
