"""Fields 27 to 34: what goes to whom, how and on what basis. VR5 (items), VR11, VR15 to VR20."""

from __future__ import annotations

from sharing.answers import Item, Recipient
from sharing.clauses import TEST_LINES
from sharing.record import Record
from sharing.rules import asked
from sharing.rules.base import NOTHING_MORE_GOES, Facts, Found, only_tells
from sharing.vocabulary import (
    AGREED,
    INSECURE_METHODS,
    PHONE_METHODS,
    Article6,
    Article9,
    Choice,
    Confidence,
    ItemAnswer,
    ItemKind,
    Para18Reason,
    Schedule1,
    StepAnswer,
)


def check(record: Record, facts: Facts, found: Found) -> None:
    if not record.shares:
        return
    _items(record, facts, found)
    _recipients(record, facts, found)
    _method(record, facts, found)
    _test(record, found)
    _basis(record, found)
    _agreement_cited(record, facts, found)
    if asked.conversation(record):
        _conversation(record, found)


def _items(record: Record, facts: Facts, found: Found) -> None:
    if not record.included:
        found.refuse(
            "items", "VR17", "Include at least one item. A decision to share with nothing in it cannot be signed."
        )
    withheld = any(item.answer == ItemAnswer.WITHHOLD for item in record.items)
    if record.decision.choice == Choice.SHARE_ALL and withheld:
        found.refuse("decision.choice", "F24", "You withhold some items, so choose “Share part”.")
    if record.decision.choice == Choice.SHARE_PART and not withheld:
        found.refuse("decision.choice", "F24", "You withhold nothing, so choose “Share all” or withhold an item.")
    for number, item in enumerate(record.items):
        _item(item, f"items.{number}", record, facts, found)


def _item(item: Item, at: str, record: Record, facts: Facts, found: Found) -> None:
    found.need(item.what, f"{at}.what", "F28", "Write the item.")
    found.need(item.answer, f"{at}.answer", "F28", "Say whether the item is included or withheld.")
    found.need(item.kind, f"{at}.kind", "VR18", "Say whether the item is fact or opinion.")
    if item.kind == ItemKind.OPINION:
        found.need(item.evidence, f"{at}.evidence", "VR18", "Write what the opinion rests on.")
    if item.answer == ItemAnswer.WITHHOLD:
        found.need(item.why_withheld, f"{at}.why_withheld", "F28", "Write why the item is withheld.")
    if item.answer != ItemAnswer.INCLUDE:
        return
    found.need(item.why_needed, f"{at}.why_needed", "F28", "Write why the agency needs it.")
    found.need(item.about, f"{at}.about", "F28", "Write whom the item is about.")
    found.need(item.checked_on, f"{at}.checked_on", "F28", "Enter the date the item was last checked.")
    found.need(
        item.is_special_category,
        f"{at}.is_special_category",
        "F32",
        "Say whether it is about health, sex life, ethnic group or the like.",
    )
    found.need(
        item.is_offence, f"{at}.is_offence", "F32", "Say whether it is about an offence or an allegation of one."
    )
    if asked.limits(record):
        found.need(
            item.beyond_limits, f"{at}.beyond_limits", "VR11", "Say whether it goes beyond the limits the person set."
        )
    if asked.scope(record):
        _scope(item, at, record, facts, found)


def _scope(item: Item, at: str, record: Record, facts: Facts, found: Found) -> None:
    """VR5: on an order or request alone, only what it asks for is shared; what went already is recorded as it was."""
    found.need(
        item.beyond_scope,
        f"{at}.beyond_scope",
        "VR5",
        "Say whether it goes beyond what the order or request asks for.",
    )
    on_another = any(ground.applies for ground in record.grounds if ground.code != "C9")
    if item.beyond_scope != "yes" or on_another:
        return
    if only_tells(record, facts):
        found.countersign(
            f"{at}.beyond_scope",
            "VR5",
            f"This went beyond what the order or request asked for, and no other ground applies. {NOTHING_MORE_GOES}",
        )
    else:
        found.refuse(
            f"{at}.beyond_scope",
            "VR5",
            "This goes beyond what the order or request asks for. Withhold it, or give another ground.",
        )


def may_be_used(recipient: Recipient, method: str, *, emergency: bool) -> bool:
    """VR15: an unverified contact is used by phone in an emergency only."""
    is_verified = recipient.verified == "yes" and recipient.verified_how.strip() and recipient.verified_on
    return bool(is_verified) or (emergency and method in PHONE_METHODS)


def _recipients(record: Record, facts: Facts, found: Found) -> None:
    found.need(record.recipients, "recipients", "F29", "Say who the information goes to.")
    emergency = record.is_emergency or facts.is_emergency
    for number, recipient in enumerate(record.recipients):
        at = f"recipients.{number}"
        found.need(recipient.organisation, f"{at}.organisation", "F29", "Enter the organisation.")
        found.need(recipient.need_to_know, f"{at}.need_to_know", "F29", "Write why they need to know.")
        if may_be_used(recipient, record.method.method, emergency=emergency):
            continue
        if record.is_retrospective:
            found.countersign(
                f"{at}.verified", "VR15", "It went to a contact that nobody had checked. The record will always say so."
            )
        else:
            found.refuse(
                f"{at}.verified",
                "VR15",
                "Check that the contact is real, and write how and when. Without that you may only phone, in"
                " an emergency.",
            )


