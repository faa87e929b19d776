"""The addresses of sharing. They hold random references, versions and codes; never an id of a row, never a name."""

from django.urls import path

from sharing.views import (
    advice,
    agencies,
    agreements,
    corrections,
    drafting,
    enquiries,
    exports,
    questions,
    records,
    referrals,
    requests,
    signing,
)

app_name = "sharing"

urlpatterns = [
    path("concerns/<slug:ref>/decide/", drafting.start_decision, name="start-decision"),
    path("concerns/<slug:ref>/direct-call/", referrals.record_direct_call, name="record-direct-call"),
    path("decisions/<slug:ref>/<int:version>/draft/", drafting.show_draft, name="show-draft"),
    path("decisions/<slug:ref>/<int:version>/draft/check/", signing.check_draft, name="check-draft"),
    path("decisions/<slug:ref>/<int:version>/draft/pdf/", records.print_draft, name="print-draft"),
    path("decisions/<slug:ref>/<int:version>/draft/withdraw/", drafting.withdraw_draft, name="withdraw-draft"),
    path(
        "decisions/<slug:ref>/<int:version>/draft/suggested/<int:number>/", drafting.add_suggested, name="add-suggested"
    ),
    path("decisions/<slug:ref>/<int:version>/draft/advice/<slug:advice>/", drafting.add_advice, name="add-advice"),
    path("decisions/<slug:ref>/<int:version>/draft/page/<str:page>/", drafting.edit_page, name="edit-page"),
    path(
        "decisions/<slug:ref>/<int:version>/draft/page/<str:rows>/<int:number>/remove/",
        drafting.remove_row,
        name="remove-row",
    ),
    path("decisions/<slug:ref>/<int:version>/", records.show_record, name="show-record"),
    path("decisions/<slug:ref>/<int:version>/pdf/", records.export_record, name="export-record"),
    path("decisions/<slug:ref>/<int:version>/view/", signing.give_second_view, name="give-second-view"),
    path("decisions/<slug:ref>/<int:version>/again/", signing.start_new_version, name="start-new-version"),
    path(
        "decisions/<slug:ref>/<int:version>/promised/<int:number>/", records.finish_follow_up, name="finish-follow-up"
    ),
    path("referrals/<slug:ref>/", referrals.show_referral, name="show-referral"),
    path("referrals/<slug:ref>/document/", referrals.show_document, name="show-document"),
    path("referrals/<slug:ref>/document.pdf", referrals.fetch_document, name="fetch-document"),
    path("referrals/<slug:ref>/<slug:act>/", referrals.act_on_referral, name="act-on-referral"),
    path("concerns/<slug:ref>/ask/", questions.ask, name="ask-agency"),
    path("concerns/<slug:ref>/advice/", advice.check_question, name="check-question"),
    path("concerns/<slug:ref>/correct/", corrections.record_correction, name="record-correction"),
    path("corrections/<slug:ref>/", corrections.show_correction, name="show-correction"),
    path("corrections/<slug:ref>/<int:number>/", corrections.record_told, name="told-of-correction"),
    path("advice/<slug:ref>/", advice.show_consultation, name="show-consultation"),
    path("advice/<slug:ref>/record/", advice.record_advice, name="record-advice"),
    path("questions/<slug:ref>/", questions.show_question, name="show-question"),
    path("questions/<slug:ref>/<slug:step>/", questions.record_step, name="record-question-step"),
    path("requests/", requests.list_requests, name="list-requests"),
    path("requests/add/", requests.log_request, name="log-request"),
    path("requests/<slug:ref>/", requests.show_request, name="show-request"),
    path("requests/<slug:ref>/decide/", requests.start_decision, name="decide-request"),
    path("requests/<slug:ref>/<slug:act>/", requests.act_on_request, name="act-on-request"),
    path("records/", records.list_records, name="list-records"),
    path("records/verify/", exports.verify_record, name="verify-record"),
    path("records/export/", exports.start_export, name="start-export"),
    path("exports/", exports.list_exports, name="list-exports"),
    path("exports/<str:key>/", exports.show_export, name="show-export"),
    path("exports/<str:key>/file/", exports.fetch_export, name="fetch-export"),
    path("concerns/<slug:ref>/enquiry/", enquiries.record_enquiry, name="record-enquiry"),
    path("enquiries/<slug:ref>/", enquiries.show_enquiry, name="show-enquiry"),
    path("enquiries/<slug:ref>/task/", enquiries.add_task, name="add-enquiry-task"),
    path("enquiries/<slug:ref>/task/<int:number>/", enquiries.finish_task, name="finish-enquiry-task"),
    path("enquiries/<slug:ref>/<slug:step>/", enquiries.record_step, name="record-enquiry-step"),
    path("agreements/", agreements.list_agreements, name="list-agreements"),
    path("agreements/add/", agreements.add_agreement, name="add-agreement"),
    path("agreements/<slug:ref>/", agreements.show_agreement, name="show-agreement"),
    path("agreements/<slug:ref>/new-version/", agreements.renew_agreement, name="renew-agreement"),
    path("agreements/<slug:ref>/retire/", agreements.retire_agreement, name="retire-agreement"),
    path("agencies/", agencies.list_agencies, name="list-agencies"),
    path("agencies/add/", agencies.edit_agency, name="add-agency"),
    path("agencies/<slug:ref>/", agencies.edit_agency, name="edit-agency"),
]
