"""The people in a concern."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from accounts.models import User
from concerns import permissions, selectors, services
from concerns.forms.people import AddPersonForm, ChangePersonForm
from concerns.models import Concern, Involvement
from concerns.views._case import CaseFormView


class AddPersonView(CaseFormView[AddPersonForm]):
    """One more person; a member of staff who is part of it is kept out at once (R41, R45)."""

    form_class = AddPersonForm
    act, title, submit = "add-person", "Add a person", "Add person"
    done = "Person added."

    def check(self, user: User, concern: Concern) -> None:
        permissions.check_is_holder(user, concern)

    def send(self, form: AddPersonForm) -> None:
        services.add_person(
            concern_id=self.concern.pk,
            person=form.person(),
            by=self.user,
            at=self.at,
            seen_version=self.seen_version,
        )


class ChangePersonView(CaseFormView[ChangePersonForm]):
    """What is known by now about one person and their part."""

    form_class = ChangePersonForm
    template_name = "concerns/person_change.html"
    act, title = "change-person", "What is known about this person"
    done = "Saved."

    def check(self, user: User, concern: Concern) -> None:
        try:
            self.involvement: Involvement = selectors.get_involvement(
                concern, person_ref=self.kwargs["person"], role=self.kwargs["role"]
            )
        except Involvement.DoesNotExist:
            raise Http404 from None
        permissions.check_is_holder(user, concern)

    def form_extras(self) -> dict[str, Any]:
        return {"involvement": self.involvement}

    def context(self) -> dict[str, Any]:
        return {"involvement": self.involvement}

    def send(self, form: ChangePersonForm) -> None:
        services.update_person(
            concern_id=self.concern.pk,
            involvement_id=self.involvement.pk,
            values=form.values(),
            by=self.user,
            at=self.at,
            seen_version=self.seen_version,
        )
