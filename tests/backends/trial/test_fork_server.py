"""Children that are forked do what those do that are started: of a process of its own here, which has one thread."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import helper

from backends.trial import preparation
from backends.trial.conditions import conditions_of
from backends.trial.request import MEBIBYTE, TrialLimits, TrialRequest
from backends.trial.result import FAILED, NOT_TRIED, PASSED, Trial
from tests.backends.networks import constant_network, raw_detections, write_package
from tests.backends.trial.test_runner import loop, network, wait_for
from tests.cases import REPOSITORY

DETECTION = raw_detections((20, 20, 10, 10, 1, 0.9), (40, 40, 8, 8, 0, 0.6))

# Requests come as lines of JSON, and are answered by such; a package with a file `crash` crashes.
HOME = """
import ctypes, json, os, sys
from pathlib import Path
import backends.registry, onnx, onnxruntime
from backends.trial import attempt
from backends.trial.fork_server import ForkServer
from backends.trial.request import TrialLimits, TrialRequest

real = attempt.prepare_package

def prepare(directory, *arguments, **options):
    if (directory / "crash").exists():
        ctypes.string_at(0)
    if (directory / "look").exists():
        sys.stderr.write("")
        found = {"environment": dict(os.environ), "niceness": os.getpriority(os.PRIO_PROCESS, 0)}
        found["files"] = sorted(os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd")[:-1])
        Path(arguments[0], "seen").write_text(json.dumps(found))
    return real(directory, *arguments, **options)

attempt.prepare_package = prepare
backends.registry.implementations()
secret = open(sys.argv[1])
os.environ["SECRET_KEY"] = "of-the-server"
server = ForkServer()
print(server.pid, flush=True)
for line in sys.stdin:
    request, limits, scratch, keep = json.loads(line)
    trial = server.try_package(
        TrialRequest.from_json(request), TrialLimits(**limits), scratch=Path(scratch), keep=Path(keep)
    )
    print(json.dumps(trial.to_json()), flush=True)
"""

Try = Callable[..., Trial]


@dataclass(frozen=True)
class Home:
    """The process, and the id of its fork server."""

    process: subprocess.Popen[str]
    server: int


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    secret = tmp_path_factory.mktemp("home") / "secret"
    secret.write_text("secret")
    process = subprocess.Popen(
        [sys.executable, "-c", HOME, str(secret)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    assert process.stdout is not None
    yield Home(process, int(process.stdout.readline()))
    process.kill()
    process.wait()


@pytest.fixture
def tried(home: Home, tmp_path: Path) -> Try:
    """Try the package in a folder; what is kept of it lies in `kept`."""
    (tmp_path / "scratch").mkdir()

    def try_package(directory: Path, seconds: float = 30, memory: int = 512 * MEBIBYTE, **details: Any) -> Trial:
        request = TrialRequest(directory, "yolov8", "object-detection", "onnx", **details)
        limits = TrialLimits(seconds, memory)
        line = [request.to_json(), limits.to_json(), str(tmp_path / "scratch"), str(tmp_path / "kept")]
        process = home.process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(line) + "\n")
        process.stdin.flush()
        return Trial.from_json(json.loads(process.stdout.readline()))

    return try_package


def test_what_passes_is_confined_and_leaves_what_it_prepared(tried: Try, tmp_path: Path) -> None:
    package = write_package(tmp_path / "package", constant_network([DETECTION]))
    trial = tried(package)
    assert (trial.outcome, trial.unconfined) == (PASSED, [])
    assert trial.runtime.startswith("ONNX Runtime")
    found = preparation.find(tmp_path / "kept", package, trial.conditions)
    assert found is not None
    assert "network.onnx" in found.files.files
    assert list((tmp_path / "scratch").iterdir()) == []


def test_this_interpreter_finds_the_same_conditions(tried: Try, tmp_path: Path) -> None:
    package = write_package(tmp_path / "package", constant_network([DETECTION]))
    request = TrialRequest(package, "yolov8", "object-detection", "onnx")
    assert tried(package).conditions == conditions_of(request)
    assert conditions_of(request) != conditions_of(TrialRequest(
        package, "yolov8", "object-detection", "onnx", rewriting=False
    ))  # fmt: skip


def test_a_child_that_crashes_is_told_of_and_leaves_nothing(tried: Try, tmp_path: Path) -> None:
    package = write_package(tmp_path / "package", constant_network([DETECTION]))
    (package / "crash").touch()
    trial = tried(package)
    assert (trial.outcome, trial.code) == (FAILED, "trial-died")
    assert trial.cause == "It ended the process that tried it (SIGSEGV)."
    assert not (tmp_path / "kept").exists()
    (package / "crash").unlink()
    assert tried(package).outcome == PASSED


def test_a_child_that_hangs_is_ended(tried: Try, tmp_path: Path) -> None:
    hanging = network(loop([helper.make_node("Cos", ["carried"], ["next"])], 10**9))
    trial = tried(write_package(tmp_path / "package", hanging), seconds=2)
    assert (trial.outcome, trial.code) == (FAILED, "trial-too-slow")
    assert trial.cause == "It did not end within 2 seconds."


def test_a_child_that_grows_is_ended(tried: Try, tmp_path: Path) -> None:
    growing = network(loop([helper.make_node("Concat", ["carried", "carried"], ["next"], axis=0)], 15))
    trial = tried(write_package(tmp_path / "package", growing))
    assert (trial.outcome, trial.code) == (FAILED, "out-of-memory")


def test_a_child_has_nothing_of_its_server_but_the_libraries(tried: Try, tmp_path: Path) -> None:
    package = write_package(tmp_path / "package", constant_network([DETECTION]))
    (package / "look").touch()
    tried(package)
    seen = json.loads((tmp_path / "kept" / "seen").read_text())
    assert "of-the-server" not in seen["environment"].values()
    assert seen["niceness"] >= 5
    assert not [name for name in seen["files"] if name.endswith("secret") or "socket" in name]


def test_answers_are_looked_at_only_where_that_is_asked_for(tried: Try, tmp_path: Path) -> None:
    bad = np.full_like(DETECTION, np.nan)
    package = write_package(tmp_path / "package", constant_network([bad]))
    assert tried(package).code == "output-not-finite"
    assert tried(package, examined=False).outcome == PASSED


def test_a_folder_that_is_not_there_is_not_the_package_s_fault(tried: Try, tmp_path: Path) -> None:
    package = write_package(tmp_path / "package", constant_network([DETECTION]))
    (tmp_path / "scratch").rmdir()
    trial = tried(package)
    assert (trial.outcome, trial.again) == (NOT_TRIED, True)


def test_the_server_ends_with_the_process_that_made_it(tmp_path: Path) -> None:
    (tmp_path / "secret").touch()
    process = subprocess.Popen(
        [sys.executable, "-c", HOME, str(tmp_path / "secret")], stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    assert process.stdout is not None
    server = Path("/proc", process.stdout.readline().strip())
    assert server.exists()
    process.kill()
    process.wait()
    wait_for(lambda: not server.exists() or "Z" in (server / "stat").read_text())


def test_without_the_server_a_child_is_started_instead(home: Home, tried: Try, tmp_path: Path) -> None:
    os.kill(home.server, signal.SIGKILL)
    wait_for(lambda: "Z" in Path("/proc", str(home.server), "stat").read_text())
    package = write_package(tmp_path / "package", constant_network([DETECTION]))
    assert tried(package).outcome == PASSED
