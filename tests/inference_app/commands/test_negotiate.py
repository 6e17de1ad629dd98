from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from inference_app.management.commands.negotiate import NOTHING_CHOSEN
from inference_app.models import MachineRecord
from inference_app.services.selection import choose
from negotiation import NegotiationRequest
from negotiation.machines import find_machine

pytestmark = pytest.mark.usefixtures("cpu_box")


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("negotiate", "shapes/1", *arguments, stdout=output)
    return output.getvalue()


def answer(*arguments: str) -> dict[str, Any]:
    answered: dict[str, Any] = json.loads(run(*arguments, "--json"))
    return answered


def test_it_shows_what_a_machine_gets_and_why_not_the_others(mixed: dict[str, Any]) -> None:
    output = run("--machine", "nvidia-t4")
    assert f"Chosen: {mixed['half'].package_id}" in output
    assert "above the next by precision" in output
    assert "compiled for nvidia-l4" in output


def test_without_a_machine_it_is_this_server(model: Any, mixed: dict[str, Any]) -> None:
    answered = answer()
    assert (answered["rules"], answered["chosen"]) == ("server", choose(model).candidates[0].package_id)


def test_a_machine_can_be_read_from_a_file(mixed: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "machine.json"
    file.write_text(json.dumps({"environment": find_machine("nvidia-l4").environment.to_json(), "problems": []}))
    assert answer("--environment", str(file))["chosen"] == mixed["engine"].package_id


def test_it_knows_the_machines_of_the_models_workspace(package: Any, alpha: Any) -> None:
    environment = find_machine("nvidia-l4").environment.to_json()
    MachineRecord.objects.create(workspace=alpha, slug="line-3", title="Line 3", environment=environment)
    assert answer("--machine", "line-3")["machine"]["title"] == "Line 3"


def test_every_argument_of_the_client_can_be_given(mixed: dict[str, Any]) -> None:
    answered = answer(
        "--machine", "nvidia-l4", "--backend", "onnx,torch", "--backend", "trt", "--batch-size", "1,8",
        "--quantization", "fp32", "--device", "cuda:0", "--onnx-execution-providers", "CPUExecutionProvider",
        "--allow-untrusted-packages", "--no-trt-engine-host-code", "--no-default-onnx-trt-options",
        "--nms-fusion-preferences", '{"max_detections": [1, 300]}', "--disabled-backends", "coreml",
        "--max-package-loading-attempts", "1",
    )  # fmt: skip
    expected = NegotiationRequest(
        backend=("onnx", "torch", "trt"), batch_size=(1, 8), quantization=("fp32",), device="cuda:0",
        onnx_execution_providers=("CPUExecutionProvider",), allow_untrusted_packages=True,
        trt_engine_host_code_allowed=False, default_onnx_trt_options=False,
        nms_fusion_preferences={"max_detections": [1, 300]}, disabled_backends=("coreml",),
        max_package_loading_attempts=1,
    )  # fmt: skip
    assert answered["request"] == expected.to_json()
    assert answered["attempt_order"] == [mixed["onnx"].package_id]


def test_a_package_can_be_asked_for_by_id(mixed: dict[str, Any]) -> None:
    chosen = answer("--machine", "nvidia-t4", "--model-package-id", mixed["engine"].package_id)["chosen"]
    assert chosen == mixed["engine"].package_id


def test_the_device_can_be_left_open(mixed: dict[str, Any]) -> None:
    assert answer("--machine", "nvidia-t4", "--device", "none")["request"]["device"] is None


def test_it_ends_with_a_status_of_its_own_where_nothing_is_chosen(mixed: dict[str, Any], capsys: Any) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("negotiate", "shapes/1", "--machine", "nvidia-t4", "--quantization", "int8")
    assert ended.value.code == NOTHING_CHOSEN
    output = capsys.readouterr().out
    assert "Nothing is chosen." in output
    assert "the request allows int8" in output


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--machine", "nvidia-t5"], "no machine named"),
        (["--backend", "hf"], "no backend 'hf'"),
        (["--batch-size", "many"], "--batch-size takes"),
        (["--batch-size", "0"], "batch"),
        (["--required-capabilities", "flight"], "no capability"),
        (["--nms-fusion-preferences", "{"], "not JSON"),
        (["--environment", "/nowhere/machine.json"], "cannot be read"),
    ],
)
def test_it_refuses_what_it_does_not_understand(mixed: dict[str, Any], arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(*arguments)


def test_it_refuses_a_file_that_describes_no_machine(package: Any, tmp_path: Path) -> None:
    file = tmp_path / "machine.json"
    file.write_text("{}")
    with pytest.raises(CommandError, match="no field at all"):
        run("--environment", str(file))
