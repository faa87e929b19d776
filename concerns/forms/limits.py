"""Proposing another time limit, and the second person's view on it (domain.md 2.4)."""

from __future__ import annotations

from typing import Any

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Fluid, Layout, Size
from django import forms

from concerns.forms.case import radios
from concerns.forms.fields import Words
from concerns.limits import Limit, count_words
from safeguarding.kit.errors import Refusal, Unsound


class LimitForm(forms.Form):
    """What both forms share: where a service's refusal is shown."""

    def set_layout(self, *parts: Any) -> None:
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(*parts)

    def show(self, refusal: Refusal) -> None:
        """Put a service's refusal next to the fields that it is about."""
        problems = refusal.problems if isinstance(refusal, Unsound) else {}
        if not problems:
            self.add_error(None, refusal.sentence)
        for name, sentences in problems.items():
            for sentence in sentences:
                self.add_error(name, sentence)


class ProposeLimitForm(LimitForm):
    reason = Words(label="Why should it change?", is_long=True, help_text="The second person reads this.")

    def __init__(self, data: Any = None, *, limit: Limit, now: int) -> None:
        super().__init__(data)
        unit = limit.unit.value
        self.fields["value"] = forms.IntegerField(
            label=f"How many {unit}?",
            help_text=f"Now {count_words(now, unit)}. At most {count_words(limit.most, unit)}.",
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            error_messages={
                "required": f"Enter the number of {unit}.",
                "invalid": "Enter a whole number, for example 2.",
            },
        )
        self.set_layout(
            Field.text("value", label_size=Size.MEDIUM, field_width=Fluid.ONE_QUARTER),
            Field.textarea("reason", label_size=Size.MEDIUM, rows=4),
        )


class ViewLimitForm(LimitForm):
    view = radios(
        "Do you agree?",
        [Choice("agree", "Yes, change it"), Choice("refuse", "No, leave it as it is", hint="Say why below.")],
        required="Choose whether you agree",
    )
    words = Words(label="Your view", is_long=True)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.set_layout(
            Field.radios("view", legend_size=Size.MEDIUM),
            Field.textarea("words", label_size=Size.MEDIUM, rows=4),
        )
