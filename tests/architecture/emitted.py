"""Which test walks the real path that writes each kind of event. Written by hand, and held to (tests/conftest.py):
each of these tests fails when it no longer writes what it is listed with.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from django.db.models import QuerySet
from django.db.models.signals import post_save

from audit.models import Event

_BY_FILE: dict[str, dict[str, set[str]]] = {
    "accounts/test_leave.py": {
        "test_cancel_button": {
            "accounts.absence_cut_short",
            "accounts.absence_recorded",
            "accounts.signed_in",
        },
        "test_leave_to_come_is_cancelled_and_running_leave_ends_now": {
            "accounts.absence_cancelled",
        },
    },
    "accounts/test_people.py": {
        "test_somebody_who_comes_back_has_no_role_no_password_and_no_second_step": {
            "accounts.person_reactivated",
        },
        "test_a_lost_second_step_is_taken_away_by_somebody_else_and_its_owner_is_told": {
            "accounts.second_factor_reset",
        },
        "test_leaver_loses_access_roles_and_appointments_and_keeps_the_past": {
            "accounts.champion_ended",
            "accounts.person_deactivated",
            "accounts.role_ended",
        },
    },
    "accounts/test_line_managers.py": {
        "test_the_ledger_and_the_persons_page_say_who_changed_it_from_whom_to_whom": {
            "accounts.manager_changed",
        },
    },
    "accounts/test_posts.py": {
        "test_a_refusal_needs_a_reason_and_changes_nothing": {
            "accounts.post_proposed",
            "accounts.post_refused",
        },
        "test_an_administrator_proposes_a_champion_and_a_lead_agrees": {
            "accounts.post_agreed",
        },
    },
    "accounts/test_proof.py": {
        "test_get_asks_for_the_password_and_comes_back": {
            "accounts.identity_proved",
        },
    },
    "accounts/test_second_factor.py": {
        "test_new_recovery_codes_are_in_the_ledger": {
            "accounts.recovery_codes_made",
        },
        "test_whose_recovery_codes_are_looked_at_hears_of_it": {
            "accounts.recovery_codes_seen",
        },
        "test_setting_up_an_app_opens_the_site_at_once_and_later_asks_for_its_code": {
            "accounts.second_factor_added",
        },
        "test_codes_cannot_be_guessed_from_however_many_addresses": {
            "accounts.second_step_closed",
        },
        "test_the_last_second_step_stays_while_the_role_needs_one": {
            "accounts.second_factor_removed",
        },
    },
    "accounts/test_sessions.py": {
        "test_however_busy_one_signs_in_anew_after_12_hours": {
            "accounts.session_too_long",
        },
    },
    "accounts/test_sign_on.py": {
        "test_it_opens_the_account_with_that_address": {
            "accounts.sign_on_connected",
        },
    },
    "accounts/test_sign_in.py": {
        "test_lock_out_ends_after_a_quarter_of_an_hour": {
            "accounts.locked_out",
            "accounts.sign_in_failed",
        },
        "test_signing_out_is_recorded_and_needs_a_post": {
            "accounts.signed_out",
        },
    },
    "champions/test_directory.py": {
        "test_a_champion_confirms_with_one_button": {
            "accounts.champion_confirmed",
        },
    },
    "champions/test_report_pages.py": {
        "test_who_reads_what": {
            "report.commentary_written",
            "report.read",
            "report.released",
        },
    },
    "champions/test_reports.py": {
        "test_a_restated_report_hides_what_the_first_version_hid": {
            "report.built",
            "report.restated",
        },
    },
    "concerns/test_contacts.py": {
        "test_reaching_them_ends_what_was_due_and_the_next_day_counts": {
            "concern.contact_recorded",
        },
        "test_no_more_contact_is_planned_and_why": {
            "concern.contact_ended",
        },
    },
    "concerns/test_access_report.py": {
        "test_a_search_is_kept_on_each_concern_that_it_showed": {
            "concern.found",
            "concern.searched",
        },
        "test_who_saw_it_in_a_list_has_come_near_it": {
            "concern.listed",
        },
        "test_looking_at_what_is_late_is_kept": {
            "concern.late_viewed",
        },
        "test_reading_the_report_is_kept": {
            "concern.access_viewed",
        },
        "test_the_auditor_takes_it_out_with_a_reason": {
            "concern.access_exported",
        },
    },
    "concerns/test_break_glass.py": {
        "test_a_guess_is_told_to_the_leads_too_without_what_was_typed": {
            "concern.glass_listed",
            "concern.glass_stopped",
        },
        "test_it_opens_one_concern_for_60_minutes_to_the_second": {
            "concern.glass_broken",
        },
        "test_the_judge_reads_why_and_what_was_opened_and_answers_on_the_page": {
            "concern.glass_judged",
            "concern.glass_viewed",
        },
        "test_unjudged_it_is_chased_and_goes_up_and_closing_the_concern_does_not_end_it": {
            "concern.glass_passed_up",
        },
        "test_with_the_office_judging_ends_and_somebody_else_is_asked": {
            "concern.glass_judge_changed",
        },
    },
    "concerns/test_case_page.py": {
        "test_late_is_said_in_words": {
            "concern.assigned",
            "concern.clock_started",
            "concern.person_added",
            "concern.raised",
            "concern.viewed",
        },
        "test_someone_barred_or_recused_gets_404": {
            "concern.conflict_recorded",
            "concern.staff_step_opened",
        },
        "test_the_page_costs_the_same_with_1_row_and_with_200": {
            "concern.acknowledged",
            "concern.emergency_call_recorded",
            "concern.no_conflict_declared",
            "concern.note_added",
            "concern.triaged",
        },
    },
    "concerns/test_casework_pages.py": {
        "test_a_refused_closing_goes_back": {
            "concern.closure_refused",
        },
        "test_moving_to_another_area": {
            "concern.area_changed",
        },
        "test_the_fresh_reviewer_answers_and_nobody_else": {
            "audit.act_refused",
        },
    },
    "concerns/test_files.py": {
        "test_a_download_is_safe_named_by_what_it_is_and_in_the_ledger": {
            "concern.file_fetched",
        },
        "test_a_picture_is_shown_made_anew": {
            "concern.file_added",
            "concern.file_viewed",
        },
        "test_files_of_an_unsent_report_go_with_it": {
            "concern.file_removed",
        },
        "test_what_was_added_in_error_is_for_leads_alone": {
            "concern.file_in_error",
        },
        "test_without_an_answer_it_is_taken_out_after_a_day": {
            "concern.file_place_settled",
        },
    },
    "concerns/test_scanning.py": {
        "test_a_crash_while_locking_away_is_made_good": {
            "concern.file_held_back",
        },
        "test_one_without_a_verdict_stops_no_other": {
            "concern.file_checked",
        },
        "test_a_kill_half_way_loses_nothing_and_a_second_worker_does_no_harm": {
            "concern.file_held_back_later",
            "concern.files_checked_again",
        },
    },
    "concerns/test_holding.py": {
        "test_a_reporter_who_gets_no_answer_is_answered_by_a_senior_manager": {
            "concern.clock_overdue",
            "concern.dissatisfaction_answered",
            "concern.not_satisfied",
            "concern.not_satisfied_passed_up",
        },
        "test_the_sweep_twice_does_nothing_twice": {
            "concern.passed_on",
        },
    },
    "concerns/test_differing.py": {
        "test_in_the_end_the_safer_choice_stands_and_a_lead_decides": {
            "concern.safer_choice_stands",
        },
    },
    "concerns/test_nobody_vetoes.py": {
        "test_a_lead_goes_on_without_an_answer_and_says_why": {
            "sharing.gone_on_without",
        },
        "test_a_lower_risk_needs_words_of_its_own": {
            "concern.risk_lowered",
        },
        "test_without_anybody_at_lead_level_the_seniors_are_told_once_until_it_is_over": {
            "concern.alarm_ended",
            "concern.alarm_raised",
        },
    },
    "concerns/test_letting_in.py": {
        "test_a_lead_ends_it_early": {
            "concern.let_in",
            "concern.let_in_ended",
        },
    },
    "concerns/test_nothing_slips.py": {
        "test_a_child_or_more_urgency_brings_the_decision_forward": {
            "concern.urgency_changed",
        },
        "test_a_complaint_finds_somebody_who_is_at_work_and_another_when_they_leave": {
            "concern.reviewer_changed",
        },
        "test_an_agency_is_chased_twice_and_no_more": {
            "concern.disputed",
            "concern.referred",
            "concern.sharing_decided",
            "sharing.agency_changed",
            "sharing.decision_saved",
            "sharing.decision_signed",
            "sharing.decision_started",
            "sharing.referral_due",
            "sharing.referral_sent",
            "sharing.referral_step",
        },
        "test_nobody_who_is_named_hears_that_nobody_was_free": {
            "concern.ladder_exhausted",
        },
        "test_undoing_a_merge_takes_its_people_out_again": {
            "concern.person_taken_out",
            "concern.separated",
        },
        "test_what_was_no_error_goes_on_by_its_old_limits_and_a_reopened_one_is_watched": {
            "concern.closed",
            "concern.closure_proposed",
            "concern.person_changed",
            "concern.reopened",
            "concern.restored",
            "concern.second_agreed",
            "concern.second_asked",
            "concern.voided",
        },
    },
    "concerns/test_queue_page.py": {
        "test_filters_stand_in_the_address": {
            "concern.handed_on",
            "concern.queue_viewed",
        },
    },
    "concerns/test_raising.py": {
        "test_added_words_are_kept_once": {
            "concern.report_added_to",
        },
        "test_receipt_shows_safe_words_and_feedback_not_the_case": {
            "concern.feedback_given",
            "concern.receipt_viewed",
        },
        "test_thrown_away_draft_is_gone_with_its_words": {
            "concern.draft_discarded",
        },
    },
    "concerns/test_domestic.py": {
        "test_scenario_4_asks_for_the_children_and_for_the_marac": {
            "concern.dash_recorded",
            "concern.domestic_step_answered",
            "concern.domestic_step_opened",
        },
    },
    "concerns/test_describing.py": {
        "test_it_stands_in_the_words_of_the_act_and_the_newest_counts": {
            "concern.domestic_described",
        },
    },
    "concerns/test_staff_steps.py": {
        "test_joining_brings_the_steps_and_their_answers": {
            "concern.merged",
            "concern.restricted",
            "concern.staff_step_answered",
            "concern.took_in",
        },
    },
    "concerns/test_time.py": {
        "test_a_concern_open_for_28_days_is_looked_at_and_at_90_the_senior_manager_hears": {
            "concern.looked_at_long_open",
        },
        "test_a_limit_that_the_second_person_refuses_stays": {
            "concern.limit_refused",
        },
        "test_a_shift_that_runs_is_cut_short": {
            "accounts.duty_cut_short",
        },
        "test_the_pages_of_the_limits": {
            "concern.limit_changed",
            "concern.limit_proposed",
        },
        "test_the_rota_is_kept_through_its_pages": {
            "accounts.duty_cancelled",
            "accounts.duty_recorded",
        },
    },
    "concerns/test_two_people.py": {
        "test_a_second_person_who_refuses_changes_nothing_else": {
            "concern.second_refused",
        },
        "test_death_and_move_do_not_close": {
            "concern.died_or_moved",
            "concern.legal_hold_changed",
        },
    },
    "concerns/test_two_people_pages.py": {
        "test_the_restriction_ends_only_when_nobody_is_barred": {
            "concern.conflict_lifted",
            "concern.restriction_loosened",
        },
    },
    "concerns/test_visits.py": {
        "test_every_look_up_is_kept_and_what_was_typed_is_not": {
            "concern.visit_looked_up",
            "concern.visit_shown",
            "concern.visit_warning_ended",
            "concern.visit_warning_set",
        },
    },
    "concerns/test_who_may_see.py": {
        "test_the_page_is_for_leads_and_names_the_kept_out": {
            "concern.who_viewed",
        },
    },
    "first_day/test_set_up_organisation.py": {
        "test_everybody_without_a_password_is_invited_once_and_gets_in": {
            "accounts.area_added",
            "accounts.champion_appointed",
            "accounts.password_set",
            "accounts.person_changed",
            "accounts.person_invited",
            "accounts.role_given",
        },
        "test_running_it_again_changes_nothing_and_then_only_what_differs": {
            "accounts.area_renamed",
            "accounts.person_added",
        },
    },
    "sharing/test_advice.py": {
        "test_it_is_put_into_a_decision_and_read_in_the_record": {
            "sharing.advice_checked",
            "sharing.advice_recorded",
        },
    },
    "sharing/test_capacity.py": {
        "test_the_next_version_needs_a_record_of_its_own": {
            "sharing.capacity_recorded",
        },
    },
    "sharing/test_corrections.py": {
        "test_done_by_recording_who_was_told_when": {
            "sharing.correction_recorded",
            "sharing.correction_told",
        },
    },
    "sharing/test_deciding.py": {
        "test_a_change_of_mind_is_a_new_version_and_the_old_one_stays": {
            "concern.considered_again",
            "concern.not_sharing_agreed",
            "sharing.decision_superseded",
            "sharing.second_agreed",
        },
        "test_a_withdrawn_draft_makes_room_for_another_successor": {
            "sharing.decision_withdrawn",
        },
        "test_the_second_person_does_not_agree_and_it_is_decided_again": {
            "concern.not_sharing_proposed",
            "concern.not_sharing_refused",
            "sharing.second_refused",
        },
    },
    "sharing/test_pages.py": {
        "test_a_direct_call_by_the_reporter_stops_nothing": {
            "sharing.direct_referral",
        },
        "test_from_the_concern_to_the_agency_and_back": {
            "concern.agency_acknowledged",
            "sharing.receipt_checked",
            "sharing.record_viewed",
            "sharing.referral_viewed",
        },
    },
    "sharing/test_agreements.py": {
        "test_who_keeps_the_register": {
            "sharing.agreement_changed",
        },
    },
    "sharing/test_enquiries.py": {
        "test_from_asked_to_the_outcome_as_the_agency_reports_it": {
            "sharing.enquiry_recorded",
            "sharing.enquiry_step",
            "sharing.enquiry_task",
        },
        "test_pages": {
            "sharing.enquiry_viewed",
        },
    },
    "sharing/test_questions.py": {
        "test_asked_chased_refused_taken_higher_and_answered": {
            "sharing.question_asked",
            "sharing.question_step",
        },
    },
    "sharing/test_requests.py": {
        "test_a_refusal_stays_open_until_the_requester_is_told_or_telling_is_unsafe": {
            "sharing.request_answered",
            "sharing.request_logged",
            "sharing.request_verified",
            "sharing.requester_told",
        },
        "test_a_request_about_a_lead_is_told_to_every_lead_but_her": {
            "sharing.request_named",
        },
        "test_a_naming_that_was_a_mistake_is_lifted_by_another": {
            "sharing.naming_lifted",
        },
        "test_another_answer_takes_the_place_of_a_refusal_that_waits": {
            "sharing.refusal_withdrawn",
        },
        "test_a_refusal_for_other_interests_waits_for_another_lead": {
            "sharing.refusal_agreed",
            "sharing.refusal_not_agreed",
            "sharing.refusal_proposed",
        },
        "test_overdue_rises_and_each_level_is_told_once": {
            "sharing.request_overdue",
        },
        "test_the_pages": {
            "sharing.request_viewed",
            "sharing.requests_listed",
        },
        "test_a_request_that_was_linked_to_the_wrong_concern_is_taken_off_it": {
            "sharing.request_unlinked",
        },
        "test_who_may_log_work_on_and_answer": {
            "sharing.request_linked",
        },
    },
    "sharing/test_verifying.py": {
        "test_an_unchanged_file_is_known_and_the_check_is_in_the_ledger": {
            "sharing.record_verified",
        },
    },
    "sharing/test_documents.py": {
        "test_a_draft_is_printed_as_one_on_every_page_and_its_printing_is_in_the_ledger": {
            "sharing.draft_printed",
        },
    },
    "sharing/test_records.py": {
        "test_a_selection_becomes_a_zip_with_an_index_of_digests": {
            "sharing.export_asked",
            "sharing.export_fetched",
            "sharing.record_exported",
        },
        "test_an_export_that_failed_is_taken_up_again_over_what_it_has": {
            "sharing.export_taken_up",
        },
        "test_files_are_deleted_after_a_week_and_the_row_stays": {
            "sharing.export_purged",
        },
        "test_paging_by_place_misses_and_repeats_nothing": {
            "sharing.records_listed",
        },
    },
    "sharing/test_telling.py": {
        "test_a_telling_that_a_new_version_promises_again_is_one_task_and_the_older_is_taken_over": {
            "sharing.follow_up_taken_over",
        },
        "test_told_with_agreement_is_kept_and_asks_for_nothing_more": {
            "sharing.person_told",
        },
    },
    "sharing/test_referring.py": {
        "test_a_decline_that_was_accepted_waits_for_a_review_before_closing": {
            "concern.monitored",
            "concern.reviewed",
        },
        "test_sent_again_with_more_information": {
            "concern.referred_again",
        },
        "test_the_agency_takes_it_on_after_all": {
            "concern.agency_agreed",
        },
        "test_what_a_decision_promises_must_be_done_before_closing": {
            "sharing.follow_up_done",
        },
    },
}
EMITTED = {f"{file}::{test}": codes for file, tests in _BY_FILE.items() for test, codes in tests.items()}


@contextlib.contextmanager
def codes_written() -> Iterator[set[str]]:
    """The codes of all events that are written meanwhile, also of those that are rolled back later."""
    written: set[str] = set()
    bulk_create = QuerySet.bulk_create

    def note(sender: type[Event], instance: Event, **_: object) -> None:
        written.add(instance.code)

    def note_all(self: QuerySet[Any], objs: Iterable[Any], *args: Any, **more: Any) -> Any:
        rows = list(objs)
        written.update(row.code for row in rows if isinstance(row, Event))
        return bulk_create(self, rows, *args, **more)

    post_save.connect(note, sender=Event)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(QuerySet, "bulk_create", note_all)
            yield written
    finally:
        post_save.disconnect(note, sender=Event)
