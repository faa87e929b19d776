"""Forms about a shared fact that is wrong (R100)."""

from __future__ import annotations

from typing import Any

from crispy_forms_gds.choices import Choice

from sharing.forms.base import Many, MomentField, One, PlainForm, Text, TimeField, Words


class CorrectionForm(PlainForm):
    """`context["items"]` is what was shared, `context["referrals"]` who was given anything."""

    item = One("Which of these was wrong?", [], "These are the words in which it went, and who was given them.")
    right = Text("What is right?")
    source = Text("How do you know?", "Who said so, or which record.")
    also = Many(
        "Who else was given this fact, perhaps in other words?",
        [],
        "Everybody who was given exactly these words is told anyway.",
    )

    def prepare(self) -> None:
        item, also = self.fields["item"], self.fields["also"]
        assert isinstance(item, One)  # noqa: S101 (declared above)
        assert isinstance(also, Many)  # noqa: S101 (declared above)
        items: Any = [Choice(each.key, each.shortened, hint=each.recipients) for each in self.context["items"]]
        item.choices = items
        also.choices = [(each.ref, f"{each.agency_name}, {each.ref}") for each in self.context["referrals"]]
        if len(self.context["referrals"]) < 2:
            del self.fields["also"]


class ToldOfItForm(PlainForm):
    who = Words(label="Who at the agency did you tell?", limit=150)
    how = Words(label="How?", help_text="For example, by phone.", limit=200)
    told_at = MomentField(label="On which day?")
    told_at_time = TimeField(label="At what time?")
    words = Text("What did they say?", "If they said anything.")
