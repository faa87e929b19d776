"""The pages about people: who, how old, where, which kinds of abuse, and which staff (R17, R18, R24, R41)."""

from __future__ import annotations

from typing import Any

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.layout import HTML, Field, Fieldset, Fixed, Size
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from concerns import rules
from concerns.forms.abuse_hints import ABUSE_HINTS
from concerns.forms.fields import DayField, Words
from concerns.forms.raising_page import PageForm, choices_of, radios
from concerns.vocabulary import AdultAbuse, ChildAbuse, Implicated, LifeStage, PersonRole

STAFF_REQUIRED = "Choose whether somebody who works for us might be a cause of this"
ONLY_TICKED = "Only somebody you tick is kept out."
OLDEST_PERSON = 120


class PeopleForm(PageForm):
    asks = {"more": "Who it is about"}
    more = radios("", [], required="Choose one of the answers")

    def prepare(self) -> None:
        more = self.choice("more")
        if self.number_of_people:
            more.label = "Is there anyone else?"
            more.help_text = (
                "Think of everyone in the home, children above all, and of whoever may be the source of risk."
            )
            more.choices = [
                Choice("add", "Yes, add another person"),
                Choice("no", "No, that is everyone I know of"),
            ]
            more.error_messages["required"] = "Choose whether there is anyone else"
        else:
            more.label = "Do you know who this is about?"
            more.choices = [
                Choice("add", "Yes", hint="A name, or what they look like, or only an address"),
                Choice("unknown", "I don't know who"),
            ]
            more.error_messages["required"] = "Choose whether you know who this is about"

    def parts(self) -> list[Any]:
        return [Field.radios("more", legend_size=Size.MEDIUM)]


ROLE_HINTS = {
    PersonRole.AT_RISK.value: "Somebody who is being harmed or may be",
    PersonRole.SOURCE_OF_RISK.value: "Somebody who may be harming them",
    PersonRole.HOUSEHOLD.value: "Lives in the same home",
    PersonRole.NETWORK.value: "A relative, friend or neighbour",
}


class PersonForm(PageForm):
    asks = {"name": "Name", "description": "Description", "role": "Their part in this"}
    name = Words(label="Name", limit=200, help_text="As much as you know. A first name or nickname will do.")
    description = Words(
        label="If you don't know the name, how could we recognise them?",
        limit=300,
        help_text="For example, “woman of about 30 with a pushchair, lives on the top floor”.",
    )
    role = radios("What is their part in this?", choices_of(PersonRole, ROLE_HINTS), help_text="Choose the closest.")

    def parts(self) -> list[Any]:
        return [
            Field.text("name", label_size=Size.SMALL),
            Field.text("description", label_size=Size.SMALL),
            Field.radios("role", legend_size=Size.MEDIUM),
        ]


class AgeForm(PageForm):
    """How old a person is (R24). Answers that contradict each other are said so, in the person's own numbers."""

    asks = {
        "stage": "Child or adult",
        "born": "Date of birth",
        "estimated_age": "Age, roughly",
        "expected": "Baby is due",
    }
    stage = radios("Is this person a child or an adult?", choices_of(LifeStage))
    born = DayField(label="Date of birth, if you know it", help_text="For example, 27 3 1985")
    estimated_age = forms.IntegerField(
        label="If you don't know it, roughly how old are they?",
        required=False,
        min_value=0,
        max_value=OLDEST_PERSON,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "invalid": "Enter the age in whole years, for example 34",
            "min_value": "Enter an age from 0 to 120",
            "max_value": "Enter an age from 0 to 120",
        },
    )
    expected = DayField(label="If unborn, when is the baby due?", help_text="For example, 27 3 2027")

    def parts(self) -> list[Any]:
        return [
            Field.radios("stage", legend_size=Size.MEDIUM),
            Field("born", context={"legend_size": Size.for_legend("s")}),
            Field.text("estimated_age", field_width=Fixed.THREE, label_size=Size.SMALL),
            Field("expected", context={"legend_size": Size.for_legend("s")}),
        ]

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        today = timezone.localdate(self.at)
        stage, born, guess, expected = (found.get(name) for name in ("stage", "born", "estimated_age", "expected"))
        if born is not None and born > today:
            self.add_error(
                "born", "This date of birth is in the future. Choose “Unborn child” if they are not yet born"
            )
            return found
        if stage == LifeStage.UNBORN and (born or guess is not None):
            self.add_error("stage", "You chose “Unborn child” and also gave a date of birth or an age. Take one out")
            return found
        if expected and stage not in (LifeStage.UNBORN, "", None):
            self.add_error("expected", "You gave the day a baby is due. Choose “Unborn child”, or take the day out")
            return found
        age = rules.age_on(born, today) if born else guess
        if age is None:
            return found
        if born and guess is not None and abs(guess - age) > 1:
            self.add_error("estimated_age", f"By the date of birth this person is {age}. Take the other age out")
        if (stage == LifeStage.CHILD and age >= rules.ADULT_AT) or (stage == LifeStage.ADULT and age < rules.ADULT_AT):
            chosen = LifeStage(stage).label
            self.add_error("stage", f"You chose “{chosen}” but the age you gave is {age}. Change one of them")
        return found


