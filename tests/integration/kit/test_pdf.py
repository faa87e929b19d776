"""PDFs as an auditor's reader and an archive see them."""

import resource
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pypdf import PdfReader
from pytest_django import Settings

from safeguarding.kit import pdf

pytestmark = pytest.mark.pdf

IMPRINT = pdf.Imprint(
    generated_at=datetime(2026, 5, 4, 13, 5, tzinfo=UTC),
    generated_by="Amara O’Neill-Świątek",
    purpose="request by the council’s solicitor",
    recipient="Beth Stone, Larkshire Council",
    reference="SC-7KQ2-M4XD",
    version="version 2",
    digest="0123456789abcdef" * 4,
    status="SUPERSEDED",
)


@pytest.fixture(autouse=True)
def _sample_template(settings: Settings) -> None:
    engine = settings.TEMPLATES[0]
    settings.TEMPLATES = [{**engine, "DIRS": [*engine["DIRS"], Path(__file__).with_name("templates")]}]


def make(words: str = "She was afraid.", more: str = "", **rest: Any) -> PdfReader:
    attachments = rest.pop("attachments", ())
    made = pdf.render(
        "kit_sample.html",
        {"imprint": IMPRINT, "words": words, "more": more, **rest},  # `rest` may hold another imprint
        title="Information-sharing decision",
        attachments=attachments,
    )
    return PdfReader(BytesIO(made))


