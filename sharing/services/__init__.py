"""Every write of sharing: lock, check, save, record, queue the message, in one transaction."""

from sharing.services.agencies import AgencyDetails, save_agency
from sharing.services.answering import (
    Word,
    end_referral,
    escalate_dispute,
    open_dispute,
    record_acknowledgement,
    record_chase,
    record_news,
    record_outcome,
    sweep_silent_referrals,
)
from sharing.services.asking import Asking, ask_agency, record_question_step, sweep_questions
from sharing.services.assessing import record_capacity
from sharing.services.consulting import AdviceGiven, check_question, record_advice
from sharing.services.correcting import ToldOfIt, Wrong, record_correction, record_told_of_correction
from sharing.services.deciding import (
    add_row,
    choose_people,
    remove_row,
    save_page,
    start_decision,
    start_new_version,
    withdraw_draft,
)
from sharing.services.following import Check, finish_follow_up, record_receipt
from sharing.services.referring import DirectCall, Sending, record_direct_referral, send_referral
from sharing.services.requesting import (
    RequestDetails,
    Telling,
    answer_request,
    decide_about_request,
    link_request,
    log_request,
    record_request_view,
    record_requester_told,
    record_requests_view,
    sweep_requests,
    verify_requester,
)
from sharing.services.signing import give_second_view, sign_decision
from sharing.services.viewing import record_export_of_one, record_list_view, record_referral_view, record_view

__all__ = [
    "AdviceGiven",
    "AgencyDetails",
    "Asking",
    "Check",
    "DirectCall",
    "RequestDetails",
    "Sending",
    "Telling",
    "ToldOfIt",
    "Word",
    "Wrong",
    "add_row",
    "answer_request",
    "ask_agency",
    "check_question",
    "choose_people",
    "decide_about_request",
    "end_referral",
    "escalate_dispute",
    "finish_follow_up",
    "give_second_view",
    "link_request",
    "log_request",
    "open_dispute",
    "record_acknowledgement",
    "record_advice",
    "record_capacity",
    "record_chase",
    "record_correction",
    "record_direct_referral",
    "record_export_of_one",
    "record_list_view",
    "record_news",
    "record_outcome",
    "record_question_step",
    "record_receipt",
    "record_referral_view",
    "record_request_view",
    "record_requester_told",
    "record_requests_view",
    "record_told_of_correction",
    "record_view",
    "remove_row",
    "save_agency",
    "save_page",
    "send_referral",
    "sign_decision",
    "start_decision",
    "start_new_version",
    "sweep_questions",
    "sweep_requests",
    "sweep_silent_referrals",
    "verify_requester",
    "withdraw_draft",
]
