"""A person died or moved away, or that was a mistake; legal hold (domain.md 2.5)."""

from __future__ import annotations

from typing import Any, cast

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.layout import Field, Fieldset, Size
from django import forms

from concerns.forms.case import CaseForm, choices_of, radios
from concerns.forms.fields import DayField, FormKey, Words
from concerns.models import Involvement
from concerns.selectors import people_in
from concerns.services.life import NO_DAY
from concerns.vocabulary import LifeChange


class DeathOrMoveForm(CaseForm):
    person = radios("Who is it about?", [], required="Choose who it is about")
    change = radios("What happened?", choices_of(LifeChange), required="Choose what happened")
    on = DayField(label="On which day?")
    moved_to = Words(
        label="If they moved: which local authority did they move to?",
        limit=120,
        help_text="It has to be told, so that the work goes on there.",
    )
    words = Words(
        label="Who else may be at risk now, and who was told?",
        is_long=True,
        help_text="If nobody else is at risk, say how you know.",
    )
    is_legal_hold = forms.BooleanField(
        label="Put this concern on legal hold",
        required=False,
        help_text="Nothing in it may be destroyed until a lead ends the hold.",
    )
    form_key = FormKey()

    def prepare(self) -> None:
        # One choice for each person, however many parts they have in the concern.
        self.people: dict[str, Involvement] = {}
        for row in people_in(self.concern):
            self.people.setdefault(row.person.ref, row)
        cast(forms.ChoiceField, self.fields["person"]).choices = [
            Choice(ref, row.person.display_name, hint=row.get_role_display()) for ref, row in self.people.items()
        ]
        if any(row.person.died_on or row.person.moved_on for row in self.people.values()):
            self.fields["on"].help_text += ". Leave it empty after a mistake"
            self.fields["words"].help_text += " After a mistake: how do you know, and who was told the wrong thing?"
        else:
            change = cast(forms.ChoiceField, self.fields["change"])
            change.choices = [each for each in choices_of(LifeChange) if each[0] != LifeChange.MISTAKE]

    def parts(self) -> list[Any]:
        return [
            "form_key",
            Field.radios("person", legend_size=Size.MEDIUM),
            Field.radios("change", legend_size=Size.MEDIUM),
            Field("on", context={"legend_size": "m"}),
            Field.text("moved_to", label_size=Size.SMALL),
            Field.textarea("words", label_size=Size.MEDIUM, rows=5),
            Fieldset(Field.checkbox("is_legal_hold"), legend="Legal hold", legend_size=Size.MEDIUM),
        ]

    def clean(self) -> dict[str, Any]:
        is_mistake = self.cleaned_data.get("change") == LifeChange.MISTAKE
        if self.cleaned_data.get("on") is None and not is_mistake and not self.has_error("on"):
            self.add_error("on", NO_DAY)
        return self.cleaned_data

    def involvement(self) -> Involvement:
        """The chosen person's part in the concern. Only for a sound form."""
        return self.people[self.cleaned_data["person"]]
