"""What one person asks for and another answers (R41, R44, I6)."""

from __future__ import annotations

from typing import Any, cast

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.layout import Field, Size
from django import forms

from concerns.forms.case import CaseForm, radios
from concerns.forms.fields import Words
from concerns.models import Conflict, TwoPersonStep
from concerns.selectors import liftable_conflicts, steps_for, waiting_steps


class LiftConflictForm(CaseForm):
    """Which bar or recusal is asked to be lifted, and why."""

    conflict = radios("Who should be let in again?", [], required="Choose who should be let in again")
    reason = Words(label="Why?", is_long=True, help_text="The second person reads this.")

    def prepare(self) -> None:
        self.conflicts = liftable_conflicts(self.concern)
        asked = {step.conflict_id for step in waiting_steps(self.concern)}
        cast(forms.ChoiceField, self.fields["conflict"]).choices = [
            Choice(row.handle, row.staff.full_name, hint=row.get_kind_display())
            for row in self.conflicts
            # What was sent comes back with its words; pressed twice it asks the same once more, which changes nothing.
            if row.pk not in asked or self.is_bound
        ]

    def chosen(self) -> Conflict:
        """The bar or recusal that is asked to be lifted. Only for a sound form."""
        return next(row for row in self.conflicts if row.handle == self.cleaned_data["conflict"])

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
        self.waiting = steps_for(self.concern, self.viewer)
        if len(self.waiting) == 1:
            # Sent along all the same, so that nobody agrees to what was asked for after they opened the page.
            self.fields["step"] = forms.CharField(
                widget=forms.HiddenInput, required=False, max_length=100, initial=self.waiting[0].handle
            )
            return
        cast(forms.ChoiceField, self.fields["step"]).choices = [
            Choice(step.handle, step_words(step)) for step in self.waiting
        ]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if len(self.waiting) == 1 and cleaned.get("step", "") not in ("", self.waiting[0].handle):
            self.add_error(None, "What waits for your view has changed since you opened this page. Read it first.")
            self.data = {**dict(self.data.items()), "step": self.waiting[0].handle}
        return cleaned

    def parts(self) -> list[Any]:
        which = "step" if len(self.waiting) == 1 else Field.radios("step", legend_size=Size.MEDIUM)
        return [
            which,
            Field.radios("view", legend_size=Size.MEDIUM),
            Field.textarea("words", label_size=Size.MEDIUM, rows=4),
        ]

    def chosen(self) -> TwoPersonStep:
        """The step that the view is about. Only for a sound form."""
        wanted = self.cleaned_data["step"]
        return next(step for step in self.waiting if wanted in ("", step.handle))


def step_words(step: TwoPersonStep) -> str:
    """What is asked for, and about whom."""
    if step.involvement:
        level = step.get_level_display().lower()
        return f"Lower the level of risk to “{level}”: {step.involvement.person.display_name}"
    about = step.conflict.staff if step.conflict else step.let_in
    return f"{step.get_act_display()}: {about.full_name}" if about else step.get_act_display()
