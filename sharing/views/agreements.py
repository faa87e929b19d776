"""The register of sharing agreements (R59): read by all staff, kept by the information governance lead and leads."""

from __future__ import annotations

from typing import TypeVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import SignedInRequest
from concerns.services import Incoming, open_file
from concerns.views.files import answer_file, in_a_cage
from safeguarding.kit import scanner
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotAllowed, Refusal
from safeguarding.kit.filetypes import CONTENT_TYPES
from sharing import permissions, services
from sharing.forms.base import PlainForm
from sharing.forms.registers import AgreementFileForm, AgreementForm, RetireForm
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


@require_safe
@in_a_cage
def fetch_agreement_file(request: SignedInRequest, ref: str, key: str) -> HttpResponseBase:
    """The document itself, always as a download, for whoever may read the register; that it was taken is in the
    ledger. Refused while it is not known to be clean."""
    agreement = _get(ref)
    found = selectors.find_agreement_file(agreement, key)
    if found is None:
        raise Http404
    try:
        file = open_file(found.file, by=request.user, at=now())
    except Refusal as refusal:
        write_down(request, refusal, None, act="fetch-agreement-file")
        messages.error(request, refusal.sentence)
        return redirect(agreement)
    return answer_file(file, CONTENT_TYPES[found.file.kind], name=found.file.name_to_save)


@require_http_methods(["GET", "HEAD", "POST"])
def add_agreement_file(request: SignedInRequest, ref: str) -> HttpResponse:
    """The document of the newest version, which has none yet."""
    agreement = _get(ref)
    try:
        permissions.check_can_keep_agreements(request.user)
    except NotAllowed as refusal:
        return _turn_away(request, refusal, act="add-agreement-file")
    newest = selectors.versions_of_agreement(agreement)[0]
    form = _with_files(AgreementFileForm(posted(request)), request)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_agreement_file(
                agreement_id=agreement.pk, file=form.cleaned_data["upload"][0], by=request.user, at=now(),
                seen_number=_seen_number(request),
            )  # fmt: skip
        except Refusal as refusal:
            write_down(request, refusal, None, act="add-agreement-file")
            form.show(refusal)
        else:
            messages.success(request, _told("The document is in the register."))
            return redirect(agreement)
    context = {"form": form, "agreement": agreement, "newest": newest, "is_unscanned": not scanner.is_required()}
    return render(request, "sharing/agreement_file.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_agreement(request: SignedInRequest) -> HttpResponse:
    try:
        permissions.check_can_keep_agreements(request.user)
    except NotAllowed as refusal:
        return _turn_away(request, refusal, act="add-agreement")
    form = _with_files(
        AgreementForm(posted(request), owners=selectors.possible_owners(), is_new_version=False), request
    )
    if request.method == "POST" and form.is_valid():
        try:
            agreement = services.add_agreement(
                details=_details(form), file=_file(form), by=request.user, at=now()
            )  # fmt: skip
        except Refusal as refusal:
            write_down(request, refusal, None, act="add-agreement")
            form.show(refusal)
        else:
            messages.success(request, _told("The agreement is in the register.", form))
            return redirect(agreement)
    context = {"form": form, "agreement": None, "is_unscanned": not scanner.is_required()}
    return render(request, "sharing/agreement_edit.html", context)


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
    form = _with_files(
        AgreementForm(posted(request), initial=known, owners=selectors.possible_owners(), is_new_version=True), request
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.renew_agreement(
                agreement_id=agreement.pk, details=_details(form), file=_file(form), by=request.user, at=now(),
                seen_number=_seen_number(request),
            )  # fmt: skip
        except Refusal as refusal:
            write_down(request, refusal, None, act="renew-agreement")
            form.show(refusal)
        else:
            messages.success(request, _told("The new version is in the register.", form))
            return redirect(agreement)
    context = {"form": form, "agreement": agreement, "newest": newest, "is_unscanned": not scanner.is_required()}
    return render(request, "sharing/agreement_edit.html", context)


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
            write_down(request, refusal, None, act="retire-agreement")
            form.show(refusal)
        else:
            messages.success(request, "The agreement is retired.")
            return redirect(agreement)
    newest = selectors.versions_of_agreement(agreement)[0]
    return render(request, "sharing/agreement_retire.html", {"form": form, "agreement": agreement, "newest": newest})


Form = TypeVar("Form", bound=PlainForm)


def _with_files(form: Form, request: SignedInRequest) -> Form:
    form.files = request.FILES
    return form


def _file(form: AgreementForm) -> Incoming | None:
    return next(iter(form.cleaned_data["upload"]), None)


def _seen_number(request: SignedInRequest) -> int:
    seen = request.POST.get("seen_number", "")
    return int(seen) if seen.isdecimal() and len(seen) < 5 else 0


def _told(words: str, form: AgreementForm | None = None) -> str:
    """`words`, and when the document opens, if one was added."""
    has_file = form is None or bool(form.cleaned_data["upload"])
    is_waiting = has_file and scanner.is_required()
    return f"{words} The document opens once it is checked for viruses." if is_waiting else words


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