def _method(record: Record, facts: Facts, found: Found) -> None:
    method = record.method
    found.need(method.method, "method.method", "F30", "Say how it will be sent.")
    if method.method in INSECURE_METHODS:
        if not (record.is_emergency or facts.is_emergency):
            found.refuse("method.method", "VR16", "Ordinary email is not secure. It may be used in an emergency only.")
        found.need(method.insecure_reason, "method.insecure_reason", "VR16", "Write why no secure way could be used.")
    if record.risks.sharing_is_medium_or_high:
        found.need(
            method.onward_limits,
            "method.onward_limits",
            "F31",
            "Write whom they may pass it on to, because sharing carries a risk.",
        )


def _test(record: Record, found: Found) -> None:
    labels = dict(TEST_LINES)
    for line in record.test:
        label = labels[line.code].lower()
        if line.answer == "no":
            found.need(line.note, f"test.{line.code}.note", "F27", f"Write why you go on although it is not {label}.")
        else:
            found.need(line.answer, f"test.{line.code}.answer", "F27", f"Say whether sharing is {label}.")


def _basis(record: Record, found: Found) -> None:
    basis = record.basis
    found.need(basis.article6, "basis.article6", "F32", "Choose the lawful basis (Article 6).")
    if asked.special_category(record):
        found.need(
            basis.article9,
            "basis.article9",
            "F32",
            "An item is about health or the like: choose the Article 9 condition.",
        )
    if Article9.PUBLIC_INTEREST in basis.article9:
        found.need(
            basis.schedule1, "basis.schedule1", "F32", "Substantial public interest needs a paragraph of Schedule 1."
        )
    if asked.offence(record):
        found.need(
            basis.criminal_condition,
            "basis.criminal_condition",
            "F32",
            "An item is about an offence or an allegation: choose the condition for criminal data.",
        )
    found.need(basis.confidence, "basis.confidence", "F32", "Say why the duty of confidence allows it.")
    if basis.confidence == Confidence.PUBLIC_INTEREST:
        found.need(
            basis.public_interest,
            "basis.public_interest",
            "F32",
            "Write why the public interest in sharing is stronger.",
        )
    if record.children_at_risk:
        found.need(
            basis.best_interests,
            "basis.best_interests",
            "F32",
            "Write why sharing is in the best interests of the child.",
        )
    if Article6.CONSENT in basis.article6 or Article9.EXPLICIT_CONSENT in basis.article9:
        found.warn(
            "basis.article6",
            "VR20",
            "Agreement and lawful basis are different things. Consent is seldom the right lawful basis for"
            " safeguarding.",
        )
    if Schedule1.PARA_18 in {*basis.schedule1, basis.criminal_condition}:
        _paragraph_18(record, found)


def _agreement_cited(record: Record, facts: Facts, found: Found) -> None:
    """Field 33 (R59): none is needed; one that is cited is the current version."""
    cited = record.basis.agreement
    if cited and cited not in facts.agreements:
        found.refuse(
            "basis.agreement", "F33", "This version of the sharing agreement is not current. Choose again, or none."
        )
    elif cited in facts.agreements_overdue:
        found.warn("basis.agreement", "F33", "The sharing agreement that you cite should have been looked at again.")


def _paragraph_18(record: Record, found: Found) -> None:
    at_risk = [person for person in record.people if person.is_at_risk] or list(record.people)
    for person in at_risk:
        screening = person.screening
        limbs = (screening.has_needs, screening.at_risk, screening.cannot_protect)
        if person.is_adult and any(limb != "yes" for limb in limbs):
            found.refuse(
                f"people.{person.key}.screening.has_needs",
                "VR19",
                "Paragraph 18 is for children, and for adults with care needs who are at risk and cannot"
                " protect themselves. Answer yes to all three, or use another condition.",
            )
    if any(person.agreement.status in AGREED for person in at_risk):
        found.warn(
            "basis.schedule1",
            "VR19",
            "Paragraph 18 is for sharing without consent. They agreed, so choose another condition.",
        )
    if all(person.agreement.status in AGREED for person in at_risk):
        return
    reason = record.basis.para18_reason
    found.need(reason, "basis.para18_reason", "VR19", "Say which reason of paragraph 18(2) you rely on.")
    capacitous_refusal = any(
        person.is_adult and person.agreement.status in asked.REFUSED and person.counts_as_capacitous
        for person in at_risk
    )
    if capacitous_refusal and reason == Para18Reason.CANNOT_BE_GIVEN:
        found.refuse(
            "basis.para18_reason",
            "VR19",
            "A person with capacity who refuses could have consented, so reason (a) does not fit. Rely on (b)"
            " or (c), or use paragraph 10, vital interests or another condition, with advice from the"
            " information governance lead.",
        )


def _conversation(record: Record, found: Found) -> None:
    conversation = record.conversation
    if conversation.unsafe == "yes":
        found.need(
            conversation.unsafe_reason,
            "conversation.unsafe_reason",
            "F34",
            "Write why it is not safe to have this conversation.",
        )
        return
    for line in conversation.lines:
        at = f"conversation.{line.code}"
        found.need(line.answer, f"{at}.answer", "F34", f"Say whether step {line.code} of the conversation was done.")
        if line.answer == StepAnswer.NOT_DONE:
            found.need(line.note, f"{at}.note", "F34", f"Write why step {line.code} was not done.")
    explored = next(line for line in conversation.lines if line.code == "E1")
    if explored.answer == StepAnswer.DONE and not conversation.objections:
        found.need(
            conversation.objections_words,
            "conversation.objections",
            "F34",
            "Choose or write what they are worried about.",
        )
