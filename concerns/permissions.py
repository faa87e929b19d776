"""May this person do it? Pairs: `check_can_…` raises NotAllowed with a sentence, `can_…` answers True or False.

Relations decide, and conflict always subtracts (domain.md 5, R45). Whether it may happen *now* is `workflow`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.selectors import (
    Standing,
    holders_of,
    line_above,
    standing,
)
from accounts.vocabulary import Role
from concerns.facts import case_facts
from concerns.ladder import LEAD_LEVEL as LEAD_LEVEL
from concerns.models import (
    Assignment,
    BreakGlass,
    BreakGlassStop,
    Concern,
    ConcernQuerySet,
    Conflict,
    Dissatisfaction,
    LimitChange,
    Merge,
    ways,
)
from concerns.models.files import story_of
from concerns.models.ways import may_break_glass
from concerns.vocabulary import ConflictKind, State, TwoPersonAct
from safeguarding.kit.errors import NotAllowed, NotNow, allows

# I16: of these at least one must always be at work.
LEADS = (Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD, Role.OPERATIONAL_LEAD)

# Who may be the second person of a change to the time limits.
LIMIT_SECONDS = (Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD, Role.OPERATIONAL_LEAD, Role.IG_LEAD)

# Whose office it is to judge a use of break-glass and to hear that somebody was stopped, from the lowest rung up.
GLASS_RUNGS = (
    (Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD),
    (Role.DESIGNATED_SENIOR_MANAGER,),
    (Role.CHIEF_EXECUTIVE,),
)

Check = Callable[[User, Concern], None]
UserCheck = Callable[[User], None]


@dataclass(frozen=True)
class Known:
    """What a page has read already about one concern and its reader, so that it isn't asked again for every button."""

    reader_id: int
    denied: frozenset[int]
    barred: frozenset[int]
    ineligible: frozenset[int]
    closing_needs_lead: bool
    is_read_only: bool
    is_glass_broken: bool


def remember(
    concern: Concern,
    *,
    reader: User,
    denied: frozenset[int],
    barred: frozenset[int],
    reporters: frozenset[int],
    closing_needs_lead: bool,
    is_read_only: bool,
    is_glass_broken: bool,
) -> None:
    """Let the checks below answer from what `selectors.case_page` has read; `reader` came through `visible_to`.

    Only for showing a page: a service loads and locks a concern of its own, and asks afresh.
    """
    ineligible = ways.ineligible_when(barred, reporters=reporters)
    concern.__dict__["_known"] = Known(
        reader.pk, denied, barred, ineligible, closing_needs_lead, is_read_only, is_glass_broken
    )


def _known(concern: Concern) -> Known | None:
    known: Known | None = concern.__dict__.get("_known")
    return known


def denied_ids(concern: Concern) -> frozenset[int]:
    """Everyone for whom the case is closed: barred or recused, and not lifted."""
    if known := _known(concern):
        return known.denied
    rows = Conflict.objects.filter(concern=concern, lifted_at__isnull=True)
    return frozenset(rows.values_list("staff_id", flat=True))


def barred_ids(concern: Concern) -> frozenset[int]:
    """Everyone who is named as implicated, and not lifted (R41)."""
    if known := _known(concern):
        return known.barred
    rows = Conflict.objects.filter(concern=concern, lifted_at__isnull=True, kind=ConflictKind.BARRED)
    return frozenset(rows.values_list("staff_id", flat=True))


def ineligible_ids(concern: Concern) -> frozenset[int]:
    """R45: whoever reported it, or what was joined to it, and whoever an implicated person manages; they may not hold,
    decide or second.
    """
    if known := _known(concern):
        return known.ineligible
    return ways.ineligible_ids(Concern.objects.all(), concern.pk)


def reporter_ids(concern: Concern) -> frozenset[int]:
    """Whoever reported it, or what is joined to it (t20)."""
    return ways.reporter_ids(Concern.objects.all(), concern.pk)


def check_can_read(user: User, concern: Concern) -> None:
    known = _known(concern)
    if known is not None and known.reader_id == user.pk:
        return
    if not Concern.objects.visible_to(user).filter(pk=concern.pk).exists():
        raise NotAllowed("You can’t open this concern.")


