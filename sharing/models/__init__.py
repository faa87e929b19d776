"""What sharing is made of: agencies, decisions and their signed records, referrals, exports."""

from sharing.models.advice import Consultation
from sharing.models.agency import Agency
from sharing.models.agreement import AgreementFile, AgreementVersion, AgreementVersionQuerySet, SharingAgreement
from sharing.models.capacity import CapacityRecord
from sharing.models.correction import Correction, CorrectionNotice
from sharing.models.decision import (
    CoveredPerson,
    Decision,
    Disclosure,
    FollowUp,
    FollowUpQuerySet,
    ReceiptCheck,
    SecondView,
    SignedRecord,
    SignedRecordQuerySet,
    Supersession,
    Telling,
)
from sharing.models.enquiry import Enquiry, EnquiryStep, EnquiryTask
from sharing.models.export import DraftCopy, Export, RecordCopy
from sharing.models.question import Question, QuestionStep
from sharing.models.referral import Referral, ReferralStep
from sharing.models.request import (
    DECIDERS,
    LEADS,
    STAND_INS,
    InformationRequest,
    InformationRequestQuerySet,
    NamedStaff,
    Part,
    RequestRefusal,
    RequestUnlinked,
    bars_in,
    kept_out_by,
    left_of,
    part_in,
)

__all__ = [
    "DECIDERS",
    "LEADS",
    "STAND_INS",
    "Agency",
    "AgreementFile",
    "AgreementVersion",
    "AgreementVersionQuerySet",
    "CapacityRecord",
    "Consultation",
    "Correction",
    "CorrectionNotice",
    "CoveredPerson",
    "Decision",
    "Disclosure",
    "DraftCopy",
    "Enquiry",
    "EnquiryStep",
    "EnquiryTask",
    "Export",
    "FollowUp",
    "FollowUpQuerySet",
    "InformationRequest",
    "InformationRequestQuerySet",
    "NamedStaff",
    "Part",
    "Question",
    "QuestionStep",
    "ReceiptCheck",
    "RecordCopy",
    "Referral",
    "ReferralStep",
    "RequestRefusal",
    "RequestUnlinked",
    "SecondView",
    "SharingAgreement",
    "SignedRecord",
    "SignedRecordQuerySet",
    "Supersession",
    "Telling",
    "bars_in",
    "kept_out_by",
    "left_of",
    "part_in",
]
