"""Raising a concern: t1 and t2 of domain.md 2.2. Anyone can, always (I20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import ServiceArea, User
from accounts.selectors import (
    absent_at,
    covers_at,
    holders_of,
    line_above,
    service_area_of,
)
from accounts.vocabulary import Role
from concerns import clocks, events, ladder, notifications, rules
from concerns.intake import Intake, IntakePerson
from concerns.ladder import Choice, Rung
from concerns.models import (
    AbuseType,
    Assignment,
    Concern,
    Draft,
    EmergencyCall,
    Involvement,
    Person,
)
from concerns.models.ways import ineligible_when
from concerns.references import folded, new_reference
from concerns.selectors.limits import limits_in_force
from concerns.services.base import log, tell
from concerns.services.clocks import start_clock
from concerns.services.conflicts import CLOSE_TO_IT, bar, keep_out_of_their_own, recuse
from concerns.services.domestic import open_domestic_steps
from concerns.services.files import bring_draft_files
from concerns.services.holding import candidates, may_be_asked, raise_exhausted_alert, wants_duty
from concerns.services.staff_steps import open_staff_steps
from concerns.vocabulary import (
    ClockKind,
    HolderCause,
    Implicated,
    PersonRole,
    Precision,
    Urgency,
)
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound


@dataclass(frozen=True)
class RoutePreview:
    """Who would be told if the concern were sent now, for the page on which answers are checked."""

    holder: User
    cause: HolderCause
    others_told: tuple[User, ...]
    manager: User | None
    is_manager_kept_out: bool
    # The reporter's words mention their manager, so the question whether the manager may see it is put with emphasis.
    names_manager: bool
    # R43: few are told who reported it, and the page says who.
    protects_reporter: bool
    # Out of hours, urgent, and nobody is on duty: the page says at once which number to ring.
    is_unattended: bool


@dataclass(frozen=True)
class _Route:
    area: ServiceArea
    choice: Choice
    cause: HolderCause
    barred: frozenset[int]
    is_manager_kept_out: bool
    protects_reporter: bool
    others: tuple[int, ...]


@transaction.atomic
def raise_concern(*, intake: Intake, by: User, at: datetime, draft: Draft | None = None) -> Concern:
    """A concern exists, somebody is responsible for it and is being told, and its clocks run.

    Whoever is implicated is shut out in the same transaction, before any message is made (R41). A `draft` that was
    sent before gives back the concern it became, so that a form sent twice makes one concern. Raises NotAllowed
    for a deactivated account, Unsound with the sentences of `rules.intake_problems`.
    """
    if draft is not None:
        draft = Draft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
        if draft.owner_id != by.pk:
            raise NotAllowed("This draft belongs to somebody else.")
        if draft.sent_as is not None:
            return draft.sent_as
    if not by.is_active:
        raise NotAllowed("Your account is closed. Ring the duty number to report a concern.")
    if problems := rules.intake_problems(intake, at=at):
        raise Unsound("Something is missing before this can be sent.", problems)

    route = _route(intake, by=by, at=at)
    concern = _create(intake, route, by=by, at=at)
    Assignment.objects.create(
        concern=concern,
        holder_id=route.choice.user_id,
        started_at=at,
        cause=route.cause,
    )
    for staff_id in sorted(route.barred):
        bar(concern, staff_id=staff_id, reason=intake.implicated_words, by=by, at=at)
    if intake.is_hidden_from_manager and by.line_manager is not None:
        # R43: also a manager who is a lead or a champion, and would otherwise read it in that part.
        recuse(
            concern, staff=by.line_manager, reason="Kept out at the wish of the person who reported it", by=by, at=at
        )
    for person in intake.people:
        keep_out_of_their_own(concern, person, by=by, at=at)
    _add_people(concern, intake, by=by, at=at)
    AbuseType.objects.bulk_create(AbuseType(concern=concern, code=code) for code in dict.fromkeys(intake.abuse_codes))
    calls = [
        EmergencyCall.objects.create(
            concern=concern, service=call.service, called_by=call.called_by, called_at=call.called_at,
            incident_number=call.incident_number, is_safe_now=call.is_safe_now, recorded_at=at, recorded_by=by,
        )
        for call in intake.emergency_calls
    ]  # fmt: skip

    log(
        events.RAISED,
        concern,
        by=by,
        at=at,
        keeps=(concern, *calls),
        urgency=concern.urgency,
        area=route.area.code,
    )
    log(
        events.ASSIGNED,
        concern,
        by=None,
        at=at,
        holder=route.choice.user_id,
        cause=route.cause.value,
    )
    _start_clocks(concern, intake, at=at)
    if route.barred or concern.implicated in (Implicated.MANAGER, Implicated.OTHER_STAFF):
        open_staff_steps(concern, at=at)
    open_domestic_steps(concern, at=at)
    _tell_people(concern, route, at=at)
    if draft is not None:
        bring_draft_files(draft, concern, by=by, at=at)
        # The words now live in the concern; a second copy would only be one more thing to leak.
        draft.sent_as, draft.answers, draft.saved_at = concern, {}, at
        draft.save(update_fields=["sent_as", "answers", "saved_at"])
    return concern


def preview_route(*, intake: Intake, by: User, at: datetime) -> RoutePreview:
    """Who would hold the concern and who else would be told at once, if it were sent now. Writes nothing."""
    route = _route(intake, by=by, at=at)
    people = User.objects.in_bulk([route.choice.user_id, *route.others])
    manager = by.line_manager
    words = " ".join(
        (
            intake.facts,
            intake.said,
            intake.said_by,
            intake.hearsay,
            intake.opinion,
            intake.implicated_words,
        )
    )
    named = manager is not None and any(
        rules.names_person(text, manager.full_name) for text in (words, *(p.name for p in intake.people))
    )
    return RoutePreview(
        holder=people[route.choice.user_id],
        cause=route.cause,
        others_told=tuple(people[user_id] for user_id in route.others),
        manager=manager,
        is_manager_kept_out=route.is_manager_kept_out,
        names_manager=named,
        protects_reporter=route.protects_reporter,
        is_unattended=route.choice.is_unattended,
    )


def _route(intake: Intake, *, by: User, at: datetime) -> _Route:
    area = service_area_of(by) or ServiceArea.objects.first()
    if area is None:
        raise NotNow("No service area has been set up yet. Ring the duty number to report this concern.")
    manager = by.line_manager
    manager_id = manager.pk if manager is not None else None
    barred = set(intake.implicated_staff_ids) | {
        person.staff_id for person in intake.people if person.staff_id and person.role == PersonRole.SOURCE_OF_RISK
    }
    if intake.implicated == Implicated.MANAGER and manager_id is not None:
        barred.add(manager_id)
    # A person can't bar themselves: somebody reporting their own act is a reporter first (R3).
    barred.discard(by.pk)
    ineligible = ineligible_when(frozenset(barred), reporters=frozenset({by.pk}))
    close = {person.staff_id for person in intake.people if person.staff_id and person.role in CLOSE_TO_IT}
    shut_out = intake.is_hidden_from_manager or manager_id in barred | close
    hidden = {manager_id} if intake.is_hidden_from_manager and manager_id is not None else set()
    hidden |= close
    protects = rules.protects_reporter(intake, named=frozenset(barred), above=line_above(by))
    # R43: under protection it goes past the line manager, also where they are not kept out: it would tell whose team.
    is_past_manager = shut_out or protects
    everyone = candidates(area, manager=None if is_past_manager else manager, at=at)
    urgency = rules.urgency_of(intake)
    for_duty = wants_duty(urgency, at=at)
    cover_id = covers_at(at, [manager_id]).get(manager_id) if manager_id is not None and not is_past_manager else None
    choice = ladder.choose(
        everyone,
        may_not=frozenset(barred | ineligible | hidden),
        denied=frozenset(barred | hidden | {by.pk}),
        wants_duty=for_duty,
        first=cover_id,
    )
    if choice is None:
        raise NotNow(
            "Nobody in the organisation may take this concern. Go straight to the statutory agency or the police."
        )
    away = absent_at(at, [manager_id]) if manager_id is not None else frozenset()
    if manager is not None and not may_be_asked(manager):
        away |= {manager.pk}  # R28: deactivated is away; so is whoever never reads a case
    cause = ladder.cause_of_first(
        choice, manager_id=manager_id, away=away, shut_out=is_past_manager, wants_duty=for_duty, cover_id=cover_id
    )
    others: list[int] = []
    if urgency == Urgency.EMERGENCY:
        # R40: line manager, champion on duty (else all of the area) and lead are told together.
        kept_out = barred | hidden | ineligible | {choice.user_id}
        is_open_to_manager = not is_past_manager and not rules.is_restricted(intake) and manager_id not in away
        managers = [manager_id] if manager_id is not None and is_open_to_manager else []
        there = [each for each in everyone if each.rung == Rung.AREA_CHAMPION and each.is_available]
        area_champions = [each.user_id for each in there if each.is_on_duty] or [each.user_id for each in there]
        leads = [user.pk for user in holders_of(Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD)]
        told = [*managers, *(area_champions if not rules.is_restricted(intake) else []), *leads]
        others = [user_id for user_id in dict.fromkeys(told) if user_id not in kept_out]
    return _Route(
        area,
        choice,
        cause,
        barred=frozenset(barred),
        is_manager_kept_out=shut_out,
        protects_reporter=protects,
        others=tuple(others),
    )


def _create(intake: Intake, route: _Route, *, by: User, at: datetime) -> Concern:
    for _ in range(5):
        ref = new_reference("SC")
        try:
            with transaction.atomic():
                return Concern.objects.create(
                    ref=ref,
                    urgency=rules.urgency_of(intake),
                    is_restricted=rules.is_restricted(intake),
                    is_reporter_protected=route.protects_reporter,
                    service_area=route.area,
                    reporter=by,
                    reporter_job_title=by.job_title,
                    reported_at=at,
                    told_by=intake.told_by,
                    how_known=intake.how_known or "",
                    is_immediate_danger=intake.is_immediate_danger,
                    facts=intake.facts,
                    said=intake.said,
                    said_by=intake.said_by,
                    hearsay=intake.hearsay,
                    hearsay_from=intake.hearsay_from,
                    opinion=intake.opinion,
                    opinion_evidence=intake.opinion_evidence,
                    noticed_at=intake.noticed_at,
                    noticed_precision=intake.noticed_precision if intake.noticed_at else Precision.UNKNOWN,
                    delay_reason=intake.delay_reason,
                    place=intake.place,
                    is_person_unknown=intake.is_person_unknown,
                    other_abuse=intake.other_abuse,
                    implicated=intake.implicated,
                    implicated_words=intake.implicated_words,
                    is_hidden_from_manager=intake.is_hidden_from_manager,
                    done_already=intake.done_already,
                    promised_secrecy=intake.promised_secrecy,
                    responsible_id=route.choice.user_id,
                    responsible_since=at,
                    responsible_cause=route.cause,
                    search_text=folded(f"{ref} {intake.place}"),
                )
        except IntegrityError as error:
            if not Concern.objects.filter(ref=ref).exists():
                raise
            last = error
    raise last


def _add_people(concern: Concern, intake: Intake, *, by: User, at: datetime) -> None:
    people = list(intake.people)
    if intake.is_person_unknown and not any(person.role == PersonRole.AT_RISK for person in people):
        # "I don't know who" is still somebody: the referral and the decision need a person to be about.
        people.append(IntakePerson(description="Not known to the person who reported it"))
    for person in people:
        add_involvement(concern, person, by=by, at=at)


def add_involvement(concern: Concern, given: IntakePerson, *, by: User, at: datetime) -> Involvement:
    """`given` is in the locked concern from now on, as a person of their own."""
    today = timezone.localdate(at)
    person = Person.objects.create(
        ref=new_reference("P"),
        name=given.name,
        description=given.description,
        date_of_birth=given.date_of_birth,
        estimated_age=given.estimated_age,
        estimated_on=today if given.estimated_age is not None else None,
        is_unborn=rules.life_stage(given, on=today) == "unborn",
        expected_date=given.expected_date,
        said_stage=given.stage,
        address=given.address,
        tenancy_ref=given.tenancy_ref,
        phone=given.phone,
        safe_contact=given.safe_contact,
        unsafe_contact=given.unsafe_contact,
        search_text=folded(f"{given.name} {given.address} {given.tenancy_ref}"),
        created_at=at,
    )
    involvement = Involvement.objects.create(
        concern=concern,
        person=person,
        role=given.role,
        relationship=given.relationship,
        life_stage=rules.life_stage(given, on=today),
        staff_id=given.staff_id,
        added_at=at,
        added_by=by,
    )
    log(
        events.PERSON_ADDED,
        concern,
        by=by,
        at=at,
        person=person.ref,
        role=str(given.role),
    )
    return involvement


def _start_clocks(concern: Concern, intake: Intake, *, at: datetime) -> None:
    has_child = rules.has_child(intake, on=timezone.localdate(at))
    limits = limits_in_force()
    due = {
        ClockKind.ACKNOWLEDGE: clocks.acknowledge_by(limits, concern.urgency, at),
        ClockKind.TRIAGE: clocks.triage_by(limits, concern.urgency, has_child=has_child, reported_at=at),
        ClockKind.OPEN_TOO_LONG: clocks.lead_looks_by(limits, at),
        ClockKind.OPEN_VERY_LONG: clocks.senior_manager_told_by(limits, at),
        # Every open concern carries a review date from the start (R124); triage brings it forward by risk.
        ClockKind.REVIEW: clocks.review_by(limits, "", at),
    }
    for kind, due_at in due.items():
        start_clock(concern, kind, due_at=due_at, at=at)


def _tell_people(concern: Concern, route: _Route, *, at: datetime) -> None:
    kind = notifications.EMERGENCY if concern.is_emergency else notifications.ASSIGNED
    tell(
        kind,
        concern,
        to=route.choice.user_id,
        key=f"raised:{concern.pk}:{route.choice.user_id}",
        at=at,
    )
    for user_id in route.others:
        tell(
            notifications.EMERGENCY,
            concern,
            to=user_id,
            key=f"raised:{concern.pk}:{user_id}",
            at=at,
        )
    if route.choice.is_ladder_exhausted:
        raise_exhausted_alert(concern, holder_id=route.choice.user_id, at=at)