def check_can_work(user: User, concern: Concern) -> None:
    """Reads the case by relation or role. Whoever was let in by name, and whoever broke glass, reads and no more."""
    known = _known(concern)
    is_read_only = (
        known.is_read_only
        if known is not None and known.reader_id == user.pk
        else not Concern.objects.workable_by(user).filter(pk=concern.pk).exists()
    )
    if is_read_only:
        check_can_read(user, concern)
        raise NotAllowed("You can read this concern but not change anything in it.")


def check_can_take_out(user: User, concern: Concern) -> None:
    """Take something of the case out as a file: whoever reads it by anything but break-glass, whose watermark no file
    carries.
    """
    if not Concern.objects.takeable_by(user).filter(pk=concern.pk).exists():
        check_can_read(user, concern)
        raise NotAllowed("You are reading by break-glass. Nothing can be taken out as a file.")


def check_can_record_call(user: User, concern: Concern) -> None:
    """R37, R39: whoever may read the case; by break-glass nothing is written, and a new report is always open."""
    check_can_read(user, concern)
    known = _known(concern)
    by_glass = (
        known.is_glass_broken
        if known is not None and known.reader_id == user.pk
        else not Concern.objects.takeable_by(user).filter(pk=concern.pk).exists()
    )
    if by_glass:
        raise NotAllowed("You are reading by break-glass. If you called 999, raise a concern and say so there.")


def check_may_hold(user: User, concern: Concern) -> None:
    """Whether a person may be responsible for, decide or second anything in this concern (R45)."""
    if not user.is_active or user.pk in denied_ids(concern):
        raise NotAllowed("This person can’t take on this concern.")
    if user.pk == concern.reporter_id:
        raise NotAllowed("The person who reported a concern can’t also be the one who decides about it.")
    if user.pk in ineligible_ids(concern):
        raise NotAllowed(
            "Somebody who reported what was joined to this concern, or is managed by a person named in it, can’t take "
            "it on."
        )


def check_first_counts(first: User, concern: Concern) -> None:
    """I6, R41, R45: of two people `first` asked, proposed or signed, and has still a say in it.

    Asked wherever the second agrees. Who was kept out since, or is managed by somebody named since, counts no more. To
    say no stays open, and ends what waits: somebody else can then begin it again, so that nothing hangs on them. Raises
    NotNow.
    """
    if first.pk in denied_ids(concern) | ineligible_ids(concern):
        raise NotNow(
            "Whoever asked for this or signed it can have no say in this concern any more, so nobody can agree to it. "
            "Say no. Then somebody else can begin it again."
        )


def holdings_of_story(concern: Concern) -> QuerySet[Assignment]:
    """When anybody held any part of the story (t20): what its reporters are not satisfied with may be their work (R42).
    Also who held what a part was joined to for a time, in that time.
    """
    story = story_of(concern)
    once = Merge.objects.filter(concern__in=story, into=OuterRef("concern"), undone_at__gt=OuterRef("started_at"))
    meanwhile = Q(Exists(once), ended_at__isnull=True) | Q(Exists(once.filter(at__lt=OuterRef("ended_at"))))
    return Assignment.objects.filter(Q(concern__in=story) | meanwhile)


def check_is_holder(user: User, concern: Concern) -> None:
    """Only the one responsible person acts (R31); somebody else takes it first."""
    check_can_work(user, concern)
    if concern.responsible_id != user.pk:
        raise NotAllowed("Only the person who holds this concern can do this. Take it first, if you may.")
    check_may_hold(user, concern)


def check_can_acknowledge(user: User, concern: Concern) -> None:
    """t3: the holder; in an emergency whoever was told may be first (R40)."""
    check_can_work(user, concern)
    who = standing(user)
    is_manager = concern.reporter.line_manager_id == user.pk and not concern.is_hidden_from_manager
    is_told = concern.is_emergency and (who.is_lead or concern.service_area_id in who.champion_area_ids or is_manager)
    if concern.responsible_id != user.pk and not is_told:
        raise NotAllowed("Only the person who holds this concern can acknowledge it.")
    check_may_hold(user, concern)


def check_can_take(user: User, concern: Concern) -> None:
    """Champions of the area and leads take a concern from the queue (R127); in a dispute leads alone (t12)."""
    check_can_work(user, concern)
    who = standing(user)
    if not (who.is_lead or who.is_operational_lead or concern.service_area_id in who.champion_area_ids):
        raise NotAllowed("Only a champion of this service area or a safeguarding lead can take a concern.")
    if concern.responsible_id == user.pk:
        raise NotAllowed("You already hold this concern.")
    if not concern.is_open:
        raise NotAllowed("This concern is closed. Reopen it first.")
    if concern.state == State.DISPUTED and not (who.is_lead or who.is_operational_lead):
        raise NotAllowed("While it is in dispute with an agency, a safeguarding lead holds this concern.")
    check_may_hold(user, concern)


