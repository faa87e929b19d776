"""The controlled lists of information sharing, in the exact words of the register (domain.md 1.22 and section
3).

A list is never shortened: a code that a signed record holds keeps its meaning for ever. `LISTS_VERSION` names
the wording; a decision freezes the version and the words that it used. Risk levels and urgency (V20), life
stages and roles of people (V8) belong to `concerns.vocabulary`.
"""

from __future__ import annotations

from django.db import models

# Raised whenever a word of a list below changes. A signed record keeps the number and the words that it was
# signed with.
LISTS_VERSION = "2026.1"


class AgencyKind(models.TextChoices):
    """V9, agencies."""

    POLICE = "police", "Police (999 / 101 / online)"
    AMBULANCE = "ambulance", "Ambulance"
    FIRE = "fire", "Fire and rescue"
    CHILDREN = "children", "Children's social care (front door/MASH; out of hours)"
    ADULTS = "adults", "Adult social care (MASH; out of hours)"
    LADO = "lado", "LADO"
    PIPOT = "pipot", "PiPoT lead"
    MARAC = "marac", "MARAC"
    IDVA = "idva", "IDVA/specialist DA service"
    MAPPA = "mappa", "MAPPA"
    CHANNEL = "channel", "Channel/Prevent"
    NRM = "nrm", "National Referral Mechanism via a first responder"
    VARM = "varm", "VARM"
    HEALTH = "health", "GP/health"
    MENTAL_HEALTH = "mental_health", "Mental health crisis"
    PROBATION = "probation", "Probation"
    HOUSING_AUTHORITY = ("housing_authority", "Local housing authority (homelessness duty to refer)")
    ENVIRONMENTAL_HEALTH = "environmental_health", "Environmental health"
    TRADING_STANDARDS = "trading_standards", "Trading standards"
    DBS = "dbs", "DBS"
    CQC = "cqc", "CQC"
    OPG = "opg", "Office of the Public Guardian"
    DWP = "dwp", "DWP"
    BOARD = "board", "Safeguarding board/partnership"
    ICO = "ico", "ICO"
    OMBUDSMAN = "ombudsman", "Housing Ombudsman"
    RSH = "rsh", "Regulator of Social Housing"
    OTHER = "other", "Other"


# Agencies to which special-category information may go without a second signature (3.4). Partnerships of
# agencies, such as MARAC, count; voluntary services and "other" do not.
STATUTORY = frozenset(AgencyKind.values) - {AgencyKind.IDVA, AgencyKind.OTHER}

# T6: an agency for children answers within one working day, the others within two.
CHILD_AGENCIES = frozenset({AgencyKind.CHILDREN, AgencyKind.LADO})


class ReferralOutcome(models.TextChoices):
    """V9, referral outcomes. What the agency told us; never a finding of ours (R4)."""

    AWAITING = "awaiting", "Awaiting acknowledgement"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    S42 = "s42", "Accepted - s42 enquiry"
    OTHER_ENQUIRY = "other_enquiry", "Accepted - other safeguarding enquiry"
    CAUSED = "caused", "Enquiry caused to us"
    S47 = "s47", "Accepted - s47 enquiry"
    S17 = "s17", "Accepted - child in need (s17)"
    EARLY_HELP = "early_help", "Family Help/early help"
    MARAC_LISTED = "marac_listed", "MARAC listed"
    POLICE = "police", "Police investigating"
    PASSED = "passed", "Passed to another agency"
    ADVICE = "advice", "Advice only"
    DECLINED_CRITERIA = "declined_criteria", "Declined - criteria not met"
    DECLINED_AREA = "declined_area", "Declined - wrong area"
    DECLINED_INFORMATION = "declined_information", "Declined - insufficient information"
    NO_RESPONSE = "no_response", "No response"
    RETURNED = "returned", "Returned for more information"


DECLINED_OUTCOMES = frozenset(
    {
        ReferralOutcome.DECLINED_CRITERIA,
        ReferralOutcome.DECLINED_AREA,
        ReferralOutcome.DECLINED_INFORMATION,
        ReferralOutcome.RETURNED,
    }
)
# The states of waiting come by themselves; a person chooses among the answers of an agency.
RECORDABLE_OUTCOMES = tuple(
    o
    for o in ReferralOutcome
    if o not in {ReferralOutcome.AWAITING, ReferralOutcome.ACKNOWLEDGED, ReferralOutcome.NO_RESPONSE}
)


