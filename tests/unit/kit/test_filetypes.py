"""Kinds of file are told by their content, and names can do no harm (issue 5, 9)."""

from __future__ import annotations

import struct
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeguarding.kit import filetypes
from safeguarding.kit.errors import Unsound
from safeguarding.kit.filetypes import FileKind, clean_name, identify, looked_into, name_to_save
from tests.build.files import EXCEL, PDF, WORD, office, photo


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (photo("JPEG"), FileKind.JPEG),
        (photo("PNG"), FileKind.PNG),
        (photo("WEBP"), FileKind.WEBP),
        (PDF, FileKind.PDF),
        (office(WORD), FileKind.DOCX),
        (office(EXCEL), FileKind.XLSX),
    ],
)
def test_what_is_in_it_decides_whatever_it_is_called(content: bytes, kind: FileKind) -> None:
    for name in ("report.exe", "photo.png.html", "x", "letter.txt"):
        assert identify(content, name=name) == kind


def test_text_has_no_mark_so_its_name_has_to_say_it() -> None:
    words = "Zosia said: “nie” – 3pm\r\n".encode()
    assert identify(words, name="note.TXT") == FileKind.TEXT
    for name in ("note.html", "note.svg", "note.bat", "note", "note.txt.js"):
        with pytest.raises(Unsound, match="not a kind of file"):
            identify(words, name=name)


def with_macros() -> bytes:
    return office(WORD.replace("document.main", "document.macroEnabled.main"))


def locked() -> bytes:
    content = bytearray(office())
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        start = content.find(mark)
        while start >= 0:
            content[start + (6 if mark[2] == 3 else 8)] |= 1
            start = content.find(mark, start + 4)
    return bytes(content)


def bomb() -> bytes:
    """Says of its one part that it has 640 MB when it is unpacked."""
    content = bytearray(office())
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<I", 640 * 1024 * 1024)
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", filetypes.EMPTY),
        (struct.pack(">I", 24) + b"ftypheic" + b"\0" * 40, filetypes.HEIC),
        (struct.pack(">I", 24) + b"ftypmp42" + b"\0" * 40, filetypes.FILM_OR_SOUND),
        (b"ID3\x04" + b"\0" * 40, filetypes.FILM_OR_SOUND),
        (b"RIFF\x24\0\0\0WAVEfmt ", filetypes.FILM_OR_SOUND),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 40, filetypes.OLD_OFFICE),
        (PDF.replace(b"/Root", b"/Encrypt 5 0 R /Root"), filetypes.LOCKED),
        (PDF + b"PK\x03\x04" + b"x" * 4000, filetypes.NOT_WHOLE),
        (PDF[:60], filetypes.NOT_WHOLE),
        (b"MZ\x90\0 not a PDF " + PDF, filetypes.OTHER),
        (with_macros(), filetypes.MACROS),
        (office(parts={"word/vbaProject.bin": "x"}), filetypes.MACROS),
        (office(parts={"word/_rels/settings.xml.rels": "<x Type='attachedTemplate'/>"}), filetypes.MACROS),
        (locked(), filetypes.LOCKED),
        (office(parts={"../../etc/passwd": "x"}), filetypes.NOT_WHOLE),
        (office(name="readme.txt"), filetypes.ARCHIVE),
        (office("application/zip"), filetypes.OTHER),
        (office()[:100], filetypes.NOT_WHOLE),
        (bomb(), filetypes.NOT_WHOLE),
        (photo()[:-500], filetypes.NOT_WHOLE),
        (b"GIF89a" + b"\0" * 40, filetypes.OTHER),
        (b"\x7fELF" + b"\0" * 40, filetypes.OTHER),
        (b"Hello\0world", filetypes.OTHER),
        ("café".encode("latin-1"), filetypes.OTHER),
    ],
)
def test_everything_else_is_refused_in_words_that_help(content: bytes, sentence: str) -> None:
    with pytest.raises(Unsound) as refusal:
        identify(content, name="x.txt")
    assert refusal.value.sentence == sentence


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"%PDF-", b"\xff\xd8\xff"]))
def test_no_rubbish_does_worse_than_being_refused(rest: bytes, mark: bytes) -> None:
    try:
        kind = identify(mark + rest, name="x.pdf")
    except Unsound:
        return
    assert kind == FileKind.PDF
    assert b"%%EOF" in rest


@pytest.mark.parametrize(("content", "kind"), [(PDF, "pdf"), (office(), "docx"), (photo("WEBP"), "webp")])
def test_a_file_on_the_disk_is_looked_into_without_reading_it_whole(content: bytes, kind: str) -> None:
    with tempfile.TemporaryFile() as file:
        with looked_into(file) as data:
            assert len(data) == 0
        file.write(content)
        with looked_into(file) as data:
            assert identify(data, name="x") == kind


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("letter.pdf", "letter.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Jean\\scan.pdf", "scan.pdf"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\x00b\r\nc.txt", "abc.txt"),
        ("  spaced \u2028 out .jpg ", "spaced out .jpg"),
        ("école – Ζωή 照片.png", "école – Ζωή 照片.png"),
        (".htaccess", "htaccess"),
        ("..", "file"),
        ("", "file"),
        ("\u200b\u200b", "file"),
    ],
)
def test_a_name_is_shown_without_what_could_deceive(given_name: str, shown: str) -> None:
    assert clean_name(given_name) == shown


def test_a_long_name_keeps_its_end() -> None:
    name = clean_name("x" * 5000 + " report.pdf")
    assert len(name) == 120
    assert name.endswith("report.pdf")


@given(st.text(max_size=300))
def test_every_name_fits_and_holds_no_path(name: str) -> None:
    shown = clean_name(name)
    assert 0 < len(shown) <= 120
    assert not set(shown) & set("/\\\x00\n\r")
    assert not shown.startswith(".")


@pytest.mark.parametrize(
    ("name", "kind", "saved"),
    [
        ("scan.pdf", "pdf", "scan.pdf"),
        ("SCAN.PDF", "pdf", "SCAN.pdf"),
        ("IMG_1.HEIC", "jpeg", "IMG_1.jpg"),
        ("IMG_1.jpeg", "jpeg", "IMG_1.jpg"),
        ("letter.pdf.exe", "pdf", "letter.pdf.exe.pdf"),
        ("page.html", "txt", "page.html.txt"),
        ("Visit 3.2.2026", "docx", "Visit 3.2.2026.docx"),
    ],
)
def test_a_download_ends_as_what_it_is(name: str, kind: str, saved: str) -> None:
    assert name_to_save(name, kind) == saved
