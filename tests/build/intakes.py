"""Reports as people make them, for tests that care about what happens next."""

from dataclasses import replace

from concerns.intake import Intake, IntakePerson
from concerns.vocabulary import AdultAbuse, Implicated, LifeStage, PersonRole

ADULT = IntakePerson(name="Jean Ashworth", stage=LifeStage.ADULT, estimated_age=58, address="4 Mill Lane")
CHILD = IntakePerson(name="Kofi Ashworth", stage=LifeStage.CHILD, estimated_age=9, address="4 Mill Lane")
SON = IntakePerson(name="Darren Ashworth", role=PersonRole.SOURCE_OF_RISK, stage=LifeStage.ADULT, relationship="Son")

PLAIN = Intake(
    is_immediate_danger=False,
    implicated=Implicated.NO,
    facts="The cupboards were empty. Her bank card was not in the house.",
    people=(ADULT, SON),
    abuse_codes=(AdultAbuse.FINANCIAL.value,),
)
EMERGENCY = replace(PLAIN, is_immediate_danger=True)
URGENT = replace(PLAIN, needs_action_today=True)
ABOUT_MANAGER = replace(
    PLAIN, implicated=Implicated.MANAGER, implicated_words="My manager borrows money from her.", people=(ADULT,)
)
