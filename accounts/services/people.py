"""People join, change and leave; service areas are kept."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts import duties, events, notifications
from accounts.models import ChampionAppointment, RoleAssignment, ServiceArea, User
from accounts.permissions import check_can_manage_people, check_can_set_manager, holds_reading_post
from accounts.selectors import LEADS, forget_standing, holders_of, managed_by_any, standing
from accounts.services.appointments import check_another_administrator_stays, check_another_lead_stays
from accounts.services.sessions import end_sessions
from accounts.vocabulary import Employment
from audit.services import record
from safeguarding.kit import outbox
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound

# Characters; as in the model.
LONGEST_ADDRESS = 254
LONGEST = {"full_name": 150, "job_title": 120, "phone": 30, "firm": 120}


@dataclass(frozen=True)
class PersonDetails:
    """What is kept about a person besides their e-mail address.

    For a contractor's worker, `line_manager` is the contract manager.
    """

    full_name: str
    job_title: str = ""
    phone: str = ""
    employment: str = Employment.EMPLOYEE
    firm: str = ""
    service_area: ServiceArea | None = None
    line_manager: User | None = None

    @classmethod
    def of(cls, person: User) -> PersonDetails:
        return cls(**{field.name: getattr(person, field.name) for field in fields(cls)})


def create_person(
    *, email: str, details: PersonDetails, by: User | None, at: datetime, encoded_password: str = ""
) -> User:
    """A new person. They set their own password by a link sent to them.

    `encoded_password` is one that Django has already hashed: for the demo's and the tests' shared password.
    Raises NotAllowed, or Unsound with a problem per field.
    """
    check_can_manage_people(by)
    check_can_set_manager(by, person=None, manager=details.line_manager)
    address = email.strip().lower()
    problems = _problems_of(details)
    try:
        validate_email(address if len(address) <= LONGEST_ADDRESS else "")
    except ValidationError:
        problems["email"] = ["Enter an e-mail address, like name@example.org."]
    else:
        if User.objects.filter(email=address).exists():
            problems["email"] = ["Somebody with this e-mail address is already here."]
    if problems:
        raise Unsound("Some details are missing or wrong.", problems)
    try:
        with transaction.atomic():
            person = User(email=address, date_joined=at)
            _fill(person, details)
            if encoded_password:
                person.password = encoded_password
            else:
                person.set_unusable_password()
            person.save(force_insert=True)
            record(events.PERSON_ADDED, by=by, at=at, subject=person)
    except IntegrityError as error:  # two administrators at once
        if User.objects.filter(email=address).exists():
            sentence = "Somebody with this e-mail address is already here."
            raise Unsound(sentence, {"email": [sentence]}) from error
        raise
    return person


def change_person(*, person: User, details: PersonDetails, by: User | None, at: datetime) -> tuple[str, ...]:
    """Bring a person's details up to date; the names of the fields that changed (none: nothing is written).

    Another line manager is told at once to the person and to the leads (ADR 29). Whoever becomes a contractor's worker
    never reads a case from then on. Raises NotAllowed, also for one's own line manager and for oneself as somebody's,
    and Unsound.
    """
    check_can_manage_people(by)
    with transaction.atomic():
        locked = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
        problems = _problems_of(details, person=locked)
        if problems:
            raise Unsound("Some details are missing or wrong.", problems)
        before = PersonDetails.of(locked)
        changed = tuple(
            field.name for field in fields(details) if getattr(before, field.name) != getattr(details, field.name)
        )
        if "line_manager" in changed:
            check_can_set_manager(by, person=locked, manager=details.line_manager)
        if changed:
            _fill(locked, details)
            locked.save(update_fields=changed)
            record(events.PERSON_CHANGED, by=by, at=at, subject=locked, fields=", ".join(changed))
        if "line_manager" in changed:
            _note_manager(locked, before.line_manager, by=by, at=at)
        if "employment" in changed and locked.is_contractor:
            duties.close_ways(locked.pk, by_id=by.pk if by else None, at=at)
    forget_standing(person)
    return changed


def _note_manager(person: User, before: User | None, *, by: User | None, at: datetime) -> None:
    """Who changed the line manager from whom to whom is kept; whom it concerns and the leads hear of it at once.

    The set-up commands (`by` is None) bring hundreds in on the first day, and whoever runs them holds the server.
    """
    event = record(
        events.MANAGER_CHANGED, by=by, at=at, subject=person, before=before.pk if before else None,
        after=person.line_manager_id,
    )  # fmt: skip
    if by is None:
        return
    told = [(notifications.MANAGER_CHANGED, person.pk, reverse("accounts:show-account"), "your account")]
    for lead in holders_of(*LEADS).exclude(pk=person.pk):
        path = reverse("people:show-person", args=[person.pk])
        told.append((notifications.MANAGER_OF_SOMEBODY_CHANGED, lead.pk, path, "a colleague's line manager"))
    for kind, to, path, reference in told:
        outbox.queue(
            kind, to=to, about=person.pk, reference=reference, path=path, key=f"manager:{event.pk}:{to}", at=at
        )


def deactivate_person(*, person: User, reason: str, by: User | None, at: datetime) -> None:
    """End a person's access. What they reported and decided stays theirs; their sessions end at once.

    What rests with them goes to others first (R28). What was opened to them by name closes for good. Leads hear of a
    report that they began and did not send (D1). Password, second step and sign-on are forgotten: whoever comes back
    sets them up anew. Raises NotAllowed, NotNow while something still rests with them or they are the last lead or
    administrator, Unsound without a reason.
    """
    check_can_manage_people(by)
    if by == person:
        raise NotAllowed("You cannot deactivate yourself. Ask another administrator.")
    with transaction.atomic():
        check_another_lead_stays(without=person)
        check_another_administrator_stays(without=person)
        duties.pass_on(person.pk, cover_id=None, at=at)
        locked = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
        if not locked.is_active:
            raise NotNow("This person is not active any more.")
        if duties.of(locked.pk):
            seen = duties.of(locked.pk, viewer_id=by.pk if by is not None else None)
            listed = " and ".join(f"{duty.count} {duty.words}" for duty in seen)
            raise NotNow(
                f"This person still has {listed}. Hand them on first."
                if listed
                else "This account can’t be deactivated just now. Ask a safeguarding lead."
            )
        locked.is_active = False
        locked.deactivated_at = at
        locked.set_unusable_password()
        locked.save(update_fields=["is_active", "deactivated_at", "password"])
        end_sessions(locked)
        Authenticator.objects.filter(user=locked).delete()
        SocialAccount.objects.filter(user=locked).delete()
        for role in RoleAssignment.objects.select_for_update().filter(user=locked, ended_at=None):
            role.ended_at = at
            role.save(update_fields=["ended_at"])
            record(events.ROLE_ENDED, by=by, at=at, subject=locked, role=role.role)
        held = ChampionAppointment.objects.select_for_update(of=("self",)).filter(user=locked, ended_at=None)
        for appointment in held.select_related("service_area"):
            appointment.ended_at = at
            appointment.save(update_fields=["ended_at"])
            record(events.CHAMPION_ENDED, by=by, at=at, subject=locked, area=appointment.service_area.code)
        duties.close_ways(locked.pk, by_id=by.pk if by else None, at=at)
        duties.tell_of_left(locked.pk, at=at)
        record(events.PERSON_DEACTIVATED, by=by, at=at, subject=locked, reason=reason)


def reactivate_person(*, person: User, reason: str, by: User | None, at: datetime) -> None:
    """Somebody who had left is back: they set a new password by e-mail. Roles and appointments do not come back, nor
    does what was opened to them by name, also where that was left open when they went (ADR 29).

    Raises NotAllowed, NotNow when they are active, Unsound without a reason.
    """
    check_can_manage_people(by)
    with transaction.atomic():
        locked = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
        if locked.is_active:
            raise NotNow("This person is active already.")
        duties.close_ways(locked.pk, by_id=by.pk if by else None, at=at)
        locked.is_active, locked.deactivated_at = True, None
        locked.save(update_fields=["is_active", "deactivated_at"])
        record(events.PERSON_REACTIVATED, by=by, at=at, subject=locked, reason=reason)


def reset_second_factor(*, person: User, reason: str, by: User | None, at: datetime) -> None:
    """Take away every second step of somebody who lost phone, key and recovery codes; they set one up anew.

    Their sessions end, and a message tells them. The password stays: whoever takes away a second step gains nothing
    without it. Raises NotAllowed, also for oneself, NotNow when there is none, Unsound without a reason.
    """
    check_can_manage_people(by)
    if by == person:
        raise NotAllowed("You cannot take away your own second step here. Ask another administrator.")
    with transaction.atomic():
        locked = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
        gone, _ = Authenticator.objects.filter(user=locked).delete()
        if not gone:
            raise NotNow("This person has no second step.")
        end_sessions(locked)
        event = record(events.SECOND_FACTOR_RESET, by=by, at=at, subject=locked, reason=reason)
        outbox.queue(
            notifications.SECOND_FACTOR_RESET,
            to=locked.pk,
            about=locked.pk,
            reference="your account",
            path=reverse("mfa_index"),
            key=f"second-factor-reset:{event.pk}",
            at=at,
        )


def add_service_area(*, code: str, name: str, by: User | None, at: datetime) -> ServiceArea:
    """A new part of the landlord's service. Raises NotAllowed, or Unsound when code or name is wrong or taken."""
    check_can_manage_people(by)
    area = ServiceArea(code=code.strip(), name=name.strip())
    _check_area(area)
    with transaction.atomic():
        area.save(force_insert=True)
        record(events.AREA_ADDED, by=by, at=at, subject=area, area=area.code)
    return area


