from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inference_app.dialects.native.serializers import NegotiationAnswer
from inference_app.models import MachineRecord
from inference_app.services.selection import choose
from negotiation import Environment
from negotiation.machines import find_machine
from packages_app.models import PackageFailure
from tests.helpers import assert_error, bearer
from tests.inference_app.dialects.native.shapes import assert_shape

pytestmark = pytest.mark.usefixtures("cpu_box")
PATH = "/api/v1/models/shapes/1/negotiate"


@pytest.fixture
def ask(client: Client, alpha_token: str) -> Any:
    def ask(body: Any = None, path: str = PATH) -> Any:
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return client.post(path, data, content_type="application/json", headers=bearer(alpha_token))

    return ask


def reasons(answer: dict[str, Any]) -> dict[str, str]:
    return {entry["package_id"]: entry["reason"]["category"] for entry in answer["packages"] if entry["reason"]}


def test_a_named_machine_gets_what_the_client_would_choose(ask: Any, mixed: dict[str, Any]) -> None:
    answer = ask({"machine": "nvidia-l4"}).json()
    assert_shape(NegotiationAnswer(), answer)
    assert answer["chosen"] == mixed["engine"].package_id
    assert answer["attempt_order"] == [mixed[name].package_id for name in ("engine", "half", "onnx", "script")]
    assert answer["decided_by"] == ["backend", "quantization", "backend"]
    assert [entry["place"] for entry in answer["packages"]] == [1, 2, 3, 4, None]
    assert reasons(answer) == {mixed["untrusted"].package_id: "untrusted"}
    assert answer["packages"][0]["key"]["backend"] == 7
    assert (answer["rules"], answer["policy"]) == ("client", "inference-models-0.39.6")
    assert answer["request"]["device"] == "cuda"


def test_an_empty_question_is_about_this_server(ask: Any, model: Any, mixed: dict[str, Any]) -> None:
    answer = ask().json()
    assert (answer["rules"], answer["machine"]["origin"]) == ("server", "this-server")
    assert answer["chosen"] == choose(model).candidates[0].package_id


def test_an_environment_in_full_is_negotiated_for(ask: Any, mixed: dict[str, Any]) -> None:
    environment = find_machine("nvidia-t4").environment
    for described in (environment.to_json(), {"environment": environment.to_json(), "milliseconds": 3}):
        answer = ask({"environment": described}).json()
        assert answer["chosen"] == mixed["half"].package_id
        assert (answer["machine"]["origin"], answer["fingerprint"]) == ("described", environment.fingerprint())


def test_own_machines_are_known_in_their_workspace_alone(ask: Any, package: Any, alpha: Any, beta: Any) -> None:
    environment = Environment().to_json()
    MachineRecord.objects.create(workspace=alpha, slug="line-3", title="Line 3", environment=environment)
    MachineRecord.objects.create(workspace=beta, slug="line-4", title="Line 4", environment=environment)
    assert ask({"machine": "line-3"}).json()["machine"]["title"] == "Line 3"
    assert_error(ask({"machine": "line-4"}), "unknown-machine", 400)


def test_the_clients_arguments_narrow_the_choice(ask: Any, mixed: dict[str, Any]) -> None:
    request = {"backend": ["onnx"], "quantization": "fp32", "batch_size": [1, 8], "allow_untrusted_packages": True}
    answer = ask({"machine": "nvidia-l4", "request": request}).json()
    assert answer["attempt_order"] == [mixed["onnx"].package_id, mixed["untrusted"].package_id]
    assert answer["decided_by"] == ["trusted_source"]
    assert answer["request"]["batch_size"] == [1, 8]


def test_a_device_of_null_is_left_open(ask: Any, mixed: dict[str, Any]) -> None:
    question = {"machine": "nvidia-l4", "request": {"device": None}}
    answer = ask(question).json()
    assert answer["request"]["device"] is None
    assert reasons(answer)[mixed["script"].package_id] == "torchscript_device_unspecified"


def test_the_rules_of_this_server_can_be_applied_to_another_machine(ask: Any, mixed: dict[str, Any]) -> None:
    answer = ask({"machine": "nvidia-t4", "policy": "server"}).json()
    assert (answer["rules"], answer["policy"], answer["request"]["device"]) == ("server", "this-server", "cuda")


def test_that_nothing_can_run_is_an_answer(ask: Any, mixed: dict[str, Any], client: Client) -> None:
    answer = ask({"machine": "nvidia-t4", "request": {"quantization": "int8"}})
    assert answer.status_code == 200
    answer = answer.json()
    assert_shape(NegotiationAnswer(), answer)
    assert (answer["chosen"], answer["attempt_order"]) == (None, [])
    error = answer["error"]
    assert (error["code"], error["class"]) == ("no-model-packages-available", "NoModelPackagesAvailableError")
    assert client.get(error["help_url"].replace("http://testserver", "")).status_code == 200
    assert len(reasons(answer)) == 5


def test_a_model_without_published_packages_is_an_answer_too(ask: Any, model: Any) -> None:
    answer = ask({"machine": "nvidia-t4"}).json()
    assert (answer["packages"], answer["error"]["code"]) == ([], "model-retrieval-failed")


