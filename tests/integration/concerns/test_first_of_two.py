"""What takes two people takes two who may still have a say: whoever asked, proposed or signed first, and was kept out
since, counts no more (I6, R41, R45). Nothing hangs on them: the second says no, and it is begun again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from accounts import services as people
from accounts.models import User
from accounts.vocabulary import Role
from audit.models import Event
from concerns import services
from concerns.models import ClosureProposal, Concern, Conflict, Deadline, LimitChange, TwoPersonStep
from concerns.services.conflicts import bar, recuse
from concerns.services.holding import leave_if_shut_out
from concerns.vocabulary import ClockKind, Implicated, PersonRole, RiskLevel, State, TwoPersonAct
from safeguarding.kit.errors import NotAllowed, NotNow
from sharing import services as sharing
from sharing.models import RequestRefusal, SignedRecord
from sharing.services import signing
from sharing.vocabulary import DecisionStatus, RequestAnswer, RequestKind
from tests.build import cases, decisions
from tests.build import sharing as build
from tests.build.cast import Cast, make_cast
from tests.build.intakes import PLAIN
from tests.build.web import get, post

pytestmark = pytest.mark.django_db
# A Tuesday, 10:00.
AT = cases.AT
HOUR = timedelta(hours=1)
NAMED = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_words="Somebody who calls each week.")
SAYS_SO = "can have no say in this concern any more"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def concern(cast: Cast) -> Concern:
    """Restricted; Gwen holds it."""
    return cases.submitted(cast, intake=NAMED)


def now(concern: Concern) -> Concern:
    return Concern.objects.get(pk=concern.pk)


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


def ask(concern: Concern, act: TwoPersonAct, *, by: User, conflict: Conflict | None = None) -> TwoPersonStep:
    return services.ask_second_person(
        concern_id=concern.pk, act=act, conflict_id=conflict.pk if conflict else None, reason="It was a mistake",
        by=again(by), at=AT + HOUR,
    )  # fmt: skip


def answer(step: TwoPersonStep, *, by: User, is_agreed: bool = True) -> TwoPersonStep:
    words = "" if is_agreed else "The one who asked is named"
    return services.give_second_view(step_id=step.pk, is_agreed=is_agreed, words=words, by=again(by), at=AT + 3 * HOUR)


def shut_out(concern: Concern, staff: User, *, by: User) -> None:
    bar(now(concern), staff_id=staff.pk, reason="The one who calls each week", by=by, at=AT + 2 * HOUR)


# --- What a lead asks for ------------------------------------------------------------------------


def test_nobody_voids_a_concern_with_whoever_was_named_in_it_since(cast: Cast, concern: Concern) -> None:
    step = ask(concern, TwoPersonAct.VOID, by=cast.imran)
    shut_out(concern, cast.imran, by=cast.ruth)
    with pytest.raises(NotNow, match=SAYS_SO):
        answer(step, by=cast.karen)
    assert now(concern).state == State.SUBMITTED
    # Another lead can't ask beside it, and is told the way on.
    with pytest.raises(NotNow, match="Then ask again"):
        ask(concern, TwoPersonAct.VOID, by=cast.ruth)
    answer(step, by=cast.ruth, is_agreed=False)
    answer(ask(concern, TwoPersonAct.VOID, by=cast.ruth), by=cast.karen)
    assert now(concern).state == State.VOID


def test_whoever_is_recused_or_managed_by_somebody_named_since_counts_no_more(cast: Cast, concern: Concern) -> None:
    step = ask(concern, TwoPersonAct.VOID, by=cast.imran)
    User.objects.filter(pk=cast.imran.pk).update(line_manager=cast.helen)
    shut_out(concern, cast.helen, by=cast.ruth)
    with pytest.raises(NotNow, match=SAYS_SO):
        answer(step, by=cast.karen)
    other = cases.submitted(cast, by=cast.sian)
    step = ask(other, TwoPersonAct.VOID, by=cast.ruth)
    recuse(now(other), staff=cast.ruth, reason="Her aunt", by=cast.ruth, at=AT + 2 * HOUR)
    with pytest.raises(NotNow, match=SAYS_SO):
        answer(step, by=cast.karen)


def test_a_bar_stays_when_whoever_asked_to_lift_it_was_named_too(cast: Cast, concern: Concern) -> None:
    shut_out(concern, cast.dev, by=cast.ruth)
    conflict = Conflict.objects.get(concern=concern, staff=cast.dev)
    step = ask(concern, TwoPersonAct.LIFT_CONFLICT, by=cast.imran, conflict=conflict)
    shut_out(concern, cast.imran, by=cast.ruth)
    with pytest.raises(NotNow, match=SAYS_SO):
        answer(step, by=cast.karen)
    conflict.refresh_from_db()
    assert conflict.lifted_at is None
    answer(step, by=cast.karen, is_agreed=False)
    answer(ask(concern, TwoPersonAct.LIFT_CONFLICT, by=cast.ruth, conflict=conflict), by=cast.karen)
    conflict.refresh_from_db()
    assert (conflict.lifted_by, conflict.lift_seconded_by) == (cast.ruth, cast.karen)


def test_a_restriction_is_not_ended_with_them(cast: Cast, concern: Concern) -> None:
    step = ask(concern, TwoPersonAct.LOOSEN_RESTRICTION, by=cast.imran)
    recuse(now(concern), staff=cast.imran, reason="His cousin", by=cast.imran, at=AT + 2 * HOUR)
    with pytest.raises(NotNow, match=SAYS_SO):
        answer(step, by=cast.karen)
    assert now(concern).is_restricted


def test_an_auditor_is_not_let_in_with_them(cast: Cast, concern: Concern) -> None:
    step = services.let_in(
        concern_id=concern.pk, person=cast.alan, until=AT + timedelta(days=9), reason="Audit", by=cast.imran, at=AT
    )
    assert isinstance(step, TwoPersonStep)
    shut_out(concern, cast.imran, by=cast.ruth)
    with pytest.raises(NotNow, match=SAYS_SO):
        answer(step, by=cast.karen)
    assert not Concern.objects.visible_to(again(cast.alan), at=AT + 3 * HOUR).filter(pk=concern.pk).exists()


def test_a_lower_level_of_risk_asked_for_by_them_is_taken_over_by_whoever_holds_it_now(cast: Cast) -> None:
    concern = cases.triaged(cast, holder=cast.dev, level=RiskLevel.CRITICAL)
    row = concern.involvements.get(role=PersonRole.AT_RISK)

    def lower(by: User) -> TwoPersonStep:
        services.update_person(
            concern_id=concern.pk, involvement_id=row.pk, by=by, at=AT + 2 * HOUR,
            values={"risk_level": "low", "risk_reason": "He moved out."},
        )  # fmt: skip
        return TwoPersonStep.objects.get(concern=concern, is_agreed=None)

    step = lower(cast.dev)
    shut_out(concern, cast.dev, by=cast.ruth)
    leave_if_shut_out(now(concern), at=AT + 2 * HOUR)
    with pytest.raises(NotNow, match=SAYS_SO):
        answer(step, by=cast.karen)
    holder = now(concern).responsible
    assert holder is not None
    answer(lower(holder), by=cast.karen)
    row.refresh_from_db()
    assert row.risk_level == "low"


def test_the_page_says_so_before_anybody_agrees_and_keeps_the_words(cast: Cast, concern: Concern) -> None:
    step = ask(concern, TwoPersonAct.VOID, by=cast.imran)
    page = f"/concerns/{concern.ref}/second-view/"
    assert SAYS_SO not in get(page, cast.karen, at=AT + HOUR).content.decode()
    shut_out(concern, cast.imran, by=cast.ruth)
    shown = get(page, cast.karen, at=AT + 2 * HOUR).content.decode()
    assert SAYS_SO in shown
    sent = {"view": "agree", "words": "I think so too", "step": step.handle, "seen_version": str(now(concern).version)}
    refused = post(page, cast.karen, sent, at=AT + 2 * HOUR).content.decode()
    assert "I think so too" in refused
    event = Event.objects.get(code="audit.act_refused", data__act="concerns.give-second-view")
    assert event.data["why"] == "not_now"
    assert now(concern).state == State.SUBMITTED


# --- Closing -------------------------------------------------------------------------------------


@pytest.fixture
def decided() -> Iterator[None]:
    with cases.everyone_decided():
        yield


@pytest.mark.usefixtures("decided")
def test_a_concern_is_not_closed_on_the_word_of_somebody_named_in_it_since(cast: Cast) -> None:
    concern = cases.closing_proposed(cast)
    assert concern.responsible == cast.gwen
    later = AT + 4 * HOUR
    bar(now(concern), staff_id=cast.gwen.pk, reason="She is the one", by=cast.ruth, at=later)
    leave_if_shut_out(now(concern), at=later)
    second = cast.karen
    with pytest.raises(NotNow, match=SAYS_SO):
        services.agree_closure(concern_id=concern.pk, words="Fine", by=again(second), at=later)
    assert now(concern).state == State.CLOSURE_REVIEW
    assert ClosureProposal.objects.get(concern=concern).is_agreed is None
    assert SAYS_SO in get(f"/concerns/{concern.ref}/close/view/", second, at=later).content.decode()
    services.refuse_closure(concern_id=concern.pk, words="She is named", by=again(second), at=later)
    holder = now(concern).responsible
    assert holder is not None
    assert holder != cast.gwen
    services.propose_closure(concern_id=concern.pk, closure=cases.CLOSURE, by=again(holder), at=later)
    services.agree_closure(concern_id=concern.pk, words="Fine", by=again(second), at=later)
    assert now(concern).state == State.CLOSED


# --- Decisions about sharing ----------------------------------------------------------------------


def test_not_sharing_does_not_come_into_force_on_their_signature(cast: Cast) -> None:
    concern, record = build.not_shared(cast)
    later = build.SIGNED_AT + HOUR
    bar(now(concern), staff_id=record.signed_by.pk, reason="The one", by=cast.ruth, at=later)
    leave_if_shut_out(now(concern), at=later)

    def view(*, is_agreed: bool, comment: str = "", by: User = cast.karen) -> None:
        signing.give_second_view(record_id=record.pk, is_agreed=is_agreed, comment=comment, by=again(by), at=later)

    with pytest.raises(NotNow, match=SAYS_SO):
        view(is_agreed=True)
    signed = SignedRecord.objects.get(pk=record.pk)
    assert (signed.decision.status, now(concern).state) == (DecisionStatus.AWAITING_SECOND, State.AWAITING_SECOND)
    page = get(f"/sharing/decisions/{record.ref}/{record.version}/", cast.karen, at=later)
    assert page.status_code == 200
    view(is_agreed=False, comment="Whoever signed it is named")
    assert now(concern).state == State.TRIAGE
    # Nobody differs with anybody, so that no time runs after which sharing would be the safer choice (t9).
    running = Deadline.objects.filter(concern=concern, met_at=None, dropped_at=None).values_list("kind", flat=True)
    assert ClockKind.TRIAGE in running
    assert ClockKind.DIFFERENCE not in running
    # Whoever holds it now decides afresh, and a second person looks at that.
    holder = now(concern).responsible
    assert holder is not None
    assert holder != record.signed_by
    record = build.signed(now(concern), decisions.not_shared(), at=later)
    assert record.signed_by == holder
    # Somebody who works here is named by now, so that it takes a Safeguarding Lead (3.4).
    with pytest.raises(NotAllowed, match="needs the view of a Safeguarding Lead"):
        view(is_agreed=True)
    view(is_agreed=True, by=cast.imran)
    assert now(concern).state == State.MONITORING


# --- Requests, roles and limits -------------------------------------------------------------------


def test_a_refusal_by_somebody_named_in_the_concern_since_is_not_agreed_to(cast: Cast) -> None:
    concern = build.case(cast)
    request = build.verified(cast, build.requested(cast, concern, kind=RequestKind.MEDIA))
    at = build.SIGNED_AT

    def refuse(by: User) -> None:
        sharing.answer_request(
            request_id=request.pk, answer=RequestAnswer.REFUSE, words="Rent is owed.",
            safeguarding_reason="He would find her.", by=again(by), at=at,
        )  # fmt: skip

    def decide(by: User, *, is_agreed: bool) -> None:
        sharing.countersign_refusal(
            request_id=request.pk, is_agreed=is_agreed, comment="Named", by=again(by), at=at + HOUR
        )

    refuse(cast.ruth)
    bar(now(concern), staff_id=cast.ruth.pk, reason="She is the one", by=cast.imran, at=at)
    with pytest.raises(NotNow, match="can have no say in this request any more"):
        decide(cast.imran, is_agreed=True)
    assert "can have no say" in get(f"{request.get_absolute_url()}countersign/", cast.imran, at=at).content.decode()
    decide(cast.imran, is_agreed=False)
    request.refresh_from_db()
    assert request.answer == ""
    refuse(cast.karen)
    decide(cast.imran, is_agreed=True)
    request.refresh_from_db()
    assert (request.answer, request.answered_by) == (RequestAnswer.REFUSE, cast.karen)
    assert RequestRefusal.objects.filter(request=request).count() == 2


def test_a_time_limit_is_not_changed_with_whoever_is_no_lead_any_more(cast: Cast) -> None:
    def propose(by: User) -> LimitChange:
        return services.propose_limit(code="T2.standard", value=2, reason="Fewer people", by=again(by), at=AT)

    change = propose(cast.imran)
    people.end_role(person=cast.imran, role=Role.DEPUTY_LEAD, by=None, at=AT)
    with pytest.raises(NotNow, match="no safeguarding lead any more"):
        services.view_limit(change_id=change.pk, is_agreed=True, words="", by=again(cast.ruth), at=AT)
    page = get("/limits/T2.standard/view/", cast.ruth, at=AT).content.decode()
    assert "no safeguarding lead any more" in page
    services.view_limit(change_id=change.pk, is_agreed=False, words="He left", by=again(cast.ruth), at=AT)
    again_proposed = propose(cast.ruth)
    services.view_limit(change_id=again_proposed.pk, is_agreed=True, words="", by=again(cast.karen), at=AT)
    again_proposed.refresh_from_db()
    assert again_proposed.is_agreed
