"""Answering a step about an implicated worker: LADO, PiPoT, HR, DBS (R46)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from accounts.models import User
from concerns import permissions, selectors, services
from concerns.forms.staff_steps import StaffStepForm
from concerns.models import Concern, StaffStep
from concerns.views._case import CaseFormView
from concerns.vocabulary import StaffStepAnswer, StaffStepKind
from safeguarding.kit.errors import NotNow


class StaffStepView(CaseFormView[StaffStepForm]):
    form_class = StaffStepForm
    template_name = "concerns/concern_staff_step.html"
    act, title, submit = "answer-staff-step", "Somebody who works for or with us is implicated", "Save"
    done = "Your answer is recorded."

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.kind = kwargs["kind"]
        return super().dispatch(request, *args, **kwargs)

    def check(self, user: User, concern: Concern) -> None:
        try:
            self.step = selectors.get_staff_step(concern, self.kind)
        except StaffStep.DoesNotExist:
            raise Http404 from None
        permissions.check_can_answer_staff_step(user, concern)
        if self.step.answer:
            raise NotNow("Somebody has answered this step already. What is new goes into a note.")

    def context(self) -> dict[str, Any]:
        return {"title": self.step.get_kind_display(), "kind": self.step.kind}

    def send(self, form: StaffStepForm) -> None:
        services.answer_staff_step(
            concern_id=self.concern.pk,
            kind=StaffStepKind(self.step.kind),
            answer=StaffStepAnswer(form.cleaned_data["answer"]),
            words=form.cleaned_data["words"],
            by=self.user,
            at=self.at,
        )
