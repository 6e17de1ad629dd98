"""What the first bytes of an encoded picture say: its format, its size and how it is turned. Nothing is decoded.

So a web process can refuse a picture of a gigapixel in a few hundred bytes before any memory is spent on it. PNG and
BMP are read by Pillow. JPEG is read here because every request pays for it, several times: going from segment to
segment takes an eighth of the time that Pillow needs, which builds the quantisation tables too. WebP is read here
because Pillow allocates the whole canvas to open one.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, field
from typing import Any, Literal

from backends.errors import BadImage, ImageTooLarge, ImageTruncated, UnsupportedImage

DEFAULT_PIXEL_LIMIT = 64_000_000
"""Pixels decoded by default: 64 megapixels, three times what a large camera gives."""

ImageFormat = Literal["jpeg", "png", "webp", "bmp"]

_EXIF_ORIENTATION = 0x0112
_EXIF_START = b"Exif\0\0"
_NOT_AN_IMAGE = "The data are not an image in a format that is accepted (JPEG, PNG, WebP, BMP)."
CUT_SHORT = "The image ends too early: it was probably cut short on its way."
DAMAGED = "The image is damaged and cannot be decoded."

# Markers of ITU-T T.81, table B.1.
_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_START_OF_SCAN = 0xDA
_END_OF_IMAGE = 0xD9
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_APPLICATION_1 = 0xE1
# A picture has tens of segments; somebody who sends millions wants to keep us busy.
_MOST_MARKERS = 2_000
_MOST_JUNK = 4_096


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What the first bytes of a picture say.

    ``width`` and ``height`` are those of the stored pixels, before the rotation. ``orientation`` is the EXIF value,
    1 to 8, where 1 is upright. ``frames`` counts the pictures of an animation; 1 for a still. ``pixels_start`` is
    where a JPEG's first scan begins; 0 for other formats.
    """

    format: ImageFormat
    width: int
    height: int
    orientation: int
    frames: int
    pixels_start: int = field(default=0, compare=False)

    @property
    def upright_size(self) -> tuple[int, int]:
        """(height, width) after the rotation that EXIF asks for."""
        return (self.width, self.height) if self.orientation >= 5 else (self.height, self.width)


def read_header(data: bytes | memoryview) -> ImageHeader:
    """Format and size of an encoded picture, without decoding it.

    Raises UnsupportedImage for other formats, BadImage for a header that makes no sense, ImageTruncated if not
    even the header is complete.
    """
    view = bytes(data[:32])
    if view[:2] == b"\xff\xd8":
        return _read_jpeg(data)
    if view[:8] == b"\x89PNG\r\n\x1a\n":
        return _read_with_pillow("png", data)
    if view[:2] == b"BM":
        return _read_with_pillow("bmp", data)
    if view[:4] == b"RIFF" and view[8:12] == b"WEBP":
        return _read_webp(data)
    if view[:6] in (b"GIF87a", b"GIF89a") or view[:4] in (b"II*\0", b"MM\0*") or view[4:8] == b"ftyp":
        raise UnsupportedImage("Images must be JPEG, PNG, WebP or BMP.")
    raise BadImage(_NOT_AN_IMAGE)


def check_header(header: ImageHeader, pixel_limit: int = DEFAULT_PIXEL_LIMIT) -> None:
    """Refuses pictures that are too large (ImageTooLarge), empty (BadImage) or animated (UnsupportedImage)."""
    if header.width < 1 or header.height < 1:
        raise BadImage("The image has no pixels.")
    if header.width * header.height > pixel_limit:
        raise ImageTooLarge(
            f"The image has {header.width} x {header.height} pixels; at most {pixel_limit:,} are accepted."
        )
    if header.frames > 1:
        raise UnsupportedImage("The image is animated; send one frame of it.")


