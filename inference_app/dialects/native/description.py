"""Inference by the native API, as the API's description has it; the views that read describe themselves."""

from __future__ import annotations

from registry.api.openapi import (
    FLAG,
    INTEGER,
    NUMBER,
    OBJECT,
    TEXT,
    array,
    binary,
    content,
    described,
    in_path,
    in_query,
    operation,
    record,
)

TAG = "inference"
ABOUT = "The native API: images in, predictions out, by the best package that runs on this server."
_SIZE = record({"width": INTEGER, "height": INTEGER})
_PREDICTIONS = {
    "image": described(_SIZE, "The upright image."),
    "original_image": described(_SIZE, "Where boxes and masks lie on the grid of the masks."),
    "predictions": {
        "description": "Detectors: a list of x_min, y_min, x_max, y_max in pixels of `image`, class, class_id, "
        "confidence; with masks also mask_format and points or rle. Classifiers: a list of class, class_id, "
        "confidence, or, where several classes may apply, an object by class name."
    },
    "top": described(TEXT, "Classifiers: the class with the highest confidence."),
    "confidence": described(NUMBER, "Classifiers: that confidence."),
    "predicted_classes": described(array(TEXT), "Classifiers of several classes: those that apply."),
    "embeddings": described(
        array(array(NUMBER)),
        "Models that embed: one vector of 32-bit floating-point numbers, as the network gives it, not normalised.",
    ),
}
_PACKAGE = record(
    {
        "package_id": TEXT,
        "backend": TEXT,
        "quantization": TEXT,
        "why": described(TEXT, "Why this package and no other."),
    }
)
_ANSWER = {
    **record(
        {
            "model_id": TEXT,
            "package": _PACKAGE,
            "timings": {"type": "object", "additionalProperties": NUMBER, "description": "Milliseconds by stage."},
        },
        **_PREDICTIONS,
        results=array({"type": "object", "properties": _PREDICTIONS}),
        explanation=described(OBJECT, "With `explain=1`."),
    ),
    "description": "One image or text is answered flat, several under `results`, in their order, images first.",
    "example": {
        "model_id": "demo/shapes",
        "package": {"package_id": "0f…", "backend": "onnx", "quantization": "fp32", "why": "the only one"},
        "image": {"width": 640, "height": 480},
        "predictions": [
            {
                "x_min": 10.0, "y_min": 20.0, "x_max": 110.0, "y_max": 120.0,
                "class": "circle", "class_id": 0, "confidence": 0.97,
            }
        ],
        "timings": {"total": 12.3},
    },
}  # fmt: skip

PATHS = {
    "/api/v1/models/{model_id}/infer": {
        "post": operation(
            "infer",
            TAG,
            "Runs the model on one image or several.\n\nThe body is an image, a form with images as files, or JSON "
            "with images as base64; parameters are in the query, the form or the JSON. For models that embed texts, "
            "the JSON may have `texts`, a list of them, beside images or alone.",
            content(json=_ANSWER),
            parameters=(
                in_path("model_id", "Id or alias, slashes included."),
                in_query("confidence", TEXT, "Least confidence, 0 to 1, or `best` or `default`."),
                in_query("iou_threshold", NUMBER, "Boxes that overlap more are suppressed."),
                in_query("max_detections", INTEGER, "The surest are kept."),
                in_query("class_agnostic_nms", FLAG, "Whether boxes of different classes suppress each other."),
                in_query("class_filter", TEXT, "Names to keep, as a JSON list or comma-separated."),
                in_query("mask_format", {"type": "string", "enum": ["polygon", "rle"]}, "The form of masks."),
                in_query("key_points_threshold", NUMBER, "Key points that are less sure are left out, 0 to 1."),
                in_query("pre_processing_overrides", TEXT, "JSON object of steps to leave out."),
                in_query("package_id", TEXT, "Run this package and no other."),
                in_query("backend", TEXT, "Choose among packages of this backend."),
                in_query("quantization", TEXT, "Choose among packages of this precision."),
                in_query("explain", FLAG, "Add why this package was chosen over the others."),
            ),
            body=content(jpeg=binary(), form=OBJECT, json=OBJECT),
            body_required=False,
        )
    }
}
