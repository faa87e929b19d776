"""The read model of one concern's page: where it stands, who is in it, what was written, what can be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.selectors import standing
from audit.models import Event
from audit.selectors import timeline
from audit.vocabulary import Access, codes_of
from concerns import events, permissions
from concerns.facts import case_facts, facts_from, hidden_events, is_contested
from concerns.models import ClosureProposal, Concern, Deadline, Dissatisfaction, Involvement
from concerns.models.joined import with_joined
from concerns.moments import day_and_time, due_words
from concerns.references import folded
from concerns.rules import age_on
from concerns.selectors import two_people, written
from concerns.selectors.acts import Act, Condition, acts_for, closing_conditions, place_of
from concerns.selectors.contacts import ContactLine, can_be_contacted, contact_lines
from concerns.selectors.domestic import DomesticPanel, children_to_propose, domestic_panel
from concerns.selectors.files import FileLine, files_on
from concerns.selectors.names import hidden_names, hidden_readings, hidden_reporters, nameless, sees_reviewer
from concerns.selectors.written import HIDDEN_REPORTER, Entry, Row
from concerns.vocabulary import (
    ABUSE_LABELS,
    BESIDE_THE_CASE,
    DOMESTIC_ABUSE,
    READ_ONLY_WAYS,
    ClockKind,
    ConflictKind,
    LifeStage,
    PersonRole,
    RiskLevel,
    State,
    Urgency,
    Way,
)
from concerns.workflow import ROUTE, Action, CaseFacts
from safeguarding.kit.clock import now
from safeguarding.kit.errors import allows

# More than any concern should ever have; the page says so when there are more.
MOST_EVENTS = 500


# Rows that say that there may be files: its own, or those of a concern that was joined to it.
_WITH_FILES = frozenset({"file", "took_in"})


@dataclass(frozen=True)
class Due:
    """Something that is to be done, and by when in words. `about` is the reference of what is timed, if not of the
    concern itself. `href`: where the reader does it, if that is known here and they may.
    """

    clock: str
    kind: str
    due_at: datetime
    words: str
    until: str
    is_late: bool
    about: str
    href: str = ""


@dataclass(frozen=True)
class PersonCard:
    """A person's part in the concern, with the cautions that stand beside every way to reach them (R14, R96)."""

    row: Involvement
    age: str
    shares_home: bool

    @property
    def counts_as_child_until_known(self) -> bool:
        return self.row.role == PersonRole.AT_RISK and self.row.life_stage == LifeStage.UNKNOWN


@dataclass(frozen=True)
class Step:
    name: str
    state: str
    note: str = ""


@dataclass(frozen=True)
class Told:
    """One line of the history, from the ledger."""

    title: str
    at: datetime
    by: str
    text: str


@dataclass(frozen=True)
class CasePage:
    """All that the page of one concern shows to one reader at one moment."""

    concern: Concern
    at: datetime
    holds: bool
    since: str
    cause: str
    steps: tuple[Step, ...]
    dues: tuple[Due, ...]
    # R43: whom nothing on the page names.
    hidden_ids: frozenset[int]
    acts: tuple[Act, ...]
    conditions: tuple[Condition, ...]
    people: tuple[PersonCard, ...]
    abuse: tuple[str, ...]
    entries: tuple[Entry, ...]
    history: tuple[Told, ...]
    is_history_cut: bool
    may_see_reporter: bool
    shut_out: tuple[tuple[str, str], ...]
    proposal: Row | None
    beside: two_people.Beside
    files: tuple[FileLine, ...]
    # R82: who was in touch with whom, and who tried, newest first.
    contacts: tuple[ContactLine, ...]
    may_see_access: bool
    # R21: opened by the kind of abuse.
    domestic: DomesticPanel | None
    # Whether the sharing floor has an enquiry to show (R108), so that it need not ask where there is none.
    has_enquiries: bool

    @property
    def main_acts(self) -> list[Act]:
        return [act for act in self.acts if act.is_main or act.is_button]

    @property
    def other_acts(self) -> dict[str, list[Act]]:
        """By the heading under which they stand."""
        under: dict[str, list[Act]] = {}
        for act in self.acts:
            if not (act.is_main or act.is_button):
                under.setdefault(act.heading, []).append(act)
        return under

    @property
    def place_on_route(self) -> str:
        """ "Step 2 of 6"; nothing for a concern that has left the route."""
        here = next((number for number, step in enumerate(self.steps, 1) if step.state == "current"), None)
        return f"Step {here} of {len(self.steps)}" if here else ""

    @property
    def next_dues(self) -> tuple[Due, ...]:
        """What to do next: what falls due first, and before it what must be done before anything else can be."""
        to_acknowledge = [due for due in self.dues if due.clock == ClockKind.ACKNOWLEDGE]
        return tuple(dict.fromkeys([*to_acknowledge, *self.dues[:1]]))

    @property
    def difference(self) -> Due | None:
        """Until when the two who differ about not sharing can still agree (t9)."""
        return next((due for due in self.dues if due.clock == ClockKind.DIFFERENCE), None)

    @property
    def can_change_people(self) -> bool:
        return any(act.name == "add-person" for act in self.acts)

    @property
    def unmet(self) -> list[Condition]:
        return [condition for condition in self.conditions if not condition.is_met]


