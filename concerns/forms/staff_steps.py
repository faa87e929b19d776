"""The answer to one step about an implicated worker (R46)."""

from __future__ import annotations

from typing import Any

from crispy_forms_gds.layout import Field, Size

from concerns.forms.case import CaseForm, choices_of, radios
from concerns.forms.fields import Words
from concerns.vocabulary import StaffStepAnswer


class StaffStepForm(CaseForm):
    answer = radios("What came of it?", choices_of(StaffStepAnswer), required="Choose whether it is done or not needed")
    words = Words(
        label="In your own words",
        is_long=True,
        help_text=(
            "Who you spoke to, when, and what they advised; or why it is not needed. This can’t be changed later."
        ),
    )

    def parts(self) -> list[Any]:
        return [
            Field.radios("answer", legend_size=Size.MEDIUM),
            Field.textarea("words", label_size=Size.MEDIUM, rows=5),
        ]
