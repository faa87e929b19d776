"""Two people at once, on two real connections: exactly one wins, the other is told (3.3, I6)."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from django.db import transaction

from concerns.services.base import lock
from concerns.services.conflicts import bar
from safeguarding.kit.errors import ChangedMeanwhile, NotNow
from sharing import services
from sharing.models import Decision, Disclosure, Referral, SecondView, SignedRecord
from sharing.vocabulary import AgencyKind, SharingMethod, SupersessionReason
from tests.build import decisions
from tests.build import sharing as build
from tests.build.at_once import at_once
from tests.build.cast import Cast, make_cast
from tests.build.sharing import SIGNED_AT

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
LATER = SIGNED_AT + timedelta(hours=1)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def test_two_successors_at_once(cast: Cast) -> None:
    _, old, _ = build.shared(cast)

    def again() -> Decision:
        return services.start_new_version(
            record_id=old.pk, reason=SupersessionReason.ERROR, words="Wrong date.", by=cast.gwen, at=LATER
        )

    refused = at_once(again, again)
    assert sorted(type(each).__name__ for each in refused) == ["ChangedMeanwhile", "NoneType"]
    assert Decision.objects.filter(supersedes=old.decision).count() == 1


def test_two_signatures_at_once(cast: Cast) -> None:
    concern = build.case(cast)
    draft = build.draft(concern, decisions.agreed())

    def sign() -> SignedRecord:
        return services.sign_decision(decision_id=draft.pk, seen_edit=draft.edit, by=cast.gwen, at=LATER)

    refused = at_once(sign, sign)
    assert sum(isinstance(each, NotNow) for each in refused) == 1
    assert SignedRecord.objects.count() == 1


def test_two_second_views_at_once(cast: Cast) -> None:
    _, record = build.not_shared(cast)

    def agree() -> SecondView:
        return services.give_second_view(record_id=record.pk, is_agreed=True, comment="", by=cast.dev, at=LATER)

    def refuse() -> SecondView:
        return services.give_second_view(record_id=record.pk, is_agreed=False, comment="No.", by=cast.ruth, at=LATER)

    refused = at_once(agree, refuse)
    assert sum(isinstance(each, (ChangedMeanwhile, NotNow)) for each in refused) == 1
    assert SecondView.objects.count() == 1


def test_one_referral_sent_twice_at_once(cast: Cast) -> None:
    _, _, referral = build.shared(cast)

    def send() -> Disclosure:
        return services.send_referral(referral_id=referral.pk, sending=build.sending(LATER), by=cast.gwen, at=LATER)

    refused = at_once(send, send)
    assert sum(isinstance(each, NotNow) for each in refused) == 1
    assert Disclosure.objects.count() == 1


def test_a_bar_that_comes_first_stops_a_call_that_waited_for_it(cast: Cast) -> None:
    """Issue 5: who may is asked under the lock."""
    concern = build.case(cast)
    is_barred = threading.Event()

    def bar_slowly() -> None:
        with transaction.atomic():
            bar(lock(concern.pk), staff_id=cast.amara.pk, reason="Named", by=cast.ruth, at=LATER)
            is_barred.set()
            time.sleep(1)

    def call() -> Referral:
        is_barred.wait()
        told = services.DirectCall(
            agency_name="Larkshire police", agency_kind=AgencyKind.POLICE, spoken_to="Control room", told_at=LATER,
            method=SharingMethod.PHONE, what_was_said="That he was at the door.",
        )  # fmt: skip
        return services.record_direct_referral(concern_id=concern.pk, call=told, by=cast.amara, at=LATER)

    refused = at_once(bar_slowly, call)
    assert [type(each).__name__ for each in refused] == ["NoneType", "NotAllowed"]
    assert not Referral.objects.exists()
