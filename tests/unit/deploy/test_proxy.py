"""What the proxy answers by itself is as guarded as what the application answers."""

from __future__ import annotations

import re

from django.conf import settings

from tools.places import ROOT

CONF = (ROOT / "deploy" / "proxy" / "nginx.conf").read_text()


def own_answers() -> str:
    """The place from which the proxy takes its own pages."""
    blocks = re.findall(r"location ([^{]+)\{([^}]*)\}", CONF)
    (block,) = (inside for where, inside in blocks if "html" in where)
    return str(block)


def test_its_own_pages_have_the_headers_of_ours() -> None:
    headers = re.findall(r'add_header (\S+) (?:"([^"]*)"|(\S+)) always;', own_answers())
    assert {name: quoted or plain for name, quoted, plain in headers} == {
        "Cache-Control": "no-store",
        # A year, as production has it: safeguarding.checks refuses less than half of that.
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
        "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": settings.X_FRAME_OPTIONS,
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    }


def test_each_page_is_there_and_comes_from_there() -> None:
    where = re.search(r"location ~ (\S+html\S*) \{", CONF)
    assert where is not None
    pages = {page for _, page in re.findall(r"error_page ([0-9 ]+) /(\S+);", CONF)}
    assert pages == {"unavailable.html", "too-large.html"}
    for page in pages:
        assert re.search(where[1], f"/{page}")
        assert (ROOT / "deploy" / "proxy" / page).is_file()


def test_what_was_too_large_is_not_measured_again_on_the_way_to_the_page_that_says_so() -> None:
    """Over HTTP/2 nginx did so, and showed its own bare page instead."""
    assert "client_max_body_size 0;" in own_answers()
