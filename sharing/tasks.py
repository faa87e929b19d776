"""Celery's doors to sharing: ids in, one service call each. Safe to run twice, late, or side by side."""

from celery import shared_task

from safeguarding.kit import clock
from safeguarding.kit.sweeping import every
from sharing.services import agreements, answering, asking, deciding, enquiring, exporting, requesting

SWEEPS = (
    answering.sweep_silent_referrals,
    deciding.sweep_old_drafts,
    requesting.sweep_requests,
    asking.sweep_questions,
    enquiring.sweep_enquiries,
    agreements.sweep_agreements,
    agreements.sweep_agreement_files,
    exporting.resume_exports,
    exporting.purge_exports,
)


@shared_task(name=exporting.BUILD_EXPORT, ignore_result=True)
def build_export(export_id: int) -> None:
    """Make one export of decision records."""
    exporting.build_export(export_id=export_id, clock=clock.now)


@shared_task(name="sharing.sweep", ignore_result=True)
def sweep_sharing() -> None:
    """Silent agencies, old drafts, late requests, agreements, exports left behind or old (beat: every minute)."""
    every(SWEEPS, at=clock.now())
