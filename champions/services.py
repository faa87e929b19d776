"""Every write about quarterly reports (R138, R139): build, comment, release, restate, and the receipt of a
reading. Nobody learns from any of them what a draft may not tell (ADR 30).
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.selectors import holders_of
from accounts.vocabulary import Role
from audit.services import record
from champions import events, notifications
from champions.figures import NotReconciled, count_quarter
from champions.models import QuarterlyReport, frozen
from champions.permissions import check_can_write_report
from champions.quarters import Quarter
from champions.selectors import count_report, names_in_each, newest_released, newest_report, quarters_to_build
from champions.tables import to_json
from safeguarding.kit import outbox
from safeguarding.kit.errors import NotNow, Unsound

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Commentary:
    """The operational lead's words (R139). Every part is required; "nothing to report" is an answer."""

    concerns: str
    themes: str
    actions: str
    progress: str


_MISSING = {
    "concerns": "Say what concerns you in these figures, or that nothing does.",
    "themes": "Say what is rising and why, or that nothing is.",
    "actions": "Say what will be done, and what senior managers must decide.",
    "progress": "Say what has come of the actions of the quarter before.",
}


# --- Building -------------------------------------------------------------------------------------


def build_due_reports(*, at: datetime) -> int:
    """Build the report of every quarter that is due and has none, oldest first; how many were built.

    Safe to run at any time and twice. A quarter whose records do not add up is left out and logged; it stops
    no other.
    """
    built = 0
    for quarter in quarters_to_build(at=at):
        try:
            build_report(quarter=quarter, by=None, at=at)
        except NotReconciled:
            logger.exception("The report of %s was not built.", quarter.code)
        else:
            built += 1
    return built


def build_report(*, quarter: Quarter, by: User | None, at: datetime) -> QuarterlyReport:
    """The first version of the quarter's report, a draft, or the newest there is. `by` is None for the timetable.

    Raises NotNow before the quarter has ended, NotAllowed for anyone but the operational lead, NotReconciled.
    """
    if by is not None:
        check_can_write_report(by)
    if at < quarter.ends_at:
        raise NotNow("This quarter has not ended yet.")
    if existing := newest_report(quarter):
        return existing
    try:
        with transaction.atomic():
            count_quarter(quarter)  # so that records that do not add up are found now, and not at the release
            report = _new_version(quarter, earlier=None, by=by, at=at)
            record(
                events.REPORT_BUILT,
                by=by,
                at=at,
                subject=report,
                ref=report.reference,
                quarter=quarter.code,
                version=report.version,
            )
            _ask_for_commentary(report, at=at)
    except IntegrityError:
        # Another worker built it at the same moment.
        if existing := newest_report(quarter):
            return existing
        raise
    return report


@transaction.atomic
def restate_report(*, report_id: int, reason: str, by: User, at: datetime) -> QuarterlyReport:
    """A new version, a draft, whose figures are counted afresh and hide at least what this one hides (rule 6); the
    words are taken over and must be confirmed again.

    Raises NotAllowed, Unsound without a reason, NotNow when there is a newer version or this one is a draft. Whether
    any figure has changed is not asked: the answer would tell of concerns that one may not know of.
    """
    check_can_write_report(by)
    report = _lock(report_id)
    if not reason.strip():
        raise Unsound("Give a reason.", {"reason": ["Say why the figures are restated."]})
    if not report.is_released:
        raise NotNow("This is a draft. Its figures are counted again each time that it is opened.")
    restated = _new_version(report.quarter, earlier=report, by=by, at=at, reason=reason.strip())
    record(
        events.REPORT_RESTATED,
        by=by,
        at=at,
        subject=restated,
        ref=restated.reference,
        reason=reason,
        quarter=restated.quarter.code,
        version=restated.version,
    )
    return restated


def _new_version(
    quarter: Quarter, *, earlier: QuarterlyReport | None, by: User | None, at: datetime, reason: str = ""
) -> QuarterlyReport:
    words = {} if earlier is None else {field.name: getattr(earlier, field.name) for field in fields(Commentary)}
    return QuarterlyReport.objects.create(
        quarter_start=quarter.start,
        version=1 if earlier is None else earlier.version + 1,
        supersedes=earlier,
        restated_because=reason,
        built_at=at,
        built_by=by,
        **words,
    )


def _ask_for_commentary(report: QuarterlyReport, *, at: datetime) -> None:
    for lead in holders_of(Role.OPERATIONAL_LEAD):
        outbox.queue(
            notifications.REPORT_BUILT,
            to=lead.pk,
            about=report.pk,
            reference=report.reference,
            path=report.get_absolute_url(),
            key=f"report-built:{report.pk}:{lead.pk}",
            at=at,
        )


# --- Words and release ----------------------------------------------------------------------------


