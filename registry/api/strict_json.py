"""JSON as the standard has it. Python's own encoder writes NaN and Infinity, which no other parser reads."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

from django.http import JsonResponse  # noqa: TID251


class StrictJsonResponse(JsonResponse):
    """An answer in JSON. A value that is not finite raises ValueError instead of leaving the server."""

    def __init__(
        self, data: Any, *, status: int | None = None, headers: Mapping[str, str] | None = None, safe: bool = True
    ) -> None:
        super().__init__(data, safe=safe, json_dumps_params={"allow_nan": False}, status=status, headers=headers)


class StrictDecoder(json.JSONDecoder):
    """Reads JSON and nothing beside it: no NaN, no number that becomes infinite, no nesting that ends the reader.

    Whatever is wrong is a JSONDecodeError, the only error that forms know.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "parse_constant": _refuse, "parse_float": _finite})

    def decode(self, text: str, *rest: Any) -> Any:
        try:
            return super().decode(text, *rest)
        except json.JSONDecodeError:
            raise
        except (ValueError, RecursionError) as error:
            raise json.JSONDecodeError("This is not JSON", "", 0) from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON.")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("The number is too large.")
    return number


def dump(document: Any) -> bytes:
    """The document as JSON in UTF-8. Raises ValueError for what is not finite."""
    return json.dumps(document, allow_nan=False).encode()
