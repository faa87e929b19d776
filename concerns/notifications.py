"""What people are told, and whether they may still know when the mail goes out: a reference and a link (I14)."""

from __future__ import annotations

from datetime import UTC

from django.db.models import Exists, OuterRef

from accounts.models import User
from accounts.selectors import holders_of, standing
from accounts.vocabulary import Role
from audit.models import Seal
from audit.selectors import is_sealing_late
from concerns import permissions
from concerns.models import (
    Alarm,
    Assignment,
    Attachment,
    BreakGlass,
    ClosureProposal,
    Concern,
    Conflict,
    Deadline,
    Dissatisfaction,
    LimitChange,
    TwoPersonStep,
)
from concerns.models.ways import may_hold
from concerns.selectors.drafts import lead_ids, may_know_of_draft, unsent_drafts
from concerns.selectors.two_people import survivor_of
from concerns.vocabulary import ConflictKind, State
from safeguarding.kit.clock import now
from safeguarding.kit.errors import allows
from safeguarding.kit.outbox import MessageKind, register

# Who hears that nobody at lead level is there (I16).
SENIORS = (Role.DESIGNATED_SENIOR_MANAGER, Role.CHIEF_EXECUTIVE)


def holds(user_id: int, concern_id: int) -> bool:
    """Nor was shut out of it since, nor has lost the part for which they hold it: until it is moved on, deny beats what
    a holder would hear (I3)."""
    shut_out = Conflict.objects.filter(concern=OuterRef("pk"), staff=user_id, lifted_at__isnull=True)
    held = Concern.objects.filter(~Exists(shut_out), pk=concern_id, responsible_id=user_id)
    concern = held.select_related("responsible", "reporter").first()
    holder = concern.responsible if concern is not None else None
    return concern is not None and holder is not None and may_hold(standing(holder), user_id, concern)


def _answers_for(user_id: int, concern_id: int) -> bool:
    """Its holder; once it has ended, a lead who may read it."""
    if holds(user_id, concern_id):
        return True
    has_ended = Concern.objects.filter(pk=concern_id, responsible__isnull=True).exists()
    return has_ended and _may_read(user_id, concern_id)


def _held_before(user_id: int, concern_id: int) -> bool:
    """Held it once and is not shut out of it: they may know that it went on, and to whom to speak."""
    held = Assignment.objects.filter(concern=concern_id, holder=user_id, ended_at__isnull=False).exists()
    shut_out = Conflict.objects.filter(concern=concern_id, staff=user_id, lifted_at__isnull=True).exists()
    return held and not shut_out


def _may_read(user_id: int, concern_id: int) -> bool:
    user = User.objects.filter(pk=user_id).first()
    return user is not None and Concern.objects.visible_to(user).filter(pk=concern_id).exists()


def _may_be_first(user_id: int, concern_id: int) -> bool:
    waiting = Concern.objects.filter(pk=concern_id, state=State.SUBMITTED).exists()
    return waiting and _may_read(user_id, concern_id)


def _reported(user_id: int, concern_id: int) -> bool:
    # Named in it since: the receipt is gone too (I3).
    barred = Conflict.objects.filter(
        concern=concern_id, staff=user_id, kind=ConflictKind.BARRED, lifted_at__isnull=True
    )
    return Concern.objects.filter(pk=concern_id, reporter_id=user_id).exists() and not barred.exists()


def _still_due(user_id: int, deadline_id: int) -> bool:
    """The deadline still runs and the recipient may read the concern: nobody is nagged about what is done."""
    deadline = Deadline.objects.filter(pk=deadline_id, met_at__isnull=True, dropped_at__isnull=True).first()
    return deadline is not None and (holds(user_id, deadline.concern_id) or _may_read(user_id, deadline.concern_id))


def _closure_waits(user_id: int, concern_id: int) -> bool:
    waiting = ClosureProposal.objects.filter(concern=concern_id, is_agreed__isnull=True).exists()
    return waiting and _may_read(user_id, concern_id)


def _answer_waits(user_id: int, dissatisfaction_id: int) -> bool:
    row = Dissatisfaction.objects.filter(pk=dissatisfaction_id, reviewer_id=user_id, answered_at__isnull=True).first()
    return row is not None and _may_read(user_id, row.concern_id)


def _limit_waits(user_id: int, change_id: int) -> bool:
    user = User.objects.filter(pk=user_id).first()
    waiting = LimitChange.objects.filter(pk=change_id, is_agreed__isnull=True).exclude(proposed_by=user_id).exists()
    return waiting and user is not None and permissions.can_agree_limit(user)


