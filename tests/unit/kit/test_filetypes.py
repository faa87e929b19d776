"""Kinds of file are told by their content, and names can do no harm."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Mapping
from typing import Any
from xml.parsers import expat

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


MICROSOFT = "http://schemas.microsoft.com/office/2011/relationships"


@pytest.mark.parametrize(
    "parts",
    [
        {"word/_rels/document.xml.rels": tied("control", "activeX/activeX1.xml", "Internal")},
        {"word/activeX/_rels/activeX1.xml.rels": tied("activeXControlBinary", "activeX1.bin", "Internal")},
        {"word/_rels/document.xml.rels": tied("oleObject", "embeddings/oleObject1.bin", "Internal")},
        {"word/_rels/document.xml.rels": tied("package", "embeddings/Book1.xlsm", "Internal")},
        {"word/charts/_rels/chart1.xml.rels": tied("package", "../embeddings/Sheet1.xlsx", "Internal")},
        {"_rels/.rels": tied("webextensiontaskpanes", "w.xml", "Internal").replace(RELATIONS, MICROSOFT)},
        {"word/_rels/document.xml.rels": tied("webextension", "w.xml", "Internal").replace(RELATIONS, MICROSOFT)},
        {"_rels/.rels": tied("ui/extensibility", "customUI/customUI.xml", "Internal").replace(RELATIONS, MICROSOFT)},
        {"word/_rels/document.xml.rels": tied("neverHeardOf", "x.xml", "Internal")},
        {"word/_rels/document.xml.rels": tied("&#99;ontrol", "x.xml", "Internal")},
        # Tied to nothing, and carried all the same.
        {"word/embeddings/setup.exe": b"MZ\x90\0"},
        {"word/embeddings/Book1.xlsm": office(EXCEL)},
        {"word/media/setup": b"MZ\x90\0"},
        {"word/media/image1.png.lnk": b"L\0\0\0"},
        {"word/activeX/activeX1.bin": b"\xd0\xcf\x11\xe0"},
    ],
)
def test_no_office_file_has_a_program_or_another_file_in_it(parts: Mapping[str, str | bytes]) -> None:
    for contents in (WORD, EXCEL):
        with pytest.raises(Unsound) as refusal:
            identify(office(contents, parts=parts), name="letter.docx")
        assert refusal.value.sentence == filetypes.INSIDE


def test_a_letter_is_not_filled_from_a_list_that_lies_elsewhere() -> None:
    """Word asks for the list as soon as the letter is opened, and needs no relation for it."""
    where = '<w:connectString w:val="Data Source=\\\\elsewhere\\list.mdb"/>'
    with pytest.raises(Unsound) as refusal:
        identify(office(parts={"word/settings.xml": page(f"<w:mailMerge>{where}</w:mailMerge>")}), name="letter.docx")
    assert refusal.value.sentence == filetypes.MACROS


def test_whatever_word_and_excel_write_of_themselves_is_taken() -> None:
    """Labels of how secret it is, comments, a chart, pictures in cells, ticked boxes, printers, and folders.
    And the filling that SharePoint leaves."""
    ties = (
        "extended-properties", "custom-properties", "customXml", "styles", "settings", "webSettings", "fontTable",
        "font", "theme", "numbering", "header", "footer", "footnotes", "comments", "commentsExtended", "people",
        "chart", "diagramData", "printerSettings", "sharedStrings", "calcChain", "drawing", "vmlDrawing", "table",
        "pivotTable", "threadedComment", "ctrlProp", "customProperty", "xmlMaps", "keyMapCustomizations",
    )  # fmt: skip
    newer = ("classificationlabels", "intelligence", "FeaturePropertyBag", "richValueRel", "commentsExtensible")
    parts: dict[str, str | bytes] = {
        f"x/_rels/{tie}.xml.rels": tied(tie, "../a/b.xml", "Internal", head=XML) for tie in ties
    }
    parts |= {f"y/_rels/{tie}.xml.rels": tied(tie, "b.xml", "Internal").replace(RELATIONS, MICROSOFT) for tie in newer}
    parts |= {
        "word/": "", "docProps/thumbnail.JPEG": photo(), "xl/printerSettings/printerSettings1.bin": b"\0",
        "word/fonts/font1.odttf": b"\0", "word/media/image1.emf": b"\1", "word/media/image2.svg": "<svg/>",
        "xl/drawings/vmlDrawing1.vml": "<xml/>", "customXml/item1.xml": "<x/>",
        "[trash]/0000.dat": b"\0" * 9, "xl/customProperty1.bin": b"x\0", "word/printerSettings1.bin": b"\0",
        "word/media/image3.heic": b"\0",
    }  # fmt: skip
    assert identify(office(parts=parts), name="x") == FileKind.DOCX
    assert identify(office(EXCEL, parts=parts), name="x") == FileKind.XLSX


def field(*pieces: str, kind: str = "instrText") -> str:
    """A field whose instruction is cut into pieces, as Word cuts them where somebody once changed a letter, or where
    another field lies."""
    runs = "".join(piece if piece.startswith("<") else instruction(piece, kind) for piece in pieces)
    return f"{BEGIN}{runs}{SEPARATE}x{END}"


def instruction(words: str, kind: str = "instrText") -> str:
    return f"<w:r><w:{kind}>{words}</w:{kind}></w:r>"


BEGIN, SEPARATE, END = (f'<w:r><w:fldChar w:fldCharType="{each}"/></w:r>' for each in ("begin", "separate", "end"))
NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def page(*inside: str, prefix: str = "w", namespace: str = NAMESPACE) -> str:
    """With the other namespaces that Word declares at once, and one of nobody's, that is said to be passed over."""
    words = "".join(inside).replace("w:", f"{prefix}:")
    others = (
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
        'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:z="urn:z" mc:Ignorable="w14 z"'
    )
    return f'<{prefix}:document xmlns:{prefix}="{namespace}" {others}>{words}</{prefix}:document>'


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
        (WORD, {"word/document.xml": page(field(f"<w:del>{instruction('PAGE')}</w:del>", field("REF hidden")))}),
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


