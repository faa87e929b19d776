"""What a photograph tells besides its picture: where and when it was taken, with what. Shown, and taken out.

Taking it out never touches the picture itself: whole segments of the file are left out, and everything else is copied
byte for byte. How the camera was held is kept, or the picture would stand on its head.

Until a scanner has seen it, nothing of the picture is unpacked: its segments are walked, as far as MOST_PARTS, and of
Pillow only the reader of one small block is used. Only `write_preview` opens it.
"""

from __future__ import annotations

import mmap
import re
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from PIL import Image, ImageOps

Bytes: TypeAlias = bytes | mmap.mmap

JPEG, PNG, WEBP = "JPEG", "PNG", "WEBP"
PNG_MARK = b"\x89PNG\r\n\x1a\n"
# A camera of 100 megapixels; a bomb has thousands.
MOST_PIXELS = 100_000_000
# Whatever is not a JPEG has to be unpacked whole before it is made smaller: 4 bytes a pixel.
MOST_PIXELS_UNPACKED = 40_000_000
# A PNG of 20 MB whose encoder wrote pieces of 4 KB has five thousand.
MOST_PARTS = 10_000
# A block that says where and when has 64 KB in a JPEG, one file a few hundred KB of words. What is more is not read: in
# doubt.
MOST_BLOCK = 1 << 20
MOST_HIDDEN = 8 << 20
PREVIEW = (1600, 1600)

