"""Triage and review: what the holder found (R23, R24, R26, R115, R124). A screening, never a finding (R4)."""

from __future__ import annotations

from datetime import date
from typing import Any

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.layout import HTML, Field, Fieldset, Layout, Size
from django import forms
from django.utils.html import escape

from concerns.forms.abuse_hints import ABUSE_HINTS
from concerns.forms.case import CHILD_OF_HOME, PUTS_DOWN, CaseForm, choices_of, radios
from concerns.forms.fields import DayField, Words
from concerns.models import Involvement
from concerns.selectors.domestic import children_of_the_home, children_to_propose
from concerns.services import ReviewFindings, TriageFindings
from concerns.vocabulary import (
    DOMESTIC_ABUSE,
    AdultAbuse,
    ChildAbuse,
    LifeStage,
    PersonRole,
    ReviewOutcome,
    RiskLevel,
    Urgency,
    YesNoUnknown,
)

RISK_HINTS = {
    RiskLevel.LOW.value: "Looked at again within 28 days",
    RiskLevel.MEDIUM.value: "Looked at again within 14 days",
    RiskLevel.HIGH.value: "Looked at again within 7 days",
    RiskLevel.CRITICAL.value: "Looked at again within 24 hours; stays open",
}


class TriageForm(CaseForm):
    """One level of risk for each person at risk, one answer for everybody else who lives there or is close."""

    urgency = radios("How urgent is it?", choices_of(Urgency), required="Choose how urgent it is")
    urgency_reason = Words(label="If it is less urgent than reported: why?", is_long=True)
    child_abuse = forms.MultipleChoiceField(
        label="Kinds of abuse of a child or unborn child",
        choices=choices_of(ChildAbuse, ABUSE_HINTS),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    adult_abuse = forms.MultipleChoiceField(
        label="Kinds of abuse of an adult",
        choices=choices_of(AdultAbuse, ABUSE_HINTS),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    household_reviewed = Words(
        label="Who else lives there or is close, and what did you find?",
        is_long=True,
        help_text="Think of children, adults at risk, carers, visitors and anyone else in or around the home.",
    )
    is_no_one_else = forms.BooleanField(label="There is no one else", required=False)
    has_care_needs = radios(
        "Does the adult have needs for care and support?",
        choices_of(YesNoUnknown),
        required="Choose whether the adult has needs for care and support, or “Not known”",
    )
    is_at_risk = radios(
        "Is the adult experiencing, or at risk of, abuse or neglect?",
        choices_of(YesNoUnknown),
        required="Choose whether the adult is experiencing, or at risk of, abuse or neglect, or “Not known”",
    )
    cannot_protect_self = radios(
        "Because of those needs, is the adult unable to protect themselves?",
        choices_of(YesNoUnknown),
        required="Choose whether the adult is unable to protect themselves, or “Not known”",
    )
    care_act_reasons = Words(label="What makes you say so?", is_long=True)
    adjustments = radios(
        "Does anyone need reasonable adjustments?",
        choices_of(YesNoUnknown),
        required="Choose whether anyone needs reasonable adjustments",
    )
    adjustments_detail = Words(label="If so, which?", is_long=True)
    enforcement = radios(
        "Is there live enforcement or arrears action by us?",
        choices_of(YesNoUnknown),
        required="Choose whether there is live enforcement or arrears action",
        help_text="Our own action can add to the risk.",
    )
    enforcement_plan = Words(label="If so: should it be paused, and who looks at that?", is_long=True)

    def __init__(self, data: Any = None, *, people: list[Involvement], **kwargs: Any) -> None:
        self.everybody = people
        self.people = [row for row in people if row.role == PersonRole.AT_RISK]
        self.others = [row for row in people if row.role in (PersonRole.HOUSEHOLD, PersonRole.NETWORK)]
        super().__init__(data, **kwargs)

    def prepare(self) -> None:
        self.fields["urgency"].initial = self.concern.urgency
        for row in self.people:
            # crispy-forms-gds prints labels and legends as they stand: a name must be made safe here.
            name = escape(row.person.display_name)
            self.fields[f"risk_{row.handle}"] = radios(
                f"Level of risk to {name}",
                choices_of(RiskLevel, RISK_HINTS),
                required=f"Choose the level of risk to {row.person.display_name}",
            )
            self.fields[f"risk_reason_{row.handle}"] = Words(label=f"Why this level for {name}?", is_long=True)
            self.fields[f"risk_{row.handle}"].initial = row.risk_level
            self.fields[f"risk_reason_{row.handle}"].initial = row.risk_reason
        # R22: with domestic abuse each child of the home is proposed as somebody at risk.
        is_flagged = self.concern.abuse_types.filter(code__in=DOMESTIC_ABUSE).exists()
        of_home = {row.pk for row in children_of_the_home(self.concern)} if is_flagged else set()
        proposed = {row.pk for row in children_to_propose(self.everybody)} if is_flagged else set()
        for row in self.others:
            name = escape(row.person.display_name)
            self.fields[f"thought_{row.handle}"] = radios(f"Could {name} be at risk too?", choices_of(YesNoUnknown))
            self.fields[f"thought_reason_{row.handle}"] = Words(
                label=f"Why do you think so about {name}?", is_long=True
            )
            self.fields[f"thought_{row.handle}"].help_text = PUTS_DOWN
            self.fields[f"thought_{row.handle}"].initial = row.is_thought_at_risk
            self.fields[f"thought_reason_{row.handle}"].initial = row.thought_reason
            if row.pk in proposed:
                self.fields[f"thought_{row.handle}"].initial = YesNoUnknown.YES.value
            if row.pk in of_home:
                self.fields[f"thought_{row.handle}"].help_text = CHILD_OF_HOME
        codes = set(self.concern.abuse_types.values_list("code", flat=True))
        stages = {row.life_stage for row in self.people}
        # What was reported is asked about again, whoever is at risk: nothing is dropped unseen.
        if stages and not stages - {LifeStage.ADULT} and not codes & set(ChildAbuse.values):
            del self.fields["child_abuse"]
        if stages and not stages - {LifeStage.CHILD, LifeStage.UNBORN} and not codes & set(AdultAbuse.values):
            del self.fields["adult_abuse"]
        if stages and not stages - {LifeStage.CHILD, LifeStage.UNBORN}:
            for question in ("has_care_needs", "is_at_risk", "cannot_protect_self"):
                self.fields[question].required = False
        for kinds in ("child_abuse", "adult_abuse"):
            if kinds in self.fields:
                self.fields[kinds].initial = list(codes)
        self.asked_in = {"abuse_codes": "child_abuse" if "child_abuse" in self.fields else "adult_abuse"}

    def parts(self) -> list[Any]:
        risks = [
            part
            for row in self.people
            for part in (
                Field.radios(f"risk_{row.handle}", legend_size=Size.SMALL),
                Field.textarea(f"risk_reason_{row.handle}", rows=2),
            )
        ]
        others = [
            part
            for row in self.others
            for part in (
                Field.radios(f"thought_{row.handle}", legend_size=Size.SMALL, inline=True),
                Field.textarea(f"thought_reason_{row.handle}", rows=2),
            )
        ]
        abuse = [
            Field.checkboxes(n, legend_size=Size.SMALL) for n in ("child_abuse", "adult_abuse") if n in self.fields
        ]
        parts: list[Any] = [Fieldset(*risks, legend="The people at risk", legend_size=Size.MEDIUM)] if risks else []
        return [
            *parts,
            Fieldset(*abuse, legend="Kinds of abuse", legend_size=Size.MEDIUM),
            Fieldset(
                *others,
                Field.textarea("household_reviewed", rows=4),
                Field.checkbox("is_no_one_else"),
                legend="Think Family",
                legend_size=Size.MEDIUM,
            ),
            *([self._screening()] if "adult_abuse" in self.fields else []),
            Fieldset(
                Field.radios("adjustments", legend_size=Size.SMALL, inline=True),
                Field.textarea("adjustments_detail", rows=2),
                Field.radios("enforcement", legend_size=Size.SMALL, inline=True),
                Field.textarea("enforcement_plan", rows=2),
                legend="What we must take care of",
                legend_size=Size.MEDIUM,
            ),
            Fieldset(
                Field.radios("urgency", legend_size=Size.SMALL),
                Field.textarea("urgency_reason", rows=2),
                legend="Urgency",
                legend_size=Size.MEDIUM,
            ),
        ]

    def _screening(self) -> Layout:
        is_age_unknown = any(row.life_stage == LifeStage.UNKNOWN for row in self.people)
        return Fieldset(
            HTML(
                '<p class="govuk-body">These are the three questions of the Care Act 2014, section 42. '
                "“No” or “Not known” never stops a referral. The third is for the local authority to settle."
                f"{' If you do not know their age, choose “Not known”.' if is_age_unknown else ''}</p>"
            ),
            Field.radios("has_care_needs", legend_size=Size.SMALL, inline=True),
            Field.radios("is_at_risk", legend_size=Size.SMALL, inline=True),
            Field.radios("cannot_protect_self", legend_size=Size.SMALL, inline=True),
            Field.textarea("care_act_reasons", rows=2),
            legend="Care Act questions: a screening, not a decision",
            legend_size=Size.MEDIUM,
        )

    def findings(self) -> TriageFindings:
        given = self.cleaned_data
        unknown = YesNoUnknown.UNKNOWN
        return TriageFindings(
            urgency=Urgency(given["urgency"]),
            urgency_reason=given["urgency_reason"],
            household_reviewed=given["household_reviewed"],
            is_no_one_else=given["is_no_one_else"],
            has_care_needs=YesNoUnknown(given["has_care_needs"] or unknown),
            is_at_risk=YesNoUnknown(given["is_at_risk"] or unknown),
            cannot_protect_self=YesNoUnknown(given["cannot_protect_self"] or unknown),
            care_act_reasons=given["care_act_reasons"],
            adjustments=YesNoUnknown(given["adjustments"]),
            adjustments_detail=given["adjustments_detail"],
            enforcement=YesNoUnknown(given["enforcement"]),
            enforcement_plan=given["enforcement_plan"],
            risks={row.pk: (given[f"risk_{row.handle}"], given[f"risk_reason_{row.handle}"]) for row in self.people},
            thoughts={
                row.pk: (given[f"thought_{row.handle}"] or unknown, given[f"thought_reason_{row.handle}"])
                for row in self.others
            },
            abuse_codes=(*given.get("child_abuse", ()), *given.get("adult_abuse", ())),
        )


class ReviewForm(CaseForm):
    outcome = radios("Has the risk changed?", choices_of(ReviewOutcome), required="Choose whether the risk has changed")
    findings = Words(label="What did you find, and what has changed?", is_long=True)
    is_decision_revisited = radios(
        "Does the decision about sharing have to be looked at again?",
        [
            Choice("yes", "Yes", hint="A concern kept under review goes back to being considered."),
            Choice("no", "No"),
        ],
        required="Choose whether the decision has to be looked at again",
    )
    next_date = DayField(label="When is the next review?")

    def __init__(self, data: Any = None, *, latest: date, **kwargs: Any) -> None:
        self.latest = latest
        super().__init__(data, **kwargs)

    def prepare(self) -> None:
        day = self.latest
        self.fields["next_date"].initial = day
        self.fields["next_date"].help_text = f"On or before {day.day} {day:%B %Y}, because of the level of risk."

    def parts(self) -> list[Any]:
        return [
            Field.radios("outcome", legend_size=Size.MEDIUM),
            Field.textarea("findings", label_size=Size.MEDIUM, rows=6),
            Field.radios("is_decision_revisited", legend_size=Size.MEDIUM),
            Field("next_date", context={"legend_size": "m"}),
        ]

    def clean_next_date(self) -> date:
        day: date | None = self.cleaned_data["next_date"]
        if day is None:
            raise forms.ValidationError("Enter the day of the next review")
        return day

    def found(self) -> ReviewFindings:
        given = self.cleaned_data
        return ReviewFindings(
            outcome=ReviewOutcome(given["outcome"]),
            findings=given["findings"],
            is_decision_revisited=given["is_decision_revisited"] == "yes",
            next_date=given["next_date"],
        )
