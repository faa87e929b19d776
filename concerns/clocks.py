"""When each step is due (domain.md 2.4). Pure: the limits in force and a start in, the moment it is due out.

Safety clocks run day and night; the others count working time. How long each limit is, and on what basis, stands in
`concerns.limits`.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from concerns.limits import BY_CODE, Code, Limits
from concerns.vocabulary import ClockKind, RiskLevel, Urgency
from safeguarding.kit.working_time import add_working_hours, is_working_day, working_hours_between

LONDON = ZoneInfo("Europe/London")

_ACKNOWLEDGE: dict[str, Code] = {
    Urgency.EMERGENCY: Code.ACKNOWLEDGE_EMERGENCY,
    Urgency.URGENT: Code.ACKNOWLEDGE_URGENT,
    Urgency.STANDARD: Code.ACKNOWLEDGE_STANDARD,
}
_REVIEW: dict[str, Code] = {
    RiskLevel.CRITICAL: Code.REVIEW_CRITICAL,
    RiskLevel.HIGH: Code.REVIEW_HIGH,
    RiskLevel.MEDIUM: Code.REVIEW_MEDIUM,
    RiskLevel.LOW: Code.REVIEW_LOW,
}
_DISPUTE: dict[int, Code] = {
    1: Code.DISPUTE_WORKERS,
    2: Code.DISPUTE_LEADS,
    3: Code.DISPUTE_SENIORS,
    4: Code.DISPUTE_BOARD,
}
# T10: the longest that a date of review may ever lie ahead, by the highest level of risk (004 D7). A decision's date
# is held against these; a limit that was made shorter brings the clock itself forward.
REVIEW_WITHIN: dict[str, timedelta] = {
    RiskLevel.CRITICAL: timedelta(hours=BY_CODE[Code.REVIEW_CRITICAL].most),
    RiskLevel.HIGH: timedelta(days=BY_CODE[Code.REVIEW_HIGH].most),
    RiskLevel.MEDIUM: timedelta(days=BY_CODE[Code.REVIEW_MEDIUM].most),
    RiskLevel.LOW: timedelta(days=BY_CODE[Code.REVIEW_LOW].most),
}
LONGEST_REVIEW = REVIEW_WITHIN[RiskLevel.LOW]


# The steps whose limits count working time (2.4); all others run day and night.
IN_WORKING_TIME = frozenset(
    {
        ClockKind.SECOND_VIEW,
        ClockKind.STAFF_CONSULTATION,
        ClockKind.RECEIPT_CHECK,
        ClockKind.CORRECTION,
        ClockKind.AGENCY_ACKNOWLEDGEMENT,
        ClockKind.AGENCY_OUTCOME,
        ClockKind.DISPUTE,
        ClockKind.TELL_REPORTER,
        ClockKind.DISSATISFACTION,
        ClockKind.CLOSURE_VIEW,
        ClockKind.BREAK_GLASS,
        ClockKind.ENQUIRY,
    }
)


def overdue_level(*, started_at: datetime, due_at: datetime, at: datetime, in_working_time: bool) -> int:
    """0 before the limit, then 1, 2 from one and a half times the time given, 3 from twice (2.4), in its own time."""
    if at < due_at:
        return 0
    if in_working_time:
        hours = working_hours_between(started_at, due_at)
        rises_at, alarm_at = (add_working_hours(started_at, times * hours) for times in (1.5, 2))
    else:
        given = due_at - started_at
        rises_at, alarm_at = started_at + 1.5 * given, started_at + 2 * given
    if at >= max(alarm_at, due_at):
        return 3
    return 2 if at >= max(rises_at, due_at) else 1


def acknowledge_by(limits: Limits, urgency: str, reported_at: datetime) -> datetime:
    """T2."""
    return limits.after(_ACKNOWLEDGE[urgency], reported_at)


def triage_by(limits: Limits, urgency: str, *, has_child: bool, reported_at: datetime) -> datetime:
    """T3: the same day for urgent concerns and for every child, else 24 hours from the report.

    "The same day" ends at local midnight, but leaves a least time to whoever is told late in the evening.
    """
    if urgency == Urgency.STANDARD and not has_child:
        return limits.after(Code.TRIAGE, reported_at)
    return same_day_by(limits, reported_at)


def same_day_by(limits: Limits, start: datetime) -> datetime:
    """The local midnight that ends the day of `start`, or a least time later in the evening (T3, T15)."""
    local = start.astimezone(LONDON)
    midnight = datetime.combine(local.date() + timedelta(days=1), time.min, tzinfo=LONDON)
    return max(midnight.astimezone(start.tzinfo), limits.after(Code.TRIAGE_SAME_DAY, start))


def one_month_by(start: datetime) -> datetime:
    """T15: the end of the same day of the next month, or of that month's last day; on a day off, of the next working
    day.
    """
    local = start.astimezone(LONDON).date()
    year, month = local.year + local.month // 12, local.month % 12 + 1
    day = date(year, month, min(local.day, monthrange(year, month)[1]))
    while not is_working_day(day):
        day += timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=LONDON).astimezone(start.tzinfo)


def second_view_by(limits: Limits, at: datetime) -> datetime:
    """T3b."""
    return limits.after(Code.SECOND_VIEW, at)


def send_referral_by(limits: Limits, *, reported_at: datetime, decided_at: datetime) -> datetime:
    """T4: at once, and within 24 hours of the report; a later decision leaves a short time to send it."""
    return max(limits.after(Code.SEND_REFERRAL, reported_at), limits.after(Code.SEND_LATE_DECISION, decided_at))


def consult_about_staff_by(limits: Limits, at: datetime) -> datetime:
    """T4b: LADO or PiPoT."""
    return limits.after(Code.STAFF_CONSULTATION, at)


def retrospective_by(limits: Limits, acted_at: datetime) -> datetime:
    """T4c: the record of a decision that an emergency went ahead of."""
    return limits.after(Code.RETROSPECTIVE, acted_at)


def receipt_check_by(limits: Limits, sent_at: datetime) -> datetime:
    """T5: delivered, received and understood (001 §6, 003 K5)."""
    return limits.after(Code.RECEIPT_CHECK, sent_at)


def tell_of_correction_by(limits: Limits, at: datetime) -> datetime:
    """T5b, R100: everybody who was given a wrong fact has been told."""
    return limits.after(Code.CORRECTION, at)


def end_of(day: date) -> datetime:
    """The local midnight that ends `day`."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=LONDON)


