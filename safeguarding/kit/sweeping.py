"""What every sweep does with what is due: step by step and row by row, so that one failure stops no other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol, TypeVar

from django.db import transaction
from django.db.models import Model

logger = logging.getLogger(__name__)

Row = TypeVar("Row", bound=int | Model)


class Step(Protocol):
    """One part of a sweep; it gives back how much it did, where anybody wants to know."""

    def __call__(self, *, at: datetime) -> int | None: ...


def every(steps: Iterable[Step], *, at: datetime) -> int:
    """Each of `steps` in turn; the sum of what they gave back. One that fails, also while it looks for what is due, is
    in the log and tried again by the next sweep; the others are done.
    """
    done = 0
    for step in steps:
        try:
            done += step(at=at) or 0
        except Exception as error:
            logger.exception("A step of a sweep failed: %s", type(error).__name__)
    return done


def each(rows: Iterable[Row], handle: Callable[[Row], int]) -> int:
    """`handle` for each of `rows` (or of their numbers), in a transaction of its own; the sum of what it gave back.

    A row that fails stays as it was, for the next sweep; the log has the row's number, the kind of failure and where it
    came from.
    """
    done = 0
    for row in rows:
        try:
            with transaction.atomic():
                done += handle(row)
        except Exception as error:
            # Never the text of the failure, which could quote the case: logs.py leaves it out.
            number = row.pk if isinstance(row, Model) else row
            logger.exception("Sweep failed for row %d (%s): %s", number, handle.__module__, type(error).__name__)
    return done
