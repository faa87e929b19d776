"""Forms about domestic abuse: a DASH record, and the answer to a referral that is asked (R21, X4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.layout import Field, Fieldset, Fixed, Size
from django import forms

from concerns.dash import MOST_INCIDENTS, MOST_TICKS, DashDetails
from concerns.forms.case import CaseForm, choices_of, radios
from concerns.forms.fields import DayField, FormKey, Words
from concerns.models import DashRecord, DomesticAccount
from concerns.services.describing import DomesticDetails
from concerns.services.domestic import StepAnswer
from concerns.vocabulary import (
    DOMESTIC_ALIASES,
    ChildAggravator,
    ChildImpact,
    DomesticBehaviour,
    DomesticFlag,
    DomesticPattern,
    DomesticStepAnswer,
    DomesticStepKind,
    MaracBasis,
    PersonallyConnected,
    YesNoUnknown,
)
from safeguarding.kit.layout import AskedWhen


def _count(label: str, help_text: str, *, most: int, wrong: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        required=False,
        min_value=0,
        max_value=most,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": wrong, "min_value": wrong, "max_value": wrong},
    )


class DashForm(CaseForm):
    """One DASH checklist. `corrects` is the record that it takes the place of."""

    assessed_on = DayField(label="When was the assessment?")
    assessor = Words(label="Who did the assessment?", help_text="Name and organisation.", limit=150)
    score = _count(
        "DASH score",
        f"How many of the {MOST_TICKS} questions were answered “yes”. Leave it open if they could not be asked.",
        most=MOST_TICKS,
        wrong=f"The score is a number from 0 to {MOST_TICKS}.",
    )
    not_scored_reason = Words(label="If the questions could not be asked: why?", is_long=True)
    own_view = Words(label="How does the person see the risk?", is_long=True, help_text="In their own words.")
    own_view_not_asked = Words(label="If you could not ask them: why?", is_long=True)
    is_high_by_judgement = radios(
        "In your professional judgement, is the risk high?",
        [
            Choice("yes", "Yes", hint="This calls for a MARAC, whatever the score."),
            Choice("no", "No", hint="This never makes a high score lower."),
        ],
    )
    judgement_reason = Words(label="What makes the risk high in your judgement?", is_long=True)
    incidents = _count(
        "How many incidents in the last 12 months?",
        "As far as anybody knows. Leave it open if nobody does.",
        most=MOST_INCIDENTS,
        wrong="Enter how many incidents there were, for example 3.",
    )
    correction_reason = Words(label="What was wrong with the earlier record?", is_long=True)
    form_key = FormKey()

    def __init__(self, data: Any = None, *, corrects: DashRecord | None, **kwargs: Any) -> None:
        self.corrects = corrects
        super().__init__(data, **kwargs)

    def prepare(self) -> None:
        if self.corrects is None:
            del self.fields["correction_reason"]
            return
        names = ("assessed_on", "assessor", "score", "not_scored_reason", "own_view", "own_view_not_asked")
        for name in (*names, "judgement_reason", "incidents"):
            self.fields[name].initial = getattr(self.corrects, name)
        self.fields["is_high_by_judgement"].initial = "yes" if self.corrects.is_high_by_judgement else "no"

    def parts(self) -> list[Any]:
        correction = (
            [Field.textarea("correction_reason", label_size=Size.MEDIUM, rows=3)] if self.corrects is not None else []
        )
        return [
            *correction,
            Fieldset(
                Field("assessed_on", context={"legend_size": Size.for_legend("s")}),
                Field.text("assessor", label_size=Size.SMALL),
                Field.text("score", label_size=Size.SMALL, field_width=Fixed.THREE),
                Field.textarea("not_scored_reason", label_size=Size.SMALL, rows=2),
                Field.text("incidents", label_size=Size.SMALL, field_width=Fixed.THREE),
                legend="The checklist",
                legend_size=Size.MEDIUM,
            ),
            Fieldset(
                Field.textarea("own_view", label_size=Size.SMALL, rows=3),
                Field.textarea("own_view_not_asked", label_size=Size.SMALL, rows=2),
                legend="The person’s own view",
                legend_size=Size.MEDIUM,
            ),
            Fieldset(
                Field.radios("is_high_by_judgement", legend_size=Size.SMALL),
                AskedWhen(
                    "is_high_by_judgement=yes", Field.textarea("judgement_reason", label_size=Size.SMALL, rows=3)
                ),
                legend="Your judgement",
                legend_size=Size.MEDIUM,
            ),
            "form_key",
        ]

    def details(self) -> DashDetails:
        """What was filled in. Call after `is_valid`."""
        given = self.cleaned_data
        judgement = given["is_high_by_judgement"]
        return DashDetails(
            assessed_on=given["assessed_on"],
            assessor=given["assessor"],
            score=given["score"],
            not_scored_reason=given["not_scored_reason"],
            own_view=given["own_view"],
            own_view_not_asked=given["own_view_not_asked"],
            is_high_by_judgement=None if not judgement else judgement == "yes",
            judgement_reason=given["judgement_reason"] if judgement == "yes" else "",
            incidents=given["incidents"],
        )


def _some(label: str, kinds: Any, hints: Mapping[str, str] | None = None) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        help_text="Choose all that apply.",
        choices=choices_of(kinds, hints) if hints else choices_of(kinds),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


class DescribeForm(CaseForm):
    """V5, V6: what is happening, in the terms of the Domestic Abuse Act 2021 and of the policy."""

    behaviours = _some("What is happening?", DomesticBehaviour, {k.value: v for k, v in DOMESTIC_ALIASES.items()})
    pattern = radios("Was it one incident, or does it go on?", choices_of(DomesticPattern))
    connected = _some("How are they connected?", PersonallyConnected)
    both_over_16 = radios("Are both of them 16 or over?", choices_of(YesNoUnknown))
    flags = _some("Is any of these part of it?", DomesticFlag, {
        DomesticFlag.PREGNANCY.value: "The unborn child is then put down as somebody at risk"
    })  # fmt: skip
    impacts = _some("What does it do to the children?", ChildImpact)
    aggravators = _some("Does anything make that worse?", ChildAggravator)
    words = Words(
        label="In your own words",
        is_long=True,
        help_text="What you were told, and by whom. It is not our role to decide whether it happened.",
    )
    form_key = FormKey()

    def __init__(self, data: Any = None, *, account: DomesticAccount | None, has_children: bool, **kwargs: Any) -> None:
        self.account, self.has_children = account, has_children
        super().__init__(data, **kwargs)

    def prepare(self) -> None:
        if not self.has_children:
            del self.fields["impacts"], self.fields["aggravators"]
        if self.account is not None:
            for name in self.fields.keys() - {"form_key"}:
                self.fields[name].initial = getattr(self.account, name)

    def parts(self) -> list[Any]:
        children = (
            [
                Fieldset(
                    Field.checkboxes("impacts", legend_size=Size.SMALL),
                    Field.checkboxes("aggravators", legend_size=Size.SMALL),
                    legend="The children",
                    legend_size=Size.MEDIUM,
                )
            ]
            if self.has_children
            else []
        )
        return [
            Field.checkboxes("behaviours", legend_size=Size.MEDIUM),
            Field.radios("pattern", legend_size=Size.MEDIUM),
            Field.checkboxes("connected", legend_size=Size.MEDIUM),
            Field.radios("both_over_16", legend_size=Size.MEDIUM),
            Field.checkboxes("flags", legend_size=Size.MEDIUM),
            *children,
            Field.textarea("words", label_size=Size.MEDIUM, rows=4),
            "form_key",
        ]

    def details(self) -> DomesticDetails:
        """What was filled in. Call after `is_valid`."""
        given = self.cleaned_data
        return DomesticDetails(
            behaviours=tuple(given["behaviours"]),
            pattern=given["pattern"],
            connected=tuple(given["connected"]),
            both_over_16=given["both_over_16"],
            flags=tuple(given["flags"]),
            impacts=tuple(given.get("impacts", ())),
            aggravators=tuple(given.get("aggravators", ())),
            words=given["words"],
        )


class DomesticStepForm(CaseForm):
    answer = radios("Was a referral made?", choices_of(DomesticStepAnswer))
    referred_on = DayField(label="If it was made: on which day?")
    basis = radios("If it was made: what does the high risk rest on?", choices_of(MaracBasis))
    words = Words(
        label="In your own words",
        is_long=True,
        help_text="To whom it went and their reference; or why no referral is made. This can’t be changed later.",
    )

    def __init__(self, data: Any = None, *, kind: str, suggested: MaracBasis | None, **kwargs: Any) -> None:
        self.kind, self.suggested = kind, suggested
        super().__init__(data, **kwargs)

    def prepare(self) -> None:
        if self.kind != DomesticStepKind.MARAC:
            del self.fields["basis"]
        elif self.suggested is not None:
            self.fields["basis"].initial = self.suggested.value

    def parts(self) -> list[Any]:
        basis = [Field.radios("basis", legend_size=Size.SMALL)] if "basis" in self.fields else []
        return [
            Field.radios("answer", legend_size=Size.MEDIUM),
            AskedWhen("answer=referred", Field("referred_on", context={"legend_size": Size.for_legend("s")}), *basis),
            Field.textarea("words", label_size=Size.MEDIUM, rows=5),
        ]

    def given(self) -> StepAnswer:
        """What was filled in. Call after `is_valid`."""
        answers = self.cleaned_data
        answer, basis = answers["answer"], answers.get("basis")
        is_referred = answer == DomesticStepAnswer.REFERRED
        day: date | None = answers["referred_on"] if is_referred else None
        return StepAnswer(
            DomesticStepAnswer(answer) if answer else None,
            answers["words"],
            day,
            MaracBasis(basis) if basis and is_referred else None,
        )
