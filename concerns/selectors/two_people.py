"""What stands beside the route on a concern's page: second views, steps about a worker, concerns joined to it.

Told from the rows that the page has read already; only a concern that others were joined to asks for more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from accounts.models import User
from accounts.selectors import standing
from accounts.vocabulary import Role
from concerns import events, permissions
from concerns.facts import case_facts
from concerns.models import Concern, Conflict, Involvement, Merge, Note, Person, StaffStep, TwoPersonStep
from concerns.models.concern import is_kept_out
from concerns.models.files import survivor_of as survivor_of
from concerns.models.joined import with_joined
from concerns.references import folded
from concerns.selectors.search import find_by_reference
from concerns.selectors.written import HIDDEN_REPORTER, Row
from concerns.vocabulary import (
    ENDED_STATES,
    NoteKind,
    PersonRole,
    RiskLevel,
    StaffStepAnswer,
    StaffStepKind,
    TwoPersonAct,
)
from concerns.workflow import Action, problems_with
from safeguarding.kit.errors import allows

# More suggestions than this are no help in choosing.
MOST_SUGGESTED = 10


@dataclass(frozen=True)
class Waiting:
    """Something that one person asked for and another has not answered yet (I6)."""

    label: str
    about: str
    asked_by: str
    asked_at: datetime
    reason: str


@dataclass(frozen=True)
class StepLine:
    """One step about an implicated worker; `answer` is "" while it is open, `href` "" where the reader can't answer."""

    label: str
    answer: str
    href: str


@dataclass(frozen=True)
class Joined:
    """A concern that was joined to the one shown: what its reporter wrote, facts and opinion apart (R5)."""

    concern: Concern
    reporter: str
    href: str
    added: tuple[tuple[datetime, str], ...]


@dataclass(frozen=True)
class JoinedTo:
    """Where a joined concern went; `href` is "" for whoever may not read that one."""

    ref: str
    href: str


@dataclass(frozen=True)
class Beside:
    waiting: tuple[Waiting, ...]
    may_answer: bool
    steps: tuple[StepLine, ...]
    joined: tuple[Joined, ...]
    joined_to: JoinedTo | None


def beside(concern: Concern, viewer: User, rows: Sequence[Row], *, hidden: frozenset[int]) -> Beside:
    """All of it for `viewer`, who may read `concern` and not know `hidden` (`names.hidden_reporters`)."""
    waiting = [row for row in rows if row.source == "second" and row.body["agreed"] is None]
    took_in = any(row.source == "took_in" and row.body["undone_at"] is None for row in rows)
    may_answer_step = concern.is_open and allows(permissions.check_can_answer_staff_step, viewer, concern)
    return Beside(
        waiting=tuple(_waiting(row, hidden) for row in waiting),
        may_answer=any(
            row.by_id != viewer.pk and permissions.can_second_step(viewer, concern, row.body["code"]) for row in waiting
        ),
        steps=tuple(_step(concern, row, may_answer=may_answer_step) for row in _staff_rows(concern, rows)),
        joined=tuple(_joined(concern, viewer, hidden)) if took_in else (),
        joined_to=_joined_to(concern, viewer, rows),
    )


def _waiting(row: Row, hidden: frozenset[int]) -> Waiting:
    label = TwoPersonAct(row.body["code"]).label
    if row.body["level"]:
        label = f"Lower the level of risk to “{RiskLevel(row.body['level']).label.lower()}”"
    about = row.body["about"] or row.body["let_in"] or row.body["person"] or ""
    asked_by = HIDDEN_REPORTER if row.by_id in hidden else row.by
    return Waiting(label, about, asked_by, row.at, row.body["text"])


def _staff_rows(concern: Concern, rows: Sequence[Row]) -> list[Row]:
    """In the order of the list. Of an ended concern only what was answered: the rest has gone on with the survivor."""
    steps = [row for row in rows if row.source == "staff_step" and (concern.is_open or row.body["answer"])]
    return sorted(steps, key=lambda row: StaffStepKind.values.index(row.body["code"]))


def _step(concern: Concern, row: Row, *, may_answer: bool) -> StepLine:
    kind, answer = StaffStepKind(row.body["code"]), row.body["answer"]
    href = reverse("concerns:answer-staff-step", args=[concern.ref, kind.value]) if may_answer and not answer else ""
    return StepLine(str(kind.label), str(StaffStepAnswer(answer).label) if answer else "", href)


