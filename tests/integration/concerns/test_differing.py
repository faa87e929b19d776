"""Two people differ about not sharing: who may say so, and that the safer choice stands in the end (t7-t9, 3.4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from audit.models import Event
from concerns import services
from concerns.models import Concern, Deadline
from concerns.services.sweeping import sweep
from concerns.vocabulary import ClockKind, HolderCause, State
from safeguarding.kit.errors import NotAllowed
from safeguarding.kit.models import OutboxMessage
from sharing import services as sharing
from sharing.models import SignedRecord
from sharing.selectors import waiting_for_view_of
from sharing.vocabulary import SupersessionReason
from tests.build import decisions, route
from tests.build import sharing as build
from tests.build.cast import Cast, make_cast
from tests.build.sharing import SIGNED_AT, fresh, holder_of
from tests.build.web import get

pytestmark = pytest.mark.django_db
# Signed on Tuesday 17 March 2026 at 11:00 in London (no summer time yet); the second view comes an hour later. Four
# working hours from 12:00 end at 16:00.
REFUSED_AT = SIGNED_AT + timedelta(hours=1)
UP_AT = datetime(2026, 3, 17, 16, 0, tzinfo=UTC)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def refused(cast: Cast) -> tuple[Concern, SignedRecord]:
    """Gwen signed a decision not to share; Dev, champion of the area, did not agree."""
    concern, record = build.not_shared(cast)
    sharing.give_second_view(record_id=record.pk, is_agreed=False, comment="He is back.", by=cast.dev, at=REFUSED_AT)
    return fresh(concern), record


def difference(concern: Concern) -> Deadline:
    return Deadline.objects.get(concern=concern, kind=ClockKind.DIFFERENCE)


def test_a_refusal_leaves_four_working_hours_to_agree(cast: Cast) -> None:
    concern, _ = refused(cast)
    assert concern.state == State.TRIAGE
    assert difference(concern).due_at == UP_AT
    assert concern.responsible == cast.gwen
    page = get(concern.get_absolute_url(), cast.gwen, at=REFUSED_AT).content.decode()
    assert "The two can still agree until 4pm today." in page
    assert "the safer choice stands: to share" in page


def test_in_the_end_the_safer_choice_stands_and_a_lead_decides(cast: Cast) -> None:
    concern, _ = refused(cast)
    sweep(at=UP_AT - timedelta(minutes=1))
    assert fresh(concern).state == State.TRIAGE
    sweep(at=UP_AT)
    concern = fresh(concern)
    assert (concern.state, concern.responsible) == (State.REFERRAL_DUE, cast.ruth)
    assert concern.responsible_cause == HolderCause.DIFFERENCE
    assert difference(concern).met_at == UP_AT
    # T4: within 24 hours of the report, which was at 9:30 that day.
    sending = Deadline.objects.get(concern=concern, kind=ClockKind.SEND_REFERRAL)
    assert sending.due_at == build.TRIAGED_AT + timedelta(hours=24)
    assert OutboxMessage.objects.filter(kind="concern.assigned", recipient_id=cast.ruth.pk).count() == 1
    assert Event.objects.filter(concern_id=concern.pk, code="concern.safer_choice_stands").count() == 1
    page = get(concern.get_absolute_url(), cast.ruth, at=UP_AT).content.decode()
    assert "Two people differed about not sharing" in page
    before = Event.objects.count()
    sweep(at=UP_AT)
    assert Event.objects.count() == before


def test_a_second_opinion_that_waits_when_time_is_up_is_not_waited_for(cast: Cast) -> None:
    """Signed again not to share, and nobody has said anything: they still differ."""
    concern, record = refused(cast)
    again = sharing.start_new_version(
        record_id=record.pk, reason=SupersessionReason.ERROR, words="Written better.", by=cast.gwen, at=REFUSED_AT
    )
    sharing.sign_decision(decision_id=again.pk, seen_edit=again.edit, by=cast.gwen, at=REFUSED_AT)
    assert fresh(concern).state == State.AWAITING_SECOND
    assert difference(concern).due_at == UP_AT, "a further version gives no new time"
    sweep(at=UP_AT)
    assert (fresh(concern).state, fresh(concern).responsible) == (State.REFERRAL_DUE, cast.ruth)


@pytest.mark.parametrize("shares", [True, False])
def test_who_agrees_in_time_settles_it(cast: Cast, *, shares: bool) -> None:
    concern, _ = refused(cast)
    at = REFUSED_AT + timedelta(hours=1)
    draft = route.written(concern, cast, shares=shares, at=at)
    signed = sharing.sign_decision(decision_id=draft.pk, seen_edit=draft.edit, by=cast.gwen, at=at)
    if not shares:
        sharing.give_second_view(record_id=signed.pk, is_agreed=True, comment="Now yes.", by=cast.dev, at=at)
    assert difference(concern).met_at == at
    sweep(at=UP_AT)
    assert fresh(concern).state == (State.REFERRAL_DUE if shares else State.MONITORING)
    assert fresh(concern).responsible == cast.gwen


def test_the_lead_sends_what_the_safer_choice_asks_for(cast: Cast) -> None:
    concern, _ = refused(cast)
    sweep(at=UP_AT)
    draft = route.written(fresh(concern), cast, shares=True, at=UP_AT + timedelta(minutes=30))
    at = UP_AT + timedelta(hours=1)
    sharing.sign_decision(decision_id=draft.pk, seen_edit=draft.edit, by=cast.ruth, at=at)
    referral = route.referral_of(concern)
    sharing.send_referral(referral_id=referral.pk, sending=build.sending(at), by=cast.ruth, at=at)
    assert fresh(concern).state == State.REFERRED


def test_a_lead_who_decides_otherwise_needs_a_lead_to_agree(cast: Cast) -> None:
    concern, _ = refused(cast)
    sweep(at=UP_AT)
    draft = route.written(fresh(concern), cast, shares=False, at=UP_AT + timedelta(minutes=30))
    at = UP_AT + timedelta(hours=1)
    signed = sharing.sign_decision(decision_id=draft.pk, seen_edit=draft.edit, by=cast.ruth, at=at)
    assert fresh(concern).state == State.AWAITING_SECOND
    assert not Deadline.objects.filter(
        concern=concern, kind=ClockKind.SEND_REFERRAL, met_at=None, dropped_at=None
    ).exists()
    with pytest.raises(NotAllowed, match="must come from a lead"):
        sharing.give_second_view(record_id=signed.pk, is_agreed=True, comment="Yes.", by=cast.nadia, at=at)
    sharing.give_second_view(record_id=signed.pk, is_agreed=True, comment="Yes.", by=cast.imran, at=at)
    assert fresh(concern).state == State.MONITORING


def test_the_second_person_is_of_the_same_rank_or_higher(cast: Cast) -> None:
    """t8. A champion's decision takes a champion or lead; a lead's a lead, and only leads are asked."""
    concern = build.case(cast, holder=cast.nadia)
    by_champion = build.signed(concern, decisions.not_shared())
    assert by_champion in waiting_for_view_of(cast.dev)
    of_lead = build.case(cast, holder=cast.ruth)
    by_lead = build.signed(of_lead, decisions.not_shared())
    assert by_lead not in waiting_for_view_of(cast.dev)
    assert by_lead in waiting_for_view_of(cast.imran)
    told = OutboxMessage.objects.filter(about_id=by_lead.pk, kind="sharing.second_view_asked")
    assert set(told.values_list("recipient_id", flat=True)) == {cast.imran.pk}
    path = reverse("sharing:give-second-view", args=[by_lead.ref, by_lead.version])
    assert path not in get(of_lead.get_absolute_url(), cast.dev, at=SIGNED_AT).content.decode()


def test_a_decision_to_share_that_is_replaced_before_it_went_takes_a_second_person(cast: Cast) -> None:
    """t7: no concern stays “to be sent” with nothing to send."""
    concern, _, _ = build.shared(cast)
    draft = route.written(concern, cast, shares=False, at=SIGNED_AT + timedelta(minutes=30))
    at = SIGNED_AT + timedelta(hours=1)
    signed = sharing.sign_decision(decision_id=draft.pk, seen_edit=draft.edit, by=holder_of(concern), at=at)
    assert fresh(concern).state == State.AWAITING_SECOND
    sharing.give_second_view(record_id=signed.pk, is_agreed=True, comment="Yes.", by=cast.dev, at=at)
    assert fresh(concern).state == State.MONITORING


def test_while_they_differ_the_concern_cannot_be_joined_away(cast: Cast) -> None:
    concern, _ = refused(cast)
    other = route.other_report(cast)
    with pytest.raises(Exception, match="Two people differ about sharing here"):
        services.merge(concern_id=concern.pk, into_id=other.pk, reason="One visit.", by=cast.ruth, at=REFUSED_AT)
