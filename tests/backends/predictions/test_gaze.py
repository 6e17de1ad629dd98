from __future__ import annotations

import json

import numpy as np
import pytest

from backends.errors import OutputNotFinite
from backends.predictions import Gaze


def _gaze(*yaw: float) -> Gaze:
    return Gaze(np.array(yaw, dtype=np.float32), np.full(len(yaw), -0.25, dtype=np.float32))


def test_each_face_has_two_angles() -> None:
    answer = _gaze(0.5, 1).to_json()
    assert answer == {"predictions": [{"yaw": 0.5, "pitch": -0.25}, {"yaw": 1.0, "pitch": -0.25}]}
    json.dumps(answer)


def test_an_angle_that_is_not_finite_is_no_gaze() -> None:
    with pytest.raises(OutputNotFinite):
        _gaze(np.nan)


def test_supervision_has_no_counterpart() -> None:
    assert _gaze(0.5).to_supervision().tolist() == [[0.5, -0.25]]
