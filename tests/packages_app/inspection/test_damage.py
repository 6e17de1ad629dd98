"""Damage anywhere in a file is told or goes unnoticed: it never ends the inspection, and what is told is JSON."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from packages_app.inspection.package_directory import inspect_files
from tests.packages_app.inspection.checkpoints import state_dict, write_archive, write_checkpoint, write_script
from tests.packages_app.inspection.test_onnx_file import write_model

TENSORS = [("float32", 10), ("float8_e4m3fn", 20), ("uint16", 5)]
KINDS: dict[str, tuple[str, str, Callable[[Path], Path]]] = {
    "network": ("onnx", "weights.onnx", write_model),
    "external": ("onnx", "weights.onnx", lambda path: write_model(path, location="data/weights.bin")),
    "checkpoint": ("torch", "weights.pth", lambda path: write_checkpoint(path, TENSORS)),
    "script": ("torch-script", "weights.torchscript", lambda path: write_script(path, TENSORS, TENSORS)),
    "stray": ("coreml", "model.bin", lambda path: write_checkpoint(path, TENSORS)),
}


def damaged(content: bytes, chance: random.Random) -> bytes:
    """``content`` with a few bytes changed, taken out or put in."""
    changed = bytearray(content)
    for _ in range(chance.choice([1, 1, 2, 5, 20])):
        place = chance.randrange(len(changed))
        match chance.randrange(3):
            case 0:
                changed[place] = chance.randrange(256)
            case 1:
                del changed[place : place + chance.randrange(1, 8)]
            case _:
                changed[place:place] = chance.randbytes(chance.randrange(1, 8))
        changed = changed or bytearray(b"\0")
    return bytes(changed)


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_is_inspected_to_the_end(tmp_path: Path, kind: str) -> None:
    backend, handle, write = KINDS[kind]
    path = tmp_path / "file"
    content = write(path).read_bytes()
    chance = random.Random(kind)
    for _ in range(300):
        path.write_bytes(damaged(content, chance))
        json.dumps(inspect_files(backend, {handle: path}).to_json(), allow_nan=False)


@pytest.mark.parametrize("handle", ["weights.pth", "weights.bin"])
def test_a_damaged_pickle_in_a_sound_archive_is_inspected_to_the_end(tmp_path: Path, handle: str) -> None:
    content = state_dict(TENSORS)
    chance = random.Random(handle)
    for _ in range(300):
        path = write_archive(tmp_path / "file", {"data.pkl": damaged(content, chance)})
        json.dumps(inspect_files("torch", {handle: path}).to_json(), allow_nan=False)