def is_senior_let_in(user_id: int, concern_id: int) -> bool:
    """The designated senior manager, and not shut out of the concern."""
    shut_out = Conflict.objects.filter(concern=concern_id, staff=user_id, lifted_at__isnull=True).exists()
    return holders_of(Role.DESIGNATED_SENIOR_MANAGER).filter(pk=user_id).exists() and not shut_out


def _emergency_waits(user_id: int, concern_id: int) -> bool:
    waiting = Concern.objects.filter(pk=concern_id, state=State.SUBMITTED).exists()
    return waiting and is_senior_let_in(user_id, concern_id)


def _still_late(user_id: int, deadline_id: int) -> bool:
    deadline = Deadline.objects.filter(pk=deadline_id, met_at__isnull=True, dropped_at__isnull=True).first()
    return deadline is not None and is_senior_let_in(user_id, deadline.concern_id)


def _still_open(user_id: int, concern_id: int) -> bool:
    return Concern.objects.open().filter(pk=concern_id).exists() and is_senior_let_in(user_id, concern_id)


def _alarm_is_on(user_id: int, alarm_id: int) -> bool:
    alarm = Alarm.objects.filter(pk=alarm_id, ended_at__isnull=True).first()
    if alarm is None or not holders_of(*SENIORS).filter(pk=user_id).exists():
        return False
    shut_out = Conflict.objects.filter(concern=alarm.concern_id, staff=user_id, lifted_at__isnull=True)
    return alarm.concern_id is None or not shut_out.exists()


def _owns_draft(user_id: int, draft_id: int) -> bool:
    return unsent_drafts().filter(pk=draft_id, owner=user_id).exists()


def _draft_unsent(user_id: int, draft_id: int) -> bool:
    draft, user = unsent_drafts().filter(pk=draft_id).first(), User.objects.filter(pk=user_id).first()
    return draft is not None and user is not None and may_know_of_draft(draft, user, leads=lead_ids())


ASSIGNED = register(
    MessageKind(
        "concern.assigned",
        "A safeguarding concern needs you",
        "You are now the person responsible for a safeguarding concern. Open it to see what to do and by when.",
        holds,
    )
)
TAKEN = register(
    MessageKind(
        "concern.taken",
        "Somebody else holds a concern that you held",
        "A champion or lead has taken on a safeguarding concern that you held. Speak to them if you know more.",
        _held_before,
    )
)
EMERGENCY = register(
    MessageKind(
        "concern.emergency",
        "Emergency: a safeguarding concern needs somebody now",
        "An emergency has been reported. The first person to acknowledge it holds it.",
        _may_be_first,
    )
)
NOBODY_FREE = register(
    MessageKind(
        "concern.nobody_free",
        "Critical: nobody was free to take a safeguarding concern",
        "Nobody on the ladder was free to take a concern. It has been given to you, or you can take it.",
        _may_read,
    )
)
OVERDUE = register(
    MessageKind(
        "concern.overdue",
        "A step in a safeguarding concern is overdue",
        "Something in a safeguarding concern should have been done by now.",
        _still_due,
    )
)
REVIEW_SOON = register(
    MessageKind(
        "concern.review_soon",
        "A review is due soon",
        "The review of a concern is due soon.",
        _still_due,
    )
)
REVIEW_DUE = register(
    MessageKind(
        "concern.review_due",
        "A review is due",
        "The review of a concern is due now.",
        _still_due,
    )
)
REVIEW_LATE = register(
    MessageKind(
        "concern.review_late",
        "A review is overdue",
        "The review of a concern is overdue.",
        _still_due,
    )
)
CONTACT_SOON = register(
    MessageKind(
        "concern.contact_soon",
        "Somebody is to be contacted soon",
        "In a safeguarding concern that you hold, the day to be in touch with somebody again is near.",
        _still_due,
    )
)
CONTACT_DUE = register(
    MessageKind(
        "concern.contact_due",
        "Somebody was to be contacted by now",
        "In a safeguarding concern that you hold, the day to be in touch with somebody again has passed.",
        _still_due,
    )
)
CONTACT_LATE = register(
    MessageKind(
        "concern.contact_late",
        "Being in touch with somebody is overdue",
        "In a safeguarding concern that you hold, nobody has been in touch with somebody by the day that was set.",
        _still_due,
    )
)


def _second_waits(user_id: int, concern_id: int) -> bool:
    waiting = TwoPersonStep.objects.filter(concern=concern_id, is_agreed__isnull=True).exclude(asked_by=user_id)
    return waiting.exists() and _may_read(user_id, concern_id)


