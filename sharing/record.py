"""One information-sharing decision as a value: what domain.md 3.1 asks, in the order in which it is asked.

A record is plain and frozen: drafts are kept as its JSON, rules read it, signing puts it into a signed
document whose RFC 8785 bytes are what is kept. Answers that are not given yet are "", () or None; nothing
here says whether they are needed (that is `sharing.rules`). Numbers in comments are the field numbers of
domain.md 3.1.
"""

from __future__ import annotations

import dataclasses
import hashlib
import types
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import rfc8785

from sharing.answers import (
    Advice,
    Basis,
    Conversation,
    Decision,
    Fact,
    Ground,
    Holder,
    Item,
    Likely,
    Line,
    Method,
    Mitigation,
    NotSharing,
    Opinion,
    Person,
    Reasons,
    Recipient,
    RequesterTold,
    Risks,
    Start,
)
from sharing.clauses import CONVERSATION_STEPS, GROUNDS, NOT_SHARING_STEPS, PRINCIPLES, TEST_LINES
from sharing.vocabulary import AGREED, Choice, DecisionKind, ItemAnswer, Trigger

SCHEMA = "information-sharing-decision/1"


@dataclass(frozen=True)
class Record:
    """A whole decision, finished or not. Lines of the lists are always all there, in their order."""

    start: Start = field(default_factory=Start)
    people: tuple[Person, ...] = ()
    left_out: str = ""  # R22: why a child at risk is not among them, where there is domestic abuse
    likely: Likely = field(default_factory=Likely)
    facts: tuple[Fact, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    holders: tuple[Holder, ...] = ()
    holders_none: str = ""
    advice: tuple[Advice, ...] = ()
    grounds: tuple[Ground, ...] = ()
    risks: Risks = field(default_factory=Risks)
    mitigations: tuple[Mitigation, ...] = ()
    decision: Decision = field(default_factory=Decision)
    reasons: Reasons = field(default_factory=Reasons)
    principles: tuple[Line, ...] = ()
    test: tuple[Line, ...] = ()
    items: tuple[Item, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    method: Method = field(default_factory=Method)
    basis: Basis = field(default_factory=Basis)
    conversation: Conversation = field(default_factory=Conversation)
    not_sharing: NotSharing = field(default_factory=NotSharing)
    requester_told: RequesterTold = field(default_factory=RequesterTold)

    def __post_init__(self) -> None:
        """Every ground and every line of a list stands in its place, also when it was never answered."""
        whole = {
            "grounds": _whole(self.grounds, [g.code for g in GROUNDS], Ground),
            "principles": _whole(self.principles, [p.code for p in PRINCIPLES], Line),
            "test": _whole(self.test, [code for code, _ in TEST_LINES], Line),
            "conversation": dataclasses.replace(
                self.conversation, lines=_whole(self.conversation.lines, [e.code for e in CONVERSATION_STEPS], Line)
            ),
            "not_sharing": dataclasses.replace(
                self.not_sharing, lines=_whole(self.not_sharing.lines, [d.code for d in NOT_SHARING_STEPS], Line)
            ),
        }
        for name, value in whole.items():
            object.__setattr__(self, name, value)

    # --- What the decision comes to ---------------------------------------------------------------

    @property
    def shares(self) -> bool:
        return self.decision.choice in {Choice.SHARE_ALL, Choice.SHARE_PART}

    @property
    def does_not_share(self) -> bool:
        return self.decision.choice == Choice.NOT_SHARE

    @property
    def included(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.answer == ItemAnswer.INCLUDE)

    @property
    def adults(self) -> tuple[Person, ...]:
        return tuple(person for person in self.people if person.is_adult)

    @property
    def children_at_risk(self) -> tuple[Person, ...]:
        return tuple(person for person in self.people if person.is_at_risk and not person.is_adult)

    @property
    def adults_not_agreeing(self) -> tuple[Person, ...]:
        """Adults without whose agreement it would be shared. A child's agreement is never a gate (R70).

        An item that goes beyond the limits an adult set is shared without their agreement (VR11).
        """
        beyond = any(item.beyond_limits == "yes" for item in self.included)
        return tuple(
            person
            for person in self.adults
            if person.lacks_agreement or (beyond and person.agreement.status == "limited")
        )

    @property
    def is_agreed(self) -> bool:
        """Everybody concerned agreed, to everything that is included."""
        return not self.adults_not_agreeing and all(p.agreement.status in AGREED for p in self.people)

    @property
    def is_retrospective(self) -> bool:
        return self.start.trigger == Trigger.EMERGENCY

    @property
    def is_emergency(self) -> bool:
        return self.is_retrospective or self.ground("C11").applies

    @property
    def kind(self) -> DecisionKind | None:
        """How it is counted and listed (Q11); None until a choice is made."""
        match self.decision.choice:
            case Choice.SHARE_PART:
                return DecisionKind.PART
            case Choice.SHARE_ALL:
                return DecisionKind.WITH_AGREEMENT if self.is_agreed else DecisionKind.WITHOUT_AGREEMENT
            case Choice.NOT_SHARE:
                return DecisionKind.NOT_SHARE
            case Choice.DEFER:
                return DecisionKind.DEFER
        return None

    def ground(self, code: str) -> Ground:
        """The answer to ground `code`. Raises KeyError for a code that is not one."""
        for ground in self.grounds:
            if ground.code == code:
                return ground
        raise KeyError(code)

    def person(self, key: str) -> Person | None:
        return next((person for person in self.people if person.key == key), None)


_Row = TypeVar("_Row", Ground, Line)


def _whole(rows: tuple[_Row, ...], codes: list[str], kind: type[_Row]) -> tuple[_Row, ...]:
    """One row for each of `codes`, in their order: the given one, else an unanswered one."""
    given = {row.code: row for row in rows}
    return tuple(given.get(code) or kind(code=code) for code in codes)


# --- JSON ------------------------------------------------------------------------------------------


def to_json(value: Any) -> Any:
    """`value` (a record or a part of one) as plain JSON values; dates in ISO 8601, moments in UTC."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [to_json(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return str(value)
    return value


def from_json(data: object) -> Record:
    """The record that `data` describes.

    Anything missing, unknown or of the wrong kind is an unanswered question. Words that an older release kept under
    another name stand where they are asked now.

    So a draft that an older release left, or one half filled in, always opens; it is `sharing.rules` that
    refuses.
    """
    return cast(Record, _read(Record, data))


# Answers in words that were kept under another name before: what was typed is not lost with it.
_BEFORE: Mapping[tuple[type, str], str] = {
    (Ground, "unidentified"): "others",
    (Ground, "unidentified_child"): "others_child",
    (Likely, "others_safety"): "safety",
}


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, data: object) -> Any:
    """`data` as a `kind`, or None where it can't be one."""
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _read_dataclass(kind, data)
    origin = get_origin(kind)
    if origin is tuple:
        each = get_args(kind)[0]
        rows = data if isinstance(data, list | tuple) else ()
        read = (_read(each, row) for row in rows)
        return tuple(row for row in read if row is not None)
    if origin in {Union, types.UnionType}:
        return _read(get_args(kind)[0], data)
    if kind is datetime or kind is date:
        return _read_moment(kind, data)
    return data if type(data) is kind else None


def _read_dataclass(kind: type, data: object) -> Any:
    answers: dict[str, Any] = {}
    given = data if isinstance(data, Mapping) else {}
    for each in dataclasses.fields(kind):
        name = each.name if each.name in given else _BEFORE.get((kind, each.name), each.name)
        value = _read(_hints(kind)[each.name], given.get(name))
        if value is not None:
            answers[each.name] = value
    try:
        return kind(**answers)
    except TypeError:
        return None  # a row without the key or code that it is known by


def _read_moment(kind: type, data: object) -> date | datetime | None:
    if not isinstance(data, str):
        return None
    try:
        if kind is date:
            return date.fromisoformat(data)
        moment = datetime.fromisoformat(data)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


# --- The bytes that are signed ------------------------------------------------------------------------


def canonical(document: Mapping[str, Any]) -> bytes:
    """`document` in the one form that RFC 8785 gives it: what is stored, hashed and shown.

    Raises ValueError when it holds something that JSON can't carry unchanged.
    """
    return rfc8785.dumps(dict(document))


def digest(content: bytes) -> str:
    """SHA-256 of `content`, in hex."""
    return hashlib.sha256(content).hexdigest()
