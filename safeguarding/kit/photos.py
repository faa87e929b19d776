"""What a photograph tells besides its picture: where and when it was taken, with what. Shown, and taken out.

Taking it out never touches the picture itself: whole segments of the file are left out, and everything else is copied
byte for byte. How the camera was held is kept, or the picture would stand on its head.
"""

from __future__ import annotations

import mmap
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
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
PREVIEW = (1600, 1600)

_ORIENTATION, _EXIF, _GPS, _TAKEN = 0x0112, 0x8769, 0x8825, 0x9003
# In the data of a picture, 0xFF is followed by 0 or by a restart mark; whatever else follows is the next segment.
_NEXT_SEGMENT = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
_SOI, _EOI, _SOS, _COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP bKGD pHYs acTL fcTL fdAT".split()
)  # fmt: skip
_WEBP_HIDDEN = frozenset({b"EXIF", b"XMP "})
_XMP_PLACE = re.compile(rb"GPSL(?:at|ong)itude")

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
    parts = list(_parts(data))
    if not parts:
        raise Broken
    with _opened(data) as image:
        if image.width * image.height > MOST_PIXELS:
            raise Broken
    return parts[-1].end


def place_of(data: Bytes) -> Place | None:
    """Where the photograph says it was taken; None when it says nothing about that. Raises Broken."""
    hidden = b"".join(data[part.start : part.end] for part in _parts(data) if _is_hidden(data, part))
    if not hidden:
        return None
    try:
        with _opened(data) as image:
            exif = image.getexif()
            gps = exif.get_ifd(_GPS)
            where = _degrees(gps.get(2), gps.get(1)), _degrees(gps.get(4), gps.get(3))
            taken = _moment(exif.get_ifd(_EXIF).get(_TAKEN))
    except Exception:  # whatever a forged block makes the reader stumble over
        return Place(None, None, None)
    if where[0] is not None and where[1] is not None:
        return Place(where[0], where[1], taken)
    return Place(None, None, taken) if where != (None, None) or _XMP_PLACE.search(hidden) else None


def without_hidden(data: Bytes) -> Iterator[bytes]:
    """The same picture, in pieces, without anything that tells more than it shows. Raises Broken."""
    parts, kind, orientation = list(_parts(data)), kind_of(data), _orientation(data)
    if kind == WEBP:
        kept = [(part.name, data[part.start : part.end]) for part in parts if part.name not in _WEBP_HIDDEN]
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
        with Image.open(source, formats=[JPEG, PNG, WEBP]) as image:
            pixels = image.width * image.height
            if pixels > (MOST_PIXELS if image.format == JPEG else MOST_PIXELS_UNPACKED):
                return False
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


def _parts(data: Bytes) -> Iterator[Part]:
    kind = kind_of(data)
    try:
        if kind == JPEG:
            yield from _jpeg_parts(data)
        elif kind == PNG:
            yield from _png_parts(data)
        elif kind == WEBP:
            yield from _webp_parts(data)
    except (struct.error, IndexError):
        raise Broken from None


def _jpeg_parts(data: Bytes) -> Iterator[Part]:
    place, size = 2, len(data)
    while True:
        while data[place] == 0xFF and data[place + 1] == 0xFF:
            place += 1  # padding
        if data[place] != 0xFF:
            raise Broken
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


def _is_hidden(data: Bytes, part: Part) -> bool:
    """Whether a part tells something and shows nothing."""
    kind = kind_of(data)
    if kind == PNG:
        return part.name not in _PNG_KEPT
    if kind == WEBP:
        return part.name in _WEBP_HIDDEN
    mark = part.name[0]
    if not 0xE0 <= mark <= 0xEF:
        return mark == _COMMENT
    told = data[part.start + 4 : part.start + 16]
    # How big a dot is, which colours are meant, how they were packed: needed to show it as it is.
    return not (
        (mark == 0xE0 and told[:5] == b"JFIF\0")
        or (mark == 0xE2 and told[:12] == b"ICC_PROFILE\0")
        or (mark == 0xEE and told[:5] == b"Adobe")
    )


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


def _orientation(data: Bytes) -> int:
    """2 to 8 when the picture has to be turned or mirrored, else 0."""
    try:
        with _opened(data) as image:
            found = image.getexif().get(_ORIENTATION)
    except Exception:  # as above
        return 0
    return found if isinstance(found, int) and 2 <= found <= 8 else 0


def _opened(data: Bytes) -> Image.Image:
    """The picture with its header read and nothing unpacked. Raises Broken."""
    try:
        source: Any = BytesIO(data) if isinstance(data, bytes) else data  # an mmap reads and seeks like any file
        source.seek(0)
        return Image.open(source, formats=[JPEG, PNG, WEBP])
    except Exception:  # Pillow raises a dozen kinds for a header that is not one
        raise Broken from None


def _degrees(parts: object, side: object) -> float | None:
    if not isinstance(parts, tuple) or len(parts) != 3:
        return None
    whole, minutes, seconds = (float(part) for part in parts)
    value = whole + minutes / 60 + seconds / 3600
    return -value if side in ("S", "W", b"S", b"W") else value


def _moment(words: object) -> datetime | None:
    try:
        # As the camera's own clock said; the file does not say in which zone.
        return datetime.strptime(str(words).strip("\0 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None
