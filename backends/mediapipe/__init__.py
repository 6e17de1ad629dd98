"""MediaPipe's networks, which are files of TensorFlow Lite, run by LiteRT without MediaPipe."""

from backends.mediapipe.session import LiteRtSession
from backends.runtime import Runtime

RUNTIME = Runtime(LiteRtSession)
