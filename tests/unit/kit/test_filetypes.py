"""Kinds of file are told by their content, and names can do no harm."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Mapping

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


def torn() -> bytes:
    """Whole from outside; what its first part was packed into is not."""
    content = bytearray(office())
    start = content.index(b"[Content_Types].xml") + len("[Content_Types].xml")
    content[start : start + 8] = b"\xff" * 8
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (torn(), filetypes.NOT_WHOLE),
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


RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SETTINGS = "word/_rels/settings.xml.rels"


def tied(kind: str, target: str = "http://elsewhere.example/x", mode: str = "External", *, head: str = "") -> str:
    """A part of relations with one in it."""
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    one = f'<Relationship Id="rId1" Type="{RELATIONS}/{kind}" Target="{target}" TargetMode="{mode}"/>'
    return f'{head}<Relationships xmlns="{package}">{one}</Relationships>'


TEMPLATE = tied("attachedTemplate")
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
DOCTYPE = '<!DOCTYPE x [<!ENTITY t "attachedTemplate">]>'


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({SETTINGS: TEMPLATE}, filetypes.MACROS),
        ({SETTINGS: TEMPLATE.replace("External", "Internal")}, filetypes.MACROS),
        # Whichever part of the document it hangs on, however that part is called.
        ({"word/_rels/settings2.xml.rels": TEMPLATE}, filetypes.MACROS),
        ({"word/_RELS/Other.xml.RELS": TEMPLATE}, filetypes.MACROS),
        ({"word\\_rels\\settings.xml.rels": TEMPLATE}, filetypes.MACROS),
        ({"word/_rels/settings%2Exml%2Erels": TEMPLATE}, filetypes.MACROS),
        ({SETTINGS: TEMPLATE.replace("attached", "&#97;ttached")}, filetypes.MACROS),
        ({SETTINGS: TEMPLATE.replace("Relationship ", "r:Relationship ")}, filetypes.MACROS),
        # What is fetched as soon as the document is opened, in a mail merge, a frame, a sheet.
        ({"word/_rels/document.xml.rels": tied("image")}, filetypes.MACROS),
        ({"word/_rels/document.xml.rels": tied("image", "//elsewhere/x.png", "Internal")}, filetypes.MACROS),
        ({"word/_rels/document.xml.rels": tied("image", "file:///z:/x.png", "internal")}, filetypes.MACROS),
        ({"word/_rels/document.xml.rels": tied("image", "\\\\elsewhere\\x.png", "")}, filetypes.MACROS),
        ({"word/_rels/document.xml.rels": tied("oleObject", mode="external")}, filetypes.MACROS),
        ({"word/_rels/webSettings.xml.rels": tied("frame")}, filetypes.MACROS),
        ({"word/_rels/document.xml.rels": tied("aFChunk", "x.html", "Internal")}, filetypes.MACROS),
        ({"xl/externalLinks/_rels/externalLink1.xml.rels": tied("externalLinkPath")}, filetypes.MACROS),
        # What we would read in another way than Word does is not read.
        ({SETTINGS: tied("attachedTemplate", head=XML.replace("UTF-8", "UTF-16")).encode("utf-16")}, filetypes.ODD),
        ({SETTINGS: TEMPLATE.encode("utf-16-le")}, filetypes.ODD),
        ({SETTINGS: TEMPLATE.encode("utf-32")}, filetypes.ODD),
        ({SETTINGS: tied("x", "x.xml", "Internal", head=XML.replace("UTF-8", "UTF-7"))}, filetypes.ODD),
        ({SETTINGS: tied("x", "\u00e9.xml", "Internal").encode("latin-1")}, filetypes.ODD),
        ({SETTINGS: tied("&t;", "x.xml", "Internal", head=DOCTYPE)}, filetypes.ODD),
        ({SETTINGS: "<Relationships>"}, filetypes.ODD),
        ({SETTINGS: ""}, filetypes.ODD),
        ({"word/_rels/a.xml.rels": tied("x", "x.xml", ""), "WORD/_rels/A.xml.rels": TEMPLATE}, filetypes.NOT_WHOLE),
        ({"word/_rels/a.xml.rels": "<x>" + " " * 17_000_000 + "</x>"}, filetypes.NOT_WHOLE),
    ],
)
def test_nothing_that_an_office_file_is_tied_to_lies_elsewhere(parts: Mapping[str, str | bytes], sentence: str) -> None:
    for contents in (WORD, EXCEL):
        with pytest.raises(Unsound) as refusal:
            identify(office(contents, parts=parts), name="letter.docx")
        assert refusal.value.sentence == sentence


@pytest.mark.parametrize(
    "contents",
    [
        f'{WORD}"/><Override ContentType="application/vnd.ms-word.document.&#109;acroEnabled.main+xml',
        f'{WORD}"/><Override PartName="/word/x.bin" ContentType="application/vnd.ms-office.VBAProject',
        f'{EXCEL}"/><Override ContentType="application/vnd.ms-excel.macrosheet+xml',
        f'{EXCEL}"/><Override ContentType="{EXCEL.replace("sheet.main", "externalLink")}',
    ],
)
def test_what_runs_or_fetches_is_seen_however_it_is_spelled(contents: str) -> None:
    with pytest.raises(Unsound) as refusal:
        identify(office(contents), name="letter.docx")
    assert refusal.value.sentence == filetypes.MACROS


def test_a_document_with_links_pictures_and_styles_is_taken() -> None:
    """As Word writes it, with the mark of UTF-8 that other programs put before it, and as ISO names a link."""
    plain = tied("image", "media/image1.png", "Internal", head=XML)
    parts: dict[str, str | bytes] = {
        "_rels/.rels": tied("officeDocument", "/word/document.xml", "Internal", head=XML),
        "word/_rels/document.xml.rels": tied("hyperlink", "https://www.gov.uk/find-local-council", head=XML),
        "word/_rels/footer1.xml.rels": tied("hyperlink", "mailto:safeguarding@larkfield.example").replace(
            RELATIONS, "http://purl.oclc.org/ooxml/officeDocument/relationships"
        ),
        "word/_rels/header1.xml.rels": plain.encode("utf-8-sig"),
        "word/media/image1.png": photo("PNG"),
    }
    assert identify(office(parts=parts), name="x") == FileKind.DOCX
    assert identify(office(EXCEL, parts=parts), name="x") == FileKind.XLSX


def field(*pieces: str, kind: str = "instrText") -> str:
    """A field whose instruction is cut into pieces, as Word cuts them where somebody once changed a letter."""
    runs = "".join(f"<w:r><w:{kind}>{piece}</w:{kind}></w:r>" for piece in pieces)
    begin, separate, end = (f'<w:fldChar w:fldCharType="{each}"/>' for each in ("begin", "separate", "end"))
    return f"{begin}{runs}{separate}x{end}"


def page(*inside: str, prefix: str = "w") -> str:
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    words = "".join(inside).replace("w:", f"{prefix}:")
    return f'<{prefix}:document xmlns:{prefix}="{namespace}">{words}</{prefix}:document>'


PICTURE = ' INCLUDEPICTURE "https://elsewhere.example/seen.png" \\d '
TELLS = field(PICTURE)
NAMED = f'{WORD}"/><Override PartName="/word/notes.bin" ContentType="{WORD.replace("document.main", "footnotes")}'


@pytest.mark.parametrize(
    ("contents", "parts"),
    [
        (WORD, {"word/document.xml": page(TELLS)}),
        (WORD, {"word/header2.xml": page(TELLS, prefix="ns0")}),
        (NAMED, {"word/notes.bin": page(TELLS)}),
        (f'{WORD}"/><Default Extension="q" ContentType="application/xml', {"word/x.q": page(TELLS)}),
        (WORD, {"word/document.xml": page(field(" includep", "icture ", "&quot;https://elsewhere.example/&quot;"))}),
        (WORD, {"word/document.xml": page(field("&#68;DEAUTO c:\\x.exe"))}),
        (WORD, {"word/document.xml": page(field("LINK Excel.Sheet", kind="delInstrText"))}),
        (WORD, {"word/document.xml": page('<w:fldSimple w:instr=" INCLUDETEXT \\\\elsewhere\\x.docx "/>')}),
        (WORD, {"word/document.xml": page(field('IF 1=1 "', TELLS, '"'))}),
        # Its name would be made by another field.
        (WORD, {"word/document.xml": page(field(field(" REF hidden ")))}),
        (WORD, {"word/document.xml": page(field('<w:fldSimple w:instr="REF hidden"/>'))}),
        (WORD, {"word/document.xml": page(field("QUOTE 68 68 69"))}),
        # Begun and never ended.
        (WORD, {"word/document.xml": page(f'<w:fldChar w:fldCharType="begin"/><w:instrText>{PICTURE}</w:instrText>')}),
    ],
)
def test_no_field_of_a_letter_fetches_or_runs_anything(contents: str, parts: Mapping[str, str]) -> None:
    """Opening it would tell somebody outside who opened it and when, or worse."""
    with pytest.raises(Unsound) as refusal:
        identify(office(contents, parts=parts), name="letter.docx")
    assert refusal.value.sentence == filetypes.MACROS


def test_fields_that_stay_in_the_letter_are_taken() -> None:
    """Page numbers, a table of contents with links in it, a sum, a choice, what a letter is merged with."""
    contents = field(
        ' TOC \\o "1-3" ', field(' HYPERLINK "https://www.gov.uk/database/link" '), field(" PAGEREF _Toc1 ")
    )
    letter = page(
        field(" PAGE "), field("NUM", "PAGES"), contents, field(" =SUM(ABOVE) "), field(""), field(' MERGEFIELD name '),
        field(" IF ", field("PAGE"), " = 1 a b"), '<w:fldSimple w:instr=" DATE \\@ yyyy "/>',
        "LINK your INCLUDEPICTURE",
    )  # fmt: skip
    assert identify(office(parts={"word/document.xml": letter}), name="x") == FileKind.DOCX


def test_fields_without_end_do_not_fill_the_memory() -> None:
    begin = '<w:fldChar w:fldCharType="begin"/><w:instrText>IF </w:instrText>'
    for inside in (begin * 21, f"{begin}<w:instrText>{'x' * 70_000}</w:instrText>"):
        with pytest.raises(Unsound) as refusal:
            identify(office(parts={"word/document.xml": page(inside)}), name="x")
        assert refusal.value.sentence == filetypes.NOT_WHOLE


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
