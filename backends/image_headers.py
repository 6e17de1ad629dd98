"""What the first bytes of an encoded image say: its format, its size and how it is turned. Nothing is decoded.

So a web process can refuse an image of a gigapixel in a few hundred bytes before any memory is spent on it, and one
of few bytes that keeps a decoder busy for hours: how often a decoder goes over the pixels is told by the header too.

BMP is read by Pillow. JPEG is read here because every request pays for it, several times: going from segment to
segment is all it takes, and Pillow builds the quantisation tables too. WebP is read here because Pillow allocates the
whole canvas to open one, and PNG because Pillow stops at the pixels, behind which there may be an orientation, and
texts that are large when they are unpacked.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, field
from typing import Literal

from backends.errors import BadImage, ImageTooLarge, ImageTruncated, UnsupportedImage

DEFAULT_PIXEL_LIMIT = 64_000_000
"""Pixels decoded by default: 64 megapixels, three times what a large camera gives."""

MOST_PASSES = 16
"""How often a decoder may go over an image that has as many pixels as are accepted; smaller ones may take more.

Encoders write a progressive JPEG in 6 to 12 scans. One scan of a megapixel takes libjpeg-turbo 3.1 at most 5 ms, even
if it is nearly empty.
"""

ImageFormat = Literal["jpeg", "png", "webp", "bmp"]

_EXIF_ORIENTATION = 0x0112
_SHORT = 3
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
# An image has tens of segments; somebody who sends millions wants to keep us busy.
_MOST_MARKERS = 2_000
_MOST_JUNK = 4_096
# Frames whose scans each refine the whole image.
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})

# libpng writes its data in chunks of 8 KiB.
_MOST_CHUNKS = 50_000
# libpng unpacks each compressed text to up to 8 MB, and keeps a thousand of them.
_MOST_COMPRESSED_TEXTS = 8
_MOST_TAGS = 512
# What one decoded pixel costs, in passes of a JPEG decoder (OpenCV 5.0 on one core).
_PNG_PASSES, _INTERLACED_PASSES, _WEBP_PASSES = 3, 7, 2


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What the first bytes of an image say.

    ``width`` and ``height`` are those of the stored pixels, before the rotation. ``orientation`` is the EXIF value,
    1 to 8, where 1 is upright. ``frames`` counts the images of an animation; 1 for a still. ``pixels_start`` is
    where a JPEG's first scan begins; 0 for other formats. ``passes`` says how often a decoder goes over the pixels,
    where once through an ordinary JPEG is 1.
    """

    format: ImageFormat
    width: int
    height: int
    orientation: int
    frames: int
    pixels_start: int = field(default=0, compare=False)
    passes: int = field(default=1, compare=False)

    @property
    def work(self) -> int:
        """What decoding takes at most: pixels times passes."""
        return self.width * self.height * self.passes

    @property
    def effort(self) -> int:
        """What decoding takes as a rule, in pixels of an ordinary JPEG: a further scan is a quarter of its first."""
        quarters = 3 + self.passes if self.format == "jpeg" else 4 * self.passes
        return self.width * self.height * quarters // 4


def read_header(data: bytes | memoryview) -> ImageHeader:
    """Format and size of an encoded image, without decoding it.

    Raises UnsupportedImage for other formats, BadImage for a header that makes no sense, ImageTruncated if not
    even the header is complete.
    """
    view = bytes(data[:32])
    if view[:2] == b"\xff\xd8":
        return _read_jpeg(data)
    if view[:8] == b"\x89PNG\r\n\x1a\n":
        return _read_png(data)
    if view[:2] == b"BM":
        return _read_bmp(data)
    if view[:4] == b"RIFF" and view[8:12] == b"WEBP":
        return _read_webp(data)
    if view[:6] in (b"GIF87a", b"GIF89a") or view[:4] in (b"II*\0", b"MM\0*") or view[4:8] == b"ftyp":
        raise UnsupportedImage("Images must be JPEG, PNG, WebP or BMP.")
    raise BadImage(_NOT_AN_IMAGE)


