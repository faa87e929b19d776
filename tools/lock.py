"""`make lock`: choose versions within pyproject.toml's ranges and write them with their hashes to requirements/."""

from __future__ import annotations

import shutil
import subprocess
import sys

from tools.bootstrap import CannotGoOn
from tools.places import REQUIREMENTS, ROOT, say

# "universal": one lock for every system and every Python from the oldest we support on.
COMPILE = ["pip", "compile", "--quiet", "--upgrade", "--universal", "--python-version", "3.11", "--generate-hashes"]
BARE = ["--no-emit-index-url", "--no-annotate", "--no-header"]
LOCKS = {
    "runtime": ["pyproject.toml"],
    "dev": ["pyproject.toml", "--group", "dev", "--constraints", "requirements/runtime.txt"],
    "node": ["--group", "node"],
    "mail": ["--group", "mail"],
}


def main() -> int:
    uv = shutil.which("uv")
    if uv is None:
        raise CannotGoOn("make lock needs uv (pip install uv).")
    for name, what in LOCKS.items():
        target = REQUIREMENTS / f"{name}.txt"
        subprocess.run([uv, *COMPILE, *BARE, *what, "--output-file", target], cwd=ROOT, check=True)
        say(f"{target.relative_to(ROOT)}: {target.read_text().count('==')} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
