"""Addresses of the oversight floor."""

from django.urls import path

from champions.views import directory, reports

app_name = "champions"

urlpatterns = [
    path("champions/", directory.list_champions, name="list-champions"),
    path("champions/confirm/", directory.confirm_entry, name="confirm-entry"),
    path("quarterly-reports/", reports.list_reports, name="list-reports"),
    path("quarterly-reports/<str:quarter>/<int:version>/", reports.show_report, name="show-report"),
    path("quarterly-reports/<str:quarter>/<int:version>/report.pdf", reports.download_pdf, name="download-report-pdf"),
    path("quarterly-reports/<str:quarter>/<int:version>/figures.csv", reports.download_csv, name="download-report-csv"),
    path(
        "quarterly-reports/<str:quarter>/<int:version>/commentary/", reports.write_commentary, name="write-commentary"
    ),
    path(
        "quarterly-reports/<str:quarter>/<int:version>/commentary/keep/",
        reports.keep_commentary,
        name="keep-commentary",
    ),
    path("quarterly-reports/<str:quarter>/<int:version>/release/", reports.release_report, name="release-report"),
    path("quarterly-reports/<str:quarter>/<int:version>/restate/", reports.restate_report, name="restate-report"),
]
