"""The page of one concern."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from accounts.models import User
from concerns import permissions, selectors, services
from concerns.forms.casework import TakeForm
from concerns.models import Concern
from concerns.views._case import CaseFormView, back_to, find_concern, turn_away
from concerns.vocabulary import State
from safeguarding.kit.clock import now
from safeguarding.kit.errors import Refusal


@require_safe
def show_concern(request: SignedInRequest, ref: str) -> HttpResponse:
    """Where the concern stands, what was reported and written, and what the reader can do. The look is recorded."""
    at = now()
    concern = find_concern(ref, request.user)
    page = selectors.case_page(concern, request.user, at=at)
    joined = [row.concern for row in page.beside.joined]
    services.record_case_view(concern, joined=joined, by=request.user, at=at)
    context = {"page": page, "concern": concern}
    return render(request, "concerns/concern_show.html", context)


class TakeView(CaseFormView[TakeForm]):
    """Take the concern. One press while nobody has acknowledged it; after that with a hand-over note (t22)."""

    form_class = TakeForm
    template_name = "concerns/concern_take.html"
    act, title, submit = "take", "Take this concern", "Take this concern"
    done = "You hold this concern now."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_take(user, concern)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if self.concern.state != State.SUBMITTED:
            return super().post(request, **kwargs)
        seen = request.POST.get("seen_version", "")
        try:
            self._take(seen_version=int(seen) if seen.isdecimal() and len(seen) < 10 else None)
        except Refusal as refusal:
            signed_in = cast(SignedInRequest, request)
            return turn_away(refusal, signed_in, act=self.act, concern=self.concern, at=self.at)
        messages.success(request, self.done)
        return back_to(self.concern, self.user)

    def send(self, form: TakeForm) -> None:
        self._take(note=form.cleaned_data["note"], seen_version=self.seen_version)

    def _take(self, *, seen_version: int | None, note: str = "") -> None:
        services.take(concern_id=self.concern.pk, by=self.user, at=self.at, note=note, seen_version=seen_version)
