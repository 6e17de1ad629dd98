"""From encoded bytes to an upright BGR array. The header is looked at first: see `backends.image_headers`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from backends.errors import BadImage, ImageTruncated
from backends.image_headers import CUT_SHORT, DAMAGED, DEFAULT_PIXEL_LIMIT, ImageHeader, check_header, read_header

_END_OF_JPEG = b"\xff\xd9"

# The decoded picture, and once more for a rotated or otherwise changed copy.
_BYTES_PER_PIXEL = 6


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """An encoded picture whose header was read and found acceptable."""

    data: bytes | memoryview
    header: ImageHeader

    @property
    def working_memory(self) -> int:
        """About how many bytes it takes to decode the picture and to work on it."""
        return self.header.width * self.header.height * _BYTES_PER_PIXEL

    def decode(self, auto_orient: bool = True) -> npt.NDArray[np.uint8]:
        """The picture as uint8 (height, width, 3) in BGR order, upright unless ``auto_orient`` is off.

        Grey and transparent pictures become three channels, sixteen bits become eight. Raises ImageTruncated for
        pictures that end too early or are damaged, BadImage for those that are not what their header says.
        """
        header = self.header
        _check_end(header, self.data)
        flags = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
        try:
            pixels = cv2.imdecode(np.frombuffer(self.data, dtype=np.uint8), flags)
        except cv2.error:
            pixels = None
        if pixels is None:
            raise ImageTruncated(DAMAGED)
        if pixels.shape != (header.height, header.width, 3):
            raise BadImage("The image's header and its data disagree on the size.")
        if auto_orient and header.orientation != 1:
            pixels = _UPRIGHT[header.orientation](pixels)
        return np.asarray(pixels, dtype=np.uint8)


def open_image(data: bytes | memoryview, pixel_limit: int = DEFAULT_PIXEL_LIMIT) -> EncodedImage:
    """An encoded picture, its header checked. Raises the errors of `read_header` and `check_header`."""
    header = read_header(data)
    check_header(header, pixel_limit)
    return EncodedImage(data, header)


def decode(
    data: bytes | memoryview, pixel_limit: int = DEFAULT_PIXEL_LIMIT, auto_orient: bool = True
) -> npt.NDArray[np.uint8]:
    """Decodes a picture in one go: `open_image`, then `EncodedImage.decode`."""
    return open_image(data, pixel_limit).decode(auto_orient)


_UPRIGHT: dict[int, Callable[[Any], Any]] = {
    2: lambda image: cv2.flip(image, 1),
    3: lambda image: cv2.rotate(image, cv2.ROTATE_180),
    4: lambda image: cv2.flip(image, 0),
    5: cv2.transpose,
    6: lambda image: cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE),
    7: lambda image: cv2.flip(cv2.transpose(image), -1),
    8: lambda image: cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE),
}


def _check_end(header: ImageHeader, data: bytes | memoryview) -> None:
    """OpenCV fills what is missing with grey and says nothing, so the end is looked for first."""
    if header.format == "jpeg":
        # Within a scan FF is followed by 00 or a restart marker, so any FFD9 behind its start ends a picture. What
        # phones append (videos, other pictures) does not matter; mostly there is nothing.
        complete = data[-2:] == _END_OF_JPEG or bytes(data).find(_END_OF_JPEG, header.pixels_start) > 0
    elif header.format == "png":
        complete = bytes(data).rfind(b"IEND") > 0
    elif header.format == "webp":
        complete = len(data) >= 8 + int.from_bytes(data[4:8], "little")
    else:
        complete = len(data) >= int.from_bytes(data[2:6], "little")
    if not complete:
        raise ImageTruncated(CUT_SHORT)
