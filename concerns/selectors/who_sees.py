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
from concerns import permissions
from concerns.facts import cites_order, signers_of
from concerns.models import BreakGlass, Concern, Conflict
from concerns.models.ways import LetIn, people_let_in
from concerns.rules import OWN_WORDS_FOR
from concerns.selectors.late import hear_it_is_late
from concerns.selectors.names import sees_reviewer
from concerns.selectors.receipts import still_shows_own_words
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
    # Somebody looks at it afresh who is not named to this reader (scenario 10).
    hides_reviewer: bool

    @property
    def can_end_any(self) -> bool:
        return any(row.can_be_ended for row in self.reads)


def who_sees(concern: Concern, *, reader: User, at: datetime) -> WhoSees:
    """All of it, for a lead who may read `concern` (`permissions.check_can_see_who`)."""
    conflicts = list(
        Conflict.objects.filter(concern=concern, lifted_at__isnull=True)
        .select_related("staff")
        .order_by("recorded_at", "pk")
    )
    denied = {row.staff_id for row in conflicts}
    let_in = [row for row in people_let_in(concern, at=at) if row.user.pk not in denied]
    shown = _without_reviewer(let_in, concern, reader)
    found: dict[int, list[LetIn]] = {}
    for row in shown:
        found.setdefault(row.user.pk, []).append(row)
    order = list(Way)
    reads = [Reads(rows[0].user, tuple(rows)) for rows in found.values()]
    reads.sort(key=lambda each: (min(order.index(row.way) for row in each.ways), each.user.full_name))
    return WhoSees(
        reads=tuple(reads),
        parts=tuple(_parts(concern, denied, barred=_barred(conflicts), readers=set(found), reader=reader, at=at)),
        kept_out=tuple(_kept_out(concern, conflicts)),
        hides_reviewer=len(shown) < len(let_in),
    )


def _without_reviewer(rows: list[LetIn], concern: Concern, reader: User) -> list[LetIn]:
    """Without the way of whoever looks at it afresh, where `reader` may not know them; their other ways stay."""
    return [row for row in rows if row.way != Way.REVIEWER or sees_reviewer(reader, concern, reviewer_id=row.user.pk)]


def _barred(conflicts: Sequence[Conflict]) -> set[int]:
    return {row.staff_id for row in conflicts if row.kind == ConflictKind.BARRED}


def _parts(
    concern: Concern, denied: set[int], *, barred: set[int], readers: set[int], reader: User, at: datetime
) -> list[SeesPart]:
    found: list[SeesPart] = []
    reporter = concern.reporter
    if reporter.pk not in barred and reporter.is_active:
        found.append(SeesPart(reporter, f"Reported it: a receipt{_own_words(concern, at=at)}"))
    known = denied | readers
    by_office = [part for part in _by_office(concern) if part.user.pk not in known]
    rest = {part.user.pk for part in by_office}
    found += by_office
    found += [part for part in _signed(concern) if part.user.pk not in known | rest]
    found += [part for part in _through_survivor(concern, reader, at=at) if part.user.pk not in known]
    found += _judges(concern, but=known)
    found += [
        SeesPart(user, "By office: that it has taken too long, and who holds it")
        for user in hear_it_is_late(concern, at=at)
        if user.pk not in known
    ]
    return found


def _by_office(concern: Concern) -> Iterator[SeesPart]:
    """Of a restricted concern the information governance lead reads the decisions with the force of law (R68, R107)."""
    ig_leads = list(holders_of(Role.IG_LEAD))
    decisions = "" if concern.is_restricted else ", and signed decisions"
    of_law = ", and signed decisions with the force of law" if concern.is_restricted and cites_order(concern.pk) else ""
    for user in ig_leads:
        yield SeesPart(user, f"By office: who has opened it{decisions or of_law}")
    for user in holders_of(Role.AUDITOR).exclude(pk__in=[user.pk for user in ig_leads]):
        yield SeesPart(user, f"By office: who has opened it{decisions}")


def _judges(concern: Concern, *, but: set[int]) -> Iterator[SeesPart]:
    """Whoever was asked to judge that somebody broke the glass, each once; leads, who may judge too, read the case."""
    uses = BreakGlass.objects.filter(concern=concern, judge__isnull=False).exclude(judge__in=but)
    asked = {use.judge: use for use in uses.select_related("by", "judge", "concern").order_by("-at", "-pk")}
    for judge, use in asked.items():
        if judge is not None and permissions.can_judge_glass(judge, use):
            yield SeesPart(judge, "Asked to judge a use of break-glass: what was written for it, and what was opened")


def _signed(concern: Concern) -> Iterator[SeesPart]:
    """Whoever signed a decision reads that one, while the concern is unrestricted."""
    if concern.is_restricted:
        return
    people = list(User.objects.filter(pk__in=signers_of(concern.pk), is_active=True).order_by("full_name", "pk"))
    who = standings_of(people)
    for user in people:
        if not who[user.pk].never_reads_cases:
            yield SeesPart(user, "Signed a decision in it: that decision")


def _through_survivor(concern: Concern, reader: User, *, at: datetime) -> Iterator[SeesPart]:
    """Where it was joined to another, whoever reads that one reads there what was reported and added here (t20)."""
    while concern.merged_into is not None:
        concern = concern.merged_into
        out = set(Conflict.objects.filter(concern=concern, lifted_at__isnull=True).values_list("staff_id", flat=True))
        let_in = _without_reviewer(people_let_in(concern, at=at), concern, reader)
        found = {row.user.pk: row.user for row in let_in if row.user.pk not in out}
        for user in sorted(found.values(), key=lambda user: (user.full_name, user.pk)):
            yield SeesPart(user, f"Reads {concern.ref}, which it was joined to: what was reported and added here")


def _own_words(concern: Concern, *, at: datetime) -> str:
    closed_at = survivor_of(concern).closed_at
    if not still_shows_own_words(concern, at=at):
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
