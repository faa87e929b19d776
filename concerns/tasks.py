"""Celery's door to the sweep. Safe to run twice, late, or side by side."""

from celery import shared_task

from concerns.services import access, files, scanning
from concerns.services.sweeping import sweep
from safeguarding.kit import clock
from safeguarding.kit.sweeping import every


@shared_task(name="concerns.sweep", ignore_result=True)
def sweep_concerns() -> None:
    """Handle all that is due (beat: every minute)."""
    sweep(at=clock.now())


@shared_task(name="concerns.mail_newest_seal", ignore_result=True)
def mail_newest_seal() -> None:
    """Word when the ledger is not being sealed, and the newest seal of the ledger to each auditor, once a day (beat:
    each hour, to catch up)."""
    every((access.tell_sealing_is_late, access.mail_newest_seal), at=clock.now())


@shared_task(name=files.SCAN_FILE, ignore_result=True)
def scan_file(attachment_id: int) -> None:
    """Look for viruses in one file now, if it still waits for that."""
    scanning.scan_file(attachment_id=attachment_id, at=clock.now())


@shared_task(name="concerns.scan_waiting_files", ignore_result=True)
def scan_waiting_files() -> None:
    """Every file that waits to be scanned (beat: every minute)."""
    scanning.scan_waiting(clock=clock.now)


@shared_task(name="concerns.scan_files_again", ignore_result=True)
def scan_files_again() -> None:
    """Kept files that newer signatures have not seen, as many as one run may take (beat: every ten minutes)."""
    scanning.scan_again(clock=clock.now)


@shared_task(name="concerns.clear_up_files", ignore_result=True)
def clear_up_files() -> None:
    """Places in photos that nobody asked to keep, and files without a row (beat: every hour)."""
    files.clear_up_files(at=clock.now())
