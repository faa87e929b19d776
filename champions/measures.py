"""The measures of the quarterly report in words (domain.md 4), and what their figures mean in a
sentence.
"""

from __future__ import annotations

from champions.suppression import ShownTable
from champions.tables import Measure, Nature, Picture

RECEIVED = Measure(
    key="received",
    number="Q1",
    title="Concerns received",
    nature=Nature.PEOPLE,
    unit="concern",
    numerator="Concerns reported in the quarter",
    denominator="",
    picture=Picture.TREND,
    total_label="Concerns received",
)
FLOW = Measure(
    key="flow",
    number="Q3",
    title="Open and closed",
    nature=Nature.PROCESS,
    unit="concern",
    numerator="Concerns open at the first and the last instant of the quarter, and what happened in between",
    denominator="",
    note="Open at start + opened + reopened − closed − joined to another − entered in error = open at end.",
    picture=Picture.COLUMNS,
    total_label="Opened",
    has_percent=False,
    is_total_shown=False,
)
CHILD_ABUSE = Measure(
    key="child-abuse",
    number="Q4",
    title="Kinds of abuse: children",
    nature=Nature.PEOPLE,
    unit="concern",
    numerator="Concerns with this kind of abuse; one concern may have several",
    denominator="Concerns received",
    picture=Picture.BARS,
    total_label="Concerns received",
)
ADULT_ABUSE = Measure(
    key="adult-abuse",
    number="Q4",
    title="Kinds of abuse: adults",
    nature=Nature.PEOPLE,
    unit="concern",
    numerator="Concerns with this kind of abuse; one concern may have several",
    denominator="Concerns received",
    picture=Picture.BARS,
    total_label="Concerns received",
)
AREAS = Measure(
    key="areas",
    number="Q5",
    title="Concerns by service area",
    nature=Nature.PEOPLE,
    unit="concern",
    numerator="Concerns of the service area",
    denominator="Concerns received",
    picture=Picture.BARS,
    total_label="Concerns received",
)
ACKNOWLEDGED = Measure(
    key="acknowledged",
    number="Q8",
    title="Acknowledged in time",
    nature=Nature.PROCESS,
    unit="concern",
    numerator="Concerns acknowledged by the first time limit",
    denominator="Concerns received whose first time limit to acknowledge fell due in the quarter",
    picture=Picture.SHARE,
    total_label="Fell due",
    note="Limits: emergency 15 minutes, urgent 1 hour, standard 4 working hours.",
)
DECIDED = Measure(
    key="decided",
    number="Q9",
    title="Decided in time",
    nature=Nature.PROCESS,
    unit="decision",
    numerator="Decisions made by their time limit",
    denominator="Decisions whose time limit fell due in the quarter",
    picture=Picture.SHARE,
    total_label="Fell due",
    note="Limits: the same day for urgent concerns and every child, 24 hours for others.",
)
REFERRED = Measure(
    key="referred",
    number="Q11",
    title="Referred to an agency",
    nature=Nature.PEOPLE,
    unit="concern",
    numerator="Concerns with at least one referral sent by the end of the quarter",
    denominator="Concerns received",
    picture=Picture.SHARE,
    total_label="Concerns received",
)
DECISIONS = Measure(
    key="decisions",
    number="Q18",
    title="Decisions about sharing information",
    nature=Nature.PEOPLE,
    unit="decision",
    numerator="Signed decisions of this kind, the latest version of each",
    denominator="Decisions signed in the quarter, the latest version of each",
    picture=Picture.BARS,
    total_label="Decisions signed",
)
BREAK_GLASS = Measure(
    key="break-glass",
    number="Q35",
    title="Break-glass",
    nature=Nature.RECORDS,
    unit="use",
    numerator="Uses of break-glass that began in the quarter, by what somebody else thought of them",
    denominator="",
    picture=Picture.BARS,
    total_label="Uses",
    has_percent=False,
    note="Break-glass opens one concern that is closed to somebody, for an hour. A lead judges each use.",
)
URGENCY = Measure(
    key="urgency",
    number="Q6",
    title="How urgent",
    nature=Nature.PEOPLE,
    unit="concern",
    numerator="Concerns of this urgency when the quarter ended",
    denominator="Concerns received",
    picture=Picture.BARS,
    total_label="Concerns received",
)
SAME_DAY = Measure(
    key="same-day",
    number="Q7",
    title="Reported on the same working day",
    nature=Nature.PROCESS,
    unit="concern",
    numerator="Concerns reported on the working day on which they were noticed",
    denominator="Concerns received of which it is known when they were noticed",
    picture=Picture.SHARE,
    total_label="Known when noticed",
    note="What was noticed on a day off is in time on the next working day.",
)
MOVED_UP = Measure(
    key="moved-up",
    number="Q10",
    title="Passed up, and why",
    nature=Nature.PROCESS,
    unit="concern",
    numerator="Concerns that came to somebody else for this reason; one concern can count in several rows",
    denominator="Concerns received",
    picture=Picture.BARS,
    total_label="Concerns received",
)
LONG_OVERDUE = Measure(
    key="long-overdue",
    number="2.4",
    title="Took twice their time",
    nature=Nature.RECORDS,
    unit="step",
    numerator="Steps that came to twice their time limit in the quarter without being done",
    denominator="",
    picture=Picture.BARS,
    total_label="Steps",
    has_percent=False,
    note="At one and a half times its limit a step goes to somebody further up; at twice, senior managers are told.",
)
SENT_IN_TIME = Measure(
    key="sent-in-time",
    number="Q12",
    title="Referred within 24 hours",
    nature=Nature.PROCESS,
    unit="referral",
    numerator="First referrals sent within 24 hours of the report",
    denominator="First referrals of concerns sent in the quarter",
    picture=Picture.SHARE,
    total_label="First referrals sent",
)
RETROSPECTIVE = Measure(
    key="retrospective",
    number="Q22",
    title="Decisions recorded after sharing",
    nature=Nature.PROCESS,
    unit="decision",
    numerator="Signed decisions recorded at this time, the latest version of each",
    denominator="Decisions signed in the quarter, the latest version of each",
    picture=Picture.BARS,
    total_label="Decisions signed",
    note="In an emergency the record may follow within 24 hours. What is later stays marked for ever.",
)
WISHES = Measure(
    key="wishes",
    number="Q23, Q24",
    title="Asked what they wanted, and achieved",
    nature=Nature.PEOPLE,
    unit="person",
    numerator="Adults at risk with this answer",
    denominator="Adults at risk in concerns closed in the quarter",
    picture=Picture.BARS,
    total_label="Adults at risk",
)
RISK_OUTCOME = Measure(
    key="risk-outcome",
    number="Q26",
    title="What became of the risk",
    nature=Nature.PEOPLE,
    unit="person",
    numerator="People at risk with this outcome",
    denominator="People at risk in concerns closed in the quarter",
    picture=Picture.BARS,
    total_label="People at risk",
)
DOMESTIC = Measure(
    key="domestic",
    number="Q30",
    title="Domestic abuse: DASH and MARAC",
    nature=Nature.PEOPLE,
    unit="concern",
    numerator="Concerns with domestic abuse of which this is so; one concern can count in several rows",
    denominator="Concerns received with domestic abuse",
    picture=Picture.BARS,
    total_label="Concerns with domestic abuse",
)
FAMILY_CONSIDERED = Measure(
    key="family",
    number="Q31",
    title="Think Family before the decision",
    nature=Nature.PROCESS,
    unit="decision",
    numerator="Decisions signed after the household and the wider network were looked at",
    denominator="Decisions signed in the quarter, the latest version of each",
    picture=Picture.SHARE,
    total_label="Decisions signed",
)
REQUESTS = Measure(
    key="requests",
    number="Q32",
    title="Requests for information",
    nature=Nature.PROCESS,
    unit="request",
    numerator="Requests answered by their time limit",
    denominator="Requests whose time limit fell due in the quarter",
    picture=Picture.SHARE,
    total_label="Fell due",
)
REFUSED = Measure(
    key="refused",
    number="Q32",
    title="Requests refused",
    nature=Nature.PROCESS,
    unit="request",
    numerator="Refused requests of which this is so",
    denominator="Requests whose time limit fell due in the quarter and that were refused",
    picture=Picture.SHARE,
    total_label="Refused",
)
LEFT_OUT = Measure(
    key="left-out",
    number="Data quality",
    title="Left out of these figures",
    nature=Nature.RECORDS,
    unit="concern",
    numerator="Concerns reported in the quarter that were duplicates or errors when it ended",
    denominator="",
    picture=Picture.BARS,
    total_label="Left out",
    has_percent=False,
)


