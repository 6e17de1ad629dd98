from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest

from backends.errors import (
    BadTensor,
    DeviceUnavailable,
    InferenceFailed,
    ModelClosed,
    PackageConfigInvalid,
    PackageDamaged,
    RuntimeMissing,
)
from backends.session import BatchPolicy, NetworkFiles, SessionOptions
from backends.torchscript import TorchScriptSession


def _files(directory: Path, **changes: object) -> NetworkFiles:
    values = {"static_batch_size": 2, "input_size": (8, 8)} | changes
    return NetworkFiles(directory, "weights.torchscript", **values)  # type: ignore[arg-type]


def _write(directory: Path, half: bool = False) -> None:
    torch = pytest.importorskip("torch")

    class Network(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Conv2d(3, 6, 8)
            torch.nn.init.constant_(self.layer.weight, 0.01)
            torch.nn.init.constant_(self.layer.bias, 1.0)

        def forward(self, images):  # type: ignore[no-untyped-def]
            return self.layer(images).flatten(2), [images.mean(dim=1)]

    network = Network().half() if half else Network()
    example = torch.zeros(2, 3, 8, 8, dtype=torch.float16 if half else torch.float32)
    torch.jit.save(torch.jit.trace(network.eval(), example), str(directory / "weights.torchscript"))


@pytest.mark.torch
class TestWithTorch:
    def test_nested_outputs_come_in_order(self, tmp_path: Path) -> None:
        _write(tmp_path)
        outputs = TorchScriptSession(_files(tmp_path), SessionOptions()).run(np.ones((3, 3, 8, 8), np.float32))
        assert [output.shape for output in outputs] == [(3, 6, 1), (3, 8, 8)]
        np.testing.assert_allclose(outputs[0], 1 + 0.01 * 3 * 64, rtol=1e-5)

    def test_half_precision_is_narrowed_and_widened_again(self, tmp_path: Path) -> None:
        _write(tmp_path, half=True)
        outputs = TorchScriptSession(_files(tmp_path), SessionOptions()).run(np.ones((2, 3, 8, 8), np.float32))
        assert outputs[0].dtype == np.float32
        np.testing.assert_allclose(outputs[0], 1 + 0.01 * 3 * 64, rtol=1e-2)

    def test_the_batch_is_static(self, tmp_path: Path) -> None:
        _write(tmp_path)
        assert TorchScriptSession(_files(tmp_path), SessionOptions()).batch_policy == BatchPolicy(2, 2)

    def test_it_rejects_wrong_tensors(self, tmp_path: Path) -> None:
        _write(tmp_path)
        session = TorchScriptSession(_files(tmp_path), SessionOptions())
        with pytest.raises(BadTensor):
            session.run_tensors({"images": np.zeros((2, 3, 9, 8), np.float32)})

    def test_it_rejects_a_network_of_another_size(self, tmp_path: Path) -> None:
        _write(tmp_path)
        with pytest.raises(InferenceFailed):
            TorchScriptSession(_files(tmp_path, input_size=(4, 4)), SessionOptions())

    def test_it_needs_a_static_batch(self, tmp_path: Path) -> None:
        _write(tmp_path)
        with pytest.raises(PackageConfigInvalid, match="static_batch_size"):
            TorchScriptSession(_files(tmp_path, static_batch_size=None), SessionOptions())

    @pytest.mark.parametrize("content", [b"", b"\0" * 500, b"PK\x03\x04" + b"\0" * 500])
    def test_it_rejects_what_is_no_archive(self, tmp_path: Path, content: bytes) -> None:
        pytest.importorskip("torch")
        (tmp_path / "weights.torchscript").write_bytes(content)
        with pytest.raises(PackageDamaged):
            TorchScriptSession(_files(tmp_path), SessionOptions())

    def test_it_rejects_an_archive_of_something_else(self, tmp_path: Path) -> None:
        torch = pytest.importorskip("torch")
        buffer = io.BytesIO()
        torch.save({"weights": torch.zeros(3)}, buffer)
        (tmp_path / "weights.torchscript").write_bytes(buffer.getvalue())
        with pytest.raises(PackageDamaged):
            TorchScriptSession(_files(tmp_path), SessionOptions())

    def test_it_says_when_there_is_no_gpu(self, tmp_path: Path) -> None:
        torch = pytest.importorskip("torch")
        if torch.cuda.is_available():
            pytest.skip("there is a GPU")
        _write(tmp_path)
        with pytest.raises(DeviceUnavailable):
            TorchScriptSession(_files(tmp_path), SessionOptions(device="cuda"))

    def test_a_closed_session_does_not_run(self, tmp_path: Path) -> None:
        _write(tmp_path)
        session = TorchScriptSession(_files(tmp_path), SessionOptions())
        session.close()
        with pytest.raises(ModelClosed):
            session.run(np.zeros((2, 3, 8, 8), np.float32))


def test_it_says_when_torch_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(RuntimeMissing):
        TorchScriptSession(_files(tmp_path), SessionOptions())
