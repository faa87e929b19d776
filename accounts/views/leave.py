"""Leave of one's own and of one's team."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import LeaveForm
from accounts.http import SignedInRequest
from accounts.selectors import absences_of, absences_of_team, find_absence, standing
from accounts.services import cancel_absence, record_absence
from audit.services import record_refusal
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotNow, Unsound


@require_safe
def list_leave(request: SignedInRequest) -> HttpResponse:
    """My leave, and my team's if I manage anyone."""
    moment = now()
    manages = standing(request.user).manages_people
    context = {
        "own": absences_of(request.user, at=moment),
        "team": absences_of_team(request.user, at=moment) if manages else None,
        "now": moment,
    }
    return render(request, "accounts/leave_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_leave(request: SignedInRequest) -> HttpResponse:
    """Whole days, in London time: from the start of the first day to the end of the last."""
    form = LeaveForm(request.POST or None, viewer=request.user)
    if request.method == "POST" and form.is_valid():
        first, last = form.days()
        try:
            record_absence(
                person=form.person_away(request.user),
                kind=form.cleaned_data["kind"],
                starts_at=timezone.make_aware(datetime.combine(first, time.min)),
                ends_at=timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min)),
                cover=form.cleaned_data["cover"],
                by=request.user,
                at=now(),
            )
        except Unsound as refusal:
            for field, sentences in refusal.problems.items():
                for sentence in sentences:
                    form.add_error(field, sentence)
        else:
            messages.success(request, "Leave saved.")
            return redirect("accounts:list-leave")
    return render(request, "accounts/leave_add.html", {"form": form})


@require_POST
def cancel_leave(request: SignedInRequest) -> HttpResponse:
    """Cancel leave to come, or come back early. Leave of others than oneself and one's team is not there."""
    absence = find_absence(request.POST.get("absence", ""), viewer=request.user)
    if absence is None:
        record_refusal(by=request.user, at=now(), act="accounts.cancel-leave")
        raise Http404
    try:
        cancel_absence(absence=absence, by=request.user, at=now())
    except NotNow as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "Leave cancelled.")
    return redirect("accounts:list-leave")
