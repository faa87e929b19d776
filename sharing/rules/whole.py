"""What is asked of every decision, and what concerns the record as a whole. VR21 to VR25."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from concerns.clocks import LONDON
from concerns.vocabulary import Urgency
from sharing.record import Record
from sharing.rules import asked
from sharing.rules.base import RETROSPECTIVE_LIMIT, URGENT_DRAFT_LIMIT, Facts, Found
from sharing.vocabulary import Choice, RequesterAnswer

# VR21: the dates that may lie ahead. `people.*.informed.on` is one of them when the answer is "later".
_MAY_LIE_AHEAD = frozenset({"decision.review_date", "decision.defer_until", "not_sharing.next_contact_on"})


def check(record: Record, facts: Facts, found: Found) -> None:
    _start(record, facts, found)
    _likely(record, found)
    _what_is_known(record, found)
    _risks(record, found)
    _choice_and_reasons(record, found)
    _principles(record, found)
    _dates(record, facts, found)
    _plain_text(record, found)
    if not facts.signer_may_sign:
        found.refuse(
            "",
            "VR22",
            "You may not sign this decision, because of a conflict of interest or because you do not hold the concern.",
        )
    urgent = facts.urgency in {Urgency.EMERGENCY, Urgency.URGENT}
    if urgent and facts.opened_at is not None and facts.at - facts.opened_at > URGENT_DRAFT_LIMIT:
        found.warn(
            "", "VR24", "This draft is more than 24 hours old and the concern is urgent. Sign it or ask for help now."
        )


def _start(record: Record, facts: Facts, found: Found) -> None:
    start = record.start
    found.need(start.trigger, "start.trigger", "F3", "Say why a decision is needed.")
    if asked.request(record):
        found.need(
            start.request,
            "start.request",
            "F4",
            "Choose the request that this decision answers. If it is not there, record it and link it first.",
        )
        if start.request and start.request not in facts.requests:
            found.refuse(
                "start.request", "F4", "This request is answered already, or is about another concern. Choose another."
            )
        found.need(start.request_kind, "start.request_kind", "F4", "Choose the kind of request.")
        found.need(start.request_from, "start.request_from", "F4", "Enter who asked.")
        found.need(start.request_on, "start.request_on", "F4", "Enter the date of the request.")
        # Whoever asked has had an answer; who receives what is shared now is checked as everywhere (VR15).
        if record.shares and start.request not in facts.requests_answered:
            found.need(
                start.request_verified,
                "start.request_verified",
                "F4",
                "Check who is asking, and record it on the request. Without that nothing may be shared.",
            )
    _recorded_afterwards(record, facts, found)
    if facts.lacks_domestic_account:
        found.warn(
            "start.special_risks",
            "R21",
            "Nobody has described the domestic abuse yet. Do that on the page of the concern, so that it stands here.",
        )
    found.need(
        start.third_parties,
        "start.third_parties",
        "F6",
        "Say whether anybody is mentioned who could be harmed if identified.",
    )
    if start.third_parties == "yes":
        found.need(start.third_parties_who, "start.third_parties_who", "F6", "Write who could be harmed if identified.")


def _recorded_afterwards(record: Record, facts: Facts, found: Found) -> None:
    """R38, I8: what has gone already is recorded as shared, and as shared before it was decided."""
    start = record.start
    if facts.told_already is not None and not record.is_retrospective:
        local = facts.told_already.astimezone(LONDON)
        found.refuse(
            "start.trigger",
            "R38",
            f"An agency was told on {local.day} {local:%B %Y at %H:%M}, before this decision. Say that it is recorded"
            " after an emergency.",
        )
    was_told = record.is_retrospective or facts.told_already is not None
    if was_told and record.decision.choice in {Choice.NOT_SHARE, Choice.DEFER}:
        found.refuse(
            "decision.choice",
            "R38",
            "Information went out before this decision. Record first what was shared, and with whom. A new version can"
            " then say that nothing more is shared.",
        )
    if record.is_retrospective:
        if facts.told_already is None:
            found.refuse(
                "start.trigger",
                "R38",
                "No agency was told before this decision, as far as is recorded. Record first what was said to whom, or"
                " choose another reason.",
            )
        if start.shared_at is not None and facts.told_already is not None and start.shared_at > facts.told_already:
            found.refuse(
                "start.shared_at", "R38", "An agency was told earlier than this. Enter when it was first told."
            )
        if start.shared_at is None:
            found.refuse("start.shared_at", "F3", "Enter when the information was shared.")
        elif facts.at - start.shared_at > RETROSPECTIVE_LIMIT:
            found.warn(
                "start.shared_at",
                "VR23",
                "This is recorded more than 24 hours after sharing. The record will always say so.",
            )


def _likely(record: Record, found: Found) -> None:
    likely = record.likely
    found.need(
        likely.answer, "likely.answer", "F7", "Say whether sharing is likely to safeguard this person or someone else."
    )
    found.need(likely.why, "likely.why", "F7", "Write why sharing is, or is not, likely to safeguard.")
    found.need(likely.purposes, "likely.purposes", "F8", "Choose what sharing would be for.")
    found.need(likely.purpose, "likely.purpose", "F8", "Write the purpose in your own words.")
    found.need(
        likely.others_safety,
        "likely.others_safety",
        "R57",
        "Write how safe others are, or that nobody else is affected.",
    )
    if likely.answer == "unsure":
        found.need(record.advice, "advice", "F12", "You are unsure, so take advice and record it.")


def _what_is_known(record: Record, found: Found) -> None:
    found.need(record.facts, "facts", "F9", "Add at least one fact you rely on.")
    for number, fact in enumerate(record.facts):
        found.need(fact.words, f"facts.{number}.words", "F9", "Write the fact.")
        found.need(fact.source, f"facts.{number}.source", "F9", "Write where the fact comes from.")
        found.need(fact.on, f"facts.{number}.on", "F9", "Enter the date of the fact.")
    for number, opinion in enumerate(record.opinions):
        found.need(opinion.words, f"opinions.{number}.words", "F10", "Write the opinion.")
        found.need(opinion.evidence, f"opinions.{number}.evidence", "VR18", "Write what the opinion rests on.")
    if not record.holders and record.holders_none != "yes":
        found.refuse("holders", "F11", "List who else may hold information, or say that you know of nobody.")
    for number, holder in enumerate(record.holders):
        found.need(holder.who, f"holders.{number}.who", "F11", "Write who may hold information.")
        found.need(holder.asked, f"holders.{number}.asked", "F11", "Say whether they were asked.")
    for number, advice in enumerate(record.advice):
        found.need(advice.who, f"advice.{number}.who", "F12", "Enter who gave the advice.")
        found.need(advice.words, f"advice.{number}.words", "F12", "Write the advice.")
        found.need(advice.on, f"advice.{number}.on", "F12", "Enter the date of the advice.")
        if advice.without_names == "yes" and not advice.ref:
            found.refuse(
                f"advice.{number}.without_names",
                "R35",
                "Record advice asked without names on its own page, where the words are checked.",
            )


def _risks(record: Record, found: Found) -> None:
    risks = record.risks
    for side, rule, words in (("sharing", "F21", "sharing"), ("not_sharing", "F22", "not sharing")):
        found.need(getattr(risks, side), f"risks.{side}", rule, f"Write what could go wrong by {words}.")
        found.need(
            getattr(risks, f"{side}_to_whom"), f"risks.{side}_to_whom", rule, f"Write who could be harmed by {words}."
        )
        found.need(
            getattr(risks, f"{side}_likelihood"),
            f"risks.{side}_likelihood",
            rule,
            f"Choose how likely harm from {words} is.",
        )
        found.need(
            getattr(risks, f"{side}_severity"),
            f"risks.{side}_severity",
            rule,
            f"Choose how bad harm from {words} would be.",
        )
    if risks.sharing_is_medium_or_high:
        found.need(
            record.mitigations,
            "mitigations",
            "F23",
            "Sharing carries a risk. Add what will be done to make it smaller.",
        )
    for number, mitigation in enumerate(record.mitigations):
        found.need(mitigation.what, f"mitigations.{number}.what", "F23", "Write what will be done.")
        found.need(mitigation.owner, f"mitigations.{number}.owner", "F23", "Enter who will do it.")
        found.need(
            mitigation.agreed_with_recipient,
            f"mitigations.{number}.agreed_with_recipient",
            "F23",
            "Say whether it is agreed with those who receive the information.",
        )


def _choice_and_reasons(record: Record, found: Found) -> None:
    found.need(record.decision.choice, "decision.choice", "F24", "Choose whether to share.")
    without_agreement = record.shares and bool(record.adults_not_agreeing)
    found.need_reasoning(
        record.reasons.reasons,
        "reasons.reasons",
        "VR1" if without_agreement else "F25",
        "Write the reasons for the decision, in at least 40 characters.",
    )
    if asked.proportionality(record):
        found.need_reasoning(
            record.reasons.proportionality,
            "reasons.proportionality",
            "VR1" if without_agreement else "F26",
            "Write why this is in proportion to the risk, in at least 40 characters.",
        )
        found.need(
            record.reasons.less_intrusive,
            "reasons.less_intrusive",
            "F26",
            "Write which less intrusive way you thought about.",
        )


def _principles(record: Record, found: Found) -> None:
    for line in record.principles:
        if line.code in {"proportionality", "accountability"}:
            found.need(line.note, f"principles.{line.code}.note", "R26", f"Write how the decision meets {line.code}.")


def _leaves(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """Every answer below `value` with its path; a row is named by its key or code, else by its number."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for each in dataclasses.fields(value):
            yield from _leaves(getattr(value, each.name), f"{at}.{each.name}" if at else each.name)
    elif isinstance(value, tuple):
        for number, row in enumerate(value):
            name = getattr(row, "key", "") if at == "people" else getattr(row, "code", "")
            yield from _leaves(row, f"{at}.{name or number}")
    else:
        yield at, value


