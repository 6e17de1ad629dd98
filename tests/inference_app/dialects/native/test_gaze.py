"""`POST /api/v1/models/<id>/infer` of a model that tells where a face looks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client

from packages_app.services.push import push_directory
from registry.services.audit import Actor
from tests.backends.networks import constant_network
from tests.helpers import bearer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_host")]


def test_a_face_is_answered_by_two_angles(alpha: Any, tmp_path: Path, image: bytes, infer_token: str) -> None:
    network = constant_network([np.float32(0.25), np.float32(-0.5)], side=448)
    (tmp_path / "weights.onnx").write_bytes(network.SerializeToString())
    kind = {"model_architecture": "l2cs-net", "task_type": "gaze-detection", "backend_type": "onnx"}
    (tmp_path / "model_config.json").write_text(json.dumps(kind))
    push_directory(
        tmp_path, model_id="faces/gaze", workspace=alpha, actor=Actor(name="test"), trusted=True, publish=True
    )

    answer = (
        Client()
        .post("/api/v1/models/faces/gaze/infer", image, content_type="image/jpeg", headers=bearer(infer_token))
        .json()
    )

    assert answer["predictions"] == [{"yaw": 0.25, "pitch": -0.5}]
