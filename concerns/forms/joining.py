"""Joining a concern to another, in two pages: which one, and whether it is right (t20)."""

from __future__ import annotations

from typing import Any, cast

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.layout import Field, Fixed, Size
from django import forms

from concerns.forms.case import CaseForm
from concerns.forms.fields import Words
from concerns.models import Concern
from concerns.moments import day_and_time
from concerns.selectors import likely_the_same, other_to_join

BY_REFERENCE = ""


class ChooseOtherForm(CaseForm):
    """Which concern it is joined to: one of those that share a name, address or tenancy, or one by its reference."""

    other = forms.ChoiceField(
        label="Which concern is about the same person and the same matter?",
        widget=forms.RadioSelect,
        required=False,
    )
    ref = Words(label="Its reference", limit=40, help_text="For example, SC-7K3M-9QXP")

    def prepare(self) -> None:
        self.suggested = likely_the_same(self.concern, self.viewer)
        if not self.suggested:
            del self.fields["other"]
            return
        cast(forms.ChoiceField, self.fields["other"]).choices = [
            *(Choice(other.ref, other.ref, hint=self._hint(other)) for other in self.suggested),
            Choice(BY_REFERENCE, "Another one", hint="Enter its reference below."),
        ]

    def parts(self) -> list[Any]:
        asked = [Field.radios("other", legend_size=Size.MEDIUM)] if self.suggested else []
        return [*asked, Field.text("ref", label_size=Size.SMALL, field_width=Fixed.TWENTY)]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        words = given.get("other") or given.get("ref") or ""
        self.asked_for = words
        self.found = other_to_join(words, self.concern, self.viewer) if words else None
        if not self.errors and self.found is None:
            # The same words for one that is closed, one that does not exist and one that the reader may not see.
            none = "There is no other open concern with this reference that you can read"
            self.add_error("ref", none if words else "Choose a concern, or enter its reference")
        return given

    def chosen(self) -> Concern:
        """The concern that was found. Only for a sound form."""
        return cast(Concern, self.found)

    def _hint(self, other: Concern) -> str:
        names = ", ".join(dict.fromkeys(row.person.display_name for row in other.involvements.all()))
        return f"{names}. Reported {day_and_time(other.reported_at, at=self.at)}."


class JoinForm(CaseForm):
    reason = Words(label="Why are they about the same person and the same matter?", is_long=True)

    def parts(self) -> list[Any]:
        return [Field.textarea("reason", label_size=Size.MEDIUM, rows=4)]
