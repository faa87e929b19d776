"""Fields 35 to 37 and 39: nothing is shared. VR12, VR13; VR14 wherever something stays unsaid."""

from __future__ import annotations

import re
from datetime import UTC

from concerns.clocks import LONDON, LONGEST_REVIEW, REVIEW_WITHIN
from concerns.vocabulary import RiskLevel
from sharing.clauses import CHILD_NOT_SHARING_STEPS
from sharing.record import Record
from sharing.rules import asked
from sharing.rules.base import DEFER_LIMIT, Facts, Found, level_of_risk
from sharing.vocabulary import Choice, GroundAnswer, ItemAnswer, RequesterAnswer, StepAnswer

# VR14: words of interests that are not safeguarding reasons. A match asks and countersigns; it never refuses.
_OTHER_INTERESTS = re.compile(
    r"\b(reputation\w*|publicity|bad press|the press|media interest|workload|too busy|short[-"
    r" ]staffed|understaffed|"
    r"no time|resources|rent|arrears|enforcement|evict\w*|possession|data protection|dpa|gdpr)\b",
    re.IGNORECASE,
)


def names_other_interests(words: str) -> bool:
    """Whether `words` speak of reputation, workload, rent or enforcement, or data protection (R44, R56)."""
    return bool(_OTHER_INTERESTS.search(words))


_DATA_PROTECTION = re.compile(r"\b(data protection|dpa|gdpr)\b", re.IGNORECASE)


def check(record: Record, facts: Facts, found: Found) -> None:
    _law_is_no_barrier(record, found)
    _other_interests(record, found)
    if record.decision.choice == Choice.DEFER:
        _deferral(record, facts, found)
    if asked.review_date(record):
        _review(record, facts, found)
    if not record.does_not_share:
        return
    _countersigned(record, found)
    _checklist(record, facts, found)
    _levels(record, found)
    if record.children_at_risk:
        _child(record, found)
    if asked.requester_told(record):
        _requester_told(record, found)


def _law_is_no_barrier(record: Record, found: Found) -> None:
    """R56: whoever leaves something unsaid because of data protection is sent to the information governance lead."""
    for field, words in _why_not(record):
        if _DATA_PROTECTION.search(words):
            found.warn(
                field,
                "R56",
                "Data protection law alone is no reason not to share. Ask the information governance lead for advice.",
            )


def _why_not(record: Record) -> list[tuple[str, str]]:
    """Why something stays unsaid, each reason with its path: of the whole where nothing is shared or it is put off, and
    of every item that is withheld.
    """
    reasons = [("reasons.reasons", record.reasons.reasons)] if record.decision.choice and not record.shares else []
    withheld = [
        (f"items.{number}.why_withheld", item.why_withheld)
        for number, item in enumerate(record.items)
        if item.answer == ItemAnswer.WITHHOLD
    ]
    return [*reasons, *withheld]


def _other_interests(record: Record, found: Found) -> None:
    """VR14: no reason of that kind passes without a lead, whether nothing, not yet or not everything is shared."""
    matching = [field for field, words in _why_not(record) if names_other_interests(words)]
    for field in matching:
        which = "The reasons speak" if field == "reasons.reasons" else "Why this item is withheld speaks"
        found.countersign(
            field, "VR14", f"{which} of something other than safeguarding. A Safeguarding Lead must sign too."
        )
    if matching and not record.reasons.safeguarding_reason.strip():
        found.warn("reasons.safeguarding_reason", "VR14", "Write the safeguarding reason as well.")


def _countersigned(record: Record, found: Found) -> None:
    # R83 names the nine; C10 and C11 came later and are at least as grave, so they are held to the same.
    if any(ground.answer in {GroundAnswer.APPLIES, GroundAnswer.UNKNOWN} for ground in record.grounds):
        found.countersign(
            "grounds",
            "VR12",
            "A ground applies or is not known, and nothing is shared. A Safeguarding Lead must sign too.",
        )
    if record.likely.answer == "yes":
        found.countersign(
            "likely.answer",
            "F7",
            "Sharing is likely to safeguard, and nothing is shared. A Safeguarding Lead must sign too.",
        )


