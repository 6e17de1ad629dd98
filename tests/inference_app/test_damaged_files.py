"""A package whose stored weights are damaged, before it was ever loaded: no dialect takes it for a defect."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from packages_app.services import blobs
from tests.backends.networks import SIDE, constant_network, raw_detections, write_package
from tests.helpers import bearer
from tests.inference_app.conftest import ACTOR

MODEL = "rotten/shapes"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_host")]


@pytest.fixture
def token(tmp_path: Path, alpha: Any, make_token: Callable[..., str]) -> str:
    """May run a detector of which half of the weights are zeros by now."""
    from inference_app.services import materialising
    from packages_app.services.push import push_directory

    # Weights of its own each time: no package that other tests have run keeps a good copy of them.
    score = 0.5 + random.SystemRandom().random() / 4
    output = raw_detections([20, 20, 16, 16, 0, score], *[[40, 40, 8, 8, 1, 0.01]] * 20)
    directory = write_package(tmp_path / "package", constant_network([output]))
    kind = {"model_architecture": "yolov8", "task_type": "object-detection", "backend_type": "onnx"}
    (directory / "model_config.json").write_text(json.dumps(kind))
    package = push_directory(directory, model_id=MODEL, workspace=alpha, actor=ACTOR, trusted=True, publish=True)
    materialising.forget(package)
    path = blobs.local_path(package.files.get(handle="weights.onnx").blob)
    assert path is not None
    content = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(content[: len(content) // 2] + bytes(len(content) - len(content) // 2))
    return make_token(alpha, "read", "infer")


def test_every_dialect_answers_503_in_its_form(token: str, image: bytes) -> None:
    text = base64.b64encode(image).decode()
    document = json.dumps({"model_id": MODEL, "image": {"type": "base64", "value": text}})
    asked = [
        (f"/api/v1/models/{MODEL}/infer", image, "image/jpeg"),
        ("/infer/object_detection", document.encode(), "application/json"),
        ("/model/add", document.encode(), "application/json"),
        (f"/{MODEL}", text.encode(), "application/json"),
    ]
    for address, body, content_type in asked:
        answer = Client().post(address, body, content_type=content_type, headers=bearer(token))
        assert answer.status_code == 503, f"{address}: {answer.content!r}"
        assert "damaged" in answer.json()["message"], answer.content
        assert answer.json()["error"]["code"] in {"blob-damaged", "package-damaged", "package-failed-to-load"}


def test_tensors_as_well(token: str) -> None:
    entry = {"name": "images", "datatype": "FP32", "shape": [1, 3, SIDE, SIDE]}
    entry["parameters"] = {"binary_data_size": 4 * 3 * SIDE * SIDE}
    head = json.dumps({"inputs": [entry]}).encode()
    headers = {**bearer(token), "Inference-Header-Content-Length": str(len(head))}
    body = head + bytes(4 * 3 * SIDE * SIDE)
    address = f"/v2/models/{MODEL}/infer"
    answer = Client().post(address, body, content_type="application/octet-stream", headers=headers)
    assert answer.status_code == 503, answer.content
    assert "damaged" in answer.json()["error"]
