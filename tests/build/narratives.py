# ruff: noqa: E501 (people's own words are not broken to fit)
"""What people type: the scenarios of domain.md section 6 as somebody would tell them on a bad day. All names invented.

Read by the browser tests, which type each of them in, and by whoever wants real words. Dates are days before the test.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Answer = Literal["yes", "no", "today", "unknown", ""]


@dataclass(frozen=True)
class Someone:
    """One person as the reporter describes them; values are those of the form's radios and boxes."""

    name: str = ""
    description: str = ""
    role: str = "at_risk"
    stage: str = ""
    born: tuple[str, str, str] | None = None
    age: str = ""
    due: tuple[str, str, str] | None = None
    address: str = ""
    tenancy_ref: str = ""
    phone: str = ""
    relationship: str = ""
    safe_contact: str = ""
    unsafe_contact: str = ""


@dataclass(frozen=True)
class Narrative:
    """One report. `number` is that of the scenario in domain.md section 6; `reporter` is a name in the cast."""

    number: int
    title: str
    reporter: str
    facts: str = ""
    said: str = ""
    said_by: str = ""
    hearsay: str = ""
    hearsay_from: str = ""
    how_known: str = ""
    opinion: str = ""
    opinion_evidence: str = ""
    danger: Answer = "no"
    precision: str = ""
    days_ago: int | None = None
    clock: str = ""
    delay_reason: str = ""
    place: str = ""
    people: tuple[Someone, ...] = ()
    kinds: tuple[str, ...] = ()
    other_abuse: str = ""
    implicated: str = "no"
    staff_search: str = ""
    staff_words: str = ""
    done: str = ""
    promised: Answer = ""
    hide_from_manager: bool = False

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that was told in free words about what happened."""
        return tuple(
            filter(None, (self.facts, self.said, self.hearsay, self.opinion, self.opinion_evidence, self.done))
        )


MANAGER_BORROWS = Narrative(
    number=1,
    title="The manager is the alleged abuser",
    reporter="priya",
    facts=(
        "I was at Mrs Dolly O'Shaughnessy's flat at 12 Alder House on Tuesday to finish the leak under the kitchen "
        "sink. She has had dementia for about three years and her daughter, Niamh, comes at weekends. While I was "
        "lying under the sink the door bell rang and I heard Colin's voice in the hall. He did not know I was there, "
        "the job had been moved from Thursday. He called her “Dolly love”. I heard him ask if she had been to the "
        "post office yet. Then I heard the tin on the top of the fridge being opened, it has a squeaky lid, I know it "
        "because she keeps her biscuits money in it.\n\n"
        "When I came out he was putting notes in his back pocket. I saw at least three twenties. He went red and said "
        "he was just helping her with her shopping list. There was no shopping list on the table. He left without "
        "looking at the leak and there was no visit for him in the diary that day.\n\n"
        "On the inside of the cupboard door there is a sheet of paper in big writing: COLIN 60, COLIN 40, COLIN 100 PAY "
        "BACK FRIDAY. I took no photograph. The electric meter showed £1.20 left and the fridge had half a pint of "
        "milk, a lettuce and nothing else in it."
    ),
    said=(
        "She said: “He's a good boy, he's a bit short this month, he always says he'll bring it back Friday. I don't "
        "like to ask him. He looks after my repairs, doesn't he? Don't you go telling on him or I'll have no one.” "
        "She asked me twice whether it was Friday yet."
    ),
    said_by="Mrs O'Shaughnessy",
    hearsay="Tomasz said last month that Colin had asked a tenant in Beech House for a loan. I thought he was joking.",
    hearsay_from="Tomasz, gas engineer",
    how_known="observed",
    opinion="I think Colin is borrowing money from her that she cannot spare and that she is afraid to say no.",
    opinion_evidence="The sheet on the cupboard, the notes in his pocket, the empty fridge, and how she said it.",
    precision="exact",
    days_ago=0,
    clock="00:00",
    place="12 Alder House, kitchen and hall",
    people=(
        Someone(
            name="Dolly O'Shaughnessy",
            stage="adult",
            born=("14", "2", "1941"),
            address="12 Alder House\nLarkfield",
            tenancy_ref="T-004417",
            relationship="Tenant, lives alone",
            safe_contact="Through her daughter Niamh, evenings",
            unsafe_contact="Do not leave messages with the repairs team",
        ),
    ),
    kinds=("a_financial", "a_psychological"),
    implicated="manager",
    done="Finished the leak, put £10 on her meter, told nobody at work. I did not speak to Colin about it.",
    promised="no",
)

CAPACITOUS_REFUSAL = Narrative(
    number=2,
    title="Jean does not want anybody told",
    reporter="amara",
    facts=(
        "Routine tenancy visit to Jean Ashworth, 58. She has multiple sclerosis and uses a wheelchair indoors. Her son "
        "Darren, about 30, answered the door and stayed in the room for the first twenty minutes. When he went to the "
        "shop I asked Jean how she was managing for money, because the rent account has gone from clear to £412 in "
        "arrears since he moved back in March.\n\n"
        "She showed me her bank app. Her PIP and Universal Credit go in on the 3rd and the whole of it is taken out at "
        "a cash machine the same morning, every month since April. She does not leave the house alone. There was a "
        "pile of unopened letters, two from us. Her bedroom was clean, there was food in the freezer, she had her "
        "medicines in a labelled box and her carer's log was up to date. I saw no marks or bruises. She was tearful "
        "when she talked about the money and calm about everything else. She followed every question I asked and gave "
        "reasons for her answers."
    ),
    said=(
        "“He takes it out for me because I can't get to the machine. I know he keeps most of it. He gives me thirty "
        "pound a week. He's had a rough time and he's my son. I don't want him in trouble, I don't want social services, "
        "and I don't want the police at my door. If you tell them I'll say it was a lie. I'm not daft, love. It's my "
        "money and it's my choice who has it.”"
    ),
    said_by="Jean Ashworth, on her own with me",
    how_known="disclosure",
    opinion="I think she understands what he does and has decided to put up with it, for now.",
    opinion_evidence="She explained the sums, named what might happen if it was reported, and said the same at the end.",
    precision="exact",
    days_ago=1,
    clock="11:20am",
    place="4 Mill Lane, living room",
    people=(
        Someone(
            name="Jean Ashworth",
            stage="adult",
            age="58",
            address="4 Mill Lane",
            tenancy_ref="T-001283",
            phone="01632 960 731",
            relationship="Tenant",
            safe_contact="Mondays and Thursdays 9 to 10, when the carer is there",
            unsafe_contact="The landline: Darren answers it",
        ),
        Someone(
            name="Darren Ashworth", role="source_of_risk", stage="adult", age="30", relationship="Son, lives there"
        ),
    ),
    kinds=("a_financial", "a_domestic"),
    done="Left the number of the independent living advice line. Agreed to come back next Thursday at 9.30.",
    promised="unknown",
)

PREGNANT_NEIGHBOUR = Narrative(
    number=4,
    title="A neighbour rings about shouting through the wall",
    reporter="sian",
    danger="today",
    facts=(
        "Took a call on the main line at ten past four. A woman, sounded in her fifties, Welsh accent, would not give "
        "her name. I could hear a television and a dog. While we talked I heard a man's voice through her wall, shouting, "
        "and something heavy falling. It lasted about a minute. Then a child crying. She held the phone up so that I "
        "could hear it better. I asked her to ring 999 and she said she had done so on Saturday and they came and left.\n\n"
        "Our records show 27 Sycamore Walk as a joint tenancy: Chloe Maddox and Ryan Pike, with two children. There "
        "are three repairs in six months for internal doors, all “kicked in by accident”, and a request in May to have "
        "the locks changed that was cancelled the next day by Ryan."
    ),
    hearsay=(
        "He has been at it for weeks. On Saturday night she was out on the grass in her nightie, in the rain, and he "
        "would not let her back in. She is seven or eight months gone. The little ones stand at the window. He told her "
        "once in front of everybody that if she left he would “find her and finish it”. The boy, he's about six, told "
        "my grandson that Daddy put his hands on Mummy's neck and she went to sleep on the floor. She's stopped coming "
        "out. She used to come in for a cup of tea but he has taken her phone. Don't say it was me, he knows where I live."
    ),
    hearsay_from="Anonymous neighbour, by telephone",
    how_known="anonymous",
    opinion="I think she and the children are at serious risk, and the baby too.",
    opinion_evidence="What I heard myself down the line, hands on the neck, pregnancy, the threat, the broken doors.",
    precision="approx",
    days_ago=0,
    place="27 Sycamore Walk",
    people=(
        Someone(
            name="Chloe Maddox",
            stage="adult",
            age="27",
            address="27 Sycamore Walk",
            tenancy_ref="T-003306",
            relationship="Joint tenant, pregnant",
            safe_contact="Not known. The midwife may know",
            unsafe_contact="Her mobile, letters, e-mail: he reads them all. Do not call at the house",
        ),
        Someone(description="Unborn child of Chloe Maddox", stage="unborn", due=("15", "1", "2027")),
        Someone(name="Alfie Maddox-Pike", stage="child", age="6", address="27 Sycamore Walk", relationship="Son"),
        Someone(name="Zoë Maddox-Pike", stage="child", age="3", address="27 Sycamore Walk", relationship="Daughter"),
        Someone(name="Ryan Pike", role="source_of_risk", stage="adult", age="31", relationship="Partner, joint tenant"),
    ),
    kinds=("c_domestic", "c_emotional", "a_domestic", "a_physical", "a_psychological"),
    done="Asked the caller to ring 999 if it starts again. Checked our records. Told nobody else.",
    promised="yes",
)

THREE_REPORTS = Narrative(
    number=8,
    title="The boy on the stairs, the first of three reports",
    reporter="dev",
    facts=(
        "Walking the estate with two councillors at about half past three I came to the second landing of Larch Court. "
        "A boy of about ten was sitting on the stairs outside number 31 in his school shirt, no coat, no shoes. It was "
        "4 degrees. He had a bowl with dry cereal. The door of 31 was shut and there was loud music inside. I knocked for "
        "about five minutes and nobody came. He had a bruise the size of a 50p on his left cheek, yellow at the edge, and "
        "he kept his right hand inside his sleeve.\n\n"
        "Two of our other people were there: a caretaker, and the lady who does the fire checks. Both said they would "
        "write it down too. After about twenty minutes a woman opened the door, did not look at us, took him by the "
        "collar and pulled him in. She said “What have you been telling them?” He did not cry. The councillors saw it."
    ),
    said=(
        "I asked if he was all right. He said “I'm not allowed in till tea.” I asked if he was cold. He said “Only my "
        "feet.” I asked about his cheek and he said “I fell off my bike” and then “I haven't got a bike.”"
    ),
    said_by="The boy",
    hearsay="The caretaker has seen him out there on three other days this month, once after dark.",
    hearsay_from="Caretaker, Larch Court",
    how_known="observed",
    opinion="He is being shut out of the flat regularly and somebody hit him.",
    opinion_evidence="What he said about the bike, the bruise, and the caretaker's three other days.",
    precision="exact",
    days_ago=1,
    clock="15:30",
    place="Larch Court, second landing, outside 31",
    people=(
        Someone(
            description="Boy of about ten, short fair hair, St Aidan's school shirt",
            stage="child",
            age="10",
            address="31 Larch Court",
            relationship="Child of the household, I think",
        ),
        Someone(
            description="Woman of about 35, dyed red hair, opened the door of 31",
            role="source_of_risk",
            stage="adult",
            age="35",
        ),
    ),
    kinds=("c_neglect", "c_physical"),
    done="Stayed until he was inside. Gave the caretaker my number.",
)

AGENCY_DECLINES = Narrative(
    number=9,
    title="A girl who has stopped eating at school",
    reporter="mei",
    facts=(
        "Interview for temporary accommodation with Ms Aisling Ní Dhuibhir and her daughter Sorcha, 8. They left their "
        "flat after a fire in September and have been in room 6 at the Beaufort since. Sorcha sat under the desk for "
        "the whole hour. She weighs very little for her height; I could see her collar bones through her jumper. Her "
        "hair was matted at the back and she smelt strongly of urine. When I offered a biscuit she took the packet and "
        "put six in her pocket one after the other, without eating one.\n\n"
        "Her mother had two cans of cider in her bag and drank from one in the interview. She fell asleep for some "
        "minutes while I was photocopying. The school's letter, which she gave me for the housing file, says "
        "attendance of 41% this term and asks her to ring “as a matter of urgency, for the third time”. There is one "
        "bed in room 6 and a window that does not close."
    ),
    said="“Mammy sleeps a lot. I get the crisps from the machine when the man is nice. I'm not hungry, I'm minding them.”",
    said_by="Sorcha",
    hearsay="The night manager of the Beaufort says the girl is often in the lobby at two in the morning.",
    hearsay_from="Night manager, the Beaufort",
    how_known="observed",
    opinion="I think Sorcha is being neglected and that her mother is too unwell to see it.",
    opinion_evidence="Her weight and hair, hoarding food, the school letter, the drinking in front of me.",
    precision="exact",
    days_ago=2,
    clock="10am",
    delay_reason="I waited for the school to ring me back, and then it was the end of the day. I should not have waited.",
    place="Interview room 2, Civic Centre; they live in room 6 at the Beaufort",
    people=(
        Someone(
            name="Sorcha Ní Dhuibhir",
            stage="child",
            born=("9", "6", "2018"),
            address="Room 6, the Beaufort",
            relationship="Daughter",
            safe_contact="At school, ask for Mr Achterberg",
        ),
        Someone(name="Aisling Ní Dhuibhir", role="parent", stage="adult", age="34", address="Room 6, the Beaufort"),
    ),
    kinds=("c_neglect", "c_not_sure"),
    done="Rang the school twice and left a message. Asked the Beaufort to give them a room with two beds.",
)

NOT_SATISFIED = Narrative(
    number=10,
    title="“The family is fine”",
    reporter="sian",
    facts=(
        "Third visit to the Björklund family at 8 Rowan Close about the damp. Each time Mr Björklund has spoken for his "
        "wife, who stands in the kitchen door and looks at the floor. Today she passed me the damp report and under it "
        "was a piece of till roll with “help” written on it and a telephone number. He took the papers out of my hand to "
        "“make a copy” and came back without the till roll.\n\n"
        "There is a bolt on the outside of the small bedroom door. The carpet in that room is wet and there is a "
        "mattress on it with a child's blanket. The children, Elsa and Måns, were not at home at 2pm on a school day, "
        "he said they were “with family”. The bathroom has no door. Mrs Björklund's left wrist was bandaged with a tea "
        "towel. She shook her head very slightly when I looked at it."
    ),
    said="He said: “She is clumsy and she is shy. We don't need anybody. You just do the damp.”",
    said_by="Mr Björklund",
    how_known="observed",
    opinion="I told my manager after the second visit and was told the family is fine. I don't agree. I think she asked me for help.",
    opinion_evidence="The note, her wrist, the bolt on the outside of the door, that I am never alone with her.",
    precision="exact",
    days_ago=0,
    clock="00:00",
    place="8 Rowan Close",
    people=(
        Someone(
            name="Ingrid Björklund",
            stage="adult",
            age="38",
            address="8 Rowan Close",
            tenancy_ref="T-002950",
            relationship="Joint tenant",
            unsafe_contact="Any call or letter to the home",
        ),
        Someone(name="Elsa Björklund", stage="child", age="9", address="8 Rowan Close", relationship="Daughter"),
        Someone(name="Måns Björklund", stage="child", age="7", address="8 Rowan Close", relationship="Son"),
        Someone(name="Lars Björklund", role="source_of_risk", stage="adult", age="45", relationship="Husband"),
    ),
    kinds=("c_domestic", "c_neglect", "a_domestic", "a_physical", "a_psychological"),
    done="Wrote down the part of the number that I remember: 01632 960 8, then perhaps 14.",
    hide_from_manager=False,
)

NOBODY_ANSWERS = Narrative(
    number=14,
    title="Post behind the door",
    reporter="tomasz",
    facts=(
        "Gas service at 3 Hawthorn Row, third attempt, with the caretaker and a key after two letters. Mr Wiśniewski "
        "opened to the length of the chain and then let us in. The hall is full of post to the height of my knee. The "
        "living room has one path between newspapers to an armchair with a bucket beside it. He has not used the "
        "bathroom for a long time, the bath is full of carrier bags. There was a two-bar electric fire on, the flex was "
        "taped, and paper touching it. I switched it off. The boiler has been off since at least last winter.\n\n"
        "He is thin, his trousers are held with string, and there was a wet sore on his shin that I could smell. He had "
        "tinned peaches and a bag of sugar. He spoke Polish with me and was glad to. He knew the date and who the prime "
        "minister is, and he told a long story about the shipyard, clearly and in order."
    ),
    said=(
        "„Nie chcę nikogo. Żona umarła i po co to wszystko.” He said it twice. I translate: I don't want anybody, my "
        "wife died and what is it all for. About the leg: “It is nothing, it will go when I go.”"
    ),
    said_by="Mr Wiśniewski",
    hearsay="The caretaker says he has not put a bin out since Easter.",
    hearsay_from="Caretaker",
    how_known="observed",
    opinion="He has given up. I am worried about fire and about that leg.",
    opinion_evidence="What he said about his wife, the flex with paper on it, the smell of the wound.",
    precision="approx",
    days_ago=0,
    place="3 Hawthorn Row",
    people=(
        Someone(
            name="Zbigniew Wiśniewski",
            stage="adult",
            born=("30", "11", "1949"),
            address="3 Hawthorn Row",
            tenancy_ref="T-000872",
            relationship="Tenant, lives alone",
            safe_contact="In person, in Polish, mornings. He does not open letters",
        ),
    ),
    kinds=("a_self_neglect",),
    done="Made the gas safe, took the plug off the fire with his agreement, gave him my own sandwich.",
)

TINY_QUARTER = Narrative(
    number=19,
    title="On the site at Long Meadow",
    reporter="nadia",
    facts=(
        "Visit to the site at Long Meadow about the water standpipe. Mrs Shirley Boswell, 71, showed me the side of her "
        "trailer: the words are two feet high, sprayed in red, I will not copy them here. A window on the same side was "
        "broken, the stone was still on her bed. Her grandson's bicycle had been put on the fire. She said it has "
        "happened four times since August, always on the nights after there was something about the site in the local "
        "paper. I counted 11 letters to us and to the council in a plastic folder, the first dated 19 August. I could "
        "find one of them on our system, closed as “no action, neighbour dispute”.\n\n"
        "She has had a stroke, her right hand does not close, and she now sleeps in a chair facing the door with the "
        "lamp on. Her grandson, Nelson, 12, has not been to school for three weeks, because boys from the estate wait "
        "for him at the gate."
    ),
    said="“We've been here thirty-one years. I'm not asking for anything only to sleep. Nobody comes because of who we are.”",
    said_by="Mrs Boswell",
    how_known="disclosure",
    opinion="This is a hate crime that has been let run, and part of the fault is ours.",
    opinion_evidence="The words on the trailer, eleven letters and one record, and how that was closed.",
    precision="exact",
    days_ago=1,
    clock="2.15pm",
    place="Plot 3, Long Meadow site",
    people=(
        Someone(
            name="Shirley Boswell",
            stage="adult",
            age="71",
            address="Plot 3, Long Meadow",
            relationship="Licensee",
            safe_contact="Her daughter's mobile, 01632 960 745",
        ),
        Someone(name="Nelson Boswell", stage="child", age="12", address="Plot 3, Long Meadow", relationship="Grandson"),
        Someone(
            description="Boys of 15 to 17 from the Larkfield estate, not known", role="source_of_risk", stage="child"
        ),
    ),
    kinds=("c_emotional", "a_discriminatory", "a_psychological"),
    done="Reported the graffiti for removal today. Took the folder of letters to copy, with her agreement.",
)

HOSTILE = Narrative(
    number=22,
    title="Hostile and unusual text",
    reporter="jakub",
    facts=(
        "<script>alert('x')</script> is what the tenant's nephew had written on the wall; I copy it as it stood. He "
        'also showed me <img src="file:///etc/passwd"> on his laptop & laughed. The tenant, عبد الرحمن بن خالد '
        "(he wrote it for me himself, right to left, ٧٣ years old), sat on the floor in the corner. His tea was cold. "
        '=HYPERLINK("http://example.invalid","click") was on the screen too, and {{ 7*7 }} and %s and \'; DROP TABLE '
        "people;--. I don't know what any of it means but the nephew said “now your system is mine 😈”.\n\n"
        + "W"
        * 400
        + "\n\nThat line is what the keyboard did when he leant on it. He keeps his uncle's cards in his own wallet, I "
        "saw three of them with the name of خالد on. The old man's ankles were swollen 🦶🏽 and he had no slippers. "
        "There was a lock on the fridge. I have fixed fridges for twenty years and never put a lock on one. The flat was "
        "27 degrees and he was shivering. When the nephew went to the door for a parcel the old man took my hand and put "
        "it on his heart, and then he put a finger on his lips. He has a bruise all round the left arm above the elbow, "
        "four marks on one side and one on the other, like a hand. I looked at my watch at that moment: it was ten to two."
    ),
    said="“لا تقل لأحد”. I asked a colleague on the telephone: it means “tell nobody”. שלום, he said to the dog 🐕.",
    said_by="عبد الرحمن بن خالد",
    how_known="contractor_visit",
    opinion="+1-1 I think the nephew hurts him & keeps his money.",
    opinion_evidence="@The bruise, the cards, the lock.",
    precision="exact",
    days_ago=1,
    clock="1.50pm",
    place="Flat 9, “Café Block” <b>Elm</b> Street",
    people=(
        Someone(
            name="عبد الرحمن بن خالد",
            stage="adult",
            age="73",
            address="Flat 9, Elm Street",
            relationship="Tenant <i>alone</i> 🏠",
            safe_contact="With an interpreter from outside, when the nephew is at work",
        ),
        Someone(name='Ümit "Max" O\'Nephew-Ångström <b>', role="source_of_risk", stage="adult", age="30"),
    ),
    kinds=("a_financial", "a_physical", "a_other"),
    other_abuse="Locked fridge; “cyber” threats 💻",
    done="=SUM(A1:A9) Fixed the tap. Left.",
)

DRIVER = Narrative(
    number=23,
    title="The carer's van, a member of staff and somebody not known",
    reporter="olu",
    facts=(
        "At Sunnybank Court this morning three residents of the top corridor were still in bed at twenty to twelve, with "
        "their doors open and their call cords tied up out of reach. Mr Nguyễn Văn Phúc in 14 was wet through and had "
        "been so for some time, his skin was broken. Mrs Petronella van der Merwe in 15 had yesterday's supper tray "
        "beside her with the food uncut; she cannot cut food. Miss Siobhán Ó Briain in 16 had her hearing aids in a "
        "glass of water.\n\n"
        "The care log for all three was already filled in up to 6pm today, in the same pen, initialled. One of our own "
        "people signed the visitors' book at 7.55 and out at 8.05, and did not report anything. I could not read the name "
        "with certainty. The agency's white van was outside, engine running, with a man asleep in it."
    ),
    said="Mrs van der Merwe: “They tie it up because I ring too much. I only ring when I need to.”",
    said_by="Mrs van der Merwe",
    hearsay="The cleaner says it is like this every weekend, and that she was told to mind her own business.",
    hearsay_from="Cleaner, Sunnybank Court",
    how_known="observed",
    opinion="I think the agency leaves them and that somebody here knows it.",
    opinion_evidence="The log written in advance, the cords tied up, the visitors' book.",
    precision="exact",
    days_ago=0,
    clock="00:00",
    place="Sunnybank Court, top corridor",
    people=(
        Someone(name="Nguyễn Văn Phúc", stage="adult", age="88", address="14 Sunnybank Court", tenancy_ref="T-000119"),
        Someone(name="Petronella van der Merwe", stage="adult", age="92", address="15 Sunnybank Court"),
        Someone(name="Siobhán Ó Briain", stage="adult", age="79", address="16 Sunnybank Court"),
    ),
    kinds=("a_neglect", "a_organisational"),
    implicated="other_staff",
    staff_search="plumber",
    staff_words="It may be Jakub, or somebody with the same initials. White van, reg ends in 7 KL.",
    done="Untied the cords, changed Mr Nguyễn's bed with the cleaner, rang the agency: no answer.",
)

NARRATIVES = (
    MANAGER_BORROWS,
    CAPACITOUS_REFUSAL,
    PREGNANT_NEIGHBOUR,
    THREE_REPORTS,
    AGENCY_DECLINES,
    NOT_SATISFIED,
    NOBODY_ANSWERS,
    TINY_QUARTER,
    HOSTILE,
    DRIVER,
)
