"""From encoded bytes to an upright BGR array. The header is looked at first: see `backends.image_headers`.

It bounds what decoding can take. Images that may keep a decoder busy for more than a moment are decoded in a process
of their own (`backends.decoding`), which ends at their deadline; all others here, where they are done soon enough.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from backends.decoding import pixels_of, pixels_within
from backends.errors import ImageTruncated
from backends.image_headers import CUT_SHORT, DEFAULT_PIXEL_LIMIT, ImageHeader, check_header, read_header

_END_OF_JPEG = b"\xff\xd9"

# The decoded image, and once more for a rotated or otherwise changed copy.
_BYTES_PER_PIXEL = 6
# Coefficients of three components, which a decoder keeps until it has seen the last scan.
_BYTES_PER_PIXEL_OF_SCANS = 6
MOST_EFFORT_HERE = 24_000_000
"""The effort of an image that is decoded in the calling thread: a fifth of a second of one core as a rule."""
LONGEST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """An encoded image whose header was read and found acceptable."""

    data: bytes | memoryview
    header: ImageHeader

    @property
    def working_memory(self) -> int:
        """About how many bytes it takes to decode the image and to work on it."""
        header = self.header
        in_scans = header.format == "jpeg" and header.passes > 1
        return header.width * header.height * (_BYTES_PER_PIXEL + in_scans * _BYTES_PER_PIXEL_OF_SCANS)

    @property
    def is_heavy(self) -> bool:
        """Whether it is decoded in a process of its own, at low priority."""
        return self.header.effort > MOST_EFFORT_HERE

    def decode(self, auto_orient: bool = True, deadline: float | None = None) -> npt.NDArray[np.uint8]:
        """The image as uint8 (height, width, 3) in BGR order, upright unless ``auto_orient`` is off.

        Grey and transparent images become three channels, sixteen bits become eight. ``deadline`` is a time of
        ``time.monotonic()``; without one a minute is the longest that decoding may take. Raises ImageTruncated for
        images that end too early or are damaged, BadImage for those that are not what their header says, and
        TimeoutError.
        """
        header = self.header
        _check_end(header, self.data)
        if not self.is_heavy:
            pixels = pixels_of(self.data, header.height, header.width)
        else:
            seconds = LONGEST_SECONDS if deadline is None else deadline - time.monotonic()
            pixels = pixels_within(self.data, header.height, header.width, seconds)
        if auto_orient and header.orientation != 1:
            pixels = _UPRIGHT[header.orientation](pixels)
        return np.asarray(pixels, dtype=np.uint8)


def open_image(data: bytes | memoryview, pixel_limit: int = DEFAULT_PIXEL_LIMIT) -> EncodedImage:
    """An encoded image, its header checked. Raises the errors of `read_header` and `check_header`."""
    header = read_header(data)
    check_header(header, pixel_limit)
    return EncodedImage(data, header)


def decode(
    data: bytes | memoryview,
    pixel_limit: int = DEFAULT_PIXEL_LIMIT,
    auto_orient: bool = True,
    deadline: float | None = None,
) -> npt.NDArray[np.uint8]:
    """Decodes an image in one go: `open_image`, then `EncodedImage.decode`."""
    return open_image(data, pixel_limit).decode(auto_orient, deadline)


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
        # Within a scan FF is followed by 00 or a restart marker, so any FFD9 behind its start ends an image. What
        # phones append (videos, other images) does not matter; mostly there is nothing.
        complete = data[-2:] == _END_OF_JPEG or bytes(data).find(_END_OF_JPEG, header.pixels_start) > 0
    elif header.format == "png":
        complete = bytes(data).rfind(b"IEND") > 0
    elif header.format == "webp":
        complete = len(data) >= 8 + int.from_bytes(data[4:8], "little")
    else:
        complete = len(data) >= int.from_bytes(data[2:6], "little")
    if not complete:
        raise ImageTruncated(CUT_SHORT)
