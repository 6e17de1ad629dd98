from __future__ import annotations

import json
from typing import Any

import pytest

from negotiation import Environment
from negotiation.errors import InvalidEnvironmentError
from tests.negotiation.entries import CPU, T4


def test_it_reads_what_it_writes() -> None:
    assert Environment.from_json(json.loads(json.dumps(T4.to_json()))) == T4


def test_a_missing_field_means_not_there() -> None:
    environment = Environment.from_json({})
    assert environment.gpu_devices == ()
    assert environment.trt_version is None
    assert environment.onnx_default_execution_providers[-1] == "CPUExecutionProvider"


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        "cpu",
        {"gpu_available": 1},
        {"torch_available": None},
        {"trt_version": 10},
        {"trt_version": "ten"},
        {"driver_version": ""},
        {"gpu_devices": "tesla-t4"},
        {"gpu_devices": [1]},
        {"gpu_devices": ["tesla-t4"], "gpu_devices_cc": []},
        {"gpu_devices": ["tesla-t4"], "gpu_devices_cc": ["new"]},
        {"gpu_devices": ["tesla-t4"], "gpu_devices_cc": [7.5]},
        {"available_onnx_execution_providers": "CPUExecutionProvider"},
        {"onnx_default_execution_providers": None},
        {"os_version": 22},
    ],
)
def test_it_rejects_a_malformed_field(document: Any) -> None:
    with pytest.raises(InvalidEnvironmentError):
        Environment.from_json(document)


def test_it_rejects_an_unknown_field_and_suggests_the_one_that_was_meant() -> None:
    with pytest.raises(InvalidEnvironmentError, match="Was trt_version meant"):
        Environment.from_json({"trt_versoin": "10.3.0"})


def test_versions_stay_as_they_were_given() -> None:
    assert Environment(trt_version="10.3.0.30-1").to_json()["trt_version"] == "10.3.0.30-1"


def test_equal_machines_have_one_fingerprint() -> None:
    assert Environment.from_json(T4.to_json()).fingerprint() == T4.fingerprint()


def test_a_fingerprint_is_64_hexadecimal_digits() -> None:
    assert len(bytes.fromhex(T4.fingerprint())) == 32


@pytest.mark.parametrize("field", list(T4.to_json()))
def test_every_field_changes_the_fingerprint(field: str) -> None:
    changed = T4.to_json()
    value = changed[field]
    if isinstance(value, bool):
        changed[field] = not value
    elif isinstance(value, list):
        changed[field] = [*value, "9.9"]
        if field.startswith("gpu_devices"):
            changed |= {"gpu_devices": [*T4.gpu_devices, "a"], "gpu_devices_cc": [*T4.gpu_devices_cc, "9.9"]}
    else:
        changed[field] = "99.1"
    assert Environment.from_json(changed).fingerprint() != T4.fingerprint()


def test_it_can_be_a_key() -> None:
    assert {T4: 1, CPU: 2}[Environment.from_json(CPU.to_json())] == 2
