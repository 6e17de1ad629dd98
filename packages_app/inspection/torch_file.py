"""Torch and TorchScript archives, and safetensors: what can be told without executing anything.

A `.pt` or `.pth` file is a zip archive with a pickle in it. The pickle is followed opcode by opcode, never loaded:
loading one runs whatever it says.
"""

from __future__ import annotations

import json
import math
import re
import struct
import tarfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from packages_app.facts import Facts
from packages_app.inspection.pickle_imports import SAVE_WEIGHTS, problem_of
from packages_app.inspection.pickle_walk import Walk, walk
from packages_app.inspection.precision import quantization, stored_types
from packages_app.inspection.zip_archive import ArchiveProblem, Member, ZipArchive, is_zip

MAX_PICKLE_BYTES = 64 * 1024**2
MAX_SAFETENSORS_HEADER = 100 * 1024**2
_PICKLE_PROTOCOLS = tuple(b"\x80" + bytes([protocol]) for protocol in range(2, 6))
_SAFETENSORS_TYPES = {
    "F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16", "F8_E4M3": "float8_e4m3fn",
    "F8_E5M2": "float8_e5m2", "F8_E8M0": "float8_e8m0fnu", "F4": "float4_e2m1fn_x2", "C64": "complex64",
    "I64": "int64", "I32": "int32", "I16": "int16", "I8": "int8", "U64": "uint64", "U32": "uint32", "U16": "uint16",
    "U8": "uint8", "BOOL": "bool",
}  # fmt: skip
_NAME = re.compile(r"[\w.]+ [\w.]+")
_FULL_LOAD_NOTICE = (
    "Clients open this file in full, not as weights only: whatever code it held would run on each device that loads it."
)
_SCRIPT_NOTICE = "This file is a TorchScript program: its code runs on each device that loads it."


def inspect_torch(path: Path, name: str = "The Torch file", *, in_full: bool = False) -> Facts:
    """Facts of a saved state dict. ``name`` begins each problem; ``in_full`` as in `import_problem`."""
    try:
        archive = _archive(path)
        state = _pickle(archive, "data.pkl")
        if state is None:
            raise ArchiveProblem(_without_data(archive))
        if _is_torch_script(archive):
            raise ArchiveProblem(f"is a TorchScript archive, not a state dict. {SAVE_WEIGHTS}")
        _refuse_other_than_weights(archive, in_full=in_full)
        if len(_roots(archive)) > 1:
            raise ArchiveProblem("holds several folders, of which readers may take either. Save it anew.")
        _require_storages(archive, state, "data")
    except ArchiveProblem as problem:
        return Facts(problems=(f"{name} {problem}",))
    facts = _precision(state.elements)
    return replace(facts, notices=(f"{name}: {_FULL_LOAD_NOTICE}",)) if in_full else facts


def inspect_torch_script(path: Path, name: str = "The TorchScript file", *, as_weights: bool = False) -> Facts:
    """Facts of a TorchScript archive. Which devices and which torch it needs, the file does not say.

    ``as_weights``: where it is a surprise that the file is a program, a notice says so.
    """
    try:
        archive = _archive(path)
        state = _pickle(archive, "data.pkl")
        has_code = any("/code/" in member.name for member in archive.members)
        if state is None or not has_code or not _is_torch_script(archive):
            raise ArchiveProblem("is not a TorchScript archive. Save it with torch.jit.save.")
        _require_storages(archive, state, "data")
        # A frozen script keeps its weights among the constants.
        constants = _pickle(archive, "constants.pkl") or Walk()
        _require_storages(archive, constants, "constants")
    except ArchiveProblem as problem:
        return Facts(problems=(f"{name} {problem}",))
    facts = _precision(state.elements + constants.elements)
    return replace(facts, notices=(f"{name}: {_SCRIPT_NOTICE}",)) if as_weights else facts


def stray_pickle_problem(path: Path, name: str) -> str | None:
    """Why a file that clients do not open as weights is refused for a pickle in it, found by its content alone."""
    try:
        if is_zip(path):
            archive = _archive(path)
            if not _is_torch_script(archive):
                _refuse_other_than_weights(archive, in_full=False)
        else:
            _refuse_older_formats(path)
    except ArchiveProblem as problem:
        return f"{name} {problem}"
    return None


