"""The controlled lists of a concern (domain.md 1.22), in their exact words. A code, once used, is never removed."""

from django.db import models


class State(models.TextChoices):
    """Where a concern stands on the Appendix 1 route (domain.md 2.1). None of these is a finding (R4)."""

    SUBMITTED = "submitted", "Reported, waiting to be acknowledged"
    TRIAGE = "triage", "Being considered"
    AWAITING_SECOND = "awaiting_second", "Waiting for a second person's view"
    REFERRAL_DUE = "referral_due", "To be sent to an agency"
    REFERRED = "referred", "Sent to an agency"
    WITH_AGENCY = "with_agency", "With an agency"
    DISPUTED = "disputed", "In dispute with an agency"
    MONITORING = "monitoring", "Being kept under review"
    CLOSURE_REVIEW = "closure_review", "Closing, waiting for a second person"
    CLOSED = "closed", "Closed"
    MERGED = "merged", "Joined to another concern"
    VOID = "void", "Entered in error"


ENDED_STATES = frozenset({State.CLOSED, State.MERGED, State.VOID})
OPEN_STATES = frozenset(State) - ENDED_STATES


class Urgency(models.TextChoices):
    """V20. How quickly somebody must act; independent of the level of risk."""

    EMERGENCY = "emergency", "Emergency"
    URGENT = "urgent", "Urgent (today)"
    STANDARD = "standard", "Standard"


class RiskLevel(models.TextChoices):
    """V20. The level of risk to one person."""

    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"
    CRITICAL = "critical", "Critical"


class LifeStage(models.TextChoices):
    """R24. Unknown is treated as a child until known."""

    CHILD = "child", "Child (under 18)"
    ADULT = "adult", "Adult (18 or over)"
    UNBORN = "unborn", "Unborn child"
    UNKNOWN = "unknown", "Not known"


class PersonRole(models.TextChoices):
    """V8. One person may have several roles in one concern (R116)."""

    AT_RISK = "at_risk", "At risk"
    SOURCE_OF_RISK = "source_of_risk", "Possible source of risk"
    HOUSEHOLD = "household", "Household member"
    NETWORK = "network", "Wider network"
    WITNESS = "witness", "Witness"
    REPORTER = "reporter", "Reporter (external)"
    PARENT = "parent", "Parent or person with parental responsibility"
    REPRESENTATIVE = "representative", "Representative or advocate"
    PROFESSIONAL = "professional", "Professional"


class ChildAbuse(models.TextChoices):
    """V1. The six of 000 §5.1, then additions from 000 §5.2, §8.1 and current law."""

    PHYSICAL = "c_physical", "Physical abuse"
    EMOTIONAL = "c_emotional", "Emotional abuse"
    SEXUAL = "c_sexual", "Sexual abuse"
    SEXUAL_EXPLOITATION = "c_sexual_exploitation", "Child sexual exploitation"
    NEGLECT = "c_neglect", "Neglect"
    CRIMINAL_EXPLOITATION = "c_criminal_exploitation", "Child criminal exploitation"
    DOMESTIC = "c_domestic", "Domestic abuse (child as victim)"
    FGM = "c_fgm", "Female genital mutilation"
    FORCED_MARRIAGE = "c_forced_marriage", "Forced marriage"
    HONOUR = "c_honour", "So-called honour-based abuse"
    RADICALISATION = "c_radicalisation", "Radicalisation / extremism"
    SLAVERY = "c_slavery", "Modern slavery or trafficking"
    ONLINE = "c_online", "Online abuse"
    TEENAGE_RELATIONSHIP = "c_teenage_relationship", "Teenage relationship abuse"
    FAITH = "c_faith", "Abuse linked to faith or belief"
    NOT_SURE = "c_not_sure", "Not sure yet"
    OTHER = "c_other", "Other (describe)"


