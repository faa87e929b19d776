"""Forms about advice that is asked without names (R35)."""

from __future__ import annotations

from sharing.forms.base import MomentField, One, PlainForm, Text, TimeField, Words
from sharing.vocabulary import YesNo


class QuestionForm(PlainForm):
    question = Text("What will you say?", "Say what happened and what you ask. Leave out who it is about.")


class AdviceGivenForm(PlainForm):
    role = Words(label="Who did you ask?", help_text="Their role, for example duty social worker.", limit=150)
    organisation = Words(label="Which organisation?", limit=200)
    who = Words(label="Their name, if they gave it", limit=150)
    asked_at = MomentField(label="On which day did you ask?")
    asked_at_time = TimeField(label="At what time?")
    advice = Text("What did they advise?")
    in_full = One("Did they advise you to say who it is about?", YesNo.choices)
    in_full_why = Text("Why, or why not?")
