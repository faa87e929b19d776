"""Joining a concern to another that is about the same matter, and taking them apart again (t20)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from accounts.models import User
from concerns import permissions, selectors, services
from concerns.forms.casework import ReasonForm
from concerns.forms.joining import ChooseOtherForm, JoinForm
from concerns.models import Concern
from concerns.views._case import CaseFormView, find_concern, note_refused_reference
from concerns.views.casework import check_is_open
from concerns.vocabulary import State
from safeguarding.kit.errors import NotNow


class ChooseOtherView(CaseFormView[ChooseOtherForm]):
    """First page: which concern. Nothing is written."""

    form_class = ChooseOtherForm
    template_name = "concerns/concern_join_choose.html"
    act, title, submit = "join", "Join this concern to another", "Continue"

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_merge(user, concern)
        check_is_open(concern)

    def context(self) -> dict[str, Any]:
        return {"waits": selectors.what_stops_joining(self.concern)}

    def note_reading(self, form: ChooseOtherForm) -> None:
        super().note_reading(form)
        services.record_suggested(found=form.suggested, by=self.user, at=self.at)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.form(request.POST)
        if form.is_valid():
            return redirect("concerns:confirm-join", self.concern.ref, form.chosen().ref)
        note_refused_reference(form.asked_for, self.user)
        return self.page(form)


class ConfirmJoinView(CaseFormView[JoinForm]):
    """Second page: both side by side, what will happen, and the reason."""

    form_class = JoinForm
    template_name = "concerns/concern_join_confirm.html"
    act, title, submit = "join", "Join these two concerns", "Join them"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.into = find_concern(kwargs["into"], self.user)
        return super().dispatch(request, *args, **kwargs)

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_merge(user, concern)
        permissions.check_can_merge(user, self.into)
        check_is_open(concern)
        if concern.pk == self.into.pk or not self.into.is_open:
            raise NotNow("Choose another concern that is open.")

    def note_reading(self, form: JoinForm) -> None:
        # What was reported in both stands on this page.
        services.record_case_view(self.concern, joined=[self.into], by=self.user, at=self.at)

    def context(self) -> dict[str, Any]:
        return {
            "into": self.into,
            "people": selectors.people_in(self.concern),
            "people_there": selectors.people_in(self.into),
            "will_be_restricted": self.concern.is_restricted or self.into.is_restricted,
            "waits": selectors.what_stops_joining(self.concern),
        }

    def send(self, form: JoinForm) -> None:
        services.merge(
            concern_id=self.concern.pk,
            into_id=self.into.pk,
            reason=form.cleaned_data["reason"],
            by=self.user,
            at=self.at,
        )
        self.done = f"Joined to {self.into.ref}, which holds everything that is to be done from now on."


class SeparateView(CaseFormView[ReasonForm]):
    """A lead takes them apart again: the concern is open, with a holder of its own."""

    form_class = ReasonForm
    template_name = "concerns/concern_separate.html"
    act, title, submit = "separate", "Separate this concern again", "Separate"
    done = "The concern is open again. Somebody holds it from now on."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_is_lead(user, concern)
        if concern.state != State.MERGED:
            raise NotNow("This concern is not joined to another.")

    def context(self) -> dict[str, Any]:
        return {"merge": selectors.standing_merge(self.concern)}

    def send(self, form: ReasonForm) -> None:
        services.separate(concern_id=self.concern.pk, reason=form.cleaned_data["reason"], by=self.user, at=self.at)
