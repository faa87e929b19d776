"""What the operational lead types."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import HTML, Field, Layout, Size
from django import forms

from accounts.models import User
from champions.models import QuarterlyReport
from champions.selectors import names_in_each
from champions.services import Commentary

_LONGEST = 10_000


def _words(label: str, hint: str, missing: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        widget=forms.Textarea,
        max_length=_LONGEST,
        error_messages={
            "required": missing,
            "max_length": "Use 10,000 letters or fewer.",
        },
    )


class CommentaryForm(forms.Form):
    """R139, in four parts; rule 8: nothing that could identify anyone."""

    concerns = _words(
        "What concerns you in these figures?",
        "Say it even if a figure is hidden, without saying how large it is.",
        "Say what concerns you in these figures, or that nothing does",
    )
    themes = _words(
        "What is rising or changing, and why?",
        "For example a kind of abuse, a service area, or a group of people.",
        "Say what is rising and why, or that nothing is",
    )
    actions = _words(
        "What will be done, and what must senior managers decide?",
        "Say who will do it and by when, by job title.",
        "Say what will be done, and what senior managers must decide",
    )
    progress = _words(
        "What has come of the last quarter’s actions?",
        "Go through them one by one.",
        "Say what has come of the actions of the quarter before",
    )
    is_confirmed_anonymous = forms.BooleanField(
        label="Nothing here could identify anyone",
        help_text="No names, addresses, ages, dates or unusual events.",
        error_messages={"required": "Confirm that nothing here could identify anyone"},
    )
    has_checked_names = forms.BooleanField(
        label="I have checked the words that are or could be names",
        help_text="None of them is used for a person here.",
        required=False,
    )

    def __init__(self, *args: Any, report: QuarterlyReport, author: User, **kwargs: Any) -> None:
        words = [field.name for field in fields(Commentary)]
        kwargs.setdefault("initial", {name: getattr(report, name) for name in words})
        super().__init__(*args, **kwargs)
        self._names = names_in_each({name: self.data.get(name, "") for name in words}, author=author)
        self._parts = sorted({part for found in self._names.values() for part in found.parts})
        if not self._parts:
            del self.fields["has_checked_names"]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(
            *(Field.textarea(name, label_size=Size.MEDIUM, rows=6) for name in words),
            HTML('<h2 class="govuk-heading-m">Before you save</h2>'),
            Field.checkbox("is_confirmed_anonymous"),
            *([Field.checkbox("has_checked_names")] if self._parts else []),
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name, found in self._names.items():
            if found.whole:
                self.add_error(name, f"Take out the name of a person: {', '.join(found.whole)}")
        if self._parts and not cleaned.get("has_checked_names"):
            self.add_error(
                "has_checked_names",
                "These words are or could be names. Take them out, or say that you have checked them: "
                f"{', '.join(self._parts)}",
            )
        return cleaned

    def commentary(self) -> Commentary:
        """The words, once the form is valid."""
        return Commentary(**{field.name: self.cleaned_data[field.name] for field in fields(Commentary)})

    def typed(self) -> Commentary:
        """The words as they were typed, valid or not."""
        return Commentary(**{field.name: self.data.get(field.name, "")[:_LONGEST] for field in fields(Commentary)})


class RestateForm(forms.Form):
    reason = forms.CharField(
        label="Why do the figures have to be counted again?",
        help_text="For example: concerns of this quarter were recorded late. Name nobody.",
        widget=forms.Textarea,
        max_length=_LONGEST,
        error_messages={
            "required": "Say why the figures are restated",
            "max_length": "Use 10,000 letters or fewer.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(Field.textarea("reason", label_size=Size.MEDIUM, rows=4))
