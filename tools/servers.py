"""Private servers for the tests: PostgreSQL, Redis and ClamAV of our own in a temporary folder, gone afterwards."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import io
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from tools.places import ROOT

POSTGRESQL_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin",
                     "/usr/local/opt/postgresql@*/bin")  # fmt: skip
RIGHTS = ROOT / "deploy" / "database-rights.sql"
CLAMD_CONF = ROOT / "deploy" / "clamav" / "clamd.conf"
# Lost at a power cut, which a throw-away cluster may be.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "listen_addresses": "",
            "max_connections": "60"}  # fmt: skip
START_SECONDS = 30
# The test file that every virus scanner finds and that does no harm (eicar.org). Put together, so that no scanner
# takes this file for it.
EICAR = b"X5O!P%@AP[4" + b"\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
# 18 November 2026, 11:06 in London.
_MADE = int(datetime(2026, 11, 18, 11, 6, tzinfo=UTC).timestamp())
SERVER_PLACES = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"


class ServerFailed(RuntimeError):
    """A server is there and does not start; the text is what it said."""


def find_postgresql() -> Path | None:
    """The folder with the newest `initdb` and `postgres` of this machine, or None."""
    folders = [Path(found) for place in POSTGRESQL_PLACES for found in glob.glob(place)]  # noqa: PTH207
    folders.sort(
        key=lambda folder: [int(part) for part in "".join(c if c.isdigit() else " " for c in str(folder)).split()]
    )
    on_path = shutil.which("initdb")
    pg_config = shutil.which("pg_config")
    if pg_config:
        said = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False).stdout.strip()
        folders.append(Path(said))
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    usable = [folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()]
    return usable[-1] if usable else None


@contextlib.contextmanager
def postgresql(binaries: Path) -> Iterator[dict[str, str]]:
    """A cluster that only this machine's users reach, by its socket. Yields the variables that settings.py reads.

    `safeguarding_owner` owns and migrates the databases; `safeguarding_app` has the rights of the running application.
    PostgreSQL refuses to run as root, so root runs it as an ordinary user.
    """
    folder = Path(tempfile.mkdtemp(prefix="sg-pg-", dir="/tmp"))
    user = _ordinary_user(folder)
    try:
        locale = "C.UTF-8" if sys.platform != "darwin" else "en_GB.UTF-8"
        _run_as(user, folder, [
            binaries / "initdb", "--pgdata", folder / "data", "--username", "postgres", "--auth", "trust", "--no-sync",
            "--encoding", "UTF8", "--locale", locale,
        ])  # fmt: skip
        options = [word for name, value in CARELESS.items() for word in ("-c", f"{name}={value}")]
        command = [binaries / "postgres", "-D", folder / "data", "-k", folder, *options]
        psql = [binaries / "psql", "-h", folder, "-U", "postgres", "-v", "ON_ERROR_STOP=1", "--quiet"]
        with _server(command, user, folder, signal.SIGINT):
            ask: list[str | Path] = [binaries / "pg_isready", "--quiet", "-h", folder]
            _wait(lambda: subprocess.run(ask, check=False).returncode == 0, folder)
            roles = "CREATE ROLE safeguarding_owner LOGIN CREATEDB; CREATE ROLE safeguarding_app LOGIN;"
            _run_as(user, folder, [*psql, "-d", "postgres", "-c", roles])
            # In the template, so that every test database has these rights from its first table on.
            _run_as(user, folder, [*psql, "-d", "template1", "-c", RIGHTS.read_text()])
            yield {
                "SAFEGUARDING_DB_NAME": "safeguarding",
                "SAFEGUARDING_DB_USER": "safeguarding_owner",
                "SAFEGUARDING_DB_HOST": str(folder),
            }
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def redis(binary: str) -> Iterator[str]:
    """A Redis in memory on a free port of the loopback address. Yields its URL."""
    folder = Path(tempfile.mkdtemp(prefix="sg-redis-"))
    user = _ordinary_user(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [binary, "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no", "--dir", folder]
    try:
        with _server(command, user, folder, signal.SIGTERM):
            _wait(lambda: _answers(port), folder)
            yield f"redis://127.0.0.1:{port}/0"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def clamd(binary: str) -> Iterator[str]:
    """ClamAV's daemon on a private socket, knowing one virus: the EICAR test file. Yields the socket's path.

    It has a folder of signatures of its own, "signatures" beside the socket, so that nothing has to be downloaded.
    """
    folder = Path(tempfile.mkdtemp(prefix="sg-clamd-", dir="/tmp"))
    signatures = folder / "signatures"
    signatures.mkdir()
    write_signatures(signatures, 1, {"Eicar-Test-Signature": EICAR})
    socket_path = folder / "socket"
    places = {"LocalSocket": socket_path, "DatabaseDirectory": signatures, "TemporaryDirectory": folder}
    lines = [f"{key} {value}" for key, value in places.items()]
    # The very limits of the container; only where things are differs.
    lines += [line for line in CLAMD_CONF.read_text().splitlines() if not line.startswith(("TCP", *places))]
    (folder / "clamd.conf").write_text("\n".join(lines) + "\n")
    (folder / "clamd.conf").chmod(0o644)
    signatures.chmod(0o755)
    user = _ordinary_user(folder)
    command = [binary, "--config-file", folder / "clamd.conf"]
    try:
        with _server(command, user, folder, signal.SIGTERM):
            _wait(lambda: _listens(socket_path), folder)
            yield str(socket_path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_signatures(folder: Path, number: int, threats: Mapping[str, bytes]) -> None:
    """Signatures with a number, of 18 November 2026, that find the bytes in `threats`: ClamAV's own form, unsigned."""
    found = "".join(f"{name}:0:*:{content.hex()}\n" for name, content in threats.items()).encode()
    head = f"ClamAV-VDB:18 Nov 2026 11-06 +0000:{number}:{len(threats)}:90:X:X:tests:{_MADE}"
    about = f"{head}\ndaily.ndb:{len(found)}:{hashlib.sha256(found).hexdigest()}\n".encode()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in {"COPYING": b"For tests.\n", "daily.info": about, "daily.ndb": found}.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    new = folder / "daily.new"
    new.write_bytes(head.encode().ljust(512) + packed.getvalue())
    new.chmod(0o644)
    new.replace(folder / "daily.cud")


