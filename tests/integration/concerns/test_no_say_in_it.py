"""Who reported part of a story, or works below somebody named in it, has no say in it and reads nothing by it (R45)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from accounts import services as people
from accounts.models import User
from accounts.services import PersonDetails
from audit.models import Event
from concerns import services
from concerns.models import Concern, Conflict, Dissatisfaction, Draft
from concerns.models.ways import people_let_in
from concerns.permissions import can_second_step, check_can_answer_dissatisfaction, check_may_hold
from concerns.selectors.drafts import find_draft
from concerns.services.holding import next_holder
from concerns.services.sweeping import sweep
from concerns.vocabulary import BreakGlassReason, Implicated, KeptOutBecause, TwoPersonAct, Way
from safeguarding.kit import outbox
from safeguarding.kit.errors import allows
from sharing import services as sharing
from sharing.permissions import can_second_record
from tests.build import cases, decisions
from tests.build import sharing as build
from tests.build.cast import Cast, make_cast
from tests.build.intakes import PLAIN
from tests.build.sharing import SIGNED_AT, TRIAGED_AT, fresh, holder_of
from tests.build.web import get

pytestmark = pytest.mark.django_db
AT = cases.AT
HOUR = timedelta(hours=1)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


def managed_by(person: User, manager: User, cast: Cast) -> None:
    details = replace(PersonDetails.of(again(person)), line_manager=manager)
    people.change_person(person=again(person), details=details, by=cast.bea, at=SIGNED_AT)


def about(person: User, *, by: User) -> Concern:
    intake = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=(person.pk,))
    return services.raise_concern(intake=intake, by=by, at=AT)


def asked_to_let_in(concern: Concern, cast: Cast) -> TwoPersonAct:
    bar = Conflict.objects.get(concern=concern)
    act = TwoPersonAct.LIFT_CONFLICT
    services.ask_second_person(
        concern_id=concern.pk, act=act, reason="The wrong account", by=cast.ruth, at=AT + HOUR, conflict_id=bar.pk
    )
    return act


def reads_as_second(person: User, concern: Concern) -> bool:
    """By both faces of the way in, which must agree."""
    found = Concern.objects.visible_to(again(person), at=AT + 2 * HOUR).filter(pk=concern.pk).exists()
    let_in = people_let_in(fresh(concern), at=AT + 2 * HOUR)
    assert found == any(row.user == person and row.way == Way.SECOND for row in let_in)
    return found


def test_an_information_governance_lead_who_may_give_the_second_view_reads_the_case(cast: Cast) -> None:
    concern = about(cast.helen, by=cast.amara)
    assert not reads_as_second(cast.joyce, concern)
    assert can_second_step(cast.joyce, concern, asked_to_let_in(concern, cast))
    assert reads_as_second(cast.joyce, concern)


def test_who_reported_it_is_not_asked_and_reads_nothing(cast: Cast) -> None:
    concern = about(cast.helen, by=cast.joyce)
    assert not can_second_step(cast.joyce, concern, asked_to_let_in(concern, cast))
    assert not reads_as_second(cast.joyce, concern)
    assert get(concern.get_absolute_url(), again(cast.joyce), at=AT + 2 * HOUR).status_code == 404


def test_who_reported_what_was_joined_to_it_is_not_asked_either(cast: Cast) -> None:
    concern = about(cast.helen, by=cast.amara)
    other = services.raise_concern(intake=PLAIN, by=cast.joyce, at=AT)
    services.merge(concern_id=other.pk, into_id=concern.pk, reason="One visit", by=cast.ruth, at=AT + HOUR)
    assert not can_second_step(cast.joyce, concern, asked_to_let_in(concern, cast))
    assert not reads_as_second(cast.joyce, concern)


def test_who_works_below_somebody_named_is_not_asked_and_reads_nothing(cast: Cast) -> None:
    managed_by(cast.joyce, cast.helen, cast)
    concern = about(cast.helen, by=cast.amara)
    assert not can_second_step(again(cast.joyce), concern, asked_to_let_in(concern, cast))
    assert not reads_as_second(cast.joyce, concern)


def test_glass_that_was_broken_closes_when_somebody_above_is_named(cast: Cast) -> None:
    """Mei works below Helen: she could not break it now (domain.md 5)."""
    concern = about(cast.colin, by=cast.amara)
    services.break_glass(ref=concern.ref, reason=BreakGlassReason.values[0], words="A child", by=cast.mei, at=AT + HOUR)
    assert get(concern.get_absolute_url(), cast.mei, at=AT + HOUR).status_code == 200
    named_at = AT + HOUR + timedelta(minutes=5)
    services.keep_out(
        concern_id=concern.pk, staff=cast.helen, because=KeptOutBecause.CAUSE, words="Named", by=cast.ruth, at=named_at
    )
    assert get(concern.get_absolute_url(), cast.mei, at=named_at + timedelta(minutes=1)).status_code == 404
    ended = Event.objects.get(code="concern.let_in_ended")
    assert ended.data == {"staff": cast.mei.pk, "cause": "below"}


# --- Whoever reported what was joined ----------------------------------------------------------------


def joined_report(concern: Concern, by: User, cast: Cast) -> Concern:
    other = services.raise_concern(intake=PLAIN, by=by, at=TRIAGED_AT)
    services.merge(concern_id=other.pk, into_id=concern.pk, reason="One visit", by=cast.ruth, at=TRIAGED_AT)
    return other


def test_the_holder_who_reported_what_is_joined_to_it_hands_it_on(cast: Cast) -> None:
    concern = build.case(cast, holder=cast.nadia)
    other = joined_report(concern, cast.nadia, cast)
    assert fresh(concern).responsible not in (None, cast.nadia)
    assert not allows(check_may_hold, cast.nadia, fresh(concern))
    services.separate(concern_id=other.pk, reason="Another flat", by=cast.ruth, at=TRIAGED_AT + HOUR)
    assert allows(check_may_hold, cast.nadia, fresh(concern)), "apart it is none of her reports"
    holder = holder_of(concern)
    services.hand_on(concern_id=concern.pk, to=cast.nadia, note="Yours.", by=holder, at=TRIAGED_AT + 2 * HOUR)
    assert holder_of(concern) == cast.nadia


def joined_before(concern: Concern, by: User, cast: Cast) -> None:
    """As joining did it before anybody looked at who reported the other one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("concerns.services.joining.leave_if_shut_out", lambda *_, **__: None)
        patch.setattr("concerns.services.joining.replace_lost_reviewer", lambda *_, **__: None)
        joined_report(concern, by, cast)


