"""Models for the host's tests, which do as they are told: sleep, crash, hoard, or add two to a number.

The host imports this module by name (``--loader host_fakes:Loader``). How a model loads is said by the package's
options, what a request does by its parameters.
"""

from __future__ import annotations

import ctypes
import os
import signal
import threading
import time
from collections.abc import Hashable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from backends.errors import BadImage, PackageDamaged
from backends.host import HostSettings, PackageReference
from backends.host.models.hosted import PreparedPackage

MEBIBYTE = 1024 * 1024
LEAK: list[bytearray] = []


def touch(mebibytes: int) -> np.ndarray:
    """Memory that is really there."""
    return np.ones(mebibytes * MEBIBYTE, dtype=np.uint8)


def crash() -> None:
    """A real fault of a native kind, not a polite signal from outside."""
    ctypes.string_at(0)


def hoard() -> None:
    """Allocate without end, quickly but not faster than anyone can look."""
    kept = []
    while True:
        kept.append(touch(32))
        time.sleep(0.02)


@dataclass(frozen=True)
class OpenedBytes:
    data: bytes

    @property
    def working_memory(self) -> int:
        return MEBIBYTE * int(self.data[4:]) if self.data[:4] == b"huge" else len(self.data)

    @property
    def is_heavy(self) -> bool:
        return self.data[:4] == b"slow"


class FakeModel:
    """Answers with the length of the picture, or misbehaves."""

    class_names = ("cat", "dog")
    input_size = (32, 48)
    batch_limit = None
    static_batch = None

    def __init__(self, reference: PackageReference, threads: int) -> None:
        self.threads = threads
        self.settings = reference.options
        self.weights = touch(int(self.settings.get("mebibytes", 0)))
        self.all_warm = threading.Barrier(int(self.settings.get("warm_together", 1)))
        self.batches: list[int] = []

    def read_parameters(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        return parameters

    def open_picture(self, data: memoryview) -> OpenedBytes:
        return OpenedBytes(bytes(data))

    def decode(self, picture: OpenedBytes, parameters: Mapping[str, Any], deadline: float) -> Any:
        if picture.data[:3] == b"bad":
            raise BadImage("These bytes are no picture.")
        if picture.data[:4] == b"slow":
            time.sleep(max(0.0, deadline - time.monotonic()))
            raise TimeoutError
        return picture.data

    def preprocess(self, image: Any, parameters: Mapping[str, Any]) -> Any:
        return image, dict(parameters)

    def batch_key(self, prepared: Any) -> Hashable:
        return prepared[1].get("group")

    def run(self, batch: Sequence[Any]) -> Sequence[Any]:
        for _, parameters in batch:
            time.sleep(float(parameters.get("sleep", self.settings.get("sleep", 0))))
            what = parameters.get("do")
            if what == "crash":
                crash()
            elif what == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            elif what == "hoard":
                hoard()
            elif what == "leak":
                LEAK.append(bytearray(os.urandom(1) * int(MEBIBYTE * parameters["leak"])))
            elif what == "raise":
                raise RuntimeError("/secret/path")
            elif what == "work":
                kept = touch(int(parameters["mebibytes"]))
                time.sleep(float(parameters.get("hold", 0)))
                del kept
        cores = len(os.sched_getaffinity(0))
        return [{"length": len(image), "batch": len(batch), "cores": cores} for image, _ in batch]

    def postprocess(self, raw: Any, prepared: Any, parameters: Mapping[str, Any]) -> Any:
        result = {**raw, "threads": self.threads, "pid": os.getpid()}
        if parameters.get("mask"):
            result["mask"] = np.arange(12, dtype=np.float32).reshape(3, 4)
        return result

    def run_tensors(self, tensors: Mapping[str, Any]) -> Mapping[str, Any]:
        return {f"{name}-plus-two": tensor + 2 for name, tensor in tensors.items()}

    def warm_up(self) -> None:
        working_memory = touch(int(self.settings.get("working", 0)))
        # Nobody gives back anything until all have theirs, however the threads are scheduled.
        self.all_warm.wait(timeout=30)
        del working_memory

    def close(self) -> None:
        del self.weights


class Loader:
    """Loads as the options say, and writes a line about it."""

    def __init__(self, settings: HostSettings) -> None:
        pass

    def prepared(self, reference: PackageReference, memory: int) -> AbstractContextManager[PreparedPackage]:
        return nullcontext(PreparedPackage())

    def open(
        self, reference: PackageReference, prepared: PreparedPackage, *, device: str, threads: Sequence[int]
    ) -> list[FakeModel]:
        with open(reference.directory / "loads.txt", "a") as file:
            file.write(f"{os.getpid()} {' '.join(map(str, threads))}\n")
        time.sleep(float(reference.options.get("load_seconds", 0)))
        what = reference.options.get("load")
        if what == "crash":
            crash()
        elif what == "refuse":
            raise PackageDamaged("The file ends too early.")
        elif what == "raise":
            raise RuntimeError("/secret/path")
        elif what == "hoard":
            hoard()
        return [FakeModel(reference, count) for count in threads]
