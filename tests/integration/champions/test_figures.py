"""Counting, on concerns that the real services made; every expected number is counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.services import record
from audit.vocabulary import EventKind
from champions.figures import NotReconciled, count_quarter
from champions.quarters import Quarter
from champions.tables import Table
from concerns import events, services
from concerns.models import Concern
from concerns.services.sweeping import sweep
from concerns.vocabulary import AdultAbuse, ChildAbuse
from sharing import services as sharing
from sharing.models import SignedRecord
from sharing.vocabulary import SupersessionReason
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import Cast
from tests.build.quarters import SPRING, acknowledge, raise_about_manager, raise_many

pytestmark = pytest.mark.django_db

QUARTER = Quarter(date(2026, 4, 1))
WINTER = QUARTER.previous


def tables() -> dict[str, Table]:
    return {table.key: table for table in count_quarter(QUARTER)}


def counts(table: Table) -> dict[str, int]:
    return {row.key: row.count for row in table.rows if row.count}


def happens(concern: Concern, kind: EventKind, days: int) -> None:
    """The event that ends or opens a concern, `days` after 14 April; what it takes is not the report's business."""
    at = SPRING + timedelta(days=days)
    reason = "Because" if kind.needs_reason else ""
    with transaction.atomic():
        record(kind, by=None, at=at, subject=concern, concern_id=concern.pk, ref=concern.ref, reason=reason)


def test_a_quarter_begins_and_ends_at_local_midnight(cast: Cast) -> None:
    raise_many(cast.amara, 1, at=datetime(2026, 3, 31, 22, 59, tzinfo=UTC))  # 23:59 on 31 March: before
    raise_many(cast.amara, 1, at=datetime(2026, 3, 31, 23, 0, tzinfo=UTC))  # midnight of 1 April
    raise_many(cast.amara, 1, at=datetime(2026, 6, 30, 22, 59, tzinfo=UTC))
    raise_many(cast.amara, 1, at=datetime(2026, 6, 30, 23, 0, tzinfo=UTC))  # 1 July: after
    assert tables()["received"].total == 2


def test_open_and_closed_add_up_over_two_quarters(cast: Cast) -> None:
    first, second, third = raise_many(cast.amara, 3, at=SPRING - timedelta(days=60))
    fourth, fifth = raise_many(cast.amara, 2)
    happens(first, events.CLOSED, -30)
    happens(second, events.CLOSED, 1)
    happens(second, events.REOPENED, 2)
    happens(fourth, events.CLOSED, 3)
    happens(third, events.MERGED, 4)
    # After the quarter: nothing of it may count.
    happens(first, events.REOPENED, 100)
    happens(fifth, events.CLOSED, 100)
    happens(third, events.SEPARATED, 101)
    assert counts(tables()["flow"]) == {"start": 2, "opened": 2, "reopened": 1, "closed": 2, "merged": 1, "end": 2}
    summer = {table.key: table for table in count_quarter(QUARTER.next)}["flow"]
    assert counts(summer) == {"start": 2, "reopened": 2, "closed": 1, "end": 3}


def test_duplicates_and_errors_are_counted_in_no_measure_and_named_as_left_out(cast: Cast) -> None:
    kept, merged, voided, restored = raise_many(cast.amara, 4)
    for concern in (kept, merged, voided, restored):
        acknowledge(concern, at=SPRING + timedelta(hours=1))
    happens(merged, events.MERGED, 1)
    happens(voided, events.VOIDED, 1)
    happens(restored, events.VOIDED, 1)
    happens(restored, events.RESTORED, 2)
    found = tables()
    assert found["received"].total == 2
    assert counts(found["flow"]) == {"opened": 2, "reopened": 1, "voided": 1, "end": 2}
    assert counts(found["areas"]) == {"housing": 2}
    assert found["acknowledged"].total == 2
    assert counts(found["decided"]) == {"late": 2}
    assert counts(found["adult-abuse"]) == {"a_financial": 2}
    assert counts(found["left-out"]) == {"merged": 1, "voided": 1}


def test_uses_of_break_glass_are_counted_by_what_was_thought_of_them(cast: Cast) -> None:
    (concern,) = raise_many(cast.amara, 1)
    moments = {cast.mei: 2, cast.rhys: 3, cast.olu: 4}
    uses = [
        services.break_glass(ref=concern.ref, reason="due", words="Now", by=by, at=SPRING + timedelta(hours=hours))
        for by, hours in moments.items()
    ]
    for use, is_justified in zip(uses[:2], (True, False), strict=True):
        assert use is not None
        services.judge_break_glass(
            use_id=use.pk, is_justified=is_justified, words="So", by=cast.ruth, at=SPRING + timedelta(days=100)
        )
    services.break_glass(ref=concern.ref, reason="due", words="Now", by=cast.femi, at=QUARTER.ends_at)
    table = tables()["break-glass"]
    assert (counts(table), table.total) == ({"justified": 1, "not_justified": 1, "waiting": 1}, 3)


def test_a_duplicate_that_was_separated_after_the_quarter_is_still_left_out_of_it(cast: Cast) -> None:
    (concern,) = raise_many(cast.amara, 1)
    happens(concern, events.MERGED, 1)
    happens(concern, events.SEPARATED, 100)
    assert tables()["received"].total == 0


def test_records_that_do_not_add_up_are_not_reported(cast: Cast) -> None:
    (concern,) = raise_many(cast.amara, 1)
    happens(concern, events.CLOSED, 1)
    happens(concern, events.CLOSED, 2)
    with pytest.raises(NotReconciled):
        count_quarter(QUARTER)


