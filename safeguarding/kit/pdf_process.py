"""The process in which PDFs are made. Started by safeguarding.kit.pdf by its path: knows no Django and no secret.

In:  messages, each a JSON object: "html", and "attachments" (name, description, media_type, relationship, content in
     base64). Out: for each of them a message, the PDF. A message is its length in eight bytes, then the bytes.
Ends with status 0 when nothing more comes in, with 3 when WeasyPrint's system libraries are missing.
"""

import base64
import gc
import json
import mimetypes
import sys
import unicodedata
from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any
from xml.etree.ElementTree import Element

LIBRARIES_MISSING = 3
_LENGTH = 8

_LONGEST_RUN = 60
_BREAKABLE = frozenset(" \t\n\r\f")
_ZERO_WIDTH_JOINER = "\u200d"
_LONGEST_CLUSTER = 20


# They turn what follows around, also our own words and digests behind what somebody typed. Left out of the print.
_TURNING = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))


def calm(text: str) -> str:
    """`text` without characters that override the direction of what follows; scripts keep their own directions."""
    return text.translate(_TURNING)


def pieces(text: str) -> list[str]:
    """`text` cut wherever it would run for more than 60 characters without a place to break a line.

    Never between a letter and its accents or inside a joined emoji, unless somebody stacks more than 20 of them.
    A non-breaking space is no place to break. Joined again, the pieces are the text.
    """
    cut_at = [0]
    start = 0  # of the current run
    for place, character in enumerate(text):
        if character in _BREAKABLE:
            start = place + 1
        elif place - start >= _LONGEST_RUN and (
            place - start >= _LONGEST_RUN + _LONGEST_CLUSTER or _begins_cluster(text, place)
        ):
            cut_at.append(place)
            start = place
    return [text[begin:end] for begin, end in zip(cut_at, [*cut_at[1:], len(text)], strict=True)]


def _begins_cluster(text: str, place: int) -> bool:
    character = text[place]
    return not (
        unicodedata.category(character).startswith("M")
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
        or "\U0001f1e6" <= character <= "\U0001f1ff"  # halves of a flag
        or character == _ZERO_WIDTH_JOINER
        or text[place - 1] == _ZERO_WIDTH_JOINER
    )


def allow_breaks(element: Element) -> None:
    """Put a <wbr> into every over-long run of text below `element`: else 200 KB keep the layout busy for minutes."""
    for parent in list(element.iter()):
        if parent.tag in ("style", "script", "title"):
            continue
        children = list(parent)
        if parent.text and len(parent.text) > _LONGEST_RUN:
            parent.text, broken = _with_breaks(parent.text)
            for place, wbr in enumerate(broken):
                parent.insert(place, wbr)
        for child in children:
            if child.tail and len(child.tail) > _LONGEST_RUN:
                child.tail, broken = _with_breaks(child.tail)
                after = list(parent).index(child) + 1
                for place, wbr in enumerate(broken):
                    parent.insert(after + place, wbr)


def take_style(element: Element) -> str:
    """The stylesheet in the head of the document `element`, which holds it no longer; "" where there is none."""
    head = element.find("head")
    style = head.find("style") if head is not None else None
    if head is None or style is None:
        return ""
    head.remove(style)
    return style.text or ""


def settle_directions(element: Element) -> None:
    """Turn each dir="auto" into the direction of its first letter, which the layout does not find out by itself."""
    for block in element.iter():
        if block.get("dir") == "auto":
            directions = (unicodedata.bidirectional(character) for character in "".join(block.itertext()))
            first = next((direction for direction in directions if direction in ("L", "R", "AL")), "L")
            block.set("dir", "ltr" if first == "L" else "rtl")


def _with_breaks(text: str) -> tuple[str, list[Element]]:
    first, *rest = pieces(text)
    return first, list(_breaks(rest))


def _breaks(rest: list[str]) -> Iterator[Element]:
    for piece in rest:
        wbr = Element("wbr")
        wbr.tail = piece
        yield wbr


def send(stream: IO[bytes], message: bytes) -> None:
    """Write one message."""
    stream.write(len(message).to_bytes(_LENGTH, "big"))
    stream.write(message)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """Read one whole message; None when none comes any more."""
    length = stream.read(_LENGTH)
    if len(length) < _LENGTH:
        return None
    message = stream.read(size := int.from_bytes(length, "big"))
    return message if len(message) == size else None


def main() -> int:
    try:
        from weasyprint import CSS, HTML, Attachment  # late: its system libraries may be missing
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import URLFetcher
    except OSError:
        return LIBRARIES_MISSING
    fonts = FontConfiguration()  # asking the system what fonts there are takes as long as a page
    style, sheet = "", CSS(string="")  # of the last document: those of one run share theirs
    # A document is made of rings; looked for while they grow, they cost a tenth of the time. Collected after each.
    gc.freeze()
    gc.disable()
    while (message := receive(sys.stdin.buffer)) is not None:
        order = json.loads(message)
        # The text of a case must not make the server fetch anything, from the network or from its own disk.
        document = HTML(string=calm(order["html"]), base_url=None, url_fetcher=_refuse(URLFetcher))
        if (found := take_style(document.etree_element)) != style:
            style, sheet = found, CSS(string=found, font_config=fonts, url_fetcher=_refuse(URLFetcher))
        settle_directions(document.etree_element)
        allow_breaks(document.etree_element)
        made = BytesIO()
        document.write_pdf(
            made,
            # Archival (fonts and colour profile inside, attachments allowed), and level "a" is the tagged, accessible
            # one: WeasyPrint writes the same tags, title and language as for PDF/UA, which alone is not archival.
            pdf_variant="pdf/a-3a",
            font_config=fonts,
            stylesheets=[sheet],
            attachments=[_attachment(Attachment, each) for each in order["attachments"]],
        )
        send(sys.stdout.buffer, made.getvalue())
        del document, made
        gc.collect()
    return 0


def _refuse(fetcher: Any) -> Any:
    """A fetcher that fetches nothing."""
    return fetcher(allowed_protocols=())


def _attachment(kind: Any, order: dict[str, str]) -> Any:
    mimetypes.add_type(order["media_type"], "." + order["name"].rpartition(".")[2])
    return kind(
        file_obj=BytesIO(base64.b64decode(order["content"])),
        name=order["name"],
        description=order["description"],
        relationship=order["relationship"],
    )


if __name__ == "__main__":
    sys.exit(main())
