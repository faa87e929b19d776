"""Forms about other people: their details, what they are appointed to, and why."""

from __future__ import annotations

from typing import Any, cast

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.helper import FormHelper
from crispy_forms_gds.layout import Field, Layout, Size
from django import forms

from accounts.models import ServiceArea, User
from accounts.permissions import can_appoint_champions, can_manage_people, posts_agree
from accounts.selectors import standing
from accounts.services import PersonDetails
from accounts.vocabulary import CHAMPION, Employment, Post, Role
from safeguarding.kit.errors import Refusal, Unsound
from safeguarding.kit.layout import AskedWhen

LONGEST_REASON = 2000
HINTS = {
    Role.SAFEGUARDING_LEAD: "Reads every concern and decides",
    Role.DEPUTY_LEAD: "The same, when the lead is away or named in a concern",
    Role.OPERATIONAL_LEAD: "Reads every concern and releases the quarterly report",
    Role.DESIGNATED_SENIOR_MANAGER: "Gets a concern when no lead may have it",
    Role.SENIOR_MANAGER: "Reads the released quarterly report",
    Role.CHIEF_EXECUTIVE: "Reads the released quarterly report. Gets a concern when nobody else may have it",
    Role.IG_LEAD: "Reads signed decisions and the record of who looked at what",
    Role.AUDITOR: "Reads and exports signed decisions and the record of who looked at what",
    Role.ADMINISTRATOR: "Keeps people and settings. Reads no concern",
}


class PlainForm(forms.Form):
    """What these forms share: the page writes <form> itself, and a service's refusal is shown at its field."""

    def set_layout(self, *parts: Any) -> None:
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(*parts)

    def show(self, refusal: Refusal) -> None:
        problems = refusal.problems if isinstance(refusal, Unsound) else {}
        if not problems:
            self.add_error(None, refusal.sentence)
        for name, sentences in problems.items():
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, sentence)


def _text(label: str, *, limit: int, required: str = "", hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=bool(required),
        max_length=limit,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": required, "max_length": f"Enter {limit} characters or fewer."},
    )


def _reason(label: str, *, hint: str, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"autocomplete": "off"}),
        error_messages={"required": "Say why.", "max_length": f"Enter {LONGEST_REASON} characters or fewer."},
    )


class PersonForm(PlainForm):
    """A person's details. The e-mail address is asked for once: people are known by it."""

    email = _text(
        "Work e-mail address",
        limit=254,
        required="Enter an e-mail address, like name@example.org.",
        hint="They sign in with it. It cannot be changed later.",
    )
    full_name = _text("Full name", limit=150, required="Enter the person's name.")
    job_title = _text("Job title (optional)", limit=120)
    phone = _text("Work phone (optional)", limit=30)
    employment = forms.ChoiceField(
        label="How do they work here?",
        choices=Employment.choices,
        widget=forms.RadioSelect,
        initial=Employment.EMPLOYEE,
        error_messages={"required": "Choose how they work here.", "invalid_choice": "Choose one of these."},
    )
    firm = _text("If they work for a contractor: which firm?", limit=120)
    service_area = forms.ModelChoiceField(
        label="Service area (optional)",
        queryset=ServiceArea.objects.all(),
        required=False,
        empty_label="None",
        error_messages={"invalid_choice": "Choose one of the service areas."},
    )
    line_manager = forms.ModelChoiceField(
        label="Line manager (optional)",
        help_text="Gets this person's concerns first. For a contractor's worker: the contract manager.",
        queryset=User.objects.none(),
        required=False,
        empty_label="Nobody",
        error_messages={"invalid_choice": "Choose somebody who works here."},
    )

    def __init__(self, data: Any = None, *, person: User | None = None) -> None:
        initial = None if person is None else {**vars(PersonDetails.of(person)), "email": person.email}
        super().__init__(data, initial=initial)
        managers = cast("forms.ModelChoiceField[User]", self.fields["line_manager"])
        managers.queryset = User.objects.filter(is_active=True).exclude(pk__in=[person.pk] if person else [])
        names = ["full_name", "job_title", "phone"]
        if person is None:
            names.insert(0, "email")
        else:
            del self.fields["email"]
        self.set_layout(
            *(Field.text(name, label_size=Size.SMALL) for name in names),
            Field.radios("employment", legend_size=Size.SMALL),
            AskedWhen("employment=contractor", Field.text("firm", label_size=Size.SMALL)),
            Field.select("service_area", label_size=Size.SMALL),
            Field.select("line_manager", label_size=Size.SMALL),
        )

    def details(self) -> PersonDetails:
        answers = {name: value for name, value in self.cleaned_data.items() if name != "email"}
        if answers["employment"] != Employment.CONTRACTOR:
            answers["firm"] = ""
        return PersonDetails(**answers)


