"""The inference SDK's addresses, as the API's description has them."""

from __future__ import annotations

import re

from inference_app.dialects.sdk.maps import DEPTH_FORMATS
from inference_app.dialects.sdk.unsupported import NOT_OFFERED
from inference_app.dialects.sdk.views import TASKS
from registry.api.openapi import (
    FLAG,
    INTEGER,
    NUMBER,
    OBJECT,
    TEXT,
    Schema,
    array,
    binary,
    content,
    described,
    in_path,
    in_query,
    operation,
    record,
)
from registry.limits import RESERVED_FIRST_SEGMENTS

TAG = "inference SDK"
ABOUT = (
    "What `inference_sdk` speaks, in both of its modes. The access token may be in the field `api_key` of the body or "
    "in the query as well.\n\nNot offered, and answered 501: "
    + ", ".join(f"`/{name}` ({what})" for name, what in NOT_OFFERED.items())
    + "."
)
_KEY = in_query("api_key", TEXT, "The access token, where no header carries it.")
_KEY_FIELD = described({"type": "string", "nullable": True}, "The access token, where no header carries it.")
_IMAGE = record({"type": TEXT, "value": TEXT})
_IMAGES = {"oneOf": [_IMAGE, array(_IMAGE)], "description": '`{"type": "base64", "value": ...}`, or a list.'}
_CONFIDENCE = described({"oneOf": [NUMBER, TEXT]}, "0 to 1, `best` or `default`.")
_REQUEST = record(
    {"model_id": TEXT, "image": _IMAGES},
    api_key=_KEY_FIELD,
    confidence=_CONFIDENCE,
    iou_threshold=NUMBER,
    max_detections=INTEGER,
    class_agnostic_nms=FLAG,
    class_filter=array(TEXT),
    visualize_predictions=FLAG,
    visualization_labels=FLAG,
    visualization_stroke_width=INTEGER,
    keypoint_confidence=described(NUMBER, "Key points that are less sure are left out, 0 to 1; default 0."),
    depth_map_format={"type": "string", "enum": list(DEPTH_FORMATS)},
    response_mask_format={"type": "string", "enum": ["polygon", "rle"]},
    mask_decode_mode={"type": "string", "enum": ["accurate", "tradeoff", "fast"]},
    tradeoff_factor=NUMBER,
    allow_reduced_mask_resolution=FLAG,
    disable_preproc_auto_orient=FLAG,
    disable_preproc_contrast=FLAG,
    disable_preproc_grayscale=FLAG,
    disable_preproc_static_crop=FLAG,
)
_ANSWER = record(
    {"inference_id": TEXT, "time": NUMBER, "resolved_model": OBJECT, "image": {"oneOf": [OBJECT, TEXT]}},
    predictions={
        "description": "Boxes as centre and size, with `class`, `class_id`, `confidence`, `detection_id`, and "
        "`keypoints`, a list of `x`, `y`, `confidence`, `class`, `class_id`. Semantic segmentation: an object with "
        "`segmentation_mask` and `confidence_mask`, grey PNGs as base64, `class_map`, names by class id, and "
        "`present_class_ids`."
    },
    normalized_depth={
        "description": "Depth: 1 nearest, 0 farthest, as rows of numbers or, by `depth_map_format`, as a grey PNG of "
        "16 or 8 bits in base64. `image` is a coloured JPEG of it then."
    },
    depth_map_format=TEXT,
    visualization=described(TEXT, "A JPEG as base64."),
)
_ANSWERS = {"oneOf": [_ANSWER, array(_ANSWER)], "description": "A list where the images came as a list."}
_LISTING = record({"models": array(record({"model_id": TEXT, "task_type": TEXT}))})
_MODEL = content(json=record({"model_id": TEXT}, api_key=_KEY_FIELD))
_EMBEDDINGS = content(json=record({"embeddings": array(array(NUMBER)), "time": NUMBER}))
_FAMILY = in_path("family", "`clip` or `perception_encoder`.", "^(clip|perception_encoder)$")


# What this server or another's address begins with is no project.
_PROJECT = rf"^(?!(?:{'|'.join(map(re.escape, sorted(RESERVED_FIRST_SEGMENTS)))})$)[a-z][a-z0-9-]*$"


def _percent(name: str) -> Schema:
    return described({"type": "string"}, f"{name}; from 1 on percent.")


