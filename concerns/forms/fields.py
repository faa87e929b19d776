"""Form fields for words, days and times as people type them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from datetime import date, time
from typing import Any

from crispy_forms_gds.fields import DateInputField
from crispy_forms_gds.widgets import DateInputWidget
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from accounts.models import User
from concerns.rules import LONGEST_TEXT

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
OLDEST_YEAR = 1890

_FORM_KEY = re.compile(r"[0-9a-f]{32}")
_TIME = re.compile(r"(\d{1,2})(?:[:.]?(\d{2}))?(am|pm)?")


def new_form_key() -> str:
    return secrets.token_hex(16)


def at_most(limit: int) -> Callable[[str], None]:
    """A validator that says how much is too much; the browser must never cut words short (so no `maxlength`)."""

    def check(words: str) -> None:
        if len(words) > limit:
            raise ValidationError(
                f"This is {len(words):,} characters long and {limit:,} is the most this answer can hold. "
                "Make it shorter. Your words are still here."
            )

    return check


class Words(forms.CharField):
    """Words in any script; line breaks kept, spaces around them dropped. Never required: a page says what it needs."""

    def __init__(
        self, *, label: str, limit: int | None = LONGEST_TEXT, is_long: bool = False, help_text: str = ""
    ) -> None:
        widget = forms.Textarea() if is_long else forms.TextInput()
        widget.attrs.update({"autocomplete": "off", "dir": "auto"})
        validators = [] if limit is None else [at_most(limit)]
        super().__init__(label=label, help_text=help_text, required=False, widget=widget, validators=validators)

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value) or "").replace("\r\n", "\n")


class FormKey(forms.CharField):
    """A hidden key that makes two presses of one button one thing. One that we did not make counts as a new one."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput, initial=new_form_key)

    def to_python(self, value: Any) -> str:
        key = str(super().to_python(value) or "")
        return key if _FORM_KEY.fullmatch(key) else new_form_key()


def colleague(words: str) -> User | None:
    """The one person with this whole name or e-mail address; None for nothing typed. Raises ValidationError."""
    words = words.strip()
    if not words:
        return None
    found = list(User.objects.filter(Q(email__iexact=words) | Q(full_name__iexact=words))[:2])
    if not found:
        near = User.objects.filter(full_name__icontains=words).order_by("full_name", "pk")[:5]
        names = ", ".join(dict.fromkeys(person.full_name for person in near))
        or_else = f". Did you mean one of these? {names}" if names else ""
        raise ValidationError(f"Nobody here has this name or e-mail address{or_else}")
    if len(found) > 1:
        raise ValidationError("More than one colleague has this name. Enter the e-mail address")
    return found[0]


class DayField(DateInputField):  # type: ignore[misc]  # the library has no types
    """A day in three boxes. Takes "3", "03", "March" or "mar" for the month and "26" for 2026."""

    def __init__(self, *, label: str, help_text: str = "For example, 27 3 2026") -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            required=False,
            require_all_fields=False,
            widget=DateInputWidget(),
        )
        for part, widget in zip(self.fields, self.widget.widgets, strict=True):
            part.validators = []
            widget.attrs.update({"inputmode": "numeric", "autocomplete": "off"})

    def compress(self, data_list: Any) -> date | None:
        """The day. Raises ValidationError when there is no such day."""
        if not data_list or not all(data_list):
            return None
        day, month, year = (str(part).strip().lower() for part in data_list)
        number = MONTHS.index(month[:3]) + 1 if month[:3] in MONTHS else month
        try:
            full_year = int(year) + 2000 if re.fullmatch(r"[0-9]{2}", year) else int(year)
            found = date(full_year, int(number), int(day))
        except (ValueError, OverflowError):
            raise ValidationError("Enter a real date, for example 27 3 2026") from None
        if found.year < OLDEST_YEAR:
            raise ValidationError(f"Check the year: {found.year} is too long ago")
        return found


def read_time(words: str) -> time | None:
    """A clock time as people write it: "14:30", "2.30pm", "2 pm", "noon". Raises ValueError when it can't be told."""
    text = re.sub(r"\s|(?<=[ap])\.(?=m)|(?<=m)\.$", "", words.strip().lower())
    if not text:
        return None
    if text in {"noon", "midday"}:
        return time(12)
    if text == "midnight":
        return time(0)
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("Enter a time such as 2:30pm or 14:30")
    hour, minute, half = int(match[1]), int(match[2] or 0), match[3]
    if half is None and (match[2] is None or (1 <= hour <= 11 and not match[1].startswith("0"))):
        raise ValueError("Say whether it was morning or afternoon, for example 2:30pm or 14:30")
    if half is not None:
        if not 1 <= hour <= 12:
            raise ValueError("Enter a time such as 2:30pm or 14:30")
        hour = hour % 12 + (12 if half == "pm" else 0)
    if hour > 23 or minute > 59:
        raise ValueError("There is no such time. Enter a time such as 2:30pm or 14:30")
    return time(hour, minute)


class TimeField(Words):
    """A clock time as people write it; cleans to a `time` or None."""

    def __init__(self, *, label: str, help_text: str = "For example, 2:30pm or 14:30") -> None:
        super().__init__(label=label, help_text=help_text, limit=40)

    def clean(self, value: Any) -> Any:
        words = super().clean(value)
        try:
            return read_time(words)
        except ValueError as error:
            raise ValidationError(str(error)) from None
