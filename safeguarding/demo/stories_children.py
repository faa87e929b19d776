"""Stories about children, born and unborn. Everybody and every place in them is invented."""

from concerns.vocabulary import ChildAbuse as C
from concerns.vocabulary import HowKnown as H
from safeguarding.demo.story import Story

CHILDREN: tuple[Story, ...] = (
    Story(
        "cold-home-children",
        ("repairs",),
        "child",
        (1, 9),
        (C.NEGLECT,),
        (
            (
                "I attended for no heating; it had been off for {n} weeks and nobody rang.",
                "I surveyed {P}’s home for damp on {day}.",
            ),
            (
                "The children sleep on a bare mattress.",
                "There was dog mess on the floor where {p} was crawling.",
                "The kitchen had no food that I could see.",
            ),
            (
                "{p} was in a wet nappy and very quiet.",
                "{p} asked me if I had anything to eat.",
                "{p} was alone with an older sister of about eight.",
            ),
        ),
        ("“Mum’s asleep, you have to be quiet.”", "“We have our tea at school.”"),
        ("I think the children are often alone.", "I think {rel} is struggling and not unkind.", ""),
        H.CONTRACTOR_VISIT,
        ("{his} mother", "{his} father", "{his} mother’s partner"),
        6,
    ),
    Story(
        "shouting-upstairs",
        ("housing",),
        "child",
        (3, 14),
        (C.DOMESTIC, C.EMOTIONAL),
        (
            (
                "The noise app recorded {n} nights of shouting and something breaking.",
                "A neighbour rang about {P}’s family on {day}.",
                "I was on the estate at {time} and heard screaming from the flat.",
            ),
            (
                "A child can be heard crying “stop it”.",
                "{p} was outside in pyjamas.",
                "{rel} was shouting that {he} would get the same.",
            ),
            (
                "{p} has been late for school all month.",
                "{p} hid behind me when {rel} came down.",
                "The police had been there the night before.",
            ),
        ),
        ("“I put the pillow over my little brother’s ears.”", "“It is always my fault.”"),
        ("I think {p} hears and sees a lot of it.", ""),
        H.ASB,
        ("{his} stepfather", "{his} father", "{his} mother’s boyfriend"),
        6,
        True,
    ),
    Story(
        "marks-on-arm",
        ("repairs", "supported", "income"),
        "child",
        (4, 13),
        (C.PHYSICAL,),
        (
            (
                "I was servicing the boiler when {P} came into the kitchen.",
                "{P} was with {rel} at the appointment on {day}.",
            ),
            ("There were {n} round marks on {his} upper arm.", "{p} had a split lip.", "{p} would not sit down."),
            (
                "{rel} told {him} to pull the sleeve down.",
                "{rel} said it was football.",
                "I heard a slap from the next room before {p} came in.",
            ),
        ),
        ("“I was naughty.”", "“It doesn’t hurt now.”"),
        ("I think somebody held {him} hard.", ""),
        H.CONTRACTOR_VISIT,
        ("{his} father", "{his} mother", "an uncle"),
        3,
        True,
    ),
    Story(
        "new-trainers",
        ("housing", "homelessness"),
        "child",
        (13, 17),
        (C.CRIMINAL_EXPLOITATION,),
        (
            (
                "{P}’s mother asked for help at the surgery on {day}.",
                "Camera pictures show {P} handing something over at {time}.",
            ),
            (
                "{p} has two phones and expensive trainers.",
                "{p} was found in another city by the police.",
                "Men in a car shout {his} name at the block.",
            ),
            (
                "{p} has been missing {n} times.",
                "{p} has a knife under the bed.",
                "{p} is out of school since half term.",
            ),
        ),
        ("“They’d do Mum’s windows.”", "“I’m just earning.”"),
        ("I think older lads are using {him} to carry drugs.", ""),
        H.DISCLOSURE_OTHER,
        ("older lads", "a man the family do not know"),
        4,
        True,
    ),
    Story(
        "expecting-and-afraid",
        ("homelessness", "housing"),
        "unborn",
        (0, 0),
        (C.DOMESTIC,),
        (
            (
                "{P} is {n} months pregnant and came to us after a night in {his} car.",
                "{P} is expecting and asked for temporary housing on {day}.",
            ),
            (
                "{rel} pushed {him} down the stairs last month.",
                "{rel} has {his} maternity notes.",
                "{p} has missed two scans because {rel} would not drive {him}.",
            ),
            (
                "{p} has a fading bruise on the cheek.",
                "{p} turned the phone off when it rang.",
                "Nothing is ready for the baby.",
            ),
        ),
        ("“He says the baby will sort us out.”", "“I want somewhere he doesn’t know.”"),
        ("I think the baby and {p} are both in danger.", ""),
        H.DISCLOSURE,
        ("{his} partner", "{his} ex-partner"),
        3,
        True,
    ),
    Story(
        "hotel-room",
        ("homelessness",),
        "child",
        (2, 11),
        (C.NEGLECT, C.EMOTIONAL),
        (
            (
                "The family of {P} have been in one hotel room for {n} weeks.",
                "I did the fortnightly check at the hotel on {day}.",
            ),
            (
                "{p} has not been to school since the move.",
                "{rel} was asleep at {time} and smelled of drink.",
                "Night staff find {p} in the corridor.",
            ),
            (
                "There is nowhere to cook.",
                "{p} does not speak and rocks on the bed.",
                "{p} wore the same clothes as last time.",
            ),
        ),
        ("“Can you make Mum wake up?”", "“I don’t like the man next door.”"),
        ("I think {rel} is very low and needs help quickly.", ""),
        H.OBSERVED,
        ("{his} mother", "{his} father"),
        4,
    ),
    Story(
        "online-stranger",
        ("housing", "income"),
        "child",
        (11, 16),
        (C.ONLINE, C.SEXUAL_EXPLOITATION),
        (
            ("{P}’s grandmother told me during a visit on {day}.", "A parent stopped me outside the block."),
            (
                "{p} has been sending pictures to somebody met in a game.",
                "{p} was about to travel to meet a “friend” of {n} months.",
                "A parcel with a phone came for {p}.",
            ),
            (
                "The family don’t know who to ring.",
                "{rel} has taken the tablet away and {p} has locked {himself} in.",
                "{p} has stopped eating with the family.",
            ),
        ),
        ("“You don’t know him, he is nice to me.”", "“Everybody does it.”"),
        ("I think an adult is behind the account.", ""),
        H.DISCLOSURE_OTHER,
        ("{his} grandmother", "{his} mother"),
        2,
        True,
    ),
    Story(
        "drinking-parent",
        ("income", "supported"),
        "child",
        (6, 15),
        (C.NEGLECT, C.EMOTIONAL),
        (
            (
                "I visited to set up a payment plan on {day}.",
                "{P} answered the phone again when I rang {rel} at {time}.",
            ),
            (
                "{p} does the shopping and puts two smaller ones to bed.",
                "{rel} could not stand up.",
                "There were empty bottles along the wall.",
            ),
            (
                "{p} had not slept.",
                "{p} knew the amount of the arrears to the penny.",
                "{p} has missed {n} weeks of school.",
            ),
        ),
        ("“I’m the man of the house.”", "“Please don’t take us away.”"),
        ("I think {p} is looking after everybody.", ""),
        H.OBSERVED,
        ("{his} mother", "{his} father"),
        3,
    ),
)