class ReasonForm(PlainForm):
    """Why something is done to somebody's account. The words go into the ledger as a digest only."""

    reason = _reason("Why?", hint="For example: left on 31 March. Write nothing about a concern here.")

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.set_layout(Field.textarea("reason", label_size=Size.MEDIUM, rows=3))


class GivePostForm(PlainForm):
    """What the viewer may give or propose to this person."""

    post = forms.ChoiceField(
        label="Which role?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a role.", "invalid_choice": "Choose one of the roles."},
    )
    area = forms.ModelChoiceField(
        label="Champion of which service area?",
        queryset=ServiceArea.objects.all(),
        required=False,
        empty_label="Choose a service area",
        error_messages={"invalid_choice": "Choose one of the service areas."},
    )
    reason = _reason(
        "If it takes two people: why?",
        hint="The second person reads this. Write nothing about a concern here.",
        required=False,
    )

    def __init__(self, data: Any = None, *, viewer: User, person: User) -> None:
        super().__init__(data)
        held = standing(person)
        direct = {CHAMPION} if can_appoint_champions(viewer) else set()
        choices: list[Choice] = []
        if can_manage_people(viewer):
            for role in Role:
                if not held.has(role) and posts_agree(held, role):
                    words = [HINTS[role], "Takes two people" if role.value in Post.values else ""]
                    choices.append(Choice(role.value, role.label, hint=". ".join(filter(None, words))))
            direct |= {role.value for role in Role if role.value not in Post.values}
        champion = "Reads the concerns of one service area" + ("" if CHAMPION in direct else ". Takes two people")
        if posts_agree(held, CHAMPION):
            choices.append(Choice(CHAMPION, Post.CHAMPION.label, hint=champion))
        self.direct = direct
        cast("forms.ChoiceField", self.fields["post"]).choices = choices
        two = " ".join(value for value in (choice.value for choice in choices) if value not in direct)
        self.set_layout(
            Field.radios("post", legend_size=Size.MEDIUM),
            AskedWhen(f"post={CHAMPION}", Field.select("area", label_size=Size.MEDIUM)),
            *([AskedWhen(f"post={two}", Field.textarea("reason", label_size=Size.MEDIUM, rows=3))] if two else []),
        )
        if not two:
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or {}
        if answers.get("post") == CHAMPION and answers.get("area") is None and "area" not in self.errors:
            self.add_error("area", "Choose the service area.")
        if answers.get("post") and not self.takes_one() and not answers.get("reason", "").strip():
            self.add_error("reason", "Say why. The second person reads it.")
        return answers

    def takes_one(self) -> bool:
        """Whether the viewer may give what was chosen without a second person."""
        return self.cleaned_data.get("post") in self.direct


class ViewPostForm(PlainForm):
    view = forms.ChoiceField(
        label="Do you agree?",
        choices=[Choice("agree", "Yes, give it to them"), Choice("refuse", "No", hint="Say why below.")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether you agree.", "invalid_choice": "Choose one of these."},
    )
    words = _reason("Your view", hint="Needed when you do not agree.", required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.set_layout(
            Field.radios("view", legend_size=Size.MEDIUM), Field.textarea("words", label_size=Size.MEDIUM, rows=3)
        )
