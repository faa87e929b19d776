"""Taking a selection of decision records out as one ZIP."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.db.models import Q
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import SignedInRequest
from accounts.proof import require_fresh_proof
from audit.services import record_refusal
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotAllowed, Refusal
from sharing import permissions, selectors
from sharing.filters import RecordFilterForm
from sharing.forms.plain import ExportOneForm, VerifyForm
from sharing.models import Export, SignedRecord, SignedRecordQuerySet
from sharing.services import exporting, verifying
from sharing.views._common import posted, write_down
from sharing.vocabulary import ExportState

REFRESH_SECONDS = 5
LOOKS_AGAIN_FOR = timedelta(minutes=5)


@require_http_methods(["GET", "HEAD", "POST"])
@require_fresh_proof
def start_export(request: SignedInRequest) -> HttpResponse:
    """What is chosen, why it is taken out, and the button. The selection stands in the address."""
    form = ExportOneForm(posted(request), may_name=permissions.can_name_third_parties(request.user))
    records = _selection(request)
    total = records.count()
    try:
        permissions.check_can_export(request.user)
        if request.method == "POST" and form.is_valid():
            export = exporting.ask_for_export(
                record_ids=list(records.values_list("pk", flat=True)),
                taking=form.taking,
                by=request.user,
                at=now(),
            )
            return redirect("sharing:show-export", export.key)
    except NotAllowed as refusal:
        write_down(request, refusal, None, act="export-records")
        messages.error(request, refusal.sentence)
        return redirect("sharing:list-records")
    except Refusal as refusal:
        write_down(request, refusal, None, act="export-records")
        form.show(refusal)
    return render(request, "sharing/export_start.html", {"form": form, "total": total})


def _selection(request: SignedInRequest) -> SignedRecordQuerySet:
    """The ticked records; or, when asked for, all that fit the filters. Never what the reader may not see."""
    readable = SignedRecord.objects.takeable_by(request.user)
    if request.GET.get("all") == "yes":
        return RecordFilterForm(request.GET).narrow(readable)
    ticked = Q(pk__in=[])
    for words in request.GET.getlist("record"):
        ref, _, version = words.rpartition("/v")
        if version.isascii() and version.isdigit() and len(version) < 6:
            ticked |= Q(ref=ref, version=int(version))
    return readable.filter(ticked)


def _not_there(request: SignedInRequest) -> Http404:
    """Nobody else’s export is there, and no file that isn’t ready; that it was asked for is kept."""
    record_refusal(by=request.user, at=now(), act="sharing.read-export")
    return Http404()


@require_safe
def list_exports(request: SignedInRequest) -> HttpResponse:
    return render(request, "sharing/export_list.html", {"exports": selectors.exports_of(request.user)[:50]})


@require_http_methods(["GET", "HEAD", "POST"])
def show_export(request: SignedInRequest, key: str) -> HttpResponseBase:
    """How far it is. Without JavaScript the page looks again by itself for a few minutes. The button, on fresh proof,
    starts one that failed again.
    """
    export = selectors.find_export(key, by=request.user)
    if export is None:
        raise _not_there(request)
    if request.method == "POST":
        return _take_up(request, export)
    is_being_made = export.state in {ExportState.WAITING, ExportState.RUNNING}
    percent = 100 * export.done // export.total if export.total else 0
    # Each look begins the idle time anew, so nobody is kept signed in by it for long (R146).
    looks_again = is_being_made and now() - export.requested_at < LOOKS_AGAIN_FOR
    context = {
        "export": export,
        "looks_again": looks_again,
        "is_being_made": is_being_made,
        "percent": percent,
        "kept": exporting.KEPT.days,
        "not_made": selectors.not_made_for(export) if export.state == ExportState.READY else (),
        "is_open": export.state == ExportState.READY and permissions.can_fetch_export(request.user, export),
    }
    response = render(request, "sharing/export_show.html", context)
    if looks_again:
        response["Refresh"] = f"{REFRESH_SECONDS}; url={reverse('sharing:show-export', args=[key])}"
    return response


@require_fresh_proof
def _take_up(request: SignedInRequest, export: Export) -> HttpResponse:
    try:
        exporting.take_up_export(export_id=export.pk, by=request.user, at=now())
    except Refusal as refusal:
        write_down(request, refusal, None, act="take-up-export")
        messages.error(request, refusal.sentence)
    return redirect("sharing:show-export", export.key)


@require_safe
@require_fresh_proof
def fetch_export(request: SignedInRequest, key: str) -> HttpResponseBase:
    """The file itself, for the person who asked for it."""
    export = selectors.find_export(key, by=request.user)
    if export is None or export.state != ExportState.READY:
        raise _not_there(request)
    try:
        file = exporting.open_export(export=export, by=request.user, at=now())
    except NotAllowed as refusal:
        write_down(request, refusal, None, act="fetch-export")
        raise Http404 from None
    except Refusal as refusal:
        write_down(request, refusal, None, act="fetch-export")
        messages.error(request, refusal.sentence)
        return redirect("sharing:show-export", key)
    return FileResponse(file, as_attachment=True, filename="decision-records.zip")


@require_http_methods(["GET", "HEAD", "POST"])
def verify_record(request: SignedInRequest) -> HttpResponse:
    """Is this PDF one of ours, unchanged? The file goes no further than this answer."""
    form = VerifyForm(posted(request))
    form.files = request.FILES
    verdict = None
    try:
        permissions.check_can_verify(request.user)
        if request.method == "POST" and form.is_valid():
            verdict = verifying.verify_record(file=form.cleaned_data["file"], by=request.user, at=now())
    except NotAllowed as refusal:
        write_down(request, refusal, None, act="verify-record")
        messages.error(request, refusal.sentence)
        return redirect("sharing:list-records")
    except Refusal as refusal:
        write_down(request, refusal, None, act="verify-record")
        form.show(refusal)
    return render(request, "sharing/record_verify.html", {"form": form, "verdict": verdict})
