"""The query of addresses that read: what they do not know is refused, as a misspelt field would be ignored else."""

from __future__ import annotations

from django.http import HttpRequest

from registry.errors import InvalidRequest

# An access token, which old clients send there.
KEY = "api_key"


def require_known_fields(request: HttpRequest, *known: str) -> None:
    """Raises InvalidRequest, which names the first field of the query that is not among ``known``."""
    unknown = next((name for name in request.GET if name not in known and name != KEY), None)
    if unknown is not None:
        there_are = f"there are {', '.join(known)}" if known else "this address has none"
        raise InvalidRequest(f"There is no field {unknown[:80]!r} in the query; {there_are}.")
