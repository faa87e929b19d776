"""Before a visit: what a home asks of visitors, looked up by address; and saying so on a concern (domain.md 5)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.http import SignedInRequest
from accounts.models import User
from concerns import permissions, selectors, services
from concerns.forms.visits import LookUpVisitForm, WarnVisitorsForm
from concerns.models import Concern
from concerns.selectors.visits import standing_warning
from concerns.services.visits import check_still_stands
from concerns.views._case import CaseFormView
from concerns.vocabulary import PersonRole
from safeguarding.kit.clock import now


@require_http_methods(["GET", "HEAD", "POST"])
def look_up(request: SignedInRequest) -> HttpResponse:
    """What to do before visiting a home. Posted, because an address must never stand in another one."""
    form = LookUpVisitForm(request.POST if request.method == "POST" else None)
    has_looked = form.is_bound and form.is_valid()
    advice = None
    if has_looked:
        advice = services.look_up_visit(words=form.cleaned_data["words"], by=request.user, at=now())
    context = {"form": form, "has_looked": has_looked, "advice": advice}
    return render(request, "concerns/visit_look_up.html", context)


class WarnVisitorsView(CaseFormView[WarnVisitorsForm]):
    """The holder or a lead says what visitors must do."""

    form_class = WarnVisitorsForm
    template_name = "concerns/visit_warn.html"
    act, title, submit = "warn-visitors", "What must visitors to the home do?", "Save"
    done = "Saved. Whoever looks this home up before a visit is told."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_warn_visitors(user, concern)
        check_still_stands(concern)

    def form_extras(self) -> dict[str, Any]:
        warning = standing_warning(self.concern)
        if warning is not None:
            speaker = str(warning.speak_to_id) if warning.speak_to_id else ""
            given = {"advice": warning.advice, "speak_to": speaker, "address": warning.address}
            return {"initial": {**given, "tenancy_ref": warning.tenancy_ref}}
        at_risk = [row.person for row in selectors.people_in(self.concern) if row.role == PersonRole.AT_RISK]
        person = at_risk[0] if at_risk else None
        if person is None:
            return {}
        return {"initial": {"address": person.address, "tenancy_ref": person.tenancy_ref}}

    def send(self, form: WarnVisitorsForm) -> None:
        speaker = form.cleaned_data["speak_to"]
        services.warn_visitors(
            concern_id=self.concern.pk,
            advice=form.chosen_advice(),
            address=form.cleaned_data["address"],
            tenancy_ref=form.cleaned_data["tenancy_ref"],
            speak_to=int(speaker) if speaker else None,
            by=self.user,
            at=self.at,
        )
