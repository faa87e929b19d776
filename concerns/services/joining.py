"""Several people report the same matter: joining one concern to another, and taking them apart again (t20)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from concerns import events, permissions
from concerns.facts import case_facts
from concerns.models import AbuseType, Concern, Involvement, Merge, Person
from concerns.references import new_reference
from concerns.services.base import lock, log, save
from concerns.services.clocks import carry_clock, carry_on, drop_clock
from concerns.services.conflicts import leaving_somebody, shut_out_likewise
from concerns.services.domestic import bring_domestic_steps
from concerns.services.ending import end
from concerns.services.holding import hold_afresh, leave_if_shut_out
from concerns.services.moving import start_triage_clock
from concerns.services.reviewing import replace_lost_reviewer
from concerns.services.staff_steps import bring_staff_steps
from concerns.vocabulary import BESIDE_THE_CASE, ClockKind, HolderCause, PersonRole, State
from concerns.workflow import Action, plan
from safeguarding.kit.errors import NotNow, Unsound

# All that is known of a person, beside which row it is.
_FACTS = tuple(field.attname for field in Person._meta.concrete_fields if field.name not in ("id", "ref", "created_at"))

NOBODY_LEFT_FOR_BOTH = (
    "Whoever is kept out of one would be kept out of both. Nobody else at lead level could look at them then. Leave "
    "them apart."
)


@transaction.atomic
def merge(*, concern_id: int, into_id: int, reason: str, by: User, at: datetime) -> Merge:
    """`concern` is joined to `into`, which holds all duties from here on.

    Both stay as they were written, each reporter keeps their own receipt; what either says of how somebody can and
    can't be reached stands with that person in the survivor (R14, R96). Whoever the survivor did not know is there as a
    person of its own: the two never share a row, so that nothing of the one is read in the other once they are
    separated (I3). The stricter restriction wins, everybody who
    is shut out of one is shut out of the other before anything else happens, and of each running clock the earlier
    limit stays (I12, I13). Raises NotAllowed, NotNow (already decided, ended, the same concern, or nobody else at lead
    level would be left for both, R44), Unsound without a reason.
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
    with leaving_somebody(concern, into, by=by, refusal=NotNow(NOBODY_LEFT_FOR_BOTH)):
        shut_out_likewise(concern, into, by=by, at=at)
        shut_out_likewise(into, concern, by=by, at=at)
    own: dict[int, Person] = {}
    added = _bring_people(concern, into, own, by=by, at=at)
    _bring_clocks(concern, into, own, at=at)
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
    replace_lost_reviewer(into, at=at)
    return row


@transaction.atomic
def separate(*, concern_id: int, reason: str, by: User, at: datetime) -> Concern:
    """t20 undone by a lead: the concern is open again with a holder chosen afresh; nothing loosens by it (I13).

    What was learnt meanwhile of the people whom it brought along stands in it too; from here on each goes its own way.
    """
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
    _bring_back(row, by=by, at=at)
    carry_on(concern, ended_at=row.at, at=at)
    row.into = into
    _take_out_people(row, by=by, at=at)
    save(into)
    return concern


def _bring_clocks(concern: Concern, into: Concern, own: dict[int, Person], *, at: datetime) -> None:
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
        if clock.kind == ClockKind.CONTACT:
            # The survivor has them under another reference: one person, one next contact (R82).
            theirs = ours[clock.about]
            person = known.get(_identity(theirs)) or _own(theirs, own, at=at)
            if person.died_on is None:
                carry_clock(clock, into, at=at, about=person.ref)
            continue
        carry_clock(clock, into, at=at)


def _identity(person: Person) -> tuple[object, ...]:
    """Equal for two rows of one person, by name and birth date or address; nobody nameless is taken for another."""
    return (person.search_text, person.date_of_birth) if person.name.strip() else (person.pk,)


def _own(person: Person, own: dict[int, Person], *, at: datetime) -> Person:
    """`person` as the survivor knows them: a row of its own, one for each of the joined concern, kept in `own`."""
    if person.pk not in own:
        facts = {name: getattr(person, name) for name in _FACTS}
        own[person.pk] = Person.objects.create(ref=new_reference("P"), created_at=at, **facts)
    return own[person.pk]


def _bring_people(
    concern: Concern, into: Concern, own: dict[int, Person], *, by: User, at: datetime
) -> list[tuple[int, int]]:
    """Whoever the survivor does not know yet by name and birth date or address; ids of each row that was added, and of
    the one that it was made from.
    """
    known = {(_identity(row.person), row.role) for row in into.involvements.select_related("person")}
    added: list[tuple[int, int]] = []
    for row in concern.involvements.select_related("person"):
        if (_identity(row.person), row.role) in known:
            continue
        copy = Involvement.objects.create(
            concern=into, person=_own(row.person, own, at=at), role=row.role, relationship=row.relationship,
            life_stage=row.life_stage, daily_life=row.daily_life, views=row.views, staff=row.staff, added_at=at,
            added_by=by,
        )  # fmt: skip
        added.append((copy.pk, row.pk))
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


def _bring_back(row: Merge, *, by: User, at: datetime) -> None:
    """What was learnt in the survivor of whoever came from the joined concern stands there too: a caution is never
    lost, and nobody is to contact whoever died meanwhile (I13, R82). Where the survivor was joined itself, what was
    learnt further up comes down with it.
    """
    above = Merge.objects.filter(concern=row.into, undone_at__isnull=True).select_related("into").first()
    if above is not None:
        _bring_back(above, by=by, at=at)
    for there, here in _both(row):
        changed = [name for name in _FACTS if getattr(here, name) != getattr(there, name)]
        for name in changed:
            setattr(here, name, getattr(there, name))
        if changed:
            here.save(update_fields=changed)
            fields = " ".join(name for name in changed if name != "search_text")[:200]
            log(events.PERSON_CHANGED, row.concern, by=by, at=at, person=here.ref, fields=fields)


def _both(row: Merge) -> list[tuple[Person, Person]]:
    """Whom the merge brought along, each once: their row in the survivor, and in the joined concern."""
    pairs = dict(row.added_involvements)
    parts = Involvement.objects.select_related("person").in_bulk([*pairs, *pairs.values()])
    found = {
        parts[added].person_id: (parts[added].person, parts[made_from].person)
        for added, made_from in pairs.items()
        if added in parts and made_from in parts
    }
    return list(found.values())


def _take_out_people(row: Merge, *, by: User, at: datetime) -> None:
    """The parts that the merge brought into the survivor go again, unless a signed record there is about them. Whoever
    has none left there is got in touch with by the concern that they came from, where that is still due (R82).
    """
    people = _both(row)
    signed_about = case_facts(row.into).sharing.signed_about
    added = [added for added, _ in row.added_involvements]
    for part in Involvement.objects.filter(pk__in=added).exclude(pk__in=signed_about):
        if part.two_person_steps.exists():
            continue  # what two people had to say about this part of the person stays with it
        log(events.PERSON_TAKEN_OUT, row.into, by=by, at=at, person=part.person.ref, role=part.role)
        part.delete()
    due = row.concern.deadlines.filter(kind=ClockKind.CONTACT, met_at__isnull=True, dropped_at__isnull=True)
    still_due = set(due.values_list("about", flat=True))
    stay = set(row.into.involvements.values_list("person", flat=True))
    for there, here in people:
        if there.pk not in stay and (here.ref in still_due or here.died_on is not None):
            drop_clock(row.into, ClockKind.CONTACT, at=at, about=there.ref)