def check_can_hand_on(user: User, concern: Concern) -> None:
    """t22: the holder, a champion of the area, or a lead, with a hand-over note."""
    check_can_work(user, concern)
    who = standing(user)
    is_above = who.is_lead or who.is_operational_lead or concern.service_area_id in who.champion_area_ids
    if concern.responsible_id == user.pk:
        return
    if not is_above:
        raise NotAllowed("Only the person who holds this concern, a champion of the area or a lead can hand it on.")
    check_may_hold(user, concern)


def check_can_change_area(user: User, concern: Concern) -> None:
    check_can_hand_on(user, concern)


def check_can_second(user: User, concern: Concern) -> None:
    """A second person: champion or lead, not the holder, not in conflict (domain.md 3.4, I6)."""
    check_can_work(user, concern)
    who = standing(user)
    if not (who.is_lead or who.is_operational_lead or who.is_champion or who.is_senior_manager):
        raise NotAllowed("A second view comes from a champion or a safeguarding lead.")
    if concern.responsible_id == user.pk:
        raise NotAllowed("The second view must come from somebody else than the person who holds the concern.")
    check_may_hold(user, concern)


def rank(user: User) -> int:
    """How high somebody stands when two views are weighed (t8): line managers, champions, everybody at lead level.

    The safeguarding leads are the highest: what a director has signed they may look at too.
    """
    who = standing(user)
    if who.has(*LEAD_LEVEL):
        return 3
    return 2 if who.is_champion else 1


def check_is_of_rank(user: User, *, of: User) -> None:
    """t8: the second person stands at least as high as whoever decided not to share."""
    if rank(user) < rank(of):
        raise NotAllowed("A safeguarding lead decided not to share here, so the second view must come from a lead.")


def check_can_agree_closure(user: User, concern: Concern) -> None:
    """2.6 conditions 11 and 12, 2.5: a different person; a lead for high risk and after an agency declined."""
    check_can_second(user, concern)
    who = standing(user)
    if who.is_lead or who.is_operational_lead:
        return
    known = _known(concern)
    if known.closing_needs_lead if known else case_facts(concern).closing_needs_lead:
        raise NotAllowed(
            "Somebody here is at high risk, or an agency declined, so a safeguarding lead must give the second view on "
            "closing."
        )


def check_is_lead(user: User, concern: Concern) -> None:
    """Acts of the Safeguarding Lead or deputy, who must not be in conflict."""
    check_can_work(user, concern)
    if not standing(user).is_lead:
        raise NotAllowed("Only a safeguarding lead can do this.")
    check_may_hold(user, concern)


def check_can_keep_out(user: User, concern: Concern) -> None:
    """R41, R45: a lead, in every state, also once nobody holds it. Of joined concerns on the one that holds their
    duties, for all of them at once (t20).
    """
    check_is_lead(user, concern)
    if concern.state == State.MERGED:
        raise NotAllowed(
            "This concern was joined to another. Keep them out of that one. It keeps them out of this one too."
        )


def is_left_to_others(concern: Concern, *, but: User) -> bool:
    """R44, I16: whether anybody else than `but` at lead level can look at the concern: by role, because they hold it,
    or by break-glass.

    Also whoever may not decide about it (R45): to accuse somebody who manages them all is no way to hide it.
    """
    out = denied_ids(concern) | {but.pk}
    return any(can_look(person, concern) for person in holders_of(*LEAD_LEVEL).exclude(pk__in=out))


def can_look(user: User, concern: Concern) -> bool:
    """Whether they read the concern by role or because they hold it, or could by break-glass."""
    opened = [Concern.objects.workable_by(user)]
    if can_break_glass(user):
        opened.append(openable_by_glass(user))
    return any(rows.filter(pk=concern.pk).exists() for rows in opened)


def check_can_ask_second(user: User, concern: Concern) -> None:
    """t21, R41, R44: an unbarred lead asks; somebody else answers."""
    check_is_lead(user, concern)


