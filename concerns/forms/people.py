"""The people in a concern: adding one, and changing what is known (R8, R14, R16, R24, R109, R115)."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.layout import Field, Fieldset, Fixed, Size
from django import forms
from django.utils import timezone

from concerns import rules
from concerns.forms.case import CHILD_OF_HOME, PUTS_DOWN, CaseForm, choices_of, radios
from concerns.forms.fields import DayField, Words
from concerns.intake import IntakePerson
from concerns.models import Involvement
from concerns.selectors.domestic import children_of_the_home, children_to_propose, is_domestic
from concerns.selectors.drafts import find_staff
from concerns.services.conflicts import KEPT_OUT_AS
from concerns.vocabulary import (
    LifeStage,
    OutcomesAchieved,
    OutcomesAsked,
    PersonRole,
    RiskLevel,
    RiskOutcome,
    YesNoUnknown,
)

OLDEST_PERSON = 120
NONE_OF_THESE = "none"


class PersonForm(CaseForm):
    """Who the person is and how to reach them; what is common to adding and changing."""

    name = Words(label="Name", limit=200, help_text="Leave it empty if nobody knows it.")
    description = Words(label="How they could be recognised", limit=300, help_text="If you do not know the name.")
    life_stage = radios(
        "Child or adult?",
        choices_of(LifeStage),
        help_text="Under 18 is a child, always. Until we know, we treat the person as a child.",
    )
    date_of_birth = DayField(label="Date of birth")
    relationship = Words(label="How do they belong here?", limit=120, help_text="For example: tenant, mother, visitor.")
    address = Words(label="Address", limit=1_000, is_long=True)
    tenancy_ref = Words(label="Tenancy reference", limit=40)
    phone = Words(label="Phone", limit=40)
    safe_contact = Words(
        label="Safe way, place and time to make contact",
        limit=2_000,
        is_long=True,
        help_text="Somebody at risk must not come to harm because we wrote, rang or called in.",
    )
    unsafe_contact = Words(
        label="Do not contact by", limit=2_000, is_long=True, help_text="For example: home phone, letters, the partner."
    )

    def prepare(self) -> None:
        self.fields["life_stage"].initial = LifeStage.UNKNOWN.value

    def who(self, *more: Any) -> Fieldset:
        return Fieldset(
            Field.text("name"),
            Field.text("description"),
            *more,
            Field.radios("life_stage", legend_size=Size.SMALL),
            Field("date_of_birth", context={"legend_size": "s"}),
            Field.text("relationship"),
            legend="Who it is",
            legend_size=Size.MEDIUM,
        )

    def contact(self, *more: Any) -> Fieldset:
        return Fieldset(
            Field.textarea("address", rows=3),
            Field.text("tenancy_ref", field_width=Fixed.TWENTY),
            Field.text("phone", field_width=Fixed.TWENTY),
            *more,
            Field.textarea("safe_contact", rows=3),
            Field.textarea("unsafe_contact", rows=3),
            legend="How to reach them, safely",
            legend_size=Size.MEDIUM,
        )

    def clean_date_of_birth(self) -> date | None:
        born: date | None = self.cleaned_data["date_of_birth"]
        today = timezone.localdate(self.at)
        if born is not None and born > today:
            raise forms.ValidationError("The date of birth can’t be in the future")
        if born is not None and rules.age_on(born, today) > OLDEST_PERSON:
            raise forms.ValidationError(f"Check the year: this would make them over {OLDEST_PERSON}")
        return born


class AddPersonForm(PersonForm):
    role = radios("What is their part in this?", choices_of(PersonRole), required="Choose what their part in this is")
    estimated_age = forms.IntegerField(
        label="Or their age, as a guess",
        required=False,
        min_value=0,
        max_value=OLDEST_PERSON,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "invalid": "Enter the age as a number, for example 42",
            "min_value": "Enter the age as a number, for example 42",
            "max_value": f"Enter an age of {OLDEST_PERSON} or less",
        },
    )
    expected_date = DayField(label="If unborn: the day the child is expected")
    staff_words = Words(
        label="If they work for us or with us, or used to: their name",
        limit=150,
        help_text="From then on they can’t open this concern or find it, also if they have left and come back. "
        "If they are at risk or a possible source of risk, it is restricted. The safeguarding leads are told.",
    )
    staff = radios("Which of these people is it?", [])

    def prepare(self) -> None:
        super().prepare()
        words = self.data.get("staff_words", "") if self.is_bound else ""
        found = find_staff(words, chosen=(), user=self.viewer) if words.strip() else ()
        options = [Choice(str(person.id), person.label) for person in found]
        self._is_asking = bool(words.strip())
        cast(forms.ChoiceField, self.fields["staff"]).choices = [
            *options,
            Choice(NONE_OF_THESE, "None of these" if options else "We found nobody of that name"),
        ]

    def parts(self) -> list[Any]:
        staff: list[Any] = [Field.text("staff_words")]
        if self._is_asking:
            staff.append(Field.radios("staff", legend_size=Size.SMALL))
        return [
            Field.radios("role", legend_size=Size.MEDIUM),
            self.who(
                Field.text("estimated_age", field_width=Fixed.TWO), Field("expected_date", context={"legend_size": "s"})
            ),
            Fieldset(*staff, legend="Do they work for or with us?", legend_size=Size.MEDIUM),
            self.contact(),
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        chosen = cleaned.get("staff", "")
        if cleaned.get("role") not in KEPT_OUT_AS:
            cleaned["staff"] = ""
            if cleaned.get("staff_words") and cleaned.get("role"):
                self.add_error(
                    "staff_words",
                    "Staff are linked as somebody at risk, a possible source of risk, household, wider network or "
                    "parent. Clear this",
                )
        elif cleaned.get("staff_words") and not chosen and "staff" not in self.errors:
            self.add_error("staff", "Choose which of these people it is")
        return cleaned

    def person(self) -> IntakePerson:
        """What was told about the person."""
        given = self.cleaned_data
        staff = given["staff"]
        return IntakePerson(
            name=given["name"],
            description=given["description"],
            role=PersonRole(given["role"]),
            stage=LifeStage(given["life_stage"] or LifeStage.UNKNOWN),
            date_of_birth=given["date_of_birth"],
            estimated_age=given["estimated_age"],
            expected_date=given["expected_date"],
            address=given["address"],
            tenancy_ref=given["tenancy_ref"],
            phone=given["phone"],
            relationship=given["relationship"],
            safe_contact=given["safe_contact"],
            unsafe_contact=given["unsafe_contact"],
            staff_id=int(staff) if staff and staff != NONE_OF_THESE else None,
        )


class ChangePersonForm(PersonForm):
    """What the holder knows by now. Someone at risk has views, a risk and outcomes; others are thought about."""

    language = Words(
        label="Language and what helps them communicate",
        limit=60,
        help_text="An interpreter is never somebody from the household.",
    )
    daily_life = Words(label="What is life like for this person, day to day?", is_long=True)
    views = Words(label="What does the person say and want?", is_long=True, help_text="In their own words if you can.")
    views_not_asked_reason = Words(label="If they were not asked, why not?", is_long=True)
    risk_level = radios("Level of risk to this person", choices_of(RiskLevel))
    risk_reason = Words(label="Why this level?", is_long=True)
    outcomes_asked = radios("Were they asked what outcome they want?", choices_of(OutcomesAsked))
    desired_outcomes = Words(label="What outcome do they want?", is_long=True)
    outcomes_achieved = radios("Was it achieved?", choices_of(OutcomesAchieved))
    risk_outcome = radios("What has become of the risk?", choices_of(RiskOutcome))
    is_thought_at_risk = radios("Could this person be at risk too?", choices_of(YesNoUnknown), help_text=PUTS_DOWN)
    thought_reason = Words(label="Why do you think so?", is_long=True)

    def __init__(self, data: Any = None, *, involvement: Involvement, **kwargs: Any) -> None:
        self.involvement = involvement
        known = {name: getattr(involvement.person, name, None) for name in self.base_fields}
        part = {name: getattr(involvement, name) for name in self.base_fields if hasattr(involvement, name)}
        super().__init__(data, initial={**known, **part}, **kwargs)

    def prepare(self) -> None:
        self._at_risk = self.involvement.role == PersonRole.AT_RISK
        asked = ("is_thought_at_risk", "thought_reason") if self._at_risk else (
            "daily_life", "views", "views_not_asked_reason", "risk_level", "risk_reason", "outcomes_asked",
            "desired_outcomes", "outcomes_achieved", "risk_outcome",
        )  # fmt: skip
        for name in asked:
            del self.fields[name]
        if not self._at_risk and is_domestic(self.concern):
            self._propose()

    def _propose(self) -> None:
        """R22: a child of a home with domestic abuse is proposed as somebody at risk, after triage as at triage."""
        of_home = children_of_the_home(self.concern)
        if self.involvement.pk in {row.pk for row in of_home}:
            self.fields["is_thought_at_risk"].help_text = CHILD_OF_HOME
        if self.involvement.pk in {row.pk for row in children_to_propose(of_home)}:
            self.initial["is_thought_at_risk"] = YesNoUnknown.YES.value

    def parts(self) -> list[Any]:
        who, contact = self.who(), self.contact(Field.text("language"))
        if not self._at_risk:
            thought = Fieldset(
                Field.radios("is_thought_at_risk", legend_size=Size.SMALL),
                Field.textarea("thought_reason", rows=3),
                legend="Think Family",
                legend_size=Size.MEDIUM,
            )
            return [who, thought, contact]
        return [
            Fieldset(
                Field.radios("risk_level", legend_size=Size.SMALL),
                Field.textarea("risk_reason", rows=3),
                legend="Risk",
                legend_size=Size.MEDIUM,
            ),
            Fieldset(
                Field.textarea("daily_life", rows=4),
                Field.textarea("views", rows=4),
                Field.textarea("views_not_asked_reason", rows=2),
                legend="Their life and their views",
                legend_size=Size.MEDIUM,
            ),
            Fieldset(
                Field.radios("outcomes_asked", legend_size=Size.SMALL),
                Field.textarea("desired_outcomes", rows=3),
                Field.radios("outcomes_achieved", legend_size=Size.SMALL),
                Field.radios("risk_outcome", legend_size=Size.SMALL),
                legend="What they want, and what became of it",
                legend_size=Size.MEDIUM,
            ),
            who,
            contact,
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if not cleaned.get("name") and not cleaned.get("description"):
            self.add_error("name", "Write a name, or how they could be recognised if you don’t know the name.")
        return cleaned

    def values(self) -> dict[str, object]:
        """The answers by field, for `services.update_person`. Nothing chosen leaves a list's answer as it was."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if value != "" or not isinstance(self.fields[name], forms.ChoiceField)
        }