class AdultAbuse(models.TextChoices):
    """V2. The twelve of 000 §6.1 in their order, which "should not be considered exhaustive"."""

    PHYSICAL = "a_physical", "Physical abuse"
    DOMESTIC = "a_domestic", "Domestic abuse"
    SEXUAL = "a_sexual", "Sexual abuse"
    SEXUAL_EXPLOITATION = "a_sexual_exploitation", "Sexual exploitation"
    PSYCHOLOGICAL = "a_psychological", "Psychological abuse"
    FINANCIAL = "a_financial", "Financial or material abuse"
    SLAVERY = "a_slavery", "Modern slavery"
    DISCRIMINATORY = "a_discriminatory", "Discriminatory abuse"
    ORGANISATIONAL = "a_organisational", "Organisational abuse"
    CRIMINAL_EXPLOITATION = "a_criminal_exploitation", "Criminal Exploitation"
    NEGLECT = "a_neglect", "Neglect and acts of omission"
    SELF_NEGLECT = "a_self_neglect", "Self-neglect"
    NOT_SURE = "a_not_sure", "Not sure yet"
    OTHER = "a_other", "Other (describe)"


ABUSE_LABELS: dict[str, str] = {**dict(ChildAbuse.choices), **dict(AdultAbuse.choices)}
DOMESTIC_ABUSE = frozenset({ChildAbuse.DOMESTIC.value, AdultAbuse.DOMESTIC.value})
# Where one of these is named, an adult is asked about duress, whether they agree or not (field 19).
EXPLOITATION = frozenset(
    each.value
    for kind in (ChildAbuse, AdultAbuse)
    for each in (kind.SEXUAL_EXPLOITATION, kind.CRIMINAL_EXPLOITATION, kind.SLAVERY)
)


class HowKnown(models.TextChoices):
    """V21. How the reporter came to know."""

    DISCLOSURE = "disclosure", "Disclosure by person"
    DISCLOSURE_OTHER = "disclosure_other", "Disclosure by other"
    OBSERVED = "observed", "Observed"
    ALLEGATION = "allegation", "Allegation by third party"
    ANONYMOUS = "anonymous", "Anonymous"
    AGENCY = "agency", "Agency notification"
    PATTERN = "pattern", "Pattern in records"
    CONTRACTOR_VISIT = "contractor_visit", "Contractor visit"
    COMPLAINT = "complaint", "Complaint"
    ASB = "asb", "ASB report"


class Precision(models.TextChoices):
    """R6. How exactly a date or time is known."""

    EXACT = "exact", "Exact"
    APPROX = "approx", "About"
    UNKNOWN = "unknown", "Not known"


class YesNoUnknown(models.TextChoices):
    YES = "yes", "Yes"
    NO = "no", "No"
    UNKNOWN = "unknown", "Not known"


class Implicated(models.TextChoices):
    """R41. Whether somebody who works for or with us may be a source of risk."""

    NO = "no", "No"
    MANAGER = "manager", "Yes, my line manager"
    OTHER_STAFF = (
        "other_staff",
        "Yes, another member of staff, a contractor or a volunteer",
    )
    UNSURE = "unsure", "I am not sure"


class ConflictKind(models.TextChoices):
    """R45. The third notion, *ineligible*, follows from facts (reporter, managed by the barred) and has no row."""

    BARRED = "barred", "Barred: named as implicated"
    RECUSED = "recused", "Recused: has a conflict of interest"


class KeptOutBecause(models.TextChoices):
    """Why a lead keeps a member of staff out of a concern (R41, R45; domain.md 2.1)."""

    CAUSE = "cause", "They may be a cause of this"
    AT_RISK = "at_risk", "They are the person at risk, or one of them"
    CLOSE = "close", "They live with or are related to somebody in it, or have another conflict of interest"


class Way(models.TextChoices):
    """By what somebody may read a case (domain.md 5). In this order: the first that holds is named."""

    HOLDS = "holds", "Holds this concern"
    LEAD = "lead", "Safeguarding Lead or deputy"
    OPERATIONAL_LEAD = "operational_lead", "Operational lead"
    CHAMPION = "champion", "Champion of the service area"
    MANAGER = "manager", "Manages the person who reported it, until somebody acknowledges the emergency"
    REVIEWER = "reviewer", "Asked to look at it afresh for the person who reported it"
    SECOND = "second", "Asked for a second view"
    LET_IN = "let_in", "Let in by name"
    AUDIT = "audit", "Auditor, let in by name"
    BREAK_GLASS = "break_glass", "Break-glass"


