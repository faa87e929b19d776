"""Signed decisions: the page of one, its PDF, what it promised, and the list for auditors."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import SignedInRequest
from accounts.proof import require_fresh_proof
from concerns.selectors.names import hidden_reporters
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotAllowed, Refusal
from sharing import permissions, selectors, services
from sharing.filters import RecordFilterForm
from sharing.forms.plain import ExportOneForm, FinishForm
from sharing.later import later_of, status_words
from sharing.models import InformationRequest, SignedRecord
from sharing.reading import Reader, parts
from sharing.record import from_json
from sharing.views._common import get_decision, get_record, posted, show_of, turn_away, write_down


@require_safe
def show_record(request: SignedInRequest, ref: str, version: int) -> HttpResponse:
    """A signed decision as it was signed, with what came later beside it."""
    signed = get_record(request, ref, version)
    services.record_view(signed=signed, by=request.user, at=now())
    can_decide = permissions.can_decide(request.user, signed.concern)
    later = later_of(signed, request.user)
    follow_ups = signed.follow_ups.select_related("done_by") if later.is_whole else ()
    context = {
        "signed": signed,
        "is_altered": not selectors.is_as_signed(signed, selectors.signing_of(signed)),
        "parts": parts(Reader(signed.document), later),
        "status": status_words(signed),
        "superseded": f"{later.superseded} {later.superseded_why}".strip(),
        # Where it was replaced, that it still waits tells that something was shared.
        "waits_for_view": (later.is_whole or not later.superseded) and signed.waits_for_view,
        "can_second": permissions.can_second_record(request.user, signed),
        "can_decide": can_decide,
        "can_finish": permissions.can_refer(request.user, signed.concern),
        "can_export": permissions.can_take_out(request.user, signed),
        "can_open_concern": selectors.find_concern(signed.concern.ref, by=request.user) is not None,
        "referrals": signed.referrals.all() if later.is_whole else (),
        "answers": InformationRequest.objects.visible_to(request.user).filter(decisions=signed.decision_id).first(),
        "follow_ups": list(enumerate(follow_ups, start=1)),
        "hidden_ids": hidden_reporters(signed.concern, request.user),
    }
    return render(request, "sharing/record_show.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def finish_follow_up(request: SignedInRequest, ref: str, version: int, number: int) -> HttpResponse:
    """A step that the decision promised is done."""
    signed = get_record(request, ref, version)
    promised = list(signed.follow_ups.all())
    if not 1 <= number <= len(promised):
        raise Http404
    follow_up = promised[number - 1]
    try:
        permissions.check_can_refer(request.user, signed.concern)
    except NotAllowed as refusal:
        return turn_away(request, refusal, signed.concern, act="finish-follow-up")
    form = FinishForm(posted(request), is_telling=follow_up.is_telling)
    if request.method == "POST" and form.is_valid() and not _is_open(form):
        try:
            services.finish_follow_up(
                follow_up_id=follow_up.pk,
                words=form.cleaned_data["words"],
                is_unsafe=form.cleaned_data.get("answer") == "unsafe",
                by=request.user,
                at=now(),
            )
        except NotAllowed as refusal:
            return turn_away(request, refusal, signed.concern, act="finish-follow-up")
        except Refusal as refusal:
            write_down(request, refusal, signed.concern, act="finish-follow-up")
            form.show(refusal)
        else:
            messages.success(request, "Done.")
            return redirect(signed)
    record = from_json(signed.document["record"])
    people = selectors.at_risk_of(record, signed.concern) if follow_up.is_telling or follow_up.is_contact else []
    cautions = [person for person in people if follow_up.person_id in (None, person.pk)]
    context = {"form": form, "signed": signed, "follow_up": follow_up, "cautions": cautions}
    return show_of(signed.concern, request, "sharing/follow_up.html", context)


def _is_open(form: FinishForm) -> bool:
    """Whether it is not said yet if they were told; the form says so."""
    if form.cleaned_data.get("answer") == "":
        form.add_error("answer", "Say whether they have been told.")
        return True
    return False


@require_http_methods(["GET", "HEAD", "POST"])
@require_fresh_proof
def export_record(request: SignedInRequest, ref: str, version: int) -> HttpResponse:
    """One record as a PDF, with the reason for taking it out."""
    signed = get_record(request, ref, version)
    form = ExportOneForm(posted(request), may_name=permissions.can_name_third_parties(request.user))
    try:
        permissions.check_can_take_out(request.user, signed)
        if request.method == "POST" and form.is_valid():
            return _pdf(request, signed, form)
    except NotAllowed as refusal:
        write_down(request, refusal, signed.concern, act="export-record")
        messages.error(request, refusal.sentence)
        return redirect(signed)
    except Refusal as refusal:
        write_down(request, refusal, signed.concern, act="export-record")
        form.show(refusal)
    return show_of(signed.concern, request, "sharing/record_export.html", {"form": form, "signed": signed})


def _pdf(request: SignedInRequest, signed: SignedRecord, form: ExportOneForm) -> HttpResponse:
    content = services.take_out(signed=signed, taking=form.taking, by=request.user, at=now())
    return _download(content, f"{signed.ref}-v{signed.version}.pdf")


def _download(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@require_fresh_proof
def print_draft(request: SignedInRequest, ref: str, version: int) -> HttpResponse:
    """A draft as a PDF that says so on every page, with the reason for taking it out."""
    decision = get_decision(request, ref, version)
    if not decision.is_draft:
        return redirect(decision)
    form = ExportOneForm(posted(request), may_name=permissions.can_name_third_parties(request.user))
    try:
        permissions.check_can_print_draft(request.user, decision)
        if request.method == "POST" and form.is_valid():
            content = services.take_out_draft(decision_id=decision.pk, taking=form.taking, by=request.user, at=now())
            return _download(content, f"DRAFT-{decision.ref}-v{decision.version}.pdf")
    except NotAllowed as refusal:
        return turn_away(request, refusal, decision.concern, act="print-draft")
    except Refusal as refusal:
        write_down(request, refusal, decision.concern, act="print-draft")
        form.show(refusal)
    return show_of(decision.concern, request, "sharing/draft_print.html", {"form": form, "decision": decision})


@require_safe
def list_records(request: SignedInRequest) -> HttpResponse:
    """Signed decisions that the reader may see, newest first; filters and place stand in the address."""
    form = RecordFilterForm(request.GET)
    records = form.narrow(SignedRecord.objects.visible_to(request.user))
    page = selectors.record_page(
        records,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    services.record_list_view(by=request.user, at=now())
    context = {
        "filters": form,
        "page": page,
        "chosen": form.chosen,
        "can_verify": permissions.can_verify(request.user),
        "can_export": permissions.can_export(request.user),
        "previous_url": form.address(before=page.previous) if page.previous else "",
        "next_url": form.address(after=page.next) if page.next else "",
    }
    return render(request, "sharing/record_list.html", context)
