"""One door to ClamAV: a file's bytes go to its daemon over a socket, and a verdict comes back. Never a file's name.

The protocol is clamd's INSTREAM. Whatever is not a clear "OK" or "FOUND" is no verdict at all, so that nothing is taken
for clean because the scanner was away, too busy or stopped half-way.
"""

from __future__ import annotations

import re
import socket
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from django.conf import settings

_CHUNK = 1 << 16
_LONGEST_ANSWER = 4096
# For one step of the talk: large archives keep the daemon busy.
_TIMEOUT = 120.0


class NoVerdict(Exception):
    """The scanner did not answer, or not with a verdict. What was to be scanned stays unopened."""


@dataclass(frozen=True)
class Version:
    """Which scanner it is: `words` for people, `signatures` the number of its signatures (0: it has none with one)."""

    words: str = ""
    signatures: int = 0


@dataclass(frozen=True)
class Verdict:
    """What the scanner found; `threat` is the name of its signature, "" when it found nothing. `version` or a newer one
    said so."""

    threat: str
    version: Version = Version()

    @property
    def is_clean(self) -> bool:
        return not self.threat


def is_required() -> bool:
    """Whether a file has to be scanned before anybody opens it: always, but in a demo or test without a scanner."""
    return bool(settings.SCANNER) or settings.IS_PRODUCTION


def version() -> Version:
    """What the daemon scans with at this moment. Raises NoVerdict."""
    try:
        with _connect() as link:
            link.sendall(b"zVERSION\0")
            answer = _answer(link)
    except OSError as error:
        raise NoVerdict(type(error).__name__) from None
    return _read_version(answer)


def scan(file: BinaryIO) -> Verdict:
    """The verdict on all that `file` still holds. Raises NoVerdict."""
    # Asked before: signatures that change meanwhile are newer ones, so nothing counts as seen by what did not see it.
    asked = version()
    try:
        with _connect() as link:
            link.sendall(b"zINSTREAM\0")
            while chunk := file.read(_CHUNK):
                link.sendall(struct.pack("!I", len(chunk)) + chunk)
            link.sendall(struct.pack("!I", 0))
            answer = _answer(link)
    except OSError as error:
        raise NoVerdict(type(error).__name__) from None
    return _read(answer, asked)


def _connect() -> socket.socket:
    """To a path ("/run/clamd/socket"), or to "host:port"."""
    address = settings.SCANNER
    if not address:
        raise NoVerdict("No scanner is configured.")
    if address.startswith("/"):
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(_TIMEOUT)
        try:
            link.connect(address)
        except OSError:
            link.close()
            raise
        return link
    host, _, port = address.rpartition(":")
    if not (host and port.isdecimal()):
        raise NoVerdict("The scanner's address is not one.")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=_TIMEOUT)


def _answer(link: socket.socket) -> str:
    got = b""
    while not got.endswith(b"\0") and len(got) < _LONGEST_ANSWER:
        part = link.recv(_LONGEST_ANSWER)
        if not part:
            break
        got += part
    return got.rstrip(b"\0").decode("utf-8", "replace")


def _read(answer: str, asked: Version) -> Verdict:
    if answer == "stream: OK":
        return Verdict("", asked)
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return Verdict(answer.removeprefix("stream: ").removesuffix(" FOUND") or "Unnamed", asked)
    raise NoVerdict("The scanner gave no verdict.")


# "ClamAV 1.4.6/27001/Wed Nov 18 11:06:40 2026"; the rest is missing while no numbered signatures are loaded.
_VERSION = re.compile(r"ClamAV ([\w.+~-]{1,40})(?:/(\d{1,9})/(\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}))?")


def _read_version(answer: str) -> Version:
    found = _VERSION.fullmatch(answer)
    if found is None:
        raise NoVerdict("The scanner did not say what it is.")
    program, number, made = found.groups()
    if number is None:
        return Version(f"ClamAV {program}")
    try:
        day = datetime.strptime(made, "%a %b %d %H:%M:%S %Y")  # noqa: DTZ007 (only its day is shown)
    except ValueError:
        raise NoVerdict("The scanner did not say what it is.") from None
    return Version(f"ClamAV {program}, signatures {number} of {day.day} {day:%B %Y}", int(number))