def test_a_sweep_moves_on_what_was_joined_before(cast: Cast) -> None:
    concern = build.case(cast, holder=cast.nadia)
    joined_before(concern, cast.nadia, cast)
    assert holder_of(concern) == cast.nadia
    sweep(at=TRIAGED_AT + HOUR)
    assert holder_of(concern) != cast.nadia
    moved_on = holder_of(concern)
    sweep(at=TRIAGED_AT + 2 * HOUR)
    assert holder_of(concern) == moved_on


@pytest.mark.parametrize("is_before", [False, True])
def test_who_looks_at_it_afresh_is_somebody_else_once_their_own_report_is_joined(
    cast: Cast, *, is_before: bool
) -> None:
    concern = build.case(cast)
    services.say_not_satisfied(concern_id=concern.pk, words="Nothing happens.", by=cast.amara, at=TRIAGED_AT)
    first = Dissatisfaction.objects.get().reviewer
    if is_before:
        joined_before(concern, first, cast)
        sweep(at=TRIAGED_AT + HOUR)
    else:
        joined_report(concern, first, cast)
    second = Dissatisfaction.objects.get().reviewer
    assert second != first
    answers = check_can_answer_dissatisfaction
    assert not allows(answers, again(first), fresh(concern), reviewer_id=first.pk)
    assert allows(answers, second, fresh(concern), reviewer_id=second.pk)


def test_where_nobody_is_free_the_last_resort_is_no_reporter_of_a_part(cast: Cast) -> None:
    """Martin reported a part, and everybody on the ladder is away: it goes to somebody who may act on it."""
    concern = build.case(cast, holder=cast.nadia)
    joined_report(concern, cast.martin, cast)
    everybody = frozenset(User.objects.values_list("pk", flat=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("concerns.services.holding.absent_at", lambda *_, **__: everybody)
        choice = next_holder(fresh(concern), at=TRIAGED_AT + HOUR, skip=frozenset({holder_of(concern).pk}))
    assert choice.is_ladder_exhausted
    assert choice.user_id != cast.martin.pk


def test_who_reported_what_was_joined_gives_no_second_view(cast: Cast) -> None:
    concern = build.case(cast)
    signed = build.signed(concern, decisions.not_shared())
    assert can_second_record(cast.dev, signed)
    joined_report(concern, cast.dev, cast)
    assert not can_second_record(again(cast.dev), signed)


# --- What reaches somebody who has no part any more --------------------------------------------------


def test_a_holder_who_lost_their_part_hears_nothing_of_its_decisions(cast: Cast) -> None:
    concern = build.case(cast)
    signed = build.signed(concern, decisions.not_shared())
    assert holder_of(concern) == cast.gwen
    sharing.give_second_view(record_id=signed.pk, is_agreed=True, comment="Agreed", by=cast.ruth, at=SIGNED_AT)
    managed_by(cast.amara, cast.colin, cast)
    assert not Concern.objects.visible_to(again(cast.gwen)).filter(pk=concern.pk).exists()
    mail.outbox.clear()
    outbox.deliver_due(at=SIGNED_AT + HOUR)
    assert not [sent for sent in mail.outbox if cast.gwen.email in sent.to]


def test_the_address_of_a_draft_tells_a_reporter_who_was_named_since_nothing(cast: Cast) -> None:
    draft = Draft.objects.create(owner=cast.amara, key="k" * 20, started_at=AT, saved_at=AT)
    concern = services.raise_concern(intake=PLAIN, by=cast.amara, at=AT, draft=draft)
    assert find_draft(draft.key, cast.amara).sent_as == concern
    services.keep_out(
        concern_id=concern.pk, staff=cast.amara, because=KeptOutBecause.CAUSE, words="Named", by=cast.ruth, at=AT + HOUR
    )
    for name in ("carry-on-draft", "check-draft", "discard-draft", "list-draft-files"):
        answer = get(reverse(f"concerns:{name}", args=[draft.key]), cast.amara, at=AT + 2 * HOUR)
        assert answer.status_code == 404, name
