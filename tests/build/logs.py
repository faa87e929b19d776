"""What production would write into its log."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from safeguarding.logs import WithoutPersonalData


@contextmanager
def production_log() -> Iterator[io.StringIO]:
    """Every line of every logger while it lasts."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(WithoutPersonalData())
    logging.getLogger().addHandler(handler)
    try:
        yield written
    finally:
        logging.getLogger().removeHandler(handler)
