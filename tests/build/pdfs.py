"""PDFs as somebody could bring them who made them by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject


def made_up(words: str, *, pages: int = 1, files: Mapping[str, bytes] | None = None) -> bytes:
    """A PDF with `words` on each of its pages, which all show the one place where they are written."""
    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    stream = DecodedStreamObject()
    stream.set_data(f"BT /F1 10 Tf 10 700 Td ({words}) Tj ET".encode())
    written = writer._add_object(stream.flate_encode())
    for _ in range(pages):
        page = writer.add_blank_page(600, 800)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
        page[NameObject("/Contents")] = written
    for name, content in (files or {}).items():
        writer.add_attachment(name, content)
    target = BytesIO()
    writer.write(target)
    return target.getvalue()
