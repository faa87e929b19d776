"""The pages over the record as a whole: why, who, is it likely to safeguard, risks, the decision and its
reasons.
"""

from __future__ import annotations

from typing import Any

from crispy_forms_gds.choices import Choice as Radio
from django import forms

from concerns.vocabulary import LifeStage, MaracBasis, RiskLevel, YesNoUnknown
from sharing.clauses import (
    CONVERSATION_STEPS,
    GROUNDS,
    NOT_SHARING_STEPS,
    PRINCIPLES,
    TEST_LINES,
    source_in_words,
)
from sharing.forms.base import Day, Many, MomentField, One, SectionForm, Text, TimeField, Words
from sharing.vocabulary import (
    UNIDENTIFIED,
    Article6,
    Article9,
    Choice,
    Confidence,
    Grade,
    GroundAnswer,
    Objection,
    OfferAnswer,
    Para18Reason,
    Power,
    Purpose,
    RequesterAnswer,
    Schedule1,
    SharingMethod,
    SpecialRisk,
    StepAnswer,
    Trigger,
    YesNo,
    YesNoUnsure,
)


class StartForm(SectionForm):
    trigger = One("Why is a decision needed?", Trigger.choices)
    shared_at = MomentField(label="On which day was it shared?")
    shared_at_time = TimeField(label="At what time?")
    request = One(
        "Which request does this decision answer?",
        [],
        "From the requests that are linked to this concern. Record it under “Requests” first, if it is not there.",
        is_long=True,
    )
    third_parties = One(
        "Is anybody mentioned who could be harmed if they were identified?",
        YesNo.choices,
        "For example, a neighbour who told us.",
    )
    third_parties_who = Text("Who could be harmed?")
    special_risks = Many(
        "Is any of these part of it?",
        SpecialRisk.choices,
        "Sharing can make things worse here, so we ask more about it. Choose all that apply.",
    )
    headings = {
        "shared_at": "If it was shared in an emergency",
        "request": "If somebody asked us",
        "third_parties": "Take special care",
    }
    shown_when = {
        "shared_at": "trigger=emergency",
        "shared_at_time": "trigger=emergency",
        "request": "trigger=request",
        "third_parties_who": "third_parties=yes",
    }

    def prepare(self) -> None:
        choose_from(self, "request", self.context.get("requests", []), kept=self.record.start.request)


class PeopleForm(SectionForm):
    """Who it is about: `context["choices"]` are the people of the concern."""

    chosen = Many("Who is the information about?", [], "Choose everybody whose information may be shared.")
    left_out = Text(
        "If you leave out a child at risk: why?", "There is domestic abuse, so every child at risk belongs here."
    )

    def prepare(self) -> None:
        field = self.fields["chosen"]
        assert isinstance(field, Many)  # noqa: S101 (declared above)
        field.choices = self.context["choices"]
        self.initial = {"chosen": [person.key for person in self.record.people], "left_out": self.record.left_out}
        if not self.context["may_leave_out"]:
            del self.fields["left_out"]

    def names(self) -> list[str]:
        return []  # the view puts whole people in and out


class LikelyForm(SectionForm):
    answer = One(
        "Is sharing likely to safeguard this person or someone else?",
        YesNoUnsure.choices,
        "This is the first and most important question.",
    )
    why = Text("Why do you think so?")
    purposes = Many("What would sharing be for?", Purpose.choices)
    purpose = Text("Say the purpose in your own words.")
    others_safety = Text(
        "How safe are others?",
        "Everybody whom the decision is not about: children, the household, neighbours, staff. If nobody else is"
        " affected, write so. The safety of each person it is about has a page of its own.",
    )