def check_header(header: ImageHeader, pixel_limit: int = DEFAULT_PIXEL_LIMIT) -> None:
    """Refuses images that are too large or too much work (ImageTooLarge), empty (BadImage) or animated
    (UnsupportedImage)."""
    if header.width < 1 or header.height < 1:
        raise BadImage("The image has no pixels.")
    if header.width * header.height > pixel_limit:
        raise ImageTooLarge(
            f"The image has {header.width} x {header.height} pixels; at most {pixel_limit:,} are accepted."
        )
    if header.work > pixel_limit * MOST_PASSES:
        raise ImageTooLarge(
            f"Decoding the image takes {header.passes:,} passes over {header.width} x {header.height} pixels, which is "
            "too much work; save it anew, as an ordinary JPEG (not progressive) or as PNG."
        )
    if header.frames > 1:
        raise UnsupportedImage("The image is animated; send one frame of it.")


def _read_jpeg(data: bytes | memoryview) -> ImageHeader:
    """From marker to marker up to the first scan (ITU-T T.81, B.1.1): thumbnails lie within segments of their own."""
    view = memoryview(data)
    size: tuple[int, int] | None = None
    exif: bytes | None = None
    frame = components = 0
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
                # Otherwise decoders stop behind the first scan. What follows the image, or lies in a comment, may
                # look like scans too: that counts with them, so that nobody can hide any.
                many = frame in _PROGRESSIVE or view[position + 4] < components
                passes = _count_scans(view[position:]) if many else 1
                return ImageHeader("jpeg", size[1], size[0], _orientation(exif), 1, position, max(passes, 1))
            else:
                length = view[position + 2] << 8 | view[position + 3]
                if length < 2:
                    raise BadImage(DAMAGED)
                body = view[position + 4 : position + 2 + length]
                if marker in _START_OF_FRAME:
                    size = (body[1] << 8 | body[2], body[3] << 8 | body[4])
                    frame, components = marker, body[5]
                elif marker == _APPLICATION_1 and exif is None and body[:6] == _EXIF_START:
                    exif = bytes(body)
                position += 2 + length
    except IndexError:
        raise ImageTruncated(CUT_SHORT) from None
    raise BadImage(DAMAGED)


def _count_scans(view: memoryview) -> int:
    # Here, for the other formats do without it. bytes.count takes eight times as long.
    import numpy as np

    data = np.frombuffer(view, dtype=np.uint8)
    return int(np.count_nonzero((data[:-1] == 0xFF) & (data[1:] == _START_OF_SCAN)))


def _read_png(data: bytes | memoryview) -> ImageHeader:
    """From chunk to chunk up to the end (PNG, third edition, section 5): eXIf may stand behind the pixels."""
    view = memoryview(data)
    if len(view) < 33:
        raise ImageTruncated(CUT_SHORT)
    length, tag, width, height, interlaced = (*struct.unpack_from(">I4sII4x", view, 8), view[28])
    if length != 13 or tag != b"IHDR":
        raise BadImage(DAMAGED)
    exif: bytes | None = None
    frames, texts, has_pixels, position = 1, 0, False, 33
    for _ in range(_MOST_CHUNKS):
        if position + 8 > len(view):
            break
        length, tag = struct.unpack_from(">I4s", view, position)
        if tag == b"IDAT":
            has_pixels = True
        elif tag == b"IEND":
            break
        elif tag == b"eXIf" and exif is None:
            exif = bytes(view[position + 8 : position + 8 + length])
        elif tag == b"acTL" and length >= 4:
            frames = max(frames, int.from_bytes(view[position + 8 : position + 12]))
        elif tag == b"fdAT":
            frames = max(frames, 2)
        elif tag in (b"zTXt", b"iTXt"):
            texts += tag == b"zTXt" or _is_compressed(bytes(view[position + 8 : position + 8 + min(length, 96)]))
        position += 12 + length
    else:
        raise BadImage(DAMAGED)
    if not has_pixels:
        raise ImageTruncated(CUT_SHORT) if position + 8 > len(view) else BadImage(DAMAGED)
    if texts > _MOST_COMPRESSED_TEXTS:
        raise UnsupportedImage(
            f"The PNG has more than {_MOST_COMPRESSED_TEXTS} compressed texts; save it without them."
        )
    passes = _INTERLACED_PASSES if interlaced else _PNG_PASSES
    return ImageHeader("png", width, height, _orientation(exif), frames, 0, passes)


