"""What a photo tells is found, and taken out without touching the picture."""

from __future__ import annotations

import struct
import zlib
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFile
from PIL.TiffImagePlugin import IFDRational

from safeguarding.kit import photos
from safeguarding.kit.photos import Broken, Place
from tests.build.files import PLACE_WORDS, photo
from tests.build.work import lines_run

KINDS = ["JPEG", "PNG", "WEBP"]


def pixels(content: bytes) -> bytes:
    return Image.open(BytesIO(content)).convert("RGB").tobytes()


def bare(content: bytes) -> bytes:
    return b"".join(photos.without_hidden(content))


def segment(mark: int, body: bytes) -> bytes:
    return b"\xff" + bytes([mark]) + struct.pack(">H", len(body) + 2) + body


def jpeg_with(mark: int, body: bytes) -> bytes:
    plain = photo(has_place=False)
    return plain[:2] + segment(mark, body) + plain[2:]


def png_with(name: bytes, body: bytes) -> bytes:
    plain = photo("PNG", has_place=False)
    chunk = struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    return plain[:33] + chunk + plain[33:]


def photo_with_gps(gps: dict[int, object], kind: str = "JPEG") -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 1
    exif.get_ifd(0x8825).update(gps)
    target = BytesIO()
    Image.new("RGB", (16, 16)).save(target, kind, exif=exif)
    return target.getvalue()


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


def ratio(top: int, bottom: int = 1) -> IFDRational:
    return IFDRational(top, bottom)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("gps", "latitude", "longitude"),
    [
        # 51 degrees and 30.03 minutes north, 0 degrees and 7.48 minutes west
        ({1: "N", 2: (ratio(51), ratio(3003, 100)), 3: "W", 4: (ratio(0), ratio(748, 100))}, 51.5005, -0.124667),
        # 33.8568 degrees south, 151.2153 degrees east
        ({1: "S", 2: ratio(338568, 10000), 3: "E", 4: ratio(1512153, 10000)}, -33.8568, 151.2153),
    ],
)
def test_a_place_is_read_however_its_degrees_are_written(
    kind: str, gps: dict[int, object], latitude: float, longitude: float
) -> None:
    sent = photo_with_gps(gps, kind)
    place = photos.place_of(sent)
    assert place is not None
    assert place.latitude == pytest.approx(latitude, abs=1e-5)
    assert place.longitude == pytest.approx(longitude, abs=1e-5)
    assert photos.place_of(bare(sent)) is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "gps",
    [
        {19: "N", 20: (ratio(51), ratio(30), ratio(2)), 21: "W", 22: (ratio(0), ratio(7), ratio(28))},
        {28: b"ASCII\0\0\0Flat 4, 12 Mill Lane"},
        {1: "N", 2: (ratio(51), ratio(30), ratio(2))},
        {1: "N", 2: (ratio(0, 0),) * 3, 3: "W", 4: (ratio(0, 0),) * 3},
        {1: "N", 2: (ratio(900), ratio(0), ratio(0)), 3: "W", 4: (ratio(0), ratio(7), ratio(28))},
    ],
    ids=["of what is shown", "in words", "half of it", "not found yet", "not on Earth"],
)
def test_whatever_else_stands_where_places_stand_is_a_place(kind: str, gps: dict[int, object]) -> None:
    sent = photo_with_gps(gps, kind)
    assert photos.place_of(sent) == Place(None, None, None)
    assert photos.place_of(bare(sent)) is None


@pytest.mark.parametrize("kind", KINDS)
def test_the_version_of_a_list_of_places_alone_is_no_place(kind: str) -> None:
    assert photos.place_of(photo_with_gps({0: b"\2\3\0\0"}, kind)) is None


def test_a_place_behind_a_second_directory_is_a_place() -> None:
    # The first directory is empty and tells where the next one is, which points to the places: one entry, a name.
    block = b"MM\0*" + struct.pack(">IHI", 8, 0, 14)
    block += struct.pack(">HHHIII", 1, 0x8825, 4, 1, 32, 0) + struct.pack(">HHHI", 1, 28, 7, 4) + b"Hove"
    sent = jpeg_with(0xE1, b"Exif\0\0" + block)
    assert photos.place_of(sent) == Place(None, None, None)
    assert photos.place_of(bare(sent)) is None


XMP = b"http://ns.adobe.com/xap/1.0/\0"
SAYS_WHERE = "<x exif:GPSLatitude='51,30.0N' exif:GPSLongitude='0,7W'/>"
PACKED = zlib.compress(SAYS_WHERE.encode())


