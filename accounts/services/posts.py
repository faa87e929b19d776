"""Giving what takes two people: an administrator proposes, a lead agrees or refuses (domain.md 5, I6, ADR 18)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from accounts import events, notifications
from accounts.models import ChampionAppointment, PostProposal, RoleAssignment, ServiceArea, User
from accounts.permissions import (
    SECOND_VIEW,
    check_can_propose_post,
    check_can_view_post,
    check_posts_agree,
    check_proposer_counts,
)
from accounts.selectors import forget_standing, holders_of, standing
from accounts.services.appointments import active, appoint_champion_to, give_role_to
from accounts.vocabulary import Post, Role
from audit.services import record
from audit.vocabulary import EventKind
from safeguarding.kit import outbox
from safeguarding.kit.errors import NotNow, Unsound


@transaction.atomic
def propose_post(
    *, person: User, post: Post, area: ServiceArea | None = None, reason: str, by: User, at: datetime
) -> PostProposal:
    """Nothing changes until a second person agrees; those who may are told.

    `area` is for a champion. Raises NotAllowed, NotNow when the person holds it, it waits already, they have left or
    nobody could agree, and Unsound without a reason or with a post or area that does not fit.
    """
    check_can_propose_post(by, person)
    check_posts_agree(standing(person), post)
    problems: dict[str, list[str]] = {}
    if post not in Post.values:
        problems["post"] = ["Choose one of the roles."]
    elif post == Post.CHAMPION and area is None:
        problems["area"] = ["Choose the service area."]
    if not reason.strip():
        problems["reason"] = ["Say why. The second person reads it."]
    if problems:
        raise Unsound("This was not proposed.", problems)
    area = area if post == Post.CHAMPION else None
    locked = active(person)
    if _holds(locked, post, area):
        raise NotNow("This person has that role already.")
    seconds = holders_of(*SECOND_VIEW).exclude(pk__in=[by.pk, locked.pk])
    if not seconds.exists():
        raise NotNow("Nobody is here who could agree: it takes a lead or the information governance lead.")
    if PostProposal.objects.filter(person=locked, post=post, service_area=area, is_agreed=None).exists():
        raise NotNow("This is proposed already and waits for a second person.")
    proposal = PostProposal.objects.create(
        person=locked, post=post, service_area=area, reason=reason.strip(), proposed_by=by, proposed_at=at
    )
    _log(events.POST_PROPOSED, proposal, by=by, at=at, reason=reason)
    for second in seconds:
        outbox.queue(
            notifications.POST_WAITS,
            to=second.pk,
            about=proposal.pk,
            reference="a colleague's role",
            path=reverse("people:view-post", args=[locked.pk, proposal.pk]),
            key=f"post:{proposal.pk}:{second.pk}",
            at=at,
        )
    return proposal


def view_post(*, proposal_id: int, is_agreed: bool, words: str, by: User, at: datetime) -> PostProposal:
    """The second person agrees, and the person has the post from `at`; or refuses with a reason, and nothing changes.

    Raises NotAllowed, also for who proposed it and for the person themselves, NotNow when it is settled already, the
    person has left or whoever proposed it is no administrator any more, Unsound for a refusal without a reason.
    """
    with transaction.atomic():
        found = PostProposal.objects.get(pk=proposal_id)
        # People first, then what is about them: the order that every service here locks in.
        person = active(found.person) if is_agreed else found.person
        proposal = PostProposal.objects.select_for_update(of=("self",)).get(pk=proposal_id)
        check_can_view_post(by, proposal)
        if proposal.is_agreed is not None:
            raise NotNow("Somebody else has given the second view already.")
        if is_agreed:
            check_proposer_counts(proposal)
        elif not words.strip():
            raise Unsound("Give a reason.", {"words": ["Say why this person should not have the role."]})
        proposal.is_agreed, proposal.viewed_by, proposal.viewed_at, proposal.view_words = is_agreed, by, at, words
        proposal.save(update_fields=["is_agreed", "viewed_by", "viewed_at", "view_words"])
        _log(events.POST_AGREED if is_agreed else events.POST_REFUSED, proposal, by=by, at=at, reason=words)
        if is_agreed and proposal.service_area is not None:
            appoint_champion_to(person, area=proposal.service_area, by=by, at=at)
        elif is_agreed:
            give_role_to(person, role=Role(proposal.post), by=by, at=at)
    forget_standing(person)
    proposal.person = person
    return proposal


def _holds(person: User, post: Post, area: ServiceArea | None) -> bool:
    if area is not None:
        return ChampionAppointment.objects.filter(user=person, service_area=area, ended_at=None).exists()
    return RoleAssignment.objects.filter(user=person, role=post, ended_at=None).exists()


def _log(kind: EventKind, proposal: PostProposal, *, by: User | None, at: datetime, reason: str) -> None:
    area = proposal.service_area.code if proposal.service_area else ""
    record(kind, by=by, at=at, subject=proposal.person, reason=reason, post=proposal.post, area=area)
