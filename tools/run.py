"""`make run`: the whole demo on this machine, web server, Celery worker and beat, until Ctrl-C.

PORT= and HOST= choose the address (default localhost:8000), FRESH=1 starts with new data. Data is under var/demo.
"""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

from tools import bootstrap
from tools.bootstrap import CannotGoOn
from tools.places import PYTHON, ROOT, environment, say, tool

DATA = ROOT / "var" / "demo"
COMPLETE = DATA / ".complete"  # written when the demo's data is whole; without it, it is made again
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 (only what somebody asked for with HOST=)
START_SECONDS = 60
STOP_SECONDS = 8


def main() -> int:
    bootstrap.prepare("runtime")
    bootstrap.offer_pango()
    host, port = os.environ.get("HOST") or "localhost", _port()
    shown = "localhost" if host in EVERYWHERE else host
    site = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
    env = environment(
        SAFEGUARDING_MODE="demo",
        SAFEGUARDING_VAR=str(DATA),
        SAFEGUARDING_SITE_URL=site,
        PYTHONWARNINGS="ignore",  # for whoever changes the code, not for whoever tries it
        SAFEGUARDING_ALLOWED_HOSTS="*" if host in EVERYWHERE else f"localhost 127.0.0.1 [::1] {shown}",
    )
    for chosen_elsewhere in ("SAFEGUARDING_DB_NAME", "SAFEGUARDING_REDIS_URL", "DJANGO_SETTINGS_MODULE"):
        env.pop(chosen_elsewhere, None)
    _refuse_taken_port(host, port)
    _make_data(env)
    with Household(env) as household:
        bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        celery = [tool("celery"), "--app", "safeguarding", "--quiet"]
        household.start("web server", [tool("gunicorn"), "--bind", bind])
        # One worker for both queues; docker-compose.yml has one for each.
        worker = ["worker", "--queues", "celery,long", "--pool", "solo", "--without-mingle", "--without-gossip"]
        household.start("Celery worker", [*celery, *worker])
        household.start("Celery beat", [*celery, "beat", "--pidfile="])
        household.wait_for_page(shown, port)
        say(f"\nReady: {site}/\n")
        _manage(env, "show_demo_sign_ins")
        say("\nCtrl-C ends it. FRESH=1 make run starts with new data.")
        return household.watch()


def _port() -> int:
    wish = os.environ.get("PORT") or "8000"
    if not wish.isdigit() or not 0 < int(wish) < 65536:
        raise CannotGoOn(f"PORT={wish} is not a port number. Try PORT=8080 make run")
    return int(wish)


def _refuse_taken_port(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise CannotGoOn(
            f"Cannot serve at {host}:{port} ({error.strerror}). Try another port: PORT={port % 65000 + 1} make run"
        ) from None


def _make_data(env: dict[str, str]) -> None:
    """Migrate; fill the database when it is new, else bring it up to date. What was left half-made is made again."""
    if os.environ.get("FRESH") == "1" or not COMPLETE.exists():
        shutil.rmtree(DATA, ignore_errors=True)
    for folder in ("broker/queue", "broker/control", "mail", "static"):
        (DATA / folder).mkdir(parents=True, exist_ok=True)
    _manage(env, "migrate", "--verbosity", "0")
    if not COMPLETE.exists():
        say("Making the demo organisation and its concerns (some minutes, the first time) ...")
    # Also when they are there: after a pause the people of the demo go on with their work.
    _manage(env, "set_up_demo")
    COMPLETE.touch()


def _manage(env: dict[str, str], *command: str) -> None:
    if subprocess.run([PYTHON, "manage.py", *command], cwd=ROOT, env=env, check=False).returncode != 0:
        raise CannotGoOn(f"`manage.py {command[0]}` failed. What it said stands above.")


class Household:
    """The processes of the demo. They live and end together."""

    def __init__(self, env: dict[str, str]) -> None:
        self._env = env
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Household:
        return self

    def start(self, name: str, command: list[str]) -> None:
        # In a session of their own, so that Ctrl-C reaches only us and we end them in order.
        self._processes[name] = subprocess.Popen(command, cwd=ROOT, env=self._env, start_new_session=True)

    def wait_for_page(self, host: str, port: int) -> None:
        """Wait until the home page answers. Raises CannotGoOn when it does not within START_SECONDS."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            self._refuse_missing()
            try:
                connection = http.client.HTTPConnection(host, port, timeout=10)
                connection.request("GET", "/")
                if connection.getresponse().status < 400:
                    return
            except OSError:
                pass
            time.sleep(0.2)
        raise CannotGoOn("The home page does not answer.")

    def watch(self) -> int:
        """Wait for Ctrl-C, or for one of the processes to end by itself."""
        while True:
            self._refuse_missing()
            time.sleep(0.5)

    def _refuse_missing(self) -> None:
        for name, process in self._processes.items():
            if process.poll() is not None:
                raise CannotGoOn(f"The {name} ended by itself. What it said stands above.")

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for process in self._processes.values():
            process.terminate()
        until = time.monotonic() + STOP_SECONDS
        for process in self._processes.values():
            try:
                process.wait(timeout=max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def _end(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _end)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        say("\nEnded.")
