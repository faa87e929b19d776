"""The directory of agencies: read by all staff, kept by the leads."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import SignedInRequest
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotAllowed, Refusal, Unsound
from sharing import permissions, services
from sharing.forms.plain import AgencyForm
from sharing.models import Agency
from sharing.views._common import posted, write_down
from sharing.vocabulary import AgencyKind, SharingMethod

PER_PAGE = 50


@require_safe
def list_agencies(request: SignedInRequest) -> HttpResponse:
    """By name, a page at a time."""
    page = Paginator(Agency.objects.all(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "agencies": page.object_list,
        "previous_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?page={page.next_page_number()}" if page.has_next() else "",
        "can_keep": permissions.can_keep_agencies(request.user),
    }
    return render(request, "sharing/agency_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_agency(request: SignedInRequest, ref: str = "") -> HttpResponse:
    """Add an agency or change one."""
    agency = Agency.objects.filter(ref=ref).first() if ref else None
    if ref and agency is None:
        raise Http404
    try:
        permissions.check_can_keep_agencies(request.user)
    except NotAllowed as refusal:
        write_down(request, refusal, None, act="edit-agency")
        messages.error(request, refusal.sentence)
        return redirect("sharing:list-agencies")
    initial: dict[str, Any] = AgencyForm.answers_of(agency) if agency else {"is_in_use": "yes"}
    form = AgencyForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.save_agency(
                details=_details(form), by=request.user, at=now(), agency_id=agency.pk if agency else None
            )
        except Refusal as refusal:
            write_down(request, refusal, None, act="edit-agency")
            form.show(refusal)
        else:
            messages.success(request, f"{saved} is saved.")
            return redirect("sharing:list-agencies")
    return render(request, "sharing/agency_edit.html", {"form": form, "agency": agency})


def _details(form: AgencyForm) -> services.AgencyDetails:
    answers = dict(form.cleaned_data)
    if not answers["kind"]:
        raise Unsound("Something is missing.", {"kind": ["Choose the kind of agency."]})
    answers["kind"] = AgencyKind(answers["kind"])
    answers["usual_method"] = SharingMethod(answers["usual_method"] or SharingMethod.PORTAL)
    answers["is_in_use"] = answers["is_in_use"] != "no"
    return services.AgencyDetails(**answers)
