"""Whose second signature a decision needs (domain.md 3.4)."""

from __future__ import annotations

from dataclasses import dataclass

from sharing.record import Record
from sharing.rules import asked
from sharing.rules.base import LEVELS, Facts, Problem, Severity
from sharing.vocabulary import STATUTORY_REQUESTS


@dataclass(frozen=True)
class SecondSignature:
    """Why a second person must sign; whether only a Safeguarding Lead may; whether it may follow within 24
    hours.
    """

    reasons: tuple[str, ...]
    lead_only: bool
    may_follow: bool


def needs_second_signature(record: Record, facts: Facts, problems: tuple[Problem, ...]) -> SecondSignature | None:
    """None when the first signature is enough. `problems` are those of this record with these facts.

    The second person is a champion or lead without a conflict of interest; for a child about whom nothing is
    shared, for staff cases and wherever a rule says so, a lead. In an emergency sharing is not held up, nor where
    a lead is only to look at what is withheld: the signature follows.
    """
    # An answer that is no longer asked, such as capacity noted before a change of mind, spares nobody the second view.
    record = asked.only(record, facts)
    reasons: list[str] = []
    countersign = [p for p in problems if p.severity == Severity.COUNTERSIGN]
    countersigned = [p.sentence for p in countersign]
    if record.does_not_share:
        reasons.append("Nothing is shared.")
    if record.shares and any(person.counts_as_capacitous for person in record.adults_not_agreeing):
        reasons.append("It is shared without the agreement of an adult who has capacity.")
    if facts.is_restricted:
        reasons.append("The concern is restricted.")
    if record.does_not_share and asked.request(record) and record.start.request_kind in STATUTORY_REQUESTS:
        reasons.append("A statutory request is refused.")
    if record.is_retrospective:
        reasons.append("It was shared in an emergency and recorded afterwards.")
    if facts.signer_is_reporter:
        reasons.append("The person who decides also reported the concern.")
    if record.shares and record.basis.article9 and any(not each.is_statutory for each in record.recipients):
        reasons.append("Special-category information goes outside the statutory agencies.")
    if _lowers_by_two(facts.previous_level, record.risks.level_worker):
        reasons.append("The review lowers the level of risk by two steps or more.")
    # What is shared is not held up by a lead's look at why something else is withheld (VR14).
    only_withheld = not reasons and all(p.field.startswith("items.") for p in countersign)
    reasons += countersigned
    if not reasons:
        return None
    staff = facts.staff_implicated or record.ground("C6").applies
    return SecondSignature(
        reasons=tuple(reasons),
        lead_only=bool(countersigned) or staff,
        may_follow=record.shares and (record.is_emergency or facts.is_emergency or only_withheld),
    )


def _lowers_by_two(before: str, now: str) -> bool:
    return before in LEVELS and now in LEVELS and LEVELS.index(before) - LEVELS.index(now) >= 2
