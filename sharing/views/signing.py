"""Check and sign, a second person's view, and a new version. The first two ask for fresh proof of identity."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from accounts.proof import proof_wanted, require_fresh_proof
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotAllowed, Refusal, why_not
from sharing import permissions, services
from sharing.forms.plain import NewVersionForm, SecondViewForm
from sharing.reading import Later, Reader, parts
from sharing.rules import asked, needs_second_signature
from sharing.services.signing import unsigned_document
from sharing.signed import digest_shown
from sharing.views._common import get_decision, get_record, posted, show_of, turn_away, write_down
from sharing.views.drafting import read_draft
from sharing.vocabulary import SupersessionReason


@require_http_methods(["GET", "HEAD", "POST"])
def check_draft(request: SignedInRequest, ref: str, version: int) -> HttpResponseBase:
    """The whole decision as it would be signed, and the button that signs it.

    Proof of identity is asked for once it can be signed: what is missing is said without (R7).
    """
    decision = get_decision(request, ref, version)
    if not decision.is_draft:
        return redirect(decision)
    try:
        permissions.check_can_decide(request.user, decision.concern)
    except NotAllowed as refusal:
        return turn_away(request, refusal, decision.concern, act="sign-decision")
    if request.method == "POST":
        if (wanted := proof_wanted(request)) is not None:
            return wanted
        seen = request.POST.get("seen_edit", "")
        try:
            signed = services.sign_decision(
                decision_id=decision.pk,
                seen_edit=int(seen) if seen.isdecimal() and len(seen) < 10 else 0,
                shown=request.POST.get("shown", ""),
                by=request.user,
                at=now(),
            )
        except Refusal as refusal:
            write_down(request, refusal, decision.concern, act="sign-decision")
            messages.error(request, refusal.sentence)
            decision.refresh_from_db()
        else:
            messages.success(request, "Signed.")
            return redirect(signed)
    draft = read_draft(request, decision)
    is_ready = draft.is_ready()
    if is_ready and (wanted := proof_wanted(request)) is not None:
        return wanted
    record = asked.only(draft.record, draft.facts)
    document = unsigned_document(decision, record, draft.facts, draft.problems, by=request.user, at=draft.facts.at)
    context = {
        "decision": decision,
        "draft": draft,
        "is_ready": is_ready,
        "shown": digest_shown(document) if is_ready else "",
        "second": needs_second_signature(record, draft.facts, draft.problems),
        # Without a choice there is nothing to read out yet.
        "parts": parts(Reader(document, is_draft=True), Later()) if document["kind"] else (),
    }
    return show_of(decision.concern, request, "sharing/draft_check.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_fresh_proof
def give_second_view(request: SignedInRequest, ref: str, version: int) -> HttpResponse:
    """A second person reads the whole record and says whether they agree."""
    signed = get_record(request, ref, version)
    try:
        permissions.check_can_second_record(request.user, signed)
    except NotAllowed as refusal:
        write_down(request, refusal, signed.concern, act="second-view")
        messages.error(request, refusal.sentence)
        return redirect(signed)
    form = SecondViewForm(posted(request))
    if request.method == "POST" and form.is_valid():
        if not form.cleaned_data["view"]:
            form.add_error("view", "Say whether you agree.")
        else:
            try:
                services.give_second_view(
                    record_id=signed.pk,
                    is_agreed=form.cleaned_data["view"] == "agree",
                    comment=form.cleaned_data["comment"],
                    by=request.user,
                    at=now(),
                )
            except Refusal as refusal:
                write_down(request, refusal, signed.concern, act="second-view")
                form.show(refusal)
            else:
                messages.success(request, "Your view is recorded.")
                return redirect(signed)
    context = {
        "form": form,
        "signed": signed,
        "why_not": why_not(permissions.check_signature_counts, signed),
        "parts": parts(Reader(signed.document), Later()),
    }
    return show_of(signed.concern, request, "sharing/record_second.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def start_new_version(request: SignedInRequest, ref: str, version: int) -> HttpResponse:
    """A change of mind (3.3): why, and then the pages again, filled in as they were."""
    signed = get_record(request, ref, version)
    try:
        permissions.check_can_decide(request.user, signed.concern)
    except NotAllowed as refusal:
        return turn_away(request, refusal, signed.concern, act="new-version")
    form = NewVersionForm(posted(request))
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if not reason:
            form.add_error("reason", "Say why it is decided again.")
        else:
            try:
                decision = services.start_new_version(
                    record_id=signed.pk,
                    reason=SupersessionReason(reason),
                    words=form.cleaned_data["words"],
                    by=request.user,
                    at=now(),
                )
            except NotAllowed as refusal:
                return turn_away(request, refusal, signed.concern, act="new-version")
            except Refusal as refusal:
                write_down(request, refusal, signed.concern, act="new-version")
                form.show(refusal)
            else:
                return redirect(decision)
    context = {"form": form, "signed": signed, "back_url": signed.get_absolute_url()}
    return show_of(signed.concern, request, "sharing/record_new_version.html", context)