def rename_service_area(*, area: ServiceArea, name: str, by: User | None, at: datetime) -> None:
    """Give an area another name; its code, by which files know it, stays."""
    check_can_manage_people(by)
    with transaction.atomic():
        locked = ServiceArea.objects.select_for_update().get(pk=area.pk)
        locked.name = name.strip()
        _check_area(locked)
        locked.save(update_fields=["name"])
        record(events.AREA_RENAMED, by=by, at=at, subject=locked, area=locked.code)


def _check_area(area: ServiceArea) -> None:
    try:
        area.full_clean()
    except ValidationError as error:
        taken = {
            "code": "This code is not usable or already taken.",
            "name": "This name is missing or already taken.",
        }
        problems = {field: [taken.get(field, "This is not usable.")] for field in error.message_dict}
        raise Unsound("The service area needs a code and a name of its own.", problems) from error


def _fill(person: User, details: PersonDetails) -> None:
    for field in fields(details):
        setattr(person, field.name, getattr(details, field.name))


def _problems_of(details: PersonDetails, *, person: User | None = None) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    if not details.full_name.strip():
        problems["full_name"] = ["Enter the person's name."]
    for name, limit in LONGEST.items():
        if len(getattr(details, name)) > limit:
            problems[name] = [f"Enter {limit} characters or fewer."]
    if details.employment not in Employment.values:
        problems["employment"] = [f"Choose one of: {', '.join(Employment.values)}."]
    if details.employment == Employment.CONTRACTOR and details.line_manager is None:
        problems["line_manager"] = ["A contractor's worker needs a contract manager."]
    if details.employment == Employment.CONTRACTOR and person is not None and holds_reading_post(standing(person)):
        problems["employment"] = ["People who work for a contractor never read a case. End their roles first."]
    manager = details.line_manager
    if person is not None and manager is not None:
        if manager.pk == person.pk:
            problems["line_manager"] = ["Nobody can be their own line manager."]
        elif manager.pk in managed_by_any([person.pk]):
            problems["line_manager"] = ["This would make the person their own manager's manager."]
    return problems
