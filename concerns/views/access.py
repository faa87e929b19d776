"""Who came near what: for one concern, and across concerns and people (R144). Words are posted, never in an address."""

from __future__ import annotations

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from accounts.proof import require_fresh_proof
from audit.selectors import is_sealing_late
from audit.services import record_refusal
from concerns import documents, permissions
from concerns.forms.access import AccessForm, ExportAccessForm
from concerns.models import Concern
from concerns.selectors.access import Wanted, access_page, concern_for_access
from concerns.services import access
from concerns.views._case import note_refused_reading
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotAllowed, Refusal


@require_http_methods(["GET", "HEAD", "POST"])
def show_access(request: SignedInRequest, ref: str) -> HttpResponse:
    """Who opened, found, took out or was refused this concern, newest first; everybody else gets 404."""
    try:
        concern = concern_for_access(ref, request.user)
    except Concern.DoesNotExist:
        note_refused_reading(ref, request.user)
        raise Http404 from None
    everything = request.GET.get("show") == "all"
    wanted = Wanted(concern=concern, access="all" if everything else "")
    access.record_access_view(wanted=wanted, by=request.user, at=now())
    context = {
        "concern": concern,
        "page": access_page(request.user, wanted, **_place(request)),
        "everything": everything,
        "may_read_case": Concern.objects.visible_to(request.user).filter(pk=concern.pk).exists(),
    }
    return render(request, "concerns/access_show.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def list_access(request: SignedInRequest) -> HttpResponse:
    """The report across concerns and people, for auditors and the information governance lead."""
    _let_in(request, permissions.check_can_read_ledger, "concerns.list-access")
    form = AccessForm(request.POST if request.method == "POST" else None, reader=request.user)
    page = None
    if not form.is_bound or _is_sound(form, request):
        wanted = form.wanted() if form.is_bound else Wanted()
        access.record_access_view(wanted=wanted, by=request.user, at=now())
        page = access_page(request.user, wanted, **_place(request))
    context = {
        "form": form,
        "page": page,
        "may_export": permissions.can_export_ledger(request.user),
        "ledger_is_late": is_sealing_late(at=now()),
    }
    return render(request, "concerns/access_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_fresh_proof
def export_access(request: SignedInRequest) -> HttpResponseBase:
    """The same report as a CSV file, with the reason for taking it out."""
    _let_in(request, permissions.check_can_export_ledger, "concerns.export-access")
    form = ExportAccessForm(request.POST if request.method == "POST" else None, reader=request.user)
    if form.is_bound and _is_sound(form, request):
        wanted = form.wanted()
        try:
            before = access.export_access(wanted=wanted, reason=form.cleaned_data["reason"], by=request.user, at=now())
        except Refusal as refusal:
            form.show(refusal)
        else:
            lines = documents.access_csv(request.user, wanted, before=before)
            response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
            response["Content-Disposition"] = 'attachment; filename="access-report.csv"'
            return response
    return render(request, "concerns/access_export.html", {"form": form})


def _let_in(request: SignedInRequest, check: permissions.UserCheck, act: str) -> None:
    """404 for everybody who has no business here; that they tried is kept."""
    try:
        check(request.user)
    except NotAllowed:
        record_refusal(by=request.user, at=now(), act=act)
        raise Http404 from None


def _is_sound(form: AccessForm, request: SignedInRequest) -> bool:
    """Whether the form can be used. A reference in it that the reader may not ask about is kept, as in an address."""
    is_sound = form.is_valid()
    if form.refused_ref:
        note_refused_reading(form.refused_ref, request.user)
    return is_sound


def _place(request: SignedInRequest) -> dict[str, str]:
    """Which end of the page last shown to go on from; nonsense shows the first page."""
    return {name: request.POST.get(name, "") for name in ("newer_than", "older_than")}
