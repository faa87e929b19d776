"""Files that a stranger sends half and never ends hold up nobody: nginx and gunicorn as they run in production."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import find_nginx
from tools.places import ROOT

TO = "/raise/made-up/files/"
MADE_UP = f"POST {TO} HTTP/1.1\r\nHost: localhost\r\nOrigin: https://localhost\r\nCookie: csrftoken={'a' * 32}\r\n"


def free_port() -> int:
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        return int(each.getsockname()[1])


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return


@pytest.fixture
def front(tmp_path: Path) -> Iterator[int]:
    """The port of nginx with the configuration of production, before gunicorn with 8 threads."""
    nginx, openssl = find_nginx(), shutil.which("openssl")
    assert nginx is not None, "the mark says that there is one"
    assert openssl is not None
    port, web = free_port(), free_port()
    conf = (ROOT / "deploy" / "proxy" / "nginx.conf").read_text()
    for there, here in {
        "/tmp/": f"{tmp_path}/",  # noqa: S108 (in the container, in memory)
        "/certificates/": f"{tmp_path}/",
        "/arriving": f"{tmp_path}/arriving",
        "root /proxy": f"root {ROOT}/deploy/proxy",
        "/dev/stdout": f"{tmp_path}/access.log",
        "listen 8080": f"listen 127.0.0.1:{free_port()}",
        "listen 8443": f"listen 127.0.0.1:{port}",
        "http://web:8000": f"http://127.0.0.1:{web}",
    }.items():
        assert there in conf
        conf = conf.replace(there, here)
    # Root's nginx would work as somebody who may not enter the folder.
    (tmp_path / "nginx.conf").write_text(f"user root;\n{conf}" if os.geteuid() == 0 else conf)
    (tmp_path / "to-the-site.conf").write_text("return 301 https://localhost$request_uri;")
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
         "/CN=localhost", "-keyout", tmp_path / "site.key", "-out", tmp_path / "site.crt"],
        check=True, capture_output=True,
    )  # fmt: skip
    env = {
        "PATH": os.environ["PATH"],
        "SAFEGUARDING_MODE": "demo",  # one process, whose database is a file
        "SAFEGUARDING_VAR": str(tmp_path / "var"),
        "SAFEGUARDING_PROXIES": "1",
        "SAFEGUARDING_BIND": f"127.0.0.1:{web}",
    }
    (tmp_path / "var").mkdir()
    commands = (
        [sys.executable, "-m", "gunicorn"],
        [nginx, "-e", "stderr", "-c", str(tmp_path / "nginx.conf")],
    )
    with ExitStack() as stack:
        for command in commands:
            process = stack.enter_context(subprocess.Popen(command, cwd=ROOT, env=env))
            stack.callback(process.terminate)
        for each in (web, port):
            wait_for(each)
        yield port


def send(stack: ExitStack, port: int, words: bytes, *, from_address: str) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    plain = socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(from_address, 0))
    link = stack.enter_context(context.wrap_socket(plain))
    link.sendall(words)
    return link


def answer(link: ssl.SSLSocket) -> str:
    return link.recv(4096).decode().partition("\r\n")[0]


@pytest.mark.nginx
def test_twenty_half_sent_files_hold_up_neither_a_page_nor_somebody_elses_files(front: int) -> None:
    half = f"{MADE_UP}Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 50000000\r\n\r\n--x".encode()
    whole = f"{MADE_UP}Content-Length: 300000\r\nConnection: close\r\n\r\n".encode() + b"x" * 300_000
    health = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    with ExitStack() as stack:
        stranger = "127.0.0.2"
        assert answer(send(stack, front, health, from_address="127.0.0.1")) == "HTTP/1.1 200 OK", "with nobody else"
        for number in range(20):
            send(stack, front, half + b"x" * 200_000, from_address=stranger if number < 16 else "127.0.0.3")
        time.sleep(1)  # all have arrived as far as they will
        began = time.monotonic()
        assert answer(send(stack, front, health, from_address="127.0.0.1")) == "HTTP/1.1 200 OK"
        assert time.monotonic() - began < 5
        assert answer(send(stack, front, whole, from_address="127.0.0.1")) == "HTTP/1.1 403 Forbidden", "by Django"
        # One address has sixteen at once, and pages beside them.
        assert answer(send(stack, front, half, from_address=stranger)) == "HTTP/1.1 503 Service Temporarily Unavailable"
        assert answer(send(stack, front, health, from_address=stranger)) == "HTTP/1.1 200 OK"
