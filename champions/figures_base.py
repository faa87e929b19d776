"""What every count of a quarter shares: which concerns are counted, which decisions, a table of "in time or not"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from audit.models import Event
from audit.vocabulary import EventKind
from champions.models import draft_readers
from champions.quarters import Quarter
from champions.tables import Measure, Row, Table
from concerns.events import CLOSED, MERGED, REOPENED, RESTORED, SEPARATED, VOIDED
from concerns.models import Concern, ConcernQuerySet, Conflict
from sharing.models import SignedRecord, SignedRecordQuerySet, Supersession

# The ledger tells when a concern ended and was opened again; the concern itself only how it stands now.
ENDINGS = (CLOSED.code, MERGED.code, VOIDED.code)
OPENINGS = (REOPENED.code, SEPARATED.code, RESTORED.code)


@dataclass(frozen=True)
class Scope:
    """What is counted: a quarter, and of its concerns all, or all that a draft may count (ADR 30)."""

    quarter: Quarter
    is_whole: bool

    @property
    def starts_at(self) -> datetime:
        return self.quarter.starts_at

    @property
    def ends_at(self) -> datetime:
        return self.quarter.ends_at

    @property
    def left_out(self) -> ConcernQuerySet:
        """The concerns that are not counted, whatever the quarter."""
        return Concern.objects.none() if self.is_whole else in_no_draft()

    def has(self, concern: str) -> Q:
        """Whether a concern is counted at all."""
        return Q() if self.is_whole else ~Q(Exists(in_no_draft().filter(pk=OuterRef(concern))))

    def counts(self, concern: str) -> Q:
        """Whether a concern is counted and was no duplicate and no error when the quarter ended."""
        return self.has(concern) & ~Q(gone(self, concern))


def in_no_draft() -> ConcernQuerySet:
    """Concerns of which no draft may tell anything, whoever reads it: the restricted ones, which count "only in the
    frozen quarterly totals" (domain.md 4), and any that is closed to somebody who reads drafts.
    """
    closed = Conflict.objects.filter(concern=OuterRef("pk"), lifted_at__isnull=True, staff__in=draft_readers())
    return Concern.objects.filter(Q(is_restricted=True) | Exists(closed))


def still(codes: Iterable[str], concern: str, before: datetime) -> Exists:
    """Whether one of `codes` ended a concern before `before` and nothing has opened it again until then."""
    opened_again = Event.objects.filter(
        concern_id=OuterRef("concern_id"),
        code__in=OPENINGS,
        at__gte=OuterRef("at"),
        pk__gt=OuterRef("pk"),
        at__lt=before,
    )
    return Exists(
        Event.objects.filter(~Exists(opened_again), concern_id=OuterRef(concern), code__in=codes, at__lt=before)
    )


def gone(scope: Scope, concern: str) -> Exists:
    """Whether a concern was a duplicate or an error when the quarter ended: no measure counts it."""
    return still((MERGED.code, VOIDED.code), concern, scope.ends_at)


def latest_signed(scope: Scope) -> SignedRecordQuerySet:
    """What was signed in the quarter and not replaced by its end, so that each decision counts once."""
    replaced = Supersession.objects.filter(old=OuterRef("pk"), at__lt=scope.ends_at)
    return SignedRecord.objects.filter(
        scope.counts("concern"), ~Exists(replaced), signed_at__gte=scope.starts_at, signed_at__lt=scope.ends_at
    )


def in_time(measure: Measure, found: Iterable[tuple[bool, bool]], *, labels: tuple[str, str]) -> Table:
    """A table of two rows from pairs of "yes or no" and "restricted or not"."""
    counts: Counter[bool] = Counter()
    kept_apart: Counter[bool] = Counter()
    for is_yes, is_restricted in found:
        counts[is_yes] += 1
        kept_apart[is_yes] += is_restricted
    return Table(
        measure,
        rows=(
            Row("in-time", labels[0], counts[True], kept_apart[True]),
            Row("late", labels[1], counts[False], kept_apart[False]),
        ),
        total=counts.total(),
    )


def as_the_quarter_ended(received: ConcernQuerySet, scope: Scope, field: str, changed: EventKind) -> dict[int, str]:
    """What stood in `field` of each concern when the quarter ended; `changed` tells what stood there before."""
    found = dict(received.values_list("pk", field))
    changed_later = Event.objects.filter(
        code=changed.code, at__gte=scope.ends_at, concern_id__in=received.values("pk")
    ).order_by("-at", "-pk")
    # Newest first, so that the earliest change after the quarter has the last word.
    for concern, data in changed_later.values_list("concern_id", "data"):
        if concern is not None:
            found[concern] = data["before"]
    return found