SECOND_WANTED = register(
    MessageKind(
        "concern.second_wanted",
        "Your second view is asked for",
        "Somebody has asked for something that takes two people. Open the concern to read the reason.",
        _second_waits,
    )
)
CLOSURE_WAITS = register(
    MessageKind(
        "concern.closure_waits",
        "Your view is asked for: closing a concern",
        "Somebody has proposed to close a concern. A different person has to agree.",
        _closure_waits,
    )
)
CLOSURE_REFUSED = register(
    MessageKind(
        "concern.closure_refused",
        "A concern was not closed",
        "The second person did not agree to close a concern that you hold. Open it to read why.",
        holds,
    )
)
REPORT_ADDED_TO = register(
    MessageKind(
        "concern.report_added_to",
        "Something was added to a safeguarding concern",
        "The person who reported a concern has added to it.",
        _answers_for,
    )
)
NOT_SATISFIED = register(
    MessageKind(
        "concern.not_satisfied",
        "Somebody is not satisfied with the response to a concern",
        "Please look at it afresh and answer them.",
        _answer_waits,
    )
)
REPORTER_TOLD = register(
    MessageKind(
        "concern.reporter_told",
        "News about a concern that you reported",
        "There is news about a concern that you reported.",
        _reported,
    )
)
LIMIT_WAITS = register(
    MessageKind(
        "concern.limit_waits",
        "Your view is asked for: a time limit",
        "A safeguarding lead proposes another time limit. A different person has to agree.",
        _limit_waits,
    )
)
NO_LEAD = register(
    MessageKind(
        "concern.no_lead",
        "Critical: no safeguarding lead is there",
        "Nobody at lead level is at work, or nobody who is may act on a concern. Your first page says which. Ask "
        "somebody to step in, or give somebody the role for the time being.",
        _alarm_is_on,
    )
)
EMERGENCY_UNANSWERED = register(
    MessageKind(
        "concern.emergency_unanswered",
        "Critical: nobody has acknowledged an emergency",
        "An emergency was reported and nobody has acknowledged it in time. Ring the safeguarding lead now.",
        _emergency_waits,
    )
)
LONG_OVERDUE = register(
    MessageKind(
        "concern.long_overdue",
        "A step in a safeguarding concern is long overdue",
        "A step has taken twice the time it may. Ask the safeguarding lead what is being done.",
        _still_late,
    )
)
OPEN_VERY_LONG = register(
    MessageKind(
        "concern.open_very_long",
        "A safeguarding concern has been open for very long",
        "Ask the safeguarding lead what keeps it open.",
        _still_open,
    )
)
DRAFT_WAITS = register(
    MessageKind(
        "concern.draft_waits",
        "You have not sent your report",
        "You began to report a concern and have not sent it. Nobody has seen it yet.",
        _owns_draft,
    )
)
DRAFT_UNSENT = register(
    MessageKind(
        "concern.draft_unsent",
        "An unsent report exists",
        "Somebody began to report a concern and has not sent it. The page says who, so that you can ask them.",
        _draft_unsent,
    )
)
DRAFT_LEFT = register(
    MessageKind(
        "concern.draft_left",
        "A report was not sent before an account was closed",
        "Somebody began to report a concern and did not send it before their account was closed. The page says who. "
        "Try to reach them: what worried them may still need a report.",
        _draft_unsent,
    )
)


def _may_see_who(user_id: int, concern_id: int) -> bool:
    user = User.objects.filter(pk=user_id).first()
    concern = Concern.objects.filter(pk=concern_id).first()
    return user is not None and concern is not None and allows(permissions.check_can_see_who, user, concern)


def _judgement_waits(user_id: int, use_id: int) -> bool:
    user = User.objects.filter(pk=user_id).first()
    use = BreakGlass.objects.filter(pk=use_id, judged_at__isnull=True).select_related("concern", "by").first()
    return user is not None and use is not None and permissions.can_judge_glass(user, use)


def _may_know_of_stop(user_id: int, stop_id: int) -> bool:
    user = User.objects.filter(pk=user_id).first()
    return user is not None and permissions.stops_told_to(user).filter(pk=stop_id).exists()


def _is_left_at_lead_level(user_id: int, concern_id: int) -> bool:
    concern = Concern.objects.filter(pk=concern_id).first()
    person = holders_of(*permissions.LEAD_LEVEL).filter(pk=user_id).first()
    if concern is None or person is None or user_id in permissions.denied_ids(concern):
        return False
    return permissions.can_look(person, concern)


