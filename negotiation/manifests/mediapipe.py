"""MediaPipe: a TensorFlow Lite network, for clients up to 0.27.2."""

from __future__ import annotations

from typing import ClassVar

from negotiation.manifests.manifest import Library, MachineCheck, Manifest
from negotiation.question import Question


class MediapipeManifest(Manifest):
    """A MediaPipe network. Clients up to 0.27.2 (`inference-exp` among them) read it, later ones ignore it.

    A machine's description has no word for its library: whether it is there is found out by loading.
    """

    backend: ClassVar = "mediapipe"
    title: ClassVar = "MediaPipe"
    wire_type: ClassVar = "mediapipe-model-package-v1"
    wire_backend: ClassVar = "mediapipe"
    library: ClassVar = Library("ai_edge_litert", "LiteRT")
    folder: ClassVar = "mediapipe"
    files: ClassVar = ("mediapipe_face_detector.tflite",)
    models: ClassVar = frozenset({("mediapipe-face-detector", "keypoint-detection")})
    ignored_by_clients: ClassVar = True

    @classmethod
    def machine_check(cls, question: Question) -> MachineCheck:
        return lambda manifest: None
