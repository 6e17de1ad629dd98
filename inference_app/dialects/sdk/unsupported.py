"""What the SDK can ask for and this server does not do: a plain 501 rather than a 404 that looks like a mistake."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from inference_app.errors import Removed
from inference_app.requests.unsupported import refuse, shown_path

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
    "infer/action_recognition": "action recognition in videos",
    "inference_pipelines": "video pipelines",
    "notebook": "notebooks",
    "clear_cache": "unloading by GET; POST /model/clear unloads",
    "start": "loading by GET; POST /model/add loads",
    "device": "figures of the device; GET /api/v1/environment describes it",
    "logs": "logs over the network",
    "docs": "a description here; it is at /api/docs",
    "openapi.json": "a description here; it is at /api/schema",
}


def not_offered(request: HttpRequest, feature: str, *args: object, **kwargs: object) -> HttpResponse:
    refuse(request, NOT_OFFERED[feature])


def removed(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
    raise Removed(f"{shown_path(request)}: gaze detection by this address has ended, in the SDK as well.")
