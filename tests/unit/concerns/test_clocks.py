"""The time limits of domain.md 2.4, with moments worked out by hand."""

from datetime import UTC, datetime, timedelta

from concerns import clocks
from concerns.limits import DEFAULTS


def utc(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


FRIDAY_4PM = utc(3, 6, 16)


def test_acknowledgement_runs_day_and_night_for_emergency_and_urgent_only() -> None:
    assert clocks.acknowledge_by(DEFAULTS, "emergency", FRIDAY_4PM) == utc(3, 6, 16, 15)
    assert clocks.acknowledge_by(DEFAULTS, "urgent", FRIDAY_4PM) == utc(3, 6, 17)
    # One working hour is left on Friday, three more on Monday from nine.
    assert clocks.acknowledge_by(DEFAULTS, "standard", FRIDAY_4PM) == utc(3, 9, 12)


def test_triage_is_the_same_day_for_a_child_and_24_hours_for_an_adult() -> None:
    morning = utc(3, 4, 10)
    assert clocks.triage_by(DEFAULTS, "standard", has_child=False, reported_at=morning) == utc(3, 5, 10)
    assert clocks.triage_by(DEFAULTS, "standard", has_child=True, reported_at=morning) == utc(3, 5)
    assert clocks.triage_by(DEFAULTS, "urgent", has_child=False, reported_at=morning) == utc(3, 5)


def test_the_same_day_is_the_local_day_in_summer() -> None:
    # 10:00 UTC is 11:00 in London; local midnight is 23:00 UTC.
    assert clocks.triage_by(DEFAULTS, "urgent", has_child=False, reported_at=utc(7, 1, 10)) == utc(7, 1, 23)


def test_the_same_day_late_in_the_evening_leaves_four_hours() -> None:
    assert clocks.triage_by(DEFAULTS, "urgent", has_child=False, reported_at=utc(3, 4, 23)) == utc(3, 5, 3)


def test_a_referral_goes_within_24_hours_of_the_report() -> None:
    assert clocks.send_referral_by(DEFAULTS, reported_at=utc(3, 4, 10), decided_at=utc(3, 4, 12)) == utc(3, 5, 10)
    assert clocks.send_referral_by(DEFAULTS, reported_at=utc(3, 4, 10), decided_at=utc(3, 6, 12)) == utc(3, 6, 13)


def test_agencies_answer_in_one_working_day_for_a_child_and_two_for_an_adult() -> None:
    assert clocks.agency_acknowledgement_by(DEFAULTS, FRIDAY_4PM, is_child=True) == utc(3, 9, 16)
    assert clocks.agency_acknowledgement_by(DEFAULTS, FRIDAY_4PM, is_child=False) == utc(3, 10, 16)


def test_reviews_come_sooner_at_a_higher_risk() -> None:
    at = utc(3, 4, 10)
    found = {risk: clocks.review_by(DEFAULTS, risk, at) - at for risk in ("critical", "high", "medium", "low", "")}
    assert found == {
        "critical": timedelta(hours=24),
        "high": timedelta(days=7),
        "medium": timedelta(days=14),
        "low": timedelta(days=28),
        "": timedelta(days=28),
    }
