#!/usr/bin/env bash
# supervision's Detections.from_inference drops the masks of every instance when one polygon has fewer than three points.
#
# supervision 0.31.2. One would guess that such an instance alone goes, or keeps an empty mask. The masks of all are gone
# instead and all boxes stay; two log lines tell.
# The contour of a mask of one pixel or one line has one or two points, so a server pads polygons to three.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q supervision==0.31.2
"$folder/venv/bin/python" - <<'PYTHON'
import supervision


def instance(points):
    box = {"x": 20.0, "y": 20.0, "width": 20.0, "height": 20.0, "confidence": 0.9, "class": "a", "class_id": 0}
    return {**box, "points": [{"x": float(x), "y": float(y)} for x, y in points]}


square = instance([(10, 10), (30, 10), (30, 30), (10, 30)])
line = instance([(10, 10), (30, 10)])
repeated = instance([(10, 10), (30, 10), (30, 10)])


def detections(*instances):
    return supervision.Detections.from_inference(
        {"image": {"width": 64, "height": 64}, "predictions": list(instances)}
    )


for name, found in {
    "square": detections(square),
    "square and line": detections(square, line),
    "square and line with a repeated point": detections(square, repeated),
}.items():
    print(supervision.__version__, name, "boxes", len(found), "masks", None if found.mask is None else len(found.mask))

assert len(detections(square).mask) == 1
assert len(detections(square, line)) == 2
assert detections(square, line).mask is None
assert len(detections(square, repeated).mask) == 2
PYTHON
# Seen:
#   0.31.2 square boxes 1 masks 1
#   0.31.2 square and line boxes 2 masks None
#   0.31.2 square and line with a repeated point boxes 2 masks 2