TELLING = instruction(PICTURE)
CHOICE, CHOSEN = '<mc:AlternateContent><mc:Choice Requires="z">', "</mc:Choice></mc:AlternateContent>"


@pytest.mark.parametrize(
    "inside",
    [
        # Word passes over the first piece, or over the border: another namespace, or a version that it does not choose.
        f"{BEGIN}<w:r><z:instrText>PAGE </z:instrText></w:r>{TELLING}{END}",
        f"{BEGIN}<z:x>{instruction('PAGE ')}</z:x>{TELLING}{END}",
        f"{BEGIN}<w:r>{CHOICE}<w:instrText>PAGE </w:instrText>{CHOSEN}</w:r>{TELLING}{END}",
        f"{BEGIN}{instruction('PAGE ')}<z:fldChar z:fldCharType='end'/>{TELLING}{END}",
        f"{BEGIN}{instruction('PAGE ')}<z:x>{END}</z:x>{TELLING}{END}",
        f"<z:x>{BEGIN}{instruction('PAGE ')}</z:x>{BEGIN}{instruction('IF ')}<z:x>{END}</z:x>{TELLING}{END}",
        f"{CHOICE}{BEGIN}{instruction('PAGE ')}{CHOSEN}{CHOICE}{TELLING}{END}{CHOSEN}",
        # What was deleted.
        f"{BEGIN}<w:del>{instruction('PAGE ', 'delInstrText')}</w:del>{TELLING}{END}",
        f"{BEGIN}<w:del>{instruction('PAGE ')}</w:del>{TELLING}{END}",
        f"{BEGIN}<w:moveFrom>{instruction('PAGE ')}</w:moveFrom>{TELLING}{END}",
        # What is within an instruction, or is one that belongs to no field.
        f"{BEGIN}<w:r><w:instrText><z:a/>{PICTURE}</w:instrText></w:r>{END}",
        f"{BEGIN}<w:r><w:instrText>PAGE <w:t/>{PICTURE}</w:instrText></w:r>{END}",
        TELLING,
        # A border that says nothing, or something in another way than Word reads it.
        f'<w:r><w:fldChar w:fldCharType=" begin "/></w:r>{TELLING}{END}',
        f"<w:r><w:fldChar/></w:r>{TELLING}{END}",
        f'{BEGIN}{instruction("PAGE ")}<w:r><w:fldChar z:fldCharType="end"/></w:r>{TELLING}{END}',
        f'{BEGIN}{instruction("PAGE ")}<w:r><w:fldChar fldCharType="end"/></w:r>{TELLING}{END}',
        f'<w:r><w:fldChar w:fldCharType="begin" z:fldCharType="separate"/></w:r>{TELLING}{END}',
        f"<w:fldSimple z:instr=\"PAGE\" w:instr='{PICTURE.replace(chr(34), '')}'/>",
        # Prefixes that stand for one thing here and for another there.
        f'{BEGIN}<w:r xmlns:w="urn:z"><w:instrText>PAGE </w:instrText></w:r>{TELLING}{END}',
        f'<z:x xmlns="{NAMESPACE}"/>{BEGIN}<w:r><instrText>PAGE </instrText></w:r>{TELLING}{END}',
        f'<z:x xmlns:q="{NAMESPACE}"/><q:fldSimple xmlns:q="urn:q" q:instr="PAGE"/>',
    ],
)
def test_a_field_that_word_may_read_in_another_way_is_refused(inside: str) -> None:
    with pytest.raises(Unsound) as refusal:
        identify(office(parts={"word/document.xml": page(inside)}), name="letter.docx")
    assert refusal.value.sentence == filetypes.ODD