class AgreementStatus(models.TextChoices):
    """V10, agreement to share."""

    GIVEN = "given", "Given"
    LIMITED = "limited", "Given with limits"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"
    NOT_SOUGHT = "not_sought", "Not sought"
    CANNOT_CAPACITY = "cannot_capacity", "Cannot give (capacity)"
    CANNOT_OTHER = "cannot_other", "Cannot give (other)"


AGREED = frozenset({AgreementStatus.GIVEN, AgreementStatus.LIMITED})
# VR1: with these, sharing needs a ground.
NOT_AGREED = frozenset(AgreementStatus.values) - AGREED


class GivenBy(models.TextChoices):
    """V10, who gave the agreement."""

    PERSON = "person", "Person"
    PARENT = "parent", "Person with parental responsibility"
    ATTORNEY = "attorney", "Attorney"
    DEPUTY = "deputy", "Deputy"
    YOUNG_PERSON = "young_person", "Young person (competent)"


# Who agrees for somebody needs authority (VR10), and must not be whom they are to be protected from (R111).
BY_SOMEBODY_ELSE = frozenset({GivenBy.PARENT, GivenBy.ATTORNEY, GivenBy.DEPUTY})


class AgreementForm(models.TextChoices):
    """Field 16."""

    ORAL = "oral", "Spoken"
    WRITTEN = "written", "Written"


class NotSought(models.TextChoices):
    """R63, why agreement was not sought."""

    UNSAFE = "unsafe", "Unsafe"
    PREJUDICE = "prejudice", "Would prejudice the purpose"
    NOT_CONTACTABLE = "not_contactable", "Not contactable"
    CHILD = "child", "Child at risk"
    CAPACITY = "capacity", "Lacks capacity"
    EMERGENCY = "emergency", "Emergency"


class YesNo(models.TextChoices):
    YES = "yes", "Yes"
    NO = "no", "No"


# VR8: among the others at risk, somebody whose name nobody knows yet.
UNIDENTIFIED = "unidentified"


class YesNoUnsure(models.TextChoices):
    """Field 7: is sharing likely to safeguard this person or someone else?"""

    YES = "yes", "Yes"
    NO = "no", "No"
    UNSURE = "unsure", "Unsure"


class AboutStaff(models.TextChoices):
    """Is a request about somebody who works for or with us (I3)? Not everybody of a firm has an account."""

    YES = "yes", "Yes"
    UNLISTED = "unlisted", "Yes, but they are not in our list"
    NO = "no", "No"


class YesNoLater(models.TextChoices):
    """Field 38 (R73)."""

    YES = "yes", "Yes"
    NO = "no", "No"
    LATER = "later", "Later"


class ToldAfter(models.TextChoices):
    """R99: whether a person was told what went, and to whom. Kept beside field 38, which is answered before it goes."""

    YES = "yes", "Yes, they know what went and to whom"
    LATER = "later", "Not yet"
    UNSAFE = "unsafe", "No, telling them would not be safe"


class Trigger(models.TextChoices):
    """Field 3."""

    OWN = "own", "Our own initiative"
    REQUEST = "request", "Request received"
    EMERGENCY = "emergency", "Emergency retrospective"
    REVIEW = "review", "Review of earlier decision"


class RequestKind(models.TextChoices):
    """V14, request types."""

    S47 = "s47", "Children Act s47"
    S17 = "s17", "Children Act s17"
    S42 = "s42", "Care Act s42 enquiry/caused enquiry"
    S45 = "s45", "Care Act s45 (board)"
    S7 = "s7", "Care Act s7 co-operation"
    POLICE = "police", "Police (crime)"
    COURT = "court", "Court order"
    MARAC = "marac", "MARAC"
    MAPPA = "mappa", "MAPPA"
    REVIEW = "review", "CSPR/SAR/DHR (DARDR) review"
    SUBJECT_ACCESS = "subject_access", "Subject access"
    SOLICITOR = "solicitor", "Solicitor"
    AGENCY = "agency", "Other agency"
    FAMILY = "family", "Family/carer"
    MEDIA = "media", "Media"


# 3.4: refusing one of these needs a second signature.
STATUTORY_REQUESTS = frozenset(
    {
        RequestKind.S47,
        RequestKind.S17,
        RequestKind.S42,
        RequestKind.S45,
        RequestKind.S7,
        RequestKind.POLICE,
        RequestKind.COURT,
        RequestKind.MARAC,
        RequestKind.MAPPA,
        RequestKind.REVIEW,
        RequestKind.SUBJECT_ACCESS,
    }
)


# R107 (004 C9): a request with the force of law goes straight to the information governance lead; so does one of a
# person for their own data.
IG_REQUESTS = frozenset({RequestKind.COURT, RequestKind.SUBJECT_ACCESS})


