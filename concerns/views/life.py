"""A person dies or moves away, and legal hold: neither closes a concern (domain.md 2.5)."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from concerns import permissions, services
from concerns.forms.casework import ReasonForm
from concerns.forms.life import DeathOrMoveForm
from concerns.models import Concern
from concerns.views._case import CaseFormView
from concerns.views.casework import check_is_open
from concerns.vocabulary import LifeChange


class DeathOrMoveView(CaseFormView[DeathOrMoveForm]):
    form_class = DeathOrMoveForm
    template_name = "concerns/concern_life.html"
    act, title, submit = "record-death-or-move", "Somebody died or moved away", "Record it"
    done = "Recorded. The concern stays open."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_is_holder(user, concern)
        check_is_open(concern)

    def send(self, form: DeathOrMoveForm) -> None:
        given = form.cleaned_data
        services.record_death_or_move(
            concern_id=self.concern.pk,
            involvement_id=form.involvement().pk,
            change=LifeChange(given["change"]),
            on=given["on"],
            moved_to=given["moved_to"],
            words=given["words"],
            form_key=given["form_key"],
            is_legal_hold=given["is_legal_hold"],
            by=self.user,
            at=self.at,
        )


class LegalHoldView(CaseFormView[ReasonForm]):
    """Puts the hold on, or ends it: whichever the page that was sent had offered."""

    form_class = ReasonForm
    template_name = "concerns/concern_hold.html"
    act, title, submit = "set-legal-hold", "Put this concern on legal hold", "Put it on hold"
    done = "The concern is on legal hold. Nothing in it may be destroyed."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_is_lead(user, concern)

    def context(self) -> dict[str, Any]:
        if not self.concern.is_legal_hold:
            return {}
        return {"title": "End the legal hold", "submit": "End the hold"}

    def send(self, form: ReasonForm) -> None:
        is_held = self.request.POST.get("hold") != "end"
        services.set_legal_hold(
            concern_id=self.concern.pk,
            is_held=is_held,
            reason=form.cleaned_data["reason"],
            by=self.user,
            at=self.at,
        )
        if not is_held:
            self.done = "The legal hold has ended."
