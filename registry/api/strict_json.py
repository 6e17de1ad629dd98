"""JSON as the standard has it. Python's own encoder writes NaN and Infinity, which no other parser reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import JsonResponse


class StrictJsonResponse(JsonResponse):
    """An answer in JSON. A value that is not finite raises ValueError instead of leaving the server."""

    def __init__(
        self, data: Any, *, status: int | None = None, headers: Mapping[str, str] | None = None, safe: bool = True
    ) -> None:
        super().__init__(data, safe=safe, json_dumps_params={"allow_nan": False}, status=status, headers=headers)


def dump(document: Any) -> bytes:
    """The document as JSON in UTF-8. Raises ValueError for what is not finite."""
    return json.dumps(document, allow_nan=False).encode()
