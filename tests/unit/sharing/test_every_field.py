"""The 45 fields of domain.md 3.1, each by hand: where it stands in the signed document and in which part it is read.

A field in words is filled with a mark; the mark must be read in the part that 3.5 names. Nothing is asked that nobody
can read afterwards.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from sharing import paths
from sharing.answers import Advice, Holder, Item, NotSharing, Opinion
from sharing.reading import Later, Reader, parts
from sharing.record import Record
from sharing.rules import SecondSignature
from sharing.signed import Before, Signer, document_of
from tests.build.decisions import LACKS, TODAY, against_a_refusal, change, change_first_person, mitigation

MARK = "§ mark §"

# Number of the field -> (path of an answer in words, part in which it is read).
IN_WORDS: dict[int, tuple[tuple[str, int], ...]] = {
    4: (("start.request_from", 1), ("start.request_verified", 1)),
    5: (("left_out", 2),),
    6: (("start.third_parties_who", 2), ("start.domestic_abuse", 2)),
    7: (("likely.why", 9),),
    8: (
        ("likely.purpose", 9), ("likely.others_safety", 8), ("people.7.support.safety", 8),
        ("people.7.support.needs", 8),
    ),
    9: (("facts.0.words", 3), ("facts.0.source", 3)),
    10: (("opinions.0.words", 3), ("opinions.0.whose", 3), ("opinions.0.evidence", 3)),
    11: (("holders.0.who", 15), ("holders.0.note", 15)),
    12: (
        ("advice.0.who", 15), ("advice.0.role", 15), ("advice.0.organisation", 15), ("advice.0.words", 15),
        ("advice.0.question", 15), ("advice.0.in_full_why", 15),
    ),
    13: (("people.7.told.by", 5),),
    14: (("people.7.wishes.words", 4), ("people.7.wishes.outcome", 4)),
    16: (("people.7.agreement.limits", 5), ("people.7.agreement.authority", 5)),
    17: (("people.7.agreement.not_sought_why", 5),),
    18: tuple(
        (f"people.7.capacity.{name}", 6)
        for name in ("matter", "why_doubted", "help_given", "impairment", "assessor", "consulted", "best_interests",
                     "wishes", "least_restrictive", "ref", "recorded_by")
    ),
    19: (("people.7.coercion.indicators", 6), ("people.7.coercion.how_seen", 6)),
    20: tuple(
        (f"grounds.C2.{name}", 7)
        for name in ("evidence", "others_named.8.name", "unidentified", "not_serious_note", "police_reason",
                     "dash_score", "body", "reference", "scope", "document", "file_name")
    ),
    21: (("risks.sharing", 8), ("risks.sharing_to_whom", 8)),
    22: (("risks.not_sharing", 8), ("risks.not_sharing_to_whom", 8)),
    23: (("mitigations.0.what", 8), ("mitigations.0.owner", 8)),
    25: (("reasons.reasons", 9), ("reasons.safeguarding_reason", 9)),
    26: (("reasons.proportionality", 9), ("reasons.less_intrusive", 9)),
    27: (("test.timely.note", 10),),
    28: (("items.0.what", 11), ("items.0.why_needed", 11), ("items.0.about", 11), ("items.1.what", 11),
         ("items.1.why_withheld", 11), ("items.1.evidence", 11)),
    29: (("recipients.0.organisation", 12), ("recipients.0.person", 12), ("recipients.0.role", 12),
         ("recipients.0.contact", 12), ("recipients.0.verified_how", 12), ("recipients.0.need_to_know", 12)),
    30: (("method.insecure_reason", 12),),
    31: (("method.onward_limits", 12),),
    32: (("basis.public_interest", 13), ("basis.best_interests", 13)),
    33: (("basis.agreement_cited", 13),),
    34: (("conversation.E1.note", 14), ("conversation.objections_words", 14), ("conversation.support_offered", 14)),
    35: (("not_sharing.D1.note", 14), ("not_sharing.options", 14), ("not_sharing.advocate_kind", 14),
         ("not_sharing.engagement", 14), ("not_sharing.child_rule_1", 14), ("not_sharing.child_rule_3", 14)),
    38: (("people.7.informed.reason", 5), ("people.7.informed.how_told", 5)),
    39: (("requester_told.how", 14), ("requester_told.reasons", 14)),
    45: (("principles.proportionality.note", 9),),
}  # fmt: skip

# Number of the field -> (words that are read for the answers below, part).
IN_CHOICES: dict[int, tuple[str, int]] = {
    3: ("Request received", 1),
    5: ("Jean Marlowe", 2),
    15: ("Refused", 5),
    24: ("Share without agreement", 1),
    36: ("High", 8),
    37: ("30 March 2026", 17),
    42: ("Priya Shah", 1),
    43: ("Nothing is shared.", 1),
    44: ("16 March 2026", 1),
}
# System fields, in the document itself.
IN_DOCUMENT: dict[int, str] = {1: "reference", 2: "version", 44: "versions"}
# 40 and 41 are rows of their own, after signing.
LATER = {40, 41}


def whole() -> Record:
    """Everything filled in at once, as no real decision is: only so that every answer has its place."""
    record = change_first_person(
        against_a_refusal(),
        capacity=replace(LACKS, recorded_by="Priya Shah", recorded_at=datetime(2026, 3, 16, tzinfo=UTC)),
    )
    person = record.people[0]
    person = change(
        person,
        agreement=change(person.agreement, given_by="attorney", form="written", on=TODAY),
        informed=change(person.informed, would_expect="no"),
    )
    return change(
        record,
        people=(person,),
        start=change(record.start, trigger="request", request_kind="police", request_on=TODAY, third_parties="yes"),
        opinions=(Opinion("He is afraid.", "Priya", "Seen"),),
        holders=(Holder("School", "yes", "Nothing"),),
        holders_none="",
        advice=(Advice("Dr Lund", "GP", "Surgery", "yes", TODAY, "Refer", "NA-2222-2222", "May we?", "yes", "Risk"),),
        mitigations=(mitigation(),),
        risks=change(record.risks, level_worker="high", level_person="low", level_agreed="no"),
        decision=change(record.decision, review_date=date(2026, 3, 30)),
        items=(*record.items, Item("Diagnosis", "opinion", "GP", answer="withhold", why_withheld="Not needed")),
        not_sharing=change(NotSharing(lines=record.not_sharing.lines), understood="yes", advocate="declined"),
        requester_told=change(record.requester_told, answer="yes", on=TODAY),
    )


def document(record: Record) -> dict[str, Any]:
    return document_of(
        record,
        reference="ISD-2222-2222",
        version=2,
        concern="SC-2222-2222",
        service_area="Housing management",
        signer=Signer("Priya Shah", "Officer", ("Person responsible for the concern",)),
        at=datetime(2026, 3, 16, 10, 0, tzinfo=UTC),
        problems=(),
        second=SecondSignature(("Nothing is shared.",), lead_only=False, may_follow=False),
        is_restricted=False,
        before=Before(1, "abc", "Review", "Seen again"),
    )


def words_of(record: Record, part: int) -> str:
    found = parts(Reader(document(record)), Later())[part - 1]
    assert found.number == part
    return repr(found)


@pytest.mark.parametrize(
    ("field", "path", "part"), [(number, *each) for number, listed in IN_WORDS.items() for each in listed]
)
def test_what_is_written_is_read_in_its_part(field: int, path: str, part: int) -> None:
    record = whole()
    if path.startswith(("test.", "principles.", "conversation.", "not_sharing.")) and path.endswith(".note"):
        record = paths.put(record, path.replace(".note", ".answer"), "yes" if path.startswith("test") else "done")
    assert MARK not in words_of(record, part)
    assert MARK in words_of(paths.put(record, path, MARK), part), f"field {field}"


@pytest.mark.parametrize(("field", "words", "part"), [(number, *each) for number, each in IN_CHOICES.items()])
def test_what_is_chosen_is_read_in_its_part(field: int, words: str, part: int) -> None:
    assert words in words_of(whole(), part), f"field {field}"


def test_system_fields_stand_in_the_document() -> None:
    made = document(whole())
    assert all(name in made for name in IN_DOCUMENT.values())
    assert made["supersedes"]["version"] == 1
    assert made["versions"]["golden_rules"]


def test_all_45_fields_are_here() -> None:
    assert set(IN_WORDS) | set(IN_CHOICES) | set(IN_DOCUMENT) | LATER == set(range(1, 46))
