"""MediaPipe's detector of faces at short range."""

from backends.families.implementation import rows
from backends.families.mediapipe_faces.detection import FaceDetection

IMPLEMENTATIONS = rows(FaceDetection, "keypoint-detection", ["mediapipe-face-detector"], ["mediapipe"], files=())
