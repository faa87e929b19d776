"""How a report at Larkfield is written: who saw what, about whom, in whose words. Pure; `dice` decides."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from concerns.intake import Intake, IntakeEmergencyCall, IntakePerson
from concerns.vocabulary import (
    AdultAbuse,
    ChildAbuse,
    EmergencyService,
    HowKnown,
    Implicated,
    LifeStage,
    PersonRole,
    Precision,
    YesNoUnknown,
)
from safeguarding.demo.names import FAMILY_NAMES, MEN, STREETS, WEEKDAYS, WOMEN
from safeguarding.demo.people import CAST, Member
from safeguarding.demo.stories_adults import ABOUT_STAFF, ADULTS
from safeguarding.demo.stories_children import CHILDREN
from safeguarding.demo.story import Story

STORIES = (*ADULTS, *CHILDREN, *ABOUT_STAFF)
STAFF_STORIES = frozenset(story.code for story in ABOUT_STAFF)

SHE = {"he": "she", "him": "her", "his": "her", "himself": "herself"}
HE = {"he": "he", "him": "him", "his": "his", "himself": "himself"}


@dataclass(frozen=True)
class Report:
    """One report as somebody will send it. `reporter` is the name of a member of the cast."""

    reporter: str
    story: Story
    intake: Intake
    first_name: str

    @property
    def area(self) -> str:
        """Code of the reporter's service area; "" for a contractor's worker, whose area is the contract manager's."""
        return next(member.area for member in CAST if member.name == self.reporter)

    @property
    def is_hasty(self) -> bool:
        return self.intake.is_immediate_danger or self.intake.needs_action_today

    @property
    def has_child(self) -> bool:
        return any(
            person.role == PersonRole.AT_RISK and (person.stage != LifeStage.ADULT or (person.estimated_age or 18) < 18)
            for person in self.intake.people
        )

    @property
    def is_about_staff(self) -> bool:
        return self.story.code in STAFF_STORIES


def write_report(dice: random.Random, *, at: datetime) -> Report:
    """A report made at `at`: a story, told about invented people by a member of the cast whose work fits it."""
    story = dice.choices(STORIES, [story.weight for story in STORIES])[0]
    reporter = _reporter(dice, story)
    is_woman = story.stage == "unborn" or dice.random() < 0.52
    first = dice.choice(WOMEN if is_woman else MEN)
    family = dice.choice(FAMILY_NAMES)
    pronouns = SHE if is_woman else HE
    clock = f"{dice.randint(1, 11)}.{dice.choice(['05', '10', '20', '25', '40', '50'])}{dice.choice(['am', 'pm'])}"
    fill = {
        **pronouns,
        "P": f"{first} {family}",
        "p": first,
        "day": dice.choice(WEEKDAYS),
        "time": clock,
        "n": str(dice.randint(4, 9)),
    }
    fill["rel"] = dice.choice(story.rel).format(**fill)
    address = f"{dice.randint(1, 118)} {dice.choice(STREETS)}"
    is_danger = story.is_urgent and dice.random() < 0.22
    facts = " ".join(_sentence(dice.choice(group), fill) for group in story.facts)
    opinion = _sentence(dice.choice(story.opinion), fill)
    heard_it = dice.random() < 0.7
    noticed = at - timedelta(minutes=dice.choice([20, 40, 75, 130, 200, 1500, 2900]))
    return Report(
        reporter=reporter.name,
        story=story,
        first_name=first,
        intake=Intake(
            is_immediate_danger=is_danger,
            needs_action_today=not is_danger and story.is_urgent and dice.random() < 0.6,
            implicated=Implicated.OTHER_STAFF if story.code in STAFF_STORIES else Implicated.NO,
            implicated_words="I do not want to write the name here. I can say it on the phone."
            if story.code in STAFF_STORIES
            else "",
            facts=f"{facts} {_detail(dice, address)}".strip(),
            said=_sentence(dice.choice(story.said), fill) if heard_it else "",
            said_by=fill["P"] if heard_it else "",
            opinion=opinion,
            opinion_evidence="What I saw and heard, as written above." if opinion else "",
            noticed_at=noticed,
            noticed_precision=dice.choice([Precision.EXACT, Precision.APPROX]),
            delay_reason="I was on other visits and wanted to speak to my manager first."
            if at - noticed > timedelta(hours=20)
            else "",
            place=address,
            how_known=story.how_known,
            told_by="A relative of the family" if story.how_known == HowKnown.DISCLOSURE_OTHER else "",
            people=_people(dice, story, fill, family, address),
            abuse_codes=_kinds(dice, story),
            done_already=dice.choice(
                [
                    "I made sure that nobody was hurt before I left.",
                    "I told my manager by phone.",
                    "Nothing yet.",
                    "I gave them our number and wrote this at once.",
                    "I stayed until somebody else was there.",
                    "",
                ]
            ),
            emergency_calls=_calls(dice, reporter, at) if is_danger else (),
            promised_secrecy=dice.choice([YesNoUnknown.NO, YesNoUnknown.NO, YesNoUnknown.NO, YesNoUnknown.YES]),
        ),
    )


