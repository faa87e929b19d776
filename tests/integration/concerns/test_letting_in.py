"""One person let in to one concern by name: who may, whom, how long, what it opens and what ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from accounts.models import User
from audit.models import Event
from concerns import services
from concerns.models import Concern, ConcernGrant, TwoPersonStep
from concerns.services.conflicts import bar, recuse
from concerns.vocabulary import Implicated, TwoPersonAct
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.intakes import PLAIN
from tests.build.web import get, post

pytestmark = pytest.mark.django_db
AT = cases.AT
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NAMED = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_words="Somebody who calls each week.")


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def concern(cast: Cast) -> Concern:
    return cases.acknowledged(cast, holder=cast.dev)


@pytest.fixture
def restricted(cast: Cast) -> Concern:
    return cases.submitted(cast, intake=NAMED)


def reads(user: User, concern: Concern, *, at: datetime) -> bool:
    return Concern.objects.visible_to(User.objects.get(pk=user.pk), at=at).filter(pk=concern.pk).exists()


def let_in(
    concern: Concern, person: User, by: User, *, until: datetime = AT + 10 * DAY, at: datetime = AT + HOUR
) -> ConcernGrant | TwoPersonStep:
    return services.let_in(concern_id=concern.pk, person=person, until=until, reason="Visits her", by=by, at=at)


def test_it_opens_this_concern_to_this_person_until_then_and_nothing_more(cast: Cast, concern: Concern) -> None:
    other = cases.submitted(cast)
    let_in(concern, cast.quinn, cast.ruth)
    assert not reads(cast.quinn, concern, at=AT + HOUR - timedelta(seconds=1))
    assert reads(cast.quinn, concern, at=AT + HOUR)
    assert not reads(cast.quinn, concern, at=AT + 10 * DAY)
    assert not reads(cast.quinn, other, at=AT + HOUR)
    assert not reads(cast.tomasz, concern, at=AT + HOUR)
    event = Event.objects.get(code="concern.let_in")
    assert (event.actor_id, event.concern_id, event.data["staff"]) == (cast.ruth.pk, concern.pk, cast.quinn.pk)
    assert event.reason_digest


def test_it_is_for_reading(cast: Cast, concern: Concern) -> None:
    let_in(concern, cast.mei, cast.ruth)
    page = get(f"/concerns/{concern.ref}/", cast.mei, at=AT + 2 * HOUR)
    assert page.status_code == 200
    body = page.content.decode()
    assert "cupboards were empty" in body
    for label in ("Take this concern", "Add a note", "Hand on", "Reopen"):
        assert label not in body
    with time_machine.travel(AT + 2 * HOUR, tick=False), pytest.raises(NotAllowed, match="not change anything"):
        services.take(concern_id=concern.pk, by=cast.mei, at=AT + 2 * HOUR)


def test_only_a_lead_lets_somebody_in(cast: Cast, concern: Concern) -> None:
    for by in (cast.dev, cast.karen, cast.gwen, cast.martin, cast.joyce, cast.alan, cast.bea):
        with pytest.raises(NotAllowed):
            let_in(concern, cast.quinn, by)
    assert not ConcernGrant.grants.exists()


def test_never_oneself(cast: Cast, concern: Concern) -> None:
    with pytest.raises(NotAllowed):
        let_in(concern, cast.ruth, cast.ruth)
    grant = let_in(concern, cast.quinn, cast.ruth)
    with pytest.raises(IntegrityError), transaction.atomic():
        ConcernGrant.grants.filter(pk=grant.pk).update(given_by=cast.quinn)


def test_never_the_barred_the_recused_a_contractor_or_an_administrator(cast: Cast, concern: Concern) -> None:
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.colin.pk, reason="Named", by=cast.ruth, at=AT)
    recuse(Concern.objects.get(pk=concern.pk), staff=cast.gwen, reason="My aunt", by=cast.gwen, at=AT)
    for person in (cast.colin, cast.gwen, cast.jakub, cast.bea):
        with pytest.raises(NotAllowed):
            let_in(concern, person, cast.ruth)


def test_a_lead_below_somebody_named_lets_nobody_in(cast: Cast, concern: Concern) -> None:
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.ruth.pk, reason="Named", by=cast.imran, at=AT)
    with pytest.raises(NotAllowed):
        let_in(concern, cast.quinn, cast.ruth)


def test_a_reason_a_day_to_come_and_at_most_90_days(cast: Cast, concern: Concern) -> None:
    with pytest.raises(Unsound) as none:
        services.let_in(concern_id=concern.pk, person=cast.quinn, until=AT + DAY, reason=" ", by=cast.ruth, at=AT)
    assert none.value.problems == {"reason": ["Say why they need to read it."]}
    for until in (AT + HOUR, AT + HOUR + 90 * DAY + timedelta(seconds=1)):
        with pytest.raises(Unsound) as caught:
            let_in(concern, cast.quinn, cast.ruth, until=until)
        assert list(caught.value.problems) == ["until"]
    let_in(concern, cast.quinn, cast.ruth, until=AT + HOUR + 90 * DAY)
    assert reads(cast.quinn, concern, at=AT + HOUR + 90 * DAY - timedelta(seconds=1))


def test_whoever_reads_it_anyway_is_not_let_in(cast: Cast, concern: Concern) -> None:
    with pytest.raises(NotNow):
        let_in(concern, cast.nadia, cast.ruth)


def test_letting_in_again_takes_the_first_over_and_the_ledger_keeps_both(cast: Cast, concern: Concern) -> None:
    let_in(concern, cast.quinn, cast.ruth)
    let_in(concern, cast.quinn, cast.imran, until=AT + 30 * DAY, at=AT + 2 * DAY)
    (grant,) = ConcernGrant.grants.filter(user=cast.quinn)
    assert (grant.given_by, grant.ends_at) == (cast.imran, AT + 30 * DAY)
    assert Event.objects.filter(code="concern.let_in").count() == 2


def test_a_lead_ends_it_early(cast: Cast, concern: Concern) -> None:
    let_in(concern, cast.quinn, cast.ruth)
    with pytest.raises(NotAllowed):
        services.end_let_in(concern_id=concern.pk, user_id=cast.quinn.pk, by=cast.dev, at=AT + DAY)
    services.end_let_in(concern_id=concern.pk, user_id=cast.quinn.pk, by=cast.imran, at=AT + DAY)
    assert not reads(cast.quinn, concern, at=AT + DAY)
    event = Event.objects.get(code="concern.let_in_ended")
    assert (event.actor_id, event.data) == (cast.imran.pk, {"staff": cast.quinn.pk, "cause": "ended_early"})
    with pytest.raises(NotNow):
        services.end_let_in(concern_id=concern.pk, user_id=cast.quinn.pk, by=cast.imran, at=AT + DAY)


def test_a_later_bar_ends_it_at_once_and_lifting_the_bar_does_not_bring_it_back(cast: Cast, concern: Concern) -> None:
    let_in(concern, cast.quinn, cast.ruth)
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.quinn.pk, reason="Named", by=cast.ruth, at=AT + DAY)
    assert not reads(cast.quinn, concern, at=AT + DAY)
    grant = ConcernGrant.grants.get(user=cast.quinn)
    assert (grant.ended_at, grant.ended_by) == (AT + DAY, cast.ruth)
    conflict = concern.conflicts.get(staff=cast.quinn)
    step = services.ask_second_person(
        concern_id=concern.pk, act=TwoPersonAct.LIFT_CONFLICT, conflict_id=conflict.pk, reason="Another Quinn",
        by=cast.ruth, at=AT + DAY,
    )  # fmt: skip
    services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=cast.imran, at=AT + 2 * DAY)
    assert not reads(cast.quinn, concern, at=AT + 2 * DAY)


# --- Auditors ---------------------------------------------------------------------------------


def test_one_lead_lets_an_auditor_in_to_an_unrestricted_concern(cast: Cast, concern: Concern) -> None:
    assert not reads(cast.alan, concern, at=AT + HOUR)
    let_in(concern, cast.alan, cast.ruth)
    assert reads(cast.alan, concern, at=AT + HOUR)


def test_an_auditor_on_a_restricted_concern_takes_two_people(cast: Cast, restricted: Concern) -> None:
    step = let_in(restricted, cast.alan, cast.ruth)
    assert isinstance(step, TwoPersonStep)
    assert not reads(cast.alan, restricted, at=AT + HOUR)
    with pytest.raises(NotAllowed):
        services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=cast.ruth, at=AT + 2 * HOUR)
    services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=cast.imran, at=AT + 2 * HOUR)
    assert reads(cast.alan, restricted, at=AT + 2 * HOUR)
    grant = ConcernGrant.grants.get(user=cast.alan)
    assert (grant.given_by, grant.seconded_by, grant.ends_at) == (cast.ruth, cast.imran, AT + 10 * DAY)
    assert not reads(cast.alan, restricted, at=AT + 10 * DAY)


def test_a_second_person_who_does_not_agree_opens_nothing(cast: Cast, restricted: Concern) -> None:
    step = let_in(restricted, cast.alan, cast.ruth)
    services.give_second_view(step_id=step.pk, is_agreed=False, words="No need", by=cast.imran, at=AT + 2 * HOUR)
    assert not reads(cast.alan, restricted, at=AT + 2 * HOUR)
    assert not ConcernGrant.grants.exists()


def test_an_auditor_barred_while_it_waits_is_not_let_in(cast: Cast, restricted: Concern) -> None:
    step = let_in(restricted, cast.alan, cast.ruth)
    bar(Concern.objects.get(pk=restricted.pk), staff_id=cast.alan.pk, reason="Named", by=cast.ruth, at=AT + HOUR)
    with pytest.raises(NotAllowed):
        services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=cast.imran, at=AT + 2 * HOUR)
    assert not ConcernGrant.grants.exists()


def test_what_one_lead_opened_to_an_auditor_closes_when_it_becomes_restricted(cast: Cast, concern: Concern) -> None:
    let_in(concern, cast.alan, cast.ruth)
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.tomasz.pk, reason="Named", by=cast.ruth, at=AT + DAY)
    assert not reads(cast.alan, concern, at=AT + DAY)


# --- The pages --------------------------------------------------------------------------------


def test_the_pages_let_somebody_in_and_show_them_out(cast: Cast, concern: Concern) -> None:
    url = f"/concerns/{concern.ref}/who/"
    form = {
        "person": "quinn@larkfield.example", "reason": "Visits her each week", "seen_version": "99",
        "until_0": "5", "until_1": "2", "until_2": "2026",
    }  # fmt: skip
    answer = post(f"{url}let-in/", cast.ruth, form, at=AT + HOUR)
    assert answer.status_code == 302
    # The whole of 5 February in London.
    assert ConcernGrant.grants.get().ends_at == datetime.fromisoformat("2026-02-06T00:00:00+00:00")
    page = get(url, cast.ruth, at=AT + HOUR).content.decode()
    assert "Let in by name by Ruth Abrahams: Visits her each week" in page
    gone = post(f"{url}end/", cast.ruth, {"person": str(cast.quinn.pk), "seen_version": "99"}, at=AT + 2 * HOUR)
    assert gone.status_code == 302
    assert not reads(cast.quinn, concern, at=AT + 2 * HOUR)


def test_a_mistake_keeps_the_words(cast: Cast, concern: Concern) -> None:
    form = {"person": "Nobody Here", "reason": "Visits her each week", "until_0": "", "until_1": "", "until_2": ""}
    page = post(f"/concerns/{concern.ref}/who/let-in/", cast.ruth, form, at=AT + HOUR).content.decode()
    assert "Nobody here has this name or e-mail address" in page
    assert "Enter the last day on which they can read it" in page
    assert "Visits her each week" in page
    assert not ConcernGrant.grants.exists()