def _joined(survivor: Concern, viewer: User, hidden: frozenset[int]) -> Iterable[Joined]:
    """Every concern that ended in `survivor`, also by way of another, oldest report first; none that `viewer` is kept
    out of (I3).
    """
    story = Concern.objects.filter(pk__in=with_joined(survivor.pk)).exclude(pk=survivor.pk)
    found = list(story.exclude(is_kept_out(viewer, of="pk")).select_related("reporter"))
    ids = [row.pk for row in found]
    readable = set(Concern.objects.visible_to(viewer).filter(pk__in=ids).values_list("pk", flat=True))
    added: dict[int, list[tuple[datetime, str]]] = {}
    for note in Note.objects.filter(concern__in=ids, kind=NoteKind.ADDED).order_by("written_at", "pk"):
        added.setdefault(note.concern_id, []).append((note.written_at, note.text))
    for row in sorted(found, key=lambda concern: (concern.reported_at, concern.pk)):
        may_know = not row.is_reporter_protected or row.reporter_id not in hidden
        yield Joined(
            row,
            row.reporter.full_name if may_know else HIDDEN_REPORTER,
            row.get_absolute_url() if row.pk in readable else "",
            tuple(added.get(row.pk, ())),
        )


def _joined_to(concern: Concern, viewer: User, rows: Sequence[Row]) -> JoinedTo | None:
    if concern.merged_into_id is None:
        return None
    standing_rows = (row for row in reversed(rows) if row.source == "joined_to" and row.body["undone_at"] is None)
    row = next(standing_rows, None)
    if row is None:  # it is closed to the reader
        return None
    into = Concern.objects.visible_to(viewer).filter(pk=concern.merged_into_id).first()
    return JoinedTo(row.body["ref"], into.get_absolute_url() if into else "")


def other_to_join(words: str, concern: Concern, viewer: User) -> Concern | None:
    """The open concern with the reference that was typed, if `viewer` may read it and it is another one."""
    other = find_by_reference(words, viewer)
    return other if other is not None and other.is_open and other.pk != concern.pk else None


def what_stops_joining(concern: Concern) -> list[str]:
    """Why `concern` can't be joined to another now, one sentence each; empty when it can."""
    return problems_with(Action.MERGE, case_facts(concern))


def likely_the_same(concern: Concern, viewer: User) -> list[Concern]:
    """Open concerns that `viewer` may read and that share a name, an address or a tenancy with `concern`; newest first.

    Names and addresses are compared as search compares them: case, accents and punctuation aside.
    """
    ours: set[str] = set()
    for row in Involvement.objects.filter(concern=concern).select_related("person"):
        ours |= _marks(row)
    if not ours:
        return []
    # The index of search finds who could match; whether a whole name or address is the same is looked at here.
    near = Q()
    for mark in ours:
        near |= Q(search_text__contains=mark)
    people = Person.objects.filter(near).values("pk")
    others = Concern.objects.visible_to(viewer).open().exclude(pk=concern.pk)
    shared = Involvement.objects.filter(person__in=people, concern__in=others.values("pk")).select_related("person")
    ids = {row.concern_id for row in shared if _marks(row) & ours}
    rows = others.filter(pk__in=ids).prefetch_related("involvements__person")
    return list(rows.order_by("-reported_at", "-pk")[:MOST_SUGGESTED])


def _marks(row: Involvement) -> set[str]:
    person = row.person
    return {mark for mark in (folded(person.name), folded(person.address), folded(person.tenancy_ref)) if mark}


def standing_conflicts(concern: Concern) -> list[Conflict]:
    """Everybody who is kept out of `concern` now, with why and by whom."""
    rows = Conflict.objects.filter(concern=concern, lifted_at__isnull=True)
    return list(rows.select_related("staff", "recorded_by").order_by("recorded_at", "pk"))


def kept_out_of_all(concern: Concern, reader: User) -> QuerySet[Conflict]:
    """Who is kept out now of `concern` or of what was joined to it, and why; nothing of a concern that `reader` is kept
    out of themselves (I3).
    """
    rows = Conflict.objects.filter(concern__in=with_joined(concern.pk), lifted_at__isnull=True)
    readable = rows.exclude(is_kept_out(reader, of="concern"))
    return readable.select_related("staff", "concern").order_by("recorded_at", "pk")


def kept_out_for_both(step: TwoPersonStep, conflict: Conflict, second: User) -> QuerySet[Conflict]:
    """Everything that keeps out whom `conflict` is about, where whoever asked could read it when they asked, and
    `second` can now: nobody lifts what they have not read (I3).
    """
    hidden = Conflict.objects.filter(
        concern=OuterRef("concern"), staff=step.asked_by, lifted_at__isnull=True, recorded_at__lt=step.asked_at
    )
    return kept_out_of_all(step.concern, second).filter(~Exists(hidden), staff=conflict.staff)


