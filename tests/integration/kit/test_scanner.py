"""The one door to ClamAV: a verdict, or none at all (issue 5, 9)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from pytest_django import Settings

from safeguarding.kit import scanner
from safeguarding.kit.scanner import NoVerdict
from tests.build.files import office
from tools.servers import EICAR


@pytest.mark.clamd
def test_a_real_scanner_tells_a_virus_from_a_letter(clamd: str) -> None:
    assert scanner.scan(BytesIO(b"Dear Ms Ashworth")).is_clean
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
    """A scanner that takes everything and answers with what stands in the list, then hangs up."""
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
                while not got.endswith(b"\0\0\0\0"):
                    got += link.recv(65536)
                link.sendall(answers[0])

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
    assert scanner.scan(BytesIO(b"x")).threat == "Win.Test-1"


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
