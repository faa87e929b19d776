"""What stands in a PDF that somebody brings: the words of its pages and the files inside.

Read in a process of its own.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safeguarding.kit.pdf import passed_on

LIMIT_SECONDS = 30


@dataclass(frozen=True)
class Contents:
    """The words of each page, and the files inside by name."""

    pages: tuple[str, ...]
    files: Mapping[str, bytes]


def read(content: bytes) -> Contents | None:
    """What `content` holds; None when it can't be read as a PDF in half a minute. Nothing of it is kept."""
    try:
        finished = subprocess.run(  # noqa: S603 - our own program, no word of the command comes from outside
            [sys.executable, "-I", str(Path(__file__).with_name("pdf_reading_process.py"))],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it may quote the file
            timeout=LIMIT_SECONDS,
            env=passed_on(),
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    if finished.returncode != 0:
        return None
    found = json.loads(finished.stdout)
    files = {name: base64.b64decode(each) for name, each in found["files"].items()}
    return Contents(tuple(found["pages"]), files)
