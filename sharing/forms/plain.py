"""Forms about signing, versions, referrals, agencies and exports."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.html import escape

from safeguarding.kit.clock import now
from sharing.documents import TakingOut
from sharing.forms.base import Day, Many, MomentField, One, PlainForm, Text, TimeField, Words, clock_words, layout_of
from sharing.models import Agency, Export
from sharing.telling import Asked, Told
from sharing.vocabulary import (
    RECORDABLE_OUTCOMES,
    AgencyKind,
    ReceiptStep,
    SharingMethod,
    SupersessionReason,
    ToldAfter,
    YesNo,
)


class NewVersionForm(PlainForm):
    reason = One("Why is it decided again?", SupersessionReason.choices)
    words = Text("Say what has changed.", "This stays on both versions.")


class WithdrawForm(PlainForm):
    reason = Text("Why is this draft withdrawn?", "It is kept, but nobody is shown it again.")


class SecondViewForm(PlainForm):
    view = One("Do you agree with this decision?", [("agree", "Yes, I agree"), ("refuse", "No, I do not agree")])
    comment = Text("Your reasons", "Needed if you do not agree.")


class SentForm(PlainForm):
    """How a referral went."""

    method = One("How was it sent?", SharingMethod.choices)
    sent_at = MomentField(label="On which day?")
    sent_at_time = TimeField(label="At what time?")
    received_by = Words(label="Who took it at the agency?", help_text="A name or a desk, if you know it.", limit=150)
    insecure_reason = Text("If by ordinary email: why could no secure way be used?")

    def prepare(self) -> None:
        """Of everybody it is about: do they know what went, and to whom (R99)?"""
        for person in self.context["people"]:
            # crispy-forms-gds prints labels and legends as they stand: a name must be made safe here.
            told, name = f"told_{person.key}", escape(person.name)
            self.fields[told] = One(f"Does {name} know what went, and to whom?", ToldAfter.choices, _help_on(person))
            self.fields[f"{told}_on"] = Day(f"When was {name} told, or by when will they be?")
            self.fields[f"{told}_words"] = Text(
                f"How was {name} told and by whom, or why not?", "Needed if they were told, or if it is not safe."
            )
            self.initial = {
                **self.initial,
                told: person.known.answer,
                f"{told}_on": person.known.on,
                f"{told}_words": person.known.words,
            }

    def _layout(self) -> list[Any]:
        told = [f"told_{person.key}" for person in self.context["people"]]
        shown_when = {"insecure_reason": "method=ordinary_email"}
        for name in told:
            shown_when |= {f"{name}_on": f"{name}=yes later", f"{name}_words": f"{name}=yes later unsafe"}
        headings = dict.fromkeys(told[:1], "Telling the people it is about")
        return layout_of(self.fields, headings, shown_when)

    def told(self) -> dict[str, Told]:
        """Who was told, by the key of the person. Call after `is_valid`."""
        given = self.cleaned_data
        return {
            each.key: Told(
                given[f"told_{each.key}"],
                given[f"told_{each.key}_on"] if given[f"told_{each.key}"] != ToldAfter.UNSAFE else None,
                given[f"told_{each.key}_words"],
            )
            for each in self.context["people"]
        }


def _help_on(person: Asked) -> str:
    words = "Think first: could somebody be harmed if they know? If you leave this open, you get a task to tell them."
    return f"For a child: the child or a parent, whichever is safe. {words}" if person.is_child else words


class FinishForm(PlainForm):
    """What became of a promise; of one to tell somebody, also that it is not safe (R99)."""

    answer = One("Have they been told?", [("told", "Yes"), ("unsafe", ToldAfter.UNSAFE.label)])
    words = Text("What was done?")

    def prepare(self) -> None:
        if self.context["is_telling"]:
            self.fields["words"].label = "How were they told and by whom, or why is it not safe?"
        else:
            del self.fields["answer"]


class DirectCallForm(PlainForm):
    """R32, R38, R39: what, who to, why urgent. Nothing that is typed here, or left out, is ever refused."""

    agency = One("Who did you tell?", [], "Choose from our directory, or write the name below.", is_long=True)
    agency_name = Words(label="Who it was, if they are not in the list", limit=200)
    what_was_said = Text("What did you tell them?")
    why_urgent = Text("Why could it not wait?")
    told_at = MomentField(label="On which day?")
    told_at_time = TimeField(label="At what time?")
    method = One("How did you tell them?", SharingMethod.choices)
    spoken_to = Words(label="Who did you speak to?", limit=150)
    is_about_child = One("Is it about a child or an unborn child?", YesNo.choices)
    agency_kind = One("What kind of agency is it?", AgencyKind.choices, "If it is not in the list.", is_long=True)
    agency_reference = Words(label="Reference they gave you, if any", limit=80)
    headings = {"told_at": "When it was, if not now", "method": "More, if you have time"}
    shown_when = {"agency_name": "agency=", "agency_kind": "agency="}

    def prepare(self) -> None:
        field = self.fields["agency"]
        assert isinstance(field, One)  # noqa: S101 (declared above)
        field.choices = [("", "Not in the list"), *self.context["agencies"]]

    def typed(self, name: str) -> str:
        """What was sent for `name`, as it was: also where it could not be understood."""
        parts = [self.data.get(name, ""), *(self.data.get(f"{name}_{part}", "") for part in (0, 1, 2))]
        return " ".join(part.strip() for part in parts if part.strip())


class WordForm(PlainForm):
    """What an agency said."""

    who = Words(label="Who at the agency said so?", limit=150)
    happened_at = MomentField(label="On which day?")
    happened_at_time = TimeField(label="At what time?")
    words = Text("What did they say?")


class AcknowledgedForm(WordForm):
    agency_reference = Words(label="The agency’s reference", help_text="If they gave one.", limit=80)


class OutcomeForm(WordForm):
    outcome = One("What did the agency report?", [(o.value, o.label) for o in RECORDABLE_OUTCOMES], is_long=True)
    field_order = ("outcome", "who", "happened_at", "happened_at_time", "words")


class WordsForm(PlainForm):
    """One answer in words; `context["label"]` is the question."""

    words = Text("")

    def prepare(self) -> None:
        self.fields["words"].label = self.context["label"]
        self.fields["words"].help_text = self.context.get("help_text", "")


class EscalateForm(WordForm):
    """R122: to which stage, with whom there, and what they said."""

    stage = One("To which stage do you take it?", [], "One stage after the other, unless somebody is at risk now.")
    skip_reason = Text("If you leave out a stage: what is the risk now?")
    field_order = ("stage", "who", "happened_at", "happened_at_time", "words", "skip_reason")

    def prepare(self) -> None:
        field = self.fields["stage"]
        assert isinstance(field, One)  # noqa: S101 (declared above)
        field.choices = [(str(value), f"{value}. {label}") for value, label in self.context["stages"]]


class ReceiptForm(PlainForm):
    """R97, R98: "sent" alone never satisfies."""

    steps = Many("What have you checked?", ReceiptStep.choices)
    on = Day("When did you check?")
    who = Words(label="With whom at the agency?", limit=150)
    how = Words(label="How?", help_text="For example, by phone.", limit=200)
    words = Text("What did they say?", "For example, what they did about it.")

    def prepare(self) -> None:
        field = self.fields["steps"]
        assert isinstance(field, Many)  # noqa: S101 (declared above)
        field.choices = [each for each in ReceiptStep.choices if each[0] not in self.context["done"]]


class AgencyForm(PlainForm):
    kind = One("Kind of agency", AgencyKind.choices, is_long=True)
    name = Words(label="Name", limit=150)
    local_authority = Words(label="Local authority area", help_text="Leave it open for a national agency.", limit=120)
    phone = Words(label="Phone", limit=40)
    out_of_hours_phone = Words(label="Phone out of hours", limit=40)
    secure_email = Words(label="Secure email address", limit=254)
    portal_url = Words(label="Address of the portal", limit=200)
    post_address = Text("Postal address")
    usual_method = One("Usual way of sending", SharingMethod.choices)
    notes = Text("Notes", "No names of people this is about.")
    verified_on = Day("When was the contact checked?")
    verified_how = Words(label="How was it checked?", limit=200)
    is_in_use = One("Is it in use?", YesNo.choices)
    headings = {"verified_on": "Checking the contact"}

    @staticmethod
    def answers_of(agency: Agency) -> dict[str, object]:
        """The form as it stands for `agency`."""
        names = [name for name in AgencyForm.base_fields if name != "is_in_use"]
        return {**{name: getattr(agency, name) for name in names}, "is_in_use": "yes" if agency.is_in_use else "no"}


class ExportOneForm(PlainForm):
    """Why it is taken out, for whom, and who is named in it. `context["may_name"]`: whether that is asked."""

    recipient = Words(
        label="Who is it for?",
        help_text="A person and where they work. Printed at the foot of every page.",
        limit=Export.LONGEST_RECIPIENT,
    )
    reason = Text("What is this export for?", "Your reason is printed and kept with the record of this export.")
    naming = One(
        "Should people who are not at risk be named?",
        [("masked", "No, mask them"), ("named", "Yes, the reader needs to know")],
    )
    naming_reason = Text("If yes: why does the reader need these names?")
    shown_when = {"naming_reason": "naming=named"}

    def prepare(self) -> None:
        self.initial.setdefault("naming", "masked")
        if not self.context.get("may_name"):
            del self.fields["naming"], self.fields["naming_reason"]

    @property
    def taking(self) -> TakingOut:
        given = self.cleaned_data
        is_masked = given.get("naming", "masked") != "named"
        return TakingOut(
            reason=given["reason"],
            recipient=given["recipient"],
            is_masked=is_masked,
            naming_reason="" if is_masked else given.get("naming_reason", ""),
        )


class VerifyForm(PlainForm):
    file = forms.FileField(
        label="Choose the PDF",
        help_text="At most 50 MB. It is looked at and not kept.",
        allow_empty_file=True,
        error_messages={"required": "Choose a PDF.", "invalid": "Choose a PDF."},
    )


def this_moment(name: str) -> dict[str, object]:
    """Initial answers "now" for a day and its clock time."""
    local = timezone.localtime(now())
    return {name: local.date(), f"{name}_time": clock_words(local)}
