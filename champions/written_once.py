"""A quarterly report stays as it was released: its figures, what of them is hidden, and the words (R138, R139).

The database refuses a change, and the event of the release vouches for the row, so that `verify_ledger` names it where
the owner of the database altered it all the same (ADR 15). The columns under one name never change: one that is added
goes under a new name.
"""

from audit import kept
from champions import events
from champions.models import QuarterlyReport, frozen
from safeguarding.kit import immutable

# What even a draft says once for all.
VERSION = ("quarter_start", "version", "supersedes_id", "restated_because", "built_at", "built_by_id")
RELEASED = (
    *VERSION, "compared_with_id", "figures", "hidden", "digest", "concerns", "themes", "actions", "progress",
    "is_confirmed_anonymous", "written_at", "written_by_id", "released_at", "released_by_id",
)  # fmt: skip


def protect() -> None:
    """Called once, when the app starts."""
    immutable.protect("champions_quarterlyreport", columns=VERSION, whole_when='OLD."released_at" IS NOT NULL')
    kept.register("quarterly_report", QuarterlyReport, RELEASED, since="released_at")
    # Until November 2026 this event named no row, but held the digest of the figures.
    kept.register_digest(
        events.REPORT_RELEASED.code, "quarterly_report", QuarterlyReport, ["figures", "hidden"], label="digest",
        content=frozen,
    )  # fmt: skip