def get_concern(ref: str, user: User) -> Concern:
    """The concern `ref` with the `way` by which `user` reads it now. Raises Concern.DoesNotExist, whether it is unknown
    or not theirs.
    """
    at = now()
    rows = Concern.objects.visible_to(user, at=at).with_way(user, at=at)
    return rows.select_related("responsible", "reporter", "service_area").get(ref=ref.upper())


def id_of(ref: str) -> int | None:
    """Which concern has this reference, whoever asks: for the ledger alone, never for an answer."""
    return Concern.objects.filter(ref=ref.upper()).values_list("pk", flat=True).first()


def people_in(concern: Concern) -> list[Involvement]:
    """Everyone in `concern`, in the order in which they were added."""
    return list(Involvement.objects.filter(concern=concern).select_related("person", "staff").order_by("pk"))


def get_involvement(concern: Concern, *, person_ref: str, role: str) -> Involvement:
    """One person's part in `concern`. Raises Involvement.DoesNotExist."""
    return Involvement.objects.select_related("person").get(concern=concern, person__ref=person_ref.upper(), role=role)


def highest_risk(concern: Concern) -> str:
    """The highest level recorded for anyone at risk in `concern`; "" when none is."""
    rows = Involvement.objects.filter(concern=concern, role=PersonRole.AT_RISK)
    levels = set(rows.values_list("risk_level", flat=True))
    return next((level.value for level in reversed(RiskLevel) if level in levels), "")


def waiting_dissatisfaction(concern: Concern) -> Dissatisfaction | None:
    """What the reporter is not satisfied with and nobody has answered (R42)."""
    return Dissatisfaction.objects.filter(concern=concern, answered_at__isnull=True).first()


def waiting_proposal(concern: Concern) -> ClosureProposal | None:
    """The proposal to close that waits for a second person."""
    rows = ClosureProposal.objects.filter(concern=concern, is_agreed__isnull=True)
    return rows.select_related("proposed_by").first()


def conditions_of(concern: Concern) -> tuple[Condition, ...]:
    """Every condition of closing (2.6), met or not."""
    at_risk = [row for row in people_in(concern) if row.role == PersonRole.AT_RISK]
    return closing_conditions(concern, case_facts(concern), at_risk)