@transaction.atomic
def write_commentary(
    *,
    report_id: int,
    commentary: Commentary,
    is_confirmed_anonymous: bool,
    has_checked_names: bool,
    by: User,
    at: datetime,
) -> QuarterlyReport:
    """Keep the operational lead's words on a draft (R139, rule 8).

    A whole name of anyone in the records that they may read is refused; words that are or could be part of a name must
    have been checked. Raises NotAllowed, NotNow for a released or superseded report, Unsound with the sentences.
    """
    check_can_write_report(by)
    report = _lock_draft(report_id)
    words = {name: text.strip() for name, text in asdict(commentary).items()}
    problems = {name: [_MISSING[name]] for name, text in words.items() if not text}
    names = names_in_each(words, author=by)
    for name, found in names.items():
        if found.whole:
            problems[name] = ["Take out the name of a person."]
    if not is_confirmed_anonymous:
        problems["is_confirmed_anonymous"] = ["Confirm that no detail here could identify anyone."]
    if not has_checked_names and any(found.parts for found in names.values()):
        problems["has_checked_names"] = ["Check the words that are or could be names."]
    if problems:
        raise Unsound("The commentary is not ready yet.", problems)
    for name, text in words.items():
        setattr(report, name, text)
    report.is_confirmed_anonymous, report.written_at, report.written_by = True, at, by
    report.save(update_fields=[*words, "is_confirmed_anonymous", "written_at", "written_by"])
    record(events.COMMENTARY_WRITTEN, by=by, at=at, subject=report, ref=report.reference)
    return report


@transaction.atomic
def keep_words(*, report_id: int, words: Commentary, by: User) -> None:
    """Keep what has been typed so far, as it is, so that nothing is lost when the session ends.

    Kept words are no commentary until they are checked and saved: words that had been saved, and are
    different now, have to be saved again before release. Raises NotAllowed, NotNow for a released or
    superseded report.
    """
    check_can_write_report(by)
    report = _lock_draft(report_id)
    typed = asdict(words)
    if all(getattr(report, name) == text for name, text in typed.items()):
        return
    for name, text in typed.items():
        setattr(report, name, text)
    report.is_confirmed_anonymous, report.written_at, report.written_by = False, None, None
    report.save(update_fields=[*typed, "is_confirmed_anonymous", "written_at", "written_by"])


@transaction.atomic
def release_report(*, report_id: int, by: User, at: datetime) -> QuarterlyReport:
    """The operational lead signs the report off: all its figures are counted and frozen, managers' roles may read it,
    senior managers are told (R138).

    Releasing a released report changes nothing. Raises NotAllowed, and NotNow without commentary, when a newer version
    exists, when the report of the quarter before waits for its release (what closes it is hidden in both or in
    neither), or when the records do not add up.
    """
    check_can_write_report(by)
    report = QuarterlyReport.objects.select_for_update(of=("self",)).get(pk=report_id)
    if report.is_released:
        return report
    _check_newest(report)
    if not report.has_commentary:
        raise NotNow("Write the commentary first. A report is not released without it.")
    before = report.quarter.previous
    if newest_report(before) and not newest_released(before):
        raise NotNow(f"Release the report of {before.label} first. The two are compared.")
    counted = count_report(report, is_whole=True)
    report.figures = {
        "tables": to_json(counted.tables),
        "trend": [[label, value] for label, value in counted.trend],
    }
    report.hidden, report.compared_with = counted.hidden.to_json(), counted.compared
    report.digest = hashlib.sha256(frozen(report.figures, report.hidden)).hexdigest()
    report.released_at, report.released_by = at, by
    report.save(update_fields=["figures", "hidden", "compared_with", "digest", "released_at", "released_by"])
    record(
        events.REPORT_RELEASED, by=by, at=at, subject=report, ref=report.reference, keeps=(report,),
        digest=report.digest,
    )  # fmt: skip
    for manager in holders_of(Role.SENIOR_MANAGER, Role.DESIGNATED_SENIOR_MANAGER, Role.CHIEF_EXECUTIVE):
        outbox.queue(
            notifications.REPORT_RELEASED,
            to=manager.pk,
            about=report.pk,
            reference=report.reference,
            path=report.get_absolute_url(),
            key=f"report-released:{report.pk}:{manager.pk}",
            at=at,
        )
    return report


def _lock(report_id: int) -> QuarterlyReport:
    """The report, locked, if it is the newest of its quarter. Raises NotNow otherwise."""
    report = QuarterlyReport.objects.select_for_update(of=("self",)).get(pk=report_id)
    _check_newest(report)
    return report


def _lock_draft(report_id: int) -> QuarterlyReport:
    report = _lock(report_id)
    if report.is_released:
        raise NotNow("This report has been released. Its words can’t be changed any more.")
    return report


def _check_newest(report: QuarterlyReport) -> None:
    newer = QuarterlyReport.objects.filter(quarter_start=report.quarter_start, version__gt=report.version)
    if newer.exists():
        raise NotNow("There is a newer version of this report. Use that one.")


# --- Reading --------------------------------------------------------------------------------------


@transaction.atomic
def note_reading(*, report: QuarterlyReport, form: str, by: User, at: datetime) -> None:
    """The receipt of a reading, as "page", "pdf" or "csv" (domain.md 4: read receipts)."""
    record(events.REPORT_READ, by=by, at=at, subject=report, ref=report.reference, form=form)