@pytest.mark.parametrize(
    "sent",
    [
        jpeg_with(0xE1, XMP + b"<r:D Iptc4xmpCore:Location='12 Mill Lane' photoshop:City='Larkfield'/>"),
        jpeg_with(0xE1, XMP + b"<photoshop:City>Larkfield</photoshop:City>"),
        jpeg_with(0xE1, XMP + b"<Iptc4xmpExt:LocationCreated/>"),
        jpeg_with(0xE1, XMP + b"<x exif:GPSAreaInformation='Mill Lane'/>"),
        jpeg_with(0xE1, XMP + b"<x drone-dji:GpsLatitude='51.5'/>"),
        jpeg_with(0xE1, XMP + SAYS_WHERE.encode("utf-16-le")),
        jpeg_with(0xE1, XMP + SAYS_WHERE.encode("utf-16-be")),
        jpeg_with(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0e\x1c\x02\x5a\0\x09Larkfield"),
        jpeg_with(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x11\x1c\x02\x5c\0\x0c12 Mill Lane"),
        jpeg_with(0xEB, b"exif:GPSLatitude=51.5"),
        png_with(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + SAYS_WHERE.encode()),
        png_with(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + PACKED),
        png_with(b"iTXt", b"XML:com.adobe.xmp\0\1\0en\0so\0" + PACKED),
        png_with(b"zTXt", b"anything\0\0" + PACKED),
        png_with(b"tEXt", b"Location\x0012 Mill Lane"),
        png_with(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n4\n4d4d002a")),
        # In doubt: words that nobody can unpack, or that do not end.
        png_with(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0 not packed at all"),
        png_with(b"zTXt", b"anything\0\0" + PACKED[:20]),
        png_with(b"zTXt", b"anything\0\0" + zlib.compress(b" " * (photos.MOST_HIDDEN + 1))),
        png_with(b"zTXt", b"no end of its name"),
    ],
    ids=[
        "attributes", "elements", "created", "area", "drone", "utf-16 little", "utf-16 big", "iptc city", "iptc street",
        "another segment", "plain iTXt", "packed iTXt", "packed iTXt in a language", "zTXt", "tEXt", "copy in digits",
        "broken iTXt", "cut off zTXt", "endless zTXt", "nameless zTXt",
    ],
)  # fmt: skip
def test_a_place_in_words_is_a_place_and_goes(sent: bytes) -> None:
    assert photos.place_of(sent) == Place(None, None, None)
    kept = bare(sent)
    assert photos.place_of(kept) is None
    assert pixels(kept)


def jpeg_hiding(word: bytes, segments: int) -> bytes:
    """Comments of 65,533 bytes each, without any place."""
    plain = photo(has_place=False)
    return plain[:2] + segment(0xFE, (word * 65_533)[:65_533]) * segments + plain[2:]


@pytest.mark.parametrize(
    "sent",
    [
        png_with(b"tEXt", b"Comment\0" + b"l" * (19 << 20)),
        jpeg_hiding(b"<", 300),
        png_with(b"tEXt", b"Comment\0" + b"x" * (8 << 20)),
        png_with(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * (8 << 20))),
    ],
    ids=["one text", "many comments", "a little too much", "a little too much once it is unpacked"],
)
def test_of_what_hides_more_than_8_mb_nothing_is_searched_and_it_may_hold_a_place(
    sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[int] = []
    with monkeypatch.context() as patch:
        patch.setattr(photos, "_names_place", lambda words: searched.append(len(words)))
        assert photos.place_of(sent) == Place(None, None, None)
    assert searched == []
    assert photos.place_of(bare(sent)) is None


@pytest.mark.parametrize(
    "sent",
    [
        png_with(b"tEXt", b"Comment\0" + b"l" * (8_000_000)),
        jpeg_hiding(b"<", 127),
        jpeg_hiding(b"<countr", 100),
        jpeg_hiding(b"gps1", 100),
    ],
    ids=["l", "<", "<countr", "gps1"],
)
def test_of_what_hides_less_all_is_searched_at_once(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[int] = []
    names_place = photos._names_place

    def counted(words: bytes) -> bool:
        searched.append(len(words))
        return names_place(words)

    monkeypatch.setattr(photos, "_names_place", counted)
    assert photos.place_of(sent) is None
    assert len(searched) == 1
    assert 6_500_000 < searched[0] <= 8 << 20


def test_a_block_full_of_pointers_is_not_followed_for_long() -> None:
    """Each leads to a list of places that holds nothing but its version, which alone is none."""
    pointers = b"\x25\x88\x04\0\x01\0\0\0\x0a\0\0\0" * 80_000
    sent = png_with(b"eXIf", b"II*\0\x0e\0\0\0\0\0\x01\0\0\0\0\0" + pointers)
    found: list[Place | None] = []
    assert lines_run(lambda: found.append(photos.place_of(sent))) < 5_000
    assert found == [Place(None, None, None)]


def test_a_place_in_a_chunk_of_webp_that_nobody_knows_goes() -> None:
    plain = photo("WEBP", has_place=False)
    body = plain[12:] + b"XTRA" + struct.pack("<I", 22) + b"exif:GPSLatitude=51.50"
    sent = b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body
    assert photos.place_of(sent) == Place(None, None, None)
    assert photos.place_of(bare(sent)) is None
    assert pixels(bare(sent)) == pixels(sent)


@pytest.mark.parametrize(
    "sent",
    [
        jpeg_with(0xE1, XMP + b"<x exif:GPSVersionID='2.3.0.0' xmp:CreatorTool='Acme' dc:title='Statement'/>"),
        png_with(b"zTXt", b"Software\0\0" + zlib.compress(b"Acme")),
        png_with(b"tEXt", b"Raw profile type icc\0\nicc\n0\n"),
    ],
)
def test_words_that_name_no_place_are_none(sent: bytes) -> None:
    assert photos.place_of(sent) is None


@pytest.mark.parametrize(
    "sent",
    [*map(photo, KINDS), png_with(b"tEXt", b"a\0b"), png_with(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + PACKED)],
    ids=[*KINDS, "PNG with words", "PNG with packed words"],
)
def test_no_picture_is_opened_before_a_scanner_has_seen_it(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    monkeypatch.setattr(Image, "open", lambda *args, **_: opened.append(args))
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda *args, **_: opened.append(args))
    assert photos.end_of(sent) == len(sent)
    photos.place_of(sent)
    assert bare(sent)
    assert opened == []


COMMENTS = segment(0xFE, b"") * (photos.MOST_PARTS + 5_000)
CHUNKS = struct.pack(">I4sI", 0, b"tEXt", zlib.crc32(b"tEXt")) * (photos.MOST_PARTS + 5_000)


@pytest.mark.parametrize(
    "sent",
    [
        photo(has_place=False)[:2] + COMMENTS + photo(has_place=False)[2:],
        photo("PNG", has_place=False)[:33] + CHUNKS + photo("PNG", has_place=False)[33:],
        b"RIFF" + struct.pack("<I", 4 + 8 * 15_000) + b"WEBP" + b"XTRA\0\0\0\0" * 15_000,
    ],
    ids=KINDS,
)
def test_the_walk_through_a_picture_stops_at_its_bound(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    walked = []

    class Counted(photos.Part):
        def __init__(self, name: bytes, start: int, end: int) -> None:
            walked.append(start)
            super().__init__(name, start, end)

    monkeypatch.setattr(photos, "Part", Counted)
    for look in (photos.end_of, photos.place_of, bare):
        walked.clear()
        with pytest.raises(Broken):
            look(sent)
        assert len(walked) == 10_001


def test_a_jpeg_is_as_large_as_the_largest_of_its_headers() -> None:
    plain = photo(has_place=False)
    header = segment(0xC0, b"\x08" + struct.pack(">HH", 60_000, 60_000) + b"\x01\x01\x11\x00")
    with pytest.raises(Broken):
        photos.end_of(plain[:2] + header + plain[2:])


def test_what_fills_a_jpeg_up_between_its_parts_is_passed_over() -> None:
    plain = photo(has_place=False)
    filled = plain[:2] + b"\xff" * 300 + plain[2:-2] + b"\xff" * 300 + plain[-2:]
    assert photos.end_of(filled) == len(filled)
    assert pixels(bare(filled)) == pixels(plain)


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


def test_a_webp_too_large_to_be_unpacked_is_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    monkeypatch.setattr(Image, "open", lambda *args, **_: opened.append(args))
    content = bytearray(photo("WEBP"))
    assert content[12:16] == b"VP8X"
    content[24:30] = (8_000 - 1).to_bytes(3, "little") * 2
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(content)
    assert not photos.write_preview(source, target)
    assert opened == []


def test_a_picture_that_cannot_be_read_has_no_preview(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"no picture")
    assert not photos.write_preview(source, target)
    assert not target.exists()