# Reading and nothing else: whoever comes in by one of these changes nothing.
READ_ONLY_WAYS = frozenset({Way.LET_IN, Way.AUDIT, Way.BREAK_GLASS})


class BreakGlassReason(models.TextChoices):
    """Why somebody could not wait to be let in by name (domain.md 5). Our own list: no source sets one."""

    DANGER = "danger", "Somebody may be in danger, and nobody who can open it answers"
    AGENCY = "agency", "The police, an ambulance or another agency asks now and can’t wait"
    DUE = "due", "Something must be done now, and the person who holds it can’t be reached"
    AUDIT = "audit", "A complaint, inspection or legal matter that can’t wait"
    OTHER = "other", "Another reason"


class VisitAdvice(models.TextChoices):
    """What somebody about to visit a home is told: an instruction, never a reason (domain.md 5)."""

    SPEAK_FIRST = "speak_first", "Speak to somebody before you visit"
    IN_PAIRS = "in_pairs", "Visit in pairs"
    BOTH = "both", "Speak to somebody before you visit, and visit in pairs"


class HolderCause(models.TextChoices):
    """Why the concern came to the person who holds it (domain.md 2.3)."""

    LINE_MANAGER = "line_manager", "Line manager of the person who reported it"
    MANAGER_ABSENT = "manager_absent", "The line manager is away"
    MANAGER_IMPLICATED = "manager_implicated", "The line manager may not hold it"
    NO_MANAGER = "no_manager", "The person who reported it has no line manager"
    NOT_ACKNOWLEDGED = "not_acknowledged", "Nobody acknowledged it in time"
    HOLDER_ABSENT = "holder_absent", "The person who held it is away"
    CONFLICT = "conflict", "The person who held it has a conflict of interest"
    DECLINED = "declined", "The person who held it could not take it on"
    TAKEN = "taken", "Taken from the queue"
    HANDED_ON = "handed_on", "Handed on"
    ACKNOWLEDGED_FIRST = "acknowledged_first", "First to acknowledge the emergency"
    DISPUTE = "dispute", "A dispute with an agency goes to the Safeguarding Lead"
    DIFFERENCE = "difference", "Two people differed about not sharing: the safer choice stands, and a lead decides"
    REOPENED = "reopened", "The concern was reopened"
    AREA_CHANGED = "area_changed", "The concern was moved to another service area"
    SEPARATED = "separated", "Separated again from another concern"
    NOT_IN_ERROR = "not_in_error", "It was not entered in error after all"
    BARRED = "barred", "The person who held it may no longer hold it"
    ON_DUTY = "on_duty", "Out of hours: the person on duty"
    COVERING = "covering", "Covers for somebody who is away"
    OVERDUE = "overdue", "A step was not done in time"
    PART_ENDED = "part_ended", "The person who held it has no part in safeguarding now"
    LADDER_EXHAUSTED = (
        "ladder_exhausted",
        "Nobody else on the ladder was free to take it",
    )


# What these say tells whose team the person who reported it is in (R43).
TELLS_OF_REPORTER = frozenset({HolderCause.LINE_MANAGER, HolderCause.MANAGER_ABSENT, HolderCause.NO_MANAGER})


