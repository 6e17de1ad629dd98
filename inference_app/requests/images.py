"""Images in requests: read from JSON, and checked before any work is done for them."""

from __future__ import annotations

import binascii
import re
import string
from collections.abc import Sequence
from typing import Any

from django.conf import settings

from backends.errors import ImageTooLarge
from backends.image_headers import MOST_PASSES, check_header, read_header
from inference_app.errors import InputRefused
from inference_app.requests.remote_images import fetch_image
from registry.errors import InvalidRequest, RequestTooLarge

DATA_URL = re.compile(rb"^data:image/[a-z0-9.+-]+;base64,", re.IGNORECASE)

_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_FOREIGN = bytes(set(range(256)) - set(string.ascii_letters.encode() + string.digits.encode() + b"+/-_"))


def check_images(images: Sequence[bytes]) -> None:
    """Count, bytes and pixels, read from the headers alone: nothing is decoded here.

    Raises InvalidRequest, RequestTooLarge, or BadImage and its kin.
    """
    if not images:
        raise InvalidRequest("The request holds no image.")
    if len(images) > settings.MAX_IMAGES_PER_REQUEST:
        raise RequestTooLarge(f"At most {settings.MAX_IMAGES_PER_REQUEST} images are taken in one request.")
    pixels = work = 0
    for image in images:
        if len(image) > settings.MAX_IMAGE_BYTES:
            raise RequestTooLarge(
                f"An image is larger than the {settings.MAX_IMAGE_BYTES} bytes that this server takes."
            )
        header = read_header(image)
        check_header(header, settings.MAX_IMAGE_PIXELS)
        pixels += header.width * header.height
        work += header.work
    if pixels > 2 * settings.MAX_IMAGE_PIXELS:
        raise ImageTooLarge("The images of this request have too many pixels together. Send fewer at once.")
    if work > 2 * MOST_PASSES * settings.MAX_IMAGE_PIXELS:
        raise ImageTooLarge("The images of this request are too much work to decode. Send fewer at once.")


def read_images(images: Any) -> list[bytes]:
    """Encoded images of `{"type", "value"}` or a list of them.

    Raises InputRefused for what is not taken, RequestTooLarge for too many, and InvalidRequest.
    """
    entries = images if isinstance(images, list) else [images]
    if len(entries) > settings.MAX_IMAGES_PER_REQUEST:
        raise RequestTooLarge(f"At most {settings.MAX_IMAGES_PER_REQUEST} images are taken in one request.")
    return [read_image(entry) for entry in entries]


def read_image(entry: Any) -> bytes:
    if not isinstance(entry, dict):
        raise InvalidRequest('An image is an object {"type": ..., "value": ...}.')
    value = entry.get("value")
    match entry.get("type"):
        case "base64":
            if not isinstance(value, str):
                raise InvalidRequest("The value of a base64 image is text.")
            return decode_image(value.encode("utf-8", "replace"))
        case "url":
            if not isinstance(value, str):
                raise InvalidRequest("The value of an image by address is text.")
            return fetch_image(value)
        case _:
            raise InputRefused("Images are taken as base64 only.")


def decode_image(text: bytes) -> bytes:
    """Base64 in either alphabet, padded or not.

    As the SDK's own server takes it, a data address may begin it, and foreign characters are dropped.
    """
    digits = DATA_URL.sub(b"", text.strip().strip(b'"'), count=1)
    try:
        decoded = binascii.a2b_base64(digits, strict_mode=True)
    except binascii.Error:
        decoded = _decode_leniently(digits)
    if not decoded:
        raise InvalidRequest("The image is empty.")
    return decoded


def _decode_leniently(text: bytes) -> bytes:
    digits = text.translate(_TO_STANDARD, _FOREIGN)
    try:
        return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))
    except binascii.Error as error:
        raise InvalidRequest("The image is not valid base64: it was cut short, or is something else.") from error
