"""Layout of forms that GOV.UK's components do not have."""

from __future__ import annotations

from typing import Any

from crispy_forms_gds.layout import Div
from django import forms


class AskedWhen(Div):  # type: ignore[misc]  # the library has no types
    """Questions that one answer calls for: `condition` is "field=value other-value" (static/src/js/reveal.js).

    Without scripts they always show, so what does not apply is kept and ignored.
    """

    def __init__(self, condition: str, *fields: Any) -> None:
        self.asked_of, _, values = condition.partition("=")
        self.answers = values.split(" ")
        super().__init__(*fields, data_shown_when=condition)

    def render(self, form: forms.BaseForm, *args: Any, **kwargs: Any) -> str:
        chosen: list[str] = []
        if self.asked_of in form.fields:
            asked = form[self.asked_of]
            chosen = asked.field.widget.format_value(asked.value())
        self.css_class = "" if set(self.answers) & set(chosen) else "app-unasked"
        return str(super().render(form, *args, **kwargs))
