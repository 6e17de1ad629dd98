"""The provider protocol, as the API's description has it."""

from __future__ import annotations

from registry.api.openapi import FLAG, INTEGER, OBJECT, TEXT, binary, content, in_header, in_path, in_query, operation
from registry.api.openapi import record as fields

TAG = "provider"
ABOUT = (
    "What the AutoModel client (`inference-models`) asks with ROBOFLOW_API_HOST set to this server: a model's "
    "metadata, and then its files at the addresses that they name."
)
_MODEL = in_query("modelId", {"type": "string", "minLength": 1}, "Id or alias.", required=True)
_SIGNATURE = (
    in_path("sha256", "Of the file.", "^[0-9a-f]{64}$"),
    in_path("name", "The file's name in its package.", "^[A-Za-z0-9_.-]+$"),
    in_query("expires", INTEGER, "Until when the address is valid, in seconds of Unix time.", required=True),
    in_query("signature", TEXT, "Made by this server for this address.", required=True),
)
_NOT_MODIFIED = {"description": "The file is as If-None-Match has it."}
_PART = {"description": "The part that was asked for.", "content": content(bytes=binary())}
_ELSEWHERE = {"description": "The object store sends the file, at the address in Location."}

PATHS = {
    "/models/v1/external/weights": {
        "get": operation(
            "provider_weights",
            TAG,
            "A model, its published packages, and where their files are.",
            content(json=fields({"modelMetadata": OBJECT})),
            parameters=(
                _MODEL,
                in_query("startAfter", TEXT, "The value of `nextPage` of the page before."),
                in_query("pageSize", {"type": "integer", "minimum": 1}, "Packages in one answer."),
                in_query("includeCoreMLPackages", FLAG, "Whether packages for Core ML are named as well."),
            ),
        )
    },
    "/models/v1/external/stat": {
        "get": operation(
            "provider_stat",
            TAG,
            "What kind of model it is, without its packages.",
            content(json=fields({"modelMetadata": OBJECT})),
            parameters=(_MODEL,),
        )
    },
    "/files/{sha256}/{name}": {
        "get": operation(
            "download",
            TAG,
            "The bytes of a file, whole or one range. The address comes from the metadata and authorises itself.",
            content(bytes=binary()),
            parameters=(*_SIGNATURE, in_header("Range", TEXT, "`bytes=first-last`, one range.")),
            public=True,
            _206=_PART,
            _302=_ELSEWHERE,
            _304=_NOT_MODIFIED,
        ),
        "head": operation(
            "download_head",
            TAG,
            "Length, ETag and Accept-Ranges of the file, without its bytes.",
            None,
            parameters=_SIGNATURE,
            public=True,
            _304=_NOT_MODIFIED,
        ),
    },
}
