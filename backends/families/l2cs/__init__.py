"""L2CS: where a face looks."""

from backends.families.implementation import rows
from backends.families.l2cs.gaze import L2csGaze

IMPLEMENTATIONS = rows(L2csGaze, "gaze-detection", ["l2cs-net"], ["onnx"], files=())