class RequestAnswer(models.TextChoices):
    """V14, answers."""

    FULL = "full", "Share in full"
    PART = "part", "Share in part"
    REFUSE = "refuse", "Refuse"
    NOTHING_HELD = "nothing_held", "Nothing held"
    NEITHER = "neither", "Neither confirm nor deny"
    REDIRECTED = "redirected", "Redirected"


class ContactWay(models.TextChoices):
    """How a request came, and how its requester was told."""

    PHONE = "phone", "Phone"
    EMAIL = "email", "Email"
    SECURE_EMAIL = "secure_email", "Secure email or portal"
    LETTER = "letter", "Letter"
    IN_PERSON = "in_person", "In person or at a meeting"


class QuestionState(models.TextChoices):
    """Where a request of ours to another agency stands (R104)."""

    ASKED = "asked", "Asked"
    REPLIED = "replied", "Replied"
    REFUSED = "refused", "Refused"
    ESCALATED = "escalated", "Taken higher"
    ENDED = "ended", "Ended without an answer"


class QuestionStepKind(models.TextChoices):
    """What happens with it (R104)."""

    CHASED = "chased", "Asked again"
    REPLIED = "replied", "They replied"
    REFUSED = "refused", "They refused"
    ESCALATED = "escalated", "Taken to somebody higher at the agency"
    ENDED = "ended", "Ended without an answer"


class EnquiryAsker(models.TextChoices):
    """D14: by law the local authority causes an enquiry; the policy says that the board asks, so both can be told."""

    AUTHORITY = "authority", "The local authority (Care Act s42(2))"
    BOARD = "board", "The safeguarding adults board, for the local authority"


class EnquiryState(models.TextChoices):
    """Where an enquiry caused to us stands (R108)."""

    OPEN = "open", "Being made"
    REPORTED = "reported", "Report sent, outcome awaited"
    ENDED = "ended", "Ended"


class EnquiryStepKind(models.TextChoices):
    """What happens with it (R108)."""

    NEW_LEAD = "new_lead", "Somebody else leads it"
    NEW_DATE = "new_date", "Another date was agreed"
    REPORT_SENT = "report_sent", "Report sent to the local authority"
    OUTCOME = "outcome", "Outcome as the local authority reports it"
    TAKEN_BACK = "taken_back", "Taken back by the local authority"


class EnquiryOutcome(models.TextChoices):
    """V9: SAC risk assessment outcome, as the agency reports it. Never a finding of ours (R4)."""

    RISK_ACTION = "risk_action", "Risk identified and action taken"
    RISK_NO_ACTION = "risk_no_action", "Risk identified and no action taken"
    UNCLEAR_ACTION = "unclear_action", "Risk Assessment inconclusive and action taken"
    UNCLEAR_NO_ACTION = "unclear_no_action", "Risk Assessment inconclusive and no action taken"
    NO_RISK_ACTION = "no_risk_action", "No risk identified and action taken"
    NO_RISK_NO_ACTION = "no_risk_no_action", "No risk identified and no action taken"
    CEASED = "ceased", "Enquiry ceased at individual's request and no action taken"


class Purpose(models.TextChoices):
    """Field 8 (R50): what the sharing is for. A management interest is not among them (R44)."""

    PROTECT_CHILD = "protect_child", "To protect a child or unborn child"
    PROTECT_ADULT = "protect_adult", "To protect an adult at risk"
    PROTECT_OTHERS = "protect_others", "To protect other people"
    PREVENT_CRIME = "prevent_crime", "To prevent or detect a crime"
    ENQUIRY = "enquiry", "To help a statutory enquiry or review"
    SUPPORT = "support", "To get the person care or support"
    ADVICE = "advice", "To get advice from a safeguarding partner"
    LEGAL = "legal", "To answer a court order or other legal duty"


class GroundAnswer(models.TextChoices):
    """Field 20."""

    APPLIES = "applies", "Applies"
    DOES_NOT = "does_not", "Does not apply"
    UNKNOWN = "unknown", "Not known"


class Objection(models.TextChoices):
    """V12."""

    REPRISALS = "reprisals", "Frightened of reprisals"
    CONTROL = "control", "Fear of losing control"
    TRUST = "trust", "Does not trust social services or partners"
    RELATIONSHIP = "relationship", "Relationship with abuser will be damaged"
    CHILDREN = "children", "Children removed"
    HOME = "home", "Losing the home/tenancy"
    IMMIGRATION = "immigration", "Immigration"
    SHAME = "shame", "Shame"
    POLICE = "police", "Police involvement"
    PAST = "past", "Past bad experience"
    OTHER = "other", "Other (own words)"


