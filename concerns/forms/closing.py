"""Closing in two steps by two people (domain.md 2.6, R4, R30)."""

from __future__ import annotations

from typing import Any

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.layout import Field, Size

from concerns.forms.case import CaseForm, choices_of, radios
from concerns.forms.fields import Words
from concerns.services import ClosureWords
from concerns.vocabulary import ClosureReason


class ProposeClosureForm(CaseForm):
    reason = radios("Why can it be closed?", choices_of(ClosureReason), required="Choose why it can be closed")
    words = Words(label="In your own words", is_long=True, help_text="What was done, and why nothing more is needed.")
    family_reconfirmed = Words(label="Think Family: whom did you look at again, and what did you find?", is_long=True)
    reporter_told = Words(label="What was the person who reported it told? If nothing, why not?", is_long=True)

    def parts(self) -> list[Any]:
        return [
            Field.radios("reason", legend_size=Size.MEDIUM),
            *(Field.textarea(name, label_size=Size.MEDIUM, rows=4) for name in self.fields if name != "reason"),
        ]

    def closure(self) -> ClosureWords:
        return ClosureWords(**{**self.cleaned_data, "reason": ClosureReason(self.cleaned_data["reason"])})


class ViewClosureForm(CaseForm):
    view = radios(
        "Do you agree that it can be closed?",
        [
            Choice("agree", "Yes, close it"),
            Choice("refuse", "No, keep it open", hint="It goes back to where it was. Say why below."),
        ],
        required="Choose whether you agree that it can be closed",
    )
    words = Words(label="Your view", is_long=True)

    def parts(self) -> list[Any]:
        return [
            Field.radios("view", legend_size=Size.MEDIUM),
            Field.textarea("words", label_size=Size.MEDIUM, rows=4),
        ]
