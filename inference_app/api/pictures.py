"""Checking pictures before any work is done for them."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from backends.errors import ImageTooLarge
from backends.images import check_header, read_header
from registry.errors import InvalidRequest, RequestTooLarge


def check_pictures(images: Sequence[bytes]) -> None:
    """Count, bytes and pixels, read from the headers alone: nothing is decoded here.

    Raises InvalidRequest, RequestTooLarge, or BadImage and its kin.
    """
    if not images:
        raise InvalidRequest("The request holds no picture.")
    if len(images) > settings.MAX_IMAGES_PER_REQUEST:
        raise RequestTooLarge(f"At most {settings.MAX_IMAGES_PER_REQUEST} pictures are taken in one request.")
    pixels = 0
    for image in images:
        if len(image) > settings.MAX_IMAGE_BYTES:
            raise RequestTooLarge(
                f"A picture is larger than the {settings.MAX_IMAGE_BYTES} bytes that this server takes."
            )
        header = read_header(image)
        check_header(header, settings.MAX_IMAGE_PIXELS)
        pixels += header.width * header.height
    if pixels > 2 * settings.MAX_IMAGE_PIXELS:
        raise ImageTooLarge("The pictures of this request have too many pixels together. Send fewer at once.")