def check_can_second_step(user: User, concern: Concern, act: str = "") -> None:
    """The second of two people: at lead level or the information governance lead, and not in conflict.

    For a lower level of risk a champion too, but never who holds the concern (3.4).
    """
    if act == TwoPersonAct.LOWER_RISK:
        return check_can_second(user, concern)
    check_can_work(user, concern)
    who = standing(user)
    if not (who.is_lead or who.is_operational_lead or who.has(Role.IG_LEAD)):
        raise NotAllowed("The second view comes from a safeguarding lead or the information governance lead.")
    return check_may_hold(user, concern)


def can_second_step(user: User, concern: Concern, act: str) -> bool:
    return allows(check_can_second_step, user, concern, act)


def may_second_steps(who: Standing) -> bool:
    """Whether somebody of this standing is asked for second views at all; the concern decides about the rest."""
    return who.is_lead or who.is_operational_lead or who.has(Role.IG_LEAD) or who.is_champion


def check_can_answer_staff_step(user: User, concern: Concern) -> None:
    """R46: whoever holds the concern, or a lead."""
    check_can_work(user, concern)
    who = standing(user)
    if concern.responsible_id != user.pk and not (who.is_lead or who.is_operational_lead):
        raise NotAllowed("Only the person who holds this concern or a safeguarding lead can answer this step.")
    check_may_hold(user, concern)


def check_can_record_dash(user: User, concern: Concern) -> None:
    """R21: whoever holds the concern, a champion of its area, or a lead; nobody who may not hold it."""
    check_can_write_note(user, concern)
    check_may_hold(user, concern)


def check_can_answer_domestic_step(user: User, concern: Concern) -> None:
    """X4: whoever holds the concern, or a lead."""
    check_can_answer_staff_step(user, concern)


def check_can_say_no_marac(user: User, concern: Concern) -> None:
    """X4: judgement must not make a high score lower, so that where a record calls for a MARAC a lead answers "no"."""
    check_can_answer_domestic_step(user, concern)
    if not standing(user).is_lead:
        raise NotAllowed("A DASH record calls for the MARAC. Only a safeguarding lead can answer that none is asked.")


def check_can_merge(user: User, concern: Concern) -> None:
    """t20: champions of the area and leads, who must be able to read both."""
    check_can_work(user, concern)
    who = standing(user)
    if not (who.is_lead or who.is_operational_lead or concern.service_area_id in who.champion_area_ids):
        raise NotAllowed("Only a champion of this service area or a safeguarding lead can join concerns.")
    check_may_hold(user, concern)


def check_can_reopen(user: User, concern: Concern) -> None:
    """t19: champions of the area and leads; a reporter says that they are not satisfied instead."""
    check_can_work(user, concern)
    who = standing(user)
    if not (who.is_lead or who.is_operational_lead or concern.service_area_id in who.champion_area_ids):
        raise NotAllowed("Only a champion of this service area or a safeguarding lead can reopen a concern.")


def check_can_write_note(user: User, concern: Concern) -> None:
    """Whoever works on the case may add to it; auditors and people let in to read may not."""
    check_can_work(user, concern)
    who = standing(user)
    works_here = who.is_lead or who.is_operational_lead or concern.service_area_id in who.champion_area_ids
    if concern.responsible_id != user.pk and not works_here:
        raise NotAllowed("You can read this concern but not add to it.")


def check_can_mark_file(user: User, concern: Concern) -> None:
    """A file that was added in error is marked by the holder of the concern on whose page it stands, or by a lead: who
    may decide about it (R45), because it hides what may be evidence from others.
    """
    check_can_work(user, concern)
    if not standing(user).is_lead:
        return check_is_holder(user, concern)
    return check_may_hold(user, concern)


def check_can_see_reporter(user: User, concern: Concern) -> None:
    """R43: who raised a concern past their manager is known to leads, and to whoever holds it now."""
    if not concern.is_reporter_protected or user.pk in (concern.reporter_id, concern.responsible_id):
        return
    if not standing(user).is_lead:
        raise NotAllowed("Only a safeguarding lead and the person who holds this concern know who reported it.")


def check_can_read_access(user: User, concern: Concern) -> None:
    """R144, domain.md 5: a lead or operational lead who may read the case; auditor and information governance lead,
    who may not read it, unless the case is closed to them."""
    who = standing(user)
    if who.is_lead or who.is_operational_lead:
        check_can_read(user, concern)
    elif not reads_ledger(who) or user.pk in denied_ids(concern):
        raise NotAllowed("You can’t see who has opened this concern.")


