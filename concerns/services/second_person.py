"""What takes two people beside deciding and closing: voiding, lifting a bar, ending a restriction, and letting an
auditor in to a restricted concern (R41, t21, I13, domain.md 5).
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from accounts.selectors import champions_of, holders_of, standing
from accounts.vocabulary import Role
from concerns import events, notifications, permissions
from concerns.facts import case_facts
from concerns.models import Concern, Conflict, Involvement, Merge, TwoPersonStep
from concerns.models.joined import with_joined
from concerns.rules import steps_down
from concerns.selectors.two_people import asked_elsewhere, is_source_of_risk_in_joined, kept_out_for_both
from concerns.services.base import lock, log, save, tell
from concerns.services.closing import open_again
from concerns.services.ending import end
from concerns.services.grants import check_grant, lock_person, write_grant
from concerns.vocabulary import ConflictKind, Implicated, TwoPersonAct
from concerns.workflow import Action, plan
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound, why_not

SECONDS = (Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD, Role.OPERATIONAL_LEAD, Role.IG_LEAD)


@transaction.atomic
def ask_second_person(
    *,
    concern_id: int,
    act: TwoPersonAct,
    reason: str,
    by: User,
    at: datetime,
    conflict_id: int | None = None,
    let_in: User | None = None,
    until: datetime | None = None,
) -> TwoPersonStep:
    """A lead asks for `act` with a reason; nothing happens until somebody else at lead level agrees.

    `let_in` and `until` are for letting an auditor in; `services.let_in` has looked at them.

    Asking again while the first request waits changes nothing. Raises NotNow where nobody could agree to that one any
    more (`check_first_counts`), and NotAllowed, Unsound.
    """
    concern = lock(concern_id)
    permissions.check_can_ask_second(by, concern)
    if not reason.strip():
        raise Unsound("Give a reason.", {"reason": ["Say why. The second person reads it."]})
    conflict = _conflict(concern, act, conflict_id)
    _check_possible(concern, act)
    if conflict is not None:
        _check_can_be_lifted(conflict)
    if act == TwoPersonAct.LET_AUDITOR_IN and (let_in is None or until is None):
        raise Unsound("Say who is to be let in, and until when.")
    waiting = TwoPersonStep.objects.filter(concern=concern, act=act, conflict=conflict, is_agreed__isnull=True).first()
    if waiting is not None:
        if why_not(permissions.check_first_counts, waiting.asked_by, concern):
            raise NotNow(
                "This waits for a second view already, but whoever asked for it can have no say in this concern any "
                "more. Give the second view and say no. Then ask again."
            )
        if let_in is not None and waiting.let_in_id != let_in.pk:
            raise NotNow("Letting another auditor in waits for a second person. When that is answered, ask again.")
        return waiting
    step = TwoPersonStep.objects.create(
        concern=concern, act=act, conflict=conflict, reason=reason, asked_by=by, asked_at=at, let_in=let_in,
        let_in_until=until,
    )  # fmt: skip
    save(concern)
    log(events.SECOND_ASKED, concern, by=by, at=at, reason=reason, act=act.value, staff=_staff_of(step))
    _tell_seconds(concern, step, list(holders_of(*SECONDS)), by=by, at=at)
    return step


def ask_to_lower_risk(
    concern: Concern, involvement: Involvement, *, level: str, reason: str, by: User, at: datetime
) -> TwoPersonStep:
    """R44, 3.4: two steps down or more. The level stays as it is until a champion or lead who does not hold the locked
    concern agrees. Asking again while the first request waits takes its place.
    """
    step, is_new = TwoPersonStep.objects.update_or_create(
        concern=concern, act=TwoPersonAct.LOWER_RISK, involvement=involvement, is_agreed=None,
        defaults={"level": level, "reason": reason, "asked_by": by, "asked_at": at},
    )  # fmt: skip
    log(events.SECOND_ASKED, concern, by=by, at=at, reason=reason, act=step.act, staff=None)
    if is_new:
        seconds = [*champions_of(concern.service_area_id), *holders_of(Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD)]
        _tell_seconds(concern, step, seconds, by=by, at=at)
    return step


def _tell_seconds(concern: Concern, step: TwoPersonStep, seconds: list[User], *, by: User, at: datetime) -> None:
    for second in {user.pk: user for user in seconds}.values():
        if second.pk != by.pk and permissions.can_second_step(second, concern, step.act):
            tell(notifications.SECOND_WANTED, concern, to=second.pk, key=f"second:{step.pk}:{second.pk}", at=at)


@transaction.atomic
def give_second_view(*, step_id: int, is_agreed: bool, words: str, by: User, at: datetime) -> TwoPersonStep:
    """The second person agrees, and it happens at once; or refuses with a reason, and nothing changes (I6).

    Nobody agrees to what was asked for by somebody who has no say in it any more: they refuse, and it is asked again.
    """
    found = TwoPersonStep.objects.get(pk=step_id)
    concern = lock(found.concern_id)
    step = TwoPersonStep.objects.select_for_update(of=("self",)).get(pk=step_id)
    permissions.check_can_second_step(by, concern, step.act)
    if step.let_in_id == by.pk:
        raise NotAllowed("This is about letting you in. The second view must come from somebody else.")
    if step.asked_by_id == by.pk:
        raise NotAllowed("You asked for this yourself. The second view must come from somebody else.")
    if step.is_agreed is not None:
        raise NotNow("Somebody has answered this already.")
    if is_agreed:
        permissions.check_first_counts(step.asked_by, concern)
    elif not words.strip():
        raise Unsound("Give a reason.", {"words": ["Say why you do not agree."]})
    step.is_agreed, step.view_words, step.viewed_by, step.viewed_at = is_agreed, words, by, at
    step.save(update_fields=["is_agreed", "view_words", "viewed_by", "viewed_at"])
    save(concern)
    if not is_agreed:
        log(events.SECOND_REFUSED, concern, by=by, at=at, reason=words, act=step.act)
        return step
    log(events.SECOND_AGREED, concern, by=by, at=at, act=step.act, staff=_staff_of(step))
    _do(concern, step, by=by, at=at)
    return step


@transaction.atomic
def restore(*, concern_id: int, reason: str, by: User, at: datetime) -> Concern:
    """t21 undone: a lead says that the concern was no error; it is open again, with a holder chosen afresh."""
    concern = lock(concern_id)
    permissions.check_is_lead(by, concern)
    if not reason.strip():
        raise Unsound("Give a reason.", {"reason": ["Say why it was no error."]})
    plan(Action.RESTORE, case_facts(concern))
    open_again(concern, reason=reason, by=by, at=at)
    return concern


def _conflict(concern: Concern, act: TwoPersonAct, conflict_id: int | None) -> Conflict | None:
    if act != TwoPersonAct.LIFT_CONFLICT:
        return None
    standing_ones = Conflict.objects.filter(concern=concern, lifted_at__isnull=True)
    conflict = standing_ones.filter(pk=conflict_id).first() if conflict_id is not None else None
    if conflict is None:
        raise NotNow("There is no such bar or recusal to lift.")
    return conflict


def _check_possible(concern: Concern, act: TwoPersonAct) -> None:
    if act == TwoPersonAct.LOWER_RISK:
        raise NotNow("Change the level of risk on the page of the person. A second person is asked where it takes one.")
    if act == TwoPersonAct.VOID:
        plan(Action.VOID, case_facts(concern))
    if act == TwoPersonAct.LOOSEN_RESTRICTION:
        if not concern.is_restricted:
            raise NotNow("This concern is not restricted.")
        if concern.merged_into is not None:
            raise NotNow(
                f"This concern was joined to {concern.merged_into.ref}. Ask there to end the restriction: that ends it "
                "here too."
            )
        kept_out = Conflict.objects.filter(concern__in=with_joined(concern.pk), lifted_at__isnull=True)
        if kept_out.filter(kind=ConflictKind.BARRED).exists():
            raise NotNow("Somebody is barred from this concern, so it stays restricted.")


def _check_can_be_lifted(conflict: Conflict) -> None:
    """I3: of joined concerns each page tells of the other, so that the same people stay out of both for as long as they
    are joined. R41: whoever stands in one of them as possible source of risk may be so rightly there.
    """
    if place := asked_elsewhere(conflict.concern).get(conflict.handle):
        raise NotNow(
            f"This concern was joined to {place.ref}. Ask there to let somebody in again: that lets them in here too."
        )
    if is_source_of_risk_in_joined(conflict.staff, conflict.concern):
        raise NotNow(
            "They stand in one of the joined concerns as possible source of risk. Nobody can let them in again while "
            "the concerns are joined. If that is a mistake, separate the concerns first."
        )


def _let_in_again(concern: Concern, step: TwoPersonStep, conflict: Conflict, *, by: User, at: datetime) -> None:
    """Joined concerns are one story, so that whoever was kept out of it is let in again to all of it at once (t20, I3),
    except where one of the two people is kept out themselves and could not read why.

    Nothing changes when they were let in meanwhile, with a concern that this one was joined to for a time. Raises
    NotNow where another concern was joined since it was asked for: whoever asked never read who is kept out of that.
    """
    if conflict.lifted_at is not None:
        return
    _check_can_be_lifted(conflict)
    _check_nothing_joined_since(concern, step)
    for row in kept_out_for_both(step, conflict, by).filter(kind=conflict.kind):
        row.lifted_at, row.lifted_by, row.lift_seconded_by = at, step.asked_by, by
        row.save(update_fields=["lifted_at", "lifted_by", "lift_seconded_by"])
        log(events.CONFLICT_LIFTED, row.concern, by=by, at=at, reason=step.reason, staff=row.staff_id)


def _check_nothing_joined_since(concern: Concern, step: TwoPersonStep) -> None:
    merges = Merge.objects.filter(into__in=with_joined(concern.pk), undone_at__isnull=True)
    if merges.filter(at__gt=step.asked_at).exists():
        raise NotNow(
            "Another concern was joined to this one after this was asked for. Say no, so that it can be asked for "
            "again."
        )


def _end_restriction(concern: Concern, step: TwoPersonStep, *, by: User, at: datetime) -> None:
    """Joined concerns are one story, so that the restriction ends for all of it at once: the survivor's page tells of
    what stands in the others (t20, I13).

    Raises NotNow where it can't end any more, another concern was joined since, or one of the two is kept out of a part
    and could not read what they open.
    """
    _check_possible(concern, TwoPersonAct.LOOSEN_RESTRICTION)
    _check_nothing_joined_since(concern, step)
    story = Concern.objects.filter(pk__in=with_joined(concern.pk))
    shut_out = Conflict.objects.filter(concern__in=story, staff__in=[step.asked_by, by], lifted_at__isnull=True)
    if shut_out.exists():
        raise NotNow(
            "One of you may not read all of the joined concerns. Say no, so that somebody else can ask and agree."
        )
    for part in [concern, *story.filter(is_restricted=True).exclude(pk=concern.pk).order_by("pk")]:
        part.is_restricted = False
        # What the reporter answered stays in the ledger; the row says what is thought now.
        part.implicated = Implicated.NO if part.implicated == Implicated.NO else Implicated.UNSURE
        save(part, "is_restricted", "implicated")
        log(events.RESTRICTION_LOOSENED, part, by=by, at=at, reason=step.reason)


def _do(concern: Concern, step: TwoPersonStep, *, by: User, at: datetime) -> None:
    if step.act == TwoPersonAct.VOID:
        transition, target = plan(Action.VOID, case_facts(concern))
        log(transition.event, concern, by=by, at=at, reason=step.reason)
        end(concern, state=target, by=by, at=at)
    elif step.act == TwoPersonAct.LIFT_CONFLICT and step.conflict is not None:
        _let_in_again(concern, step, step.conflict, by=by, at=at)
    elif step.act == TwoPersonAct.LET_AUDITOR_IN and step.let_in is not None and step.let_in_until is not None:
        auditor = lock_person(step.let_in)
        if not standing(auditor).is_auditor:
            raise NotAllowed("This person is not an auditor any more, so they can’t be let in as one.")
        check_grant(concern, auditor, until=step.let_in_until, at=at)
        write_grant(
            concern, auditor, until=step.let_in_until, reason=step.reason, by=step.asked_by, seconded_by=by, at=at
        )
    elif step.act == TwoPersonAct.LOOSEN_RESTRICTION:
        _end_restriction(concern, step, by=by, at=at)
    elif step.act == TwoPersonAct.LOWER_RISK and step.involvement is not None:
        lower_risk(concern, step.involvement, level=step.level, reason=step.reason, by=by, at=at)


def lower_risk(concern: Concern, involvement: Involvement, *, level: str, reason: str, by: User, at: datetime) -> None:
    """The level of risk falls to `level`, with the reason that was given for it. No clock moves back (I12).

    Raises NotNow when the concern has ended or the level has fallen that far already.
    """
    if not concern.is_open:
        raise NotNow("This concern is not open any more.")
    before = involvement.risk_level
    if steps_down(before, level) <= 0:
        raise NotNow("The level of risk has changed since this was asked for.")
    involvement.risk_level, involvement.risk_reason = level, reason
    involvement.save(update_fields=["risk_level", "risk_reason"])
    save(concern)
    log(
        events.RISK_LOWERED, concern, by=by, at=at, reason=reason, person=involvement.person.ref, before=before,
        after=level,
    )  # fmt: skip


def _staff_of(step: TwoPersonStep) -> int | None:
    return step.conflict.staff_id if step.conflict is not None else step.let_in_id
