"""What the installed ONNX Runtime reads, found by trial and held against what it does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import onnx
import pytest

from negotiation.detection import detect
from negotiation.detection.children import onnx_runtime
from negotiation.onnx_releases import NEWEST_IR_VERSIONS, NEWEST_OPSETS
from negotiation.versions import major_minor


@pytest.fixture(scope="module")
def answer() -> dict[str, Any]:
    output = subprocess.run([sys.executable, str(Path(onnx_runtime.__file__))], capture_output=True, check=True)
    found: dict[str, Any] = json.loads(output.stdout)
    return found


def loads(opset: int, ir_version: int) -> bool:
    import onnxruntime

    try:
        onnxruntime.InferenceSession(onnx_runtime.network(opset, ir_version), providers=["CPUExecutionProvider"])
    except Exception:  # what it raises has no type of its own
        return False
    return True


def test_the_network_of_the_trial_is_a_sound_onnx_file() -> None:
    model = onnx.load_from_string(onnx_runtime.network(17, 8))
    onnx.checker.check_model(model)
    assert (model.opset_import[0].version, model.ir_version) == (17, 8)


def test_it_tells_the_newest_opset_that_is_read(answer: dict[str, Any]) -> None:
    newest = answer["newest_opset"]
    assert (loads(newest, 8), loads(newest + 1, 8)) == (True, False)


def test_it_tells_the_newest_ir_version_that_is_read(answer: dict[str, Any]) -> None:
    newest = answer["newest_ir_version"]
    assert (loads(13, newest), loads(13, newest + 1)) == (True, False)


def test_the_table_of_releases_says_the_same_of_the_installed_one(answer: dict[str, Any]) -> None:
    release = "{}.{}".format(*major_minor(answer["version"]))
    if release in NEWEST_OPSETS:
        assert NEWEST_OPSETS[release] == answer["newest_opset"]
        assert NEWEST_IR_VERSIONS[release] == answer["newest_ir_version"]


def test_detection_reports_it(answer: dict[str, Any]) -> None:
    (probe,) = [probe for probe in detect().probes if probe.name == "onnx_runtime"]
    assert (probe.value["newest_opset"], probe.value["newest_ir_version"]) == (
        answer["newest_opset"],
        answer["newest_ir_version"],
    )
