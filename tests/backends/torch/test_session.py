from __future__ import annotations

import gc
import os
import pickle
import sys
import threading
import weakref
from collections.abc import Callable
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
from backends.torch import TorchSession
from backends.torch.library import import_torch, load_error, read_state_dict, run_error

WEIGHTS = "weights.pth"


def _network(channels: int = 6) -> Any:
    torch = pytest.importorskip("torch")

    class Network(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Conv2d(3, channels, 4)
            self.dropout = torch.nn.Dropout()

        def forward(self, images):  # type: ignore[no-untyped-def]
            return self.dropout(self.layer(images)).mean(dim=(2, 3)), [images.mean(dim=1)]

    return Network()


def _save(directory: Path, content: Any) -> None:
    pytest.importorskip("torch").save(content, directory / WEIGHTS)


def _files(directory: Path, build: Callable[[], Any] | None = _network, **changes: Any) -> NetworkFiles:
    return NetworkFiles(directory, WEIGHTS, **{"input_size": (8, 8), "build_module": build} | changes)


def _load(directory: Path, **changes: Any) -> TorchSession:
    network = _network()
    for value in network.parameters():
        pytest.importorskip("torch").nn.init.constant_(value, 0.5)
    _save(directory, network.state_dict())
    return TorchSession(_files(directory, **changes), SessionOptions())


class Program:
    """What a pickle can do to who reads it: here it makes a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder),)


@pytest.mark.torch
class TestWithTorch:
    @pytest.fixture(autouse=True)
    def _torch(self) -> None:
        pytest.importorskip("torch")

    def test_the_weights_are_those_of_the_file(self, tmp_path: Path) -> None:
        vector, plane = _load(tmp_path).run(np.ones((3, 3, 8, 8), np.float32))
        # 48 values and the bias, all one half; dropout would have changed some.
        np.testing.assert_allclose(vector, np.full((3, 6), 24.5), rtol=1e-6)
        np.testing.assert_array_equal(plane, np.ones((3, 8, 8)))

    def test_larger_batches_are_split(self, tmp_path: Path) -> None:
        session = _load(tmp_path, max_dynamic_batch_size=2)
        assert session.batch_policy == BatchPolicy(1, 2)
        assert session.run(np.ones((5, 3, 8, 8), np.float32))[0].shape == (5, 6)

    def test_it_describes_inputs_and_outputs(self, tmp_path: Path) -> None:
        session = _load(tmp_path)
        assert session.inputs[0].shape == (None, 3, 8, 8)
        assert [spec.shape for spec in session.outputs] == [(None, 6), (None, 8, 8)]

    def test_other_sizes_are_taken_where_the_package_says_so(self, tmp_path: Path) -> None:
        wrong = np.ones((1, 3, 12, 8), np.float32)
        with pytest.raises(BadTensor):
            _load(tmp_path).run_tensors({"images": wrong})
        session = _load(tmp_path, dynamic_size=True)
        assert session.outputs[1].shape == (None, None, None)
        assert session.run(wrong)[1].shape == (1, 12, 8)

    def test_a_program_in_the_file_does_not_run(self, tmp_path: Path) -> None:
        folder = tmp_path / "made"
        for content in (pickle.dumps(Program(folder)), None):
            if content is None:
                _save(tmp_path, {"layer.weight": Program(folder)})
            else:
                (tmp_path / WEIGHTS).write_bytes(content)
            with pytest.raises(PackageDamaged):
                TorchSession(_files(tmp_path), SessionOptions())
        assert not folder.exists()
        # The file is armed: read as a pickle, it does what it says.
        pytest.importorskip("torch").load(tmp_path / WEIGHTS, weights_only=False)
        assert folder.exists()

    def test_it_rejects_a_whole_module(self, tmp_path: Path) -> None:
        torch = pytest.importorskip("torch")
        _save(tmp_path, torch.nn.Linear(2, 2))
        with pytest.raises(PackageDamaged):
            TorchSession(_files(tmp_path), SessionOptions())

    @pytest.mark.parametrize("content", [[1, 2], {"layer.weight": 3}, {"model": {}}, {3: 4}, "text"])
    def test_it_rejects_what_are_no_tensors_by_name(self, tmp_path: Path, content: Any) -> None:
        _save(tmp_path, content)
        with pytest.raises(PackageDamaged, match="tensors by name"):
            TorchSession(_files(tmp_path), SessionOptions())

    @pytest.mark.parametrize("content", [b"", b"\0" * 500, b"PK\x03\x04" + b"\0" * 500, b"text of some kind"])
    def test_it_rejects_other_files(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / WEIGHTS).write_bytes(content)
        with pytest.raises(PackageDamaged):
            TorchSession(_files(tmp_path), SessionOptions())

    def test_it_rejects_weights_of_another_network(self, tmp_path: Path) -> None:
        state = _network().state_dict()
        for wrong in (
            {**state, "surplus": state["layer.bias"]},
            {"layer.bias": state["layer.bias"]},
            _network(channels=7).state_dict(),
        ):
            _save(tmp_path, wrong)
            with pytest.raises(PackageDamaged, match="do not fit"):
                TorchSession(_files(tmp_path), SessionOptions())

    def test_it_rejects_a_network_that_does_not_run_at_its_size(self, tmp_path: Path) -> None:
        with pytest.raises(PackageDamaged, match="input size"):
            _load(tmp_path, input_size=(2, 2))

    def test_it_rejects_a_family_that_builds_no_network(self, tmp_path: Path) -> None:
        with pytest.raises(UnsupportedPackage):
            _load(tmp_path, build_module=None)

    def test_threads_are_those_of_the_session(self, tmp_path: Path) -> None:
        torch = pytest.importorskip("torch")
        _save(tmp_path, _network().state_dict())
        seen: list[int] = []

        def build() -> Any:
            network = _network()
            network.register_forward_hook(lambda *_: seen.append(torch.get_num_threads()))
            return network

        sessions = [TorchSession(_files(tmp_path, build), SessionOptions(threads=threads)) for threads in (1, 2)]
        seen.clear()

        def ask() -> None:
            for session in sessions:
                session.run(np.ones((1, 3, 8, 8), np.float32))

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
        assert seen == [1, 2]

    def test_closing_gives_the_weights_back(self, tmp_path: Path) -> None:
        built: list[Any] = []

        def build() -> Any:
            network = _network()
            built.append(weakref.ref(network.layer.weight))
            return network

        session = _load(tmp_path, build_module=build)
        assert session.memory_estimate > 6 * (3 * 16 + 1) * 4
        session.close()
        session.close()
        gc.collect()
        assert built[0]() is None
        assert session.memory_estimate == 0
        with pytest.raises(ModelClosed):
            session.run(np.ones((1, 3, 8, 8), np.float32))

    def test_it_says_when_there_is_no_gpu(self) -> None:
        if pytest.importorskip("torch").cuda.is_available():
            pytest.skip("there is a GPU")
        with pytest.raises(DeviceUnavailable):
            import_torch(SessionOptions(device="cuda"))

    def test_a_missing_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(PackageDamaged, match=r"weights\.pth"):
            TorchSession(_files(tmp_path), SessionOptions())


def test_it_says_when_torch_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(RuntimeMissing):
        TorchSession(_files(tmp_path), SessionOptions())


@pytest.mark.parametrize("version", ["1.13.1", "2.5.1+cu124"])
def test_it_does_not_trust_an_old_torch(tmp_path: Path, version: str) -> None:
    with pytest.raises(RuntimeMissing, match=r"2\.6"):
        read_state_dict(SimpleNamespace(__version__=version), tmp_path / WEIGHTS)


@pytest.mark.parametrize("text", ["CUDA out of memory.", "DefaultCPUAllocator: can't allocate memory"])
def test_too_little_memory_is_told_from_damage(text: str) -> None:
    assert isinstance(load_error(RuntimeError(text), "damaged"), OutOfMemory)
    assert isinstance(run_error(RuntimeError(text)), OutOfMemory)
    assert isinstance(load_error(RuntimeError("unexpected key"), "damaged"), PackageDamaged)
