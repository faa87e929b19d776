"""`make test`: the tests, with every server that this machine has.

PostgreSQL when its binaries are found, else SQLite (SAFEGUARDING_TEST_DB=sqlite asks for SQLite); Redis and ClamAV when
they are found. tests/conftest.py closes the run with a table of what was left out. Words after T= go to pytest.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys

from tools import bootstrap, servers
from tools.places import PYTHON, ROOT, environment, say

WISH = "SAFEGUARDING_TEST_DB"


def main(arguments: list[str]) -> int:
    bootstrap.prepare("dev")
    bootstrap.offer_pango()
    with contextlib.ExitStack() as stack:
        env = environment()
        env.pop("SAFEGUARDING_DB_NAME", None)
        binaries = servers.find_postgresql()
        if os.environ.get(WISH) == "sqlite":
            env["SAFEGUARDING_TEST_NO_POSTGRESQL"] = f"{WISH}=sqlite"
        elif binaries is None:
            env["SAFEGUARDING_TEST_NO_POSTGRESQL"] = "no PostgreSQL server found on this machine"
        else:
            env |= stack.enter_context(servers.postgresql(binaries))
        redis_server = shutil.which("redis-server")
        if redis_server:
            env["SAFEGUARDING_TEST_REDIS_URL"] = stack.enter_context(servers.redis(redis_server))
        clamd = shutil.which("clamd") or shutil.which("clamd", path=servers.SERVER_PLACES)
        if clamd:
            env["SAFEGUARDING_TEST_CLAMD"] = stack.enter_context(servers.clamd(clamd))
        say(f"Testing on {f'PostgreSQL ({binaries})' if 'SAFEGUARDING_DB_NAME' in env else 'SQLite'}")
        # The whole suite runs on every core, neighbours together, because they share what they build; for a part of it,
        # starting more processes costs more than it saves.
        spread = [] if arguments else ["--numprocesses", "logical", "--dist", "worksteal"]
        return subprocess.run([PYTHON, "-m", "pytest", *spread, *arguments], cwd=ROOT, env=env, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