class SharingMethod(models.TextChoices):
    """V13."""

    PORTAL = "portal", "Agency secure portal/form"
    SECURE_EMAIL = "secure_email", "Encrypted or government-secure email"
    PHONE = "phone", "Phone then secure follow-up"
    IN_PERSON = "in_person", "In person/meeting"
    POST = "post", "Recorded post"
    CALL_999 = "call_999", "999 call"
    ORDINARY_EMAIL = "ordinary_email", "Ordinary email (emergency only)"


INSECURE_METHODS = frozenset({SharingMethod.ORDINARY_EMAIL})  # VR16
PHONE_METHODS = frozenset({SharingMethod.PHONE, SharingMethod.CALL_999})  # VR15


class Article6(models.TextChoices):
    """V11b, Article 6(1) UK GDPR."""

    LEGAL_OBLIGATION = "c", "(c) legal obligation"
    VITAL_INTERESTS = "d", "(d) vital interests"
    PUBLIC_TASK = "e", "(e) public task"
    RECOGNISED = "ea", "(ea) recognised legitimate interest - safeguarding"
    LEGITIMATE = "f", "(f) legitimate interests"
    CONSENT = "a", "(a) consent"


class Article9(models.TextChoices):
    """V11b, Article 9(2) UK GDPR."""

    EXPLICIT_CONSENT = "a", "(a) explicit consent"
    SOCIAL_PROTECTION = "b", "(b) employment, social security and social protection"
    VITAL_INTERESTS = "c", "(c) vital interests, person incapable"
    LEGAL_CLAIMS = "f", "(f) legal claims"
    PUBLIC_INTEREST = "g", "(g) substantial public interest"
    HEALTH = "h", "(h) health or social care"


class Schedule1(models.TextChoices):
    """V11b, Data Protection Act 2018 Schedule 1 Part 2."""

    PARA_6 = "6", "para 6 statutory and government purposes"
    PARA_10 = "10", "para 10 preventing or detecting unlawful acts"
    PARA_18 = "18", "para 18 safeguarding of children and of individuals at risk"
    PARA_19 = "19", "para 19 economic well-being"


class Para18Reason(models.TextChoices):
    """V11b, paragraph 18(2): why it is done without consent."""

    CANNOT_BE_GIVEN = "a", "(a) consent cannot be given"
    CANNOT_BE_EXPECTED = ("b", "(b) controller cannot reasonably be expected to obtain consent")
    WOULD_PREJUDICE = "c", "(c) obtaining consent would prejudice the protection"


class Confidence(models.TextChoices):
    """V11b, common-law confidence."""

    CONSENT = "consent", "Consent"
    LEGAL_DUTY = "legal_duty", "Legal duty"
    PUBLIC_INTEREST = "public_interest", "Overriding public interest"


class Power(models.TextChoices):
    """V11b, duties and powers."""

    CARE_ACT_S42 = "ca_s42", "Care Act s42(2)"
    CARE_ACT_S45 = "ca_s45", "Care Act s45"
    CARE_ACT_S6_7 = "ca_s6_7", "Care Act s6-7"
    CHILDREN_ACT_1989_S47 = "cha_s47", "Children Act 1989 s47"
    CHILDREN_ACT_1989_S17 = "cha_s17", "Children Act 1989 s17"
    CHILDREN_ACT_2004 = "cha04", "Children Act 2004 s10-11"
    CDA_S115 = "cda_s115", "CDA 1998 s115"
    DAA_2021 = "daa", "DAA 2021"
    MCA_2005 = "mca", "MCA 2005"


class CapacityConclusion(models.TextChoices):
    """R112."""

    HAS = "has", "Has capacity for this decision"
    LACKS = "lacks", "Lacks capacity for this decision"
    INCONCLUSIVE = "inconclusive", "Inconclusive"
    AWAITING = "awaiting", "Awaiting assessment by someone else"


class Grade(models.TextChoices):
    """Fields 21 and 22: likelihood and severity."""

    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"


class ItemKind(models.TextChoices):
    FACT = "fact", "Fact"
    OPINION = "opinion", "Opinion"


class ItemAnswer(models.TextChoices):
    """R51: nothing is chosen until somebody chooses it."""

    INCLUDE = "include", "Include"
    WITHHOLD = "withhold", "Withhold"


class Choice(models.TextChoices):
    """Field 24."""

    SHARE_ALL = "share_all", "Share all"
    SHARE_PART = "share_part", "Share part"
    NOT_SHARE = "not_share", "Do not share"
    DEFER = "defer", "Defer"


