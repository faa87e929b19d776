"""The pages about one person: what they know, want and agreed to; capacity and coercion; told of sharing."""

from __future__ import annotations

from concerns.vocabulary import YesNoUnknown
from sharing.forms.base import Day, Many, One, SectionForm, Text, Words
from sharing.vocabulary import (
    AgreementForm,
    AgreementStatus,
    CapacityConclusion,
    GivenBy,
    NotSought,
    ToldOf,
    YesNo,
    YesNoLater,
)


class ViewsForm(SectionForm):
    told__of = Many("What were they told about sharing?", ToldOf.choices)
    told__on = Day("When were they told?")
    told__by = Words(label="Who told them?")
    told__reason_not = Text("If they were not told, why not?")
    wishes__words = Text("What do they say and want, in their own words?")
    wishes__outcome = Text("What would they like to happen?")
    wishes__reason_not = Text("If you could not get their views, why not?")
    headings = {"told__of": "What they know", "wishes__words": "What they want"}


class SupportForm(SectionForm):
    """R57. Of everybody, also of a child not yet born, who is told and asked nothing."""

    support__safety = Text(
        "How safe is this person now?", "What keeps them safe, what could still go wrong, and whom they can turn to."
    )
    support__needs = Text("What support do they need?", "Who gives it, or what they were offered. If none, write so.")


class AgreementPage(SectionForm):
    agreement__status = One("Do they agree to sharing?", AgreementStatus.choices)
    agreement__given_by = One("Who gave the agreement?", GivenBy.choices)
    agreement__authority = Words(
        label="What gives them the authority?", help_text="If somebody else agreed: what you saw, and when."
    )
    agreement__is_source = One("May the person who agreed for them be a source of risk?", YesNo.choices)
    agreement__form = One("Was it spoken or written?", AgreementForm.choices)
    agreement__on = Day("When was it given?")
    agreement__limits = Text("Which limits did they set?")
    agreement__withdrawn_on = Day("When was it withdrawn?")
    agreement__not_sought = One("Why did you not ask?", NotSought.choices)
    agreement__not_sought_why = Text("Say more about why you did not ask.")
    headings = {
        "agreement__given_by": "If they agreed",
        "agreement__withdrawn_on": "If they withdrew their agreement",
        "agreement__not_sought": "If you did not ask",
    }
    shown_when = {
        "agreement__given_by": "agreement__status=given limited withdrawn",
        "agreement__authority": "agreement__given_by=parent attorney deputy",
        "agreement__is_source": "agreement__given_by=parent attorney deputy",
        "agreement__form": "agreement__status=given limited withdrawn",
        "agreement__on": "agreement__status=given limited withdrawn",
        "agreement__limits": "agreement__status=limited withdrawn",
        "agreement__withdrawn_on": "agreement__status=withdrawn",
        "agreement__not_sought": "agreement__status=not_sought",
        "agreement__not_sought_why": "agreement__status=not_sought",
    }


_CAN = YesNoUnknown.choices


class CapacityForm(SectionForm):
    """R112, R113. What is written here becomes a record of its own on the next page."""

    capacity__doubted = One("Do you doubt that they can make this decision?", YesNo.choices)
    capacity__assumed = One(
        "Did you begin by assuming that they can decide?",
        YesNo.choices,
        "Everybody is assumed to have capacity until it is shown that they lack it.",
    )
    capacity__matter = Text("Which decision was looked at?")
    capacity__for_this_decision = One("Is the record about this decision?", YesNo.choices)
    capacity__assessed_on = Day("When was capacity looked at?")
    capacity__why_doubted = Text("Why was it doubted?")
    capacity__help_given = Text("What was done to help them decide?")
    capacity__understands = One("Can they understand what matters?", _CAN)
    capacity__retains = One("Can they remember it long enough?", _CAN)
    capacity__weighs = One("Can they weigh it up?", _CAN)
    capacity__communicates = One("Can they tell others their decision?", _CAN)
    capacity__impairment = Text("Which impairment of mind or brain is the cause?")
    capacity__conclusion = One("What was concluded?", CapacityConclusion.choices)
    capacity__assessor = Words(label="Who looked at capacity?")
    capacity__consulted = Text("Who else was asked?")
    capacity__best_interests = Text("If they lack capacity: what is in their best interests, and why?")
    capacity__wishes = Text("If they lack capacity: what do they want and believe, now and earlier?")
    capacity__least_restrictive = Text("If they lack capacity: why is this the least restrictive way?")
    headings = {
        "capacity__assumed": "If it is doubted or is why they do not agree, they refuse at high risk, or you rely on"
        " ground C1"
    }
    shown_when = {
        "capacity__impairment": "capacity__conclusion=lacks",
        "capacity__best_interests": "capacity__conclusion=lacks",
        "capacity__wishes": "capacity__conclusion=lacks",
        "capacity__least_restrictive": "capacity__conclusion=lacks",
    }

    @classmethod
    def answers_asked(cls) -> list[str]:
        """The answers of `sharing.answers.Capacity` that this page asks."""
        return [name.removeprefix("capacity__") for name in cls.base_fields]


class CoercionForm(SectionForm):
    coercion__considered = One("May they be under duress, threatened or coerced?", YesNoUnknown.choices)
    coercion__indicators = Text("What makes you think so?")
    coercion__seen_alone = One("Were they seen alone?", YesNo.choices)
    coercion__how_seen = Text("How were they seen alone, or why not?")
    shown_when = {
        "coercion__indicators": "coercion__considered=yes",
        "coercion__how_seen": "coercion__seen_alone=yes no",
    }


class ScreeningForm(SectionForm):
    """A screening, not a decision (R23)."""

    screening__has_needs = One(
        "Is there reasonable cause to suspect that they have needs for care and support?", YesNoUnknown.choices
    )
    screening__at_risk = One(
        "Is there reasonable cause to suspect that they are experiencing, or at risk of, neglect or harm?",
        YesNoUnknown.choices,
    )
    screening__cannot_protect = One(
        "Is there reasonable cause to suspect that, because of those needs, they cannot protect themselves?",
        YesNoUnknown.choices,
    )


class InformedForm(SectionForm):
    informed__answer = One(
        "Have they been told that information is shared without their agreement?", YesNoLater.choices
    )
    informed__on = Day("When were they told, or by when will they be?")
    informed__reason = Text("If no or later: why?")
    informed__would_expect = One("Would they expect this to be shared?", YesNo.choices)
    informed__how_told = Text("If they would not expect it: how will they be told?")
    shown_when = {
        "informed__on": "informed__answer=yes later",
        "informed__reason": "informed__answer=no later",
        "informed__how_told": "informed__would_expect=no",
    }
