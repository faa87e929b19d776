"""A shared fact is wrong: who was given it, and telling them (R100)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import SignedInRequest
from concerns.vocabulary import ClockKind
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotAllowed, Refusal
from sharing import permissions, selectors, services
from sharing.forms.corrections import CorrectionForm, ToldOfItForm
from sharing.forms.plain import this_moment
from sharing.views._common import get_concern, get_correction, posted, show_of, turn_away, write_down


@require_http_methods(["GET", "HEAD", "POST"])
def record_correction(request: SignedInRequest, ref: str) -> HttpResponse:
    """Choose what was wrong and write what is right; everybody who was given it becomes a task."""
    concern = get_concern(request, ref)
    try:
        permissions.check_can_correct(request.user, concern)
    except NotAllowed as refusal:
        return turn_away(request, refusal, concern, act="record-correction")
    items = selectors.shared_items(concern)
    referrals = {referral.pk: referral for item in items for referral in item.referrals}
    form = CorrectionForm(posted(request), items=items, referrals=list(referrals.values()))
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        wrong = services.Wrong(answers["item"], answers["right"], answers["source"], tuple(answers.get("also", ())))
        try:
            correction = services.record_correction(concern_id=concern.pk, wrong=wrong, by=request.user, at=now())
        except NotAllowed as refusal:
            return turn_away(request, refusal, concern, act="record-correction")
        except Refusal as refusal:
            write_down(request, refusal, concern, act="record-correction")
            form.show(refusal)
        else:
            messages.success(request, "Recorded. Now tell everybody on this page.")
            return redirect(correction)
    context = {"form": form, "concern": concern, "items": items}
    return show_of(concern, request, "sharing/correction_record.html", context)


@require_safe
def show_correction(request: SignedInRequest, ref: str) -> HttpResponse:
    """What was wrong and is right, and who has been told."""
    correction = get_correction(request, ref)
    running = correction.concern.deadlines.filter(
        kind=ClockKind.CORRECTION, about__startswith=f"{correction.ref}/", met_at=None, dropped_at=None
    )
    due = {deadline.about: deadline.due_at for deadline in running}
    notices = correction.notices.select_related("referral", "recorded_by", "correction")
    context = {
        "correction": correction,
        "concern": correction.concern,
        "notices": [(notice, due.get(notice.clock_name)) for notice in notices],
        "can_tell": permissions.can_refer(request.user, correction.concern),
        "now": now(),
    }
    return show_of(correction.concern, request, "sharing/correction_show.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def record_told(request: SignedInRequest, ref: str, number: int) -> HttpResponse:
    """One agency has been told."""
    correction = get_correction(request, ref)
    notice = correction.notices.select_related("referral").filter(number=number).first()
    if notice is None:
        raise Http404
    try:
        permissions.check_can_refer(request.user, correction.concern)
    except NotAllowed as refusal:
        return turn_away(request, refusal, correction.concern, act="told-of-correction")
    form = ToldOfItForm(posted(request), initial=this_moment("told_at"))
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        telling = services.ToldOfIt(answers["who"], answers["how"], form.moment("told_at"), answers["words"])
        try:
            services.record_told_of_correction(notice_id=notice.pk, telling=telling, by=request.user, at=now())
        except NotAllowed as refusal:
            return turn_away(request, refusal, correction.concern, act="told-of-correction")
        except Refusal as refusal:
            write_down(request, refusal, correction.concern, act="told-of-correction")
            form.show(refusal)
        else:
            messages.success(request, "Recorded.")
            return redirect(correction)
    context = {"form": form, "correction": correction, "notice": notice}
    return show_of(correction.concern, request, "sharing/correction_told.html", context)
