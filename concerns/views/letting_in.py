"""Who can see a concern; letting one person in by name, showing them out, and keeping somebody out (domain.md 5)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import SignedInRequest
from accounts.models import User
from concerns import permissions, services
from concerns.forms.letting_in import EndLetInForm, KeepOutForm, LetInForm
from concerns.models import Concern, TwoPersonStep
from concerns.selectors.who_sees import let_in_now, who_sees
from concerns.services.reading import record_who_view
from concerns.views._case import CaseFormView, find_concern, turn_away
from concerns.vocabulary import KeptOutBecause
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotAllowed, NotNow, allows


@require_safe
def show_who(request: SignedInRequest, ref: str) -> HttpResponse:
    """Everybody who can open this concern and through what; who sees part of it; who is kept out."""
    at = now()
    concern = find_concern(ref, request.user)
    try:
        permissions.check_can_see_who(request.user, concern)
    except NotAllowed as refusal:
        return turn_away(refusal, request, act="show-who", concern=concern, at=at)
    record_who_view(concern, by=request.user, at=at)
    context = {
        "concern": concern,
        "who": who_sees(concern, reader=request.user, at=at),
        "can_let_in": allows(permissions.check_can_let_in, request.user, concern),
    }
    return render(request, "concerns/who_show.html", context)


class LetInView(CaseFormView[LetInForm]):
    """A lead names one person, a reason and a day."""

    form_class = LetInForm
    template_name = "concerns/who_let_in.html"
    act, title, submit = "let-in", "Let somebody in by name", "Let them in"

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_let_in(user, concern)

    def send(self, form: LetInForm) -> None:
        given = form.cleaned_data
        made = services.let_in(
            concern_id=self.concern.pk, person=given["person"], until=given["until"], reason=given["reason"],
            by=self.user, at=self.at,
        )  # fmt: skip
        self.done = (
            "A second person is asked. Nothing changes until they agree."
            if isinstance(made, TwoPersonStep)
            else "They can read this concern now. Tell them its reference."
        )


class EndLetInView(CaseFormView[EndLetInForm]):
    """A lead ends it before its time."""

    form_class = EndLetInForm
    act, title, submit = "end-let-in", "Show somebody out", "End it now"
    done = "They can no longer open this concern."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_let_in(user, concern)
        if not let_in_now(concern, at=self.at):
            raise NotNow("Nobody is let in to this concern by name.")

    def send(self, form: EndLetInForm) -> None:
        person_id = int(form.cleaned_data["person"])
        services.end_let_in(concern_id=self.concern.pk, user_id=person_id, by=self.user, at=self.at)


class KeepOutView(CaseFormView[KeepOutForm]):
    """A lead keeps a member of staff out, from one moment to the next, and whoever is kept out hears nothing."""

    form_class = KeepOutForm
    template_name = "concerns/who_keep_out.html"
    act, title, submit = "keep-out", "Keep somebody out of this concern", "Keep them out"
    done = "They can’t open or find this concern any more. They are not told."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_can_keep_out(user, concern)

    def send(self, form: KeepOutForm) -> None:
        given = form.cleaned_data
        services.keep_out(
            concern_id=self.concern.pk, staff=given["person"], because=KeptOutBecause(given["because"]),
            words=given["words"], by=self.user, at=self.at,
        )  # fmt: skip