SHUT_OUT_LATER = register(
    MessageKind(
        "concern.barred_later",
        "Somebody was shut out of a safeguarding concern",
        "Somebody may no longer see a concern that has been open for a while. The page shows who, and what they had "
        "opened. If it is a mistake, open the concern and ask for them to be let in again.",
        _may_see_who,
    )
)
SHUT_OUT_UNWATCHED = register(
    MessageKind(
        "concern.shut_out_unwatched",
        "Nobody has checked why somebody was shut out of a safeguarding concern",
        "Somebody may no longer see a concern, and there is no other safeguarding lead who can check why. Please find "
        "out today. If you can’t open it, the designated senior manager can read it by break-glass.",
        _is_left_at_lead_level,
    )
)
GLASS_BROKEN = register(
    MessageKind(
        "concern.glass_broken",
        "Break-glass was used to read a safeguarding concern",
        "Somebody opened a concern that is closed to them. Read why, and say within 2 working days whether it was "
        "justified.",
        _judgement_waits,
    )
)
GLASS_LATE = register(
    MessageKind(
        "concern.glass_late",
        "A use of break-glass has not been judged",
        "Somebody opened a concern by break-glass, and nobody has said in time whether it was justified. Please do so.",
        _judgement_waits,
    )
)
GLASS_STOPPED = register(
    MessageKind(
        "concern.glass_stopped",
        "Break-glass was stopped",
        "Somebody tried to open a concern by break-glass and was stopped. The page says who.",
        _may_know_of_stop,
    )
)


def _may_know_of_file(user_id: int, attachment_id: int) -> bool:
    """Whoever may read the case, or the one that it was joined to, and the person who added it; nobody who was named
    since (I3).
    """
    row = Attachment.objects.filter(pk=attachment_id).select_related("concern").first()
    if row is None:
        return False
    if row.concern is None:
        return row.uploaded_by_id == user_id and row.hidden_at is None
    if Conflict.objects.filter(concern=row.concern, staff=user_id, lifted_at__isnull=True).exists():
        return False
    cases = {row.concern.pk, survivor_of(row.concern).pk}
    return row.uploaded_by_id == user_id or any(_may_read(user_id, pk) for pk in cases)


FILE_HELD_BACK = register(
    MessageKind(
        "concern.file_held_back",
        "A virus was found in a file",
        "A file that was added to a safeguarding concern holds a virus. It is locked away, and nobody can open it. "
        "Open the page to see which file it is. If you sent it, tell your IT help desk about the device it came from.",
        _may_know_of_file,
    )
)
FILE_HELD_BACK_LATER = register(
    MessageKind(
        "concern.file_held_back_later",
        "A virus was found in a file that people could open",
        "A file that was added to a safeguarding concern was checked again, and this time a virus was found in it. It "
        "is locked away, and nobody can open it any more. Open the page to see which file it is. If you sent or "
        "downloaded it, tell your IT help desk today about the device you did that on.",
        _may_know_of_file,
    )
)


def _is_auditor(user_id: int, seal_number: int) -> bool:
    return holders_of(Role.AUDITOR).filter(pk=user_id).exists()


def _seal_facts(seal_number: int) -> str:
    """Numbers and digests alone: nothing of it is about a person. No count of events: an auditor could set it against
    the lines that they may read, and so learn that something is kept from them (I3)."""
    seal = Seal.objects.defer("leaves").get(number=seal_number)
    return f"Sealed at: {seal.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC\nRoot: {seal.root}\nSeal: {seal.name}"


LEDGER_SEALED = register(
    MessageKind(
        code="ledger.sealed",
        subject="Today’s seal of the safeguarding ledger",
        body=(
            "Keep this message where nobody who runs the system can change it. With it you can show later that the "
            "ledger was not rewritten: give the line “Seal” to manage.py verify_ledger --expect."
        ),
        may_still_know=_is_auditor,
        facts=_seal_facts,
    )
)


def _sealing_is_late(user_id: int, _: int) -> bool:
    user = User.objects.filter(pk=user_id).first()
    return user is not None and permissions.watches_ledger(user) and is_sealing_late(at=now())


LEDGER_NOT_SEALED = register(
    MessageKind(
        code="ledger.not_sealed",
        subject="The safeguarding ledger is not being sealed",
        body=(
            "What has happened since the last seal could be altered without a trace. Ask whoever runs the service to "
            "look at it today. You get this message once a day until it is put right."
        ),
        may_still_know=_sealing_is_late,
    )
)
