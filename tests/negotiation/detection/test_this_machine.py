"""The real machine under the tests, whatever it is, and the guards around its commands."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import pytest

from negotiation.detection import MachineError, ThisMachine, detect
from negotiation.detection.machine import MAX_FILE_BYTES, Command

ROOT = Path(__file__).parents[3]


def python(program: str) -> Command:
    return Command("test", (sys.executable, "-c", program))


def run_module(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "negotiation.detection", *arguments],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


@pytest.fixture(scope="module")
def detected():
    return detect()


def test_no_probe_crashes_or_hangs_on_this_machine(detected):
    broken = ("failed with", "no answer within", "was ended by signal", "ended with status")
    assert [problem for problem in detected.problems if any(word in problem for word in broken)] == []


@pytest.mark.skipif(not Path("/etc/os-release").exists(), reason="this system has no /etc/os-release")
def test_the_operating_system_is_the_one_in_its_release_file(detected):
    release = platform.freedesktop_os_release()
    if detected.environment.jetson_type is None:
        assert detected.environment.os_version == f"{release['NAME']}-{release['VERSION_ID']}".lower()


@pytest.mark.skipif(importlib.util.find_spec("onnxruntime") is None, reason="ONNX Runtime is not installed")
def test_onnx_runtime_tells_its_version_and_can_use_the_processor(detected):
    import onnxruntime

    assert detected.environment.onnxruntime_version == onnxruntime.__version__
    assert list(detected.environment.available_onnx_execution_providers) == onnxruntime.get_available_providers()


def test_torch_is_there_exactly_if_it_is_installed(detected):
    assert detected.environment.torch_available == (importlib.util.find_spec("torch") is not None)


def test_devices_are_there_exactly_if_the_driver_is(detected):
    driver_loaded = Path("/proc/driver/nvidia/version").exists() or Path("/etc/nv_tegra_release").exists()
    if not driver_loaded:
        assert detected.environment.gpu_devices == ()
    assert detected.environment.gpu_available == bool(detected.environment.gpu_devices)


def test_detection_prints_its_report_as_json():
    report = json.loads(run_module().stdout)
    assert {"environment", "fingerprint", "fields", "probes", "problems", "milliseconds"} == set(report)


def test_detection_records_this_machine(tmp_path):
    run_module("--recording", str(tmp_path / "machine.json"), "--title", "Mine")
    recording = json.loads((tmp_path / "machine.json").read_text())
    assert (recording["title"], recording["synthetic"]) == ("Mine", False)


def test_torch_is_found_without_being_imported(tmp_path):
    torch = tmp_path / "torch"
    torch.mkdir()
    (torch / "__init__.py").write_text(f"open({str(tmp_path / 'imported')!r}, 'w')")
    (torch / "version.py").write_text("__version__ = '9.8.7+cu130'\ncuda: str = '13.0'\n")
    environment = json.loads(run_module("--environment", PYTHONPATH=str(tmp_path)).stdout)
    assert (environment["torch_available"], environment["torch_version"]) == (True, "9.8.7")
    assert not (tmp_path / "imported").exists()


def test_a_stray_folder_is_not_taken_for_an_installed_package(tmp_path):
    (tmp_path / "tensorrt").mkdir()
    environment = json.loads(run_module("--environment", PYTHONPATH=str(tmp_path)).stdout)
    assert environment["trt_python_package_available"] == (importlib.util.find_spec("tensorrt") is not None)


def test_nvml_is_asked_through_its_python_binding(tmp_path):
    (tmp_path / "pynvml.py").write_text(
        "class NVMLError(Exception): pass\n"
        "class NVMLError_LibraryNotFound(NVMLError): pass\n"
        "class NVMLError_DriverNotLoaded(NVMLError): pass\n"
        "nvmlInit = nvmlShutdown = lambda: None\n"
        "nvmlDeviceGetCount = lambda: 1\n"
        "nvmlDeviceGetHandleByIndex = lambda index: index\n"
        "nvmlDeviceGetName = lambda handle: b'NVIDIA L4'\n"
        "nvmlDeviceGetCudaComputeCapability = lambda handle: (8, 9)\n"
    )
    report = json.loads(run_module(PYTHONPATH=str(tmp_path)).stdout)
    probe = next(probe for probe in report["probes"] if probe["name"] == "nvml_devices")
    assert probe["value"] == [{"name": "nvidia-l4", "compute_capability": "8.9"}]


def test_a_command_that_hangs_is_ended(tmp_path):
    started = time.monotonic()
    with pytest.raises(MachineError, match=r"no answer within 0\.5 s"):
        ThisMachine(0.5).run(python("import time; time.sleep(60)"))
    assert time.monotonic() - started < 10


@pytest.mark.skipif(os.name != "posix", reason="process groups are POSIX")
def test_what_a_hanging_command_started_is_ended_with_it(tmp_path):
    mark = tmp_path / "survived"
    grandchild = f"import time; time.sleep(1); open({str(mark)!r}, 'w')"
    with pytest.raises(MachineError):
        ThisMachine(0.5).run(python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}])"))
    time.sleep(1.5)
    assert not mark.exists()


def test_a_command_that_never_stops_talking_is_ended():
    with pytest.raises(MachineError, match="too long"):
        ThisMachine(30).run(python("while True: print('x' * 1000)"))


def test_a_command_that_is_not_installed_gives_nothing():
    assert ThisMachine().run(Command("test", ("no-such-command-anywhere",))) is None


def test_only_the_lines_that_are_asked_for_leave_the_machine():
    program = "print('serial: 123'); print('product: NVIDIA Jetson Nano HDA'); print('uuid: 456')"
    command = Command("test", (sys.executable, "-c", program), keep="product: NVIDIA Jetson")
    assert ThisMachine().run(command).text == "product: NVIDIA Jetson Nano HDA\n"


def test_a_file_that_is_missing_gives_nothing(tmp_path):
    assert ThisMachine().file(str(tmp_path / "missing")) is None


def test_only_the_start_of_a_long_file_is_read(tmp_path):
    (tmp_path / "long").write_bytes(b"x" * (MAX_FILE_BYTES + 1))
    assert len(ThisMachine().file(str(tmp_path / "long"))) == MAX_FILE_BYTES


def test_an_installed_distribution_tells_its_version():
    assert ThisMachine().package("packaging").version == importlib.metadata.version("packaging")
