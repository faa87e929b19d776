"""Every write to a concern: lock, check, plan, save, record, queue the message, in one transaction."""

from concerns.services.break_glass import break_glass, judge_break_glass, note_stopped_glass
from concerns.services.clocks import drop_clock, meet_clock, start_clock
from concerns.services.closing import ClosureWords, agree_closure, propose_closure, refuse_closure, reopen
from concerns.services.contacts import ContactDetails, promise_contact, record_contact
from concerns.services.describing import DomesticDetails, describe_domestic
from concerns.services.domestic import StepAnswer, answer_by_referral, answer_domestic_step, record_dash
from concerns.services.escalating import look_at_long_open
from concerns.services.files import (
    Incoming,
    add_files,
    add_files_to_draft,
    add_register_file,
    kept_of,
    mark_file_in_error,
    open_file,
    record_file_view,
    remove_draft_file,
    settle_place,
)
from concerns.services.holding import (
    acknowledge,
    change_area,
    declare_conflict,
    decline,
    hand_on,
    possible_holders,
    take,
)
from concerns.services.joining import merge, separate
from concerns.services.keeping_out import keep_out
from concerns.services.letting_in import end_let_in, let_in
from concerns.services.life import record_death_or_move, set_legal_hold
from concerns.services.limits import propose_limit, view_limit
from concerns.services.raising import RoutePreview, preview_route, raise_concern
from concerns.services.reading import (
    record_case_view,
    record_late_view,
    record_queue_view,
    record_search,
    record_suggested,
    record_view,
)
from concerns.services.reporting import (
    add_files_to_report,
    add_to_report,
    answer_dissatisfaction,
    give_feedback,
    say_not_satisfied,
)
from concerns.services.second_person import ask_second_person, give_second_view, restore
from concerns.services.staff_steps import answer_staff_step
from concerns.services.visits import look_up_visit, warn_visitors
from concerns.services.working import (
    ReviewFindings,
    TriageFindings,
    add_note,
    add_person,
    record_emergency_call,
    record_review,
    record_triage,
    update_person,
)

__all__ = [
    "ClosureWords",
    "ContactDetails",
    "DomesticDetails",
    "Incoming",
    "ReviewFindings",
    "RoutePreview",
    "StepAnswer",
    "TriageFindings",
    "acknowledge",
    "add_files",
    "add_files_to_draft",
    "add_files_to_report",
    "add_note",
    "add_person",
    "add_register_file",
    "add_to_report",
    "agree_closure",
    "answer_by_referral",
    "answer_dissatisfaction",
    "answer_domestic_step",
    "answer_staff_step",
    "ask_second_person",
    "break_glass",
    "change_area",
    "declare_conflict",
    "decline",
    "describe_domestic",
    "drop_clock",
    "end_let_in",
    "give_feedback",
    "give_second_view",
    "hand_on",
    "judge_break_glass",
    "keep_out",
    "kept_of",
    "let_in",
    "look_at_long_open",
    "look_up_visit",
    "mark_file_in_error",
    "meet_clock",
    "merge",
    "note_stopped_glass",
    "open_file",
    "possible_holders",
    "preview_route",
    "promise_contact",
    "propose_closure",
    "propose_limit",
    "raise_concern",
    "record_case_view",
    "record_contact",
    "record_dash",
    "record_death_or_move",
    "record_emergency_call",
    "record_file_view",
    "record_late_view",
    "record_queue_view",
    "record_review",
    "record_search",
    "record_suggested",
    "record_triage",
    "record_view",
    "refuse_closure",
    "remove_draft_file",
    "reopen",
    "restore",
    "say_not_satisfied",
    "separate",
    "set_legal_hold",
    "settle_place",
    "start_clock",
    "take",
    "update_person",
    "view_limit",
    "warn_visitors",
]