PATHS = {
    "/info": {
        "get": operation(
            "sdk_info",
            TAG,
            "Who answers.",
            content(json=record({"name": TEXT, "version": TEXT, "uuid": TEXT})),
            public=True,
        )
    },
    "/model/registry": {
        "get": operation(
            "sdk_registry",
            TAG,
            "The models in memory, under every name by which the SDK may ask for them.",
            content(json=_LISTING),
            parameters=(_KEY,),
        )
    },
    "/model/add": {
        "post": operation(
            "sdk_add", TAG, "Loads a model and answers when it is there.", content(json=_LISTING), body=_MODEL
        )
    },
    "/model/remove": {
        "post": operation(
            "sdk_remove", TAG, "Unloads a model. Needs the scope `admin`.", content(json=_LISTING), body=_MODEL
        )
    },
    "/model/clear": {
        "post": operation(
            "sdk_clear", TAG, "Unloads the models of the workspace. Needs the scope `admin`.", content(json=_LISTING)
        )
    },
    "/infer/{task}": {
        "post": operation(
            "sdk_infer",
            TAG,
            "Mode v1: runs a model on one image or several.",
            content(json=_ANSWERS),
            parameters=(in_path("task", ", ".join(f"`{task}`" for task in TASKS) + ".", f"^({'|'.join(TASKS)})$"),),
            body=content(json=_REQUEST),
        )
    },
    "/infer/depth-estimation/{model_id}": {
        "post": operation(
            "sdk_infer_depth",
            TAG,
            "The same as `/infer/depth-estimation`, with the model in the address.",
            content(json=_ANSWERS),
            parameters=(in_path("model_id", "Id or alias, slashes included."),),
            body=content(json=_REQUEST),
        )
    },
    "/infer/embeddings": {
        "post": operation(
            "sdk_embeddings",
            TAG,
            "The features of a classifier.",
            _EMBEDDINGS,
            body=content(json=record({"model_id": TEXT, "image": _IMAGES}, api_key=_KEY_FIELD)),
        )
    },
    "/{family}/embed_image": {
        "post": operation(
            "sdk_embed_image",
            TAG,
            "Vectors of images.",
            _EMBEDDINGS,
            parameters=(_FAMILY,),
            body=content(json=record({"image": _IMAGES}, api_key=_KEY_FIELD)),
        )
    },
    "/{family}/embed_text": {
        "post": operation(
            "sdk_embed_text",
            TAG,
            "Vectors of texts. No model of this server gives them yet: 501.",
            _EMBEDDINGS,
            parameters=(_FAMILY,),
            body=content(json=record({"text": {}}, api_key=_KEY_FIELD)),
        )
    },
    "/{family}/compare": {
        "post": operation(
            "sdk_compare",
            TAG,
            "Cosines between a subject and prompts, images all of them.",
            content(json=record({"similarity": {}})),
            parameters=(_FAMILY,),
            body=content(
                json=record({"subject": _IMAGE, "prompt": {}}, subject_type=TEXT, prompt_type=TEXT, api_key=_KEY_FIELD)
            ),
        )
    },
    "/gaze/gaze_detection": {
        "post": operation(
            "sdk_gaze",
            TAG,
            "Ended, in the SDK as well: 410.",
            None,
            public=True,
            status=410,
        )
    },
    "/{project}/{version}": {
        "post": operation(
            "sdk_infer_v0",
            TAG,
            "Mode v0: runs the model `project/version` on one image: base64 text, or the part `file` of a form.",
            content(json=_ANSWER, jpeg=binary()),
            parameters=(
                in_path("project", "What comes before the slash of the model's id.", _PROJECT),
                in_path("version", "What comes behind it.", "^[a-z0-9-]+$"),
                _KEY,
                in_query("confidence", _percent("Least confidence"), ""),
                in_query("overlap", _percent("Boxes that overlap more are suppressed"), ""),
                in_query("max_detections", INTEGER, ""),
                in_query("keypoint_confidence", NUMBER, "Key points that are less sure are left out."),
                in_query("format", {"type": "string", "enum": ["json", "image", "image_and_json"]}, ""),
                in_query("classes", TEXT, "Names to keep, comma-separated."),
                in_query("labels", FLAG, "Whether names are drawn."),
                in_query("stroke", INTEGER, "Width of lines, in pixels."),
                in_query("image", TEXT, "The image's address, where the operator allows it."),
            ),
            body=content(text=TEXT, form=record({"file": binary()})),
            body_required=False,
        )
    },
}
