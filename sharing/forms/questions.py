"""Forms about what we ask other agencies (R104)."""

from __future__ import annotations

from sharing.forms.base import Day, One, PlainForm, Text
from sharing.forms.plain import WordForm


class AskForm(PlainForm):
    agency = One("Which agency do you ask?", [], "From our directory.", is_long=True)
    what = Text("What do you ask for?", "Only what you need.")
    why = Text("What do you need it for?")
    legal_basis = Text("On which law or duty do you ask?", "For example, Care Act 2014 section 7.")
    due_date = Day("By when should they answer?")

    def prepare(self) -> None:
        field = self.fields["agency"]
        assert isinstance(field, One)  # noqa: S101 (declared above)
        field.choices = [("", "Choose one"), *self.context["agencies"]]


class StepForm(WordForm):
    """What happened with the agency; `context["has_date"]` whether it gets a new day to answer by."""

    due_date = Day("By when should they answer now?")

    def prepare(self) -> None:
        self.fields["who"].label = "Who at the agency?"
        self.fields["words"].label = "What was said or done?"
        if not self.context["has_date"]:
            del self.fields["due_date"]
