"""Models for the host's tests, which do as they are told: sleep, crash, hoard, or add two to a number.

The host imports this module by name (``--loader host_fakes:FakeLoader``). How a model loads is said by the package's
options, what a request does by its parameters.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backends.errors import BadImage, PackageBlocked, PackageDamaged
from backends.host.models.loading import PreparedPackage
from backends.host.settings import HostSettings
from backends.package_reference import PackageReference

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


@dataclass(frozen=True)
class PreparedBytes:
    data: bytes
    parameters: Mapping[str, Any]

    @property
    def batch_key(self) -> Any:
        return self.parameters.get("group")


class FakeModel:
    """Answers with the length of the image, or misbehaves. As a `LoadedModel`."""

    class_names = ("cat", "dog")
    input_size = (32, 48)
    batch_limit = 1000
    static_batch = None
    takes_texts = False

    def __init__(self, reference: PackageReference, threads: int) -> None:
        self.threads = threads
        self.settings = reference.options
        self.weights = touch(int(self.settings.get("mebibytes", 0)))
        self.all_warm = threading.Barrier(int(self.settings.get("warm_together", 1)))

    def read_parameters(self, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
        return parameters

    def check_texts(self, texts: Sequence[str]) -> None:
        assert not texts

    def open_image(self, data: memoryview) -> OpenedBytes:
        return OpenedBytes(bytes(data))

    def decode(self, image: OpenedBytes, parameters: Mapping[str, Any], deadline: float) -> Any:
        if image.data[:3] == b"bad":
            raise BadImage("These bytes are no image.")
        if image.data[:4] == b"slow":
            time.sleep(max(0.0, deadline - time.monotonic()))
            raise TimeoutError
        return image.data

    def preprocess(self, image: Any, parameters: Mapping[str, Any]) -> PreparedBytes:
        return PreparedBytes(image, dict(parameters))

    def run_prepared(self, batch: Sequence[PreparedBytes]) -> Sequence[Any]:
        for parameters in (item.parameters for item in batch):
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
        return [{"length": len(item.data), "batch": len(batch), "threads": self.threads} for item in batch]

    def answer(self, raw: Any, prepared: PreparedBytes, parameters: Mapping[str, Any]) -> Any:
        result = {**raw, "pid": os.getpid()}
        if parameters.get("mask"):
            result["mask"] = np.arange(12, dtype=np.float32).reshape(3, 4)
        return result

    def run_tensors(self, tensors: Mapping[str, Any]) -> Mapping[str, Any]:
        return {f"{name}-plus-two": tensor + 2 for name, tensor in tensors.items()}

    def warm_up(self) -> None:
        working_memory = touch(int(self.settings.get("working", 0)))
        # Nobody gives back anything until all have theirs, however the threads are scheduled.
        self.all_warm.wait(timeout=30)
        # As long as a run takes at least.
        time.sleep(0.05 if working_memory.size else 0)
        del working_memory

    def close(self) -> None:
        del self.weights


class FakeLoader:
    """Loads as the packages' options say, and writes a line about it. As a `PackageLoader`."""

    def __init__(self, settings: HostSettings) -> None:
        self.limit = settings.load_limit

    @contextlib.contextmanager
    def prepared(self, reference: PackageReference, memory: int) -> Iterator[PreparedPackage]:
        """Takes so long, as a child would, and is ended at the limit as a child would be."""
        with open(reference.directory / "preparations.txt", "a") as file:
            file.write(f"{os.getpid()}\n")
        seconds = float(reference.options.get("load_seconds", 0))
        time.sleep(min(seconds, self.limit))
        if seconds > self.limit:
            raise PackageBlocked(f"{PackageBlocked.START}It could not be prepared: it did not end.")
        yield PreparedPackage()

    def open(self, reference: PackageReference, prepared: PreparedPackage, *, threads: int) -> FakeModel:
        with open(reference.directory / "loads.txt", "a") as file:
            file.write(f"{os.getpid()} {threads}\n")
        what = reference.options.get("load")
        if what == "crash":
            crash()
        elif what == "hang":
            time.sleep(1000)
        elif what == "refuse":
            raise PackageDamaged("The file ends too early.")
        elif what == "raise":
            raise RuntimeError("/secret/path")
        elif what == "hoard":
            hoard()
        return FakeModel(reference, threads)
