"""What people are told about decisions and referrals: a reference and a link (I14); asked again at delivery."""

from __future__ import annotations

from accounts.models import User
from accounts.selectors import holders_of
from accounts.vocabulary import Role
from concerns.notifications import holds, is_senior_let_in
from concerns.vocabulary import FileState
from safeguarding.kit.errors import allows
from safeguarding.kit.outbox import MessageKind, register
from sharing.models import (
    AgreementFile,
    AgreementVersion,
    Decision,
    Enquiry,
    Export,
    InformationRequest,
    Question,
    Referral,
    SignedRecord,
)
from sharing.permissions import (
    can_second_record,
    check_can_countersign_refusal,
    deciders_of,
    handlers_of,
    is_fit_lead,
)
from sharing.vocabulary import DecisionStatus, EnquiryState, QuestionState, ReferralState


def _may_second(user_id: int, record_id: int) -> bool:
    """The view is still waited for, and this person may still give it."""
    waiting = SignedRecord.objects.waiting_for_view().select_related("concern", "decision")
    record = waiting.filter(pk=record_id).first()
    user = User.objects.filter(pk=user_id).first()
    return user is not None and record is not None and can_second_record(user, record)


def _holds_record(user_id: int, record_id: int) -> bool:
    concern_id = SignedRecord.objects.filter(pk=record_id).values_list("concern_id", flat=True).first()
    return concern_id is not None and holds(user_id, concern_id)


def _holds_silent_referral(user_id: int, referral_id: int) -> bool:
    waiting = Referral.objects.filter(pk=referral_id, state=ReferralState.DISPUTED)
    concern_id = waiting.values_list("concern_id", flat=True).first()
    return concern_id is not None and holds(user_id, concern_id)


def _is_asked_about_dispute(user_id: int, referral_id: int) -> bool:
    """Still in dispute, and the designated senior manager is not shut out of the concern."""
    referral = Referral.objects.filter(pk=referral_id, state__in=[ReferralState.DISPUTED, ReferralState.DECLINED])
    concern_id = referral.values_list("concern_id", flat=True).first()
    return concern_id is not None and is_senior_let_in(user_id, concern_id)


def _asked_for_export(user_id: int, export_id: int) -> bool:
    return Export.objects.filter(pk=export_id, requested_by_id=user_id, purged_at__isnull=True).exists()


def _holds_late_question(user_id: int, question_id: int) -> bool:
    waiting = Question.objects.filter(pk=question_id, state__in=[QuestionState.ASKED, QuestionState.ESCALATED])
    concern_id = waiting.values_list("concern_id", flat=True).first()
    return concern_id is not None and holds(user_id, concern_id)


def _may_read_open_request(user_id: int, request_id: int) -> bool:
    user = User.objects.filter(pk=user_id).first()
    waiting = InformationRequest.objects.filter(pk=request_id).still_open()
    return user is not None and waiting.visible_to(user).exists()


def _may_answer_request(user_id: int, request_id: int) -> bool:
    """Still open, still theirs to answer, and still theirs to read."""
    request = InformationRequest.objects.select_related("concern").filter(pk=request_id).first()
    is_theirs = request is not None and user_id in {user.pk for user in deciders_of(request)}
    return is_theirs and _may_read_open_request(user_id, request_id)


def _handles_request(user_id: int, request_id: int) -> bool:
    """Still theirs to look at who is named in it, also when it is answered."""
    request = InformationRequest.objects.select_related("concern").filter(pk=request_id).first()
    is_theirs = request is not None and user_id in {user.pk for user in handlers_of(request)}
    return is_theirs and _may_read_request(user_id, request_id)


def _may_countersign_refusal(user_id: int, request_id: int) -> bool:
    """It still waits, and they may still agree to it."""
    user = User.objects.filter(pk=user_id).first()
    request = InformationRequest.objects.select_related("concern").filter(pk=request_id).first()
    if user is None or request is None or request.waiting_refusal is None:
        return False
    return allows(check_can_countersign_refusal, user, request)


def _may_read_request(user_id: int, request_id: int) -> bool:
    user = User.objects.filter(pk=user_id).first()
    return user is not None and InformationRequest.objects.visible_to(user).filter(pk=request_id).exists()


def _is_asked_about_draft(user_id: int, decision_id: int) -> bool:
    """Not signed yet, and they hold the concern or may look at it as a lead."""
    draft = Decision.objects.select_related("concern").filter(pk=decision_id, status=DecisionStatus.DRAFT).first()
    user = User.objects.filter(pk=user_id).first()
    if draft is None or user is None:
        return False
    return holds(user_id, draft.concern_id) or is_fit_lead(user, draft.concern)


