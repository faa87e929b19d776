"""Triage and reviews."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import User
from concerns import clocks, permissions, selectors, services
from concerns.forms.triage import ReviewForm, TriageForm
from concerns.models import Concern
from concerns.selectors.domestic import is_domestic
from concerns.selectors.limits import limits_in_force
from concerns.views._case import CaseFormView
from concerns.views.casework import check_is_open
from concerns.vocabulary import DOMESTIC_ABUSE, SIX_PRINCIPLES, State
from safeguarding.kit.errors import NotNow


class TriageView(CaseFormView[TriageForm]):
    """What the holder found, person by person (R23, R26, R115)."""

    form_class = TriageForm
    template_name = "concerns/concern_triage.html"
    act, title, submit = "triage", "Record triage", "Record triage"
    done = "Triage recorded. Next: decide whether to share."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_is_holder(user, concern)
        if concern.state == State.SUBMITTED:
            raise NotNow("Acknowledge this concern first.")
        if concern.state != State.TRIAGE:
            raise NotNow("Triage can be recorded once the concern is acknowledged and until it is decided.")

    def form_extras(self) -> dict[str, Any]:
        return {"people": selectors.people_in(self.concern)}

    def context(self) -> dict[str, Any]:
        return {"principles": SIX_PRINCIPLES, "is_domestic": is_domestic(self.concern)}

    def send(self, form: TriageForm) -> None:
        if DOMESTIC_ABUSE & set(form.findings().abuse_codes):
            self.done = (
                "Triage recorded. Domestic abuse: record a DASH checklist and answer the referrals, "
                "then decide whether to share."
            )
        services.record_triage(
            concern_id=self.concern.pk,
            findings=form.findings(),
            by=self.user,
            at=self.at,
            seen_version=self.seen_version,
        )


class ReviewView(CaseFormView[ReviewForm]):
    """R124: the due review, and the day of the next one."""

    form_class = ReviewForm
    template_name = "concerns/concern_review.html"
    act, title, submit = "review", "Record a review", "Record review"
    done = "Review recorded."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_is_holder(user, concern)
        check_is_open(concern)

    def form_extras(self) -> dict[str, Any]:
        latest = clocks.review_by(limits_in_force(), selectors.highest_risk(self.concern), self.at)
        return {"latest": timezone.localdate(latest)}

    def context(self) -> dict[str, Any]:
        return {"principles": SIX_PRINCIPLES}

    def send(self, form: ReviewForm) -> None:
        services.record_review(
            concern_id=self.concern.pk,
            findings=form.found(),
            by=self.user,
            at=self.at,
            seen_version=self.seen_version,
        )