class RisksForm(SectionForm):
    sharing = Text("What could go wrong if we share?")
    sharing_to_whom = Words(label="Who could be harmed by sharing?")
    sharing_likelihood = One("How likely is harm from sharing?", Grade.choices)
    sharing_severity = One("How bad would harm from sharing be?", Grade.choices)
    not_sharing = Text("What could go wrong if we do not share?")
    not_sharing_to_whom = Words(label="Who could be harmed by not sharing?")
    not_sharing_likelihood = One("How likely is harm from not sharing?", Grade.choices)
    not_sharing_severity = One("How bad would harm from not sharing be?", Grade.choices)
    level_worker = One("The level of risk as you see it", RiskLevel.choices)
    level_person = One(
        "The level of risk as the person sees it", RiskLevel.choices, "Leave this open if you could not ask."
    )
    level_agreed = One("Do you agree on the level of risk?", YesNo.choices)
    headings = {
        "sharing": "The risk of sharing",
        "not_sharing": "The risk of not sharing",
        "level_worker": "The level of risk now",
    }


class DecisionForm(SectionForm):
    choice = One(
        "What do you decide?",
        [
            Radio(Choice.SHARE_ALL, Choice.SHARE_ALL.label, hint="Everything on the list of items goes"),
            Radio(Choice.SHARE_PART, Choice.SHARE_PART.label, hint="Some items are withheld"),
            Radio(Choice.NOT_SHARE, Choice.NOT_SHARE.label, hint="A second person must look at it"),
            Radio(
                Choice.DEFER, Choice.DEFER.label, hint="Once, for 24 hours at most; not for a child or at critical risk"
            ),
        ],
    )
    review_date = Day("When will this be looked at again?", "For “do not share” and “share part”.")
    defer_until = MomentField(label="Until which day is it put off?", help_text="For “defer” only.")
    defer_until_time = TimeField(label="Until what time?")
    shown_when = {
        "review_date": "choice=not_share share_part",
        "defer_until": "choice=defer",
        "defer_until_time": "choice=defer",
    }


class ReasonsForm(SectionForm):
    reasons = Text(
        "What are the reasons for the decision?", "At least 40 characters. Facts first, then what you made of them."
    )
    safeguarding_reason = Text(
        "What is the safeguarding reason?",
        "Answer this if your reasons, or the reasons for which you withhold an item, speak of reputation, workload,"
        " rent, enforcement or data protection. A Safeguarding Lead then signs too.",
    )
    proportionality = Text(
        "Why is it in proportion to the risk?",
        "At least 40 characters. Needed when you share without agreement, share part or do not share.",
    )
    less_intrusive = Text("Which less intrusive way did you think about?")


class PrinciplesForm(SectionForm):
    """000 §6.2: one line for each principle (R26)."""

    def prepare(self) -> None:
        for principle in PRINCIPLES:
            self.fields[f"{principle.code}__note"] = Text(principle.text)


class TestForm(SectionForm):
    """The eight-line test (R52)."""

    __test__ = False  # not a test, whatever its name

    def prepare(self) -> None:
        dates = [item.checked_on for item in self.record.included if item.checked_on is not None]
        # R52: when each item was last checked; the oldest says most.
        checked = f"The oldest check of an item is of {min(dates).day} {min(dates):%B %Y}." if dates else ""
        for code, label in TEST_LINES:
            self.fields[f"{code}__answer"] = One(f"{label}?", YesNo.choices, checked if code == "accurate" else "")
            self.fields[f"{code}__note"] = Words(label=f"{label}: a note", help_text="Needed if you answer no.")


class GroundsForm(SectionForm):
    """C1 to C11, each answered (field 20)."""

    def prepare(self) -> None:
        for ground in GROUNDS:
            self.fields[f"{ground.code}__answer"] = One(
                f"{ground.code}: {ground.text}", GroundAnswer.choices, f"From: {source_in_words(ground.source)}"
            )


