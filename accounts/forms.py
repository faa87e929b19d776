"""Forms about oneself and one's team."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from crispy_forms_gds.fields import DateInputField
from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout, Size
from crispy_forms_gds.widgets import DateInputWidget
from django import forms

from accounts.models import User
from accounts.selectors import may_cover
from accounts.vocabulary import AbsenceKind


class Day(DateInputField):  # type: ignore[misc]  # crispy-forms-gds ships no types
    """A day in three boxes, with a sentence of ours for one that does not exist."""

    def compress(self, data_list: Any) -> date | None:
        try:
            day: date | None = super().compress(data_list)
        except (forms.ValidationError, OverflowError):
            raise forms.ValidationError("Enter a real date, for example 27 3 2027.") from None
        return day


class LeaveForm(forms.Form):
    """Whole days of leave for oneself or somebody in one's team."""

    person = forms.ModelChoiceField(
        label="Who is away?",
        queryset=User.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={
            "required": "Choose who is away.",
            "invalid_choice": "Choose yourself or somebody in your team.",
        },
    )
    kind = forms.ChoiceField(
        label="Why?",
        choices=AbsenceKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose why.", "invalid_choice": "Choose one of the reasons."},
    )
    starts_at = Day(
        label="First day away",
        help_text="For example, 27 3 2027",
        require_all_fields=False,
        widget=DateInputWidget,
    )
    ends_at = Day(
        label="Last day away",
        help_text="The same day for a single day.",
        require_all_fields=False,
        widget=DateInputWidget,
    )

    cover = forms.ModelChoiceField(
        label="Who covers? (optional)",
        help_text="A Safeguarding Champion or a lead. What the person away holds is offered to them first.",
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody in particular",
        error_messages={"invalid_choice": "Choose a Safeguarding Champion or a lead."},
    )

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast("forms.ModelChoiceField[User]", self.fields["cover"]).queryset = may_cover()
        whom = cast("forms.ModelChoiceField[User]", self.fields["person"])
        whom.queryset = User.objects.filter(pk=viewer.pk) | User.objects.filter(line_manager=viewer, is_active=True)
        whom.label_from_instance = lambda obj: "Me" if obj == viewer else obj.full_name  # type: ignore[method-assign]
        if not viewer.direct_reports.filter(is_active=True).exists():
            del self.fields["person"]
        self.fields["starts_at"].error_messages["required"] = "Enter the first day away."
        self.fields["ends_at"].error_messages["required"] = "Enter the last day away."
        self.helper = FormHelper()
        self.helper.form_tag = False
        names = [Field.radios("person", legend_size=Size.MEDIUM)] if "person" in self.fields else []
        self.helper.layout = Layout(
            *names,
            Field.radios("kind", legend_size=Size.MEDIUM),
            Field("starts_at", context={"legend_size": Size.for_legend("m")}),
            Field("ends_at", context={"legend_size": Size.for_legend("m")}),
            Field.select("cover", label_size=Size.MEDIUM),
        )

    def person_away(self, viewer: User) -> User:
        """Who the leave is for; somebody who manages nobody is not asked."""
        chosen: User | None = self.cleaned_data.get("person")
        return chosen or viewer

    def days(self) -> tuple[date, date]:
        """First and last day, both inclusive."""
        return self.cleaned_data["starts_at"], self.cleaned_data["ends_at"]
