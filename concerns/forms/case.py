"""What every form about one concern shares."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Layout
from django import forms

from accounts.models import User
from concerns.models import Concern
from safeguarding.kit.errors import Refusal, Unsound

LONDON = ZoneInfo("Europe/London")


class CaseForm(forms.Form):
    """A form about `concern`, filled in by `viewer` at `at`. What is missing is said by the service, field by field."""

    # Where a service's problem goes when the form asks for that fact in a field of another name.
    asked_in: Mapping[str, str] = {}

    def __init__(
        self,
        data: Any = None,
        *,
        concern: Concern,
        viewer: User,
        at: datetime,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        self.concern, self.viewer, self.at = concern, viewer, at
        super().__init__(data, initial=dict(initial or {}))
        self.prepare()
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField):
                field.error_messages["invalid_choice"] = "Choose one of the answers on this page"
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(*self.parts())

    def prepare(self) -> None:
        """Fit the questions to the concern."""

    def parts(self) -> list[Any]:
        raise NotImplementedError

    def show(self, refusal: Refusal) -> None:
        """Put a service's refusal next to the fields that it is about."""
        problems = refusal.problems if isinstance(refusal, Unsound) else {}
        if not problems:
            self.add_error(None, refusal.sentence)
        for name, sentences in problems.items():
            field = self.asked_in.get(name, name)
            for sentence in sentences:
                self.add_error(field if field in self.fields else None, sentence)


def choices_of(options: Any, hints: Mapping[str, str] | None = None) -> list[Choice]:
    """The choices of a TextChoices list in its exact words."""
    return [Choice(value, label, hint=(hints or {}).get(value)) for value, label in options.choices]


# R115: beside the question whether somebody else could be at risk too.
PUTS_DOWN = "“Yes” puts them down as somebody at risk. Then a decision is made for them too."
# R22, of a child of a home with domestic abuse.
CHILD_OF_HOME = (
    "A child who sees, hears or feels the effects of domestic abuse is a victim of it too. "
    f"{PUTS_DOWN} If you do not, write why."
)


def radios(label: str, choices: list[Choice], *, required: str = "", help_text: str = "") -> forms.ChoiceField:
    """One answer of several; `required` is the sentence for none, "" where none is an answer too."""
    return forms.ChoiceField(
        label=label,
        help_text=help_text,
        choices=choices,
        widget=forms.RadioSelect,
        required=bool(required),
        error_messages={"required": required},
    )


def moment(day: date | None, clock: time | None) -> datetime | None:
    """The moment that a day and a clock time in London name; None without a day."""
    if day is None:
        return None
    return datetime.combine(day, clock or time(0), tzinfo=LONDON)
