"""The addresses of the Open Inference Protocol, with the demo model."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from django.test import Client

from inference_app.dialects.open_inference.tensors import HEADER_LENGTH
from tests.helpers import bearer

MODEL = "/v2/models/demo/shapes"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_host")]


@pytest.fixture
def network_input(push_demo: Callable[..., Any]) -> dict[str, Any]:
    """The input of the demo model, as its metadata describe it, with a batch of one."""
    package = push_demo()
    described = package.inspection["facts"]["inputs"][0]
    shape = [1 if not isinstance(size, int) else size for size in described["shape"]]
    return {"name": described["name"], "datatype": "FP32", "shape": shape}


def infer(body: bytes, token: str, **headers: str) -> Any:
    return Client().post(f"{MODEL}/infer", body, content_type="application/json", headers={**bearer(token), **headers})


def test_the_server_is_live_and_ready() -> None:
    assert Client().get("/v2/health/live").status_code == 200
    assert Client().get("/v2/health/ready").json() == {"ready": True}


def test_the_metadata_name_inputs_outputs_and_versions(push_demo: Callable[..., Any], infer_token: str) -> None:
    package = push_demo()
    metadata = Client().get(MODEL, headers=bearer(infer_token)).json()
    assert metadata["versions"] == [package.package_id]
    assert metadata["platform"] == "onnxruntime_onnx"
    assert metadata["inputs"][0]["datatype"] == metadata["outputs"][0]["datatype"] == "FP32"
    assert metadata["inputs"][0]["shape"][0] == -1


def test_a_model_is_ready(push_demo: Callable[..., Any], infer_token: str) -> None:
    push_demo()
    assert Client().get(f"{MODEL}/ready", headers=bearer(infer_token)).status_code == 200


def test_a_version_is_a_package(push_demo: Callable[..., Any], infer_token: str) -> None:
    package = push_demo()
    address = f"{MODEL}/versions/{package.package_id}/ready"
    assert Client().get(address, headers=bearer(infer_token)).status_code == 200


def test_json_and_bytes_give_the_same(network_input: dict[str, Any], infer_token: str) -> None:
    pixels = np.random.default_rng(5).random(network_input["shape"], dtype=np.float32)
    as_json = infer(json.dumps({"inputs": [{**network_input, "data": pixels.ravel().tolist()}]}).encode(), infer_token)
    head = json.dumps(
        {
            "inputs": [{**network_input, "parameters": {"binary_data_size": pixels.nbytes}}],
            "parameters": {"binary_data_output": True},
        }
    ).encode()
    as_bytes = infer(head + pixels.tobytes(), infer_token, **{HEADER_LENGTH: str(len(head))})
    output = as_json.json()["outputs"][0]
    begin = int(as_bytes.headers[HEADER_LENGTH])
    values = np.frombuffer(as_bytes.content[begin:], np.float32)
    assert np.allclose(values, output["data"], atol=1e-5)


def test_errors_are_texts_as_its_clients_expect(push_demo: Callable[..., Any], infer_token: str) -> None:
    push_demo()
    response = infer(b"{}", infer_token)
    assert response.status_code == 400
    assert isinstance(response.json()["error"], str)
    assert response.json()["code"] == "invalid-request"


def test_a_tensor_of_the_wrong_shape_is_a_400(network_input: dict[str, Any], infer_token: str) -> None:
    body = json.dumps({"inputs": [{**network_input, "shape": [1], "data": [0.5]}]}).encode()
    response = infer(body, infer_token)
    assert response.status_code == 400, response.content


def test_a_private_model_needs_a_token(push_demo: Callable[..., Any]) -> None:
    push_demo()
    assert Client().get(MODEL).status_code == 401


@pytest.mark.parametrize(
    ("method", "address", "what"),
    [
        ("POST", "/v2/repository/index", "the model repository extension"),
        ("POST", "/v2/repository/models/demo/shapes/load", "the model repository extension"),
        ("GET", "/v2/systemsharedmemory/status", "the shared memory extensions"),
        ("POST", "/v2/cudasharedmemory/region/a/register", "the shared memory extensions"),
        ("GET", "/v2/models/stats", "the statistics extension"),
        ("GET", "/v2/models/demo/shapes/stats", "the statistics extension"),
        ("GET", "/v2/models/demo/shapes/config", "the model configuration extension"),
        ("GET", "/v2/models/demo/shapes/versions/1/config", "the model configuration extension"),
        ("POST", "/v2/models/demo/shapes/generate", "the generate extension"),
        ("GET", "/v2/trace/setting", "the trace extension"),
        ("GET", "/v2/logging", "the logging extension"),
        ("GET", "/v2/models", "a list of models here"),
        ("POST", "/v2/models/infer", "this way to infer"),
        ("POST", "/v2/models/load", "loading by hand"),
        ("GET", "/v2/server/health", "the server's state here"),
    ],
)
def test_an_extension_that_is_not_offered_is_named(method: str, address: str, what: str) -> None:
    answer = Client(enforce_csrf_checks=True).generic(method, address)
    assert answer.status_code == 501
    assert answer.json()["code"] == "not-offered"
    assert answer.json()["error"].startswith(f"{method} {address}: this server does not offer {what}")


def test_a_model_whose_id_ends_like_an_extension_is_found(push_demo: Callable[..., Any], infer_token: str) -> None:
    push_demo(model_id="demo/config")
    assert Client().get("/v2/models/demo/config", headers=bearer(infer_token)).json()["name"] == "demo/config"
