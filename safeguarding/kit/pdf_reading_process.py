"""The process in which a PDF from outside is read. Started by safeguarding.kit.pdf_reading by its path: knows no Django
and no secret, so that a file made to harm a reader harms nothing but this process.

In:  the PDF on standard input. Out: a JSON object: "pages" (the words of each), "files" (name to content in base64).
Ends with status 4 when the file can't be read as a PDF or holds more than a record of ours ever does.
"""

import base64
import json
import sys
from io import BytesIO

from pypdf import PdfReader

if sys.platform == "linux":
    import resource

UNREADABLE = 4

_MOST_PAGES = 2_000
_MOST_FILES = 20
# Of all files inside together, in base64: a signed record is little more than its words.
_MOST_BYTES = 16 * 1024 * 1024
# Characters on all pages together. Whoever asked holds them several times over, and 80 KB of PDF can hold 50 million.
# One of 800,000 took 17 seconds to make and 25 to read, of the 60 and 30 that there are: longer ones leave nobody here,
# nor can they be read, but on a machine that is several times faster.
_MOST_WORDS = 4_000_000
_MEMORY = 1024 * 1024 * 1024


def main() -> int:
    try:
        if sys.platform == "linux":
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        reader = PdfReader(BytesIO(sys.stdin.buffer.read()))
        if len(reader.pages) > _MOST_PAGES:
            return UNREADABLE
        files: dict[str, str] = {}
        bytes_left, words_left = _MOST_BYTES, _MOST_WORDS
        for name, contents in reader.attachments.items():
            # Two files of one name: neither can be meant.
            files[name] = base64.b64encode(contents[0] if len(contents) == 1 else b"").decode()
            bytes_left -= len(name) + len(files[name])
            if len(files) > _MOST_FILES or bytes_left < 0:
                return UNREADABLE
        pages: list[str] = []
        for page in reader.pages:
            pages.append(page.extract_text())
            words_left -= len(pages[-1])
            if words_left < 0:
                return UNREADABLE
    except Exception:
        return UNREADABLE
    json.dump({"pages": pages, "files": files}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