def case_page(concern: Concern, viewer: User, *, at: datetime) -> CasePage:
    """The page of `concern` (from `get_concern`) for `viewer` at `at`."""
    people = people_in(concern)
    at_risk = [row for row in people if row.role == PersonRole.AT_RISK]
    rows = written.read_rows(concern, viewer)
    proposal = written.waiting_closure(rows)
    has_joined = any(row.source == "took_in" and row.body["undone_at"] is None for row in rows)
    dues = dues_of(concern, at=at, names={row.person.ref: row.person.display_name for row in people})
    facts = facts_from(
        concern,
        at_risk=at_risk,
        is_triaged=any(row.source == "triage" for row in rows),
        closing_from=proposal.body["from_state"] if proposal else None,
        # What was joined to it has rows of its own, which are not among these.
        has_open_dissatisfaction=written.has_open_dissatisfaction(rows) or (has_joined and is_contested(concern)),
        open_staff_steps=sum(row.source == "staff_step" and not row.body["answer"] for row in rows),
        has_difference=any(due.clock == ClockKind.DIFFERENCE for due in dues),
        has_joined=has_joined,
        open_domestic_steps=sum(row.source == "domestic_step" and not row.body["answer"] for row in rows),
    )
    _remember(concern, viewer, rows, facts, has_joined=has_joined)
    hidden = hidden_reporters(concern, viewer)
    found = list(_events(concern, viewer, rows)[: MOST_EVENTS + 1])
    reviewer = next(
        (row.body["reviewer_id"] for row in rows if row.source == "dissatisfaction" and row.body["upheld"] is None),
        None,
    )
    without_name, is_reporter_hidden = nameless(found, hidden), concern.reporter_id in hidden
    around = two_people.beside(concern, viewer, rows, hidden=hidden)
    is_flagged = any(row.source == "abuse" and row.body["code"] in DOMESTIC_ABUSE for row in rows)
    acts = acts_for(
        viewer,
        concern,
        facts,
        reviewer_id=reviewer,
        has_review=any(due.clock == ClockKind.REVIEW for due in dues),
        may_second=around.may_answer,
        has_conflicts=any(row.source == "conflict" for row in rows),
        has_people_to_contact=any(map(can_be_contacted, at_risk))
        or any(due.clock == ClockKind.CONTACT for due in dues),
        children=children_to_propose(people) if is_flagged else (),
    )
    can_close = any(act.name == Action.PROPOSE_CLOSURE.replace("_", "-") for act in acts)
    return CasePage(
        concern=concern,
        at=at,
        holds=concern.responsible_id == viewer.pk,
        since=day_and_time(concern.responsible_since, at=at) if concern.responsible_since else "",
        cause=_cause(concern, rows, is_reporter_hidden=is_reporter_hidden),
        steps=_steps(concern, {event.code for event in found}),
        dues=tuple(
            replace(due, href=place_of(due.clock, acts) or _place_of_lead(due, concern, viewer)) for due in dues
        ),
        hidden_ids=hidden,
        acts=acts,
        conditions=closing_conditions(concern, facts, at_risk) if can_close else (),
        people=_cards(people, on=timezone.localdate(at)),
        abuse=tuple(ABUSE_LABELS[row.body["code"]] for row in rows if row.source == "abuse"),
        entries=written.entries(
            rows,
            hidden=hidden,
            hidden_names=hidden_names(hidden),
            is_reporter_hidden=is_reporter_hidden,
            sees_reviewer=reviewer is None or sees_reviewer(viewer, concern, reviewer_id=reviewer),
        ),
        history=tuple(
            _tell(event, rows, without_name, is_reporter_hidden=is_reporter_hidden) for event in found[:MOST_EVENTS]
        ),
        is_history_cut=len(found) > MOST_EVENTS,
        may_see_reporter=allows(permissions.check_can_see_reporter, viewer, concern),
        shut_out=_shut_out(rows) if standing(viewer).is_lead else (),
        proposal=proposal,
        beside=around,
        has_enquiries=bool(facts.sharing.enquiries),
        domestic=domestic_panel(
            concern,
            viewer,
            people,
            [row.body for row in rows if row.source == "domestic_step"],
            is_flagged=is_flagged,
            on=timezone.localdate(at),
        ),
        files=files_on(concern, viewer, hidden=hidden, at=at) if any(row.source in _WITH_FILES for row in rows) else (),
        contacts=_contacts(rows, hidden),
        may_see_access=allows(permissions.check_can_read_access, viewer, concern),
    )


def _cause(concern: Concern, rows: Sequence[Row], *, is_reporter_hidden: bool) -> str:
    if not concern.responsible_cause or concern.responsible_since is None:
        return ""
    return written.cause_words(
        concern.responsible_cause, concern.responsible_since, rows, is_reporter_hidden=is_reporter_hidden
    )


