"""The class of each pixel, from a map of logits for each class.

The reference enlarges all maps and keeps them side by side: for twenty classes and an image of 3000 x 2000 that is half
a gigabyte. Here they are enlarged one after the other, twice: once for the highest value, and once for the sum of the
powers beside it. Four maps are held at a time, whatever the number of classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from backends.errors import NetworkMismatch, PackageConfigInvalid
from backends.postprocessing.activation import sigmoid
from backends.postprocessing.checking import require_finite
from backends.postprocessing.confidence import Threshold
from backends.postprocessing.pixel_maps import Floats, on_image, pixel_grid
from backends.predictions import SemanticSegmentation
from backends.predictions.semantic_segmentation import ClassMap
from backends.preprocessing.geometry import Geometry

BACKGROUND = "background"

Activation = Literal["softmax", "sigmoid"]
"""How a pixel's confidence follows from its logits: the classes exclude each other, or each stands for itself."""


def background_of(class_names: Sequence[str]) -> int:
    """The class id of the background, in whatever case it is written.

    Raises PackageConfigInvalid if there is none, or no class beside it: the reference library refuses the package too.
    """
    names = [name.lower() for name in class_names]
    if BACKGROUND not in names or len(names) < 2:
        raise PackageConfigInvalid(f"class_names.txt needs the class {BACKGROUND} and another one for this task.")
    return names.index(BACKGROUND)


def segment(
    logits: Floats,
    geometry: Geometry,
    class_names: tuple[str, ...],
    threshold: Threshold,
    activation: Activation = "softmax",
) -> SemanticSegmentation:
    """The classes of an image's pixels.

    ``logits``: float32 (K, height, width) over the network's whole input, of every class, or of all but the background,
    which is then put in where its name stands. With one map alone the confidence is its logistic function. Pixels that
    are less sure than ``threshold`` are background with confidence 0; those of the background keep theirs.

    What the network did not see of an image (center-crop) has the background's class id as the logit of every class, as
    in the reference library: equal logits, so that the first class wins there, unsure. Raises NetworkMismatch if the
    maps are not as many as the classes, OutputNotFinite.
    """
    background = background_of(class_names)
    if logits.ndim != 3 or logits.shape[0] not in (len(class_names), len(class_names) - 1) or 0 in logits.shape:
        given = " x ".join(map(str, logits.shape))
        raise NetworkMismatch(
            f"The network's output for an image is of shape {given}; {len(class_names)} class names, the background "
            f"among them, want {len(class_names)} or {len(class_names) - 1} maps of logits."
        )
    require_finite(logits)
    channel, confidence = _best(logits, geometry, float(background), activation)
    ids = [index for index in range(len(class_names)) if index != background or logits.shape[0] == len(class_names)]
    class_map = on_image(_narrow(ids, len(class_names))[channel], geometry, background)
    confidence = on_image(confidence, geometry, 0)
    below = confidence < (threshold[class_map] if isinstance(threshold, np.ndarray) else threshold)
    class_map[below] = background
    confidence[below] = 0
    return SemanticSegmentation(class_map, confidence, class_names, geometry.original)


def _best(
    logits: Floats, geometry: Geometry, missing: float, activation: Activation
) -> tuple[npt.NDArray[np.uint16], Floats]:
    """For each pixel of the static crop the channel with the highest logit, the first of equal ones, and how sure."""
    grid = pixel_grid((logits.shape[1], logits.shape[2]), geometry)
    best = grid.on_crop(logits[0], missing).copy()
    channel = np.zeros(best.shape, dtype=np.uint16)
    for number in range(1, len(logits)):
        plane = grid.on_crop(logits[number], missing)
        channel[plane > best] = number
        np.maximum(best, plane, out=best)
    if activation == "sigmoid" or len(logits) == 1:
        return channel, sigmoid(best)
    total = np.zeros(best.shape, dtype=np.float32)
    for number in range(len(logits)):
        total += cv2.exp(grid.on_crop(logits[number], missing) - best)
    return channel, np.reciprocal(total, out=total)


def _narrow(ids: list[int], classes: int) -> ClassMap:
    """Class ids by channel in the smallest type that holds all of them, which the map of the pixels has as well."""
    return np.array(ids, dtype=np.uint8 if classes <= 256 else np.uint16)
