"""A nudge asks a worker to look at one row now. The row is the truth (I17): whatever becomes of the nudge, the sweep of
the next minute finds the row. So nobody who reports or signs in ever waits long for a broker, or fails without one.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from celery import signature
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerError

logger = logging.getLogger(__name__)

# Seconds. What waits longer is thrown away: by then a sweep has been there, or has asked again.
WORTH = 55


@dataclass
class _AfterCommit:
    """What one transaction asks of the workers."""

    asked: list[tuple[str, int]] = field(default_factory=list)

    def __call__(self) -> None:
        """Ask. A broker that does not take the first is not asked again: with settings.py that costs two seconds."""
        asked, self.asked = self.asked, []
        for task, row_id in asked:
            try:
                signature(task, args=(row_id,)).apply_async(retry=False, expires=WORTH)
            except (BrokerError, OSError) as error:
                logger.warning(
                    "No broker took the nudge for %s of row %d: %s. The sweep does it.",
                    task, row_id, type(error).__name__,
                )  # fmt: skip
                return


def nudge_after_commit(task: str, row_id: int) -> None:
    """Once the transaction is committed, a worker is asked to do `task` for the row; nobody is when it is rolled back.

    Never raises for a broker that is away, and waits for it once in a transaction, however many rows there are.
    """
    hooks = [hook for _, hook, _ in transaction.get_connection().run_on_commit]
    # One whose savepoint was rolled back is gone from here, one that has run is empty. A row that was rolled back alone
    # is asked for in vain, which does no harm: a task finds its row or does nothing.
    waiting = next((hook for hook in hooks if isinstance(hook, _AfterCommit) and hook.asked), None)
    if waiting is not None:
        waiting.asked.append((task, row_id))
    else:
        transaction.on_commit(_AfterCommit([(task, row_id)]))
