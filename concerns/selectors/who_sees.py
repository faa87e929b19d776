"""Who can see one concern, and through what; who may not, and what they had opened before (domain.md 5, R41, 2.5).

A constant number of statements, however many people there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from accounts.selectors import holders_of, standings_of
from accounts.vocabulary import Role
from audit.models import Event
from audit.vocabulary import Access, codes_of
from concerns.facts import signers_of
from concerns.models import Concern, Conflict
from concerns.models.ways import LetIn, people_let_in
from concerns.rules import OWN_WORDS_FOR, shows_own_words
from concerns.selectors.two_people import survivor_of
from concerns.vocabulary import READ_ONLY_WAYS, ConflictKind, Way

MOST_VIEWS = 200


@dataclass(frozen=True)
class Reads:
    """One person who can open the case. `ways` are sentences' halves; `until` is None where no time is set."""

    user: User
    ways: tuple[LetIn, ...]

    @property
    def can_be_ended(self) -> bool:
        return any(found.way in READ_ONLY_WAYS for found in self.ways)


@dataclass(frozen=True)
class SeesPart:
    """One person who sees something of it, but not the case."""

    user: User
    what: str


@dataclass(frozen=True)
class EarlierView:
    at: datetime
    what: str


@dataclass(frozen=True)
class KeptOut:
    """One person for whom the concern does not exist, with what they had opened before that."""

    user: User
    kind: str
    reason: str
    since: datetime
    views: tuple[EarlierView, ...]
    is_cut: bool


@dataclass(frozen=True)
class WhoSees:
    reads: tuple[Reads, ...]
    parts: tuple[SeesPart, ...]
    kept_out: tuple[KeptOut, ...]

    @property
    def can_end_any(self) -> bool:
        return any(row.can_be_ended for row in self.reads)


def who_sees(concern: Concern, *, at: datetime) -> WhoSees:
    """All of it, for a lead who may read `concern` (`permissions.check_can_see_who`)."""
    conflicts = list(
        Conflict.objects.filter(concern=concern, lifted_at__isnull=True)
        .select_related("staff")
        .order_by("recorded_at", "pk")
    )
    denied = {row.staff_id for row in conflicts}
    found: dict[int, list[LetIn]] = {}
    for row in people_let_in(concern, at=at):
        if row.user.pk not in denied:
            found.setdefault(row.user.pk, []).append(row)
    order = list(Way)
    reads = [Reads(rows[0].user, tuple(rows)) for rows in found.values()]
    reads.sort(key=lambda each: (min(order.index(row.way) for row in each.ways), each.user.full_name))
    return WhoSees(
        reads=tuple(reads),
        parts=tuple(_parts(concern, denied, barred=_barred(conflicts), readers=set(found), at=at)),
        kept_out=tuple(_kept_out(concern, conflicts)),
    )


def _barred(conflicts: Sequence[Conflict]) -> set[int]:
    return {row.staff_id for row in conflicts if row.kind == ConflictKind.BARRED}


def _parts(concern: Concern, denied: set[int], *, barred: set[int], readers: set[int], at: datetime) -> list[SeesPart]:
    found: list[SeesPart] = []
    reporter = concern.reporter
    if reporter.pk not in barred and reporter.is_active:
        found.append(SeesPart(reporter, f"Reported it: a receipt{_own_words(concern, at=at)}"))
    rest = {user.pk: user for user in holders_of(Role.IG_LEAD, Role.AUDITOR) if user.pk not in denied | readers}
    what = "By office: who has opened it" + ("" if concern.is_restricted else ", and signed decisions")
    found += [SeesPart(user, what) for user in rest.values()]
    known = denied | readers
    found += [part for part in _signed(concern) if part.user.pk not in known | set(rest)]
    found += [part for part in _through_survivor(concern, at=at) if part.user.pk not in known]
    return found


def _signed(concern: Concern) -> Iterator[SeesPart]:
    """Whoever signed a decision reads that one, while the concern is unrestricted."""
    if concern.is_restricted:
        return
    people = list(User.objects.filter(pk__in=signers_of(concern.pk), is_active=True).order_by("full_name", "pk"))
    who = standings_of(people)
    for user in people:
        if not who[user.pk].never_reads_cases:
            yield SeesPart(user, "Signed a decision in it: that decision")


def _through_survivor(concern: Concern, *, at: datetime) -> Iterator[SeesPart]:
    """Where it was joined to another, whoever reads that one reads there what was reported and added here (t20)."""
    while concern.merged_into is not None:
        concern = concern.merged_into
        out = set(Conflict.objects.filter(concern=concern, lifted_at__isnull=True).values_list("staff_id", flat=True))
        found = {row.user.pk: row.user for row in people_let_in(concern, at=at) if row.user.pk not in out}
        for user in sorted(found.values(), key=lambda user: (user.full_name, user.pk)):
            yield SeesPart(user, f"Reads {concern.ref}, which it was joined to: what was reported and added here")


def _own_words(concern: Concern, *, at: datetime) -> str:
    closed_at = survivor_of(concern).closed_at
    shows = shows_own_words(
        is_contractor=concern.reporter.is_contractor, is_restricted=concern.is_restricted, closed_at=closed_at, at=at
    )
    if not shows:
        return " without their own words"
    if closed_at is not None:
        end = timezone.localtime(closed_at + OWN_WORDS_FOR)
        return f", with their own words until {end.day} {end:%B %Y}"
    return f", with their own words until {OWN_WORDS_FOR // timedelta(days=1)} days after it is closed"


def _kept_out(concern: Concern, conflicts: Sequence[Conflict]) -> list[KeptOut]:
    near = codes_of(Access.READ, Access.SEARCH, Access.EXPORT)
    staff = {row.staff_id for row in conflicts}
    events = Event.objects.filter(concern_id=concern.pk, actor_id__in=staff, code__in=near).order_by("-pk")
    seen = list(events[: MOST_VIEWS + 1]) if staff else []
    rows = []
    for conflict in conflicts:
        views = tuple(
            EarlierView(event.at, event.sentence)
            for event in seen[:MOST_VIEWS]
            if event.actor_id == conflict.staff_id and event.at < conflict.recorded_at
        )
        kind = ConflictKind(conflict.kind).label
        rows.append(
            KeptOut(conflict.staff, kind, conflict.reason, conflict.recorded_at, views, is_cut=len(seen) > MOST_VIEWS)
        )
    return rows


def let_in_now(concern: Concern, *, at: datetime) -> list[User]:
    """Everybody whom a lead can show out again: let in by name, or there by break-glass."""
    found = {row.user.pk: row.user for row in people_let_in(concern, at=at) if row.way in READ_ONLY_WAYS}
    return sorted(found.values(), key=lambda user: user.full_name)