class GroundForm(SectionForm):
    """What shows that one ground applies, with what this ground needs (VR2 to VR9)."""

    evidence = Text("What shows that this ground applies?")
    shown_when = {
        "unidentified": "others=unidentified",
        "unidentified_child": "others=unidentified",
        "child_route": "unidentified_child=yes unknown",
    }

    def prepare(self) -> None:
        code = self.base.rpartition(".")[2]
        self.fields.update(self._details(code))
        if code == "C2":
            choose_others(self, self.context.get("others", []))
            ground = self.record.ground(code)
            if ground.unidentified and not ground.others:  # words of an older draft: shown, to be read again
                self.initial = {"others": [UNIDENTIFIED]}
        if code == "C8":
            kept = self.record.ground(code).dash_record
            choose_from(self, "dash_record", self.context.get("dash_records", []), kept=kept)
        if code == "C9":
            # Its key is no name that anybody knows it by.
            kept, files = self.record.ground(code).file, self.context.get("files", [])
            choose_from(self, "file", files, kept=kept, kept_name="The file that you chose before")

    @staticmethod
    def _details(code: str) -> dict[str, forms.Field]:
        match code:
            case "C2":
                return {
                    "others": Many(
                        "Who else is, or may be, at risk?",
                        [],
                        "From the people of the concern. Choose all that apply.",
                    ),
                    "unidentified": Text(
                        "What do you know of the person who is not identified yet?", "Not needed for those you chose."
                    ),
                    "unidentified_child": One(
                        "May that person be a child?",
                        YesNoUnknown.choices,
                        "Somebody whose age is not known counts as a child.",
                    ),
                    "child_route": One(
                        "Has the route for that child been started?",
                        YesNo.choices,
                        "For those you chose, the concern tells. A child who may be at risk must be in it as a person"
                        " at risk.",
                    ),
                }
            case "C3" | "C5":
                fields: dict[str, forms.Field] = {
                    "police_considered": One("Did you think about telling the police?", YesNo.choices),
                    "police_reason": Text("Why are you, or are you not, telling the police?"),
                }
                if code == "C5":
                    fields["is_serious"] = One("Is the crime serious?", YesNo.choices)
                    fields["not_serious_note"] = Text("If not, why does this ground still apply?")
                return fields
            case "C4":
                return {"own_referral": One("Did you think about a referral for them too?", YesNo.choices)}
            case "C8":
                return {
                    "marac_basis": One("What does the high risk rest on?", MaracBasis.choices),
                    "dash_record": One(
                        "In which DASH record does it stand?",
                        [],
                        "Record one on the concern first, if there is none.",
                        is_long=True,
                    ),
                }
            case "C9":
                return {
                    "body": Words(label="Which court or authority asks?"),
                    "on": Day("Date of the order or request"),
                    "reference": Words(label="Its reference"),
                    "scope": Text("What does it ask for?"),
                    "file": One(
                        "Which file is the scan of it?",
                        [],
                        "From the files of the concern that are checked for viruses. Add it to the concern first, if it"
                        " is not there.",
                        is_long=True,
                    ),
                    "document": Words(
                        label="Where is the copy kept?",
                        help_text="If there is no scan, or the original is elsewhere.",
                    ),
                }
        return {}


class MethodForm(SectionForm):
    method = One("How will it be sent?", SharingMethod.choices)
    insecure_reason = Text("If by ordinary email: why could no secure way be used?")
    onward_limits = Text(
        "Who may they pass it on to, and who not?", "Needed when sharing carries a medium or high risk."
    )
    shown_when = {"insecure_reason": "method=ordinary_email"}


class BasisForm(SectionForm):
    article6 = Many("Lawful basis: Article 6", Article6.choices)
    article9 = Many(
        "Article 9 condition",
        Article9.choices,
        "Needed when an item is about health, sex life, ethnic group or the like.",
    )
    schedule1 = Many("Schedule 1 paragraph", Schedule1.choices)
    para18_reason = One("If paragraph 18: why without consent?", Para18Reason.choices)
    criminal_condition = One(
        "Condition for criminal data",
        Schedule1.choices,
        "Needed when an item is about an offence or an allegation of one.",
    )
    confidence = One("Why does the duty of confidence allow it?", Confidence.choices)
    public_interest = Text("If public interest: why is the interest in sharing stronger?")
    best_interests = Text("If a child is at risk: why is it in the best interests of the child?")
    powers = Many("Duties and powers", Power.choices)
    agreement = One(
        "Sharing agreement or protocol, if one applies",
        [],
        "From our register. You can share without one.",
        is_long=True,
    )
    shown_when = {"para18_reason": "schedule1=18", "public_interest": "confidence=public_interest"}

    def prepare(self) -> None:
        choose_from(self, "agreement", self.context.get("agreements", []), kept=self.record.basis.agreement)


