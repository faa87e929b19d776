"""What every sweep does with what is due: each row by itself, so that one failure stops no other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import transaction
from django.db.models import Model

logger = logging.getLogger(__name__)

Row = TypeVar("Row", bound=int | Model)


def each(rows: Iterable[Row], handle: Callable[[Row], int]) -> int:
    """`handle` for each of `rows` (or of their numbers), in a transaction of its own; the sum of what it gave back.

    A row that fails stays as it was, for the next sweep; the log has the kind of failure and the row's number.
    """
    done = 0
    for row in rows:
        try:
            with transaction.atomic():
                done += handle(row)
        except Exception as error:
            # Never the text of the failure: it could quote the case.
            number = row.pk if isinstance(row, Model) else row
            logger.error("Sweep failed for row %d (%s): %s", number, handle.__module__, type(error).__name__)
    return done
