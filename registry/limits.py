"""Limits of names and lists, in one place."""

from __future__ import annotations

MODEL_ID_LENGTH = 255
NAME_LENGTH = 120
SLUG_LENGTH = 60
CLASS_NAME_LENGTH = 255
MAX_CLASS_NAMES = 20_000
MAX_ALIASES_PER_MODEL = 100
MAX_DEPENDENCIES_PER_MODEL = 8

# First path segments that no address begins with today, kept for what browsers, proxies and clients ask for.
KEPT_FIRST_SEGMENTS = frozenset({"favicon.ico", "login", "logout", "media", "readyz", "redoc", "static", "v1"})
# Those, and the first segments of the addresses of this server and of the dialects of other servers: a model whose id
# began with one of them could not be reached at `POST /{project}/{version}`. A test compares them with the addresses.
RESERVED_FIRST_SEGMENTS = KEPT_FIRST_SEGMENTS | {
    "admin", "api", "clear_cache", "device", "docs", "doctr", "easy_ocr", "files", "gaze", "healthz", "help",
    "infer", "inference_pipelines", "info", "logs", "metrics", "model", "models", "notebook", "ocr", "openapi.json",
    "readiness", "sam", "sam2", "sam3", "sam3_3d", "start", "v2", "workflows", "yolo_world",
}  # fmt: skip

# Addresses of two segments in full, where models may have ids with the same first one: `clip/ViT-B-16` is what the SDK
# means by its address `clip/embed_image`.
RESERVED_IDS = frozenset(
    f"{family}/{action}"
    for family in ("clip", "perception_encoder")
    for action in ("compare", "embed_image", "embed_text")
)

# Last path segments with which addresses of models end, such as `/api/v1/models/{model}/infer`.
RESERVED_LAST_SEGMENTS = frozenset({"infer", "negotiate", "ready"})
