"""The rules of clients, asked of `negotiation`, with errors of this app."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from negotiation import wire
from packages_app.errors import InvalidFileHandle
from packages_app.models import Package, PackageFile
from packages_app.services.wire import manifest

_SEGMENT = re.compile(r"[A-Za-z0-9._-]{1,255}")
_RESERVED_STEMS = {"con", "prn", "aux", "nul", *(f"{name}{n}" for name in ("com", "lpt") for n in range(1, 10))}
_RESERVED_FIRST = {"model_config.json", "model_dependencies", "dependencies"}


def require_handles(handles: Iterable[str]) -> None:
    """Raises InvalidFileHandle unless clients accept all of ``handles`` together in one package."""
    seen: set[str] = set()
    handles = list(handles)
    for handle in handles:
        segments = handle.split("/")
        for segment in segments:
            if (
                not _SEGMENT.fullmatch(segment)
                or segment in {".", ".."}
                or segment.endswith(".")
                or segment.split(".")[0].lower() in _RESERVED_STEMS
                or (segment.startswith(".") and segment.endswith(".lock"))
            ):
                raise InvalidFileHandle(f"The name {handle[:80]!r} is not allowed.")
        if segments[0].lower() in _RESERVED_FIRST:
            raise InvalidFileHandle(f"The name {handle[:80]!r} is reserved.")
        if handle.lower() in seen:
            raise InvalidFileHandle(f"Two files have the name {handle[:80]!r}.")
        seen.add(handle.lower())
    for handle in seen:
        parts = handle.split("/")
        if any("/".join(parts[:end]) in seen for end in range(1, len(parts))):
            raise InvalidFileHandle(f"{handle[:80]!r} lies below another file.")


def entry_problem(entry: dict[str, Any]) -> str | None:
    """Why clients would drop this entry of `modelPackages`; None if they would not."""
    document = {
        "type": wire.METADATA_TYPE, "modelId": "example", "modelArchitecture": "example", "modelPackages": [entry],
    }  # fmt: skip
    reason = wire.parse_metadata(document).entries[0].reason
    return None if reason is None else reason.sentence


def package_id(package: Package, files: Sequence[PackageFile], parameters: dict[str, Any] | None) -> str:
    """The id that the content of ``package`` has: 32 hexadecimal digits."""
    facts = {
        "model": package.model.model_id,
        "architecture": package.model.architecture,
        "task": package.model.task_type,
        "manifest": manifest(package),
        "features": package.model_features,
        "trusted": package.trusted,
        "parameters": parameters,
        "files": sorted([file.handle, file.blob.md5, file.blob.sha256] for file in files),
    }
    canonical = json.dumps(facts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:32]
