from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from backends.errors import DeviceUnavailable, OutOfMemory, RuntimeMissing
from backends.tensorrt.device_memory import PycudaMemory, open_device_memory


class FakeDriver:
    """The names of ``pycuda.driver`` that are used, over a device of a hundred bytes."""

    class Error(Exception):
        pass

    class MemoryError(Error):
        pass

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.Context = SimpleNamespace(pop=lambda: self.calls.append("pop"))

    def init(self) -> None:
        self.calls.append("init")

    def Device(self, index: int) -> Any:
        if index:
            raise self.Error
        return SimpleNamespace(retain_primary_context=lambda: SimpleNamespace(push=lambda: self.calls.append("push")))

    def Stream(self) -> Any:
        return SimpleNamespace(handle=5, synchronize=lambda: self.calls.append("wait"))

    def mem_alloc(self, size: int) -> int:
        if size > 100:
            raise self.MemoryError
        self.calls.append(f"allocate {size}")
        return 4096

    def memcpy_htod_async(self, target: int, source: np.ndarray, stream: Any) -> None:
        self.calls.append("copy in")

    def memcpy_dtoh_async(self, target: np.ndarray, source: int, stream: Any) -> None:
        self.calls.append("copy out")


def test_the_context_is_current_only_while_it_is_used() -> None:
    driver = FakeDriver()
    memory = PycudaMemory(driver, 0)
    assert driver.calls == ["init", "push", "pop"]
    memory.close()
    assert driver.calls[-2:] == ["push", "pop"]


def test_a_buffer_is_used_again_until_a_larger_one_is_needed() -> None:
    driver = FakeDriver()
    memory = PycudaMemory(driver, 0)
    for size in (10, 8, 10, 20):
        assert memory.reserve("images", size) == 4096
    assert [call for call in driver.calls if call.startswith("allocate")] == ["allocate 10", "allocate 20"]


def test_copies_go_both_ways() -> None:
    driver = FakeDriver()
    memory = PycudaMemory(driver, 0)
    memory.reserve("images", 4)
    memory.upload("images", np.zeros(1, dtype=np.float32))
    memory.download("images", np.zeros(1, dtype=np.float32))
    memory.synchronize()
    assert driver.calls[-3:] == ["copy in", "copy out", "wait"]
    assert memory.stream == 5


def test_it_says_when_memory_runs_out() -> None:
    with pytest.raises(OutOfMemory):
        PycudaMemory(FakeDriver(), 0).reserve("images", 101)


def test_it_says_when_there_is_no_such_device() -> None:
    with pytest.raises(DeviceUnavailable):
        PycudaMemory(FakeDriver(), 1)


def test_it_says_when_neither_library_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("torch", "pycuda", "pycuda.driver"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(RuntimeMissing):
        open_device_memory(0)
