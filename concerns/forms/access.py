"""What an access report is narrowed to, and why it is taken out."""

from __future__ import annotations

from typing import Any

from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Fixed, Layout, Size
from django import forms

from accounts.models import User
from audit.vocabulary import Access
from concerns.forms.fields import DayField, Words, colleague
from concerns.models import Concern
from concerns.selectors.access import Wanted, concern_for_access
from safeguarding.kit.errors import Refusal

WAYS = (
    ("", "All of these"),
    (Access.READ.value, "Opened or listed"),
    (Access.SEARCH.value, "Searched"),
    (Access.EXPORT.value, "Taken out, printed or downloaded"),
    (Access.REFUSAL.value, "Refused"),
    (Access.SIGN_IN.value, "Signed in or out"),
    ("all", "Everything, with every change"),
)


class AccessForm(forms.Form):
    """Narrows the report. It is posted, because a name must never stand in an address."""

    person = Words(label="Who", limit=254, help_text="A colleague’s whole name or e-mail address. Leave empty for all.")
    ref = Words(label="Concern", limit=40, help_text="Its reference, for example SC-2F7K-9QPM. Leave empty for all.")
    access = forms.ChoiceField(
        label="What they did",
        choices=WAYS,
        required=False,
        error_messages={"invalid_choice": "Choose one from the list"},
    )
    first_day = DayField(label="From")
    last_day = DayField(label="To, this day included")

    def __init__(self, data: Any = None, *, reader: User) -> None:
        self.reader = reader
        # What was asked for that is not there for the reader; after `is_valid`.
        self.refused_ref = ""
        super().__init__(data)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(*self.parts())

    def parts(self) -> list[Any]:
        small = Size.SMALL
        return [
            Field.text("person", label_size=small),
            Field.text("ref", label_size=small, field_width=Fixed.TWENTY),
            Field.select("access", label_size=small),
            Field("first_day", context={"legend_size": Size.for_legend("s")}),
            Field("last_day", context={"legend_size": Size.for_legend("s")}),
        ]

    def clean_person(self) -> User | None:
        return colleague(self.cleaned_data["person"])

    def clean_ref(self) -> Concern | None:
        words = self.cleaned_data["ref"].strip()
        if not words:
            return None
        try:
            return concern_for_access(words, self.reader)
        except Concern.DoesNotExist:
            self.refused_ref = words
            raise forms.ValidationError("There is no concern with this reference") from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "This day must not be before the first one")
        return cleaned

    def wanted(self) -> Wanted:
        """What was asked for; after `is_valid`."""
        cleaned = self.cleaned_data
        return Wanted(cleaned["person"], cleaned["ref"], cleaned["access"], cleaned["first_day"], cleaned["last_day"])


class ExportAccessForm(AccessForm):
    """The same, with the reason for taking it out."""

    reason = Words(
        label="What is the file for?",
        is_long=True,
        help_text="Keep these words with the file. Here we keep only a fingerprint of them.",
    )

    def parts(self) -> list[Any]:
        return [*super().parts(), Field.textarea("reason", label_size=Size.SMALL, rows=3)]

    def clean_reason(self) -> str:
        words: str = self.cleaned_data["reason"]
        if not words.strip():
            raise forms.ValidationError("Say what the file is for")
        return words

    def show(self, refusal: Refusal) -> None:
        """Put a service's refusal at the head of the form."""
        self.add_error(None, refusal.sentence)
