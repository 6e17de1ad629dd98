"""The layout that YOLOv8 and its successors share: boxes beside class scores, candidates along the last side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from backends.errors import NetworkMismatch, PackageConfigInvalid
from backends.inference_config import InferenceConfig
from backends.parameters import InferenceParameters
from backends.postprocessing.boxes import corners
from backends.postprocessing.checking import as_scores, require_finite
from backends.postprocessing.confidence import Threshold, threshold_of
from backends.postprocessing.suppression import suppress

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Boxes of one image that are left over, best first.

    ``xyxy``: float32 (N, 4), corners in pixels of the network's input. ``confidence``: float32 (N,). ``class_id``:
    int64 (N,). ``extra``: float32 (N, E), what the network adds to each box (mask coefficients).
    """

    xyxy: Floats
    confidence: Floats
    class_id: npt.NDArray[np.int64]
    extra: Floats


def require_nms(config: InferenceConfig) -> bool:
    """Whether suppression is fused into the network. Raises PackageConfigInvalid if it is not NMS at all."""
    post_processing = config.post_processing
    if post_processing is None or post_processing.type != "nms":
        raise PackageConfigInvalid('inference_config.json: post_processing.type must be "nms" for this architecture.')
    return post_processing.fused


def read_raw(output: Floats, extras: int, threshold: Threshold, parameters: InferenceParameters) -> Candidates:
    """Reads (4 + classes + ``extras``, candidates) and suppresses what overlaps.

    The first four rows are centre, width and height in pixels of the network's input, then one row of scores a class,
    already 0 to 1, then the extras.
    """
    if output.ndim != 2 or output.shape[0] <= 4 + extras:
        raise _other_shape(output, f"(4 + classes{_and(extras)}, candidates)")
    scores = output[4 : output.shape[0] - extras]
    confidence = scores.max(axis=0)
    least = threshold.min() if isinstance(threshold, np.ndarray) else threshold
    # The maximum of a column with NaN is NaN, and NaN is not below the threshold.
    chosen = np.flatnonzero(~(confidence <= least))
    confidence = as_scores(confidence[chosen])
    class_id = scores[:, chosen].argmax(axis=0).astype(np.int64)
    if isinstance(threshold, np.ndarray):
        enough = confidence > threshold_of(threshold, class_id)
        chosen, confidence, class_id = chosen[enough], confidence[enough], class_id[enough]
    xywh = np.ascontiguousarray(output[:4, chosen].T)
    require_finite(xywh)
    xyxy = corners(xywh)
    kept = suppress(
        xyxy,
        confidence,
        class_id,
        parameters.iou_threshold,
        parameters.max_detections,
        parameters.class_agnostic_nms,
    )
    extra = output[output.shape[0] - extras :, chosen[kept]].T
    require_finite(extra)
    return Candidates(xyxy[kept], confidence[kept], class_id[kept], extra)


def best_classes(scores: Floats, threshold: Threshold) -> tuple[npt.NDArray[np.intp], Floats, npt.NDArray[np.int64]]:
    """Of candidates with ``scores``, float32 (candidates, classes), those whose best score is above its threshold.

    Returns their row numbers, best scores and classes. Raises OutputNotFinite and OutputUnusable.
    """
    class_id = scores.argmax(axis=1).astype(np.int64)
    confidence = np.take_along_axis(scores, class_id[:, None], axis=1)[:, 0]
    chosen = np.flatnonzero(~(confidence <= threshold_of(threshold, class_id)))
    return chosen, as_scores(confidence[chosen]), class_id[chosen]


def suppressed(
    xyxy: Floats,
    confidence: Floats,
    class_id: npt.NDArray[np.int64],
    parameters: InferenceParameters,
    extra: Floats | None = None,
) -> Candidates:
    """What suppression leaves of candidates that are above their threshold, best first; ``extra`` has a row for each.

    Raises OutputNotFinite and OutputUnusable.
    """
    require_finite(xyxy)
    confidence = as_scores(confidence)
    kept = suppress(
        xyxy,
        confidence,
        class_id,
        parameters.iou_threshold,
        parameters.max_detections,
        parameters.class_agnostic_nms,
    )
    left = np.zeros((len(kept), 0), dtype=np.float32) if extra is None else extra[kept]
    require_finite(left)
    return Candidates(xyxy[kept], confidence[kept], class_id[kept], left)


def require_shape(output: Floats, fits: bool, wanted: str) -> None:
    """Raises NetworkMismatch, which names the shape ``wanted`` of an image's output, unless it ``fits``."""
    if not fits:
        raise _other_shape(output, wanted)


def read_final(
    output: Floats, extras: int, threshold: Threshold, strict: bool, max_detections: int | None = None
) -> Candidates:
    """Reads (candidates, 6 + ``extras``) that the network has suppressed itself, in its own order.

    Columns: corners in pixels of the network's input, confidence, class id, extras. ``strict``: a confidence equal to
    the threshold is not enough. ``max_detections``: None keeps all that the network chose.
    """
    if output.ndim != 2 or output.shape[1] != 6 + extras:
        raise _other_shape(output, f"(candidates, {6 + extras})")
    least = threshold.min() if isinstance(threshold, np.ndarray) else threshold
    rows = output[_enough(output[:, 4], least, strict)]
    # Before the class ids become whole numbers, as which NaN is some class.
    require_finite(rows)
    class_id = rows[:, 5].astype(np.int64)
    if isinstance(threshold, np.ndarray):
        enough = _enough(rows[:, 4], threshold_of(threshold, class_id), strict)
        rows, class_id = rows[enough], class_id[enough]
    rows, class_id = rows[:max_detections], class_id[:max_detections]
    return Candidates(rows[:, :4], as_scores(rows[:, 4]), class_id, rows[:, 6:])


def _other_shape(output: Floats, wanted: str) -> NetworkMismatch:
    given = " x ".join(map(str, output.shape))
    return NetworkMismatch(f"The network's output for an image is of shape {given}; this architecture has {wanted}.")


def _and(extras: int) -> str:
    return f" + {extras}" if extras else ""


def _enough(confidence: Floats, least: Threshold, strict: bool) -> npt.NDArray[np.bool_]:
    """Which rows are not below the threshold; NaN is not."""
    return ~(confidence <= least) if strict else ~(confidence < least)
