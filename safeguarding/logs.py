"""How a line of the log looks. An exception's text may quote what somebody typed, so it never gets into a log; nor does
the key of a one-time link, with which whoever reads the log could set somebody's password.
"""

import logging
import re
import traceback
from types import TracebackType
from typing import TypeAlias

ExceptionInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

# Where a one-time link goes (accounts.urls), and all that follows. The proxy has the same pattern
# (deploy/proxy/nginx.conf).
ONE_TIME_LINK = re.compile(r"(/reset/+key/+)[^\s\"'?]+", re.IGNORECASE)

# What begins another line or rules a terminal: with it somebody could write into the log in our name.
BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class WithoutKeys(logging.Formatter):
    """The line without the keys of one-time links, and one line, whatever a stranger put into an address."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the name is logging's)
        return BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        return ONE_TIME_LINK.sub(r"\1***", super().format(record))


class WithoutPersonalData(WithoutKeys):
    """Time in UTC, level, logger and message; of an exception only its kind and where it came from."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", "%Y-%m-%dT%H:%M:%S%z", style="{")

    def format(self, record: logging.LogRecord) -> str:
        # Another handler may have left the failure's text there.
        record = logging.makeLogRecord(record.__dict__ | {"exc_text": None})
        # Celery puts the exception's text into the message itself.
        if isinstance(record.args, dict) and "exc" in record.args:
            record = logging.makeLogRecord(record.__dict__ | {"args": record.args | {"exc": "(text left out)"}})
        return super().format(record)

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 (the name is logging's)
        lines: list[str] = []
        exception = ei[1]
        while exception is not None:
            frames = traceback.extract_tb(exception.__traceback__)
            lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
            lines.append(f"{type(exception).__module__}.{type(exception).__qualname__}")
            exception = exception.__cause__ or exception.__context__
        return "\n".join(lines)
