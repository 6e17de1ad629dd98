"""PyTorch itself: finding it, loading weights without running what is in the file, and what its errors mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from backends.errors import (
    BackendError,
    DeviceUnavailable,
    InferenceFailed,
    OutOfMemory,
    PackageDamaged,
    RuntimeMissing,
)
from backends.session import SessionOptions

_NO_MEMORY = re.compile(r"out of memory|can't allocate|failed to allocate|bad_alloc|alloc_failed", re.I)

SAFE_SINCE = (2, 6)
"""The first PyTorch whose ``weights_only`` keeps what it promises (CVE-2025-32434)."""


def import_torch(options: SessionOptions) -> Any:
    """The module ``torch``. Raises RuntimeMissing without it, DeviceUnavailable if a GPU is wanted and none found."""
    try:
        import torch
    except ImportError:
        raise RuntimeMissing("PyTorch is not installed here.") from None
    if options.on_gpu and not torch.cuda.is_available():
        raise DeviceUnavailable("PyTorch finds no GPU on this machine.")
    return torch


def read_state_dict(torch: Any, path: Path) -> dict[str, Any]:
    """The tensors of a weights file by name, on the CPU.

    The file is a pickle, which could run any program; only tensors and plain containers are let through. Raises
    PackageDamaged for anything else, OutOfMemory, and RuntimeMissing if this PyTorch cannot be trusted with it.
    """
    if _version(torch) < SAFE_SINCE:
        raise RuntimeMissing("PyTorch 2.6 or newer is needed to load weights safely.")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise load_error(error, "The weights file is damaged, or holds more than weights.") from None
    tensors = isinstance(content, dict) and all(
        isinstance(name, str) and isinstance(value, torch.Tensor) for name, value in content.items()
    )
    if not tensors:
        raise PackageDamaged("The weights file does not hold tensors by name.")
    return dict(content)


def tensors_in(torch: Any, answer: Any) -> Iterator[Any]:
    """All tensors of a network's answer in order: some networks nest them."""
    if isinstance(answer, torch.Tensor):
        yield answer
    elif isinstance(answer, tuple | list):
        for item in answer:
            yield from tensors_in(torch, item)
    elif isinstance(answer, dict):
        for item in answer.values():
            yield from tensors_in(torch, item)


def load_error(error: Exception, message: str) -> BackendError:
    """What an exception while loading means: too little memory, else a package damaged as ``message`` says."""
    if _is_about_memory(error):
        return OutOfMemory("There is not enough memory to load the model.")
    return PackageDamaged(message)


def run_error(error: Exception) -> BackendError:
    """What an exception while running means."""
    if _is_about_memory(error):
        return OutOfMemory("There was not enough memory to run the model.")
    return InferenceFailed("PyTorch failed to run the network.")


def _is_about_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError) or _NO_MEMORY.search(str(error)) is not None


def _version(torch: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in str(torch.__version__).split(".")[:2])