_ORIENTATION, _EXIF, _GPS, _TAKEN = 0x0112, 0x8769, 0x8825, 0x9003
# In the data of a picture, 0xFF is followed by 0 or by a restart mark; whatever else follows is the next segment.
_NEXT_SEGMENT = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_FILLING = re.compile(rb"\xff*")
_EOI, _SOS = 0xD9, 0xDA
_SIZED = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP bKGD pHYs acTL fcTL fdAT".split()
)  # fmt: skip
_WEBP_KEPT = frozenset({b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_BLOCK_MARKS = (b"II*\0", b"MM\0*")
# An entry of a block that points to the directory with the place, in either order of bytes. One block has one or two.
_GPS_POINTERS = {
    "<": re.compile(rb"\x25\x88[\x03\x04\x0d]\0\x01\0\0\0"),
    ">": re.compile(rb"\x88\x25\0[\x03\x04\x0d]\0\0\0\x01"),
}
_MOST_POINTERS = 16
# How words are read: in small letters, an element of XMP like an attribute, and what takes two bytes a letter (without
# its zeros) like what takes one.
_FOLDED = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ<", b"abcdefghijklmnopqrstuvwxyz:")
# What XMP, and the text of a PNG, call a place: each looked for by itself, which takes a few ms in all that may be
# hidden. The two patterns begin with letters of their own, so that they are as quick.
_PLACE_NAMES = (
    b"latitude", b"longitude", b"geo:lat", b"geo:long", b":city", b":state", b":provincestate", b":sublocation",
    b":worldregion", b":country", b":location", b":coverage",
)  # fmt: skip
_GPS_NAMED = re.compile(rb"gps(?!versionid)[a-z]{3}")
# A copy of another block, in digits, may hold a place.
_COPY_NAMED = re.compile(rb"raw profile type (?!ic[cm])")
# IPTC: the content's location, city, sublocation, province, country, each with its length.
_IPTC_PLACE = re.compile(rb"\x1c\x02[\x1a\x1b\x5a\x5c\x5f\x64\x65]\0[^\0]")

# Pillow's own guard is one number for the whole process; every picture that is opened here is measured before it is
# unpacked.
Image.MAX_IMAGE_PIXELS = None


class Broken(Exception):
    """Not a whole picture of the kind that it begins as."""


@dataclass(frozen=True)
class Place:
    """What a photograph says about where and when it was taken. None and "" where it does not say."""

    latitude: float | None
    longitude: float | None
    taken: datetime | None

    @property
    def words(self) -> str:
        """ "51.50070 north, 0.12460 west", or that it cannot be read."""
        if self.latitude is None or self.longitude is None:
            return "It holds a place that we can’t read"
        north = "north" if self.latitude >= 0 else "south"
        east = "east" if self.longitude >= 0 else "west"
        return f"{abs(self.latitude):.5f} {north}, {abs(self.longitude):.5f} {east}"


@dataclass(frozen=True)
class Part:
    """One segment or chunk: its name, and where it begins and ends in the file, marks and lengths included."""

    name: bytes
    start: int
    end: int


def kind_of(data: Bytes) -> str:
    """JPEG, PNG, WEBP or "", by the first bytes."""
    head = data[:12]
    if head[:3] == b"\xff\xd8\xff":
        return JPEG
    if head[:8] == PNG_MARK:
        return PNG
    return WEBP if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else ""


def end_of(data: Bytes) -> int:
    """Where the picture ends; what follows is not of it. Raises Broken when it ends too soon or is no picture."""
    parts = _parts(data)
    if not 0 < _pixels(data, parts) <= MOST_PIXELS:
        raise Broken
    return parts[-1].end


def place_of(data: Bytes) -> Place | None:
    """Where the photograph says it was taken; None when it says nothing about that. In doubt there is a place, which
    can't be read; also when more is hidden than MOST_HIDDEN, packed words unpacked, of which nothing is read. Raises
    Broken.
    """
    parts = _parts(data)
    if sum(part.end - part.start for part in parts if _is_hidden(data, part)) > MOST_HIDDEN:
        return Place(None, None, None)
    hidden = _hidden(data, parts)
    try:
        exif = _exif(hidden)
        gps = exif.get_ifd(_GPS)
        latitude, longitude = _degrees(gps.get(2), gps.get(1)), _degrees(gps.get(4), gps.get(3))
        taken = _moment(exif.get_ifd(_EXIF).get(_TAKEN))
        is_placed = any(map(_points_to_place, hidden)) or _names_place(b"\n".join(_words(kind_of(data), hidden)))
    except Exception:  # whatever a forged block makes a reader stumble over
        return Place(None, None, None)
    if latitude is not None and longitude is not None:
        return Place(latitude, longitude, taken)
    return Place(None, None, taken) if is_placed else None


def without_hidden(data: Bytes) -> Iterator[bytes]:
    """The same picture, in pieces, without anything that tells more than it shows. Raises Broken."""
    parts, kind = _parts(data), kind_of(data)
    orientation = _orientation(_hidden(data, parts))
    if kind == WEBP:
        kept = [(part.name, data[part.start : part.end]) for part in parts if not _is_hidden(data, part)]
        if orientation and kept[0][0] == b"VP8X":
            kept.append((b"EXIF", _riff(b"EXIF", _orientation_block(orientation))))
        yield from _webp([piece for _, piece in kept], has_exif=kept[-1][0] == b"EXIF")
        return
    yield b"\xff\xd8" if kind == JPEG else PNG_MARK
    is_first = True
    for part in parts:
        if not _is_hidden(data, part):
            yield data[part.start : part.end]
        if is_first and orientation:
            block = _orientation_block(orientation)
            yield _jpeg_exif(block) if kind == JPEG else _png_chunk(b"eXIf", block)
        is_first = False


def write_preview(source: Path, target: Path) -> bool:
    """A smaller picture of `source`, made from its pixels alone, so that no page shows what somebody sent.

    False when it would take too much memory or can't be made.
    """
    try:
        data = source.read_bytes()
        kind = kind_of(data)
        # Before it is opened: the reader of WebP makes room for the whole picture at once.
        if _pixels(data, _parts(data)) > (MOST_PIXELS if kind == JPEG else MOST_PIXELS_UNPACKED):
            return False
        with Image.open(BytesIO(data), formats=[kind]) as image:
            image.draft("RGB", PREVIEW)
            image.thumbnail(PREVIEW)
            upright = ImageOps.exif_transpose(image).convert("RGBA")
            flat = Image.new("RGB", upright.size, "white")
            flat.paste(upright, mask=upright.getchannel("A"))
            flat.save(target, JPEG, quality=85)
    except Exception:  # a picture that Pillow can't read is offered for download alone
        target.unlink(missing_ok=True)
        return False
    return True


# --- The parts of each kind of file ---------------------------------------------------------------


def _parts(data: Bytes) -> list[Part]:
    """Its segments or chunks in their order, at least one. Raises Broken, also when there are more than MOST_PARTS."""
    walk = _WALKS.get(kind_of(data))
    if walk is None:
        raise Broken
    try:
        parts = list(islice(walk(data), MOST_PARTS + 1))
    except (struct.error, IndexError):
        raise Broken from None
    if not 0 < len(parts) <= MOST_PARTS:
        raise Broken
    return parts


def _jpeg_parts(data: Bytes) -> Iterator[Part]:
    place, size = 2, len(data)
    while True:
        filling = _FILLING.match(data, place)
        if filling is None or filling.end() == place:
            raise Broken
        place = filling.end() - 1
        mark = data[place + 1]
        if mark == _EOI:
            yield Part(bytes([mark]), place, place + 2)
            return
        end = place + 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
        if mark == _SOS:
            follows = _NEXT_SEGMENT.search(data, end)
            if follows is None:
                raise Broken
            end = follows.start()
        if end >= size:
            raise Broken
        yield Part(bytes([mark]), place, end)
        place = end


def _png_parts(data: Bytes) -> Iterator[Part]:
    place = len(PNG_MARK)
    while True:
        length, name = struct.unpack(">I4s", data[place : place + 8])
        end = place + 12 + length
        if end > len(data):
            raise Broken
        yield Part(name, place, end)
        if name == b"IEND":
            return
        place = end


def _webp_parts(data: Bytes) -> Iterator[Part]:
    stop = 8 + struct.unpack("<I", data[4:8])[0]
    if stop > len(data):
        raise Broken
    place = 12
    while place < stop:
        name, length = struct.unpack("<4sI", data[place : place + 8])
        end = place + 8 + length + length % 2
        if end > stop:
            raise Broken
        yield Part(name, place, end)
        place = end


_WALKS: dict[str, Callable[[Bytes], Iterator[Part]]] = {JPEG: _jpeg_parts, PNG: _png_parts, WEBP: _webp_parts}


def _pixels(data: Bytes, parts: Sequence[Part]) -> int:
    """How many pixels it has by its own words: the most that any header in it says, 0 when none does."""
    kind, most = kind_of(data), 0
    for part in parts:
        head = data[part.start : min(part.end, part.start + 18)]
        try:
            width, height = _size(kind, part.name, head)
        except (struct.error, IndexError):
            raise Broken from None
        most = max(most, width * height)
    return most


def _size(kind: str, name: bytes, head: bytes) -> tuple[int, int]:
    """Width and height, where this part is a header that says them."""
    if kind == JPEG and name[0] in _SIZED:
        return struct.unpack(">HH", head[5:9])
    if kind == PNG and name == b"IHDR":
        return struct.unpack(">II", head[8:16])
    if kind == WEBP and name == b"VP8X":
        return 1 + int.from_bytes(head[12:15], "little"), 1 + int.from_bytes(head[15:18], "little")
    if kind == WEBP and name == b"VP8L":
        (bits,) = struct.unpack("<I", head[9:13])
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == WEBP and name == b"VP8 ":
        width, height = struct.unpack("<HH", head[14:18])
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _is_hidden(data: Bytes, part: Part) -> bool:
    """Whether a part tells something and shows nothing."""
    kind = kind_of(data)
    if kind == PNG:
        return part.name not in _PNG_KEPT
    if kind == WEBP:
        return part.name not in _WEBP_KEPT
    mark = part.name[0]
    if 0xC0 <= mark <= 0xDF:
        return False
    told = data[part.start + 4 : part.start + 16]
    # How big a dot is, which colours are meant, how they were packed: needed to show it as it is.
    return not (
        (mark == 0xE0 and told[:5] == b"JFIF\0")
        or (mark == 0xE2 and told[:12] == b"ICC_PROFILE\0")
        or (mark == 0xEE and told[:5] == b"Adobe")
    )


def _hidden(data: Bytes, parts: Sequence[Part]) -> list[bytes]:
    return [data[part.start : part.end] for part in parts if _is_hidden(data, part)]


# --- What the hidden parts say --------------------------------------------------------------------


def _block(part: bytes) -> bytes:
    """The directory of facts that a part holds, from its own first byte on; b"" when it holds none."""
    starts = [start for start in map(part.find, _BLOCK_MARKS) if start >= 0]
    return part[min(starts) : min(starts) + MOST_BLOCK] if starts else b""


def _exif(hidden: Sequence[bytes]) -> Image.Exif:
    exif = Image.Exif()
    exif.load(next(filter(None, map(_block, hidden)), b""))
    return exif


def _points_to_place(part: bytes) -> bool:
    """Whether a directory of places in it holds more than the number of its own version (or can't be found, or there
    are more pointers than we follow)."""
    block = _block(part)
    for order, named in _GPS_POINTERS.items():
        for number, pointer in enumerate(named.finditer(block)):
            (offset,) = struct.unpack_from(order + "I", block, pointer.end())
            entries, first = struct.unpack_from(order + "HH", block, offset)
            if entries > 1 or (entries == 1 and first != 0) or number == _MOST_POINTERS:
                return True
    return False


def _names_place(words: bytes) -> bool:
    folded = words.translate(_FOLDED, b"\0")
    return (
        any(name in folded for name in _PLACE_NAMES)
        or any(named.search(folded) for named in (_GPS_NAMED, _COPY_NAMED))
        or bool(_IPTC_PLACE.search(words))
    )


def _words(kind: str, hidden: Sequence[bytes]) -> Iterator[bytes]:
    """Each part, and what a PNG packs in it. Raises Broken when that is more than MOST_HIDDEN in all."""
    room = MOST_HIDDEN - sum(map(len, hidden))
    for part in hidden:
        yield b":" + part[8:] if kind == PNG else part  # the word that a text of a PNG begins with is its name
        if kind == PNG and (packed := _packed(part)):
            unpacking = zlib.decompressobj()
            words = unpacking.decompress(packed, room)
            room -= len(words)
            if room <= 0 or not unpacking.eof:
                raise Broken
            yield words


def _packed(chunk: bytes) -> bytes:
    """The packed text of a chunk; b"" when it has none."""
    name, body = chunk[4:8], chunk[8:-4]
    if name == b"zTXt":
        return body.split(b"\0", 1)[1][1:]
    if name == b"iTXt" and (rest := body.split(b"\0", 1)[1])[0]:
        return rest[2:].split(b"\0", 2)[2]
    return b""


def _orientation(hidden: Sequence[bytes]) -> int:
    """2 to 8 when the picture has to be turned or mirrored, else 0."""
    try:
        found = _exif(hidden).get(_ORIENTATION)
    except Exception:  # as above
        return 0
    return found if isinstance(found, int) and 2 <= found <= 8 else 0


def _degrees(parts: Any, side: object) -> float | None:
    """From degrees alone, with minutes, or with minutes and seconds; None when that is no place on Earth."""
    if parts is None:
        return None
    values = parts if isinstance(parts, tuple) else (parts,)
    value: float = sum(float(part) / 60**place for place, part in enumerate(values[:3]))
    if not abs(value) <= 180:  # nor a number
        return None
    return -value if side in ("S", "W", b"S", b"W") else value


def _moment(words: object) -> datetime | None:
    try:
        # As the camera's own clock said; the file does not say in which zone.
        return datetime.strptime(str(words).strip("\0 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None


# --- Putting it together again --------------------------------------------------------------------


def _webp(pieces: list[bytes], *, has_exif: bool) -> Iterator[bytes]:
    if pieces and pieces[0][:4] == b"VP8X":
        flags = pieces[0][8] & ~0x0C | (0x08 if has_exif else 0)
        pieces[0] = pieces[0][:8] + bytes([flags]) + pieces[0][9:]
    yield b"RIFF" + struct.pack("<I", 4 + sum(map(len, pieces))) + b"WEBP"
    yield from pieces


def _riff(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _jpeg_exif(block: bytes) -> bytes:
    body = b"Exif\0\0" + block
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def _orientation_block(orientation: int) -> bytes:
    """The smallest TIFF block: one directory, one entry (orientation, one SHORT), no next directory."""
    entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, orientation, 0)
    return b"MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