class DecisionKind(models.TextChoices):
    """How a signed decision is counted and listed (Q11)."""

    WITH_AGREEMENT = "with_agreement", "Share with agreement"
    WITHOUT_AGREEMENT = "without_agreement", "Share without agreement"
    PART = "part", "Share part"
    NOT_SHARE = "not_share", "Do not share"
    DEFER = "defer", "Defer"


class ToldOf(models.TextChoices):
    """Field 13 (R63): what the person was told."""

    WHY = "why", "Why information may be shared"
    WHAT = "what", "What may be shared"
    HOW = "how", "How it will be shared"
    WITH_WHOM = "with_whom", "With whom it may be shared"


class RequesterAnswer(models.TextChoices):
    """Field 39 (R102)."""

    YES = "yes", "Yes"
    UNSAFE = "unsafe", "No, telling them is unsafe"


class StepAnswer(models.TextChoices):
    """One step of a checklist (004 D, E)."""

    DONE = "done", "Done"
    NOT_DONE = "not_done", "Not done"


class OfferAnswer(models.TextChoices):
    """R77."""

    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    PENDING = "pending", "Pending"
    NOT_OFFERED = "not_offered", "Not offered"


class SpecialRisk(models.TextChoices):
    """R92: where sharing may make things worse, so the risk of sharing is asked with more care."""

    DOMESTIC_ABUSE = "domestic_abuse", "Domestic abuse"
    HONOUR = "honour", "So-called honour-based abuse"
    HATE = "hate", "Hate crime"
    EXPLOITATION = "exploitation", "Exploitation"


class SupersessionReason(models.TextChoices):
    """3.3: why a decision is replaced by a new version."""

    NEW_INFORMATION = "new_information", "New information"
    ERROR = "error", "Error"
    REVIEW = "review", "Review"
    AGREEMENT_CHANGED = "agreement_changed", "Agreement changed"
    LEGAL_ADVICE = "legal_advice", "Legal advice"


class ReceiptStep(models.TextChoices):
    """R97, R98: four checks, each with its date, person and method."""

    DELIVERED = "delivered", "Delivered"
    RECEIVED = "received", "Received"
    UNDERSTOOD = "understood", "Understood"
    ACTED = "acted", "Acted upon"


class DecisionStatus(models.TextChoices):
    """Field 2, and the second person's refusal."""

    DRAFT = "draft", "Draft"
    AWAITING_SECOND = "awaiting_second", "Awaiting second"
    SIGNED = "signed", "Signed"
    NOT_AGREED = "not_agreed", "Signed, second person did not agree"
    SUPERSEDED = "superseded", "Superseded"
    WITHDRAWN = "withdrawn", "Withdrawn before sharing"


class ReferralState(models.TextChoices):
    """Domain.md 2.1: a referral's own state."""

    DUE = "due", "To be sent"
    SENT = "sent", "Sent, waiting for the agency"
    ACKNOWLEDGED = "acknowledged", "Acknowledged"
    OUTCOME = "outcome", "Outcome recorded"
    DECLINED = "declined", "Declined"
    DISPUTED = "disputed", "In dispute"
    ENDED = "ended", "Ended"


class DisputeStage(models.IntegerChoices):
    """T11, R122: the stages of a professional disagreement with an agency."""

    WORKERS = 1, "Our worker and theirs"
    LEADS = 2, "Managers and the Safeguarding Lead"
    SENIORS = 3, "Senior managers"
    BOARD = 4, "The safeguarding board or partnership"


class ReferralStepKind(models.TextChoices):
    SENT = "sent", "Sent"
    CHASED = "chased", "Chased"
    ACKNOWLEDGED = "acknowledged", "Agency acknowledged it"
    NEWS = "news", "News from the agency"
    OUTCOME = "outcome", "Agency reported an outcome"
    DISPUTED = "disputed", "Dispute opened"
    ESCALATED = "escalated", "Taken to the next stage"
    SENT_AGAIN = "sent_again", "Sent again with more information"
    SETTLED = "settled", "Agency took it on"
    # 2.6, condition 2: a lead's override, with a reason.
    GONE_ON = "gone_on", "A lead decided to go on without an answer"
    ENDED = "ended", "Ended"


class ExportState(models.TextChoices):
    WAITING = "waiting", "Waiting to start"
    RUNNING = "running", "Being made"
    READY = "ready", "Ready"
    FAILED = "failed", "Could not be made"
    PURGED = "purged", "Deleted"
