"""From encoded bytes to an upright BGR array, with a guard in front: the header says how large the picture is.

`read_header` decodes nothing, so that a web process can refuse a picture of a gigapixel in a few hundred bytes
before any memory is spent on it. `decode` reads the header itself, decodes with OpenCV, and checks that what came
out has the size that the header promised.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np
import numpy.typing as npt

from backends.errors import BadImage, ImageTooLarge, ImageTruncated, UnsupportedImage

DEFAULT_PIXEL_LIMIT = 64_000_000
"""Pixels decoded by default: 64 megapixels, three times what a large camera gives."""

ImageFormat = Literal["jpeg", "png", "webp", "bmp"]

_EXIF_ORIENTATION = 0x0112
_NOT_AN_IMAGE = "The data are not an image in a format that is accepted (JPEG, PNG, WebP, BMP)."
_CUT_SHORT = "The image ends too early: it was probably cut short on its way."
_DAMAGED = "The image is damaged and cannot be decoded."


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What the first bytes of a picture say.

    ``width`` and ``height`` are those of the stored pixels, before the rotation. ``orientation`` is the EXIF value,
    1 to 8, where 1 is upright. ``frames`` counts the pictures of an animation; 1 for a still.
    """

    format: ImageFormat
    width: int
    height: int
    orientation: int
    frames: int

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
        return _read_with_pillow("jpeg", data)
    if view[:8] == b"\x89PNG\r\n\x1a\n":
        return _read_with_pillow("png", data)
    if view[:2] == b"BM":
        return _read_with_pillow("bmp", data)
    if view[:4] == b"RIFF" and view[8:12] == b"WEBP":
        # Pillow's reader allocates the whole canvas to open one, so this header is read by hand.
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


def decode(
    data: bytes | memoryview, pixel_limit: int = DEFAULT_PIXEL_LIMIT, auto_orient: bool = True
) -> npt.NDArray[np.uint8]:
    """Decodes a picture to uint8 (height, width, 3) in BGR order, upright unless ``auto_orient`` is off.

    Grey and transparent pictures become three channels, sixteen bits become eight. Raises the errors of
    `read_header` and `check_header`, and ImageTruncated for pictures that end too early or are damaged.
    """
    header = read_header(data)
    check_header(header, pixel_limit)
    _check_end(header, data)
    flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        pixels = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), flags)
    except cv2.error:
        pixels = None
    if pixels is None:
        raise ImageTruncated(_DAMAGED)
    if pixels.shape != (header.height, header.width, 3):
        raise BadImage("The image's header and its data disagree on the size.")
    if auto_orient and header.orientation != 1:
        pixels = _UPRIGHT[header.orientation](pixels)
    return np.asarray(pixels, dtype=np.uint8)


_UPRIGHT: dict[int, Callable[[Any], Any]] = {
    2: lambda image: cv2.flip(image, 1),
    3: lambda image: cv2.rotate(image, cv2.ROTATE_180),
    4: lambda image: cv2.flip(image, 0),
    5: cv2.transpose,
    6: lambda image: cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE),
    7: lambda image: cv2.flip(cv2.transpose(image), -1),
    8: lambda image: cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE),
}


def _read_with_pillow(kind: ImageFormat, data: bytes | memoryview) -> ImageHeader:
    # The classes themselves rather than Image.open: no other format is tried, and nothing is decoded.
    from PIL import BmpImagePlugin, JpegImagePlugin, PngImagePlugin

    readers: dict[str, Any] = {
        "jpeg": JpegImagePlugin.JpegImageFile,
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
            raise ImageTruncated(_CUT_SHORT) from None
        raise BadImage(_DAMAGED) from None
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
        raise ImageTruncated(_CUT_SHORT)
    return ImageHeader("webp", size[0], size[1], orientation, max(frames, 1))


def _check_end(header: ImageHeader, data: bytes | memoryview) -> None:
    """OpenCV fills what is missing with grey and says nothing, so the end is looked for first."""
    view = bytes(data)
    if header.format == "jpeg":
        # Within a scan FF is followed by 00 or a restart marker, so the first FFD9 behind it is the picture's end.
        # What phones append (videos, other pictures) does not matter.
        scan = _first_scan(view)
        complete = scan is not None and view.find(b"\xff\xd9", scan) > 0
    elif header.format == "png":
        complete = view.rfind(b"IEND") > 0
    elif header.format == "webp":
        complete = len(view) >= 8 + int.from_bytes(view[4:8], "little")
    else:
        complete = len(view) >= int.from_bytes(view[2:6], "little")
    if not complete:
        raise ImageTruncated(_CUT_SHORT)


def _first_scan(data: bytes) -> int | None:
    """Where a JPEG's first scan begins, found from marker to marker; thumbnails lie within segments of their own."""
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xDA:
            return position
        if marker == 0xFF:
            position += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD7:
            position += 2
        else:
            position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return None
