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
_MOST_BYTES = 50 * 1024 * 1024
_MEMORY = 1024 * 1024 * 1024


def main() -> int:
    try:
        if sys.platform == "linux":
            resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        reader = PdfReader(BytesIO(sys.stdin.buffer.read()))
        if len(reader.pages) > _MOST_PAGES:
            return UNREADABLE
        files: dict[str, str] = {}
        for name, contents in reader.attachments.items():
            # Two files of one name: neither can be meant.
            files[name] = base64.b64encode(contents[0] if len(contents) == 1 else b"").decode()
            if len(files) > _MOST_FILES or len(files[name]) > _MOST_BYTES:
                return UNREADABLE
        pages = [page.extract_text() for page in reader.pages]
    except Exception:
        return UNREADABLE
    json.dump({"pages": pages, "files": files}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
