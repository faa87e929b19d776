"""Which kinds of file are taken, told by what is in them and never by their name or by what a browser calls them.

The list is short on purpose (ADR 19). A kind is on it only if it can be told for sure, scanned whole, and opened on any
machine. Nothing here runs anything: headers and directories are read, of an Office file also what ties its parts
together and what its fields and formulas ask for, and no more.
"""

from __future__ import annotations

import codecs
import mmap
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit
from xml.parsers import expat

from django.db import models

from safeguarding.kit import photos
from safeguarding.kit.errors import Unsound
from safeguarding.kit.photos import Broken, Bytes


class FileKind(models.TextChoices):
    """The kinds that are taken."""

    JPEG = "jpeg", "Photo or picture (JPEG)"
    PNG = "png", "Picture (PNG)"
    WEBP = "webp", "Picture (WebP)"
    PDF = "pdf", "PDF"
    DOCX = "docx", "Word document"
    XLSX = "xlsx", "Excel workbook"
    TEXT = "txt", "Plain text"


PICTURES = frozenset({FileKind.JPEG, FileKind.PNG, FileKind.WEBP})
TAKEN = "Photos and pictures (JPEG, PNG, WebP), PDF, Word (.docx), Excel (.xlsx) and plain text (.txt)."
# What a phone or computer offers first; nothing relies on it. Because HEIC is not in it, iPhones send JPEG.
ACCEPT = "image/jpeg,image/png,image/webp,application/pdf,.docx,.xlsx,.txt"

CONTENT_TYPES: dict[str, str] = {
    FileKind.JPEG: "image/jpeg",
    FileKind.PNG: "image/png",
    FileKind.WEBP: "image/webp",
    FileKind.PDF: "application/pdf",
    FileKind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileKind.TEXT: "text/plain",
}
LONGEST_NAME = 120

