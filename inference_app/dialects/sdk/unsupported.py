"""What the SDK can ask for and this server does not do: a plain 501 rather than a 404 that looks like a mistake."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.encoding import escape_uri_path
from django.views.decorators.csrf import csrf_exempt

from registry.errors import WeighbridgeError

MOST_CHARACTERS = 120


class NotOffered(WeighbridgeError):
    code = "not-offered"
    status = 501
    title = "This server does not offer that"
    advice = (
        "Weighbridge serves detection, segmentation and embeddings by published models. Workflows, SAM, OCR, language "
        "models, video pipelines and text embeddings are out of its scope today."
    )


class Removed(WeighbridgeError):
    code = "removed-feature"
    status = 410
    title = "This address belongs to a feature that its clients no longer have"
    advice = "Use a pipeline or a model of the task instead."


# What the addresses of the SDK and of its own server are for, by how they begin.
NOT_OFFERED = {
    "workflows": "workflows",
    "infer/workflows": "workflows",
    "sam": "Segment Anything",
    "sam2": "Segment Anything 2",
    "sam3": "Segment Anything 3",
    "sam3_3d": "Segment Anything 3",
    "doctr": "OCR",
    "easy_ocr": "OCR",
    "ocr": "OCR",
    "infer/ocr": "OCR",
    "yolo_world": "YOLO-World",
    "grounding_dino/infer": "Grounding DINO",
    "owlv2/infer": "OWLv2",
    "infer/lmm": "language models",
    "infer/depth-estimation": "depth estimation",
    "infer/action_recognition": "action recognition in videos",
    "infer/semantic_segmentation": "semantic segmentation",
    "inference_pipelines": "video pipelines",
    "notebook": "notebooks",
    "clear_cache": "unloading by GET; POST /model/clear unloads",
    "start": "loading by GET; POST /model/add loads",
    "device": "figures of the device; GET /api/v1/environment describes it",
    "logs": "logs over the network",
    "docs": "a description here; it is at /api/docs",
    "openapi.json": "a description here; it is at /api/schema",
}


@csrf_exempt
def not_offered(request: HttpRequest, feature: str, *args: object, **kwargs: object) -> HttpResponse:
    raise NotOffered(f"{shown_path(request)}: this server does not offer {NOT_OFFERED[feature]}.")


def shown_path(request: HttpRequest) -> str:
    """The address as a message shows it."""
    return f"{request.method} {escape_uri_path(request.path)[:MOST_CHARACTERS]}"


@csrf_exempt
def removed(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    raise Removed(f"{shown_path(request)}: gaze detection by this address has ended, in the SDK as well.")
