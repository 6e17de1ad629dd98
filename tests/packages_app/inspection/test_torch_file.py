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
from tests.packages_app.inspection.checkpoints import state_dict, write_archive, write_checkpoint, write_script


class Malice:
    """Unpickling it would create a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize(
    "kind, precision", [("float32", "fp32"), ("float16", "fp16"), ("bfloat16", "bf16"), ("int8", "int8")]
)
def test_it_reads_the_precision_of_a_state_dict(tmp_path: Path, kind: str, precision: str) -> None:
    facts = inspect_torch(write_checkpoint(tmp_path / "weights.pth", [(kind, 10)]))
    assert (facts.quantization, facts.stored_types) == (precision, (kind,))


def test_the_precision_is_that_of_most_elements_not_of_most_tensors(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path / "weights.pth", [("float32", 4), ("float32", 4), ("float16", 36_928)])
    facts = inspect_torch(path)
    assert (facts.quantization, facts.stored_types) == ("fp16", ("float16", "float32"))


def test_counters_and_indices_are_no_weights(tmp_path: Path) -> None:
    facts = inspect_torch(write_checkpoint(tmp_path / "weights.pth", [("int64", 100), ("float32", 4)]))
    assert (facts.quantization, facts.stored_types) == ("fp32", ("float32",))


@pytest.mark.parametrize(
    "kind, precision",
    [("float8_e4m3fn", "unknown"), ("complex32", "unknown"), ("float64", "unknown"), ("uint16", None)],
)
def test_types_that_the_wire_has_no_word_for_are_taken(tmp_path: Path, kind: str, precision: str | None) -> None:
    facts = inspect_torch(write_checkpoint(tmp_path / "weights.pth", [(kind, 100)]))
    assert (facts.quantization, facts.problems) == (precision, ())


def test_elements_of_storages_of_bytes_are_counted_by_their_type(tmp_path: Path) -> None:
    facts = inspect_torch(write_checkpoint(tmp_path / "weights.pth", [("complex32", 40), ("float16", 100)]))
    assert facts.stored_types == ("float16", "complex32")


def test_a_storage_counts_once_however_many_tensors_look_into_it(tmp_path: Path) -> None:
    pickle = state_dict([("float32", 10), ("float16", 15)])
    first = state_dict([("float32", 10)])[4:-2]
    path = write_archive(
        tmp_path / "weights.pth", {"data.pkl": pickle[:-2] + first + first + b"u.", "data/0": b"", "data/1": b""}
    )
    assert inspect_torch(path).stored_types == ("float16", "float32")


def test_contents_without_checksums_are_taken(tmp_path: Path) -> None:
    """PyTorch offers to leave them out, and reads such files."""
    content = write_checkpoint(tmp_path / "weights.pth", [("float32", 10)]).read_bytes()
    path = tmp_path / "no_crc.pth"
    with zipfile.ZipFile(tmp_path / "weights.pth") as file:
        for entry in file.infolist():
            content = content.replace(struct.pack("<I", entry.CRC), b"\0\0\0\0")
    path.write_bytes(content)
    assert inspect_torch(path).problems == ()


def test_it_refuses_tensors_without_contents(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "weights.pth", {"data.pkl": state_dict([("float32", 10)])})
    assert "lacks the contents" in inspect_torch(path).problems[0]


def test_it_tells_a_program_of_torch_export(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "weights.pth", {"models/model.json": b"{}", "data/weights/weight_0": b""})
    assert "torch.export" in inspect_torch(path).problems[0]


def test_it_executes_nothing(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "weights.pth", {"data.pkl": pickle.dumps(Malice(tmp_path / "executed"))})
    inspect_torch(path)
    assert not (tmp_path / "executed").exists()


def test_it_refuses_a_bare_pickle(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(pickle.dumps({"a": 1}))
    assert inspect_torch(path).problems


def test_it_refuses_a_damaged_pickle(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "weights.pth", {"data.pkl": b"\x80\x02X\xff\xff"})
    assert inspect_torch(path).problems


def test_it_refuses_a_script_where_a_state_dict_is_expected(tmp_path: Path) -> None:
    assert "TorchScript archive" in inspect_torch(write_script(tmp_path / "weights.pth")).problems[0]


def test_it_takes_a_script(tmp_path: Path) -> None:
    facts = inspect_torch_script(write_script(tmp_path / "weights.torchscript", [("float16", 10)]))
    assert (facts.quantization, facts.problems) == ("fp16", ())


def test_a_frozen_script_has_its_weights_among_the_constants(tmp_path: Path) -> None:
    path = write_script(tmp_path / "weights.torchscript", constants=[("float16", 100), ("float32", 4)])
    assert inspect_torch_script(path).quantization == "fp16"


def test_it_refuses_a_state_dict_where_a_script_is_expected(tmp_path: Path) -> None:
    path = write_checkpoint(tmp_path / "weights.torchscript", [("float32", 1)])
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


def safetensors(path: Path, header: dict[str, object], size: int) -> Path:
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"\0" * size)
    return path


def test_safetensors_are_counted_by_elements_not_by_bytes(tmp_path: Path) -> None:
    header = {
        "a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]},
        "b": {"dtype": "F16", "shape": [4], "data_offsets": [12, 20]},
    }
    facts = inspect_safetensors(safetensors(tmp_path / "m", header, 20))
    assert (facts.quantization, facts.stored_types) == ("fp16", ("float16", "float32"))


def test_float8_safetensors_are_unknown_to_the_wire(tmp_path: Path) -> None:
    header = {"a": {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]}}
    facts = inspect_safetensors(safetensors(tmp_path / "m", header, 4))
    assert (facts.quantization, facts.stored_types) == ("unknown", ("float8_e4m3fn",))


def test_it_refuses_safetensors_that_are_cut_off(tmp_path: Path) -> None:
    header = {"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}
    assert "cut off" in inspect_safetensors(safetensors(tmp_path / "m", header, 15)).problems[0]
