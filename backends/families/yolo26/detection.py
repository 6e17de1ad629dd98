"""Object detection with YOLO26."""

from __future__ import annotations

from backends.families.yolov10.detection import YoloV10Detection


class Yolo26Detection(YoloV10Detection):
    """The outputs of YOLOv10, a lower default, and a confidence equal to the threshold is enough."""

    default_confidence = 0.25
    strict = False
