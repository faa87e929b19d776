"""What every count of a quarter shares: what is gone, which decisions count, a table of "in time or not"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef

from audit.models import Event
from champions.quarters import Quarter
from champions.tables import Measure, Row, Table
from concerns.events import CLOSED, MERGED, REOPENED, RESTORED, SEPARATED, VOIDED
from sharing.models import SignedRecord, SignedRecordQuerySet, Supersession

# The ledger tells when a concern ended and was opened again; the concern itself only how it stands now.
ENDINGS = (CLOSED.code, MERGED.code, VOIDED.code)
OPENINGS = (REOPENED.code, SEPARATED.code, RESTORED.code)


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


def gone(quarter: Quarter, concern: str) -> Exists:
    """Whether a concern was a duplicate or an error when the quarter ended: no measure counts it."""
    return still((MERGED.code, VOIDED.code), concern, quarter.ends_at)


def latest_signed(quarter: Quarter) -> SignedRecordQuerySet:
    """What was signed in the quarter and not replaced by its end, so that each decision counts once."""
    replaced = Supersession.objects.filter(old=OuterRef("pk"), at__lt=quarter.ends_at)
    return SignedRecord.objects.filter(
        ~gone(quarter, "concern"), ~Exists(replaced), signed_at__gte=quarter.starts_at, signed_at__lt=quarter.ends_at
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
