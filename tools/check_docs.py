"""Whether the documents that are made from others say what those say now. `--write` makes them anew.

Each line of GENERATED is a document and what it should say.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

from tools.places import PYTHON, ROOT, environment, say


def printed(command: str) -> str:
    """What the command prints. Raises CalledProcessError when it fails."""
    env = environment(SAFEGUARDING_MODE=os.environ.get("SAFEGUARDING_MODE", "test"))
    done = subprocess.run(
        [PYTHON, "manage.py", *command.split()], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def index_of_decisions() -> str:
    """The first page of docs/adr: its own words up to the list, then each page by its title."""
    pages = sorted(path for path in (ROOT / "docs/adr").glob("*.md") if path.name != "README.md")
    titles = [(path.name, path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")) for path in pages]
    words = (ROOT / "docs/adr/README.md").read_text(encoding="utf-8").partition("\n- ")[0].rstrip()
    return words + "\n\n" + "".join(f"- [{title}]({name})\n" for name, title in titles)


GENERATED: tuple[tuple[str, Callable[[], str]], ...] = (
    ("docs/process.md", lambda: printed("print_process")),
    ("docs/adr/README.md", index_of_decisions),
)


def main(arguments: list[str]) -> int:
    stale = 0
    for document, made in GENERATED:
        path, text = ROOT / document, made()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if arguments == ["--write"]:
            path.write_text(text, encoding="utf-8")
            say(f"Wrote {document}")
        else:
            say(f"{document} is not up to date. `make fix` writes it anew.")
            stale += 1
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
