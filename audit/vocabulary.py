"""What the ledger can say. Each app registers its own kinds of event in its `events.py`; the ledger knows no app."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


@dataclass(frozen=True)
class EventKind:
    """One kind of event.

    `code` is stored ("concern.triaged") and never changes once used; `sentence` is what people read;
    `needs_reason` says that nobody may do this without giving one; `data` names the only details it may carry:
    labels and numbers, never narrative. Beside them any may hold the digest of rows that it vouches for (audit.kept).
    `names_actor`: whoever did it stands with their name on the thing itself from then on, whoever reads it.
    """

    code: str
    sentence: str
    needs_reason: bool = False
    data: frozenset[str] = field(default_factory=frozenset)
    names_actor: bool = False


def codes_that_name() -> tuple[str, ...]:
    """The codes of every kind of event after which the name of whoever did it stands on the thing itself."""
    return tuple(kind.code for kind in _kinds.values() if kind.names_actor)


class Access(StrEnum):
    """How somebody came near what is kept here without changing it: what an access report is asked for."""

    READ = "read"
    SEARCH = "search"
    EXPORT = "export"
    REFUSAL = "refusal"
    SIGN_IN = "sign_in"


_kinds: dict[str, EventKind] = {}
_accesses: dict[Access, list[str]] = {access: [] for access in Access}


def register(kind: EventKind) -> EventKind:
    """Add `kind` to the vocabulary and hand it back. Raises ValueError when its code is taken by another kind."""
    if _kinds.get(kind.code, kind) != kind:
        raise ValueError(f"The event code {kind.code} is registered twice.")
    return _kinds.setdefault(kind.code, kind)


def all_kinds() -> Mapping[str, EventKind]:
    """Every registered kind by its code, in order of registration. Read-only."""
    return MappingProxyType(_kinds)


def register_access(access: Access, *kinds: EventKind) -> None:
    """Say that `kinds` tell of this way of access."""
    _accesses[access] += [kind.code for kind in kinds if kind.code not in _accesses[access]]


def codes_of(*accesses: Access) -> tuple[str, ...]:
    """The codes of every kind of event that tells of one of `accesses`."""
    return tuple(code for access in accesses for code in _accesses[access])
