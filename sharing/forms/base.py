"""Short pages of a decision: fields named by their path in the record, every answer optional, kept as typed.

A field's name is its path below the page's place, with "__" for ".". What must be answered before signing is
said by `sharing.rules`; a page itself refuses only what it can't understand (a date that does not exist, too
many words).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, ClassVar

from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import HTML, Field, Layout, Size
from django import forms
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from concerns.forms.fields import DayField, TimeField, Words
from safeguarding.kit.errors import Refusal, Unsound
from safeguarding.kit.layout import AskedWhen
from sharing import paths
from sharing.record import Record

__all__ = ["Day", "Many", "MomentField", "One", "PlainForm", "SectionForm", "Text", "TimeField", "Words"]


def Text(label: str, help_text: str = "") -> Words:  # noqa: N802 (reads as a field in the pages)
    """Words over several lines."""
    return Words(label=label, help_text=help_text, is_long=True)


def Day(label: str, help_text: str = "For example, 27 3 2026") -> DayField:  # noqa: N802
    return DayField(label=label, help_text=help_text)


class One(forms.ChoiceField):
    """One of a list, or no answer yet."""

    def __init__(self, label: str, choices: Iterable[Any], help_text: str = "", *, is_long: bool = False) -> None:
        widget = forms.Select(attrs={"autocomplete": "off"}) if is_long else forms.RadioSelect()
        listed = [("", "Choose one"), *choices] if is_long else list(choices)
        super().__init__(
            label=label,
            help_text=help_text,
            choices=listed,
            required=False,
            widget=widget,
            error_messages={"invalid_choice": "Choose one of the answers on this page"},
        )


class Many(forms.MultipleChoiceField):
    """Any number of a list."""

    def __init__(self, label: str, choices: Iterable[Any], help_text: str = "Choose all that apply.") -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            choices=list(choices),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            error_messages={"invalid_choice": "Choose from the answers on this page"},
        )


class MomentField(DayField):
    """The day of a moment; its clock time stands in the field named like it with "_time" at the end."""


class SectionForm(forms.Form):
    """One page over one place in the record. `paths` of its fields are relative to that place."""

    # Headings inside the page: before which field, and the words.
    headings: ClassVar[Mapping[str, str]] = {}
    # Questions that belong to an answer: "field" to "other=value value". Scripts hide them until it is given.
    shown_when: ClassVar[Mapping[str, str]] = {}

    def __init__(
        self,
        data: Mapping[str, list[str]] | None = None,
        *,
        record: Record,
        base: str = "",
        initial: Mapping[str, Any] | None = None,
        **context: Any,
    ) -> None:
        self.record, self.base = record, base
        self.context = context
        bound: MultiValueDict[str, str] | None = None
        if data is not None:
            # PostgreSQL keeps no NUL and nobody types one.
            bound = MultiValueDict({name: [one.replace("\x00", "") for one in many] for name, many in data.items()})
        super().__init__(bound, initial=dict(initial or {}))
        self.prepare()
        self.initial = {**self._answers(), **self.initial}
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(*self._layout())

    def prepare(self) -> None:
        """Fit the questions to the record."""

    def path(self, name: str) -> str:
        """Where the answer of field `name` stands in the record."""
        relative = name.replace("__", ".")
        return f"{self.base}.{relative}" if self.base else relative

    def names(self) -> list[str]:
        """The fields that are answers of the record (a clock time belongs to its day)."""
        return [name for name in self.fields if not isinstance(self.fields[name], TimeField)]

    def answers(self) -> dict[str, Any]:
        """Path to answer, of every field that could be understood. Call after `is_valid`."""
        found: dict[str, Any] = {}
        for name in self.names():
            if name not in self.cleaned_data:
                continue
            value = self.cleaned_data[name]
            field = self.fields[name]
            if isinstance(field, MomentField):
                value = self._moment(name, value)
            elif isinstance(field, Many):
                value = tuple(value)
            found[self.path(name)] = value
        return found

    def typed(self) -> dict[str, list[str]]:
        """What was sent for this page, as it was."""
        data = self.data if isinstance(self.data, MultiValueDict) else MultiValueDict()
        stems = tuple(self.fields)
        return {name: list(data.getlist(name)) for name in data if name in stems or name.rpartition("_")[0] in stems}

    def _moment(self, name: str, day: date | None) -> datetime | None:
        if day is None:
            return None
        clock: time | None = self.cleaned_data.get(f"{name}_time")
        if clock is None:
            return None
        return timezone.make_aware(datetime.combine(day, clock))

    def clean(self) -> dict[str, Any]:
        for name, field in self.fields.items():
            has_day = isinstance(field, MomentField) and self.cleaned_data.get(name)
            if has_day and self.cleaned_data.get(f"{name}_time", ...) is None:
                self.add_error(f"{name}_time", "Enter the time as well, for example 2:30pm or 14:30")
        return self.cleaned_data

    def _answers(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in self.names():
            value = paths.get(self.record, self.path(name))
            if isinstance(value, datetime):
                local = timezone.localtime(value)
                found[name], found[f"{name}_time"] = local.date(), clock_words(local)
            elif isinstance(value, tuple):
                found[name] = list(value)
            else:
                found[name] = value
        return found

    def _layout(self) -> list[Any]:
        return layout_of(self.fields, self.headings, self.shown_when)

    def show(self, refusal: Refusal) -> None:
        """Put a service's refusal at the head of the page."""
        self.add_error(None, refusal.sentence)


