"""What goes to an agency: the included items of a signed decision and nothing else (R120). Pure.

The same content is the page, the PDF, the text to copy and the frozen copy that is kept of what went.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sharing.models import Referral
from sharing.reading import Reader, day

CONTENT_SCHEMA = "referral/1"


def content_of_referral(document: Mapping[str, Any], referral: Referral) -> dict[str, object]:
    """The referral as it goes out, from the signed document alone.

    No reference of a person, no withheld item.
    """
    reader = Reader(document)
    record = document["record"]
    recipient = record["recipients"][referral.recipient_number]
    included = [item for item in record["items"] if item["answer"] == "include"]
    return {
        "schema": CONTENT_SCHEMA,
        "reference": referral.ref,
        "decision": f"{document['reference']}/v{document['version']}",
        "to": {"organisation": recipient["organisation"], "person": recipient["person"], "role": recipient["role"]},
        "about": [
            {"name": person["name"], "is": reader.word("LifeStage", person["life_stage"])}
            for person in record["people"]
            if person["is_at_risk"]
        ],
        "purpose": record["likely"]["purpose"],
        "information": [
            {
                "what": item["what"],
                "kind": reader.word("ItemKind", item["kind"]),
                "rests_on": item["evidence"],
                "about": item["about"],
                "why_needed": item["why_needed"],
                "last_checked": day(item["checked_on"]),
            }
            for item in included
        ],
        "agreement": [
            {"name": person["name"], "is": agreement_in_words(reader, person)}
            for person in record["people"]
            if person["is_at_risk"]
        ],
        "onward_limits": record["method"]["onward_limits"],
        "safety": [
            mitigation["what"] for mitigation in record["mitigations"] if mitigation["agreed_with_recipient"] == "yes"
        ],
        "from": {"name": document["signed"]["by"]["name"], "job_title": document["signed"]["by"]["job_title"]},
    }


def content_of_call(words: str, why_urgent: str, as_typed: str, referral: Referral) -> dict[str, object]:
    """What somebody told an agency directly, in their own words (R32), and why it could not wait (R38)."""
    more = {name: each for name, each in (("why_urgent", why_urgent), ("as_typed", as_typed)) if each.strip()}
    return {
        **more,
        "schema": CONTENT_SCHEMA,
        "reference": referral.ref,
        "to": {"organisation": referral.agency_name, "person": "", "role": ""},
        "said": words,
    }


def statements(content: Mapping[str, Any]) -> Iterator[str]:
    """Everything that a frozen copy says and that may turn out wrong, in its words (R100): the facts first."""
    information = content.get("information", ())
    yield from (item["what"] for item in information)
    if said := content.get("said"):
        yield said
    yield from (f"Who it is about: {person['name']} ({person['is']})" for person in content.get("about", ()))
    yield from (f"Agreement: {each['name']}: {each['is']}" for each in content.get("agreement", ()))
    yield from (f"What a fact rests on: {item['rests_on']}" for item in information if item["rests_on"])
    yield from (f"Step to keep people safe: {step}" for step in content.get("safety", ()))
    for part, label in (
        ("purpose", "Purpose"),
        ("onward_limits", "Not to be passed on beyond this"),
        ("why_urgent", "Why it could not wait"),
    ):
        if content.get(part):
            yield f"{label}: {content[part]}"


def agreement_in_words(reader: Reader, person: Mapping[str, Any]) -> str:
    """The consent position, with its limits (R64), as a recipient needs it."""
    agreement = person["agreement"]
    told = person["informed"]["answer"]
    words = reader.word("AgreementStatus", agreement["status"])
    if agreement["limits"]:
        words += f". Limits: {agreement['limits']}"
    if told in {"no", "later"}:
        words += ". They do not know that this is shared: do not tell them before you have spoken to us"
    return words


def as_text(content: Mapping[str, Any], *, organisation: str) -> str:
    """The referral as plain text, to be pasted into an agency's own form."""
    lines = [
        f"SAFEGUARDING REFERRAL {content['reference']}",
        f"From: {content['from']['name']}, {content['from']['job_title']}, {organisation}",
        f"To: {', '.join(words for words in content['to'].values() if words)}",
        "",
        "ABOUT",
        *(f"- {person['name']} ({person['is']})" for person in content["about"]),
        "",
        "PURPOSE",
        content["purpose"],
        "",
        "INFORMATION",
    ]
    for number, item in enumerate(content["information"], start=1):
        lines += [f"{number}. {item['kind']}, about {item['about']}, last checked {item['last_checked']}", item["what"]]
        if item["rests_on"]:
            lines.append(f"Rests on: {item['rests_on']}")
        lines += [f"Why you need it: {item['why_needed']}", ""]
    lines += ["AGREEMENT", *(f"- {each['name']}: {each['is']}" for each in content["agreement"])]
    if content["onward_limits"]:
        lines += ["", "DO NOT PASS ON BEYOND THIS", content["onward_limits"]]
    if content["safety"]:
        lines += ["", "STEPS TO KEEP PEOPLE SAFE", *(f"- {step}" for step in content["safety"])]
    return "\n".join(lines)
