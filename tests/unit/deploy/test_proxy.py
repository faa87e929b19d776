"""What the proxy answers by itself is as guarded as what the application answers, and it lets in every
file that the application takes.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.urls import resolve

from tests.build.addresses import filled, routes
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


def templates_that_send_files() -> set[str]:
    """Those with a form that sends files, and those that are made from one of them or have one in them."""
    folder = ROOT / "templates"
    texts = {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.html")}
    found = {name for name, text in texts.items() if "multipart/form-data" in text}
    while more := {
        name for name, text in texts.items() if name not in found and any(f'"{each}"' in text for each in found)
    }:
        found |= more
    return found


def views_that_draw(templates: set[str]) -> dict[tuple[str, str], set[str]]:
    """(module, name) of each function and class of the views that names one of `templates`, and which."""
    drawn: dict[tuple[str, str], set[str]] = {}
    for path in (*ROOT.glob("*/views/*.py"), *ROOT.glob("*/*/views.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                words = {each.value for each in ast.walk(node) if isinstance(each, ast.Constant)}
                if named := words & templates:
                    drawn[module, node.name] = {str(each) for each in named}
    return drawn


def place_of(view: Callable[..., Any]) -> tuple[str, str]:
    made_by = getattr(view, "view_class", None) or inspect.unwrap(view)
    return made_by.__module__, made_by.__name__


def test_every_page_that_sends_files_may_send_large_ones_and_no_other_page() -> None:
    """A page of which the proxy does not know would answer that 5 MB are too large, in production alone."""
    templates = templates_that_send_files()
    drawn = views_that_draw(templates)
    assert set().union(*drawn.values()) == templates, "each is drawn by a view of an app"
    addresses = {address: place_of(resolve(address).func) for address in (filled(route, {}) for route, _ in routes())}
    assert set(drawn) <= set(addresses.values()), "each view that draws one is named by an address itself"
    send = {address for address, place in addresses.items() if place in drawn}
    (large,) = re.findall(r"location ~ (\S+) \{\s*client_max_body_size 105m;", CONF)
    assert {address for address in addresses if re.search(large, address)} == send
    assert {"/raise/guess/files/", "/sharing/agreements/guess/document/"} <= send


def rooms() -> dict[str, int]:
    """The places in memory that the proxy's container has, and how many MB each holds."""
    compose = (ROOT / "docker-compose.yml").read_text()
    (proxy,) = re.findall(r"\n  proxy:\n(.*?)\n\n", compose, re.DOTALL)
    found = re.findall(r'"(/\w+):mode=1777,size=(\d+)([mg])"', proxy)
    return {place: int(size) * (1024 if unit == "g" else 1) for place, size, unit in found}


def test_no_half_of_a_form_reaches_a_web_process() -> None:
    """It would hold one of sixteen threads for as long as a stranger likes (tests/proof/test_half_sent.py)."""
    assert "proxy_request_buffering" not in CONF, "on unless somebody says otherwise"


def test_what_one_address_sends_at_once_fills_neither_the_room_of_files_nor_that_of_words() -> None:
    (files,) = re.findall(r"location ~ [^{]+\{([^}]*client_max_body_size 105m;[^}]*)\}", CONF)
    assert "client_body_temp_path /arriving;" in files
    assert "client_body_temp_path /tmp/body;" in CONF.replace(files, "")
    (files_at_once,) = re.findall(r"limit_conn files (\d+);", files)
    (at_once,) = re.findall(r"limit_conn requests (\d+);", CONF)
    (form,) = re.findall(r"client_max_body_size (\d+)m;", CONF.replace(files, ""))
    assert set(re.findall(r"limit_conn_zone (\S+)", CONF)) == {"$binary_remote_addr"}
    assert rooms() == {"/tmp": 512, "/arriving": 2048}  # noqa: S108 (in the container, in memory)
    assert int(files_at_once) * 105 < 2048
    assert int(at_once) * int(form) < 512
