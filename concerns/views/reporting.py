"""What a reporter sees and can do after sending: their receipt in safe words, never the case (R42, R101)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import SignedInRequest
from concerns.forms.reporting import AddForm, NotSatisfiedForm
from concerns.models import Concern
from concerns.selectors.files import files_reported
from concerns.selectors.receipts import Receipt, receipt_for, reported_by, status_of
from concerns.services import add_to_report as add
from concerns.services import say_not_satisfied as say
from concerns.services.reading import record_receipt_view
from concerns.views._case import note_refused_reading
from safeguarding.kit.clock import now
from safeguarding.kit.errors import Refusal, Unsound

PAGE_SIZE = 25


@require_safe
def list_reports_of_mine(request: SignedInRequest) -> HttpResponse:
    """What the reader reported, newest first."""
    rows = reported_by(request.user).select_related("merged_into")
    before = request.GET.get("before", "")
    if before:
        # Keyset paging: the reference of the last row of the page before, if it is one's own.
        last = rows.filter(ref=before).first() if "\0" not in before else None  # PostgreSQL takes none
        if last is None:
            raise Http404
        rows = rows.filter(reported_at__lt=last.reported_at) | rows.filter(reported_at=last.reported_at, pk__lt=last.pk)
    found = list(rows[: PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    context = {
        "reports": [(concern.ref, concern.reported_at, status_of(concern)) for concern in shown],
        "next_url": f"?before={shown[-1].ref}" if len(found) > PAGE_SIZE else "",
        "is_first_page": not before,
    }
    return render(request, "concerns/report_list.html", context)


@require_safe
def show_receipt(request: SignedInRequest, ref: str) -> HttpResponse:
    """The receipt: who holds it, their phone, by when, whom to ring otherwise, and what can be added."""
    receipt = _receipt(request, ref)
    at = now()
    record_receipt_view(concern_id=receipt.concern_id, ref=receipt.ref, by=request.user, at=at)
    files = files_reported(receipt.concern_id, request.user, at=at)
    context = {
        "receipt": receipt,
        "files": files if receipt.shows_own_words else (),
        # What they are called and show is no more theirs to read than what they wrote.
        "files_not_shown": () if receipt.shows_own_words else files,
        "is_just_sent": request.GET.get("sent") == "1",
    }
    return render(request, "concerns/report_receipt.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_to_report(request: SignedInRequest, ref: str) -> HttpResponse:
    """Add words to one's own report, in any state."""
    receipt = _receipt(request, ref)
    form = AddForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            add(
                concern_id=receipt.concern_id,
                text=form.cleaned_data["text"],
                form_key=form.cleaned_data["form_key"],
                by=request.user,
                at=now(),
            )
        except Refusal as refusal:
            _put(form, refusal, "text")
        else:
            messages.success(request, "Added. The person who holds this concern is told.")
            return redirect("concerns:show-receipt", receipt.ref)
    return render(request, "concerns/report_add.html", {"form": form, "receipt": receipt})


@require_http_methods(["GET", "HEAD", "POST"])
def say_not_satisfied(request: SignedInRequest, ref: str) -> HttpResponse:
    """Go past whoever answered, at any time, also after closing (R42)."""
    receipt = _receipt(request, ref)
    form = NotSatisfiedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            say(concern_id=receipt.concern_id, words=form.cleaned_data["words"], by=request.user, at=now())
        except Refusal as refusal:
            _put(form, refusal, "words")
        else:
            messages.success(
                request, "We have your words. Somebody who was not involved will look at it and answer you."
            )
            return redirect("concerns:show-receipt", receipt.ref)
    return render(request, "concerns/report_not_satisfied.html", {"form": form, "receipt": receipt})


def _receipt(request: SignedInRequest, ref: str) -> Receipt:
    try:
        return receipt_for(ref, request.user, at=now())
    except Concern.DoesNotExist:
        note_refused_reading(ref, request.user)
        raise Http404 from None


def _put(form: AddForm | NotSatisfiedForm, refusal: Refusal, box: str) -> None:
    """What the service said no to stands next to the box."""
    problems = refusal.problems if isinstance(refusal, Unsound) else {}
    for sentence in [one for many in problems.values() for one in many] or [refusal.sentence]:
        form.add_error(box, sentence)