class ContactForm(PageForm):
    asks = {
        "address": "Address",
        "tenancy_ref": "Tenancy reference",
        "phone": "Phone",
        "relationship": "Relationship",
        "safe_contact": "Safe ways to make contact",
        "unsafe_contact": "Do not contact by",
    }
    address = Words(
        label="Address", is_long=True, help_text="Where they live or can be found. A block or street will do."
    )
    tenancy_ref = Words(label="Tenancy reference", limit=40)
    phone = Words(label="Phone", limit=40)
    relationship = Words(
        label="What is their relationship to the person at risk or to the home?",
        limit=120,
        help_text="For example, “son”, “tenant” or “carer, comes daily”.",
    )
    safe_contact = Words(
        label="What is a safe way, place and time to make contact?",
        is_long=True,
        help_text="For example, “only her mobile, weekdays before 3pm”.",
    )
    unsafe_contact = Words(
        label="How must we not make contact?",
        is_long=True,
        help_text="For example, “no letters: he opens her post”.",
    )

    def parts(self) -> list[Any]:
        return [
            Field.textarea("address", rows=3),
            Field.text("tenancy_ref", field_width=Fixed.TEN),
            Field.text("phone", field_width=Fixed.TWENTY),
            Field.text("relationship"),
            Fieldset(
                Field.textarea("safe_contact", rows=2),
                Field.textarea("unsafe_contact", rows=2),
                legend="Staying safe",
                legend_size=Size.MEDIUM,
            ),
        ]


