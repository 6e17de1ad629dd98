"""Torch archives written by hand, as `torch.save` and `torch.jit.save` write them: PyTorch is not needed for it."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

_BYTES = {"float8_e4m3fn": 1, "uint16": 2, "uint32": 4, "uint64": 8, "complex32": 4}
_STORAGES = {
    "float64": "DoubleStorage",
    "float32": "FloatStorage",
    "float16": "HalfStorage",
    "bfloat16": "BFloat16Storage",
    "int64": "LongStorage",
    "int8": "CharStorage",
    "uint8": "ByteStorage",
}


def state_dict(tensors: Sequence[tuple[str, int]]) -> bytes:
    """A pickle of protocol 2 with a tensor of each (type, number of elements), under the storage keys 0, 1, ..."""
    items = b"".join(
        _text(f"tensor{index}") + _tensor(kind, str(index), count) for index, (kind, count) in enumerate(tensors)
    )
    return b"\x80\x02}(" + items + b"u."


def pickled(*opcodes: bytes) -> bytes:
    """A pickle of protocol 2 with these opcodes."""
    return b"\x80\x02" + b"".join(opcodes) + b"."


def write_archive(path: Path, members: Mapping[str, bytes], root: str = "archive") -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(f"{root}/{name}", content)
    return path


def write_checkpoint(path: Path, tensors: Sequence[tuple[str, int]]) -> Path:
    """A state dict with contents for each of its tensors."""
    contents = {f"data/{index}": b"\0" for index in range(len(tensors))}
    return write_archive(path, {"data.pkl": state_dict(tensors), **contents, "version": b"3\n"})


def write_script(
    path: Path, tensors: Sequence[tuple[str, int]] = (), constants: Sequence[tuple[str, int]] = ()
) -> Path:
    """A TorchScript archive; ``constants`` are where a frozen one keeps its weights."""
    members = {"data.pkl": state_dict(tensors), "code/__torch__.py": b"", "constants.pkl": state_dict(constants)}
    members |= {f"data/{index}": b"\0" for index in range(len(tensors))}
    members |= {f"constants/{index}": b"\0" for index in range(len(constants))}
    return write_archive(path, members)


def _tensor(kind: str, key: str, count: int) -> bytes:
    size = b"(" + _number(count) + b"t"
    hooks = b"ccollections\nOrderedDict\n)R"
    if kind in _STORAGES:
        storage = _storage(f"ctorch\n{_STORAGES[kind]}\n".encode(), key, count)
        return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K\0" + size + size + b"\x89" + hooks + b"tR"
    storage = _storage(b"ctorch.storage\nUntypedStorage\n", key, count * _BYTES[kind])
    dtype = f"ctorch\n{kind}\n".encode()
    return b"ctorch._utils\n_rebuild_tensor_v3\n(" + storage + b"K\0" + size + size + b"\x89" + hooks + dtype + b"tR"


def _storage(kind: bytes, key: str, size: int) -> bytes:
    return b"(" + _text("storage") + kind + _text(key) + _text("cpu") + _number(size) + b"tQ"


def _text(text: str) -> bytes:
    return b"X" + struct.pack("<I", len(text)) + text.encode()


def _number(number: int) -> bytes:
    return b"J" + struct.pack("<i", number)
