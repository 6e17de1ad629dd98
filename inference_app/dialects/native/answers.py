"""Answers in the form of the native API: boxes as corners, `x_min`, `y_min`, `x_max`, `y_max`, and maps as images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inference_app.dialects.maps import MapFormat, described, is_semantic, png
from inference_app.services.inference import Outcome

# Ours for the corners of a neutral answer (see `backends.predictions`).
CORNERS = {"x1": "x_min", "y1": "y_min", "x2": "x_max", "y2": "y_max"}


def answer(outcome: Outcome, *, explain: bool, map_format: MapFormat = "png") -> dict[str, Any]:
    """One image or text is answered flat, several under `results`: images first. ``map_format``: see `described`."""
    package = outcome.package
    body: dict[str, Any] = {
        "model_id": package.model.model_id,
        "package": {
            "package_id": package.package_id,
            "backend": package.backend,
            "quantization": package.quantization,
            "why": why(outcome),
        },
    }
    results = [_result(result, map_format) for result in outcome.reply.results]
    if len(results) == 1:
        body.update(results[0])
    else:
        body["results"] = results
    body["timings"] = {
        **{stage: round(milliseconds, 3) for stage, milliseconds in outcome.reply.timings.items()},
        "server": round(outcome.milliseconds, 3),
    }
    if explain:
        body["explanation"] = outcome.choice.explanation.to_json()
    return body


def why(outcome: Outcome) -> str:
    """One sentence: why this package ran."""
    choice = outcome.choice
    others = len(choice.explanation.package_ids) - 1
    if outcome.package != choice.candidates[0]:
        return "The packages ranked above it could not be loaded on this machine."
    if choice.blocked:
        blocked = len(choice.blocked)
        return f"The best of those that are not blocked ({blocked} {'is' if blocked == 1 else 'are'})."
    if others == 0:
        return "It is the model's only published package."
    if len(choice.candidates) == 1:
        return f"It is the only one of {others + 1} packages that runs on this machine."
    return f"It ranks above {len(choice.candidates) - 1} other that run here, by {choice.explanation.decided_by[0]}."


def _result(result: Mapping[str, Any], map_format: MapFormat) -> dict[str, Any]:
    if "depth_map" in result:
        return {**result, "depth_map": described(result["depth_map"], map_format)}
    predictions: Any = result.get("predictions")
    if is_semantic(result):
        maps = {
            "segmentation_mask": png(predictions["segmentation_mask"]),
            "confidence_mask": described(predictions["confidence_mask"], map_format, 0.0, 1.0),
        }
        return {**result, "predictions": {**predictions, **maps}}
    if not isinstance(predictions, list):
        return dict(result)
    return {**result, "predictions": [_prediction(prediction) for prediction in predictions]}


def _prediction(prediction: Mapping[str, Any]) -> dict[str, Any]:
    return {CORNERS.get(name, name): value for name, value in prediction.items()}