def agency_acknowledgement_by(limits: Limits, sent_at: datetime, *, is_child: bool) -> datetime:
    """T6."""
    return limits.after(Code.AGENCY_CHILD if is_child else Code.AGENCY_ADULT, sent_at)


def agency_outcome_by(limits: Limits, acknowledged_at: datetime) -> datetime:
    """T8, and again each time."""
    return limits.after(Code.AGENCY_OUTCOME, acknowledged_at)


def review_by(limits: Limits, risk: str, at: datetime) -> datetime:
    """T10: the latest moment for the next review at the highest level of `risk`; the longest when no level is known."""
    return limits.after(_REVIEW.get(risk, Code.REVIEW_LOW), at)


def settle_dispute_by(limits: Limits, at: datetime, *, stage: int) -> datetime:
    """T11: how long each stage of a professional disagreement may take (R122)."""
    return limits.after(_DISPUTE[stage], at)


def tell_reporter_by(limits: Limits, decided_at: datetime) -> datetime:
    """T12."""
    return limits.after(Code.TELL_REPORTER, decided_at)


def answer_reporter_by(limits: Limits, at: datetime, *, is_with_senior: bool) -> datetime:
    """T13: a champion or lead answers, then a senior manager."""
    return limits.after(Code.DISSATISFACTION_SENIOR if is_with_senior else Code.DISSATISFACTION, at)


def closure_view_by(limits: Limits, at: datetime) -> datetime:
    """The second person's view on closing (domain.md 2.1)."""
    return limits.after(Code.CLOSURE_VIEW, at)


def judge_break_glass_by(limits: Limits, at: datetime) -> datetime:
    """A use of break-glass at `at` must be judged by then (domain.md 5)."""
    return limits.after(Code.BREAK_GLASS, at)


def lead_looks_by(limits: Limits, at: datetime) -> datetime:
    """T14: open since `at`, or last looked at then: when a lead looks at it."""
    return limits.after(Code.OPEN_TOO_LONG, at)


def senior_manager_told_by(limits: Limits, reported_at: datetime) -> datetime:
    """T14: open since `reported_at`: when the designated senior manager is told."""
    return limits.after(Code.OPEN_VERY_LONG, reported_at)