def _read_jpeg(data: bytes | memoryview) -> ImageHeader:
    """From marker to marker up to the first scan (ITU-T T.81, B.1.1): thumbnails lie within segments of their own."""
    view = memoryview(data)
    size: tuple[int, int] | None = None
    exif: bytes | None = None
    position = 2
    try:
        for _ in range(_MOST_MARKERS):
            # Any number of FF may stand before a marker, and readers pass over a little that belongs to nothing.
            if view[position] != 0xFF:
                junk = bytes(view[position : position + _MOST_JUNK]).find(b"\xff")
                if junk < 0:
                    raise BadImage(DAMAGED)
                position += junk
            marker = view[position + 1]
            if marker == 0xFF:
                position += 1
            elif marker in _WITHOUT_LENGTH:
                position += 2
            elif marker in (_START_OF_SCAN, _END_OF_IMAGE):
                if size is None or marker == _END_OF_IMAGE:
                    raise BadImage(DAMAGED)
                return ImageHeader("jpeg", size[1], size[0], _orientation(exif), 1, position)
            else:
                length = view[position + 2] << 8 | view[position + 3]
                if length < 2:
                    raise BadImage(DAMAGED)
                body = view[position + 4 : position + 2 + length]
                if marker in _START_OF_FRAME:
                    size = (body[1] << 8 | body[2], body[3] << 8 | body[4])
                elif marker == _APPLICATION_1 and exif is None and body[:6] == _EXIF_START:
                    exif = bytes(body)
                position += 2 + length
    except IndexError:
        raise ImageTruncated(CUT_SHORT) from None
    raise BadImage(DAMAGED)


def _read_with_pillow(kind: ImageFormat, data: bytes | memoryview) -> ImageHeader:
    # The classes themselves rather than Image.open: no other format is tried, and nothing is decoded.
    from PIL import BmpImagePlugin, PngImagePlugin

    readers: dict[str, Any] = {
        "png": PngImagePlugin.PngImageFile,
        "bmp": BmpImagePlugin.BmpImageFile,
    }
    try:
        image = readers[kind](io.BytesIO(data))
        width, height = image.size
        exif = image.info.get("exif")
        frames = int(getattr(image, "n_frames", 1))
    except Exception as error:
        # Pillow reports a broken header with half a dozen unrelated exceptions.
        message = str(error).lower()
        if isinstance(error, EOFError | IndexError | struct.error) or "truncated" in message or len(data) < 64:
            raise ImageTruncated(CUT_SHORT) from None
        raise BadImage(DAMAGED) from None
    return ImageHeader(kind, width, height, _orientation(exif), frames)


def _orientation(exif: bytes | None) -> int:
    if not exif:
        return 1
    from PIL import Image

    tags = Image.Exif()
    try:
        tags.load(exif)
        value = tags.get(_EXIF_ORIENTATION, 1)
    except Exception:
        # EXIF that nobody can read turns nothing; it is no reason to refuse the picture.
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _read_webp(data: bytes | memoryview) -> ImageHeader:
    """The container's chunks: https://developers.google.com/speed/webp/docs/riff_container."""
    view = memoryview(data)
    size: tuple[int, int] | None = None
    orientation, frames, position = 1, 0, 12
    end = min(len(view), 8 + int.from_bytes(view[4:8], "little"))
    while position + 8 <= end:
        tag = bytes(view[position : position + 4])
        length = int.from_bytes(view[position + 4 : position + 8], "little")
        body = bytes(view[position + 8 : position + 8 + min(length, 32)])
        if tag == b"VP8X" and len(body) >= 10:
            size = (int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1)
        elif tag == b"VP8 " and len(body) >= 10 and size is None:
            width, height = struct.unpack("<HH", body[6:10])
            size = (width & 0x3FFF, height & 0x3FFF)
        elif tag == b"VP8L" and len(body) >= 5 and size is None:
            bits = int.from_bytes(body[1:5], "little")
            size = ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        elif tag == b"EXIF":
            orientation = _orientation(bytes(view[position + 8 : position + 8 + length]))
        elif tag == b"ANMF":
            frames += 1
        position += 8 + length + (length & 1)
    if size is None:
        raise ImageTruncated(CUT_SHORT)
    return ImageHeader("webp", size[0], size[1], orientation, max(frames, 1))
