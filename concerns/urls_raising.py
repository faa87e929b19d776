"""The addresses of raising a concern and of what its reporter sees afterwards. Included by `concerns.urls`."""

from django.urls import path

from concerns.views import files, raising, reporting

raising_urlpatterns = [
    path("raise/", raising.start_raise, name="start-raise"),
    path("raise/<str:key>/", raising.carry_on, name="carry-on-draft"),
    path("raise/<str:key>/check/", raising.check_draft, name="check-draft"),
    path("raise/<str:key>/discard/", raising.discard_draft, name="discard-draft"),
    path("raise/<str:key>/person-<int:number>/remove/", raising.remove_person, name="remove-draft-person"),
    path("raise/<str:key>/files/", files.list_draft_files, name="list-draft-files"),
    path("raise/<str:key>/files/<slug:file_key>/remove/", files.remove_draft_file, name="remove-draft-file"),
    path("raise/<str:key>/<slug:page>/", raising.write_draft, name="write-draft"),
    path("raise/<str:key>/<slug:page>/save/", raising.save_draft, name="save-draft"),
    path("reports/", reporting.list_reports_of_mine, name="list-reports-of-mine"),
    path("reports/<str:ref>/", reporting.show_receipt, name="show-receipt"),
    path("reports/<str:ref>/add/", reporting.add_to_report, name="add-to-report"),
    path("reports/<str:ref>/files/", files.add_report_files, name="add-report-files"),
    path("reports/<str:ref>/not-satisfied/", reporting.say_not_satisfied, name="say-not-satisfied"),
]
