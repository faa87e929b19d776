"""Every place of the route × every action × every part that a person can have in it, against the real services.

The table below is written by hand from domain.md 2.2 and 5; whatever it does not list is refused and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import pytest
from django.db import transaction
from django.db.models import Max

from accounts.models import User
from accounts.selectors import forget_standing
from accounts.services import give_role
from accounts.vocabulary import Role
from audit.models import Event
from concerns import services
from concerns.models import Concern
from concerns.services.conflicts import bar
from concerns.vocabulary import TwoPersonAct
from concerns.workflow import BY_ACTION, Action, Who
from safeguarding.kit.errors import NotNow, Refusal
from safeguarding.kit.models import OutboxMessage
from sharing import services as sharing
from tests.build import cases, route
from tests.build import sharing as build
from tests.build.cast import Cast, make_cast
from tests.build.route import NOW, PLACES

pytestmark = pytest.mark.django_db

# Who has which part in what Amara of housing reported. Gwen holds it, but in a dispute Ruth does.
PARTS: dict[str, Callable[[Cast], User]] = {
    "line manager": lambda cast: cast.gwen,
    "reporter": lambda cast: cast.amara,
    "champion": lambda cast: cast.dev,
    "champion elsewhere": lambda cast: cast.mei,
    "lead": lambda cast: cast.ruth,
    "deputy": lambda cast: cast.imran,
    "operational lead": lambda cast: cast.karen,
    "designated senior manager": lambda cast: cast.martin,
    "chief executive": lambda cast: cast.sunita,
    "IG lead": lambda cast: cast.joyce,
    "auditor": lambda cast: cast.alan,
    "administrator": lambda cast: cast.bea,
    "contractor": lambda cast: cast.jakub,
    "another manager": lambda cast: cast.colin,
    "volunteer": lambda cast: cast.quinn,
    # The same people, shut out a moment before: what they could do, they can't.
    "barred deputy": lambda cast: cast.imran,
    "recused champion": lambda cast: cast.dev,
}

HOLDER = {"line manager"}
LEADS = {"lead", "deputy"}
SECONDS = LEADS | {"operational lead", "IG lead"}
ABOVE = {"champion", "lead", "deputy", "operational lead"}

# (place, action) -> the parts that may. Everybody else is refused, and so is every pair that is not here.
MAY: dict[tuple[str, str], set[str]] = {
    ("submitted", "acknowledge"): HOLDER,
    ("submitted", "pass_on"): HOLDER,
    ("submitted", "hand_on"): HOLDER | ABOVE,
    ("submitted", "merge"): ABOVE,
    ("submitted", "void"): LEADS,
    ("submitted", "void, second"): SECONDS,
    # R40: told together, and the first to acknowledge holds it.
    ("emergency", "acknowledge"): HOLDER | {"champion"} | LEADS,
    ("triage", "decide_to_share"): HOLDER,
    ("triage", "propose_not_sharing"): HOLDER,
    ("triage", "hand_on"): HOLDER | ABOVE,
    ("triage", "merge"): ABOVE,
    ("triage", "void"): LEADS,
    ("triage", "void, second"): SECONDS,
    # It has a decision now, so it is not joined to another, and with that decision it may be closed.
    ("triage again", "decide_to_share"): HOLDER,
    ("triage again", "propose_not_sharing"): HOLDER,
    ("triage again", "propose_closure"): HOLDER,
    ("triage again", "hand_on"): HOLDER | ABOVE,
    ("triage again", "void"): LEADS,
    ("triage again", "void, second"): SECONDS,
    ("awaiting_second", "agree_not_sharing"): ABOVE,
    ("awaiting_second", "refuse_not_sharing"): ABOVE,
    ("awaiting_second", "hand_on"): HOLDER | ABOVE,
    ("awaiting_second", "void"): LEADS,
    ("awaiting_second", "void, second"): SECONDS,
    ("referral_due", "send_referral"): HOLDER,
    # A new version that does not share calls the sending off, and takes a second person like the first.
    ("referral_due", "propose_not_sharing"): HOLDER,
    ("referral_due", "hand_on"): HOLDER | ABOVE,
    ("referral_due", "void"): LEADS,
    ("referral_due", "void, second"): SECONDS,
    # From here on an agency knows of it: it can't have been entered in error.
    ("referred", "record_agency_acknowledgement"): HOLDER,
    ("referred", "dispute"): HOLDER,
    ("referred", "hand_on"): HOLDER | ABOVE,
    ("with_agency", "dispute"): HOLDER,
    ("with_agency", "monitor"): HOLDER,
    ("with_agency", "propose_closure"): HOLDER,
    ("with_agency", "hand_on"): HOLDER | ABOVE,
    # The lead holds it while it is in dispute; who held it before has no part in it any more.
    ("disputed", "refer_again"): {"lead"},
    ("disputed", "settle_with_agency"): {"lead"},
    ("disputed", "monitor"): {"lead"},
    ("disputed", "hand_on"): ABOVE,
    ("monitoring", "consider_again"): HOLDER,
    # A new decision to share opens the question and answers it at once (t15, t6).
    ("monitoring", "decide_to_share"): HOLDER,
    ("monitoring", "propose_closure"): HOLDER,
    ("monitoring", "hand_on"): HOLDER | ABOVE,
    ("monitoring", "void"): LEADS,
    ("monitoring", "void, second"): SECONDS,
    ("closure_review", "agree_closure"): ABOVE,
    ("closure_review", "refuse_closure"): ABOVE,
    ("closure_review", "hand_on"): HOLDER | ABOVE,
    ("closure_review", "void"): LEADS,
    ("closure_review", "void, second"): SECONDS,
    ("closed", "reopen"): ABOVE,
    ("merged", "separate"): LEADS,
    ("void", "restore"): LEADS,
}
ACTIONS = [*(str(action) for action in Action), "void, second"]
Act = Callable[[User], object]


def prepared(action: str, concern: Concern, cast: Cast) -> Act:
    """What is needed first is done by those who may; what is left is the act itself. Refusal when it can't be done."""
    pk, at = concern.pk, NOW
    match action:
        case "acknowledge":
            return lambda by: services.acknowledge(concern_id=pk, by=by, at=at, has_conflict=False)
        case "pass_on":
            return lambda by: services.decline(concern_id=pk, by=by, at=at, reason="In court.")
        case "decide_to_share" | "propose_not_sharing":
            draft = route.written(concern, cast, shares=action == "decide_to_share", at=at)
            return lambda by: sharing.sign_decision(decision_id=draft.pk, seen_edit=draft.edit, by=by, at=at)
        case "agree_not_sharing" | "refuse_not_sharing":
            agrees = action == "agree_not_sharing"
            return lambda by: route.view_decision(concern, is_agreed=agrees, by=by, at=at)
        case "take_safer_choice":
            raise NotNow("Nobody does this: the system does, when the time to agree is up.")
        case "send_referral" | "refer_again":
            sent = build.sending(at)
            referral = route.referral_of(concern)
            return lambda by: sharing.send_referral(referral_id=referral.pk, sending=sent, by=by, at=at)
        case "record_agency_acknowledgement" | "settle_with_agency":
            referral = route.referral_of(concern)
            return lambda by: sharing.record_acknowledgement(
                referral_id=referral.pk, word=route.word(at), agency_reference="A1", by=by, at=at
            )
        case "dispute":
            referral = route.referral_of(concern)
            return lambda by: sharing.open_dispute(referral_id=referral.pk, reason="Not enough.", by=by, at=at)
        case "monitor":
            referral = route.referral_of(concern)
            return lambda by: sharing.end_referral(referral_id=referral.pk, words="We visit.", by=by, at=at)
        case "consider_again":
            return lambda by: route.review(concern, by=by, at=at)
        case "propose_closure":
            if concern.responsible_id is not None:
                cases.answer_outcomes(concern, at=at)
            return lambda by: services.propose_closure(concern_id=pk, closure=cases.CLOSURE, by=by, at=at)
        case "agree_closure":
            return lambda by: services.agree_closure(concern_id=pk, words="Agreed.", by=by, at=at)
        case "refuse_closure":
            return lambda by: services.refuse_closure(concern_id=pk, words="The son is back.", by=by, at=at)
        case "reopen":
            return lambda by: services.reopen(concern_id=pk, reason="The son is back.", by=by, at=at)
        case "hand_on":
            return lambda by: services.hand_on(concern_id=pk, to=cast.martin, note="She trusts you.", by=by, at=at)
        case "merge":
            into = route.other_report(cast).pk
            return lambda by: services.merge(concern_id=pk, into_id=into, reason="One visit.", by=by, at=at)
        case "separate":
            return lambda by: services.separate(concern_id=pk, reason="Two flats.", by=by, at=at)
        case "restore":
            return lambda by: services.restore(concern_id=pk, reason="It was real.", by=by, at=at)
        case "void":
            return lambda by: route.enter_in_error(
                concern, asked_by=by, agreed_by=cast.ruth if by == cast.imran else cast.imran, at=at
            )
    assert action == "void, second"
    # Somebody asks who has no part in the table, so that everybody in it may be asked.
    give_role(person=cast.rhys, role=Role.DEPUTY_LEAD, by=None, at=at)
    forget_standing(cast.rhys)
    step = services.ask_second_person(concern_id=pk, act=TwoPersonAct.VOID, reason="A drill.", by=cast.rhys, at=at)
    return lambda by: services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=by, at=at)


