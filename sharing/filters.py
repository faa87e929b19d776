"""Narrowing the list of decision records. What is chosen stands in the address as codes and dates."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils import timezone

from accounts.models import ServiceArea
from sharing.models import SignedRecordQuerySet
from sharing.vocabulary import DecisionKind

NAMES = ("from", "to", "area", "outcome")


class RecordFilterForm(forms.Form):
    """Signed between two days, in an area, with an outcome. A date that cannot be read is said next to its field."""

    area = forms.ChoiceField(label="Service area", required=False)
    outcome = forms.ChoiceField(label="Outcome", required=False, choices=[("", "Any"), *DecisionKind.choices])

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        for name, label in (("from", "Signed from"), ("to", "Signed until")):
            self.fields[name] = forms.DateField(
                label=label,
                required=False,
                widget=forms.DateInput(attrs={"type": "date", "class": "govuk-input"}),
                error_messages={"invalid": "Enter a real date, for example 2026-03-27"},
            )
        areas = [(area.code, area.name) for area in ServiceArea.objects.all()]
        self.fields["area"] = forms.ChoiceField(label="Service area", required=False, choices=[("", "All"), *areas])
        for name in ("area", "outcome"):
            self.fields[name].widget.attrs["class"] = "govuk-select"
        self.order_fields(NAMES)

    def narrow(self, records: SignedRecordQuerySet) -> SignedRecordQuerySet:
        """`records` as asked for. What can't be understood narrows nothing and is said beside its field."""
        self.is_valid()
        found = records
        if first := self.cleaned_data.get("from"):
            found = found.filter(signed_at__gte=_start(first))
        if last := self.cleaned_data.get("to"):
            found = found.filter(signed_at__lt=_start(last + timedelta(days=1)))
        if area := self.cleaned_data.get("area"):
            found = found.filter(service_area__code=area)
        if outcome := self.cleaned_data.get("outcome"):
            found = found.filter(kind=outcome)
        return found

    @property
    def chosen(self) -> dict[str, str]:
        """The filter as it stands in the address; after `narrow`."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}

    def address(self, **more: str) -> str:
        return "?" + urlencode({**self.chosen, **more})


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
