"""Ultralytics: weights for the library of that name."""

from __future__ import annotations

from typing import Any, ClassVar

from negotiation.manifests.manifest import Manifest


class UltralyticsManifest(Manifest):
    """Weights for the ultralytics library. Nothing about them is declared."""

    backend: ClassVar = "ultralytics"
    title: ClassVar = "Ultralytics"
    wire_type: ClassVar = "ultralytics-model-package-v1"
    wire_backend: ClassVar = "ultralytics"
    backend_is_read: ClassVar = False

    def to_wire(self) -> dict[str, Any]:
        # Some clients refuse a manifest without a precision, and none reads this one.
        return {**super().to_wire(), "quantization": "unknown"}
