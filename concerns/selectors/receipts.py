"""What the person who reported a concern may know of it: a receipt, not the case (R101, domain.md 5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from accounts.selectors import on_duty_at
from concerns.ladder import needs_duty
from concerns.models import Concern, Conflict, Note
from concerns.moments import day_and_time
from concerns.rules import shows_own_words
from concerns.selectors.two_people import survivor_of
from concerns.vocabulary import ABUSE_LABELS, REPORTER_WORDS, ClockKind, ConflictKind, Implicated, NoteKind, State
from safeguarding.kit.working_time import is_working_time

# What a reporter is told about time: nothing but what comes next for them.
PROMISES = {
    ClockKind.ACKNOWLEDGE: "They will look at it by",
    ClockKind.TRIAGE: "They will decide what to do by",
    ClockKind.TELL_REPORTER: "They will tell you by",
}
NARRATIVE = (
    ("facts", "What you saw or heard"),
    ("said", "What was said to you"),
    ("said_by", "Who said it"),
    ("hearsay", "What others told you"),
    ("hearsay_from", "Who told you"),
    ("opinion", "What you think"),
    ("opinion_evidence", "What makes you think so"),
    ("noticed_date_words", "When you noticed it"),
    ("place", "Where"),
    ("delay_reason", "Why the delay"),
    ("other_abuse", "Other kind of abuse"),
    ("implicated_words", "What you said about staff"),
    ("done_already", "What you have done already"),
)


@dataclass(frozen=True)
class Complaint:
    """One time that the reporter was not satisfied, with the answer once there is one."""

    at: datetime
    words: str
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True)
class Receipt:
    """The page of one reporter. Times are aware; `promise` is a whole sentence, "" when nothing is timed for them."""

    ref: str
    concern_id: int
    status: str
    reported_at: datetime
    is_closed: bool
    # Somebody is in danger, and no call to an emergency service has been recorded.
    is_call_awaited: bool
    # It is urgent, out of hours, nobody has taken it on, and whoever holds it is not on duty: ring now.
    is_unattended: bool
    holder: User | None
    promise: str
    # R43: few are told who reported it.
    is_name_protected: bool
    # False once it is a receipt only: then nothing that the reporter wrote stands on it.
    shows_own_words: bool
    own_words: tuple[tuple[str, str], ...]
    added: tuple[tuple[datetime, str], ...]
    feedback: tuple[tuple[datetime, str], ...]
    complaints: tuple[Complaint, ...]

    @property
    def has_open_complaint(self) -> bool:
        return any(complaint.answered_at is None for complaint in self.complaints)


def reported_by(user: User) -> QuerySet[Concern]:
    """What `user` reported, newest first; nothing of one in which they were named since (I3)."""
    barred = Conflict.objects.filter(
        concern=OuterRef("pk"), staff=user, kind=ConflictKind.BARRED, lifted_at__isnull=True
    )
    return Concern.objects.filter(~Exists(barred), reporter=user).order_by("-reported_at", "-pk")


def status_of(concern: Concern) -> str:
    """The words that a reporter may read about `concern`: those of the one that it was joined to, if it was (t20)."""
    return REPORTER_WORDS[survivor_of(concern).state]


def still_shows_own_words(concern: Concern, *, at: datetime) -> bool:
    """Whether whoever reported `concern` still sees what they wrote and added, unless they work on the case."""
    return shows_own_words(
        is_contractor=concern.reporter.is_contractor,
        is_restricted=concern.is_restricted,
        closed_at=survivor_of(concern).closed_at,
        at=at,
    )


def receipt_for(ref: str, user: User, *, at: datetime) -> Receipt:
    """The receipt of the concern `ref` that `user` reported. Raises Concern.DoesNotExist for everything else.

    Their own words stay as sent; where it stands and who has it are those of the concern that it was joined to (t20).
    """
    rows = reported_by(user).select_related("reporter", "responsible", "merged_into__responsible")
    concern = rows.get(ref=ref)
    survivor = survivor_of(concern)
    notes = Note.objects.filter(concern=concern, author=user, kind=NoteKind.ADDED)
    shows = still_shows_own_words(concern, at=at)
    return Receipt(
        ref=concern.ref,
        concern_id=concern.pk,
        status=status_of(survivor),
        reported_at=concern.reported_at,
        is_closed=survivor.state == State.CLOSED,
        is_call_awaited=concern.is_immediate_danger and not concern.emergency_calls.exists(),
        is_unattended=_is_unattended(survivor, at=at),
        holder=survivor.responsible,
        promise=_promise(survivor, at=at),
        is_name_protected=concern.is_reporter_protected,
        shows_own_words=shows,
        own_words=_own_words(concern) if shows else (),
        added=tuple(notes.values_list("written_at", "text")) if shows else (),
        feedback=tuple(concern.feedback.values_list("at", "text")),
        complaints=tuple(
            Complaint(row.at, row.words if shows else "", row.answer, row.answered_at)
            for row in concern.dissatisfactions.filter(by=user)
        ),
    )


def _is_unattended(concern: Concern, *, at: datetime) -> bool:
    if concern.state != State.SUBMITTED or not needs_duty(concern.urgency, is_working_time=is_working_time(at)):
        return False
    return concern.responsible_id not in on_duty_at(at)


def _promise(concern: Concern, *, at: datetime) -> str:
    """The next thing the reporter may wait for, and by when. A date that has passed is said to have passed."""
    running = concern.deadlines.filter(kind__in=PROMISES, met_at__isnull=True, dropped_at__isnull=True)
    due = {deadline.kind: deadline.due_at for deadline in running}
    for kind, words in PROMISES.items():
        if kind in due:
            if due[kind] < at:
                return "This should have happened by now. Ring one of the numbers below."
            return f"{words} {day_and_time(due[kind], at=at)}."
    return ""


def _own_words(concern: Concern) -> tuple[tuple[str, str], ...]:
    """What the reporter wrote, as sent."""
    kinds = "\n".join(ABUSE_LABELS[row.code] for row in concern.abuse_types.all())
    pairs = [(label, str(getattr(concern, name))) for name, label in NARRATIVE]
    pairs += [("Kinds of abuse", kinds), ("Is a member of staff implicated?", Implicated(concern.implicated).label)]
    return tuple((label, value) for label, value in pairs if value.strip())
