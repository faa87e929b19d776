"""What to look for."""

from __future__ import annotations

from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout, Size
from django import forms

from concerns.forms.fields import Words
from concerns.references import folded
from concerns.selectors.search import SHORTEST_WORD


class SearchForm(forms.Form):
    words = Words(
        label="What are you looking for?",
        limit=200,
        help_text="A reference, or part of one. Or a name, an address or a tenancy reference.",
    )

    def __init__(self, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(Field.text("words", label_size=Size.MEDIUM))

    def clean_words(self) -> str:
        words: str = self.cleaned_data["words"]
        if not words:
            raise forms.ValidationError("Write what you are looking for")
        if not any(len(word) >= SHORTEST_WORD for word in folded(words).split()):
            raise forms.ValidationError(f"Write at least {SHORTEST_WORD} letters or figures")
        return words