def shut_out(part: str, concern: Concern, person: User, cast: Cast) -> None:
    with suppress(Refusal):
        if part == "barred deputy":
            bar(services.base.lock(concern.pk), staff_id=person.pk, reason="He is named.", by=cast.karen, at=NOW)
        elif part == "recused champion":
            services.declare_conflict(concern_id=concern.pk, by=person, words="My cousin.", at=NOW)


@dataclass(frozen=True)
class Before:
    """What a refusal leaves as it was."""

    concern: tuple[object, ...]
    messages: int
    last_event: int


def remember(concern: Concern) -> Before:
    return Before(
        Concern.objects.values_list("state", "responsible", "version", "is_restricted").get(pk=concern.pk),
        OutboxMessage.objects.count(),
        Event.objects.aggregate(last=Max("pk"))["last"],
    )


def did(action: str, part: str, act: Act, concern: Concern, cast: Cast, before: Before) -> bool:
    """Whether `part` may do it now: the ledger tells the move. Rolled back; a refusal changes nothing at all."""
    person = PARTS[part](cast)
    with transaction.atomic():
        if part in ("barred deputy", "recused champion"):
            shut_out(part, concern, person, cast)
            before = remember(concern)
        sentence = ""
        try:
            act(person)
        except Refusal as refusal:
            sentence = refusal.sentence
        if sentence:
            assert sentence.endswith(".")
            assert remember(concern) == before
            moved = False
        else:
            code = BY_ACTION[Action(action.partition(",")[0])].event.code
            moved = Event.objects.filter(pk__gt=before.last_event, code=code, concern_id=concern.pk).exists()
        transaction.set_rollback(True)
    return moved