class KindsForm(PageForm):
    """V1 for children, V2 for adults, both when the age is not known (R17, R18, R24). Never required (R2)."""

    asks = {"child": "Kinds of abuse: child", "adult": "Kinds of abuse: adult", "other_abuse": "Other kind"}
    child = forms.MultipleChoiceField(
        label="Child",
        choices=choices_of(ChildAbuse, ABUSE_HINTS),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    adult = forms.MultipleChoiceField(
        label="Adult",
        choices=choices_of(AdultAbuse, ABUSE_HINTS),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    other_abuse = Words(label="If you chose Other, describe it", limit=200)

    @property
    def lists(self) -> list[str]:
        """Which of the two lists fit the people at risk; both as long as somebody's age is not known."""
        shown = {
            LifeStage.CHILD: {"child"},
            LifeStage.UNBORN: {"child"},
            LifeStage.ADULT: {"adult"},
            LifeStage.UNKNOWN: {"child", "adult"},
        }
        wanted = set().union(*(shown[stage] for stage in self.stages)) or {"child", "adult"}
        return [name for name in ("child", "adult") if name in wanted]

    def parts(self) -> list[Any]:
        size = Size.MEDIUM
        return [*(Field.checkboxes(name, legend_size=size) for name in self.lists), Field.text("other_abuse")]

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        # A list that does not fit any more stays in the draft, but is not sent.
        for name in {"child", "adult"} - set(self.lists):
            found[name] = []
        chosen = [*found.get("child", []), *found.get("adult", [])]
        is_other = ChildAbuse.OTHER.value in chosen or AdultAbuse.OTHER.value in chosen
        if is_other and not found.get("other_abuse"):
            self.add_error("other_abuse", "Describe the other kind in a few words, or take the tick off “Other”")
        if found.get("other_abuse") and not is_other and "other_abuse" not in self.errors:
            self.add_error("other_abuse", "You described another kind of abuse. Tick “Other” as well, or take it out")
        return found


class StaffForm(PageForm):
    asks = {"implicated": "Is a member of staff implicated?"}
    implicated = radios(
        "Might somebody who works for us be a cause of this?",
        [],
        required=STAFF_REQUIRED,
        help_text="That is a member of staff, a contractor, an agency worker or a volunteer. "
        "Whoever you name is not told and cannot see this concern.",
    )

    def prepare(self) -> None:
        manager = self.by.line_manager
        implicated = self.choice("implicated")
        hints = {Implicated.MANAGER.value: manager.full_name if manager else "We have nobody on record as your manager"}
        implicated.choices = choices_of(Implicated, hints)

    def parts(self) -> list[Any]:
        return [Field.radios("implicated", legend_size=Size.LARGE, legend_tag="h1")]

    def clean_implicated(self) -> str:
        answer = str(self.cleaned_data["implicated"])
        if answer == Implicated.MANAGER and self.by.line_manager is None:
            raise ValidationError(
                "We have nobody on record as your manager. "
                "Choose “another member of staff”, then find your manager by name"
            )
        return answer


class StaffWhoForm(PageForm):
    """Picking staff by name or team without JavaScript: search, tick, continue. The search is never in the address.

    Only who is ticked is kept out (R41). A name that was typed into the search alone is asked about again, and kept
    among the words if they send the concern all the same.
    """

    asks = {"staff_ids": "Staff you named", "implicated_words": "Who it is, in your words"}
    says_if_empty = {"staff_ids": "You named nobody from the list, so nobody is kept out as a cause of this"}
    search = Words(
        label="Find a person",
        limit=100,
        help_text="Type part of a name, job, firm or team. People who have left are found too.",
    )
    staff_ids = forms.MultipleChoiceField(
        label="Tick whoever may be a cause of this",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": "One of the people you ticked is not in our list. Describe them below"},
    )
    implicated_words = Words(
        label="Say who it is and what they may have done",
        is_long=True,
        help_text="If you can't find them above, say what you know: a first name, a firm, a van, when they came.",
    )

    def prepare(self) -> None:
        self.choice("staff_ids").choices = [Choice(str(member.id), member.label) for member in self.staff]

    def parts(self) -> list[Any]:
        find = HTML(
            '<button type="submit" name="then" value="search" class="govuk-button govuk-button--secondary">'
            "Search</button>"
        )
        found = [Field.checkboxes("staff_ids", legend_size=Size.SMALL)] if self.staff else []
        return [
            Field.text("search", field_width=Fixed.TWENTY, label_size=Size.SMALL),
            find,
            *found,
            Field.textarea("implicated_words", rows=4, label_size=Size.SMALL),
        ]

    @property
    def is_only_searched(self) -> bool:
        """A name stands in the search, but nobody is ticked and nothing is written."""
        return bool(self._typed("search")) and not (self._typed("staff_ids") or self._typed("implicated_words"))

    def _typed(self, name: str) -> Any:
        value = self[name].value()
        return value.strip() if isinstance(value, str) else value

    def given(self, name: str) -> Any:
        return super().given("search" if name == "implicated_words" and self.is_only_searched else name)

    def may_go_on(self) -> bool:
        if super().may_go_on() and self.is_only_searched:
            if self.staff:
                self.add_error("staff_ids", f"Tick the person, or write what you know below. {ONLY_TICKED}")
            else:
                self.add_error("implicated_words", f"Write what you know here. {ONLY_TICKED}")
        return self.is_valid()

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        if self.is_only_searched:
            found["implicated_words"] = found.get("search", "")
        return found
