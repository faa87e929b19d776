"""The form of one shift on the duty rota."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, cast

from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Fixed, Layout, Size
from crispy_forms_gds.widgets import DateInputWidget
from django import forms
from django.utils import timezone

from accounts.forms import Day
from accounts.models import ServiceArea, User
from accounts.permissions import can_keep_rota_of_others
from accounts.selectors import may_cover, standing


def _clock(label: str) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        help_text="For example, 17:00",
        input_formats=["%H:%M", "%H.%M", "%I:%M%p", "%I%p"],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Enter a time, for example 17:00.",
            "invalid": "Enter a time, for example 17:00 or 5pm.",
        },
    )


def _day(label: str) -> Day:
    return Day(label=label, help_text="For example, 27 3 2027", require_all_fields=False, widget=DateInputWidget)


class ShiftForm(forms.Form):
    """One shift. Somebody who is asked about neither person nor area has only one that it can be."""

    person = forms.ModelChoiceField(
        label="Who is on duty?",
        queryset=User.objects.none(),
        empty_label="Choose a person",
        error_messages={"required": "Choose who is on duty.", "invalid_choice": "Choose a champion or a lead."},
    )
    area = forms.ModelChoiceField(
        label="For which service area?",
        queryset=ServiceArea.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": "Choose a service area.", "invalid_choice": "Choose one of the service areas."},
    )
    starts_at = _day("First day")
    starts_time = _clock("From what time?")
    ends_at = _day("Last day")
    ends_time = _clock("Until what time?")

    def __init__(self, data: Any = None, *, viewer: User) -> None:
        super().__init__(data)
        self.viewer = viewer
        whom = cast("forms.ModelChoiceField[User]", self.fields["person"])
        areas = cast("forms.ModelChoiceField[ServiceArea]", self.fields["area"])
        if can_keep_rota_of_others(viewer):
            whom.queryset, areas.queryset = may_cover(), ServiceArea.objects.all()
        else:
            areas.queryset = ServiceArea.objects.filter(pk__in=standing(viewer).champion_area_ids)
            del self.fields["person"]
        self.only_area = areas.queryset.first() if areas.queryset.count() == 1 else None
        if self.only_area is not None:
            del self.fields["area"]
        self.fields["starts_at"].error_messages["required"] = "Enter the day on which it starts."
        self.fields["ends_at"].error_messages["required"] = "Enter the day on which it ends."
        self.helper = FormHelper()
        self.helper.form_tag = False
        parts = {
            "person": Field.select("person", label_size=Size.MEDIUM),
            "area": Field.radios("area", legend_size=Size.MEDIUM),
            "starts_at": Field("starts_at", context={"legend_size": Size.for_legend("m")}),
            "starts_time": Field.text("starts_time", field_width=Fixed.FIVE),
            "ends_at": Field("ends_at", context={"legend_size": Size.for_legend("m")}),
            "ends_time": Field.text("ends_time", field_width=Fixed.FIVE),
        }
        self.helper.layout = Layout(*(part for name, part in parts.items() if name in self.fields))

    def shift(self) -> dict[str, Any]:
        """The clean answers in the words of `record_shift`."""
        answers = self.cleaned_data
        return {
            "person": answers.get("person", self.viewer),
            "area": answers.get("area", self.only_area),
            "starts_at": _moment(answers["starts_at"], answers["starts_time"]),
            "ends_at": _moment(answers["ends_at"], answers["ends_time"]),
        }


def _moment(day: Any, clock: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, clock))