@pytest.mark.parametrize("place", PLACES)
def test_what_each_person_may_do_is_what_the_matrix_says(place: str) -> None:
    cast = make_cast()
    concern = PLACES[place](cast)
    found: dict[tuple[str, str], set[str]] = {}
    # An emergency differs from any other report in who may acknowledge it, and in nothing else.
    for action in ["acknowledge"] if place == "emergency" else ACTIONS:
        may: set[str] = set()
        with transaction.atomic():
            try:
                act = prepared(action, concern, cast)
            except Refusal:
                pass  # not even those who may do what comes first can
            else:
                before = remember(concern)
                may = {part for part in PARTS if did(action, part, act, concern, cast, before)}
            transaction.set_rollback(True)
        if may:
            found[place, action] = may
    assert found == {triple: parts for triple, parts in MAY.items() if triple[0] == place}


# The parts that stand behind each word of the table's column "Who", by hand; the system is nobody's part.
STANDS_FOR: dict[Who, set[str]] = {
    Who.RESPONSIBLE: HOLDER,
    Who.TOLD_OF_EMERGENCY: HOLDER | {"champion"} | LEADS,
    Who.LEAD_IN_DISPUTE: {"lead"},
    Who.SECOND_PERSON: ABOVE,
    # Gwen, a line manager, decided; what a lead decided takes a lead (test_differing.py).
    Who.SECOND_OF_SAME_RANK: ABOVE,
    Who.SECOND_AT_LEAD_LEVEL: SECONDS,
    Who.CHAMPION: {"champion"},
    Who.LEAD: LEADS,
    Who.OPERATIONAL_LEAD: {"operational lead"},
    Who.REVIEWER: set(),
    Who.SYSTEM: set(),
}


@pytest.mark.parametrize("action", Action)
def test_the_column_who_says_what_the_matrix_says(action: Action) -> None:
    """The page and docs/process.md show that column, so it must be true."""
    may = set().union(*(parts for (_, what), parts in MAY.items() if what.partition(",")[0] == action))
    assert set().union(*(STANDS_FOR[who] for who in BY_ACTION[action].who)) == may


def test_what_the_system_moves_by_itself() -> None:
    """Only upwards, into a dispute or to the safer choice, never to an end: nothing closes by itself (2.4, t9)."""
    by_itself = {str(line.action) for line in BY_ACTION.values() if Who.SYSTEM in line.who}
    assert by_itself == {"pass_on", "dispute", "hand_on", "take_safer_choice"}