class PlainForm(forms.Form):
    """A form about something else than the record: a referral, an agency, a reason."""

    headings: ClassVar[Mapping[str, str]] = {}
    shown_when: ClassVar[Mapping[str, str]] = {}

    def __init__(self, data: Any = None, *, initial: Mapping[str, Any] | None = None, **context: Any) -> None:
        self.context = context
        super().__init__(data, initial=dict(initial or {}))
        self.prepare()
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(*self._layout())

    def prepare(self) -> None:
        """Fit the questions to the context."""

    def _layout(self) -> list[Any]:
        return layout_of(self.fields, self.headings, self.shown_when)

    def show(self, refusal: Refusal) -> None:
        """Put a service's refusal next to the fields that it is about."""
        problems = refusal.problems if isinstance(refusal, Unsound) else {}
        if not problems:
            self.add_error(None, refusal.sentence)
        for name, sentences in problems.items():
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, sentence)

    def moment(self, name: str) -> datetime | None:
        """The day in `name` with the clock time beside it; None when either is missing."""
        day, clock = self.cleaned_data.get(name), self.cleaned_data.get(f"{name}_time")
        return timezone.make_aware(datetime.combine(day, clock)) if day and clock else None


def layout_of(
    fields: Mapping[str, forms.Field], headings: Mapping[str, str], shown_when: Mapping[str, str]
) -> list[Any]:
    """Each field in the component that fits it; headings and questions that belong to one answer in between."""
    parts: list[Any] = []
    for name, field in fields.items():
        part = [_part(name, field)]
        if heading := headings.get(name):
            part.insert(0, HTML(f'<h2 class="govuk-heading-m">{heading}</h2>'))
        condition = shown_when.get(name)
        parts += [AskedWhen(condition, *part)] if condition else part
    return parts


def _part(name: str, field: forms.Field) -> Any:
    if isinstance(field, DayField):
        return Field(name, context={"legend_size": Size.for_legend("s")})
    if isinstance(field, Many):
        return Field.checkboxes(name, legend_size=Size.SMALL)
    if isinstance(field, One) and isinstance(field.widget, forms.RadioSelect):
        return Field.radios(name, legend_size=Size.SMALL)
    if isinstance(field, One):
        return Field.select(name, label_size=Size.SMALL)
    if isinstance(field, forms.FileField):
        return Field(name, context={"label_size": "govuk-label--s"})
    if isinstance(field.widget, forms.Textarea):
        return Field.textarea(name, label_size=Size.SMALL, rows=4)
    return Field.text(name, label_size=Size.SMALL)


def clock_words(local: datetime) -> str:
    """A clock time as `TimeField` reads it without doubt: "11:00am"."""
    return f"{local:%I:%M%p}".lstrip("0").lower()
