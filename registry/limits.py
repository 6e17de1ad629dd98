"""Limits of names and lists, in one place."""

from __future__ import annotations

MODEL_ID_LENGTH = 255
NAME_LENGTH = 120
SLUG_LENGTH = 60
CLASS_NAME_LENGTH = 255
MAX_CLASS_NAMES = 20_000
MAX_ALIASES_PER_MODEL = 100
MAX_DEPENDENCIES_PER_MODEL = 8

# First path segments that this server uses, or that the dialects of other servers use. A model whose id
# began with one of them could not be reached at `POST /{project}/{version}`.
RESERVED_FIRST_SEGMENTS = frozenset(
    {
        "admin", "api", "clear_cache", "clip", "device", "docs", "doctr", "easy_ocr", "favicon.ico", "files",
        "gaze", "healthz", "help", "infer", "inference_pipelines", "info", "login", "logs", "logout", "media",
        "metrics", "model", "models", "notebook", "ocr", "openapi.json", "perception_encoder", "readiness",
        "readyz", "redoc", "sam", "sam2", "sam3", "sam3_3d", "start", "static", "v1", "v2", "workflows",
        "yolo_world",
    }
)  # fmt: skip

# Last path segments with which addresses of models end, such as `/api/v1/models/{model}/infer`.
RESERVED_LAST_SEGMENTS = frozenset({"infer", "negotiate", "ready"})
