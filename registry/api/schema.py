"""Additions to the OpenAPI document that hold for every operation."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from registry.api.openapi import PathItem
from registry.errors import explanations

# Errors that any address may answer, whatever it does.
EVERYWHERE = frozenset({400, 401, 403, 404, 405, 406, 413, 415, 429, 503})
ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["error", "message"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "help_url", "request_id"],
            "properties": {
                "code": {"type": "string", "description": "Stable; the help page explains it."},
                "message": {"type": "string"},
                "help_url": {"type": "string", "format": "uri"},
                "request_id": {"type": "string"},
                "details": {"description": "More about the problem, where there is more."},
            },
        },
        "message": {"type": "string", "description": "The same message, where clients of other servers look for it."},
    },
}


_paths: dict[str, PathItem] = {}
_tags: dict[str, str] = {}
# Error shapes of foreign dialects, by the beginning of the path: the name of the component, and its schema.
_foreign_errors: dict[str, tuple[str, dict[str, Any]]] = {}


def add_paths(tag: str, about: str, paths: dict[str, PathItem]) -> None:
    """Have addresses of plain views described, below a heading ``tag`` that says ``about``."""
    _tags[tag] = about
    _paths.update(paths)


def add_error_schema(prefix: str, name: str, schema: dict[str, Any]) -> None:
    """Have errors below ``prefix`` described by a schema of their own."""
    _foreign_errors[prefix] = name, schema


def document_plain_views(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A hook of drf-spectacular: the addresses that it cannot find out about."""
    # The hook for errors writes into them.
    result["paths"].update(deepcopy(_paths))
    result["tags"] = [{"name": name, "description": about} for name, about in _tags.items()]
    return result


def document_errors(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A hook of drf-spectacular: the one shape of errors, for every status that an operation may answer."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas["Error"] = ERROR_SCHEMA
    schemas.update(_foreign_errors.values())
    codes: dict[int, list[str]] = {}
    for entry in explanations().values():
        codes.setdefault(entry.status, []).append(entry.code)
    for address, path in result["paths"].items():
        named = (name for prefix, (name, _) in _foreign_errors.items() if address.startswith(prefix))
        reference = {"$ref": f"#/components/schemas/{next(named, 'Error')}"}
        for operation in path.values():
            reads_only = "requestBody" not in operation
            for status, names in sorted(codes.items()):
                if status == 500 or (reads_only and status not in EVERYWHERE):
                    continue
                operation["responses"].setdefault(
                    str(status),
                    {
                        "description": "Codes: " + ", ".join(sorted(names)),
                        "content": {"application/json": {"schema": reference}},
                    },
                )
    return result


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the document speaks of access tokens."""

    target_class = "registry.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An access token; public models need none."}
