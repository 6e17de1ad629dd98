"""Additions to the OpenAPI document that hold for every operation."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

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


def document_errors(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A hook of drf-spectacular: the one shape of errors, for every status that an operation may answer."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = ERROR_SCHEMA
    codes: dict[int, list[str]] = {}
    for entry in explanations().values():
        codes.setdefault(entry.status, []).append(entry.code)
    for path in result["paths"].values():
        for operation in path.values():
            reads_only = "requestBody" not in operation
            for status, names in sorted(codes.items()):
                if status == 500 or (reads_only and status not in EVERYWHERE):
                    continue
                operation["responses"].setdefault(
                    str(status),
                    {
                        "description": "Codes: " + ", ".join(sorted(names)),
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
                    },
                )
    return result


class TokenScheme(OpenApiAuthenticationExtension):
    """How the document speaks of access tokens."""

    target_class = "registry.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "An access token; public models need none."}
