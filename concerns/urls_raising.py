"""The addresses of raising a concern and of what its reporter sees afterwards. Included by `concerns.urls`.

None of them waits for a second step of signing in: whoever may sign in may report, whatever their role (I18, I20).
"""

from django.urls import path

from accounts.second_factor import not_needed
from concerns.views import files, raising, reporting

raising_urlpatterns = [
    path("raise/", not_needed(raising.start_raise), name="start-raise"),
    path("raise/<str:key>/", not_needed(raising.carry_on), name="carry-on-draft"),
    path("raise/<str:key>/check/", not_needed(raising.check_draft), name="check-draft"),
    path("raise/<str:key>/discard/", not_needed(raising.discard_draft), name="discard-draft"),
    path("raise/<str:key>/person-<int:number>/remove/", not_needed(raising.remove_person), name="remove-draft-person"),
    path("raise/<str:key>/files/", not_needed(files.list_draft_files), name="list-draft-files"),
    path(
        "raise/<str:key>/files/<slug:file_key>/remove/", not_needed(files.remove_draft_file), name="remove-draft-file"
    ),
    path("raise/<str:key>/<slug:page>/", not_needed(raising.write_draft), name="write-draft"),
    path("raise/<str:key>/<slug:page>/save/", not_needed(raising.save_draft), name="save-draft"),
    path("reports/", not_needed(reporting.list_reports_of_mine), name="list-reports-of-mine"),
    path("reports/<str:ref>/", not_needed(reporting.show_receipt), name="show-receipt"),
    path("reports/<str:ref>/add/", not_needed(reporting.add_to_report), name="add-to-report"),
    path("reports/<str:ref>/files/", not_needed(files.add_report_files), name="add-report-files"),
    path("reports/<str:ref>/not-satisfied/", not_needed(reporting.say_not_satisfied), name="say-not-satisfied"),
]
