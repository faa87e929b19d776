"""`make check`: everything that can be judged without running the tests. `make fix` puts right what can be.

Each check is one command; they run side by side, and only what failed shows what it said.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tools import bootstrap
from tools.places import PYTHON, ROOT, environment, say, tool

MANAGE = [str(PYTHON), "manage.py"]
# A production like the one that docs/deployment.md describes, with nothing behind the names.
PRODUCTION = {
    "SAFEGUARDING_MODE": "production",
    "SAFEGUARDING_SECRET_KEY": secrets.token_urlsafe(64),
    "SAFEGUARDING_SECOND_FACTOR_KEYS": secrets.token_urlsafe(64),
    "SAFEGUARDING_SITE_URL": "https://safeguarding.example.org",
    "SAFEGUARDING_ALLOWED_HOSTS": "safeguarding.example.org",
    "SAFEGUARDING_PROXIES": "1",
    "SAFEGUARDING_DB_NAME": "safeguarding",
    "SAFEGUARDING_DB_USER": "safeguarding_app",
    "SAFEGUARDING_DB_HOST": "postgres",
    "SAFEGUARDING_REDIS_URL": "redis://redis:6379/0",
    "SAFEGUARDING_MAIL_HOST": "mail.example.org",
    "SAFEGUARDING_CLAMAV": "clamav:3310",
}


@dataclass(frozen=True)
class Check:
    name: str
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)


def all_checks() -> list[Check]:
    """The slowest first, so that the others run beside it."""
    return [
        Check("types", [tool("mypy")]),
        Check("floors and rooms", [tool("lint-imports"), "--no-cache", "--no-logo"]),
        Check("production settings", [*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
        Check("migrations", [*MANAGE, "makemigrations", "--check", "--dry-run"]),
        Check("generated docs", [str(PYTHON), "-m", "tools.check_docs"]),
        Check("templates", [tool("djlint"), "templates", "--lint", "--quiet"]),
        Check("style", [tool("ruff"), "check", "--output-format", "concise"]),
        Check("format", [tool("ruff"), "format", "--check", "--output-format", "concise"]),
    ]


def run(check: Check, scratch: str) -> tuple[bool, str]:
    """Whether it holds, and what the terminal shows about it."""
    begun = time.monotonic()
    base = environment(SAFEGUARDING_MODE="test", SAFEGUARDING_VAR=scratch)
    clean = {name: value for name, value in base.items() if not name.startswith("SAFEGUARDING_DB_")}
    done = subprocess.run(
        check.command, cwd=ROOT, env={**clean, **check.env}, capture_output=True, text=True, check=False
    )
    holds = done.returncode == 0
    line = f"{'ok    ' if holds else 'FAILED'}  {check.name}  ({time.monotonic() - begun:.0f} s)"
    return holds, line if holds else f"{line}\n{done.stdout}{done.stderr}"


def main(arguments: list[str]) -> int:
    bootstrap.prepare("dev")
    if arguments == ["--fix"]:
        for command in ([tool("ruff"), "check", "--fix"], [tool("ruff"), "format"]):
            subprocess.run(command, cwd=ROOT, check=False)
        return subprocess.run([PYTHON, "-m", "tools.check_docs", "--write"], cwd=ROOT, check=False).returncode
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(os.cpu_count()) as side_by_side:
        all_hold = True
        for holds, text in side_by_side.map(lambda check: run(check, scratch), all_checks()):
            say(text)
            all_hold = all_hold and holds
    say("All checks hold." if all_hold else "Not all checks hold.")
    return 0 if all_hold else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