def reads_ledger(who: Standing) -> bool:
    """Whether somebody of this standing reads the ledger across concerns."""
    return who.is_auditor or who.has(Role.IG_LEAD)


def watches_ledger(user: User) -> bool:
    """Whether `user` is told when the ledger is not being sealed: whoever reads it, and whoever can mend it."""
    who = standing(user)
    return reads_ledger(who) or who.is_administrator


def check_can_read_ledger(user: User) -> None:
    """The access report across concerns and people is for auditors and the information governance lead."""
    if not reads_ledger(standing(user)):
        raise NotAllowed("Only auditors and the information governance lead read this report.")


def check_can_export_ledger(user: User) -> None:
    """Auditors alone take it out (domain.md 5, "R, export")."""
    if not can_export_ledger(user):
        raise NotAllowed("Only an auditor can take this report out as a file.")


def can_export_ledger(user: User) -> bool:
    return standing(user).is_auditor


def check_can_see_who(user: User, concern: Concern) -> None:
    """Who can see a concern, and through what, is shown to a lead who may read it (domain.md 5)."""
    check_can_read(user, concern)
    if not standing(user).is_lead:
        raise NotAllowed("Only a safeguarding lead sees who can open this concern.")


def check_can_let_in(user: User, concern: Concern) -> None:
    """A lead who is not in conflict lets somebody in by name, and ends it."""
    check_is_lead(user, concern)


def check_may_be_let_in(person: User, concern: Concern) -> None:
    """Whom no lead can let in: whoever is barred or recused, has left, or whose office it is never to read a case."""
    if not person.is_active or person.pk in denied_ids(concern):
        raise NotAllowed("This person can’t be let in to this concern.")
    who = standing(person)
    if who.is_contractor:
        raise NotAllowed("People who work for a contractor see their own receipt and nothing more.")
    if who.is_administrator:
        raise NotAllowed("Administrators never read a case.")


def check_can_warn_visitors(user: User, concern: Concern) -> None:
    """Whoever holds the concern, or a lead, says what visitors to the home must do; who may decide about it (R45)."""
    check_can_work(user, concern)
    if concern.responsible_id != user.pk and not standing(user).is_lead:
        raise NotAllowed("Only the person who holds this concern or a safeguarding lead can say what visitors must do.")
    check_may_hold(user, concern)


def check_can_break_glass(user: User) -> None:
    """Whose office it is (domain.md 5). Which concern is another question: see `openable_by_glass`."""
    if not may_break_glass(standing(user)):
        raise NotAllowed("You can’t use break-glass. Ask a safeguarding lead.")


def can_break_glass(user: User) -> bool:
    return may_break_glass(standing(user))


def openable_by_glass(user: User) -> ConcernQuerySet:
    """What break-glass could open to `user`: nothing to the implicated or recused, nor to whoever works below somebody
    implicated, at any depth; and nothing that was entered in error.

    One condition, so that asking for an unknown reference costs the same as asking for one that is closed.
    """
    standing_ones = Conflict.objects.filter(concern=OuterRef("pk"), lifted_at__isnull=True)
    own = standing_ones.filter(staff=user)
    above = standing_ones.filter(kind=ConflictKind.BARRED, staff__in=line_above(user))
    return Concern.objects.exclude(state=State.VOID).exclude(Exists(own)).exclude(Exists(above))


def check_can_judge_glass(user: User, use: BreakGlass) -> None:
    """Somebody else than who did it, whose office it is and who is not in conflict: whoever was asked, or a lead where
    no lead did it.
    """
    if user.pk == use.by_id:
        raise NotAllowed("You used break-glass here yourself. Somebody else judges it.")
    is_lead = standing(user).is_lead and not standing(use.by).is_lead
    if not judges_glass(user) or not (use.judge_id == user.pk or is_lead):
        raise NotAllowed("Somebody else was asked to judge this.")
    if user.pk in denied_ids(use.concern) | ineligible_ids(use.concern):
        raise NotAllowed("You can’t judge this.")


def can_judge_glass(user: User, use: BreakGlass) -> bool:
    return allows(check_can_judge_glass, user, use)


