"""Finding a concern by its reference, a name, an address or a tenancy reference: only what the reader may see.

Two statements, each served by one trigram index on PostgreSQL (migration 0002): people, and the concern's own words.
One statement with OR between two tables could use neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import DateTimeField, ExpressionWrapper, F, Prefetch, Q, Value

from accounts.models import User
from concerns.models import Concern, ConcernQuerySet, Involvement, Person
from concerns.references import as_reference, folded

MOST_FOUND = 50
SHORTEST_WORD = 2
MOST_WORDS = 8


@dataclass(frozen=True)
class Found:
    """One concern that matched, with the people in it."""

    concern: Concern
    people: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class SearchResult:
    rows: tuple[Found, ...]
    is_cut: bool


def search(words: str, viewer: User, *, at: datetime) -> SearchResult:
    """The newest concerns, at most MOST_FOUND, in which every one of `words` stands: in the reference or place, or
    in the name, address and tenancy reference of one person."""
    wanted = folded(words).split()[:MOST_WORDS]
    if not any(len(word) >= SHORTEST_WORD for word in wanted):
        return SearchResult((), is_cut=False)
    matches = Q()
    for word in wanted:
        matches &= Q(search_text__contains=word)
    visible = Concern.objects.visible_to(viewer, at=at)
    in_person = Involvement.objects.filter(person__in=Person.objects.filter(matches)).values("concern_id")
    found: dict[int, Concern] = {}
    for rows in (visible.filter(matches), visible.filter(pk__in=in_person)):
        found.update({concern.pk: concern for concern in _newest(rows)})
    ordered = sorted(found.values(), key=lambda concern: (concern.reported_at, concern.pk), reverse=True)
    return SearchResult(
        tuple(Found(concern, _people(concern)) for concern in ordered[:MOST_FOUND]), len(ordered) > MOST_FOUND
    )


def find_by_reference(words: str, viewer: User) -> Concern | None:
    """The concern whose whole reference was typed, with or without hyphens and spaces, in any case."""
    ref = as_reference(words)
    if ref is None:
        return None
    return Concern.objects.visible_to(viewer).filter(ref=ref).first()


def _newest(rows: ConcernQuerySet) -> list[Concern]:
    # Not the bare column: with it, PostgreSQL may walk the index of dates from the newest concern on and test every
    # row, where the trigram index would find the few that match.
    newest = ExpressionWrapper(F("reported_at") + Value(timedelta(0)), output_field=DateTimeField())
    people = Involvement.objects.select_related("person").order_by("pk")
    return list(
        rows.select_related("service_area", "responsible")
        .prefetch_related(Prefetch("involvements", queryset=people, to_attr="people_in_it"))
        .order_by(newest.desc(), "-pk")[: MOST_FOUND + 1]
    )


def _people(concern: Concern) -> tuple[tuple[str, str], ...]:
    rows = getattr(concern, "people_in_it", [])
    return tuple((row.person.display_name, row.get_role_display()) for row in rows)
