"""What falls due next on each concern of a list, read with the list itself."""

from __future__ import annotations

from django.db.models import OuterRef, Subquery

from concerns.models import Concern, ConcernQuerySet, Deadline
from concerns.vocabulary import BESIDE_THE_CASE, ClockKind


def with_next_step(rows: ConcernQuerySet) -> ConcernQuerySet:
    """`rows`, each with what `next_step_of` reads; no further statement. The clock that `next_due_at` stands for."""
    running = Deadline.objects.filter(concern=OuterRef("pk"), met_at__isnull=True, dropped_at__isnull=True)
    first = running.exclude(kind__in=BESIDE_THE_CASE).order_by("due_at", "pk").values("kind")[:1]
    return rows.annotate(next_kind=Subquery(first))


def next_step_of(concern: Concern) -> str:
    """In words, what is due at `concern.next_due_at`; "" when nothing is, or when the list did not ask."""
    kind = getattr(concern, "next_kind", None)
    return ClockKind(kind).label if kind else ""