def meaning(table: ShownTable) -> str:
    """What the figures that are shown mean, in one plain sentence; nothing that they do not show."""
    if table.is_withheld:
        return "Withheld: there are too few to show without pointing to somebody."
    match table.key:
        case RECEIVED.key:
            return f"{_count(table.total, 'concern')} came in during the quarter{_compared(table.total_change)}."
        case FLOW.key:
            return _flow(table)
        case ACKNOWLEDGED.key:
            return _share(table, "of the concerns were acknowledged within the limit")
        case DECIDED.key:
            return _share(table, "of the decisions were made within the limit")
        case BREAK_GLASS.key:
            return f"{_count(table.total, 'use')} of break-glass."
        case LONG_OVERDUE.key:
            return f"{_count(table.total, 'step')} took twice the time that it may take, or longer."
        case LEFT_OUT.key:
            return f"{_count(table.total, 'concern')} that came in turned out to be duplicates or errors."
        case REFERRED.key:
            return _share(table, "of the concerns received led to a referral to an agency")
        case SAME_DAY.key:
            return _share(table, "of the concerns were reported on the working day on which they were noticed")
        case SENT_IN_TIME.key:
            return _share(table, "of the first referrals went within 24 hours of the report")
        case FAMILY_CONSIDERED.key:
            return _share(table, "of the decisions came after the family and the household had been looked at")
        case REQUESTS.key:
            return _share(table, "of the requests that fell due were answered in time")
        case REFUSED.key:
            return _share(table, "of the people whose request was refused were told")
    largest = table.largest
    if largest is None:
        return "Every figure that is not 0 is hidden." if table.has_hidden else "There were none."
    share = "" if largest.percent is None else f", {largest.percent}% of {_count(table.total, table.measure.unit)}"
    return f"The largest figure shown is {largest.label}: {largest.count}{share}."


def _flow(table: ShownTable) -> str:
    counts = {row.key: row.count for row in table.rows}
    start, end = counts["start"], counts["end"]
    if start is None or end is None:
        return "How the number of open concerns changed is hidden: the figures are too small."
    if end == start:
        return f"As many concerns were open at the end as at the start: {end}."
    way = "more" if end > start else "fewer"
    return f"{_count(end, 'concern')} were open at the end, {abs(end - start)} {way} than at the start."


def _share(table: ShownTable, words: str) -> str:
    percent = table.rows[0].percent
    if percent is None:
        return "There are too few to give a percentage."
    return f"{percent}% {words}."


def _compared(change: int | None) -> str:
    if change is None:
        return ""
    if change == 0:
        return ", as many as in the quarter before"
    return f", {abs(change)} {'more' if change > 0 else 'fewer'} than in the quarter before"


def _count(number: int | None, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
