"""Networks of TensorFlow Lite: what is refused, and what a run gives. The network is that of the golden package."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from backends import mediapipe
from backends.errors import (
    BadTensor,
    DeviceUnavailable,
    ModelClosed,
    NetworkMismatch,
    PackageDamaged,
    RuntimeMissing,
)
from backends.mediapipe.session import LiteRtSession
from backends.session import NetworkFiles, SessionOptions
from tests.backends import golden

pytest.importorskip("ai_edge_litert")

NAME = "mediapipe_face_detector.tflite"
ORDER = ("regressors", "classificators")


@pytest.fixture
def load() -> Callable[..., LiteRtSession]:
    golden.require_golden()
    package = golden.GOLDEN / "mediapipe-face-detector" / "package"

    def load(names: tuple[str, ...] = ORDER, device: str = "cpu") -> LiteRtSession:
        files = NetworkFiles(package, NAME, output_names=names)
        return LiteRtSession(files, SessionOptions(device=device))

    return load


def image(value: float) -> np.ndarray:
    return np.full((1, 128, 128, 3), value, dtype=np.float32)


@pytest.mark.parametrize("content", [b"", b"TFL3", b"<html>404</html>" * 50, os.urandom(20_000)])
def test_what_is_no_network_is_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(PackageDamaged):
        LiteRtSession(NetworkFiles(tmp_path, NAME), SessionOptions())


def test_a_network_that_is_cut_short_is_damaged(tmp_path: Path) -> None:
    golden.require_golden()
    whole = (golden.GOLDEN / "mediapipe-face-detector" / "package" / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(PackageDamaged):
        LiteRtSession(NetworkFiles(tmp_path, NAME), SessionOptions())


def test_a_package_without_the_file_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(PackageDamaged, match="mediapipe_face_detector"):
        LiteRtSession(NetworkFiles(tmp_path, NAME), SessionOptions())


@pytest.mark.parametrize("names", [ORDER, ORDER[::-1]])
def test_outputs_come_in_the_order_that_the_family_wants(
    load: Callable[..., LiteRtSession], names: tuple[str, ...]
) -> None:
    assert tuple(load(names).run_tensors({"input": image(0)})) == names


def test_outputs_that_there_are_not_are_no_network_of_the_family(load: Callable[..., LiteRtSession]) -> None:
    with pytest.raises(NetworkMismatch):
        load(("boxes",))


def test_several_images_are_run_one_by_one(load: Callable[..., LiteRtSession]) -> None:
    session = load()
    together = session.run(np.concatenate([image(0), image(0.5)]))
    for row, value in enumerate((0, 0.5)):
        np.testing.assert_array_equal(session.run(image(value))[0][0], together[0][row])


def test_runs_from_several_threads_do_not_meet(load: Callable[..., LiteRtSession]) -> None:
    session = load()
    alone = [session.run(image(value))[0] for value in (0, 1)]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda number: session.run(image(number % 2))[0], range(40)))
    for number, output in enumerate(found):
        np.testing.assert_array_equal(output, alone[number % 2])


def test_other_tensors_are_refused(load: Callable[..., LiteRtSession]) -> None:
    with pytest.raises(BadTensor):
        load().run_tensors({"input": np.zeros((1, 3, 128, 128), dtype=np.float32)})


def test_after_it_was_closed_it_runs_no_more(load: Callable[..., LiteRtSession]) -> None:
    session = load()
    session.close()
    session.close()
    with pytest.raises(ModelClosed):
        session.run(image(0))


def test_it_runs_on_the_processor_alone(load: Callable[..., LiteRtSession]) -> None:
    with pytest.raises(DeviceUnavailable):
        load(device="cuda")


def test_without_the_library_the_runtime_is_missing(
    load: Callable[..., LiteRtSession], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(RuntimeMissing, match="LiteRT"):
        load()


def test_no_family_of_another_backend_runs_on_it() -> None:
    assert mediapipe.RUNTIME.like == ""
