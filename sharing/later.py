"""What happened to a signed decision afterwards, as words for its page and its PDF. Reads rows, never the draft."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from accounts.models import User
from audit.models import Event
from audit.vocabulary import all_kinds
from concerns.selectors.names import (
    hidden_readings,
    hidden_reporters,
    hides_readings,
    named,
    nameless,
    protected_reporters,
)
from concerns.selectors.written import HIDDEN_REPORTER
from sharing import events
from sharing.models import CorrectionNotice, Decision, Disclosure, SignedRecord, Telling
from sharing.reading import Later
from sharing.selectors import versions_of
from sharing.vocabulary import DecisionStatus, ReceiptStep, ToldAfter

_SIGNATURES = frozenset(kind.code for kind in (events.DECISION_SIGNED, events.SECOND_AGREED, events.SECOND_REFUSED))
_EXTRACT = _SIGNATURES | frozenset(
    kind.code
    for kind in (
        events.DECISION_SUPERSEDED,
        events.RECORD_VIEWED,
        events.RECORD_EXPORTED,
        events.RECORD_VERIFIED,
    )
)
_EXTRACT_OF_DRAFT = frozenset(kind.code for kind in (events.DECISION_STARTED, events.DRAFT_PRINTED))
MOST_EVENTS = 200
_NOT_SHOWN = "Not shown to somebody who sees this decision only because they signed it"


def later_of(signed: SignedRecord, reader: User, *, on_paper: bool = False) -> Later:
    """Second view, disclosures and checks, versions, and who opened or exported it, oldest first.

    What had been said to an agency before the decision, and was tied to it later, was shared like all else (I8). Who
    reported it under protection is not named to whoever may not know (R43), nor on paper, which anybody may come to
    read; but a signature has a name (R7), and so has the line of the ledger that tells of it. Whoever is there for
    their signature alone is told what became of the signatures, and no more (ADR 29).
    """
    hidden = protected_reporters(signed.concern) if on_paper else hidden_reporters(signed.concern, reader)
    if not SignedRecord.objects.followed_by(reader, on_paper=on_paper).filter(pk=signed.pk).exists():
        return _of_its_signatures(signed, reader, hidden)
    disclosures = list(
        Disclosure.objects.of(signed)
        .select_related("shared_by", "referral")
        .prefetch_related("checks__recorded_by", "tellings__person", "tellings__recorded_by")
    )
    return Later(
        second_view=_second_view(signed),
        second_words=_second_words(signed),
        superseded=_superseded(signed),
        superseded_why=_superseded_why(signed),
        shared=tuple((each.referral.agency_name, _moment(each.shared_at)) for each in disclosures),
        follow_up=(*_follow_up(disclosures, hidden), *_tasks_to_tell(signed, hidden), *_corrections(signed)),
        versions=tuple(_versions(versions_of(signed))),
        events=tuple(_events(signed, _EXTRACT, reader, hidden)),
    )


def _of_its_signatures(signed: SignedRecord, reader: User, hidden: frozenset[int]) -> Later:
    """Second view, status, and the versions that stood when it was signed; what was left out is named."""
    replaced = getattr(signed, "superseded", None)
    return Later(
        is_whole=False,
        second_view=_second_view(signed),
        second_words=_second_words(signed),
        superseded=f"Superseded by version {replaced.new.version} on {_day(replaced.at)}." if replaced else "",
        follow_up=(("Since then", "What was shared, received and put right", f"{_NOT_SHOWN}."),),
        versions=tuple(_versions(versions_of(signed).filter(version__lte=signed.version))),
        events=(
            *_events(signed, _SIGNATURES, reader, hidden),
            ("Since then", "Who opened it and took it out", f"{_NOT_SHOWN}."),
        ),
    )


def later_of_draft(decision: Decision, reader: User) -> Later:
    """Why it would replace the version before it, and what the ledger holds of it so far; on paper alone."""
    why = f"{decision.get_change_reason_display()}. {decision.change_words}"
    row = (f"Version {decision.version}", "Not signed", "Draft", why if decision.change_reason else "First version")
    hidden = protected_reporters(decision.concern)
    return Later(versions=(row,), events=tuple(_events(decision, _EXTRACT_OF_DRAFT, reader, hidden)))


def status_words(signed: SignedRecord) -> str:
    """The words that every page of the record carries when it does not simply stand (3.5)."""
    words = []
    superseded = getattr(signed, "superseded", None)
    if superseded is not None:
        words.append("SUPERSEDED")
    elif signed.decision.status == DecisionStatus.AWAITING_SECOND:
        words.append("WAITING FOR SECOND SIGNATURE")
    elif signed.decision.status == DecisionStatus.NOT_AGREED:
        words.append("SECOND PERSON DID NOT AGREE")
    if signed.is_retrospective:
        words.append("RETROSPECTIVE, RECORDED LATE" if signed.is_late else "RETROSPECTIVE")
    return ", ".join(words)


def _superseded(signed: SignedRecord) -> str:
    """Register 3.3: "Superseded by v n on date by X because ..."; "" while it is the newest."""
    row = getattr(signed, "superseded", None)
    if row is None:
        return ""
    return f"Superseded by version {row.new.version} on {_day(row.at)} by {row.by.full_name} because:"


def _superseded_why(signed: SignedRecord) -> str:
    row = getattr(signed, "superseded", None)
    return f"{row.get_reason_display()}. {row.words}" if row is not None else ""


def _second_words(signed: SignedRecord) -> str:
    return signed.second_view.comment if hasattr(signed, "second_view") else ""


def _second_view(signed: SignedRecord) -> str:
    view = getattr(signed, "second_view", None)
    if view is None:
        return "Not given yet." if signed.needs_second else ""
    answer = "Agreed" if view.is_agreed else "Did not agree"
    return f"{answer}, {_moment(view.at)}, {view.by.full_name} ({view.by_title or view.by.job_title})."


def _follow_up(disclosures: Iterable[Disclosure], hidden: frozenset[int]) -> Iterable[tuple[str, ...]]:
    """What went and each check of it; what was not checked yet is said too (R97, R98)."""
    for disclosure in disclosures:
        agency = disclosure.referral.agency_name
        who = f"{named(disclosure.shared_by, hidden)}; taken by {disclosure.received_by or 'not recorded'}"
        yield (
            _moment(disclosure.shared_at),
            f"Shared with {agency}, {disclosure.get_method_display()}",
            f"{who}. Digest of what went: {disclosure.digest}",
        )
        done = {check.step for check in disclosure.checks.all()}
        for check in disclosure.checks.all():
            yield (
                f"{check.on.day} {check.on:%B %Y}",
                f"{check.get_step_display()}: {agency}",
                f"{check.who}, {check.how}. Recorded by {named(check.recorded_by, hidden)}. {check.words}".strip(),
            )
        if left := [str(step.label) for step in ReceiptStep if step not in done]:
            yield "Not yet", f"{', '.join(left)}: {agency}", "No check is recorded."
        for telling in disclosure.tellings.all():
            yield _told(telling, agency, hidden)


_TOLD = {
    ToldAfter.YES: "Told what went to {}",
    ToldAfter.LATER: "To be told what went to {}",
    ToldAfter.UNSAFE: "Not told what went to {}, because that would not be safe",
}


def _told(telling: Telling, agency: str, hidden: frozenset[int]) -> tuple[str, ...]:
    """R99: whether somebody was told, as it was when it was recorded as sent."""
    day = f"{telling.on.day} {telling.on:%B %Y}" if telling.on else _day(telling.recorded_at)
    return (
        f"By {day}" if telling.answer == ToldAfter.LATER else day,
        f"{telling.person.display_name}: {_TOLD[ToldAfter(telling.answer)].format(agency)}",
        f"{telling.words} Recorded by {named(telling.recorded_by, hidden)}.".strip(),
    )


def _tasks_to_tell(signed: SignedRecord, hidden: frozenset[int]) -> Iterable[tuple[str, ...]]:
    """R73, R99: the dated tasks to tell somebody, and what became of each."""
    for task in signed.follow_ups.filter(is_telling=True).select_related("done_by"):
        if task.done_at is None or task.done_by is None:
            due = f"By {task.due_date.day} {task.due_date:%B %Y}" if task.due_date else "Not yet"
            yield due, task.words, "Still to be done."
        else:
            became = "Not told, because that would not be safe. " if task.is_unsafe else "Done. "
            became = "" if task.taken_over_by_id else became
            yield _moment(task.done_at), task.words, f"{became}{task.done_words} {named(task.done_by, hidden)}."


def _corrections(signed: SignedRecord) -> Iterable[tuple[str, ...]]:
    """R100: what was shared under this record and is wrong, and who has been told."""
    notices = CorrectionNotice.objects.filter(referral__record=signed).select_related("correction", "referral")
    for each in notices.order_by("correction__recorded_at", "number"):
        told = f"Told {_moment(each.told_at)}: {each.who}, {each.how}" if each.told_at else "Still to be told"
        yield (
            _moment(each.correction.recorded_at),
            f"Correction {each.correction.ref}: {each.referral.agency_name}",
            f"We said: {each.correction.wrong}\nRight is: {each.correction.right}\n{told}.",
        )


def _versions(versions: Iterable[SignedRecord]) -> Iterable[tuple[str, ...]]:
    for each in versions:
        before = each.document["supersedes"]
        why = f"{before['reason']}. {before['words']}" if before else "First version"
        state = "Superseded" if hasattr(each, "superseded") else each.decision.get_status_display()
        yield f"Version {each.version}", f"{_moment(each.signed_at)}, {each.signed_by.full_name}", state, why


def _events(
    about: SignedRecord | Decision, codes: frozenset[str], reader: User, hidden: frozenset[int]
) -> Iterable[tuple[str, ...]]:
    """Without what would tell whoever is complained of who looks at it afresh (scenario 10)."""
    rows = list(
        Event.objects.filter(
            subject_type=about._meta.label_lower, subject_id=about.pk, concern_id=about.concern_id, code__in=codes
        )
        .exclude(hidden_readings(about.concern, reader))
        .order_by("-pk")[: MOST_EVENTS + 1]
    )
    if len(rows) > MOST_EVENTS:
        yield "Before that", f"Only the newest {MOST_EVENTS} are listed", "All stand in the ledger"
    rows = rows[:MOST_EVENTS][::-1]
    without_name = nameless(rows, hidden)
    ids = {row.actor_id for row in rows if row.actor_id is not None}
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "full_name"))
    for row in rows:
        who = HIDDEN_REPORTER if row.pk in without_name else names.get(row.actor_id or 0, "The system")
        yield _moment(row.at), all_kinds()[row.code].sentence, who
    if hides_readings(about.concern, reader):
        yield "Lately", "Who else opened it is not listed for now", "All stand in the ledger"


def _moment(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local.day} {local:%B %Y, %H:%M}"


def _day(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local.day} {local:%B %Y}"
