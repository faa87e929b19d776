"""Whoever looks afresh at what a reporter is not satisfied with had no hand in any part of the story (R42)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts import services as accounts
from accounts.models import User
from accounts.selectors import champions, holders_of
from accounts.services import PersonDetails
from concerns import services
from concerns.intake import IntakePerson
from concerns.ladder import LEAD_LEVEL
from concerns.models import Assignment, Concern, Dissatisfaction
from concerns.models.ways import left_at_lead_level
from concerns.permissions import ineligible_ids
from concerns.selectors.names import sees_reviewer
from concerns.services.conflicts import recuse, restrict
from concerns.services.sweeping import sweep
from concerns.vocabulary import PersonRole
from safeguarding.kit.errors import NotAllowed
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.web import get, post

pytestmark = pytest.mark.django_db
# A Tuesday, 10:00.
AT = cases.AT
HOUR = timedelta(hours=1)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def again(user: User) -> User:
    return User.objects.get(pk=user.pk)


def joined(cast: Cast) -> tuple[Concern, Concern]:
    """What Amara reported, held by Gwen, was joined to what Siân reported, held by Dev."""
    part = cases.acknowledged(cast)
    survivor = cases.acknowledged(cast, by=cast.sian, holder=cast.dev)
    services.merge(concern_id=part.pk, into_id=survivor.pk, reason="One visit", by=cast.ruth, at=AT + HOUR)
    return part, survivor


def complain(concern: Concern, by: User, *, hours: int = 2) -> Dissatisfaction:
    words = f"Nobody does anything ({hours})"
    return services.say_not_satisfied(concern_id=concern.pk, words=words, by=again(by), at=AT + hours * HOUR)


def answer(concern: Concern, by: User, *, hours: int = 3) -> Dissatisfaction:
    return services.answer_dissatisfaction(
        concern_id=concern.pk, is_upheld=False, answer="We looked at it.", by=again(by), at=AT + hours * HOUR
    )


def test_the_holder_of_what_it_was_joined_to_is_not_asked(cast: Cast) -> None:
    part, _ = joined(cast)
    assert complain(part, cast.amara).reviewer == cast.nadia


def test_nor_is_whoever_held_what_was_joined_to_it(cast: Cast) -> None:
    part = cases.acknowledged(cast, holder=cast.nadia)
    survivor = cases.acknowledged(cast, by=cast.sian, holder=cast.ruth)
    services.merge(concern_id=part.pk, into_id=survivor.pk, reason="One visit", by=cast.imran, at=AT + HOUR)
    assert complain(survivor, cast.sian).reviewer == cast.dev


def test_nor_is_whoever_held_what_it_was_joined_to_for_a_time(cast: Cast) -> None:
    part, survivor = joined(cast)
    services.hand_on(concern_id=survivor.pk, to=cast.ruth, note="Leave", by=cast.dev, at=AT + 2 * HOUR)
    services.separate(concern_id=part.pk, reason="Two visits", by=cast.ruth, at=AT + 3 * HOUR)
    # From then on the other concern is none of Amara's business.
    services.hand_on(concern_id=survivor.pk, to=cast.nadia, note="Leave", by=cast.ruth, at=AT + 4 * HOUR)
    services.take(concern_id=part.pk, by=again(cast.karen), note="Mine", at=AT + 4 * HOUR)
    row = complain(part, cast.amara, hours=5)
    assert row.reviewer == cast.nadia
    # She is not told either who looks at what may be her work; a lead who never held any of it is.
    named = [lead for lead in (cast.ruth, cast.imran) if sees_reviewer(again(lead), part, reviewer_id=row.reviewer_id)]
    assert named == [cast.imran]


def test_who_looked_at_another_part_before_is_asked_last(cast: Cast) -> None:
    """Nadia answered Siân; what Amara says afterwards goes to somebody else."""
    part, survivor = joined(cast)
    assert complain(survivor, cast.sian).reviewer == cast.nadia
    answer(survivor, cast.nadia)
    assert complain(part, cast.amara, hours=4).reviewer == cast.ruth


def test_a_lead_who_holds_or_held_a_part_of_it_does_not_answer(cast: Cast) -> None:
    part = cases.acknowledged(cast, holder=cast.imran)
    survivor = cases.acknowledged(cast, by=cast.sian, holder=cast.ruth)
    services.merge(concern_id=part.pk, into_id=survivor.pk, reason="One visit", by=cast.karen, at=AT + HOUR)
    row = complain(survivor, cast.sian)
    assert row.reviewer == cast.dev
    for lead in (cast.ruth, cast.imran):
        with pytest.raises(NotAllowed, match="You have had a part in this yourself"):
            answer(survivor, lead)
        page = get(survivor.get_absolute_url(), lead, at=AT + 2 * HOUR).content.decode()
        assert f"/concerns/{survivor.ref}/answer/" not in page
    assert answer(survivor, cast.dev).answered_by == cast.dev


def test_what_the_reporter_says_meanwhile_is_read_before_it_is_answered(cast: Cast) -> None:
    """R42: an answer to the first words must not settle the others unread; and nothing that was written is lost."""
    concern = cases.acknowledged(cast, holder=cast.gwen)
    reviewer = complain(concern, cast.amara).reviewer
    path = f"/concerns/{concern.ref}/answer/"
    version = Concern.objects.get(pk=concern.pk).version
    services.say_not_satisfied(concern_id=concern.pk, words="Now she threatens me", by=cast.amara, at=AT + 3 * HOUR)
    sent = {"is_upheld": "no", "answer": "All is well.", "seen_version": version, "seen_at": (AT + HOUR).isoformat()}
    page = post(path, reviewer, sent, at=AT + 4 * HOUR).content.decode()
    assert "Now she threatens me" in page
    assert "All is well." in page
    assert concern.dissatisfactions.get().answered_at is None
    sent["seen_version"] = Concern.objects.get(pk=concern.pk).version
    assert post(path, reviewer, sent, at=AT + 4 * HOUR).status_code == 302
    assert concern.dissatisfactions.get().answered_at == AT + 4 * HOUR


def test_a_lead_who_gave_the_first_answer_does_not_give_the_second(cast: Cast) -> None:
    concern = cases.acknowledged(cast, holder=cast.dev)
    complain(concern, cast.amara)
    answer(concern, cast.ruth)  # any lead may, who had no part in it
    row = complain(concern, cast.amara, hours=4)
    assert row.reviewer == cast.martin
    with pytest.raises(NotAllowed, match="You have had a part in this yourself"):
        answer(concern, cast.ruth, hours=5)
    assert answer(concern, cast.imran, hours=5).answered_by == cast.imran


def test_a_reviewer_who_comes_to_hold_it_is_replaced(cast: Cast) -> None:
    """What is said more may be about them; until somebody else is found they can answer, so that it never waits."""
    concern = cases.acknowledged(cast, holder=cast.dev)
    row = complain(concern, cast.amara)
    assert row.reviewer == cast.nadia
    services.hand_on(concern_id=concern.pk, to=cast.nadia, note="Leave", by=cast.dev, at=AT + 3 * HOUR)
    sweep(at=AT + 3 * HOUR)
    row.refresh_from_db()
    assert row.reviewer == cast.ruth
    sweep(at=AT + 3 * HOUR)
    row.refresh_from_db()
    assert row.reviewer == cast.ruth


def managed(person: User, by: User, cast: Cast) -> None:
    details = replace(PersonDetails.of(person), line_manager=by)
    accounts.change_person(person=person, details=details, by=cast.bea, at=AT)


def name(staff: User, concern: Concern, by: User) -> None:
    person = IntakePerson(name=staff.full_name, role=PersonRole.SOURCE_OF_RISK, staff_id=staff.pk)
    services.add_person(concern_id=concern.pk, person=person, by=again(by), at=AT + 4 * HOUR)


def test_a_reviewer_whose_manager_is_named_since_is_replaced(cast: Cast) -> None:
    """R45: whoever somebody named manages may not answer, so another is asked, who can."""
    concern = cases.acknowledged(cast)
    row = complain(concern, cast.amara)
    Dissatisfaction.objects.update(reviewer=cast.imran)
    managed(cast.imran, cast.colin, cast)
    name(cast.colin, concern, cast.gwen)
    with pytest.raises(NotAllowed):
        answer(concern, cast.imran, hours=5)
    sweep(at=AT + 5 * HOUR)
    row.refresh_from_db()
    assert row.reviewer_id not in ineligible_ids(concern) | {cast.imran.pk}
    assert answer(concern, row.reviewer, hours=6).answered_at is not None


def test_a_reviewer_who_may_not_answer_stays_where_nobody_else_could(cast: Cast) -> None:
    """Two who may not answer do not take it from each other with every sweep."""
    concern = cases.acknowledged(cast)
    row = complain(concern, cast.amara)
    Dissatisfaction.objects.update(reviewer=cast.imran)
    name(cast.colin, concern, cast.gwen)
    everybody = frozenset(User.objects.values_list("pk", flat=True))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("concerns.services.reviewing.fresh_reviewer", lambda *_, **__: cast.ruth)
        patch.setattr("concerns.models.ways.ineligible_when", lambda *_, **__: everybody)
        sweep(at=AT + 5 * HOUR)
    row.refresh_from_db()
    assert row.reviewer == cast.imran


def test_a_restricted_story_whose_parts_all_leads_held_is_looked_at_by_a_champion_who_can_read_it(cast: Cast) -> None:
    """Karen held only what it was joined to: she is not "left at lead level", so the champion reads and answers."""
    part = cases.acknowledged(cast, holder=cast.dev)
    survivor = cases.acknowledged(cast, by=cast.sian, holder=cast.karen)
    services.merge(concern_id=part.pk, into_id=survivor.pk, reason="One visit", by=cast.ruth, at=AT + HOUR)
    for lead in (cast.ruth, cast.imran, cast.martin, cast.sunita):
        recuse(Concern.objects.get(pk=part.pk), staff=lead, reason="A cousin", by=cast.ruth, at=AT + HOUR)
    restrict(Concern.objects.get(pk=part.pk), by=cast.karen, at=AT + HOUR)
    assert not left_at_lead_level(Concern.objects.all(), part.pk).exists()
    row = complain(part, cast.amara)
    assert row.reviewer == cast.nadia
    assert Concern.objects.visible_to(again(cast.nadia)).filter(pk=part.pk).exists()
    sweep(at=AT + 2 * HOUR)
    row.refresh_from_db()
    assert row.reviewer == cast.nadia


def test_where_everybody_held_a_part_it_goes_to_somebody_who_held_another_part_before(cast: Cast) -> None:
    """The reporter can always say so; it never goes to who held what they reported, nor to who holds the story now."""
    part, survivor = joined(cast)
    everybody = {*champions(), *holders_of(*LEAD_LEVEL)} - {cast.dev, cast.gwen}
    for user in everybody:
        Assignment.objects.create(concern=survivor, holder=user, started_at=AT, ended_at=AT, cause="taken")
    Assignment.objects.create(concern=part, holder=cast.nadia, started_at=AT, ended_at=AT, cause="taken")
    row = complain(part, cast.amara)
    assert row.reviewer == cast.ruth
    for _ in range(3):
        sweep(at=AT + 2 * HOUR)
        row.refresh_from_db()
        assert row.reviewer == cast.ruth, "nobody better is to be had, so it stays"
    assert answer(part, cast.ruth).answered_by == cast.ruth
