"""The one door to ClamAV: a verdict, or none at all."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from pytest_django import Settings

from safeguarding.kit import scanner
from safeguarding.kit.scanner import NoVerdict, Version
from tests.build.files import office
from tools.servers import EICAR

NAME = b"ClamAV 1.4.6/27001/Wed Nov  4 11:06:40 2026\0"


@pytest.mark.clamd
def test_a_real_scanner_tells_a_virus_from_a_letter(clamd: str) -> None:
    verdict = scanner.scan(BytesIO(b"Dear Ms Ashworth"))
    assert verdict.is_clean
    assert verdict.version.signatures == 1
    assert re.fullmatch(r"ClamAV [\d.]+, signatures 1 of 18 November 2026", verdict.version.words)
    assert scanner.scan(BytesIO(EICAR)).threat == "Eicar-Test-Signature.UNOFFICIAL"


@pytest.mark.clamd
def test_a_virus_is_found_inside_a_document(clamd: str) -> None:
    content = office(parts={"word/media/image1.bin": EICAR.decode()})
    assert not scanner.scan(BytesIO(content)).is_clean


@pytest.mark.clamd
def test_a_file_of_the_largest_size_is_scanned_and_a_larger_one_gets_no_verdict(clamd: str) -> None:
    assert scanner.scan(BytesIO(bytes(20 * 1024**2))).is_clean
    with pytest.raises(NoVerdict):
        scanner.scan(BytesIO(bytes(30 * 1024**2)))


@pytest.fixture
def answering(tmp_path: Path, settings: Settings) -> Iterator[list[bytes]]:
    """A scanner that says what it is (in the list second, or else a real one's words), takes everything and answers
    with what stands first in the list, then hangs up."""
    answers: list[bytes] = []
    listener = socket.socket(socket.AF_UNIX)
    settings.SCANNER = str(tmp_path / "s")
    listener.bind(settings.SCANNER)
    listener.listen()

    def serve() -> None:
        while True:
            try:
                link, _ = listener.accept()
            except OSError:
                return
            with link:
                got = b""
                while not got.endswith(b"\0\0\0\0") and got != b"zVERSION\0":
                    got += link.recv(65536)
                is_named = got == b"zVERSION\0"
                link.sendall((answers[1] if len(answers) > 1 else NAME) if is_named else answers[0])

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield answers
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(timeout=5)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"stream: OK and more\0",
        b"OK\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"stream: Can't allocate memory ERROR\0",
        b"stream: O",
        b"\xff\xfe\0",
    ],
)
def test_whatever_is_no_clear_verdict_is_none(answering: list[bytes], answer: bytes) -> None:
    answering.append(answer)
    with pytest.raises(NoVerdict):
        scanner.scan(BytesIO(b"x"))


def test_a_verdict_is_read(answering: list[bytes]) -> None:
    answering.append(b"stream: Win.Test-1 FOUND\0")
    verdict = scanner.scan(BytesIO(b"x"))
    assert verdict.threat == "Win.Test-1"
    assert verdict.version == Version("ClamAV 1.4.6, signatures 27001 of 4 November 2026", 27001)


@pytest.mark.parametrize(
    ("name", "version"),
    [
        (b"ClamAV 1.4.6\0", Version("ClamAV 1.4.6", 0)),
        (
            b"ClamAV 1.5.0/1/Thu Jan  1 00:00:00 2026\0",
            Version("ClamAV 1.5.0, signatures 1 of 1 January 2026", 1),
        ),
    ],
)
def test_a_scanner_says_what_it_is(answering: list[bytes], name: bytes, version: Version) -> None:
    answering += [b"stream: OK\0", name]
    assert scanner.version() == version
    assert scanner.scan(BytesIO(b"x")).version == version


@pytest.mark.parametrize(
    "name",
    [
        b"",
        b"UNKNOWN COMMAND\0",
        b"ClamAV 1.4.6/x/y\0",
        b"ClamAV 1.4.6/1/Wed Nov 99 11:06:40 2026\0",
        b"<b>ClamAV</b>\0",
    ],
)
def test_one_that_does_not_say_what_it_is_gives_no_verdict(answering: list[bytes], name: bytes) -> None:
    answering += [b"stream: OK\0", name]
    with pytest.raises(NoVerdict):
        scanner.scan(BytesIO(b"x"))


@pytest.mark.parametrize("address", ["", "nowhere", "/nowhere/socket", "127.0.0.1:1", "clamav:"])
def test_an_absent_scanner_gives_no_verdict(settings: Settings, address: str) -> None:
    settings.SCANNER = address
    with pytest.raises(NoVerdict):
        scanner.scan(BytesIO(b"x"))


def test_production_and_whoever_names_a_scanner_need_one(settings: Settings) -> None:
    needs = []
    for settings.IS_PRODUCTION, settings.SCANNER in ((False, ""), (False, "clamav:3310"), (True, "")):
        needs.append(scanner.is_required())
    assert needs == [False, True, True]