def _is_compressed(text: bytes) -> bool:
    """Whether an iTXt chunk is: the flag stands behind its keyword of at most 79 bytes."""
    end = text.find(b"\0")
    return end < 0 or text[end + 1 : end + 2] != b"\0"


def _read_bmp(data: bytes | memoryview) -> ImageHeader:
    # The class itself rather than Image.open: no other format is tried, and nothing is decoded.
    from PIL import BmpImagePlugin

    try:
        width, height = BmpImagePlugin.BmpImageFile(io.BytesIO(data)).size
    except Exception as error:
        # Pillow reports a broken header with half a dozen unrelated exceptions.
        message = str(error).lower()
        if isinstance(error, EOFError | IndexError | struct.error) or "truncated" in message or len(data) < 64:
            raise ImageTruncated(CUT_SHORT) from None
        raise BadImage(DAMAGED) from None
    return ImageHeader("bmp", width, height, 1, 1)


def _orientation(exif: bytes | None) -> int:
    """The orientation in the first directory of EXIF (TIFF 6.0, section 2); 1 where nobody can read it."""
    if not exif:
        return 1
    tiff = exif.removeprefix(_EXIF_START)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return 1
    try:
        (start,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, start)
        for number in range(min(count, _MOST_TAGS)):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, start + 2 + 12 * number)
            if tag == _EXIF_ORIENTATION:
                return value if kind == _SHORT and 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def _read_webp(data: bytes | memoryview) -> ImageHeader:
    """The container's chunks: https://developers.google.com/speed/webp/docs/riff_container."""
    view = memoryview(data)
    canvas: tuple[int, int] | None = None
    size: tuple[int, int] | None = None
    exif: bytes | None = None
    frames, position = 0, 12
    end = min(len(view), 8 + int.from_bytes(view[4:8], "little"))
    for _ in range(_MOST_CHUNKS):
        if position + 8 > end:
            break
        tag = bytes(view[position : position + 4])
        length = int.from_bytes(view[position + 4 : position + 8], "little")
        body = bytes(view[position + 8 : position + 8 + min(length, 32)])
        if tag == b"VP8X" and len(body) >= 10 and canvas is None:
            canvas = (int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1)
        elif tag == b"VP8 " and len(body) >= 10 and size is None:
            width, height = struct.unpack("<HH", body[6:10])
            size = (width & 0x3FFF, height & 0x3FFF)
        elif tag == b"VP8L" and len(body) >= 5 and size is None:
            bits = int.from_bytes(body[1:5], "little")
            size = ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        elif tag == b"EXIF" and exif is None:
            exif = bytes(view[position + 8 : position + 8 + length])
        elif tag == b"ANMF":
            frames += 1
        position += 8 + length + (length & 1)
    else:
        raise BadImage(DAMAGED)
    if canvas is not None and size is not None and canvas != size:
        # Decoders look at the one or the other.
        raise BadImage("The canvas and the image on it have different sizes.")
    size = canvas or size
    if size is None:
        raise ImageTruncated(CUT_SHORT)
    return ImageHeader("webp", size[0], size[1], _orientation(exif), max(frames, 1), 0, _WEBP_PASSES)
