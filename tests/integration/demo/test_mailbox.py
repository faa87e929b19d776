"""The demo's mailbox: newest first, readable without an account, hostile text shown as text."""

import os
from pathlib import Path

import pytest
from django.core.mail import EmailMessage, get_connection
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


def send(folder: Path, subject: str, body: str, *, age: int) -> None:
    connection = get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=str(folder))
    EmailMessage(subject, body, to=["zoe@larkfield.example"], connection=connection).send()
    newest = max(folder.glob("*.log"), key=lambda file: file.stat().st_mtime_ns)
    os.utime(newest, (newest.stat().st_mtime - age, newest.stat().st_mtime - age))


def test_newest_first_with_words_and_links(client: Client, folder: Path) -> None:
    send(folder, "Älter", "First line\nhttp://localhost:8000/concerns/SC-1/\n", age=60)
    send(folder, "Newer", "<script>alert(1)</script> ünï", age=0)
    page = client.get("/demo/mail/").content.decode()
    assert page.index("Newer") < page.index("Älter")
    assert "zoe@larkfield.example" in page
    assert '<a href="http://localhost:8000/concerns/SC-1/"' in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; ünï" in page


def test_several_mails_in_one_file(client: Client, folder: Path) -> None:
    connection = get_connection("django.core.mail.backends.filebased.EmailBackend", file_path=str(folder))
    mails = [EmailMessage(f"Mail {number}", "Words", to=["a@b.example"]) for number in range(3)]
    connection.send_messages(mails)
    page = client.get("/demo/mail/").content.decode()
    assert page.index("Mail 2") < page.index("Mail 1") < page.index("Mail 0")


def test_without_mail_it_says_so(client: Client, folder: Path) -> None:
    assert "No e-mail has been sent yet." in client.get("/demo/mail/").content.decode()
