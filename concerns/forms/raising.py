"""The pages on which a concern is raised: one question each, nearly everything optional (R1, R2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Fieldset, Fixed, Layout, Size
from django import forms
from django.utils import timezone

from concerns import rules
from concerns.forms.fields import DayField, TimeField, Words
from concerns.forms.raising_page import YES_NO_UNSURE, PageForm, choices_of, radios
from concerns.vocabulary import EmergencyService, HowKnown, Precision


class DangerForm(PageForm):
    asks = {"danger": "Is anyone in immediate danger?"}
    danger = radios(
        "Is anyone in immediate danger?",
        [
            Choice("yes", "Yes", hint="Someone is being hurt, may be hurt soon, or needs an ambulance"),
            Choice("today", "No, but somebody must act today"),
            Choice("no", "No"),
        ],
        required="Choose whether anyone is in immediate danger",
    )

    def parts(self) -> list[Any]:
        return [Field.radios("danger", legend_size=Size.LARGE, legend_tag="h1")]


class EmergencyForm(PageForm):
    """What was done about an emergency (R37). Nothing on it is ever refused (R39)."""

    asks = {
        "services": "Who was called",
        "called_by": "Who called",
        "call_time": "Time of the call",
        "incident_number": "Incident number",
        "is_safe_now": "Is everyone safe now?",
    }
    services = forms.MultipleChoiceField(
        label="Which emergency services were called?",
        help_text="Choose all that were called. Leave it empty if you have not called yet.",
        choices=choices_of(EmergencyService),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    called_by = Words(limit=None, label="Who made the call?", help_text="Leave it empty if you called.")
    call_time = Words(
        limit=None, label="When was the call?", help_text="For example, 2:30pm. Leave it empty if it was just now."
    )
    incident_number = Words(
        limit=None, label="Incident number", help_text="If you were given one. You can add it later."
    )
    is_safe_now = radios("Is everyone safe now?", YES_NO_UNSURE)

    def parts(self) -> list[Any]:
        return [
            Field.checkboxes("services", legend_size=Size.MEDIUM),
            Field.text("called_by", field_width=Fixed.TWENTY),
            Field.text("call_time", field_width=Fixed.TEN),
            Field.text("incident_number", field_width=Fixed.TEN),
            Field.radios("is_safe_now", legend_size=Size.MEDIUM),
        ]


def _story(name: str, *, rows: int = 10) -> Field:
    """The page's own question, as its heading, above a large box."""
    return Field.textarea(
        name,
        label_size=Size.LARGE,
        label_tag="h1",
        rows=rows,
        max_characters=rules.LONGEST_TEXT,
        threshold=90,
    )


class FactsForm(PageForm):
    asks = {"facts": "What you saw or heard"}
    facts = Words(
        label="What did you see or hear yourself?",
        is_long=True,
        help_text="Write only what happened: what you saw, heard or smelt, who was there, what was done. "
        "What others said and what you think come next. Leave it empty if you saw and heard nothing yourself.",
    )

    def parts(self) -> list[Any]:
        return [_story("facts", rows=12)]


class SaidForm(PageForm):
    asks = {"said": "What was said to you", "said_by": "Who said it"}
    said = Words(
        label="What did the person say to you?",
        is_long=True,
        help_text="Use their own words as far as you remember them, even if they are rude or muddled. "
        "Leave it empty if they said nothing to you.",
    )
    said_by = Words(label="Who said it?", limit=200, help_text="A name, or for example “the older boy”.")

    def parts(self) -> list[Any]:
        return [_story("said", rows=8), Field.text("said_by")]


class HearsayForm(PageForm):
    asks = {
        "hearsay": "What others told you",
        "hearsay_from": "Who told you",
        "how_known": "How it came to you",
    }
    hearsay = Words(
        label="What have others told you about it?",
        is_long=True,
        help_text="Things you did not see or hear yourself, such as what a neighbour or a caller told you.",
    )
    hearsay_from = Words(
        label="Who told you?",
        limit=200,
        help_text="Write “anonymous” if they did not want to say who they are.",
    )
    how_known = radios("How did you come to know?", choices_of(HowKnown), help_text="Choose the closest, or none.")

    def parts(self) -> list[Any]:
        return [
            _story("hearsay", rows=6),
            Field.text("hearsay_from"),
            Field.radios("how_known", legend_size=Size.MEDIUM, small=True),
        ]


