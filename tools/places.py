"""Where things are, and the environment that the application's processes get."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements"
HOMEBREW = (Path("/opt/homebrew/lib"), Path("/usr/local/lib"))


def say(line: str) -> None:
    """One line to the person at the terminal, at once."""
    print(line, flush=True)


def tool(name: str) -> str:
    """A command of the virtual environment."""
    return str(VENV / "bin" / name)


def environment(**more: str) -> dict[str, str]:
    """The environment for a process of the application: ours, and what this project adds.

    macOS takes DYLD_* away on the way through make, which hides Homebrew's Pango from WeasyPrint: set again here,
    after make. A proxy for the outside must not catch what we ask of this machine.
    """
    mine: Mapping[str, str] = os.environ
    if sys.platform == "darwin" and "DYLD_FALLBACK_LIBRARY_PATH" not in mine:
        found = [str(folder) for folder in HOMEBREW if folder.is_dir()]
        more.setdefault("DYLD_FALLBACK_LIBRARY_PATH", ":".join(found))
    return {**mine, "PYTHONUNBUFFERED": "1", "no_proxy": "localhost,127.0.0.1", **more}
