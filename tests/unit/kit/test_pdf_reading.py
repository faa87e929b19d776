"""What is read of a PDF that somebody brings is no more than a record of ours ever has."""

from __future__ import annotations

from safeguarding.kit import pdf_reading
from safeguarding.kit.pdf_reading import Contents
from tests.build.pdfs import made_up


def test_the_words_of_each_page_and_the_files_inside() -> None:
    read = pdf_reading.read(made_up("Page 1 of 2", pages=2, files={"proof.json": b"{}"}))
    assert read == Contents(("Page 1 of 2", "Page 1 of 2"), {"proof.json": b"{}"})


def test_a_small_file_with_very_many_words_is_not_read() -> None:
    """The web process would hold them several times over."""
    longest = made_up("x" * 20_000, pages=200)
    read = pdf_reading.read(longest)
    assert read is not None
    assert sum(map(len, read.pages)) == 4_000_000
    content = made_up("x" * 20_000, pages=201)
    assert len(content) < 81_000
    assert pdf_reading.read(content) is None


def test_neither_is_one_with_very_large_files_inside() -> None:
    six = b"\0" * 6 * 1024 * 1024
    assert pdf_reading.read(made_up("x", files={"a": six})) == Contents(("x",), {"a": six})
    assert pdf_reading.read(made_up("x", files={"a": six, "b": six[1:]})) is None