def _listens(path: Path) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
        probe.connect(str(path))
        return True
    return False


def _ordinary_user(folder: Path) -> str | None:
    """None for ourselves; when we are root, an unprivileged user, who then owns `folder`."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    name = "postgres" if "postgres" in names else "nobody"
    shutil.chown(folder, name)
    return name


def _identity(user: str | None) -> dict[str, object]:
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _run_as(user: str | None, folder: Path, command: list[object]) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env=env, capture_output=True, text=True, check=False,
        **_identity(user),  # type: ignore[call-overload]  # user, group and extra_groups
    )  # fmt: skip
    if done.returncode != 0:
        raise ServerFailed(done.stdout + done.stderr)


@contextlib.contextmanager
def _server(command: list[object], user: str | None, folder: Path, stop: signal.Signals) -> Iterator[None]:
    with (folder / "log").open("wb") as log:
        # In a session of its own: Ctrl-C must not end it before the tests have let go of it.
        process = subprocess.Popen(
            [str(word) for word in command], cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={"PATH": os.environ["PATH"], "HOME": str(folder)}, start_new_session=True,
            **_identity(user),  # type: ignore[call-overload]  # user, group and extra_groups
        )  # fmt: skip
        try:
            yield
        finally:
            process.send_signal(stop)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(is_ready: Callable[[], bool], folder: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while not is_ready():
        if time.monotonic() > until:
            raise ServerFailed((folder / "log").read_text(errors="replace"))
        time.sleep(0.05)


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