_OFFICE = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": FileKind.DOCX,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": FileKind.XLSX,
}
_CONTENTS = "[content_types].xml"
# Parts that run: documents with macros, macro sheets, and where macros are kept, whatever that file is called.
_RUNS = ("macro", "vbaproject")
# What a workbook fetches from elsewhere: from another workbook or, by DDE, from a program; from a database or a page of
# the web; by RTD from a program that goes on telling.
_FETCHED = ("externallink", "connections", "querytable", "volatiledependencies")
# The one relation that may point outside: what it opens, it opens when somebody presses it. (ISO 29500 has two names.)
_LINKS = frozenset(
    {
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink",
        "http://purl.oclc.org/ooxml/officeDocument/relationships/hyperlink",
    }
)
# Relations that bring in what is not of the document's own kind: a template, a piece of a web page, what is fetched.
_FOREIGN = ("attachedtemplate", "afchunk", *_FETCHED)
# What the parts of a document may be to each other: the last word of the relation's name, in small letters. All others
# are another file (package, oleObject), a program (control, webextension) or what nobody uses. In lines: of every
# file, of Word, of both, of Excel.
_TIES = frozenset(
    {
        "certificate", "classificationlabels", "core-properties", "custom-properties", "customproperties",
        "customproperty", "customxml", "customxmlprops", "extended-properties", "extendedproperties", "officedocument",
        "origin", "signature", "thumbnail",
        "comments", "commentsextended", "commentsextensible", "commentsids", "documenttasks", "endnotes", "font",
        "fonttable", "footer", "footnotes", "glossarydocument", "header", "intelligence", "keymapcustomizations",
        "numbering", "people", "settings", "styleswitheffects", "websettings",
        "chart", "chartcolorstyle", "chartex", "chartstyle", "chartusershapes", "diagramcolors", "diagramdata",
        "diagramdrawing", "diagramlayout", "diagramquickstyle", "drawing", "hdphoto", "hyperlink", "image", "ink",
        "printersettings", "styles", "theme", "themeoverride", "vmldrawing",
        "calcchain", "chartsheet", "ctrlprop", "featurepropertybag", "namedsheetview", "person",
        "pivotcachedefinition", "pivotcacherecords", "pivottable", "rdarray", "rdrichvalue", "rdrichvaluestructure",
        "rdrichvaluetypes", "rdsupportingpropertybag", "rdsupportingpropertybagstructure", "revisionheaders",
        "revisionlog", "richstyles", "richvaluerel", "sharedstrings", "sheetmetadata", "slicer", "slicercache", "table",
        "tablesinglecells", "threadedcomment", "timeline", "timelinecache", "usernames", "workbookmetadata",
        "worksheet", "xmlmaps",
    }
)  # fmt: skip
# How a part may be called, whether or not anything is tied to it: XML (a drawing of an old kind is some too), pictures,
# fonts, a signature. And data of no known kind: of printers, of what was added to a sheet, and the filling that
# SharePoint leaves, which nothing refers to (ECMA-376 part 1, 9.1.7).
_PARTS = (
    ".xml", ".rels", ".vml", ".avif", ".bmp", ".dib", ".emf", ".emz", ".gif", ".heic", ".jfif", ".jpe", ".jpeg", ".jpg",
    ".pct", ".pict", ".png", ".svg", ".tif", ".tiff", ".tmp", ".wdp", ".webp", ".wmf", ".wmz", ".odttf", ".ttf",
    ".sigs", "/",
)  # fmt: skip
_DATA = re.compile(
    r"(?:^|/)printersettings(?:/[^/]+|\d+)\.bin$|^xl/customproperty\d+\.bin$|^\[trash\]/[0-9a-f]{4}\.dat$"
)
# What a field of a Word document may be. All others, among them INCLUDEPICTURE, DDEAUTO and LINK, may fetch or run
# something when the document is opened, or may be there to spell such a name in pieces (QUOTE).
_FIELDS = frozenset(
    {
        "ADDIN", "ADDRESSBLOCK", "ADVANCE", "ASK", "AUTHOR", "AUTONUM", "AUTONUMLGL", "AUTONUMOUT", "BARCODE",
        "BIBLIOGRAPHY", "CITATION", "COMMENTS", "COMPARE", "CREATEDATE", "DATE", "DISPLAYBARCODE", "DOCPROPERTY",
        "DOCVARIABLE", "EDITTIME", "EMBED", "EQ", "FILENAME", "FILESIZE", "FILLIN", "FORMCHECKBOX", "FORMDROPDOWN",
        "FORMTEXT", "GREETINGLINE", "HYPERLINK", "IF", "INDEX", "INFO", "KEYWORDS", "LASTSAVEDBY", "LISTNUM",
        "MERGEBARCODE", "MERGEFIELD", "MERGEREC", "MERGESEQ", "NEXT", "NEXTIF", "NOTEREF", "NUMCHARS", "NUMPAGES",
        "NUMWORDS", "PAGE", "PAGEREF", "PRINTDATE", "REF", "REVNUM", "SAVEDATE", "SECTION", "SECTIONPAGES", "SEQ",
        "SET", "SHAPE", "SKIPIF", "STYLEREF", "SUBJECT", "SYMBOL", "TA", "TC", "TEMPLATE", "TIME", "TITLE", "TOA",
        "TOC", "USERADDRESS", "USERINITIALS", "USERNAME", "XE",
    }
)  # fmt: skip
_WORD = frozenset(
    {
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    }
)
# What fields are written with, in that namespace.
_OF_FIELDS = frozenset({"fldChar", "fldSimple", "instrText", "delInstrText", "mailMerge"})
# Whose words are gone as soon as a tracked change is taken as it is.
_DELETED = frozenset({"del", "moveFrom"})
# Where a workbook has formulas: cells, names, tables, conditions, what may be entered, charts. In attributes: of pivot
# tables and of scales of colour.
_FORMULAS = frozenset(
    {"f", "formula", "formula1", "formula2", "definedName", "calculatedColumnFormula", "totalsRowFormula"}
)
_FORMULA_ATTRIBUTES = ("formula", "val")
# Newer conditions and lists hold theirs in one element more, which has a name of formulas too.
_HOLDS_FORMULA = frozenset({"formula", "formula1", "formula2"})
# Its fractions are called f.
_MATHS = frozenset(
    {
        "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "http://purl.oclc.org/ooxml/officeDocument/math",
    }
)
# Functions that ask somebody outside or run something, most of them as soon as the workbook is opened: called, or
# handed on to another function by a name that begins with _XLETA. In capitals; the names stand first, so that looking
# for them is quick.
_CALLS = (
    "CALL", "COPILOT", "DDE", "DETECTLANGUAGE", "IMAGE", "PY", "REGISTER.ID", "RTD", "STOCKHISTORY", "TRANSLATE",
    "WEBSERVICE",
)  # fmt: skip
_CALLS_OUT = re.compile(
    "|".join(rf"{name}(?<!\w{name})(?:\s*\(|(?<=_XLETA\.{name})\b)" for name in map(re.escape, _CALLS))
)
# In the name of a table's column a quotation mark is a sign like any other, and an apostrophe takes the next sign as it
# is: neither begins what is quoted.
_MARK_IN_COLUMN = re.compile(r"""\[[^\[\]]*['"]""")
# What somebody wrote within a formula, and the names of sheets, are no calls.
_QUOTED = re.compile("'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_LONGEST_FIELD = 64 * 1024
_MOST_NESTED = 20
_MOST_ENTRIES = 5_000
_MOST_UNPACKED = 400 * 1024 * 1024
_LONGEST_CONTENTS = 1024 * 1024
# All relations of a file together: a sheet with tens of thousands of links in it has some.
_LONGEST_RELATIONS = 16 * 1024 * 1024
# Without these, 20 KB that arrive are minutes of work. Of all XML in a file together: its bytes; its tags, as many as
# in 1,000 pages of Word or in 200,000 cells; and by how many names they and their attributes are called.
_MOST_XML = 32 * 1024 * 1024
_MOST_TAGS = 1_000_000
_MOST_NAMES = 10_000
# Pictures of old kinds stand within a tag.
_LONGEST_TAG = 4 * 1024 * 1024
_HEIF_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif"})
_NOT_IN_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_CHUNK = 1 << 16
# What is not finished in one piece is looked at again with the next one, from its beginning: so the pieces are large.
_XML_CHUNK = 1 << 20

EMPTY = "It is empty."
HEIC = (
    "It is a photo in Apple’s own form (HEIC), which not every computer can open. On the iPhone choose “Most "
    "compatible” when you attach it, or save it as JPEG, and add it again."
)
FILM_OR_SOUND = (
    "It is a film or a sound recording, and we don’t keep those here. Keep it where it is, don’t send it round, and "
    "write in a note where it is and who has it."
)
OLD_OFFICE = (
    "It is an old Office file, a saved e-mail, or a document with a password. Save it as .docx, .xlsx or PDF, "
    "without a password, and add it again."
)
LOCKED = "It is protected, so that it can’t be checked for viruses. Save it without a password, and add it again."
MACROS = (
    "It holds macros, or calls for something from elsewhere, such as a template, a picture, a web page or another "
    "workbook. Save it as PDF, and add it again."
)
INSIDE = (
    "It has something in it that we can’t check, such as another file, a button that runs a program, or the workbook "
    "behind a chart. Save it as PDF, and add it again."
)
TOO_MUCH = "It holds more than we can check. Save it as PDF, or in several smaller files, and add it again."
ODD = "It is put together in a way that we can’t check. Save it as PDF, and add it again."
NOT_WHOLE = "It is damaged, did not arrive whole, or is far larger when it is unpacked. Add it again."
ARCHIVE = "It is an archive, such as a ZIP. Add the files in it one by one."
OTHER = f"It is not a kind of file that we take. {TAKEN}"


def identify(data: Bytes, *, name: str) -> FileKind:
    """Which kind of file it is. Raises Unsound with one sentence for a person, which does not name the file."""
    try:
        kind = _identify(data, name)
    except (Broken, zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError):
        raise Unsound(NOT_WHOLE) from None
    return kind


def _identify(data: Bytes, name: str) -> FileKind:
    head = data[:16]
    if not head:
        raise Unsound(EMPTY)
    if picture := photos.kind_of(data):
        photos.end_of(data)
        return FileKind[picture]
    if head[4:8] == b"ftyp":
        raise Unsound(HEIC if head[8:12] in _HEIF_BRANDS else FILM_OR_SOUND)
    if head[:5] == b"%PDF-":
        return _pdf(data)
    if head[:4] == b"PK\x03\x04":
        return _office(data)
    if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise Unsound(OLD_OFFICE)
    if head[:3] == b"ID3" or head[:4] in (b"OggS", b"\x1aE\xdf\xa3", b"fLaC") or head[8:12] in (b"WAVE", b"AVI "):
        raise Unsound(FILM_OR_SOUND)
    # Text has no mark of its own; a web page, a script or a batch file is text too. So here the name has to say it.
    if name.lower().endswith(".txt") and _is_text(data):
        return FileKind.TEXT
    raise Unsound(OTHER)


def _pdf(data: Bytes) -> FileKind:
    # Ends as it should: nothing of another kind hangs on, and nothing was cut off.
    end = data.rfind(b"%%EOF")
    if end < max(0, len(data) - 2048):
        raise Broken
    if data.find(b"/Encrypt") >= 0:
        raise Unsound(LOCKED)
    return FileKind.PDF


def _office(data: Bytes) -> FileKind:
    source: Any = BytesIO(data) if isinstance(data, bytes) else data  # an mmap reads and seeks like any file
    with zipfile.ZipFile(source) as archive:
        entries = archive.infolist()
        if len(entries) > _MOST_ENTRIES or sum(entry.file_size for entry in entries) > _MOST_UNPACKED:
            raise Broken
        if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
            raise Broken  # Office packs in no other way
        # Office takes part names as web addresses, whatever their capitals.
        names = {unquote(entry.filename).replace("\\", "/").lower(): entry for entry in entries}
        if _CONTENTS not in names:
            raise Unsound(ARCHIVE)
        if any(entry.flag_bits & 1 for entry in entries):
            raise Unsound(LOCKED)
        if len(names) < len(entries) or any(each.startswith("/") or ".." in each.split("/") for each in names):
            raise Broken
        xml = _Xml(archive)
        types = _types(xml, names[_CONTENTS])
        has_macros = any(each.endswith("vbaproject.bin") for each in names)
        if has_macros or any(mark in each for each in types for mark in (*_RUNS, *(f"{one}+xml" for one in _FETCHED))):
            raise Unsound(MACROS)
        _check_relations(xml, [entry for name, entry in names.items() if name.endswith(".rels")])
        kind = next((kind for mark, kind in _OFFICE.items() if mark in types), None)
        if kind is None:
            raise Unsound(OTHER)
        check = _check_fields if kind == FileKind.DOCX else _check_formulas
        written = (".xml", *(end for mark, ends in types.items() if mark.endswith("xml") for end in ends))
        for name, entry in names.items():
            if f"/{name}".endswith(written):
                check(xml, entry)
        if not all(name.endswith(_PARTS) or _DATA.search(name) for name in names):
            raise Unsound(INSIDE)
    return kind


def _types(xml: _Xml, contents: zipfile.ZipInfo) -> dict[str, set[str]]:
    """What the document says that its parts are, and for each how their names end."""
    if contents.file_size > _LONGEST_CONTENTS:
        raise Broken
    found: dict[str, set[str]] = {}

    def look(_: str, attributes: dict[str, str]) -> None:
        ends = found.setdefault(attributes.get("ContentType", "").strip().lower(), set())
        if part := attributes.get("PartName", attributes.get("Extension", "")).strip():
            ends.add(unquote(part).replace("\\", "/").lower())

    xml.read(contents, look)
    return found


class _Namespaces:
    """What the prefixes in one part stand for. One that is declared differently in two places stands for nothing here,
    because which of them holds where an office program reads it is not for us to guess.
    """

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def note(self, attributes: Mapping[str, str]) -> None:
        """What an element declares; to be called for each, from the first one on."""
        if not self._known:
            self._known[""] = attributes.get("xmlns", "")
        for name, namespace in attributes.items():
            if name.startswith("xmlns") and name[5:6] in ("", ":"):
                prefix = name[6:]
                if self._known.setdefault(prefix, namespace) != namespace:
                    self._known[prefix] = ""

    def of(self, name: str) -> str:
        """The namespace of an element or attribute; "" for none, or one that is not known for sure."""
        return self._known.get(name.rpartition(":")[0], "")


@dataclass
class _Field:
    """A field that was begun. `place` is the element of another namespace in which it stands."""

    place: int
    instruction: str = ""
    deleted: str = ""


class _Fields:
    """The fields of a part of a letter, read as Word reads them: it passes over elements of namespaces that it does not
    know, chooses one of several versions of a piece, and leaves out what was deleted.

    So a field that has pieces on both sides of any such border is refused, and one that lies within it is not.
    """

    def __init__(self) -> None:
        self._namespaces = _Namespaces()
        self._open: list[_Field] = []  # one may lie in another
        self._depth = 0
        self._instruction = 0  # how deep the instruction lies that we are within
        self._is_deleted = False  # that one
        # How deep they lie that we are within: elements of other namespaces, each with its number; what was deleted.
        self._foreign: list[tuple[int, int]] = [(0, 0)]
        self._foreign_so_far = 0
        self._deleted: list[int] = []

    def look(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._instruction:
            raise Unsound(ODD)
        self._namespaces.note(attributes)
        element = name.rpartition(":")[2]
        if self._namespaces.of(name) not in _WORD:
            if element in _OF_FIELDS:
                raise Unsound(ODD)
            self._foreign_so_far += 1
            self._foreign.append((self._depth, self._foreign_so_far))
        elif element in _DELETED:
            self._deleted.append(self._depth)
        elif element in _OF_FIELDS:
            self._piece(element, attributes)

    def _piece(self, element: str, attributes: dict[str, str]) -> None:
        if element == "mailMerge":  # whose names and addresses are fetched, without any relation too
            raise Unsound(MACROS)
        if element == "fldSimple":
            self._check_begins()
            _check_field(self._told(attributes, "instr"))
        elif element == "fldChar":
            self._border(self._told(attributes, "fldCharType"))
        else:
            self._instruction = self._depth
            self._is_deleted = element == "delInstrText" or bool(self._deleted)

    def _border(self, kind: str) -> None:
        if kind == "begin":
            self._check_begins()
            self._open.append(_Field(self._foreign[-1][1]))
            if len(self._open) > _MOST_NESTED:
                raise Broken
        elif kind not in ("separate", "end"):
            raise Unsound(ODD)
        elif self._open:
            self._check_place()
            if kind == "end":
                self._check(self._open.pop())

    def read(self, text: str) -> None:
        if not self._instruction:
            return
        if not self._open:
            if text.strip():
                raise Unsound(ODD)
            return
        self._check_place()
        field = self._open[-1]
        if self._is_deleted:
            field.deleted += text
        else:
            field.instruction += text
        if len(field.instruction) + len(field.deleted) > _LONGEST_FIELD:
            raise Broken

    def leave(self, _: str) -> None:
        if self._instruction == self._depth:
            self._instruction = 0
        if self._foreign[-1][0] == self._depth:
            self._foreign.pop()
        if self._deleted and self._deleted[-1] == self._depth:
            self._deleted.pop()
        self._depth -= 1

    def end(self) -> None:
        """Those that were begun and never ended."""
        for field in self._open:
            self._check(field)

    def _told(self, attributes: dict[str, str], wanted: str) -> str:
        found = [name for name in attributes if name.rpartition(":")[2] == wanted]
        # An attribute without a prefix is in no namespace.
        if len(found) > 1 or any(":" not in name or self._namespaces.of(name) not in _WORD for name in found):
            raise Unsound(ODD)
        return attributes[found[0]] if found else ""

    def _check_begins(self) -> None:
        """The field around this one has its name from itself, unless this one gives it; a deleted one gives none."""
        around = self._open[-1] if self._open else None
        if around and not (around.instruction + (around.deleted if self._deleted else "")).strip():
            raise Unsound(MACROS)

    def _check_place(self) -> None:
        if self._open[-1].place != self._foreign[-1][1]:
            raise Unsound(ODD)

    def _check(self, field: _Field) -> None:
        if field.instruction.strip() and field.deleted.strip():
            raise Unsound(ODD)
        _check_field(field.instruction + field.deleted)


def _check_fields(xml: _Xml, part: zipfile.ZipInfo) -> None:
    """Each field in the part is of a kind that stays within the document."""
    fields = _Fields()
    xml.read(part, fields.look, fields.read, fields.leave)
    fields.end()


def _check_field(instruction: str) -> None:
    """Raises Unsound for what a document may not ask for; a field without any instruction does nothing."""
    name = instruction.strip().upper()
    if name and not name.startswith("=") and name.split()[0] not in _FIELDS:
        raise Unsound(MACROS)


class _Formulas:
    """The formulas of a part of a workbook. Of an element within one, Excel reads the words or passes over them: so
    there may be none, but for the one that holds the words where newer conditions and lists have them.
    """

    def __init__(self) -> None:
        self._namespaces = _Namespaces()
        self._depth = 0  # how deep we are within the outermost formula
        self._words: list[str] = []
        self._may_hold = False  # another element
        self._holds = False
        self._is_odd = False

    def look(self, name: str, attributes: dict[str, str]) -> None:
        self._namespaces.note(attributes)
        element = name.rpartition(":")[2]
        if self._depth:
            self._depth += 1
            self._is_odd |= not (self._may_hold and element == "f")
            self._may_hold, self._holds = False, True
        elif element in _FORMULAS and self._namespaces.of(name) not in _MATHS:
            self._depth = 1
            self._may_hold, self._holds, self._is_odd = element in _HOLDS_FORMULA, False, False
        for attribute in _FORMULA_ATTRIBUTES if attributes else ():
            _check_formula(attributes.get(attribute, ""))

    def read(self, text: str) -> None:
        if not self._depth:
            return
        self._words.append(text)
        if self._depth == 1 and text.strip():  # words of its own: none before the other element, and none behind it
            self._may_hold, self._is_odd = False, self._is_odd or self._holds

    def leave(self, _: str) -> None:
        if not self._depth:
            return
        self._depth -= 1
        if not self._depth:
            _check_formula("".join(self._words))
            self._words.clear()
            if self._is_odd:
                raise Unsound(ODD)


def _check_formulas(xml: _Xml, part: zipfile.ZipInfo) -> None:
    """No formula in the part asks anybody outside or runs anything."""
    formulas = _Formulas()
    xml.read(part, formulas.look, formulas.read, formulas.leave)


def _check_formula(formula: str) -> None:
    words = formula.upper()
    if not words or not _CALLS_OUT.search(words):
        return
    if _MARK_IN_COLUMN.search(words) or _CALLS_OUT.search(_QUOTED.sub(" ", words)):
        raise Unsound(MACROS)


def _check_relations(xml: _Xml, parts: Sequence[zipfile.ZipInfo]) -> None:
    """Its parts are tied to each other as those of a document are, and to nothing outside but what a link leads to."""
    if sum(part.file_size for part in parts) > _LONGEST_RELATIONS:
        raise Broken

    def look(_: str, attributes: dict[str, str]) -> None:
        kind, target = attributes.get("Type", "").strip(), attributes.get("Target", "").strip()
        is_outside = attributes.get("TargetMode", "").strip().lower() == "external"
        is_outside = is_outside or bool(urlsplit(target).scheme) or target.startswith(("//", "\\\\"))
        tie = kind.rpartition("/")[2].lower()
        if tie in _FOREIGN or (is_outside and kind not in _LINKS):
            raise Unsound(MACROS)
        if kind and tie not in _TIES:
            raise Unsound(INSIDE)

    for part in parts:
        xml.read(part, look)


class _Xml:
    """The XML in an Office file, read part by part, and of all parts together no more than anybody could mean."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._bytes_left, self._tags_left = _MOST_XML, _MOST_TAGS
        self._names: dict[str, str] = {}  # the parsers add each that they meet

    def read(
        self,
        part: zipfile.ZipInfo,
        look: Callable[[str, dict[str, str]], None],
        read: Callable[[str], None] | None = None,
        leave: Callable[[str], None] | None = None,
    ) -> None:
        """`look` at each element, `read` each piece of text, and `leave` each element.

        Only plain UTF-8 without declarations of its own is read: whatever an office program would read another way than
        we do is refused; no entity is ever resolved.
        """
        self._bytes_left -= part.file_size  # no more of it can be read than it says that it has
        if self._bytes_left < 0:
            raise Unsound(TOO_MUCH)
        parser = expat.ParserCreate(intern=self._names)
        decoder = codecs.getincrementaldecoder("utf-8-sig")()

        def check_encoding(_: str, encoding: str | None, __: int) -> None:
            if encoding and encoding.lower() not in ("utf-8", "us-ascii"):
                raise Unsound(ODD)

        def refuse(*_: object) -> None:
            raise Unsound(ODD)

        parser.XmlDeclHandler = check_encoding
        parser.StartDoctypeDeclHandler = refuse
        parser.StartElementHandler = look
        if read is not None:
            parser.buffer_text = True
            parser.CharacterDataHandler = read
        if leave is not None:
            parser.EndElementHandler = leave
        done = 0
        try:
            with self._archive.open(part) as content:
                while chunk := content.read(_XML_CHUNK):
                    words = decoder.decode(chunk)
                    if "\0" in words:  # it is UTF-16, which the parser would find out for itself
                        raise Unsound(ODD)
                    self._tags_left -= words.count("<")  # before any of them costs anything
                    if self._tags_left < 0:
                        raise Unsound(TOO_MUCH)
                    parser.Parse(words, False)
                    done += len(chunk)
                    if len(self._names) > _MOST_NAMES or done - parser.CurrentByteIndex > _LONGEST_TAG:
                        raise Unsound(TOO_MUCH)
                parser.Parse(decoder.decode(b"", final=True), True)
        except (expat.ExpatError, UnicodeDecodeError):
            raise Unsound(ODD) from None


def _is_text(data: Bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        for start in range(0, len(data), _CHUNK):
            words = decoder.decode(data[start : start + _CHUNK], final=start + _CHUNK >= len(data))
            if _NOT_IN_TEXT.search(words):
                return False
    except UnicodeDecodeError:
        return False
    return True


@contextmanager
def looked_into(file: BinaryIO) -> Iterator[Bytes]:
    """The bytes of an open file on the disk, without reading them into memory. Empty bytes for an empty file."""
    file.seek(0, 2)
    if not file.tell():
        yield b""
        return
    with _Mapped(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data


class _Mapped(mmap.mmap):
    """Before Python 3.13 a mapped file does not say that it can be searched, which zipfile asks."""

    def seekable(self) -> bool:
        return True


# --- Names: kept as data, shown, and handed back; never part of a path or an address ----------------


def clean_name(name: str) -> str:
    """What somebody called the file, fit to be shown: no folders, nothing invisible, nothing that turns the line round.

    Never empty, at most LONGEST_NAME characters; a long one keeps its end, where the kind of file stands.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    # Controls and formatting characters (categories C*: the right-to-left override among them) and line breaks (Z*).
    shown = "".join(" " if unicodedata.category(c) in ("Zl", "Zp", "Zs") else c for c in last)
    shown = "".join(c for c in shown if unicodedata.category(c)[0] != "C")
    words = " ".join(shown.split()).strip(". ")
    if len(words) > LONGEST_NAME:
        words = f"{words[: LONGEST_NAME - 21]}…{words[-20:]}"
    return words or "file"


def name_to_save(name: str, kind: str) -> str:
    """`name` with the ending of what the file is, whatever it said: "letter.exe" that is a PDF becomes
    "letter.exe.pdf".
    """
    endings = {FileKind.JPEG: (".jpg", ".jpeg", ".jfif", ".heic", ".png", ".webp")}
    for ending in endings.get(FileKind(kind), (f".{kind}",)):
        if name.lower().endswith(ending) and len(name) > len(ending):
            name = name[: -len(ending)]
            break
    return f"{name}.{'jpg' if kind == FileKind.JPEG else kind}"
