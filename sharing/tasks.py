"""Celery's doors to sharing: ids in, one service call each. Safe to run twice, late, or side by side."""

from celery import shared_task

from safeguarding.kit import clock
from sharing.services import agreements, answering, asking, deciding, enquiring, exporting, requesting


@shared_task(name=exporting.BUILD_EXPORT, ignore_result=True)
def build_export(export_id: int) -> None:
    """Make one export of decision records."""
    exporting.build_export(export_id=export_id, clock=clock.now)


@shared_task(name="sharing.sweep", ignore_result=True)
def sweep_sharing() -> None:
    """Silent agencies, old drafts, late requests, agreements, exports left behind or old (beat: every minute)."""
    at = clock.now()
    answering.sweep_silent_referrals(at=at)
    deciding.sweep_old_drafts(at=at)
    requesting.sweep_requests(at=at)
    asking.sweep_questions(at=at)
    enquiring.sweep_enquiries(at=at)
    agreements.sweep_agreements(at=at)
    agreements.sweep_agreement_files(at=at)
    exporting.resume_exports(at=at)
    exporting.purge_exports(at=at)
