"""The one door to PDF: a template in, the bytes of an archival, tagged A4 document out.

PDFs are made in a process of their own. That gives a time limit which holds in a Celery worker and in a threaded web
server alike, keeps a hostile text from taking either of them down, and keeps their secrets out of the renderer's reach.
One document has one process; many documents share one (`Press`), which spares each the second that WeasyPrint loads.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from queue import SimpleQueue
from threading import Timer
from typing import IO, Any, TypeVar

from django.conf import settings
from django.template.loader import render_to_string

from safeguarding.kit.errors import Refusal
from safeguarding.kit.pdf_process import LIBRARIES_MISSING, receive, send

logger = logging.getLogger(__name__)

Job = TypeVar("Job")

LIMIT_SECONDS = 60
# A process makes so many documents and is then replaced, so that nothing it may hold on to adds up.
MOST_FOR_ONE_PROCESS = 200

# What the process needs to find fonts and libraries; nothing else of ours reaches it.
_PASSED_ON = (
    "PATH",
    "HOME",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "FONTCONFIG_FILE",
    "FONTCONFIG_PATH",
    "XDG_CACHE_HOME",
)


class PdfUnavailable(Refusal):
    """This machine lacks the system libraries that WeasyPrint stands on (Pango)."""


class PdfTooLong(Refusal):
    """The document was not ready within the time limit."""


class PdfBroken(RuntimeError):
    """The process that laid the document out ended before it was ready. Quotes no word of it."""


@dataclass(frozen=True)
class Attachment:
    """A file inside the PDF, such as the signed record that it shows."""

    name: str
    content: bytes
    media_type: str
    description: str
    relationship: str = "Source"  # what it is to the document, in the words of PDF/A-3


@dataclass(frozen=True)
class Imprint:
    """What every page of a document says about itself; `templates/pdf/base.html` prints it (domain 3.5).

    `status` is a word such as SUPERSEDED or DRAFT, across every page and at its head. `digest` is cut to its first 12
    characters. `recipient` is who it is handed to; "" for what stays in the house.
    """

    generated_at: datetime
    generated_by: str
    purpose: str
    recipient: str = ""
    reference: str = ""
    version: str = ""
    digest: str = ""
    status: str = ""
    marking: str = "OFFICIAL-SENSITIVE"


@dataclass(frozen=True)
class Order:
    """A document whose words are all there and whose layout is still to be made. Asks no database any more."""

    message: bytes

    @classmethod
    def of(
        cls, template: str, context: Mapping[str, Any], *, title: str, attachments: Sequence[Attachment] = ()
    ) -> Order:
        order = {
            "html": render_to_string(
                template, {"organisation_name": settings.ORGANISATION_NAME, **context, "title": title}
            ),
            "attachments": [
                {
                    "name": attachment.name,
                    "description": attachment.description,
                    "media_type": attachment.media_type,
                    "relationship": attachment.relationship,
                    "content": base64.b64encode(attachment.content).decode(),
                }
                for attachment in attachments
            ],
        }
        return cls(json.dumps(order).encode())


class Press:
    """Makes documents one after the other in one process, which it starts when it is needed and again when it died.

    Not for two threads at once. Close it (`with Press() as press`), or its process stays until ours ends.
    """

    def __init__(self, *, most: int = MOST_FOR_ONE_PROCESS) -> None:
        self._most = most
        self._process: subprocess.Popen[bytes] | None = None
        self._made = 0

    def __enter__(self) -> Press:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process, if there is one. The press can be used again afterwards."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for stream in _streams(self._process):
                with suppress(OSError):  # what it never read
                    stream.close()
        self._process, self._made = None, 0

    def make(self, order: Order) -> bytes:
        """The PDF that was ordered. Raises as `pdf.render`."""
        if self._made >= self._most or (self._process and self._process.poll() is not None):
            self.close()
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - our own program, no word of the command comes from outside
                [sys.executable, "-I", str(Path(__file__).with_name("pdf_process.py"))],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # What the process writes to its standard error may quote the document, so it goes nowhere.
                stderr=subprocess.DEVNULL,
                env=passed_on(),
            )
        try:
            made = self._exchange(self._process, order.message)
        except BaseException:
            self.close()
            raise
        self._made += 1
        return made

    def _exchange(self, process: subprocess.Popen[bytes], order: bytes) -> bytes:
        taking, giving = _streams(process)
        with _limit(process) as is_late:
            try:
                send(taking, order)
                if self._made + 1 >= self._most:
                    taking.close()  # nothing more to come
                made = receive(giving)
            except OSError:  # it ended before it had read everything
                made = None
        if made is None:
            status = process.wait()
            if is_late:
                # No "from": a chained error would hold the document.
                raise PdfTooLong("This document is too long to make into a PDF. Choose less and try again.") from None
            if status == LIBRARIES_MISSING:
                raise PdfUnavailable(
                    "PDF documents are not available on this server. Ask the administrator to install Pango."
                )
            raise PdfBroken(f"The PDF process ended with status {status}.")
        return made


def make_each(orders: Iterable[tuple[Job, Order]], *, presses: int) -> Iterator[tuple[Job, bytes | None]]:
    """Each job with its PDF, in their order, made by so many processes side by side; None for one that was not ready in
    time or could not be laid out, so that it does not keep the others.

    Takes an order when there is room for it: never more than `presses` and two are in memory. Raises PdfUnavailable.
    """
    free: SimpleQueue[Press] = SimpleQueue()

    def make(order: Order) -> bytes:
        press = free.get()
        try:
            return press.make(order)
        finally:
            free.put(press)

    with ExitStack() as stack:
        for _ in range(presses):
            free.put(stack.enter_context(Press()))
        pool = stack.enter_context(ThreadPoolExecutor(presses))
        ahead: deque[tuple[Job, Future[bytes]]] = deque()
        for job, order in orders:
            ahead.append((job, pool.submit(make, order)))
            if len(ahead) > presses:
                first, made = ahead.popleft()
                yield first, _made(made)
        for job, made in ahead:
            yield job, _made(made)


def _made(document: Future[bytes]) -> bytes | None:
    try:
        return document.result()
    except (PdfTooLong, PdfBroken) as failure:
        logger.error("A PDF could not be made: %s", type(failure).__name__)
        return None


def render(
    template: str,
    context: Mapping[str, Any],
    *,
    title: str,
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """The PDF (PDF/A-3a: archival and tagged) of `template`, which extends "pdf/base.html" and is given `title` too.

    No URL is ever fetched, whatever the text contains. Raises PdfUnavailable where system libraries are missing,
    PdfTooLong after 60 seconds, PdfBroken when the template itself cannot be laid out.
    """
    return make(Order.of(template, context, title=title, attachments=attachments))


def make(order: Order) -> bytes:
    """The PDF that was ordered, in a process of its own. Raises as `render`."""
    with Press(most=1) as press:
        return press.make(order)


def passed_on() -> dict[str, str]:
    """The environment of a process that handles PDFs: without our secrets."""
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ}


def _streams(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("The PDF process was started without its pipes.")
    return process.stdin, process.stdout


@contextmanager
def _limit(process: subprocess.Popen[bytes]) -> Iterator[list[bool]]:
    """Kill `process` unless the block is done in time; the list is no longer empty when that happened."""
    late: list[bool] = []

    def kill() -> None:
        late.append(True)
        process.kill()

    watch = Timer(LIMIT_SECONDS, kill)
    watch.daemon = True
    watch.start()
    try:
        yield late
    finally:
        watch.cancel()
