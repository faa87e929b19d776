"""What a rule is given and what it hands out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from concerns.clocks import LONDON, REVIEW_WITHIN
from concerns.vocabulary import Urgency
from sharing.clauses import source_in_words
from sharing.record import Record

# R58, fields 25 and 26: how many characters of reasoning count as reasoning.
ENOUGH = 40

LEVELS = tuple(REVIEW_WITHIN)[::-1]  # lowest first

DEFER_LIMIT = timedelta(hours=24)  # field 24
RETROSPECTIVE_LIMIT = timedelta(hours=24)  # T4c, VR23
URGENT_DRAFT_LIMIT = timedelta(hours=24)  # VR24


class Severity(StrEnum):
    """What a problem does to signing."""

    REFUSE = "refuse"  # can't be signed
    WARN = "warn"  # can be signed; the signer is shown it
    COUNTERSIGN = "countersign"  # can be signed; a Safeguarding Lead must sign too


# Why each rule asks, as the person who is asked is told.
SOURCES: dict[str, str] = {
    "VR1": "000 §7.0; 000 golden rule 4; 004 C",
    "VR2": "004 C1: “this must be properly explored and recorded in line with the Mental Capacity Act”",
    "VR3": "004 C7; 000 §7.0",
    "VR4": "004 C8",
    "VR5": "004 C9; 000 §7.0",
    "VR6": "004 C6; 000 §7.0",
    "VR7": "004 C4; 000 §7.0",
    "VR8": "004 C2; 000 §2.0 “Think Family”",
    "VR9": "004 C3: “sharing the information could prevent a crime”; 004 C5: “a serious crime has been committed”;"
    " Crime and Disorder Act 1998, section 115",
    "VR10": "000 §7.0; 004 A7",
    "VR11": "000 golden rule 4: respect the wishes of those who do not consent",
    "VR12": "004 D: “If none of the above apply”",
    "VR13": "HM Government advice 2024, rules 1 and 3",
    "VR14": "004 A11: management interests should not override the need to share",
    "VR15": "000 golden rule 6: only with those who need it",
    "VR16": "000 golden rule 6: shared securely",
    "VR17": "000 golden rule 7: record what you have shared",
    "VR18": "001 §5 “Distinguish fact from opinion”; 002 golden rule 7",
    "VR19": "Data Protection Act 2018, Schedule 1, paragraph 18",
    "VR20": "000 golden rule 4: be clear of the basis",
    "VR21": "002 golden rule 7: times and dates",
    "VR22": "000 §3.0 accountability",
    "VR23": "002 golden rule 7: timely",
    "VR24": "002 golden rule 7: “avoid delay”",
    "VR25": "002 golden rule 7: accurate",
    "F3": "000 golden rule 7; 004 B7",
    "F4": "001 §4; 000 golden rule 6",
    "F5": "000 golden rule 7",
    "F6": "HM Government advice 2024, rule 5; 004 F3",
    "F7": "001 §4, §6; 003: “The first and most important consideration”",
    "F8": "001 §5 “a clear and legitimate purpose”",
    "F9": "000 golden rule 4: the facts of the case",
    "F10": "001 §5 “Distinguish fact from opinion”",
    "F11": "003: “Think about who else might hold relevant information”",
    "F12": "000 golden rule 3; 004 B3",
    "F13": "000 §7.0; 004 B2",
    "F14": "000 §3.0, §6.2; 002: views heard",
    "F15": "000 §7.0; 004 A7",
    "F18": "004 C1; 000 §7.0",
    "F19": "004 C7; 000 §7.0",
    "F20": "000 §7.0; 004 C1-C9",
    "F21": "004 F3: “the risk of sharing information is also considered”",
    "F22": "004 A12: the potential risks of not sharing",
    "F23": "004 F3; 002 golden rule 5",
    "F24": "000 golden rule 7; 004 B7",
    "F25": "000 golden rule 7; 004 D6",
    "F26": "000 §7.0; 004 F1 proportionality",
    "F27": "000 golden rule 6; 001 §3",
    "F28": "001 §5 “Identify how much information to share”",
    "F29": "001 §5 “the right individual”",
    "F30": "000 golden rule 6: shared securely",
    "F31": "001 §6: “spell out the boundaries of onward sharing”",
    "F32": "000 golden rule 4: be clear of the basis",
    "F33": "004 A4; 003",
    "F34": "004 E1-E7",
    "F36": "004 D5",
    "F37": "004 D7",
    "F38": "004 A8: “As long as it does not increase risk, practitioners should inform the person if they need to share"
    " their information without consent”; 001 §5",
    "F39": "001 §4",
    "R21": "000 §8.0; Domestic Abuse Act 2021, sections 1 and 2",
    "R22": "000 §8.1; Domestic Abuse Act 2021, section 3: children are victims too",
    "R26": "000 §6.2; 004 A14",
    "R35": "000 golden rule 3; 004 B3: “without disclosing the identity”",
    "R38": "002 golden rule 7: “avoid delay”; 003: safety comes first, the record follows",
    "R56": "000 golden rule 1; 004 B1: the law is not a barrier to sharing",
    "R57": "000 golden rule 5; 004 B5",
    "R74": "000 §8.0",
    "R111": "000 §6.2; 004 D3: who may speak for somebody",
}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong or missing.

    `field` is its path in the record ("people.7.agreement.status", "" the whole).
    """

    field: str
    sentence: str
    rule: str
    severity: Severity

    @property
    def source(self) -> str:
        """The clause because of which it is asked, in words."""
        return source_in_words(SOURCES[self.rule])


