"""What a caller must say about a package so that the host can load it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from backends.errors import ProtocolError

MAX_IDENTIFIER_BYTES = 160


@dataclass(frozen=True)
class PackageReference:
    """One package, its files already verified and lying in ``directory`` on this machine.

    ``features`` are the model features of its metadata; ``recommended`` what its evaluation recommends for
    ``confidence="best"`` (``{"confidence": 0.4, "per_class_confidence": {...}}``); ``options`` what the backend is
    told at load time (``{"providers": [...]}``). Packages are immutable, so the identifier stands for the files.
    ``prepared`` is the folder, made when it is needed, for what this machine prepares of the package; with None that
    is done anew for each load.
    """

    package_id: str
    directory: Path
    architecture: str
    task: str
    backend: str
    features: Mapping[str, Any] = field(default_factory=dict)
    recommended: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    prepared: Path | None = None

    def __post_init__(self) -> None:
        if not self.package_id or len(self.package_id.encode()) > MAX_IDENTIFIER_BYTES:
            raise ValueError(f"a package identifier has 1 to {MAX_IDENTIFIER_BYTES} bytes")
        # The host has another working directory.
        object.__setattr__(self, "directory", self.directory.absolute())
        if self.prepared is not None:
            object.__setattr__(self, "prepared", self.prepared.absolute())

    @property
    def feature_names(self) -> list[str]:
        """Names of the model features that are set."""
        return [name for name, value in self.features.items() if value not in (None, False)]

    @property
    def key(self) -> str:
        """Under what the loaded model is kept: other options are another loaded model."""
        if not self.options:
            return self.package_id
        canonical = json.dumps(self.options, sort_keys=True, default=str, allow_nan=False)
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        return f"{self.package_id}#{digest[:12]}"

    def to_wire(self) -> dict[str, Any]:
        """The reference as a JSON object."""
        wire = {name: value for name in _PARTS if (value := getattr(self, name)) is not None}
        return {name: dict(value) if isinstance(value, Mapping) else str(value) for name, value in wire.items()}

    @classmethod
    def from_wire(cls, wire: Any) -> PackageReference:
        """The reference of a JSON object. Raises ProtocolError."""
        try:
            arguments = {name: wire[name] for name in _PARTS if name in wire}
            for name in {"directory", "prepared"} & arguments.keys():
                arguments[name] = Path(arguments[name])
            return cls(**arguments)
        except (TypeError, KeyError, ValueError) as error:
            raise ProtocolError("The message does not describe a package.") from error


_PARTS = tuple(part.name for part in fields(PackageReference))
