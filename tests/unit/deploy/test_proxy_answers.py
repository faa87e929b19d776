"""What the proxy answers by itself is as strict as what the web processes answer (issue 5, 8)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CONFIGURATION = (Path(__file__).resolve().parents[3] / "deploy/proxy/nginx.conf").read_text()


@pytest.mark.parametrize("page", ["unavailable", "too-large"])
def test_an_answer_of_the_proxys_own_has_every_header(page: str) -> None:
    found = re.search(rf"location = /{page}\.html {{(.*?)}}", CONFIGURATION, re.DOTALL)
    assert found is not None
    given = dict(re.findall(r"add_header ([\w-]+) (.+) always;", found[1]))
    assert given == {
        "Cache-Control": "no-store",
        "Strict-Transport-Security": '"max-age=31536000; includeSubDomains; preload"',
        "Content-Security-Policy": (
            "\"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\""
        ),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
    }
