"""What a reporter tells us, in one frozen value: made from a draft's pages, read by `services.raise_concern`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from concerns.vocabulary import (
    HowKnown,
    Implicated,
    LifeStage,
    PersonRole,
    Precision,
    YesNoUnknown,
)


@dataclass(frozen=True)
class IntakePerson:
    """One person as far as the reporter knows them. Nothing but the role is needed (R1, R2)."""

    name: str = ""
    description: str = ""
    role: PersonRole = PersonRole.AT_RISK
    stage: LifeStage = LifeStage.UNKNOWN
    date_of_birth: date | None = None
    estimated_age: int | None = None
    expected_date: date | None = None
    address: str = ""
    tenancy_ref: str = ""
    phone: str = ""
    relationship: str = ""
    safe_contact: str = ""
    unsafe_contact: str = ""
    # Who works for or with us, picked from the list of staff: kept out by `conflicts.keep_out_of_their_own` (R41, R45).
    staff_id: int | None = None


@dataclass(frozen=True)
class IntakeEmergencyCall:
    """999 was called before the concern was logged (R37)."""

    service: str
    called_by: str
    called_at: datetime
    incident_number: str = ""
    is_safe_now: YesNoUnknown = YesNoUnknown.UNKNOWN


@dataclass(frozen=True)
class Intake:
    """A whole report. Text is as typed. Times are aware; `noticed_at` is None when nobody knows."""

    is_immediate_danger: bool
    implicated: Implicated
    facts: str = ""
    said: str = ""
    said_by: str = ""
    hearsay: str = ""
    hearsay_from: str = ""
    opinion: str = ""
    opinion_evidence: str = ""
    noticed_at: datetime | None = None
    noticed_precision: Precision = Precision.UNKNOWN
    delay_reason: str = ""
    place: str = ""
    how_known: HowKnown | None = None
    told_by: str = ""
    is_person_unknown: bool = False
    people: tuple[IntakePerson, ...] = ()
    abuse_codes: tuple[str, ...] = ()
    other_abuse: str = ""
    implicated_words: str = ""
    # Staff named as implicated, beyond the reporter's own manager (who follows from `implicated`).
    implicated_staff_ids: tuple[int, ...] = ()
    # "Must they not see it?": keeps the line manager out without saying that they are implicated (R43).
    is_hidden_from_manager: bool = False
    done_already: str = ""
    emergency_calls: tuple[IntakeEmergencyCall, ...] = field(default=())
    promised_secrecy: YesNoUnknown = YesNoUnknown.UNKNOWN
    needs_action_today: bool = False
