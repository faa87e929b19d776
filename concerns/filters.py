"""Narrowing the queue. What is chosen stands in the address as codes, never a name, so that a page can be kept."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms

from accounts.models import ServiceArea
from concerns.selectors.queue import QueueFilter
from concerns.vocabulary import OPEN_STATES, State, Urgency

HELD = (
    ("", "Anyone"),
    ("mine", "Me"),
    ("others", "Somebody else"),
    ("unacknowledged", "Nobody has acknowledged it"),
)


class QueueFilterForm(forms.Form):
    """The filters above the queue. Something that is not on a list narrows nothing."""

    state = forms.ChoiceField(
        label="Where it is",
        required=False,
        choices=[("", "Anywhere"), *((state.value, state.label) for state in State if state in OPEN_STATES)],
    )
    urgency = forms.ChoiceField(label="Urgency", required=False, choices=[("", "Any"), *Urgency.choices])
    due = forms.ChoiceField(label="Due", required=False, choices=[("", "Any time"), ("overdue", "Overdue")])
    held = forms.ChoiceField(label="Held by", required=False, choices=HELD)
    restricted = forms.ChoiceField(
        label="Restricted", required=False, choices=[("", "All"), ("yes", "Restricted"), ("no", "Not restricted")]
    )

    def __init__(self, data: Any, *, areas: list[ServiceArea], sees_restricted: bool) -> None:
        super().__init__(data)
        if len(areas) > 1:
            choices = [("", "All"), *((each.code, each.name) for each in areas)]
            self.fields["area"] = forms.ChoiceField(label="Service area", required=False, choices=choices)
            self.order_fields(["area"])
        if not sees_restricted:
            del self.fields["restricted"]
        for field in self.fields.values():
            field.widget.attrs["class"] = "govuk-select"

    def wanted(self) -> QueueFilter:
        """The filter asked for; what is not on a list is left out."""
        self.is_valid()
        return QueueFilter(**{name: value for name, value in self.cleaned_data.items() if value})

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was chosen; after `wanted`."""
        return any(self.cleaned_data.values())

    def address(self, **more: str) -> str:
        """The query string of the same filter with `more` added."""
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        return "?" + urlencode({**chosen, **more})
