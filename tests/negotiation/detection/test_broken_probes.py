"""One source breaks in one way: the others still answer, the problem is noted, and nobody waits long."""

from __future__ import annotations

import threading
import time

import pytest

from negotiation.detection import detect
from negotiation.detection.machine import Output
from negotiation.detection.probes import PROBES
from negotiation.environment import Environment

LIMIT_SECONDS = 0.4
# Generous, because a busy machine starts threads late; a hang that counted would take thirty seconds.
PATIENCE_SECONDS = 5.0


class Sabotaged:
    """A machine of which one source, named by its command, file, package or variable, is broken."""

    def __init__(self, machine, broken, fault):
        self._machine, self._broken, self._fault = machine, broken, fault

    def __getattr__(self, method):
        ask = getattr(self._machine, method)

        def ask_or_break(*arguments):
            name = getattr(arguments[0], "name", arguments[0]) if arguments else method
            if self._broken in (name, "everything"):
                return self._fault(lambda: ask(*arguments))
            return ask(*arguments)

        return ask_or_break


def hang(ask):
    threading.Event().wait(30)


def fail(ask):
    raise RuntimeError("/a/path/that/must/not/show")


def exit_the_interpreter(ask):
    raise SystemExit(1)


def rewritten(rewrite):
    def fault(ask):
        answer = ask()
        return Output(answer.status, rewrite(answer.text)) if isinstance(answer, Output) else rewrite(answer)

    return fault


garbage = rewritten(lambda text: "\x00\ufffd}{ =\n" * 50)
truncated = rewritten(lambda text: text[: len(text) // 2])
other_json = rewritten(lambda text: '{"devices": [1, {"name": 7}], "runtime": "x", "version": [], "providers": 5}')

DEVICES = {"gpu_available", "gpu_devices", "gpu_devices_cc"}
ONNX_RUNTIME = {"onnxruntime_version", "available_onnx_execution_providers"}
# Each source of the recorded machine, and the only fields that may suffer when it breaks.
COMMANDS = {
    "cuda devices": DEVICES,
    "nvml devices": set(),
    "cuda library": {"cuda_version"},
    "onnx runtime": ONNX_RUNTIME,
    "dpkg cuda-cudart": set(),
    "dpkg libnvinfer-bin": {"trt_version"},
    "lshw": set(),
}
FILES = {
    "/proc/driver/nvidia/version": {"driver_version"},
    "/proc/device-tree/model": set(),
    "/etc/nv_tegra_release": {"l4t_version"},
}
PACKAGES = {
    "torch": {"torch_available", "torch_version"},
    "torchvision": {"torchvision_version"},
    "onnxruntime": ONNX_RUNTIME,
    "transformers": {"hf_transformers_available"},
    "tensorrt": {"trt_python_package_available"},
}
VARIABLES = {
    "JETSON_MODULE": set(),
    "L4T_VERSION": set(),
    "RUNNING_ON_JETSON": set(),
    "ONNXRUNTIME_EXECUTION_PROVIDERS": set(),
}
SOURCES = {**COMMANDS, **FILES, **PACKAGES, **VARIABLES}


def changed_fields(detected, healthy):
    before, after = healthy.environment.to_json(), detected.environment.to_json()
    return {name for name in before if before[name] != after[name]}


@pytest.fixture(scope="module")
def healthy(recorded):
    return detect(recorded("jetson_orin"))


@pytest.mark.parametrize("fault", [fail, exit_the_interpreter], ids=["exception", "exit"])
@pytest.mark.parametrize("source", SOURCES)
def test_a_failing_source_takes_only_its_own_fields_with_it(recorded, healthy, source, fault):
    detected = detect(Sabotaged(recorded("jetson_orin"), source, fault))
    assert changed_fields(detected, healthy) <= SOURCES[source]
    assert detected.problems


@pytest.mark.parametrize("source", SOURCES)
def test_a_hanging_source_takes_only_its_own_fields_with_it_and_no_time(recorded, healthy, source):
    started = time.monotonic()
    detected = detect(Sabotaged(recorded("jetson_orin"), source, hang), LIMIT_SECONDS)
    assert time.monotonic() - started < PATIENCE_SECONDS
    assert changed_fields(detected, healthy) <= SOURCES[source]
    assert any("no answer within 0.4 s" in problem for problem in detected.problems)


@pytest.mark.parametrize("fault", [garbage, truncated, other_json], ids=["garbage", "truncated", "other-json"])
@pytest.mark.parametrize("source", {**COMMANDS, **FILES})
def test_a_source_that_talks_nonsense_takes_only_its_own_fields_with_it(recorded, healthy, source, fault):
    detected = detect(Sabotaged(recorded("jetson_orin"), source, fault))
    suffering = changed_fields(detected, healthy)
    assert suffering <= SOURCES[source]
    # Nonsense is never passed on as a value: what suffers is "not there", or comes from another source.
    for name in suffering:
        report = next(report for report in detected.fields if report.field == name)
        assert not report.value or report.source != source


@pytest.mark.parametrize("fault", [garbage, truncated, other_json], ids=["garbage", "truncated", "other-json"])
@pytest.mark.parametrize("source", ["cuda devices", "nvml devices", "cuda library", "onnx runtime"])
def test_an_answer_that_cannot_be_read_is_noted(recorded, source, fault):
    assert detect(Sabotaged(recorded("jetson_orin"), source, fault)).problems


@pytest.mark.parametrize(
    ("variable", "value"),
    [("L4T_VERSION", "newest"), ("RUNNING_ON_JETSON", "perhaps"), ("ONNXRUNTIME_EXECUTION_PROVIDERS", "a\x00b")],
)
def test_a_senseless_variable_is_noted_and_left_out(recorded, healthy, variable, value):
    detected = detect(Sabotaged(recorded("jetson_orin"), variable, lambda ask: value))
    assert detected.environment == healthy.environment
    assert any(problem.startswith(variable) for problem in detected.problems)


def test_a_process_that_crashes_is_noted_with_its_signal(recorded):
    crashed = Sabotaged(recorded("jetson_orin"), "onnx runtime", lambda ask: Output(-11, ""))
    detected = detect(crashed)
    assert detected.environment.onnxruntime_version is None
    assert any("signal 11" in problem for problem in detected.problems)


def test_the_text_of_an_unforeseen_exception_is_kept_out_of_the_report(recorded):
    detected = detect(Sabotaged(recorded("jetson_orin"), "onnx runtime", fail))
    assert "must/not/show" not in str(detected.to_json())


def test_a_machine_on_which_everything_hangs_is_described_as_offering_nothing(recorded):
    started = time.monotonic()
    detected = detect(Sabotaged(recorded("jetson_orin"), "everything", hang), LIMIT_SECONDS)
    assert time.monotonic() - started < PATIENCE_SECONDS
    assert detected.environment == Environment()
    assert [report.name for report in detected.probes if report.problem] == [probe.name for probe in PROBES]


def test_a_machine_on_which_everything_fails_is_described_as_offering_nothing(recorded):
    detected = detect(Sabotaged(recorded("jetson_orin"), "everything", fail))
    assert detected.environment == Environment()
    assert all(report.problem == "failed with RuntimeError" for report in detected.probes)
