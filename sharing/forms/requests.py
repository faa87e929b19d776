"""Forms about requests for information that came to us (R102-R107)."""

from __future__ import annotations

from concerns.selectors.drafts import find_staff
from safeguarding.kit.errors import Unsound
from sharing.forms.base import Day, Many, MomentField, One, PlainForm, Text, TimeField, Words
from sharing.vocabulary import AboutStaff, ContactWay, RequestAnswer, RequestKind, YesNo


class StaffForm(PlainForm):
    """Picking by name whoever works here or did, without JavaScript: type, send, tick, again. `context["by"]` asks."""

    staff_words = Words(
        label="Who is it about?",
        help_text="Type part of a name, job, firm or team. You then choose from the people we find. People who "
        "have left are found too.",
        limit=100,
    )
    staff = Many("Which of these people is it about?", [])
    staff_reason = Text(
        "Why do you think that it is about them?", "Whoever answers the request reads this. The people you name do not."
    )
    # What to do where nobody is found.
    if_not_found = ""

    def prepare(self) -> None:
        field = self.fields["staff"]
        assert isinstance(field, Many)  # noqa: S101 (declared above)
        ticked = field.widget.value_from_datadict(self.data, self.files, "staff") if self.is_bound else []
        chosen = {int(value) for value in ticked if value.isdecimal() and len(value) < 19}
        words = self.data.get("staff_words", "") if self.is_bound else ""
        found = find_staff(words, chosen=chosen, user=self.context["by"]) if words.strip() or chosen else ()
        field.choices = [(str(person.id), person.label) for person in found]
        if not found:
            del self.fields["staff"]

    def staff_ids(self) -> tuple[int, ...]:
        """Who was ticked. Raises Unsound with what is still to be done. Call after `is_valid`."""
        if ticked := self.cleaned_data.get("staff"):
            return tuple(map(int, ticked))
        if "staff" in self.fields:
            field, sentence = "staff", "Tick whoever it is about."
        elif self.cleaned_data["staff_words"]:
            field = "staff_words"
            sentence = f"We found nobody of that name who works here or did. Try another spelling. {self.if_not_found}"
        else:
            field, sentence = "staff_words", "Enter the name of whoever it is about."
        raise Unsound(sentence, {field: [sentence]})


class NameStaffForm(StaffForm):
    """R41: found out later."""

    if_not_found = "Whoever is not in our list can’t open this request, so you need not name them."


class LiftNamingForm(PlainForm):
    """R41: naming somebody was a mistake."""

    naming = One("Which naming was a mistake?", [])
    reason = Text("Why was it a mistake?", "Everybody who answers the request reads this.")

    def prepare(self) -> None:
        field = self.fields["naming"]
        assert isinstance(field, One)  # noqa: S101 (declared above)
        field.choices = [
            (f"{naming.staff.pk}-{naming.named_by.pk}", f"{naming.staff}, named by {naming.named_by}")
            for naming in self.context["liftable"]
        ]

    def chosen(self) -> tuple[int, int] | None:
        """Who was named, and by whom, of the naming that was chosen; None without one. Call after `is_valid`."""
        if not (naming := self.cleaned_data["naming"]):
            return None
        staff_id, namer_id = naming.split("-")
        return int(staff_id), int(namer_id)


class LogRequestForm(StaffForm):
    kind = One("What kind of request is it?", RequestKind.choices, is_long=True)
    person = Words(label="Who asks?", help_text="The name they gave.", limit=150)
    claimed_role = Words(label="The role they say they have", limit=150)
    organisation = Words(label="Their organisation, if any", limit=200)
    contact = Words(label="How they say you can reach them", limit=200)
    received_at = MomentField(label="On which day did it come?")
    received_at_time = TimeField(label="At what time?")
    received_how = One("How did it come?", ContactWay.choices)
    asked = Text("What do they ask for?")
    about = Text("Who is it about?", "As they named the person.")
    is_about_staff = One(
        "Is it about somebody who works here?", AboutStaff.choices,
        "Say yes also for people of a firm that works for us, and for people who have left. Whoever you name is kept"
        " out of the request, and so is whoever they manage. It keeps nobody out of a concern.",
    )  # fmt: skip
    purpose = Text("What do they want it for?")
    legal_basis = Text("Which law did they quote?", "Write “none” if they quoted none.")
    is_compulsory = One(
        "Is it an order of a court, or has it another force of law?", YesNo.choices,
        "It then goes straight to the information governance lead.",
    )  # fmt: skip
    is_emergency = One("Is somebody in danger now?", YesNo.choices, "It must then be answered on the same day.")
    concern_ref = Words(label="Reference of our concern, if you know it", help_text="Like SC-7K3M-9QXP.", limit=16)
    headings = {"person": "Who asks", "received_at": "When and how", "asked": "What it is about"}
    shown_when = dict.fromkeys(("staff_words", "staff", "staff_reason"), "is_about_staff=yes")
    if_not_found = "If they are not in our list, choose “Yes, but they are not in our list”."
    field_order = (
        "kind", "person", "claimed_role", "organisation", "contact", "received_at", "received_at_time", "received_how",
        "asked", "about", "is_about_staff", "staff_words", "staff", "staff_reason",
    )  # fmt: skip

    def prepare(self) -> None:
        super().prepare()
        self.fields["staff_words"].label = "What is their name?"


class VerifyForm(PlainForm):
    number = Words(label="Which number did you call?", limit=40)
    how = Text(
        "Where is the number from, and whom did you reach?",
        "For example, the switchboard on the council’s own website, who put you through to the person.",
    )


class LinkForm(PlainForm):
    concern_ref = Words(label="Reference of the concern", help_text="Like SC-7K3M-9QXP.", limit=16)


class UnlinkForm(PlainForm):
    reason = Text(
        "Why is the request not about this concern?", "Your words stay on the concern, so name nobody from another one."
    )


class AnswerForm(PlainForm):
    answer = One("What is the answer?", [])
    words = Text("Why, or to whom they were sent", "Needed if you refuse, or send them to somebody else.")

    safeguarding_reason = Text(
        "What is the safeguarding reason?",
        "Answer this if your words speak of reputation, workload, rent, enforcement or data protection. If there is"
        " none, write so. A Safeguarding Lead must then agree before it counts.",
    )
    shown_when = {"safeguarding_reason": "answer=refuse neither"}

    def prepare(self) -> None:
        field = self.fields["answer"]
        assert isinstance(field, One)  # noqa: S101 (declared above)
        field.choices = [(answer.value, answer.label) for answer in self.context["answers"]]
        if self.context["answers"] == (RequestAnswer.NEITHER,):
            del self.fields["words"], self.fields["safeguarding_reason"]  # what was said stands on the page


class CountersignForm(PlainForm):
    """VR14."""

    is_agreed = One(
        "Do you agree with this refusal?", YesNo.choices, "If you do not, the request is still to be answered."
    )
    comment = Text("Why?", "Needed if you do not agree.")


class ToldForm(PlainForm):
    """Field 39."""

    on = Day("When was the person who asked told?")
    how = One("How were they told?", ContactWay.choices)
    reasons = Text("Which reasons did you give?")
    unsafe_reason = Text("Or: why is it unsafe to tell them?")