def test_a_concern_counts_once_in_each_of_its_kinds(cast: Cast) -> None:
    raise_many(cast.amara, 3, kinds=[AdultAbuse.FINANCIAL.value, AdultAbuse.NEGLECT.value])
    raise_many(cast.amara, 2, kinds=[ChildAbuse.NEGLECT.value])
    found = tables()
    assert counts(found["adult-abuse"]) == {"a_financial": 3, "a_neglect": 3}
    assert counts(found["child-abuse"]) == {"c_neglect": 2}
    assert found["adult-abuse"].total == 5


def test_a_concern_counts_in_the_area_that_it_belonged_to_when_the_quarter_ended(cast: Cast) -> None:
    moved_in_time, moved_later, _ = raise_many(cast.amara, 3)
    for concern in (moved_in_time, moved_later):
        acknowledge(concern, at=SPRING + timedelta(hours=1))
    services.change_area(
        concern_id=moved_in_time.pk,
        area=cast.areas.repairs,
        reason="Belongs there",
        by=cast.ruth,
        at=SPRING + timedelta(days=1),
    )
    for area, days in ((cast.areas.income, 80), (cast.areas.repairs, 90)):
        services.change_area(
            concern_id=moved_later.pk, area=area, reason="Later", by=cast.ruth, at=SPRING + timedelta(days=days)
        )
    assert counts(tables()["areas"]) == {"housing": 2, "repairs": 1}


def test_acknowledged_in_time_goes_by_the_first_limit(cast: Cast) -> None:
    in_time, passed_up, silent = raise_many(cast.amara, 3)
    acknowledge(in_time, at=SPRING + timedelta(hours=1))
    # 4 working hours from 10:00 are up at 14:00 local; the sweep gives it to the next person.
    sweep(at=SPRING + timedelta(hours=5))
    acknowledge(passed_up, at=SPRING + timedelta(hours=6))
    assert counts(tables()["acknowledged"]) == {"in-time": 1, "late": 2}
    assert silent.pk


def test_a_limit_that_falls_due_after_the_quarter_does_not_count_yet(cast: Cast) -> None:
    # Tuesday 30 June, 16:30 local: 4 working hours end on Wednesday 1 July.
    raise_many(cast.amara, 1, at=datetime(2026, 6, 30, 15, 30, tzinfo=UTC))
    found = tables()
    assert found["received"].total == 1
    assert found["acknowledged"].total == 0


def test_decided_in_time_counts_every_limit_that_fell_due(cast: Cast) -> None:
    acknowledged, still_running = raise_many(cast.amara, 2)
    acknowledge(acknowledged, at=SPRING + timedelta(hours=1))
    acknowledge(still_running, at=SPRING + timedelta(hours=1))
    found = tables()["decided"]
    assert counts(found) == {"late": 2}
    assert [statistic.value for statistic in found.statistics] == [None, None]


def test_a_referral_counts_from_the_moment_that_it_was_sent(cast: Cast) -> None:
    build.sent(cast)
    build.shared(cast)  # signed, and not sent yet
    winter = {table.key: table for table in count_quarter(WINTER)}["referred"]
    assert counts(winter) == {"referred": 1, "not-referred": 1}
    assert winter.total == 2


def decide_again(old: SignedRecord, concern: Concern, cast: Cast, *, at: datetime) -> SignedRecord:
    """The holder now shares, with agreement."""
    holder = build.holder_of(concern)
    draft = sharing.start_new_version(
        record_id=old.pk, reason=SupersessionReason.NEW_INFORMATION, words="A child moved in.", by=holder, at=at
    )
    agency = build.adult_care(cast)
    draft = build.fill(draft, build.fitted(decisions.agreed(), concern), by=holder, at=at, agency=agency)
    return sharing.sign_decision(decision_id=draft.pk, seen_edit=draft.edit, by=holder, at=at)


def test_each_decision_counts_once_by_its_latest_version(cast: Cast) -> None:
    build.shared(cast)
    concern, first = build.not_shared(cast)
    sharing.give_second_view(record_id=first.pk, is_agreed=True, comment="", by=cast.dev, at=first.signed_at)

    def decided(quarter: Quarter) -> dict[str, int]:
        return counts({table.key: table for table in count_quarter(quarter)}["decisions"])

    assert decided(WINTER) == {"with_agreement": 1, "not_share": 1}
    second = decide_again(first, concern, cast, at=first.signed_at + timedelta(hours=2))
    assert decided(WINTER) == {"with_agreement": 2}
    # A version of the next quarter counts there, and takes nothing from this one.
    decide_again(second, concern, cast, at=second.signed_at + timedelta(days=21))
    assert decided(WINTER) == {"with_agreement": 2}
    assert decided(QUARTER) == {"with_agreement": 1}


def test_restricted_concerns_are_in_every_total_and_marked_in_each_group(cast: Cast) -> None:
    raise_many(cast.priya, 2)
    raise_about_manager(cast.priya)
    found = tables()
    assert found["received"].total == 3
    (repairs,) = [row for row in found["areas"].rows if row.key == "repairs"]
    assert (repairs.count, repairs.restricted) == (3, 1)


def test_counting_takes_as_many_queries_for_thirty_concerns_as_for_one(cast: Cast) -> None:
    raise_many(cast.amara, 1)
    with CaptureQueriesContext(connection) as one:
        count_quarter(QUARTER)
    raise_many(cast.amara, 30)
    with CaptureQueriesContext(connection) as many:
        count_quarter(QUARTER)
    # 11 tables more than when it was 18.
    assert len(many) == len(one) <= 28
