"""May this person do it? (domain.md 5, row "Quarterly report".) Which reports one may read is
`visible_to`.
"""

from __future__ import annotations

from accounts.models import User
from accounts.selectors import standing
from safeguarding.kit.errors import NotAllowed


def check_can_write_report(by: User) -> None:
    """Write the commentary, restate the figures and release: the operational lead alone (R138)."""
    if not can_write_report(by):
        raise NotAllowed("Only the operational lead can do this.")


def can_write_report(by: User) -> bool:
    return by.is_active and standing(by).is_operational_lead
