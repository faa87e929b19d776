"""The first page: what I hold, what waits for my view or answer, my drafts, what I reported; nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import services as people
from accounts.models import User
from concerns import services
from concerns.models import Concern, Dissatisfaction
from concerns.services.clocks import start_clock
from concerns.services.conflicts import bar
from concerns.services.drafts import start_draft
from concerns.vocabulary import ClockKind, RiskLevel
from tests.build import cases, sharing
from tests.build.cases import AT
from tests.build.cast import Cast, make_cast
from tests.build.intakes import EMERGENCY, PLAIN, URGENT
from tests.build.web import get, signed_in, statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def page_of(user: User, *, hours: float = 1) -> str:
    return str(get("/", user, at=AT + timedelta(hours=hours)).content.decode())


def test_holder_sees_what_is_due_first(cast: Cast) -> None:
    plain = cases.submitted(cast, intake=PLAIN)
    urgent = cases.submitted(cast, intake=URGENT)
    page = page_of(cast.gwen, hours=0.5)
    assert page.index(urgent.ref) < page.index(plain.ref)
    assert "Urgent (today)" in page
    assert "Due by 11am today" in page
    assert "Overdue by 30 minutes" in page_of(cast.gwen, hours=1.5)
    assert "Acknowledge the concern<br><span>Due by" in page


def test_a_use_of_break_glass_to_be_judged_is_nobodys_next_step_on_the_concern(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    start_clock(concern, ClockKind.BREAK_GLASS, at=AT, due_at=AT + timedelta(minutes=1), about="GL-1")
    page = page_of(cast.gwen, hours=0.5)
    assert "Decide what to do<br><span>Due by" in page
    assert "Judge a use of break-glass" not in page


def test_reporter_sees_safe_words_and_the_receipt_only(cast: Cast) -> None:
    concern = cases.submitted(cast)
    page = page_of(cast.amara)
    assert f"/reports/{concern.ref}/" in page
    assert f"/concerns/{concern.ref}/" not in page
    assert "Received" in page
    assert "Gwen" not in page


def test_somebody_with_nothing_is_told_so(cast: Cast) -> None:
    cases.submitted(cast)
    page = page_of(cast.quinn)
    assert "You hold no concerns." not in page  # none ever comes to her, so that it is no news
    assert "In your queue" not in page
    assert "You have not reported a concern." in page
    assert "SC-" not in page


def test_whoever_triages_a_queue_sees_how_much_of_it_presses(cast: Cast) -> None:
    """R127: what is overdue and held by somebody else, too."""
    cases.acknowledged(cast)
    cases.submitted(cast)
    page = page_of(cast.dev)
    assert "You hold no concerns." in page
    assert ">2 open</a>" in page
    assert "overdue</span>" not in page
    assert ">1 that nobody has acknowledged</a>" in page
    assert ">2 overdue</span>" in get("/", cast.dev, at=cases.AT + timedelta(days=5)).content.decode()
    assert "You hold no concerns." in page_of(cast.helen)
    assert "In your queue" not in page_of(cast.helen)


def test_closing_waits_for_a_champion_and_never_for_whoever_proposed_it(cast: Cast) -> None:
    with cases.everyone_decided():
        concern = cases.closing_proposed(cast)
    words = "Concerns to be closed, if you agree"
    for user in (cast.dev, cast.nadia, cast.ruth, cast.karen):
        page = page_of(user, hours=4)
        assert words in page
        assert concern.ref in page
    for user in (cast.gwen, cast.amara, cast.femi, cast.bea, cast.alan):
        assert words not in page_of(user, hours=4)


def test_closing_at_high_risk_waits_for_a_lead_only(cast: Cast) -> None:
    with cases.everyone_decided():
        cases.closing_proposed(cast, level=RiskLevel.HIGH)
    assert "Concerns to be closed" in page_of(cast.ruth, hours=4)
    assert "Concerns to be closed" not in page_of(cast.dev, hours=4)


def test_decision_not_to_share_waits_for_a_second_person(cast: Cast) -> None:
    concern, record = sharing.not_shared(cast)
    words = "Decisions about sharing that wait for your view"
    for user in (cast.dev, cast.nadia, cast.ruth):
        if user.pk == concern.responsible_id:
            continue
        page = page_of(user, hours=4)
        assert words in page
        assert record.ref in page
    for user in (sharing.holder_of(concern), cast.amara, cast.femi, cast.bea):
        assert words not in page_of(user, hours=4)


def test_whoever_must_answer_a_reporter_sees_it(cast: Cast) -> None:
    concern = cases.submitted(cast)
    services.say_not_satisfied(concern_id=concern.pk, words="Nothing happens.", by=cast.amara, at=AT)
    reviewer = Dissatisfaction.objects.get().reviewer
    assert "is not satisfied, and you are asked to answer" in page_of(reviewer)
    assert "is not satisfied, and you are asked to answer" not in page_of(cast.gwen)


def test_whoever_can_read_it_no_more_sees_nothing_of_it_from_that_second_on(cast: Cast) -> None:
    """ADR 29: reading ends with its ground; the sweep gives it to somebody else later."""
    concern = cases.submitted(cast)
    services.say_not_satisfied(concern_id=concern.pk, words="Nothing happens.", by=cast.amara, at=AT)
    assert Dissatisfaction.objects.get().reviewer == cast.dev
    people.end_champion(person=cast.dev, area=cast.areas.housing, by=None, at=AT + timedelta(minutes=30))
    page = page_of(User.objects.get(pk=cast.dev.pk))
    assert concern.ref not in page
    assert "you are asked to answer" not in page


def test_draft_is_on_its_writers_page_only(cast: Cast) -> None:
    draft = start_draft(key="a-key-for-the-test", by=cast.amara, at=AT)
    assert f"/raise/{draft.key}/" in page_of(cast.amara)
    assert draft.key not in page_of(cast.gwen)


def test_who_is_shut_out_finds_no_trace(cast: Cast) -> None:
    concern = cases.submitted(cast)
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.gwen.pk, reason="Named", by=cast.ruth, at=AT)
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.amara.pk, reason="Named", by=cast.ruth, at=AT)
    assert concern.ref not in page_of(cast.gwen)
    assert concern.ref not in page_of(cast.amara)


def test_same_number_of_statements_for_one_and_for_many(cast: Cast) -> None:
    def count(user: User) -> int:
        client = signed_in(user)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get("/").status_code == 200
        return len(statements(captured))

    cases.submitted(cast, intake=EMERGENCY)
    one = {user.pk: count(user) for user in (cast.gwen, cast.dev, cast.ruth, cast.amara)}
    for _ in range(29):
        cases.submitted(cast)
    many = {user.pk: count(user) for user in (cast.gwen, cast.dev, cast.ruth, cast.amara)}
    assert many == one
    # One statement for each list that somebody of this standing may have: ten lists for a lead, how much is in the
    # queue, the alarms, and the session, the person, their roles and the session again.
    assert many[cast.amara.pk] <= 9
    assert many[cast.dev.pk] <= 14
    assert many[cast.ruth.pk] <= 16
    assert "These are the 25 that are due first." in page_of(cast.gwen)
    assert "See everything that you reported" in page_of(cast.amara)
