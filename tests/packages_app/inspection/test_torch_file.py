"""What Torch archives and safetensors say of themselves, read without executing anything."""

from __future__ import annotations

import json
import os
import pickle
import struct
import zipfile
from pathlib import Path

import pytest

from packages_app.inspection.torch_file import inspect_safetensors, inspect_torch, inspect_torch_script


class Malice:
    """Unpickling it would create a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(f"archive/{name}", content)
    return path


def state_dict_pickle(storage: str) -> bytes:
    """The opcodes of a reference to ``storage`` of the module torch, without torch being there."""
    return b"\x80\x02" + f"ctorch\n{storage}\n".encode() + b"."


@pytest.mark.parametrize(
    "storage, precision", [("FloatStorage", "fp32"), ("HalfStorage", "fp16"), ("BFloat16Storage", "bf16")]
)
def test_it_reads_the_precision_of_a_state_dict(tmp_path: Path, storage: str, precision: str) -> None:
    path = archive(tmp_path / "weights.pth", {"data.pkl": state_dict_pickle(storage)})
    assert inspect_torch(path).quantization == precision


def test_it_executes_nothing(tmp_path: Path) -> None:
    path = archive(tmp_path / "weights.pth", {"data.pkl": pickle.dumps(Malice(tmp_path / "executed"))})
    inspect_torch(path)
    assert not (tmp_path / "executed").exists()


def test_it_refuses_a_bare_pickle(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(pickle.dumps({"a": 1}))
    assert inspect_torch(path).problems


def test_it_refuses_a_damaged_pickle(tmp_path: Path) -> None:
    path = archive(tmp_path / "weights.pth", {"data.pkl": b"\x80\x02X\xff\xff"})
    assert inspect_torch(path).problems


def test_it_refuses_a_script_where_a_state_dict_is_expected(tmp_path: Path) -> None:
    members = {"data.pkl": state_dict_pickle("FloatStorage"), "constants.pkl": b"\x80\x02)."}
    assert inspect_torch(archive(tmp_path / "weights.pth", members)).problems


def test_it_takes_a_script(tmp_path: Path) -> None:
    members = {"data.pkl": state_dict_pickle("FloatStorage"), "code/__torch__.py": b"", "constants.pkl": b"\x80\x02)."}
    assert inspect_torch_script(archive(tmp_path / "weights.torchscript", members)).problems == ()


def test_it_refuses_a_state_dict_where_a_script_is_expected(tmp_path: Path) -> None:
    path = archive(tmp_path / "weights.torchscript", {"data.pkl": state_dict_pickle("FloatStorage")})
    assert inspect_torch_script(path).problems


def test_it_reads_the_precision_of_safetensors(tmp_path: Path) -> None:
    header = json.dumps({"w": {"dtype": "F16", "shape": [2], "data_offsets": [0, 4]}}).encode()
    path = tmp_path / "model.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + b"\0" * 4)
    assert inspect_safetensors(path).quantization == "fp16"


@pytest.mark.parametrize("content", [b"", b"\xff" * 8, struct.pack("<Q", 4) + b"[1]]", struct.pack("<Q", 2) + b"[]"])
def test_it_refuses_damaged_safetensors(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    assert inspect_safetensors(path).problems
