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
from sharing.services.signing import give_second_view, sign_decision
from sharing.services.viewing import record_export_of_one, record_list_view, record_referral_view, record_view

__all__ = [
    "AgencyDetails",
    "Check",
    "DirectCall",
    "Sending",
    "Word",
    "add_row",
    "choose_people",
    "end_referral",
    "escalate_dispute",
    "finish_follow_up",
    "give_second_view",
    "open_dispute",
    "record_acknowledgement",
    "record_chase",
    "record_direct_referral",
    "record_export_of_one",
    "record_list_view",
    "record_news",
    "record_outcome",
    "record_receipt",
    "record_referral_view",
    "record_view",
    "remove_row",
    "save_agency",
    "save_page",
    "send_referral",
    "sign_decision",
    "start_decision",
    "start_new_version",
    "sweep_silent_referrals",
    "withdraw_draft",
]
