"""Describing addresses that are plain views: parts of an OpenAPI document, and the operations made of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
Content = Mapping[str, Any]
PathItem = dict[str, Any]

ANY_TOKEN: list[dict[str, list[str]]] = [{"token": []}, {}]
"""An access token, or none where what is asked for is public."""
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
INTEGER: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
OBJECT: Schema = {"type": "object"}


def record(required: Mapping[str, Schema], **optional: Schema) -> Schema:
    """An object with these properties, and perhaps others."""
    return {"type": "object", "required": list(required), "properties": {**required, **optional}}


def array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def described(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}


def content(**by_kind: Schema) -> Content:
    """Content by kind: `json`, `bytes`, `form`, `text`, `html` or `jpeg`."""
    return {_KINDS[kind]: {"schema": schema} for kind, schema in by_kind.items()}


def binary() -> Schema:
    return {"type": "string", "format": "binary"}


def in_path(name: str, description: str, pattern: str | None = None) -> dict[str, Any]:
    schema = {"type": "string", **({"pattern": pattern} if pattern else {})}
    return {"in": "path", "name": name, "required": True, "description": description, "schema": schema}


def in_query(name: str, schema: Schema, description: str, *, required: bool = False) -> dict[str, Any]:
    return {"in": "query", "name": name, "required": required, "description": description, "schema": schema}


def in_header(name: str, schema: Schema, description: str) -> dict[str, Any]:
    return {"in": "header", "name": name, "description": description, "schema": schema}


def operation(
    operation_id: str,
    tag: str,
    description: str,
    answer: Content | None,
    *,
    parameters: tuple[dict[str, Any], ...] = (),
    body: Content | None = None,
    body_required: bool = True,
    public: bool = False,
    status: int = 200,
    **others: Any,
) -> dict[str, Any]:
    """One method of an address. ``public``: no token has a meaning here. ``others`` are further answers by status."""
    success: dict[str, Any] = {"description": "", **({"content": answer} if answer is not None else {})}
    responses = {str(status): success, **{name.removeprefix("_"): value for name, value in others.items()}}
    entry = {
        "operationId": operation_id,
        "tags": [tag],
        "description": description,
        "parameters": list(parameters),
        "responses": responses,
        "security": [{}] if public else ANY_TOKEN,
    }
    if body is not None:
        entry["requestBody"] = {"content": body, "required": body_required}
    return entry


_KINDS = {
    "json": "application/json",
    "bytes": "application/octet-stream",
    "form": "multipart/form-data",
    "text": "text/plain",
    "html": "text/html",
    "jpeg": "image/jpeg",
}
