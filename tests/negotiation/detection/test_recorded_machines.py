"""What detection makes of whole machines on record."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from negotiation.detection import MachineError, RecordedMachine, ThisMachine, detect, record
from negotiation.environment import Environment

RECORDINGS = Path(__file__).parents[2] / "data" / "machines"
GPU_PROVIDERS = ("TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider")


def edited(name: str, **changes):
    """A recording with some of its parts replaced: a mapping is merged, anything else takes its place."""
    recording = json.loads((RECORDINGS / f"{name}.json").read_text())
    for part, value in changes.items():
        recording[part] = {**recording[part], **value} if isinstance(value, dict) else value
    return RecordedMachine(recording)


def test_a_gpu_server(recorded):
    detected = detect(recorded("gpu_server"))
    assert detected.environment == Environment(
        gpu_available=True,
        gpu_devices=("nvidia-a100-sxm4-40gb", "tesla-t4"),
        gpu_devices_cc=("8.0", "7.5"),
        driver_version="570.124.06",
        cuda_version="12.8.0",
        trt_version="10.12.0.36",
        os_version="ubuntu-22.04",
        torch_available=True,
        torch_version="2.8.0",
        torchvision_version="0.23.0",
        onnxruntime_version="1.22.0",
        available_onnx_execution_providers=GPU_PROVIDERS,
        hf_transformers_available=True,
        trt_python_package_available=True,
    )
    assert detected.problems == ()


def test_a_jetson_with_its_hardware_in_sight(recorded):
    detected = detect(recorded("jetson_orin"))
    assert detected.environment == Environment(
        gpu_available=True,
        gpu_devices=("orin",),
        gpu_devices_cc=("8.7",),
        driver_version="540.4.0",
        cuda_version="12.6.0",
        trt_version="10.3.0.30.post1",
        jetson_type="nvidia-jetson-agx-orin",
        l4t_version="36.4.3",
        torch_available=True,
        torch_version="2.5.0a0",
        torchvision_version="0.20.0",
        onnxruntime_version="1.20.0",
        available_onnx_execution_providers=GPU_PROVIDERS,
        hf_transformers_available=True,
        trt_python_package_available=True,
    )
    assert detected.problems == ()


def test_a_jetson_container_that_only_variables_describe(recorded):
    detected = detect(recorded("jetson_xavier"))
    assert detected.environment == Environment(
        gpu_available=True,
        gpu_devices=("xavier",),
        gpu_devices_cc=("7.2",),
        driver_version="35.4.1",
        cuda_version="11.4.298.post1",
        trt_version="8.5.2.post1",
        jetson_type="nvidia-jetson-agx-xavier",
        l4t_version="35.4.1",
        torch_available=True,
        torch_version="2.1.0a0",
        torchvision_version="0.16.0",
        onnxruntime_version="1.18.0",
        available_onnx_execution_providers=GPU_PROVIDERS,
        hf_transformers_available=True,
        trt_python_package_available=True,
    )
    assert detected.problems == ()


def test_a_cpu_machine(recorded):
    detected = detect(recorded("cpu_server"))
    assert detected.environment == Environment(
        cuda_version="13.0.0",
        os_version="debian gnu/linux-12",
        onnxruntime_version="1.32.0",
        available_onnx_execution_providers=("AzureExecutionProvider", "CPUExecutionProvider"),
    )
    assert detected.problems == ()


def test_a_mac_that_can_run_core_ml(recorded):
    environment = detect(recorded("apple_silicon")).environment
    assert environment.coremltools_version == "8.3.0"
    assert environment.os_version == "macos-14.5-arm64-arm-64bit"


@pytest.mark.parametrize("name", [path.stem for path in sorted(RECORDINGS.glob("*.json"))])
def test_a_recording_says_whether_it_is_made_up_and_when_it_was_made(name):
    recording = json.loads((RECORDINGS / f"{name}.json").read_text())
    assert isinstance(recording["synthetic"], bool)
    assert recording["recorded"]


def test_a_report_names_the_source_of_every_value(recorded):
    fields = {report.field: report for report in detect(recorded("jetson_orin")).fields}
    assert fields["gpu_devices"].source == "CUDA driver"
    assert fields["trt_version"].source == "dpkg libnvinfer-bin"
    assert fields["l4t_version"].source == "/etc/nv_tegra_release"
    assert fields["jetson_type"].source == "lshw"
    assert fields["coremltools_version"].source is None


def test_a_report_has_one_line_for_every_field_in_their_order(recorded):
    detected = detect(recorded("gpu_server"))
    names = [field.name for field in dataclasses.fields(Environment)]
    assert [report.field for report in detected.fields] == names


def test_a_report_is_json_that_holds_the_environment(recorded):
    detected = detect(recorded("gpu_server"))
    document = json.loads(json.dumps(detected.to_json()))
    assert Environment.from_json(document["environment"]) == detected.environment


def test_nvml_lists_devices_where_the_cuda_driver_is_missing():
    machine = edited("gpu_server", commands={"cuda devices": {"status": 0, "text": '{"devices": null, "error": 0}'}})
    detected = detect(machine)
    assert detected.environment.gpu_devices == ("tesla-t4", "nvidia-a100-sxm4-40gb")
    assert any("order may differ" in problem for problem in detected.problems)


def test_nvml_calls_the_gpu_of_a_jetson_by_its_short_name():
    machine = edited("jetson_orin", commands={"cuda devices": {"status": 0, "text": '{"devices": null, "error": 0}'}})
    assert detect(machine).environment.gpu_devices == ("orin",)


def test_devices_that_the_cuda_driver_hides_are_not_there():
    hidden = {"status": 0, "text": '{"devices": [], "error": 100}'}
    detected = detect(edited("gpu_server", commands={"cuda devices": hidden}))
    assert detected.environment.gpu_devices == ()
    assert detected.problems == ()


def test_a_toolkit_newer_than_the_driver_counts_as_what_the_driver_can_run():
    machine = edited(
        "gpu_server", commands={"cuda library": {"status": 0, "text": '{"runtime": 13000, "driver": 12080}'}}
    )
    detected = detect(machine)
    assert detected.environment.cuda_version == "12.8.0"
    assert any("13.0.0 is installed" in problem for problem in detected.problems)


def test_a_package_revision_does_not_make_cuda_newer_than_its_driver():
    commands = {"cuda library": {"status": 0, "text": '{"runtime": null, "driver": 12080}'}}
    detected = detect(edited("gpu_server", commands=commands))
    assert detected.environment.cuda_version == "12.8.90.post1"
    assert detected.problems == ()


def test_cuda_of_torch_counts_where_nothing_else_is_installed():
    commands = {
        "cuda library": {"status": 0, "text": '{"runtime": null, "driver": null}'},
        "dpkg cuda-cudart": {"status": 1, "text": ""},
    }
    assert detect(edited("gpu_server", commands=commands)).environment.cuda_version == "12.8"


def test_removed_packages_do_not_count():
    commands = {"dpkg libnvinfer-bin": {"status": 0, "text": "rc  libnvinfer-bin 8.6.1.6-1+cuda12.0\n"}}
    assert detect(edited("gpu_server", commands=commands)).environment.trt_version == "10.12.0.36"


def test_a_package_version_that_is_cut_off_does_not_count():
    commands = {"dpkg libnvinfer-bin": {"status": 0, "text": "ii  libnvinfer-bin 10.1"}}
    detected = detect(edited("gpu_server", commands=commands))
    assert detected.environment.trt_version == "10.12.0.36"
    assert any("cut off" in problem for problem in detected.problems)


def test_a_lean_runtime_counts_as_tensorrt():
    packages = {"tensorrt": {"importable": False}, "tensorrt_lean": {"importable": True, "version": "10.9.0.34"}}
    environment = detect(edited("gpu_server", packages=packages)).environment
    assert environment.trt_python_package_available
    assert environment.trt_version == "10.9.0.34"


def test_a_jetson_declared_not_to_be_one_is_none():
    environment = detect(edited("jetson_orin", variables={"RUNNING_ON_JETSON": "false"})).environment
    assert (environment.jetson_type, environment.l4t_version) == (None, None)
    assert environment.os_version == "ubuntu-22.04"


def test_an_unknown_declared_jetson_is_reported_and_the_hardware_is_asked():
    detected = detect(edited("jetson_orin", variables={"JETSON_MODULE": "NVIDIA Jetson Thor"}))
    assert detected.environment.jetson_type == "nvidia-jetson-agx-orin"
    assert any(problem.startswith("JETSON_MODULE: not a known Jetson") for problem in detected.problems)


def test_the_device_tree_tells_the_jetson_where_lshw_is_missing():
    assert detect(edited("jetson_orin", commands={"lshw": None})).environment.jetson_type == "nvidia-jetson-agx-orin"


def test_a_jetson_without_l4t_is_warned_about():
    machine = edited("jetson_orin", files={"/etc/nv_tegra_release": None})
    assert any("L4T_VERSION" in problem for problem in detect(machine).problems)


def test_an_industrial_xavier_is_not_taken_for_a_plain_one():
    variables = {"JETSON_MODULE": "NVIDIA Jetson AGX Xavier Industrial"}
    environment = detect(edited("jetson_xavier", variables=variables)).environment
    assert environment.jetson_type == "nvidia-jetson-agx-xavier-industrial"


def test_a_declared_provider_preference_is_kept_in_order():
    variables = {"ONNXRUNTIME_EXECUTION_PROVIDERS": "[CPUExecutionProvider, CUDAExecutionProvider,]"}
    environment = detect(edited("cpu_server", variables=variables)).environment
    assert environment.onnx_default_execution_providers == ("CPUExecutionProvider", "CUDAExecutionProvider")


def test_coremltools_without_its_runtime_library_runs_nothing():
    detected = detect(edited("apple_silicon", package_files={"coremltools": []}))
    assert detected.environment.coremltools_version is None
    assert any("cannot run them" in problem for problem in detected.problems)


def test_core_ml_needs_a_recent_macos():
    platform = {"macos_version": "12.7"}
    assert detect(edited("apple_silicon", platform=platform)).environment.coremltools_version is None


def test_it_rejects_a_document_that_is_no_recording():
    with pytest.raises(MachineError, match="not a recording"):
        RecordedMachine({"format": "something-else"})


def test_a_recording_of_this_machine_replays_as_this_machine():
    recording = json.loads(json.dumps(record(ThisMachine(30), "This machine", "2026-11-28")))
    assert detect(RecordedMachine(recording)).environment == detect().environment
