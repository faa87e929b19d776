"""Closing by two people, and opening again (2.6, t16-t19)."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from concerns import permissions, selectors, services
from concerns.forms.casework import ReasonForm
from concerns.forms.closing import ProposeClosureForm, ViewClosureForm
from concerns.models import Concern
from concerns.selectors.names import hidden_reporters
from concerns.views._case import CaseFormView
from concerns.vocabulary import RiskLevel, State
from concerns.workflow import BY_ACTION, Action
from safeguarding.kit.errors import NotNow, why_not


class ProposeClosureView(CaseFormView[ProposeClosureForm]):
    """Shows each condition of 2.6, met or not and where it is answered; the form is below once all are met."""

    form_class = ProposeClosureForm
    template_name = "concerns/concern_close.html"
    act, title, submit = "propose-closure", "Propose to close this concern", "Propose to close"
    done = "Closing is proposed. Somebody else looks at it now."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_is_holder(user, concern)
        if concern.state not in BY_ACTION[Action.PROPOSE_CLOSURE].sources:
            label = State(concern.state).label.lower()
            raise NotNow(f"This concern can’t be closed from where it is now: “{label}”.")

    def context(self) -> dict[str, Any]:
        conditions = selectors.conditions_of(self.concern)
        return {
            "conditions": conditions,
            "is_ready": all(condition.is_met for condition in conditions),
            "needs_lead": selectors.highest_risk(self.concern) == RiskLevel.HIGH,
        }

    def send(self, form: ProposeClosureForm) -> None:
        services.propose_closure(
            concern_id=self.concern.pk,
            closure=form.closure(),
            by=self.user,
            at=self.at,
            seen_version=self.seen_version,
        )


class ViewClosureView(CaseFormView[ViewClosureForm]):
    """The second person agrees or does not (I6)."""

    form_class = ViewClosureForm
    template_name = "concerns/concern_close_view.html"
    act, title, submit = "view-closure", "Your view on closing", "Send your view"
    done = "Your view is recorded."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_second(user, concern)
        self.proposal = selectors.waiting_proposal(concern)
        if self.proposal is None:
            raise NotNow("Nobody has proposed to close this concern.")

    def context(self) -> dict[str, Any]:
        proposer = self.proposal.proposed_by if self.proposal else self.user
        return {
            "proposal": self.proposal,
            "hidden_ids": hidden_reporters(self.concern, self.user),
            "why_not": why_not(permissions.check_first_counts, proposer, self.concern),
            "conditions": selectors.conditions_of(self.concern),
        }

    def send(self, form: ViewClosureForm) -> None:
        serve = services.agree_closure if form.cleaned_data["view"] == "agree" else services.refuse_closure
        serve(
            concern_id=self.concern.pk,
            words=form.cleaned_data["words"],
            by=self.user,
            at=self.at,
            seen_version=self.seen_version,
        )


class ReopenView(CaseFormView[ReasonForm]):
    form_class = ReasonForm
    act, title, submit = "reopen", "Reopen this concern", "Reopen"
    done = "The concern is open again. Somebody holds it from now on."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_reopen(user, concern)
        if concern.is_open:
            raise NotNow("This concern is open.")
        if concern.state != State.CLOSED:
            raise NotNow("Only a concern that was closed can be reopened.")

    def send(self, form: ReasonForm) -> None:
        services.reopen(concern_id=self.concern.pk, reason=form.cleaned_data["reason"], by=self.user, at=self.at)
