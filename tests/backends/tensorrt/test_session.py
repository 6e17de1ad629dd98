"""The TensorRT session against a stand-in for the library.

No engine has been run in these tests: there is no NVIDIA GPU where they run. What they hold fast is the order of the
calls, the choice of profiles, shapes and outputs, and what is said when something is refused. The names that are
called were compared with those of the lean runtime, tensorrt_lean 11.4.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from backends.errors import (
    BadTensor,
    DeviceUnavailable,
    ModelClosed,
    OutOfMemory,
    PackageDamaged,
    RuntimeMissing,
    UnsupportedPackage,
)
from backends.session import BatchPolicy, NetworkFiles, SessionOptions
from backends.tensorrt import TensorRtSession
from backends.tensorrt import library as library_module
from backends.tensorrt import session as session_module
from backends.tensorrt.device_memory import DeviceMemory

HEADER = b"ftrt" + bytes(20) + bytes([10, 3, 0, 26]) + bytes(40)
GPU = SessionOptions(device="cuda:0")


class FakeContext:
    def __init__(self, engine: FakeEngine) -> None:
        self.engine = engine
        self.profile: int | None = None
        self.shape: tuple[int, ...] = ()

    def set_optimization_profile_async(self, index: int, stream: int) -> bool:
        self.profile = index
        return True

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        self.shape = tuple(shape)
        return True

    def set_tensor_address(self, name: str, address: int) -> bool:
        self.engine.addresses[name] = address
        return True

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return (self.shape[0], *self.engine.tensors[name][1:])

    def execute_async_v3(self, stream: int) -> bool:
        self.engine.runs.append((self.profile, self.shape))
        return not self.engine.fails


class FakeEngine:
    device_memory_size_v2 = 1000

    def __init__(self, batch: int = -1, fails: bool = False) -> None:
        self.tensors = {"images": (batch, 3, 8, 8), "output1": (batch, 2), "output0": (batch, 6, 4)}
        self.profiles = [((1, 3, 8, 8), (1, 3, 8, 8), (2, 3, 8, 8)), ((1, 3, 8, 8), (8, 3, 8, 8), (8, 3, 8, 8))]
        self.addresses: dict[str, int] = {}
        self.runs: list[tuple[int | None, tuple[int, ...]]] = []
        self.contexts = 0
        self.fails = fails

    num_io_tensors = 3
    num_optimization_profiles = 2

    def get_tensor_name(self, index: int) -> str:
        return list(self.tensors)[index]

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return self.tensors[name]

    def get_tensor_dtype(self, name: str) -> str:
        return "float"

    def get_tensor_mode(self, name: str) -> str:
        return "input" if name == "images" else "output"

    def get_tensor_profile_shape(self, name: str, index: int) -> list[tuple[int, ...]]:
        return list(self.profiles[index])

    def create_execution_context(self) -> FakeContext:
        self.contexts += 1
        return FakeContext(self)


class FakeMemory(DeviceMemory):
    """Host memory in the place of the device's; downloads give ones."""

    def __init__(self, device_index: int) -> None:
        self.sizes: dict[str, int] = {}
        self.uploads: list[np.ndarray] = []
        self.depth = 0
        self.closed = False

    @property
    def stream(self) -> int:
        return 7

    def reserve(self, name: str, size: int) -> int:
        assert self.depth == 1
        self.sizes[name] = size
        return 100 + len(self.sizes)

    def upload(self, name: str, array: np.ndarray) -> None:
        self.uploads.append(array.copy())

    def download(self, name: str, array: np.ndarray) -> None:
        array[...] = 1

    def synchronize(self) -> None:
        assert self.depth == 1

    def enter(self) -> None:
        self.depth += 1

    def leave(self) -> None:
        self.depth -= 1

    def close(self) -> None:
        self.closed = True


def _library(engine: FakeEngine | None, complaint: str = "") -> Any:
    """A module with the names of TensorRT that are used; it answers ``engine``, or None after a complaint."""

    class ILogger:
        ERROR, INTERNAL_ERROR, INFO = 1, 0, 3

    class Runtime:
        engine_host_code_allowed = False

        def __init__(self, log: Any) -> None:
            self.log = log

        def deserialize_cuda_engine(self, content: bytes) -> FakeEngine | None:
            if complaint:
                self.log.log(ILogger.ERROR, complaint)
            return engine

    return SimpleNamespace(
        __version__="10.13.0",
        ILogger=ILogger,
        Runtime=Runtime,
        TensorIOMode=SimpleNamespace(INPUT="input"),
        nptype=lambda name: np.float32,
    )


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "engine.plan").write_bytes(HEADER)
    document = {"dynamic_batch_size_min": 1, "dynamic_batch_size_opt": 4, "dynamic_batch_size_max": 8}
    (tmp_path / "trt_config.json").write_text(json.dumps(document))
    return tmp_path


def _load(
    monkeypatch: pytest.MonkeyPatch,
    package: Path,
    engine: FakeEngine | None,
    complaint: str = "",
    output_names: tuple[str, ...] = ("output0", "output1"),
) -> TensorRtSession:
    monkeypatch.setattr(session_module, "import_tensorrt", lambda: _library(engine, complaint))
    monkeypatch.setattr(session_module, "open_device_memory", FakeMemory)
    return TensorRtSession(NetworkFiles(package, "engine.plan", output_names=output_names), GPU)


