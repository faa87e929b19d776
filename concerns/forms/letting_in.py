"""Letting somebody in by name, showing them out, keeping them out; break-glass and its judgement (domain.md 5)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, cast

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Fixed, Layout, Size
from django import forms

from accounts.models import User
from concerns.forms.case import LONDON, CaseForm, choices_of, radios
from concerns.forms.fields import DayField, Words, colleague
from concerns.references import as_reference
from concerns.selectors.who_sees import let_in_now
from concerns.vocabulary import BreakGlassReason, KeptOutBecause
from safeguarding.kit.errors import Refusal, Unsound


def _somebody(words: str) -> User:
    """The colleague of this name or e-mail address. Raises ValidationError, also for nothing typed."""
    found = colleague(words)
    if found is None:
        raise forms.ValidationError("Enter a name or e-mail address")
    return found


class LetInForm(CaseForm):
    """Whom, why, and until which day."""

    person = Words(label="Who?", limit=254, help_text="A colleague’s whole name or e-mail address.")
    reason = Words(
        label="Why do they need to read it?", is_long=True, help_text="Kept with the concern. Other leads read this."
    )
    until = DayField(label="Until the end of which day?", help_text="Within 90 days. For example, 27 3 2026")

    def parts(self) -> list[Any]:
        return [
            Field.text("person", label_size=Size.MEDIUM),
            Field.textarea("reason", label_size=Size.MEDIUM, rows=4),
            Field("until", context={"legend_size": Size.for_legend("m")}),
        ]

    def clean_person(self) -> User:
        return _somebody(self.cleaned_data["person"])

    def clean_until(self) -> datetime:
        day: date | None = self.cleaned_data["until"]
        if day is None:
            raise forms.ValidationError("Enter the last day on which they can read it")
        return datetime.combine(day + timedelta(days=1), time(0), tzinfo=LONDON)


class KeepOutForm(CaseForm):
    """Whom a lead keeps out, and why."""

    person = Words(
        label="Who?",
        limit=254,
        help_text="Their whole name or work e-mail address. If they have left, they stay kept out if they come back.",
    )
    because = radios(
        "Why must they be kept out?",
        choices_of(
            KeptOutBecause,
            {
                KeptOutBecause.CAUSE: "The concern is restricted. It does not say that they did anything.",
                KeptOutBecause.AT_RISK: "The concern is restricted.",
            },
        ),
        required="Choose why they must be kept out",
    )
    words = Words(
        label="In your own words",
        is_long=True,
        help_text="What makes you think so? Safeguarding leads read this, and whoever is asked to let them in again.",
    )

    def parts(self) -> list[Any]:
        return [
            Field.text("person", label_size=Size.MEDIUM),
            Field.radios("because", legend_size=Size.MEDIUM),
            Field.textarea("words", label_size=Size.MEDIUM, rows=4),
        ]

    def clean_person(self) -> User:
        return _somebody(self.cleaned_data["person"])


class EndLetInForm(CaseForm):
    """Who is shown out."""

    person = radios("Who no longer needs to read it?", [], required="Choose who no longer needs to read it")

    def prepare(self) -> None:
        people = let_in_now(self.concern, at=self.at)
        cast(forms.ChoiceField, self.fields["person"]).choices = [
            Choice(str(user.pk), user.full_name, hint=user.job_title) for user in people
        ]

    def parts(self) -> list[Any]:
        return [Field.radios("person", legend_size=Size.MEDIUM)]


class _PlainForm(forms.Form):
    """A form that is about no concern that its reader can see."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(*self.parts())

    def parts(self) -> list[Any]:
        raise NotImplementedError

    def show(self, refusal: Refusal) -> None:
        """Put a service's refusal next to the fields that it is about."""
        problems = refusal.problems if isinstance(refusal, Unsound) else {}
        if not problems:
            self.add_error(None, refusal.sentence)
        for name, sentences in problems.items():
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, sentence)


class BreakGlassForm(_PlainForm):
    """Which concern, by its whole reference, and why it can't wait."""

    ref = Words(label="Reference of the concern", limit=40, help_text="The whole reference, for example SC-2F7K-9QPM.")
    reason = radios("Why can’t it wait?", choices_of(BreakGlassReason), required="Choose why it can’t wait")
    words = Words(
        label="Say more",
        is_long=True,
        help_text="What has happened, and what you need to know. A safeguarding lead reads this and judges it.",
    )

    def parts(self) -> list[Any]:
        return [
            Field.text("ref", label_size=Size.MEDIUM, field_width=Fixed.TWENTY),
            Field.radios("reason", legend_size=Size.MEDIUM),
            Field.textarea("words", label_size=Size.MEDIUM, rows=4),
        ]

    def clean_ref(self) -> str:
        words: str = self.cleaned_data["ref"]
        if not words.strip():
            raise forms.ValidationError("Enter the reference of the concern")
        ref = as_reference(words)
        if ref is None:
            raise forms.ValidationError("Enter the whole reference: two letters, then eight letters and figures")
        return ref


class JudgeForm(_PlainForm):
    view = radios(
        "Was it justified?",
        [Choice("yes", "Yes, it was justified"), Choice("no", "No, it was not justified")],
        required="Choose whether it was justified",
    )
    words = Words(label="Why do you think so?", is_long=True)

    def parts(self) -> list[Any]:
        return [
            Field.radios("view", legend_size=Size.MEDIUM),
            Field.textarea("words", label_size=Size.MEDIUM, rows=4),
        ]
