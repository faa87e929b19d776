"""The register of sharing agreements (R59): read by all staff, kept by the information governance lead and leads."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import SignedInRequest
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotAllowed, Refusal
from sharing import permissions, services
from sharing.forms.registers import AgreementForm, RetireForm
from sharing.models import SharingAgreement
from sharing.selectors import registers as selectors
from sharing.views._common import posted, write_down

PER_PAGE = 25
SHOWN = (("current", "Current"), ("retired", "Retired"))


@require_safe
def list_agreements(request: SignedInRequest) -> HttpResponse:
    """Every agreement, the one to be looked at again first on top."""
    shown = "retired" if request.GET.get("show") == "retired" else "current"
    page = Paginator(selectors.agreements(is_retired=shown == "retired"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "previous_url": f"?show={shown}&page={page.previous_page_number()}" if page.has_previous() else "",
        "next_url": f"?show={shown}&page={page.next_page_number()}" if page.has_next() else "",
        "shown": shown,
        "choices": SHOWN,
        "today": timezone.localdate(now()),
        "can_keep": permissions.can_keep_agreements(request.user),
    }
    return render(request, "sharing/agreement_list.html", context)


def _get(ref: str) -> SharingAgreement:
    found = selectors.find_agreement(ref)
    if found is None:
        raise Http404
    return found


@require_safe
def show_agreement(request: SignedInRequest, ref: str) -> HttpResponse:
    """The newest version in full, and the ones before it."""
    agreement = _get(ref)
    versions = list(selectors.versions_of_agreement(agreement))
    context = {
        "agreement": agreement,
        "newest": versions[0],
        "older": versions[1:],
        "today": timezone.localdate(now()),
        "can_keep": permissions.can_keep_agreements(request.user) and agreement.retired_at is None,
    }
    return render(request, "sharing/agreement_show.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_agreement(request: SignedInRequest) -> HttpResponse:
    try:
        permissions.check_can_keep_agreements(request.user)
    except NotAllowed as refusal:
        return _turn_away(request, refusal, act="add-agreement")
    form = AgreementForm(posted(request), owners=selectors.possible_owners(), is_new_version=False)
    if request.method == "POST" and form.is_valid():
        try:
            agreement = services.add_agreement(details=_details(form), by=request.user, at=now())
        except Refusal as refusal:
            form.show(refusal)
        else:
            messages.success(request, "The agreement is in the register.")
            return redirect(agreement)
    return render(request, "sharing/agreement_edit.html", {"form": form, "agreement": None})


@require_http_methods(["GET", "HEAD", "POST"])
def renew_agreement(request: SignedInRequest, ref: str) -> HttpResponse:
    """The next version; it begins with what the newest one says."""
    agreement = _get(ref)
    try:
        permissions.check_can_keep_agreements(request.user)
    except NotAllowed as refusal:
        return _turn_away(request, refusal, act="renew-agreement")
    newest = selectors.versions_of_agreement(agreement)[0]
    known = {"name": newest.name, "parties": newest.parties, "document": newest.document, "owner": str(newest.owner_id)}
    form = AgreementForm(posted(request), initial=known, owners=selectors.possible_owners(), is_new_version=True)
    if request.method == "POST" and form.is_valid():
        seen = request.POST.get("seen_number", "")
        try:
            services.renew_agreement(
                agreement_id=agreement.pk, details=_details(form), by=request.user, at=now(),
                seen_number=int(seen) if seen.isdecimal() and len(seen) < 5 else 0,
            )  # fmt: skip
        except Refusal as refusal:
            form.show(refusal)
        else:
            messages.success(request, "The new version is in the register.")
            return redirect(agreement)
    return render(request, "sharing/agreement_edit.html", {"form": form, "agreement": agreement, "newest": newest})


@require_http_methods(["GET", "HEAD", "POST"])
def retire_agreement(request: SignedInRequest, ref: str) -> HttpResponse:
    agreement = _get(ref)
    try:
        permissions.check_can_keep_agreements(request.user)
    except NotAllowed as refusal:
        return _turn_away(request, refusal, act="retire-agreement")
    form = RetireForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            services.retire_agreement(
                agreement_id=agreement.pk, reason=form.cleaned_data["reason"], by=request.user, at=now()
            )
        except Refusal as refusal:
            form.show(refusal)
        else:
            messages.success(request, "The agreement is retired.")
            return redirect(agreement)
    newest = selectors.versions_of_agreement(agreement)[0]
    return render(request, "sharing/agreement_retire.html", {"form": form, "agreement": agreement, "newest": newest})


def _details(form: AgreementForm) -> services.AgreementDetails:
    answers = form.cleaned_data
    return services.AgreementDetails(
        name=answers["name"],
        version=answers["version"],
        parties=answers["parties"],
        review_date=answers["review_date"],
        document=answers["document"],
        owner_id=int(answers["owner"]) if answers["owner"] else None,
        change_words=answers.get("change_words", ""),
    )


def _turn_away(request: SignedInRequest, refusal: Refusal, *, act: str) -> HttpResponse:
    write_down(request, refusal, None, act=act)
    messages.error(request, refusal.sentence)
    return redirect("sharing:list-agreements")
