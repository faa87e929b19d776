"""`python -m tools.pictures`: renew the README's pictures from the screenshots that the browser tests leave behind.

Run `make test T=tests/browser` first. Each picture is a part of a page, in few colours, so that it stays small.
"""

from __future__ import annotations

import sys

from PIL import Image

from tools.places import ROOT, say

SCREENSHOTS, PICTURES = ROOT / "var" / "screenshots", ROOT / "docs" / "pictures"
# Name in the README: (screenshot, where the picture begins and how tall it is, in widths of the page)
WANTED = {
    "raise": ("raise-23-01-360.png", 0, 1.9),
    "check": ("raise-check-names-manager-1280.png", 2.72, 0.6),
    "receipt": ("raise-23-26-360.png", 0, 1.9),
    "concern": ("case-gwen-desk-01-1280.png", 0, 0.8),
    "queue": ("queue-desk-01-1280.png", 0, 0.7),
    "decision": ("sharing-tasks-1280.png", 0, 0.8),
    "record": ("sharing-record-1280.png", 0, 0.8),
    "report": ("report-1280.png", 0, 0.8),
}


def main() -> int:
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name, (screenshot, begin, tallness) in WANTED.items():
        with Image.open(SCREENSHOTS / screenshot) as page:
            above, below = int(page.width * begin), int(page.width * (begin + tallness))
            part = page.convert("RGB").crop((0, above, page.width, min(page.height, below)))
        width = min(part.width, 900)
        small = part.resize((width, round(part.height * width / part.width)), Image.Resampling.LANCZOS)
        path = PICTURES / f"{name}.png"
        small.quantize(48).save(path, optimize=True)
        say(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1024} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
