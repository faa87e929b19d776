"""The pages over one row of a list: a fact, an opinion, an item, a recipient."""

from __future__ import annotations

from sharing.forms.base import Day, One, SectionForm, Text, Words
from sharing.rules import asked
from sharing.vocabulary import AgencyKind, ItemAnswer, ItemKind, YesNo


class FactForm(SectionForm):
    words = Text("What is the fact?")
    source = Words(label="Where does it come from?", help_text="Who saw or said it, or which record.")
    on = Day("What is its date?")


class OpinionForm(SectionForm):
    words = Text("What is the opinion?")
    whose = Words(label="Whose opinion is it?")
    evidence = Text("What does it rest on?")


class HolderForm(SectionForm):
    who = Words(label="Who may hold information?")
    asked = One("Were they asked?", YesNo.choices)
    note = Text("What did they say, or why were they not asked?")


class AdviceForm(SectionForm):
    who = Words(label="Who gave advice?")
    role = Words(label="What is their role?")
    organisation = Words(label="Which organisation?")
    without_names = One("Was it asked without saying who it is about?", YesNo.choices)
    on = Day("When?")
    words = Text("What did they advise?")


class MitigationForm(SectionForm):
    what = Text("What will be done to make sharing safer?")
    owner = Words(label="Who will do it?")
    agreed_with_recipient = One("Is it agreed with those who receive the information?", YesNo.choices)


class ItemForm(SectionForm):
    what = Text("What could be shared?", "One thing at a time, in the words in which it would go.")
    kind = One("Is it a fact or an opinion?", ItemKind.choices)
    evidence = Text("If it is an opinion: what does it rest on?")
    about = Words(label="Who is it about?")
    checked_on = Day("When was it last checked?")
    is_special_category = One("Is it about health, sex life, ethnic group, religion or the like?", YesNo.choices)
    is_offence = One("Is it about an offence, or an allegation of one?", YesNo.choices)
    beyond_limits = One("Does it go beyond the limits that the person set?", YesNo.choices)
    beyond_scope = One(
        "Does it go beyond what the order or request asks for?",
        YesNo.choices,
        "If it does, withhold it, unless another ground applies as well.",
    )
    answer = One("Is it included or withheld?", ItemAnswer.choices)
    why_needed = Text("If included: why does the agency need it?")
    why_withheld = Text("If withheld: why?")
    shown_when = {"evidence": "kind=opinion", "why_needed": "answer=include", "why_withheld": "answer=withhold"}

    def prepare(self) -> None:
        if not asked.limits(self.record):
            del self.fields["beyond_limits"]
        if not asked.scope(self.record):
            del self.fields["beyond_scope"]


class RecipientForm(SectionForm):
    """`context["agencies"]` are the agencies of the directory; one that is not in it is written out."""

    key = One("Which agency?", [], "From our directory. Leave it open if it is not there.", is_long=True)
    organisation = Words(label="Organisation, if it is not in the directory")
    kind = One("What kind of agency is it?", AgencyKind.choices, "If it is not in the directory.", is_long=True)
    person = Words(label="Name of the person there, if you know it")
    role = Words(label="Their role")
    contact = Words(label="Phone or secure address that you use")
    verified = One("Is the contact checked and real?", YesNo.choices)
    verified_how = Words(label="How was it checked?")
    verified_on = Day("When was it checked?")
    need_to_know = Text("Why do they need to know?")
    shown_when = {"organisation": "key=", "kind": "key=", "verified_how": "verified=yes", "verified_on": "verified=yes"}

    def prepare(self) -> None:
        field = self.fields["key"]
        assert isinstance(field, One)  # noqa: S101 (declared above)
        field.choices = [("", "Not in the directory"), *self.context["agencies"]]