def test_a_machine_that_cannot_be_introspected_is_an_answer_too(ask: Any, package: Any) -> None:
    answer = ask({"environment": {"gpu_devices": ["orin"], "gpu_devices_cc": ["8.7"]}}).json()
    assert answer["error"]["code"] == "runtime-introspection-failed"
    assert [entry["place"] for entry in answer["packages"]] == [None]


def test_what_was_set_aside_is_told(ask: Any, mixed: dict[str, Any]) -> None:
    PackageFailure.objects.create(package=mixed["onnx"], reason="ended the host", strikes=3)
    answer = ask().json()
    assert answer["set_aside"] == [{"package_id": mixed["onnx"].package_id, "reason": "ended the host"}]
    assert mixed["onnx"].package_id not in answer["attempt_order"]
    asked_for = ask({"request": {"model_package_id": mixed["onnx"].package_id}}).json()
    assert asked_for["chosen"] == mixed["onnx"].package_id


@pytest.mark.parametrize(
    "request_, code",
    [
        ({"backend": "hf"}, "unknown-backend"),
        ({"quantization": "int4"}, "unknown-quantization"),
        ({"batch_size": 0}, "invalid-batch-size"),
        ({"batch_size": {"a": 1}}, "invalid-batch-size"),
        ({"device": "gpu"}, "invalid-parameter"),
        ({"required_capabilities": ["flight"]}, "invalid-parameter"),
        ({"bakend": "onnx"}, "invalid-negotiation-request"),
        ({"device": 3}, "invalid-negotiation-request"),
        ([1], "invalid-negotiation-request"),
        ("text", "invalid-negotiation-request"),
    ],
)
def test_a_bad_argument_is_refused(ask: Any, mixed: dict[str, Any], request_: Any, code: str) -> None:
    assert_error(ask({"machine": "nvidia-l4", "request": request_}), code, 400)


@pytest.mark.parametrize(
    "body, code, status",
    [
        (b"{", "invalid-request", 400),
        (b"[1]", "invalid-request", 400),
        (b'{"request": {"batch_size": NaN}}', "invalid-request", 400),
        (b"[" * 100_000, "invalid-request", 400),
        (b"\xff\xfe", "invalid-request", 400),
        (b'{"machines": "nvidia-t4"}', "invalid-request", 400),
        (b'{"machine": 7}', "invalid-request", 400),
        (b'{"machine": "nvidia-t4", "environment": {}}', "invalid-request", 400),
        (b'{"policy": "mine"}', "invalid-request", 400),
        (b'{"policy": ["client"]}', "invalid-request", 400),
        (b'{"machine": "nvidia-t5"}', "unknown-machine", 400),
        (b'{"environment": {"gpus": 1}}', "unknown-machine-keys", 400),
        (b'{"environment": {"trt_version": "ten"}}', "invalid-machine", 400),
        (b'{"environment": "t4"}', "invalid-machine", 400),
        (b" " * 300_000, "request-too-large", 413),
    ],
)
def test_a_bad_question_is_refused(ask: Any, package: Any, body: bytes, code: str, status: int) -> None:
    assert_error(ask(body), code, status)


ARGUMENTS = (
    "model_package_id", "backend", "batch_size", "quantization", "device", "onnx_execution_providers",
    "default_onnx_trt_options", "allow_untrusted_packages", "trt_engine_host_code_allowed", "nms_fusion_preferences",
    "required_capabilities", "disabled_backends", "max_package_loading_attempts",
)  # fmt: skip


def test_no_value_of_an_argument_is_a_defect(ask: Any, mixed: dict[str, Any]) -> None:
    for argument in ARGUMENTS:
        for value in (True, 7, 1.5, "", "x", [], [[]], [None], {}, {"a": {}}, ["x", 1]):
            response = ask({"machine": "nvidia-l4", "request": {argument: value}})
            assert response.status_code in {200, 400}, (argument, value, response.content)


def test_a_private_model_cannot_be_asked_about_from_outside(
    client: Client, beta_token: str, alpha: Any, package: Any, make_token: Any
) -> None:
    assert_error(client.post(PATH), "token-required", 401)
    assert_error(client.post(PATH, headers=bearer(beta_token)), "model-not-found", 404)
    assert_error(client.post(PATH, headers=bearer(make_token(alpha, "infer"))), "insufficient-scope", 403)


def test_a_public_model_can_be_asked_about_by_anybody(client: Client, public_package: Any) -> None:
    response = client.post("/api/v1/models/shapes/public/negotiate", b'{"machine": "nvidia-t4"}', "application/json")
    assert response.json()["chosen"] == public_package.package_id


def test_the_number_of_queries_does_not_grow_with_packages(ask: Any, model: Any, make_package: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            ask({"machine": "nvidia-t4"})
        return len(captured)

    make_package(model)
    ask()
    before = queries()
    for number in range(3):
        make_package(model, files={"weights.onnx": bytes([number])})
    assert queries() == before


def test_questions_about_this_server_need_a_token_as_its_environment_does(client: Client, public_package: Any) -> None:
    path = "/api/v1/models/shapes/public/negotiate"
    for body in (b"", b'{"machine": "this-server", "policy": "client"}'):
        assert_error(client.post(path, body, "application/json"), "token-required", 401)