def _contacts(rows: Iterable[Row], hidden: frozenset[int]) -> tuple[ContactLine, ...]:
    found = (
        (row.body, HIDDEN_REPORTER if row.by_id in hidden else row.by, row.at)
        for row in rows
        if row.source == "contact"
    )
    return tuple(reversed(contact_lines(found)))


def _place_of_lead(due: Due, concern: Concern, viewer: User) -> str:
    """T14: a lead says what keeps it open; that is no act of the concern, but of what has taken too long."""
    if due.clock != ClockKind.OPEN_TOO_LONG or not allows(permissions.check_can_look_at_long_open, viewer, concern):
        return ""
    return reverse("concerns:look-at-long-open", args=[concern.ref])


def _remember(concern: Concern, viewer: User, rows: Iterable[Row], facts: CaseFacts, *, has_joined: bool) -> None:
    conflicts = [row.body for row in rows if row.source == "conflict"]
    joined = Concern.objects.filter(pk__in=with_joined(concern.pk)) if has_joined else ()
    permissions.remember(
        concern,
        reader=viewer,
        denied=frozenset(int(body["staff_id"]) for body in conflicts),
        barred=frozenset(int(body["staff_id"]) for body in conflicts if body["code"] == ConflictKind.BARRED),
        reporters=frozenset({concern.reporter_id, *(part.reporter_id for part in joined)}),
        closing_needs_lead=facts.closing_needs_lead,
        is_read_only=concern.read_by in READ_ONLY_WAYS,
        is_glass_broken=concern.read_by == Way.BREAK_GLASS,
    )


def dues_of(concern: Concern, *, at: datetime, names: Mapping[str, str] | None = None) -> tuple[Due, ...]:
    """What is due on `concern`, soonest first. `names` of people by their reference, where the reader sees them."""
    running = Deadline.objects.filter(concern=concern, met_at__isnull=True, dropped_at__isnull=True)
    running = running.exclude(kind__in=BESIDE_THE_CASE)
    return tuple(
        Due(
            row.kind,
            f"{row.get_kind_display()} ({(names or {}).get(row.about, row.about)})"
            if row.about
            else row.get_kind_display(),
            row.due_at,
            due_words(row.due_at, at=at),
            day_and_time(row.due_at, at=at),
            row.due_at < at,
            row.about,
        )
        for row in running.order_by("due_at", "pk")
    )


def changes_since(concern: Concern, moment: datetime, *, viewer: User) -> tuple[Told, ...]:
    """What happened to `concern` after `moment`, newest first: told to whoever was second to send."""
    rows = written.read_rows(concern, viewer)
    hidden = hidden_reporters(concern, viewer)
    found = list(_events(concern, viewer, rows).filter(at__gt=moment)[:20])
    without_name, is_hidden = nameless(found, hidden), concern.reporter_id in hidden
    return tuple(_tell(event, rows, without_name, is_reporter_hidden=is_hidden) for event in found)


def _not_told() -> tuple[str, ...]:
    """Who read, found or tried something, and the start of a clock, are in the ledger and its access report.

    Here they would drown what happened, and tell the holder who looks at their work (scenario 10).
    """
    apart = (events.CLOCK_STARTED.code, events.FILE_FETCHED.code)
    told = {events.GLASS_BROKEN.code}  # that somebody broke the glass is told to all who may read it
    return (*(set(codes_of(Access.READ, Access.SEARCH, Access.REFUSAL)) - told), *apart)


def _events(concern: Concern, viewer: User, told: Sequence[Row]) -> QuerySet[Any]:
    """What happened, without what the floor above keeps from `viewer` though they read the concern (I3), what tells of
    another concern that is closed to them, and what would tell who looks at it afresh.
    """
    name = User.objects.filter(pk=OuterRef("actor_id")).values("full_name")[:1]
    rows = timeline(concern.pk).exclude(code__in=_not_told()).exclude(hidden_events(viewer, on_concern=True))
    rows = rows.exclude(two_people.tells_of_closed(viewer))
    if written.has_open_dissatisfaction(told):
        rows = rows.exclude(hidden_readings(concern, viewer))
    return rows.annotate(actor_name=Subquery(name)).order_by("-id")


