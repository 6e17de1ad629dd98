"""Inference by the native API, as the API's description has it; the views that read describe themselves."""

from __future__ import annotations

from inference_app.dialects.maps import MAP_FORMATS
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
_MAP = {
    **record(
        {"format": {"type": "string", "enum": ["png16", "float32"]}, "data": TEXT},
        scale=NUMBER,
        offset=NUMBER,
        shape=array(INTEGER),
    ),
    "description": "A value for each pixel, as base64. `png16`: a grey PNG of 16 bits, and a value is offset + scale x "
    "pixel. `float32`: rows of little-endian 32-bit floating-point numbers, `shape` is height and width.",
}
_KEY_POINT = record(
    {
        "x": described(NUMBER, "In pixels of `image`; a network may see it where the image has ended."),
        "y": NUMBER,
        "confidence": NUMBER,
        "class": described(TEXT, "Its name."),
        "class_id": described(INTEGER, "Its number among those of the box's class, which `skeletons` means."),
    },
    covariance=described(array(array(NUMBER)), "Two by two, in square pixels, where the network gives it."),
)
_BOX = {
    **record(
        {
            "x_min": NUMBER,
            "y_min": NUMBER,
            "x_max": NUMBER,
            "y_max": NUMBER,
            "class": TEXT,
            "class_id": INTEGER,
            "confidence": NUMBER,
        },
        mask_format=described(TEXT, "With masks: `polygon` or `rle`."),
        points=described(array(record({"x": NUMBER, "y": NUMBER})), "The mask as a polygon."),
        rle=described(OBJECT, "The mask in COCO's run lengths."),
        keypoints=described(array(_KEY_POINT), "With key points: those that are not hidden."),
    ),
    "description": "Detectors: a box in pixels of `image`.",
}
_CLASS = {
    **record({"class": TEXT, "class_id": INTEGER, "confidence": NUMBER}),
    "description": "Classifiers: a class.",
}
_GAZE = {**record({"yaw": NUMBER, "pitch": NUMBER}), "description": "Gaze: angles in radians."}
_PIXELS = {
    **record(
        {
            "segmentation_mask": described(TEXT, "A grey PNG as base64: the class id of each pixel."),
            "confidence_mask": _MAP,
            "class_map": {"type": "object", "additionalProperties": TEXT, "description": "Class names by class id."},
            "present_class_ids": array(INTEGER),
        }
    ),
    "description": "Semantic segmentation: two maps of the size of `image`.",
}
_CLASSES = {
    "type": "object",
    "additionalProperties": record({"confidence": NUMBER, "class_id": INTEGER}),
    "description": "Classifiers of several classes: a score for each, by class name.",
}
_PREDICTIONS = {
    "image": described(_SIZE, "The upright image."),
    "original_image": described(
        _SIZE,
        "Where boxes and masks lie on the grid of the masks, or a map shows the part at the image's corner alone.",
    ),
    "predictions": {"oneOf": [array({"anyOf": [_BOX, _CLASS, _GAZE]}), _PIXELS, _CLASSES]},
    "skeletons": {
        "type": "object",
        "additionalProperties": array(array(INTEGER)),
        "description": "Key points: by class name, the pairs of numbers that lines join.",
    },
    "depth_map": {**_MAP, "description": "Depth: how far each pixel is, in metres. " + _MAP["description"]},
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
                in_query("map_format", {"type": "string", "enum": list(MAP_FORMATS)}, "The form of maps of numbers."),
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