def test_tracked_changes_text_boxes_and_newer_letters_are_taken() -> None:
    """Page numbers that were deleted, moved or put in; in a box that stands there in two versions; in a link around
    that box; and in runs with what newer versions of Word add."""

    def deleted(*words: str) -> str:
        return "".join(f'<w:del w:id="1" w:author="Gwen">{each}</w:del>' for each in words)

    number = field(" PAGE ")
    box = (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx><w:txbxContent><w:p>{number}</w:p>'
        "</w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent><w:p>"
        f"{number}</w:p></w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    newer = '<w:rPr><w14:ligatures w14:val="standardContextual"/><w:del w:id="2"/></w:rPr>'
    letter = page(
        deleted(BEGIN, instruction(" PAGE ", "delInstrText"), SEPARATE, "<w:r><w:delText>3</w:delText></w:r>", END),
        deleted(BEGIN, instruction("TOC ", "delInstrText"), SEPARATE, field("PAGEREF a", kind="delInstrText"), END),
        f"<w:moveFrom>{number}</w:moveFrom><w:moveTo>{number}</w:moveTo><w:ins>{number}</w:ins>",
        box, f'{BEGIN}{instruction(" HYPERLINK https://www.gov.uk/ ")}{SEPARATE}{box}{END}',
        f"{BEGIN}<w:r>{newer}<w:instrText> NUMPAGES </w:instrText></w:r>{END}",
        f'{BEGIN}{instruction(" REF a ")}{SEPARATE}{deleted("<w:r><w:delText>x</w:delText></w:r>")}{END}',
        f'<w:fldSimple w:instr=" PAGE "><w:r>{newer}<w:t>1</w:t></w:r></w:fldSimple>',
    )  # fmt: skip
    assert identify(office(parts={"word/document.xml": letter}), name="x") == FileKind.DOCX
    strict = page(number, namespace="http://purl.oclc.org/ooxml/wordprocessingml/main")
    properties = '<p><a xmlns="urn:a">mailMerge</a><b xmlns="urn:b"><c/></b></p>'
    parts = {"word/document.xml": strict, "customXml/item1.xml": properties}
    assert identify(office(parts=parts), name="x") == FileKind.DOCX


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


SHEET = "xl/worksheets/sheet1.xml"


def sheet(*inside: str) -> str:
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'{XML}<worksheet xmlns="{namespace}">{"".join(inside)}</worksheet>'


def cell(formula: str) -> str:
    return sheet(f'<sheetData><row r="1"><c r="A1"><f>{formula}</f><v>0</v></c></row></sheetData>')


WEB = 'WEBSERVICE("https://elsewhere.example/seen")'
CALLS_OUT = f"_xlfn.{WEB}"
SHEETS = f'{EXCEL}"/><Override PartName="/xl/odd.bin" ContentType="{EXCEL.replace("sheet.main", "worksheet")}'


@pytest.mark.parametrize(
    ("contents", "parts"),
    [
        (EXCEL, {SHEET: cell(CALLS_OUT)}),
        (EXCEL, {SHEET: cell(WEB)}),
        (EXCEL, {SHEET: cell(f"IF(A2=1,2,LEN({CALLS_OUT.lower()}))")}),
        (EXCEL, {SHEET: cell('_xlfn.IMAGE("https://elsewhere.example/x.png")')}),
        (EXCEL, {SHEET: cell('RTD("prog.id",,"topic")')}),
        (EXCEL, {SHEET: cell('DDE("soffice","file:///z:/x.ods","a")')}),
        (EXCEL, {SHEET: cell('_xlfn._xlws.PY("1",0)')}),
        (EXCEL, {SHEET: cell("_xlfn.STOCKHISTORY (A1,A2)")}),
        # Handed on to another function, or spelled in a way of its own.
        (EXCEL, {SHEET: cell("_xlfn.MAP(A1:A9,_xleta.WEBSERVICE)")}),
        # A quotation mark in the name of a sheet begins no words.
        (EXCEL, {SHEET: cell(f"'a\"b'!A1+{WEB}+'c\"d'!A1")}),
        (EXCEL, {SHEET: cell(WEB.replace("W", "&#87;", 1))}),
        (EXCEL, {SHEET: cell(WEB.replace("SERV", "<![CDATA[SERV]]><!-- x -->"))}),
        (EXCEL, {SHEET: cell(WEB.replace("SERV", "<x>SERV</x>"))}),
        (EXCEL, {SHEET: cell(WEB).replace("<", "<s:").replace("<s:/", "</s:").replace("<s:?", "<?")}),
        (SHEETS, {"xl/odd.bin": cell(WEB)}),
        # Where a cell gets it from.
        (EXCEL, {"xl/workbook.xml": f'<workbook><definedName name="w">{WEB}</definedName></workbook>'}),
        (EXCEL, {"xl/workbook.xml": '<workbook><definedName name="w">_xleta.WEBSERVICE</definedName></workbook>'}),
        (EXCEL, {"xl/tables/table1.xml": f"<table><calculatedColumnFormula>{WEB}</calculatedColumnFormula></table>"}),
        (EXCEL, {SHEET: sheet(f"<cfRule><formula>{WEB}</formula></cfRule>")}),
        (EXCEL, {SHEET: sheet(f"<cfvo type='formula' val='{WEB}'/>")}),
        (EXCEL, {SHEET: sheet(f"<x:formula1><xm:f>{WEB}</xm:f></x:formula1>")}),
        # Data that is fetched, by the list of parts and by what ties them together.
        (f'{EXCEL}"/><Override ContentType="{EXCEL.replace("sheet.main", "connections")}', {}),
        (f'{EXCEL}"/><Override ContentType="{EXCEL.replace("sheet.main", "queryTable")}', {}),
        (f'{EXCEL}"/><Override ContentType="{EXCEL.replace("sheet.main", "volatileDependencies")}', {}),
        (EXCEL, {"xl/_rels/workbook.xml.rels": tied("connections", "connections.xml", "Internal")}),
        (EXCEL, {"xl/worksheets/_rels/sheet1.xml.rels": tied("queryTable", "../q.xml", "Internal")}),
        (EXCEL, {"xl/_rels/workbook.xml.rels": tied("externalLink", "e.xml", "Internal")}),
    ],
)  # fmt: skip
def test_no_workbook_asks_anybody_outside(contents: str, parts: Mapping[str, str]) -> None:
    """Opening it would tell somebody outside who opened it and when."""
    with pytest.raises(Unsound) as refusal:
        identify(office(contents, parts=parts), name="rent.xlsx")
    assert refusal.value.sentence == filetypes.MACROS


@pytest.mark.parametrize(
    "formula",
    [
        # In the name of a column these begin nothing that is quoted.
        f"Table1['[a]&amp;{WEB}&amp;Table1['[b]",
        f"Table1[a'[b]&amp;{WEB}&amp;Table1[a'[b]",
        f"Table1[[#All],[a'#b]]&amp;{WEB}&amp;Table1[a'#b]",
        'Table1[a"b]&amp;WEBSERVICE(A1)&amp;Table1[a"b]',
    ],
)
def test_no_name_of_a_column_hides_a_call(formula: str) -> None:
    with pytest.raises(Unsound) as refusal:
        identify(office(EXCEL, parts={SHEET: cell(formula)}), name="rent.xlsx")
    assert refusal.value.sentence == filetypes.MACROS


@pytest.mark.parametrize(
    "inside",
    [
        cell(WEB.replace("SERV", "<z:x>J</z:x>SERV")),
        cell(WEB.replace("SERV", "<z:f>J</z:f>SERV")),
        cell(
            WEB.replace("SERV", "<mc:AlternateContent><mc:Choice Requires='z'>J</mc:Choice></mc:AlternateContent>SERV")
        ),
        cell("SUM(A1:A3)<z:x/>"),
        sheet(f"<x:formula1><z:f>J</z:f><xm:f>{WEB}</xm:f></x:formula1>"),
        sheet(f"<x:formula1><xm:f>J<z:f>J</z:f></xm:f>{WEB}</x:formula1>"),
        sheet(f"<x:formula1><z:f>J</z:f>{WEB}</x:formula1>"),
        sheet(f"<x:formula1>WEB<z:f>J</z:f>{WEB[3:]}</x:formula1>"),
    ],
)
def test_nothing_lies_within_a_formula(inside: str) -> None:
    """Excel would pass over it, and read what stands around it as one."""
    with pytest.raises(Unsound) as refusal:
        identify(office(EXCEL, parts={SHEET: inside}), name="rent.xlsx")
    assert refusal.value.sentence == filetypes.ODD


def test_a_workbook_that_counts_and_links_is_taken() -> None:
    """Part by part as Excel writes it: sums, a link, a name, a chart, and words that only look like calls."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    contents = f'{EXCEL}"/><Default Extension="xml" ContentType="application/xml'
    cells = "".join(
        f'<c r="A{number}" s="1"><f>{formula}</f><v>3</v></c>'
        for number, formula in enumerate(
            (
                "SUM(A1:A3)", 'HYPERLINK("https://www.gov.uk/find-local-council","Council")', "COPY(1)+CALLED(2)",
                'IF(B1="image","Webservice: no",VLOOKUP(B1,Image!A:B,2))', "_xlfn.XLOOKUP(A1,A1:A3,B1:B3)",
                "SUM(Table1[[#This Row],[Call]])", "SUM(Rent[Ann''s share '[GBP']])+'Ann''s'!A1",
                'Rent[8" pipe]&amp;"x"',
                "INDEX(Rent[[#Headers],[Call]:[Tenant]],1)&amp;&quot; (call them)&quot;",
                'IF(A1=3,"Please call (01632 960 100)","")', "'Image (2)'!A1",
            ),
            start=4,
        )
    )  # fmt: skip
    parts: dict[str, str | bytes] = {
        "_rels/.rels": tied("officeDocument", "xl/workbook.xml", "Internal", head=XML),
        "xl/_rels/workbook.xml.rels": tied("worksheet", "worksheets/sheet1.xml", "Internal", head=XML),
        "xl/workbook.xml": f'{XML}<workbook xmlns="{main}"><sheets><sheet name="Image" sheetId="1"/></sheets>'
        '<definedNames><definedName name="_xlnm.Print_Area" localSheetId="0">\'Rent (2)\'!$A$1:$C$9</definedName>'
        "</definedNames></workbook>",
        SHEET: sheet(
            f'<sheetData><row r="4">{cells}<c r="B9" t="inlineStr"><is><t>Call (999), WEBSERVICE(x)</t></is></c></row>'
            '</sheetData><ext xmlns:x14="urn:x14" xmlns:xm="urn:xm"><x14:formula1>\n<xm:f>Image!$A$1:$A$3</xm:f>\n'
            "</x14:formula1></ext><cfRule><colorScale><cfvo type='percentile' val='50'/></colorScale></cfRule>"
            f'<hyperlinks><hyperlink ref="B1" r:id="rId1" xmlns:r="{RELATIONS}"/></hyperlinks>'
        ),
        "xl/worksheets/_rels/sheet1.xml.rels": tied("hyperlink", "https://www.gov.uk/", head=XML),
        "xl/sharedStrings.xml": f'{XML}<sst xmlns="{main}"><si><t>Image (front), call (them)</t></si></sst>',
        "xl/drawings/drawing1.xml": '<d xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"><m:f><m:num>'
        "<m:r><m:t>1</m:t></m:r></m:num><m:den/></m:f></d>",
        "xl/charts/chart1.xml": f"{XML}<c:chart xmlns:c='c'><c:f>Image!$A$1:$A$3</c:f><c:v>RTD(1)</c:v></c:chart>",
    }
    assert identify(office(contents, parts=parts), name="x") == FileKind.XLSX


class Counted:
    """A parser that counts the work it is given: bytes, and elements."""

    fed = seen = 0

    def __init__(self, **more: Any) -> None:
        object.__setattr__(self, "parser", make_parser(**more))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.parser, name)

    def __setattr__(self, name: str, value: Any) -> None:
        def counted(*told: Any) -> Any:
            Counted.seen += 1
            return value(*told)

        setattr(self.parser, name, counted if name == "StartElementHandler" else value)

    def Parse(self, words: str, is_last: bool) -> None:  # noqa: N802 (named by expat)
        Counted.fed += len(words)
        self.parser.Parse(words, is_last)


make_parser = expat.ParserCreate


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> type[Counted]:
    monkeypatch.setattr(expat, "ParserCreate", Counted)
    monkeypatch.setattr(Counted, "fed", 0)
    monkeypatch.setattr(Counted, "seen", 0)
    return Counted


TOO_MUCH = "It holds more than we can check. Save it as PDF, or in several smaller files, and add it again."
# The bytes and elements of the list of parts, which is read as that and as XML like any other.
FIRST = 2 * len(f'<Types><Override ContentType="{WORD}"/></Types>'), 2 * 2


def test_twenty_kilobytes_are_never_minutes_of_work(work: type[Counted]) -> None:
    """Five million elements arrive so; they are more than 1,000,000 tags, and no more than those are looked at."""
    content = office(parts={"word/document.xml": f"<d>{'<a/>' * 5 * 1024 * 1024}</d>"})
    assert len(content) < 21_000
    with pytest.raises(Unsound) as refusal:
        identify(content, name="letter.docx")
    assert refusal.value.sentence == TOO_MUCH
    assert work.seen <= 1_000_000


@pytest.mark.parametrize(
    ("parts", "most_fed", "most_seen"),
    [
        # Much when it is unpacked: nothing is unpacked at all.
        ({"x.xml": f"<x>{' ' * 33_000}</x>"}, 0, 0),
        # The same, cut in parts: those that fit.
        ({f"{number}.xml": f"<x>{' ' * 3_000}</x>" for number in range(11)}, 32_000, 10),
        ({"x.xml": f"<x>{'<a/>' * 5_000}</x>"}, 4_000, 1_000),
        ({f"{number}.xml": f"<x>{'<a/>' * 300}</x>" for number in range(9)}, 4_000, 1_000),
        # A name is dear to remember, so that thousands of them are too much before the tags are.
        ({"x.xml": "<x>" + "".join(f"<a{number}/>" for number in range(900)) + "</x>"}, 1_000, 200),
        ({"x.xml": "<x>" + "".join(f'<a b{number}=""/>' for number in range(900)) + "</x>"}, 1_000, 200),
        # One that never ends would be looked at again, from its beginning, with each piece.
        ({"x.xml": f"<x a='{' ' * 30_000}'/>"}, 5_000, 0),
        ({"x.xml": f"<x><!--{' ' * 30_000}--></x>"}, 5_000, 1),
    ],
    ids=["bytes", "bytes-in-parts", "tags", "tags-in-parts", "names", "names-of-attributes", "tag", "comment"],
)  # fmt: skip
@pytest.mark.parametrize("contents", [WORD, EXCEL])
def test_each_kind_of_work_has_its_limit(
    contents: str,
    parts: Mapping[str, str],
    most_fed: int,
    most_seen: int,
    work: type[Counted],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Here a thousandth of what it is."""
    limits = (filetypes._MOST_XML, filetypes._MOST_TAGS, filetypes._LONGEST_TAG, filetypes._XML_CHUNK)
    assert limits == (32 * 1024**2, 1_000_000, 4 * 1024**2, 1024**2)
    assert filetypes._MOST_NAMES == 10_000
    limited = {"_MOST_XML": 32_000, "_MOST_TAGS": 1_000, "_LONGEST_TAG": 4_000, "_XML_CHUNK": 1_000, "_MOST_NAMES": 10}
    for name, limit in limited.items():
        monkeypatch.setattr(filetypes, name, limit)
    with pytest.raises(Unsound) as refusal:
        identify(office(contents, parts=parts), name="x")
    assert refusal.value.sentence == TOO_MUCH
    assert work.fed <= FIRST[0] + most_fed
    assert work.seen <= FIRST[1] + most_seen


def test_a_large_document_is_taken() -> None:
    """Six hundred pages of a hundred pieces of writing, as Word writes them, and 150,000 cells."""
    run = '<w:r w:rsidRPr="00A1"><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">words </w:t></w:r>'
    assert identify(office(parts={"word/document.xml": page(run * 60_000)}), name="x") == FileKind.DOCX
    cells = '<c r="A1" s="3"><v>12.5</v></c>' * 150_000
    assert identify(office(EXCEL, parts={SHEET: sheet(cells)}), name="x") == FileKind.XLSX


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
