"""Saying what visitors must do, and looking it up before a visit (domain.md 5)."""

from __future__ import annotations

from typing import Any, cast

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Fixed, Layout, Size
from django import forms

from concerns.forms.case import CaseForm, choices_of, radios
from concerns.forms.fields import Words
from concerns.selectors.visits import is_enough, place_key, possible_speakers
from concerns.vocabulary import VisitAdvice

NONE = "none"


class WarnVisitorsForm(CaseForm):
    """One instruction for one home; never a reason."""

    advice = radios(
        "What must visitors do?",
        [*choices_of(VisitAdvice), Choice(NONE, "Nothing special any more")],
        required="Choose what visitors must do",
    )
    speak_to = radios("If they must speak to somebody first: to whom?", [])
    address = Words(label="Address of the home", help_text="Number and street. Whoever types this address is told.")
    tenancy_ref = Words(label="Tenancy reference, if you know it", limit=40)

    def prepare(self) -> None:
        cast(forms.ChoiceField, self.fields["speak_to"]).choices = [
            Choice(str(user.pk), user.full_name, hint=user.job_title) for user in possible_speakers(self.concern)
        ]

    def parts(self) -> list[Any]:
        return [
            Field.radios("advice", legend_size=Size.MEDIUM),
            Field.radios("speak_to", legend_size=Size.MEDIUM),
            Field.text("address", label_size=Size.MEDIUM),
            Field.text("tenancy_ref", label_size=Size.MEDIUM, field_width=Fixed.TWENTY),
        ]

    def chosen_advice(self) -> str:
        """The code of the instruction; "" for none."""
        advice: str = self.cleaned_data["advice"]
        return "" if advice == NONE else advice


class LookUpVisitForm(forms.Form):
    words = Words(
        label="Where are you going?",
        limit=300,
        help_text="Number and street, for example 4 Mill Lane. Or the tenancy reference.",
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(Field.text("words", label_size=Size.MEDIUM))

    def clean_words(self) -> str:
        words: str = self.cleaned_data["words"]
        if not is_enough(place_key(words)):
            raise forms.ValidationError("Enter the number and street, or the tenancy reference")
        return words