class ClockKind(models.TextChoices):
    """What a deadline times (domain.md 2.4)."""

    ACKNOWLEDGE = "T2", "Acknowledge the concern"
    TRIAGE = "T3", "Decide what to do"
    SECOND_VIEW = "T3b", "Second person's view"
    DIFFERENCE = "T3c", "Agree about sharing; after that the safer choice stands and a lead decides"
    SEND_REFERRAL = "T4", "Send the referral"
    STAFF_CONSULTATION = "T4b", "Tell the agencies about the worker: LADO or PiPoT, police, adult social care"
    RETROSPECTIVE = "T4c", "Record the decision after an emergency"
    RECEIPT_CHECK = "T5", "Check it was delivered, received and understood"
    CORRECTION = "T5b", "Tell an agency that a shared fact was wrong"
    TELL_PERSON = "T5c", "Tell the person that it was shared"
    AGENCY_ACKNOWLEDGEMENT = "T6", "Agency to acknowledge"
    AGENCY_OUTCOME = "T8", "Review the agency's outcome"
    REVIEW = "T10", "Review"
    CONTACT = "contact", "Be in touch again"
    DISPUTE = "T11", "Settle the dispute with the agency"
    TELL_REPORTER = "T12", "Tell the person who reported it"
    DISSATISFACTION = "T13", "Answer the person who is not satisfied"
    OPEN_TOO_LONG = "T14", "Lead's review of a long open concern"
    OPEN_VERY_LONG = "T14b", "Tell the senior manager that it is still open"
    ENQUIRY = "enquiry", "Report on the enquiry to the local authority"
    CLOSURE_VIEW = "closure", "Second person's view on closing"
    BREAK_GLASS = "glass", "Judge a use of break-glass"


# A lead's business beside the case: not the holder's next step, and it does not end with the concern.
BESIDE_THE_CASE = frozenset({ClockKind.BREAK_GLASS})


class NoteKind(models.TextChoices):
    NOTE = "note", "Note"
    ADDED = "added", "Added by the person who reported it"
    HAND_OVER = "hand_over", "Hand-over note"
    CORRECTION = "correction", "Correction"
    # Written by the service itself with what somebody gave as the reason for a change (R44).
    REASON = "reason", "Reason for a change"


class ClosureReason(models.TextChoices):
    """V9. None is a finding (R4)."""

    AGENCY_RESPONSIBLE = (
        "agency_responsible",
        "Agency has taken responsibility and we have no continuing action",
    )
    SUPPORT_COMPLETE = (
        "support_complete",
        "Our support complete, risk removed or reduced",
    )
    INFORMED_CHOICE = (
        "informed_choice",
        "Person's informed choice, reviewed, risk agreed",
    )
    DIED = "died", "Person died"
    MOVED = "moved", "Moved out of area and handed over"
    NO_CONCERN = "no_concern", "No safeguarding concern identified after agency advice"


class RiskOutcome(models.TextChoices):
    """V9, the SAC risk outcome, with our two local values."""

    REMAINED = "remained", "Risk remained"
    REDUCED = "reduced", "Risk reduced"
    REMOVED = "removed", "Risk removed"
    NOT_KNOWN = "not_known", "Not known"
    NOT_APPLICABLE = "not_applicable", "Not applicable"


class OutcomesAsked(models.TextChoices):
    """V15, Making Safeguarding Personal: asked."""

    EXPRESSED = "expressed", "Yes they were asked and outcomes were expressed"
    NOT_EXPRESSED = (
        "not_expressed",
        "Yes they were asked but no outcomes were expressed",
    )
    NO = "no", "No"
    UNKNOWN = "unknown", "Don't know"
    NOT_RECORDED = "not_recorded", "Not recorded"


class OutcomesAchieved(models.TextChoices):
    """V15: achieved."""

    FULLY = "fully", "Fully Achieved"
    PARTIALLY = "partially", "Partially Achieved"
    NOT = "not", "Not Achieved"


class ReviewOutcome(models.TextChoices):
    """R124."""

    NO_CHANGE = "no_change", "No change of risk"
    HIGHER = "higher", "Risk is higher"
    LOWER = "lower", "Risk is lower"


class TwoPersonAct(models.TextChoices):
    """What needs a second person beside the decisions on sharing and closing (R41, R44, t21, I13)."""

    VOID = "void", "Mark as entered in error"
    LIFT_CONFLICT = "lift_conflict", "Lift a bar or a recusal"
    LOOSEN_RESTRICTION = "loosen_restriction", "End the restriction"
    LOWER_RISK = "lower_risk", "Lower the level of risk by two steps or more"
    LET_AUDITOR_IN = "let_auditor_in", "Let an auditor in to this restricted concern"


