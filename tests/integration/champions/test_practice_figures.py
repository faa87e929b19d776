"""How the work was done in a quarter (Q6, Q7, Q12, Q22 to Q24, Q26, Q30 to Q32); every number counted by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from champions import measures
from champions.documents import report_csv
from champions.figures import count_quarter
from champions.figures_practice import STEPS
from champions.quarters import Quarter
from champions.selectors import published
from champions.services import build_report
from champions.suppression import hide, publish
from champions.tables import Table
from concerns import services
from concerns.dash import DashDetails
from concerns.models import Concern
from concerns.services import StepAnswer
from concerns.services.sweeping import sweep
from concerns.vocabulary import (
    AdultAbuse,
    ChildAbuse,
    ClockKind,
    DomesticStepAnswer,
    DomesticStepKind,
    MaracBasis,
    OutcomesAchieved,
    OutcomesAsked,
    RiskOutcome,
    Urgency,
)
from sharing import services as sharing
from sharing.vocabulary import AgencyKind, ContactWay, RequestAnswer, RequestKind, SharingMethod
from tests.build import cases
from tests.build import sharing as build
from tests.build.cast import Cast
from tests.build.intakes import ABOUT_MANAGER, ADULT, CHILD, EMERGENCY, PLAIN, URGENT
from tests.build.quarters import AFTER_SPRING, SPRING, acknowledge

pytestmark = pytest.mark.django_db

QUARTER = Quarter(date(2026, 4, 1))
WINTER = QUARTER.previous


def counted(key: str, quarter: Quarter = QUARTER) -> Table:
    return next(table for table in count_quarter(quarter) if table.key == key)


def counts(key: str, quarter: Quarter = QUARTER) -> dict[str, int]:
    return {row.key: row.count for row in counted(key, quarter).rows if row.count}


def test_q6_urgency_is_as_it_was_when_the_quarter_ended(cast: Cast) -> None:
    raised = [services.raise_concern(intake=i, by=cast.amara, at=SPRING) for i in (PLAIN, PLAIN, URGENT, EMERGENCY)]
    for concern, days in ((raised[0], 1), (raised[1], 90)):
        acknowledge(concern, at=SPRING + timedelta(hours=1))
        fresh = Concern.objects.get(pk=concern.pk)
        findings = replace(cases.findings_for(fresh), urgency=Urgency.EMERGENCY)
        assert fresh.responsible is not None
        services.record_triage(
            concern_id=concern.pk, findings=findings, by=fresh.responsible, at=SPRING + timedelta(days=days)
        )
    # The first rose within the quarter, the second 90 days later, after its end.
    assert counts("urgency") == {"standard": 1, "urgent": 1, "emergency": 2}
    assert counted("urgency").total == 4


def test_q10_why_concerns_were_passed_up_and_how_often_somebody_was_not_satisfied(cast: Cast) -> None:
    # Acknowledged, but in one and a half times 24 hours nobody decided; and Amara is not satisfied.
    slow = services.raise_concern(intake=PLAIN, by=cast.amara, at=SPRING - timedelta(hours=40))
    acknowledge(slow, at=SPRING - timedelta(hours=39))
    services.say_not_satisfied(concern_id=slow.pk, by=cast.amara, words="Nothing has happened.", at=SPRING)
    # Nobody takes it on in four working hours; Amara's manager is named in it; taken on in time.
    services.raise_concern(intake=PLAIN, by=cast.amara, at=SPRING)
    for intake in (ABOUT_MANAGER, PLAIN):
        concern = services.raise_concern(intake=intake, by=cast.amara, at=SPRING)
        acknowledge(concern, at=SPRING + timedelta(minutes=10))
    sweep(at=SPRING + timedelta(hours=5))
    assert counts("moved-up") == {"time": 2, "conflict": 1, "reporter": 1}
    assert counted("moved-up").total == 4


def test_steps_that_took_twice_their_time_are_counted_once_in_the_quarter_in_which_they_did(cast: Cast) -> None:
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=SPRING)
    acknowledge(concern, at=SPRING + timedelta(minutes=10))
    for hours in (25, 37, 47):
        sweep(at=SPRING + timedelta(hours=hours))
    assert counted("long-overdue").total == 0
    for hours in (49, 60):
        sweep(at=SPRING + timedelta(hours=hours))
    assert counts("long-overdue") == {"decide": 1}
    assert counted("long-overdue", QUARTER.next).total == 0
    tables = [counted("long-overdue")]
    shown = publish(tables, hide(tables))[0]
    assert measures.meaning(shown) == "1 step took twice the time that it may take, or longer."


def test_every_clock_that_can_be_overdue_is_part_of_one_row(cast: Cast) -> None:
    listed = [kind for _, kinds in STEPS.values() for kind in kinds]
    assert sorted(listed) == sorted(set(ClockKind) - {ClockKind.OPEN_VERY_LONG, ClockKind.BREAK_GLASS})


@pytest.mark.parametrize(
    ("noticed", "reported", "key"),
    [
        (datetime(2026, 4, 14, 8, tzinfo=UTC), datetime(2026, 4, 14, 22, 59, tzinfo=UTC), "same-day"),  # 23:59
        (datetime(2026, 4, 14, 8, tzinfo=UTC), datetime(2026, 4, 14, 23, 0, tzinfo=UTC), "later"),  # midnight
        # Saturday 18 April: Monday the 20th is the working day.
        (datetime(2026, 4, 18, 8, tzinfo=UTC), datetime(2026, 4, 20, 10, tzinfo=UTC), "same-day"),
        (datetime(2026, 4, 18, 8, tzinfo=UTC), datetime(2026, 4, 21, 10, tzinfo=UTC), "later"),
        # Good Friday 3 April to Easter Monday: Tuesday the 7th.
        (datetime(2026, 4, 3, 8, tzinfo=UTC), datetime(2026, 4, 7, 10, tzinfo=UTC), "same-day"),
    ],
)
def test_q7_reported_on_the_same_working_day(cast: Cast, noticed: datetime, reported: datetime, key: str) -> None:
    services.raise_concern(intake=replace(PLAIN, noticed_at=noticed), by=cast.amara, at=reported)
    services.raise_concern(intake=PLAIN, by=cast.amara, at=reported)  # not known when: in no figure
    assert counts("same-day") == {key: 1}


def test_q12_the_first_referral_of_each_concern_against_24_hours(cast: Cast) -> None:
    # Reported at 9:30 on 17 March, sent at 11:10: in time. A second one, sent on the same day, counts no more.
    concern, _ = build.sent(cast)
    call = sharing.DirectCall(
        agency_name="Larkshire Police", agency_kind=AgencyKind.POLICE, spoken_to="Control room",
        told_at=build.SIGNED_AT + timedelta(hours=3), method=SharingMethod.PHONE,
        what_was_said="All of it",
    )  # fmt: skip
    sharing.record_direct_referral(
        concern_id=concern.pk, call=call, by=cast.amara, at=build.SIGNED_AT + timedelta(hours=3)
    )
    build.sent(cast, at=build.SIGNED_AT + timedelta(days=2))
    assert counts("sent-in-time", WINTER) == {"in-time": 1, "late": 1}


def test_q22_and_q31_decisions(cast: Cast) -> None:
    build.shared(cast)
    build.not_shared(cast)
    assert counts("retrospective", WINTER) == {"before": 2}
    assert counts("family", WINTER) == {"in-time": 2}
    assert counted("family", WINTER).total == 2


def closed_with(cast: Cast, *, asked: OutcomesAsked, achieved: OutcomesAchieved | str, risk: RiskOutcome) -> None:
    concern = cases.triaged(cast, at=SPRING)
    for row in concern.involvements.filter(role="at_risk"):
        services.update_person(
            concern_id=concern.pk, involvement_id=row.pk, by=cast.gwen, at=SPRING + timedelta(hours=2),
            values={"outcomes_asked": asked, "outcomes_achieved": achieved, "risk_outcome": risk},
        )  # fmt: skip
    services.propose_closure(concern_id=concern.pk, closure=cases.CLOSURE, by=cast.gwen, at=SPRING + timedelta(hours=3))
    services.agree_closure(concern_id=concern.pk, words="Agreed.", by=cast.dev, at=SPRING + timedelta(hours=4))


def test_q23_q24_q26_of_people_in_concerns_that_were_closed(cast: Cast) -> None:
    with cases.everyone_decided():
        fully, partially = OutcomesAchieved.FULLY, OutcomesAchieved.PARTIALLY
        closed_with(cast, asked=OutcomesAsked.EXPRESSED, achieved=fully, risk=RiskOutcome.REMOVED)
        closed_with(cast, asked=OutcomesAsked.EXPRESSED, achieved=partially, risk=RiskOutcome.REDUCED)
        closed_with(cast, asked=OutcomesAsked.NOT_EXPRESSED, achieved="", risk=RiskOutcome.REDUCED)
        closed_with(cast, asked=OutcomesAsked.NO, achieved="", risk=RiskOutcome.REMAINED)
        closed_with(cast, asked=OutcomesAsked.UNKNOWN, achieved="", risk=RiskOutcome.NOT_KNOWN)
        cases.triaged(cast, at=SPRING)  # open: not counted
    assert counts("wishes") == {"fully": 1, "partially": 1, "not_expressed": 1, "no": 1, "unknown": 1}
    assert counts("risk-outcome") == {"removed": 1, "reduced": 2, "remained": 1, "not_known": 1}


DASH = DashDetails(
    assessed_on=date(2026, 4, 14), assessor="PC Lund", score=9, own_view="Afraid.", is_high_by_judgement=False
)


def dash(concern: Concern, details: DashDetails, by: object, *, days: int = 1) -> None:
    services.record_dash(
        concern_id=concern.pk, person_ref=cases.person_on(concern).person.ref, details=details,
        form_key=f"{concern.pk}/{days}", by=by, at=SPRING + timedelta(days=days),  # type: ignore[arg-type]
    )  # fmt: skip


def marac(concern: Concern, given: StepAnswer, by: object) -> None:
    services.answer_domestic_step(
        concern_id=concern.pk, kind=DomesticStepKind.MARAC, given=given, by=by,  # type: ignore[arg-type]
        at=SPRING + timedelta(days=2),
    )  # fmt: skip


def test_q30_children_in_the_home_dash_done_marac_referred(cast: Cast) -> None:
    alone = replace(PLAIN, abuse_codes=(AdultAbuse.DOMESTIC.value,))
    family = replace(alone, people=(ADULT, CHILD), abuse_codes=(AdultAbuse.DOMESTIC.value, ChildAbuse.DOMESTIC.value))
    lone, asked, home, untouched = (
        cases.acknowledged(cast, intake=intake, at=SPRING) for intake in (alone, alone, family, family)
    )
    cases.acknowledged(cast, at=SPRING)  # no domestic abuse
    dash(lone, replace(DASH, score=16), cast.gwen)
    dash(lone, DASH, cast.gwen, days=3)  # two records on one concern are one concern
    dash(asked, replace(DASH, score=None, not_scored_reason="Never alone.", incidents=4), cast.gwen)  # not done
    dash(home, DASH, cast.gwen, days=90)  # after the quarter
    referred = StepAnswer(DomesticStepAnswer.REFERRED, "Sent.", date(2026, 4, 15), MaracBasis.DASH)
    marac(lone, referred, cast.gwen)
    marac(home, StepAnswer(DomesticStepAnswer.NOT_REFERRED, "Standard."), cast.gwen)
    assert untouched.pk
    assert counts("domestic") == {"children": 2, "dash": 1, "marac": 1}
    assert counted("domestic").total == 4


def request(cast: Cast, at: datetime, concern: Concern | None = None) -> int:
    kind = RequestKind.AGENCY
    return build.verified(cast, build.requested(cast, concern, at=at, kind=kind), at=at).pk


def answered(cast: Cast, pk: int, answer: RequestAnswer, at: datetime) -> None:
    sharing.answer_request(request_id=pk, answer=answer, words="No power to ask.", by=cast.ruth, at=at)


def told(cast: Cast, pk: int, at: datetime) -> None:
    telling = sharing.Telling(on=at.date(), how=ContactWay.PHONE, reasons="No power to ask.")
    sharing.record_requester_told(request_id=pk, telling=telling, by=cast.ruth, at=at)


def test_q32_requests(cast: Cast) -> None:
    # Two working days from Tuesday 14 April, 10:00: Thursday 16 April, 10:00 (9:00 UTC).
    in_time, late, refused, refused_untold, silent = (request(cast, SPRING) for _ in range(5))
    answered(cast, in_time, RequestAnswer.NOTHING_HELD, SPRING + timedelta(days=2))
    answered(cast, late, RequestAnswer.NOTHING_HELD, SPRING + timedelta(days=2, minutes=1))
    answered(cast, refused, RequestAnswer.REFUSE, SPRING + timedelta(days=1))
    told(cast, refused, SPRING + timedelta(days=1))
    answered(cast, refused_untold, RequestAnswer.REFUSE, SPRING + timedelta(days=1))
    told(cast, refused_untold, SPRING + timedelta(days=90))  # after the quarter: not told when it ended
    # Received in the quarter, due after it: Tuesday 30 June, 16:30.
    request(cast, datetime(2026, 6, 30, 15, 30, tzinfo=UTC))
    assert silent
    found = counted("requests")
    assert {row.key: row.count for row in found.rows} == {"in-time": 3, "late": 2}
    assert [(each.key, each.value) for each in found.statistics] == [("received", 6.0)]
    assert counts("refused") == {"told": 1, "not-told": 1}


def test_small_ones_are_hidden_and_our_own_work_is_shown_from_10_on(cast: Cast) -> None:
    """Q30 is about people; Q32 is our own work (ADR 10)."""
    for number in range(12):
        answered(cast, request(cast, SPRING), RequestAnswer.NOTHING_HELD, SPRING + timedelta(days=1 + 2 * (number > 8)))
    domestic = replace(PLAIN, abuse_codes=(AdultAbuse.DOMESTIC.value,))
    for number in range(12):
        concern = cases.acknowledged(cast, intake=domestic, at=SPRING + timedelta(minutes=number))
        if number < 3:
            dash(concern, DASH, cast.gwen)
    tables = count_quarter(QUARTER)
    shown = {table.key: table for table in publish(tables, hide(tables))}
    requests = shown["requests"]
    assert [(row.count, row.percent) for row in requests.rows] == [(9, 75), (3, 25)]
    assert [each.value for each in requests.statistics] == [12.0]
    assert measures.meaning(requests) == "75% of the requests that fell due were answered in time."
    assert shown["refused"].is_withheld
    # 3 of 12 had a checklist: hidden, and with it nothing else to hide it behind, so that the table goes.
    assert shown["domestic"].is_withheld or all(row.count != 3 for row in shown["domestic"].rows)


def test_the_measures_stand_in_page_and_csv_alike(cast: Cast) -> None:
    for _ in range(10):
        answered(cast, request(cast, SPRING), RequestAnswer.NOTHING_HELD, SPRING + timedelta(days=1))
    services.raise_concern(intake=PLAIN, by=cast.amara, at=SPRING)
    report = build_report(quarter=QUARTER, by=None, at=AFTER_SPRING)
    text = report_csv(published(report))
    assert '"Q32","Requests for information","Answered in time","","request","10","100",' in text
    assert '"Q30","Domestic abuse: DASH and MARAC","Withheld","","concern","[c]"' in text