def _checklist(record: Record, facts: Facts, found: Found) -> None:
    only_children = not any(person.is_adult for person in record.people)
    answers = record.not_sharing
    if answers.next_contact_on is not None and answers.next_contact_on <= facts.today:
        # A contact starts to be due at once, whichever step it was written beside.
        found.refuse("not_sharing.next_contact_on", "VR12", "The next contact must be after today.")
    for line in answers.lines:
        if only_children and line.code not in CHILD_NOT_SHARING_STEPS:
            continue
        at = f"not_sharing.{line.code}"
        found.need(line.answer, f"{at}.answer", "VR12", f"Say whether step {line.code} was done.")
        if line.answer == StepAnswer.NOT_DONE:
            found.need(line.note, f"{at}.note", "VR12", f"Write why step {line.code} was not done, or is not needed.")
        if line.answer != StepAnswer.DONE:
            continue
        match line.code:
            case "D1":
                found.need(answers.options, "not_sharing.options", "VR12", "Write which options you talked about.")
            case "D2":
                found.need(
                    answers.understood, "not_sharing.understood", "VR12", "Say whether they understood the risk."
                )
            case "D3":
                found.need(
                    answers.advocate, "not_sharing.advocate", "VR12", "Say what came of the offer of an advocate."
                )
            case "D8":
                found.need(
                    answers.next_contact_on,
                    "not_sharing.next_contact_on",
                    "VR12",
                    "Enter the date you will next be in touch.",
                )


def _levels(record: Record, found: Found) -> None:
    found.need(record.risks.level_worker, "risks.level_worker", "F36", "Choose the level of risk as you see it.")
    views_known = any(person.is_at_risk and not person.wishes.reason_not.strip() for person in record.people)
    if views_known:
        found.need(
            record.risks.level_person, "risks.level_person", "F36", "Choose the level of risk as the person sees it."
        )
        found.need(
            record.risks.level_agreed, "risks.level_agreed", "F36", "Say whether you agree on the level of risk."
        )


def _review(record: Record, facts: Facts, found: Found) -> None:
    on = record.decision.review_date
    if on is None:
        found.refuse("decision.review_date", "F37", "Enter the date this decision will be looked at again.")
        return
    level = level_of_risk(record)
    limit = REVIEW_WITHIN.get(level, LONGEST_REVIEW) if record.does_not_share else LONGEST_REVIEW
    latest = (facts.at.astimezone(UTC) + limit).astimezone(LONDON).date()
    if on < facts.today:
        found.refuse("decision.review_date", "F37", "The review date must not be in the past.")
    elif on > latest:
        found.refuse(
            "decision.review_date",
            "F37",
            f"At this level of risk the review must be on or before {latest.day} {latest:%B %Y}.",
        )


def _deferral(record: Record, facts: Facts, found: Found) -> None:
    until = record.decision.defer_until
    found.need(record.risks.level_worker, "risks.level_worker", "F36", "Choose the level of risk as you see it.")
    if until is None:
        found.refuse("decision.defer_until", "F24", "Enter until when the decision is put off.")
    elif until <= facts.at:
        found.refuse("decision.defer_until", "F24", "The time until which you put it off must be in the future.")
    elif until > facts.at + DEFER_LIMIT:
        found.refuse("decision.defer_until", "F24", "A decision can be put off by 24 hours at most.")
    if record.children_at_risk:
        found.refuse("decision.choice", "F24", "A decision about a child at risk cannot be put off.")
    if facts.previous_choice == Choice.DEFER or any(person.key in facts.put_off for person in record.people):
        found.refuse(
            "decision.choice",
            "F24",
            "This was put off before. It can be put off only once. Decide now whether to share.",
        )
    if level_of_risk(record) == RiskLevel.CRITICAL:
        found.refuse("decision.choice", "F24", "At critical risk the decision cannot be put off.")


def _child(record: Record, found: Found) -> None:
    found.countersign(
        "decision.choice", "VR13", "A child is at risk and nothing is shared. A Safeguarding Lead must sign too."
    )
    answers = record.not_sharing
    found.need(answers.engagement, "not_sharing.engagement", "VR13", "Write how the child and the parent were engaged.")
    found.need(
        answers.child_rule_1,
        "not_sharing.child_rule_1",
        "VR13",
        "A child’s protection takes priority over privacy. Write why you still do not share.",
    )
    found.need(
        answers.child_rule_3,
        "not_sharing.child_rule_3",
        "VR13",
        "You do not need consent to share about a child at risk. Write why you still do not share.",
    )


def _requester_told(record: Record, found: Found) -> None:
    told = record.requester_told
    match told.answer:
        case RequesterAnswer.YES:
            found.need(told.on, "requester_told.on", "F39", "Enter the date you told the person who asked.")
            found.need(told.how, "requester_told.how", "F39", "Write how you told them.")
            found.need(told.reasons, "requester_told.reasons", "F39", "Write the reasons you gave them.")
        case RequesterAnswer.UNSAFE:
            found.need(told.reasons, "requester_told.reasons", "F39", "Write why it is unsafe to tell them.")
        case _:
            found.refuse(
                "requester_told.answer", "F39", "Say whether the person who asked has been told of the refusal."
            )
