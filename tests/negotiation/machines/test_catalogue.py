from __future__ import annotations

import datetime

import pytest

from negotiation.machines import UnknownMachineError, catalogue, find_machine
from negotiation.versions import parse_version

NAMES = [
    "cpu-server",
    "nvidia-t4",
    "nvidia-l4",
    "nvidia-a10g",
    "nvidia-l40s",
    "nvidia-a100",
    "nvidia-h100",
    "nvidia-h200",
    "nvidia-rtx-4090",
    "jetson-agx-orin",
    "jetson-agx-xavier",
]


def test_it_holds_the_machines_that_people_have():
    assert [machine.name for machine in catalogue()] == NAMES


@pytest.mark.parametrize("machine", catalogue(), ids=lambda machine: machine.name)
def test_every_machine_is_dated_and_sourced(machine):
    assert machine.source
    assert datetime.date(2020, 1, 1) < machine.dated < datetime.date(2030, 1, 1)


@pytest.mark.parametrize("machine", catalogue(), ids=lambda machine: machine.name)
def test_a_machine_is_a_jetson_with_l4t_or_has_an_operating_system(machine):
    environment = machine.environment
    is_jetson = environment.jetson_type is not None
    assert is_jetson == (environment.l4t_version is not None) == (environment.os_version is None)
    assert is_jetson == machine.name.startswith("jetson-")


@pytest.mark.parametrize("machine", catalogue()[1:], ids=lambda machine: machine.name)
def test_every_machine_with_a_gpu_can_use_it(machine):
    environment = machine.environment
    assert environment.gpu_available
    assert environment.available_onnx_execution_providers[:2] == (
        "TensorrtExecutionProvider",
        "CUDAExecutionProvider",
    )
    assert environment.trt_python_package_available
    assert environment.driver_version is not None
    assert environment.cuda_version is not None


@pytest.mark.parametrize("machine", catalogue(), ids=lambda machine: machine.name)
def test_onnx_runtime_is_one_that_the_client_accepts(machine):
    version = parse_version(machine.environment.onnxruntime_version)
    assert parse_version("1.17") <= version < parse_version("1.23")


def test_a_machine_is_found_by_name():
    assert find_machine("nvidia-t4").environment.gpu_devices == ("tesla-t4",)


def test_a_misspelt_name_gets_a_suggestion():
    with pytest.raises(UnknownMachineError, match="Was nvidia-l40s meant"):
        find_machine("nvidia-l40")
