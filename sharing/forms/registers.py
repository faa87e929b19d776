"""Forms about the registers: sharing agreements (R59) and enquiries caused to us (R108)."""

from __future__ import annotations

from typing import Any

from concerns.forms.files import FilesField
from sharing.forms.base import Day, One, PlainForm, Text, Words
from sharing.vocabulary import EnquiryAsker, EnquiryOutcome

DOCUMENT = "A PDF, Word or Excel document, or plain text, up to 20 MB. Not a photo. All staff can open it."


def _offer(form: PlainForm, name: str, choices: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, One)  # noqa: S101 (declared as one)
    field.choices = [("", "Choose one"), *choices]


class AgreementForm(PlainForm):
    """One version of an agreement. With `context["is_new_version"]`, what is new is asked too."""

    change_words = Text("What is new in this version?")
    name = Words(label="Name of the agreement", limit=200)
    version = Words(label="Version", help_text="As the document has it, for example 2.1, June 2026.", limit=60)
    parties = Text("Who has agreed?", "One on each line.")
    review_date = Day("When is it looked at again?")
    upload = FilesField("Add the document", most=1, help_text=DOCUMENT, is_required=False)
    document = Words(
        label="Where is the document kept?",
        help_text="A reference or an address, so that it can be found. You can leave this empty if you add it here.",
        limit=300,
    )
    owner = One("Who looks after it?", [], is_long=True)

    def prepare(self) -> None:
        _offer(self, "owner", [(str(user.pk), str(user)) for user in self.context["owners"]])
        if not self.context["is_new_version"]:
            del self.fields["change_words"]


class AgreementFileForm(PlainForm):
    """The document of a version that has none yet."""

    upload = FilesField("Add the document", most=1, help_text=DOCUMENT)


class RetireForm(PlainForm):
    reason = Text("Why is it retired?", "It is cited no more. Decisions that cite it keep doing so.")


class EnquiryForm(PlainForm):
    asked_as = One("Who asked?", EnquiryAsker.choices)
    agency = One("Which local authority?", [], "By law it is the one that causes an enquiry.", is_long=True)
    asked_by = Words(label="Who there asked?", help_text="Name and role.", limit=150)
    asked_on = Day("When did they ask?")
    agency_reference = Words(label="Their reference, if any", limit=80)
    scope = Text("What is the enquiry to find out?")
    terms = Text(
        "Which terms did they set?", "For example, whom to speak to and whom not. Write “none” if there are none."
    )
    lead = One("Who leads it here?", [], "Nobody who has a part in the matter is offered.", is_long=True)
    due_date = Day("When is the report due?")
    headings = {"asked_as": "Who asked", "scope": "What they asked", "lead": "Our part"}

    def prepare(self) -> None:
        _offer(self, "agency", [(agency.ref, str(agency)) for agency in self.context["agencies"]])
        _offer(self, "lead", [(str(user.pk), str(user)) for user in self.context["leads"]])


class EnquiryStepForm(PlainForm):
    """One step of an enquiry; `context["asks"]` names what it needs beside the day and the words."""

    outcome = One("What does the local authority report?", EnquiryOutcome.choices)
    lead = One("Who leads it now?", [], "Nobody who has a part in the matter is offered.", is_long=True)
    due_date = Day("When is the report due now?")
    on = Day("On which day was it?")
    who = Words(label="Who at the local authority?", limit=150)
    words = Text("What was said or done?")

    def prepare(self) -> None:
        for name in ("outcome", "lead", "due_date", "who"):
            if name not in self.context["asks"]:
                del self.fields[name]
        if "lead" in self.fields:
            _offer(self, "lead", [(str(user.pk), str(user)) for user in self.context["leads"]])
            self.fields["words"].label = "Why does somebody else lead it?"


class EnquiryTaskForm(PlainForm):
    what = Text("What is to be done?")
    who = Words(label="Who does it?", limit=150)
    due_date = Day("By when?")
