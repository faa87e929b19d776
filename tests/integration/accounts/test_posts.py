"""Roles that open cases or records take two people, and giving or ending any role signs the person out."""

from datetime import UTC, datetime
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import IntegrityError, transaction
from django.test import Client

from accounts import services
from accounts.models import PostProposal, RoleAssignment, User
from accounts.selectors import forget_standing, standing
from accounts.vocabulary import Post, Role
from audit.models import Event
from safeguarding.kit import outbox
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from safeguarding.kit.models import OutboxMessage
from tests.build.cast import Cast
from tests.build.web import BACKEND

AT = datetime(2026, 3, 16, 10, 0, tzinfo=UTC)
# domain.md 5, "two-person for lead/auditor", and what gives the second view or gets a case in a lead's place.
TWO = [
    "safeguarding_lead", "deputy_lead", "operational_lead", "designated_senior_manager", "chief_executive", "ig_lead",
    "auditor",
]  # fmt: skip
ONE = ["senior_manager", "administrator"]


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def proposed(cast: Cast, post: Post = Post.AUDITOR, **words: Any) -> PostProposal:
    values: dict[str, Any] = {
        "person": cast.priya,
        "post": post,
        "reason": "New auditor",
        "by": cast.bea,
        "at": AT,
        **words,
    }
    return services.propose_post(**values)


def test_every_role_takes_one_or_two() -> None:
    assert sorted(TWO + ONE) == sorted(Role.values)
    assert sorted([*TWO, "champion"]) == sorted(Post.values)


@pytest.mark.parametrize("role", TWO)
def test_no_administrator_gives_alone_what_opens_cases_or_records(cast: Cast, role: str) -> None:
    with pytest.raises(NotAllowed, match="takes two people"):
        services.give_role(person=cast.priya, role=Role(role), by=cast.bea, at=AT)
    assert standing(fresh(cast.priya)).roles == frozenset()


@pytest.mark.parametrize("role", ONE)
def test_an_administrator_gives_the_others(cast: Cast, role: str) -> None:
    services.give_role(person=cast.priya, role=Role(role), by=cast.bea, at=AT)
    assert standing(fresh(cast.priya)).roles == {role}


@pytest.mark.parametrize("role", ONE)
def test_nobody_gives_a_role_that_nobody_else_hears_of(cast: Cast, role: str) -> None:
    """A senior manager opens the list of what is late; an administrator gives rights."""
    for _ in range(2):
        services.give_role(person=cast.priya, role=Role(role), by=cast.bea, at=AT)
    told = list(OutboxMessage.objects.filter(kind="accounts.role_given").values_list("recipient_id", flat=True))
    assert sorted(told) == sorted([cast.ruth.pk, cast.imran.pk, cast.karen.pk, cast.joyce.pk])


def test_of_a_role_that_somebody_holds_already_nobody_is_told(cast: Cast) -> None:
    """Given by the set-up, and once more by an administrator."""
    services.give_role(person=cast.priya, role=Role.SENIOR_MANAGER, by=None, at=AT)
    services.give_role(person=cast.priya, role=Role.SENIOR_MANAGER, by=cast.bea, at=AT)
    assert not OutboxMessage.objects.filter(kind="accounts.role_given").exists()


def test_of_a_role_that_took_two_nobody_is_told_that_it_took_one(cast: Cast) -> None:
    proposal = proposed(cast)
    services.view_post(proposal_id=proposal.pk, is_agreed=True, words="", by=cast.ruth, at=AT)
    assert not OutboxMessage.objects.filter(kind="accounts.role_given").exists()


