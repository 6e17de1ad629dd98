"""A network that answers NaN: no dialect passes it on, and each says what it is."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.test import Client

from inference_app.dialects.open_inference.tensors import HEADER_LENGTH
from inference_app.services import inference
from tests.backends.networks import SIDE, constant_network, raw_detections, write_package
from tests.helpers import assert_error, bearer
from tests.inference_app.conftest import ACTOR

MODEL = "sometimes/nan"
BRIGHT = cv2.imencode(".png", np.full((SIDE, SIDE, 3), 255, dtype=np.uint8))[1].tobytes()
DARK = cv2.imencode(".png", np.zeros((SIDE, SIDE, 3), dtype=np.uint8))[1].tobytes()

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_host")]


@pytest.fixture
def token(tmp_path: Path, alpha: Any, make_token: Callable[..., str]) -> str:
    """May run a detector that finds a cat in dark images, and answers NaN for bright ones."""
    from packages_app.services.push import push_directory

    output = raw_detections([20, 20, 16, 16, 0, 0.9], *[[40, 40, 8, 8, 1, 0.01]] * 20)
    directory = write_package(tmp_path / "package", constant_network([output], nan_above=0.9))
    kind = {"model_architecture": "yolov8", "task_type": "object-detection", "backend_type": "onnx"}
    (directory / "model_config.json").write_text(json.dumps(kind))
    push_directory(directory, model_id=MODEL, workspace=alpha, actor=ACTOR, trusted=True, publish=True)
    return make_token(alpha, "read", "infer")


def native(image: bytes, token: str) -> Any:
    address = f"/api/v1/models/{MODEL}/infer"
    return Client().post(address, image, content_type="image/png", headers=bearer(token))


def sdk_v1(image: bytes, token: str) -> Any:
    encoded = {"type": "base64", "value": base64.b64encode(image).decode()}
    document = {"api_key": token, "model_id": MODEL, "image": encoded}
    return Client().post("/infer/object_detection", json.dumps(document), content_type="application/json")


def sdk_v0(image: bytes, token: str) -> Any:
    body = base64.b64encode(image)
    return Client().post(f"/{MODEL}?api_key={token}", body, content_type="application/json")


def by_tensors(image: bytes, token: str, *, binary: bool) -> Any:
    pixels = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR).astype(np.float32) / 255
    tensor = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])
    entry = {"name": "images", "datatype": "FP32", "shape": list(tensor.shape)}
    entry["parameters"] = {"binary_data_size": tensor.nbytes}
    head = json.dumps({"inputs": [entry], "parameters": {"binary_data_output": binary}}).encode()
    headers = {**bearer(token), HEADER_LENGTH: str(len(head))}
    address = f"/v2/models/{MODEL}/infer"
    body = head + tensor.tobytes()
    return Client().post(address, body, content_type="application/octet-stream", headers=headers)


@pytest.mark.parametrize("dialect", [native, sdk_v1, sdk_v0])
def test_no_dialect_answers_what_is_not_finite(token: str, dialect: Callable[[bytes, str], Any]) -> None:
    assert len(dialect(DARK, token).json()["predictions"]) == 1
    error = assert_error(dialect(BRIGHT, token), "output-not-finite", 422)
    assert "not finite" in error["message"]


def test_raw_tensors_keep_their_bits_as_bytes_and_are_refused_as_json(token: str) -> None:
    answer = by_tensors(BRIGHT, token, binary=True)
    begin = int(answer.headers[HEADER_LENGTH])
    assert np.isnan(np.frombuffer(answer.content[begin:], np.float32)).all()
    refused = by_tensors(BRIGHT, token, binary=False)
    assert refused.status_code == 422
    assert refused.json()["code"] == "output-not-finite"
    assert "Ask for it as bytes" in refused.json()["error"]
    assert by_tensors(DARK, token, binary=False).status_code == 200


def test_the_package_is_not_set_aside_for_it(token: str) -> None:
    native(BRIGHT, token)
    assert native(DARK, token).status_code == 200
    assert len(inference.loaded()) >= 1