class AlarmKind(models.TextChoices):
    """I16. What is so grave that it stands on the first page until it is over."""

    NO_LEAD = "no_lead", "Nobody at lead level is at work"
    NO_LEAD_HERE = "no_lead_here", "Nobody at lead level who is at work may act on this concern"
    EXHAUSTED = "exhausted", "Nobody else on the ladder was free to take this concern"


class StaffStepKind(models.TextChoices):
    """R46. What is thought of when somebody who works for or with us is implicated."""

    LADO = "lado", "Consult the LADO (local authority designated officer)"
    PIPOT = "pipot", "Consult the PiPoT lead (people in positions of trust)"
    POLICE = "police", "Tell the police, where a crime is possible"
    ADULT_CARE = "mash", "Refer the adult at risk to adult social care (MASH)"
    HR = "hr", "Tell HR, on a need-to-know basis"
    DBS = "dbs", "Consider a referral to the DBS (Disclosure and Barring Service)"


# Timed by T4b.
CONSULTATIONS = frozenset({StaffStepKind.LADO, StaffStepKind.PIPOT, StaffStepKind.POLICE, StaffStepKind.ADULT_CARE})
# What is no crime of anybody else by itself; every other kind of abuse may be one, and so may what nobody knows yet.
NO_CRIME_BY_ITSELF = frozenset({AdultAbuse.SELF_NEGLECT})


class StaffStepAnswer(models.TextChoices):
    DONE = "done", "Done"
    NOT_NEEDED = "not_needed", "Not needed"


class MaracBasis(models.TextChoices):
    """X4, R67: what a referral to a MARAC rests on; a low score alone never stands against one."""

    DASH = "dash", "Visible high risk (DASH score)"
    JUDGEMENT = "judgement", "Professional judgement"
    ESCALATION = "escalation", "Escalation"


class DomesticBehaviour(models.TextChoices):
    """V5: Domestic Abuse Act 2021 s1(3). The terms of 000 §8.0 stand beside them (`DOMESTIC_ALIASES`)."""

    PHYSICAL = "physical", "Physical or sexual abuse"
    THREATENING = "threatening", "Violent or threatening behaviour"
    CONTROLLING = "controlling", "Controlling or coercive behaviour"
    ECONOMIC = "economic", "Economic abuse"
    PSYCHOLOGICAL = "psychological", "Psychological, emotional or other abuse"
    NOT_KNOWN = "not_known", "Not known yet"


# The words of 000 §8.0, by the term of the Act that took their place (domain.md L1).
DOMESTIC_ALIASES = {
    DomesticBehaviour.PHYSICAL: "The policy says: Physical; Sexual",
    DomesticBehaviour.ECONOMIC: "The policy says: Financial",
    DomesticBehaviour.PSYCHOLOGICAL: "The policy says: Psychological; Emotional",
}


class DomesticPattern(models.TextChoices):
    """V5: section 1(3) covers both."""

    SINGLE = "single", "Single incident"
    COURSE = "course", "Course of conduct"
    NOT_KNOWN = "not_known", "Not known yet"


class DomesticFlag(models.TextChoices):
    """V5, flags."""

    HONOUR = "honour", "So-called honour-based violence"
    FGM = "fgm", "FGM"
    FORCED_MARRIAGE = "forced_marriage", "Forced marriage"
    STRANGULATION = "strangulation", "Non-fatal strangulation"
    STALKING = "stalking", "Stalking"
    PREGNANCY = "pregnancy", "Pregnancy"


class PersonallyConnected(models.TextChoices):
    """V5: Domestic Abuse Act 2021 s2."""

    MARRIED = "married", "Are or were married"
    CIVIL_PARTNERS = "civil_partners", "Are or were civil partners"
    ENGAGED = "engaged", "Agreed to marry"
    CIVIL_AGREED = "civil_agreed", "Civil partnership agreement"
    INTIMATE = "intimate", "Are or were in an intimate personal relationship"
    PARENTS = "parents", "Each have or had a parental relationship to the same child"
    RELATIVES = "relatives", "Relatives"
    NONE = "none", "None of these"
    NOT_KNOWN = "not_known", "Not known yet"


