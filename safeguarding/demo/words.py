"""What the people who work on the demo's concerns write. {p} is the first name of the person at risk, {rel} another."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from concerns.vocabulary import StaffStepAnswer, StaffStepKind

NOTES = (
    "Rang {p} at home, no answer. Will try again tomorrow morning before visits.",
    "Spoke with {p} by phone. {p} was calm, talked freely and agreed that I may come by on Thursday.",
    "Looked at our own records: {k} earlier contacts in the last two years, none about safeguarding.",
    "Repairs history checked. Three visits were refused at the door this year.",
    "Asked the scheme to keep an eye on who comes and goes. Nothing written on paper at the scheme.",
    "Rent account looked at: in credit until {month}, then nothing. No notice is to be served while this is open.",
    "Colleague who visited last month says that {p} seemed well then and the home was tidy.",
    "Met {p} at the library, away from {rel}. {p} asked for time to think.",
    "{p} rang the duty line after hours and was given the out-of-hours number of social care.",
    "Checked with the reporter what was seen and what was guessed. The report stands as written.",
    "Wrote down the words used on the phone as near as I could: “I can manage, but not for ever.”",
    "Lock change arranged for this week without cost to the tenant.",
    "Interpreter booked for the next talk. {rel} will not be asked to translate.",
    "A letter would not be safe, so nothing goes by post. Text message only, as {p} asked.",
)
HOUSEHOLD = (
    "{p} lives alone. {rel} comes most days. I looked for anybody else who stays there and found nobody.",
    "Asked {p} who else is at home: {rel}, and a cousin who sleeps on the sofa at weekends. No child lives there.",
    "Tenancy record, housing benefit and the neighbour agree on who lives there. Nobody else seems at risk.",
    "There are pets and nobody else. {p}’s sister lives in the next street and was named as somebody to ring.",
    "School-age children were looked for and are all listed here. The grandmother helps most afternoons.",
    "I spoke with the caretaker and looked at the sign-in book. {rel} is there nearly every night.",
    "Household checked with {p} alone. {p} named two friends who know, and nobody who is in danger too.",
    "Nobody is on the tenancy but {p}. {rel} is not meant to be there and has no other address that we know of.",
)
RISK = (
    "It has been going on for some time and is getting worse.",
    "It happened once that we know of, and there are people around who help.",
    "{p} can say no to {rel} by phone but not face to face.",
    "There were marks, and {p} is alone most of the day.",
    "Care is in place from tomorrow. Until then a neighbour looks in.",
    "{p} has somewhere to go at night, and knows how to ring us.",
    "Nobody has seen {p} alone yet, so I put it higher rather than lower.",
)
HAND_OVER = (
    "I am away from Friday. {p} is expecting a call. The key facts are in the first note and in the triage.",
    "This needs somebody who knows the area’s hostels. {p} has agreed to speak with you. Nothing else is promised.",
    "I managed this family’s case years ago and think somebody else should look with fresh eyes.",
)
DECLINE = (
    "I am at the inspection all day and can’t do this justice.",
    "I already hold three urgent ones today.",
    "I am on a course this afternoon and out of reach.",
)
FEEDBACK = (
    "Thank you for writing this down so clearly. It has been looked at and somebody is dealing with it.",
    "Your report was right to send. We can’t say more, but {p} has been seen.",
    "We have acted on what you told us. If you notice anything new, add it to your report.",
    "It was passed on to the right people. Please carry on visiting as before and do not raise it with {rel}.",
    "We have decided what to do and will look again in a few weeks. Thank you.",
)
NOT_REACHED = (
    "No answer in the morning. No message left, because others can hear it.",
    "Nobody came to the door. The curtains were open and the bins were out.",
)
REACHED = (
    "{p} still does not want others told, and was glad that we rang. We went through what could help.",
    "Spoke with {p} alone. {p} will think about the advocate and has our number.",
    "{p} is well today. We agreed that I ring at the same time next week.",
)
REVIEW = (
    "Saw {p} on {weekday}. Nothing new has happened. {p} knows whom to ring.",
    "Rang {p} twice and visited once. The home is warm and there is food. {rel} was not there.",
    "{p} has started at the day centre and says that it helps. Money is now paid into a separate account.",
    "No change. {p} does not want more help now and could say why.",
    "{p} has moved to the ground floor and the locks were changed. The neighbours report quiet nights.",
    "Spoke with the worker at the agency and with {p}. Both say that things are steadier than last month.",
    "{rel} was back over the weekend. Nobody was hurt. The plan stays, and I have told the area’s champion.",
)
SECOND_AGREES = (
    "I have read all of it. I agree, and the review date is right.",
    "Agreed. The reasons stand on what was seen. Ring me if anything changes.",
    "I agree. I would bring the next talk forward by a few days.",
    "I agree with the decision and with how it was reached.",
)
SECOND_REFUSES = (
    "I don’t agree. There may be somebody else at risk, and we have not seen {p} alone.",
    "I don’t agree: this has happened before. Adult social care should hear of it today.",
)
CLOSING = (
    "{p} is safe as far as we can know, has people to ring, and the agency carries it on.",
    "What we could do is done. {p} has been told how to reach us and so has the sister.",
    "Three quiet months, two visits, no new report. {p} agrees that this can end.",
    "The agency has taken it over with a named worker. We have nothing further to do but our normal visits.",
)
FAMILY_AGAIN = (
    "Looked again at everybody in the home and at {rel}. Nobody else is at risk.",
    "Children in the family asked after by name. School has no worry.",
    "{p} lives alone now. {rel} has a new address and no contact.",
    "Household is as at triage; each person was seen or spoken with since.",
)
REPORTER_TOLD = (
    "Told on the receipt and by phone that it has been dealt with.",
    "Told in our one-to-one, in general words only.",
    "Told by the feedback on the receipt.",
)
STAFF_STEPS = {
    StaffStepKind.LADO: (
        StaffStepAnswer.DONE,
        "Rang the LADO the same day. Advised to go on and to keep them informed.",
    ),
    StaffStepKind.PIPOT: (StaffStepAnswer.DONE, "PiPoT lead consulted by phone. They will write to us."),
    StaffStepKind.POLICE: (StaffStepAnswer.DONE, "Told the police on 101. They gave us an incident number."),
    StaffStepKind.ADULT_CARE: (StaffStepAnswer.DONE, "Rang the adults MASH. The decision about sharing follows."),
    StaffStepKind.HR: (StaffStepAnswer.DONE, "The head of HR knows that there is a concern, and no more than that."),
    StaffStepKind.DBS: (StaffStepAnswer.NOT_NEEDED, "Considered with HR. The duty to refer is not met at this stage."),
}
CLOSE_REFUSED = (
    "Not yet: I would like one more visit with {p} alone before we close.",
    "The agency’s last word is three weeks old. Ask once more, then propose it again.",
)
NOT_SATISFIED = (
    "I was there again yesterday and it is just the same. I don’t think anybody has been.",
    "It was put down as a family matter. I don’t think it is.",
)
ANSWER = (
    "I spoke with everybody who worked on it. What was done is sound, and a visit is set for next week. Thank you.",
    "I read all of it. You were told too little and too late, and I am sorry. The case itself is in hand.",
)
OUTCOMES = (
    "To feel safe at home and keep the flat.",
    "To have my own money and decide about it.",
    "To see my grandchildren without a row.",
    "For it to stop, without police.",
    "To be left in peace and know whom to ring.",
)
DAILY = (
    "Days are spent mostly indoors with the television on; {p} goes out when {rel} is away.",
    "{p} goes to work early, comes back late, and does not sleep well.",
    "School, then home, then nothing much. {p} likes drawing.",
    "{p} gets up late, eats little, and talks to the neighbour over the balcony.",
)


def pick(dice: random.Random, texts: Sequence[str], fill: Mapping[str, str]) -> str:
    """One of `texts`, filled, with a capital at the start."""
    words = dice.choice(texts).format(
        **fill,
        k=dice.randint(2, 9),
        month=dice.choice(["March", "May", "August", "October"]),
        weekday=dice.choice(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]),
    )
    return words[:1].upper() + words[1:]
