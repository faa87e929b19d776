"""Whose name is kept from somebody who reads a concern: who reported it under protection (R43), and, from those who are
complained of, who looks at it afresh (scenario 10, ADR 17). Every page that names who did something asks here.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.selectors import standing
from audit.models import Event
from audit.vocabulary import Access, codes_of, codes_that_name
from concerns import events, permissions
from concerns.models import Assignment, Concern, Dissatisfaction
from concerns.models.files import story_of
from concerns.models.joined import ever_joined, with_joined
from concerns.selectors.written import HIDDEN_REPORTER
from safeguarding.kit.errors import allows

# Coming near a concern, as against doing something in it.
NEAR_A_CONCERN = (Access.READ, Access.SEARCH, Access.EXPORT, Access.REFUSAL)


def hidden_reporters(concern: Concern, reader: User) -> frozenset[int]:
    """R43: the accounts that are not named to `reader` on anything of `concern`: whoever reported it, or something that
    is or was joined to it, under protection.

    Leads and whoever holds it know them, also those of what is joined to it now: they must know whom to go back to.
    """
    if standing(reader).is_lead:
        return frozenset()
    parts = _protected(concern)
    if concern.responsible_id == reader.pk:
        parts = parts.exclude(pk__in=with_joined(concern.pk))
    return frozenset(part.reporter_id for part in parts if not allows(permissions.check_can_see_reporter, reader, part))


def named(account: User | None, hidden: frozenset[int]) -> str:
    """Who did something, as it stands wherever it is told; the same words everywhere, so that two lines about one act
    never name whom one of them hides (R43).
    """
    if account is None:
        return "The system"
    return HIDDEN_REPORTER if account.pk in hidden else account.full_name


def nameless(found: Iterable[Event], hidden: frozenset[int]) -> frozenset[int]:
    """The ids of those of `found` that are told without the name of whoever did it, one of `hidden` (R43).

    A signature has a name (R7), a paper names who took it out, and who takes a concern on holds it from then on: that
    name is told with the act, with all that they did in the same moment, and with what the same person does to the same
    record or paper afterwards.
    """
    theirs = [event for event in found if event.actor_id in hidden]
    if not theirs:
        return frozenset()
    naming = Event.objects.filter(
        concern_id__in={event.concern_id for event in theirs}, actor_id__in=hidden, code__in=codes_that_name()
    )
    since: dict[tuple[str, int | None, int | None], int] = {}
    for subject_type, subject_id, actor_id, pk in naming.order_by("-pk").values_list(
        "subject_type", "subject_id", "actor_id", "pk"
    ):
        since[subject_type, subject_id, actor_id] = pk

    def is_named(event: Event) -> bool:
        first = since.get((event.subject_type, event.subject_id, event.actor_id))
        return (first is not None and first <= event.pk) or _takes_it_on(event)

    named_then = {(event.concern_id, event.actor_id, event.at) for event in theirs if is_named(event)}
    return frozenset(event.pk for event in theirs if (event.concern_id, event.actor_id, event.at) not in named_then)


def _takes_it_on(event: Event) -> bool:
    data = event.data
    return event.code == events.ASSIGNED.code and isinstance(data, dict) and data.get("holder") == event.actor_id


def hidden_names(hidden: frozenset[int]) -> tuple[str, ...]:
    """What these accounts are called, for words that somebody typed or that were filled in for them."""
    return tuple(User.objects.filter(pk__in=hidden).values_list("full_name", flat=True)) if hidden else ()


def protected_reporters(concern: Concern) -> frozenset[int]:
    """The same for paper, which anybody may come to read."""
    return frozenset(_protected(concern).values_list("reporter_id", flat=True))


def _protected(concern: Concern) -> QuerySet[Concern]:
    return Concern.objects.filter(pk__in=ever_joined(concern.pk), is_reporter_protected=True)


def sees_reviewer(reader: User, concern: Concern, *, reviewer_id: int) -> bool:
    """Who was asked to look at it afresh is known, until they have answered, to leads and to themselves; to nobody who
    is complained of, which is everybody who ever held it.
    """
    return reader.pk == reviewer_id or (standing(reader).is_lead and not _held(concern, reader).exists())


def hidden_readings(concern: Concern, reader: User) -> Q:
    """Which events are left out for `reader` because they would tell who looks at it afresh.

    While somebody who reported it waits for an answer, whoever ever held it sees of nobody else that they came near it
    since: of nobody at all, so that no gap points to one, and those who were asked before are not told either. That
    somebody broke the glass is told to all who may read it.
    """
    near = set(codes_of(*NEAR_A_CONCERN)) - {events.GLASS_BROKEN.code}
    asked = _waiting(concern, reader).filter(at__lte=OuterRef("at"))
    return Q(Exists(asked), Exists(_held(concern, reader)), code__in=near) & ~Q(actor_id=reader.pk)


def hides_readings(concern: Concern, reader: User) -> bool:
    """Whether anything would be left out, so that the page can say so."""
    return _waiting(concern, reader).exists() and _held(concern, reader).exists()


def _waiting(concern: Concern, reader: User) -> QuerySet[Dissatisfaction]:
    waiting = Dissatisfaction.objects.filter(concern__in=story_of(concern), answered_at__isnull=True)
    return waiting.exclude(reviewer=reader)


def _held(concern: Concern, reader: User) -> QuerySet[Assignment]:
    return permissions.holdings_of_story(concern).filter(holder=reader)