# Who has no name yet: what a pregnancy that is described puts on the concern (R22).
UNBORN_CHILD = "Unborn child"


class ChildImpact(models.TextChoices):
    """V6 (000 §8.1): how domestic abuse can harm a child."""

    UNBORN = "unborn", "Threat to unborn child"
    BLOWS = "blows", "Suffers blows during episodes"
    DISTRESS = "distress", "Distressed by witnessing"
    CONFLICT = "conflict", "Exposure to parental conflict / implicated in it"
    CARE = "care", "Victim’s ability to look after children reduced"
    NOT_KNOWN = "not_known", "Not known yet"


class ChildAggravator(models.TextChoices):
    """V6 (000 §8.1): what makes it worse."""

    SUBSTANCES = "substances", "With alcohol or drug misuse"
    WITNESS = "witness", "Children witness"
    DRAWN_IN = "drawn_in", "Children drawn into the violence"
    SECRECY = "secrecy", "Children pressurised into concealing assaults"


class DomesticStepKind(models.TextChoices):
    """What is answered for domestic abuse where children are, or where the risk is high (X4, R22)."""

    CHILD = "child", "Refer the children to children's social care"
    MARAC = "marac", "Refer to the MARAC (multi-agency risk assessment conference)"


class DomesticStepAnswer(models.TextChoices):
    REFERRED = "referred", "Referred"
    NOT_REFERRED = "not_referred", "Not referred"


class LifeChange(models.TextChoices):
    """A person at risk died or moved, or that was put down by mistake: never closes a concern (domain.md 2.5)."""

    DIED = "died", "Died"
    MOVED = "moved", "Moved away"
    MISTAKE = "mistake", "Neither: it was recorded by mistake"


class EmergencyService(models.TextChoices):
    """R37, V9."""

    POLICE = "police", "Police"
    AMBULANCE = "ambulance", "Ambulance"
    FIRE = "fire", "Fire and rescue"


class FileSort(models.TextChoices):
    """What an added file is (R68, R137)."""

    PHOTO = "photo", "A photo that one of us took"
    AGENCY = "agency", "A document from an agency"
    LEGAL = "legal", "A court order or other legal authority"
    MEETING = "meeting", "Papers of a MARAC or MAPPA meeting"
    OTHER = "other", "Something else"


class FileState(models.TextChoices):
    """Whether an added file may be opened: one that was found clean, or not checked where a demo has no scanner."""

    WAITING = "waiting", "Being checked for viruses"
    CLEAN = "clean", "Checked: no virus found"
    QUARANTINED = "quarantined", "Held back: a virus was found"
    UNCHECKED = "unchecked", "Not checked for viruses"


class PlaceKept(models.TextChoices):
    """What became of the place that a photo says it was taken at."""

    NONE = "none", "It said nothing about where it was taken"
    ASKED = "asked", "Taken out, unless the person who added it keeps it"
    OUT = "out", "Where it was taken was taken out"
    KEPT = "kept", "Where it was taken was kept, as evidence"


# 004 A14, 000 §6.2: shown on triage, decision and review (R26).
SIX_PRINCIPLES = (
    "Empowerment",
    "Prevention",
    "Proportionality",
    "Protection",
    "Partnership",
    "Accountability",
)

# What a reporter may be told (R101): no more than these words.
REPORTER_WORDS: dict[str, str] = {
    State.SUBMITTED: "Received",
    State.TRIAGE: "Being considered",
    State.AWAITING_SECOND: "Being considered",
    State.REFERRAL_DUE: "Being considered",
    State.REFERRED: "Passed to agency",
    State.WITH_AGENCY: "Passed to agency",
    State.DISPUTED: "Passed to agency",
    State.MONITORING: "Being considered",
    State.CLOSURE_REVIEW: "Being considered",
    State.CLOSED: "Closed",
    # A joined concern is told of through the one that it was joined to.
    State.MERGED: "Being considered",
    State.VOID: "Closed",
}