SECOND_VIEW_ASKED = register(
    MessageKind(
        "sharing.second_view_asked",
        "Your view is asked for: an information-sharing decision",
        "A decision needs the view of a second person. Open it, read it and say whether you agree.",
        _may_second,
    )
)
SECOND_REFUSED = register(
    MessageKind(
        "sharing.second_refused",
        "The second person did not agree with a decision",
        "Open the decision to read why. You can decide again.",
        _holds_record,
    )
)
SECOND_AGREED = register(
    MessageKind(
        "sharing.second_agreed",
        "The second person agreed with a decision",
        "Open the concern to see what comes next.",
        _holds_record,
    )
)
AGENCY_SILENT = register(
    MessageKind(
        "sharing.agency_silent",
        "An agency has not answered",
        "An agency has not answered a referral in time. It is now in dispute and you hold the concern.",
        _holds_silent_referral,
    )
)
DISPUTE_AT_SENIORS = register(
    MessageKind(
        "sharing.dispute_at_seniors",
        "A dispute with an agency needs a senior manager",
        "A disagreement with an agency was not settled lower down. Ask the Safeguarding Lead what you can do.",
        _is_asked_about_dispute,
    )
)
REQUEST_RECEIVED = register(
    MessageKind(
        "sharing.request_received",
        "A request for information has come in",
        "Open it to see by when it must be answered. Nothing may be said before it is checked who asks.",
        _may_answer_request,
    )
)
STAFF_NAMED = register(
    MessageKind(
        "sharing.staff_named",
        "Somebody was named in a request for information",
        "They can’t open it any more. Open it to read why. If it was a mistake, you can say so there.",
        _handles_request,
    )
)
NAMING_LIFTED = register(
    MessageKind(
        "sharing.naming_lifted",
        "Naming somebody in a request for information was a mistake",
        "Open it to read why, and whom it is still about.",
        _handles_request,
    )
)
REFUSAL_ASKED = register(
    MessageKind(
        "sharing.refusal_asked",
        "Your view is asked for: a request is to be refused",
        "The reasons speak of something other than safeguarding. Open the request and say whether you agree.",
        _may_countersign_refusal,
    )
)
REFUSAL_DECIDED = register(
    MessageKind(
        "sharing.refusal_decided",
        "A Safeguarding Lead has looked at your refusal of a request",
        "Open the request to see whether they agree, and what is to be done now.",
        _may_read_request,
    )
)
REQUEST_OVERDUE = register(
    MessageKind(
        "sharing.request_overdue",
        "A request for information is overdue",
        "The time to answer it has passed. Open it to see what is missing.",
        _may_read_open_request,
    )
)
QUESTION_LATE = register(
    MessageKind(
        "sharing.question_late",
        "An agency has not answered what you asked",
        "The day by which it should answer has passed. Ask again, or take it to somebody higher there.",
        _holds_late_question,
    )
)


def _keeps_agreement(user_id: int, version_id: int) -> bool:
    """It is still the current version, its owner or the information governance lead is told, and nobody else."""
    version = AgreementVersion.objects.current().filter(pk=version_id).first()
    is_ig_lead = holders_of(Role.IG_LEAD).filter(pk=user_id).exists()
    return version is not None and (version.owner_id == user_id or is_ig_lead)


def _leads_enquiry(user_id: int, enquiry_id: int) -> bool:
    enquiry = Enquiry.objects.select_related("concern", "lead").filter(pk=enquiry_id, lead=user_id).first()
    return enquiry is not None and enquiry.is_open and is_fit_lead(enquiry.lead, enquiry.concern)


def _owes_report(user_id: int, enquiry_id: int) -> bool:
    is_owed = Enquiry.objects.filter(pk=enquiry_id, state=EnquiryState.OPEN).exists()
    return is_owed and _leads_enquiry(user_id, enquiry_id)


def _needs_other_lead(user_id: int, enquiry_id: int) -> bool:
    enquiry = Enquiry.objects.select_related("concern", "lead").filter(pk=enquiry_id).first()
    if enquiry is None or not enquiry.is_open or not holds(user_id, enquiry.concern_id):
        return False
    return not is_fit_lead(enquiry.lead, enquiry.concern)


def _may_read_record(user_id: int, record_id: int) -> bool:
    user = User.objects.filter(pk=user_id).first()
    return user is not None and SignedRecord.objects.visible_to(user).filter(pk=record_id).exists()


def _is_file_locked_away(_user_id: int, file_id: int) -> bool:
    """The register is open to all staff; a file that is not locked away any more is no news."""
    return AgreementFile.objects.filter(pk=file_id, file__state=FileState.QUARANTINED).exists()


AGREEMENT_FILE_HELD_BACK = register(
    MessageKind(
        "sharing.agreement_file_held_back",
        "A virus was found in the document of a sharing agreement",
        "It is locked away, and nobody can open it. If you have a copy on a device, do not open it, and tell your IT "
        "help desk. Open the page to see which agreement it is, and add a clean copy if you keep the register.",
        _is_file_locked_away,
    )
)
AGREEMENT_REVIEW = register(
    MessageKind(
        "sharing.agreement_review",
        "A sharing agreement is to be looked at again",
        "Its review date has come. Open it, look whether it is still right, and record the new version or retire it.",
        _keeps_agreement,
    )
)
ENQUIRY_YOURS = register(
    MessageKind(
        "sharing.enquiry_yours",
        "You lead an enquiry for the local authority",
        "Open it to see what is to be found out, under which terms, and by when the report is due.",
        _leads_enquiry,
    )
)
ENQUIRY_DUE = register(
    MessageKind(
        "sharing.enquiry_due",
        "The report on an enquiry is due",
        "You lead an enquiry for the local authority. Open it to see what is still to be done.",
        _owes_report,
    )
)
ENQUIRY_NEEDS_LEAD = register(
    MessageKind(
        "sharing.enquiry_needs_lead",
        "An enquiry needs somebody else to lead it",
        "The person who leads an enquiry may not do so any more. Choose somebody else.",
        _needs_other_lead,
    )
)
DRAFT_OLD = register(
    MessageKind(
        "sharing.draft_old",
        "A decision about sharing is not signed after 24 hours",
        "The concern is urgent and its decision is still a draft. Sign it, or help whoever writes it.",
        _is_asked_about_draft,
    )
)
ORDER_CITED = register(
    MessageKind(
        "sharing.order_cited",
        "A decision rests on a court order or other legal authority",
        "A signed decision to share or not cites ground C9. Open it to see the order, its scope and what is shared.",
        _may_read_record,
    )
)
EXPORT_READY = register(
    MessageKind(
        "sharing.export_ready",
        "Your export of decision records is ready",
        "You can download it for seven days. Then it is deleted.",
        _asked_for_export,
    )
)
