"""Every limit that the service runs by, with its default and where that is from: the times of domain.md 2.4 and the
counts that make a MARAC referral asked (X4).

This table is the one place of the defaults. A lead may change a limit with a second person (`services.limits`), never
to nothing and never beyond `most`; what is in force is read once per service call into a frozen `Limits`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from safeguarding.kit.working_time import add_working_days, add_working_hours


class Unit(StrEnum):
    """What a limit counts. Minutes, hours and days run day and night; working time is the office's (Europe/London)."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WORKING_HOURS = "working hours"
    WORKING_DAYS = "working days"
    # No time: how many it takes (X4).
    TICKS = "ticks"
    INCIDENTS = "incidents"


class Code(StrEnum):
    """The limits by the ids of domain.md 2.4; what follows the dot tells several of one id apart."""

    DRAFT = "D1"
    ACKNOWLEDGE_EMERGENCY = "T2.emergency"
    ACKNOWLEDGE_URGENT = "T2.urgent"
    ACKNOWLEDGE_STANDARD = "T2.standard"
    TRIAGE = "T3"
    TRIAGE_SAME_DAY = "T3.same-day"
    SECOND_VIEW = "T3b"
    SEND_REFERRAL = "T4"
    SEND_LATE_DECISION = "T4.late"
    STAFF_CONSULTATION = "T4b"
    RETROSPECTIVE = "T4c"
    RECEIPT_CHECK = "T5"
    CORRECTION = "T5b"
    AGENCY_CHILD = "T6.child"
    AGENCY_ADULT = "T6.adult"
    AGENCY_OUTCOME = "T8"
    REVIEW_CRITICAL = "T10.critical"
    REVIEW_HIGH = "T10.high"
    REVIEW_MEDIUM = "T10.medium"
    REVIEW_LOW = "T10.low"
    DISPUTE_WORKERS = "T11.1"
    DISPUTE_LEADS = "T11.2"
    DISPUTE_SENIORS = "T11.3"
    DISPUTE_BOARD = "T11.4"
    TELL_REPORTER = "T12"
    DISSATISFACTION = "T13"
    DISSATISFACTION_SENIOR = "T13.senior"
    OPEN_TOO_LONG = "T14.lead"
    OPEN_VERY_LONG = "T14.senior"
    REQUEST = "T15"
    CLOSURE_VIEW = "closure"
    BREAK_GLASS = "glass"
    DASH_MEDIUM = "X4.medium"
    DASH_HIGH = "X4.high"
    DASH_INCIDENTS = "X4.incidents"


@dataclass(frozen=True)
class Limit:
    """One limit. `default` and `most` count `unit`; the least is always 1. `basis` is the source in the register."""

    code: Code
    label: str
    default: int
    unit: Unit
    most: int
    basis: str


OURS = "Our own proposal: no source sets one"
BANDS = "Bands seen in use: 1 to 9, 10 to 13, 14 and more (register S31)"
STAGED = "Staged models (register S23, S24). The time is our own proposal"

