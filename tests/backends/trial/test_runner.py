"""Trials of real networks in real children."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from backends.trial.request import MEBIBYTE, TrialLimits, TrialRequest
from backends.trial.result import FAILED, NOT_TRIED, PASSED, Trial
from backends.trial.runner import try_package
from tests.backends.networks import SIDE, constant_network, raw_detections, write_package
from tests.cases import REPOSITORY, case

LIMITS = TrialLimits(seconds=60, memory_bytes=512 * MEBIBYTE)
DETECTION = raw_detections((20, 20, 10, 10, 1, 0.9), (40, 40, 8, 8, 0, 0.6), (5, 5, 2, 2, 0, 0.1))


def tried(directory: Path, limits: TrialLimits = LIMITS, **request: Any) -> Trial:
    details = {"architecture": "yolov8", "task": "object-detection", "backend": "onnx", **request}
    return try_package(TrialRequest(directory, **details), limits)


def network(nodes: Sequence[onnx.NodeProto], *weights: onnx.TensorProto, kind: int = TensorProto.FLOAT) -> Any:
    """A network (1, 3, SIDE, SIDE) of these nodes, from `images` to `output0`."""
    images = helper.make_tensor_value_info("images", kind, [1, 3, SIDE, SIDE])
    output = helper.make_tensor_value_info("output0", kind, None)
    graph = helper.make_graph(nodes, "network", [images], [output], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def loop(body: Sequence[onnx.NodeProto], times: int) -> list[onnx.NodeProto]:
    """Nodes that run ``body``, from `carried` to `next`, so many times on the image."""
    true = helper.make_node("Identity", ["going"], ["on"])
    graph = helper.make_graph(
        [true, *body],
        "body",
        [
            helper.make_tensor_value_info("number", TensorProto.INT64, []),
            helper.make_tensor_value_info("going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("carried", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", TensorProto.FLOAT, None),
        ],
    )
    return [
        helper.make_node("Constant", [], ["times"], value=numpy_helper.from_array(np.array(times, dtype=np.int64))),
        helper.make_node("Constant", [], ["yes"], value=numpy_helper.from_array(np.array(True))),
        helper.make_node("Loop", ["times", "yes", "images"], ["output0"], body=graph),
    ]


def test_a_network_that_its_family_reads_passes_and_says_what_it_took(tmp_path: Path) -> None:
    trial = tried(write_package(tmp_path, constant_network([DETECTION])))
    assert (trial.outcome, trial.reason) == (PASSED, "")
    assert trial.runtime.startswith("ONNX Runtime 1.")
    assert 0 < (trial.seconds or 0) < 60
    assert 0 < (trial.peak_memory_bytes or 0) < LIMITS.memory_bytes


def test_a_static_batch_of_several_images_passes(tmp_path: Path) -> None:
    assert tried(write_package(tmp_path, constant_network([DETECTION], batch=3))).outcome == PASSED


def test_a_network_that_no_family_reads_is_run_on_bare_tensors(tmp_path: Path) -> None:
    write_package(tmp_path, constant_network([DETECTION]))
    trial = tried(tmp_path, architecture="grounding-dino")
    assert trial.outcome == PASSED
    assert "bare tensors" in trial.reason


@pytest.mark.parametrize("output", [DETECTION[None], DETECTION.ravel(), DETECTION[:4]], ids=["3d", "1d", "no scores"])
def test_an_output_of_another_shape_than_the_family_reads_is_named(tmp_path: Path, output: np.ndarray) -> None:
    trial = tried(write_package(tmp_path, constant_network([output])))
    assert (trial.outcome, trial.code) == (FAILED, "network-mismatch")
    assert "output" in trial.reason


def test_an_output_that_is_not_finite_is_named_even_where_no_prediction_comes_of_it(tmp_path: Path) -> None:
    quiet = DETECTION.copy()
    quiet[4:] = 0
    quiet[0, 0] = np.nan
    trial = tried(write_package(tmp_path, constant_network([quiet])))
    assert (trial.outcome, trial.code) == (FAILED, "output-not-finite")
    assert "not finite" in trial.reason


def test_inputs_of_bfloat16_are_named_and_not_the_first_operator_without_them(tmp_path: Path) -> None:
    model = network([helper.make_node("Sigmoid", ["images"], ["output0"])], kind=TensorProto.BFLOAT16)
    trial = tried(write_package(tmp_path, model))
    assert (trial.outcome, trial.code) == (FAILED, "input-unsupported")
    assert "bfloat16" in trial.reason


def test_inputs_of_bfloat16_are_named_where_the_runtime_loads_them(tmp_path: Path) -> None:
    model = network([helper.make_node("Identity", ["images"], ["output0"])], kind=TensorProto.BFLOAT16)
    assert tried(write_package(tmp_path, model)).code == "input-unsupported"


def test_an_operator_without_a_kernel_is_named_and_not_called_damage(tmp_path: Path) -> None:
    write_package(tmp_path, constant_network([DETECTION]))
    (tmp_path / "weights.onnx").write_bytes(case("files/roialign_opset22.onnx").read_bytes())
    trial = tried(tmp_path)
    assert (trial.outcome, trial.code) == (FAILED, "operator-unsupported")
    assert "unsupported operator RoiAlign(22)" in trial.reason
    assert "damaged" not in trial.reason


def test_the_same_network_at_the_opset_before_loads(tmp_path: Path) -> None:
    (tmp_path / "weights.onnx").write_bytes(case("files/roialign_opset21.onnx").read_bytes())
    assert tried(tmp_path, architecture="mask-rcnn", task="instance-segmentation").outcome == PASSED


def test_a_network_newer_than_the_runtime_is_not_tried(tmp_path: Path) -> None:
    model = constant_network([DETECTION])
    model.ir_version = 999
    trial = tried(write_package(tmp_path, model))
    assert (trial.outcome, trial.code, trial.again) == (NOT_TRIED, "runtime-too-old", False)
    assert "999" in trial.reason


def test_bytes_that_are_no_network_are_damaged(tmp_path: Path) -> None:
    write_package(tmp_path, constant_network([DETECTION]))
    (tmp_path / "weights.onnx").write_bytes(b"not a network at all, and not a long one either")
    trial = tried(tmp_path)
    assert (trial.outcome, trial.code) == (FAILED, "package-damaged")


def test_a_network_that_does_not_end_in_time_fails_and_leaves_no_process(tmp_path: Path) -> None:
    # A second of its own here; 10^9 rounds would take minutes.
    model = network(loop([helper.make_node("Cos", ["carried"], ["next"])], 10**9))
    started = time.monotonic()
    trial = tried(write_package(tmp_path, model), TrialLimits(seconds=4, memory_bytes=LIMITS.memory_bytes))
    assert (trial.outcome, trial.code) == (FAILED, "trial-too-slow")
    assert "TRIAL_SECONDS" in trial.reason
    assert time.monotonic() - started < 30
    assert not children()


def test_a_network_whose_memory_grows_fails_within_its_limit(tmp_path: Path) -> None:
    # Twice as much each time: 2 GiB after some fifteen rounds, of which the limit lets it have a part.
    model = network(loop([helper.make_node("Concat", ["carried", "carried"], ["next"], axis=0)], 15))
    trial = tried(write_package(tmp_path, model))
    assert (trial.outcome, trial.code) == (FAILED, "out-of-memory")
    assert "TRIAL_MEMORY_BYTES" in trial.reason
    assert (trial.peak_memory_bytes or 0) <= LIMITS.memory_bytes


def test_what_can_run_code_is_not_tried_before_somebody_trusts_it(tmp_path: Path) -> None:
    trial = tried(tmp_path, backend="torch-script")
    assert (trial.outcome, trial.code) == (NOT_TRIED, "untrusted")


def test_a_backend_that_this_server_does_not_run_is_not_tried(tmp_path: Path) -> None:
    trial = tried(tmp_path, architecture="rfdetr", backend="torch", trusted=True)
    assert (trial.outcome, trial.code) == (NOT_TRIED, "package-unsupported")
    assert "rfdetr" in trial.reason


def test_an_interpreter_that_is_not_there_leaves_packages_untried(tmp_path: Path) -> None:
    write_package(tmp_path, constant_network([DETECTION]))
    trial = tried(tmp_path, TrialLimits(python=str(tmp_path / "python")))
    assert (trial.outcome, trial.code) == (NOT_TRIED, "runtime-missing")


def test_trials_take_turns_and_who_waited_too_long_is_told_to_come_again(tmp_path: Path) -> None:
    slow = write_package(tmp_path / "slow", network(loop([helper.make_node("Cos", ["carried"], ["next"])], 10**9)))
    other = write_package(tmp_path / "other", constant_network([DETECTION]))
    first = threading.Thread(target=tried, args=(slow, TrialLimits(seconds=6)))
    first.start()
    try:
        while not children():
            time.sleep(0.01)
        trial = tried(other, TrialLimits(seconds=0.2))
    finally:
        first.join()
    assert (trial.outcome, trial.code, trial.again) == (NOT_TRIED, "busy", True)


def test_nothing_is_left_in_the_scratch_directory(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    package = write_package(tmp_path / "package", constant_network([DETECTION]))
    request = TrialRequest(package, "yolov8", "object-detection", "onnx")
    assert try_package(request, LIMITS, scratch=scratch).outcome == PASSED
    assert list(scratch.iterdir()) == []


def test_what_ends_its_process_is_named_by_how_it_ended(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nkill -SEGV $$\n")
    python.chmod(0o755)
    write_package(tmp_path / "package", constant_network([DETECTION]))
    trial = tried(tmp_path / "package", TrialLimits(python=str(python)))
    assert (trial.outcome, trial.code) == (FAILED, "trial-died")
    assert "SIGSEGV" in trial.reason


def test_a_server_without_room_for_a_trial_does_not_blame_the_package(tmp_path: Path) -> None:
    request = TrialRequest(tmp_path, "yolov8", "object-detection", "onnx")
    trial = try_package(request, LIMITS, scratch=tmp_path / "gone")
    assert (trial.outcome, trial.again) == (NOT_TRIED, True)


@pytest.fixture
def curious(tmp_path: Path) -> Path:
    """An interpreter that writes down what it was given, and does nothing else."""
    python = tmp_path / "curious"
    python.write_text(f"#!/bin/sh\nenv > '{tmp_path}/environment'\nls -l /proc/$$/fd > '{tmp_path}/files'\n")
    python.chmod(0o755)
    return python


def test_the_child_sees_no_secret_and_no_open_file(
    tmp_path: Path, curious: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "of-the-server")
    monkeypatch.setenv("DATABASE_URL", "postgresql://someone:word@somewhere/db")
    secret = tmp_path / "secret"
    with secret.open("w") as file:
        os.set_inheritable(file.fileno(), True)
        write_package(tmp_path / "package", constant_network([DETECTION]))
        tried(tmp_path / "package", TrialLimits(python=str(curious)))
    environment = (tmp_path / "environment").read_text()
    assert "TMPDIR" in environment
    assert "of-the-server" not in environment
    assert "DATABASE_URL" not in environment
    assert str(secret) not in (tmp_path / "files").read_text()


def test_the_child_ends_with_its_server_however_that_ends(tmp_path: Path) -> None:
    write_package(tmp_path, network(loop([helper.make_node("Cos", ["carried"], ["next"])], 10**9)))
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(tmp_path)], cwd=REPOSITORY)
    try:
        child = wait_for(lambda: next(iter(children(server.pid)), ""))
    finally:
        server.kill()
        server.wait()
    wait_for(lambda: not Path("/proc", child).exists() or "Z" in Path("/proc", child, "stat").read_text())


SERVER = """
import sys
from pathlib import Path
from backends.trial.request import TrialLimits, TrialRequest
from backends.trial.runner import try_package

try_package(TrialRequest(Path(sys.argv[1]), "yolov8", "object-detection", "onnx"), TrialLimits(seconds=60))
"""


def wait_for(found: Callable[[], Any]) -> Any:
    """What ``found`` returns once that is true; for some seconds."""
    for _ in range(1500):
        result = found()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError("it did not happen")


def children(parent: int | None = None) -> list[str]:
    """The trials' processes that ``parent``, or else this process, has."""
    own = str(parent or os.getpid())
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            above = status.read_text().rpartition(")")[2].split()[1]
            arguments = (status.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if above == own and b"backends.trial" in arguments:
            found.append(status.parent.name)
    return found