@dataclass(frozen=True)
class Facts:
    """What the rules must know of the world. `at` is the moment of asking, aware."""

    at: datetime
    is_restricted: bool = False
    urgency: str = Urgency.STANDARD
    is_domestic_abuse: bool = False
    is_exploitation: bool = False  # the concern names sexual or criminal exploitation, or modern slavery (field 19)
    staff_implicated: bool = False
    signer_may_sign: bool = True  # holds the concern; neither barred, recused nor ineligible (VR22)
    signer_is_reporter: bool = False
    opened_at: datetime | None = None
    # Requests that this decision may answer (field 4), by reference: linked to the concern and not answered yet, and
    # the one of the version before.
    requests: frozenset[str] = frozenset()
    requests_answered: frozenset[str] = frozenset()  # those of them that were answered already
    # DASH records of the concern that stand (not corrected), by reference: what in each calls for a MARAC (X4).
    dash_bases: Mapping[str, frozenset[str]] = field(default_factory=dict)
    # The current versions of the register of sharing agreements (field 33) and those that are overdue for review.
    agreements: frozenset[str] = frozenset()
    agreements_overdue: frozenset[str] = frozenset()
    told_already: datetime | None = None  # when somebody first told an agency, with no decision behind it yet (R38)
    # R22: where there is domestic abuse, the children and unborn children at risk in the concern, by key.
    children_at_risk: frozenset[str] = frozenset()
    lacks_domestic_account: bool = False  # R21: domestic abuse, and nobody has described it in the terms of the Act
    files: frozenset[str] = frozenset()  # files of the concern that a ground may rest on (R68)
    previous_level: str = ""  # the level of risk in the version that this one replaces
    previous_choice: str = ""  # what that version decided
    # Those at risk about whom the newest decision of the concern is to defer (field 24), by key.
    put_off: frozenset[str] = frozenset()

    @property
    def today(self) -> date:
        """The date in London."""
        return self.at.astimezone(LONDON).date()

    @property
    def is_emergency(self) -> bool:
        return self.urgency == Urgency.EMERGENCY


def only_tells(record: Record, facts: Facts) -> bool:
    """It went before anything was decided (R38), and no decision of the concern is replaced by this record of it.

    Only such a record may be signed without a ground, since to refuse it would leave what went with no record, or with
    a ground made up for it (R39). A lead looks at it, nothing more goes under it, and it decides about nobody.
    """
    return record.is_retrospective and not facts.previous_choice


NOTHING_MORE_GOES = "The record will always say so, and nothing more can be sent under it."


def went_without_ground(problems: Iterable[Problem]) -> bool:
    """Among the problems of a record that was signed all the same: what went had no ground, or went beyond it."""
    return any(each.rule in {"VR1", "VR5"} and each.severity == Severity.COUNTERSIGN for each in problems)


class Found:
    """Collects problems in the order in which they are found."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def refuse(self, field: str, rule: str, sentence: str) -> None:
        self.problems.append(Problem(field, sentence, rule, Severity.REFUSE))

    def warn(self, field: str, rule: str, sentence: str) -> None:
        self.problems.append(Problem(field, sentence, rule, Severity.WARN))

    def countersign(self, field: str, rule: str, sentence: str) -> None:
        self.problems.append(Problem(field, sentence, rule, Severity.COUNTERSIGN))

    def need(self, value: object, field: str, rule: str, sentence: str) -> None:
        """Refuse unless `value` is an answer (white space alone is none)."""
        if not (value.strip() if isinstance(value, str) else value):
            self.refuse(field, rule, sentence)

    def need_reasoning(self, value: str, field: str, rule: str, sentence: str) -> None:
        """Refuse unless `value` has at least ENOUGH characters."""
        if len(value.strip()) < ENOUGH:
            self.refuse(field, rule, sentence)


def level_of_risk(record: Record) -> str:
    """The highest of the worker's view, the person's, and the concern's of everybody at risk; "" for none.

    So the most careful one sets the review, and nobody decides at a lower risk than the concern has.
    """
    of_concern = [person.risk_level for person in record.people if person.is_at_risk]
    given = [record.risks.level_worker, record.risks.level_person, *of_concern]
    return max((level for level in given if level in LEVELS), key=LEVELS.index, default="")