def judges_glass(user: User) -> bool:
    """Whether it is the office of `user` to judge uses of break-glass at all; with the office it ends."""
    who = standing(user)
    return not who.never_reads_cases and any(who.has(*rung) for rung in GLASS_RUNGS)


def stops_told_to(user: User) -> QuerySet[BreakGlassStop]:
    """Of everybody whom break-glass stopped, those of whom `user` hears and reads: never themselves, nor where the
    concern is closed to them. Leads; only where no lead may know, the next rung of `GLASS_RUNGS`.
    """

    def closed_to(staff: User | OuterRef, concern: OuterRef) -> Exists:
        return Exists(Conflict.objects.filter(concern=concern, staff=staff, lifted_at__isnull=True))

    stops = BreakGlassStop.objects.exclude(by=user).exclude(closed_to(user, OuterRef("concern")))
    below: list[Role] = []
    for rung in GLASS_RUNGS if judges_glass(user) else ():
        if standing(user).has(*rung):
            may_know = holders_of(*below).exclude(pk=OuterRef("by"))
            may_know = may_know.exclude(closed_to(OuterRef("pk"), OuterRef(OuterRef("concern"))))
            return stops.exclude(Exists(may_know)) if below else stops
        below += rung
    return stops.none()


def check_can_answer_dissatisfaction(user: User, concern: Concern, *, reviewer_id: int) -> None:
    """R42: whoever was asked to look at it afresh, while that is theirs, or a lead who never held any part of it and
    gave no answer before; nobody in conflict and nobody who may not decide.
    """
    check_can_work(user, concern)
    if reviewer_id != user.pk:
        if not standing(user).is_lead:
            raise NotAllowed("Only the person who was asked to look at it afresh, or a lead, can answer.")
        answered = Dissatisfaction.objects.filter(concern__in=story_of(concern), answered_by=user)
        if holdings_of_story(concern).filter(holder=user).exists() or answered.exists():
            raise NotAllowed("You have had a part in this yourself, so whoever was asked to look at it afresh answers.")
    if user.pk in denied_ids(concern) | ineligible_ids(concern):
        raise NotAllowed("You can’t answer this.")


def check_can_add_to_report(user: User, concern: Concern) -> None:
    """Whoever reported it, until they are named in it: then their receipt is gone too (I3)."""
    barred = Conflict.objects.filter(concern=concern, staff=user, kind=ConflictKind.BARRED, lifted_at__isnull=True)
    if barred.exists():
        raise NotAllowed("You can’t open this concern.")
    if concern.reporter_id != user.pk:
        raise NotAllowed("Only the person who reported a concern can add to their report.")


def check_can_say_not_satisfied(user: User, concern: Concern) -> None:
    """R42: at any time, in any state."""
    check_can_add_to_report(user, concern)


def check_can_propose_limit(user: User) -> None:
    """A time limit is changed by a safeguarding lead, and only with a second person (domain.md 2.4)."""
    if not can_propose_limit(user):
        raise NotAllowed("Only a safeguarding lead can propose another time limit.")


def can_propose_limit(user: User) -> bool:
    return standing(user).is_lead


def check_can_agree_limit(user: User, change: LimitChange) -> None:
    """The second person: a lead, operational lead or information governance lead, never who proposed it (I6)."""
    if not can_agree_limit(user):
        raise NotAllowed("A second view on a time limit comes from a lead or the information governance lead.")
    if change.proposed_by_id == user.pk:
        raise NotAllowed("The second view must come from somebody else than the person who proposed it.")


def check_limit_counts(change: LimitChange) -> None:
    """I6: of the two, whoever proposed it may still do so. Asked when the second agrees; to say no stays open, and then
    a lead can propose it again.
    """
    if not can_propose_limit(change.proposed_by):
        raise NotNow(
            "Whoever proposed this is no safeguarding lead any more, so nobody can agree to it. Say no. Then another "
            "lead can propose it again."
        )


def can_agree_limit(user: User) -> bool:
    return standing(user).has(*LIMIT_SECONDS)


def check_can_look_at_long_open(user: User, concern: Concern) -> None:
    """T14: a safeguarding lead who may read the case; never one who may not decide about it."""
    check_can_work(user, concern)
    if not standing(user).is_lead:
        raise NotAllowed("Only a safeguarding lead looks at concerns that are open for long.")
    if user.pk in ineligible_ids(concern):
        raise NotAllowed("You reported this concern or are managed by a person named in it. Ask another lead.")
