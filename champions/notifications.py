"""What people are told about reports: that there is one, and where."""

from __future__ import annotations

from accounts.models import User
from champions.models import QuarterlyReport
from champions.permissions import can_write_report
from safeguarding.kit.outbox import MessageKind, register


def _may_read(user_id: int, report_id: int) -> bool:
    user = User.objects.filter(pk=user_id).first()
    return user is not None and QuarterlyReport.objects.visible_to(user).filter(pk=report_id).exists()


def _waits_for_their_words(user_id: int, report_id: int) -> bool:
    user = User.objects.filter(pk=user_id).first()
    waiting = QuarterlyReport.objects.filter(pk=report_id, released_at__isnull=True)
    return user is not None and can_write_report(user) and waiting.exists()


REPORT_BUILT = register(
    MessageKind(
        code="report.built",
        subject="A quarterly report is ready for your commentary",
        body=(
            "The figures of a quarter are ready. Add your commentary and release the report, so that senior managers "
            "can read it."
        ),
        may_still_know=_waits_for_their_words,
    )
)
REPORT_RELEASED = register(
    MessageKind(
        code="report.released",
        subject="A quarterly safeguarding report has been released",
        body="The operational lead has released a quarterly report. Sign in to read it.",
        may_still_know=_may_read,
    )
)