def inspect_safetensors(path: Path, name: str = "The safetensors file") -> Facts:
    """The precision of most elements, from the header: 8 bytes of length, then JSON."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > MAX_SAFETENSORS_HEADER:
                raise ValueError("header too long")
            header = json.loads(file.read(length))
        elements: Counter[str] = Counter()
        end = 0
        for tensor, entry in header.items():
            if tensor != "__metadata__":
                elements[_SAFETENSORS_TYPES.get(entry["dtype"], "another type")] += math.prod(entry["shape"])
                end = max(end, entry["data_offsets"][1])
                if min(entry["shape"], default=0) < 0:
                    raise ValueError("a negative size")
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, struct.error):
        return Facts(problems=(f"{name} is damaged.",))
    if 8 + length + end > path.stat().st_size:
        return Facts(problems=(f"{name} is cut off: it lacks a part of its tensors.",))
    return _precision(elements)


def _refuse_older_formats(path: Path) -> None:
    """Raises ArchiveProblem for a bare pickle and for a tar archive, which PyTorch wrote and still opens."""
    with path.open("rb") as file:
        content = file.read(MAX_PICKLE_BYTES)
    try:
        tarfile.TarInfo.frombuf(content[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        pass
    else:
        raise ArchiveProblem(f"is a tar archive, PyTorch's oldest format, which is not taken. {SAVE_WEIGHTS}")
    walked = walk(content)
    # Older protocols have no mark, and plain text can look like a name that is imported.
    named = any(_NAME.fullmatch(name) for name in walked.imports)
    if walked.whole or walked.imports if content.startswith(_PICKLE_PROTOCOLS) else walked.calls and named:
        raise ArchiveProblem(f"is a bare pickle, which may run code wherever it is opened. {SAVE_WEIGHTS}")


def _is_torch_script(archive: ZipArchive) -> bool:
    """As PyTorch decides it; it unpickles every other archive."""
    roots = _roots(archive)
    return len(roots) == 1 and f"{roots.pop()}/constants.pkl" in {member.name for member in archive.members}


def _roots(archive: ZipArchive) -> set[str]:
    """The folders at the top, of which a Torch archive has one."""
    return {member.name.partition("/")[0] for member in archive.members}


def _archive(path: Path) -> ZipArchive:
    if not is_zip(path):
        with path.open("rb") as file:
            older = file.read(2) in _PICKLE_PROTOCOLS
        if older:
            raise ArchiveProblem(f"is a bare pickle, PyTorch's older format, which is not taken. {SAVE_WEIGHTS}")
        raise ArchiveProblem("does not begin with a zip archive, as torch.save writes it. Save it anew.")
    try:
        return ZipArchive(path)
    except ArchiveProblem as problem:
        raise ArchiveProblem(f"{problem}. Save it anew.") from None


def _pickle(archive: ZipArchive, name: str) -> Walk | None:
    """The pickle `<root>/<name>`, followed; None where there is none."""
    for member in archive.members:
        if member.name.count("/") == 1 and member.name.endswith(f"/{name}"):
            return _walked(archive, member)
    return None


def _walked(archive: ZipArchive, member: Member) -> Walk:
    content = archive.read(member, MAX_PICKLE_BYTES)
    if content is None:
        raise ArchiveProblem("holds a pickle that is damaged, or larger than is taken.")
    walked = walk(content)
    if not walked.whole and not walked.imports:
        raise ArchiveProblem("holds a damaged pickle. Save it anew.")
    return walked


def _refuse_other_than_weights(archive: ZipArchive, *, in_full: bool) -> None:
    """Raises ArchiveProblem with what is wrong with the first pickle that is refused.

    All of them are looked at, whatever their names: of several members with one name another reader may take another
    one.
    """
    for member in archive.members:
        if member.name.lower().endswith(".pkl"):
            problem = problem_of(_walked(archive, member), in_full=in_full)
        elif _may_be_pickle(archive, member):
            walked = walk(archive.read(member, MAX_PICKLE_BYTES) or b"")
            problem = problem_of(walked, in_full=in_full) if walked.whole else None
        else:
            continue
        if problem is not None:
            raise ArchiveProblem(problem)


def _may_be_pickle(archive: ZipArchive, member: Member) -> bool:
    if member.deflated:
        return (archive.read(member, MAX_PICKLE_BYTES) or b"").startswith(_PICKLE_PROTOCOLS)
    with archive.path.open("rb") as file:
        file.seek(member.start)
        return file.read(2) in _PICKLE_PROTOCOLS


def _require_storages(archive: ZipArchive, walked: Walk, folder: str) -> None:
    names = {member.name.partition("/")[2] for member in archive.members}
    if any(f"{folder}/{key}" not in names for key in walked.storages):
        raise ArchiveProblem("lacks the contents of some of its tensors. Save it anew.")


def _without_data(archive: ZipArchive) -> str:
    if any(member.name.endswith("/models/model.json") for member in archive.members):
        return f"is a program of torch.export, which no client loads. {SAVE_WEIGHTS}"
    return f"holds no weights. {SAVE_WEIGHTS}"


def _precision(elements: Counter[str]) -> Facts:
    return Facts(quantization=quantization(elements), stored_types=stored_types(elements))
