"""What every page of raising a concern has in common: how answers are taken, checked and shown again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Layout
from django import forms
from django.db.models import TextChoices
from django.utils.datastructures import MultiValueDict

from accounts.models import User
from concerns.selectors.drafts import StaffMember
from concerns.vocabulary import LifeStage

NOT_A_CHOICE = "Choose one of the answers on this page"
HIDDEN_CHARACTER = (
    "There was a hidden character in this answer that cannot be kept, and we took it out. "
    "Check the words, then continue."
)


class PageForm(forms.Form):
    """One page. `asks` are the questions in the short form that check-your-answers uses, in the order it shows them."""

    asks: ClassVar[Mapping[str, str]]
    # What check-your-answers says for a question that was left empty, where that decides something.
    says_if_empty: ClassVar[Mapping[str, str]] = {}

    def __init__(
        self,
        data: Mapping[str, list[str]] | None = None,
        *,
        by: User,
        at: datetime,
        stages: frozenset[LifeStage] = frozenset(),
        number_of_people: int = 0,
        staff: tuple[StaffMember, ...] = (),
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        self.by, self.at, self.stages = by, at, stages
        self.number_of_people, self.staff = number_of_people, staff
        self._had_hidden: frozenset[str] = frozenset()
        bound: MultiValueDict[str, str] | None = None
        if data is not None:
            # PostgreSQL holds no NUL. Taken out here so that the words stay in the form; said next to the field.
            self._had_hidden = frozenset(name for name, many in data.items() if any("\x00" in one for one in many))
            bound = MultiValueDict({name: [one.replace("\x00", "") for one in many] for name, many in data.items()})
        super().__init__(bound, initial=dict(initial or {}))
        self.prepare()
        for field in self.fields.values():
            if isinstance(field, forms.ChoiceField):
                field.error_messages["invalid_choice"] = NOT_A_CHOICE
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(*self.parts())

    def prepare(self) -> None:
        """Fit the questions to what was answered before."""

    def choice(self, name: str) -> forms.ChoiceField:
        """The field `name`, to give it its choices. TypeError when it has none."""
        field = self.fields[name]
        if not isinstance(field, forms.ChoiceField):
            raise TypeError(name)
        return field

    def parts(self) -> list[Any]:
        """The layout of the page."""
        raise NotImplementedError

    def given(self, name: str) -> Any:
        """The answer as it was typed, for check-your-answers."""
        return self[name].value()

    def may_go_on(self) -> bool:
        """Whether “Continue” leads to the next page. A page may ask once more here what keeps no concern from being
        sent (R2): the errors then say so."""
        return self.is_valid()

    @classmethod
    def keys(cls, posted: Mapping[str, Any]) -> list[str]:
        """The names in `posted` that are answers to this page: nothing else is kept."""
        stems = tuple(cls.base_fields)
        return [name for name in posted if name in stems or name.rpartition("_")[0] in stems]

    def raw(self, values: Mapping[str, list[str]]) -> dict[str, Any]:
        """What was typed, field by field, fit to be shown again as `initial`."""
        data = MultiValueDict(dict(values))
        return {name: field.widget.value_from_datadict(data, {}, name) for name, field in self.fields.items()}

    def clean(self) -> dict[str, Any]:
        for name in self.fields:
            if any(key == name or key.rpartition("_")[0] == name for key in self._had_hidden):
                self.add_error(name, HIDDEN_CHARACTER)
        return self.cleaned_data


def choices_of(options: type[TextChoices], hints: Mapping[str, str] | None = None) -> list[Choice]:
    return [Choice(value, label, hint=(hints or {}).get(value)) for value, label in options.choices]


def radios(label: str, choices: list[Choice], *, required: str = "", help_text: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        help_text=help_text,
        choices=choices,
        widget=forms.RadioSelect,
        required=bool(required),
        error_messages={"required": required},
    )


YES_NO_UNSURE = [Choice("yes", "Yes"), Choice("no", "No"), Choice("unknown", "I am not sure")]