@pytest.mark.parametrize("who", ["ruth", "imran", "karen", "joyce"])
def test_a_lead_or_the_ig_lead_agrees_and_then_it_is_given(cast: Cast, who: str) -> None:
    proposal = proposed(cast)
    assert standing(fresh(cast.priya)).roles == frozenset(), "nothing changes before"
    services.view_post(proposal_id=proposal.pk, is_agreed=True, words="", by=getattr(cast, who), at=AT)
    assert standing(fresh(cast.priya)).roles == {"auditor"}
    held = RoleAssignment.objects.get(user=cast.priya)
    assert (held.started_at, held.appointed_by_id) == (AT, getattr(cast, who).pk)
    codes = list(Event.objects.order_by("-id").values_list("code", "actor_id", "subject_id")[:3])
    assert codes == [
        ("accounts.role_given", getattr(cast, who).pk, cast.priya.pk),
        ("accounts.post_agreed", getattr(cast, who).pk, cast.priya.pk),
        ("accounts.post_proposed", cast.bea.pk, cast.priya.pk),
    ]
    assert Event.objects.get(code="accounts.post_agreed").data == {"post": "auditor", "area": ""}


@pytest.mark.parametrize("who", ["carl", "bea", "amara", "gwen", "dev", "helen", "sunita", "martin", "alan", "jakub"])
def test_nobody_else_gives_the_second_view(cast: Cast, who: str) -> None:
    proposal = proposed(cast)
    with pytest.raises(NotAllowed):
        services.view_post(proposal_id=proposal.pk, is_agreed=True, words="", by=getattr(cast, who), at=AT)
    assert standing(fresh(cast.priya)).roles == frozenset()


def test_a_refusal_needs_a_reason_and_changes_nothing(cast: Cast) -> None:
    proposal = proposed(cast)
    with pytest.raises(Unsound):
        services.view_post(proposal_id=proposal.pk, is_agreed=False, words=" ", by=cast.ruth, at=AT)
    services.view_post(proposal_id=proposal.pk, is_agreed=False, words="Not independent", by=cast.ruth, at=AT)
    assert standing(fresh(cast.priya)).roles == frozenset()
    assert Event.objects.latest("id").code == "accounts.post_refused"
    with pytest.raises(NotNow, match="already"):
        services.view_post(proposal_id=proposal.pk, is_agreed=True, words="", by=cast.imran, at=AT)


@pytest.mark.parametrize("how", ["left", "role ended"])
def test_what_somebody_proposed_who_may_not_any_more_is_not_agreed_to_but_proposed_again(cast: Cast, how: str) -> None:
    proposal = proposed(cast)
    if how == "left":
        services.deactivate_person(person=cast.bea, reason="Suspended", by=cast.carl, at=AT)
    else:
        services.end_role(person=cast.bea, role=Role.ADMINISTRATOR, by=cast.carl, at=AT)
    with pytest.raises(NotNow, match="no administrator any more"):
        services.view_post(proposal_id=proposal.pk, is_agreed=True, words="", by=cast.ruth, at=AT)
    assert standing(fresh(cast.priya)).roles == frozenset()
    services.view_post(proposal_id=proposal.pk, is_agreed=False, words="Bea has left", by=cast.ruth, at=AT)
    services.view_post(proposal_id=proposed(cast, by=cast.carl).pk, is_agreed=True, words="", by=cast.ruth, at=AT)
    assert standing(fresh(cast.priya)).roles == {"auditor"}