def _tell(event: Event, rows: Iterable[Row], without_name: frozenset[int], *, is_reporter_hidden: bool) -> Told:
    who = getattr(event, "actor_name", None) or "The system"
    if event.pk in without_name:
        who = HIDDEN_REPORTER
    return Told(event.sentence, event.at, who, _details(event, rows, is_reporter_hidden=is_reporter_hidden))


def _details(event: Event, rows: Iterable[Row], *, is_reporter_hidden: bool) -> str:
    data = event.data
    if not isinstance(data, dict):  # put in by somebody else: `verify_ledger` names it, and the page stays open
        return ""
    if event.code == events.ASSIGNED.code:
        names = (
            row.body["holder"] for row in rows if row.source == "assignment" and row.body["holder_id"] == data["holder"]
        )
        cause = written.cause_words(data["cause"], event.at, rows, is_reporter_hidden=is_reporter_hidden)
        return ": ".join(words for words in (next(names, ""), cause) if words)
    if event.code == events.CLOCK_OVERDUE.code:
        return str(ClockKind(data["clock"]).label)
    if event.code == events.URGENCY_CHANGED.code:
        return f"{Urgency(data['before']).label} to {Urgency(data['after']).label}"
    if event.code == events.PERSON_ADDED.code:
        return str(PersonRole(data["role"]).label)
    return ""


def _shut_out(rows: Iterable[Row]) -> tuple[tuple[str, str], ...]:
    return tuple((row.body["staff"], ConflictKind(row.body["code"]).label) for row in rows if row.source == "conflict")


# A step that lies behind was taken only if one of these happened: a concern that stayed inside never went to an agency.
_PASSED: dict[str, frozenset[str]] = {
    "Sent to an agency": frozenset({events.SENT.code}),
    "With the agency": frozenset({events.AGENCY_ACKNOWLEDGED.code}),
    "Kept under review": frozenset({events.NOT_SHARING_AGREED.code, events.MONITORED.code}),
    # Behind a concern that was joined to another or entered in error, and yet never reached.
    "Closed": frozenset({events.CLOSED.code}),
}


def _steps(concern: Concern, happened: set[str]) -> tuple[Step, ...]:
    # A concern that was joined to another, or entered in error, has left the route.
    current = next((number for number, step in enumerate(ROUTE) if concern.state in step.states), len(ROUTE))
    steps = []
    for number, step in enumerate(ROUTE):
        if number == current:
            note = State(concern.state).label
            steps.append(Step(step.label, "current", "" if note == step.label else note))
        elif number < current and (step.label not in _PASSED or _PASSED[step.label] & happened):
            steps.append(Step(step.label, "done"))
        else:
            steps.append(Step(step.label, "next", "Not taken" if number < current else ""))
    return tuple(steps)


def _cards(people: Sequence[Involvement], *, on: date) -> tuple[PersonCard, ...]:
    sources = [row.person for row in people if row.role == PersonRole.SOURCE_OF_RISK]
    homes = {folded(person.address) for person in sources} | {folded(person.tenancy_ref) for person in sources}
    homes.discard("")
    return tuple(
        PersonCard(
            row,
            _age(row, on=on),
            row.role == PersonRole.AT_RISK
            and bool(homes & {folded(row.person.address), folded(row.person.tenancy_ref)}),
        )
        for row in people
    )


def _age(row: Involvement, *, on: date) -> str:
    person = row.person
    if person.date_of_birth is not None:
        born = person.date_of_birth
        return f"{age_on(born, on)}, born {born.day} {born:%B %Y}"
    if person.estimated_age is not None and person.estimated_on is not None:
        day = person.estimated_on
        return f"About {person.estimated_age}, estimated on {day.day} {day:%B %Y}"
    if person.expected_date is not None:
        day = person.expected_date
        return f"Expected on {day.day} {day:%B %Y}"
    return ""
