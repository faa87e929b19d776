"""Files as people send them: photos that tell where they were taken, documents, and what should not come in."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import BinaryIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from concerns.services import Incoming

# 51 degrees 30 minutes 2.52 seconds north, 0 degrees 7 minutes 28.56 seconds west.
PLACE_WORDS = "51.50070 north, 0.12460 west"
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def photo(
    kind: str = "JPEG",
    *,
    has_place: bool = True,
    orientation: int = 6,
    size: tuple[int, int] = (64, 48),
    **more: object,
) -> bytes:
    """A photo of a phone, lying on its side; by default it says where, when and with what it was taken."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Acme"
    if has_place:
        gps = exif.get_ifd(0x8825)
        gps[1], gps[2], gps[3], gps[4] = "N", (51.0, 30.0, 2.52), "W", (0.0, 7.0, 28.56)
        exif.get_ifd(0x8769)[0x9003] = "2026:02:03 09:51:22"
    target = BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(target, kind, exif=exif, **more)
    return target.getvalue()


def office(
    contents: str = WORD, parts: Mapping[str, str | bytes] | None = None, *, name: str = "[Content_Types].xml"
) -> bytes:
    """A document as Word and Excel make it: a ZIP whose first part says what the others are."""
    target = BytesIO()
    first: dict[str, str | bytes] = {name: f'<Types><Override ContentType="{contents}"/></Types>'}
    with zipfile.ZipFile(target, "w") as archive:
        for path, words in (first | dict(parts or {"word/document.xml": "<document/>"})).items():
            # Without a date of its own, so that the same bytes come out at every call: they name tests.
            archive.writestr(zipfile.ZipInfo(path), words, zipfile.ZIP_DEFLATED)
    return target.getvalue()


_handed_over: list[BinaryIO] = []


def incoming(name: str, content: bytes) -> Incoming:
    """A file as the upload handler hands it over; `close_all` ends it, as the end of a request does."""
    file = tempfile.TemporaryFile()  # noqa: SIM115
    _handed_over.append(file)
    file.write(content)
    return Incoming(name, file)


def close_all() -> None:
    """Close whatever `incoming` has handed over."""
    while _handed_over:
        _handed_over.pop().close()


def sent(name: str, content: bytes) -> SimpleUploadedFile:
    """A file in a form that a test client sends."""
    return SimpleUploadedFile(name, content)
