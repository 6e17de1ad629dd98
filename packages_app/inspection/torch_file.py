"""Torch and TorchScript archives, and safetensors: what can be told without executing anything.

A `.pt` or `.pth` file is a zip archive with a pickle in it. The pickle is walked opcode by opcode, never
loaded: loading one runs whatever it says.
"""

from __future__ import annotations

import json
import pickletools
import struct
import zipfile
from collections import Counter
from pathlib import Path

from packages_app.inspection.facts import Facts
from packages_app.inspection.pickle_imports import import_problem

MAX_PICKLE_BYTES = 64 * 1024**2
MAX_SAFETENSORS_HEADER = 100 * 1024**2
_STORAGES = {
    "FloatStorage": "fp32",
    "HalfStorage": "fp16",
    "BFloat16Storage": "bf16",
    "CharStorage": "int8",
    "QInt8Storage": "int8",
}
_SAFETENSORS_PRECISIONS = {"F32": "fp32", "F16": "fp16", "BF16": "bf16", "I8": "int8", "U8": "int8"}


def inspect_torch(path: Path) -> Facts:
    """Facts of a saved state dict."""
    archive = _open_archive(path)
    if archive is None:
        return Facts(problems=("The Torch file is not a zip archive; older formats are not taken.",))
    with archive:
        pickle = _read_member(archive, "data.pkl")
        if pickle is None:
            return Facts(problems=("The Torch file holds no data, or more than is taken.",))
        if _read_member(archive, "constants.pkl") is not None:
            return Facts(problems=("The Torch file is a TorchScript archive, not a state dict.",))
        problem = _import_problem(archive)
    return _facts_of_pickle(pickle) if problem is None else Facts(problems=(problem,))


def inspect_torch_script(path: Path) -> Facts:
    """Facts of a TorchScript archive. Which devices and which torch it needs, the file does not say."""
    archive = _open_archive(path)
    if archive is None:
        return Facts(problems=("The TorchScript file is not an archive, or it is damaged.",))
    with archive:
        has_code = any("/code/" in name for name in archive.namelist())
        pickle = _read_member(archive, "data.pkl")
    if not has_code or pickle is None:
        return Facts(problems=("The file is not a TorchScript archive.",))
    return _facts_of_pickle(pickle)


def inspect_safetensors(path: Path) -> Facts:
    """The precision of most elements, from the header: 8 bytes of length, then JSON."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > MAX_SAFETENSORS_HEADER:
                raise ValueError("header too long")
            header = json.loads(file.read(length))
        sizes: Counter[str] = Counter()
        for name, entry in header.items():
            if name != "__metadata__":
                begin, end = entry["data_offsets"]
                sizes[_SAFETENSORS_PRECISIONS.get(entry["dtype"], "")] += end - begin
    except (ValueError, KeyError, TypeError, AttributeError, struct.error):
        return Facts(problems=("The safetensors file is damaged.",))
    sizes.pop("", None)
    return Facts(quantization=sizes.most_common(1)[0][0] if sizes else None)


def _open_archive(path: Path) -> zipfile.ZipFile | None:
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return None


def _read_member(archive: zipfile.ZipFile, name: str) -> bytes | None:
    """The member `<root>/<name>`, or None where there is none, or one too large."""
    for entry in archive.infolist():
        if entry.filename.count("/") == 1 and entry.filename.endswith(f"/{name}"):
            return _read(archive, entry)
    return None


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | None:
    if entry.file_size > MAX_PICKLE_BYTES:
        return None
    try:
        return archive.read(entry)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return None


def _import_problem(archive: zipfile.ZipFile) -> str | None:
    """What is wrong with the first pickle that is refused.

    All of them are looked at, in any case of their names: of several members with one name another reader may take
    another one.
    """
    for entry in archive.infolist():
        if entry.filename.lower().endswith(".pkl"):
            pickle = _read(archive, entry)
            problem = "A pickle in the Torch file cannot be read." if pickle is None else import_problem(pickle)
            if problem is not None:
                return problem
    return None


def _facts_of_pickle(pickle: bytes) -> Facts:
    storages: Counter[str] = Counter()
    try:
        for opcode, argument, _ in pickletools.genops(pickle):
            if opcode.name == "GLOBAL":
                storages[str(argument).rpartition(" ")[2]] += 1
            elif opcode.name in {"SHORT_BINUNICODE", "BINUNICODE"}:
                storages[str(argument)] += 1
    except Exception:  # pickletools raises several types for damaged data
        return Facts(problems=("The pickle in the Torch file is damaged.",))
    precisions = Counter({_STORAGES[name]: count for name, count in storages.items() if name in _STORAGES})
    return Facts(quantization=precisions.most_common(1)[0][0] if precisions else None)
