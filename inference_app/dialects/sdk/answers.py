"""Answers in the SDK's form: boxes as centre and size, an id for each detection, nulls left out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from inference_app.dialects.maps import is_semantic
from inference_app.dialects.sdk.maps import depth, semantic
from inference_app.dialects.sdk.requests import InferRequest
from inference_app.services.inference import Outcome

DEFAULT_CONFIDENCE = 0.4
"""Of classifiers, when the request has no number."""

FEWEST_POINTS = 3
# Of a box in a neutral answer (see `backends.predictions`).
CORNERS = ("x1", "y1", "x2", "y2")
# What a neutral answer has beyond what the SDK's own server tells.
OF_THE_ANSWER = ("skeletons",)
OF_A_KEY_POINT = ("covariance",)


def answer(result: Mapping[str, Any], outcome: Outcome, request: InferRequest, inference_id: str) -> dict[str, Any]:
    """The answer for one image; ``result`` is the host's (see `backends.predictions`)."""
    package = outcome.package
    body: dict[str, Any] = {
        "inference_id": inference_id,
        "time": outcome.milliseconds / 1000,
        "resolved_model": {
            "model_id": package.model.model_id,
            "model_package_id": package.package_id,
            "backend": package.backend,
            "quantization": package.quantization,
        },
    }
    if "depth_map" in result:
        return body | depth(result["depth_map"], request.depth_map_format)
    if is_semantic(result):
        return body | semantic(result)
    body |= _without(result, OF_THE_ANSWER)
    if "top" in result:
        body.update(_classes(result["predictions"], request))
    elif isinstance(result.get("predictions"), list):
        body["predictions"] = [
            {**_centred(_with_outline(_with_key_points(detection))), "detection_id": str(uuid.uuid4())}
            for detection in detections(result, request)
        ]
    if "original_image" in result:
        body["mask_metadata"] = _mask_metadata(result)
    return body


def detections(result: Mapping[str, Any], request: InferRequest) -> list[Mapping[str, Any]]:
    """The boxes of a result that are answered, as corners; none for a classifier.

    An instance without a point of an outline is left out: see `_with_outline`.
    """
    found = result.get("predictions")
    if request.no_detections or "top" in result or not isinstance(found, list):
        return []
    wanted = request.class_filter
    return [each for each in found if each.get("points") != [] and (not wanted or each.get("class") in wanted)]


def _classes(predictions: list[Any], request: InferRequest) -> dict[str, Any]:
    """The classes that are sure enough, best first, and the best one; the SDK's users know no class as ""."""
    confidence = request.parameters.confidence
    # Words mean the built-in threshold: recommendations are for classes that do not exclude each other.
    least = confidence if isinstance(confidence, float) else DEFAULT_CONFIDENCE
    kept = [prediction for prediction in predictions if prediction["confidence"] >= least]
    best = kept[0] if kept else {"class": "", "confidence": 0.0}
    return {"predictions": kept, "top": best["class"], "confidence": best["confidence"]}


def _with_key_points(prediction: Mapping[str, Any]) -> Mapping[str, Any]:
    """The prediction with its key points as the SDK knows them; those without any stay as they are."""
    if "keypoints" not in prediction:
        return prediction
    points = [_without(point, OF_A_KEY_POINT) for point in prediction["keypoints"]]
    return {**prediction, "keypoints": points}


def _without(values: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def _centred(prediction: Mapping[str, Any]) -> dict[str, Any]:
    """The prediction with its box as centre and size, in pixels, where a neutral answer has corners.

    What has no box, such as a gaze, stays as it is.
    """
    if CORNERS[0] not in prediction:
        return dict(prediction)
    x1, y1, x2, y2 = (prediction[name] for name in CORNERS)
    box = {"x": (x1 + x2) / 2, "y": (y1 + y2) / 2, "width": x2 - x1, "height": y2 - y1}
    return box | {name: value for name, value in prediction.items() if name not in CORNERS}


def _with_outline(prediction: Mapping[str, Any]) -> Mapping[str, Any]:
    """The prediction with a polygon of three points at least, the last one repeated if need be.

    supervision, which most of the SDK's users hand the answer to, drops the masks of all instances for one polygon of
    fewer. A mask of one pixel or one line has fewer, and drawn with a point repeated it is the same mask. An empty mask
    has no point to repeat: without its masks the box would cost all others theirs, so that the instance is left out.
    """
    points = prediction.get("points")
    if points is None or len(points) >= FEWEST_POINTS:
        return prediction
    return {**prediction, "points": [*points, *points[-1:] * (FEWEST_POINTS - len(points))]}


def _mask_metadata(result: Mapping[str, Any]) -> dict[str, Any]:
    """Where boxes and points lie on the grid of the masks instead of the image."""
    grid, image = result["image"], result["original_image"]
    return {
        "coordinate_system": "mask_grid",
        "width": grid["width"],
        "height": grid["height"],
        "scale_x": grid["width"] / image["width"],
        "scale_y": grid["height"] / image["height"],
    }
