"""The one door to PDF: a template in, the bytes of an archival, tagged A4 document out.

Each PDF is made in a process of its own. That gives a time limit which holds in a Celery worker and in a threaded web
server alike, keeps a hostile text from taking either of them down, and keeps their secrets out of the renderer's reach.
"""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from safeguarding.kit.errors import Refusal
from safeguarding.kit.pdf_process import LIBRARIES_MISSING

LIMIT_SECONDS = 60

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


@dataclass(frozen=True)
class Attachment:
    """A file inside the PDF, such as the signed record that it shows."""

    name: str
    content: bytes
    media_type: str
    description: str


@dataclass(frozen=True)
class Imprint:
    """What every page of a document says about itself; `templates/pdf/base.html` prints it (domain 3.5).

    `status` is a word such as SUPERSEDED or DRAFT, shown on every page. `digest` is cut to its first 12 characters.
    """

    generated_at: datetime
    generated_by: str
    purpose: str
    reference: str = ""
    version: str = ""
    digest: str = ""
    status: str = ""
    marking: str = "OFFICIAL-SENSITIVE"


def render(
    template: str,
    context: Mapping[str, Any],
    *,
    title: str,
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """The PDF (PDF/A-3a: archival and tagged) of `template`, which extends "pdf/base.html" and is given `title` too.

    No URL is ever fetched, whatever the text contains. Raises PdfUnavailable where system libraries are missing,
    PdfTooLong after 60 seconds, RuntimeError when the template itself cannot be laid out.
    """
    order = {
        "html": render_to_string(
            template, {"organisation_name": settings.ORGANISATION_NAME, **context, "title": title}
        ),
        "attachments": [
            {
                "name": attachment.name,
                "description": attachment.description,
                "media_type": attachment.media_type,
                "content": base64.b64encode(attachment.content).decode(),
            }
            for attachment in attachments
        ],
    }
    try:
        finished = subprocess.run(  # noqa: S603 - our own program, no word of the command comes from outside
            [sys.executable, "-I", str(Path(__file__).with_name("pdf_process.py"))],
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=LIMIT_SECONDS,
            env={name: os.environ[name] for name in _PASSED_ON if name in os.environ},
            check=False,
        )
    except subprocess.TimeoutExpired:
        # "from None": the chained error would hold the document.
        raise PdfTooLong("This document is too long to make into a PDF. Choose less and try again.") from None
    if finished.returncode == LIBRARIES_MISSING:
        raise PdfUnavailable("PDF documents are not available on this server. Ask the administrator to install Pango.")
    if finished.returncode != 0:
        # What the process wrote to its standard error may quote the document, so it goes nowhere.
        raise RuntimeError(f"The PDF process ended with status {finished.returncode}.")
    return finished.stdout
