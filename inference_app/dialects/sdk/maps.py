"""Classes of pixels and distances in the SDK's form."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Literal

import cv2
import numpy as np

from backends.errors import OutputUnusable
from inference_app.dialects.maps import Floats, png
from inference_app.requests.admission import NUMBER_BYTES, weigh

DepthFormat = Literal["json", "png16", "png8"]
DEPTH_FORMATS: tuple[DepthFormat, ...] = ("json", "png16", "png8")
JPEG_QUALITY = 90


def semantic(result: Mapping[str, Any]) -> dict[str, Any]:
    """`predictions` and `image` for the class of each pixel.

    The masks are grey PNGs of 8 bits, confidence as whole 255ths below it; of 16 bits where there are more classes than
    256. `image` is the size of the image, which the masks have but where a static crop begins at its corner.
    """
    predictions = result["predictions"]
    image = result.get("original_image", result["image"])
    return {
        "image": image,
        "predictions": {
            "segmentation_mask": png(predictions["segmentation_mask"]),
            "class_map": predictions["class_map"],
            "image": image,
            "confidence_mask": png((predictions["confidence_mask"] * np.float32(255)).astype(np.uint8)),
            "present_class_ids": predictions["present_class_ids"],
        },
    }


def nearness(metres: Floats) -> Floats:
    """From 0 for the farthest pixel to 1 for the nearest. Raises OutputUnusable where all are equally far.

    The SDK's own server fails there as well: nothing says whether they are near or far.
    """
    nearest, farthest = metres.min(), metres.max()
    if nearest == farthest:
        raise OutputUnusable("The network found every pixel of the image equally far, so that none is nearest.")
    near: Floats = (farthest - metres) / (farthest - nearest)
    return near


def depth(metres: Floats, form: DepthFormat) -> dict[str, Any]:
    """`normalized_depth`, 1 nearest and 0 farthest, its form, and a coloured JPEG of it as `image`.

    Raises OutputUnusable as `nearness`, and ServerBusy where there is no room for so many numbers now.
    """
    near = nearness(metres)
    body: dict[str, Any] = {"depth_map_format": form, "image": base64.b64encode(coloured_jpeg(near)).decode()}
    if form == "json":
        weigh(near.size * NUMBER_BYTES)
        body["normalized_depth"] = near.tolist()
    else:
        kind, levels = (np.uint16, 65535) if form == "png16" else (np.uint8, 255)
        body["normalized_depth"] = png(np.rint(near * np.float32(levels)).astype(kind))
    return body


def coloured_jpeg(near: Floats) -> bytes:
    """A picture of distances: yellow is near, violet is far."""
    colours = cv2.applyColorMap((near * np.float32(255)).astype(np.uint8), cv2.COLORMAP_VIRIDIS)
    encoded, data = cv2.imencode(".jpg", colours, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    assert encoded
    return data.tobytes()
