"""What has taken too long, reports that were never sent, and a lead's look at a concern that stays open (T14, D1)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from accounts.models import User
from accounts.selectors import standing
from concerns import permissions, services
from concerns.forms.casework import ReasonForm
from concerns.models import Concern
from concerns.selectors.alarms import banners_for
from concerns.selectors.late import late_page
from concerns.views._case import CaseFormView
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotNow


@require_safe
def list_late(request: SignedInRequest) -> HttpResponse:
    """For leads and champions with links; for senior managers references alone; for everybody else an empty page."""
    at, who = now(), standing(request.user)
    page = late_page(request.user, at=at)
    services.record_late_view(shown=[(row.concern_id, row.ref) for row in page.rows], by=request.user, at=at)
    context = {
        "page": page,
        "is_lead": who.is_lead,
        "has_queue": who.is_lead or who.is_operational_lead,
        "alarms": banners_for(request.user),
    }
    return render(request, "concerns/late_list.html", context)


class LookAtLongOpenView(CaseFormView[ReasonForm]):
    """T14: a lead says what keeps it open and what happens next."""

    form_class = ReasonForm
    act, title, submit = "look-at-long-open", "Look at a concern that is open for long", "Save"
    done = "Saved. It comes up again if it stays open."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_look_at_long_open(user, concern)
        if not concern.is_open:
            raise NotNow("This concern is closed.")

    def send(self, form: ReasonForm) -> None:
        services.look_at_long_open(
            concern_id=self.concern.pk, words=form.cleaned_data["reason"], by=self.user, at=self.at
        )
