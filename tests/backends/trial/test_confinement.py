"""What a confined process can still do, tried in one."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from backends.trial import landlock
from backends.trial.confinement import CODE

CHILD = """
import json, os, socket, subprocess, sys
from pathlib import Path
import backends, negotiation
from backends.trial.confinement import confine

folder, port, parent = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
unconfined = confine(folder / "package", folder / "scratch", seconds=20)

def outcome(action):
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return "done"

import backends.registry, numpy, onnxruntime
print(json.dumps({
    "unconfined": unconfined,
    "package": outcome((folder / "package" / "weights.onnx").read_bytes),
    "write to the package": outcome(lambda: (folder / "package" / "weights.onnx").write_bytes(b"")),
    "scratch": outcome(lambda: (folder / "scratch" / "x").write_bytes(b"x")),
    "secret": outcome((folder / "secret_key").read_bytes),
    "list": outcome(lambda: os.listdir(folder)),
    "environment": outcome(Path("/proc", parent, "environ").read_bytes),
    "passwords": outcome(Path("/etc/shadow").read_bytes),
    "network": outcome(lambda: socket.create_connection(("127.0.0.1", port), 2)),
    "program": outcome(lambda: subprocess.run([sys.executable, "-c", ""], check=True)),
    "signal": outcome(lambda: os.kill(int(parent), 0)),
}))
"""


@pytest.fixture(scope="module")
def confined(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of each attempt: "done", or the name of the error."""
    folder = tmp_path_factory.mktemp("confined")
    for name in ("package", "scratch"):
        (folder / name).mkdir()
    (folder / "package" / "weights.onnx").write_bytes(b"weights")
    (folder / "secret_key").write_bytes(b"secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        finished = subprocess.run(
            [sys.executable, "-c", CHILD, str(folder), port, str(os.getpid())],
            capture_output=True,
            cwd=folder / "scratch",
            env={"PYTHONPATH": str(CODE), "PATH": "/usr/bin:/bin"},
            timeout=60,
            check=False,
        )
    assert finished.returncode == 0, finished.stderr.decode()
    found: dict[str, Any] = json.loads(finished.stdout)
    return found


@pytest.fixture
def without_files(confined: dict[str, Any]) -> dict[str, Any]:
    if "files" in confined["unconfined"]:
        pytest.skip("this kernel has no Landlock")
    return confined


def test_it_reads_the_package_and_writes_its_scratch(confined: dict[str, Any]) -> None:
    assert (confined["package"], confined["scratch"]) == ("done", "done")


@pytest.mark.parametrize(
    "attempt", ["secret", "list", "write to the package", "environment", "passwords", "program", "signal"]
)
def test_it_reaches_nothing_else(without_files: dict[str, Any], attempt: str) -> None:
    if attempt == "signal" and os.uname().release < "6.12":
        pytest.skip("older kernels let signals out")
    assert without_files[attempt] == "PermissionError"


def test_it_reaches_no_network(confined: dict[str, Any]) -> None:
    if {"network", "files"} <= set(confined["unconfined"]):
        pytest.skip("this kernel lets nobody leave the network")
    assert confined["network"] != "done"


def test_where_the_kernel_has_no_landlock_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert landlock.restrict([Path("/")], []) is False
