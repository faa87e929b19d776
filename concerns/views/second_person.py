"""What takes two people beside deciding and closing: one asks with a reason, another answers (R41, R44, t21, I6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from accounts.models import User
from concerns import permissions, selectors, services
from concerns.forms.casework import ReasonForm
from concerns.forms.second_person import LiftConflictForm, SecondViewForm
from concerns.models import Concern, Conflict, TwoPersonStep
from concerns.selectors.names import hidden_reporters
from concerns.views._case import CaseFormView
from concerns.views.casework import check_is_open
from concerns.vocabulary import State, TwoPersonAct
from safeguarding.kit.errors import NotAllowed, NotNow, why_not

ASKED = "A second person is asked. Nothing changes until they agree."


class AskView(CaseFormView[ReasonForm]):
    """A lead asks for `step`; the second person reads the reason."""

    form_class = ReasonForm
    template_name = "concerns/concern_ask.html"
    submit = "Ask a second person"
    done = ASKED
    step: ClassVar[TwoPersonAct]
    what_happens: ClassVar[tuple[str, ...]]

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_ask_second(user, concern)
        check_is_open(concern)

    def context(self) -> dict[str, Any]:
        return {"what_happens": self.what_happens}

    def send(self, form: ReasonForm) -> None:
        services.ask_second_person(
            concern_id=self.concern.pk,
            act=self.step,
            reason=form.cleaned_data["reason"],
            by=self.user,
            at=self.at,
        )


class VoidView(AskView):
    """t21."""

    act, title = "void", "Mark this concern as entered in error"
    step = TwoPersonAct.VOID
    what_happens = (
        "Use this only when there was never a concern: a test, or the same report entered twice by mistake.",
        "A worry that turned out to be nothing is closed instead.",
        "Nothing is deleted. From then on only safeguarding leads can read it, and nobody holds it.",
        "It can’t be done once anything was shared outside. A lead can take it back at any time.",
    )


class EndRestrictionView(AskView):
    """I13."""

    act, title = "end-restriction", "End the restriction"
    step = TwoPersonAct.LOOSEN_RESTRICTION
    what_happens = (
        "Champions of the service area will be able to read this concern again.",
        "While anybody is barred it stays restricted. Ask to lift the bar first.",
    )

    def check(self, user: User, concern: Concern) -> None:
        super().check(user, concern)
        if not concern.is_restricted:
            raise NotNow("This concern is not restricted.")

    def context(self) -> dict[str, Any]:
        if not selectors.took_in(self.concern, self.user):
            return super().context()
        with_it = (
            "Other concerns were joined to this one. Their restriction ends too: champions can read them again too."
        )
        return {"what_happens": (*self.what_happens, with_it)}


class ConflictsView(CaseFormView[LiftConflictForm]):
    """Who may not see this concern, and asking to lift a mistaken bar or recusal (R41, R45)."""

    form_class = LiftConflictForm
    template_name = "concerns/concern_conflicts.html"
    act, title, submit = "list-conflicts", "Who may not see this concern", "Ask a second person"
    done = ASKED

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_ask_second(user, concern)
        if not selectors.standing_conflicts(concern):
            raise NotNow("Nobody is kept out of this concern.")

    def context(self) -> dict[str, Any]:
        own = selectors.standing_conflicts(self.concern)
        people = list(dict.fromkeys(row.staff_id for row in own))
        rows = selectors.kept_out_of_all(self.concern, self.user).filter(staff__in=people)
        elsewhere = selectors.asked_elsewhere(self.concern)
        asked = [step for step in selectors.waiting_steps(self.concern) if step.conflict]
        return {
            # Of each person one after the other, on whichever of the joined concerns.
            "conflicts": sorted(rows, key=lambda row: people.index(row.staff_id)),
            "elsewhere": dict.fromkeys(elsewhere[row.handle] for row in own if row.handle in elsewhere),
            "asked": asked,
            "hidden_ids": hidden_reporters(self.concern, self.user),
            "took_in": selectors.took_in(self.concern, self.user),
        }

    def send(self, form: LiftConflictForm) -> None:
        services.ask_second_person(
            concern_id=self.concern.pk,
            act=TwoPersonAct.LIFT_CONFLICT,
            conflict_id=form.chosen().pk,
            reason=form.cleaned_data["reason"],
            by=self.user,
            at=self.at,
        )


class SecondViewView(CaseFormView[SecondViewForm]):
    """The second person agrees, and it happens; or refuses with a reason, and nothing changes."""

    form_class = SecondViewForm
    template_name = "concerns/concern_second_view.html"
    act, title, submit = "give-second-view", "Your second view", "Send your view"
    done = "Your view is recorded."

    def check(self, user: User, concern: Concern) -> None:
        waiting = selectors.waiting_steps(concern)
        if not waiting:
            permissions.check_can_second_step(user, concern)
            raise NotNow("Nothing waits for a second person on this concern.")
        if all(step.asked_by_id == user.pk for step in waiting):
            raise NotAllowed("You asked for this yourself. The second view must come from somebody else.")
        self.waiting = selectors.steps_for(concern, user)
        if not self.waiting:
            permissions.check_can_second_step(user, concern, waiting[0].act)

    def context(self) -> dict[str, Any]:
        return {
            "waiting": [(step, self._kept_out(step), self._why_not(step)) for step in self.waiting],
            "hidden_ids": hidden_reporters(self.concern, self.user),
            "took_in": selectors.took_in(self.concern, self.user),
        }

    def _kept_out(self, step: TwoPersonStep) -> Iterable[Conflict]:
        return selectors.kept_out_for_both(step, step.conflict, self.user) if step.conflict else ()

    def _why_not(self, step: TwoPersonStep) -> str:
        return why_not(permissions.check_first_counts, step.asked_by, self.concern)

    def send(self, form: SecondViewForm) -> None:
        services.give_second_view(
            step_id=form.chosen().pk,
            is_agreed=form.cleaned_data["view"] == "agree",
            words=form.cleaned_data["words"],
            by=self.user,
            at=self.at,
        )


class RestoreView(CaseFormView[ReasonForm]):
    """t21 undone."""

    form_class = ReasonForm
    act, title, submit = "restore", "This concern was no error", "Open it again"
    done = "The concern is open again. Somebody holds it from now on."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_is_lead(user, concern)
        if concern.state != State.VOID:
            raise NotNow("This concern is not marked as entered in error.")

    def send(self, form: ReasonForm) -> None:
        services.restore(concern_id=self.concern.pk, reason=form.cleaned_data["reason"], by=self.user, at=self.at)