def asked_elsewhere(concern: Concern) -> dict[str, Concern]:
    """The bars and recusals, by handle, that are lifted where `concern` was joined to: the nearest to the survivor that
    has the same one standing. One that stands on `concern` alone is not among them (ADR 16).
    """
    places: dict[str, Concern] = {}
    above = concern.merged_into
    while above is not None:
        places |= {row.handle: above for row in Conflict.objects.filter(concern=above, lifted_at__isnull=True)}
        above = above.merged_into
    return places


def liftable_conflicts(concern: Concern) -> list[Conflict]:
    """Of everybody who is kept out of `concern`, those whom one asks to let in again on its own page."""
    elsewhere = asked_elsewhere(concern)
    return [row for row in standing_conflicts(concern) if row.handle not in elsewhere]


def took_in(concern: Concern, viewer: User) -> bool:
    """Whether another concern was joined to `concern`, as far as `viewer` may know (I3)."""
    return concern.merged_concerns.exclude(is_kept_out(viewer, of="pk")).exists()


def tells_of_closed(reader: User) -> Q:
    """Which events, on whatever concern, tell of another one that `reader` is kept out of: that the two were joined, or
    separated again (I3).
    """
    into = Merge.objects.filter(is_kept_out(reader, of="into"), concern=OuterRef("concern_id"))
    part = Merge.objects.filter(is_kept_out(reader, of="concern"), into=OuterRef("concern_id"))
    return (
        Q(Exists(into.filter(at=OuterRef("at"))), code=events.MERGED.code)
        | Q(Exists(into.filter(undone_at=OuterRef("at"))), code=events.SEPARATED.code)
        | Q(Exists(part.filter(at=OuterRef("at"))), code=events.TOOK_IN.code)
        | Q(Exists(part.filter(undone_at=OuterRef("at"))), code=events.PERSON_TAKEN_OUT.code)
    )


def is_source_of_risk_in_joined(staff: User, concern: Concern) -> bool:
    """Whether concerns were joined here, and `staff` stands in one of them as possible source of risk."""
    survivor = survivor_of(concern)
    parts = Involvement.objects.filter(
        concern__in=with_joined(survivor.pk), staff=staff, role=PersonRole.SOURCE_OF_RISK
    )
    return survivor.merged_concerns.exists() and parts.exists()


def waiting_steps(concern: Concern) -> list[TwoPersonStep]:
    """What waits for a second person on `concern`."""
    rows = TwoPersonStep.objects.filter(concern=concern, is_agreed__isnull=True)
    return list(rows.select_related("asked_by", "conflict__staff", "let_in", "involvement__person"))


def steps_for(concern: Concern, viewer: User) -> list[TwoPersonStep]:
    """Of what waits for a second person on `concern`, that on which `viewer` may give the view."""
    return [
        step
        for step in waiting_steps(concern)
        if step.asked_by_id != viewer.pk and permissions.can_second_step(viewer, concern, step.act)
    ]


def get_staff_step(concern: Concern, kind: str) -> StaffStep:
    """Raises StaffStep.DoesNotExist."""
    return StaffStep.objects.get(concern=concern, kind=kind)


def standing_merge(concern: Concern) -> Merge | None:
    """How and why `concern` was joined to another, if it is."""
    return Merge.objects.filter(concern=concern, undone_at__isnull=True).select_related("by", "into").first()


def second_views_for(user: User, *, at: datetime, most: int) -> Sequence[Concern]:
    """Concerns on which something waits for a second person, and `user` could be that person."""
    who = standing(user)
    if not permissions.may_second_steps(who):
        return []
    asked = TwoPersonStep.objects.filter(is_agreed__isnull=True).exclude(asked_by=user)
    lower = Q(act=TwoPersonAct.LOWER_RISK)
    # A level of risk: a champion or lead, not the holder, while the concern is open. All else: lead level.
    of_risk = asked.filter(lower).exclude(Q(concern__responsible=user) | Q(concern__state__in=ENDED_STATES))
    all_else = asked.exclude(lower)
    is_above = who.is_lead or who.is_operational_lead
    wanted = Q(pk__in=of_risk.values("concern_id")) if is_above or who.is_champion else Q(pk__in=[])
    if is_above or who.has(Role.IG_LEAD):
        wanted |= Q(pk__in=all_else.values("concern_id"))
    rows = Concern.objects.visible_to(user, at=at).filter(wanted)
    return list(rows.exclude(reporter=user).order_by("pk")[:most])