def _dates(record: Record, facts: Facts, found: Found) -> None:
    later = {f"people.{p.key}.informed.on" for p in record.people if p.informed.answer == "later"}
    for path, value in _leaves(record):
        # The date of an assessment is asked with the assessment, so that it is asked before it is recorded.
        is_asked_elsewhere = path.endswith(".capacity.assessed_on")
        if path in _MAY_LIE_AHEAD or path in later or is_asked_elsewhere or not isinstance(value, date):
            continue
        is_ahead = value > facts.at if isinstance(value, datetime) else value > facts.today
        if is_ahead:
            found.refuse(path, "VR21", "This date is in the future.")
    if record.start.shared_at is not None and record.is_retrospective:
        shared_on = record.start.shared_at.astimezone(LONDON).date()
        for number, fact in enumerate(record.facts):
            if fact.on is not None and fact.on > shared_on:
                found.refuse(f"facts.{number}.on", "VR21", "This fact is dated after the information was shared.")
    for person in record.people:
        agreed_on, withdrawn_on = person.agreement.on, person.agreement.withdrawn_on
        if agreed_on is not None and withdrawn_on is not None and withdrawn_on < agreed_on:
            found.refuse(
                f"people.{person.key}.agreement.withdrawn_on", "VR21", "This is before the date on which they agreed."
            )
    told, asked_on = record.requester_told, record.start.request_on
    if told.answer == RequesterAnswer.YES and told.on is not None and asked_on is not None and told.on < asked_on:
        found.refuse("requester_told.on", "VR21", "This is before the date of the request.")


def _plain_text(record: Record, found: Found) -> None:
    for path, value in _leaves(record):
        if isinstance(value, str) and any(_is_unprintable(character) for character in value):
            found.refuse(path, "VR25", "The text holds characters that cannot be kept. Type it again as plain text.")


def _is_unprintable(character: str) -> bool:
    """A control character that no keyboard types, or half of a character."""
    return (character < " " and character not in "\t\n\r") or "\ud800" <= character <= "\udfff"
