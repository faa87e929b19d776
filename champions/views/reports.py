"""The quarterly reports: list, page, PDF, CSV; commentary, release and restating for the operational lead."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.proof import require_fresh_proof
from audit.services import record_refusal
from champions import documents, services
from champions.forms import CommentaryForm, RestateForm
from champions.models import QuarterlyReport
from champions.permissions import can_write_report
from champions.selectors import can_read_reports, find_report, published, reports_for
from champions.suppression import HIDDEN_MARK, HIDDEN_MEANS
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotNow, Unsound
from safeguarding.kit.pdf import PdfTooLong, PdfUnavailable


@require_safe
def list_reports(request: SignedInRequest) -> HttpResponse:
    """Every quarter whose report this person may read."""
    if not can_read_reports(request.user):
        raise _refused(request, "read")
    context = {"reports": reports_for(request.user), "writes": can_write_report(request.user)}
    return render(request, "champions/report_list.html", context)


@require_safe
def show_report(request: SignedInRequest, quarter: str, version: int) -> HttpResponse:
    report = _readable(request, quarter, version)
    try:
        figures = published(report)
    except NotNow as refusal:
        return _not_now(request, refusal)
    services.note_reading(report=report, form="page", by=request.user, at=now())
    context = {
        "published": figures,
        "report": report,
        "newer": _newer(request, report),
        "writes": can_write_report(request.user),
        "mark": HIDDEN_MARK,
        "hidden_means": HIDDEN_MEANS,
        "draft_means": documents.DRAFT_MEANS,
    }
    return render(request, "champions/report_show.html", context)


@require_safe
def download_pdf(request: SignedInRequest, quarter: str, version: int) -> HttpResponse:
    report = _readable(request, quarter, version)
    moment = now()
    try:
        content = documents.report_pdf(published(report), reader=request.user, at=moment)
    except NotNow as refusal:
        return _not_now(request, refusal)
    except (PdfUnavailable, PdfTooLong) as refusal:
        messages.error(request, refusal.sentence)
        return redirect(report)
    services.note_reading(report=report, form="pdf", by=request.user, at=moment)
    return _file(content, "application/pdf", report, "pdf")


@require_safe
def download_csv(request: SignedInRequest, quarter: str, version: int) -> HttpResponse:
    report = _readable(request, quarter, version)
    try:
        figures = documents.report_csv(published(report))
    except NotNow as refusal:
        return _not_now(request, refusal)
    services.note_reading(report=report, form="csv", by=request.user, at=now())
    return _file(figures, "text/csv; charset=utf-8", report, "csv")


@require_http_methods(["GET", "HEAD", "POST"])
def write_commentary(request: SignedInRequest, quarter: str, version: int) -> HttpResponse:
    """The form. What was typed is kept, valid or not."""
    report = _writable(request, quarter, version)
    form = CommentaryForm(request.POST or None, report=report, author=request.user)
    if request.method == "POST":
        try:
            if form.is_valid():
                services.write_commentary(
                    report_id=report.pk,
                    commentary=form.commentary(),
                    is_confirmed_anonymous=form.cleaned_data["is_confirmed_anonymous"],
                    has_checked_names=form.cleaned_data.get("has_checked_names", False),
                    by=request.user,
                    at=now(),
                )
                messages.success(request, "Commentary saved.")
                return redirect(report)
            services.keep_words(report_id=report.pk, words=form.typed(), by=request.user)
        except Unsound as refusal:
            for field, sentences in refusal.problems.items():
                form.add_error(field if field in form.fields else None, sentences)
        except NotNow as refusal:
            form.add_error(None, refusal.sentence)
    return render(request, "champions/report_comment.html", {"form": form, "report": report})


@require_POST
def keep_commentary(request: SignedInRequest, quarter: str, version: int) -> HttpResponse:
    """Autosave: the words as typed, without looking at them."""
    report = _writable(request, quarter, version)
    try:
        typed = CommentaryForm(request.POST, report=report, author=request.user).typed()
        services.keep_words(report_id=report.pk, words=typed, by=request.user)
    except NotNow:
        return HttpResponse(status=409)
    return HttpResponse(status=204)


@require_fresh_proof
@require_http_methods(["GET", "HEAD", "POST"])
def release_report(request: SignedInRequest, quarter: str, version: int) -> HttpResponse:
    report = _writable(request, quarter, version)
    if request.method == "POST":
        try:
            services.release_report(report_id=report.pk, by=request.user, at=now())
        except NotNow as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, "Report released. Senior managers are being told by e-mail.")
        return redirect(report)
    return render(request, "champions/report_release.html", {"report": report})


@require_http_methods(["GET", "HEAD", "POST"])
def restate_report(request: SignedInRequest, quarter: str, version: int) -> HttpResponse:
    report = _writable(request, quarter, version)
    form = RestateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            restated = services.restate_report(
                report_id=report.pk, reason=form.cleaned_data["reason"], by=request.user, at=now()
            )
        except Unsound as refusal:
            form.add_error("reason", refusal.problems["reason"])
        except NotNow as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "New version made. Check the commentary, then release it.")
            return redirect(restated)
    return render(request, "champions/report_restate.html", {"form": form, "report": report})


def _readable(request: SignedInRequest, quarter: str, version: int) -> QuarterlyReport:
    report = find_report(quarter, version, viewer=request.user)
    if report is None:
        raise _refused(request, "read")
    return report


def _writable(request: SignedInRequest, quarter: str, version: int) -> QuarterlyReport:
    if not can_write_report(request.user):
        raise _refused(request, "write")
    return _readable(request, quarter, version)


def _not_now(request: SignedInRequest, refusal: NotNow) -> HttpResponse:
    """The figures of a draft can't be counted: back to the list, with the sentence that says so."""
    messages.error(request, refusal.sentence)
    return redirect("champions:list-reports")


def _refused(request: SignedInRequest, act: str) -> Http404:
    """The 404 to raise, once it is kept that somebody asked who has no business here."""
    record_refusal(by=request.user, at=now(), act=f"report.{act}")
    return Http404()


def _newer(request: SignedInRequest, report: QuarterlyReport) -> QuarterlyReport | None:
    newer = reports_for(request.user).filter(quarter_start=report.quarter_start).first()
    return newer if newer is not None and newer.version > report.version else None


def _file(content: bytes | str, media_type: str, report: QuarterlyReport, extension: str) -> HttpResponse:
    name = f"safeguarding-report-{report.quarter.code}-version-{report.version}.{extension}"
    return HttpResponse(
        content,
        content_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
