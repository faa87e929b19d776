"""Whether the documents that are made from the code say what the code says now. `--write` makes them anew.

Each line of GENERATED is a document and the `manage.py` command that prints it.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tools.places import PYTHON, ROOT, environment, say

GENERATED: tuple[tuple[str, str], ...] = (("docs/process.md", "print_process"),)


def printed(command: str) -> str:
    """What the command prints. Raises CalledProcessError when it fails."""
    env = environment(SAFEGUARDING_MODE=os.environ.get("SAFEGUARDING_MODE", "test"))
    done = subprocess.run(
        [PYTHON, "manage.py", *command.split()], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def main(arguments: list[str]) -> int:
    stale = 0
    for document, command in GENERATED:
        path, text = ROOT / document, printed(command)
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if arguments == ["--write"]:
            path.write_text(text, encoding="utf-8")
            say(f"Wrote {document}")
        else:
            say(f"{document} is not what `manage.py {command}` prints. `make fix` writes it anew.")
            stale += 1
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
