"""Several people report the same matter: joining one concern to another, and taking them apart again (t20)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from concerns import events, permissions
from concerns.facts import case_facts
from concerns.models import AbuseType, Concern, Involvement, Merge, Person
from concerns.services.base import lock, log, save
from concerns.services.clocks import carry_clock, carry_on
from concerns.services.conflicts import shut_out_likewise
from concerns.services.domestic import bring_domestic_steps
from concerns.services.ending import end
from concerns.services.holding import hold_afresh, leave_if_shut_out
from concerns.services.moving import start_triage_clock
from concerns.services.staff_steps import bring_staff_steps
from concerns.vocabulary import BESIDE_THE_CASE, ClockKind, HolderCause, PersonRole, State
from concerns.workflow import Action, plan
from safeguarding.kit.errors import NotNow, Unsound


@transaction.atomic
def merge(*, concern_id: int, into_id: int, reason: str, by: User, at: datetime) -> Merge:
    """`concern` is joined to `into`, which holds all duties from here on.

    Both stay as they were written, each reporter keeps their own receipt; what either says of how somebody can and
    can't be reached stands with that person in the survivor (R14, R96). The stricter restriction wins, everybody who
    is shut out of one is shut out of the other before anything else happens, and of each running clock the earlier
    limit stays (I12, I13). Raises NotAllowed, NotNow (already decided, ended, the same concern), Unsound
    without a reason.
    """
    first, second = sorted((concern_id, into_id))
    locked = {pk: lock(pk) for pk in (first, second)}  # always in the same order: no two merges can block each other
    concern, into = locked[concern_id], locked[into_id]
    for part in (concern, into):
        permissions.check_can_merge(by, part)
    if concern.pk == into.pk or not into.is_open:
        raise NotNow("Choose another concern that is open.")
    if not reason.strip():
        raise Unsound("Give a reason.", {"reason": ["Say why they are about the same person and the same matter."]})
    transition, target = plan(Action.MERGE, case_facts(concern))
    shut_out_likewise(concern, into, by=by, at=at)
    shut_out_likewise(into, concern, by=by, at=at)
    _bring_clocks(concern, into, at=at)
    added = _bring_people(concern, into, by=by, at=at)
    _bring_cautions(concern, into, by=by, at=at)
    bring_staff_steps(concern, into, at=at)
    bring_domestic_steps(concern, into, at=at)
    row = Merge.objects.create(concern=concern, into=into, reason=reason, by=by, at=at, added_involvements=added)
    concern.merged_into = into
    log(transition.event, concern, by=by, at=at, reason=reason, into=into.ref)
    end(concern, state=target, by=by, at=at)
    save(into)
    log(events.TOOK_IN, into, by=by, at=at, merged=concern.ref)
    leave_if_shut_out(into, at=at)
    return row


@transaction.atomic
def separate(*, concern_id: int, reason: str, by: User, at: datetime) -> Concern:
    """t20 undone by a lead: the concern is open again with a holder chosen afresh; nothing loosens by it (I13)."""
    row = Merge.objects.select_for_update(of=("self",)).filter(concern=concern_id, undone_at__isnull=True).first()
    if row is None:
        raise NotNow("This concern is not joined to another.")
    first, second = sorted((concern_id, row.into_id))
    locked = {pk: lock(pk) for pk in (first, second)}
    concern, into = locked[concern_id], locked[row.into_id]
    permissions.check_is_lead(by, concern)
    if not reason.strip():
        raise Unsound("Give a reason.", {"reason": ["Say why they are not about the same matter after all."]})
    transition, target = plan(Action.SEPARATE, case_facts(concern))
    row.undone_by, row.undone_at, row.undone_reason = by, at, reason
    row.save(update_fields=["undone_by", "undone_at", "undone_reason"])
    concern.merged_into = None
    log(transition.event, concern, by=by, at=at, reason=reason)
    hold_afresh(concern, state=target, cause=HolderCause.SEPARATED, by=by, at=at)
    start_triage_clock(concern, at=at)
    carry_on(concern, ended_at=row.at, at=at)
    row.into = into
    _take_out_people(row, by=by, at=at)
    save(into)
    return concern


def _bring_clocks(concern: Concern, into: Concern, *, at: datetime) -> None:
    """Every running limit of the joined concern binds the survivor, unless that step is behind it already."""
    known = {
        _identity(row.person): row.person
        for row in into.involvements.filter(role=PersonRole.AT_RISK).select_related("person").order_by("-pk")
    }
    done = set(into.deadlines.filter(met_at__isnull=False).values_list("kind", flat=True))
    clocks = list(concern.deadlines.filter(met_at__isnull=True, dropped_at__isnull=True))
    promised = {clock.about for clock in clocks if clock.kind == ClockKind.CONTACT}
    ours = {person.ref: person for person in Person.objects.filter(ref__in=promised)}
    for clock in clocks:
        if clock.kind == ClockKind.ACKNOWLEDGE or clock.kind in BESIDE_THE_CASE:
            is_behind = into.state != State.SUBMITTED  # also when it was opened again and nobody ever acknowledged it
        else:
            is_behind = clock.kind == ClockKind.TRIAGE and clock.kind in done
        if is_behind:
            continue
        if clock.kind == ClockKind.CONTACT and (person := known.get(_identity(ours[clock.about]))):
            # The survivor has them under another reference: one person, one next contact (R82).
            if person.died_on is None:
                carry_clock(clock, into, at=at, about=person.ref)
            continue
        carry_clock(clock, into, at=at)


def _identity(person: Person) -> tuple[object, ...]:
    """Equal for two rows of one person, by name and birth date or address; nobody nameless is taken for another."""
    return (person.search_text, person.date_of_birth) if person.name.strip() else (person.pk,)


def _bring_people(concern: Concern, into: Concern, *, by: User, at: datetime) -> list[int]:
    """Whoever the survivor does not know yet by name and birth date or address; ids of the rows that were added."""
    known = {(_identity(row.person), row.role) for row in into.involvements.select_related("person")}
    added: list[int] = []
    for row in concern.involvements.select_related("person"):
        if (_identity(row.person), row.role) in known:
            continue
        copy = Involvement.objects.create(
            concern=into, person=row.person, role=row.role, relationship=row.relationship, life_stage=row.life_stage,
            daily_life=row.daily_life, views=row.views, staff=row.staff, added_at=at, added_by=by,
        )  # fmt: skip
        added.append(copy.pk)
    for kind in concern.abuse_types.all():
        AbuseType.objects.get_or_create(concern=into, code=kind.code)
    return added


def _bring_cautions(concern: Concern, into: Concern, *, by: User, at: datetime) -> None:
    """What the joined concern says of how to reach somebody whom the survivor knows by another row stands there too.

    It is added to what stands there, and stays when the concerns are separated: a caution is never lost (I13).
    """
    others = list(Person.objects.filter(involvements__concern=concern).distinct())
    for known in Person.objects.filter(involvements__concern=into).distinct():
        changed = set()
        for other in others:
            if other.pk == known.pk or _identity(other) != _identity(known):
                continue
            for name in ("safe_contact", "unsafe_contact"):
                before, words = getattr(known, name).strip(), getattr(other, name).strip()
                # Whole lines: "Phone" says more than "Phone after 6pm".
                if words and f"\n{words}\n" not in f"\n{before}\n":
                    setattr(known, name, f"{before}\n{words}".strip())
                    changed.add(name)
        if changed:
            known.save(update_fields=sorted(changed))
            fields = " ".join(sorted(changed))
            log(events.PERSON_CHANGED, into, by=by, at=at, person=known.ref, fields=fields)


def _take_out_people(row: Merge, *, by: User, at: datetime) -> None:
    """The parts that the merge brought into the survivor go again, unless a signed record there is about them."""
    signed_about = case_facts(row.into).sharing.signed_about
    for part in Involvement.objects.filter(pk__in=row.added_involvements).exclude(pk__in=signed_about):
        if part.two_person_steps.exists():
            continue  # what two people had to say about this part of the person stays with it
        log(events.PERSON_TAKEN_OUT, row.into, by=by, at=at, person=part.person.ref, role=part.role)
        part.delete()