def text_of(reader: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def test_it_is_archival_tagged_titled_and_english() -> None:
    reader = make()
    root: Any = reader.root_object
    assert reader.metadata is not None
    assert reader.metadata.title == "Information-sharing decision"
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    xmp = root["/Metadata"].get_object().get_data().decode()
    assert 'pdfaid:part="3"' in xmp
    assert 'pdfaid:conformance="A"' in xmp
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
    assert fonts
    for font in fonts:
        descendant = font["/DescendantFonts"][0].get_object()
        assert "/FontFile2" in descendant["/FontDescriptor"] or "/FontFile3" in descendant["/FontDescriptor"]


def roles(element: Any) -> Iterator[str]:
    element = element.get_object()
    if isinstance(element, dict):
        if "/S" in element:
            yield element["/S"]
        children = element.get("/K", [])
        for child in children if isinstance(children, list) else [children]:
            yield from roles(child) if not isinstance(child, int) else ()


def test_headings_tables_and_cells_are_tagged_as_such() -> None:
    root: Any = make().root_object
    found = set(roles(root["/StructTreeRoot"]))
    assert {"/H1", "/H2", "/Table", "/TH", "/TD", "/Caption"} <= found


def test_every_page_says_what_it_is_and_for_whom() -> None:
    reader = make(more="A line.\n" * 150)
    assert len(reader.pages) > 2
    for number, page in enumerate(reader.pages, start=1):
        text = " ".join(page.extract_text().split())
        assert text.count("OFFICIAL-SENSITIVE") == 2
        assert f"Page {number} of {len(reader.pages)}" in text
        assert "SC-7KQ2-M4XD, version 2" in text
        assert "SUPERSEDED" in text
        assert "For Beth Stone, Larkshire Council." in text
        assert "Made 4 May 2026, 14:05 by Amara O’Neill-Świątek." in text  # London time
        assert "Purpose: request by the council’s solicitor." in text
        assert "0123456789ab" in text


def test_what_people_typed_is_text_and_never_markup() -> None:
    text = text_of(make(words="<b>He</b> said <script>alert(1)</script> & left"))
    assert "<b>He</b> said <script>alert(1)</script> & left" in " ".join(text.split())


def test_nothing_typed_turns_our_own_words_around() -> None:
    turned = replace(IMPRINT, purpose="audit \u202e\u2067 evil", recipient="Beth \u202d Stone")
    text = " ".join(text_of(make(words="she said \u202eno", imprint=turned)).split())
    assert "she said no" in text
    assert "Purpose: audit evil. Digest 0123456789ab." in text


def test_other_scripts_accents_and_emoji_come_through() -> None:
    text = text_of(make(words="Siân Łukasz Nguyễn 😢", more="שלום עולם"))
    assert "Siân Łukasz Nguyễn" in text
    assert "שלום" in text or "םולש" in text  # extractors differ in the order


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A web server on this machine that remembers what it was asked for."""
    asked: list[str] = []

    class Remembering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Remembering)
    Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}", asked
    httpd.shutdown()
    httpd.server_close()


def test_nothing_is_fetched_from_anywhere(server: tuple[str, list[str]], tmp_path: Path) -> None:
    address, asked = server
    secret = tmp_path / "secret.txt"
    secret.write_text("the password")
    markup = (
        f'<img src="{address}/i.png"><link rel="stylesheet" href="{address}/s.css">'
        f'<style>@import url("{address}/c.css"); @font-face {{font-family: x; src: url("{address}/f.woff")}}'
        f' p {{font-family: x; background: url("{address}/b.png")}}</style>'
        f'<a rel="attachment" href="file://{secret}">a</a><link rel="attachment" href="file://{secret}">'
        f'<object data="{address}/o.svg"></object><img src="file://{secret}">'
        f'<svg width="9" height="9"><image href="{address}/v.png"/><use href="{address}/u.svg#a"/></svg>'
    )
    reader = make(words="She was afraid.", safe=markup)
    assert "She was afraid." in text_of(reader)
    assert asked == []
    assert dict(reader.attachments) == {}


def test_a_record_can_be_inside() -> None:
    record = pdf.Attachment("record.json", b'{"version":1}', "application/json", "The signed record")
    reader = make(attachments=[record])
    assert dict(reader.attachments) == {"record.json": [b'{"version":1}']}
    root: Any = reader.root_object
    file_spec = root["/AF"][0].get_object()
    assert file_spec["/AFRelationship"] == "/Source"
    assert file_spec["/Desc"] == "The signed record"
    assert file_spec["/EF"]["/F"].get_object()["/Subtype"] == "/application/json"


def test_two_hundred_kilobytes_without_a_space_take_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "LIMIT_SECONDS", 600)  # the machine may be busy: what counts is the work done
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    reader = make(more="x" * 200_000 + "end")
    worked = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    assert worked < 30  # about 8 seconds; minutes without the breaks
    assert len(reader.pages) > 50  # 3,334 lines
    assert "xend" in reader.pages[-1].extract_text()


def test_two_threads_at_once() -> None:
    with ThreadPoolExecutor(2) as pool:
        for reader in pool.map(lambda word: (word, make(words=word)), ["first", "second"]):
            word, document = reader
            assert word in text_of(document)


def test_the_time_limit_holds_and_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "LIMIT_SECONDS", 0.05)
    with pytest.raises(pdf.PdfTooLong) as refused:
        make(words="She was afraid.")
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_one_process_makes_many_and_is_replaced_when_it_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "LIMIT_SECONDS", 600)  # the machine may be busy
    with pdf.Press(most=2) as press:

        def one(words: str) -> str:
            context = {"imprint": IMPRINT, "words": words, "more": ""}
            made = press.make(pdf.Order.of("kit_sample.html", context, title="A record"))
            return text_of(PdfReader(BytesIO(made)))

        assert "first words" in one("first words")
        first = press._process
        assert first is not None
        assert "second words" in one("second words")
        assert press._process is first
        assert "third words" in one("third words")  # it has made its two
        second = press._process
        assert second is not None
        assert second is not first
        second.kill()
        second.wait()
        assert "fourth words" in one("fourth words")
    assert press._process is None
    assert first.poll() is not None


def stand_in(folder: Path, status: int, *, reads: str = "cat") -> str:
    program = folder / "python"
    program.write_text(f"#!/bin/sh\n{reads} > /dev/null\necho 'She was afraid.' >&2\nexit {status}\n")
    program.chmod(0o700)
    return str(program)


def test_a_machine_without_pango_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", stand_in(tmp_path, 3))
    with pytest.raises(pdf.PdfUnavailable):
        make()


def test_a_failure_does_not_quote_the_document(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", stand_in(tmp_path, 1))
    with pytest.raises(RuntimeError, match="status 1") as failed:
        make()
    assert "afraid" not in str(failed.value)


def test_many_are_made_side_by_side_in_their_order_and_few_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "LIMIT_SECONDS", 600)  # the machine may be busy
    taken: list[int] = []

    def orders() -> Iterator[tuple[int, pdf.Order]]:
        for number in range(6):
            taken.append(number)
            # The first are the longest: whoever is ready first must wait for its turn.
            context = {"imprint": IMPRINT, "words": f"number {number}", "more": "A line.\n" * (60 * (6 - number))}
            yield number, pdf.Order.of("kit_sample.html", context, title="A record")

    for expected, (number, made) in enumerate(pdf.make_each(orders(), presses=2)):
        assert number == expected
        assert made is not None
        assert f"number {number}" in text_of(PdfReader(BytesIO(made)))
        assert taken[-1] <= number + 2
    assert taken == list(range(6))


def test_what_goes_wrong_side_by_side_keeps_nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    order = pdf.Order.of("kit_sample.html", {"imprint": IMPRINT, "words": "", "more": ""}, title="A record")
    real = pdf.Press.make

    def make(press: pdf.Press, each: pdf.Order) -> bytes:
        return b"made" if each is order else real(press, each)

    monkeypatch.setattr(pdf.Press, "make", make)
    other = pdf.Order(order.message)
    with monkeypatch.context() as patched:
        patched.setattr(pdf, "LIMIT_SECONDS", 0.05)
        assert list(pdf.make_each(iter([(1, other), (2, order)]), presses=2)) == [(1, None), (2, b"made")]
    monkeypatch.setattr(sys, "executable", stand_in(tmp_path, 1, reads="head -c 1"))
    assert list(pdf.make_each(iter([(1, other), (2, order)]), presses=2)) == [(1, None), (2, b"made")]
    monkeypatch.setattr(sys, "executable", stand_in(tmp_path, 3, reads="head -c 1"))
    with pytest.raises(pdf.PdfUnavailable):
        list(pdf.make_each(iter([(1, other), (2, order)]), presses=2))
