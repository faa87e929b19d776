"""When a request for information must be answered, and which answers are open. Pure (R102-R107, T15, VR of field 4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from concerns import clocks
from concerns.limits import Code, Limits
from sharing.rules import names_other_interests
from sharing.vocabulary import IG_REQUESTS, STATUTORY_REQUESTS, DecisionKind, RequestAnswer, RequestKind

# All that somebody may be told whose identity nobody has checked (R106).
UNVERIFIED_WORDS = (
    "We can’t answer until we have checked who you are. We can neither confirm nor deny that we hold anything."
)
_DECISION_FOR = {
    RequestAnswer.FULL: frozenset({DecisionKind.WITH_AGREEMENT, DecisionKind.WITHOUT_AGREEMENT}),
    RequestAnswer.PART: frozenset({DecisionKind.PART}),
}


@dataclass(frozen=True)
class RequestFacts:
    """What the answer depends on. `decision_kind`: the signed decision in force that answers it, or nothing."""

    kind: str
    is_verified: bool
    is_linked: bool
    decision_kind: str = ""
    is_refusal_disputed: bool = False  # VR14: a Safeguarding Lead did not agree with a refusal of it


def answer_by(limits: Limits, kind: str, *, is_emergency: bool, received_at: datetime) -> datetime:
    """T15: an emergency and a section 47 request on the same day, subject access in one month, others in two
    working days.
    """
    if is_emergency or kind == RequestKind.S47:
        return clocks.same_day_by(limits, received_at)
    if kind == RequestKind.SUBJECT_ACCESS:
        return clocks.one_month_by(received_at)
    return limits.after(Code.REQUEST, received_at)


def is_in_working_time(kind: str, *, is_emergency: bool) -> bool:
    """Whether T15 counts the office's days: not on the same day, and not the law's month."""
    return not is_emergency and kind not in (RequestKind.S47, RequestKind.SUBJECT_ACCESS)


def goes_to_ig_lead(kind: str, *, is_compulsory: bool) -> bool:
    """R107: whatever has the force of law, and subject access."""
    return is_compulsory or kind in IG_REQUESTS


def open_answers(facts: RequestFacts) -> tuple[RequestAnswer, ...]:
    """The answers that may be chosen: until the requester is verified, only the one that says nothing (R106)."""
    return tuple(RequestAnswer) if facts.is_verified else (RequestAnswer.NEITHER,)


def needs_lead(facts: RequestFacts, answer: RequestAnswer, words: str) -> bool:
    """VR14: a refusal that speaks of something other than safeguarding waits for a Safeguarding Lead, and after a lead
    did not agree with one, so does every further refusal, in whatever words.
    """
    return is_refusal(facts, answer) and (facts.is_refusal_disputed or names_other_interests(words))


def is_refusal(facts: RequestFacts, answer: RequestAnswer) -> bool:
    """Neither to confirm nor to deny is a refusal too, but where it is all that may be said (R106)."""
    return answer in {RequestAnswer.REFUSE, RequestAnswer.NEITHER} and facts.is_verified


def problem_with_answer(facts: RequestFacts, answer: RequestAnswer) -> str | None:
    """Why this can't be the answer, in a sentence; None when it can."""
    if answer not in open_answers(facts):
        return "Check first who asks. Until then the only answer is to neither confirm nor deny."
    if needed := _DECISION_FOR.get(answer):
        if not facts.is_linked:
            return "Link the request to a concern first. Sharing needs a decision about it."
        if facts.decision_kind not in needed:
            return "Sharing needs a signed decision for this request that says the same. Decide about sharing first."
    if answer == RequestAnswer.NOTHING_HELD and facts.is_linked:
        return "This request is linked to a concern, so something is held."
    is_statutory = answer == RequestAnswer.REFUSE and facts.kind in STATUTORY_REQUESTS
    if is_statutory and facts.decision_kind != DecisionKind.NOT_SHARE:
        return "Refusing this kind of request needs a signed decision not to share, and a second person’s view of it."
    return None