def test_both_parts_are_never_one_person(cast: Cast) -> None:
    """I6, also for somebody who is administrator and lead at once, as a row from earlier may say, and for a lead's own
    further role.
    """
    RoleAssignment.objects.create(user=cast.ruth, role=Role.ADMINISTRATOR, started_at=AT)
    forget_standing(cast.ruth)
    with pytest.raises(NotAllowed, match="your own roles"):
        services.propose_post(person=cast.ruth, post=Post.AUDITOR, reason="Mine", by=cast.ruth, at=AT)
    by_ruth = proposed(cast, by=cast.ruth)
    with pytest.raises(NotAllowed, match="second person"):
        services.view_post(proposal_id=by_ruth.pk, is_agreed=True, words="", by=cast.ruth, at=AT)
    for_imran = proposed(cast, person=cast.imran)
    with pytest.raises(NotAllowed, match="your own role"):
        services.view_post(proposal_id=for_imran.pk, is_agreed=True, words="", by=cast.imran, at=AT)
    for same in ({"viewed_by": cast.bea}, {"viewed_by": cast.imran}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PostProposal.objects.filter(pk=for_imran.pk).update(is_agreed=True, viewed_at=AT, **same)


def test_an_administrator_proposes_a_champion_and_a_lead_agrees(cast: Cast) -> None:
    with pytest.raises(Unsound) as caught:
        proposed(cast, Post.CHAMPION)
    assert list(caught.value.problems) == ["area"]
    proposal = proposed(cast, Post.CHAMPION, area=cast.areas.income)
    services.view_post(proposal_id=proposal.pk, is_agreed=True, words="", by=cast.imran, at=AT)
    assert standing(fresh(cast.priya)).champion_area_ids == {cast.areas.income.pk}
    with pytest.raises(NotNow, match="already"):
        proposed(cast, Post.CHAMPION, area=cast.areas.income)


def test_the_same_is_not_proposed_twice_nor_for_who_has_left(cast: Cast) -> None:
    proposed(cast)
    with pytest.raises(NotNow, match="proposed already"):
        proposed(cast)
    with pytest.raises(NotNow, match="has that role already"):
        proposed(cast, person=cast.alan)
    services.deactivate_person(person=cast.tomasz, reason="Left", by=cast.bea, at=AT)
    with pytest.raises(NotNow, match="not active"):
        proposed(cast, person=cast.tomasz)
    with pytest.raises(Unsound):
        proposed(cast, person=cast.amara, reason=" ")


def test_who_may_agree_is_told_and_a_settled_proposal_is_mailed_to_nobody(cast: Cast) -> None:
    proposal = proposed(cast)
    told = set(OutboxMessage.objects.filter(kind="accounts.post_waits").values_list("recipient_id", flat=True))
    assert told == {cast.ruth.pk, cast.imran.pk, cast.karen.pk, cast.joyce.pk}
    kind = outbox.all_kinds()["accounts.post_waits"]
    assert kind.may_still_know(cast.ruth.pk, proposal.pk)
    assert not kind.may_still_know(cast.alan.pk, proposal.pk)
    services.view_post(proposal_id=proposal.pk, is_agreed=True, words="", by=cast.ruth, at=AT)
    assert not kind.may_still_know(cast.imran.pk, proposal.pk)


def test_ending_takes_one_is_immediate_and_the_leads_hear_of_it(cast: Cast) -> None:
    services.end_role(person=cast.alan, role=Role.AUDITOR, by=cast.bea, at=AT)
    assert standing(fresh(cast.alan)).roles == frozenset()
    told = set(OutboxMessage.objects.filter(kind="accounts.post_ended").values_list("recipient_id", flat=True))
    assert told == {cast.ruth.pk, cast.imran.pk, cast.karen.pk, cast.joyce.pk}


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    assert client.get("/account/").status_code == 200
    return client


def test_sessions_end_when_a_role_is_given_or_ended(cast: Cast) -> None:
    priya, alan, dev, mei = (signed_in(person) for person in (cast.priya, cast.alan, cast.dev, cast.mei))
    proposal = proposed(cast)
    assert priya.get("/account/").status_code == 200, "a proposal changes nothing"
    services.view_post(proposal_id=proposal.pk, is_agreed=True, words="", by=cast.ruth, at=AT)
    assert priya.get("/account/").status_code == 302
    services.end_role(person=cast.alan, role=Role.AUDITOR, by=cast.bea, at=AT)
    assert alan.get("/account/").status_code == 302
    services.end_champion(person=cast.dev, area=cast.areas.housing, by=cast.ruth, at=AT)
    assert dev.get("/account/").status_code == 302
    services.appoint_champion(person=cast.mei, area=cast.areas.housing, by=cast.ruth, at=AT)
    assert mei.get("/account/").status_code == 302
    signed_in(fresh(cast.alan))  # and they can sign in again


def test_a_lost_second_step_ends_sessions_too(cast: Cast) -> None:
    TOTP.activate(cast.ruth, generate_totp_secret())
    ruth = signed_in(cast.ruth)
    services.reset_second_factor(person=cast.ruth, reason="Lost", by=cast.bea, at=AT)
    assert ruth.get("/account/").status_code == 302
