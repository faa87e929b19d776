"""The signed document: everything that a page or a PDF of a signed decision needs, in one JSON value.

It holds the answers that applied, who signed and when, what the rules had to say, and the words of every list
that it uses, so that it reads the same in twenty years, whatever becomes of the lists or of the rows of the
concern.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import models

from concerns import vocabulary as of_concern
from sharing import clauses as clauses_of
from sharing import golden_rules
from sharing import vocabulary as words
from sharing.record import SCHEMA, Record, canonical, digest, to_json
from sharing.rules import Problem, SecondSignature

# 2.x of the register: which published policy texts the clauses are quoted from.
POLICY_VERSION = "Policy texts 000-004, register 2026"

_LISTS: tuple[type[models.TextChoices], ...] = (
    of_concern.LifeStage,
    of_concern.MaracBasis,
    of_concern.RiskLevel,
    of_concern.YesNoUnknown,
    words.AgencyKind,
    words.AgreementForm,
    words.AgreementStatus,
    words.Article6,
    words.Article9,
    words.CapacityConclusion,
    words.Choice,
    words.Confidence,
    words.GivenBy,
    words.Grade,
    words.GroundAnswer,
    words.ItemAnswer,
    words.ItemKind,
    words.NotSought,
    words.Objection,
    words.OfferAnswer,
    words.Para18Reason,
    words.Power,
    words.Purpose,
    words.RequesterAnswer,
    words.RequestKind,
    words.Schedule1,
    words.SharingMethod,
    words.SpecialRisk,
    words.StepAnswer,
    words.ToldOf,
    words.Trigger,
    words.YesNoLater,
    words.YesNoUnsure,
)
_CLAUSES: dict[str, tuple[clauses_of.Clause, ...]] = {
    "grounds": clauses_of.GROUNDS,
    "conversation": clauses_of.CONVERSATION_STEPS,
    "not_sharing": clauses_of.NOT_SHARING_STEPS,
    "principles": clauses_of.PRINCIPLES,
}


@dataclass(frozen=True)
class Signer:
    """Who signs, as they were at that moment."""

    name: str
    job_title: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Before:
    """The version that a new one replaces, and why."""

    version: int
    digest: str
    reason: str
    words: str


def document_of(
    record: Record,
    *,
    reference: str,
    version: int,
    concern: str,
    service_area: str,
    signer: Signer,
    at: datetime,
    problems: tuple[Problem, ...],
    second: SecondSignature | None,
    is_restricted: bool,
    before: Before | None,
    afterwards_before: tuple[Afterwards, ...] = (),
) -> dict[str, Any]:
    """The document to be signed. `problems` are the warnings and countersignatures that the signer was shown;
    `afterwards_before` is what earlier versions say of having been recorded after sharing.
    """
    answers = to_json(record)
    child = any(not person.is_adult for person in record.people)
    adult = any(person.is_adult for person in record.people)
    kind = record.kind
    return {
        "schema": SCHEMA,
        "reference": reference,
        "version": version,
        "concern": {"reference": concern, "service_area": service_area, "restricted": is_restricted},
        "supersedes": to_json(before) if before else None,
        "kind": {"code": kind.value, "words": kind.label} if kind else None,
        "record": answers,
        "signed": {
            "at": at.astimezone(UTC).isoformat(timespec="seconds"),
            "by": to_json(signer),
            "conflict_of_interest": "None declared",
        },
        "second_signature": to_json(second) if second else None,
        "told_to_signer": [
            {"rule": each.rule, "sentence": each.sentence, "severity": each.severity.value} for each in problems
        ],
        "retrospective": _retrospective(record, version, problems, afterwards_before),
        "versions": {
            "policy": POLICY_VERSION,
            "lists": words.LISTS_VERSION,
            "golden_rules": [rules.version for rules in golden_rules.sets_for(child=child, adult=adult)],
        },
        "words": _words_used(answers),
        "clauses": {
            name: {clause.code: {"text": clause.text, "source": clause.source} for clause in clauses}
            for name, clauses in _CLAUSES.items()
        },
        "golden_rules": [
            {"title": rules.title, "note": rules.note, "rules": list(rules.rules)}
            for rules in golden_rules.sets_for(child=child, adult=adult)
        ],
    }


def digest_shown(document: Mapping[str, Any]) -> str:
    """Of all that the signer reads before signing: the document but for the moment, which is not known then (R7)."""
    signed = {name: value for name, value in document["signed"].items() if name != "at"}
    return digest(canonical({**document, "signed": signed}))


@dataclass(frozen=True)
class Afterwards:
    """R38, VR23: this version was recorded after sharing, and whether more than 24 hours after."""

    version: int
    shared_at: str
    late: bool


def afterwards_of(document: Mapping[str, Any]) -> Afterwards | None:
    """What a signed version says of itself, whatever it repeats of others."""
    start = document["record"]["start"]
    if start["trigger"] != words.Trigger.EMERGENCY:
        return None
    late = any(each["rule"] == "VR23" for each in document["told_to_signer"])
    return Afterwards(document["version"], start["shared_at"], late)


def _retrospective(
    record: Record, version: int, problems: tuple[Problem, ...], before: tuple[Afterwards, ...]
) -> dict[str, Any]:
    """The mark stays for ever: every later version bears the newest, names all, and says whether one was late."""
    marks = list(before)
    if record.is_retrospective:
        late = any(each.rule == "VR23" for each in problems)
        marks.append(Afterwards(version, to_json(record.start.shared_at), late))
    newest = marks[-1] if marks else None
    return {
        "is": newest is not None,
        "shared_at": newest.shared_at if newest else None,
        "late": any(mark.late for mark in marks),
        "version": newest.version if newest else None,
        "all": to_json(tuple(marks)),
    }


def _words_used(answers: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """List name to code to words, for the codes that occur among the answers."""
    used = set(_leaves(answers))
    found: dict[str, dict[str, str]] = {}
    for choices in _LISTS:
        kept = {str(value): str(label) for value, label in choices.choices if value in used}
        if kept:
            found[choices.__name__] = kept
    return found


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