LIMITS: tuple[Limit, ...] = (
    Limit(Code.DRAFT, "Remind somebody of a report that they have not sent", 2, Unit.HOURS, 4, OURS),
    Limit(Code.ACKNOWLEDGE_EMERGENCY, "Acknowledge an emergency", 15, Unit.MINUTES, 30, OURS),
    Limit(Code.ACKNOWLEDGE_URGENT, "Acknowledge an urgent concern", 60, Unit.MINUTES, 240, OURS),
    Limit(Code.ACKNOWLEDGE_STANDARD, "Acknowledge a standard concern", 4, Unit.WORKING_HOURS, 8, OURS),
    Limit(
        Code.TRIAGE, "Decide what to do: a standard concern about adults", 24, Unit.HOURS, 24,
        "24 hours in local authorities’ guidance (register S13, S14, S15)",
    ),
    Limit(
        Code.TRIAGE_SAME_DAY, "Decide on the same day, when urgent or about a child: but leave at least", 4, Unit.HOURS,
        8, "The same day in local authorities’ guidance (register S13, S14, S15). The least time is our own proposal",
    ),
    Limit(Code.SECOND_VIEW, "Second person’s view on not sharing", 4, Unit.WORKING_HOURS, 8, OURS),
    Limit(
        Code.SEND_REFERRAL, "Send the referral, counted from the report", 24, Unit.HOURS, 24,
        "“Must be referred within 24 hours” (register S14)",
    ),
    Limit(Code.SEND_LATE_DECISION, "Send the referral, counted from a later decision", 1, Unit.HOURS, 4, OURS),
    Limit(
        Code.STAFF_CONSULTATION, "Tell LADO or PiPoT lead, police and adult social care", 1, Unit.WORKING_DAYS, 1,
        "Local practice (register S20); Working Together",
    ),
    Limit(Code.RETROSPECTIVE, "Record the decision after an emergency", 24, Unit.HOURS, 24, OURS),
    Limit(
        Code.RECEIPT_CHECK, "Check that a referral was delivered, received and understood", 1, Unit.WORKING_DAYS, 2,
        "The check: 001 §6 and 003. The time is our own proposal",
    ),
    Limit(
        Code.CORRECTION, "Tell an agency that a fact it was given is wrong", 1, Unit.WORKING_DAYS, 2,
        "Accurate: 000 golden rule 6. The time is our own proposal",
    ),
    Limit(
        Code.AGENCY_CHILD, "Agency to acknowledge a referral about a child", 1, Unit.WORKING_DAYS, 1,
        "One working day (register S18, S19)",
    ),
    Limit(
        Code.AGENCY_ADULT, "Agency to acknowledge a referral about an adult", 2, Unit.WORKING_DAYS, 2,
        "Two working days or 48 hours (register S17, S21). No law sets one",
    ),
    Limit(
        Code.AGENCY_OUTCOME, "Look at what the agency did, and again each time", 10, Unit.WORKING_DAYS, 20,
        "Between an adult strategy at 5 working days (register S22) and a child assessment at 45",
    ),
    Limit(Code.REVIEW_CRITICAL, "Review: critical risk", 24, Unit.HOURS, 24, "A review date: 004. The time: our own"),
    Limit(Code.REVIEW_HIGH, "Review: high risk", 7, Unit.DAYS, 7, "A review date: 004. The time: our own"),
    Limit(Code.REVIEW_MEDIUM, "Review: medium risk", 14, Unit.DAYS, 14, "A review date: 004. The time: our own"),
    Limit(
        Code.REVIEW_LOW, "Review: low risk, or no level known yet", 28, Unit.DAYS, 28,
        "A review date: 004. Within 6 weeks (register S22); the time: our own",
    ),
    Limit(Code.DISPUTE_WORKERS, "Settle a dispute: our worker and theirs", 1, Unit.WORKING_DAYS, 2, STAGED),
    Limit(Code.DISPUTE_LEADS, "Settle a dispute: managers and the Safeguarding Lead", 2, Unit.WORKING_DAYS, 4, STAGED),
    Limit(Code.DISPUTE_SENIORS, "Settle a dispute: senior managers", 5, Unit.WORKING_DAYS, 10, STAGED),
    Limit(Code.DISPUTE_BOARD, "Settle a dispute: the board or partnership", 10, Unit.WORKING_DAYS, 20, STAGED),
    Limit(Code.TELL_REPORTER, "Tell the person who reported it what was decided", 2, Unit.WORKING_DAYS, 5, OURS),
    Limit(
        Code.DISSATISFACTION, "Answer somebody who is not satisfied", 1, Unit.WORKING_DAYS, 2,
        "The right to go on: 004. The time is our own proposal",
    ),
    Limit(
        Code.DISSATISFACTION_SENIOR, "Answer somebody who is still not satisfied: a senior manager", 2,
        Unit.WORKING_DAYS, 5, "The right to go on: 004. The time is our own proposal",
    ),
    Limit(Code.OPEN_TOO_LONG, "Open so long that a lead looks at it, and again each time", 28, Unit.DAYS, 56, OURS),
    Limit(Code.OPEN_VERY_LONG, "Open so long that the senior manager is told", 90, Unit.DAYS, 120, OURS),
    Limit(Code.REQUEST, "Answer a request for information that is not for the same day", 2, Unit.WORKING_DAYS, 5, OURS),
    Limit(Code.CLOSURE_VIEW, "Second person’s view on closing", 2, Unit.WORKING_DAYS, 5, OURS),
    Limit(Code.BREAK_GLASS, "Judge a use of break-glass", 2, Unit.WORKING_DAYS, 2, OURS),
    Limit(Code.DASH_MEDIUM, "DASH: medium risk from", 10, Unit.TICKS, 10, BANDS),
    Limit(Code.DASH_HIGH, "DASH: high risk, so that a MARAC referral is asked, from", 14, Unit.TICKS, 14, BANDS),
    Limit(
        Code.DASH_INCIDENTS, "Domestic abuse within 12 months, so that a MARAC referral is asked, from", 3,
        Unit.INCIDENTS, 3, "“Escalation” as commonly used (register S31)",
    ),
)  # fmt: skip

BY_CODE: Mapping[str, Limit] = MappingProxyType({limit.code: limit for limit in LIMITS})


@dataclass(frozen=True)
class Limits:
    """The limits in force at one moment: the defaults, but for what was changed. Handed to the functions of clocks."""

    changed: Mapping[str, int] = field(default_factory=dict)

    def value(self, code: Code) -> int:
        """How many of its units the limit counts."""
        return self.changed.get(code, BY_CODE[code].default)

    def after(self, code: Code, start: datetime) -> datetime:
        """The moment at which the limit ends when it runs from `start` (aware)."""
        count = self.value(code)
        match BY_CODE[code].unit:
            case Unit.MINUTES:
                return start + timedelta(minutes=count)
            case Unit.HOURS:
                return start + timedelta(hours=count)
            case Unit.DAYS:
                return start + timedelta(days=count)
            case Unit.WORKING_HOURS:
                return add_working_hours(start, count)
            case Unit.WORKING_DAYS:
                return add_working_days(start, count)
            case Unit.TICKS | Unit.INCIDENTS:
                raise ValueError(f"{code} counts no time.")


DEFAULTS = Limits()


def count_words(count: int, unit: str) -> str:
    """ "1 working day", "15 minutes"."""
    return f"{count} {unit.removesuffix('s') if count == 1 else unit}"


def problem_with(limit: Limit, count: int) -> str | None:
    """Why `count` can't be the limit, in a sentence; None when it can. Never nothing, never beyond the maximum."""
    if count < 1:
        return f"Enter at least {count_words(1, limit.unit)}."
    if count > limit.most:
        return f"Enter at most {count_words(limit.most, limit.unit)}."
    return None