class ConversationForm(SectionForm):
    unsafe = One("Is it unsafe to have this conversation?", YesNo.choices)
    unsafe_reason = Text("If yes, why?", "Then you can leave the steps open.")
    objections = Many("What are they worried about?", Objection.choices)
    objections_words = Text("In their own words")
    support_offered = Text("Which support did you offer?")
    headings = {"E1__answer": "The seven steps"}
    shown_when = {"unsafe_reason": "unsafe=yes"}

    def prepare(self) -> None:
        for step in CONVERSATION_STEPS:
            self.fields[f"{step.code}__answer"] = One(f"{step.code}: {step.text}", StepAnswer.choices)
            self.fields[f"{step.code}__note"] = Words(
                label=f"{step.code}: a note", help_text="Why it was not done, or what was said."
            )


class NotSharingForm(SectionForm):
    options = Text("Which options did you talk about?")
    understood = One("Did they understand the level of risk?", YesNo.choices)
    advocate = One("What came of the offer of an advocate or peer supporter?", OfferAnswer.choices)
    advocate_kind = Words(label="Which kind of advocate or supporter?")
    next_contact_on = Day("When will you next be in touch?")
    engagement = Text("How were the child and the parent engaged?")
    child_rule_1 = Text("A child’s protection takes priority over privacy. Why do you still not share?")
    child_rule_3 = Text("You do not need consent to share about a child at risk. Why do you still not share?")
    headings = {"options": "About the steps", "engagement": "When a child is at risk", "D1__answer": "The eight steps"}
    shown_when = {"advocate_kind": "advocate=accepted declined pending"}

    def prepare(self) -> None:
        if not self.record.children_at_risk:
            for name in ("engagement", "child_rule_1", "child_rule_3"):
                del self.fields[name]
        for step in NOT_SHARING_STEPS:
            self.fields[f"{step.code}__answer"] = One(f"{step.code}: {step.text}", StepAnswer.choices)
            self.fields[f"{step.code}__note"] = Words(
                label=f"{step.code}: a note", help_text="What was done, or why it was not done or not needed."
            )


class HoldersNoneForm(SectionForm):
    """Nobody else is known who may hold information (field 11)."""

    holders_none = One("Do you know of nobody else who may hold information?", YesNo.choices)


class RequesterToldForm(SectionForm):
    answer = One("Has the person who asked been told that we do not share?", RequesterAnswer.choices)
    on = Day("When were they told?")
    how = Words(label="How were they told?")
    reasons = Text("The reasons you gave, or why it is unsafe to tell them")
    shown_when = {"on": "answer=yes", "how": "answer=yes"}


def choose_from(
    form: SectionForm, name: str, choices: list[tuple[str, str]], *, kept: str, kept_name: str = ""
) -> None:
    """Offer `choices` in a list that may be left open; one that was chosen and is offered no more stays chosen."""
    field = form.fields[name]
    assert isinstance(field, One)  # noqa: S101 (declared as one)
    gone = [(kept, f"{kept_name or kept} (not offered any more)")] if kept and kept not in dict(choices) else []
    field.choices = [("", "None"), *choices, *gone]


def choose_others(form: SectionForm, people: Any) -> None:
    """Offer `people` as others at risk, and somebody whom nobody knows yet (VR8)."""
    field = form.fields["others"]
    assert isinstance(field, Many)  # noqa: S101 (declared as many)
    field.choices = [
        *(
            Radio(each.key, each.name, hint=f"{each.roles}, {LifeStage(each.life_stage).label.lower()}")
            for each in people
        ),
        Radio(UNIDENTIFIED, "Somebody who is not identified yet"),
    ]


def choices_of(people: Any) -> list[Radio]:
    """The people of a concern as tick boxes: name, and what they are in it."""
    return [Radio(person.key, person.name, hint=person.roles) for person in people]