def _reporter(dice: random.Random, story: Story) -> Member:
    if story.how_known == HowKnown.CONTRACTOR_VISIT and dice.random() < 0.35:
        return dice.choice([member for member in CAST if member.firm])
    area = dice.choice(story.areas)
    near = [member for member in CAST if member.area == area]
    front = [member for member in near if not member.champion and not _manages(member)]
    return dice.choice(front if dice.random() < 0.92 else near)


def _manages(member: Member) -> bool:
    return any(other.manager == member.name for other in CAST)


def _sentence(text: str, fill: dict[str, str]) -> str:
    words = text.format(**fill)
    return words[:1].upper() + words[1:]


def _detail(dice: random.Random, address: str) -> str:
    return dice.choice(
        [
            f"This was at {address}.",
            f"I was at {address} for about {dice.randint(2, 9) * 5} minutes.",
            f"I took no photographs. I was at {address} on my own.",
            f"A colleague was with me at {address} and saw the same.",
            f"I know {address} from {dice.choice(['two', 'three', 'several'])} visits before; it was not like this.",
            "",
        ]
    )


def _people(
    dice: random.Random, story: Story, fill: dict[str, str], family: str, address: str
) -> tuple[IntakePerson, ...]:
    stage = {"adult": LifeStage.ADULT, "child": LifeStage.CHILD, "unborn": LifeStage.ADULT}[story.stage]
    low, high = story.ages if story.stage != "unborn" else (19, 38)
    people = [
        IntakePerson(
            name=fill["P"],
            stage=stage,
            estimated_age=dice.randint(low, high),
            address=address,
            tenancy_ref=f"T{dice.randint(10000, 99999)}" if dice.random() < 0.6 else "",
            phone=f"07700 900{dice.randint(100, 999)}" if stage == LifeStage.ADULT and dice.random() < 0.5 else "",
            safe_contact=dice.choice(["", "Weekday mornings only", "Text first, do not leave a message"]),
        )
    ]
    if story.stage == "unborn":
        people.append(IntakePerson(description="Unborn baby", stage=LifeStage.UNBORN, relationship="Expected child"))
    if story.with_children:
        people += [
            IntakePerson(
                name=f"{dice.choice(WOMEN + MEN)} {family}",
                stage=LifeStage.CHILD,
                estimated_age=dice.randint(1, 15),
                address=address,
                relationship="Child in the home",
            )
            for _ in range(dice.randint(1, 2))
            if dice.random() < 0.7
        ]
    if story.code not in STAFF_STORIES:
        people.append(
            IntakePerson(
                description=fill["rel"][:1].upper() + fill["rel"][1:],
                role=PersonRole.SOURCE_OF_RISK,
                stage=LifeStage.ADULT,
                relationship=fill["rel"],
            )
            if story.abuse[0] != AdultAbuse.SELF_NEGLECT
            else IntakePerson(
                description=fill["rel"][:1].upper() + fill["rel"][1:], role=PersonRole.NETWORK, stage=LifeStage.ADULT
            )
        )
    return tuple(people)


def _kinds(dice: random.Random, story: Story) -> tuple[str, ...]:
    kinds = [story.abuse[0], *(code for code in story.abuse[1:] if dice.random() < 0.5)]
    if dice.random() < 0.06:
        kinds = [ChildAbuse.NOT_SURE if story.stage == "child" else AdultAbuse.NOT_SURE]
    return tuple(str(code) for code in kinds)


def _calls(dice: random.Random, reporter: Member, at: datetime) -> tuple[IntakeEmergencyCall, ...]:
    return (
        IntakeEmergencyCall(
            service=dice.choice([EmergencyService.POLICE, EmergencyService.POLICE, EmergencyService.AMBULANCE]),
            called_by=reporter.name,
            called_at=at - timedelta(minutes=dice.randint(4, 18)),
            incident_number=f"{dice.randint(100, 999)}-{at:%d%m%y}",
            is_safe_now=dice.choice([YesNoUnknown.YES, YesNoUnknown.UNKNOWN]),
        ),
    )
