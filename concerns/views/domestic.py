"""Domestic abuse: recording and reading a DASH checklist, and answering a referral that is asked (R21, X4)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from accounts.models import User
from concerns import permissions, selectors, services
from concerns.dash import Thresholds
from concerns.forms.domestic import DashForm, DescribeForm, DomesticStepForm
from concerns.models import Concern, Involvement
from concerns.selectors import domestic
from concerns.selectors.limits import limits_in_force
from concerns.selectors.names import hidden_reporters
from concerns.views._case import CaseFormView, find_concern
from concerns.views.casework import check_is_open
from concerns.vocabulary import DomesticStepKind, PersonRole
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotNow, allows


class RecordDashView(CaseFormView[DashForm]):
    """A DASH record about one person; with a reference, the one that takes the place of an earlier one."""

    form_class = DashForm
    template_name = "concerns/dash_record.html"
    act, title, submit = "record-dash", "Record a DASH checklist", "Record"
    done = "The DASH record stands."

    involvement: Involvement
    corrects: domestic.ReadDash | None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.person_ref, self.corrects_ref = kwargs["person"], kwargs.get("dash", "")
        return super().dispatch(request, *args, **kwargs)

    def check(self, user: User, concern: Concern) -> None:
        try:
            self.involvement = selectors.get_involvement(
                concern, person_ref=self.person_ref, role=PersonRole.AT_RISK.value
            )
        except Involvement.DoesNotExist:
            raise Http404 from None
        self.corrects = domestic.find_dash(concern, self.corrects_ref) if self.corrects_ref else None
        if self.corrects_ref and (self.corrects is None or self.corrects.person_id != self.involvement.person_id):
            raise Http404
        permissions.check_can_record_dash(user, concern)
        check_is_open(concern)
        if not domestic.may_be_assessed_on(self.involvement, timezone.localdate(self.at)):
            raise NotNow("DASH is for people of 16 and over. Under 16 it is abuse of a child.")
        if self.corrects is not None and self.corrects.is_corrected:
            raise NotNow("Somebody has corrected this record already. Correct the newest one.")

    def form_extras(self) -> dict[str, Any]:
        return {"corrects": self.corrects}

    def context(self) -> dict[str, Any]:
        title = "Correct a DASH record" if self.corrects else self.title
        return {
            "title": title,
            "person": self.involvement.person,
            "corrects": self.corrects,
            "thresholds": Thresholds.of(limits_in_force()),
        }

    def send(self, form: DashForm) -> None:
        row = services.record_dash(
            concern_id=self.concern.pk,
            person_ref=self.involvement.person.ref,
            details=form.details(),
            form_key=form.cleaned_data["form_key"],
            by=self.user,
            at=self.at,
            corrects_ref=self.corrects_ref,
            correction_reason=form.cleaned_data.get("correction_reason", ""),
        )
        if row.meets_marac:
            self.done = "The DASH record stands. It calls for a referral to the MARAC: answer that next."


class DescribeDomesticView(CaseFormView[DescribeForm]):
    """What the domestic abuse is (V5, V6); filled in as it was described last."""

    form_class = DescribeForm
    template_name = "concerns/domestic_describe.html"
    act, title, submit = "describe-domestic", "Describe the domestic abuse", "Save"
    done = "The description stands."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_record_dash(user, concern)
        check_is_open(concern)
        if not domestic.is_domestic(concern):
            raise NotNow("Domestic abuse is not among the kinds of abuse of this concern.")

    def form_extras(self) -> dict[str, Any]:
        return {
            "account": domestic.newest_account(self.concern, viewer=self.user),
            "has_children": domestic.has_children(self.concern),
        }

    def send(self, form: DescribeForm) -> None:
        services.describe_domestic(
            concern_id=self.concern.pk, details=form.details(), form_key=form.cleaned_data["form_key"], by=self.user,
            at=self.at,
        )  # fmt: skip


@require_safe
def show_dash(request: SignedInRequest, ref: str, dash: str) -> HttpResponse:
    """One DASH record in full. Reading it is reading the concern."""
    at = now()
    concern = find_concern(ref, request.user)
    record = next((row for row in domestic.dash_records_of(concern, viewer=request.user) if row.ref == dash), None)
    if record is None:
        raise Http404
    services.record_view(concern, by=request.user, at=at)
    may_correct = (
        concern.is_open
        and not record.is_corrected
        and record.concern_id == concern.pk
        and allows(permissions.check_can_record_dash, request.user, concern)
    )
    context = {
        "concern": concern,
        "record": record,
        "may_correct": may_correct,
        "hidden_ids": hidden_reporters(concern, request.user),
    }
    return render(request, "concerns/dash_show.html", context)


class DomesticStepView(CaseFormView[DomesticStepForm]):
    """The answer to a referral that domestic abuse asks for."""

    form_class = DomesticStepForm
    template_name = "concerns/domestic_step.html"
    act, title, submit = "answer-domestic-step", "Domestic abuse", "Save"
    done = "Your answer is recorded."

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if kwargs["kind"] not in DomesticStepKind.values:
            raise Http404
        self.kind = DomesticStepKind(kwargs["kind"])
        return super().dispatch(request, *args, **kwargs)

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_answer_domestic_step(user, concern)
        if domestic.waiting_step(concern, self.kind) is None:
            raise NotNow("Nobody waits for this answer any more.")
        self.records = [row for row in domestic.dash_records_of(concern, viewer=user) if not row.is_corrected]

    def form_extras(self) -> dict[str, Any]:
        bases = [basis for row in self.records for basis in row.bases]
        return {"kind": self.kind.value, "suggested": bases[0] if bases else None}

    def context(self) -> dict[str, Any]:
        people = selectors.people_in(self.concern)
        return {
            "title": self.kind.label,
            "kind": self.kind.value,
            "records": self.records,
            "is_high": any(row.meets_marac for row in self.records),
            "cautions": [row.person for row in people if row.role == PersonRole.AT_RISK and row.person.unsafe_contact],
        }

    def send(self, form: DomesticStepForm) -> None:
        services.answer_domestic_step(
            concern_id=self.concern.pk, kind=self.kind, given=form.given(), by=self.user, at=self.at
        )  # fmt: skip
