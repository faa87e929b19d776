"""What one person asks for and another answers (R41, R44, I6)."""

from __future__ import annotations

from typing import Any, cast

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.layout import Field, Size
from django import forms

from concerns.forms.case import CaseForm, radios
from concerns.forms.fields import Words
from concerns.models import TwoPersonStep
from concerns.selectors import standing_conflicts, waiting_steps


class LiftConflictForm(CaseForm):
    """Which bar or recusal is asked to be lifted, and why."""

    conflict = radios("Whom should be let in again?", [], required="Choose whom you ask to let in again")
    reason = Words(label="Why?", is_long=True, help_text="The second person reads this.")

    def prepare(self) -> None:
        self.conflicts = standing_conflicts(self.concern)
        cast(forms.ChoiceField, self.fields["conflict"]).choices = [
            Choice(str(row.pk), row.staff.full_name, hint=row.get_kind_display()) for row in self.conflicts
        ]

    def parts(self) -> list[Any]:
        return [
            Field.radios("conflict", legend_size=Size.MEDIUM),
            Field.textarea("reason", label_size=Size.MEDIUM, rows=4),
        ]


class SecondViewForm(CaseForm):
    """The second person's view; where several things wait, on which of them."""

    step = radios("What is your view about?", [], required="Choose what your view is about")
    view = radios(
        "Do you agree?",
        [
            Choice("agree", "Yes", hint="It happens at once."),
            Choice("refuse", "No", hint="Nothing changes. Say why below."),
        ],
        required="Choose whether you agree",
    )
    words = Words(label="Your view", is_long=True)

    def prepare(self) -> None:
        self.waiting = waiting_steps(self.concern)
        if len(self.waiting) == 1:
            del self.fields["step"]
            return
        cast(forms.ChoiceField, self.fields["step"]).choices = [
            Choice(str(step.pk), step_words(step)) for step in self.waiting
        ]

    def parts(self) -> list[Any]:
        which = [Field.radios("step", legend_size=Size.MEDIUM)] if "step" in self.fields else []
        return [
            *which,
            Field.radios("view", legend_size=Size.MEDIUM),
            Field.textarea("words", label_size=Size.MEDIUM, rows=4),
        ]

    def chosen(self) -> TwoPersonStep:
        """The step that the view is about. Only for a sound form."""
        wanted = self.cleaned_data.get("step")
        return next(step for step in self.waiting if wanted is None or str(step.pk) == wanted)


def step_words(step: TwoPersonStep) -> str:
    """What is asked for, and about whom."""
    about = step.conflict.staff if step.conflict else step.let_in
    return f"{step.get_act_display()}: {about.full_name}" if about else step.get_act_display()
