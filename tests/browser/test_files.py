"""Photos and documents in a real browser: at the kerb on the smallest phone, and at the holder's desk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import FilePayload, Page, expect
from pytest_django import Settings

from accounts.models import User
from concerns import services
from concerns.models import Attachment, Concern
from concerns.services.drafts import save_page, start_draft
from concerns.services.scanning import scan_file, scan_waiting
from concerns.vocabulary import FileSort, PlaceKept
from tests.browser.conftest import DESK, Device, OpenPage
from tests.browser.test_casework import Look, Reader, Shoot, SignIn
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.files import PDF, PLACE_WORDS, close_all, incoming, photo
from tools.servers import EICAR

SMALL = Device("small", 320, 640)
FILM = b"\0\0\0\x18ftypmp42" + b"\0" * 64
WORDS = "The back door, from the pavement. The lock is broken."


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    settings.MEDIA_ROOT = tmp_path
    yield tmp_path
    close_all()


def choose(page: Page, label: str, *files: tuple[str, bytes]) -> None:
    page.get_by_label(label).set_input_files(
        [FilePayload(name=name, mimeType="application/octet-stream", buffer=content) for name, content in files]
    )


def half_written(user: User) -> str:
    """An unsent report that could be sent as it is."""
    at = timezone.now()
    draft = start_draft(key="", by=user, at=at)
    answers = {
        "danger": {"danger": ["no"]},
        "facts": {"facts": ["The back door was open and nobody came."]},
        "people": {"more": ["unknown"]},
        "staff": {"implicated": ["no"]},
    }
    for page, values in answers.items():
        save_page(key=draft.key, page=page, values=values, by=user, at=at)
    return draft.key


@pytest.mark.parametrize("java_script", [True, False], ids=["scripts", "no-scripts"])
def test_a_photo_at_the_kerb(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot, java_script: bool
) -> None:
    key = half_written(cast.amara)
    page = open_page(SMALL, java_script=java_script)
    sign_in(page, cast.amara)
    look = assert_accessible if java_script else lambda page: None
    amara = Reader(page, look, screenshot, f"files-kerb-{'scripts' if java_script else 'none'}")

    page.goto(reverse("concerns:check-draft", args=[key]))
    amara.see("Check your answers")
    amara.follow("Add photos or documents")
    amara.see("Photos and documents")
    amara.told("Don’t wait for a photo before you send your concern")

    choose(page, "Choose photos or documents", ("door.mp4", FILM), ("IMG_0001.jpg", photo(size=(1200, 900))))
    amara.write("What do they show?", WORDS)
    amara.press("Add")
    amara.see("Photos and documents")
    amara.told("It is a film or a sound recording")
    amara.told("Choose all files again")
    expect(page.get_by_label("What do they show?")).to_have_value(WORDS)
    assert not Attachment.objects.exists()

    choose(page, "Choose photos or documents", ("IMG_0001.jpg", photo(size=(1200, 900))))
    amara.press("Add")
    amara.see("This photo says where it was taken")
    amara.told(PLACE_WORDS)
    amara.press("Save")
    amara.see("This photo says where it was taken")
    amara.told("Choose whether to keep it or take it out")
    amara.choose("What should we do with it?", "Take it out")
    amara.press("Save")
    amara.see("Photos and documents")
    amara.told("IMG_0001.jpg")
    row = Attachment.objects.get()
    assert (row.place, row.description) == (PlaceKept.OUT, WORDS)

    amara.follow("Back to your answers")
    amara.see("Check your answers")
    amara.told("IMG_0001.jpg")
    amara.press("Send this concern")
    amara.see("Concern sent")
    amara.told("IMG_0001.jpg")
    row.refresh_from_db()
    assert row.concern == Concern.objects.get()


def test_the_holder_looks_downloads_and_marks(
    cast: Cast, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot
) -> None:
    at = timezone.now() - timedelta(hours=1)
    concern = cases.acknowledged(cast, at=at)
    page = open_page(DESK)
    sign_in(page, cast.gwen)
    gwen = Reader(page, assert_accessible, screenshot, "files-holder")
    name = f"Concern {concern.ref}"

    page.goto(concern.get_absolute_url())
    gwen.see(name)
    gwen.told("Nobody has added a photo or a document.")
    gwen.follow("Add photos or documents")
    gwen.see("Add photos or documents")
    choose(page, "Photos or documents", ("Order of 3 February.pdf", PDF), ("door.jpg", photo(size=(1600, 1200))))
    gwen.press("Add")
    gwen.see("Add photos or documents")
    gwen.told("Choose what it is")
    choose(page, "Photos or documents", ("Order of 3 February.pdf", PDF), ("door.jpg", photo(size=(1600, 1200))))
    gwen.choose("What is it?", "A court order or other legal authority")
    gwen.write("What should others know about it?", "Sealed by the family court. The photo is of its door.")
    gwen.press("Add")
    gwen.see("This photo says where it was taken")
    gwen.choose("What should we do with it?", "Keep it: it is evidence")
    gwen.press("Save")
    gwen.see(name)
    gwen.told("Kept as you sent it.")
    for row in Attachment.objects.all():
        scan_file(attachment_id=row.pk, at=timezone.now())

    gwen.follow("door.jpg")
    gwen.see("door.jpg")
    picture = page.get_by_role("img", name="Sealed by the family court")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    gwen.told("Where it was taken was kept, as evidence")
    page.go_back()
    gwen.follow("Order of 3 February.pdf")
    gwen.see("Order of 3 February.pdf")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download").click()
    assert waiting.value.suggested_filename == "Order of 3 February.pdf"
    assert Path(waiting.value.path()).read_bytes() == PDF

    gwen.follow("Mark it as added in error")
    gwen.see("Mark a file as added in error")
    gwen.press("Mark it")
    gwen.see("Mark a file as added in error")
    gwen.told("Say why it should not be here")
    gwen.write("Why should it not be here?", "It is the order about another family.")
    gwen.press("Mark it")
    gwen.see(name)
    expect(page.get_by_role("link", name="Order of 3 February.pdf")).to_have_count(0)


@pytest.mark.clamd
def test_a_virus_is_held_back(
    cast: Cast, clamd: str, open_page: OpenPage, sign_in: SignIn, assert_accessible: Look, screenshot: Shoot
) -> None:
    at = timezone.now() - timedelta(hours=1)
    concern = cases.acknowledged(cast, at=at)
    services.add_files(
        concern_id=concern.pk, files=[incoming("invoice.txt", EICAR)], sort=FileSort.OTHER,
        description="Came with her post.", by=cast.gwen, at=timezone.now(),
    )  # fmt: skip
    page = open_page(SMALL)
    sign_in(page, cast.gwen)
    gwen = Reader(page, assert_accessible, screenshot, "files-virus")

    page.goto(f"{concern.get_absolute_url()}#files")
    gwen.see(f"Concern {concern.ref}")
    gwen.told("Being checked for viruses")
    gwen.follow("invoice.txt")
    gwen.see("invoice.txt")
    gwen.told("This file is being checked for viruses")
    expect(page.get_by_role("link", name="Download")).to_have_count(0)
    assert scan_waiting(clock=timezone.now) == 1
    page.reload()
    gwen.see("invoice.txt")
    gwen.told("A virus was found in this file")
    expect(page.get_by_role("link", name="Download")).to_have_count(0)