class OpinionForm(PageForm):
    asks = {"opinion": "What you think", "opinion_evidence": "What makes you think so"}
    opinion = Words(
        label="What do you think is happening?",
        is_long=True,
        help_text="Your own view is welcome here. We keep it apart from the facts.",
    )
    opinion_evidence = Words(label="What makes you think so?", is_long=True)

    def parts(self) -> list[Any]:
        return [_story("opinion", rows=6), Field.textarea("opinion_evidence", label_size=Size.MEDIUM, rows=4)]


class WhenForm(PageForm):
    """When and where it was noticed (R6). Cleans `noticed_at` (aware, or None) and `noticed_precision` as well."""

    asks = {"precision": "How exactly you know when", "day": "Date", "clock": "Time", "place": "Where"}
    precision = radios(
        "Do you know the date and time?",
        [
            Choice(Precision.EXACT.value, "Exact", hint="You know the day and the time"),
            Choice(Precision.APPROX.value, "About", hint="You know the day, and perhaps roughly the time"),
            Choice(Precision.UNKNOWN.value, "Not known", hint="Leave the date and time empty"),
        ],
    )
    day = DayField(label="Date")
    clock = TimeField(label="Time")
    place = Words(
        label="Where was it?",
        is_long=True,
        help_text="An address, or for example “the stairs of Alder House” or “on the telephone”.",
    )

    def parts(self) -> list[Any]:
        return [
            Fieldset(
                Field.radios("precision"),
                Field("day"),
                Field.text("clock", field_width=Fixed.TEN),
                legend="When did you notice it?",
                legend_size=Size.MEDIUM,
            ),
            Field.textarea("place", label_size=Size.MEDIUM, rows=3),
        ]

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        precision, day, clock = found.get("precision"), found.get("day"), found.get("clock")
        found["noticed_at"], found["noticed_precision"] = None, Precision.UNKNOWN
        if self.errors:
            return found
        if precision == Precision.UNKNOWN and (day or clock):
            self.add_error(
                "precision",
                "You chose “Not known” and also gave a date or time. Choose “About”, or take the date and time out",
            )
        elif day is None and (precision or clock) and precision != Precision.UNKNOWN:
            self.add_error("day", "Enter the date, or choose “Not known”")
        elif precision == Precision.EXACT and clock is None:
            self.add_error("clock", "Enter the time, or choose “About”")
        elif day is not None:
            if day > timezone.localdate(self.at):
                self.add_error("day", "This date is in the future. Enter the day you noticed it")
                return found
            moment = timezone.make_aware(datetime.combine(day, clock or time(12)))
            if clock is not None and moment > self.at:
                self.add_error("clock", "This time is still to come. Enter the time you noticed it")
                return found
            found["noticed_at"] = min(moment, self.at)
            is_exact = clock is not None and precision != Precision.APPROX
            found["noticed_precision"] = Precision.EXACT if is_exact else Precision.APPROX
        return found


class DelayForm(PageForm):
    asks = {"delay_reason": "Why the delay"}
    delay_reason = Words(
        label="Why the delay?",
        is_long=True,
        help_text="You noticed this more than a working day ago. Say what held it up. You can leave this empty.",
    )

    def parts(self) -> list[Any]:
        return [_story("delay_reason", rows=4)]


class DoneForm(PageForm):
    asks = {"done_already": "What has been done already"}
    done_already = Words(
        label="What have you done already?",
        is_long=True,
        help_text="Who you rang or told, what they said, what you kept or made safe. Leave it empty if nothing yet.",
    )

    def parts(self) -> list[Any]:
        return [_story("done_already", rows=6)]


class SecrecyForm(PageForm):
    asks = {"promised": "Did you promise to keep this secret?"}
    promised = radios("Did you promise anyone to keep this secret?", YES_NO_UNSURE)

    def parts(self) -> list[Any]:
        return [Field.radios("promised", legend_size=Size.LARGE, legend_tag="h1")]


class PromiseForm(PageForm):
    """Guidance to read after a promise of secrecy (R47); asks nothing."""

    asks = {}

    def parts(self) -> list[Any]:
        return []


class SendForm(forms.Form):
    """The last question before sending: may the manager, who would be told, see it (R43)?"""

    manager = radios(
        "Must they not see it?",
        [Choice("no", "They may see it"), Choice("yes", "They must not see it")],
        required="Choose whether they may see it",
    )

    def __init__(self, data: Mapping[str, str] | None = None, *, is_asked: bool, initial: str = "") -> None:
        super().__init__(data, initial={"manager": initial})
        self.fields["manager"].required = is_asked
        if not is_asked:
            del self.fields["manager"]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(*([Field.radios("manager", legend_size=Size.SMALL)] if is_asked else []))
