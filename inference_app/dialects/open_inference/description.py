"""The Open Inference Protocol, as the API's description has it."""

from __future__ import annotations

from typing import Any

from inference_app.dialects.open_inference.tensors import HEADER_LENGTH
from inference_app.dialects.open_inference.unsupported import OF_A_MODEL, OF_THE_SERVER
from registry.api.openapi import (
    FLAG,
    INTEGER,
    OBJECT,
    TEXT,
    array,
    binary,
    content,
    described,
    in_header,
    in_path,
    operation,
    record,
)

TAG = "open inference"
ABOUT = (
    "The Open Inference Protocol, version 2, with Triton's extension binary_tensor_data: tensors in, tensors out, "
    "without any pre- or post-processing. A model's versions are its packages.\n\nNot offered, and answered 501: "
    + ", ".join([f"`/v2/{name}`" for name in OF_THE_SERVER] + [f"`/v2/models/<model>/{name}`" for name in OF_A_MODEL])
    + "."
)
ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error", "code", "help_url", "request_id"],
    "properties": {
        "error": {"type": "string", "description": "The message."},
        "code": {"type": "string", "description": "Stable; the help page explains it."},
        "help_url": {"type": "string", "format": "uri"},
        "request_id": {"type": "string"},
        "details": {"description": "More about the problem, where there is more."},
    },
}
_SHAPE = array(INTEGER)
_TENSOR = record({"name": TEXT, "datatype": TEXT, "shape": _SHAPE}, data=array({}), parameters=OBJECT)
_DESCRIBED_TENSOR = record({"name": TEXT, "datatype": TEXT, "shape": _SHAPE})
_METADATA = record(
    {
        "name": TEXT,
        "versions": array(TEXT),
        "platform": TEXT,
        "inputs": array(_DESCRIBED_TENSOR),
        "outputs": array(_DESCRIBED_TENSOR),
    }
)
_REQUEST = record(
    {"inputs": described(array(_TENSOR), "As many numbers as the model's inputs need; larger ones as bytes.")},
    id=TEXT,
    outputs=described(
        array(record({"name": TEXT}, parameters=OBJECT)), "Those that are wanted; all where none is named."
    ),
    parameters=described(OBJECT, "`binary_data_output`: whether outputs are wanted as bytes."),
)
_REPLY = record({"model_name": TEXT, "model_version": TEXT, "outputs": array(_TENSOR)}, id=TEXT)
_NAME = in_path("name", "Id or alias of the model, slashes included.", "^[a-z0-9_-]+(/[a-z0-9_-]+)?$")
_VERSION = in_path("version", "The id of a package.", "^[0-9a-f]{32}$")
_LENGTH = in_header(HEADER_LENGTH, INTEGER, "Bytes of the JSON, where the bytes of tensors follow it.")


def _of_model(suffix: str, method: str, operation_id: str, about: str, answer: Any, **more: Any) -> dict[str, Any]:
    """The address for the model that would be chosen, and that for one package."""
    headers = more.pop("headers", ())
    return {
        f"/v2/models/{{name}}{suffix}": {
            method: operation(operation_id, TAG, about, answer, parameters=(_NAME, *headers), **more)
        },
        f"/v2/models/{{name}}/versions/{{version}}{suffix}": {
            method: operation(
                f"{operation_id}_of_version", TAG, f"{about} Of one package.", answer,
                parameters=(_NAME, _VERSION, *headers), **more,
            )
        },
    }  # fmt: skip


PATHS = {
    "/v2": {
        "get": operation(
            "oip_server",
            TAG,
            "Name and extensions of the server.",
            content(json=record({"name": TEXT, "version": TEXT, "extensions": array(TEXT)})),
            public=True,
        )
    },
    "/v2/health/live": {
        "get": operation("oip_live", TAG, "Whether it answers.", content(json=record({"live": FLAG})), public=True)
    },
    "/v2/health/ready": {
        "get": operation(
            "oip_ready",
            TAG,
            "As /readiness.",
            content(json=record({"ready": FLAG})),
            public=True,
            _503={"description": "Not ready.", "content": content(json=record({"ready": FLAG}))},
        )
    },
    **_of_model("", "get", "oip_model", "Inputs, outputs and versions of a model.", content(json=_METADATA)),
    **_of_model(
        "/ready",
        "get",
        "oip_model_ready",
        "Whether a request would find a package that runs here.",
        content(json=record({"name": TEXT, "ready": FLAG})),
    ),
    **_of_model(
        "/infer",
        "post",
        "oip_infer",
        "Runs the network on tensors.",
        content(json=_REPLY, bytes=binary()),
        body=content(json=_REQUEST, bytes=binary()),
        headers=(_LENGTH,),
    ),
}