def _images(count: int) -> np.ndarray:
    return np.zeros((count, 3, 8, 8), dtype=np.float32)


def test_outputs_come_in_the_order_of_the_family(monkeypatch: pytest.MonkeyPatch, package: Path) -> None:
    session = _load(monkeypatch, package, FakeEngine())
    assert [spec.name for spec in session.outputs] == ["output0", "output1"]
    assert [output.shape for output in session.run(_images(3))] == [(3, 6, 4), (3, 2)]


def test_all_outputs_have_an_address(monkeypatch: pytest.MonkeyPatch, package: Path) -> None:
    engine = FakeEngine()
    _load(monkeypatch, package, engine, output_names=("output0",)).run(_images(1))
    assert set(engine.addresses) == {"images", "output0", "output1"}


def test_each_profile_gets_one_context(monkeypatch: pytest.MonkeyPatch, package: Path) -> None:
    engine = FakeEngine()
    session = _load(monkeypatch, package, engine)
    for count in (1, 8, 1, 6):
        session.run(_images(count))
    assert [profile for profile, _ in engine.runs] == [0, 1, 0, 1]
    assert engine.contexts == 2


def test_a_large_batch_is_split(monkeypatch: pytest.MonkeyPatch, package: Path) -> None:
    engine = FakeEngine()
    session = _load(monkeypatch, package, engine)
    assert session.batch_policy == BatchPolicy(1, 8)
    assert len(session.run(_images(19))[0]) == 19
    assert [shape[0] for _, shape in engine.runs] == [8, 8, 3]


def test_a_static_batch_is_filled_up(monkeypatch: pytest.MonkeyPatch, package: Path) -> None:
    (package / "trt_config.json").write_text('{"static_batch_size": 4}')
    engine = FakeEngine(batch=4)
    session = _load(monkeypatch, package, engine)
    assert len(session.run(_images(5))[0]) == 5
    assert [shape[0] for _, shape in engine.runs] == [4, 4]


def test_it_rejects_shapes_that_the_engine_does_not_take(monkeypatch: pytest.MonkeyPatch, package: Path) -> None:
    session = _load(monkeypatch, package, FakeEngine())
    with pytest.raises(BadTensor):
        session.run_tensors({"images": _images(9)})


def test_a_failed_run_is_reported(monkeypatch: pytest.MonkeyPatch, package: Path) -> None:
    from backends.errors import InferenceFailed

    session = _load(monkeypatch, package, FakeEngine(fails=True))
    with pytest.raises(InferenceFailed):
        session.run(_images(1))


def test_a_closed_session_gives_its_memory_back(monkeypatch: pytest.MonkeyPatch, package: Path) -> None:
    session = _load(monkeypatch, package, FakeEngine())
    assert session.memory_estimate > 1000
    session.close()
    assert session.memory_estimate == 0
    with pytest.raises(ModelClosed):
        session.run(_images(1))


@pytest.mark.parametrize(
    ("complaint", "error"),
    [
        ("Version tag does not match", UnsupportedPackage),
        ("Error: out of memory", OutOfMemory),
    ],
)
def test_refusals_of_the_library_are_explained(
    monkeypatch: pytest.MonkeyPatch, package: Path, complaint: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        _load(monkeypatch, package, None, complaint)


@pytest.mark.parametrize(
    ("complaint", "error"),
    [
        ("engine was built for another compute capability", UnsupportedPackage),
        ("lean runtime needs host code", UnsupportedPackage),
        ("Serialization assertion failed", PackageDamaged),
    ],
)
def test_refusals_of_the_right_version_are_explained(
    monkeypatch: pytest.MonkeyPatch, package: Path, complaint: str, error: type[Exception]
) -> None:
    (package / "engine.plan").write_bytes(b"ftrt" + bytes(20) + bytes([10, 13, 0, 1]))
    with pytest.raises(error):
        _load(monkeypatch, package, None, complaint)


def test_it_rejects_an_engine_without_the_outputs(monkeypatch: pytest.MonkeyPatch, package: Path) -> None:
    with pytest.raises(PackageDamaged, match="dets"):
        _load(monkeypatch, package, FakeEngine(), output_names=("dets", "labels"))


def test_it_needs_a_gpu(monkeypatch: pytest.MonkeyPatch, package: Path) -> None:
    monkeypatch.setattr(session_module, "import_tensorrt", lambda: _library(FakeEngine()))
    with pytest.raises(DeviceUnavailable):
        TensorRtSession(NetworkFiles(package, "engine.plan"), SessionOptions(device="cpu"))


def test_it_says_when_tensorrt_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("tensorrt", "tensorrt_lean"):
        monkeypatch.setitem(__import__("sys").modules, name, None)
    with pytest.raises(RuntimeMissing):
        library_module.import_tensorrt()


def test_the_lean_runtime_takes_the_place_of_the_full_one(monkeypatch: pytest.MonkeyPatch) -> None:
    lean = SimpleNamespace()
    monkeypatch.setitem(__import__("sys").modules, "tensorrt", None)
    monkeypatch.setitem(__import__("sys").modules, "tensorrt_lean", lean)
    assert library_module.import_tensorrt() is lean
