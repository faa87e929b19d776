"""What a photo tells is found, and taken out without touching the picture (issue 5, 9)."""

from __future__ import annotations

import struct
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from safeguarding.kit import photos
from safeguarding.kit.photos import Broken, Place
from tests.build.files import PLACE_WORDS, photo

KINDS = ["JPEG", "PNG", "WEBP"]


def pixels(content: bytes) -> bytes:
    return Image.open(BytesIO(content)).convert("RGB").tobytes()


def bare(content: bytes) -> bytes:
    return b"".join(photos.without_hidden(content))


@pytest.mark.parametrize("kind", KINDS)
def test_the_place_is_read_and_then_gone_and_every_pixel_is_the_same(kind: str) -> None:
    sent = photo(kind)
    place = photos.place_of(sent)
    assert place is not None
    assert place.latitude == pytest.approx(51.5007)
    assert place.longitude == pytest.approx(-0.1246)
    assert place.taken == datetime(2026, 2, 3, 9, 51, 22)  # noqa: DTZ001 (a camera's clock knows no zone)
    assert place.words == PLACE_WORDS
    kept = bare(sent)
    assert photos.place_of(kept) is None
    assert pixels(kept) == pixels(sent)
    assert b"Acme" not in kept
    assert b"2026:02:03" not in kept


@pytest.mark.parametrize("kind", KINDS)
def test_a_photo_that_lies_on_its_side_still_does(kind: str) -> None:
    assert Image.open(BytesIO(bare(photo(kind, orientation=6)))).getexif()[0x0112] == 6


@pytest.mark.parametrize("kind", KINDS)
def test_a_photo_without_a_place_says_nothing(kind: str) -> None:
    assert photos.place_of(photo(kind, has_place=False)) is None


def test_a_progressive_photo_is_walked_to_its_end() -> None:
    content = photo(progressive=True, size=(400, 300))
    assert photos.end_of(content) == len(content)
    assert pixels(bare(content)) == pixels(content)


def test_words_and_copies_hidden_in_a_jpeg_go_too() -> None:
    content = photo(comment=b"Flat 3, the blue door")
    thumbnail = b"\xff\xe1" + struct.pack(">H", 30) + b"http://ns.adobe.com/xap/1.0/"
    content = content[:2] + thumbnail + content[2:]
    kept = bare(content)
    assert b"blue door" not in kept
    assert b"adobe.com" not in kept


def test_a_place_that_only_the_second_kind_of_block_tells_is_found() -> None:
    block = b"http://ns.adobe.com/xap/1.0/\0<x exif:GPSLatitude='51,30.04N'/>"
    plain = photo(has_place=False)
    content = plain[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + plain[2:]
    place = photos.place_of(content)
    assert place == Place(None, None, None)
    assert place.words == "It holds a place that we can’t read"
    assert photos.place_of(bare(content)) is None


def test_a_forged_block_counts_as_a_place_that_cannot_be_read() -> None:
    plain = photo(has_place=False, orientation=1)
    at = plain.index(b"Exif\0\0") + 6
    content = plain[: at + 4] + b"\xff\xff\xff\xff" + plain[at + 8 :]
    assert photos.place_of(content) in (None, Place(None, None, None))
    assert pixels(bare(content)) == pixels(plain)


@pytest.mark.parametrize("kind", KINDS)
def test_what_hangs_on_behind_is_not_of_the_picture(kind: str) -> None:
    content = photo(kind)
    assert photos.end_of(content + b"PK\x03\x04 and more") == len(content)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.99])
def test_a_picture_that_was_cut_off_is_broken(kind: str, share: float) -> None:
    content = photo(kind, size=(200, 150))
    with pytest.raises(Broken):
        photos.end_of(content[: int(len(content) * share)])


def test_a_bomb_of_pixels_is_broken_and_never_unpacked() -> None:
    content = bytearray(photo("PNG"))
    content[16:24] = struct.pack(">II", 60_000, 60_000)
    with pytest.raises(Broken):
        photos.end_of(bytes(content))


@given(st.sampled_from([b"\xff\xd8\xff", photos.PNG_MARK, b"RIFF\x20\0\0\0WEBP"]), st.binary(max_size=200))
def test_rubbish_is_broken_and_nothing_worse(mark: bytes, rest: bytes) -> None:
    with pytest.raises(Broken):
        photos.end_of(mark + rest)


def test_the_preview_is_upright_small_and_tells_nothing(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(photo(size=(3000, 2000), comment=b"Flat 3", orientation=6))
    assert photos.write_preview(source, target)
    with Image.open(target) as made:
        assert made.width < made.height <= 1600
    content = target.read_bytes()
    assert b"Exif" not in content
    assert b"Flat 3" not in content


def test_a_picture_that_cannot_be_read_has_no_preview(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"no picture")
    assert not photos.write_preview(source, target)
    assert not target.exists()
